/* For check.sh: says "fine light", "fine dark", or the first things that are wrong with the page in the frame. */
"use strict";

const seen = document.getElementById("page");
const wrong = [];

function numbers(colour) {
    const v = colour.match(/[\d.]+/g).map(Number);
    return v.length < 4 ? [v[0], v[1], v[2], 1] : v;
}

/* The colour behind an element: its own backgrounds and those of what holds it, laid over each other. */
function behind(element, view) {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement)
        layers.push(numbers(view.getComputedStyle(at).backgroundColor));
    let under = view.matchMedia("(prefers-color-scheme:dark)").matches ? [18, 18, 18] : [255, 255, 255];
    for (const c of layers.reverse())
        under = under.map((u, i) => u * (1 - c[3]) + c[i] * c[3]);
    return under;
}

function luminance(rgb) { /* of WCAG 2 */
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
}

function scrolls(element, view) {
    for (let at = element; at !== null; at = at.parentElement)
        if (["auto", "scroll", "hidden"].includes(view.getComputedStyle(at).overflowX))
            return true;
    return false;
}

function look(page, view) {
    const root = page.documentElement;
    if (root.scrollWidth > view.innerWidth)
        wrong.push(`page is ${root.scrollWidth} wide in ${view.innerWidth}`);
    if (page.querySelector("script") !== null || page.querySelector("[onerror]") !== null)
        wrong.push("a word became markup");
    for (const picture of page.querySelectorAll("img"))
        if (!picture.alt || !picture.complete || picture.naturalWidth === 0)
            wrong.push("a picture without text, or not shown");
    for (const summary of page.querySelectorAll("summary"))
        if (summary.getBoundingClientRect().height < 44)
            wrong.push(`tap target of ${summary.getBoundingClientRect().height}`);
    for (const e of page.querySelectorAll("body *")) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
        const box = e.getBoundingClientRect();
        if (!own || box.width === 0 || ["TITLE", "DESC", "STYLE", "title", "desc", "style"].includes(e.tagName))
            continue;
        const style = view.getComputedStyle(e);
        const ink = numbers(e.namespaceURI.endsWith("svg") ? style.fill : style.color);
        const canvas = e.closest("svg")?.querySelector(".back");
        const back = canvas ? numbers(view.getComputedStyle(canvas).fill).slice(0, 3) : behind(e, view);
        if (contrast(ink.slice(0, 3), back) < 4.5)
            wrong.push(`contrast ${contrast(ink.slice(0, 3), back).toFixed(2)} of ${e.tagName} ${e.textContent.slice(0, 20)}`);
        if (box.right > view.innerWidth + 1 && !scrolls(e.parentElement, view))
            wrong.push(`${e.tagName} ends at ${box.right}`);
    }
}

window.addEventListener("load", () => {
    const view = seen.contentWindow;
    look(seen.contentDocument, view);
    const scheme = view.matchMedia("(prefers-color-scheme:dark)").matches ? "dark" : "light";
    document.getElementById("said").textContent =
        wrong.length === 0 ? `fine ${scheme}` : wrong.slice(0, 3).join("; ").replace(/[<>&]/g, "?");
});

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

/* The colour of what was drawn last beneath the middle of a text of an SVG. */
function drawn(text, view) {
    const box = text.getBoundingClientRect();
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    const under = [...text.ownerSVGElement.querySelectorAll("rect")].filter((r) => {
        const b = r.getBoundingClientRect();
        const before = r.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
        return before && b.left <= x && x <= b.right && b.top <= y && y <= b.bottom;
    });
    return under.pop();
}

/* A text of an SVG ends where the drawing does, and where its cell does; nobody reads letters below 9 pixels. */
function lookAtText(text, view) {
    const box = text.getBoundingClientRect(), whole = text.ownerSVGElement.getBoundingClientRect();
    const under = drawn(text, view);
    const size = parseFloat(view.getComputedStyle(text).fontSize) * whole.width / text.ownerSVGElement.viewBox.baseVal.width;
    const cell = text.classList.contains("m") && under ? under.getBoundingClientRect() : whole;
    if (box.left < cell.left - 1 || box.right > cell.right + 1)
        wrong.push(`cut in the drawing: ${text.textContent.slice(0, 20)}`);
    if (size < 9)
        wrong.push(`letters of ${size.toFixed(1)} pixels`);
    return under;
}

function look(page, view) {
    const root = page.documentElement, alone = root.namespaceURI.endsWith("svg"); /* a drawing as a file scrolls */
    if (!alone && root.scrollWidth > view.innerWidth)
        wrong.push(`page is ${root.scrollWidth} wide in ${view.innerWidth}`);
    if (page.querySelector("script") !== null || page.querySelector("[onerror]") !== null)
        wrong.push("a word became markup");
    for (const picture of page.querySelectorAll("img"))
        if (!picture.alt || !picture.complete || picture.naturalWidth === 0)
            wrong.push("a picture without text, or not shown");
    for (const summary of page.querySelectorAll("summary"))
        if (summary.getBoundingClientRect().height < 44)
            wrong.push(`tap target of ${summary.getBoundingClientRect().height}`);
    for (const e of page.querySelectorAll(alone ? "svg *" : "body *")) {
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
        const box = e.getBoundingClientRect();
        if (!own || box.width === 0 || ["TITLE", "DESC", "STYLE", "title", "desc", "style"].includes(e.tagName))
            continue;
        const style = view.getComputedStyle(e);
        const ink = numbers(e.namespaceURI.endsWith("svg") ? style.fill : style.color);
        const canvas = e.namespaceURI.endsWith("svg") ? lookAtText(e, view) : null;
        const back = canvas ? numbers(view.getComputedStyle(canvas).fill).slice(0, 3) : behind(e, view);
        if (contrast(ink.slice(0, 3), back) < 4.5)
            wrong.push(`contrast ${contrast(ink.slice(0, 3), back).toFixed(2)} of ${e.tagName} ${e.textContent.slice(0, 20)}`);
        if (!alone && box.right > view.innerWidth + 1 && !scrolls(e.parentElement, view))
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

// Writes vendor_free/unicode_tables.h from the Unicode data that this Node carries (process.versions.unicode):
//     node test/vendor_free/unicode_tables.mjs >vendor_free/unicode_tables.h
// Lists of places where something changes, each a word: the code point, and what holds from there on; and runs of capitals.
const names = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
               "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"];
const category = names.map((name) => new RegExp(`^\\p{${name}}$`, "u"));
const mark = /^\p{M}$/u, space = /^\p{White_Space}$/u;
const forms = ["NFC", "NFD", "NFKC", "NFKD"];
const all = 0x110000;
const is_surrogate = (c) => c >= 0xd800 && c < 0xe000;

// Code points that composition joins to one before them: all but the first of what a composite consists of.
const second = new Set();
for (let c = 0; c < all; c++)
    if (!is_surrogate(c))
        [...String.fromCodePoint(c).normalize("NFD")].slice(1).forEach((s) => second.add(s));

// One bit for each form that may change a text with this code point in it; marks, which all may, have none.
function unstable(c)
{
    const s = String.fromCodePoint(c);
    if (is_surrogate(c) || mark.test(s))
        return 0;
    return forms.reduce((bits, form, i) => {
        const joins = (form === "NFC" || form === "NFKC") && second.has(s);
        return bits | (s.normalize(form) !== s || joins ? 1 << i : 0);
    }, 0);
}

function list(name, comment, bits, what)
{
    const words = [];
    for (let c = 0, before = -1; c < all; c++) {
        const now = what(c);
        if (now !== before)
            words.push("0x" + ((c << bits) | now).toString(16));
        before = now;
    }
    console.log(`\n/* ${comment} */\nstatic const uint32_t ${name}[${words.length}] = {`);
    for (let i = 0; i < words.length; i += 12)
        console.log("    " + words.slice(i, i + 12).join(", ") + ",");
    console.log("};");
}

console.log(`/* Tables of Unicode ${process.versions.unicode}, written by test/vendor_free/unicode_tables.mjs; no interface of the library.`);
console.log(" *\n * Each word says what holds from a code point on, up to that of the next word.\n */");
console.log("#ifndef SPAE_UNICODE_TABLES_H\n#define SPAE_UNICODE_TABLES_H\n\n#include <stdint.h>");
list("category_from", "General_Category: code point << 5 | its place in spae_unicode_category", 5,
     (c) => category.findIndex((r) => r.test(String.fromCodePoint(c))));
list("space_from", "White_Space: code point << 1 | 1 where it holds", 1, (c) => +space.test(String.fromCodePoint(c)));
list("unstable_from", "code point << 4 | 1 << form for each spae_unicode_form that may change it; 0 for marks", 4, unstable);
list("cased_from", "code point << 2 | 1 where Cased holds | 2 where Case_Ignorable does", 2, (c) => {
    const s = String.fromCodePoint(c);
    return +/^\p{Cased}$/u.test(s) | +/^\p{Case_Ignorable}$/u.test(s) << 1;
});

// Runs of code points, one or two apart, whose one small letter is as far away; U+0130, which has two, is left out.
function small(c)
{
    const s = is_surrogate(c) ? "" : [...String.fromCodePoint(c).toLowerCase()];
    return s.length === 1 ? s[0].codePointAt(0) - c : 0;
}

const runs = [];
for (let c = 0; c < all; c++) {
    const away = small(c), run = runs[runs.length - 1];
    if (away === 0)
        continue;
    const step = run && run.away === away ? c - run.last : 0;
    if (step > 0 && step <= 2 && (run.first === run.last || run.step === step)) {
        run.step = step;
        run.last = c;
    } else {
        runs.push({first: c, last: c, step: 1, away});
    }
}
console.log("\n/* Lowercase_Mapping: first, last, how far apart, and the way to the small letter. */");
console.log(`static const struct {\n    uint32_t first, last, step;\n    int32_t away;\n} small_of[${runs.length}] = {`);
const rows = runs.map((r) => `{0x${r.first.toString(16)}, 0x${r.last.toString(16)}, ${r.step}, ${r.away}}`);
for (let i = 0; i < rows.length; i += 4)
    console.log("    " + rows.slice(i, i + 4).join(", ") + ",");
console.log("};");
console.log("\n#endif");

#!/bin/sh
# Looks at the pages and the drawings the program writes in a real browser, without a window: at 360, 768 and 1280 units wide, light and
# dark, a page must not be wider than its window, no element may leave its box without scrolling, text must have a
# contrast of 4.5 to 1, letters of a drawing must lie within it and within their cells and be large enough to read, and
# nothing may be said on the console.
#     test/browser/check.sh [SPAE]          BROWSER=chromium, or another of its kind
# Exit status: 0 passed, 1 failed, 77 not run because there is no browser.
set -u
spae=${1:-./spae}
browser=${BROWSER:-}
for name in chromium chromium-browser google-chrome; do
    [ -z "$browser" ] && command -v "$name" >/dev/null 2>&1 && browser=$name
done
if [ -z "$browser" ] || ! command -v "$browser" >/dev/null 2>&1; then
    echo "browser: NOT RUN: there is no chromium here" >&2
    exit 77
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# A vocabulary of words that try to break the page; the codebook is one of the vectors, of 14 words.
long=donaudampfschifffahrtsgesellschaftskapitaen
{
    printf '%s\n' '<script>console.log(1)</script>' '"><img src=x onerror=console.log(2)>' '</td></table>' '&amp;'
    printf 'tab\there\n\342\200\256reversed\n\330\263\331\204\330\247\331\205\n\344\270\255\346\226\207\n'
    printf '\360\237\246\211\n--><!--\n<b>%s%s%s%s\nplain\nwords\nhere\n' $long $long $long $long
} >"$work/words.txt"
# figures NAME MODEL ...: each drawing of spae inspect, as a page and as a file
figures() {
    name=$1 model=$2
    shift 2
    for ending in html svg; do
        for figure in pyramid words reconstructions; do
            "$spae" inspect --model "$model" --figure $figure -o "$work/$name-$figure.$ending" "$@" || return 1
        done
    done
}
"$spae" init --preset tiny-2d --set picture=64x64 --set c=5 --set pyramid=1,2,4,8,16,16 --set 'name=<b>name</b>' \
    --codebook vectors/guidance/words_centred/e.npy --vocab "$work/words.txt" -o "$work/hostile.npz" >"$work/log" 2>&1 &&
    "$spae" inspect --model "$work/hostile.npz" vectors/demo/emoji-sheet.png --resize -o "$work/hostile.html" &&
    "$spae" inspect --model vectors/demo/emoji-small.npz vectors/demo/emoji-cat.png vectors/demo/emoji-owl.png \
        -o "$work/report.html" &&
    figures hostile "$work/hostile.npz" vectors/demo/emoji-sheet.png --resize --label "<b>$long$long$long$long" &&
    cp vectors/demo/emoji-owl.png "$work/$long-$long-$long.png" &&
    figures small vectors/demo/emoji-small.npz vectors/demo/emoji-cat.png "$work/$long-$long-$long.png" &&
    "$spae" plot --figure subsampler -o "$work/subsampler.html" &&
    "$spae" plot --figure quantizers -o "$work/quantizers.html" --title "<i>$long$long$long" &&
    mkdir -p "$work/port/quantizer" && cp -R vectors/quantizer/token_two_words "$work/port/quantizer/" || exit 1
cp vectors/quantizer/token_one_word/token.npy "$work/port/quantizer/token_two_words/token.npy"
"$spae" verify "$work/port" --html "$work/verdict.html" >"$work/log" 2>&1
[ -s "$work/verdict.html" ] || { echo "browser: no verdict" >&2; exit 1; }

# measure PAGE WIDTH SCHEME: puts the page into a frame of that width and lets measure.js say what is wrong.
measure() {
    {
        printf '<!DOCTYPE html><meta charset="utf-8"><body style="margin:0"><pre id="said">NOTHING</pre>'
        printf '<iframe id="page" src="%s" style="border:0;width:%spx;height:900px"></iframe><script>' "$1" "$2"
        cat "$here/measure.js"
        printf '</script>\n'
    } >"$work/frame.html"
    "$browser" --headless --no-sandbox --disable-gpu --allow-file-access-from-files --enable-logging=stderr \
        --user-data-dir="$work/profile" --blink-settings=preferredColorScheme="$3" --window-size=1400,1000 \
        --virtual-time-budget=4000 --dump-dom "file://$work/frame.html" >"$work/dom" 2>"$work/stderr" </dev/null
    said=$(sed -n 's/.*<pre id="said">\([^<]*\)<.*/\1/p' "$work/dom")
    spoken=$(grep CONSOLE "$work/stderr")
    if [ "$said" = "fine $4" ] && [ -z "$spoken" ]; then
        return
    fi
    echo "browser: $1 at $2, $4: ${said:-no answer} $spoken" >&2
    failed=$((failed + 1))
}

views=0
cd "$work" || exit 1
both() { # PAGE WIDTH
    measure "$1" "$2" 1 light
    measure "$1" "$2" 0 dark
    views=$((views + 2))
}
for page in report.html hostile.html verdict.html subsampler.html quantizers.html; do
    for width in 360 768 1280; do
        both $page $width
    done
done
for page in *-pyramid.* *-words.* *-reconstructions.*; do # of a fixed size: a phone is what is hard
    both "$page" 360
done
if [ $failed -gt 0 ]; then
    echo "browser: $failed of $views views failed" >&2
    exit 1
fi
echo "browser: $views views passed ($("$browser" --version 2>/dev/null))"

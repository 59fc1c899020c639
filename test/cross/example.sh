#!/bin/sh
# The README's worked example, as a test: the numpy port reaches level A in what it gives, and a copy with one mistake,
# zhat_l divided by l instead of by the position's tokens (SPEC 4.3), is told where it is wrong. Run from the top of the
# tree, after make; needs numpy:
#     test/cross/example.sh [SPAE]
set -u
spae=${1:-./spae}
out=build/example
for python in python3 /usr/bin/python3; do
    "$python" -c 'import numpy' 2>/dev/null && break
    python=
done
[ -n "$python" ] || { echo "example: no numpy here (Debian's python3-numpy)"; exit 1; }
rm -rf "$out" && mkdir -p "$out" || exit 1

"$python" test/cross/example_port.py vectors "$out/port" || exit 1
"$spae" verify "$out/port" --level A >"$out/verdict.txt" || { tail "$out/verdict.txt"; echo "WRONG: the port"; exit 1; }
tail -n 1 "$out/verdict.txt"
sed 's/np.maximum(count, 1)\[:, None\]/(layer + 1)/' test/cross/example_port.py >"$out/wrong_port.py"
cmp -s test/cross/example_port.py "$out/wrong_port.py" && { echo "WRONG: the copy has no mistake"; exit 1; }
"$python" "$out/wrong_port.py" vectors "$out/wrong" || exit 1
"$spae" verify "$out/wrong" >"$out/verdict.txt" && { echo "WRONG: the mistake passes"; exit 1; }
tail -n 2 "$out/verdict.txt"
grep -q '^The first stage that falls short is quantizer, at quantizer/saq_[a-z_]*/zhat' "$out/verdict.txt" &&
    ! grep -E '^ *x .*/(token|z_l|y)' "$out/verdict.txt"

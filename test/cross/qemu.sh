#!/bin/sh
# The same bits on other architectures, emulated: big-endian s390x, 32-bit arm and i686, aarch64, riscv64. A machine whose
# cross compiler or emulator is missing is reported, and is a failure when named:
#     test/cross/qemu.sh                 all that are installed
#     test/cross/qemu.sh s390x arm       these, without fail
# Debian: gcc-s390x-linux-gnu gcc-arm-linux-gnueabihf gcc-i686-linux-gnu gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu
#         with their libc6-dev-*-cross, and qemu-user. Run from the top of the tree.
set -u
out=build/cross
mkdir -p "$out"
sources="test/cross/golden_main.c spae.c nn/*.c vendor_free/*.c"
common="-std=c99 -O2 -ffp-contract=off -fexcess-precision=fast -I. -static"
failed=0 run=0

wrong() {
    failed=$((failed + 1))
    printf 'WRONG %s\n' "$1"
}

# machine EMULATOR COMPILER FLAGS...: the golden program, two examples side by side
machine() {
    name=$1 compiler=$2
    shift 2
    if ! command -v "$compiler" >/dev/null || ! command -v "qemu-$name" >/dev/null; then
        if [ "$named" = 1 ]; then wrong "$name: needs $compiler and qemu-$name"; else echo "none  $name"; fi
        return
    fi
    run=$((run + 1))
    # shellcheck disable=SC2086
    if "$compiler" $common "$@" -o "$out/golden-$name" $sources -lm && text=$("qemu-$name" "$out/golden-$name" 2); then
        echo "ok    $name: $text"
    else
        wrong "$name: ${text-does not compile}"
    fi
}

# On x87 every result has too many digits: the compiler must refuse, and say what to do.
refuses_387() {
    command -v i686-linux-gnu-gcc >/dev/null || return
    text=$(i686-linux-gnu-gcc -std=c99 -mfpmath=387 -I. -c -o "$out/refused.o" spae.c 2>&1) && wrong "387 is accepted"
    case $text in
    *"-msse2 -mfpmath=sse"*) echo "ok    387 is refused with the flag to use" ;;
    *) wrong "387: $text" ;;
    esac
}

named=$((${#} > 0))
[ $# -gt 0 ] || set -- s390x arm i386 aarch64 riscv64
for name in "$@"; do
    unset text
    case $name in
    s390x) machine s390x s390x-linux-gnu-gcc ;;
    arm) machine arm arm-linux-gnueabihf-gcc ;;
    i386) machine i386 i686-linux-gnu-gcc -msse2 -mfpmath=sse && refuses_387 ;;
    aarch64) machine aarch64 aarch64-linux-gnu-gcc ;;
    riscv64) machine riscv64 riscv64-linux-gnu-gcc ;;
    *) wrong "$name is not known" ;;
    esac
done
[ "$run" -gt 0 ] || echo "no emulated machine here"
echo "$failed machines differ"
exit $((failed != 0))

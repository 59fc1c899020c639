#!/bin/sh
# The same bits from every compiler, level, instruction set and thread count of this machine: builds the golden program
# in all those ways and, when asked for, the suites in a few. Run from the top of the tree:
#     test/cross/hosts.sh [suites]       ends with the number of builds that differ
set -u
out=build/cross
mkdir -p "$out"
sources="test/cross/golden_main.c spae.c nn/*.c vendor_free/*.c"
common="-std=c99 -ffp-contract=off -I."
failed=0

verdict() { # verdict NAME COMMAND...: runs, prints one line
    name=$1
    shift
    if text=$("$@" 2>&1); then
        echo "ok    $name"
        return 0
    fi
    failed=$((failed + 1))
    printf 'WRONG %s\n%s\n' "$name" "$text" | tail -8
    return 1
}

golden() { # golden NAME COMPILER FLAGS...: builds and runs the golden program
    name=$1 compiler=$2
    shift 2
    if ! command -v "$compiler" >/dev/null; then
        echo "none  $name: no $compiler here"
        return
    fi
    # shellcheck disable=SC2086
    verdict "$name compiles" "$compiler" $common "$@" -o "$out/golden" $sources -lm && verdict "$name" "$out/golden"
}

for level in -O0 -O1 -O2 -O3 -Os; do
    for compiler in gcc clang; do
        golden "$compiler $level" "$compiler" "$level"
    done
done
for compiler in gcc clang; do
    golden "$compiler -O3 -march=native" "$compiler" -O3 -march=native
    golden "$compiler -O3 -march=native -flto" "$compiler" -O3 -march=native -flto
    golden "$compiler -O3 -march=x86-64-v3" "$compiler" -O3 -march=x86-64-v3
    golden "$compiler -O3 -fopenmp" "$compiler" -O3 -march=native -fopenmp
    for threads in 1 2 4; do
        [ -x "$out/golden" ] && verdict "$compiler, $threads threads" env OMP_NUM_THREADS=$threads "$out/golden"
    done
done
if command -v tcc >/dev/null; then
    # shellcheck disable=SC2086
    verdict "tcc compiles" tcc -std=c99 -I. -o "$out/golden" $sources -lm && verdict "tcc" "$out/golden"
else
    echo "none  tcc"
fi

# The suites that hold kernels and functions to plain loops and known answers.
suites() {
    for build in "CC=gcc OPT=-O0 PORTABLE=1" "CC=gcc" "CC=clang" "CC=clang PORTABLE=1" "CC=gcc OPENMP=1"; do
        # shellcheck disable=SC2086
        runner=$(make -s $build where)/test/main
        # shellcheck disable=SC2086
        verdict "make $build" make -s -j2 $build "$runner"
        for suite in spae/golden nn/conv vendor_free/elementary; do
            verdict "make $build, suite $suite" "$runner" "$suite"
        done
    done
}
[ "${1-}" != suites ] || suites

echo "$failed builds differ"
exit $((failed != 0))

#!/bin/sh
# The platform matrix: builds the program of the conformance vectors for every platform of platforms.txt, with warnings
# as errors, and runs it there, emulated where it must be: every case but those of full size must have the hashes of
# vectors/MANIFEST. Without an operating system, every case that needs no files. Run from the top of the tree:
#     test/cross/matrix.sh                    all; writes vectors/MATRIX.txt. What build/cross/ has of the same sources is
#                                             kept, so that a run that was stopped goes on
#     test/cross/matrix.sh table              the table of what was run so far
#     test/cross/matrix.sh fast               those of CI; a platform whose tools are missing fails
#     test/cross/matrix.sh NAME...            the platforms whose names begin so
#     test/cross/matrix.sh packages [fast]    the Debian packages that they need
# JOBS=2 platforms at once. Exit status 0 when nothing is WRONG.
set -u
table=test/cross/platforms.txt
out=build/cross
core="spae.c nn/*.c vendor_free/*.c"

# The program and its arguments; with threads, again with examples side by side; and without an operating system.
hosted="test/vectors/*.c test/vectors/hosted/*.c io/*.c $core"
arguments="check vectors/MANIFEST"
arguments_threads="-n 4 check vectors/MANIFEST training"
bare="test/cross/bare/*.c test/vectors/*.c"
expected_hashes=$out/hashes

warnings=$(sed -n '/^WARN/,/[^\\]$/p' Makefile | sed 's/^WARN *=//; s/\\$//' | tr '\n' ' ')
common="-std=c99 $warnings -ffp-contract=off -I."
bare_common="$common -mthumb -ffreestanding -ffunction-sections -fdata-sections -nostdlib"
suites="nn/conv nn/linear vendor_free/elementary spae/train"

kept() { # kept LINE: where its results are
    echo "$out/$(printf '%s' "${1#\*}" | cksum | tr ' ' '-')"
}

numbered() { # numbered NUMBER: that line of the table
    sed -n "$1p" $table
}

rows() { # the platforms, without groups and comments, each after its line's number
    grep -n '|' $table | grep -v '^[0-9]*:#'
}

trimmed() {
    sed 's/^ *//; s/ *$//'
}

field() { # field NUMBER: of the line in $row
    printf '%s\n' "$row" | cut -d '|' -f "$1" | trimmed
}

version() { # version PROGRAM: its name and number
    number=$("$1" -dumpfullversion 2>/dev/null | head -1)
    case $number in
    [0-9]*) ;;
    *) number=$("$1" --version 2>/dev/null | head -1 | tr ' ' '\n' | sed -n 's/^[a-z-]*\([0-9][0-9]*\.[0-9.]*[0-9]\).*$/\1/p' | head -1) ;;
    esac
    echo "$1 $number"
}

found() {
    command -v "$1" >/dev/null
}

# Where a board keeps code, data and the arena.
places() {
    case $1 in
    *an505) echo "flash=0x10000000,--defsym=ram=0x38000000,--defsym=memory=0x80000000" ;;
    *an500) echo "flash=0,--defsym=ram=0x20000000,--defsym=memory=0x60000000" ;;
    *an547) echo "flash=0,--defsym=ram=0x01000000,--defsym=memory=0x60000000" ;;
    *) echo "flash=0,--defsym=ram=0x20000000,--defsym=memory=0x21000000" ;;
    esac
}

# build PROGRAM: what the compiler says
build() {
    # shellcheck disable=SC2086
    case $compiler in
    make) make -s -j2 $flags "$(make -s $flags where)/test/main" ;;
    arm-none-eabi-gcc)
        $compiler $bare_common $flags -r -o "$1.core.o" $core &&
            $compiler $bare_common $flags -Wl,--gc-sections -T test/cross/bare/link.ld \
                "-Wl,--defsym=$(places "$runner")" -o "$1" $bare "$1.core.o" -lm -lc -lgcc &&
            if arm-none-eabi-nm "$1" | grep -E ' (malloc|_sbrk|_malloc_r|printf)$'; then return 1; fi
        ;;
    *) $compiler $common $flags -o "$1" $hosted -lm ;;
    esac
}

# run PROGRAM: what it prints
run() {
    # shellcheck disable=SC2086
    case $compiler:$runner in
    make:*) for s in $suites; do "$(make -s $flags where)/test/main" "$s" || return 1; done ;;
    arm-none-eabi-gcc:*) run_bare "$1" ;;
    *:wine64) WINEPREFIX=$PWD/$out/wine WINEDEBUG=-all "$(windows)" "$1" $arguments ;;
    *:env*) $runner "$1" $arguments && $runner "$1" $arguments_threads ;;
    *) $runner "$1" $arguments ;;
    esac
}

# It prints the hashes that it made, and then what it took, which alone is passed on.
run_bare() {
    $runner -nographic -monitor none -serial none -semihosting-config enable=on,target=native -kernel "$1" \
        </dev/null >"$1.said" 2>&1 || { tail -1 "$1.said" && return 1; }
    grep -E "$hash_line" "$1.said" >"$1.hashes"
    if cmp -s "$1.hashes" "$expected_hashes"; then
        grep -vE "$hash_line" "$1.said"
    else
        diff "$1.hashes" "$expected_hashes" | grep '^[<>]' | head -5
        echo "$(diff "$1.hashes" "$expected_hashes" | grep -c '^>') of $(wc -l <"$expected_hashes") outputs are missing or differ"
        return 1
    fi
}
hash_line='^[a-z0-9_/]+ [0-9a-f]{64}$'

# What it must print: the MANIFEST's hashes of what needs no files, as this machine finds them too.
expect() {
    program=$(make -s where)/vectors
    # shellcheck disable=SC2086
    make -s -j2 "$program" && "$program" $arguments && "$program" hashes vectors/MANIFEST >"$expected_hashes"
}

windows() { # Debian keeps it out of the path
    found wine64 && echo wine64 || echo /usr/lib/wine/wine64
}

# What a program without an operating system takes, from its sections and from what it said.
bare_figures() {
    arm-none-eabi-size -A "$1" | awk '
        $1 == ".core" { core = $2 } $1 == ".data" || $1 == ".bss" { ram += $2 }
        $1 == ".vectors" || $1 == ".core" || $1 == ".text" || $1 == ".ARM.exidx" || $1 == ".data" { flash += $2 }
        END { printf "flash %d bytes, %d of them the core; static RAM %d bytes; ", flash, core, ram }'
    tr '\n' ';' <"$2" | sed 's/;/; /g; s/; $//'
}

# verdict KEPT: builds and runs one platform; prints its result, a tab, and a remark
verdict() {
    program=$1.exe log=$1.log
    emulator=${runner%% *}
    [ "$emulator" = env ] && emulator=
    [ "$emulator" = wine64 ] && emulator=$(windows)
    for tool in $compiler $emulator; do
        found "$tool" || {
            printf 'not run\tno %s here\n' "$tool"
            return
        }
    done
    if build "$program" >"$log" 2>&1; then
        case $expected in
        built*) printf 'built\tnot run: %s\n' "${expected#built }" && return ;;
        esac
        if run "$program" >"$log" 2>&1; then said=ran; else said=stopped; fi
    else
        said="did not compile"
    fi
    message=$(sed -n 's/.*error: *\(#error\)* *"*\(SPAE needs[^"]*\).*/\2/p; s/.*\(numerics: .*\)/\1/p' "$log" | head -1)
    case $expected:$said in
    same:ran)
        case $compiler in
        arm-none-eabi-gcc) printf 'ok\t%s\n' "$(bare_figures "$program" "$log")" ;;
        *) printf 'ok\t\n' ;;
        esac
        ;;
    refused*:stopped | refused*:did*)
        case $message in
        *"${expected#refused }"*) printf 'refused\tas it %s: %s\n' "$([ "$said" = stopped ] && echo starts || echo compiles)" "$message" ;;
        *) printf 'WRONG\t%s, without the message: %s\n' "$said" "$(tail -1 "$log")" ;;
        esac
        ;;
    *) printf 'WRONG\t%s: %s\n' "$said" "$(tail -1 "$log" | cut -c 1-200)" ;;
    esac
}

# one NUMBER: the platform of that line; keeps its two lines of the table, prints the first
one() {
    row=$(numbered "$1")
    at=$(kept "$row")
    name=$(field 1) compiler=$(field 3) flags=$(field 4) runner=$(field 5) expected=$(field 6)
    verdict "$at" >"$at.verdict"
    result=$(cut -f 1 "$at.verdict") remark=$(cut -f 2 "$at.verdict")
    how=$compiler
    [ "$result" = "not run" ] || {
        how="$(version "$compiler") $flags"
        [ -z "$runner" ] || how="$how; $(version "$emulator" | sed 's,.*/,,')${runner#"${runner%% *}"}"
        [ "${runner%% *}" != env ] || how="$(version "$compiler") $flags; ${runner#env }"
    }
    {
        printf '%-8s %-42s %s\n' "$result" "${name#\*}" "$(echo "$how" | trimmed)"
        [ -z "$remark" ] || printf '%-8s %s\n' "" "$remark"
    } >"$at.made" && mv "$at.made" "$at.lines" # whole, or not there
    head -1 "$at.lines"
    [ "$result" != WRONG ] || sed 1d "$at.lines"
}

# Groups and results, in the order of the table.
assembled() {
    while IFS= read -r line; do
        case $line in
        "= "*) printf '\n%s\n' "$line" ;;
        \#* | '') ;;
        *) cat "$(kept "$line").lines" 2>/dev/null || printf '%-8s %s\n' "not run" "$(echo "${line#\*}" | cut -d "|" -f 1 | trimmed)" ;;
        esac
    done <$table
}

# The README's summary of a table: a line for each group.
summary() {
    awk 'function line() { if (group != "") printf "| %s | %d | %d | %d |\n", group, ok, refused, not_run }
        /^= / { line(); group = substr($0, 3); ok = refused = not_run = 0 }
        /^ok / { ok++ } /^refused / { refused++ } /^(built|not run) / { not_run++ }
        END { line() }' "$1"
}

machine() {
    model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -1)
    echo "$(uname -sm)${model:+, $model}"
}

# Results of other sources, and failures, are made again; a result belongs to the text of its platform's line.
forget() {
    # shellcheck disable=SC2086
    now=$(cat $hosted $bare test/cross/bare/* test/cross/wasi.mjs test/vectors/*.h test/vectors/hosted/*.h io/*.h nn/*.h \
        vendor_free/*.h spae.h vectors/MANIFEST | cksum)
    [ "$now" = "$(cat "$out/sources" 2>/dev/null)" ] || rm -f "$out"/*.lines "$out"/*.exe
    echo "$now" >"$out/sources"
    grep -lE '^(WRONG|not run)' "$out"/*.lines 2>/dev/null | xargs rm -f
}

# write TABLE: of what was run
write() {
    {
        echo "Where SPAE was run, and what came of it: test/cross/matrix.sh on $(machine)."
        echo "ok: every hash of vectors/MANIFEST but full size the same. refused: with this message, as it must. built: compiled without a warning, not run."
        assembled
    } >"$1"
    summary "$1" >"$out/summary"
    printf '\nIn short: the same, refused, not run.\n' | cat - "$out/summary" >>"$1"
}

# verdicts TABLE: the counts; true when nothing is wrong
verdicts() {
    count() { grep -c "^$1 " "$verdicts_of"; }
    verdicts_of=$1
    echo "$(count ok) the same, $(count refused) refused as they must be, $(count built) only built, $(count 'not run') not run, $(count WRONG) wrong"
    ! grep -q '^WRONG' "$1"
}

# matrix ROWS: runs them, two at once
matrix() {
    forget
    case $1 in
    *arm-none-eabi-gcc*) expect || return ;;
    esac
    printf '%s\n' "$1" | cut -d : -f 1 | xargs -P "${JOBS:-2}" -n 1 "$0" row
}

# some ROWS TABLE: the verdict on these alone
some() {
    matrix "$1"
    printf '%s\n' "$1" | cut -d : -f 1 | while read -r n; do cat "$(kept "$(numbered "$n")").lines"; done >"$2"
    verdicts "$2"
}

mkdir -p "$out"
case ${1-} in
row) [ -f "$(kept "$(numbered "$2")").lines" ] || one "$2" ;;
packages) rows | grep "^[0-9]*:$([ "${2-}" != fast ] || echo '\*')" | cut -d '|' -f 2 | tr ' ' '\n' | sort -u | grep . ;;
table) write vectors/MATRIX.txt && verdicts vectors/MATRIX.txt ;;
fast) some "$(rows | grep '^[0-9]*:\*')" "$out/fast.txt" && ! grep '^not run' "$out/fast.txt" ;;
'') matrix "$(rows)" && write vectors/MATRIX.txt && verdicts vectors/MATRIX.txt ;;
*) some "$(for name in "$@"; do rows | grep "^[0-9]*:\**$name"; done | sort -nu)" "$out/named.txt" ;;
esac

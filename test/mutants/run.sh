#!/bin/sh
# Are the vectors sharp? Makes each small wrong change of test/mutants/list in a copy of the tree, builds the vectors'
# program there, and lets it compute the vectors: a change that no vector notices is a survivor, and fails unless the list
# says why it must survive. Run from the top of the tree:
#     test/mutants/run.sh [JOBS]     ends with "N changes: C caught, S survive as stated, M missed"
# A change is caught when the program refuses, crashes, runs for too long, or finds an output that differs.
set -u
jobs=${1:-2}
work=$PWD/build/mutants
list=$PWD/test/mutants/list
options="OPT=-O1 PORTABLE=1 WARN="

# change NUMBER TREE: applies record NUMBER to the tree; prints "FILE|SURVIVES|TITLE", or nothing where it does not fit
change() {
    awk -v wanted="$1" -v tree="$2" '
        function read_all(path,    line, text) {
            text = ""
            while ((getline line <path) > 0) text = text line "\n"
            close(path)
            return text
        }
        function flush(    text, at, rest) {
            if (title == "" || ++count != wanted) return
            path = tree "/" file
            text = read_all(path)
            at = index(text, old)
            rest = substr(text, at + length(old))
            if (at == 0 || index(rest, old) > 0) return
            printf "%s%s%s", substr(text, 1, at - 1), new, rest >path
            close(path)
            print file "|" survives "|" title
        }
        /^#/ { next }
        /^$/ { flush(); title = file = old = new = survives = ""; next }
        title == "" { title = $0; next }
        file == "" { file = $0; next }
        /^survives: / { survives = substr($0, 11); next }
        /^-/ { old = old (old == "" ? "" : "\n") substr($0, 3); next }
        /^\+/ { new = new (new == "" ? "" : "\n") substr($0, 3); next }
        END { flush() }' "$list"
}

count=$(awk '/^#/ { next } /^$/ { open = 0; next } !open { open = 1; n++ } END { print n }' "$list")

# The copy that job JOB works on, built once unchanged.
prepare() {
    tree=$work/tree$1
    rm -rf "$tree"
    mkdir -p "$tree"
    cp -R Makefile spae.h spae.c nn io vendor_free test vectors "$tree/"
    # shellcheck disable=SC2086
    program=$tree/$(make -s -C "$tree" $options where)/vectors
    # shellcheck disable=SC2086
    make -s -C "$tree" $options "${program#"$tree"/}" && "$program" check "$tree/vectors/MANIFEST" >"$tree/check.log" 2>&1
}

# Every JOBS-th change, from JOB on.
work_on() {
    prepare "$1" || { echo "broken|the unchanged tree fails its own vectors"; return; }
    i=$1
    while [ "$i" -le "$count" ]; do
        told=$(change "$i" "$tree")
        file=${told%%|*} rest=${told#*|}
        survives=${rest%%|*} title=${rest#*|}
        if [ -z "$told" ]; then
            echo "broken|change $i no longer fits its file"
        else
            # shellcheck disable=SC2086
            if ! make -s -C "$tree" $options "${program#"$tree"/}" >"$tree/make.log" 2>&1; then
                echo "broken|$title: does not compile"
            elif timeout 300 "$program" check "$tree/vectors/MANIFEST" >"$tree/check.log" 2>&1; then
                [ -n "$survives" ] && echo "stated|$title: $survives" || echo "missed|$title"
            else
                first=$(grep -m 1 -o 'differs: .*' "$tree/check.log" || tail -n 1 "$tree/check.log")
                [ -z "$survives" ] && echo "caught|$title ($(grep -c '^differs' "$tree/check.log"); $first)" ||
                    echo "broken|$title: caught, though it is said to survive"
            fi
            cp "$file" "$tree/$file"
        fi
        i=$((i + jobs))
    done
}

mkdir -p "$work"
job=1
while [ "$job" -le "$jobs" ]; do
    work_on "$job" >"$work/job$job.log" &
    job=$((job + 1))
done
wait
sort "$work"/job*.log
caught=$(cat "$work"/job*.log | grep -c '^caught')
stated=$(cat "$work"/job*.log | grep -c '^stated')
other=$(cat "$work"/job*.log | grep -c -e '^missed' -e '^broken')
echo "$count changes: $caught caught, $stated survive as stated, $other missed"
[ "$other" = 0 ] && [ $((caught + stated)) = "$count" ]

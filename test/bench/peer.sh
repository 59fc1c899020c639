#!/bin/sh
# Ours and the peer's times side by side: `spae bench` and test/bench/peer.py in alternation, so that both meet the same
# machine; the table of medians and ratios comes last, for one thread and for two.
#
#     test/bench/peer.sh [ROUNDS [SECONDS [WORDS]]]        3 rounds, 3 seconds a stage, 65000 words unless said
#     THREADS=1 test/bench/peer.sh                         only with one thread (or 2)
#
# PyTorch is that of PYTHON (/usr/bin/python3 unless said: Debian's python3-torch; with libopenblas0-pthread, without which
# its matrix products go to the reference BLAS). One thread is pinned to core CORE (0 unless said) where there is taskset.
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-3} seconds=${2:-3} words=${3:-65000} python=${PYTHON:-/usr/bin/python3} preset=${PRESET:-image-128}
numbers=${THREADS:-1 2}
export PYTHONDONTWRITEBYTECODE=1
kept=build/peer
mkdir -p $kept
make -s && make -s OPENMP=1 "$(make -s OPENMP=1 where)/spae"
one=$(make -s where)/spae two=$(make -s OPENMP=1 where)/spae
pin=
command -v taskset >/dev/null && pin="taskset -c ${CORE:-0}"

# measure THREADS PROGRAM PIN...: one round of both
measure() {
    threads=$1 program=$2
    shift 2
    "$@" "$program" bench --preset "$preset" --words "$words" --threads "$threads" --seconds "$seconds" \
        --stages encoder,quantizer,decoder,gradient --json >>$kept/ours.$threads
    like=
    [ -s $kept/peer.$threads ] && like="--like $kept/peer.$threads"
    "$@" "$python" test/bench/peer.py measure $kept/ours.$threads --seconds "$seconds" $like >$kept/one
    cat $kept/one >>$kept/peer.$threads
}

rm -f $kept/ours.* $kept/peer.*
round=1
while [ "$round" -le "$rounds" ]; do
    echo "round $round of $rounds" >&2
    case $numbers in *1*) measure 1 "$one" env $pin ;; esac
    case $numbers in *2*) measure 2 "$two" env ;; esac
    round=$((round + 1))
done
for threads in $numbers; do
    echo
    "$python" test/bench/peer.py table $kept/ours.$threads $kept/peer.$threads
done

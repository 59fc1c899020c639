#!/bin/sh
# The table that `make bench` runs: all stages of image-128, mnist and the tiny presets at one thread.
#
#     test/bench/table.sh [AGAINST]       AGAINST: a file kept from an earlier run, held against this one's
#
# Kept in build/bench.json, a line of `spae bench --json` for each preset; build/bench.json itself may be given.
set -eu
cd "$(dirname "$0")/../.."
against=${1:-}
mkdir -p build
for preset in image-128 mnist tiny-2d tiny-3d; do
    ./spae bench --preset $preset --json
done >build/bench.new
./spae bench --saved build/bench.new ${against:+--against "$against"}
mv build/bench.new build/bench.json

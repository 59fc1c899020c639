#!/usr/bin/env python3
"""How time and memory grow: image-128's networks over resolution, vocabulary and batch, each with the exponent that fits.

    test/bench/growth.py [SPAE] [--axis resolution|vocabulary|batch ..] [--side 128] [--words 65000] [--seconds 1]
                         [--no-training] [--core N]

SPAE is the program (./spae). Every setting is two runs of `spae bench` (one with --no-training): encoder, quantizer and
decoder; the training step with discriminator. Seconds are the best run's processor time. Memory is the most that the
process held (its maximum resident set, what VmHWM and `time -v` show), beside what `spae info` plans for it; spae bench
itself holds 128 MiB before, for the bandwidth, so settings smaller than that show it instead. The exponent p of
size^p is that of least squares over logarithms; the size of a resolution is its number of pixels.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

PYRAMID = {64: "1,2,4,8,8", 128: "1,2,4,8,16,16", 256: "1,2,4,8,16,32,32"}  # up to the latent grid, which comes twice
AXES = {"resolution": (64, 128, 256), "vocabulary": (8192, 32768, 65536, 99000), "batch": (1, 4, 16)}
INFERENCE = ("encoder", "quantizer", "decoder")
TRAINING = ("step-discriminator",)


def run(options, side, words, batch, stages):
    """The table of one run, and the most memory that it held in bytes."""
    command = [options.spae, "bench", "--preset", "image-128", "--set", f"picture={side}x{side}", "--set",
               f"pyramid={PYRAMID[side]}", "--words", str(words), "--batch", str(batch), "--seconds", str(options.seconds),
               "--stages", ",".join(stages), "--json"]
    if options.core is not None:
        command = ["taskset", "-c", str(options.core)] + command
    print(" ".join(command), file=sys.stderr)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        out.seek(0), err.seek(0)
        if status != 0:
            sys.exit(err.read().decode())
        return json.loads(out.read()), usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def exponent(sizes, values):
    x, y = [math.log(s) for s in sizes], [math.log(v) for v in values]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)


def grow(options, axis):
    kinds = [INFERENCE] if options.no_training else [INFERENCE, TRAINING]
    names, rows = [], []
    for value in AXES[axis]:
        row, names = [], []
        for stages in kinds:
            side = value if axis == "resolution" else options.side
            table, held = run(options, side, value if axis == "vocabulary" else options.words,
                              value if axis == "batch" else 1, stages)
            planned = max(s["memory"] for s in table["stages"])
            row += [s["seconds"] for s in table["stages"]] + [planned / 2 ** 20, held / 2 ** 20]
            names += [s["name"] for s in table["stages"]] + ["planned", "held"]
        rows.append(row)
    fixed = {"resolution": f"{options.words} words, batch 1", "vocabulary": f"{options.side}x{options.side}, batch 1",
             "batch": f"{options.side}x{options.side}, {options.words} words"}[axis]
    print(f"\n{axis}; {fixed}; seconds, MiB")
    print(f"{'':>10}" + "".join(f"{n[:10]:>11}" for n in names))
    for value, row in zip(AXES[axis], rows):
        print(f"{value:>10}" + "".join(f"{v:>11.0f}" if n in ("planned", "held") else f"{v:>11.3f}"
                                       for n, v in zip(names, row)))
    sizes = [v * v if axis == "resolution" else v for v in AXES[axis]]
    print(f"{'exponent':>10}" + "".join(f"{exponent(sizes, column):>11.2f}" for column in zip(*rows)))
    ratio = [row[i + 1] / row[i] for row in rows for i, n in enumerate(names) if n == "planned"]
    print(f"held / planned: {min(ratio):.3f} to {max(ratio):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spae", nargs="?", default="./spae")
    parser.add_argument("--axis", action="append", choices=AXES)
    parser.add_argument("--side", type=int, choices=PYRAMID, default=128)
    parser.add_argument("--words", type=int, default=65000)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--no-training", action="store_true")
    parser.add_argument("--core", type=int)
    options = parser.parse_args()
    for axis in options.axis or AXES:
        grow(options, axis)


if __name__ == "__main__":
    main()

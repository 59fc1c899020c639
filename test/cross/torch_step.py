#!/usr/bin/env python3
"""Holds `spae train` against an independent training step in PyTorch, binary64 (torch_spae.py), term by term.

    python3 test/cross/torch_step.py SPAE [ORACLE_SPAE] [--only NAME ...] [--steps N]

SPAE is the program; ORACLE_SPAE is the same made with `make ORACLE=1`, binary64 throughout. For each run of `runs` below a
small data set is made, the program trains on it, and compared are
  - the first weights, bit for bit (SPEC 6.3),
  - the tokens of every example of every step, which must be equal,
  - every term of the log's row, learning rate and psnr with it,
  - the gradient of every parameter (adam_m where beta1 is 0, and found from it elsewhere), Adam's moments, weights, averaged
    weights, LeCAM's averages.
Against ORACLE_SPAE all steps are taken here alone, from our own first weights. Against SPAE each step starts from the
program's checkpoint before it, because Adam turns the sign of a gradient of rounding noise into a whole step.

A number passes when |got - want| <= rel * (|want| + rms(want)), rms over the array (of a term: the term itself), plus an
absolute part `floor`. The bounds are in `Bounds`.
"""
import argparse
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch

import torch_spae as spae

WORDS, PICTURES = 60, 10
DIGITS = "zero one two three four five six seven eight nine".split()
SETTINGS = ["steps=5", "warmup=2", "cooldown=3"]  # three steps then meet warmup, root decay and cooldown
POOLS = "thresholds=0.8,0.7,0.6,0.5"           # wide enough for targets to be drawn from
POOLS3 = "thresholds=0.8,0.6"
ODD = ["picture=20x12", "pyramid=1x1x1,1x1x3,1x5x3,1x5x3", POOLS]  # pooling meets 5, 3 and 1

# name: (preset, seed, --set ...). With these seeds no leaky ReLU stands so near its corner that binary32 takes the other side.
runs = {
    "2d": ("tiny-2d", 5, [POOLS]),
    "2d-rq": ("tiny-2d", 5, [POOLS, "quantizer=rq"]),
    "2d-hinge": ("tiny-2d", 6, [POOLS, "adversarial=hinge", "phi=0.3", "lecam_decay=0.5"]),
    "2d-odd": ("tiny-2d", 5, [*ODD, "res_blocks=2", "groups=2", "discriminator_multipliers=1,2,1"]),
    "2d-odd-blur": ("tiny-2d", 5, [*ODD, "discriminator_blur=true", "discriminator_multipliers=2,1,1", "warmup=0"]),
    "2d-learned": ("tiny-2d", 5, ["codebook_size=32", "entropy_weight=0.2", "entropy_temperature=0.1", "alpha=0",
                                  "codebook_weight=0.7"]),
    "2d-learned-rq-guided": ("tiny-2d", 5, [POOLS, "codebook_size=32", "entropy_weight=0.1", "entropy_temperature=0.5",
                                            "quantizer=rq"]),
    "2d-plain": ("tiny-2d", 5, [POOLS, "dynamic_weight=false", "alpha=0.4", "single_threshold=true", "semantic_layers=3",
                                "lambda=0"]),
    "2d-moments": ("tiny-2d", 5, [POOLS, "beta1=0.5", "beta2=0.9", "ema=0.8", "root_decay=false", "r1_cost=0", "batch=7"]),
    "3d": ("tiny-3d", 5, [POOLS3]),
    "3d-rq-hinge": ("tiny-3d", 5, [POOLS3, "quantizer=rq", "adversarial=hinge", "temporal=false,true", "phi=0.2"]),
    "3d-learned": ("tiny-3d", 5, [POOLS3, "codebook_size=32", "entropy_weight=0.1", "entropy_temperature=0.5"]),
}
# Entropy at the default temperature, 0.01, multiplies the rounding of binary32 by hundreds: a run for binary64 alone.
wide_runs = {"2d-learned-sharp": ("tiny-2d", 5, ["codebook_size=32", "entropy_weight=0.2", "alpha=0"])}


class Bounds:
    """rel, floor. binary32: of the order of what 10^3 to 10^4 roundings of 2^-24 leave in a network of twenty layers (see
    shared/oracle, which asks the same of single networks); binary64: the same with 2^-53, after three steps."""

    def __init__(self, wide):
        self.term = (1e-12, 1e-14) if wide else (2e-6, 1e-7)
        self.gradient = (2e-11, 1e-14) if wide else (5e-5, 1e-7)
        self.update = (2e-11, 1e-14) if wide else (3e-7, 1e-12)


# ---- data --------------------------------------------------------------------------------------------------------

def make_pictures(shape):
    """Waves of colour and a little noise: bytes (n, ..., 3)."""
    r = np.random.RandomState(7)
    axes = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    out = np.zeros((PICTURES, *shape, 3))
    for i in range(PICTURES):
        for k in range(3):
            turn = r.uniform(-0.9, 0.9, len(shape))
            out[i, ..., k] = 0.5 + 0.4 * np.sin(sum(a * w for a, w in zip(axes, turn)) + 6 * r.rand())
    return np.clip((out + r.normal(0, 0.05, out.shape)) * 255, 0, 255).astype(np.uint8)


def write_idx(path, array):
    with open(path, "wb") as f:
        f.write(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def make_data(where, shape, c):
    """Pictures as IDX files, videos as an array with a table of words; codebook and words. Returns pictures, the word of
    each, the codebook, all words, and the options that name the files. Of arrays the program keeps every eighth for testing."""
    pictures, said = make_pictures(shape), [DIGITS[9 - i] for i in range(PICTURES)]
    if len(shape) == 2:
        write_idx(f"{where}/train-images-idx3-ubyte", pictures)
        write_idx(f"{where}/train-labels-idx1-ubyte", np.array([DIGITS.index(w) for w in said], np.uint8))
        data = where
    else:
        data = f"{where}/clip-images.npy"
        np.save(data, pictures)
        with open(f"{where}/clip-labels.tsv", "w") as f:
            f.write("index\tkeywords\n" + "".join(f"{i}\t{w}\n" for i, w in enumerate(said)))
        kept = [i for i in range(PICTURES) if i % 8 != 7]
        pictures, said = pictures[kept], [said[i] for i in kept]
    e = np.random.RandomState(3).normal(0, 0.7, (WORDS, c)).astype(np.float32)
    words = ["of", "and"] + DIGITS + [f"w{i}" for i in range(WORDS - 12)]
    np.save(f"{where}/e.npy", e)
    with open(f"{where}/words.txt", "w") as f:
        f.write("\n".join(words) + "\n")
    return pictures, said, e, words, ["--data", data, "--codebook", f"{where}/e.npy", "--vocab", f"{where}/words.txt"]


def chain(terms):
    """Added one after the other, as SPEC 1.3 has it: numpy's own sums are in pairs."""
    total = 0.0
    for x in terms:
        total = total + x
    return total


def similarity(e, word, R):
    """The default guide of labels, centred (io/guide.h), and Eq. 5: the row of one word."""
    e = e.astype(np.float64)
    d = e - chain(e) / len(e)
    f = (d / np.sqrt(chain((d * d).T))[:, None]).astype(R).astype(np.float64)
    score = chain((f[word] * f).T)
    return ((score - score.min()) / (score.max() - score.min())).astype(R)


# ---- the program -------------------------------------------------------------------------------------------------

def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    if done.returncode != 0:
        sys.exit(" ".join(command) + "\n" + done.stderr)
    return done.stdout


def settings(sets):
    return [x for s in sets for x in ("--set", s)]


def train(program, preset, seed, sets, data, where, steps):
    """Runs step by step; the checkpoint after each, and the log's rows."""
    checkpoint, kept = f"{where}/m.npz.checkpoint", []
    for k in range(1, steps + 1):
        call(program, "train", "--preset", preset, *settings(sets), *data, "--seed", str(seed), "--out", f"{where}/m.npz",
             "--stop-at", str(k), "--log", f"{where}/log.csv", "--every", "0", *(["--resume"] if k > 1 else []))
        kept.append(shutil.copy(checkpoint, f"{where}/after{k}.npz"))
    with open(f"{where}/log.csv") as f:
        names, *rows = [line.strip().split(",") for line in f]
    return [np.load(k) for k in kept], [{n: float(v) for n, v in zip(names, row)} for row in rows]


def under(checkpoint, prefix):
    return {k[len(prefix):]: checkpoint[k].astype(np.float64) for k in checkpoint.files if k.startswith(prefix)}


def state_of(checkpoint):
    """A checkpoint as the state to go on from."""
    R = checkpoint["lecam"].dtype.type
    p = spae.Parameters(R)
    p.update({k: torch.tensor(a) for k, a in under(checkpoint, "trained/").items()})
    ema = {k: checkpoint[k].astype(np.float64) for k in p if not k.startswith("discriminator/")}
    return spae.State(p, under(checkpoint, "adam_m/"), under(checkpoint, "adam_v/"), ema,
                      checkpoint["lecam"].astype(np.float64), json.loads(checkpoint["trainer"][()])["step"])


def tokens_by_program(program, state, like, picture, where):
    """`spae encode` with the weights that are trained: a model written by numpy from them."""
    model = {k: like[k] for k in ("codebook", "vocab", "config")}
    model.update({k: t.numpy().astype(state.p.R) for k, t in state.p.items() if not k.startswith("discriminator/")})
    np.savez(f"{where}/now.npz", **model)
    np.save(f"{where}/picture.npy", picture if len(picture) > 1 else picture[0])
    call(program, "encode", "--model", f"{where}/now.npz", f"{where}/picture.npy", "--format", "npy", "-o", f"{where}/t.npy")
    return np.load(f"{where}/t.npy").ravel().tolist()


# ---- comparison --------------------------------------------------------------------------------------------------

class Judge:
    def __init__(self, name):
        self.name, self.faults, self.worst = name, [], {}

    def near(self, kind, what, got, want, bound, scale=None):
        got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
        if got.shape != want.shape:
            self.faults.append(f"{what}: shape {got.shape}, expected {want.shape}")
            return
        rms = math.sqrt((want ** 2).mean()) if scale is None else scale
        off = np.abs(got - want) / (bound[1] + bound[0] * (np.abs(want) + rms))
        i = np.unravel_index(np.argmax(off), off.shape)
        self.worst[kind] = max(self.worst.get(kind, 0), float(off[i]))
        if not off[i] <= 1:
            self.faults.append(f"{what}{list(i)}: {got[i]!r}, expected {want[i]!r}, {off[i]:.3g} times what is allowed")

    def equal(self, what, got, want):
        if got != want:
            self.faults.append(f"{what}: {got}, expected {want}")


def judge_terms(judge, bound, where, row, mine):
    for name, value in row.items():
        if name in ("step", "learning_rate", "psnr", "first_word"):
            continue
        judge.near("terms", f"{where} {name}", value, mine.terms.get(name, 1.0 if name == "weight" else 0.0), bound.term)
    judge.near("terms", f"{where} psnr", row["psnr"], 10 * math.log10(1 / mine.terms["l2"]), bound.term)
    judge.near("terms", f"{where} learning_rate", row["learning_rate"], mine.rate, (1e-15, 0))


def judge_state(judge, bound, where, got, before, mine, c, free):
    """free: `mine.state` came by our own steps alone. Otherwise gradients are compared, and then what Adam made of the
    program's."""
    R, want = got.p.R, mine.state
    judge.equal(f"{where} parameters", sorted(got.p), sorted(want.p))
    for k in want.p:
        b1, b2 = (float(R(x)) for x in (c["beta1"], c["beta2"]))
        gradient = (got.m[k] - b1 * before.m[k]) / float(R(1 - c["beta1"]))
        judge.near("gradients", f"{where} gradient {k}", gradient, mine.gradient[k], bound.gradient)
    if not free:
        want = spae.adam(c, before, {k: (got.m[k] - b1 * before.m[k]) / float(R(1 - c["beta1"])) for k in got.p}, mine.rate)
        want.lecam = mine.state.lecam
    for k in want.p:
        judge.near("moments", f"{where} adam_m {k}", got.m[k], want.m[k], bound.update)
        judge.near("moments", f"{where} adam_v {k}", got.v[k], want.v[k], bound.update)
        judge.near("weights", f"{where} weights {k}", got.p[k].numpy(), want.p[k].numpy(), bound.update)
        if k in want.ema:
            judge.near("averages", f"{where} averaged {k}", got.ema[k], want.ema[k], bound.update)
    judge.near("lecam", f"{where} lecam", got.lecam, want.lecam, bound.term)


def examples_of(pictures, seed, k, batch, R):
    """7.5, and a byte is real(byte) / real(255): which pictures step k sees, and them, (t,h,w,3)."""
    n = len(pictures)
    order = [spae.permutation(seed, s // n, n)[s % n] for s in range(k * batch, (k + 1) * batch)]
    seen = [R(pictures[i]) / R(255) for i in order]
    return order, [x.reshape([1] * (4 - x.ndim) + list(x.shape)) for x in seen]


def run(name, program, free, steps):
    preset, seed, sets = {**runs, **wide_runs}[name]
    sets = SETTINGS + sets
    judge, bound, near = Judge(name), Bounds(free), np.full(3, math.inf)
    with tempfile.TemporaryDirectory() as where:
        call(program, "init", "--preset", preset, *settings(sets), "--seed", str(seed), "-o", f"{where}/init.npz")
        first = np.load(f"{where}/init.npz")
        c, R = json.loads(first["config"][()]), first["encoder/Conv_0/kernel"].dtype.type
        judge.equal("binary64 build", R is np.float64, free)
        pictures, said, e, words, data = make_data(where, c["picture"], c["c"])
        after, rows = train(program, preset, seed, sets, data, where, steps)
        state = spae.State.first(c, seed, R)
        for k in set(state.p) & set(first.files):
            judge.near("first weights", f"first {k}", first[k], state.p[k].numpy(), (0, 1e-300))
        learned = c["codebook_size"] > 0
        frozen = None if learned else torch.tensor(e.astype(np.float64))
        book = state.p["codebook"].numpy() if learned else e
        guide = {w: similarity(book, words.index(w), R) if c["alpha"] > 0 else None for w in DIGITS}
        for k in range(steps):
            at = f"step {k + 1}:"
            order, seen = examples_of(pictures, seed, k, c["batch"], R)
            mine = spae.step(c, state, frozen, [(x, guide[said[i]]) for x, i in zip(seen, order)], seed)
            for i, example in enumerate(mine.each):
                theirs = tokens_by_program(program, state, after[k], seen[i], where)
                judge.equal(f"{at} tokens of example {i}", theirs, [t for layer in example.tokens for t in layer])
                near = np.minimum(near, [example.margin, example.pool_distance, example.corner])
            right = np.mean([words[x.tokens[0][0]] == said[i] for x, i in zip(mine.each, order)])
            judge.equal(f"{at} first_word", rows[k]["first_word"], right)
            judge.equal(f"{at} step", rows[k]["step"], k + 1)
            judge_terms(judge, bound, at, rows[k], mine)
            got = state_of(after[k])
            judge_state(judge, bound, at, got, state, mine, c, free)
            state = mine.state if free else got
    return judge, near


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("oracle", nargs="?")
    parser.add_argument("--only", nargs="*", help="names of runs")
    parser.add_argument("--steps", type=int, default=3)
    a = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    failed = 0
    for name in a.only or [*runs, *wide_runs]:
        for program, free in ((a.program, False), (a.oracle, True)):
            if program is None or (name in wide_runs and not free):
                continue
            judge, near = run(name, os.path.abspath(program), free, a.steps)
            failed += bool(judge.faults)
            verdict, width = "FAIL" if judge.faults else "ok  ", "binary64" if free else "binary32"
            print(f"{verdict}  {name}, {width}, {a.steps} steps; parts of what is allowed: "
                  + ", ".join(f"{k} {v:.2g}" for k, v in judge.worst.items())
                  + "; least margin of a token {:.2g}, nearest threshold {:.2g}, corner {:.2g}".format(*near), flush=True)
            for fault in judge.faults[:12]:
                print("      " + fault)
            if len(judge.faults) > 12:
                print(f"      and {len(judge.faults) - 12} more")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""An independent SPAE in numpy, binary64, written from the paper and vectors/SPEC.md: opens a model with numpy.load,
encodes pictures, and compares tokens and rebuilt pictures with what ./spae says of the same files.

    python3 test/cross/numpy_model.py ./spae vectors/demo/mnist-small.npz PICTURE.pgm ...

Tokens must be equal, except where spae's own margin is below 1e-3 (none in the demo's digits); pictures agree to 1e-4.
"""
import json
import subprocess
import sys
import tempfile

import numpy as np


def conv(x, kernel, bias=None):
    """SAME cross-correlation, stride 1: x (h,w,ci), kernel (kh,kw,ci,co)."""
    kh, kw, _, co = kernel.shape
    h, w, _ = x.shape
    padded = np.pad(x, ((kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)))
    y = np.zeros((h, w, co))
    for i in range(kh):
        for j in range(kw):
            y += padded[i:i + h, j:j + w] @ kernel[i, j]
    return y if bias is None else y + bias


def norm_swish(p, path, x, groups):
    h, w, c = x.shape
    g = x.reshape(h * w, groups, c // groups)
    mean, var = g.mean(axis=(0, 2), keepdims=True), g.var(axis=(0, 2), keepdims=True)
    y = ((g - mean) / np.sqrt(var + 1e-6)).reshape(h, w, c) * p[path + "/scale"] + p[path + "/bias"]
    return y / (1 + np.exp(-y))


def block(p, path, x, groups):
    y = conv(norm_swish(p, path + "/GroupNorm_0", x, groups), p[path + "/Conv_0/kernel"])
    y = conv(norm_swish(p, path + "/GroupNorm_1", y, groups), p[path + "/Conv_1/kernel"])
    side = path + "/Conv_2/kernel"
    return y + (conv(x, p[side]) if side in p else x)


def encode(p, config, x):
    blocks, groups, scales = config["res_blocks"], config["groups"], len(config["multipliers"])
    x, n = conv(x, p["encoder/Conv_0/kernel"]), 0
    for i in range(scales + 1):
        for _ in range(blocks):
            x, n = block(p, f"encoder/ResBlock_{n}", x, groups), n + 1
        if i < scales - 1:
            h, w, c = x.shape
            x = x.reshape(h // 2, 2, w // 2, 2, c).mean(axis=(1, 3))
    x = norm_swish(p, "encoder/GroupNorm_0", x, groups)
    return conv(x, p["encoder/Conv_1/kernel"], p["encoder/Conv_1/bias"])


def decode(p, config, x):
    blocks, groups, scales = config["res_blocks"], config["groups"], len(config["multipliers"])
    x, n, k = conv(x, p["decoder/Conv_0/kernel"], p["decoder/Conv_0/bias"]), 0, 1
    for _ in range(blocks):
        x, n = block(p, f"decoder/ResBlock_{n}", x, groups), n + 1
    for i in reversed(range(scales)):
        for _ in range(blocks):
            x, n = block(p, f"decoder/ResBlock_{n}", x, groups), n + 1
        if i > 0:
            x = x.repeat(2, axis=0).repeat(2, axis=1)
            x, k = conv(x, p[f"decoder/Conv_{k}/kernel"], p[f"decoder/Conv_{k}/bias"]), k + 1
    x = norm_swish(p, "decoder/GroupNorm_0", x, groups)
    return conv(x, p[f"decoder/Conv_{k}/kernel"], p[f"decoder/Conv_{k}/bias"])


def quantize(sizes, e, z):
    """Eq. 1 to 3: tokens by layer, and zhat after each layer."""
    full, rest, total = z.shape[0], z.copy(), np.zeros_like(z)
    count = np.zeros(z.shape[:2], int)
    tokens, zhat = [], []
    for size in sizes:
        step = full // size
        at = [step * (i + 1) - -(-step // 2) for i in range(size)]
        layer = []
        for y in at:
            for x in at:
                k = int(((rest[y, x] - e) ** 2).sum(axis=1).argmin())
                layer.append(k)
                rest[y, x] += z[y, x] - e[k]
                total[y, x] += e[k]
                count[y, x] += 1
        tokens.append(layer)
        zhat.append(total / np.maximum(count, 1)[..., None])
    return tokens, zhat


def read_pgm(path):
    data = open(path, "rb").read().split(b"\n", 3)
    w, h = map(int, data[1].split())
    grey = np.frombuffer(data[3], np.uint8).reshape(h, w) / 255
    return np.repeat(grey.astype(np.float32).astype(float)[..., None], 3, axis=2)


def spae(*arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def main(program, model, *pictures):
    p = {name: a.astype(float) if a.dtype.kind == "f" else a for name, a in np.load(model).items()}
    config = json.loads(str(p["config"]))

    sizes = [size[-1] for size in config["pyramid"]]
    failed = 0
    for path in pictures:
        tokens, zhat = quantize(sizes, p["codebook"], encode(p, config, read_pgm(path)))
        said = spae(program, "encode", "--model", model, path, "--format", "ids")
        same = [list(map(int, line.split())) for line in said.splitlines() if line.strip()] == tokens
        apart = 0.0
        for layers in range(1, len(sizes) + 1):
            with tempfile.TemporaryDirectory() as folder:
                open(folder + "/t.txt", "w").write(said)
                spae(program, "decode", "--model", model, folder + "/t.txt", "--layers", str(layers), "-o", folder + "/p.npy")
                got = np.load(folder + "/p.npy").reshape(zhat[0].shape[0] * 8, -1, 3)
            apart = max(apart, float(np.abs(np.clip(decode(p, config, zhat[layers - 1]), 0, 1) - np.clip(got, 0, 1)).max()))
        ok = same and apart < 1e-4
        failed += not ok
        print(f"{'ok  ' if ok else 'FAIL'} {path}: tokens {'equal' if same else 'differ'}, pictures apart by at most {apart:.2g}")
    print(f"{len(pictures) - failed} passed, {failed} failed")
    return failed != 0 or not pictures


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

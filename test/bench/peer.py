#!/usr/bin/env python3
"""The same stages in PyTorch, as fast as it can be made to run them: what test/bench/peer.sh holds `spae bench` against.

    peer.py measure TABLE [--seconds S] [--like FILE]
                                            one line of JSON: the stages of TABLE's last line, for its configuration, words
                                            and threads. TABLE is from `spae bench --json`, of a model of pictures; --like:
                                            the ways that the last line of FILE chose, others are not tried again
    peer.py table OURS PEER                 lines of both, round by round: medians and ratios

Random weights, one picture, binary32. Each stage is tried in several ways, each warmed up first; the fastest is measured:
  encoder, decoder   inference_mode; contiguous, channels_last, and traced, frozen and optimized for inference
  quantizer          all layers of SAQ; |e|^2 - 2 z e(k) by a matrix product, |e|^2 and transposed codebook made beforehand:
                     by BLAS with either layout of the codebook, by oneDNN as a 1x1 convolution (its packed linear layer took
                     five times as long)
  gradient           forward and backward of encoder and decoder, z passed on as it is, loss mean (I - Ihat)^2; contiguous
                     and channels_last
Seconds are the best and the median of its runs, processor time with one thread, wall time with several, as ours.
"""
import argparse
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cross"))


# ---- networks (SPEC 6.2) -----------------------------------------------------------------------------------------

def networks(c):
    """Encoder and decoder of a configuration as modules on (1,3,H,W)."""
    from torch import nn
    f, m, blocks = c["filters"], c["multipliers"], c["res_blocks"]

    class Block(nn.Module):
        def __init__(self, ci, co):
            super().__init__()
            conv = lambda a, size: nn.Conv2d(a, co, size, padding=size // 2, bias=False)  # noqa: E731
            norm = lambda a: nn.GroupNorm(c["groups"], a, eps=1e-6)  # noqa: E731
            self.body = nn.Sequential(norm(ci), nn.SiLU(), conv(ci, 3), norm(co), nn.SiLU(), conv(co, 3))
            self.side = conv(ci, 1) if ci != co else nn.Identity()

        def forward(self, x):
            return self.body(x) + self.side(x)

    def stage(ci, co):
        return [Block(ci if i == 0 else co, co) for i in range(blocks)]

    def last(ci, co, size):
        return [nn.GroupNorm(c["groups"], ci, eps=1e-6), nn.SiLU(), nn.Conv2d(ci, co, size, padding=size // 2)]

    encoder, at = [nn.Conv2d(3, f, 3, padding=1, bias=False)], f
    for i, scale in enumerate(m):
        encoder += stage(at, f * scale) + ([nn.AvgPool2d(2)] if i < len(m) - 1 else [])
        at = f * scale
    encoder += stage(at, at) + last(at, c["c"], 1)
    decoder = [nn.Conv2d(c["c"], at, 3, padding=1)] + stage(at, at)
    for i in reversed(range(len(m))):
        decoder += stage(at, f * m[i])
        at = f * m[i]
        if i > 0:
            decoder += [nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(at, at, 3, padding=1)]
    return nn.Sequential(*encoder), nn.Sequential(*decoder, *last(at, 3, 3))


# ---- ways to run a stage: name -> function without arguments -----------------------------------------------------

def inference_ways(net, x):
    import copy
    import torch
    flat = net.eval()
    ways = {"contiguous": lambda: flat(x)}
    last = copy.deepcopy(net).to(memory_format=torch.channels_last)
    y = x.contiguous(memory_format=torch.channels_last)
    ways["channels_last"] = lambda: last(y)
    with torch.no_grad():
        traced = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(copy.deepcopy(net), x)))
    ways["optimized"] = lambda: traced(x)
    return ways


def gradient_ways(encoder, decoder, x):
    import copy
    import torch
    both = torch.nn.Sequential(copy.deepcopy(encoder), copy.deepcopy(decoder)).train()
    last = copy.deepcopy(both).to(memory_format=torch.channels_last)
    y = x.contiguous(memory_format=torch.channels_last)

    def run(net, picture):
        net.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(net(picture), picture).backward()
    return {"contiguous": lambda: run(both, x), "channels_last": lambda: run(last, y)}


def blas():
    """Which library multiplies matrices. With Debian's reference BLAS that takes minutes: it is left out then."""
    try:
        with open("/proc/self/maps") as f:
            maps = f.read()
    except OSError:
        return "unknown"
    return next((name for name in ("openblas", "mkl", "blis") if name in maps), "reference")


def quantizer_ways(c, z, e):
    """z (cells,c), e (V,c)"""
    import torch
    import torch_spae
    sizes = torch_spae.layer_sizes(c)
    places = [torch.tensor(torch_spae.positions(size, sizes[-1])) for size in sizes]
    square = (e * e).sum(1)
    turned = e.t().contiguous()
    kernel = e[:, :, None, None].contiguous()

    def nearest_rows(rows):
        return torch.addmm(square, rows, e.t(), alpha=-2).argmin(1)

    def nearest_turned(rows):
        return torch.addmm(square, rows, turned, alpha=-2).argmin(1)

    def nearest_convolution(rows):
        d = torch.conv2d(-2 * rows.t()[None, :, :, None], kernel, square)
        return d[0, :, :, 0].argmin(0)

    def saq(nearest):
        rest, tokens = z.clone(), []
        for at in places:
            k = nearest(rest[at])
            rest[at] += z[at] - e[k]
            tokens.append(k)
        return tokens
    ways = {"convolution": nearest_convolution}
    if blas() != "reference":
        ways.update({"blas": nearest_rows, "blas, transposed": nearest_turned})
    return {name: (lambda f=f: saq(f)) for name, f in ways.items()}


# ---- timing ------------------------------------------------------------------------------------------------------

def once(run, clock):
    begin = clock()
    run()
    return clock() - begin


def fastest(ways, seconds, clock, chosen):
    """The best and the median of the way whose second run is fastest; its first run, like all first ones, warms up."""
    tried = {}
    if chosen is not None:
        ways = {chosen["way"]: ways[chosen["way"]]}
    for name, run in ways.items():
        try:
            run()
            tried[name] = once(run, clock)
            print(f"peer: {name}: {tried[name]:.3g} s", file=sys.stderr)
        except RuntimeError as failure:  # a way that this build of PyTorch has not
            print(f"peer: {name}: {str(failure).splitlines()[0]}", file=sys.stderr)
    name = min(tried, key=tried.get)
    samples, start = [tried[name]], time.perf_counter()
    while len(samples) < 3 or time.perf_counter() - start < seconds:
        samples.append(once(ways[name], clock))
    return {"best": min(samples), "median": statistics.median(samples), "way": name}


def measure(options):
    with open(options.table) as f:
        table = json.loads([line for line in f if line.strip()][-1])
    c, threads = table["config"], table["threads"]
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    assert torch.backends.mkldnn.is_available() and c["ndim"] == 2 and table["batch"] == 1
    clock = time.process_time if threads == 1 else time.perf_counter
    chosen = {}
    if options.like and os.path.exists(options.like):
        with open(options.like) as f:
            chosen = json.loads([line for line in f if line.strip()][-1])["stages"]
    encoder, decoder = networks(c)
    x = torch.rand(1, 3, *c["picture"])
    wanted = [stage["name"] for stage in table["stages"]]
    stages = {}
    with torch.inference_mode():
        grid = encoder(x)
        z = grid[0].permute(1, 2, 0).reshape(-1, c["c"]).contiguous()
        if "encoder" in wanted:
            stages["encoder"] = fastest(inference_ways(encoder, x), options.seconds, clock, chosen.get("encoder"))
        if "quantizer" in wanted:
            ways = quantizer_ways(c, z, torch.randn(table["words"], c["c"]))
            stages["quantizer"] = fastest(ways, options.seconds, clock, chosen.get("quantizer"))
            del ways
        if "decoder" in wanted:
            stages["decoder"] = fastest(inference_ways(decoder, grid), options.seconds, clock, chosen.get("decoder"))
    if "gradient" in wanted:
        stages["gradient"] = fastest(gradient_ways(encoder, decoder, x), options.seconds, clock, chosen.get("gradient"))
    parameters = sum(p.numel() for net in (encoder, decoder) for p in net.parameters())
    print(json.dumps({"torch": torch.__version__, "blas": blas(), "threads": threads, "parameters": parameters, "stages": stages}))


# ---- the table ---------------------------------------------------------------------------------------------------

def table(options):
    with open(options.ours) as f:
        ours = [json.loads(line) for line in f if line.strip()]
    with open(options.peer) as f:
        peer = [json.loads(line) for line in f if line.strip()]
    assert len(ours) == len(peer) > 0 and all(o["threads"] == p["threads"] for o, p in zip(ours, peer))
    threads = ours[0]["threads"]
    peak = statistics.median(o["machine"]["peak"] for o in ours)
    print(f"{ours[0]['config']['name']}, {ours[0]['words']} words, {threads} thread{'s' if threads > 1 else ''}, "
          f"{len(ours)} rounds in alternation; medians over rounds of the best run, "
          f"{'processor' if threads == 1 else 'wall'} seconds; our peak {peak:.0f} GFLOP/s; PyTorch {peer[0]['torch']}, "
          f"{peer[0]['blas']} BLAS")
    print(f"{'stage':10} {'ours':>8} {'of peak':>8} {'peer':>8} {'ours/peer':>10}  {'of each round':26} peer's way")
    for i, stage in enumerate(s["name"] for s in ours[0]["stages"]):
        a = [o["stages"][i]["seconds"] for o in ours]
        b = [p["stages"][stage]["best"] for p in peer if stage in p["stages"]]
        if not b:
            continue
        share = statistics.median(o["stages"][i]["of_peak"] for o in ours)
        each = [x / y for x, y in zip(a, b)]
        print(f"{stage:10} {statistics.median(a):8.3f} {100 * share:7.1f}% {statistics.median(b):8.3f} "
              f"{statistics.median(a) / statistics.median(b):10.3f}  {' '.join(f'{r:.2f}' for r in each):26} "
              f"{', '.join(sorted({p['stages'][stage]['way'] for p in peer}))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    p = commands.add_parser("measure")
    p.add_argument("table")
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--like")
    p.set_defaults(run=measure)
    p = commands.add_parser("table")
    p.add_argument("ours")
    p.add_argument("peer")
    p.set_defaults(run=table)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()

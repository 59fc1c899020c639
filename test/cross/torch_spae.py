"""SPAE's training step in PyTorch, binary64, written from the paper and vectors/SPEC.md alone: no line of it is a
translation of the C sources. torch_step.py holds the program against it. Clause numbers are SPEC's.

Gradients are autograd's. Binary32 appears only where a rounding decides something discrete or gives a constant its
value: R is the program's real type (numpy float32, or float64 for its binary64 build).
"""
import math
import zlib

import numpy as np
import torch
import torch.nn.functional as F

INITIALIZATION, TARGETS, ORDER = 1, 2, 3
MASK = (1 << 32) - 1


# ---- 1.6 random numbers ------------------------------------------------------------------------------------------

def philox(key, counter):
    """Philox4x32-10 (Salmon et al. 2011): two key words, four counter words -> four words."""
    (k0, k1), (a, b, c, d) = key, counter
    for _ in range(10):
        p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (q >> 32) ^ b ^ k0, q & MASK, (p >> 32) ^ d ^ k1, p & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return a, b, c, d


def below(w0, w1, n):
    return ((w0 << 32) + w1) * n >> 64


def permutation(seed, stream, n):
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        w = philox((seed, ORDER), (i, 0, stream, 0))
        j = below(w[0], w[1], i + 1)
        order[i], order[j] = order[j], order[i]
    return order


# ---- 6.3 first values --------------------------------------------------------------------------------------------

def normal_pair(w0, w1, R):
    u = R(((w0 >> 8) + 1) * 2.0 ** -24)
    r = np.sqrt(R(-2) * R(math.log(u)))
    t = R(2 * math.pi) * R((w1 >> 8) * 2.0 ** -24)
    return r * R(math.cos(t)), r * R(math.sin(t))


def first_value(path, shape, seed, R):
    leaf, count = path.split("/")[-1], math.prod(shape)
    if leaf in ("scale", "bias"):
        return np.full(shape, 1 if leaf == "scale" else 0, R)
    words = [philox((seed, INITIALIZATION), (i, zlib.crc32(path.encode()), 0, 0)) for i in range(-(-count // 4))]
    fan_in, fan_out = count // shape[-1], count // shape[-2]
    limit = None
    if path == "codebook":
        limit = R(math.sqrt(R(3) / R(shape[0])))
    elif path.startswith("discriminator/"):
        limit = R(math.sqrt(R(6) / R(fan_in + fan_out)))
    if limit is not None:
        values = [limit * (R(2) * R((w >> 8) * 2.0 ** -24) - R(1)) for four in words for w in four]
    else:
        deviation = R(math.sqrt(R(1) / R(fan_in)))
        values = [deviation * x for w in words for x in normal_pair(w[0], w[1], R) + normal_pair(w[2], w[3], R)]
    return np.array(values[:count], R).reshape(shape)


class Parameters(dict):
    """path -> leaf tensor; R is the program's real type. With a seed, what a network asks for is made by 6.3."""

    def __init__(self, R, seed=None):
        super().__init__()
        self.R, self.seed = R, seed

    def take(self, path, *shape):
        if self.seed is not None and path not in self:
            self[path] = torch.tensor(first_value(path, shape, self.seed, self.R).astype(np.float64))
        assert tuple(self[path].shape) == shape, (path, self[path].shape, shape)
        return self[path]


# ---- 2, 3, 6 the networks, on (n,c,t,h,w); pictures have t = 1 ----------------------------------------------------

class Network:
    def __init__(self, parameters, root, ndim):
        self.p, self.ndim, self.count = parameters, ndim, {}
        self.path = [root]

    def name(self, kind):
        """flax's automatic names: Conv_0, Conv_1, .. within the module that is being built."""
        key = "/".join(self.path + [kind])
        self.count[key] = self.count.get(key, -1) + 1
        return f"{key}_{self.count[key]}"

    def conv(self, x, window, out, bias, name=None):
        path, k = name or self.name("Conv"), (window,) * self.ndim
        kernel = self.p.take(path + "/kernel", *k, x.shape[1], out)
        if self.ndim == 2:
            kernel = kernel[None]
        b = self.p.take(path + "/bias", out) if bias else None
        return F.conv3d(x, kernel.permute(4, 3, 0, 1, 2), b, padding=tuple(n // 2 for n in kernel.shape[:3]))

    def norm_swish(self, x, groups, eps=1e-6):
        path, (n, c, t, h, w) = self.name("GroupNorm"), x.shape
        g = x.reshape(n, groups, -1)
        g = (g - g.mean(2, keepdim=True)) / torch.sqrt(g.var(2, unbiased=False, keepdim=True) + eps)
        each = (1, c, 1, 1, 1)
        y = g.reshape(x.shape) * self.p.take(path + "/scale", c).reshape(each) + self.p.take(path + "/bias", c).reshape(each)
        return y * torch.sigmoid(y)

    def res_block(self, x, out, groups):
        self.path.append(self.name("ResBlock").split("/")[-1])
        y = self.conv(self.norm_swish(x, groups), 3, out, False)
        y = self.conv(self.norm_swish(y, groups), 3, out, False)
        y = y + (x if x.shape[1] == out else self.conv(x, 1, out, False))
        self.path.pop()
        return y


corners = []  # how near the example at hand came to a corner of a leaky ReLU, by the RMS of its tensor


def leaky(y, slope=0.2):
    """3.3"""
    size = y.detach().abs()
    corners.append((size.min() / torch.clamp(torch.sqrt((size ** 2).mean()), min=1e-300)).item())
    return torch.where(y >= 0, y, slope * y)


def average(x, t, h, w):
    """3.7: 'SAME' of a window that is its stride puts the odd cell in the last window, alone."""
    return F.avg_pool3d(x, (t, h, w), ceil_mode=True, count_include_pad=False)


def encode(p, c, x):
    net, m = Network(p, "encoder", c["ndim"]), c["multipliers"]
    x = net.conv(x, 3, c["filters"], False)
    for i, scale in enumerate(m):
        for _ in range(c["res_blocks"]):
            x = net.res_block(x, c["filters"] * scale, c["groups"])
        if i < len(m) - 1:
            x = average(x, 2 if c["ndim"] == 3 and c["temporal"][i] else 1, 2, 2)
    for _ in range(c["res_blocks"]):
        x = net.res_block(x, c["filters"] * m[-1], c["groups"])
    return net.conv(net.norm_swish(x, c["groups"]), 1, c["c"], True)


def decode(p, c, x):
    net, m = Network(p, "decoder", c["ndim"]), c["multipliers"]
    x = net.conv(x, 3, c["filters"] * m[-1], True)
    for _ in range(c["res_blocks"]):
        x = net.res_block(x, c["filters"] * m[-1], c["groups"])
    for i in reversed(range(len(m))):
        for _ in range(c["res_blocks"]):
            x = net.res_block(x, c["filters"] * m[i], c["groups"])
        if i > 0:
            if c["ndim"] == 3 and c["temporal"][i - 1]:
                x = x.repeat_interleave(2, 2)
            x = net.conv(x.repeat_interleave(2, 3).repeat_interleave(2, 4), 3, x.shape[1], True)
    return net.conv(net.norm_swish(x, c["groups"]), 3, 3, True)


def blur(x):
    """3.10, on h and w of every frame: one cell of zeros in front, as many behind as the last window needs."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=torch.float64)
    n, c, t, h, w = x.shape
    y = x.permute(0, 2, 1, 3, 4).reshape(n * t * c, 1, h, w)
    y = F.conv2d(F.pad(y, (1, 1 + w % 2, 1, 1 + h % 2)), torch.outer(taps, taps)[None, None] / 64, stride=2)
    return y.reshape(n, t, c, *y.shape[2:]).permute(0, 2, 1, 3, 4)


def discriminate(p, c, x):
    net, filters = Network(p, "discriminator", c["ndim"]), c["discriminator_filters"]

    def down(y):
        return blur(y) if c["discriminator_blur"] else average(y, *(min(2, n) for n in y.shape[2:]))
    x = leaky(net.conv(x, 3, filters, True))
    for m in c["discriminator_multipliers"]:
        path = net.name("ResBlock")
        y = down(leaky(net.conv(x, 3, x.shape[1], True, path + "/Conv_0")))
        side = net.conv(down(x), 1, filters * m, False, path + "/Conv_1")
        x = (side + leaky(net.conv(y, 3, filters * m, True, path + "/Conv_2"))) / math.sqrt(2)
    x = leaky(net.conv(x, 3, x.shape[1], True))
    flat, width = x.permute(0, 2, 3, 4, 1).reshape(x.shape[0], -1), x.shape[1]

    def dense(y, path, out):
        return y @ p.take(f"{path}/kernel", y.shape[1], out) + p.take(f"{path}/bias", out)
    return dense(leaky(dense(flat, "discriminator/Dense_0", width)), "discriminator/Dense_1", 1)[:, 0]


# ---- 4 from embeddings to tokens ---------------------------------------------------------------------------------

def layer_sizes(c):
    """(t,h,w) of each layer."""
    return [tuple([1] * (3 - len(s)) + list(s)) for s in c["pyramid"]]


def positions(size, full):
    """4.1: for each token of a layer, in raster order, its place in the latent grid, in raster order."""
    at = []
    for n, of in zip(size, full):
        r = of // n
        at.append([r * (i + 1) - -(-r // 2) for i in range(n)])
    return [(t * full[1] + y) * full[2] + x for t in at[0] for y in at[1] for x in at[2]]


def quantize(c, z, e):
    """4.2, 4.3: (cells,c) -> tokens by layer, the least margin."""
    sizes, rq = layer_sizes(c), c["quantizer"] == "rq"
    z, e, rest, margin, tokens = z.detach().numpy(), e.detach().numpy(), z.detach().numpy().copy(), math.inf, []
    for size in sizes:
        layer = []
        for at in positions(size, sizes[-1]):
            d = ((rest[at] - e) ** 2).sum(1)
            k = int(d.argmin())
            margin = min(margin, np.partition(d, 1)[1] - d[k])
            rest[at] += -e[k] if rq else z[at] - e[k]
            layer.append(k)
        tokens.append(layer)
    return tokens, margin


def read_back(c, tokens, z, e):
    """4.3 of given tokens: z_l (tokens,c) of each layer as functions of z; zhat (cells,c) after each layer as
    functions of e; the cells covered then."""
    sizes, rq = layer_sizes(c), c["quantizer"] == "rq"
    cells = z.shape[0]
    said, total = [[] for _ in range(cells)], []
    z_l, zhat, covered = [], [], []
    for size, layer in zip(sizes, tokens):
        at = positions(size, sizes[-1])
        rows = []
        for k, i in zip(layer, at):
            row = z[i]
            for j in said[i]:
                row = row + (-e[j].detach() if rq else z[i] - e[j].detach())
            rows.append(row)
        for k, i in zip(layer, at):
            said[i].append(k)
        z_l.append(torch.stack(rows))
        total = [sum((e[j] for j in s), torch.zeros_like(e[0])) / (1 if rq else max(len(s), 1)) for s in said]
        zhat.append(torch.stack(total))
        covered.append(torch.tensor([i for i in range(cells) if said[i]]))
    return z_l, zhat, covered


# ---- 5 the objective of one example ------------------------------------------------------------------------------

def softplus(x):
    return torch.clamp(x, min=0) + torch.log1p(torch.exp(-x.abs()))


def semantic(c, z_l, targets, e):
    """5.4 / Eq. 7 as the paper has it: the exponents with |z_l|^2."""
    layers = []
    for rows, target in zip(z_l, targets):
        logits = -((rows[:, None] - e.detach()[None]) ** 2).sum(2)
        layers.append(-torch.log_softmax(logits, 1)[torch.arange(len(target)), target].mean())
    return sum(layers) / len(layers)


def entropy(c, z, e):
    """5.12"""
    a = -((e ** 2).sum(1)[None] - 2 * z @ e.T) / c["entropy_temperature"]
    p = torch.softmax(a, 1)
    each = (torch.logsumexp(a, 1) - (p * a).sum(1)).mean()
    m = p.mean(0)
    return each + (m * torch.log(m + 1e-5)).sum()


class Example:
    """Terms, tokens and gradients of one example: the whole of SPEC 5."""

    def __init__(self, c, p, e, lecam, picture, similarity, place, step, seed):
        learned, R = c["codebook_size"] > 0, p.R
        corners.clear()
        real = lambda x: float(R(x))  # noqa: E731
        x = torch.tensor(picture.astype(np.float64)).permute(3, 0, 1, 2)[None]
        grid = encode(p, c, x)
        self.z = z = grid[0].permute(1, 2, 3, 0).reshape(-1, c["c"])
        self.tokens, self.margin = quantize(c, z, e)
        z_l, zhat, covered = read_back(c, self.tokens, z, e)

        seen = z + (zhat[-1] - z).detach()
        rebuilt = decode(p, c, seen.reshape(*grid.shape[2:], c["c"]).permute(3, 0, 1, 2)[None])
        t = self.terms = {}
        t["l2"] = ((x - rebuilt) ** 2).mean()
        t["commitment"] = sum(((z - h.detach())[i] ** 2).mean() for h, i in zip(zhat, covered))
        appearance = t["l2"] + real(c["beta"]) * t["commitment"]
        d_total = None
        if c["lambda"] > 0:
            appearance, d_total = self.adversarial(c, p, real, lecam, x, rebuilt, appearance)
        if learned:
            t["codebook"] = sum(((z.detach() - h)[i] ** 2).mean() for h, i in zip(zhat, covered))
            appearance = appearance + real(c["codebook_weight"]) * t["codebook"]
            if c["entropy_weight"] > 0:
                t["entropy"] = entropy(c, z, e)
                appearance = appearance + real(c["entropy_weight"]) * t["entropy"]
        t["appearance"] = total = appearance
        self.pool_distance = math.inf
        guided = c["semantic_layers"] if c["alpha"] > 0 else 0
        if guided:
            targets = self.targets(c, R, similarity, place, step, seed, guided)
            t["semantic"] = semantic(c, z_l, targets, e)
            w = 1.0
            if c["dynamic_weight"] and t["semantic"].item() > 0:
                w = (appearance / t["semantic"]).item()
            t["weight"] = torch.tensor(w)
            total = appearance + real(c["alpha"]) * w * t["semantic"]
        t["total"] = total
        self.corner = min(corners, default=math.inf)
        self.differentiate(p, total, d_total)

    def adversarial(self, c, p, real, lecam, x, rebuilt, appearance):
        """5.5 to 5.9; both sides see the same logits."""
        t = self.terms
        generator = Parameters(p.R)
        generator.update({k: v.detach() for k, v in p.items()})
        seen = x.clone().requires_grad_(True)
        r, f = discriminate(p, c, seen), discriminate(p, c, rebuilt.detach())
        fake = discriminate(generator, c, rebuilt)
        if c["adversarial"] == "hinge":
            t["adversarial"] = -fake.mean()
            t["d_adversarial"] = leaky(1 - r, 0).mean() + leaky(1 + f, 0).mean()
        else:
            t["adversarial"] = softplus(-fake).mean()
            t["d_adversarial"] = softplus(-r).mean() + softplus(f).mean()
        appearance = appearance + real(c["lambda"]) * t["adversarial"]
        d_total = t["d_adversarial"]
        if c["r1_cost"] > 0:
            g, = torch.autograd.grad(r.sum(), seen, create_graph=True)
            t["d_r1"] = real(c["r1_cost"]) * (g ** 2).sum()
            d_total = d_total + t["d_r1"]
        if c["phi"] > 0:
            t["lecam"] = (leaky(r - lecam[1], 0) ** 2).mean() + (leaky(lecam[0] - f, 0) ** 2).mean()
            appearance = appearance + real(c["phi"]) * t["lecam"].detach()
            d_total = d_total + real(c["phi"]) * t["lecam"]
        t["d_total"], t["logit_real"], t["logit_fake"] = d_total, r.mean(), f.mean()
        return appearance, d_total

    def targets(self, c, R, s, place, step, seed, guided):
        """4.5, 4.6"""
        drawn = []
        for l in range(guided):
            rho = R(c["thresholds"][guided - 1 if c["single_threshold"] else l])
            pool = np.flatnonzero(s >= rho)
            self.pool_distance = min(self.pool_distance, np.abs(s.astype(float) - float(rho)).min())
            words = [philox((seed, TARGETS), (step, place, l, i)) for i in range(len(self.tokens[l]))]
            drawn.append([int(pool[below(w[0], w[1], len(pool))]) for w in words])
        return drawn

    def differentiate(self, p, total, d_total):
        self.gradient = {}
        for loss, mine in ((total, lambda k: not k.startswith("discriminator/")),
                           (d_total, lambda k: k.startswith("discriminator/"))):
            keys = [k for k in p if mine(k)]
            if loss is None or not keys:
                continue
            for k, g in zip(keys, torch.autograd.grad(loss, [p[k] for k in keys], allow_unused=True)):
                self.gradient[k] = torch.zeros_like(p[k]) if g is None else g
        self.terms = {k: v.item() for k, v in self.terms.items()}


# ---- 7 training --------------------------------------------------------------------------------------------------

def rate(c, t):
    """7.2"""
    now, warmup, left, cool = t + 1, c["warmup"], max(c["steps"] - t, 0), c["cooldown"] + 1
    r = c["learning_rate"]
    if now < warmup:
        r *= now / warmup
    elif c["root_decay"] and warmup > 0:
        r *= math.sqrt(warmup / now)
    return r * min(1, left / cool)


class State:
    """All that a step changes. m, v, ema: path -> array."""

    def __init__(self, p, m, v, ema, lecam, step):
        self.p, self.m, self.v, self.ema, self.lecam, self.step = p, m, v, ema, lecam, step

    @classmethod
    def first(cls, c, seed, R):
        """Binary32 whatever R: the program's binary64 build begins with the same numbers."""
        p = Parameters(np.float32, seed)
        with torch.no_grad():
            x = torch.zeros(1, 3, *([1] * (3 - len(c["picture"])) + c["picture"]), dtype=torch.float64)
            decode(p, c, encode(p, c, x))
            if c["codebook_size"] > 0:
                p.take("codebook", c["codebook_size"], c["c"])
            if c["lambda"] > 0:
                discriminate(p, c, x)
        p.R = R
        values = {k: t.numpy() for k, t in p.items()}
        zero = {k: np.zeros_like(a) for k, a in values.items()}
        ema = {k: a.copy() for k, a in values.items() if not k.startswith("discriminator/")}
        return cls(p, zero, dict(zero), ema, np.zeros(2), 0)


class Result:
    """terms: means over the batch; gradient; state: the one after the step."""


def step(c, state, frozen, examples, seed):
    """7.1 for examples = [(picture (t,h,w,3), similarity (V) or None)]."""
    R, t = state.p.R, state.step
    p = Parameters(R)
    p.update({k: a.detach().clone().requires_grad_(True) for k, a in state.p.items()})
    e = p["codebook"] if c["codebook_size"] > 0 else frozen
    out = Result()
    out.each = [Example(c, p, e, state.lecam, x, s, i, t, seed) for i, (x, s) in enumerate(examples)]
    n = len(out.each)
    out.terms = {k: sum(x.terms[k] for x in out.each) / n for k in out.each[0].terms}
    out.gradient = {k: sum(x.gradient[k] for x in out.each).numpy() / n for k in p}
    out.rate = rate(c, t)
    out.state = adam(c, state, out.gradient, out.rate)
    if c["lambda"] > 0:
        logits = np.array([out.terms["logit_real"], out.terms["logit_fake"]])
        d = float(R(c["lecam_decay"]))
        out.state.lecam = d * state.lecam + float(R(1 - c["lecam_decay"])) * logits
    return out


def adam(c, state, gradient, learning_rate):
    """7.3, 7.4"""
    R, t = state.p.R, state.step + 1
    real = lambda x: float(R(x))  # noqa: E731
    b1, b2 = c["beta1"], c["beta2"]
    new = State(Parameters(R), {}, {}, {}, state.lecam, t)
    for k, g in gradient.items():
        new.m[k] = real(b1) * state.m[k] + real(1 - b1) * g
        new.v[k] = real(b2) * state.v[k] + real(1 - b2) * g * g
        move = (new.m[k] / real(1 - b1 ** t)) / (np.sqrt(new.v[k] / real(1 - b2 ** t)) + real(c["epsilon"]))
        value = state.p[k].numpy() - real(learning_rate) * move
        new.p[k] = torch.tensor(value)
        if k in state.ema:
            new.ema[k] = real(c["ema"]) * state.ema[k] + real(1 - c["ema"]) * value
    return new

"""A port of two stages in numpy, as SPEC.md has them: SAQ (4.1 to 4.3) and the residual block (2.1, 3.4, 3.5, 6.2).
    python3 example_port.py VECTORS OUT        then: spae verify OUT
"""
import json, os, sys
import numpy as np

real, wide = np.float32, np.float64


def chain(terms):                                   # 1.3: in index order; numpy's own sum regroups
    return np.add.accumulate(terms, axis=0)[-1]


def convolve(x, kernel):                            # 2.1, 'SAME', stride 1: x (n,1,h,w,ci), kernel (kh,kw,ci,co)
    (n, _, h, w, ci), (kh, kw, _, co) = x.shape, kernel.shape
    padded = np.zeros((n, h + kh - 1, w + kw - 1, ci), real)
    padded[:, (kh - 1) // 2:(kh - 1) // 2 + h, (kw - 1) // 2:(kw - 1) // 2 + w] = x[:, 0]
    y = np.zeros((n, h, w, co), real)
    for a in range(kh):
        for b in range(kw):
            for i in range(ci):
                y = y + padded[:, a:a + h, b:b + w, i, None] * kernel[a, b, i]
    return y[:, None]


def group_norm(x, scale, bias, groups):             # 3.5, eps 1e-6
    n, _, h, w, c = x.shape
    g = x.reshape(n, h * w, groups, c // groups).transpose(1, 3, 0, 2).reshape(-1, n, groups).astype(wide)
    mean = chain(g) / len(g)
    r = 1 / np.sqrt(chain((g - mean) ** 2) / len(g) + 1e-6)
    spread = [np.repeat(a, c // groups, axis=1)[:, None, None, None, :] for a in (mean, r)]
    return ((x.astype(wide) - spread[0]) * spread[1]).astype(real) * scale + bias


def swish(x):                                       # 3.4; the wide exp, rounded once, is the correctly rounded one
    e = np.exp(-np.abs(x.astype(wide))).astype(real)
    return x * (np.where(x < 0, e, real(1)) / (1 + e))


def res_block(x, p, groups):                        # 6.2
    y = convolve(swish(group_norm(x, p["GroupNorm_0/scale"], p["GroupNorm_0/bias"], groups)), p["Conv_0/kernel"])
    y = convolve(swish(group_norm(y, p["GroupNorm_1/scale"], p["GroupNorm_1/bias"], groups)), p["Conv_1/kernel"])
    return y + (convolve(x, p["Conv_2/kernel"]) if "Conv_2/kernel" in p else x)


def positions(size, full):                          # 4.1, Eq. 1
    axis = [[f // s * (i + 1) - -(f // s // -2) for i in range(s)] for s, f in zip(size, full)]
    return [(t * full[1] + y) * full[2] + x for t in axis[0] for y in axis[1] for x in axis[2]]


def saq(z, e, pyramid):                             # 4.2 and 4.3, Eq. 2 and 3
    z, e, token, z_l, zhat = z.astype(wide), e.astype(wide), [], [], []
    residual, total, count = z.copy(), np.zeros_like(z), np.zeros(len(z), int)
    for layer, size in enumerate(pyramid):
        for at in positions(size, pyramid[-1]):
            k = int(np.argmin(chain(((residual[at] - e) ** 2).T)))      # the lowest of equal ones
            token.append(k), z_l.append(residual[at].copy())
            residual[at] += z[at] - e[k]
            total[at] += e[k]
            count[at] += 1
        zhat.append((total / np.maximum(count, 1)[:, None]).astype(real))
    return {"token": np.array(token, np.int32), "z_l": np.array(z_l), "zhat": np.array(zhat)}


vectors, out = sys.argv[1:]
for case in map(json.loads, list(open(f"{vectors}/MANIFEST"))[1:]):
    x = {a["name"]: np.load(f"{vectors}/{a['file']}") for a in case["in"] if "file" in a}
    if case["op"] == "quantize" and case["with"]["quantizer"] == "saq" and "out" in case:
        result = saq(x["z"], x["e"], case["with"]["pyramid"])
    elif case["op"] == "res_block" and case["with"]["ndim"] == 2:
        p, first = {}, 0
        for path, shape in next(a["layout"] for a in case["in"] if a["name"] == "parameters"):
            n = int(np.prod(shape))
            p[path.split("/", 1)[1]], first = x["parameters"][first:first + n].reshape(shape), first + n
        result = {"y": res_block(x["x"], p, case["with"]["groups"])}
    else:
        continue
    os.makedirs(f"{out}/{case['name']}", exist_ok=True)
    for name, array in result.items():
        np.save(f"{out}/{case['name']}/{name}.npy", array)

/* Bicubic resizing, and pictures for CLIP: bicubic.h has the formulas (SPEC 3.24, 3.25). */
#include "bicubic.h"

#include <math.h>
#include <string.h>

#include "../vendor_free/numerics.h"

enum { SIDE_MOST = (1 << 24) - 1, FRACTION = 22 }; /* a weight's bits behind the point */

/* What an output reads along an axis: samples lo .. lo + count - 1, their weights from `first` on.
 */
typedef struct {
    size_t lo, count, first;
} reach;

typedef struct {
    reach *at;      /* (m) */
    double *weight; /* of all outputs, one behind the other */
    int64_t *fixed; /* the same in fixed point */
} axis;

static double kernel(double x)
{
    const double a = fabs(x);
    if (a < 1)
        return (1.5 * a - 2.5) * a * a + 1;
    return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
}

/* Halves away from zero. |w| < 2, so that the sum is exact. */
static int64_t to_fixed(double w)
{
    const double scaled = w * (double)((int64_t)1 << FRACTION);
    return scaled < 0 ? -(int64_t)(0.5 - scaled) : (int64_t)(0.5 + scaled);
}

static reach reach_of(double centre, double wide, size_t n)
{
    const double from = centre - 2 * wide + 0.5, to = centre + 2 * wide + 0.5;
    const size_t lo = from > 0 ? (size_t)from : 0, hi = to < (double)n ? (size_t)to : n;
    return (reach){lo, hi - lo, 0};
}

/* Fills in the weights of output o, which begin at `first`; they sum to 1. */
static void weigh(axis *a, size_t o, double centre, double wide)
{
    const reach r = a->at[o];
    double sum = 0;
    for (size_t i = 0; i < r.count; i++) {
        a->weight[r.first + i] = kernel(((double)(r.lo + i) - centre + 0.5) / wide);
        sum += a->weight[r.first + i];
    }
    for (size_t i = 0; i < r.count; i++) {
        a->weight[r.first + i] /= sum;
        a->fixed[r.first + i] = to_fixed(a->weight[r.first + i]);
    }
}

/* The axis from n to m samples. */
static spae_status make_axis(size_t n, size_t m, spae_arena *arena, axis *a, spae_error *err)
{
    const double scale = (double)n / (double)m, wide = scale > 1 ? scale : 1;
    size_t weights = 0;
    a->at = spae_arena_take(arena, m, sizeof *a->at);
    for (size_t o = 0; a->at != NULL && o < m; o++) {
        a->at[o] = reach_of(((double)o + 0.5) * scale, wide, n);
        a->at[o].first = weights;
        weights += a->at[o].count;
    }
    a->weight = spae_arena_take(arena, weights, sizeof *a->weight);
    a->fixed = spae_arena_take(arena, weights, sizeof *a->fixed);
    if (a->at == NULL || a->weight == NULL || a->fixed == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY,
                         "bicubic: no memory for the weights from %zu to %zu samples", n, m);
    for (size_t o = 0; o < m; o++)
        weigh(a, o, ((double)o + 0.5) * scale, wide);
    return SPAE_OK;
}

static spae_status check(size_t H, size_t W, size_t C, const size_t size[2], spae_error *err)
{
    if (H >= 1 && W >= 1 && C >= 1 && size[0] >= 1 && size[1] >= 1 && H <= SIDE_MOST &&
        W <= SIDE_MOST && C <= SIDE_MOST && size[0] <= SIDE_MOST && size[1] <= SIDE_MOST &&
        W <= SIZE_MAX / H / C / sizeof(double) && size[1] <= SIZE_MAX / H / C / sizeof(double) &&
        size[1] <= SIZE_MAX / size[0] / C / sizeof(double))
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_SHAPE,
                     "bicubic: from (%zu,%zu,%zu) to (%zu,%zu): expected sides from 1 to %d", H, W,
                     C, size[0], size[1], SIDE_MOST);
}

/* ---- fixed point ---- */

/* y[o] of `lanes` numbers each from the x[i] that it reads, which are `lanes` apart. */
static void pass_bytes(const axis *a, size_t m, const uint8_t *x, size_t lanes, uint8_t *y)
{
    for (size_t o = 0; o < m; o++) {
        const reach r = a->at[o];
        for (size_t j = 0; j < lanes; j++) {
            int64_t sum = (int64_t)1 << (FRACTION - 1);
            for (size_t i = 0; i < r.count; i++)
                sum += a->fixed[r.first + i] * x[(r.lo + i) * lanes + j];
            y[o * lanes + j] = (uint8_t)(sum < 0                 ? 0
                                         : sum >> FRACTION > 255 ? 255
                                                                 : sum >> FRACTION);
        }
    }
}

spae_status spae_bicubic_bytes(const uint8_t *x, size_t H, size_t W, size_t C, const size_t size[2],
                               spae_arena *arena, uint8_t *y, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t h = size[0], w = size[1];
    axis across = {NULL, NULL, NULL}, down = across;
    spae_status status = check(H, W, C, size, err);
    if (status == SPAE_OK && w != W)
        status = make_axis(W, w, arena, &across, err);
    if (status == SPAE_OK && h != H)
        status = make_axis(H, h, arena, &down, err);
    uint8_t *rows = status == SPAE_OK ? spae_arena_take(arena, H * w * C, 1) : NULL;
    if (status == SPAE_OK && rows == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "bicubic: no memory for %zu rows of %zu pixels",
                           H, w);
    for (size_t i = 0; status == SPAE_OK && i < H; i++)
        if (w == W)
            memcpy(rows + i * w * C, x + i * W * C, w * C);
        else
            pass_bytes(&across, w, x + i * W * C, C, rows + i * w * C);
    if (status == SPAE_OK && h == H)
        memcpy(y, rows, H * w * C);
    else if (status == SPAE_OK)
        pass_bytes(&down, h, rows, w * C, y);
    spae_arena_reset(arena, mark);
    return status;
}

/* ---- real numbers ---- */

static double at_real(const void *x, size_t i)
{
    return (double)((const real *)x)[i];
}

static double at_double(const void *x, size_t i)
{
    return ((const double *)x)[i];
}

/* The sum of what output o of the axis reads in lane j. */
static double read_lane(const axis *a, size_t o, double (*at)(const void *x, size_t i),
                        const void *x, size_t lanes, size_t j)
{
    const reach r = a->at[o];
    double sum = 0;
    for (size_t i = 0; i < r.count; i++)
        sum += a->weight[r.first + i] * at(x, (r.lo + i) * lanes + j);
    return sum;
}

spae_status spae_bicubic_reals(const real *x, size_t H, size_t W, size_t C, const size_t size[2],
                               spae_arena *arena, real *y, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const size_t h = size[0], w = size[1];
    axis across, down;
    spae_status status = check(H, W, C, size, err);
    if (status == SPAE_OK)
        status = make_axis(W, w, arena, &across, err);
    if (status == SPAE_OK)
        status = make_axis(H, h, arena, &down, err);
    double *rows = status == SPAE_OK ? spae_arena_take(arena, H * w * C, sizeof *rows) : NULL;
    if (status == SPAE_OK && rows == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "bicubic: no memory for %zu rows of %zu pixels",
                           H, w);
    for (size_t i = 0; status == SPAE_OK && i < H; i++)
        for (size_t o = 0; o < w; o++)
            for (size_t j = 0; j < C; j++)
                rows[(i * w + o) * C + j] = read_lane(&across, o, at_real, x + i * W * C, C, j);
    for (size_t o = 0; status == SPAE_OK && o < h; o++)
        for (size_t j = 0; j < w * C; j++)
            y[o * w * C + j] = (real)read_lane(&down, o, at_double, rows, w * C, j);
    spae_arena_reset(arena, mark);
    return status;
}

/* ---- for CLIP ---- */

const double spae_clip_mean[3] = {0.48145466, 0.4578275, 0.40821073};
const double spae_clip_deviation[3] = {0.26862954, 0.26130258, 0.27577711};

void spae_clip_resized(size_t H, size_t W, size_t n, size_t size[2])
{
    const uint64_t shorter = H < W ? H : W; /* sides are below 2^24, or refused later */
    size[0] = H <= W ? n : (size_t)((uint64_t)n * H / shorter);
    size[1] = W <= H ? n : (size_t)((uint64_t)n * W / shorter);
}

/* Half of it, halves to even. */
static size_t half_to_even(size_t n)
{
    return n / 2 + (n % 4 == 3);
}

static void cut_centre(const uint8_t *x, const size_t size[2], size_t n, uint8_t *y)
{
    const size_t top = half_to_even(size[0] - n), left = half_to_even(size[1] - n);
    for (size_t i = 0; i < n; i++)
        memcpy(y + i * n * 3, x + ((top + i) * size[1] + left) * 3, n * 3);
}

spae_status spae_clip_prepare(const uint8_t *x, size_t H, size_t W, size_t n, const double mean[3],
                              const double deviation[3], spae_arena *arena, uint8_t *resized,
                              uint8_t *cropped, real *y, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    size_t size[2] = {0, 0};
    if (H > 0 && W > 0 && H <= SIDE_MOST && W <= SIDE_MOST && n <= SIDE_MOST)
        spae_clip_resized(H, W, n, size);
    spae_status status = check(H, W, 3, size, err);
    uint8_t *all = status != SPAE_OK ? NULL
                   : resized != NULL ? resized
                                     : spae_arena_take(arena, size[0] * size[1] * 3, 1);
    uint8_t *centre = status != SPAE_OK ? NULL
                      : cropped != NULL ? cropped
                                        : spae_arena_take(arena, n * n * 3, 1);
    if (status == SPAE_OK && (all == NULL || centre == NULL))
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "clip: no memory for a picture of (%zu,%zu)",
                           size[0], size[1]);
    if (status == SPAE_OK)
        status = spae_bicubic_bytes(x, H, W, 3, size, arena, all, err);
    if (status == SPAE_OK) {
        cut_centre(all, size, n, centre);
        for (size_t i = 0; i < n * n * 3; i++)
            y[i] = (real)(((double)centre[i] / 255 - mean[i % 3]) / deviation[i % 3]);
    }
    spae_arena_reset(arena, mark);
    return status;
}

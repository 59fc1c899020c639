/* The networks behind FID, FVD and LPIPS on AlexNet, with generated parameters under their published names. */
#include "ops.h"

#include "../../nn/i3d.h"
#include "../../nn/inception.h"
#include "../../nn/lpips.h"
#include "../../nn/ops.h"
#include "compare.h"
#include "torchvision.h"
#include "work.h"

/* A running tape, since no case has gradients: what a network no longer needs is dropped. */
typedef struct {
    oracle_case *c;
    spae_tape tape;
    spae_network network;
    spae_parameters parameters;
    spae_error err;
} running;

/* Everything that the networks of a case ask for, by their order of use on a planning tape. */
typedef void asker(running *r, const void *description, spae_var x);

static void start(running *r, oracle_case *c, asker *ask, const void *description, spae_shape x)
{
    spae_tape plan;
    *r = (running){.c = c, .parameters = {.arena = c->arena}};
    spae_tape_start(&plan, c->arena, SPAE_TAPE_PLAN, &r->err);
    spae_network_declare(&r->network, &plan, &r->parameters);
    ask(r, description, spae_tape_constant(&plan, x, NULL));
    if (plan.status != SPAE_OK)
        oracle_abort(c, "%s", r->err.text);
    const real *values = oracle_read_torchvision(c, &r->parameters);
    spae_tape_start(&r->tape, c->arena, SPAE_TAPE_RUN, &r->err);
    spae_network_bind(&r->network, &r->tape, &r->parameters, values);
}

static void compare(running *r, const char *name, spae_var y)
{
    if (y == NULL || r->tape.status != SPAE_OK)
        oracle_abort(r->c, "%s", r->err.text);
    oracle_compare(r->c, name, y->shape, y->value);
}

static spae_var constant_of(running *r, const oracle_array *a, spae_shape shape)
{
    return spae_tape_constant(&r->tape, shape, oracle_reals(r->c, a));
}

/* ---- Inception-v3 ---- */

static void ask_inception(running *r, const void *description, spae_var x)
{
    spae_inception_logits(&r->network, description, spae_inception_features(&r->network, description, x), true);
}

static void inception(oracle_case *c)
{
    static const char *const name[] = {"out_pool64", "out_pool192", "out_pool768", "out_pool"};
    running r;
    spae_inception d = spae_inception_published();
    const bool resize = oracle_flag(c, "resize");
    const oracle_array a = oracle_read(c, "in_x");
    d.bn_eps = oracle_number(c, "bn_eps");
    const spae_shape shape = oracle_shape_picture(c, &a, 2);
    start(&r, c, ask_inception, &d, spae_shape_of(1, 1, SPAE_INCEPTION_SIDE, SPAE_INCEPTION_SIDE, 3));
    spae_var x = constant_of(&r, &a, shape), y = NULL;
    if (resize)
        x = spae_fid_resize(&r.tape, x, SPAE_INCEPTION_SIDE, SPAE_INCEPTION_SIDE);
    for (size_t i = 0; i < SPAE_INCEPTION_STAGES; i++) {
        d.stages = i + 1;
        y = spae_inception_features(&r.network, &d, x);
        compare(&r, name[i], y);
    }
    compare(&r, "out_logits", spae_inception_logits(&r.network, &d, y, true));
    compare(&r, "out_logits_unbiased", spae_inception_logits(&r.network, &d, y, false));
}

static void fid_resize(oracle_case *c)
{
    oracle_work w;
    size_t size[2];
    const oracle_array a = oracle_read(c, "in_x");
    oracle_start(&w, c);
    oracle_sizes(c, "size", 2, 1, 4096, size);
    oracle_finish(&w, "out_y", spae_fid_resize(&w.tape, oracle_leaf(&w, &a, oracle_shape_picture(c, &a, 2)), size[0], size[1]));
}

/* ---- I3D ---- */

static void ask_i3d(running *r, const void *description, spae_var x)
{
    spae_i3d_logits(&r->network, description, spae_i3d_features(&r->network, description, x));
}

static void i3d(oracle_case *c)
{
    static const char *const name[] = {"out_mean_1a", "out_mean_2c", "out_mean_3c", "out_mean_4f", "out_pool"};
    running r;
    spae_i3d d = spae_i3d_published();
    const oracle_array a = oracle_read(c, "in_x");
    d.bn_eps = oracle_number(c, "bn_eps");
    oracle_expect(c, "pool", "global");
    const spae_shape shape = oracle_shape_picture(c, &a, 3);
    start(&r, c, ask_i3d, &d, shape);
    spae_var x = constant_of(&r, &a, shape), y = NULL;
    for (size_t i = 0; i < SPAE_I3D_STAGES; i++) {
        d.stages = i + 1;
        y = spae_i3d_features(&r.network, &d, x);
        compare(&r, name[i], y);
    }
    compare(&r, "out_logits", spae_i3d_logits(&r.network, &d, y));
}

/* ---- LPIPS on AlexNet ---- */

static void ask_lpips(running *r, const void *description, spae_var x)
{
    spae_lpips_alexnet(&r->network, description, x, x, NULL);
}

/* The constants are LPIPS's own: the case must name the same. */
static void lpips_alex(oracle_case *c)
{
    running r;
    spae_var distance[SPAE_LPIPS_TAPS];
    const spae_alexnet d = {.width = 64};
    const oracle_array a = oracle_read(c, "in_a"), b = oracle_read(c, "in_b");
    oracle_expect(c, "shift", "-0.03 -0.088 -0.188");
    oracle_expect(c, "scale", "0.458 0.448 0.45");
    oracle_expect(c, "eps", "1e-10");
    const spae_shape shape = oracle_shape_picture(c, &a, 2);
    start(&r, c, ask_lpips, &d, shape);
    spae_tape_start(&r.tape, c->arena, SPAE_TAPE_RECORD, &r.err); /* one that keeps the parts */
    spae_network_bind(&r.network, &r.tape, &r.parameters, r.network.values);
    spae_var y = spae_lpips_alexnet(&r.network, &d, constant_of(&r, &a, shape), constant_of(&r, &b, shape), distance);
    compare(&r, "out_distance", y);
    const size_t n = shape.axis[SPAE_AXIS_N];
    real *taps = oracle_take(c, n * SPAE_LPIPS_TAPS, sizeof *taps);
    for (size_t i = 0; i < n * SPAE_LPIPS_TAPS; i++)
        taps[i] = distance[i % SPAE_LPIPS_TAPS]->value[i / SPAE_LPIPS_TAPS];
    oracle_compare(c, "out_taps", spae_shape_of(1, 1, 1, n, SPAE_LPIPS_TAPS), taps);
}

const oracle_op oracle_feature_ops[] = {{"inception_v3_fid", inception},
                                        {"fid_resize", fid_resize},
                                        {"i3d", i3d},
                                        {"lpips_alex", lpips_alex},
                                        {NULL, NULL}};

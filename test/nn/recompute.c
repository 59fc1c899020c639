/* Recomputed blocks: the bits of plain ones, less memory, and every use that would change a bit refused. */
#include "fixture.h"
#include "nn/recompute.h"
#include "nn/vqgan.h"

/* ---- the residual blocks of the VQGAN ---- */

typedef spae_var vqgan_half(spae_network *network, const spae_vqgan *v, spae_var x);

static spae_vqgan small(size_t ndim)
{
    return (spae_vqgan){.ndim = ndim, .filters = 4, .scales = 2, .multipliers = {1, 2}, .res_blocks = 2, .embedding = 5,
                        .groups = 2, .eps = 1e-6, .temporal = {true}};
}

/* What a step of one half of the network leaves behind. */
typedef struct {
    fixture f;
    spae_parameters parameters;
    spae_var x, y, gradient[128]; /* of x, then of every parameter */
    size_t peak;
    uint64_t multiply_adds;
} step;

/* y = half(x), then the gradient of sum(y u): values where the mode has any. */
static void take_step(step *s, vqgan_half *half, size_t ndim, spae_shape in, spae_tape_mode mode, bool recompute)
{
    const spae_vqgan v = small(ndim);
    spae_network network;
    spae_var asked[128];
    fixture_open(&s->f, SPAE_TAPE_PLAN);
    spae_arena *arena = &s->f.arena;
    s->parameters = (spae_parameters){.arena = arena};
    spae_network_declare(&network, &s->f.tape, &s->parameters);
    const spae_shape out = half(&network, &v, spae_tape_leaf(&s->f.tape, in, NULL))->shape;
    ck_assert_uint_lt(s->parameters.count, 127);
    real *values = spae_arena_take(arena, s->parameters.elements, sizeof *values);
    real *x = spae_arena_take(arena, spae_shape_count(in), sizeof *x);
    real *u = spae_arena_take(arena, spae_shape_count(out), sizeof *u);
    fill(values, s->parameters.elements, 5);
    fill(x, spae_shape_count(in), 6);
    fill(u, spae_shape_count(out), 7);
    const size_t before = arena->used;
    arena->peak = before;
    spae_tape_start(&s->f.tape, arena, mode, &s->f.err);
    spae_network_bind(&network, &s->f.tape, &s->parameters, values);
    network.recompute = recompute;
    asked[0] = s->x = spae_tape_leaf(&s->f.tape, in, x);
    s->y = half(&network, &v, s->x);
    ck_assert_int_eq(s->f.tape.status, SPAE_OK);
    for (size_t i = 0; i < s->parameters.count; i++)
        asked[1 + i] = network.leaf[i];
    ck_assert_int_eq(spae_tape_gradient(&s->f.tape, s->y, spae_tape_constant(&s->f.tape, out, u), asked,
                                        1 + s->parameters.count, s->gradient),
                     SPAE_OK);
    s->peak = arena->peak - before;
    s->multiply_adds = s->f.tape.multiply_adds;
}

static void same_steps(vqgan_half *half, size_t ndim, spae_shape in)
{
    static step plain, again;
    take_step(&plain, half, ndim, in, SPAE_TAPE_RECORD, false);
    take_step(&again, half, ndim, in, SPAE_TAPE_RECORD, true);
    ck_assert(same_bits(plain.y->value, again.y->value, spae_shape_count(plain.y->shape)));
    for (size_t i = 0; i <= plain.parameters.count; i++)
        ck_assert_msg(same_bits(plain.gradient[i]->value, again.gradient[i]->value,
                                spae_shape_count(plain.gradient[i]->shape)),
                      "%s", i == 0 ? "x" : plain.parameters.item[i - 1].path);
    ck_assert_uint_lt(again.peak, plain.peak);
    ck_assert_uint_gt(again.multiply_adds, plain.multiply_adds);
    fixture_close(&plain.f);
    fixture_close(&again.f);
}

START_TEST(pictures_have_the_same_bits)
{
    same_steps(spae_vqgan_encode, 2, spae_shape_of(1, 1, 12, 8, 3));
    same_steps(spae_vqgan_decode, 2, spae_shape_of(1, 1, 5, 3, 5));
    same_steps(spae_vqgan_decode, 2, spae_shape_of(2, 1, 2, 3, 5)); /* two examples */
}
END_TEST

START_TEST(video_has_the_same_bits)
{
    same_steps(spae_vqgan_encode, 3, spae_shape_of(1, 4, 6, 8, 3));
    same_steps(spae_vqgan_decode, 3, spae_shape_of(1, 2, 3, 2, 5));
}
END_TEST

/* A plan of the step knows its peak and its work, to the byte. */
START_TEST(plans_know_the_peak)
{
    static step real_one, plan;
    for (int recompute = 0; recompute < 2; recompute++)
        for (size_t ndim = 2; ndim <= 3; ndim++) {
            vqgan_half *const half = ndim == 2 ? spae_vqgan_decode : spae_vqgan_encode;
            const spae_shape in = ndim == 2 ? spae_shape_of(1, 1, 3, 4, 5) : spae_shape_of(1, 4, 6, 4, 3);
            take_step(&real_one, half, ndim, in, SPAE_TAPE_RECORD, recompute != 0);
            take_step(&plan, half, ndim, in, SPAE_TAPE_PLAN_RECORD, recompute != 0);
            ck_assert_uint_eq(plan.peak, real_one.peak);
            ck_assert_uint_eq(plan.multiply_adds, real_one.multiply_adds);
            ck_assert_ptr_null(plan.gradient[1]->value);
            ck_assert(spae_shape_equal(plan.gradient[1]->shape, real_one.gradient[1]->shape));
            fixture_close(&real_one.f);
            fixture_close(&plan.f);
        }
}
END_TEST

/* ---- a block of our own: x + x * kernel of path root/Conv_<number>, a 1x1 convolution ---- */

typedef struct {
    spae_scope scope;
    size_t co;
} own;

static spae_var own_block(spae_network *network, const void *context, spae_var x)
{
    const own *o = context;
    spae_scope scope = o->scope;
    return spae_add(network->tape, x, spae_layer_conv(network, &scope, x, 2, 1, o->co, false));
}

/* It uses Conv_0 and Conv_2. */
static spae_var gap_block(spae_network *network, const void *context, spae_var x)
{
    spae_scope scope = ((const own *)context)->scope;
    spae_var a = spae_layer_conv(network, &scope, x, 2, 1, 2, false);
    scope.conv = 2;
    return spae_add(network->tape, a, spae_layer_conv(network, &scope, x, 2, 1, 2, false));
}

static spae_var square_block(spae_network *network, const void *context, spae_var x)
{
    (void)context;
    return spae_mul(network->tape, x, x);
}

/* Three 2x2 kernels: root/Conv_0, root/Conv_1, root/Conv_2. */
typedef struct {
    fixture f;
    spae_parameters parameters;
    spae_network network;
    real values[12];
    spae_var x; /* (1,1,1,1,2) = 1, -2 */
} trial;

static void start(trial *t, spae_tape_mode mode)
{
    fixture_open(&t->f, SPAE_TAPE_PLAN);
    t->parameters = (spae_parameters){.arena = &t->f.arena};
    spae_network_declare(&t->network, &t->f.tape, &t->parameters);
    spae_scope scope = spae_scope_root("root");
    spae_var x = spae_tape_leaf(&t->f.tape, vector(2), NULL);
    for (size_t i = 0; i < 3; i++)
        x = spae_layer_conv(&t->network, &scope, x, 2, 1, 2, false);
    for (size_t i = 0; i < 12; i++)
        t->values[i] = (real)i + 1;
    spae_tape_start(&t->f.tape, &t->f.arena, mode, &t->f.err);
    spae_network_bind(&t->network, &t->f.tape, &t->parameters, t->values);
    t->x = leaf_of(&t->f, vector(2), (const real[]){1, -2});
}

static spae_var own_one(trial *t, unsigned number, spae_var x)
{
    own o = {spae_scope_root("root"), 2};
    o.scope.conv = number;
    return spae_recompute(&t->network, own_block, &o, sizeof o, x);
}

START_TEST(by_hand)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_var y = own_one(&t, 0, t.x);
    ck_assert_value(y, -4, -8); /* 1 - 2 * {3, 4} = {-5, -6} + {1, -2} */
    ck_assert_uint_eq(t.f.tape.multiply_adds, 4);
    spae_var dy = leaf_of(&t.f, vector(2), (const real[]){1, 10});
    const spae_var asked[2] = {t.x, t.network.leaf[0]};
    spae_var g[2];
    ck_assert_int_eq(spae_tape_gradient(&t.f.tape, y, dy, asked, 2, g), SPAE_OK);
    ck_assert_value(g[0], 22, 53);          /* {1, 10} + {1 + 20, 3 + 40} */
    ck_assert_value(g[1], 1, 10, -2, -20);
    ck_assert_uint_eq(t.f.tape.multiply_adds, 4 * 4); /* forward, again, and two gradients */
    ck_assert_value(gradient_of(&t.f, y, dy, t.network.leaf[0]), 1, 10, -2, -20); /* a second sweep */
    ck_assert_value(gradient_of(&t.f, y, dy, y), 1, 10);
    ck_assert_value(gradient_of(&t.f, spae_scale(&t.f.tape, t.x, 2), NULL, t.network.leaf[0]), 0, 0, 0, 0);
    fixture_close(&t.f);
}
END_TEST

START_TEST(a_constant_input_leaves_the_parameters_gradients)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    const real two[2] = {1, -2};
    spae_var y = own_one(&t, 1, spae_tape_constant(&t.f.tape, vector(2), two));
    ck_assert_value(gradient_of(&t.f, y, NULL, t.network.leaf[1]), 1, 1, -2, -2);
    fixture_close(&t.f);
}
END_TEST

START_TEST(a_block_without_parameters)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_var y = spae_recompute(&t.network, square_block, "", 0, t.x);
    ck_assert_value(y, 1, 4);
    ck_assert_value(gradient_of(&t.f, y, NULL, t.x), 2, -4);
    const real two[2] = {1, -2};
    y = spae_recompute(&t.network, square_block, "", 0, spae_tape_constant(&t.f.tape, vector(2), two));
    ck_assert(!y->differentiable);
    fixture_close(&t.f);
}
END_TEST

/* What stands before the block may use x too: its share of the gradient comes last either way. */
START_TEST(x_may_be_used_before_the_block)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_var before = spae_scale(&t.f.tape, t.x, 100), y = spae_add(&t.f.tape, own_one(&t, 0, t.x), before);
    ck_assert_value(gradient_of(&t.f, y, NULL, t.x), 104, 108);
    fixture_close(&t.f);
}
END_TEST

START_TEST(other_tapes_run_the_block_plainly)
{
    trial t;
    start(&t, SPAE_TAPE_RUN);
    ck_assert_value(own_one(&t, 0, t.x), -4, -8);
    fixture_close(&t.f);
    start(&t, SPAE_TAPE_PLAN);
    ck_assert_str_eq(own_one(&t, 0, t.x)->op->name, "add");
    ck_assert_uint_eq(t.f.tape.multiply_adds, 4);
    fixture_close(&t.f);
}
END_TEST

/* ---- what is refused ---- */

static void sweep_refused(trial *t, spae_var y, spae_var x, const char *part)
{
    spae_var g;
    ck_assert_ptr_nonnull(y);
    ck_assert_int_eq(spae_tape_gradient(&t->f.tape, y, NULL, &x, 1, &g), SPAE_ERR_ARGUMENT);
    ck_assert_ptr_null(g);
    ck_assert_ptr_nonnull(strstr(t->f.err.text, part));
    fixture_close(&t->f);
}

START_TEST(x_used_after_the_block)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_var y = own_one(&t, 0, t.x);
    sweep_refused(&t, spae_add(&t.f.tape, y, spae_scale(&t.f.tape, t.x, 100)), t.x,
                  "is used after it (elements, of the result) (2 and 2)");
}
END_TEST

START_TEST(a_parameter_used_after_the_block)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_scope scope = spae_scope_root("root");
    spae_var y = own_one(&t, 0, t.x);
    y = spae_layer_conv(&t.network, &scope, y, 2, 1, 2, false);
    sweep_refused(&t, y, t.network.leaf[0], "is used after it (elements, of the result) (4 and 2)");
}
END_TEST

START_TEST(a_parameter_used_before_the_block)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_var y = own_one(&t, 0, t.x);
    ck_assert_refused(&t.f, own_one(&t, 0, y), SPAE_ERR_ARGUMENT, "is used before it (place, elements) (0 and 4)");
    fixture_close(&t.f);
}
END_TEST

START_TEST(parameters_apart)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    const own o = {spae_scope_root("root"), 2};
    ck_assert_refused(&t.f, spae_recompute(&t.network, gap_block, &o, sizeof o, t.x), SPAE_ERR_ARGUMENT,
                      "parameters are apart (first, number) (0 and 2)");
    fixture_close(&t.f);
}
END_TEST

START_TEST(gradients_of_gradients)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    spae_var y = own_one(&t, 0, t.x), g = gradient_of(&t.f, y, NULL, t.x);
    spae_var other = spae_scale(&t.f.tape, g, 2);
    sweep_refused(&t, other, t.network.leaf[0], "has itself no gradient (elements, parameters) (2 and 1)");
    start(&t, SPAE_TAPE_RECORD);
    y = own_one(&t, 0, t.x);
    g = gradient_of(&t.f, y, NULL, t.network.leaf[0]);
    sweep_refused(&t, g, t.x, "has itself no gradient (elements, parameters) (4 and 1)");
}
END_TEST

START_TEST(what_the_block_refuses)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    const own o = {spae_scope_root("root"), 3};
    ck_assert_refused(&t.f, spae_recompute(&t.network, own_block, &o, sizeof o, t.x), SPAE_ERR_SHAPE,
                      "declared otherwise");
    ck_assert_ptr_null(spae_recompute(&t.network, own_block, &o, sizeof o, NULL));
    fixture_close(&t.f);
}
END_TEST

/* All sizes of a fixed block up to the first that suffices: each refusal is SPAE_ERR_NO_MEMORY, wherever it comes. */
START_TEST(memory_that_runs_out)
{
    trial t;
    start(&t, SPAE_TAPE_RECORD);
    bool done = false;
    size_t bytes = 0;
    for (; !done; bytes += SPAE_ALIGNMENT) {
        unsigned char *memory = malloc(bytes + 1); /* its own block: sanitizers see a step outside */
        const real two[2] = {1, -2};
        spae_arena arena;
        spae_var g[2] = {NULL, NULL};
        spae_arena_fixed(&arena, memory, bytes);
        spae_tape_start(&t.f.tape, &arena, SPAE_TAPE_RECORD, &t.f.err);
        spae_network_bind(&t.network, &t.f.tape, &t.parameters, t.values);
        real *x = spae_arena_take(&arena, 2, sizeof *x);
        t.x = x != NULL ? spae_tape_leaf(&t.f.tape, vector(2), memcpy(x, two, sizeof two)) : NULL;
        spae_var y = t.f.tape.status == SPAE_OK ? own_one(&t, 0, t.x) : NULL;
        if (y != NULL) {
            const spae_var asked[2] = {t.x, t.network.leaf[0]};
            done = spae_tape_gradient(&t.f.tape, y, NULL, asked, 2, g) == SPAE_OK;
        }
        if (done)
            ck_assert_value(g[1], 1, 1, -2, -2);
        else
            ck_assert(t.f.tape.status == SPAE_ERR_NO_MEMORY || x == NULL || t.x == NULL);
        free(memory);
    }
    ck_assert_uint_gt(bytes, 4096);
    fixture_close(&t.f);
}
END_TEST

SUITE(suite_nn_recompute, "nn/recompute", pictures_have_the_same_bits, video_has_the_same_bits, plans_know_the_peak,
      by_hand, a_constant_input_leaves_the_parameters_gradients, a_block_without_parameters,
      x_may_be_used_before_the_block, other_tapes_run_the_block_plainly, x_used_after_the_block,
      a_parameter_used_after_the_block, a_parameter_used_before_the_block, parameters_apart, gradients_of_gradients,
      what_the_block_refuses, memory_that_runs_out)

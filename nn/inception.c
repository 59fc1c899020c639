/* The Inception-v3 of inception.h: a table of blocks, each of branches whose maps stand one after the other in the channels,
 * each of units (convolution, batch norm, ReLU). Units of stride 1 inside blocks keep the size, those of stride 2 have no
 * padding.
 */
#include "inception.h"

#include "ops.h"

/* ---- the architecture ---- */

typedef struct {
    const char *name; /* NULL behind the last */
    size_t height, width, channels, stride; /* channels 0: the block's own number */
} unit;

typedef enum { AS_IT_IS, MEAN_3X3, MAX_3X3_HALVED } pooling;

enum { STEPS = 6, FORK = 2, BRANCHES = 4 };

typedef struct {
    pooling before;    /* the units */
    unit step[STEPS];  /* one after the other */
    unit fork[FORK];   /* then these side by side, where there are any */
} branch;

typedef struct {
    const char *name;
    const branch *branch; /* (branches) */
    size_t branches, own; /* own: channels of units that name none */
    bool last;            /* Mixed_7c: max pooling where the others take the mean */
} block;

static const branch mixed_5[] = {
    {.step = {{"branch1x1", 1, 1, 64, 1}}},
    {.step = {{"branch5x5_1", 1, 1, 48, 1}, {"branch5x5_2", 5, 5, 64, 1}}},
    {.step = {{"branch3x3dbl_1", 1, 1, 64, 1}, {"branch3x3dbl_2", 3, 3, 96, 1}, {"branch3x3dbl_3", 3, 3, 96, 1}}},
    {MEAN_3X3, .step = {{"branch_pool", 1, 1, 0, 1}}}};
static const branch mixed_6a[] = {
    {.step = {{"branch3x3", 3, 3, 384, 2}}},
    {.step = {{"branch3x3dbl_1", 1, 1, 64, 1}, {"branch3x3dbl_2", 3, 3, 96, 1}, {"branch3x3dbl_3", 3, 3, 96, 2}}},
    {MAX_3X3_HALVED, .step = {{NULL, 0, 0, 0, 0}}}};
static const branch mixed_6[] = {
    {.step = {{"branch1x1", 1, 1, 192, 1}}},
    {.step = {{"branch7x7_1", 1, 1, 0, 1}, {"branch7x7_2", 1, 7, 0, 1}, {"branch7x7_3", 7, 1, 192, 1}}},
    {.step = {{"branch7x7dbl_1", 1, 1, 0, 1},
              {"branch7x7dbl_2", 7, 1, 0, 1},
              {"branch7x7dbl_3", 1, 7, 0, 1},
              {"branch7x7dbl_4", 7, 1, 0, 1},
              {"branch7x7dbl_5", 1, 7, 192, 1}}},
    {MEAN_3X3, .step = {{"branch_pool", 1, 1, 192, 1}}}};
static const branch mixed_7a[] = {
    {.step = {{"branch3x3_1", 1, 1, 192, 1}, {"branch3x3_2", 3, 3, 320, 2}}},
    {.step = {{"branch7x7x3_1", 1, 1, 192, 1},
              {"branch7x7x3_2", 1, 7, 192, 1},
              {"branch7x7x3_3", 7, 1, 192, 1},
              {"branch7x7x3_4", 3, 3, 192, 2}}},
    {MAX_3X3_HALVED, .step = {{NULL, 0, 0, 0, 0}}}};
static const branch mixed_7[] = {
    {.step = {{"branch1x1", 1, 1, 320, 1}}},
    {.step = {{"branch3x3_1", 1, 1, 384, 1}}, .fork = {{"branch3x3_2a", 1, 3, 384, 1}, {"branch3x3_2b", 3, 1, 384, 1}}},
    {.step = {{"branch3x3dbl_1", 1, 1, 448, 1}, {"branch3x3dbl_2", 3, 3, 384, 1}},
     .fork = {{"branch3x3dbl_3a", 1, 3, 384, 1}, {"branch3x3dbl_3b", 3, 1, 384, 1}}},
    {MEAN_3X3, .step = {{"branch_pool", 1, 1, 192, 1}}}};

/* The stages behind the stem: up to Mixed_6e, up to Mixed_7c. */
static const block to_6e[] = {{"Mixed_5b", mixed_5, 4, 32, false},  {"Mixed_5c", mixed_5, 4, 64, false},
                              {"Mixed_5d", mixed_5, 4, 64, false},  {"Mixed_6a", mixed_6a, 3, 0, false},
                              {"Mixed_6b", mixed_6, 4, 128, false}, {"Mixed_6c", mixed_6, 4, 160, false},
                              {"Mixed_6d", mixed_6, 4, 160, false}, {"Mixed_6e", mixed_6, 4, 192, false}};
static const block to_7c[] = {
    {"Mixed_7a", mixed_7a, 3, 0, false}, {"Mixed_7b", mixed_7, 4, 0, false}, {"Mixed_7c", mixed_7, 4, 0, true}};

/* ---- units ---- */

static spae_var parameter(spae_network *network, const spae_scope *scope, const char *leaf, size_t channels)
{
    return spae_network_parameter(network, scope, leaf, 1, spae_shape_of(1, 1, 1, 1, channels));
}

static spae_var batch_norm(spae_network *network, const spae_inception *d, const spae_scope *scope, spae_var x)
{
    const size_t c = x != NULL ? x->shape.axis[SPAE_AXIS_C] : 0;
    if (x == NULL)
        return NULL;
    spae_var scale = parameter(network, scope, "scale", c), bias = parameter(network, scope, "bias", c);
    spae_var mean = parameter(network, scope, "mean", c), var = parameter(network, scope, "var", c);
    return spae_batch_norm(network->tape, x, scale, bias, mean, var, d->bn_eps);
}

/* Convolution, batch norm, ReLU; `pad` cells around. */
static spae_var run_unit(spae_network *network, const spae_inception *d, const spae_scope *parent, const unit *u,
                         size_t channels, const size_t pad[3], spae_var x)
{
    if (x == NULL)
        return NULL;
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope scope = spae_scope_inside(parent, u->name), conv = spae_scope_inside(&scope, "conv"),
                     norm = spae_scope_inside(&scope, "bn");
    const size_t stride[3] = {1, u->stride, u->stride};
    const spae_shape shape = spae_shape_of(1, u->height, u->width, x->shape.axis[SPAE_AXIS_C], channels / d->divisor);
    spae_var kernel = spae_network_parameter(network, &conv, "kernel", 4, shape);
    x = batch_norm(network, d, &norm, spae_convolve_padded(tape, x, kernel, NULL, stride, pad));
    return spae_tape_keep(tape, mark, spae_leaky_relu(tape, x, 0));
}

static spae_var unit_of_block(spae_network *network, const spae_inception *d, const spae_scope *scope, const block *b,
                              const unit *u, spae_var x)
{
    const bool keeps = u->stride == 1;
    const size_t pad[3] = {0, keeps ? u->height / 2 : 0, keeps ? u->width / 2 : 0};
    return run_unit(network, d, scope, u, u->channels > 0 ? u->channels : b->own, pad, x);
}

/* ---- branches and blocks ---- */

static spae_var pool(spae_tape *tape, pooling how, bool last, spae_var x)
{
    const size_t three[3] = {1, 3, 3}, one[3] = {1, 1, 1}, two[3] = {1, 2, 2}, around[3] = {0, 1, 1}, none[3] = {0, 0, 0};
    if (how == MAX_3X3_HALVED)
        return spae_max_pool(tape, x, three, two, none);
    if (how == MEAN_3X3)
        return last ? spae_max_pool(tape, x, three, one, around) : spae_mean_around(tape, x, three);
    return x;
}

static spae_var run_branch(spae_network *network, const spae_inception *d, const spae_scope *scope, const block *b,
                           const branch *way, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    x = pool(tape, way->before, b->last, x);
    for (const unit *u = way->step; u < way->step + STEPS && u->name != NULL; u++)
        x = unit_of_block(network, d, scope, b, u, x);
    if (way->fork[0].name != NULL) {
        spae_var left = unit_of_block(network, d, scope, b, &way->fork[0], x);
        x = spae_join_columns(tape, left, unit_of_block(network, d, scope, b, &way->fork[1], x));
    }
    return spae_tape_keep(tape, mark, x);
}

static spae_var run_block(spae_network *network, const spae_inception *d, const block *b, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    const spae_scope root = spae_scope_root(""), scope = spae_scope_inside(&root, b->name);
    spae_var y = run_branch(network, d, &scope, b, &b->branch[0], x);
    for (size_t i = 1; i < b->branches; i++)
        y = spae_join_columns(tape, y, run_branch(network, d, &scope, b, &b->branch[i], x));
    return spae_tape_keep(tape, mark, y);
}

/* ---- the stem ---- */

static spae_var stem_unit(spae_network *network, const spae_inception *d, const unit *u, size_t around, spae_var x)
{
    const spae_scope root = spae_scope_root("");
    const size_t pad[3] = {0, around, around};
    return run_unit(network, d, &root, u, u->channels, pad, x);
}

static spae_var first_stage(spae_network *network, const spae_inception *d, spae_var x)
{
    static const unit a = {"Conv2d_1a_3x3", 3, 3, 32, 2}, b = {"Conv2d_2a_3x3", 3, 3, 32, 1}, c = {"Conv2d_2b_3x3", 3, 3, 64, 1};
    x = stem_unit(network, d, &a, 0, x);
    x = stem_unit(network, d, &b, 0, x);
    x = stem_unit(network, d, &c, 1, x);
    return pool(network->tape, MAX_3X3_HALVED, false, x);
}

static spae_var second_stage(spae_network *network, const spae_inception *d, spae_var x)
{
    static const unit a = {"Conv2d_3b_1x1", 1, 1, 80, 1}, b = {"Conv2d_4a_3x3", 3, 3, 192, 1};
    x = stem_unit(network, d, &a, 0, x);
    x = stem_unit(network, d, &b, 0, x);
    return pool(network->tape, MAX_3X3_HALVED, false, x);
}

/* ---- all of it ---- */

spae_inception spae_inception_published(void)
{
    return (spae_inception){.divisor = 1, .stages = SPAE_INCEPTION_STAGES, .classes = 1008, .bn_eps = 1e-3};
}

static bool is_network(const spae_inception *d)
{
    return d->divisor >= 1 && d->divisor <= 16 && 16 % d->divisor == 0 && d->stages >= 1 && d->stages <= SPAE_INCEPTION_STAGES;
}

spae_var spae_inception_features(spae_network *network, const spae_inception *d, spae_var x)
{
    spae_tape *tape = network->tape;
    const spae_arena_mark mark = spae_arena_here(tape->arena);
    if (!is_network(d))
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "inception: no such network (divisor, stages)", d->divisor, d->stages);
    x = first_stage(network, d, x);
    if (d->stages > 1)
        x = second_stage(network, d, x);
    x = spae_tape_keep(tape, mark, x);
    for (size_t i = 0; d->stages > 2 && i < sizeof to_6e / sizeof to_6e[0]; i++)
        x = spae_tape_keep(tape, mark, run_block(network, d, &to_6e[i], x));
    for (size_t i = 0; d->stages > 3 && i < sizeof to_7c / sizeof to_7c[0]; i++)
        x = spae_tape_keep(tape, mark, run_block(network, d, &to_7c[i], x));
    return spae_tape_keep(tape, mark, spae_mean_positions(tape, x));
}

spae_var spae_inception_logits(spae_network *network, const spae_inception *d, spae_var features, bool biased)
{
    if (features == NULL)
        return NULL;
    if (d->classes == 0)
        return spae_tape_refuse(network->tape, SPAE_ERR_ARGUMENT, "inception: no classes (divisor, stages)", d->divisor, d->stages);
    const spae_scope root = spae_scope_root(""), fc = spae_scope_inside(&root, "fc");
    const size_t c = features->shape.axis[SPAE_AXIS_C];
    spae_var kernel = spae_network_parameter(network, &fc, "kernel", 2, spae_shape_of(1, 1, 1, c, d->classes));
    spae_var bias = parameter(network, &fc, "bias", d->classes);
    return spae_dense(network->tape, features, kernel, biased ? bias : NULL);
}

spae_var spae_fid_resize(spae_tape *tape, spae_var x, size_t height, size_t width)
{
    return spae_offset(tape, spae_scale(tape, spae_resize(tape, x, height, width), 2), -1);
}

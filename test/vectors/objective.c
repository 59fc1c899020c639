/* Stage objective: SPEC 5. Commitment, codebook and semantic loss, each layer alone and all; straight-through; entropy.
 *
 * The tokens are inputs here, so that a case tells of nothing but its term. Every gradient is asked for on both sides:
 * a lost stop-gradient has the same value. Those that must be 0 are outputs too, compared to the bit.
 */
#include <string.h>

#include "models.h"
#include "nn/entropy.h"
#include "nn/ops.h"

enum { C = 3, V = 7, CELLS = 8, LAYERS = 4, TOKENS = 1 + 2 + 8 + 8 };

/* 1x1, 2x1, 2x4, 2x4: the position of layer 1 is in every layer, another in three, the others in two */
static const spae_pyramid pyramid = {LAYERS, {{1, 1, 1}, {1, 2, 1}, {1, 2, 4}, {1, 2, 4}}};

/* What the terms are made of. */
typedef struct {
    spae_quantizer quantizer;
    spae_var z, codebook;
    spae_codebook book;
    int32_t token[TOKENS], covered[LAYERS * CELLS];
    double residual[TOKENS * C];
    spae_real zhat[LAYERS * CELLS * C];
} desk;

/* The inputs "z", "codebook" and "token"; what 4.3 makes of them. */
static bool open_desk(vectors *v, spae_quantizer quantizer, desk *d)
{
    static const size_t tokens = TOKENS;
    d->quantizer = quantizer;
    d->z = vectors_leaf(v, "z", spae_shape_of(1, 1, 2, 4, C), 0, 1);
    d->codebook = vectors_leaf(v, "codebook", spae_shape_of(1, 1, 1, V, C), 0, 1);
    if (!vectors_goes_on(v))
        return false;
    d->book = (spae_codebook){.V = V, .c = C, .e = d->codebook->value};
    const spae_quantized q = {d->token, NULL, d->residual, d->zhat, d->covered};
    vectors_expect(v, spae_quantize(&pyramid, quantizer, &d->book, d->z->value, v->arena, &q, v->err));
    vectors_integers(v, "token", VECTORS_INPUT, 1, &tokens, d->token);
    return vectors_goes_on(v);
}

/* "dz" and "dcodebook" of y, whose upstream gradient is 1; the one that must be 0 is compared to the bit. */
static void gradients(vectors *v, spae_var y, bool to_z, bool to_codebook)
{
    spae_var slope[2] = {NULL};
    if (y == NULL || spae_tape_gradient(&v->tape, y, NULL, v->leaf, 2, slope) != SPAE_OK)
        return;
    (to_z ? vectors_result : vectors_exact_result)(v, "dz", slope[0]);
    (to_codebook ? vectors_result : vectors_exact_result)(v, "dcodebook", slope[1]);
}

/* ---- the layers that a case takes ---- */

typedef struct {
    const char *name, *with, *why;
    unsigned layers; /* bit l: layer l + 1 */
    spae_quantizer quantizer;
} layer_case;

/* The other layers' zhat becomes z itself: they add nothing to the value, and +0 or -0 to gradients. */
static void leave_out(desk *d, unsigned layers)
{
    for (size_t i = 0; i < LAYERS * CELLS * C; i++)
        if (!(layers >> i / (CELLS * C) & 1))
            d->zhat[i] = d->z->value[i % (CELLS * C)];
}

/* ---- 5.3 and 5.11 ---- */

static void commitment(vectors *v, const layer_case *c)
{
    desk d;
    if (!vectors_begin(v, c->name, "5.3 5.2", "commitment", c->with, c->why))
        return;
    if (open_desk(v, c->quantizer, &d)) {
        leave_out(&d, c->layers);
        spae_var loss = spae_commitment(&v->tape, &pyramid, d.z, d.zhat, d.covered);
        vectors_result(v, "loss", loss);
        gradients(v, loss, true, false);
    }
    vectors_end(v);
}

static void codebook_loss(vectors *v, const layer_case *c)
{
    desk d;
    if (!vectors_begin(v, c->name, "5.11 5.2 3.9", "codebook_loss", c->with, c->why))
        return;
    if (open_desk(v, c->quantizer, &d)) {
        const spae_quantized q = {.token = d.token, .zhat = d.zhat, .covered = d.covered};
        leave_out(&d, c->layers);
        spae_var loss = spae_codebook_loss(&v->tape, &pyramid, c->quantizer, d.codebook, d.z->value, &q);
        vectors_result(v, "loss", loss);
        gradients(v, loss, false, true);
    }
    vectors_end(v);
}

static const layer_case commitments[] = {
    {"objective/commitment_layer_1", "{\"quantizer\":\"saq\",\"layers\":[1]}",
     "one covered position; the others are left out of sum and count", 1, SPAE_SAQ},
    {"objective/commitment_layer_2", "{\"quantizer\":\"saq\",\"layers\":[2]}", "averages of one and two tokens", 2, SPAE_SAQ},
    {"objective/commitment_layer_3", "{\"quantizer\":\"saq\",\"layers\":[3]}", "every position covered", 4, SPAE_SAQ},
    {"objective/commitment_layer_4", "{\"quantizer\":\"saq\",\"layers\":[4]}", "averages of up to four tokens", 8, SPAE_SAQ},
    {"objective/commitment", "{\"quantizer\":\"saq\",\"layers\":[1,2,3,4]}",
     "all layers added upwards; the codebook gets nothing", 15, SPAE_SAQ},
    {"objective/commitment_rq", "{\"quantizer\":\"rq\",\"layers\":[1,2,3,4]}", "sums instead of averages", 15, SPAE_RQ},
};

static const layer_case codebook_losses[] = {
    {"objective/codebook_layer_1", "{\"quantizer\":\"saq\",\"layers\":[1]}", "one row of the codebook is pulled", 1, SPAE_SAQ},
    {"objective/codebook_layer_2", "{\"quantizer\":\"saq\",\"layers\":[2]}", "halves where two tokens are averaged", 2, SPAE_SAQ},
    {"objective/codebook_layer_3", "{\"quantizer\":\"saq\",\"layers\":[3]}", "thirds, rounded", 4, SPAE_SAQ},
    {"objective/codebook_layer_4", "{\"quantizer\":\"saq\",\"layers\":[4]}", "up to four layers reach one row", 8, SPAE_SAQ},
    {"objective/codebook", "{\"quantizer\":\"saq\",\"layers\":[1,2,3,4]}",
     "all layers; Z gets nothing, though the value is the commitment's", 15, SPAE_SAQ},
    {"objective/codebook_rq", "{\"quantizer\":\"rq\",\"layers\":[1,2,3,4]}", "sums: each row's gradient is whole", 15, SPAE_RQ},
};

/* ---- 5.4 ---- */

/* The loss of each row, below spae_semantic_loss's weighted sum of them. */
static spae_var rows_of(spae_var total, size_t rows)
{
    spae_var weighted = total == NULL || rows == 1 ? total : total->input[0];
    return weighted == NULL ? NULL : weighted->input[0];
}

/* Layer l's rows alone: its positions' mean. */
static spae_var layer_alone(vectors *v, spae_var rows, size_t layer)
{
    const size_t first = spae_pyramid_total(&pyramid, layer), count = spae_pyramid_tokens(&pyramid, layer);
    int32_t *index = spae_arena_take(v->arena, count, sizeof *index);
    spae_real *weight = spae_arena_take(v->arena, count, sizeof *weight);
    if (index == NULL || weight == NULL || rows == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        index[i] = (int32_t)(first + i);
        weight[i] = (spae_real)(1.0 / (double)count);
    }
    spae_var own = spae_gather_rows(&v->tape, rows, index, count);
    if (own == NULL)
        return NULL;
    return spae_sum(&v->tape, spae_mul(&v->tape, own, spae_tape_constant(&v->tape, own->shape, weight)));
}

typedef struct {
    const char *name, *with, *why;
    spae_quantizer quantizer;
    size_t layers; /* D', or the one layer alone */
    bool alone;
    int same; /* >= 0: all targets are this word */
} semantic_case;

static void semantic(vectors *v, const semantic_case *c)
{
    desk d;
    int32_t target[TOKENS];
    const size_t rows = spae_pyramid_total(&pyramid, c->layers);
    if (!vectors_begin(v, c->name, "5.4 3.6", "semantic", c->with, c->why))
        return;
    if (open_desk(v, c->quantizer, &d)) {
        for (size_t i = 0; i < TOKENS; i++)
            target[i] = c->same >= 0 ? c->same : (int32_t)((i * 5 + i / 3) % V);
        vectors_integers(v, "target", VECTORS_INPUT, 1, &rows, target);
        spae_var total =
            spae_semantic_loss(&v->tape, &pyramid, c->quantizer, c->layers, d.z, d.residual, target, &d.book, NULL);
        spae_var row = rows_of(total, rows), loss = c->alone ? layer_alone(v, row, c->layers - 1) : total;
        vectors_result(v, "rows", row);
        vectors_result(v, "loss", loss);
        gradients(v, loss, true, false);
    }
    vectors_end(v);
}

static const semantic_case semantics[] = {
    {"objective/semantic_layer_1", "{\"quantizer\":\"saq\",\"layers\":[1]}", "one row", SPAE_SAQ, 1, true, -1},
    {"objective/semantic_layer_2", "{\"quantizer\":\"saq\",\"layers\":[2]}", "z_l moves once or twice as z does", SPAE_SAQ, 2,
     true, -1},
    {"objective/semantic_layer_3", "{\"quantizer\":\"saq\",\"layers\":[3]}", "once, twice and three times", SPAE_SAQ, 3, true,
     -1},
    {"objective/semantic_layer_4", "{\"quantizer\":\"saq\",\"layers\":[4]}", "up to four times", SPAE_SAQ, 4, true, -1},
    {"objective/semantic_rq_layer_4", "{\"quantizer\":\"rq\",\"layers\":[4]}", "once whatever the layer", SPAE_RQ, 4, true, -1},
    {"objective/semantic_first_two", "{\"quantizer\":\"saq\",\"layers\":[1,2]}", "D' below D: weights of two layers", SPAE_SAQ,
     2, false, -1},
    {"objective/semantic", "{\"quantizer\":\"saq\",\"layers\":[1,2,3,4]}", "all layers, each with the same weight", SPAE_SAQ, 4,
     false, -1},
    {"objective/semantic_rq", "{\"quantizer\":\"rq\",\"layers\":[1,2,3,4]}", "all layers of residual quantization", SPAE_RQ, 4,
     false, -1},
    {"objective/semantic_equal_targets", "{\"quantizer\":\"saq\",\"layers\":[1,2,3]}",
     "every target the same word, the lowest: word 0 is a word", SPAE_SAQ, 3, false, 0},
    {"objective/semantic_last_word", "{\"quantizer\":\"saq\",\"layers\":[1,2,3]}", "every target the last word", SPAE_SAQ, 3,
     false, V - 1},
};

/* Exponents far apart: the largest is taken out first, or all is infinite. Distances are those of real vocabularies. */
static void semantic_far(vectors *v)
{
    static const spae_pyramid one = {1, {{1, 2, 2}}};
    enum { FAR = 4 };
    double residual[FAR * C];
    static const int32_t target[FAR] = {0, 3, 6, 2};
    static const size_t rows = FAR;
    if (!vectors_begin(v, "objective/semantic_far", "5.4 3.6", "semantic_z",
                       "{\"quantizer\":\"saq\",\"layers\":[1],\"sizes\":[[1,2,2]]}",
                       "exponents of several hundred: log-sum-exp must take the largest out first"))
        return;
    spae_var z = vectors_leaf(v, "z", spae_shape_of(1, 1, 2, 2, C), 0, 16);
    spae_var e = vectors_leaf(v, "codebook", spae_shape_of(1, 1, 1, V, C), 0, 16);
    vectors_integers(v, "target", VECTORS_INPUT, 1, &rows, target);
    if (vectors_goes_on(v)) {
        const spae_codebook book = {.V = V, .c = C, .e = e->value};
        for (size_t i = 0; i < FAR * C; i++)
            residual[i] = (double)z->value[i];
        spae_var loss = spae_semantic_loss(&v->tape, &one, SPAE_SAQ, 1, z, residual, target, &book, NULL);
        vectors_result(v, "rows", rows_of(loss, FAR));
        vectors_result(v, "loss", loss);
        gradients(v, loss, true, false);
    }
    vectors_end(v);
}

/* ---- 5.2 and 5.5 ---- */

static void l2(vectors *v)
{
    if (!vectors_begin(v, "objective/l2", "5.2 5.5", "l2", "{}", "a mean over pixels and channels, not a sum"))
        return;
    const spae_shape shape = spae_shape_of(1, 1, 5, 7, 3);
    spae_var picture = vectors_leaf(v, "picture", shape, 0.5, 0.5);
    spae_var rebuilt = vectors_leaf(v, "reconstruction", shape, 0.5, 0.5);
    spae_var loss = spae_mean_square(&v->tape, spae_sub(&v->tape, picture, rebuilt));
    vectors_result(v, "loss", loss);
    vectors_gradients(v, "loss", loss, 1);
    vectors_end(v);
}

/* A decoder of one product behind zhat: what reaches Z is what reached zhat. */
static void straight_through(vectors *v)
{
    if (!vectors_begin(v, "objective/straight_through", "5.5", "straight_through", "{}",
                       "the decoder reads zhat; its gradient passes to Z unchanged, and zhat gets none"))
        return;
    const spae_shape shape = spae_shape_of(1, 1, 2, 3, 4);
    spae_var z = vectors_leaf(v, "z", shape, 0, 1), zhat = vectors_leaf(v, "zhat", shape, 0, 1);
    spae_var read = zhat == NULL ? NULL : spae_straight_through(&v->tape, z, zhat->value);
    spae_var y = spae_mul(&v->tape, read, read), slope[2] = {NULL};
    vectors_exact_result(v, "read", read);
    vectors_result(v, "y", y);
    if (y != NULL && spae_tape_gradient(&v->tape, y, NULL, v->leaf, 2, slope) == SPAE_OK) {
        vectors_result(v, "dz", slope[0]);
        vectors_exact_result(v, "dzhat", slope[1]);
    }
    vectors_end(v);
}

/* ---- 5.12 ---- */

static void entropy(vectors *v, const char *name, const char *with, const char *why, double temperature, spae_shape shape,
                    size_t words)
{
    if (!vectors_begin(v, name, "5.12 3.6", "entropy", with, why))
        return;
    spae_var z = vectors_leaf(v, "z", shape, 0, 1);
    spae_var e = vectors_leaf(v, "codebook", spae_shape_of(1, 1, 1, words, shape.axis[SPAE_AXIS_C]), 0, 1);
    spae_var loss = spae_entropy_loss(&v->tape, z, e, temperature), slope[2] = {NULL};
    vectors_result(v, "loss", loss);
    if (loss != NULL && spae_tape_gradient(&v->tape, loss, NULL, v->leaf, 2, slope) == SPAE_OK) {
        vectors_result(v, "dz", slope[0]);
        vectors_result(v, "dcodebook", slope[1]);
    }
    vectors_end(v);
}

void vectors_objective(vectors *v)
{
    l2(v);
    for (size_t i = 0; i < sizeof commitments / sizeof commitments[0]; i++)
        commitment(v, &commitments[i]);
    straight_through(v);
    for (size_t i = 0; i < sizeof semantics / sizeof semantics[0]; i++)
        semantic(v, &semantics[i]);
    semantic_far(v);
    vectors_objective_adversarial(v);
    vectors_objective_perceptual(v);
    for (size_t i = 0; i < sizeof codebook_losses / sizeof codebook_losses[0]; i++)
        codebook_loss(v, &codebook_losses[i]);
    entropy(v, "objective/entropy", "{\"temperature\":0.25}", "several positions, every word possible", 0.25,
            spae_shape_of(1, 1, 2, 4, 3), 6);
    entropy(v, "objective/entropy_warm", "{\"temperature\":1.5}", "a factor that is rounded; a video's positions in order",
            1.5, spae_shape_of(1, 2, 3, 1, 2), 5);
    entropy(v, "objective/entropy_two_rows", "{\"temperature\":0.5}", "few positions and more words", 0.5,
            spae_shape_of(1, 1, 1, 2, 3), 9);
    vectors_objective_total(v);
}

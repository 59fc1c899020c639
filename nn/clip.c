/* The networks of clip.h: configuration, parameters, towers (SPEC 6.13, 6.14).
 *
 * Written down once: run on a planning tape that declares, parameters get their names, shapes and order; run with values it
 * computes. On a running tape each half of a block leaves its sum only.
 */
#include "clip.h"

#include <math.h>
#include <string.h>

#include "ops.h"

enum { PICTURES_AT_A_TIME = 4, TEXTS_AT_A_TIME = 16 };

/* ---- configuration ---- */

size_t spae_clip_heads(size_t width)
{
    return width < 64 ? 1 : width / 64;
}

static spae_clip_tower tower_of(size_t width, size_t layers)
{
    return (spae_clip_tower){width, layers, spae_clip_heads(width), 4 * width};
}

spae_clip spae_clip_of(spae_clip_kind kind)
{
    const bool large = kind == SPAE_CLIP_L14 || kind == SPAE_CLIP_L14_336;
    return (spae_clip){.image_size = kind == SPAE_CLIP_L14_336 ? 336 : 224,
                       .patch = large ? 14 : kind == SPAE_CLIP_B16 ? 16 : 32,
                       .vision = large ? tower_of(1024, 24) : tower_of(768, 12),
                       .text = large ? tower_of(768, 12) : tower_of(512, 12),
                       .context = 77,
                       .vocab = 49408,
                       .embed = large ? 768 : 512,
                       .eps = 1e-5};
}

static spae_status check_range(const char *what, size_t got, size_t most, spae_error *err)
{
    if (got >= 1 && got <= most)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: %s is %zu, not in 1..%zu", what, got, most);
}

static spae_status check_tower(const spae_clip_tower *t, spae_error *err)
{
    spae_status status = check_range("the width", t->width, 1 << 20, err);
    if (status == SPAE_OK)
        status = check_range("the number of layers", t->layers, 1024, err);
    if (status == SPAE_OK)
        status = check_range("the number of heads", t->heads, 1 << 20, err);
    if (status == SPAE_OK)
        status = check_range("the hidden width", t->hidden, 1 << 24, err);
    if (status == SPAE_OK && t->width % t->heads != 0)
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "clip: %zu heads do not divide the width %zu", t->heads, t->width);
    return status;
}

static spae_status check_image(const spae_clip *c, spae_error *err)
{
    spae_status status = check_range("the patch", c->patch, 1 << 16, err);
    if (status == SPAE_OK)
        status = check_range("the size of pictures", c->image_size, 1 << 16, err);
    if (status == SPAE_OK && c->image_size < c->patch)
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "clip: pictures of %zu are smaller than the patch, %zu", c->image_size,
                           c->patch);
    return status == SPAE_OK ? check_tower(&c->vision, err) : status;
}

static spae_status check_text(const spae_clip *c, spae_error *err)
{
    spae_status status = check_range("the context", c->context, 1 << 20, err);
    if (status == SPAE_OK)
        status = check_range("the vocabulary", c->vocab, INT32_MAX, err);
    return status == SPAE_OK ? check_tower(&c->text, err) : status;
}

spae_status spae_clip_check(const spae_clip *c, unsigned parts, spae_error *err)
{
    if (parts < SPAE_CLIP_IMAGE || parts > SPAE_CLIP_BOTH)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: neither encoder is meant by parts %u", parts);
    if (!(c->eps > 0 && c->eps <= 1))
        return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: eps %g is not above 0 and at most 1", c->eps);
    spae_status status = check_range("the number of features", c->embed, 1 << 20, err);
    if (status == SPAE_OK && (parts & SPAE_CLIP_IMAGE) != 0)
        status = check_image(c, err);
    if (status == SPAE_OK && (parts & SPAE_CLIP_TEXT) != 0)
        status = check_text(c, err);
    return status;
}

/* ---- layers ---- */

typedef struct {
    spae_network *network;
    const spae_clip *c;
    const spae_clip_tower *tower;
    spae_scope root; /* "visual", "text" */
    bool causal;
    size_t n, count; /* sequences, positions of each */
} pass;

static spae_tape *tape_of(const pass *p)
{
    return p->network->tape;
}

static spae_var layer_norm(const pass *p, const spae_scope *in, const char *name, spae_var x)
{
    const spae_scope scope = spae_scope_inside(in, name);
    const spae_shape row = spae_shape_of(1, 1, 1, 1, p->tower->width);
    spae_var scale = spae_network_parameter(p->network, &scope, "scale", 1, row);
    spae_var bias = spae_network_parameter(p->network, &scope, "bias", 1, row);
    return spae_layer_norm(tape_of(p), x, scale, bias, p->c->eps);
}

static spae_var dense(const pass *p, const spae_scope *in, const char *name, spae_var x, size_t ci, size_t co)
{
    const spae_scope scope = spae_scope_inside(in, name);
    spae_var kernel = spae_network_parameter(p->network, &scope, "kernel", 2, spae_shape_of(1, 1, 1, ci, co));
    spae_var bias = spae_network_parameter(p->network, &scope, "bias", 1, spae_shape_of(1, 1, 1, 1, co));
    return spae_dense(tape_of(p), x, kernel, bias);
}

static spae_var heads(const pass *p, const spae_scope *in, const char *name, spae_var x)
{
    const size_t c = p->tower->width, h = p->tower->heads;
    return spae_reshape(tape_of(p), dense(p, in, name, x, c, c), spae_shape_of(p->n, p->count, 1, h, c / h));
}

static spae_var attention(const pass *p, const spae_scope *block, spae_var x)
{
    const size_t c = p->tower->width;
    const spae_scope scope = spae_scope_inside(block, "attn");
    spae_var y = layer_norm(p, block, "ln_1", x);
    spae_var q = heads(p, &scope, "q", y), k = heads(p, &scope, "k", y), v = heads(p, &scope, "v", y);
    spae_var mixed = spae_attention(tape_of(p), q, k, v, p->causal, 0);
    return dense(p, &scope, "out", spae_reshape(tape_of(p), mixed, spae_shape_of(p->n, p->count, 1, 1, c)), c, c);
}

static spae_var feed_forward(const pass *p, const spae_scope *block, spae_var x)
{
    const size_t c = p->tower->width, hidden = p->tower->hidden;
    const spae_scope scope = spae_scope_inside(block, "mlp");
    spae_var y = dense(p, &scope, "fc", layer_norm(p, block, "ln_2", x), c, hidden);
    y = p->c->activation == SPAE_CLIP_GELU ? spae_gelu_erf(tape_of(p), y) : spae_quick_gelu(tape_of(p), y);
    return dense(p, &scope, "proj", y, hidden, c);
}

static spae_var blocks(const pass *p, spae_arena_mark start, spae_var x)
{
    for (size_t i = 0; i < p->tower->layers; i++) {
        const spae_scope block = spae_scope_numbered(&p->root, "block", (unsigned)i);
        x = spae_tape_keep(tape_of(p), start, spae_add(tape_of(p), x, attention(p, &block, x)));
        x = spae_tape_keep(tape_of(p), start, spae_add(tape_of(p), x, feed_forward(p, &block, x)));
    }
    return x;
}

/* x (n,count,1,1,width) + the first `count` of `rows` positions */
static spae_var add_positions(const pass *p, size_t rows, spae_var x)
{
    const size_t c = p->tower->width;
    spae_var all = spae_network_parameter(p->network, &p->root, "positional_embedding", 2, spae_shape_of(1, 1, 1, rows, c));
    spae_var row = spae_reshape(tape_of(p), all, spae_shape_of(1, 1, 1, 1, rows * c));
    spae_var first = spae_columns(tape_of(p), row, 0, p->count * c);
    spae_var one = spae_reshape(tape_of(p), first, spae_shape_of(1, p->count, 1, 1, c));
    return spae_add(tape_of(p), x, spae_broadcast(tape_of(p), one, spae_shape_of(p->n, p->count, 1, 1, c)));
}

/* Row index[i] of each sequence i, normed, projected. */
static spae_var project(const pass *p, const char *norm, const int32_t *index, spae_var x)
{
    const size_t c = p->tower->width;
    const spae_scope scope = spae_scope_inside(&p->root, "proj");
    spae_var row = spae_gather_rows(tape_of(p), x, index, p->n);
    spae_var y = layer_norm(p, &p->root, norm, spae_reshape(tape_of(p), row, spae_shape_of(p->n, 1, 1, 1, c)));
    spae_var kernel = spae_network_parameter(p->network, &scope, "kernel", 2, spae_shape_of(1, 1, 1, c, p->c->embed));
    return spae_dense(tape_of(p), y, kernel, NULL);
}

static int32_t *take_index(const pass *p)
{
    int32_t *index = spae_arena_take(tape_of(p)->arena, p->n, sizeof *index);
    if (index == NULL)
        spae_tape_refuse(tape_of(p), SPAE_ERR_NO_MEMORY, "clip: no memory for sequences (sequences, positions)", p->n, p->count);
    return index;
}

static bool accept(spae_tape *tape, const spae_clip *c, unsigned part)
{
    spae_error err;
    if (tape->status != SPAE_OK)
        return false;
    if (spae_clip_check(c, part, &err) == SPAE_OK)
        return true;
    tape->status = spae_fail(tape->err, SPAE_ERR_ARGUMENT, "%s", err.text);
    return false;
}

/* ---- image ---- */

/* The class embedding, then the patches of each picture. */
static spae_var patches(const pass *p, spae_var x)
{
    const size_t c = p->tower->width, size = p->c->patch, stride[3] = {1, size, size}, none[3] = {0, 0, 0};
    const spae_scope scope = spae_scope_inside(&p->root, "conv1");
    spae_var kernel = spae_network_parameter(p->network, &scope, "kernel", 4, spae_shape_of(1, size, size, 3, c));
    spae_var y = spae_convolve_padded(tape_of(p), x, kernel, NULL, stride, none);
    spae_var cells = spae_reshape(tape_of(p), y, spae_shape_of(p->n, 1, 1, 1, (p->count - 1) * c));
    spae_var one = spae_network_parameter(p->network, &p->root, "class_embedding", 1, spae_shape_of(1, 1, 1, 1, c));
    spae_var first = spae_broadcast(tape_of(p), one, spae_shape_of(p->n, 1, 1, 1, c));
    return spae_reshape(tape_of(p), spae_join_columns(tape_of(p), first, cells), spae_shape_of(p->n, p->count, 1, 1, c));
}

spae_var spae_clip_image(spae_network *network, const spae_clip *c, spae_var x)
{
    if (x == NULL || !accept(network->tape, c, SPAE_CLIP_IMAGE))
        return NULL;
    const size_t n = x->shape.axis[SPAE_AXIS_N], size = c->image_size, grid = size / c->patch;
    if (!spae_shape_equal(x->shape, spae_shape_of(n, 1, size, size, 3)))
        return spae_tape_refuse(network->tape, SPAE_ERR_SHAPE, "clip: pictures of another size (height, expected)",
                                x->shape.axis[SPAE_AXIS_H], size);
    const pass p = {network, c, &c->vision, spae_scope_root("visual"), false, n, 1 + grid * grid};
    int32_t *index = take_index(&p);
    for (size_t i = 0; index != NULL && i < n; i++)
        index[i] = (int32_t)(i * p.count);
    const spae_arena_mark start = spae_arena_here(network->tape->arena);
    spae_var y = layer_norm(&p, &p.root, "ln_pre", add_positions(&p, p.count, patches(&p, x)));
    y = blocks(&p, start, spae_tape_keep(network->tape, start, y));
    return spae_tape_keep(network->tape, start, project(&p, "ln_post", index, y));
}

/* ---- text ---- */

/* The largest token, the first of several. */
static size_t end_of(const int32_t *tokens, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = tokens[i] > tokens[best] ? i : best;
    return best;
}

static size_t first_foreign(const int32_t *tokens, size_t count, size_t vocab)
{
    size_t i = 0;
    while (i < count && tokens[i] >= 0 && (size_t)tokens[i] < vocab)
        i++;
    return i;
}

spae_var spae_clip_text(spae_network *network, const spae_clip *c, const int32_t *tokens, size_t n, size_t count)
{
    spae_tape *tape = network->tape;
    if (!accept(tape, c, SPAE_CLIP_TEXT))
        return NULL;
    if (n == 0 || count == 0 || count > c->context)
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "clip: no tokens, or more than the context (these)", count, c->context);
    const size_t bad = tokens != NULL ? first_foreign(tokens, n * count, c->vocab) : n * count;
    if (bad < n * count)
        return spae_tape_refuse(tape, SPAE_ERR_ARGUMENT, "clip: a token outside the vocabulary (place, tokens)", bad, c->vocab);
    const pass p = {network, c, &c->text, spae_scope_root("text"), true, n, count};
    const size_t width = c->text.width;
    int32_t *index = take_index(&p);
    for (size_t i = 0; index != NULL && i < n; i++)
        index[i] = (int32_t)(i * count + (tokens != NULL ? end_of(tokens + i * count, count) : 0));
    const spae_arena_mark start = spae_arena_here(tape->arena);
    spae_var table = spae_network_parameter(network, &p.root, "token_embedding", 2, spae_shape_of(1, 1, 1, c->vocab, width));
    spae_var rows = spae_gather_rows(tape, table, tokens, n * count);
    spae_var y = add_positions(&p, c->context, spae_reshape(tape, rows, spae_shape_of(n, count, 1, 1, width)));
    y = blocks(&p, start, spae_tape_keep(tape, start, y));
    return spae_tape_keep(tape, start, project(&p, "ln_final", index, y));
}

spae_status spae_clip_declare(const spae_clip *c, unsigned parts, spae_parameters *parameters, spae_error *err)
{
    spae_tape tape;
    spae_network network;
    const spae_status status = spae_clip_check(c, parts, err);
    if (status != SPAE_OK)
        return status;
    spae_tape_start(&tape, parameters->arena, SPAE_TAPE_PLAN, err);
    spae_network_declare(&network, &tape, parameters);
    if ((parts & SPAE_CLIP_IMAGE) != 0)
        spae_clip_image(&network, c, spae_tape_constant(&tape, spae_shape_of(1, 1, c->image_size, c->image_size, 3), NULL));
    if ((parts & SPAE_CLIP_TEXT) != 0)
        spae_clip_text(&network, c, NULL, 1, c->context);
    return tape.status;
}

/* ---- features ---- */

void spae_clip_unit(real *rows, size_t n, size_t d)
{
    for (size_t i = 0; i < n; i++, rows += d) {
        double sum = 0;
        for (size_t j = 0; j < d; j++)
            sum += (double)rows[j] * (double)rows[j];
        const double length = sqrt(sum);
        for (size_t j = 0; length > 0 && j < d; j++)
            rows[j] = (real)((double)rows[j] / length);
    }
}

/* One run: pictures, or the first `count` tokens of texts that are `count` long. */
static spae_var run(const spae_clip_model *model, spae_tape *tape, const real *pictures, const int32_t *tokens, size_t n,
                    size_t count)
{
    spae_network network;
    spae_parameters parameters = model->parameters; /* not added to: the network is bound */
    const size_t size = model->config.image_size;
    spae_network_bind(&network, tape, &parameters, model->values);
    if (count > 0)
        return spae_clip_text(&network, &model->config, tokens, n, count);
    return spae_clip_image(&network, &model->config, spae_tape_constant(tape, spae_shape_of(n, 1, size, size, 3), pictures));
}

/* n rows of a run into features, from example `first` on. */
static spae_status features_of(const spae_clip_model *model, const real *pictures, const int32_t *tokens, size_t n,
                               size_t count, size_t first, bool unit, spae_arena *arena, real *features, spae_error *err)
{
    const size_t d = model->config.embed;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_tape tape;
    spae_tape_start(&tape, arena, SPAE_TAPE_RUN, err);
    spae_var y = run(model, &tape, pictures, tokens, n, count);
    spae_status status = tape.status;
    for (size_t i = 0; status == SPAE_OK && i < n * d; i++)
        if (!(y->value[i] - y->value[i] == 0))
            status = spae_fail(err, SPAE_ERR_NOT_FINITE, "clip: feature %zu of %s %zu is not finite", i % d,
                               count > 0 ? "text" : "picture", first + i / d);
    if (status == SPAE_OK) {
        memcpy(features, y->value, n * d * sizeof *features);
        if (unit)
            spae_clip_unit(features, n, d);
    }
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status want_part(const spae_clip_model *model, unsigned part, spae_error *err)
{
    if ((model->parts & part) != 0)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: the model has no %s encoder", part == SPAE_CLIP_IMAGE ? "image" : "text");
}

/* Room for all features until the last is known to be good; NULL on a failure. */
static real *take_features(const spae_clip_model *model, size_t n, spae_arena *arena, spae_error *err)
{
    const size_t d = model->config.embed;
    real *all = n <= SIZE_MAX / d ? spae_arena_take(arena, n * d, sizeof *all) : NULL;
    if (all == NULL)
        spae_fail(err, SPAE_ERR_NO_MEMORY, "clip: no memory for %zu features of %zu numbers", n, d);
    return all;
}

spae_status spae_clip_image_features(const spae_clip_model *model, const real *pictures, size_t n, bool unit,
                                     spae_arena *arena, real *features, spae_error *err)
{
    const size_t d = model->config.embed, one = model->config.image_size * model->config.image_size * 3;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = want_part(model, SPAE_CLIP_IMAGE, err);
    real *all = status == SPAE_OK ? take_features(model, n, arena, err) : NULL;
    if (status == SPAE_OK && all == NULL)
        status = SPAE_ERR_NO_MEMORY;
    for (size_t at = 0; status == SPAE_OK && at < n; at += PICTURES_AT_A_TIME) {
        const size_t some = n - at < PICTURES_AT_A_TIME ? n - at : PICTURES_AT_A_TIME;
        status = features_of(model, pictures + at * one, NULL, some, 0, at, unit, arena, all + at * d, err);
    }
    if (status == SPAE_OK && n > 0)
        memcpy(features, all, n * d * sizeof *features);
    spae_arena_reset(arena, mark);
    return status;
}

/* `some` texts, cut behind the last of their end tokens. */
static spae_status some_texts(const spae_clip_model *model, const int32_t *tokens, size_t some, size_t first, bool unit,
                              spae_arena *arena, real *features, spae_error *err)
{
    const size_t context = model->config.context;
    const spae_arena_mark mark = spae_arena_here(arena);
    size_t count = 1;
    for (size_t i = 0; i < some; i++) {
        const size_t end = end_of(tokens + i * context, context);
        count = end + 1 > count ? end + 1 : count;
    }
    int32_t *cut = spae_arena_take(arena, some * count, sizeof *cut);
    if (cut == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "clip: no memory for %zu texts of %zu tokens", some, count);
    for (size_t i = 0; i < some; i++)
        memcpy(cut + i * count, tokens + i * context, count * sizeof *cut);
    const spae_status status = features_of(model, NULL, cut, some, count, first, unit, arena, features, err);
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status check_tokens(const spae_clip *c, const int32_t *tokens, size_t n, spae_error *err)
{
    const size_t at = first_foreign(tokens, n * c->context, c->vocab);
    if (at == n * c->context)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "clip: token %zu of text %zu is %d, outside the vocabulary of %zu",
                     at % c->context, at / c->context, (int)tokens[at], c->vocab);
}

spae_status spae_clip_text_features(const spae_clip_model *model, const int32_t *tokens, size_t n, bool unit,
                                    spae_arena *arena, real *features, spae_error *err)
{
    const size_t d = model->config.embed, context = model->config.context;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = want_part(model, SPAE_CLIP_TEXT, err);
    if (status == SPAE_OK)
        status = check_tokens(&model->config, tokens, n, err);
    real *all = status == SPAE_OK ? take_features(model, n, arena, err) : NULL;
    if (status == SPAE_OK && all == NULL)
        status = SPAE_ERR_NO_MEMORY;
    for (size_t at = 0; status == SPAE_OK && at < n; at += TEXTS_AT_A_TIME) {
        const size_t some = n - at < TEXTS_AT_A_TIME ? n - at : TEXTS_AT_A_TIME;
        status = some_texts(model, tokens + at * context, some, at, unit, arena, all + at * d, err);
    }
    if (status == SPAE_OK && n > 0)
        memcpy(features, all, n * d * sizeof *features);
    spae_arena_reset(arena, mark);
    return status;
}

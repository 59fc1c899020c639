/* CLIP under OpenAI's names and layouts. */
#include "ops.h"

#include <stdio.h>
#include <string.h>

#include "../../nn/clip.h"
#include "compare.h"
#include "parameters.h"
#include "work.h"

/* ---- parameters ---- */

/* Our names within a block or tower -> OpenAI's; q, k and v are thirds of one array. */
static const char *const known[][2] = {
    {"ln_1/scale", "ln_1.weight"}, {"ln_1/bias", "ln_1.bias"}, {"ln_2/scale", "ln_2.weight"}, {"ln_2/bias", "ln_2.bias"},
    {"attn/q/kernel", "attn.in_proj_weight"}, {"attn/q/bias", "attn.in_proj_bias"},
    {"attn/k/kernel", "attn.in_proj_weight"}, {"attn/k/bias", "attn.in_proj_bias"},
    {"attn/v/kernel", "attn.in_proj_weight"}, {"attn/v/bias", "attn.in_proj_bias"},
    {"attn/out/kernel", "attn.out_proj.weight"}, {"attn/out/bias", "attn.out_proj.bias"},
    {"mlp/fc/kernel", "mlp.c_fc.weight"}, {"mlp/fc/bias", "mlp.c_fc.bias"},
    {"mlp/proj/kernel", "mlp.c_proj.weight"}, {"mlp/proj/bias", "mlp.c_proj.bias"},
    {"visual/conv1/kernel", "visual.conv1.weight"}, {"visual/class_embedding", "visual.class_embedding"},
    {"visual/positional_embedding", "visual.positional_embedding"},
    {"visual/ln_pre/scale", "visual.ln_pre.weight"}, {"visual/ln_pre/bias", "visual.ln_pre.bias"},
    {"visual/ln_post/scale", "visual.ln_post.weight"}, {"visual/ln_post/bias", "visual.ln_post.bias"},
    {"visual/proj/kernel", "visual.proj"}, {"text/token_embedding", "token_embedding.weight"},
    {"text/positional_embedding", "positional_embedding"},
    {"text/ln_final/scale", "ln_final.weight"}, {"text/ln_final/bias", "ln_final.bias"},
    {"text/proj/kernel", "text_projection"}};

static const char *known_name(oracle_case *c, const char *path)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i][0], path) == 0)
            return known[i][1];
    oracle_abort(c, "no name for the parameter %s", path);
    return NULL;
}

static const char *file_name(oracle_case *c, const char *path)
{
    unsigned block;
    char rest[SPAE_PATH_MAX];
    if (sscanf(path, "visual/block%u/%95s", &block, rest) == 2)
        return oracle_text(c, "visual.transformer.resblocks.%u.%s", block, known_name(c, rest));
    if (sscanf(path, "text/block%u/%95s", &block, rest) == 2)
        return oracle_text(c, "transformer.resblocks.%u.%s", block, known_name(c, rest));
    return known_name(c, path);
}

static bool is_in(const char *path, const char *part)
{
    return strstr(path, part) != NULL;
}

/* 1 where the file has a kernel of a block as (out,in), the patches' as (out,in,kh,kw). */
static bool turned(const spae_parameter *p)
{
    return p->rank == 4 || (p->rank == 2 && is_in(p->path, "/block"));
}

static size_t third(const char *path)
{
    return is_in(path, "attn/k/") ? 1 : is_in(path, "attn/v/") ? 2 : 0;
}

static spae_shape file_shape(const spae_parameter *p)
{
    const size_t *k = p->shape.axis, parts = is_in(p->path, "attn/q/") ? 3 : 1;
    if (p->rank == 4)
        return spae_shape_of(1, k[4], k[3], k[1], k[2]);
    if (p->rank == 1)
        return spae_shape_of(1, 1, 1, 1, parts * k[4]);
    return turned(p) ? spae_shape_of(1, 1, 1, parts * k[4], k[3]) : p->shape;
}

static void add(spae_parameters *file, const char *name, size_t rank, spae_shape shape)
{
    spae_parameter *item = &file->item[file->count++];
    memset(item, 0, sizeof *item);
    strncpy(item->path, name, SPAE_PATH_MAX - 1);
    item->rank = rank;
    item->shape = shape;
    item->first = file->elements;
    file->elements += spae_shape_count(shape);
}

/* What the file holds; logit_scale too, which no encoder needs. */
static spae_parameters file_parameters(oracle_case *c, const spae_parameters *ours)
{
    spae_parameters file = {.item = oracle_take(c, ours->count + 1, sizeof *file.item), .room = ours->count + 1};
    for (size_t i = 0; i < ours->count; i++)
        if (third(ours->item[i].path) == 0)
            add(&file, file_name(c, ours->item[i].path), ours->item[i].rank, file_shape(&ours->item[i]));
    add(&file, "logit_scale", 1, spae_shape_of(1, 1, 1, 1, 1));
    return file;
}

static void copy(const spae_parameter *p, const real *from, real *to)
{
    const size_t *k = p->shape.axis, taps = k[0] * k[1] * k[2], ci = k[3], co = k[4];
    if (!turned(p))
        memcpy(to, from, spae_shape_count(p->shape) * sizeof *to);
    for (size_t t = 0; turned(p) && t < taps; t++)
        for (size_t i = 0; i < ci; i++)
            for (size_t o = 0; o < co; o++)
                to[(t * ci + i) * co + o] = from[(o * ci + i) * taps + t];
}

static real *read_openai(oracle_case *c, const spae_parameters *ours)
{
    const spae_parameters file = file_parameters(c, ours);
    const real *from = oracle_read_parameters(c, &file);
    real *to = oracle_take(c, ours->elements, sizeof *to);
    for (size_t i = 0; i < ours->count; i++) {
        const spae_parameter *p = &ours->item[i];
        const size_t at = spae_parameters_find(&file, file_name(c, p->path));
        copy(p, from + file.item[at].first + third(p->path) * spae_shape_count(p->shape), to + p->first);
    }
    return to;
}

/* ---- the case ---- */

static spae_clip_tower tower(oracle_case *c, const char *part)
{
    spae_clip_tower t;
    t.width = oracle_size(c, oracle_text(c, "%s_width", part), 1, 1 << 16);
    t.layers = oracle_size(c, oracle_text(c, "%s_layers", part), 1, 1024);
    t.heads = oracle_size(c, oracle_text(c, "%s_heads", part), 1, 1 << 16);
    t.hidden = 4 * t.width;
    return t;
}

/* Recorded on a tape and divided by their length, the features are those of the functions without one, to the bit. */
static void want(oracle_case *c, const char *name, spae_var y, const real *features)
{
    const size_t d = y->shape.axis[SPAE_AXIS_C], n = spae_shape_count(y->shape) / d;
    real *unit = oracle_take(c, n * d, sizeof *unit);
    memcpy(unit, y->value, n * d * sizeof *unit);
    spae_clip_unit(unit, n, d);
    if (memcmp(unit, features, n * d * sizeof *unit) != 0)
        oracle_abort(c, "%s: with and without a tape differ", name);
    oracle_compare(c, name, spae_shape_of(1, 1, 1, n, d), features);
}

static void run_image(oracle_work *w, spae_network *network, const spae_clip_model *model)
{
    oracle_case *c = w->c;
    const size_t size = model->config.image_size;
    const oracle_array image = oracle_read(c, "in_image");
    oracle_want_shape(c, &image, 4, (const size_t[]){image.shape[0], size, size, 3});
    const size_t n = image.shape[0];
    real *features = oracle_take(c, n * model->config.embed, sizeof *features);
    spae_var y = spae_clip_image(network, &model->config, oracle_leaf(w, &image, oracle_shape_picture(c, &image, 2)));
    oracle_check_tape(w);
    if (spae_clip_image_features(model, w->leaf[0]->value, n, true, c->arena, features, &w->err) != SPAE_OK)
        oracle_abort(c, "%s", w->err.text);
    want(c, "out_image_embed", y, features);
}

static void run_text(oracle_work *w, spae_network *network, const spae_clip_model *model)
{
    oracle_case *c = w->c;
    const oracle_array tokens = oracle_read_int32(c, "in_tokens");
    oracle_want_shape(c, &tokens, 2, (const size_t[]){tokens.shape[0], model->config.context});
    oracle_want_below(c, &tokens, model->config.vocab);
    const size_t n = tokens.shape[0];
    real *features = oracle_take(c, n * model->config.embed, sizeof *features);
    spae_var y = spae_clip_text(network, &model->config, tokens.index, n, model->config.context);
    oracle_check_tape(w);
    if (spae_clip_text_features(model, tokens.index, n, true, c->arena, features, &w->err) != SPAE_OK)
        oracle_abort(c, "%s", w->err.text);
    want(c, "out_text_embed", y, features);
}

static void clip(oracle_case *c)
{
    oracle_work w;
    spae_network network;
    spae_clip_model model = {.config = {.image_size = oracle_size(c, "image_size", 1, 1 << 12),
                                        .patch = oracle_size(c, "patch", 1, 1 << 12),
                                        .vision = tower(c, "vision"),
                                        .text = tower(c, "text"),
                                        .context = oracle_size(c, "context", 1, 1 << 12),
                                        .vocab = oracle_size(c, "vocab", 1, 1 << 20),
                                        .embed = oracle_size(c, "embed_dim", 1, 1 << 16),
                                        .eps = oracle_number(c, "eps")},
                             .parts = SPAE_CLIP_BOTH,
                             .parameters = {.arena = c->arena}};
    oracle_expect(c, "grads", "none");
    oracle_start(&w, c);
    if (spae_clip_declare(&model.config, model.parts, &model.parameters, &w.err) != SPAE_OK)
        oracle_abort(c, "%s", w.err.text);
    model.values = read_openai(c, &model.parameters);
    spae_network_bind(&network, &w.tape, &model.parameters, model.values);
    run_image(&w, &network, &model);
    run_text(&w, &network, &model);
}

const oracle_op oracle_clip_ops[] = {{"clip", clip}, {NULL, NULL}};

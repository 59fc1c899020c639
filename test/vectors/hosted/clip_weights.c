/* Stage files, CLIP's weights under each family's names: SPEC 8.47. The file stands in the folder of this process while a case
 * runs. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/clip.h"
#include "raw.h"
#include "test/vectors/tokens.h"

enum { PATH = 96, AXES = 4, SIZES = 9 };

typedef struct {
    const char *name;
    size_t shape[AXES]; /* 0 behind the last axis */
} array;

static size_t count_of(const array *a)
{
    size_t count = 1;
    for (size_t i = 0; i < AXES && a->shape[i] > 0; i++)
        count *= a->shape[i];
    return count;
}

/* A safetensors file of the arrays, their numbers 1, 1 + 2^-12, .. in this order. */
static spae_source given(vectors *v, const array *a, size_t arrays)
{
    vectors_file header = vectors_file_of(v), file = vectors_file_of(v);
    char text[160];
    size_t at = 0;
    for (size_t i = 0; i < arrays; i++) {
        size_t n = (size_t)snprintf(text, sizeof text, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[", i > 0 ? "," : "{", a[i].name);
        for (size_t k = 0; k < AXES && a[i].shape[k] > 0; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%u", k > 0 ? "," : "", (unsigned)a[i].shape[k]);
        const size_t end = at + 4 * count_of(&a[i]);
        snprintf(text + n, sizeof text - n, "],\"data_offsets\":[%u,%u]}%s", (unsigned)at, (unsigned)end, i + 1 == arrays ? "}" : "");
        at = end;
        vectors_file_text(&header, text);
    }
    vectors_file_low(&file, header.buffer.size, 8);
    vectors_file_add(&file, header.buffer.bytes, header.buffer.size);
    for (uint32_t i = 0; i < at / 4; i++)
        vectors_file_low(&file, 0x3F800000u + (i << 11), 4);
    return vectors_file_given(&file);
}

static void give(vectors *v, const spae_clip_model *m)
{
    const spae_clip *c = &m->config;
    const bool image = m->parts == SPAE_CLIP_IMAGE;
    const spae_clip_tower *t = image ? &c->vision : &c->text;
    const int32_t sizes[SIZES] = {(int32_t)c->image_size, (int32_t)c->patch,  (int32_t)c->context, (int32_t)c->vocab, (int32_t)c->embed,
                                  (int32_t)t->width,      (int32_t)t->layers, (int32_t)t->heads,   (int32_t)t->hidden};
    const size_t count = SIZES;
    vectors_integers(v, "sizes", VECTORS_BITS, 1, &count, sizes);
    vectors_give(v, &(vectors_array){.name = "values",
                                     .type = VECTORS_REAL,
                                     .compare = VECTORS_BITS,
                                     .rank = 1,
                                     .shape = {m->parameters.elements},
                                     .data = m->values,
                                     .layout = &m->parameters,
                                     .layout_count = m->parameters.count});
}

static void weights(vectors *v, const char *name, unsigned part, const array *a, size_t arrays, spae_status due, const char *why)
{
    const spae_clip_wanted wanted = {part, SPAE_CLIP_QUICK_GELU};
    spae_clip_encoder clip;
    char path[PATH];
    const char *const paths[] = {path};
    if (!vectors_begin(v, name, "8.47", "read_clip_weights", part == SPAE_CLIP_IMAGE ? "{\"part\":\"image\"}" : "{\"part\":\"text\"}", why))
        return;
    const spae_source source = given(v, a, arrays);
    snprintf(path, sizeof path, "/tmp/spae-clip-%ld.safetensors", (long)getpid());
    if (vectors_goes_on(v))
        vectors_expect(v, spae_file_write_all(v->arena, path, source.memory, (size_t)source.size, v->err));
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_clip_open(v->arena, paths, 1, NULL, &wanted, &clip, v->err)))
        give(v, &clip.model);
    remove(path);
    vectors_end(v);
}

#define OPENAI_BLOCK(prefix)                                                                                                   \
    {prefix ".ln_1.weight", {2}}, {prefix ".ln_1.bias", {2}}, {prefix ".attn.in_proj_weight", {6, 2}},                         \
    {prefix ".attn.in_proj_bias", {6}}, {prefix ".attn.out_proj.weight", {2, 2}}, {prefix ".attn.out_proj.bias", {2}},         \
    {prefix ".ln_2.weight", {2}}, {prefix ".ln_2.bias", {2}}, {prefix ".mlp.c_fc.weight", {3, 2}},                             \
    {prefix ".mlp.c_fc.bias", {3}}, {prefix ".mlp.c_proj.weight", {2, 3}}, {prefix ".mlp.c_proj.bias", {2}}

#define OPENAI_IMAGE(cells)                                                                                                    \
    {"logit_scale", {0}}, {"visual.class_embedding", {2}}, {"visual.positional_embedding", {cells, 2}}, {"visual.proj", {2, 1}}, \
    {"visual.conv1.weight", {2, 3, 1, 1}}, {"visual.ln_pre.weight", {2}}, {"visual.ln_pre.bias", {2}},                         \
    {"visual.ln_post.weight", {2}}, {"visual.ln_post.bias", {2}}, OPENAI_BLOCK("visual.transformer.resblocks.0"),              \
    {"positional_embedding", {4, 2}}

void vectors_clip_weights(vectors *v)
{
    static const array openai[] = {OPENAI_IMAGE(5)}, no_square[] = {OPENAI_IMAGE(4)};
    static const array openclip[] = {
        {"text.positional_embedding", {3, 2}}, {"text.token_embedding.weight", {4, 2}}, {"text.text_projection", {2, 1}},
        {"text.ln_final.weight", {2}}, {"text.ln_final.bias", {2}}, OPENAI_BLOCK("text.transformer.resblocks.0"), {"visual.proj", {2, 1}}};
#define LAYER "text_model.encoder.layers.0"
    static const array hugging_face[] = {
        {"text_model.embeddings.position_embedding.weight", {3, 2}}, {"text_model.embeddings.token_embedding.weight", {4, 2}},
        {"text_projection.weight", {1, 2}}, {"text_model.final_layer_norm.weight", {2}}, {"text_model.final_layer_norm.bias", {2}},
        {LAYER ".layer_norm1.weight", {2}}, {LAYER ".layer_norm1.bias", {2}}, {LAYER ".self_attn.k_proj.weight", {2, 2}},
        {LAYER ".self_attn.k_proj.bias", {2}}, {LAYER ".self_attn.q_proj.weight", {2, 2}}, {LAYER ".self_attn.q_proj.bias", {2}},
        {LAYER ".self_attn.v_proj.weight", {2, 2}}, {LAYER ".self_attn.v_proj.bias", {2}}, {LAYER ".self_attn.out_proj.weight", {2, 2}},
        {LAYER ".self_attn.out_proj.bias", {2}}, {LAYER ".layer_norm2.weight", {2}}, {LAYER ".layer_norm2.bias", {2}},
        {LAYER ".mlp.fc1.weight", {3, 2}}, {LAYER ".mlp.fc1.bias", {3}}, {LAYER ".mlp.fc2.weight", {2, 3}}, {LAYER ".mlp.fc2.bias", {2}},
        {"vision_model.post_layernorm.bias", {2}}};
#define WEIGHTS(name, part, list, due, why) weights(v, name, part, list, sizeof list / sizeof list[0], due, why)
    WEIGHTS("files/clip_openai", SPAE_CLIP_IMAGE, openai, SPAE_OK, "queries, keys and values in one array; the text encoder's arrays left");
    WEIGHTS("files/clip_openclip", SPAE_CLIP_TEXT, openclip, SPAE_OK, "the same names, the text encoder's behind text.");
    WEIGHTS("files/clip_hugging_face", SPAE_CLIP_TEXT, hugging_face, SPAE_OK, "arrays of their own, the projection (co,ci)");
    WEIGHTS("files/clip_refused_positions", SPAE_CLIP_IMAGE, no_square, SPAE_ERR_FORMAT, "three cells are no square");
    WEIGHTS("files/clip_refused_part", SPAE_CLIP_TEXT, openai, SPAE_ERR_FORMAT, "no text encoder");
}

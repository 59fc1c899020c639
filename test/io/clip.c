/* io/clip: the encoders from files under each family's names, spelt out once more and not by rules. */
#include "safetensors.h"
#include "tokenizer_files.h"

#include "io/clip.h"
#include "nn/bicubic.h"

#define MERGES "#version: 0.2\nc a\nca t</w>\nt s</w>\nca ts</w>\n"

enum { VOCAB = 518, CONTEXT = 8, EMBED = 3, SIDE = 6, ITEMS = 400 };

/* Eleven blocks, for numbers of two digits; widths of one head. */
static const spae_clip sizes = {.image_size = SIDE, .patch = 2, .vision = {6, 2, 1, 10}, .text = {4, 11, 1, 5},
                                .context = CONTEXT, .vocab = VOCAB, .embed = EMBED, .eps = 1e-5};

static spae_clip_model given_model(spae_arena *arena)
{
    spae_clip_model model = {.config = sizes, .parts = SPAE_CLIP_BOTH, .parameters = {.arena = arena}};
    ck_assert_int_eq(spae_clip_declare(&model.config, model.parts, &model.parameters, NULL), SPAE_OK);
    spae_real *values = spae_arena_take(arena, model.parameters.elements, sizeof *values);
    for (size_t i = 0; i < model.parameters.elements; i++)
        values[i] = (spae_real)((double)((37 * i + 11) % 127) - 63) / 64;
    model.values = values;
    return model;
}

/* ---- files ------------------------------------------------------------------------------------------------ */

typedef enum { OURS, OPENAI, OPENCLIP, HUGGING_FACE, FAMILIES } family;

typedef struct {
    char name[ITEMS][96];
    safetensors_item item[ITEMS];
    size_t count;
} arrays;

static const char *const leaves[][3] = {
    /* ours, OpenAI's, Hugging Face's */
    {"ln_1/scale", "ln_1.weight", "layer_norm1.weight"},
    {"ln_1/bias", "ln_1.bias", "layer_norm1.bias"},
    {"attn/q/kernel", "attn.in_proj_weight", "self_attn.q_proj.weight"},
    {"attn/q/bias", "attn.in_proj_bias", "self_attn.q_proj.bias"},
    {"attn/k/kernel", NULL, "self_attn.k_proj.weight"},
    {"attn/k/bias", NULL, "self_attn.k_proj.bias"},
    {"attn/v/kernel", NULL, "self_attn.v_proj.weight"},
    {"attn/v/bias", NULL, "self_attn.v_proj.bias"},
    {"attn/out/kernel", "attn.out_proj.weight", "self_attn.out_proj.weight"},
    {"attn/out/bias", "attn.out_proj.bias", "self_attn.out_proj.bias"},
    {"ln_2/scale", "ln_2.weight", "layer_norm2.weight"},
    {"ln_2/bias", "ln_2.bias", "layer_norm2.bias"},
    {"mlp/fc/kernel", "mlp.c_fc.weight", "mlp.fc1.weight"},
    {"mlp/fc/bias", "mlp.c_fc.bias", "mlp.fc1.bias"},
    {"mlp/proj/kernel", "mlp.c_proj.weight", "mlp.fc2.weight"},
    {"mlp/proj/bias", "mlp.c_proj.bias", "mlp.fc2.bias"},
};

static const char *const single[][3] = {
    {"visual/conv1/kernel", "visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"},
    {"visual/class_embedding", "visual.class_embedding", "vision_model.embeddings.class_embedding"},
    {"visual/positional_embedding", "visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"visual/ln_pre/scale", "visual.ln_pre.weight", "vision_model.pre_layrnorm.weight"},
    {"visual/ln_pre/bias", "visual.ln_pre.bias", "vision_model.pre_layrnorm.bias"},
    {"visual/ln_post/scale", "visual.ln_post.weight", "vision_model.post_layernorm.weight"},
    {"visual/ln_post/bias", "visual.ln_post.bias", "vision_model.post_layernorm.bias"},
    {"visual/proj/kernel", "visual.proj", "visual_projection.weight"},
    {"text/token_embedding", "token_embedding.weight", "text_model.embeddings.token_embedding.weight"},
    {"text/positional_embedding", "positional_embedding", "text_model.embeddings.position_embedding.weight"},
    {"text/ln_final/scale", "ln_final.weight", "text_model.final_layer_norm.weight"},
    {"text/ln_final/bias", "ln_final.bias", "text_model.final_layer_norm.bias"},
    {"text/proj/kernel", "text_projection", "text_projection.weight"},
};

/* The published name; false for keys and values that lie behind the queries. */
static bool name_of(const char *path, family f, char name[96])
{
    char root[8], rest[64];
    int block = 0;
    const size_t column = f == HUGGING_FACE ? 2 : 1;
    if (f == OURS) {
        strcpy(name, path);
        return true;
    }
    if (sscanf(path, "%7[a-z]/block%d/%63s", root, &block, rest) == 3) {
        const bool text = strcmp(root, "text") == 0;
        for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
            if (strcmp(leaves[i][0], rest) != 0)
                continue;
            if (leaves[i][column] == NULL)
                return false;
            if (f == HUGGING_FACE)
                sprintf(name, "%s_model.encoder.layers.%d.%s", text ? "text" : "vision", block, leaves[i][2]);
            else
                sprintf(name, "%stransformer.resblocks.%d.%s", !text ? "visual." : f == OPENCLIP ? "text." : "", block, leaves[i][1]);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if (strcmp(single[i][0], path) == 0) {
            sprintf(name, "%s%s", f == OPENCLIP && path[0] == 't' ? "text." : "", single[i][column]);
            return true;
        }
    ck_abort_msg("no name for %s", path);
    return false;
}

/* Appends one parameter's numbers as the family has them; the projections of OpenAI's are as ours. */
static void append(const spae_clip_model *m, size_t p, family f, float *data, size_t *count)
{
    const spae_parameter *q = &m->parameters.item[p];
    const size_t *a = q->shape.axis;
    const spae_real *x = m->values + q->first;
    const bool dense = strstr(q->path, "/kernel") != NULL && f != OURS && (f == HUGGING_FACE || strcmp(q->path + strlen(q->path) - 12, "/proj/kernel") != 0 || strstr(q->path, "mlp") != NULL);
    if (!dense)
        for (size_t i = 0; i < spae_shape_count(q->shape); i++)
            data[(*count)++] = (float)x[i];
    for (size_t o = 0; dense && o < a[4]; o++)
        for (size_t c = 0; c < a[3]; c++)
            for (size_t k = 0; k < a[1] * a[2]; k++)
                data[(*count)++] = (float)x[(k * a[3] + c) * a[4] + o];
}

static void add_array(arrays *f, const spae_clip_model *m, size_t p, family as, spae_arena *arena)
{
    const spae_parameter *q = &m->parameters.item[p];
    const size_t *a = q->shape.axis;
    char name[96];
    if (!name_of(q->path, as, name))
        return;
    safetensors_item *item = &f->item[f->count];
    const bool fused = strstr(name, "in_proj") != NULL;
    float *data = spae_arena_take(arena, spae_shape_count(q->shape), 3 * sizeof *data);
    size_t count = 0;
    strcpy(f->name[f->count], name);
    *item = (safetensors_item){f->name[f->count++], (unsigned)q->rank, {0}, data, false};
    memcpy(item->shape, a + SPAE_AXES - q->rank, q->rank * sizeof *a);
    append(m, p, as, data, &count);
    if (fused) { /* queries' kernel and bias, keys', values' are declared in this order */
        append(m, p + 2, as, data, &count);
        append(m, p + 4, as, data, &count);
    }
    if (strstr(q->path, "/kernel") != NULL && as != OURS && (as == HUGGING_FACE || (strcmp(name, "visual.proj") != 0 && strstr(name, "text_projection") == NULL))) {
        const size_t shape[4] = {a[4], a[3], a[1], a[2]};
        memcpy(item->shape, shape, q->rank * sizeof *shape);
    }
    item->shape[0] *= fused ? 3 : 1;
}

static void add_extra(arrays *f, const char *name)
{
    static const float numbers[4] = {1, 2, 3, 4};
    strcpy(f->name[f->count], name);
    f->item[f->count] = (safetensors_item){f->name[f->count], 0, {0}, numbers, strstr(name, "ids") != NULL};
    f->count++;
}

static arrays *make_arrays(const spae_clip_model *m, family as, spae_arena *arena)
{
    arrays *f = spae_arena_take_zeroed(arena, 1, sizeof *f);
    for (size_t p = 0; p < m->parameters.count; p++)
        add_array(f, m, p, as, arena);
    return f;
}

static const char *write_arrays(folder *in, const arrays *f, spae_arena *arena)
{
    const spae_source source = safetensors_file(arena, f->item, f->count);
    put_bytes(in_folder(in, "w.safetensors"), source.memory, (size_t)source.size);
    return in->path;
}

static safetensors_item *called(arrays *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->name[i], name) == 0)
            return &f->item[i];
    ck_abort_msg("no array %s", name);
    return NULL;
}

static spae_status open_arrays(folder *in, const arrays *f, const char *tokenizer, const spae_clip_wanted *wanted, spae_arena *arena,
                               spae_clip_encoder *clip, spae_error *err)
{
    char path[160], tokens[160] = "";
    spae_arena work = new_arena();
    strcpy(path, write_arrays(in, f, &work));
    if (tokenizer != NULL) {
        put_text(in, "bpe.txt", tokenizer);
        strcpy(tokens, in_folder(in, "bpe.txt"));
    }
    const char *const paths[] = {path};
    const spae_status status = spae_clip_open(arena, paths, 1, tokenizer != NULL ? tokens : NULL, wanted, clip, err);
    spae_arena_free(&work);
    return status;
}

/* ---- what opens ------------------------------------------------------------------------------------------- */

static void ck_same(const spae_clip_encoder *clip, const spae_clip_model *m)
{
    const spae_clip *c = &clip->model.config;
    ck_assert_uint_eq(clip->model.parameters.elements, m->parameters.elements);
    ck_assert_mem_eq(clip->model.values, m->values, m->parameters.elements * sizeof *m->values);
    ck_assert(c->image_size == SIDE && c->patch == 2 && c->context == CONTEXT && c->vocab == VOCAB && c->embed == EMBED);
    ck_assert(memcmp(&c->vision, &m->config.vision, sizeof c->vision) == 0 && memcmp(&c->text, &m->config.text, sizeof c->text) == 0);
    ck_assert_uint_eq(strlen(clip->hash), 64);
}

START_TEST(every_family)
{
    static const char *const scheme[] = {"spae", "OpenAI's CLIP", "OpenCLIP", "Hugging Face's CLIP"};
    static const char *const beside[] = {"logit_scale", "logit_scale", "text.attn_mask", "vision_model.embeddings.position_ids"};
    folder in = make_folder();
    for (family as = OURS; as < FAMILIES; as++) {
        spae_arena arena = new_arena();
        const spae_clip_model m = given_model(&arena);
        spae_clip_encoder clip;
        spae_error err = {SPAE_OK, ""};
        arrays *f = make_arrays(&m, as, &arena);
        add_extra(f, beside[as]);
        if (as == OPENAI) { /* what OpenAI's own files have */
            add_extra(f, "input_resolution");
            add_extra(f, "context_length");
            add_extra(f, "vocab_size");
        }
        ck_ok(open_arrays(&in, f, MERGES, NULL, &arena, &clip, &err));
        ck_assert_str_eq(clip.scheme, scheme[as]);
        ck_same(&clip, &m);
        ck_assert(clip.tokenizer->V == VOCAB && clip.model.config.activation == SPAE_CLIP_QUICK_GELU);
        const spae_clip_wanted image = {SPAE_CLIP_IMAGE, SPAE_CLIP_GELU}, text = {SPAE_CLIP_TEXT, SPAE_CLIP_QUICK_GELU};
        ck_ok(open_arrays(&in, f, NULL, &image, &arena, &clip, &err)); /* the other encoder's arrays may be there */
        ck_assert(clip.model.parts == SPAE_CLIP_IMAGE && clip.tokenizer == NULL && clip.model.config.activation == SPAE_CLIP_GELU);
        ck_assert_mem_eq(clip.model.values, m.values, clip.model.parameters.elements * sizeof *m.values);
        ck_ok(open_arrays(&in, f, MERGES, &text, &arena, &clip, &err));
        ck_assert_uint_lt(clip.model.parameters.elements, m.parameters.elements);
        spae_arena_free(&arena);
    }
    remove_folder(&in, (const char *const[]){"w.safetensors", "bpe.txt", NULL});
}
END_TEST

/* Features are those of the encoders on what preparation and tokenizer give. */
START_TEST(pictures_and_texts)
{
    enum { N = 18 };
    folder in = make_folder();
    spae_arena arena = new_arena();
    const spae_clip_model m = given_model(&arena);
    spae_clip_encoder clip;
    spae_error err = {SPAE_OK, ""};
    ck_ok(open_arrays(&in, make_arrays(&m, OPENAI, &arena), MERGES, NULL, &arena, &clip, &err));
    spae_image image[N];
    const char *text[N];
    static spae_real features[N * EMBED], one[EMBED], x[SIDE * SIDE * 3];
    for (size_t i = 0; i < N; i++) {
        const size_t height = 7 + i % 3, width = 6 + i % 5, channels = i % 2 == 0 ? 3 : 1;
        image[i] = (spae_image){height, width, channels, spae_arena_take(&arena, height * width * channels, sizeof(float))};
        for (size_t k = 0; k < height * width * channels; k++)
            image[i].pixels[k] = (float)((k * 7 + i) % 31) / 30.0f;
        text[i] = i % 2 == 0 ? "cats  A" : "Cat &amp; s";
    }
    const size_t used = arena.used;
    for (int unit = 0; unit < 2; unit++) {
        ck_ok(spae_clip_encode_images(&clip, image, N, unit == 1, &arena, features, &err));
        for (size_t i = 0; i < N; i++) {
            uint8_t rounded[9 * 10 * 3];
            for (size_t k = 0; k < image[i].height * image[i].width * 3; k++)
                rounded[k] = (uint8_t)(255 * (double)image[i].pixels[image[i].channels == 3 ? k : k / 3] + 0.5);
            ck_ok(spae_clip_prepare(rounded, image[i].height, image[i].width, SIDE, spae_clip_mean, spae_clip_deviation, &arena, NULL, NULL, x, &err));
            ck_ok(spae_clip_image_features(&m, x, 1, unit == 1, &arena, one, &err));
            ck_assert_mem_eq(one, features + i * EMBED, sizeof one);
        }
        ck_ok(spae_clip_encode_texts(&clip, text, N, unit == 1, &arena, features, &err));
        for (size_t i = 0; i < N; i++) {
            const int32_t cats[CONTEXT] = {516, 515, 320, 517}, cat[CONTEXT] = {516, 513, 261, 338, 517};
            ck_ok(spae_clip_text_features(&m, i % 2 == 0 ? cats : cat, 1, unit == 1, &arena, one, &err));
            ck_assert_mem_eq(one, features + i * EMBED, sizeof one);
        }
    }
    ck_ok(spae_clip_encode_images(&clip, NULL, 0, true, &arena, NULL, &err));
    ck_ok(spae_clip_encode_texts(&clip, NULL, 0, true, &arena, NULL, &err));
    ck_assert_uint_eq(arena.used, used);
    remove_folder(&in, (const char *const[]){"w.safetensors", "bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* ---- what does not ---------------------------------------------------------------------------------------- */

START_TEST(calls_that_are_refused)
{
    folder in = make_folder();
    spae_arena arena = new_arena();
    const spae_clip_model m = given_model(&arena);
    const spae_clip_wanted image = {SPAE_CLIP_IMAGE, SPAE_CLIP_GELU}, text = {SPAE_CLIP_TEXT, SPAE_CLIP_GELU}, none = {0, SPAE_CLIP_GELU};
    const char *const texts[] = {"a", "a cat cats cat s a s", "\xFF"};
    float pixel = 0.5f;
    spae_image picture = {1, 1, 1, &pixel};
    spae_clip_encoder clip;
    spae_real feature[3 * EMBED];
    spae_error err = {SPAE_OK, ""};
    arrays *f = make_arrays(&m, OPENAI, &arena);
    ck_ok(open_arrays(&in, f, NULL, &image, &arena, &clip, &err));
    ck_assert_int_eq(spae_clip_encode_texts(&clip, texts, 1, true, &arena, feature, &err), SPAE_ERR_ARGUMENT);
    ck_ok(open_arrays(&in, f, NULL, &text, &arena, &clip, &err));
    ck_assert_int_eq(spae_clip_encode_images(&clip, &picture, 1, true, &arena, feature, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_clip_encode_texts(&clip, texts, 1, true, &arena, feature, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "clip: the tokenizer was not opened");
    ck_ok(open_arrays(&in, f, MERGES, NULL, &arena, &clip, &err));
    ck_assert_int_eq(spae_clip_encode_texts(&clip, texts, 2, true, &arena, feature, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "text 1: the text has 7 tokens, at most 6 fit") != NULL, "%s", err.text);
    ck_assert_int_eq(spae_clip_encode_texts(&clip, texts + 2, 1, true, &arena, feature, &err), SPAE_ERR_FORMAT);
    pixel = 0.0f / (pixel - pixel);
    ck_assert_int_eq(spae_clip_encode_images(&clip, &picture, 1, true, &arena, feature, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_msg(strstr(err.text, "picture 0: ") != NULL, "%s", err.text);
    ck_assert_int_eq(open_arrays(&in, f, NULL, &none, &arena, &clip, &err), SPAE_ERR_ARGUMENT);
    const size_t used = arena.used;
    ck_assert_int_eq(open_arrays(&in, f, MERGES "ca s</w>\n", NULL, &arena, &clip, &err), SPAE_ERR_SHAPE);
    ck_assert_msg(strstr(err.text, "bpe.txt has 519 tokens, the weights have 518") != NULL, "%s", err.text);
    ck_assert_uint_eq(arena.used, used);
    remove_folder(&in, (const char *const[]){"w.safetensors", "bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* One change to the arrays under OpenAI's names, and what is said. */
static void ck_changed(void change(arrays *f), spae_status due, const char *part)
{
    folder in = make_folder();
    spae_arena arena = new_arena(), work = new_arena();
    const spae_clip_model m = given_model(&work);
    arrays *f = make_arrays(&m, OPENAI, &work);
    spae_clip_encoder clip;
    spae_error err = {SPAE_OK, ""};
    change(f);
    const spae_status status = open_arrays(&in, f, NULL, NULL, &arena, &clip, &err);
    ck_assert_msg(status == due && strstr(err.text, part) != NULL, "%s: \"%s\", due \"%s\"", spae_status_name(status), err.text, part);
    ck_assert_uint_eq(arena.used, 0);
    remove_folder(&in, (const char *const[]){"w.safetensors", NULL});
    spae_arena_free(&work);
    spae_arena_free(&arena);
}

static void drop(arrays *f, const char *name)
{
    safetensors_item *item = called(f, name);
    *item = f->item[--f->count];
}

static void no_image(arrays *f) { drop(f, "visual.conv1.weight"); }
static void no_text(arrays *f) { drop(f, "token_embedding.weight"); }
static void no_projection(arrays *f) { drop(f, "text_projection"); }
static void no_fused(arrays *f) { drop(f, "transformer.resblocks.10.attn.in_proj_weight"); }
static void a_gap(arrays *f) { drop(f, "visual.transformer.resblocks.0.ln_1.weight"); }
static void unknown(arrays *f) { add_extra(f, "visual.extra"); }
static void no_square(arrays *f) { called(f, "visual.positional_embedding")->shape[0] = 9; }
static void no_third(arrays *f) { called(f, "transformer.resblocks.3.attn.in_proj_bias")->shape[0] = 11; }
static void flat(arrays *f) { *called(f, "token_embedding.weight") = (safetensors_item){"token_embedding.weight", 1, {VOCAB}, called(f, "token_embedding.weight")->data, false}; }
static void other_embed(arrays *f) { called(f, "visual.proj")->shape[1] = 2; }

START_TEST(broken_weights)
{
    ck_changed(no_image, SPAE_ERR_FORMAT, "no array is CLIP's visual/conv1/kernel under any known name");
    ck_changed(no_text, SPAE_ERR_FORMAT, "no array is CLIP's text/token_embedding under any known name");
    ck_changed(no_projection, SPAE_ERR_FORMAT, "no array is CLIP's text/proj/kernel under any known name");
    ck_changed(no_fused, SPAE_ERR_FORMAT, "3 of 221 arrays are missing: transformer.resblocks.10.attn.in_proj_weight");
    ck_changed(a_gap, SPAE_ERR_ARGUMENT, "layers");
    ck_changed(unknown, SPAE_ERR_FORMAT, "1 arrays that no parameter takes: visual.extra");
    ck_changed(no_square, SPAE_ERR_FORMAT, "9 positions and patches of 2: expected one position and a square of others");
    ck_changed(no_third, SPAE_ERR_SHAPE, "transformer.resblocks.3.attn.in_proj_bias expected (12), found (11)");
    ck_changed(flat, SPAE_ERR_SHAPE, "token_embedding.weight: expected 2 axes");
    ck_changed(other_embed, SPAE_ERR_SHAPE, "visual.proj expected (6,3), found (6,2)");
}
END_TEST

static spae_status open_and_use(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const char *const *name = context, *const text[] = {"cats"};
    float pixels[3] = {0, 0.5f, 1};
    const spae_image image = {1, 1, 3, pixels};
    spae_clip_encoder clip;
    spae_real feature[EMBED];
    spae_status status = spae_clip_open(arena, name, 1, name[1], NULL, &clip, err);
    if (status == SPAE_OK)
        status = spae_clip_encode_images(&clip, &image, 1, true, arena, feature, err);
    if (status == SPAE_OK)
        status = spae_clip_encode_texts(&clip, text, 1, true, arena, feature, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(every_refused_allocation_is_told)
{
    folder in = make_folder();
    spae_arena arena = new_arena();
    const spae_clip_model m = given_model(&arena);
    char weights[160], tokens[160];
    const char *name[] = {weights, tokens};
    strcpy(weights, write_arrays(&in, make_arrays(&m, HUGGING_FACE, &arena), &arena));
    put_text(&in, "bpe.txt", MERGES);
    strcpy(tokens, in_folder(&in, "bpe.txt"));
    starve(open_and_use, name, 8192);
    remove_folder(&in, (const char *const[]){"w.safetensors", "bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_clip, "io/clip", every_family, pictures_and_texts, calls_that_are_refused, broken_weights,
      every_refused_allocation_is_told)

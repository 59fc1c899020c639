/* CLIP's features of words and pictures, guide_clip.h. */
#include "io/guide_clip.h"

#include "io/raw_words.h"
#include "vendor_free/json.h"
#include "vendor_free/sha256.h"

enum { JSON_ROOM = 1024, PICTURES = 16 };

typedef struct {
    const spae_clip_encoder *clip;
    spae_arena *arena;
    const spae_guide_output *out;
    spae_guide_report report;
    char json[JSON_ROOM];
    size_t json_length;

    spae_real *feature; /* (embed) of a word, (PICTURES, embed) */

    /* words */
    const char *const *word, *const *prompt;
    size_t prompts;

    /* pictures */
    const spae_dataset *dataset;
    const spae_config *config;
    spae_real *picture; /* (T,H,W,3) */
    spae_image *frame;  /* (PICTURES, T) */
} making;

/* ---- what a file is made of; SPEC 8.48 ---- */

static void hash_texts(const char *const *text, size_t count, char hex[65])
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    for (size_t i = 0; i < count; i++)
        spae_sha256_add(&hash, text[i], strlen(text[i]) + 1);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, hex);
}

static void hash_tokens(const spae_tokenizer *t, char hex[65])
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    for (size_t k = 0; k < t->V; k++) {
        size_t length = 0;
        const char *bytes = t->bytes(t, (int32_t)k, &length);
        spae_sha256_add(&hash, bytes != NULL ? bytes : "", bytes != NULL ? length : 0);
        spae_sha256_add(&hash, "", 1);
    }
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, hex);
}

static void write_text(spae_json_writer *w, const char *key, const char *text)
{
    spae_json_write_key(w, key);
    spae_json_write_string(w, text, strlen(text));
}

static void begin_json(making *m, spae_json_writer *w, const char *features)
{
    const spae_clip *c = &m->clip->model.config;
    spae_json_write_start(w, m->json, JSON_ROOM - 1);
    spae_json_write_open(w, '{');
    write_text(w, "features", features);
    write_text(w, "clip_sha256", m->clip->hash);
    write_text(w, "activation", c->activation == SPAE_CLIP_GELU ? "gelu" : "quick_gelu");
}

static spae_status end_json(making *m, spae_json_writer *w, size_t rows, spae_error *err)
{
    spae_json_write_key(w, "rows");
    spae_json_write_integer(w, (int64_t)rows);
    spae_json_write_close(w);
    const spae_status status = spae_json_write_finish(w, &m->json_length, err);
    if (status == SPAE_OK)
        m->json[m->json_length++] = '\n';
    return status;
}

static void tell(void *context, size_t done, size_t rows)
{
    const making *m = context;
    if (m->out->progress != NULL)
        m->out->progress(m->out->context, done, rows);
}

static spae_status run(making *m, size_t rows, size_t at_once,
                       spae_status (*make)(void *, size_t, size_t, float *, spae_error *), spae_error *err)
{
    const spae_guide_cache cache = {m->out->path, m->json, m->json_length, rows, m->clip->model.config.embed, at_once, make, tell, m};
    return spae_guide_cache_make(&cache, m->arena, &m->report.found, err);
}

static void put(const spae_real *x, size_t count, float *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)x[i];
}

/* ---- words; SPEC 4.9 ---- */

static spae_status fill_prompts(const char *word, const char *const *prompt, size_t prompts, spae_arena *arena, const char **text,
                                spae_error *err)
{
    const size_t length = strlen(word);
    for (size_t p = 0; p < prompts; p++) {
        char *out = spae_arena_take(arena, strlen(prompt[p]) + length + 1, 1);
        if (out == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the prompts of a word of %zu bytes", length);
        (void)spae_clip_prompt(prompt[p], word, length, out);
        text[p] = out;
    }
    return SPAE_OK;
}

spae_status spae_guide_word(const spae_clip_encoder *clip, const char *word, const char *const *prompt, size_t prompts,
                            spae_arena *arena, spae_real *mean, bool *said, spae_error *err)
{
    const size_t d = clip->model.config.embed;
    const spae_arena_mark mark = spae_arena_here(arena);
    const char **text = spae_arena_take(arena, prompts, sizeof *text);
    spae_real *feature = spae_arena_take(arena, prompts, d * sizeof *feature);
    spae_status status = text != NULL && feature != NULL
                             ? fill_prompts(word, prompt, prompts, arena, text, err)
                             : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the features of %zu prompts", prompts);
    if (status == SPAE_OK)
        status = spae_raw_is(word) ? SPAE_ERR_FORMAT : spae_clip_encode_texts(clip, text, prompts, true, arena, feature, err);
    *said = status == SPAE_OK;
    if (status == SPAE_OK)
        spae_text_mean(feature, 1, prompts, d, mean);
    for (size_t i = 0; i < d && status == SPAE_ERR_FORMAT; i++)
        mean[i] = 0;
    spae_arena_reset(arena, mark);
    return status == SPAE_ERR_FORMAT ? SPAE_OK : status;
}

static spae_status make_word(void *context, size_t k, size_t count, float *out, spae_error *err)
{
    making *m = context;
    bool said = true;
    spae_error why = {SPAE_OK, ""};
    (void)count; /* 1 */
    const spae_status status = spae_guide_word(m->clip, m->word[k], m->prompt, m->prompts, m->arena, m->feature, &said, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "word %zu: %s", k, why.text);
    m->report.zeros += !said;
    put(m->feature, m->clip->model.config.embed, out);
    return SPAE_OK;
}

static spae_status check_prompts(const char *const *prompt, size_t prompts, spae_error *err)
{
    for (size_t p = 0; p < prompts; p++)
        if (strstr(prompt[p], "{}") == NULL)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "the prompt \"%s\" has no {} for the word", prompt[p]);
    return prompts > 0 ? SPAE_OK : spae_fail(err, SPAE_ERR_ARGUMENT, "no prompts");
}

static spae_status words(making *m, size_t V, spae_error *err)
{
    char hash[65];
    spae_json_writer w;
    m->feature = spae_arena_take(m->arena, m->clip->model.config.embed, sizeof *m->feature);
    if (m->feature == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a feature of %zu numbers", m->clip->model.config.embed);
    begin_json(m, &w, "words");
    hash_tokens(m->clip->tokenizer, hash);
    write_text(&w, "tokens_sha256", hash);
    hash_texts(m->prompt, m->prompts, hash);
    write_text(&w, "prompts_sha256", hash);
    hash_texts(m->word, V, hash);
    write_text(&w, "words_sha256", hash);
    const spae_status status = end_json(m, &w, V, err);
    return status == SPAE_OK ? run(m, V, 1, make_word, err) : status;
}

spae_status spae_guide_words(const spae_clip_encoder *clip, const char *const *word, size_t V, const char *const *prompt,
                             size_t prompts, const spae_guide_output *out, spae_arena *arena, spae_guide_report *report,
                             spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    making m = {.clip = clip, .arena = arena, .out = out, .word = word, .prompt = prompt, .prompts = prompts};
    spae_status status = check_prompts(prompt, prompts, err);
    if (status == SPAE_OK && ((clip->model.parts & SPAE_CLIP_TEXT) == 0 || clip->tokenizer == NULL))
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "clip: words need a text encoder and a tokenizer");
    if (status == SPAE_OK)
        status = words(&m, V, err);
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK)
        *report = m.report;
    return status;
}

/* ---- pictures; SPEC 4.9 ---- */

/* The frames of picture `index` as images of 0 .. 1; exact, as they are bytes / 255. */
static void take_frames(const making *m, size_t index, spae_image *frame)
{
    const size_t *picture = m->config->picture, values = picture[1] * picture[2] * 3;
    spae_dataset_picture(m->dataset, index, m->config, m->picture);
    for (size_t t = 0; t < picture[0]; t++)
        put(m->picture + t * values, values, frame[t].pixels);
}

spae_status spae_guide_frames(const spae_clip_encoder *clip, const spae_image *frame, size_t n, size_t T, spae_arena *arena,
                              spae_real *mean, spae_error *err)
{
    const size_t d = clip->model.config.embed;
    const spae_arena_mark mark = spae_arena_here(arena);
    if (T == 1)
        return spae_clip_encode_images(clip, frame, n, true, arena, mean, err);
    spae_real *feature = spae_arena_take(arena, n * T, d * sizeof *feature);
    spae_status status = feature != NULL ? spae_clip_encode_images(clip, frame, n * T, true, arena, feature, err)
                                         : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the features of %zu frames", n * T);
    if (status == SPAE_OK) {
        spae_text_mean(feature, n, T, d, mean); /* the same mean, over frames */
        spae_clip_unit(mean, n, d);
    }
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status make_pictures(void *context, size_t first, size_t count, float *out, spae_error *err)
{
    making *m = context;
    const size_t T = m->config->picture[0];
    for (size_t i = 0; i < count; i++)
        take_frames(m, first + i, m->frame + i * T);
    const spae_status status = spae_guide_frames(m->clip, m->frame, count, T, m->arena, m->feature, err);
    if (status == SPAE_OK)
        put(m->feature, count * m->clip->model.config.embed, out);
    return status;
}

static bool take_room(making *m)
{
    const size_t *p = m->config->picture, T = p[0], values = p[1] * p[2] * 3, d = m->clip->model.config.embed;
    m->picture = spae_arena_take(m->arena, T * values, sizeof *m->picture);
    m->frame = spae_arena_take(m->arena, PICTURES * T, sizeof *m->frame);
    m->feature = spae_arena_take(m->arena, PICTURES, d * sizeof *m->feature);
    bool room = m->picture != NULL && m->frame != NULL && m->feature != NULL;
    for (size_t i = 0; i < PICTURES * T && room; i++) {
        m->frame[i] = (spae_image){p[1], p[2], 3, spae_arena_take(m->arena, values, sizeof(float))};
        room = m->frame[i].pixels != NULL;
    }
    return room;
}

static spae_status pictures(making *m, spae_error *err)
{
    char hash[65];
    spae_json_writer w;
    if (!take_room(m))
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %d pictures", m->dataset->name, PICTURES);
    begin_json(m, &w, "pictures");
    spae_dataset_hash(m->dataset, hash);
    write_text(&w, "data_sha256", hash);
    spae_json_write_key(&w, "picture");
    spae_json_write_open(&w, '[');
    for (size_t i = 0; i < 3; i++)
        spae_json_write_integer(&w, (int64_t)m->config->picture[i]);
    spae_json_write_close(&w);
    const spae_status status = end_json(m, &w, m->dataset->count, err);
    return status == SPAE_OK ? run(m, m->dataset->count, PICTURES, make_pictures, err) : status;
}

spae_status spae_guide_pictures(const spae_clip_encoder *clip, const spae_dataset *dataset, const spae_config *config,
                                const spae_guide_output *out, spae_arena *arena, spae_guide_report *report, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    making m = {.clip = clip, .arena = arena, .out = out, .dataset = dataset, .config = config};
    spae_status status = (clip->model.parts & SPAE_CLIP_IMAGE) != 0
                             ? spae_dataset_fits(dataset, config, err)
                             : spae_fail(err, SPAE_ERR_ARGUMENT, "clip: pictures need an image encoder");
    if (status == SPAE_OK)
        status = pictures(&m, err);
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK)
        *report = m.report;
    return status;
}

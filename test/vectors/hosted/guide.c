/* Stage files, CLIP's features of words and pictures: SPEC 4.9; files of features, broken off and read in training: 8.48, 8.49.
 * Files of this process stand in /tmp while a case runs. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/guide_clip.h"
#include "io/guide_stream.h"
#include "io/tokenizer_open.h"
#include "raw.h"
#include "test/vectors/tokens.h"

#define MERGES "#version: 0.2\nc a\nca t</w>\nt s</w>\nca ts</w>\n"

enum { EMBED = 3, SIDE = 4, WORDS = 5, PICTURES = 2, FRAMES = 2, VALUES = SIDE * (SIDE + 1) * 3 };

/* A word that fills the context of 24 tokens with no prompt, one of raw bytes. */
static const char *const words[WORDS] = {"cat", " Cats", "a", "ttttttttttttttttttttttttttttttt", "\xF4\x8F\xBE\x80"};

/* The encoder's parameters by formula, (37 i + 11) mod 127 - 63 over 64. */
static bool encoder(vectors *v, unsigned part, spae_clip_encoder *clip)
{
    const spae_clip config = {.image_size = SIDE, .patch = 2, .vision = {4, 1, 1, 6}, .text = {4, 1, 1, 6},
                              .context = 24, .vocab = 518, .embed = EMBED, .eps = 1e-5};
    spae_clip_model *m = &clip->model;
    *clip = (spae_clip_encoder){.model = {.config = config, .parts = part, .parameters = {.arena = v->arena}}};
    if (!vectors_goes_on(v))
        return false;
    vectors_expect(v, spae_clip_declare(&m->config, part, &m->parameters, v->err));
    spae_real *values = vectors_room(v, m->parameters.elements, sizeof *values);
    if (values == NULL || !vectors_goes_on(v))
        return false;
    for (size_t i = 0; i < m->parameters.elements; i++)
        values[i] = (spae_real)((double)((37 * i + 11) % 127) - 63) / 64;
    m->values = values;
    vectors_give(v, &(vectors_array){.name = "parameters",
                                     .type = VECTORS_REAL,
                                     .compare = VECTORS_INPUT,
                                     .rank = 1,
                                     .shape = {m->parameters.elements},
                                     .data = values,
                                     .layout = &m->parameters,
                                     .layout_count = m->parameters.count});
    return vectors_goes_on(v);
}

static bool tokenizer(vectors *v, spae_clip_encoder *clip)
{
    char path[64];
    const size_t size = sizeof MERGES - 1;
    snprintf(path, sizeof path, "/tmp/spae-guide-%ld.txt", (long)getpid());
    vectors_octets(v, "merges", VECTORS_INPUT, 1, &size, MERGES);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_file_write_all(v->arena, path, MERGES, size, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_tokenizer_open(v->arena, path, &clip->tokenizer, v->err));
    remove(path);
    return vectors_goes_on(v);
}

static void guide_words(vectors *v)
{
    const size_t shape[2] = {WORDS, EMBED};
    spae_clip_encoder clip;
    if (!vectors_begin(v, "files/guide_words", "4.9", "guide_words", "{\"context\":24,\"heads\":1,\"eps\":1e-5}",
                       "the mean over 80 prompts; a word that is too long, and one of bytes, have zeros"))
        return;
    spae_real *mean = vectors_room(v, WORDS * EMBED, sizeof *mean);
    vectors_texts(v, "prompts", VECTORS_INPUT, spae_clip_templates, SPAE_CLIP_TEMPLATES);
    vectors_texts(v, "words", VECTORS_INPUT, words, WORDS);
    if (encoder(v, SPAE_CLIP_TEXT, &clip) && tokenizer(v, &clip)) {
        bool said = true;
        for (size_t k = 0; k < WORDS && vectors_goes_on(v); k++)
            vectors_expect(v, spae_guide_word(&clip, words[k], spae_clip_templates, SPAE_CLIP_TEMPLATES, v->arena, mean + k * EMBED,
                                              &said, v->err));
        if (vectors_goes_on(v))
            vectors_numbers(v, "features", VECTORS_NUMBERS, 2, shape, mean);
    }
    vectors_end(v);
}

static void guide_pictures(vectors *v)
{
    const size_t shape[2] = {PICTURES, EMBED}, given[5] = {PICTURES, FRAMES, SIDE, SIDE + 1, 3};
    static uint8_t bytes[PICTURES * FRAMES * VALUES];
    static float pixels[PICTURES * FRAMES * VALUES];
    spae_image frame[PICTURES * FRAMES];
    spae_clip_encoder clip;
    if (!vectors_begin(v, "files/guide_pictures", "4.9", "guide_pictures", "{\"image_size\":4,\"patch\":2,\"heads\":1,\"eps\":1e-5}",
                       "videos of two frames: the mean of unit features, of length 1 again"))
        return;
    for (size_t i = 0; i < PICTURES * FRAMES * VALUES; i++) {
        bytes[i] = (uint8_t)((53 * i + i / VALUES * 17) % 256);
        pixels[i] = (float)bytes[i] / 255.0f;
    }
    for (size_t i = 0; i < PICTURES * FRAMES; i++)
        frame[i] = (spae_image){SIDE, SIDE + 1, 3, pixels + i * VALUES};
    vectors_octets(v, "pictures", VECTORS_INPUT, 5, given, bytes);
    spae_real *mean = vectors_room(v, PICTURES * EMBED, sizeof *mean);
    if (encoder(v, SPAE_CLIP_IMAGE, &clip)) {
        vectors_expect(v, spae_guide_frames(&clip, frame, PICTURES, FRAMES, v->arena, mean, v->err));
        if (vectors_goes_on(v))
            vectors_numbers(v, "features", VECTORS_NUMBERS, 2, shape, mean);
    }
    vectors_end(v);
}

/* ---- files of features, SPEC 8.48 ---- */

enum { ROWS = 5, D = 3, PATH = 96, HEAD = 128 };

static spae_status make_rows(void *context, size_t first, size_t count, float *out, spae_error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < count * D; i++)
        out[i] = (float)(first * D + i) / 8.0f;
    return SPAE_OK;
}

static const char *path_of(char path[PATH], const char *ending)
{
    snprintf(path, PATH, "/tmp/spae-guide-%ld%s", (long)getpid(), ending);
    return path;
}

static void put(vectors *v, const char *input, const char *ending, const void *bytes, size_t size)
{
    char path[PATH];
    if (input != NULL)
        vectors_octets(v, input, VECTORS_INPUT, 1, &size, bytes);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_file_write_all(v->arena, path_of(path, ending), bytes, size, v->err));
}

/* Goes on behind a part of two rows and five bytes of the third, which are wrong. */
static void broken_off(vectors *v, const char *name, const char *made_of, spae_status due, const char *why)
{
    static const char now[] = "{\"features\":\"words\",\"rows\":5}\n";
    char path[PATH], whole[PATH];
    float rows[ROWS * D];
    const size_t shape[2] = {ROWS, D}, cut = HEAD + 2 * D * 4 + 5;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (!vectors_begin(v, name, "8.48", "guide_cache", "{}", why))
        return;
    spae_real real_rows[ROWS * D];
    const size_t length = sizeof now - 1;
    (void)make_rows(NULL, 0, ROWS, rows, NULL);
    for (size_t i = 0; i < ROWS * D; i++)
        real_rows[i] = (spae_real)rows[i];
    const spae_npy_array array = {SPAE_NPY_F4, 2, {ROWS, D}, rows};
    vectors_numbers(v, "rows", VECTORS_INPUT, 2, shape, real_rows);
    vectors_octets(v, "made_of", VECTORS_INPUT, 1, &length, now);
    const spae_guide_cache cache = {path_of(whole, ".npy"), now, sizeof now - 1, ROWS, D, 2, make_rows, NULL, NULL};
    spae_buffer buffer = {v->arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_npy_write(&sink, &array, v->err));
    if (vectors_goes_on(v)) {
        memset(buffer.bytes + HEAD + 2 * D * 4, 0xEE, 5);
        put(v, "part", ".npy.part", buffer.bytes, cut);
        put(v, "json", ".npy.json", made_of, strlen(made_of));
    }
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_guide_cache_make(&cache, v->arena, NULL, v->err))) {
        vectors_expect(v, spae_file_read_all(v->arena, whole, 4096, &bytes, &size, v->err));
        if (vectors_goes_on(v))
            vectors_octets(v, "file", VECTORS_BITS, 1, &size, bytes);
    }
    remove(path_of(path, ".npy"));
    remove(path_of(path, ".npy.part"));
    remove(path_of(path, ".npy.json"));
    vectors_end(v);
}

/* ---- read in training, SPEC 8.49 ---- */

static void stream(vectors *v, const char *name, bool scores, const char *why)
{
    enum { N = 3, V = 4 };
    static const float text[V * D] = {1, 0, 0.5f, -1, 2, 0, 0.25f, 0.25f, 0.25f, 0, 0, 0};
    static const float image[N * D] = {1, 2, 3, -1, 0.5f, 0, 0, 0, 0}, s[N * V] = {0, 0.5f, 1, 0.25f, 3, 3, 3, 3, -2, 4, 0, 1};
    const spae_npy_array of_words = {SPAE_NPY_F4, 2, {V, D}, text}, of_rows = {SPAE_NPY_F4, 2, {N, scores ? V : D}, scores ? s : image};
    const size_t shape[2] = {N, V};
    char at[2][PATH];
    spae_guide_stream stream;
    if (!vectors_begin(v, name, "8.49 4.4", "guide_stream", "{}", why))
        return;
    spae_real *out = vectors_room(v, N * V, sizeof *out);
    for (int i = scores ? 1 : 0; i < 2 && vectors_goes_on(v); i++) {
        spae_buffer buffer = {v->arena, NULL, 0, 0};
        spae_sink sink = spae_sink_buffer(&buffer);
        vectors_expect(v, spae_npy_write(&sink, i == 0 ? &of_words : &of_rows, v->err));
        put(v, i == 0 ? "words" : scores ? "scores" : "pictures", i == 0 ? "-w.npy" : "-r.npy", buffer.bytes, buffer.size);
        path_of(at[i], i == 0 ? "-w.npy" : "-r.npy");
    }
    if (vectors_goes_on(v))
        vectors_expect(v, spae_guide_stream_open(v->arena, scores ? NULL : at[0], at[1], V, N, &stream, v->err));
    if (vectors_goes_on(v)) {
        const size_t digits = 64;
        for (size_t i = 0; i < N && vectors_goes_on(v); i++)
            vectors_expect(v, spae_guide_stream_row(&stream, i, out + i * V, v->err));
        spae_guide_stream_close(&stream);
        vectors_numbers(v, "s", VECTORS_NUMBERS, 2, shape, out);
        vectors_octets(v, "guide_sha256", VECTORS_BITS, 1, &digits, stream.hash);
    }
    for (int i = scores ? 1 : 0; i < 2; i++)
        remove(at[i]);
    vectors_end(v);
}

void vectors_guide(vectors *v)
{
    broken_off(v, "files/guide_broken_off", "{\"features\":\"words\",\"rows\":5}\n", SPAE_OK,
               "a part that ends in the midst of a row is gone on with behind its last whole one");
    broken_off(v, "files/guide_refused_other", "{\"features\":\"words\",\"rows\":6}\n", SPAE_ERR_ARGUMENT,
               "what is there is made of something else");
    stream(v, "files/guide_rows", false, "Eq. 4 and 5 of features; a row of zeros makes all words alike");
    stream(v, "files/guide_scores", true, "Eq. 5 of scores: s stays s, equal scores are 1");
    guide_words(v);
    guide_pictures(v);
}

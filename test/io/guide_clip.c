/* io/guide_clip and io/clip_templates: features of words and pictures in files, beside the encoders' own. */
#include "tokenizer_files.h"

#include "io/guide_clip.h"
#include "io/npz.h"
#include "vendor_free/sha256.h"

#define MERGES "#version: 0.2\nc a\nca t</w>\nt s</w>\nca ts</w>\n"

enum { EMBED = 3, V = 4 };

static const char *const words[V] = {"cat", " cats", "ttttttttttttttttttttttttttttttt", "\xF4\x8F\xBE\x80"};
static const char *const prompts[2] = {"a {}.", "{} s"};

static spae_clip_encoder encoder(folder *f, spae_arena *arena)
{
    const spae_clip config = {.image_size = 4, .patch = 2, .vision = {4, 1, 1, 6}, .text = {4, 1, 1, 6},
                              .context = 20, .vocab = 518, .embed = EMBED, .eps = 1e-5};
    spae_clip_encoder clip = {.model = {.config = config, .parts = SPAE_CLIP_BOTH, .parameters = {.arena = arena}}};
    spae_error err;
    ck_ok(spae_clip_declare(&clip.model.config, SPAE_CLIP_BOTH, &clip.model.parameters, &err));
    spae_real *values = spae_arena_take(arena, clip.model.parameters.elements, sizeof *values);
    for (size_t i = 0; i < clip.model.parameters.elements; i++)
        values[i] = (spae_real)((double)((37 * i + 11) % 127) - 63) / 64;
    clip.model.values = values;
    memset(clip.hash, '1', 64);
    put_text(f, "bpe.txt", MERGES);
    ck_ok(open_in(f, "bpe.txt", arena, &clip.tokenizer, &err));
    return clip;
}

/* The published list: how many, no two the same, one {} each, and the whole by its hash. */
START_TEST(templates)
{
    spae_sha256 hash;
    uint8_t digest[32];
    char hex[65], out[64];
    spae_sha256_start(&hash);
    for (size_t i = 0; i < SPAE_CLIP_TEMPLATES; i++) {
        const char *text = spae_clip_templates[i], *place = strstr(text, "{}");
        ck_assert(place != NULL && strstr(place + 2, "{}") == NULL);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(text, spae_clip_templates[k]);
        spae_sha256_add(&hash, text, strlen(text));
        spae_sha256_add(&hash, "\n", 1);
    }
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, hex);
    ck_assert_str_eq(hex, "717aaf1055595d318aa456669c0de6675d883ccebfa70ca12ff890b7aab710cb");
    ck_assert_str_eq(spae_clip_templates[0], "a bad photo of a {}.");
    ck_assert_str_eq(spae_clip_templates[79], "a tattoo of the {}.");
    ck_assert_uint_eq(spae_clip_prompt(spae_clip_templates[35], "cat", 3, out), 22);
    ck_assert_str_eq(out, "a cat in a video game.");
}
END_TEST

static void read_features(const char *path, size_t rows, float *out)
{
    spae_arena arena = new_arena();
    spae_source source;
    spae_npy_header h;
    spae_error err;
    ck_ok(spae_source_open(&arena, path, NULL, &source, &err));
    ck_ok(spae_npy_read_header(&source, 0, source.size, &h, &err));
    ck_assert(h.rank == 2 && h.shape[0] == rows && h.shape[1] == EMBED);
    ck_ok(spae_npy_read_float(&source, &h, out, &err));
    spae_source_close(&source);
    spae_arena_free(&arena);
}

START_TEST(words_in_a_file)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_clip_encoder clip = encoder(&f, &arena);
    const char *const texts[2][2] = {{"a cat.", "cat s"}, {"a  cats.", "cats s"}};
    char path[160];
    float found[V * EMBED];
    spae_real feature[2 * EMBED], mean[EMBED];
    spae_guide_report report;
    spae_error err;
    strcpy(path, in_folder(&f, "t.npy"));
    const spae_guide_output out = {path, NULL, NULL};
    const size_t used = arena.used;
    ck_ok(spae_guide_words(&clip, words, V, prompts, 2, &out, &arena, &report, &err));
    ck_assert(report.found == 0 && report.zeros == 2 && arena.used == used);
    read_features(path, V, found);
    for (size_t k = 0; k < 2; k++) {
        ck_ok(spae_clip_encode_texts(&clip, texts[k], 2, true, &arena, feature, &err));
        spae_text_mean(feature, 1, 2, EMBED, mean);
        for (size_t i = 0; i < EMBED; i++)
            ck_assert(found[k * EMBED + i] == (float)mean[i]);
    }
    for (size_t i = 2 * EMBED; i < V * EMBED; i++)
        ck_assert(found[i] == 0);
    ck_ok(spae_guide_words(&clip, words, V, prompts, 2, &out, &arena, &report, &err));
    ck_assert(report.found == V && report.zeros == 0);
    ck_assert_int_eq(spae_guide_words(&clip, words, V, prompts, 1, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_guide_words(&clip, words, V - 1, prompts, 2, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    spae_clip_encoder other = clip;
    other.hash[0] = '2';
    ck_assert_int_eq(spae_guide_words(&other, words, V, prompts, 2, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_guide_words(&clip, words, V, words, 1, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "the prompt \"cat\" has no {} for the word");
    ck_assert_int_eq(spae_guide_words(&clip, words, V, prompts, 0, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    other.tokenizer = NULL;
    ck_assert_int_eq(spae_guide_words(&other, words, V, prompts, 2, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    remove_folder(&f, (const char *const[]){"t.npy", "t.npy.json", "bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(pictures_in_a_file)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_clip_encoder clip = encoder(&f, &arena);
    const spae_config config = preset_of("tiny-2d");
    const spae_dataset data = generated_data(&arena);
    const size_t *p = config.picture, values = p[1] * p[2] * 3;
    char path[160];
    float found[TINY_COUNT * EMBED];
    spae_real feature[EMBED], *picture = spae_arena_take(&arena, values, sizeof *picture);
    spae_image image = {p[1], p[2], 3, spae_arena_take(&arena, values, sizeof(float))};
    spae_guide_report report;
    spae_error err;
    strcpy(path, in_folder(&f, "i.npy"));
    const spae_guide_output out = {path, NULL, NULL};
    ck_ok(spae_guide_pictures(&clip, &data, &config, &out, &arena, &report, &err));
    read_features(path, TINY_COUNT, found);
    for (size_t i = 0; i < TINY_COUNT; i++) {
        spae_dataset_picture(&data, i, &config, picture);
        for (size_t k = 0; k < values; k++)
            image.pixels[k] = (float)picture[k];
        ck_ok(spae_clip_encode_images(&clip, &image, 1, true, &arena, feature, &err));
        for (size_t k = 0; k < EMBED; k++)
            ck_assert(found[i * EMBED + k] == (float)feature[k]);
    }
    spae_clip_encoder texts = clip;
    texts.model.parts = SPAE_CLIP_TEXT;
    ck_assert_int_eq(spae_guide_pictures(&texts, &data, &config, &out, &arena, &report, &err), SPAE_ERR_ARGUMENT);
    remove_folder(&f, (const char *const[]){"i.npy", "i.npy.json", "bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* Frames of a video: the mean of their unit features, of length 1. */
START_TEST(frames)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_clip_encoder clip = encoder(&f, &arena);
    float pixels[4][4 * 4 * 3];
    spae_image frame[4];
    spae_real one[4 * EMBED], mean[2 * EMBED];
    spae_error err;
    for (size_t i = 0; i < 4; i++) {
        frame[i] = (spae_image){4, 4, 3, pixels[i]};
        for (size_t k = 0; k < 48; k++)
            pixels[i][k] = (float)((k * (5 + i)) % 17) / 16.0f;
    }
    ck_ok(spae_clip_encode_images(&clip, frame, 4, true, &arena, one, &err));
    ck_ok(spae_guide_frames(&clip, frame, 2, 2, &arena, mean, &err));
    for (size_t v = 0; v < 2; v++) {
        spae_real due[EMBED];
        for (size_t k = 0; k < EMBED; k++)
            due[k] = (spae_real)(((double)one[2 * v * EMBED + k] + (double)one[(2 * v + 1) * EMBED + k]) / 2);
        spae_clip_unit(due, 1, EMBED);
        ck_assert_mem_eq(due, mean + v * EMBED, sizeof due);
    }
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_guide_clip, "io/guide_clip", templates, words_in_a_file, pictures_in_a_file, frames)

/* Stage files, CLIP's features of words and pictures: SPEC 4.9. The merges stand in a file of this process while a case runs. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/guide_clip.h"
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

void vectors_guide(vectors *v)
{
    guide_words(v);
    guide_pictures(v);
}

/* Reading and making of vocabularies, vocabulary.h. */
#include "io/vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "io/model.h"
#include "io/npz.h"
#include "nn/network.h"
#include "vendor_free/utf8.h"

enum { WORDS_FILE_MOST = 1 << 28 };

static spae_status no_memory(const char *name, size_t count, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu numbers or words", name,
                     count);
}

static spae_status read_rows(spae_arena *arena, const spae_source *source, const spae_npy_header *h,
                             spae_vocabulary *v, spae_error *err)
{
    if (h->rank != 2 || h->shape[0] < 1 || h->shape[0] > INT32_MAX || h->shape[1] < 1)
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "%s: expected a codebook (V,c), found (%zu,%zu), rank %u", source->name,
                         h->shape[0], h->shape[1], h->rank);
    v->V = h->shape[0];
    v->c = h->shape[1];
    v->e = spae_arena_take(arena, h->count, sizeof *v->e);
    return v->e != NULL ? spae_model_numbers(source, h, "codebook", v->e, err)
                        : no_memory(source->name, h->count, err);
}

/* The embeddings of an .npz, and its words where no others are given. */
static spae_status read_archive(spae_arena *arena, const spae_source *source, bool with_words,
                                spae_vocabulary *v, spae_error *err)
{
    spae_npz npz;
    spae_npz_array array;
    spae_status status = spae_npz_open(arena, source, NULL, &npz, err);
    if (status == SPAE_OK)
        status = spae_npz_array_open(arena, &npz, "codebook", &array, err);
    if (status == SPAE_OK)
        status = read_rows(arena, &array.source, &array.header, v, err);
    if (status != SPAE_OK || !with_words)
        return status;
    status = spae_npz_array_open(arena, &npz, "vocab", &array, err);
    if (status == SPAE_OK && (array.header.rank != 1 || array.header.count != v->V))
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: vocab: %zu words, expected %zu, one for each row of codebook",
                           source->name, array.header.count, v->V);
    return status == SPAE_OK ? spae_model_words(arena, &array.source, &array.header, "vocab", &v->word, err)
                             : status;
}

static spae_status read_embeddings(spae_arena *arena, const spae_source *source, bool with_words,
                                   spae_vocabulary *v, spae_error *err)
{
    spae_npy_header h;
    uint8_t start[2] = {0};
    spae_status status = source->size >= sizeof start ? spae_source_read(source, 0, start, sizeof start, err) : SPAE_OK;
    if (status == SPAE_OK && memcmp(start, "PK", sizeof start) == 0)
        return read_archive(arena, source, with_words, v, err);
    if (status == SPAE_OK && with_words)
        status = spae_fail(err, SPAE_ERR_ARGUMENT,
                           "%s: expected an .npz of codebook and vocab, or the words in a file beside it", source->name);
    if (status == SPAE_OK)
        status = spae_npy_read_header(source, 0, source->size, &h, err);
    return status == SPAE_OK ? read_rows(arena, source, &h, v, err) : status;
}

static size_t count_lines(const char *text, size_t size)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines + (size > 0 && text[size - 1] != '\n');
}

/* Line by line: every newline becomes the terminator of a word. `text` has room for one more byte.
 */
static spae_status split_lines(char *text, size_t size, const char *name, const char **word,
                               spae_error *err)
{
    size_t k = 0;
    text[size] = '\n';
    for (size_t start = 0; start < size; k++) {
        size_t end = start;
        while (text[end] != '\n')
            end++;
        const size_t length = end > start && text[end - 1] == '\r' ? end - start - 1 : end - start;
        if (memchr(text + start, '\0', length) != NULL ||
            !spae_utf8_valid((const uint8_t *)text + start, length))
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: expected a word in UTF-8", name,
                             k + 1);
        text[start + length] = '\0';
        word[k] = text + start;
        start = end + 1;
    }
    return SPAE_OK;
}

static spae_status read_lines(spae_arena *arena, const char *path, const spae_source *source,
                              size_t *count, const char *const **word, spae_error *err)
{
    if (source->size > WORDS_FILE_MOST)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: a list of words has at most %d bytes", path,
                         (int)WORDS_FILE_MOST);
    const size_t size = (size_t)source->size;
    char *text = spae_arena_take(arena, size + 1, 1);
    if (text == NULL)
        return no_memory(path, size, err);
    spae_status status = spae_source_read(source, 0, text, size, err);
    if (status != SPAE_OK)
        return status;
    *count = count_lines(text, size);
    const char **list = spae_arena_take(arena, *count, sizeof *list);
    if (list == NULL)
        return no_memory(path, *count, err);
    *word = list;
    return split_lines(text, size, path, list, err);
}

static spae_status read_strings(spae_arena *arena, const spae_source *source, size_t *count,
                                const char *const **word, spae_error *err)
{
    spae_npy_header h;
    const spae_status status = spae_npy_read_header(source, 0, source->size, &h, err);
    if (status != SPAE_OK)
        return status;
    *count = h.count;
    return spae_model_words(arena, source, &h, "words", word, err);
}

spae_status spae_vocabulary_words(spae_arena *arena, const char *path, size_t *count,
                                  const char *const **word, spae_error *err)
{
    static const char magic[] = "\x93NUMPY";
    const spae_arena_mark mark = spae_arena_here(arena);
    char first[sizeof magic - 1];
    spae_source source;
    spae_status status = spae_source_open(arena, path, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    const bool is_npy = source.size >= sizeof first &&
                        spae_source_read(&source, 0, first, sizeof first, NULL) == SPAE_OK &&
                        memcmp(first, magic, sizeof first) == 0;
    status = is_npy ? read_strings(arena, &source, count, word, err)
                    : read_lines(arena, path, &source, count, word, err);
    spae_source_close(&source);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

static spae_status read_both(spae_arena *arena, const char *codebook, const char *words,
                             spae_vocabulary *v, spae_error *err)
{
    spae_source source;
    size_t count = 0;
    spae_status status = spae_source_open(arena, codebook, NULL, &source, err);
    if (status != SPAE_OK)
        return status;
    status = read_embeddings(arena, &source, words == NULL, v, err);
    spae_source_close(&source);
    if (status != SPAE_OK || words == NULL)
        return status;
    status = spae_vocabulary_words(arena, words, &count, &v->word, err);
    if (status == SPAE_OK && count != v->V)
        status =
            spae_fail(err, SPAE_ERR_SHAPE, "%s: %zu words, expected %zu, one for each row of %s",
                      words, count, v->V, codebook);
    return status;
}

spae_status spae_vocabulary_read(spae_arena *arena, const char *codebook, const char *words,
                                 size_t limit, spae_vocabulary *vocabulary, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_vocabulary v = {0, 0, NULL, NULL};
    const spae_status status = read_both(arena, codebook, words, &v, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    v.V = limit != 0 && limit < v.V ? limit : v.V;
    *vocabulary = v;
    return SPAE_OK;
}

spae_status spae_vocabulary_generate(spae_arena *arena, size_t V, size_t c, uint32_t seed,
                                     spae_vocabulary *vocabulary, spae_error *err)
{
    enum { NAME = 24 }; /* "w18446744073709551615" and a terminator */
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_real *e = V <= SIZE_MAX / c ? spae_arena_take(arena, V * c, sizeof *e) : NULL;
    char *text = spae_arena_take(arena, V, NAME);
    const char **word = spae_arena_take(arena, V, sizeof *word);
    if (e == NULL || text == NULL || word == NULL) {
        spae_arena_reset(arena, mark);
        return no_memory("vocabulary", V, err);
    }
    spae_parameter drawn = {"codebook/kernel", spae_shape_of(1, 1, 1, 1, V * c), 1, 0};
    const spae_parameters parameters = {.item = &drawn, .count = 1, .elements = V * c};
    spae_parameters_init(&parameters, seed, e);
    for (size_t k = 0; k < V; k++) {
        word[k] = text + k * NAME;
        snprintf(text + k * NAME, NAME, "w%lu", (unsigned long)k);
    }
    *vocabulary = (spae_vocabulary){V, c, e, word};
    return SPAE_OK;
}

spae_status spae_vocabulary_use(const spae_vocabulary *vocabulary, spae_model *model, spae_error *err)
{
    const size_t V = vocabulary->V, c = vocabulary->c, learned = model->config.codebook_size;
    if (learned > V)
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "the configuration says codebook_size=%zu, but there are %zu words", learned,
                         V);
    model->word = vocabulary->word;
    if (learned > 0)
        return SPAE_OK;
    if (c != model->config.c)
        return spae_fail(err, SPAE_ERR_SHAPE,
                         "the codebook has %zu columns, the configuration says c=%zu", c,
                         model->config.c);
    model->codebook = (spae_codebook){.V = V, .c = c, .e = vocabulary->e};
    return SPAE_OK;
}

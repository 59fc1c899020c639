/* A language model's tokens and embeddings as a source of words, word_source.h. */
#include "io/arrays.h"
#include "io/npy.h"
#include "io/tokenizer_open.h"
#include "io/weights_files.h"
#include "io/word_source.h"

enum { C_MOST = 65536 };

const char *const spae_word_source_arrays[] = {"model.embed_tokens.weight",
                                               "embed_tokens.weight",
                                               "transformer.wte.weight",
                                               "wte.weight",
                                               "language_model.model.embed_tokens.weight",
                                               "model.language_model.embed_tokens.weight",
                                               "model.decoder.embed_tokens.weight",
                                               "decoder.embed_tokens.weight",
                                               "tok_embeddings.weight",
                                               "gpt_neox.embed_in.weight",
                                               "transformer.word_embeddings.weight",
                                               "word_embeddings.weight",
                                               "shared.weight",
                                               "encoder.embed_tokens.weight",
                                               "bert.embeddings.word_embeddings.weight",
                                               "roberta.embeddings.word_embeddings.weight",
                                               "embeddings.word_embeddings.weight",
                                               "token_embedding.weight",
                                               "text_model.embeddings.token_embedding.weight",
                                               "embeddings",
                                               "codebook",
                                               NULL};

/* The matrix lies in an .npy, or in weights. */
typedef struct {
    const spae_tokenizer *tokenizer;
    bool is_npy;
    spae_source file;
    spae_npy_header header;
    spae_weights_files weights;
    size_t at; /* which file of the weights */
    spae_weights_array array;
} tokens;

static spae_status token_bytes(const spae_word_source *source, size_t k, const char **bytes, size_t *length,
                               spae_error *err)
{
    const tokens *t = source->context;
    (void)err;
    *bytes = t->tokenizer->bytes(t->tokenizer, (int32_t)k, length);
    return SPAE_OK;
}

static spae_status token_row(const spae_word_source *source, size_t row, spae_real *e, spae_error *err)
{
    const tokens *t = source->context;
    if (!t->is_npy)
        return spae_weights_rows_read(&t->weights.file[t->at], &t->array, row, 1, e, err);
    const spae_npy_header one = spae_npy_cut(&t->header, row, 1);
    const spae_status status = spae_numbers_read(&t->file, &one, e, err);
    spae_error why;
    if (status == SPAE_OK && spae_numbers_finite(&t->file, "", e, source->c, &why) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: row %zu is not finite", t->file.name, row);
    return status;
}

static void close_tokens(spae_word_source *source)
{
    tokens *t = source->context;
    if (t->is_npy)
        spae_source_close(&t->file);
    else
        spae_weights_files_close(&t->weights);
}

/* ---- the matrix ------------------------------------------------------------------------------ */

static spae_status take_shape(const char *name, const char *array, unsigned rank, const size_t *shape,
                              spae_word_source *source, spae_error *err)
{
    char text[SPAE_SHAPE_ROOM];
    if (rank != 2 || shape[0] < 1 || shape[1] < 1 || shape[1] > C_MOST)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s%s%s: expected embeddings (words,c), c up to %d, found %s", name,
                         array[0] != '\0' ? ": " : "", array, (int)C_MOST, spae_shape_text(shape, rank, text));
    source->rows = shape[0];
    source->c = shape[1];
    return SPAE_OK;
}

static bool is_npy(const char *path, spae_arena *arena)
{
    static const char magic[] = "\x93NUMPY";
    const spae_arena_mark mark = spae_arena_here(arena);
    char start[sizeof magic - 1];
    spae_source file;
    bool found = false;
    if (spae_source_open(arena, path, NULL, &file, NULL) == SPAE_OK) {
        found = file.size >= sizeof start && spae_source_read(&file, 0, start, sizeof start, NULL) == SPAE_OK &&
                memcmp(start, magic, sizeof start) == 0;
        spae_source_close(&file);
    }
    spae_arena_reset(arena, mark);
    return found;
}

static spae_status open_npy(tokens *t, const char *path, spae_arena *arena, spae_word_source *source, spae_error *err)
{
    t->is_npy = true;
    spae_status status = spae_source_open(arena, path, NULL, &t->file, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npy_read_header(&t->file, 0, t->file.size, &t->header, err);
    if (status == SPAE_OK)
        status = take_shape(path, "", t->header.rank, t->header.shape, source, err);
    if (status == SPAE_OK && t->header.fortran)
        status = spae_fail(err, SPAE_ERR_FORMAT,
                           "%s: it is in Fortran order, its rows lie apart: save numpy.ascontiguousarray of it", path);
    if (status != SPAE_OK)
        spae_source_close(&t->file);
    return status;
}

static spae_status no_array(const tokens *t, const char *path, const char *array, spae_error *err)
{
    spae_name_list there = {0, {SPAE_OK, ""}};
    for (size_t f = 0; f < t->weights.count; f++)
        for (size_t i = 0; i < t->weights.file[f].count; i++)
            spae_name_list_add(&there, spae_weights_name(&t->weights.file[f], i));
    if (array != NULL)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "%s: no array is called %s; of %zu there are %s", path, array,
                         there.count, there.line.text);
    return spae_fail(err, SPAE_ERR_ARGUMENT,
                     "%s: no array has a name that embeddings are known by: say which it is; of %zu there are %s", path,
                     there.count, there.line.text);
}

static spae_status find_array(tokens *t, const char *path, const char *array, size_t *index, spae_error *err)
{
    if (array != NULL)
        return spae_weights_files_find(&t->weights, array, &t->at, index) ? SPAE_OK : no_array(t, path, array, err);
    for (size_t i = 0; spae_word_source_arrays[i] != NULL; i++)
        if (spae_weights_files_find(&t->weights, spae_word_source_arrays[i], &t->at, index))
            return SPAE_OK;
    return no_array(t, path, NULL, err);
}

static spae_status open_weights(tokens *t, const char *path, const char *array, spae_arena *arena,
                                spae_word_source *source, spae_error *err)
{
    size_t index = 0;
    spae_status status = spae_weights_files_open(arena, &path, 1, &t->weights, err);
    if (status != SPAE_OK)
        return status;
    status = find_array(t, path, array, &index, err);
    if (status == SPAE_OK)
        status = spae_weights_array_open(arena, &t->weights.file[t->at], index, &t->array, err);
    if (status == SPAE_OK)
        status = take_shape(path, t->array.name, t->array.rank, t->array.shape, source, err);
    if (status != SPAE_OK)
        spae_weights_files_close(&t->weights);
    return status;
}

spae_status spae_word_source_tokens(spae_arena *arena, const char *tokenizer, const char *embeddings, const char *array,
                                    spae_word_source *source, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_word_source opened = {.name = tokenizer, .word = token_bytes, .row = token_row, .close = close_tokens};
    tokens *t = spae_arena_take_zeroed(arena, 1, sizeof *t);
    if (t == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for its tokens", tokenizer);
    spae_status status = spae_tokenizer_open(arena, tokenizer, &t->tokenizer, err);
    if (status == SPAE_OK)
        status = is_npy(embeddings, arena) ? open_npy(t, embeddings, arena, &opened, err)
                                           : open_weights(t, embeddings, array, arena, &opened, err);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    opened.kind = t->tokenizer->kind;
    opened.V = t->tokenizer->V;
    opened.context = t;
    *source = opened;
    return SPAE_OK;
}

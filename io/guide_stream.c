/* The guide of training from files, guide_stream.h. */
#include "io/guide_stream.h"

#include "io/arrays.h"

enum { PIECE = 4096 };

/* Adds all bytes of a file. */
static spae_status hash_file(const spae_source *source, spae_sha256 *hash, spae_error *err)
{
    uint8_t piece[PIECE];
    spae_status status = SPAE_OK;
    for (uint64_t at = 0; at < source->size && status == SPAE_OK;) {
        const size_t n = source->size - at < PIECE ? (size_t)(source->size - at) : PIECE;
        status = spae_source_read(source, at, piece, n, err);
        if (status == SPAE_OK)
            spae_sha256_add(hash, piece, n);
        at += n;
    }
    return status;
}

/* An open file of `rows` rows; *columns is 0 where any number will do. */
static spae_status open_matrix(spae_arena *arena, const char *path, size_t rows, size_t *columns, spae_source *source,
                               spae_npy_header *h, spae_sha256 *hash, spae_error *err)
{
    char shape[SPAE_SHAPE_ROOM];
    spae_status status = spae_source_open(arena, path, NULL, source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npy_read_header(source, 0, source->size, h, err);
    if (status == SPAE_OK && (h->rank != 2 || h->shape[0] != rows || h->shape[1] == 0 || (*columns > 0 && h->shape[1] != *columns)))
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: expected (%zu,%s%zu), found %s", path, rows, *columns > 0 ? "" : "at least ",
                           *columns > 0 ? *columns : 1, spae_shape_text(h->shape, h->rank, shape));
    if (status == SPAE_OK && h->fortran)
        status = spae_fail(err, SPAE_ERR_ARGUMENT, "%s: rows of an array in Fortran order lie apart: save it in C order", path);
    if (status == SPAE_OK)
        status = hash_file(source, hash, err);
    *columns = h->shape[1];
    if (status != SPAE_OK)
        spae_source_close(source);
    return status;
}

static spae_status read_words(spae_arena *arena, const char *path, spae_guide_stream *s, spae_sha256 *hash, spae_error *err)
{
    spae_source source;
    spae_npy_header h;
    spae_status status = open_matrix(arena, path, s->V, &s->d, &source, &h, hash, err);
    if (status != SPAE_OK)
        return status;
    s->text = spae_arena_take(arena, h.count, sizeof *s->text);
    status = s->text != NULL ? spae_numbers_read(&source, &h, s->text, err)
                             : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu numbers", path, h.count);
    if (status == SPAE_OK)
        status = spae_numbers_finite(&source, "words", s->text, h.count, err);
    spae_source_close(&source);
    return status;
}

static spae_status open_all(spae_arena *arena, const char *words, const char *rows, spae_guide_stream *s, spae_error *err)
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    spae_status status = words != NULL ? read_words(arena, words, s, &hash, err) : SPAE_OK;
    size_t columns = words != NULL ? s->d : s->V;
    if (status == SPAE_OK)
        s->row = spae_arena_take(arena, columns, sizeof *s->row);
    if (status == SPAE_OK && s->row == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu numbers", rows, columns);
    if (status == SPAE_OK)
        status = open_matrix(arena, rows, s->n, &columns, &s->source, &s->header, &hash, err);
    if (status != SPAE_OK)
        return status;
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, s->hash);
    return SPAE_OK;
}

spae_status spae_guide_stream_open(spae_arena *arena, const char *words, const char *rows, size_t V, size_t n,
                                   spae_guide_stream *stream, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_guide_stream made = {.n = n, .V = V};
    const spae_status status = open_all(arena, words, rows, &made, err);
    if (status == SPAE_OK)
        *stream = made;
    else
        spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_guide_stream_row(const spae_guide_stream *s, size_t index, spae_real *similarity, spae_error *err)
{
    const spae_npy_header one = spae_npy_cut(&s->header, index, 1);
    const spae_real unit = 1;
    spae_error why;
    spae_status status = spae_numbers_read(&s->source, &one, s->row, err);
    if (status != SPAE_OK)
        return status;
    if (spae_numbers_finite(&s->source, "guide", s->row, one.count, &why) != SPAE_OK)
        return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: row %zu is not finite", s->source.name, index);
    if (s->text != NULL)
        spae_similarity(s->row, s->text, s->V, s->d, NULL, similarity);
    else /* s' = 1 * row: Eq. 5 of what is given */
        spae_similarity(&unit, s->row, s->V, 1, NULL, similarity);
    return SPAE_OK;
}

void spae_guide_stream_close(spae_guide_stream *stream)
{
    spae_source_close(&stream->source);
}

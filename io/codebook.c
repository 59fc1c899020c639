/* From words with embeddings to a codebook in a file, codebook.h (SPEC 8.12). */
#include "io/codebook.h"

#include <stdlib.h>

#include "io/model.h"
#include "io/npz.h"
#include "io/raw_words.h"
#include "io/words.h"

enum { TEXT_PIECE = 1 << 16 };

/* A word on its way. */
typedef struct {
    uint32_t id, row; /* in the source, in its matrix */
    const char *word;
    double count;
    uint64_t hash; /* of its row */
    bool raw, out; /* holds raw bytes; is left out */
} entry;

typedef struct {
    const spae_word_source *source;
    const spae_codebook_settings *settings;
    spae_codebook_report *report;
    spae_arena *arena;
    entry *item; /* (count) in the order of the source, or by frequency */
    size_t count, room;
    size_t lasting; /* one more than the last word with a text */
    char *text;     /* where the next word goes */
    size_t text_left;
    spae_real *row[2]; /* (c) each */
    spae_error *err;
} build;

static spae_status no_memory(const build *b)
{
    return spae_fail(b->err, SPAE_ERR_NO_MEMORY, "%s: no memory for a codebook of more than %zu words", b->source->name,
                     b->count);
}

static void tell(const build *b, const char *what, size_t done, size_t total)
{
    if (b->settings->progress != NULL)
        b->settings->progress(b->settings->context, what, done, total);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Room for `bytes` bytes of text, from a piece that many words share. */
static char *text_room(build *b, size_t bytes)
{
    if (bytes > b->text_left) {
        const size_t piece = bytes > TEXT_PIECE ? bytes : TEXT_PIECE;
        b->text = spae_arena_take(b->arena, piece, 1);
        b->text_left = b->text != NULL ? piece : 0;
    }
    return b->text;
}

static spae_status keep_word(build *b, size_t k, const char *bytes, size_t length)
{
    if (b->count == b->room) {
        const size_t room = b->room > 0 ? b->room * 2 : 4096;
        entry *item = spae_arena_take(b->arena, room, sizeof *item);
        if (item == NULL)
            return no_memory(b);
        if (b->count > 0)
            memcpy(item, b->item, b->count * sizeof *item);
        b->item = item;
        b->room = room;
    }
    bool raw = false;
    char *text = length < SIZE_MAX / 8 ? text_room(b, 4 * length + 1) : NULL;
    if (text == NULL)
        return no_memory(b);
    const size_t used = spae_raw_word(bytes, length, text, &raw);
    if (used == SIZE_MAX)
        return spae_fail(b->err, SPAE_ERR_ARGUMENT,
                         "%s: word %zu has a character from U+10FF00 to U+10FFFF, which stands for a raw byte here",
                         b->source->name, k);
    b->text += used + 1;
    b->text_left -= used + 1;
    b->item[b->count] = (entry){.id = (uint32_t)k, .row = (uint32_t)b->count, .word = text, .raw = raw};
    b->count++;
    return SPAE_OK;
}

/* Does some word begin with a space or U+2581? */
static spae_status find_spaced(const build *b, bool *spaced)
{
    *spaced = false;
    for (size_t k = 0; !*spaced && k < b->source->V; k++) {
        const char *bytes;
        size_t length = 0;
        const spae_status status = b->source->word(b->source, k, &bytes, &length, b->err);
        if (status != SPAE_OK)
            return status;
        *spaced = bytes != NULL && ((length >= 1 && bytes[0] == ' ') ||
                                    (length >= 3 && memcmp(bytes, "\xE2\x96\x81", 3) == 0));
    }
    return SPAE_OK;
}

static spae_status take_words(build *b)
{
    const unsigned take = b->settings->take;
    bool spaced = false;
    spae_status status = (take & SPAE_TAKE_STARTS) != 0 ? find_spaced(b, &spaced) : SPAE_OK;
    for (size_t k = 0; status == SPAE_OK && k < b->source->V; k++) {
        const char *bytes;
        size_t length = 0;
        tell(b, "words", k, b->source->V);
        status = b->source->word(b->source, k, &bytes, &length, b->err);
        if (status != SPAE_OK)
            return status;
        if (bytes == NULL || length == 0) {
            b->report->without++;
            continue;
        }
        b->lasting = k + 1;
        if (spae_codebook_takes(take, spaced, bytes, length))
            status = keep_word(b, k, bytes, length);
        else
            b->report->not_taken++;
    }
    return status;
}

/* Which row is whose? */
static spae_status match_rows(build *b)
{
    const size_t rows = b->source->rows, V = b->source->V;
    b->report->rows_of_taken = false;
    if (rows >= b->lasting && (rows <= V || b->settings->padded)) {
        for (size_t i = 0; i < b->count; i++)
            b->item[i].row = b->item[i].id;
        return SPAE_OK;
    }
    b->report->rows_of_taken = rows == b->count;
    if (rows == b->count)
        return SPAE_OK;
    if (rows > V)
        return spae_fail(b->err, SPAE_ERR_SHAPE,
                         "%s: %zu words, but %zu embeddings: more rows than words are taken only when it is said that "
                         "they are padding",
                         b->source->name, V, rows);
    return spae_fail(b->err, SPAE_ERR_SHAPE,
                     "%s: %zu words with a text up to number %zu, of which %zu are taken, but %zu embeddings", b->source->name,
                     V - b->report->without, b->lasting - 1, b->count, rows);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int by_count(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->count < y->count || x->count > y->count)
        return x->count > y->count ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_id(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Drops what is left out. */
static void close_ranks(build *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++)
        if (!b->item[i].out)
            b->item[kept++] = b->item[i];
    b->count = kept;
}

static spae_status order_by_frequency(build *b)
{
    const spae_codebook_counts *counts;
    if (b->settings->frequency == NULL)
        return SPAE_OK;
    const spae_status status =
        spae_codebook_counts_read(b->arena, b->settings->frequency, b->source->V, &counts, b->err);
    for (size_t i = 0; status == SPAE_OK && i < b->count; i++) {
        b->item[i].count = spae_codebook_count(counts, b->item[i].id, b->item[i].word);
        b->item[i].out = !(b->item[i].count > 0);
        b->report->unlisted += b->item[i].out;
    }
    if (status != SPAE_OK)
        return status;
    close_ranks(b);
    qsort(b->item, b->count, sizeof *b->item, by_count);
    return SPAE_OK;
}

/* A word for a message: printable, with its number. */
static void list_word(spae_name_list *list, const entry *e)
{
    char quote[SPAE_WORDS_QUOTE];
    spae_error line;
    spae_fail(&line, SPAE_OK, "%s (%zu)", spae_words_quote(e->word, strlen(e->word), quote), (size_t)e->id);
    spae_name_list_add(list, line.text);
}

static spae_status find_same_words(build *b)
{
    const spae_arena_mark mark = spae_arena_here(b->arena);
    const char **word = spae_arena_take(b->arena, b->count, sizeof *word);
    spae_words sorted;
    if (word == NULL)
        return no_memory(b);
    for (size_t i = 0; i < b->count; i++)
        word[i] = b->item[i].word;
    const spae_status status = spae_words_index(word, b->count, b->arena, &sorted, b->err);
    for (size_t i = 1; status == SPAE_OK && i < b->count; i++)
        if (strcmp(*sorted.sorted[i - 1], *sorted.sorted[i]) == 0) {
            entry *e = &b->item[sorted.sorted[i] - word];
            b->report->same_words++;
            list_word(&b->report->same_word, e);
            e->out = !b->settings->keep_duplicates;
        }
    spae_arena_reset(b->arena, mark);
    if (status == SPAE_OK)
        close_ranks(b);
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static uint64_t hash_row(const spae_real *e, size_t c) /* FNV-1a over the numbers' bits */
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t j = 0; j < c; j++) {
        uint64_t bits = 0;
        memcpy(&bits, &e[j], sizeof e[j]);
        hash = (hash ^ bits) * UINT64_C(1099511628211);
        hash ^= hash >> 29;
    }
    return hash;
}

static bool is_zero(const spae_real *e, size_t c)
{
    for (size_t j = 0; j < c; j++)
        if (e[j] < 0 || e[j] > 0)
            return false;
    return true;
}

/* Looks at the rows in order, until the first n are found. */
static spae_status look_at_rows(build *b)
{
    const size_t c = b->source->c, most = b->settings->first > 0 ? b->settings->first : b->count;
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++) {
        entry *e = &b->item[i];
        if (kept == most) {
            e->out = true;
            b->report->beyond++;
            continue;
        }
        tell(b, "rows", i, b->count);
        const spae_status status = b->source->row(b->source, e->row, b->row[0], b->err);
        if (status != SPAE_OK)
            return status;
        e->hash = hash_row(b->row[0], c);
        if (is_zero(b->row[0], c)) {
            b->report->zeros++;
            list_word(&b->report->zero, e);
            e->out = !b->settings->keep_zeros;
        }
        kept += !e->out;
    }
    close_ranks(b);
    return SPAE_OK;
}

static int by_hash(const void *a, const void *b)
{
    const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x > y) - (x < y);
}

static spae_status same_bits(const build *b, const entry *x, const entry *y, bool *same)
{
    spae_status status = b->source->row(b->source, x->row, b->row[0], b->err);
    if (status == SPAE_OK)
        status = b->source->row(b->source, y->row, b->row[1], b->err);
    *same = status == SPAE_OK && memcmp(b->row[0], b->row[1], b->source->c * sizeof *b->row[0]) == 0;
    return status;
}

/* Rows of one hash: each that is like one before it is left out. */
static spae_status compare_group(build *b, entry *const *group, size_t count)
{
    spae_status status = SPAE_OK;
    for (size_t i = 1; i < count; i++) {
        bool same = false;
        for (size_t k = 0; !same && status == SPAE_OK && k < i; k++)
            if (!group[k]->out)
                status = same_bits(b, group[k], group[i], &same);
        if (status != SPAE_OK)
            return status;
        b->report->same_rows += same;
        if (same)
            list_word(&b->report->same_row, group[i]);
        group[i]->out = same && !b->settings->keep_duplicates;
    }
    return SPAE_OK;
}

static spae_status find_same_rows(build *b)
{
    const spae_arena_mark mark = spae_arena_here(b->arena);
    entry **order = spae_arena_take(b->arena, b->count, sizeof *order);
    spae_status status = SPAE_OK;
    if (order == NULL)
        return no_memory(b);
    for (size_t i = 0; i < b->count; i++)
        order[i] = &b->item[i];
    qsort(order, b->count, sizeof *order, by_hash);
    for (size_t from = 0, to; status == SPAE_OK && from < b->count; from = to) {
        for (to = from + 1; to < b->count && order[to]->hash == order[from]->hash;)
            to++;
        status = compare_group(b, order + from, to - from);
    }
    spae_arena_reset(b->arena, mark);
    if (status != SPAE_OK)
        return status;
    close_ranks(b);
    qsort(b->item, b->count, sizeof *b->item, by_id);
    return SPAE_OK;
}

/* ---- the file -------------------------------------------------------------------------------- */

typedef struct {
    build *b;
    const char *what;
} writing;

static spae_status give_row(void *context, size_t row, const void **items, spae_error *err)
{
    writing *w = context;
    const build *b = w->b;
    tell(b, w->what, row, b->count);
    if (row + 1 == b->count)
        w->what = "write"; /* the rows are asked for twice */
    *items = b->row[0];
    return b->source->row(b->source, b->item[row].row, b->row[0], err);
}

static spae_status write_words(const build *b, spae_npz_writer *npz, spae_error *err)
{
    spae_text *text = spae_arena_take(b->arena, b->count, sizeof *text);
    if (text == NULL)
        return no_memory(b);
    for (size_t i = 0; i < b->count; i++)
        text[i] = (spae_text){b->item[i].word, strlen(b->item[i].word)};
    const spae_npy_array vocab = {SPAE_NPY_U, 1, {b->count}, text};
    return spae_npz_add(npz, "vocab", &vocab, true, err);
}

static spae_status write_codebook(spae_sink *sink, void *context, spae_error *err)
{
    build *b = context;
    writing w = {b, "crc"};
    spae_npz_writer npz = spae_npz_begin(b->arena, sink);
    const spae_npy_array codebook = {SPAE_MODEL_REAL_TYPE, 2, {b->count, b->source->c}, NULL};
    spae_status status = write_words(b, &npz, err);
    if (status == SPAE_OK)
        status = spae_npz_add_rows(&npz, "codebook", &codebook, give_row, &w, err);
    return status == SPAE_OK ? spae_npz_end(&npz, err) : status;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static spae_status choose(build *b)
{
    spae_status status = take_words(b);
    if (status == SPAE_OK)
        status = match_rows(b);
    if (status == SPAE_OK)
        status = order_by_frequency(b);
    if (status == SPAE_OK)
        status = find_same_words(b);
    if (status == SPAE_OK)
        status = look_at_rows(b);
    if (status == SPAE_OK)
        status = find_same_rows(b);
    if (status == SPAE_OK && b->count == 0)
        status = spae_fail(b->err, SPAE_ERR_SHAPE, "%s: of %zu words none is left", b->source->name, b->source->V);
    return status;
}

spae_status spae_codebook_build(const spae_word_source *source, const spae_codebook_settings *settings, const char *path,
                                spae_arena *scratch, spae_codebook_report *report, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    build b = {.source = source, .settings = settings, .report = report, .arena = scratch, .err = err};
    *report = (spae_codebook_report){.words = source->V, .c = source->c};
    for (size_t i = 0; i < 2; i++)
        b.row[i] = spae_arena_take(scratch, source->c, sizeof *b.row[i]);
    spae_status status = b.row[0] != NULL && b.row[1] != NULL ? choose(&b) : no_memory(&b);
    report->V = b.count;
    for (size_t i = 0; status == SPAE_OK && i < b.count; i++)
        report->raw += b.item[i].raw;
    if (status == SPAE_OK)
        status = spae_file_replace(scratch, path, write_codebook, &b, err);
    spae_arena_reset(scratch, mark);
    return status;
}

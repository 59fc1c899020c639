/* Token files (tokens.h): the writers, the two line-wise readers and NPY. JSON is read in tokens_json.c. */
#include "io/tokens.h"

#include <stdio.h>
#include <string.h>

#include "io/npy.h"
#include "io/tokens_json.h"

const char *const spae_tokens_format_names[SPAE_TOKENS_FORMATS] = {"words", "ids", "npy", "json"};

spae_status spae_tokens_model_of(const spae_model *model, spae_arena *arena, spae_tokens_model *out,
                                 spae_error *err)
{
    spae_words words;
    const spae_status status = spae_words_index(model->word, model->codebook.V, arena, &words, err);
    if (status == SPAE_OK)
        *out = (spae_tokens_model){model->config.name, model->config.pyramid, words};
    return status;
}

/* ---- writing ---------------------------------------------------------------------------------------- */

/* One picture's layers, a line each; `first` when nothing stands before them in the file. */
static void write_lines(const spae_tokens_model *model, spae_tokens_format format, const int32_t *token,
                        size_t layers, bool first, spae_page *page)
{
    for (size_t l = 0; l < layers; l++) {
        const size_t n = spae_pyramid_tokens(&model->pyramid, l);
        for (size_t i = 0; i < n; i++, token++) {
            spae_page_text(page, i > 0 ? " " : "");
            if (format == SPAE_TOKENS_IDS)
                spae_page_format(page, "%ld", (long)*token);
            else
                spae_words_write(&model->words, *token, first && l == 0 && i == 0, page);
        }
        spae_page_text(page, "\n");
    }
}

static spae_status write_text(const spae_tokens_model *model, spae_tokens_format format,
                              const spae_tokens *tokens, spae_arena *arena, const uint8_t **bytes,
                              size_t *size, spae_error *err)
{
    const size_t each = spae_pyramid_total(&model->pyramid, tokens->layers);
    spae_page page = spae_page_start(arena);
    for (size_t p = 0; p < tokens->pictures; p++) {
        spae_page_text(&page, p > 0 ? "\n" : "");
        write_lines(model, format, tokens->token + p * each, tokens->layers, p == 0, &page);
    }
    return spae_page_end(&page, bytes, size, err);
}

static spae_status write_npy(const spae_tokens_model *model, const spae_tokens *tokens,
                             spae_arena *arena, const uint8_t **bytes, size_t *size, spae_error *err)
{
    const size_t each = spae_pyramid_total(&model->pyramid, tokens->layers);
    spae_npy_array array = {SPAE_NPY_I4, 1, {each}, tokens->token};
    if (tokens->pictures > 1) {
        array.rank = 2;
        array.shape[0] = tokens->pictures;
        array.shape[1] = each;
    }
    spae_buffer buffer = {arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    const spae_status status = spae_npy_write(&sink, &array, err);
    if (status == SPAE_OK) {
        *bytes = buffer.bytes;
        *size = buffer.size;
    }
    return status;
}

spae_status spae_tokens_write(const spae_tokens_model *model, spae_tokens_format format,
                              const spae_tokens *tokens, spae_arena *arena, const uint8_t **bytes,
                              size_t *size, spae_error *err)
{
    if (format == SPAE_TOKENS_NPY)
        return write_npy(model, tokens, arena, bytes, size, err);
    if (format == SPAE_TOKENS_JSON)
        return spae_tokens_write_json(model, tokens, arena, bytes, size, err);
    return write_text(model, format, tokens, arena, bytes, size, err);
}

/* ---- reading lines ---------------------------------------------------------------------------------- */

typedef struct {
    const spae_tokens_model *model;
    spae_tokens_format format; /* words or ids */
    const char *name;
    const char *text;
    size_t size, at, line;     /* line: number of the one being read, from 1 */
    spae_arena *arena;
    spae_tokens tokens;
    size_t count;              /* tokens read */
    size_t layer;              /* index, in the current picture, of the layer that the next line holds */
} line_reader;

static spae_status line_fails(const line_reader *r, spae_error *err, const char *text)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: %s", r->name, r->line, text);
}

/* "17" as a token of the vocabulary. */
static spae_status read_id(const spae_words *words, const char *text, size_t length, int32_t *token,
                           spae_error *err)
{
    char quote[SPAE_WORDS_QUOTE];
    uint64_t number = 0; /* before each step below V < 2^31 */
    size_t digits = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9' && number < words->V)
        number = number * 10 + (uint64_t)(text[digits++] - '0');
    if (length == 0 || digits < length || number >= words->V)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: expected token numbers from 0 to %zu, one space apart",
                         spae_words_quote(text, length, quote), words->V - 1);
    *token = (int32_t)number;
    return SPAE_OK;
}

static spae_status read_item(line_reader *r, const char *text, size_t length, size_t place, spae_error *err)
{
    spae_error why;
    int32_t *token = &r->tokens.token[r->count];
    const spae_words *words = &r->model->words;
    const spae_status status = r->format == SPAE_TOKENS_IDS
                                   ? read_id(words, text, length, token, &why)
                                   : spae_words_read(words, text, length, r->arena, token, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "%s: line %zu, token %zu: %s", r->name, r->line, place + 1, why.text);
    r->count++;
    return SPAE_OK;
}

/* One layer: as many tokens as the pyramid has there. */
static spae_status read_line(line_reader *r, const char *text, size_t length, spae_error *err)
{
    if (r->layer == r->model->pyramid.layers)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: line %zu: the pyramid has %zu layers, an empty line or the end is due", r->name,
                         r->line, r->model->pyramid.layers);
    const size_t due = spae_pyramid_tokens(&r->model->pyramid, r->layer);
    size_t n = 0, items = 1;
    for (size_t i = 0; i < length; i++)
        items += text[i] == ' ';
    if (items != due)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: layer %zu has %zu tokens, here are %zu", r->name,
                         r->line, r->layer + 1, due, items);
    for (size_t i = 0, start = 0; i <= length; i++) {
        if (i < length && text[i] != ' ')
            continue;
        const spae_status status = read_item(r, text + start, i - start, n++, err);
        if (status != SPAE_OK)
            return status;
        start = i + 1;
    }
    r->layer++;
    return SPAE_OK;
}

/* The picture whose lines came to an end; all pictures have as many layers as the first. */
static spae_status end_picture(line_reader *r, spae_error *err)
{
    if (r->layer == 0)
        return line_fails(r, err, "expected the first layer of a picture");
    if (r->tokens.pictures == 0)
        r->tokens.layers = r->layer;
    if (r->layer != r->tokens.layers)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: this picture has %zu layers, those before have %zu",
                         r->name, r->line, r->layer, r->tokens.layers);
    r->tokens.pictures++;
    r->layer = 0;
    return SPAE_OK;
}

/* The next line without its end; r->at moves behind it. */
static size_t take_line(line_reader *r)
{
    const char *start = r->text + r->at;
    const char *end = memchr(start, '\n', r->size - r->at);
    const size_t length = end != NULL ? (size_t)(end - start) : r->size - r->at;
    r->at += length + (end != NULL);
    r->line++;
    return length > 0 && start[length - 1] == '\r' ? length - 1 : length;
}

static spae_status read_lines(line_reader *r, spae_error *err)
{
    spae_status status = SPAE_OK;
    while (r->size > 0 && (r->text[r->size - 1] == '\n' || r->text[r->size - 1] == '\r'))
        r->size--; /* the end of the last line, and empty lines behind it */
    while (r->at < r->size && status == SPAE_OK) {
        const char *text = r->text + r->at;
        const size_t length = take_line(r);
        status = length > 0 ? read_line(r, text, length, err) : end_picture(r, err);
    }
    return status == SPAE_OK ? end_picture(r, err) : status;
}

static spae_status read_text(const spae_tokens_model *model, spae_tokens_format format, const char *name,
                             const uint8_t *bytes, size_t size, spae_arena *arena, spae_tokens *tokens,
                             spae_error *err)
{
    line_reader r = {.model = model, .format = format, .name = name, .size = size, .arena = arena};
    r.text = (const char *)bytes;
    r.tokens.token = spae_arena_take(arena, size / 2 + 1, sizeof *r.tokens.token); /* two bytes each */
    if (r.tokens.token == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tokens", name, size / 2 + 1);
    const spae_status status = read_lines(&r, err);
    if (status == SPAE_OK)
        *tokens = r.tokens;
    return status;
}

/* ---- reading NPY ------------------------------------------------------------------------------------ */

/* How many layers have `total` tokens together; 0 when none. */
static size_t layers_of_total(const spae_pyramid *pyramid, size_t total)
{
    for (size_t l = 1; l <= pyramid->layers; l++)
        if (spae_pyramid_total(pyramid, l) == total)
            return l;
    return 0;
}

/* "1, 5, 21" */
static void list_totals(const spae_pyramid *pyramid, char *list, size_t room)
{
    list[0] = '\0';
    for (size_t l = 1; l <= pyramid->layers; l++) {
        const size_t used = strlen(list);
        snprintf(list + used, room - used, "%s%zu", l > 1 ? ", " : "", spae_pyramid_total(pyramid, l));
    }
}

static spae_status check_shape(const spae_pyramid *pyramid, const char *name, const spae_npy_header *header,
                               spae_tokens *tokens, spae_error *err)
{
    char list[120];
    const size_t each = header->rank > 0 ? header->shape[header->rank - 1] : 0;
    tokens->pictures = header->rank == 2 ? header->shape[0] : 1;
    tokens->layers = layers_of_total(pyramid, each);
    list_totals(pyramid, list, sizeof list);
    if (header->rank < 1 || header->rank > 2 || tokens->pictures == 0 || tokens->layers == 0)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: expected shape (tokens) or (pictures, tokens) with %s tokens, found rank %u ending in %zu",
                         name, list, header->rank, each);
    return SPAE_OK;
}

static spae_status check_tokens(const spae_tokens_model *model, const char *name, const int32_t *token,
                                size_t count, spae_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (token[i] < 0 || (size_t)token[i] >= model->words.V)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: item %zu: token %d is outside the vocabulary of %zu words",
                             name, i, (int)token[i], model->words.V);
    return SPAE_OK;
}

static spae_status read_npy(const spae_tokens_model *model, const char *name, const uint8_t *bytes,
                            size_t size, spae_arena *arena, spae_tokens *tokens, spae_error *err)
{
    const spae_source source = spae_source_memory(bytes, size, name);
    spae_npy_header header;
    spae_tokens read = {0, 0, NULL, NULL};
    spae_status status = spae_npy_read_header(&source, 0, size, &header, err);
    if (status == SPAE_OK)
        status = check_shape(&model->pyramid, name, &header, &read, err);
    if (status != SPAE_OK)
        return status;
    read.token = spae_arena_take(arena, header.count, sizeof *read.token);
    if (read.token == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tokens", name, header.count);
    status = spae_npy_read_int32(&source, &header, read.token, err);
    if (status == SPAE_OK)
        status = check_tokens(model, name, read.token, header.count, err);
    if (status == SPAE_OK)
        *tokens = read;
    return status;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static spae_tokens_format format_of(uint8_t first)
{
    if (first == 0x93)
        return SPAE_TOKENS_NPY;
    if (first == '{' || first == '[')
        return SPAE_TOKENS_JSON;
    return first >= '0' && first <= '9' ? SPAE_TOKENS_IDS : SPAE_TOKENS_WORDS;
}

spae_status spae_tokens_read(const spae_tokens_model *model, spae_tokens_format format, const char *name,
                             const uint8_t *bytes, size_t size, spae_arena *arena, spae_tokens *tokens,
                             spae_error *err)
{
    if (size == 0 || size > SPAE_TOKENS_FILE_MOST)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: expected a token file of 1 to %zu bytes, found %zu", name,
                         SPAE_TOKENS_FILE_MOST, size);
    if (format == SPAE_TOKENS_FORMATS)
        format = format_of(bytes[0]);
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status;
    if (format == SPAE_TOKENS_NPY)
        status = read_npy(model, name, bytes, size, arena, tokens, err);
    else if (format == SPAE_TOKENS_JSON)
        status = spae_tokens_read_json(model, name, bytes, size, arena, tokens, err);
    else
        status = read_text(model, format, name, bytes, size, arena, tokens, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

/* NPY files, writing (SPEC 8.4): version 1.0, little-endian, C order; for shapes of up to a few sizes
 * the same bytes that numpy.save writes. */
#include "npy.h"

#include <stdio.h>
#include <string.h>

#include "../vendor_free/utf8.h"

/* A whole array's layout: all that must be known before the first byte is written. */
typedef struct {
    size_t count, item_bytes;
    size_t head_bytes; /* a multiple of 64 */
    char head[448]; /* 10 + 60 fixed, at most 20 digits for an item and 8 * 22 for a shape: 266 */
} layout;

static bool is_text(const spae_npy_array *array)
{
    return array->type == SPAE_NPY_S || array->type == SPAE_NPY_U;
}

/* Code points of a text, or SIZE_MAX when it is not UTF-8. */
static size_t code_points(const spae_text *text)
{
    const uint8_t *s = (const uint8_t *)text->text;
    size_t points = 0;
    for (size_t at = 0; at < text->length; points++) {
        uint32_t point;
        const size_t used = spae_utf8_decode(s + at, text->length - at, &point);
        if (used == 0)
            return SIZE_MAX;
        at += used;
    }
    return points;
}

/* The units (bytes or code points) of the longest text, at least 1. */
static spae_status longest_text(const spae_npy_array *array, size_t count, size_t *units,
                                spae_error *err)
{
    const spae_text *items = array->data;
    *units = 1;
    for (size_t i = 0; i < count; i++) {
        const size_t points = code_points(&items[i]), length = items[i].length;
        if (points == SIZE_MAX)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "npy: text %zu is not UTF-8", i);
        if (length > 0 && items[i].text[length - 1] == 0)
            return spae_fail(err, SPAE_ERR_ARGUMENT,
                             "npy: text %zu ends in a zero, which NPY drops", i);
        const size_t here = array->type == SPAE_NPY_S ? length : points;
        *units = here > *units ? here : *units;
    }
    return SPAE_OK;
}

static spae_status count_items(const spae_npy_array *array, size_t *count, spae_error *err)
{
    if (array->rank > SPAE_NPY_RANK)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "npy: rank %u is over %d", array->rank,
                         SPAE_NPY_RANK);
    *count = 1;
    for (unsigned i = 0; i < array->rank; i++) {
        if (array->shape[i] != 0 && *count > SIZE_MAX / array->shape[i])
            return spae_fail(err, SPAE_ERR_SHAPE, "npy: the product of the shape overflows");
        *count *= array->shape[i];
    }
    return SPAE_OK;
}

/* The header's text: the dictionary, spaces up to a multiple of 64, a newline. */
static void lay_head(const spae_npy_array *array, const char *mark, size_t number, layout *l)
{
    char *text = l->head + 10;
    const size_t room = sizeof l->head - 10;
    size_t n = (size_t)snprintf(text, room, "{'descr': '%s%zu', 'fortran_order': False, 'shape': (",
                                mark, number);
    for (unsigned i = 0; i < array->rank; i++)
        n += (size_t)snprintf(text + n, room - n, "%s%zu%s", i > 0 ? " " : "", array->shape[i],
                              array->rank == 1 || i + 1 < array->rank ? "," : "");
    n += (size_t)snprintf(text + n, room - n, "), }");
    l->head_bytes = (10 + n + 1 + 63) / 64 * 64;
    memset(text + n, ' ', l->head_bytes - 10 - n);
    l->head[l->head_bytes - 1] = '\n';
    const uint8_t size[2] = {(uint8_t)((l->head_bytes - 10) & 0xff),
                             (uint8_t)((l->head_bytes - 10) >> 8)};
    memcpy(l->head, "\x93NUMPY\x01\x00", 8);
    memcpy(l->head + 8, size, sizeof size);
}

static spae_status lay_out(const spae_npy_array *array, layout *l, spae_error *err)
{
    static const struct {
        const char *mark;
        size_t unit;
    } types[] = {[SPAE_NPY_F4] = {"<f", 4}, [SPAE_NPY_F8] = {"<f", 8}, [SPAE_NPY_I4] = {"<i", 4},
                 [SPAE_NPY_U1] = {"|u", 1}, [SPAE_NPY_S] = {"|S", 1},  [SPAE_NPY_U] = {"<U", 4}};
    size_t units = 1;
    if ((unsigned)array->type >= sizeof types / sizeof types[0])
        return spae_fail(err, SPAE_ERR_ARGUMENT, "npy: there is no type %d", (int)array->type);
    spae_status status = count_items(array, &l->count, err);
    if (status == SPAE_OK && is_text(array))
        status = longest_text(array, l->count, &units, err);
    if (status != SPAE_OK)
        return status;
    l->item_bytes = units * types[array->type].unit;
    if (l->count > (SIZE_MAX - sizeof l->head) / l->item_bytes || units > SIZE_MAX / 4)
        return spae_fail(err, SPAE_ERR_SHAPE, "npy: %zu items of %zu bytes overflow", l->count,
                         l->item_bytes);
    lay_head(array, types[array->type].mark, is_text(array) ? units : types[array->type].unit, l);
    return SPAE_OK;
}

/* ---- data ------------------------------------------------------------------------------------ */

/* Bytes gathered before they go to the sink. */
typedef struct {
    spae_sink *sink;
    uint8_t bytes[4096];
    size_t used;
} gatherer;

static spae_status flush(gatherer *g, spae_error *err)
{
    const size_t used = g->used;
    g->used = 0;
    return spae_sink_write(g->sink, g->bytes, used, err);
}

/* The n <= 8 low bytes of a number, the lowest first. */
static spae_status put(gatherer *g, uint64_t value, size_t n, spae_error *err)
{
    if (sizeof g->bytes - g->used < n) {
        const spae_status status = flush(g, err);
        if (status != SPAE_OK)
            return status;
    }
    for (size_t i = 0; i < n; i++)
        g->bytes[g->used++] = (uint8_t)(value >> 8 * i & 0xff);
    return SPAE_OK;
}

static uint64_t number_at(const spae_npy_array *array, size_t i)
{
    uint32_t four;
    uint64_t eight;
    switch (array->type) {
    case SPAE_NPY_F8:
        memcpy(&eight, (const double *)array->data + i, sizeof eight);
        return eight;
    case SPAE_NPY_F4:
        memcpy(&four, (const float *)array->data + i, sizeof four);
        return four;
    case SPAE_NPY_I4:
        return (uint32_t)((const int32_t *)array->data)[i];
    default: /* SPAE_NPY_U1: texts do not come here */
        return ((const uint8_t *)array->data)[i];
    }
}

/* One text in `units` units, filled up with zeros. */
static spae_status put_text(gatherer *g, const spae_text *text, spae_npy_type type,
                            size_t item_bytes, spae_error *err)
{
    const uint8_t *s = (const uint8_t *)text->text;
    const size_t unit = type == SPAE_NPY_S ? 1 : 4;
    spae_status status = SPAE_OK;
    size_t at = 0;
    for (size_t done = 0; done < item_bytes && status == SPAE_OK; done += unit) {
        uint32_t value = 0;
        if (at < text->length && unit == 1)
            value = s[at++];
        else if (at < text->length)
            at += spae_utf8_decode(s + at, text->length - at,
                                   &value); /* lay_out saw that it is UTF-8 */
        status = put(g, value, unit, err);
    }
    return status;
}

spae_status spae_npy_size(const spae_npy_array *array, uint64_t *bytes, spae_error *err)
{
    layout l;
    const spae_status status = lay_out(array, &l, err);
    if (status == SPAE_OK)
        *bytes = (uint64_t)l.head_bytes + (uint64_t)l.count * l.item_bytes;
    return status;
}

/* Item by item: texts, and numbers that lie in memory in another order. */
static spae_status put_items(spae_sink *sink, const spae_npy_array *array, const layout *l, spae_error *err)
{
    gatherer g = {.sink = sink, .used = 0};
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < l->count && status == SPAE_OK; i++)
        status = is_text(array)
                     ? put_text(&g, (const spae_text *)array->data + i, array->type, l->item_bytes, err)
                     : put(&g, number_at(array, i), l->item_bytes, err);
    return status == SPAE_OK ? flush(&g, err) : status;
}

static spae_status put_all(spae_sink *sink, const spae_npy_array *array, const layout *l, spae_error *err)
{
    return !is_text(array) && spae_lowest_byte_first()
               ? spae_sink_write(sink, array->data, l->count * l->item_bytes, err)
               : put_items(sink, array, l, err);
}

spae_status spae_npy_write(spae_sink *sink, const spae_npy_array *array, spae_error *err)
{
    layout l;
    spae_status status = lay_out(array, &l, err);
    if (status == SPAE_OK)
        status = spae_sink_write(sink, l.head, l.head_bytes, err);
    return status == SPAE_OK ? put_all(sink, array, &l, err) : status;
}

spae_status spae_npy_write_rows(spae_sink *sink, const spae_npy_array *array, spae_npy_row *row, void *context,
                                spae_error *err)
{
    layout l;
    spae_npy_array one = *array;
    if (is_text(array) || array->rank == 0)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "npy: rows are of numbers, of rank 1 or more");
    spae_status status = lay_out(array, &l, err);
    if (status == SPAE_OK)
        status = spae_sink_write(sink, l.head, l.head_bytes, err);
    l.count = array->shape[0] > 0 ? l.count / array->shape[0] : 0;
    for (size_t i = 0; status == SPAE_OK && i < array->shape[0]; i++) {
        status = row(context, i, &one.data, err);
        if (status == SPAE_OK)
            status = put_all(sink, &one, &l, err);
    }
    return status;
}

static spae_status fill_array(spae_sink *sink, void *context, spae_error *err)
{
    return spae_npy_write(sink, *(const spae_npy_array *const *)context, err);
}

spae_status spae_npy_write_file(spae_arena *scratch, const char *path, const spae_npy_array *array,
                                spae_error *err)
{
    return spae_file_replace(scratch, path, fill_array, &array, err);
}

/* Reading what a port gives, port.h: type and shape first, values only where they are due. */
#include <stdio.h>
#include <string.h>

#include "io/arrays.h"
#include "io/port.h"
#include "vendor_free/float_bits.h"
#include "vendor_free/half.h"

enum {
    PIECE = 4096,     /* items of a sampled array at a time */
    STATUS_MOST = 256 /* bytes of a status.txt */
};

/* An array ready to be read. */
typedef struct {
    spae_source file; /* to be closed, when `path` had to be opened */
    bool opened;
    spae_npz npz;
    spae_npz_array array;
} handle;

/* ---- opening -------------------------------------------------------------------------------- */

static spae_status open_member(spae_arena *arena, const spae_port_array *array, handle *h,
                               spae_error *why)
{
    spae_status status = SPAE_OK;
    if (array->opened == NULL)
        status = spae_npz_open(arena, &h->file, NULL, &h->npz, why);
    if (status == SPAE_OK)
        status = spae_npz_array_open(arena, array->opened != NULL ? array->opened : &h->npz,
                                     array->member, &h->array, why);
    return status;
}

/* On failure nothing is left open. */
static spae_status open_array(spae_arena *arena, const spae_port_array *array, handle *h,
                              spae_error *why)
{
    spae_status status = SPAE_OK;
    h->opened = array->opened == NULL;
    if (h->opened)
        status = spae_source_open(arena, array->path, NULL, &h->file, why);
    if (status != SPAE_OK)
        return status;
    if (array->member != NULL) {
        status = open_member(arena, array, h, why);
    } else {
        h->array.source = h->file;
        status = spae_npy_read_header(&h->file, 0, h->file.size, &h->array.header, why);
    }
    if (status != SPAE_OK && h->opened)
        spae_source_close(&h->file);
    return status;
}

static void close_array(handle *h)
{
    if (h->opened)
        spae_source_close(&h->file);
}

/* What went wrong is the array's fault, unless memory is. */
static spae_status unreadable(spae_port_values *v, const spae_error *why, spae_error *err)
{
    if (why->status == SPAE_ERR_NO_MEMORY)
        return spae_fail(err, why->status, "%s", why->text);
    v->state = SPAE_PORT_UNREADABLE;
    snprintf(v->text, sizeof v->text, "%s", why->text);
    return SPAE_OK;
}

/* ---- type and shape ------------------------------------------------------------------------- */

/* As NumPy writes it: ">f8". */
static void dtype_text(const spae_npy_header *h, char text[32])
{
    static const char letter[] = "biufSU";
    const bool unicode = h->kind == SPAE_NPY_UNICODE;
    const char order = h->item_bytes == 1 || h->kind == SPAE_NPY_BYTES ? '|'
                       : h->big_endian                                 ? '>'
                                                                       : '<';
    snprintf(text, 32, "%c%c%zu", order, letter[h->kind],
             unicode ? h->item_bytes / 4 : h->item_bytes);
}

static bool is_whole(spae_npy_kind kind)
{
    return kind == SPAE_NPY_BOOL || kind == SPAE_NPY_INT || kind == SPAE_NPY_UINT;
}

static bool dtype_fits(const spae_npy_header *h, const spae_manifest_array *due)
{
    return due->kind == SPAE_NPY_FLOAT ? h->kind == SPAE_NPY_FLOAT : is_whole(h->kind);
}

/* The axes that are not of length 1. */
static size_t long_axes(const size_t *shape, size_t rank, size_t axes[SPAE_NPY_RANK])
{
    size_t n = 0;
    for (size_t i = 0; i < rank; i++)
        if (shape[i] != 1)
            axes[n++] = shape[i];
    return n;
}

static bool shape_fits(const spae_npy_header *h, const spae_manifest_array *due, bool *dropped)
{
    size_t a[SPAE_NPY_RANK], b[SPAE_NPY_RANK];
    const size_t n = long_axes(h->shape, h->rank, a), m = long_axes(due->shape, due->rank, b);
    *dropped = h->rank != due->rank || memcmp(h->shape, due->shape, h->rank * sizeof *a) != 0;
    return n == m && memcmp(a, b, n * sizeof *a) == 0;
}

static void add_remark(spae_port_values *v, const char *remark, const char *detail)
{
    const size_t n = strlen(v->text);
    snprintf(v->text + n, sizeof v->text - n, "%s%s%s", n > 0 ? ", " : "", remark, detail);
}

/* What is unusual but judged all the same. */
static void put_remarks(const spae_npy_header *h, const spae_manifest_array *due, bool dropped,
                        spae_port_values *v)
{
    char text[SPAE_SHAPE_ROOM];
    if (h->big_endian && h->item_bytes > 1)
        add_remark(v, "byte-swapped", "");
    if (h->fortran && h->rank > 1)
        add_remark(v, "Fortran order", "");
    if (h->kind != due->kind || h->item_bytes != due->item_bytes) {
        dtype_text(h, text);
        add_remark(v, "given as ", text);
    }
    if (dropped)
        add_remark(v, "axes of length 1 passed over, shape ",
                   spae_shape_text(h->shape, h->rank, text));
}

static void refuse_dtype(const spae_npy_header *h, const spae_manifest_array *due,
                         spae_port_values *v)
{
    char text[32];
    dtype_text(h, text);
    v->state = SPAE_PORT_WRONG_DTYPE;
    snprintf(v->text, sizeof v->text, "wrong dtype: %s is due, it is %s", due->dtype, text);
}

static void refuse_shape(const spae_npy_header *h, const spae_manifest_array *due,
                         spae_port_values *v)
{
    char is[SPAE_SHAPE_ROOM], due_text[SPAE_SHAPE_ROOM];
    v->state = SPAE_PORT_WRONG_SHAPE;
    snprintf(v->text, sizeof v->text, "wrong shape: %.100s is due, it is %.100s",
             spae_shape_text(due->shape, due->rank, due_text),
             spae_shape_text(h->shape, h->rank, is));
}

/* ---- values --------------------------------------------------------------------------------- */

/* Items as the reference's class of type: double or int64_t. */
static spae_status read_items(const spae_source *source, const spae_npy_header *h, bool real,
                              void *items, spae_error *why)
{
    return real ? spae_npy_read_double(source, h, items, why)
                : spae_npy_read_int64(source, h, items, why);
}

/* Takes `count` 8 byte items from the arena. */
static spae_status take(spae_arena *arena, size_t count, const char *name, void **items,
                        spae_error *err)
{
    *items = spae_arena_take(arena, count, 8);
    return *items != NULL
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu numbers", name, count);
}

static void set_given(spae_port_values *v, bool real, const void *items)
{
    v->given.real = real ? items : NULL;
    v->given.whole = real ? NULL : items;
}

static spae_status read_whole(spae_arena *arena, const handle *h, bool real, spae_port_values *v,
                              spae_error *err)
{
    void *items = NULL;
    spae_error why;
    spae_status status = take(arena, h->array.header.count, h->array.source.name, &items, err);
    if (status != SPAE_OK)
        return status;
    status = read_items(&h->array.source, &h->array.header, real, items, &why);
    if (status != SPAE_OK)
        return unreadable(v, &why, err);
    set_given(v, real, items);
    return SPAE_OK;
}

/* ---- samples -------------------------------------------------------------------------------- */

typedef struct {
    const spae_reference *r;
    bool real;
    void *sample;     /* (r->count) */
    size_t taken;     /* of them */
    spae_sha256 hash; /* of the items as the MANIFEST's type, little-endian */
    bool exact;       /* every item is a value of that type */
} sampler;

/* The item's bits in the reference's type; *exact becomes false when it is no value of that. */
static uint64_t item_bits(const spae_manifest_array *due, const void *items, size_t i, bool *exact)
{
    if (due->kind != SPAE_NPY_FLOAT) {
        const int64_t value = ((const int64_t *)items)[i];
        const unsigned bits = 8 * (unsigned)due->item_bytes;
        const bool sign = due->kind == SPAE_NPY_INT;
        const int64_t most = bits == 64 ? INT64_MAX : (int64_t)(((uint64_t)1 << (bits - sign)) - 1);
        *exact = *exact && value <= most && value >= (sign ? -most - 1 : 0);
        return (uint64_t)value;
    }
    const double value = ((const double *)items)[i];
    if (due->item_bytes == 8)
        return spae_bits_of_double(value);
    const uint16_t half = spae_float_to_half((float)value);
    const float rounded = due->item_bytes == 4 ? (float)value : spae_half_to_float(half);
    *exact = *exact && !((double)rounded < value) && !((double)rounded > value);
    return due->item_bytes == 4 ? spae_bits_of_float(rounded) : half;
}

/* Items first .. first + count - 1 of the whole. */
static void sample_piece(sampler *s, const void *items, size_t first, size_t count)
{
    const spae_manifest_array *due = &s->r->output->array;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[8];
        const uint64_t bits = item_bits(due, items, i, &s->exact);
        for (size_t b = 0; b < due->item_bytes; b++)
            bytes[b] = (uint8_t)(bits >> (8 * b) & 0xff);
        spae_sha256_add(&s->hash, bytes, due->item_bytes);
        if (s->taken == s->r->count || (uint64_t)s->r->index[s->taken] != first + i)
            continue;
        memcpy((char *)s->sample + 8 * s->taken, (const char *)items + 8 * i, 8);
        s->taken++;
    }
}

static spae_status sample_pieces(sampler *s, const handle *h, spae_error *why)
{
    uint64_t piece[PIECE]; /* room for double or int64_t */
    spae_npy_header flat = h->array.header;
    flat.rank = 1;
    flat.shape[0] = flat.count;
    for (size_t first = 0; first < flat.count;) {
        const size_t left = flat.count - first, n = left < PIECE ? left : PIECE;
        const spae_npy_header part = spae_npy_cut(&flat, first, n);
        const spae_status status = read_items(&h->array.source, &part, s->real, piece, why);
        if (status != SPAE_OK)
            return status;
        sample_piece(s, piece, first, n);
        first += n;
    }
    return SPAE_OK;
}

static spae_status read_samples(spae_arena *arena, const handle *h, const spae_reference *r,
                                spae_port_values *v, spae_error *err)
{
    sampler s = {.r = r, .real = r->real != NULL, .exact = true};
    spae_error why;
    uint8_t digest[32];
    spae_status status = take(arena, r->count, h->array.source.name, &s.sample, err);
    if (status != SPAE_OK)
        return status;
    spae_sha256_start(&s.hash);
    if (h->array.header.fortran && h->array.header.rank > 1) {
        status = read_whole(arena, h, s.real, v, err);
        if (status != SPAE_OK || v->state != SPAE_PORT_GOOD)
            return status;
        sample_piece(&s, s.real ? (const void *)v->given.real : v->given.whole, 0,
                     h->array.header.count);
    } else {
        status = sample_pieces(&s, h, &why);
        if (status != SPAE_OK)
            return unreadable(v, &why, err);
    }
    spae_sha256_finish(&s.hash, digest);
    set_given(v, s.real, s.sample);
    v->given.all_equal = s.exact && memcmp(digest, r->output->file.data, 32) == 0;
    return SPAE_OK;
}

/* ---- one array ------------------------------------------------------------------------------ */

static spae_status read_opened(spae_arena *arena, const handle *h, const spae_reference *r,
                               spae_port_values *v, spae_error *err)
{
    const spae_manifest_array *due = &r->output->array;
    const spae_npy_header *header = &h->array.header;
    bool dropped = false;
    v->rank = header->rank;
    memcpy(v->shape, header->shape, sizeof v->shape);
    if (!dtype_fits(header, due)) {
        refuse_dtype(header, due, v);
        return SPAE_OK;
    }
    if (!shape_fits(header, due, &dropped)) {
        refuse_shape(header, due, v);
        const bool to_diagnose = header->count == due->count && r->index == NULL;
        return to_diagnose ? read_whole(arena, h, r->real != NULL, v, err) : SPAE_OK;
    }
    put_remarks(header, due, dropped, v);
    return r->index != NULL ? read_samples(arena, h, r, v, err)
                            : read_whole(arena, h, r->real != NULL, v, err);
}

spae_status spae_port_read(spae_arena *arena, const spae_port_array *array,
                           const spae_reference *reference, spae_port_values *values,
                           spae_error *err)
{
    spae_error why;
    handle h;
    *values = (spae_port_values){.state = SPAE_PORT_GOOD};
    if (open_array(arena, array, &h, &why) != SPAE_OK)
        return unreadable(values, &why, err);
    const spae_status status = read_opened(arena, &h, reference, values, err);
    close_array(&h);
    return status;
}

/* ---- a status ------------------------------------------------------------------------------- */

/* Without white space around it. */
static void put_status(const char *text, size_t length, spae_port_values *v)
{
    static const char white[] = " \t\r\n";
    while (length > 0 && strchr(white, text[length - 1]) != NULL)
        length--;
    while (length > 0 && strchr(white, *text) != NULL) {
        text++;
        length--;
    }
    const size_t most = sizeof v->text - 1;
    snprintf(v->text, sizeof v->text, "%.*s", (int)(length < most ? length : most), text);
}

static spae_status read_string(spae_arena *arena, const handle *h, spae_port_values *v,
                               spae_error *err)
{
    const spae_text *items = NULL;
    spae_error why;
    if (h->array.header.count != 1) {
        v->state = SPAE_PORT_WRONG_SHAPE;
        snprintf(v->text, sizeof v->text, "wrong shape: one string is due, it has %zu items",
                 h->array.header.count);
        return SPAE_OK;
    }
    if (h->array.header.kind != SPAE_NPY_BYTES && h->array.header.kind != SPAE_NPY_UNICODE) {
        char text[32];
        dtype_text(&h->array.header, text);
        v->state = SPAE_PORT_WRONG_DTYPE;
        snprintf(v->text, sizeof v->text, "wrong dtype: a string is due, it is %s", text);
        return SPAE_OK;
    }
    if (spae_npy_read_strings(arena, &h->array.source, &h->array.header, &items, &why) != SPAE_OK)
        return unreadable(v, &why, err);
    put_status(items[0].text, items[0].length, v);
    return SPAE_OK;
}

spae_status spae_port_read_status(spae_arena *arena, const spae_port_array *array,
                                  spae_port_values *values, spae_error *err)
{
    spae_error why;
    *values = (spae_port_values){.state = SPAE_PORT_GOOD};
    if (array->text) {
        const uint8_t *bytes = NULL;
        size_t size = 0;
        if (spae_file_read_all(arena, array->path, STATUS_MOST, &bytes, &size, &why) != SPAE_OK)
            return unreadable(values, &why, err);
        put_status((const char *)bytes, size, values);
        return SPAE_OK;
    }
    handle h;
    if (open_array(arena, array, &h, &why) != SPAE_OK)
        return unreadable(values, &why, err);
    const spae_status status = read_string(arena, &h, values, err);
    close_array(&h);
    return status;
}

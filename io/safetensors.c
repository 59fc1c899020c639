/* Safetensors archives, reading. */
#include "io/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "io/arrays.h"
#include "vendor_free/json.h"

enum { LENGTH_BYTES = 8 };

static const struct {
    const char *name;
    size_t item_bytes;
    bool number; /* false: known, so that its array can be passed over, but no number here */
} types[] = {
    {"F16", 2, true}, {"BF16", 2, true}, {"F32", 4, true},  {"F64", 8, true},  {"BOOL", 1, false},
    {"U8", 1, false}, {"I8", 1, false},  {"U16", 2, false}, {"I16", 2, false}, {"U32", 4, false},
    {"I32", 4, false}, {"U64", 8, false}, {"I64", 8, false},
};

enum { TYPES = sizeof types / sizeof types[0] };

static uint64_t load(const uint8_t *b, size_t n) /* n <= 8 bytes, the lowest first */
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value |= (uint64_t)b[i] << 8 * i;
    return value;
}

/* ---- the header ------------------------------------------------------------------------------ */

typedef struct {
    spae_arena *arena;
    const spae_source *source;
    spae_limits limits;
    const char *text; /* (bytes), in the arena: the header */
    size_t bytes;
    const spae_json_node *nodes;
    uint64_t data_at; /* LENGTH_BYTES + bytes: where offsets count from */
    spae_error *err;
} header;

/* Where in the file a value of the header begins. */
static unsigned long long place(const header *h, const spae_json_node *node)
{
    return LENGTH_BYTES + (unsigned long long)(node->text - h->text);
}

static spae_status broken(const header *h, const spae_json_node *node, const char *name,
                          const char *what)
{
    return spae_fail(h->err, SPAE_ERR_FORMAT, "%s: byte %llu: %s: %s", h->source->name,
                     place(h, node), name, what);
}

static spae_status no_memory(const header *h)
{
    return spae_fail(h->err, SPAE_ERR_NO_MEMORY, "%s: no memory for a header of %zu bytes",
                     h->source->name, h->bytes);
}

/* Length and first byte: what tells the format from others. */
static spae_status read_length(header *h)
{
    uint8_t b[LENGTH_BYTES + 1];
    const spae_status status = spae_source_read(h->source, 0, b, sizeof b, h->err);
    if (status != SPAE_OK)
        return status;
    const uint64_t length = load(b, LENGTH_BYTES);
    if (b[LENGTH_BYTES] != '{')
        return spae_fail(h->err, SPAE_ERR_FORMAT,
                         "%s: byte 8: expected '{', with which the header of a safetensors file "
                         "begins",
                         h->source->name);
    if (length > SPAE_SAFETENSORS_HEADER)
        return spae_fail(h->err, SPAE_ERR_FORMAT,
                         "%s: byte 0: the header is of %llu bytes, the limit is %zu",
                         h->source->name, (unsigned long long)length, SPAE_SAFETENSORS_HEADER);
    if (length > h->source->size - LENGTH_BYTES)
        return spae_fail(h->err, SPAE_ERR_FORMAT,
                         "%s: byte 0: the header is of %llu bytes, %llu are there", h->source->name,
                         (unsigned long long)length,
                         (unsigned long long)h->source->size - LENGTH_BYTES);
    h->bytes = (size_t)length;
    h->data_at = LENGTH_BYTES + length;
    return SPAE_OK;
}

static spae_status parse_header(header *h)
{
    char *text = spae_arena_take(h->arena, h->bytes, 1);
    if (text == NULL)
        return no_memory(h);
    spae_status status = spae_source_read(h->source, LENGTH_BYTES, text, h->bytes, h->err);
    if (status != SPAE_OK)
        return status;
    const size_t bound = spae_json_bound(text, h->bytes);
    spae_json_node *nodes = spae_arena_take(h->arena, bound, sizeof *nodes);
    spae_error why;
    if (nodes == NULL)
        return no_memory(h);
    status = spae_json_parse(text, h->bytes, nodes, bound, NULL, &why);
    if (status != SPAE_OK)
        return spae_fail(h->err, status, "%s: header from byte 8 on: %s", h->source->name,
                         why.text);
    h->text = text;
    h->nodes = nodes;
    return SPAE_OK;
}

/* ---- one array ------------------------------------------------------------------------------- */

static spae_status read_name(const header *h, const spae_json_node *node, const char **name)
{
    const size_t room = node->key_length + 1;
    size_t length = 0;
    char *text = spae_arena_take(h->arena, room, 1);
    if (text == NULL)
        return no_memory(h);
    const spae_status status = spae_json_key(node, text, room, &length, h->err);
    if (status != SPAE_OK)
        return status;
    if (length == 0 || strlen(text) != length)
        return broken(h, node, text, "the name is empty or holds a zero character");
    *name = text;
    return SPAE_OK;
}

static spae_status read_type(const header *h, const spae_json_node *dtype,
                             spae_safetensors_array *a)
{
    if (dtype->type == SPAE_JSON_STRING)
        for (size_t i = 0; i < TYPES; i++)
            if (strlen(types[i].name) == dtype->length &&
                memcmp(types[i].name, dtype->text, dtype->length) == 0) {
                a->type = types[i].name;
                a->item_bytes = types[i].item_bytes;
                return SPAE_OK;
            }
    return broken(h, dtype, a->name, "dtype is none of the known types");
}

/* Multiplies the shape. Sizes of 0 are left out of the checks' product, so that [0, 2^60, 2^60] is
 * refused like [1, 2^60, 2^60]. */
static spae_status read_shape(const header *h, const spae_json_node *shape,
                              spae_safetensors_array *a)
{
    const uint64_t most = h->limits.max_elements;
    size_t product = 1;
    bool empty = false;
    if (shape->type != SPAE_JSON_ARRAY || shape->count > SPAE_SAFETENSORS_RANK)
        return broken(h, shape, a->name, "expected a shape of up to 8 axes");
    a->rank = shape->count;
    for (unsigned i = 0; i < SPAE_SAFETENSORS_RANK; i++)
        a->shape[i] = 1;
    const spae_json_node *axis = spae_json_first(h->nodes, shape);
    for (size_t *size = a->shape; axis != NULL; axis = spae_json_next(h->nodes, axis), size++) {
        int64_t n;
        if (spae_json_integer(axis, 0, INT64_MAX, &n, NULL) != SPAE_OK || (uint64_t)n > SIZE_MAX)
            return broken(h, axis, a->name, "expected a size of an axis, a whole number");
        *size = (size_t)n;
        empty = empty || n == 0;
        if (n == 0)
            continue;
        if ((uint64_t)n > most / product || *size > SIZE_MAX / a->item_bytes / product)
            return broken(h, shape, a->name, "the shape holds more items than the limit");
        product *= *size;
    }
    a->count = empty ? 0 : product;
    return SPAE_OK;
}

/* [first, end], counted from the end of the header. */
static spae_status read_offsets(const header *h, const spae_json_node *offsets,
                                spae_safetensors_array *a)
{
    const uint64_t size = h->source->size - h->data_at, due = (uint64_t)a->count * a->item_bytes;
    const spae_json_node *first = spae_json_first(h->nodes, offsets);
    int64_t begin, end;
    if (offsets->type != SPAE_JSON_ARRAY || offsets->count != 2 ||
        spae_json_integer(first, 0, INT64_MAX, &begin, NULL) != SPAE_OK ||
        spae_json_integer(spae_json_next(h->nodes, first), 0, INT64_MAX, &end, NULL) != SPAE_OK)
        return broken(h, offsets, a->name, "expected two offsets, whole numbers");
    if (begin > end || (uint64_t)end > size)
        return spae_fail(h->err, SPAE_ERR_FORMAT,
                         "%s: byte %llu: %s: bytes %lld to %lld do not lie in the data, which have "
                         "%llu",
                         h->source->name, place(h, offsets), a->name, (long long)begin,
                         (long long)end, (unsigned long long)size);
    if ((uint64_t)(end - begin) != due)
        return spae_fail(h->err, SPAE_ERR_FORMAT,
                         "%s: byte %llu: %s: shape and type give %llu bytes, the offsets %lld",
                         h->source->name, place(h, offsets), a->name, (unsigned long long)due,
                         (long long)(end - begin));
    a->offset = h->data_at + (uint64_t)begin;
    return SPAE_OK;
}

static spae_status read_array(const header *h, const spae_json_node *node,
                              spae_safetensors_array *a)
{
    const spae_json_node *dtype = spae_json_member(h->nodes, node, "dtype");
    const spae_json_node *shape = spae_json_member(h->nodes, node, "shape");
    const spae_json_node *offsets = spae_json_member(h->nodes, node, "data_offsets");
    spae_status status = read_name(h, node, &a->name);
    if (status != SPAE_OK)
        return status;
    if (dtype == NULL || shape == NULL || offsets == NULL || node->count != 3)
        return broken(h, node, a->name,
                      "expected an object of dtype, shape and data_offsets and nothing else");
    status = read_type(h, dtype, a);
    if (status == SPAE_OK)
        status = read_shape(h, shape, a);
    return status == SPAE_OK ? read_offsets(h, offsets, a) : status;
}

static spae_status check_metadata(const header *h, const spae_json_node *metadata)
{
    bool good = metadata->type == SPAE_JSON_OBJECT;
    const spae_json_node *item = spae_json_first(h->nodes, metadata);
    for (; item != NULL; item = spae_json_next(h->nodes, item))
        good = good && item->type == SPAE_JSON_STRING;
    return good ? SPAE_OK : broken(h, metadata, "__metadata__", "expected an object of strings");
}

/* ---- all arrays ------------------------------------------------------------------------------ */

static int compare_names(const void *a, const void *b)
{
    const spae_safetensors_array *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* By where they begin; an empty array comes before the one that begins where it stands. */
static int compare_places(const void *a, const void *b)
{
    const spae_safetensors_array *const *left = a, *const *right = b;
    if ((*left)->offset != (*right)->offset)
        return (*left)->offset < (*right)->offset ? -1 : 1;
    return ((*left)->count > 0) - ((*right)->count > 0);
}

/* The arrays in the order of their places: each begins where the one before it ends, and the last
 * ends with the file. */
static spae_status check_places(const header *h, const spae_safetensors_array *const *by_place,
                                size_t count)
{
    uint64_t due = h->data_at;
    for (size_t i = 0; i < count; i++) {
        const spae_safetensors_array *a = by_place[i];
        if (a->offset != due)
            return spae_fail(
                h->err, SPAE_ERR_FORMAT,
                a->offset < due ? "%s: byte %llu: %s begins inside another array, which ends at "
                                  "byte %llu"
                                : "%s: byte %llu: before %s, from byte %llu on, are bytes of no "
                                  "array",
                h->source->name, (unsigned long long)a->offset, a->name, (unsigned long long)due);
        due += (uint64_t)a->count * a->item_bytes;
    }
    if (due == h->source->size)
        return SPAE_OK;
    return spae_fail(h->err, SPAE_ERR_FORMAT, "%s: byte %llu: after the last array %llu more bytes",
                     h->source->name, (unsigned long long)due,
                     (unsigned long long)(h->source->size - due));
}

/* arrays has room for all members but __metadata__. */
static spae_status read_arrays(const header *h, spae_safetensors_array *arrays)
{
    spae_status status = SPAE_OK;
    const spae_json_node *node = spae_json_first(h->nodes, h->nodes);
    const spae_json_node *metadata = spae_json_member(h->nodes, h->nodes, "__metadata__");
    for (size_t i = 0; status == SPAE_OK && node != NULL; node = spae_json_next(h->nodes, node))
        status = node == metadata ? check_metadata(h, node) : read_array(h, node, &arrays[i++]);
    return status;
}

static spae_status read_header(header *h, spae_safetensors *archive)
{
    spae_status status = read_length(h);
    if (status == SPAE_OK)
        status = parse_header(h);
    if (status != SPAE_OK)
        return status;
    const bool metadata = spae_json_member(h->nodes, h->nodes, "__metadata__") != NULL;
    const size_t count = h->nodes[0].count - (metadata ? 1U : 0U);
    if (count > h->limits.max_members)
        return spae_fail(h->err, SPAE_ERR_FORMAT, "%s: %zu arrays, the limit is %zu",
                         h->source->name, count, h->limits.max_members);
    spae_safetensors_array *arrays = spae_arena_take(h->arena, count, sizeof *arrays);
    const spae_safetensors_array **order = spae_arena_take(h->arena, count, sizeof *order);
    if (arrays == NULL || order == NULL)
        return no_memory(h);
    status = read_arrays(h, arrays);
    for (size_t i = 0; status == SPAE_OK && i < count; i++)
        order[i] = &arrays[i];
    if (status == SPAE_OK) {
        qsort(order, count, sizeof *order, compare_places);
        status = check_places(h, order, count);
        qsort(order, count, sizeof *order, compare_names); /* equal ones the JSON reader refused */
    }
    *archive = (spae_safetensors){h->source, count, arrays, order};
    return status;
}

spae_status spae_safetensors_open(spae_arena *arena, const spae_source *source,
                                  const spae_limits *limits, spae_safetensors *archive,
                                  spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    header h = {.arena = arena,
                .source = source,
                .limits = limits != NULL ? *limits : spae_limits_default(),
                .err = err};
    spae_safetensors opened;
    const spae_status status = read_header(&h, &opened);
    if (status == SPAE_OK)
        *archive = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

const spae_safetensors_array *spae_safetensors_find(const spae_safetensors *archive,
                                                    const char *name)
{
    size_t low = 0, high = archive->count;
    while (low < high) { /* here: an array of that name is in low .. high - 1, if anywhere */
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(name, archive->by_name[middle]->name);
        if (order == 0)
            return archive->by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* All types but BF16 are those of an NPY file. */
static spae_status read_floats(const spae_source *source, size_t item_bytes, uint64_t offset, size_t count,
                               spae_real *out, spae_error *err)
{
    const spae_npy_header items = {.kind = SPAE_NPY_FLOAT, .item_bytes = item_bytes, .rank = 1,
                                   .shape = {count, 1, 1, 1, 1, 1, 1, 1}, .count = count,
                                   .data_offset = offset};
    return spae_numbers_read(source, &items, out, err);
}

spae_status spae_safetensors_read_part(const spae_safetensors *archive, const spae_safetensors_array *array, size_t first,
                                       size_t count, spae_real *out, spae_error *err)
{
    const uint64_t offset = array->offset + (uint64_t)first * array->item_bytes;
    bool number = false;
    for (size_t i = 0; i < TYPES; i++)
        number = number || (types[i].number && strcmp(types[i].name, array->type) == 0);
    if (!number)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: byte %llu: %s: the items are of type %s, due are F16, BF16, F32 or "
                         "F64",
                         archive->source->name, (unsigned long long)array->offset, array->name,
                         array->type);
    return strcmp(array->type, "BF16") == 0
               ? spae_bfloat16_read(archive->source, offset, false, count, out, err)
               : read_floats(archive->source, array->item_bytes, offset, count, out, err);
}

spae_status spae_safetensors_read(const spae_safetensors *archive,
                                  const spae_safetensors_array *array, spae_real *out,
                                  spae_error *err)
{
    return spae_safetensors_read_part(archive, array, 0, array->count, out, err);
}

/* Archives of arrays behind one door, weights.h; the naming schemes are in weights_load.c. */
#include "io/weights.h"

#include <string.h>

#include "io/arrays.h"

/* ---- which format ---------------------------------------------------------------------------- */

/* How files begin that hold weights and are not read. */
static const struct {
    const char *bytes; /* without a zero byte among them */
    const char *what;
} others[] = {
    {"\x93NUMPY", "a single .npy array, or a pickle in one"},
    {"\x89HDF", "an HDF5 file"},
    {"GGUF", "a GGUF file"},
};

static spae_status refuse(const spae_source *source, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "%s: byte 0: expected an .npz, .safetensors or PyTorch file, found %s", source->name,
                     what);
}

static spae_status refuse_start(const spae_source *source, const uint8_t *start, spae_error *err)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (memcmp(start, others[i].bytes, strlen(others[i].bytes)) == 0)
            return refuse(source, others[i].what, err);
    return refuse(source, "none of them", err);
}

static spae_status open_torch(spae_arena *arena, const spae_limits *limits, const spae_npz *zip,
                              spae_weights *weights, spae_error *err)
{
    const spae_status status =
        spae_torch_open(arena, weights->source, zip, limits, &weights->torch, err);
    weights->format = SPAE_WEIGHTS_TORCH;
    weights->count = status == SPAE_OK ? weights->torch.count : 0;
    return status;
}

/* torch.save writes a zip file too, with a member <name>/data.pkl. */
static spae_status open_zip(spae_arena *arena, const spae_limits *limits, spae_weights *weights,
                            spae_error *err)
{
    spae_npz zip;
    const spae_status status = spae_npz_open(arena, weights->source, limits, &zip, err);
    if (status != SPAE_OK)
        return status;
    if (spae_torch_is_zip(&zip))
        return open_torch(arena, limits, &zip, weights, err);
    weights->format = SPAE_WEIGHTS_NPZ;
    weights->npz = zip;
    weights->count = zip.count;
    return SPAE_OK;
}

static spae_status open_safetensors(spae_arena *arena, const spae_limits *limits,
                                    spae_weights *weights, spae_error *err)
{
    const spae_status status =
        spae_safetensors_open(arena, weights->source, limits, &weights->safetensors, err);
    weights->format = SPAE_WEIGHTS_SAFETENSORS;
    weights->count = status == SPAE_OK ? weights->safetensors.count : 0;
    return status;
}

/* A zip file has its method, 0 or 8, at byte 8, or, when it is empty, the rest of an end record. */
static spae_status open_any(spae_arena *arena, const spae_limits *limits, spae_weights *weights,
                            spae_error *err)
{
    uint8_t start[16] = {0};
    const uint64_t size = weights->source->size;
    const size_t got = size < sizeof start ? (size_t)size : sizeof start;
    const spae_status status = spae_source_read(weights->source, 0, start, got, err);
    if (status != SPAE_OK)
        return status;
    if (start[8] == '{')
        return open_safetensors(arena, limits, weights, err);
    if (memcmp(start, "PK", 2) == 0)
        return open_zip(arena, limits, weights, err);
    if (spae_torch_is_old(start, got))
        return open_torch(arena, limits, NULL, weights, err);
    return refuse_start(weights->source, start, err);
}

spae_status spae_weights_open(spae_arena *arena, const spae_source *source,
                              const spae_limits *limits, spae_weights *weights, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_weights opened = {.source = source};
    const spae_status status = open_any(arena, limits, &opened, err);
    if (status == SPAE_OK)
        *weights = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

const char *spae_weights_name(const spae_weights *weights, size_t index)
{
    switch (weights->format) {
    case SPAE_WEIGHTS_SAFETENSORS:
        return weights->safetensors.arrays[index].name;
    case SPAE_WEIGHTS_TORCH:
        return weights->torch.arrays[index].name;
    default:
        return weights->npz.members[index].name;
    }
}

size_t spae_weights_find(const spae_weights *weights, const char *name)
{
    if (weights->format == SPAE_WEIGHTS_NPZ) {
        const spae_npz_member *member = spae_npz_find(&weights->npz, name);
        return member != NULL ? (size_t)(member - weights->npz.members) : weights->count;
    }
    if (weights->format == SPAE_WEIGHTS_TORCH) {
        const spae_torch_array *array = spae_torch_find(&weights->torch, name);
        return array != NULL ? (size_t)(array - weights->torch.arrays) : weights->count;
    }
    const spae_safetensors_array *array = spae_safetensors_find(&weights->safetensors, name);
    return array != NULL ? (size_t)(array - weights->safetensors.arrays) : weights->count;
}

static void take_shape(spae_weights_array *a, unsigned rank, size_t count, const size_t *shape)
{
    a->rank = rank;
    a->count = count;
    memcpy(a->shape, shape, sizeof a->shape);
}

static spae_status open_npz_array(spae_arena *arena, const spae_weights *weights,
                                  spae_weights_array *a, spae_error *err)
{
    spae_error why;
    if (spae_npz_array_open(arena, &weights->npz, a->name, &a->npz, &why) != SPAE_OK)
        return spae_array_fail(weights->source, a->name, &why, err);
    take_shape(a, a->npz.header.rank, a->npz.header.count, a->npz.header.shape);
    return SPAE_OK;
}

static spae_status open_torch_array(spae_arena *arena, const spae_weights *weights, size_t index,
                                    spae_weights_array *a, spae_error *err)
{
    const spae_torch_array *t = &weights->torch.arrays[index];
    spae_error why;
    if (spae_torch_items_open(arena, &weights->torch, t, &a->torch, &why) != SPAE_OK)
        return spae_array_fail(weights->source, a->name, &why, err);
    take_shape(a, t->rank, t->count, t->shape);
    return SPAE_OK;
}

spae_status spae_weights_array_open(spae_arena *arena, const spae_weights *weights, size_t index,
                                    spae_weights_array *array, spae_error *err)
{
    spae_weights_array a = {.name = spae_weights_name(weights, index)};
    spae_status status = SPAE_OK;
    if (weights->format == SPAE_WEIGHTS_NPZ) {
        status = open_npz_array(arena, weights, &a, err);
    } else if (weights->format == SPAE_WEIGHTS_TORCH) {
        status = open_torch_array(arena, weights, index, &a, err);
    } else {
        a.safetensors = &weights->safetensors.arrays[index];
        take_shape(&a, a.safetensors->rank, a.safetensors->count, a.safetensors->shape);
    }
    if (status == SPAE_OK)
        *array = a;
    return status;
}

/* Items first .. first + count - 1 in C order. */
static spae_status read_npz_items(const spae_weights_array *array, size_t first, size_t count, spae_real *out,
                                  spae_error *err)
{
    spae_npy_header h = array->npz.header;
    if (count == h.count)
        return spae_numbers_read(&array->npz.source, &h, out, err);
    if (h.fortran)
        return spae_fail(err, SPAE_ERR_FORMAT, "it is in Fortran order: its rows cannot be read one by one");
    h.data_offset += (uint64_t)first * h.item_bytes;
    h.rank = 1;
    h.shape[0] = h.count = count;
    for (size_t i = 1; i < SPAE_NPY_RANK; i++)
        h.shape[i] = 1;
    return spae_numbers_read(&array->npz.source, &h, out, err);
}

static spae_status read_items(const spae_weights *weights, const spae_weights_array *array, size_t first, size_t count,
                              spae_real *out, spae_error *err)
{
    spae_error why;
    spae_status status;
    if (weights->format == SPAE_WEIGHTS_SAFETENSORS)
        return spae_safetensors_read_part(&weights->safetensors, array->safetensors, first, count, out, err);
    if (weights->format == SPAE_WEIGHTS_TORCH)
        status = spae_torch_items_read(&weights->torch, &array->torch, first, count, out, &why);
    else
        status = read_npz_items(array, first, count, out, &why);
    return status == SPAE_OK ? SPAE_OK : spae_array_fail(weights->source, array->name, &why, err);
}

spae_status spae_weights_array_read(const spae_weights *weights, const spae_weights_array *array,
                                    spae_real *out, spae_error *err)
{
    const spae_status status = read_items(weights, array, 0, array->count, out, err);
    return status == SPAE_OK ? spae_numbers_finite(weights->source, array->name, out, array->count, err) : status;
}

spae_status spae_weights_rows_read(const spae_weights *weights, const spae_weights_array *array, size_t from, size_t count,
                                   spae_real *out, spae_error *err)
{
    const size_t each = array->shape[0] > 0 ? array->count / array->shape[0] : 0, items = count * each;
    spae_error why;
    spae_status status = read_items(weights, array, from * each, items, out, err);
    if (status == SPAE_OK && spae_numbers_finite(weights->source, array->name, out, items, &why) != SPAE_OK)
        status = spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: %s: rows %zu to %zu are not all finite", weights->source->name,
                           array->name, from, from + count - 1);
    return status;
}

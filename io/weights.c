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
    {"\x80", "a pickle of PyTorch or Python"},
    {"\x93NUMPY", "a single .npy array, or a pickle in one"},
    {"\x89HDF", "an HDF5 file"},
    {"GGUF", "a GGUF file"},
};

static spae_status refuse(const spae_source *source, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT,
                     "%s: byte 0: expected an .npz or .safetensors file, found %s", source->name,
                     what);
}

static spae_status refuse_start(const spae_source *source, const uint8_t *start, spae_error *err)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (memcmp(start, others[i].bytes, strlen(others[i].bytes)) == 0)
            return refuse(source, others[i].what, err);
    return refuse(source, "neither", err);
}

/* torch.save writes a zip file too, with a member <name>/data.pkl. */
static spae_status check_no_pickle(const spae_weights *weights, spae_error *err)
{
    for (size_t i = 0; i < weights->npz.count; i++) {
        const char *name = weights->npz.members[i].name;
        const size_t n = strlen(name);
        if (n >= 8 && strcmp(name + n - 8, "data.pkl") == 0)
            return refuse(weights->source, "a zip file of torch.save", err);
    }
    return SPAE_OK;
}

static spae_status open_npz(spae_arena *arena, const spae_limits *limits, spae_weights *weights,
                            spae_error *err)
{
    const spae_status status = spae_npz_open(arena, weights->source, limits, &weights->npz, err);
    if (status != SPAE_OK)
        return status;
    weights->is_npz = true;
    weights->count = weights->npz.count;
    return check_no_pickle(weights, err);
}

static spae_status open_safetensors(spae_arena *arena, const spae_limits *limits,
                                    spae_weights *weights, spae_error *err)
{
    const spae_status status =
        spae_safetensors_open(arena, weights->source, limits, &weights->safetensors, err);
    weights->count = status == SPAE_OK ? weights->safetensors.count : 0;
    return status;
}

/* A zip file has its method, 0 or 8, at byte 8, or, when it is empty, the rest of an end record. */
static spae_status open_either(spae_arena *arena, const spae_limits *limits, spae_weights *weights,
                               spae_error *err)
{
    uint8_t start[9] = {0};
    const uint64_t size = weights->source->size;
    const size_t got = size < sizeof start ? (size_t)size : sizeof start;
    const spae_status status = spae_source_read(weights->source, 0, start, got, err);
    if (status != SPAE_OK)
        return status;
    if (start[8] == '{')
        return open_safetensors(arena, limits, weights, err);
    if (memcmp(start, "PK", 2) == 0)
        return open_npz(arena, limits, weights, err);
    return refuse_start(weights->source, start, err);
}

spae_status spae_weights_open(spae_arena *arena, const spae_source *source,
                              const spae_limits *limits, spae_weights *weights, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_weights opened = {.source = source};
    const spae_status status = open_either(arena, limits, &opened, err);
    if (status == SPAE_OK)
        *weights = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

const char *spae_weights_name(const spae_weights *weights, size_t index)
{
    return weights->is_npz ? weights->npz.members[index].name
                           : weights->safetensors.arrays[index].name;
}

size_t spae_weights_find(const spae_weights *weights, const char *name)
{
    if (weights->is_npz) {
        const spae_npz_member *member = spae_npz_find(&weights->npz, name);
        return member != NULL ? (size_t)(member - weights->npz.members) : weights->count;
    }
    const spae_safetensors_array *array = spae_safetensors_find(&weights->safetensors, name);
    return array != NULL ? (size_t)(array - weights->safetensors.arrays) : weights->count;
}

spae_status spae_weights_array_open(spae_arena *arena, const spae_weights *weights, size_t index,
                                    spae_weights_array *array, spae_error *err)
{
    spae_weights_array a = {.name = spae_weights_name(weights, index)};
    if (!weights->is_npz) {
        a.safetensors = &weights->safetensors.arrays[index];
        a.rank = a.safetensors->rank;
        a.count = a.safetensors->count;
        memcpy(a.shape, a.safetensors->shape, sizeof a.shape);
    } else {
        spae_error why;
        if (spae_npz_array_open(arena, &weights->npz, a.name, &a.npz, &why) != SPAE_OK)
            return spae_array_fail(weights->source, a.name, &why, err);
        a.rank = a.npz.header.rank;
        a.count = a.npz.header.count;
        memcpy(a.shape, a.npz.header.shape, sizeof a.shape);
    }
    *array = a;
    return SPAE_OK;
}

spae_status spae_weights_array_read(const spae_weights *weights, const spae_weights_array *array,
                                    spae_real *out, spae_error *err)
{
    spae_error why;
    const spae_status status =
        weights->is_npz
            ? spae_numbers_read(&array->npz.source, &array->npz.header, out, &why)
            : spae_safetensors_read(&weights->safetensors, array->safetensors, out, &why);
    if (status != SPAE_OK)
        return weights->is_npz ? spae_array_fail(weights->source, array->name, &why, err)
                               : spae_fail(err, status, "%s", why.text);
    return spae_numbers_finite(weights->source, array->name, out, array->count, err);
}

/* Numbers of tensors in files of torch.save, whatever order they lie in. */
#include "io/arrays.h"
#include "io/torch_parts.h"

enum { PIECE = 4096 }; /* bytes of items that are gathered at a time */

const spae_torch_array *spae_torch_find(const spae_torch_file *file, const char *name)
{
    size_t low = 0, high = file->count;
    while (low < high) { /* here: a tensor of that name is in low .. high - 1, if anywhere */
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(name, file->by_name[middle]->name);
        if (order == 0)
            return file->by_name[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* Do the items lie one behind the other in C order? */
static bool is_plain(const spae_torch_array *a)
{
    uint64_t due = 1;
    for (unsigned i = a->rank; i-- > 0; due *= a->shape[i])
        if (a->shape[i] != 1 && a->stride[i] != due)
            return false;
    return true;
}

/* Fetches the span from the first item to the last. It lies in the file, so it is justified. */
static spae_status fetch_span(spae_arena *arena, const spae_torch_array *a, size_t item_bytes,
                              spae_torch_items *items, spae_error *err)
{
    const uint64_t bytes = a->extent * item_bytes;
    uint8_t *span = bytes <= SIZE_MAX ? spae_arena_take(arena, (size_t)bytes, 1) : NULL;
    if (span == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: %s: no memory for %llu bytes", items->data.name,
                         a->name, (unsigned long long)bytes);
    const spae_status status = spae_source_read(&items->data, items->at, span, (size_t)bytes, err);
    items->data = spae_source_memory(span, (size_t)bytes, items->data.name);
    items->at = 0;
    return status;
}

spae_status spae_torch_items_open(spae_arena *arena, const spae_torch_file *file,
                                  const spae_torch_array *array, spae_torch_items *items,
                                  spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_torch_storage *s = array->storage;
    const size_t item_bytes = spae_torch_types[spae_torch_type_of(array)].item_bytes;
    spae_torch_items opened = {array, s->data, s->at};
    spae_status status = SPAE_OK;
    if (s->deflated)
        status = spae_npz_member_open(arena, &file->zip, s->member, &opened.data, err);
    opened.data.name = file->source->name;
    opened.at += array->first * item_bytes;
    if (status == SPAE_OK && array->count > 0 && !is_plain(array))
        status = fetch_span(arena, array, item_bytes, &opened, err);
    if (status == SPAE_OK)
        *items = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

/* Items that lie one behind the other. */
static spae_status read_plain(const spae_torch_file *file, const spae_torch_type *type,
                              const spae_source *data, uint64_t at, size_t count, spae_real *out,
                              spae_error *err)
{
    if (type->bfloat16)
        return spae_bfloat16_read(data, at, file->big_endian, count, out, err);
    const spae_npy_header header = {.kind = type->kind,
                                    .item_bytes = type->item_bytes,
                                    .big_endian = file->big_endian,
                                    .rank = 1,
                                    .shape = {count, 1, 1, 1, 1, 1, 1, 1},
                                    .count = count,
                                    .data_offset = at};
    return spae_numbers_read(data, &header, out, err);
}

/* Goes to the next index in C order, the last axis fastest, and to its item. */
static void step(const spae_torch_array *a, size_t index[SPAE_TORCH_RANK], uint64_t *item)
{
    for (unsigned i = a->rank; i-- > 0;) {
        *item += a->stride[i];
        if (++index[i] < a->shape[i])
            return;
        *item -= a->stride[i] * a->shape[i];
        index[i] = 0;
    }
}

/* The index of item `at` in C order, and its place in the span. */
static uint64_t start_at(const spae_torch_array *a, size_t at, size_t index[SPAE_TORCH_RANK])
{
    uint64_t item = 0;
    for (unsigned i = a->rank; i-- > 0; at /= a->shape[i]) {
        index[i] = at % a->shape[i];
        item += a->stride[i] * index[i];
    }
    return item;
}

/* Items of the span in memory, gathered in C order piece by piece. */
static spae_status read_strided(const spae_torch_file *file, const spae_torch_type *type,
                                const spae_torch_items *items, size_t first, size_t count, spae_real *out,
                                spae_error *err)
{
    const spae_torch_array *a = items->array;
    const size_t size = type->item_bytes, most = PIECE / size;
    size_t index[SPAE_TORCH_RANK] = {0};
    uint64_t item = start_at(a, first, index);
    uint8_t piece[PIECE];
    spae_status status = SPAE_OK;
    for (size_t done = 0; status == SPAE_OK && done < count;) {
        const size_t now = count - done < most ? count - done : most;
        for (size_t i = 0; i < now; i++, step(a, index, &item))
            memcpy(piece + i * size, items->data.memory + item * size, size);
        const spae_source gathered = spae_source_memory(piece, now * size, items->data.name);
        status = read_plain(file, type, &gathered, 0, now, out + done, err);
        done += now;
    }
    return status;
}

spae_status spae_torch_items_read(const spae_torch_file *file, const spae_torch_items *items, size_t first,
                                  size_t count, spae_real *out, spae_error *err)
{
    const spae_torch_array *a = items->array;
    const spae_torch_type *type = &spae_torch_types[spae_torch_type_of(a)];
    if (count == 0)
        return SPAE_OK;
    return is_plain(a) ? read_plain(file, type, &items->data, items->at + first * type->item_bytes, count, out, err)
                       : read_strided(file, type, items, first, count, out, err);
}

/* Files of cases; raw.h says what each function does. */
#include "raw.h"

#include <string.h>

#include "test/vectors/tokens.h"

vectors_file vectors_file_of(vectors *v)
{
    return (vectors_file){v, {v->arena, NULL, 0, 0}};
}

void vectors_file_add(vectors_file *f, const void *bytes, size_t n)
{
    spae_sink sink = spae_sink_buffer(&f->buffer);
    if (vectors_goes_on(f->v))
        vectors_expect(f->v, spae_sink_write(&sink, bytes, n, f->v->err));
}

void vectors_file_text(vectors_file *f, const char *text)
{
    vectors_file_add(f, text, strlen(text));
}

void vectors_file_low(vectors_file *f, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        vectors_file_add(f, &(uint8_t){(uint8_t)(value >> 8 * i & 0xff)}, 1);
}

void vectors_file_high(vectors_file *f, uint64_t value, unsigned n)
{
    for (unsigned i = n; i-- > 0;)
        vectors_file_add(f, &(uint8_t){(uint8_t)(value >> 8 * i & 0xff)}, 1);
}

size_t vectors_file_find(vectors_file *f, const char *bytes, size_t size, size_t n)
{
    if (!vectors_goes_on(f->v))
        return 0;
    for (size_t at = 0; at + size <= f->buffer.size; at++)
        if (memcmp(f->buffer.bytes + at, bytes, size) == 0 && n-- == 0)
            return at;
    vectors_expect(f->v, spae_fail(f->v->err, SPAE_ERR_ARGUMENT, "the file lacks the bytes to change"));
    return 0;
}

void vectors_file_replace(vectors_file *f, const char *from, const char *to)
{
    const size_t size = strlen(from);
    size_t at = vectors_file_find(f, from, size, 0);
    if (!vectors_goes_on(f->v))
        return;
    for (; at + size <= f->buffer.size; at++)
        if (memcmp(f->buffer.bytes + at, from, size) == 0)
            memcpy(f->buffer.bytes + at, to, size);
}

spae_source vectors_file_given(const vectors_file *f)
{
    const size_t size = f->buffer.size;
    vectors_octets(f->v, "file", VECTORS_INPUT, 1, &size, f->buffer.bytes);
    return spae_source_memory(f->buffer.bytes, size, "file");
}

void vectors_octets(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                    const void *data)
{
    vectors_array array = {.name = name, .type = VECTORS_BYTE, .compare = compare, .rank = rank, .data = data};
    for (unsigned a = 0; a < rank; a++)
        array.shape[a] = shape[a];
    vectors_give(v, &array);
}

void vectors_floats(vectors *v, const char *name, unsigned rank, const size_t *shape, const float *data)
{
    size_t count = 1;
    for (unsigned a = 0; a < rank; a++)
        count *= shape[a];
    spae_real *copy = vectors_room(v, count, sizeof *copy);
    if (copy == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        copy[i] = (spae_real)data[i];
    vectors_numbers(v, name, VECTORS_BITS, rank, shape, copy);
}

void vectors_texts(vectors *v, const char *name, vectors_compare compare, const char *const *text, size_t count)
{
    vectors_file all = vectors_file_of(v);
    for (size_t i = 0; i < count; i++)
        vectors_file_add(&all, text[i], strlen(text[i]) + 1);
    vectors_octets(v, name, compare, 1, &all.buffer.size, all.buffer.bytes);
}

bool vectors_returned(vectors *v, spae_status due, spae_status returned)
{
    if (due != SPAE_OK)
        vectors_refusal(v, due, returned);
    else
        vectors_expect(v, returned);
    return due == SPAE_OK && vectors_goes_on(v);
}

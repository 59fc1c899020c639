/* Files as torch.save writes them, for tests: opcodes of a state, and both forms around it. */
#ifndef SPAE_TEST_IO_TORCH_H
#define SPAE_TEST_IO_TORCH_H

#include "bytes.h"

#include "vendor_free/checksum.h"

/* ---- opcodes --------------------------------------------------------------------------------- */

static inline void pickle_text(bytes *b, const char *text) /* BINUNICODE */
{
    add_text(b, "X");
    add_low(b, strlen(text), 4);
    add_text(b, text);
}

static inline void pickle_integer(bytes *b, uint64_t number) /* BININT1 or LONG1 */
{
    if (number < 256) {
        add_text(b, "K");
        add_low(b, number, 1);
    } else {
        add(b, "\x8a\x08", 2);
        add_low(b, number, 8);
    }
}

static inline void pickle_integers(bytes *b, const uint64_t *number, size_t count) /* a tuple */
{
    add_text(b, "(");
    for (size_t i = 0; i < count; i++)
        pickle_integer(b, number[i]);
    add_text(b, "t");
}

typedef struct {
    const char *call;    /* "_rebuild_tensor_v2"; NULL: that */
    const char *storage; /* "torch\nFloatStorage"; NULL: that */
    const char *key;
    uint64_t items, first;
    size_t rank;
    uint64_t shape[9], stride[9];
    const char *behind; /* opcodes behind requires_grad and hooks; NULL: none */
} torch_item;

/* Pushes the tensor. */
static inline void pickle_tensor(bytes *b, const torch_item *item)
{
    add_text(b, "ctorch._utils\n");
    add_text(b, item->call != NULL ? item->call : "_rebuild_tensor_v2");
    add_text(b, "\n((");
    pickle_text(b, "storage");
    add_text(b, "c");
    add_text(b, item->storage != NULL ? item->storage : "torch\nFloatStorage");
    add_text(b, "\n");
    pickle_text(b, item->key);
    pickle_text(b, "cpu");
    pickle_integer(b, item->items);
    add_text(b, "tQ");
    pickle_integer(b, item->first);
    pickle_integers(b, item->shape, item->rank);
    pickle_integers(b, item->stride, item->rank);
    if (item->call == NULL || strcmp(item->call, "_rebuild_tensor") != 0)
        add(b, "\x89" "ccollections\nOrderedDict\n)R", 28);
    add_text(b, item->behind != NULL ? item->behind : "");
    add_text(b, "tR");
}

/* A state of one dictionary of tensors; `name` (count). */
static inline bytes torch_state(const char *const *name, const torch_item *item, size_t count)
{
    bytes b = {.size = 0};
    add(&b, "\x80\2ccollections\nOrderedDict\n)R(", 30);
    for (size_t i = 0; i < count; i++) {
        pickle_text(&b, name[i]);
        pickle_tensor(&b, &item[i]);
    }
    add_text(&b, "u.");
    return b;
}

/* ---- the zip form ---------------------------------------------------------------------------- */

typedef struct {
    bytes file, directory;
    size_t members;
} zip_file;

static inline void zip_common(bytes *b, const char *name, const void *data, size_t size)
{
    add_low(b, 0, 2);
    add_low(b, 0, 2);
    add_low(b, 0, 4);
    add_low(b, spae_crc32(0, data, size), 4);
    add_low(b, size, 4);
    add_low(b, size, 4);
    add_low(b, strlen(name), 2);
    add_low(b, 0, 2);
}

static inline void zip_add(zip_file *z, const char *name, const void *data, size_t size)
{
    const size_t at = z->file.size;
    add(&z->file, "PK\3\4\0\0", 6);
    zip_common(&z->file, name, data, size);
    add_text(&z->file, name);
    add(&z->file, data, size);
    add(&z->directory, "PK\1\2\0\0\0\0", 8);
    zip_common(&z->directory, name, data, size);
    add_low(&z->directory, 0, 10);
    add_low(&z->directory, at, 4);
    add_text(&z->directory, name);
    z->members++;
}

static inline void zip_end(zip_file *z)
{
    const size_t at = z->file.size;
    add(&z->file, z->directory.data, z->directory.size);
    add(&z->file, "PK\5\6\0\0\0\0", 8);
    add_low(&z->file, z->members, 2);
    add_low(&z->file, z->members, 2);
    add_low(&z->file, z->directory.size, 4);
    add_low(&z->file, at, 4);
    add_low(&z->file, 0, 2);
}

/* ---- the old form ---------------------------------------------------------------------------- */

/* What stands before the state. */
static inline bytes torch_old_head(void)
{
    bytes b = {.size = 0};
    add(&b, "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    add(&b, "\x80\2M\xe9\3.", 6);
    add(&b, "\x80\2}(", 4);
    pickle_text(&b, "protocol_version");
    add(&b, "M\xe9\3", 3);
    pickle_text(&b, "little_endian");
    add(&b, "\x88u.", 3);
    return b;
}

/* The keys of the storages. */
static inline void torch_old_keys(bytes *b, const char *const *key, size_t count)
{
    add(b, "\x80\2](", 4);
    for (size_t i = 0; i < count; i++)
        pickle_text(b, key[i]);
    add_text(b, "e.");
}

static inline void torch_old_storage(bytes *b, uint64_t items, const void *data, size_t size)
{
    add_low(b, items, 8);
    add(b, data, size);
}

#endif

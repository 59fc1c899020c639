/* What the suites of io/ share: files made byte by byte, an arena that can run dry, a place for
 * files. Included before anything else, for the sake of the next line. */
#ifndef SPAE_TEST_IO_BYTES_H
#define SPAE_TEST_IO_BYTES_H

#define _POSIX_C_SOURCE 200809L

#include <stdbool.h>
#include <unistd.h>

#include "../../io/file.h"
#include "../check.h"

/* ---- a file in the making -------------------------------------------------------------------- */

typedef struct {
    uint8_t data[8192];
    size_t size;
} bytes;

static inline void add(bytes *b, const void *data, size_t n)
{
    ck_assert(n <= sizeof b->data - b->size);
    if (n > 0)
        memcpy(b->data + b->size, data, n);
    b->size += n;
}

static inline void add_text(bytes *b, const char *text)
{
    add(b, text, strlen(text));
}

/* value in n bytes, the lowest first, zeros behind eight; or the highest of n <= 8 first */
static inline void add_low(bytes *b, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        add(b, &(uint8_t){(uint8_t)(i < 8 ? value >> 8 * i & 0xff : 0)}, 1);
}

static inline void add_high(bytes *b, uint64_t value, unsigned n)
{
    for (unsigned i = n; i-- > 0;)
        add(b, &(uint8_t){(uint8_t)(value >> 8 * i & 0xff)}, 1);
}

static inline spae_source source_of(const bytes *b)
{
    return spae_source_memory(b->data, b->size, "x");
}

/* ---- memory ---------------------------------------------------------------------------------- */

static inline void *allocate(void *context, size_t n)
{
    (void)context;
    return malloc(n);
}

static inline void release(void *context, void *block)
{
    (void)context;
    free(block);
}

static inline spae_arena new_arena(void)
{
    spae_arena arena;
    spae_arena_growing(&arena, (spae_allocator){allocate, release, NULL});
    return arena;
}

/* Runs `call(arena, context)` in arenas of 0, step, 2 step ... bytes until it is given enough.
 * Every time before, it must report SPAE_ERR_NO_MEMORY and leave the arena as it was; ends with its
 * success. */
typedef spae_status in_arena(spae_arena *arena, void *context, spae_error *err);

static inline void starve(in_arena *call, void *context, size_t step)
{
    spae_status status = SPAE_ERR_NO_MEMORY;
    for (size_t n = 0; status != SPAE_OK; n += step) {
        spae_error err = {SPAE_OK, ""};
        spae_arena arena;
        void *memory = malloc(n + 1);
        spae_arena_fixed(&arena, memory, n);
        status = call(&arena, context, &err);
        if (status != SPAE_OK) {
            ck_assert_msg(status == SPAE_ERR_NO_MEMORY, "%zu bytes: %s", n, err.text);
            ck_assert(err.status == status && err.text[0] != 0);
            ck_assert(arena.used == 0);
        }
        free(memory);
        ck_assert_msg(n < ((size_t)1 << 24), "never enough");
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A name for this process alone; the test removes the file. */
static inline const char *temporary(char name[80], const char *ending)
{
    sprintf(name, "/tmp/spae-test-%ld%s", (long)getpid(), ending);
    return name;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The status is `due`, and the text begins with "x" (the name of the source) and has `part` in it.
 */
#define ck_refused(status, due, err, part)                                                         \
    do {                                                                                           \
        ck_assert_msg((status) == (due), "%s: %s, due %s: %s", part, spae_status_name(status),     \
                      spae_status_name(due), (err).text);                                          \
        ck_assert_msg(strstr((err).text, part) != NULL && (err).text[0] == 'x',                    \
                      "\"%s\" lacks \"%s\"", (err).text, part);                                    \
    } while (0)

#endif

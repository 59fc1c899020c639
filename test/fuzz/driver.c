/* Runs a fuzz target where clang's libFuzzer is missing.
 *     driver [-seconds N] FILE|DIRECTORY ...
 * Every file is run once; then, for N seconds, files that are mutated by a fixed sequence of random
 * numbers. Each input is a block of exactly its size, so that a sanitizer or valgrind sees a read
 * beyond it.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdio.h>
#include <time.h>

#include "memory.h"

enum { MOST_SEEDS = 1000, MOST_BYTES = 1 << 16 };

typedef struct {
    uint8_t *data;
    size_t size;
} seed;

static seed seeds[MOST_SEEDS];
static size_t seed_count;
static uint64_t state = 88172645463325252U;

static size_t below(size_t n) /* xorshift; n >= 1 */
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 11) % n;
}

static void run(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        exit(1);
    if (size > 0)
        memcpy(exact, data, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void load_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(MOST_BYTES);
    if (f == NULL || data == NULL || seed_count == MOST_SEEDS) {
        fprintf(stderr, "%s: cannot be taken as a seed\n", path);
        exit(1);
    }
    seeds[seed_count++] = (seed){data, fread(data, 1, MOST_BYTES, f)};
    fclose(f);
}

static void load_path(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        load_file(path);
        return;
    }
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        char inside[4096];
        if (e->d_name[0] != '.' &&
            snprintf(inside, sizeof inside, "%s/%s", path, e->d_name) < (int)sizeof inside)
            load_file(inside);
    }
    closedir(directory);
}

/* One change of the size bytes at b, of which there may be MOST_BYTES; returns the new size. */
static size_t mutate(uint8_t *b, size_t size)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '0', '9', ' ', '-', '\n'};
    const size_t at = size > 0 ? below(size) : 0, n = size > at ? 1 + below(size - at) : 0;
    const seed *other = &seeds[below(seed_count)];
    switch (size > 0 ? below(6) : 5) {
    case 0: /* a bit */
        b[at] ^= (uint8_t)(1U << below(8));
        return size;
    case 1: /* a byte */
        b[at] = below(2) == 0 ? telling[below(sizeof telling)] : (uint8_t)below(256);
        return size;
    case 2: /* a cut at the end */
        return at;
    case 3: /* a cut inside */
        memmove(b + at, b + at + n, size - at - n);
        return size - n;
    case 4: /* a part twice */
        if (n > MOST_BYTES - size)
            return size;
        memmove(b + at + n, b + at, size - at);
        return size + n;
    default: /* the end of another */
        memcpy(b + at, other->data + (at < other->size ? at : other->size),
               at < other->size ? other->size - at : 0);
        return at < other->size ? other->size : at;
    }
}

int main(int argc, char **argv)
{
    static uint8_t changed[MOST_BYTES];
    long seconds = 0;
    unsigned long long runs = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-seconds") == 0 && i + 1 < argc)
            seconds = strtol(argv[++i], NULL, 10);
        else
            load_path(argv[i]);
    }
    if (seed_count == 0) {
        fprintf(stderr, "usage: %s [-seconds N] FILE|DIRECTORY ...\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < seed_count; i++, runs++)
        run(seeds[i].data, seeds[i].size);
    for (const time_t end = time(NULL) + seconds; time(NULL) < end; runs++) {
        const seed *s = &seeds[below(seed_count)];
        size_t size = s->size;
        memcpy(changed, s->data, size);
        for (size_t changes = 1 + below(4); changes > 0; changes--)
            size = mutate(changed, size);
        run(changed, size);
    }
    printf("%s: %llu runs, no failure\n", argv[0], runs);
    return 0;
}

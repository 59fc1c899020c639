/* Drives one fuzz target where the compiler has no libFuzzer: gives it every seed as it is, then seeds cut, spliced and
 * with bytes changed, until the time is up. No coverage guides it, so it finds less; it needs only C.
 *
 *     fuzz-target SECONDS SEED...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 65536 };

typedef struct {
    size_t size;
    uint8_t data[MOST];
} input;

static uint32_t state = 1;

static uint32_t draw(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return below > 0 ? (state >> 8) % below : 0;
}

static void load(const char *path, input *in)
{
    FILE *file = fopen(path, "rb");
    in->size = file != NULL ? fread(in->data, 1, MOST, file) : 0;
    if (file != NULL)
        fclose(file);
}

/* A few edits: a byte of any value or a telling one, a cut, a piece of another seed laid over. */
static void mutate(input *in, const input *other)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '0', '"', '\n'};
    for (uint32_t edits = 1 + draw(8); edits > 0; edits--) {
        const uint32_t kind = draw(8), at = draw((uint32_t)in->size);
        if (in->size == 0 || kind == 0) {
            const uint32_t length = draw((uint32_t)other->size + 1);
            const uint32_t to = length < MOST - at ? at + length : MOST;
            memcpy(in->data + at, other->data, to - at);
            in->size = to > in->size ? to : in->size;
        } else if (kind == 1) {
            in->size = at;
        } else {
            in->data[at] = kind < 5 ? telling[draw(sizeof telling)] : (uint8_t)draw(256);
        }
    }
}

/* A copy of its own, so that sanitizers see a read behind the end. */
static void give(const input *in)
{
    uint8_t *copy = malloc(in->size > 0 ? in->size : 1);
    if (copy == NULL)
        exit(1);
    memcpy(copy, in->data, in->size);
    LLVMFuzzerTestOneInput(copy, in->size);
    free(copy);
}

int main(int argc, char **argv)
{
    static input in, other;
    const time_t start = time(NULL);
    const double seconds = argc > 1 ? atof(argv[1]) : 1;
    const uint32_t seeds = argc > 2 ? (uint32_t)argc - 2 : 0;
    unsigned long runs = 0;
    for (uint32_t i = 0; i < seeds; i++, runs++) {
        load(argv[2 + i], &in);
        give(&in);
    }
    for (; difftime(time(NULL), start) < seconds; runs++) {
        in.size = other.size = 0;
        if (seeds > 0) {
            load(argv[2 + draw(seeds)], &in);
            load(argv[2 + draw(seeds)], &other);
        }
        mutate(&in, &other);
        give(&in);
    }
    printf("%lu inputs\n", runs);
    return 0;
}

/* The conformance vectors without an operating system and without malloc: every case that needs no files, in static
 * memory, whole models and their training among them. Prints "<case>/<output> <hash>" for each output, which whoever runs
 * this holds to vectors/MANIFEST, and what it took. Exit status 0 when every case went to its end.
 */
#include <string.h>

#include "board.h"
#include "test/vectors/vectors.h"

/* All memory there is beside the stack. */
enum { MEMORY_BYTES = 2 << 20 };
__attribute__((section(".memory"))) static unsigned char memory[MEMORY_BYTES];

/* Cases whose memory is told: a small model embeds, quantizes and decodes; and trains for three steps. */
enum { CODING, TRAINING, TOLD };
static const char *const told[TOLD] = {"networks/coding_pictures", "training/steps_alone"};

typedef struct {
    spae_arena arena;
    size_t cases, outputs;
    size_t peak[TOLD], most; /* bytes of the arena */
} course;

static void report(const char *what, size_t number)
{
    board_text(what);
    board_number(number);
    board_text("\n");
}

static spae_status begin(void *context, const vectors_case *now, spae_error *err)
{
    course *c = context;
    (void)now;
    (void)err;
    c->cases++;
    c->arena.peak = c->arena.used;
    return SPAE_OK;
}

static spae_status print_hash(void *context, const vectors_case *now, const vectors_array *array, spae_error *err)
{
    course *c = context;
    char hash[65];
    (void)err;
    if (array->compare == VECTORS_INPUT)
        return SPAE_OK;
    vectors_hash(array, hash);
    c->outputs++;
    board_text(now->name);
    board_text("/");
    board_text(array->name);
    board_text(" ");
    board_text(hash);
    board_text("\n");
    return SPAE_OK;
}

static spae_status end(void *context, const vectors_case *now, spae_error *err)
{
    course *c = context;
    (void)err;
    for (int i = 0; i < TOLD; i++)
        if (strcmp(now->name, told[i]) == 0)
            c->peak[i] = c->arena.peak;
    c->most = c->arena.peak > c->most ? c->arena.peak : c->most;
    return SPAE_OK;
}

int main(void)
{
    static course c;
    static vectors v;
    spae_error err;
    spae_arena_fixed(&c.arena, memory, MEMORY_BYTES);
    spae_status status = spae_self_check(&err);
    if (status == SPAE_OK) {
        vectors_start(&v, &c.arena, (vectors_sink){NULL, begin, print_hash, end, &c, NULL}, &err);
        vectors_all(&v);
        status = v.status;
    }
    if (status != SPAE_OK) {
        board_text(err.text);
        board_text("\n");
        return 1;
    }
    report("bytes to encode, quantize and decode: ", c.peak[CODING]);
    report("bytes to train: ", c.peak[TRAINING]);
    report("bytes of the largest case: ", c.most);
    report("bytes of stack: ", board_stack_peak());
    report("cases: ", c.cases);
    report("outputs: ", c.outputs);
    return c.peak[CODING] == 0 || c.peak[TRAINING] == 0 || board_stack_peak() == 0;
}

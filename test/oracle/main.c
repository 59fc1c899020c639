/* The oracle runner: computes every case of a folder and holds it against expected values (its README.md).
 *
 *     oracle [-v] DIR
 *
 * DIR/cases.txt names the case directories. A line is printed for each failed case: the array, the index, what was
 * expected, what came out and which share of the tolerance that is; with -v also one for each passed case with its
 * worst share. The last line is "N passed, M failed". A case whose operation is not known has failed. The exit status
 * is 0 when at least one case ran and none failed, 1 otherwise, 2 for wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../vendor_free/numerics.h"
#include "ops.h"

static void *allocate(void *context, size_t bytes)
{
    (void)context;
    return malloc(bytes);
}

static void release(void *context, void *block)
{
    (void)context;
    free(block);
}

static const oracle_op *find_in(const oracle_op *table, const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    return table->name != NULL ? table : NULL;
}

static const oracle_op *find_op(const char *name)
{
    const oracle_op *const tables[] = {oracle_layer_ops,    oracle_loss_ops,      oracle_quantizer_ops,
                                       oracle_guidance_ops, oracle_optimizer_ops, oracle_network_ops,
                                       oracle_adversarial_ops, oracle_perceptual_ops, oracle_language_ops,
                                       oracle_clip_ops,     oracle_metric_ops,   oracle_picture_ops,
                                        oracle_feature_ops};
    const oracle_op *op = NULL;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && op == NULL; i++)
        op = find_in(tables[i], name);
    return op;
}

static void run_op(oracle_case *c)
{
    oracle_read_case(c);
    const oracle_op *op = find_op(c->op);
    if (op == NULL)
        oracle_abort(c, "unknown op %s", c->op);
    op->run(c);
    if (c->compared == 0)
        oracle_abort(c, "nothing was compared");
}

/* Runs one case to its end, however early that is. True when it passed. */
static bool run_case(oracle_case *c, bool verbose)
{
    if (setjmp(c->end) == 0)
        run_op(c);
    const bool passed = c->failure[0] == '\0';
    if (!passed)
        printf("FAIL %s: %s\n", c->name, c->failure);
    else if (verbose)
        printf("pass %s: %s, %zu arrays, worst %.3g of the tolerance\n", c->name, c->op, c->compared, c->worst);
    fflush(stdout); /* so that a crash leaves the lines before it */
    return passed;
}

/* DIR/name as text in the arena; NULL where there is no memory */
static const char *joined(spae_arena *arena, const char *directory, const char *name)
{
    const size_t size = strlen(directory) + strlen(name) + 2;
    char *path = spae_arena_take(arena, size, 1);
    if (path != NULL)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

/* A case of its own, whose memory is given back. */
static bool case_passes(spae_arena *arena, const char *directory, const char *name, bool verbose)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    oracle_case *c = spae_arena_take_zeroed(arena, 1, sizeof *c);
    const char *path = joined(arena, directory, name);
    bool passed = false;
    if (c != NULL && path != NULL) {
        c->name = name;
        c->directory = path;
        c->arena = arena;
        passed = run_case(c, verbose);
    } else {
        printf("FAIL %s: no memory\n", name);
    }
    spae_arena_reset(arena, mark);
    return passed;
}

/* Every name of the list, one a line. The text is cut up. */
static void run_list(spae_arena *arena, const char *directory, char *list, bool verbose, size_t count[2])
{
    for (char *name = list; *name != '\0';) {
        char *end = name + strcspn(name, "\r\n"), *next = end + (*end != '\0');
        *end = '\0';
        if (*name != '\0')
            count[case_passes(arena, directory, name, verbose)]++;
        name = next;
    }
}

/* The list of cases as text, or NULL with a line that says why. */
static char *read_list(spae_arena *arena, const char *directory)
{
    const char *path = joined(arena, directory, "cases.txt");
    const uint8_t *bytes;
    size_t size;
    spae_error err;
    if (path == NULL || spae_file_read_all(arena, path, (size_t)1 << 26, &bytes, &size, &err) != SPAE_OK) {
        printf("FAIL %s\n", path != NULL ? err.text : "no memory");
        return NULL;
    }
    char *list = spae_arena_take(arena, size + 1, 1);
    if (list != NULL) {
        memcpy(list, bytes, size);
        list[size] = '\0';
    }
    return list;
}

/* 0 passed, 1 failed */
static int run_directory(const char *directory, bool verbose)
{
    spae_arena arena;
    size_t count[2] = {0, 0}; /* failed, passed */
    spae_arena_growing(&arena, (spae_allocator){allocate, release, NULL});
    char *list = read_list(&arena, directory);
    if (list != NULL)
        run_list(&arena, directory, list, verbose, count);
    if (list != NULL && count[0] + count[1] == 0)
        printf("FAIL %s/cases.txt names no case\n", directory);
    if (count[0] + count[1] == 0)
        count[0] = 1; /* to find nothing is to fail */
    spae_arena_free(&arena);
    printf("%zu passed, %zu failed\n", count[1], count[0]);
    return count[0] != 0;
}

int main(int argc, char **argv)
{
    const bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    spae_error err;
    if (argc != (verbose ? 3 : 2)) {
        fprintf(stderr, "usage: oracle [-v] DIR\n");
        return 2;
    }
    if (spae_numerics_check(&err) != SPAE_OK) {
        fprintf(stderr, "oracle: %s\n", err.text);
        return 1;
    }
    return run_directory(argv[argc - 1], verbose);
}

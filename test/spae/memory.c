/* Memory that runs out, everywhere: each call of the allocator refused in turn, and every size of a fixed block. Each
 * failure is SPAE_ERR_NO_MEMORY, leaks nothing, and leaves the outputs as they were; the first success gives the right
 * bits.
 */
#include <stdint.h>

#include "nn/nearest_index.h"
#include "test/check.h"

#include "tiny.h"

/* One operation: inputs from `t`, scratch from `arena`, its output of at most MOST bytes written to `out`. */
typedef spae_status (*operation)(tiny *t, spae_arena *arena, void *out, spae_error *err);

enum { MOST = 32768 };

static spae_status do_encode(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    return spae_encode(&t->model, t->examples[0].picture, arena, out, NULL, err);
}

static spae_status do_decode(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    static const int32_t token[64] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    return spae_decode(&t->model, token, t->model.config.pyramid.layers, arena, out, err);
}

static spae_status do_embed(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    return spae_embed(&t->model, t->examples[0].picture, arena, out, err);
}

static spae_status do_dequantize(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    static const int32_t token[64] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    return spae_dequantize(&t->model.config.pyramid, SPAE_SAQ, &t->model.codebook, token, 2, arena, out, err);
}

/* On failure its outputs are unspecified, so they are kept from `out` until it succeeds. */
static spae_status do_quantize(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    int32_t token[64];
    const spae_quantized q = {.token = token};
    const spae_status status = spae_quantize(&t->model.config.pyramid, SPAE_SAQ, &t->model.codebook,
                                             t->examples[0].picture, arena, &q, err);
    if (status == SPAE_OK)
        memcpy(out, token, t->tokens * sizeof token[0]);
    return status;
}

static spae_status do_size(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    return spae_config_size(&t->model.config, arena, out, err);
}

/* What a model needs stays in the arena, so it is dropped here; `out` gets its first weights. */
static spae_status do_create(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_model model = {.values = NULL};
    const spae_status status = spae_model_create(&model, &t->model.config, true, arena, err);
    ck_assert((model.values != NULL) == (status == SPAE_OK));
    if (status == SPAE_OK) {
        spae_model_init(&model, 3);
        memcpy(out, model.values, model.parameters->elements * sizeof(spae_real));
    }
    spae_arena_reset(arena, mark);
    return status;
}

/* Three examples, two at once: one arena is under test, the other always has room. */
static spae_status do_train(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    const size_t bytes = t->model.parameters->elements * sizeof(spae_real);
    const spae_arena_mark mark = spae_arena_here(&t->arena);
    spae_trainer trainer;
    spae_terms terms;
    spae_real *before = spae_arena_take(&t->arena, bytes, 1);
    memcpy(before, t->model.values, bytes);
    ck_assert_int_eq(spae_trainer_create(&trainer, &t->model, 1, &t->arena, NULL), SPAE_OK);
    spae_arena arenas[2] = {t->arena, *arena};
    const spae_status status = spae_train_step(&trainer, t->examples, 3, arenas, 2, &terms, NULL, err);
    t->arena = arenas[0];
    *arena = arenas[1];
    if (status == SPAE_OK)
        memcpy(out, t->model.values, bytes);
    else
        ck_assert(memcmp(t->model.values, before, bytes) == 0 && trainer.step == 0);
    memcpy(t->model.values, before, bytes);
    spae_arena_reset(&t->arena, mark);
    return status;
}

static spae_status do_trainer(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_trainer trainer = {.model = NULL};
    const spae_status status = spae_trainer_create(&trainer, &t->model, 1, arena, err);
    ck_assert((trainer.model != NULL) == (status == SPAE_OK));
    if (status == SPAE_OK)
        memcpy(out, trainer.ema, t->model.parameters->elements * sizeof(spae_real));
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status do_prepare(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_codebook book = {.V = t->model.codebook.V, .c = t->model.codebook.c, .e = t->model.codebook.e};
    const spae_status status = spae_codebook_prepare(&book, arena, err);
    ck_assert((book.index != NULL) == (status == SPAE_OK));
    if (status == SPAE_OK)
        memcpy(out, book.index->norm, book.V * sizeof *book.index->norm);
    spae_arena_reset(arena, mark);
    return status;
}

static spae_status do_pack(tiny *t, spae_arena *arena, void *out, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_codebook book = {.V = t->model.codebook.V, .c = t->model.codebook.c, .e = t->model.codebook.e};
    const spae_status status = spae_codebook_pack(&book, arena, err);
    ck_assert((book.square != NULL && book.packed != NULL) == (status == SPAE_OK));
    if (status == SPAE_OK)
        memcpy(out, book.square, book.V * sizeof *book.square);
    spae_arena_reset(arena, mark);
    return status;
}

static const operation operations[] = {do_encode, do_decode, do_embed,   do_quantize, do_dequantize, do_size,
                                       do_create, do_train,  do_trainer, do_prepare,  do_pack};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static unsigned char expected[MOST], got[MOST], untouched[MOST];

static void prepare(tiny *t, operation run)
{
    const spae_config config = tiny_least();
    watch w;
    spae_arena arena;
    ck_assert_int_eq(tiny_open(t, &config, 3), SPAE_OK);
    ck_assert_uint_le(t->model.parameters->elements * sizeof(spae_real), MOST);
    memset(untouched, 0x5a, MOST);
    memcpy(expected, untouched, MOST);
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(run(t, &arena, expected, NULL), SPAE_OK);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
}

/* Runs with the memory given; the verdict on outputs, message and arena is the same for every kind of failure. */
static bool succeeds(tiny *t, operation run, spae_arena *arena)
{
    spae_error err = {SPAE_OK, ""};
    memcpy(got, untouched, MOST);
    const size_t used = arena->used;
    const spae_status status = run(t, arena, got, &err);
    ck_assert_uint_eq(arena->used, used);
    if (status == SPAE_OK) {
        ck_assert_mem_eq(got, expected, MOST);
        return true;
    }
    ck_assert_msg(status == SPAE_ERR_NO_MEMORY && err.status == status, "%s", err.text);
    ck_assert(strlen(err.text) > 0);
    ck_assert_mem_eq(got, untouched, MOST);
    return false;
}

START_TEST(every_allocation_fails_in_turn)
{
    tiny t;
    prepare(&t, operations[_i]);
    size_t refused = 0;
    for (bool done = false; !done; refused++) {
        watch w;
        spae_arena arena;
        watched_arena(&arena, &w, refused + 1);
        done = succeeds(&t, operations[_i], &arena);
        ck_assert(done == (w.calls <= refused)); /* a refusal is never survived by chance */
        spae_arena_free(&arena);
        ck_assert_uint_eq(w.live, 0);
    }
    ck_assert_uint_gt(refused, 1);
    tiny_close(&t);
    ck_assert_uint_eq(t.memory.live, 0);
}
END_TEST

/* All sizes up to one that suffices, 64 bytes apart: a block of 64 k + 63 bytes holds what one of 64 k does. */
START_TEST(every_size_of_a_fixed_block)
{
    tiny t;
    prepare(&t, operations[_i]);
    bool done = false;
    size_t bytes = 0;
    for (; !done; bytes += SPAE_ALIGNMENT) {
        unsigned char *memory = malloc(bytes + 1); /* its own block: sanitizers see a step outside */
        spae_arena arena;
        spae_arena_fixed(&arena, memory, bytes);
        done = succeeds(&t, operations[_i], &arena);
        free(memory);
    }
    ck_assert_uint_gt(bytes, 2 * SPAE_ALIGNMENT);
    for (size_t more = 0; more < 4; more++, bytes += 5000) { /* more than enough is enough */
        unsigned char *memory = malloc(bytes);
        spae_arena arena;
        spae_arena_fixed(&arena, memory, bytes);
        ck_assert(succeeds(&t, operations[_i], &arena));
        free(memory);
    }
    tiny_close(&t);
}
END_TEST

Suite *suite_spae_memory(void);
Suite *suite_spae_memory(void)
{
    Suite *suite = suite_create("spae/memory");
    TCase *tcase = tcase_create("spae/memory");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, every_allocation_fails_in_turn, 0, OPERATIONS);
    tcase_add_loop_test(tcase, every_size_of_a_fixed_block, 0, OPERATIONS);
    suite_add_tcase(suite, tcase);
    return suite;
}

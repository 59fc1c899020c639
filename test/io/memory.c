/* Memory of models: a file in arenas of every size, what loading takes, large arrays that are broken, and what a plan says
 * against what runs take. (test/io/model.c refuses each call of a growing arena's allocator in turn.) */
#define _POSIX_C_SOURCE 200809L

#include "tiny.h"

#include "../memory.h"
#include "cli/run.h"
#include "io/training.h"
#include "nn/network.h"
#include "vendor_free/checksum.h"

typedef struct {
    const char *path;
    const spae_model *expected;
} loading;

static spae_status load(spae_arena *arena, void *context, spae_error *err)
{
    loading *l = context;
    spae_model model = {.values = NULL};
    const spae_status status = spae_model_load(&model, arena, l->path, err);
    if (status != SPAE_OK) {
        ck_assert_ptr_null(model.values);
        return status;
    }
    const size_t size = model.parameters->elements * sizeof(spae_real);
    ck_assert_uint_eq(model.parameters->elements, l->expected->parameters->elements);
    ck_assert_mem_eq(model.values, l->expected->values, size);
    ck_assert_mem_eq(model.codebook.e, l->expected->codebook.e, model.codebook.V * model.codebook.c * sizeof(spae_real));
    for (size_t k = 0; k < model.codebook.V; k++)
        ck_assert_str_eq(model.word[k], l->expected->word[k]);
    return SPAE_OK;
}

START_TEST(a_model_is_loaded_or_refused_at_every_size)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_error err;
    const spae_config config = preset_of("tiny-2d");
    const spae_model model = generated_model(&config, 9, 5, &arena);
    ck_ok(spae_model_save(&model, in_folder(&f, "m.npz"), &arena, &err));
    loading l = {.path = f.path, .expected = &model};
    starve(load, &l, 997);
    remove_folder(&f, (const char *const[]){"m.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* ---- a file with large arrays -------------------------------------------------------------------------- */

enum { LARGE_WORDS = 3000 };

/* A model file in memory, to be read and spoiled. */
typedef struct {
    spae_arena arena, file;
    spae_model model;
    spae_buffer buffer;
    spae_source source;
    spae_npz npz;
} large;

static void open_large(large *l)
{
    const spae_notes notes = spae_notes_default();
    const spae_config config = preset_of("mnist-small");
    spae_error err;
    l->arena = new_arena();
    l->file = new_arena();
    l->model = generated_model(&config, LARGE_WORDS, 5, &l->arena);
    l->buffer = (spae_buffer){&l->file, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&l->buffer);
    spae_npz_writer writer = spae_npz_begin(&l->arena, &sink);
    ck_ok(spae_model_write(&writer, &l->model, &notes, &err));
    ck_ok(spae_npz_end(&writer, &err));
    l->source = spae_source_memory(l->buffer.bytes, l->buffer.size, "x");
    ck_ok(spae_npz_open(&l->arena, &l->source, NULL, &l->npz, &err));
}

static void close_large(large *l)
{
    spae_arena_free(&l->file);
    spae_arena_free(&l->arena);
}

static uint8_t *items_of(large *l, const char *name)
{
    spae_npz_array array;
    ck_assert_int_eq(spae_npz_array_open(&l->arena, &l->npz, name, &array, NULL), SPAE_OK);
    return l->buffer.bytes + array.header.data_offset;
}

static void ck_loads(large *l)
{
    spae_arena arena = new_arena();
    spae_model back;
    spae_error err;
    char due[65], found[65];
    ck_ok(spae_model_read(&back, NULL, true, &arena, &l->npz, &err));
    spae_model_hash(&l->model, due);
    spae_model_hash(&back, found);
    ck_assert_str_eq(due, found);
    spae_arena_free(&arena);
}

/* Refused in one line, with nothing handed out and the arena as it was. */
static void ck_spoiled(large *l, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_model back;
    spae_error err;
    memset(&back, 0x5a, sizeof back);
    const spae_model before = back;
    ck_refused(spae_model_read(&back, NULL, true, &arena, &l->npz, &err), due, err, part);
    ck_assert_ptr_null(strchr(err.text, '\n'));
    ck_assert_mem_eq(&back, &before, sizeof back);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

START_TEST(loading_takes_each_array_once)
{
    large l;
    open_large(&l);
    spae_arena arena = new_arena();
    spae_model back;
    ck_assert_int_eq(spae_model_read(&back, NULL, true, &arena, &l.npz, NULL), SPAE_OK);
    const size_t numbers = back.parameters->elements + back.codebook.V * back.codebook.c;
    const size_t text = 4 * 5; /* "w2999" in UCS-4 */
    const size_t words = LARGE_WORDS * (sizeof(char *) + sizeof(spae_text) + text + text + 1);
    ck_assert_uint_ge(arena.used, numbers * sizeof(spae_real));
    ck_assert_uint_le(arena.used, numbers * sizeof(spae_real) + words + (1 << 17)); /* names, configuration */
    ck_assert_uint_le(arena.peak, arena.used + (1 << 17));
    spae_arena_free(&arena);
    close_large(&l);
}
END_TEST

/* The codebook as '>f4', with the right CRC-32 in both headers. */
START_TEST(the_other_order_of_bytes_gives_the_same_model)
{
    large l;
    open_large(&l);
    const spae_npz_member *m = spae_npz_find(&l.npz, "codebook");
    uint8_t *items = items_of(&l, "codebook"), *npy = items - 128, *entry = l.buffer.bytes + l.npz.directory_offset;
    ck_assert_mem_eq(npy, "\x93NUMPY", 6);
    uint8_t *mark = memchr(npy + 10, '<', 118);
    ck_assert_ptr_nonnull(mark);
    *mark = '>';
    const size_t n = sizeof(spae_real);
    for (size_t i = 0; i < LARGE_WORDS * l.model.config.c * n; i += n)
        for (size_t b = 0; b < n / 2; b++) {
            const uint8_t kept = items[i + b];
            items[i + b] = items[i + n - 1 - b];
            items[i + n - 1 - b] = kept;
        }
    while (memcmp(entry + 46, "codebook.npy", 12) != 0)
        entry++;
    const uint32_t crc = spae_crc32(0, npy, (size_t)m->bytes);
    for (size_t b = 0; b < 4; b++)
        entry[16 + b] = l.buffer.bytes[m->local_offset + 14 + b] = (uint8_t)(crc >> 8 * b & 0xff);
    ck_assert_int_eq(spae_npz_open(&l.arena, &l.source, NULL, &l.npz, NULL), SPAE_OK);
    ck_loads(&l);
    close_large(&l);
}
END_TEST

START_TEST(one_bit_of_a_large_array_is_missed)
{
    static const char *const names[] = {"codebook", "decoder/ResBlock_0/Conv_0/kernel", "encoder/Conv_0/kernel"};
    large l;
    open_large(&l);
    ck_loads(&l);
    for (size_t i = 0; i < 3; i++) {
        char due[80];
        uint8_t *item = items_of(&l, names[i]);
        sprintf(due, "the CRC-32 of %s is", names[i]);
        item[2] ^= 1;
        ck_spoiled(&l, SPAE_ERR_FORMAT, due);
        item[2] ^= 1;
    }
    ck_loads(&l);
    close_large(&l);
}
END_TEST

/* A file that ends inside the codebook: no archive. One that ends there once it is open: reading fails. */
static spae_status read_to_the_middle(void *context, uint64_t offset, void *buffer, size_t n, spae_error *err)
{
    large *l = context;
    const uint64_t middle = (uint64_t)(items_of(l, "codebook") - l->buffer.bytes) + 100000;
    if (offset < middle && offset + n > middle)
        return spae_fail(err, SPAE_ERR_IO, "x: cannot read");
    memcpy(buffer, l->buffer.bytes + offset, n);
    return SPAE_OK;
}

START_TEST(a_file_that_ends_in_a_large_array_is_refused)
{
    large l;
    open_large(&l);
    const size_t middle = (size_t)(items_of(&l, "codebook") - l.buffer.bytes) + 100000;
    const spae_source cut = spae_source_memory(l.buffer.bytes, middle, "x");
    const spae_source lost = {.size = l.buffer.size, .read = read_to_the_middle, .context = &l, .name = "x"};
    spae_npz none;
    spae_error err;
    ck_refused(spae_npz_open(&l.arena, &cut, NULL, &none, &err), SPAE_ERR_FORMAT, err, "no zip file");
    l.npz.source = &lost;
    const spae_npz open = l.npz;
    spae_arena arena = new_arena();
    spae_model back;
    l.npz.source = &l.source; /* what read_to_the_middle looks up */
    ck_refused(spae_model_read(&back, NULL, true, &arena, &open, &err), SPAE_ERR_IO, err, "codebook: cannot read");
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    close_large(&l);
}
END_TEST

/* ---- plans -------------------------------------------------------------------------------------------- */

static void near_the_plan(uint64_t measured, uint64_t planned, const char *what)
{
    ck_assert_msg(measured >= planned - planned / 10 && measured <= planned + planned / 10,
                  "%s: %llu bytes, planned %llu", what, (unsigned long long)measured, (unsigned long long)planned);
}

/* Six digits of 12x12 and LARGE_WORDS words, the first of them those of the digits; returns the settings of one step. */
static spae_training_settings few_digits(const char *preset, bool recompute)
{
    static uint8_t images[16 + 6 * 12 * 12] = {0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 12};
    static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 2, 3, 4, 5};
    static char words[8 * LARGE_WORDS] = "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n";
    spae_arena arena = new_arena();
    spae_error err;
    spae_training_settings set = spae_training_defaults();
    set.config = preset_of(preset);
    set.config.batch = 2;
    set.recompute = recompute;
    spae_vocabulary v;
    ck_ok(spae_vocabulary_generate(&arena, LARGE_WORDS, set.config.c, 3, &v, &err));
    ck_ok(spae_npy_write_file(&arena, "e.npy",
                              &(spae_npy_array){SPAE_MODEL_REAL_TYPE, 2, {LARGE_WORDS, set.config.c}, v.e}, &err));
    size_t length = 50;
    for (int k = 10; k < LARGE_WORDS; k++)
        length += (size_t)sprintf(words + length, "w%d\n", k);
    put_file("w.txt", words, length);
    put_file("train-images-idx3-ubyte", images, sizeof images);
    put_file("train-labels-idx1-ubyte", labels, sizeof labels);
    set.data = ".";
    set.codebook = "e.npy";
    set.vocabulary = "w.txt";
    set.checkpoint = "c";
    set.every = 0;
    spae_arena_free(&arena);
    return set;
}

/* All arenas of a run that trains. */
static void ck_training(const char *preset, bool recompute)
{
    static spae_training t;
    enter();
    const spae_training_settings set = few_digits(preset, recompute);
    spae_arena arena = new_arena(), planning = new_arena();
    spae_progress_row row;
    spae_plan plan;
    spae_error err;
    ck_ok(spae_config_plan(&set.config, LARGE_WORDS, &planning, &plan, &err));
    ck_ok(spae_training_start(&t, &set, &arena, &err));
    ck_ok(spae_training_step(&t, &row, &err));
    uint64_t stays = plan.weights + plan.discriminator_weights + plan.training_state + plan.codebook + plan.search;
    near_the_plan(t.scratch[0].peak, plan.step[recompute], "scratch");
    near_the_plan(arena.peak + t.scratch[0].peak, stays + plan.step[recompute], preset);
    ck_assert_uint_lt(t.scratch[0].held, t.scratch[0].peak + (1 << 24) + 4096); /* one block, in whole grains */
    for (size_t i = 1; i < SPAE_TRAINING_AT_ONCE_MOST; i++)
        ck_assert_uint_eq(t.scratch[i].peak, 0);
    ck_ok(spae_training_finish(&t, SPAE_OK, &err));
    spae_arena_free(&arena);
    spae_arena_free(&planning);
    leave();
}

START_TEST(training_takes_what_is_planned)
{
    ck_training(_i < 2 ? "mnist-small" : "emoji-small", _i % 2 == 1);
}
END_TEST

/* encode and decode, with the model loaded from its file, in one arena: one block of what is planned. */
START_TEST(inference_takes_what_is_planned)
{
    large l;
    open_large(&l);
    spae_arena arena = new_arena();
    spae_model model;
    spae_plan plan;
    ck_assert_int_eq(spae_config_plan(&l.model.config, LARGE_WORDS, &l.arena, &plan, NULL), SPAE_OK);
    ck_assert_int_eq(spae_model_read(&model, NULL, false, &arena, &l.npz, NULL), SPAE_OK);
    spae_real *picture = spae_arena_take_zeroed(&arena, 32 * 32 * 3, sizeof *picture);
    int32_t token[37];
    for (int decoding = 0; decoding < 2; decoding++) {
        if (!decoding)
            ck_assert_int_eq(spae_codebook_prepare(&model.codebook, &arena, NULL), SPAE_OK);
        spae_arena scratch;
        watch w;
        watched_arena(&scratch, &w, 0);
        ck_assert_int_eq(spae_model_reserve(&model, decoding ? SPAE_RUN_DECODE : SPAE_RUN_ENCODE, &scratch, NULL), SPAE_OK);
        const size_t calls = w.calls, held = scratch.held;
        ck_assert_int_eq(decoding ? spae_decode(&model, token, 4, &scratch, picture, NULL)
                                  : spae_encode(&model, picture, &scratch, token, NULL, NULL), SPAE_OK);
        ck_assert_uint_eq(w.calls, calls);
        ck_assert_uint_eq(w.live, 1);
        near_the_plan(held, decoding ? plan.decode : plan.encode, decoding ? "decode" : "encode");
        spae_arena_free(&scratch);
    }
    near_the_plan(arena.peak, plan.weights + plan.codebook + plan.search, "loaded");
    spae_arena_free(&arena);
    close_large(&l);
}
END_TEST

Suite *suite_io_memory(void);
Suite *suite_io_memory(void)
{
    const TTest *const tests[] = {a_model_is_loaded_or_refused_at_every_size, loading_takes_each_array_once,
                                  the_other_order_of_bytes_gives_the_same_model, one_bit_of_a_large_array_is_missed,
                                  a_file_that_ends_in_a_large_array_is_refused, inference_takes_what_is_planned};
    Suite *suite = suite_of("io/memory", tests, sizeof tests / sizeof tests[0]);
    TCase *plans = tcase_create("plans");
    tcase_set_timeout(plans, 300);
    tcase_add_loop_test(plans, training_takes_what_is_planned, 0, 4);
    suite_add_tcase(suite, plans);
    return suite;
}

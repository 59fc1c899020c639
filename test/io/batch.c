/* io/batch: the order of pictures, over the ends of epochs. */
#include "tiny.h"

#include <math.h>

#include "io/batch.h"
#include "vendor_free/philox.h"

static spae_config batches_of(size_t n)
{
    spae_config config = preset_of("tiny-2d");
    config.batch = n;
    return config;
}

/* The pictures of the first steps are those of the epochs' permutations, one behind the other. */
static void ck_order(size_t per_batch, size_t steps)
{
    const spae_config config = batches_of(per_batch);
    spae_arena arena = new_arena();
    const spae_dataset data = generated_data(&arena);
    spae_batch batch;
    spae_error err;
    uint32_t order[TINY_COUNT];
    ck_ok(spae_batch_create(&batch, &data, &config, NULL, 0, 5, &arena, &err));
    for (size_t s = 0; s < steps * per_batch; s++) {
        if (s % per_batch == 0)
            spae_batch_fill(&batch, s / per_batch);
        spae_permutation((spae_random_key){5, SPAE_RANDOM_SHUFFLE}, (uint32_t)(s / TINY_COUNT),
                         order, TINY_COUNT);
        ck_assert_uint_eq(batch.index[s % per_batch], order[s % TINY_COUNT]);
    }
    spae_arena_free(&arena);
}

START_TEST(every_picture_comes_once_an_epoch)
{
    ck_order(1, 15);
    ck_order(4, 8);
    ck_order(7, 3);
    ck_order(20, 3);
}
END_TEST

START_TEST(steps_may_come_in_any_order)
{
    const spae_config config = batches_of(4);
    spae_arena arena = new_arena();
    const spae_dataset data = generated_data(&arena);
    spae_batch a, b;
    spae_error err;
    ck_ok(spae_batch_create(&a, &data, &config, NULL, 0, 5, &arena, &err));
    ck_ok(spae_batch_create(&b, &data, &config, NULL, 0, 5, &arena, &err));
    for (uint64_t step = 0; step < 6; step++)
        spae_batch_fill(&a, step);
    spae_batch_fill(&b, 5);
    ck_assert(memcmp(a.index, b.index, 4 * sizeof *a.index) == 0);
    ck_assert(memcmp(a.pictures, b.pictures, 4 * 16 * 16 * 3 * sizeof *a.pictures) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(examples_carry_picture_and_similarity)
{
    static const spae_real rows[3 * 2] = {1, 2, 3, 4, 5, 6};
    const spae_config config = batches_of(4);
    spae_arena arena = new_arena();
    const spae_dataset data = generated_data(&arena);
    spae_batch batch;
    spae_error err;
    spae_real picture[16 * 16 * 3];
    ck_ok(spae_batch_create(&batch, &data, &config, rows, 2, 5, &arena, &err));
    spae_batch_fill(&batch, 1);
    for (size_t i = 0; i < 4; i++) {
        spae_dataset_picture(&data, batch.index[i], &config, picture);
        ck_assert(memcmp(batch.examples[i].picture, picture, sizeof picture) == 0);
        ck_assert(batch.examples[i].similarity == rows + 2 * data.labels[batch.index[i]]);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(first_words_are_counted)
{
    static const size_t first[4] = {0, 2, 3, 4};
    static const int32_t label_token[4] = {9, 10, 11, 12}; /* label 0 has two words */
    const spae_sources sources = {3, first, label_token};
    const spae_config config = batches_of(4);
    spae_arena arena = new_arena();
    spae_dataset data = generated_data(&arena);
    spae_batch batch;
    spae_error err;
    int32_t token[4 * 2];
    ck_ok(spae_batch_create(&batch, &data, &config, NULL, 0, 5, &arena, &err));
    spae_batch_fill(&batch, 0);
    for (size_t i = 0; i < 4; i++) {
        token[2 * i] = label_token[data.labels[batch.index[i]] + 1];
        token[2 * i + 1] = 99;
    }
    ck_assert_double_eq(spae_batch_first_words(&batch, token, 2, &sources), 1.0);
    for (size_t i = 0; i < 4; i++)
        if (token[2 * i] == 10)
            token[2 * i] = 9;
    ck_assert_double_eq(spae_batch_first_words(&batch, token, 2, &sources), 1.0);
    token[2] = 13;
    ck_assert_double_eq(spae_batch_first_words(&batch, token, 2, &sources), 0.75);
    ck_assert(isnan(spae_batch_first_words(&batch, token, 2, NULL)));
    data.labels = NULL;
    ck_assert(isnan(spae_batch_first_words(&batch, token, 2, &sources)));
    spae_arena_free(&arena);
}
END_TEST

static spae_status create_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_batch batch;
    const spae_config config = batches_of(4);
    return spae_batch_create(&batch, context, &config, NULL, 0, 5, arena, err);
}

START_TEST(guidance_needs_labels_and_memory_is_told)
{
    static const spae_real rows[1] = {1};
    const spae_config config = batches_of(4);
    spae_arena arena = new_arena();
    spae_dataset data = generated_data(&arena);
    spae_batch batch;
    spae_error err;
    starve(create_in, &data, 1024);
    data.labels = NULL;
    ck_refused(spae_batch_create(&batch, &data, &config, rows, 1, 5, &arena, &err),
               SPAE_ERR_ARGUMENT, err, "label");
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_batch, "io/batch", every_picture_comes_once_an_epoch, steps_may_come_in_any_order,
      examples_carry_picture_and_similarity, first_words_are_counted,
      guidance_needs_labels_and_memory_is_told)

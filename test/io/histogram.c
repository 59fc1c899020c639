/* io/histogram: counts of words by layer, over one or several pictures. */
#include "bytes.h"

#include "../../io/histogram.h"

static const spae_pyramid pyramid = {2, {{1, 1, 1}, {1, 2, 2}}};
static int32_t one[5] = {3, 2, 2, 0, 1}, two[5] = {3, 1, 0, 4, 0};
static const spae_study studies[2] = {{.token = one}, {.token = two}};

static spae_status count(size_t pictures, size_t layer, size_t most, spae_arena *arena, spae_histogram_bar *bar,
                         size_t *bars, size_t *different, spae_error *err)
{
    return spae_histogram_layer(&pyramid, 5, studies, pictures, layer, most, arena, bar, bars, different, err);
}

static void due(const spae_histogram_bar *bar, int32_t token, size_t times)
{
    ck_assert_int_eq(bar->token, token);
    ck_assert_uint_eq(bar->count, times);
}

START_TEST(counts)
{
    spae_arena arena = new_arena();
    spae_histogram_bar bar[9];
    size_t bars = 0, different = 0;
    ck_assert_int_eq(count(2, 0, 9, &arena, bar, &bars, &different, NULL), SPAE_OK);
    ck_assert_uint_eq(bars, 1);
    due(&bar[0], 3, 2);
    ck_assert_int_eq(count(2, 1, 9, &arena, bar, &bars, &different, NULL), SPAE_OK);
    ck_assert_uint_eq(bars, 4);
    ck_assert_uint_eq(different, 4);
    due(&bar[0], 0, 3); /* then two words of two each, the lesser token first */
    due(&bar[1], 1, 2);
    due(&bar[2], 2, 2);
    due(&bar[3], 4, 1);
    ck_assert_int_eq(count(1, 1, 2, &arena, bar, &bars, &different, NULL), SPAE_OK);
    ck_assert_uint_eq(bars, 2);
    ck_assert_uint_eq(different, 3);
    due(&bar[0], 2, 2);
    due(&bar[1], 0, 1);
    ck_assert_int_eq(count(0, 1, 2, &arena, bar, &bars, &different, NULL), SPAE_OK);
    ck_assert(bars == 0 && different == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status count_again(spae_arena *arena, void *context, spae_error *err)
{
    spae_histogram_bar bar[4];
    size_t bars, different;
    (void)context;
    return count(2, 1, 4, arena, bar, &bars, &different, err);
}

START_TEST(no_memory)
{
    starve(count_again, NULL, 64);
}
END_TEST

SUITE(suite_io_histogram, "io/histogram", counts, no_memory)

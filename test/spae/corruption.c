/* Eq. 12: rates of B.3, and token noise against a plain reading of SPEC 10.6. */
#include "test/check.h"

#include "spae.h"
#include "test/memory.h"
#include "vendor_free/philox.h"

enum { N = 597 };

static void some_tokens(int32_t *token, size_t n, size_t V)
{
    for (size_t i = 0; i < n; i++)
        token[i] = (int32_t)(i * 7919 % V);
}

static void corrupt(int32_t *token, size_t n, size_t V, double rate, uint32_t seed, uint32_t noise)
{
    static unsigned char memory[8192];
    spae_arena arena;
    spae_arena_fixed(&arena, memory, sizeof memory);
    ck_assert_int_eq(spae_corrupt_tokens(token, n, V, rate, seed, noise, &arena, NULL), SPAE_OK);
    ck_assert_uint_eq(arena.used, 0);
}

static size_t differing(const int32_t *a, const int32_t *b, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += a[i] != b[i];
    return count;
}

/* ---- rates ---- */

START_TEST(the_list_of_the_paper)
{
    static const double list[] = {0.5, 0.47, 0.44, 0.41, 0.38, 0.35, 0.32, 0.29, 0.26, 0.23};
    for (size_t i = 0; i < 10; i++)
        ck_assert_double_eq(spae_corruption_rate(SPAE_RATES_LINEAR, 0.5, 0.23, i, 10), list[i]);
}
END_TEST

/* By hand: cos 0, cos 30, 60 and 90 degrees. */
START_TEST(the_cosine_falls_from_first_to_last)
{
    static const double by_hand[] = {0.5, 0.459808, 0.35, 0.2};
    double before = 1;
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq(spae_corruption_rate(SPAE_RATES_COSINE, 0.5, 0.2, i, 4), by_hand[i]);
    for (size_t i = 0; i < 10; i++) {
        const double rate = spae_corruption_rate(SPAE_RATES_COSINE, 0.35, 0.11, i, 10);
        ck_assert(rate < before && rate >= 0.11 && rate <= 0.35);
        before = rate;
    }
    ck_assert_double_eq(before, 0.11);
    ck_assert_double_eq(spae_corruption_rate(SPAE_RATES_COSINE, 0.35, 0.11, 0, 1), 0.35);
    ck_assert_double_eq(spae_corruption_rate(SPAE_RATES_LINEAR, 0.35, 0.11, 0, 1), 0.35);
}
END_TEST

START_TEST(rates_count_tokens)
{
    ck_assert_uint_eq(spae_corrupted_tokens(0.5, N), 299); /* 298.5 */
    ck_assert_uint_eq(spae_corrupted_tokens(0.47, 50), 24); /* 23.5 */
    ck_assert_uint_eq(spae_corrupted_tokens(0.23, 37), 9); /* 8.51 */
    ck_assert_uint_eq(spae_corrupted_tokens(0, N), 0);
    ck_assert_uint_eq(spae_corrupted_tokens(1, N), N);
    ck_assert_uint_eq(spae_corrupted_tokens(0.5, 0), 0);
}
END_TEST

/* ---- noise ---- */

/* What SPEC 10.6 says, read plainly. */
static void plain_noise(int32_t *token, uint32_t n, size_t V, double rate, uint32_t seed, uint32_t noise)
{
    const spae_random_key key = {seed, 5};
    uint32_t order[N], w[4];
    spae_permutation(key, noise, order, n);
    for (uint32_t i = 0; (double)i + 0.5 <= rate * n; i++) {
        const uint32_t p = order[i];
        spae_random_block(key, (const uint32_t[]){p, 1, noise, 0}, w);
        int32_t left = (int32_t)spae_random_below(w[0], w[1], (uint32_t)V - 1), other = 0;
        for (;; other++) /* the left-th of all tokens but the one that is there */
            if (other != token[p] && left-- == 0)
                break;
        token[p] = other;
    }
}

START_TEST(noise_as_it_is_specified)
{
    static const uint32_t sizes[] = {1, 2, 3, 37, 341, N};
    for (size_t i = 0; i < 6; i++)
        for (int percent = 0; percent <= 100; percent += 10)
            for (size_t V = 2; V <= 1000; V = V * 9 + 1) {
                int32_t token[N], plain[N], start[N];
                some_tokens(token, sizes[i], V);
                some_tokens(plain, sizes[i], V);
                some_tokens(start, sizes[i], V);
                corrupt(token, sizes[i], V, percent / 100.0, 7, (uint32_t)percent);
                plain_noise(plain, sizes[i], V, percent / 100.0, 7, (uint32_t)percent);
                ck_assert_mem_eq(token, plain, sizes[i] * sizeof *token);
                ck_assert_uint_eq(differing(token, start, sizes[i]), spae_corrupted_tokens(percent / 100.0, sizes[i]));
            }
}
END_TEST

/* Over many noises each position, and each other token, comes as often as any; the true one never. */
START_TEST(noise_is_uniform)
{
    enum { FEW = 8, WORDS = 5, TIMES = 20000 };
    size_t position[FEW] = {0}, word[WORDS] = {0};
    for (uint32_t noise = 0; noise < TIMES; noise++) {
        int32_t token[FEW] = {2, 2, 2, 2, 2, 2, 2, 2};
        corrupt(token, FEW, WORDS, 0.25, 1, noise);
        for (size_t i = 0; i < FEW; i++) {
            position[i] += token[i] != 2;
            word[token[i]]++;
        }
    }
    for (size_t i = 0; i < FEW; i++) /* 5000 expected, deviation 61 */
        ck_assert(position[i] > 4700 && position[i] < 5300);
    for (size_t k = 0; k < WORDS; k++) /* 10000 expected, deviation 87 */
        ck_assert(k == 2 ? word[k] == 6 * TIMES : word[k] > 9600 && word[k] < 10400);
}
END_TEST

START_TEST(noise_depends_on_seed_and_number_alone)
{
    int32_t a[37], b[37];
    some_tokens(a, 37, 300);
    some_tokens(b, 37, 300);
    corrupt(a, 37, 300, 0.5, 3, 8);
    corrupt(b, 37, 300, 0.5, 3, 8);
    ck_assert_mem_eq(a, b, sizeof a);
    some_tokens(b, 37, 300);
    corrupt(b, 37, 300, 0.5, 3, 9);
    ck_assert_uint_gt(differing(a, b, 37), 10);
    some_tokens(b, 37, 300);
    corrupt(b, 37, 300, 0.5, 4, 8);
    ck_assert_uint_gt(differing(a, b, 37), 10);
}
END_TEST

/* A larger rate corrupts what a smaller one does, and more: the chosen positions are the permutation's first. */
START_TEST(a_larger_rate_corrupts_more_of_the_same)
{
    int32_t start[N], less[N], more[N];
    some_tokens(start, N, 300);
    some_tokens(less, N, 300);
    some_tokens(more, N, 300);
    corrupt(less, N, 300, 0.2, 3, 8);
    corrupt(more, N, 300, 0.5, 3, 8);
    for (size_t i = 0; i < N; i++)
        ck_assert(less[i] == start[i] || less[i] == more[i]);
}
END_TEST

START_TEST(pairs_have_noises_of_their_own)
{
    spae_arena arena;
    int32_t u[37], v[N], a[37], b[N];
    spae_arena_hosted(&arena);
    some_tokens(u, 37, 300);
    some_tokens(v, N, 300);
    ck_assert_int_eq(spae_corrupt_pair(u, 37, v, N, 300, 0.35, 9, 6, &arena, NULL), SPAE_OK);
    some_tokens(a, 37, 300);
    some_tokens(b, N, 300);
    corrupt(a, 37, 300, 0.35, 9, 12);
    corrupt(b, N, 300, 0.35, 9, 13);
    ck_assert_mem_eq(u, a, sizeof u);
    ck_assert_mem_eq(v, b, sizeof v);
    ck_assert_int_eq(spae_corrupt_pair(u, 37, v, N, 1, 0.35, 9, 6, &arena, NULL), SPAE_ERR_ARGUMENT);
    spae_arena_free(&arena);
}
END_TEST

static void refused(int32_t last, size_t n, size_t V, double rate, const char *part)
{
    spae_arena arena;
    spae_error err;
    int32_t token[3] = {0, 0, last};
    spae_arena_hosted(&arena);
    ck_assert_int_eq(spae_corrupt_tokens(token, n, V, rate, 1, 0, &arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, part) != NULL, "%s", err.text);
    ck_assert(token[0] == 0 && token[1] == 0 && token[2] == last);
    spae_arena_free(&arena);
}

START_TEST(noise_that_cannot_be_is_refused)
{
    const double zero = 0;
    refused(0, 3, 9, -0.01, "rate -0.01, expected 0 to 1");
    refused(0, 3, 9, 1.01, "rate 1.01");
    refused(0, 3, 9, zero / zero, "rate");
    refused(9, 3, 9, 0.5, "token 3 is 9, the vocabulary has 9 words");
    refused(-1, 3, 9, 0, "token 3 is -1");
    refused(0, 3, 1, 0.5, "one word, none to replace it");
    refused(0, (size_t)INT32_MAX + 1, 9, 0.5, "2147483648 tokens");
    refused(0, 3, (size_t)INT32_MAX + 1, 0.5, "2147483648 words");
    int32_t token[2] = {0, 0};
    corrupt(token, 2, 1, 0.2, 1, 0); /* nothing to replace */
    corrupt(token, 0, 1, 1, 1, 0);
    ck_assert(token[0] == 0 && token[1] == 0);
}
END_TEST

START_TEST(memory_that_is_refused_is_told)
{
    spae_arena arena;
    watch w;
    spae_error err;
    int32_t token[2] = {4, 5};
    watched_arena(&arena, &w, 1);
    ck_assert_int_eq(spae_corrupt_tokens(token, 2, 9, 1, 1, 0, &arena, &err), SPAE_ERR_NO_MEMORY);
    ck_assert(token[0] == 4 && token[1] == 5 && w.live == 0);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_spae_corruption, "spae/corruption", the_list_of_the_paper, the_cosine_falls_from_first_to_last, rates_count_tokens,
      noise_as_it_is_specified, noise_is_uniform, noise_depends_on_seed_and_number_alone,
      a_larger_rate_corrupts_more_of_the_same, pairs_have_noises_of_their_own, noise_that_cannot_be_is_refused,
      memory_that_is_refused_is_told)

/* Philox: the authors' known answers, and each mapping against its formula computed another way. */
#include "../check.h"

#include "vendor_free/philox.h"

/* kat_vectors of Random123, philox4x32 with 10 rounds. */
START_TEST(known_answers)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t out[4];
        spae_philox(cases[i].counter, cases[i].key, out);
        ck_assert_mem_eq(out, cases[i].out, sizeof out);
        const spae_random_key key = {cases[i].key[0], cases[i].key[1]};
        memcpy(out, cases[i].counter, sizeof out);
        spae_random_block(key, out, out); /* in place */
        ck_assert_mem_eq(out, cases[i].out, sizeof out);
    }
}
END_TEST

START_TEST(uniform_ends_and_steps)
{
    ck_assert(spae_uniform(0) == 0.0f);
    ck_assert(spae_uniform(255) == 0.0f);
    ck_assert(spae_uniform(256) == 0x1p-24f);
    ck_assert(spae_uniform(0x80000000) == 0.5f);
    ck_assert(spae_uniform(0xffffffff) == 1.0f - 0x1p-24f);
}
END_TEST

/* floor((high 2^32 + low) n / 2^64) by adding up the product in halves of words, as on paper. */
static uint32_t below_on_paper(uint32_t high, uint32_t low, uint32_t n)
{
    const uint32_t digits[4] = {low & 0xffff, low >> 16, high & 0xffff, high >> 16};
    uint32_t product[6] = {0};
    for (int j = 0; j < 2; j++) {
        uint32_t carry = 0;
        for (int i = 0; i < 4; i++) {
            const uint32_t sum = digits[i] * (n >> (16 * j) & 0xffff) + (product[i + j] & 0xffff);
            const uint32_t low_half = (sum & 0xffff) + (carry & 0xffff);
            product[i + j] = low_half & 0xffff;
            carry = (sum >> 16) + (carry >> 16) + (low_half >> 16);
        }
        product[4 + j] = carry;
    }
    return product[5] << 16 | product[4];
}

START_TEST(random_below_is_the_formula)
{
    static const uint32_t edge[] = {0,          1,          2,          3,          0xffff,
                                    0x10000,    0x10001,    0x55555555, 0x55555556, 0x7fffffff,
                                    0x80000000, 0xaaaaaaaa, 0xaaaaaaab, 0xfffffffe, 0xffffffff};
    enum { EDGES = sizeof edge / sizeof edge[0] };
    for (int h = 0; h < EDGES; h++)
        for (int l = 0; l < EDGES; l++)
            for (int n = 0; n < EDGES; n++) {
                const uint32_t j = spae_random_below(edge[h], edge[l], edge[n]);
                ck_assert_uint_eq(j, below_on_paper(edge[h], edge[l], edge[n]));
                ck_assert(edge[n] == 0 ? j == 0 : j < edge[n]);
            }
    /* the low word decides: 3 (2^64 / 3) is the border between 0 and 1 */
    ck_assert_uint_eq(spae_random_below(0x55555555, 0x55555555, 3), 0);
    ck_assert_uint_eq(spae_random_below(0x55555555, 0x55555556, 3), 1);
}
END_TEST

START_TEST(permutation_is_the_formula)
{
    const spae_random_key key = {7, 3};
    uint32_t order[10], expected[10];
    for (uint32_t n = 0; n <= 10; n++) {
        for (uint32_t i = 0; i < n; i++)
            expected[i] = i;
        for (uint32_t i = n > 0 ? n - 1 : 0; i >= 1; i--) {
            const uint32_t counter[4] = {i, 0, 5, 0}, words[2] = {7, 3};
            uint32_t w[4];
            spae_philox(counter, words, w);
            const uint32_t j = below_on_paper(w[0], w[1], i + 1), kept = expected[i];
            expected[i] = expected[j];
            expected[j] = kept;
        }
        spae_permutation(key, 5, order, n);
        ck_assert_mem_eq(order, expected, n * sizeof order[0]);
    }
    spae_permutation(key, 5, NULL, 0);
}
END_TEST

/* All 24 orders of four things come, each near its 1000 times (standard deviation 31). */
START_TEST(permutations_are_equally_likely)
{
    int seen[256] = {0};
    const spae_random_key key = {1, 1};
    for (uint32_t stream = 0; stream < 24000; stream++) {
        uint32_t o[4];
        spae_permutation(key, stream, o, 4);
        seen[o[0] << 6 | o[1] << 4 | o[2] << 2 | o[3]]++;
    }
    int orders = 0;
    for (int i = 0; i < 256; i++)
        if (seen[i] > 0) {
            orders++;
            ck_assert_int_gt(seen[i], 850);
            ck_assert_int_lt(seen[i], 1150);
        }
    ck_assert_int_eq(orders, 24);
}
END_TEST

START_TEST(normal_pair_ends)
{
    float out[2];
    spae_normal_pair(0xffffffff, 0x12345678, out); /* u = 1, log u = 0 */
    ck_assert(out[0] == 0.0f && out[1] == 0.0f);
    spae_normal_pair(0, 0, out); /* u = 2^-24: sqrt(48 log 2) = 5.7681070... */
    ck_assert(out[0] > 5.76810f && out[0] < 5.76812f);
    ck_assert(out[1] == 0.0f);
    spae_normal_pair(0, 0x40000000, out); /* a quarter turn */
    ck_assert(out[0] > -1e-6f && out[0] < 1e-6f);
    ck_assert(out[1] > 5.76810f && out[1] < 5.76812f);
}
END_TEST

/* Moments of 2^17 numbers: a mean of 0 within 4/362, squares of mean 1, fourth powers of mean 3. */
START_TEST(normal_pair_moments)
{
    double sum = 0.0, square = 0.0, fourth = 0.0, cross = 0.0;
    const uint32_t blocks = 32768;
    for (uint32_t i = 0; i < blocks; i++) {
        const uint32_t position[4] = {i, 0, 0, 0};
        const spae_random_key key = {42, 9};
        uint32_t w[4];
        float x[4];
        spae_random_block(key, position, w);
        spae_normal_pair(w[0], w[1], x);
        spae_normal_pair(w[2], w[3], x + 2);
        cross += (double)x[0] * (double)x[1];
        for (int k = 0; k < 4; k++) {
            const double v = (double)x[k];
            sum += v;
            square += v * v;
            fourth += v * v * v * v;
        }
    }
    const double n = 4.0 * blocks;
    ck_assert_double_lt(sum / n < 0 ? -sum / n : sum / n, 0.011);
    ck_assert(square / n > 0.984 && square / n < 1.016);
    ck_assert(fourth / n > 2.89 && fourth / n < 3.11);
    ck_assert(cross / blocks > -0.022 && cross / blocks < 0.022);
}
END_TEST

SUITE(suite_vendor_free_philox, "vendor_free/philox", known_answers, uniform_ends_and_steps,
      random_below_is_the_formula, permutation_is_the_formula, permutations_are_equally_likely,
      normal_pair_ends, normal_pair_moments)

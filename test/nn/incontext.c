/* The language model without weights, held against a plain reading of SPEC 10.21 to 10.24 that shares no code with it, and
 * against what is due of a probability and of its properties. */
#include "../check.h"

#include <math.h>

#include "../memory.h"
#include "nn/incontext.h"

enum { WORDS = 20, CHANNELS = 3, IDS = 26, NEWLINE = 25, MOST = 200 };

/* ---- a plain reading ---- */

static double plain_spread(const real *e)
{
    double S = 0;
    for (int i = 0; i < CHANNELS; i++) {
        double mean = 0, chain = 0;
        for (int k = 0; k < WORDS; k++)
            mean += (double)e[k * CHANNELS + i];
        mean = mean / WORDS;
        for (int k = 0; k < WORDS; k++)
            chain += ((double)e[k * CHANNELS + i] - mean) * ((double)e[k * CHANNELS + i] - mean);
        S += chain / WORDS;
    }
    return 2 * S;
}

static double plain_distance(const real *e, double S, int32_t a, int32_t b)
{
    double d = 0;
    for (int i = 0; i < CHANNELS; i++) {
        const double x = (double)e[a * CHANNELS + i] - (double)e[b * CHANNELS + i];
        d += x * x;
    }
    return a == b ? 0 : S == 0 ? 1 : (1 + d / S) / 2;
}

/* R of 10.21, by cutting the text into lines from its beginning. */
static int plain_window(const int32_t *x, int n, int m)
{
    int first[MOST], lines = 0;
    for (int i = 0; i < m; i++)
        if (i == 0 || x[i - 1] == NEWLINE)
            first[lines++] = i;
    int R = m;
    if (m > 0 && x[m - 1] != NEWLINE)
        for (int l = lines - 2; l >= 0; l--)
            if (x[first[l]] == x[first[lines - 1]]) {
                R = m - first[l + 1];
                break;
            }
    return R < n ? R : n;
}

static void plain_add(double share, const double *mass, const int32_t *x, int n, double *p)
{
    double sum = 0;
    for (int i = 1; i < n; i++)
        sum += mass[i];
    for (int i = 1; i < n; i++)
        p[x[i]] += share * (mass[i] / sum);
}

static double plain_kernel(double b, double g)
{
    return (double)real_exp((real)-(b * g));
}

static void plain_predict(const real *e, const int32_t *x, int n, int m, double *p)
{
    const double S = plain_spread(e);
    const int R = plain_window(x, n, m);
    static int u[MOST];
    static double f[MOST], mass[MOST];
    int L = 1 << 20, A = 0;
    for (int k = 0; k < IDS; k++)
        p[k] = n < 2 ? 1.0 / IDS : 0x1p-12 * (1.0 / IDS);
    if (n < 2)
        return;
    for (int i = 1; i < n; i++) {
        u[i] = 0;
        f[i] = 0;
        for (int j = 1; j <= R; j++) {
            const bool inside = i - j >= 0, words = inside && x[m - j] < WORDS && x[i - j] < WORDS;
            u[i] += !words && (!inside || x[m - j] != x[i - j]);
            if (words)
                f[i] += plain_distance(e, S, x[m - j], x[i - j]);
        }
        L = u[i] < L ? u[i] : L;
    }
    double f0 = HUGE_VAL, h = 0, low = 0, high = 64;
    for (int i = 1; i < n; i++)
        if (u[i] == L) {
            A++;
            f0 = f[i] < f0 ? f[i] : f0;
        }
    for (int i = 1; i < n; i++)
        if (u[i] == L)
            h += f[i] - f0;
    h = h / A;
    for (int i = 1; i < n; i++)
        f[i] = h == 0 || f[i] <= f0 ? 0 : (f[i] - f0) / h;
    for (int t = 0; t < 24; t++) {
        double s = 0, q = 0, b = (low + high) / 2;
        for (int i = 1; i < n; i++)
            if (u[i] == L) {
                s += plain_kernel(b, f[i]);
                q += plain_kernel(b, f[i]) * plain_kernel(b, f[i]);
            }
        if (s * s / q > sqrt(A * sqrt((double)A)))
            low = b;
        else
            high = b;
    }
    /* copies */
    int F = 0, J = 0;
    double v = 0;
    for (int i = 1; i < n; i++) {
        bool before = false;
        for (int k = 1; k < i; k++)
            before = before || (u[k] <= L + 2 && x[k] == x[i]);
        F += u[i] <= L + 2 && !before;
    }
    for (int j = 1; j <= R; j++) {
        double votes = 0;
        for (int i = j; i < n; i++)
            if (u[i] <= L + 2 && i >= 1 && x[i] == x[i - j]) {
                int c = 0;
                for (int k = 1; k < n; k++)
                    c += u[k] <= L + 2 && x[k] == x[i];
                votes += 1.0 / c;
            }
        if (votes > v) {
            v = votes;
            J = j;
        }
    }
    const double beyond = (v - (1 + sqrt((double)F) / 4)) / F, g = v > 0 && beyond > 0 ? beyond : 0;
    const double r = (1 - 0x1p-12) * (1 - g), share = R == 0 ? 1 : (double)L / R, w = share > 0x1p-5 ? share : 0x1p-5;
    for (int i = 1; i < n; i++)
        mass[i] = u[i] <= L + 2 ? plain_kernel(low, f[i]) * ldexp(1, -6 * (u[i] - L)) : 0;
    plain_add(r * (1 - w), mass, x, n, p);
    /* n-grams */
    int length[MOST], longest = 0;
    for (int i = 1; i < n; i++) {
        length[i] = 0;
        while (length[i] < R && length[i] < i && x[i - 1 - length[i]] == x[m - 1 - length[i]])
            length[i]++;
        longest = length[i] > longest ? length[i] : longest;
    }
    for (int i = 1; i < n; i++)
        mass[i] = ldexp(1, length[i] - longest);
    plain_add(r * w, mass, x, n, p);
    if (g > 0)
        p[x[m - J]] += (1 - 0x1p-12) * g;
}

/* ---- the code under test ---- */

static void rows(real *e, unsigned seed)
{
    for (int i = 0; i < WORDS * CHANNELS; i++) {
        seed = seed * 1664525u + 1013904223u;
        e[i] = (real)((double)(seed >> 8) / 0x1p24 - 0.5);
    }
}

static spae_incontext model_of(const real *e)
{
    spae_incontext model;
    ck_assert_int_eq(spae_incontext_create(e, WORDS, CHANNELS, IDS, NEWLINE, &model, NULL), SPAE_OK);
    return model;
}

static void predict(const spae_incontext *model, const int32_t *x, size_t n, size_t m, double *p)
{
    spae_arena arena;
    spae_incontext_prompt prompt;
    watch w;
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_incontext_read(model, x, n, &arena, &prompt, NULL), SPAE_OK);
    ck_assert_int_eq(spae_incontext_predict(&prompt, x + n, m - n, p, NULL), SPAE_OK);
    spae_arena_free(&arena);
}

static void equals_plain(const real *e, const int32_t *x, int n, int m)
{
    const spae_incontext model = model_of(e);
    double p[IDS], due[IDS], sum = 0;
    predict(&model, x, (size_t)n, (size_t)m, p);
    plain_predict(e, x, n, m, due);
    for (int k = 0; k < IDS; k++) {
        ck_assert_msg(memcmp(&p[k], &due[k], sizeof p[k]) == 0, "id %d of a prompt of %d, %d: %.17g, due %.17g", k, n, m, p[k], due[k]);
        ck_assert(p[k] > 0);
        sum += p[k];
    }
    ck_assert(fabs(sum - 1) < 1e-12);
}

START_TEST(random_texts_are_predicted_as_specified)
{
    real e[WORDS * CHANNELS];
    int32_t x[MOST];
    unsigned seed = 7;
    rows(e, 3);
    for (int t = 0; t < 400; t++) {
        const int m = t % MOST, few = 2 + t % 9;
        for (int i = 0; i < m; i++) { /* few different ids, so that much is alike; every fifth or so a mark */
            seed = seed * 1664525u + 1013904223u;
            x[i] = (seed >> 28) % 5 == 0 ? WORDS + (int32_t)((seed >> 20) % (IDS - WORDS)) : (int32_t)((seed >> 16) % (unsigned)few);
        }
        equals_plain(e, x, m - m / 7, m);
    }
}
END_TEST

START_TEST(records_are_predicted_as_specified)
{
    real e[WORDS * CHANNELS];
    int32_t x[MOST];
    unsigned seed = 1;
    rows(e, 5);
    for (int t = 0; t < 200; t++) {
        int m = 0;
        while (m + 12 < MOST - t % 50) { /* "20 k w w 25 / 21 w w 25" */
            x[m++] = 20;
            seed = seed * 1664525u + 1013904223u;
            x[m++] = 22 + (int32_t)((seed >> 20) % 2);
            for (int i = 0; i < 6; i++) {
                seed = seed * 1664525u + 1013904223u;
                x[m++] = i == 2 ? NEWLINE : i == 3 ? 21 : (int32_t)((seed >> 18) % WORDS);
            }
            x[m++] = NEWLINE;
        }
        equals_plain(e, x, m - 3 - t % 3, m - 1 - t % 2);
    }
}
END_TEST

START_TEST(words_without_distance_are_alike_or_not)
{
    static const real e[WORDS * CHANNELS];
    static const int32_t x[] = {20, 1, 2, NEWLINE, 21, 9, NEWLINE, 20, 1, 3, NEWLINE, 21, 8, NEWLINE, 20, 4, 5, NEWLINE, 21, 7, NEWLINE, 20, 1, 3, NEWLINE, 21};
    equals_plain(e, x, 26, 26);
}
END_TEST

/* ---- what is due of it ---- */

static int32_t greedy(const spae_incontext *model, const int32_t *x, size_t n)
{
    double p[IDS], scratch[IDS];
    static const uint32_t position[4] = {0};
    predict(model, x, n, n, p);
    return spae_incontext_draw(p, IDS, 0, (spae_random_key){1, 1}, position, scratch);
}

START_TEST(a_condition_finds_its_like)
{
    real e[WORDS * CHANNELS];
    rows(e, 9);
    const spae_incontext model = model_of(e);
    int32_t x[] = {20, 22, NEWLINE, 21, 3, NEWLINE, 20, 23, NEWLINE, 21, 4, NEWLINE, 20, 24, NEWLINE, 21, 5, NEWLINE, 20, 22, NEWLINE, 21};
    for (int32_t k = 0; k < 3; k++) {
        x[19] = 22 + k;
        ck_assert_int_eq(greedy(&model, x, 22), 3 + k);
    }
}
END_TEST

START_TEST(the_nearest_words_decide)
{
    real e[WORDS * CHANNELS];
    for (int k = 0; k < WORDS; k++) /* on a line */
        for (int i = 0; i < CHANNELS; i++)
            e[k * CHANNELS + i] = (real)k;
    const spae_incontext model = model_of(e);
    int32_t x[] = {20, 2, NEWLINE, 21, 10, NEWLINE, 20, 17, NEWLINE, 21, 11, NEWLINE, 20, 0, NEWLINE, 21};
    for (int32_t k = 0; k < 20; k++) {
        x[13] = k;
        ck_assert_int_eq(greedy(&model, x, 16), k < 10 ? 10 : 11);
    }
}
END_TEST

START_TEST(a_new_word_is_copied)
{
    real e[WORDS * CHANNELS];
    rows(e, 11);
    const spae_incontext model = model_of(e);
    int32_t x[8 * 8];
    size_t n = 0;
    for (int32_t k = 0; k < 8; k++) { /* "20 k, 10 + k / 21 10 + k" */
        const int32_t record[] = {20, k, 10 + k, NEWLINE, 21, 10 + k, NEWLINE};
        memcpy(x + n, record, sizeof record);
        n += 7;
    }
    x[n - 5] = 19; /* the last one asks for a word that was never an answer */
    ck_assert_int_eq(greedy(&model, x, n - 2), 19);
}
END_TEST

START_TEST(draws_follow_the_probabilities)
{
    static const double p[5] = {0.5, 0.125, 0.25, 0.0625, 0.0625};
    double scratch[5];
    int count[5] = {0}, squared[5] = {0};
    enum { DRAWS = 20000 };
    for (uint32_t i = 0; i < DRAWS; i++) {
        const uint32_t position[4] = {3, 0, i, 0};
        count[spae_incontext_draw(p, 5, 1, (spae_random_key){2, 6}, position, scratch)]++;
        squared[spae_incontext_draw(p, 5, 0.5, (spae_random_key){2, 6}, position, scratch)]++;
    }
    double sum = 0;
    for (int k = 0; k < 5; k++)
        sum += p[k] * p[k];
    for (int k = 0; k < 5; k++) { /* five standard deviations */
        const double due = p[k], hot = p[k] * p[k] / sum;
        ck_assert(fabs(count[k] - DRAWS * due) < 5 * sqrt(DRAWS * due * (1 - due)));
        ck_assert(fabs(squared[k] - DRAWS * hot) < 5 * sqrt(DRAWS * hot * (1 - hot)));
    }
}
END_TEST

START_TEST(the_lowest_of_equal_ones_is_taken_without_heat)
{
    static const double p[4] = {0.2, 0.3, 0.2, 0.3};
    static const uint32_t position[4] = {1, 2, 3, 4};
    double scratch[4];
    ck_assert_int_eq(spae_incontext_draw(p, 4, 0, (spae_random_key){1, 6}, position, scratch), 1);
}
END_TEST

/* ---- refusals ---- */

START_TEST(bad_sizes_and_ids_are_refused)
{
    real e[WORDS * CHANNELS];
    spae_incontext model;
    spae_incontext_prompt prompt;
    spae_arena arena;
    spae_error err;
    watch w;
    double p[IDS];
    static const int32_t good[] = {1, 2, 25}, beyond[] = {1, 26}, negative[] = {-1};
    rows(e, 1);
    ck_assert_int_eq(spae_incontext_create(e, 0, CHANNELS, IDS, NEWLINE, &model, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_incontext_create(e, WORDS, 0, IDS, NEWLINE, &model, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_incontext_create(e, WORDS, CHANNELS, WORDS - 1, NEWLINE, &model, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_incontext_create(e, WORDS, CHANNELS, IDS, IDS, &model, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_incontext_create(e, WORDS, CHANNELS, IDS, WORDS - 1, &model, &err), SPAE_ERR_ARGUMENT);
    model = model_of(e);
    watched_arena(&arena, &w, 0);
    ck_assert_int_eq(spae_incontext_read(&model, beyond, 2, &arena, &prompt, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "incontext: prompt: token 1 is id 26, there are 0 to 25");
    ck_assert_int_eq(spae_incontext_read(&model, negative, 1, &arena, &prompt, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_incontext_read(&model, good, 3, &arena, &prompt, &err), SPAE_OK);
    ck_assert_int_eq(spae_incontext_predict(&prompt, beyond, 2, p, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "incontext: said: token 1 is id 26, there are 0 to 25");
    spae_arena_free(&arena);
}
END_TEST

#ifdef SPAE_ORACLE
static const real enormous = 0x1p600;
#else
static const real enormous = 0x1p127f; /* squares of binary32 numbers fit binary64 */
#endif

START_TEST(rows_too_far_apart_are_refused)
{
    real e[WORDS * CHANNELS];
    spae_incontext model;
    for (int i = 0; i < WORDS * CHANNELS; i++)
        e[i] = i % 2 == 0 ? enormous : -enormous;
    const spae_status due = sizeof(real) == sizeof(double) ? SPAE_ERR_NOT_FINITE : SPAE_OK;
    ck_assert_int_eq(spae_incontext_create(e, WORDS, CHANNELS, IDS, NEWLINE, &model, NULL), due);
    e[1] = (real)NAN;
    ck_assert_int_eq(spae_incontext_create(e, WORDS, CHANNELS, IDS, NEWLINE, &model, NULL), SPAE_ERR_NOT_FINITE);
}
END_TEST

START_TEST(little_memory_is_an_error)
{
    real e[WORDS * CHANNELS];
    int32_t x[64];
    static unsigned char memory[1 << 16];
    rows(e, 1);
    for (int i = 0; i < 64; i++)
        x[i] = i % WORDS;
    const spae_incontext model = model_of(e);
    bool answered = false;
    for (size_t size = 0; size < sizeof memory; size += 64) {
        spae_arena arena;
        spae_incontext_prompt prompt;
        double p[IDS];
        spae_arena_fixed(&arena, memory, size);
        spae_status status = spae_incontext_read(&model, x, 64, &arena, &prompt, NULL);
        if (status == SPAE_OK)
            status = spae_incontext_predict(&prompt, NULL, 0, p, NULL);
        ck_assert(status == SPAE_ERR_NO_MEMORY || status == SPAE_OK);
        ck_assert(!answered || status == SPAE_OK);
        answered = status == SPAE_OK;
    }
    ck_assert(answered);
}
END_TEST

SUITE(suite_nn_incontext, "nn/incontext", random_texts_are_predicted_as_specified, records_are_predicted_as_specified,
      words_without_distance_are_alike_or_not, a_condition_finds_its_like, the_nearest_words_decide, a_new_word_is_copied,
      draws_follow_the_probabilities, the_lowest_of_equal_ones_is_taken_without_heat, bad_sizes_and_ids_are_refused,
      rows_too_far_apart_are_refused, little_memory_is_an_error)

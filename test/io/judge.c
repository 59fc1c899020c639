/* The levels, each at its bound: bits, signs of zeros, NaNs, distances, the allowance of level B
 * met and missed by one step, layouts, samples, near-ties taken, not taken, taken wrongly,
 * followed. */
#define _POSIX_C_SOURCE 200809L

#include <float.h>
#include <math.h>

#include "bytes.h"

#include "../../io/judge.h"

static spae_judgement judged(const spae_manifest_output *out, spae_reference r, spae_given p,
                             const spae_ties *ties)
{
    spae_judgement j;
    spae_arena arena = new_arena();
    r.output = out;
    ck_assert_int_eq(spae_judge(&arena, &r, &p, ties, &j, NULL), SPAE_OK);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    return j;
}

static spae_manifest_output output(spae_compare compare, size_t item_bytes, size_t count)
{
    return (spae_manifest_output){.name = "y",
                                  .full_name = "a/b/y",
                                  .compare = compare,
                                  .array = {.kind = SPAE_NPY_FLOAT,
                                            .item_bytes = item_bytes,
                                            .rank = 1,
                                            .shape = {count},
                                            .count = count}};
}

static spae_judgement judge_bits(const double *r, const double *p, size_t count)
{
    const spae_manifest_output out = output(SPAE_COMPARE_BITS, 4, count);
    return judged(&out, (spae_reference){.count = count, .real = r}, (spae_given){.real = p}, NULL);
}

static spae_judgement judge_real(const double *r, const double *x, const double *p, size_t count)
{
    const spae_manifest_output out = output(SPAE_COMPARE_REAL, 4, count);
    return judged(&out, (spae_reference){.count = count, .real = r, .exact = x},
                  (spae_given){.real = p}, NULL);
}

START_TEST(distances)
{
    ck_assert_uint_eq(spae_judge_ulp(1, 1, 4), 0);
    ck_assert_uint_eq(spae_judge_ulp(1, 1 + 0x1p-23, 4), 1);
    ck_assert_uint_eq(spae_judge_ulp(1 + 0x1p-23, 1, 4), 1);
    ck_assert_uint_eq(spae_judge_ulp(1, 1 + 0x1p-23, 8), 1 << 29);
    ck_assert_uint_eq(spae_judge_ulp(1, 1 - 0x1p-24, 4), 1);
    ck_assert_uint_eq(spae_judge_ulp(0.0, -0.0, 4), 0);
    ck_assert_uint_eq(spae_judge_ulp(0x1p-149, -0x1p-149, 4), 2);
    ck_assert_uint_eq(spae_judge_ulp(0x1p-1074, -0x1p-1074, 8), 2);
    ck_assert_uint_eq(spae_judge_ulp((double)FLT_MAX, (double)INFINITY, 4), 1);
    ck_assert_uint_eq(spae_judge_ulp((double)INFINITY, -(double)INFINITY, 4), 0xff000000u);
    ck_assert_uint_eq(spae_judge_ulp((double)INFINITY, -(double)INFINITY, 8),
                      UINT64_C(0xffe0000000000000));
    ck_assert_uint_eq(spae_judge_ulp(1, (double)NAN, 4), SPAE_ULP_NONE);
    ck_assert_uint_eq(spae_judge_ulp((double)NAN, (double)NAN, 4), 0);
}
END_TEST

START_TEST(bits)
{
    const double r[] = {0, -0.0, (double)INFINITY, (double)NAN, 3};
    double p[] = {0, -0.0, (double)INFINITY, -(double)NAN, 3};
    ck_assert_int_eq(judge_bits(r, p, 5).level, SPAE_LEVEL_A);
    p[1] = 0;
    spae_judgement j = judge_bits(r, p, 5);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 1 && j.differing == 1 && j.short_of == 1);
    ck_assert(j.ulp == 0 && signbit(j.expected) && !signbit(j.got) && !j.has_error);
    p[1] = -0.0;
    p[3] = 1;
    p[4] = (double)NAN;
    j = judge_bits(r, p, 5);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 3 && j.differing == 2);
    ck_assert_uint_eq(j.ulp, SPAE_ULP_NONE);
}
END_TEST

/* x = 1, 1, so rms is 1 and scales are 2; the reference is exact, so that 2^-21 is allowed: 2^-20
 * off is at the bound. */
START_TEST(accuracy_at_its_bound)
{
    const double x[] = {1, 1};
    double p[] = {1, 1 + 0x1p-20};
    spae_judgement j = judge_real(x, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_B && j.first == 1 && j.ulp == 8 && j.short_of == 0);
    ck_assert(j.has_error && j.error == 0x1p-21 && j.allowed == 0x1p-21);
    p[1] = 1 + 0x1p-20 + 0x1p-52;
    j = judge_real(x, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 1 && j.short_of == 1);
    p[0] = 1 + 0x1p-23; /* differs first, and is near enough */
    j = judge_real(x, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 1 && j.differing == 2);
    p[1] = 1;
    j = judge_real(x, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_B && j.first == 0);
}
END_TEST

/* A reference that errs itself allows four times as much. */
START_TEST(accuracy_of_the_reference)
{
    const double x[] = {1, 1}, r[] = {1, 1 + 0x1p-10};
    double p[] = {1 - 0x1p-8, 1};
    spae_judgement j = judge_real(r, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_B && j.error == 0x1p-9 && j.allowed == 0x1p-9);
    p[0] = 1 - 0x1p-8 - 0x1p-50;
    ck_assert_int_eq(judge_real(r, x, p, 2).level, SPAE_LEVEL_NONE);
}
END_TEST

START_TEST(what_is_not_finite)
{
    const double x[] = {1, 1};
    double p[] = {1, (double)NAN};
    spae_judgement j = judge_real(x, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 1 && isinf(j.error));
    p[1] = -(double)INFINITY;
    j = judge_real(x, x, p, 2);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 1 && isinf(j.error));
}
END_TEST

START_TEST(zeros)
{
    const double x[] = {0, 0};
    double p[] = {0, -0.0};
    ck_assert_int_eq(judge_real(x, x, p, 2).level, SPAE_LEVEL_B); /* the sign is no accuracy */
    p[1] = 0x1p-149;
    ck_assert_int_eq(judge_real(x, x, p, 2).level, SPAE_LEVEL_NONE);
    ck_assert_int_eq(judge_real(x, x, p, 1).level, SPAE_LEVEL_A);
    ck_assert_int_eq(judge_real(x, x, p, 0).level, SPAE_LEVEL_A); /* an empty array */
}
END_TEST

/* The second array of the layout is small: beside the first its error would be lost. */
START_TEST(layouts)
{
    const spae_manifest_entry entry[] = {
        {"kernel", 1, {2}, 0, 2}, {"none", 1, {0}, 2, 0}, {"bias", 1, {2}, 2, 2}};
    const double x[] = {1024, 1024, 0x1p-20, 0x1p-20}, p[] = {1024, 1024, 0x1p-20, 0x1p-21};
    spae_manifest_output out = output(SPAE_COMPARE_REAL, 4, 4);
    const spae_reference r = {.count = 4, .real = x, .exact = x};
    ck_assert_int_eq(judged(&out, r, (spae_given){.real = p}, NULL).level, SPAE_LEVEL_B);
    out.entry = entry;
    out.entries = 3;
    const spae_judgement j = judged(&out, r, (spae_given){.real = p}, NULL);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 3 && j.worst == 2 && j.entries_short == 1);
    ck_assert(j.error == 0.25 && j.short_of == 1);
}
END_TEST

START_TEST(samples)
{
    const int64_t index[] = {1, 3, 9};
    const double x[] = {1, 2, 3};
    double p[] = {1, 2, 3};
    const spae_manifest_output out = output(SPAE_COMPARE_REAL, 4, 10);
    const spae_reference r = {.count = 3, .index = index, .real = x, .exact = x};
    spae_judgement j = judged(&out, r, (spae_given){.real = p, .all_equal = true}, NULL);
    ck_assert_int_eq(j.level, SPAE_LEVEL_A);
    j = judged(&out, r, (spae_given){.real = p}, NULL);
    ck_assert(j.level == SPAE_LEVEL_B && j.first == SIZE_MAX && j.differing == 0);
    p[2] = 4;
    j = judged(&out, r, (spae_given){.real = p}, NULL);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 9 && j.judged == 3);
}
END_TEST

/* ---- tokens ---------------------------------------------------------------------------------- */

static const int64_t token[] = {1, 2, 3, 4, 5, 6}, runner_up[] = {11, 12, 13, 14, 15, 16},
                     cell[] = {0, 1, 2, 0, 1, 2};
static const double margin[] = {0x1p-15, 1, 0x1p-14, 1, 1, 0}, distance[] = {2, 2, 2, 2, 2, 0};

static spae_judgement judge_tokens(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f)
{
    const int64_t p[] = {a, b, c, d, e, f};
    const spae_ties ties = {margin, distance, runner_up, cell};
    spae_manifest_output out = output(SPAE_COMPARE_TOKENS, 4, 6);
    out.array.kind = SPAE_NPY_INT;
    return judged(&out, (spae_reference){.count = 6, .whole = token}, (spae_given){.whole = p},
                  &ties);
}

START_TEST(near_ties)
{
    spae_judgement j = judge_tokens(1, 2, 3, 4, 5, 6);
    ck_assert(j.level == SPAE_LEVEL_A && j.near_ties == 0);
    j = judge_tokens(11, 2, 3, 4, 5, 6); /* at the bound: 2^-15 is 2^-16 of 2 */
    ck_assert(j.level == SPAE_LEVEL_C && j.near_ties == 1 && j.followers == 0 && j.first_tie == 0);
    j = judge_tokens(11, 2, 3, 99, 5, 6); /* 3 is of the same cell */
    ck_assert(j.level == SPAE_LEVEL_C && j.near_ties == 1 && j.followers == 1);
    j = judge_tokens(1, 2, 3, 4, 5, 16); /* an exact tie */
    ck_assert(j.level == SPAE_LEVEL_C && j.near_ties == 1 && j.first_tie == 5);
}
END_TEST

START_TEST(no_near_ties)
{
    spae_judgement j = judge_tokens(12, 2, 3, 4, 5, 6); /* a third token */
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 0 && j.near_ties == 0);
    ck_assert(!j.first_real && j.expected_whole == 1 && j.got_whole == 12);
    j = judge_tokens(1, 2, 13, 4, 5, 6); /* the margin is twice the bound */
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 2 && j.short_of == 1);
    j = judge_tokens(11, 2, 3, 4, 99, 6); /* another cell does not follow */
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 4 && j.near_ties == 1 && j.short_of == 1);
    j = judge_tokens(1, 2, 3, 14, 5, 6); /* nor does one that comes before a tie */
    ck_assert(j.level == SPAE_LEVEL_NONE && j.first == 3);
}
END_TEST

START_TEST(whole_numbers)
{
    const int64_t r[] = {INT64_MAX, 0, -5}, p[] = {INT64_MIN, 0, -5};
    spae_manifest_output out = output(SPAE_COMPARE_BITS, 8, 3);
    out.array.kind = SPAE_NPY_INT;
    spae_judgement j =
        judged(&out, (spae_reference){.count = 3, .whole = r}, (spae_given){.whole = p}, NULL);
    ck_assert(j.level == SPAE_LEVEL_NONE && j.ulp == UINT64_MAX && j.first == 0);
    j = judged(&out, (spae_reference){.count = 3, .whole = r}, (spae_given){.whole = r}, NULL);
    ck_assert_int_eq(j.level, SPAE_LEVEL_A);
}
END_TEST

SUITE(suite_io_judge, "io/judge", distances, bits, accuracy_at_its_bound, accuracy_of_the_reference,
      what_is_not_finite, zeros, layouts, samples, near_ties, no_near_ties, whole_numbers)

/* The elementary functions: the hardest arguments there are, a digest over a sample, the limits,
 * the binary64 cores against nearest values computed elsewhere, and the array forms against the
 * scalar ones.
 */
#include "../check.h"

#include <math.h>

#include "../../vendor_free/elementary.h"
#include "../../vendor_free/float_bits.h"
#include "elementary_cases.h"
#include "elementary_sample.h"

typedef enum { none, odd, even } symmetry;

typedef struct {
    float (*narrow)(float);
    double (*wide)(double);
    const char *name;
    const case32 *hard;
    size_t hards;
    const case64 *cases;
    size_t count;
    uint64_t digest;
    symmetry symmetry;
    uint64_t ulps;        /* the bound of elementary.c, rounded up */
    uint64_t wide_digest; /* our own bits, which every platform has to give */
} function;

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define OF(name)                                                                                   \
    spae_##name##f, spae_##name##64, #name, hard_##name, COUNT(hard_##name), wide_##name,          \
        COUNT(wide_##name), DIGEST_##name

static const function functions[] = {
    {OF(exp), none, 1, 0xd1c8df7a52cf18bc}, {OF(expm1), none, 2, 0xad18bf75bc57e193},
    {OF(log), none, 1, 0xc46de0b299df1a56}, {OF(log1p), none, 1, 0x639c23a1f7641986},
    {OF(tanh), odd, 3, 0x5c3bb93a989782aa}, {OF(sin), odd, 1, 0xce6fbb60f48b40ca},
    {OF(cos), even, 1, 0x19324d2e927a7f06}, {OF(erf), odd, 2, 0x7954d981a21ef12d},
};
enum { function_count = COUNT(functions) };

static uint32_t apply(float (*f)(float), uint32_t argument)
{
    return spae_bits_of_float(f(spae_float_of_bits(argument)));
}

START_TEST(hardest_arguments_round_right)
{
    const function *f = &functions[_i];
    ck_assert_uint_ge(f->hards, 32);
    for (size_t i = 0; i < f->hards; i++) {
        const uint32_t got = apply(f->narrow, f->hard[i].argument);
        ck_assert_msg(got == f->hard[i].result, "%s(%08x) is %08x, should be %08x", f->name,
                      (unsigned)f->hard[i].argument, (unsigned)got, (unsigned)f->hard[i].result);
    }
}
END_TEST

/* The proof lists the cases that are not negative; the corrections have to know both signs. */
START_TEST(opposites_of_the_hardest_round_alike)
{
    const function *f = &functions[_i];
    for (size_t i = 0; f->symmetry != none && i < f->hards; i++)
        ck_assert_uint_eq(apply(f->narrow, f->hard[i].argument ^ 0x80000000),
                          f->hard[i].result ^ (f->symmetry == odd ? 0x80000000 : 0));
}
END_TEST

START_TEST(sample_has_the_digest_of_the_proof)
{
    const function *f = &functions[_i];
    uint64_t digest = DIGEST_START;
    for (uint32_t i = 0; i < SAMPLES; i++)
        digest = digest_word(digest, apply(f->narrow, sample_argument(i)));
    ck_assert_msg(digest == f->digest, "%s: digest %016llx", f->name, (unsigned long long)digest);
}
END_TEST

/* Arguments with all 53 bits in use, over the sample's range of exponents. */
START_TEST(binary64_has_the_same_bits_everywhere)
{
    const function *f = &functions[_i];
    uint64_t digest = DIGEST_START;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        const double x = (double)spae_float_of_bits(sample_argument(i)) * 0x1.000001fffff1dp+0;
        const uint64_t bits = spae_bits_of_double(f->wide(x));
        digest = digest_word(digest_word(digest, (uint32_t)bits), (uint32_t)(bits >> 32));
    }
    ck_assert_msg(digest == f->wide_digest, "%s: digest 0x%016llx", f->name,
                  (unsigned long long)digest);
}
END_TEST

static uint64_t ulps_between(uint64_t a, uint64_t b) /* of the same sign */
{
    return a > b ? a - b : b - a;
}

START_TEST(binary64_is_near_the_exact_value)
{
    const function *f = &functions[_i];
    for (size_t i = 0; i < f->count; i++) {
        const double x = spae_double_of_bits(f->cases[i].argument), y = f->wide(x);
        ck_assert_msg(ulps_between(spae_bits_of_double(y), f->cases[i].result) <= f->ulps,
                      "%s(%a) is %a, should be near %a", f->name, x, y,
                      spae_double_of_bits(f->cases[i].result));
    }
}
END_TEST

/* Any NaN gives the one quiet NaN, in both widths. */
START_TEST(nan_gives_the_one_nan)
{
    static const uint32_t nans[] = {0x7fc00000, 0xffc00000, 0x7f800001,
                                    0xff800001, 0x7fffffff, 0xffffffff};
    const function *f = &functions[_i];
    for (size_t i = 0; i < COUNT(nans); i++) {
        ck_assert_uint_eq(apply(f->narrow, nans[i]), 0x7fc00000);
        const uint64_t wide = (uint64_t)nans[i] << 32 | 0x7ff0000000000001;
        ck_assert(spae_bits_of_double(f->wide(spae_double_of_bits(wide))) == 0x7ff8000000000000);
    }
}
END_TEST

/* f(0), f(-0), f(infinity), f(-infinity) */
START_TEST(limits)
{
    static const uint32_t want[function_count][4] = {
        {0x3f800000, 0x3f800000, 0x7f800000, 0x00000000}, /* exp   1, 1, infinity, 0    */
        {0x00000000, 0x80000000, 0x7f800000, 0xbf800000}, /* expm1 0, -0, infinity, -1  */
        {0xff800000, 0xff800000, 0x7f800000, 0x7fc00000}, /* log   -infinity twice, infinity, NaN */
        {0x00000000, 0x80000000, 0x7f800000, 0x7fc00000}, /* log1p 0, -0, infinity, NaN */
        {0x00000000, 0x80000000, 0x3f800000, 0xbf800000}, /* tanh  0, -0, 1, -1         */
        {0x00000000, 0x80000000, 0x7fc00000, 0x7fc00000}, /* sin   0, -0, NaN, NaN      */
        {0x3f800000, 0x3f800000, 0x7fc00000, 0x7fc00000}, /* cos   1, 1, NaN, NaN       */
        {0x00000000, 0x80000000, 0x3f800000, 0xbf800000}, /* erf   0, -0, 1, -1         */
    };
    static const uint32_t arguments[4] = {0x00000000, 0x80000000, 0x7f800000, 0xff800000};
    const function *f = &functions[_i];
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(apply(f->narrow, arguments[i]), want[_i][i]);
        const double wide = f->wide((double)spae_float_of_bits(arguments[i]));
        ck_assert_uint_eq(spae_bits_of_float((float)wide), want[_i][i]);
    }
}
END_TEST

static void check32(float (*f)(float), float x, uint32_t want)
{
    const uint32_t got = spae_bits_of_float(f(x));
    ck_assert_msg(got == want, "of %a: %08x, should be %08x", (double)x, (unsigned)got,
                  (unsigned)want);
}

/* Both sides of every edge between a number and a limit, and of the domain. */
START_TEST(edges_in_binary32)
{
    check32(spae_expf, 0x1.62e42ep+6f, 0x7f7fff84); /* the greatest x with a finite result */
    check32(spae_expf, 0x1.62e430p+6f, 0x7f800000);
    check32(spae_expf, -0x1.9fe368p+6f,
            0x00000001); /* the least x with one above 0: x > -150 ln 2 */
    check32(spae_expf, -0x1.9fe36ap+6f, 0x00000000);
    check32(spae_expm1f, 0x1.62e42ep+6f, 0x7f7fff84);
    check32(spae_expm1f, 0x1.62e430p+6f, 0x7f800000);
    check32(spae_expm1f, 0x1p-149f, 0x00000001);
    check32(spae_logf, 1.0f, 0x00000000);
    check32(spae_logf, -0x1p-149f, 0x7fc00000);
    check32(spae_logf, 0x1p-149f, 0xc2ce8ed0);
    check32(spae_log1pf, -1.0f, 0xff800000);
    check32(spae_log1pf, -0x1.000002p+0f, 0x7fc00000);
    check32(spae_log1pf, -0x1p-149f, 0x80000001);
    check32(spae_tanhf, -0x1p-149f, 0x80000001);
    check32(spae_sinf, 0x1p-149f, 0x00000001);
    check32(spae_erff, 0x1p-149f, 0x00000001);
    check32(spae_erff, -0x1.8p-148f, 0x80000003);
}
END_TEST

START_TEST(edges_in_binary64)
{
    const double infinite = spae_infinity64();
    ck_assert(spae_exp64(0x1.62e42fefa39efp+9) < infinite &&
              spae_exp64(0x1.62e42fefa39f0p+9) == infinite);
    ck_assert(spae_exp64(-0x1.74910d52d3051p+9) == 0x1p-1074 &&
              spae_exp64(-0x1.74910d52d3052p+9) == 0.0);
    ck_assert(spae_exp64(1e300) == infinite && spae_exp64(-1e300) == 0.0);
    ck_assert(spae_expm164(0x1.62e42fefa39efp+9) < infinite);
    ck_assert(spae_expm164(0x1.62e42fefa39f0p+9) == infinite && spae_expm164(1e300) == infinite);
    ck_assert(spae_expm164(-1e300) == -1.0 && spae_expm164(0x1p-1074) == 0x1p-1074);
    ck_assert(spae_log64(0.0) == -infinite && spae_log64(-0x1p-1074) != spae_log64(-0x1p-1074));
    ck_assert(spae_log1p64(-1.0) == -infinite && spae_log1p64(-0x1p-1074) == -0x1p-1074);
    ck_assert(spae_tanh64(1e300) == 1.0 && spae_tanh64(-0x1p-1074) == -0x1p-1074);
    ck_assert(spae_erf64(1e300) == 1.0 && spae_erf64(-0x1p-1074) == -0x1p-1074);
    ck_assert(spae_erf64(5.9999999999999991) == 1.0 && spae_erf64(-6.0) == -1.0);
}
END_TEST

/* The fitted polynomial of erf against a series of positive terms, e^(-x^2) 2/sqrt(pi) sum 2^n
 * x^(2n+1) / (2n+1)!!, that has nothing fitted; also across the joint at 1. */
START_TEST(erf_agrees_with_its_other_series)
{
    for (int i = 1; i < 600; i++) {
        const double x = i / 100.0;
        double term = x, sum = 0.0;
        for (int n = 1; n < 300; n++) {
            sum += term;
            term *= 2.0 * x * x / (2 * n + 1);
        }
        const double want = spae_exp64(-x * x) * 1.1283791670955126 * sum;
        ck_assert_double_eq_tol(spae_erf64(x), want, 1e-14);
    }
}
END_TEST

/* Every count up to two vectors and a remainder; what lies behind the end stays. */
START_TEST(arrays_have_the_bits_of_scalars)
{
    enum { most = 40 };
    for (size_t n = 0; n <= most; n++) {
        float x[most + 1], y[most + 1];
        double wide_x[most + 1], wide_y[most + 1];
        for (size_t i = 0; i <= most; i++) {
            x[i] = spae_float_of_bits(sample_argument((uint32_t)(i + 41 * n)));
            wide_x[i] = (double)x[i] * 8.1;
            y[i] = 42.0f;
            wide_y[i] = 42.0;
        }
        spae_expf_array(x, y, n);
        spae_exp64_array(wide_x, wide_y, n);
        for (size_t i = 0; i < n; i++) {
            ck_assert_uint_eq(spae_bits_of_float(y[i]), spae_bits_of_float(spae_expf(x[i])));
            ck_assert(spae_bits_of_double(wide_y[i]) == spae_bits_of_double(spae_exp64(wide_x[i])));
        }
        ck_assert(y[n] == 42.0f && wide_y[n] == 42.0);
        spae_expf_array(x, x, n); /* in place */
        spae_exp64_array(wide_x, wide_x, n);
        ck_assert_int_eq(memcmp(x, y, n * sizeof x[0]), 0);
        ck_assert_int_eq(memcmp(wide_x, wide_y, n * sizeof wide_x[0]), 0);
    }
}
END_TEST

START_TEST(hard_arguments_in_an_array)
{
    enum { count = COUNT(hard_exp) };
    float x[count];
    for (size_t i = 0; i < count; i++)
        x[i] = spae_float_of_bits(hard_exp[i].argument);
    spae_expf_array(x, x, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(spae_bits_of_float(x[i]), hard_exp[i].result);
}
END_TEST

Suite *suite_vendor_free_elementary(void);
Suite *suite_vendor_free_elementary(void)
{
    const TTest *const once[] = {edges_in_binary32, edges_in_binary64,
                                 erf_agrees_with_its_other_series, arrays_have_the_bits_of_scalars,
                                 hard_arguments_in_an_array};
    const TTest *const each[] = {hardest_arguments_round_right,
                                 opposites_of_the_hardest_round_alike,
                                 sample_has_the_digest_of_the_proof,
                                 binary64_has_the_same_bits_everywhere,
                                 binary64_is_near_the_exact_value,
                                 nan_gives_the_one_nan,
                                 limits};
    Suite *suite = suite_of("vendor_free/elementary", once, COUNT(once));
    TCase *by_function = tcase_create("by function");
    tcase_set_timeout(by_function, 300);
    for (size_t i = 0; i < COUNT(each); i++)
        tcase_add_loop_test(by_function, each[i], 0, function_count);
    suite_add_tcase(suite, by_function);
    return suite;
}

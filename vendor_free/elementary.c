/* exp, expm1, log, log1p, tanh and erf; elementary_trig.c holds sin and cos.
 *
 * Method   One binary64 core per function. The binary32 function is the core's value converted
 *          once, which rounds to nearest even, into subnormals and to infinity too (IEEE 754, and
 *          Annex F of C99). The choice between two values is made by masks, not by branches, and
 *          compilers turn the array loops into vector code; both forms compute the same and give
 *          the same bits.
 * Error    Of the cores, in units of the last binary64 place, as measured on random arguments and
 *          rounded up: exp 0.8 (2.4 where it becomes binary32), expm1 1.2, log 0.9, log1p 0.9, tanh 2.5, erf 2 (a subnormal result
 *          of exp has rounded twice: 1.2). So only a binary32 argument whose exact value lies
 *          within 2^-27 binary32 places of a midpoint between two numbers can round wrongly.
 *          test/proof walks through all 2^32 arguments and finds them: none for exp, expm1, tanh
 *          and erf; five for log and nine for log1p, which stand below with their right results. A
 *          change to the arithmetic of a core needs the proof again.
 * Source   Argument reduction by W. J. Cody and W. Waite, Software Manual for the Elementary
 *          Functions, 1980; exact sums by T. J. Dekker, 1971, and D. E. Knuth, TAOCP 2, 4.2.2;
 *          series by M. Abramowitz and I. Stegun, 4.2.1, 4.1.27 and 7.1.5.
 * Numbers  Series have their Taylor coefficients, written as the quotients they are (n! and n!
 *          (2n+1) are binary64 numbers up to n = 18): two or three terms longer than a fitted
 *          polynomial, but known on sight. Only erf above 1 has a fitted one, see there.
 * Special  NaN gives the one quiet NaN 0x7fc00000 (0x7ff8000000000000), and so do log below 0 and
 *          log1p below -1: processors differ in the sign and payload they would choose. Odd
 *          functions, expm1 and log1p keep the sign of zero. Limits at infinity are exact.
 * Order    As written; no sum is regrouped.
 */
#include "elementary.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "elementary_fix.h"
#include "float_bits.h"
#include "numerics.h"

/* Added to |x| < 2^51 this rounds x to an integer, which then is in the low bits of the sum. */
static const double round_magic = 0x1.8p52;
static const double log2_e = 0x1.71547652b82fep+0;
/* ln 2 = ln2_high + ln2_low; the first has 42 bits: its product with an integer < 2^11 is exact. */
static const double ln2_high = 0x1.62e42fefa3800p-1;
static const double ln2_low = 0x1.ef35793c76730p-45;

/* condition ? a : b, by masks: of the operator gcc makes branches here, and then no vector code. */
static inline double choose(int condition, double a, double b)
{
    const uint64_t mask = (uint64_t)0 - (uint64_t)condition;
    return spae_double_of_bits((spae_bits_of_double(a) & mask) | (spae_bits_of_double(b) & ~mask));
}

static inline float choose32(int condition, float a, float b)
{
    const uint32_t mask = (uint32_t)0 - (uint32_t)condition;
    return spae_float_of_bits((spae_bits_of_float(a) & mask) | (spae_bits_of_float(b) & ~mask));
}

static inline double clamp(double x, double low, double high) /* NaN stays NaN */
{
    x = choose(x < low, low, x);
    return choose(x > high, high, x);
}

static inline double keep_nan(double x, double y)
{
    return choose(x != x, spae_nan64(), y);
}

/* 2^n where the low bits of `rounded` hold n, -1022 <= n <= 1023: the rest is shifted out. */
static inline double power_of_2(uint64_t rounded)
{
    return spae_double_of_bits((rounded + 1023) << 52);
}

/* x = n ln 2 + r + tail, |r| <= ln(2)/2 (1 + 2^-40), |tail| <= ulp(r)/2; n is in the low bits of
 * rounded. */
typedef struct {
    double r, tail;
    uint64_t rounded;
} reduced;

static inline reduced reduce_exp(double x) /* |x| < 2^10 */
{
    const double sum = x * log2_e + round_magic;
    const double n = sum - round_magic;
    const double head = x - n * ln2_high; /* both exact: n is 0, or n ln2_high is near x */
    const double low = n * ln2_low;
    reduced out = {head - low, 0.0, spae_bits_of_double(sum)};
    out.tail = (head - out.r) - low;
    return out;
}

/* e^r - 1 - r for |r| < 0.35, by the Taylor series to r^14 / 14!; the next term is below 2^-62. */
static inline double exp_series(double r)
{
    const double z = r * r;
    double even = 1.0 / 87178291200.0;
    even = even * z + 1.0 / 479001600.0;
    even = even * z + 1.0 / 3628800.0;
    even = even * z + 1.0 / 40320.0;
    even = even * z + 1.0 / 720.0;
    even = even * z + 1.0 / 24.0;
    even = even * z + 1.0 / 2.0;
    double odd = 1.0 / 6227020800.0;
    odd = odd * z + 1.0 / 39916800.0;
    odd = odd * z + 1.0 / 362880.0;
    odd = odd * z + 1.0 / 5040.0;
    odd = odd * z + 1.0 / 120.0;
    odd = odd * z + 1.0 / 6.0;
    return z * (even + r * odd);
}

/* e^(r + tail) in [0.70, 1.42]: 1 + r and its rounding error are exact, the rest is small. */
static inline double exp_of_reduced(reduced a)
{
    const double sum = 1.0 + a.r;
    return sum + (((1.0 - sum) + a.r) + (a.tail + exp_series(a.r)));
}

/* e^r for |r| < 0.35, for a result that becomes binary32: the Taylor series to r^12 / 12!; the next
 * term is below 2^-52. In pairs, and pairs of pairs: few sums wait for each other. */
static inline double exp_short_series(double r)
{
    const double z = r * r, w = z * z;
    const double a = 1.0 / 2.0 + r * (1.0 / 6.0);
    const double b = 1.0 / 24.0 + r * (1.0 / 120.0);
    const double c = 1.0 / 720.0 + r * (1.0 / 5040.0);
    const double d = 1.0 / 40320.0 + r * (1.0 / 362880.0);
    const double e = 1.0 / 3628800.0 + r * (1.0 / 39916800.0);
    const double low = a + z * b, middle = c + z * d, high = e + z * (1.0 / 479001600.0);
    return 1.0 + (r + z * (low + w * (middle + w * high)));
}

/* The same choices as clamp, in half the vectors. */
static inline float clamp32(float x, float low, float high)
{
    x = choose32(x < low, low, x);
    return choose32(x > high, high, x);
}

/* e^x rounded to binary32: most of the time of a swish, hence the short series without the tail. NaN
 * passes through the arithmetic to spae_narrowed. */
static inline float exp_core32(float x)
{
    const double a = (double)clamp32(x, -110.0f, 100.0f); /* e^-110 < 2^-150 and e^100 > 2^128 */
    const reduced reduction = reduce_exp(a);
    return spae_narrowed(exp_short_series(reduction.r) * power_of_2(reduction.rounded));
}

/* The power of two in two steps, so that n = 1024 and subnormal results come out right. */
static inline double exp_core64(double x)
{
    const reduced a = reduce_exp(clamp(x, -746.0, 710.0)); /* e^-746 < 2^-1075 and e^710 > 2^1024 */
    const uint64_t biased = (a.rounded + 2048) & 4095;     /* n + 2048 */
    const uint64_t half = biased >> 1;
    const double y = exp_of_reduced(a) * power_of_2(half - 1024);
    return keep_nan(x, y * power_of_2(biased - half - 1024));
}

/* 2^n e^r - 1 = 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)), halved so that n = 1024 stays finite. */
static inline double expm1_core(double x)
{
    const reduced a = reduce_exp(clamp(x, -60.0, 710.0)); /* e^-60 < 2^-54, e^710 > 2^1024 */
    const double half = power_of_2(a.rounded - 1);
    const double offset = half - 0.5;
    const double head = offset + half * a.r;
    const double error = (offset - head) + half * a.r; /* exact: |half r| <= |offset|, or it is 0 */
    const double y = (head + (error + half * (a.tail + exp_series(a.r)))) * 2.0;
    return keep_nan(x, choose(fabs(x) < 0x1p-60, x, y)); /* also keeps -0 and subnormals */
}

double spae_exp64(double x)
{
    return exp_core64(x);
}

double spae_expm164(double x)
{
    return expm1_core(x);
}

float spae_expf(float x)
{
    return exp_core32(x);
}

float spae_expm1f(float x)
{
    return spae_narrowed(expm1_core((double)x));
}

/* So many arguments at a time, in an array of our own: where y is x compilers keep to scalars. */
enum { EXP_BLOCK = 256 };

void spae_expf_array(const float *x, float *y, size_t n)
{
    float a[EXP_BLOCK];
    for (size_t at = 0; at < n; at += EXP_BLOCK) {
        const size_t count = n - at < EXP_BLOCK ? n - at : EXP_BLOCK;
        memcpy(a, x + at, count * sizeof *a);
        for (size_t i = 0; i < count; i++)
            y[at + i] = exp_core32(a[i]);
    }
}

void spae_exp64_array(const double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = exp_core64(x[i]);
}

/* tanh |x| = m / (m + 2) with m = e^(2|x|) - 1; from 1/2 on as 1 - 2 / (m + 2), where the errors of
 * the quotient count for less. */
static inline double tanh_core(double x)
{
    const double a = fabs(x);
    const double m = expm1_core(2.0 * a);
    const double y = choose(a < 0.5, m / (m + 2.0), 1.0 - 2.0 / (m + 2.0));
    const double odd = choose(x < 0.0, -y, y);
    return keep_nan(x, choose(a < 0x1p-60, x, odd));
}

double spae_tanh64(double x)
{
    return tanh_core(x);
}

float spae_tanhf(float x)
{
    return spae_narrowed(tanh_core((double)x));
}

/* series(s) = 2/3 s^2 + 2/5 s^4 + ... + 2/23 s^22: ln((1 + s) / (1 - s)) = 2s + s series(s). Here
 * |s| <= 3 - sqrt(8), and the next term is below 2^-64. */
static inline double log_series(double s)
{
    const double z = s * s;
    double sum = 2.0 / 23.0;
    sum = sum * z + 2.0 / 21.0;
    sum = sum * z + 2.0 / 19.0;
    sum = sum * z + 2.0 / 17.0;
    sum = sum * z + 2.0 / 15.0;
    sum = sum * z + 2.0 / 13.0;
    sum = sum * z + 2.0 / 11.0;
    sum = sum * z + 2.0 / 9.0;
    sum = sum * z + 2.0 / 7.0;
    sum = sum * z + 2.0 / 5.0;
    sum = sum * z + 2.0 / 3.0;
    return sum * z;
}

/* ln(u + tail) for 0 < u < infinity and |tail| <= ulp(u)/2; tail is 0 if u is subnormal.
 *     u = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2)
 *     ln(1 + f) = 2s + s series(s) for s = f / (2 + f)
 *               = f - (f^2/2 - s (f^2/2 + series(s))), because 2s = f - s f, s f = (f - s f) f/2
 *     ln(u + tail) = k ln2_high + f + (k ln2_low + tail/u - (f^2/2 - s (f^2/2 + series(s))))
 * The first sum and its rounding error are exact. */
static inline double log_core(double u, double tail)
{
    const uint64_t bits_of_sqrt_half = 0x3fe6a09e667f3bcd;
    const double scaled = choose(u < 0x1p-1022, u * 0x1p54, u);
    const uint64_t bits = spae_bits_of_double(scaled);
    const uint64_t biased = (bits + (0x3ff0000000000000 - bits_of_sqrt_half)) >> 52; /* k + 1023 */
    const double f = spae_double_of_bits(bits - ((biased - 1023) << 52)) - 1.0;
    const double shift = choose(u < 0x1p-1022, 1077.0, 1023.0);
    const double k = (spae_double_of_bits(0x4330000000000000 + biased) - 0x1p52) - shift;
    const double s = f / (2.0 + f);
    const double half_square = 0.5 * f * f;
    const double whole = k * ln2_high; /* 0, or greater than |f| */
    const double head = whole + f;
    const double error = (whole - head) + f;
    const double curve = half_square - s * (half_square + log_series(s));
    return head + (error + ((k * ln2_low + tail / scaled) - curve));
}

/* y, or the limit of a logarithm at u: -infinity at 0, infinity at infinity, NaN below 0. */
static inline double log_limits(double u, double y)
{
    y = choose(u > SPAE_DOUBLE_MAX, u, y);
    y = choose(u == 0.0, -spae_infinity64(), y);
    return choose(u >= 0.0, y, spae_nan64());
}

double spae_log64(double x)
{
    return log_limits(x, log_core(x, 0.0));
}

double spae_log1p64(double x)
{
    const double u = 1.0 + x;
    const double part = u - 1.0;
    const double tail = (1.0 - (u - part)) + (x - part); /* 1 + x = u + tail exactly (Knuth) */
    const double y = log_limits(u, log_core(u, tail));
    return choose(fabs(x) < 0x1p-60, x, y); /* also keeps -0 and subnormals */
}

float spae_logf(float x)
{
    static const spae_fix fixes[] = {{0x3c413d3a, 0xc08e158f},
                                     {0x41178feb, 0x400fe5e7},
                                     {0x4c5d65a5, 0x418f034b},
                                     {0x65d890d3, 0x4254d1f9},
                                     {0x6f31a8ec, 0x42845a89}};
    return spae_fixed(x, spae_narrowed(spae_log64((double)x)), fixes, sizeof fixes / sizeof fixes[0]);
}

float spae_log1pf(float x)
{
    static const spae_fix fixes[] = {
        {0x35400003, 0x353fffff}, {0x3710001b, 0x370ffff3}, {0x3efd81ad, 0x3ecdeee1},
        {0x41078feb, 0x400fe5e7}, {0x65d890d3, 0x4254d1f9}, {0x6f31a8ec, 0x42845a89},
        {0xb53ffffd, 0xb5400001}, {0xb70fffe5, 0xb710000d}, {0xbb0ec8c4, 0xbb0ef0a5}};
    return spae_fixed(x, spae_narrowed(spae_log1p64((double)x)), fixes, sizeof fixes / sizeof fixes[0]);
}

/* erf x - x for |x| <= 1, where erf x = 2/sqrt(pi) x sum of (-z)^n / (n! (2n + 1)) and z = x^2, to
 * n = 18; the next term is below 2^-61. */
static double erf_series(double x)
{
    const double two_over_sqrt_pi = 0x1.20dd750429b6dp+0, less_1 = 0x1.06eba8214db69p-3;
    const double z = x * x;
    double factorial = 6402373705728000.0; /* 18!; the divisions below are exact */
    double sum = 0.0;
    for (int n = 18; n >= 1; n--) {
        sum = (1.0 / (factorial * (2 * n + 1)) - sum) * z;
        factorial /= n;
    }
    return x * (less_1 - two_over_sqrt_pi * sum);
}

/* erfc a for 1 <= a < 6, as e^(-a^2) p((a - 5/2) / (a + 5/2)). The polynomial p is the one that
 * meets e^(a^2) erfc a in the 15 Chebyshev nodes of the range of its argument, -3/7 to 7/17; it was
 * computed with 200 bits, then rounded, and is within 2^-54.8. erf = 1 - erfc, and erfc <= 0.16. */
static double erfc_tail(double a)
{
    static const double p[15] = {
        0x1.afbb3f3b7343bp-3,   -0x1.7ca88dec2179fp-2,  0x1.01c11a735cd90p-2,
        -0x1.0011543717910p-3,  0x1.470ba1f67a1a9p-5,   -0x1.05bb2fdf6af31p-8,
        -0x1.5a5716b1b771fp-9,  0x1.cb3b5c1d1aec7p-11,  0x1.def28f2749997p-13,
        -0x1.0e4525f30bfc3p-13, -0x1.1eafcc284801bp-15, 0x1.38006c5e8491ep-16,
        0x1.f74c7792ffaecp-18,  -0x1.2bb032d568ee0p-19, -0x1.aa2d5ed17d342p-20};
    const double t = (a - 2.5) / (a + 2.5);
    double sum = p[14];
    for (size_t i = 14; i-- > 0;)
        sum = sum * t + p[i];
    return sum * exp_core64(-(a * a));
}

double spae_erf64(double x)
{
    const double a = fabs(x);
    if (x != x)
        return spae_nan64();
    if (a < 0x1p-1000) /* the sum below would round twice into a subnormal, and lose -0 */
        return x * 0x1.20dd750429b6dp+0;
    if (a <= 1.0)
        return x + erf_series(x);
    const double y = a < 6.0 ? 1.0 - erfc_tail(a) : 1.0; /* erfc 6 < 2^-54 */
    return x < 0.0 ? -y : y;
}

float spae_erff(float x)
{
    return spae_narrowed(spae_erf64((double)x));
}

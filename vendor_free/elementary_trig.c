/* sin and cos over the whole range of their argument.
 *
 * Method   |x| = n pi/2 + r, |r| <= pi/4, with r as a sum of two binary64 numbers; then the Taylor
 *          series of sin or cos, by n mod 4. Below 2^19, r is found by subtracting n times pi/2 in
 *          four parts (W. J. Cody and W. Waite, 1980); from there on by multiplying with those
 *          bits of 2/pi that matter, in integers (M. H. Payne and R. N. Hanek, SIGNUM Newsletter
 *          18, 1983). The binary64 number closest to a multiple of pi/2 is 6381956970095103 *
 *          2^797, at 2^-60.9 (by continued fractions, for every exponent), so 128 bits of the
 *          quotient's fraction leave 66 that are right.
 * Error    0.8 of the last binary64 place on random arguments. Of the 2^32 binary32 arguments one
 *          of sin and two of cos, and their opposites, then round wrongly; they stand below with
 *          their right results. See elementary.c, which also has the conventions for NaN, and
 *          test/proof.
 * Special  sin keeps the sign of zero; NaN and infinity give the one quiet NaN.
 * Order    As written.
 */
#include "elementary.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "elementary_fix.h"
#include "float_bits.h"
#include "numerics.h"

/* |x| = n pi/2 + r + tail, |tail| <= ulp(r)/2; the last two bits of quadrant are n modulo 4. */
typedef struct {
    double r, tail;
    unsigned quadrant;
} reduced;

/* a + b = sum + error exactly, for any a and b (Knuth) */
static double exact_sum(double a, double b, double *error)
{
    const double sum = a + b, part = sum - a;
    *error = (a - (sum - part)) + (b - part);
    return sum;
}

/* a * b = product + error exactly, while nothing overflows (Dekker): halves of 26 and 27 bits */
static double exact_product(double a, double b, double *error)
{
    const double ca = a * 134217729.0, cb = b * 134217729.0; /* 2^27 + 1 */
    const double ah = ca - (ca - a), al = a - ah;
    const double bh = cb - (cb - b), bl = b - bh;
    const double product = a * b;
    *error = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
    return product;
}

/* 0 <= x < 2^19. The first three parts of pi/2 have 33 bits, so n times each is exact. */
static reduced reduce_small(double x)
{
    static const double part[4] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34,
                                   0x1.3198a2e000000p-69, 0x1.b839a252049c1p-104};
    const double rounded = x * 0x1.45f306dc9c883p-1 + 0x1.8p52; /* x 2/pi to the nearest integer */
    const double n = rounded - 0x1.8p52;
    double error[2], tail;
    double head = x - n * part[0]; /* exact: a multiple of 2^-53 below 1 */
    head = exact_sum(head, -(n * part[1]), &error[0]);
    head = exact_sum(head, -(n * part[2]), &error[1]);
    head = exact_sum(head, (error[0] + error[1]) - n * part[3], &tail);
    const reduced out = {head, tail, (unsigned)(spae_bits_of_double(rounded) & 3)};
    return out;
}

/* The first 1184 bits of 2/pi, enough for an argument below 2^1024. */
static const uint32_t two_over_pi[37] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046};

#define WINDOW  7            /* words of 2/pi that one argument meets */
#define PRODUCT (WINDOW + 2) /* words of their product with 53 bits   */

/* p (least word first) = mantissa * two_over_pi[first .. first + WINDOW) */
static void multiply(uint64_t mantissa, size_t first, uint32_t p[PRODUCT])
{
    const uint64_t low = mantissa & 0xffffffff, high = mantissa >> 32;
    uint64_t carry = 0; /* < 2^33: high < 2^21 and word < 2^32 */
    uint32_t before = 0;
    for (size_t i = 0; i < PRODUCT; i++) {
        const uint32_t word = i < WINDOW ? two_over_pi[first + WINDOW - 1 - i] : 0;
        const uint64_t a = low * word, b = high * before;
        const uint64_t sum = (a & 0xffffffff) + (b & 0xffffffff) + (carry & 0xffffffff);
        p[i] = (uint32_t)sum;
        carry = (a >> 32) + (b >> 32) + (carry >> 32) + (sum >> 32);
        before = word;
    }
}

/* 32 bits of p from bit `at` upwards */
static uint32_t word_at(const uint32_t p[PRODUCT], unsigned at)
{
    const uint64_t low = p[at / 32], high = at / 32 + 1 < PRODUCT ? p[at / 32 + 1] : 0;
    return (uint32_t)((high << 32 | low) >> (at % 32));
}

/* 2^19 <= x < infinity. x = mantissa 2^exponent, exponent >= -33. Words of 2/pi that only add
 * multiples of 4 to the quotient are passed over; those after the window add less than 2^-137. */
static reduced reduce_large(double x)
{
    const uint64_t bits = spae_bits_of_double(x);
    const int exponent = (int)(bits >> 52) - 1075;
    const size_t first = exponent < 2 ? 0 : (size_t)(exponent - 2) / 32;
    /* where in p the quotient's units are: 191 .. 257 */
    const unsigned point = (unsigned)(32 * (WINDOW + (int)first) - exponent);
    const double half_pi = 0x1.921fb54442d18p+0, half_pi_low = 0x1.1a62633145c07p-54;
    uint32_t p[PRODUCT];
    multiply((bits & 0x000fffffffffffff) | 0x0010000000000000, first, p);
    const unsigned over = word_at(p, point - 1) & 1; /* 1/2 or more: count down from the next n */
    const uint32_t flip = over ? 0xffffffff : 0;     /* makes it 1 - fraction, less 2^-128 */
    const double w3 = word_at(p, point - 32) ^ flip, w2 = word_at(p, point - 64) ^ flip;
    const double w1 = word_at(p, point - 96) ^ flip, w0 = word_at(p, point - 128) ^ flip;
    double below, tail, error;
    double fraction = exact_sum(w3 * 0x1p-32, w2 * 0x1p-64, &below);
    fraction = exact_sum(fraction, below + (w1 * 0x1p-96 + w0 * 0x1p-128), &tail);
    const double product = exact_product(fraction, half_pi, &error);
    const double r = exact_sum(product, error + (fraction * half_pi_low + tail * half_pi), &tail);
    const double sign = over ? -1.0 : 1.0;
    const reduced out = {sign * r, sign * tail, word_at(p, point) + over};
    return out;
}

/* r + (r^3 (-1/3! + r^2/5! - ...) + tail cos r), to r^17; the next term is below 2^-63 */
static double sin_series(double r, double tail)
{
    const double z = r * r;
    double sum = 1.0 / 355687428096000.0;
    sum = sum * z - 1.0 / 1307674368000.0;
    sum = sum * z + 1.0 / 6227020800.0;
    sum = sum * z - 1.0 / 39916800.0;
    sum = sum * z + 1.0 / 362880.0;
    sum = sum * z - 1.0 / 5040.0;
    sum = sum * z + 1.0 / 120.0;
    sum = sum * z - 1.0 / 6.0;
    return r + (r * z * sum + tail * (1.0 - 0.5 * z));
}

/* 1 - r^2/2 + (r^4 (1/4! - r^2/6! + ...) - tail r), to r^18; the next term is below 2^-67.
 * The first sum and its rounding error are exact. */
static double cos_series(double r, double tail)
{
    const double z = r * r, half = 0.5 * z;
    double sum = -1.0 / 6402373705728000.0;
    sum = sum * z + 1.0 / 20922789888000.0;
    sum = sum * z - 1.0 / 87178291200.0;
    sum = sum * z + 1.0 / 479001600.0;
    sum = sum * z - 1.0 / 3628800.0;
    sum = sum * z + 1.0 / 40320.0;
    sum = sum * z - 1.0 / 720.0;
    sum = sum * z + 1.0 / 24.0;
    const double head = 1.0 - half;
    return head + (((1.0 - head) - half) + (z * z * sum - r * tail));
}

/* sin(a + turn pi/2) for a >= 0, finite */
static double sin_of(double a, unsigned turn)
{
    const reduced x = a < 0x1p19 ? reduce_small(a) : reduce_large(a);
    const unsigned quadrant = x.quadrant + turn;
    const double y = quadrant & 1 ? cos_series(x.r, x.tail) : sin_series(x.r, x.tail);
    return quadrant & 2 ? -y : y;
}

double spae_sin64(double x)
{
    const double a = fabs(x);
    if (!(a <= SPAE_DOUBLE_MAX))
        return spae_nan64();
    if (a < 0x1p-60) /* also keeps -0 */
        return x;
    const double y = sin_of(a, 0);
    return x < 0.0 ? -y : y;
}

double spae_cos64(double x)
{
    const double a = fabs(x);
    return a <= SPAE_DOUBLE_MAX ? sin_of(a, 1) : spae_nan64();
}

float spae_sinf(float x)
{
    static const spae_fix fixes[] = {{0x46199998, 0xbeb1fa5d}, {0xc6199998, 0x3eb1fa5d}};
    return spae_fixed(x, spae_narrowed(spae_sin64((double)x)), fixes, sizeof fixes / sizeof fixes[0]);
}

float spae_cosf(float x)
{
    static const spae_fix fixes[] = {{0x5f18b878, 0x3f7f14bb},
                                     {0x6115cb11, 0x3f78142f},
                                     {0xdf18b878, 0x3f7f14bb},
                                     {0xe115cb11, 0x3f78142f}};
    return spae_fixed(x, spae_narrowed(spae_cos64((double)x)), fixes, sizeof fixes / sizeof fixes[0]);
}

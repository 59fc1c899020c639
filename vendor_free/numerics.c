/* The start-up check of the machine's arithmetic (SPEC 1.7; DESIGN 2.1).
 *
 * Method   Each property by an expression whose value tells it apart from its failure. Every
 *          operand is read from a volatile object, so that the compiler has to compute when the
 *          program runs, with the instructions and the floating-point environment of that moment.
 * Limits   Looks at this thread, now, and at the compiler's choices in this file. A caller that
 *          changes the rounding mode later, or other files built with other flags, break the
 *          contract unseen.
 */
#include "numerics.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "float_bits.h"

/* 1 + half an ulp is a tie and goes to the even 1; 1 + ulp + half an ulp goes up, to 1 + 2 ulp.
 * Towards zero or down the second differs, upwards the first; the negative pair separates up and
 * down from the other side. */
static bool float_rounds_to_even(void)
{
    volatile float one = 1.0f, ulp = 0x1p-23f, half = 0x1p-24f;
    volatile float odd = one + ulp, tie_down = one + half, tie_up = odd + half;
    volatile float negative_down = -one - half, negative_up = -odd - half;
    return tie_down == 1.0f && tie_up == 1.0f + 0x1p-22f && negative_down == -1.0f &&
           negative_up == -1.0f - 0x1p-22f;
}

static bool double_rounds_to_even(void)
{
    volatile double one = 1.0, ulp = 0x1p-52, half = 0x1p-53;
    volatile double odd = one + ulp, tie_down = one + half, tie_up = odd + half;
    volatile double negative_down = -one - half, negative_up = -odd - half;
    return tie_down == 1.0 && tie_up == 1.0 + 0x1p-51 && negative_down == -1.0 &&
           negative_up == -1.0 - 0x1p-51;
}

/* A double halfway between two floats becomes the even one: the elementary functions end so. */
static bool conversion_rounds_to_even(void)
{
    volatile double down = 1.0 + 0x1p-24, up = 1.0 + 0x1p-23 + 0x1p-24;
    volatile float tie_down = (float)down, tie_up = (float)up;
    return tie_down == 1.0f && tie_up == 1.0f + 0x1p-22f;
}

/* Subnormals as results and as operands. Their bits are looked at, not their value: where operands
 * are flushed, a comparison flushes too. */
static bool float_keeps_subnormals(void)
{
    volatile float least_normal = 0x1p-126f, half = 0.5f, scale = 0x1p100f;
    volatile float result = least_normal * half;
    volatile float operand = spae_float_of_bits(1); /* 2^-149 */
    volatile float scaled = operand * scale;
    return spae_bits_of_float(result) == 0x00400000 && scaled == 0x1p-49f;
}

static bool double_keeps_subnormals(void)
{
    volatile double least_normal = 0x1p-1022, half = 0.5, scale = 0x1p1000;
    volatile double result = least_normal * half;
    volatile double operand = spae_double_of_bits(1); /* 2^-1074 */
    volatile double scaled = operand * scale;
    return spae_bits_of_double(result) == 0x0008000000000000 && scaled == 0x1p-74;
}

/* The square of (1 + 2^-21) 2^-65 is 2^-130 (1 + 2^-20 + 2^-42): just above the tie of two subnormals, 2^19 and 2^19 + 1
 * times 2^-149. Rounded to 24 digits first, whatever the exponent, as by the 68040, it becomes the tie and then the even
 * one. The double likewise: 2^-1030 (1 + 2^-45 + 2^-92), of 2^44 and 2^44 + 1 times 2^-1074. */
static bool subnormals_round_once(void)
{
    volatile float root32 = (1.0f + 0x1p-21f) * 0x1p-65f;
    volatile double root64 = (1.0 + 0x1p-46) * 0x1p-515;
    volatile float square32 = root32 * root32;
    volatile double square64 = root64 * root64;
    return spae_bits_of_float(square32) == 0x00080001 && spae_bits_of_double(square64) == 0x0000100000000001;
}

/* (1 + u)(1 - u) = 1 - u^2 rounds to 1 where u^2 is below a quarter ulp; fused with - 1 it gives
 * -u^2. */
static bool float_is_not_contracted(void)
{
    volatile float above = 1.0f + 0x1p-13f, below = 1.0f - 0x1p-13f, minus_one = -1.0f;
    const float a = above, b = below, c = minus_one; /* so that the expression is open to fusing */
    volatile float result = a * b + c;
    return result == 0.0f;
}

static bool double_is_not_contracted(void)
{
    volatile double above = 1.0 + 0x1p-28, below = 1.0 - 0x1p-28, minus_one = -1.0;
    const double a = above, b = below, c = minus_one;
    volatile double result = a * b + c;
    return result == 0.0;
}

/* big + 1 rounds back to big, so the difference is 0; with more digits than the type's it is 1. */
static bool float_keeps_own_digits(void)
{
    volatile float big = 0x1p24f, one = 1.0f;
    const float a = big, b = one;
    volatile float result = (a + b) - a;
    return result == 0.0f;
}

static bool double_keeps_own_digits(void)
{
    volatile double big = 0x1p53, one = 1.0;
    const double a = big, b = one;
    volatile double result = (a + b) - a;
    return result == 0.0;
}

/* A sum, a root and a quotient just off a tie. Rounded to 64 digits first, as on x87 and the 68881, they become the tie,
 * and the second rounding goes the wrong way. With u = 2^-53: 1 + u + 2^-66 and 1/(1 - u) = 1 + u + u^2 + .. are above
 * the tie of 1 and 1 + 2u; sqrt(1 - u) = 1 - u/2 - u^2/8 - .. is below the tie of 1 - u and 1. */
static bool double_rounds_once(void)
{
    volatile double one = 1.0, above_tie = 0x1p-53 + 0x1p-66, below_one = 1.0 - 0x1p-53;
    volatile double sum = one + above_tie, root = sqrt(below_one), quotient = one / below_one;
    return sum == 1.0 + 0x1p-52 && root == 1.0 - 0x1p-53 && quotient == 1.0 + 0x1p-52;
}

/* 41 times the float next to 1/41 is not 1, nor 49 times the double next to 1/49. Four quotients by one divisor, so that
 * a compiler that may would form the reciprocal. */
static bool float_divides(void)
{
    volatile float by = 41.0f, one = 41.0f, two = 82.0f, four = 164.0f, eight = 328.0f;
    const float d = by, a = one, b = two, c = four, e = eight;
    volatile float p = a / d, q = b / d, r = c / d, s = e / d;
    return p == 1.0f && q == 2.0f && r == 4.0f && s == 8.0f;
}

static bool double_divides(void)
{
    volatile double by = 49.0, one = 49.0, two = 98.0, four = 196.0, eight = 392.0;
    const double d = by, a = one, b = two, c = four, e = eight;
    volatile double p = a / d, q = b / d, r = c / d, s = e / d;
    return p == 1.0 && q == 2.0 && r == 4.0 && s == 8.0;
}

/* -0 + 0 and 0 - 0 are +0, so neither is its operand, or its operand negated; and a NaN is not itself. Bits, because a
 * compiler that denies signed zeros and NaNs would also answer the comparison. */
static bool signs_and_nans_are_kept(void)
{
    volatile float minus_zero = spae_float_of_bits(0x80000000), zero = 0.0f, not_a_number = spae_float_of_bits(0x7fc00001);
    const float m = minus_zero, z = zero, n = not_a_number;
    volatile float sum = m + 0.0f, difference = 0.0f - z;
    volatile bool itself = n == n, below = n < 1.0f, above = n >= 1.0f;
    return spae_bits_of_float(sum) == 0 && spae_bits_of_float(difference) == 0 && !itself && !below &&
           !above;
}

/* In this order, because a property that fails also spoils the ones below it. */
spae_status spae_numerics_check(spae_error *err)
{
    if (!float_rounds_to_even() || !double_rounds_to_even() || !conversion_rounds_to_even())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: rounding is not to nearest even: compile without -ffast-math, "
                         "and leave fesetround at FE_TONEAREST");
    if (!float_keeps_subnormals() || !double_keeps_subnormals())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: subnormal numbers are flushed to zero: compile without "
                         "-ffast-math, and leave flush-to-zero off");
    if (!float_keeps_own_digits() || !double_keeps_own_digits())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: operations keep more digits than their type has "
                         "(FLT_EVAL_METHOD is not 0): compile with -msse2 -mfpmath=sse or "
                         "-fexcess-precision=fast");
    if (!double_rounds_once())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: results are rounded twice, first to more digits than double has: compile with "
                         "-msse2 -mfpmath=sse on x86; m68k has no other way");
    if (!subnormals_round_once())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: subnormal results are rounded twice, first like normal numbers: this processor's "
                         "floating-point unit cannot otherwise");
    if (!float_is_not_contracted() || !double_is_not_contracted())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: a*b + c is fused into one rounding: "
                         "compile with -ffp-contract=off");
    if (!float_divides() || !double_divides())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: quotients are products with a reciprocal: compile without -freciprocal-math");
    if (!signs_and_nans_are_kept())
        return spae_fail(err, SPAE_ERR_PLATFORM,
                         "numerics: signed zeros or NaNs are not told apart: compile without -fno-signed-zeros, "
                         "-ffinite-math-only and -ffast-math");
    return SPAE_OK;
}

/* Half floats: all 2^16 patterns of both formats there and back, every tie and its neighbours, and
 * values from the definition.
 */
#include "../check.h"

#include <math.h>

#include "vendor_free/half.h"

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* IEEE 754-2008, 3.4, with 5 bits of exponent and 10 of mantissa; not for NaN. */
static float half_by_definition(unsigned half)
{
    const double sign = (half & 0x8000) != 0 ? -1.0 : 1.0;
    const int exponent = (int)(half >> 10 & 31), mantissa = (int)(half & 0x3ff);
    if (exponent == 31)
        return (float)(sign * HUGE_VAL);
    if (exponent == 0)
        return (float)(sign * ldexp(mantissa, -24));
    return (float)(sign * ldexp(1024 + mantissa, exponent - 25));
}

/* As ck_assert_uint_eq, which is slow, for the long loops. */
static void same(unsigned got, unsigned expected, unsigned from)
{
    if (got != expected)
        ck_abort_msg("from %x: %x, expected %x", from, got, expected);
}

START_TEST(every_half)
{
    for (unsigned h = 0; h < 0x10000; h++) {
        const float value = spae_half_to_float((uint16_t)h);
        if ((h & 0x7fff) <= 0x7c00) {
            same(bits_of(value), bits_of(half_by_definition(h)), h);
            same(spae_float_to_half(value), h, h);
        } else {
            same(bits_of(value), (h & 0x8000) << 16 | 0x7fc00000 | (h & 0x3ff) << 13, h);
            same(spae_float_to_half(value), h | 0x200, h);
        }
    }
}
END_TEST

/* Between two neighbours a < b: the middle goes to the even one, one step of binary32 away from it
 * decides. */
START_TEST(every_tie_of_half)
{
    for (unsigned h = 0; h < 0x7c00; h++) {
        const float a = half_by_definition(h);
        const float b = h == 0x7bff ? 65536.0f : half_by_definition(h + 1);
        const float middle = (float)(((double)a + (double)b) / 2);
        const uint32_t m = bits_of(middle);
        for (unsigned sign = 0; sign <= 0x8000; sign += 0x8000) {
            const uint32_t s = sign << 16;
            same(spae_float_to_half(float_of(s | m)), sign | (h + (h & 1)), h);
            same(spae_float_to_half(float_of(s | (m - 1))), sign | h, h);
            same(spae_float_to_half(float_of(s | (m + 1))), sign | (h + 1), h);
        }
    }
}
END_TEST

START_TEST(float_to_half_ends)
{
    static const struct {
        uint32_t bits;
        unsigned half;
    } cases[] = {
        {0x00000000, 0x0000}, {0x80000000, 0x8000}, {0x00000001, 0x0000}, {0x807fffff, 0x8000},
        {0x33000000, 0x0000}, {0x33000001, 0x0001}, {0x477fefff, 0x7bff}, {0x477ff000, 0x7c00},
        {0x47800000, 0x7c00}, {0x7f7fffff, 0x7c00}, {0x7f800000, 0x7c00}, {0xff800000, 0xfc00},
        {0x7fc00000, 0x7e00}, {0xffffffff, 0xffff}, {0x7f800001, 0x7e00}, {0x7f802000, 0x7e01}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_uint_eq(spae_float_to_half(float_of(cases[i].bits)), cases[i].half);
}
END_TEST

START_TEST(every_bfloat16)
{
    for (unsigned b = 0; b < 0x10000; b++) {
        const int nan = (b & 0x7fff) > 0x7f80;
        const float value = spae_bfloat16_to_float((uint16_t)b);
        same(bits_of(value), b << 16 | (nan ? 0x400000u : 0), b);
        same(spae_float_to_bfloat16(value), nan ? b | 0x40 : b, b);
        if (nan || (b & 0x7fff) == 0x7f80)
            continue;
        same(spae_float_to_bfloat16(float_of(b << 16 | 0x8000)), b + (b & 1), b);
        same(spae_float_to_bfloat16(float_of(b << 16 | 0x7fff)), b, b);
        same(spae_float_to_bfloat16(float_of(b << 16 | 0x8001)), b + 1, b);
    }
}
END_TEST

START_TEST(float_to_bfloat16_ends)
{
    ck_assert_uint_eq(spae_float_to_bfloat16(1.0f), 0x3f80);
    ck_assert_uint_eq(spae_float_to_bfloat16(float_of(0x7f7fffff)), 0x7f80); /* to infinity */
    ck_assert_uint_eq(spae_float_to_bfloat16(float_of(0x7f800001)), 0x7fc0);
    ck_assert_uint_eq(spae_float_to_bfloat16(float_of(0xffffffff)), 0xffff);
    ck_assert_uint_eq(spae_float_to_bfloat16(float_of(0x00008000)), 0);
    ck_assert_uint_eq(spae_float_to_bfloat16(float_of(0x80008001)), 0x8001);
}
END_TEST

SUITE(suite_vendor_free_half, "vendor_free/half", every_half, every_tie_of_half, float_to_half_ends,
      every_bfloat16, float_to_bfloat16_ends)

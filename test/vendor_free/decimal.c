/* Decimal text: numbers by their bits, exact ties between neighbours, the shortest text by trying
 * all shorter ones, refused forms.
 */
#include "../check.h"

#include <float.h>
#include <math.h>

#include "vendor_free/decimal.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void reads(const char *text, double expected)
{
    double value = 77.0;
    char negative[2048] = "-";
    ck_assert_msg(spae_decimal_read(text, strlen(text), &value), "%s is refused", text);
    ck_assert_msg(bits_of(value) == bits_of(expected), "%s gives %.17g, not %.17g", text, value,
                  expected);
    strcat(negative, text);
    ck_assert(spae_decimal_read(negative, strlen(negative), &value));
    ck_assert(bits_of(value) == bits_of(-expected));
}

START_TEST(numbers_by_their_bits)
{
    reads("0", 0.0);
    reads("0.000e99999999999999999999999999", 0.0);
    reads("1", 1.0);
    reads("007.50", 7.5);
    reads("0.1", 0x1.999999999999ap-4);
    reads("1E2", 100.0);
    reads("1e+2", 100.0);
    reads("1e-2", 0x1.47ae147ae147bp-7);
    reads("123456789012345678901234567890", 0x1.8ee90ff6c373ep+96);
    reads("3.14159265358979323846", 0x1.921fb54442d18p+1);
}
END_TEST

START_TEST(halves_between_numbers)
{
    reads("9007199254740992", 0x1p53);
    reads("9007199254740993", 0x1p53); /* tie, to even */
    reads("9007199254740993.00000000000000000000000000000000000000001", 0x1p53 + 2.0);
    reads("9007199254740992.99999999999999999999999999999999999999999", 0x1p53);
    reads("9007199254740995", 0x1p53 + 4.0);
    reads("1.00000000000000011102230246251565404236316680908203125", 1.0); /* 1 + 2^-53 */
    reads("1.00000000000000011102230246251565404236316680908203126", 0x1.0000000000001p0);
}
END_TEST

START_TEST(ends_of_the_range)
{
    reads("1.7976931348623157e308", DBL_MAX);
    reads("1.7976931348623158e308", DBL_MAX); /* below the half, 1.797693134862315807e308 */
    reads("1.7976931348623159e308", HUGE_VAL);
    reads("1e308", 0x1.1ccf385ebc8ap+1023);
    reads("2e308", HUGE_VAL); /* 2^1024 < 2e308: in range of the digits, not of the exponent */
    reads("1e309", HUGE_VAL);
    reads("1e310", HUGE_VAL);
    reads("1e400", HUGE_VAL);
    reads("1e99999999999999999999999999", HUGE_VAL);
    reads("2.2250738585072014e-308", DBL_MIN);
    reads("2.2250738585072011e-308", 0x1p-1022 - 0x1p-1074);
    reads("4.9e-324", 0x1p-1074);
    reads("2.4703282292062328e-324", 0x1p-1074); /* half of it is 2.47032822920623272e-324 */
    reads("2.4703282292062327e-324", 0.0);
    reads("1e-324", 0.0);
    reads("1e-400", 0.0);
    reads("1e-99999999999999999999999999", 0.0);
}
END_TEST

/* 2^-1075 exactly, and one more digit after it: the longest borders that there are. */
START_TEST(the_longest_border)
{
    static char text[2000];
    static uint8_t digit[1100]; /* 5^1075 with its lowest digit first: 2^-1075 = 5^1075 / 10^1075 */
    size_t n = 1;
    digit[0] = 1;
    for (int power = 0; power < 1075; power++) {
        unsigned carry = 0;
        for (size_t i = 0; i < n; i++) {
            carry += 5u * digit[i];
            digit[i] = (uint8_t)(carry % 10);
            carry /= 10;
        }
        for (; carry > 0; carry /= 10)
            digit[n++] = (uint8_t)(carry % 10);
    }
    memcpy(text, "0.", 2);
    for (size_t i = 0; i < 1075; i++)
        text[2 + i] = (char)('0' + digit[1074 - i]);
    double value = 77.0;
    ck_assert(spae_decimal_read(text, 2 + 1075, &value));
    ck_assert(bits_of(value) == 0); /* tie, to even */
    memset(text + 2 + 1075, '0', 500);
    ck_assert(spae_decimal_read(text, 2 + 1075 + 500, &value));
    ck_assert(bits_of(value) == 0);
    text[2 + 1075 + 499] = '1';
    ck_assert(spae_decimal_read(text, 2 + 1075 + 500, &value));
    ck_assert(bits_of(value) == 1);
    text[2 + 1074]--; /* the last digit of 5^1075 is 5 */
    ck_assert(spae_decimal_read(text, 2 + 1075 + 500, &value));
    ck_assert(bits_of(value) == 0);
}
END_TEST

START_TEST(zeros_that_cancel_an_exponent)
{
    static char text[6000];
    double value = 77.0;
    memset(text, '0', sizeof text);
    memcpy(text, "0.", 2);
    memcpy(text + 5002, "15e5001", 7);
    ck_assert(spae_decimal_read(text, 5009, &value));
    ck_assert(value == 1.5);
    memset(text, '0', sizeof text);
    text[0] = '2';
    memcpy(text + 5001, "e-5000", 6);
    ck_assert(spae_decimal_read(text, 5007, &value));
    ck_assert(value == 2.0);
}
END_TEST

START_TEST(refused_forms)
{
    static const char *const texts[] = {"",    "-",   ".",    "1.",   ".5",   "+1",   "1e", "1e+",
                                        "1e-", "1x",  "e5",   "1e5.", "0x10", "1 ",   " 1", "--1",
                                        "nan", "inf", "1..2", "1.e5", "1,5",  "1e5e5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value = 77.0;
        ck_assert_msg(!spae_decimal_read(texts[i], strlen(texts[i]), &value), "%s is taken",
                      texts[i]);
        ck_assert(value == 77.0);
    }
    double value = 77.0;
    ck_assert(spae_decimal_read("12", 1, &value)); /* n counts, not a terminator */
    ck_assert(value == 1.0);
}
END_TEST

static void writes(double value, const char *expected)
{
    char text[SPAE_DECIMAL_ROOM + 1];
    memset(text, 'x', sizeof text);
    const size_t n = spae_decimal_write(value, text);
    ck_assert_uint_eq(n, strlen(expected));
    ck_assert_int_eq(text[SPAE_DECIMAL_ROOM], 'x');
    ck_assert_mem_eq(text, expected, n);
}

START_TEST(shortest_texts)
{
    writes(0.0, "0.0");
    writes(-0.0, "-0.0");
    writes(1.0, "1.0");
    writes(-1.5, "-1.5");
    writes(0.1, "0.1");
    writes(0.3, "0.3");
    writes(0.1 + 0.2, "0.30000000000000004");
    writes(100.0, "100.0");
    writes(123.456, "123.456");
    writes(1e15, "1000000000000000.0");
    writes(9999999999999998.0, "9999999999999998.0");
    writes(1e16, "1e+16");
    writes(1.5e16, "1.5e+16");
    writes(0.0001, "0.0001");
    writes(0.00001, "1e-05");
    writes(0.00012345678901234567, "0.00012345678901234567");
    writes(1e22, "1e+22");
    writes(1e23, "1e+23"); /* the border, which reads back because the mantissa is even */
    writes(5e-324, "5e-324");
    writes(DBL_MAX, "1.7976931348623157e+308");
    writes(-DBL_MIN, "-2.2250738585072014e-308");
    writes(0x1p-44, "5.684341886080802e-14"); /* the number below is nearer than the one above */
    writes(0x1p53, "9007199254740992.0");
    writes((double)0.1f, "0.10000000149011612");
}
END_TEST

START_TEST(not_finite_is_not_written)
{
    char text[SPAE_DECIMAL_ROOM] = "x";
    ck_assert_uint_eq(spae_decimal_write(HUGE_VAL, text), 0);
    ck_assert_uint_eq(spae_decimal_write(-HUGE_VAL, text), 0);
    ck_assert_uint_eq(spae_decimal_write(double_of((uint64_t)0x7ff8 << 48), text), 0);
    ck_assert_int_eq(text[0], 'x');
}
END_TEST

/* libc's digits, shortest by trying: no text with fewer digits reads back. Locale "C", as tests run
 * in. */
static size_t digits_by_trying(double value)
{
    char text[40];
    for (int n = 1; n < 17; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, value);
        if (strtod(text, NULL) == value)
            return (size_t)n;
    }
    return 17;
}

static size_t digits_in(const char *text, size_t n)
{
    size_t digits = 0, zeros = 0;
    for (size_t i = 0; i < n && text[i] != 'e'; i++) {
        if (text[i] < '0' || text[i] > '9' || (text[i] == '0' && digits == 0))
            continue;
        digits++;
        zeros = text[i] == '0' ? zeros + 1 : 0;
    }
    return digits - zeros;
}

/* Reads back to the same bits, agrees with strtod, and is as short as can be. */
static void check_round_trip(double value)
{
    char text[SPAE_DECIMAL_ROOM + 1];
    double back = 77.0;
    const size_t n = spae_decimal_write(value, text);
    text[n] = '\0';
    if (!spae_decimal_read(text, n, &back) || bits_of(back) != bits_of(value))
        ck_abort_msg("%s does not read back to %.17g", text, value);
    if (bits_of(strtod(text, NULL)) != bits_of(value))
        ck_abort_msg("%s is not %.17g for strtod", text, value);
    if (digits_in(text, n) > digits_by_trying(value))
        ck_abort_msg("%s has more digits than are needed", text);
}

START_TEST(powers_of_two_there_and_back)
{
    for (int e = -1074; e <= 1023; e++) {
        check_round_trip(ldexp(1.0, e));
        check_round_trip(double_of(bits_of(ldexp(1.0, e)) + 1));
        if (e > -1074)
            check_round_trip(double_of(bits_of(ldexp(1.0, e)) - 1));
    }
}
END_TEST

START_TEST(random_numbers_there_and_back)
{
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const uint64_t bits = state ^ state >> 29;
        if ((bits >> 52 & 0x7ff) != 0x7ff)
            check_round_trip(double_of(bits));
        check_round_trip((double)(bits >> 40) / 1000.0);
    }
}
END_TEST

SUITE(suite_vendor_free_decimal, "vendor_free/decimal", numbers_by_their_bits,
      halves_between_numbers, ends_of_the_range, the_longest_border, zeros_that_cancel_an_exponent,
      refused_forms, shortest_texts, not_finite_is_not_written, powers_of_two_there_and_back,
      random_numbers_there_and_back)

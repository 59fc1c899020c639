/* spae_fail and spae_status_name: every conversion, the cut at the end, and what a caller may do
 * with err. */
#include "../check.h"

#include <limits.h>

#include "../../vendor_free/float_bits.h"
#include "../../vendor_free/status.h"

static const spae_status any = SPAE_ERR_SHAPE;

START_TEST(fills_and_returns)
{
    spae_error err = {SPAE_OK, ""};
    ck_assert_int_eq(spae_fail(&err, SPAE_ERR_SHAPE, "dense: x has %zu columns", (size_t)7),
                     SPAE_ERR_SHAPE);
    ck_assert_int_eq(err.status, SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "dense: x has 7 columns");
    ck_assert_int_eq(spae_fail(NULL, SPAE_ERR_IO, "%s", "nobody reads this"), SPAE_ERR_IO);
}
END_TEST

START_TEST(strings_and_characters)
{
    spae_error err;
    spae_fail(&err, any, "[%s|%s|%c|100%%]", "", "word", 'x');
    ck_assert_str_eq(err.text, "[|word|x|100%]");
    spae_fail(&err, any, "%s", (const char *)NULL);
    ck_assert_str_eq(err.text, "(null)");
    spae_fail(&err, any, "a\n%s%c", "b\tc\x7f", '\r');
    ck_assert_str_eq(err.text, "a?b?c??"); /* one line, whatever it is made of */
    spae_fail(&err, any, "%s", "\xc3\xa9");
    ck_assert_str_eq(err.text, "\xc3\xa9"); /* UTF-8 passes */
}
END_TEST

START_TEST(integers)
{
    spae_error err;
    char want[200];
    spae_fail(&err, any, "%d %d %d %u %x %x", 0, INT_MIN, INT_MAX, UINT_MAX, 0u, 0xdeadbeefu);
    snprintf(want, sizeof want, "0 %d %d %u 0 deadbeef", INT_MIN, INT_MAX, UINT_MAX);
    ck_assert_str_eq(err.text, want);
    spae_fail(&err, any, "%lld %lld %llu %zu", LLONG_MIN, LLONG_MAX, ULLONG_MAX, SIZE_MAX);
    snprintf(want, sizeof want, "%lld %lld %llu %zu", LLONG_MIN, LLONG_MAX, ULLONG_MAX, SIZE_MAX);
    ck_assert_str_eq(err.text, want);
}
END_TEST

/* %g of here and of the C library, but for the sign and leading zero of its exponent */
START_TEST(doubles)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {3.14159265, "3.14159"},
        {10.0, "10"},
        {123456.0, "123456"},
        {999999.0, "999999"},
        {999999.6, "1e6"},
        {1e6, "1e6"},
        {1234567.0, "1.23457e6"},
        {0.0001, "0.0001"},
        {0.00001, "1e-5"},
        {0.000123456, "0.000123456"},
        {9.99999, "9.99999"},
        {9.999996, "10"},
        {0.9999996, "1"},
        {100.25, "100.25"},
        {1.7976931348623157e308, "1.79769e308"},
        {2.2250738585072014e-308, "2.22507e-308"},
        {4.9406564584124654e-324, "4.94066e-324"},
    };
    spae_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spae_fail(&err, any, "%g", cases[i].value);
        ck_assert_str_eq(err.text, cases[i].text);
    }
    spae_fail(&err, any, "%g %g %g", spae_infinity64(), -spae_infinity64(), spae_nan64());
    ck_assert_str_eq(err.text, "inf -inf nan");
}
END_TEST

START_TEST(doubles_agree_with_the_library)
{
    spae_error err;
    double value = 1.2345e-300;
    for (int i = 0; i < 600; i++, value *= -10.7) {
        spae_fail(&err, any, "%g", value);
        const double read = strtod(err.text, NULL), off = (read - value) / value;
        ck_assert_msg(off < 1.1e-5 && off > -1.1e-5, "%g printed as %s", value, err.text);
        if (value > 1e290 || value < -1e290)
            break;
    }
}
END_TEST

/* 239 characters fit; the 240th is the terminator's. */
START_TEST(long_text_is_cut)
{
    char long_text[400];
    spae_error err;
    const size_t room = sizeof err.text - 1;
    for (size_t length = room - 1; length <= room + 1; length++) {
        memset(long_text, 'a', length);
        long_text[length] = '\0';
        spae_fail(&err, any, "%s", long_text);
        ck_assert_uint_eq(strlen(err.text), length < room ? length : room);
        ck_assert_int_eq(strncmp(err.text, long_text, strlen(err.text)), 0);
    }
    long_text[room - 2] = '\0';
    spae_fail(&err, any, "%s%d%g", long_text, -12345, 1.5); /* cut inside a number */
    ck_assert_uint_eq(strlen(err.text), room);
    ck_assert_str_eq(err.text + room - 2, "-1");
}
END_TEST

START_TEST(a_message_may_quote_the_one_before)
{
    spae_error err;
    spae_fail(&err, SPAE_ERR_FORMAT, "byte %d: bad magic", 10);
    spae_fail(&err, err.status, "digits.npy: %s", err.text);
    ck_assert_str_eq(err.text, "digits.npy: byte 10: bad magic");
}
END_TEST

/* An unknown conversion ends the text: its argument's type is not known, so none after it can be
 * read. */
START_TEST(unknown_conversions_stop)
{
    static const char *const formats[] = {"a%q%s", "a%",   "a%5d", "a%z",  "a%zd",
                                          "a%l",   "a%ld", "a%ll", "a%llx"};
    spae_error err;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        spae_fail(&err, any, formats[i]);
        ck_assert_str_eq(err.text, "a%?");
    }
}
END_TEST

START_TEST(every_status_has_its_name)
{
    ck_assert_str_eq(spae_status_name(SPAE_OK), "SPAE_OK");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_ARGUMENT), "SPAE_ERR_ARGUMENT");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_SHAPE), "SPAE_ERR_SHAPE");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_NO_MEMORY), "SPAE_ERR_NO_MEMORY");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_IO), "SPAE_ERR_IO");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_FORMAT), "SPAE_ERR_FORMAT");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_NOT_FINITE), "SPAE_ERR_NOT_FINITE");
    ck_assert_str_eq(spae_status_name(SPAE_ERR_PLATFORM), "SPAE_ERR_PLATFORM");
    ck_assert_str_eq(spae_status_name((spae_status)(SPAE_ERR_PLATFORM + 1)), "SPAE_ERR_UNKNOWN");
}
END_TEST

SUITE(suite_vendor_free_status, "vendor_free/status", fills_and_returns, strings_and_characters,
      integers, doubles, doubles_agree_with_the_library, long_text_is_cut,
      a_message_may_quote_the_one_before, unknown_conversions_stop, every_status_has_its_name)

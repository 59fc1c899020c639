/* UTF-8: all code points there and back, and all sequences (third and fourth bytes from one below
 * to one above the range of continuation bytes) against the number of code points.
 */
#include "../check.h"

#include "vendor_free/utf8.h"

static int is_scalar(uint32_t c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

START_TEST(every_code_point)
{
    for (uint32_t c = 0; c < 0x120000; c++) {
        uint8_t s[4] = {0xaa, 0xaa, 0xaa, 0xaa};
        uint32_t back = 77;
        const size_t n = spae_utf8_encode(c, s);
        if (!is_scalar(c)) {
            ck_assert_uint_eq(n, 0);
            ck_assert_uint_eq(s[0], 0xaa);
            continue;
        }
        if (n != (c < 0x80 ? 1u : c < 0x800 ? 2u : c < 0x10000 ? 3u : 4u))
            ck_abort_msg("U+%X takes %zu bytes", (unsigned)c, n);
        if (spae_utf8_decode(s, 4, &back) != n || back != c || !spae_utf8_valid(s, n))
            ck_abort_msg("U+%X does not come back", (unsigned)c);
        for (size_t cut = 0; cut < n; cut++)
            if (spae_utf8_decode(s, cut, &back) != 0 || back != c)
                ck_abort_msg("U+%X is taken from %zu bytes", (unsigned)c, cut);
    }
    uint8_t s[4];
    ck_assert_uint_eq(spae_utf8_encode(0xffffffff, s), 0);
}
END_TEST

/* What decodes must be what encoding gives, so the number of accepted sequences is that of the code
 * points. */
static uint32_t accepted(const uint8_t s[4], size_t n)
{
    uint32_t c;
    uint8_t again[4];
    if (spae_utf8_decode(s, n, &c) != n)
        return 0;
    if (spae_utf8_encode(c, again) != n || memcmp(again, s, n) != 0)
        ck_abort_msg("U+%X from a form that encoding does not give", (unsigned)c);
    return 1;
}

START_TEST(every_sequence)
{
    uint32_t one = 0, two = 0, three = 0, four = 0;
    uint8_t s[4];
    for (unsigned a = 0; a < 256; a++) {
        s[0] = (uint8_t)a;
        one += accepted(s, 1);
        for (unsigned b = 0; b < 256; b++) {
            s[1] = (uint8_t)b;
            two += accepted(s, 2);
            for (unsigned c = 0x7f; a >= 0xe0 && c <= 0xc0; c++) {
                s[2] = (uint8_t)c;
                three += accepted(s, 3);
                for (unsigned d = 0x7f; a >= 0xf0 && d <= 0xc0; d++) {
                    s[3] = (uint8_t)d;
                    four += accepted(s, 4);
                }
            }
        }
    }
    ck_assert_uint_eq(one, 0x80);
    ck_assert_uint_eq(two, 0x800 - 0x80);
    ck_assert_uint_eq(three, 0x10000 - 0x800 - 0x800); /* less the surrogates */
    ck_assert_uint_eq(four, 0x110000 - 0x10000);
}
END_TEST

START_TEST(texts)
{
    static const struct {
        const char *text;
        int valid;
    } cases[] = {
        {"", 1},
        {"plain", 1},
        {"\xce\xba\xe1\xbd\xb9\xf0\x9f\x98\x80", 1},
        {"\xc0\x80", 0},         /* overlong U+0000 */
        {"\xe0\x9f\xbf", 0},     /* overlong U+07FF */
        {"\xf0\x8f\xbf\xbf", 0}, /* overlong U+FFFF */
        {"\xed\x9f\xbf", 1},     /* U+D7FF */
        {"\xed\xa0\x80", 0},     /* U+D800 */
        {"\xee\x80\x80", 1},     /* U+E000 */
        {"\xf4\x8f\xbf\xbf", 1}, /* U+10FFFF */
        {"\xf4\x90\x80\x80", 0}, /* U+110000 */
        {"\x80", 0},
        {"a\xff", 0},
        {"a\xe2\x82", 0}, /* cut off */
        {"\xe2\x82z", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint8_t *const s = (const uint8_t *)cases[i].text;
        ck_assert_int_eq(spae_utf8_valid(s, strlen(cases[i].text)), cases[i].valid);
    }
    ck_assert(spae_utf8_valid(NULL, 0));
    uint32_t c = 5;
    ck_assert_uint_eq(spae_utf8_decode(NULL, 0, &c), 0);
    ck_assert_uint_eq(c, 5);
}
END_TEST

SUITE(suite_vendor_free_utf8, "vendor_free/utf8", every_code_point, every_sequence, texts)

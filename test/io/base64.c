/* io/base64: the vectors of RFC 4648 section 10, and all three lengths of the last group. */
#include "../../io/base64.h"
#include "../check.h"

static void check(const char *plain, const char *coded)
{
    char text[32];
    const size_t n = strlen(plain);
    memset(text, '?', sizeof text);
    ck_assert_uint_eq(spae_base64_size(n), strlen(coded));
    spae_base64_write((const uint8_t *)plain, n, text);
    ck_assert_msg(memcmp(text, coded, strlen(coded)) == 0, "%s", plain);
    ck_assert_int_eq(text[strlen(coded)], '?');
}

START_TEST(published)
{
    check("", "");
    check("f", "Zg==");
    check("fo", "Zm8=");
    check("foo", "Zm9v");
    check("foob", "Zm9vYg==");
    check("fooba", "Zm9vYmE=");
    check("foobar", "Zm9vYmFy");
}
END_TEST

START_TEST(all_digits)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[48];
    char text[64];
    for (unsigned i = 0; i < 16; i++) { /* digits 4i .. 4i+3 */
        const uint32_t group = (4 * i) << 18 | (4 * i + 1) << 12 | (4 * i + 2) << 6 | (4 * i + 3);
        bytes[3 * i] = (uint8_t)(group >> 16);
        bytes[3 * i + 1] = (uint8_t)(group >> 8);
        bytes[3 * i + 2] = (uint8_t)group;
    }
    spae_base64_write(bytes, sizeof bytes, text);
    ck_assert(memcmp(text, alphabet, 64) == 0);
}
END_TEST

START_TEST(sizes_do_not_overflow)
{
    ck_assert_uint_eq(spae_base64_size(SIZE_MAX), 0);
    ck_assert_uint_eq(spae_base64_size(SIZE_MAX / 4 * 3), SIZE_MAX / 4 * 4);
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    for (size_t size = 0; size < 40; size++) {
        uint8_t bytes[40] = {0}, back[48];
        char text[64];
        size_t count = 99;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(i * 89 + size * 7);
        spae_base64_write(bytes, size, text);
        ck_assert(spae_base64_read(text, size > 0 ? spae_base64_size(size) : 0, back, &count));
        ck_assert_uint_eq(count, size);
        ck_assert(memcmp(back, bytes, size) == 0);
    }
}
END_TEST

START_TEST(what_is_no_base64_is_refused)
{
    static const char *const wrong[] = {"Z",    "Zg",   "Zg=",  "Zh==", "Zm9=", "====", "Z===", "Zg=a", "Zg==Zg==",
                                        "Zm9v\n", "Zm 9", "Zm9-", "Zm9_", "=Zm9", "Zm=v", "Zm9v="};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t bytes[16];
        size_t count = 99;
        ck_assert_msg(!spae_base64_read(wrong[i], strlen(wrong[i]), bytes, &count), "%s", wrong[i]);
        ck_assert_uint_eq(count, 99);
    }
    uint8_t bytes[4];
    size_t count = 99;
    ck_assert(!spae_base64_read("Zm\0v", 4, bytes, &count));
}
END_TEST

SUITE(suite_io_base64, "io/base64", published, all_digits, sizes_do_not_overflow, what_is_written_reads_back,
      what_is_no_base64_is_refused)

/* CRC-32 and Adler-32: published values, the definitions bit by bit, and every way to split an
 * input. */
#include "../check.h"

#include "vendor_free/checksum.h"

static void fill(uint8_t *p, size_t n)
{
    uint32_t x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        p[i] = (uint8_t)(x >> 24);
    }
}

/* The polynomial division itself, bit after bit. */
static uint32_t crc_by_definition(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static uint32_t adler_by_definition(const uint8_t *p, size_t n)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++) {
        a = (a + p[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

START_TEST(published_values)
{
    ck_assert_uint_eq(spae_crc32(0, "123456789", 9), 0xcbf43926);
    ck_assert_uint_eq(spae_crc32(0, "", 0), 0);
    ck_assert_uint_eq(spae_crc32(0, NULL, 0), 0);
    ck_assert_uint_eq(spae_adler32(1, "Wikipedia", 9), 0x11e60398);
    ck_assert_uint_eq(spae_adler32(1, NULL, 0), 1);
}
END_TEST

/* One byte after each of the 256 bytes reaches every entry of the table. */
START_TEST(every_table_entry)
{
    for (unsigned i = 0; i < 256; i++) {
        const uint8_t byte = (uint8_t)i;
        ck_assert_uint_eq(spae_crc32(0, &byte, 1), crc_by_definition(&byte, 1));
    }
}
END_TEST

/* Where other ways of reckoning begin, and where the window of the quotient starts again. */
START_TEST(lengths_around_every_border)
{
    static const size_t border[] = {445, 768, 768 + 9 * 144, 3552, 6144, 6144 + 8 * 1152, 2400 + 17 * 1152};
    static uint8_t p[2400 + 17 * 1152 + 24];
    fill(p, sizeof p);
    for (size_t b = 0; b < sizeof border / sizeof border[0]; b++)
        for (size_t n = border[b] - 9; n <= border[b] + 9; n++)
            for (size_t start = 0; start < 7; start++)
                ck_assert_uint_eq(spae_crc32(0, p + start, n), crc_by_definition(p + start, n));
}
END_TEST

/* x^300 + x^155 + x^117 + x^89 + 1 leaves no remainder when it is divided by the polynomial of the CRC. */
START_TEST(the_sparse_multiple_is_one)
{
    uint32_t rest = 0;
    for (unsigned power = 301; power-- > 0;) {
        const uint32_t here = power == 300 || power == 155 || power == 117 || power == 89 || power == 0;
        rest = (rest << 1 ^ ((rest & 0x80000000) != 0 ? 0x04c11db7 : 0)) ^ here; /* rest x + here, modulo it */
    }
    ck_assert_uint_eq(rest, 0);
}
END_TEST

/* Each single bit of a long input, so that each of its places has its own remainder. */
START_TEST(every_byte_of_a_long_input_counts)
{
    static uint8_t p[9000];
    fill(p, sizeof p);
    const uint32_t whole = spae_crc32(0, p, sizeof p);
    for (size_t i = 0; i < sizeof p; i += 7) {
        p[i] ^= (uint8_t)(1u << i % 8);
        ck_assert_uint_ne(spae_crc32(0, p, sizeof p), whole);
        p[i] ^= (uint8_t)(1u << i % 8);
    }
}
END_TEST

START_TEST(parts_give_the_value_of_the_whole)
{
    static uint8_t p[40000];
    fill(p, sizeof p);
    const uint32_t crc = crc_by_definition(p, sizeof p), adler = adler_by_definition(p, sizeof p);
    for (size_t cut = 0; cut <= sizeof p; cut += 997) {
        ck_assert_uint_eq(spae_crc32(spae_crc32(0, p, cut), p + cut, sizeof p - cut), crc);
        ck_assert_uint_eq(spae_adler32(spae_adler32(1, p, cut), p + cut, sizeof p - cut), adler);
    }
}
END_TEST

/* All bytes 255 from the largest start: the sums are as large as they can be between two
 * reductions. */
START_TEST(adler_does_not_overflow)
{
    static uint8_t p[3 * 5552 + 1];
    memset(p, 255, sizeof p);
    for (size_t n = 5551; n <= sizeof p; n += n < 5553 ? 1 : 5552) {
        uint32_t a = 65520, b = 65520;
        for (size_t i = 0; i < n; i++) {
            a = (a + 255) % 65521;
            b = (b + a) % 65521;
        }
        ck_assert_uint_eq(spae_adler32(0xfff0fff0, p, n), b << 16 | a);
    }
}
END_TEST

SUITE(suite_vendor_free_checksum, "vendor_free/checksum", published_values, every_table_entry,
      lengths_around_every_border, the_sparse_multiple_is_one, every_byte_of_a_long_input_counts,
      parts_give_the_value_of_the_whole, adler_does_not_overflow)

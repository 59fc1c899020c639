/* Inflate: streams written bit by bit, one for each rule; streams that zlib made; every way to cut
 * them off.
 *
 * A stream is a text of 0 and 1 in the order of arrival (numbers lowest bit first, codes highest
 * bit first), with blanks between fields. So "1 10 0000000" is: last block, type 1, the fixed code
 * of END.
 */
#include "../check.h"

#include "vendor_free/checksum.h"
#include "vendor_free/inflate.h"

/* Code lengths 2 for the symbols 0, 1, 2 and 18 of the code-length code: codes 00, 01, 10, 11. */
#define CODES_0_1_2_18                                                                             \
    "0111 000 000 010 010 000 000 000 000 000 000 000 000 000 000 000 010 000 010 "
#define ZEROS_116 "11 1001011 "
#define ZEROS_117 "11 0101011 "
#define ZEROS_118 "11 1101011 "
#define ZEROS_138 "11 1111111 "
#define DYNAMIC   "1 01 00000 00000 " CODES_0_1_2_18
#define DYNAMIC_2 "1 01 00000 10000 " CODES_0_1_2_18 /* with two distance codes */
#define DYNAMIC_3 "1 01 00000 01000 " CODES_0_1_2_18 /* with three */
#define ONLY_END  ZEROS_138 ZEROS_118 "01 "          /* no literal but the end, of one bit */
#define PADDING   " 00000000 00000000 00000000"

static size_t bytes_of(const char *bits, uint8_t *bytes)
{
    size_t n = 0;
    for (; *bits != '\0'; bits++) {
        if (*bits == ' ')
            continue;
        if (n % 8 == 0)
            bytes[n / 8] = 0;
        bytes[n / 8] = (uint8_t)(bytes[n / 8] | (*bits - '0') << n % 8);
        n++;
    }
    return (n + 7) / 8;
}

/* The input at the very end of a block of exactly its size, so that a sanitizer sees a read beyond
 * it. */
static spae_status inflate_exact(spae_deflate_format format, const uint8_t *in, size_t n,
                                 uint8_t *out, size_t capacity, size_t *in_used, size_t *out_used,
                                 spae_error *err)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    memcpy(copy, in, n);
    const spae_status status = spae_inflate(format, copy, n, out, capacity, in_used, out_used, err);
    free(copy);
    return status;
}

static void refused_bytes(spae_deflate_format format, const uint8_t *in, size_t n, size_t capacity,
                          const char *text)
{
    uint8_t out[600 + 1];
    size_t in_used = 77, out_used = 88;
    spae_error err;
    memset(out, 0xa5, sizeof out);
    ck_assert_int_eq(inflate_exact(format, in, n, out, capacity, &in_used, &out_used, &err),
                     SPAE_ERR_FORMAT);
    ck_assert_int_eq(err.status, SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" does not say \"%s\"", err.text, text);
    ck_assert_uint_eq(in_used, 77);
    ck_assert_uint_eq(out_used, 88);
    ck_assert_uint_eq(out[capacity], 0xa5);
    ck_assert_int_eq(inflate_exact(format, in, n, out, capacity, NULL, NULL, NULL),
                     SPAE_ERR_FORMAT);
}

static void refused(const char *bits, const char *text)
{
    uint8_t in[256];
    refused_bytes(SPAE_DEFLATE_RAW, in, bytes_of(bits, in), 600, text);
}

/* The stream gives these n bytes, with exactly their room; one byte less is refused, and so is
 * every cut. */
static void gives_bytes(spae_deflate_format format, const uint8_t *in, size_t in_bytes,
                        const void *data, size_t n)
{
    static uint8_t out[4096];
    size_t in_used = 0, out_used = 77;
    spae_error err;
    memset(out, 0xa5, sizeof out);
    const spae_status status =
        inflate_exact(format, in, in_bytes, out, n, &in_used, &out_used, &err);
    ck_assert_msg(status == SPAE_OK, "%s", status == SPAE_OK ? "" : err.text);
    ck_assert_uint_eq(in_used, in_bytes);
    ck_assert_uint_eq(out_used, n);
    if (n > 0)
        ck_assert_mem_eq(out, data, n);
    ck_assert_uint_eq(out[n], 0xa5);
    if (n > 0 && n <= 600)
        refused_bytes(format, in, in_bytes, n - 1, "longer than expected");
    for (size_t cut = 0; cut < in_bytes; cut++)
        if (format != SPAE_DEFLATE_GZIP || cut >= 18)
            refused_bytes(format, in, cut, 600, "cut off");
}

static void gives(const char *bits, const char *data)
{
    uint8_t in[256];
    gives_bytes(SPAE_DEFLATE_RAW, in, bytes_of(bits, in), data, strlen(data));
}

START_TEST(stored_blocks)
{
    gives("1 00 00000 0000000000000000 1111111111111111", "");
    gives("1 00 00000 0100000000000000 1011111111111111 10000110 01000110", "ab");
    gives("0 00 00000 1000000000000000 0111111111111111 10000110"
          "1 00 00000 1000000000000000 0111111111111111 01000110",
          "ab");
    refused("1 00 00000 0000000000000000 0000000000000000", "complement disagree");
    refused("1 00 00000 0000000000000000 1111111111111110", "complement disagree");
    refused("1 00 00000 0100000000000000 1011111111111111 10000110", "cut off");
}
END_TEST

START_TEST(fixed_blocks)
{
    gives("1 10 0000000", "");
    gives("1 10 10010001 0000000", "a");
    gives("0 10 0000000 0 10 10010001 0000000 1 10 10010010 0000000",
          "ab");                                          /* the codes are kept */
    gives("1 10 10010001 0000001 00000 0000000", "aaaa"); /* overlapping match */
    gives("1 10 10010001 10010010 10010011 0000001 00010 0000000",
          "abcabc"); /* distance = length */
    gives("1 10 10010001 10010010 10010011 0000010 00010 0000000", "abcabca");
    gives("1 10 10010001 0001001 0 00000 0000000",
          "aaaaaaaaaaaa"); /* symbol 265: 11 and one more bit */
    gives("1 10 10010001 0001001 1 00000 0000000", "aaaaaaaaaaaaa");
    refused("1 10 10010001 11000110 00000" PADDING, "no length");  /* symbol 286 */
    refused("1 10 10010001 0000001 11110" PADDING, "no distance"); /* symbol 30 */
    refused("1 10 10010001 0000001 11111" PADDING, "no distance");
}
END_TEST

START_TEST(reserved_block_type)
{
    refused("1 11", "inflate: byte 0: a block is of the reserved type 3");
    refused("0 00 00000 0000000000000000 1111111111111111 0 11",
            "byte 5: a block is of the reserved");
}
END_TEST

START_TEST(distance_too_far)
{
    gives("1 10 10010001 10010010 0000001 00001 0000000", "ababa");
    refused("1 10 10010001 10010010 0000001 00010 0000000", "before the start");
    refused("1 10 0000001 00000 0000000", "before the start");
}
END_TEST

START_TEST(number_of_codes)
{
    refused("1 01 01111 00000 0000", "more than 286");                /* 287 literal codes */
    refused("1 01 00000 01111 0000", "30 distance codes");            /* 31 distance codes */
    refused("1 01 10111 10111 0000 100 100 100 000", "code lengths"); /* 286 and 30 get further */
}
END_TEST

START_TEST(code_of_code_lengths)
{
    refused("1 01 00000 00000 0000 100 100 100 000", "over-subscribed");
    refused("1 01 00000 00000 0000 100 000 000 000", "incomplete");
    refused("1 01 00000 00000 0000 000 000 000 000", "incomplete");
    refused("1 01 00000 00000 0000 100 000 000 100 1 00", "repeated before there is one");
    refused(DYNAMIC ZEROS_138 ZEROS_138, "more code lengths than announced");
}
END_TEST

START_TEST(dynamic_literal_code)
{
    gives(DYNAMIC ONLY_END "00 0", "");
    refused(DYNAMIC ONLY_END "00 1" PADDING, "no symbol");
    refused(DYNAMIC "01 " ZEROS_138 "11 0011011", "no code for its end");
    refused(DYNAMIC "01 01 " ZEROS_138 ZEROS_116 "01 00", "literal code is over-subscribed");
    refused(DYNAMIC "10 " ZEROS_138 ZEROS_117 "01 00",
            "literal code is over-subscribed or incomplete");
    refused(DYNAMIC "10 " ZEROS_138 ZEROS_117 "10 00",
            "literal code is over-subscribed or incomplete");
}
END_TEST

START_TEST(dynamic_distance_code)
{
    gives(DYNAMIC_2 ONLY_END "01 00 0", ""); /* one code of one bit */
    gives(DYNAMIC_2 ONLY_END "01 01 0", "");
    refused(DYNAMIC_3 ONLY_END "01 01 01", "distance code is over-subscribed");
    refused(DYNAMIC_2 ONLY_END "10 00", "distance code is over-subscribed or incomplete");
    refused(DYNAMIC_2 ONLY_END "10 01", "distance code is over-subscribed or incomplete");
}
END_TEST

START_TEST(matches_under_dynamic_codes)
{
    /* Literal code: 'a' 0, END 10, length 3 11. As code lengths: 97 zeros (11 + 86), 1, 158 zeros
     * (138 and 11 + 9), 2, 2; the distance code has one code of one bit, or none. */
#define LITERALS "11 0110101 01 " ZEROS_138 "11 1001000 10 10 "
    gives("1 01 01000 00000 " CODES_0_1_2_18 LITERALS "00 00 0 10", "a");
    gives("1 01 10000 00000 " CODES_0_1_2_18 LITERALS "01 0 11 0 10", "aaaa");
    refused("1 01 10000 00000 " CODES_0_1_2_18 LITERALS "01 0 11 1" PADDING, "no symbol");
    refused("1 01 10000 00000 " CODES_0_1_2_18 LITERALS "00 0 11 0" PADDING, "no symbol");
#undef LITERALS
}
END_TEST

static const uint8_t hello[] = {0x78, 0xda, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8,
                                0x40, 0x27, 0xb9, 0x00, 0x70, 0xbe, 0x08, 0xbb};
static const char hello_text[] = "hello hello hello hello\n";

START_TEST(zlib_streams)
{
    uint8_t in[sizeof hello];
    gives_bytes(SPAE_DEFLATE_ZLIB, hello, sizeof hello, hello_text, 24);
    memcpy(in, hello, sizeof in);
    in[1] = 0xdb;
    refused_bytes(SPAE_DEFLATE_ZLIB, in, sizeof in, 600, "header fails its check");
    in[0] = 0x77, in[1] = 0x85; /* method 7; 0x7785 = 31 * 987 */
    refused_bytes(SPAE_DEFLATE_ZLIB, in, sizeof in, 600, "another method");
    in[0] = 0x88, in[1] = 0x1c; /* a window of 64 KiB; 0x881c = 31 * 1124 */
    refused_bytes(SPAE_DEFLATE_ZLIB, in, sizeof in, 600, "window over 32 KiB");
    in[0] = 0x78, in[1] = 0xf9; /* FDICT */
    refused_bytes(SPAE_DEFLATE_ZLIB, in, sizeof in, 600, "preset dictionary");
    memcpy(in, hello, sizeof in);
    for (size_t i = sizeof in - 4; i < sizeof in; i++) {
        in[i] ^= 1;
        refused_bytes(SPAE_DEFLATE_ZLIB, in, sizeof in, 600, "Adler-32 of the data is another");
        in[i] ^= 1;
    }
}
END_TEST

/* byte i is a blank when 5 divides i, else 'a' + floor(i*i / 7) mod 8 */
START_TEST(dynamic_stream_of_zlib)
{
    static const uint8_t in[] = {
        0x78, 0xda, 0xed, 0xce, 0x51, 0x0d, 0xc0, 0x30, 0x0c, 0x03, 0x51, 0x2a, 0xa6,
        0x16, 0xd7, 0x6d, 0xca, 0x1f, 0xc1, 0x2e, 0x1a, 0x8b, 0x69, 0xf9, 0xb5, 0xee,
        0x29, 0xaa, 0xf2, 0xd2, 0xb9, 0x8e, 0xbc, 0x6b, 0x6b, 0xbb, 0xa3, 0x7b, 0xb2,
        0x54, 0x9c, 0xbc, 0x72, 0xe4, 0xb4, 0x55, 0xb3, 0x76, 0x7c, 0x95, 0xe5, 0x9a,
        0xd5, 0x0a, 0x9d, 0x9a, 0x8e, 0xd5, 0x2d, 0xd3, 0xc9, 0x93, 0x61, 0xa2, 0xd0,
        0x89, 0x0a, 0x85, 0x4e, 0x98, 0x7e, 0x51, 0x4c, 0x14, 0xba, 0x59, 0x51, 0xe8,
        0x84, 0x39, 0xe8, 0xff, 0xcb, 0x47, 0x7e, 0x79, 0x00, 0x6a, 0x6e, 0xc9, 0x92};
    uint8_t expected[600];
    for (size_t i = 0; i < sizeof expected; i++)
        expected[i] = (uint8_t)(i % 5 == 0 ? ' ' : 'a' + i * i / 7 % 8);
    gives_bytes(SPAE_DEFLATE_ZLIB, in, sizeof in, expected, sizeof expected);
    gives_bytes(SPAE_DEFLATE_RAW, in + 2, sizeof in - 6, expected, sizeof expected);
}
END_TEST

/* Every change of one bit gives an error, or leaves the data what they are. */
START_TEST(flipped_bits)
{
    for (size_t bit = 0; bit < 8 * sizeof hello; bit++) {
        uint8_t in[sizeof hello], out[64];
        memcpy(in, hello, sizeof in);
        in[bit / 8] = (uint8_t)(in[bit / 8] ^ 1 << bit % 8);
        size_t used = 0;
        const spae_status status =
            inflate_exact(SPAE_DEFLATE_ZLIB, in, sizeof in, out, sizeof out, NULL, &used, NULL);
        ck_assert(status == SPAE_ERR_FORMAT ||
                  (status == SPAE_OK && memcmp(out, hello_text, 24) == 0));
    }
}
END_TEST

/* ---- gzip ------------------------------------------------------------------------------------ */

static size_t put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    return 4;
}

/* A member that holds hello_text, its optional fields those of `flags`. */
static size_t gzip_hello(uint8_t *at, unsigned flags)
{
    const uint8_t head[10] = {0x1f, 0x8b, 8, (uint8_t)flags, 1, 2, 3, 4, 2, 3};
    size_t n = sizeof head;
    memcpy(at, head, n);
    if ((flags & 4) != 0) {
        memcpy(at + n, "\3\0xyz", 5);
        n += 5;
    }
    if ((flags & 8) != 0) {
        memcpy(at + n, "name", 5);
        n += 5;
    }
    if ((flags & 16) != 0)
        at[n++] = 0; /* an empty comment */
    if ((flags & 2) != 0) {
        const uint32_t sum = spae_crc32(0, at, n);
        at[n++] = (uint8_t)sum;
        at[n++] = (uint8_t)(sum >> 8);
    }
    memcpy(at + n, hello + 2, sizeof hello - 6);
    n += sizeof hello - 6;
    n += put32(at + n, spae_crc32(0, hello_text, 24));
    return n + put32(at + n, 24);
}

START_TEST(gzip_flags)
{
    uint8_t in[128];
    for (unsigned flags = 0; flags < 32; flags++) { /* FTEXT, 1, says nothing about the data */
        const size_t n = gzip_hello(in, flags);
        gives_bytes(SPAE_DEFLATE_GZIP, in, n, hello_text, 24);
        for (size_t cut = 0; cut < 18; cut++)
            refused_bytes(SPAE_DEFLATE_GZIP, in, cut, 600, "cut off");
    }
    for (unsigned reserved = 32; reserved < 256; reserved *= 2) {
        const size_t n = gzip_hello(in, reserved);
        refused_bytes(SPAE_DEFLATE_GZIP, in, n, 600, "reserved flags");
    }
}
END_TEST

static void gzip_refused_with(size_t at, unsigned flags, const char *text)
{
    uint8_t in[128];
    const size_t n = gzip_hello(in, flags);
    in[at < n ? at : n - (256 - at)] ^= 1;
    refused_bytes(SPAE_DEFLATE_GZIP, in, n, 600, text);
}

START_TEST(gzip_mistakes)
{
    gzip_refused_with(0, 0, "does not begin with 1F 8B");
    gzip_refused_with(1, 0, "does not begin with 1F 8B");
    gzip_refused_with(2, 0, "another method");
    gzip_refused_with(4, 2, "CRC-16 of the gzip header");  /* a bit of the time */
    gzip_refused_with(10, 2, "CRC-16 of the gzip header"); /* a bit of the sum */
    gzip_refused_with(11, 2, "CRC-16 of the gzip header");
    for (size_t back = 1; back <= 4; back++)
        gzip_refused_with(256 - back, 0, "length of the data is another");
    for (size_t back = 5; back <= 8; back++)
        gzip_refused_with(256 - back, 0, "CRC-32 of the data is another");
}
END_TEST

START_TEST(gzip_members_and_what_follows)
{
    uint8_t in[256], out[64];
    size_t in_used, out_used;
    size_t n = gzip_hello(in, 0);
    const size_t one = n;
    n += gzip_hello(in + n, 31);
    gives_bytes(SPAE_DEFLATE_GZIP, in, one, hello_text, 24);
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_GZIP, in, n, out, 48, &in_used, &out_used, NULL),
                     SPAE_OK);
    ck_assert_uint_eq(in_used, n);
    ck_assert_uint_eq(out_used, 48);
    ck_assert_mem_eq(out + 24, hello_text, 24);

    in[one + 1] = 0x8c; /* no member: left to the caller */
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_GZIP, in, n, out, 64, &in_used, &out_used, NULL),
                     SPAE_OK);
    ck_assert_uint_eq(in_used, one);
    ck_assert_uint_eq(out_used, 24);
    in[one] = 0x1f;
    ck_assert_int_eq(
        spae_inflate(SPAE_DEFLATE_GZIP, in, one + 1, out, 64, &in_used, &out_used, NULL), SPAE_OK);
    ck_assert_uint_eq(in_used, one);
    in[one + 1] = 0x8b;
    refused_bytes(SPAE_DEFLATE_GZIP, in, one + 2, 64, "cut off");
}
END_TEST

/* The second member may not reach into the data of the first. */
START_TEST(gzip_members_share_no_window)
{
    uint8_t in[128];
    size_t n = gzip_hello(in, 0);
    const uint8_t head[10] = {0x1f, 0x8b, 8};
    memcpy(in + n, head, sizeof head);
    n += sizeof head;
    n += bytes_of("1 10 0000001 00000 0000000", in + n);
    n += put32(in + n, 0);
    n += put32(in + n, 3);
    refused_bytes(SPAE_DEFLATE_GZIP, in, n, 600, "before the start");
}
END_TEST

START_TEST(empty_gzip_and_null_output)
{
    uint8_t in[32] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0};
    gives_bytes(SPAE_DEFLATE_GZIP, in, 20, "", 0);
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_GZIP, in, 20, NULL, 0, NULL, NULL, NULL), SPAE_OK);
    in[12] = 1;
    refused_bytes(SPAE_DEFLATE_GZIP, in, 20, 600, "CRC-32");
    static const uint8_t stored[5] = {1, 0, 0, 0xff, 0xff};
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_RAW, stored, 5, NULL, 0, NULL, NULL, NULL), SPAE_OK);
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_RAW, NULL, 0, NULL, 0, NULL, NULL, NULL),
                     SPAE_ERR_FORMAT);
}
END_TEST

START_TEST(trailing_bytes_are_left)
{
    uint8_t in[sizeof hello + 9] = {0}, out[24];
    size_t used;
    memcpy(in, hello, sizeof hello);
    ck_assert_int_eq(spae_inflate(SPAE_DEFLATE_ZLIB, in, sizeof in, out, 24, &used, NULL, NULL),
                     SPAE_OK);
    ck_assert_uint_eq(used, sizeof hello);
    ck_assert_int_eq(
        spae_inflate(SPAE_DEFLATE_RAW, in + 2, sizeof in - 2, out, 24, &used, NULL, NULL), SPAE_OK);
    ck_assert_uint_eq(used, sizeof hello - 6);
}
END_TEST

START_TEST(unknown_format)
{
    spae_error err;
    uint8_t in = 0;
    ck_assert_int_eq(spae_inflate((spae_deflate_format)3, &in, 1, NULL, 0, NULL, NULL, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "inflate: there is no format 3");
}
END_TEST

SUITE(suite_vendor_free_inflate, "vendor_free/inflate", stored_blocks, fixed_blocks,
      reserved_block_type, distance_too_far, number_of_codes, code_of_code_lengths,
      dynamic_literal_code, dynamic_distance_code, matches_under_dynamic_codes, zlib_streams,
      dynamic_stream_of_zlib, flipped_bits, gzip_flags, gzip_mistakes,
      gzip_members_and_what_follows, gzip_members_share_no_window, empty_gzip_and_null_output,
      trailing_bytes_are_left, unknown_format)

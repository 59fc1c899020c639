/* Deflate: round trips through inflate, the same bytes as ever, exact room and one byte less.
 *
 * The decoder is ours as well; that other decoders read the streams is held by the digests below,
 * of streams that gzip and zlib have read.
 */
#include "../check.h"

#include "vendor_free/checksum.h"
#include "vendor_free/deflate.h"

#define MOST 200000

static uint8_t input[MOST], back[MOST];
static uint8_t packed[MOST + 1024];

static uint32_t random_word(uint32_t *state)
{
    *state = (*state * 1664525u + 1013904223u) & 0xffffffff;
    return *state >> 16;
}

static void fill_random(uint32_t seed, uint32_t values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        input[i] = (uint8_t)(random_word(&seed) % values);
}

static void *new_work(int dirt)
{
    void *const work = malloc(spae_deflate_work());
    memset(work, dirt, spae_deflate_work());
    return work;
}

static size_t pack(spae_deflate_format format, size_t n, int dirt)
{
    size_t used = 0;
    void *const work = new_work(dirt);
    uint8_t *const copy = malloc(n > 0 ? n : 1); /* exact, so that a sanitizer sees more reads */
    memcpy(copy, input, n);
    const size_t room = spae_deflate_bound(format, n);
    ck_assert_uint_ge(sizeof packed, room);
    ck_assert_int_eq(spae_deflate(format, copy, n, packed, room, &used, work, NULL), SPAE_OK);
    free(copy);
    free(work);
    return used;
}

/* input[0 .. n-1] there and back in each format; returns the length of the bare stream. */
static size_t round_trip(size_t n)
{
    size_t raw = 0;
    for (int format = SPAE_DEFLATE_GZIP; format >= SPAE_DEFLATE_RAW; format--) {
        size_t in_used = 0, out_used = 0;
        spae_error err;
        raw = pack((spae_deflate_format)format, n, 0x5a);
        memset(back, 0, sizeof back);
        const spae_status status = spae_inflate((spae_deflate_format)format, packed, raw, back, n,
                                                &in_used, &out_used, &err);
        ck_assert_msg(status == SPAE_OK, "%s", status == SPAE_OK ? "" : err.text);
        ck_assert_uint_eq(in_used, raw);
        ck_assert_uint_eq(out_used, n);
        ck_assert(memcmp(back, input, n) == 0);
    }
    return raw;
}

START_TEST(the_smallest)
{
    ck_assert_uint_eq(round_trip(0), 2); /* one fixed block, only its end */
    ck_assert_uint_eq(packed[0], 3);
    ck_assert_uint_eq(packed[1], 0);
    input[0] = 'a';
    ck_assert_uint_eq(round_trip(1), 3);
    memset(input, 'a', 300);
    for (size_t n = 2; n <= 300; n++)
        ck_assert_uint_le(round_trip(n), 8);
}
END_TEST

START_TEST(null_input)
{
    size_t used = 0;
    void *const work = new_work(0);
    ck_assert_int_eq(spae_deflate(SPAE_DEFLATE_ZLIB, NULL, 0, packed, 8, &used, work, NULL),
                     SPAE_OK);
    ck_assert_mem_eq(packed, "\x78\x9c\x03\x00\x00\x00\x00\x01", 8);
    ck_assert_uint_eq(used, 8);
    free(work);
}
END_TEST

/* Around a block of tokens (32768 literals) and a stored block (65535 bytes). */
START_TEST(incompressible)
{
    static const size_t sizes[] = {1,     2,     3,     100,   32767, 32768,  32769,
                                   65534, 65535, 65536, 65537, 98304, 131071, 200000};
    fill_random(1, 256, MOST);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const size_t n = sizes[i];
        ck_assert_uint_le(round_trip(n), n + 5 * (n / 32768 + 1) + 1);
    }
}
END_TEST

START_TEST(runs)
{
    memset(input, 0, MOST);
    ck_assert_uint_lt(round_trip(MOST), 400);
    for (size_t i = 0; i < MOST; i++)
        input[i] = (uint8_t)(i / 777);
    ck_assert_uint_lt(round_trip(MOST), 2500);
    for (size_t n = 255; n < 265; n++) /* around the longest match, 258 */
        round_trip(n);
}
END_TEST

START_TEST(few_values)
{
    for (uint32_t values = 2; values <= 64; values *= 2)
        for (size_t n = 10; n <= 40000; n = n * 3 + 1) {
            fill_random(values, values, n);
            round_trip(n);
        }
}
END_TEST

/* 600 random bytes again after exactly `distance`: found up to 32768. */
START_TEST(distances_up_to_the_window)
{
    for (size_t distance = 32766; distance <= 32770; distance++) {
        fill_random(5, 256, distance);
        memcpy(input + distance, input, 600);
        const size_t length = round_trip(distance + 600);
        if (distance <= 32768)
            ck_assert_uint_lt(length, distance + 100);
        else
            ck_assert_uint_gt(length, distance + 500);
    }
}
END_TEST

/* With the end of the block the frequencies are Fibonacci's numbers, 1 1 2 3 5 .. 2584, among
 * random bytes that prevent most matches: without the limit of 15 bits the trees of most starts
 * would be deeper. */
START_TEST(codes_at_the_limit)
{
    enum { LEVELS = 17, RARE = 6763 }; /* 1 + 2 + 3 + 5 + .. + 2584 */
    static uint8_t rare[RARE];
    size_t at = 0;
    for (int level = 0, a = 1, b = 2; level < LEVELS; level++) {
        for (int i = 0; i < a; i++)
            rare[at++] = (uint8_t)level;
        const int next = a + b;
        a = b;
        b = next;
    }
    ck_assert_uint_eq(at, RARE);
    for (uint32_t start = 0; start < 8; start++) {
        uint32_t seed = start;
        for (size_t i = 0; i < 4 * (size_t)RARE; i++)
            input[i] = i % 4 != 0 ? (uint8_t)(32 + random_word(&seed) % 224)
                                  : rare[i / 4 * 2633 % RARE]; /* 6763 is prime */
        round_trip(4 * (size_t)RARE);
    }
}
END_TEST

static void fill_text(size_t n)
{
    static const char *const words[8] = {"pyramid ", "token ", "the ",  "of ",
                                         "a ",       "code",   "book ", "layer\n"};
    uint32_t seed = 9;
    size_t at = 0;
    while (at < n)
        for (const char *w = words[random_word(&seed) % 8]; *w != '\0' && at < n; w++)
            input[at++] = (uint8_t)*w;
}

/* Streams that other decoders have read, by their CRC-32: a change here is a change of every file
 * written. */
START_TEST(the_same_bytes_everywhere)
{
    fill_text(100000);
    size_t n = pack(SPAE_DEFLATE_GZIP, 100000, 0);
    ck_assert_uint_eq(n, 14351);
    ck_assert_uint_eq(spae_crc32(0, packed, n), 0xa212859c);
    n = pack(SPAE_DEFLATE_GZIP, 100000, 0xff); /* whatever the work memory held */
    ck_assert_uint_eq(spae_crc32(0, packed, n), 0xa212859c);
    fill_random(2, 100, 70000);
    n = pack(SPAE_DEFLATE_ZLIB, 70000, 1);
    ck_assert_uint_eq(n, 58849);
    ck_assert_uint_eq(spae_crc32(0, packed, n), 0x38088c04);
}
END_TEST

START_TEST(text_shrinks)
{
    fill_text(MOST);
    ck_assert_uint_lt(round_trip(MOST), 30000);
}
END_TEST

START_TEST(every_room_that_is_too_small)
{
    void *const work = new_work(0);
    for (int kind = 0; kind < 2; kind++) {
        if (kind == 0)
            fill_text(400);
        else
            fill_random(6, 256, 400);
        const size_t n = pack(SPAE_DEFLATE_GZIP, 400, 0);
        for (size_t room = 0; room < n; room++) {
            size_t used = 77;
            spae_error err;
            packed[room] = 0xa5;
            ck_assert_int_eq(
                spae_deflate(SPAE_DEFLATE_GZIP, input, 400, packed, room, &used, work, &err),
                SPAE_ERR_NO_MEMORY);
            ck_assert_uint_eq(used, 77);
            ck_assert_uint_eq(packed[room], 0xa5);
            ck_assert_ptr_nonnull(strstr(err.text, "deflate: 400 bytes do not fit"));
        }
        size_t used = 0;
        ck_assert_int_eq(spae_deflate(SPAE_DEFLATE_GZIP, input, 400, packed, n, &used, work, NULL),
                         SPAE_OK);
    }
    free(work);
}
END_TEST

START_TEST(bounds)
{
    for (int format = SPAE_DEFLATE_RAW; format <= SPAE_DEFLATE_GZIP; format++) {
        ck_assert_uint_ge(spae_deflate_bound((spae_deflate_format)format, 0), 20);
        ck_assert_uint_eq(spae_deflate_bound((spae_deflate_format)format, SIZE_MAX), 0);
        ck_assert_uint_gt(spae_deflate_bound((spae_deflate_format)format, SIZE_MAX / 2),
                          SIZE_MAX / 2);
    }
    ck_assert_uint_lt(spae_deflate_work(), 512 * 1024);
}
END_TEST

START_TEST(unknown_format)
{
    spae_error err;
    size_t used = 77;
    void *const work = new_work(0);
    ck_assert_int_eq(spae_deflate((spae_deflate_format)3, input, 1, packed, 100, &used, work, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "deflate: there is no format 3");
    ck_assert_uint_eq(used, 77);
    free(work);
}
END_TEST

SUITE(suite_vendor_free_deflate, "vendor_free/deflate", the_smallest, null_input, incompressible,
      runs, few_values, distances_up_to_the_window, codes_at_the_limit, the_same_bytes_everywhere,
      text_shrinks, every_room_that_is_too_small, bounds, unknown_format)

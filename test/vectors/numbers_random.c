/* Stage numbers: SPEC 1.6, and the two hashes that the text uses. Words of 32 bits stand in i4 arrays, as two's
 * complement; bytes in u1 arrays. */
#include <string.h>

#include "vectors.h"
#include "vendor_free/checksum.h"
#include "vendor_free/philox.h"
#include "vendor_free/sha256.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void words(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                  const uint32_t *data)
{
    vectors_give(v, &(vectors_array){.name = name,
                                     .type = VECTORS_INTEGER,
                                     .compare = compare,
                                     .rank = rank,
                                     .shape = {shape[0], rank > 1 ? shape[1] : 1},
                                     .data = data});
}

/* ---- blocks ---- */

static void philox(vectors *v)
{
    static const uint32_t counter[][4] = {
        {0, 0, 0, 0},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
        {0, 0, 0, 0},
        {1, 0, 0, 0},
        {0, 1, 0, 0},
        {0, 0, 1, 0},
        {0, 0, 0, 1},
        {0xffffffff, 0, 0, 0},
        {7, 0x80000000, 3, 0x7fffffff},
        {449999, 255, 5, 255},
    };
    static const uint32_t key[COUNT(counter)][2] = {
        {0, 0},
        {0xffffffff, 0xffffffff},
        {0xa4093822, 0x299f31d0},
        {1, 1},
        {1, 1},
        {1, 2},
        {1, 3},
        {1, 4},
        {2, 1},
        {0xdeadbeef, 2},
        {42, 2},
    };
    uint32_t out[COUNT(counter)][4];
    static const size_t in_shape[2] = {COUNT(counter), 4}, key_shape[2] = {COUNT(counter), 2};
    vectors_begin(v, "numbers/philox", "1.6", "philox", "{}",
                  "blocks: the inventors' three, and the order of counter and key");
    for (size_t i = 0; i < COUNT(counter); i++)
        spae_philox(counter[i], key[i], out[i]);
    words(v, "counter", VECTORS_INPUT, 2, in_shape, counter[0]);
    words(v, "key", VECTORS_INPUT, 2, key_shape, key[0]);
    words(v, "word", VECTORS_BITS, 2, in_shape, out[0]);
    vectors_end(v);
}

/* ---- what words become ---- */

/* Words at the borders, and those of blocks (key (1, 9), counter (i,0,0,0)). */
enum { WORDS = 256 };

static void fill_words(uint32_t word[WORDS])
{
    static const uint32_t border[] = {0,          0xffffffff, 255,        256, 0x80000000,
                                      0x7fffffff, 0xffffff00, 0xfffffeff, 1,   0x40000000};
    for (uint32_t i = 0; i < WORDS / 4; i++)
        spae_random_block((spae_random_key){1, 9}, (const uint32_t[4]){i, 0, 0, 0}, word + 4 * i);
    memcpy(word, border, sizeof border);
}

static void uniform(vectors *v)
{
    static const size_t n = WORDS;
    uint32_t word[WORDS];
    spae_real y[WORDS];
    fill_words(word);
    for (size_t i = 0; i < n; i++)
        y[i] = (spae_real)spae_uniform(word[i]);
    vectors_begin(v, "numbers/uniform", "1.6", "uniform", "{}", "the low eight bits are dropped; 1 is never reached");
    words(v, "word", VECTORS_INPUT, 1, &n, word);
    vectors_numbers(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_end(v);
}

static void below(vectors *v)
{
    static const uint32_t most[] = {1, 2, 3, 10, 256, 1000, 32000, 65537, 0x7fffffff};
    static const size_t n = WORDS / 2;
    uint32_t word[WORDS], limit[WORDS / 2], y[WORDS / 2];
    fill_words(word);
    for (size_t i = 0; i < n; i++) {
        limit[i] = most[i % COUNT(most)];
        y[i] = spae_random_below(word[2 * i], word[2 * i + 1], limit[i]);
    }
    static const size_t shape[2] = {WORDS / 2, 2};
    vectors_begin(v, "numbers/below", "1.6", "below", "{}", "both words count, the first one most; not a remainder");
    words(v, "word", VECTORS_INPUT, 2, shape, word);
    words(v, "n", VECTORS_INPUT, 1, &n, limit);
    words(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_end(v);
}

/* Where the second word decides: the first one times n ends just below 2^32. */
static void below_by_second_word(vectors *v)
{
    static const uint32_t n_of[] = {3, 3, 5, 5, 7, 7, 10, 10, 1000, 1000, 65537, 65537, 0x7fffffff, 0x7fffffff};
    static const size_t n = COUNT(n_of), shape[2] = {COUNT(n_of), 2};
    uint32_t word[COUNT(n_of)][2], y[COUNT(n_of)];
    for (size_t i = 0; i < n; i++) {
        word[i][0] = 0xffffffff / n_of[i];                 /* times n: at most 2^32 - 1 */
        word[i][1] = i % 2 == 0 ? 0x00000001 : 0xffffffff; /* carries into the result, or not */
        y[i] = spae_random_below(word[i][0], word[i][1], n_of[i]);
    }
    vectors_begin(v, "numbers/below_by_second_word", "1.6", "below", "{}",
                  "the carry from the second word's product decides");
    words(v, "word", VECTORS_INPUT, 2, shape, word[0]);
    words(v, "n", VECTORS_INPUT, 1, &n, n_of);
    words(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_end(v);
}

static void normal(vectors *v)
{
    static const size_t shape[2] = {WORDS / 2, 2};
    uint32_t word[WORDS];
    spae_real y[WORDS];
    fill_words(word);
    for (size_t i = 0; i < WORDS; i += 2) {
        float pair[2];
        spae_normal_pair(word[i], word[i + 1], pair);
        y[i] = (spae_real)pair[0];
        y[i + 1] = (spae_real)pair[1];
    }
    vectors_begin(v, "numbers/normal", "1.6 1.5", "normal", "{}",
                  "logarithm, root, cosine and sine, each rounded; the largest and the least radius");
    words(v, "word", VECTORS_INPUT, 2, shape, word);
    vectors_numbers(v, "y", VECTORS_BITS, 2, shape, y);
    vectors_end(v);
}

static void permutation(vectors *v, const char *name, const char *with, const char *why, spae_random_key key,
                        uint32_t stream, uint32_t n)
{
    const size_t count = n;
    vectors_begin(v, name, "1.6 7.5", "permutation", with, why);
    uint32_t *order = vectors_room(v, count, sizeof *order);
    if (order == NULL)
        return;
    spae_permutation(key, stream, order, n);
    words(v, "order", VECTORS_BITS, 1, &count, order);
    vectors_end(v);
}

/* ---- hashes ---- */

static void bytes(vectors *v, const char *name, vectors_compare compare, unsigned rank, size_t a, size_t b,
                  const uint8_t *data)
{
    vectors_give(
        v, &(vectors_array){
               .name = name, .type = VECTORS_BYTE, .compare = compare, .rank = rank, .shape = {a, b}, .data = data});
}

static const char *const text[] = {
    "", "a", "123456789", "encoder/ResBlock_0/Conv_0/kernel", "discriminator/Dense_1/bias", "\xff\x80\x01"};

/* The texts one after the other, and the length of each. */
static void give_texts(vectors *v)
{
    uint8_t joined[128];
    uint32_t length[COUNT(text)];
    static const size_t n = COUNT(text);
    size_t at = 0;
    for (size_t i = 0; i < n; at += length[i++]) {
        length[i] = (uint32_t)strlen(text[i]);
        memcpy(joined + at, text[i], length[i]);
    }
    bytes(v, "bytes", VECTORS_INPUT, 1, at, 1, joined);
    words(v, "length", VECTORS_INPUT, 1, &n, length);
}

static void crc32(vectors *v)
{
    static const size_t n = COUNT(text);
    uint32_t y[COUNT(text)];
    for (size_t i = 0; i < n; i++)
        y[i] = spae_crc32(0, text[i], strlen(text[i]));
    vectors_begin(v, "numbers/crc32", "6.3 9.4", "crc32", "{}",
                  "the checksum of names, as gzip has it: key of first values");
    give_texts(v);
    words(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_end(v);
}

static void sha256(vectors *v, const char *name, const char *why, size_t length)
{
    uint8_t message[200], digest[32];
    for (size_t i = 0; i < length; i++)
        message[i] = (uint8_t)(37 * i + 11);
    spae_sha256 hash;
    spae_sha256_start(&hash);
    spae_sha256_add(&hash, message, length);
    spae_sha256_finish(&hash, digest);
    vectors_begin(v, name, "9.3", "sha256", "{}", why);
    bytes(v, "bytes", VECTORS_INPUT, 1, length, 1, message);
    bytes(v, "digest", VECTORS_BITS, 1, 32, 1, digest);
    vectors_end(v);
}

void vectors_numbers_random(vectors *v)
{
    philox(v);
    uniform(v);
    below(v);
    below_by_second_word(v);
    normal(v);
    permutation(v, "numbers/permutation", "{\"seed\":1,\"purpose\":3,\"stream\":0,\"n\":100}",
                "the order of a first epoch", (spae_random_key){1, 3}, 0, 100);
    permutation(v, "numbers/permutation_next", "{\"seed\":1,\"purpose\":3,\"stream\":1,\"n\":100}", "the next epoch's",
                (spae_random_key){1, 3}, 1, 100);
    permutation(v, "numbers/permutation_of_1", "{\"seed\":5,\"purpose\":3,\"stream\":7,\"n\":1}",
                "one example: no draw", (spae_random_key){5, 3}, 7, 1);
    permutation(v, "numbers/permutation_of_1000",
                "{\"seed\":4294967295,\"purpose\":3,\"stream\":4294967295,\"n\":1000}", "the largest seed and epoch",
                (spae_random_key){0xffffffff, 3}, 0xffffffff, 1000);
    crc32(v);
    sha256(v, "numbers/sha256_55", "the longest message of one block", 55);
    sha256(v, "numbers/sha256_56", "the shortest of two", 56);
    sha256(v, "numbers/sha256_64", "a whole block, and one of padding", 64);
    sha256(v, "numbers/sha256_200", "four blocks", 200);
}

/* SHA-256: NIST's examples, every length around the padding's borders, chunks of every size. */
#include "../check.h"

#include "vendor_free/sha256.h"

static void hex_of(const void *data, size_t n, char text[65])
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    spae_sha256_add(&hash, data, n);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}

START_TEST(examples_of_nist)
{
    static const char *const cases[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
         "lmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[65];
        hex_of(cases[i][0], strlen(cases[i][0]), text);
        ck_assert_str_eq(text, cases[i][1]);
    }
}
END_TEST

START_TEST(a_million_times_a)
{
    spae_sha256 hash;
    uint8_t part[1000], digest[32];
    char text[65];
    memset(part, 'a', sizeof part);
    spae_sha256_start(&hash);
    for (int i = 0; i < 1000; i++)
        spae_sha256_add(&hash, part, sizeof part);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
    ck_assert_str_eq(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* n times 'a', around the borders of padding (56) and block (64). */
START_TEST(lengths_around_a_block)
{
    static const struct {
        size_t n;
        const char *digest;
    } cases[] = {
        {1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {57, "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {127, "c57e9278af78fa3cab38667bef4ce29d783787a2f731d4e12200270f0c32320a"},
        {128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
        {129, "c12cb024a2e5551cca0e08fce8f1c5e314555cc3fef6329ee994a3db752166ae"},
    };
    uint8_t message[130];
    memset(message, 'a', sizeof message);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[65];
        hex_of(message, cases[i].n, text);
        ck_assert_str_eq(text, cases[i].digest);
    }
}
END_TEST

START_TEST(chunks_of_every_size)
{
    uint8_t message[300];
    char whole[65], text[65];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(7 * i + i / 256);
    hex_of(message, sizeof message, whole);
    for (size_t chunk = 1; chunk <= sizeof message; chunk++) {
        spae_sha256 hash;
        uint8_t digest[32];
        spae_sha256_start(&hash);
        for (size_t at = 0; at < sizeof message; at += chunk) {
            const size_t left = sizeof message - at;
            spae_sha256_add(&hash, message + at, left < chunk ? left : chunk);
            spae_sha256_add(&hash, NULL, 0);
        }
        spae_sha256_finish(&hash, digest);
        spae_sha256_hex(digest, text);
        ck_assert_str_eq(text, whole);
    }
}
END_TEST

/* A copy of a digest under way goes on by itself. */
START_TEST(a_copy_forks)
{
    spae_sha256 hash, copy;
    uint8_t a[32], b[32];
    spae_sha256_start(&hash);
    spae_sha256_add(&hash, "ab", 2);
    copy = hash;
    spae_sha256_add(&hash, "x", 1);
    spae_sha256_add(&copy, "c", 1);
    spae_sha256_finish(&hash, a);
    spae_sha256_finish(&copy, b);
    ck_assert_mem_ne(a, b, 32);
    spae_sha256_start(&hash);
    spae_sha256_add(&hash, "abc", 3);
    spae_sha256_finish(&hash, a);
    ck_assert_mem_eq(a, b, 32);
}
END_TEST

SUITE(suite_vendor_free_sha256, "vendor_free/sha256", examples_of_nist, a_million_times_a,
      lengths_around_a_block, chunks_of_every_size, a_copy_forks)

/* io/cli/init: models that depend on the seed alone. */
#define _POSIX_C_SOURCE 200809L

#include "../../../io/cli/commands.h"
#include "../../../io/npy.h"
#include "../../../io/preset.h"
#include "../../../nn/network.h"
#include "../../../vendor_free/sha256.h"
#include "run.h"

/* What "sha256 " is followed by on stdout. */
static void hash_of(const char *line, char hash[65])
{
    ck_assert_msg(run(spae_cli_init, line) == 0, "%s", run_err);
    const char *at = strstr(run_out, "sha256 ");
    ck_assert(at != NULL && strlen(at) == 7 + 64 + 1);
    memcpy(hash, at + 7, 64);
    hash[64] = '\0';
}

START_TEST(a_seed_gives_the_same_model)
{
    char a[65], b[65], c[65];
    enter();
    hash_of("init --preset tiny-2d --seed 7 -o a.npz --words 20", a);
    hash_of("init --preset tiny-2d --seed 7 -o b.npz --words 20", b);
    hash_of("init --preset tiny-2d -o c.npz --words 20", c);
    ck_assert_str_eq(a, b);
    ck_assert_str_ne(a, c);
    ck_assert_int_eq(run(spae_cli_info, "info a.npz"), 0);
    ck_assert(strstr(run_out, a) != NULL &&
              strstr(run_out, "\nwords                    20 ") != NULL);
    leave();
}
END_TEST

/* The line of `spae info` that says so, of the array that a port makes by SPEC 6.3. */
static void expect_values(const char *line, const spae_real *value, size_t count)
{
    char hash[65], expected[128];
    spae_sha256 work;
    uint8_t digest[32];
    spae_sha256_start(&work);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &value[i], 4);
        const uint8_t bytes[4] = {(uint8_t)bits, (uint8_t)(bits >> 8), (uint8_t)(bits >> 16), (uint8_t)(bits >> 24)};
        spae_sha256_add(&work, bytes, 4);
    }
    spae_sha256_finish(&work, digest);
    spae_sha256_hex(digest, hash);
    snprintf(expected, sizeof expected, "\n%-24s %s\n", line, hash);
    ck_assert_msg(strstr(run_out, expected) != NULL, "no%s", expected);
}

START_TEST(info_hashes_the_values_alone)
{
    spae_arena arena;
    spae_config config;
    spae_model model;
    spae_error err;
    enter();
    spae_arena_hosted(&arena);
    ck_assert_int_eq(run(spae_cli_init, "init --preset tiny-2d --seed 7 -o a.npz --words 20"), 0);
    ck_assert_int_eq(run(spae_cli_info, "info a.npz"), 0);
    ck_assert_int_eq(spae_preset("tiny-2d", &config, &err), SPAE_OK);
    ck_assert_int_eq(spae_model_create(&model, &config, true, &arena, &err), SPAE_OK);
    spae_model_init(&model, 7);
    expect_values("autoencoder's values", model.values, model.elements);
    expect_values("all values", model.values, model.parameters->elements);
    spae_arena_free(&arena);
    leave();
}
END_TEST

START_TEST(video_models_too)
{
    char hash[65];
    enter();
    hash_of("init --preset tiny-3d -o a.npz --words 3", hash);
    ck_assert_int_eq(run(spae_cli_info, "info a.npz --parameters"), 0);
    ck_assert(strstr(run_out, "\nencoder/Conv_0/kernel                        (3,3,3,3,4)") !=
              NULL);
    leave();
}
END_TEST

START_TEST(a_codebook_may_be_given)
{
    static const float e[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    char hash[65];
    spae_arena arena;
    spae_error err;
    enter();
    spae_arena_hosted(&arena);
    ck_assert_int_eq(
        spae_npy_write_file(&arena, "e.npy", &(spae_npy_array){SPAE_NPY_F4, 2, {2, 6}, e}, &err),
        SPAE_OK);
    put_file("w.txt", "one\ntwo\n", 8);
    hash_of("init --preset tiny-2d -o a.npz --codebook e.npy --vocab w.txt", hash);
    spae_model model;
    ck_assert_int_eq(spae_model_load(&model, &arena, "a.npz", &err), SPAE_OK);
    ck_assert_str_eq(model.word[1], "two");
    ck_assert(model.codebook.V == 2 && model.codebook.e[11] == 12);
    refused(spae_cli_init,
            "init --preset tiny-2d --set c=5 -o b.npz --codebook e.npy --vocab w.txt", 1,
            "the codebook has 6 columns, the configuration says c=5");
    ck_assert(!is_there("b.npz"));
    spae_arena_free(&arena);
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    refused(spae_cli_init, "init -o a.npz", 2, "--preset P is needed");
    refused(spae_cli_init, "init --preset tiny-2d", 2, "-o M is needed");
    refused(spae_cli_init, "init --preset tiny-2d -o a.npz --vocab w.txt", 2, "only with --codebook");
    refused(spae_cli_init, "init --preset tiny-2d -o a.npz --codebook e --vocab w --words 3", 2,
            "not with --codebook");
    refused(spae_cli_init, "init --preset tiny-2d -o a.npz --words 0", 2, "--words: 0 is not");
    refused(spae_cli_init, "init --preset tiny-2d -o no/a.npz --words 3", 1, "spae init: no/a.npz");
    refused(spae_cli_init, "init --preset tiny-2d -o a.npz --codebook e --vocab w", 1,
            "spae init: e: ");
    leave();
}
END_TEST

SUITE(suite_io_cli_init, "io/cli/init", a_seed_gives_the_same_model,
      info_hashes_the_values_alone, video_models_too,
      a_codebook_may_be_given, wrong_use)

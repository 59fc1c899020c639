/* io/hosted: pictures by their names, and an arena over malloc. */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"
#include "cli/run.h"

START_TEST(arena_over_malloc)
{
    spae_arena arena;
    spae_arena_hosted(&arena);
    char *piece = spae_arena_take(&arena, 1 << 20, 1);
    ck_assert(piece != NULL);
    memset(piece, 1, 1 << 20);
    spae_arena_free(&arena);
    ck_assert_uint_eq(arena.held, 0);
}
END_TEST

START_TEST(grey_is_repeated)
{
    spae_arena arena = new_arena();
    spae_real *picture = NULL;
    size_t height = 0, width = 0;
    enter();
    put_file("grey.pgm", "P2 3 2 4 0 1 2 3 4 0", 20);
    ck_assert_int_eq(spae_picture_load("grey.pgm", &arena, &picture, &height, &width, NULL), SPAE_OK);
    ck_assert(height == 2 && width == 3);
    for (size_t i = 0; i < 6; i++)
        for (size_t channel = 0; channel < 3; channel++)
            ck_assert(picture[i * 3 + channel] == (spae_real)(i == 5 ? 0 : i) / 4);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(saved_pictures_come_back)
{
    spae_arena arena = new_arena();
    static const char *const names[] = {"a.npy", "a.ppm", "a.png"};
    spae_real given[12] = {0, 1, (spae_real)0.25, -3, 7, (spae_real)0.5, 0, 0, 0, 1, 1, 1}, *back = NULL;
    size_t height = 0, width = 0;
    enter();
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(spae_picture_save(names[i], given, 1, 4, &arena, NULL), SPAE_OK);
        ck_assert_int_eq(spae_picture_load(names[i], &arena, &back, &height, &width, NULL), SPAE_OK);
        ck_assert(height == 1 && width == 4 && back[0] == 0 && back[1] == 1 && back[3] == 0 && back[4] == 1);
        ck_assert(fabs((double)back[2] - 0.25) <= (i == 0 ? 0.0 : 0.5 / 255));
    }
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    spae_arena arena = new_arena();
    spae_error err;
    spae_real *picture = NULL, sample[3] = {0, 0, 0};
    size_t height = 7, width = 7;
    enter();
    put_file("bad.png", "no picture", 10);
    ck_assert_int_eq(spae_picture_load("none.png", &arena, &picture, &height, &width, &err), SPAE_ERR_IO);
    ck_assert_int_eq(spae_picture_load("bad.png", &arena, &picture, &height, &width, &err), SPAE_ERR_FORMAT);
    ck_assert(picture == NULL && height == 7 && width == 7 && arena.used == 0);
    ck_assert_int_eq(spae_picture_save("a.gif", sample, 1, 1, &arena, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_picture_save("no/where.png", sample, 1, 1, &arena, &err), SPAE_ERR_IO);
    sample[1] = (spae_real)NAN;
    ck_assert_int_eq(spae_picture_save("a.png", sample, 1, 1, &arena, &err), SPAE_ERR_NOT_FINITE);
    ck_assert(!is_there("a.png") && !is_there("a.gif") && arena.used == 0);
    leave();
    spae_arena_free(&arena);
}
END_TEST

static spae_status load_again(spae_arena *arena, void *context, spae_error *err)
{
    spae_real *picture;
    size_t height, width;
    return spae_picture_load(context, arena, &picture, &height, &width, err);
}

static spae_status save_again(spae_arena *arena, void *context, spae_error *err)
{
    spae_real picture[TINY_SAMPLES];
    tiny_picture(picture);
    return spae_picture_save(context, picture, TINY_SIDE, TINY_SIDE, arena, err);
}

START_TEST(no_memory)
{
    char in[] = "in.npy", out[] = "out.png";
    enter();
    starve(load_again, in, 64);
    starve(save_again, out, 4096);
    leave();
}
END_TEST

SUITE(suite_io_hosted, "io/hosted", arena_over_malloc, grey_is_repeated, saved_pictures_come_back, refusals, no_memory)

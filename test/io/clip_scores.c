/* io/clip_scores: two pictures and four words by hand, and what is refused. */
#include "tiny.h"

#include <math.h>

#include "io/clip_scores.h"
#include "io/npy.h"

static const spae_pyramid two_layers = {2, {{1, 1, 1}, {1, 1, 2}}}; /* one token, then two */
static const float texts[] = {1, 0, 0, 1, -1, 0, 0, -1};            /* (4,2) */

static void put_rows(folder *f, const char *name, size_t n, size_t d, const float *rows)
{
    spae_arena arena = new_arena();
    spae_error err;
    const spae_npy_array array = {SPAE_NPY_F4, 2, {n, d}, rows};
    ck_ok(spae_npy_write_file(&arena, in_folder(f, name), &array, &err));
    spae_arena_free(&arena);
}

static spae_status open_scores(folder *f, spae_clip_scores *c, size_t V, spae_arena *arena, spae_error *err)
{
    char text[160];
    strcpy(text, in_folder(f, "t.npy"));
    const spae_clip_scores_sources from = {.text = text, .image = in_folder(f, "i.npy")};
    return spae_clip_scores_open(c, &two_layers, V, &from, arena, err);
}

static void close_to(double got, double due)
{
    ck_assert_msg(fabs(got - due) <= 1e-7, "%.17g, due %.17g", got, due);
}

START_TEST(by_hand)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_clip_scores c;
    spae_error err;
    put_rows(&f, "t.npy", 4, 2, texts);
    put_rows(&f, "i.npy", 2, 2, (const float[]){1, 0, 0.6f, 0.8f});
    ck_ok(open_scores(&f, &c, 4, &arena, &err));
    ck_assert(c.images == 2 && c.d == 2);
    /* picture 0: s' = 1 0 -1 0, s = 1 1/2 0 1/2; tokens 0 | 1 2 */
    spae_clip_scores_add(&c, 0, (const int32_t[]){0, 1, 2});
    close_to(spae_spread_mean(&c.layer[0].own_score), 1);
    close_to(spae_spread_mean(&c.layer[1].own_score), -0.5);
    close_to(spae_spread_mean(&c.layer[1].own_relative), 0.25);
    close_to(spae_spread_mean(&c.layer[1].score), 0);
    close_to(spae_spread_mean(&c.layer[1].relative), 0.5);
    /* picture 1: s' = 0.6 0.8 -0.6 -0.8, s = 7/8 1 1/8 0; tokens 3 | 0 1 */
    spae_clip_scores_add(&c, 1, (const int32_t[]){3, 0, 1});
    close_to(spae_spread_mean(&c.layer[0].score), (1 - 0.8) / 2);
    close_to(spae_spread_mean(&c.layer[0].own_score), (1 - 0.8) / 2);
    close_to(spae_spread_mean(&c.layer[0].relative), 0.5);
    close_to(spae_spread_deviation(&c.layer[0].relative), 0.5);
    close_to(spae_spread_mean(&c.layer[1].own_score), (-0.5 + 0.7) / 2);
    close_to(spae_spread_mean(&c.layer[1].own_relative), (0.25 + 15.0 / 16) / 2);
    close_to(spae_spread_mean(&c.layer[1].score), (0 + 0.2) / 2);
    close_to(spae_spread_mean(&c.layer[1].relative), (0.5 + 0.625) / 2);
    ck_assert_uint_eq(c.layer[1].relative.count, 2);
    remove_folder(&f, (const char *const[]){"t.npy", "i.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

static void is_refused(folder *f, size_t V, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_clip_scores c;
    spae_error err;
    const spae_status status = open_scores(f, &c, V, &arena, &err);
    ck_assert_msg(status == due && strstr(err.text, part) != NULL, "%d: %s", status, err.text);
    spae_arena_free(&arena);
}

static spae_status open_in(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_clip_scores c;
    const spae_status status = open_scores(context, &c, 4, arena, err);
    spae_arena_reset(arena, mark);
    return status;
}

START_TEST(refusals)
{
    folder f = make_folder();
    put_rows(&f, "t.npy", 4, 2, texts);
    is_refused(&f, 4, SPAE_ERR_IO, "/i.npy: ");
    put_rows(&f, "i.npy", 2, 2, (const float[]){1, 0, 2, 0});
    is_refused(&f, 5, SPAE_ERR_SHAPE, "/t.npy: 4 rows, the vocabulary has 5 words");
    is_refused(&f, 4, SPAE_ERR_ARGUMENT, "/i.npy: row 1 has length 2: unit vectors are due");
    put_rows(&f, "i.npy", 2, 2, (const float[]){0, 0, 1, 0});
    is_refused(&f, 4, SPAE_ERR_ARGUMENT, "/i.npy: row 0 has length 0: unit vectors are due");
    put_rows(&f, "i.npy", 2, 2, (const float[]){1, 0, NAN, 0});
    is_refused(&f, 4, SPAE_ERR_NOT_FINITE, "/i.npy: row 1 is not finite");
    put_rows(&f, "i.npy", 1, 4, texts);
    is_refused(&f, 4, SPAE_ERR_SHAPE, "/i.npy: features of 4 numbers, those of ");
    put_rows(&f, "i.npy", 4, 2, texts);
    put_rows(&f, "t.npy", 1, 2, (const float[]){1, 1});
    is_refused(&f, 1, SPAE_ERR_ARGUMENT, "/t.npy: row 0 has length 1.41421: means of unit vectors are due");
    put_rows(&f, "t.npy", 0, 2, texts);
    is_refused(&f, 0, SPAE_ERR_SHAPE, "/t.npy: expected an array (n,d), it has rank 2, 0 numbers");
    put_rows(&f, "t.npy", 4, 2, texts);
    starve(open_in, &f, 16);
    remove_folder(&f, (const char *const[]){"t.npy", "i.npy", NULL});
}
END_TEST

SUITE(suite_io_clip_scores, "io/clip_scores", by_hand, refusals)

/* io/figures: the positions of Eq. 1 and the paths of both quantizers, where they should be. */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"

#include <math.h>

#include "../../io/figures.h"

/* The marks of a kind and an ink, in order; returns how many. */
static size_t marks_of(const spae_canvas *canvas, spae_mark_kind kind, spae_ink ink, const spae_mark **mark)
{
    const spae_mark *all = (const spae_mark *)(const void *)canvas->marks.buffer.bytes;
    size_t n = 0;
    for (size_t i = 0; i < canvas->marks.buffer.size / sizeof *all; i++)
        if (all[i].kind == kind && all[i].ink == ink)
            mark[n++] = &all[i];
    return n;
}

/* By hand: a 4x4 grid; layer 1 holds position 3 of 1..4 on each axis, layer 2 positions 2 and 4. */
START_TEST(subsampler)
{
    const spae_pyramid pyramid = {3, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}}};
    const double x2[4] = {190 + 60, 190 + 140, 190 + 60, 190 + 140}, y2[4] = {60 + 60, 60 + 60, 60 + 140, 60 + 140};
    spae_arena arena = new_arena();
    spae_canvas canvas;
    const spae_mark *disc[32];
    ck_assert_int_eq(spae_figure_subsampler(&pyramid, NULL, &arena, &canvas, NULL), SPAE_OK);
    ck_assert_uint_eq(marks_of(&canvas, SPAE_MARK_DISC, SPAE_INK_BLUE, disc), 21);
    ck_assert(disc[0]->x0 == 10 + 100 && disc[0]->y0 == 60 + 100);
    for (int i = 0; i < 4; i++)
        ck_assert(disc[1 + i]->x0 == x2[i] && disc[1 + i]->y0 == y2[i]);
    ck_assert(canvas.width == 360 && canvas.height == 40 + 2 * 200);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(quantizers)
{
    const spae_figure_plane one = {.seed = 3, .words = 1, .layers = 4, .at = {1, 0}};
    spae_arena arena = new_arena();
    spae_canvas canvas;
    const spae_mark *line[8];
    ck_assert_int_eq(spae_figure_quantizers(&one, &arena, &canvas, NULL), SPAE_OK);
    ck_assert_uint_eq(marks_of(&canvas, SPAE_MARK_LINE, SPAE_INK_ORANGE, line), 8);
    /* one word: sums walk on in equal steps, averages stay at it after the first */
    const double step = line[0]->x1 - line[0]->x0;
    for (int l = 1; l < 4; l++) {
        ck_assert(fabs(line[l]->x1 - line[l]->x0 - step) < 1e-4);
        ck_assert(fabs(line[4 + l]->x1 - line[4 + l]->x0) < 1e-9);
    }
    ck_assert(fabs(line[4]->x1 - line[4]->x0 - step) < 1e-9 && fabs(step) > 0.1);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refusals)
{
    spae_error err;
    spae_arena arena = new_arena();
    spae_canvas canvas;
    const spae_pyramid large = {1, {{1, 65, 1}}}, shrinks = {2, {{1, 2, 2}, {1, 1, 1}}};
    spae_figure_plane plane = {.words = 2001, .layers = 1};
    ck_assert_int_eq(spae_figure_subsampler(&large, NULL, &arena, &canvas, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "figure: a latent grid of 1x65x1, at most 64 on an axis");
    ck_assert_int_eq(spae_figure_subsampler(&shrinks, NULL, &arena, &canvas, &err), SPAE_ERR_SHAPE);
    ck_assert_int_eq(spae_figure_quantizers(&plane, &arena, &canvas, &err), SPAE_ERR_ARGUMENT);
    plane = (spae_figure_plane){.words = 2, .layers = SPAE_MAX_LAYERS + 1};
    ck_assert_int_eq(spae_figure_quantizers(&plane, &arena, &canvas, &err), SPAE_ERR_ARGUMENT);
    plane = (spae_figure_plane){.words = 2, .layers = 1, .at = {0, NAN}};
    ck_assert_int_eq(spae_figure_quantizers(&plane, &arena, &canvas, &err), SPAE_ERR_ARGUMENT);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_figures, "io/figures", subsampler, quantizers, refusals)

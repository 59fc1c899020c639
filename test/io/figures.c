/* io/figures: the positions of Eq. 1 and the paths of both quantizers, where they should be. */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"

#include <math.h>

#include "../../io/figures.h"
#include "memory.h"
#include "tiny_model.h"

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

static spae_status draw_both(spae_arena *arena, void *context, spae_error *err)
{
    spae_model *model = context;
    spae_study study;
    spae_words words;
    spae_canvas canvas;
    spae_real picture[TINY_SAMPLES];
    const spae_arena_mark mark = spae_arena_here(arena);
    tiny_picture(picture);
    spae_status status = spae_words_index(model->word, TINY_V, arena, &words, err);
    if (status == SPAE_OK)
        status = spae_study_make(model, "x", picture, &(spae_study_like){.label = NULL}, arena, &study, err);
    if (status == SPAE_OK)
        status = spae_figure_pyramid(model, &words, &study, 1, arena, &canvas, err);
    if (status == SPAE_OK)
        status = spae_figure_words(model, &words, &study, 1, arena, &canvas, err);
    const uint8_t *made = NULL;
    size_t size = 0;
    if (status == SPAE_OK)
        status = spae_page_end(&canvas.marks, &made, &size, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark); /* a figure leaves its pieces to the caller */
    return status;
}

/* Cells where the grid says, of the shade of their similarity; bars as long as their counts. */
START_TEST(words)
{
    spae_arena arena = new_arena();
    spae_model model = tiny_model(&arena, TINY_V);
    spae_study study[2];
    spae_words index;
    spae_canvas canvas;
    spae_real picture[TINY_SAMPLES];
    const spae_mark *mark[128];
    tiny_picture(picture);
    ck_assert_int_eq(spae_words_index(model.word, TINY_V, &arena, &index, NULL), SPAE_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(spae_study_make(&model, "x", picture, &(spae_study_like){.label = NULL}, &arena, &study[i], NULL), SPAE_OK);
    for (int i = 0; i < TINY_TOKENS; i++)
        study[0].similarity[i] = study[1].similarity[i] = 0;
    study[1].similarity[1 + 4 + 6] = 0.7; /* layer 3, row 1, column 2 */
    ck_assert_int_eq(spae_figure_pyramid(&model, &index, study, 2, &arena, &canvas, NULL), SPAE_OK);
    ck_assert_uint_eq(marks_of(&canvas, SPAE_MARK_BOX, spae_canvas_shade(0.7), mark), 3); /* and two legends */
    const double top = canvas.height / 2 + 20 + 96 + 3 + 20 + 3 + 22 + 20 + 3 + 44 + 20;
    ck_assert(canvas.width == 360 && mark[2]->x0 == 10 + 2 * 85 + 1 && mark[2]->y0 == top + 22 + 1);
    for (int i = 0; i < 16; i++)
        study[0].token[5 + i] = study[1].token[5 + i] = i < 12 ? 3 : 9;
    ck_assert_int_eq(spae_figure_words(&model, &index, study, 2, &arena, &canvas, NULL), SPAE_OK);
    const size_t n = marks_of(&canvas, SPAE_MARK_BOX, SPAE_INK_BLUE, mark);
    size_t found = 0;
    for (size_t i = 0; i + 1 < n; i++)
        found += mark[i]->x1 == 44 && mark[i + 1]->x1 == 44 * 8.0 / 24 && mark[i + 1]->y0 == mark[i]->y0 + 20;
    ck_assert_uint_eq(found, 1);
    starve(draw_both, &model, 1 << 16);
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

SUITE(suite_io_figures, "io/figures", subsampler, quantizers, words, refusals)

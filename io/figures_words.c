/* The words of figures.h: pyramids of them, and which ones a layer uses most. */
#include <string.h>

#include "io/figures.h"
#include "io/histogram.h"

enum { WIDTH = SPAE_CANVAS_PHONE, EDGE = 10, INNER = WIDTH - 2 * EDGE, LINE = 20, ROW = 22, GAP = 3 };

typedef struct {
    const spae_model *model;
    const spae_words *words;
    spae_arena *arena;
    spae_canvas *canvas;
    spae_error *err;
    spae_page word; /* one word in its written form, reused */
} drawing;

static const char unknown[] = "?"; /* no memory: told by word_of's page */

/* A word as token files write it, terminated, in the arena. */
static const char *word_of(drawing *d, int32_t token)
{
    spae_page_clear(&d->word);
    spae_words_write(d->words, token, false, &d->word);
    const size_t n = d->word.buffer.size;
    char *text = spae_arena_take(d->arena, n + 1, 1);
    if (text == NULL && d->word.failure.status == SPAE_OK)
        (void)spae_fail(&d->word.failure, SPAE_ERR_NO_MEMORY, "figure: no memory for a word");
    if (d->word.failure.status != SPAE_OK)
        return unknown;
    memcpy(text, d->word.buffer.bytes, n);
    text[n] = '\0';
    return text;
}

/* A failure of word_of, unless there was another one before. */
static spae_status finish(const drawing *d, spae_status status)
{
    if (status == SPAE_OK && d->word.failure.status != SPAE_OK)
        return spae_fail(d->err, d->word.failure.status, "%s", d->word.failure.text);
    return status;
}

/* ---- Fig. 4 and 13: pyramids ---------------------------------------------------------------------------- */

static double cell_width(const size_t size[3])
{
    const double share = (double)INNER / (double)size[2];
    return share > SPAE_FIGURES_CELL ? share : SPAE_FIGURES_CELL;
}

static double grid_width(const spae_pyramid *pyramid)
{
    double width = INNER;
    for (size_t l = 0; l < pyramid->layers; l++) {
        const double wide = cell_width(pyramid->size[l]) * (double)pyramid->size[l][2];
        width = wide > width ? wide : width;
    }
    return width;
}

/* Name, picture and layers of one. */
static double pyramid_height(const spae_pyramid *pyramid)
{
    double height = 2 * LINE + SPAE_FIGURES_PICTURE;
    for (size_t l = 0; l < pyramid->layers; l++)
        height += LINE + GAP + ROW * (double)pyramid->size[l][1];
    return height;
}

/* 0 [11 shades] 1, beside the picture. */
static void draw_legend(const drawing *d, double x, double y)
{
    enum { STEP = 16 };
    spae_canvas_text(d->canvas, SPAE_INK_DIM, x, y, false, "0");
    spae_canvas_box(d->canvas, SPAE_INK_LINE, x + 12, y - 13, SPAE_CANVAS_SHADES * STEP + 2, 16);
    for (int i = 0; i < SPAE_CANVAS_SHADES; i++)
        spae_canvas_box(d->canvas, spae_canvas_shade((double)i / (SPAE_CANVAS_SHADES - 1)), x + 13 + i * STEP, y - 12,
                        STEP, 14);
    spae_canvas_text(d->canvas, SPAE_INK_DIM, x + SPAE_CANVAS_SHADES * STEP + 18, y, false, "1");
}

/* What the picture's cells are compared with. */
static void draw_comparison(drawing *d, const spae_study *study, double y)
{
    enum { X = EDGE + SPAE_FIGURES_PICTURE + EDGE, ROOM = WIDTH - EDGE - X };
    const char *to = study->source != NULL  ? "the picture, by"
                     : study->label != NULL ? "the label, by the codebook:"
                                            : "layer 1's word, by the codebook:";
    spae_canvas_text_within(d->canvas, SPAE_INK_DIM, X, y + 12, false, ROOM, "shaded by similarity to");
    spae_canvas_text_within(d->canvas, SPAE_INK_DIM, X, y + 12 + LINE, false, ROOM, to);
    spae_canvas_text_within(d->canvas, SPAE_INK_TEXT, X, y + 12 + 2 * LINE, false, ROOM,
                            study->source != NULL ? study->source : word_of(d, study->reference));
    draw_legend(d, X, y + 12 + 3.5 * LINE);
}

static void draw_grid(drawing *d, const spae_study *study, size_t layer, double y)
{
    const spae_pyramid *pyramid = &d->model->config.pyramid;
    const size_t first = spae_pyramid_total(pyramid, layer), columns = pyramid->size[layer][2];
    const double width = cell_width(pyramid->size[layer]);
    for (size_t i = 0; i < spae_pyramid_tokens(pyramid, layer); i++) {
        const double left = EDGE + width * (double)(i % columns), top = y + ROW * (double)(i / columns);
        spae_canvas_box(d->canvas, SPAE_INK_LINE, left, top, width - 1, ROW - 1);
        spae_canvas_box(d->canvas, spae_canvas_shade(study->similarity[first + i]), left + 1, top + 1, width - 3,
                        ROW - 3);
        spae_canvas_text_within(d->canvas, SPAE_INK_TEXT, left + width / 2 - 0.5, top + ROW - 7, true, width - 6,
                                word_of(d, study->token[first + i]));
    }
}

static spae_status draw_pyramid(drawing *d, const spae_study *study, double y)
{
    const spae_pyramid *pyramid = &d->model->config.pyramid;
    spae_canvas_text_within(d->canvas, SPAE_INK_TEXT, EDGE, y + LINE - 6, false, INNER, study->name);
    y += LINE;
    const spae_status status = spae_figure_picture(d->model, study->picture, EDGE, y, d->arena, d->canvas, d->err);
    draw_comparison(d, study, y);
    y += SPAE_FIGURES_PICTURE + GAP;
    for (size_t l = 0; l < pyramid->layers; l++) {
        spae_canvas_text(d->canvas, SPAE_INK_DIM, EDGE, y + LINE - 6, false,
                         spae_canvas_format(d->canvas, "layer %zu: %zux%zu", l + 1, pyramid->size[l][1],
                                            pyramid->size[l][2]));
        draw_grid(d, study, l, y + LINE);
        y += LINE + GAP + ROW * (double)pyramid->size[l][1];
    }
    return status;
}

spae_status spae_figure_pyramid(const spae_model *model, const spae_words *words, const spae_study *studies,
                                size_t count, spae_arena *arena, spae_canvas *canvas, spae_error *err)
{
    const spae_pyramid *pyramid = &model->config.pyramid;
    const double height = pyramid_height(pyramid);
    drawing d = {model, words, arena, canvas, err, spae_page_start(arena)};
    spae_status status = SPAE_OK;
    *canvas = spae_canvas_start(2 * EDGE + grid_width(pyramid), (double)count * height, "Pyramids of words",
                                "A picture's words, layer by layer. A cell is shaded by how similar its word is to what "
                                "is named beside the picture: 0 the least, 1 the most similar word of the vocabulary.",
                                arena);
    for (size_t i = 0; i < count && status == SPAE_OK; i++)
        status = draw_pyramid(&d, &studies[i], (double)i * height);
    return finish(&d, status);
}

/* ---- Fig. 4: the words of a layer ----------------------------------------------------------------------- */

enum { PANEL = WIDTH / 2, WORD = 76, BAR = 44, PANEL_HEIGHT = (SPAE_FIGURES_BARS + 3) * LINE, TOP = 2 * LINE };

static void draw_bars(drawing *d, const spae_histogram_bar *bar, size_t bars, double x, double y)
{
    for (size_t i = 0; i < bars; i++, y += LINE) {
        const double share = (double)bar[i].count / (double)bar[0].count;
        spae_canvas_text_within(d->canvas, SPAE_INK_TEXT, x, y, false, WORD, word_of(d, bar[i].token));
        spae_canvas_box(d->canvas, SPAE_INK_BLUE, x + WORD + GAP, y - 11, BAR * share, 13);
        spae_canvas_text_within(d->canvas, SPAE_INK_DIM, x + WORD + BAR + 3 * GAP, y, false,
                                PANEL - EDGE - WORD - BAR - 3 * GAP,
                                spae_canvas_format(d->canvas, "%zu", bar[i].count));
    }
}

static spae_status draw_layer(drawing *d, const spae_study *studies, size_t count, size_t layer)
{
    const spae_pyramid *pyramid = &d->model->config.pyramid;
    const double x = EDGE + PANEL * (double)(layer % 2), y = TOP + LINE + PANEL_HEIGHT * (double)(layer / 2);
    spae_histogram_bar bar[SPAE_FIGURES_BARS];
    size_t bars = 0, different = 0;
    const spae_status status = spae_histogram_layer(pyramid, d->model->codebook.V, studies, count, layer,
                                                    SPAE_FIGURES_BARS, d->arena, bar, &bars, &different, d->err);
    if (status != SPAE_OK)
        return status;
    spae_canvas_text_within(d->canvas, SPAE_INK_TEXT, x, y, false, PANEL - EDGE,
                            spae_canvas_format(d->canvas, "layer %zu: %zu tokens", layer + 1,
                                               count * spae_pyramid_tokens(pyramid, layer)));
    spae_canvas_text_within(d->canvas, SPAE_INK_DIM, x, y + LINE, false, PANEL - EDGE,
                            spae_canvas_format(d->canvas, "%zu different", different));
    draw_bars(d, bar, bars, x, y + 2 * LINE);
    return SPAE_OK;
}

spae_status spae_figure_words(const spae_model *model, const spae_words *words, const spae_study *studies,
                              size_t count, spae_arena *arena, spae_canvas *canvas, spae_error *err)
{
    const size_t layers = model->config.pyramid.layers;
    drawing d = {model, words, arena, canvas, err, spae_page_start(arena)};
    spae_status status = SPAE_OK;
    *canvas = spae_canvas_start(WIDTH, TOP + PANEL_HEIGHT * (double)((layers + 1) / 2), "Most frequent words", "", arena);
    canvas->description = spae_canvas_format(canvas, "The words that each layer uses most over %zu picture%s, and how often.",
                                             count, count > 1 ? "s" : "");
    spae_canvas_text_within(canvas, SPAE_INK_TEXT, EDGE, LINE, false, INNER,
                            spae_canvas_format(canvas, "Most frequent words of %zu picture%s", count,
                                               count > 1 ? "s" : ""));
    for (size_t l = 0; l < layers && status == SPAE_OK; l++)
        status = draw_layer(&d, studies, count, l);
    return finish(&d, status);
}

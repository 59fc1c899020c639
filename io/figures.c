/* The drawings of figures.h. Two panels stand side by side, 180 units each: a phone shows them whole. */
#include "io/figures.h"

#include <math.h>

#include "io/vocabulary.h"

enum { WIDTH = SPAE_CANVAS_PHONE, PANEL = 180, EDGE = 10, INNER = PANEL - 2 * EDGE, LINE = 20, TOP = 2 * LINE };

/* ---- Fig. 10 ------------------------------------------------------------------------------------------ */

/* A panel's frames stand in a square of `across` by `across`. */
typedef struct {
    const spae_pyramid *pyramid;
    const size_t *grid; /* (t,h,w) of the last layer */
    size_t across;
    double frame, step; /* units of a frame with its gap, and of a position */
} layout;

static layout lay_out(const spae_pyramid *pyramid)
{
    layout l = {.pyramid = pyramid, .grid = pyramid->size[pyramid->layers - 1], .across = 1};
    while (l.across * l.across < l.grid[0])
        l.across++;
    l.frame = (double)INNER / (double)l.across;
    const size_t longest = l.grid[1] > l.grid[2] ? l.grid[1] : l.grid[2];
    l.step = l.frame * (l.across > 1 ? 0.9 : 1) / (double)longest;
    return l;
}

static double frame_x(const layout *l, double x, size_t t)
{
    return x + l->frame * (double)(t % l->across);
}

static double frame_y(const layout *l, double y, size_t t)
{
    return y + l->frame * (double)(t / l->across);
}

static void draw_grid(const layout *l, double x, double y, spae_canvas *canvas)
{
    const double width = l->step * (double)l->grid[2], height = l->step * (double)l->grid[1];
    for (size_t t = 0; t < l->grid[0]; t++) {
        const double left = frame_x(l, x, t), top = frame_y(l, y, t);
        for (size_t i = 0; i <= l->grid[1]; i++)
            spae_canvas_line(canvas, SPAE_INK_LINE, left, top + l->step * (double)i, left + width,
                             top + l->step * (double)i, 0.7);
        for (size_t i = 0; i <= l->grid[2]; i++)
            spae_canvas_line(canvas, SPAE_INK_LINE, left + l->step * (double)i, top, left + l->step * (double)i,
                             top + height, 0.7);
    }
}

static spae_status draw_layer(const layout *l, size_t layer, double x, double y, spae_arena *arena,
                              spae_canvas *canvas, spae_error *err)
{
    const size_t tokens = spae_pyramid_tokens(l->pyramid, layer), plane = l->grid[1] * l->grid[2];
    int32_t *position = spae_arena_take(arena, tokens, sizeof *position);
    if (position == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "figure: no memory for %zu positions", tokens);
    spae_pyramid_positions(l->pyramid, layer, position);
    spae_canvas_text(canvas, SPAE_INK_TEXT, x, y - 7, false,
                     spae_canvas_format(canvas, "layer %zu: %zu", layer + 1, tokens));
    draw_grid(l, x, y, canvas);
    for (size_t i = 0; i < tokens; i++) {
        const size_t t = (size_t)position[i] / plane, rest = (size_t)position[i] % plane;
        spae_canvas_disc(canvas, SPAE_INK_BLUE, frame_x(l, x, t) + l->step * ((double)(rest % l->grid[2]) + 0.5),
                         frame_y(l, y, t) + l->step * ((double)(rest / l->grid[2]) + 0.5), l->step * 0.36);
    }
    return SPAE_OK;
}

spae_status spae_figure_subsampler(const spae_pyramid *pyramid, const char *title, spae_arena *arena,
                                   spae_canvas *canvas, spae_error *err)
{
    const char *of = title != NULL ? title : "The positions of each layer's tokens";
    spae_status status = spae_pyramid_check(pyramid, err);
    if (status != SPAE_OK)
        return status;
    const layout l = lay_out(pyramid);
    for (int i = 0; i < 3; i++)
        if (l.grid[i] > SPAE_FIGURES_AXIS_MOST)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "figure: a latent grid of %zux%zux%zu, at most %d on an axis",
                             l.grid[0], l.grid[1], l.grid[2], SPAE_FIGURES_AXIS_MOST);
    const size_t rows = (pyramid->layers + 1) / 2;
    *canvas = spae_canvas_start(WIDTH, TOP + (double)rows * (INNER + 2 * LINE), of, "", arena);
    canvas->description = spae_canvas_format(
        canvas, "Discs are the positions of the %zux%zux%zu latent grid that layer l holds, P(l) of Eq. 1; %zu tokens in "
                "%zu layers.", l.grid[0], l.grid[1], l.grid[2], spae_pyramid_total(pyramid, pyramid->layers),
        pyramid->layers);
    spae_canvas_text_within(canvas, SPAE_INK_TEXT, EDGE, LINE, false, WIDTH - EDGE, of);
    for (size_t i = 0; i < pyramid->layers && status == SPAE_OK; i++)
        status = draw_layer(&l, i, EDGE + PANEL * (double)(i % 2),
                            TOP + LINE + (double)(i / 2) * (INNER + 2 * LINE), arena, canvas, err);
    return status;
}

/* ---- Fig. 11 ------------------------------------------------------------------------------------------ */

typedef struct {
    const spae_figure_plane *plane;
    const spae_real *e; /* (words,2) */
    int32_t token[2][SPAE_MAX_LAYERS];                 /* of RQ, SAQ */
    spae_real path[2][SPAE_MAX_LAYERS * 2];            /* zhat_<=l */
    double middle[2], reach;                           /* what is shown: middle +- reach */
} toy;

static const spae_quantizer quantizers[2] = {SPAE_RQ, SPAE_SAQ};
static const char *const names[2] = {"RQ: sums", "SAQ: averages"};

static spae_status quantize(toy *y, spae_arena *arena, spae_error *err)
{
    spae_vocabulary vocabulary;
    spae_pyramid pyramid = {.layers = y->plane->layers};
    spae_real z[2];
    spae_status status =
        spae_vocabulary_generate(arena, y->plane->words, 2, y->plane->seed, &vocabulary, err);
    if (status != SPAE_OK)
        return status;
    for (size_t l = 0; l < pyramid.layers; l++)
        pyramid.size[l][0] = pyramid.size[l][1] = pyramid.size[l][2] = 1;
    for (int j = 0; j < 2; j++)
        z[j] = (spae_real)y->plane->at[j];
    y->e = vocabulary.e;
    const spae_codebook book = {.V = y->plane->words, .c = 2, .e = vocabulary.e};
    for (int i = 0; i < 2 && status == SPAE_OK; i++) {
        const spae_quantized q = {.token = y->token[i], .zhat = y->path[i]};
        status = spae_quantize(&pyramid, quantizers[i], &book, z, arena, &q, err);
    }
    return status;
}

static void stretch(double v, double *low, double *high)
{
    *low = fmin(*low, v);
    *high = fmax(*high, v);
}

/* The square that holds the origin, the embedding, the chosen words and both paths, with a 20th around. */
static void frame(toy *y)
{
    double low[2] = {0, 0}, high[2] = {0, 0};
    for (size_t j = 0; j < 2; j++) {
        stretch(y->plane->at[j], &low[j], &high[j]);
        for (size_t l = 0; l < y->plane->layers; l++)
            for (int i = 0; i < 2; i++) {
                stretch((double)y->path[i][2 * l + j], &low[j], &high[j]);
                stretch((double)y->e[2 * (size_t)y->token[i][l] + j], &low[j], &high[j]);
            }
        y->middle[j] = (low[j] + high[j]) / 2;
    }
    y->reach = fmax(fmax(high[0] - low[0], high[1] - low[1]) * 0.55, 1e-6);
}

static bool shown(const toy *y, const spae_real *e)
{
    return fabs((double)e[0] - y->middle[0]) < y->reach && fabs((double)e[1] - y->middle[1]) < y->reach;
}

static double place_x(const toy *y, int panel, double v)
{
    return EDGE + PANEL * panel + INNER * (0.5 + (v - y->middle[0]) / (2 * y->reach));
}

static double place_y(const toy *y, double v)
{
    return TOP + LINE + INNER * (0.5 - (v - y->middle[1]) / (2 * y->reach));
}

static void draw_codebook(const toy *y, int panel, spae_canvas *canvas)
{
    const double left = EDGE + PANEL * panel, top = TOP + LINE;
    const double corner[5][2] = {{0, 0}, {INNER, 0}, {INNER, INNER}, {0, INNER}, {0, 0}};
    for (int i = 0; i < 4; i++)
        spae_canvas_line(canvas, SPAE_INK_LINE, left + corner[i][0], top + corner[i][1], left + corner[i + 1][0],
                         top + corner[i + 1][1], 1);
    for (size_t k = 0; k < y->plane->words; k++)
        if (shown(y, y->e + 2 * k))
            spae_canvas_disc(canvas, SPAE_INK_DIM, place_x(y, panel, (double)y->e[2 * k]),
                             place_y(y, (double)y->e[2 * k + 1]), 1.6);
    for (size_t l = 0; l < y->plane->layers; l++) {
        const spae_real *e = y->e + 2 * (size_t)y->token[panel][l];
        spae_canvas_disc(canvas, SPAE_INK_BLUE, place_x(y, panel, (double)e[0]), place_y(y, (double)e[1]), 3.5);
    }
}

/* From the origin, where nothing is said yet, along zhat_<=1, zhat_<=2, ..; the embedding is a cross. */
static void draw_path(const toy *y, int panel, spae_canvas *canvas)
{
    const spae_real *path = y->path[panel];
    const double x = place_x(y, panel, y->plane->at[0]), at = place_y(y, y->plane->at[1]);
    double before[2] = {place_x(y, panel, 0), place_y(y, 0)};
    for (size_t l = 0; l < y->plane->layers; l++) {
        const double next[2] = {place_x(y, panel, (double)path[2 * l]), place_y(y, (double)path[2 * l + 1])};
        spae_canvas_line(canvas, SPAE_INK_ORANGE, before[0], before[1], next[0], next[1], 1.6);
        spae_canvas_disc(canvas, SPAE_INK_ORANGE, next[0], next[1], 2.4);
        before[0] = next[0];
        before[1] = next[1];
    }
    spae_canvas_line(canvas, SPAE_INK_TEXT, x - 5, at - 5, x + 5, at + 5, 1.6);
    spae_canvas_line(canvas, SPAE_INK_TEXT, x - 5, at + 5, x + 5, at - 5, 1.6);
}

/* |z - zhat_<=l| in thousandths. */
static long thousandths(const toy *y, int panel, size_t l)
{
    const double dx = (double)y->path[panel][2 * l] - y->plane->at[0];
    const double dy = (double)y->path[panel][2 * l + 1] - y->plane->at[1];
    return (long)floor(sqrt(dx * dx + dy * dy) * 1000 + 0.5);
}

static void draw_table(const toy *y, int panel, spae_canvas *canvas)
{
    const double x = EDGE + PANEL * panel;
    double line = TOP + LINE + INNER + LINE;
    spae_canvas_text(canvas, SPAE_INK_TEXT, x, TOP + LINE - 7, false, names[panel]);
    for (size_t l = 0; l < y->plane->layers; l++, line += LINE) {
        const long off = thousandths(y, panel, l);
        spae_canvas_text(canvas, SPAE_INK_TEXT, x, line, false,
                         spae_canvas_format(canvas, "%zu: w%ld, off %ld.%03ld", l + 1, (long)y->token[panel][l],
                                            off / 1000, off % 1000));
    }
}

static spae_status check_plane(const spae_figure_plane *plane, spae_error *err)
{
    if (plane->words < 1 || plane->words > SPAE_FIGURES_WORDS_MOST || plane->layers < 1 ||
        plane->layers > SPAE_MAX_LAYERS)
        return spae_fail(err, SPAE_ERR_ARGUMENT, "figure: %zu words and %zu layers, expected 1 to %d and 1 to %d",
                         plane->words, plane->layers, SPAE_FIGURES_WORDS_MOST, SPAE_MAX_LAYERS);
    for (int j = 0; j < 2; j++)
        if (!(fabs(plane->at[j]) <= 100))
            return spae_fail(err, SPAE_ERR_ARGUMENT, "figure: the embedding must lie within -100 to 100 on each axis");
    return SPAE_OK;
}

spae_status spae_figure_quantizers(const spae_figure_plane *plane, spae_arena *arena, spae_canvas *canvas,
                                   spae_error *err)
{
    toy y = {.plane = plane};
    const char *of = plane->title != NULL ? plane->title : "Residual and streaming average quantization";
    spae_status status = check_plane(plane, err);
    if (status == SPAE_OK)
        status = quantize(&y, arena, err);
    if (status != SPAE_OK)
        return status;
    frame(&y);
    *canvas = spae_canvas_start(WIDTH, TOP + LINE + INNER + LINE * ((double)plane->layers + 1), of,
                                "Grey: a codebook of normal numbers in the plane. Cross: the embedding. Blue: the words "
                                "chosen. Orange: from the origin to what 1, 2, ... layers say. Below: each layer's word, "
                                "and the distance that is left.", arena);
    spae_canvas_text_within(canvas, SPAE_INK_TEXT, EDGE, LINE, false, WIDTH - EDGE, of);
    for (int panel = 0; panel < 2; panel++) {
        draw_codebook(&y, panel, canvas);
        draw_path(&y, panel, canvas);
        draw_table(&y, panel, canvas);
    }
    return SPAE_OK;
}

/* ---- Fig. 14 ------------------------------------------------------------------------------------------ */

enum { SHOWN = SPAE_FIGURES_PICTURE, COLUMN = SHOWN + 8, ROW = SHOWN + 3 * LINE };

spae_status spae_figure_picture(const spae_model *model, const spae_real *picture, double x, double y,
                                spae_arena *arena, spae_canvas *canvas, spae_error *err)
{
    const size_t height = model->config.picture[1], width = model->config.picture[2];
    const double longest = (double)(height > width ? height : width);
    spae_image *image = spae_arena_take(arena, 1, sizeof *image);
    if (image == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "figure: no memory for a picture");
    const spae_status status = spae_image_take(arena, "figure", NULL, height, width, 3, image, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < height * width * 3; i++)
        image->pixels[i] = picture[i] < 0 ? 0 : picture[i] > 1 ? 1 : (float)picture[i];
    spae_canvas_picture(canvas, x, y, SHOWN * (double)width / longest, SHOWN * (double)height / longest, image);
    return SPAE_OK;
}

/* "2: 17.48 dB", or "2: equal" where the PSNR is infinite. */
static const char *caption(spae_canvas *canvas, size_t layers, double psnr)
{
    const long hundredths = psnr < 1e6 ? (long)floor(fabs(psnr) * 100 + 0.5) : 0;
    if (!(psnr < 1e6))
        return spae_canvas_format(canvas, "%zu: equal", layers);
    return spae_canvas_format(canvas, "%zu: %s%ld.%02ld dB", layers, psnr < 0 && hundredths > 0 ? "-" : "",
                              hundredths / 100, hundredths % 100);
}

static spae_status draw_row(const spae_model *model, const spae_study *study, double y, spae_arena *arena,
                            spae_canvas *canvas, spae_error *err)
{
    const size_t samples = model->config.picture[1] * model->config.picture[2] * 3;
    spae_status status = spae_figure_picture(model, study->picture, EDGE, y, arena, canvas, err);
    spae_canvas_text_within(canvas, SPAE_INK_TEXT, EDGE, y - 6, false, canvas->width - EDGE, study->name);
    spae_canvas_text(canvas, SPAE_INK_DIM, EDGE, y + SHOWN + LINE - 4, false, "picture");
    for (size_t l = 0; l < model->config.pyramid.layers && status == SPAE_OK; l++) {
        const double x = EDGE + COLUMN * ((double)l + 1);
        status = spae_figure_picture(model, study->rebuilt + l * samples, x, y, arena, canvas, err);
        spae_canvas_text_within(canvas, SPAE_INK_DIM, x, y + SHOWN + LINE - 4, false, COLUMN - 2,
                                caption(canvas, l + 1, study->psnr[l]));
    }
    return status;
}

spae_status spae_figure_reconstructions(const spae_model *model, const spae_study *studies, size_t count,
                                        spae_arena *arena, spae_canvas *canvas, spae_error *err)
{
    const double columns = (double)model->config.pyramid.layers + 1;
    spae_status status = SPAE_OK;
    *canvas = spae_canvas_start(2 * EDGE + columns * COLUMN, (double)count * ROW + EDGE, "Rebuilt from 1, 2, ... layers",
                                "A row for each picture: the picture, then what its first 1, 2, ... layers rebuild, with "
                                "the PSNR.", arena);
    for (size_t i = 0; i < count && status == SPAE_OK; i++)
        status = draw_row(model, &studies[i], (double)i * ROW + 1.5 * LINE, arena, canvas, err);
    return status;
}

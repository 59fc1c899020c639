/* Drawings of the method itself, in the form of the paper's Fig. 4, 10, 11, 13 and 14; computed by the library. */
#ifndef SPAE_IO_FIGURES_H
#define SPAE_IO_FIGURES_H

#include "io/canvas.h"
#include "io/study.h"
#include "io/words.h"

#define SPAE_FIGURES_AXIS_MOST  64   /* positions of the latent grid on an axis */
#define SPAE_FIGURES_WORDS_MOST 2000 /* of a toy codebook */

/* Fig. 10: for each layer the latent grid, a disc at each position that P(l) of Eq. 1 holds; frames of a video side
 * by side.
 *   in   title  borrowed; NULL: a title that names the figure
 *   err  as spae_pyramid_check; SPAE_ERR_ARGUMENT  an axis is longer than SPAE_FIGURES_AXIS_MOST; the rest is told by
 *        spae_canvas_write */
spae_status spae_figure_subsampler(const spae_pyramid *pyramid, const char *title, spae_arena *arena,
                                   spae_canvas *canvas, spae_error *err);

/* Fig. 11: one embedding in the plane becomes `layers` tokens of a toy codebook (spae_vocabulary_generate of this
 * seed), by residual quantization and by streaming averages: the chosen words, the path of zhat_<=l, and below how far
 * each is from the embedding. */
typedef struct {
    uint32_t seed;
    size_t words;     /* 1 .. SPAE_FIGURES_WORDS_MOST */
    size_t layers;    /* 1 .. SPAE_MAX_LAYERS */
    double at[2];     /* the embedding, each within +-100 */
    const char *title;/* borrowed; NULL: as above */
} spae_figure_plane;

spae_status spae_figure_quantizers(const spae_figure_plane *plane, spae_arena *arena, spae_canvas *canvas,
                                   spae_error *err);

/* A picture of a study, (H,W,3), its longer side SPAE_FIGURES_PICTURE units: (x,y) is its corner.
 *   err  SPAE_ERR_NO_MEMORY */
#define SPAE_FIGURES_PICTURE 96
spae_status spae_figure_picture(const spae_model *model, const spae_real *picture, double x, double y,
                                spae_arena *arena, spae_canvas *canvas, spae_error *err);

/* Fig. 14: a row for each picture, that picture and what 1 .. D layers rebuild, with the PSNR beneath.
 *   in   studies  (count)  of this model; count >= 1
 *   err  SPAE_ERR_NO_MEMORY, and what spae_canvas_write tells: more pictures than a drawing can hold, a NaN */
spae_status spae_figure_reconstructions(const spae_model *model, const spae_study *studies, size_t count,
                                        spae_arena *arena, spae_canvas *canvas, spae_error *err);

/* Fig. 4 and 13: for each picture, the words of every layer as a grid, cells shaded by similarity (study.h), and what
 * they are compared with. Words are shortened to their cells. Each layer is as wide as a phone, or has cells of
 * SPAE_FIGURES_CELL units where it has many columns.
 *   in   words  of this model
 *   err  as above */
#define SPAE_FIGURES_CELL 68
spae_status spae_figure_pyramid(const spae_model *model, const spae_words *words, const spae_study *studies,
                                size_t count, spae_arena *arena, spae_canvas *canvas, spae_error *err);

/* The words that each layer uses most over all pictures, at most SPAE_FIGURES_BARS, as bars by their count (Fig. 4). */
#define SPAE_FIGURES_BARS 12
spae_status spae_figure_words(const spae_model *model, const spae_words *words, const spae_study *studies,
                              size_t count, spae_arena *arena, spae_canvas *canvas, spae_error *err);

#endif

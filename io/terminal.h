/* A study (study.h) for a terminal: small pictures in ASCII shades side by side, and the pyramid as grids of words.
 * No line is longer than SPAE_TERMINAL_COLUMNS characters.
 */
#ifndef SPAE_IO_TERMINAL_H
#define SPAE_IO_TERMINAL_H

#include "io/page.h"
#include "io/study.h"
#include "io/words.h"

#define SPAE_TERMINAL_COLUMNS 100

/* Appends the picture and what 1..D layers rebuild, each with its PSNR underneath.
 *   err  SPAE_ERR_NO_MEMORY;  scratch comes from the arena and stays there */
spae_status spae_terminal_pictures(const spae_model *model, const spae_study *study, spae_arena *arena,
                                   spae_page *page, spae_error *err);

/* Appends the pyramid: layer 1's word set wide, the others as grids whose columns are aligned; a word that does
 * not fit its column ends in '~'. Layers of more than 8 columns are left out, and that is said.
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_terminal_pyramid(const spae_model *model, const spae_words *words, const spae_study *study,
                                  spae_arena *arena, spae_page *page, spae_error *err);

#endif

/* What the subcommands that look at pictures share: loading a model, and pictures or videos of the size it takes. */
#ifndef SPAE_IO_CLI_INPUTS_H
#define SPAE_IO_CLI_INPUTS_H

#include "io/cli/options.h"
#include "spae.h"

/* How a picture of another size becomes one that the model takes. */
typedef enum {
    SPAE_CLI_AS_IT_IS, /* it does not: an error that says which size is taken */
    SPAE_CLI_RESIZE,   /* spae_image_resize: centre crop, then area averages or linear interpolation */
    SPAE_CLI_PAD       /* in the middle of black, the odd pixel at the right and below; never cropped */
} spae_cli_fit;

/* The two options, for the tables of subcommands. */
#define SPAE_CLI_FIT_OPTIONS                                                                                \
    {.name = "resize", .help = "crop a picture at its centre and scale it to the model's size"},            \
    {.name = "pad", .help = "put a smaller picture in the middle of black (MNIST: 28x28 to 32x32)"}

/* Which was given; false, the mistake said, when both were. */
bool spae_cli_read_fit(const spae_cli_arguments *arguments, spae_cli_fit *fit);

/* A model for still pictures. Everything lies in the arena.
 *   err  those of spae_model_load; SPAE_ERR_SHAPE  a model of videos */
spae_status spae_cli_load_model(const char *path, spae_arena *arena, spae_model *model, spae_error *err);

/* A picture (H,W,3) of the model's size, in the arena.
 *   err  those of spae_picture_load
 *        SPAE_ERR_SHAPE  another size, the text names both and the options */
spae_status spae_cli_load_picture(const spae_model *model, const char *path, spae_cli_fit fit,
                                  spae_arena *arena, spae_real **picture, spae_error *err);

/* T frames of a video, each fitted as a picture is: (T,H,W,3) in the arena, for a model that takes
 * T > 1 frames.
 *   in   from  the first of them, from 1; 0: the video must have T frames and no more
 *   err  those of spae_video_read
 *        SPAE_ERR_SHAPE  another number of frames, or another size */
spae_status spae_cli_load_video(const spae_model *model, const char *path, spae_cli_fit fit, size_t from,
                                spae_arena *arena, spae_real **video, spae_error *err);

#endif

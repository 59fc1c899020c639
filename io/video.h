/* Videos in memory, and the files they come from: Y4M, NPY, numbered pictures. Samples are those of
 * image.h.
 *
 *   FILE.y4m       y4m.h
 *   FILE.npy       (T,H,W,3) of u1, which is divided by 255, or of floats in 0..1
 *   NAME-0007.png  (SPEC 8.25) numbered pictures of any format that image.h reads: this one, NAME-0008.png, and
 *                  so on to the first that is not there. The number is the last run of digits
 *                  before the final dot, at most nine; zeros in front keep its length
 *   FOLDER         every file in it but those whose names begin with a dot, in the order of strcmp:
 *                  pictures
 *
 * A file is known by its first bytes, not by its name. All pictures of a video have one size; grey
 * is repeated.
 */
#ifndef SPAE_VIDEO_H
#define SPAE_VIDEO_H

#include "image.h"

typedef struct {
    size_t frames, height, width; /* >= 1 */
    float *pixels;                /* (frames,height,width,3), 0..1; in the arena */
} spae_video;

#define SPAE_VIDEO_FRAMES_MOST ((size_t)1 << 20) /* numbered pictures of one video */

/* Reads frames from .. from + most - 1, or as many of them as there are.
 *   in   from    counts from 0
 *   out  video   in the arena
 *        frames  all frames of the file; may be NULL
 *   err  SPAE_ERR_SHAPE  there is no frame `from`; pictures of different size (the text names one)
 *        SPAE_ERR_FORMAT  SPAE_ERR_NOT_FINITE  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *        each text names file or frame
 *   mem  scratch comes from the arena and is given back, but for the names of pictures and the
 *        bytes of a pipe */
spae_status spae_video_read(spae_arena *arena, const char *path, const spae_limits *limits,
                            size_t from, size_t most, spae_video *video, size_t *frames,
                            spae_error *err);

/* Writes a video. The end of the name tells the format: .y4m, .npy (<f4), or / for a folder, which
 * is made if need be and receives 0001.png, 0002.png, ..; what else is in it stays. Samples are
 * clamped to 0..1.
 *   err  SPAE_ERR_ARGUMENT  another ending
 *        SPAE_ERR_NOT_FINITE  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY
 *   mem  scratch is as it was on return */
spae_status spae_video_write(spae_arena *scratch, const char *path, const spae_video *video,
                             spae_error *err);

/* Does the name end in one of these? */
bool spae_video_is_name(const char *path);

/* Frame t as a picture that borrows the samples. */
spae_image spae_video_frame(const spae_video *video, size_t t);

#endif

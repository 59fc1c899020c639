/* Y4M, the video format of mjpegtools: a line of text, then frames of planes Y, Cb, Cr, 8 bits a
 * sample.
 *
 *     YUV4MPEG2 W<width> H<height> F<rate> Ip A<aspect> C444\n
 *     FRAME\n  planes  FRAME\n  planes ..
 *
 * Read      (SPEC 8.23) C420jpeg, C420mpeg2, C420paldv, C420 and no C at all: chroma planes of half the size,
 *           an odd size rounded up; C444: whole planes. Other colour spaces, interlaced video and
 *           XCOLORRANGE=FULL are refused by name; rate, aspect and other X parameters are left
 *           alone. A line has at most 255 characters.
 * Colour    BT.601, limited range. With y = Y - 16, b = Cb - 128, r = Cr - 128 as integers and
 *           E = y/219:
 *
 *             R = (112000 y + 153519 r) / 24528000                        = y/219 + 1.402 r/224
 *             G = (65744000 y - 22119876 b - 45902181 r) / 14397936000    = (E - 0.299 R - 0.114 B)
 *                                                                           / 0.587
 *             B = (112000 y + 194034 b) / 24528000                        = y/219 + 1.772 b/224
 *
 *           Numerators are exact; the quotient is rounded to binary64, clamped to 0..1, rounded to
 *           binary32. A chroma sample of 4:2:0 holds for all of its (up to) four pixels, wherever
 *           the variant puts it [ours].
 * Written   (SPEC 8.24) C444, 25 frames a second, from samples clamped to 0..1, in binary64 from left to right:
 *
 *             E  = (0.299 R + 0.587 G) + 0.114 B
 *             Y  = floor(16.5 + 219 E)
 *             Cb = floor(128.5 + 224 (B - E) / 1.772)
 *             Cr = floor(128.5 + 224 (R - E) / 1.402)
 */
#ifndef SPAE_Y4M_H
#define SPAE_Y4M_H

#include "file.h"

typedef struct {
    const spae_source *source; /* borrowed */
    size_t height, width, frames;
    bool whole_chroma; /* C444 */
    uint64_t first;    /* where the first FRAME begins */
} spae_y4m;

/* Reads the first line, and walks over the frames: their number is known then, and all are there.
 *   err  SPAE_ERR_FORMAT  what is listed above, no frame at all, one cut off (the text names frame
 *                         and byte), a size beyond the limits
 *        SPAE_ERR_IO
 *   mem  no arena */
spae_status spae_y4m_open(const spae_source *source, const spae_limits *limits, spae_y4m *y4m,
                          spae_error *err);

/* Frames from .. from + count - 1, from 0.
 *   out  pixels  (count,height,width,3)
 *   err  SPAE_ERR_ARGUMENT   there are fewer frames
 *        SPAE_ERR_FORMAT     the file has changed
 *        SPAE_ERR_NO_MEMORY  the planes of one frame, given back
 *        SPAE_ERR_IO */
spae_status spae_y4m_read(spae_arena *arena, const spae_y4m *y4m, size_t from, size_t count,
                          float *pixels, spae_error *err);

/* Writes frames (frames,height,width,3).
 *   err  SPAE_ERR_NOT_FINITE  a sample is NaN: the text names frame and sample
 *        SPAE_ERR_NO_MEMORY, and what the sink returns */
spae_status spae_y4m_write(spae_arena *scratch, spae_sink *sink, const float *pixels, size_t frames,
                           size_t height, size_t width, spae_error *err);

#endif

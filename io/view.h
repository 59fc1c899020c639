/* What of a picture an example of training shows: random crops and flips (SPEC 7.7).
 *
 * Where the configuration's `crop` is above 0, an example is a part of its picture: its height is uniform between the
 * share 1 - crop and all, its width is in proportion, its place is uniform; it is resized to the model's picture. Where
 * `flip` is on, every other one is mirrored, left and right. All is a function of seed, step and the example's place in
 * the batch: the same bits for any threads, any split of a batch, and however often a run was taken up again. What is
 * measured is never cut or flipped: evaluation does not come here.
 */
#ifndef SPAE_IO_VIEW_H
#define SPAE_IO_VIEW_H

#include "spae.h"

typedef struct {
    size_t whole[2];                 /* (rows,columns) that it is cut from: a smaller picture stands in their middle */
    size_t top, left, height, width; /* inside these */
    bool flipped;
} spae_view;

/* Does the configuration want any? */
bool spae_view_wanted(const spae_config *config);

/* (T,H,W) of the largest pictures that views are cut from: ceil(H / (1 - crop)), so that the least part still has the
 * model's size; at most 16384. The model's own where nothing is cut. */
void spae_view_room(const spae_config *config, size_t size[3]);

/* The view of one example: Philox keyed (seed, SPAE_RANDOM_VIEW), counter (step, example, 0 or 1, 0).
 *   in   height, width  of the data set's pictures, at most those of spae_view_room
 *        example        its place in the batch */
spae_view spae_view_draw(const spae_config *config, size_t height, size_t width, uint32_t seed, uint32_t step,
                         uint32_t example);

#endif

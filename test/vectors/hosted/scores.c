/* Stage metrics, its hosted part: CLIP scores of tokens (SPEC 11.7). */
#include "hosted.h"
#include "io/clip_scores.h"

enum { PICTURES = 3, WORDS = 10, FEATURES = 6, TOKENS = 5 };

static void give_layers(vectors *v, const spae_clip_scores *c)
{
    static const char *const name[] = {"score", "relative", "layer_score", "layer_relative"};
    const size_t layers = c->pyramid->layers;
    for (size_t i = 0; i < 4; i++) {
        double y[SPAE_MAX_LAYERS];
        for (size_t l = 0; l < layers; l++) {
            const spae_clip_scores_layer *layer = &c->layer[l];
            y[l] = spae_spread_mean(i == 0   ? &layer->score
                                    : i == 1 ? &layer->relative
                                    : i == 2 ? &layer->own_score
                                             : &layer->own_relative);
        }
        vectors_wides(v, name[i], VECTORS_NUMBERS, 1, &layers, y);
    }
}

void vectors_scores(vectors *v)
{
    static const spae_pyramid pyramid = {2, {{1, 1, 1}, {1, 2, 2}}};
    static const int32_t token[PICTURES][TOKENS] = {{3, 0, 9, 3, 3}, {1, 2, 4, 5, 6}, {7, 7, 7, 7, 8}};
    const size_t shape[2] = {PICTURES, TOKENS};
    spae_clip_scores c = {.pyramid = &pyramid, .V = WORDS, .d = FEATURES, .images = PICTURES};
    vectors_begin(v, "metrics/clip_scores", "4.4 11.7", "clip_scores", "{\"pyramid\":[1,4]}",
                  "three pictures, one token and four; a word that comes again counts again");
    c.image = vectors_reals(v, "image", 2, (const size_t[]){PICTURES, FEATURES}, 0.125, 0.25);
    c.text = vectors_reals(v, "text", 2, (const size_t[]){WORDS, FEATURES}, 0.125, 0.25);
    vectors_integers(v, "token", VECTORS_INPUT, 2, shape, token[0]);
    c.score = vectors_room(v, WORDS, sizeof *c.score);
    c.s = vectors_room(v, WORDS, sizeof *c.s);
    if (c.s != NULL && c.text != NULL) {
        for (size_t i = 0; i < PICTURES; i++)
            spae_clip_scores_add(&c, i, token[i]);
        give_layers(v, &c);
    }
    vectors_end(v);
}

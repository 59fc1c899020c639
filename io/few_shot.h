/* Few-shot classification (4.2, Table 1): episodes of a labelled data set put to a language model, by settings and by layers of
 * the pyramid, beside chance and beside nearest examples on the same tokens.
 */
#ifndef SPAE_IO_FEW_SHOT_H
#define SPAE_IO_FEW_SHOT_H

#include "io/episode.h"
#include "io/prompt.h"

/* Right answers of a setting. */
typedef struct {
    size_t episodes, right;
    size_t malformed;          /* answers that are no label: never counted as right */
    size_t hamming, embedding; /* right by the example with the fewest tokens that differ, place by place; by the one with the
                                * least sum of squared distances of the tokens' embeddings; the first of equal ones */
} spae_few_shot_score;

/* Pictures, classes and who is asked; all borrowed. */
typedef struct {
    const spae_model *model;     /* its codebook prepared for searching */
    const spae_dataset *dataset; /* fits the model */
    const spae_classes *classes;
    const spae_language_model *language;
    const spae_lexicon *lexicon;
    spae_template template; /* GPT35 or PALM2 */
    const char *const *label; /* what an episode's places are called instead, as many as it has ways; NULL: their classes' words */
    uint32_t seed;
    uint32_t number; /* in and out: of the next request */
    /* its own */
    size_t each;    /* tokens of a picture */
    int32_t *token; /* (pictures,each) encoded when first asked for */
    bool *encoded;  /* (pictures) */
} spae_few_shot_study;

/* Takes room for the tokens of all pictures.    err  SPAE_ERR_NO_MEMORY */
spae_status spae_few_shot_start(spae_few_shot_study *study, spae_arena *arena, spae_error *err);

/* The classes whose name is a word of the vocabulary: an answer of few tokens can name them.
 *   out  kept  in the arena; may have count 0       err  SPAE_ERR_NO_MEMORY */
spae_status spae_few_shot_classes(const spae_classes *all, const spae_words *words, spae_arena *arena, spae_classes *kept,
                                  spae_error *err);

/* Puts episode `number` to the model in each setting, with the tokens of the first `layers` layers, and adds to the scores.
 *   in   setting  (settings)  score (settings)
 *   err  those of spae_episode_sample, spae_encode, spae_prompt_classify, spae_prompt_fits and the language model
 *   mem  scratch, given back */
spae_status spae_few_shot_episode(spae_few_shot_study *study, uint32_t number, const spae_few_shot *setting, size_t settings,
                                  size_t layers, spae_arena *scratch, spae_few_shot_score *score, spae_error *err);

/* Half the width of the 95 % interval of a share of n, by the normal approximation: 1.96 sqrt(share (1 - share) / n). */
double spae_few_shot_interval(double share, size_t n);

#endif

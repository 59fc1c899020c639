/* Few-shot classification by the language model without weights: the 14 settings of Table 1, by layers of the pyramid, beside
 * chance and the nearest example on the same tokens. */
#include "io/few_shot.h"
#include "study.h"

enum { WAYS = 5 };

/* Labels that say nothing of a picture. */
static const char *const hidden[WAYS] = {"apple", "river", "music", "stone", "letter"};

static void print_setting(const study *s, const spae_few_shot *setting, size_t tokens, const spae_few_shot_score *r, FILE *csv)
{
    const double n = (double)s->episodes, right = (double)r->right / n;
    printf("    %4zu  %zu-way  %-3s  %zu    %zu      %5.1f +- %3.1f   %5.1f    %5.1f    %5.1f   %zu\n", tokens, setting->ways,
           setting->induction ? "yes" : "no", setting->shots, setting->repeats, 100 * right,
           100 * spae_few_shot_interval(right, s->episodes), 100 / (double)setting->ways, 100 * (double)r->hamming / n,
           100 * (double)r->embedding / n, r->malformed);
    fflush(stdout);
    fprintf(csv, "%zu,%zu,%d,%zu,%zu,%zu,%zu,%zu,%zu,%zu\n", tokens, setting->ways, setting->induction, setting->shots,
            setting->repeats, r->right, r->malformed, r->hamming, r->embedding, s->episodes);
}

/* All settings with the tokens of the first layers. */
static spae_status with_layers(const study *s, workshop *w, spae_few_shot_study *asked, size_t layers, FILE *csv, spae_error *err)
{
    const size_t tokens = spae_pyramid_total(&w->model.config.pyramid, layers);
    spae_few_shot_score result[SPAE_FEW_SHOT_SETTINGS] = {{0, 0, 0, 0, 0}};
    spae_status status = SPAE_OK;
    for (uint32_t e = 0; status == SPAE_OK && e < s->episodes; e++)
        status = spae_few_shot_episode(asked, e, spae_few_shot_settings, SPAE_FEW_SHOT_SETTINGS, layers, &w->scratch, result, err);
    for (size_t i = 0; status == SPAE_OK && i < SPAE_FEW_SHOT_SETTINGS; i++)
        print_setting(s, &spae_few_shot_settings[i], tokens, &result[i], csv);
    return status;
}

spae_status study_classify(const study *s, spae_arena *arena, spae_error *err)
{
    workshop w;
    char path[400];
    spae_status status = workshop_open(&w, s->model, s->data, s->part, arena, err);
    spae_few_shot_study asked = {.model = &w.model,
                                 .dataset = &w.data,
                                 .classes = &w.classes,
                                 .language = &w.language,
                                 .lexicon = &w.lexicon,
                                 .template = SPAE_TEMPLATE_GPT35,
                                 .label = s->hidden ? hidden : NULL,
                                 .seed = s->seed};
    if (status == SPAE_OK)
        status = spae_few_shot_start(&asked, arena, err);
    if (status != SPAE_OK)
        return status;
    snprintf(path, sizeof path, "%s.csv", s->out);
    FILE *csv = fopen(path, "wb");
    if (csv == NULL)
        return spae_fail(err, SPAE_ERR_IO, "%s: would not open", path);
    fprintf(csv, "tokens,ways,induction,shots,repeats,right,malformed,nearest_hamming,nearest_embedding,episodes\n");
    printf("%zu pictures, %zu classes, labels %s; %zu episodes of seed %u; per cent right, 95 %% interval\n\n"
           "    tokens      induct. shots repeats  model       chance  Hamming  embed.  malformed\n",
           w.data.count, w.classes.count, s->hidden ? "hidden" : "by name", s->episodes, (unsigned)s->seed);
    for (size_t layers = 1; status == SPAE_OK && layers <= w.model.config.pyramid.layers; layers++)
        status = with_layers(s, &w, &asked, layers, csv, err);
    spae_arena_free(&w.scratch);
    return fclose(csv) == 0 ? status : spae_fail(err, SPAE_ERR_IO, "%s: would not be written", path);
}

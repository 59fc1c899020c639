/* What study.h gathers, by the library's own encode and decode. */
#include "io/study.h"

#include "io/guide.h"
#include "nn/metrics.h"

/* ---- similarity ------------------------------------------------------------------------------------- */

static void take_similarity(const spae_real *s, size_t tokens, spae_study *study)
{
    for (size_t i = 0; i < tokens; i++)
        study->similarity[i] = (double)s[study->token[i]];
}

/* study->similarity from study->token and study->reference. */
static spae_status compare_tokens(const spae_codebook *book, size_t tokens, spae_arena *arena,
                                  spae_study *study, spae_error *err)
{
    static const size_t first[2] = {0, 1};
    const spae_sources source = {1, first, &study->reference};
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_real *s = spae_arena_take(arena, book->V, sizeof *s);
    const spae_status status =
        s != NULL ? spae_guide_rows(SPAE_GUIDE_CENTRED, book, &source, arena, s, err)
                  : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu similarities", book->V);
    if (status == SPAE_OK)
        take_similarity(s, tokens, study);
    spae_arena_reset(arena, mark);
    return status;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static spae_status rebuild(const spae_model *model, size_t samples, spae_arena *arena, spae_study *study,
                           spae_error *err)
{
    for (size_t l = 0; l < model->config.pyramid.layers; l++) {
        spae_real *rebuilt = study->rebuilt + l * samples;
        const spae_status status = spae_decode(model, study->token, l + 1, arena, rebuilt, err);
        if (status != SPAE_OK)
            return status;
        study->psnr[l] = spae_psnr(spae_picture_error(study->picture, rebuilt, samples), 1.0);
    }
    return SPAE_OK;
}

static spae_status fill(const spae_model *model, const spae_real *similarity, spae_arena *arena, spae_study *study,
                        spae_error *err)
{
    const spae_config *config = &model->config;
    const size_t layers = config->pyramid.layers, tokens = spae_pyramid_total(&config->pyramid, layers);
    const size_t samples = config->picture[1] * config->picture[2] * 3;
    study->token = spae_arena_take(arena, tokens, sizeof *study->token);
    study->margin = spae_arena_take(arena, tokens, sizeof *study->margin);
    study->similarity = spae_arena_take(arena, tokens, sizeof *study->similarity);
    study->rebuilt = spae_arena_take(arena, layers * samples, sizeof *study->rebuilt);
    if (study->token == NULL || study->margin == NULL || study->similarity == NULL || study->rebuilt == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the pictures of %zu layers", layers);
    spae_status status = spae_encode(model, study->picture, arena, study->token, study->margin, err);
    if (status != SPAE_OK)
        return status;
    if (study->label == NULL)
        study->reference = study->token[0];
    if (study->source != NULL)
        take_similarity(similarity, tokens, study);
    else
        status = compare_tokens(&model->codebook, tokens, arena, study, err);
    return status == SPAE_OK ? rebuild(model, samples, arena, study, err) : status;
}

spae_status spae_study_make(const spae_model *model, const char *name, const spae_real *picture,
                            const spae_study_like *like, spae_arena *arena, spae_study *study, spae_error *err)
{
    spae_error why;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_study made = {.name = name, .source = like->source, .label = like->label, .reference = like->reference,
                       .picture = picture};
    const spae_status status = fill(model, like->similarity, arena, &made, &why);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return spae_fail(err, status, "%s: %s", name, why.text);
    }
    *study = made;
    return SPAE_OK;
}

/* What the experiments of the language study share: workshop.h. */
#include "workshop.h"

#include <string.h>

#include "io/few_shot.h"
#include "io/language_incontext.h"
#include "io/weights.h"

spae_status workshop_open(workshop *w, const char *model, const char *data, spae_dataset_part part, spae_arena *arena,
                          spae_error *err)
{
    spae_classes all;
    *w = (workshop){.arena = arena};
    spae_arena_hosted(&w->scratch);
    spae_status status = spae_model_load(&w->model, arena, model, err);
    if (status == SPAE_OK)
        status = spae_dataset_open(arena, data, part, w->model.config.picture, &w->data, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&w->data, &w->model.config, err);
    if (status == SPAE_OK)
        status = spae_classes_of(&w->data, spae_dataset_digits, SPAE_DATASET_DIGITS, arena, &all, err);
    if (status != SPAE_OK)
        return status;
    w->tokens = spae_pyramid_total(&w->model.config.pyramid, w->model.config.pyramid.layers);
    w->token = spae_arena_take(arena, w->data.count * w->tokens, sizeof *w->token);
    w->encoded = spae_arena_take_zeroed(arena, w->data.count, sizeof *w->encoded);
    if (w->token == NULL || w->encoded == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory for %zu pictures", w->data.count);
    status = spae_language_incontext(&w->model, arena, &w->language, err);
    if (status == SPAE_OK)
        status = spae_lexicon_open(w->model.word, w->model.codebook.V, SPAE_JOINS, w->language.tokenizer, arena, &w->lexicon, err);
    return status == SPAE_OK ? spae_few_shot_classes(&all, &w->lexicon.text, arena, &w->classes, err) : status;
}

const int32_t *workshop_tokens(workshop *w, size_t index, spae_error *err)
{
    int32_t *token = w->token + index * w->tokens;
    const size_t *size = w->model.config.picture;
    if (w->encoded[index])
        return token;
    const spae_arena_mark mark = spae_arena_here(&w->scratch);
    spae_real *picture = spae_arena_take(&w->scratch, size[0] * size[1] * size[2] * 3, sizeof *picture);
    if (picture == NULL)
        return NULL;
    spae_dataset_picture(&w->data, index, &w->model.config, picture);
    w->encoded[index] = spae_encode(&w->model, picture, &w->scratch, token, NULL, err) == SPAE_OK;
    spae_arena_reset(&w->scratch, mark);
    return w->encoded[index] ? token : NULL;
}

spae_status workshop_ask(workshop *w, const spae_request *request, spae_answer *answer, spae_error *err)
{
    return w->language.sample(&w->language, request, 1, &w->scratch, answer, err);
}

/* ---- the judge ---------------------------------------------------------------------------------------- */

spae_status judge_open(judge *j, const char *weights, spae_arena *arena, spae_error *err)
{
    const spae_status status = digits_declare(&j->parameters, arena, err);
    if (status != SPAE_OK)
        return status;
    j->value = spae_arena_take(arena, j->parameters.elements, sizeof *j->value);
    if (j->value == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "study: no memory for the judge");
    return spae_weights_load(&weights, 1, &j->parameters, j->value, arena, NULL, err);
}

spae_status judge_tokens(judge *j, workshop *w, const int32_t *token, size_t *digit, spae_real *picture, spae_error *err)
{
    enum { PIXELS = DIGITS_SIZE * DIGITS_SIZE };
    real rgb[PIXELS * 3], grey[PIXELS];
    spae_status status =
        spae_decode(&w->model, token, w->model.config.pyramid.layers, &w->scratch, rgb, err);
    for (size_t i = 0; status == SPAE_OK && i < PIXELS * 3; i++)
        rgb[i] = rgb[i] < 0 ? 0 : rgb[i] > 1 ? 1 : rgb[i];
    for (size_t i = 0; status == SPAE_OK && i < PIXELS; i++)
        grey[i] = (rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2]) / 3;
    if (status == SPAE_OK)
        status = digits_classify(&j->parameters, j->value, grey, &w->scratch, digit, err);
    if (status == SPAE_OK && picture != NULL)
        memcpy(picture, rgb, sizeof rgb);
    return status;
}

/* ---- sheets ------------------------------------------------------------------------------------------ */

spae_status sheet_write(const char *path, const spae_real *pictures, size_t rows, size_t columns, size_t H, size_t W,
                        size_t factor, spae_arena *arena, spae_error *err)
{
    enum { MARGIN = 4 };
    const size_t down = H * factor + MARGIN, across = W * factor + MARGIN;
    spae_image sheet;
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_status status = spae_image_take(arena, path, NULL, rows * down + MARGIN, columns * across + MARGIN, 3, &sheet, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < sheet.height * sheet.width * 3; i++)
        sheet.pixels[i] = 0.5f;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            for (size_t y = 0; y < H * factor; y++)
                for (size_t x = 0; x < W * factor * 3; x++)
                    sheet.pixels[((MARGIN + r * down + y) * sheet.width + MARGIN + c * across) * 3 + x] =
                        (float)pictures[(((r * columns + c) * H + y / factor) * W + x / 3 / factor) * 3 + x % 3];
    status = spae_image_write(arena, path, &sheet, err);
    spae_arena_reset(arena, mark);
    return status;
}

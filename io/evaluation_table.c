/* The tables of evaluation_table.h: one list of columns, of which every form takes what it shows. */
#include "io/evaluation_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vendor_free/decimal.h"
#include "vendor_free/json.h"

const char *const spae_measure_names[SPAE_MEASURES] = {"psnr", "error", "ssim", "lpips",  "fid",
                                                       "is",   "fvd",   "clip", "tokens", "words"};

/* ---- the columns ---- */

/* What rows of a column speak of: what the first l layers rebuild, or the tokens of layer l. */
typedef enum { REBUILT, OWN } topic;

typedef struct {
    const char *key, *title; /* of CSV and JSON; of the text, NULL: not there */
    spae_measure measure;
    topic subject;
    int decimals;
} column;

enum {
    FID, SCORE, SCORE_DEVIATION, LPIPS, LPIPS_DEVIATION, FVD, CLIP, RELATIVE, PSNR, PSNR_DEVIATION, SSIM, SSIM_DEVIATION,
    SQUARE, ABSOLUTE, TOKENS, DISTINCT, USAGE, ENTROPY, PERPLEXITY, OWN_CLIP, OWN_RELATIVE, OWN_WORDS, COLUMNS
};

static const column columns[COLUMNS] = {
    [FID] = {"fid", "FID", SPAE_MEASURE_FID, REBUILT, 3},
    [SCORE] = {"inception_score", "IS", SPAE_MEASURE_IS, REBUILT, 3},
    [SCORE_DEVIATION] = {"inception_score_deviation", "+-", SPAE_MEASURE_IS, REBUILT, 3},
    [LPIPS] = {"lpips", "LPIPS", SPAE_MEASURE_LPIPS, REBUILT, 4},
    [LPIPS_DEVIATION] = {"lpips_deviation", "+-", SPAE_MEASURE_LPIPS, REBUILT, 4},
    [FVD] = {"fvd", "FVD", SPAE_MEASURE_FVD, REBUILT, 3},
    [CLIP] = {"clip", "CLIP", SPAE_MEASURE_CLIP, REBUILT, 4},
    [RELATIVE] = {"relative_clip", "relative", SPAE_MEASURE_CLIP, REBUILT, 4},
    [PSNR] = {"psnr", "PSNR", SPAE_MEASURE_PSNR, REBUILT, 3},
    [PSNR_DEVIATION] = {"psnr_deviation", "+-", SPAE_MEASURE_PSNR, REBUILT, 3},
    [SSIM] = {"ssim", "SSIM", SPAE_MEASURE_SSIM, REBUILT, 4},
    [SSIM_DEVIATION] = {"ssim_deviation", "+-", SPAE_MEASURE_SSIM, REBUILT, 4},
    [SQUARE] = {"square_error", "l2", SPAE_MEASURE_ERROR, REBUILT, 5},
    [ABSOLUTE] = {"absolute_error", "mae", SPAE_MEASURE_ERROR, REBUILT, 5},
    [TOKENS] = {"tokens", "tokens", SPAE_MEASURE_TOKENS, OWN, 0},
    [DISTINCT] = {"distinct", "distinct", SPAE_MEASURE_TOKENS, OWN, 0},
    [USAGE] = {"usage", "usage", SPAE_MEASURE_TOKENS, OWN, 4},
    [ENTROPY] = {"entropy", "entropy", SPAE_MEASURE_TOKENS, OWN, 3},
    [PERPLEXITY] = {"perplexity", "perplexity", SPAE_MEASURE_TOKENS, OWN, 1},
    [OWN_CLIP] = {"layer_clip", "CLIP", SPAE_MEASURE_CLIP, OWN, 4},
    [OWN_RELATIVE] = {"layer_relative_clip", "relative", SPAE_MEASURE_CLIP, OWN, 4},
    [OWN_WORDS] = {"own_words", "own words", SPAE_MEASURE_WORDS, OWN, 4},
};

static double of_evaluation(const spae_evaluation_results *r, size_t which, size_t l)
{
    const spae_evaluation_layer *e = &r->evaluation->layer[l];
    switch (which) {
    case PSNR:
        return spae_spread_mean(&e->decibels);
    case PSNR_DEVIATION:
        return spae_spread_deviation(&e->decibels);
    case SSIM:
        return spae_spread_mean(&e->ssim);
    case SSIM_DEVIATION:
        return spae_spread_deviation(&e->ssim);
    case SQUARE:
        return spae_spread_mean(&e->square_error);
    case ABSOLUTE:
        return spae_spread_mean(&e->absolute_error);
    case TOKENS:
        return (double)e->usage.tokens;
    case DISTINCT:
        return (double)e->usage.distinct;
    case USAGE:
        return (double)e->usage.distinct / (double)r->model->codebook.V;
    case ENTROPY:
        return e->usage.entropy;
    case PERPLEXITY:
        return e->usage.perplexity;
    default: /* OWN_WORDS */
        return r->evaluation->labelled ? (double)e->own / (double)e->usage.tokens : (double)NAN;
    }
}

static double of_clip(const spae_clip_scores_layer *c, size_t which)
{
    return spae_spread_mean(which == CLIP       ? &c->score
                            : which == RELATIVE ? &c->relative
                            : which == OWN_CLIP ? &c->own_score
                                                : &c->own_relative);
}

/* Of what the first `set` layers rebuild; set 0: of the pictures themselves. NaN where there is none. */
static double of_sets(const spae_evaluation_results *r, size_t which, size_t set)
{
    const double none = (double)NAN;
    switch (which) {
    case FID:
        return r->fid != NULL ? r->fid->distance[set] : none;
    case FVD:
        return r->fvd != NULL ? r->fvd->distance[set] : none;
    case SCORE:
        return r->answers != NULL ? r->answers->mean[set] : none;
    default: /* SCORE_DEVIATION */
        return r->answers != NULL ? r->answers->deviation[set] : none;
    }
}

/* NaN where it was not measured or is not asked for; layer 0: of the pictures themselves. */
static double value_of(const spae_evaluation_results *r, size_t which, size_t layer)
{
    const double none = (double)NAN;
    if (!r->shown[columns[which].measure])
        return none;
    if (which == FID || which == FVD || which == SCORE || which == SCORE_DEVIATION)
        return of_sets(r, which, layer);
    if (layer == 0)
        return none;
    if (which == LPIPS || which == LPIPS_DEVIATION)
        return r->lpips == NULL         ? none
               : which == LPIPS ? spae_spread_mean(&r->lpips[layer - 1])
                                : spae_spread_deviation(&r->lpips[layer - 1]);
    if (columns[which].measure == SPAE_MEASURE_CLIP)
        return r->clip != NULL ? of_clip(&r->clip->layer[layer - 1], which) : none;
    return r->evaluation != NULL ? of_evaluation(r, which, layer - 1) : none;
}

static bool is_count(size_t which)
{
    return which == TOKENS || which == DISTINCT;
}

static size_t layers_of(const spae_evaluation_results *r)
{
    return r->model->config.pyramid.layers;
}

static bool any(const spae_evaluation_results *r, size_t which)
{
    for (size_t l = 0; l <= layers_of(r); l++)
        if (!isnan(value_of(r, which, l)))
            return true;
    return false;
}

/* Is something of the pictures themselves known? */
static bool has_originals(const spae_evaluation_results *r)
{
    return !isnan(value_of(r, SCORE, 0));
}

static bool has_words(const spae_evaluation_results *r)
{
    return r->evaluation != NULL && r->evaluation->labelled && r->shown[SPAE_MEASURE_WORDS];
}

static double part_of(size_t count, const spae_evaluation_results *r)
{
    return (double)count / (double)r->evaluation->pictures;
}

/* ---- for people ---- */

enum { CELL = 11 };

static void put_header(const spae_evaluation_results *r, const char *first, topic subject, spae_page *page)
{
    spae_page_format(page, "\n%-*s", CELL + 2, first);
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].subject == subject && any(r, i))
            spae_page_format(page, " %*s", strcmp(columns[i].title, "+-") == 0 ? CELL - 3 : CELL, columns[i].title);
    if (subject == OWN && r->evaluation != NULL && r->shown[SPAE_MEASURE_TOKENS])
        spae_page_text(page, "  most common");
    spae_page_text(page, "\n");
}

static void put_line(const spae_evaluation_results *r, size_t layer, topic subject, spae_page *page)
{
    char first[48];
    if (layer == 0)
        strcpy(first, "pictures");
    else if (subject == REBUILT)
        snprintf(first, sizeof first, "%zu:%zu", layer, spae_pyramid_total(&r->model->config.pyramid, layer));
    else
        snprintf(first, sizeof first, "%zu", layer);
    spae_page_format(page, "%-*s", CELL + 2, first);
    for (size_t i = 0; i < COLUMNS; i++) {
        const double value = value_of(r, i, layer);
        const int width = strcmp(columns[i].title, "+-") == 0 ? CELL - 3 : CELL;
        if (columns[i].subject != subject || !any(r, i))
            continue;
        if (isnan(value))
            spae_page_format(page, " %*s", width, "-");
        else
            spae_page_format(page, " %*.*f", width, columns[i].decimals, value);
    }
    if (subject == OWN && r->evaluation != NULL && r->shown[SPAE_MEASURE_TOKENS]) {
        const spae_evaluation_layer *e = &r->evaluation->layer[layer - 1];
        spae_page_format(page, "  %.60s (%llu)", r->model->word[e->usage.most_common], (unsigned long long)e->usage.most_count);
    }
    spae_page_text(page, "\n");
}

static void put_table(const spae_evaluation_results *r, const char *first, topic subject, spae_page *page)
{
    bool there = false;
    for (size_t i = 0; i < COLUMNS; i++)
        there = there || (columns[i].subject == subject && any(r, i));
    if (!there)
        return;
    put_header(r, first, subject, page);
    for (size_t l = subject == REBUILT && has_originals(r) ? 0 : 1; l <= layers_of(r); l++)
        put_line(r, l, subject, page);
}

void spae_evaluation_text(const spae_evaluation_results *r, spae_page *page)
{
    const spae_evaluation *e = r->evaluation;
    spae_page_format(page, "model sha256 %s\n", r->hash);
    if (r->pictures > 0)
        spae_page_format(page, "pictures %zu\n", r->pictures);
    for (size_t i = 0; i < r->remarks; i++)
        spae_page_format(page, "%.60s: %.900s\n", r->about[i], r->remark[i]);
    if (has_words(r))
        spae_page_format(page,
                         "first word is the label's %.4f (%zu of %zu)\n"
                         "a word of layers 1-2 is the label's %.4f (%zu of %zu)\n",
                         part_of(e->first_words, r), e->first_words, e->pictures, part_of(e->early_words, r),
                         e->early_words, e->pictures);
    put_table(r, "layers:tokens", REBUILT, page);
    put_table(r, "tokens of", OWN, page);
    if (e != NULL && r->shown[SPAE_MEASURE_TOKENS])
        spae_page_format(page, "\ndifferent words in use %llu of %zu\n", (unsigned long long)e->distinct,
                         r->model->codebook.V);
}

/* ---- for programs ---- */

void spae_evaluation_csv(const spae_evaluation_results *r, spae_page *page)
{
    spae_page_text(page, "layers,picture_tokens");
    for (size_t i = 0; i < COLUMNS; i++)
        spae_page_format(page, ",%s", columns[i].key);
    spae_page_text(page, "\n");
    for (size_t l = has_originals(r) ? 0 : 1; l <= layers_of(r); l++) {
        spae_page_format(page, "%zu,%zu", l, spae_pyramid_total(&r->model->config.pyramid, l));
        for (size_t i = 0; i < COLUMNS; i++) {
            const double value = value_of(r, i, l);
            char text[SPAE_DECIMAL_ROOM];
            spae_page_text(page, ",");
            if (is_count(i) && !isnan(value))
                spae_page_format(page, "%.0f", value);
            else
                spae_page_bytes(page, text, spae_decimal_write(value, text)); /* nothing for a NaN */
        }
        spae_page_text(page, "\n");
    }
}

/* A row's numbers, those that there are. */
static void write_values(spae_json_writer *w, const spae_evaluation_results *r, size_t layer)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        const double value = value_of(r, i, layer);
        if (isnan(value))
            continue;
        spae_json_write_key(w, columns[i].key);
        if (is_count(i))
            spae_json_write_integer(w, (int64_t)value);
        else
            spae_json_write_double(w, value);
    }
}

static void write_layer(spae_json_writer *w, const spae_evaluation_results *r, size_t layer)
{
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "layers");
    spae_json_write_integer(w, (int64_t)layer);
    spae_json_write_key(w, "picture_tokens");
    spae_json_write_integer(w, (int64_t)spae_pyramid_total(&r->model->config.pyramid, layer));
    write_values(w, r, layer);
    if (r->evaluation != NULL && r->shown[SPAE_MEASURE_TOKENS]) {
        const char *word = r->model->word[r->evaluation->layer[layer - 1].usage.most_common];
        spae_json_write_key(w, "most_common");
        spae_json_write_string(w, word, strlen(word));
    }
    spae_json_write_close(w);
}

/* A part of the labelled pictures, or null. */
static void write_part(spae_json_writer *w, const char *key, size_t count, const spae_evaluation_results *r)
{
    spae_json_write_key(w, key);
    if (has_words(r))
        spae_json_write_double(w, part_of(count, r));
    else
        spae_json_write_null(w);
}

static void write_remarks(spae_json_writer *w, const spae_evaluation_results *r)
{
    spae_json_write_key(w, "remarks");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < r->remarks; i++) {
        spae_json_write_open(w, '[');
        spae_json_write_string(w, r->about[i], strlen(r->about[i]));
        spae_json_write_string(w, r->remark[i], strlen(r->remark[i]));
        spae_json_write_close(w);
    }
    spae_json_write_close(w);
}

static spae_status write_all(const spae_evaluation_results *r, char *text, size_t room, size_t *length, spae_error *err)
{
    const spae_evaluation *e = r->evaluation;
    spae_json_writer w;
    spae_json_write_start(&w, text, room);
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "sha256");
    spae_json_write_string(&w, r->hash, strlen(r->hash));
    spae_json_write_key(&w, "pictures");
    spae_json_write_integer(&w, (int64_t)r->pictures);
    write_part(&w, "first_word", e != NULL ? e->first_words : 0, r);
    write_part(&w, "early_word", e != NULL ? e->early_words : 0, r);
    write_remarks(&w, r);
    if (e != NULL) {
        spae_json_write_key(&w, "distinct");
        spae_json_write_integer(&w, (int64_t)e->distinct);
    }
    if (has_originals(r)) {
        spae_json_write_key(&w, "originals");
        spae_json_write_open(&w, '{');
        write_values(&w, r, 0);
        spae_json_write_close(&w);
    }
    spae_json_write_key(&w, "layers");
    spae_json_write_open(&w, '[');
    for (size_t l = 1; l <= layers_of(r); l++)
        write_layer(&w, r, l);
    spae_json_write_close(&w);
    spae_json_write_close(&w);
    return spae_json_write_finish(&w, length, err);
}

spae_status spae_evaluation_json(const spae_evaluation_results *r, spae_arena *arena, const char **text, size_t *length,
                                 spae_error *err)
{
    spae_status status = write_all(r, NULL, 0, length, err);
    if (status != SPAE_OK)
        return status;
    char *room = spae_arena_take(arena, *length + 1, 1);
    if (room == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu bytes of JSON", *length);
    status = write_all(r, room, *length, length, err);
    room[(*length)++] = '\n';
    *text = room;
    return status;
}

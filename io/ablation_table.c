/* The tables of ablation_table.h. */
#include "io/ablation_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/csv.h"
#include "vendor_free/decimal.h"

/* ---- losses of the last steps --------------------------------------------------------------- */

/* Where the terms stand in the log. */
static spae_status find_terms(const spae_csv *csv, size_t column[SPAE_ABLATION_TERMS_MOST],
                              spae_error *err)
{
    for (size_t i = 0; spae_term_name(i) != NULL; i++) {
        column[i] = spae_csv_find(csv, spae_term_name(i));
        if (column[i] == csv->columns)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: expected a column \"%s\"",
                             csv->source->name, spae_term_name(i));
    }
    return SPAE_OK;
}

static spae_status add_rows(spae_csv *csv, const size_t *column, double after, double *last,
                            spae_error *err)
{
    const size_t step = spae_csv_find(csv, "step");
    double row[SPAE_CSV_COLUMNS_MOST], rows = 0;
    bool there = true;
    spae_status status = SPAE_OK;
    while (status == SPAE_OK && there) {
        status = spae_csv_next(csv, row, &there, err);
        if (status != SPAE_OK || !there || !(row[step] > after))
            continue;
        rows++;
        for (size_t i = 0; spae_term_name(i) != NULL; i++)
            last[i] += row[column[i]];
    }
    for (size_t i = 0; spae_term_name(i) != NULL; i++)
        last[i] = rows > 0 ? last[i] / rows : (double)NAN;
    return status;
}

spae_status spae_ablation_last(const spae_source *log, uint64_t steps,
                               double last[SPAE_ABLATION_TERMS_MOST], spae_error *err)
{
    spae_csv csv;
    size_t column[SPAE_ABLATION_TERMS_MOST];
    spae_status status = spae_csv_open(&csv, log, err);
    if (status == SPAE_OK)
        status = find_terms(&csv, column, err);
    if (status == SPAE_OK && spae_csv_find(&csv, "step") == csv.columns)
        status =
            spae_fail(err, SPAE_ERR_FORMAT, "%s: line 1: expected a column \"step\"", log->name);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < SPAE_ABLATION_TERMS_MOST; i++)
        last[i] = 0;
    return add_rows(&csv, column, (double)steps - SPAE_ABLATION_LAST_STEPS, last, err);
}

/* ---- what both tables say ------------------------------------------------------------------- */

/* Part of the layer's tokens that are a word of their picture; NaN where words mean nothing. */
static double own_words(const spae_ablation_result *r, size_t layer)
{
    const spae_evaluation_layer *l = &r->evaluation.layer[layer];
    const bool meaning = r->evaluation.labelled && r->config.codebook_size == 0;
    return meaning ? (double)l->own / (double)l->usage.tokens : (double)NAN;
}

static double term(const spae_ablation_result *r, const char *name)
{
    size_t i = 0;
    while (strcmp(spae_term_name(i), name) != 0)
        i++;
    return r->last[i];
}

/* ---- for people ----------------------------------------------------------------------------- */

static void put_line(const spae_ablation_result *r, size_t l, spae_page *page)
{
    const spae_evaluation_layer *layer = &r->evaluation.layer[l];
    const double own = own_words(r, l);
    char place[48];
    snprintf(place, sizeof place, "%zu:%zu", l + 1, spae_pyramid_total(&r->config.pyramid, l + 1));
    spae_page_format(page, "%-29s %8s  %7.3f", l == 0 ? r->title : "", place, layer->psnr);
    if (isnan(own))
        spae_page_text(page, "      n/a");
    else
        spae_page_format(page, "  %6.2f%%", 100 * own);
    spae_page_format(page, "  %8llu  %7.3f", (unsigned long long)layer->usage.distinct, layer->usage.entropy);
    if (l + 1 == r->evaluation.layers)
        spae_page_format(page, "  %9.3g  %10.3g  %9.3g  %9.3g  %9.3g", term(r, "l2"),
                         term(r, "commitment"), term(r, "adversarial"), term(r, "semantic"),
                         term(r, "total"));
    spae_page_text(page, "\n");
}

void spae_ablation_text(const spae_ablation_result *results, size_t count, spae_page *page)
{
    spae_page_format(page, "%-29s %8s  %7s  %7s  %8s  %7s  %9s  %10s  %9s  %9s  %9s\n", "method",
                     "l:tokens", "PSNR", "words", "distinct", "entropy", "l2", "commitm.",
                     "adversar.", "semantic", "total");
    for (size_t i = 0; i < count; i++)
        for (size_t l = 0; l < results[i].evaluation.layers; l++)
            put_line(&results[i], l, page);
    spae_page_format(page,
                     "\nPSNR of the first l layers, mean over %zu pictures of the test part; "
                     "words: tokens of layer l "
                     "that are a word of\ntheir picture; distinct tokens of layer l and their "
                     "entropy in bits; losses: "
                     "means over the last %d training steps, or all.\n",
                     results[0].evaluation.pictures, SPAE_ABLATION_LAST_STEPS);
}

/* ---- for programs --------------------------------------------------------------------------- */

static void put_number(spae_page *page, double value)
{
    char text[SPAE_DECIMAL_ROOM];
    spae_page_text(page, ",");
    spae_page_bytes(page, text, spae_decimal_write(value, text)); /* nothing for a NaN */
}

static void put_csv_line(const spae_ablation_result *r, size_t l, spae_page *page)
{
    const spae_evaluation_layer *layer = &r->evaluation.layer[l];
    spae_page_format(page, "%s,%zu,%zu", spae_ablation_name(r->row), l + 1,
                     spae_pyramid_total(&r->config.pyramid, l + 1));
    put_number(page, layer->psnr);
    put_number(page, own_words(r, l));
    spae_page_format(page, ",%llu", (unsigned long long)layer->usage.distinct);
    put_number(page, layer->usage.entropy);
    for (size_t i = 0; spae_term_name(i) != NULL; i++)
        put_number(page, l + 1 == r->evaluation.layers ? r->last[i] : (double)NAN);
    spae_page_text(page, "\n");
}

void spae_ablation_csv(const spae_ablation_result *results, size_t count, spae_page *page)
{
    spae_page_text(page, "row,layers,tokens,psnr,own_words,distinct,token_entropy");
    for (size_t i = 0; spae_term_name(i) != NULL; i++)
        spae_page_format(page, ",%s", spae_term_name(i));
    spae_page_text(page, "\n");
    for (size_t i = 0; i < count; i++)
        for (size_t l = 0; l < results[i].evaluation.layers; l++)
            put_csv_line(&results[i], l, page);
}

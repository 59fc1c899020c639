/* Fuzz target: a training log. Its rows hold numbers within the limits or NaNs, and its curves can
 * be drawn. */
#include <math.h>

#include "../../io/csv.h"
#include "../../io/curves.h"
#include "memory.h"

/* Every value that is read lies within the limits. */
static void read_rows(const spae_source *source)
{
    static spae_csv csv;
    spae_error err = {SPAE_OK, ""};
    double row[SPAE_CSV_COLUMNS_MOST];
    bool there = true;
    spae_status status = spae_csv_open(&csv, source, &err);
    while (status == SPAE_OK && there) {
        status = spae_csv_next(&csv, row, &there, &err);
        for (size_t i = 0; status == SPAE_OK && there && i < csv.columns; i++)
            if (!isnan(row[i]) && !(fabs(row[i]) <= SPAE_CSV_VALUE_MOST))
                abort();
    }
    if (status != SPAE_OK && (err.status != status || err.text[0] == 0))
        abort();
}

static void draw(const spae_source *source, size_t smooth, spae_chart_scale scale,
                 spae_arena *arena)
{
    const spae_curves_options options = {
        .title = "fuzz", .smooth = smooth, .scale = scale, .across = 2};
    spae_curves curves = spae_curves_start(&options, arena);
    spae_error err = {SPAE_OK, ""};
    const uint8_t *svg = NULL;
    size_t size = 0;
    spae_status status = spae_curves_add(&curves, "fuzz", source, &err);
    if (status != SPAE_OK) {
        fuzz_refused(status, &err, arena);
        return;
    }
    status = spae_curves_write(&curves, &svg, &size, &err);
    if (status == SPAE_OK)
        fuzz_use(svg, size);
    else if (status != SPAE_ERR_ARGUMENT) /* no value */
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    read_rows(&source);
    for (int scale = 0; scale < SPAE_CHART_SCALES; scale++) {
        fuzz_budget budget;
        spae_arena arena =
            fuzz_arena(&budget, 65536 + size); /* curves take about a MiB, whatever the size */
        draw(&source, scale == 0 ? 1 : 3, (spae_chart_scale)scale, &arena);
        spae_arena_free(&arena);
    }
    return 0;
}

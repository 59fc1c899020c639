/* io/ablation_table: losses of the last steps, and both tables of made-up results. */
#include "tiny.h"

#include <math.h>

#include "../../io/ablation_table.h"

/* A log whose term i is i + step / 2 in the row of each step. */
static char *made_log(size_t steps, spae_arena *arena)
{
    char *text = spae_arena_take(arena, 400 * (steps + 1), 1);
    size_t n = (size_t)sprintf(text, "step");
    for (size_t i = 0; spae_term_name(i) != NULL; i++)
        n += (size_t)sprintf(text + n, ",%s", spae_term_name(i));
    n += (size_t)sprintf(text + n, "\n");
    for (size_t s = 1; s <= steps; s++) {
        n += (size_t)sprintf(text + n, "%zu", s);
        for (size_t i = 0; spae_term_name(i) != NULL; i++)
            n += (size_t)sprintf(text + n, ",%zu.%d", i + s / 2, s % 2 == 0 ? 0 : 5);
        n += (size_t)sprintf(text + n, "\n");
    }
    return text;
}

START_TEST(last_steps_are_averaged)
{
    static const struct {
        size_t steps;
        double mean; /* of step / 2 over the last 100 */
    } cases[] = {{1, 0.5}, {2, 0.75}, {100, 25.25}, {101, 25.75}, {250, 100.25}};
    spae_arena arena = new_arena();
    double last[SPAE_ABLATION_TERMS_MOST];
    spae_error err;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const char *text = made_log(cases[c].steps, &arena);
        const spae_source source = spae_source_memory(text, strlen(text), "x");
        ck_ok(spae_ablation_last(&source, cases[c].steps, last, &err));
        for (size_t i = 0; spae_term_name(i) != NULL; i++)
            ck_assert_double_eq_tol(last[i], (double)i + cases[c].mean, 1e-9);
    }
    const char *text = made_log(0, &arena);
    const spae_source source = spae_source_memory(text, strlen(text), "x");
    ck_ok(spae_ablation_last(&source, 0, last, &err));
    ck_assert(isnan(last[0]));
    spae_arena_free(&arena);
}
END_TEST

START_TEST(other_logs_are_refused)
{
    static const char *const cases[][2] = {
        {"", "x: line 1: expected a line"},
        {"step,l2\n", "x: line 1: expected a column \"commitment\""}};
    spae_arena arena = new_arena();
    double last[SPAE_ABLATION_TERMS_MOST];
    spae_error err;
    for (size_t i = 0; i < 2; i++) {
        const spae_source source = spae_source_memory(cases[i][0], strlen(cases[i][0]), "x");
        ck_refused(spae_ablation_last(&source, 1, last, &err), SPAE_ERR_FORMAT, err, cases[i][1]);
    }
    char *text = made_log(3, &arena);
    memcpy(text, "stop", 4);
    spae_source source = spae_source_memory(text, strlen(text), "x");
    ck_refused(spae_ablation_last(&source, 3, last, &err), SPAE_ERR_FORMAT, err,
               "expected a column \"step\"");
    memcpy(text, "step", 4);
    strcpy(strchr(text, '\n') + 1, "1,2\n");
    source = spae_source_memory(text, strlen(text), "x");
    ck_refused(spae_ablation_last(&source, 3, last, &err), SPAE_ERR_FORMAT, err,
               "x: line 2: 2 cells");
    spae_arena_free(&arena);
}
END_TEST

static void make_results(spae_ablation_result result[2])
{
    spae_error err;
    memset(result, 0, 2 * sizeof *result);
    for (int r = 0; r < 2; r++) {
        const spae_config base = preset_of("tiny-2d");
        spae_evaluation *e = &result[r].evaluation;
        result[r].row = spae_ablation_at(r == 0 ? 0 : 4);
        spae_ablation_title(result[r].row, &base, result[r].title);
        ck_ok(spae_ablation_config(result[r].row, &base, 9, &result[r].config, &err));
        *e = (spae_evaluation){
            .pictures = 10, .layers = result[r].config.pyramid.layers, .labelled = true};
        for (size_t l = 0; l < e->layers; l++)
            e->layer[l] = (spae_evaluation_layer){
                .psnr = 12.5 + (double)l, .usage = {.tokens = 160, .distinct = 7, .entropy = 2.25}, .own = 40 * (l + 1)};
        for (size_t i = 0; i < SPAE_ABLATION_TERMS_MOST; i++)
            result[r].last[i] = (double)i / 4;
    }
}

static const char *page_text(spae_page *page, spae_arena *arena)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    spae_error err;
    ck_ok(spae_page_end(page, &data, &size, &err));
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

START_TEST(tables)
{
    static spae_ablation_result result[2];
    spae_arena arena = new_arena();
    spae_page page = spae_page_start(&arena), csv = spae_page_start(&arena);
    make_results(result);
    spae_ablation_text(result, 2, &page);
    const char *text = page_text(&page, &arena);
    ck_assert(strstr(text, "method                        l:tokens     PSNR    words  distinct") ==
              text);
    ck_assert(strstr(text, "\nbaseline VQ                       1:16   12.500      n/a         7   "
                           " 2.250          0 ") != NULL);
    ck_assert(
        strstr(text,
               "\n+ 2-layer SAQ                     1:16   12.500   25.00%         7    2.250\n") !=
        NULL);
    ck_assert(strstr(text, "\n                                  2:32   13.500   50.00%         7   "
                           " 2.250          0 ") != NULL);
    ck_assert(strstr(text, "mean over 10 pictures") != NULL);
    spae_ablation_csv(result, 2, &csv);
    text = page_text(&csv, &arena);
    ck_assert(
        strstr(text, "row,layers,tokens,psnr,own_words,distinct,token_entropy,l2,commitment,") ==
        text);
    ck_assert(strstr(text, "\nvq,1,16,12.5,,7,2.25,0.0,0.25,0.5,") != NULL);
    ck_assert(strstr(text, "\nsaq-2,1,16,12.5,0.25,7,2.25,,,") != NULL);
    ck_assert(strstr(text, "\nsaq-2,2,32,13.5,0.5,7,2.25,0.0,0.25,") != NULL);
    const size_t header_commas = strcspn(text, "\n");
    size_t commas = 0, cells = 0;
    for (size_t i = 0; i < header_commas; i++)
        cells += text[i] == ',';
    for (const char *at = strchr(text, '\n') + 1; *at != '\0'; at++) {
        commas += *at == ',';
        if (*at == '\n') {
            ck_assert_uint_eq(commas, cells);
            commas = 0;
        }
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_ablation_table, "io/ablation_table", last_steps_are_averaged, other_logs_are_refused,
      tables)

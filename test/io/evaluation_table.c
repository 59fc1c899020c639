/* io/evaluation_table: every column by hand, in the text, as CSV and as JSON; what was not measured is left out. */
#include "tiny.h"

#include <math.h>

#include "io/evaluation_table.h"
#include "tiny_model.h"
#include "vendor_free/json.h"

enum { LAYERS = TINY_LAYERS };

/* Results of every kind, whose numbers are known. */
typedef struct {
    spae_arena arena;
    spae_model model;
    spae_evaluation evaluation;
    spae_spread lpips[LAYERS];
    spae_feature_sets fid, fvd;
    spae_answer_sets answers;
    spae_clip_scores clip;
    spae_evaluation_results results;
} everything;

static spae_spread two(double a, double b)
{
    spae_spread s = {0, 0, 0, 0};
    spae_spread_add(&s, a);
    spae_spread_add(&s, b);
    return s;
}

static void fill(everything *all)
{
    memset(all, 0, sizeof *all);
    all->arena = new_arena();
    all->model = tiny_model(&all->arena, TINY_V - 1);
    all->evaluation = (spae_evaluation){.pictures = 4, .layers = LAYERS, .distinct = 7, .labelled = true, .first_words = 3,
                                        .early_words = 4};
    for (size_t l = 0; l < LAYERS; l++) {
        const double x = (double)(l + 1);
        spae_evaluation_layer *e = &all->evaluation.layer[l];
        *e = (spae_evaluation_layer){.decibels = two(10 * x - 1, 10 * x + 1), .square_error = two(0.5 / x, 0.5 / x),
                                     .absolute_error = two(0.25 / x, 0.25 / x), .ssim = two(0.125 * x - 0.0625, 0.125 * x + 0.0625),
                                     .own = 2,
                                     .usage = {8 * (l + 1), 5 + l, x, pow(2, x), 0, 3}};
        all->lpips[l] = two(0.5 / x, 0.5 / x);
        all->clip.layer[l] = (spae_clip_scores_layer){two(0.25, 0.25), two(0.75, 0.75), two(0.125, 0.125), two(0.5, 0.5)};
    }
    for (size_t set = 0; set <= LAYERS; set++) {
        all->fid.distance[set] = set < 3 ? (double)NAN : 100.5 / (double)set;
        all->fvd.distance[set] = set == 0 ? (double)NAN : 7;
        all->answers.mean[set] = 2 + (double)set;
        all->answers.deviation[set] = 0.5;
    }
    all->results = (spae_evaluation_results){.model = &all->model, .hash = "abc", .pictures = 4, .evaluation = &all->evaluation,
                                             .lpips = all->lpips, .fid = &all->fid, .fvd = &all->fvd, .answers = &all->answers,
                                             .clip = &all->clip, .remarks = 1, .about = {"fid"}, .remark = {"few \"rows\""}};
    for (size_t m = 0; m < SPAE_MEASURES; m++)
        all->results.shown[m] = true;
}

/* Made by `write` as a terminated text in the arena. */
static const char *page_of(everything *all, void (*write)(const spae_evaluation_results *r, spae_page *page))
{
    spae_page page = spae_page_start(&all->arena);
    const uint8_t *data;
    size_t size;
    spae_error err;
    write(&all->results, &page);
    spae_page_bytes(&page, "", 1);
    ck_ok(spae_page_end(&page, &data, &size, &err));
    return (const char *)data;
}

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" lacks \"%s\"", text, part);
}

START_TEST(whole_text)
{
    everything all;
    fill(&all);
    const char *t = page_of(&all, spae_evaluation_text);
    ck_assert(strstr(t, "model sha256 abc\npictures 4\nfid: few \"rows\"\nfirst word is the label's 0.7500 (3 of 4)\n"
                        "a word of layers 1-2 is the label's 1.0000 (4 of 4)\n\n") == t);
    has(t, "\nlayers:tokens         FID          IS       +-       LPIPS       +-         FVD        CLIP    relative        PSNR"
           "       +-        SSIM       +-          l2         mae\n");
    has(t, "\npictures                -       2.000    0.500           -        -           -           -           -           -"
           "        -           -        -           -           -\n");
    has(t, "\n2:5                     -       4.000    0.500      0.2500   0.0000       7.000      0.2500      0.7500      20.000"
           "    1.000      0.2500   0.0625     0.25000     0.12500\n");
    has(t, "\n3:21               33.500       5.000");
    has(t, "\ntokens of          tokens    distinct       usage     entropy  perplexity        CLIP    relative   own words  most common\n");
    has(t, "\n3                      24           7      0.5385       3.000         8.0      0.1250      0.5000      0.0833  seven (3)\n");
    has(t, "\ndifferent words in use 7 of 13\n");
    spae_arena_free(&all.arena);
}
END_TEST

START_TEST(text_of_what_was_measured)
{
    everything all;
    fill(&all);
    all.results.evaluation = NULL;
    all.results.lpips = NULL;
    all.results.answers = NULL;
    all.results.clip = NULL;
    all.results.remarks = all.results.pictures = 0;
    all.results.shown[SPAE_MEASURE_FVD] = false;
    ck_assert_str_eq(page_of(&all, spae_evaluation_text), "model sha256 abc\n\n"
                                                          "layers:tokens         FID\n"
                                                          "1:1                     -\n"
                                                          "2:5                     -\n"
                                                          "3:21               33.500\n"
                                                          "4:37               25.125\n");
    spae_arena_free(&all.arena);
}
END_TEST

START_TEST(csv)
{
    everything all;
    fill(&all);
    const char *t = page_of(&all, spae_evaluation_csv);
    ck_assert(strstr(t, "layers,picture_tokens,fid,inception_score,inception_score_deviation,lpips,lpips_deviation,fvd,clip,"
                        "relative_clip,psnr,psnr_deviation,ssim,ssim_deviation,square_error,absolute_error,tokens,distinct,"
                        "usage,entropy,perplexity,layer_clip,layer_relative_clip,own_words\n"
                        "0,0,,2.0,0.5,,,,,,,,,,,,,,,,,,,\n"
                        "1,1,,3.0,0.5,0.5,0.0,7.0,0.25,0.75,10.0,1.0,0.125,0.0625,0.5,0.25,8,5,0.38461538461538464,1.0,2.0,"
                        "0.125,0.5,0.25\n") == t);
    has(t, "\n4,37,25.125,6.0,");
    all.results.answers = NULL;
    all.evaluation.labelled = false;
    for (size_t l = 0; l < LAYERS; l++)
        all.evaluation.layer[l].ssim = (spae_spread){0, 0, 0, 0};
    has(page_of(&all, spae_evaluation_csv), "own_words\n1,1,,,,0.5,0.0,7.0,0.25,0.75,10.0,1.0,,,0.5,");
    spae_arena_free(&all.arena);
}
END_TEST

static const char *json_of(everything *all)
{
    const char *text;
    size_t length;
    spae_error err;
    ck_ok(spae_evaluation_json(&all->results, &all->arena, &text, &length, &err));
    ck_assert(text[length - 1] == '\n');
    char *copy = spae_arena_take(&all->arena, length + 1, 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

START_TEST(json)
{
    everything all;
    fill(&all);
    const char *t = json_of(&all);
    ck_assert(strstr(t, "{\"sha256\":\"abc\",\"pictures\":4,\"first_word\":0.75,\"early_word\":1.0,\"remarks\":[[\"fid\","
                        "\"few \\\"rows\\\"\"]],\"distinct\":7,\"originals\":{\"inception_score\":2.0,"
                        "\"inception_score_deviation\":0.5},\"layers\":[{\"layers\":1,\"picture_tokens\":1,"
                        "\"inception_score\":3.0,") == t);
    has(t, "{\"layers\":3,\"picture_tokens\":21,\"fid\":33.5,");
    has(t, "\"tokens\":32,\"distinct\":8,");
    has(t, "\"own_words\":0.0625,\"most_common\":\"seven\"}]}\n");
    all.results.evaluation = NULL;
    all.results.answers = NULL;
    t = json_of(&all);
    has(t, "\"first_word\":null,\"early_word\":null,");
    ck_assert(strstr(t, "originals") == NULL && strstr(t, "psnr") == NULL);
    spae_arena none;
    const char *text;
    size_t length;
    spae_error err;
    spae_arena_fixed(&none, NULL, 0);
    ck_assert_int_eq(spae_evaluation_json(&all.results, &none, &text, &length, &err), SPAE_ERR_NO_MEMORY);
    all.results.hash = "\xff";
    ck_assert_int_eq(spae_evaluation_json(&all.results, &all.arena, &text, &length, &err), SPAE_ERR_ARGUMENT);
    spae_arena_free(&all.arena);
}
END_TEST

SUITE(suite_io_evaluation_table, "io/evaluation_table", whole_text, text_of_what_was_measured, csv, json)

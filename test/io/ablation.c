/* io/ablation: every row on every preset is a configuration that can be built; what is set, and
 * what says nothing. */
#include "tiny.h"

#include "../../io/ablation.h"
#include "../../io/config.h"

static spae_config row_of(const char *name, const spae_config *base)
{
    spae_config config;
    spae_error err;
    const spae_ablation_row *row = spae_ablation_find(name, strlen(name));
    ck_assert_ptr_nonnull(row);
    ck_assert_str_eq(spae_ablation_name(row), name);
    ck_ok(spae_ablation_config(row, base, 1000, &config, &err));
    return config;
}

/* The keys that differ from the base are these, each with its value as JSON. */
static void check_changes(const char *name, const spae_config *base, const char *const (*due)[2])
{
    spae_config config = row_of(name, base);
    for (; (*due)[0] != NULL; due++) {
        char text[200], assignment[256];
        spae_error err;
        spae_config_text(&config, (*due)[0], text, sizeof text);
        ck_assert_msg(strcmp(text, (*due)[1]) == 0, "%s: %s is %s", name, (*due)[0], text);
        spae_config_text(base, (*due)[0], text, sizeof text);
        snprintf(assignment, sizeof assignment, "%s=%s", (*due)[0], text);
        ck_ok(spae_config_set(&config, assignment, &err)); /* takes the change back */
    }
    const char *other = spae_config_difference(&config, base);
    ck_assert_msg(other == NULL, "%s also changes %s", name, other);
}

#define CHANGES(...) ((const char *const[][2]){__VA_ARGS__, {NULL, NULL}})

START_TEST(what_each_row_sets)
{
    const spae_config base = preset_of("image-128");
    check_changes(
        "vq", &base,
        CHANGES({"pyramid", "[[16,16]]"}, {"codebook_size", "1000"}, {"semantic_layers", "0"}));
    check_changes("frozen", &base, CHANGES({"pyramid", "[[16,16]]"}, {"semantic_layers", "0"}));
    check_changes("semantic", &base, CHANGES({"pyramid", "[[16,16]]"}, {"semantic_layers", "1"}));
    check_changes("rq-2", &base,
                  CHANGES({"pyramid", "[[16,16],[16,16]]"}, {"semantic_layers", "2"},
                          {"quantizer", "\"rq\""}));
    check_changes("saq-2", &base,
                  CHANGES({"pyramid", "[[16,16],[16,16]]"}, {"semantic_layers", "2"}));
    check_changes("spae", &base, CHANGES({"name", "\"image-128\""}));
    check_changes("single-threshold", &base, CHANGES({"single_threshold", "true"}));
    check_changes("fixed-weight", &base, CHANGES({"dynamic_weight", "false"}));
    check_changes("no-perceptual", &base, CHANGES({"eta", "0.0"}));
    check_changes("no-adversarial", &base, CHANGES({"lambda", "0.0"}, {"phi", "0.0"}));
}
END_TEST

START_TEST(guided_layers_keep_the_first_thresholds)
{
    const spae_config base = preset_of("image-128"), two = row_of("saq-2", &base),
                      one = row_of("semantic", &base);
    ck_assert(two.thresholds[0] == 0.98 && two.thresholds[1] == 0.95 && one.thresholds[0] == 0.98);
    spae_config unguided = base;
    unguided.semantic_layers = 1;
    ck_assert_uint_eq(row_of("rq-2", &unguided).semantic_layers, 1);
    unguided.semantic_layers = 0;
    ck_assert_uint_eq(row_of("rq-2", &unguided).semantic_layers, 0);
    unguided.quantizer = SPAE_RQ; /* the rows that Table 4 names SAQ are SAQ */
    ck_assert_int_eq(row_of("spae", &unguided).quantizer, SPAE_SAQ);
}
END_TEST

START_TEST(every_row_of_every_preset_can_be_built)
{
    const char *name;
    const spae_ablation_row *row;
    size_t rows = 0;
    for (size_t p = 0; (name = spae_preset_name(p)) != NULL; p++) {
        const spae_config base = preset_of(name);
        for (rows = 0; (row = spae_ablation_at(rows)) != NULL; rows++) {
            spae_config config;
            spae_error err;
            ck_assert_msg(spae_ablation_config(row, &base, 100, &config, &err) == SPAE_OK, "%s: %s",
                          name, err.text);
        }
    }
    ck_assert_uint_eq(rows, 10);
    const spae_config video = preset_of("video"), config = row_of("saq-2", &video);
    ck_assert(config.pyramid.layers == 2 && config.pyramid.size[0][0] == 4 &&
              config.pyramid.size[1][2] == 16);
}
END_TEST

START_TEST(titles)
{
    char title[SPAE_ABLATION_TITLE_ROOM];
    const spae_config base = preset_of("image-128"), tiny = preset_of("tiny-2d");
    spae_ablation_title(spae_ablation_find("spae", 4), &base, title);
    ck_assert_str_eq(title, "+ 6-layer pyramid SAQ");
    spae_ablation_title(spae_ablation_find("spae", 4), &tiny, title);
    ck_assert_str_eq(title, "+ 4-layer pyramid SAQ");
    spae_ablation_title(spae_ablation_at(0), &base, title);
    ck_assert_str_eq(title, "baseline VQ");
    ck_assert_ptr_null(spae_ablation_find("spa", 3));
    ck_assert_ptr_null(spae_ablation_find("", 0));
    ck_assert_ptr_null(spae_ablation_find("spae,vq", 7));
}
END_TEST

static void check_vain(const char *name, const spae_config *base, bool perceptual, const char *part)
{
    const char *why = spae_ablation_vain(spae_ablation_find(name, strlen(name)), base, perceptual);
    ck_assert_msg((why == NULL) == (part == NULL), "%s: %s", name, why != NULL ? why : "");
    ck_assert_msg(why == NULL || strstr(why, part) != NULL, "%s: %s", name, why);
}

START_TEST(rows_that_say_nothing)
{
    const spae_ablation_row *row;
    spae_config base = preset_of("image-128");
    for (size_t i = 0; (row = spae_ablation_at(i)) != NULL; i++)
        ck_assert_ptr_null(spae_ablation_vain(row, &base, true));
    check_vain("no-perceptual", &base, false, "without weights");
    base.eta = 0;
    check_vain("no-perceptual", &base, true, "eta is 0");
    base.lambda = 0;
    check_vain("no-adversarial", &base, true, "lambda is 0");
    base.dynamic_weight = false;
    check_vain("fixed-weight", &base, true, "no dynamic weight");
    check_vain("single-threshold", &base, true, NULL);
    base.semantic_layers = 1;
    check_vain("single-threshold", &base, true, "one threshold");
    check_vain("semantic", &base, true, NULL);
    base.alpha = 0;
    check_vain("semantic", &base, true, "no semantic loss");
    check_vain("frozen", &base, true, NULL);
}
END_TEST

START_TEST(a_base_that_is_wrong_names_the_row)
{
    spae_config base = preset_of("tiny-2d"), config = preset_of("tiny-3d");
    const spae_config before = config;
    spae_error err;
    base.thresholds[1] = 2;
    ck_assert_int_eq(spae_ablation_config(spae_ablation_find("saq-2", 5), &base, 9, &config, &err),
                     SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, "row saq-2: config: threshold 2 is 2") == err.text, "%s",
                  err.text);
    ck_assert_ptr_null(spae_config_difference(&config, &before)); /* untouched */
}
END_TEST

SUITE(suite_io_ablation, "io/ablation", what_each_row_sets, guided_layers_keep_the_first_thresholds,
      every_row_of_every_preset_can_be_built, titles, rows_that_say_nothing,
      a_base_that_is_wrong_names_the_row)

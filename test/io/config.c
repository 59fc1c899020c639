/* io/config: every field as --set takes it, as JSON writes and reads it, and what each refuses. */
#include "tiny.h"

#include "io/config.h"
#include "vendor_free/json.h"

enum { TEXT = 2048, NODES = 256 };

static size_t write_json(const spae_config *config, char text[TEXT])
{
    spae_json_writer w;
    spae_error err;
    size_t length = 0;
    spae_json_write_start(&w, text, TEXT);
    spae_json_write_open(&w, '{');
    spae_config_write(&w, config);
    spae_json_write_close(&w);
    ck_ok(spae_json_write_finish(&w, &length, &err));
    text[length] = '\0';
    return length;
}

static spae_status read_json(spae_config *config, const char *text, spae_error *err)
{
    static spae_json_node nodes[NODES];
    ck_assert_int_eq(spae_json_parse(text, strlen(text), nodes, NODES, NULL, err), SPAE_OK);
    return spae_config_read(config, nodes, nodes, err);
}

START_TEST(every_preset_is_the_same_after_writing_and_reading)
{
    const char *name;
    for (size_t i = 0; (name = spae_preset_name(i)) != NULL; i++) {
        const spae_config config = preset_of(name);
        spae_config other = preset_of("image-128");
        spae_error err;
        char text[TEXT], again[TEXT];
        write_json(&config, text);
        ck_ok(read_json(&other, text, &err));
        ck_assert(spae_config_difference(&config, &other) == NULL);
        write_json(&other, again);
        ck_assert_str_eq(text, again);
    }
}
END_TEST

/* assignment, and the value that JSON writes then */
static const char *const taken[][3] = {
    {"name=my own", "name", "\"my own\""},
    {"ndim=3", "ndim", "3"},
    {"picture=64x48", "picture", "[64,48]"},
    {"picture=16x128x96", "picture", "[16,128,96]"},
    {"picture=[16,128,96]", "picture", "[16,128,96]"},
    {"filters=4096", "filters", "4096"},
    {"multipliers=1,2,64", "multipliers", "[1,2,64]"},
    {"multipliers=[1,2]", "multipliers", "[1,2]"},
    {"res_blocks=0", "res_blocks", "0"},
    {"groups=1", "groups", "1"},
    {"temporal=true,false", "temporal", "[true,false,false]"},
    {"c=65536", "c", "65536"},
    {"pyramid=1,2", "pyramid", "[[1,1],[2,2]]"},
    {"pyramid=1x2x3,2x4x3", "pyramid", "[[2,3],[2,4,3]]"}, /* t = 1 goes without saying */
    {"pyramid=[2,[1,3],[2,3,3]]", "pyramid", "[[2,2],[1,3],[2,3,3]]"},
    {"quantizer=rq", "quantizer", "\"rq\""},
    {"semantic_layers=2", "semantic_layers", "2"},
    {"thresholds=1,0.5,0.25,0.125,0", "thresholds", "[1.0,0.5,0.25,0.125,0.0]"},
    {"single_threshold=true", "single_threshold", "true"},
    {"alpha=0", "alpha", "0.0"},
    {"beta=1e6", "beta", "1000000.0"},
    {"lambda=0.5", "lambda", "0.5"},
    {"eta=0", "eta", "0.0"},
    {"phi=1e-5", "phi", "1e-05"},
    {"dynamic_weight=false", "dynamic_weight", "false"},
    {"adversarial=hinge", "adversarial", "\"hinge\""},
    {"perceptual=lpips", "perceptual", "\"lpips\""},
    {"perceptual_size=0", "perceptual_size", "0"},
    {"r1_cost=0", "r1_cost", "0.0"},
    {"lecam_decay=0.5", "lecam_decay", "0.5"},
    {"discriminator_filters=16", "discriminator_filters", "16"},
    {"discriminator_multipliers=1,2,64", "discriminator_multipliers", "[1,2,64]"},
    {"discriminator_blur=true", "discriminator_blur", "true"},
    {"codebook_size=8192", "codebook_size", "8192"},
    {"codebook_weight=0.25", "codebook_weight", "0.25"},
    {"entropy_weight=0.1", "entropy_weight", "0.1"},
    {"entropy_temperature=0.5", "entropy_temperature", "0.5"},
    {"batch=65536", "batch", "65536"},
    {"steps=4294967295", "steps", "4294967295"},
    {"learning_rate=1", "learning_rate", "1.0"},
    {"warmup=0", "warmup", "0"},
    {"cooldown=7", "cooldown", "7"},
    {"root_decay=false", "root_decay", "false"},
    {"beta1=0.5", "beta1", "0.5"},
    {"beta2=0.9999999", "beta2", "0.9999999"},
    {"epsilon=1e-30", "epsilon", "1e-30"},
    {"ema=1", "ema", "1.0"},
    {"crop=0.25", "crop", "0.25"},
    {"flip=true", "flip", "true"},
};

START_TEST(set_takes_every_field)
{
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        spae_config config = preset_of("image-128");
        const spae_config before = config;
        spae_error err;
        char text[256];
        ck_ok(spae_config_set(&config, taken[i][0], &err));
        spae_config_text(&config, taken[i][1], text, sizeof text);
        ck_assert_str_eq(text, taken[i][2]);
        ck_assert_str_eq(spae_config_difference(&before, &config), taken[i][1]);
    }
}
END_TEST

START_TEST(every_key_is_tried_above)
{
    char keys[800];
    size_t count = 0;
    spae_config_keys(keys, sizeof keys);
    for (char *key = strtok(keys, " "); key != NULL; key = strtok(NULL, " "), count++) {
        bool tried = false;
        for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
            tried = tried || strcmp(key, taken[i][1]) == 0;
        ck_assert_msg(tried, "%s is not tried", key);
    }
    ck_assert_uint_eq(count, 44);
}
END_TEST

/* assignment, and a part of the message */
static const char *const refused[][2] = {
    {"name=", "name: expected a name of 1 to 31 bytes"},
    {"name=12345678901234567890123456789012", "name"},
    {"ndim=1", "ndim: expected a whole number from 2 to 3"},
    {"ndim=4", "ndim"},
    {"ndim=2.0", "ndim"},
    {"ndim=", "ndim"},
    {"picture=128", "picture: expected HxW or TxHxW, each from 1 to 65536"},
    {"picture=0x128", "picture"},
    {"picture=65537x128", "picture"},
    {"picture=1x2x3x4", "picture"},
    {"filters=0", "filters"},
    {"filters=4097", "filters"},
    {"filters=-1", "filters"},
    {"filters=x", "filters"},
    {"multipliers=", "multipliers"},
    {"multipliers=1,2,65", "multipliers"},
    {"multipliers=1,1,1,1,1,1,1,1,1", "multipliers: expected 1 to 8 whole numbers"},
    {"res_blocks=65", "res_blocks"},
    {"temporal=1", "temporal"},
    {"c=65537", "c"},
    {"pyramid=", "pyramid"},
    {"pyramid=1,0", "pyramid"},
    {"pyramid=1,2x", "pyramid"},
    {"pyramid=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "pyramid: expected 1 to 16 layers"},
    {"quantizer=vq", "quantizer: expected saq or rq"},
    {"semantic_layers=17", "semantic_layers"},
    {"thresholds=1.5", "thresholds"},
    {"thresholds=0.9,-0.1", "thresholds"},
    {"alpha=-1", "alpha"},
    {"alpha=nan", "alpha"},
    {"alpha=1e400", "alpha"},
    {"beta=1000001", "beta"},
    {"dynamic_weight=1", "dynamic_weight: expected true or false"},
    {"batch=0", "batch"},
    {"batch=65537", "batch"},
    {"steps=4294967296", "steps"},
    {"learning_rate=1.1", "learning_rate"},
    {"beta2=1", "beta2"},
    {"epsilon=0", "epsilon"},
    {"ema=1.01", "ema"},
    {"c=1}", "c"},
    {"c=1,2", "c"},
    {"c", "c: expected KEY=VALUE"},
    {"colour=1", "colour=1: no such key; spae info --preset P lists them"},
    {"learnin_rate=1", "no such key; learning_rate is meant?"},
    {"=1", "no such key"},
    {"", "no such key"},
};

START_TEST(set_refuses_what_a_field_does_not_take)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        spae_config config = preset_of("image-128");
        const spae_config before = config;
        spae_error err;
        ck_assert_msg(spae_config_set(&config, refused[i][0], &err) == SPAE_ERR_ARGUMENT,
                      "%s is taken", refused[i][0]);
        ck_assert_msg(strstr(err.text, refused[i][1]) != NULL, "\"%s\" lacks \"%s\"", err.text,
                      refused[i][1]);
        ck_assert(spae_config_difference(&before, &config) == NULL);
    }
}
END_TEST

START_TEST(a_value_too_long_is_refused)
{
    spae_config config = preset_of("image-128");
    spae_error err;
    char assignment[4096] = "thresholds=0";
    while (strlen(assignment) < 4000)
        strcat(assignment, "0");
    ck_assert_int_eq(spae_config_set(&config, assignment, &err), SPAE_ERR_ARGUMENT);
}
END_TEST

START_TEST(the_architecture_must_be_there_the_rest_has_defaults)
{
    static const char whole[] =
        "{\"ndim\":2,\"picture\":[32,32],\"filters\":8,\"multipliers\":[1,2],\"res_blocks\":1,"
        "\"groups\":4,\"c\":5,\"pyramid\":[1,2],\"unknown\":[]}";
    static const char *const needed[] = {"ndim",       "picture", "filters", "multipliers",
                                         "res_blocks", "groups",  "pyramid"};
    spae_config config = preset_of("image-128");
    spae_error err;
    ck_ok(read_json(&config, whole, &err));
    ck_assert_uint_eq(config.c, 5);
    ck_assert(config.beta > 0.32 && config.beta < 0.34);
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        char text[sizeof whole], due[64];
        strcpy(text, whole);
        *(strstr(text, needed[i])) = 'X';
        sprintf(due, "config: %s is missing", needed[i]);
        ck_assert_int_eq(read_json(&config, text, &err), SPAE_ERR_FORMAT);
        ck_assert_str_eq(err.text, due);
    }
}
END_TEST

START_TEST(json_of_another_kind_is_refused)
{
    spae_config config = preset_of("image-128");
    spae_error err;
    ck_assert_int_eq(read_json(&config, "[]", &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "config: expected a JSON object");
    ck_assert_int_eq(read_json(&config, "{\"ndim\":\"2\"}", &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "config: ndim: expected a whole number from 2 to 3");
}
END_TEST

START_TEST(text_of_an_unknown_key_is_empty)
{
    const spae_config config = preset_of("image-128");
    char text[8] = "before";
    spae_config_text(&config, "colour", text, sizeof text);
    ck_assert_str_eq(text, "");
    spae_config_text(&config, "pyramid", text, sizeof text);
    ck_assert_str_eq(text, "[[1,1],");
}
END_TEST

/* Clause 6.1 of the specification has a row for every key. */
START_TEST(the_specification_knows_every_key)
{
    spae_arena arena = new_arena();
    const uint8_t *spec = NULL;
    size_t size = 0;
    char keys[800], quoted[64];
    ck_assert_int_eq(spae_file_read_all(&arena, "vectors/SPEC.md", 1 << 20, &spec, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(&arena, size + 1, 1);
    memcpy(text, spec, size);
    text[size] = '\0';
    spae_config_keys(keys, sizeof keys);
    for (char *key = strtok(keys, " "); key != NULL; key = strtok(NULL, " ")) {
        snprintf(quoted, sizeof quoted, "`%s`", key);
        const char *clause = strstr(text, "**6.1"), *found = clause != NULL ? strstr(clause, quoted) : NULL;
        ck_assert_msg(found != NULL && found < strstr(text, "**6.2"), "%s", key);
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_config, "io/config", every_preset_is_the_same_after_writing_and_reading,
      set_takes_every_field, every_key_is_tried_above, set_refuses_what_a_field_does_not_take,
      a_value_too_long_is_refused, the_architecture_must_be_there_the_rest_has_defaults,
      json_of_another_kind_is_refused, text_of_an_unknown_key_is_empty,
      the_specification_knows_every_key)

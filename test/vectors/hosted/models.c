/* Stage files, configurations and models: SPEC 8.6 to 8.9. */
#include <math.h>
#include <string.h>

#include "io/config.h"
#include "io/model.h"
#include "io/preset.h"
#include "raw.h"
#include "test/vectors/tokens.h"
#include "vendor_free/json.h"

/* ---- config ---- */

static const char base[] =
    "{\"name\":\"t\",\"ndim\":2,\"picture\":[8,8],\"filters\":4,\"multipliers\":[1,2],\"res_blocks\":0,\"groups\":2,"
    "\"c\":3,\"pyramid\":[1,2,4],\"semantic_layers\":2,\"thresholds\":[0.9,0.8],\"lambda\":0}";

static spae_status read_text(vectors *v, const spae_source *source, spae_config *config)
{
    const char *text = (const char *)source->memory;
    const size_t size = (size_t)source->size, room = spae_json_bound(text, size);
    spae_json_node *nodes = vectors_room(v, room, sizeof *nodes);
    if (nodes == NULL)
        return SPAE_ERR_NO_MEMORY;
    spae_status status = spae_preset("image-128", config, v->err);
    if (status == SPAE_OK)
        status = spae_json_parse(text, size, nodes, room, NULL, v->err);
    if (status == SPAE_OK)
        status = spae_config_read(config, nodes, nodes, v->err);
    if (status == SPAE_OK && spae_config_check(config, v->err) != SPAE_OK)
        status = SPAE_ERR_FORMAT; /* as for every file that says what cannot be (8.1) */
    return status;
}

/* As it would be written again: all keys. */
static void give_config(vectors *v, const spae_config *config)
{
    enum { ROOM = 4096 };
    spae_json_writer j;
    size_t length = 0;
    char *text = vectors_room(v, ROOM, 1);
    if (text == NULL)
        return;
    spae_json_write_start(&j, text, ROOM);
    spae_json_write_open(&j, '{');
    spae_config_write(&j, config);
    spae_json_write_close(&j);
    vectors_expect(v, spae_json_write_finish(&j, &length, v->err));
    vectors_octets(v, "written", VECTORS_BITS, 1, &length, text);
}

/* The text `base` with `to` for the first `from` in it. */
static void config_case(vectors *v, const char *name, const char *from, const char *to, spae_status due,
                        const char *why)
{
    spae_config config;
    if (!vectors_begin(v, name, "6.1 6.7 8.6 8.8", "read_config", "{}", why))
        return;
    vectors_file file = vectors_file_of(v);
    const char *at = strstr(base, from);
    if (at == NULL) {
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "the text lacks %s", from));
        return;
    }
    vectors_file_add(&file, base, (size_t)(at - base));
    vectors_file_text(&file, to);
    vectors_file_text(&file, at + strlen(from));
    const spae_source source = vectors_file_given(&file);
    if (vectors_goes_on(v) && vectors_returned(v, due, read_text(v, &source, &config)))
        give_config(v, &config);
    vectors_end(v);
}

#define F SPAE_ERR_FORMAT

static const struct {
    const char *name, *from, *to, *why;
    spae_status due;
} configs[] = {
    {"files/config", "{", "{", "the keys that must be there and a few more; the others have the values of 6.1",
     SPAE_OK},
    {"files/json_escapes", "\"t\"", "\"caf\\u00e9 \\ud83d\\ude00 \\\"q\\\"\"",
     "escapes in a text, a pair of surrogates", SPAE_OK},
    {"files/config_forms", "\"pyramid\":[1,2,4]",
     " \"unknown\" : {\"a\":[null]},\n\"pyramid\":[[1,1,1],[2,2],4],\"epsilon\":1E-8",
     "layers in three forms, white space, a key that is left alone, an exponent", SPAE_OK},
    {"files/config_video",
     "\"ndim\":2,\"picture\":[8,8],\"filters\":4,\"multipliers\":[1,2],\"res_blocks\":0,\"groups\":2,\"c\":3,"
     "\"pyramid\":[1,2,4]",
     "\"ndim\":3,\"picture\":[4,8,8],\"temporal\":[true],\"filters\":4,\"multipliers\":[1,2],\"res_blocks\":0,"
     "\"groups\":2,"
     "\"c\":3,\"pyramid\":[1,[1,2,2],[2,4,4]]",
     "video, whose time is halved too", SPAE_OK},
    {"files/config_refused_frames", "\"ndim\":2,\"picture\":[8,8]",
     "\"ndim\":3,\"picture\":[2,8,8],\"temporal\":[false]", "the encoder's grid has two frames, the last layer one", F},
    {"files/json_refused_no_object", "{\"name\":\"t\",", "[{\"name\":\"t\",", "not even JSON: a bracket too many", F},
    {"files/config_refused_missing", "\"filters\":4,", "", "a key of the architecture is missing", F},
    {"files/config_refused_type", "\"filters\":4", "\"filters\":\"4\"", "a text where a number is due", F},
    {"files/config_refused_fraction", "\"filters\":4", "\"filters\":4.0", "a fraction where a whole number is due", F},
    {"files/config_refused_filters_0", "\"filters\":4", "\"filters\":0", "no filters", F},
    {"files/config_refused_filters_4097", "\"filters\":4", "\"filters\":4097", "more filters than the range", F},
    {"files/config_refused_no_multipliers", "[1,2],\"res", "[],\"res", "no multipliers", F},
    {"files/config_refused_nine_multipliers", "[1,2],\"res", "[1,1,1,1,1,1,1,1,1],\"res", "nine multipliers", F},
    {"files/config_refused_c_0", "\"c\":3", "\"c\":0", "no channels", F},
    {"files/config_refused_name", "\"t\"", "\"a name of thirty-two bytes.......\"", "a name of 32 bytes", F},
    {"files/config_refused_ndim", "\"ndim\":2", "\"ndim\":4", "four dimensions", F},
    {"files/config_refused_quantizer", "\"c\":3", "\"c\":3,\"quantizer\":\"vq\"", "a quantizer that nobody knows", F},
    {"files/config_refused_threshold_above_1", "[0.9,0.8]", "[1.5,0.8]", "a threshold above 1", F},
    {"files/config_refused_beta", "\"c\":3", "\"c\":3,\"beta1\":1", "beta1 of 1 never forgets", F},
    {"files/config_refused_epsilon", "\"c\":3", "\"c\":3,\"epsilon\":0", "epsilon 0", F},
    {"files/config_refused_batch", "\"c\":3", "\"c\":3,\"batch\":0", "a batch of none", F},
    {"files/config_refused_steps", "\"c\":3", "\"c\":3,\"steps\":4294967296", "steps beyond 32 bits", F},
    {"files/json_refused_large_number", "\"c\":3", "\"c\":3,\"alpha\":1e400", "a number beyond the range of wide", F},
    {"files/json_refused_nan", "\"c\":3", "\"c\":3,\"alpha\":NaN", "NaN is no JSON", F},
    {"files/json_refused_key_twice", "\"c\":3", "\"c\":3,\"c\":3", "a key twice", F},
    {"files/json_refused_surrogate", "\"t\"", "\"\\udc00\"", "a lone surrogate", F},
    {"files/json_refused_utf8", "\"t\"", "\"\xC3\"", "text that is not UTF-8", F},
    {"files/json_refused_control", "\"t\"", "\"\t\"", "a control character in a text", F},
    {"files/json_refused_comma", "0.8]", "0.8,]", "a comma before a bracket", F},
    {"files/json_refused_comment", "{", "{//\n", "a comment", F},
    {"files/limit_json_depth", "\"c\":3",
     "\"c\":3,\"deep\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
     "]]]]]]]]]]]]"
     "]]]]]]]]]]]]]]]]]]]]",
     "65 brackets in each other", F},
    {"files/config_refused_divides", "[1,2,4]", "[1,3,4]", "3 does not divide 4", F},
    {"files/config_refused_shrinks", "[1,2,4]", "[2,1,4]", "a layer smaller than the one before", F},
    {"files/config_refused_layers", "[1,2,4]", "[]", "no layers", F},
    {"files/config_refused_17_layers", "[1,2,4]", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4]", "17 layers", F},
    {"files/config_refused_grid", "[1,2,4]", "[1,2,8]", "the last layer is not the encoder's grid", F},
    {"files/config_refused_picture", "[8,8]", "[9,8]", "9 rows cannot be halved", F},
    {"files/config_refused_groups", "\"groups\":2", "\"groups\":3", "3 groups do not divide 4 filters", F},
    {"files/config_refused_rising", "[0.9,0.8]", "[0.8,0.9]", "thresholds that rise", F},
    {"files/config_refused_semantic_layers", "\"semantic_layers\":2,\"thresholds\":[0.9,0.8]",
     "\"semantic_layers\":4,\"thresholds\":[0.9,0.8,0.7,0.6]", "more guided layers than layers", F},
};

/* ---- models ---- */

enum { V = 4 };

/* What is changed in the model before, or in its file after, it is written. */
typedef enum { SOUND, NAN_WEIGHT, INFINITE_ROW, OTHER_C, CLAIM, NO_CODEBOOK, NO_WEIGHT, NO_CONFIG, FEW_WORDS } flaws;

static const char *const words[V] = {"one", "caf\xC3\xA9", "", " three"};

static bool create(vectors *v, flaws flaw, spae_model *model)
{
    spae_config config;
    const spae_source source = spae_source_memory(base, sizeof base - 1, "base");
    vectors_expect(v, read_text(v, &source, &config));
    config.codebook_size = flaw == FEW_WORDS ? V : 0;
    if (vectors_goes_on(v))
        vectors_expect(v, spae_model_create(model, &config, false, v->arena, v->err));
    spae_real *e = vectors_room(v, V * 3, sizeof *e);
    if (e == NULL)
        return false;
    spae_model_init(model, 7);
    vectors_fill("files/model", "codebook", 0, 1, V * 3, e);
    if (flaw == NAN_WEIGHT)
        model->values[5] = (spae_real)(HUGE_VAL - HUGE_VAL);
    if (flaw == INFINITE_ROW)
        e[4] = (spae_real)HUGE_VAL;
    if (flaw == OTHER_C)
        model->config.c = 4;
    if (flaw == CLAIM)
        model->config.filters = 4096;
    if (flaw == FEW_WORDS)
        model->codebook.V = V - 1;
    else
        model->codebook = (spae_codebook){V, 3, e, NULL, NULL, NULL};
    model->word = words;
    return true;
}

bool vectors_small_model(vectors *v, spae_model *model)
{
    return create(v, SOUND, model);
}

static vectors_file written(vectors *v, flaws flaw)
{
    vectors_file file = vectors_file_of(v);
    spae_model model;
    const spae_notes notes = spae_notes_default();
    spae_arena scratch;
    if (!create(v, flaw, &model))
        return file;
    spae_arena_hosted(&scratch);
    spae_sink sink = spae_sink_buffer(&file.buffer);
    spae_npz_writer w = spae_npz_begin(&scratch, &sink);
    vectors_expect(v, spae_model_write(&w, &model, &notes, v->err));
    vectors_expect(v, spae_npz_end(&w, v->err));
    spae_arena_free(&scratch);
    if (flaw == NO_CODEBOOK)
        vectors_file_replace(&file, "codebook.npy", "codebooc.npy");
    if (flaw == NO_WEIGHT)
        vectors_file_replace(&file, "encoder/", "encoded/");
    if (flaw == NO_CONFIG)
        vectors_file_replace(&file, "config.npy", "confit.npy");
    return file;
}

static void give_model(vectors *v, const spae_model *model)
{
    vectors_array values = {.name = "values",
                            .type = VECTORS_REAL,
                            .compare = VECTORS_BITS,
                            .rank = 1,
                            .shape = {model->elements},
                            .data = model->values,
                            .layout = model->parameters,
                            .layout_count = model->count};
    v->now.config = &model->config;
    vectors_give(v, &values);
    vectors_numbers(v, "codebook", VECTORS_BITS, 2, (const size_t[]){model->codebook.V, model->codebook.c},
                    model->codebook.e);
    vectors_texts(v, "vocab", VECTORS_BITS, model->word, model->codebook.V);
}

static void give_hash(vectors *v, const spae_model *model)
{
    char hash[65];
    const size_t digits = 64;
    spae_model_hash(model, hash);
    vectors_octets(v, "sha256", VECTORS_BITS, 1, &digits, hash);
}

static void model_case(vectors *v, const char *name, const char *clause, const char *op, flaws flaw, spae_status due,
                       const char *why)
{
    spae_npz npz;
    spae_model model;
    if (!vectors_begin(v, name, clause, op, "{}", why))
        return;
    const vectors_file file = written(v, flaw);
    const spae_source source = vectors_file_given(&file);
    if (vectors_goes_on(v)) {
        spae_status status = spae_npz_open(v->arena, &source, NULL, &npz, v->err);
        if (status == SPAE_OK)
            status = spae_model_read(&model, NULL, true, v->arena, &npz, v->err);
        if (vectors_returned(v, due, status))
            (strcmp(op, "read_model") == 0 ? give_model : give_hash)(v, &model);
        vectors_end(v); /* while the model, whose configuration it writes, is there */
    }
}

/* ---- presets ---- */

static void preset_case(vectors *v, const char *name, const char *preset, const char *with)
{
    spae_config config;
    if (!vectors_begin(v, name, "6.1 6.9 8.8", "preset", with, "what the name stands for, every key"))
        return;
    vectors_expect(v, spae_preset(preset, &config, v->err));
    if (vectors_goes_on(v))
        give_config(v, &config);
    vectors_end(v);
}

#define PRESET(at, preset) preset_case(v, "files/preset_" at, preset, "{\"name\":\"" preset "\"}")

static void presets(vectors *v)
{
    PRESET("image_128", "image-128");
    PRESET("image_256", "image-256");
    PRESET("spae_8", "spae-8");
    PRESET("mnist", "mnist");
    PRESET("video", "video");
    PRESET("mnist_small", "mnist-small");
    PRESET("emoji_small", "emoji-small");
    PRESET("tiny_2d", "tiny-2d");
    PRESET("tiny_3d", "tiny-3d");
}

void vectors_models(vectors *v)
{
    presets(v);
    for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++)
        config_case(v, configs[i].name, configs[i].from, configs[i].to, configs[i].due, configs[i].why);
    model_case(v, "files/model", "8.5 8.7 8.8", "read_model", SOUND, SPAE_OK,
               "a whole model of four words, its parameters by path");
    model_case(v, "files/hash_model", "8.9", "hash_model", SOUND, SPAE_OK, "the hash of a model's numbers and words");
    model_case(v, "files/model_refused_nan", "8.7", "read_model", NAN_WEIGHT, SPAE_ERR_NOT_FINITE,
               "a NaN among the weights");
    model_case(v, "files/model_refused_infinity", "8.7", "read_model", INFINITE_ROW, SPAE_ERR_NOT_FINITE,
               "an infinity in the codebook");
    model_case(v, "files/refusal_shape", "8.1 8.7", "read_model", OTHER_C, SPAE_ERR_SHAPE,
               "the configuration has another c than the arrays");
    model_case(v, "files/model_refused_claim", "8.7", "read_model", CLAIM, SPAE_ERR_FORMAT,
               "a configuration of more parameters than the file has bytes for");
    model_case(v, "files/model_refused_no_codebook", "8.7", "read_model", NO_CODEBOOK, SPAE_ERR_FORMAT, "no codebook");
    model_case(v, "files/model_refused_no_weight", "8.7", "read_model", NO_WEIGHT, SPAE_ERR_FORMAT, "no encoder");
    model_case(v, "files/model_refused_no_config", "8.7", "read_model", NO_CONFIG, SPAE_ERR_FORMAT, "no configuration");
    model_case(v, "files/model_refused_words", "8.7", "read_model", FEW_WORDS, SPAE_ERR_FORMAT,
               "three words for four rows");
}

/* io/model: models as files, read back, read as numpy would have written them, and refused. */
#include "tiny.h"

#include "io/config.h"
#include "io/npz.h"
#include "nn/network.h"
#include "test/memory.h"

enum { ROOM = 1 << 20, WORDS = 9 };

static spae_model tiny(spae_arena *arena)
{
    const spae_config config = preset_of("tiny-2d");
    return generated_model(&config, WORDS, 5, arena);
}

static void ck_same_model(const spae_model *a, const spae_model *b)
{
    char first[65], second[65];
    spae_model_hash(a, first);
    spae_model_hash(b, second);
    ck_assert_str_eq(first, second);
    ck_assert(spae_config_difference(&a->config, &b->config) == NULL);
}

START_TEST(what_is_written_is_read_back)
{
    static const char *const labels[] = {"w0", "caf\xC3\xA9"};
    const spae_notes notes = {SPAE_GUIDE_RAW, 2, labels, true, 0.5, "", ""};
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_model model = tiny(&arena);
    spae_model back;
    spae_notes notes_back;
    spae_error err;
    const size_t used = arena.used;
    ck_ok(spae_model_store(&model, &notes, in_folder(&f, "m.npz"), &arena, &err));
    ck_assert_uint_eq(arena.used, used);
    ck_ok(spae_model_open(&back, &notes_back, true, &arena, f.path, &err));
    ck_same_model(&model, &back);
    ck_assert(back.codebook.index == NULL); /* not prepared */
    ck_assert(notes_back.guide == SPAE_GUIDE_RAW && notes_back.codebook_centred);
    ck_assert_double_eq(notes_back.codebook_scale, 0.5);
    ck_assert_uint_eq(notes_back.label_count, 2);
    ck_assert_str_eq(notes_back.label[1], labels[1]);
    ck_ok(spae_model_save(&model, f.path, &arena, &err));
    ck_ok(spae_model_load(&back, &arena, f.path, &err));
    ck_same_model(&model, &back);
    ck_assert(back.codebook.index != NULL);
    remove_folder(&f, (const char *const[]){"m.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_hash_sees_weights_codebook_and_words)
{
    spae_arena arena = new_arena();
    spae_model model = tiny(&arena), other = model;
    const char *words[WORDS];
    char a[65], b[65];
    spae_model_hash(&model, a);
    memcpy(words, model.word, sizeof words);
    words[3] = "w33";
    other.word = words;
    spae_model_hash(&other, b);
    ck_assert_str_ne(a, b);
    model.values[7] += 1;
    spae_model_hash(&model, b);
    ck_assert_str_ne(a, b);
    spae_arena_free(&arena);
}
END_TEST

/* ---- files with one thing wrong, or written in another way ----------------------------------- */

/* What becomes of the member called `name`; everything else is written as it should be. */
typedef struct {
    const char *name;
    enum { LEFT_OUT, OTHER } way;
    spae_npy_array array; /* of OTHER */
    bool deflated;
} change;

static spae_status add_member(spae_npz_writer *w, const change *c, const char *name,
                              const spae_npy_array *array, spae_error *err)
{
    if (c->name == NULL || strcmp(c->name, name) != 0)
        return spae_npz_add(w, name, array, c->deflated, err);
    return c->way == LEFT_OUT ? SPAE_OK : spae_npz_add(w, name, &c->array, c->deflated, err);
}

/* The config of tiny-2d as text. */
static size_t config_text(const spae_model *model, char text[2048])
{
    spae_json_writer w;
    spae_error err;
    size_t length = 0;
    spae_json_write_start(&w, text, 2048);
    spae_json_write_open(&w, '{');
    spae_config_write(&w, &model->config);
    spae_json_write_close(&w);
    ck_ok(spae_json_write_finish(&w, &length, &err));
    return length;
}

/* A model file in memory. Numbers are binary32 in either build. */
static spae_source changed_file(const spae_model *model, const change *c, spae_buffer *buffer,
                                spae_arena *arena)
{
    spae_sink sink = spae_sink_buffer(buffer);
    spae_npz_writer w = spae_npz_begin(arena, &sink);
    spae_error err;
    char text[2048];
    const spae_text config = {text, config_text(model, text)};
    spae_text words[WORDS];
    float e[WORDS * 6],
        *values = spae_arena_take(arena, model->parameters->elements, sizeof *values);
    for (size_t k = 0; k < WORDS; k++)
        words[k] = (spae_text){model->word[k], strlen(model->word[k])};
    for (size_t i = 0; i < WORDS * 6; i++)
        e[i] = (float)model->codebook.e[i];
    for (size_t i = 0; i < model->parameters->elements; i++)
        values[i] = (float)model->values[i];
    ck_ok(add_member(&w, c, "config", &(spae_npy_array){SPAE_NPY_S, 0, {0}, &config}, &err));
    ck_ok(add_member(&w, c, "vocab", &(spae_npy_array){SPAE_NPY_S, 1, {WORDS}, words}, &err));
    ck_ok(add_member(&w, c, "codebook", &(spae_npy_array){SPAE_NPY_F4, 2, {WORDS, 6}, e}, &err));
    for (size_t p = model->parameters->count;
         p-- > 0;) { /* the order in the file is of no importance */
        const spae_parameter *item = &model->parameters->item[p];
        spae_npy_array array = {SPAE_NPY_F4, (unsigned)item->rank, {0}, values + item->first};
        memcpy(array.shape, item->shape.axis + SPAE_AXES - item->rank, item->rank * sizeof(size_t));
        ck_ok(add_member(&w, c, item->path, &array, &err));
    }
    ck_ok(spae_npz_end(&w, &err));
    return spae_source_memory(buffer->bytes, buffer->size, "x");
}

static spae_status read_changed(const change *c, spae_model *model, spae_model *back,
                                spae_arena *arena, spae_error *err)
{
    spae_arena file = new_arena(); /* of its own: the archive's writer resets the other */
    spae_buffer buffer = {&file, NULL, 0, 0};
    spae_npz npz;
    *model = tiny(arena);
    const spae_source source = changed_file(model, c, &buffer, arena);
    const spae_status status = spae_npz_open(arena, &source, NULL, &npz, err);
    ck_assert_int_eq(status, SPAE_OK);
    const size_t used = arena->used;
    const spae_status read = spae_model_read(back, NULL, true, arena, &npz, err);
    ck_assert(read == SPAE_OK || arena->used == used);
    spae_arena_free(&file); /* a model borrows nothing of its file */
    return read;
}

static void ck_changed(const change *c, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_model model, back;
    spae_error err;
    const spae_status status = read_changed(c, &model, &back, &arena, &err);
    ck_refused(status, due, err, part);
    spae_arena_free(&arena);
}

START_TEST(strings_of_bytes_and_deflated_members_are_read)
{
    for (int deflated = 0; deflated < 2; deflated++) {
        const change none = {.deflated = deflated == 1};
        spae_arena arena = new_arena();
        spae_model model, back;
        spae_error err;
        ck_ok(read_changed(&none, &model, &back, &arena, &err));
        for (size_t k = 0; k < WORDS; k++)
            ck_assert_str_eq(model.word[k], back.word[k]);
        for (size_t i = 0; i < model.parameters->elements; i++)
            ck_assert((float)model.values[i] == (float)back.values[i]);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(binary64_arrays_are_rounded)
{
    double wide[8] = {1.0, 0x1.0000010000001p0, 0.1, -0.1, 1e-50, 3, 4, 5};
    const change bias = {"decoder/GroupNorm_0/bias", OTHER, {SPAE_NPY_F8, 1, {8}, wide}, false};
    spae_arena arena = new_arena();
    spae_model model, back;
    spae_error err;
    ck_ok(read_changed(&bias, &model, &back, &arena, &err));
    const size_t p = spae_parameters_find(back.parameters, bias.name);
    ck_assert_uint_lt(p, back.parameters->count);
    for (size_t i = 0; i < 8; i++)
        ck_assert(back.values[back.parameters->item[p].first + i] == (spae_real)wide[i]);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(missing_arrays_are_named)
{
    ck_changed(&(change){"config", LEFT_OUT, {0}, false}, SPAE_ERR_FORMAT,
               "there is no array \"config\"");
    ck_changed(&(change){"codebook", LEFT_OUT, {0}, false}, SPAE_ERR_FORMAT,
               "there is no array \"codebook\"");
    ck_changed(&(change){"vocab", LEFT_OUT, {0}, false}, SPAE_ERR_FORMAT,
               "there is no array \"vocab\"");
    ck_changed(&(change){"encoder/Conv_0/kernel", LEFT_OUT, {0}, false}, SPAE_ERR_FORMAT,
               "1 of 83 arrays of tiny-2d are missing: encoder/Conv_0/kernel");
}
END_TEST

START_TEST(misshapen_arrays_are_refused)
{
    static const float numbers[100];
    ck_changed(&(change){"decoder/GroupNorm_0/bias", OTHER, {SPAE_NPY_F4, 1, {9}, numbers}, false},
               SPAE_ERR_SHAPE, "decoder/GroupNorm_0/bias: expected (8), found (9)");
    ck_changed(
        &(change){"decoder/GroupNorm_0/bias", OTHER, {SPAE_NPY_F4, 2, {1, 8}, numbers}, false},
        SPAE_ERR_SHAPE, "expected (8), found (1,8)");
    ck_changed(&(change){"codebook", OTHER, {SPAE_NPY_F4, 2, {WORDS, 7}, numbers}, false},
               SPAE_ERR_SHAPE, "codebook: expected (V,6), found (9,7)");
    ck_changed(&(change){"codebook", OTHER, {SPAE_NPY_F4, 1, {6}, numbers}, false}, SPAE_ERR_SHAPE,
               "codebook");
    ck_changed(&(change){"codebook", OTHER, {SPAE_NPY_F4, 2, {8, 6}, numbers}, false},
               SPAE_ERR_FORMAT, "vocab: expected 8 words, one for each row of codebook, found 9");
}
END_TEST

START_TEST(numbers_that_are_not_finite_are_refused)
{
    float bias[8] = {0, 0, 0, 0, 0, 0, 0, 0}, e[WORDS * 6] = {0};
    double huge[8] = {0, 1e300, 0, 0, 0, 0, 0, 0};
    const uint32_t infinite = 0x7f800000, nan = 0x7fc00001;
    memcpy(&bias[2], &nan, sizeof nan);
    memcpy(&e[WORDS * 6 - 1], &infinite, sizeof infinite);
    ck_changed(&(change){"decoder/GroupNorm_0/bias", OTHER, {SPAE_NPY_F4, 1, {8}, bias}, false},
               SPAE_ERR_NOT_FINITE, "decoder/GroupNorm_0/bias: element 2 is not finite");
    ck_changed(&(change){"codebook", OTHER, {SPAE_NPY_F4, 2, {WORDS, 6}, e}, false},
               SPAE_ERR_NOT_FINITE, "codebook: element 53 is not finite");
    if (sizeof(spae_real) == 4) /* binary64 holds it */
        ck_changed(&(change){"decoder/GroupNorm_0/bias", OTHER, {SPAE_NPY_F8, 1, {8}, huge}, false},
                   SPAE_ERR_NOT_FINITE, "element 1 is not finite");
}
END_TEST

START_TEST(arrays_of_another_kind_are_refused)
{
    static const spae_text words[WORDS] = {{"a", 1}, {"b\0c", 3}, {"", 0}, {"", 0}, {"", 0},
                                           {"", 0},  {"", 0},     {"", 0}, {"", 0}};
    static const float numbers[WORDS];
    ck_changed(&(change){"vocab", OTHER, {SPAE_NPY_S, 1, {WORDS}, words}, false}, SPAE_ERR_FORMAT,
               "vocab: row 1 holds a zero character");
    ck_changed(&(change){"vocab", OTHER, {SPAE_NPY_F4, 1, {WORDS}, numbers}, false},
               SPAE_ERR_FORMAT, "vocab");
    ck_changed(&(change){"config", OTHER, {SPAE_NPY_F4, 0, {0}, numbers}, false}, SPAE_ERR_FORMAT,
               "config");
    ck_changed(&(change){"decoder/GroupNorm_0/bias", OTHER, {SPAE_NPY_S, 1, {8}, words}, false},
               SPAE_ERR_FORMAT, "decoder/GroupNorm_0/bias");
}
END_TEST

static void ck_config(const char *text, const char *part)
{
    const spae_text item = {text, strlen(text)};
    ck_changed(&(change){"config", OTHER, {SPAE_NPY_S, 0, {0}, &item}, false}, SPAE_ERR_FORMAT,
               part);
}

#define BODY(filters, more)                                                                        \
    "{\"ndim\":2,\"picture\":[16,16],\"filters\":" filters                                         \
    ",\"multipliers\":[1,2,2],\"res_blocks\":1,"                                                   \
    "\"groups\":4,\"c\":6,\"semantic_layers\":0,\"pyramid\":[1,2,4,4]" more "}"

#define DIGITS_60 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"

START_TEST(broken_configurations_are_refused)
{
    ck_config("", "json");
    ck_config("{\"ndim\":2", "json");
    ck_config("[1]", "expected a JSON object");
    ck_config(BODY("\"8\"", ""), "config: filters: expected a whole number from 1 to 4096");
    ck_config(BODY("9", ""), "groups");
    ck_config(BODY("4096", ""), "parameters, the arrays have");
    ck_config(BODY("8", ",\"guide\":\"clip\""), "config: guide: expected \"centred\", \"raw\" or \"nearest\"");
    ck_config(BODY("8", ",\"labels\":[1]"), "config: labels: expected an array of up to 256 words");
    ck_config(BODY("8", ",\"labels\":[\"a\\u0000\"]"), "config: labels");
    ck_config(BODY("8", ",\"labels\":{}"), "config: labels");
    ck_config(BODY("8", ",\"codebook_centred\":0"),
              "config: codebook_centred: expected true or false");
    ck_config(BODY("8", ",\"codebook_scale\":\"1\""), "config: codebook_scale: expected a number");
    ck_config(BODY("8", ",\"perceptual_sha256\":1"), "config: perceptual_sha256: expected 64 digits");
    ck_config(BODY("8", ",\"perceptual_sha256\":\"0f\""), "config: perceptual_sha256");
    ck_config(BODY("8", ",\"perceptual_sha256\":\"" DIGITS_60 "0000\\u0000\""), "config: perceptual_sha256");
    ck_config(BODY("8", ",\"perceptual_sha256\":\"" DIGITS_60 "000\\u0000\""), "config: perceptual_sha256");
    ck_config(BODY("8", ",\"perceptual_sha256\":\"" DIGITS_60 "000F\""), "config: perceptual_sha256");
    ck_config(BODY("8", ",\"perceptual_sha256\":\"" DIGITS_60 "00000\""), "config: perceptual_sha256");
}
END_TEST

START_TEST(what_is_no_archive_is_refused)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_model model;
    spae_error err;
    ck_assert_int_eq(spae_model_load(&model, &arena, in_folder(&f, "m.npz"), &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, f.path) != NULL);
    put_bytes(f.path, "", 0);
    ck_assert_int_eq(spae_model_load(&model, &arena, f.path, &err), SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, f.path) != NULL);
    put_bytes(f.path, "P5 1 1 255 .", 12);
    ck_assert_int_eq(spae_model_load(&model, &arena, f.path, &err), SPAE_ERR_FORMAT);
    ck_assert_uint_eq(arena.used, 0);
    remove_folder(&f, (const char *const[]){"m.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(every_refused_allocation_is_told)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_model model = tiny(&arena);
    spae_status status = SPAE_ERR_NO_MEMORY;
    spae_error err;
    ck_ok(spae_model_save(&model, in_folder(&f, "m.npz"), &arena, &err));
    for (size_t refuse = 1; status != SPAE_OK; refuse++) {
        spae_arena watched;
        spae_model back;
        watch w;
        watched_arena(&watched, &w, refuse);
        status = spae_model_load(&back, &watched, f.path, &err);
        ck_assert_msg(status == SPAE_OK || status == SPAE_ERR_NO_MEMORY, "call %zu: %s", refuse,
                      err.text);
        ck_assert(status == SPAE_OK || watched.used == 0);
        ck_assert(status == SPAE_OK || w.calls >= refuse);
        spae_arena_free(&watched);
        ck_assert_uint_eq(w.live, 0);
    }
    remove_folder(&f, (const char *const[]){"m.npz", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_model, "io/model", what_is_written_is_read_back,
      the_hash_sees_weights_codebook_and_words, strings_of_bytes_and_deflated_members_are_read,
      binary64_arrays_are_rounded, missing_arrays_are_named, misshapen_arrays_are_refused,
      numbers_that_are_not_finite_are_refused, arrays_of_another_kind_are_refused,
      broken_configurations_are_refused, what_is_no_archive_is_refused,
      every_refused_allocation_is_told)

/* io/vocabulary: embeddings and words from files, and made up. */
#include "tiny.h"

#include "io/npy.h"

static const float rows[6] = {1, 2, 3, 4, 5, 6};

/* A folder with e.npy, (3,2), and words.txt with the text. */
static folder vocabulary_folder(const char *words, size_t size)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_error err;
    ck_ok(spae_npy_write_file(&arena, in_folder(&f, "e.npy"),
                              &(spae_npy_array){SPAE_NPY_F4, 2, {3, 2}, rows}, &err));
    put_bytes(in_folder(&f, "words.txt"), words, size);
    spae_arena_free(&arena);
    return f;
}

static spae_status read_folder(folder *f, const char *words, size_t limit, spae_vocabulary *v,
                               spae_arena *arena, spae_error *err)
{
    char codebook[160];
    strcpy(codebook, in_folder(f, "e.npy"));
    return spae_vocabulary_read(arena, codebook, in_folder(f, words), limit, v, err);
}

static void finish(folder *f)
{
    remove_folder(f, (const char *const[]){"e.npy", "words.txt", NULL});
}

static void ck_words(const char *text, const char *a, const char *b, const char *c)
{
    const char *const due[3] = {a, b, c};
    folder f = vocabulary_folder(text, strlen(text));
    spae_arena arena = new_arena();
    spae_vocabulary v;
    spae_error err;
    ck_ok(read_folder(&f, "words.txt", 0, &v, &arena, &err));
    ck_assert_uint_eq(v.V, 3);
    ck_assert_uint_eq(v.c, 2);
    for (size_t k = 0; k < 3; k++) {
        ck_assert_str_eq(v.word[k], due[k]);
        ck_assert(v.e[2 * k] == (spae_real)rows[2 * k] &&
                  v.e[2 * k + 1] == (spae_real)rows[2 * k + 1]);
    }
    finish(&f);
    spae_arena_free(&arena);
}

START_TEST(a_word_a_line)
{
    ck_words("the\nof\nseven\n", "the", "of", "seven");
    ck_words("the\nof\nseven", "the", "of", "seven");
    ck_words("the\r\nof\r\nseven\r\n", "the", "of", "seven");
    ck_words(" the\n\ncaf\xC3\xA9\n", " the", "", "caf\xC3\xA9");
}
END_TEST

START_TEST(words_may_be_an_array)
{
    static const spae_text words[3] = {{"a", 1}, {"\xE2\x82\xAC", 3}, {"line\nend", 8}};
    folder f = vocabulary_folder("", 0);
    spae_arena arena = new_arena();
    spae_vocabulary v;
    spae_error err;
    ck_ok(spae_npy_write_file(&arena, in_folder(&f, "words.npy"),
                              &(spae_npy_array){SPAE_NPY_U, 1, {3}, words}, &err));
    ck_ok(read_folder(&f, "words.npy", 0, &v, &arena, &err));
    for (size_t k = 0; k < 3; k++)
        ck_assert_str_eq(v.word[k], words[k].text);
    ck_assert_int_eq(remove(in_folder(&f, "words.npy")), 0);
    finish(&f);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(only_the_first_words)
{
    folder f = vocabulary_folder("a\nb\nc\n", 6);
    spae_arena arena = new_arena();
    spae_vocabulary v;
    spae_error err;
    for (size_t limit = 1; limit <= 4; limit++) {
        ck_ok(read_folder(&f, "words.txt", limit, &v, &arena, &err));
        ck_assert_uint_eq(v.V, limit < 3 ? limit : 3);
    }
    finish(&f);
    spae_arena_free(&arena);
}
END_TEST

static void ck_words_refused(const char *text, size_t size, spae_status due, const char *part)
{
    folder f = vocabulary_folder(text, size);
    spae_arena arena = new_arena();
    spae_vocabulary v;
    spae_error err;
    ck_assert_int_eq(read_folder(&f, "words.txt", 0, &v, &arena, &err), due);
    ck_assert_msg(strstr(err.text, part) != NULL && strstr(err.text, f.path) != NULL, "%s",
                  err.text);
    ck_assert_uint_eq(arena.used, 0);
    finish(&f);
    spae_arena_free(&arena);
}

START_TEST(words_that_do_not_fit_are_refused)
{
    ck_words_refused("", 0, SPAE_ERR_SHAPE, "0 words, expected 3");
    ck_words_refused("a\nb\n", 4, SPAE_ERR_SHAPE, "2 words, expected 3");
    ck_words_refused("a\nb\nc\nd", 7, SPAE_ERR_SHAPE, "4 words, expected 3");
    ck_words_refused("a\n\xFF\nc\n", 6, SPAE_ERR_FORMAT, "line 2: expected a word in UTF-8");
    ck_words_refused("a\nb\0\nc\n", 7, SPAE_ERR_FORMAT, "line 2");
}
END_TEST

static void ck_codebook_refused(const spae_npy_array *array, spae_status due, const char *part)
{
    folder f = vocabulary_folder("a\nb\nc\n", 6);
    spae_arena arena = new_arena();
    spae_vocabulary v;
    spae_error err;
    ck_ok(spae_npy_write_file(&arena, in_folder(&f, "e.npy"), array, &err));
    ck_assert_int_eq(read_folder(&f, "words.txt", 0, &v, &arena, &err), due);
    ck_assert_msg(strstr(err.text, part) != NULL && strstr(err.text, "e.npy") != NULL, "%s",
                  err.text);
    finish(&f);
    spae_arena_free(&arena);
}

START_TEST(codebooks_that_do_not_fit_are_refused)
{
    float bad[6] = {0, 0, 0, 0, 0, 0};
    const uint32_t nan = 0x7fc00000;
    memcpy(&bad[4], &nan, sizeof nan);
    ck_codebook_refused(&(spae_npy_array){SPAE_NPY_F4, 1, {6}, rows}, SPAE_ERR_SHAPE,
                        "expected a codebook (V,c)");
    ck_codebook_refused(&(spae_npy_array){SPAE_NPY_F4, 2, {0, 6}, rows}, SPAE_ERR_SHAPE,
                        "expected a codebook (V,c)");
    ck_codebook_refused(&(spae_npy_array){SPAE_NPY_F4, 2, {6, 0}, rows}, SPAE_ERR_SHAPE,
                        "expected a codebook (V,c)");
    ck_codebook_refused(&(spae_npy_array){SPAE_NPY_F4, 2, {3, 2}, bad}, SPAE_ERR_NOT_FINITE,
                        "element 4 is not finite");
}
END_TEST

START_TEST(generated_words_depend_on_the_seed_alone)
{
    spae_arena arena = new_arena();
    spae_vocabulary a, b, c;
    spae_error err;
    ck_ok(spae_vocabulary_generate(&arena, 11, 5, 1, &a, &err));
    ck_ok(spae_vocabulary_generate(&arena, 11, 5, 1, &b, &err));
    ck_ok(spae_vocabulary_generate(&arena, 11, 5, 2, &c, &err));
    ck_assert(memcmp(a.e, b.e, 55 * sizeof *a.e) == 0);
    ck_assert(memcmp(a.e, c.e, 55 * sizeof *a.e) != 0);
    ck_assert_str_eq(a.word[0], "w0");
    ck_assert_str_eq(a.word[10], "w10");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_model_takes_only_its_own_width)
{
    const spae_config config = preset_of("tiny-2d");
    spae_arena arena = new_arena();
    spae_model model;
    spae_vocabulary v;
    spae_error err;
    ck_ok(spae_model_create(&model, &config, true, &arena, &err));
    ck_ok(spae_vocabulary_generate(&arena, 11, 5, 1, &v, &err));
    ck_assert_int_eq(spae_vocabulary_use(&v, &model, &err), SPAE_ERR_SHAPE);
    ck_assert_str_eq(err.text, "the codebook has 5 columns, the configuration says c=6");
    spae_arena_free(&arena);
}
END_TEST

static spae_status generate_in(spae_arena *arena, void *context, spae_error *err)
{
    return spae_vocabulary_generate(arena, 11, 5, 1, context, err);
}

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_vocabulary v;
    return read_folder(context, "words.txt", 0, &v, arena, err);
}

START_TEST(every_refused_allocation_is_told)
{
    folder f = vocabulary_folder("a\nb\nc\n", 6);
    spae_vocabulary v;
    starve(generate_in, &v, 32);
    starve(read_in, &f, 32);
    finish(&f);
}
END_TEST

/* Strings whose second holds what is no character: the arena is as it was (found by the fuzz target). */
START_TEST(refused_words_leave_the_arena_as_it_was)
{
    static const spae_text words[2] = {{"a", 1}, {"b", 1}};
    folder f = make_folder();
    spae_arena arena = new_arena();
    const uint8_t *whole;
    uint8_t file[256];
    size_t size = 0, count;
    const char *const *word;
    spae_error err;
    ck_ok(spae_npy_write_file(&arena, in_folder(&f, "words.txt"), &(spae_npy_array){SPAE_NPY_U, 1, {2}, words}, &err));
    ck_ok(spae_file_read_all(&arena, in_folder(&f, "words.txt"), sizeof file, &whole, &size, &err));
    memcpy(file, whole, size);
    memset(file + size - 4, 0xff, 4);
    put_bytes(in_folder(&f, "words.txt"), file, size);
    const size_t used = arena.used;
    ck_assert_int_eq(spae_vocabulary_words(&arena, in_folder(&f, "words.txt"), &count, &word, &err), SPAE_ERR_FORMAT);
    ck_assert_uint_eq(arena.used, used);
    remove_folder(&f, (const char *const[]){"words.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_vocabulary, "io/vocabulary", a_word_a_line, words_may_be_an_array,
      only_the_first_words, words_that_do_not_fit_are_refused,
      codebooks_that_do_not_fit_are_refused, generated_words_depend_on_the_seed_alone,
      a_model_takes_only_its_own_width, every_refused_allocation_is_told,
      refused_words_leave_the_arena_as_it_was)

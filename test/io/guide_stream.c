/* io/guide_stream: rows beside Eq. 4 and 5, and files that are refused. */
#include "tiny.h"

#include "io/guide_stream.h"

enum { N = 3, V = 4, D = 2 };

static const float text[V * D] = {1, 0, 0.5f, -1, 2, 0.25f, 0, 0}, image[N * D] = {1, 2, -1, 0.5f, 0, 0};

static void put_npy(folder *f, const char *name, size_t rows, size_t columns, const float *x)
{
    spae_arena arena = new_arena();
    spae_error err;
    char path[160];
    strcpy(path, in_folder(f, name));
    ck_ok(spae_npy_write_file(&arena, path, &(spae_npy_array){SPAE_NPY_F4, 2, {rows, columns}, x}, &err));
    spae_arena_free(&arena);
}

typedef struct {
    char words[160], rows[160], scores[160];
} paths;

static paths put_files(folder *f)
{
    paths p;
    const float s[N * V] = {0, 0.5f, 1, 0.25f, 3, 3, 3, 3, -2, 4, 0, 1};
    put_npy(f, "w.npy", V, D, text);
    put_npy(f, "i.npy", N, D, image);
    put_npy(f, "s.npy", N, V, s);
    strcpy(p.words, in_folder(f, "w.npy"));
    strcpy(p.rows, in_folder(f, "i.npy"));
    strcpy(p.scores, in_folder(f, "s.npy"));
    return p;
}

static const char *const files[] = {"w.npy", "i.npy", "s.npy", NULL};

START_TEST(rows)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const paths p = put_files(&f);
    spae_guide_stream s, same, other;
    spae_real found[V], due[V], wide_text[V * D], wide_image[N * D];
    spae_error err;
    for (size_t i = 0; i < V * D; i++)
        wide_text[i] = (spae_real)text[i];
    for (size_t i = 0; i < N * D; i++)
        wide_image[i] = (spae_real)image[i];
    ck_ok(spae_guide_stream_open(&arena, p.words, p.rows, V, N, &s, &err));
    for (size_t i = N; i-- > 0;) { /* in any order */
        ck_ok(spae_guide_stream_row(&s, i, found, &err));
        spae_similarity(wide_image + i * D, wide_text, V, D, NULL, due);
        ck_assert_mem_eq(found, due, sizeof due);
    }
    ck_ok(spae_guide_stream_open(&arena, p.words, p.rows, V, N, &same, &err));
    ck_ok(spae_guide_stream_open(&arena, NULL, p.scores, V, N, &other, &err));
    ck_assert_str_eq(s.hash, same.hash);
    ck_assert_str_ne(s.hash, other.hash);
    const spae_real kept[V] = {0, (spae_real)0.5, 1, (spae_real)0.25}, alike[V] = {1, 1, 1, 1};
    ck_ok(spae_guide_stream_row(&other, 0, found, &err));
    ck_assert_mem_eq(found, kept, sizeof kept);
    ck_ok(spae_guide_stream_row(&other, 1, found, &err));
    ck_assert_mem_eq(found, alike, sizeof alike);
    ck_ok(spae_guide_stream_row(&other, 2, found, &err));
    ck_assert(found[0] == 0 && found[1] == 1 && found[2] == (spae_real)(2.0 / 6) && found[3] == (spae_real)0.5);
    spae_guide_stream_close(&s);
    spae_guide_stream_close(&same);
    spae_guide_stream_close(&other);
    remove_folder(&f, files);
    spae_arena_free(&arena);
}
END_TEST

static void ck_not_opened(const char *words, const char *rows_path, size_t words_due, size_t n, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_guide_stream s;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_guide_stream_open(&arena, words, rows_path, words_due, n, &s, &err);
    ck_assert_msg(status == due && strstr(err.text, part) != NULL, "\"%s\", due \"%s\"", err.text, part);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

START_TEST(refusals)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const paths p = put_files(&f);
    float broken[N * V] = {0, 1, 0, 0, 0, 0, 1};
    uint8_t file[256] = {0};
    const uint8_t *whole = NULL;
    size_t size = 0;
    spae_guide_stream s;
    spae_real found[V];
    spae_error err;
    ck_not_opened(p.words, p.rows, V + 1, N, SPAE_ERR_SHAPE, "w.npy: expected (5,at least 1), found (4,2)");
    ck_not_opened(p.words, p.rows, V, N + 1, SPAE_ERR_SHAPE, "i.npy: expected (4,2), found (3,2)");
    ck_not_opened(p.words, p.scores, V, N, SPAE_ERR_SHAPE, "s.npy: expected (3,2), found (3,4)");
    ck_not_opened(NULL, p.rows, V, N, SPAE_ERR_SHAPE, "i.npy: expected (3,4), found (3,2)");
    ck_not_opened(NULL, "/nowhere/at/all", V, N, SPAE_ERR_IO, "/nowhere/at/all");
    ck_ok(spae_file_read_all(&arena, p.scores, 256, &whole, &size, &err));
    memcpy(file, whole, size);
    char *order = strstr((char *)file + 10, "False");
    ck_assert(order != NULL);
    memcpy(order, "True ", 5);
    put_bytes(in_folder(&f, "s.npy"), file, size);
    ck_not_opened(NULL, p.scores, V, N, SPAE_ERR_ARGUMENT, "Fortran order");
    put_bytes(in_folder(&f, "s.npy"), file, size - 1);
    ck_not_opened(NULL, p.scores, V, N, SPAE_ERR_FORMAT, "s.npy");
    const float zero = 0;
    broken[V] = zero / zero;
    put_npy(&f, "s.npy", N, V, broken);
    ck_ok(spae_guide_stream_open(&arena, NULL, p.scores, V, N, &s, &err)); /* rows are read when they are due */
    ck_ok(spae_guide_stream_row(&s, 0, found, &err));
    ck_assert_int_eq(spae_guide_stream_row(&s, 1, found, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_msg(strstr(err.text, "s.npy: row 1 is not finite") != NULL, "%s", err.text);
    spae_guide_stream_close(&s);
    put_npy(&f, "w.npy", V, D, broken + V - 2);
    ck_not_opened(p.words, p.rows, V, N, SPAE_ERR_NOT_FINITE, "w.npy");
    remove_folder(&f, files);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_guide_stream, "io/guide_stream", rows, refusals)

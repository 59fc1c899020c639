/* io/feature_sets: distances and scores of folders worked by hand, what may be missing, and what is refused. */
#include "tiny.h"

#include <math.h>

#include "io/feature_sets.h"
#include "io/npy.h"

static void put_array(folder *f, const char *name, spae_npy_array array)
{
    spae_arena arena = new_arena();
    spae_error err;
    ck_ok(spae_npy_write_file(&arena, in_folder(f, name), &array, &err));
    spae_arena_free(&arena);
}

static void put_rows(folder *f, const char *name, size_t n, size_t d, const float *rows)
{
    put_array(f, name, (spae_npy_array){SPAE_NPY_F4, 2, {n, d}, rows});
}

static void close_to(double got, double due, double tolerance)
{
    ck_assert_msg(fabs(got - due) <= tolerance, "%.17g, due %.17g", got, due);
}

static double last_part;
static size_t last_set;

static void tell(void *context, size_t set, double part)
{
    ck_assert(context == &last_part && set >= last_set && part >= 0 && part <= 1);
    last_set = set;
    last_part = part;
}

START_TEST(distances_by_hand)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_feature_sets sets;
    spae_error err;
    put_rows(&f, "real.npy", 3, 1, (const float[]){1, 2, 3});             /* mean 2, variance 1 */
    put_rows(&f, "layer1.npy", 3, 1, (const float[]){3, 5, 7});           /* 5, 4: 9 + 1 */
    const double wide[] = {4, 5, 6, 5};                                   /* 5, 2/3; further axes of size 1 */
    put_array(&f, "layer3.npy", (spae_npy_array){SPAE_NPY_F8, 4, {4, 1, 1, 1}, wide});
    ck_ok(spae_feature_sets_read(&sets, f.name, 5, &arena, &err));
    last_set = 0;
    ck_ok(spae_feature_sets_finish(&sets, &arena, tell, &last_part, &err));
    ck_assert(last_set == 3 && last_part == 1 && sets.d == 1 && sets.rank == 1);
    close_to(sets.distance[1], 10, 1e-14);
    close_to(sets.distance[3], 9 + pow(1 - sqrt(2.0 / 3), 2), 1e-14);
    ck_assert(isnan(sets.distance[0]) && isnan(sets.distance[2]) && isnan(sets.distance[4]));
    ck_assert_ptr_null(spae_feature_sets_remark(&sets, &arena)); /* three rows, one feature */
    remove_folder(&f, (const char *const[]){"real.npy", "layer1.npy", "layer3.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* More rows than are read at once, in other pieces than they came from a network: the same bits. */
START_TEST(many_rows_in_pieces)
{
    enum { N = 700, D = 1024 };
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_feature_sets sets, other;
    spae_error err;
    float *rows = malloc(N * D * sizeof *rows);
    for (size_t i = 0; i < N * D; i++)
        rows[i] = (float)((i * 2654435761u) % 65536) / 65536;
    put_rows(&f, "real.npy", N, D, rows);
    put_rows(&f, "layer1.npy", N, D, rows);
    ck_ok(spae_feature_sets_read(&sets, f.name, 2, &arena, &err));
    ck_ok(spae_feature_sets_start(&other, 2, D, &arena, &err));
    for (size_t i = 0; i < N; i++)
        for (size_t set = 0; set < 2; set++) {
            spae_real row[D];
            for (size_t j = 0; j < D; j++)
                row[j] = rows[i * D + j];
            ck_ok(spae_moments_add(&other.moments[set], row, 1, &err));
        }
    ck_ok(spae_moments_finish(&sets.moments[1], &err));
    ck_ok(spae_moments_finish(&other.moments[1], &err));
    ck_assert(memcmp(sets.moments[1].covariance, other.moments[1].covariance, D * D * sizeof(double)) == 0);
    ck_assert(memcmp(sets.moments[1].mean, other.moments[1].mean, D * sizeof(double)) == 0);
    free(rows);
    remove_folder(&f, (const char *const[]){"real.npy", "layer1.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(remarks_on_singular_covariances)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_feature_sets sets;
    spae_error err;
    put_rows(&f, "real.npy", 4, 2, (const float[]){1, 1, 1, 1, 1, 1, 1, 1});
    put_rows(&f, "layer1.npy", 4, 2, (const float[]){1, 2, 3, 1, 1, 5, 1, 1});
    ck_ok(spae_feature_sets_read(&sets, f.name, 2, &arena, &err));
    ck_ok(spae_feature_sets_finish(&sets, &arena, NULL, NULL, &err));
    ck_assert_str_eq(spae_feature_sets_remark(&sets, &arena), "the pictures' 2 features do not vary at all");
    put_rows(&f, "real.npy", 4, 2, (const float[]){1, 1, 2, 2, 3, 3, 4, 4});
    ck_ok(spae_feature_sets_read(&sets, f.name, 2, &arena, &err));
    ck_ok(spae_feature_sets_finish(&sets, &arena, NULL, NULL, &err));
    ck_assert_str_eq(spae_feature_sets_remark(&sets, &arena), "the pictures' covariance is singular: rank 1 of 2");
    put_rows(&f, "layer1.npy", 2, 2, (const float[]){1, 2, 3, 1});
    ck_ok(spae_feature_sets_read(&sets, f.name, 2, &arena, &err));
    ck_ok(spae_feature_sets_finish(&sets, &arena, NULL, NULL, &err));
    ck_assert_str_eq(spae_feature_sets_remark(&sets, &arena),
                     "2 rows of 2 features: covariances are singular (the pictures' has rank 1); the distance is larger than one "
                     "of many rows would be, and compares only with the same number");
    remove_folder(&f, (const char *const[]){"real.npy", "layer1.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

static void features_refused(folder *f, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_feature_sets sets;
    spae_error err;
    const spae_status status = spae_feature_sets_read(&sets, f->name, 4, &arena, &err);
    ck_assert_msg(status == due && strstr(err.text, part) != NULL, "%d: %s", status, err.text);
    spae_arena_free(&arena);
}

START_TEST(feature_refusals)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_feature_sets sets;
    spae_error err;
    const float rows[] = {1, 2, NAN, 4, 5, 6};
    features_refused(&f, SPAE_ERR_IO, "/real.npy: not there: the pictures' own features");
    put_rows(&f, "real.npy", 3, 1, (const float[]){1, 2, 3});
    features_refused(&f, SPAE_ERR_IO, ": expected layer1.npy .. layer3.npy in it, or some of them");
    put_rows(&f, "layer2.npy", 3, 2, rows);
    features_refused(&f, SPAE_ERR_SHAPE, "/layer2.npy: 2 features, real.npy has 1");
    put_rows(&f, "layer2.npy", 6, 1, rows);
    features_refused(&f, SPAE_ERR_NOT_FINITE, "/layer2.npy: moments: row 2, feature 0 is not finite");
    put_array(&f, "layer2.npy", (spae_npy_array){SPAE_NPY_F4, 1, {6}, rows});
    features_refused(&f, SPAE_ERR_SHAPE, "/layer2.npy: expected an array (n,d) in C order");
    put_array(&f, "layer2.npy", (spae_npy_array){SPAE_NPY_F4, 3, {3, 1, 2}, rows});
    features_refused(&f, SPAE_ERR_SHAPE, "/layer2.npy: expected an array (n,d)");
    put_rows(&f, "layer2.npy", 0, 1, rows);
    features_refused(&f, SPAE_ERR_SHAPE, "/layer2.npy: expected an array (n,d)");
    put_bytes(in_folder(&f, "layer2.npy"), "no array", 8);
    features_refused(&f, SPAE_ERR_FORMAT, "/layer2.npy: ");
    put_rows(&f, "layer2.npy", 1, 1, rows);
    ck_ok(spae_feature_sets_read(&sets, f.name, 4, &arena, &err));
    ck_assert_int_eq(spae_feature_sets_finish(&sets, &arena, NULL, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "moments: 1 rows: a covariance takes 2 or more");
    remove_folder(&f, (const char *const[]){"real.npy", "layer2.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(scores_by_hand)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_answer_sets a;
    spae_error err;
    put_rows(&f, "layer2.npy", 4, 2, (const float[]){1, 0, 0, 1, 0.5f, 0.5f, 0.5f, 0.5f});
    ck_ok(spae_answer_sets_read(&a, f.name, 3, 2, &arena, &err));
    ck_ok(spae_answer_sets_finish(&a, &err));
    ck_assert(isnan(a.mean[0]) && isnan(a.mean[1]) && isnan(a.deviation[0]));
    close_to(a.mean[2], 1.5, 1e-15);
    close_to(a.deviation[2], 0.5, 1e-15);
    put_rows(&f, "real.npy", 2, 2, (const float[]){1, 0, 0, 1});
    ck_ok(spae_answer_sets_read(&a, f.name, 3, 0, &arena, &err)); /* few rows: one split */
    ck_ok(spae_answer_sets_finish(&a, &err));
    close_to(a.mean[0], 2, 1e-15);
    ck_assert(a.score[0].splits == 1 && a.deviation[2] == 0);
    ck_assert(spae_answer_sets_splits(9) == 1 && spae_answer_sets_splits(10) == 10);
    ck_ok(spae_answer_sets_start(&a, 2, 2, 2, 1, &arena, &err));
    ck_assert_int_eq(spae_answer_sets_finish(&a, &err), SPAE_ERR_ARGUMENT);
    remove_folder(&f, (const char *const[]){"real.npy", "layer2.npy", NULL});
    spae_arena_free(&arena);
}
END_TEST

static void answers_refused(folder *f, size_t splits, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_answer_sets a;
    spae_error err;
    const spae_status status = spae_answer_sets_read(&a, f->name, 4, splits, &arena, &err);
    ck_assert_msg(status == due && strstr(err.text, part) != NULL, "%d: %s", status, err.text);
    spae_arena_free(&arena);
}

START_TEST(answer_refusals)
{
    folder f = make_folder();
    answers_refused(&f, 1, SPAE_ERR_IO, ": expected layer1.npy .. layer3.npy in it");
    put_rows(&f, "layer1.npy", 2, 2, (const float[]){0.5, 0.5, 3, -1});
    answers_refused(&f, 3, SPAE_ERR_ARGUMENT, "/layer1.npy: inception score: 2 rows in 3 splits");
    answers_refused(&f, 1, SPAE_ERR_ARGUMENT, "/layer1.npy: row 1 sums to 2: probabilities are due, not logits");
    put_rows(&f, "layer1.npy", 2, 2, (const float[]){0.5, 0.5, 1.5, -0.5});
    answers_refused(&f, 1, SPAE_ERR_ARGUMENT, "/layer1.npy: inception score: row 1, class 1 is -0.5: no probability");
    put_rows(&f, "layer1.npy", 2, 2, (const float[]){NAN, 0.5, 1.5, -0.5});
    answers_refused(&f, 1, SPAE_ERR_NOT_FINITE, "/layer1.npy: inception score: row 0, class 0 is not finite");
    remove_folder(&f, (const char *const[]){"layer1.npy", NULL});
}
END_TEST

static spae_status read_both(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_feature_sets sets;
    spae_answer_sets a;
    spae_status status = spae_feature_sets_read(&sets, context, 2, arena, err);
    if (status == SPAE_OK)
        status = spae_feature_sets_finish(&sets, arena, NULL, NULL, err);
    if (status == SPAE_OK)
        status = spae_answer_sets_read(&a, context, 2, 1, arena, err);
    spae_arena_reset(arena, mark);
    return status;
}

START_TEST(no_memory)
{
    folder f = make_folder();
    put_rows(&f, "real.npy", 2, 2, (const float[]){0.5, 0.5, 0, 1});
    put_rows(&f, "layer1.npy", 2, 2, (const float[]){0.25, 0.75, 0, 1});
    starve(read_both, f.name, 30000);
    remove_folder(&f, (const char *const[]){"real.npy", "layer1.npy", NULL});
}
END_TEST

SUITE(suite_io_feature_sets, "io/feature_sets", distances_by_hand, many_rows_in_pieces, remarks_on_singular_covariances,
      feature_refusals, scores_by_hand, answer_refusals, no_memory)

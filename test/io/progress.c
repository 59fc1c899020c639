/* io/progress: the log and what becomes of it when a run is taken up again. */
#include "tiny.h"

#include <math.h>

#include "io/progress.h"

static const char header[] =
    "step,learning_rate,l2,commitment,adversarial,perceptual,lecam,codebook,entropy,appearance,"
    "semantic,weight,total,d_adversarial,d_r1,d_total,logit_real,logit_fake,psnr,first_word\n";

static spae_progress_row row_of(uint64_t step)
{
    return (spae_progress_row){
        step,
        0.5,
        {0.25, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        20.5,
        step == 2 ? (double)NAN : 0.75};
}

/* Opens the log at `path` after `kept` steps and adds rows first .. last. */
static void write_log(const char *path, uint64_t kept, uint64_t first, uint64_t last)
{
    spae_arena arena = new_arena();
    spae_progress_log log;
    spae_error err;
    ck_ok(spae_progress_open(&log, path, kept, &arena, &err));
    ck_assert_uint_eq(arena.used, 0);
    for (uint64_t step = first; step <= last; step++) {
        const spae_progress_row row = row_of(step);
        ck_ok(spae_progress_add(&log, &row, &err));
    }
    ck_ok(spae_progress_close(&log, &err));
    spae_arena_free(&arena);
}

static void ck_log(const char *path, const char *rows)
{
    uint8_t text[4096];
    char due[4096];
    const size_t size = get_bytes(path, text, sizeof text);
    strcpy(due, header);
    strcat(due, rows);
    ck_assert_msg(size == strlen(due) && memcmp(text, due, size) == 0, "%.*s", (int)size,
                  (const char *)text);
}

#define TERMS                                                                                      \
    "0.25,1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0,10.0,11.0,12.0,13.0,14.0,15.0,20.5,"
#define ROW_1 "1,0.5," TERMS "0.75\n"
#define ROW_2 "2,0.5," TERMS "\n"
#define ROW_3 "3,0.5," TERMS "0.75\n"

START_TEST(a_row_a_step)
{
    folder f = make_folder();
    write_log(in_folder(&f, "l"), 0, 1, 3);
    ck_log(f.path, ROW_1 ROW_2 ROW_3);
    write_log(f.path, 0, 1, 1); /* made anew */
    ck_log(f.path, ROW_1);
    remove_folder(&f, (const char *const[]){"l", NULL});
}
END_TEST

START_TEST(later_rows_go_when_a_run_is_taken_up)
{
    folder f = make_folder();
    write_log(in_folder(&f, "l"), 0, 1, 3);
    write_log(f.path, 2, 3, 2);
    ck_log(f.path, ROW_1 ROW_2);
    write_log(f.path, 2, 3, 3);
    ck_log(f.path, ROW_1 ROW_2 ROW_3);
    remove_folder(&f, (const char *const[]){"l", NULL});
}
END_TEST

START_TEST(a_row_cut_off_goes)
{
    folder f = make_folder();
    char text[1024];
    for (size_t cut = 0; cut < sizeof ROW_2 - 1; cut++) {
        sprintf(text, "%s%s%.*s", header, ROW_1, (int)cut, ROW_2);
        put_bytes(in_folder(&f, "l"), text, strlen(text));
        write_log(f.path, 2, 3, 2);
        ck_log(f.path, ROW_1);
    }
    remove_folder(&f, (const char *const[]){"l", NULL});
}
END_TEST

START_TEST(a_log_that_is_not_there_is_begun)
{
    folder f = make_folder();
    write_log(in_folder(&f, "l"), 2, 3, 3);
    ck_log(f.path, ROW_3);
    remove_folder(&f, (const char *const[]){"l", NULL});
}
END_TEST

START_TEST(another_file_is_left_alone)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    spae_progress_log log;
    spae_error err;
    uint8_t text[64];
    put_bytes(in_folder(&f, "l"), "my diary\n", 9);
    ck_assert_int_eq(spae_progress_open(&log, f.path, 2, &arena, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "expected a training log") != NULL, "%s", err.text);
    ck_assert_uint_eq(get_bytes(f.path, text, sizeof text), 9);
    ck_assert_int_eq(spae_progress_open(&log, "/nowhere/l", 0, &arena, &err), SPAE_ERR_IO);
    remove_folder(&f, (const char *const[]){"l", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(no_log_is_no_work)
{
    const spae_progress_row row = row_of(1);
    spae_arena arena = new_arena();
    spae_progress_log log;
    spae_error err;
    ck_ok(spae_progress_open(&log, NULL, 0, &arena, &err));
    ck_ok(spae_progress_add(&log, &row, &err));
    ck_ok(spae_progress_close(&log, &err));
}
END_TEST

START_TEST(psnr_is_in_decibels)
{
    ck_assert_double_eq_tol(spae_progress_psnr(1.0), 0.0, 1e-12);
    ck_assert_double_eq_tol(spae_progress_psnr(0.01), 20.0, 1e-12);
    ck_assert_double_eq_tol(spae_progress_psnr(2.0), -3.0102999566398120, 1e-12);
    ck_assert_double_eq(spae_progress_psnr(0.0), 100.0);
}
END_TEST

SUITE(suite_io_progress, "io/progress", a_row_a_step, later_rows_go_when_a_run_is_taken_up,
      a_row_cut_off_goes, a_log_that_is_not_there_is_begun, another_file_is_left_alone,
      no_log_is_no_work, psnr_is_in_decibels)

/* io/cli/bench: options and their refusals, the table, the JSON, the comparison. No time is asserted. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>

#include "../../../io/bench_table.h"
#include "../../../io/cli/commands.h"
#include "../../../io/preset.h"
#include "run.h"

#define QUICK " --words 20 --seconds 0.001"

/* Runs and keeps stdout as a file. */
static void keep(const char *line, const char *file)
{
    ck_assert_msg(run(spae_cli_bench, line) == 0, "%s", run_err);
    put_file(file, run_out, strlen(run_out));
}

static spae_bench_table read_one(const char *file)
{
    spae_error err;
    spae_arena arena;
    spae_bench_table *table;
    size_t count;
    spae_arena_hosted(&arena);
    ck_assert_msg(spae_bench_tables_read(file, &arena, &table, &count, &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(count, 1);
    const spae_bench_table one = table[0];
    spae_arena_free(&arena);
    return one;
}

/* The number of `key` in the stage's object of run_out. */
static double in_json(const char *stage, const char *key)
{
    char name[64];
    snprintf(name, sizeof name, "{\"name\":\"%s\"", stage);
    const char *at = strstr(run_out, name);
    ck_assert_msg(at != NULL, "no %s", name);
    snprintf(name, sizeof name, "\"%s\":", key);
    at = strstr(at, name);
    ck_assert_msg(at != NULL, "no %s", name);
    return strtod(at + strlen(name), NULL);
}

/* The work of one line of spae info, which run_out holds. */
static double in_info(const char *name)
{
    const char *at = strstr(run_out, "multiply-adds of one example");
    ck_assert(at != NULL && (at = strstr(at, name)) != NULL);
    return strtod(at + strlen(name), NULL);
}

START_TEST(json_holds_every_stage)
{
    static const char *const info[SPAE_BENCH_STAGES] = {
        "\nencoder", "\nquantizer, all words", "\ndecoder", NULL, NULL, "\ntraining, forward and backward"};
    double work[SPAE_BENCH_STAGES];
    enter();
    keep("bench --preset tiny-2d --json" QUICK, "t.json");
    const spae_bench_table table = read_one("t.json");
    for (int i = 0; i < SPAE_BENCH_STAGES; i++) {
        const char *name = spae_bench_stage_names[i];
        ck_assert(table.set.wants[i]);
        work[i] = in_json(name, "multiply_adds");
        const double gflops = 2e-9 * work[i] / in_json(name, "seconds"), of_peak = in_json(name, "of_peak");
        ck_assert(fabs(in_json(name, "gflops") - gflops) <= 1e-9 * gflops);
        ck_assert(fabs(of_peak * table.peak - gflops) <= 1e-9 * gflops);
        ck_assert(strstr(run_err, name) != NULL); /* progress */
    }
    ck_assert_int_eq(run(spae_cli_info, "info --preset tiny-2d --words 20"), 0);
    for (int i = 0; i < SPAE_BENCH_STAGES; i++)
        if (info[i] != NULL)
            ck_assert_msg(work[i] == in_info(info[i]), "%s: %g, not %g", info[i], work[i], in_info(info[i]));
    leave();
}
END_TEST

START_TEST(settings_reach_the_table)
{
    enter();
    keep("bench --preset tiny-2d --set c=8 --set groups=2 --batch 2 --recompute --stages gradient,encoder "
         "--json" QUICK,
         "t.json");
    const spae_bench_table table = read_one("t.json");
    ck_assert_uint_eq(table.set.config.c, 8);
    ck_assert_uint_eq(table.set.config.groups, 2);
    ck_assert_uint_eq(table.set.batch, 2);
    ck_assert_uint_eq(table.set.words, 20);
    ck_assert(table.set.recompute);
    for (int i = 0; i < SPAE_BENCH_STAGES; i++)
        ck_assert_int_eq(table.set.wants[i], i == SPAE_BENCH_ENCODER || i == SPAE_BENCH_GRADIENT);
    keep("bench --preset tiny-2d --set codebook_size=24 --set lambda=0 --seconds 0.001 --json", "t.json");
    const spae_bench_table learned = read_one("t.json");
    ck_assert_uint_eq(learned.set.words, 24);
    ck_assert(learned.set.wants[SPAE_BENCH_STEP] && !learned.set.wants[SPAE_BENCH_DISCRIMINATOR]);
    leave();
}
END_TEST

START_TEST(table_for_people)
{
    enter();
    ck_assert_int_eq(run(spae_cli_bench, "bench --preset tiny-3d --stages encoder,decoder" QUICK), 0);
    ck_assert(strstr(run_out, "tiny-3d, 20 words of width 6, 1 picture a run, 1 thread\n") == run_out);
    ck_assert(strstr(run_out, "\nencoder ") != NULL && strstr(run_out, "\ndecoder ") != NULL);
    ck_assert(strstr(run_out, "quantizer") == NULL && strstr(run_out, "new/old") == NULL);
    leave();
}
END_TEST

/* A line of JSON as --json writes it, with times of our choice. */
static void put_table(const char *file, double peak, double seconds, const char *stages)
{
    spae_bench_table table = {.set = {.words = 20, .batch = 1, .threads = 1}, .peak = peak, .peak_threads = peak,
                              .read = 1, .copy = 1};
    spae_error err;
    spae_arena arena;
    char *text;
    size_t length;
    spae_arena_hosted(&arena);
    ck_assert(spae_preset("tiny-2d", &table.set.config, &err) == SPAE_OK);
    for (int i = 0; i < SPAE_BENCH_STAGES; i++) {
        table.set.wants[i] = strchr(stages, '0' + i) != NULL;
        table.result[i] = (spae_bench_result){{1000000, 1000, 1000}, 3, {seconds, seconds}, {seconds, seconds}};
    }
    ck_assert(spae_bench_table_write(&table, &arena, &text, &length, &err) == SPAE_OK);
    put_file(file, text, length);
    spae_arena_free(&arena);
}

START_TEST(two_saved_tables)
{
    enter();
    put_table("new.json", 150, 0.25, "012");
    put_table("old.json", 100, 0.5, "013");
    ck_assert_int_eq(run(spae_cli_bench, "bench --saved new.json --against old.json"), 0);
    const char *encoder = strstr(run_out, "\nencoder "), *end = strchr(encoder + 1, '\n');
    ck_assert_int_eq(memcmp(end - 6, " 0.750", 6), 0); /* half the time, at 1.5 times the peak */
    const char *decoder = strstr(run_out, "\ndecoder ");
    ck_assert(decoder != NULL && strstr(decoder, " not there\n") == strchr(decoder + 1, '\n') - 10);
    ck_assert(strstr(run_out, "\ngradient           only earlier\n") != NULL);
    ck_assert(strstr(run_out, "\nearlier: multiply-then-add 100.0 GFLOP/s in one thread\n") != NULL);
    ck_assert_str_eq(run_err, "");
    ck_assert_int_eq(run(spae_cli_bench, "bench --saved new.json"), 0);
    ck_assert(strstr(run_out, "new/old") == NULL);
    leave();
}
END_TEST

START_TEST(measured_against_saved)
{
    enter();
    put_table("old.json", 100, 0.5, "0");
    ck_assert_int_eq(run(spae_cli_bench, "bench --preset tiny-2d --stages encoder --against old.json" QUICK), 0);
    ck_assert(strstr(run_out, "new/old") != NULL);
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_table("old.json", 100, 0.5, "0");
    put_file("bad.json", "{}\n", 3);
    refused(spae_cli_bench, "bench --preset none", 2, "none");
    refused(spae_cli_bench, "bench --preset tiny-2d --set c=0", 2, "--set");
    refused(spae_cli_bench, "bench --preset tiny-2d --set groups=3", 2, "group");
    refused(spae_cli_bench, "bench --words 0", 2, "--words");
    refused(spae_cli_bench, "bench --threads 0", 2, "--threads");
    refused(spae_cli_bench, "bench --threads 1025", 2, "--threads");
    refused(spae_cli_bench, "bench --batch 0", 2, "--batch");
    refused(spae_cli_bench, "bench --batch x", 2, "--batch");
    refused(spae_cli_bench, "bench --seconds 0", 2, "--seconds");
    refused(spae_cli_bench, "bench --seconds nan", 2, "--seconds");
    refused(spae_cli_bench, "bench --stages encoder,coder", 2, "--stages: coder");
    refused(spae_cli_bench, "bench --stages encoder,", 2, "--stages");
    refused(spae_cli_bench, "bench --preset tiny-2d --set codebook_size=9 --words 9", 2, "learned");
    refused(spae_cli_bench, "bench --json --against old.json", 2, "--json and --against");
    refused(spae_cli_bench, "bench --saved old.json --preset tiny-2d", 2, "--preset: not with --saved");
    refused(spae_cli_bench, "bench --saved old.json --json", 2, "--json: not with --saved");
    refused(spae_cli_bench, "bench --preset mnist-small --stages step-discriminator", 1, "lambda is 0");
    refused(spae_cli_bench, "bench m.npz", 2, "one argument too many");
    refused(spae_cli_bench, "bench --saved none.json", 1, "none.json");
    refused(spae_cli_bench, "bench --saved bad.json", 1, "bad.json: line 1: expected \"bench\"");
    refused(spae_cli_bench, "bench --against bad.json", 1, "bad.json: line 1: ");
    refused(spae_cli_bench, "bench --preset tiny-3d --against old.json", 1, "old.json: no table of tiny-3d");
    refused(spae_cli_bench, "bench --preset tiny-2d --words 21 --against old.json", 1, "words: 21, there 20");
#ifndef _OPENMP
    refused(spae_cli_bench, "bench --preset tiny-2d --threads 2", 1, "OPENMP=1");
#endif
    leave();
}
END_TEST

SUITE(suite_io_cli_bench, "io/cli/bench", json_holds_every_stage, settings_reach_the_table, table_for_people,
      two_saved_tables, measured_against_saved, wrong_use)

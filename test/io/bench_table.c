/* io/bench_table: figures by hand, tables written and read back, what a comparison refuses. */
#define _POSIX_C_SOURCE 200809L

#include "tiny.h"

#include <math.h>

#include "io/bench_table.h"
#include "io/config.h"

/* A made-up table: encoder and decoder, of round numbers. */
static spae_bench_table made_up(const char *preset, unsigned threads, double peak, double seconds)
{
    spae_bench_table t = {.set = {.config = preset_of(preset), .words = 60, .batch = 2, .threads = threads},
                          .peak = peak,
                          .peak_threads = 2 * peak,
                          .read = 20,
                          .copy = 16};
    const spae_bench_result r = {{.multiply_adds = 4000000000, .bytes = 500000000, .memory = 12345},
                                 .samples = 5,
                                 .wall = {2 * seconds, 3 * seconds},
                                 .processor = {seconds, 1.5 * seconds}};
    t.set.wants[SPAE_BENCH_ENCODER] = t.set.wants[SPAE_BENCH_DECODER] = true;
    t.result[SPAE_BENCH_ENCODER] = t.result[SPAE_BENCH_DECODER] = r;
    return t;
}

static void near(double got, double due)
{
    ck_assert_msg(fabs(got - due) <= 1e-12 * fabs(due), "%.17g, due %.17g", got, due);
}

START_TEST(figures)
{
    const spae_bench_table one = made_up("tiny-2d", 1, 100, 0.25), two = made_up("tiny-2d", 2, 100, 0.25);
    near(spae_bench_seconds(&one, SPAE_BENCH_ENCODER), 0.25); /* one thread: processor time */
    near(spae_bench_gflops(&one, SPAE_BENCH_ENCODER), 32);    /* 8 GFLOP */
    near(spae_bench_of_peak(&one, SPAE_BENCH_ENCODER), 0.32);
    near(spae_bench_gbytes(&one, SPAE_BENCH_ENCODER), 2);
    near(spae_bench_of_read(&one, SPAE_BENCH_ENCODER), 0.1);
    near(spae_bench_seconds(&two, SPAE_BENCH_ENCODER), 0.5); /* several: wall time */
    near(spae_bench_gflops(&two, SPAE_BENCH_ENCODER), 16);
    near(spae_bench_of_peak(&two, SPAE_BENCH_ENCODER), 0.08); /* of twice the peak of one */
}
END_TEST

/* Half the time on a machine of 1.5 times the peak is 0.75 of the time. */
START_TEST(ratio)
{
    const spae_bench_table before = made_up("tiny-2d", 1, 100, 0.5), now = made_up("tiny-2d", 1, 150, 0.25);
    near(spae_bench_ratio(&now, &before, SPAE_BENCH_ENCODER), 0.75);
    near(spae_bench_ratio(&before, &now, SPAE_BENCH_ENCODER), 4.0 / 3);
    near(spae_bench_ratio(&now, &now, SPAE_BENCH_DECODER), 1);
}
END_TEST

static const char *put_tables(folder *f, const spae_bench_table *table, size_t count)
{
    char text[16384];
    size_t used = 0;
    spae_error err;
    spae_arena arena = new_arena();
    for (size_t i = 0; i < count; i++) {
        char *line;
        size_t length;
        ck_ok(spae_bench_table_write(&table[i], &arena, &line, &length, &err));
        ck_assert(used + length + 2 < sizeof text);
        memcpy(text + used, line, length);
        used += length;
        memcpy(text + used, "\n\n", 2); /* an empty line is passed over */
        used += 2;
    }
    spae_arena_free(&arena);
    put_bytes(in_folder(f, "t.json"), text, used);
    return f->path;
}

START_TEST(written_and_read_back)
{
    folder f = make_folder();
    spae_error err;
    spae_arena arena = new_arena();
    spae_bench_table table[2] = {made_up("tiny-2d", 1, 100, 0.25), made_up("tiny-3d", 2, 101, 0.1)}, *read;
    size_t count;
    table[1].set.recompute = true;
    table[1].set.wants[SPAE_BENCH_DECODER] = false;
    ck_ok(spae_bench_tables_read(put_tables(&f, table, 2), &arena, &read, &count, &err));
    ck_assert_uint_eq(count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ptr_null(spae_config_difference(&read[i].set.config, &table[i].set.config));
        ck_assert_uint_eq(read[i].set.words, 60);
        ck_assert_uint_eq(read[i].set.batch, 2);
        ck_assert_uint_eq(read[i].set.threads, i + 1);
        ck_assert_int_eq(read[i].set.recompute, i == 1);
        ck_assert_mem_eq(read[i].set.wants, table[i].set.wants, sizeof table[i].set.wants);
        near(read[i].peak, table[i].peak);
        near(read[i].peak_threads, table[i].peak_threads);
        near(read[i].read, 20);
        near(read[i].copy, 16);
        const spae_bench_result *r = &read[i].result[SPAE_BENCH_ENCODER];
        ck_assert_uint_eq(r->work.multiply_adds, 4000000000);
        ck_assert_uint_eq(r->work.bytes, 500000000);
        ck_assert_uint_eq(r->work.memory, 12345);
        ck_assert_uint_eq(r->samples, 5);
        near(r->wall.best, table[i].result[0].wall.best);
        near(r->wall.median, table[i].result[0].wall.median);
        near(r->processor.best, table[i].result[0].processor.best);
        near(r->processor.median, table[i].result[0].processor.median);
    }
    remove_folder(&f, (const char *const[]){"t.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* The table as JSON with one part replaced, "" for gone, is refused, and the text says `due`. */
static void refuse_with(const char *part, const char *other, const char *due)
{
    folder f = make_folder();
    spae_error err = {SPAE_OK, ""};
    spae_arena arena = new_arena();
    const spae_bench_table table = made_up("tiny-2d", 1, 100, 0.25);
    spae_bench_table *read;
    char *line, text[8192];
    size_t length, count;
    ck_ok(spae_bench_table_write(&table, &arena, &line, &length, &err));
    line[length - 1] = '\0'; /* the last brace, which follows below */
    const char *at = strstr(line, part);
    ck_assert_msg(at != NULL, "no %s in %s", part, line);
    const int n = snprintf(text, sizeof text, "\n%.*s%s%s}\n", (int)(at - line), line, other, at + strlen(part));
    ck_assert(n > 0 && (size_t)n < sizeof text);
    put_bytes(in_folder(&f, "t.json"), text, (size_t)n);
    ck_assert_int_eq(spae_bench_tables_read(f.path, &arena, &read, &count, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "t.json: line 2: ") != NULL && strstr(err.text, due) != NULL,
                  "\"%s\" lacks \"%s\"", err.text, due);
    remove_folder(&f, (const char *const[]){"t.json", NULL});
    spae_arena_free(&arena);
}

START_TEST(malformed_tables)
{
    refuse_with("\"bench\":1,", "", "bench");
    refuse_with("\"bench\":1", "\"bench\":2", "bench");
    refuse_with("\"bits\":", "\"bits\":1", "bits");
    refuse_with("\"words\":60", "\"words\":0", "words");
    refuse_with("\"batch\":2,\"threads\"", "\"batch\":0,\"threads\"", "batch");
    refuse_with("\"threads\":1", "\"threads\":\"1\"", "threads");
    refuse_with("\"recompute\":false", "\"recompute\":0", "recompute");
    refuse_with("\"groups\":4", "\"groups\":5", "group");
    refuse_with("\"filters\":8,\"multipliers\"", "\"multipliers\"", "filters");
    refuse_with("\"peak\":100.0", "\"peak\":0.0", "peak");
    refuse_with("\"peak\":100.0", "\"peak\":-1", "peak");
    refuse_with("\"machine\":", "\"engine\":", "machine");
    refuse_with("\"stages\":", "\"parts\":", "stages");
    refuse_with("\"name\":\"encoder\"", "\"name\":\"coder\"", "coder: no such stage");
    refuse_with("\"name\":\"encoder\"", "\"name\":\"decoder\"", "decoder: there twice");
    refuse_with("\"multiply_adds\":4000000000", "\"multiply_adds\":-4", "multiply_adds");
    refuse_with("\"samples\":5", "\"samples\":0", "samples");
    refuse_with("\"wall\":{", "\"wal\":{", "wall");
    refuse_with("\"best\":0.5", "\"best\":0", "best");
    refuse_with("\"median\":0.375", "\"median\":null", "median");
    refuse_with("{\"bench\"", "[\"bench\"", "json");
}
END_TEST

START_TEST(files_without_a_table)
{
    folder f = make_folder();
    spae_error err;
    spae_arena arena = new_arena();
    spae_bench_table *read;
    size_t count;
    ck_assert_int_eq(spae_bench_tables_read(in_folder(&f, "none"), &arena, &read, &count, &err), SPAE_ERR_IO);
    put_bytes(in_folder(&f, "t.json"), "\n\n", 2);
    ck_assert_int_eq(spae_bench_tables_read(f.path, &arena, &read, &count, &err), SPAE_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.text, "no table"));
    remove_folder(&f, (const char *const[]){"t.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

static void not_found(const spae_bench_table *now, const spae_bench_table *table, size_t count, const char *due)
{
    spae_error err = {SPAE_OK, ""};
    const spae_bench_table *found;
    ck_assert_int_eq(spae_bench_find(now, table, count, "old.json", &found, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, due) != NULL, "\"%s\" lacks \"%s\"", err.text, due);
}

START_TEST(the_same_settings_are_found)
{
    const spae_bench_table *found;
    spae_error err;
    const spae_bench_table now = made_up("tiny-2d", 1, 100, 0.25);
    spae_bench_table table[3] = {made_up("tiny-3d", 1, 100, 0.25), now, made_up("tiny-2d", 2, 100, 0.25)};
    table[1].set.wants[SPAE_BENCH_ENCODER] = false; /* other stages are no other settings */
    ck_ok(spae_bench_find(&now, table, 3, "old.json", &found, &err));
    ck_assert_ptr_eq(found, &table[1]);
    not_found(&now, table, 1, "old.json: no table of tiny-2d, but of tiny-3d");
    not_found(&now, table + 2, 1, "old.json: another setting of tiny-2d: threads: 1, there 2");
    spae_bench_table other = now;
    other.set.words = 61;
    not_found(&now, &other, 1, "words: 60, there 61");
    other = now;
    other.set.batch = 1;
    not_found(&now, &other, 1, "batch: 2, there 1");
    other = now;
    other.set.recompute = true;
    not_found(&now, &other, 1, "recompute: 0, there 1");
    other = now;
    ck_ok(spae_config_set(&other.set.config, "res_blocks=2", &err));
    not_found(&now, &other, 1, "res_blocks differs");
}
END_TEST

SUITE(suite_io_bench_table, "io/bench_table", figures, ratio, written_and_read_back, malformed_tables,
      files_without_a_table, the_same_settings_are_found)

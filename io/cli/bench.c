/* spae bench: how fast the stages of a model run, beside what the machine can do. */
#include <stdio.h>
#include <string.h>

#include "io/bench_table.h"
#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "vendor_free/decimal.h"

enum { WORDS = 65536, BANDWIDTH_BYTES = 1 << 27 }; /* as spae info; more than caches hold */

static const spae_cli_option options[] = {
    {.name = "preset", .value = "P", .help = "whose networks (default image-128)"},
    SPAE_CLI_SET_OPTION,
    {.name = "words",
     .value = "V",
     .help = "how many words the codebook has (default 65536; a learned one: its own)"},
    {.name = "threads", .value = "N", .help = "threads (default 1; more: make OPENMP=1)"},
    {.name = "batch", .value = "N", .help = "pictures in one run, one after the other (default 1)"},
    {.name = "stages",
     .value = "A,B",
     .help = "only these of encoder, quantizer, decoder, gradient, step, step-discriminator\n"
             "(default: all)"},
    {.name = "recompute", .help = "gradient and steps compute residual blocks twice: less memory"},
    {.name = "seconds", .value = "S", .help = "at least so long for each stage (default 3)"},
    {.name = "json", .help = "a line of JSON on stdout instead of the table, to be kept"},
    {.name = "saved", .value = "FILE", .help = "show what was kept, measure nothing"},
    {.name = "against",
     .value = "FILE",
     .help = "what was kept earlier: the ratio of times, each times the peak of its run"},
};

static const spae_cli_command command = {
    .name = "bench",
    .arguments = "",
    .purpose = "Seconds, GFLOP/s and shares of what this machine can do, for each stage of a model "
               "with random\n"
               "weights. gradient: encoder and decoder forward and backward; step: a whole step of "
               "training.",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* ---- options --------------------------------------------------------------------------------- */

static bool read_seconds(const spae_cli_arguments *a, double *seconds)
{
    const char *text = spae_cli_value(a, "seconds");
    if (text == NULL ||
        (spae_decimal_read(text, strlen(text), seconds) && *seconds > 0 && *seconds <= 86400))
        return true;
    return spae_cli_wrong(&command, "--seconds: %s is no number above 0, up to 86400", text), false;
}

/* Marks the stage that is named by `length` characters. */
static bool mark_stage(const char *name, size_t length, bool wants[SPAE_BENCH_STAGES])
{
    for (int stage = 0; stage < SPAE_BENCH_STAGES; stage++) {
        const char *own = spae_bench_stage_names[stage];
        if (strlen(own) == length && memcmp(own, name, length) == 0)
            return wants[stage] = true;
    }
    return spae_cli_wrong(&command, "--stages: %.*s is none of the stages", (int)length, name),
           false;
}

static bool read_stages(const spae_cli_arguments *a, spae_bench_settings *set)
{
    const char *list = spae_cli_value(a, "stages");
    for (int stage = 0; stage < SPAE_BENCH_STAGES && list == NULL; stage++)
        set->wants[stage] = stage != SPAE_BENCH_DISCRIMINATOR || set->config.lambda > 0;
    while (list != NULL) {
        const size_t length = strcspn(list, ",");
        if (!mark_stage(list, length, set->wants))
            return false;
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return true;
}

static bool read_settings(const spae_cli_arguments *a, spae_bench_settings *set)
{
    uint64_t words = WORDS, threads = 1, batch = 1;
    *set = (spae_bench_settings){.seconds = 3, .recompute = spae_cli_value(a, "recompute") != NULL};
    if (!spae_cli_config(a, &set->config) || !read_stages(a, set) ||
        !read_seconds(a, &set->seconds))
        return false;
    const size_t learned = set->config.codebook_size;
    if (learned > 0 && spae_cli_value(a, "words") != NULL)
        return spae_cli_wrong(&command, "--words: the codebook is learned and has %zu", learned),
               false;
    if (!spae_cli_integer(a, "words", 1, 1 << 24, &words) ||
        !spae_cli_integer(a, "threads", 1, SPAE_BENCH_THREADS_MOST, &threads) ||
        !spae_cli_integer(a, "batch", 1, SPAE_BENCH_BATCH_MOST, &batch))
        return false;
    set->words = learned > 0 ? learned : (size_t)words;
    set->threads = (unsigned)threads;
    set->batch = (size_t)batch;
    return true;
}

/* --saved stands for what the other options would measure. */
static bool check_saved(const spae_cli_arguments *a)
{
    if (spae_cli_value(a, "json") != NULL && spae_cli_value(a, "against") != NULL)
        return spae_cli_wrong(&command, "--json and --against: one of the two"), false;
    for (size_t i = 0; spae_cli_value(a, "saved") != NULL && i < a->given_count; i++) {
        const char *name = a->given[i].option->name;
        if (strcmp(name, "saved") != 0 && strcmp(name, "against") != 0)
            return spae_cli_wrong(&command, "--%s: not with --saved", name), false;
    }
    return true;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static void say(const spae_bench_table *table, const char *what)
{
    fprintf(stderr, "spae bench: %s: %s\n", table->set.config.name, what);
}

static spae_status measure_machine(spae_bench_table *table, spae_error *err)
{
    const spae_bench_settings *set = &table->set;
    const double seconds = set->seconds / 4;
    say(table, "the machine");
    table->peak = spae_bench_peak(1, seconds);
    table->peak_threads = set->threads == 1 ? table->peak : spae_bench_peak(set->threads, seconds);
    return spae_bench_bandwidth(set->threads, seconds, BANDWIDTH_BYTES, &table->read, &table->copy,
                                err);
}

static spae_status measure_stages(spae_bench *bench, spae_bench_table *table, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (int stage = 0; stage < SPAE_BENCH_STAGES && status == SPAE_OK; stage++)
        if (table->set.wants[stage]) {
            say(table, spae_bench_stage_names[stage]);
            status = spae_bench_measure(bench, (spae_bench_stage)stage, &table->result[stage], err);
        }
    return status;
}

static spae_status measure(const spae_bench_settings *set, spae_bench_table *table, spae_error *err)
{
    spae_bench bench;
    spae_status status = spae_bench_check(set, err);
    if (status == SPAE_OK)
        status = measure_machine(table, err);
    if (status != SPAE_OK)
        return status;
    say(table, "weights and words");
    status = spae_bench_start(&bench, set, err);
    if (status == SPAE_OK)
        status = measure_stages(&bench, table, err);
    spae_bench_end(&bench);
    return status;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void print_machine(const spae_bench_table *t)
{
    const spae_bench_settings *set = &t->set;
    printf("%s, %zu words of width %zu, %zu picture%s a run, %u thread%s%s\n", set->config.name,
           set->words, set->config.c, set->batch, set->batch > 1 ? "s" : "", set->threads,
           set->threads > 1 ? "s" : "", set->recompute ? ", recomputing" : "");
    printf(
        "multiply-then-add %.1f GFLOP/s in one thread, %.1f in all; memory read %.1f, copied %.1f "
        "GB/s\n\n",
        t->peak, t->peak_threads, t->read, t->copy);
}

static void print_stage(const spae_bench_table *t, spae_bench_stage stage)
{
    const spae_bench_result *r = &t->result[stage];
    printf("%-18s %10.3g %10.3g %10.3g %10.3g %10.4g %8.1f %6.1f%% %9.3g %7.2f %6.1f%%",
           spae_bench_stage_names[stage], r->wall.best, r->wall.median, r->processor.best,
           r->processor.median, 1e-9 * (double)r->work.multiply_adds, spae_bench_gflops(t, stage),
           100 * spae_bench_of_peak(t, stage), 1e-9 * (double)r->work.bytes,
           spae_bench_gbytes(t, stage), 100 * spae_bench_of_read(t, stage));
}

/* Behind a stage: its ratio, where the earlier table has it. */
static void print_ratio(const spae_bench_table *now, const spae_bench_table *before,
                        spae_bench_stage stage)
{
    if (before != NULL && before->set.wants[stage])
        printf(" %9.3f", spae_bench_ratio(now, before, stage));
    else if (before != NULL)
        printf(" %9s", "not there");
    printf("\n");
}

static void print_table(const spae_bench_table *now, const spae_bench_table *before)
{
    print_machine(now);
    printf("%-18s %21s %21s %10s %8s %7s %9s %7s %7s%s\n", "", "wall seconds", "processor seconds",
           "", "", "of", "", "", "of", before != NULL ? "   time x peak" : "");
    printf("%-18s %10s %10s %10s %10s %10s %8s %7s %9s %7s %7s%s\n", "stage", "best", "median",
           "best", "median", "G mul-add", "GFLOP/s", "peak", "GB moved", "GB/s", "read",
           before != NULL ? "  new/old" : "");
    for (int stage = 0; stage < SPAE_BENCH_STAGES; stage++) {
        if (now->set.wants[stage]) {
            print_stage(now, (spae_bench_stage)stage);
            print_ratio(now, before, (spae_bench_stage)stage);
        } else if (before != NULL && before->set.wants[stage]) {
            printf("%-18s only earlier\n", spae_bench_stage_names[stage]);
        }
    }
    if (before != NULL)
        printf("earlier: multiply-then-add %.1f GFLOP/s in one thread\n", before->peak);
}

static spae_status print_json(const spae_bench_table *table, spae_arena *arena, spae_error *err)
{
    char *text;
    size_t length;
    const spae_status status = spae_bench_table_write(table, arena, &text, &length, err);
    if (status == SPAE_OK)
        printf("%.*s\n", (int)length, text);
    return status;
}

/* What was kept. */
typedef struct {
    const char *file; /* NULL: nothing is compared */
    spae_bench_table *table;
    size_t count;
} earlier;

/* The earlier table of the same settings; NULL where nothing is compared. */
static spae_status find_earlier(const earlier *e, const spae_bench_table *now,
                                const spae_bench_table **before, spae_error *err)
{
    *before = NULL;
    return e->file != NULL ? spae_bench_find(now, e->table, e->count, e->file, before, err)
                           : SPAE_OK;
}

static spae_status show_saved(const char *file, const earlier *e, spae_arena *arena,
                              spae_error *err)
{
    spae_bench_table *table;
    const spae_bench_table *before;
    size_t count;
    spae_status status = spae_bench_tables_read(file, arena, &table, &count, err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        status = find_earlier(e, &table[i], &before, err);
        if (status != SPAE_OK)
            return status;
        printf("%s", i > 0 ? "\n" : "");
        print_table(&table[i], before);
    }
    return status;
}

static spae_status show_measured(const spae_bench_settings *set, const earlier *e, bool json,
                                 spae_arena *arena, spae_error *err)
{
    spae_bench_table table = {.set = *set};
    const spae_bench_table *before;
    spae_status status = find_earlier(e, &table, &before, err); /* before the work, not after it */
    if (status == SPAE_OK)
        status = measure(set, &table, err);
    if (status == SPAE_OK && json)
        return print_json(&table, arena, err);
    if (status == SPAE_OK)
        print_table(&table, before);
    return status;
}

static spae_status bench(const spae_cli_arguments *a, const spae_bench_settings *set,
                         spae_arena *arena, spae_error *err)
{
    const char *saved = spae_cli_value(a, "saved");
    earlier e = {.file = spae_cli_value(a, "against")};
    const spae_status status =
        e.file != NULL ? spae_bench_tables_read(e.file, arena, &e.table, &e.count, err) : SPAE_OK;
    if (status != SPAE_OK)
        return status;
    return saved != NULL ? show_saved(saved, &e, arena, err)
                         : show_measured(set, &e, spae_cli_value(a, "json") != NULL, arena, err);
}

int spae_cli_bench(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_bench_settings set;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!check_saved(&arguments) || !read_settings(&arguments, &set))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    exit_status = bench(&arguments, &set, &arena, &err) == SPAE_OK
                      ? SPAE_CLI_DONE
                      : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}

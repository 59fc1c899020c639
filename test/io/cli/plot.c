/* spae plot: logs become an SVG, the same each time; every wrong use ends with one line and no
 * file. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../markup.h"
#include "run.h"

static const char log_text[] = "step,l2,psnr\n1,0.1,10\n2,0.05,13\n3,0.02,17\n";

static char *read_svg(const char *name, spae_arena *arena)
{
    const uint8_t *svg = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(arena, name, 1 << 24, &svg, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, svg, size);
    text[size] = '\0';
    check_nesting(text);
    return text;
}

START_TEST(draws)
{
    spae_arena arena = new_arena();
    enter();
    put_file("a.csv", log_text, sizeof log_text - 1);
    put_file("x=y.csv", log_text, sizeof log_text - 1);
    ck_assert_int_eq(run(spae_cli_plot, "plot a.csv -o a.svg"), 0);
    ck_assert(run_out[0] == '\0' && run_err[0] == '\0');
    const char *text = read_svg("a.svg", &arena);
    ck_assert(strstr(text, "<title>training curves</title>") != NULL);
    ck_assert_uint_eq(count_of(text, "class=\"p\""), 2);
    ck_assert_int_eq(run(spae_cli_plot, "plot a.csv -o b.svg"), 0);
    ck_assert_str_eq(read_svg("b.svg", &arena), text);
    ck_assert_int_eq(
        run(spae_cli_plot,
            "plot --columns psnr --smooth 2 --scale linear --across 1 --title=T -o c.svg a.csv"),
        0);
    text = read_svg("c.svg", &arena);
    ck_assert(strstr(text, "<title>T</title>") != NULL && strstr(text, "over 2 rows") != NULL);
    ck_assert_uint_eq(count_of(text, "class=\"p\""), 1);
    ck_assert_int_eq(run(spae_cli_plot, "plot one=a.csv x=y.csv two=x=y.csv -o d.svg"), 0);
    text = read_svg("d.svg", &arena);
    ck_assert(strstr(text, ">one</text>") != NULL && strstr(text, ">x=y.csv</text>") != NULL &&
              strstr(text, ">two</text>") != NULL);
    leave();
    spae_arena_free(&arena);
}
END_TEST

/* vectors/figures keeps what the commands of its README draw. */
START_TEST(draws_the_method)
{
    static const char *const kept[2] = {"vectors/figures/subsampler.svg", "vectors/figures/quantizers.svg"};
    spae_arena arena = new_arena();
    const char *due[2];
    for (int i = 0; i < 2; i++)
        due[i] = read_svg(kept[i], &arena);
    enter();
    ck_assert_int_eq(run(spae_cli_plot, "plot --figure subsampler -o s.svg"), 0);
    ck_assert(run_out[0] == '\0' && run_err[0] == '\0');
    ck_assert_str_eq(read_svg("s.svg", &arena), due[0]);
    ck_assert_int_eq(run(spae_cli_plot, "plot --figure quantizers -o q.svg"), 0);
    ck_assert_str_eq(read_svg("q.svg", &arena), due[1]);
    ck_assert_int_eq(run(spae_cli_plot, "plot --figure quantizers --seed 1 --words 9 --layers 2 --at=-1,2 --title=T -o r.html"), 0);
    ck_assert(strstr(read_svg("r.html", &arena), "<h1>T</h1>") != NULL);
    ck_assert_int_eq(run(spae_cli_plot, "plot --figure subsampler --pyramid 1,2,4 -o p.svg"), 0);
    ck_assert_uint_eq(count_of(read_svg("p.svg", &arena), "<circle "), 21);
    ck_assert_int_eq(run(spae_cli_plot, "plot --figure subsampler --preset video -o v.png"), 0);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(figures_used_wrongly)
{
    enter();
    put_file("a.csv", log_text, sizeof log_text - 1);
    refused(spae_cli_plot, "plot --figure pie -o a.svg", 2, "--figure: pie is none of subsampler, quantizers");
    refused(spae_cli_plot, "plot --figure subsampler -o a.gif", 2, "a.gif: expected a name that ends in .svg, .html or .png");
    refused(spae_cli_plot, "plot --figure subsampler a.csv -o a.svg", 2, "--figure subsampler takes no logs, found a.csv");
    refused(spae_cli_plot, "plot --figure subsampler --seed 1 -o a.svg", 2, "--seed is for --figure quantizers");
    refused(spae_cli_plot, "plot --figure quantizers --smooth 2 -o a.svg", 2, "--smooth is for logs, not for --figure quantizers");
    refused(spae_cli_plot, "plot a.csv --at 1,2 -o a.svg", 2, "--at is for --figure quantizers");
    refused(spae_cli_plot, "plot --figure subsampler --preset x -o a.svg", 2, "--preset: x: no such preset");
    refused(spae_cli_plot, "plot --figure subsampler --pyramid 2,1 -o a.svg", 2, "--pyramid: ");
    refused(spae_cli_plot, "plot --figure subsampler --pyramid 1,2 --preset mnist -o a.svg", 2, "exclude each other");
    refused(spae_cli_plot, "plot --figure subsampler --pyramid 128 -o a.svg", 1, "at most 64 on an axis");
    refused(spae_cli_plot, "plot --figure quantizers --at 1 -o a.svg", 2, "--at: 1: expected two numbers");
    refused(spae_cli_plot, "plot --figure quantizers --at 1,nan -o a.svg", 2, "--at: 1,nan: expected two numbers");
    refused(spae_cli_plot, "plot --figure quantizers --at 1,101 -o a.svg", 2, "--at: 1,101: expected two numbers");
    refused(spae_cli_plot, "plot --figure quantizers --words 0 -o a.svg", 2, "--words: 0");
    refused(spae_cli_plot, "plot --figure quantizers --layers 17 -o a.svg", 2, "--layers: 17");
    refused(spae_cli_plot, "plot --figure quantizers -o no/a.svg", 1, "no/a.svg");
    ck_assert(!is_there("a.svg") && !is_there("a.gif"));
    leave();
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_file("a.csv", log_text, sizeof log_text - 1);
    put_file("bad.csv", "step,l2\n1,2,3\n", 14);
    refused(spae_cli_plot, "plot a.csv", 2, "spae plot: -o FILE is needed");
    refused(spae_cli_plot, "plot a.csv -o a.png", 2, "-o: a.png: expected a name that ends in .svg");
    refused(spae_cli_plot, "plot -o a.svg", 2, "[LABEL=]LOG.csv... is needed");
    refused(spae_cli_plot, "plot a a a a a a a a a a a a a -o a.svg", 2, "one argument too many");
    refused(spae_cli_plot, "plot a.csv -o a.svg --smooth 0", 2,
            "--smooth: 0 is not a whole number from 1 to 10000");
    refused(spae_cli_plot, "plot a.csv -o a.svg --smooth 10001", 2, "--smooth: 10001");
    refused(spae_cli_plot, "plot a.csv -o a.svg --across 7", 2, "--across: 7");
    refused(spae_cli_plot, "plot a.csv -o a.svg --scale cubic", 2,
            "--scale: cubic is none of auto, linear, log");
    refused(spae_cli_plot, "plot a.csv -o a.svg --columns gan", 1,
            "spae plot: \"gan\": no such column in a log; a.csv has l2 psnr");
    refused(spae_cli_plot, "plot no.csv -o a.svg", 1, "spae plot: no.csv: ");
    refused(spae_cli_plot, "plot a=no.csv -o a.svg", 1, "spae plot: no.csv: ");
    refused(spae_cli_plot, "plot a.csv bad.csv -o a.svg", 1,
            "spae plot: bad.csv: line 2: 3 cells, the header has 2");
    refused(spae_cli_plot, "plot a.csv -o no/a.svg", 1, "no/a.svg");
    ck_assert(!is_there("a.svg"));
    leave();
}
END_TEST

SUITE(suite_io_cli_plot, "io/cli/plot", draws, draws_the_method, figures_used_wrongly, wrong_use)

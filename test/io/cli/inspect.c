/* spae inspect: a report of each picture; every wrong use ends with one line and no file. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include "../../../io/cli/commands.h"
#include "../markup.h"
#include "run.h"

static const char *read_report(spae_arena *arena)
{
    const uint8_t *html = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(arena, "r.html", 1 << 24, &html, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, html, size);
    text[size] = '\0';
    return text;
}

START_TEST(reports)
{
    spae_arena arena = new_arena();
    enter();
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy -o r.html"), 0);
    ck_assert(run_out[0] == '\0' && run_err[0] == '\0');
    const char *text = read_report(&arena);
    const char *first = strstr(text, "<h2>in.npy</h2>");
    ck_assert(first != NULL && strstr(first + 1, "<h2>in.npy</h2>") != NULL);
    ck_assert(strstr(text, "the word of layer 1, <b dir=\"auto\">") != NULL);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy --label twice -o r.html"), 0);
    ck_assert(strstr(read_report(&arena), "the label, <b dir=\"auto\">twice</b>") != NULL);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy -o r.svg"), 0);
    const uint8_t *svg = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(&arena, "r.svg", 1 << 24, &svg, &size, NULL), SPAE_OK);
    char *drawn = spae_arena_take(&arena, size + 1, 1);
    memcpy(drawn, svg, size);
    drawn[size] = '\0';
    ck_assert_uint_eq(count_of(drawn, "href=\"data:image/png;base64,iVBORw0KGgo"), 2 * (1 + TINY_LAYERS));
    ck_assert_uint_eq(count_of(drawn, " dB</text>"), 2 * TINY_LAYERS);
    ck_assert_uint_eq(count_of(drawn, ">in.npy</text>"), 2);
    check_nesting(drawn);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy -o r.png"), 0);
    ck_assert(is_there("r.png"));
    put_file("small.pgm", "P5 2 2 255 abcd", 15);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz small.pgm --pad -o r.html"), 0);
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_file("small.pgm", "P5 2 2 255 abcd", 15);
    refused(spae_cli_inspect, "inspect in.npy -o r.html", 2, "spae inspect: --model M is needed");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy", 2, "-o REPORT is needed");
    refused(spae_cli_inspect, "inspect --model m.npz -o r.html", 2, "IMAGE... is needed");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o r.html --pad --resize", 2, "exclude each other");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o r.html --label elephant", 1,
            "--label: elephant: no word of the vocabulary of m.npz");
    refused(spae_cli_inspect, "inspect --model none.npz in.npy -o r.html", 1, "none.npz: ");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy none.png -o r.html", 1, "none.png: ");
    refused(spae_cli_inspect, "inspect --model m.npz small.pgm -o r.html", 1, "the picture is 2x2, the model takes 8x8");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o no/where.html", 1, "no/where.html");
    ck_assert(!is_there("r.html"));
    leave();
}
END_TEST

SUITE(suite_io_cli_inspect, "io/cli/inspect", reports, wrong_use)

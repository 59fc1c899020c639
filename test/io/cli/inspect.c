/* spae inspect: a report of each picture; every wrong use ends with one line and no file. */
#define _POSIX_C_SOURCE 200809L

#include "../bytes.h"

#include <math.h>
#include <stdio.h>

#include "../../../io/cli/commands.h"
#include "../../../io/npy.h"
#include "../markup.h"
#include "run.h"

static const char *read_whole(const char *name, spae_arena *arena)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(arena, name, 1 << 24, &file, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, file, size);
    text[size] = '\0';
    return text;
}

static const char *read_report(spae_arena *arena)
{
    return read_whole("r.html", arena);
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
    const char *drawn = read_whole("r.svg", &arena);
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

/* --figure draws one thing in any form; of two pictures, so that there is something to count. */
START_TEST(draws)
{
    spae_arena arena = new_arena();
    enter();
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy --figure pyramid -o p.svg"), 0);
    ck_assert(run_out[0] == '\0' && run_err[0] == '\0');
    const char *text = read_whole("p.svg", &arena);
    check_nesting(text);
    ck_assert_uint_eq(count_of(text, " m\" x="), 2 * TINY_TOKENS);
    ck_assert_uint_eq(count_of(text, ">layer 1&#39;s word, by the codebook:</text>"), 2);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy --figure pyramid --label twice -o p.html"), 0);
    text = read_whole("p.html", &arena);
    ck_assert(strstr(text, ">the label, by the codebook:</text>") != NULL && strstr(text, ">twice</text>") != NULL);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy --figure words -o w.html"), 0);
    text = read_whole("w.html", &arena);
    check_nesting(text);
    ck_assert(strstr(text, ">layer 4: 32 tokens</text>") != NULL);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy --figure reconstructions -o f.html"), 0);
    ck_assert_uint_eq(count_of(read_whole("f.html", &arena), " dB</text>"), TINY_LAYERS);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy --figure pyramid -o p.png"), 0);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy --figure words -o w.png"), 0);
    ck_assert(is_there("p.png") && is_there("w.png"));
    leave();
    spae_arena_free(&arena);
}
END_TEST

static void put_matrix(const char *name, size_t rows, size_t columns, const float *values)
{
    const spae_npy_array array = {SPAE_NPY_F4, 2, {rows, columns}, values};
    spae_arena arena = new_arena();
    ck_assert_int_eq(spae_npy_write_file(&arena, name, &array, NULL), SPAE_OK);
    spae_arena_free(&arena);
}

/* Word k of 13 has the feature k: the picture of feature 1 is most like word 12, that of -1 most like word 0. */
START_TEST(shades_by_files)
{
    enum { V = TINY_V - 1 };
    float words[V], scores[2 * V];
    spae_arena arena = new_arena();
    enter();
    for (int k = 0; k < V; k++) {
        words[k] = (float)k;
        scores[k] = (float)k * 3 + 2;
        scores[V + k] = 7 - (float)k;
    }
    put_matrix("t.npy", V, 1, words);
    put_matrix("i.npy", 2, 1, (const float[]){1, -1});
    put_matrix("s.npy", 2, V, scores);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy --guide-words t.npy --guide-pictures i.npy -o r.html"), 0);
    const char *text = read_report(&arena), *second = strstr(strstr(text, "<h2>") + 1, "<h2>");
    ck_assert_uint_eq(count_of(text, "the picture, by <b dir=\"auto\">features t.npy, i.npy</b>."), 2);
    ck_assert(strstr(text, "the word named with the picture") == NULL);
    long token = -1;
    const char *cell = strstr(text, "title=\"token ");
    ck_assert(cell != NULL && sscanf(cell, "title=\"token %ld,", &token) == 1 && token >= 0 && token < V);
    char due[64];
    (void)snprintf(due, sizeof due, "similarity %.3f\"", (double)token / (V - 1));
    ck_assert(strncmp(strstr(cell, "similarity "), due, strlen(due)) == 0);
    (void)snprintf(due, sizeof due, "similarity %.3f\"", 1 - (double)token / (V - 1));
    ck_assert(second != NULL && strncmp(strstr(strstr(second, "title=\"token "), "similarity "), due, strlen(due)) == 0);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy --guide-similarity s.npy -o s.html"), 0);
    const char *scored = read_whole("s.html", &arena);
    ck_assert_uint_eq(count_of(scored, "<b dir=\"auto\">scores s.npy</b>."), 2);
    const char *same = strstr(scored, "title=\"token ");
    ck_assert(strncmp(same, cell, (size_t)(strchr(cell, '>') - cell)) == 0);
    ck_assert_int_eq(run(spae_cli_inspect, "inspect --model m.npz in.npy in.npy --guide-similarity s.npy --figure pyramid -o s.svg"), 0);
    scored = read_whole("s.svg", &arena);
    ck_assert_uint_eq(count_of(scored, ">the picture, by</text>"), 2);
    ck_assert_uint_eq(count_of(scored, ">scores s.npy</text>"), 2);
    refused(spae_cli_inspect, "inspect --model m.npz in.npy --guide-similarity s.npy -o x.html", 1, "s.npy: expected (1,13), found (2,13)");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy --guide-words t.npy -o x.html", 2, "--guide-words and --guide-pictures: expected both");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy --guide-similarity s.npy --label twice -o x.html", 2,
            "--label is a word, not with files that guide");
    put_matrix("i.npy", 2, 1, (const float[]){1, INFINITY});
    refused(spae_cli_inspect, "inspect --model m.npz in.npy in.npy --guide-words t.npy --guide-pictures i.npy -o x.html", 1,
            "i.npy: row 1 is not finite");
    ck_assert(!is_there("x.html"));
    leave();
    spae_arena_free(&arena);
}
END_TEST

START_TEST(wrong_use)
{
    enter();
    put_file("small.pgm", "P5 2 2 255 abcd", 15);
    refused(spae_cli_inspect, "inspect in.npy -o r.html", 2, "spae inspect: --model M is needed");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy", 2, "-o FILE is needed");
    refused(spae_cli_inspect, "inspect --model m.npz -o r.html", 2, "IMAGE... is needed");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o r.html --pad --resize", 2, "exclude each other");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o r.html --label elephant", 1,
            "--label: elephant: no word of the vocabulary of m.npz");
    refused(spae_cli_inspect, "inspect --model none.npz in.npy -o r.html", 1, "none.npz: ");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy none.png -o r.html", 1, "none.png: ");
    refused(spae_cli_inspect, "inspect --model m.npz small.pgm -o r.html", 1, "the picture is 2x2, the model takes 8x8");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o no/where.html", 1, "no/where.html");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy -o r.gif", 2,
            "-o: r.gif: expected a name that ends in .html, .svg or .png");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy --figure words -o r", 2,
            "-o: r: expected a name that ends in .html, .svg or .png");
    refused(spae_cli_inspect, "inspect --model m.npz in.npy --figure pie -o r.svg", 2,
            "--figure: pie is none of pyramid, words, reconstructions");
    ck_assert(!is_there("r.html") && !is_there("r.gif") && !is_there("r") && !is_there("r.svg"));
    leave();
}
END_TEST

SUITE(suite_io_cli_inspect, "io/cli/inspect", reports, draws, shades_by_files, wrong_use)

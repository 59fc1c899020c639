/* io/report: well-formed HTML that shows every token once and needs nothing from outside; odd words are escaped. */
#include "bytes.h"

#include "../../io/report.h"

#include "markup.h"
#include "tiny_model.h"

typedef struct {
    spae_arena arena;
    spae_model model;
    spae_words words;
    spae_real picture[TINY_SAMPLES];
    spae_study study[2];
} reported;

/* Two studies of one picture; every word of the vocabulary stands in the first. */
static void prepare(reported *r)
{
    r->arena = new_arena();
    r->model = tiny_model(&r->arena, TINY_V - 1);
    tiny_picture(r->picture);
    ck_assert_int_eq(spae_words_index(tiny_words, TINY_V - 1, &r->arena, &r->words, NULL), SPAE_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(spae_study_make(&r->model, i == 0 ? "a<b>&\"c\".png" : "plain", r->picture,
                                         &(spae_study_like){.label = i == 0 ? NULL : "twice", .reference = 7}, &r->arena, &r->study[i], NULL),
                         SPAE_OK);
    for (int32_t k = 0; k < TINY_V - 1; k++)
        r->study[0].token[5 + k] = k;
}

static const char *write_report(reported *r, size_t count)
{
    const uint8_t *html = NULL;
    size_t size = 0;
    spae_error err;
    ck_assert_msg(spae_report_write(&r->model, &r->words, "A <title>", r->study, count, &r->arena, &html, &size,
                                    &err) == SPAE_OK,
                  "%s", err.text);
    char *text = spae_arena_take(&r->arena, size + 1, 1);
    memcpy(text, html, size);
    text[size] = '\0';
    ck_assert_uint_eq(strlen(text), size); /* no zero bytes */
    return text;
}

START_TEST(shows_everything)
{
    reported r;
    prepare(&r);
    const char *text = write_report(&r, 2);
    ck_assert(strncmp(text, "<!DOCTYPE html>\n<html lang=\"en\">", 32) == 0);
    check_nesting(text);
    ck_assert_uint_eq(count_of(text, "<section>"), 2);
    ck_assert_uint_eq(count_of(text, "<td class=\"s"), 2 * TINY_TOKENS);
    ck_assert_uint_eq(count_of(text, ", margin "), 2 * TINY_TOKENS);
    ck_assert_uint_eq(count_of(text, "src=\"data:image/png;base64,iVBORw0KGgo"), 2 * (1 + TINY_LAYERS));
    ck_assert_uint_eq(count_of(text, " dB</figcaption>"), 2 * TINY_LAYERS);
    ck_assert_uint_eq(count_of(text, "width=\"160\" height=\"160\""), 2 * (1 + TINY_LAYERS));
    ck_assert(strstr(text, "Shaded by similarity to the label, <b dir=\"auto\">twice</b>.") != NULL);
    ck_assert(strstr(text, "Shaded by similarity to the word of layer 1, <b dir=\"auto\">") != NULL);
    spae_arena_free(&r.arena);
}
END_TEST

/* The second study's tokens are the first layer's word of both pictures, counted; names for pictures and boxes. */
START_TEST(counts_words)
{
    reported r;
    prepare(&r);
    r.study[0].token[0] = r.study[1].token[0] = 7;
    const char *text = write_report(&r, 2);
    const char *counts = strstr(text, "<section id=\"counts\">");
    ck_assert(counts != NULL);
    ck_assert(strstr(counts, "<caption>layer 1: 2 tokens,<br>1 different</caption>\n<tr><th scope=\"row\" dir=\"auto\">"
                             "twice</th><td class=\"bar\"><i style=\"width:100%\"></i></td><td>2</td></tr>\n</table>") !=
              NULL);
    ck_assert_uint_eq(count_of(counts, "<table class=\"counts\">"), TINY_LAYERS);
    ck_assert_uint_eq(count_of(text, "alt=\"the picture\""), 2);
    ck_assert_uint_eq(count_of(text, "alt=\"rebuilt from 1 layer\""), 2);
    ck_assert_uint_eq(count_of(text, "alt=\"rebuilt from 2 layers\""), 2);
    ck_assert_uint_eq(count_of(text, "tabindex=\"0\" role=\"region\" aria-label=\"words of layer "), 2 * TINY_LAYERS);
    spae_arena_free(&r.arena);
}
END_TEST

START_TEST(stands_alone)
{
    reported r;
    prepare(&r);
    const char *text = write_report(&r, 2);
    static const char *const outside[] = {"http", "<script", "<link", "<iframe", "url(", "@import", "onload"};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        ck_assert_msg(strstr(text, outside[i]) == NULL, "%s", outside[i]);
    ck_assert(strstr(text, "prefers-color-scheme:dark") != NULL && strstr(text, "overflow-x:auto") != NULL);
    spae_arena_free(&r.arena);
}
END_TEST

START_TEST(escapes)
{
    reported r;
    prepare(&r);
    const char *text = write_report(&r, 1);
    ck_assert(strstr(text, "<title>A &#60;title&#62;</title>") != NULL);
    ck_assert(strstr(text, "<h2>a&#60;b&#62;&#38;&#34;c&#34;.png</h2>") != NULL);
    ck_assert(strstr(text, ">{&#60;&#38;&#62;&#34;&#39;</td>") != NULL);
    ck_assert(strstr(text, ">\\sthe</td>") != NULL && strstr(text, ">\\e</td>") != NULL);
    ck_assert(strstr(text, ">tab\\tline\\nend\\r</td>") != NULL && strstr(text, ">caf\xC3\xA9</td>") != NULL);
    spae_arena_free(&r.arena);
}
END_TEST

START_TEST(shades)
{
    reported r;
    prepare(&r);
    const double similarity[6] = {0.0, 0.049, 0.051, 0.949, 0.951, 1.0};
    memcpy(r.study[0].similarity + 5, similarity, sizeof similarity);
    const char *text = write_report(&r, 1);
    static const char *const due[6] = {"class=\"s0\" title=\"token 0, ", "class=\"s0\" title=\"token 1, ",
                                       "class=\"s1\" title=\"token 2, ", "class=\"s9\" title=\"token 3, ",
                                       "class=\"s10\" title=\"token 4, ", "class=\"s10\" title=\"token 5, "};
    for (size_t i = 0; i < 6; i++)
        ck_assert_msg(strstr(text, due[i]) != NULL, "%s", due[i]);
    spae_arena_free(&r.arena);
}
END_TEST

START_TEST(not_a_number)
{
    reported r;
    const uint8_t *html = NULL;
    size_t size = 0;
    spae_error err;
    prepare(&r);
    r.study[0].rebuilt[3] = (spae_real)NAN;
    ck_assert_int_eq(spae_report_write(&r.model, &r.words, "t", r.study, 1, &r.arena, &html, &size, &err),
                     SPAE_ERR_NOT_FINITE);
    ck_assert(html == NULL);
    spae_arena_free(&r.arena);
}
END_TEST

static spae_status report_again(spae_arena *arena, void *context, spae_error *err)
{
    const reported *r = context;
    const uint8_t *html;
    size_t size;
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_status status =
        spae_report_write(&r->model, &r->words, "t", r->study, 1, arena, &html, &size, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(no_memory)
{
    reported r;
    prepare(&r);
    starve(report_again, &r, 16384);
    spae_arena_free(&r.arena);
}
END_TEST

SUITE(suite_io_report, "io/report", shows_everything, counts_words, stands_alone, escapes, shades, not_a_number, no_memory)

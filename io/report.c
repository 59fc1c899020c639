/* The HTML of report.h. Text from outside (file names, labels, words) passes spae_page_markup, which escapes it. */
#include "io/report.h"

#include <stdio.h>
#include <string.h>

#include "io/histogram.h"
#include "io/image.h"
#include "io/page_picture.h"

enum {
    SHADES = 11,       /* classes s0 .. s10: ten times the similarity, rounded */
    BARS = 12,         /* of a layer's most frequent words */
    SHOWN_WIDTH = 160  /* small pictures are magnified by the largest whole number that stays within */
};

typedef struct {
    const spae_model *model;
    const spae_words *words;
    spae_arena *arena;
    spae_page page;
    spae_page word; /* one word in its written form, reused */
    spae_error *err;
} report;

/* ---- style ------------------------------------------------------------------------------------------ */

/* --shade with an opacity of --step for each tenth of similarity lies over the page: text keeps a contrast of
 * at least 5 to 1 on the darkest cell in both modes. */
static const char *const style[] = {
    ":root{color-scheme:light dark;--back:#fbfaf7;--card:#fff;--text:#1d1d1b;--dim:#5f5d58;--line:#dcd8cf;",
    "--shade:240,146,24;--step:.09}\n",
    "@media(prefers-color-scheme:dark){:root{--back:#151413;--card:#1e1d1b;--text:#f3f1eb;--dim:#b0aca2;",
    "--line:#3b3833;--shade:224,122,0;--step:.055}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--back);color:var(--text);",
    "font:16px/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n",
    "h1{font-size:1.5rem;line-height:1.2;margin:.3rem 0 .4rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:0;font-weight:600;",
    "overflow-wrap:anywhere}\n",
    "p{margin:.4rem 0;max-width:48rem;overflow-wrap:anywhere}.dim,figcaption,caption{color:var(--dim);font-size:.85rem}\n",
    "section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem;margin:1rem 0}\n",
    ".strip,.pyramid{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start;margin:.8rem 0 0}\n",
    "figure{margin:0;max-width:100%}figcaption{margin-top:.25rem;line-height:1.3}figcaption b{color:var(--text)}\n",
    "img{display:block;max-width:100%;height:auto;border-radius:4px;background:#000}",
    "img.small{image-rendering:pixelated}\n",
    ".scroll{max-width:100%;overflow-x:auto}table{width:max-content;border-collapse:separate;",
    "border-spacing:3px;margin:0 -3px}\n",
    "caption{text-align:left;padding:0 3px .2rem;white-space:nowrap}\n",
    "td{padding:.3rem .5rem;border-radius:4px;text-align:center;max-width:14rem;overflow-wrap:anywhere;font-size:.9rem;",
    "border:1px solid var(--line);background:rgba(var(--shade),calc(var(--a)*var(--step)))}\n",
    ".first td{font-size:1.6rem;font-weight:650;padding:.35rem 1rem}.wide td{font-size:.75rem;padding:.15rem .3rem}\n",
    ".legend{display:flex;align-items:center;gap:2px;font-size:.85rem;color:var(--dim);margin:.6rem 0}\n",
    ".legend i{width:1.3rem;height:1.1rem;border:1px solid var(--line);border-radius:3px;",
    "background:rgba(var(--shade),calc(var(--a)*var(--step)))}.legend span{padding:0 .4rem;white-space:nowrap}\n",
    ".counts td,.counts th{padding:.15rem .4rem .15rem 0;border:0;background:none;text-align:left;font-weight:400;",
    "font-size:.9rem;max-width:11rem;overflow-wrap:anywhere}.counts th{text-align:right}",
    ".counts i{display:block;height:1rem;min-width:2px;border-radius:3px;background:rgb(var(--shade))}",
    ".counts .bar{width:6rem}.scroll:focus-visible{outline:2px solid rgb(var(--shade))}\n",
    "@media(max-width:32rem){body{padding:.6rem}section{padding:.75rem}.strip{gap:.6rem}",
    ".strip figure{width:calc(33.3% - .4rem)}.strip img{width:100%}.scroll{width:100%}",
    ".some td{font-size:.8rem;padding:.25rem .2rem}}\n",
};

static void put_style(spae_page *page)
{
    spae_page_text(page, "<style>\n");
    for (size_t i = 0; i < sizeof style / sizeof style[0]; i++)
        spae_page_text(page, style[i]);
    for (int i = 0; i < SHADES; i++)
        spae_page_format(page, ".s%d{--a:%d}", i, i);
    spae_page_text(page, "\n</style>\n");
}

/* ---- pieces ----------------------------------------------------------------------------------------- */

static void put_string(spae_page *page, const char *text)
{
    spae_page_markup(page, text, strlen(text));
}

/* A word as token files write it, so that white space and control characters are seen. */
static void put_word(report *r, int32_t token)
{
    spae_page_clear(&r->word);
    spae_words_write(r->words, token, false, &r->word);
    spae_page_markup(&r->page, (const char *)r->word.buffer.bytes, r->word.buffer.size);
}

static int shade_of(double similarity) /* 0..1 */
{
    return (int)(similarity * (SHADES - 1) + 0.5);
}

/* layers: of how many it was rebuilt; 0: it is the picture itself */
static spae_status put_picture(report *r, const spae_real *picture, size_t layers)
{
    const size_t height = r->model->config.picture[1], width = r->model->config.picture[2];
    const size_t factor = width < SHOWN_WIDTH ? SHOWN_WIDTH / width : 1;
    spae_image image;
    spae_status status = spae_image_take(r->arena, "report", NULL, height, width, 3, &image, r->err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < height * width * 3; i++)
        image.pixels[i] = (float)picture[i];
    char alternative[64] = "the picture";
    if (layers > 0)
        (void)snprintf(alternative, sizeof alternative, "rebuilt from %zu layer%s", layers, layers > 1 ? "s" : "");
    spae_page_format(&r->page, "<img%s width=\"%zu\" height=\"%zu\" alt=\"%s\" src=\"",
                     factor > 1 ? " class=\"small\"" : "", width * factor, height * factor, alternative);
    status = spae_page_picture(&r->page, r->arena, &image, r->err);
    spae_page_text(&r->page, "\">");
    return status;
}

/* ---- one picture ------------------------------------------------------------------------------------ */

static spae_status put_strip(report *r, const spae_study *study)
{
    const spae_config *config = &r->model->config;
    const size_t samples = config->picture[1] * config->picture[2] * 3;
    spae_page_text(&r->page, "<div class=\"strip\">\n<figure>");
    spae_status status = put_picture(r, study->picture, 0);
    spae_page_text(&r->page, "<figcaption><b>picture</b></figcaption></figure>\n");
    for (size_t l = 0; l < config->pyramid.layers && status == SPAE_OK; l++) {
        const size_t tokens = spae_pyramid_total(&config->pyramid, l + 1);
        spae_page_text(&r->page, "<figure>");
        status = put_picture(r, study->rebuilt + l * samples, l + 1);
        spae_page_format(&r->page,
                         "<figcaption><b>%zu layer%s</b><br>%zu token%s<br>%.2f dB</figcaption></figure>\n",
                         l + 1, l > 0 ? "s" : "", tokens, tokens > 1 ? "s" : "", study->psnr[l]);
    }
    spae_page_text(&r->page, "</div>\n");
    return status;
}

static void put_cell(report *r, const spae_study *study, size_t i)
{
    spae_page_format(&r->page,
                     "<td class=\"s%d\" title=\"token %ld, margin %.6g, similarity %.3f\" dir=\"auto\">",
                     shade_of(study->similarity[i]), (long)study->token[i], study->margin[i],
                     study->similarity[i]);
    put_word(r, study->token[i]);
    spae_page_text(&r->page, "</td>");
}

/* The grid of layer index `layer`, whose first token is token `first` of the pyramid. */
static void put_layer(report *r, const spae_study *study, size_t layer, size_t first)
{
    const size_t rows = r->model->config.pyramid.size[layer][1];
    const size_t columns = r->model->config.pyramid.size[layer][2];
    spae_page_format(&r->page,
                     "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"words of layer %zu\">"
                     "<table class=\"%s\"><caption>layer %zu: %zu&times;%zu</caption>\n",
                     layer + 1, columns == 1 ? "first" : columns > 4 ? "wide" : "some", layer + 1, rows, columns);
    for (size_t y = 0; y < rows; y++) {
        spae_page_text(&r->page, "<tr>");
        for (size_t x = 0; x < columns; x++)
            put_cell(r, study, first + y * columns + x);
        spae_page_text(&r->page, "</tr>\n");
    }
    spae_page_text(&r->page, "</table></div>\n");
}

static void put_heading(report *r, const spae_study *study)
{
    spae_page_text(&r->page, "<section>\n<h2>");
    put_string(&r->page, study->name);
    spae_page_text(&r->page, "</h2>\n<p class=\"dim\">Shaded by similarity to ");
    if (study->source != NULL) {
        spae_page_text(&r->page, "the picture, by <b dir=\"auto\">");
        put_string(&r->page, study->source);
        spae_page_text(&r->page, "</b>.</p>\n");
        return;
    }
    spae_page_text(&r->page, study->label != NULL ? "the label, <b dir=\"auto\">" : "the word of layer 1, <b dir=\"auto\">");
    put_word(r, study->reference);
    spae_page_text(&r->page, "</b>.</p>\n");
}

static spae_status put_study(report *r, const spae_study *study)
{
    const spae_pyramid *pyramid = &r->model->config.pyramid;
    put_heading(r, study);
    const spae_status status = put_strip(r, study);
    spae_page_text(&r->page, "<div class=\"pyramid\">\n");
    for (size_t l = 0; l < pyramid->layers; l++)
        put_layer(r, study, l, spae_pyramid_total(pyramid, l));
    spae_page_text(&r->page, "</div>\n</section>\n");
    return status;
}

/* ---- the words of all pictures ------------------------------------------------------------------------ */

static void put_bars(report *r, const spae_histogram_bar *bar, size_t bars)
{
    for (size_t i = 0; i < bars; i++) {
        spae_page_text(&r->page, "<tr><th scope=\"row\" dir=\"auto\">");
        put_word(r, bar[i].token);
        spae_page_format(&r->page, "</th><td class=\"bar\"><i style=\"width:%zu%%\"></i></td><td>%zu</td></tr>\n",
                         bar[i].count * 100 / bar[0].count, bar[i].count);
    }
}

/* Fig. 4: each layer's most frequent words, as bars by their count. */
static spae_status put_counts(report *r, const spae_study *studies, size_t count)
{
    const spae_pyramid *pyramid = &r->model->config.pyramid;
    spae_histogram_bar bar[BARS];
    size_t bars = 0, different = 0;
    spae_page_text(&r->page, "<section id=\"counts\">\n<h2>Most frequent words</h2>\n<div class=\"pyramid\">\n");
    for (size_t l = 0; l < pyramid->layers; l++) {
        const spae_status status = spae_histogram_layer(pyramid, r->model->codebook.V, studies, count, l, BARS,
                                                        r->arena, bar, &bars, &different, r->err);
        if (status != SPAE_OK)
            return status;
        spae_page_format(&r->page,
                         "<table class=\"counts\"><caption>layer %zu: %zu token%s,<br>%zu different</caption>\n",
                         l + 1, count * spae_pyramid_tokens(pyramid, l),
                         count * spae_pyramid_tokens(pyramid, l) > 1 ? "s" : "", different);
        put_bars(r, bar, bars);
        spae_page_text(&r->page, "</table>\n");
    }
    spae_page_text(&r->page, "</div>\n</section>\n");
    return SPAE_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static void put_head(report *r, const char *title)
{
    spae_page_text(&r->page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_string(&r->page, title);
    spae_page_text(&r->page, "</title>\n");
    put_style(&r->page);
    spae_page_text(&r->page, "</head>\n<body>\n<h1>");
    put_string(&r->page, title);
    spae_page_text(&r->page, "</h1>\n");
}

/* What a cell's shade says. */
static void put_similarity(report *r, bool of_picture)
{
    spae_page_text(&r->page, "<p class=\"dim\">A cell is shaded by how similar its word is to ");
    spae_page_text(&r->page, of_picture
                                 ? "the picture, as the files say that are named with it (the product of their features, "
                                   "or their scores)"
                                 : "the word named with the picture: the dot product of their codebook vectors, centred "
                                   "and of unit length");
    spae_page_text(&r->page, ", scaled so that 0 is the least and 1 the most similar word of the vocabulary. Rest the "
                             "pointer on a cell for its token, its margin (by how much the second-best token was farther "
                             "away) and its similarity.</p>\n");
}

static void put_explanation(report *r, bool of_picture)
{
    const spae_config *config = &r->model->config;
    const size_t layers = config->pyramid.layers;
    spae_page_text(&r->page, "<p>Model <b dir=\"auto\">");
    put_string(&r->page, config->name);
    spae_page_format(&r->page,
                     "</b>: a picture of %zu&times;%zu pixels is %zu tokens in %zu layers, each one of %zu words "
                     "of a frozen vocabulary. Any number of layers from the first on is enough to rebuild it.</p>\n",
                     config->picture[2], config->picture[1], spae_pyramid_total(&config->pyramid, layers),
                     layers, r->model->codebook.V);
    put_similarity(r, of_picture);
    spae_page_text(&r->page, "<div class=\"legend\"><span>0</span>");
    for (int i = 0; i < SHADES; i++)
        spae_page_format(&r->page, "<i class=\"s%d\"></i>", i);
    spae_page_text(&r->page, "<span>1 similarity</span></div>\n");
}

spae_status spae_report_write(const spae_model *model, const spae_words *words, const char *title,
                              const spae_study *studies, size_t count, spae_arena *arena,
                              const uint8_t **bytes, size_t *size, spae_error *err)
{
    report r = {.model = model, .words = words, .arena = arena, .err = err};
    r.page = spae_page_start(arena);
    r.word = spae_page_start(arena);
    put_head(&r, title);
    put_explanation(&r, count > 0 && studies[0].source != NULL);
    for (size_t i = 0; i < count; i++) {
        const spae_status status = put_study(&r, &studies[i]);
        if (status != SPAE_OK)
            return status;
    }
    if (count > 0) {
        const spae_status status = put_counts(&r, studies, count);
        if (status != SPAE_OK)
            return status;
    }
    spae_page_text(&r.page, "</body>\n</html>\n");
    if (r.word.failure.status != SPAE_OK)
        return spae_page_end(&r.word, bytes, size, err);
    return spae_page_end(&r.page, bytes, size, err);
}

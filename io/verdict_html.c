/* The verdict as a page to look at (verdict.h): for each stage a bar of levels and a line on which
 * every output stands at its share of the allowance; below, the tables, those open that fail. Text
 * from outside passes `put`, which escapes it. */
#include <math.h>
#include <string.h>

#include "io/verdict.h"
#include "vendor_free/elementary.h"

enum {
    SHARE_WIDTH = 320, /* of a line of shares, in its own units */
    DECADES = 4        /* to either side of 1: below and above is at the end */
};

static const char *const style[] = {
    ":root{color-scheme:light dark;--back:#fbfaf7;--card:#fff;--text:#1d1d1b;--dim:#5f5d58;",
    "--line:#dcd8cf;--a:#2e7d4f;--b:#3a6fb0;--c:#8a5bb5;--x:#c0392b;--none:#d5d1c8}\n",
    "@media(prefers-color-scheme:dark){:root{--back:#151413;--card:#1e1d1b;--text:#f3f1eb;",
    "--dim:#b0aca2;--line:#3b3833;--a:#5cb883;--b:#79a9e0;--c:#bb93de;--x:#ef7a6d;--none:#3f3c37}}"
    "\n",
    "*{box-sizing:border-box}body{margin:0 "
    "auto;max-width:76rem;padding:1rem;background:var(--back);",
    "color:var(--text);font:16px/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\n",
    "h1,p{overflow-wrap:anywhere}h1{font-size:1.5rem;line-height:1.2;margin:.3rem 0 .4rem}p{margin:.4rem 0}",
    ".dim{color:var(--dim);font-size:.85rem}.failed{color:var(--x)}.passed{color:var(--a)}\n",
    "section{background:var(--card);border:1px solid var(--line);border-radius:10px;",
    "padding:.7rem 1rem;margin:.8rem 0}h2{font-size:1.05rem;margin:0 0 .4rem;font-weight:600}\n",
    ".look{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;align-items:center}",
    ".bar{display:flex;flex:1 1 16rem;height:1.1rem;border-radius:4px;overflow:hidden}\n",
    ".bar i,.key i{display:block;background:var(--none)}.key{display:flex;flex-wrap:wrap;",
    "gap:.2rem 1rem}.key span{display:flex;align-items:center;gap:.35rem}",
    ".key i{width:.9rem;height:.9rem;border-radius:3px}\n",
    "i.a{background:var(--a)}i.b{background:var(--b)}i.c{background:var(--c)}i.x{background:var(--"
    "x)}\n",
    "svg{flex:1 1 16rem;max-width:100%;height:2.1rem}svg text{font-size:11px;fill:var(--dim)}",
    "line{stroke:var(--line)}line.one{stroke:var(--x)}circle{fill:var(--b);fill-opacity:.75}",
    "circle.x{fill:var(--x)}circle.a{fill:var(--a)}\n",
    "details{margin:.5rem 0 0}summary{cursor:pointer;color:var(--dim);font-size:.9rem;padding:.8rem 0}",
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;width:100%}",
    "th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-top:1px solid var(--line);",
    "vertical-align:top;white-space:nowrap}td.say{white-space:normal;color:var(--dim)}",
    "b.a{color:var(--a)}b.b{color:var(--b)}b.c{color:var(--c)}b.x{color:var(--x)}\n",
};

static void put(spae_page *page, const char *text)
{
    spae_page_markup(page, text, strlen(text));
}

/* The class that gives an output its colour. */
static const char *colour(const spae_verdict_output *o)
{
    static const char *const name[] = {"a", "b", "c", "x"};
    if (o->state == SPAE_VERDICT_MISSING || o->state == SPAE_VERDICT_FOLLOWS)
        return "none";
    return o->passes ? name[o->judgement.level] : "x";
}

/* ---- what one sees -------------------------------------------------------------------------- */

static void put_part(spae_page *page, const char *class, size_t part, size_t whole,
                     const char *title)
{
    if (part > 0)
        spae_page_format(page, "<i class=\"%s\" style=\"width:%.3f%%\" title=\"%zu %s\"></i>",
                         class, 100 * (double)part / (double)whole, part, title);
}

/* Levels that pass, and what does not; a level too weak for what was asked counts as failed. */
static void put_bar(const spae_verdict_output *o, size_t outputs, spae_page *page)
{
    size_t level[3] = {0, 0, 0}, failed = 0, rest = 0;
    for (size_t i = 0; i < outputs; i++) {
        if (o[i].passes)
            level[o[i].judgement.level]++;
        else if (o[i].state == SPAE_VERDICT_MISSING || o[i].state == SPAE_VERDICT_FOLLOWS)
            rest++;
        else
            failed++;
    }
    spae_page_format(page,
                     "<div class=\"bar\" role=\"img\" aria-label=\"%zu at A, %zu at B, %zu at C, %zu fail, "
                     "%zu missing or not judged\">",
                     level[0], level[1], level[2], failed, rest);
    put_part(page, "a", level[0], outputs, "at A");
    put_part(page, "b", level[1], outputs, "at B");
    put_part(page, "c", level[2], outputs, "at C");
    put_part(page, "x", failed, outputs, "fail");
    put_part(page, "none", rest, outputs, "missing or not judged");
    spae_page_text(page, "</div>");
}

/* Where a share of the allowance stands: the middle is 1, to the left less. */
static double share_place(double share)
{
    const double kept = fmin(fmax(share, 1e-4), 1e4); /* DECADES */
    return SHARE_WIDTH * (0.5 + 0.48 * spae_log64(kept) / (DECADES * spae_log64(10.0)));
}

static void put_shares(const spae_verdict_output *o, size_t outputs, spae_page *page)
{
    size_t any = 0;
    for (size_t i = 0; i < outputs; i++)
        any += o[i].judgement.has_error;
    if (any == 0)
        return;
    spae_page_format(page,
                     "<svg viewBox=\"0 0 %d 30\" role=\"img\">"
                     "<title>error as a share of the allowance</title>"
                     "<line x1=\"0\" x2=\"%d\" y1=\"12\" y2=\"12\"/>"
                     "<line class=\"one\" x1=\"%d\" x2=\"%d\" y1=\"2\" y2=\"20\"/>",
                     (int)SHARE_WIDTH, (int)SHARE_WIDTH, SHARE_WIDTH / 2, SHARE_WIDTH / 2);
    spae_page_format(page,
                     "<text x=\"4\" y=\"29\">1e-%d</text><text x=\"%d\" y=\"29\" "
                     "text-anchor=\"middle\">allowed</text><text x=\"%d\" y=\"29\" "
                     "text-anchor=\"end\">1e+%d</text>",
                     (int)DECADES, SHARE_WIDTH / 2, SHARE_WIDTH - 4, (int)DECADES);
    for (size_t i = 0; i < outputs; i++) {
        if (!o[i].judgement.has_error)
            continue;
        spae_page_format(page, "<circle class=\"%s\" cx=\"%.1f\" cy=\"12\" r=\"4\"><title>",
                         colour(&o[i]), share_place(o[i].judgement.error / o[i].judgement.allowed));
        put(page, o[i].output->full_name);
        spae_page_format(page, ": %.3g of %.3g</title></circle>", o[i].judgement.error,
                         o[i].judgement.allowed);
    }
    spae_page_text(page, "</svg>");
}

/* ---- tables --------------------------------------------------------------------------------- */

static void put_cell(spae_page *page, const char *text)
{
    spae_page_text(page, "<td>");
    put(page, text);
    spae_page_text(page, "</td>");
}

static const char *word(const spae_verdict_output *o)
{
    return o->state == SPAE_VERDICT_MISSING   ? "missing"
           : o->state == SPAE_VERDICT_FOLLOWS ? "follows"
           : o->passes || o->judgement.level != SPAE_LEVEL_NONE
               ? spae_level_name(o->judgement.level)
               : "fails";
}

static void put_row(const spae_verdict_output *o, spae_page *page)
{
    const spae_judgement *j = &o->judgement;
    char text[3 * SPAE_VERDICT_ROOM];
    spae_page_text(page, "<tr><td title=\"");
    put(page, o->item->why);
    spae_page_text(page, "\">");
    put(page, o->output->full_name + strcspn(o->output->full_name, "/") + 1);
    spae_page_format(page, "</td><td><b class=\"%s\">%s</b></td>", colour(o),
                     o->state == SPAE_VERDICT_REFUSED ? "fails" : word(o));
    if (o->item->refuses || o->state == SPAE_VERDICT_MISSING || o->state == SPAE_VERDICT_REFUSED)
        spae_page_text(page, "<td></td>");
    else if (j->ulp == SPAE_ULP_NONE)
        spae_page_text(page, "<td>nan</td>");
    else
        spae_page_format(page, "<td>%llu</td>", (unsigned long long)j->ulp);
    if (j->has_error)
        spae_page_format(page, "<td>%.3g of %.3g</td>", j->error, j->allowed);
    else
        spae_page_text(page, "<td></td>");
    put_cell(page, spae_verdict_place(o, text));
    put_cell(page, spae_verdict_value(o, false, text));
    put_cell(page, spae_verdict_value(o, true, text));
    spae_page_text(page, "<td class=\"say\">");
    put(page, spae_verdict_reason(o, text));
    spae_page_text(page, "</td></tr>\n");
}

static void put_table(const spae_verdict_output *o, size_t outputs, bool open, spae_page *page)
{
    spae_page_format(page,
                     "<details%s><summary>%zu outputs</summary><div class=\"scroll\" "
                     "tabindex=\"0\" role=\"region\" aria-label=\"outputs\"><table>\n"
                     "<tr><th>output</th><th>level</th><th>ulp</th><th>error</th>"
                     "<th>first differing</th><th>expected</th><th>got</th><th></th></tr>\n",
                     open ? " open=\"open\"" : "", outputs);
    for (size_t i = 0; i < outputs; i++)
        put_row(&o[i], page);
    spae_page_text(page, "</table></div></details>\n");
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void put_stage(const spae_verdict *v, size_t s, const spae_verdict_output *o,
                      spae_page *page)
{
    const spae_verdict_count *n = &v->stage[s];
    spae_page_format(page, "<section>\n<h2>%s <span class=\"dim\">%zu of %zu judged",
                     v->manifest->stage[s].name, n->judged, n->outputs);
    if (n->failed > 0)
        spae_page_format(page, ", <b class=\"x\">%zu fail</b>", n->failed);
    spae_page_text(page, "</span></h2>\n<div class=\"look\">");
    put_bar(o, n->outputs, page);
    put_shares(o, n->outputs, page);
    spae_page_text(page, "</div>\n");
    put_table(o, n->outputs, n->failed > 0, page);
    spae_page_text(page, "</section>\n");
}

static void put_strays(const spae_port *port, spae_page *page)
{
    if (port->broken + port->extras == 0)
        return;
    spae_page_text(page, "<section>\n<h2>Not of the vectors</h2>\n");
    for (size_t i = 0; i < port->broken; i++) {
        spae_page_text(page, "<p>unreadable: ");
        put(page, port->unreadable[i]);
        spae_page_text(page, "</p>\n");
    }
    for (size_t i = 0; i < port->extras; i++) {
        spae_page_text(page, "<p>");
        put(page, port->extra[i].name);
        spae_page_text(page, ": no output of that name");
        if (port->extra[i].near != NULL)
            spae_page_format(page, "; is it %s?", port->extra[i].near);
        spae_page_text(page, "</p>\n");
    }
    spae_page_text(page, "</section>\n");
}

static void put_head(const spae_verdict *v, spae_page *page)
{
    spae_page_text(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n<title>spae verify</title>\n<style>\n");
    for (size_t i = 0; i < sizeof style / sizeof style[0]; i++)
        spae_page_text(page, style[i]);
    spae_page_text(page, "</style>\n</head>\n<body>\n<h1>");
    put(page, v->directory);
    spae_page_format(page, ": <span class=\"%s\">%s</span></h1>\n<p>",
                     v->passes ? "passed" : "failed", v->passes ? "passes" : "falls short");
    spae_verdict_first_short(v, page);
    spae_page_text(page, "</p>\n<p class=\"dim\">");
    spae_verdict_summary(v, page);
    spae_page_text(page, ".</p>\n");
    spae_page_text(
        page, "<div class=\"key dim\"><span><i class=\"a\"></i>A: the bits</span><span>"
              "<i class=\"b\"></i>B: the accuracy</span><span><i class=\"c\"></i>C: the tokens "
              "but for near-ties</span><span><i class=\"x\"></i>fails</span><span>"
              "<i class=\"none\"></i>missing or not judged</span></div>\n"
              "<p class=\"dim\">The stages are in the order of the pipeline: begin with the "
              "first that fails. Dots stand at the error of an output as a share of what level "
              "B allows, to the right of the red line beyond it.</p>\n");
}

void spae_verdict_html(const spae_verdict *v, spae_page *page)
{
    const spae_verdict_output *o = v->output;
    put_head(v, page);
    for (size_t s = 0; s < v->manifest->stages; s++) {
        put_stage(v, s, o, page);
        o += v->stage[s].outputs;
    }
    put_strays(v->port, page);
    spae_page_text(page, "</body>\n</html>\n");
}

/* The verdict as JUnit's XML, which build servers show (verdict.h). */
#include <string.h>

#include "io/verdict.h"

/* Text from outside: XML 1.0 has no control characters, and a name need not be UTF-8. */
static void put(spae_page *page, const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        spae_page_markup(page, text[i] >= ' ' && text[i] <= '~' ? text + i : "?", 1);
}

static void put_failure(const spae_verdict_output *o, spae_page *page)
{
    char text[3 * SPAE_VERDICT_ROOM];
    const bool judged = o->state == SPAE_VERDICT_JUDGED;
    spae_page_text(page, "<failure message=\"");
    if (o->state == SPAE_VERDICT_MISSING)
        spae_page_text(page, "missing");
    else if (!judged)
        put(page, spae_verdict_reason(o, text));
    else if (spae_verdict_value(o, false, text)[0] != '\0') {
        spae_page_text(page, "expected ");
        put(page, text);
        spae_page_text(page, ", got ");
        put(page, spae_verdict_value(o, true, text));
        if (spae_verdict_place(o, text)[0] != '\0') {
            spae_page_text(page, " at ");
            put(page, text);
        }
    } else
        spae_page_text(page, "the hash differs");
    spae_page_text(page, "\">");
    if (judged)
        put(page, spae_verdict_reason(o, text));
    if (o->judgement.has_error)
        spae_page_format(page, "; error %.6g, allowed %.6g", o->judgement.error,
                         o->judgement.allowed);
    spae_page_text(page, "</failure>");
}

static void put_case(const spae_verdict *v, const spae_verdict_output *o, spae_page *page)
{
    const bool missing = o->state == SPAE_VERDICT_MISSING && !v->complete;
    spae_page_format(page, "<testcase classname=\"spae.%s\" name=\"",
                     v->manifest->stage[o->item->stage].name);
    put(page, o->output->full_name);
    spae_page_text(page, "\">");
    if (missing || o->state == SPAE_VERDICT_FOLLOWS)
        spae_page_format(page, "<skipped message=\"%s\"/>",
                         missing ? "missing" : "follows a near-tie");
    else if (!o->passes)
        put_failure(o, page);
    spae_page_text(page, "</testcase>\n");
}

/* Failures and skipped ones as JUnit counts them: every missing output is one or the other. */
static void put_numbers(const spae_verdict *v, const spae_verdict_count *n, spae_page *page)
{
    const size_t missing = n->outputs - n->given;
    spae_page_format(page, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n",
                     n->outputs, n->failed + (v->complete ? missing : 0),
                     n->follow + (v->complete ? 0 : missing));
}

/* Archives that cannot be read belong to no output; they are a suite of their own. */
static void put_unreadable(const spae_port *port, spae_page *page)
{
    if (port->broken == 0)
        return;
    spae_page_format(page,
                     "<testsuite name=\"archives\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
                     "skipped=\"0\">\n",
                     port->broken, port->broken);
    for (size_t i = 0; i < port->broken; i++) {
        spae_page_format(
            page, "<testcase classname=\"spae.archives\" name=\"%zu\"><failure message=\"", i);
        put(page, port->unreadable[i]);
        spae_page_text(page, "\"></failure></testcase>\n");
    }
    spae_page_text(page, "</testsuite>\n");
}

void spae_verdict_junit(const spae_verdict *v, spae_page *page)
{
    const spae_verdict_output *o = v->output;
    spae_page_text(page, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t s = 0; s < v->manifest->stages; s++) {
        spae_page_format(page, "<testsuite name=\"%s\"", v->manifest->stage[s].name);
        put_numbers(v, &v->stage[s], page);
        for (size_t i = 0; i < v->stage[s].outputs; i++)
            put_case(v, o++, page);
        spae_page_text(page, "</testsuite>\n");
    }
    put_unreadable(v->port, page);
    spae_page_text(page, "</testsuites>\n");
}

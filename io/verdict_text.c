/* The verdict as a table, and the pieces of text that all forms of it share (verdict.h). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/arrays.h"
#include "io/verdict.h"
#include "io/words.h"
#include "vendor_free/decimal.h"
#include "vendor_free/float_bits.h"

enum {
    SHOWN_MOST = 20, /* extras, and archives that cannot be read */
    NAME_MOST = 44   /* columns of a name */
};

/* ---- values --------------------------------------------------------------------------------- */

/* The fewest digits that read back to the same number of that type. */
static void put_decimal(double value, size_t item_bytes, char text[64])
{
    double shown = value;
    if (!isfinite(value)) {
        snprintf(text, 64, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    for (int digits = 1; digits <= 9 && item_bytes < 8; digits++) {
        const int n = snprintf(text, 64, "%.*g", digits, value);
        if (spae_decimal_read(text, (size_t)n, &shown) && (float)shown == (float)value)
            break;
    }
    text[spae_decimal_write(shown, text)] = '\0';
}

/* Values of a float output of 2 or 4 bytes that are no binary32 are shown with binary64's bits. */
static void put_float(double value, size_t item_bytes, char text[SPAE_VERDICT_ROOM])
{
    char decimal[64];
    const bool narrow =
        item_bytes < 8 && !((double)(float)value < value) && !((double)(float)value > value);
    put_decimal(value, narrow ? 4 : 8, decimal);
    if (narrow)
        snprintf(text, SPAE_VERDICT_ROOM, "%s %08lx", decimal,
                 (unsigned long)spae_bits_of_float((float)value));
    else
        snprintf(text, SPAE_VERDICT_ROOM, "%s %016llx", decimal,
                 (unsigned long long)spae_bits_of_double(value));
}

const char *spae_verdict_value(const spae_verdict_output *o, bool got, char text[SPAE_VERDICT_ROOM])
{
    const spae_judgement *j = &o->judgement;
    const bool judged = o->state == SPAE_VERDICT_JUDGED || o->state == SPAE_VERDICT_FOLLOWS;
    char quote[SPAE_WORDS_QUOTE];
    text[0] = '\0';
    if (!judged || (j->level == SPAE_LEVEL_A))
        return text;
    if (o->item->refuses)
        snprintf(text, SPAE_VERDICT_ROOM, "%s",
                 got ? spae_words_quote(o->status, strlen(o->status), quote) : o->item->refusal);
    else if (j->first != SIZE_MAX && j->first_real)
        put_float(got ? j->got : j->expected, o->output->array.item_bytes, text);
    else if (j->first != SIZE_MAX)
        snprintf(text, SPAE_VERDICT_ROOM, "%lld",
                 (long long)(got ? j->got_whole : j->expected_whole));
    return text;
}

/* ---- places --------------------------------------------------------------------------------- */

const char *spae_verdict_place(const spae_verdict_output *o, char text[SPAE_VERDICT_ROOM])
{
    const spae_judgement *j = &o->judgement;
    size_t index[SPAE_NPY_RANK] = {0}, rest = j->first, rank = o->output->array.rank;
    const size_t *shape = o->output->array.shape;
    const char *path = "";
    char place[SPAE_SHAPE_ROOM];
    text[0] = '\0';
    if (o->item->refuses || j->level == SPAE_LEVEL_A || j->first == SIZE_MAX ||
        (o->state != SPAE_VERDICT_JUDGED && o->state != SPAE_VERDICT_FOLLOWS))
        return text;
    for (size_t e = 0; e < o->output->entries; e++) {
        const spae_manifest_entry *entry = &o->output->entry[e];
        if (j->first < entry->first || j->first >= entry->first + entry->count)
            continue;
        path = entry->path;
        rank = entry->rank;
        shape = entry->shape;
        rest = j->first - entry->first;
    }
    for (size_t a = rank; a-- > 0; rest /= shape[a])
        index[a] = rest % shape[a];
    snprintf(text, SPAE_VERDICT_ROOM, "%.120s%s%s", path, path[0] != '\0' ? " " : "",
             spae_shape_text(index, rank, place));
    return text;
}

/* ---- reasons -------------------------------------------------------------------------------- */

/* A piece behind what is there, with "; " between. */
static void add(char *text, const char *piece)
{
    const size_t n = strlen(text);
    if (piece[0] != '\0')
        snprintf(text + n, 3 * SPAE_VERDICT_ROOM - n, "%s%s", n > 0 ? "; " : "", piece);
}

static void add_counts(const spae_verdict_output *o, char *text)
{
    const spae_judgement *j = &o->judgement;
    char piece[SPAE_VERDICT_ROOM];
    if (o->item->refuses || o->state == SPAE_VERDICT_MISSING || o->state == SPAE_VERDICT_REFUSED)
        return;
    if (j->level != SPAE_LEVEL_A && j->differing == 0)
        add(text, "the samples are equal, the hash of the whole is not");
    else if (j->level == SPAE_LEVEL_NONE) {
        snprintf(piece, sizeof piece, "%zu of %zu %s, %zu too far", j->differing, j->judged,
                 o->output->sample.path != NULL ? "samples differ" : "differ", j->short_of);
        add(text, piece);
    }
    if (j->entries_short > 0) {
        snprintf(piece, sizeof piece, "%zu of %zu arrays fall short, %.100s most", j->entries_short,
                 o->output->entries > 0 ? o->output->entries : 1,
                 o->output->entries > 0 ? o->output->entry[j->worst].path : "");
        add(text, o->output->entries > 0 ? piece : "");
    }
    if (j->near_ties > 0) {
        snprintf(piece, sizeof piece,
                 "%zu near-tie%s, the first at item %zu with margin %.3g of distance %.3g; %zu "
                 "differ behind",
                 j->near_ties, j->near_ties > 1 ? "s" : "", j->first_tie, o->tie_margin,
                 o->tie_distance, j->followers);
        add(text, piece);
    }
}

const char *spae_verdict_reason(const spae_verdict_output *o, char text[3 * SPAE_VERDICT_ROOM])
{
    text[0] = '\0';
    add(text, o->state == SPAE_VERDICT_FOLLOWS ? "not judged: follows a near-tie" : "");
    add(text, o->remark);
    add_counts(o, text);
    add(text, o->diagnosis);
    return text;
}

/* ---- the table ------------------------------------------------------------------------------ */

static const char *mark(const spae_verdict_output *o)
{
    return o->state == SPAE_VERDICT_FOLLOWS  ? "~"
           : o->state == SPAE_VERDICT_JUDGED ? spae_level_name(o->judgement.level)
                                             : "-";
}

static void put_numbers(const spae_verdict_output *o, spae_page *page)
{
    const spae_judgement *j = &o->judgement;
    char ulp[32] = "", error[64] = "", text[SPAE_VERDICT_ROOM];
    const bool numbers = !o->item->refuses && o->output->compare != SPAE_COMPARE_TOKENS;
    if (numbers && j->ulp == SPAE_ULP_NONE)
        snprintf(ulp, sizeof ulp, "nan");
    else if (numbers)
        snprintf(ulp, sizeof ulp, "%llu", (unsigned long long)j->ulp);
    if (j->has_error)
        snprintf(error, sizeof error, "%.3g of %.3g", j->error, j->allowed);
    spae_page_format(page, " %10s  %-22s", ulp, error);
    spae_page_format(page, "  %-16s", spae_verdict_place(o, text));
    spae_page_format(page, "  %-24s", spae_verdict_value(o, false, text));
    spae_page_format(page, "  %s", spae_verdict_value(o, true, text));
}

/* Spaces at the end of the line that is being written are taken back. */
static void end_line(spae_page *page)
{
    while (page->buffer.size > 0 && page->buffer.bytes[page->buffer.size - 1] == ' ')
        page->buffer.size--;
    spae_page_text(page, "\n");
}

static void put_output(const spae_verdict_output *o, spae_page *page)
{
    char reason[3 * SPAE_VERDICT_ROOM];
    const size_t n = strcspn(o->output->full_name, "/") + 1; /* without the stage */
    spae_page_format(page, "  %s %s  %-*s",
                     o->passes || o->state == SPAE_VERDICT_FOLLOWS ? " " : "x", mark(o),
                     (int)NAME_MOST, o->output->full_name + n);
    if (o->state == SPAE_VERDICT_JUDGED || o->state == SPAE_VERDICT_FOLLOWS)
        put_numbers(o, page);
    end_line(page);
    if (spae_verdict_reason(o, reason)[0] != '\0')
        spae_page_format(page, "         %s\n", reason);
}

/* Is there more to say of it than "A"? */
static bool is_plain(const spae_verdict_output *o)
{
    return o->state == SPAE_VERDICT_JUDGED && o->judgement.level == SPAE_LEVEL_A &&
           o->remark[0] == '\0';
}

/* Outputs at A without remarks, in one line. */
static void put_plain(const spae_verdict_output *o, size_t outputs, spae_page *page)
{
    const char *between = "/";
    for (size_t i = 0; i < outputs; i++) {
        if (!is_plain(&o[i]))
            continue;
        if (between[0] == '/')
            spae_page_format(page, "    A  %s", o->item->name + strcspn(o->item->name, "/") + 1);
        spae_page_format(page, "%s%s", between, o[i].output->name);
        between = " ";
    }
    if (between[0] == ' ')
        spae_page_text(page, "\n");
}

static size_t count_missing(const spae_verdict_output *o, size_t outputs)
{
    size_t n = 0;
    for (size_t i = 0; i < outputs; i++)
        n += o[i].state == SPAE_VERDICT_MISSING;
    return n;
}

/* Missing outputs, in one line. */
static void put_missing(const spae_verdict *v, const spae_verdict_output *o, size_t outputs,
                        spae_page *page)
{
    spae_page_format(page, "  %s -  %s: missing:", v->complete ? "x" : " ",
                     o->item->name + strcspn(o->item->name, "/") + 1);
    for (size_t i = 0; i < outputs; i++)
        if (o[i].state == SPAE_VERDICT_MISSING)
            spae_page_format(page, " %s", o[i].output->name);
    spae_page_text(page, "\n");
}

/* A case of which nothing is given is passed over, unless all are asked for. */
static void put_case(const spae_verdict *v, const spae_verdict_output *o, size_t outputs,
                     spae_page *page)
{
    const size_t missing = count_missing(o, outputs);
    if (missing == outputs && !v->complete)
        return;
    put_plain(o, outputs, page);
    for (size_t i = 0; i < outputs; i++)
        if (!is_plain(&o[i]) && o[i].state != SPAE_VERDICT_MISSING)
            put_output(&o[i], page);
    if (missing > 0)
        put_missing(v, o, outputs, page);
}

static void put_counts(const spae_verdict_count *n, spae_page *page)
{
    static const char *const word[] = {"at A", "at B", "at C"};
    spae_page_format(page, "%zu of %zu outputs judged", n->judged, n->outputs);
    for (size_t i = 0; i < 3; i++)
        if (n->level[i] > 0)
            spae_page_format(page, ", %zu %s", n->level[i], word[i]);
    if (n->failed > 0)
        spae_page_format(page, ", %zu FAIL", n->failed);
    if (n->near_ties > 0)
        spae_page_format(page, ", %zu near-tie%s", n->near_ties, n->near_ties > 1 ? "s" : "");
    if (n->follow > 0)
        spae_page_format(page, ", %zu not judged behind them", n->follow);
}

/* All outputs of a case are plain, or it is passed over. */
static bool is_quiet(const spae_verdict *v, const spae_verdict_output *o, size_t outputs)
{
    if (!v->complete && count_missing(o, outputs) == outputs)
        return true;
    for (size_t i = 0; i < outputs; i++)
        if (!is_plain(&o[i]))
            return false;
    return true;
}

/* Where every case is quiet the line of the stage says it. */
static void put_stage(const spae_verdict *v, size_t s, const spae_verdict_output *o,
                      spae_page *page)
{
    const spae_manifest_stage *stage = &v->manifest->stage[s];
    const spae_manifest_case *item = v->manifest->item + stage->first;
    bool quiet = true;
    size_t at = 0;
    spae_page_format(page, "%-12s ", stage->name);
    put_counts(&v->stage[s], page);
    spae_page_text(page, "\n");
    for (size_t i = 0; i < stage->count; at += item[i++].outputs)
        quiet = quiet && is_quiet(v, o + at, item[i].outputs);
    if (quiet)
        return;
    spae_page_format(page, "       %-*s %10s  %-22s  %-16s  %-24s  %s\n", (int)NAME_MOST, "output",
                     "ulp", "error of allowed", "first differing", "expected", "got");
    for (size_t i = 0; i < stage->count; o += item[i++].outputs)
        put_case(v, o, item[i].outputs, page);
}

/* ---- what is no output ---------------------------------------------------------------------- */

/* Text from outside with '?' for what is not printable ASCII. */
static void put_safe(const char *text, spae_page *page)
{
    for (size_t i = 0; text[i] != '\0' && i < SPAE_VERDICT_ROOM; i++)
        spae_page_format(page, "%c", text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
}

static void put_strays(const spae_port *port, spae_page *page)
{
    for (size_t i = 0; i < port->broken && i < SHOWN_MOST; i++) {
        spae_page_text(page, "unreadable   ");
        put_safe(port->unreadable[i], page);
        spae_page_text(page, "\n");
    }
    for (size_t i = 0; i < port->extras && i < SHOWN_MOST; i++) {
        spae_page_text(page, "extra        ");
        put_safe(port->extra[i].name, page);
        spae_page_text(page, ": no output of that name");
        if (port->extra[i].near != NULL)
            spae_page_format(page, "; is it %s?", port->extra[i].near);
        spae_page_text(page, "\n");
    }
    const size_t strays = port->broken > port->extras ? port->broken : port->extras;
    if (strays > SHOWN_MOST)
        spae_page_format(page, "             %zu unreadable and %zu extra in all\n", port->broken,
                         port->extras);
}

/* ---- the whole ------------------------------------------------------------------------------ */

void spae_verdict_first_short(const spae_verdict *v, spae_page *page)
{
    const spae_verdict_output *o = v->output;
    if (v->all.judged == 0) {
        spae_page_format(page, "Nothing was judged: no output of the vectors was found.");
        return;
    }
    if (v->first_short == v->manifest->stages) {
        spae_page_text(page, v->passes ? "No stage falls short." : "An archive cannot be read.");
        return;
    }
    while (o->item->stage != v->first_short || o->passes || o->state == SPAE_VERDICT_FOLLOWS ||
           (o->state == SPAE_VERDICT_MISSING && !v->complete))
        o++;
    spae_page_format(page, "The first stage that falls short is %s, at %s (SPEC %s).",
                     v->manifest->stage[v->first_short].name, o->output->full_name,
                     o->item->clause);
}

void spae_verdict_summary(const spae_verdict *v, spae_page *page)
{
    const spae_verdict_count *n = &v->all;
    spae_page_format(page,
                     "%zu outputs judged of %zu: %zu at A, %zu at B, %zu at C, %zu fail; "
                     "near-ties %zu; %zu cases of %zu",
                     n->judged, n->outputs, n->level[SPAE_LEVEL_A], n->level[SPAE_LEVEL_B],
                     n->level[SPAE_LEVEL_C], n->failed, n->near_ties, n->cases_judged, n->cases);
}

void spae_verdict_text(const spae_verdict *v, spae_page *page)
{
    const spae_verdict_output *o = v->output;
    for (size_t s = 0; s < v->manifest->stages; s++) {
        if (v->stage[s].given > 0 || v->complete)
            put_stage(v, s, o, page);
        o += v->stage[s].outputs;
    }
    put_strays(v->port, page);
    spae_page_text(page, "\n");
    spae_verdict_first_short(v, page);
    spae_page_text(page, "\n");
    spae_verdict_summary(v, page);
    spae_page_text(page, "\n");
}

/* vectors/SPEC.md as its tests see it: clauses, their marks, and the lists of clauses in which code, tables and
 * manifest cite them. Findings are gathered as lines of text, so that one run tells all of them. */
#ifndef SPAE_TEST_SPECIFICATION_H
#define SPAE_TEST_SPECIFICATION_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { CLAUSES_MOST = 256, LIST_MOST = 64, FINDINGS_ROOM = 1 << 16 };

/* What a test found wrong, a line each; empty when nothing is. */
typedef struct {
    size_t length, lines;
    char text[FINDINGS_ROOM];
} findings;

static inline void find(findings *f, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const size_t room = sizeof f->text - f->length;
    const int n = vsnprintf(f->text + f->length, room, format, values);
    va_end(values);
    if (n > 0 && (size_t)n + 1 < room) {
        f->length += (size_t)n;
        f->text[f->length++] = '\n';
        f->text[f->length] = '\0';
    }
    f->lines++;
}

/* ---- lists of clauses ----------------------------------------------------------------------------------- */

/* "5.3" is clause 3 of section 5; "5", the whole section, is clause 0. */
typedef struct {
    unsigned section, clause;
} number;

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Reads a number; returns where it ends, or NULL when none stands here. */
static inline const char *read_number(const char *at, number *n)
{
    *n = (number){0, 0};
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at) && n->section < 100; at++)
        n->section = 10 * n->section + (unsigned)(*at - '0');
    if (*at != '.' || !is_digit(at[1]))
        return at;
    for (at++; is_digit(*at) && n->clause < 1000; at++)
        n->clause = 10 * n->clause + (unsigned)(*at - '0');
    return at;
}

/* Over blanks, and over the margin of a comment that goes on in the next line. */
static inline const char *skip_margin(const char *at)
{
    return at + strspn(at, " \t\n*");
}

/* What binds the next number to the list; NULL when the list ends here. */
static inline const char *read_link(const char *at, bool *range)
{
    static const char *const links[] = {",", "and", "to", "-"};
    const char *next = *at == ',' ? at : skip_margin(at);
    for (size_t i = 0; i < 4; i++) {
        const size_t n = strlen(links[i]);
        if (strncmp(next, links[i], n) != 0 || (is_word(next[0]) && is_word(next[n])))
            continue;
        *range = i >= 2;
        return skip_margin(next + n);
    }
    return NULL;
}

/* "3.1, 5.6 to 5.8 and 6.1" -> 3.1 5.6 5.7 5.8 6.1; returns how many, 0 when no number stands here. */
static inline size_t read_list(const char *at, number list[LIST_MOST])
{
    size_t count = 0;
    bool range = false;
    number n;
    for (at = skip_margin(at); at != NULL && (at = read_number(at, &n)) != NULL; at = read_link(at, &range)) {
        if (count > 0 && n.clause == 0)
            break; /* "SPEC 4.1, 2 layers" */
        if (range && n.section == list[count - 1].section)
            while (list[count - 1].clause + 1 < n.clause && count + 1 < LIST_MOST) {
                list[count] = list[count - 1];
                list[count++].clause++;
            }
        if (count == LIST_MOST)
            break;
        list[count++] = n;
    }
    return count;
}

/* ---- the specification ---------------------------------------------------------------------------------- */

typedef struct {
    number number;
    size_t line;       /* where it begins, from 1 */
    bool ours;         /* it has a mark [ours], or [..; ours: ..] */
    bool cited;        /* by code */
    bool listed;       /* in Appendix A */
    bool has_vector;   /* in the manifest */
} clause;

typedef struct {
    clause clause[CLAUSES_MOST];
    size_t count;
    bool section[100]; /* which sections there are */
} specification;

static inline clause *find_clause(specification *s, number n)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->clause[i].number.section == n.section && s->clause[i].number.clause == n.clause)
            return &s->clause[i];
    return NULL;
}

static inline bool exists(specification *s, number n)
{
    return n.clause == 0 ? n.section < 100 && s->section[n.section] : find_clause(s, n) != NULL;
}

/* The end of the line: its newline, or the end of the text. */
static inline const char *line_end(const char *line)
{
    return line + strcspn(line, "\n");
}

static inline const char *next_line(const char *line)
{
    const char *end = line_end(line);
    return *end == '\n' ? end + 1 : end;
}

/* Is there a [..] from `at` on, before `end`, in which the word "ours" stands? It may go on in the next line. */
static inline bool has_mark(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at != '[')
            continue;
        const char *close = at + 1 + strcspn(at + 1, "[]");
        for (const char *w = strstr(at, "ours"); w != NULL && w < close; w = strstr(w + 1, "ours"))
            if (!is_word(w[-1]) && !is_word(w[4]))
                return true;
    }
    return false;
}

/* "**8.1 Refusals.**" at a line's start. */
static inline bool begins_clause(const char *line, number *n)
{
    return strncmp(line, "**", 2) == 0 && read_number(line + 2, n) != NULL && n->clause > 0;
}

static inline void add_clause(specification *s, number n, size_t line, unsigned section, findings *f)
{
    const clause *last = s->count > 0 ? &s->clause[s->count - 1] : NULL;
    if (find_clause(s, n) != NULL)
        find(f, "line %zu: clause %u.%u is there twice", line, n.section, n.clause);
    else if (n.section != section)
        find(f, "line %zu: clause %u.%u stands in section %u", line, n.section, n.clause, section);
    else if (last != NULL && last->number.section == n.section && last->number.clause >= n.clause)
        find(f, "line %zu: clause %u.%u comes after %u.%u", line, n.section, n.clause, n.section,
             last->number.clause);
    if (s->count == CLAUSES_MOST)
        find(f, "line %zu: more than %d clauses", line, CLAUSES_MOST);
    else
        s->clause[s->count++] = (clause){.number = n, .line = line};
}

/* Reads sections and clauses up to the appendices; finds numbers that do not rise, and marks outside of clauses. */
static inline void read_specification(specification *s, const char *text, findings *f)
{
    size_t line = 1, before = 0; /* before: clauses when the section began */
    number n, section = {0, 0};
    memset(s, 0, sizeof *s);
    for (const char *at = text; *at != '\0'; line++) {
        const char *end = next_line(at);
        if (strncmp(at, "## Appendix", 11) == 0)
            return;
        if (strncmp(at, "## ", 3) == 0 && read_number(at + 3, &section) != NULL && section.section < 100) {
            s->section[section.section] = true;
            before = s->count;
        }
        if (begins_clause(at, &n))
            add_clause(s, n, line, section.section, f);
        if (has_mark(at, line_end(at))) { /* a mark belongs to the clause in whose lines it opens */
            if (s->count > before)
                s->clause[s->count - 1].ours = true;
            else if (section.section > 0)
                find(f, "line %zu: a mark [ours] outside of any clause", line);
        }
        at = end;
    }
}

/* ---- citations ------------------------------------------------------------------------------------------ */

/* Takes every "SPEC N.M .." of a file. Those of other sections than `only` (0: all) do not count as citing, but they
 * must exist. */
static inline void take_citations(specification *s, const char *name, const char *text, unsigned only, findings *f)
{
    static const char word[] = "SPEC";
    size_t line = 1;
    const char *counted = text;
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        number list[LIST_MOST];
        const char *after = at + sizeof word - 1;
        if ((at > text && is_word(at[-1])) || (*after != ' ' && *after != '\n'))
            continue;
        for (; counted < at; counted++)
            line += *counted == '\n';
        const size_t count = read_list(after, list);
        for (size_t i = 0; i < count; i++) {
            clause *c = list[i].clause > 0 ? find_clause(s, list[i]) : NULL;
            if (c != NULL && (only == 0 || only == c->number.section))
                c->cited = true;
            if (exists(s, list[i]))
                continue;
            if (list[i].clause > 0)
                find(f, "%s:%zu: cites SPEC %u.%u, which does not exist", name, line, list[i].section, list[i].clause);
            else
                find(f, "%s:%zu: cites SPEC %u, which does not exist", name, line, list[i].section);
        }
    }
}

static inline void find_uncited(const specification *s, findings *f)
{
    for (size_t i = 0; i < s->count; i++)
        if (!s->clause[i].cited)
            find(f,
                 "vectors/SPEC.md:%zu: no code cites clause %u.%u: write \"SPEC %u.%u\" into the comment of the "
                 "function or file of spae.h, spae.c, nn/, io/ or vendor_free/ (of section 9 also test/vectors/) that does "
                 "what it says",
                 s->clause[i].line, s->clause[i].number.section, s->clause[i].number.clause,
                 s->clause[i].number.section, s->clause[i].number.clause);
}

#endif

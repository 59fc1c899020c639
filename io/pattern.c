/* The compiler of pattern.h: one pass, by recursive descent over groups.
 *
 * Method    A piece of pattern becomes a piece of program whose jumps are relative, so that it can be moved (a split put
 *           before it) and copied ({m,n}). Sets are shared by their copies.
 * Limits    SPAE_PATTERN_MOST steps, GROUPS groups in each other, COUNT_MOST repetitions
 */
#include "io/pattern.h"

#include <string.h>

#include "io/pattern_program.h"
#include "vendor_free/unicode.h"
#include "vendor_free/utf8.h"

enum { GROUPS = 32, COUNT_MOST = 1000, SETS_MOST = 256, RANGES_MOST = 1024 };

static const uint32_t LONG_S = 0x17f, KELVIN = 0x212a, CASED = 7; /* bits of Lu, Ll, Lt */

typedef struct {
    const char *text;
    size_t length, at;
    pattern_step *step; /* (SPAE_PATTERN_MOST) */
    size_t steps;
    pattern_set *set; /* (SETS_MOST) */
    uint32_t sets;
    pattern_range *range; /* (RANGES_MOST) */
    uint32_t ranges;
    bool both_cases; /* within (?i:..) */
    unsigned depth;
    spae_error *err;
} compiler;

static spae_status refuse(const compiler *c, size_t at, const char *why)
{
    return spae_fail(c->err, SPAE_ERR_FORMAT, "pattern: byte %zu: %s", at, why);
}

static bool next_is(const compiler *c, const char *text)
{
    const size_t n = strlen(text);
    return c->length - c->at >= n && memcmp(c->text + c->at, text, n) == 0;
}

static bool accept(compiler *c, const char *text)
{
    const bool is = next_is(c, text);
    c->at += is ? strlen(text) : 0;
    return is;
}

static spae_status emit(compiler *c, pattern_step step)
{
    if (c->steps == SPAE_PATTERN_MOST)
        return refuse(c, c->at, "the pattern has too many steps");
    c->step[c->steps++] = step;
    return SPAE_OK;
}

/* Puts a split before the steps from `at` on. */
static spae_status split_before(compiler *c, size_t at, int32_t first, int32_t second)
{
    const spae_status status = emit(c, (pattern_step){.op = PATTERN_SPLIT});
    if (status != SPAE_OK)
        return status;
    memmove(&c->step[at + 1], &c->step[at], (c->steps - 1 - at) * sizeof *c->step);
    c->step[at] = (pattern_step){.op = PATTERN_SPLIT, .first = first, .second = second};
    return SPAE_OK;
}

/* ---- sets ------------------------------------------------------------------------------------------------ */

static spae_status add_range(compiler *c, pattern_set *set, uint32_t first, uint32_t last)
{
    if (c->ranges == RANGES_MOST)
        return refuse(c, c->at, "the pattern has too many characters");
    c->range[c->ranges++] = (pattern_range){first, last};
    set->ranges++;
    return SPAE_OK;
}

static bool letter_in(uint32_t letter, uint32_t first, uint32_t last)
{
    return first <= letter && letter <= last;
}

/* A range and, within (?i:..), the other cases of its ASCII letters. Other letters that have a case are not known there. */
static spae_status add_characters(compiler *c, pattern_set *set, uint32_t first, uint32_t last)
{
    spae_status status = add_range(c, set, first, last);
    for (uint32_t letter = 'A'; letter <= 'Z' && c->both_cases && status == SPAE_OK; letter++) {
        const uint32_t small = letter + 32;
        if (!letter_in(letter, first, last) && !letter_in(small, first, last))
            continue;
        status = add_range(c, set, letter, letter);
        if (status == SPAE_OK)
            status = add_range(c, set, small, small);
        if (status == SPAE_OK && (letter == 'S' || letter == 'K'))
            status = add_range(c, set, letter == 'S' ? LONG_S : KELVIN, letter == 'S' ? LONG_S : KELVIN);
    }
    if (c->both_cases && status == SPAE_OK && last > 0x7f &&
        (first != last || ((uint32_t)1 << spae_unicode_category_of(first) & CASED) != 0))
        status = refuse(c, c->at, "(?i: is known for ASCII letters only");
    return status;
}

static int hex_of(char h)
{
    return h >= '0' && h <= '9' ? h - '0' : h >= 'a' && h <= 'f' ? h - 'a' + 10 : h >= 'A' && h <= 'F' ? h - 'A' + 10 : -1;
}

/* Behind \x or \u: `digits` hexadecimal digits, or any up to 6 in braces. */
static spae_status read_hex(compiler *c, unsigned digits, uint32_t *code_point)
{
    const bool braces = accept(c, "{");
    const unsigned most = braces ? 6 : digits;
    unsigned count = 0;
    uint8_t ignored[4];
    *code_point = 0;
    while (count < most && c->at < c->length && hex_of(c->text[c->at]) >= 0) {
        *code_point = *code_point << 4 | (uint32_t)hex_of(c->text[c->at++]);
        count++;
    }
    if (braces ? count == 0 || !accept(c, "}") : count < digits)
        return refuse(c, c->at, "expected a code point in hexadecimal digits");
    return spae_utf8_encode(*code_point, ignored) > 0 ? SPAE_OK : refuse(c, c->at, "there is no such code point");
}

/* Behind \p or \P: N, {N} or {Nd}. */
static spae_status add_category(compiler *c, pattern_set *set, bool negated)
{
    const size_t start = c->at;
    size_t length = 1;
    if (accept(c, "{")) {
        length = 0;
        while (c->at + length < c->length && c->text[c->at + length] != '}' && length < 3)
            length++;
    }
    uint32_t bits = c->at + length <= c->length ? spae_unicode_categories(c->text + c->at, (uint32_t)length) : 0;
    c->at += length;
    if (bits == 0 || (c->text[start] == '{' && !accept(c, "}")))
        return refuse(c, start, "expected a general category, as {L} or {Lu}");
    if (c->both_cases && (bits & CASED) != 0 && (bits & CASED) != CASED)
        return refuse(c, start, "a category of one case within (?i:");
    set->categories |= negated ? ~bits : bits;
    return SPAE_OK;
}

/* A class as \s, or *one a single character; the backslash is behind us. */
static spae_status read_escape(compiler *c, pattern_set *set, bool *is_class, uint32_t *one)
{
    static const char plain[] = "rntfv0", value[] = "\r\n\t\f\v";
    const size_t start = c->at - 1;
    const char e = c->at < c->length ? c->text[c->at++] : '\0';
    const char *found = e != '\0' ? strchr(plain, e) : NULL;
    const uint32_t digits = (uint32_t)1 << SPAE_UNICODE_ND;
    *is_class = e != '\0' && strchr("sSdDpP", e) != NULL;
    if (e == 'p' || e == 'P')
        return add_category(c, set, e == 'P');
    if (e == 's' || e == 'S')
        *(e == 's' ? &set->space : &set->not_space) = true;
    else if (e == 'd' || e == 'D')
        set->categories |= e == 'd' ? digits : ~digits;
    else if (found != NULL)
        *one = (uint32_t)(unsigned char)value[found - plain];
    else if (e == 'x' || e == 'u')
        return read_hex(c, e == 'x' ? 2 : 4, one);
    else if (e > ' ' && e < 0x7f && hex_of(e) < 0 && ((e | 32) < 'a' || (e | 32) > 'z'))
        *one = (uint32_t)e;
    else
        return refuse(c, start, "an escape that is not known");
    return SPAE_OK;
}

/* One character as it stands. */
static spae_status read_plain(compiler *c, uint32_t *one)
{
    const size_t used = spae_utf8_decode((const uint8_t *)c->text + c->at, c->length - c->at, one);
    if (used == 0)
        return refuse(c, c->at, "expected a character in UTF-8");
    c->at += used;
    return SPAE_OK;
}

/* One end of a range, or a class within a class. */
static spae_status read_member(compiler *c, pattern_set *set, bool *is_class, uint32_t *one)
{
    *is_class = false;
    if (accept(c, "\\"))
        return read_escape(c, set, is_class, one);
    if (next_is(c, "[") || next_is(c, "&&") || next_is(c, "--") || next_is(c, "~~"))
        return refuse(c, c->at, "operations of classes are not known");
    return read_plain(c, one);
}

/* [..]: the bracket is behind us. */
static spae_status read_class(compiler *c, pattern_set *set)
{
    const size_t start = c->at - 1;
    bool negated = accept(c, "^"), is_class = false, other = false;
    uint32_t first = 0, last = 0;
    if (next_is(c, "]"))
        return refuse(c, c->at, "a class begins with ]");
    while (!accept(c, "]")) {
        if (c->at == c->length)
            return refuse(c, start, "a class without its ]");
        const size_t here = c->at;
        spae_status status = read_member(c, set, &is_class, &first);
        last = first;
        if (status == SPAE_OK && next_is(c, "-") && !next_is(c, "-]")) {
            c->at++;
            status = read_member(c, set, &other, &last);
            if (status == SPAE_OK && (is_class || other || last < first))
                return refuse(c, here, "a range without an end or a beginning");
        }
        if (status == SPAE_OK && !is_class)
            status = add_characters(c, set, first, last);
        if (status != SPAE_OK)
            return status;
    }
    set->negated = negated;
    return SPAE_OK;
}

/* The bits of ASCII, all parts taken together. */
static void finish_set(const compiler *c, pattern_set *set)
{
    for (uint32_t i = 0; i < 128; i++)
        if (pattern_set_has(set, c->range, i))
            set->ascii[i / 32] |= (uint32_t)1 << i % 32;
}

/* One character, class, escape or dot becomes a set, *number. */
static spae_status read_set(compiler *c, uint32_t *number)
{
    if (c->sets == SETS_MOST)
        return refuse(c, c->at, "the pattern has too many characters and classes");
    pattern_set *set = &c->set[c->sets];
    *set = (pattern_set){.range = c->ranges};
    bool is_class = false;
    uint32_t one = '\n';
    spae_status status = SPAE_OK;
    if (accept(c, "["))
        status = read_class(c, set), is_class = true;
    else if (accept(c, "."))
        set->negated = true;
    else if (accept(c, "\\"))
        status = read_escape(c, set, &is_class, &one);
    else
        status = read_plain(c, &one);
    if (status == SPAE_OK && !is_class)
        status = add_characters(c, set, one, one);
    if (status != SPAE_OK)
        return status;
    finish_set(c, set);
    *number = c->sets++;
    return SPAE_OK;
}

/* ---- groups and repetitions ------------------------------------------------------------------------------ */

static spae_status read_alternatives(compiler *c);

/* (?=c) or (?!c): what opens it is behind us. */
static spae_status read_ahead(compiler *c, pattern_op op)
{
    uint32_t set = 0;
    const size_t start = c->at;
    if (c->at == c->length || strchr("()|*+?{}^$", c->text[c->at]) != NULL)
        return refuse(c, start, "only one character or class is known here");
    const spae_status status = read_set(c, &set);
    if (status != SPAE_OK)
        return status;
    if (!accept(c, ")"))
        return refuse(c, c->at, "expected ) behind one character or class");
    return emit(c, (pattern_step){.op = op, .set = set});
}

/* What stands in round brackets; the first of them is behind us. */
static spae_status read_group(compiler *c)
{
    const bool before = c->both_cases;
    const size_t start = c->at - 1;
    if (accept(c, "?=") || accept(c, "?!"))
        return read_ahead(c, c->text[c->at - 1] == '=' ? PATTERN_AHEAD : PATTERN_NOT_AHEAD);
    if (accept(c, "?i:"))
        c->both_cases = true;
    else if (next_is(c, "?") && !accept(c, "?:"))
        return refuse(c, start, "a group of this kind is not known");
    if (c->depth == GROUPS)
        return refuse(c, start, "too many groups in each other");
    c->depth++;
    const spae_status status = read_alternatives(c);
    c->depth--;
    c->both_cases = before;
    if (status != SPAE_OK)
        return status;
    return accept(c, ")") ? SPAE_OK : refuse(c, start, "a group without its )");
}

static spae_status read_count(compiler *c, uint32_t *count)
{
    const size_t start = c->at;
    *count = 0;
    for (; c->at < c->length && c->text[c->at] >= '0' && c->text[c->at] <= '9'; c->at++) {
        *count = *count * 10 + (uint32_t)(c->text[c->at] - '0');
        if (*count > COUNT_MOST)
            return refuse(c, start, "too many repetitions");
    }
    return c->at > start ? SPAE_OK : refuse(c, start, "expected a number of repetitions");
}

/* Behind {: m}, m,} or m,n}. */
static spae_status read_braces(compiler *c, uint32_t *least, uint32_t *most)
{
    const size_t start = c->at - 1;
    spae_status status = read_count(c, least);
    *most = *least;
    if (status == SPAE_OK && accept(c, ",")) {
        *most = UINT32_MAX;
        if (!next_is(c, "}"))
            status = read_count(c, most);
    }
    if (status != SPAE_OK)
        return status;
    if (!accept(c, "}") || *most < *least)
        return refuse(c, start, "repetitions are {m}, {m,} or {m,n}");
    return SPAE_OK;
}

static spae_status append(compiler *c, const pattern_step *piece, size_t count)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < count && status == SPAE_OK; i++)
        status = emit(c, piece[i]);
    return status;
}

/* A split that goes on at `yes` when another repetition is tried first (greedy), at `no` when it is not. */
static pattern_step choice(int32_t yes, int32_t no, bool lazy)
{
    return (pattern_step){.op = PATTERN_SPLIT, .first = lazy ? no : yes, .second = lazy ? yes : no};
}

/* The piece as many times as it must be there; then, without bound, a loop around it, or the optional ones. `piece` is a
 * copy of what stood there, and the program ends where it began. */
static spae_status repeat(compiler *c, const pattern_step *piece, size_t count, uint32_t least, uint32_t most, bool lazy)
{
    const int32_t size = (int32_t)count;
    spae_status status = SPAE_OK;
    for (uint32_t i = 0; i < least && status == SPAE_OK; i++)
        status = append(c, piece, count);
    if (most == UINT32_MAX && status == SPAE_OK) { /* split, piece, back */
        status = emit(c, choice(1, size + 2, lazy));
        if (status == SPAE_OK)
            status = append(c, piece, count);
        return status == SPAE_OK ? emit(c, (pattern_step){.op = PATTERN_JUMP, .first = -(size + 1)}) : status;
    }
    for (uint32_t left = most - least; left > 0 && status == SPAE_OK; left--) {
        status = emit(c, choice(1, (int32_t)left * (size + 1), lazy)); /* no: over all that are left */
        if (status == SPAE_OK)
            status = append(c, piece, count);
    }
    return status;
}

/* A repetition of the steps from `start` on, if one stands here. */
static spae_status read_repetition(compiler *c, size_t start)
{
    pattern_step piece[SPAE_PATTERN_MOST];
    const size_t count = c->steps - start, here = c->at;
    uint32_t least = 0, most = UINT32_MAX;
    if (accept(c, "{")) {
        const spae_status status = read_braces(c, &least, &most);
        if (status != SPAE_OK)
            return status;
    } else if (accept(c, "*") || accept(c, "+") || accept(c, "?")) {
        least = c->text[here] == '+';
        most = c->text[here] == '?' ? 1 : UINT32_MAX;
    } else {
        return SPAE_OK;
    }
    const bool lazy = accept(c, "?"), possessive = !lazy && accept(c, "+");
    if (next_is(c, "*") || next_is(c, "+") || next_is(c, "?") || next_is(c, "{"))
        return refuse(c, c->at, "a repetition of a repetition");
    memcpy(piece, c->step + start, count * sizeof *piece);
    c->steps = start;
    if (!possessive)
        return repeat(c, piece, count, least, most, lazy);
    if (count != 1 || piece[0].op != PATTERN_SET)
        return refuse(c, here, "a possessive repetition is known of one character or class");
    return emit(c, (pattern_step){.op = PATTERN_SPAN, .set = piece[0].set, .least = least, .most = most});
}

static spae_status read_item(compiler *c)
{
    const size_t start = c->steps;
    spae_status status;
    uint32_t set = 0;
    if (strchr("*+?{}]^", c->text[c->at]) != NULL && c->text[c->at] != '\0')
        return refuse(c, c->at, "this character must have a backslash before it here");
    if (accept(c, "("))
        status = read_group(c);
    else if (accept(c, "$"))
        status = emit(c, (pattern_step){.op = PATTERN_END});
    else if ((status = read_set(c, &set)) == SPAE_OK)
        status = emit(c, (pattern_step){.op = PATTERN_SET, .set = set});
    return status == SPAE_OK ? read_repetition(c, start) : status;
}

/* a|b|c up to a closing bracket or the end: split to a, or to the next; a's end jumps over the others. Until the end is
 * known each such jump holds the place of the one before. */
static spae_status read_alternatives(compiler *c)
{
    int32_t pending = -1;
    for (;;) {
        const size_t start = c->steps;
        spae_status status = SPAE_OK;
        while (status == SPAE_OK && c->at < c->length && !next_is(c, "|") && !next_is(c, ")"))
            status = read_item(c);
        if (status != SPAE_OK)
            return status;
        if (!accept(c, "|"))
            break;
        status = split_before(c, start, 1, (int32_t)(c->steps - start) + 2);
        if (status == SPAE_OK)
            status = emit(c, (pattern_step){.op = PATTERN_JUMP, .first = pending});
        if (status != SPAE_OK)
            return status;
        pending = (int32_t)c->steps - 1;
    }
    while (pending >= 0) {
        const int32_t before = c->step[pending].first;
        c->step[pending].first = (int32_t)c->steps - pending;
        pending = before;
    }
    return SPAE_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------- */

/* Numbers splits and spans, now that nothing is copied any more. */
static void number_steps(compiler *c, spae_pattern *pattern)
{
    uint32_t splits = 0, spans = 0;
    for (size_t i = 0; i < c->steps; i++)
        if (c->step[i].op == PATTERN_SPLIT)
            c->step[i].number = splits++;
        else if (c->step[i].op == PATTERN_SPAN)
            c->step[i].number = spans++;
    pattern->words = (splits + 31) / 32;
    pattern->spans = spans;
}

static spae_status compile(compiler *c)
{
    const spae_status status = read_alternatives(c);
    if (status != SPAE_OK)
        return status;
    if (c->at < c->length)
        return refuse(c, c->at, "a ) without its (");
    return emit(c, (pattern_step){.op = PATTERN_MATCH});
}

/* A piece of `count` items at or below `old`, whose items are still there and move into it. */
static void *move_down(spae_arena *arena, const void *old, size_t count, size_t size)
{
    void *piece = spae_arena_take(arena, count, size);
    if (piece != NULL && count > 0)
        memmove(piece, old, count * size);
    return piece;
}

/* Only what is filled of the compiler's arrays, in their order. */
static spae_status keep(spae_arena *arena, spae_arena_mark mark, const compiler *c, spae_pattern *p, spae_error *err)
{
    spae_arena_reset(arena, mark);
    p->step = move_down(arena, c->step, c->steps, sizeof *c->step);
    p->set = move_down(arena, c->set, c->sets, sizeof *c->set);
    p->range = move_down(arena, c->range, c->ranges, sizeof *c->range);
    return p->step != NULL && p->set != NULL && p->range != NULL
               ? SPAE_OK
               : spae_fail(err, SPAE_ERR_NO_MEMORY, "pattern: no memory for %zu steps", c->steps);
}

spae_status spae_pattern_compile(spae_arena *arena, const char *text, size_t length, const spae_pattern **pattern,
                                 spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_pattern *p = spae_arena_take(arena, 1, sizeof *p);
    const spae_arena_mark inner = spae_arena_here(arena);
    compiler c = {.text = text, .length = length, .err = err};
    c.step = spae_arena_take(arena, SPAE_PATTERN_MOST, sizeof *c.step);
    c.set = spae_arena_take(arena, SETS_MOST, sizeof *c.set);
    c.range = spae_arena_take(arena, RANGES_MOST, sizeof *c.range);
    spae_status status = SPAE_OK;
    if (p == NULL || c.step == NULL || c.set == NULL || c.range == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "pattern: no memory to compile %zu bytes", length);
    if (status == SPAE_OK)
        status = compile(&c);
    if (status != SPAE_OK) {
        spae_arena_reset(arena, mark);
        return status;
    }
    number_steps(&c, p);
    *pattern = p;
    return keep(arena, inner, &c, p, err); /* takes less than there was */
}

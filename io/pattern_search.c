/* The matcher of pattern.h: backtracking with notes.
 *
 * Method    A stack of choices not yet tried, and for each byte of the text a bit for each choice of the pattern: set when
 *           the choice is met there. Met again, it fails at once: the first time it failed, or is what led to a match.
 *           The latter can only be met again by a later match that begins where this one ended, so the bits of that
 *           byte are cleared at a match; of the bytes behind it all that was met has failed.
 * Time      Each choice is met once a byte, and once more where a match ends; possessive runs without bound are walked once.
 */
#include <string.h>

#include "io/pattern_program.h"
#include "vendor_free/unicode.h"
#include "vendor_free/utf8.h"

bool pattern_set_has(const pattern_set *set, const pattern_range *range, uint32_t c)
{
    bool has = (set->categories >> spae_unicode_category_of(c) & 1) != 0;
    if (!has && (set->space || set->not_space))
        has = spae_unicode_is_space(c) ? set->space : set->not_space;
    for (uint32_t i = 0; i < set->ranges && !has; i++)
        has = range[set->range + i].first <= c && c <= range[set->range + i].last;
    return has != set->negated;
}

/* The bytes of the character at `at` when it is one of the set; 0 when it is not, or the text ends there. */
static size_t character_of(const spae_pattern_search *s, uint32_t set_number, size_t at)
{
    const pattern_set *set = &s->pattern->set[set_number];
    if (at == s->length)
        return 0;
    const unsigned char first = (unsigned char)s->text[at];
    if (first < 0x80)
        return set->ascii[first / 32] >> first % 32 & 1;
    uint32_t c = 0;
    const size_t used = spae_utf8_decode((const uint8_t *)s->text + at, s->length - at, &c);
    return pattern_set_has(set, s->pattern->range, c) ? used : 0;
}

/* As many characters of the step's set as there are, at most `most`: *at moves behind them. False for too few. An unbounded
 * run is looked at once: whoever enters it again, at a later character, is taken to its end. */
static bool take_span(const spae_pattern_search *s, const pattern_step *step, size_t *at)
{
    const bool unbounded = step->most == UINT32_MAX;
    const uint32_t most = unbounded ? step->least : step->most;
    uint32_t count = 0;
    for (size_t used; count < most && (used = character_of(s, step->set, *at)) > 0; count++)
        *at += used;
    if (count < step->least || !unbounded)
        return count >= step->least;
    spae_pattern_run *run = &s->run[step->number];
    if (*at < run->begin || *at > run->end) {
        *run = (spae_pattern_run){*at, *at};
        for (size_t used; (used = character_of(s, step->set, run->end)) > 0;)
            run->end += used;
    }
    *at = run->end;
    return true;
}

/* Has this choice been met here? Now it has. */
static bool met(spae_pattern_search *s, uint32_t choice, size_t at)
{
    uint32_t *word = &s->tried[at * s->pattern->words + choice / 32];
    const uint32_t bit = (uint32_t)1 << choice % 32;
    const bool before = (*word & bit) != 0;
    *word |= bit;
    return before;
}

static spae_status push(spae_pattern_search *s, size_t *depth, size_t pc, size_t at, spae_error *err)
{
    if (*depth == s->room) {
        spae_pattern_choice *larger = spae_arena_take(s->arena, s->room, 2 * sizeof *larger);
        if (larger == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "pattern: no memory for %zu choices", s->room);
        memcpy(larger, s->stack, s->room * sizeof *larger);
        s->stack = larger;
        s->room *= 2;
    }
    s->stack[(*depth)++] = (spae_pattern_choice){pc, at};
    return SPAE_OK;
}

/* One step that is no split and no match: true when it holds, *pc and *at then behind it. */
static bool advance(const spae_pattern_search *s, size_t *pc, size_t *at)
{
    const pattern_step *step = &s->pattern->step[*pc];
    size_t used = 0;
    bool holds = true;
    if (step->op == PATTERN_JUMP) {
        *pc = (size_t)((int64_t)*pc + step->first);
        return true;
    }
    if (step->op == PATTERN_SPAN)
        holds = take_span(s, step, at);
    else if (step->op == PATTERN_END)
        holds = *at == s->length;
    else
        used = character_of(s, step->set, *at);
    if (step->op == PATTERN_SET || step->op == PATTERN_AHEAD)
        holds = used > 0;
    else if (step->op == PATTERN_NOT_AHEAD)
        holds = used == 0;
    *at += step->op == PATTERN_SET ? used : 0;
    *pc += 1;
    return holds;
}

/* The first way to match that begins at *at: *found, and *at its end. */
static spae_status match(spae_pattern_search *s, size_t *at, bool *found, spae_error *err)
{
    size_t pc = 0, depth = 0;
    for (;;) {
        const pattern_step *step = &s->pattern->step[pc];
        bool holds;
        *found = step->op == PATTERN_MATCH;
        if (*found)
            return SPAE_OK;
        if (step->op == PATTERN_SPLIT) {
            holds = !met(s, step->number, *at);
            if (holds && push(s, &depth, (size_t)((int64_t)pc + step->second), *at, err) != SPAE_OK)
                return SPAE_ERR_NO_MEMORY;
            pc = (size_t)((int64_t)pc + step->first);
        } else {
            holds = advance(s, &pc, at);
        }
        if (holds)
            continue;
        if (depth == 0)
            return SPAE_OK;
        pc = s->stack[--depth].pc;
        *at = s->stack[depth].at;
    }
}

spae_status spae_pattern_start(spae_pattern_search *search, const spae_pattern *pattern, const char *text, size_t length,
                               spae_arena *arena, spae_error *err)
{
    enum { FIRST_ROOM = 32 };
    *search = (spae_pattern_search){pattern, text, length, arena, NULL, NULL, NULL, FIRST_ROOM};
    search->tried = length < SIZE_MAX ? spae_arena_take_zeroed(arena, length + 1, pattern->words * sizeof *search->tried) : NULL;
    search->run = spae_arena_take(arena, pattern->spans, sizeof *search->run);
    search->stack = spae_arena_take(arena, FIRST_ROOM, sizeof *search->stack);
    if (search->tried == NULL || search->run == NULL || search->stack == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "pattern: no memory to search %zu bytes", length);
    for (size_t i = 0; i < pattern->spans; i++)
        search->run[i] = (spae_pattern_run){length + 1, 0}; /* none yet */
    return SPAE_OK;
}

spae_status spae_pattern_next(spae_pattern_search *s, size_t from, size_t *begin, size_t *end, spae_error *err)
{
    for (size_t at = from; at <= s->length;) {
        bool found = false;
        uint32_t ignored = 0;
        size_t stop = at;
        const spae_status status = match(s, &stop, &found, err);
        if (status != SPAE_OK)
            return status;
        if (found) {
            if (s->pattern->words > 0)
                memset(&s->tried[stop * s->pattern->words], 0, s->pattern->words * sizeof *s->tried);
            *begin = at;
            *end = stop;
            return SPAE_OK;
        }
        if (at == s->length)
            break;
        at += spae_utf8_decode((const uint8_t *)s->text + at, s->length - at, &ignored);
    }
    *begin = *end = s->length + 1;
    return SPAE_OK;
}

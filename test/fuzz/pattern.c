/* Fuzz target: a pattern, a line feed, a text to cut by it. Matches lie in the text, between characters, one behind the
 * other; what is refused leaves the arena as it was. */
#include "../../io/pattern.h"
#include "../../vendor_free/utf8.h"
#include "memory.h"

static int between_characters(const uint8_t *text, size_t length, size_t at)
{
    return at == length || (text[at] & 0xc0) != 0x80;
}

static void cut(const spae_pattern *pattern, const uint8_t *text, size_t length, spae_arena *arena)
{
    spae_pattern_search search;
    if (spae_pattern_start(&search, pattern, (const char *)text, length, arena, NULL) != SPAE_OK)
        abort();
    for (size_t from = 0; from <= length;) {
        size_t begin = 0, end = 0;
        if (spae_pattern_next(&search, from, &begin, &end, NULL) != SPAE_OK)
            abort();
        if (begin > length)
            break;
        if (begin < from || end < begin || end > length || !between_characters(text, length, begin) ||
            !between_characters(text, length, end))
            abort();
        from = end;
        if (end == begin)
            do
                from++;
            while (from < length && !between_characters(text, length, from));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    const size_t length = line != NULL ? (size_t)(line - data) : size, rest = line != NULL ? size - length - 1 : 0;
    const spae_pattern *pattern = NULL;
    spae_error err = {SPAE_OK, ""};
    const spae_status status = spae_pattern_compile(&arena, (const char *)data, length, &pattern, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    else if (spae_utf8_valid(data + size - rest, rest))
        cut(pattern, data + size - rest, rest, &arena);
    spae_arena_free(&arena);
    return 0;
}

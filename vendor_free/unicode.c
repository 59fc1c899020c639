/* Look-ups in the tables of unicode_tables.h, by halving. */
#include "unicode.h"

#include <stddef.h>

#include "unicode_tables.h"

/* What holds at c: the low bits of the last word whose code point is not above it. The first word is that of U+0000. */
static uint32_t at(const uint32_t *from, size_t count, unsigned bits, uint32_t c)
{
    size_t low = 0, high = count;
    while (high - low > 1) { /* here: from[low] is not above c, from[high] is, or is the end */
        const size_t middle = low + (high - low) / 2;
        if (from[middle] >> bits <= c)
            low = middle;
        else
            high = middle;
    }
    return from[low] & ((1u << bits) - 1);
}

#define AT(table, bits, c) at(table, sizeof table / sizeof table[0], bits, c)

spae_unicode_category spae_unicode_category_of(uint32_t code_point)
{
    return code_point > 0x10ffff ? SPAE_UNICODE_CN : (spae_unicode_category)AT(category_from, 5, code_point);
}

uint32_t spae_unicode_categories(const char *name, uint32_t length)
{
    static const char names[] = "LuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCsCoCn";
    uint32_t bits = 0;
    if (length != 1 && length != 2)
        return 0;
    for (uint32_t i = 0; 2 * i < sizeof names - 1; i++)
        if (names[2 * i] == name[0] && (length == 1 || names[2 * i + 1] == name[1]))
            bits |= (uint32_t)1 << i;
    return bits;
}

bool spae_unicode_is_space(uint32_t code_point)
{
    return AT(space_from, 1, code_point) != 0;
}

bool spae_unicode_is_stable(uint32_t code_point, spae_unicode_form form)
{
    const bool is_mark = ((uint32_t)1 << spae_unicode_category_of(code_point) & SPAE_UNICODE_MARKS) != 0;
    return !is_mark && (AT(unstable_from, 4, code_point) >> form & 1) == 0;
}

bool spae_unicode_is_cased(uint32_t code_point)
{
    return (AT(cased_from, 2, code_point) & 1) != 0;
}

bool spae_unicode_is_case_ignorable(uint32_t code_point)
{
    return (AT(cased_from, 2, code_point) & 2) != 0;
}

/* Runs do not overlap: of those that begin at or below c only the last can hold it. */
uint32_t spae_unicode_small(uint32_t c)
{
    size_t low = 0, high = sizeof small_of / sizeof small_of[0];
    while (low < high) { /* here: runs before low begin at or below c, those from high on above it */
        const size_t middle = low + (high - low) / 2;
        if (small_of[middle].first <= c)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || c > small_of[low - 1].last || (c - small_of[low - 1].first) % small_of[low - 1].step != 0)
        return c;
    return (uint32_t)((int32_t)c + small_of[low - 1].away);
}

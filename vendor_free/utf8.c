/* UTF-8 by Table 3-7 of the Unicode Standard: the first byte fixes the length and the range of the
 * second; the others are 80 .. BF. All that the table excludes (overlong forms, surrogates, above
 * U+10FFFF) it excludes by the range of the second byte.
 */
#include "utf8.h"

/* A row of the table: first bytes least .. most begin `length` bytes, the second in second_least ..
 * _most. */
typedef struct {
    uint8_t least, most, length, second_least, second_most;
} table_row;

static const table_row table_3_7[] = {
    {0x00, 0x7f, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static const table_row *row_of(uint8_t first)
{
    for (size_t i = 0; i < sizeof table_3_7 / sizeof table_3_7[0]; i++)
        if (first >= table_3_7[i].least && first <= table_3_7[i].most)
            return &table_3_7[i];
    return NULL;
}

size_t spae_utf8_decode(const uint8_t *s, size_t n, uint32_t *code_point)
{
    const table_row *const row = n > 0 ? row_of(s[0]) : NULL;
    if (row == NULL || row->length > n)
        return 0;
    if (row->length == 1) {
        *code_point = s[0];
        return 1;
    }
    if (s[1] < row->second_least || s[1] > row->second_most)
        return 0;
    uint32_t value = (uint32_t)s[0] & (0x7fu >> row->length);
    for (size_t i = 1; i < row->length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3f);
    }
    *code_point = value;
    return row->length;
}

bool spae_utf8_valid(const uint8_t *s, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint32_t ignored;
        const size_t used = spae_utf8_decode(s + at, n - at, &ignored);
        if (used == 0)
            return false;
        at += used;
    }
    return true;
}

size_t spae_utf8_encode(uint32_t code_point, uint8_t out[4])
{
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
        return 0;
    const size_t length = code_point < 0x80      ? 1
                          : code_point < 0x800   ? 2
                          : code_point < 0x10000 ? 3
                                                 : 4;
    static const uint8_t mark[5] = {0, 0, 0xc0, 0xe0, 0xf0}; /* of the first byte */
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    out[0] = (uint8_t)(mark[length] | code_point);
    return length;
}

/* Character references (html.h). No reference becomes more than 6 / 5 of its own bytes (&nLt; and &nGt;, 5 bytes, become 6). */
#include "html.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "html_entities.h"
#include "utf8.h"

enum { NAME_MOST = 32 };

/* What a reference was: its bytes behind the &, 0 when it is none, and what it becomes; 0: nothing. */
typedef struct {
    size_t used;
    uint32_t code_point[2];
} reference;

/* ---- names ------------------------------------------------------------------------------------------------ */

/* The order of a name and the first n bytes of a text, which have no zero where they agree. */
static int order(const char *name, const char *text, size_t n)
{
    const int o = strncmp(name, text, n);
    return o != 0 ? o : name[n] != '\0';
}

/* The place of the name of n bytes in the table; false when there is none. */
static bool find(const char *text, size_t n, size_t *place)
{
    size_t low = 0, high = sizeof entity / sizeof entity[0];
    while (low < high) { /* here: all before low come before the name, none from high on does */
        const size_t middle = low + (high - low) / 2;
        if (order(entity[middle].name, text, n) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *place = low;
    return low < sizeof entity / sizeof entity[0] && order(entity[low].name, text, n) == 0;
}

static reference named(const char *text, size_t length)
{
    size_t run = 0, place = 0;
    while (run < length && run < NAME_MOST && ((text[run] >= 'a' && text[run] <= 'z') || (text[run] >= 'A' && text[run] <= 'Z') ||
                                              (text[run] >= '0' && text[run] <= '9')))
        run++;
    run += run < length && run < NAME_MOST && text[run] == ';';
    for (; run >= 2; run--)
        if (find(text, run, &place))
            return (reference){run, {entity[place].code_point[0], entity[place].code_point[1]}};
    return (reference){0, {0, 0}};
}

/* ---- numbers ---------------------------------------------------------------------------------------------- */

static unsigned digit_of(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0')
           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                  : 16;
}

static uint32_t meant(uint32_t c)
{
    if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        return 0xfffd;
    if (c >= 0x80 && c < 0xa0)
        return of_windows[c - 0x80];
    const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\f' && c != '\r') || c == 0x7f;
    return control || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe ? 0 : c;
}

/* Behind "&#". */
static reference numbered(const char *text, size_t length)
{
    const bool is_hex = length > 1 && (text[1] == 'x' || text[1] == 'X');
    const unsigned base = is_hex ? 16 : 10;
    const size_t first = is_hex ? 2 : 1;
    size_t at = first;
    uint32_t c = 0;
    for (; at < length && digit_of(text[at]) < base; at++)
        c = c > 0x10ffff ? c : c * base + digit_of(text[at]); /* at most 16 * 0x10ffff + 15 */
    if (at == first)
        return (reference){0, {0, 0}};
    return (reference){at + (at < length && text[at] == ';'), {meant(c), 0}};
}

/* ---- the text --------------------------------------------------------------------------------------------- */

static size_t put(uint32_t c, char *out)
{
    uint8_t bytes[4];
    const size_t n = c != 0 ? spae_utf8_encode(c, bytes) : 0;
    memcpy(out, bytes, n);
    return n;
}

size_t spae_html_unescape(const char *text, size_t length, char *out)
{
    size_t size = 0;
    for (size_t at = 0; at < length;) {
        reference r = {0, {0, 0}};
        if (text[at] == '&' && at + 1 < length)
            r = text[at + 1] == '#' ? numbered(text + at + 1, length - at - 1) : named(text + at + 1, length - at - 1);
        if (r.used == 0) {
            out[size++] = text[at++];
            continue;
        }
        size += put(r.code_point[0], out + size);
        size += put(r.code_point[1], out + size);
        at += 1 + r.used;
    }
    return size;
}

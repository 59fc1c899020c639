/* How wide letters of canvas.h are, and how many fit. */
#include "io/canvas.h"

#include <string.h>

#include "vendor_free/utf8.h"

/* Units of a character at 14 units in the widest of the fonts that browsers take (DejaVu Sans), rounded up by classes. */
static double browser_width(uint32_t c)
{
    if (c >= 0x1f000)
        return 19; /* emoji */
    if (c >= 0x1100)
        return 15; /* a square: Chinese, Japanese, Korean */
    if (c >= 128)
        return 10;
    if (c > ' ' && strchr("ijl|'", (int)c) != NULL)
        return 4.8;
    if (c <= ' ' || strchr("ftr.,:;!()[]-/\\\"", (int)c) != NULL)
        return 6;
    if (strchr("mwMW@%", (int)c) != NULL)
        return 14;
    return c >= 'A' && c <= 'Z' ? 11 : strchr("#&*+<=>~^", (int)c) != NULL ? 12 : 9;
}

/* The character at text[*at] is stepped over. */
static double step(spae_letters of, const char *text, size_t n, size_t *at)
{
    uint32_t c = 0xfffd;
    const size_t length = spae_utf8_decode((const uint8_t *)text + *at, n - *at, &c);
    *at += length > 0 ? length : 1;
    return of == SPAE_LETTERS_PNG ? 6 : browser_width(length > 0 ? c : 0xfffd);
}

double spae_canvas_letters(spae_letters of, const char *text)
{
    const size_t n = strlen(text);
    double width = 0;
    for (size_t at = 0; at < n;)
        width += step(of, text, n, &at);
    return width;
}

size_t spae_canvas_fit(spae_letters of, const char *text, double room)
{
    const size_t n = strlen(text);
    double width = spae_canvas_letters(of, "..");
    size_t fits = 0;
    for (size_t at = 0; at < n; fits = at) {
        width += step(of, text, n, &at);
        if (width > room)
            break;
    }
    return fits;
}

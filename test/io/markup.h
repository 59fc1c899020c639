/* What the suites of reports and charts share: a look at HTML and SVG. */
#ifndef SPAE_TEST_IO_MARKUP_H
#define SPAE_TEST_IO_MARKUP_H

#include <stdbool.h>

#include "../check.h"

static inline size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

/* Every element is closed in the order in which it was opened; attributes are in double quotes. */
static inline void check_nesting(const char *text)
{
    char open[32][16];
    size_t depth = 0;
    for (const char *at = strchr(text, '<'); at != NULL; at = strchr(at, '<')) {
        char name[16];
        at++;
        const bool closes = *at == '/';
        at += closes;
        const size_t n = strcspn(at, " />");
        ck_assert_uint_lt(n, sizeof name);
        memcpy(name, at, n);
        name[n] = '\0';
        bool quoted = false;
        for (; *at != '>' || quoted; at++) {
            ck_assert(*at != '\0');
            quoted ^= *at == '"';
        }
        const bool closed = at[-1] == '/'; /* XML's <path .../> */
        if (closed || name[0] == '!' || strcmp(name, "meta") == 0 || strcmp(name, "img") == 0 ||
            strcmp(name, "br") == 0)
            continue;
        if (closes) {
            ck_assert_msg(depth > 0 && strcmp(open[depth - 1], name) == 0, "</%s>", name);
            depth--;
        } else {
            ck_assert_uint_lt(depth, 32);
            strcpy(open[depth++], name);
        }
    }
    ck_assert_uint_eq(depth, 0);
}

#endif

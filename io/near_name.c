/* The edit distance of near_name.h, row by row. */
#include "io/near_name.h"

#include <stdbool.h>
#include <string.h>

enum { NAME_MOST = 255 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The distance of a (n) from b (m), or `most` + 1 when it is greater. n <= NAME_MOST */
static size_t edits(const char *a, size_t n, const char *b, size_t m, size_t most)
{
    size_t row[NAME_MOST + 1]; /* row[i]: from the first i bytes of a to the first j of b */
    if (n > m + most || m > n + most)
        return most + 1;
    for (size_t i = 0; i <= n; i++)
        row[i] = i;
    for (size_t j = 1; j <= m; j++) {
        size_t diagonal = row[0], smallest = row[0] = j;
        for (size_t i = 1; i <= n; i++) {
            const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[i];
            row[i] = least(replaced, least(row[i], row[i - 1]) + 1);
            smallest = least(smallest, row[i]);
        }
        if (smallest > most)
            return most + 1;
    }
    return row[n];
}

static bool is_end_of(const char *name, size_t n, const char *whole, size_t m)
{
    return m > n && whole[m - n - 1] == '/' && memcmp(whole + m - n, name, n) == 0;
}

const char *spae_near_name(const char *name, const char *known(const void *context, size_t index),
                           const void *context, size_t count)
{
    const size_t n = strlen(name);
    const char *nearest = NULL;
    size_t most = n / 4 > 2 ? n / 4 : 2;
    if (n > NAME_MOST)
        return NULL;
    for (size_t k = 0; k < count; k++) {
        const char *candidate = known(context, k);
        const size_t m = strlen(candidate);
        if (is_end_of(name, n, candidate, m))
            return candidate;
        const size_t distance = edits(name, n, candidate, m, most);
        if (distance <= most && (nearest == NULL || distance < most)) {
            nearest = candidate;
            most = distance;
        }
    }
    return nearest;
}

/* Prints the golden hashes of this build and holds them to the constants: for machines without Check.
 * Exit status 0 when all are equal, for every batch split or only for the one that is named.
 *
 *     ./golden              splits of 1, 2, 3 and 4 examples side by side
 *     qemu-s390x ./golden 2
 */
#include <stdio.h>

#include "test/spae/golden.h"

/* How many hashes of this split differ from the constants; all of them when it fails. */
static size_t differing(size_t at_once)
{
    golden_list list;
    spae_error err;
    if (golden_make(&list, at_once, &err) != SPAE_OK) {
        fprintf(stderr, "golden: %s\n", err.text);
        return GOLDEN_COUNT;
    }
    size_t wrong = list.count == GOLDEN_COUNT ? 0 : GOLDEN_COUNT;
    for (size_t i = 0; i < list.count; i++) {
        const bool equal = i < GOLDEN_COUNT && strcmp(list.item[i].hash, golden_expected[i].hash) == 0;
        wrong += !equal;
        if (!equal)
            printf("    {\"%s\", \"%s\"},\n", list.item[i].name, list.item[i].hash);
    }
    return wrong;
}

int main(int argc, char **argv)
{
    const size_t first = argc > 1 ? (size_t)atoi(argv[1]) : 1, last = argc > 1 ? first : TINY_EXAMPLES;
    spae_error err;
    if (spae_self_check(&err) != SPAE_OK) {
        fprintf(stderr, "golden: %s\n", err.text);
        return 1;
    }
    size_t wrong = 0;
    for (size_t at_once = first; at_once <= last; at_once++)
        wrong += differing(at_once);
    printf("%zu of %d hashes differ, batch splits %zu to %zu\n", wrong, GOLDEN_COUNT, first, last);
    return wrong != 0;
}

/* What every suite includes: Check, and the few helpers that suites share. */
#ifndef SPAE_TEST_CHECK_H
#define SPAE_TEST_CHECK_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A suite from one test case. File test/a/b.c defines `Suite *suite_a_b(void)`; the Makefile lists them. */
static inline Suite *suite_of(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 300);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    return suite;
}

#define SUITE(function, name, ...)                                                                 \
    Suite *function(void);                                                                         \
    Suite *function(void)                                                                          \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return suite_of(name, tests, sizeof tests / sizeof tests[0]);                              \
    }

#endif

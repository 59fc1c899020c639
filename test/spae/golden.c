/* Every build gives the golden bits; batch splits and repetition change none. */
#include "test/check.h"

#include "golden.h"

static golden_list made_with(size_t at_once)
{
    golden_list list;
    spae_error err;
    ck_assert_msg(golden_make(&list, at_once, &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(list.count, GOLDEN_COUNT);
    return list;
}

/* In the ORACLE build only these are binary32 numbers; tokens agree there because every margin, 0.01 and more,
 * is far above what rounding can do. */
static bool held_in_this_build(const char *name)
{
#ifdef SPAE_ORACLE
    return strstr(name, "/init") != NULL || strcmp(name, "pictures/tokens") == 0 || strcmp(name, "video/tokens") == 0;
#else
    return name != NULL;
#endif
}

START_TEST(hashes_are_the_golden_ones)
{
    const golden_list list = made_with(1);
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        ck_assert_str_eq(list.item[i].name, golden_expected[i].name);
        if (held_in_this_build(list.item[i].name))
            ck_assert_msg(strcmp(list.item[i].hash, golden_expected[i].hash) == 0, "{\"%s\", \"%s\"},",
                          list.item[i].name, list.item[i].hash);
    }
}
END_TEST

START_TEST(batch_splits_change_no_bit)
{
    const golden_list whole = made_with(TINY_EXAMPLES);
    for (size_t at_once = 1; at_once < TINY_EXAMPLES; at_once++) {
        const golden_list list = made_with(at_once);
        for (size_t i = 0; i < GOLDEN_COUNT; i++)
            ck_assert_str_eq(list.item[i].hash, whole.item[i].hash);
    }
}
END_TEST

/* A hash that could not tell two arrays apart would prove nothing. */
START_TEST(hashes_are_all_different)
{
    for (size_t i = 0; i < GOLDEN_COUNT; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(golden_expected[i].hash, golden_expected[j].hash);
}
END_TEST

SUITE(suite_spae_golden, "spae/golden", hashes_are_the_golden_ones, batch_splits_change_no_bit,
      hashes_are_all_different)

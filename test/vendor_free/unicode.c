/* vendor_free/unicode: the tables beside counts and characters known from the standard. */
#include "../check.h"

#include "vendor_free/unicode.h"

/* Characters of each category in Unicode 17.0 (DerivedGeneralCategory.txt); they and the unassigned fill the code space. */
static const uint32_t count_of[30] = {1886, 2283, 31, 410, 141062, 2059, 471, 13, 770, 239, 915, 10, 27, 79, 77,
                                      12,   10,   641, 960, 64, 125, 7468, 17, 1, 1, 65, 170, 2048, 137468, 814730};

START_TEST(categories_fill_the_code_space)
{
    uint32_t count[30] = {0};
    for (uint32_t c = 0; c < 0x110000; c++)
        count[spae_unicode_category_of(c)]++;
    for (int i = 0; i < 30; i++)
        ck_assert_msg(count[i] == count_of[i], "category %d has %u code points", i, (unsigned)count[i]);
    ck_assert_int_eq(spae_unicode_category_of(0x110000), SPAE_UNICODE_CN);
    ck_assert_int_eq(spae_unicode_category_of(UINT32_MAX), SPAE_UNICODE_CN);
}
END_TEST

START_TEST(known_characters)
{
    static const struct {
        uint32_t c;
        spae_unicode_category category;
    } known[] = {{0, SPAE_UNICODE_CC},        {'A', SPAE_UNICODE_LU},       {'a', SPAE_UNICODE_LL},     {'5', SPAE_UNICODE_ND},
                 {' ', SPAE_UNICODE_ZS},      {'_', SPAE_UNICODE_PC},       {'-', SPAE_UNICODE_PD},     {'(', SPAE_UNICODE_PS},
                 {'$', SPAE_UNICODE_SC},      {'+', SPAE_UNICODE_SM},       {'^', SPAE_UNICODE_SK},     {0xbd, SPAE_UNICODE_NO},
                 {0x1c5, SPAE_UNICODE_LT},    {0x2b0, SPAE_UNICODE_LM},     {0x301, SPAE_UNICODE_MN},   {0x903, SPAE_UNICODE_MC},
                 {0x20dd, SPAE_UNICODE_ME},   {0x2167, SPAE_UNICODE_NL},    {0x4e2d, SPAE_UNICODE_LO},  {0x2028, SPAE_UNICODE_ZL},
                 {0x2029, SPAE_UNICODE_ZP},   {0x200d, SPAE_UNICODE_CF},    {0xd800, SPAE_UNICODE_CS},  {0xe000, SPAE_UNICODE_CO},
                 {0x1f600, SPAE_UNICODE_SO},  {0x10ffff, SPAE_UNICODE_CN}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_msg(spae_unicode_category_of(known[i].c) == known[i].category, "U+%x", (unsigned)known[i].c);
}
END_TEST

START_TEST(names_of_categories)
{
    ck_assert_uint_eq(spae_unicode_categories("L", 1), SPAE_UNICODE_LETTERS);
    ck_assert_uint_eq(spae_unicode_categories("M", 1), SPAE_UNICODE_MARKS);
    ck_assert_uint_eq(spae_unicode_categories("N", 1), SPAE_UNICODE_NUMBERS);
    ck_assert_uint_eq(spae_unicode_categories("Lu", 2), 1u << SPAE_UNICODE_LU);
    ck_assert_uint_eq(spae_unicode_categories("Cn", 2), 1u << SPAE_UNICODE_CN);
    ck_assert_uint_eq(spae_unicode_categories("l", 1) | spae_unicode_categories("LU", 2) | spae_unicode_categories("", 0) |
                          spae_unicode_categories("Lul", 3),
                      0);
}
END_TEST

/* PropList.txt has 25 characters with White_Space. */
START_TEST(white_space)
{
    static const uint32_t some[] = {9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    uint32_t count = 0;
    for (uint32_t c = 0; c < 0x110000; c++)
        count += spae_unicode_is_space(c);
    ck_assert_uint_eq(count, 25);
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        ck_assert(spae_unicode_is_space(some[i]));
    ck_assert(!spae_unicode_is_space(0x1c) && !spae_unicode_is_space(0x200b) && !spae_unicode_is_space(0xfeff));
}
END_TEST

START_TEST(what_normalization_leaves)
{
    for (uint32_t c = 0; c < 0x80; c++)
        for (int form = 0; form < 4; form++)
            ck_assert(spae_unicode_is_stable(c, (spae_unicode_form)form));
    for (uint32_t c = 0x80; c < 0x300; c++)
        ck_assert(spae_unicode_is_stable(c, SPAE_UNICODE_NFC));
    ck_assert(spae_unicode_is_stable(0xe9, SPAE_UNICODE_NFKC) && !spae_unicode_is_stable(0xe9, SPAE_UNICODE_NFD)); /* e acute */
    ck_assert(!spae_unicode_is_stable(0xb5, SPAE_UNICODE_NFKC) && spae_unicode_is_stable(0xb5, SPAE_UNICODE_NFD)); /* micro */
    ck_assert(!spae_unicode_is_stable(0x301, SPAE_UNICODE_NFC));                                              /* a mark */
    ck_assert(!spae_unicode_is_stable(0x212b, SPAE_UNICODE_NFC));                                             /* angstrom */
    ck_assert(spae_unicode_is_stable(0xac00, SPAE_UNICODE_NFC) && !spae_unicode_is_stable(0x1161, SPAE_UNICODE_NFC)); /* jamo */
    ck_assert(spae_unicode_is_stable(0x4e2d, SPAE_UNICODE_NFKD) && !spae_unicode_is_stable(0xff21, SPAE_UNICODE_NFKC));
}
END_TEST

START_TEST(small_letters)
{
    static const uint32_t known[][2] = {{'A', 'a'},          {'Z', 'z'},           {'@', '@'},          {'[', '['},          {0xc0, 0xe0},
                                        {0xd7, 0xd7},        {0x100, 0x101},       {0x101, 0x101},      {0x130, 0x130},      {0x139, 0x13a},
                                        {0x13a, 0x13a},      {0x178, 0xff},        {0x1c4, 0x1c6},      {0x1c5, 0x1c6},      {0x3a3, 0x3c3},
                                        {0x3c2, 0x3c2},      {0x410, 0x430},       {0x4c0, 0x4cf},      {0x531, 0x561},      {0x10a0, 0x2d00},
                                        {0x13a0, 0xab70},    {0x1c90, 0x10d0},     {0x1e9e, 0xdf},      {0x1f59, 0x1f51},    {0x1f5a, 0x1f5a},
                                        {0x2126, 0x3c9},     {0x212a, 'k'},        {0x2160, 0x2170},    {0x24b6, 0x24d0},    {0xa7ae, 0x26a},
                                        {0xff21, 0xff41},    {0x10400, 0x10428},   {0x1e921, 0x1e943},  {0x1e922, 0x1e922},  {0x10ffff, 0x10ffff}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_msg(spae_unicode_small(known[i][0]) == known[i][1], "U+%x", (unsigned)known[i][0]);
    for (uint32_t c = 0; c < 0x110000; c++) { /* a small letter is small, and only cased ones have another */
        const uint32_t small = spae_unicode_small(c);
        ck_assert_msg(spae_unicode_small(small) == small && (small == c || (spae_unicode_is_cased(c) && small < 0x110000)), "U+%x",
                      (unsigned)c);
        if (small != c)
            ck_assert(spae_unicode_category_of(small) != SPAE_UNICODE_LU && spae_unicode_category_of(small) != SPAE_UNICODE_LT);
    }
}
END_TEST

START_TEST(cased_and_case_ignorable)
{
    static const struct {
        uint32_t c;
        bool cased, ignorable;
    } known[] = {{'a', true, false}, {'A', true, false}, {'1', false, false}, {'\'', false, true}, {'.', false, true},  {':', false, true},
                 {' ', false, false}, {0xad, false, true}, {0x2b0, true, true}, {0x301, false, true}, {0x345, true, true},
                 {0x3a3, true, false}, {0x5d0, false, false}, {0x4e2d, false, false}, {0x2160, true, false}, {0x200b, false, true}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        ck_assert_msg(spae_unicode_is_cased(known[i].c) == known[i].cased, "U+%x", (unsigned)known[i].c);
        ck_assert_msg(spae_unicode_is_case_ignorable(known[i].c) == known[i].ignorable, "U+%x", (unsigned)known[i].c);
    }
}
END_TEST

SUITE(suite_vendor_free_unicode, "vendor_free/unicode", categories_fill_the_code_space, known_characters, names_of_categories,
      white_space, what_normalization_leaves, small_letters, cased_and_case_ignorable)

/* The name that was meant: a slip of a few letters, a stage left out; nothing where nothing is
 * near. */
#include "../../io/near_name.h"
#include "../check.h"

static const char *const names[] = {"convolution/same_3x3/y", "convolution/same_3x3/dx",
                                    "convolution/valid_3x3/y", "quantizer/saq/tokens"};

static const char *name(const void *context, size_t index)
{
    (void)context;
    return names[index];
}

static const char *near_to(const char *wrong)
{
    return spae_near_name(wrong, name, NULL, 4);
}

START_TEST(offers)
{
    ck_assert_str_eq(near_to("convolution/same_3x3/x"), "convolution/same_3x3/y");
    ck_assert_str_eq(near_to("convolution/same_3x3/dy"), "convolution/same_3x3/y"); /* the first */
    ck_assert_str_eq(near_to("convolution/valid3x3/y"), "convolution/valid_3x3/y");
    ck_assert_str_eq(near_to("quantiser/saq/token"), "quantizer/saq/tokens");
    ck_assert_str_eq(near_to("saq/tokens"), "quantizer/saq/tokens");
    ck_assert_str_eq(near_to("dx"), "convolution/same_3x3/dx");
    ck_assert_str_eq(near_to("quantizer/saq/tokens"), "quantizer/saq/tokens");
}
END_TEST

START_TEST(offers_nothing)
{
    char longest[257];
    ck_assert(near_to("training/step/grad") == NULL && near_to("") == NULL && near_to("z") == NULL);
    memset(longest, 'a', 256);
    longest[256] = '\0';
    ck_assert(near_to(longest) == NULL);
    ck_assert(near_to(longest + 1) == NULL); /* 255 bytes: looked for, not found */
    ck_assert(spae_near_name("a", name, NULL, 0) == NULL);
}
END_TEST

SUITE(suite_io_near_name, "io/near_name", offers, offers_nothing)

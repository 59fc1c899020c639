/* io/page: growing text keeps its first failure. */
#include "bytes.h"

#include "../../io/page.h"

START_TEST(grows)
{
    spae_arena arena = new_arena();
    spae_page page = spae_page_start(&arena);
    const uint8_t *text = NULL;
    size_t size = 0;
    for (int i = 0; i < 1000; i++)
        spae_page_format(&page, "%04d", i);
    ck_assert_int_eq(spae_page_end(&page, &text, &size, NULL), SPAE_OK);
    ck_assert_uint_eq(size, 4000);
    for (int i = 0; i < 1000; i++) {
        char due[16];
        snprintf(due, sizeof due, "%04d", i);
        ck_assert(memcmp(text + 4 * i, due, 4) == 0);
    }
    spae_page_clear(&page);
    spae_page_text(&page, "anew");
    ck_assert_int_eq(spae_page_end(&page, &text, &size, NULL), SPAE_OK);
    ck_assert(size == 4 && memcmp(text, "anew", 4) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(long_pieces)
{
    spae_arena arena = new_arena();
    spae_page page = spae_page_start(&arena);
    const uint8_t *text = NULL;
    size_t size = 0;
    spae_error err;
    spae_page_format(&page, "%1000d", 1);
    ck_assert_int_eq(spae_page_end(&page, &text, &size, &err), SPAE_OK);
    ck_assert_uint_eq(size, 1000);
    spae_page_format(&page, "%1001d", 1);
    spae_page_text(&page, "not added");
    ck_assert_int_eq(spae_page_end(&page, &text, &size, &err), SPAE_ERR_ARGUMENT);
    ck_assert(strstr(err.text, "1001") != NULL);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(markup)
{
    static const char due[] = "a&#60;b&#62;&#38;&#34;c&#34;&#39;\0d";
    spae_arena arena = new_arena();
    spae_page page = spae_page_start(&arena);
    const uint8_t *text = NULL;
    size_t size = 0;
    spae_page_markup(&page, "a<b>&\"c\"'\0d", 11);
    ck_assert_int_eq(spae_page_end(&page, &text, &size, NULL), SPAE_OK);
    ck_assert(size == sizeof due - 1 && memcmp(text, due, size) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(no_memory)
{
    uint8_t memory[600];
    spae_arena arena;
    spae_error err;
    const uint8_t *text = NULL;
    size_t size = 7;
    spae_arena_fixed(&arena, memory, sizeof memory);
    spae_page page = spae_page_start(&arena);
    for (int i = 0; i < 1000; i++)
        spae_page_text(&page, "more");
    ck_assert_int_eq(spae_page_end(&page, &text, &size, &err), SPAE_ERR_NO_MEMORY);
    ck_assert(text == NULL && size == 7 && err.status == SPAE_ERR_NO_MEMORY);
}
END_TEST

SUITE(suite_io_page, "io/page", grows, long_pieces, markup, no_memory)

/* vendor_free/html: references of each kind beside what Python's html.unescape gives. */
#include "../check.h"

#include <string.h>

#include "vendor_free/html.h"
#include "vendor_free/html_entities.h"
#include "vendor_free/utf8.h"

static void becomes(const char *text, const char *due)
{
    char out[512];
    const size_t length = strlen(text);
    ck_assert(2 * length < sizeof out);
    const size_t size = spae_html_unescape(text, length, out);
    ck_assert_msg(size == strlen(due) && memcmp(out, due, size) == 0, "%s becomes %.*s, not %s", text, (int)size, out, due);
}

START_TEST(names)
{
    becomes("", "");
    becomes("&", "&");
    becomes("a & b && c&", "a & b && c&");
    becomes("&lt;p&gt; &amp;amp; &quot;", "<p> &amp; \"");
    becomes("&ltp&gt", "<p>");
    becomes("&notit; &notin; &notin", "\xC2\xACit; \xE2\x88\x89 \xC2\xACin"); /* the longest name */
    becomes("&AMP;&Amp;", "&&Amp;");                                      /* cases differ */
    becomes("&nGt;&nLt;", "\xE2\x89\xAB\xE2\x83\x92\xE2\x89\xAA\xE2\x83\x92");
    becomes("&CounterClockwiseContourIntegral;&CounterClockwiseContourIntegral", "\xE2\x88\xB3&CounterClockwiseContourIntegral");
    becomes("&eacute&eacute;&Eacute;&unknown;", "\xC3\xA9\xC3\xA9\xC3\x89&unknown;");
    becomes("&l", "&l");
    becomes("&\xC3\xA9;&;", "&\xC3\xA9;&;");
}
END_TEST

START_TEST(numbers)
{
    becomes("&#65;&#66&#x43;&#X44&#x1f600;", "ABCD\xF0\x9F\x98\x80");
    becomes("&#0;&#xd800;&#xdfff;&#x110000;&#99999999999999999999;", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    becomes("&#128;&#129;&#x99;&#159;", "\xE2\x82\xAC\xC2\x81\xE2\x84\xA2\xC5\xB8");
    becomes("a&#1;b&#11;c&#x7f;d&#xfdd0;e&#xffff;f&#x10fffe;g", "abcdefg");
    becomes("&#9;&#10;&#12;&#13;", "\t\n\f\r");
    becomes("&#;&#x;&#xg;&#a&#", "&#;&#x;&#xg;&#a&#");
    becomes("&#x10FFFD;", "\xF4\x8F\xBF\xBD");
}
END_TEST

/* Each name of the table becomes its characters, in no more than the room that is asked for. */
START_TEST(the_whole_table)
{
    for (size_t i = 0; i < sizeof entity / sizeof entity[0]; i++) {
        char text[40] = "&", out[80];
        uint8_t due[8];
        strcat(text, entity[i].name);
        size_t n = spae_utf8_encode(entity[i].code_point[0], due);
        n += entity[i].code_point[1] != 0 ? spae_utf8_encode(entity[i].code_point[1], due + n) : 0;
        const size_t size = spae_html_unescape(text, strlen(text), out);
        ck_assert_msg(size == n && memcmp(out, due, n) == 0, "%s", text);
        ck_assert(5 * size <= 6 * strlen(text));
        ck_assert(i == 0 || strcmp(entity[i - 1].name, entity[i].name) < 0);
    }
}
END_TEST

SUITE(suite_vendor_free_html, "vendor_free/html", names, numbers, the_whole_table)

/* HTML's character references back to characters, as Python's html.unescape reads them (SPEC 8.45).
 *
 * Named      &NAME; of HTML5's table; the longest name of the table that stands behind the &, so that &notit; is the sign of
 *            &not and "it;". Old names need no semicolon.
 * Numbered   &#D.., &#xH.., a semicolon behind is dropped: 0, surrogates and what is above U+10FFFF become U+FFFD, 128..159 the
 *            characters of Windows-1252, control characters and noncharacters nothing.
 * Anything else stays as it is. What a reference becomes is not read again.
 */
#ifndef SPAE_HTML_H
#define SPAE_HTML_H

#include <stddef.h>

/*   in   text  (length) well-formed UTF-8
 *   out  out   room for 2 length bytes; must not overlap text
 * Returns how many bytes were written. */
size_t spae_html_unescape(const char *text, size_t length, char *out);

#endif

/* UTF-8, strictly: well-formed is what Table 3-7 of the Unicode Standard says. No overlong forms,
 * no surrogates (U+D800 .. U+DFFF), nothing above U+10FFFF.
 */
#ifndef SPAE_UTF8_H
#define SPAE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Are all n bytes well-formed? Yes when n is 0 (s may then be NULL). */
bool spae_utf8_valid(const uint8_t *s, size_t n);

/* The code point that begins at s: returns its length, 1 .. 4 <= n, or 0 when n is 0, when the
 * bytes are ill-formed or cut off; *code_point is then untouched. */
size_t spae_utf8_decode(const uint8_t *s, size_t n, uint32_t *code_point);

/* The bytes of a code point: returns how many, 1 .. 4, or 0 for a surrogate or a number above
 * U+10FFFF; out is then untouched. */
size_t spae_utf8_encode(uint32_t code_point, uint8_t out[4]);

#endif

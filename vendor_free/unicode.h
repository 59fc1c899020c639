/* What the Unicode Character Database says of a code point (version: unicode_tables.h), as far as tokenizers ask (SPEC 8.30,
 * 8.31, 8.46). A code point above U+10FFFF is unassigned. */
#ifndef SPAE_UNICODE_H
#define SPAE_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* General_Category, in the order of the standard's table of its values. */
typedef enum {
    SPAE_UNICODE_LU, SPAE_UNICODE_LL, SPAE_UNICODE_LT, SPAE_UNICODE_LM, SPAE_UNICODE_LO, SPAE_UNICODE_MN, SPAE_UNICODE_MC,
    SPAE_UNICODE_ME, SPAE_UNICODE_ND, SPAE_UNICODE_NL, SPAE_UNICODE_NO, SPAE_UNICODE_PC, SPAE_UNICODE_PD, SPAE_UNICODE_PS,
    SPAE_UNICODE_PE, SPAE_UNICODE_PI, SPAE_UNICODE_PF, SPAE_UNICODE_PO, SPAE_UNICODE_SM, SPAE_UNICODE_SC, SPAE_UNICODE_SK,
    SPAE_UNICODE_SO, SPAE_UNICODE_ZS, SPAE_UNICODE_ZL, SPAE_UNICODE_ZP, SPAE_UNICODE_CC, SPAE_UNICODE_CF, SPAE_UNICODE_CS,
    SPAE_UNICODE_CO, SPAE_UNICODE_CN
} spae_unicode_category;

/* The categories as bits, 1 << category. */
#define SPAE_UNICODE_LETTERS 0x0000001fu
#define SPAE_UNICODE_MARKS   0x000000e0u
#define SPAE_UNICODE_NUMBERS 0x00000700u

spae_unicode_category spae_unicode_category_of(uint32_t code_point);

/* The bits of a category's name ("Lu"), or of a group of them ("L"); 0 when there is none of this name. */
uint32_t spae_unicode_categories(const char *name, uint32_t length);

/* White_Space. */
bool spae_unicode_is_space(uint32_t code_point);

/* The forms of normalization. */
typedef enum { SPAE_UNICODE_NFC, SPAE_UNICODE_NFD, SPAE_UNICODE_NFKC, SPAE_UNICODE_NFKD } spae_unicode_form;

/* Does the form leave this code point as it is, whatever stands beside it? A text of such code points alone is in the form.
 * (The reverse is not true: a base letter with a mark that nothing composes, say.) */
bool spae_unicode_is_stable(uint32_t code_point, spae_unicode_form form);

/* Cased and Case_Ignorable, by which a capital sigma is at the end of a word or is not. */
bool spae_unicode_is_cased(uint32_t code_point);
bool spae_unicode_is_case_ignorable(uint32_t code_point);

/* The small letter of a code point (itself, where it has none), whatever stands beside it: Lowercase_Mapping of one character.
 * U+0130, whose small letter is U+0069 U+0307, stays itself. */
uint32_t spae_unicode_small(uint32_t code_point);

#endif

/* Between decimal text and binary64, exactly: the reader rounds correctly, the writer gives the
 * shortest text that reads back to the same number. Neither knows of locales, neither uses printf
 * or strtod, both give the same result on every machine.
 */
#ifndef SPAE_DECIMAL_H
#define SPAE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* Reads all n characters as one number of the form
 *     [-] digits [. digits] [(e | E) [+ | -] digits]     each "digits" one or more of 0 .. 9
 * rounded to the nearest binary64, ties to even. Beyond the range is infinity with its sign; below
 * half the least subnormal is zero with its sign. There is no limit on the number of digits.
 * Returns false, *value untouched, when the text has another form.
 */
bool spae_decimal_read(const char *text, size_t n, double *value);

/* Room for the longest text that spae_decimal_write makes: "-2.2250738585072014e-308". */
#define SPAE_DECIMAL_ROOM 24

/* Writes a finite number with the fewest significant digits that read back to it, and among those
 * the nearest; returns the number of characters (not terminated). Plain when the first digit stands
 * for 10^-4 .. 10^15, and then always with a decimal point ("0.001", "5.0"), else with an exponent
 * of at least two digits ("1e+16", "1.5e-07"): the form that Python's repr and json.dumps use.
 * Returns 0 and writes nothing when value is not finite.
 */
size_t spae_decimal_write(double value, char text[SPAE_DECIMAL_ROOM]);

#endif

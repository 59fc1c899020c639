/* The 16-bit floating-point formats of weight files: IEEE 754 binary16, and bfloat16 (the upper
 * half of a binary32).
 *
 * To binary32 is exact. From binary32 rounds to nearest, ties to even, subnormals kept; beyond the
 * range is infinity. A NaN stays a NaN: sign and leading payload bits are kept and the quiet bit is
 * set, so that the bits are the same on every machine.
 */
#ifndef SPAE_HALF_H
#define SPAE_HALF_H

#include <stdint.h>

float spae_half_to_float(uint16_t half);
uint16_t spae_float_to_half(float value);

float spae_bfloat16_to_float(uint16_t bits);
uint16_t spae_float_to_bfloat16(float value);

#endif

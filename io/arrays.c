/* What the readers of named arrays share, arrays.h. */
#include "io/arrays.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vendor_free/half.h"

#ifdef SPAE_ORACLE
typedef uint64_t real_bits;
#else
typedef uint32_t real_bits;
#endif

enum { NAMED = 10 /* names that a message holds */ };

const char *spae_shape_text(const size_t *axis, size_t rank, char text[SPAE_SHAPE_ROOM])
{
    size_t at = 1;
    snprintf(text, SPAE_SHAPE_ROOM, "()");
    for (size_t i = 0; i < rank && at < SPAE_SHAPE_ROOM; i++)
        at += (size_t)snprintf(text + at, SPAE_SHAPE_ROOM - at, i + 1 < rank ? "%zu," : "%zu)",
                               axis[i]);
    return text;
}

spae_status spae_array_fail(const spae_source *source, const char *array, const spae_error *why,
                            spae_error *err)
{
    const size_t n = strlen(source->name);
    const char *rest = strncmp(why->text, source->name, n) == 0 && why->text[n] == ':'
                           ? why->text + n + 2
                           : why->text;
    return spae_fail(err, why->status, "%s: %s: %s", source->name, array, rest);
}

void spae_name_list_add(spae_name_list *list, const char *name)
{
    if (list->count++ < NAMED)
        spae_fail(&list->line, SPAE_OK, "%s%s%s", list->line.text, list->count > 1 ? ", " : "",
                  name);
}

spae_status spae_numbers_read(const spae_source *source, const spae_npy_header *header,
                              spae_real *out, spae_error *err)
{
#ifdef SPAE_ORACLE
    return spae_npy_read_double(source, header, out, err);
#else
    return spae_npy_read_float(source, header, out, err);
#endif
}

/* Fetched to the end of their room: what item i becomes ends where item i + 1 lies, or below. */
spae_status spae_bfloat16_read(const spae_source *source, uint64_t offset, bool big_endian,
                               size_t count, spae_real *out, spae_error *err)
{
    const uint8_t *const items = (uint8_t *)out + count * (sizeof *out - 2);
    const spae_status status = spae_source_read(source, offset, (uint8_t *)out + count * (sizeof *out - 2),
                                                count * 2, err);
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        const uint8_t *b = items + 2 * i;
        out[i] = spae_bfloat16_to_float((uint16_t)(b[big_endian ? 1 : 0] | b[big_endian ? 0 : 1] << 8));
    }
    return status;
}

/* Has none of them the exponent of infinity and NaN? By bits and without leaving early, so that compilers vectorize
 * it. */
static bool all_finite(const spae_real *x, size_t count)
{
    const spae_real infinity = (spae_real)HUGE_VAL;
    real_bits exponent, found = 0;
    memcpy(&exponent, &infinity, sizeof exponent);
    for (size_t i = 0; i < count; i++) {
        real_bits bits;
        memcpy(&bits, &x[i], sizeof bits);
        found |= (bits & exponent) == exponent;
    }
    return found == 0;
}

spae_status spae_numbers_finite(const spae_source *source, const char *array, const spae_real *x,
                                size_t count, spae_error *err)
{
    size_t i = 0;
    if (all_finite(x, count))
        return SPAE_OK;
    while (x[i] - x[i] == 0)
        i++;
    return spae_fail(err, SPAE_ERR_NOT_FINITE, "%s: %s: element %zu is not finite", source->name, array, i);
}

void spae_values_hash(spae_sha256 *hash, const spae_real *x, size_t count)
{
    if (spae_lowest_byte_first()) {
        spae_sha256_add(hash, x, count * sizeof *x);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[sizeof(real_bits)];
        real_bits bits;
        memcpy(&bits, &x[i], sizeof bits);
        for (size_t b = 0; b < sizeof bytes; b++)
            bytes[b] = (uint8_t)(bits >> (8 * b) & 0xff);
        spae_sha256_add(hash, bytes, sizeof bytes);
    }
}

void spae_numbers_hash(spae_sha256 *hash, const char *name, const spae_real *x, size_t count)
{
    spae_sha256_add(hash, name, strlen(name) + 1);
    spae_values_hash(hash, x, count);
}

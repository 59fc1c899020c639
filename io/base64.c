/* Base64: each three bytes are four digits of six bits, high bits first; what is left over is padded. */
#include "io/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t spae_base64_size(size_t bytes)
{
    const size_t groups = bytes / 3 + (bytes % 3 != 0);
    return groups <= SIZE_MAX / 4 ? groups * 4 : 0;
}

static char digit(uint32_t bits)
{
    return digits[bits & 63];
}

void spae_base64_write(const uint8_t *bytes, size_t count, char *text)
{
    for (size_t i = 0; i < count; i += 3, text += 4) {
        const size_t here = count - i < 3 ? count - i : 3;
        const uint32_t second = here > 1 ? bytes[i + 1] : 0, third = here > 2 ? bytes[i + 2] : 0;
        const uint32_t group = (uint32_t)bytes[i] << 16 | second << 8 | third;
        text[0] = digit(group >> 18);
        text[1] = digit(group >> 12);
        text[2] = here > 1 ? digit(group >> 6) : '=';
        text[3] = here > 2 ? digit(group) : '=';
    }
}

/* One group: how many bytes it has; 0 when it is none. */
static size_t read_group(const char *text, uint8_t bytes[3])
{
    const size_t padded = text[3] != '=' ? 0 : text[2] != '=' ? 1 : 2;
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *found = i < 4 - padded && text[i] != '\0' ? strchr(digits, text[i]) : i < 4 - padded ? NULL : digits;
        if (found == NULL)
            return 0;
        group = group << 6 | (uint32_t)(found - digits);
    }
    for (size_t i = 0; i < 3; i++)
        bytes[i] = (uint8_t)(group >> (16 - 8 * i) & 0xff);
    return (padded > 0 && bytes[2] != 0) || (padded > 1 && bytes[1] != 0) ? 0 : 3 - padded;
}

bool spae_base64_read(const char *text, size_t length, uint8_t *bytes, size_t *count)
{
    size_t size = 0;
    for (size_t i = 0; i < length; i += 4) {
        uint8_t group[3];
        const size_t here = length - i >= 4 ? read_group(text + i, group) : 0;
        if (here == 0 || (here < 3 && length - i > 4))
            return false;
        memcpy(bytes + size, group, here);
        size += here;
    }
    *count = size;
    return true;
}

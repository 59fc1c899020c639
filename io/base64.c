/* Base64: each three bytes are four digits of six bits, high bits first; what is left over is padded. */
#include "io/base64.h"

size_t spae_base64_size(size_t bytes)
{
    const size_t groups = bytes / 3 + (bytes % 3 != 0);
    return groups <= SIZE_MAX / 4 ? groups * 4 : 0;
}

static char digit(uint32_t bits)
{
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[bits & 63];
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

/* Bytes as characters for private use, raw_words.h. */
#include "io/raw_words.h"

#include <stdint.h>
#include <string.h>

#include "vendor_free/utf8.h"

#define FIRST UINT32_C(0x10FF00) /* F4 8F BC 80; FIRST + 255 is F4 8F BF BF */

size_t spae_raw_word(const char *bytes, size_t length, char *word, bool *raw)
{
    size_t n = 0;
    *raw = false;
    for (size_t at = 0; at < length;) {
        uint32_t point = 0;
        const size_t used = spae_utf8_decode((const uint8_t *)bytes + at, length - at, &point);
        if (point >= FIRST)
            return SIZE_MAX;
        if (used > 0 && point != 0) {
            memcpy(word + n, bytes + at, used);
            n += used;
            at += used;
            continue;
        }
        uint8_t four[4];
        n += spae_utf8_encode(FIRST + (uint8_t)bytes[at++], four);
        memcpy(word + n - sizeof four, four, sizeof four);
        *raw = true;
    }
    word[n] = '\0';
    return n;
}

/* The byte that the character at `text` stands for; 0: none but perhaps that of 0. */
static uint8_t byte_at(const char *text)
{
    const uint8_t *b = (const uint8_t *)text;
    if (b[0] != 0xf4 || b[1] != 0x8f || b[2] < 0xbc || b[2] > 0xbf)
        return 0;
    return (uint8_t)(((b[2] & 3U) << 6 | (b[3] & 63U)) & 0xffU);
}

bool spae_raw_is(const char *word)
{
    for (const char *at = word; (at = strchr(at, '\xf4')) != NULL; at++)
        if (byte_at(at) != 0)
            return true;
    return false;
}

size_t spae_raw_text(const char *word, char *text)
{
    size_t n = 0;
    while (*word != '\0') {
        const uint8_t byte = byte_at(word);
        text[n++] = byte != 0 ? (char)byte : *word;
        word += byte != 0 ? 4 : 1;
    }
    text[n] = '\0';
    return n;
}

/* The growing text of page.h, over the memory sink of file.h. */
#include "io/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_MOST = 1000 };

spae_page spae_page_start(spae_arena *arena)
{
    return (spae_page){.buffer = {arena, NULL, 0, 0}, .failure = {SPAE_OK, ""}};
}

void spae_page_bytes(spae_page *page, const void *bytes, size_t count)
{
    if (page->failure.status != SPAE_OK)
        return;
    spae_sink sink = spae_sink_buffer(&page->buffer);
    page->failure.status = spae_sink_write(&sink, bytes, count, &page->failure);
}

void spae_page_text(spae_page *page, const char *text)
{
    spae_page_bytes(page, text, strlen(text));
}

void spae_page_format(spae_page *page, const char *format, ...)
{
    char piece[PIECE_MOST + 1];
    va_list arguments;
    va_start(arguments, format);
    const int n = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (n < 0 || n > PIECE_MOST) {
        if (page->failure.status == SPAE_OK)
            spae_fail(&page->failure, SPAE_ERR_ARGUMENT, "page: a piece of text has %d bytes, the most is %d",
                      n, PIECE_MOST);
        return;
    }
    spae_page_bytes(page, piece, (size_t)n);
}

void spae_page_markup(spae_page *page, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static const char special[] = "&<>\"'";
        const char *place = text[i] != '\0' ? strchr(special, text[i]) : NULL;
        if (place != NULL)
            spae_page_format(page, "&#%d;", text[i]);
        else
            spae_page_bytes(page, &text[i], 1);
    }
}

void spae_page_clear(spae_page *page)
{
    page->buffer.size = 0;
}

spae_status spae_page_end(spae_page *page, const uint8_t **bytes, size_t *size, spae_error *err)
{
    if (page->failure.status != SPAE_OK) {
        if (err != NULL)
            *err = page->failure;
        return page->failure.status;
    }
    *bytes = page->buffer.bytes;
    *size = page->buffer.size;
    return SPAE_OK;
}

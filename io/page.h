/* Text that grows in an arena, for what is written as a whole later: token files, reports.
 *
 *     spae_page page = spae_page_start(&arena);
 *     spae_page_format(&page, "%zu layers\n", layers);
 *     status = spae_page_end(&page, &bytes, &size, err);
 *
 * The first failure is kept and told by spae_page_end, so the calls between need no checks.
 */
#ifndef SPAE_IO_PAGE_H
#define SPAE_IO_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "io/file.h"

typedef struct {
    spae_buffer buffer;
    spae_error failure; /* status SPAE_OK while all is well */
} spae_page;

spae_page spae_page_start(spae_arena *arena);

void spae_page_bytes(spae_page *page, const void *bytes, size_t count);
void spae_page_text(spae_page *page, const char *text);

/* As printf; a piece is at most 1000 bytes, more is SPAE_ERR_ARGUMENT. */
void spae_page_format(spae_page *page, const char *format, ...);

/* Text from outside, for HTML and XML: the characters & < > " ' become references. */
void spae_page_markup(spae_page *page, const char *text, size_t count);

/* Empties the page and keeps its room. */
void spae_page_clear(spae_page *page);

/*   out  bytes  (size), in the arena, not terminated
 *   err  SPAE_ERR_NO_MEMORY   or what else went wrong first */
spae_status spae_page_end(spae_page *page, const uint8_t **bytes, size_t *size, spae_error *err);

#endif

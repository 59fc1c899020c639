#include "io/page_picture.h"

#include "io/base64.h"
#include "io/png.h"

spae_status spae_page_picture(spae_page *page, spae_arena *arena, const spae_image *image, spae_error *err)
{
    spae_buffer buffer = {arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&buffer);
    const spae_status status = spae_png_write(arena, &sink, image, err);
    if (status != SPAE_OK)
        return status;
    const size_t n = spae_base64_size(buffer.size);
    char *text = spae_arena_take(arena, n, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "page: no memory for %zu bytes", n);
    spae_base64_write(buffer.bytes, buffer.size, text);
    spae_page_text(page, "data:image/png;base64,");
    spae_page_bytes(page, text, n);
    return SPAE_OK;
}

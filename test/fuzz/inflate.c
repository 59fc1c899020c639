/* Fuzz target of inflate and deflate: whatever the bytes, inflate stays inside its buffers and
 * tells the truth about what it used; and what deflate makes of the bytes, inflate gives back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vendor_free/deflate.h"
#include "vendor_free/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

static void *take(size_t bytes)
{
    void *const memory = malloc(bytes > 0 ? bytes : 1);
    require(memory != NULL);
    return memory;
}

/* The first byte chooses the format, the second the room for the data. */
static void decompress(const uint8_t *data, size_t size)
{
    const spae_deflate_format format = (spae_deflate_format)(data[0] % 3);
    const size_t room = (size_t)data[1] * data[1];
    size_t in_used = SIZE_MAX, out_used = SIZE_MAX;
    uint8_t *const out = take(room);
    const spae_status status =
        spae_inflate(format, data + 2, size - 2, out, room, &in_used, &out_used, NULL);
    require(status == SPAE_OK || status == SPAE_ERR_FORMAT);
    if (status == SPAE_OK)
        require(in_used <= size - 2 && out_used <= room);
    else
        require(in_used == SIZE_MAX && out_used == SIZE_MAX);
    free(out);
}

/* The work memory is kept: to allocate it each time takes longer than the rest. */
static void round_trip(spae_deflate_format format, const uint8_t *data, size_t size)
{
    static uint64_t work[512 * 1024 / 8];
    const size_t room = spae_deflate_bound(format, size);
    size_t packed = 0, in_used = 0, out_used = 0;
    uint8_t *const out = take(room), *const back = take(size);
    require(spae_deflate_work() <= sizeof work);
    require(spae_deflate(format, data, size, out, room, &packed, work, NULL) == SPAE_OK);
    require(spae_inflate(format, out, packed, back, size, &in_used, &out_used, NULL) == SPAE_OK);
    require(in_used == packed && out_used == size && memcmp(back, data, size) == 0);
    free(back);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    decompress(data, size);
    round_trip((spae_deflate_format)(data[0] % 3), data, size);
    return 0;
}

/* JPEG: the coded data of a scan become coefficients.
 *
 * Source    T.81 A.2 order of blocks, F.2.2 sequential blocks, G.1.2 and G.2 progressive ones, E.2.4 restarts.
 * Method    Blocks of one component follow one another in rows; of several, an MCU holds h x v of each. A block is read
 *           by one of five functions: sequential; DC or AC, first or finer.
 * Open      [ours] refused, where other readers go on: a run beyond the block or the interval, values larger than 8 bits
 *           give, whole bytes left before a marker, a restart marker that is not the due one.
 */
#include "io/jpeg_bits.h"

enum { MOST_DC = 11, MOST_AC = 10 }; /* bits of a value: T.81 tables F.1 and F.2, for 8-bit samples */

typedef struct {
    const spae_jpeg_scan *s;
    spae_jpeg_bits bits;
    int32_t before[SPAE_JPEG_COMPONENTS]; /* the DC value of the component's last block */
    uint32_t empty;                       /* blocks to come without new coefficients: T.81's EOBRUN */
    const char *wrong;                    /* why a block was refused */
} coded;

/* Reads a block of the scan's component i; false: `wrong` says why. */
typedef bool read_block(coded *c, unsigned i, int16_t *block);

static bool wrong(coded *c, const char *why)
{
    c->wrong = why;
    return false;
}

static const char no_code[] = "no code begins with these bits", too_large[] = "a coefficient is larger than 8 bits give",
                  too_far[] = "a run of zeros leaves the block";

/* value 2^low, if an int16_t holds it. */
static bool put(coded *c, int32_t value, int16_t *to)
{
    const int32_t whole = value * ((int32_t)1 << c->s->low); /* |value| < 2^16 and low <= 13 */
    if (whole > INT16_MAX || whole < -INT16_MAX)
        return wrong(c, too_large);
    *to = (int16_t)whole;
    return true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static bool read_dc(coded *c, unsigned i, int16_t *block)
{
    const int size = spae_jpeg_bits_symbol(&c->bits, c->s->dc[i]);
    if (size < 0 || size > MOST_DC)
        return wrong(c, size < 0 ? no_code : too_large);
    c->before[i] += spae_jpeg_bits_value(&c->bits, (unsigned)size);
    return put(c, c->before[i], block);
}

/* Coefficients from..last. A symbol's high half is a run of zeros, its low half the bits of the coefficient behind them;
 * without bits, 15 is sixteen zeros, and r < 15 ends this block and the next 2^r - 1 + r bits; a sequential scan has
 * r = 0 alone. */
static bool read_run(coded *c, unsigned i, unsigned from, int16_t *block)
{
    for (unsigned k = from; k <= c->s->last; k++) {
        const int symbol = spae_jpeg_bits_symbol(&c->bits, c->s->ac[i]);
        if (symbol < 0)
            return wrong(c, no_code);
        const unsigned zeros = (unsigned)symbol >> 4, size = (unsigned)symbol & 15;
        if (size == 0 && zeros < 15) {
            c->empty = (1U << zeros) - 1 + spae_jpeg_bits_take(&c->bits, zeros);
            return true;
        }
        k += zeros;
        if (k > c->s->last)
            return wrong(c, too_far);
        if (size > MOST_AC)
            return wrong(c, too_large);
        if (size > 0 && !put(c, spae_jpeg_bits_value(&c->bits, size), &block[spae_jpeg_zigzag[k]]))
            return false;
    }
    return true;
}

static bool read_sequential(coded *c, unsigned i, int16_t *block)
{
    if (!read_dc(c, i, block) || !read_run(c, i, 1, block))
        return false;
    return c->empty == 0 || wrong(c, "a sequential block ends several blocks");
}

static bool read_ac(coded *c, unsigned i, int16_t *block)
{
    if (c->empty == 0)
        return read_run(c, i, c->s->first, block);
    c->empty--;
    return true;
}

/* One more bit of DC: the bits below 2^high are 0 so far, so that adding is setting. */
static bool refine_dc(coded *c, unsigned i, int16_t *block)
{
    (void)i;
    block[0] = (int16_t)(block[0] + (int16_t)(spae_jpeg_bits_take(&c->bits, 1) << c->s->low));
    return true;
}

/* One more bit of a coefficient that is not 0, away from 0: |*to| is a multiple of 2^high below 2^15. */
static void refine(coded *c, int16_t *to)
{
    const int16_t bit = (int16_t)(spae_jpeg_bits_take(&c->bits, 1) << c->s->low);
    *to = (int16_t)(*to < 0 ? *to - bit : *to + bit);
}

/* Passes over `zeros` coefficients that are 0, to the next that is 0 too, and refines the others on the way: returns its
 * place, last + 1 when there is none. */
static unsigned refine_run(coded *c, unsigned k, unsigned zeros, int16_t *block)
{
    for (; k <= c->s->last; k++) {
        int16_t *to = &block[spae_jpeg_zigzag[k]];
        if (*to != 0)
            refine(c, to);
        else if (zeros-- == 0)
            break;
    }
    return k;
}

/* One more bit of AC (T.81 G.1.2.3): as read_run, but a run counts only coefficients that are 0 so far, a new one is +-1
 * in its lowest bit, and the others take a bit as they are passed. */
static bool refine_ac(coded *c, unsigned i, int16_t *block)
{
    unsigned k = c->s->first;
    for (; c->empty == 0 && k <= c->s->last; k++) {
        const int symbol = spae_jpeg_bits_symbol(&c->bits, c->s->ac[i]);
        const unsigned zeros = (unsigned)symbol >> 4 & 15, size = (unsigned)symbol & 15;
        if (symbol < 0 || size > 1)
            return wrong(c, symbol < 0 ? no_code : "a new coefficient has more than its lowest bit");
        if (size == 0 && zeros < 15) {
            c->empty = (1U << zeros) + spae_jpeg_bits_take(&c->bits, zeros);
            break;
        }
        const unsigned positive = spae_jpeg_bits_take(&c->bits, size);
        k = refine_run(c, k, zeros, block);
        if (k > c->s->last)
            return wrong(c, too_far);
        if (size > 0 && !put(c, positive ? 1 : -1, &block[spae_jpeg_zigzag[k]]))
            return false;
    }
    if (c->empty > 0) {
        refine_run(c, k, SPAE_JPEG_BLOCK, block);
        c->empty--;
    }
    return true;
}

/* ---- the order of blocks --------------------------------------------------------------------- */

static read_block *reader_of(const spae_jpeg_picture *p, const spae_jpeg_scan *s)
{
    if (!p->progressive)
        return read_sequential;
    if (s->first == 0)
        return s->high == 0 ? read_dc : refine_dc;
    return s->high == 0 ? read_ac : refine_ac;
}

static int16_t *block_at(const spae_jpeg_component *c, size_t row, size_t column)
{
    return c->blocks + (row * c->columns + column) * SPAE_JPEG_BLOCK;
}

/* The blocks of an MCU: of a component alone the one at (row,column); of several h x v each, in rows. */
static bool read_mcu(coded *c, read_block *read, size_t row, size_t column)
{
    const spae_jpeg_scan *s = c->s;
    if (s->count == 1)
        return read(c, 0, block_at(s->component[0], row, column));
    for (unsigned i = 0; i < s->count; i++)
        for (unsigned y = 0; y < s->component[i]->v; y++)
            for (unsigned x = 0; x < s->component[i]->h; x++) {
                const spae_jpeg_component *of = s->component[i];
                if (!read(c, i, block_at(of, row * of->v + y, column * of->h + x)))
                    return false;
            }
    return true;
}

/* The end of data between two markers: fewer than eight bits are left, of which nothing is known. */
static spae_status end_interval(const char *name, coded *c, spae_error *err)
{
    spae_jpeg_bits *b = &c->bits;
    spae_jpeg_bits_fill(b);
    if (c->empty > 0)
        return spae_jpeg_broken(name, b->at, "a run of empty blocks goes beyond the data", err);
    if (b->count - b->padding >= 8)
        return spae_jpeg_broken(name, b->at - (b->count - b->padding) / 8,
                                "expected a marker, there are data left over", err);
    b->held = b->count = 0;
    b->padding = 0;
    for (unsigned i = 0; i < SPAE_JPEG_COMPONENTS; i++)
        c->before[i] = 0;
    return SPAE_OK;
}

/* Restart marker number n, behind any number of fill bytes FF. */
static spae_status restart(const char *name, coded *c, size_t n, spae_error *err)
{
    spae_jpeg_bits *b = &c->bits;
    const spae_status status = end_interval(name, c, err);
    if (status != SPAE_OK)
        return status;
    while (b->size - b->at >= 2 && b->data[b->at + 1] == 0xff)
        b->at++;
    if (b->size - b->at < 2 || b->data[b->at + 1] != 0xd0 + n % 8)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: expected the restart marker FF d%u", name, b->at,
                         (unsigned)(n % 8));
    b->at += 2;
    return SPAE_OK;
}

spae_status spae_jpeg_read_scan(const spae_jpeg_picture *p, const spae_jpeg_scan *s, const uint8_t *data, size_t size,
                                size_t *at, spae_error *err)
{
    const bool alone = s->count == 1;
    const size_t columns = alone ? s->component[0]->own_columns : p->mcu_columns;
    const size_t rows = alone ? s->component[0]->own_rows : p->mcu_rows;
    read_block *read = reader_of(p, s);
    coded c = {.s = s, .bits = {.data = data, .size = size, .at = *at}};
    for (size_t n = 0; n < rows * columns; n++) {
        if (s->restart > 0 && n > 0 && n % s->restart == 0) {
            const spae_status status = restart(p->name, &c, n / s->restart - 1, err);
            if (status != SPAE_OK)
                return status;
        }
        const bool good = read_mcu(&c, read, n / columns, n % columns);
        if (spae_jpeg_bits_over(&c.bits))
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: %s, more data of MCU %zu of %zu are due", p->name,
                             c.bits.at, c.bits.at < size ? "a marker" : "cut off", n, rows * columns);
        if (!good)
            return spae_jpeg_broken(p->name, c.bits.at, c.wrong, err);
    }
    const spae_status status = end_interval(p->name, &c, err);
    *at = c.bits.at;
    return status;
}

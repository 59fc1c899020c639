/* JPEG, reading: markers, tables, and the picture as a whole.
 *
 * Source    ITU-T T.81 (1992): B markers, A.1 sampling, G.1.1 progressions; ITU-T T.871 (JFIF) colours; Adobe's APP14.
 * Method    One walk up to the frame's header tells the size, so that the limits and the file's length can bear the
 *           picture before there is memory for it. A second walk takes tables and scans in order; every scan goes into
 *           coefficients, also of sequential pictures. At EOI these become samples.
 * Open      not settled by the standard; our choice, SPEC 8.50:
 *             colours               libjpeg's: JFIF says YCbCr, else Adobe's transform, else the components' names
 *             bytes after EOI       not looked at; a file without EOI is cut off
 *             coefficients unsent   0: nothing is smoothed
 *             number of scans       SPAE_JPEG_MOST_SCANS
 */
#include "io/jpeg.h"

#include "io/jpeg_parts.h"

enum {
    SOF0 = 0xc0, SOF1 = 0xc1, SOF2 = 0xc2, DHT = 0xc4, RST0 = 0xd0, SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb,
    DNL = 0xdc, DRI = 0xdd, APP0 = 0xe0, APP14 = 0xee, APP15 = 0xef, COM = 0xfe
};

typedef struct {
    const spae_source *source;
    spae_jpeg_picture picture;
    bool has_step[SPAE_JPEG_TABLES];
    uint16_t step[SPAE_JPEG_TABLES][SPAE_JPEG_BLOCK]; /* in rows */
    spae_jpeg_codes dc[SPAE_JPEG_TABLES], ac[SPAE_JPEG_TABLES];
    size_t restart; /* MCUs */
    unsigned scans;
    bool jfif, adobe;
    unsigned transform; /* Adobe's */
} reading;

/* A marker and its parameters. */
typedef struct {
    unsigned marker;
    uint64_t at, data; /* of the FF before the marker's byte; of the parameters behind the length */
    size_t bytes;      /* of parameters; none for EOI */
} segment;

spae_status spae_jpeg_broken(const char *name, uint64_t offset, const char *what, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: %s", name, (unsigned long long)offset, what);
}

static spae_status broken(const reading *r, uint64_t offset, const char *what, spae_error *err)
{
    return spae_jpeg_broken(r->source->name, offset, what, err);
}

/* ---- markers --------------------------------------------------------------------------------- */

/* The marker at `at`, behind any number of fill bytes FF, and the length of what it has. */
static spae_status read_segment(const reading *r, uint64_t at, segment *s, spae_error *err)
{
    uint8_t b[2];
    spae_status status = spae_source_read(r->source, at, b, 2, err);
    if (status == SPAE_OK && b[0] != 0xff)
        return broken(r, at, "expected a marker, FF and what it is", err);
    while (status == SPAE_OK && b[1] == 0xff)
        status = spae_source_read(r->source, ++at, b, 2, err);
    if (status != SPAE_OK)
        return status;
    *s = (segment){.marker = b[1], .at = at, .data = at + 2, .bytes = 0};
    if (s->marker == EOI)
        return SPAE_OK;
    if (s->marker < SOF0 || (s->marker >= RST0 && s->marker <= SOI))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: the marker FF %x is not due here", r->source->name,
                         (unsigned long long)at, s->marker);
    status = spae_source_read(r->source, at + 2, b, 2, err);
    if (status != SPAE_OK)
        return status;
    const size_t length = (size_t)b[0] << 8 | b[1];
    if (length < 2 || length > r->source->size - (at + 2))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: the marker FF %x has %zu bytes, the file %llu more",
                         r->source->name, (unsigned long long)at, s->marker, length,
                         (unsigned long long)(r->source->size - (at + 2)));
    s->data = at + 4;
    s->bytes = length - 2;
    return SPAE_OK;
}

/* Kinds of picture and markers that are not taken. */
static spae_status refuse(const reading *r, const segment *s, spae_error *err)
{
    const unsigned m = s->marker;
    const char *what = m == DNL                                     ? "the height in a marker of its own (DNL)"
                       : m == 0xcc || (m >= 0xc9 && m <= 0xcf)      ? "arithmetic coding"
                       : m == 0xc3                                  ? "lossless coding"
                       : m == 0xde || m == 0xdf || (m >= 0xc5 && m <= 0xc7) ? "a hierarchical picture"
                                                                    : "a marker without a meaning";
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: FF %x: %s, which this reader does not take",
                     r->source->name, (unsigned long long)s->at, m, what);
}

static spae_status read_data(const reading *r, const segment *s, size_t offset, void *to, size_t bytes, spae_error *err)
{
    if (bytes > s->bytes - offset)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: the marker FF %x has %zu bytes, more are due",
                         r->source->name, (unsigned long long)s->at, s->marker, s->bytes);
    return spae_source_read(r->source, s->data + offset, to, bytes, err);
}

/* ---- the frame ------------------------------------------------------------------------------- */

static size_t divide_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

static void measure(spae_jpeg_picture *p)
{
    p->most_h = p->most_v = 1;
    for (unsigned i = 0; i < p->count; i++) {
        p->most_h = p->component[i].h > p->most_h ? p->component[i].h : p->most_h;
        p->most_v = p->component[i].v > p->most_v ? p->component[i].v : p->most_v;
    }
    p->mcu_columns = divide_up(p->width, (size_t)SPAE_JPEG_SIDE * p->most_h);
    p->mcu_rows = divide_up(p->height, (size_t)SPAE_JPEG_SIDE * p->most_v);
    for (unsigned i = 0; i < p->count; i++) {
        spae_jpeg_component *c = &p->component[i];
        c->width = divide_up(p->width * c->h, p->most_h);
        c->height = divide_up(p->height * c->v, p->most_v);
        c->own_columns = divide_up(c->width, SPAE_JPEG_SIDE);
        c->own_rows = divide_up(c->height, SPAE_JPEG_SIDE);
        c->columns = p->mcu_columns * c->h;
        c->rows = p->mcu_rows * c->v;
        memset(c->low, -1, sizeof c->low);
    }
}

static spae_status read_components(reading *r, const segment *s, const uint8_t *b, spae_error *err)
{
    spae_jpeg_picture *p = &r->picture;
    for (unsigned i = 0; i < p->count; i++, b += 3) {
        p->component[i] = (spae_jpeg_component){.id = b[0], .h = b[1] >> 4, .v = b[1] & 15, .table = b[2]};
        const spae_jpeg_component *c = &p->component[i];
        if (c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4 || c->table >= SPAE_JPEG_TABLES)
            return broken(r, s->data + 6 + 3 * i, "no component has such sampling factors or such a table", err);
        for (unsigned j = 0; j < i; j++)
            if (p->component[j].id == c->id)
                return broken(r, s->data + 6 + 3 * i, "two components have the same name", err);
    }
    return SPAE_OK;
}

static spae_status read_frame(reading *r, const segment *s, spae_error *err)
{
    uint8_t b[6 + 3 * SPAE_JPEG_COMPONENTS];
    spae_jpeg_picture *p = &r->picture;
    spae_status status = read_data(r, s, 0, b, 6, err);
    if (status != SPAE_OK)
        return status;
    *p = (spae_jpeg_picture){.name = r->source->name,
                             .height = (size_t)b[1] << 8 | b[2],
                             .width = (size_t)b[3] << 8 | b[4],
                             .progressive = s->marker == SOF2,
                             .count = b[5]};
    if (b[0] != 8)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: samples of %u bits, this reader takes 8",
                         p->name, (unsigned long long)s->data, b[0]);
    if (p->height == 0)
        return broken(r, s->data + 1, "the height is 0: it comes behind the first scan, which this reader does not take",
                      err);
    if (p->width == 0)
        return broken(r, s->data + 3, "the width is 0", err);
    if (p->count == 4)
        return broken(r, s->data + 5, "four components, CMYK or YCCK: only grey, YCbCr and RGB are taken", err);
    if (p->count != 1 && p->count != 3)
        return broken(r, s->data + 5, "expected 1 or 3 components", err);
    if (s->bytes != 6 + 3 * p->count)
        return broken(r, s->at, "the frame's header has another length than its components", err);
    status = read_data(r, s, 6, b + 6, 3 * p->count, err);
    if (status == SPAE_OK)
        status = read_components(r, s, b + 6, err);
    if (status == SPAE_OK)
        measure(p);
    return status;
}

/* Walks to the frame's header, of which there is one before any scan.
 *   out  *at  what stands behind it */
static spae_status find_frame(reading *r, spae_error *err)
{
    segment s = {.data = 2, .bytes = 0};
    do {
        const spae_status status = read_segment(r, s.data + s.bytes, &s, err);
        if (status != SPAE_OK)
            return status;
        if (s.marker == SOS || s.marker == EOI)
            return broken(r, s.at, "expected a frame's header first", err);
    } while (s.marker >= APP0 || s.marker == DHT || s.marker == DQT || s.marker == DRI);
    return s.marker <= SOF2 ? read_frame(r, &s, err) : refuse(r, &s, err);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static spae_status read_steps(reading *r, const segment *s, spae_error *err)
{
    for (size_t at = 0; at < s->bytes;) {
        uint8_t b[1 + 2 * SPAE_JPEG_BLOCK] = {0};
        spae_status status = read_data(r, s, at, b, 1, err);
        const unsigned wide = b[0] >> 4, table = b[0] & 15;
        if (status == SPAE_OK && (wide > 1 || table >= SPAE_JPEG_TABLES))
            return broken(r, s->data + at, "no table of quantization has such a number or width", err);
        if (status == SPAE_OK)
            status = read_data(r, s, at + 1, b + 1, (wide + 1) * (size_t)SPAE_JPEG_BLOCK, err);
        if (status != SPAE_OK)
            return status;
        for (unsigned k = 0; k < SPAE_JPEG_BLOCK; k++) {
            const unsigned step = wide ? (unsigned)b[1 + 2 * k] << 8 | b[2 + 2 * k] : b[1 + k];
            if (step == 0)
                return broken(r, s->data + at, "a step of quantization is 0", err);
            r->step[table][spae_jpeg_zigzag[k]] = (uint16_t)step;
        }
        r->has_step[table] = true;
        at += 1 + (wide + 1) * (size_t)SPAE_JPEG_BLOCK;
    }
    return SPAE_OK;
}

static spae_status read_codes(reading *r, const segment *s, spae_error *err)
{
    for (size_t at = 0; at < s->bytes;) {
        uint8_t b[17], symbols[256];
        size_t count = 0;
        spae_status status = read_data(r, s, at, b, sizeof b, err);
        if (status != SPAE_OK)
            return status;
        for (unsigned l = 1; l <= 16; l++)
            count += b[l];
        if (b[0] >> 4 > 1 || (b[0] & 15) >= SPAE_JPEG_TABLES || count > sizeof symbols)
            return broken(r, s->data + at, "no table of codes has such a number, or so many codes", err);
        status = read_data(r, s, at + sizeof b, symbols, count, err);
        if (status != SPAE_OK)
            return status;
        if (!spae_jpeg_codes_make(b + 1, symbols, &(b[0] >> 4 == 0 ? r->dc : r->ac)[b[0] & 15]))
            return broken(r, s->data + at, "there are more codes of a length than that length has", err);
        at += sizeof b + count;
    }
    return SPAE_OK;
}

static spae_status read_restart(reading *r, const segment *s, spae_error *err)
{
    uint8_t b[2];
    if (s->bytes != sizeof b)
        return broken(r, s->at, "the restart interval is not 2 bytes long", err);
    const spae_status status = read_data(r, s, 0, b, sizeof b, err);
    if (status == SPAE_OK)
        r->restart = (size_t)b[0] << 8 | b[1];
    return status;
}

/* APP0 of JFIF and APP14 of Adobe say what the components are. Segments too short for them are someone else's. */
static spae_status read_application(reading *r, const segment *s, spae_error *err)
{
    uint8_t b[12] = {0};
    if ((s->marker != APP0 && s->marker != APP14) || s->bytes < sizeof b)
        return SPAE_OK;
    const spae_status status = read_data(r, s, 0, b, sizeof b, err);
    if (status == SPAE_OK && s->marker == APP0 && s->bytes >= 14 && memcmp(b, "JFIF", 5) == 0)
        r->jfif = true;
    if (status == SPAE_OK && s->marker == APP14 && memcmp(b, "Adobe", 5) == 0) {
        r->adobe = true;
        r->transform = b[11];
    }
    return status;
}

/* ---- scans ----------------------------------------------------------------------------------- */

static spae_status find_component(reading *r, const segment *s, spae_jpeg_scan *scan, unsigned id, spae_error *err)
{
    spae_jpeg_picture *p = &r->picture;
    for (unsigned i = 0; i < p->count; i++)
        if (p->component[i].id == id) {
            for (unsigned j = 0; j < scan->count; j++)
                if (scan->component[j] == &p->component[i])
                    return broken(r, s->data, "a scan has a component twice", err);
            scan->component[scan->count++] = &p->component[i];
            return SPAE_OK;
        }
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: a scan of component %u, which the frame does not have",
                     p->name, (unsigned long long)s->data, id);
}

/* What a scan says it holds: the components, their codes, the band of coefficients and its bits. */
static spae_status read_scan_header(reading *r, const segment *s, spae_jpeg_scan *scan, spae_error *err)
{
    uint8_t b[1 + 2 * SPAE_JPEG_COMPONENTS + 3] = {0};
    unsigned blocks = 0;
    spae_status status = read_data(r, s, 0, b, 1, err);
    const unsigned count = b[0];
    if (status == SPAE_OK && (count < 1 || count > r->picture.count || s->bytes != 4 + 2 * count))
        return broken(r, s->at, "the scan's header has another length than its components", err);
    if (status == SPAE_OK)
        status = read_data(r, s, 1, b + 1, s->bytes - 1, err);
    *scan = (spae_jpeg_scan){.count = 0, .restart = r->restart};
    for (unsigned i = 0; status == SPAE_OK && i < count; i++) {
        const unsigned dc = b[2 + 2 * i] >> 4, ac = b[2 + 2 * i] & 15;
        if (dc >= SPAE_JPEG_TABLES || ac >= SPAE_JPEG_TABLES)
            return broken(r, s->data + 2 + 2 * i, "a table of codes has no such number", err);
        status = find_component(r, s, scan, b[1 + 2 * i], err);
        scan->dc[i] = &r->dc[dc];
        scan->ac[i] = &r->ac[ac];
    }
    if (status != SPAE_OK)
        return status;
    for (unsigned i = 0; i < count; i++)
        blocks += scan->component[i]->h * scan->component[i]->v;
    if (count > 1 && blocks > 10)
        return broken(r, s->at, "an MCU has more than 10 blocks", err);
    scan->first = b[1 + 2 * count];
    scan->last = b[2 + 2 * count];
    scan->high = b[3 + 2 * count] >> 4;
    scan->low = b[3 + 2 * count] & 15;
    return SPAE_OK;
}

/* Is the band one that T.81 G.1.1.1 allows, and F.2 of a sequential scan? */
static bool is_band(const reading *r, const spae_jpeg_scan *s)
{
    if (!r->picture.progressive)
        return s->first == 0 && s->last == SPAE_JPEG_BLOCK - 1 && s->high == 0 && s->low == 0;
    if (s->first == 0 ? s->last != 0 : s->last < s->first || s->last >= SPAE_JPEG_BLOCK || s->count != 1)
        return false;
    return s->low <= 13 && (s->high == 0 || s->high == s->low + 1);
}

/* Every bit is sent once, in order, DC before AC. Takes note of what this scan sends. */
static bool is_due(spae_jpeg_component *c, const spae_jpeg_scan *s)
{
    if (s->first > 0 && c->low[0] < 0)
        return false;
    for (unsigned k = s->first; k <= s->last; k++) {
        if (c->low[k] != (s->high == 0 ? -1 : (int)s->high))
            return false;
        c->low[k] = (int8_t)s->low;
    }
    return true;
}

/* The codes that the scan's blocks are read by are there; so are the steps, which from now on are the component's. */
static spae_status take_tables(reading *r, const segment *at, const spae_jpeg_scan *s, spae_error *err)
{
    const bool dc = s->first == 0 && s->high == 0, ac = s->last > 0;
    for (unsigned i = 0; i < s->count; i++) {
        spae_jpeg_component *c = s->component[i];
        if ((dc && !s->dc[i]->defined) || (ac && !s->ac[i]->defined))
            return broken(r, at->at, "the scan's table of codes is not there", err);
        if (!c->has_steps && !r->has_step[c->table])
            return broken(r, at->at, "the scan's table of quantization is not there", err);
        if (!c->has_steps)
            memcpy(c->step, r->step[c->table], sizeof c->step);
        c->has_steps = true;
    }
    return SPAE_OK;
}

/*   in   whole  the file's bytes
 *   out  *end   the marker behind the scan's data */
static spae_status read_scan(reading *r, const segment *at, const uint8_t *whole, uint64_t *end, spae_error *err)
{
    spae_jpeg_scan s;
    size_t place = (size_t)(at->data + at->bytes);
    if (++r->scans > SPAE_JPEG_MOST_SCANS)
        return broken(r, at->at, "more scans than any picture needs", err);
    spae_status status = read_scan_header(r, at, &s, err);
    if (status == SPAE_OK && !is_band(r, &s))
        status = broken(r, at->at, "no scan of such a picture has this band of coefficients", err);
    if (status == SPAE_OK)
        status = take_tables(r, at, &s, err);
    for (unsigned i = 0; status == SPAE_OK && i < s.count; i++)
        if (!is_due(s.component[i], &s))
            status = broken(r, at->at, "the scan's bits were sent before, or others are due before them", err);
    if (status == SPAE_OK)
        status = spae_jpeg_read_scan(&r->picture, &s, whole, (size_t)r->source->size, &place, err);
    *end = place;
    return status;
}

/* ---- the picture ----------------------------------------------------------------------------- */

/* Are the components red, green, blue? As libjpeg decides it. */
static bool is_rgb(const reading *r)
{
    const spae_jpeg_component *c = r->picture.component;
    if (r->picture.count != 3 || r->jfif)
        return false;
    return r->adobe ? r->transform == 0 : c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B';
}

/* Tables and scans, from the file's start to EOI. */
static spae_status read_scans(reading *r, const uint8_t *whole, spae_error *err)
{
    segment s = {.data = 2, .bytes = 0};
    bool framed = false;
    uint64_t at = 2;
    for (;;) {
        spae_status status = read_segment(r, at, &s, err);
        if (status != SPAE_OK)
            return status;
        if (s.marker == EOI)
            break;
        at = s.data + s.bytes;
        if (s.marker == SOS) {
            status = framed ? read_scan(r, &s, whole, &at, err) : broken(r, s.at, "a scan before the frame", err);
        } else if (s.marker <= SOF2) {
            status = framed ? broken(r, s.at, "a second frame", err) : SPAE_OK; /* the first was found already */
            framed = true;
        } else {
            status = s.marker == DQT                             ? read_steps(r, &s, err)
                     : s.marker == DHT                           ? read_codes(r, &s, err)
                     : s.marker == DRI                           ? read_restart(r, &s, err)
                     : s.marker >= APP0 && s.marker <= APP15     ? read_application(r, &s, err)
                     : s.marker > APP15                          ? SPAE_OK /* JPGn and COM */
                                                                 : refuse(r, &s, err);
        }
        if (status != SPAE_OK)
            return status;
    }
    for (unsigned i = 0; i < r->picture.count; i++)
        if (!r->picture.component[i].has_steps || r->picture.component[i].low[0] < 0)
            return spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %llu: the picture ends, a scan of component %u is due",
                             r->source->name, (unsigned long long)s.at, r->picture.component[i].id);
    r->picture.rgb = is_rgb(r);
    return SPAE_OK;
}

static spae_status no_memory(const reading *r, spae_error *err)
{
    return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a JPEG of %zu x %zu", r->source->name,
                     r->picture.height, r->picture.width);
}

/* Coefficients and samples of every component. */
static spae_status take_blocks(spae_arena *arena, reading *r, spae_error *err)
{
    for (unsigned i = 0; i < r->picture.count; i++) {
        spae_jpeg_component *c = &r->picture.component[i];
        const size_t count = c->rows * c->columns; /* below 2^28: both sides are at most 2^16 samples */
        if (count > SIZE_MAX / (2 * SPAE_JPEG_BLOCK))
            return no_memory(r, err);
        c->blocks = spae_arena_take_zeroed(arena, count * SPAE_JPEG_BLOCK, sizeof *c->blocks);
        c->samples = spae_arena_take(arena, count * SPAE_JPEG_BLOCK, 1);
        if (c->blocks == NULL || c->samples == NULL)
            return no_memory(r, err);
    }
    return SPAE_OK;
}

/* The whole file in memory, as its scans' bits are read: the source's own bytes where it has them. */
static spae_status take_file(spae_arena *arena, const reading *r, const uint8_t **whole, spae_error *err)
{
    *whole = r->source->memory;
    if (*whole != NULL)
        return SPAE_OK;
    uint8_t *bytes = spae_arena_take(arena, (size_t)r->source->size, 1);
    *whole = bytes;
    return bytes != NULL ? spae_source_read(r->source, 0, bytes, (size_t)r->source->size, err) : no_memory(r, err);
}

static spae_status read_pixels(spae_arena *arena, reading *r, spae_image *image, spae_error *err)
{
    const uint8_t *whole = NULL;
    uint8_t *row = NULL;
    spae_status status = take_file(arena, r, &whole, err);
    if (status == SPAE_OK)
        status = take_blocks(arena, r, err);
    if (status == SPAE_OK) {
        row = spae_arena_take(arena, r->picture.width, SPAE_JPEG_COMPONENTS);
        status = row != NULL ? read_scans(r, whole, err) : no_memory(r, err);
    }
    for (unsigned i = 0; status == SPAE_OK && i < r->picture.count; i++)
        spae_jpeg_transform(&r->picture.component[i]);
    if (status == SPAE_OK)
        spae_jpeg_colours(&r->picture, row, image);
    return status;
}

/* Every block of every component takes a bit of the file: of DC, which cannot be left out. */
static spae_status check_size(const reading *r, const spae_limits *l, spae_error *err)
{
    uint64_t blocks = 0;
    for (unsigned i = 0; i < r->picture.count; i++)
        blocks += (uint64_t)r->picture.component[i].own_rows * r->picture.component[i].own_columns;
    if (r->source->size > l->max_file_bytes || r->source->size > SIZE_MAX)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: the file is longer than the limit", r->source->name);
    if (blocks / 8 > r->source->size)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: no %llu bytes hold a picture of %zu x %zu", r->source->name,
                         (unsigned long long)r->source->size, r->picture.height, r->picture.width);
    return SPAE_OK;
}

static spae_status read_picture(spae_arena *arena, reading *r, const spae_limits *limits, spae_image *image,
                                spae_error *err)
{
    const spae_limits l = limits != NULL ? *limits : spae_limits_default();
    uint8_t start[2];
    spae_status status = spae_source_read(r->source, 0, start, 2, err);
    if (status == SPAE_OK && (start[0] != 0xff || start[1] != SOI))
        status = broken(r, 0, "expected FF D8, the start of a JPEG", err);
    if (status == SPAE_OK)
        status = find_frame(r, err);
    if (status == SPAE_OK)
        status = check_size(r, &l, err);
    if (status == SPAE_OK)
        status = spae_image_take(arena, r->source->name, &l, r->picture.height, r->picture.width, r->picture.count,
                                 image, err);
    if (status != SPAE_OK)
        return status;
    const spae_arena_mark scratch = spae_arena_here(arena);
    status = read_pixels(arena, r, image, err);
    spae_arena_reset(arena, scratch);
    return status;
}

spae_status spae_jpeg_read(spae_arena *arena, const spae_source *source, const spae_limits *limits,
                           spae_image *image, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    reading r = {.source = source};
    spae_image read = {0, 0, 0, NULL};
    const spae_status status = read_picture(arena, &r, limits, &read, err);
    if (status == SPAE_OK)
        *image = read;
    else
        spae_arena_reset(arena, mark);
    return status;
}

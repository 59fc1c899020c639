/* io/png: pictures made chunk by chunk, with stored deflate blocks so that only the reader's
 * inflate is met. */
#include "bytes.h"

#include "../../io/png.h"
#include "../../vendor_free/checksum.h"

static void add_chunk(bytes *b, const char *type, const void *data, size_t n)
{
    add_high(b, n, 4);
    add(b, type, 4);
    add(b, data, n);
    add_high(b, spae_crc32(0, b->data + b->size - n - 4, n + 4), 4);
}

static void add_start(bytes *b, uint32_t width, uint32_t height, unsigned depth, unsigned colour,
                      unsigned interlace)
{
    bytes head = {.size = 0};
    add_high(&head, width, 4);
    add_high(&head, height, 4);
    add_high(&head, depth, 1);
    add_high(&head, colour, 1);
    add_high(&head, interlace, 3); /* compression and filter 0 */
    add(b, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(b, "IHDR", head.data, head.size);
}

/* Rows with their filter bytes, as one stored block in a zlib stream. */
static bytes stored(const void *rows, size_t n)
{
    bytes z = {.size = 0};
    add(&z, "\x78\1\1", 3);
    add_low(&z, n, 2);
    add_low(&z, ~n & 0xffff, 2);
    add(&z, rows, n);
    add_high(&z, spae_adler32(1, rows, n), 4);
    return z;
}

static void add_rows(bytes *b, const void *rows, size_t n)
{
    const bytes z = stored(rows, n);
    add_chunk(b, "IDAT", z.data, z.size);
}

static void add_end(bytes *b)
{
    add_chunk(b, "IEND", NULL, 0);
}

static spae_status read_png(const bytes *b, spae_arena *arena, spae_image *image, spae_error *err)
{
    const spae_source source = source_of(b);
    return spae_png_read(arena, &source, NULL, image, err);
}

/* ---- colour types ---------------------------------------------------------------------------- */

/* One row of two pixels in each type and depth; the samples that it becomes. */
typedef struct {
    unsigned depth, colour;
    const char *row; /* after the filter byte */
    size_t n;
    const char *trns;
    size_t trns_n;
    float due[6];
} pixel_case;

static const pixel_case pixels[] = {
    {1, 0, "\x40", 1, NULL, 0, {0.0f, 1.0f}},
    {2, 0, "\x60", 1, NULL, 0, {1.0f / 3.0f, 2.0f / 3.0f}},
    {4, 0, "\x5f", 1, NULL, 0, {5.0f / 15.0f, 1.0f}},
    {8, 0, "\x80\xff", 2, NULL, 0, {128.0f / 255.0f, 1.0f}},
    {16, 0, "\x12\x34\xff\xff", 4, NULL, 0, {4660.0f / 65535.0f, 1.0f}},
    {8,
     2,
     "\1\2\3\4\5\6",
     6,
     NULL,
     0,
     {1 / 255.0f, 2 / 255.0f, 3 / 255.0f, 4 / 255.0f, 5 / 255.0f, 6 / 255.0f}},
    {16,
     2,
     "\0\1\0\2\0\3\1\0\2\0\3\0",
     12,
     NULL,
     0,
     {1 / 65535.0f, 2 / 65535.0f, 3 / 65535.0f, 256 / 65535.0f, 512 / 65535.0f, 768 / 65535.0f}},
    {1, 3, "\x80", 1, NULL, 0, {1.0f, 128 / 255.0f, 0.0f, 0.2f, 0.4f, 0.6f}},
    {2, 3, "\x40", 1, NULL, 0, {1.0f, 128 / 255.0f, 0.0f, 0.2f, 0.4f, 0.6f}},
    {4, 3, "\x10", 1, NULL, 0, {1.0f, 128 / 255.0f, 0.0f, 0.2f, 0.4f, 0.6f}},
    {8, 3, "\1\0", 2, NULL, 0, {1.0f, 128 / 255.0f, 0.0f, 0.2f, 0.4f, 0.6f}},
    {8, 4, "\x80\xff\x80\0", 4, NULL, 0, {128 / 255.0f, 1.0f}},
    {8, 4, "\0\x80\0\x33", 4, NULL, 0, {127 / 255.0f, 0.8f}},
    {16, 4, "\0\0\x33\x33\0\0\xff\xff", 8, NULL, 0, {0.8f, 0.0f}},
    {8,
     6,
     "\1\2\3\xff\1\2\3\0",
     8,
     NULL,
     0,
     {1 / 255.0f, 2 / 255.0f, 3 / 255.0f, 1.0f, 1.0f, 1.0f}},
    {16,
     6,
     "\0\0\0\0\0\0\x66\x66\0\0\0\0\0\0\xff\xff",
     16,
     NULL,
     0,
     {0.6f, 0.6f, 0.6f, 0.0f, 0.0f, 0.0f}},
    {8, 0, "\x80\x81", 2, "\0\x80", 2, {1.0f, 129 / 255.0f}},
    {8, 0, "\x80\x81", 2, "\1\x80", 2, {128 / 255.0f, 129 / 255.0f}}, /* no 8-bit sample is 0180 */
    {8,
     2,
     "\1\2\3\1\2\4",
     6,
     "\0\1\0\2\0\3",
     6,
     {1.0f, 1.0f, 1.0f, 1 / 255.0f, 2 / 255.0f, 4 / 255.0f}},
    {1,
     3,
     "\x80",
     1,
     "\x33\0",
     2,
     {1.0f, 1.0f, 1.0f, 0.84f, 0.88f, 0.92f}}, /* entry 0 has alpha 1/5 */
    {1, 3, "\x80", 1, "\xff", 1, {1.0f, 128 / 255.0f, 0.0f, 0.2f, 0.4f, 0.6f}},
};

static bytes one_row(const pixel_case *c)
{
    bytes b = {.size = 0}, row = {.size = 0};
    add_start(&b, 2, 1, c->depth, c->colour, 0);
    add_chunk(&b, "gAMA", "\0\0\xb1\x8f", 4); /* ancillary: ignored */
    if (c->colour == 3)
        add_chunk(&b, "PLTE", "\x33\x66\x99\xff\x80\0", 6);
    if (c->trns != NULL)
        add_chunk(&b, "tRNS", c->trns, c->trns_n);
    add(&row, "\0", 1);
    add(&row, c->row, c->n);
    add_rows(&b, row.data, row.size);
    add_end(&b);
    return b;
}

static spae_status read_case(spae_arena *arena, void *context, spae_error *err)
{
    const pixel_case *c = *(const pixel_case *const *)context;
    const bytes b = one_row(c);
    spae_image image;
    const spae_status status = read_png(&b, arena, &image, err);
    if (status != SPAE_OK)
        return status;
    ck_assert(image.height == 1 && image.width == 2 &&
              image.channels == (c->colour % 4 == 0 ? 1 : 3));
    for (size_t i = 0; i < 2 * image.channels; i++)
        ck_assert_msg(image.pixels[i] == c->due[i], "depth %u colour %u sample %zu: %a, due %a",
                      c->depth, c->colour, i, (double)image.pixels[i], (double)c->due[i]);
    return SPAE_OK;
}

START_TEST(every_type_and_depth)
{
    for (size_t i = 0; i < sizeof pixels / sizeof pixels[0]; i++) {
        const pixel_case *c = &pixels[i];
        starve(read_case, &c, 64);
    }
}
END_TEST

/* ---- filters and interlacing ----------------------------------------------------------------- */

/* Filtered by hand: rows of three grey pixels, each meant to be 10 20 40, 11 22 44, ... */
START_TEST(every_filter)
{
    static const uint8_t rows[] = {
        1, 10, 10, 20,   /* Sub:      10  20  40 */
        2, 1,  2,  4,    /* Up:       11  22  44 */
        3, 6,  7,  14,   /* Average:  5+6, (11+22)/2+7, (23+44)/2+14 */
        4, 1,  11, 24,   /* Paeth:    11+1; nearest to 12+23-11 = 24 is 23; 47+... */
        0, 1,  2,  255}; /* None */
    static const uint8_t due[] = {10, 20, 40, 11, 22, 44, 11, 23, 47, 12, 34, 71, 1, 2, 255};
    bytes b = {.size = 0};
    spae_arena arena = new_arena();
    spae_image image;
    add_start(&b, 3, 5, 8, 0, 0);
    add_rows(&b, rows, sizeof rows);
    add_end(&b);
    ck_assert_int_eq(read_png(&b, &arena, &image, NULL), SPAE_OK);
    for (size_t i = 0; i < sizeof due; i++)
        ck_assert_msg(image.pixels[i] == (float)due[i] / 255.0f, "pixel %zu: %g", i,
                      (double)image.pixels[i] * 255.0);
    spae_arena_free(&arena);
}
END_TEST

/* Which pass of Adam7 a pixel is in, from the 8 x 8 pattern of the standard. */
static const char pattern[8][9] = {"16462646", "77777777", "56565656", "77777777",
                                   "36463646", "77777777", "56565656", "77777777"};

START_TEST(interlaced_pictures_of_every_small_size)
{
    for (uint32_t n = 0; n < 100; n++) {
        const uint32_t width = n % 10 + 1, height = n / 10 + 1;
        bytes b = {.size = 0}, rows = {.size = 0};
        spae_arena arena = new_arena();
        spae_image image;
        for (char p = '1'; p <= '7'; p++)
            for (uint32_t y = 0; y < height; y++)
                for (uint32_t x = 0, first = 1; x < width; x++)
                    if (pattern[y % 8][x % 8] == p) {
                        add(&rows, "\0",
                            first); /* a filter byte before the first pixel of a row of the pass */
                        add_low(&rows, 16 * y + x, 1);
                        first = 0;
                    }
        add_start(&b, width, height, 8, 0, 1);
        add_rows(&b, rows.data, rows.size);
        add_end(&b);
        ck_assert_int_eq(read_png(&b, &arena, &image, NULL), SPAE_OK);
        for (uint32_t i = 0; i < width * height; i++)
            ck_assert(image.pixels[i] == (float)(16 * (i / width) + i % width) / 255.0f);
        spae_arena_free(&arena);
    }
}
END_TEST

/* ---- broken files ---------------------------------------------------------------------------- */

/* A letter a chunk: H the signature and a header of 2 x 1 grey, P palette, W RGB and alpha, h a
 * short header; L PLTE of 6 bytes, l of 4, k of 3, 0 of none; T tRNS of 2 bytes, r of 3; D the
 * data, 1 and 2 its halves, e no data; A an ancillary chunk, C an unknown critical one, x a bad
 * type, E the end, F an end that is not empty; B spoils the CRC before it; any other character
 * stands for itself. */
static bytes chunks(const char *letters)
{
    static const uint8_t row[] = {0, 0, 1};
    const bytes z = stored(row, sizeof row);
    bytes b = {.size = 0};
    for (; *letters != 0; letters++) {
        switch (*letters) {
        case 'H':
            add_start(&b, 2, 1, 8, 0, 0);
            break;
        case 'P':
            add_start(&b, 2, 1, 8, 3, 0);
            break;
        case 'W':
            add_start(&b, 2, 1, 8, 6, 0);
            break;
        case 'h':
            add_chunk(&b, "IHDR", row, 3);
            break;
        case 'L':
            add_chunk(&b, "PLTE", "abcdef", 6);
            break;
        case 'l':
            add_chunk(&b, "PLTE", "abcd", 4);
            break;
        case 'k':
            add_chunk(&b, "PLTE", "abc", 3);
            break;
        case '0':
            add_chunk(&b, "PLTE", "", 0);
            break;
        case 'T':
            add_chunk(&b, "tRNS", "\0\0", 2);
            break;
        case 'r':
            add_chunk(&b, "tRNS", "\0\0\0", 3);
            break;
        case 'D':
            add_chunk(&b, "IDAT", z.data, z.size);
            break;
        case '1':
            add_chunk(&b, "IDAT", z.data, 6);
            break;
        case '2':
            add_chunk(&b, "IDAT", z.data + 6, z.size - 6);
            break;
        case 'e':
            add_chunk(&b, "IDAT", "", 0);
            break;
        case 'A':
            add_chunk(&b, "tEXt", "a", 1);
            break;
        case 'C':
            add_chunk(&b, "CrIT", "a", 1);
            break;
        case 'x':
            add_chunk(&b, "ID4T", "a", 1);
            break;
        case 'E':
            add_end(&b);
            break;
        case 'F':
            add_chunk(&b, "IEND", "a", 1);
            break;
        case 'B':
            b.data[b.size - 1] ^= 1;
            break;
        default:
            add(&b, letters, 1);
            break;
        }
    }
    return b;
}

START_TEST(chunks_in_and_out_of_order)
{
    static const struct {
        const char *letters, *why;
    } cases[] = {
        {"HDE", NULL},
        {"HADAE", NULL},
        {"H12E", NULL},
        {"H1e2eE", NULL},
        {"HTDE", NULL},
        {"PLDE", NULL},
        {"PLTDE", NULL},
        {"HDE and more", NULL},
        {"DE", "this is no PNG"},
        {"HHDE", "not four letters"},
        {"hDE", "this is no PNG"},
        {"HhDE", "IHDR is the first chunk"},
        {"HD", "cut off"},
        {"HE", "comes before the data"},
        {"HeE", "comes before the data"},
        {"HDF", "IEND is not empty"},
        {"HDADE", "not one behind the other"},
        {"H1A2E", "not one behind the other"},
        {"HCDE", "a critical chunk is unknown"},
        {"HxDE", "not four letters"},
        {"HDBE", "the CRC of the chunk"},
        {"HABDE", "the CRC of the chunk"},
        {"HLDE", "a grey picture has no PLTE"},
        {"PDE", "IDAT comes before PLTE"},
        {"PLLDE", "PLTE is not due"},
        {"PlDE", "PLTE has the wrong length"},
        {"P0DE", "PLTE has the wrong length"},
        {"PLD0E", "PLTE is not due"},
        {"PTLDE", "tRNS is not due"},
        {"PLTTDE", "tRNS is not due"},
        {"HDTE", "tRNS is not due"},
        {"HrDE", "tRNS has the wrong length"},
        {"PLrDE", "tRNS is longer than PLTE"},
        {"WTDE", "a picture with alpha has no tRNS"},
        {"PkDE", "a pixel is not in the palette"},
        {"H1E", "cut off"},
        {"HDDE", "IDAT has more or fewer data"},
        {"WDE", "IDAT has more or fewer data"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bytes b = chunks(cases[i].letters);
        spae_arena arena = new_arena();
        spae_image image;
        spae_error err = {SPAE_OK, ""};
        const spae_status status = read_png(&b, &arena, &image, &err);
        if (cases[i].why == NULL) {
            ck_assert_msg(status == SPAE_OK, "%s: %s", cases[i].letters, err.text);
        } else {
            ck_refused(status, SPAE_ERR_FORMAT, err, cases[i].why);
            ck_assert(arena.used == 0);
        }
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(headers_that_are_refused)
{
    static const struct {
        uint32_t width, height;
        unsigned depth, colour, interlace;
        const char *why;
    } cases[] = {
        {0, 1, 8, 0, 0, "width or height is 0"},
        {1, 0, 8, 0, 0, "width or height is 0"},
        {0x80000000, 1, 8, 0, 0, "width or height is 0 or over"},
        {1, 1, 3, 0, 0, "no picture has this depth"},
        {1, 1, 0, 0, 0, "no picture has this depth"},
        {1, 1, 32, 0, 0, "no picture has this depth"},
        {1, 1, 8, 1, 0, "no picture has this depth"},
        {1, 1, 8, 5, 0, "no picture has this depth"},
        {1, 1, 8, 7, 0, "no picture has this depth"},
        {1, 1, 4, 2, 0, "no picture has this depth"},
        {1, 1, 16, 3, 0, "no picture has this depth"},
        {1, 1, 8, 0, 2, "interlace method is unknown"},
        {1, 1, 8, 0, 0x100, "interlace method is unknown"},
        {1, 1, 8, 0, 0x10000, "interlace method is unknown"},
        {16385, 1, 8, 0, 0, "larger than the limits"},
        {1, 16385, 8, 0, 0, "larger than the limits"},
        {16384, 16384, 1, 0, 0, "no data of this length inflate to such"},
        {9999, 1, 8, 0, 0, "IDAT has more or fewer data"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static const uint8_t row[2] = {0, 0};
        bytes b = {.size = 0};
        spae_arena arena = new_arena();
        spae_image image;
        spae_error err = {SPAE_OK, ""};
        add_start(&b, cases[i].width, cases[i].height, cases[i].depth, cases[i].colour,
                  cases[i].interlace);
        add_rows(&b, row, 2);
        add_end(&b);
        ck_refused(read_png(&b, &arena, &image, &err), SPAE_ERR_FORMAT, err, cases[i].why);
        ck_assert(arena.used == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(data_that_are_refused)
{
    static const uint8_t filter5[] = {5, 0, 0}, longer[] = {0, 0, 0, 0}, row[] = {0, 0, 0};
    bytes z[4] = {stored(filter5, 3), stored(longer, 4), stored(row, 3), stored(row, 3)};
    static const char *const why[] = {"unknown filter", "longer than expected", "Adler-32",
                                      "zlib header"};
    z[2].data[z[2].size - 1] ^= 1;
    z[3].data[0] ^= 1;
    for (size_t i = 0; i < 4; i++) {
        bytes b = {.size = 0};
        spae_arena arena = new_arena();
        spae_image image;
        spae_error err = {SPAE_OK, ""};
        add_start(&b, 2, 1, 8, 0, 0);
        add_chunk(&b, "IDAT", z[i].data, z[i].size);
        add_end(&b);
        ck_refused(read_png(&b, &arena, &image, &err), SPAE_ERR_FORMAT, err, why[i]);
        ck_assert(arena.used == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(every_cut_is_refused)
{
    bytes b = chunks("PLTDE");
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err;
    const size_t whole = b.size;
    for (b.size = 0; b.size < whole; b.size++)
        ck_refused(read_png(&b, &arena, &image, &err), SPAE_ERR_FORMAT, err, "byte ");
    b.size = whole;
    ck_assert_int_eq(read_png(&b, &arena, &image, &err), SPAE_OK);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_png, "io/png", every_type_and_depth, every_filter,
      interlaced_pictures_of_every_small_size, chunks_in_and_out_of_order, headers_that_are_refused,
      data_that_are_refused, every_cut_is_refused)

/* Stage files, pictures: PPM and PGM (SPEC 8.17), PNG (8.18), samples (8.16), resizing (8.22). */
#include <math.h>
#include <string.h>

#include "io/image.h"
#include "io/pnm.h"
#include "raw.h"
#include "test/vectors/tokens.h"
#include "vendor_free/checksum.h"
#include "vendor_free/deflate.h"

static void read_picture(vectors *v, const vectors_file *file, spae_status due)
{
    const spae_source source = vectors_file_given(file);
    spae_image image;
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_image_read_source(v->arena, &source, NULL, &image, v->err)))
        vectors_floats(v, "x", 3, (const size_t[]){image.height, image.width, image.channels}, image.pixels);
}

/* ---- PPM, PGM, and NPY pictures ---- */

static void bytes_case(vectors *v, const char *name, const char *clause, const char *bytes, size_t size,
                       spae_status due, const char *why)
{
    if (!vectors_begin(v, name, clause, "read_picture", "{}", why))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_file_add(&file, bytes, size);
    read_picture(v, &file, due);
    vectors_end(v);
}

#define D(text)          VECTORS_TEXT(text)
#define F                SPAE_ERR_FORMAT
#define NPY(type, shape) "\x93NUMPY\x01\0\x3C\0{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }"

static void pnm(vectors *v)
{
    const char *const c = "8.16 8.17";
    bytes_case(v, "files/pgm_raw", c, D("P5 3 2 255\n\0\1\x80\xFE\xFF\x7F"), SPAE_OK, "bytes of grey");
    bytes_case(v, "files/ppm_raw", c, D("P6\n# a comment\n2 1 # another\n255\n\0\x10\x20\x30\x40\xFF"), SPAE_OK,
               "bytes of three colours, comments in the header");
    bytes_case(v, "files/pgm_raw_16_bits", c, D("P5 2 1 65535 \x01\0\xFF\xFE"), SPAE_OK,
               "two bytes a sample, high first");
    bytes_case(v, "files/pgm_plain", c, D("P2\n3 1\n7\n0 3\n7\n"), SPAE_OK, "decimal numbers, maxval 7");
    bytes_case(v, "files/ppm_plain", c, D("P3 1 2 1000  0 1 1000\t500 333 667"), SPAE_OK,
               "decimal numbers of three colours");
    bytes_case(v, "files/pnm_refused_kind", c, D("P4 8 1 \xFF"), F, "a bitmap");
    bytes_case(v, "files/pnm_refused_truncated", c, D("P5 3 2 255\n\0\1\x80\xFE\xFF"), F, "data end early");
    bytes_case(v, "files/pnm_refused_more_data", c, D("P5 1 1 255\n\0\1"), F, "a byte behind the data");
    bytes_case(v, "files/pnm_refused_above_maxval", c, D("P5 1 1 9\n\x0A"), F, "a sample above maxval");
    bytes_case(v, "files/pnm_refused_plain_above_maxval", c, D("P2 1 1 9 10"), F, "a decimal sample above maxval");
    bytes_case(v, "files/pnm_refused_maxval_0", c, D("P5 1 1 0\n\0"), F, "maxval 0");
    bytes_case(v, "files/pnm_refused_maxval_65536", c, D("P5 1 1 65536\n\0\0"), F, "maxval beyond 16 bits");
    bytes_case(v, "files/pnm_refused_width_0", c, D("P5 0 1 255\n"), F, "no columns");
    bytes_case(v, "files/limit_picture_width", "8.2 8.17", D("P5 16385 1 255\n\0"), F, "more columns than the limit");
    bytes_case(v, "files/pnm_refused_plain_behind", c, D("P2 1 1 9 5 # no comments here"), F,
               "more than white space behind");
    bytes_case(v, "files/picture_npy_u1", "8.16 8.19", D(NPY("|u1", "(1,2,3)") "\0\1\x7F\x80\xFE\xFF"), SPAE_OK,
               "an array of bytes is divided by 255");
    bytes_case(v, "files/picture_npy_f4", "8.19", D(NPY("<f4", "(2,1)  ") "\0\0\0\x3F\0\0\x80\x3F"), SPAE_OK,
               "an array of two axes is grey, its floats are samples");
    bytes_case(v, "files/picture_npy_refused_range", "8.19", D(NPY("<f4", "(1,1)  ") "\1\0\x80\x3F"), F,
               "a float above 1");
    bytes_case(v, "files/refusal_not_finite", "8.1 8.19", D(NPY("<f4", "(1,1)  ") "\0\0\xC0\x7F"), SPAE_ERR_NOT_FINITE,
               "a NaN");
    bytes_case(v, "files/picture_npy_refused_shape", "8.19", D(NPY("|u1", "(1,1,2)") "\0\0"), F, "two channels");
    bytes_case(v, "files/picture_npy_refused_type", "8.19", D(NPY("<i4", "(1,1)  ") "\0\0\0\0"), F,
               "32-bit whole numbers");
    bytes_case(v, "files/refusal_format", "8.1 8.17 8.18 8.19", D("GIF89a\1\0\1\0"), F, "another format");
}

/* ---- PNG ---- */

typedef enum {
    SOUND,
    LESS_DATA,
    MORE_DATA,
    ADLER,
    FILTER,
    PAETH,
    NO_PALETTE,
    SHORT_PALETTE,
    CRITICAL,
    SPLIT,
    SIGNATURE,
    CRC,
    CUT
} flaw;

typedef struct {
    const char *name, *why;
    unsigned depth, colour, interlace, width, height;
    const char *transparent; /* tRNS */
    size_t transparent_size;
    flaw flaw;
    spae_status due;
} png_case;

static void chunk(vectors_file *f, const char *type, const void *data, size_t size)
{
    vectors_file_high(f, size, 4);
    vectors_file_add(f, type, 4);
    vectors_file_add(f, data, size);
    vectors_file_high(f, spae_crc32(spae_crc32(0, type, 4), data, size), 4);
}

/* Rows of one pass, each behind its filter's number: 0 .. 4 in turn; bytes that look like noise. PAETH is no flaw: filter 4
 * alone and bytes from -2 to 1, so that its differences are often equal. */
static void rows(vectors_file *raw, const png_case *c, unsigned width, unsigned height)
{
    static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    const size_t row =
        (width * (c->colour < 7 && channels[c->colour] > 0 ? channels[c->colour] : 1) * c->depth + 7) / 8;
    for (unsigned y = 0; y < height && width > 0; y++) {
        vectors_file_low(raw, c->flaw == FILTER ? 5 : c->flaw == PAETH ? 4 : y % 5, 1);
        for (size_t i = 0; i < row; i++) {
            const size_t n = raw->buffer.size, noise = (n * n * 7 + n * 13) >> 3;
            vectors_file_low(raw, (c->flaw == PAETH ? (noise & 3) + 254 : noise) & 0xff, 1);
        }
    }
}

static vectors_file raw_data(vectors *v, const png_case *c)
{
    static const unsigned x0[7] = {0, 4, 0, 2, 0, 1, 0}, y0[7] = {0, 0, 4, 0, 2, 0, 1}, dx[7] = {8, 8, 4, 4, 2, 2, 1},
                          dy[7] = {8, 8, 8, 4, 4, 2, 2};
    vectors_file raw = vectors_file_of(v);
    if (c->interlace == 0)
        rows(&raw, c, c->width, c->height);
    for (int p = 0; p < 7 && c->interlace != 0; p++)
        rows(&raw, c, (c->width + dx[p] - 1 - x0[p]) / dx[p], (c->height + dy[p] - 1 - y0[p]) / dy[p]);
    if (c->flaw == MORE_DATA)
        vectors_file_low(&raw, 0, 1);
    raw.buffer.size -= c->flaw == LESS_DATA && raw.buffer.size > 0;
    return raw;
}

/* The data, deflated, in two IDAT chunks. */
static void data_chunks(vectors_file *f, const png_case *c)
{
    vectors *v = f->v;
    const vectors_file raw = raw_data(v, c);
    const size_t room = spae_deflate_bound(SPAE_DEFLATE_ZLIB, raw.buffer.size);
    uint8_t *packed = vectors_room(v, room, 1);
    void *work = vectors_room(v, spae_deflate_work(), 1);
    size_t used = 0;
    if (work == NULL)
        return;
    vectors_expect(
        v, spae_deflate(SPAE_DEFLATE_ZLIB, raw.buffer.bytes, raw.buffer.size, packed, room, &used, work, v->err));
    if (!vectors_goes_on(v))
        return;
    packed[used - 1] ^= (uint8_t)(c->flaw == ADLER);
    chunk(f, "IDAT", packed, used / 2);
    if (c->flaw == SPLIT)
        chunk(f, "tEXt", "a\0b", 3);
    chunk(f, "IDAT", packed + used / 2, used - used / 2);
}

static void palette(vectors_file *f, const png_case *c)
{
    uint8_t colour[768];
    for (size_t i = 0; i < sizeof colour; i++)
        colour[i] = (uint8_t)(i * 83 + 17);
    if (c->flaw != NO_PALETTE)
        chunk(f, "PLTE", colour, 3u * (c->flaw == SHORT_PALETTE ? 2u : 1u << c->depth));
}

static void png_of(vectors *v, const png_case *c)
{
    if (!vectors_begin(v, c->name, "8.16 8.18", "read_picture", "{}", c->why))
        return;
    vectors_file f = vectors_file_of(v), header = vectors_file_of(v);
    vectors_file_high(&header, c->width, 4);
    vectors_file_high(&header, c->height, 4);
    const unsigned last[5] = {c->depth, c->colour, 0, 0, c->interlace};
    for (int i = 0; i < 5; i++)
        vectors_file_low(&header, last[i], 1);
    vectors_file_add(&f, c->flaw == SIGNATURE ? "\x89PNG\n\n\x1A\n" : "\x89PNG\r\n\x1A\n", 8);
    chunk(&f, "IHDR", header.buffer.bytes, header.buffer.size);
    chunk(&f, "gAMA", "\0\0\xB1\x8F", 4); /* ancillary: left alone */
    if (c->flaw == CRITICAL)
        chunk(&f, "ABCD", "", 0);
    if (c->colour == 3)
        palette(&f, c);
    if (c->transparent != NULL)
        chunk(&f, "tRNS", c->transparent, c->transparent_size);
    data_chunks(&f, c);
    chunk(&f, "IEND", "", 0);
    if (c->flaw == SOUND && c->due == SPAE_OK)
        vectors_file_text(&f, "left alone");
    if (c->flaw == CRC && vectors_goes_on(v))
        f.buffer.bytes[29] ^= 1; /* of IHDR */
    f.buffer.size -= c->flaw == CUT && f.buffer.size > 20 ? 20 : 0;
    read_picture(v, &f, c->due);
    vectors_end(v);
}

static const png_case pngs[] = {
    {"files/png_grey_1", "one bit a sample; rows end within a byte", 1, 0, 0, 11, 6, NULL, 0, SOUND, SPAE_OK},
    {"files/png_grey_2", "two bits a sample", 2, 0, 0, 7, 6, NULL, 0, SOUND, SPAE_OK},
    {"files/png_grey_4", "four bits a sample", 4, 0, 0, 5, 6, NULL, 0, SOUND, SPAE_OK},
    {"files/png_grey_8", "bytes, every filter", 8, 0, 0, 5, 7, NULL, 0, SOUND, SPAE_OK},
    {"files/png_grey_8_paeth", "filter 4 in every row: of equal differences left, above, corner, in this order", 8, 0, 0, 7,
     9, NULL, 0, PAETH, SPAE_OK},
    {"files/png_grey_16", "16 bits a sample", 16, 0, 0, 3, 6, NULL, 0, SOUND, SPAE_OK},
    {"files/png_grey_8_key", "a transparent grey becomes white", 8, 0, 0, 6, 6, D("\0\x8E"), SOUND, SPAE_OK},
    {"files/png_rgb_8", "bytes of three colours", 8, 2, 0, 4, 6, NULL, 0, SOUND, SPAE_OK},
    {"files/png_rgb_16", "16 bits of three colours", 16, 2, 0, 2, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_palette_1", "two colours", 1, 3, 0, 9, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_palette_2", "four colours, two of them not opaque: laid over white", 2, 3, 0, 6, 5, D("\x80\xFF\0"),
     SOUND, SPAE_OK},
    {"files/png_palette_4", "sixteen colours", 4, 3, 0, 5, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_palette_8", "256 colours", 8, 3, 0, 4, 5, D("\x01\x7F"), SOUND, SPAE_OK},
    {"files/png_grey_alpha_8", "bytes of grey and alpha, over white", 8, 4, 0, 4, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_grey_alpha_16", "16 bits of grey and alpha", 16, 4, 0, 3, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_rgb_alpha_8", "bytes of three colours and alpha", 8, 6, 0, 3, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_rgb_alpha_16", "16 bits of three colours and alpha", 16, 6, 0, 2, 5, NULL, 0, SOUND, SPAE_OK},
    {"files/png_interlaced", "seven passes of bytes", 8, 0, 1, 9, 10, NULL, 0, SOUND, SPAE_OK},
    {"files/png_interlaced_1", "seven passes of bits", 1, 0, 1, 13, 9, NULL, 0, SOUND, SPAE_OK},
    {"files/png_interlaced_small", "passes without pixels: 2 x 2", 8, 2, 1, 2, 2, NULL, 0, SOUND, SPAE_OK},
    {"files/png_refused_signature", "a line end was changed on the way", 8, 0, 0, 2, 2, NULL, 0, SIGNATURE, F},
    {"files/png_refused_crc", "a chunk with another CRC-32", 8, 0, 0, 2, 2, NULL, 0, CRC, F},
    {"files/png_refused_truncated", "the file ends early", 8, 0, 0, 4, 4, NULL, 0, CUT, F},
    {"files/png_refused_less_data", "a byte of the last row is missing", 8, 0, 0, 4, 4, NULL, 0, LESS_DATA, F},
    {"files/png_refused_more_data", "a byte behind the last row", 8, 0, 0, 4, 4, NULL, 0, MORE_DATA, F},
    {"files/png_refused_adler", "zlib's checksum is another", 8, 0, 0, 4, 4, NULL, 0, ADLER, F},
    {"files/png_refused_filter", "filter 5", 8, 0, 0, 4, 4, NULL, 0, FILTER, F},
    {"files/png_refused_depth", "three bits a sample", 3, 0, 0, 4, 4, NULL, 0, SOUND, F},
    {"files/png_refused_depth_of_rgb", "four bits of three colours", 4, 2, 0, 4, 4, NULL, 0, SOUND, F},
    {"files/png_refused_colour", "colour type 5", 8, 5, 0, 4, 4, NULL, 0, SOUND, F},
    {"files/png_refused_interlace", "interlacing of another kind", 8, 0, 2, 4, 4, NULL, 0, SOUND, F},
    {"files/png_refused_width_0", "no columns", 8, 0, 0, 0, 4, NULL, 0, SOUND, F},
    {"files/png_refused_no_palette", "a palette is due", 8, 3, 0, 4, 4, NULL, 0, NO_PALETTE, F},
    {"files/png_refused_index", "an index beyond the palette", 8, 3, 0, 4, 4, NULL, 0, SHORT_PALETTE, F},
    {"files/png_refused_critical", "a critical chunk that nobody knows", 8, 0, 0, 4, 4, NULL, 0, CRITICAL, F},
    {"files/png_refused_split", "another chunk between the data's", 8, 0, 0, 4, 4, NULL, 0, SPLIT, F},
};

/* ---- samples and resizing ---- */

static void to_bytes(vectors *v, const char *name, float *x, size_t count, spae_status due, const char *why)
{
    const spae_image image = {1, count, 1, x};
    spae_real *input;
    uint8_t *bytes;
    if (!vectors_begin(v, name, "8.16", "samples_to_bytes", "{}", why))
        return;
    input = vectors_room(v, count, sizeof *input);
    bytes = vectors_room(v, count, 1);
    for (size_t i = 0; i < count && bytes != NULL; i++)
        input[i] = (spae_real)x[i];
    vectors_numbers(v, "x", VECTORS_INPUT, 1, &count, input);
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_image_bytes(&image, bytes, v->err)))
        vectors_octets(v, "bytes", VECTORS_BITS, 1, &count, bytes);
    vectors_end(v);
}

/* A picture by formula, samples 0 .. 1, as binary32. */
static spae_image picture(vectors *v, size_t height, size_t width, size_t channels)
{
    const size_t count = height * width * channels;
    const spae_real *x = vectors_reals(v, "x", 3, (const size_t[]){height, width, channels}, 0.5, 0.5);
    spae_image image = {height, width, channels, vectors_room(v, count, sizeof(float))};
    for (size_t i = 0; i < count && image.pixels != NULL; i++)
        image.pixels[i] = (float)x[i];
    return image;
}

static void give_picture(vectors *v, spae_status status, const spae_image *y)
{
    vectors_expect(v, status);
    if (vectors_goes_on(v))
        vectors_floats(v, "y", 3, (const size_t[]){y->height, y->width, y->channels}, y->pixels);
}

static void convert(vectors *v, const char *name, size_t from, size_t to, const char *with, const char *why)
{
    spae_image y;
    if (!vectors_begin(v, name, "8.16", "convert_channels", with, why))
        return;
    const spae_image x = picture(v, 3, 4, from);
    if (vectors_goes_on(v))
        give_picture(v, spae_image_convert(v->arena, &x, to, &y, v->err), &y);
    vectors_end(v);
}

static void resize(vectors *v, const char *name, size_t height, size_t width, size_t to_height, size_t to_width,
                   const char *with, const char *why)
{
    spae_image y;
    if (!vectors_begin(v, name, "8.22", "resize_picture", with, why))
        return;
    const spae_image x = picture(v, height, width, 3);
    if (vectors_goes_on(v))
        give_picture(v, spae_image_resize(v->arena, &x, to_height, to_width, &y, v->err), &y);
    vectors_end(v);
}

/* These very samples. */
static spae_image picture_of(vectors *v, size_t height, size_t width, size_t channels, const spae_real *values)
{
    spae_image image = {height, width, channels, vectors_room(v, height * width * channels, sizeof(float))};
    for (size_t i = 0; i < height * width * channels && image.pixels != NULL; i++)
        image.pixels[i] = (float)values[i];
    vectors_numbers(v, "x", VECTORS_INPUT, 3, (const size_t[]){height, width, channels}, values);
    return image;
}

/* Sums beside a tie in binary32, so that the order of wide additions shows. */
static void orders(vectors *v)
{
    static const spae_real colours[] = {0x1.47407ep-1f, 0x1.3fbda4p-1f,  0x1.f823eep-23f, 0x1.a0c8fcp-2f, 0x1.97309p-1f,
                                        0x1.ce98b4p-25f, 0x1.e53644p-1f, 0x1.e27ec8p-3f,  0x1.8fb824p-25f};
    static const spae_real corners[] = {0.5f, 0x1p-25f, 0x1.8p-55f, 0x1.8p-55f};
    spae_image x, y;
    if (vectors_begin(v, "files/picture_rgb_to_grey_order", "8.16", "convert_channels", "{\"channels\":1}",
                      "R and G are added first, then B: wide, beside a tie")) {
        x = picture_of(v, 1, 3, 3, colours);
        if (vectors_goes_on(v))
            give_picture(v, spae_image_convert(v->arena, &x, 1, &y, v->err), &y);
        vectors_end(v);
    }
    if (vectors_begin(v, "files/resize_order", "8.22", "resize_picture", "{\"height\":1,\"width\":1}",
                      "sums along rows first, then of rows: wide, beside a tie")) {
        x = picture_of(v, 2, 2, 1, corners);
        if (vectors_goes_on(v))
            give_picture(v, spae_image_resize(v->arena, &x, 1, 1, &y, v->err), &y);
        vectors_end(v);
    }
}

static void samples(vectors *v)
{
    float x[] = {-1, -0.0f, 0, 0x1.010100p-9f, 0x1.010102p-9f, 0x1.0100fep-9f, 0.5f, 0x1.fffffep-1f, 1, 2,
                 (float)HUGE_VAL, (float)-HUGE_VAL, 0x1p-149f, 0.25f, 0.75f, 0.1f};
    float none[] = {0.5f, (float)(HUGE_VAL - HUGE_VAL)};
    to_bytes(v, "files/picture_to_bytes", x, sizeof x / sizeof x[0], SPAE_OK,
             "limits, infinities, and samples around the step from 0 to 1");
    to_bytes(v, "files/picture_to_bytes_refused_nan", none, 2, SPAE_ERR_NOT_FINITE, "a NaN has no byte");
    convert(v, "files/picture_grey_to_rgb", 1, 3, "{\"channels\":3}", "grey three times");
    convert(v, "files/picture_rgb_to_grey", 3, 1, "{\"channels\":1}", "BT.601's luma, wide");
    resize(v, "files/resize_smaller", 7, 9, 3, 4, "{\"height\":3,\"width\":4}",
           "averages over areas that no pixel edge divides");
    resize(v, "files/resize_larger", 3, 2, 7, 5, "{\"height\":7,\"width\":5}",
           "between the pixels' middles; the edges repeat");
    resize(v, "files/resize_crop", 5, 12, 4, 4, "{\"height\":4,\"width\":4}",
           "the longer side is cropped, the odd column at its end");
    resize(v, "files/resize_crop_rows", 9, 4, 3, 6, "{\"height\":3,\"width\":6}",
           "rows are cropped, then fewer rows and more columns");
    resize(v, "files/resize_same", 3, 5, 3, 5, "{\"height\":3,\"width\":5}", "the same size: the same bits");
    orders(v);
}

/* ---- writing ---- */

static void written_pnm(vectors *v, const char *name, size_t channels, const char *why)
{
    if (!vectors_begin(v, name, "8.16 8.17", "write_picture",
                       channels == 1 ? "{\"ending\":\".pgm\"}" : "{\"ending\":\".ppm\"}", why))
        return;
    const spae_image x = picture(v, 2, 3, channels);
    vectors_file file = vectors_file_of(v);
    spae_sink sink = spae_sink_buffer(&file.buffer);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_pnm_write(v->arena, &sink, &x, v->err));
    vectors_octets(v, "file", VECTORS_BITS, 1, &file.buffer.size, file.buffer.bytes);
    vectors_end(v);
}

void vectors_pictures(vectors *v)
{
    samples(v);
    pnm(v);
    written_pnm(v, "files/pgm_written", 1, "a grey picture as P5");
    written_pnm(v, "files/ppm_written", 3, "a picture as P6");
    for (size_t i = 0; i < sizeof pngs / sizeof pngs[0]; i++)
        png_of(v, &pngs[i]);
}

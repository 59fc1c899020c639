/* io/jpeg: pictures of another program and its samples to the bit; pictures made here, bit by bit, for everything that a
 * file may say and everything that is refused. */
#include "bytes.h"

#include "io/jpeg.h"
#include "io/jpeg_parts.h"
#include "test/jpeg_files.h"

/* ---- files ----------------------------------------------------------------------------------- */

static bytes bytes_of(const jpeg_file *f)
{
    bytes b = {.size = 0};
    add(&b, f->file, f->size);
    return b;
}

static const jpeg_file *named(const char *name)
{
    for (size_t i = 0; i < JPEG_FILES; i++)
        if (strcmp(jpeg_files[i].name, name) == 0)
            return &jpeg_files[i];
    ck_abort_msg("no picture %s", name);
    return NULL;
}

static spae_status read_jpeg(const bytes *b, spae_arena *arena, spae_image *image, spae_error *err)
{
    const spae_source source = source_of(b);
    return spae_image_read_source(arena, &source, NULL, image, err);
}

static void same_samples(const spae_image *image, const jpeg_file *f)
{
    ck_assert_uint_eq(image->height, f->height);
    ck_assert_uint_eq(image->width, f->width);
    ck_assert_uint_eq(image->channels, f->channels);
    for (size_t i = 0; i < f->height * f->width * f->channels; i++)
        ck_assert_msg(image->pixels[i] == (float)f->samples[i] / 255.0f, "%s: sample %zu is %g, due %u", f->name, i,
                      (double)image->pixels[i] * 255.0, f->samples[i]);
}

static void reads_as(const bytes *b, const jpeg_file *f)
{
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err = {SPAE_OK, ""};
    ck_assert_msg(read_jpeg(b, &arena, &image, &err) == SPAE_OK, "%s: %s", f->name, err.text);
    same_samples(&image, f);
    spae_arena_free(&arena);
}

static void refused(const bytes *b, const char *part)
{
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err = {SPAE_OK, ""};
    ck_refused(read_jpeg(b, &arena, &image, &err), SPAE_ERR_FORMAT, err, part);
    ck_assert(arena.used == 0);
    spae_arena_free(&arena);
}

/* Where the n-th marker stands, from 0. */
static size_t marker(const bytes *b, unsigned which, unsigned n)
{
    for (size_t i = 0; i + 1 < b->size; i++)
        if (b->data[i] == 0xff && b->data[i + 1] == which && n-- == 0)
            return i;
    ck_abort_msg("no marker %x", which);
    return 0;
}

static void insert(bytes *b, size_t at, const void *data, size_t n)
{
    ck_assert(n <= sizeof b->data - b->size);
    memmove(b->data + at + n, b->data + at, b->size - at);
    memcpy(b->data + at, data, n);
    b->size += n;
}

static void cut_out(bytes *b, size_t at, size_t n)
{
    memmove(b->data + at, b->data + at + n, b->size - at - n);
    b->size -= n;
}

/* ---- pictures of another program ------------------------------------------------------------- */

START_TEST(samples_are_those_of_another_program)
{
    for (size_t i = 0; i < JPEG_FILES; i++) {
        const bytes b = bytes_of(&jpeg_files[i]);
        reads_as(&b, &jpeg_files[i]);
    }
}
END_TEST

START_TEST(a_file_on_disk_reads_as_one_in_memory)
{
    const jpeg_file *f = named("progressive");
    char name[80];
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err;
    ck_assert_int_eq(spae_file_write_all(&arena, temporary(name, ".png"), f->file, f->size, &err), SPAE_OK);
    const size_t before = arena.used;
    ck_assert_msg(spae_image_read(&arena, name, NULL, &image, &err) == SPAE_OK, "%s", err.text);
    same_samples(&image, f);
    ck_assert_uint_le(arena.used, before + 4096 + f->height * f->width * 3 * sizeof(float)); /* the bytes went back */
    remove(name);
    spae_arena_free(&arena);
}
END_TEST

static spae_status in_little_memory(spae_arena *arena, void *context, spae_error *err)
{
    spae_image image;
    return read_jpeg(context, arena, &image, err);
}

START_TEST(little_memory_is_said)
{
    bytes b = bytes_of(named("progressive"));
    starve(in_little_memory, &b, 509);
}
END_TEST

START_TEST(every_cut_is_refused)
{
    static const char *const names[] = {"grey", "422", "progressive"};
    for (size_t i = 0; i < 3; i++) {
        bytes b = bytes_of(named(names[i]));
        const size_t whole = b.size;
        for (b.size = 0; b.size < whole; b.size++)
            refused(&b, "byte ");
    }
}
END_TEST

/* What does not change a picture: fill bytes, comments, what cameras write, bytes behind the end. */
START_TEST(much_may_stand_between)
{
    static const uint8_t exif[] = {0xff, 0xe1, 0, 40, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12,
                                   0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0xff, 0xd8, 0xff, 0xda, 0, 0};
    const jpeg_file *f = named("422");
    bytes b = bytes_of(f);
    insert(&b, 2, exif, sizeof exif); /* turned by a quarter, says the camera: not looked at */
    insert(&b, 2, "\xff\xfe\0\x05hey", 7);
    insert(&b, marker(&b, 0xdb, 0), "\xff\xff", 2);
    insert(&b, marker(&b, 0xd0, 0), "\xff", 1);
    add_text(&b, "a thumbnail, or anything");
    reads_as(&b, f);
}
END_TEST

/* ---- what the components are ----------------------------------------------------------------- */

START_TEST(colours_are_as_markers_say)
{
    const jpeg_file *f = named("rgb");
    const bytes rgb = bytes_of(f);
    const size_t adobe = marker(&rgb, 0xee, 0);
    bytes b = rgb;
    cut_out(&b, adobe, 16); /* the components are named R, G, B */
    reads_as(&b, f);
    static const uint8_t jfif[] = {0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    for (unsigned i = 0; i < 3; i++) {
        spae_arena arena = new_arena();
        spae_image image;
        spae_error err;
        b = rgb;
        if (i == 0)
            b.data[adobe + 15] = 1; /* Adobe says YCbCr */
        if (i == 1)
            insert(&b, 2, jfif, sizeof jfif); /* JFIF is always YCbCr */
        if (i == 2) {
            cut_out(&b, adobe, 16);
            b.data[marker(&b, 0xc0, 0) + 10] = 'X'; /* and so is what no marker and no names tell */
            b.data[marker(&b, 0xda, 0) + 5] = 'X';
        }
        ck_assert_msg(read_jpeg(&b, &arena, &image, &err) == SPAE_OK, "%s", err.text);
        /* here: R of YCbCr is Y + 1.402 (Cr - 128), rounded, clamped */
        for (size_t p = 0; p < f->height * f->width; p++) {
            const double red = f->samples[3 * p] + 1.402 * (f->samples[3 * p + 2] - 128.0);
            const double due = red < 0 ? 0 : red > 255 ? 255 : red;
            const double got = (double)image.pixels[3 * p] * 255.0;
            ck_assert_msg(got - due <= 0.501 && due - got <= 0.501, "pixel %zu: red is %g, due %g", p, got, due);
        }
        spae_arena_free(&arena);
    }
}
END_TEST

/* ---- pictures made here ---------------------------------------------------------------------- */

/* Codes of four bits, in order, of up to 15 symbols. */
static void add_codes(bytes *b, unsigned table, const char *symbols, size_t n)
{
    add_high(b, 0xffc4, 2);
    add_high(b, 19 + n, 2);
    add_high(b, table, 1);
    add_high(b, 0, 3);
    add_high(b, n, 1);
    add_high(b, 0, 8);
    add_high(b, 0, 4);
    add(b, symbols, n);
}

/* Grey, of height x width, steps of 1; DC codes 0 .. 11 and 12, AC codes: end, ZRL, +-1, +-1 behind a zero, a run of
 * 2 + 1 bit blocks, of 11 bits, 2 bits. */
enum { END = 0, ZRL, ONE, ZERO_ONE, RUN2, ELEVEN, TWO };

static bytes grey(unsigned kind, unsigned height, unsigned width)
{
    bytes b = {.size = 0};
    add_high(&b, 0xffd8ffdb, 4);
    add_high(&b, 67 << 8, 3);
    for (unsigned i = 0; i < 64; i++)
        add_high(&b, 1, 1);
    add_high(&b, 0xff00 | kind, 2);
    add_high(&b, 11, 2);
    add_high(&b, 8, 1);
    add_high(&b, height, 2);
    add_high(&b, width, 2);
    add_high(&b, 0x01011100, 4);
    add_codes(&b, 0, "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc", 13);
    add_codes(&b, 0x10, "\0\xf0\1\x11\x10\x0b\2", 7);
    return b;
}

/* A scan of the one component; its bits, others of the text are passed over, filled with ones. */
static void add_scan(bytes *b, unsigned first, unsigned last, unsigned bits, const char *text)
{
    unsigned byte = 0, count = 0;
    add_high(b, 0xffda0008, 4);
    add_high(b, 0x010100, 3);
    add_high(b, (uint64_t)first << 16 | last << 8 | bits, 3);
    for (; *text != '\0' || count % 8 != 0; text += *text != '\0') {
        if (*text != '0' && *text != '1' && *text != '\0')
            continue;
        byte = (byte << 1 | (*text != '0')) & 0xff;
        if (++count % 8 == 0) {
            add_high(b, byte, 1);
            if (byte == 0xff)
                add_high(b, 0, 1);
        }
    }
}

static void add_end(bytes *b)
{
    add_high(b, 0xffd9, 2);
}

/* The samples of a grey picture as bytes, and how they come: `count` of them, all equal to `value`. */
static void all_are(const bytes *b, size_t count, unsigned value)
{
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err;
    ck_assert_msg(read_jpeg(b, &arena, &image, &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(image.height * image.width, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(image.pixels[i] == (float)value / 255.0f, "sample %zu: %g", i, (double)image.pixels[i] * 255);
    spae_arena_free(&arena);
}

/* DC of 80 is 10 levels: 7 bits 1010000. */
START_TEST(blocks_of_one_level)
{
    bytes b = grey(0xc0, 8, 16);
    add_scan(&b, 0, 63, 0, "0111 1010000 0000  0000 0000"); /* then the same again: a difference of 0 */
    add_end(&b);
    all_are(&b, 128, 138);
    b = grey(0xc1, 7, 3);
    add_scan(&b, 0, 63, 0, "1011 00000000000 0000"); /* -2047: far below black */
    add_end(&b);
    all_are(&b, 21, 0);
    b = grey(0xc2, 16, 9);
    add_scan(&b, 0, 0, 0x03, "0100 1010  0000 0000 0000"); /* 10 << 3 in all four blocks */
    add_scan(&b, 0, 0, 0x32, "0000");
    add_scan(&b, 1, 63, 0x01, "0100 0 0100 0"); /* twice two blocks without coefficients */
    add_end(&b);
    all_are(&b, 144, 138);
}
END_TEST

START_TEST(a_progressive_block_by_hand)
{
    /* coefficient 1 is -1, then -2 - 1 = -3; coefficient 3 is new, +1; DC is 4 << 1 | 1 = 9 */
    bytes b = grey(0xc2, 8, 8), sequential = grey(0xc0, 8, 8);
    spae_arena arena = new_arena();
    spae_image finer, once;
    spae_error err;
    add_scan(&b, 0, 0, 0x01, "0011 100");
    add_scan(&b, 0, 0, 0x10, "1");
    add_scan(&b, 1, 63, 0x01, "0010 0  0000");
    add_scan(&b, 1, 63, 0x10, "0011 1 1  0000"); /* a zero (2) and the next: its sign, then the bit of 1 on the way */
    add_end(&b);
    add_scan(&sequential, 0, 63, 0, "0100 1001  0110 00  0011 1  0000");
    add_end(&sequential);
    ck_assert_msg(read_jpeg(&b, &arena, &finer, &err) == SPAE_OK, "%s", err.text);
    ck_assert_msg(read_jpeg(&sequential, &arena, &once, &err) == SPAE_OK, "%s", err.text);
    ck_assert_int_eq(memcmp(finer.pixels, once.pixels, 64 * sizeof(float)), 0);
    ck_assert(once.pixels[0] != once.pixels[7]);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(data_that_are_refused)
{
    static const struct {
        unsigned kind, first, last, bits;
        const char *data, *why;
    } c[] = {
        {0xc0, 0, 63, 0, "1101", "no code begins"},
        {0xc0, 0, 63, 0, "1100 000000000000 0000", "larger than 8 bits"},
        {0xc0, 0, 63, 0, "0000 0101 11111111111", "larger than 8 bits"},
        {0xc0, 0, 63, 0, "0000 0001 0001 0001 0001 0000", "leaves the block"},
        {0xc0, 0, 63, 0, "0000 0001 0001 0001 0010 1 0010 1 0010 1 0010 1 0010 1 0010 1 0010 1 0010 1 0010 1 0010 1"
                         "0010 1 0010 1 0010 1 0010 1 0011 1", "leaves the block"},
        {0xc0, 0, 63, 0, "0000 0100 0", "ends several blocks"},
        {0xc0, 0, 63, 0, "0000 0111", "no code begins"},
        {0xc0, 0, 63, 0, "0000 0001", "more data of MCU 0 of 1 are due"},
        {0xc0, 0, 63, 0, "0000 0000 11111110", "data left over"},
        {0xc0, 0, 62, 0, "0000 0000", "band of coefficients"},
        {0xc0, 0, 63, 1, "0000 0000", "band of coefficients"},
        {0xc2, 0, 63, 0, "0000 0000", "band of coefficients"},
        {0xc2, 0, 0, 0x0e, "0000", "band of coefficients"},
        {0xc2, 0, 0, 0x20, "0", "band of coefficients"},
        {0xc2, 1, 64, 0, "0000", "band of coefficients"},
        {0xc2, 5, 4, 0, "0000", "band of coefficients"},
        {0xc2, 1, 63, 0, "0000", "sent before"},
        {0xc2, 0, 0, 0x10, "0", "sent before"},
        {0xc2, 0, 0, 0x0d, "0011 111", "larger than 8 bits"},
    };
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        bytes b = grey(c[i].kind, 8, 8);
        add_scan(&b, c[i].first, c[i].last, c[i].bits, c[i].data);
        add_end(&b);
        refused(&b, c[i].why);
    }
}
END_TEST

START_TEST(later_scans_that_are_refused)
{
    static const struct {
        unsigned first, last, bits;
        const char *data, *why;
    } c[] = {
        {0, 0, 0x01, "0000", "sent before"},
        {0, 0, 0x21, "0", "sent before"},
        {1, 5, 0x10, "0000", "sent before"},
        {1, 63, 0x00, "0100 0", "beyond the data"}, /* two blocks are empty, there is one */
        {1, 63, 0x00, "0001 0001 0001 0001 0000", "leaves the block"},
        {1, 63, 0x00, "1000", "no code begins"},
        {1, 63, 0x0d, "0110 11 0110 11 0110 11 0000 11 11111111", "left over"}, /* 3 << 13 is read */
    };
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        bytes b = grey(0xc2, 8, 8);
        add_scan(&b, 0, 0, 0x01, "0000");
        add_scan(&b, c[i].first, c[i].last, c[i].bits, c[i].data);
        add_end(&b);
        refused(&b, c[i].why);
    }
}
END_TEST

START_TEST(finer_scans_that_are_refused)
{
    static const struct {
        const char *data, *why;
    } c[] = {
        {"0110 11", "more than its lowest bit"},
        {"0001 1 0001 0001 0001", "leaves the block"},
        {"1000", "no code begins"},
        {"0100 0", "beyond the data"},
        {"0011 1 1 0010 1 0010 1", "are due"}, /* two whole bytes, and no end */
    };
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        bytes b = grey(0xc2, 8, 8);
        add_scan(&b, 0, 0, 0, "0000");
        add_scan(&b, 1, 63, 0x01, "0010 1 0000");
        add_scan(&b, 1, 63, 0x10, c[i].data);
        add_end(&b);
        refused(&b, c[i].why);
    }
}
END_TEST

START_TEST(more_scans_than_any_picture_needs)
{
    bytes b = grey(0xc2, 8, 8);
    add_scan(&b, 0, 0, 0, "0000");
    for (unsigned i = 1; i < SPAE_JPEG_MOST_SCANS; i++) /* 4 of each coefficient, 63 of them */
        add_scan(&b, 1 + (i - 1) / 5, 1 + (i - 1) / 5, (i - 1) % 5 == 0 ? 4 : (5 - (i - 1) % 5) << 4 | (4 - (i - 1) % 5),
                 "0000");
    bytes more = b;
    add_end(&b);
    all_are(&b, 64, 128);
    add_scan(&more, 60, 60, 0, "0000");
    refused(&more, "more scans");
}
END_TEST

/* ---- headers --------------------------------------------------------------------------------- */

/* Bytes behind a marker's become others. */
typedef struct {
    const char *file;
    unsigned marker, n;
    size_t offset;
    const char *bytes;
    size_t count;
    const char *why;
} change;

#define TO(text) text, sizeof text - 1

START_TEST(headers_that_are_refused)
{
    static const change c[] = {
        {"grey", 0xc0, 0, 1, TO("\xc3"), "lossless"},
        {"grey", 0xc0, 0, 1, TO("\xc5"), "hierarchical"},
        {"grey", 0xc0, 0, 1, TO("\xc9"), "arithmetic"},
        {"grey", 0xc0, 0, 1, TO("\xca"), "arithmetic"},
        {"grey", 0xc0, 0, 1, TO("\xc8"), "without a meaning"},
        {"grey", 0xc0, 0, 1, TO("\xde"), "hierarchical"},
        {"grey", 0xc0, 0, 4, TO("\x0c"), "samples of 12 bits"},
        {"grey", 0xc0, 0, 5, TO("\0\0"), "the height is 0"},
        {"grey", 0xc0, 0, 7, TO("\0\0"), "the width is 0"},
        {"grey", 0xc0, 0, 5, TO("\xff\xff"), "no 377 bytes hold a picture of 65535 x 11"},
        {"grey", 0xc0, 0, 9, TO("\4"), "CMYK"},
        {"grey", 0xc0, 0, 9, TO("\2"), "expected 1 or 3"},
        {"grey", 0xc0, 0, 9, TO("\3"), "another length"},
        {"grey", 0xc0, 0, 11, TO("\x01"), "sampling factors"},
        {"grey", 0xc0, 0, 11, TO("\x15"), "sampling factors"},
        {"grey", 0xc0, 0, 12, TO("\4"), "such a table"},
        {"grey", 0xc0, 0, 12, TO("\1"), "table of quantization is not there"},
        {"444", 0xc0, 0, 13, TO("\1"), "the same name"},
        {"grey", 0xdb, 0, 4, TO("\x20"), "number or width"},
        {"grey", 0xdb, 0, 4, TO("\x04"), "number or width"},
        {"grey", 0xdb, 0, 4, TO("\x10"), "more are due"},
        {"grey", 0xdb, 0, 40, TO("\0"), "step of quantization is 0"},
        {"grey", 0xc4, 0, 4, TO("\x20"), "no table of codes"},
        {"grey", 0xc4, 0, 4, TO("\x04"), "no table of codes"},
        {"grey", 0xc4, 0, 4, TO("\1"), "table of codes is not there"},
        {"grey", 0xc4, 0, 5, TO("\3"), "more are due"},
        {"grey", 0xc4, 0, 5, TO("\2\1\3"), "more codes of a length"},
        {"grey", 0xc4, 1, 20, TO("\xff\xff"), "so many codes"},
        {"grey", 0xda, 0, 4, TO("\2"), "another length"},
        {"grey", 0xda, 0, 4, TO("\0"), "another length"},
        {"grey", 0xda, 0, 5, TO("\7"), "component 7, which the frame"},
        {"444", 0xda, 0, 7, TO("\1"), "a component twice"},
        {"grey", 0xda, 0, 6, TO("\x40"), "no such number"},
        {"grey", 0xda, 0, 6, TO("\x01"), "table of codes is not there"},
        {"grey", 0xda, 0, 1, TO("\xd9"), "a scan of component 1 is due"},
        {"grey", 0xda, 0, 1, TO("\xdc"), "DNL"},
        {"grey", 0xda, 0, 1, TO("\x01"), "not due here"},
        {"grey", 0xda, 0, 1, TO("\xd0"), "not due here"},
        {"grey", 0xda, 0, 1, TO("\xc0"), "a second frame"},
        {"grey", 0xc0, 0, 1, TO("\xda"), "expected a frame's header first"},
        {"grey", 0xc0, 0, 1, TO("\xd9"), "expected a frame's header first"},
        {"grey", 0xc0, 0, 0, TO("\0"), "expected a marker"},
        {"grey", 0xc0, 0, 2, TO("\0\1"), "has 1 bytes"},
        {"grey", 0xdb, 0, 2, TO("\xff\xff"), "has 65535 bytes"},
        {"422", 0xdd, 0, 3, TO("\x03"), "restart interval is not"},
        {"422", 0xd0, 0, 1, TO("\xd1"), "expected the restart marker FF d0"},
        {"422", 0xd0, 0, 1, TO("\0"), "left over"},
        {"420", 0xc0, 0, 11, TO("\x44"), "more than 10 blocks"},
    };
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        bytes b = bytes_of(named(c[i].file));
        memcpy(b.data + marker(&b, c[i].marker, c[i].n) + c[i].offset, c[i].bytes, c[i].count);
        refused(&b, c[i].why);
    }
    bytes other = {.size = 0};
    add(&other, "\xff\xd8\xfe", 3);
    const spae_source source = source_of(&other);
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err;
    ck_refused(spae_jpeg_read(&arena, &source, NULL, &image, &err), SPAE_ERR_FORMAT, err, "cut off, 2 bytes are due at byte 2");
    other.data[0] = 0;
    ck_refused(spae_jpeg_read(&arena, &source, NULL, &image, &err), SPAE_ERR_FORMAT, err, "byte 0: expected FF D8");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(limits_hold)
{
    const bytes b = bytes_of(named("420"));
    const spae_source source = source_of(&b);
    spae_limits narrow = spae_limits_default(), little = narrow;
    spae_arena arena = new_arena();
    spae_image image;
    spae_error err;
    narrow.max_width = 18;
    ck_refused(spae_jpeg_read(&arena, &source, &narrow, &image, &err), SPAE_ERR_FORMAT, err, "larger than the limits");
    little.max_file_bytes = b.size - 1;
    ck_refused(spae_jpeg_read(&arena, &source, &little, &image, &err), SPAE_ERR_FORMAT, err, "longer than the limit");
    ck_assert(arena.used == 0);
    spae_arena_free(&arena);
}
END_TEST

/* ---- tables ---------------------------------------------------------------------------------- */

START_TEST(the_zigzag_is_made_again)
{
    unsigned k = 0;
    for (unsigned d = 0; d < 15; d++)
        for (unsigned i = 0; i <= d; i++) {
            const unsigned y = d % 2 == 0 ? d - i : i, x = d - y;
            if (y < 8 && x < 8)
                ck_assert_uint_eq(spae_jpeg_zigzag[k++], 8 * y + x);
        }
    ck_assert_uint_eq(k, 64);
}
END_TEST

START_TEST(codes_of_every_length)
{
    static spae_jpeg_codes codes;
    uint8_t counts[16], symbols[256];
    memset(counts, 1, sizeof counts);
    for (unsigned i = 0; i < 256; i++)
        symbols[i] = (uint8_t)i;
    ck_assert(spae_jpeg_codes_make(counts, symbols, &codes)); /* 0, 10, 110, .. */
    for (unsigned l = 1; l <= 16; l++)
        ck_assert_uint_eq(codes.first[l], (1U << l) - 2);
    ck_assert_uint_eq(codes.look[0], 1U << 8);
    ck_assert_uint_eq(codes.look[0x1fe], 9U << 8 | 8);
    ck_assert_uint_eq(codes.look[0x1ff], 0);
    counts[15] = 2; /* the last would be all ones */
    ck_assert(!spae_jpeg_codes_make(counts, symbols, &codes));
}
END_TEST

SUITE(suite_io_jpeg, "io/jpeg", samples_are_those_of_another_program, a_file_on_disk_reads_as_one_in_memory,
      little_memory_is_said, every_cut_is_refused, much_may_stand_between, colours_are_as_markers_say,
      blocks_of_one_level, a_progressive_block_by_hand, data_that_are_refused, later_scans_that_are_refused,
      finer_scans_that_are_refused, more_scans_than_any_picture_needs, headers_that_are_refused, limits_hold,
      the_zigzag_is_made_again, codes_of_every_length)

/* Stage files, JPEG (SPEC 8.50 to 8.52): the pictures of test/jpeg_files.h, which another program wrote and decoded, and
 * what is refused of them. */
#include <string.h>

#include "io/image.h"
#include "raw.h"
#include "test/jpeg_files.h"

static const jpeg_file *named(const char *name)
{
    for (size_t i = 0; i < JPEG_FILES; i++)
        if (strcmp(jpeg_files[i].name, name) == 0)
            return &jpeg_files[i];
    return &jpeg_files[0];
}

/* A picture of which the bytes `at` .. `until` - 1 become others. */
typedef struct {
    const char *name, *why, *file;
    size_t at, until;
    const char *bytes;
    size_t count;
    spae_status due;
} jpeg_case;

static void read_file(vectors *v, const jpeg_case *c)
{
    if (!vectors_begin(v, c->name, "8.16 8.50 8.51 8.52", "read_picture", "{}", c->why))
        return;
    const jpeg_file *f = named(c->file);
    vectors_file file = vectors_file_of(v);
    spae_image image;
    vectors_file_add(&file, f->file, c->at);
    vectors_file_add(&file, c->bytes, c->count);
    if (c->until < f->size)
        vectors_file_add(&file, f->file + c->until, f->size - c->until);
    const spae_source source = vectors_file_given(&file);
    if (vectors_goes_on(v) &&
        vectors_returned(v, c->due, spae_image_read_source(v->arena, &source, NULL, &image, v->err)))
        vectors_floats(v, "x", 3, (const size_t[]){image.height, image.width, image.channels}, image.pixels);
    vectors_end(v);
}

#define D(text) VECTORS_TEXT(text)
#define F       SPAE_ERR_FORMAT
#define REST    SIZE_MAX

/* The places are those of markers in the files: JFIF 2, steps 20, frame 89, codes 102 and 135, scan 318, end 375. */
static const jpeg_case cases[] = {
    {"files/jpeg_turned", "EXIF asks for a quarter turn: the picture stays as it is", "grey", 2, 2,
     D("\xff\xe1\0\x22" "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"), SPAE_OK},
    {"files/jpeg_part", "a progressive picture whose finer scans are not there", "progressive_grey", 391, REST,
     D("\xff\xd9"), SPAE_OK},
    {"files/jpeg_behind", "bytes behind the end, fill bytes before a marker", "grey", 375, REST,
     D("\xff\xff\xff\xd9 and more"), SPAE_OK},
    {"files/jpeg_refused_arithmetic", "arithmetic coding", "grey", 90, 91, D("\xc9"), F},
    {"files/jpeg_refused_lossless", "lossless coding", "grey", 90, 91, D("\xc3"), F},
    {"files/jpeg_refused_12_bits", "samples of 12 bits", "grey", 93, 94, D("\x0c"), F},
    {"files/jpeg_refused_cmyk", "four components", "grey", 98, 99, D("\4"), F},
    {"files/jpeg_refused_height_0", "a height that comes later", "grey", 94, 96, D("\0\0"), F},
    {"files/jpeg_refused_tall", "more blocks than so few bytes hold", "grey", 94, 96, D("\x40\0"), F},
    {"files/jpeg_refused_step_0", "a step of quantization is 0", "grey", 60, 61, D("\0"), F},
    {"files/jpeg_refused_codes", "two codes of one bit and more behind them", "grey", 107, 110, D("\2\1\3"), F},
    {"files/jpeg_refused_cut", "data end early", "grey", 350, REST, D(""), F},
    {"files/jpeg_refused_early_end", "the end, amid data", "grey", 350, 375, D(""), F},
    {"files/jpeg_refused_left_over", "data that no block takes", "grey", 375, 375, D("\x55\x55"), F},
    {"files/jpeg_refused_no_end", "no end of the picture", "grey", 375, REST, D(""), F},
    {"files/jpeg_refused_order", "AC before DC", "progressive_grey", 126, 142, D(""), F},
    {"files/jpeg_refused_no_scan", "no scan", "grey", 318, 375, D(""), F},
};

void vectors_pictures_jpeg(vectors *v)
{
    for (size_t i = 0; i < JPEG_FILES; i++) {
        char name[64] = "files/jpeg_";
        memcpy(name + strlen(name), jpeg_files[i].name, strlen(jpeg_files[i].name) + 1);
        read_file(v, &(jpeg_case){name, jpeg_files[i].why, jpeg_files[i].name, 0, 0, D(""), SPAE_OK});
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        read_file(v, &cases[i]);
}

/* io/pnm: plain and raw pictures, one broken one per rule. */
#include "bytes.h"

#include "../../io/pnm.h"

typedef struct {
    const char *text;
    size_t n; /* 0: strlen */
    size_t height, width, channels;
    float first, last;
    const char *why; /* NULL: it is good */
} pnm_case;

static const pnm_case cases[] = {
    {"P2 2 1 3 0 3", 0, 1, 2, 1, 0.0f, 1.0f, NULL},
    {"P2\n# a comment\n2#another\n#\n 1 3\n0\n3\n", 0, 1, 2, 1, 0.0f, 1.0f, NULL},
    {"P2 2 1 65535 0 65534\f\v", 0, 1, 2, 1, 0.0f, 65534.0f / 65535.0f, NULL},
    {"P3 1 1 255 255 128 1", 0, 1, 1, 3, 1.0f, 1.0f / 255.0f, NULL},
    {"P3 1 2 7 1 2 3 4 5 6", 0, 2, 1, 3, 1.0f / 7.0f, 6.0f / 7.0f, NULL},
    {"P5 2 1 255\n\x00\xff", 13, 1, 2, 1, 0.0f, 1.0f, NULL},
    {"P5 1 1 256 \x01\x00", 13, 1, 1, 1, 1.0f, 1.0f, NULL},
    {"P5 1 1 65535 \x12\x34", 15, 1, 1, 1, 4660.0f / 65535.0f, 4660.0f / 65535.0f, NULL},
    {"P6#c\n1 1 255\n\x01\x02\x03", 16, 1, 1, 3, 1.0f / 255.0f, 3.0f / 255.0f, NULL},
    {"P5 1 1 1\n\x01", 10, 1, 1, 1, 1.0f, 1.0f, NULL},
    {"P5 1 1 255\n#", 12, 1, 1, 1, 35.0f / 255.0f, 35.0f / 255.0f,
     NULL}, /* no comment after the maxval */
    {"", 0, 0, 0, 0, 0, 0, "begin with P"},
    {"Q5", 0, 0, 0, 0, 0, 0, "begin with P"},
    {"P", 0, 0, 0, 0, 0, 0, "none of P2, P3, P5 and P6"},
    {"P1 1 1 0", 0, 0, 0, 0, 0, 0, "none of P2, P3, P5 and P6"},
    {"P4 1 1 0", 0, 0, 0, 0, 0, 0, "none of P2, P3, P5 and P6"},
    {"P7\n", 0, 0, 0, 0, 0, 0, "none of P2, P3, P5 and P6"},
    {"P55 1 1 1", 0, 0, 0, 0, 0, 0, "byte 2: white space is due"},
    {"P2", 0, 0, 0, 0, 0, 0, "white space is due"},
    {"P2 ", 0, 0, 0, 0, 0, 0, "byte 3: a whole number is due"},
    {"P2 x", 0, 0, 0, 0, 0, 0, "byte 3: a whole number is due"},
    {"P2 -1 1 1 0", 0, 0, 0, 0, 0, 0, "a whole number is due"},
    {"P2 1 # 1 1 0", 0, 0, 0, 0, 0, 0, "a whole number is due"},
    {"P2 1 1 0 0", 0, 0, 0, 0, 0, 0, "the maxval is 0"},
    {"P2 1 1 65536 0", 0, 0, 0, 0, 0, 0, "the number is too large"},
    {"P2 268435456 1 1 0", 0, 0, 0, 0, 0, 0, "the number is too large"},
    {"P2 99999999999999999999 1 1 0", 0, 0, 0, 0, 0, 0, "the number is too large"},
    {"P2 1 1 1", 0, 0, 0, 0, 0, 0, "white space is due after the maxval"},
    {"P5 1 1 1#\n\x01", 0, 0, 0, 0, 0, 0, "white space is due after the maxval"},
    {"P2 1 1 1 ", 0, 0, 0, 0, 0, 0, "a whole number is due"},
    {"P2 2 1 1 1", 0, 0, 0, 0, 0, 0, "byte 9: the file is too short"},
    {"P2 2 1 1 1  ", 0, 0, 0, 0, 0, 0, "a whole number is due"},
    {"P2 2 1 1 1.0", 0, 0, 0, 0, 0, 0, "a sample and white space are due"},
    {"P2 1 1 1 1 1", 0, 0, 0, 0, 0, 0, "byte 11: the picture should end here"},
    {"P2 1 1 1 1x", 0, 0, 0, 0, 0, 0, "byte 10: the picture should end here"},
    {"P2 1 1 3 4", 0, 0, 0, 0, 0, 0, "byte 9: the number is too large"},
    {"P2 1 1 3 # 3\n3", 0, 0, 0, 0, 0, 0, "a whole number is due"},
    {"P2 0 1 1 ", 0, 0, 0, 0, 0, 0, "the picture is 1 x 0"},
    {"P5 0 1 1 ", 0, 0, 0, 0, 0, 0, "the picture is 1 x 0"},
    {"P5 1 1 1 ", 0, 0, 0, 0, 0, 0, "the header says 1 bytes, the file has 0"},
    {"P5 1 1 1 \x01\x01", 0, 0, 0, 0, 0, 0, "the header says 1 bytes, the file has 2"},
    {"P5 1 1 1 \x02", 0, 0, 0, 0, 0, 0, "a sample is over the maxval"},
    {"P5 1 1 256 \x01\x01", 0, 0, 0, 0, 0, 0, "a sample is over the maxval"},
    {"P5 1 1 256 \x01", 0, 0, 0, 0, 0, 0, "the header says 2 bytes, the file has 1"},
    {"P6 1 1 255 ab", 0, 0, 0, 0, 0, 0, "the header says 3 bytes, the file has 2"},
    {"P6 268435455 268435455 255 a", 0, 0, 0, 0, 0, 0, "the file has 1"},
    {"P3 268435455 268435455 255 1", 0, 0, 0, 0, 0, 0, "too short"},
};

static spae_status read_case(spae_arena *arena, void *context, spae_error *err)
{
    const pnm_case *c = *(const pnm_case *const *)context;
    const spae_source source = spae_source_memory(c->text, c->n ? c->n : strlen(c->text), "x");
    spae_image image = {9, 9, 9, NULL};
    const spae_status status = spae_pnm_read(arena, &source, NULL, &image, err);
    if (status != SPAE_OK) {
        ck_assert(image.height == 9 && image.pixels == NULL);
        return status;
    }
    ck_assert(image.height == c->height && image.width == c->width &&
              image.channels == c->channels);
    ck_assert(image.pixels[0] == c->first);
    ck_assert(image.pixels[image.height * image.width * image.channels - 1] == c->last);
    return SPAE_OK;
}

START_TEST(pictures_good_and_broken)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const pnm_case *c = &cases[i];
        spae_arena arena = new_arena();
        spae_error err = {SPAE_OK, ""};
        if (c->why == NULL) {
            starve(read_case, &c, 64);
        } else {
            ck_refused(read_case(&arena, &c, &err), SPAE_ERR_FORMAT, err, c->why);
            ck_assert(arena.used == 0);
        }
        spae_arena_free(&arena);
    }
}
END_TEST

/* 70 x 70 RGB is 14700 bytes: the reader's piece of 4096 ends within pixels. */
START_TEST(long_pictures_are_read_in_pieces)
{
    static float pixels[14700];
    for (size_t i = 0; i < 14700; i++)
        pixels[i] = (float)((37 * i + 11) % 256) / 255.0f;
    const spae_image image = {70, 70, 3, pixels};
    spae_arena arena = new_arena();
    spae_buffer b = {&arena, NULL, 0, 0};
    spae_sink sink = spae_sink_buffer(&b);
    spae_image back;
    ck_assert_int_eq(spae_pnm_write(&arena, &sink, &image, NULL), SPAE_OK);
    ck_assert(b.size == 13 + 14700 && memcmp(b.bytes, "P6\n70 70\n255\n", 13) == 0);
    const spae_source source = spae_source_memory(b.bytes, b.size, "x");
    ck_assert_int_eq(spae_pnm_read(&arena, &source, NULL, &back, NULL), SPAE_OK);
    ck_assert(memcmp(back.pixels, pixels, sizeof pixels) == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status fail_behind(void *context, uint64_t offset, void *buffer, size_t n,
                               spae_error *err)
{
    const size_t *good = context;
    if (offset + n > *good)
        return spae_fail(err, SPAE_ERR_IO, "x: gone");
    memset(buffer, '1', n);
    if (offset == 0)
        memcpy(buffer, "P5 100 100 255 ", 15);
    return SPAE_OK;
}

START_TEST(failures_of_the_source_come_through)
{
    spae_arena arena = new_arena();
    spae_image image;
    for (size_t good = 4095; good <= 8192; good += 4097) {
        const spae_source source = {
            .size = 10015, .read = fail_behind, .context = &good, .name = "x"};
        ck_assert_int_eq(spae_pnm_read(&arena, &source, NULL, &image, NULL), SPAE_ERR_IO);
        ck_assert(arena.used == 0);
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_pnm, "io/pnm", pictures_good_and_broken, long_pictures_are_read_in_pieces,
      failures_of_the_source_come_through)

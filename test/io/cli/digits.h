/* What the suites of train and eval share: small digits made by formula, with a codebook of a dozen
 * words. */
#ifndef SPAE_TEST_IO_CLI_DIGITS_H
#define SPAE_TEST_IO_CLI_DIGITS_H

#include "../../../io/npy.h"
#include "run.h"

enum { DIGITS = 6, DIGIT_SIDE = 12, DIGIT_WORDS = 12, DIGIT_C = 6 };

/* PART-images-idx3-ubyte and PART-labels-idx1-ubyte in the current directory: 6 pictures of 12x12,
 * labels 0 .. 5. */
static inline void put_digits(const char *part)
{
    uint8_t images[16 + DIGITS * DIGIT_SIDE * DIGIT_SIDE] = {
        0, 0, 8, 3, 0, 0, 0, DIGITS, 0, 0, 0, DIGIT_SIDE, 0, 0, 0, DIGIT_SIDE};
    uint8_t labels[8 + DIGITS] = {0, 0, 8, 1, 0, 0, 0, DIGITS};
    char name[64];
    for (size_t i = 16; i < sizeof images; i++)
        images[i] = (uint8_t)(i * i / 7 % 256);
    for (size_t i = 0; i < DIGITS; i++)
        labels[8 + i] = (uint8_t)i;
    sprintf(name, "%s-images-idx3-ubyte", part);
    put_file(name, images, sizeof images);
    sprintf(name, "%s-labels-idx1-ubyte", part);
    put_file(name, labels, sizeof labels);
}

/* e.npy (12,6) and w.txt: a, zero .. nine, b */
static inline void put_codebook(void)
{
    static const char words[] =
        "a\nzero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nb\n";
    float e[DIGIT_WORDS * DIGIT_C];
    spae_arena arena;
    spae_error err;
    for (int i = 0; i < DIGIT_WORDS * DIGIT_C; i++)
        e[i] = (float)((37 * i + 11) % 31 - 15) / 16;
    spae_arena_hosted(&arena);
    ck_assert_int_eq(
        spae_npy_write_file(&arena, "e.npy",
                            &(spae_npy_array){SPAE_NPY_F4, 2, {DIGIT_WORDS, DIGIT_C}, e}, &err),
        SPAE_OK);
    spae_arena_free(&arena);
    put_file("w.txt", words, sizeof words - 1);
}

static inline void put_everything(void)
{
    put_digits("train");
    put_digits("t10k");
    put_codebook();
}

#define TRAIN "train --preset tiny-2d --data . --codebook e.npy --vocab w.txt --every 0 "

#endif

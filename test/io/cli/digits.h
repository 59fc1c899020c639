/* What the suites of train and eval share: small digits made by formula, with a codebook of a dozen
 * words. */
#ifndef SPAE_TEST_IO_CLI_DIGITS_H
#define SPAE_TEST_IO_CLI_DIGITS_H

#include "../../../io/npz.h"
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

/* ---- pictures with several words ------------------------------------------------------------- */

enum { WORDED = 9 };

static inline spae_status fill_worded(spae_sink *sink, void *context, spae_error *err)
{
    static uint8_t pictures[WORDED * 16 * 16 * 3];
    for (size_t i = 0; i < sizeof pictures; i++)
        pictures[i] = (uint8_t)(i * i / 7 % 256);
    spae_npz_writer w = spae_npz_begin(context, sink);
    const spae_npy_array array = {SPAE_NPY_U1, 4, {WORDED, 16, 16, 3}, pictures};
    const spae_status status = spae_npz_add(&w, "images", &array, true, err);
    return status == SPAE_OK ? spae_npz_end(&w, err) : status;
}

/* w-images.npz: 9 pictures of 16x16, the eighth for testing; w-labels.tsv: their words, of which the vocabulary of
 * put_codebook lacks those of picture 3 and some others. */
static inline void put_worded(void)
{
    static const char table[] = "index\tkeywords\n0\tone two\n1\ttwo\n2\tcat three\n3\tcat dog\n"
                                "4\tfour\n5\tfive nine zero\n6\tsix\n7\tseven a b\n8\teight\n";
    spae_arena arena, entries;
    spae_error err;
    spae_arena_hosted(&arena);
    spae_arena_hosted(&entries);
    ck_assert_int_eq(spae_file_replace(&arena, "w-images.npz", fill_worded, &entries, &err), SPAE_OK);
    spae_arena_free(&arena);
    spae_arena_free(&entries);
    put_file("w-labels.tsv", table, sizeof table - 1);
}

#define TRAIN "train --preset tiny-2d --data . --codebook e.npy --vocab w.txt --every 0 "

#endif

/* Files of cases, made byte by byte: the input `file` of stage files. */
#ifndef SPAE_TEST_VECTORS_RAW_H
#define SPAE_TEST_VECTORS_RAW_H

#include "hosted.h"

/* In the arena of the case under way. The first failure is the case's. */
typedef struct {
    vectors *v;
    spae_buffer buffer;
} vectors_file;

vectors_file vectors_file_of(vectors *v);

/* Further bytes: as they are, of a text without its zero, of a number in n bytes, the lowest first or the highest. */
void vectors_file_add(vectors_file *f, const void *bytes, size_t n);
void vectors_file_text(vectors_file *f, const char *text);
void vectors_file_low(vectors_file *f, uint64_t value, unsigned n);
void vectors_file_high(vectors_file *f, uint64_t value, unsigned n);

/* Every place where `from` stands becomes `to`, which is as long; fails the case where there is none. */
void vectors_file_replace(vectors_file *f, const char *from, const char *to);

/* The place of the n-th such bytes, from 0; fails the case where there is none. */
size_t vectors_file_find(vectors_file *f, const char *bytes, size_t size, size_t n);

/* Gives the input `file`, and a source that reads it. */
spae_source vectors_file_given(const vectors_file *f);

/* An array of bytes. */
void vectors_octets(vectors *v, const char *name, vectors_compare compare, unsigned rank, const size_t *shape,
                    const void *data);

/* An output to be compared bit for bit, of binary32 numbers in every build. */
void vectors_floats(vectors *v, const char *name, unsigned rank, const size_t *shape, const float *data);

/* Texts as one array of bytes, a zero behind each. */
void vectors_texts(vectors *v, const char *name, vectors_compare compare, const char *const *text, size_t count);

/* The case's end: a refusal with that status, or a success. False where outputs are not due. */
bool vectors_returned(vectors *v, spae_status due, spae_status returned);

/* Does nothing but hold a text and its length, with zeros inside. */
#define VECTORS_TEXT(text) text, sizeof text - 1

/* A model of a few thousand parameters, with words and initial weights (models.c). False where the case does not go on.
 */
bool vectors_small_model(vectors *v, spae_model *model);

/* ---- the parts of stage files ---- */
void vectors_arrays(vectors *v);   /* NPY */
void vectors_archives(vectors *v); /* NPZ, safetensors, IDX */
void vectors_foreign(vectors *v);  /* torch.save, word vectors */
void vectors_pictures(vectors *v); /* PNM, PNG, samples, resizing */
void vectors_pictures_jpeg(vectors *v);
void vectors_videos(vectors *v);   /* Y4M */
void vectors_token_files(vectors *v);
void vectors_models(vectors *v);    /* config, model */
void vectors_paths(vectors *v);     /* what is read by path; weights, logs */
void vectors_language_files(vectors *v);  /* requests, answers, transcripts */
void vectors_arguments(vectors *v); /* calls that must be refused */
void vectors_tokenizers(vectors *v); /* vocabularies of language models */
void vectors_guide(vectors *v);        /* CLIP's features of words and pictures */
void vectors_clip_weights(vectors *v); /* CLIP's, under each family's names */

#endif

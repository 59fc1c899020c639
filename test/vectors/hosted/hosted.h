/* What the hosted program does with the cases: files and a MANIFEST, or a comparison with one. */
#ifndef SPAE_TEST_VECTORS_HOSTED_H
#define SPAE_TEST_VECTORS_HOSTED_H

#include "io/file.h"
#include "test/vectors/vectors.h"

/* The sink that writes DIR/<case>/<array>.npy, and in a binary32 build the MANIFEST behind them; in the ORACLE build
 * <array>.f64.npy of the outputs, and nothing else. So the ORACLE build runs first. */
typedef struct {
    const char *directory;
    spae_arena *arena;    /* scratch for names and bytes, given back */
    spae_arena manifest_arena;
    spae_buffer manifest; /* the lines so far */
    spae_buffer in, out;  /* of the case under way: its arrays' JSON, separated by commas */
    vectors_compare weakest; /* of that case's outputs */
    const uint8_t *before; /* the MANIFEST that was there, for cases that are not computed this time; or NULL */
    size_t before_size;
    size_t cases, outputs;
} vectors_writer;

/* Cases that are not wanted keep their lines of DIR/MANIFEST, and their files.
 *   err  that of reading it; none where there is no such file */
spae_status vectors_writer_start(vectors_writer *w, const char *directory, spae_arena *arena, spae_error *err);
vectors_sink vectors_writer_sink(vectors_writer *w);

/* DIR/MANIFEST. */
spae_status vectors_writer_finish(vectors_writer *w, spae_error *err);

/* The sink that only writes outputs, DIR/<case>/<output>.npy, as a port would. */
vectors_sink vectors_port_sink(vectors_writer *w);

/* The sink that compares the hash of each output's items with the MANIFEST's, and prints what differs. */
typedef struct {
    bool print;                             /* also print what is equal, "<case>/<output> <hash>" */
    char (*key)[200];                       /* (known) "<case>/<output>" */
    char (*hash)[65];                       /* (known) of the items */
    size_t known, room;                     /* outputs in the MANIFEST; what its first line says */
    unsigned effort;                        /* cases that take more are left out */
    size_t cases, cases_left_out;           /* to be computed; not */
    size_t cases_seen, outputs_seen, differing;
} vectors_checker;

/* err  SPAE_ERR_FORMAT  also when the MANIFEST has not as many cases as its first line says */
spae_status vectors_checker_start(vectors_checker *c, const char *manifest, unsigned effort, spae_arena *arena,
                                  spae_error *err);
vectors_sink vectors_checker_sink(vectors_checker *c);

/* ---- stages, and parts of stages, that need files, or much memory ---- */
void vectors_words(vectors *v); /* the second part of guidance */
void vectors_training_data(vectors *v);
void vectors_prompts(vectors *v); /* the second part of language */
void vectors_scores(vectors *v); /* the second part of metrics */
void vectors_answers(vectors *v); /* its third */
void vectors_language_answers(vectors *v); /* the last part of language */
void vectors_files(vectors *v);
void vectors_full(vectors *v);

/* What the case of this name takes: 0 little; 1 full size, some minutes and gigabytes; 2 the training step of videos. */
unsigned vectors_effort(const char *name);

#endif

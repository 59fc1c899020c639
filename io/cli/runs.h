/* What train and ablate share: the options of a training run. */
#ifndef SPAE_IO_CLI_RUNS_H
#define SPAE_IO_CLI_RUNS_H

#include "io/cli/setup.h"
#include "io/training.h"

/* For the tables of subcommands: what a run is made of ... */
#define SPAE_CLI_RUN_SOURCES                                                                       \
    {.name = "preset",                                                                             \
     .value = "P",                                                                                 \
     .help = "the configuration to start from (spae info --preset P shows it)",                    \
     .required = true},                                                                            \
        {.name = "data", .value = "D", .required = true, .help = SPAE_CLI_DATA_HELP("train")},     \
        {.name = "codebook",                                                                       \
         .value = "F",                                                                             \
         .help = "embeddings of the words: .npy, (V,c), or an .npz of spae codebook",              \
         .required = true},                                                                        \
    {                                                                                              \
        .name = "vocab", .value = "F",                                                             \
        .help = "the V words: a text, one a line, or .npy strings; without it the\n.npz has them"  \
    }

/* ... and how it is made. */
#define SPAE_CLI_RUN_OPTIONS                                                                       \
    SPAE_CLI_SET_OPTION, {.name = "steps", .value = "N", .help = "the same as --set steps=N"},     \
        {.name = "seed", .value = "S", .help = "of weights, order and targets (default 0)"},       \
        {.name = "limit-words", .value = "N", .help = "only the first N words"},                   \
        {.name = "codebook-centre",                                                                \
         .help = "take the mean over the words away from the embeddings"},                         \
        {.name = "codebook-scale", .value = "X", .help = "then multiply them by X (default 1)"},   \
        {.name = "guide",                                                                          \
         .value = "G",                                                                             \
         .help =                                                                                   \
             "what the words of pictures are compared by: centred (default; without the\n"         \
             "vocabulary's mean, of length 1) or raw embeddings, of several words their mean;\n"   \
             "nearest: centred, each word by itself, and the most similar one counts"},            \
        {.name = "guide-words", .value = "F", .help = "instead, with --guide-pictures: features of the words, (words,d), as guide\nmakes them"},\
        {.name = "guide-pictures", .value = "F", .help = "features of the pictures of the data set's part train, (pictures,d)"}, \
        {.name = "guide-similarity", .value = "F", .help = "instead: scores of pictures and words from anywhere, .npy (pictures,words)"}, \
        {.name = "label-words",                                                                    \
         .value = "F",                                                                             \
         .help = "a text with the word of each label of IDX files (default: zero .. nine)"},       \
        {.name = "perceptual",                                                                     \
         .value = "F",                                                                             \
         .repeated = true,                                                                         \
         .help = "weights of the perceptual term, .npz, .safetensors, .pth: a ResNet-50, or with\n"    \
                 "--set perceptual=lpips VGG16 and LPIPS's layers; without them it is off"},       \
        {.name = "recompute",                                                                      \
         .help = "compute residual blocks again for their gradients instead of keeping them:\n"    \
                 "less memory, more time, the same bits (spae info tells how much)"},              \
        {.name = "checkpoint-every",                                                               \
         .value = "N",                                                                             \
         .help = "steps between checkpoints (default 500)"},                                       \
        {.name = "every",                                                                          \
         .value = "S",                                                                             \
         .help = "seconds between lines of progress (default 2; 0: only the last)"},               \
    {                                                                                              \
        .name = "at-once", .value = "K",                                                           \
        .help = "examples worked on side by side, for OpenMP builds (default 1):\n"                \
                "memory and time, never bits"                                                      \
    }

/* Both groups, and --resume; what was not given is as spae_training_defaults has it. Checkpoint and
 * log are the caller's to set. Returns false, the mistake said on stderr, when it is wrong: the
 * caller returns SPAE_CLI_USAGE. */
bool spae_cli_run_settings(const spae_cli_arguments *arguments, spae_training_settings *set);

/* --guide-words with --guide-pictures, or --guide-similarity: the two paths of guide_stream.h, NULL where not given.
 * Returns as above. */
bool spae_cli_read_guide_files(const spae_cli_arguments *arguments, const char **words, const char **rows);

/* Says on stderr, once a run, which weights the perceptual term has, or that it is off though eta asks for it. */
void spae_cli_tell_perceptual(const spae_cli_arguments *arguments, const spae_training *t);

#endif

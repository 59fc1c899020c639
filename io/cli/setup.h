/* What train, eval, init and info share: a configuration from --preset and --set, a vocabulary from
 * two files, the words of labels. */
#ifndef SPAE_IO_CLI_SETUP_H
#define SPAE_IO_CLI_SETUP_H

#include "io/cli/options.h"
#include "io/dataset.h"
#include "io/vocabulary.h"
#include "spae.h"

/* For the tables of subcommands. */
#define SPAE_CLI_SET_OPTION                                                                        \
    {                                                                                              \
        .name = "set", .value = "KEY=VALUE", .repeated = true,                                     \
        .help = "change the preset: c=100, filters=32, multipliers=1,1,2,2, pyramid=1,2,4,4,\n"    \
                "picture=32x32, quantizer=rq, thresholds=0.98,0.95, alpha=0 ...;\n"                \
                "spae info --preset P lists all keys"                                                      \
    }

/* --preset NAME, or image-128 where it was not given, then every --set in the order given, then spae_config_check.
 * Returns false, the mistake said on stderr, when it is wrong: the caller returns SPAE_CLI_USAGE.
 */
bool spae_cli_config(const spae_cli_arguments *arguments, spae_config *config);

/* --seed N, 0 .. 2^32 - 1, or 0. Returns as above. */
bool spae_cli_seed(const spae_cli_arguments *arguments, uint32_t *seed);

/* What --data may be, for the tables of subcommands; `part` is train or t10k. */
#define SPAE_CLI_DATA_HELP(part)                                                                   \
    "pictures: an IDX file, plain or gzipped, a folder with\n" part                                \
    "-images-idx3-ubyte[.gz] and " part "-labels-idx1-ubyte[.gz];\n"                               \
    "arrays NAME-images.npz (or .npy) with words in NAME-labels.tsv, or their folder;\n"           \
    "a folder of pictures, or of folders named by words; videos likewise, also .y4m"

/* Says on stderr how many pictures spae_dataset_sources has left out, unless it is none. */
void spae_cli_left_out(const spae_cli_arguments *arguments, const spae_dataset *dataset,
                       size_t left_out);

/* spae_dataset_sources for the model's vocabulary, and spae_cli_left_out.
 *   err  as there */
spae_status spae_cli_sources(const spae_cli_arguments *arguments, spae_dataset *dataset,
                             const char *const *word, size_t count, const spae_model *model,
                             spae_arena *arena, spae_sources *sources, spae_error *err);

#endif

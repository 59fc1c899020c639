/* ./spae SUBCOMMAND ...: checks the machine's arithmetic, then hands over to the subcommand's file.
 *
 * Data goes to stdout, messages and progress to stderr. Exit status 0, 1 for a failed run, 2 for wrong usage.
 */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/options.h"
#include "spae.h"

typedef struct {
    const char *name, *purpose;
    int (*run)(int argc, char **argv);
} subcommand;

static const subcommand subcommands[] = {
    {"demo", "see it work: digits become words, and words become digits again", spae_cli_demo},
    {"encode", "a picture's pyramid of tokens", spae_cli_encode},
    {"decode", "the picture of a pyramid, from any number of its layers", spae_cli_decode},
    {"inspect", "a report to look at: pyramid, shades, reconstructions by layer", spae_cli_inspect},
    {"prompt", "the prompt of a task, as a language model gets it", spae_cli_prompt},
    {"generate", "pictures that a language model writes", spae_cli_generate},
    {"classify", "which class a picture is of, asked of a language model; few-shot accuracy", spae_cli_classify},
    {"caption", "what a picture shows, said by a language model", spae_cli_caption},
    {"vqa", "a question about a picture, answered by a language model", spae_cli_vqa},
    {"codebook", "words and embeddings of a language model, as train takes them", spae_cli_codebook},
    {"guide", "CLIP's features of words and pictures, by which train is guided", spae_cli_guide},
    {"train", "a model from labelled pictures and a codebook", spae_cli_train},
    {"ablate", "the rows of the paper's Table 4, trained side by side", spae_cli_ablate},
    {"eval", "how well a model rebuilds pictures, and which words it uses", spae_cli_eval},
    {"plot", "training curves, from the logs of train, as an SVG", spae_cli_plot},
    {"info", "what a model or a preset is made of", spae_cli_info},
    {"init", "a model with first weights, the same everywhere", spae_cli_init},
    {"inflate", "a model of videos from a model of pictures", spae_cli_inflate},
    {"bench", "how fast the stages of a model run here", spae_cli_bench},
    {"verify", "which stage of a port is wrong, and by how much", spae_cli_verify},
};
enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static void print_help(void)
{
    printf("usage: spae SUBCOMMAND [options]\n\n"
           "Pictures as pyramids of words of a language model's vocabulary, and back\n"
           "(Semantic Pyramid AutoEncoder, arXiv 2306.17842).\n\n");
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        printf("  %-10s %s\n", subcommands[i].name, subcommands[i].purpose);
    printf("\n  spae SUBCOMMAND --help   its options\n"
           "  spae --version           the version\n");
}

static int run(int argc, char **argv)
{
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return SPAE_CLI_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("spae %s\n", SPAE_VERSION);
        return SPAE_CLI_DONE;
    }
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "spae: %s: no such subcommand (see: spae --help)\n", argv[1]);
    return SPAE_CLI_USAGE;
}

int main(int argc, char **argv)
{
    spae_error err;
    spae_cli_name_program(argc > 0 ? argv[0] : NULL);
    if (spae_self_check(&err) != SPAE_OK) {
        fprintf(stderr, "spae: %s\n", err.text);
        return SPAE_CLI_FAILED;
    }
    if (argc < 2) {
        fprintf(stderr, "spae: a subcommand is needed (see: spae --help)\n");
        return SPAE_CLI_USAGE;
    }
    const int status = run(argc, argv);
    const bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (status == SPAE_CLI_DONE && !written) { /* a failed run has said why already */
        fprintf(stderr, "spae: standard output: not everything could be written\n");
        return SPAE_CLI_FAILED;
    }
    return status;
}

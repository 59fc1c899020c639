/* spae guide: CLIP's features of words and of pictures, by which training is guided (io/guide_clip.h). */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/guide_clip.h"

enum { PATHS_MOST = 16 };

static const char *const activations[] = {"quick_gelu", "gelu"};
static const char *const parts[] = {"train", "test"};

static const spae_cli_option options[] = {
    {.name = "clip",
     .value = "F",
     .help = "CLIP's weights: .safetensors, .pt, .npz, an index, a folder; may be given\nmore than once, where they are in several files",
     .required = true,
     .repeated = true},
    {.name = "tokenizer", .value = "F", .help = "for words: CLIP's merges, bpe_simple_vocab_16e6.txt.gz or plain"},
    {.name = "activation", .value = "A", .help = "quick_gelu (default; OpenAI's weights) or gelu (most of OpenCLIP's)"},
    {.name = "words", .value = "F", .help = "write the words' features, .npy (words,d)"},
    {.name = "codebook", .value = "C", .help = "whose words: as train takes them, .npz, or .npy with --vocab"},
    {.name = "vocab", .value = "F", .help = "the words of an .npy: a text, a line each, or an .npy of strings"},
    {.name = "limit-words", .value = "N", .help = "only the first N words"},
    {.name = "prompt",
     .value = "TEXT",
     .help = "with {} for the word; may be given more than once (default: the 80\nprompts of CLIP's classification of ImageNet)",
     .repeated = true},
    {.name = "pictures", .value = "F", .help = "write the pictures' features, .npy (pictures,d)"},
    {.name = "data", .value = "D", .help = SPAE_CLI_DATA_HELP("train")},
    {.name = "part", .value = "P", .help = "train (default) or test"},
    {.name = "preset", .value = "P", .help = "of the model that the pictures are for: their size (default image-128)"},
    SPAE_CLI_SET_OPTION,
    {.name = "every", .value = "S", .help = "seconds between lines of progress (default 2; 0: only the last)"},
};

static const spae_cli_command command = {
    .name = "guide",
    .arguments = "",
    .purpose = "CLIP's features for train: of words with --guide-words, of pictures with --guide-pictures.\n"
               "What was broken off goes on where it was, to the same bytes.\n"
               "    spae guide --clip clip/model.safetensors --tokenizer bpe_simple_vocab_16e6.txt.gz --codebook words.npz --words t.npy\n"
               "    spae guide --clip clip/model.safetensors --data photos --preset image-128 --pictures i.npy",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

typedef struct {
    const spae_cli_arguments *a;
    spae_config config;
    size_t activation, part;
    uint64_t limit, every;
    spae_arena *arena;
    spae_clip_encoder clip;
} guide;

/* ---- progress ---- */

typedef struct {
    const char *what;
    uint64_t every;
    time_t started, last;
    size_t first; /* rows that were there; SIZE_MAX before the first call */
} watch;

/* "words 120 of 65536, 1.5 a second" */
static void show(void *context, size_t done, size_t rows)
{
    watch *w = context;
    const time_t now = time(NULL);
    if (w->first == SIZE_MAX)
        w->first = done;
    if (done < rows && (w->every == 0 || difftime(now, w->last) < (double)w->every))
        return;
    const double seconds = difftime(now, w->started);
    w->last = now;
    fprintf(stderr, "%s %zu of %zu", w->what, done, rows);
    if (seconds > 0 && done > w->first)
        fprintf(stderr, ", %.3g a second", (double)(done - w->first) / seconds);
    fputc('\n', stderr);
}

static spae_guide_output output_of(const guide *g, const char *name, watch *w)
{
    *w = (watch){name, g->every, time(NULL), time(NULL), SIZE_MAX};
    return (spae_guide_output){spae_cli_value(g->a, name), show, w};
}

/* ---- the two kinds ---- */

static spae_status make_words(guide *g, spae_error *err)
{
    const char *prompt[SPAE_CLI_GIVEN_MOST];
    size_t prompts = 0;
    spae_vocabulary v;
    spae_guide_report report;
    watch w;
    const spae_guide_output out = output_of(g, "words", &w);
    while ((prompt[prompts] = spae_cli_value_at(g->a, "prompt", prompts)) != NULL)
        prompts++;
    spae_status status = spae_vocabulary_read(g->arena, spae_cli_value(g->a, "codebook"), spae_cli_value(g->a, "vocab"),
                                              (size_t)g->limit, &v, err);
    if (status == SPAE_OK)
        status = spae_guide_words(&g->clip, v.word, v.V, prompts > 0 ? prompt : spae_clip_templates,
                                  prompts > 0 ? prompts : SPAE_CLIP_TEMPLATES, &out, g->arena, &report, err);
    if (status != SPAE_OK)
        return status;
    printf("words %s: %zu of %zu numbers, %zu were there\n", out.path, v.V, g->clip.model.config.embed, report.found);
    if (report.zeros > 0)
        printf("%zu words are too long for CLIP or no text: zeros\n", report.zeros);
    return SPAE_OK;
}

static spae_status make_pictures(guide *g, spae_error *err)
{
    spae_dataset data;
    spae_guide_report report;
    watch w;
    const spae_guide_output out = output_of(g, "pictures", &w);
    spae_status status = spae_dataset_open(g->arena, spae_cli_value(g->a, "data"), (spae_dataset_part)g->part, g->config.picture, &data, err);
    if (status == SPAE_OK)
        status = spae_guide_pictures(&g->clip, &data, &g->config, &out, g->arena, &report, err);
    if (status == SPAE_OK)
        printf("pictures %s: %zu of %zu numbers, %zu were there\n", out.path, data.count, g->clip.model.config.embed, report.found);
    return status;
}

static spae_status make(guide *g, spae_error *err)
{
    const bool words = spae_cli_value(g->a, "words") != NULL, pictures = spae_cli_value(g->a, "pictures") != NULL;
    const spae_clip_wanted wanted = {(words ? SPAE_CLIP_TEXT : 0u) | (pictures ? SPAE_CLIP_IMAGE : 0u),
                                     g->activation == 1 ? SPAE_CLIP_GELU : SPAE_CLIP_QUICK_GELU};
    const char *path[PATHS_MOST];
    size_t paths = 0;
    for (const char *p; paths < PATHS_MOST && (p = spae_cli_value_at(g->a, "clip", paths)) != NULL;)
        path[paths++] = p;
    spae_status status =
        spae_clip_open(g->arena, path, paths, words ? spae_cli_value(g->a, "tokenizer") : NULL, &wanted, &g->clip, err);
    if (status == SPAE_OK && words)
        status = make_words(g, err);
    if (status == SPAE_OK && pictures)
        status = make_pictures(g, err);
    if (status == SPAE_OK)
        printf("clip %s, names of \"%s\", sha256 %s\n", path[0], g->clip.scheme, g->clip.hash);
    return status;
}

static bool check(const spae_cli_arguments *a)
{
    const bool words = spae_cli_value(a, "words") != NULL, pictures = spae_cli_value(a, "pictures") != NULL;
    if (!words && !pictures)
        return spae_cli_wrong(&command, "expected --words or --pictures, or both"), false;
    if (words && (spae_cli_value(a, "codebook") == NULL || spae_cli_value(a, "tokenizer") == NULL))
        return spae_cli_wrong(&command, "--words: expected --codebook and --tokenizer too"), false;
    if (pictures && spae_cli_value(a, "data") == NULL)
        return spae_cli_wrong(&command, "--pictures: expected --data too"), false;
    if (spae_cli_value_at(a, "clip", PATHS_MOST) != NULL)
        return spae_cli_wrong(&command, "--clip: at most %d files", (int)PATHS_MOST), false;
    for (size_t i = 0; spae_cli_value_at(a, "prompt", i) != NULL; i++)
        if (strstr(spae_cli_value_at(a, "prompt", i), "{}") == NULL)
            return spae_cli_wrong(&command, "--prompt: \"%s\" has no {} for the word", spae_cli_value_at(a, "prompt", i)), false;
    return true;
}

int spae_cli_guide(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    guide g = {.a = &arguments, .every = 2};
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!check(&arguments) || !spae_cli_config(&arguments, &g.config) ||
        !spae_cli_choice(&arguments, "activation", activations, 2, &g.activation) ||
        !spae_cli_choice(&arguments, "part", parts, SPAE_DATASET_PARTS, &g.part) ||
        !spae_cli_integer(&arguments, "limit-words", 1, INT32_MAX, &g.limit) ||
        !spae_cli_integer(&arguments, "every", 0, 86400, &g.every))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    g.arena = &arena;
    exit_status = make(&g, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}

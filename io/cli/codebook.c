/* spae codebook: which words of a language model a picture may become, with their embeddings (io/codebook.h). */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/cli/commands.h"
#include "io/cli/options.h"
#include "io/codebook.h"

static const char *const conditions[] = {"all", "utf8", "printable", "letters", "starts"};
static const char *const kept[] = {"duplicates", "zeros"};
enum { CONDITIONS = sizeof conditions / sizeof conditions[0], KEPT = sizeof kept / sizeof kept[0] };

static const spae_cli_option options[] = {
    {.name = "o", .value = "C", .help = "the codebook to write: .npz with codebook (V,c) and vocab (V)", .required = true},
    {.name = "tokenizer",
     .value = "F",
     .help = "a language model's vocabulary: tokenizer.json, vocab.json (with\nmerges.txt beside), ranks (.tiktoken), or a folder"},
    {.name = "embeddings",
     .value = "F",
     .help = "its matrix, (words,c): .npy, or weights (.safetensors, .pt, .npz,\nan index of several, a folder)"},
    {.name = "array", .value = "NAME", .help = "of the matrix in the weights (default: by the known names)"},
    {.name = "vectors", .value = "F", .help = "instead: word vectors of GloVe, word2vec (text or binary), fastText (.vec)"},
    {.name = "take",
     .value = "WHAT",
     .help = "only words that are: utf8 (default), printable, letters, starts (of\nwords); all: also bytes that are no text. May be given more than once",
     .repeated = true},
    {.name = "frequency",
     .value = "F",
     .help = "only words that are counted here, the most frequent first: lines WORD\nCOUNT, or an .npy of counts by word"},
    {.name = "first", .value = "N", .help = "the first N of them"},
    {.name = "keep",
     .value = "WHAT",
     .help = "what else is left out: duplicates (a word, or a row, that came before),\nzeros (rows of zeros). May be given more than once",
     .repeated = true},
    {.name = "padded", .help = "the matrix has more rows than there are words: padding"},
    {.name = "quiet", .help = "no progress"},
};

static const spae_cli_command command = {
    .name = "codebook",
    .arguments = "",
    .purpose = "The words of a language model and their embeddings, as train and init take them:\n"
               "    spae codebook --tokenizer gpt2/ --embeddings gpt2/ -o words.npz\n"
               "    spae codebook --tokenizer cl100k_base.tiktoken --embeddings e.npy -o words.npz\n"
               "    spae codebook --vectors glove.6B.300d.txt --first 65536 -o words.npz",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* ---- progress -------------------------------------------------------------------------------- */

typedef struct {
    time_t last;
} watch;

static void show(void *context, const char *what, size_t done, size_t total)
{
    watch *w = context;
    const time_t now = time(NULL);
    if (difftime(now, w->last) < 2)
        return;
    w->last = now;
    fprintf(stderr, "%s %zu of %zu\n", what, done, total);
}

/* ---- what was asked for ---------------------------------------------------------------------- */

/* The place of a word in a list; `count` when it is none of it. */
static size_t place_of(const char *word, const char *const *list, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(word, list[i]) != 0)
        i++;
    return i;
}

static bool read_take(const spae_cli_arguments *a, unsigned *take)
{
    const char *value;
    *take = spae_cli_value(a, "take") == NULL ? SPAE_TAKE_UTF8 : 0;
    for (size_t i = 0; (value = spae_cli_value_at(a, "take", i)) != NULL; i++) {
        const size_t place = place_of(value, conditions, CONDITIONS);
        if (place == CONDITIONS)
            return spae_cli_wrong(&command, "--take: %s is none of all, utf8, printable, letters, starts", value), false;
        *take |= place > 0 ? 1U << (place - 1) : 0U;
    }
    return true;
}

static bool read_keep(const spae_cli_arguments *a, spae_codebook_settings *set)
{
    const char *value;
    for (size_t i = 0; (value = spae_cli_value_at(a, "keep", i)) != NULL; i++) {
        const size_t place = place_of(value, kept, KEPT);
        if (place == KEPT)
            return spae_cli_wrong(&command, "--keep: %s is none of duplicates, zeros", value), false;
        set->keep_duplicates = set->keep_duplicates || place == 0;
        set->keep_zeros = set->keep_zeros || place == 1;
    }
    return true;
}

static bool check_sources(const spae_cli_arguments *a)
{
    const bool tokenizer = spae_cli_value(a, "tokenizer") != NULL, embeddings = spae_cli_value(a, "embeddings") != NULL;
    const bool vectors = spae_cli_value(a, "vectors") != NULL;
    if (vectors && (tokenizer || embeddings || spae_cli_value(a, "array") != NULL))
        return spae_cli_wrong(&command, "--vectors: not with --tokenizer, --embeddings or --array"), false;
    if (!vectors && !(tokenizer && embeddings))
        return spae_cli_wrong(&command, "expected --tokenizer and --embeddings, or --vectors"), false;
    return true;
}

static bool read_settings(const spae_cli_arguments *a, spae_codebook_settings *set)
{
    uint64_t first = 0;
    *set = (spae_codebook_settings){.frequency = spae_cli_value(a, "frequency"),
                                    .padded = spae_cli_value(a, "padded") != NULL,
                                    .progress = spae_cli_value(a, "quiet") == NULL ? show : NULL};
    if (!check_sources(a) || !read_take(a, &set->take) || !read_keep(a, set) ||
        !spae_cli_integer(a, "first", 1, INT32_MAX, &first))
        return false;
    set->first = (size_t)first;
    return true;
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void print_count(FILE *out, size_t count, const char *what, const char *names)
{
    if (count > 0)
        fprintf(out, "%zu %s%s%s\n", count, what, names[0] != '\0' ? ": " : "", names);
}

static void print_report(const spae_word_source *source, const spae_codebook_settings *set,
                         const spae_codebook_report *r, const char *path)
{
    FILE *out = strcmp(path, "-") == 0 ? stderr : stdout; /* where the codebook itself does not go */
    fprintf(out, "%s (%s): %zu words, %zu embeddings of %zu numbers\n", source->name, source->kind, r->words, source->rows,
           source->c);
    if (r->rows_of_taken)
        fprintf(out, "the embeddings are those of the words taken, in their order\n");
    print_count(out, r->without, "have no text", "");
    print_count(out, r->not_taken, "not taken", "");
    print_count(out, r->unlisted, "without a count", "");
    print_count(out, r->same_words, set->keep_duplicates ? "came before, kept" : "came before, left out", r->same_word.line.text);
    print_count(out, r->zeros, set->keep_zeros ? "rows of zeros, kept" : "rows of zeros, left out", r->zero.line.text);
    print_count(out, r->beyond, "behind the first of them", "");
    print_count(out, r->same_rows, set->keep_duplicates ? "rows as an earlier one, kept" : "rows as an earlier one, left out",
                r->same_row.line.text);
    print_count(out, r->raw, "words hold bytes that are no text, as characters from U+10FF00 on", "");
    fprintf(out, "codebook %s: %zu words of %zu numbers\n", path, r->V, r->c);
}

static spae_status make(const spae_cli_arguments *a, spae_codebook_settings *set, spae_arena *arena, spae_error *err)
{
    spae_word_source source;
    spae_codebook_report report;
    watch w = {time(NULL)};
    const char *vectors = spae_cli_value(a, "vectors"), *path = spae_cli_value(a, "o");
    set->context = &w;
    spae_status status =
        vectors != NULL ? spae_word_source_vectors(arena, vectors, &source, err)
                        : spae_word_source_tokens(arena, spae_cli_value(a, "tokenizer"), spae_cli_value(a, "embeddings"),
                                                  spae_cli_value(a, "array"), &source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_codebook_build(&source, set, path, arena, &report, err);
    if (status == SPAE_OK)
        print_report(&source, set, &report, path);
    source.close(&source);
    return status;
}

int spae_cli_codebook(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_codebook_settings set;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!read_settings(&arguments, &set))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    exit_status = make(&arguments, &set, &arena, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}

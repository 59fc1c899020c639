/* spae eval: PSNR by layer, first words, and which words are used. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/evaluation.h"
#include "io/model.h"
#include "vendor_free/json.h"

static const char *const part_names[SPAE_DATASET_PARTS] = {"train", "test"};

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "data", .value = "D", .required = true, .help = SPAE_CLI_DATA_HELP("t10k")},
    {.name = "part",
     .value = "P",
     .help = "test (default) or train: the files t10k-... or train-...; of an archive every\n"
             "eighth picture or the others"},
    {.name = "limit", .value = "N", .help = "only the first N pictures"},
    {.name = "csv", .value = "F", .help = "write one row for each layer"},
    {.name = "json", .value = "F", .help = "write everything as JSON"},
};

static const spae_cli_command command = {.name = "eval",
                                         .arguments = "",
                                         .purpose =
                                             "How well a model rebuilds pictures from the first 1, "
                                             "2, .. layers, how often the first word is the\n"
                                             "label's, and how many words it uses. PSNR: the mean "
                                             "over pictures, peak 1, reconstructions clamped\n"
                                             "to 0..1.",
                                         .options = options,
                                         .option_count = sizeof options / sizeof options[0]};

typedef struct {
    spae_model model;
    spae_notes notes;
    spae_dataset dataset;
    spae_sources sources; /* of its labels; count 0: none */
    char hash[65];
    spae_evaluation result;
} evaluation;

/* One line a second at most. */
static void tell(size_t done, size_t count)
{
    static time_t last;
    const time_t now = time(NULL);
    if (now == last && done != count)
        return;
    last = now;
    fprintf(stderr, "%zu/%zu pictures\n", done, count);
}

static double part_of(size_t count, const spae_evaluation *r)
{
    return (double)count / (double)r->pictures;
}

static void print_result(const evaluation *e)
{
    const spae_evaluation *r = &e->result;
    printf("model sha256 %s\npictures %zu\n", e->hash, r->pictures);
    if (r->labelled)
        printf("first word is the label's %.4f (%zu of %zu)\n"
               "a word of layers 1-2 is the label's %.4f (%zu of %zu)\n",
               part_of(r->first_words, r), r->first_words, r->pictures, part_of(r->early_words, r),
               r->early_words, r->pictures);
    printf("\nlayers  psnr      tokens   distinct  entropy  most common\n");
    for (size_t l = 0; l < r->layers; l++) {
        const spae_evaluation_layer *layer = &r->layer[l];
        printf("1..%-3zu  %-8.3f  %-7llu  %-8llu  %-7.3f  %s (%llu)\n", l + 1, layer->psnr,
               (unsigned long long)layer->tokens, (unsigned long long)layer->distinct,
               layer->entropy, e->model.word[layer->most_common],
               (unsigned long long)layer->most_count);
    }
    printf("\ndifferent words in use %llu of %zu\n", (unsigned long long)r->distinct,
           e->model.codebook.V);
}

static spae_status fill_csv(spae_sink *sink, void *context, spae_error *err)
{
    static const char header[] = "layers,psnr,tokens,distinct,entropy\n";
    const spae_evaluation *r = &((const evaluation *)context)->result;
    spae_status status = spae_sink_write(sink, header, sizeof header - 1, err);
    for (size_t l = 0; status == SPAE_OK && l < r->layers; l++) {
        char row[160];
        const int n = snprintf(row, sizeof row, "%zu,%.17g,%llu,%llu,%.17g\n", l + 1,
                               r->layer[l].psnr, (unsigned long long)r->layer[l].tokens,
                               (unsigned long long)r->layer[l].distinct, r->layer[l].entropy);
        status = spae_sink_write(sink, row, (size_t)n, err);
    }
    return status;
}

static void write_layer(spae_json_writer *w, const evaluation *e, size_t l)
{
    const spae_evaluation_layer *layer = &e->result.layer[l];
    const char *word = e->model.word[layer->most_common];
    spae_json_write_open(w, '{');
    spae_json_write_key(w, "layers");
    spae_json_write_integer(w, (int64_t)l + 1);
    spae_json_write_key(w, "psnr");
    spae_json_write_double(w, layer->psnr);
    spae_json_write_key(w, "tokens");
    spae_json_write_integer(w, (int64_t)layer->tokens);
    spae_json_write_key(w, "distinct");
    spae_json_write_integer(w, (int64_t)layer->distinct);
    spae_json_write_key(w, "entropy");
    spae_json_write_double(w, layer->entropy);
    spae_json_write_key(w, "most_common");
    spae_json_write_string(w, word, strlen(word));
    spae_json_write_close(w);
}

/* A part of the labelled pictures, or null. */
static void write_part(spae_json_writer *w, const char *key, size_t count, const spae_evaluation *r)
{
    spae_json_write_key(w, key);
    if (r->labelled)
        spae_json_write_double(w, part_of(count, r));
    else
        spae_json_write_null(w);
}

static spae_status write_result(const evaluation *e, char *text, size_t room, size_t *length,
                                spae_error *err)
{
    const spae_evaluation *r = &e->result;
    spae_json_writer w;
    spae_json_write_start(&w, text, room);
    spae_json_write_open(&w, '{');
    spae_json_write_key(&w, "sha256");
    spae_json_write_string(&w, e->hash, strlen(e->hash));
    spae_json_write_key(&w, "pictures");
    spae_json_write_integer(&w, (int64_t)r->pictures);
    write_part(&w, "first_word", r->first_words, r);
    write_part(&w, "early_word", r->early_words, r);
    spae_json_write_key(&w, "distinct");
    spae_json_write_integer(&w, (int64_t)r->distinct);
    spae_json_write_key(&w, "layers");
    spae_json_write_open(&w, '[');
    for (size_t l = 0; l < r->layers; l++)
        write_layer(&w, e, l);
    spae_json_write_close(&w);
    spae_json_write_close(&w);
    return spae_json_write_finish(&w, length, err);
}

static spae_status save_json(const evaluation *e, const char *path, spae_arena *arena,
                             spae_error *err)
{
    size_t length = 0;
    spae_status status = write_result(e, NULL, 0, &length, err);
    if (status != SPAE_OK)
        return status;
    char *text = spae_arena_take(arena, length + 1, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", path, length);
    status = write_result(e, text, length, &length, err);
    text[length] = '\n';
    return status == SPAE_OK ? spae_file_write_all(arena, path, text, length + 1, err) : status;
}

/* The sources of the labels. IDX labels have the words that the model was trained with, else
 * MNIST's: where the vocabulary lacks those, and for data without labels, there are none. */
static spae_status find_sources(const spae_cli_arguments *a, evaluation *e, spae_arena *arena,
                                spae_error *err)
{
    const bool told = e->notes.label_count > 0 || e->dataset.words.count > 0;
    const bool noted = e->notes.label_count > 0;
    e->sources.count = 0;
    if (e->dataset.labels == NULL)
        return SPAE_OK;
    const spae_status status = spae_cli_sources(
        a, &e->dataset, noted ? e->notes.label : spae_dataset_digits,
        noted ? e->notes.label_count : SPAE_DATASET_DIGITS, &e->model, arena, &e->sources, err);
    return told || status == SPAE_ERR_NO_MEMORY ? status : SPAE_OK;
}

static spae_status run(const spae_cli_arguments *a, size_t part, uint64_t limit, spae_arena *arena,
                       spae_error *err)
{
    evaluation e;
    spae_status status =
        spae_model_open(&e.model, &e.notes, true, arena, spae_cli_value(a, "model"), err);
    if (status == SPAE_OK)
        status = spae_codebook_prepare(&e.model.codebook, arena, err);
    if (status == SPAE_OK)
        status = spae_dataset_open(arena, spae_cli_value(a, "data"), (spae_dataset_part)part,
                                   e.model.config.picture, &e.dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&e.dataset, &e.model.config, err);
    if (status == SPAE_OK)
        status = find_sources(a, &e, arena, err);
    if (status != SPAE_OK)
        return status;
    const size_t count = limit < e.dataset.count ? (size_t)limit : e.dataset.count;
    spae_model_hash(&e.model, e.hash);
    status = spae_evaluate(&e.model, &e.dataset, count, e.sources.count > 0 ? &e.sources : NULL,
                           NULL, tell, arena, &e.result, err);
    if (status == SPAE_OK && spae_cli_value(a, "csv") != NULL)
        status = spae_file_replace(arena, spae_cli_value(a, "csv"), fill_csv, &e, err);
    if (status == SPAE_OK && spae_cli_value(a, "json") != NULL)
        status = save_json(&e, spae_cli_value(a, "json"), arena, err);
    if (status == SPAE_OK)
        print_result(&e);
    return status;
}

int spae_cli_eval(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    size_t part = SPAE_DATASET_TEST;
    uint64_t limit = UINT64_MAX;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    if (!spae_cli_choice(&arguments, "part", part_names, SPAE_DATASET_PARTS, &part) ||
        !spae_cli_integer(&arguments, "limit", 1, UINT32_MAX, &limit))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    exit_status = run(&arguments, part, limit, &arena, &err) == SPAE_OK
                      ? SPAE_CLI_DONE
                      : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}

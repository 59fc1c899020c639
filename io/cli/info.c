/* spae info: what a model or a preset is made of. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/setup.h"
#include "io/config.h"
#include "io/model.h"
#include "nn/layers.h"

enum { PAPERS_WORDS = 65536 }; /* as many as its language models' vocabularies have, about */

static const spae_cli_option options[] = {
    {.name = "preset", .value = "P", .help = "a preset instead of a file"},
    SPAE_CLI_SET_OPTION,
    {.name = "words",
     .value = "N",
     .help = "how many words the preset's codebook has (default 65536)"},
    {.name = "layers", .help = "every operation in the table, not one line a block"},
    {.name = "parameters", .help = "the arrays of parameters, by path and shape, too"},
};

static const spae_cli_command command = {.name = "info",
                                         .arguments = "M.npz",
                                         .purpose =
                                             "Configuration, layers, pyramid, number of parameters, "
                                             "work, memory, and a model's hash.",
                                         .most = 1,
                                         .options = options,
                                         .option_count = sizeof options / sizeof options[0]};

/* "59,397,123" */
static const char *grouped(uint64_t number, char text[32])
{
    char digits[24];
    const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    size_t at = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

static void print_number(const char *name, uint64_t number)
{
    char text[32];
    printf("%-24s %-20llu %s\n", name, (unsigned long long)number, grouped(number, text));
}

static void print_parameters(const spae_parameters *parameters)
{
    for (size_t p = 0; p < parameters->count; p++) {
        const spae_parameter *item = &parameters->item[p];
        char shape[80] = "(";
        size_t at = 1;
        for (size_t i = SPAE_AXES - item->rank; i < SPAE_AXES; i++)
            at += (size_t)snprintf(shape + at, sizeof shape - at,
                                   i + 1 < SPAE_AXES ? "%zu," : "%zu)", item->shape.axis[i]);
        printf("%-44s %-22s %zu\n", item->path, shape, spae_shape_count(item->shape));
    }
}

static void print_pyramid(const spae_pyramid *pyramid)
{
    for (size_t l = 0; l < pyramid->layers; l++)
        printf("layer %-18zu %zux%zux%zu, %zu tokens, %zu so far\n", l + 1, pyramid->size[l][0],
               pyramid->size[l][1], pyramid->size[l][2], spae_pyramid_tokens(pyramid, l),
               spae_pyramid_total(pyramid, l + 1));
}

static void print_config(const spae_config *config)
{
    char keys[800], value[256];
    spae_config_keys(keys, sizeof keys);
    for (char *key = strtok(keys, " "); key != NULL; key = strtok(NULL, " ")) {
        spae_config_text(config, key, value, sizeof value);
        printf("%-24s %s\n", key, value);
    }
}

/* ---- layers ---- */

/* The length of the part of a path that names its residual block, "encoder/ResBlock_0"; 0 where it
 * is in none. */
static size_t block_length(const char *path)
{
    const char *block = strstr(path, "ResBlock_");
    return block != NULL ? (size_t)(block - path) + strcspn(block, "/") : 0;
}

static bool same_block(const spae_layer *a, const spae_layer *b)
{
    const size_t length = block_length(a->path);
    return length > 0 && length == block_length(b->path) && strncmp(a->path, b->path, length) == 0;
}

static void print_layer(const spae_layer *layer)
{
    char text[2][32], shape[90];
    const size_t *a = layer->shape.axis;
    snprintf(shape, sizeof shape, "%zux%zux%zux%zu", a[SPAE_AXIS_T], a[SPAE_AXIS_H], a[SPAE_AXIS_W],
             a[SPAE_AXIS_C]);
    grouped(layer->parameters, text[0]);
    grouped(layer->multiply_adds, text[1]);
    printf("%-38s %-16s ", layer->path, layer->kind);
    if (layer->multiply_adds > 0)
        printf("%-18s %12s %18s\n", shape, text[0], text[1]);
    else if (layer->parameters > 0)
        printf("%-18s %12s\n", shape, text[0]);
    else
        printf("%s\n", shape);
}

/* The block that begins at `first`, as one layer; returns the last of its layers with parameters. */
static size_t whole_block(const spae_layer *layers, size_t first, size_t count, spae_layer *whole)
{
    size_t last = first;
    *whole = layers[first];
    memset(whole->path + block_length(whole->path), 0, sizeof whole->path - block_length(whole->path));
    whole->kind = "residual block";
    for (size_t i = first + 1; i < count; i++) {
        if (layers[i].path[0] == '\0')
            continue;
        if (!same_block(&layers[first], &layers[i]))
            break;
        whole->parameters += layers[i].parameters;
        whole->multiply_adds += layers[i].multiply_adds;
        whole->shape = layers[i].shape;
        last = i;
    }
    return last;
}

/* One line a block; of what has no parameters, only what changes the shape. */
static void print_blocks(const spae_layer *layers, size_t count)
{
    spae_shape shape = {{0}};
    for (size_t i = 0; i < count; i++) {
        spae_layer row = layers[i];
        if (block_length(row.path) > 0)
            i = whole_block(layers, i, count, &row);
        if (row.path[0] != '\0' || !spae_shape_equal(row.shape, shape))
            print_layer(&row);
        shape = row.shape;
    }
}

static spae_status print_layers(const spae_config *config, bool every, spae_arena *arena,
                                spae_error *err)
{
    struct spae_layer *layers;
    size_t count;
    const spae_status status = spae_config_layers(config, arena, &layers, &count, err);
    if (status != SPAE_OK)
        return status;
    printf("%-38s %-16s %-18s %12s %18s\n", "layer", "kind", "result t,h,w,c", "parameters",
           "multiply-adds");
    if (!every)
        print_blocks(layers, count);
    for (size_t i = 0; i < count && every; i++)
        print_layer(&layers[i]);
    printf("\n");
    return SPAE_OK;
}

/* ---- sizes ---- */

static void print_bytes(const char *name, uint64_t bytes)
{
    printf("%-34s %20llu %12.1f MiB\n", name, (unsigned long long)bytes, (double)bytes / 1048576);
}

static void print_work(const char *name, uint64_t work)
{
    char text[32];
    printf("%-34s %20llu %25s\n", name, (unsigned long long)work, grouped(work, text));
}

static void print_parameter_counts(const spae_size *size, const spae_config *config)
{
    print_number("encoder_parameters", size->encoder_parameters);
    print_number("decoder_parameters", size->decoder_parameters);
    print_number("parameters", (uint64_t)size->encoder_parameters + size->decoder_parameters);
    if (config->codebook_size > 0)
        print_number("codebook_parameters", (uint64_t)config->codebook_size * config->c);
    print_number("discriminator_parameters", size->discriminator_parameters);
}

static void print_all_work(const spae_size *size, const spae_plan *plan)
{
    printf("\nmultiply-adds of one example\n");
    print_work("encoder", size->encoder_multiply_adds);
    print_work("quantizer, all words", plan->quantize_multiply_adds);
    print_work("decoder", size->decoder_multiply_adds);
    print_work("discriminator", size->discriminator_multiply_adds);
    print_work("training, forward and backward", plan->step_multiply_adds[0]);
    print_work("training with recomputation", plan->step_multiply_adds[1]);
}

/* The program and its libraries, what files and words pass through, pages that are in part unused: measured for
 * inference and training of mnist-small and image-128 on Linux, 5 to 14 MiB. */
static const uint64_t program_bytes = (uint64_t)8 << 20;

static void print_memory(const spae_plan *plan, const spae_config *config, size_t words)
{
    const uint64_t book = plan->codebook + plan->search;
    const uint64_t training = plan->weights + plan->discriminator_weights + plan->training_state + plan->packed + book;
    printf("\nmemory of inference, one picture or video, in bytes\n");
    print_bytes("weights", plan->weights);
    print_bytes("codebook", plan->codebook);
    print_bytes("search index", plan->search);
    print_bytes("encode: activations", plan->encode);
    print_bytes("decode: activations", plan->decode);
    print_bytes("program and files, about", program_bytes);
    print_bytes("encode, in all", plan->weights + book + plan->encode + program_bytes);
    print_bytes("decode, in all", plan->weights + plan->codebook + plan->decode + program_bytes);
    printf("\nmemory of a training step, one example at once, in bytes\n");
    print_bytes("weights", plan->weights);
    print_bytes("discriminator's weights", plan->discriminator_weights);
    print_bytes("gradient, moments, average", plan->training_state);
    print_bytes("codebook", plan->codebook);
    print_bytes("search index", plan->search);
    print_bytes("codebook for the semantic loss", plan->packed);
    print_bytes("activations and their gradients", plan->step[0]);
    print_bytes("the same with recomputation", plan->step[1]);
    print_bytes("program and files, about", program_bytes);
    print_bytes("training step, in all", training + plan->step[0] + program_bytes);
    print_bytes("with recomputation, in all", training + plan->step[1] + program_bytes);
    print_bytes("and for each label", words * sizeof(spae_real)); /* its similarity with all words */
    print_bytes("and for each picture, at most",
                (uint64_t)config->picture[0] * config->picture[1] * config->picture[2] * 3);
}

static spae_status print_sizes(const spae_config *config, size_t words, spae_arena *arena,
                               spae_error *err)
{
    spae_size size;
    spae_plan plan;
    spae_status status = spae_config_size(config, arena, &size, err);
    if (status == SPAE_OK)
        status = spae_config_plan(config, words, arena, &plan, err);
    if (status != SPAE_OK)
        return status;
    words = config->codebook_size > 0 ? config->codebook_size : words;
    print_number("words", words);
    print_parameter_counts(&size, config);
    print_all_work(&size, &plan);
    print_memory(&plan, config, words);
    return SPAE_OK;
}

/* What was asked for beside the file or preset. */
typedef struct {
    bool layers, parameters;
    uint64_t words;
} wanted;

/* Everything but a model's words; found without room for its values. */
static spae_status print_networks(const spae_config *config, const spae_parameters *parameters,
                                  const wanted *want, spae_arena *arena, spae_error *err)
{
    print_config(config);
    printf("\n");
    const spae_status status = print_layers(config, want->layers, arena, err);
    if (status != SPAE_OK)
        return status;
    if (want->parameters) {
        print_parameters(parameters);
        printf("\n");
    }
    print_pyramid(&config->pyramid);
    printf("\n");
    return print_sizes(config, (size_t)want->words, arena, err);
}

static void print_words(const spae_model *model, const spae_notes *notes)
{
    char hash[65];
    printf("\n%-24s %s\n", "guide", notes->guide_files[0] != '\0' ? "files" : spae_guide_names[notes->guide]);
    if (notes->guide_files[0] != '\0')
        printf("%-24s %s\n", "guide files, sha256", notes->guide_files);
    printf("%-24s", "labels");
    for (size_t i = 0; i < notes->label_count; i++)
        printf(" %s", notes->label[i]);
    spae_model_values_hash(model, false, hash);
    printf("\n%-24s %s\n", "autoencoder's values", hash);
    spae_model_values_hash(model, true, hash);
    printf("%-24s %s\n", "all values", hash);
    spae_model_hash(model, hash);
    printf("%-24s %s\n", "sha256", hash);
}

static spae_status print_file(const char *path, wanted *want, spae_arena *arena, spae_error *err)
{
    spae_model model;
    spae_notes notes;
    spae_status status = spae_model_open(&model, &notes, true, arena, path, err);
    if (status != SPAE_OK)
        return status;
    want->words = model.codebook.V;
    status = print_networks(&model.config, model.parameters, want, arena, err);
    if (status == SPAE_OK)
        print_words(&model, &notes);
    return status;
}

static spae_status print_preset(const spae_config *config, const wanted *want, spae_arena *arena,
                                spae_error *err)
{
    spae_model model;
    const spae_status status = spae_model_create(&model, config, true, arena, err);
    return status == SPAE_OK ? print_networks(config, model.parameters, want, arena, err) : status;
}

int spae_cli_info(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_config config;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    const bool preset = spae_cli_value(&arguments, "preset") != NULL;
    if (preset == (arguments.positional_count == 1))
        return spae_cli_wrong(&command, "expected a model or --preset, one of the two");
    if (!preset && spae_cli_value(&arguments, "set") != NULL)
        return spae_cli_wrong(&command, "--set: only with --preset");
    if (!preset && spae_cli_value(&arguments, "words") != NULL)
        return spae_cli_wrong(&command, "--words: only with --preset");
    wanted want = {.layers = spae_cli_value(&arguments, "layers") != NULL,
                   .parameters = spae_cli_value(&arguments, "parameters") != NULL,
                   .words = PAPERS_WORDS};
    if (!spae_cli_integer(&arguments, "words", 1, 1 << 24, &want.words))
        return SPAE_CLI_USAGE;
    if (preset && !spae_cli_config(&arguments, &config))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    const spae_status status = preset ? print_preset(&config, &want, &arena, &err)
                                      : print_file(arguments.positional[0], &want, &arena, &err);
    exit_status = status == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}

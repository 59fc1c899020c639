/* spae eval: the columns of the paper's Tables 2 and 6 by layer, and which words are used. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/eval_parts.h"
#include "io/cli/setup.h"

static const char *const part_names[SPAE_DATASET_PARTS] = {"train", "test"};
static const char *const file_names[] = {"png", "npy"};

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model, an .npz", .required = true},
    {.name = "data", .value = "D", .help = SPAE_CLI_DATA_HELP("t10k")},
    {.name = "part",
     .value = "P",
     .help = "test (default) or train: the files t10k-... or train-...; of an archive every\n"
             "eighth picture or the others"},
    {.name = "limit", .value = "N", .help = "only the first N pictures"},
    {.name = "metrics",
     .value = "LIST",
     .help = "some of psnr,error,ssim,lpips,fid,is,fvd,clip,tokens,words (default: all that\n"
             "can be computed)"},
    {.name = "features",
     .value = "DIR",
     .help = "for fid: activations (n,d) of any network, DIR/real.npy of the pictures and\n"
             "DIR/layer1.npy, .. of what the first 1, .. layers rebuild"},
    {.name = "probabilities",
     .value = "DIR",
     .help = "for is: the same with a classifier's probabilities (n,K)"},
    {.name = "splits", .value = "N", .help = "for is (default 10, or 1 of fewer than 10 pictures)"},
    {.name = "video-features",
     .value = "DIR",
     .help = "for fvd: the same with activations of videos"},
    SPAE_CLI_NETWORK_OPTIONS,
    {.name = "clip",
     .value = "F",
     .repeated = true,
     .help = "for clip: CLIP's weights, as spae guide takes them (the paper: ViT-L/14)"},
    {.name = "clip-tokenizer",
     .value = "F",
     .help = "and its merges; every word is encoded in 80 prompts: with many words make\n"
             "them once by spae guide --words and give --text-features instead"},
    {.name = "clip-activation", .value = "A", .help = "quick_gelu (default; OpenAI's weights) or gelu"},
    {.name = "text-features",
     .value = "F",
     .help = "for clip: .npy (V,d), of each word the mean of its prompts' unit vectors"},
    {.name = "image-features",
     .value = "F",
     .help = "for clip: .npy (n,d), each picture's unit vector"},
    {.name = "pictures",
     .value = "DIR",
     .help = "write the pictures, DIR/real/000001.png .., and what layers rebuild,\n"
             "DIR/layer1/000001.png ..: for other programs to judge"},
    {.name = "pictures-as", .value = "T", .help = "png (default) or npy, of binary32"},
    {.name = "csv", .value = "F", .help = "write one row for each layer"},
    {.name = "json", .value = "F", .help = "write everything as JSON"},
};

static const spae_cli_command command = {
    .name = "eval",
    .arguments = "",
    .purpose = "How well a model rebuilds pictures from the first 1, 2, .. layers, how often the first word is the\n"
               "label's, and how many words it uses. PSNR: the mean over pictures, peak 1, reconstructions limited\n"
               "to 0..1. What takes other networks is computed from their weights, or from\n"
               "their activations in files.",
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* ---- what is asked for ---- */

/* One name of the list, of `length` bytes. */
static bool choose(spae_cli_evaluation *e, const char *name, size_t length)
{
    for (size_t m = 0; m < SPAE_MEASURES; m++)
        if (strlen(spae_measure_names[m]) == length &&
            memcmp(spae_measure_names[m], name, length) == 0)
            return e->chosen[m] = true;
    return spae_cli_wrong(&command,
                          "--metrics: \"%.*s\" is none of psnr, error, ssim, lpips, fid, is, fvd, "
                          "clip, tokens, words",
                          (int)(length < 40 ? length : 40), name),
           false;
}

static bool read_metrics(spae_cli_evaluation *e)
{
    const char *list = spae_cli_eval_value(e, "metrics");
    if (list == NULL)
        return true;
    e->choice = true;
    for (size_t length; *list != '\0'; list += length + (list[length] == ',')) {
        length = strcspn(list, ",");
        if (!choose(e, list, length))
            return false;
    }
    return true;
}

/* Do the pictures have to be encoded and rebuilt? */
static bool looks_at_pictures(const spae_cli_evaluation *e)
{
    static const spae_measure own[] = {SPAE_MEASURE_PSNR, SPAE_MEASURE_ERROR,  SPAE_MEASURE_SSIM,
                                       SPAE_MEASURE_CLIP, SPAE_MEASURE_TOKENS, SPAE_MEASURE_WORDS};
    bool looks = spae_cli_eval_value(e, "pictures") != NULL || spae_cli_networks_given(e->arguments);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        looks = looks || spae_cli_eval_wanted(e, own[i]);
    return looks;
}

/* Features of texts and of pictures, each from a file or from CLIP. */
static bool check_clip(const spae_cli_evaluation *e)
{
    const bool clip = spae_cli_eval_value(e, "clip") != NULL, tokenizer = spae_cli_eval_value(e, "clip-tokenizer") != NULL,
               text = spae_cli_eval_value(e, "text-features") != NULL, image = spae_cli_eval_value(e, "image-features") != NULL;
    if (e->choice && e->chosen[SPAE_MEASURE_CLIP] && !clip && !text && !image)
        return spae_cli_wrong(&command, "--metrics: clip takes --text-features or --clip"), false;
    if (!clip && text != image)
        return spae_cli_wrong(&command, "--%s takes --%s too, or --clip", text ? "text-features" : "image-features",
                              text ? "image-features" : "text-features"),
               false;
    if (clip && text && image)
        return spae_cli_wrong(&command, "--clip, --text-features and --image-features: clip takes two of them at most"), false;
    if (clip && !text && !tokenizer)
        return spae_cli_wrong(&command, "--clip takes --clip-tokenizer too, or --text-features"), false;
    if (tokenizer && (!clip || text))
        return spae_cli_wrong(&command, "--clip-tokenizer: it is for words that --clip encodes"), false;
    if (spae_cli_value_at(e->arguments, "clip", SPAE_WEIGHTS_FILES) != NULL)
        return spae_cli_wrong(&command, "--clip: at most %d files", (int)SPAE_WEIGHTS_FILES), false;
    return true;
}

/* Every measure that is named has what it takes; options that go together are together. */
static bool check_sources(const spae_cli_evaluation *e)
{
    static const struct {
        spae_measure measure;
        const char *option, *instead; /* either: not both */
    } source[] = {{SPAE_MEASURE_FID, "features", "inception"},
                  {SPAE_MEASURE_IS, "probabilities", "inception"},
                  {SPAE_MEASURE_FVD, "video-features", "i3d"},
                  {SPAE_MEASURE_LPIPS, "lpips", NULL}};
    for (size_t i = 0; i < sizeof source / sizeof source[0]; i++) {
        const char *option = source[i].option, *instead = source[i].instead,
                   *name = spae_measure_names[source[i].measure];
        const bool there = spae_cli_eval_value(e, option) != NULL,
                   other = instead != NULL && spae_cli_eval_value(e, instead) != NULL;
        if (e->choice && e->chosen[source[i].measure] && !there && !other)
            return spae_cli_wrong(&command, "--metrics: %s takes --%s%s%s", name, option,
                                  instead != NULL ? " or --" : "", instead != NULL ? instead : ""),
                   false;
        if (there && other && spae_cli_eval_wanted(e, source[i].measure))
            return spae_cli_wrong(&command, "--%s and --%s: %s takes one of them", option, instead,
                                  name),
                   false;
    }
    if (looks_at_pictures(e) && spae_cli_eval_value(e, "data") == NULL)
        return spae_cli_wrong(&command, "--data D is needed"), false;
    return check_clip(e);
}

/* ---- the pictures ---- */

static spae_status look_at_picture(void *context, size_t index, const spae_real *picture,
                                   const int32_t *token, spae_error *err)
{
    spae_cli_evaluation *e = context;
    const spae_status status = spae_cli_eval_picture(e, index, picture, token, err);
    if (status != SPAE_OK)
        return status;
    return e->files.folder != NULL ? spae_rebuilt_files_write(&e->files, index, 0, picture, err)
                                   : SPAE_OK;
}

static spae_status look_at_rebuilt(void *context, size_t index, size_t layers,
                                   const spae_real *picture, const spae_real *rebuilt,
                                   spae_error *err)
{
    spae_cli_evaluation *e = context;
    const spae_status status = spae_cli_eval_rebuilt(e, layers, picture, rebuilt, err);
    if (status != SPAE_OK)
        return status;
    return e->files.folder != NULL
               ? spae_rebuilt_files_write(&e->files, index, layers, rebuilt, err)
               : SPAE_OK;
}

/* The sources of the labels. IDX labels have the words that the model was trained with, else
 * MNIST's: where the vocabulary lacks those, and for data without labels, there are none. */
static spae_status find_sources(spae_cli_evaluation *e, spae_error *err)
{
    const bool told = e->notes.label_count > 0 || e->dataset.words.count > 0;
    const bool noted = e->notes.label_count > 0;
    e->sources.count = 0;
    if (e->dataset.labels == NULL)
        return SPAE_OK;
    const spae_status status = spae_cli_sources(
        e->arguments, &e->dataset, noted ? e->notes.label : spae_dataset_digits,
        noted ? e->notes.label_count : SPAE_DATASET_DIGITS, &e->model, e->arena, &e->sources, err);
    return told || status == SPAE_ERR_NO_MEMORY ? status : SPAE_OK;
}

static spae_status open_data(spae_cli_evaluation *e, spae_error *err)
{
    spae_status status = spae_codebook_prepare(&e->model.codebook, e->arena, err);
    if (status == SPAE_OK)
        status = spae_dataset_open(e->arena, spae_cli_eval_value(e, "data"), (spae_dataset_part)e->part,
                                   e->model.config.picture, &e->dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&e->dataset, &e->model.config, err);
    return status == SPAE_OK ? find_sources(e, err) : status;
}

static spae_status evaluate(spae_cli_evaluation *e, spae_error *err)
{
    const spae_evaluation_watcher watcher = {look_at_picture, look_at_rebuilt, e};
    const size_t layers = e->model.config.pyramid.layers;
    spae_status status = open_data(e, err);
    const size_t count =
        status == SPAE_OK && e->limit < e->dataset.count ? (size_t)e->limit : e->dataset.count;
    if (status == SPAE_OK)
        status = spae_cli_eval_open(e, count, err);
    e->files.folder = spae_cli_eval_value(e, "pictures");
    e->files.picture = e->model.config.picture;
    e->files.arena = e->arena;
    if (status == SPAE_OK && e->files.folder != NULL)
        status = spae_rebuilt_files_open(&e->files, layers, err);
    if (status == SPAE_OK)
        status =
            spae_evaluate(&e->model, &e->dataset, count, e->sources.count > 0 ? &e->sources : NULL,
                          &watcher, spae_cli_eval_tell, e->arena, &e->measured, err);
    if (status == SPAE_OK)
        status = spae_cli_eval_finish(e, err);
    e->results.evaluation = &e->measured;
    e->results.pictures = count;
    return status;
}

/* ---- the results ---- */

static spae_status fill(spae_sink *sink, void *context, spae_error *err)
{
    const spae_buffer *text = context;
    return spae_sink_write(sink, text->bytes, text->size, err);
}

static spae_status save_csv(const spae_cli_evaluation *e, const char *path, spae_error *err)
{
    spae_page page = spae_page_start(e->arena);
    const uint8_t *bytes;
    size_t size;
    spae_evaluation_csv(&e->results, &page);
    const spae_status status = spae_page_end(&page, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_replace(e->arena, path, fill, &page.buffer, err) : status;
}

static spae_status save_json(const spae_cli_evaluation *e, const char *path, spae_error *err)
{
    const char *text;
    size_t length;
    const spae_status status = spae_evaluation_json(&e->results, e->arena, &text, &length, err);
    return status == SPAE_OK ? spae_file_write_all(e->arena, path, text, length, err) : status;
}

static spae_status print(const spae_cli_evaluation *e, spae_error *err)
{
    spae_page page = spae_page_start(e->arena);
    const uint8_t *bytes;
    size_t size;
    spae_evaluation_text(&e->results, &page);
    const spae_status status = spae_page_end(&page, &bytes, &size, err);
    if (status == SPAE_OK)
        fwrite(bytes, 1, size, stdout);
    return status;
}

static spae_status save(const spae_cli_evaluation *e, spae_error *err)
{
    const char *csv = spae_cli_eval_value(e, "csv"), *json = spae_cli_eval_value(e, "json");
    spae_status status = csv != NULL ? save_csv(e, csv, err) : SPAE_OK;
    if (status == SPAE_OK && json != NULL)
        status = save_json(e, json, err);
    return status == SPAE_OK ? print(e, err) : status;
}

static spae_status run(spae_cli_evaluation *e, spae_error *err)
{
    spae_status status =
        spae_model_open(&e->model, &e->notes, true, e->arena, spae_cli_eval_value(e, "model"), err);
    if (status != SPAE_OK)
        return status;
    spae_model_hash(&e->model, e->hash);
    e->results.model = &e->model;
    e->results.hash = e->hash;
    for (size_t m = 0; m < SPAE_MEASURES; m++)
        e->results.shown[m] = spae_cli_eval_wanted(e, (spae_measure)m);
    status = spae_cli_eval_activations(e, err);
    if (status == SPAE_OK && looks_at_pictures(e))
        status = evaluate(e, err);
    return status == SPAE_OK ? save(e, err) : status;
}

static bool read_options(spae_cli_evaluation *e)
{
    uint64_t splits = 0;
    size_t as = 0, lpips = 0;
    e->part = SPAE_DATASET_TEST;
    e->limit = UINT64_MAX;
    if (!spae_cli_choice(e->arguments, "part", part_names, SPAE_DATASET_PARTS, &e->part) ||
        !spae_cli_choice(e->arguments, "pictures-as", file_names, 2, &as) ||
        !spae_cli_choice(e->arguments, "lpips-network", (const char *const[]){"alex", "vgg"}, 2,
                         &lpips) ||
        !spae_cli_choice(e->arguments, "clip-activation", (const char *const[]){"quick_gelu", "gelu"}, 2,
                         &e->activation) ||
        !spae_cli_integer(e->arguments, "limit", 1, UINT32_MAX, &e->limit) ||
        !spae_cli_integer(e->arguments, "splits", 1, UINT32_MAX, &splits) || !read_metrics(e))
        return false;
    e->splits = (size_t)splits;
    e->files.npy = as == 1;
    return check_sources(e);
}

int spae_cli_eval(int argc, char **argv)
{
    int exit_status;
    spae_cli_arguments arguments;
    spae_arena arena;
    spae_error err;
    if (!spae_cli_parse(&command, argc, argv, &arguments, &exit_status))
        return exit_status;
    spae_arena_hosted(&arena);
    spae_cli_evaluation *e = spae_arena_take_zeroed(&arena, 1, sizeof *e);
    if (e == NULL)
        return spae_fail(&err, SPAE_ERR_NO_MEMORY, "no memory"), spae_cli_failed(&command, &err);
    e->arguments = &arguments;
    e->arena = &arena;
    if (!read_options(e))
        exit_status = SPAE_CLI_USAGE;
    else
        exit_status = run(e, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
    spae_arena_free(&arena);
    return exit_status;
}

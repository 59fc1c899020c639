/* spae generate: pictures that a language model writes, word by word, from what its prompt shows. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/cli/language.h"
#include "io/cli/setup.h"
#include "io/generation.h"
#include "io/generation_task.h"
#include "io/model.h"
#include "io/sheet.h"
#include "io/tokens.h"
#include "vendor_free/decimal.h"

typedef enum { LABELLED, DENOISE, INTERPOLATE, FRAMES, TASKS } task_kind;
static const char *const task_names[TASKS] = {"labelled", "denoise", "interpolate", "frames"};
static const char *const schedule_names[] = {"linear", "cosine"};

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the SPAE model, an .npz", .required = true},
    {.name = "task",
     .value = "T",
     .help = "labelled (default)  \"an image of k\", from examples of each class in --data\n"
             "denoise             IMAGE from what --transform leaves of it (Eq. 12)\n"
             "interpolate         IMAGE, from its eight changes by --set, numbered 1..4 and 6..9\n"
             "frames              IMAGE, a video, from its first frame (a model of videos)"},
    SPAE_CLI_LANGUAGE_OPTIONS,
    {.name = "o", .value = "FILE", .help = "a contact sheet, .png .ppm .npy: labelled has a row for each condition;\n"
                                           "the others the condition, the picture due, what was written; then a row for\n"
                                           "each pair of the context. Videos show their middle frame"},
    {.name = "tokens", .value = "FILE", .help = "the tokens written, one picture behind the other (default: standard output)"},
    {.name = "data", .value = "D", .help = SPAE_CLI_DATA_HELP("train")},
    {.name = "shots", .value = "N", .help = "labelled: examples of each class (default 5)"},
    {.name = "condition", .value = "TEXT", .repeated = true, .help = "labelled: what to write, after \"an image of \" "
                                                                     "(default: each class)"},
    {.name = "pictures", .value = "N", .help = "how many of each (default 1); beyond one, --temperature tells them apart"},
    SPAE_CLI_FIT_OPTIONS,
    {.name = "transform", .value = "T", .help = "denoise: outpaint (default), inpaint, deblur, translate or rotate"},
    {.name = "set", .value = "S", .help = "interpolate: brightness (default), contrast, saturation or color"},
    {.name = "examples", .value = "N", .help = "denoise, frames: pairs in the context (default 10)"},
    {.name = "rates", .value = "A,B", .help = "denoise, frames: corruption of the first and the last pair\n"
                                              "(default 0.5,0.23; frames 0.35,0.11)"},
    {.name = "schedule", .value = "S", .help = "between them: linear (default) or cosine"},
    {.name = "par-layers", .value = "L", .help = "layers decoded one segment after the other (default: all of pyramids\n"
                                                 "of 4 layers and fewer, else all but the last); the others all at once"},
    {.name = "stride", .value = "N", .help = "tokens of a segment there (default 4; 0: all of the stage)"},
    {.name = "pnar-stride", .value = "N", .help = "and of the others (default 16)"},
    {.name = "samples", .value = "N", .help = "answers to a request (default 8)"},
    {.name = "temperature", .value = "T", .help = "added to those of the retry schedule (default 0, the paper's)"},
    {.name = "retries", .value = "N", .help = "when no answer is valid (default 6)"},
    {.name = "fill", .help = "when retries run out, go on with the longest valid beginning, its last token repeated"},
    {.name = "seed", .value = "S", .help = "of examples, noise and samples (default 0)"},
};

static const spae_cli_command command = {
    .name = "generate",
    .arguments = "[IMAGE]",
    .purpose = "A frozen language model writes pictures: the prompt shows examples as words, it continues, and the\n"
               "decoder makes its words a picture (progressive in-context decoding, Eq. 10 to 13).",
    .least = 0,
    .most = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* What was asked for. */
typedef struct {
    const spae_cli_arguments *arguments;
    spae_arena *arena;
    size_t task, transform, set, schedule;
    uint64_t shots, pictures, examples, par_layers, stride, pnar_stride, samples, retries;
    double temperature, rates[2];
    uint32_t seed;
    spae_cli_fit fit;
    /* made of it */
    spae_model model;
    spae_cli_language language;
    spae_decoding decoding;
    spae_generation_task context;
    size_t each;               /* tokens of a picture */
    size_t conditions;         /* queries */
    const char **condition;    /* (conditions), or NULL: the context's own */
    int32_t *written;          /* (conditions,pictures,each) */
    size_t complete;           /* of these pictures, the first ones */
    size_t segments, segment;  /* of a picture, and how many are decided */
    spae_decoding_report total;
} generating;

/* ---- options --------------------------------------------------------------------------------------------- */

static bool read_number(const generating *g, const char *name, double most, double *value)
{
    const char *text = spae_cli_value(g->arguments, name);
    if (text == NULL)
        return true;
    if (spae_decimal_read(text, strlen(text), value) && *value >= 0 && *value <= most)
        return true;
    return spae_cli_wrong(&command, "--%s: expected a number from 0 to %g, not %s", name, most, text), false;
}

/* "0.5,0.23" */
static bool read_rates(generating *g)
{
    const char *text = spae_cli_value(g->arguments, "rates");
    const char *comma = text != NULL ? strchr(text, ',') : NULL;
    g->rates[0] = g->task == FRAMES ? 0.35 : 0.5;
    g->rates[1] = g->task == FRAMES ? 0.11 : 0.23;
    if (text == NULL)
        return true;
    if (comma != NULL && spae_decimal_read(text, (size_t)(comma - text), &g->rates[0]) &&
        spae_decimal_read(comma + 1, strlen(comma + 1), &g->rates[1]) && g->rates[0] >= 0 && g->rates[0] <= 1 &&
        g->rates[1] >= 0 && g->rates[1] <= 1)
        return true;
    return spae_cli_wrong(&command, "--rates: expected two numbers from 0 to 1 and a comma between them, not %s", text), false;
}

static bool read_options(generating *g)
{
    const spae_cli_arguments *a = g->arguments;
    g->shots = 5;
    g->pictures = 1;
    g->examples = 10;
    g->stride = 4;
    g->pnar_stride = 16;
    g->samples = SPAE_DECODING_SAMPLES;
    g->retries = SPAE_DECODING_RETRIES;
    return spae_cli_choice(a, "task", task_names, TASKS, &g->task) &&
           spae_cli_choice(a, "transform", spae_transform_names, SPAE_TRANSFORMS, &g->transform) &&
           spae_cli_choice(a, "set", spae_pixel_set_names, SPAE_PIXEL_SETS, &g->set) &&
           spae_cli_choice(a, "schedule", schedule_names, 2, &g->schedule) &&
           spae_cli_integer(a, "shots", 1, 10000, &g->shots) && spae_cli_integer(a, "pictures", 1, 10000, &g->pictures) &&
           spae_cli_integer(a, "examples", 1, 10000, &g->examples) && spae_cli_integer(a, "stride", 0, 1 << 24, &g->stride) &&
           spae_cli_integer(a, "pnar-stride", 0, 1 << 24, &g->pnar_stride) &&
           spae_cli_integer(a, "samples", 1, 1024, &g->samples) &&
           spae_cli_integer(a, "retries", 0, SPAE_MOST_RETRIES, &g->retries) &&
           read_number(g, "temperature", 100, &g->temperature) && read_rates(g) && spae_cli_seed(a, &g->seed) &&
           spae_cli_read_fit(a, &g->fit);
}

/* Options of other tasks are mistakes, not left out without a word. */
static bool belong(const generating *g)
{
    static const struct {
        const char *name;
        bool of[TASKS];
    } only[] = {{"data", {true, false, false, false}},     {"shots", {true, false, false, false}},
                {"condition", {true, false, false, false}}, {"transform", {false, true, false, false}},
                {"set", {false, false, true, false}},       {"examples", {false, true, false, true}},
                {"rates", {false, true, false, true}},      {"schedule", {false, true, false, true}}};
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
        if (spae_cli_value(g->arguments, only[i].name) != NULL && !only[i].of[g->task])
            return spae_cli_wrong(&command, "--%s: is not for --task %s", only[i].name, task_names[g->task]), false;
    if ((g->arguments->positional_count == 1) != (g->task != LABELLED))
        return spae_cli_wrong(&command, "--task %s: expected %s", task_names[g->task],
                              g->task == LABELLED ? "no IMAGE, but --data" : "one IMAGE"),
               false;
    if (g->task == LABELLED && spae_cli_value(g->arguments, "data") == NULL)
        return spae_cli_wrong(&command, "--data: is needed, the examples come from there"), false;
    return true;
}

/* ---- contexts -------------------------------------------------------------------------------------------- */

/* The conditions that were given, or those of the context's classes, which begin it in their order. */
static spae_status take_conditions(generating *g, size_t ways, spae_error *err)
{
    size_t given = 0;
    while (spae_cli_value_at(g->arguments, "condition", given) != NULL)
        given++;
    g->conditions = given > 0 ? given : ways;
    g->condition = spae_arena_take(g->arena, g->conditions, sizeof *g->condition);
    bool room = g->condition != NULL;
    for (size_t i = 0; room && i < g->conditions; i++) {
        g->condition[i] = given > 0 ? spae_condition_image_of(spae_cli_value_at(g->arguments, "condition", i), g->arena)
                                    : g->context.example[i].text;
        room = g->condition[i] != NULL;
    }
    return room ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu conditions", g->conditions);
}

/* As many classes as have pictures, and an episode can show. */
static size_t ways_of(const spae_classes *classes)
{
    size_t ways = 0;
    for (size_t k = 0; k < classes->count; k++)
        ways += classes->first[k + 1] > classes->first[k];
    return ways < SPAE_EPISODE_WAYS ? ways : SPAE_EPISODE_WAYS;
}

static spae_status make_labelled(generating *g, spae_error *err)
{
    spae_dataset dataset;
    spae_classes classes;
    spae_status status = spae_dataset_open(g->arena, spae_cli_value(g->arguments, "data"), SPAE_DATASET_TRAIN,
                                           g->model.config.picture, &dataset, err);
    if (status == SPAE_OK)
        status = spae_dataset_fits(&dataset, &g->model.config, err);
    if (status == SPAE_OK)
        status = spae_classes_of(&dataset, spae_dataset_digits, SPAE_DATASET_DIGITS, g->arena, &classes, err);
    if (status != SPAE_OK)
        return status;
    const size_t ways = ways_of(&classes);
    status = spae_task_labelled(&g->model, &dataset, &classes, ways, (size_t)g->shots, g->seed, g->arena, &g->context, err);
    return status == SPAE_OK ? take_conditions(g, ways, err) : status;
}

static spae_status make_context(generating *g, spae_error *err)
{
    spae_real *picture = NULL;
    const char *path = g->arguments->positional[0];
    const spae_context_noise noise = {(spae_rate_schedule)g->schedule, g->rates[0], g->rates[1], (size_t)g->examples, g->seed};
    if (g->task == LABELLED)
        return make_labelled(g, err);
    if ((g->task == FRAMES) != (g->model.config.picture[0] > 1))
        return spae_fail(err, SPAE_ERR_SHAPE, "--task %s: the model is one of %s", task_names[g->task],
                         g->task == FRAMES ? "pictures" : "videos");
    g->conditions = 1;
    const spae_status status = g->task == FRAMES
                                   ? spae_cli_load_video(&g->model, path, g->fit, 0, g->arena, &picture, err)
                                   : spae_cli_load_picture(&g->model, path, g->fit, g->arena, &picture, err);
    if (status != SPAE_OK)
        return status;
    if (g->task == DENOISE)
        return spae_task_denoise(&g->model, picture, (spae_transform)g->transform, &noise, g->arena, &g->context, err);
    if (g->task == FRAMES)
        return spae_task_frames(&g->model, picture, &noise, g->arena, &g->context, err);
    return spae_task_interpolate(&g->model, picture, (spae_pixel_set)g->set, g->arena, &g->context, err);
}

/* ---- writing --------------------------------------------------------------------------------------------- */

static void tell_segment(void *context, const spae_choice *choice)
{
    generating *g = context;
    g->segment++;
    fprintf(stderr, "\r%zu of %zu segments, sample %zu at temperature %g%s   ", g->segment, g->segments, choice->sample,
            g->temperature + choice->temperature, choice->filled ? ", filled" : "");
}

static void add_report(spae_decoding_report *total, const spae_decoding_report *one)
{
    total->calls += one->calls;
    total->requests += one->requests;
    total->retries += one->retries;
    total->samples += one->samples;
    total->malformed += one->malformed;
    total->cut += one->cut;
    total->decided += one->decided;
    total->filled += one->filled;
    total->filled_tokens += one->filled_tokens;
}

static spae_status write_one(generating *g, spae_generation *generation, size_t condition, size_t picture, spae_error *err)
{
    spae_decoding_report report;
    spae_error why;
    const char *text = g->condition != NULL ? g->condition[condition] : task_names[g->task];
    int32_t *v = g->written + (condition * (size_t)g->pictures + picture) * g->each;
    generation->query = g->context.query;
    if (g->condition != NULL)
        generation->query.text = g->condition[condition];
    g->segment = 0;
    fprintf(stderr, "%s, picture %zu of %zu\n", text, picture + 1, (size_t)g->pictures);
    spae_status status = spae_generate_tokens(generation, g->each, g->arena, v, &report, &why);
    fprintf(stderr, "\n");
    add_report(&g->total, &report);
    return status == SPAE_OK ? status : spae_fail(err, status, "%s: picture %zu: %s", text, picture + 1, why.text);
}

static spae_status write_all(generating *g, spae_error *err)
{
    spae_generation generation = spae_generation_defaults();
    generation.language = &g->language.model;
    generation.lexicon = &g->language.lexicon;
    generation.decoding = &g->decoding;
    generation.example = g->context.example;
    generation.examples = g->context.examples;
    generation.temperature = g->temperature;
    generation.samples = (size_t)g->samples;
    generation.retries = (unsigned)g->retries;
    generation.policy = spae_cli_value(g->arguments, "fill") != NULL ? SPAE_DECODING_FILL : SPAE_DECODING_STOP;
    generation.seed = g->seed;
    generation.progress = tell_segment;
    generation.context = g;
    g->segments = spae_decoding_segments(&g->decoding, NULL);
    g->written = g->conditions <= SIZE_MAX / (size_t)g->pictures / g->each
                     ? spae_arena_take(g->arena, g->conditions * (size_t)g->pictures * g->each, sizeof *g->written)
                     : NULL;
    if (g->written == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for %zu pictures", g->conditions * (size_t)g->pictures);
    spae_status status = SPAE_OK;
    for (size_t c = 0; status == SPAE_OK && c < g->conditions; c++)
        for (size_t i = 0; status == SPAE_OK && i < g->pictures; i++)
            if ((status = write_one(g, &generation, c, i, err)) == SPAE_OK)
                g->complete++;
    return status;
}

static void tell_total(const generating *g)
{
    const spae_decoding_report *t = &g->total;
    fprintf(stderr, "%zu requests (%zu again), %zu answers: %zu too short or outside the vocabulary, %zu malformed; "
                    "%zu segments filled\n",
            t->requests, t->retries, t->samples, t->cut, t->malformed, t->filled);
}

/* ---- results --------------------------------------------------------------------------------------------- */

static spae_status save_tokens(const generating *g, spae_error *err)
{
    const char *path = spae_cli_value(g->arguments, "tokens");
    const spae_tokens tokens = {g->complete, g->model.config.pyramid.layers, g->written, NULL};
    spae_tokens_model model;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    spae_status status = spae_tokens_model_of(&g->model, g->arena, &model, err);
    if (status == SPAE_OK)
        status = spae_tokens_write(&model, SPAE_TOKENS_WORDS, &tokens, g->arena, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(g->arena, path != NULL ? path : "-", bytes, size, err) : status;
}

/* Puts what all layers of `token` rebuild into a place of the sheet: of a video its middle frame. */
static spae_status show(const generating *g, const int32_t *token, const spae_sheet *sheet, size_t row, size_t column,
                        spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(g->arena);
    const spae_config *config = &g->model.config;
    const size_t frame = config->picture[1] * config->picture[2] * 3;
    spae_real *picture = spae_arena_take(g->arena, config->picture[0] * frame, sizeof *picture);
    spae_status status = picture != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a picture");
    if (status == SPAE_OK)
        status = spae_decode(&g->model, token, config->pyramid.layers, g->arena, picture, err);
    if (status == SPAE_OK)
        spae_sheet_place(sheet, row, column, picture + config->picture[0] / 2 * frame);
    spae_arena_reset(g->arena, mark);
    return status;
}

/* The pairs of the context, conditions that are pictures at the left. */
static spae_status show_context(const generating *g, const spae_sheet *sheet, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < g->context.examples; i++) {
        const spae_prompt_pair *pair = &g->context.example[i];
        if (pair->text == NULL)
            status = show(g, pair->string.token, sheet, i + 1, 0, err);
        if (status == SPAE_OK)
            status = show(g, pair->target, sheet, i + 1, 1, err);
    }
    return status;
}

static spae_status save_sheet(const generating *g, spae_error *err)
{
    const char *path = spae_cli_value(g->arguments, "o");
    const spae_config *config = &g->model.config;
    const size_t pictures = (size_t)g->pictures, before = g->task == LABELLED ? 0 : 2;
    spae_sheet sheet;
    if (path == NULL)
        return SPAE_OK;
    spae_status status =
        spae_sheet_open(g->task == LABELLED ? g->conditions : 1 + g->context.examples, before + pictures, config->picture[1],
                        config->picture[2], g->arena, &sheet, err);
    for (size_t i = 0; status == SPAE_OK && i < g->complete; i++)
        status = show(g, g->written + i * g->each, &sheet, i / pictures, before + i % pictures, err);
    if (status == SPAE_OK && g->task != LABELLED && g->context.query.text == NULL)
        status = show(g, g->context.query.string.token, &sheet, 0, 0, err);
    if (status == SPAE_OK && g->task != LABELLED)
        status = show(g, g->context.query.target, &sheet, 0, 1, err);
    if (status == SPAE_OK && g->task != LABELLED)
        status = show_context(g, &sheet, err);
    return status == SPAE_OK ? spae_image_write(g->arena, path, &sheet.image, err) : status;
}

static spae_status save(const generating *g, spae_error *err)
{
    const spae_status status = save_tokens(g, err);
    return status == SPAE_OK ? save_sheet(g, err) : status;
}

/* What was written before the language model failed is kept; what it costs to go on is told. */
static int save_some(const generating *g, const spae_error *why)
{
    spae_error err;
    if (g->complete > 0 && save(g, &err) != SPAE_OK)
        spae_cli_failed(&command, &err);
    if (g->total.samples > 0)
        fprintf(stderr, "%zu of %zu pictures are complete%s; %s\n", g->complete, g->conditions * (size_t)g->pictures,
                g->complete > 0 ? " and saved" : "",
                spae_cli_value(g->arguments, "transcript") != NULL
                    ? "--resume goes on and asks nothing again"
                    : "with --transcript F a run can be taken up again, and nothing is asked twice");
    return spae_cli_failed(&command, why);
}

/* Without chance every picture of one context is the same. */
static void warn_of_equal_pictures(const generating *g)
{
    if (g->pictures > 1 && g->temperature <= 0)
        fprintf(stderr, "--pictures %zu: at --temperature 0 a language model may answer alike, and the pictures be equal\n",
                (size_t)g->pictures);
}

/* ---- running --------------------------------------------------------------------------------------------- */

static spae_status open_all(generating *g, spae_error *err)
{
    spae_status status = spae_model_open(&g->model, NULL, false, g->arena, spae_cli_value(g->arguments, "model"), err);
    if (status == SPAE_OK)
        status = spae_codebook_prepare(&g->model.codebook, g->arena, err);
    if (status == SPAE_OK)
        status = spae_cli_language_open(g->arguments, &g->model, g->arena, &g->language, err);
    return status;
}

static int run(generating *g)
{
    spae_error err;
    if (open_all(g, &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    const spae_pyramid *pyramid = &g->model.config.pyramid;
    g->each = spae_pyramid_total(pyramid, pyramid->layers);
    g->par_layers = pyramid->layers > 4 ? pyramid->layers - 1 : pyramid->layers;
    if (!spae_cli_integer(g->arguments, "par-layers", 0, pyramid->layers, &g->par_layers))
        return SPAE_CLI_USAGE;
    g->decoding = spae_decoding_split(pyramid, (size_t)g->par_layers, (size_t)g->stride, (size_t)g->pnar_stride);
    warn_of_equal_pictures(g);
    if (make_context(g, &err) != SPAE_OK)
        return spae_cli_failed(&command, &err);
    if (write_all(g, &err) != SPAE_OK)
        return save_some(g, &err);
    tell_total(g);
    return save(g, &err) == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
}

int spae_cli_generate(int argc, char **argv)
{
    int status;
    spae_cli_arguments arguments;
    spae_arena arena;
    generating g = {.arguments = &arguments, .arena = &arena};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!read_options(&g) || !belong(&g))
        return SPAE_CLI_USAGE;
    spae_arena_hosted(&arena);
    status = run(&g);
    spae_arena_free(&arena);
    return status;
}

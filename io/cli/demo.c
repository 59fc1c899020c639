/* spae demo: the main job on the demo model and its digits, to look at in the terminal, as pictures, as a report. */
#include <stdio.h>
#include <string.h>

#include "io/cli/commands.h"
#include "io/cli/inputs.h"
#include "io/directory.h"
#include "io/report.h"
#include "io/sheet.h"
#include "io/terminal.h"

#define DIGITS_MODEL "vectors/demo/mnist-small.npz"
#define EMOJI_MODEL  "vectors/demo/emoji-small.npz"

static const spae_cli_option options[] = {
    {.name = "model", .value = "M", .help = "the model for pictures of one's own (default: " DIGITS_MODEL ")"},
    {.name = "out", .value = "DIR", .help = "where pictures and report go (default: demo); made when missing"},
    SPAE_CLI_FIT_OPTIONS,
};

static const spae_cli_command command = {
    .name = "demo",
    .arguments = "[IMAGE...]",
    .purpose = "Turns each picture into its pyramid of words and rebuilds it from 1, 2, ... layers.\n"
               "Without pictures: ten digits, then ten small coloured pictures, from vectors/demo, which the two demo\n"
               "models beside them have never seen in training; the coloured ones go to DIR/emoji.",
    .least = 0,
    .most = SIZE_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0]};

/* A picture and the words that it should be read as: the first is what its cells are compared with. */
typedef struct {
    const char *path;
    const char *words; /* one after the other, a space between; NULL: a picture of one's own */
} exhibit;

enum { SHOWN = 10 };
static const exhibit digits[SHOWN] = {
    {"vectors/demo/digit-0.pgm", "zero"},  {"vectors/demo/digit-1.pgm", "one"}, {"vectors/demo/digit-2.pgm", "two"},
    {"vectors/demo/digit-3.pgm", "three"}, {"vectors/demo/digit-4.pgm", "four"}, {"vectors/demo/digit-5.pgm", "five"},
    {"vectors/demo/digit-6.pgm", "six"},   {"vectors/demo/digit-7.pgm", "seven"}, {"vectors/demo/digit-8.pgm", "eight"},
    {"vectors/demo/digit-9.pgm", "nine"}};

/* The keywords of the data set's labels, most specific first. */
static const exhibit emoji[SHOWN] = {
    {"vectors/demo/emoji-heart-eyes.png", "heart eyes smiling face shaped affection smileys emotion"},
    {"vectors/demo/emoji-cat.png", "cat black animal mammal animals nature"},
    {"vectors/demo/emoji-horse.png", "horse animal mammal animals nature"},
    {"vectors/demo/emoji-owl.png", "owl animal bird animals nature"},
    {"vectors/demo/emoji-pineapple.png", "pineapple food fruit drink"},
    {"vectors/demo/emoji-carrot.png", "carrot food vegetable drink"},
    {"vectors/demo/emoji-cake.png", "cake birthday food sweet drink"},
    {"vectors/demo/emoji-police-car.png", "police car transport ground travel places"},
    {"vectors/demo/emoji-moon.png", "moon crescent sky weather travel places"},
    {"vectors/demo/emoji-camera.png", "camera light video objects"}};

/* One model and what is shown with it. */
typedef struct {
    const char *model_path, *out, *title;
    const exhibit *exhibits; /* (count) */
    size_t count;
    size_t named;          /* a word of the first so many layers should be one of the picture's */
    spae_cli_fit fit;
    spae_model model;
    spae_words words;
    spae_study *studies; /* (count) */
    spae_arena *arena;
} demo;

/* ---- names ------------------------------------------------------------------------------------------ */

/* "demo/01-digit-7-layers-2.png": `what` behind the number and the picture's name without folder and ending. */
static const char *name_file(const demo *d, size_t index, const char *what, spae_error *err)
{
    const char *path = d->exhibits[index].path, *slash = strrchr(path, '/');
    const char *stem = slash != NULL ? slash + 1 : path, *dot = strrchr(stem, '.');
    const uint8_t *name = NULL;
    size_t size = 0;
    spae_page page = spae_page_start(d->arena);
    spae_page_text(&page, d->out);
    spae_page_format(&page, "/%02zu-", index + 1);
    spae_page_bytes(&page, stem, dot != NULL ? (size_t)(dot - stem) : strlen(stem));
    spae_page_text(&page, what);
    spae_page_bytes(&page, "", 1);
    return spae_page_end(&page, &name, &size, err) == SPAE_OK ? (const char *)name : NULL;
}

static const char *name_in_out(const demo *d, const char *name, spae_error *err)
{
    const uint8_t *path = NULL;
    size_t size = 0;
    spae_page page = spae_page_start(d->arena);
    spae_page_text(&page, d->out);
    spae_page_text(&page, "/");
    spae_page_text(&page, name);
    spae_page_bytes(&page, "", 1);
    return spae_page_end(&page, &path, &size, err) == SPAE_OK ? (const char *)path : NULL;
}

/* ---- steps ------------------------------------------------------------------------------------------ */

static spae_status load(demo *d, spae_error *err)
{
    spae_status status = spae_cli_load_model(d->model_path, d->arena, &d->model, err);
    if (status == SPAE_OK)
        status = spae_words_index(d->model.word, d->model.codebook.V, d->arena, &d->words, err);
    if (status != SPAE_OK)
        return status;
    d->studies = spae_arena_take(d->arena, d->count, sizeof *d->studies);
    return d->studies != NULL ? SPAE_OK : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the pictures");
}

/* The picture's first word, terminated, and its token; NULL for a picture of one's own, or a model of another
 * vocabulary. */
static spae_status first_word(const demo *d, size_t index, const char **word, int32_t *token, spae_error *err)
{
    const char *words = d->exhibits[index].words;
    const size_t length = words != NULL ? strcspn(words, " ") : 0;
    *word = NULL;
    if (words == NULL || !spae_words_find(&d->words, words, length, token))
        return SPAE_OK;
    char *text = spae_arena_take(d->arena, length + 1, 1);
    if (text == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for a label");
    memcpy(text, words, length);
    text[length] = '\0';
    *word = text;
    return SPAE_OK;
}

static spae_status study(const demo *d, size_t index, spae_error *err)
{
    spae_real *picture = NULL;
    spae_study_like like = {.label = NULL};
    const char *path = d->exhibits[index].path;
    spae_status status = first_word(d, index, &like.label, &like.reference, err);
    if (status == SPAE_OK)
        status = spae_cli_load_picture(&d->model, path, d->fit, d->arena, &picture, err);
    if (status != SPAE_OK)
        return status;
    return spae_study_make(&d->model, path, picture, &like, d->arena, &d->studies[index], err);
}

/* The terminal's part of one picture. */
static spae_status show(const demo *d, size_t index, spae_error *err)
{
    const uint8_t *text = NULL;
    size_t size = 0;
    const spae_study *s = &d->studies[index];
    spae_page page = spae_page_start(d->arena);
    spae_page_format(&page, "%.*s\n\n", SPAE_TERMINAL_COLUMNS, s->name);
    spae_status status = spae_terminal_pictures(&d->model, s, d->arena, &page, err);
    if (status != SPAE_OK)
        return status;
    spae_page_text(&page, "\n");
    status = spae_terminal_pyramid(&d->model, &d->words, s, d->arena, &page, err);
    if (status != SPAE_OK)
        return status;
    spae_page_text(&page, "\n\n");
    status = spae_page_end(&page, &text, &size, err);
    if (status == SPAE_OK)
        fwrite(text, 1, size, stdout); /* main looks at the stream's error flag */
    return status;
}

static spae_status save_pictures(const demo *d, size_t index, spae_error *err)
{
    const spae_config *config = &d->model.config;
    const size_t H = config->picture[1], W = config->picture[2];
    const char *path = name_file(d, index, "-picture.png", err);
    if (path == NULL)
        return SPAE_ERR_NO_MEMORY;
    spae_status status = spae_picture_save(path, d->studies[index].picture, H, W, d->arena, err);
    for (size_t l = 0; l < config->pyramid.layers && status == SPAE_OK; l++) {
        char what[40];
        snprintf(what, sizeof what, "-layers-%zu.png", l + 1);
        path = name_file(d, index, what, err);
        if (path == NULL)
            return SPAE_ERR_NO_MEMORY;
        status = spae_picture_save(path, d->studies[index].rebuilt + l * H * W * 3, H, W, d->arena, err);
    }
    return status;
}

static spae_status save_sheet(const demo *d, const char **path, spae_error *err)
{
    spae_image sheet;
    *path = name_in_out(d, "sheet.png", err);
    if (*path == NULL)
        return SPAE_ERR_NO_MEMORY;
    const spae_status status = spae_sheet_make(&d->model, d->studies, d->count, d->arena, &sheet, err);
    return status == SPAE_OK ? spae_image_write(d->arena, *path, &sheet, err) : status;
}

static spae_status save_report(const demo *d, const char **path, spae_error *err)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    *path = name_in_out(d, "report.html", err);
    if (*path == NULL)
        return SPAE_ERR_NO_MEMORY;
    const spae_status status =
        spae_report_write(&d->model, &d->words, d->title, d->studies, d->count, d->arena, &bytes, &size, err);
    return status == SPAE_OK ? spae_file_write_all(d->arena, *path, bytes, size, err) : status;
}

/* ---- the end ---------------------------------------------------------------------------------------- */

/* Is one of the words of the first `named` layers one of the picture's own? */
static bool is_named(const demo *d, size_t index)
{
    const size_t tokens = spae_pyramid_total(&d->model.config.pyramid, d->named);
    for (const char *word = d->exhibits[index].words; *word != '\0'; word += strspn(word, " ")) {
        const size_t length = strcspn(word, " ");
        int32_t token;
        if (spae_words_find(&d->words, word, length, &token))
            for (size_t i = 0; i < tokens; i++)
                if (d->studies[index].token[i] == token)
                    return true;
        word += length;
    }
    return false;
}

static void print_means(const demo *d)
{
    const size_t layers = d->model.config.pyramid.layers;
    size_t named = 0, labelled = 0;
    printf("mean PSNR");
    for (size_t l = 0; l < layers; l++) {
        double sum = 0.0;
        for (size_t i = 0; i < d->count; i++)
            sum += d->studies[i].psnr[l];
        printf("%s %zu layer%s %.1f dB", l > 0 ? "," : "", l + 1, l > 0 ? "s" : "", sum / (double)d->count);
    }
    printf("\n");
    for (size_t i = 0; i < d->count; i++) {
        labelled += d->studies[i].label != NULL;
        named += d->studies[i].label != NULL && is_named(d, i);
    }
    if (labelled > 0)
        printf("a word of layer%s is one of the picture's own for %zu of %zu\n",
               d->named > 1 ? "s 1 and 2" : " 1", named,
               labelled);
}

static spae_status run(demo *d, spae_error *err)
{
    const char *sheet = NULL, *report = NULL;
    spae_status status = load(d, err);
    if (status == SPAE_OK)
        status = spae_directory_make(d->out, err);
    for (size_t i = 0; i < d->count && status == SPAE_OK; i++) {
        status = study(d, i, err);
        if (status == SPAE_OK)
            status = show(d, i, err);
        if (status == SPAE_OK)
            status = save_pictures(d, i, err);
    }
    if (status == SPAE_OK)
        status = save_sheet(d, &sheet, err);
    if (status == SPAE_OK)
        status = save_report(d, &report, err);
    if (status != SPAE_OK)
        return status;
    print_means(d);
    printf("pictures      %s/*.png\ncontact sheet %s\nreport        %s\n", d->out, sheet, report);
    return SPAE_OK;
}

/* Pictures of one's own, the words unknown. */
static const exhibit *own_pictures(const spae_cli_arguments *arguments, spae_arena *arena)
{
    exhibit *list = spae_arena_take(arena, arguments->positional_count, sizeof *list);
    for (size_t i = 0; list != NULL && i < arguments->positional_count; i++)
        list[i] = (exhibit){arguments->positional[i], NULL};
    return list;
}

static spae_status run_own(const spae_cli_arguments *arguments, demo d, spae_error *err)
{
    d.title = "Pictures as pyramids of words";
    d.exhibits = own_pictures(arguments, d.arena);
    d.count = arguments->positional_count;
    return d.exhibits != NULL ? run(&d, err) : spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory for the pictures");
}

/* The digits, then the coloured pictures; with a model of one's own, the digits alone. */
static spae_status run_embedded(demo d, bool own_model, spae_error *err)
{
    demo first = d, second = d;
    first.title = "Digits as pyramids of words";
    first.exhibits = digits;
    second.title = "Small pictures as pyramids of words";
    second.exhibits = emoji;
    second.model_path = EMOJI_MODEL;
    second.named = 2;
    first.count = second.count = SHOWN;
    const spae_status status = run(&first, err);
    if (status != SPAE_OK || own_model)
        return status;
    printf("\n");
    second.out = name_in_out(&d, "emoji", err);
    return second.out != NULL ? run(&second, err) : SPAE_ERR_NO_MEMORY;
}

int spae_cli_demo(int argc, char **argv)
{
    int status;
    spae_error err;
    spae_cli_arguments arguments;
    demo d = {.model_path = DIGITS_MODEL, .out = "demo", .named = 1};
    if (!spae_cli_parse(&command, argc, argv, &arguments, &status))
        return status;
    if (!spae_cli_read_fit(&arguments, &d.fit))
        return SPAE_CLI_USAGE;
    const char *model = spae_cli_value(&arguments, "model"), *out = spae_cli_value(&arguments, "out");
    d.model_path = model != NULL ? model : d.model_path;
    d.out = out != NULL ? out : d.out;
    spae_arena arena;
    spae_arena_hosted(&arena);
    d.arena = &arena;
    const spae_status ran = arguments.positional_count > 0 ? run_own(&arguments, d, &err)
                                                           : run_embedded(d, model != NULL, &err);
    spae_arena_free(&arena);
    return ran == SPAE_OK ? SPAE_CLI_DONE : spae_cli_failed(&command, &err);
}

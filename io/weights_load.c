/* Weights from elsewhere (SPEC 8.27): naming schemes, and parameters filled by them; weights.h.
 *
 * Method    Each file gets the scheme under which it gives most parameters. Then each parameter is
 *           looked for in each file; what is missing, there twice, or left over is told; and only
 *           then data are read, array by array, with their axes put in our order.
 * Source    torchvision models/resnet.py and vgg.py; lpips weights/v0.1; flax Module.init; magvit
 *           train_lib/resnet_v1.py, whose names our ResNet's paths are.
 */
#include <string.h>

#include "io/arrays.h"
#include "io/weights.h"

enum { NAME_ROOM = SPAE_PATH_MAX + 32, CAPTURES = 4 };

/* ---- the rules ------------------------------------------------------------------------------- */

/* What an array's axes are in the file. */
typedef enum { SAME, CONVOLUTION, LINEAR } layout;

/* Axis i of the parameter is axis[i] of the array; the parameter has `rank` axes (0: any number).
 */
static const struct {
    size_t rank, axis[SPAE_AXES];
} layouts[] = {
    [SAME] = {0, {0, 1, 2, 3, 4}},
    [CONVOLUTION] = {4, {2, 3, 1, 0}}, /* (kh,kw,ci,co) from (co,ci,kh,kw) */
    [LINEAR] = {2, {1, 0}},            /* (ci,co) from (co,ci) */
};

/* The first rule whose `path` matches a parameter's path makes its name in the file. In `path` a *
 * stands for any text (one, and not empty), each # for a number; in `name` they stand for the same
 * again, and @ for the number less one. */
typedef struct {
    const char *path, *name;
    layout in_file;
} rule;

static const rule own_rules[] = {{"*", "*", SAME}};

static const rule flax_rules[] = {
    {"*/mean", "batch_stats/*/mean", SAME},
    {"*/var", "batch_stats/*/var", SAME},
    {"*", "params/*", SAME},
};

static const rule torchvision_rules[] = {
    /* ResNet */
    {"init_conv/kernel", "conv1.weight", CONVOLUTION},
    {"init_bn/scale", "bn1.weight", SAME},
    {"init_bn/bias", "bn1.bias", SAME},
    {"init_bn/mean", "bn1.running_mean", SAME},
    {"init_bn/var", "bn1.running_var", SAME},
    {"stage#/block#/conv#/kernel", "layer#.@.conv#.weight", CONVOLUTION},
    {"stage#/block#/bn#/scale", "layer#.@.bn#.weight", SAME},
    {"stage#/block#/bn#/bias", "layer#.@.bn#.bias", SAME},
    {"stage#/block#/bn#/mean", "layer#.@.bn#.running_mean", SAME},
    {"stage#/block#/bn#/var", "layer#.@.bn#.running_var", SAME},
    {"stage#/block#/proj_conv/kernel", "layer#.@.downsample.0.weight", CONVOLUTION},
    {"stage#/block#/proj_bn/scale", "layer#.@.downsample.1.weight", SAME},
    {"stage#/block#/proj_bn/bias", "layer#.@.downsample.1.bias", SAME},
    {"stage#/block#/proj_bn/mean", "layer#.@.downsample.1.running_mean", SAME},
    {"stage#/block#/proj_bn/var", "layer#.@.downsample.1.running_var", SAME},
    {"head/kernel", "fc.weight", LINEAR},
    {"head/bias", "fc.bias", SAME},
    /* VGG */
    {"features/#/kernel", "features.#.weight", CONVOLUTION},
    {"features/#/bias", "features.#.bias", SAME},
    /* LPIPS */
    {"lin/#/kernel", "lin#.model.1.weight", CONVOLUTION},
};

#define RULES(list) list, sizeof list / sizeof list[0]

static const struct {
    const char *name;
    char separator; /* stands in the file for the / of names */
    const rule *rules;
    size_t count;
} schemes[] = {
    {"spae", '/', RULES(own_rules)},
    {"spae, dotted", '.', RULES(own_rules)},
    {"flax", '/', RULES(flax_rules)},
    {"flax, dotted", '.', RULES(flax_rules)},
    {"torchvision", '/', RULES(torchvision_rules)},
};

enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

/* Arrays that may be left over, unless the network has parameters under `unless`. Here . and / are
 * the same. */
static const struct {
    const char *name, *unless;
} not_needed[] = {
    {"*/num_batches_tracked", NULL}, /* how long torch averaged means and variances */
    {"classifier/*", NULL},          /* VGG's layers after its features */
    {"fc/*", "head/"},
    {"head/*", "head/"},
    {"params/head/*", "head/"},
    {"features/*", "features/"},
    {"params/features/*", "features/"},
    {"lin#/model/1/weight", "lin/"},
    {"lin/*", "lin/"},
    {"params/lin/*", "lin/"},
    {"lm_head/weight", "lm_head"},   /* the embedding again, where the head is tied */
    {"*/attn/bias", NULL},           /* GPT-2's causal masks, */
    {"*/attn/masked_bias", NULL},
    {"*/rotary_emb/inv_freq", NULL}, /* and Llama's angles, both of older files */
};

/* ---- patterns -------------------------------------------------------------------------------- */

typedef struct {
    const char *text;
    size_t length;
} capture;

static size_t digits(const char *text)
{
    size_t n = 0;
    while (text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* Does the text match, and what stood for * and each #? After a * the pattern has no further one.
 */
static bool matches(const char *pattern, const char *text, capture found[CAPTURES])
{
    size_t count = 0;
    for (; *pattern != '\0'; pattern++) {
        size_t length = 1;
        const bool some = *pattern == '*' || *pattern == '#';
        if (*pattern == '#')
            length = digits(text);
        else if (*pattern == '*') /* all but as many characters as the pattern has left */
            length = strlen(text) > strlen(pattern + 1) ? strlen(text) - strlen(pattern + 1) : 0;
        else if (*text != *pattern)
            return false;
        if (length == 0)
            return false;
        if (some)
            found[count++] = (capture){text, length};
        text += length;
    }
    return *text == '\0';
}

/* Appends the number less one, which must not be 0 and fit. */
static bool put_less_one(char *name, size_t *at, capture number)
{
    char text[12]; /* of a number below 10^10 */
    size_t i = number.length;
    if (i > 10 || i >= NAME_ROOM - *at)
        return false;
    memcpy(text, number.text, i);
    while (i > 0 && text[i - 1] == '0') /* borrow */
        text[--i] = '9';
    if (i == 0)
        return false;
    text[i - 1]--;
    const size_t skip = text[0] == '0' && number.length > 1 ? 1 : 0; /* 10 - 1 is 9, not 09 */
    memcpy(name + *at, text + skip, number.length - skip);
    *at += number.length - skip;
    return true;
}

/* Builds a name from a rule's pattern and what its path found. False when it has no room. */
static bool build(const char *pattern, const capture *found, char separator, char name[NAME_ROOM])
{
    size_t at = 0;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '@') {
            if (!put_less_one(name, &at, *found++))
                return false;
            continue;
        }
        const bool some = *pattern == '*' || *pattern == '#';
        const capture piece = some ? *found++ : (capture){pattern, 1};
        if (piece.length >= NAME_ROOM - at)
            return false;
        memcpy(name + at, piece.text, piece.length);
        at += piece.length;
    }
    name[at] = '\0';
    for (char *c = name; separator != '/' && *c != '\0'; c++)
        *c = *c == '/' ? separator : *c;
    return true;
}

/* The parameter's name in a file of this scheme, and its layout. False when the scheme has none. */
static bool name_in(size_t scheme, const char *path, char name[NAME_ROOM], layout *in_file)
{
    for (size_t r = 0; r < schemes[scheme].count; r++) {
        const rule *one = &schemes[scheme].rules[r];
        capture found[CAPTURES];
        if (!matches(one->path, path, found))
            continue;
        *in_file = one->in_file;
        return build(one->name, found, schemes[scheme].separator, name);
    }
    return false;
}

/* ---- which array for which parameter --------------------------------------------------------- */

/* Where a parameter comes from. */
typedef struct {
    size_t file; /* the number of files: from nowhere */
    size_t array;
    layout in_file;
} origin;

typedef struct {
    const spae_weights *file;
    size_t files;
    const spae_parameters *parameters;
    size_t scheme[SPAE_WEIGHTS_FILES];
    bool *taken[SPAE_WEIGHTS_FILES]; /* (file[f].count) does a parameter take this array? */
    origin *origin;                  /* (parameters->count) */
    size_t ignored;
    spae_arena *scratch;
    spae_error *err;
} plan;

/* The array of a file under a scheme; file->count when there is none. */
static size_t look_up(const spae_weights *file, size_t scheme, const spae_parameter *item,
                      layout *in_file)
{
    char name[NAME_ROOM];
    if (!name_in(scheme, item->path, name, in_file))
        return file->count;
    const size_t rank = layouts[*in_file].rank;
    return rank == 0 || rank == item->rank ? spae_weights_find(file, name) : file->count;
}

static size_t choose_scheme(const spae_weights *file, const spae_parameters *parameters)
{
    size_t best = 0, most = 0;
    for (size_t s = 0; s < SCHEMES; s++) {
        size_t given = 0;
        layout in_file;
        for (size_t p = 0; p < parameters->count; p++)
            given += look_up(file, s, &parameters->item[p], &in_file) < file->count;
        if (given > most) {
            best = s;
            most = given;
        }
    }
    return best;
}

/* Fills in where parameter p comes from; false when two files have it. */
static bool find_origin(plan *w, size_t p)
{
    bool once = true;
    w->origin[p].file = w->files;
    for (size_t f = 0; f < w->files; f++) {
        layout in_file;
        const size_t at = look_up(&w->file[f], w->scheme[f], &w->parameters->item[p], &in_file);
        if (at == w->file[f].count)
            continue;
        once = once && w->origin[p].file == w->files;
        w->origin[p] = (origin){f, at, in_file};
        w->taken[f][at] = true;
    }
    return once;
}

/* The files by name, for messages: "a.npz + b.npz". */
static spae_error file_names(const plan *w)
{
    spae_error line = {SPAE_OK, ""};
    for (size_t f = 0; f < w->files; f++)
        spae_fail(&line, SPAE_OK, "%s%s%s", line.text, f > 0 ? " + " : "", w->file[f].source->name);
    return line;
}

static spae_status find_origins(plan *w)
{
    char name[NAME_ROOM];
    spae_name_list missing = {0, {SPAE_OK, ""}}, twice = missing;
    layout in_file;
    for (size_t p = 0; p < w->parameters->count; p++) {
        const char *path = w->parameters->item[p].path;
        if (!find_origin(w, p))
            spae_name_list_add(&twice, path);
        if (w->origin[p].file == w->files) /* of one file we know how it would be called */
            spae_name_list_add(&missing,
                               w->files == 1 && name_in(w->scheme[0], path, name, &in_file) ? name
                                                                                            : path);
    }
    if (missing.count > 0)
        return spae_fail(w->err, SPAE_ERR_FORMAT, "%s: %zu of %zu arrays are missing%s: %s",
                         file_names(w).text, missing.count, w->parameters->count,
                         missing.count == w->parameters->count ? ", no name is known" : "",
                         missing.line.text);
    if (twice.count > 0)
        return spae_fail(w->err, SPAE_ERR_FORMAT, "%s: %zu parameters are in two files: %s",
                         file_names(w).text, twice.count, twice.line.text);
    return SPAE_OK;
}

/* ---- what is left over ----------------------------------------------------------------------- */

static bool has_parameters(const spae_parameters *parameters, const char *beginning)
{
    for (size_t p = 0; p < parameters->count; p++)
        if (strncmp(parameters->item[p].path, beginning, strlen(beginning)) == 0)
            return true;
    return false;
}

static bool is_not_needed(const spae_parameters *parameters, const char *name)
{
    char slashed[NAME_ROOM];
    capture found[CAPTURES];
    const size_t n = strlen(name);
    if (n >= NAME_ROOM)
        return false;
    for (size_t i = 0; i <= n; i++)
        slashed[i] = name[i] == '.' ? '/' : name[i];
    for (size_t i = 0; i < sizeof not_needed / sizeof not_needed[0]; i++)
        if (matches(not_needed[i].name, slashed, found))
            return not_needed[i].unless == NULL ||
                   !has_parameters(parameters, not_needed[i].unless);
    return false;
}

static spae_status check_rest(plan *w)
{
    spae_name_list extra = {0, {SPAE_OK, ""}};
    for (size_t f = 0; f < w->files; f++)
        for (size_t i = 0; i < w->file[f].count; i++) {
            const char *name = spae_weights_name(&w->file[f], i);
            if (w->taken[f][i])
                continue;
            if (is_not_needed(w->parameters, name))
                w->ignored++;
            else
                spae_name_list_add(&extra, name);
        }
    if (extra.count == 0)
        return SPAE_OK;
    return spae_fail(w->err, SPAE_ERR_FORMAT, "%s: %zu arrays that no parameter takes: %s",
                     file_names(w).text, extra.count, extra.line.text);
}

/* ---- values ---------------------------------------------------------------------------------- */

static const size_t *parameter_axes(const spae_parameter *item)
{
    return item->shape.axis + SPAE_AXES - item->rank;
}

/* The shape that the array of a parameter has in a file. */
static void shape_in_file(const spae_parameter *item, layout in_file, size_t shape[SPAE_AXES])
{
    for (size_t i = 0; i < item->rank; i++)
        shape[layouts[in_file].axis[i]] = parameter_axes(item)[i];
}

static bool same_shape(const spae_weights_array *array, const size_t *shape, size_t rank)
{
    bool same = array->rank == rank;
    for (size_t i = 0; same && i < rank; i++)
        same = array->shape[i] == shape[i];
    return same;
}

/* values, in C order of the parameter's axes, from `stored`, in C order of the array's. */
static void reorder(const spae_parameter *item, layout in_file, const size_t *shape,
                    const spae_real *stored, spae_real *values)
{
    size_t stride[SPAE_AXES], index[SPAE_AXES] = {0}, step = 1, from = 0;
    const size_t *axis = parameter_axes(item), count = spae_shape_count(item->shape);
    for (size_t i = item->rank; i-- > 0; step *= shape[i]) /* of the array's axes */
        stride[i] = step;
    for (size_t to = 0; to < count; to++) {
        values[to] = stored[from];
        for (size_t i = item->rank; i-- > 0;) { /* the next index, the last axis fastest */
            from += stride[layouts[in_file].axis[i]];
            if (++index[i] < axis[i])
                break;
            from -= stride[layouts[in_file].axis[i]] * axis[i];
            index[i] = 0;
        }
    }
}

static spae_status read_reordered(const plan *w, const spae_weights *file,
                                  const spae_weights_array *array, const spae_parameter *item,
                                  layout in_file, spae_real *values)
{
    if (in_file == SAME)
        return spae_weights_array_read(file, array, values, w->err);
    spae_real *stored = spae_arena_take(w->scratch, array->count, sizeof *stored);
    if (stored == NULL)
        return spae_fail(w->err, SPAE_ERR_NO_MEMORY, "%s: %s: no memory for %zu numbers",
                         file->source->name, array->name, array->count);
    const spae_status status = spae_weights_array_read(file, array, stored, w->err);
    if (status == SPAE_OK)
        reorder(item, in_file, array->shape, stored, values);
    return status;
}

/* Reads one parameter, or puts it on the list of those that have another shape. */
static spae_status read_one(const plan *w, size_t p, spae_real *values, spae_name_list *misshapen)
{
    const spae_parameter *item = &w->parameters->item[p];
    const origin from = w->origin[p];
    const spae_weights *file = &w->file[from.file];
    const spae_arena_mark mark = spae_arena_here(w->scratch);
    char found[SPAE_SHAPE_ROOM], expected[SPAE_SHAPE_ROOM];
    size_t shape[SPAE_AXES];
    spae_weights_array array;
    spae_error line;
    spae_status status = spae_weights_array_open(w->scratch, file, from.array, &array, w->err);
    shape_in_file(item, from.in_file, shape);
    if (status == SPAE_OK && !same_shape(&array, shape, item->rank)) {
        spae_fail(&line, SPAE_OK, "%s expected %s, found %s", array.name,
                  spae_shape_text(shape, item->rank, expected),
                  spae_shape_text(array.shape, array.rank, found));
        spae_name_list_add(misshapen, line.text);
    } else if (status == SPAE_OK) {
        status = read_reordered(w, file, &array, item, from.in_file, values + item->first);
    }
    spae_arena_reset(w->scratch, mark);
    return status;
}

static spae_status read_all(const plan *w, spae_real *values)
{
    spae_name_list misshapen = {0, {SPAE_OK, ""}};
    spae_status status = SPAE_OK;
    for (size_t p = 0; status == SPAE_OK && p < w->parameters->count; p++)
        status = read_one(w, p, values, &misshapen);
    if (status != SPAE_OK || misshapen.count == 0)
        return status;
    return spae_fail(w->err, SPAE_ERR_SHAPE, "%s: %zu arrays of another shape: %s",
                     file_names(w).text, misshapen.count, misshapen.line.text);
}

void spae_weights_hash(const spae_parameters *parameters, const spae_real *values, char text[65])
{
    spae_sha256 hash;
    uint8_t digest[32];
    spae_sha256_start(&hash);
    for (size_t p = 0; p < parameters->count; p++) {
        const spae_parameter *item = &parameters->item[p];
        spae_numbers_hash(&hash, item->path, values + item->first, spae_shape_count(item->shape));
    }
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static spae_status prepare(plan *w)
{
    w->origin = spae_arena_take(w->scratch, w->parameters->count, sizeof *w->origin);
    bool room = w->origin != NULL;
    for (size_t f = 0; f < w->files; f++) {
        w->scheme[f] = choose_scheme(&w->file[f], w->parameters);
        w->taken[f] = spae_arena_take_zeroed(w->scratch, w->file[f].count, sizeof *w->taken[f]);
        room = room && w->taken[f] != NULL;
    }
    return room ? SPAE_OK
                : spae_fail(w->err, SPAE_ERR_NO_MEMORY,
                            "weights: no memory for a plan of %zu arrays", w->parameters->count);
}

static spae_status check_files(size_t files, spae_error *err)
{
    if (files >= 1 && files <= SPAE_WEIGHTS_FILES)
        return SPAE_OK;
    return spae_fail(err, SPAE_ERR_ARGUMENT, "weights: expected 1 to %d files, given %zu",
                     SPAE_WEIGHTS_FILES, files);
}

static void make_report(const plan *w, const spae_real *values, spae_weights_report *report)
{
    *report = (spae_weights_report){.ignored = w->ignored};
    for (size_t f = 0; f < w->files; f++)
        report->scheme[f] = schemes[w->scheme[f]].name;
    spae_weights_hash(w->parameters, values, report->hash);
}

spae_status spae_weights_fill(const spae_weights *file, size_t files,
                              const spae_parameters *parameters, spae_real *values,
                              spae_arena *scratch, spae_weights_report *report, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    plan w = {
        .file = file, .files = files, .parameters = parameters, .scratch = scratch, .err = err};
    spae_status status = check_files(files, err);
    if (status == SPAE_OK)
        status = prepare(&w);
    if (status == SPAE_OK)
        status = find_origins(&w);
    if (status == SPAE_OK)
        status = check_rest(&w);
    if (status == SPAE_OK)
        status = read_all(&w, values);
    if (status == SPAE_OK && report != NULL)
        make_report(&w, values, report);
    spae_arena_reset(scratch, mark);
    return status;
}

spae_status spae_weights_load(const char *const *path, size_t files,
                              const spae_parameters *parameters, spae_real *values,
                              spae_arena *scratch, spae_weights_report *report, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_source source[SPAE_WEIGHTS_FILES];
    spae_weights file[SPAE_WEIGHTS_FILES];
    size_t opened = 0;
    spae_status status = check_files(files, err);
    for (size_t f = 0; status == SPAE_OK && f < files; f++) {
        status = spae_source_open(scratch, path[f], NULL, &source[f], err);
        opened += status == SPAE_OK;
        if (status == SPAE_OK)
            status = spae_weights_open(scratch, &source[f], NULL, &file[f], err);
    }
    if (status == SPAE_OK)
        status = spae_weights_fill(file, files, parameters, values, scratch, report, err);
    for (size_t f = 0; f < opened; f++)
        spae_source_close(&source[f]);
    spae_arena_reset(scratch, mark);
    return status;
}

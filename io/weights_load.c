/* Weights from elsewhere (SPEC 8.27): parameters filled from files by the naming schemes;
 * weights.h.
 *
 * Method    Each file gets the scheme under which it gives most parameters. Then each parameter is
 *           looked for in each file; what is missing, there twice, or left over is told; and only
 *           then data are read, array by array, with their axes put in our order.
 */
#include <string.h>

#include "io/arrays.h"
#include "io/weights.h"
#include "io/weights_files.h"
#include "io/weights_schemes.h"

/* ---- which array for which parameter --------------------------------------------------------- */

/* Where a parameter comes from. */
typedef struct {
    size_t file; /* the number of files: from nowhere */
    size_t array;
    spae_weights_layout in_file;
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
                      spae_weights_layout *in_file)
{
    char name[SPAE_WEIGHTS_NAME_ROOM];
    if (!spae_weights_scheme_find(scheme, item->path, name, in_file))
        return file->count;
    const size_t rank = spae_weights_layouts[*in_file].rank;
    return rank == 0 || rank == item->rank ? spae_weights_find(file, name) : file->count;
}

static size_t choose_scheme(const spae_weights *file, const spae_parameters *parameters)
{
    size_t best = 0, most = 0;
    for (size_t s = 0; s < spae_weights_schemes; s++) {
        size_t given = 0;
        spae_weights_layout in_file;
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
        spae_weights_layout in_file;
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
    char name[SPAE_WEIGHTS_NAME_ROOM];
    spae_name_list missing = {0, {SPAE_OK, ""}}, twice = missing;
    spae_weights_layout in_file;
    for (size_t p = 0; p < w->parameters->count; p++) {
        const char *path = w->parameters->item[p].path;
        if (!find_origin(w, p))
            spae_name_list_add(&twice, path);
        if (w->origin[p].file == w->files) /* of one file we know how it would be called */
            spae_name_list_add(&missing, w->files == 1 && spae_weights_scheme_find(
                                                              w->scheme[0], path, name, &in_file)
                                             ? name
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

static spae_status check_rest(plan *w)
{
    spae_name_list extra = {0, {SPAE_OK, ""}};
    for (size_t f = 0; f < w->files; f++)
        for (size_t i = 0; i < w->file[f].count; i++) {
            const char *name = spae_weights_name(&w->file[f], i);
            if (w->taken[f][i])
                continue;
            if (spae_weights_not_needed(w->parameters, name))
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
static void shape_in_file(const spae_parameter *item, spae_weights_layout in_file,
                          size_t shape[SPAE_AXES])
{
    for (size_t i = 0; i < item->rank; i++)
        shape[spae_weights_layouts[in_file].axis[i]] = parameter_axes(item)[i];
    if (item->rank > 0)
        shape[0] *= spae_weights_layouts[in_file].parts;
}

static bool same_shape(const spae_weights_array *array, const size_t *shape, size_t rank)
{
    bool same = array->rank == rank;
    for (size_t i = 0; same && i < rank; i++)
        same = array->shape[i] == shape[i];
    return same;
}

/* values, in C order of the parameter's axes, from `stored`, in C order of the array's. */
static void reorder(const spae_parameter *item, spae_weights_layout in_file, const size_t *shape,
                    const spae_real *stored, spae_real *values)
{
    size_t stride[SPAE_AXES], index[SPAE_AXES] = {0}, step = 1, from = 0;
    const size_t *axis = parameter_axes(item), count = spae_shape_count(item->shape);
    for (size_t i = item->rank; i-- > 0; step *= shape[i]) /* of the array's axes */
        stride[i] = step;
    for (size_t to = 0; to < count; to++) {
        values[to] = stored[from];
        for (size_t i = item->rank; i-- > 0;) { /* the next index, the last axis fastest */
            from += stride[spae_weights_layouts[in_file].axis[i]];
            if (++index[i] < axis[i])
                break;
            from -= stride[spae_weights_layouts[in_file].axis[i]] * axis[i];
            index[i] = 0;
        }
    }
}

/* The array, or that part of it which is the parameter's, as it is in the file. */
static spae_status read_part(const plan *w, const spae_weights *file, const spae_weights_array *array,
                             spae_weights_layout in_file, spae_real *out)
{
    const spae_weights_axes *layout = &spae_weights_layouts[in_file];
    const size_t rows = array->shape[0] / layout->parts;
    return layout->parts == 1 ? spae_weights_array_read(file, array, out, w->err)
                              : spae_weights_rows_read(file, array, layout->part * rows, rows, out, w->err);
}

static spae_status read_reordered(const plan *w, const spae_weights *file,
                                  const spae_weights_array *array, const spae_parameter *item,
                                  spae_weights_layout in_file, spae_real *values)
{
    const spae_weights_axes *layout = &spae_weights_layouts[in_file];
    if (layout->rank == 0)
        return read_part(w, file, array, in_file, values);
    spae_real *stored = spae_arena_take(w->scratch, array->count / layout->parts, sizeof *stored);
    if (stored == NULL)
        return spae_fail(w->err, SPAE_ERR_NO_MEMORY, "%s: %s: no memory for %zu numbers",
                         file->source->name, array->name, array->count / layout->parts);
    const spae_status status = read_part(w, file, array, in_file, stored);
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
        report->scheme[f] = spae_weights_scheme_name(w->scheme[f]);
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

spae_status spae_weights_load(const char *const *path, size_t paths,
                              const spae_parameters *parameters, spae_real *values,
                              spae_arena *scratch, spae_weights_report *report, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(scratch);
    spae_weights_files *files = spae_arena_take(scratch, 1, sizeof *files);
    if (files == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "weights: no memory for the names of files");
    spae_status status = spae_weights_files_open(scratch, path, paths, files, err);
    if (status == SPAE_OK) {
        status = spae_weights_fill(files->file, files->count, parameters, values, scratch, report, err);
        spae_weights_files_close(files);
    }
    spae_arena_reset(scratch, mark);
    return status;
}

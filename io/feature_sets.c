/* The sets of feature_sets.h. */
#include "io/feature_sets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/arrays.h"
#include "io/directory.h"

/* ---- rows of a file, a few at a time ---- */

typedef struct {
    spae_source source;
    spae_npy_header header;
    size_t rows, columns, at_once; /* at_once: rows that fit 1 MiB, at least one */
    spae_real *row;                /* (at_once, columns) */
} row_file;

/* FOLDER/real.npy or FOLDER/layer<set>.npy; NULL: no memory. */
static char *name_of(const char *folder, size_t set, spae_arena *arena)
{
    char name[32];
    if (set == 0)
        strcpy(name, "real.npy");
    else
        snprintf(name, sizeof name, "layer%zu.npy", set);
    return spae_directory_join(folder, name, arena);
}

/* (n,d), maybe with axes of size 1 behind. */
static spae_status take_shape(row_file *file, const char *path, spae_error *err)
{
    const spae_npy_header *h = &file->header;
    bool flat = h->rank >= 2 && h->shape[0] > 0 && h->shape[1] > 0 && !h->fortran;
    for (unsigned i = 2; i < h->rank; i++)
        flat = flat && h->shape[i] == 1;
    if (!flat)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: expected an array (n,d) in C order with a row for each picture", path);
    file->rows = h->shape[0];
    file->columns = h->shape[1];
    file->at_once = ((size_t)1 << 18) / file->columns;
    if (file->at_once == 0)
        file->at_once = 1;
    return SPAE_OK;
}

/* Closes nothing that it has not opened; after SPAE_OK the caller closes source. */
static spae_status open_rows(row_file *file, const char *path, spae_arena *arena, spae_error *err)
{
    spae_status status = spae_source_open(arena, path, NULL, &file->source, err);
    if (status != SPAE_OK)
        return status;
    status = spae_npy_read_header(&file->source, 0, file->source.size, &file->header, err);
    if (status == SPAE_OK)
        status = take_shape(file, path, err);
    if (status == SPAE_OK && (file->row = spae_arena_take(arena, file->at_once * file->columns, sizeof *file->row)) == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for rows of %zu", path, file->columns);
    if (status != SPAE_OK)
        spae_source_close(&file->source);
    return status;
}

/* Every row in order, `count` of them at once, to take; its errors get the file's name in front. */
static spae_status each_row(const row_file *file, const char *path,
                            spae_status (*take)(void *context, const spae_real *row, size_t count, spae_error *err),
                            void *context, spae_error *err)
{
    spae_error why;
    for (size_t at = 0; at < file->rows; at += file->at_once) {
        const size_t count = file->rows - at < file->at_once ? file->rows - at : file->at_once;
        const spae_npy_header cut = spae_npy_cut(&file->header, at, count);
        spae_status status = spae_numbers_read(&file->source, &cut, file->row, err);
        if (status != SPAE_OK)
            return status;
        if ((status = take(context, file->row, count, &why)) != SPAE_OK)
            return spae_fail(err, status, "%s: %s", path, why.text);
    }
    return SPAE_OK;
}

/* Calls `read` for each file of the folder that is there. *found: how many layers. */
static spae_status each_set(const char *folder, size_t sets, spae_arena *arena, size_t *found,
                            spae_status (*read)(void *context, size_t set, const char *path, spae_error *err),
                            void *context, spae_error *err)
{
    spae_status status = SPAE_OK;
    *found = 0;
    for (size_t set = 0; status == SPAE_OK && set < sets; set++) {
        const char *path = name_of(folder, set, arena);
        if (path == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for names", folder);
        if (!spae_file_exists(path))
            continue;
        *found += set > 0;
        status = read(context, set, path, err);
    }
    if (status == SPAE_OK && *found == 0)
        status = spae_fail(err, SPAE_ERR_IO, "%s: expected layer1.npy .. layer%zu.npy in it, or some of them", folder,
                           sets - 1);
    return status;
}

/* ---- features ---- */

spae_status spae_feature_sets_start(spae_feature_sets *f, size_t sets, size_t d, spae_arena *arena, spae_error *err)
{
    spae_status status = SPAE_OK;
    memset(f, 0, sizeof *f);
    f->sets = sets;
    f->d = d;
    for (size_t set = 0; status == SPAE_OK && set < sets; set++)
        status = spae_moments_start(&f->moments[set], d, arena, err);
    return status;
}

typedef struct {
    spae_feature_sets *f;
    spae_arena *arena;
} feature_reading;

static spae_status take_features(void *context, const spae_real *row, size_t count, spae_error *err)
{
    return spae_moments_add(context, row, count, err);
}

static spae_status read_features(void *context, size_t set, const char *path, spae_error *err)
{
    const feature_reading *r = context;
    const spae_arena_mark mark = spae_arena_here(r->arena);
    row_file file;
    spae_status status = open_rows(&file, path, r->arena, err);
    if (status != SPAE_OK)
        return status;
    if (set == 0)
        r->f->d = file.columns;
    if (file.columns != r->f->d)
        status = spae_fail(err, SPAE_ERR_SHAPE, "%s: %zu features, real.npy has %zu", path, file.columns, r->f->d);
    spae_source_close(&file.source);
    spae_arena_reset(r->arena, mark);
    if (status == SPAE_OK) /* the sums stay, the rows' room comes behind them */
        status = spae_moments_start(&r->f->moments[set], r->f->d, r->arena, err);
    const spae_arena_mark kept = spae_arena_here(r->arena);
    if (status == SPAE_OK && (status = open_rows(&file, path, r->arena, err)) == SPAE_OK) {
        status = each_row(&file, path, take_features, &r->f->moments[set], err);
        spae_source_close(&file.source);
    }
    spae_arena_reset(r->arena, kept);
    return status;
}

spae_status spae_feature_sets_read(spae_feature_sets *f, const char *folder, size_t sets, spae_arena *arena,
                                   spae_error *err)
{
    feature_reading reading = {f, arena};
    size_t found;
    memset(f, 0, sizeof *f);
    f->sets = sets;
    const char *real_path = name_of(folder, 0, arena);
    if (real_path != NULL && !spae_file_exists(real_path))
        return spae_fail(err, SPAE_ERR_IO, "%s: not there: the pictures' own features", real_path);
    return each_set(folder, sets, arena, &found, read_features, &reading, err);
}

/* Progress of one eigensolve as that of a set. */
typedef struct {
    void (*tell)(void *context, size_t set, double part);
    void *context;
    size_t set;
} telling;

static void pass_on(void *context, double part)
{
    const telling *t = context;
    if (t->tell != NULL)
        t->tell(t->context, t->set, part);
}

spae_status spae_feature_sets_finish(spae_feature_sets *f, spae_arena *arena,
                                     void (*tell)(void *context, size_t set, double part), void *context,
                                     spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    telling t = {tell, context, 0};
    const spae_eigen_progress progress = {pass_on, &t};
    spae_frechet real_root;
    spae_frechet_parts parts;
    spae_status status = spae_moments_finish(&f->moments[0], err);
    if (status == SPAE_OK)
        status = spae_frechet_open(&real_root, &f->moments[0], arena, progress, err);
    for (size_t set = 0; status == SPAE_OK && set < f->sets; set++) {
        t.set = set;
        f->distance[set] = (double)NAN;
        if (set == 0 || f->moments[set].count == 0)
            continue;
        status = spae_moments_finish(&f->moments[set], err);
        if (status == SPAE_OK)
            status = spae_frechet_distance(&real_root, &f->moments[set], arena, progress, &parts, err);
        if (status == SPAE_OK)
            f->distance[set] = parts.distance;
    }
    if (status == SPAE_OK)
        f->rank = real_root.rank;
    spae_arena_reset(arena, mark);
    return status;
}

const char *spae_feature_sets_remark(const spae_feature_sets *f, spae_arena *arena)
{
    enum { ROOM = 240 };
    size_t least = f->moments[0].count;
    for (size_t set = 1; set < f->sets; set++)
        if (f->moments[set].count > 0 && f->moments[set].count < least)
            least = f->moments[set].count;
    char *text = spae_arena_take(arena, ROOM, 1);
    if (text == NULL || (least > f->d && f->rank == f->d))
        return NULL;
    if (f->rank == 0)
        snprintf(text, ROOM, "the pictures' %zu features do not vary at all", f->d);
    else if (least <= f->d)
        snprintf(text, ROOM, "%zu rows of %zu features: covariances are singular (the pictures' has rank %zu); the distance is "
                 "larger than one of many rows would be, and compares only with the same number", least, f->d, f->rank);
    else
        snprintf(text, ROOM, "the pictures' covariance is singular: rank %zu of %zu", f->rank, f->d);
    return text;
}

/* ---- probabilities ---- */

size_t spae_answer_sets_splits(size_t rows)
{
    return rows < 10 ? 1 : 10;
}

spae_status spae_answer_sets_start(spae_answer_sets *a, size_t sets, size_t rows, size_t classes, size_t splits,
                                   spae_arena *arena, spae_error *err)
{
    spae_status status = SPAE_OK;
    memset(a, 0, sizeof *a);
    a->sets = sets;
    for (size_t set = 0; status == SPAE_OK && set < sets; set++)
        status = spae_inception_score_start(&a->score[set], rows, classes, splits, arena, err);
    return status;
}

typedef struct {
    spae_answer_sets *a;
    size_t splits;
    spae_arena *arena;
} answer_reading;

static spae_status take_answers(void *context, const spae_real *row, size_t count, spae_error *err)
{
    spae_inception_score *score = context;
    for (size_t r = 0; r < count; r++, row += score->classes) {
        double sum = 0.0;
        for (size_t k = 0; k < score->classes; k++)
            sum += (double)row[k];
        if (fabs(sum - 1.0) > 0.01)
            return spae_fail(err, SPAE_ERR_ARGUMENT, "row %zu sums to %g: probabilities are due, not logits", score->row, sum);
        const spae_status status = spae_inception_score_add(score, row, err);
        if (status != SPAE_OK)
            return status;
    }
    return SPAE_OK;
}

static spae_status read_answers(void *context, size_t set, const char *path, spae_error *err)
{
    const answer_reading *r = context;
    spae_inception_score *score = &r->a->score[set];
    spae_error why;
    row_file file;
    spae_status status = open_rows(&file, path, r->arena, err);
    if (status != SPAE_OK)
        return status;
    const size_t splits = r->splits > 0 ? r->splits : spae_answer_sets_splits(file.rows);
    if ((status = spae_inception_score_start(score, file.rows, file.columns, splits, r->arena, &why)) != SPAE_OK)
        spae_fail(err, status, "%s: %s", path, why.text);
    else
        status = each_row(&file, path, take_answers, score, err);
    spae_source_close(&file.source);
    return status;
}

spae_status spae_answer_sets_read(spae_answer_sets *a, const char *folder, size_t sets, size_t splits, spae_arena *arena,
                                  spae_error *err)
{
    answer_reading reading = {a, splits, arena};
    size_t found;
    memset(a, 0, sizeof *a);
    a->sets = sets;
    return each_set(folder, sets, arena, &found, read_answers, &reading, err);
}

spae_status spae_answer_sets_finish(spae_answer_sets *a, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t set = 0; status == SPAE_OK && set < a->sets; set++) {
        a->mean[set] = a->deviation[set] = (double)NAN;
        if (a->score[set].rows > 0)
            status = spae_inception_score_finish(&a->score[set], &a->mean[set], &a->deviation[set], err);
    }
    return status;
}

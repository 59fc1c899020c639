/* The findings of diagnosis.h. Everything is looked at as binary64; tokens and counts are exact in
 * it.
 */
#include "io/diagnosis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    TRANSPOSED_MOST = 1 << 16,
    /* items; 720 permutations of six axes are tried */ AXES_MOST = 6
};

static const double near_by = 0x1p-18;

typedef struct {
    size_t count;
    const double *p, *r;
    bool exact;  /* integers */
    double size; /* rms of r */
    size_t rank, given_rank;
    const size_t *shape, *given_shape; /* due, and as found */
    const char *path;                  /* of the array of a layout, else NULL */
    char *text;
} study;

/* ---- what close means ----------------------------------------------------------------------- */

static bool is_close(const study *s, double p, double q, double size)
{
    return fabs(p - q) <= (s->exact ? 0 : near_by * (fabs(q) + size));
}

/* p close to factor * q + offset */
static bool all_close(const study *s, const double *q, double factor, double offset)
{
    const double size = fabs(factor) * spae_judge_rms(q, s->count) + fabs(offset);
    for (size_t i = 0; i < s->count; i++)
        if (!is_close(s, s->p[i], factor * q[i] + offset, size))
            return false;
    return true;
}

static size_t count_equal(const double *q, size_t count, double value)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += !(q[i] < value) && !(q[i] > value) && !isnan(q[i]);
    return n;
}

static bool say(const study *s, const char *text)
{
    snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "%s", text);
    return true;
}

/* ---- values alone --------------------------------------------------------------------------- */

/* Values that are not finite, theirs or the reference's, end the search: nothing is close to them.
 */
static bool find_not_finite(const study *s)
{
    size_t nan = 0, infinite = 0, due = 0;
    for (size_t i = 0; i < s->count; i++) {
        due += isfinite(s->r[i]) == 0;
        nan += isnan(s->p[i]) && !isnan(s->r[i]);
        infinite += isinf(s->p[i]) && isfinite(s->r[i]);
    }
    if (nan == s->count)
        return say(s, "NaN everywhere");
    if (nan > 0 || infinite > 0)
        snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "%zu of %zu values are %s", nan > 0 ? nan : infinite,
                 s->count, nan > 0 ? "NaN" : "infinite");
    return nan > 0 || infinite > 0 || due > 0;
}

static bool find_constant(const study *s)
{
    if (s->count > 1 && count_equal(s->p, s->count, s->p[0]) == s->count &&
        count_equal(s->r, s->count, s->r[0]) < s->count) {
        if (count_equal(s->p, 1, 0) == 1)
            return say(s, "all zero");
        snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "the same value everywhere, %.9g", s->p[0]);
        return true;
    }
    return false;
}

/* At the greatest |r|, where a factor is told best. */
static size_t greatest(const study *s)
{
    size_t at = 0;
    for (size_t i = 1; i < s->count; i++)
        if (fabs(s->r[i]) > fabs(s->r[at]))
            at = i;
    return at;
}

/* The whole number, or one over a whole number, that f is near to: a nicer thing to read. */
static void factor_text(double f, char text[64])
{
    const double whole = floor(f + 0.5), inverse = floor(1 / f + 0.5);
    if (whole != 0 && fabs(f - whole) <= near_by * fabs(whole))
        snprintf(text, 64, "%.0f", whole);
    else if (inverse != 0 && fabs(1 / f - inverse) <= near_by * fabs(inverse))
        snprintf(text, 64, "1/%.0f", inverse);
    else
        snprintf(text, 64, "%.7g", f);
}

static bool find_factor(const study *s)
{
    const size_t at = greatest(s);
    const bool several = s->count - count_equal(s->r, s->count, 0) > 1;
    if (several && all_close(s, s->r, -1, 0))
        return say(s, "the sign is the other one everywhere");
    if (several && s->p[at] != 0 && !s->exact && all_close(s, s->r, s->p[at] / s->r[at], 0)) {
        char factor[64];
        factor_text(s->p[at] / s->r[at], factor);
        snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "off by a constant factor: %s times the reference",
                 factor);
        return true;
    }
    if (s->count > 1 && all_close(s, s->r, 1, s->p[at] - s->r[at])) {
        snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "off by a constant: the reference %+.7g",
                 s->p[at] - s->r[at]);
        return true;
    }
    return false;
}

/* ---- axes ----------------------------------------------------------------------------------- */

/* p read through strides, as an array of r's shape: is it close to r? */
static bool strided_close(const study *s, const size_t *shape, const long *stride, long start,
                          size_t rank)
{
    size_t index[SPAE_NPY_RANK] = {0};
    long at = start;
    for (size_t i = 0; i < s->count; i++) {
        if (!is_close(s, s->p[at], s->r[i], s->size))
            return false;
        for (size_t a = rank; a-- > 0;) {
            at += stride[a];
            if (++index[a] < shape[a])
                break;
            at -= stride[a] * (long)shape[a];
            index[a] = 0;
        }
    }
    return true;
}

static void row_strides(const size_t *shape, size_t rank, long *stride)
{
    long step = 1;
    for (size_t a = rank; a-- > 0; step *= (long)shape[a])
        stride[a] = step;
}

static void axes_text(const size_t *axis, size_t rank, char *text, size_t room)
{
    size_t n = 0;
    for (size_t a = 0; a < rank; a++)
        n += (size_t)snprintf(text + n, room - n, "%s%zu", a > 0 ? "," : "", axis[a]);
}

/* The next permutation in the order of words; false behind the last. */
static bool next_order(size_t *axis, size_t rank)
{
    size_t i = rank - 1, j = rank - 1;
    while (i > 0 && axis[i - 1] > axis[i])
        i--;
    if (i == 0)
        return false;
    while (axis[j] < axis[i - 1])
        j--;
    const size_t swapped = axis[i - 1];
    axis[i - 1] = axis[j];
    axis[j] = swapped;
    for (j = rank - 1; i < j; i++, j--) {
        const size_t kept = axis[i];
        axis[i] = axis[j];
        axis[j] = kept;
    }
    return true;
}

/* As numpy's transpose: axis a of the result is axis axis[a] of p. */
static bool find_transposed(const study *s)
{
    const size_t rank = s->rank;
    size_t axis[AXES_MOST];
    long row[SPAE_NPY_RANK], stride[SPAE_NPY_RANK];
    if (rank < 2 || rank > AXES_MOST || s->given_rank != rank || s->count > TRANSPOSED_MOST)
        return false;
    for (size_t a = 0; a < rank; a++)
        axis[a] = a;
    row_strides(s->given_shape, rank, row);
    while (next_order(axis, rank)) {
        bool fits = true;
        for (size_t a = 0; a < rank; a++) {
            fits = fits && s->given_shape[axis[a]] == s->shape[a];
            stride[a] = row[axis[a]];
        }
        if (fits && strided_close(s, s->shape, stride, 0, rank)) {
            char text[64];
            axes_text(axis, rank, text, sizeof text);
            snprintf(s->text, SPAE_DIAGNOSIS_ROOM,
                     "right after transposing the axes: .transpose(%s)", text);
            return true;
        }
    }
    return false;
}

static bool find_reversed(const study *s)
{
    const size_t rank = s->rank, *shape = s->shape;
    long stride[SPAE_NPY_RANK];
    for (size_t a = 0; a < rank && s->count <= TRANSPOSED_MOST; a++) {
        row_strides(shape, rank, stride);
        const long start = stride[a] * (long)(shape[a] - 1);
        stride[a] = -stride[a];
        if (shape[a] > 1 && strided_close(s, shape, stride, start, rank)) {
            snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "right after reversing axis %zu", a);
            return true;
        }
    }
    return false;
}

/* ---- where it differs ----------------------------------------------------------------------- */

typedef struct {
    size_t low[SPAE_NPY_RANK], high[SPAE_NPY_RANK];
    bool at_ends[SPAE_NPY_RANK]; /* all at the first or last index of the axis */
    size_t count;
} region;

static region where_it_differs(const study *s)
{
    const size_t rank = s->rank, *shape = s->shape;
    region g = {.count = 0};
    for (size_t a = 0; a < rank; a++) {
        g.low[a] = shape[a];
        g.at_ends[a] = true;
    }
    for (size_t i = 0; i < s->count; i++) {
        size_t rest = i;
        if (is_close(s, s->p[i], s->r[i], s->size))
            continue;
        g.count++;
        for (size_t a = rank; a-- > 0; rest /= shape[a]) {
            const size_t at = rest % shape[a];
            g.low[a] = at < g.low[a] ? at : g.low[a];
            g.high[a] = at > g.high[a] ? at : g.high[a];
            g.at_ends[a] = g.at_ends[a] && (at == 0 || at + 1 == shape[a]);
        }
    }
    return g;
}

static bool find_region(const study *s)
{
    const size_t rank = s->rank, *shape = s->shape;
    const region g = where_it_differs(s);
    if (g.count < 2)
        return false;
    for (size_t a = 0; a < rank; a++)
        if (shape[a] > 1 && g.low[a] == g.high[a]) {
            snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "only values at index %zu of axis %zu are wrong",
                     g.low[a], a);
            return true;
        }
    for (size_t a = 0; a < rank; a++)
        if (shape[a] > 2 && g.at_ends[a]) {
            snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "only values at the ends of axis %zu are wrong",
                     a);
            return true;
        }
    return false;
}

/* ---- other outputs -------------------------------------------------------------------------- */

static spae_status as_doubles(spae_arena *arena, const double *real, const int64_t *whole,
                              size_t count, const double **numbers, spae_error *err)
{
    double *out = real == NULL ? spae_arena_take(arena, count, sizeof *out) : NULL;
    *numbers = real != NULL ? real : out;
    if (*numbers == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "no memory to diagnose %zu values", count);
    for (size_t i = 0; i < count && out != NULL; i++)
        out[i] = (double)whole[i];
    return SPAE_OK;
}

/* Another output of the case with as many values of the same class, that p is close to. */
static spae_status find_other(spae_arena *arena, const spae_vectors *vectors,
                              const spae_manifest_case *item, const spae_reference *reference,
                              study *s, spae_error *err)
{
    const spae_manifest_output *mine = reference->output;
    for (size_t i = 0; i < item->outputs && s->text[0] == '\0'; i++) {
        const spae_manifest_output *o = &item->output[i];
        spae_reference other;
        const double *q = NULL;
        if (o == mine || o->sample.path != NULL || o->array.count != s->count ||
            (o->array.kind == SPAE_NPY_FLOAT) == s->exact)
            continue;
        spae_status status = spae_reference_read(arena, vectors, o, &other, err);
        if (status == SPAE_OK)
            status = as_doubles(arena, other.real, other.whole, s->count, &q, err);
        if (status != SPAE_OK)
            return status;
        if (s->count > 1 && all_close(s, q, 1, 0))
            snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "it is \"%.100s\" of this case", o->name);
    }
    return SPAE_OK;
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* Values in the right shape; those of a sampled output are no neighbours. */
static spae_status diagnose_values(spae_arena *arena, const spae_vectors *vectors,
                                   const spae_manifest_case *item, const spae_reference *reference,
                                   study *s, spae_error *err)
{
    const bool sampled = reference->index != NULL;
    if (!s->exact && all_close(s, s->r, 1, 0)) {
        say(s, "close to the reference everywhere, but less accurate than this level asks");
        return SPAE_OK;
    }
    if (find_factor(s) || sampled || find_transposed(s) || find_reversed(s))
        return SPAE_OK;
    const spae_status status =
        s->path == NULL ? find_other(arena, vectors, item, reference, s, err) : SPAE_OK;
    if (status == SPAE_OK && s->text[0] == '\0')
        find_region(s);
    return status;
}

/* The path of a layout's array before what was found in it. */
static void name_entry(const study *s)
{
    char found[SPAE_DIAGNOSIS_ROOM];
    if (s->path == NULL || s->text[0] == '\0')
        return;
    memcpy(found, s->text, sizeof found);
    snprintf(s->text, SPAE_DIAGNOSIS_ROOM, "%.100s: %.130s", s->path, found);
}

/* The study of the whole, or of one array of its layout. */
static void set_range(study *s, const spae_reference *reference, const spae_port_values *values,
                      size_t entry)
{
    const spae_manifest_output *out = reference->output;
    const bool shaped = values->state == SPAE_PORT_GOOD;
    s->rank = out->array.rank;
    s->shape = out->array.shape;
    s->given_rank = shaped ? s->rank : values->rank; /* axes of length 1 are of no matter */
    s->given_shape = shaped ? s->shape : values->shape;
    if (!shaped || out->entries == 0 || reference->index != NULL)
        return;
    s->p += out->entry[entry].first;
    s->r += out->entry[entry].first;
    s->count = out->entry[entry].count;
    s->rank = s->given_rank = out->entry[entry].rank;
    s->shape = s->given_shape = out->entry[entry].shape;
    s->path = out->entry[entry].path;
}

spae_status spae_diagnose(spae_arena *arena, const spae_vectors *vectors,
                          const spae_manifest_case *item, const spae_reference *reference,
                          const spae_port_values *values, size_t entry,
                          char text[SPAE_DIAGNOSIS_ROOM], spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    study s = {.count = reference->count, .exact = reference->real == NULL, .text = text};
    text[0] = '\0';
    spae_status status =
        as_doubles(arena, values->given.real, values->given.whole, s.count, &s.p, err);
    if (status == SPAE_OK)
        status = as_doubles(arena, reference->real, reference->whole, s.count, &s.r, err);
    if (status == SPAE_OK && s.count > 0) {
        set_range(&s, reference, values, entry);
        s.size = spae_judge_rms(s.r, s.count);
        const bool found = s.count == 0 || find_not_finite(&s) || find_constant(&s);
        if (!found && values->state == SPAE_PORT_GOOD)
            status = diagnose_values(arena, vectors, item, reference, &s, err);
        else if (!found && !find_transposed(&s) && all_close(&s, s.r, 1, 0))
            say(&s, "the values are right in C order, only the shape is not");
        name_entry(&s);
    }
    spae_arena_reset(arena, mark);
    return status;
}

/* Parameters from files or from their generator; gradients in full or by probes. */
#include "parameters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* The shape of a parameter in a file: the last `rank` axes. */
static const size_t *file_shape(const spae_parameter *p)
{
    return p->shape.axis + SPAE_AXES - p->rank;
}

static const spae_parameter *find(oracle_case *c, const spae_parameters *parameters, const char *path,
                                  const char *file)
{
    const size_t at = spae_parameters_find(parameters, path);
    if (at == parameters->count)
        oracle_abort(c, "%s: the network has no parameter %s", file, path);
    return &parameters->item[at];
}

/* ---- params npz ---- */

static void read_npz(oracle_case *c, const spae_parameters *parameters, real *values)
{
    oracle_archive archive;
    oracle_open(c, "params", &archive);
    for (size_t i = 0; i < archive.npz.count; i++)
        find(c, parameters, archive.npz.members[i].name, "params.npz");
    for (size_t i = 0; i < parameters->count; i++) {
        const spae_parameter *p = &parameters->item[i];
        const oracle_array a = oracle_member(c, &archive, p->path);
        oracle_want_shape(c, &a, p->rank, file_shape(p));
        memcpy(values + p->first, oracle_reals(c, &a), a.count * sizeof *values);
    }
}

/* ---- params generated: path ndim d0 ... d(ndim-1) offset scale key first last ---- */

static float generated(double offset, double scale, uint64_t key, size_t i)
{
    uint64_t z = key + (uint64_t)(i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    z = z ^ (z >> 31);
    const double u = (double)(z >> 40) / 8388608.0 - 1.0;
    return (float)(offset + scale * u);
}

/* The next word of a line, or the end of the case. */
static char *word(oracle_case *c, char **line, const char *path)
{
    char *start = *line, *end = start + strcspn(start, " ");
    if (end == start)
        oracle_abort(c, "params.txt: the line of %s is too short", path);
    *line = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return start;
}

static double number(oracle_case *c, char **line, const char *path)
{
    char *text = word(c, line, path), *end;
    const double x = strtod(text, &end);
    if (*end != '\0' || !(x - x == 0))
        oracle_abort(c, "params.txt: the line of %s holds %s where a number is due", path, text);
    return x;
}

static uint64_t key_number(oracle_case *c, char **line, const char *path)
{
    char *text = word(c, line, path), *end;
    const unsigned long long key = strtoull(text, &end, 10);
    if (*end != '\0' || text[0] == '-')
        oracle_abort(c, "params.txt: the line of %s holds %s where a key is due", path, text);
    return key;
}

/* One line: fills the parameter it names and says which. */
static size_t read_line(oracle_case *c, char *line, const spae_parameters *parameters, real *values)
{
    const char *path = word(c, &line, "the first word");
    const spae_parameter *p = find(c, parameters, path, "params.txt");
    oracle_array a = {.name = path, .rank = (size_t)number(c, &line, path)};
    if (a.rank > SPAE_AXES)
        oracle_abort(c, "params.txt: %s has rank %zu", path, a.rank);
    for (size_t i = 0; i < a.rank; i++)
        a.shape[i] = (size_t)number(c, &line, path);
    oracle_want_shape(c, &a, p->rank, file_shape(p));
    const double offset = number(c, &line, path), scale = number(c, &line, path);
    const uint64_t key = key_number(c, &line, path);
    const float first = (float)number(c, &line, path), last = (float)number(c, &line, path);
    const size_t count = spae_shape_count(p->shape);
    for (size_t i = 0; i < count; i++)
        values[p->first + i] = (real)generated(offset, scale, key, i);
    if (generated(offset, scale, key, 0) != first || generated(offset, scale, key, count - 1) != last)
        oracle_abort(c, "params.txt: %s starts or ends with another value than the line says", path);
    return (size_t)(p - parameters->item);
}

static void read_generated(oracle_case *c, const spae_parameters *parameters, real *values)
{
    const uint8_t *bytes;
    size_t size;
    spae_error err;
    if (spae_file_read_all(c->arena, oracle_text(c, "%s/params.txt", c->directory), (size_t)1 << 26, &bytes, &size,
                           &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    char *text = oracle_take(c, size + 1, 1);
    bool *seen = oracle_take(c, parameters->count, sizeof *seen);
    memcpy(text, bytes, size);
    text[size] = '\0';
    memset(seen, 0, parameters->count * sizeof *seen);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const size_t at = read_line(c, line, parameters, values);
        if (seen[at])
            oracle_abort(c, "params.txt: %s is there twice", parameters->item[at].path);
        seen[at] = true;
    }
    for (size_t i = 0; i < parameters->count; i++)
        if (!seen[i])
            oracle_abort(c, "params.txt: there is no %s", parameters->item[i].path);
}

real *oracle_read_parameters(oracle_case *c, const spae_parameters *parameters)
{
    const char *source = oracle_key(c, "params");
    real *values = oracle_take(c, parameters->elements, sizeof *values);
    if (strcmp(source, "npz") == 0)
        read_npz(c, parameters, values);
    else if (strcmp(source, "generated") == 0)
        read_generated(c, parameters, values);
    else
        oracle_abort(c, "case.txt: params is %s, expected npz or generated", source);
    return values;
}

/* ---- gradients ---- */

typedef struct {
    oracle_archive index, value, stats;
} probes;

/* Sums over the whole tensor that the file has too: g, g^2, |g|, s g. */
static void sums_of(const real *g, size_t n, double sum[4])
{
    sum[0] = sum[1] = sum[2] = sum[3] = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)g[i];
        const uint32_t hash = (uint32_t)((uint32_t)i * UINT32_C(2654435761));
        sum[0] += x;
        sum[1] += x * x;
        sum[2] += fabs(x);
        sum[3] += (hash >> 31) != 0 ? -x : x;
    }
}

static void compare_sums(oracle_case *c, const char *path, const double stats[4], const real *g, size_t n)
{
    double sum[4];
    sums_of(g, n, sum);
    const double rms = sqrt(stats[1] / (double)n);
    const double bound = (double)n * c->tol_abs + c->tol_rel * (stats[2] + (double)n * rms);
    oracle_compare_bound(c, path, "sum", sum[0], stats[0], bound);
    oracle_compare_bound(c, path, "sum of squares", sum[1], stats[1],
                         4 * c->tol_rel * stats[1] + 2 * c->tol_abs * stats[2]);
    oracle_compare_bound(c, path, "sum of magnitudes", sum[2], stats[2], bound);
    oracle_compare_bound(c, path, "signed sum", sum[3], stats[3], bound);
}

static void compare_probes(oracle_case *c, const probes *p, const char *path, const real *g, size_t n)
{
    const oracle_array index = oracle_member(c, &p->index, path), value = oracle_member(c, &p->value, path);
    const oracle_array stats = oracle_member(c, &p->stats, path);
    oracle_want_shape(c, &stats, 1, (const size_t[]){4});
    if (!index.integer || value.integer || stats.integer || index.count != value.count)
        oracle_abort(c, "%s: probes of unequal number or wrong type", path);
    oracle_want_below(c, &index, n);
    const double rms = sqrt(stats.number[1] / (double)n);
    for (size_t i = 0; i < index.count; i++) {
        const size_t at = (size_t)index.index[i];
        oracle_compare_number(c, value.name, at, (double)g[at], value.number[i], rms);
    }
    compare_sums(c, path, stats.number, g, n);
    c->compared++;
}

void oracle_compare_parameter_gradients(oracle_case *c, const spae_parameters *parameters, const spae_var *gradient)
{
    oracle_archive full;
    probes p;
    const bool probed = c->grads == ORACLE_PROBES;
    oracle_open(c, "gparams", &full);
    if (probed) {
        oracle_open(c, "gprobe_index", &p.index);
        oracle_open(c, "gprobe_value", &p.value);
        oracle_open(c, "gprobe_stats", &p.stats);
    }
    for (size_t i = 0; i < parameters->count; i++) {
        const spae_parameter *item = &parameters->item[i];
        if (probed && !oracle_has(&full, item->path)) {
            compare_probes(c, &p, item->path, gradient[i]->value, spae_shape_count(item->shape));
        } else {
            const oracle_array a = oracle_member(c, &full, item->path);
            oracle_want_shape(c, &a, item->rank, file_shape(item));
            oracle_compare_array(c, &a, item->shape, gradient[i]->value);
        }
    }
}

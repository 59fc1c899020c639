/* Reading a case: case.txt, then arrays as the operation asks for them. */
#include "case.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_LIMIT ((size_t)1 << 20) /* bytes of case.txt */
#define FILE_LIMIT (SIZE_MAX / 2)     /* of arrays: what fits the memory */

void oracle_abort(oracle_case *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->failure, sizeof c->failure, format, arguments);
    va_end(arguments);
    for (char *at = c->failure; *at != '\0'; at++) /* one line, whatever bytes a broken file put into it */
        if (*at < ' ' || *at > '~')
            *at = '?';
    longjmp(c->end, 1);
}

void *oracle_take(oracle_case *c, size_t count, size_t size)
{
    void *memory = spae_arena_take(c->arena, count, size);
    if (memory == NULL)
        oracle_abort(c, "no memory for %zu elements", count);
    return memory;
}

const char *oracle_text(oracle_case *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = oracle_take(c, (size_t)length + 1, 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

/* ---- case.txt ---- */

static const char *find_key(const oracle_case *c, const char *key)
{
    for (size_t i = 0; i < c->keys; i++)
        if (strcmp(c->key[i], key) == 0)
            return c->value[i];
    return NULL;
}

static void add_line(oracle_case *c, char *line, size_t number)
{
    char *space = strchr(line, ' ');
    if (space == NULL || space == line)
        oracle_abort(c, "case.txt: line %zu is no \"key value\"", number);
    *space = '\0';
    if (find_key(c, line) != NULL)
        oracle_abort(c, "case.txt: line %zu: %s is there twice", number, line);
    if (c->keys == ORACLE_KEYS)
        oracle_abort(c, "case.txt: more than %d lines", ORACLE_KEYS);
    c->key[c->keys] = line;
    c->value[c->keys++] = space + 1;
}

static void split_lines(oracle_case *c, char *text)
{
    for (size_t number = 1; *text != '\0'; number++) {
        char *end = strchr(text, '\n');
        if (end != NULL)
            *end = '\0';
        add_line(c, text, number);
        text = end != NULL ? end + 1 : text + strlen(text);
    }
}

static oracle_grads grads_of(oracle_case *c)
{
    const char *value = oracle_key(c, "grads");
    if (strcmp(value, "none") != 0 && strcmp(value, "full") != 0 && strcmp(value, "probes") != 0)
        oracle_abort(c, "case.txt: grads is %s, expected none, full or probes", value);
    return value[0] == 'n' ? ORACLE_NONE : value[0] == 'f' ? ORACLE_FULL : ORACLE_PROBES;
}

static void check_params(oracle_case *c)
{
    const char *value = oracle_key(c, "params"), *const known[] = {"none", "files", "npz", "generated"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(value, known[i]) == 0)
            return;
    oracle_abort(c, "case.txt: params is %s, expected none, files, npz or generated", value);
}

void oracle_read_case(oracle_case *c)
{
    const uint8_t *bytes;
    size_t size;
    spae_error err;
    if (spae_file_read_all(c->arena, oracle_text(c, "%s/case.txt", c->directory), TEXT_LIMIT, &bytes, &size,
                           &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    if (size == 0 || memchr(bytes, '\0', size) != NULL)
        oracle_abort(c, "case.txt: empty, or no text");
    char *text = oracle_take(c, size + 1, 1);
    memcpy(text, bytes, size);
    text[size] = '\0';
    split_lines(c, text);
    if (strcmp(c->key[0], "op") != 0)
        oracle_abort(c, "case.txt: the first line is %s, expected op", c->key[0]);
    c->op = c->value[0];
    check_params(c);
    c->grads = grads_of(c);
    c->tol_rel = oracle_number(c, "tol_rel");
    c->tol_abs = oracle_number(c, "tol_abs");
    if (c->tol_rel < 0 || c->tol_abs < 0)
        oracle_abort(c, "case.txt: a tolerance is negative");
}

/* ---- keys ---- */

const char *oracle_key(oracle_case *c, const char *key)
{
    const char *value = find_key(c, key);
    if (value == NULL)
        oracle_abort(c, "case.txt: there is no key %s", key);
    return value;
}

size_t oracle_items(oracle_case *c, const char *key)
{
    size_t count = 0;
    for (const char *at = oracle_key(c, key); *at != '\0'; count++) {
        at += strspn(at, " ");
        at += strcspn(at, " ");
    }
    return count;
}

void oracle_numbers(oracle_case *c, const char *key, size_t count, double *out)
{
    const char *at = oracle_key(c, key);
    for (size_t i = 0; i < count; i++) {
        char *end;
        out[i] = strtod(at, &end);
        if (end == at || (*end != ' ' && *end != '\0') || !(out[i] - out[i] == 0))
            oracle_abort(c, "case.txt: item %zu of %s is no number", i + 1, key);
        at = end;
    }
    if (at[strspn(at, " ")] != '\0')
        oracle_abort(c, "case.txt: %s has more than %zu items", key, count);
}

double oracle_number(oracle_case *c, const char *key)
{
    double number;
    oracle_numbers(c, key, 1, &number);
    return number;
}

void oracle_sizes(oracle_case *c, const char *key, size_t count, size_t least, size_t most, size_t *out)
{
    double *number = oracle_take(c, count, sizeof *number);
    oracle_numbers(c, key, count, number);
    for (size_t i = 0; i < count; i++) {
        if (!(number[i] >= (double)least && number[i] <= (double)most) || number[i] != floor(number[i]))
            oracle_abort(c, "case.txt: item %zu of %s is %g, expected a whole number from %zu to %zu", i + 1, key,
                         number[i], least, most);
        out[i] = (size_t)number[i];
    }
}

size_t oracle_size(oracle_case *c, const char *key, size_t least, size_t most)
{
    size_t size;
    oracle_sizes(c, key, 1, least, most, &size);
    return size;
}

bool oracle_flag(oracle_case *c, const char *key)
{
    return oracle_size(c, key, 0, 1) == 1;
}

void oracle_expect(oracle_case *c, const char *key, const char *value)
{
    if (strcmp(oracle_key(c, key), value) != 0)
        oracle_abort(c, "case.txt: %s is %s, expected %s", key, oracle_key(c, key), value);
}

/* ---- arrays ---- */

static spae_source whole_file(oracle_case *c, const char *name, const char *ending)
{
    const char *path = oracle_text(c, "%s/%s.%s", c->directory, name, ending);
    const uint8_t *bytes;
    size_t size;
    spae_error err;
    if (spae_file_read_all(c->arena, path, FILE_LIMIT, &bytes, &size, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    return spae_source_memory(bytes, size, path);
}

static oracle_array read_from(oracle_case *c, const spae_source *source, const spae_npy_header *header,
                              const char *name)
{
    oracle_array a = {.name = name, .rank = header->rank, .count = header->count};
    spae_error err;
    spae_status status;
    if (header->count == 0)
        oracle_abort(c, "%s: the array is empty", name);
    memcpy(a.shape, header->shape, sizeof a.shape);
    a.integer = header->kind == SPAE_NPY_INT;
    if (a.integer) {
        a.index = oracle_take(c, a.count, sizeof *a.index);
        status = spae_npy_read_int32(source, header, a.index, &err);
    } else {
        a.number = oracle_take(c, a.count, sizeof *a.number);
        status = spae_npy_read_double(source, header, a.number, &err);
    }
    if (status != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    return a;
}

oracle_array oracle_read(oracle_case *c, const char *name)
{
    const spae_source source = whole_file(c, name, "npy");
    spae_npy_header header;
    spae_error err;
    if (spae_npy_read_header(&source, 0, source.size, &header, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    return read_from(c, &source, &header, name);
}

oracle_array oracle_read_int32(oracle_case *c, const char *name)
{
    const oracle_array a = oracle_read(c, name);
    if (!a.integer)
        oracle_abort(c, "%s: expected int32", name);
    return a;
}

void oracle_open(oracle_case *c, const char *name, oracle_archive *archive)
{
    spae_error err;
    archive->name = name;
    archive->source = whole_file(c, name, "npz");
    if (spae_npz_open(c->arena, &archive->source, NULL, &archive->npz, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
}

bool oracle_has(const oracle_archive *archive, const char *key)
{
    return spae_npz_find(&archive->npz, key) != NULL;
}

oracle_array oracle_member(oracle_case *c, const oracle_archive *archive, const char *key)
{
    spae_npz_array array;
    spae_error err;
    if (spae_npz_array_open(c->arena, &archive->npz, key, &array, &err) != SPAE_OK)
        oracle_abort(c, "%s", err.text);
    return read_from(c, &array.source, &array.header, oracle_text(c, "%s:%s", archive->name, key));
}

real *oracle_reals(oracle_case *c, const oracle_array *a)
{
    if (a->integer)
        oracle_abort(c, "%s: expected floating point numbers", a->name);
    real *x = oracle_take(c, a->count, sizeof *x);
    for (size_t i = 0; i < a->count; i++)
        x[i] = (real)a->number[i];
    return x;
}

/* ---- shapes ---- */

static const char *shape_text(oracle_case *c, size_t rank, const size_t *shape)
{
    const char *text = "(";
    for (size_t i = 0; i < rank; i++)
        text = oracle_text(c, "%s%s%zu", text, i > 0 ? "," : "", shape[i]);
    return oracle_text(c, "%s)", text);
}

void oracle_want_shape(oracle_case *c, const oracle_array *a, size_t rank, const size_t *shape)
{
    if (a->rank != rank || memcmp(a->shape, shape, rank * sizeof *shape) != 0)
        oracle_abort(c, "%s: the shape is %s, expected %s", a->name, shape_text(c, a->rank, a->shape),
                     shape_text(c, rank, shape));
}

void oracle_want_below(oracle_case *c, const oracle_array *a, size_t below)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->index[i] < 0 || (size_t)a->index[i] >= below)
            oracle_abort(c, "%s[%zu] is %ld, expected 0 to %zu", a->name, i, (long)a->index[i], below - 1);
}

spae_shape oracle_shape_right(oracle_case *c, const oracle_array *a)
{
    spae_shape shape = spae_shape_of(1, 1, 1, 1, 1);
    if (a->rank < 1 || a->rank > SPAE_AXES)
        oracle_abort(c, "%s: rank %zu, expected 1 to %d", a->name, a->rank, (int)SPAE_AXES);
    for (size_t i = 0; i < a->rank; i++)
        shape.axis[SPAE_AXES - a->rank + i] = a->shape[i];
    return shape;
}

spae_shape oracle_shape_picture(oracle_case *c, const oracle_array *a, size_t ndim)
{
    if (a->rank != ndim + 2)
        oracle_abort(c, "%s: rank %zu, expected %zu", a->name, a->rank, ndim + 2);
    spae_shape shape = oracle_shape_right(c, a);
    if (ndim == 2) { /* (1,N,H,W,C) -> (N,1,H,W,C) */
        shape.axis[SPAE_AXIS_N] = shape.axis[SPAE_AXIS_T];
        shape.axis[SPAE_AXIS_T] = 1;
    }
    return shape;
}

/* One case of the MANIFEST: every member read strictly. Functions fail with what is wrong;
 * manifest.c puts file and line before it. */
#include <string.h>

#include "io/manifest_case.h"

enum { NAME_MOST = 200 };

static const int64_t sizes_most = (int64_t)1 << 36; /* items of one array, as spae_limits */

typedef spae_manifest_reader reader;

/* ---- members -------------------------------------------------------------------------------- */

static spae_status no_memory(reader *r)
{
    return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "no memory for the cases");
}

static bool key_is(const spae_json_node *node, const char *key, size_t length)
{
    return node->key_length == length && memcmp(node->key, key, length) == 0;
}

spae_status spae_manifest_members(reader *r, const spae_json_node *object, const char *what,
                                  const char *needed, const char *optional)
{
    size_t found = 0, due = 0;
    if (object->type != SPAE_JSON_OBJECT)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: expected an object", what);
    for (const char *name = needed; *name != '\0'; due++) {
        const size_t n = strcspn(++name, " ");
        const spae_json_node *m = spae_json_first(r->nodes, object);
        while (m != NULL && !key_is(m, name, n))
            m = spae_json_next(r->nodes, m);
        if (m == NULL)
            return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: a member is missing, due are%s", what,
                             needed);
        name += n;
    }
    for (const char *name = optional; *name != '\0';) {
        const size_t n = strcspn(++name, " ");
        const spae_json_node *m = spae_json_first(r->nodes, object);
        for (; m != NULL; m = spae_json_next(r->nodes, m))
            found += key_is(m, name, n);
        name += n;
    }
    if (due + found != object->count)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: a member is unknown, known are%s%s", what,
                         needed, optional);
    return SPAE_OK;
}

static const spae_json_node *member(const reader *r, const spae_json_node *object, const char *key)
{
    return spae_json_member(r->nodes, object, key);
}

/* A copy in the arena of a string without zeros. */
static spae_status read_text(reader *r, const spae_json_node *node, const char **text)
{
    size_t n = 0;
    char *copy = spae_arena_take(r->arena, node->length + 1, 1);
    if (copy == NULL)
        return no_memory(r);
    const spae_status status = spae_json_string(node, copy, node->length + 1, &n, r->err);
    if (status != SPAE_OK)
        return status;
    if (strlen(copy) != n)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "a text has a zero in it");
    *text = copy;
    return SPAE_OK;
}

spae_status spae_manifest_text(reader *r, const spae_json_node *object, const char *key,
                               const char **text)
{
    return read_text(r, member(r, object, key), text);
}

static spae_status read_hash(reader *r, const spae_json_node *object, const char *key,
                             uint8_t hash[32])
{
    static const char digits[] = "0123456789abcdef";
    const spae_json_node *node = member(r, object, key);
    bool right = node->type == SPAE_JSON_STRING && node->length == 64;
    for (size_t i = 0; right && i < 64; i++) {
        const char *digit = memchr(digits, node->text[i], 16);
        right = digit != NULL;
        if (right)
            hash[i / 2] = (uint8_t)((hash[i / 2] << 4 | (digit - digits)) & 0xff);
    }
    return right ? SPAE_OK
                 : spae_fail(r->err, SPAE_ERR_FORMAT,
                             "\"%s\": expected a SHA-256, 64 lower-case hexadecimal digits", key);
}

/* ---- names ---------------------------------------------------------------------------------- */

/* 1 .. NAME_MOST characters of `allowed`, in parts separated by '/', none empty; parts do not begin
 * with a dot, so that none leads upwards. */
static spae_status check_name(reader *r, const char *name, const char *allowed)
{
    const size_t n = strlen(name);
    bool right = n > 0 && n <= NAME_MOST && name[strspn(name, allowed)] == '\0' &&
                 name[n - 1] != '/' && name[0] != '/' && name[0] != '.' &&
                 strstr(name, "//") == NULL && strstr(name, "/.") == NULL;
    if (right)
        return SPAE_OK;
    char shown[64];
    size_t i = 0;
    for (; i + 1 < sizeof shown && name[i] != '\0'; i++)
        shown[i] = name[i];
    shown[i] = '\0';
    for (i = 0; shown[i] != '\0'; i++)
        if (shown[i] < ' ' || shown[i] > '~')
            shown[i] = '?';
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "\"%s\": no such name is allowed: relative, of [%s], no part empty or with a "
                     "dot first",
                     shown, allowed);
}

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
static const char case_letters[] = LOWER DIGITS "_/";
static const char array_letters[] = LOWER UPPER DIGITS "_";
static const char path_letters[] = LOWER UPPER DIGITS "_-./";

static spae_status read_name(reader *r, const spae_json_node *object, const char *key,
                             const char *allowed, const char **name)
{
    const spae_status status = spae_manifest_text(r, object, key, name);
    return status == SPAE_OK ? check_name(r, *name, allowed) : status;
}

/* ---- arrays --------------------------------------------------------------------------------- */

typedef struct {
    const char *text;
    spae_npy_kind kind;
    size_t item_bytes;
} dtype;

static const dtype dtypes[] = {
    {"<f2", SPAE_NPY_FLOAT, 2}, {"<f4", SPAE_NPY_FLOAT, 4}, {"<f8", SPAE_NPY_FLOAT, 8},
    {"|i1", SPAE_NPY_INT, 1},   {"<i2", SPAE_NPY_INT, 2},   {"<i4", SPAE_NPY_INT, 4},
    {"<i8", SPAE_NPY_INT, 8},   {"|u1", SPAE_NPY_UINT, 1},  {"<u2", SPAE_NPY_UINT, 2},
    {"<u4", SPAE_NPY_UINT, 4},  {"|b1", SPAE_NPY_BOOL, 1},
};

static spae_status read_dtype(reader *r, const spae_json_node *object, spae_manifest_array *array)
{
    const spae_json_node *node = member(r, object, "dtype");
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (node->type == SPAE_JSON_STRING && node->length == 3 &&
            memcmp(node->text, dtypes[i].text, 3) == 0) {
            array->dtype = dtypes[i].text;
            array->kind = dtypes[i].kind;
            array->item_bytes = dtypes[i].item_bytes;
            return SPAE_OK;
        }
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "\"dtype\": expected one of <f2 <f4 <f8 |i1 <i2 <i4 <i8 |u1 <u2 <u4 |b1");
}

static spae_status read_shape(reader *r, const spae_json_node *node, size_t *rank, size_t *shape,
                              size_t *count)
{
    if (node->type != SPAE_JSON_ARRAY || node->count > SPAE_NPY_RANK)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "a shape: expected an array of at most %d sizes",
                         SPAE_NPY_RANK);
    *rank = node->count;
    *count = 1;
    const spae_json_node *axis = spae_json_first(r->nodes, node);
    for (size_t i = 0; i < SPAE_NPY_RANK; i++) {
        int64_t size = 1;
        if (i < *rank && spae_json_integer(axis, 0, sizes_most, &size, NULL) != SPAE_OK)
            return spae_fail(r->err, SPAE_ERR_FORMAT,
                             "a shape: expected whole numbers from 0 to 2^36");
        shape[i] = (size_t)size;
        if (size > 0 && *count > (size_t)(sizes_most / size))
            return spae_fail(r->err, SPAE_ERR_FORMAT, "a shape: more than 2^36 items");
        *count *= (size_t)size;
        axis = axis != NULL ? spae_json_next(r->nodes, axis) : NULL;
    }
    return SPAE_OK;
}

static spae_status read_array(reader *r, const spae_json_node *object, spae_manifest_array *array)
{
    spae_status status = read_dtype(r, object, array);
    if (status == SPAE_OK)
        status =
            read_shape(r, member(r, object, "shape"), &array->rank, array->shape, &array->count);
    if (status == SPAE_OK && array->count > SIZE_MAX / array->item_bytes)
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "a shape: too many bytes for this machine");
    return status;
}

/* Members "file" (or `key`), "sha256", "data". */
static spae_status read_file(reader *r, const spae_json_node *object, const char *key,
                             spae_manifest_file *file)
{
    spae_status status = read_name(r, object, key, path_letters, &file->path);
    if (status == SPAE_OK)
        status = read_hash(r, object, "sha256", file->sha256);
    if (status == SPAE_OK)
        status = read_hash(r, object, "data", file->data);
    return status;
}

/* ---- layouts --------------------------------------------------------------------------------- */

static spae_status read_entry(reader *r, const spae_json_node *node, size_t first,
                              spae_manifest_entry *entry)
{
    const spae_json_node *path = spae_json_first(r->nodes, node);
    if (node->type != SPAE_JSON_ARRAY || node->count != 2)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "\"layout\": expected pairs [path, shape]");
    spae_status status = read_text(r, path, &entry->path);
    if (status == SPAE_OK)
        status = check_name(r, entry->path, path_letters);
    if (status == SPAE_OK)
        status = read_shape(r, spae_json_next(r->nodes, path), &entry->rank, entry->shape,
                            &entry->count);
    entry->first = first;
    return status;
}

/* The entries of a layout fill the array that they cut up. */
static spae_status read_layout(reader *r, const spae_json_node *node,
                               const spae_manifest_array *array,
                               const spae_manifest_entry **entries, size_t *count)
{
    size_t first = 0, n = 0;
    if (node->type != SPAE_JSON_ARRAY || node->count == 0 || array->rank != 1)
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "\"layout\": expected pairs [path, shape], and an array of rank 1");
    spae_manifest_entry *entry = spae_arena_take_zeroed(r->arena, node->count, sizeof *entry);
    if (entry == NULL)
        return no_memory(r);
    for (const spae_json_node *e = spae_json_first(r->nodes, node); e != NULL;
         e = spae_json_next(r->nodes, e)) {
        const spae_status status = read_entry(r, e, first, &entry[n]);
        if (status != SPAE_OK)
            return status;
        if (entry[n].count > array->count - first)
            break;
        first += entry[n++].count;
    }
    if (first != array->count || n != node->count)
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "\"layout\": its arrays do not fill the %zu items of the whole",
                         array->count);
    *entries = entry;
    *count = n;
    return SPAE_OK;
}

/* ---- inputs --------------------------------------------------------------------------------- */

static spae_status read_formula(reader *r, const spae_json_node *node, spae_manifest_input *in)
{
    const spae_json_node *first = spae_json_first(r->nodes, node);
    in->formula = true;
    if (node->type != SPAE_JSON_ARRAY || node->count != 2 ||
        spae_json_double(first, &in->offset, NULL) != SPAE_OK ||
        spae_json_double(spae_json_next(r->nodes, first), &in->scale, NULL) != SPAE_OK)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "\"formula\": expected [offset, scale]");
    return SPAE_OK;
}

static spae_status read_input(reader *r, const spae_json_node *node, spae_manifest_input *in)
{
    const bool stored = member(r, node, "file") != NULL;
    const spae_json_node *formula = member(r, node, "formula"), *layout = member(r, node, "layout");
    spae_status status =
        stored
            ? spae_manifest_members(r, node, "in", " name dtype shape file sha256 data",
                                    " formula layout")
            : spae_manifest_members(r, node, "in", " name dtype shape data formula", " layout");
    if (status == SPAE_OK)
        status = read_name(r, node, "name", array_letters, &in->name);
    if (status == SPAE_OK)
        status = read_array(r, node, &in->array);
    if (status == SPAE_OK && formula != NULL)
        status = read_formula(r, formula, in);
    if (status == SPAE_OK)
        status = layout != NULL ? read_layout(r, layout, &in->array, &in->entry, &in->entries)
                                : SPAE_OK;
    if (status == SPAE_OK)
        status = stored ? read_file(r, node, "file", &in->file)
                        : read_hash(r, node, "data", in->file.data);
    return status;
}

/* ---- outputs -------------------------------------------------------------------------------- */

static spae_status read_compare(reader *r, const spae_json_node *node, spae_manifest_output *out)
{
    static const char *const name[] = {"bits", "real", "tokens"};
    for (size_t i = 0; i < 3; i++)
        if (node->type == SPAE_JSON_STRING && node->length == strlen(name[i]) &&
            memcmp(node->text, name[i], node->length) == 0) {
            out->compare = (spae_compare)i;
            return SPAE_OK;
        }
    return spae_fail(r->err, SPAE_ERR_FORMAT, "\"compare\": expected bits, real or tokens");
}

/* What belongs together: reals have exact values, tokens are whole numbers, only reals and bits are
 * sampled. */
static spae_status check_output(reader *r, const spae_json_node *node, spae_manifest_output *out)
{
    const bool real = out->array.kind == SPAE_NPY_FLOAT;
    const bool exact = member(r, node, "exact") != NULL;
    if ((out->compare == SPAE_COMPARE_REAL && !(real && exact)) || (exact && !real))
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "\"%s\": a real output is of a float type and has \"exact\" values",
                         out->name);
    if (out->compare == SPAE_COMPARE_TOKENS &&
        (real || exact || out->entries > 0 || member(r, node, "sample") != NULL))
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "\"%s\": tokens are of an integer type, without exact, layout and sample",
                         out->name);
    return SPAE_OK;
}

static spae_status read_parts(reader *r, const spae_json_node *node, spae_manifest_output *out)
{
    const spae_json_node *layout = member(r, node, "layout"), *exact = member(r, node, "exact"),
                         *sample = member(r, node, "sample");
    spae_status status = SPAE_OK;
    if (layout != NULL)
        status = read_layout(r, layout, &out->array, &out->entry, &out->entries);
    if (status == SPAE_OK && exact != NULL) {
        status = spae_manifest_members(r, exact, "exact", " file sha256 data", "");
        if (status == SPAE_OK)
            status = read_file(r, exact, "file", &out->exact);
    }
    if (status == SPAE_OK && sample != NULL) {
        status = spae_manifest_members(r, sample, "sample", " index sha256 data", "");
        if (status == SPAE_OK)
            status = read_file(r, sample, "index", &out->sample);
    }
    return status == SPAE_OK ? check_output(r, node, out) : status;
}

static spae_status join(reader *r, const char *first, const char *second, const char **joined)
{
    const size_t n = strlen(first), m = strlen(second);
    char *text = spae_arena_take(r->arena, n + m + 2, 1);
    if (text == NULL)
        return no_memory(r);
    memcpy(text, first, n);
    text[n] = '/';
    memcpy(text + n + 1, second, m + 1);
    *joined = text;
    return SPAE_OK;
}

static spae_status read_output(reader *r, const spae_json_node *node, const char *of,
                               spae_manifest_output *out)
{
    static const char base[] = " name dtype shape compare file sha256 data";
    static const char tokens[] =
        " name dtype shape compare file sha256 data margin runner_up distance cell";
    const spae_json_node *compare = member(r, node, "compare");
    if (compare == NULL)
        return spae_manifest_members(r, node, "out", base, "");
    spae_status status = read_compare(r, compare, out);
    if (status == SPAE_OK)
        status = spae_manifest_members(r, node, "out",
                                       out->compare == SPAE_COMPARE_TOKENS ? tokens : base,
                                       " exact layout sample");
    if (status == SPAE_OK)
        status = read_name(r, node, "name", array_letters, &out->name);
    if (status == SPAE_OK)
        status = join(r, of, out->name, &out->full_name);
    if (status == SPAE_OK)
        status = read_array(r, node, &out->array);
    if (status == SPAE_OK)
        status = read_file(r, node, "file", &out->file);
    return status == SPAE_OK ? read_parts(r, node, out) : status;
}

/* ---- tokens' companions --------------------------------------------------------------------- */

/* The output that "margin" and so on of a tokens output name: of the same case, as many items. */
static spae_status find_companion(reader *r, const spae_manifest_case *c,
                                  const spae_manifest_output *tokens, const spae_json_node *node,
                                  const char *key, bool real, size_t *found)
{
    const spae_json_node *name = member(r, node, key);
    for (size_t i = 0; i < c->outputs; i++)
        if (name->type == SPAE_JSON_STRING && name->length == strlen(c->output[i].name) &&
            memcmp(name->text, c->output[i].name, name->length) == 0 &&
            c->output[i].array.count == tokens->array.count &&
            c->output[i].compare != SPAE_COMPARE_TOKENS && c->output[i].sample.path == NULL &&
            (c->output[i].array.kind == SPAE_NPY_FLOAT) == real) {
            *found = i;
            return SPAE_OK;
        }
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "\"%s\": \"%s\": expected another output of the case, %s, with %zu items",
                     tokens->name, key, real ? "of a float type" : "of whole numbers",
                     tokens->array.count);
}

static spae_status find_companions(reader *r, const spae_manifest_case *c,
                                   const spae_json_node *node, spae_manifest_output *out)
{
    spae_status status = find_companion(r, c, out, node, "margin", true, &out->margin);
    if (status == SPAE_OK)
        status = find_companion(r, c, out, node, "runner_up", false, &out->runner_up);
    if (status == SPAE_OK)
        status = find_companion(r, c, out, node, "distance", true, &out->distance);
    if (status == SPAE_OK)
        status = find_companion(r, c, out, node, "cell", false, &out->cell);
    return status;
}

/* ---- a case --------------------------------------------------------------------------------- */

static spae_status read_inputs(reader *r, const spae_json_node *list, spae_manifest_case *c)
{
    if (list->type != SPAE_JSON_ARRAY)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "\"in\": expected an array");
    spae_manifest_input *in = spae_arena_take_zeroed(r->arena, list->count, sizeof *in);
    if (in == NULL)
        return no_memory(r);
    c->input = in;
    for (const spae_json_node *n = spae_json_first(r->nodes, list); n != NULL;
         n = spae_json_next(r->nodes, n), c->inputs++) {
        const spae_status status = read_input(r, n, &in[c->inputs]);
        if (status != SPAE_OK)
            return status;
    }
    return SPAE_OK;
}

static spae_status read_outputs(reader *r, const spae_json_node *list, spae_manifest_case *c)
{
    if (list->type != SPAE_JSON_ARRAY || list->count == 0)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "\"out\": expected an array of outputs");
    spae_manifest_output *out = spae_arena_take_zeroed(r->arena, list->count, sizeof *out);
    if (out == NULL)
        return no_memory(r);
    c->output = out;
    spae_status status = SPAE_OK;
    const spae_json_node *n = spae_json_first(r->nodes, list);
    for (; n != NULL && status == SPAE_OK; n = spae_json_next(r->nodes, n))
        status = read_output(r, n, c->name, &out[c->outputs++]);
    size_t i = 0;
    for (n = spae_json_first(r->nodes, list); n != NULL && status == SPAE_OK;
         n = spae_json_next(r->nodes, n), i++)
        if (out[i].compare == SPAE_COMPARE_TOKENS)
            status = find_companions(r, c, n, &out[i]);
    return status;
}

/* The one output of a refusal. */
static spae_status read_refusal(reader *r, const spae_json_node *node, spae_manifest_case *c)
{
    spae_manifest_output *out = spae_arena_take_zeroed(r->arena, 1, sizeof *out);
    if (out == NULL)
        return no_memory(r);
    c->refuses = true;
    c->output = out;
    c->outputs = 1;
    out->name = "status";
    spae_status status = spae_manifest_text(r, node, "status", &c->refusal);
    if (status == SPAE_OK)
        status = join(r, c->name, out->name, &out->full_name);
    for (int s = SPAE_ERR_ARGUMENT; status == SPAE_OK && s <= SPAE_ERR_PLATFORM; s++)
        if (strcmp(c->refusal, spae_status_name((spae_status)s)) == 0)
            return SPAE_OK;
    return status != SPAE_OK ? status
                             : spae_fail(r->err, SPAE_ERR_FORMAT,
                                         "\"status\": expected the name of an error status");
}

static spae_status read_level(reader *r, const spae_json_node *node, spae_manifest_case *c)
{
    const spae_json_node *level = member(r, node, "level");
    spae_level due = SPAE_LEVEL_A;
    for (size_t i = 0; i < c->outputs; i++)
        if ((spae_level)c->output[i].compare > due)
            due = (spae_level)c->output[i].compare;
    c->level = due;
    if (level->type != SPAE_JSON_STRING || level->length != 1 ||
        level->text[0] != spae_level_name(due)[0])
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "\"level\": expected %s, the weakest of the case's outputs",
                         spae_level_name(due));
    return SPAE_OK;
}

spae_status spae_manifest_read_case(reader *r, const spae_json_node *node, spae_manifest_case *c)
{
    static const char accepted[] = " name clause level why op with in out";
    static const char refused[] = " name clause level why op with in status";
    const bool refuses = member(r, node, "status") != NULL;
    const spae_json_node *config = member(r, node, "config");
    spae_status status =
        spae_manifest_members(r, node, "the case", refuses ? refused : accepted, " config");
    if (status == SPAE_OK)
        status = read_name(r, node, "name", case_letters, &c->name);
    if (status == SPAE_OK && strchr(c->name, '/') == NULL)
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "\"%s\": expected \"stage/case\"", c->name);
    if (status == SPAE_OK)
        status = spae_manifest_text(r, node, "clause", &c->clause);
    if (status == SPAE_OK)
        status = spae_manifest_text(r, node, "why", &c->why);
    if (status == SPAE_OK)
        status = spae_manifest_text(r, node, "op", &c->op);
    if (status == SPAE_OK && (member(r, node, "with")->type != SPAE_JSON_OBJECT ||
                              (config != NULL && config->type != SPAE_JSON_OBJECT)))
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "\"with\", \"config\": expected objects");
    if (status == SPAE_OK)
        status = read_inputs(r, member(r, node, "in"), c);
    if (status == SPAE_OK)
        status = refuses ? read_refusal(r, node, c) : read_outputs(r, member(r, node, "out"), c);
    return status == SPAE_OK ? read_level(r, node, c) : status;
}

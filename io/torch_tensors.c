/* Names and tensors of a pickled state (SPEC 8.43).
 *
 * Method    Which values hold tensors is found first, each value once, so that a file in which many
 *           dictionaries share others costs no more than its bytes. Then names are counted, and then
 *           made, by walking what holds tensors.
 */
#include <stdio.h>
#include <stdlib.h>

#include "io/torch_parts.h"
#include "vendor_free/utf8.h"

enum { DEPTH = 64, WORK_PER_BYTE = 64 };

/* Does a value hold a tensor? */
enum { NOT_SEEN, BEING_LOOKED_AT, HOLDS_NONE, HOLDS_SOME };

typedef struct {
    const spae_torch_reader *r;
    uint8_t *holds; /* (values) */
    char name[SPAE_TORCH_NAME];
    size_t count;       /* tensors so far */
    uint64_t work;      /* bytes of their names, and items looked at */
    spae_torch_array *arrays; /* NULL: they are counted */
} walk;

static const spae_pickle_value *value_at(const walk *w, uint32_t cell)
{
    return &w->r->pickle->value[w->r->pickle->cell[cell].value];
}

static uint32_t place_of(const walk *w, const spae_pickle_value *v)
{
    return (uint32_t)(v - w->r->pickle->value);
}

static bool is_container(const spae_pickle_value *v)
{
    return v->kind == SPAE_PICKLE_DICTIONARY || v->kind == SPAE_PICKLE_LIST || v->kind == SPAE_PICKLE_TUPLE;
}

static uint32_t first_cell(const spae_pickle_value *container)
{
    return container->count > 0 ? container->is.cell.first : SPAE_PICKLE_NONE;
}

static uint32_t next_cell(const walk *w, uint32_t cell)
{
    return w->r->pickle->cell[cell].next;
}

static spae_status too_deep(const walk *w, const spae_pickle_value *v)
{
    return spae_torch_broken(w->r, v->offset, "more than 64 dictionaries or lists in each other");
}

/* Fills in `holds` of v and of all that is in it. */
static spae_status look(walk *w, const spae_pickle_value *v, unsigned depth)
{
    uint8_t *here = &w->holds[place_of(w, v)];
    spae_status status = SPAE_OK;
    if (*here == BEING_LOOKED_AT)
        return spae_torch_broken(w->r, v->offset, "a dictionary or list is inside itself");
    if (*here != NOT_SEEN)
        return SPAE_OK;
    *here = v->kind == SPAE_PICKLE_CALL ? HOLDS_SOME : HOLDS_NONE;
    if (!is_container(v))
        return SPAE_OK;
    if (depth == DEPTH)
        return too_deep(w, v);
    *here = BEING_LOOKED_AT;
    bool some = false;
    const bool pairs = v->kind == SPAE_PICKLE_DICTIONARY;
    for (uint32_t cell = first_cell(v); status == SPAE_OK && cell != SPAE_PICKLE_NONE; cell = next_cell(w, cell)) {
        cell = pairs ? next_cell(w, cell) : cell; /* keys hold none */
        status = look(w, value_at(w, cell), depth + 1);
        some = some || w->holds[place_of(w, value_at(w, cell))] == HOLDS_SOME;
    }
    *here = some ? HOLDS_SOME : HOLDS_NONE;
    return status;
}

/* ---- which part of the file ------------------------------------------------------------------ */

static const spae_pickle_value *under_key(const walk *w, const spae_pickle_value *dictionary, const char *key)
{
    for (uint32_t cell = first_cell(dictionary); cell != SPAE_PICKLE_NONE;) {
        const spae_pickle_value *name = value_at(w, cell);
        cell = next_cell(w, cell);
        if (name->kind == SPAE_PICKLE_TEXT && strlen(name->is.text) == name->count &&
            strcmp(name->is.text, key) == 0)
            return value_at(w, cell);
        cell = next_cell(w, cell);
    }
    return NULL;
}

/* From the outermost dictionary inwards, while what is there keeps the state under a known key.
 * Ends: nothing is inside itself. */
static const spae_pickle_value *find_whole(const walk *w, const spae_pickle_value *v)
{
    static const char *const known[] = {"state_dict", "model_state_dict", "model", "module",
                                        "params",     "weights",          "net"};
    for (size_t i = 0; v->kind == SPAE_PICKLE_DICTIONARY && i < sizeof known / sizeof known[0]; i++) {
        const spae_pickle_value *inner = under_key(w, v, known[i]);
        if (inner != NULL && is_container(inner) && w->holds[place_of(w, inner)] == HOLDS_SOME)
            return find_whole(w, inner);
    }
    return v;
}

/* ---- one tensor ------------------------------------------------------------------------------ */

static spae_status bad_tensor(const walk *w, const spae_pickle_value *v, const char *what)
{
    return spae_fail(w->r->err, SPAE_ERR_FORMAT, "%s: %s: byte %llu: tensor %s: %s", w->r->source->name,
                     w->r->place, (unsigned long long)(w->r->start + v->offset), w->name, what);
}

/* A whole number that is none below 0, into *number. */
static bool natural(const spae_pickle_value *v, uint64_t *number)
{
    if (v == NULL || v->kind != SPAE_PICKLE_INTEGER || v->is.number < 0)
        return false;
    *number = (uint64_t)v->is.number;
    return true;
}

static bool read_axes(const walk *w, const spae_pickle_value *tuple, unsigned *rank,
                      uint64_t axis[SPAE_TORCH_RANK])
{
    if (tuple == NULL || tuple->kind != SPAE_PICKLE_TUPLE || tuple->count > SPAE_TORCH_RANK)
        return false;
    *rank = tuple->count;
    for (uint32_t i = 0; i < tuple->count; i++)
        if (!natural(spae_pickle_item(w->r->pickle, tuple, i), &axis[i]))
            return false;
    return true;
}

/* Sizes of 0 are left out of the checks' product, so that (0, 2^60, 2^60) is refused like (1, 2^60,
 * 2^60). */
static bool multiply(const walk *w, const uint64_t *axis, size_t item_bytes, spae_torch_array *a)
{
    const uint64_t most = w->r->limits.max_elements;
    uint64_t product = 1;
    bool empty = false;
    for (unsigned i = 0; i < SPAE_TORCH_RANK; i++)
        a->shape[i] = 1;
    for (unsigned i = 0; i < a->rank; i++) {
        if (axis[i] > SIZE_MAX)
            return false;
        a->shape[i] = (size_t)axis[i];
        empty = empty || axis[i] == 0;
        if (axis[i] == 0)
            continue;
        if (axis[i] > most / product || axis[i] * product > SIZE_MAX / item_bytes)
            return false;
        product *= axis[i];
    }
    a->count = empty ? 0 : (size_t)product;
    return true;
}

/* From the shortest stride to the longest, each must step over all that lies within it: then no two
 * items are the same. False too when the sum overflows. */
static bool no_two_the_same(spae_torch_array *a)
{
    bool used[SPAE_TORCH_RANK] = {false};
    a->extent = 1;
    for (unsigned n = 0; n < a->rank; n++) {
        unsigned least = a->rank;
        for (unsigned i = 0; i < a->rank; i++)
            if (!used[i] && (least == a->rank || a->stride[i] < a->stride[least]))
                least = i;
        used[least] = true;
        if (a->shape[least] == 1)
            continue;
        if (a->stride[least] < a->extent ||
            (uint64_t)a->shape[least] - 1 > (UINT64_MAX - a->extent) / a->stride[least])
            return false;
        a->extent += (a->shape[least] - 1) * a->stride[least];
    }
    return true;
}

/* Does it lie inside its storage, and inside the view of the oldest files? */
static spae_status check_place(const walk *w, const spae_pickle_value *v, size_t item_bytes,
                               spae_torch_array *a)
{
    const spae_torch_storage *s = a->storage;
    if (a->count == 0)
        a->extent = 0;
    else if (!no_two_the_same(a))
        return bad_tensor(w, v, "its strides put two items in one place, or beyond all files");
    const uint64_t room = s->items * spae_torch_types[s->type].item_bytes / item_bytes;
    if (a->first <= room && a->extent <= room - a->first)
        return SPAE_OK;
    return spae_fail(w->r->err, SPAE_ERR_FORMAT,
                     "%s: %s: byte %llu: tensor %s: items %llu to %llu of a storage of %llu",
                     w->r->source->name, w->r->place, (unsigned long long)(w->r->start + v->offset), w->name,
                     (unsigned long long)a->first, (unsigned long long)a->first + a->extent,
                     (unsigned long long)room);
}

/* Where the oldest files begin a view of a storage: (key, first, items) behind the number of items. */
static bool read_view(const walk *w, const spae_pickle_value *storage, uint64_t *first)
{
    const spae_pickle_value *id = spae_pickle_item(w->r->pickle, storage, 0);
    const spae_pickle_value *view = spae_pickle_item(w->r->pickle, id, 5);
    *first = 0;
    if (view == NULL || view->kind == SPAE_PICKLE_OTHER)
        return true;
    return view->kind == SPAE_PICKLE_TUPLE && view->count == 3 &&
           natural(spae_pickle_item(w->r->pickle, view, 1), first);
}

/* The type is the storage's; of an untyped one it is said by the call. */
static bool read_type(const walk *w, const spae_pickle_value *arguments, uint32_t call, spae_torch_array *a)
{
    size_t type = a->storage->type;
    if (call == SPAE_TORCH_REBUILD_3) {
        const spae_pickle_value *said = spae_pickle_item(w->r->pickle, arguments, 6);
        if (said == NULL || said->kind != SPAE_PICKLE_GLOBAL || said->count < SPAE_TORCH_STORAGES_END)
            return false;
        type = said->count - SPAE_TORCH_STORAGES_END;
        if (a->storage->type != SPAE_TORCH_UNTYPED && a->storage->type != type)
            return false;
    }
    a->type = spae_torch_types[type].name;
    return type != SPAE_TORCH_UNTYPED;
}

/* _rebuild_tensor(storage, first, shape, strides), _v2 with requires_grad, hooks and maybe more, _v3
 * with the type behind them. */
static spae_status read_call(const walk *w, const spae_pickle_value *v, spae_torch_array *a)
{
    const spae_pickle *p = w->r->pickle;
    const spae_pickle_value *arguments = spae_pickle_item(p, v, 0), *storage;
    uint64_t axis[SPAE_TORCH_RANK], view = 0;
    unsigned strides = 0;
    storage = spae_pickle_item(p, arguments, 0);
    if (storage == NULL || storage->kind != SPAE_PICKLE_PERSISTENT)
        return bad_tensor(w, v, "it has no storage");
    a->storage = spae_torch_find_storage(
        w->r, spae_pickle_item(p, spae_pickle_item(p, storage, 0), 2)->is.text);
    if (!natural(spae_pickle_item(p, arguments, 1), &a->first) || !read_view(w, storage, &view) ||
        a->first > INT64_MAX - view)
        return bad_tensor(w, v, "its first item is no whole number from 0 on");
    a->first += view;
    if (!read_axes(w, spae_pickle_item(p, arguments, 3), &strides, a->stride) ||
        !read_axes(w, spae_pickle_item(p, arguments, 2), &a->rank, axis) || strides != a->rank)
        return bad_tensor(w, v, "expected shape and strides of up to 8 axes, whole numbers from 0 on");
    if (!read_type(w, arguments, v->count, a))
        return bad_tensor(w, v, "its type is not said, or another one than its storage's");
    const size_t item_bytes = spae_torch_types[spae_torch_type_of(a)].item_bytes;
    if (!multiply(w, axis, item_bytes, a))
        return bad_tensor(w, v, "it has more items than the limit");
    return check_place(w, v, item_bytes, a);
}

static spae_status read_tensor(const walk *w, const spae_pickle_value *v, spae_torch_array *a)
{
    if (v->count == SPAE_TORCH_PARAMETER) {
        const spae_pickle_value *inner =
            spae_pickle_item(w->r->pickle, spae_pickle_item(w->r->pickle, v, 0), 0);
        if (inner == NULL || inner->kind != SPAE_PICKLE_CALL || inner->count == SPAE_TORCH_PARAMETER)
            return bad_tensor(w, v, "a parameter of something else than a tensor");
        v = inner;
    }
    return read_call(w, v, a);
}

size_t spae_torch_type_of(const spae_torch_array *array)
{
    size_t type = 0;
    while (type < SPAE_TORCH_TYPES && strcmp(spae_torch_types[type].name, array->type) != 0)
        type++;
    return type;
}

/* ---- all tensors ----------------------------------------------------------------------------- */

static spae_status keep_tensor(walk *w, const spae_pickle_value *v, size_t length)
{
    const spae_torch_reader *r = w->r;
    if (w->arrays == NULL) {
        w->count++;
        w->work += length + 1;
        if (w->count > r->limits.max_members)
            return spae_torch_broken(r, v->offset, "more tensors than the limit");
        return SPAE_OK;
    }
    char *name = spae_arena_take(r->arena, length + 1, 1);
    if (name == NULL)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for the names of its tensors",
                         r->source->name);
    memcpy(name, w->name, length + 1);
    spae_torch_array *a = &w->arrays[w->count++];
    *a = (spae_torch_array){.name = name};
    return read_tensor(w, v, a);
}

/* Adds a key to the name of `length` bytes; returns the new length, 0: it is no key of a name. */
static size_t add_key(walk *w, size_t length, const spae_pickle_value *key, uint32_t index)
{
    char number[24];
    const char *text = number;
    if (key == NULL || key->kind == SPAE_PICKLE_INTEGER)
        snprintf(number, sizeof number, "%lld", key != NULL ? (long long)key->is.number : (long long)index);
    else if (key->kind == SPAE_PICKLE_TEXT && strlen(key->is.text) == key->count)
        text = key->is.text;
    else
        return 0;
    const size_t n = strlen(text), dot = length > 0 ? 1 : 0;
    if (n == 0 || length + dot + n + 1 > SPAE_TORCH_NAME || !spae_utf8_valid((const uint8_t *)text, n))
        return 0;
    w->name[length] = '.';
    memcpy(w->name + length + dot, text, n + 1);
    return length + dot + n;
}

static spae_status visit(walk *w, const spae_pickle_value *v, size_t length, unsigned depth)
{
    spae_status status = SPAE_OK;
    uint32_t index = 0;
    if (v->kind == SPAE_PICKLE_CALL)
        return keep_tensor(w, v, length);
    if (depth == DEPTH)
        return too_deep(w, v);
    for (uint32_t cell = first_cell(v); status == SPAE_OK && cell != SPAE_PICKLE_NONE;
         cell = next_cell(w, cell), index++) {
        const spae_pickle_value *key = NULL;
        if (++w->work > (uint64_t)WORK_PER_BYTE * w->r->pickle->bytes)
            return spae_torch_broken(w->r, v->offset, "dictionaries that share others name too much");
        if (v->kind == SPAE_PICKLE_DICTIONARY) {
            key = value_at(w, cell);
            cell = next_cell(w, cell);
        }
        const spae_pickle_value *item = value_at(w, cell);
        if (w->holds[place_of(w, item)] != HOLDS_SOME)
            continue;
        const size_t longer = add_key(w, length, key, index);
        status = longer > 0 ? visit(w, item, longer, depth + 1)
                            : spae_torch_broken(w->r, key != NULL ? key->offset : v->offset,
                                                "a key over a tensor that is no text of 1 to 511 bytes "
                                                "of UTF-8 with all around it, and no number");
        w->name[length] = '\0';
    }
    return status;
}

static int compare_names(const void *a, const void *b)
{
    const spae_torch_array *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* Leaves out what DataParallel puts before every name. */
static void strip_module(spae_torch_array *arrays, size_t count)
{
    static const char prefix[] = "module.";
    const size_t n = sizeof prefix - 1;
    for (size_t i = 0; i < count; i++)
        if (strncmp(arrays[i].name, prefix, n) != 0 || arrays[i].name[n] == '\0')
            return;
    for (size_t i = 0; i < count; i++)
        arrays[i].name += n;
}

static spae_status sort_names(const spae_torch_reader *r, spae_torch_array *arrays, spae_torch_file *file)
{
    const spae_torch_array **order = spae_arena_take(r->arena, file->count, sizeof *order);
    if (order == NULL)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tensors", r->source->name,
                         file->count);
    for (size_t i = 0; i < file->count; i++)
        order[i] = &arrays[i];
    qsort(order, file->count, sizeof *order, compare_names);
    for (size_t i = 1; i < file->count; i++)
        if (strcmp(order[i - 1]->name, order[i]->name) == 0)
            return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: %s: two tensors are called %s", r->source->name,
                             r->place, order[i]->name);
    file->arrays = arrays;
    file->by_name = order;
    return SPAE_OK;
}

/* Counts the tensors below `whole`, then makes them. */
static spae_status make_arrays(walk *w, const spae_pickle_value *whole, spae_torch_file *file)
{
    spae_status status = visit(w, whole, 0, 0);
    if (status != SPAE_OK)
        return status;
    file->count = w->count;
    spae_torch_array *arrays = spae_arena_take(w->r->arena, w->count, sizeof *arrays);
    if (arrays == NULL)
        return spae_fail(w->r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu tensors", w->r->source->name,
                         w->count);
    w->arrays = arrays;
    w->count = 0;
    w->work = 0;
    status = visit(w, whole, 0, 0);
    if (status != SPAE_OK)
        return status;
    strip_module(arrays, file->count);
    return sort_names(w->r, arrays, file);
}

spae_status spae_torch_find_tensors(const spae_torch_reader *r, spae_torch_file *file)
{
    const spae_pickle_value *root = &r->pickle->value[r->pickle->root];
    walk w = {.r = r, .holds = spae_arena_take_zeroed(r->arena, r->pickle->values, 1)};
    if (w.holds == NULL)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu values", r->source->name,
                         (size_t)r->pickle->values);
    if (root->kind != SPAE_PICKLE_DICTIONARY)
        return spae_torch_broken(r, root->offset, "expected a dictionary of tensors");
    const spae_status status = look(&w, root, 0);
    return status == SPAE_OK ? make_arrays(&w, find_whole(&w, root), file) : status;
}

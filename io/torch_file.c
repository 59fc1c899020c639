/* The two forms of torch.save (SPEC 8.42): where the pickle is, and where the storages are. */
#include <stdlib.h>

#include "io/torch_parts.h"

/* ---- tables ---------------------------------------------------------------------------------- */

const spae_torch_type spae_torch_types[SPAE_TORCH_TYPES + 1] = {
    {"float64", SPAE_NPY_FLOAT, 8, false}, {"float32", SPAE_NPY_FLOAT, 4, false},
    {"float16", SPAE_NPY_FLOAT, 2, false}, {"bfloat16", SPAE_NPY_FLOAT, 2, true},
    {"int64", SPAE_NPY_INT, 8, false},     {"int32", SPAE_NPY_INT, 4, false},
    {"int16", SPAE_NPY_INT, 2, false},     {"int8", SPAE_NPY_INT, 1, false},
    {"uint8", SPAE_NPY_UINT, 1, false},    {"bool", SPAE_NPY_BOOL, 1, false},
    {"uint16", SPAE_NPY_UINT, 2, false},   {"uint32", SPAE_NPY_UINT, 4, false},
    {"uint64", SPAE_NPY_UINT, 8, false},   {"bytes", SPAE_NPY_UINT, 1, false}};

const spae_pickle_global spae_torch_globals[SPAE_TORCH_GLOBALS] = {
    {"collections", "OrderedDict", SPAE_PICKLE_ORDERED},
    {"torch._utils", "_rebuild_tensor", SPAE_PICKLE_CALLED},
    {"torch._utils", "_rebuild_tensor_v2", SPAE_PICKLE_CALLED},
    {"torch._utils", "_rebuild_tensor_v3", SPAE_PICKLE_CALLED},
    {"torch._utils", "_rebuild_parameter", SPAE_PICKLE_CALLED},
    {"torch", "DoubleStorage", SPAE_PICKLE_NAMED},
    {"torch", "FloatStorage", SPAE_PICKLE_NAMED},
    {"torch", "HalfStorage", SPAE_PICKLE_NAMED},
    {"torch", "BFloat16Storage", SPAE_PICKLE_NAMED},
    {"torch", "LongStorage", SPAE_PICKLE_NAMED},
    {"torch", "IntStorage", SPAE_PICKLE_NAMED},
    {"torch", "ShortStorage", SPAE_PICKLE_NAMED},
    {"torch", "CharStorage", SPAE_PICKLE_NAMED},
    {"torch", "ByteStorage", SPAE_PICKLE_NAMED},
    {"torch", "BoolStorage", SPAE_PICKLE_NAMED},
    {"torch.storage", "UntypedStorage", SPAE_PICKLE_NAMED},
    {"torch", "UntypedStorage", SPAE_PICKLE_NAMED},
    {"torch", "float64", SPAE_PICKLE_NAMED},
    {"torch", "float32", SPAE_PICKLE_NAMED},
    {"torch", "float16", SPAE_PICKLE_NAMED},
    {"torch", "bfloat16", SPAE_PICKLE_NAMED},
    {"torch", "int64", SPAE_PICKLE_NAMED},
    {"torch", "int32", SPAE_PICKLE_NAMED},
    {"torch", "int16", SPAE_PICKLE_NAMED},
    {"torch", "int8", SPAE_PICKLE_NAMED},
    {"torch", "uint8", SPAE_PICKLE_NAMED},
    {"torch", "bool", SPAE_PICKLE_NAMED},
    {"torch", "uint16", SPAE_PICKLE_NAMED},
    {"torch", "uint32", SPAE_PICKLE_NAMED},
    {"torch", "uint64", SPAE_PICKLE_NAMED},
};

/* 0x1950a86a20f9469cfc6c, the lowest byte first. */
static const uint8_t magic[10] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

enum { OLD_PROTOCOL = 1001 };

/* ---- which form ------------------------------------------------------------------------------ */

static const char ending[] = "data.pkl";

static bool is_state(const spae_npz_member *member)
{
    const char *name = member->name;
    const size_t n = strlen(name), m = sizeof ending - 1;
    return n == member->name_bytes && n >= m && strcmp(name + n - m, ending) == 0 &&
           (n == m || name[n - m - 1] == '/');
}

bool spae_torch_is_zip(const spae_npz *zip)
{
    for (size_t i = 0; i < zip->count; i++)
        if (is_state(&zip->members[i]))
            return true;
    return false;
}

/* Protocol 2 and above begin with PROTO; below, the magic number is the first line. */
bool spae_torch_is_old(const uint8_t *start, size_t size)
{
    static const char line[] = "L11954703714603";
    const bool pickled = size >= 2 && start[0] == 0x80 && start[1] >= 2 && start[1] <= 5;
    return pickled || (size >= sizeof line - 1 && memcmp(start, line, sizeof line - 1) == 0);
}

/* ---- errors ---------------------------------------------------------------------------------- */

spae_status spae_torch_broken(const spae_torch_reader *r, uint32_t offset, const char *what)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: %s: byte %llu: %s", r->source->name, r->place,
                     (unsigned long long)(r->start + offset), what);
}

static spae_status no_memory(const spae_torch_reader *r)
{
    return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for its %zu storages",
                     r->source->name, r->storages);
}

static spae_status wrong_size(const spae_torch_reader *r, const spae_torch_storage *s,
                              uint64_t found, const char *what)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT,
                     "%s: %s: byte %llu: storage %s is of %llu items of %s, found %llu %s",
                     r->source->name, r->place, (unsigned long long)(r->start + s->offset), s->key,
                     (unsigned long long)s->items, spae_torch_types[s->type].name,
                     (unsigned long long)found, what);
}

/* ---- storages -------------------------------------------------------------------------------- */

/* ('storage', type, key, location, items[, view]) */
static spae_status read_id(const spae_torch_reader *r, const spae_pickle_value *v,
                           spae_torch_storage *s)
{
    const spae_pickle_value *id = spae_pickle_item(r->pickle, v, 0), *item[5];
    if (id->kind != SPAE_PICKLE_TUPLE || id->count < 5 || id->count > 6)
        return spae_torch_broken(r, v->offset, "a persistent id that is no storage");
    for (size_t i = 0; i < 5; i++)
        item[i] = spae_pickle_item(r->pickle, id, i);
    if (item[0]->kind != SPAE_PICKLE_TEXT || strcmp(item[0]->is.text, "storage") != 0 ||
        item[1]->kind != SPAE_PICKLE_GLOBAL || item[1]->count < SPAE_TORCH_STORAGE ||
        item[1]->count >= SPAE_TORCH_STORAGES_END || item[2]->kind != SPAE_PICKLE_TEXT ||
        strlen(item[2]->is.text) != item[2]->count || item[4]->kind != SPAE_PICKLE_INTEGER ||
        item[4]->is.number < 0)
        return spae_torch_broken(r, v->offset, "a persistent id that is no storage");
    const size_t type = item[1]->count - SPAE_TORCH_STORAGE;
    *s = (spae_torch_storage){.key = item[2]->is.text,
                              .offset = v->offset,
                              .type = type < 10 ? type : SPAE_TORCH_UNTYPED,
                              .items = (uint64_t)item[4]->is.number};
    if (s->items > UINT64_MAX / 8)
        return spae_torch_broken(r, v->offset, "a storage of more items than any file holds");
    return SPAE_OK;
}

static int by_key(const void *a, const void *b)
{
    const spae_torch_storage *left = a, *right = b;
    const int order = strcmp(left->key, right->key);
    return order != 0 ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

/* Each storage once; all that name it must say the same of it. */
static spae_status keep_first(spae_torch_reader *r, size_t named)
{
    spae_torch_storage *s = r->storage;
    for (size_t i = 0; i < named; i++) {
        spae_torch_storage *last = r->storages > 0 ? &s[r->storages - 1] : NULL;
        if (last == NULL || strcmp(last->key, s[i].key) != 0)
            s[r->storages++] = s[i];
        else if (last->type != s[i].type || last->items != s[i].items)
            return spae_torch_broken(r, s[i].offset,
                                     "a storage has another type or size than was said before");
    }
    return SPAE_OK;
}

spae_status spae_torch_find_storages(spae_torch_reader *r)
{
    const spae_pickle *p = r->pickle;
    size_t named = 0;
    for (uint32_t i = 0; i < p->values; i++)
        named += p->value[i].kind == SPAE_PICKLE_PERSISTENT;
    if (named > r->limits.max_members)
        return spae_torch_broken(r, 0, "more storages than the limit");
    r->storage = spae_arena_take(r->arena, named, sizeof *r->storage);
    if (r->storage == NULL)
        return no_memory(r);
    size_t at = 0;
    for (uint32_t i = 0; i < p->values; i++)
        if (p->value[i].kind == SPAE_PICKLE_PERSISTENT) {
            const spae_status status = read_id(r, &p->value[i], &r->storage[at++]);
            if (status != SPAE_OK)
                return status;
        }
    qsort(r->storage, named, sizeof *r->storage, by_key);
    return keep_first(r, named);
}

spae_torch_storage *spae_torch_find_storage(const spae_torch_reader *r, const char *key)
{
    size_t low = 0, high = r->storages;
    while (low < high) { /* here: it is in low .. high - 1, if anywhere */
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(key, r->storage[middle].key);
        if (order == 0)
            return &r->storage[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- the zip form ---------------------------------------------------------------------------- */

/* "<any>/data.pkl" of which there is one; *folder is the length of "<any>/". */
static spae_status find_state(const spae_torch_reader *r, const spae_npz *zip,
                              const spae_npz_member **state, size_t *folder)
{
    *state = NULL;
    for (size_t i = 0; i < zip->count; i++) {
        if (!is_state(&zip->members[i]))
            continue;
        if (*state != NULL)
            return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: both %s and %s: which of them is meant?",
                             r->source->name, (*state)->name, zip->members[i].name);
        *state = &zip->members[i];
    }
    if (*state == NULL)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: no member is called %s", r->source->name, ending);
    *folder = strlen((*state)->name) - (sizeof ending - 1);
    return SPAE_OK;
}

/* The member "<folder><name><key>"; NULL when there is none. */
static spae_status find_member(const spae_torch_reader *r, const spae_npz *zip, size_t folder,
                               const char *name, const char *key, const spae_npz_member **found)
{
    const spae_arena_mark mark = spae_arena_here(r->arena);
    const size_t n = strlen(name), m = strlen(key);
    char *path = spae_arena_take(r->arena, folder + n + m + 1, 1);
    if (path == NULL)
        return no_memory(r);
    memcpy(path, r->place, folder);
    memcpy(path + folder, name, n);
    memcpy(path + folder + n, key, m + 1);
    *found = spae_npz_find(zip, path);
    spae_arena_reset(r->arena, mark);
    return SPAE_OK;
}

static spae_status read_byte_order(const spae_torch_reader *r, const spae_npz *zip, size_t folder,
                                   bool *big_endian)
{
    const spae_arena_mark mark = spae_arena_here(r->arena);
    const spae_npz_member *m = NULL;
    spae_source data;
    char text[8] = "";
    spae_status status = find_member(r, zip, folder, "byteorder", "", &m);
    if (status != SPAE_OK || m == NULL)
        return status; /* without one, as PyTorch wrote before 2.1, the lowest byte comes first */
    status = spae_npz_member_open(r->arena, zip, m, &data, r->err);
    if (status == SPAE_OK && data.size < sizeof text)
        status = spae_source_read(&data, 0, text, (size_t)data.size, r->err);
    *big_endian = strcmp(text, "big") == 0;
    if (status == SPAE_OK && !*big_endian && strcmp(text, "little") != 0)
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "%s: %s: expected \"little\" or \"big\"",
                           r->source->name, m->name);
    spae_arena_reset(r->arena, mark);
    return status;
}

static spae_status place_in_zip(const spae_torch_reader *r, const spae_npz *zip, size_t folder,
                                spae_torch_storage *s)
{
    const spae_status status = find_member(r, zip, folder, "data/", s->key, &s->member);
    if (status != SPAE_OK)
        return status;
    if (s->member == NULL)
        return spae_fail(r->err, SPAE_ERR_FORMAT,
                         "%s: %s: byte %llu: there is no member data/%s beside it", r->source->name,
                         r->place, (unsigned long long)s->offset, s->key);
    if (s->member->bytes != s->items * spae_torch_types[s->type].item_bytes)
        return wrong_size(r, s, s->member->bytes, "bytes");
    s->deflated = s->member->deflated;
    return s->deflated ? SPAE_OK : spae_npz_member_open(r->arena, zip, s->member, &s->data, r->err);
}

static spae_status open_zip(spae_torch_reader *r, spae_torch_file *file)
{
    const spae_npz_member *state;
    spae_source data;
    spae_pickle pickle;
    size_t folder = 0;
    spae_status status = find_state(r, &file->zip, &state, &folder);
    if (status != SPAE_OK)
        return status;
    r->place = state->name;
    if (state->bytes > SPAE_PICKLE_MOST)
        return spae_torch_broken(r, 0, "the pickle is longer than the limit of 2^24 bytes");
    status = read_byte_order(r, &file->zip, folder, &file->big_endian);
    if (status == SPAE_OK)
        status = spae_npz_member_open(r->arena, &file->zip, state, &data, r->err);
    if (status != SPAE_OK)
        return status;
    data.name = r->source->name;
    status = spae_pickle_read(r->arena, &data, r->place, 0, spae_torch_globals, SPAE_TORCH_GLOBALS,
                              &pickle, r->err);
    if (status == SPAE_OK && pickle.bytes != data.size)
        status = spae_torch_broken(r, (uint32_t)pickle.bytes, "bytes behind the pickle's STOP");
    r->pickle = &pickle;
    if (status == SPAE_OK)
        status = spae_torch_find_storages(r);
    for (size_t i = 0; status == SPAE_OK && i < r->storages; i++)
        status = place_in_zip(r, &file->zip, folder, &r->storage[i]);
    return status == SPAE_OK ? spae_torch_find_tensors(r, file) : status;
}

/* ---- the old form ---------------------------------------------------------------------------- */

/* The next pickle, of which messages say `what` it is. */
static spae_status next_pickle(spae_torch_reader *r, const char *what, uint64_t *at,
                               spae_pickle *pickle)
{
    r->place = what;
    r->start = *at;
    const spae_status status = spae_pickle_read(r->arena, r->source, what, *at, spae_torch_globals,
                                                SPAE_TORCH_GLOBALS, pickle, r->err);
    *at += status == SPAE_OK ? pickle->bytes : 0;
    return status;
}

static const spae_pickle_value *root_of(const spae_pickle *pickle)
{
    return &pickle->value[pickle->root];
}

static spae_status read_head(spae_torch_reader *r, uint64_t *at)
{
    const spae_arena_mark mark = spae_arena_here(r->arena);
    spae_pickle p;
    spae_status status = next_pickle(r, "the magic number", at, &p);
    const spae_pickle_value *root = status == SPAE_OK ? root_of(&p) : NULL;
    if (status == SPAE_OK && (root->kind != SPAE_PICKLE_BIG || root->count != sizeof magic ||
                              memcmp(root->is.text, magic, sizeof magic) != 0))
        status = spae_torch_broken(r, 0, "a pickle, but not one of torch.save, whose first value is "
                                         "its magic number");
    if (status == SPAE_OK)
        status = next_pickle(r, "the protocol", at, &p);
    if (status == SPAE_OK && (root_of(&p)->kind != SPAE_PICKLE_INTEGER ||
                              root_of(&p)->is.number != OLD_PROTOCOL))
        status = spae_torch_broken(r, 0, "expected protocol 1001");
    if (status == SPAE_OK)
        status = next_pickle(r, "the facts of the machine", at, &p);
    if (status == SPAE_OK && root_of(&p)->kind != SPAE_PICKLE_DICTIONARY)
        status = spae_torch_broken(r, 0, "expected a dictionary");
    spae_arena_reset(r->arena, mark);
    return status;
}

/* One storage at byte *at: the number of its items, 8 bytes, and the items. */
static spae_status place_in_file(const spae_torch_reader *r, spae_torch_storage *s, uint64_t *at)
{
    uint8_t b[8];
    uint64_t items = 0;
    const spae_status status = spae_source_read(r->source, *at, b, sizeof b, r->err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < sizeof b; i++)
        items |= (uint64_t)b[i] << 8 * i;
    if (items != s->items)
        return wrong_size(r, s, items, "items");
    const uint64_t bytes = items * spae_torch_types[s->type].item_bytes;
    *at += sizeof b;
    if (bytes > r->source->size - *at)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: byte %llu: cut off, storage %s is of %llu bytes",
                         r->source->name, (unsigned long long)*at, s->key, (unsigned long long)bytes);
    s->data = *r->source;
    s->at = *at;
    *at += bytes;
    return SPAE_OK;
}

/* The storages in the order of the list of keys: each once, and all of them. */
static spae_status place_all(const spae_torch_reader *r, const spae_pickle *keys, uint64_t at)
{
    const spae_pickle_value *list = root_of(keys);
    if (list->kind != SPAE_PICKLE_LIST)
        return spae_torch_broken(r, 0, "expected a list of keys");
    if (list->count != r->storages)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: byte %llu: %zu storages are listed, the state has %zu",
                         r->source->name, (unsigned long long)r->start, (size_t)list->count, r->storages);
    uint32_t cell = list->is.cell.first;
    spae_status status = SPAE_OK;
    for (; status == SPAE_OK && cell != SPAE_PICKLE_NONE; cell = keys->cell[cell].next) {
        const spae_pickle_value *key = &keys->value[keys->cell[cell].value];
        spae_torch_storage *s =
            key->kind == SPAE_PICKLE_TEXT ? spae_torch_find_storage(r, key->is.text) : NULL;
        if (s == NULL || s->at != 0)
            return spae_torch_broken(r, key->offset, "no key of a storage of the state, or one twice");
        status = place_in_file(r, s, &at);
    }
    if (status == SPAE_OK && at != r->source->size)
        status = spae_fail(r->err, SPAE_ERR_FORMAT, "%s: byte %llu: after the last storage %llu more bytes",
                           r->source->name, (unsigned long long)at,
                           (unsigned long long)(r->source->size - at));
    return status;
}

static spae_status open_old(spae_torch_reader *r, spae_torch_file *file)
{
    spae_pickle state, keys;
    uint64_t at = 0, state_at = 0;
    spae_status status = read_head(r, &at);
    state_at = at;
    if (status == SPAE_OK)
        status = next_pickle(r, "the state", &at, &state);
    r->pickle = &state;
    if (status == SPAE_OK)
        status = spae_torch_find_storages(r);
    if (status == SPAE_OK)
        status = next_pickle(r, "the keys of the storages", &at, &keys);
    if (status == SPAE_OK)
        status = place_all(r, &keys, at);
    r->place = "the state";
    r->start = state_at;
    return status == SPAE_OK ? spae_torch_find_tensors(r, file) : status;
}

spae_status spae_torch_open(spae_arena *arena, const spae_source *source, const spae_npz *zip,
                            const spae_limits *limits, spae_torch_file *file, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_torch_file opened = {.source = source, .is_zip = zip != NULL};
    spae_torch_reader r = {.arena = arena,
                           .source = source,
                           .limits = limits != NULL ? *limits : spae_limits_default(),
                           .err = err};
    if (zip != NULL)
        opened.zip = *zip;
    const spae_status status = zip != NULL ? open_zip(&r, &opened) : open_old(&r, &opened);
    if (status == SPAE_OK)
        *file = opened;
    else
        spae_arena_reset(arena, mark);
    return status;
}

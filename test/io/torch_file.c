/* io/torch_file: both forms of torch.save, byte by byte: types, views, shared storages, nested
 * states; then each lie that such a file can tell. */
#include "torch.h"

#include "io/weights.h"

#define ck_ok(call) ck_assert_msg((call) == SPAE_OK, "%s", err.text)

typedef struct {
    const char *key;
    const void *data;
    size_t size;
} storage;

/* ---- both forms ------------------------------------------------------------------------------ */

static bytes zip_form(const bytes *state, const storage *s, size_t count, const char *byte_order)
{
    zip_file z = {.members = 0};
    char name[64];
    zip_add(&z, "any/data.pkl", state->data, state->size);
    if (byte_order != NULL)
        zip_add(&z, "any/byteorder", byte_order, strlen(byte_order));
    for (size_t i = 0; i < count; i++) {
        sprintf(name, "any/data/%s", s[i].key);
        zip_add(&z, name, s[i].data, s[i].size);
    }
    zip_add(&z, "any/version", "3\n", 2);
    zip_end(&z);
    return z.file;
}

/* `item` bytes an item, of all storages. */
static bytes old_form(const bytes *state, const storage *s, size_t count, size_t item)
{
    const char *key[8];
    bytes b = torch_old_head();
    add(&b, state->data, state->size);
    for (size_t i = 0; i < count; i++)
        key[i] = s[i].key;
    torch_old_keys(&b, key, count);
    for (size_t i = 0; i < count; i++)
        torch_old_storage(&b, s[i].size / item, s[i].data, s[i].size);
    return b;
}

/* ---- reading --------------------------------------------------------------------------------- */

static spae_status open_bytes(const bytes *b, spae_arena *arena, spae_source *source, spae_weights *w,
                              spae_error *err)
{
    *source = source_of(b);
    return spae_weights_open(arena, source, NULL, w, err);
}

/* The array `name` is of this shape and holds these numbers. */
static void ck_array(const bytes *b, const char *name, unsigned rank, const size_t *shape, const double *due)
{
    spae_arena arena = new_arena();
    spae_source source;
    spae_weights w;
    spae_weights_array a;
    spae_error err;
    ck_ok(open_bytes(b, &arena, &source, &w, &err));
    const size_t index = spae_weights_find(&w, name);
    ck_assert_msg(index < w.count, "%s is not there", name);
    ck_assert_str_eq(spae_weights_name(&w, index), name);
    ck_ok(spae_weights_array_open(&arena, &w, index, &a, &err));
    ck_assert_uint_eq(a.rank, rank);
    for (unsigned i = 0; i < rank; i++)
        ck_assert_uint_eq(a.shape[i], shape[i]);
    spae_real *x = spae_arena_take(&arena, a.count, sizeof *x);
    ck_ok(spae_weights_array_read(&w, &a, x, &err));
    for (size_t i = 0; i < a.count; i++)
        ck_assert_msg((double)x[i] == due[i], "%s: item %zu is %g, due %g", name, i, (double)x[i], due[i]);
    spae_arena_free(&arena);
}

static void ck_not(const bytes *b, spae_status due, const char *part)
{
    spae_arena arena = new_arena();
    spae_source source;
    spae_weights w;
    spae_error err = {SPAE_OK, ""};
    ck_refused(open_bytes(b, &arena, &source, &w, &err), due, err, part);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

/* The numbers 1, 2, .. as bytes of a type, either byte order. */
static storage numbers(const char *key, const char *type, size_t count, bool big, uint8_t *room)
{
    static const uint64_t half[] = {0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600};
    const size_t size = strstr(type, "64") != NULL ? 8 : strstr(type, "32") != NULL ? 4
                        : strstr(type, "16") != NULL ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        const float f = (float)(i + 1);
        const double d = (double)(i + 1);
        uint32_t bits;
        uint64_t value = i + 1;
        memcpy(&bits, &f, 4);
        if (strcmp(type, "float64") == 0)
            memcpy(&value, &d, 8);
        else if (strcmp(type, "float32") == 0)
            value = bits;
        else if (strcmp(type, "bfloat16") == 0)
            value = bits >> 16;
        else if (strcmp(type, "float16") == 0)
            value = half[i];
        else if (strcmp(type, "bool") == 0)
            value = 1;
        for (size_t k = 0; k < size; k++)
            room[i * size + (big ? size - 1 - k : k)] = (uint8_t)(value >> 8 * k & 0xff);
    }
    return (storage){key, room, count * size};
}

/* ---- what can be read ------------------------------------------------------------------------ */

static const struct {
    const char *type, *storage;
} types[] = {{"float64", "torch\nDoubleStorage"}, {"float32", "torch\nFloatStorage"},
             {"float16", "torch\nHalfStorage"},   {"bfloat16", "torch\nBFloat16Storage"},
             {"int64", "torch\nLongStorage"},     {"int32", "torch\nIntStorage"},
             {"int16", "torch\nShortStorage"},    {"int8", "torch\nCharStorage"},
             {"uint8", "torch\nByteStorage"},     {"bool", "torch\nBoolStorage"}};

START_TEST(every_type_in_both_forms_and_byte_orders)
{
    static const double up[] = {1, 2, 3, 4, 5, 6}, ones[] = {1, 1, 1, 1, 1, 1};
    static const char *const name[] = {"w"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint8_t room[64];
        const double *due = strcmp(types[i].type, "bool") == 0 ? ones : up;
        const torch_item item = {.storage = types[i].storage, .key = "0", .items = 6, .rank = 2, .shape = {2, 3},
                                 .stride = {3, 1}};
        const bytes state = torch_state(name, &item, 1);
        storage s = numbers("0", types[i].type, 6, false, room);
        bytes b = zip_form(&state, &s, 1, i % 2 == 0 ? NULL : "little");
        ck_array(&b, "w", 2, (const size_t[]){2, 3}, due);
        b = old_form(&state, &s, 1, s.size / 6);
        ck_array(&b, "w", 2, (const size_t[]){2, 3}, due);
        s = numbers("0", types[i].type, 6, true, room);
        b = zip_form(&state, &s, 1, "big");
        ck_array(&b, "w", 2, (const size_t[]){2, 3}, due);
    }
}
END_TEST

/* Types that have no storage of their own: the storage is of bytes, the call says the type. */
START_TEST(untyped_storages)
{
    static const char *const name[] = {"w"}, *const type[] = {"uint16", "uint32", "uint64", "float32"};
    static const double due[] = {2, 3};
    for (size_t i = 0; i < 4; i++) {
        uint8_t room[64];
        char behind[40];
        sprintf(behind, "ctorch\n%s\n", type[i]);
        const storage s = numbers("0", type[i], 4, false, room);
        const torch_item item = {.call = "_rebuild_tensor_v3", .storage = "torch.storage\nUntypedStorage", .key = "0",
                                 .items = s.size, .first = 1, .rank = 1, .shape = {2}, .stride = {1}, .behind = behind};
        const bytes state = torch_state(name, &item, 1);
        bytes b = zip_form(&state, &s, 1, NULL);
        ck_array(&b, "w", 1, (const size_t[]){2}, due);
        b = old_form(&state, &s, 1, 1);
        ck_array(&b, "w", 1, (const size_t[]){2}, due);
    }
}
END_TEST

/* One storage of 12 numbers, seen transposed, from an offset, in steps, as one number, as none. */
START_TEST(views_of_one_storage)
{
    static const char *const name[] = {"all", "t", "row", "column", "steps", "one", "none", "old"};
    static const double all[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, t[] = {1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12};
    static const double row[] = {5, 6, 7, 8}, column[] = {2, 6, 10}, steps[] = {2, 4, 10, 12}, one[] = {7};
    const torch_item item[] = {
        {.key = "k", .items = 12, .rank = 2, .shape = {3, 4}, .stride = {4, 1}},
        {.key = "k", .items = 12, .rank = 2, .shape = {4, 3}, .stride = {1, 4}},
        {.key = "k", .items = 12, .first = 4, .rank = 2, .shape = {1, 4}, .stride = {77, 1}},
        {.key = "k", .items = 12, .first = 1, .rank = 1, .shape = {3}, .stride = {4}},
        {.key = "k", .items = 12, .first = 1, .rank = 2, .shape = {2, 2}, .stride = {8, 2}},
        {.key = "k", .items = 12, .first = 6},
        {.key = "k", .items = 12, .first = 12, .rank = 2, .shape = {0, 1000}, .stride = {1000, 1}},
        {.call = "_rebuild_tensor", .key = "k", .items = 12, .rank = 1, .shape = {12}, .stride = {1}}};
    uint8_t room[64];
    const bytes state = torch_state(name, item, 8);
    const storage s = numbers("k", "float32", 12, false, room);
    for (int form = 0; form < 2; form++) {
        const bytes b = form == 0 ? zip_form(&state, &s, 1, NULL) : old_form(&state, &s, 1, 4);
        ck_array(&b, "all", 2, (const size_t[]){3, 4}, all);
        ck_array(&b, "t", 2, (const size_t[]){4, 3}, t);
        ck_array(&b, "row", 2, (const size_t[]){1, 4}, row);
        ck_array(&b, "column", 1, (const size_t[]){3}, column);
        ck_array(&b, "steps", 2, (const size_t[]){2, 2}, steps);
        ck_array(&b, "one", 0, NULL, one);
        ck_array(&b, "none", 2, (const size_t[]){0, 1000}, NULL);
        ck_array(&b, "old", 1, (const size_t[]){12}, all);
    }
}
END_TEST

/* More items than are gathered at a time, in bfloat16 too. */
START_TEST(a_long_transposed_tensor)
{
    enum { ROWS = 3, COLUMNS = 500 };
    static const char *const name[] = {"t"};
    uint8_t data[ROWS * COLUMNS * 2];
    double due[ROWS * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++) { /* powers of two times 1 or 1.5: exact in bfloat16 */
        const float f = (float)(1 + i % 2) * (float)(1 << i % 13);
        uint32_t bits;
        memcpy(&bits, &f, 4);
        data[2 * i] = (uint8_t)(bits >> 16 & 0xff);
        data[2 * i + 1] = (uint8_t)(bits >> 24);
        due[i % COLUMNS * ROWS + i / COLUMNS] = (double)f;
    }
    const torch_item item = {.storage = "torch\nBFloat16Storage", .key = "0", .items = ROWS * COLUMNS, .rank = 2,
                             .shape = {COLUMNS, ROWS}, .stride = {1, COLUMNS}};
    const bytes state = torch_state(name, &item, 1);
    const storage s = {"0", data, sizeof data};
    const bytes b = zip_form(&state, &s, 1, NULL);
    ck_array(&b, "t", 2, (const size_t[]){COLUMNS, ROWS}, due);
}
END_TEST

/* The view of the oldest files: (key, first, items) behind the number of items. */
START_TEST(a_view_in_the_persistent_id)
{
    static const double due[] = {4, 5};
    uint8_t room[64];
    bytes state = {.size = 0};
    add(&state, "\x80\2}", 3);
    pickle_text(&state, "w");
    add_text(&state, "ctorch._utils\n_rebuild_tensor\n((");
    pickle_text(&state, "storage");
    add_text(&state, "ctorch\nFloatStorage\n");
    pickle_text(&state, "7");
    pickle_text(&state, "cpu");
    add_text(&state, "K\6(");
    pickle_text(&state, "8");
    add_text(&state, "K\2K\4ttQK\1K\2\x85K\1\x85tRs.");
    const storage s = numbers("7", "float32", 6, false, room);
    const bytes b = old_form(&state, &s, 1, 4);
    ck_array(&b, "w", 1, (const size_t[]){2}, due);
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------- */

static const torch_item small = {.key = "0", .items = 1, .rank = 1, .shape = {1}, .stride = {1}};

/* A state by opcodes, in which T pushes a tensor, "key" a text. */
static bytes state_of(const char *code)
{
    bytes b = {.size = 0};
    add(&b, "\x80\2", 2);
    for (; *code != '\0'; code++) {
        if (*code == 'T') {
            pickle_tensor(&b, &small);
        } else if (*code == '"') {
            char text[1024];
            size_t n = 0;
            while (*++code != '"')
                text[n++] = *code;
            text[n] = '\0';
            pickle_text(&b, text);
        } else {
            add(&b, code, 1);
        }
    }
    add_text(&b, ".");
    return b;
}

static bytes file_of(const char *code)
{
    static const uint8_t one[4] = {0, 0, 0x80, 0x3f};
    const storage s = {"0", one, 4};
    const bytes state = state_of(code);
    return zip_form(&state, &s, strchr(code, 'T') != NULL, NULL);
}

/* The names of a file, in its order, one space apart. */
static void ck_names(const char *code, const char *due)
{
    const bytes b = file_of(code);
    char found[1024] = "";
    spae_arena arena = new_arena();
    spae_source source;
    spae_weights w;
    spae_error err;
    ck_assert_msg(open_bytes(&b, &arena, &source, &w, &err) == SPAE_OK, "%s: %s", code, err.text);
    for (size_t i = 0; i < w.count; i++)
        strcat(strcat(found, i > 0 ? " " : ""), spae_weights_name(&w, i));
    ck_assert_str_eq(found, due);
    spae_arena_free(&arena);
}

START_TEST(names_of_nested_states)
{
    ck_names("}(\"b\"T\"a\"Tu", "b a");
    ck_names("}(\"x\"}(\"y\"T\"z\"](TTeu\"e\"NK\7Tu", "x.y x.z.0 x.z.1 7");
    ck_names("}(\"state_dict\"}(\"w\"Tu\"optimizer\"}(\"m\"Tuu", "w");
    ck_names("}(\"model\"}(\"state_dict\"}(\"w\"Tuu\"ema\"Tu", "w");
    ck_names("}(\"net\"}(\"w\"Tu\"params\"}(\"v\"Tuu", "v"); /* params comes first among the known */
    ck_names("}(\"state_dict\"}(\"epoch\"NuK\3T\"w\"Tu", "3 w"); /* without a tensor it is none */
    ck_names("}(\"model\"T\"net\"Nu", "model"); /* a tensor is no dictionary of them */
    ck_names("}(\"module.a\"T\"module.b\"Tu", "a b");
    ck_names("}(\"module.a\"T\"b\"Tu", "module.a b");
    ck_names("}(\"module.\"Tu", "module.");
    ck_names("}(\"a\"ctorch._utils\n_rebuild_parameter\n(T\x88)tRu", "a");
    ck_names("}(\"a\"Tq\1\"b\"h\1u", "a b"); /* one tensor under two names */
    ck_names("}(\"n\"N\"s\"\"text\"u", "");  /* no tensor at all */
    ck_names("}(N\"x\"\"a\"Tu", "a");         /* a key that is no name, but over no tensor */
}
END_TEST

START_TEST(states_that_are_refused)
{
    static const struct {
        const char *code, *part;
    } one[] = {
        {"T", "expected a dictionary of tensors"},
        {"](Te", "expected a dictionary of tensors"},
        {"}(\"a\"T\"a\"Tu", "two tensors are called a"},
        {"}(\"a\"}(\"b\"Tu\"a.b\"Tu", "two tensors are called a.b"},
        {"}(\"\"Tu", "a key over a tensor that is no text"},
        {"}(NTu", "a key over a tensor that is no text"},
        {"}(\"a\xff\"Tu", "a key over a tensor that is no text"},
        {"}q\1(\"a\"h\1\"b\"Tu", "a dictionary or list is inside itself"},
        {"}(\"l\"]q\1(h\1Teu", "a dictionary or list is inside itself"},
        {"}(\"a\"ctorch._utils\n_rebuild_tensor_v2\n)Ru", "tensor a: it has no storage"},
        {"}(\"a\"ctorch._utils\n_rebuild_tensor_v2\n(K\1tRu", "tensor a: it has no storage"},
        {"}(\"a\"ctorch._utils\n_rebuild_parameter\n)Ru", "tensor a: a parameter of something else"},
        {"}(\"a\"ctorch._utils\n_rebuild_parameter\n(ctorch._utils\n_rebuild_parameter\n(TtRtRu",
         "tensor a: a parameter of something else"},
        {"}(\"a\"ctorch\nFloatStorage\n\x85Qu", "a persistent id that is no storage"},
        {"}(\"a\"K\1Qu", "a persistent id that is no storage"},
        {"}(\"a\"(\"module\"ctorch\nFloatStorage\n\"f\"\"s\"K\1tQu", "a persistent id that is no storage"},
        {"}(\"a\"(\"storage\"ctorch\nfloat32\n\"0\"\"cpu\"K\1tQu", "a persistent id that is no storage"},
        {"}(\"a\"(\"storage\"ctorch\nFloatStorage\n\"0\"\"cpu\"J\xff\xff\xff\xfftQu", "a persistent id that is no storage"},
        {"}(\"a\"(\"storage\"ctorch\nFloatStorage\n\"0\"\"cpu\"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ftQu",
         "a storage of more items than any file holds"},
        {"}(\"a\"T\"b\"(\"storage\"ctorch\nFloatStorage\n\"0\"\"cpu\"K\2tQu", "another type or size"},
        {"}(\"a\"T\"b\"(\"storage\"ctorch\nIntStorage\n\"0\"\"cpu\"K\1tQu", "another type or size"},
        {"}(\"a\"T\"b\"cposix\nsystem\n(\"id\"tRu", "global \"system\" of module \"posix\""},
    };
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        const bytes b = file_of(one[i].code);
        ck_not(&b, SPAE_ERR_FORMAT, one[i].part);
    }
}
END_TEST

/* 65 dictionaries in each other; 63 are read. */
START_TEST(depth_is_limited)
{
    for (int depth = 63; depth <= 65; depth += 2) {
        char code[2048] = "", name[1024] = "";
        for (int i = 1; i < depth; i++) {
            strcat(code, "}(\"a\"");
            strcat(name, i > 1 ? ".a" : "a");
        }
        strcat(code, "}(\"a\"T");
        strcat(name, ".a");
        for (int i = 0; i < depth; i++)
            strcat(code, "u");
        const bytes b = file_of(code);
        if (depth == 63)
            ck_names(code, name);
        else
            ck_not(&b, SPAE_ERR_FORMAT, "more than 64 dictionaries or lists in each other");
    }
}
END_TEST

/* Thirty lists, each of the one before it twice, over a tensor: 2^30 names from 700 bytes. */
START_TEST(names_do_not_multiply)
{
    char code[4096] = "}(\"a\"](Teq\1", one[32];
    for (char i = 1; i <= 30; i++) {
        sprintf(one, "0](h%ch%ceq%c", i, i, i + 1);
        strcat(code, one);
    }
    strcat(code, "u");
    const bytes b = file_of(code);
    ck_not(&b, SPAE_ERR_FORMAT, "dictionaries that share others name too much");
}
END_TEST

START_TEST(long_names_are_refused)
{
    char code[1024] = "}(\"", name[512] = "";
    memset(code + 3, 'n', 511);
    memset(name, 'n', 511);
    strcpy(code + 3 + 511, "\"Tu");
    ck_names(code, name);
    memset(code + 3, 'n', 512);
    strcpy(code + 3 + 512, "\"Tu");
    const bytes b = file_of(code);
    ck_not(&b, SPAE_ERR_FORMAT, "a key over a tensor");
}
END_TEST

/* ---- tensors that lie ------------------------------------------------------------------------ */

#define BIG UINT64_C(0x7fffffffffffffff)

START_TEST(places_strides_and_shapes)
{
    static const char *const name[] = {"w"};
    static const struct {
        torch_item item;
        const char *part;
    } one[] = {
        {{.key = "0", .items = 6, .rank = 1, .shape = {7}, .stride = {1}}, "tensor w: items 0 to 7 of a storage of 6"},
        {{.key = "0", .items = 6, .first = 1, .rank = 1, .shape = {6}, .stride = {1}}, "items 1 to 7 of a storage of 6"},
        {{.key = "0", .items = 6, .first = 7, .rank = 1, .shape = {0}, .stride = {1}}, "items 7 to 7 of a storage of 6"},
        {{.key = "0", .items = 6, .first = BIG, .rank = 1, .shape = {2}, .stride = {1}}, "of a storage of 6"},
        {{.key = "0", .items = 6, .rank = 2, .shape = {2, 2}, .stride = {5, 1}}, "items 0 to 7 of a storage of 6"},
        {{.key = "0", .items = 6, .rank = 1, .shape = {3}, .stride = {0}}, "its strides put two items in one place"},
        {{.key = "0", .items = 6, .rank = 2, .shape = {2, 3}, .stride = {1, 1}}, "two items in one place"},
        {{.key = "0", .items = 6, .rank = 2, .shape = {2, 3}, .stride = {2, 1}}, "two items in one place"},
        {{.key = "0", .items = 6, .rank = 2, .shape = {3, 2}, .stride = {BIG, 1}}, "or beyond all files"},
        {{.key = "0", .items = 6, .rank = 1, .shape = {4}, .stride = {BIG}}, "or beyond all files"},
        {{.key = "0", .items = 6, .rank = 1, .shape = {2}, .stride = {BIG}}, "of a storage of 6"},
        {{.key = "0", .items = 6, .rank = 2, .shape = {BIG, BIG}, .stride = {1, 1}}, "more items than the limit"},
        {{.key = "0", .items = 6, .rank = 3, .shape = {0, BIG, BIG}, .stride = {1, 1, 1}}, "more items than the limit"},
        {{.key = "0", .items = 6, .rank = 1, .shape = {UINT64_C(1) << 40}, .stride = {1}}, "more items than the limit"},
        {{.key = "0", .items = 6, .rank = 9, .shape = {1, 1, 1, 1, 1, 1, 1, 1, 1}, .stride = {1, 1, 1, 1, 1, 1, 1, 1, 1}},
         "expected shape and strides of up to 8 axes"},
        {{.key = "0", .items = 6, .rank = 1, .shape = {UINT64_MAX}, .stride = {1}}, "expected shape and strides"},
        {{.key = "0", .items = 6, .rank = 1, .shape = {2}, .stride = {UINT64_MAX}}, "expected shape and strides"},
        {{.key = "0", .items = 6, .first = UINT64_MAX, .rank = 1, .shape = {2}, .stride = {1}}, "its first item is no whole"},
        {{.call = "_rebuild_tensor_v3", .key = "0", .items = 6, .rank = 1, .shape = {2}, .stride = {1}},
         "its type is not said"},
        {{.call = "_rebuild_tensor_v3", .key = "0", .items = 6, .rank = 1, .shape = {2}, .stride = {1},
          .behind = "ctorch\nint32\n"}, "another one than its storage's"},
        {{.storage = "torch\nUntypedStorage", .key = "0", .items = 24, .rank = 1, .shape = {2}, .stride = {1}},
         "its type is not said"},
        {{.key = "1", .items = 6, .rank = 1, .shape = {2}, .stride = {1}}, "there is no member data/1"},
        {{.key = "0", .items = 5, .rank = 1, .shape = {2}, .stride = {1}},
         "storage 0 is of 5 items of float32, found 24 bytes"},
        {{.storage = "torch\nDoubleStorage", .key = "0", .items = 6, .rank = 1, .shape = {2}, .stride = {1}},
         "storage 0 is of 6 items of float64, found 24 bytes"},
        {{.storage = "torch\nComplexFloatStorage", .key = "0", .items = 6, .rank = 1, .shape = {2}, .stride = {1}},
         "global \"ComplexFloatStorage\" of module \"torch\""},
    };
    uint8_t room[64];
    const storage s = numbers("0", "float32", 6, false, room);
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        const bytes state = torch_state(name, &one[i].item, 1), b = zip_form(&state, &s, 1, NULL);
        ck_not(&b, SPAE_ERR_FORMAT, one[i].part);
    }
}
END_TEST

START_TEST(numbers_that_are_none)
{
    static const char *const name[] = {"w"};
    const torch_item nan = {.key = "0", .items = 1, .rank = 1, .shape = {1}, .stride = {1}};
    const torch_item flag = {.storage = "torch\nBoolStorage", .key = "0", .items = 4, .rank = 1, .shape = {4},
                             .stride = {1}};
    const uint8_t data[4] = {0, 0, 0xc0, 0x7f};
    const storage s = {"0", data, 4};
    for (int i = 0; i < 2; i++) {
        const bytes state = torch_state(name, i == 0 ? &nan : &flag, 1), b = zip_form(&state, &s, 1, NULL);
        spae_arena arena = new_arena();
        spae_source source;
        spae_weights w;
        spae_weights_array a;
        spae_real x[4];
        spae_error err;
        ck_ok(open_bytes(&b, &arena, &source, &w, &err));
        ck_ok(spae_weights_array_open(&arena, &w, 0, &a, &err));
        ck_refused(spae_weights_array_read(&w, &a, x, &err), i == 0 ? SPAE_ERR_NOT_FINITE : SPAE_ERR_FORMAT, err,
                   i == 0 ? "w: element 0 is not finite" : "w: ");
        spae_arena_free(&arena);
    }
}
END_TEST

/* ---- broken forms ---------------------------------------------------------------------------- */

static bytes good_zip(void)
{
    return file_of("}(\"a\"T\"b\"Tu");
}

static bytes good_old(void)
{
    static const uint8_t one[4] = {0, 0, 0x80, 0x3f};
    const storage s = {"0", one, 4};
    const bytes state = state_of("}(\"a\"T\"b\"Tu");
    return old_form(&state, &s, 1, 4);
}

/* The file cut off behind every byte. */
START_TEST(every_cut_is_refused)
{
    for (int form = 0; form < 2; form++) {
        bytes b = form == 0 ? good_zip() : good_old();
        for (const size_t whole = b.size; b.size-- > 0;) {
            spae_arena arena = new_arena();
            spae_source source;
            spae_weights w;
            spae_error err = {SPAE_OK, ""};
            const spae_status status = open_bytes(&b, &arena, &source, &w, &err);
            ck_assert_msg(status == SPAE_ERR_FORMAT && arena.used == 0, "%zu of %zu bytes: %s", b.size, whole, err.text);
            spae_arena_free(&arena);
        }
    }
}
END_TEST

/* Every byte changed, in three ways: whatever comes of it, it is read or refused. */
START_TEST(every_byte_changed)
{
    static const uint8_t change[] = {0x01, 0x80, 0xff};
    for (int form = 0; form < 2; form++) {
        const bytes whole = form == 0 ? good_zip() : good_old();
        for (size_t i = 0; i < whole.size * 3; i++) {
            bytes b = whole;
            b.data[i / 3] ^= change[i % 3];
            spae_arena arena = new_arena();
            spae_source source;
            spae_weights w;
            spae_weights_array a;
            spae_real x[64];
            spae_error err = {SPAE_OK, ""};
            const spae_status status = open_bytes(&b, &arena, &source, &w, &err);
            ck_assert(status == SPAE_OK || arena.used == 0);
            for (size_t k = 0; status == SPAE_OK && k < w.count; k++)
                if (spae_weights_array_open(&arena, &w, k, &a, &err) == SPAE_OK && a.count <= 64)
                    (void)spae_weights_array_read(&w, &a, x, &err);
            spae_arena_free(&arena);
        }
    }
}
END_TEST

START_TEST(zips_that_are_refused)
{
    static const uint8_t one[4] = {0, 0, 0x80, 0x3f};
    const storage s = {"0", one, 4};
    bytes state = state_of("}(\"a\"Tu");
    bytes b = zip_form(&state, &s, 1, "middle");
    ck_not(&b, SPAE_ERR_FORMAT, "any/byteorder: expected \"little\" or \"big\"");
    b = zip_form(&state, &s, 1, "a long byte order");
    ck_not(&b, SPAE_ERR_FORMAT, "any/byteorder: expected");
    b = zip_form(&state, &s, 0, NULL);
    ck_not(&b, SPAE_ERR_FORMAT, "there is no member data/0");
    add_text(&state, "N.");
    b = zip_form(&state, &s, 1, NULL);
    ck_not(&b, SPAE_ERR_FORMAT, "bytes behind the pickle's STOP");
    zip_file z = {.members = 0};
    zip_add(&z, "a/data.pkl", "}.", 2);
    zip_add(&z, "b/data.pkl", "}.", 2);
    zip_end(&z);
    ck_not(&z.file, SPAE_ERR_FORMAT, "both a/data.pkl and b/data.pkl");
}
END_TEST

/* A storage whose CRC-32 is wrong: the tensor is refused when it is read, a part of it too. */
START_TEST(a_wrong_crc_is_told)
{
    static const char *const name[] = {"w"};
    for (int part = 0; part < 2; part++) {
        uint8_t room[64];
        const storage s = numbers("0", "float32", 6, false, room);
        const torch_item item = {.key = "0", .items = 6, .rank = 1, .shape = {part == 0 ? 6 : 2}, .stride = {1}};
        const bytes state = torch_state(name, &item, 1);
        bytes b = zip_form(&state, &s, 1, NULL);
        for (size_t i = 0; i + 24 <= b.size; i++)
            if (memcmp(b.data + i, room, 24) == 0)
                b.data[i + 23] ^= 1;
        spae_arena arena = new_arena();
        spae_source source;
        spae_weights w;
        spae_weights_array a;
        spae_real x[6];
        spae_error err;
        ck_ok(open_bytes(&b, &arena, &source, &w, &err));
        ck_ok(spae_weights_array_open(&arena, &w, 0, &a, &err));
        ck_refused(spae_weights_array_read(&w, &a, x, &err), SPAE_ERR_FORMAT, err, "CRC-32");
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(old_files_that_are_refused)
{
    static const uint8_t one[4] = {0, 0, 0x80, 0x3f};
    const bytes state = state_of("}(\"a\"Tu"), head = torch_old_head();
    static const char *const key[] = {"0", "0"}, *const wrong[] = {"1"};
    bytes b = {.size = 0};
    add(&b, "\x80\2K\1.", 5);
    ck_not(&b, SPAE_ERR_FORMAT, "the magic number: byte 0: a pickle, but not one of torch.save");
    b = head;
    b.data[17] = 'K'; /* M e9 03 . becomes K e9 03: an opcode that is none */
    ck_not(&b, SPAE_ERR_FORMAT, "the protocol: ");
    b = head;
    b.data[18] = 0;
    ck_not(&b, SPAE_ERR_FORMAT, "expected protocol 1001");
    b = head;
    b.size = 21;
    add_text(&b, "N.");
    ck_not(&b, SPAE_ERR_FORMAT, "the facts of the machine: byte 21: expected a dictionary");
    b = head;
    add(&b, state.data, state.size);
    const bytes stem = b;
    add_text(&b, "N.");
    ck_not(&b, SPAE_ERR_FORMAT, "expected a list of keys");
    b = stem;
    torch_old_keys(&b, key, 0);
    ck_not(&b, SPAE_ERR_FORMAT, "0 storages are listed, the state has 1");
    b = stem;
    torch_old_keys(&b, key, 2);
    ck_not(&b, SPAE_ERR_FORMAT, "2 storages are listed, the state has 1");
    b = stem;
    torch_old_keys(&b, wrong, 1);
    torch_old_storage(&b, 1, one, 4);
    ck_not(&b, SPAE_ERR_FORMAT, "no key of a storage of the state");
    b = stem;
    torch_old_keys(&b, key, 1);
    torch_old_storage(&b, 2, one, 4);
    ck_not(&b, SPAE_ERR_FORMAT, "storage 0 is of 1 items of float32, found 2 items");
    b = stem;
    torch_old_keys(&b, key, 1);
    torch_old_storage(&b, 1, one, 3);
    ck_not(&b, SPAE_ERR_FORMAT, "cut off, storage 0 is of 4 bytes");
    b = stem;
    torch_old_keys(&b, key, 1);
    torch_old_storage(&b, 1, one, 4);
    add_text(&b, "!");
    ck_not(&b, SPAE_ERR_FORMAT, "after the last storage 1 more bytes");
}
END_TEST

static spae_status starved(spae_arena *arena, void *context, spae_error *err)
{
    spae_source source;
    spae_weights w;
    return open_bytes(context, arena, &source, &w, err);
}

START_TEST(too_little_memory_is_told)
{
    bytes zip = good_zip(), old = good_old();
    starve(starved, &zip, 64);
    starve(starved, &old, 64);
}
END_TEST

/* LPIPS's weights as they are published, where they are at hand. */
START_TEST(a_published_file)
{
    static const char path[] = "../shared/data/vocab/lpips/vgg.pth";
    static const size_t width[] = {64, 128, 256, 512, 512};
    spae_arena arena = new_arena();
    spae_source source;
    spae_weights w;
    spae_error err;
    if (spae_file_exists(path)) {
        ck_ok(spae_source_open(&arena, path, NULL, &source, &err));
        ck_ok(spae_weights_open(&arena, &source, NULL, &w, &err));
        ck_assert_uint_eq(w.count, 5);
        for (size_t i = 0; i < 5; i++) {
            spae_weights_array a;
            spae_real x[512];
            char name[40];
            sprintf(name, "lin%zu.model.1.weight", i);
            ck_assert_str_eq(spae_weights_name(&w, i), name);
            ck_ok(spae_weights_array_open(&arena, &w, i, &a, &err));
            ck_assert(a.rank == 4 && a.shape[0] == 1 && a.shape[1] == width[i] && a.count == width[i]);
            ck_ok(spae_weights_array_read(&w, &a, x, &err));
            for (size_t k = 0; k < a.count; k++)
                ck_assert(x[k] >= 0 && x[k] < 10); /* the published weights are not below 0 */
        }
        spae_source_close(&source);
    }
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_torch_file, "io/torch_file", every_type_in_both_forms_and_byte_orders, untyped_storages,
      views_of_one_storage, a_long_transposed_tensor, a_view_in_the_persistent_id, names_of_nested_states,
      states_that_are_refused, depth_is_limited, names_do_not_multiply, long_names_are_refused,
      places_strides_and_shapes, numbers_that_are_none, every_cut_is_refused, every_byte_changed,
      zips_that_are_refused, a_wrong_crc_is_told, old_files_that_are_refused, too_little_memory_is_told,
      a_published_file)

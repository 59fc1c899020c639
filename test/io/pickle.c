/* io/pickle: what opcodes make, and everything that is refused: opcodes one by one, what they lack,
 * lengths that lie, a memo without end, code to be run. */
#include "torch.h"

#include "io/pickle.h"

static const spae_pickle_global globals[] = {{"collections", "OrderedDict", SPAE_PICKLE_ORDERED},
                                             {"torch._utils", "call", SPAE_PICKLE_CALLED},
                                             {"torch", "FloatStorage", SPAE_PICKLE_NAMED}};

static spae_status read_pickle(spae_arena *arena, const void *data, size_t size, spae_pickle *p, spae_error *err)
{
    const spae_source source = spae_source_memory(data, size, "x");
    return spae_pickle_read(arena, &source, "state", 0, globals, 3, p, err);
}

/* ---- values ---------------------------------------------------------------------------------- */

typedef struct {
    spae_arena arena;
    spae_pickle pickle;
    const spae_pickle_value *root;
} loaded;

static loaded load(const void *data, size_t size)
{
    loaded l = {.arena = new_arena()};
    spae_error err;
    ck_assert_msg(read_pickle(&l.arena, data, size, &l.pickle, &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(l.pickle.bytes, size);
    l.root = &l.pickle.value[l.pickle.root];
    return l;
}

#define LOAD(text) load(text, sizeof text - 1)

static const spae_pickle_value *at(const loaded *l, size_t index)
{
    const spae_pickle_value *v = spae_pickle_item(&l->pickle, l->root, index);
    ck_assert(v != NULL);
    return v;
}

START_TEST(integers_of_every_width)
{
    static const struct {
        const char *code;
        size_t size;
        int64_t due;
    } one[] = {{"K\xff.", 3, 255},
               {"M\1\2.", 4, 513},
               {"J\xff\xff\xff\xff.", 6, -1},
               {"J\0\0\0\x80.", 6, -2147483647 - 1},
               {"J\xff\xff\xff\x7f.", 6, 2147483647},
               {"\x8a\0.", 3, 0},
               {"\x8a\1\x80.", 4, -128},
               {"\x8a\2\x80\0.", 5, 128},
               {"\x8a\x08\0\0\0\0\0\0\0\x80.", 11, INT64_MIN},
               {"\x8b\1\0\0\0\5.", 7, 5},
               {"I42\n.", 5, 42},
               {"I01\n.", 5, 1},
               {"L-17L\n.", 7, -17},
               {"L9223372036854775807L\n.", 23, INT64_MAX},
               {"\x88.", 2, 1},
               {"\x89.", 2, 0}};
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        loaded l = load(one[i].code, one[i].size);
        ck_assert_int_eq(l.root->kind, SPAE_PICKLE_INTEGER);
        ck_assert_int_eq(l.root->is.number, one[i].due);
        spae_arena_free(&l.arena);
    }
}
END_TEST

/* PyTorch's magic number, in bytes and in digits. */
START_TEST(an_integer_beyond_64_bits_keeps_its_bytes)
{
    static const uint8_t due[10] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
    loaded l[2] = {LOAD("\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."),
                   LOAD("L119547037146038801333356L\n.")};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(l[i].root->kind, SPAE_PICKLE_BIG);
        ck_assert_uint_eq(l[i].root->count, 10);
        ck_assert_mem_eq(l[i].root->is.text, due, 10);
        spae_arena_free(&l[i].arena);
    }
    loaded negative = LOAD("L-99999999999999999999L\n.");
    ck_assert_int_eq(negative.root->kind, SPAE_PICKLE_OTHER);
    spae_arena_free(&negative.arena);
}
END_TEST

START_TEST(texts_of_every_opcode)
{
    loaded l = LOAD("(T\2\0\0\0abU\2abX\2\0\0\0ab\x8c\2ab\x8d\2\0\0\0\0\0\0\0abt.");
    ck_assert_uint_eq(l.root->count, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(at(&l, i)->kind, SPAE_PICKLE_TEXT);
        ck_assert_str_eq(at(&l, i)->is.text, "ab");
        ck_assert_uint_eq(at(&l, i)->count, 2);
    }
    ck_assert(spae_pickle_item(&l.pickle, l.root, 5) == NULL);
    spae_arena_free(&l.arena);
}
END_TEST

START_TEST(what_nobody_needs_is_passed_over)
{
    loaded l = LOAD("(NG\0\0\0\0\0\0\0\0B\1\0\0\0xC\1x\x8e\1\0\0\0\0\0\0\0x\x96\0\0\0\0\0\0\0\0\x8f(K\1\x90(K\1\x91t.");
    ck_assert_uint_eq(l.root->count, 8);
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(at(&l, i)->kind, SPAE_PICKLE_OTHER);
    spae_arena_free(&l.arena);
}
END_TEST

START_TEST(containers_grow_also_after_they_were_remembered)
{
    loaded l = LOAD("\x80\4\x95\x1d\0\0\0\0\0\0\0(]\x94(K\1K\2eh\0K\3a}\x94X\1\0\0\0kK\7s)K\1\x85K\1K\2\x86t.");
    ck_assert_uint_eq(l.root->count, 6); /* the list twice: once made, once recalled, the same value */
    ck_assert_int_eq(at(&l, 0)->kind, SPAE_PICKLE_LIST);
    ck_assert(at(&l, 0) == at(&l, 1));
    ck_assert_uint_eq(at(&l, 0)->count, 3);
    ck_assert_int_eq(spae_pickle_item(&l.pickle, at(&l, 0), 2)->is.number, 3);
    ck_assert_int_eq(at(&l, 2)->kind, SPAE_PICKLE_DICTIONARY);
    ck_assert_str_eq(spae_pickle_item(&l.pickle, at(&l, 2), 0)->is.text, "k");
    ck_assert_int_eq(spae_pickle_item(&l.pickle, at(&l, 2), 1)->is.number, 7);
    ck_assert_uint_eq(at(&l, 3)->count, 0);
    spae_arena_free(&l.arena);
}
END_TEST

START_TEST(an_ordered_dictionary_in_three_ways)
{
    loaded l = LOAD("(ccollections\nOrderedDict\n)R(K\1K\2u"
                    "ccollections\nOrderedDict\n](](K\1K\2eK\3K\4\x86" "e\x85R"
                    "\x8c\x0b" "collections\x8c\x0bOrderedDict\x93)R}b"
                    "(K\1K\2dt.");
    static const uint32_t due[] = {2, 4, 0, 2};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(at(&l, i)->kind, SPAE_PICKLE_DICTIONARY);
        ck_assert_uint_eq(at(&l, i)->count, due[i]);
    }
    spae_arena_free(&l.arena);
}
END_TEST

START_TEST(calls_and_ids_keep_what_they_were_given)
{
    loaded l = LOAD("(ctorch._utils\ncall\nK\5\x85RK\6\x85Qctorch\nFloatStorage\nt.");
    ck_assert_int_eq(at(&l, 0)->kind, SPAE_PICKLE_CALL);
    ck_assert_uint_eq(at(&l, 0)->count, 1);
    const spae_pickle_value *arguments = spae_pickle_item(&l.pickle, at(&l, 0), 0);
    ck_assert_int_eq(spae_pickle_item(&l.pickle, arguments, 0)->is.number, 5);
    ck_assert_int_eq(at(&l, 1)->kind, SPAE_PICKLE_PERSISTENT);
    ck_assert_int_eq(spae_pickle_item(&l.pickle, at(&l, 1), 0)->kind, SPAE_PICKLE_TUPLE);
    ck_assert_int_eq(at(&l, 2)->kind, SPAE_PICKLE_GLOBAL);
    ck_assert_uint_eq(at(&l, 2)->count, 2);
    spae_arena_free(&l.arena);
}
END_TEST

START_TEST(marks_and_the_stack)
{
    loaded l = LOAD("(K\1K\2" "02" "(K\7K\7" "1(0t."); /* POP, DUP, POP_MARK, POP of a mark */
    ck_assert_uint_eq(l.root->count, 2);
    ck_assert_int_eq(at(&l, 1)->is.number, 1);
    spae_arena_free(&l.arena);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------------------- */

static const struct {
    const char *code;
    size_t size;
    const char *part;
} refused[] = {
#define CODE(text) text, sizeof text - 1
    /* code to be run, in each way that a pickle knows */
    {CODE("cposix\nsystem\nX\2\0\0\0ls\x85R."), "byte 0: global \"system\" of module \"posix\""},
    {CODE("\x80\4\x8c\2os\x8c\6system\x93\x8c\2ls\x85R."), "byte 14: global \"system\" of module \"os\""},
    {CODE("c__builtin__\neval\n(S'1'\ntR."), "global \"eval\" of module \"__builtin__\""},
    {CODE("ctorch\nload\n."), "global \"load\" of module \"torch\""},
    {CODE("c\n\n."), "global \"\" of module \"\""},
    {CODE("(X\1\0\0\0aios\nsystem\n."), "byte 7: opcode INST"},
    {CODE("(ctorch._utils\ncall\no."), "byte 20: opcode OBJ"},
    {CODE("ctorch._utils\ncall\n)\x81."), "opcode NEWOBJ "},
    {CODE("ctorch._utils\ncall\n)}\x92."), "opcode NEWOBJ_EX "},
    {CODE("\x82\1."), "opcode EXT1"},
    {CODE("\x83\1\0."), "opcode EXT2"},
    {CODE("\x84\1\0\0\0."), "opcode EXT4"},
    {CODE("Pid\n."), "opcode PERSID"},
    {CODE("\x97."), "opcode NEXT_BUFFER"},
    {CODE("\x98."), "opcode READONLY_BUFFER"},
    {CODE("S'a'\n."), "opcode STRING"},
    {CODE("Va\n."), "opcode UNICODE"},
    {CODE("F1.5\n."), "opcode FLOAT"},
    {CODE("\xff."), "byte 0: here is no opcode"},
    {CODE("\0."), "byte 0: here is no opcode"},
    /* calls of what is none */
    {CODE("ctorch\nFloatStorage\n)R."), "REDUCE calls what may not be called"},
    {CODE("K\1)R."), "REDUCE calls what may not be called"},
    {CODE("ctorch._utils\ncall\n]R."), "REDUCE with something else than a tuple"},
    {CODE("ccollections\nOrderedDict\nK\1\x85R."), "an OrderedDict of something else"},
    {CODE("ccollections\nOrderedDict\n]K\1a\x85R."), "an OrderedDict of something else"},
    {CODE("ccollections\nOrderedDict\n](K\1K\2K\3ta\x85R."), "an OrderedDict of something else"},
    {CODE("ctorch._utils\ncall\n)R}b."), "BUILD gives a state to what is no OrderedDict"},
    {CODE("K\1K\2\x93."), "the name of a global is no text"},
    /* what opcodes lack */
    {CODE("."), "byte 0: STOP with something else than one value"},
    {CODE("NN."), "byte 2: STOP with something else than one value"},
    {CODE("N(."), "byte 2: STOP with something else than one value"},
    {CODE("t."), "there is no mark"},
    {CODE("e."), "there is no mark"},
    {CODE("1."), "there is no mark"},
    {CODE("0."), "the stack has too few values"},
    {CODE("2."), "the stack has too few values"},
    {CODE("N(2."), "the stack has too few values"},
    {CODE("\x85."), "the stack has too few values"},
    {CODE("N\x86."), "the stack has too few values"},
    {CODE("Na."), "the stack has too few values"},
    {CODE("(e."), "the stack has too few values"},
    {CODE("(\x90."), "the stack has too few values"},
    {CODE("K\1(K\2\x90."), "items are added to what is no set"},
    {CODE("N}a."), "items are added to what is no list"},
    {CODE("](NNu."), "items are added to what is no dictionary"},
    {CODE("}(Nu."), "a key has no value"},
    {CODE("(Nd."), "a key has no value"},
    {CODE("]NNs."), "items are added to what is no dictionary"},
    {CODE("R."), "the stack has too few values"},
    {CODE("Q."), "the stack has too few values"},
    {CODE("}b."), "the stack has too few values"},
    {CODE("N\x93."), "the stack has too few values"},
    {CODE("q\0."), "the stack has too few values"},
    {CODE("\x94."), "the stack has too few values"},
    /* lengths that lie, and numbers that are none */
    {CODE("X\xff\xff\xff\xff" "ab."), "byte 0: a text is longer than the file"},
    {CODE("\x8d\xff\xff\xff\xff\xff\xff\xff\xff" "ab."), "a text is longer than the file"},
    {CODE("\x8e\xff\xff\xff\xff\xff\xff\xff\x7f" "ab."), "a text is longer than the file"},
    {CODE("\x8b\xff\xff\xff\xff" "ab."), "a text is longer than the file"},
    {CODE("\x95\xff\xff\xff\xff\xff\xff\xff\xffN."), "a frame is longer than the file"},
    {CODE("\x80\6N."), "a protocol above 5"},
    {CODE("I1.5\n."), "expected a whole number"},
    {CODE("I\n."), "expected a whole number"},
    {CODE("I-\n."), "expected a whole number"},
    {CODE("L999999999999999999999999999999999999999999L\n."), "expected a whole number of at most 128 bits"},
    {CODE("I1\0\n."), "a zero byte in a line"},
    {CODE("I1"), "the pickle is cut off"},
    /* the memo */
    {CODE("Nr\xff\xff\xff\xff."), "byte 1: a place of the memo beyond the bytes read so far"},
    {CODE("Nr\0\0\0\1."), "a place of the memo beyond"},
    {CODE("Np4294967296\n."), "a place of the memo beyond"},
    {CODE("Np340282366920938463463374607431768211455\n."), "a place of the memo beyond"},
    {CODE("Npx\n."), "expected a place of the memo"},
    {CODE("h\0."), "a place of the memo that holds nothing"},
    {CODE("Nq\2h\1."), "a place of the memo that holds nothing"},
    {CODE("Nj\xff\xff\xff\xff."), "a place of the memo that holds nothing"},
    {CODE("Ng99\n."), "a place of the memo that holds nothing"},
};

START_TEST(everything_else_is_refused)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        spae_arena arena = new_arena();
        spae_pickle p;
        spae_error err = {SPAE_OK, ""};
        ck_refused(read_pickle(&arena, refused[i].code, refused[i].size, &p, &err), SPAE_ERR_FORMAT, err,
                   refused[i].part);
        ck_assert_msg(strncmp(err.text, "x: state: byte ", 15) == 0, "%s", err.text);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(a_line_without_end_is_refused)
{
    char code[1000];
    memset(code, '1', sizeof code);
    code[0] = 'I';
    spae_arena arena = new_arena();
    spae_pickle p;
    spae_error err;
    ck_refused(read_pickle(&arena, code, sizeof code, &p, &err), SPAE_ERR_FORMAT, err, "a line of text has no end");
    spae_arena_free(&arena);
}
END_TEST

/* Beyond a window's edge, from a place in the middle of a file, by a source that is no memory. */
static spae_status read_slowly(void *context, uint64_t offset, void *buffer, size_t size, spae_error *err)
{
    (void)err;
    memcpy(buffer, (const uint8_t *)context + offset, size);
    return SPAE_OK;
}

START_TEST(a_long_pickle_in_the_middle_of_a_file)
{
    enum { ITEMS = 30000, BEFORE = 7 };
    uint8_t *file = calloc(1, BEFORE + 3 + ITEMS * 3 + 100);
    size_t size = BEFORE;
    file[size++] = '(';
    for (unsigned i = 0; i < ITEMS; i++) {
        file[size++] = 'M';
        file[size++] = (uint8_t)(i & 0xff);
        file[size++] = (uint8_t)(i >> 8);
    }
    file[size++] = 't';
    file[size++] = '.';
    const spae_source source = {.size = size + 50, .read = read_slowly, .context = file, .name = "x"};
    spae_arena arena = new_arena();
    spae_pickle p;
    spae_error err;
    ck_assert_msg(spae_pickle_read(&arena, &source, "state", BEFORE, globals, 3, &p, &err) == SPAE_OK, "%s", err.text);
    ck_assert_uint_eq(p.bytes, size - BEFORE);
    const spae_pickle_value *root = &p.value[p.root];
    ck_assert_uint_eq(root->count, ITEMS);
    uint32_t cell = root->is.cell.first;
    for (int64_t i = 0; i < ITEMS; i++, cell = p.cell[cell].next)
        ck_assert_int_eq(p.value[p.cell[cell].value].is.number, i);
    ck_assert(cell == SPAE_PICKLE_NONE && arena.used < 128 * size);
    spae_arena_free(&arena);
    free(file);
}
END_TEST

/* A pickle that never ends within 16 MiB, and what a hostile one may take at most. */
START_TEST(the_limit_of_a_pickle)
{
    const size_t size = SPAE_PICKLE_MOST + 10;
    uint8_t *file = malloc(size);
    memset(file, '0', size);
    for (size_t i = 0; i < size; i += 2)
        file[i] = 'N';
    const spae_source source = spae_source_memory(file, size, "x");
    spae_arena arena = new_arena();
    spae_pickle p;
    spae_error err;
    ck_refused(spae_pickle_read(&arena, &source, "state", 0, globals, 3, &p, &err), SPAE_ERR_FORMAT, err,
               "byte 16777216: the pickle is longer than the limit of 2^24 bytes");
    ck_assert(arena.peak < 128 * SPAE_PICKLE_MOST);
    spae_arena_free(&arena);
    free(file);
}
END_TEST

/* A hundred lists, each of the one before it twice: 2^100 paths, and 100 values. */
START_TEST(a_bomb_of_the_memo_is_small)
{
    bytes b = {.size = 0};
    add_text(&b, "(");
    add_text(&b, "]q");
    add_low(&b, 0, 1);
    for (unsigned i = 1; i <= 100; i++) {
        add_text(&b, "](h");
        add_low(&b, i - 1, 1);
        add_text(&b, "h");
        add_low(&b, i - 1, 1);
        add_text(&b, "eq");
        add_low(&b, i, 1);
    }
    add_text(&b, "t.");
    loaded l = load(b.data, b.size);
    ck_assert_uint_eq(l.pickle.values, 102);
    spae_arena_free(&l.arena);
}
END_TEST

START_TEST(a_list_inside_itself_is_a_value)
{
    loaded l = LOAD("]q\0h\0a.");
    ck_assert(at(&l, 0) == l.root);
    spae_arena_free(&l.arena);
}
END_TEST

static spae_status starved(spae_arena *arena, void *context, spae_error *err)
{
    spae_pickle p;
    const bytes *b = context;
    return read_pickle(arena, b->data, b->size, &p, err);
}

START_TEST(too_little_memory_is_told)
{
    bytes b = {.size = 0};
    add_text(&b, "(L119547037146038801333356L\n");
    pickle_text(&b, "text");
    add_text(&b, "K\1\x85q\1Q0K\1\x85t.");
    starve(starved, &b, 64);
}
END_TEST

SUITE(suite_io_pickle, "io/pickle", integers_of_every_width,
      an_integer_beyond_64_bits_keeps_its_bytes, texts_of_every_opcode,
      what_nobody_needs_is_passed_over, containers_grow_also_after_they_were_remembered,
      an_ordered_dictionary_in_three_ways, calls_and_ids_keep_what_they_were_given,
      marks_and_the_stack, everything_else_is_refused, a_line_without_end_is_refused,
      a_long_pickle_in_the_middle_of_a_file, the_limit_of_a_pickle, a_bomb_of_the_memo_is_small,
      a_list_inside_itself_is_a_value, too_little_memory_is_told)

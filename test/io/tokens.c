/* io/tokens: all four forms read back to the same tokens, whole and as prefixes, one picture and several; each
 * wrong file is refused with its place. */
#include "bytes.h"

#include "../../io/tokens.h"
#include "tiny_model.h"

/* Words that are UTF-8: JSON takes no others. */
enum { UTF8_WORDS = TINY_V - 1 };

static spae_tokens_model model_of(spae_arena *arena, size_t V)
{
    spae_tokens_model out;
    const spae_model model = tiny_model(arena, V);
    ck_assert_int_eq(spae_tokens_model_of(&model, arena, &out, NULL), SPAE_OK);
    out.name = "tiny"; /* the model's own name goes with `model` */
    return out;
}

static void fill(int32_t *token, size_t count, size_t V, int first)
{
    for (size_t i = 0; i < count; i++)
        token[i] = (int32_t)(((size_t)first + 5 * i) % V);
}

/* Writes `pictures` pictures of `layers` layers beginning with token `first`, reads them, compares. */
static void round_trip(spae_tokens_format format, size_t pictures, size_t layers, int first)
{
    spae_arena arena = new_arena();
    const size_t V = format == SPAE_TOKENS_JSON ? UTF8_WORDS : TINY_V;
    const spae_tokens_model model = model_of(&arena, V);
    const size_t each = spae_pyramid_total(&model.pyramid, layers);
    int32_t token[3 * TINY_TOKENS];
    double margin[3 * TINY_TOKENS];
    fill(token, pictures * each, V, first);
    for (size_t i = 0; i < pictures * each; i++)
        margin[i] = (double)i / 7.0;
    margin[0] = HUGE_VAL;
    const spae_tokens tokens = {pictures, layers, token, margin};
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_assert_int_eq(spae_tokens_write(&model, format, &tokens, &arena, &file, &size, &err), SPAE_OK);
    for (int told = 0; told < 2; told++) {
        spae_tokens back;
        ck_assert_msg(spae_tokens_read(&model, told == 1 ? format : SPAE_TOKENS_FORMATS, "x", file, size, &arena,
                                       &back, &err) == SPAE_OK,
                      "%s\n%.*s", err.text, (int)size, (const char *)file);
        ck_assert(back.pictures == pictures && back.layers == layers && back.margin == NULL);
        ck_assert(memcmp(back.token, token, pictures * each * sizeof *token) == 0);
    }
    spae_arena_free(&arena);
}

START_TEST(every_form_reads_back)
{
    for (int format = 0; format < SPAE_TOKENS_FORMATS; format++)
        for (size_t pictures = 1; pictures <= 3; pictures++)
            for (size_t layers = 1; layers <= TINY_LAYERS; layers++)
                for (int first = 0; first < TINY_V; first++)
                    round_trip((spae_tokens_format)format, pictures, layers, first);
}
END_TEST

static void check_written(spae_tokens_format format, size_t pictures, const char *due)
{
    spae_arena arena = new_arena();
    const spae_tokens_model model = model_of(&arena, UTF8_WORDS);
    int32_t token[10] = {8, 0, 1, 2, 3, 7, 10, 10, 0, 0};
    double margin[10] = {0.5, 1.0, 0.0, 2.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0};
    const spae_tokens tokens = {pictures, 2, token, pictures == 1 ? margin : NULL};
    const uint8_t *file = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_tokens_write(&model, format, &tokens, &arena, &file, &size, NULL), SPAE_OK);
    ck_assert_msg(size == strlen(due) && memcmp(file, due, size) == 0, "%.*s", (int)size, (const char *)file);
    spae_arena_free(&arena);
}

START_TEST(written_files)
{
    check_written(SPAE_TOKENS_WORDS, 1, "\\u0039\nseven \\sthe \\e a\\\\b\n");
    check_written(SPAE_TOKENS_WORDS, 2,
                  "\\u0039\nseven \\sthe \\e a\\\\b\n\ntwice\ntwice\\#10 twice\\#10 seven seven\n");
    check_written(SPAE_TOKENS_IDS, 2, "8\n0 1 2 3\n\n7\n10 10 0 0\n");
    check_written(SPAE_TOKENS_JSON, 1,
                  "{\"model\":\"tiny\",\"pyramid\":[[1,1,1],[1,2,2],[1,4,4],[1,4,4]],\"layers\":["
                  "{\"size\":[1,1,1],\"ids\":[8],\"words\":[\"9\"],\"margins\":[0.5]},"
                  "{\"size\":[1,2,2],\"ids\":[0,1,2,3],\"words\":[\"seven\",\" the\",\"\",\"a\\\\b\"],"
                  "\"margins\":[1.0,0.0,2.0,0.25]}]}\n");
}
END_TEST

/* Reads text that someone may have written by hand; `due` are the tokens of the first picture. */
static void check_reads(const char *text, size_t pictures, size_t layers, const int32_t *due)
{
    spae_arena arena = new_arena();
    const spae_tokens_model model = model_of(&arena, UTF8_WORDS);
    spae_tokens tokens;
    spae_error err;
    ck_assert_msg(spae_tokens_read(&model, SPAE_TOKENS_FORMATS, "x", (const uint8_t *)text, strlen(text), &arena,
                                   &tokens, &err) == SPAE_OK,
                  "%s", err.text);
    ck_assert(tokens.pictures == pictures && tokens.layers == layers);
    ck_assert(memcmp(tokens.token, due, spae_pyramid_total(&model.pyramid, layers) * sizeof *due) == 0);
    spae_arena_free(&arena);
}

START_TEST(lenient_where_it_is_safe)
{
    const int32_t due[5] = {7, 0, 0, 8, 12};
    check_reads("7\n0 0 8 12", 1, 2, due);
    check_reads("7\r\n0 0 8 12\r\n\r\n", 1, 2, due);
    check_reads("twice\nseven seven 9 1\\s2\n\n\n", 1, 2, due);
    check_reads("\\u0074wice\nseven \\x73even 9 1\\s2", 1, 2, due);
    check_reads("{\"layers\":[{\"ids\":[7]},{\"words\":[\"seven\",\"seven\",\"9\",\"1 2\"],\"by\":null}]}", 1, 2, due);
    check_reads("[{\"layers\":[{\"words\":[\"twice\"]}]},{\"layers\":[{\"ids\":[3]}]}]", 2, 1, due);
}
END_TEST

static void check_refused(spae_tokens_format format, const void *file, size_t size, const char *part)
{
    spae_arena arena = new_arena();
    const spae_tokens_model model = model_of(&arena, UTF8_WORDS);
    const size_t used = arena.used;
    spae_tokens tokens = {99, 0, NULL, NULL};
    spae_error err;
    const spae_status status = spae_tokens_read(&model, format, "x", file, size, &arena, &tokens, &err);
    ck_refused(status, SPAE_ERR_FORMAT, err, part);
    ck_assert(tokens.pictures == 99 && arena.used == used);
    spae_arena_free(&arena);
}

static void refuse_text(const char *text, const char *part)
{
    check_refused(SPAE_TOKENS_FORMATS, text, strlen(text), part);
}

START_TEST(refused_lines)
{
    refuse_text("", "1 to 67108864 bytes, found 0");
    refuse_text("\n", "line 0: expected the first layer");
    refuse_text("\nseven\n", "line 1: expected the first layer");
    refuse_text("seven twice", "line 1: layer 1 has 1 tokens, here are 2");
    refuse_text("7\n0 0 0", "line 2: layer 2 has 4 tokens, here are 3");
    refuse_text("7\n0  0 0", "line 2, token 2: \"\": expected token numbers");
    refuse_text("7\n0 0 0 13", "line 2, token 4: \"13\": expected token numbers from 0 to 12");
    refuse_text("7\n0 0 0 4294967296", "line 2, token 4");
    refuse_text("7\n0 0 0 99999999999999999999999", "line 2, token 4");
    refuse_text("7\n0 -1 0 0", "line 2, token 2: \"-1\"");
    refuse_text("7\n0 0x1 0 0", "line 2, token 2: \"0x1\"");
    refuse_text("seven\nseven seven seven nine", "line 2, token 4: \"nine\": no word");
    refuse_text("7\n\n\n7", "line 3: expected the first layer");
    refuse_text("7\n\n7\n0 0 0 0", "line 4: this picture has 2 layers, those before have 1");
    check_refused(SPAE_TOKENS_IDS, "seven", 5, "line 1, token 1: \"seven\": expected token numbers");
    check_refused(SPAE_TOKENS_WORDS, "7", 1, "line 1, token 1: \"7\": no word");
    const char *line = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    char five[200];
    snprintf(five, sizeof five, "0\n0 0 0 0\n%s%s0\n", line, line);
    refuse_text(five, "line 5: the pyramid has 4 layers");
}
END_TEST

START_TEST(refused_json)
{
    refuse_text("{", "json: byte 1");
    refuse_text("[]", "byte 0: expected at least one picture");
    refuse_text("[7]", "byte 1: expected an object with 1 to 4 \"layers\"");
    refuse_text("{}", "byte 0: expected an object with 1 to 4 \"layers\"");
    refuse_text("{\"layers\":[]}", "1 to 4 \"layers\"");
    refuse_text("{\"layers\":[1,2,3,4,5]}", "1 to 4 \"layers\"");
    refuse_text("{\"layers\":[{}]}", "byte 11: expected a layer with \"ids\" or \"words\"");
    refuse_text("{\"layers\":[{\"ids\":[1,2]}]}", "byte 18: expected the 1 tokens of layer 1");
    refuse_text("{\"layers\":[{\"ids\":[13]}]}", "byte 19: expected a token number from 0 to 12");
    refuse_text("{\"layers\":[{\"ids\":[1.5]}]}", "byte 19: expected a token number");
    refuse_text("{\"layers\":[{\"ids\":[-1]}]}", "byte 19: expected a token number");
    refuse_text("{\"layers\":[{\"words\":[7]}]}", "byte 21: expected a word in quotes");
    refuse_text("{\"layers\":[{\"words\":[\"nine\"]}]}", "\"nine\": no word of the vocabulary");
    refuse_text("{\"layers\":[{\"ids\":[7],\"words\":[\"seven\"]}]}", "token 7 of this model is another word");
    refuse_text("{\"layers\":[{\"ids\":[7],\"words\":[]}]}", "as many words as ids");
    refuse_text("{\"layers\":[{\"size\":[1,1,2],\"ids\":[7]}]}", "layer 1 has the size [1,1,1]");
    refuse_text("{\"layers\":[{\"size\":7,\"ids\":[7]}]}", "layer 1 has the size [1,1,1]");
    refuse_text("{\"pyramid\":[[1,1,1]],\"layers\":[{\"ids\":[7]}]}", "sizes of the model's 4 layers");
    refuse_text("{\"pyramid\":[[1,1,1],[1,2,2],[1,4,4],[1,4,5]],\"layers\":[{\"ids\":[7]}]}",
                "layer 4 has the size [1,4,4]");
    refuse_text("[{\"layers\":[{\"ids\":[7]}]},{\"layers\":[{\"ids\":[7]},{\"ids\":[0,0,0,0]}]}]",
                "another number of layers");
}
END_TEST

/* An NPY of int32 with this shape text and `count` items, all `value`. */
static void refuse_npy(const char *shape, size_t count, int32_t value, const char *part)
{
    bytes b = {.size = 0};
    char header[119];
    snprintf(header, sizeof header, "{'descr': '<i4', 'fortran_order': False, 'shape': %s, }", shape);
    add_text(&b, "\x93NUMPY\x01");
    add_low(&b, 0, 1);
    add_low(&b, 118, 2);
    const size_t n = strlen(header);
    memset(header + n, ' ', 117 - n);
    header[117] = '\n';
    add(&b, header, 118);
    for (size_t i = 0; i < count; i++)
        add_low(&b, (uint32_t)value, 4);
    check_refused(SPAE_TOKENS_FORMATS, b.data, b.size, part);
}

START_TEST(refused_npy)
{
    refuse_npy("(20,)", 20, 0, "with 1, 5, 21, 37 tokens, found rank 1 ending in 20");
    refuse_npy("()", 1, 0, "found rank 0");
    refuse_npy("(1, 1, 5)", 5, 0, "found rank 3 ending in 5");
    refuse_npy("(0, 5)", 0, 0, "found rank 2");
    refuse_npy("(5,)", 5, 13, "item 0: token 13 is outside the vocabulary of 13 words");
    refuse_npy("(5,)", 5, -1, "item 0: token -1 is outside");
    refuse_npy("(5,)", 4, 0, "x: ");
    check_refused(SPAE_TOKENS_FORMATS, "\x93", 1, "x: ");
}
END_TEST

/* All of it in too little memory. */
typedef struct {
    const spae_tokens_model *model;
    spae_tokens_format format;
    const uint8_t *file;
    size_t size;
} starving;

static spae_status read_again(spae_arena *arena, void *context, spae_error *err)
{
    const starving *s = context;
    spae_tokens tokens;
    return spae_tokens_read(s->model, s->format, "x", s->file, s->size, arena, &tokens, err);
}

START_TEST(no_memory)
{
    spae_arena arena = new_arena();
    const spae_tokens_model model = model_of(&arena, UTF8_WORDS);
    int32_t token[TINY_TOKENS];
    fill(token, TINY_TOKENS, UTF8_WORDS, 0);
    const spae_tokens tokens = {1, TINY_LAYERS, token, NULL};
    for (int format = 0; format < SPAE_TOKENS_FORMATS; format++) {
        starving s = {&model, (spae_tokens_format)format, NULL, 0};
        spae_arena little;
        uint8_t memory[256];
        spae_error err;
        const uint8_t *file = NULL;
        size_t size = 0;
        spae_arena_fixed(&little, memory, sizeof memory);
        ck_assert_int_eq(spae_tokens_write(&model, s.format, &tokens, &little, &file, &size, &err),
                         SPAE_ERR_NO_MEMORY);
        ck_assert_int_eq(spae_tokens_write(&model, s.format, &tokens, &arena, &s.file, &s.size, &err), SPAE_OK);
        starve(read_again, &s, 64);
    }
    spae_arena_free(&arena);
}
END_TEST

START_TEST(json_refuses_what_is_not_utf8)
{
    spae_arena arena = new_arena();
    const spae_tokens_model model = model_of(&arena, TINY_V);
    int32_t token = TINY_V - 1;
    const spae_tokens tokens = {1, 1, &token, NULL};
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_assert_int_eq(spae_tokens_write(&model, SPAE_TOKENS_JSON, &tokens, &arena, &file, &size, &err),
                     SPAE_ERR_ARGUMENT);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_tokens, "io/tokens", every_form_reads_back, written_files, lenient_where_it_is_safe, refused_lines,
      refused_json, refused_npy, no_memory, json_refuses_what_is_not_utf8)

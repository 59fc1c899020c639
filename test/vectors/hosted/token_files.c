/* Stage files, tokens in four forms and the words of a vocabulary: SPEC 8.12 to 8.15. */
#include <string.h>

#include "io/tokens.h"
#include "raw.h"
#include "test/vectors/tokens.h"

/* Awkward words: white space, control characters, the empty word, what begins like another format, equal words. */
static const char *const words[] = {
    "seven",   " the",  "",    "a\\b", "tab\tline\nend\r", "caf\xC3\xA9", "\xC2\xA0", "twice", "9",
    "{<&>\"'", "twice", "[x]", "1 2",  "\xE2\x80\x8B",     "zero\x01"};
enum { V = sizeof words / sizeof words[0], TOKENS = 5 };

static const spae_pyramid pyramid = {2, {{1, 1, 1}, {1, 2, 2}}};

#define MODEL "{\"model\":\"tiny\",\"pyramid\":[[1,1,1],[1,2,2]]"

static bool model_of(vectors *v, spae_tokens_model *model)
{
    *model = (spae_tokens_model){.name = "tiny", .pyramid = pyramid};
    vectors_expect(v, spae_words_index(words, V, v->arena, &model->words, v->err));
    return vectors_goes_on(v);
}

/* ---- reading ---- */

static void read_tokens(vectors *v, const char *name, const char *clause, const char *bytes, size_t size,
                        spae_status due, const char *why)
{
    spae_tokens_model model;
    spae_tokens tokens;
    if (!vectors_begin(v, name, clause, "read_tokens", MODEL "}", why))
        return;
    vectors_file file = vectors_file_of(v);
    vectors_texts(v, "vocab", VECTORS_INPUT, words, V);
    vectors_file_add(&file, bytes, size);
    const spae_source source = vectors_file_given(&file);
    if (model_of(v, &model) && vectors_returned(v, due,
                                                spae_tokens_read(&model, SPAE_TOKENS_FORMATS, "file", source.memory,
                                                                 (size_t)source.size, v->arena, &tokens, v->err)))
        vectors_integers(v, "token", VECTORS_BITS, 2,
                         (const size_t[]){tokens.pictures, spae_pyramid_total(&pyramid, tokens.layers)}, tokens.token);
    vectors_end(v);
}

#define D(text)          VECTORS_TEXT(text)
#define F                SPAE_ERR_FORMAT
#define NPY(type, shape) "\x93NUMPY\x01\0\x3C\0{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }"

static void readers(vectors *v)
{
    const char *const w = "8.13 8.14", *const j = "8.6 8.13 8.15";
    read_tokens(v, "files/words", w, D("seven\n\\sthe \\e a\\\\b tab\\tline\\nend\\r\n"), SPAE_OK,
                "words and their escapes: blank, empty, backslash, tab, newline, return");
    read_tokens(v, "files/words_escapes", w, D("\\u0039\n\\u00a0 caf\\xc3\\xa9 \\u0073even \\u200b\n"), SPAE_OK,
                "code points and bytes, escaped without need too");
    read_tokens(v, "files/words_twice", w, D("twice\ntwice\\#10 twice\\#7 {<&>\"' [x]\n"), SPAE_OK,
                "a text that two tokens have means the lower; \\#10 means the other");
    read_tokens(v, "files/words_pictures", w,
                D("seven\r\nseven twice caf\xC3\xA9 1\\s2\r\n\r\n\\u0039\r\n9 9 9 9\r\n\r\n"), SPAE_OK,
                "two pictures, lines that end in returns, empty lines at the end");
    read_tokens(v, "files/words_prefix", w, D("seven"), SPAE_OK, "the first layer alone, without newline");
    read_tokens(v, "files/tokens_ids", "8.13", D("14\n0 1 2 13\n"), SPAE_OK, "token numbers");
    read_tokens(v, "files/tokens_ids_pictures", "8.13", D("1\n\n2\n\n3\n"), SPAE_OK, "prefixes of three pictures");
    read_tokens(v, "files/tokens_npy", "8.3 8.13", D(NPY("<i4", "(5,)   ") "\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0"),
                SPAE_OK, "one axis: one picture");
    read_tokens(v, "files/tokens_npy_pictures", "8.3 8.13", D(NPY(">u2", "(3, 1) ") "\0\1\0\2\0\x0E"), SPAE_OK,
                "three pictures of one layer, in another type");
    read_tokens(v, "files/tokens_json", j,
                D("{\"layers\":[{\"ids\":[3]},{\"words\":[\"\",\"twice\",\"caf\\u00e9\",\"1 2\"]}]}"), SPAE_OK,
                "a layer by numbers, one by words: a text means its lowest token");
    read_tokens(v, "files/tokens_json_all", j,
                D("[ " MODEL ",\"layers\":[{\"size\":[1,1,1],\"ids\":[10],\"words\":[\"twice\"],\"margins\":[0.5]}]},\n"
                  "{\"more\":null,\"layers\":[{\"ids\":[0]}]} ]\n"),
                SPAE_OK, "two pictures; what is there besides agrees, or is left alone");
}

static void refusals(vectors *v)
{
    const char *const w = "8.13 8.14", *const j = "8.6 8.13 8.15";
    read_tokens(v, "files/tokens_refused_empty", "8.2 8.13", D(""), F, "no bytes at all");
    read_tokens(v, "files/tokens_refused_word", w, D("eight\n"), F, "a word outside the vocabulary");
    read_tokens(v, "files/tokens_refused_two_blanks", w, D("seven\nseven  seven seven seven\n"), F,
                "two blanks between words");
    read_tokens(v, "files/tokens_refused_blank_at_end", w, D("seven \n"), F, "a blank behind the last word");
    read_tokens(v, "files/tokens_refused_raw_tab", w, D("tab\tline\\nend\\r\n"), F,
                "a control character that is not escaped");
    read_tokens(v, "files/tokens_refused_escape", w, D("a\\qb\n"), F, "an escape that nobody knows");
    read_tokens(v, "files/tokens_refused_cut_escape", w, D("a\\\n"), F, "a backslash at the end");
    read_tokens(v, "files/tokens_refused_digits", w, D("\\u00g0\n"), F, "an escape of no hexadecimal digits");
    read_tokens(v, "files/tokens_refused_zero", w, D("\\u0000\n"), F, "code point 0");
    read_tokens(v, "files/tokens_refused_zero_byte", w, D("\\x00\n"), F, "byte 0");
    read_tokens(v, "files/tokens_refused_other_text", w, D("twice\\#0\n"), F, "\\#0 is another word");
    read_tokens(v, "files/tokens_refused_no_token", w, D("twice\\#15\n"), F, "\\#15 is beyond the vocabulary");
    read_tokens(v, "files/tokens_refused_few", w, D("seven\nseven seven seven\n"), F,
                "three tokens where four are due");
    read_tokens(v, "files/tokens_refused_many", w, D("seven seven\n"), F, "two tokens where one is due");
    read_tokens(v, "files/tokens_refused_layers", w, D("seven\nseven seven seven seven\nseven\n"), F,
                "more layers than the pyramid has");
    read_tokens(v, "files/tokens_refused_uneven", w, D("seven\nseven seven seven seven\n\nseven\n"), F,
                "pictures of two layers and of one");
    read_tokens(v, "files/tokens_refused_id", "8.13", D("15\n"), F, "token V of V");
    read_tokens(v, "files/tokens_refused_id_sign", "8.13", D("1\n-1 0 0 0\n"), F, "a negative token");
    read_tokens(v, "files/tokens_refused_id_long", "8.13", D("18446744073709551616\n"), F, "a number beyond 64 bits");
    read_tokens(v, "files/tokens_refused_npy_range", "8.13", D(NPY("<i4", "(1,)   ") "\x0F\0\0\0"), F,
                "token V in an array");
    read_tokens(v, "files/tokens_refused_npy_count", "8.13", D(NPY("<i4", "(2,)   ") "\0\0\0\0\0\0\0\0"), F,
                "a number of tokens that no prefix has");
    read_tokens(v, "files/tokens_refused_npy_type", "8.13", D(NPY("<f4", "(1,)   ") "\0\0\0\0"), F,
                "numbers with fractions");
    read_tokens(v, "files/tokens_refused_json_id", j, D("{\"layers\":[{\"ids\":[15]}]}"), F, "token V in JSON");
    read_tokens(v, "files/tokens_refused_json_fraction", j, D("{\"layers\":[{\"ids\":[1.0]}]}"), F,
                "a token with a fraction");
    read_tokens(v, "files/tokens_refused_json_count", j, D("{\"layers\":[{\"ids\":[1,2]}]}"), F,
                "two tokens where one is due");
    read_tokens(v, "files/tokens_refused_json_size", j, D("{\"layers\":[{\"size\":[1,2,2],\"ids\":[1]}]}"), F,
                "another size than the model's layer");
    read_tokens(v, "files/tokens_refused_json_pyramid", j, D("{\"pyramid\":[[1,1,1]],\"layers\":[{\"ids\":[1]}]}"), F,
                "another pyramid than the model's");
    read_tokens(v, "files/tokens_refused_json_disagree", j, D("{\"layers\":[{\"ids\":[1],\"words\":[\"seven\"]}]}"), F,
                "a token and another token's word");
    read_tokens(v, "files/tokens_refused_json_neither", j, D("{\"layers\":[{\"margins\":[1]}]}"), F,
                "neither ids nor words");
    read_tokens(v, "files/tokens_refused_json_surrogate", j, D("{\"layers\":[{\"words\":[\"\\ud83d\"]}]}"), F,
                "a lone surrogate");
    read_tokens(v, "files/tokens_refused_json_key_twice", j, D("{\"layers\":[{\"ids\":[1],\"\\u0069ds\":[2]}]}"), F,
                "one key twice, once escaped");
    read_tokens(v, "files/tokens_refused_json_comma", j, D("{\"layers\":[{\"ids\":[1],}]}"), F,
                "a comma before a bracket");
    read_tokens(v, "files/tokens_refused_json_zero", j, D("{\"layers\":[{\"ids\":[01]}]}"), F,
                "a zero before a number");
    read_tokens(v, "files/tokens_refused_json_utf8", j, D("{\"layers\":[{\"words\":[\"\xED\xA0\x80\"]}]}"), F,
                "a surrogate's three bytes are no UTF-8");
    read_tokens(v, "files/tokens_refused_json_behind", j, D("{\"layers\":[{\"ids\":[1]}]} x"), F,
                "something behind the value");
}

/* ---- writing ---- */

/* Two pictures of all layers; JSON has margins, the first picture's least one 0. */
static void written(vectors *v, const char *name, spae_tokens_format format, const char *with, const char *clause,
                    size_t pictures, const char *why)
{
    static int32_t token[2 * TOKENS] = {8, 10, 2, 1, 4, 13, 6, 3, 14, 12};
    static double margin[2 * TOKENS] = {0, 0.25, 1e-5, 1e16, 0.1, 123456.75, 1, 2, 3, 0x1p-1074};
    const bool json = format == SPAE_TOKENS_JSON;
    spae_tokens_model model;
    const uint8_t *bytes = NULL;
    size_t size = 0;
    if (!vectors_begin(v, name, clause, "write_tokens", with, why))
        return;
    const spae_tokens tokens = {pictures, 2, token, json ? margin : NULL};
    vectors_texts(v, "vocab", VECTORS_INPUT, words, V);
    vectors_integers(v, "token", VECTORS_INPUT, 2, (const size_t[]){pictures, TOKENS}, token);
    if (json)
        vectors_wides(v, "margin", VECTORS_INPUT, 2, (const size_t[]){pictures, TOKENS}, margin);
    if (model_of(v, &model))
        vectors_expect(v, spae_tokens_write(&model, format, &tokens, v->arena, &bytes, &size, v->err));
    vectors_octets(v, "file", VECTORS_BITS, 1, &size, bytes);
    vectors_end(v);
}

void vectors_token_files(vectors *v)
{
    readers(v);
    refusals(v);
    written(v, "files/tokens_written_words", SPAE_TOKENS_WORDS, MODEL ",\"form\":\"words\"}", "8.13 8.14", 2,
            "every escape that writing makes; the first character, a digit, is one of them");
    written(v, "files/tokens_written_ids", SPAE_TOKENS_IDS, MODEL ",\"form\":\"ids\"}", "8.13", 2,
            "numbers of two pictures");
    written(v, "files/tokens_written_npy", SPAE_TOKENS_NPY, MODEL ",\"form\":\"npy\"}", "8.4 8.13", 2,
            "two pictures: two axes");
    written(v, "files/tokens_written_npy_one", SPAE_TOKENS_NPY, MODEL ",\"form\":\"npy\"}", "8.4 8.13", 1,
            "one picture: one axis");
    written(v, "files/tokens_written_json", SPAE_TOKENS_JSON, MODEL ",\"form\":\"json\"}", "8.6 8.15", 1,
            "an object of one picture, margins as wide numbers");
    written(v, "files/tokens_written_json_pictures", SPAE_TOKENS_JSON, MODEL ",\"form\":\"json\"}", "8.6 8.15", 2,
            "an array of two pictures");
}

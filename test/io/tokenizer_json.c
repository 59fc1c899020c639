/* io/tokenizer_json and its parts: the forms that published files have, and every way to be malformed. */
#include "tokenizer_files.h"

/* Ids 0..4: a b _ ab c, further ones added; `head` are members before the model, ended by a comma. */
#define BPE(head, more, merges)                                                                                                \
    "{" head "\"model\":{\"type\":\"BPE\"," more "\"vocab\":{\"a\":0,\"b\":1,\"" U "\":2,\"ab\":3,\"c\":4},\"merges\":" merges "}}"
#define ADDED(list) "\"added_tokens\":[" list "],"
#define PRE(pre)    "\"pre_tokenizer\":" pre ","
#define NORM(norm)  "\"normalizer\":" norm ","

/* ---- forms ----------------------------------------------------------------------------------------------- */

static void ck_form(const char *json, const char *text, const char *ids, const char *back)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(&f, "tokenizer.json", json);
    ck_ok(spae_tokenizer_open(&arena, f.name, &t, &err));
    ck_tokens(t, text, ids, back);
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
    spae_arena_free(&arena);
}

static void ck_form_says(const char *json, const char *text, const char *due)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(&f, "tokenizer.json", json);
    ck_ok(spae_tokenizer_open(&arena, f.name, &t, &err));
    ck_not_said(t, text, strlen(text), due);
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
    spae_arena_free(&arena);
}

START_TEST(merges_have_two_forms)
{
    ck_form(BPE("", "", "[\"a b\"]"), "abc", "3 4", "abc");
    ck_form(BPE("", "", "[[\"a\",\"b\"]]"), "abc", "3 4", "abc");
    ck_form("{\"model\":{\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}", "aab", "0 2", "aab"); /* an older file */
    ck_form(BPE("", "\"unk_token\":null,\"dropout\":0.0,\"continuing_subword_prefix\":\"\",", "[]"), "ab", "0 1", "ab");
}
END_TEST

START_TEST(pre_tokenizers)
{
    const char *const split = BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"b\"},\"behavior\":\"Isolated\"}"), "", "[\"a b\"]");
    ck_form(split, "abab", "0 1 0 1", "abab");
    ck_form(BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"b\"},\"behavior\":\"MergedWithPrevious\",\"invert\":false}"), "", "[\"a b\"]"),
            "abab", "3 3", "abab");
    ck_form(BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"b\"},\"behavior\":\"MergedWithNext\"}"), "", "[\"a b\"]"), "abab",
            "0 1 0 1", "abab");
    ck_form(BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"c\"},\"behavior\":\"Removed\"}"), "", "[\"a b\"]"), "acbcab", "0 1 3",
            "abab");
    ck_form(BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a|b\"},\"behavior\":\"Contiguous\"}"), "", "[\"a b\"]"), "abcab", "3 4 3",
            "abcab");
    ck_form_says(BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"[ab]+\"},\"behavior\":\"Removed\",\"invert\":true}"), "", "[\"a b\"]"),
                 "abc", "Split: U+63, byte 2 of the text: the splitting pattern leaves it out");
    ck_form(BPE(PRE("{\"type\":\"WhitespaceSplit\"}"), "", "[\"a b\"]"), " a \t b\xC2\xA0" "ab ", "0 1 3", "abab");
    ck_form(BPE(PRE("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"WhitespaceSplit\"},{\"type\":\"Metaspace\"}]}"), "", "[]"), "a b",
            "2 0 2 1", "a b");
    ck_form(BPE(PRE("{\"type\":\"Metaspace\",\"prepend_scheme\":\"never\"}"), "", "[]"), "a b", "0 2 1", "a b");
    ck_form(BPE(PRE("{\"type\":\"Metaspace\",\"add_prefix_space\":false,\"split\":false}"), "", "[]"), "a  b", "0 2 2 1", "a  b");
    ck_form(BPE(PRE("{\"type\":\"Metaspace\",\"prepend_scheme\":\"first\"}"), "", "[]"), "a b", "2 0 2 1", "a b");
}
END_TEST

START_TEST(digits_and_punctuation)
{
    static const char vocabulary[] = "\"model\":{\"type\":\"BPE\",\"vocab\":{\"1\":0,\"11\":1,\"1111\":2,\".\":3,\"..\":4},\"merges\":[\"1 1\","
                                     "\"11 11\",\". .\"]}}";
    char json[1024];
    sprintf(json, "{\"pre_tokenizer\":{\"type\":\"Digits\",\"individual_digits\":true},%s", vocabulary);
    ck_form(json, "11..", "0 0 4", "11..");
    sprintf(json, "{\"pre_tokenizer\":{\"type\":\"Digits\",\"individual_digits\":false},%s", vocabulary);
    ck_form(json, "1111..", "2 4", "1111..");
    sprintf(json, "{\"pre_tokenizer\":{\"type\":\"Punctuation\",\"behavior\":\"Isolated\"},%s", vocabulary);
    ck_form(json, "1111..11", "2 3 3 1", "1111..11");
}
END_TEST

START_TEST(normalizers)
{
    ck_form(BPE(NORM("{\"type\":\"Lowercase\"}"), "", "[\"a b\"]"), "ABc", "3 4", "abc");
    ck_form_says(BPE(NORM("{\"type\":\"Lowercase\"}"), "", "[]"), "a\xC3\x84",
                 "Lowercase: U+c4, byte 1 of the text: its small letter is known in ASCII only");
    ck_form(BPE(NORM("{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}"), "", "[]"), " \xE3\x80\x80" "ab \n", "0 1", "ab");
    ck_form(BPE(NORM("{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}"), "", "[]"), " \n", "", "");
    ck_form(BPE(NORM("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"[xy]*z\"},\"content\":\"b\"}"), "", "[\"a b\"]"), "axyzz", "3 1", "abb");
    ck_form(BPE(NORM("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"x*\"},\"content\":\"b\"}"), "", "[]"), "axa", "1 0 1 0 1", "babab");
    ck_form_says(BPE(NORM("{\"type\":\"StripAccents\"}"), "", "[]"), "a\xCC\x81",
                 "StripAccents: U+301, byte 1 of the text: a mark, which would be dropped");
    ck_form_says(BPE(NORM("{\"type\":\"NFC\"}"), "", "[]"), "ab\xCC\x81",
                 "NFC: U+301, byte 2 of the text: may be composed or decomposed, which is not known here");
    ck_form(BPE(NORM("{\"type\":\"NFKD\"}"), "", "[]"), "ab", "0 1", "ab");
    ck_form(BPE(NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":null}"), "", "[]"), "ab", "0 1", "ab");
}
END_TEST

/* A map of one key, x to "b": units 0 (the root), at 0x40 ^ 'x' the key's last byte, from there its value. Written out:
 * root offset 64; unit 64 ^ 120 = 56 has label 'x', a leaf, offset 1, so the value stands at 56 ^ 1 = 57. */
static const char *map_of_x(char *base64)
{
    uint8_t map[4 + 4 * 128 + 2] = {0};
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint32_t root = 64u << 10, x = 1u << 10 | 1u << 8 | 'x', value = 0x80000000u;
    size_t n = 0;
    map[1] = 2; /* 512 bytes */
    for (unsigned i = 0; i < 4; i++) {
        map[4 + i] = (uint8_t)(root >> 8 * i & 0xff);
        map[4 + 4 * 56 + i] = (uint8_t)(x >> 8 * i & 0xff);
        map[4 + 4 * 57 + i] = (uint8_t)(value >> 8 * i & 0xff);
    }
    map[516] = 'b';
    for (size_t i = 0; i < sizeof map; i += 3) { /* 518 bytes: two are over */
        const uint32_t group = (uint32_t)map[i] << 16 | (uint32_t)map[i + 1] << 8 | (i + 2 < sizeof map ? map[i + 2] : 0u);
        for (unsigned k = 0; k < 4; k++)
            base64[n++] = digits[group >> (18 - 6 * k) & 63];
    }
    base64[n - 1] = '=';
    base64[n] = '\0';
    return base64;
}

START_TEST(maps_of_characters)
{
    char base64[800], json[2048];
    sprintf(json, BPE(NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"%s\"}"), "", "[\"a b\"]"), map_of_x(base64));
    ck_form(json, "axc", "3 4", "abc");
    ck_form(json, "xx", "1 1", "bb");
    ck_form(json, "abc", "3 4", "abc");
    ck_form_says(json, "ax\xCC\x81", "Precompiled: U+78, byte 1 of the text: what it is mapped to depends on its neighbours");
}
END_TEST

START_TEST(added_tokens)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(&f, "tokenizer.json",
             BPE(ADDED("{\"id\":5,\"content\":\"<s>\",\"special\":true},{\"id\":6,\"content\":\"ccc\",\"special\":false},{\"id\":3,\"content\":\"ab\","
                       "\"special\":true}"),
                 "", "[\"a b\"]"));
    ck_ok(spae_tokenizer_open(&arena, f.name, &t, &err));
    ck_assert(t->V == 7 && t->begin == 5 && t->end == -1);
    ck_tokens(t, "abccc", "0 1 4 4 4", "abccc"); /* neither the special nor the further token is made of text */
    ck_bytes(t, 5, NULL);
    ck_bytes(t, 6, "ccc");
    ck_bytes(t, 3, NULL);
    ck_assert(t->find(t, "ccc", 3) == 6 && t->find(t, "ab", 2) == -1);
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------------------- */

/* The message is "FOLDER/NAME: due". */
static void ck_refused_file(folder *f, const char *name, const char *due)
{
    char whole[400];
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err = {SPAE_OK, ""};
    ck_assert_msg(spae_tokenizer_open(&arena, f->name, &t, &err) == SPAE_ERR_FORMAT, "%s: %s", due, err.text);
    snprintf(whole, sizeof whole, "%s/%s: %s", f->name, name, due);
    ck_assert_msg(strcmp(err.text, whole) == 0, "%s, due %s", err.text, whole);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

#define UNIGRAM(vocab, more) "{\"model\":{\"type\":\"Unigram\"," more "\"vocab\":" vocab "}}"

START_TEST(malformed_files_are_refused_by_their_place)
{
    static const char *const cases[][2] = {
        {"{\"model\":{\"type\":\"BPE\"", "json: byte 22: expected ',' or '}'"},
        {"[1]", "expected a JSON object"},
        {BPE("", "", "[\"a b\"]") "x", "json: byte 84: expected nothing more after the value"},
        {"{\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}", "model.type: WordPiece is not known, BPE and Unigram are"},
        {"{\"model\":{\"type\":7,\"vocab\":{}}}", "model.type: ? is not known, BPE and Unigram are"},
        {"{\"model\":{\"type\":\"BPE\"}}", "model.vocab: expected {TEXT:ID,..}"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":[]}}", "model.vocab: expected {TEXT:ID,..}"},
        {"{\"model\":{\"type\":\"Unigram\",\"vocab\":{}}}", "model.vocab: expected [[TEXT,SCORE],..]"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{},\"merges\":[]}}", "vocab: there are no tokens"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}", "model.merges: expected a list of merges"},
        {"{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":{}}}", "model.merges: expected a list of merges"},
        {"{\"model\":{\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}", "vocab: two tokens have the id 0"},
        {"{\"model\":{\"vocab\":{\"a\":0,\"b\":2},\"merges\":[]}}", "vocab: json: b: expected an integer from 0 to 1, found 2"},
        {"{\"model\":{\"vocab\":{\"a\":-1},\"merges\":[]}}", "vocab: json: a: expected an integer from 0 to 0, found -1"},
        {"{\"model\":{\"vocab\":{\"a\":\"0\"},\"merges\":[]}}", "vocab: json: a: expected an integer, found a string"},
        {"{" ADDED("{\"id\":2,\"content\":\"x\"}") "\"model\":{\"vocab\":{\"a\":1,\"b\":2},\"merges\":[]}}",
         "added_tokens 0: another token has the id 2"},
        {"{" ADDED("{\"id\":2,\"content\":\"x\"}") "\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}",
         "added_tokens 0: json: id: expected an integer from 0 to 1, found 2"},
        {"{" ADDED("{\"id\":0,\"content\":\"a\"}") "\"model\":{\"vocab\":{\"a\":0,\"b\":2},\"merges\":[]}}",
         "vocab: no token has the id 1, though there are higher ones"},
        {BPE(ADDED("{\"id\":5}"), "", "[]"), "added_tokens 0: expected {\"id\":NUMBER,\"content\":TEXT,..}"},
        {BPE(ADDED("7"), "", "[]"), "added_tokens 0: expected {\"id\":NUMBER,\"content\":TEXT,..}"},
        {BPE(ADDED("{\"id\":5,\"content\":\"x\",\"special\":1}"), "", "[]"), "added_tokens 0: json: special: expected true or false, found 1"},
        {BPE("\"added_tokens\":{},", "", "[]"), "added_tokens: expected a list"},
        {BPE("", "", "[\"a b\",\"ab\"]"), "model.merges 1: expected two tokens with a blank between them"},
        {BPE("", "", "[\"a b c\"]"), "model.merges 0: expected two tokens with a blank between them"},
        {BPE("", "", "[\" a\"]"), "model.merges 0: expected two tokens with a blank between them"},
        {BPE("", "", "[\"x b\"]"), "model.merges 0: its first half is no token of the vocabulary"},
        {BPE("", "", "[\"a x\"]"), "model.merges 0: its second half is no token of the vocabulary"},
        {BPE("", "", "[\"b a\"]"), "model.merges 0: what it makes is no token of the vocabulary"},
        {BPE("", "", "[[\"a\"]]"), "model.merges 0: expected \"a b\" or [\"a\",\"b\"]"},
        {BPE("", "", "[7]"), "model.merges 0: expected \"a b\" or [\"a\",\"b\"]"},
        {BPE(PRE("{\"type\":\"ByteLevel\"}"), "", "[[\"a\",\"\\u4e2d\"]]"), "model.merges 0: a character that stands for no byte"},
        {BPE("", "\"dropout\":0.1,", "[]"), "model.dropout: only null is known"},
        {BPE("", "\"end_of_word_suffix\":\"</w>\",", "[]"), "model.end_of_word_suffix: only null is known"},
        {BPE("", "\"continuing_subword_prefix\":\"##\",", "[]"), "model.continuing_subword_prefix: only null is known"},
        {BPE("", "\"unk_token\":\"x\",", "[]"), "model.unk_token: there is no such token"},
        {BPE("", "\"byte_fallback\":1,", "[]"), "model: json: byte_fallback: expected true or false, found 1"},
        {BPE(NORM("{\"type\":\"Nmt\"}"), "", "[]"), "normalizer: the type Nmt is not known"},
        {BPE(NORM("{}"), "", "[]"), "a normalizer without a \"type\""},
        {BPE(NORM("{\"type\":\"Sequence\"}"), "", "[]"), "Sequence: expected a list \"normalizers\", not too deep"},
        {BPE(NORM("{\"type\":\"Prepend\"}"), "", "[]"), "Prepend: expected a string \"prepend\""},
        {BPE(NORM("{\"type\":\"Replace\",\"content\":\"x\"}"), "", "[]"), "Replace: expected a \"pattern\""},
        {BPE(NORM("{\"type\":\"Replace\",\"pattern\":{\"String\":\"\"},\"content\":\"x\"}"), "", "[]"), "Replace: an empty pattern"},
        {BPE(NORM("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(\"},\"content\":\"x\"}"), "", "[]"),
         "pattern: byte 0: a group without its )"},
        {BPE(NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAA\"}"), "", "[]"),
         "Precompiled: \"precompiled_charsmap\" is no base64 of a map"},
        {BPE(NORM("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"BAEAAAAA\"}"), "", "[]"),
         "Precompiled: \"precompiled_charsmap\": the map's trie has another size than it says"},
        {BPE(PRE("{\"type\":\"BertPreTokenizer\"}"), "", "[]"), "pre_tokenizer: the type BertPreTokenizer is not known"},
        {BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"Other\"}"), "", "[]"),
         "Split: a \"behavior\" that is not known"},
        {BPE(PRE("{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"},\"behavior\":\"MergedWithNext\",\"invert\":true}"), "", "[]"),
         "Split: \"invert\" is known with Isolated, Removed and Contiguous only"},
        {BPE(PRE("{\"type\":\"Metaspace\",\"replacement\":\"\"}"), "", "[]"), "Metaspace: an empty \"replacement\""},
        {BPE(PRE("{\"type\":\"Metaspace\",\"prepend_scheme\":\"last\"}"), "", "[]"), "Metaspace: a \"prepend_scheme\" that is not known"},
        {BPE(PRE("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"Digits\"}]}"), "", "[]"),
         "Digits: no pre-tokenizer is known behind ByteLevel"},
        {BPE("\"decoder\":{\"type\":\"WordPiece\"},", "", "[]"), "decoder: a type that is not known, or not with this pre-tokenizer"},
        {BPE("\"decoder\":{\"type\":\"ByteLevel\"},", "", "[]"), "decoder: a type that is not known, or not with this pre-tokenizer"},
        {BPE("\"decoder\":{\"type\":\"Strip\",\"content\":\" \",\"start\":2,\"stop\":0},", "", "[]"),
         "decoder: only the Strip of at most one blank at the beginning is known"},
        {UNIGRAM("[[\"a\"]]", ""), "model.vocab 0: expected [TEXT,SCORE]"},
        {UNIGRAM("[[\"a\",0],[\"b\",\"x\"]]", ""), "model.vocab 1: json: expected a number, found a string"},
        {UNIGRAM("[[\"a\",0],[\"a\",1]]", ""), "vocab: the tokens 0 and 1 have the same text"},
        {UNIGRAM("[[\"a\",0]]", "\"unk_id\":1,"), "model: json: unk_id: expected an integer from 0 to 0, found 1"},
    };
    folder f = make_folder();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_text(&f, "tokenizer.json", cases[i][0]);
        ck_refused_file(&f, "tokenizer.json", cases[i][1]);
    }
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
}
END_TEST

START_TEST(long_unigram_tokens_are_refused)
{
    char json[800];
    folder f = make_folder();
    sprintf(json, "{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"%513d\",0]]}}", 7);
    put_text(&f, "tokenizer.json", json);
    ck_refused_file(&f, "tokenizer.json", "model.vocab 0: a token of 513 bytes: at most 512 are allowed");
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
}
END_TEST

START_TEST(malformed_merges_and_ranks)
{
    static const char *const merges[][2] = {{"a b\nabc\n", "line 2: expected two tokens with a blank between them"},
                                            {"#version: 0.2\nb x", "line 2: its second half is no token of the vocabulary"},
                                            {"\n\r\nb a\r\n", "line 3: what it makes is no token of the vocabulary"}};
    static const char *const ranks[][2] = {{"YQ== 0\nYg= 1\n", "line 2: no base64 before the blank"},
                                           {"YQ== 0\nYg==\n", "line 2: expected base64, a blank and a rank"},
                                           {"YQ== 0\n\nYg== 1\n", "line 2: expected base64, a blank and a rank"},
                                           {"YQ== 0\nYg== 2\n", "line 2: expected a rank below the number of lines behind the blank"},
                                           {"YQ== 0\nYg== -1\n", "line 2: expected a rank below the number of lines behind the blank"},
                                           {"YQ== 0\nYg== 99999999999999999999\n",
                                            "line 2: expected a rank below the number of lines behind the blank"},
                                           {"YQ== 0\nYg== 0\n", "line 2: another line has this rank"},
                                           {"YQ== 0\nYQ== 1\n", "the tokens 0 and 1 have the same bytes"},
                                           {"", "0 lines are no vocabulary"}};
    static const char *const patterns[][2] = {{"{}", "expected a string \"pat_str\""},
                                              {"{\"pat_str\":\"[\"}", "pattern: byte 0: a class without its ]"},
                                              {"{\"pat_str\":\"a\",\"special_tokens\":[]}", "special_tokens: expected {NAME:ID,..}"},
                                              {"{\"pat_str\":\"a\",\"special_tokens\":{\"x\":1}}",
                                               "special_tokens: the id 1 is none of the 65536 behind the 7 ranks"},
                                              {"{\"pat_str\":", "json: byte 11: expected a value"}};
    folder f = make_folder();
    put_text(&f, "vocab.json", GPT2_VOCAB);
    for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++) {
        put_text(&f, "merges.txt", merges[i][0]);
        ck_refused_file(&f, "merges.txt", merges[i][1]);
    }
    ck_assert(remove(in_folder(&f, "vocab.json")) == 0 && remove(in_folder(&f, "merges.txt")) == 0);
    put_text(&f, "pattern.json", PATTERN);
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
        put_text(&f, "x.tiktoken", ranks[i][0]);
        ck_refused_file(&f, "x.tiktoken", ranks[i][1]);
    }
    put_text(&f, "x.tiktoken", RANKS);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        put_text(&f, "pattern.json", patterns[i][0]);
        ck_refused_file(&f, "pattern.json", patterns[i][1]);
    }
    remove_folder(&f, (const char *const[]){"x.tiktoken", "pattern.json", NULL});
}
END_TEST

SUITE(suite_io_tokenizer_json, "io/tokenizer_json", merges_have_two_forms, pre_tokenizers, digits_and_punctuation, normalizers,
      maps_of_characters, added_tokens, malformed_files_are_refused_by_their_place, long_unigram_tokens_are_refused,
      malformed_merges_and_ranks)

/* Stage files, vocabularies of language models: SPEC 8.29 to 8.35, 8.45, 8.46. Files stand in a folder of this process while a case
 * runs. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/directory.h"
#include "io/tokenizer_clip.h"
#include "io/tokenizer_open.h"
#include "raw.h"
#include "test/vectors/tokens.h"

enum { PATH = 96, FILES = 2 };

/* The first is the vocabulary, the other lies beside it. */
typedef struct {
    const char *input, *name, *text;
} given_file;

static const char *path_of(char path[PATH], const char *name)
{
    snprintf(path, PATH, "/tmp/spae-tokenizers-%ld%s%.30s", (long)getpid(), name[0] != '\0' ? "/" : "", name);
    return path;
}

static void put(vectors *v, const given_file *file)
{
    char path[PATH];
    const size_t size = strlen(file->text);
    vectors_octets(v, file->input, VECTORS_INPUT, 1, &size, file->text);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_directory_make(path_of(path, ""), v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_file_write_all(v->arena, path_of(path, file->name), file->text, size, v->err));
}

static void take_away(const given_file *file, size_t count)
{
    char path[PATH];
    for (size_t i = 0; i < count; i++)
        remove(path_of(path, file[i].name));
    rmdir(path_of(path, ""));
}

/* Opens the first of the files, and makes tokens of the text, and a text of those again. */
static void tokenize(vectors *v, const char *name, const char *clause, const given_file *file, size_t count, const char *text,
                     spae_status due, const char *why)
{
    char path[PATH], *back = NULL;
    const spae_tokenizer *t = NULL;
    int32_t *id = NULL;
    size_t ids = 0, length = strlen(text);
    if (!vectors_begin(v, name, clause, "tokenize", "{}", why))
        return;
    for (size_t i = 0; i < count; i++)
        put(v, &file[i]);
    vectors_octets(v, "text", VECTORS_INPUT, 1, &length, text);
    if (vectors_goes_on(v)) {
        spae_status status = spae_tokenizer_open(v->arena, path_of(path, file[0].name), &t, v->err);
        if (status == SPAE_OK)
            status = t->encode(t, text, length, v->arena, &id, &ids, v->err);
        if (vectors_returned(v, due, status))
            vectors_expect(v, t->decode(t, id, ids, v->arena, &back, &length, v->err));
    }
    if (vectors_goes_on(v) && due == SPAE_OK) {
        vectors_integers(v, "id", VECTORS_BITS, 1, &ids, id);
        vectors_octets(v, "back", VECTORS_BITS, 1, &length, back);
    }
    take_away(file, count);
    vectors_end(v);
}

static void one(vectors *v, const char *name, const char *clause, const char *json, const char *text, spae_status due,
                const char *why)
{
    const given_file file = {"file", "tokenizer.json", json};
    tokenize(v, name, clause, &file, 1, text, due, why);
}

#define U         "\xE2\x96\x81" /* U+2581 */
#define E_ACUTE   "\xC3\xA9"
#define SPECIAL(id, text) "{\"id\":" id ",\"content\":\"" text "\",\"special\":true}"

/* ---- byte-level ---- */

#define VOCAB                                                                                                                  \
    "{\"a\":0,\"b\":1,\"c\":2,\"\\u0120\":3,\"\\u00c3\":4,\"\\u00a9\":5,\"ab\":6,\"bc\":7,\"\\u0120a\":8,\"abc\":9,"                \
    "\"\\u00c3\\u00a9\":10,\"\\u010a\":11,\"'\":12,\"s\":13,\"1\":14,\"'s\":15,\"S\":16}"
#define MERGES "#version: 0.2\nb c\na b\n\xC4\xA0 a\na bc\n\xC3\x83 \xC2\xA9\n' s\n"
#define PAIRS  "[\"b c\",\"a b\",\"\\u0120 a\",\"a bc\",\"\\u00c3 \\u00a9\",\"' s\"]"
#define SPLIT  "(?i:'s|'t)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"
#define BYTE_LEVEL(pre, more)                                                                                                  \
    "{\"added_tokens\":[" SPECIAL("17", "<|endoftext|>") "],\"normalizer\":null,\"pre_tokenizer\":" pre                        \
    ",\"decoder\":{\"type\":\"ByteLevel\"},\"model\":{\"type\":\"BPE\"," more "\"vocab\":" VOCAB ",\"merges\":" PAIRS "}}"
#define LIKE_LLAMA3                                                                                                            \
    "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":\"" SPLIT                            \
    "\"},\"behavior\":\"Isolated\",\"invert\":false},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}]}"

static void byte_level(vectors *v)
{
    const given_file gpt2[FILES] = {{"file", "vocab.json", VOCAB}, {"merges", "merges.txt", MERGES}};
    tokenize(v, "files/tokenizer_gpt2", "8.29 8.30 8.32 8.34", gpt2, FILES, " a abc's\n  ab" E_ACUTE "bcab\n", SPAE_OK,
             "vocab.json and merges.txt: lowest rank first, equal ones from the left; pieces by GPT-2's pattern");
    one(v, "files/tokenizer_byte_level", "8.29 8.30 8.32", BYTE_LEVEL("{\"type\":\"ByteLevel\"}", ""), "abc a", SPAE_OK,
        "tokenizer.json; a blank is put before the text");
    one(v, "files/tokenizer_llama3", "8.30 8.32", BYTE_LEVEL(LIKE_LLAMA3, "\"ignore_merges\":true,"), "bc's'S 1111\n\n ab", SPAE_OK,
        "a pattern of its own, both cases, numbers by three; a piece that is a token is taken whole");
    one(v, "files/tokenizer_refused_unsaid", "8.32", BYTE_LEVEL(LIKE_LLAMA3, ""), "abx", SPAE_ERR_FORMAT,
        "a byte that no token has, and no unknown token");
    one(v, "files/tokenizer_refused_pattern", "8.30",
        BYTE_LEVEL("{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\w+\"},\"behavior\":\"Isolated\"}", ""), "ab", SPAE_ERR_FORMAT,
        "an escape that is not known");
    one(v, "files/tokenizer_refused_type", "8.30", BYTE_LEVEL("{\"type\":\"BertPreTokenizer\"}", ""), "ab", SPAE_ERR_FORMAT,
        "a pre-tokenizer that is not known");
}

/* ---- SentencePiece's BPE ---- */

#define SIGNS                                                                                                                  \
    "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"" U                             \
    "\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"" U "\"}]},\"pre_tokenizer\":null,"
#define UNDO                                                                                                                   \
    "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\",\"pattern\":{\"String\":\"" U                      \
    "\"},\"content\":\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"},{\"type\":\"Strip\",\"content\":\" \","             \
    "\"start\":1,\"stop\":0}]},"
#define LLAMA(last, merges)                                                                                                    \
    "{\"added_tokens\":[" SPECIAL("0", "<unk>") "," SPECIAL("1", "<s>") "," SPECIAL("2", "</s>") "]," SIGNS UNDO                \
    "\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"fuse_unk\":true,\"byte_fallback\":true,\"vocab\":{\"<unk>\":0,"       \
    "\"<s>\":1,\"</s>\":2,\"<0xC3>\":3,\"<0xA9>\":4,\"" U "\":5,\"a\":6,\"b\":7,\"c\":8,\"" U "a\":9,\"ab\":10,\"" U             \
    "ab\":11,\"aa\":12,\"" U U "\":" last "},\"merges\":" merges "}}"
#define LLAMA_MERGES "[\"" U " a\",\"a b\",[\"" U "a\",\"b\"],\"a a\",\"" U " " U "\"]"

static void sentencepiece(vectors *v)
{
    one(v, "files/tokenizer_llama", "8.31 8.32 8.34", LLAMA("13", LLAMA_MERGES), "ab aab   c" E_ACUTE "xy" E_ACUTE, SPAE_OK,
        "signs for blanks; bytes for a character that is no token, one unknown token for two that have no bytes");
    one(v, "files/tokenizer_refused_hole", "8.29", LLAMA("14", LLAMA_MERGES), "ab", SPAE_ERR_FORMAT, "no token has the id 13");
    one(v, "files/tokenizer_refused_id_twice", "8.29", LLAMA("12", LLAMA_MERGES), "ab", SPAE_ERR_FORMAT, "two tokens of one id");
    one(v, "files/tokenizer_refused_merge", "8.32", LLAMA("13", "[\"a d\"]"), "ab", SPAE_ERR_FORMAT,
        "a merge of what is no token");
}

/* ---- Unigram ---- */

#define UNIGRAM(normalizer)                                                                                                    \
    "{\"added_tokens\":[" SPECIAL("0", "<pad>") "," SPECIAL("1", "</s>") "," SPECIAL("2", "<unk>") "],\"normalizer\":"          \
    normalizer ",\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"" U "\",\"prepend_scheme\":\"always\"},"           \
    "\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"" U "\",\"prepend_scheme\":\"always\"},\"model\":{\"type\":"         \
    "\"Unigram\",\"unk_id\":2,\"vocab\":[[\"<pad>\",0],[\"</s>\",0],[\"<unk>\",0],[\"" U "\",-2],[\"a\",-3],[\"b\",-3.5],"       \
    "[\"ab\",-6.5],[\"" U "a\",-4],[\"aa\",-5],[\"aab\",-9]]}}"

static void unigram(vectors *v)
{
    one(v, "files/tokenizer_unigram", "8.31 8.33 8.34", UNIGRAM("null"), "ab bab aaab bxyb </s>", SPAE_OK,
        "the largest sum; of equal ones the longest last token; unknown characters; special tokens are text");
    one(v, "files/tokenizer_normalized", "8.31", UNIGRAM("{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFKC\"},{\"type\":"
        "\"Lowercase\"},{\"type\":\"Strip\",\"strip_left\":false,\"strip_right\":true},{\"type\":\"Replace\",\"pattern\":"
        "{\"Regex\":\" {2,}\"},\"content\":\" \"}]}"), "AB   \xE4\xB8\xAD b \t", SPAE_OK,
        "what a form leaves as it is, small letters, stripped at the right, several blanks to one");
    one(v, "files/tokenizer_refused_form", "8.31", UNIGRAM("{\"type\":\"NFKC\"}"), "ab\xEF\xBC\xA1", SPAE_ERR_FORMAT,
        "a full-width letter, which NFKC changes");
    one(v, "files/tokenizer_refused_mark", "8.31", UNIGRAM("{\"type\":\"NFC\"}"), "ab\xCC\x81", SPAE_ERR_FORMAT,
        "a mark, which NFC may compose");
    one(v, "files/tokenizer_refused_normalizer", "8.31", UNIGRAM("{\"type\":\"Nmt\"}"), "ab", SPAE_ERR_FORMAT,
        "a normalizer that is not known");
}

/* ---- ranks ---- */

#define RANKS   "YQ== 0\nYg== 1\nYw== 2\nIA== 3\nYmM= 4\nYWI= 5\nYWJj 6\nww== 7\nqQ== 8\nw6k= 9\n"
#define PATTERN "{\"pat_str\":\" ?\\\\p{L}+|\\\\s\",\"special_tokens\":{\"<|endoftext|>\":11}}"

static void with_pattern(vectors *v, const char *name, const char *lines, const char *text, spae_status due, const char *why)
{
    const given_file file[FILES] = {{"file", "x.tiktoken", lines}, {"pattern", "pattern.json", PATTERN}};
    tokenize(v, name, "8.29 8.35", file, FILES, text, due, why);
}

static void ranks(vectors *v)
{
    with_pattern(v, "files/tokenizer_refused_byte", RANKS, "abcc ab\n", SPAE_ERR_FORMAT, "a byte that no token has");
    with_pattern(v, "files/tokenizer_tiktoken", RANKS, "abcc abab bc " E_ACUTE "abc", SPAE_OK,
                 "a piece that is a token; else the lowest rank of two neighbours' bytes together");
    with_pattern(v, "files/tokenizer_refused_left_out", RANKS, "ab!", SPAE_ERR_FORMAT, "what the pattern does not match");
    with_pattern(v, "files/tokenizer_refused_base64", "YQ== 0\nYg= 1\n", "a", SPAE_ERR_FORMAT, "three digits of base64");
    with_pattern(v, "files/tokenizer_refused_rank", "YQ== 0\nYg== 2\n", "a", SPAE_ERR_FORMAT, "rank 2 of two lines");
    with_pattern(v, "files/tokenizer_refused_bytes_twice", "YQ== 0\nYQ== 1\n", "a", SPAE_ERR_FORMAT, "two ranks of the same bytes");
}

/* ---- CLIP ---- */

#define CLIP "\"bpe_simple_vocab_16e6.txt#version: 0.2\nc a\nca t</w>\nt s</w>\nca ts</w>\n"

static void merges_of_clip(vectors *v, const char *name, const char *lines, const char *text, spae_status due, const char *why)
{
    const given_file file = {"file", "bpe.txt", lines};
    tokenize(v, name, "8.45 8.46", &file, 1, text, due, why);
}

/* The sequence of a text, `length` tokens. */
static void clip_sequence(vectors *v, const char *name, size_t length, spae_status due, const char *why)
{
    static const char text[] = "a cat's CATS";
    const given_file file = {"file", "bpe.txt", CLIP};
    char path[PATH], params[32];
    const spae_tokenizer *t = NULL;
    const size_t bytes = sizeof text - 1;
    int32_t token[16] = {0};
    sprintf(params, "{\"context\":%u}", (unsigned)length);
    if (!vectors_begin(v, name, "8.46", "clip_tokens", params, why))
        return;
    put(v, &file);
    vectors_octets(v, "text", VECTORS_INPUT, 1, &bytes, text);
    if (vectors_goes_on(v))
        vectors_expect(v, spae_tokenizer_open(v->arena, path_of(path, file.name), &t, v->err));
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_clip_tokens(t, text, bytes, length, v->arena, token, v->err)))
        vectors_integers(v, "token", VECTORS_BITS, 1, &length, token);
    take_away(&file, 1);
    vectors_end(v);
}

static void clip(vectors *v)
{
    merges_of_clip(v, "files/clip_tokens", CLIP, "CATS  cat tst cac's 12!? \xCD\x85" "a <|endoftext|>", SPAE_OK,
                   "a word's last byte is a token of its own; ca t</w> before t s</w>; a special token's text is that token");
    merges_of_clip(v, "files/clip_cleaned", CLIP,
                   "\x1F &amp;lt;B&gt;&#160;&notit; \xCE\x9F\xCE\xA3 \xCE\xA3 \xC4\xB0\x1E &#150;&#1;&#xd800;\xE2\x80\xA8 \x1D", SPAE_OK,
                   "references twice, by the longest name; stripped, one blank for a run; small letters, final sigma");
    merges_of_clip(v, "files/clip_refused_twice", "#version: 0.2\nc a\nc a\n", "a", SPAE_ERR_FORMAT, "two tokens of one text");
    merges_of_clip(v, "files/clip_refused_merge", "#version: 0.2\nca t\n", "a", SPAE_ERR_FORMAT, "a merge of what is no token");
    clip_sequence(v, "files/clip_sequence", 8, SPAE_OK, "start, tokens, end, zeros");
    clip_sequence(v, "files/clip_refused_long", 5, SPAE_ERR_FORMAT, "four tokens do not fit between start and end");
}

void vectors_tokenizers(vectors *v)
{
    clip(v);
    byte_level(v);
    sentencepiece(v);
    unigram(v);
    ranks(v);
}

/* What the suites of vocabularies share: small files of each kind in a folder, and what they make of a text. */
#ifndef SPAE_TEST_IO_TOKENIZER_FILES_H
#define SPAE_TEST_IO_TOKENIZER_FILES_H

#include "tiny.h"

#include "io/tokenizer_open.h"

#define U "\xE2\x96\x81" /* U+2581 */

/* GPT-2's kind. Characters: G-dot (U+0120) is a blank, e acute is the bytes U+00C3 U+00A9. */
#define GPT2_VOCAB                                                                                                             \
    "{\"a\":0,\"b\":1,\"c\":2,\"\\u0120\":3,\"\\u00c3\":4,\"\\u00a9\":5,\"ab\":6,\"bc\":7,\"\\u0120a\":8,\"abc\":9,"                \
    "\"\\u00c3\\u00a9\":10,\"\\u010a\":11,\"<|endoftext|>\":12}"
#define GPT2_MERGES "#version: 0.2\nb c\na b\n\xC4\xA0 a\na bc\n\xC3\x83 \xC2\xA9\n"

/* Llama 2's kind, with bytes for what it cannot say. Ids: 0 unk, 1 bos, 2 eos, 3.. as listed. */
#define LLAMA_HEAD                                                                                                             \
    "{\"added_tokens\":[{\"id\":0,\"content\":\"<unk>\",\"special\":true},{\"id\":1,\"content\":\"<s>\",\"special\":true},"     \
    "{\"id\":2,\"content\":\"</s>\",\"special\":true}],\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":"                  \
    "[{\"type\":\"Prepend\",\"prepend\":\"" U "\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"" U       \
    "\"}]},\"pre_tokenizer\":null,\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":"          \
    "{\"id\":\"<s>\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}]},\"decoder\":{\"type\":\"Sequence\","        \
    "\"decoders\":[{\"type\":\"Replace\",\"pattern\":{\"String\":\"" U "\"},\"content\":\" \"},{\"type\":\"ByteFallback\"},"    \
    "{\"type\":\"Fuse\"},{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}]},"
#define LLAMA_VOCAB                                                                                                            \
    "\"vocab\":{\"<unk>\":0,\"<s>\":1,\"</s>\":2,\"<0xC3>\":3,\"<0xA9>\":4,\"" U "\":5,\"a\":6,\"b\":7,\"c\":8,"                 \
    "\"" U "a\":9,\"ab\":10,\"" U "ab\":11,\"aa\":12,\"" U U "\":13}"
#define LLAMA_MERGES "\"merges\":[\"" U " a\",\"a b\",\"" U "a b\",\"a a\",\"" U " " U "\"]"
#define LLAMA                                                                                                                  \
    LLAMA_HEAD "\"model\":{\"type\":\"BPE\",\"unk_token\":\"<unk>\",\"fuse_unk\":true,\"byte_fallback\":true," LLAMA_VOCAB       \
               "," LLAMA_MERGES "}}"

/* T5's kind. */
#define T5                                                                                                                     \
    "{\"added_tokens\":[{\"id\":0,\"content\":\"<pad>\",\"special\":true},{\"id\":1,\"content\":\"</s>\",\"special\":true},"    \
    "{\"id\":2,\"content\":\"<unk>\",\"special\":true}],\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"Metaspace\","         \
    "\"replacement\":\"" U "\",\"prepend_scheme\":\"always\"},\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"" U           \
    "\",\"prepend_scheme\":\"always\"},\"model\":{\"type\":\"Unigram\",\"unk_id\":2,\"vocab\":[[\"<pad>\",0],[\"</s>\",0],"      \
    "[\"<unk>\",0],[\"" U "\",-2],[\"a\",-3],[\"b\",-3.5],[\"ab\",-6.5],[\"" U "a\",-4],[\"aa\",-5],[\"aab\",-9]]}}"

/* Ranks: a b c blank ab bc abc, and the pattern beside. */
#define RANKS   "YQ== 0\nYg== 1\nYw== 2\nIA== 3\nYmM= 4\nYWI= 5\nYWJj 6\n"
#define PATTERN "{\"pat_str\":\" ?\\\\p{L}+|\\\\s\",\"special_tokens\":{\"<|endoftext|>\":9}}"

/* Opens FOLDER/NAME. */
static inline spae_status open_in(folder *f, const char *name, spae_arena *arena, const spae_tokenizer **t, spae_error *err)
{
    char path[160];
    strcpy(path, in_folder(f, name));
    return spae_tokenizer_open(arena, path, t, err);
}

static inline void put_text(folder *f, const char *name, const char *text)
{
    put_bytes(in_folder(f, name), text, strlen(text));
}

/* The ids of a text as "1 2 3"; their text is `back` again. */
static inline void ck_tokens(const spae_tokenizer *t, const char *text, const char *due, const char *back)
{
    char found[512] = "", *decoded = NULL;
    int32_t *id = NULL;
    size_t count = 0, length = 0;
    spae_arena arena = new_arena();
    spae_error err = {SPAE_OK, ""};
    ck_assert_msg(t->encode(t, text, strlen(text), &arena, &id, &count, &err) == SPAE_OK, "%s: %s", text, err.text);
    for (size_t i = 0; i < count; i++)
        sprintf(found + strlen(found), "%s%d", i > 0 ? " " : "", (int)id[i]);
    ck_assert_msg(strcmp(found, due) == 0, "\"%s\": %s, due %s", text, found, due);
    ck_ok(t->decode(t, id, count, &arena, &decoded, &length, &err));
    ck_assert_msg(length == strlen(back) && strcmp(decoded, back) == 0, "\"%s\" comes back as \"%s\"", text, decoded);
    spae_arena_free(&arena);
}

static inline void ck_not_said(const spae_tokenizer *t, const char *text, size_t length, const char *due)
{
    int32_t *id = NULL;
    size_t count = 0;
    spae_arena arena = new_arena();
    spae_error err = {SPAE_OK, ""};
    ck_assert_int_eq(t->encode(t, text, length, &arena, &id, &count, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strcmp(err.text, due) == 0, "%s, due %s", err.text, due);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
}

static inline void ck_bytes(const spae_tokenizer *t, int32_t id, const char *due)
{
    size_t length = 99;
    const char *own = t->bytes(t, id, &length);
    if (due == NULL) {
        ck_assert(own == NULL);
        return;
    }
    ck_assert_msg(own != NULL && length == strlen(due) && memcmp(own, due, length) == 0, "token %d", (int)id);
}

#endif

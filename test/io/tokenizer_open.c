/* io/tokenizer_open: each kind of vocabulary from its files; GPT-2's and cl100k's own files where they are at hand. */
#include "tokenizer_files.h"

#include "vendor_free/json.h"

/* ---- kinds, by hand -------------------------------------------------------------------------------------- */

START_TEST(gpt2_files)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(&f, "vocab.json", GPT2_VOCAB);
    put_text(&f, "merges.txt", GPT2_MERGES);
    ck_ok(open_in(&f, "vocab.json", &arena, &t, &err));
    ck_assert_str_eq(t->kind, "byte-level BPE");
    ck_assert_uint_eq(t->V, 13);
    ck_assert(t->begin == 12 && t->end == 12);
    ck_tokens(t, "", "", "");
    ck_tokens(t, "abc", "9", "abc");        /* bc first, then a bc */
    ck_tokens(t, "abab", "6 6", "abab");
    ck_tokens(t, " a abc", "8 8 7", " a abc"); /* bc, then blank a, whose rank is below that of a bc */
    ck_tokens(t, "b a\n", "1 8 11", "b a\n");
    ck_tokens(t, "\xC3\xA9", "10", "\xC3\xA9");
    ck_not_said(t, "abx", 3, "the vocabulary has nothing for U+78, byte 2 of the text");
    ck_not_said(t, "ab\xFF", 3, "byte 2 of the text is no UTF-8");
    ck_not_said(t, "<|endoftext|>", 13, "the vocabulary has nothing for U+3c, byte 0 of the text");
    ck_bytes(t, 8, " a");
    ck_bytes(t, 4, "\xC3");
    ck_bytes(t, 12, NULL);
    ck_assert_int_eq(t->find(t, " a", 2), 8);
    ck_assert_int_eq(t->find(t, "\xC3\xA9", 2), 10);
    ck_assert(t->find(t, "x", 1) == -1 && t->find(t, "", 0) == -1 && t->find(t, "<|endoftext|>", 13) == -1);
    remove_folder(&f, (const char *const[]){"vocab.json", "merges.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(files_beside)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(&f, "x-vocab.json", GPT2_VOCAB);
    put_text(&f, "x-merges.txt", GPT2_MERGES);
    put_text(&f, "tokenizer_config.json", "{\"add_prefix_space\":true,\"bos_token\":null,\"eos_token\":{\"content\":\"abc\"}}");
    ck_ok(open_in(&f, "x-vocab.json", &arena, &t, &err));
    ck_assert(t->begin == -1 && t->end == 9);
    ck_tokens(t, "a", "8", " a");
    ck_tokens(t, " a", "8", " a");
    ck_tokens(t, "bc", "3 7", " bc");
    ck_tokens(t, "cabc", "3 2 0 7", " cabc"); /* abc ends texts: no text becomes it */
    put_text(&f, "tokenizer_config.json", "{\"eos_token\":\"xyz\"}");
    ck_assert_int_eq(open_in(&f, "x-vocab.json", &arena, &t, &err), SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "tokenizer_config.json: eos_token: there is no such token") != NULL);
    remove_folder(&f, (const char *const[]){"x-vocab.json", "x-merges.txt", "tokenizer_config.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

static const spae_tokenizer *open_text(folder *f, spae_arena *arena, const char *json)
{
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(f, "tokenizer.json", json);
    ck_ok(open_in(f, "tokenizer.json", arena, &t, &err));
    return t;
}

START_TEST(sentencepiece_bpe)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = open_text(&f, &arena, LLAMA);
    ck_assert_str_eq(t->kind, "SentencePiece BPE");
    ck_assert(t->V == 14 && t->begin == 1 && t->end == 2);
    ck_tokens(t, "", "", "");
    ck_tokens(t, "ab", "11", "ab");       /* _ a, then _a b */
    ck_tokens(t, "aab", "9 10", "aab");
    ck_tokens(t, "baa ab", "5 7 12 11", "baa ab");
    ck_tokens(t, "  c", "13 5 8", "  c"); /* of three blanks the first two: equal ranks go from the left */
    ck_tokens(t, "\xC3\xA9", "5 3 4", "\xC3\xA9");
    ck_tokens(t, "xy", "5 0", "");        /* unknown ones in a row are one, and add nothing */
    ck_bytes(t, 5, " ");
    ck_bytes(t, 9, " a");
    ck_bytes(t, 3, "\xC3");
    ck_bytes(t, 0, NULL);
    ck_assert_int_eq(t->find(t, " ab", 3), 11);
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(unigram)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = open_text(&f, &arena, T5);
    ck_assert_str_eq(t->kind, "Unigram");
    ck_assert(t->V == 10 && t->begin == -1 && t->end == 1);
    ck_tokens(t, "a", "7", "a");             /* _a -4, against _ a: -5 */
    ck_tokens(t, "ab", "7 5", "ab");         /* _a b: -7.5; _ ab: -8.5 */
    ck_tokens(t, "bab", "3 5 6", "bab");     /* a b and ab are both -6.5: the longer last token */
    ck_tokens(t, "aaab", "7 8 5", "aaab");   /* _a aa b: -12.5, _a a ab: -13.5, _a aab: -13, _ aa ab: -13.5 */
    ck_tokens(t, "b b", "3 5 3 5", "b b");
    ck_tokens(t, "bxyb", "3 5 2 5", "bb");
    ck_tokens(t, "</s>", "3 2", "");         /* no text becomes a special token */
    remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(ranks)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(&f, "x.tiktoken", RANKS);
    put_text(&f, "pattern.json", PATTERN);
    ck_ok(open_in(&f, "x.tiktoken", &arena, &t, &err));
    ck_assert_str_eq(t->kind, "tiktoken");
    ck_assert(t->V == 10 && t->begin == 9 && t->end == 9);
    ck_tokens(t, "abc", "6", "abc");
    ck_tokens(t, "abcc", "6 2", "abcc"); /* bc first, then a bc */
    ck_tokens(t, "abab bc", "5 5 3 4", "abab bc");
    ck_not_said(t, "ab!", 3, "tiktoken: U+21, byte 2 of the text: the splitting pattern leaves it out");
    ck_not_said(t, "xab", 3, "the vocabulary has nothing for U+78, byte 0 of the text");
    ck_bytes(t, 7, NULL); /* between the ranks and the special token */
    ck_bytes(t, 6, "abc");
    ck_assert_int_eq(t->find(t, "bc", 2), 4);
    remove_folder(&f, (const char *const[]){"x.tiktoken", "pattern.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* Ranks of all bytes, so that any text can be said. */
static size_t byte_ranks(char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    for (int b = 0; b < 256; b++)
        n += (size_t)sprintf(text + n, "%c%c== %d\n", digits[b >> 2], digits[(b & 3) << 4], b);
    return n;
}

START_TEST(known_names_need_no_pattern)
{
    char text[4096];
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    byte_ranks(text);
    put_text(&f, "r50k_base.tiktoken", text);
    ck_ok(open_in(&f, "r50k_base.tiktoken", &arena, &t, &err));
    ck_assert(t->V == 50257 && t->begin == 50256 && t->end == 50256);
    ck_tokens(t, "a b", "97 32 98", "a b");
    put_text(&f, "unheard.tiktoken", text);
    ck_assert_int_eq(open_in(&f, "unheard.tiktoken", &arena, &t, &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, "pattern.json is there, and the file has no known name") != NULL);
    put_text(&f, "o200k_base.tiktoken", text);
    ck_assert_int_eq(open_in(&f, "o200k_base.tiktoken", &arena, &t, &err), SPAE_ERR_FORMAT); /* its ids are far behind */
    remove_folder(&f, (const char *const[]){"r50k_base.tiktoken", "unheard.tiktoken", "o200k_base.tiktoken", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(folders)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err;
    ck_assert_int_eq(spae_tokenizer_open(&arena, f.name, &t, &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, "no tokenizer.json, vocab.json or .tiktoken file is there") != NULL);
    put_text(&f, "pattern.json", PATTERN);
    put_text(&f, "x.tiktoken", RANKS);
    ck_ok(spae_tokenizer_open(&arena, f.name, &t, &err));
    ck_assert_str_eq(t->kind, "tiktoken");
    put_text(&f, "y.tiktoken", RANKS);
    ck_assert_int_eq(spae_tokenizer_open(&arena, f.name, &t, &err), SPAE_ERR_FORMAT);
    ck_assert(strstr(err.text, "several .tiktoken files") != NULL);
    put_text(&f, "vocab.json", GPT2_VOCAB);
    ck_assert_int_eq(spae_tokenizer_open(&arena, f.name, &t, &err), SPAE_ERR_IO);
    ck_assert(strstr(err.text, "merges.txt") != NULL);
    put_text(&f, "merges.txt", GPT2_MERGES);
    ck_ok(spae_tokenizer_open(&arena, f.name, &t, &err));
    ck_assert_str_eq(t->kind, "byte-level BPE");
    put_text(&f, "tokenizer.json", T5);
    ck_ok(spae_tokenizer_open(&arena, f.name, &t, &err));
    ck_assert_str_eq(t->kind, "Unigram");
    ck_assert_int_eq(open_in(&f, "none.json", &arena, &t, &err), SPAE_ERR_IO);
    remove_folder(&f, (const char *const[]){"tokenizer.json", "vocab.json", "merges.txt", "x.tiktoken", "y.tiktoken", "pattern.json", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* ---- published files ------------------------------------------------------------------------------------- */

/* One case {"text":..,"ids":[..]}: both ways. */
static void ck_case(const spae_tokenizer *t, const spae_json_node *nodes, const spae_json_node *item, spae_arena *arena)
{
    const spae_json_node *text = spae_json_member(nodes, item, "text"), *ids = spae_json_member(nodes, item, "ids");
    char *said = spae_arena_take(arena, text->length + 1, 1), *back = NULL;
    size_t length = 0, count = 0, back_length = 0, i = 0;
    int32_t *id = NULL;
    spae_error err;
    ck_ok(spae_json_string(text, said, text->length + 1, &length, &err));
    ck_ok(t->encode(t, said, length, arena, &id, &count, &err));
    ck_assert_msg(count == ids->count, "\"%.40s\": %zu tokens, due %u", said, count, (unsigned)ids->count);
    for (const spae_json_node *node = spae_json_first(nodes, ids); node != NULL; node = spae_json_next(nodes, node), i++) {
        int64_t due = -1;
        ck_ok(spae_json_integer(node, 0, INT32_MAX, &due, &err));
        ck_assert_msg(id[i] == due, "\"%.40s\": token %zu is %d, due %d", said, i, (int)id[i], (int)due);
    }
    ck_ok(t->decode(t, id, count, arena, &back, &back_length, &err));
    ck_assert(back_length == length && memcmp(back, said, length) == 0);
}

static void ck_published(const char *vocabulary, const char *cases, size_t V, int32_t end)
{
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    const uint8_t *file = NULL;
    size_t size = 0, seen = 0;
    spae_error err;
    if (!spae_file_exists(cases))
        return;
    ck_ok(spae_tokenizer_open(&arena, vocabulary, &t, &err));
    ck_assert_uint_eq(t->V, V);
    ck_assert_int_eq(t->end, end);
    ck_ok(spae_file_read_all(&arena, cases, 1 << 20, &file, &size, &err));
    const size_t room = spae_json_bound((const char *)file, size);
    spae_json_node *nodes = spae_arena_take(&arena, room, sizeof *nodes);
    ck_ok(spae_json_parse((const char *)file, size, nodes, room, NULL, &err));
    for (const spae_json_node *item = spae_json_first(nodes, nodes); item != NULL; item = spae_json_next(nodes, item), seen++)
        ck_case(t, nodes, item, &arena);
    ck_assert_uint_eq(seen, 260);
    for (int32_t k = 0; k < (int32_t)t->V; k++) { /* every token is found by its bytes */
        size_t length = 0;
        const char *own = t->bytes(t, k, &length);
        ck_assert(own == NULL || t->find(t, own, length) == k);
    }
    spae_arena_free(&arena);
}

START_TEST(published_vocabularies)
{
    ck_published("../shared/data/vocab/gpt2", "../shared/data/vocab/gpt2/cases.json", 50257, 50256);
    ck_published("../shared/data/vocab/cl100k/cl100k_base.tiktoken", "../shared/data/vocab/cl100k/cases.json", 100277, 100257);
}
END_TEST

/* ---- hostile texts, little memory ------------------------------------------------------------------------ */

START_TEST(long_texts_end)
{
    enum { LENGTH = 1000000 };
    static const char *const files[] = {LLAMA, T5};
    char *text = malloc(LENGTH);
    memset(text, 'a', LENGTH);
    for (size_t k = 0; k < 2; k++) {
        folder f = make_folder();
        spae_arena arena = new_arena();
        const spae_tokenizer *t = open_text(&f, &arena, files[k]);
        int32_t *id = NULL;
        size_t count = 0, length = 0;
        char *back = NULL;
        spae_error err;
        ck_ok(t->encode(t, text, LENGTH, &arena, &id, &count, &err));
        ck_assert_uint_eq(count, LENGTH / 2 + 1);
        ck_ok(t->decode(t, id, count, &arena, &back, &length, &err));
        ck_assert(length == LENGTH && memcmp(back, text, LENGTH) == 0);
        remove_folder(&f, (const char *const[]){"tokenizer.json", NULL});
        spae_arena_free(&arena);
    }
    free(text);
}
END_TEST

static spae_status open_and_use(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_tokenizer *t = NULL;
    int32_t *id = NULL;
    size_t count = 0, length = 0;
    char *text = NULL;
    spae_status status = spae_tokenizer_open(arena, context, &t, err);
    if (status == SPAE_OK)
        status = t->encode(t, "ab abc bab", 10, arena, &id, &count, err);
    if (status == SPAE_OK)
        status = t->decode(t, id, count, arena, &text, &length, err);
    if (status == SPAE_OK)
        ck_assert_str_eq(text, "ab abc bab");
    else
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(every_refused_allocation_is_told)
{
    folder f = make_folder();
    char path[160];
    put_text(&f, "tokenizer.json", LLAMA);
    put_text(&f, "vocab.json", GPT2_VOCAB);
    put_text(&f, "merges.txt", GPT2_MERGES);
    put_text(&f, "x.tiktoken", RANKS);
    put_text(&f, "pattern.json", PATTERN);
    static const char *const names[] = {"tokenizer.json", "vocab.json", "x.tiktoken"};
    for (size_t i = 0; i < 3; i++) {
        strcpy(path, in_folder(&f, names[i]));
        starve(open_and_use, path, 1024);
    }
    remove_folder(&f, (const char *const[]){"tokenizer.json", "vocab.json", "merges.txt", "x.tiktoken", "pattern.json", NULL});
}
END_TEST

SUITE(suite_io_tokenizer_open, "io/tokenizer_open", gpt2_files, files_beside, sentencepiece_bpe, unigram, ranks,
      known_names_need_no_pattern, folders, published_vocabularies, long_texts_end, every_refused_allocation_is_told)

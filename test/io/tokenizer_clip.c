/* io/tokenizer_clip: cleaning, merging and sequences, with a small file of merges and with CLIP's own where it is at hand. */
#include "tokenizer_files.h"

#include "io/tokenizer_clip.h"
#include "io/tokenizer_parts.h"
#include "vendor_free/deflate.h"

/* Bytes are 'a' 64, 'c' 66, 's' 82, 't' 83 (33 is token 0), at a word's end 256 more; then ca, ca t</w>, s</w> after ca. */
#define SMALL "\"bpe_simple_vocab_16e6.txt#version: 0.2\nc a\nca t</w>\nt s</w>\nca ts</w>\n"

static const spae_tokenizer *open_merges(folder *f, const char *text, spae_arena *arena)
{
    const spae_tokenizer *t = NULL;
    spae_error err;
    put_text(f, "bpe.txt", text);
    ck_ok(open_in(f, "bpe.txt", arena, &t, &err));
    return t;
}

static void ck_clean(const char *text, const char *due)
{
    spae_arena arena = new_arena();
    const char *out = NULL;
    size_t count = 0;
    spae_error err;
    ck_ok(spae_token_clean(text, strlen(text), &arena, &out, &count, &err));
    ck_assert_msg(count == strlen(due) && memcmp(out, due, count) == 0, "\"%s\" becomes \"%.*s\", not \"%s\"", text, (int)count, out, due);
    spae_arena_free(&arena);
}

/* Each as Python's html.unescape (twice), strip, regex's \s+ and lower give it. */
START_TEST(cleaning)
{
    ck_clean("", "");
    ck_clean(" \t\n ", "");
    ck_clean("A  Photo \n of\ta CAT ", "a photo of a cat");
    ck_clean("&lt;B&gt; &amp;amp;eacute; &amp;lt;", "<b> &eacute; <"); /* twice, not three times */
    ck_clean("&nbsp;x&#160;&nbsp;y&#32;", "x y");
    ck_clean("\x1f x\x1e \x1dy\x1c", "x\x1e \x1dy");        /* separators of information: off the ends only */
    ck_clean("a\xC2\x85" "b\xE2\x80\xA8" "c\xE3\x80\x80", "a b c");   /* next line, line separator, ideographic space */
    ck_clean("\xE2\x80\x8B x", "\xE2\x80\x8B x");             /* no space: zero width */
    ck_clean("\xC3\x89" "COLE \xC4\xB0STANBUL \xC7\x85", "\xC3\xA9" "cole i\xCC\x87stanbul \xC7\x86");
    ck_clean("\xCE\x9F\xCE\x94\xCE\x9F\xCE\xA3 \xCE\xA3\xCE\xA3 \xCE\xA3", "\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x82 \xCF\x83\xCF\x82 \xCF\x83"); /* final sigma */
    ck_clean("A.\xCE\xA3.B A\xCE\xA3.", "a.\xCF\x83.b a\xCF\x82.");   /* marks and points between do not count */
    ck_clean("\xC8\xBA\xE2\x84\xAA", "\xE2\xB1\xA5k");         /* two bytes become three, three one */
}
END_TEST

START_TEST(small_merges)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = open_merges(&f, SMALL, &arena);
    ck_assert_str_eq(t->kind, "CLIP BPE");
    ck_assert_uint_eq(t->V, 518);
    ck_assert(t->begin == 516 && t->end == 517);
    ck_tokens(t, "", "", "");
    ck_tokens(t, "cat", "513", "cat ");
    ck_tokens(t, "CATS  cat&#115;", "515 515", "cats cats ");
    ck_tokens(t, "ca", "66 320", "ca ");         /* the last byte is the one that ends a word: c, a</w> */
    ck_tokens(t, "cac", "512 322", "cac ");
    ck_tokens(t, "tst", "83 82 339", "tst ");    /* t s</w> is of the end only */
    ck_tokens(t, "a1 22!?", "320 272 273 273 0 286", "a 1 2 2 !? ");
    ck_tokens(t, "a's", "320 6 338", "a 's ");
    ck_tokens(t, "<|endoftext|> a <|STARTOFTEXT|>", "517 320 516", "a ");
    ck_tokens(t, "\xC3\xA9", "127 358", "\xC3\xA9 ");
    ck_tokens(t, "c\xCD\x85" "a\xCD\x85", "322 320", "c a "); /* U+0345 is lost, as in OpenAI's code */
    ck_not_said(t, "ab\xFF", 3, "byte 2 of the text is no UTF-8");
    ck_bytes(t, 64, "a");
    ck_bytes(t, 320, "a ");
    ck_bytes(t, 515, "cats ");
    ck_bytes(t, 517, NULL);
    ck_assert(t->find(t, "cat ", 4) == 513 && t->find(t, "cat", 3) == -1);
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(gzipped_and_with_other_ends_of_lines)
{
    static const char lines[] = "#version: 0.2\r\nc a\r\n\r\nca t</w>\r\nt s</w>\r\nca ts</w>";
    uint8_t packed[512];
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = open_merges(&f, lines, &arena);
    size_t size = 0;
    spae_error err;
    ck_tokens(t, "cats cat", "515 513", "cats cat ");
    void *work = spae_arena_take(&arena, spae_deflate_work(), 1);
    ck_ok(spae_deflate(SPAE_DEFLATE_GZIP, (const uint8_t *)lines, sizeof lines - 1, packed, sizeof packed, &size, work, &err));
    put_bytes(in_folder(&f, "bpe.txt"), packed, size);
    ck_ok(open_in(&f, "bpe.txt", &arena, &t, &err));
    ck_tokens(t, "cats cat", "515 513", "cats cat ");
    packed[size - 6] ^= 1;
    put_bytes(in_folder(&f, "bpe.txt"), packed, size);
    ck_assert_int_eq(open_in(&f, "bpe.txt", &arena, &t, &err), SPAE_ERR_FORMAT);
    put_bytes(in_folder(&f, "bpe.txt"), packed, size - 1);
    ck_assert_int_eq(open_in(&f, "bpe.txt", &arena, &t, &err), SPAE_ERR_FORMAT);
    put_bytes(in_folder(&f, "bpe.txt"), packed, 9);
    ck_assert_int_eq(open_in(&f, "bpe.txt", &arena, &t, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "the gzip file is cut off") != NULL, "%s", err.text);
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

/* More lines than CLIP takes are left unread, whatever they are. Words of two printable characters, then of three. */
START_TEST(only_so_many_merges)
{
    enum { MOST = 48894, SIDE = 94 };
    char *text = malloc(6 * (MOST + 1) + 64);
    folder f = make_folder();
    for (int fewer = 0; fewer < 2; fewer++) {
        char *at = text + sprintf(text, "#version: 0.2\n");
        spae_arena arena = new_arena();
        const spae_tokenizer *t = NULL;
        spae_error err;
        for (int i = 0; i < MOST - fewer; i++) {
            const int k = i < SIDE * SIDE ? i : i - SIDE * SIDE;
            if (i < SIDE * SIDE)
                at += sprintf(at, "%c %c\n", 33 + k / SIDE, 33 + k % SIDE);
            else
                at += sprintf(at, "%c%c %c\n", 33 + k / SIDE / SIDE, 33 + k / SIDE % SIDE, 33 + k % SIDE);
        }
        strcpy(at, "no such line\n");
        put_text(&f, "bpe.txt", text);
        const spae_status status = open_in(&f, "bpe.txt", &arena, &t, &err);
        ck_assert_int_eq(status, fewer > 0 ? SPAE_ERR_FORMAT : SPAE_OK);
        if (status == SPAE_OK)
            ck_assert(t->V == 49408 && t->begin == 49406 && t->end == 49407 && t->find(t, "!\"#", 3) == 512 + SIDE * SIDE + 94 + 2);
        else
            ck_assert_msg(strstr(err.text, "line 48895: ") != NULL, "%s", err.text);
        spae_arena_free(&arena);
    }
    free(text);
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
}
END_TEST

static void ck_broken(const char *text, const char *due)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    spae_error err = {SPAE_OK, ""};
    put_text(&f, "bpe.txt", text);
    ck_assert_int_eq(open_in(&f, "bpe.txt", &arena, &t, &err), SPAE_ERR_FORMAT);
    ck_assert_msg(strstr(err.text, "bpe.txt: ") != NULL && strstr(err.text, due) != NULL, "%s, due %s", err.text, due);
    ck_assert_uint_eq(arena.used, 0);
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
    spae_arena_free(&arena);
}

START_TEST(broken_files)
{
    ck_broken("#version: 0.2\nc a\nts\n", "line 3: expected two tokens with a blank between them");
    ck_broken("#version: 0.2\nc a b\n", "line 2: expected two tokens with a blank between them");
    ck_broken("#version: 0.2\nc a\n ca t\n", "line 3: expected two tokens with a blank between them");
    ck_broken("#version: 0.2\nca t\n", "line 2: its first half is no token of the vocabulary");
    ck_broken("#version: 0.2\nt ca\n", "line 2: its second half is no token of the vocabulary");
    ck_broken("#version: 0.2\nc a\nc a\n", "the tokens 512 and 513 have the same text");
    ck_broken("#version: 0.2\nc \xE4\xB8\xAD\n", "line 2: a character that stands for no byte");
    ck_broken("#version: 0.2\nc \xFF\n", "line 2: a character that stands for no byte");
    ck_broken("#version: 0.2\nc\ta\n", "line 2: a character that stands for no byte");
}
END_TEST

START_TEST(sequences)
{
    folder f = make_folder();
    spae_arena arena = new_arena();
    const spae_tokenizer *t = open_merges(&f, SMALL, &arena);
    int32_t token[6] = {-7, -7, -7, -7, -7, -7};
    spae_error err;
    const size_t used = arena.used;
    ck_ok(spae_clip_tokens(t, "cat a", 5, 5, &arena, token, &err));
    ck_assert(token[0] == 516 && token[1] == 513 && token[2] == 320 && token[3] == 517 && token[4] == 0 && token[5] == -7);
    ck_ok(spae_clip_tokens(t, "cat a", 5, 4, &arena, token, &err));
    ck_assert(token[3] == 517);
    ck_ok(spae_clip_tokens(t, "", 0, 2, &arena, token, &err));
    ck_assert(token[0] == 516 && token[1] == 517 && token[2] == 320);
    ck_assert_int_eq(spae_clip_tokens(t, "cat a", 5, 3, &arena, token, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "the text has 2 tokens, at most 1 fit between start and end: cat a");
    ck_assert_int_eq(spae_clip_tokens(t, "1234567890 1234567890 1234567890 1234567890", 43, 6, &arena, token, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "the text has 40 tokens, at most 4 fit between start and end: 1234567890 1234567890 1234567890 1234567..");
    ck_assert_int_eq(spae_clip_tokens(t, "a", 1, 1, &arena, token, &err), SPAE_ERR_ARGUMENT);
    ck_assert_int_eq(spae_clip_tokens(t, "\xFF", 1, 6, &arena, token, &err), SPAE_ERR_FORMAT);
    spae_tokenizer endless = *t;
    endless.end = -1;
    ck_assert_int_eq(spae_clip_tokens(&endless, "a", 1, 6, &arena, token, &err), SPAE_ERR_ARGUMENT);
    ck_assert(token[0] == 516 && token[1] == 517 && token[2] == 320 && arena.used == used);
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_published_file)
{
    static const char cases[] = "../shared/data/vocab/clip/cases.json";
    spae_arena arena = new_arena();
    const spae_tokenizer *t = NULL;
    const uint8_t *file = NULL;
    size_t size = 0, seen = 0;
    spae_error err;
    if (!spae_file_exists(cases))
        return;
    ck_ok(spae_tokenizer_open(&arena, "../shared/data/vocab/clip/bpe_simple_vocab_16e6.txt.gz", &t, &err));
    ck_assert(t->V == 49408 && t->begin == 49406 && t->end == 49407);
    ck_ok(spae_file_read_all(&arena, cases, 1 << 20, &file, &size, &err));
    const size_t room = spae_json_bound((const char *)file, size);
    spae_json_node *nodes = spae_arena_take(&arena, room, sizeof *nodes);
    ck_ok(spae_json_parse((const char *)file, size, nodes, room, NULL, &err));
    for (const spae_json_node *item = spae_json_first(nodes, nodes); item != NULL; item = spae_json_next(nodes, item), seen++) {
        const spae_json_node *text = spae_json_member(nodes, item, "text"), *ids = spae_json_member(nodes, item, "ids");
        char *said = spae_arena_take(&arena, text->length + 1, 1);
        size_t length = 0, count = 0, i = 0;
        int32_t *id = NULL;
        ck_ok(spae_json_string(text, said, text->length + 1, &length, &err));
        ck_ok(t->encode(t, said, length, &arena, &id, &count, &err));
        ck_assert_msg(count == ids->count, "\"%.40s\": %zu tokens, due %u", said, count, (unsigned)ids->count);
        for (const spae_json_node *node = spae_json_first(nodes, ids); node != NULL; node = spae_json_next(nodes, node), i++) {
            int64_t due = -1;
            ck_ok(spae_json_integer(node, 0, INT32_MAX, &due, &err));
            ck_assert_msg(id[i] == due, "\"%.40s\": token %zu is %d, due %d", said, i, (int)id[i], (int)due);
        }
    }
    ck_assert_uint_eq(seen, 260);
    ck_tokens(t, "a photo of a cat.", "320 1125 539 320 2368 269", "a photo of a cat . ");
    spae_arena_free(&arena);
}
END_TEST

static spae_status open_and_use(spae_arena *arena, void *context, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const spae_tokenizer *t = NULL;
    int32_t token[8] = {0};
    spae_status status = spae_tokenizer_open(arena, context, &t, err);
    if (status == SPAE_OK)
        status = spae_clip_tokens(t, "cats A\xCE\xA3", 8, 8, arena, token, err);
    ck_assert(token[0] == (status == SPAE_OK ? 516 : 0));
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

START_TEST(every_refused_allocation_is_told)
{
    char path[160];
    folder f = make_folder();
    put_text(&f, "bpe.txt", SMALL);
    strcpy(path, in_folder(&f, "bpe.txt"));
    starve(open_and_use, path, 1024);
    remove_folder(&f, (const char *const[]){"bpe.txt", NULL});
}
END_TEST

SUITE(suite_io_tokenizer_clip, "io/tokenizer_clip", cleaning, small_merges, gzipped_and_with_other_ends_of_lines,
      only_so_many_merges, broken_files, sequences, the_published_file, every_refused_allocation_is_told)

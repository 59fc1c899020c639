/* io/transcript: its lines, written and read. */
#include "language.h"

#include "io/transcript.h"

#define HEAD   "{\"transcript\":1,\"model\":\"m\",\"window\":100}\n"
#define PROMPT "\"number\":3,\"prompt\":\"a\",\"ids\":null"
#define WANTED "\"n\":2,\"temperature\":0.5,\"max_tokens\":4,\"stop\":\"\\n\",\"seed\":7"
#define SAMPLE "{\"text\":\"x\",\"ids\":null,\"end\":\"end\"}"
#define LINE   "{" PROMPT "," WANTED ",\"samples\":[" SAMPLE "," SAMPLE "]}\n"
#define SCORE  "{" PROMPT ",\"continuation\":\"b\",\"continuation_ids\":null,\"log_probability\":-1.5}\n"

static spae_status parse(const char *text, spae_arena *arena, spae_transcript *t, spae_error *err)
{
    return spae_transcript_parse("x", text, strlen(text), arena, t, err);
}

START_TEST(lines_are_written)
{
    static const int32_t id[2] = {5, 6};
    spae_arena arena = new_arena();
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    char choice[SPAE_TRANSCRIPT_CHOICE_ROOM];
    spae_request r = request_of("a");
    const spae_answer a[2] = {{"x", 1, NULL, 0, SPAE_ANSWER_ENDED}, {"\xC3", 1, id, 2, SPAE_ANSWER_STOPPED}};
    ck_ok(spae_transcript_head("m", 100, &arena, &file, &size, &err));
    ck_assert(size == sizeof HEAD - 1 && memcmp(file, HEAD, size) == 0);
    r.stop = NULL;
    r.id = id;
    r.ids = 2;
    ck_ok(spae_transcript_samples(&r, a, &arena, &file, &size, &err));
    static const char line[] =
        "{\"number\":3,\"prompt\":\"a\",\"ids\":[5,6],\"n\":2,\"temperature\":0.5,\"max_tokens\":4,"
        "\"stop\":null,\"seed\":7,\"samples\":[" SAMPLE
        ",{\"text\":{\"bytes\":[195]},\"ids\":[5,6],\"end\":\"stop\"}]}\n";
    ck_assert_msg(size == sizeof line - 1 && memcmp(file, line, size) == 0, "%.*s", (int)size, (const char *)file);
    r = request_of("a");
    ck_ok(spae_transcript_score(&r, &(spae_answer){"b", 1, NULL, 0, SPAE_ANSWER_ENDED}, -1.5, &arena, &file, &size,
                                &err));
    ck_assert(size == sizeof SCORE - 1 && memcmp(file, SCORE, size) == 0);
    ck_ok(spae_transcript_score(&r, &(spae_answer){"", 0, NULL, 0, SPAE_ANSWER_ENDED}, -HUGE_VAL, &arena, &file, &size,
                                &err));
    ck_assert(memcmp(file + size - 7, ":null}\n", 7) == 0);
    size = spae_transcript_choice(4294967295, 1, choice);
    ck_assert(size == 33 && memcmp(choice, "{\"number\":4294967295,\"choice\":1}\n", size) == 0);
    size = spae_transcript_choice(0, SPAE_CHOICE_NONE, choice);
    ck_assert(memcmp(choice, "{\"number\":0,\"choice\":null}\n", size) == 0);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(lines_are_read)
{
    static const char text[] = HEAD LINE
        "{\"number\":3,\"choice\":1}\n" SCORE
        "{\"number\":4,\"prompt\":{\"bytes\":[97,0,255]},\"ids\":[5,6],\"n\":1,\"temperature\":0,\"max_tokens\":9,"
        "\"seed\":4294967295,\"samples\":[{\"text\":\"\",\"ids\":[],\"end\":\"length\"}],\"more\":{}}\n"
        "{\"number\":4,\"choice\":null}\n{\"number\":5,\"prompt";
    spae_arena arena = new_arena();
    spae_transcript t;
    spae_error err;
    ck_ok(spae_transcript_parse("x", text, sizeof text - 1, &arena, &t, &err));
    ck_assert(t.count == 3 && t.window == 100 && t.torn == 19 && t.whole == sizeof text - 1 - 19);
    ck_assert_str_eq(t.model, "m");
    const spae_record *r = t.record;
    ck_assert(r[0].line == 2 && r[0].choice == 1 && r[0].choice_line == 3 && r[0].request.id == NULL);
    ck_assert(r[0].request.samples == 2 && r[0].request.temperature == 0.5 && r[0].request.max_tokens == 4);
    ck_assert_str_eq(r[0].request.stop, "\n");
    ck_answer(&r[0].answer[1], "x", SPAE_ANSWER_ENDED);
    ck_assert(r[1].line == 4 && r[1].answer == NULL && r[1].log_probability == -1.5);
    ck_assert_str_eq(r[1].continuation.text, "b");
    ck_assert(r[2].request.length == 3 && memcmp(r[2].request.text, "a\0\xFF", 4) == 0);
    ck_assert(r[2].request.ids == 2 && r[2].request.id[1] == 6 && r[2].request.stop == NULL);
    ck_assert(r[2].request.seed == 4294967295 && r[2].request.number == 4 && r[2].choice == SPAE_CHOICE_NONE);
    ck_assert(r[2].answer[0].end == SPAE_ANSWER_FULL && r[2].answer[0].id != NULL && r[2].answer[0].ids == 0);
    spae_arena_free(&arena);
}
END_TEST

/* A choice is that of the last request of its number. */
START_TEST(a_choice_finds_its_request)
{
    spae_arena arena = new_arena();
    spae_transcript t;
    spae_error err;
    ck_ok(parse(HEAD LINE LINE "{\"number\":3,\"choice\":0}\n", &arena, &t, &err));
    ck_assert(t.record[0].choice == SPAE_CHOICE_UNKNOWN && t.record[1].choice == 0);
    spae_arena_free(&arena);
}
END_TEST

/* .. among the last 4096 for samples. */
START_TEST(a_choice_comes_soon)
{
    static char text[4097 * sizeof SCORE + 4097 * sizeof LINE + 1000];
    for (size_t between = 4095; between <= 4096; between++) {
        spae_arena arena = new_arena();
        spae_transcript t;
        spae_error err;
        char *at = text + sprintf(text, HEAD "{\"number\":4%s", strstr(LINE, ",\"prompt\""));
        for (size_t i = 0; i < between; i++)
            at += sprintf(at, SCORE LINE);
        strcpy(at, "{\"number\":4,\"choice\":1}\n");
        const spae_status status = parse(text, &arena, &t, &err);
        if (between == 4095)
            ck_assert(status == SPAE_OK && t.record[0].choice == 1);
        else
            ck_fails(status, SPAE_ERR_FORMAT, "x: line 8195: byte 0: a choice of no request");
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(other_lines_are_refused)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", "not one whole line"},
        {"{\"transcript\":1,\"model\":\"m\",\"window\":100}", "not one whole line"},
        {"\n", "line 1: json: byte 0"},
        {LINE, "line 1: byte 0: \"transcript\" is missing"},
        {"{\"transcript\":2,\"model\":\"m\",\"window\":100}\n", "line 1: byte 0: expected version 1"},
        {"{\"transcript\":1,\"window\":100}\n", "\"model\" is missing"},
        {"{\"transcript\":1,\"model\":\"m\",\"window\":-1}\n", "window"},
        {HEAD "\n", "line 2: json: byte 0"},
        {HEAD LINE "{\"number\":3}\n", "line 3: byte 0: \"prompt\" is missing"},
        {HEAD "[]\n", "line 2: byte 0: expected an object with \"number\""},
        {HEAD "{\"number\":4294967296}\n", "number"},
        {HEAD "{\"number\":3,\"prompt\":7}\n", "string"},
        {HEAD "{\"number\":3,\"prompt\":{\"hex\":\"00\"}}\n", "\"bytes\""},
        {HEAD "{\"number\":3,\"prompt\":{\"bytes\":[256]}}\n", "0 to 255"},
        {HEAD "{\"number\":3,\"prompt\":\"a\",\"ids\":[-1]}\n", "token's number"},
        {HEAD "{" PROMPT "}\n", "\"n\" is missing"},
        {HEAD "{" PROMPT ",\"n\":0}\n", "n"},
        {HEAD "{" PROMPT ",\"n\":1,\"temperature\":-1}\n", "temperature"},
        {HEAD "{" PROMPT ",\"n\":1,\"temperature\":1,\"max_tokens\":0}\n", "max_tokens"},
        {HEAD "{" PROMPT ",\"n\":1,\"temperature\":1,\"max_tokens\":1,\"stop\":\"\\u0000\"}\n", "zero byte"},
        {HEAD "{" PROMPT "," WANTED "}\n", "\"samples\" is missing"},
        {HEAD "{" PROMPT "," WANTED ",\"samples\":[" SAMPLE "]}\n", "1 members, 2 are due"},
        {HEAD "{" PROMPT "," WANTED ",\"samples\":[" SAMPLE ",{\"text\":\"x\"}]}\n", "\"end\" is missing"},
        {HEAD "{" PROMPT "," WANTED ",\"samples\":[" SAMPLE ",{\"text\":\"x\",\"end\":\"eos\"}]}\n", "none of"},
        {HEAD "{" PROMPT ",\"continuation\":\"b\"}\n", "log_probability"},
        {HEAD "{" PROMPT ",\"continuation\":\"b\",\"log_probability\":1}\n", "log_probability"},
        {HEAD "{\"number\":3,\"choice\":0}\n", "line 2: byte 0: a choice of no request"},
        {HEAD SCORE "{\"number\":3,\"choice\":0}\n", "line 3: byte 0: a choice of no request"},
        {HEAD LINE "{\"number\":3,\"choice\":2}\n", "line 3: byte 21: expected the number of a sample"},
        {HEAD LINE "{\"number\":3,\"choice\":-1}\n", "number of a sample"},
        {HEAD LINE "{\"number\":3,\"choice\":0}\n{\"number\":3,\"choice\":0}\n",
         "line 4: byte 0: a choice of no request"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        spae_arena arena = new_arena();
        spae_transcript t;
        spae_error err;
        ck_fails(parse(bad[i].text, &arena, &t, &err), SPAE_ERR_FORMAT, "x: ", bad[i].part);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}
END_TEST

static spae_status parse_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_transcript t;
    (void)context;
    return parse(HEAD LINE SCORE, arena, &t, err);
}

START_TEST(too_little_memory_is_told)
{
    starve(parse_in, NULL, 64);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_told)
{
    spae_arena arena = new_arena();
    spae_transcript t;
    spae_error err;
    ck_fails(spae_transcript_read("/nowhere/x", &arena, &t, &err), SPAE_ERR_IO, "/nowhere/x");
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_transcript, "io/transcript", lines_are_written, lines_are_read, a_choice_finds_its_request,
      a_choice_comes_soon, other_lines_are_refused, too_little_memory_is_told, a_file_that_is_not_there_is_told)

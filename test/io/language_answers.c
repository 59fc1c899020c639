/* io/language_answers: requests and answers in their own form. */
#include "language.h"

#include "io/language_answers.h"

static const char *written(const spae_request *request, size_t count, spae_arena *arena)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_ok(spae_requests_write(request, count, arena, &file, &size, &err));
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, file, size);
    text[size] = '\0';
    return text;
}

START_TEST(requests_are_written)
{
    static const int32_t id[2] = {5, 6};
    spae_arena arena = new_arena();
    spae_request r[2] = {request_of("say \"a\"\n\xC3\xA9"), request_of("b\xFF")};
    ck_assert_str_eq(written(r, 1, &arena),
                     "{\"requests\":[{\"number\":3,\"prompt\":\"say \\\"a\\\"\\n\xC3\xA9\",\"ids\":null,"
                     "\"n\":2,\"temperature\":0.5,\"max_tokens\":4,\"stop\":\"\\n\",\"seed\":7}]}\n");
    r[0] = request_of("a");
    r[0].stop = NULL;
    r[0].temperature = 0;
    r[1].id = id;
    r[1].ids = 2;
    r[1].number = 4294967295;
    ck_assert_str_eq(
        written(r, 2, &arena),
        "{\"requests\":[{\"number\":3,\"prompt\":\"a\",\"ids\":null,\"n\":2,\"temperature\":0.0,\"max_tokens\":4,"
        "\"stop\":null,\"seed\":7},{\"number\":4294967295,\"prompt\":null,\"ids\":[5,6],\"n\":2,"
        "\"temperature\":0.5,\"max_tokens\":4,\"stop\":\"\\n\",\"seed\":7}]}\n");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(requests_that_json_cannot_say_are_refused)
{
    spae_arena arena = new_arena();
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    spae_request r = request_of("a\xFF");
    const spae_answer bad = {"\xFF", 1, NULL, 0, SPAE_ANSWER_ENDED};
    ck_fails(spae_requests_write(&r, 1, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT, "request 3", "2 bytes", "UTF-8",
             "no ids");
    r = request_of("a");
    ck_fails(spae_score_request_write(&r, &bad, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT, "request 3",
             "continuation", "UTF-8");
    r.stop = "";
    ck_fails(spae_requests_write(&r, 1, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT, "request 3", "stop", "empty");
    r.stop = "\xC3";
    ck_fails(spae_requests_write(&r, 1, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT, "request 3", "stop", "UTF-8");
    r = request_of("a");
    r.samples = 0;
    ck_fails(spae_requests_write(&r, 1, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT,
             "request 3: 0 samples of 4 tokens");
    r = request_of("a");
    r.max_tokens = 0;
    ck_fails(spae_requests_write(&r, 1, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT,
             "request 3: 2 samples of 0 tokens");
    r = request_of("a");
    r.temperature = HUGE_VAL;
    ck_fails(spae_requests_write(&r, 1, &arena, &file, &size, &err), SPAE_ERR_NOT_FINITE, "NaN or infinite");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(a_score_is_asked_for_and_read)
{
    static const int32_t id[1] = {98};
    const spae_answer b = {"b", 1, id, 1, SPAE_ANSWER_ENDED};
    static const char answer[] = "{\"answers\":[{\"number\":3,\"log_probability\":-1.5,\"more\":1}]}";
    spae_arena arena = new_arena();
    const uint8_t *file = NULL;
    size_t size = 0;
    double value = 1;
    spae_error err;
    const spae_request r = request_of("a");
    ck_ok(spae_score_request_write(&r, &b, &arena, &file, &size, &err));
    static const char due[] = "{\"requests\":[{\"number\":3,\"prompt\":\"a\",\"ids\":null,\"continuation\":\"b\","
                              "\"continuation_ids\":[98]}]}\n";
    ck_assert(size == sizeof due - 1 && memcmp(file, due, size) == 0);
    ck_ok(spae_score_answer_read("x", answer, sizeof answer - 1, 3, &arena, &value, &err));
    ck_assert(value == -1.5);
    static const struct {
        const char *text, *part;
    } bad[] = {{"{\"answers\":[{\"number\":3,\"log_probability\":0.5}]}", "at most 0"},
               {"{\"answers\":[{\"number\":3,\"log_probability\":null}]}", "at most 0"},
               {"{\"answers\":[{\"number\":3,\"log_probability\":\"-1\"}]}", "at most 0"},
               {"{\"answers\":[{\"number\":3}]}", "at most 0"},
               {"{\"answers\":[{\"number\":4,\"log_probability\":-1}]}", "request 4 where that to request 3"},
               {"{\"answers\":[]}", "0 members, 1 are due"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_fails(spae_score_answer_read("x", bad[i].text, strlen(bad[i].text), 3, &arena, &value, &err),
                 SPAE_ERR_FORMAT, "x: byte ", bad[i].part);
    ck_assert(value == -1.5);
    spae_arena_free(&arena);
}
END_TEST

#define ANSWER(samples) "{\"answers\":[{\"number\":3,\"samples\":[" samples "]}]}"
#define SAMPLE(text)    "{\"text\":\"" text "\",\"end\":\"end\"}"

static spae_status read_one(const char *text, const spae_tokenizer *tokenizer, spae_arena *arena, spae_answer answer[2],
                            spae_error *err)
{
    const spae_request r = request_of("a");
    return spae_answers_read("x", text, strlen(text), &r, 1, tokenizer, arena, answer, err);
}

START_TEST(answers_are_read)
{
    static const char text[] =
        "{\"about\":[1,{}],\"answers\":[{\"number\":3,\"samples\":[{\"text\":\"one\",\"end\":\"length\"},"
        "{\"end\":\"stop\",\"text\":\"\",\"ids\":[1,2],\"log_probability\":-2}]},"
        "{\"number\":9,\"samples\":[{\"text\":\"\\u00e9\\ud83d\\ude00\",\"end\":\"end\"}]}]}";
    spae_arena arena = new_arena();
    spae_answer a[3];
    spae_error err;
    spae_request r[2] = {request_of("a"), request_of("b")};
    r[1].number = 9;
    r[1].samples = 1;
    ck_ok(spae_answers_read("x", text, sizeof text - 1, r, 2, NULL, &arena, a, &err));
    ck_answer(&a[0], "one", SPAE_ANSWER_FULL);
    ck_answer(&a[1], "", SPAE_ANSWER_STOPPED);
    ck_answer(&a[2], "\xC3\xA9\xF0\x9F\x98\x80", SPAE_ANSWER_ENDED);
    ck_assert(a[0].id == NULL && a[1].id == NULL);
    ck_ok(spae_answers_read("x", "", 0, r, 0, NULL, &arena, a, &err));
    spae_arena_free(&arena);
}
END_TEST

/* Whether the program saw to `stop` or not. */
START_TEST(answers_end_before_the_stop)
{
    spae_arena arena = new_arena();
    spae_answer a[2];
    spae_error err;
    ck_ok(read_one(ANSWER(SAMPLE("one\\ntwo\\n") "," SAMPLE("\\n")), NULL, &arena, a, &err));
    ck_answer(&a[0], "one", SPAE_ANSWER_STOPPED);
    ck_answer(&a[1], "", SPAE_ANSWER_STOPPED);
    spae_request r = request_of("a");
    r.stop = "aab";
    r.samples = 1;
    const char *text = ANSWER(SAMPLE("aaab"));
    ck_ok(spae_answers_read("x", text, strlen(text), &r, 1, NULL, &arena, a, &err));
    ck_answer(&a[0], "a", SPAE_ANSWER_STOPPED);
    r.stop = NULL; /* nothing to stop at: the model ended the text */
    text = ANSWER("{\"text\":\"a\",\"end\":\"stop\"}");
    ck_ok(spae_answers_read("x", text, strlen(text), &r, 1, NULL, &arena, a, &err));
    ck_answer(&a[0], "a", SPAE_ANSWER_ENDED);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(other_answers_are_refused)
{
    static const struct {
        const char *text, *part;
    } bad[] = {
        {"", "x: json: byte 0"},
        {"not JSON", "json: byte 0"},
        {"{\"answers\":[", "json: byte 12"},
        {"\xEF\xBB\xBF{}", "json: byte 0"},
        {"[]", "expected an object with \"answers\""},
        {"{}", "\"answers\" is missing"},
        {"{\"answers\":null}", "\"answers\" is missing"},
        {"{\"answers\":{}}", "\"answers\" to be an array"},
        {"{\"answers\":[]}", "0 members, 1 are due"},
        {"{\"answers\":[{},{}]}", "2 members, 1 are due"},
        {"{\"answers\":[3]}", "expected an object with \"number\""},
        {"{\"answers\":[{\"samples\":[]}]}", "\"number\" is missing"},
        {"{\"answers\":[{\"number\":\"3\",\"samples\":[]}]}", "number"},
        {"{\"answers\":[{\"number\":3.0,\"samples\":[]}]}", "number"},
        {"{\"answers\":[{\"number\":2,\"samples\":[]}]}", "request 2 where that to request 3"},
        {"{\"answers\":[{\"number\":3}]}", "\"samples\" is missing"},
        {ANSWER(SAMPLE("a")), "1 members, 2 are due"},
        {ANSWER(SAMPLE("a") "," SAMPLE("b") "," SAMPLE("c")), "3 members, 2 are due"},
        {ANSWER(SAMPLE("a") ",7"), "expected an object with \"end\""},
        {ANSWER(SAMPLE("a") ",{\"text\":\"b\"}"), "\"end\" is missing"},
        {ANSWER(SAMPLE("a") ",{\"text\":\"b\",\"end\":\"eos\"}"), "none of"},
        {ANSWER(SAMPLE("a") ",{\"text\":\"b\",\"end\":1}"), "string"},
        {ANSWER(SAMPLE("a") ",{\"end\":\"end\"}"), "no \"text\""},
        {ANSWER(SAMPLE("a") ",{\"text\":[\"b\"],\"end\":\"end\"}"), "string"},
        {ANSWER(SAMPLE("a") ",{\"end\":\"end\",\"ids\":[98]}"), "no \"text\""},
        {ANSWER(SAMPLE("a") "," SAMPLE("b\\u0000")), "zero byte"},
        {ANSWER(SAMPLE("a") "," SAMPLE("\xC3")), "UTF-8"},
        {ANSWER(SAMPLE("a") "," SAMPLE("\\ud800")), "surrogate"},
        {ANSWER(SAMPLE("a") "," SAMPLE("b")) "x", "json: byte"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        spae_arena arena = new_arena();
        spae_answer a[2];
        spae_error err;
        ck_fails(read_one(bad[i].text, NULL, &arena, a, &err), SPAE_ERR_FORMAT, "x: ", bad[i].part);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}
END_TEST

/* 256 bytes a token, and not one more. */
START_TEST(endless_answers_are_refused)
{
    spae_arena arena = new_arena();
    spae_request r = request_of("a");
    spae_answer a;
    spae_error err;
    char text[1100];
    r.samples = 1;
    r.stop = "b";
    for (size_t n = 1024; n <= 1025; n++) {
        sprintf(text, "{\"answers\":[{\"number\":3,\"samples\":[{\"end\":\"end\",\"text\":\"%0*d\"}]}]}", (int)n, 0);
        const spae_status status = spae_answers_read("x", text, strlen(text), &r, 1, NULL, &arena, &a, &err);
        if (n == 1024)
            ck_assert(status == SPAE_OK && a.length == 1024);
        else
            ck_fails(status, SPAE_ERR_FORMAT, "1025 bytes", "4 tokens");
    }
    ck_fails(spae_answers_read("x", text, (size_t)SPAE_ANSWER_FILE_BYTES + 1, &r, 1, NULL, &arena, &a, &err),
             SPAE_ERR_FORMAT, "x: longer than the limit of 67108864 bytes");
    spae_arena_free(&arena);
}
END_TEST

#define IDS(text, ids) "{\"text\":" text ",\"ids\":[" ids "],\"end\":\"end\"}"

static void ck_ids(const spae_answer *answer, const int32_t *id, size_t count)
{
    ck_assert_uint_eq(answer->ids, count);
    ck_assert(answer->id != NULL && memcmp(answer->id, id, count * sizeof *id) == 0);
}

START_TEST(ids_say_the_text_where_the_tokenizer_is_known)
{
    spae_arena arena = new_arena();
    spae_answer a[2];
    spae_error err;
    ck_ok(read_one(ANSWER(IDS("\"abc\"", "257,99") "," IDS("null", "99,256")), &bytes_tokenizer, &arena, a, &err));
    ck_answer(&a[0], "abc", SPAE_ANSWER_ENDED);
    ck_ids(&a[0], (const int32_t[]){257, 99}, 2);
    ck_answer(&a[1], "c", SPAE_ANSWER_ENDED);
    ck_ids(&a[1], (const int32_t[]){99}, 1);
    /* a text that is not UTF-8 needs ids; what stands beside them cannot be compared */
    ck_ok(read_one(ANSWER(IDS("\"\xEF\xBF\xBD\"", "195") "," SAMPLE("ab")), &bytes_tokenizer, &arena, a, &err));
    ck_assert(a[0].length == 1 && a[0].text[0] == '\xC3');
    ck_ids(&a[1], (const int32_t[]){97, 98}, 2);
    /* cut: before a token, and through one */
    ck_ok(read_one(ANSWER(IDS("\"ab\\n\"", "257,10") "," IDS("\"a\\nb\"", "97,10,98")), &bytes_tokenizer, &arena, a,
                   &err));
    ck_ids(&a[0], (const int32_t[]){257}, 1);
    ck_ids(&a[1], (const int32_t[]){97}, 1);
    ck_answer(&a[1], "a", SPAE_ANSWER_STOPPED);
    spae_request r = request_of("a");
    r.stop = "b";
    r.samples = 1;
    const char *through = ANSWER(IDS("\"cab\"", "99,257"));
    ck_ok(spae_answers_read("x", through, strlen(through), &r, 1, &bytes_tokenizer, &arena, a, &err));
    ck_answer(&a[0], "ca", SPAE_ANSWER_STOPPED);
    ck_ids(&a[0], (const int32_t[]){99, 97}, 2);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(ids_that_do_not_match_are_refused)
{
    static const struct {
        const char *text, *part;
    } bad[] = {{ANSWER(SAMPLE("a") "," IDS("\"abd\"", "257,99")), "differ from byte 2"},
               {ANSWER(SAMPLE("a") "," IDS("\"ab\"", "257,99")), "differ from byte 2"},
               {ANSWER(SAMPLE("a") "," IDS("\"a\"", "258")), "id 258 is outside the vocabulary of 258"},
               {ANSWER(SAMPLE("a") "," IDS("\"a\"", "-1")), "token's number"},
               {ANSWER(SAMPLE("a") "," IDS("\"a\"", "97.0")), "token's number"},
               {ANSWER(SAMPLE("a") "," IDS("\"a\"", "4294967393")), "token's number"},
               {ANSWER(SAMPLE("a") ",{\"end\":\"end\",\"text\":\"a\",\"ids\":97}"), "\"ids\" to be an array"},
               {ANSWER(SAMPLE("a") "," IDS("\"aaaaa\"", "97,97,97,97,97")), "5 ids where at most 4"},
               {ANSWER(SAMPLE("a") "," IDS("null", "0")), "zero byte"},
               {ANSWER(SAMPLE("a") "," SAMPLE("b~")), "byte 1 cannot be said"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        spae_arena arena = new_arena();
        spae_answer a[2];
        spae_error err;
        ck_fails(read_one(bad[i].text, &bytes_tokenizer, &arena, a, &err), SPAE_ERR_FORMAT, "x: byte ", bad[i].part);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}
END_TEST

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_answer a[2];
    (void)context;
    return read_one(ANSWER(IDS("\"ab\\n\"", "257,10") "," SAMPLE("a")), &bytes_tokenizer, arena, a, err);
}

START_TEST(too_little_memory_is_told)
{
    starve(read_in, NULL, 64);
}
END_TEST

SUITE(suite_io_language_answers, "io/language_answers", requests_are_written, requests_that_json_cannot_say_are_refused,
      a_score_is_asked_for_and_read, answers_are_read, answers_end_before_the_stop, other_answers_are_refused,
      endless_answers_are_refused, ids_say_the_text_where_the_tokenizer_is_known, ids_that_do_not_match_are_refused,
      too_little_memory_is_told)

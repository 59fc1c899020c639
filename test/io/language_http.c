/* io/language_http: the bodies of OpenAI's HTTP interface. */
#include "language.h"

#include "io/language_http.h"

static void ck_body(const spae_request *request, size_t had, bool chat, const char *model, const char *due)
{
    spae_arena arena = new_arena();
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_ok(spae_http_body_write(request, had, chat, model, &arena, &file, &size, &err));
    ck_assert_msg(size == strlen(due) && memcmp(file, due, size) == 0, "%.*s", (int)size, (const char *)file);
    spae_arena_free(&arena);
}

START_TEST(bodies_are_written)
{
    static const int32_t id[2] = {5, 6};
    spae_request r = request_of("say \"a\"\n");
    ck_body(&r, 0, false, NULL,
            "{\"prompt\":\"say \\\"a\\\"\\n\",\"max_tokens\":4,\"temperature\":0.5,\"n\":2,\"stop\":\"\\n\","
            "\"seed\":3000016}\n");
    ck_body(&r, 1, true, "m/1",
            "{\"model\":\"m/1\",\"messages\":[{\"role\":\"user\",\"content\":\"say \\\"a\\\"\\n\"}],\"max_tokens\":4,"
            "\"temperature\":0.5,\"n\":1,\"stop\":\"\\n\",\"seed\":3000017}\n");
    r.stop = NULL;
    r.temperature = 0;
    r.samples = 9;
    r.id = id;
    r.ids = 2;
    r.number = 4294967295;
    r.seed = 4294967295;
    ck_body(&r, 0, false, NULL,
            "{\"prompt\":[5,6],\"max_tokens\":4,\"temperature\":0.0,\"n\":1,\"seed\":2146483644}\n");
    r.text = "\xFF"; /* ids can say it */
    r.length = 1;
    ck_body(&r, 0, false, NULL,
            "{\"prompt\":[5,6],\"max_tokens\":4,\"temperature\":0.0,\"n\":1,\"seed\":2146483644}\n");
}
END_TEST

START_TEST(bodies_that_json_cannot_say_are_refused)
{
    static const int32_t id[1] = {5};
    spae_arena arena = new_arena();
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    spae_request r = request_of("a\xFF");
    ck_fails(spae_http_body_write(&r, 0, false, NULL, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT, "request 3",
             "UTF-8", "no ids");
    r.id = id;
    r.ids = 1;
    ck_fails(spae_http_body_write(&r, 0, true, NULL, &arena, &file, &size, &err), SPAE_ERR_ARGUMENT, "request 3",
             "UTF-8");
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_body(const char *text, bool chat, spae_arena *arena, spae_answer answer[3], size_t *had,
                             spae_error *err)
{
    spae_request r = request_of("a");
    r.samples = 3;
    return spae_http_answer_read("x", text, strlen(text), &r, chat, NULL, arena, answer, had, err);
}

START_TEST(answers_are_read)
{
    spae_arena arena = new_arena();
    spae_answer a[3];
    size_t had = 0;
    spae_error err;
    ck_ok(read_body("{\"error\":null,\"choices\":[{\"text\":\"one\",\"finish_reason\":\"length\",\"index\":1},"
                    "{\"text\":\"two\\nthree\",\"logprobs\":null,\"finish_reason\":\"length\"}]}",
                    false, &arena, a, &had, &err));
    ck_assert_uint_eq(had, 2);
    ck_ok(read_body("{\"choices\":[{\"text\":\"\",\"finish_reason\":\"stop\"}]}", false, &arena, a, &had, &err));
    ck_assert_uint_eq(had, 3);
    ck_answer(&a[0], "one", SPAE_ANSWER_FULL);
    ck_answer(&a[1], "two", SPAE_ANSWER_STOPPED);
    ck_answer(&a[2], "", SPAE_ANSWER_STOPPED);
    had = 0;
    ck_ok(read_body("{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"},"
                    "{\"message\":{\"content\":null},\"finish_reason\":\"content_filter\"},"
                    "{\"message\":{\"content\":\"\\u00e9\"},\"finish_reason\":null}]}",
                    true, &arena, a, &had, &err));
    ck_assert_uint_eq(had, 3);
    ck_answer(&a[0], "hi", SPAE_ANSWER_STOPPED);
    ck_answer(&a[1], "", SPAE_ANSWER_ENDED);
    ck_answer(&a[2], "\xC3\xA9", SPAE_ANSWER_ENDED);
    spae_arena_free(&arena);
}
END_TEST

/* At temperature 0 one answer is all of them. */
START_TEST(one_answer_stands_for_all_at_temperature_0)
{
    static const char text[] = "{\"choices\":[{\"text\":\"a\"}]}",
                      two[] = "{\"choices\":[{\"text\":\"a\"},{\"text\":\"b\"}]}";
    spae_arena arena = new_arena();
    spae_request r = request_of("a");
    spae_answer a[5];
    size_t had = 0;
    spae_error err;
    r.samples = 5;
    r.temperature = 0;
    ck_ok(spae_http_answer_read("x", text, sizeof text - 1, &r, false, &bytes_tokenizer, &arena, a, &had, &err));
    ck_assert_uint_eq(had, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_answer(&a[i], "a", SPAE_ANSWER_ENDED);
        ck_assert(a[i].ids == 1 && a[i].id[0] == 'a');
    }
    had = 0;
    ck_fails(spae_http_answer_read("x", two, sizeof two - 1, &r, false, NULL, &arena, a, &had, &err), SPAE_ERR_FORMAT,
             "2 members, 1 to 1 are due");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(other_answers_are_refused)
{
    static const struct {
        const char *text, *part;
        bool chat;
    } bad[] = {
        {"", "json: byte 0", false},
        {"<html>", "json: byte 0", false},
        {"{\"choices\":[{\"text\":\"a\"}]", "json: byte 25", false},
        {"[]", "expected an object with \"choices\"", false},
        {"{}", "\"choices\" is missing", false},
        {"{\"choices\":[]}", "0 members, 1 to 3 are due", false},
        {"{\"choices\":[{\"text\":\"\"},{\"text\":\"\"},{\"text\":\"\"},{\"text\":\"\"}]}", "4 members, 1 to 3 are due",
         false},
        {"{\"choices\":{\"text\":\"a\"}}", "array", false},
        {"{\"choices\":[\"a\"]}", "expected an object with \"text\"", false},
        {"{\"choices\":[{\"message\":{\"content\":\"a\"}}]}", "\"text\" is missing", false},
        {"{\"choices\":[{\"text\":null}]}", "\"text\" is missing", false},
        {"{\"choices\":[{\"text\":7}]}", "string", false},
        {"{\"choices\":[{\"text\":\"a\",\"finish_reason\":7}]}", "string", false},
        {"{\"choices\":[{\"text\":\"\\u0000\"}]}", "zero byte", false},
        {"{\"choices\":[{\"text\":\"a\"}]}", "\"message\"", true},
        {"{\"choices\":[{\"message\":\"a\"}]}", "\"message\"", true},
        {"{\"choices\":[{\"message\":{}}]}", "\"content\" is missing", true},
        {"{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\"}]}}]}", "string", true},
        {"{\"error\":{\"message\":\"no\\nmore\"},\"choices\":[]}", "the server answered with an error: no", false},
        {"{\"error\":\"gone\"}", "the server answered with an error: gone", false},
        {"{\"error\":true,\"detail\":\"gone\"}", "the server answered with an error: gone", false},
        {"{\"error\":{\"code\":5}}", "the server answered with an error: {\"error\":{\"code\":5}}", false},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        spae_arena arena = new_arena();
        spae_answer a[3];
        size_t had = 0;
        spae_error err;
        ck_fails(read_body(bad[i].text, bad[i].chat, &arena, a, &had, &err), SPAE_ERR_FORMAT, "x: ", bad[i].part);
        ck_assert(had == 0 && arena.used == 0);
        spae_arena_free(&arena);
    }
}
END_TEST

START_TEST(words_of_a_server_are_one_line)
{
    static const struct {
        const char *text, *words;
    } cases[] = {{"", ""},
                 {"\n\n", ""},
                 {"<html>\n<body>", "<html>"},
                 {"caf\xC3\xA9\t\x1B[31m", "caf????[31m"},
                 {"{\"error\":{\"message\":\"Rate limit\\nreached\"}}", "Rate limit"},
                 {"{\"message\":\"m\",\"detail\":\"d\"}", "m"},
                 {"{\"detail\":\"d\"}", "d"},
                 {"{\"detail\":[\"d\"]}", "{\"detail\":[\"d\"]}"},
                 {"{\"error\":\"0123456789012345678901234567890123456789\"}", "0123456789012345678901234567890"}};
    spae_arena arena = new_arena();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[32];
        spae_http_words(cases[i].text, strlen(cases[i].text), &arena, words, sizeof words);
        ck_assert_str_eq(words, cases[i].words);
        ck_assert_uint_eq(arena.used, 0);
    }
    spae_arena_free(&arena);
}
END_TEST

static spae_status read_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_answer a[3];
    size_t had = 0;
    (void)context;
    return read_body("{\"choices\":[{\"message\":{\"content\":null}},{\"message\":{\"content\":\"abc\"},"
                     "\"finish_reason\":\"stop\"}]}",
                     true, arena, a, &had, err);
}

START_TEST(too_little_memory_is_told)
{
    starve(read_in, NULL, 64);
}
END_TEST

SUITE(suite_io_language_http, "io/language_http", bodies_are_written, bodies_that_json_cannot_say_are_refused,
      answers_are_read, one_answer_stands_for_all_at_temperature_0, other_answers_are_refused,
      words_of_a_server_are_one_line, too_little_memory_is_told)

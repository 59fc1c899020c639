/* io/adapters/openai.sh, through io/language_open as a user would: against a real HTTP server on the loopback
 * (http_server_program.c), which answers rightly and in many wrong ways. Needs curl. */
#include "language.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "io/directory.h"
#include "io/language_open.h"
#include "io/language_transcript.h"

#define ADAPTER "adapter=io/adapters/openai.sh"

typedef struct {
    char folder[64], log[96], url[128], setting[96];
    pid_t process;
    int input; /* of the server: it ends when this is closed */
    unsigned port;
    spae_arena arena;
    spae_language_model model;
} server;

/* Without curl nothing here can be tried. That is said, and where SPAE_NEED_CURL is set (as in CI) it is a failure. */
static bool there_is_curl(void)
{
    if (system("command -v curl >/dev/null 2>&1") == 0)
        return true;
    ck_assert_msg(getenv("SPAE_NEED_CURL") == NULL, "SPAE_NEED_CURL is set, and there is no curl");
    fprintf(stderr, "io/language_server: NOT TRIED, for want of curl: the adapter of HTTP servers\n");
    return false;
}

static void start(server *s)
{
    int in[2], out[2];
    char line[16] = "";
    strcpy(s->folder, "/tmp/spae-server-XXXXXX");
    ck_assert(mkdtemp(s->folder) != NULL && pipe(in) == 0 && pipe(out) == 0);
    snprintf(s->log, sizeof s->log, "%s/log", s->folder);
    ck_assert(fcntl(in[1], F_SETFD, FD_CLOEXEC) == 0 && fcntl(out[0], F_SETFD, FD_CLOEXEC) == 0);
    s->process = fork();
    ck_assert(s->process >= 0);
    if (s->process == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        execl(HTTP_SERVER, HTTP_SERVER, s->log, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->input = in[1];
    FILE *port = fdopen(out[0], "r");
    ck_assert_msg(port != NULL && fgets(line, sizeof line, port) != NULL, "%s does not start", HTTP_SERVER);
    fclose(port);
    s->port = (unsigned)strtoul(line, NULL, 10);
    s->arena = new_arena();
    setenv("no_proxy", "127.0.0.1", 1);
    unsetenv("OPENAI_API_KEY");
}

/* Nothing but the log may be left in the folder. */
static void stop(server *s)
{
    int status = 0;
    close(s->input);
    ck_assert(waitpid(s->process, &status, 0) == s->process && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    (void)remove(s->log); /* where nothing was asked there is none */
    ck_assert_msg(rmdir(s->folder) == 0, "something is left over in %s", s->folder);
    spae_arena_free(&s->arena);
}

/* The model of the server's behaviour `what`, with one more setting. */
static void open_as(server *s, const char *what, const char *model, const char *setting, const char *transcript)
{
    spae_error err;
    snprintf(s->url, sizeof s->url, "openai:http://127.0.0.1:%u/%s/v1%s", s->port, what, model);
    snprintf(s->setting, sizeof s->setting, "folder=%s", s->folder);
    const char *const settings[] = {ADAPTER, s->setting, "timeout=20", setting};
    const spae_language_options o = {.name = s->url,
                                     .setting = settings,
                                     .settings = setting != NULL ? 4 : 3,
                                     .transcript = transcript,
                                     .resume = transcript != NULL};
    ck_ok(spae_language_open(&o, &s->arena, &s->model, NULL, &err));
}

static spae_status ask(server *s, const char *what, const char *setting, spae_answer a[2], spae_error *err)
{
    const spae_request r = request_of("say \"a\"\\\n\xC3\xA9");
    open_as(s, what, "", setting, NULL);
    return s->model.sample(&s->model, &r, 1, &s->arena, a, err);
}

/* The log has the text. */
static void ck_log(server *s, const char *part)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_ok(spae_file_read_all(&s->arena, s->log, 100000, &file, &size, &err));
    char *text = spae_arena_take(&s->arena, size + 1, 1);
    memcpy(text, file, size);
    text[size] = '\0';
    ck_assert_msg(strstr(text, part) != NULL, "%s\nlacks %s", text, part);
}

START_TEST(a_server_answers)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    ck_ok(ask(&s, "good", NULL, a, &err));
    ck_answer(&a[0], "a", SPAE_ANSWER_STOPPED);
    ck_answer(&a[1], "b", SPAE_ANSWER_STOPPED);
    ck_log(&s, "POST /good/v1/completions HTTP/1.1\r\n");
    ck_log(&s, "Content-Type: application/json\r\n");
    ck_log(&s, "\r\n\r\n{\"prompt\":\"say \\\"a\\\"\\\\\\n\xC3\xA9\",\"max_tokens\":4,\"temperature\":0.5,\"n\":2,"
               "\"stop\":\"\\n\",\"seed\":3000016}\n");
    stop(&s);
}
END_TEST

START_TEST(a_server_chats)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    open_as(&s, "chat", "#some/model", "chat=yes", NULL);
    const spae_request r = request_of("hi");
    ck_assert_str_eq(s.model.name, "openai:some/model");
    ck_ok(s.model.sample(&s.model, &r, 1, &s.arena, a, &err));
    ck_answer(&a[1], "b", SPAE_ANSWER_STOPPED);
    ck_log(&s, "POST /chat/v1/chat/completions HTTP/1.1\r\n");
    ck_log(&s, "{\"model\":\"some/model\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],");
    ck_ok(ask(&s, "null_content", "chat=yes", a, &err)); /* an empty answer, twice */
    ck_answer(&a[0], "", SPAE_ANSWER_ENDED);
    ck_fails(ask(&s, "no_message", "chat=yes", a, &err), SPAE_ERR_FORMAT, "openai: request 3: ", "\"message\"");
    stop(&s);
}
END_TEST

START_TEST(a_server_of_one_choice_is_asked_again)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    ck_ok(ask(&s, "one", NULL, a, &err));
    ck_answer(&a[0], "seed 3000016", SPAE_ANSWER_FULL);
    ck_answer(&a[1], "seed 3000017", SPAE_ANSWER_FULL);
    stop(&s);
}
END_TEST

START_TEST(answers_in_pieces_and_in_escapes_are_read)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    ck_ok(ask(&s, "chunked", NULL, a, &err));
    ck_answer(&a[0], "chunks", SPAE_ANSWER_ENDED);
    ck_ok(ask(&s, "surrogates", NULL, a, &err));
    ck_answer(&a[0], "\xF0\x9F\x98\x80 \xC3\xA9\t\"\\/", SPAE_ANSWER_FULL);
    stop(&s);
}
END_TEST

/* The key goes over in a header, whatever is in it, and stands on no command line. */
START_TEST(the_key_comes_from_the_environment)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    ck_fails(ask(&s, "key", NULL, a, &err), SPAE_ERR_IO, "openai: request 3: ", "HTTP 401: Incorrect API key provided");
    setenv("OPENAI_API_KEY", "a\"b\\c", 1);
    ck_ok(ask(&s, "key", NULL, a, &err));
    ck_answer(&a[0], "a", SPAE_ANSWER_STOPPED);
    setenv("OPENAI_API_KEY", "a\nurl = http://other/", 1);
    ck_fails(ask(&s, "key", NULL, a, &err), SPAE_ERR_IO, "OPENAI_API_KEY has characters that no key has");
    unsetenv("OPENAI_API_KEY");
    stop(&s);
}
END_TEST

/* A folder in which commands are looked for: `sh` and what the adapter calls, and a curl of ours or none. */
static void replace_path(const server *s, const char *curl)
{
    static const char *const tools[] = {"sh", "rm", "cat", "sed", "mv", "head"};
    char command[400];
    snprintf(command, sizeof command, "mkdir %s/bin", s->folder);
    ck_assert(system(command) == 0);
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        snprintf(command, sizeof command, "ln -s \"$(command -v %s)\" %s/bin/%s", tools[i], s->folder, tools[i]);
        ck_assert(system(command) == 0);
    }
    if (curl != NULL) {
        snprintf(command, sizeof command, "printf '%%s\\n' '#!/bin/sh' '%s' >%s/bin/curl; chmod +x %s/bin/curl", curl,
                 s->folder, s->folder);
        ck_assert(system(command) == 0);
    }
    snprintf(command, sizeof command, "%s/bin", s->folder);
    setenv("PATH", command, 1);
}

static void restore_path(const server *s, const char *path)
{
    char command[100];
    setenv("PATH", path, 1);
    snprintf(command, sizeof command, "rm -r %s/bin", s->folder);
    ck_assert(system(command) == 0);
}

START_TEST(the_key_is_on_no_command_line)
{
    server s;
    spae_answer a[2];
    spae_error err;
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    start(&s);
    setenv("OPENAI_API_KEY", "secret", 1);
    replace_path(&s, "cat >${0%/bin/curl}/log; echo $* >>${0%/bin/curl}/log; exit 7");
    ck_fails(ask(&s, "key", NULL, a, &err), SPAE_ERR_IO, "curl: ");
    restore_path(&s, path);
    ck_log(&s, "header = \"Authorization: Bearer secret\"\n-q --config - ");
    const uint8_t *file = NULL;
    size_t size = 0;
    ck_ok(spae_file_read_all(&s.arena, s.log, 10000, &file, &size, &err));
    const char *arguments = memchr(file, '\n', size);
    for (const char *at = arguments; at + 6 < (const char *)file + size; at++)
        ck_assert(memcmp(at, "secret", 6) != 0);
    unsetenv("OPENAI_API_KEY");
    stop(&s);
}
END_TEST

START_TEST(a_machine_without_curl_is_told)
{
    server s;
    spae_answer a[2];
    spae_error err;
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    start(&s);
    replace_path(&s, NULL);
    ck_fails(ask(&s, "good", NULL, a, &err), SPAE_ERR_IO, "openai: request 3: ", "curl is not installed");
    restore_path(&s, path);
    stop(&s);
}
END_TEST

START_TEST(wrong_answers_are_one_clear_line)
{
    static const struct {
        const char *what;
        spae_status status;
        const char *part;
    } cases[] = {
        {"nowhere", SPAE_ERR_IO, "HTTP 404: no such path"},
        {"busy", SPAE_ERR_IO, "HTTP 429: Rate limit"},
        {"broken", SPAE_ERR_IO, "HTTP 500: <html>"},
        {"silent_500", SPAE_ERR_IO, "HTTP 500"},
        {"moved", SPAE_ERR_IO, "HTTP 302"},
        {"too_long_head", SPAE_ERR_IO, "curl: (18)"},
        {"too_short_head", SPAE_ERR_FORMAT, "answer: json: byte 22"},
        {"closed", SPAE_ERR_IO, "curl: (52)"},
        {"closed_in_head", SPAE_OK, ": "}, /* some versions of curl take that for an answer without a body */
        {"chunked_cut", SPAE_ERR_IO, "curl: (18)"},
        {"malformed", SPAE_ERR_FORMAT, "answer: json: byte 25"},
        {"not_json", SPAE_ERR_FORMAT, "answer: json: byte 0"},
        {"empty", SPAE_ERR_FORMAT, "answer: json: byte 0"},
        {"not_utf8", SPAE_ERR_FORMAT, "UTF-8"},
        {"zero", SPAE_ERR_FORMAT, "zero byte"},
        {"lone_surrogate", SPAE_ERR_FORMAT, "surrogate"},
        {"none", SPAE_ERR_FORMAT, "\"choices\" has 0 members, 1 to 2 are due"},
        {"more", SPAE_ERR_FORMAT, "\"choices\" has 3 members, 1 to 2 are due"},
        {"no_choices", SPAE_ERR_FORMAT, "\"choices\" is missing"},
        {"wrong_text", SPAE_ERR_FORMAT, "string"},
        {"wrong_choice", SPAE_ERR_FORMAT, "expected an object with \"text\""},
        {"wrong_choices", SPAE_ERR_FORMAT, "\"choices\" to be an array"},
        {"wrong_reason", SPAE_ERR_FORMAT, "string"},
        {"error_in_200", SPAE_ERR_FORMAT, "the server answered with an error: the model is still loading"},
        {"long_text", SPAE_ERR_FORMAT, "the text has 100000 bytes, far more than 4 tokens have"},
        {"endless", SPAE_ERR_IO, "longer than 16 MiB"},
    };
    server s;
    if (!there_is_curl())
        return;
    start(&s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spae_answer a[2];
        spae_error err;
        const spae_status status = ask(&s, cases[i].what, NULL, a, &err);
        ck_assert_msg(status != SPAE_OK, "%s", cases[i].what);
        ck_fails(status, cases[i].status != SPAE_OK ? cases[i].status : status, "openai: request 3: ", cases[i].part);
    }
    stop(&s);
}
END_TEST

START_TEST(a_server_that_hangs_is_given_up)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    ck_fails(ask(&s, "hangs", "timeout=1", a, &err), SPAE_ERR_IO, "openai: request 3: ", "no answer within 1 seconds");
    stop(&s);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_told)
{
    server s;
    spae_answer a[2];
    spae_error err;
    if (!there_is_curl())
        return;
    start(&s);
    const unsigned port = s.port;
    stop(&s);
    start(&s); /* on another port, as that one was just in use */
    s.port = port;
    ck_fails(ask(&s, "good", NULL, a, &err), SPAE_ERR_IO, "openai: request 3: ", "curl: (7)");
    stop(&s);
}
END_TEST

/* A run that an HTTP error breaks off loses only the request under way, and goes on where it stopped. */
START_TEST(a_run_goes_on_after_an_error)
{
    server s;
    spae_answer a[8];
    spae_error err;
    char transcript[96], up[104];
    spae_request r[4];
    if (!there_is_curl())
        return;
    start(&s);
    snprintf(transcript, sizeof transcript, "%s/run.jsonl", s.folder);
    snprintf(up, sizeof up, "%s.up", s.log);
    for (uint32_t i = 0; i < 4; i++) {
        r[i] = request_of((const char *const[]){"first", "second", "third", "fourth"}[i]);
        r[i].number = i;
    }
    open_as(&s, "sometimes", "#m", NULL, transcript);
    ck_fails(s.model.sample(&s.model, r, 4, &s.arena, a, &err), SPAE_ERR_IO,
             "openai:m: request 2: ", "HTTP 503: down for a while");
    ck_ok(spae_file_write_all(&s.arena, up, "", 0, &err));
    ck_assert(remove(s.log) == 0);
    open_as(&s, "sometimes", "#m", NULL, transcript);
    ck_ok(s.model.sample(&s.model, r, 4, &s.arena, a, &err));
    for (size_t i = 0; i < 8; i++)
        ck_answer(&a[i], i % 2 == 0 ? "a" : "b", SPAE_ANSWER_STOPPED);
    const uint8_t *file = NULL;
    size_t size = 0;
    ck_ok(spae_file_read_all(&s.arena, s.log, 100000, &file, &size, &err));
    const char *log = (const char *)file;
    size_t asked = 0;
    for (size_t i = 0; i + 5 < size; i++)
        asked += memcmp(log + i, "POST ", 5) == 0;
    ck_assert_uint_eq(asked, 2); /* the third and the fourth */
    ck_log(&s, "\"prompt\":\"third\"");
    ck_log(&s, "\"prompt\":\"fourth\"");
    ck_assert(remove(transcript) == 0 && remove(up) == 0);
    stop(&s);
}
END_TEST

SUITE(suite_io_language_server, "io/language_server", a_server_answers, a_server_chats,
      a_server_of_one_choice_is_asked_again, answers_in_pieces_and_in_escapes_are_read,
      the_key_comes_from_the_environment, the_key_is_on_no_command_line, a_machine_without_curl_is_told,
      wrong_answers_are_one_clear_line, a_server_that_hangs_is_given_up, a_server_that_is_not_there_is_told,
      a_run_goes_on_after_an_error)

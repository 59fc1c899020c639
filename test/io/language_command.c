/* io/language_command: outside programs, here small shell scripts in a folder whose name has a blank and a quote. */
#include "language.h"

#include "io/directory.h"
#include "io/language_command.h"

typedef struct {
    char folder[64], program[200], path[160];
    spae_arena arena;
    spae_command_options options;
    spae_language_model model;
} place;

static const char *in_place(place *p, const char *name)
{
    snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
    return p->path;
}

static void put(place *p, const char *name, const char *text)
{
    spae_error err;
    ck_ok(spae_file_write_all(&p->arena, in_place(p, name), text, strlen(text), &err));
}

/* A model that runs the script; $1 is the request, $2 the answer, $0 lies in the folder. */
static void start(place *p, const char *script, spae_command_form form)
{
    spae_error err;
    strcpy(p->folder, "/tmp/spae it's XXXXXX");
    ck_assert(mkdtemp(p->folder) != NULL);
    p->arena = new_arena();
    put(p, "program", script);
    snprintf(p->program, sizeof p->program, "sh \"%s/program\"", p->folder);
    p->options = (spae_command_options){.name = "tester", .program = p->program, .form = form, .folder = p->folder};
    ck_ok(spae_language_command(&p->options, &p->arena, &p->model, &err));
}

/* The folder must hold the program alone, and the files named, NULL behind the last. */
static void finish(place *p, const char *const *files)
{
    ck_assert(remove(in_place(p, "program")) == 0);
    for (; *files != NULL; files++)
        ck_assert_msg(remove(in_place(p, *files)) == 0, "%s is not there", p->path);
    ck_assert_msg(rmdir(p->folder) == 0, "something is left over in %s", p->folder);
    spae_arena_free(&p->arena);
}

#define FINISH(p, ...) finish(p, (const char *const[]){__VA_ARGS__, NULL})

static spae_status ask(place *p, const spae_request *r, size_t count, spae_answer *a, spae_error *err)
{
    return p->model.sample(&p->model, r, count, &p->arena, a, err);
}

static void ck_file(place *p, const char *name, const char *text)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_ok(spae_file_read_all(&p->arena, in_place(p, name), 10000, &file, &size, &err));
    ck_assert_msg(size == strlen(text) && memcmp(file, text, size) == 0, "%.*s", (int)size, (const char *)file);
}

#define ECHO(json) "cat >\"$2\" <<'END'\n" json "\nEND\n"
#define TWO                                                                                                  \
    "{\"answers\":[{\"number\":3,\"samples\":[{\"text\":\"one\",\"end\":\"end\"},{\"text\":\"two\",\"end\":" \
    "\"length\"}]}]}"

START_TEST(a_program_answers)
{
    place p;
    spae_answer a[2];
    spae_error err;
    start(&p, "cp \"$1\" \"${0%/*}/seen\"\n" ECHO(TWO), SPAE_COMMAND_OWN);
    const spae_request r = request_of("a 'prompt'");
    ck_assert(p.model.score == NULL && p.model.together == 0 && p.model.tokenizer == NULL);
    ck_assert_str_eq(p.model.name, "tester");
    ck_ok(ask(&p, &r, 1, a, &err));
    ck_answer(&a[0], "one", SPAE_ANSWER_ENDED);
    ck_answer(&a[1], "two", SPAE_ANSWER_FULL);
    ck_file(&p, "seen",
            "{\"requests\":[{\"number\":3,\"prompt\":\"a 'prompt'\",\"ids\":null,\"n\":2,\"temperature\":0.5,"
            "\"max_tokens\":4,\"stop\":\"\\n\",\"seed\":7}]}\n");
    ck_ok(ask(&p, &r, 0, a, &err)); /* nothing is asked: nothing is run */
    FINISH(&p, "seen");
}
END_TEST

START_TEST(several_requests_are_one_run)
{
    place p;
    spae_answer a[3];
    spae_error err;
    start(&p,
          "echo run >>\"${0%/*}/runs\"\n" ECHO(
              "{\"answers\":[{\"number\":3,\"samples\":[{\"text\":\"x\",\"end\":\"end\"},"
              "{\"text\":\"y\",\"end\":\"end\"}]},{\"number\":4,\"samples\":[{\"text\":\"z\","
              "\"end\":\"stop\"}]}]}"),
          SPAE_COMMAND_OWN);
    spae_request r[2] = {request_of("a"), request_of("b")};
    r[1].number = 4;
    r[1].samples = 1;
    ck_ok(ask(&p, r, 2, a, &err));
    ck_answer(&a[1], "y", SPAE_ANSWER_ENDED);
    ck_answer(&a[2], "z", SPAE_ANSWER_STOPPED);
    ck_file(&p, "runs", "run\n");
    FINISH(&p, "runs");
}
END_TEST

START_TEST(a_program_scores)
{
    place p;
    double value = 0;
    spae_error err;
    start(&p, ECHO("{\"answers\":[{\"number\":3,\"log_probability\":-2.25}]}"), SPAE_COMMAND_OWN);
    p.options.scores = true;
    ck_ok(spae_language_command(&p.options, &p.arena, &p.model, &err));
    const spae_request r = request_of("a");
    const spae_answer b = {"b", 1, NULL, 0, SPAE_ANSWER_ENDED};
    ck_ok(p.model.score(&p.model, &r, &b, &p.arena, &value, &err));
    ck_assert(value == -2.25);
    FINISH(&p, NULL);
}
END_TEST

START_TEST(failures_are_one_clear_line)
{
    static const struct {
        const char *script;
        spae_status status;
        const char *part;
    } cases[] = {
        {"exit 3", SPAE_ERR_IO, "ended with status 3"},
        {"echo 'no card is free' >\"$2\"; exit 1", SPAE_ERR_IO, "ended with status 1: no card is free"},
        {"printf 'a\\033[1mb\\nc' >\"$2\"; exit 1", SPAE_ERR_IO, "status 1: a?[1mb"},
        {"kill -13 $$", SPAE_ERR_IO, "ended with status 141"},
        {"exit 0", SPAE_ERR_IO, "wrote no answer"},
        {"mkdir \"$2\"; trap 'rmdir \"$2\"' EXIT; exit 5", SPAE_ERR_IO, "ended with status 5"},
        {": >\"$2\"", SPAE_ERR_FORMAT, "answer: json: byte 0"},
        {"printf '{\"answers\":[' >\"$2\"", SPAE_ERR_FORMAT, "answer: json: byte 12"},
        {"printf '{\"answers\":[]}' >\"$2\"", SPAE_ERR_FORMAT, "0 members, 1 are due"},
        {"head -c 67108865 /dev/zero >\"$2\"", SPAE_ERR_FORMAT, "longer than the limit of 67108864 bytes"},
        {"i=0; while [ $i -lt 65 ]; do printf '['; i=$((i+1)); done >\"$2\"", SPAE_ERR_FORMAT, "answer: json: byte"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        place p;
        spae_answer a[2];
        spae_error err;
        start(&p, cases[i].script, SPAE_COMMAND_OWN);
        const spae_request r = request_of("a");
        const size_t used = p.arena.used;
        ck_fails(ask(&p, &r, 1, a, &err), cases[i].status, "tester: request 3: ", cases[i].part);
        ck_assert_uint_eq(p.arena.used, used);
        FINISH(&p, NULL);
    }
}
END_TEST

START_TEST(what_cannot_be_asked_is_refused_before_the_program_runs)
{
    static const int32_t id[5] = {1, 2, 3, 4, 5};
    place p;
    spae_answer a[2];
    spae_error err;
    start(&p, "echo run >\"${0%/*}/runs\"", SPAE_COMMAND_OWN);
    p.options.window = 8;
    p.options.tokenizer = &bytes_tokenizer;
    ck_ok(spae_language_command(&p.options, &p.arena, &p.model, &err));
    spae_request r = request_of("a\xFF");
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_ARGUMENT, "tester: request 3", "UTF-8");
    r.id = id;
    r.ids = 5;
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_ARGUMENT, "tester: request 3: 5 tokens of prompt and 4 of continuation",
             "1 more than the window of 8");
    ck_assert(!spae_file_exists(in_place(&p, "runs")));
    p.options.folder = "/nowhere";
    ck_ok(spae_language_command(&p.options, &p.arena, &p.model, &err));
    r = request_of("a");
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_IO, "tester: /nowhere/spae-0");
    FINISH(&p, NULL);
}
END_TEST

START_TEST(files_are_kept_where_the_user_asks)
{
    place p;
    spae_answer a[2];
    spae_error err;
    start(&p, "echo oops >\"$2\"; exit 9", SPAE_COMMAND_OWN);
    p.options.keep = true;
    ck_ok(spae_language_command(&p.options, &p.arena, &p.model, &err));
    const spae_request r = request_of("a");
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_IO, "status 9: oops (", "spae-0/request.json is kept)");
    FINISH(&p, "spae-0/request.json", "spae-0/answer.json", "spae-0");
}
END_TEST

/* A name may be a script: messages stay one line, and do not lose their end. */
START_TEST(long_names_are_cut_in_messages)
{
    place p;
    spae_answer a[2];
    spae_error err;
    start(&p, "exit 1", SPAE_COMMAND_OWN);
    const spae_request r = request_of("a");
    p.options.name = "0123456789012345678901234567890123456789\n12345678901234567\xC3\xA9" "and so on";
    ck_ok(spae_language_command(&p.options, &p.arena, &p.model, &err));
    ck_assert_str_eq(p.model.name, p.options.name);
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_IO,
             "0123456789012345678901234567890123456789?12345678901234567\xC3\xA9..: request 3: ", "status 1");
    p.options.name = "0123456789012345678901234567890123456789\n123456789012345678\xC3\xA9" "and so on";
    ck_ok(spae_language_command(&p.options, &p.arena, &p.model, &err));
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_IO, "?123456789012345678..: request 3: ");
    FINISH(&p, NULL);
}
END_TEST

/* The HTTP forms: a run a request, and as many as it takes to have all samples. */
START_TEST(servers_of_one_choice_are_asked_again)
{
    place p;
    spae_answer a[5];
    spae_error err;
    start(&p,
          "cat \"$1\" >>\"${0%/*}/seen\"\n"
          "printf '{\"choices\":[{\"text\":\"%s\",\"finish_reason\":\"length\"}]}' $(wc -l <\"${0%/*}/seen\") >\"$2\"",
          SPAE_COMMAND_COMPLETIONS);
    spae_request r[2] = {request_of("a"), request_of("b")};
    ck_assert_uint_eq(p.model.together, 1);
    r[1].number = 4;
    r[1].samples = 3;
    ck_ok(ask(&p, r, 2, a, &err));
    for (size_t i = 0; i < 5; i++)
        ck_answer(&a[i], (const char *const[]){"1", "2", "3", "4", "5"}[i], SPAE_ANSWER_FULL);
#define BODY(prompt, n, seed)                                                                                         \
    "{\"prompt\":\"" prompt "\",\"max_tokens\":4,\"temperature\":0.5,\"n\":" n ",\"stop\":\"\\n\",\"seed\":" seed "}" \
                                                                                                                  "\n"
    ck_file(&p, "seen",
            BODY("a", "2", "3000016") BODY("a", "1", "3000017") BODY("b", "3", "4000019") BODY("b", "2", "4000020")
                BODY("b", "1", "4000021"));
    FINISH(&p, "seen");
}
END_TEST

START_TEST(the_words_of_a_server_stand_behind_the_programs)
{
    place p;
    spae_answer a[2];
    spae_error err;
    start(&p, "printf 'HTTP 429\\n{\"error\":{\"message\":\"slow down\"}}' >\"$2\"; exit 1", SPAE_COMMAND_CHAT);
    const spae_request r = request_of("a");
    ck_fails(ask(&p, &r, 1, a, &err), SPAE_ERR_IO,
             "tester: request 3: the program ended with status 1: HTTP 429: slow down");
    FINISH(&p, NULL);
}
END_TEST

START_TEST(options_that_cannot_be_are_refused)
{
    spae_arena arena = new_arena();
    spae_language_model model;
    spae_error err;
    ck_fails(spae_language_command(&(spae_command_options){.program = ""}, &arena, &model, &err), SPAE_ERR_ARGUMENT,
             "command: no program");
    ck_fails(spae_language_command(&(spae_command_options){.program = "x", .form = SPAE_COMMAND_CHAT, .scores = true},
                                   &arena, &model, &err),
             SPAE_ERR_ARGUMENT, "command: ", "log probabilities");
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_language_command, "io/language_command", a_program_answers, several_requests_are_one_run,
      a_program_scores, failures_are_one_clear_line, what_cannot_be_asked_is_refused_before_the_program_runs,
      files_are_kept_where_the_user_asks, long_names_are_cut_in_messages, servers_of_one_choice_are_asked_again,
      the_words_of_a_server_stand_behind_the_programs, options_that_cannot_be_are_refused)

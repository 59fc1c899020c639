/* io/language_open: from what a user names to a model. */
#include "language.h"

#include "io/directory.h"
#include "io/language_open.h"

static spae_status open_with(const char *name, const char *const *setting, spae_arena *arena,
                             spae_language_model *model, spae_error *err)
{
    size_t count = 0;
    while (setting[count] != NULL)
        count++;
    return spae_language_open(&(spae_language_options){.name = name, .setting = setting, .settings = count}, arena,
                              model, NULL, err);
}

#define OPEN(name, ...) open_with(name, (const char *const[]){__VA_ARGS__, NULL}, &arena, &model, &err)

static spae_status ask(const spae_language_model *model, spae_arena *arena, spae_answer a[2], spae_error *err)
{
    const spae_request r = request_of("a");
    return model->sample(model, &r, 1, arena, a, err);
}

/* A program, blanks, colons and all. */
static const char program[] =
    "command:answer() { printf '{\"answers\":[{\"number\":3,\"samples\":[{\"text\":\"a:b\",\"end\":\"end\"},"
    "{\"text\":\"c=d#e\",\"end\":\"end\"}]}]}' >\"$2\"; }; answer";

START_TEST(a_program_is_opened)
{
    spae_arena arena = new_arena();
    spae_language_model model;
    spae_answer a[2];
    spae_error err;
    ck_ok(OPEN(program, NULL));
    ck_assert_str_eq(model.name, program);
    ck_assert(model.score == NULL && model.window == 0);
    ck_ok(ask(&model, &arena, a, &err));
    ck_answer(&a[0], "a:b", SPAE_ANSWER_ENDED);
    ck_answer(&a[1], "c=d#e", SPAE_ANSWER_ENDED);
    ck_ok(OPEN("command:false", "scores=yes", "window=512", "keep=no", "window=1024"));
    ck_assert(model.score != NULL && model.window == 1024);
    ck_fails(ask(&model, &arena, a, &err), SPAE_ERR_IO, "command:false: request 3: ", "status 1");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(what_cannot_be_opened_is_told)
{
    static const struct {
        const char *name, *setting, *part;
    } bad[] = {
        {"gpt", NULL, "gpt: no language model; there are incontext, transformer, command, openai, replay"},
        {"", NULL, "no language model"},
        {"commander:x", NULL, "no language model"},
        {"command", NULL, "expected command:PROGRAM"},
        {"command:", NULL, "expected command:PROGRAM"},
        {"command:x", "fodler=/tmp", "command has no setting fodler; folder is meant?"},
        {"command:x", "temperature=1", "command has no setting temperature"},
        {"command:x", "keep", "keep: expected a setting as key=value"},
        {"command:x", "=yes", "=yes: expected a setting as key=value"},
        {"command:x", "keep=true", "keep=true: expected yes or no"},
        {"command:x", "keep=", "expected yes or no"},
        {"command:x", "window=0", "window=0: expected a whole number from 1 to 1073741824"},
        {"command:x", "window=1073741825", "expected a whole number"},
        {"command:x", "window=99999999999999999999999", "expected a whole number"},
        {"command:x", "window=1k", "expected a whole number"},
        {"command:x", "window=", "expected a whole number"},
        {"command:x", "chat=yes", "command has no setting chat"},
        {"openai:http://h/v1", "timeout=0", "timeout=0: expected a whole number from 1 to 86400"},
        {"openai:http://h/v1", "adapter=/nowhere/x", "there is no adapter /nowhere/x"},
        {"openai:http://h/v1", NULL, "openai.sh is not where this program is"},
        {"openai:localhost:80", "adapter=io/adapters/openai.sh", "http:// or https://"},
        {"openai:", "adapter=io/adapters/openai.sh", "$OPENAI_BASE_URL"},
        {"openai", "adapter=io/adapters/openai.sh", "$OPENAI_BASE_URL"},
        {"openai:#m", "adapter=io/adapters/openai.sh", "$OPENAI_BASE_URL"},
        {"replay:x", "keep=yes", "replay has no setting keep"},
        {"replay", NULL, "expected replay:FILE"},
    };
    unsetenv("OPENAI_BASE_URL");
    unsetenv("SPAE_ADAPTER");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        spae_arena arena = new_arena();
        spae_language_model model;
        spae_error err;
        ck_fails(OPEN(bad[i].name, bad[i].setting), SPAE_ERR_ARGUMENT, bad[i].part);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}
END_TEST

/* ---- servers ------------------------------------------------------------------------------------------- */

/* A folder with an adapter that answers with its own arguments. */
typedef struct {
    char folder[64], adapter[96], log[96];
} stand_in;

static void make_stand_in(stand_in *s, const char *place)
{
    spae_arena arena = new_arena();
    spae_error err;
    char path[120];
    static const char text[] = "d=${0%/*}; echo \"$1 $2\" >\"$d/log\"; cat \"$3\" >>\"$d/log\"\n"
                               "echo '{\"choices\":[{\"text\":\"t\",\"message\":{\"content\":\"c\"}}]}' >\"$4\"\n";
    strcpy(s->folder, "/tmp/spae-open-XXXXXX");
    ck_assert(mkdtemp(s->folder) != NULL);
    for (const char *at = place; (at = strchr(at, '/')) != NULL; at++) {
        snprintf(path, sizeof path, "%s/%.*s", s->folder, (int)(at - place), place);
        ck_ok(spae_directory_make(path, &err));
    }
    snprintf(s->adapter, sizeof s->adapter, "%s/%sopenai.sh", s->folder, place);
    snprintf(s->log, sizeof s->log, "%s/%slog", s->folder, place);
    ck_ok(spae_file_write_all(&arena, s->adapter, text, sizeof text - 1, &err));
    spae_arena_free(&arena);
}

static void remove_stand_in(const stand_in *s)
{
    char line[100];
    snprintf(line, sizeof line, "rm -r %s", s->folder);
    ck_assert(system(line) == 0);
}

static void ck_log(const stand_in *s, const char *first, const char *part)
{
    char text[2000];
    FILE *file = fopen(s->log, "rb");
    ck_assert(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    ck_assert_msg(strncmp(text, first, strlen(first)) == 0 && strstr(text, part) != NULL, "%s", text);
    ck_assert(remove(s->log) == 0);
}

START_TEST(a_server_is_opened)
{
    stand_in s;
    char adapter[120];
    spae_arena arena = new_arena();
    spae_language_model model;
    spae_answer a[2];
    spae_error err;
    make_stand_in(&s, "");
    snprintf(adapter, sizeof adapter, "adapter=%s", s.adapter);
    ck_ok(OPEN("openai:http://h:80/v1#org/model:7b", adapter));
    ck_assert_str_eq(model.name, "openai:org/model:7b");
    ck_ok(ask(&model, &arena, a, &err));
    ck_answer(&a[0], "t", SPAE_ANSWER_ENDED);
    ck_log(&s, "http://h:80/v1/completions 600\n", "{\"model\":\"org/model:7b\",\"prompt\":\"a\",");
    ck_ok(OPEN("openai:https://h/it's $x/v1///", adapter, "chat=yes", "timeout=5", "window=77"));
    ck_assert_str_eq(model.name, "openai");
    ck_assert_uint_eq(model.window, 77);
    ck_ok(ask(&model, &arena, a, &err));
    ck_answer(&a[0], "c", SPAE_ANSWER_ENDED);
    ck_log(&s, "https://h/it's $x/v1/chat/completions 5\n", "{\"messages\":[");
    setenv("OPENAI_BASE_URL", "http://elsewhere/v1/", 1);
    ck_ok(OPEN("openai:#m", adapter));
    ck_ok(ask(&model, &arena, a, &err));
    ck_log(&s, "http://elsewhere/v1/completions 600\n", "{\"model\":\"m\",");
    ck_ok(OPEN("openai", adapter));
    ck_ok(ask(&model, &arena, a, &err));
    unsetenv("OPENAI_BASE_URL");
    remove_stand_in(&s);
    spae_arena_free(&arena);
}
END_TEST

static spae_status open_as(const char *program_name, spae_arena *arena, spae_language_model *model, spae_error *err)
{
    return spae_language_open(&(spae_language_options){.name = "openai:http://h/v1", .program = program_name}, arena,
                              model, NULL, err);
}

/* Named by the environment, in a source tree beside the program, where `make install` puts it, or along the PATH. */
START_TEST(the_adapter_is_found)
{
    static const char *const place[] = {"io/adapters/", "share/spae/"}, *const bin[] = {"", "bin/"};
    spae_arena arena = new_arena();
    spae_language_model model;
    spae_answer a[2];
    spae_error err;
    char path[4096], kept[3000], name[120];
    stand_in s;
    snprintf(kept, sizeof kept, "%s", getenv("PATH"));
    for (size_t i = 0; i < 2; i++) {
        make_stand_in(&s, place[i]);
        snprintf(name, sizeof name, "%s/bin", s.folder);
        ck_ok(spae_directory_make(name, &err));
        snprintf(name, sizeof name, "%s/%sspae", s.folder, bin[i]);
        ck_ok(spae_file_write_all(&arena, name, "", 0, &err));
        ck_ok(open_as(name, &arena, &model, &err));
        ck_ok(ask(&model, &arena, a, &err));
        ck_log(&s, "http://h/v1/completions 600\n", "prompt");
        snprintf(path, sizeof path, "/nowhere:%s:%s/%s", kept, s.folder, i == 0 ? "" : "bin");
        setenv("PATH", path, 1);
        ck_ok(open_as("spae", &arena, &model, &err));
        ck_fails(open_as("spea", &arena, &model, &err), SPAE_ERR_ARGUMENT, "openai.sh is not where this program is");
        setenv("PATH", kept, 1);
        ck_fails(open_as("/nowhere/spae", &arena, &model, &err), SPAE_ERR_ARGUMENT, "openai.sh is not where");
        ck_fails(open_as(NULL, &arena, &model, &err), SPAE_ERR_ARGUMENT, "openai.sh is not where");
        setenv("SPAE_ADAPTER", s.adapter, 1);
        ck_ok(open_as(NULL, &arena, &model, &err));
        unsetenv("SPAE_ADAPTER");
        remove_stand_in(&s);
    }
    spae_arena_free(&arena);
}
END_TEST

/* ---- transcripts ---------------------------------------------------------------------------------------- */

START_TEST(transcripts_are_kept_resumed_and_replayed)
{
    char path[80], replayed[100];
    spae_arena arena = new_arena();
    spae_language_model model;
    spae_answer a[2];
    spae_error err;
    size_t torn = 99;
    spae_language_options o = {.name = program, .transcript = temporary(path, "-open.jsonl"), .resume = true};
    (void)remove(path);
    ck_ok(spae_language_open(&o, &arena, &model, &torn, &err)); /* begun, as there is none */
    ck_assert_uint_eq(torn, 0);
    ck_ok(ask(&model, &arena, a, &err));
    o.resume = false;
    ck_fails(spae_language_open(&o, &arena, &model, &torn, &err), SPAE_ERR_ARGUMENT, path, "is there already");
    ck_ok(spae_file_append(path, "{\"numb", 6, &err));
    snprintf(replayed, sizeof replayed, "replay:%s", path);
    const spae_language_options again = {.name = replayed};
    ck_ok(spae_language_open(&again, &arena, &model, &torn, &err));
    ck_assert_uint_eq(torn, 6);
    ck_assert_str_eq(model.name, program);
    ck_ok(ask(&model, &arena, a, &err));
    ck_answer(&a[1], "c=d#e", SPAE_ANSWER_ENDED);
    ck_fails(ask(&model, &arena, a, &err), SPAE_ERR_ARGUMENT, "the transcript ends after 1 requests");
    o.resume = true;
    ck_ok(spae_language_open(&o, &arena, &model, &torn, &err));
    ck_assert_uint_eq(torn, 6);
    ck_ok(ask(&model, &arena, a, &err));
    ck_ok(ask(&model, &arena, a, &err));
    ck_ok(spae_language_open(&again, &arena, &model, &torn, &err));
    ck_ok(ask(&model, &arena, a, &err));
    ck_ok(ask(&model, &arena, a, &err));
    o.name = "command:other";
    ck_fails(spae_language_open(&o, &arena, &model, &torn, &err), SPAE_ERR_ARGUMENT, "command:other");
    o.name = replayed;
    ck_fails(spae_language_open(&o, &arena, &model, &torn, &err), SPAE_ERR_ARGUMENT,
             "replay: a transcript of a transcript");
    ck_assert(remove(path) == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status open_in(spae_arena *arena, void *context, spae_error *err)
{
    spae_language_model model;
    (void)context;
    return open_with("openai:http://h/v1#m",
                     (const char *const[]){"adapter=io/adapters/openai.sh", "timeout=9", "chat=yes", NULL}, arena,
                     &model, err);
}

START_TEST(too_little_memory_is_told)
{
    starve(open_in, NULL, 64);
}
END_TEST

START_TEST(the_table_is_good_for_a_help)
{
    for (size_t i = 0; i < spae_language_kinds_count; i++) {
        const spae_language_kind *kind = &spae_language_kinds[i];
        ck_assert(kind->kind[0] != '\0' && strchr(kind->kind, ':') == NULL && kind->help[0] != '\0' &&
                  kind->open != NULL);
        ck_assert(kind->keys != NULL);
        for (size_t k = 0; kind->keys[k] != NULL; k++)
            ck_assert(strchr(kind->keys[k], '=') == NULL);
    }
}
END_TEST

SUITE(suite_io_language_open, "io/language_open", a_program_is_opened, what_cannot_be_opened_is_told,
      a_server_is_opened, the_adapter_is_found, transcripts_are_kept_resumed_and_replayed, too_little_memory_is_told,
      the_table_is_good_for_a_help)

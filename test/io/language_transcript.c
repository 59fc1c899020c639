/* io/language_transcript: a model recorded, repeated, and taken up where it stopped. */
#include "language.h"

#include "io/language_transcript.h"

enum { REQUESTS = 4 };

typedef struct {
    char path[80];
    spae_arena arena;
    formula f;
    spae_language_model inner, model;
    spae_request r[REQUESTS];
    spae_answer a[2 * REQUESTS];
} run;

static void start(run *x)
{
    static const char *const prompt[REQUESTS] = {"one", "two\n", "", "f\xC3\xBCnf"};
    x->arena = new_arena();
    temporary(x->path, ".jsonl");
    (void)remove(x->path);
    x->inner = formula_model(&x->f);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        x->r[i] = request_of(prompt[i]);
        x->r[i].number = i;
    }
}

static void record(run *x)
{
    spae_error err;
    ck_ok(spae_language_record(&x->inner, x->path, &x->arena, &x->model, &err));
}

static void resume(run *x, size_t torn)
{
    spae_error err;
    size_t dropped = 99;
    ck_ok(spae_language_resume(&x->inner, x->path, &x->arena, &x->model, &dropped, &err));
    ck_assert_uint_eq(dropped, torn);
}

static void replay(run *x, const spae_tokenizer *tokenizer)
{
    spae_error err;
    ck_ok(spae_language_replay(x->path, tokenizer, &x->arena, &x->model, NULL, &err));
}

static spae_status ask(run *x, size_t first, size_t count, spae_error *err)
{
    memset(&x->a[2 * first], 0, 2 * count * sizeof x->a[0]);
    return x->model.sample(&x->model, &x->r[first], count, &x->arena, &x->a[2 * first], err);
}

/* The answers to requests first .. first+count-1 are the formula's. */
static void ck_answers(const run *x, size_t first, size_t count)
{
    for (size_t i = 2 * first; i < 2 * (first + count); i++) {
        char due[40];
        sprintf(due, "%s %zu.%zu", x->r[i / 2].text, i / 2, i % 2);
        ck_answer(&x->a[i], due, (spae_answer_end)(i % 2));
    }
}

static size_t lines(run *x)
{
    const uint8_t *file = NULL;
    size_t size = 0, count = 0;
    spae_error err;
    ck_ok(spae_file_read_all(&x->arena, x->path, 100000, &file, &size, &err));
    for (size_t i = 0; i < size; i++)
        count += file[i] == '\n';
    return count;
}

static void finish(run *x)
{
    ck_assert(remove(x->path) == 0);
    spae_arena_free(&x->arena);
}

START_TEST(what_was_recorded_is_repeated_without_the_model)
{
    run x;
    spae_error err;
    const spae_answer b = {"b", 1, NULL, 0, SPAE_ANSWER_ENDED}, nothing = {"", 0, NULL, 0, SPAE_ANSWER_ENDED};
    double value = 1;
    start(&x);
    record(&x);
    ck_assert_str_eq(x.model.name, "formula");
    ck_assert(x.model.window == 100 && x.model.score != NULL);
    ck_ok(ask(&x, 0, 3, &err));
    ck_answers(&x, 0, 3);
    ck_ok(spae_language_choose(&x.model, 1, 1, &err));
    ck_ok(spae_language_choose(&x.model, 0, SPAE_CHOICE_NONE, &err));
    ck_ok(x.model.score(&x.model, &x.r[0], &b, &x.arena, &value, &err));
    ck_ok(x.model.score(&x.model, &x.r[0], &nothing, &x.arena, &value, &err));
    ck_ok(ask(&x, 3, 1, &err));
    ck_assert_uint_eq(x.f.calls, 4);
    ck_assert_uint_eq(lines(&x), 9);
    replay(&x, NULL);
    ck_assert_str_eq(x.model.name, "formula");
    ck_assert_uint_eq(x.model.window, 100);
    ck_ok(ask(&x, 0, 1, &err)); /* calls need not be split alike */
    ck_ok(ask(&x, 1, 2, &err));
    ck_answers(&x, 0, 3);
    ck_ok(spae_language_choose(&x.model, 1, 1, &err));
    ck_ok(spae_language_choose(&x.model, 2, 0, &err)); /* of which nothing is recorded */
    ck_ok(spae_language_choose(&x.model, 0, SPAE_CHOICE_NONE, &err));
    ck_ok(x.model.score(&x.model, &x.r[0], &b, &x.arena, &value, &err));
    ck_assert(value == -4);
    ck_ok(x.model.score(&x.model, &x.r[0], &nothing, &x.arena, &value, &err));
    ck_assert(value == -HUGE_VAL);
    ck_ok(ask(&x, 3, 1, &err));
    ck_answers(&x, 3, 1);
    ck_fails(ask(&x, 3, 1, &err), SPAE_ERR_ARGUMENT, x.path, "request 3", "ends after 6 requests");
    ck_assert(x.f.calls == 4 && lines(&x) == 9);
    finish(&x);
}
END_TEST

START_TEST(another_question_is_told)
{
    static const int32_t id[1] = {5};
    run x;
    spae_error err;
    start(&x);
    record(&x);
    ck_ok(ask(&x, 0, 1, &err));
    const spae_request right = x.r[0];
    struct {
        spae_request r;
        const char *part;
    } bad[9];
    for (size_t i = 0; i < 9; i++)
        bad[i].r = right;
    bad[0].r.number = 8, bad[0].part = "the request's number was 0, is 8";
    bad[1].r.text = "onto", bad[1].r.length = 4,
    bad[1].part = "the prompt differs from byte 2 on (3 bytes were recorded, there are 4)";
    bad[2].r.samples = 1, bad[2].part = "n was 2, is 1";
    bad[3].r.temperature = 0.75, bad[3].part = "temperature was 0.5, is 0.75";
    bad[4].r.max_tokens = 5, bad[4].part = "max_tokens was 4, is 5";
    bad[5].r.stop = "x", bad[5].part = "stop";
    bad[6].r.stop = NULL, bad[6].part = "stop";
    bad[7].r.seed = 8, bad[7].part = "seed was 7, is 8";
    bad[8].r.text = "on", bad[8].r.length = 2, bad[8].part = "the prompt differs from byte 2 on";
    for (size_t i = 0; i < 9; i++) {
        replay(&x, NULL);
        x.r[0] = bad[i].r;
        ck_fails(ask(&x, 0, 1, &err), SPAE_ERR_ARGUMENT, x.path, ": line 2: ", bad[i].part);
    }
    x.r[0] = right;
    x.r[0].id = id; /* a run with a tokenizer, a record without */
    x.r[0].ids = 1;
    replay(&x, &bytes_tokenizer);
    ck_fails(ask(&x, 0, 1, &err), SPAE_ERR_ARGUMENT, ": line 2: ", "no ids");
    replay(&x, NULL); /* a choice of something that was not asked */
    ck_fails(spae_language_choose(&x.model, 0, 0, &err), SPAE_ERR_ARGUMENT, x.path, "request 0");
    finish(&x);
}
END_TEST

START_TEST(samples_and_scores_are_not_confused)
{
    run x;
    spae_error err;
    const spae_answer b = {"b", 1, NULL, 0, SPAE_ANSWER_ENDED}, c = {"bc", 2, NULL, 0, SPAE_ANSWER_ENDED};
    double value = 1;
    start(&x);
    record(&x);
    ck_ok(x.model.score(&x.model, &x.r[0], &b, &x.arena, &value, &err));
    ck_ok(ask(&x, 0, 1, &err));
    replay(&x, NULL);
    ck_fails(ask(&x, 0, 1, &err), SPAE_ERR_ARGUMENT, "line 2", "a log probability, not samples");
    ck_fails(x.model.score(&x.model, &x.r[0], &c, &x.arena, &value, &err), SPAE_ERR_ARGUMENT, "line 2",
             "the continuation differs from byte 1 on");
    ck_ok(x.model.score(&x.model, &x.r[0], &b, &x.arena, &value, &err));
    ck_fails(x.model.score(&x.model, &x.r[0], &b, &x.arena, &value, &err), SPAE_ERR_ARGUMENT, "line 3",
             "samples, not a log probability");
    finish(&x);
}
END_TEST

START_TEST(another_choice_is_told)
{
    run x;
    spae_error err;
    start(&x);
    record(&x);
    ck_ok(ask(&x, 0, 2, &err));
    ck_fails(spae_language_choose(&x.model, 0, 2, &err), SPAE_ERR_ARGUMENT, "request 0", "no sample");
    ck_fails(spae_language_choose(&x.model, 5, 0, &err), SPAE_ERR_ARGUMENT, "request 5");
    ck_ok(spae_language_choose(&x.model, 0, 0, &err));
    ck_fails(spae_language_choose(&x.model, 0, 0, &err), SPAE_ERR_ARGUMENT, "request 0", "a second one");
    ck_assert_uint_eq(lines(&x), 4);
    replay(&x, NULL);
    ck_ok(ask(&x, 0, 2, &err));
    ck_fails(spae_language_choose(&x.model, 0, 1, &err), SPAE_ERR_ARGUMENT, ": line 4: another sample", "request 0");
    ck_ok(spae_language_choose(&x.model, 0, 0, &err));
    ck_ok(spae_language_choose(&x.inner, 9, 9, &err)); /* a model that keeps nothing */
    finish(&x);
}
END_TEST

/* A choice finds its request among the last 4096, here and when the file is read again. */
START_TEST(choices_may_come_late)
{
    run x;
    spae_error err;
    start(&x);
    record(&x);
    x.r[0].samples = 1;
    for (uint32_t i = 0; i < 4100; i++) {
        const spae_arena_mark mark = spae_arena_here(&x.arena);
        x.r[0].number = i;
        ck_ok(x.model.sample(&x.model, x.r, 1, &x.arena, x.a, &err));
        spae_arena_reset(&x.arena, mark);
    }
    ck_fails(spae_language_choose(&x.model, 3, 0, &err), SPAE_ERR_ARGUMENT, "request 3");
    ck_ok(spae_language_choose(&x.model, 4, 0, &err));
    ck_ok(spae_language_choose(&x.model, 4099, 0, &err));
    replay(&x, NULL);
    finish(&x);
}
END_TEST

START_TEST(a_run_that_failed_goes_on)
{
    run x;
    spae_error err;
    for (size_t together = 0; together < 2; together++) {
        start(&x);
        x.inner.together = together;
        record(&x);
        ck_ok(ask(&x, 0, 1, &err));
        ck_ok(spae_language_choose(&x.model, 0, 1, &err));
        x.f.fails = 2;
        ck_fails(ask(&x, 1, 3, &err), SPAE_ERR_IO, "the server is down");
        ck_assert_uint_eq(lines(&x), 3 + together); /* all of the call are lost, or the one under way alone */
        x.f = (formula){0, 0, UINT32_MAX};
        resume(&x, 0);
        ck_ok(ask(&x, 0, 1, &err));
        ck_ok(spae_language_choose(&x.model, 0, 1, &err));
        ck_assert_uint_eq(x.f.asked, 0);
        ck_ok(ask(&x, 1, 3, &err));
        ck_answers(&x, 0, 4);
        ck_assert_uint_eq(x.f.asked, 3 - together);
        ck_ok(spae_language_choose(&x.model, 1, 0, &err));
        ck_assert_uint_eq(lines(&x), 7);
        replay(&x, NULL);
        ck_ok(ask(&x, 0, 4, &err));
        ck_answers(&x, 0, 4);
        ck_fails(spae_language_choose(&x.model, 1, 1, &err), SPAE_ERR_ARGUMENT, ": line 7: ");
        finish(&x);
    }
}
END_TEST

/* Cut anywhere, as by a crash, the file goes on to be the same as if nothing had happened. */
START_TEST(a_torn_file_goes_on)
{
    run x;
    spae_error err;
    const uint8_t *file = NULL, *again = NULL;
    size_t size = 0, size_again = 0;
    start(&x);
    record(&x);
    ck_ok(ask(&x, 0, 4, &err));
    ck_ok(spae_file_read_all(&x.arena, x.path, 100000, &file, &size, &err));
    const size_t head = (size_t)((const uint8_t *)memchr(file, '\n', size) - file) + 1;
    for (size_t n = 0; n < size; n += 1 + n / 8) {
        size_t torn = 0;
        const spae_arena_mark mark = spae_arena_here(&x.arena);
        while (torn < n && file[n - 1 - torn] != '\n')
            torn++;
        ck_ok(spae_file_write_all(&x.arena, x.path, file, n, &err));
        if (n < head) {
            ck_fails(spae_language_resume(&x.inner, x.path, &x.arena, &x.model, NULL, &err), SPAE_ERR_FORMAT,
                     "no transcript");
        } else {
            resume(&x, torn);
            ck_ok(ask(&x, 0, 4, &err));
            ck_answers(&x, 0, 4);
            ck_ok(spae_file_read_all(&x.arena, x.path, 100000, &again, &size_again, &err));
            ck_assert(size_again == size && memcmp(again, file, size) == 0);
        }
        spae_arena_reset(&x.arena, mark);
    }
    finish(&x);
}
END_TEST

START_TEST(ids_are_kept_with_texts)
{
    static const int32_t prompt[3] = {'o', 'n', 'e'}, other[3] = {'o', 'n', 'f'};
    run x;
    spae_error err;
    start(&x);
    x.inner.tokenizer = &bytes_tokenizer;
    x.r[0].id = prompt;
    x.r[0].ids = 3;
    record(&x);
    ck_assert(x.model.tokenizer == &bytes_tokenizer);
    ck_ok(ask(&x, 0, 1, &err));
    replay(&x, &bytes_tokenizer);
    ck_ok(ask(&x, 0, 1, &err));
    ck_answers(&x, 0, 1);
    ck_assert(x.a[1].ids == 7 && x.a[1].id[0] == 'o' && x.a[1].id[6] == '1');
    replay(&x, &bytes_tokenizer);
    x.r[0].id = other;
    ck_fails(ask(&x, 0, 1, &err), SPAE_ERR_ARGUMENT, ": line 2: ", "the ids");
    replay(&x, NULL); /* texts alone */
    x.r[0].id = NULL;
    ck_ok(ask(&x, 0, 1, &err));
    ck_assert(x.a[0].id == NULL && x.model.tokenizer == NULL);
    spae_tokenizer few = bytes_tokenizer;
    few.V = 'o';
    x.r[0].id = prompt;
    replay(&x, &few);
    ck_fails(ask(&x, 0, 1, &err), SPAE_ERR_ARGUMENT, ": line 2: ", "outside the vocabulary");
    finish(&x);
}
END_TEST

START_TEST(files_of_others_are_left_alone)
{
    run x;
    spae_error err;
    start(&x);
    record(&x);
    ck_fails(spae_language_record(&x.inner, x.path, &x.arena, &x.model, &err), SPAE_ERR_ARGUMENT, x.path,
             "is there already");
    x.inner.name = "other";
    ck_fails(spae_language_resume(&x.inner, x.path, &x.arena, &x.model, NULL, &err), SPAE_ERR_ARGUMENT, x.path,
             "\"formula\"", "\"other\"");
    x.inner.name = "formula";
    x.inner.window = 50;
    ck_fails(spae_language_resume(&x.inner, x.path, &x.arena, &x.model, NULL, &err), SPAE_ERR_ARGUMENT, x.path,
             "a window of 100 tokens, not 50");
    ck_fails(spae_language_record(&x.inner, "/nowhere/x", &x.arena, &x.model, &err), SPAE_ERR_IO, "/nowhere/x");
    ck_fails(spae_language_replay("/nowhere/x", NULL, &x.arena, &x.model, NULL, &err), SPAE_ERR_IO, "/nowhere/x");
    x.inner.score = NULL;
    x.inner.window = 100;
    resume(&x, 0);
    ck_assert(x.model.score == NULL);
    replay(&x, NULL);
    ck_assert(x.model.score == NULL); /* none is recorded */
    finish(&x);
}
END_TEST

SUITE(suite_io_language_transcript, "io/language_transcript", what_was_recorded_is_repeated_without_the_model,
      another_question_is_told, samples_and_scores_are_not_confused, another_choice_is_told, choices_may_come_late,
      a_run_that_failed_goes_on, a_torn_file_goes_on, ids_are_kept_with_texts, files_of_others_are_left_alone)

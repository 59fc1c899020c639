/* io/generation: a scripted language model at the other end of Eq. 11: what it is asked, what
 * counts as an answer, what is asked again and how warm, and what stands in the end. */
#include "language.h"

#include "io/generation.h"

enum { V = 4, TOKENS = 5, MOST_ASKED = 40, MOST_SAMPLES = 4 };
static const char *const words[V] = {"a", "b", "c", "d"};

/* Call i of it answers with text[i][..], sample after sample, the same to every request of the
 * call; the last one again and again. */
typedef struct {
    const char *const (*text)[MOST_SAMPLES];
    size_t texts, calls, asked, in_call[MOST_ASKED];
    char prompt[MOST_ASKED][400];
    double temperature[MOST_ASKED];
    uint32_t seed[MOST_ASKED], number[MOST_ASKED];
    size_t fails; /* the call that fails; 0: none */
} script;

static spae_status answer_by_script(const spae_language_model *model, const spae_request *request,
                                    size_t count, spae_arena *arena, spae_answer *answer,
                                    spae_error *err)
{
    script *s = model->context;
    const char *const *text = s->text[s->calls < s->texts ? s->calls : s->texts - 1];
    (void)arena;
    s->in_call[s->calls++] = count;
    if (s->calls == s->fails)
        return spae_fail(err, SPAE_ERR_IO, "the line is dead");
    for (size_t r = 0; r < count; r++, s->asked++) {
        ck_assert(s->asked < MOST_ASKED && request[r].length < sizeof s->prompt[0]);
        memcpy(s->prompt[s->asked], request[r].text, request[r].length);
        s->prompt[s->asked][request[r].length] = '\0';
        s->temperature[s->asked] = request[r].temperature;
        s->seed[s->asked] = request[r].seed;
        s->number[s->asked] = request[r].number;
        for (size_t i = 0; i < request[r].samples; i++)
            answer[r * request[r].samples + i] =
                (spae_answer){text[i], strlen(text[i]), NULL, 0, SPAE_ANSWER_ENDED};
    }
    return SPAE_OK;
}

typedef struct {
    spae_arena arena;
    script script;
    spae_language_model language;
    spae_lexicon lexicon;
    spae_decoding decoding;
    spae_prompt_pair example[2];
    spae_generation generation;
    int32_t v[TOKENS];
    spae_decoding_report report;
} fixture;

/* Two examples "1" and "2" of five tokens, "3" is asked for; two samples. */
static void start(fixture *f, const char *const (*text)[MOST_SAMPLES], size_t texts,
                  spae_decoding decoding)
{
    static const int32_t first[TOKENS] = {0, 0, 1, 2, 3}, second[TOKENS] = {3, 2, 1, 0, 0};
    spae_error err;
    *f = (fixture){.arena = new_arena(), .decoding = decoding};
    f->script = (script){.text = text, .texts = texts};
    f->language = (spae_language_model){
        .name = "script", .window = 10000, .context = &f->script, .sample = answer_by_script};
    ck_ok(spae_lexicon_open(words, V, SPAE_JOIN_PLAIN, NULL, &f->arena, &f->lexicon, &err));
    f->example[0] = (spae_prompt_pair){.text = "1", .target = first};
    f->example[1] = (spae_prompt_pair){.text = "2", .target = second};
    f->generation = spae_generation_defaults();
    f->generation.language = &f->language;
    f->generation.lexicon = &f->lexicon;
    f->generation.decoding = &f->decoding;
    f->generation.example = f->example;
    f->generation.examples = 2;
    f->generation.query.text = "3";
    f->generation.samples = 2;
    f->generation.seed = 7;
    f->generation.number = 100;
}

static spae_status generate(fixture *f, spae_error *err)
{
    return spae_generate_tokens(&f->generation, TOKENS, &f->arena, f->v, &f->report, err);
}

static void ck_tokens(const fixture *f, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e)
{
    const int32_t due[TOKENS] = {a, b, c, d, e};
    for (size_t i = 0; i < TOKENS; i++)
        ck_assert_msg(f->v[i] == due[i], "token %zu is %d, due %d", i, (int)f->v[i], (int)due[i]);
}

static const spae_decoding par_by_two = {1, {{TOKENS, 2, true, 0}}};
/* One token, then four at once of which each pair is given that one. */
static const spae_decoding par_then_pnar = {2, {{1, 1, true, 0}, {TOKENS, 2, false, 1}}};

START_TEST(the_papers_defaults)
{
    const spae_generation g = spae_generation_defaults();
    ck_assert(g.samples == 8 && g.retries == SPAE_DECODING_RETRIES &&
              g.policy == SPAE_DECODING_STOP);
    ck_assert(g.temperature <= 0 && g.temperature >= 0 && g.seed == 0 && g.number == 0);
}
END_TEST

/* Every segment is asked for with all that stands before it; numbers go on, the seed stays. */
START_TEST(segment_by_segment)
{
    static const char *const text[][MOST_SAMPLES] = {
        {"a b", "c"}, {"zzz", "c d and more"}, {"\n d\n", "a"}};
    spae_error err;
    fixture f;
    start(&f, text, 3, par_by_two);
    ck_ok(generate(&f, &err));
    ck_tokens(&f, 0, 1, 2, 3, 3);
    ck_assert(f.script.calls == 3 && f.script.asked == 3);
    ck_assert_str_eq(f.script.prompt[1],
                     "Learn a new language and predict the 2 tokens following the examples.\n"
                     "C: 1\nQ: a a\nA: b c\nC: 2\nQ: d c\nA: b a\nC: 3\nQ: a b\nA:");
    ck_assert_str_eq(f.script.prompt[2],
                     "Learn a new language and predict the 1 tokens following the examples.\n"
                     "C: 1\nQ: a a b c\nA: d\nC: 2\nQ: d c b a\nA: a\nC: 3\nQ: a b c d\nA:");
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert(f.script.seed[i] == 7 && f.script.number[i] == 100 + i);
        ck_assert(f.script.temperature[i] <= 0 && f.script.temperature[i] >= 0);
    }
    ck_assert(f.generation.number == 103);
    ck_assert(f.report.requests == 3 && f.report.samples == 6 && f.report.retries == 0 &&
              f.report.decided == 3);
    ck_assert(f.report.malformed == 1 &&
              f.report.cut == 1); /* "zzz" before the right one, and "c" alone */
    spae_arena_free(&f.arena);
}
END_TEST

/* The segments of a stage that is not autoregressive are one call. */
START_TEST(independent_segments_are_one_call)
{
    static const char *const text[][MOST_SAMPLES] = {{"d", "d"}, {"a b", "a b"}};
    spae_error err;
    fixture f;
    start(&f, text, 2, par_then_pnar);
    ck_ok(generate(&f, &err));
    ck_tokens(&f, 3, 0, 1, 0, 1);
    ck_assert(f.script.calls == 2 && f.script.in_call[0] == 1 && f.script.in_call[1] == 2);
    ck_assert_str_eq(f.script.prompt[1], "Predict the outputs following the examples.\n"
                                         "Q: a\nA: a b\nQ: d\nA: c b\nQ: d\nA:");
    ck_assert_str_eq(f.script.prompt[2], "Predict the outputs following the examples.\n"
                                         "Q: a\nA: c d\nQ: d\nA: a a\nQ: d\nA:");
    spae_arena_free(&f.arena);
}
END_TEST

/* Empty, foreign and short answers: asked again, at T_1 = 0.02, T_2 = 0.06 of Eq. 13 over the
 * temperature of one's own. */
START_TEST(wrong_answers_are_asked_again)
{
    static const char *const text[][MOST_SAMPLES] = {{"", "x y", "a", "b zzz"},
                                                     {" ", "a", "\n\n", "A B"},
                                                     {"c", "d c b a", "", ""},
                                                     {"a b", "a b", "a b", "a b"}};
    static const double due[] = {0.5, 0.5 + 0.02, 0.5 + 0.06, 0.5, 0.5};
    spae_error err;
    fixture f;
    start(&f, text, 4, par_by_two);
    f.generation.samples = 4;
    f.generation.temperature = 0.5;
    ck_ok(generate(&f, &err));
    ck_tokens(&f, 3, 2, 0, 1, 0);
    ck_assert(f.script.asked == 5 && f.report.requests == 5 && f.report.retries == 2 &&
              f.report.samples == 20);
    ck_assert(f.report.malformed == 2 + 3 + 2 && f.report.cut == 2 + 1 + 1 && f.report.filled == 0);
    for (size_t i = 0; i < 5; i++)
        ck_assert_msg(fabs(f.script.temperature[i] - due[i]) < 1e-12, "request %zu at %g", i,
                      f.script.temperature[i]);
    ck_assert_str_eq(f.script.prompt[1], f.script.prompt[0]);
    ck_assert(f.script.number[1] == 101 && f.script.number[4] == 104);
    spae_arena_free(&f.arena);
}
END_TEST

START_TEST(when_retries_run_out)
{
    static const char *const text[][MOST_SAMPLES] = {{"a b", "a b"}, {"c zzz", "zzz"}};
    spae_error err;
    fixture f;
    start(&f, text, 2, par_by_two);
    f.generation.retries = 2;
    ck_fails(generate(&f, &err), SPAE_ERR_FORMAT, "none of 2 answers is valid", "2 retries",
             "0.06");
    ck_tokens(&f, 0, 1, -1, -1, -1);
    ck_assert(f.script.asked == 4 && f.report.decided == 1);
    spae_arena_free(&f.arena);

    start(&f, text, 2, par_by_two);
    f.generation.retries = 0;
    f.generation.policy = SPAE_DECODING_FILL;
    ck_ok(generate(&f, &err));
    ck_tokens(&f, 0, 1, 2, 2,
              2); /* "c", again; the last segment takes one token: "c zzz" is right */
    ck_assert(f.report.filled == 1 && f.report.filled_tokens == 1 && f.report.decided == 3);
    spae_arena_free(&f.arena);
}
END_TEST

/* A dead line ends the run, with what was decided until then. */
START_TEST(failures_of_the_model)
{
    static const char *const text[][MOST_SAMPLES] = {{"a b", "a b"}};
    spae_error err;
    fixture f;
    start(&f, text, 1, par_by_two);
    f.script.fails = 2;
    ck_fails(generate(&f, &err), SPAE_ERR_IO, "the line is dead");
    ck_tokens(&f, 0, 1, -1, -1, -1);
    spae_arena_free(&f.arena);
    start(&f, text, 1, par_by_two);
    f.decoding.stage[0].end = TOKENS - 1;
    ck_fails(generate(&f, &err), SPAE_ERR_ARGUMENT, "4", "5");
    ck_assert(f.script.calls == 0);
    spae_arena_free(&f.arena);
}
END_TEST

/* A model whose window is too small for two examples: nothing is asked, and it is told that one
 * would fit. */
START_TEST(prompts_beyond_the_window)
{
    static const char *const text[][MOST_SAMPLES] = {{"a b", "a b"}};
    spae_error err;
    fixture f;
    start(&f, text, 1, par_by_two);
    f.lexicon = (spae_lexicon){0};
    ck_ok(
        spae_lexicon_open(words, V, SPAE_JOIN_PLAIN, &bytes_tokenizer, &f.arena, &f.lexicon, &err));
    f.language.tokenizer = &bytes_tokenizer;
    f.language.window =
        112; /* bytes: 70 of the instruction, 16 for each example, 12 and the answer */
    ck_fails(generate(&f, &err), SPAE_ERR_ARGUMENT, "112", "examples");
    ck_assert(f.script.calls == 0);
    spae_arena_free(&f.arena);
}
END_TEST

/* Which segments were decided, in order, and how: for progress and transcripts. */
typedef struct {
    size_t count, sample[8];
    unsigned retry[8];
} heard;

static void hear(void *context, const spae_choice *choice)
{
    heard *h = context;
    h->sample[h->count] = choice->sample;
    h->retry[h->count++] = choice->retry;
}

START_TEST(progress_is_told)
{
    static const char *const text[][MOST_SAMPLES] = {
        {"a b", "a b"}, {"a", "zzz"}, {"zzz", "c d"}, {"b", "b"}};
    spae_error err;
    heard h = {0};
    fixture f;
    start(&f, text, 4, par_by_two);
    f.generation.progress = hear;
    f.generation.context = &h;
    ck_ok(generate(&f, &err));
    ck_tokens(&f, 0, 1, 2, 3, 1);
    ck_assert(h.count == 3 && h.sample[0] == 0 && h.sample[1] == 1 && h.sample[2] == 0);
    ck_assert(h.retry[0] == 0 && h.retry[1] == 1 && h.retry[2] == 0);
    spae_arena_free(&f.arena);
}
END_TEST

SUITE(suite_io_generation, "io/generation", the_papers_defaults, segment_by_segment,
      independent_segments_are_one_call, wrong_answers_are_asked_again, when_retries_run_out,
      failures_of_the_model, prompts_beyond_the_window, progress_is_told)

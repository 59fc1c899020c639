/* io/language_incontext: answers of the model without weights: labels, lines of a condition's kind, ends, stops, seeds,
 * scores, and what is refused. */
#include "bytes.h"

#include <math.h>

#include "../../io/language_incontext.h"
#include "../memory.h"

enum { V = 8, C = 3 };
static const char *const words[V] = {"red", "green", "blue", "zero", "one", "an", "image", "of"};

/* Rows in pairs of neighbours: red and green, blue and zero, .. */
static spae_real rows[V * C];

static spae_language_model open_model(spae_arena *arena)
{
    spae_language_model model;
    spae_error err;
    for (size_t k = 0; k < V; k++)
        for (size_t i = 0; i < C; i++)
            rows[k * C + i] = (spae_real)(k / 2 == i) + (spae_real)(k % 2) * (spae_real)0.125 + (spae_real)(k == 7);
    const spae_model spae = {.codebook = {.V = V, .c = C, .e = rows}, .word = words};
    ck_assert_msg(spae_language_incontext(&spae, arena, &model, &err) == SPAE_OK, "%s", err.text);
    return model;
}

static spae_request request_of(const char *text, size_t samples, double temperature, size_t most)
{
    return (spae_request){.text = text, .length = strlen(text), .samples = samples, .temperature = temperature, .max_tokens = most, .seed = 1};
}

static void ask(const spae_language_model *model, const spae_request *request, spae_arena *arena, spae_answer *answer)
{
    spae_error err;
    ck_assert_msg(model->sample(model, request, 1, arena, answer, &err) == SPAE_OK, "%s", err.text);
}

static const char classes[] = "For each of the following input output pairs, output is one of ['zero', 'one']\n###\nInput: red red\nOutput: zero\n###\n"
                              "Input: blue blue\nOutput: one\n###\nInput: green red\nOutput:";
static const char digits[] = "C: an image of 0\nQ: \nA: red red blue\nC: an image of 1\nQ: \nA: green one\nC: an image of 0\nQ: \nA: red blue blue\n"
                             "C: an image of 1\nQ: \nA: one green\nC: an image of 1\nQ: \nA:";

START_TEST(it_answers_with_the_label_of_what_is_alike)
{
    spae_arena arena = new_arena();
    const spae_language_model model = open_model(&arena);
    spae_answer answer[2];
    spae_request request = request_of(classes, 2, 0, 7);
    ck_assert_str_eq(model.name, "incontext");
    ck_assert_uint_eq(model.window, SPAE_INCONTEXT_WINDOW);
    ask(&model, &request, &arena, answer);
    ck_assert_str_eq(answer[0].text, " zero");
    ck_assert_uint_eq(answer[0].length, 5);
    ck_assert_uint_eq(answer[0].ids, 1);
    ck_assert_int_eq(answer[0].id[0], 3);
    ck_assert_int_eq(answer[0].end, SPAE_ANSWER_ENDED); /* at the end of its line */
    ck_assert_str_eq(answer[1].text, " zero");
    request.stop = "\n";
    ask(&model, &request, &arena, answer);
    ck_assert_str_eq(answer[0].text, " zero");
    ck_assert_int_eq(answer[0].end, SPAE_ANSWER_STOPPED);
    request.max_tokens = 1;
    ask(&model, &request, &arena, answer);
    ck_assert_int_eq(answer[0].end, SPAE_ANSWER_FULL);
    request.stop = "er";
    ask(&model, &request, &arena, answer);
    ck_assert_str_eq(answer[0].text, ""); /* the stop is within the word */
    ck_assert_uint_eq(answer[0].ids, 0);
    ck_assert_int_eq(answer[0].end, SPAE_ANSWER_STOPPED);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(it_writes_lines_of_the_conditions_kind)
{
    spae_arena arena = new_arena();
    const spae_language_model model = open_model(&arena);
    enum { N = 64 };
    spae_answer answer[N];
    const spae_request request = request_of(digits, N, 1, 2);
    size_t green = 0, one = 0;
    ask(&model, &request, &arena, answer);
    for (size_t i = 0; i < N; i++) {
        green += answer[i].ids > 0 && answer[i].id[0] == 1;
        one += answer[i].ids > 0 && answer[i].id[0] == 4;
    }
    ck_assert_uint_gt(green, N / 4); /* both beginnings of the ones .. */
    ck_assert_uint_gt(one, N / 4);
    ck_assert_uint_gt(green + one, N - 8); /* .. and hardly another */
    spae_arena_free(&arena);
}
END_TEST

static bool same(const spae_answer *a, const spae_answer *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i].length != b[i].length || memcmp(a[i].text, b[i].text, a[i].length) != 0 || a[i].end != b[i].end)
            return false;
    return true;
}

START_TEST(seed_number_and_place_choose_the_samples_alone)
{
    spae_arena arena = new_arena();
    const spae_language_model model = open_model(&arena);
    enum { N = 12 };
    spae_answer a[N], b[2 * N];
    spae_request request[2] = {request_of(digits, N, 2, 5), request_of(classes, N, 2, 5)};
    ask(&model, &request[0], &arena, a);
    ask(&model, &request[0], &arena, b);
    ck_assert(same(a, b, N));
    request[0].samples = 3; /* fewer: the first ones */
    ask(&model, &request[0], &arena, b);
    ck_assert(same(a, b, 3));
    request[0].samples = N;
    ck_assert_int_eq(model.sample(&model, request, 2, &arena, b, NULL), SPAE_OK); /* together with another */
    ck_assert(same(a, b, N));
    ask(&model, &request[1], &arena, a);
    ck_assert(same(a, b + N, N));
    request[1].number = 1;
    ask(&model, &request[1], &arena, b);
    ck_assert(!same(a, b, N));
    request[1].number = 0;
    request[1].seed = 2;
    ask(&model, &request[1], &arena, b);
    ck_assert(!same(a, b, N));
    spae_arena_free(&arena);
}
END_TEST

START_TEST(ids_are_the_prompt_where_they_are_given)
{
    spae_arena arena = new_arena();
    const spae_language_model model = open_model(&arena);
    spae_answer a, b;
    spae_request request = request_of(classes, 1, 0, 7);
    int32_t *id = NULL;
    ask(&model, &request, &arena, &a);
    ck_assert_int_eq(model.tokenizer->encode(model.tokenizer, classes, strlen(classes), &arena, &id, &request.ids, NULL), SPAE_OK);
    request.id = id;
    request.text = "something else";
    request.length = strlen(request.text);
    ask(&model, &request, &arena, &b);
    ck_assert(same(&a, &b, 1));
    spae_arena_free(&arena);
}
END_TEST

static double score(const spae_language_model *model, const char *prompt, const char *continuation, spae_arena *arena)
{
    const spae_request request = request_of(prompt, 1, 0, 1);
    const spae_answer answer = {.text = continuation, .length = strlen(continuation)};
    double result = 1;
    spae_error err;
    ck_assert_msg(model->score(model, &request, &answer, arena, &result, &err) == SPAE_OK, "%s", err.text);
    return result;
}

START_TEST(scores_are_logarithms_of_probabilities)
{
    spae_arena arena = new_arena();
    const spae_language_model model = open_model(&arena);
    double sum = 0;
    for (int32_t k = 0; k < V + 256; k++) { /* all continuations of one token */
        size_t length = 0;
        const spae_request request = request_of(classes, 1, 0, 1);
        const spae_answer answer = {.id = &k, .ids = 1, .text = model.tokenizer->bytes(model.tokenizer, k, &length)};
        double one = 1;
        ck_assert_int_eq(model.score(&model, &request, &answer, &arena, &one, NULL), SPAE_OK);
        ck_assert(one < 0);
        sum += exp(one);
    }
    ck_assert(fabs(sum - 1) < 1e-5);
    ck_assert(score(&model, classes, "", &arena) == 0);
    ck_assert(score(&model, classes, " zero", &arena) > score(&model, classes, " one", &arena));
    ck_assert(score(&model, classes, " one", &arena) > score(&model, classes, " image", &arena));
    const double first = score(&model, classes, " zero", &arena), both = score(&model, classes, " zero\n", &arena);
    ck_assert(both < first && both > first - 1); /* the end of the line is expected there */
    spae_arena_free(&arena);
}
END_TEST

START_TEST(bad_requests_are_refused)
{
    spae_arena arena = new_arena();
    const spae_language_model model = open_model(&arena);
    spae_error err;
    spae_answer answer;
    double result = 5;
    static const int32_t bad = V + 256;
    spae_request request = request_of(classes, 1, 0, SPAE_INCONTEXT_WINDOW);
    const size_t used = arena.used;
    ck_assert_int_eq(model.sample(&model, &request, 1, &arena, &answer, &err), SPAE_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(err.text, " beyond the window of 1048576"));
    request = request_of(classes, 0, 0, 1);
    ck_assert_int_eq(model.sample(&model, &request, 1, &arena, &answer, &err), SPAE_ERR_ARGUMENT);
    request = request_of(classes, 1, 0, 0);
    ck_assert_int_eq(model.sample(&model, &request, 1, &arena, &answer, &err), SPAE_ERR_ARGUMENT);
    request = request_of(classes, 1, -1, 1);
    ck_assert_int_eq(model.sample(&model, &request, 1, &arena, &answer, &err), SPAE_ERR_ARGUMENT);
    request = request_of(classes, 1, (double)NAN, 1);
    ck_assert_int_eq(model.sample(&model, &request, 1, &arena, &answer, &err), SPAE_ERR_ARGUMENT);
    request = request_of(classes, 1, 0, 1);
    request.id = &bad;
    request.ids = 1;
    ck_assert_int_eq(model.sample(&model, &request, 1, &arena, &answer, &err), SPAE_ERR_ARGUMENT);
    request.id = NULL;
    const spae_answer continuation = {.id = &bad, .ids = 1};
    ck_assert_int_eq(model.score(&model, &request, &continuation, &arena, &result, &err), SPAE_ERR_ARGUMENT);
    ck_assert(result == 5);
    ck_assert_uint_eq(arena.used, used);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(refused_memory_is_an_error)
{
    for (size_t refuse = 1; refuse < 4; refuse++) {
        spae_arena arena;
        watch w;
        spae_language_model model;
        spae_answer answer[20];
        const spae_model spae = {.codebook = {.V = V, .c = C, .e = rows}, .word = words};
        const spae_request request = request_of(digits, 20, 1, 2000);
        watched_arena(&arena, &w, refuse);
        spae_status status = spae_language_incontext(&spae, &arena, &model, NULL);
        if (status == SPAE_OK)
            status = model.sample(&model, &request, 1, &arena, answer, NULL);
        ck_assert(status == SPAE_ERR_NO_MEMORY || w.calls < refuse);
        spae_arena_free(&arena);
        ck_assert_uint_eq(w.live, 0);
    }
}
END_TEST

SUITE(suite_io_language_incontext, "io/language_incontext", it_answers_with_the_label_of_what_is_alike,
      it_writes_lines_of_the_conditions_kind, seed_number_and_place_choose_the_samples_alone,
      ids_are_the_prompt_where_they_are_given, scores_are_logarithms_of_probabilities, bad_requests_are_refused,
      refused_memory_is_an_error)

/* io/few_shot: scores counted again by hand from the episodes' own pictures, whatever the language
 * model answers. */
#include "language.h"

#include "io/few_shot.h"
#include "tiny_model.h"

enum { PICTURES = 24, CLASSES = 4, EPISODES = 12, SIZE = TINY_SIDE * TINY_SIDE };

static uint8_t pixels[PICTURES * SIZE];
static int32_t label[PICTURES];
static const char *const class_name[CLASSES] = {"seven", "twice", "9", "lion"};

/* Answers request after request: the label of the prompt's first example, that of its last example,
 * nonsense, in turn. */
typedef struct {
    size_t asked;
    size_t ways[200], examples[200]; /* seen in the prompt */
    char said[200][16];
} script;

/* The text behind the n-th "Output: ", up to the end of its line; "" where there is none. */
static void output_of(const char *prompt, size_t n, char text[16])
{
    const char *at = prompt;
    text[0] = '\0';
    for (size_t i = 0; i <= n; i++) {
        at = strstr(at, "Output: ");
        if (at == NULL)
            return;
        at += 8;
    }
    const size_t length = strcspn(at, "\n");
    ck_assert(length < 16);
    memcpy(text, at, length);
    text[length] = '\0';
}

static spae_status answer_by_script(const spae_language_model *model, const spae_request *request,
                                    size_t count, spae_arena *arena, spae_answer *answer,
                                    spae_error *err)
{
    script *s = model->context;
    (void)err;
    ck_assert(count == 1 && request->samples == 1 && s->asked < 200);
    char *text = spae_arena_take(arena, request->length + 1, 1), *said = s->said[s->asked],
         next[16];
    memcpy(text, request->text, request->length);
    text[request->length] = '\0';
    size_t examples = 0;
    for (output_of(text, 0, next); next[0] != '\0'; output_of(text, examples, next))
        examples++;
    s->examples[s->asked] = examples;
    if (s->asked % 3 == 2)
        strcpy(said, "no idea");
    else
        output_of(text, s->asked % 3 == 0 ? 0 : examples - 1, said);
    s->asked++;
    *answer = (spae_answer){said, strlen(said), NULL, 0, SPAE_ANSWER_ENDED};
    return SPAE_OK;
}

typedef struct {
    spae_arena arena;
    spae_model model;
    spae_dataset dataset;
    spae_classes all, classes;
    spae_lexicon lexicon;
    script script;
    spae_language_model language;
    spae_few_shot_study study;
} fixture;

static void start(fixture *f)
{
    spae_error err;
    *f = (fixture){.arena = new_arena()};
    for (size_t i = 0; i < PICTURES * SIZE; i++) /* one class is brighter than the other */
        pixels[i] = (uint8_t)(i / SIZE % CLASSES * 60 + i * i % 70);
    for (size_t i = 0; i < PICTURES; i++)
        label[i] = (int32_t)(i % CLASSES);
    f->model = tiny_model(&f->arena, TINY_V - 1);
    ck_ok(spae_codebook_prepare(&f->model.codebook, &f->arena, &err));
    f->dataset = (spae_dataset){.count = PICTURES,
                                .frames = 1,
                                .height = TINY_SIDE,
                                .width = TINY_SIDE,
                                .channels = 1,
                                .pictures = pixels,
                                .labels = label,
                                .name = "d"};
    ck_ok(spae_classes_of(&f->dataset, class_name, CLASSES, &f->arena, &f->all, &err));
    ck_ok(spae_lexicon_open(tiny_words, TINY_V - 1, SPAE_JOIN_PLAIN, NULL, &f->arena, &f->lexicon,
                            &err));
    ck_ok(spae_few_shot_classes(&f->all, &f->lexicon.text, &f->arena, &f->classes, &err));
    f->language = (spae_language_model){
        .name = "script", .window = 1 << 20, .context = &f->script, .sample = answer_by_script};
    f->study = (spae_few_shot_study){.model = &f->model,
                                     .dataset = &f->dataset,
                                     .classes = &f->classes,
                                     .language = &f->language,
                                     .lexicon = &f->lexicon,
                                     .template = SPAE_TEMPLATE_GPT35,
                                     .seed = 11,
                                     .number = 40};
    ck_ok(spae_few_shot_start(&f->study, &f->arena, &err));
}

/* "lion" is no word of the vocabulary, the other three are. */
START_TEST(classes_that_can_be_said)
{
    fixture f;
    start(&f);
    ck_assert(f.all.count == 4 && f.classes.count == 3 && f.classes.pictures == PICTURES);
    for (size_t k = 0; k < 3; k++) {
        ck_assert_str_eq(f.classes.name[k], class_name[k]);
        ck_assert_uint_eq(f.classes.first[k + 1] - f.classes.first[k], PICTURES / CLASSES);
        for (size_t i = f.classes.first[k]; i < f.classes.first[k + 1]; i++)
            ck_assert_int_eq(label[f.classes.picture[i]], (int)k);
    }
    spae_arena_free(&f.arena);
}
END_TEST

static void encode(fixture *f, size_t picture, int32_t token[TINY_TOKENS])
{
    spae_error err;
    spae_real numbers[TINY_SAMPLES];
    spae_dataset_picture(&f->dataset, picture, &f->model.config, numbers);
    ck_ok(spae_encode(&f->model, numbers, &f->arena, token, NULL, &err));
}

/* How far two pictures' first tokens are, counted in places, or in embeddings. */
static double far(const fixture *f, const int32_t *a, const int32_t *b, size_t tokens,
                  bool embedding)
{
    double sum = 0;
    for (size_t t = 0; t < tokens; t++)
        for (size_t c = 0; c < TINY_C; c++) {
            const double d = (double)f->model.codebook.e[(size_t)a[t] * TINY_C + c] -
                             (double)f->model.codebook.e[(size_t)b[t] * TINY_C + c];
            sum += embedding ? d * d : c == 0 && a[t] != b[t];
        }
    return sum;
}

/* Is the nearest of the examples of the class that is asked for? */
static size_t neighbour_is_right(fixture *f, const spae_episode *e, const spae_few_shot *setting,
                                 size_t tokens, bool embedding)
{
    int32_t query[TINY_TOKENS], other[TINY_TOKENS];
    const size_t asked = e->asked[setting->ways];
    size_t best = 0;
    double least = HUGE_VAL;
    encode(f, e->query[asked], query);
    for (size_t s = 0; s < setting->shots; s++)
        for (size_t w = 0; w < setting->ways; w++) {
            encode(f, e->support[s * e->ways + w], other);
            const double d = far(f, query, other, tokens, embedding);
            if (d < least) {
                least = d;
                best = w;
            }
        }
    return best == asked;
}

START_TEST(scores_by_hand)
{
    static const spae_few_shot setting[] = {{true, 2, 1, 0}, {false, 3, 1, 0}, {true, 3, 2, 1}};
    static const size_t layers[] = {1, 4}, tokens[] = {1, 37};
    spae_error err;
    fixture f;
    start(&f);
    size_t told_apart = 0;
    for (size_t l = 0; l < 2; l++) {
        spae_few_shot_score score[3] = {{0}}, due[3] = {{0}};
        const size_t before = f.script.asked;
        for (uint32_t number = 0; number < EPISODES; number++) {
            spae_episode e;
            ck_ok(spae_few_shot_episode(&f.study, number, setting, 3, layers[l], &f.arena, score,
                                        &err));
            ck_ok(spae_episode_sample(&f.classes, 11, number, 3, 2, &f.arena, &e, &err));
            for (size_t i = 0; i < 3; i++) {
                const size_t asked = before + 3 * number + i;
                const char *said = f.script.said[asked], *right = e.label[e.asked[setting[i].ways]];
                ck_assert_uint_eq(f.script.examples[asked],
                                  setting[i].ways * setting[i].shots * (1 + setting[i].repeats));
                due[i].episodes++;
                due[i].right += strcmp(said, right) == 0;
                due[i].malformed += strcmp(said, "no idea") == 0;
                due[i].hamming += neighbour_is_right(&f, &e, &setting[i], tokens[l], false);
                due[i].embedding += neighbour_is_right(&f, &e, &setting[i], tokens[l], true);
            }
        }
        for (size_t i = 0; i < 3; i++) {
            ck_assert(score[i].episodes == EPISODES && due[i].episodes == EPISODES);
            ck_assert_uint_eq(score[i].right, due[i].right);
            ck_assert_uint_eq(score[i].malformed, due[i].malformed);
            ck_assert_uint_eq(score[i].hamming, due[i].hamming);
            ck_assert_uint_eq(score[i].embedding, due[i].embedding);
            told_apart += due[i].right > 0 && due[i].right < EPISODES;
        }
    }
    ck_assert(told_apart > 0 && f.study.number == 40 + 2 * 3 * EPISODES);
    spae_arena_free(&f.arena);
}
END_TEST

START_TEST(refusals)
{
    static const spae_few_shot ways = {true, 4, 1, 0}, shots = {true, 3, 6, 0},
                               repeats = {true, 3, 2, 5};
    spae_few_shot_score score = {0};
    spae_error err;
    fixture f;
    start(&f);
    ck_fails(spae_few_shot_episode(&f.study, 0, &ways, 1, 1, &f.arena, &score, &err),
             SPAE_ERR_ARGUMENT, "3 of 3 classes", "4 ways");
    ck_fails(spae_few_shot_episode(&f.study, 0, &shots, 1, 1, &f.arena, &score, &err),
             SPAE_ERR_ARGUMENT, "0 of 3 classes have 7");
    f.lexicon = (spae_lexicon){0};
    ck_ok(spae_lexicon_open(tiny_words, TINY_V - 1, SPAE_JOIN_PLAIN, &bytes_tokenizer, &f.arena,
                            &f.lexicon, &err));
    ck_fails(spae_few_shot_episode(&f.study, 0, &repeats, 1, 1, &f.arena, &score, &err),
             SPAE_ERR_ARGUMENT, "vocabulary lacks");
    ck_assert(score.episodes == 0 && f.script.asked == 0);
    spae_arena_free(&f.arena);
}
END_TEST

START_TEST(intervals)
{
    ck_assert(fabs(spae_few_shot_interval(0.5, 100) - 0.098) < 1e-12);
    ck_assert(fabs(spae_few_shot_interval(0.9, 400) - 1.96 * 0.015) < 1e-12);
    ck_assert(spae_few_shot_interval(1, 50) <= 0 && spae_few_shot_interval(0, 0) >= 1);
}
END_TEST

SUITE(suite_io_few_shot, "io/few_shot", classes_that_can_be_said, scores_by_hand, refusals,
      intervals)

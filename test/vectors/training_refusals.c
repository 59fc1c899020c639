/* Stage training: SPEC 1.8, steps that must be refused, and after which nothing has changed. */
#include <math.h>
#include <string.h>

#include "models.h"

enum { WORDS = 40, EXAMPLES = 2, EVERY = -1 };

typedef enum { PICTURES, SIMILARITY, PARAMETERS } input;

typedef struct {
    const char *name, *with, *why;
    input spoiled;
    int at;
    double value;
    spae_status due;
} refusal;

static spae_config least(void)
{
    return (spae_config){
        .name = "refused", .ndim = 2, .picture = {1, 4, 4}, .filters = 2, .multiplier_count = 1, .multipliers = {1},
        .res_blocks = 0, .groups = 1, .c = 2, .pyramid = {2, {{1, 1, 1}, {1, 4, 4}}}, .quantizer = SPAE_SAQ,
        .semantic_layers = 1, .thresholds = {0.5}, .alpha = 0.1, .beta = 0.33, .dynamic_weight = true, .batch = EXAMPLES,
        .steps = 8, .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .ema = 0.9};
}

/* A copy of n numbers with item `at`, or every one, replaced. */
static const spae_real *spoiled_copy(vectors *v, const refusal *r, const spae_real *from, size_t n)
{
    spae_real *copy = spae_arena_take(v->arena, n, sizeof *copy);
    if (copy == NULL)
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_NO_MEMORY, "no memory for %zu numbers", n));
    for (size_t i = 0; i < n && copy != NULL; i++)
        copy[i] = r->at == EVERY || i == (size_t)r->at ? (spae_real)r->value : from[i];
    return copy;
}

/* Of the first example, whose items come first. */
static void spoil(vectors *v, const refusal *r, vectors_course *course)
{
    const size_t *p = course->model.config.picture, pixels = p[0] * p[1] * p[2] * 3;
    if (r->spoiled == PARAMETERS)
        course->model.values[r->at] = (spae_real)r->value;
    else if (r->spoiled == PICTURES)
        course->example[0].picture = spoiled_copy(v, r, course->example[0].picture, pixels);
    else
        for (size_t i = 0; i < course->count; i++)
            course->example[i].similarity = spoiled_copy(v, r, course->example[i].similarity, WORDS);
}

static void refused(vectors *v, const refusal *r)
{
    const spae_config config = least();
    vectors_course course;
    if (!vectors_begin(v, r->name, "1.8 7.1", "train", r->with, r->why))
        return;
    if (vectors_open_course(v, &config, WORDS, EXAMPLES, NULL, &course)) {
        const size_t n = course.model.parameters->elements;
        spoil(v, r, &course);
        spae_real *before = spae_arena_take(v->arena, n, sizeof *before);
        if (before != NULL && vectors_goes_on(v)) {
            memcpy(before, course.model.values, n * sizeof *before);
            vectors_refusal(v, r->due, spae_train_step(&course.trainer, course.example, EXAMPLES, course.arenas, v->at_once,
                                                       NULL, NULL, v->err));
            if (memcmp(before, course.model.values, n * sizeof *before) != 0 || course.trainer.step != 0)
                vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "a refused step has changed the model"));
        }
    }
    vectors_end(v);
}

void vectors_training_refusals(vectors *v)
{
    const refusal list[] = {
        {"training/refusal_picture", "{\"seed\":5,\"steps\":1,\"spoiled\":\"pictures\",\"at\":3,\"value\":\"nan\"}",
         "a NaN in a picture", PICTURES, 3, (double)NAN, SPAE_ERR_NOT_FINITE},
        {"training/refusal_weight", "{\"seed\":5,\"steps\":1,\"spoiled\":\"parameters\",\"at\":0,\"value\":\"inf\"}",
         "an infinite weight", PARAMETERS, 0, HUGE_VAL, SPAE_ERR_NOT_FINITE},
        {"training/refusal_similarity", "{\"seed\":5,\"steps\":1,\"spoiled\":\"similarity\",\"at\":-1,\"value\":0.25}",
         "no word reaches the threshold: there is no target", SIMILARITY, EVERY, 0.25, SPAE_ERR_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        refused(v, &list[i]);
}

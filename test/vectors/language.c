/* Stage language: progressive decoding (SPEC 10.1 to 10.4), a table standing for the language model;
 * language_corruption.c has 10.5 to 10.9. */
#include <string.h>

#include "tokens.h"

/* ---- 10.1 ---- */

/* A decoding as the integers (stages,4). */
static void give_stages(vectors *v, const spae_decoding *d, vectors_compare compare)
{
    int32_t stage[SPAE_MAX_LAYERS][4];
    const size_t shape[2] = {d->count, 4};
    for (size_t i = 0; i < d->count; i++) {
        stage[i][0] = (int32_t)d->stage[i].end;
        stage[i][1] = (int32_t)d->stage[i].stride;
        stage[i][2] = d->stage[i].autoregressive;
        stage[i][3] = (int32_t)d->stage[i].given;
    }
    vectors_integers(v, "stage", compare, 2, shape, stage[0]);
}

static void give_segments(vectors *v, const spae_decoding *d)
{
    const size_t count = spae_decoding_segments(d, NULL), shape[2] = {count, 4};
    spae_segment *segment = vectors_room(v, count, sizeof *segment);
    int32_t *row = vectors_room(v, count * 4, sizeof *row);
    if (row == NULL)
        return;
    spae_decoding_segments(d, segment);
    for (size_t i = 0; i < count; i++) {
        row[4 * i] = (int32_t)segment[i].stage;
        row[4 * i + 1] = (int32_t)segment[i].first;
        row[4 * i + 2] = (int32_t)segment[i].count;
        row[4 * i + 3] = (int32_t)segment[i].given;
    }
    vectors_integers(v, "segment", VECTORS_BITS, 2, shape, row);
}

static void split(vectors *v, const char *name, const spae_pyramid *pyramid, const char *more, size_t layers,
                  size_t par_stride, size_t pnar_stride, const char *why)
{
    const spae_decoding d = spae_decoding_split(pyramid, layers, par_stride, pnar_stride);
    vectors_begin(v, name, "10.1", "split", "{}", why);
    if (vectors_goes_on(v))
        vectors_with_pyramid(v, pyramid, more);
    vectors_expect(v, spae_decoding_check(&d, spae_pyramid_total(pyramid, pyramid->layers), v->err));
    give_stages(v, &d, VECTORS_BITS);
    give_segments(v, &d);
    vectors_end(v);
}

static void splits(vectors *v)
{
    static const spae_pyramid image = {6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}}},
                              digits = {4, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 4, 4}}},
                              film = {3, {{1, 1, 1}, {2, 2, 2}, {4, 4, 4}}}, one = {1, {{1, 1, 1}}};
    split(v, "language/split_image", &image, "\"layers\":5,\"par_stride\":4,\"pnar_stride\":16", 5, 4, 16,
          "the paper's pictures: PAR with stride 4 for layers 1 to 5, PNAR with stride 16 for layer 6");
    split(v, "language/split_digits", &digits, "\"layers\":4,\"par_stride\":4,\"pnar_stride\":16", 4, 4, 16,
          "the paper's MNIST: PAR with stride 4 for 37 tokens, the last segment has one");
    split(v, "language/split_early", &digits, "\"layers\":1,\"par_stride\":4,\"pnar_stride\":3", 1, 4, 3,
          "PAR for one layer: each of the three behind it is a stage, given all layers before it; strides do not divide");
    split(v, "language/split_independent", &film, "\"layers\":0,\"par_stride\":4,\"pnar_stride\":16", 0, 4, 16,
          "no PAR stage, a video; the first segment is given nothing");
    split(v, "language/split_at_once", &digits, "\"layers\":3,\"par_stride\":0,\"pnar_stride\":0", 3, 0, 0,
          "Fig. 7's infinite strides: a segment a stage");
    split(v, "language/split_one", &one, "\"layers\":1,\"par_stride\":9,\"pnar_stride\":1", 1, 9, 1,
          "one token, a stride beyond it");
}

static void segments(vectors *v, const char *name, const spae_decoding *d, size_t tokens, spae_status due, const char *why)
{
    vectors_begin(v, name, "10.1", "segments", "{}", why);
    give_stages(v, d, VECTORS_INPUT);
    if (due != SPAE_OK) {
        vectors_refusal(v, due, vectors_goes_on(v) ? spae_decoding_check(d, tokens, v->err) : due);
    } else {
        vectors_expect(v, spae_decoding_check(d, tokens, v->err));
        give_segments(v, d);
    }
    vectors_end(v);
}

static void all_segments(vectors *v)
{
    segments(v, "language/segments", &(spae_decoding){3, {{5, 2, true, 0}, {12, 3, false, 4}, {14, 1, true, 0}}}, 14, SPAE_OK,
             "PAR, then PNAR given less than all, then PAR again");
    segments(v, "language/segments_refused_order", &(spae_decoding){2, {{5, 2, true, 0}, {5, 3, false, 5}}}, 5,
             SPAE_ERR_ARGUMENT, "a stage without tokens");
    segments(v, "language/segments_refused_given", &(spae_decoding){2, {{5, 2, true, 0}, {9, 3, false, 6}}}, 9,
             SPAE_ERR_ARGUMENT, "PNAR segments given one of their own tokens");
}

/* ---- 10.2 ---- */

static void retry(vectors *v, const char *name, const char *with, double psi, const char *why)
{
    const size_t count = SPAE_MOST_RETRIES + 1;
    int32_t number[SPAE_MOST_RETRIES + 1];
    double temperature[SPAE_MOST_RETRIES + 1];
    for (unsigned i = 0; i <= SPAE_MOST_RETRIES; i++) {
        number[i] = (int32_t)i;
        temperature[i] = spae_retry_temperature(psi, i);
    }
    vectors_begin(v, name, "10.2", "retry_temperature", with, why);
    vectors_integers(v, "retry", VECTORS_INPUT, 1, &count, number);
    vectors_wides(v, "temperature", VECTORS_BITS, 1, &count, temperature);
    vectors_end(v);
}

/* ---- 10.3 and 10.4 ---- */

enum { MOST_SEGMENTS = 16, MOST_TRIES = 4, MOST_SAMPLES = 4, MOST_WIDTH = 5, MOST_REQUESTS = MOST_SEGMENTS * MOST_TRIES };

/* What a model says each time it is asked, and what it was asked. */
typedef struct {
    spae_segment segment[MOST_SEGMENTS];
    size_t segments, samples, width;
    int32_t *answer, *length; /* (tries,segments,samples,width), (tries,segments,samples) */
    int32_t asked[MOST_REQUESTS][3], choice[MOST_SEGMENTS][5];
    double temperature[MOST_REQUESTS];
    size_t calls, requests, choices;
} table;

static size_t number_of(const table *t, const spae_segment *segment)
{
    size_t i = 0;
    while (t->segment[i].first != segment->first)
        i++;
    return i;
}

static spae_status say(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                       double temperature, size_t width, int32_t *token, size_t *length, spae_error *err)
{
    table *t = context;
    (void)v;
    (void)err;
    for (size_t i = 0; i < segments; i++) {
        const size_t number = number_of(t, &segment[i]), row = (retry * t->segments + number) * t->samples;
        for (size_t j = 0; j < t->samples; j++) {
            const size_t n = (size_t)t->length[row + j];
            length[i * t->samples + j] = n < width ? n : width;
            memcpy(token + (i * t->samples + j) * width, t->answer + (row + j) * t->width,
                   (n < width ? n : width) * sizeof *token);
        }
        memcpy(t->asked[t->requests++], (int32_t[]){(int32_t)t->calls, (int32_t)number, (int32_t)retry}, 3 * sizeof(int32_t));
    }
    t->temperature[t->calls++] = temperature;
    return SPAE_OK;
}

static void hear(void *context, const spae_choice *c)
{
    table *t = context;
    memcpy(t->choice[t->choices++],
           (int32_t[]){(int32_t)number_of(t, &c->segment), (int32_t)c->sample, (int32_t)c->retry, (int32_t)c->valid, c->filled},
           5 * sizeof(int32_t));
}

/* How long the model's answers are: of try r at segment s, sample j, which has `count` tokens. */
typedef size_t length_rule(size_t r, size_t s, size_t j, size_t count);

static bool fill_table(vectors *v, table *t, const spae_decoding *d, size_t tries, size_t samples, size_t V,
                       length_rule *rule)
{
    *t = (table){.samples = samples, .width = MOST_WIDTH};
    t->segments = spae_decoding_segments(d, t->segment);
    const size_t rows = tries * t->segments * samples;
    t->answer = vectors_room(v, rows * MOST_WIDTH, sizeof *t->answer);
    t->length = vectors_room(v, rows, sizeof *t->length);
    if (t->length == NULL)
        return false;
    for (size_t i = 0; i < rows; i++) {
        const size_t s = i / samples % t->segments;
        t->length[i] = (int32_t)rule(i / samples / t->segments, s, i % samples, t->segment[s].count);
        for (size_t k = 0; k < MOST_WIDTH; k++) /* now and then a token that is none: V, or -1 */
            t->answer[i * MOST_WIDTH + k] = (int32_t)((11 * i + 5 * k + i * k) % (V + 2)) - 1;
    }
    vectors_integers(v, "answer", VECTORS_INPUT, 4, (const size_t[]){tries, t->segments, samples, MOST_WIDTH}, t->answer);
    vectors_integers(v, "length", VECTORS_INPUT, 3, (const size_t[]){tries, t->segments, samples}, t->length);
    return true;
}

static void give_course(vectors *v, const table *t, const spae_decoding_report *r)
{
    const int32_t count[9] = {(int32_t)r->calls,     (int32_t)r->requests, (int32_t)r->retries,
                              (int32_t)r->samples,   (int32_t)r->malformed, (int32_t)r->cut,
                              (int32_t)r->decided,   (int32_t)r->filled,   (int32_t)r->filled_tokens};
    vectors_integers(v, "asked", VECTORS_BITS, 2, (const size_t[]){t->requests, 3}, t->asked[0]);
    vectors_wides(v, "temperature", VECTORS_BITS, 1, &t->calls, t->temperature);
    vectors_integers(v, "choice", VECTORS_BITS, 2, (const size_t[]){t->choices, 5}, t->choice[0]);
    vectors_integers(v, "report", VECTORS_BITS, 1, (const size_t[]){9}, count);
}

typedef struct {
    const char *name, *clause, *with, *why;
    spae_decoding decoding;
    size_t V, samples;
    unsigned retries;
    double psi;
    spae_decoding_policy policy;
    length_rule *rule;
    spae_status due;
} course;

static void decode(vectors *v, const course *c)
{
    const size_t tokens = c->decoding.stage[c->decoding.count - 1].end;
    spae_decoding_report report;
    vectors_begin(v, c->name, c->clause, "progressive", c->with, c->why);
    table *t = vectors_room(v, 1, sizeof *t);
    const spae_sampler sampler = {c->samples, c->V, c->psi, c->retries, c->policy, say, hear, t};
    int32_t *token = vectors_room(v, tokens, sizeof *token);
    give_stages(v, &c->decoding, VECTORS_INPUT);
    if (token != NULL && fill_table(v, t, &c->decoding, c->retries + 1, c->samples, c->V, c->rule)) {
        const spae_status status = spae_decode_progressively(&c->decoding, tokens, &sampler, v->arena, token, &report, v->err);
        if (c->due != SPAE_OK) {
            vectors_refusal(v, c->due, status);
        } else {
            vectors_expect(v, status);
            vectors_integers(v, "v", VECTORS_BITS, 1, &tokens, token);
            give_course(v, t, &report);
        }
    }
    vectors_end(v);
}

static size_t whole(size_t r, size_t s, size_t j, size_t count)
{
    (void)r;
    (void)s;
    (void)j;
    return count;
}

/* Nothing, less than enough, enough, more than enough. */
static size_t varied(size_t r, size_t s, size_t j, size_t count)
{
    static const size_t pattern[] = {0, 1, 5, 0, 2, 0, 1};
    const size_t n = pattern[(r + 2 * s + 3 * j) % 7];
    return n == 2 ? count - 1 : n;
}

static size_t never_more_than_one(size_t r, size_t s, size_t j, size_t count)
{
    return (r + s + j) % 3 == 2 && count > 1 ? 1 : 0;
}

static void courses(vectors *v)
{
    const spae_decoding par = {1, {{13, 4, true, 0}}}, both = {2, {{5, 2, true, 0}, {14, 4, false, 5}}},
                        few = {2, {{4, 4, true, 0}, {12, 4, false, 0}}};
    const course list[] = {
        {"language/progressive_par", "10.1 10.2 10.3", "{\"samples\":3,\"V\":90,\"psi\":0.01,\"retries\":1,\"policy\":\"stop\"}",
         "PAR: a call a segment, each answered at once", par, 90, 3, 1, 0.01, SPAE_DECODING_STOP, whole, SPAE_OK},
        {"language/progressive_both", "10.1 10.2 10.3 10.4",
         "{\"samples\":4,\"V\":90,\"psi\":0.01,\"retries\":3,\"policy\":\"fill\"}",
         "PAR, then PNAR together; answers empty, cut, whole, too long; those without a valid one are asked again", both, 90,
         4, 3, 0.01, SPAE_DECODING_FILL, varied, SPAE_OK},
        {"language/progressive_psi", "10.2 10.3 10.4",
         "{\"samples\":1,\"V\":6,\"psi\":0.3,\"retries\":3,\"policy\":\"fill\"}",
         "one sample, other temperatures; six words, which the answers leave on both sides", both, 6, 1, 3, 0.3, SPAE_DECODING_FILL, varied, SPAE_OK},
        {"language/progressive_fill", "10.3 10.4", "{\"samples\":2,\"V\":50,\"psi\":0.01,\"retries\":1,\"policy\":\"fill\"}",
         "no answer is valid: the longest beginning, or what was given, or token 0, again and again", both, 50, 2, 1, 0.01,
         SPAE_DECODING_FILL, never_more_than_one, SPAE_OK},
        {"language/progressive_fill_nothing", "10.3 10.4",
         "{\"samples\":1,\"V\":50,\"psi\":0.01,\"retries\":0,\"policy\":\"fill\"}",
         "no retry; PNAR segments that are given nothing", few, 50, 1, 0, 0.01, SPAE_DECODING_FILL, never_more_than_one,
         SPAE_OK},
        {"language/progressive_refused", "10.3 10.4",
         "{\"samples\":2,\"V\":50,\"psi\":0.01,\"retries\":1,\"policy\":\"stop\"}", "no answer is valid, and the policy is to stop",
         both, 50, 2, 1, 0.01, SPAE_DECODING_STOP, never_more_than_one, SPAE_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        decode(v, &list[i]);
}

void vectors_language(vectors *v)
{
    splits(v);
    all_segments(v);
    retry(v, "language/retry", "{\"psi\":0.01}", 0.01, "the paper's psi: 0, 0.02, 0.06, 0.14, ..");
    retry(v, "language/retry_cold", "{\"psi\":0}", 0, "psi 0: every retry is cold");
    retry(v, "language/retry_third", "{\"psi\":0.3}", 0.3, "a psi whose products are rounded");
    courses(v);
    vectors_language_corruption(v);
    vectors_language_incontext(v);
}

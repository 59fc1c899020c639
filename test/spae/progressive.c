/* Eq. 10, 11 and 13: which segments there are, what a model is asked and when, what is chosen, and what happens when no
 * answer will do. The model here knows the tokens it should say, and is told how to fail. */
#include "test/check.h"

#include "spae.h"
#include "test/memory.h"
#include "vendor_free/philox.h"

enum { MOST = 1024, V = 5000, NONE = -7 };

static const spae_pyramid image = {6, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 8, 8}, {1, 16, 16}, {1, 16, 16}}};
static const spae_pyramid digits = {4, {{1, 1, 1}, {1, 2, 2}, {1, 4, 4}, {1, 4, 4}}};

/* ---- segments ---- */

/* B.2's two examples: at the 4th step of PAR, tokens 13-16 from 1-12; at the 3rd of PNAR, tokens 33-48 of layer 6. */
START_TEST(the_papers_two_stages)
{
    const spae_decoding d = spae_decoding_split(&image, 5, 4, 16);
    spae_segment s[MOST];
    ck_assert_uint_eq(d.count, 2);
    ck_assert_int_eq(spae_decoding_check(&d, 597, NULL), SPAE_OK);
    ck_assert_uint_eq(spae_decoding_segments(&d, NULL), 86 + 16);
    ck_assert_uint_eq(spae_decoding_segments(&d, s), 86 + 16);
    ck_assert(s[3].stage == 0 && s[3].first == 12 && s[3].count == 4 && s[3].given == 12);
    ck_assert(s[85].first == 340 && s[85].count == 1); /* 341 = 85 * 4 + 1 */
    ck_assert(s[86 + 2].stage == 1 && s[86 + 2].first == 341 + 32 && s[86 + 2].count == 16 && s[86 + 2].given == 341);
}
END_TEST

START_TEST(the_papers_digits)
{
    const spae_decoding d = spae_decoding_split(&digits, 4, 4, 16);
    spae_segment s[MOST];
    ck_assert(d.count == 1 && d.stage[0].autoregressive && d.stage[0].end == 37);
    ck_assert_uint_eq(spae_decoding_segments(&d, s), 10);
    ck_assert(s[9].first == 36 && s[9].count == 1 && s[9].given == 36);
}
END_TEST

/* Every split and stride: segments follow each other, none is longer than the stride, given is what the stage says. */
START_TEST(segments_cover_each_token_once)
{
    for (size_t layers = 0; layers <= 4; layers++)
        for (size_t stride = 0; stride <= 18; stride++) {
            const spae_decoding d = spae_decoding_split(&digits, layers, stride, stride);
            spae_segment s[MOST];
            size_t next = 0;
            ck_assert_int_eq(spae_decoding_check(&d, 37, NULL), SPAE_OK);
            const size_t pnar = layers > 0 ? 1 : 0; /* the first PNAR stage */
            ck_assert_uint_eq(d.count, pnar + 4 - layers);
            for (size_t i = 0, n = spae_decoding_segments(&d, s); i < n; i++) {
                const spae_decoding_stage *stage = &d.stage[s[i].stage];
                ck_assert_uint_eq(s[i].first, next);
                ck_assert(s[i].count >= 1 && (stride == 0 || s[i].count <= stride));
                ck_assert_uint_eq(s[i].given,
                                  stage->autoregressive ? next : spae_pyramid_total(&digits, layers + s[i].stage - pnar));
                next += s[i].count;
                ck_assert(next == stage->end || s[i].count == stride); /* only a stage's last segment is shorter */
            }
            ck_assert_uint_eq(next, 37);
        }
}
END_TEST

static void refused(const spae_decoding *d, size_t tokens, const char *part)
{
    spae_error err;
    ck_assert_int_eq(spae_decoding_check(d, tokens, &err), SPAE_ERR_ARGUMENT);
    ck_assert_msg(strstr(err.text, part) != NULL, "%s", err.text);
}

START_TEST(decodings_that_cannot_be_are_refused)
{
    refused(&(spae_decoding){0, {{1, 1, true, 0}}}, 1, "0 stages, expected 1 to 16");
    refused(&(spae_decoding){SPAE_MAX_LAYERS + 1, {{1, 1, true, 0}}}, 1, "17 stages");
    refused(&(spae_decoding){1, {{0, 1, true, 0}}}, 0, "stage 1 ends at token 0");
    refused(&(spae_decoding){2, {{4, 1, true, 0}, {3, 1, true, 0}}}, 3, "stage 2 ends at token 3, but begins behind 4");
    refused(&(spae_decoding){2, {{4, 1, true, 0}, {8, 1, false, 5}}}, 8, "stage 2 are given 5 tokens, the stages before have 4");
    refused(&(spae_decoding){1, {{4, 1, true, 0}}}, 5, "the stages end at token 4 of 5");
    ck_assert_int_eq(spae_decoding_check(&(spae_decoding){1, {{4, 1, true, 99}}}, 4, NULL), SPAE_OK); /* PAR: no matter */
}
END_TEST

/* Eq. 13 as it is written. */
START_TEST(temperatures_double)
{
    ck_assert_double_eq(spae_retry_temperature(0.01, 0), 0);
    ck_assert_double_eq(spae_retry_temperature(0.01, 1), 0.02);
    ck_assert_double_eq(spae_retry_temperature(0.01, 2), 0.06);
    ck_assert_double_eq(spae_retry_temperature(0.01, 3), 0.14);
    double sum = 0, power = 1;
    for (unsigned i = 1; i <= SPAE_MOST_RETRIES; i++) {
        power *= 2;
        sum += power;
        ck_assert_double_eq(spae_retry_temperature(0.3, i), 0.3 * sum);
    }
}
END_TEST

/* ---- a model that knows what to say ---- */

static int32_t truth(size_t position)
{
    return (int32_t)(position * 7919 % V);
}

typedef struct {
    spae_segment segment;
    unsigned retry;
    size_t call;
    double temperature;
} question;

typedef struct {
    size_t samples;
    unsigned good[MOST];       /* by first token: the retry from which on answers are whole */
    size_t good_sample;        /* and the sample, from which on */
    size_t beginning[MOST];    /* of the others: how many tokens are right .. */
    int32_t then;              /* .. and what comes then; NONE: the answer ends there */
    size_t fail_call;          /* this call, from 1, returns an error; 0: none */
    size_t too_long;           /* added to every length */
    question asked[MOST];
    size_t questions, calls;
    spae_choice choice[MOST];
    size_t choices;
    spae_arena *arena;         /* that it works in, or NULL */
} model;

static void answer(const model *m, const spae_segment *s, bool whole, int32_t *token, size_t *length)
{
    const size_t right = whole ? s->count : m->beginning[s->first];
    *length = right + m->too_long;
    for (size_t k = 0; k < s->count; k++)
        token[k] = truth(s->first + k);
    if (!whole && m->then != NONE && right < s->count) {
        token[right] = m->then;
        *length = s->count;
    }
}

static spae_status say(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                       double temperature, size_t width, int32_t *token, size_t *length, spae_error *err)
{
    model *m = context;
    ck_assert(segments >= 1);
    if (++m->calls == m->fail_call)
        return spae_fail(err, SPAE_ERR_IO, "the model is gone");
    if (m->arena != NULL) {
        const spae_arena_mark mark = spae_arena_here(m->arena);
        if (spae_arena_take(m->arena, 100000, 1) == NULL)
            return spae_fail(err, SPAE_ERR_NO_MEMORY, "prompt");
        spae_arena_reset(m->arena, mark);
    }
    for (size_t i = 0; i < segments; i++) {
        const spae_segment *s = &segment[i];
        ck_assert(s->stage == segment[0].stage && s->count <= width && (i == 0 || s->first > segment[i - 1].first));
        for (size_t k = 0; k < s->given; k++)
            ck_assert_int_ge(v[k], 0); /* what is given is decided */
        m->asked[m->questions++] = (question){*s, retry, m->calls, temperature};
        for (size_t j = 0; j < m->samples; j++)
            answer(m, s, retry >= m->good[s->first] && j >= m->good_sample, token + (i * m->samples + j) * width,
                   &length[i * m->samples + j]);
    }
    return SPAE_OK;
}

static void hear(void *context, const spae_choice *choice)
{
    model *m = context;
    for (size_t k = 0; k < choice->valid; k++)
        ck_assert_int_eq(choice->token[k], truth(choice->segment.first + k));
    m->choice[m->choices++] = *choice;
}

static spae_sampler sampler_of(model *m, unsigned retries, spae_decoding_policy policy)
{
    return (spae_sampler){m->samples, V, SPAE_DECODING_PSI, retries, policy, say, hear, m};
}

static spae_status decode(const spae_decoding *d, const spae_sampler *s, int32_t *v, spae_decoding_report *r, spae_error *err)
{
    spae_arena arena;
    watch w;
    watched_arena(&arena, &w, 0);
    const spae_status status = spae_decode_progressively(d, d->stage[d->count - 1].end, s, &arena, v, r, err);
    ck_assert_uint_eq(arena.used, 0);
    spae_arena_free(&arena);
    ck_assert_uint_eq(w.live, 0);
    return status;
}

static const spae_decoding two = {2, {{10, 4, true, 0}, {24, 4, false, 10}}}; /* 4+4+2 one by one, 4+4+4+2 together */

START_TEST(each_segment_is_asked_once_when_all_goes_well)
{
    static model m;
    int32_t v[24];
    spae_decoding_report r;
    m = (model){.samples = SPAE_DECODING_SAMPLES, .then = NONE};
    const spae_sampler s = sampler_of(&m, SPAE_DECODING_RETRIES, SPAE_DECODING_STOP);
    ck_assert_int_eq(decode(&two, &s, v, &r, NULL), SPAE_OK);
    for (size_t i = 0; i < 24; i++)
        ck_assert_int_eq(v[i], truth(i));
    ck_assert(m.questions == 7 && m.calls == 4); /* three calls of PAR, one of PNAR */
    ck_assert(m.asked[2].segment.first == 8 && m.asked[2].segment.count == 2 && m.asked[2].segment.given == 8);
    for (size_t i = 3; i < 7; i++)
        ck_assert(m.asked[i].call == 4 && m.asked[i].segment.given == 10 && m.asked[i].segment.stage == 1);
    for (size_t i = 0; i < 7; i++)
        ck_assert(m.asked[i].retry == 0 && m.asked[i].temperature == 0 && m.choice[i].sample == 0 && !m.choice[i].filled);
    ck_assert(r.calls == 4 && r.requests == 7 && r.retries == 0 && r.samples == 56 && r.decided == 7);
    ck_assert(r.malformed == 0 && r.cut == 0 && r.filled == 0 && r.filled_tokens == 0);
}
END_TEST

/* Of a PNAR stage only those that failed are asked again, together, each time hotter. */
START_TEST(what_failed_is_asked_again_alone)
{
    static model m;
    int32_t v[24];
    spae_decoding_report r;
    m = (model){.samples = 2, .then = NONE};
    m.good[4] = 1;            /* the second PAR segment: one retry */
    m.good[14] = 3;           /* PNAR: the second after three, the last after two */
    m.good[22] = 2;
    m.beginning[14] = 3;
    const spae_sampler s = sampler_of(&m, 3, SPAE_DECODING_STOP);
    ck_assert_int_eq(decode(&two, &s, v, &r, NULL), SPAE_OK);
    static const size_t first[] = {0, 4, 4, 8, 10, 14, 18, 22, 14, 22, 14, 22, 14}, call[] = {1, 2, 3, 4, 5, 5, 5, 5, 6, 6, 7, 7, 8};
    static const unsigned retry[] = {0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3};
    ck_assert_uint_eq(m.questions, 13);
    for (size_t i = 0; i < 13; i++) {
        ck_assert(m.asked[i].segment.first == first[i] && m.asked[i].call == call[i] && m.asked[i].retry == retry[i]);
        ck_assert_double_eq(m.asked[i].temperature, spae_retry_temperature(0.01, retry[i]));
    }
    static const size_t decided[] = {0, 4, 8, 10, 18, 22, 14}; /* as they were */
    ck_assert_uint_eq(m.choices, 7);
    for (size_t i = 0; i < 7; i++)
        ck_assert_uint_eq(m.choice[i].segment.first, decided[i]);
    ck_assert(m.choice[6].retry == 3 && m.choice[6].temperature == spae_retry_temperature(0.01, 3) && m.choice[6].valid == 4);
    ck_assert(r.requests == 13 && r.retries == 6 && r.calls == 8 && r.samples == 26 && r.cut == 6 && r.malformed == 6);
    for (size_t i = 0; i < 24; i++)
        ck_assert_int_eq(v[i], truth(i));
}
END_TEST

START_TEST(the_first_valid_answer_is_chosen)
{
    static model m;
    int32_t v[24];
    m = (model){.samples = 5, .then = V, .good_sample = 3}; /* the others leave the vocabulary at once */
    const spae_sampler s = sampler_of(&m, 0, SPAE_DECODING_STOP);
    spae_decoding_report r;
    ck_assert_int_eq(decode(&two, &s, v, &r, NULL), SPAE_OK);
    for (size_t i = 0; i < m.choices; i++)
        ck_assert_uint_eq(m.choice[i].sample, 3);
    ck_assert(r.malformed == 21 && r.cut == 0);
}
END_TEST

/* A token below 0, V and V - 1 at the last place. */
START_TEST(only_words_of_the_vocabulary_are_valid)
{
    static const int32_t then[] = {-1, V, INT32_MAX, INT32_MIN};
    static model m;
    for (size_t i = 0; i < 4; i++) {
        int32_t v[24];
        spae_decoding_report r;
        m = (model){.samples = 1, .then = then[i]};
        m.good[4] = 9;
        m.beginning[4] = 3;
        const spae_sampler s = sampler_of(&m, 1, SPAE_DECODING_FILL);
        ck_assert_int_eq(decode(&two, &s, v, &r, NULL), SPAE_OK);
        ck_assert(r.cut == 2 && r.malformed == 0 && r.filled == 1 && r.filled_tokens == 1);
        ck_assert(v[6] == truth(6) && v[7] == truth(6));
    }
    int32_t v[24];
    m = (model){.samples = 1, .then = V - 1};
    m.good[4] = 9;
    m.beginning[4] = 3;
    spae_sampler s = sampler_of(&m, 0, SPAE_DECODING_STOP);
    s.chosen = NULL;
    ck_assert_int_eq(decode(&two, &s, v, NULL, NULL), SPAE_OK);
    ck_assert_int_eq(v[7], V - 1);
}
END_TEST

/* ---- when no answer will do ---- */

START_TEST(stopping_names_the_segment_and_keeps_the_rest)
{
    static model m;
    int32_t v[24];
    spae_error err;
    spae_decoding_report r;
    m = (model){.samples = 2, .then = NONE};
    m.good[14] = m.good[22] = 9;
    m.beginning[14] = 2;
    const spae_sampler s = sampler_of(&m, 2, SPAE_DECODING_STOP);
    ck_assert_int_eq(decode(&two, &s, v, &r, &err), SPAE_ERR_FORMAT);
    ck_assert_str_eq(err.text, "decoding: stage 2, tokens 15 to 18: none of 2 answers is valid, nor at any of 2 retries, the last "
                               "at temperature 0.06; segments like this: 2");
    for (size_t i = 0; i < 24; i++)
        ck_assert_int_eq(v[i], (i >= 14 && i < 18) || i >= 22 ? -1 : truth(i));
    ck_assert(r.decided == 5 && r.filled == 0 && r.requests == 3 + 4 + 2 + 2 && m.choices == 5);
    m = (model){.samples = 2, .then = NONE};
    m.good[4] = 9;
    ck_assert_int_eq(decode(&two, &s, v, &r, &err), SPAE_ERR_FORMAT);
    for (size_t i = 0; i < 24; i++) /* a PAR stage goes no further */
        ck_assert_int_eq(v[i], i < 4 ? truth(i) : -1);
    ck_assert(r.decided == 1 && r.calls == 4);
}
END_TEST

START_TEST(filling_repeats_and_is_counted)
{
    static model m;
    int32_t v[24];
    spae_decoding_report r;
    m = (model){.samples = 2, .then = NONE};
    m.good[0] = m.good[4] = m.good[10] = m.good[18] = 9;
    m.beginning[4] = 2;
    m.beginning[18] = 1;
    const spae_sampler s = sampler_of(&m, 1, SPAE_DECODING_FILL);
    ck_assert_int_eq(decode(&two, &s, v, &r, NULL), SPAE_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(v[i], 0); /* nothing said, nothing given */
    for (size_t i = 4; i < 8; i++)
        ck_assert_int_eq(v[i], truth(i < 5 ? 4 : 5)); /* two tokens said */
    for (size_t i = 10; i < 14; i++)
        ck_assert_int_eq(v[i], truth(9)); /* the last given */
    for (size_t i = 18; i < 22; i++)
        ck_assert_int_eq(v[i], truth(18));
    ck_assert(r.filled == 4 && r.filled_tokens == 4 + 2 + 4 + 3 && r.decided == 7);
    size_t filled = 0;
    for (size_t i = 0; i < m.choices; i++)
        filled += m.choice[i].filled;
    ck_assert_uint_eq(filled, 4);
}
END_TEST

/* Segments that are given part of what there is, and the longest beginning over all retries. */
typedef struct {
    const size_t *length;
    size_t at;
} list;

static spae_status say_list(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                            double temperature, size_t width, int32_t *token, size_t *length, spae_error *err)
{
    list *l = context;
    (void)v, (void)err, (void)temperature;
    for (size_t i = 0; i < segments * 2; i++) {
        length[i] = l->length[l->at++];
        for (size_t k = 0; k < width; k++)
            token[i * width + k] = (int32_t)(1000 * (1 + retry) + 100 * (i % 2) + 10 * segment[i / 2].first + k);
    }
    return SPAE_OK;
}

START_TEST(the_longest_beginning_wins_the_first_of_equals)
{
    const spae_decoding d = {2, {{1, 1, true, 0}, {9, 4, false, 0}}};
    /* the first token; then segments 1 and 5, two samples each, three times */
    list l = {(const size_t[]){1, 1, 0, 1, 0, 0, 2, 3, 0, 0, 3, 2, 0, 0}, 0};
    const spae_sampler s = {2, 9999, 0.01, 2, SPAE_DECODING_FILL, say_list, NULL, &l};
    int32_t v[9];
    spae_decoding_report r;
    ck_assert_int_eq(decode(&d, &s, v, &r, NULL), SPAE_OK);
    ck_assert(v[1] == 2110 && v[2] == 2111 && v[3] == 2112 && v[4] == 2112); /* of retry 1, sample 1 */
    ck_assert(v[5] == 0 && v[8] == 0); /* given nothing, though there is a token */
    ck_assert(r.filled == 2 && r.filled_tokens == 5 && r.cut == 5 && r.malformed == 7);
}
END_TEST

START_TEST(what_the_model_reports_ends_it)
{
    static model m;
    for (size_t call = 1; call <= 5; call++) {
        int32_t v[24];
        spae_error err;
        spae_decoding_report r;
        m = (model){.samples = 1, .then = NONE, .fail_call = call};
        m.good[14] = 1;
        m.beginning[14] = 3;
        const spae_sampler s = sampler_of(&m, 3, SPAE_DECODING_FILL);
        ck_assert_int_eq(decode(&two, &s, v, &r, &err), SPAE_ERR_IO);
        ck_assert_str_eq(err.text, "the model is gone");
        ck_assert_uint_eq(r.calls, call - 1);
        for (size_t i = 0; i < 24; i++) {
            const bool decided = call <= 4 ? i < 4 * (call - 1) && i < 10 : i < 14 || i >= 18;
            ck_assert_int_eq(v[i], decided ? truth(i) : -1);
        }
    }
}
END_TEST

START_TEST(wrong_samplers_are_refused)
{
    static model m;
    const double zero = 0;
    int32_t v[24] = {42};
    spae_error err;
    spae_decoding_report r = {.calls = 42};
    m = (model){.samples = 1, .then = NONE, .too_long = 1};
    const spae_sampler good = sampler_of(&m, 0, SPAE_DECODING_STOP);
    ck_assert_int_eq(decode(&two, &good, v, NULL, &err), SPAE_ERR_ARGUMENT);
    ck_assert_str_eq(err.text, "decoding: an answer of 5 tokens, there is room for 4");
    v[0] = 42;
    for (int i = 0; i < 7; i++) {
        spae_sampler s = good;
        s.samples = i == 0 ? 0 : s.samples;
        s.V = i == 1 ? 0 : i == 2 ? (size_t)INT32_MAX + 1 : s.V;
        s.psi = i == 3 ? -0.01 : i == 4 ? zero / zero : i == 5 ? 1e7 : s.psi;
        s.retries = i == 6 ? SPAE_MOST_RETRIES + 1 : s.retries;
        ck_assert_int_eq(decode(&two, &s, v, &r, &err), SPAE_ERR_ARGUMENT);
        ck_assert_msg(strstr(err.text, "out of range") != NULL, "%s", err.text);
    }
    ck_assert_int_eq(decode(&(spae_decoding){2, {{4, 1, true, 0}, {8, 1, false, 5}}}, &good, v, &r, &err), SPAE_ERR_ARGUMENT);
    ck_assert(v[0] == 42 && r.calls == 42); /* untouched */
}
END_TEST

START_TEST(memory_that_is_refused_is_told)
{
    static model m;
    int32_t v[24];
    for (size_t refuse = 1, status = SPAE_ERR_NO_MEMORY; status != SPAE_OK; refuse++) {
        spae_arena arena;
        spae_error err;
        watch w;
        watched_arena(&arena, &w, refuse);
        m = (model){.samples = 8, .then = NONE, .arena = &arena};
        const spae_sampler s = sampler_of(&m, 1, SPAE_DECODING_STOP);
        status = spae_decode_progressively(&two, 24, &s, &arena, v, NULL, &err);
        ck_assert(status == SPAE_OK || status == SPAE_ERR_NO_MEMORY);
        ck_assert(status == SPAE_ERR_NO_MEMORY || refuse > 2);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
        ck_assert_uint_eq(w.live, 0);
    }
    spae_sampler s = sampler_of(&m, 1, SPAE_DECODING_STOP);
    s.samples = SIZE_MAX / 2; /* no size counts that many answers */
    ck_assert_int_eq(decode(&two, &s, v, NULL, NULL), SPAE_ERR_NO_MEMORY);
}
END_TEST

/* Random answers: whatever they are, filling ends with tokens of the vocabulary, and the counts fit each other. */
static spae_status say_anything(void *context, const int32_t *v, const spae_segment *segment, size_t segments, unsigned retry,
                                double temperature, size_t width, int32_t *token, size_t *length, spae_error *err)
{
    uint32_t *at = context, w[4];
    (void)v, (void)segment, (void)retry, (void)temperature, (void)err;
    for (size_t i = 0; i < segments * 3; i++) {
        spae_philox((const uint32_t[]){++*at, 0, 0, 0}, (const uint32_t[]){1, 99}, w);
        length[i] = w[0] % (width + 1);
        for (size_t k = 0; k < width; k++)
            token[i * width + k] = (int32_t)((w[1] >> k) % 11) - 1; /* -1 .. 9 of 0 .. 8 */
    }
    return SPAE_OK;
}

START_TEST(random_answers_end_in_the_vocabulary)
{
    uint32_t at = 0;
    for (size_t layers = 0; layers <= 4; layers++)
        for (size_t stride = 1; stride <= 6; stride++) {
            const spae_decoding d = spae_decoding_split(&digits, layers, stride, stride + 1);
            const spae_sampler s = {3, 9, 0.01, 4, SPAE_DECODING_FILL, say_anything, NULL, &at};
            spae_decoding_report r;
            int32_t v[37];
            ck_assert_int_eq(decode(&d, &s, v, &r, NULL), SPAE_OK);
            for (size_t i = 0; i < 37; i++)
                ck_assert(v[i] >= 0 && v[i] < 9);
            const size_t segments = spae_decoding_segments(&d, NULL);
            ck_assert(r.decided == segments && r.requests == segments + r.retries && r.samples == 3 * r.requests);
            ck_assert(r.filled <= segments && r.malformed + r.cut <= r.samples && r.calls <= r.requests);
        }
}
END_TEST

SUITE(suite_spae_progressive, "spae/progressive", the_papers_two_stages, the_papers_digits, segments_cover_each_token_once,
      decodings_that_cannot_be_are_refused, temperatures_double, each_segment_is_asked_once_when_all_goes_well,
      what_failed_is_asked_again_alone, the_first_valid_answer_is_chosen, only_words_of_the_vocabulary_are_valid,
      stopping_names_the_segment_and_keeps_the_rest, filling_repeats_and_is_counted,
      the_longest_beginning_wins_the_first_of_equals, what_the_model_reports_ends_it, wrong_samplers_are_refused,
      memory_that_is_refused_is_told, random_answers_end_in_the_vocabulary)

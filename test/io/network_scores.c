/* io/network_scores: networks of a few numbers, so that every sum can be made again by hand. */
#include "tiny.h"

#include <math.h>

#include "io/network_scores.h"

enum { LAYERS = 2, COUNT = 12, FRAMES = 2, SAMPLES = 4 }; /* "pictures" of two frames of two samples */

typedef struct {
    size_t calls, fail_at;
} fake;

/* Features of a frame: its samples, and their product; logits: 3 times the samples, 0. */
static spae_status frames_run(void *network, const spae_real *x, spae_real *features, spae_real *logits, spae_error *err)
{
    fake *f = network;
    if (++f->calls == f->fail_at)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "the network fails");
    for (size_t t = 0; t < FRAMES; t++, x += 2, features += 3, logits += 3) {
        features[0] = logits[0] = x[0];
        features[1] = logits[1] = x[1];
        features[2] = x[0] * x[1];
        logits[0] *= 3;
        logits[1] *= 3;
        logits[2] = 0;
    }
    return SPAE_OK;
}

/* One feature of a clip: its sum. */
static spae_status clip_run(void *network, const spae_real *x, spae_real *features, spae_real *logits, spae_error *err)
{
    (void)err;
    ((fake *)network)->calls++;
    features[0] = x[0] + x[1] + x[2] + x[3];
    logits[0] = 0;
    return SPAE_OK;
}

static spae_status distance_run(void *network, const spae_real *a, const spae_real *b, double *distance, spae_error *err)
{
    (void)err;
    ((fake *)network)->calls++;
    *distance = fabs((double)a[0] - (double)b[0]);
    return SPAE_OK;
}

static fake frames_fake, clip_fake, distance_fake;
static const spae_feature_network frames_network = {FRAMES, 3, 3, frames_run, &frames_fake};
static const spae_feature_network clip_network = {1, 1, 1, clip_run, &clip_fake};
static const spae_distance_network distance_network = {distance_run, &distance_fake};

/* Picture i, or what l layers make of it. */
static void make(size_t i, size_t l, spae_real x[SAMPLES])
{
    for (size_t k = 0; k < SAMPLES; k++)
        x[k] = (spae_real)((7 * i + 5 * k + 3 * i * k) % 16) / 16 / (spae_real)(l + 1);
}

static spae_status give_all(spae_network_scores *s, size_t count, spae_error *err)
{
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < count; i++) {
        spae_real picture[SAMPLES], rebuilt[SAMPLES];
        make(i, 0, picture);
        status = spae_network_scores_picture(s, picture, err);
        for (size_t l = 1; status == SPAE_OK && l <= LAYERS; l++) {
            make(i, l, rebuilt);
            status = spae_network_scores_rebuilt(s, l, picture, rebuilt, err);
        }
    }
    return status;
}

static void close_to(double got, double due, double tolerance)
{
    ck_assert_msg(fabs(got - due) <= tolerance, "%.17g, due %.17g", got, due);
}

START_TEST(everything_by_hand)
{
    spae_arena arena = new_arena();
    spae_network_scores s;
    spae_error err;
    const spae_network_settings settings = {&frames_network, true, true, &clip_network, &distance_network, LAYERS, COUNT, 2};
    frames_fake = clip_fake = distance_fake = (fake){0, 0};
    ck_ok(spae_network_scores_start(&s, &settings, &arena, &err));
    ck_ok(give_all(&s, COUNT, &err));
    ck_ok(spae_network_scores_finish(&s, NULL, &err));
    ck_assert(frames_fake.calls == 3 * COUNT && clip_fake.calls == 3 * COUNT && distance_fake.calls == 2 * COUNT);
    ck_assert(s.fid.moments[1].count == FRAMES * COUNT && s.fvd.moments[2].count == COUNT && s.answers.score[0].splits == 2);
    for (size_t l = 1; l <= LAYERS; l++) {
        double mean[2] = {0, 0}, square[2] = {0, 0}, distance = 0, scores = 0;
        for (size_t i = 0; i < COUNT; i++)
            for (size_t set = 0; set < 2; set++) {
                spae_real x[SAMPLES];
                make(i, set * l, x);
                const double sum = (double)x[0] + (double)x[1] + (double)x[2] + (double)x[3];
                mean[set] += sum / COUNT;
                square[set] += sum * sum / COUNT;
                distance += (set == 0 ? 1 : -1) * (double)x[0] / COUNT; /* x / (l+1) is below x */
            }
        for (size_t set = 0; set < 2; set++)
            square[set] = sqrt((square[set] - mean[set] * mean[set]) * COUNT / (COUNT - 1));
        close_to(s.fvd.distance[l], pow(mean[0] - mean[1], 2) + pow(square[0] - square[1], 2), 1e-6);
        close_to(spae_spread_mean(&s.lpips[l - 1]), distance, 1e-6);
        ck_assert(s.fid.distance[l] > 0 && isfinite(s.fid.distance[l]));
        for (size_t split = 0; split < 2; split++) {
            double p[COUNT][3], q[3] = {0, 0, 0}, kl = 0;
            for (size_t r = 0; r < COUNT; r++) { /* rows are frames */
                spae_real x[SAMPLES];
                make((split * COUNT + r) / FRAMES, l, x);
                const spae_real *f = x + (split * COUNT + r) % FRAMES * 2;
                const double e[3] = {exp(3 * (double)f[0]), exp(3 * (double)f[1]), 1};
                for (size_t k = 0; k < 3; k++) {
                    p[r][k] = e[k] / (e[0] + e[1] + e[2]);
                    q[k] += p[r][k] / COUNT;
                }
            }
            for (size_t r = 0; r < COUNT; r++)
                for (size_t k = 0; k < 3; k++)
                    kl += p[r][k] * log(p[r][k] / q[k]) / COUNT;
            scores += exp(kl) / 2;
        }
        close_to(s.answers.mean[l], scores, 1e-6);
    }
    spae_arena_free(&arena);
}
END_TEST

/* Distances are those of the same rows from files' side of the house. */
START_TEST(features_as_they_come)
{
    spae_arena arena = new_arena();
    spae_network_scores s;
    spae_moments m;
    spae_error err;
    const spae_network_settings settings = {&frames_network, true, false, NULL, NULL, LAYERS, COUNT, 0};
    frames_fake = (fake){0, 0};
    ck_ok(spae_network_scores_start(&s, &settings, &arena, &err));
    ck_ok(give_all(&s, COUNT, &err));
    ck_ok(spae_moments_start(&m, 3, &arena, &err));
    for (size_t i = 0; i < COUNT; i++) {
        spae_real x[SAMPLES], features[6], logits[6];
        make(i, 2, x);
        ck_ok(frames_run(&frames_fake, x, features, logits, &err));
        ck_ok(spae_moments_add(&m, features, 2, &err));
    }
    ck_ok(spae_moments_finish(&m, &err));
    ck_ok(spae_network_scores_finish(&s, NULL, &err));
    ck_assert(memcmp(m.covariance, s.fid.moments[2].covariance, 9 * sizeof(double)) == 0);
    ck_assert(s.answers.sets == 0 && s.fvd.sets == 0 && s.lpips[0].count == 0);
    spae_arena_free(&arena);
}
END_TEST

static spae_status start_in(spae_arena *arena, void *context, spae_error *err)
{
    const spae_network_settings settings = {&frames_network, true, true, &clip_network, &distance_network, LAYERS, COUNT, 2};
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_network_scores s;
    (void)context;
    const spae_status status = spae_network_scores_start(&s, &settings, arena, err);
    spae_arena_reset(arena, mark);
    return status;
}

START_TEST(failures)
{
    spae_arena arena = new_arena();
    spae_network_scores s;
    spae_error err;
    spae_network_settings settings = {&frames_network, true, true, NULL, NULL, LAYERS, COUNT, 0};
    frames_fake = (fake){0, 5};
    ck_ok(spae_network_scores_start(&s, &settings, &arena, &err));
    ck_assert_int_eq(give_all(&s, COUNT, &err), SPAE_ERR_NO_MEMORY);
    ck_assert_str_eq(err.text, "the network fails");
    settings.splits = 25;
    ck_assert_int_eq(spae_network_scores_start(&s, &settings, &arena, &err), SPAE_ERR_ARGUMENT);
    settings.splits = 2;
    settings.fid = false;
    frames_fake = (fake){0, 0};
    const spae_real bad[SAMPLES] = {(spae_real)NAN, 0, 0, 0};
    ck_ok(spae_network_scores_start(&s, &settings, &arena, &err));
    ck_assert_int_eq(spae_network_scores_picture(&s, bad, &err), SPAE_ERR_NOT_FINITE);
    ck_assert_str_eq(err.text, "inception score: row 0, a logit is not finite");
    ck_ok(give_all(&s, COUNT - 1, &err));
    ck_assert_int_eq(spae_network_scores_finish(&s, NULL, &err), SPAE_ERR_ARGUMENT);
    settings.fid = true;
    ck_ok(spae_network_scores_start(&s, &settings, &arena, &err));
    ck_assert_int_eq(spae_network_scores_picture(&s, bad, &err), SPAE_ERR_NOT_FINITE);
    starve(start_in, NULL, 1024);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_network_scores, "io/network_scores", everything_by_hand, features_as_they_come, failures)

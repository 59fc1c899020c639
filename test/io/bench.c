/* io/bench: the work of stages is what spae.h plans, and every stage runs. No time is asserted. */
#define _POSIX_C_SOURCE 200809L

#include "tiny.h"

#include "io/bench.h"
#include "io/config.h"

static spae_bench_settings settings_of(const char *preset, size_t words, size_t batch)
{
    return (spae_bench_settings){
        .config = preset_of(preset), .words = words, .batch = batch, .threads = 1, .seconds = 1e-6};
}

static spae_bench_work work_of(const spae_bench_settings *set, spae_bench_stage stage)
{
    spae_bench_work work = {0, 0, 0};
    spae_error err;
    ck_ok(spae_bench_plan(set, stage, &work, &err));
    return work;
}

/* Multiply-adds and memory of inference and steps are those of spae_config_size and spae_config_plan. */
static void check_work(const spae_bench_settings *set)
{
    spae_config plain = set->config;
    spae_size size;
    spae_plan plan, plan_plain;
    spae_error err;
    spae_arena arena = new_arena();
    plain.lambda = 0;
    ck_ok(spae_config_size(&set->config, &arena, &size, &err));
    ck_ok(spae_config_plan(&set->config, set->words, &arena, &plan, &err));
    ck_ok(spae_config_plan(&plain, set->words, &arena, &plan_plain, &err));
    const uint64_t n = set->batch, held = plan.weights + plan.codebook + plan.search;
    const int again = set->recompute;
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_ENCODER).multiply_adds, n * size.encoder_multiply_adds);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_QUANTIZER).multiply_adds, n * plan.quantize_multiply_adds);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_DECODER).multiply_adds, n * size.decoder_multiply_adds);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_STEP).multiply_adds, n * plan_plain.step_multiply_adds[again]);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_DISCRIMINATOR).multiply_adds, n * plan.step_multiply_adds[again]);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_ENCODER).memory, held + plan_plain.encode);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_DECODER).memory, held + plan_plain.decode);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_STEP).memory, held + plan_plain.training_state + plan_plain.step[again]);
    ck_assert_uint_eq(work_of(set, SPAE_BENCH_DISCRIMINATOR).memory,
                      held + plan.discriminator_weights + plan.training_state + plan.step[again]);
    spae_arena_free(&arena);
}

START_TEST(work_is_what_is_planned)
{
    spae_bench_settings set = settings_of("tiny-2d", 60, 1);
    check_work(&set);
    set.batch = 3;
    set.recompute = true;
    check_work(&set);
    set = settings_of("tiny-3d", 30, 1);
    check_work(&set);
    set = settings_of("image-128", 1000, 1);
    check_work(&set);
}
END_TEST

/* Forward, and each product twice backward, but for the gradient of the picture, which nobody asks for. */
START_TEST(work_of_the_gradient)
{
    const spae_bench_settings set = settings_of("tiny-2d", 60, 2);
    const spae_config *c = &set.config;
    const uint64_t forward = work_of(&set, SPAE_BENCH_ENCODER).multiply_adds + work_of(&set, SPAE_BENCH_DECODER).multiply_adds;
    const uint64_t first = 2 * c->picture[1] * c->picture[2] * 9 * 3 * c->filters;
    ck_assert_uint_eq(work_of(&set, SPAE_BENCH_GRADIENT).multiply_adds, 3 * forward - first);
    const spae_bench_work once = work_of(&set, SPAE_BENCH_GRADIENT);
    spae_bench_settings again = set;
    again.recompute = true;
    ck_assert_uint_gt(work_of(&again, SPAE_BENCH_GRADIENT).multiply_adds, once.multiply_adds);
    ck_assert_uint_lt(work_of(&again, SPAE_BENCH_GRADIENT).memory, once.memory);
}
END_TEST

/* By hand: codebook, z and tokens of the quantizer; of the decoder weights, zhat and twice its layers' results. */
START_TEST(bytes_moved)
{
    spae_size size;
    spae_error err;
    spae_arena arena = new_arena();
    const spae_bench_settings set = settings_of("tiny-2d", 60, 2);
    ck_ok(spae_config_size(&set.config, &arena, &size, &err));
    ck_assert_uint_eq(work_of(&set, SPAE_BENCH_QUANTIZER).bytes,
                      sizeof(spae_real) * (60 * 6 + 2 * (16 * 6 + 1 + 4 + 16 + 16)));
    /* 4x4: Conv_0 16, ResBlock_0 (16,16), ResBlock_1 (16,16); 8x8: Conv_1 16, ResBlock_2 (16,16); 16x16: Conv_2 16,
     * ResBlock_3 (8,8,8), Conv_3 3 channels */
    const size_t decoder = 16 * (16 + 4 * 16) + 64 * (16 + 2 * 16) + 256 * (16 + 3 * 8 + 3);
    ck_assert_uint_eq(work_of(&set, SPAE_BENCH_DECODER).bytes,
                      sizeof(spae_real) * (size.decoder_parameters + 2 * (16 * 6 + 2 * decoder)));
    spae_arena_free(&arena);
}
END_TEST

static void run_all(spae_bench_settings set)
{
    spae_bench bench;
    spae_error err;
    for (int stage = 0; stage < SPAE_BENCH_STAGES; stage++)
        set.wants[stage] = stage != SPAE_BENCH_DISCRIMINATOR || set.config.lambda > 0;
    ck_ok(spae_bench_check(&set, &err));
    ck_ok(spae_bench_start(&bench, &set, &err));
    const spae_real weight = bench.model.values[5];
    for (int stage = 0; stage < SPAE_BENCH_STAGES; stage++) {
        spae_bench_result result = {.samples = 0};
        if (!set.wants[stage])
            continue;
        ck_ok(spae_bench_measure(&bench, (spae_bench_stage)stage, &result, &err));
        ck_assert_uint_ge(result.samples, 3);
        ck_assert_uint_eq(result.work.multiply_adds, work_of(&set, (spae_bench_stage)stage).multiply_adds);
        ck_assert(result.wall.best > 0 && result.wall.best <= result.wall.median);
        ck_assert(result.processor.best > 0 && result.processor.best <= result.processor.median);
    }
    ck_assert(bench.model.values[5] == weight); /* nothing is learnt */
    spae_bench_end(&bench);
}

START_TEST(every_stage_runs)
{
    spae_error err;
    spae_bench_settings set = settings_of("tiny-2d", 20, 2);
    run_all(set);
    set.recompute = true;
    run_all(set);
    run_all(settings_of("tiny-3d", 20, 1));
    set = settings_of("tiny-2d", 32, 1);
    ck_ok(spae_config_set(&set.config, "codebook_size=32", &err));
    ck_ok(spae_config_set(&set.config, "lambda=0", &err));
    run_all(set);
}
END_TEST

START_TEST(tokens_are_those_of_encode)
{
    spae_bench bench;
    spae_error err;
    spae_bench_settings set = settings_of("tiny-2d", 20, 2);
    int32_t token[37];
    set.wants[SPAE_BENCH_DECODER] = true;
    ck_ok(spae_bench_start(&bench, &set, &err));
    ck_ok(spae_encode(&bench.model, bench.picture + 16 * 16 * 3, &bench.arena, token, NULL, &err));
    ck_assert_mem_eq(bench.token + 37, token, sizeof token);
    spae_bench_end(&bench);
}
END_TEST

static void check_refuses(const spae_bench_settings *set, spae_status due, const char *part)
{
    spae_error err = {SPAE_OK, ""};
    ck_assert_int_eq(spae_bench_check(set, &err), due);
    ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" lacks \"%s\"", err.text, part);
}

START_TEST(refusals)
{
    spae_bench_settings set = settings_of("mnist-small", 20, 1);
    set.wants[SPAE_BENCH_DISCRIMINATOR] = true;
    check_refuses(&set, SPAE_ERR_ARGUMENT, "step-discriminator: lambda is 0");
#ifndef _OPENMP
    set = settings_of("tiny-2d", 20, 1);
    set.threads = 2;
    check_refuses(&set, SPAE_ERR_ARGUMENT, "OPENMP=1");
#endif
}
END_TEST

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
enum { WATCHED = 1 };
#else
enum { WATCHED = 0 };
#endif

/* 2^50 bytes and more are beyond what any processor of today addresses. */
START_TEST(memory_that_is_not_there)
{
    spae_bench_settings set = settings_of("tiny-2d", INT32_MAX, 1);
    set.config.c = 65536;
    set.wants[SPAE_BENCH_QUANTIZER] = true;
    if (!WATCHED) /* the address sanitizer ends the program instead */
        check_refuses(&set, SPAE_ERR_NO_MEMORY, "memory");
}
END_TEST

SUITE(suite_io_bench, "io/bench", work_is_what_is_planned, work_of_the_gradient, bytes_moved, every_stage_runs,
      tokens_are_those_of_encode, refusals, memory_that_is_not_there)

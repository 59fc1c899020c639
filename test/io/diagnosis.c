/* Diagnoses: each planted mistake gets its sentence, and a mistake of no known kind gets none. */
#define _POSIX_C_SOURCE 200809L

#include "kit.h"

#include "../../io/diagnosis.h"
#include "cli/run.h"

static spae_vectors vectors;
static spae_arena arena;

static void start(void)
{
    spae_error err = {SPAE_OK, ""};
    enter();
    kit_make_vectors();
    arena = new_arena();
    ck_assert_msg(spae_vectors_open(&arena, "v", &vectors, &err) == SPAE_OK, "%s", err.text);
}

static void end(void)
{
    spae_arena_free(&arena);
    spae_arena_free(&kit_arena);
    leave();
}

/* Output `o` of case `c`, given as these values in this shape. */
static void says(size_t c, size_t o, spae_port_values v, size_t entry, const char *due)
{
    char text[SPAE_DIAGNOSIS_ROOM] = "?";
    spae_reference r;
    const spae_manifest_case *item = &vectors.manifest.item[c];
    ck_assert_int_eq(spae_reference_read(&arena, &vectors, &item->output[o], &r, NULL), SPAE_OK);
    const size_t used = arena.used;
    ck_assert_int_eq(spae_diagnose(&arena, &vectors, item, &r, &v, entry, text, NULL), SPAE_OK);
    ck_assert_uint_eq(arena.used, used);
    ck_assert_str_eq(text, due);
}

/* convolution/same_3x3/y, (2,4,5,3) */
static void picture(const double *p, const char *due)
{
    says(1, 0, (spae_port_values){.state = SPAE_PORT_GOOD, .given = {.real = p}}, 0, due);
}

START_TEST(values)
{
    double p[KIT_PICTURE];
    start();
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = 0;
    picture(p, "all zero");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = 0.25;
    picture(p, "the same value everywhere, 0.25");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = (double)NAN;
    picture(p, "NaN everywhere");
    p[0] = 1;
    picture(p, "119 of 120 values are NaN");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = kit_y_exact[i];
    p[7] = (double)INFINITY;
    picture(p, "1 of 120 values are infinite");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = -kit_y_exact[i];
    picture(p, "the sign is the other one everywhere");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = kit_y_exact[i] / 60;
    picture(p, "off by a constant factor: 1/60 times the reference");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = kit_y_exact[i] * 1.7;
    picture(p, "off by a constant factor: 1.7 times the reference");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = kit_y_exact[i] + 0.5;
    picture(p, "off by a constant: the reference +0.5");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = kit_y_exact[i] * (1 + 1e-6 * (i % 3));
    picture(p, "close to the reference everywhere, but less accurate than this level asks");
    picture(kit_dx_exact, "it is \"dx\" of this case");
    for (int i = 0; i < KIT_PICTURE; i++)
        p[i] = kit_y_exact[i] * kit_dx_exact[i];
    picture(p, "");
    end();
}
END_TEST

/* Item (a,b,c,d) of (2,4,5,3). */
static size_t at(size_t a, size_t b, size_t c, size_t d)
{
    return ((a * 4 + b) * 5 + c) * 3 + d;
}

START_TEST(axes)
{
    double p[KIT_PICTURE];
    const double *y = kit_y_exact;
    spae_port_values v = {.state = SPAE_PORT_WRONG_SHAPE, .given = {.real = p}, .rank = 4};
    start();
    for (size_t i = 0; i < KIT_PICTURE; i++) { /* channels first: (2,3,4,5) */
        const size_t a = i / 60, d = i / 20 % 3, b = i / 5 % 4, c = i % 5;
        p[i] = y[at(a, b, c, d)];
    }
    memcpy(v.shape, (size_t[]){2, 3, 4, 5, 1, 1, 1, 1}, sizeof v.shape);
    says(1, 0, v, 0, "right after transposing the axes: .transpose(0,2,3,1)");
    memcpy(v.shape, (size_t[]){120, 1, 1, 1, 1, 1, 1, 1}, sizeof v.shape);
    v.rank = 1;
    v.given.real = y;
    says(1, 0, v, 0, "the values are right in C order, only the shape is not");
    for (size_t i = 0; i < KIT_PICTURE; i++)
        p[i] = y[at(i / 60, i / 15 % 4, 4 - i / 3 % 5, i % 3)];
    picture(p, "right after reversing axis 2");
    for (size_t i = 0; i < KIT_PICTURE; i++)
        p[i] = y[i] + (i / 60 == 1 ? y[i] * kit_dx_exact[i] : 0);
    picture(p, "only values at index 1 of axis 0 are wrong");
    for (size_t i = 0; i < KIT_PICTURE; i++)
        p[i] = y[i] + (i / 3 % 5 == 0 || i / 3 % 5 == 4 ? y[i] * kit_dx_exact[i] : 0);
    picture(p, "only values at the ends of axis 2 are wrong");
    end();
}
END_TEST

START_TEST(layouts)
{
    double p[KIT_FLAT];
    start();
    for (size_t i = 0; i < KIT_FLAT; i++)
        p[i] = kit_flat_exact[i] * (i >= 18 ? -1 : 1);
    const spae_port_values v = {.state = SPAE_PORT_GOOD, .given = {.real = p}};
    says(3, 0, v, 1, "encoder/Conv_0/bias: the sign is the other one everywhere");
    for (size_t i = 0; i < 18; i++) /* (2,3,3), its last two axes exchanged */
        p[i] = kit_flat_exact[i / 9 * 9 + i % 3 * 3 + i / 3 % 3];
    says(3, 0, v, 0, "encoder/Conv_0/kernel: right after transposing the axes: .transpose(0,2,1)");
    end();
}
END_TEST

START_TEST(tokens)
{
    int64_t p[KIT_TOKENS];
    const spae_port_values v = {.state = SPAE_PORT_GOOD, .given = {.whole = p}};
    start();
    for (int i = 0; i < KIT_TOKENS; i++)
        p[i] = kit_token[i] + 1;
    says(2, 0, v, 0, "off by a constant: the reference +1");
    for (int i = 0; i < KIT_TOKENS; i++)
        p[i] = kit_runner_up[i];
    says(2, 0, v, 0, "it is \"runner_up\" of this case");
    for (int i = 0; i < KIT_TOKENS; i++)
        p[i] = kit_token[KIT_TOKENS - 1 - i];
    says(2, 0, v, 0, "right after reversing axis 0");
    end();
}
END_TEST

/* Values that are not finite in the reference too end the search, and are no finding. */
START_TEST(odd_references)
{
    const double p[] = {0, 0, (double)INFINITY, (double)NAN};
    start();
    says(0, 0, (spae_port_values){.state = SPAE_PORT_GOOD, .given = {.real = p}}, 0, "");
    end();
}
END_TEST

SUITE(suite_io_diagnosis, "io/diagnosis", values, axes, layouts, tokens, odd_references)

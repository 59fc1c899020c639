/* Stage numbers: SPEC 1. Formats and their roundings, chains, elementary functions; random numbers in numbers_random.c.
 *
 * Everything here is compared to the bit. Operands come through memory, so that no compiler computes for the machine.
 */
#include <math.h>

#include "test/vendor_free/elementary_cases.h"
#include "test/vendor_free/elementary_sample.h"
#include "vectors.h"
#include "vendor_free/elementary.h"
#include "vendor_free/float_bits.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* ---- 1.1: real and wide, one rounding an operation ---- */

/* a, b, c: every operation on them is finite or an infinity, never NaN. */
static const float triples[][3] = {
    {1, 0x1p-24f, 0},                                /* a tie goes to the even number, down */
    {0x1.000002p0f, 0x1p-24f, 0},                    /* and up */
    {1, -0x1p-25f, 0},                               /* a tie below a power of two */
    {-1, -0x1p-24f, 0},                              /* the same, negative */
    {1, 0x1.000002p-24f, 0},                         /* just above a tie */
    {0x1.0008p0f, 0x1.fffp-1f, -1},                  /* a*b + c where fusing shows: 2^-13 away from 1 */
    {0x1.001p0f, 0x1.ffep-1f, -1},
    {0x1.000002p0f, 0x1.000002p0f, -0x1.000004p0f},  /* fused: 2^-46; in two roundings 0 */
    {0x1.fffffep-1f, 0x1.fffffep-1f, -1},
    {0x1.921fb6p1f, 0x1.5bf0a8p1f, -0x1.1144p3f},
    {0x1p-126f, 0.5f, 0},                            /* a subnormal product */
    {0x1p-126f, 0x1.fffffep-1f, 0x1p-149f},          /* a tie at the border of the subnormals */
    {0x1p-149f, 0.5f, 0},                            /* half the least number: to even, 0 */
    {0x1.8p-149f, 1, 0x1p-149f},
    {0x1p-149f, 0x1.000002p-1f, 0},                  /* just above half of it: the least number */
    {0x3p-149f, 0.5f, -0x1p-149f},                   /* a tie: 1.5 of it goes to 2 */
    {-0x1p-149f, 0.5f, 0},                           /* -0 */
    {0x1p-149f, 0x1p100f, 0},                        /* a subnormal operand */
    {0x1.fffffcp-127f, 0x1p-149f, 0x1p-126f},        /* subnormal sums */
    {0x1p-126f, -0x1p-149f, -0x1p-126f},             /* a difference that underflows */
    {0x1.8p-70f, 0x1.4p-70f, 0x1p-149f},             /* normal factors, a subnormal product */
    {0x1p-100f, 0x1p-100f, -0x1p-149f},              /* a product that underflows to 0 */
    {-0x1p-100f, 0x1p-100f, 0},                      /* to -0; -0 + 0 = 0 */
    {0x1.fffffep127f, 0x1p103f, 0},                  /* half a unit above the largest number: infinity */
    {0x1.fffffep127f, 0x1.fffffep102f, 0},           /* below half a unit: the largest number */
    {0x1.fffffep127f, 0x1.000002p0f, 1},             /* overflow */
    {-0x1p127f, 2, 1},
    {0x1.fffffep127f, 0x1p-149f, 3},
    {3, 0x1p-149f, 1},
    {0x1p-149f, 0x1.fffffep127f, 0},
    {0.0f, 1, -0.0f},                                /* zeros */
    {-0.0f, 1, -0.0f},
    {-0.0f, -3, 0.0f},
    {0.0f, -3, -0.0f},
    {5, 5, -25},                                     /* a difference of equals is +0 */
    {1, 3, 0x1p-25f},                                /* quotients that do not end */
    {2, 3, 0},
    {1, 10, 0},
    {0x1.fffffep127f, 3, 0},
    {1, 0x1p-149f, 0},                               /* infinity, a quotient that overflows */
    {0x1.8p-126f, 3, 0},                             /* a subnormal quotient */
    {0x1p24f, 1, 1},
    {0x1p24f, -1, 0.5f},
};

#define ARITHMETIC(TYPE, NAME)                                                                                     \
    static void NAME(const TYPE *a, const TYPE *b, const TYPE *c, size_t n, TYPE *sum, TYPE *difference, TYPE *product, \
                     TYPE *quotient, TYPE *product_sum)                                                            \
    {                                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                                           \
            sum[i] = a[i] + b[i];                                                                                  \
            difference[i] = a[i] - b[i];                                                                           \
            product[i] = a[i] * b[i];                                                                              \
            quotient[i] = a[i] / b[i];                                                                             \
            product_sum[i] = a[i] * b[i] + c[i];                                                                   \
        }                                                                                                          \
    }
ARITHMETIC(spae_real, real_arithmetic)
ARITHMETIC(double, wide_arithmetic)

static const char *const operand[] = {"a", "b", "c"};
static const char *const result[] = {"sum", "difference", "product", "quotient", "product_sum"};

static void arithmetic(vectors *v)
{
    enum { N = COUNT(triples) };
    vectors_begin(v, "numbers/real_arithmetic", "1.1 1.9", "arithmetic", "{\"format\":\"real\"}",
                  "ties, subnormals, overflow, signed zeros, and products whose sum must not be fused");
    const size_t n = N;
    spae_real *in = vectors_room(v, 3 * n, sizeof *in), *out = vectors_room(v, 5 * n, sizeof *out);
    if (in == NULL || out == NULL)
        return;
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < n; i++)
            in[k * n + i] = triples[i][k];
        vectors_numbers(v, operand[k], VECTORS_INPUT, 1, &n, in + k * n);
    }
    real_arithmetic(in, in + n, in + 2 * n, n, out, out + n, out + 2 * n, out + 3 * n, out + 4 * n);
    for (size_t k = 0; k < 5; k++)
        vectors_numbers(v, result[k], VECTORS_BITS, 1, &n, out + k * n);
    vectors_end(v);
}

static const double wide_triples[][3] = {
    {1, 0x1p-53, 0},
    {0x1.0000000000001p0, 0x1p-53, 0},
    {1, -0x1p-54, 0},
    {0x1.0000002p0, 0x1.fffffcp-1, -1},
    {0x1.0000000000001p0, 0x1.0000000000001p0, -0x1.0000000000002p0},
    {0x1p-1022, 0.5, 0},
    {0x1p-1074, 0.5, 0},
    {0x3p-1074, 0.5, -0x1p-1074},
    {-0x1p-1074, 0.5, 0},
    {0x1p-1074, 0x1p1000, 0},
    {0x1.8p-520, 0x1.4p-520, 0x1p-1074},
    {0x1.fffffffffffffp1023, 0x1p970, 0},
    {0x1.fffffffffffffp1023, 2, 1},
    {-0.0, 1, -0.0},
    {0.1, 3, -0.3},
    {1, 3, 0},
    {0x1p53, 1, 1},
    {1, 0x1p-24, 0x1p-30}, /* what a sum kept in binary32 would lose */
    {16777217, 3, 0.1},
    {0x1.921fb54442d18p1, 0x1.5bf0a8b145769p1, -0x1.114a8dea0e0cep3},
};

static void wide_numbers(vectors *v)
{
    enum { N = COUNT(wide_triples) };
    vectors_begin(v, "numbers/wide_arithmetic", "1.1 1.9", "arithmetic", "{\"format\":\"wide\"}",
                  "the same in binary64: no extra digits, none too few, nothing fused or flushed");
    const size_t n = N;
    double *in = vectors_room(v, 3 * n, sizeof *in), *out = vectors_room(v, 5 * n, sizeof *out);
    if (in == NULL || out == NULL)
        return;
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < n; i++)
            in[k * n + i] = wide_triples[i][k];
        vectors_wides(v, operand[k], VECTORS_INPUT, 1, &n, in + k * n);
    }
    wide_arithmetic(in, in + n, in + 2 * n, n, out, out + n, out + 2 * n, out + 3 * n, out + 4 * n);
    for (size_t k = 0; k < 5; k++)
        vectors_wides(v, result[k], VECTORS_BITS, 1, &n, out + k * n);
    vectors_end(v);
}

static void roots(vectors *v)
{
    static const double x[] = {0.0,
                               -0.0,
                               1,
                               2,
                               3,
                               0.5,
                               0.1f,
                               0x1p-149,
                               0x3p-149,
                               0x1.8p-130,
                               0x1p-126,
                               0x1.fffffcp-127,
                               0x1.fffffep127,
                               0x1.fffffep0,
                               0x1.000002p0,
                               0x1.000004p0,
                               16777215,
                               1e10f,
                               9,
                               0x1.ffffp-1};
    enum { N = COUNT(x) };
    const size_t n = N;
    vectors_begin(v, "numbers/square_root", "1.1", "square_root", "{}",
                  "correctly rounded square roots in both formats, of subnormals and of -0 too");
    spae_real *real_x = vectors_room(v, n, sizeof *real_x), *y = vectors_room(v, n, sizeof *y);
    double *wide = vectors_room(v, n, sizeof *wide);
    if (real_x == NULL || y == NULL || wide == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        real_x[i] = (spae_real)x[i];
        wide[i] = sqrt(x[i]);
        y[i] = (spae_real)wide[i]; /* which is the root in real */
    }
    vectors_numbers(v, "x", VECTORS_INPUT, 1, &n, real_x);
    vectors_numbers(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_wides(v, "wide", VECTORS_BITS, 1, &n, wide);
    vectors_end(v);
}

static void rounding(vectors *v)
{
    static const double list[] = {1 + 0x1p-24,
                                  1 + 0x1p-23 + 0x1p-24,
                                  1 + 0x1.8p-24,
                                  1 - 0x1p-25,
                                  -1 - 0x1p-24,
                                  1 + 0x1.00001p-24,
                                  0x1p-149,
                                  0x1p-150,
                                  0x1.0000001p-150,
                                  0x1.8p-149,
                                  0x1p-126 - 0x1p-150,
                                  0x1.fffffefp-127,
                                  0x1.fffffep127,
                                  0x1.fffffefp127,
                                  0x1.ffffffp127,
                                  0x1.fffffeffffffp127,
                                  -0x1p128,
                                  0x1p1000,
                                  -0x1p-1000,
                                  0x1p-1074,
                                  -0.0,
                                  0.0,
                                  0.1,
                                  1.0 / 3,
                                  2.0 / 3,
                                  1e-6,
                                  16777217,
                                  16777219,
                                  123456789.0,
                                  0x1.23456789abcdep-140};
    enum { N = COUNT(list) };
    const size_t n = N;
    vectors_begin(v, "numbers/wide_to_real", "1.1", "rounding", "{}",
                  "from binary64 to binary32: ties, subnormals, the border to infinity");
    double *x = vectors_room(v, n, sizeof *x);
    spae_real *y = vectors_room(v, n, sizeof *y);
    if (x == NULL || y == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        x[i] = list[i];
        y[i] = (spae_real)x[i];
    }
    vectors_wides(v, "x", VECTORS_INPUT, 1, &n, x);
    vectors_numbers(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_end(v);
}

/* ---- 1.3: chains ---- */

/* A chain over each row of a*b in real, in wide, and the wide one rounded; the case is open. */
static void chains(vectors *v, size_t rows, size_t width, const spae_real *a, const spae_real *b)
{
    spae_real *y = vectors_room(v, 2 * rows, sizeof *y);
    double *wide = vectors_room(v, rows, sizeof *wide);
    if (a == NULL || b == NULL || y == NULL || wide == NULL)
        return;
    for (size_t i = 0; i < rows; i++) {
        y[i] = 0;
        wide[i] = 0;
        for (size_t j = 0; j < width; j++) {
            y[i] += a[i * width + j] * b[i * width + j];
            wide[i] += (double)a[i * width + j] * (double)b[i * width + j];
        }
        y[rows + i] = (spae_real)wide[i];
    }
    vectors_numbers(v, "real", VECTORS_BITS, 1, &rows, y);
    vectors_wides(v, "wide", VECTORS_BITS, 1, &rows, wide);
    vectors_numbers(v, "rounded", VECTORS_BITS, 1, &rows, y + rows);
    vectors_end(v);
}

static void chains_of_random_numbers(vectors *v)
{
    static const size_t shape[2] = {6, 100};
    vectors_begin(v, "numbers/chains", "1.3 1.4", "chain", "{}",
                  "sums of 100 products in either format, from the first to the last");
    const spae_real *a = vectors_reals(v, "a", 2, shape, 0, 1), *b = vectors_reals(v, "b", 2, shape, 0.25, 1);
    chains(v, shape[0], shape[1], a, b);
}

static void chains_that_cancel(vectors *v)
{
    enum { ROWS = 7, WIDTH = 8 };
    static const float a_list[ROWS][WIDTH] = {
        {0x1p24f, 1, -0x1p24f, 1, 0x1p24f, 1, 1, -0x1p24f}, /* real loses ones, by their place */
        {1, 1, 1, 1, 0x1p24f, -0x1p24f, 1, 1},
        {0x1p60f, 1, -0x1p60f, 1, 0x1p60f, 1, 1, -0x1p60f},               /* wide too */
        {0x1.0008p0f, -1, 0x1.001p0f, -1, 0x1.000002p0f, -1, 0.1f, 0.1f}, /* fused, real would differ */
        {-0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f},         /* from +0: +0 */
        {0x1p-149f, 0x1p-149f, 0x1p-130f, -0x1p-127f, 0x1p-126f, -0x1p-126f, 0x1p-140f, 0x1p-149f},
        {0x1.8p-75f, 0x1.8p-75f, 0x1.8p-74f, 0x1.4p-76f, -0x1.8p-73f, 0x1p-80f, 0x1p-60f, -0x1p-70f}};
    static const float b_list[ROWS][WIDTH] = {
        {1, 1, 1, 1, 1, 1, 1, 1},
        {1, 1, 1, 1, 1, 1, 1, 1},
        {1, 1, 1, 1, 1, 1, 1, 1},
        {0x1.fffp-1f, 1, 0x1.ffep-1f, 1, 0x1.000002p0f, 1, 0.1f, -0.1f},
        {1, 0.0f, 2, 1, 3, 1, 0.0f, 1},
        {1, 1, 0.5f, 0.25f, 1, 0.5f, 1, 0.5f},
        {0x1.8p-75f, -0x1.4p-74f, 0x1.8p-75f, 0x1.4p-72f, 0x1p-75f, 0x1p-69f, 0x1p-89f, 0x1p-79f}};
    static const size_t shape[2] = {ROWS, WIDTH};
    vectors_begin(v, "numbers/chains_that_cancel", "1.1 1.3 1.9", "chain", "{}",
                  "another order, width, start or fusing changes leading digits; subnormal sums; a sum of -0 is +0");
    spae_real *a = vectors_room(v, ROWS * WIDTH, sizeof *a), *b = vectors_room(v, ROWS * WIDTH, sizeof *b);
    if (a == NULL || b == NULL)
        return;
    for (size_t i = 0; i < ROWS * WIDTH; i++) {
        a[i] = a_list[i / WIDTH][i % WIDTH];
        b[i] = b_list[i / WIDTH][i % WIDTH];
    }
    vectors_numbers(v, "a", VECTORS_INPUT, 2, shape, a);
    vectors_numbers(v, "b", VECTORS_INPUT, 2, shape, b);
    chains(v, shape[0], shape[1], a, b);
}

/* ---- 1.5: elementary functions ---- */

typedef struct {
    const char *hard_name, *range_name, *bits_name, *with;
    float (*function)(float);
    const case32 *hard;
    size_t hard_count;
    double offset, scale; /* a range in which it is neither constant nor the identity */
    float edge[10];       /* borders of its ranges */
} elementary;

#define FUNCTION(NAME, offset, scale, ...)                                                                      \
    {"numbers/" #NAME "_hard", "numbers/" #NAME "_range", "numbers/" #NAME "_bits", "{\"function\":\"" #NAME "\"}", \
     spae_##NAME##f, hard_##NAME, COUNT(hard_##NAME), offset, scale, {__VA_ARGS__}}

static const elementary functions[] = {
    /* of exp: the last before infinity, the first of it, around the least normal, subnormals, the last above 0, .. */
    FUNCTION(exp, -8, 96, 0x1.62e42ep6f, 0x1.62e43p6f, -0x1.5d589ep6f, -0x1.5d58ap6f, -103, -0x1.9fe368p6f,
             -0x1.9fe36ap6f, -104, 89, 0x1p-149f),
    FUNCTION(expm1, 0, 20, 0x1.62e42ep6f, 0x1.62e43p6f, -17, -0x1.154246p4f, -0x1.154248p4f, -88, 0x1p-149f, -0x1p-149f,
             0x1p-126f, 0x1p-25f),
    FUNCTION(log, 50, 50, 1, 0x1.000002p0f, 0x1.fffffep-1f, 0x1p-149f, 0x1.fffffcp-127f, 0x1p-126f, 0x1.fffffep127f,
             2, 0.5f, 10),
    FUNCTION(log1p, 10, 10.9, -0x1.fffffep-1f, -0.5f, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1p-25f, -0x1p-25f,
             0x1.fffffep127f, 1, 0x1p24f),
    FUNCTION(tanh, 0, 10, 9, 0x1.205966p3f, 0x1.2cp3f, -10, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1p-12f, -0x1p-12f, 89),
    FUNCTION(sin, 0, 100, 0x1.921fb6p1f, 0x1.921fb6p0f, 0x1.921fb6p2f, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1p-12f,
             0x1.fffffep127f, 0x1p100f, -0x1p24f),
    FUNCTION(cos, 0, 100, 0x1.921fb6p1f, 0x1.921fb6p0f, 0x1.921fb6p2f, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1p-12f,
             0x1.fffffep127f, 0x1p100f, -0x1p24f),
    FUNCTION(erf, 0, 4, 0x1.f5a888p1f, 4, -4, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1p-12f, -0x1p-12f, 0.5f, 1),
};

static void apply(vectors *v, const elementary *e, size_t n, const spae_real *x)
{
    spae_real *y = vectors_room(v, n, sizeof *y);
    if (x == NULL || y == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = (spae_real)e->function((float)x[i]);
    vectors_numbers(v, "y", VECTORS_BITS, 1, &n, y);
    vectors_end(v);
}

/* The arguments whose values lie closest to the middle of two numbers, zeros and the borders of ranges. */
static void hard(vectors *v, const elementary *e)
{
    const size_t edges = COUNT(e->edge), n = e->hard_count + edges + 2;
    vectors_begin(v, e->hard_name, "1.5", "elementary", e->with,
                  "of all arguments those that are hardest to round, both zeros, and the borders of its ranges");
    spae_real *x = vectors_room(v, n, sizeof *x);
    if (x == NULL)
        return;
    for (size_t i = 0; i < e->hard_count; i++)
        x[i] = (spae_real)spae_float_of_bits(e->hard[i].argument);
    for (size_t i = 0; i < edges; i++)
        x[e->hard_count + i] = e->edge[i];
    x[n - 2] = 0.0f;
    x[n - 1] = -0.0f;
    vectors_numbers(v, "x", VECTORS_INPUT, 1, &n, x);
    apply(v, e, n, x);
}

static void range(vectors *v, const elementary *e)
{
    static const size_t n = 1000;
    vectors_begin(v, e->range_name, "1.5", "elementary", e->with, "its usual range, evenly");
    apply(v, e, n, vectors_reals(v, "x", 1, &n, e->offset, e->scale));
}

/* Arguments of all bits mixed, infinities and NaN; binary32 alone, for a conversion may change a NaN. */
static void every_exponent(vectors *v, const elementary *e)
{
    static const uint32_t special[] = {0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001,
                                       0xff812345, 0xbf800000, 0xbf800001, 0x80000001, 0x80000000};
    static const size_t n = 1000 + COUNT(special);
    vectors_begin(v, e->bits_name, "1.5 1.8", "elementary", e->with,
                  "every exponent and sign, infinities, arguments outside the domain, NaN: the answer is one NaN");
    float *x = vectors_room(v, n, sizeof *x);
    int32_t *bits = vectors_room(v, 2 * n, sizeof *bits);
    if (x == NULL || bits == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        const uint32_t word = i < COUNT(special) ? special[i] : sample_argument((uint32_t)(131 * i));
        x[i] = spae_float_of_bits(word);
        memcpy(&bits[i], &word, sizeof word);
        const uint32_t y = spae_bits_of_float(e->function(x[i]));
        memcpy(&bits[n + i], &y, sizeof y);
    }
    vectors_integers(v, "x", VECTORS_INPUT, 1, &n, bits);
    vectors_integers(v, "y", VECTORS_BITS, 1, &n, bits + n);
    vectors_end(v);
}

void vectors_number_formats(vectors *v)
{
    arithmetic(v);
    wide_numbers(v);
    roots(v);
    rounding(v);
    chains_of_random_numbers(v);
    chains_that_cancel(v);
    for (size_t i = 0; i < COUNT(functions); i++) {
        hard(v, &functions[i]);
        range(v, &functions[i]);
        every_exponent(v, &functions[i]);
    }
    vectors_numbers_random(v);
}

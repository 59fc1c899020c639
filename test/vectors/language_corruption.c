/* Stage language: rates and token noise (SPEC 10.5, 10.6), and pictures altered (10.7 to 10.9). */
#include "nn/corruption.h"
#include "vectors.h"

#include <string.h>

/* ---- 10.5 ---- */

static void rates(vectors *v, const char *name, const char *with, spae_rate_schedule schedule, double first, double last,
                  size_t count, const char *why)
{
    enum { MOST = 32 };
    double rate[MOST];
    for (size_t i = 0; i < count; i++)
        rate[i] = spae_corruption_rate(schedule, first, last, i, count);
    vectors_begin(v, name, "10.5", "corruption_rate", with, why);
    vectors_wides(v, "rate", VECTORS_BITS, 1, &count, rate);
    vectors_end(v);
}

static void all_rates(vectors *v)
{
    rates(v, "language/rates_linear", "{\"schedule\":\"linear\",\"first\":0.5,\"last\":0.23,\"count\":10}", SPAE_RATES_LINEAR,
          0.5, 0.23, 10, "the list of B.3: 0.5, 0.47, .., 0.23");
    rates(v, "language/rates_cosine", "{\"schedule\":\"cosine\",\"first\":0.5,\"last\":0.2,\"count\":10}", SPAE_RATES_COSINE,
          0.5, 0.2, 10, "pictures, 50 % to 20 %; the ends are exact");
    rates(v, "language/rates_video", "{\"schedule\":\"cosine\",\"first\":0.35,\"last\":0.11,\"count\":4}", SPAE_RATES_COSINE,
          0.35, 0.11, 4, "videos, 35 % to 11 %, four examples");
    rates(v, "language/rates_rising", "{\"schedule\":\"cosine\",\"first\":0,\"last\":1,\"count\":7}", SPAE_RATES_COSINE, 0, 1, 7,
          "from 0 to 1");
    rates(v, "language/rates_one", "{\"schedule\":\"cosine\",\"first\":0.4,\"last\":0.1,\"count\":1}", SPAE_RATES_COSINE, 0.4,
          0.1, 1, "one example has the first rate");
}

/* ---- 10.6 ---- */

enum { MOST_TOKENS = 600 };

static void some_tokens(vectors *v, const char *name, size_t n, size_t V, int32_t token[MOST_TOKENS])
{
    for (size_t i = 0; i < n; i++)
        token[i] = (int32_t)((37 * i + 11) % V);
    vectors_integers(v, name, VECTORS_INPUT, 1, &n, token);
}

static void noise(vectors *v, const char *name, const char *with, size_t n, size_t V, double rate, uint32_t seed,
                  uint32_t number, const char *why)
{
    int32_t token[MOST_TOKENS];
    if (!vectors_begin(v, name, "1.6 10.6", "corrupt_tokens", with, why))
        return;
    some_tokens(v, "token", n, V, token);
    vectors_expect(v, spae_corrupt_tokens(token, n, V, rate, seed, number, v->arena, v->err));
    vectors_integers(v, "corrupted", VECTORS_BITS, 1, &n, token);
    vectors_end(v);
}

static void noises(vectors *v)
{
    noise(v, "language/noise", "{\"V\":65000,\"rate\":0.5,\"seed\":1,\"noise\":0}", 597, 65000, 0.5, 1, 0,
          "a picture of six layers: 299 of 597 tokens");
    noise(v, "language/noise_other", "{\"V\":65000,\"rate\":0.5,\"seed\":1,\"noise\":1}", 37, 65000, 0.5, 1, 1,
          "19 of 37, and another noise");
    noise(v, "language/noise_ends", "{\"V\":2147483647,\"rate\":0.26,\"seed\":4294967295,\"noise\":4294967295}", 37, INT32_MAX,
          0.26, UINT32_MAX, UINT32_MAX, "the largest vocabulary, seed and noise");
    noise(v, "language/noise_half", "{\"V\":300,\"rate\":0.47,\"seed\":3,\"noise\":2}", 50, 300, 0.47, 3, 2,
          "0.47 of 50 is 23.5: 24");
    noise(v, "language/noise_two_words", "{\"V\":2,\"rate\":0.75,\"seed\":3,\"noise\":2}", 20, 2, 0.75, 3, 2,
          "two words: each replaced token is the other one");
    noise(v, "language/noise_none", "{\"V\":1,\"rate\":0.09,\"seed\":3,\"noise\":2}", 5, 1, 0.09, 3, 2,
          "0.45 of a token is none: then one word will do");
    noise(v, "language/noise_all", "{\"V\":10,\"rate\":1,\"seed\":3,\"noise\":2}", 37, 10, 1, 3, 2, "every token another");
}

static void refused(vectors *v, const char *name, const char *with, int32_t last, size_t V, double rate, const char *why)
{
    const size_t n = 3;
    int32_t token[3] = {0, 0, last};
    if (!vectors_begin(v, name, "10.6", "corrupt_tokens", with, why))
        return;
    vectors_integers(v, "token", VECTORS_INPUT, 1, &n, token);
    vectors_refusal(v, SPAE_ERR_ARGUMENT, spae_corrupt_tokens(token, n, V, rate, 1, 0, v->arena, v->err));
    vectors_end(v);
}

static void pair(vectors *v)
{
    const size_t u_tokens = 37, v_tokens = 21;
    int32_t u[MOST_TOKENS], w[MOST_TOKENS];
    if (!vectors_begin(v, "language/pair", "1.6 10.6", "corrupt_pair", "{\"V\":300,\"rate\":0.35,\"seed\":9,\"example\":5}",
                       "Eq. 12: noises 10 and 11; condition and target of different lengths"))
        return;
    some_tokens(v, "u", u_tokens, 300, u);
    some_tokens(v, "v", v_tokens, 300, w);
    vectors_expect(v, spae_corrupt_pair(u, u_tokens, w, v_tokens, 300, 0.35, 9, 5, v->arena, v->err));
    vectors_integers(v, "u_noisy", VECTORS_BITS, 1, &u_tokens, u);
    vectors_integers(v, "v_noisy", VECTORS_BITS, 1, &v_tokens, w);
    vectors_end(v);
}

/* ---- 10.7, 10.8 ---- */

static void give_picture(vectors *v, const char *name, vectors_compare compare, const size_t size[3], const spae_real *y)
{
    vectors_numbers(v, name, compare, 4, (const size_t[]){size[0], size[1], size[2], 3}, y);
}

static spae_real *take_picture(vectors *v, const size_t size[3])
{
    return vectors_reals(v, "x", 4, (const size_t[]){size[0], size[1], size[2], 3}, 0.5, 0.5);
}

static void transform(vectors *v, const char *name, spae_transform kind, const char *with, size_t frames, size_t height,
                      size_t width, const char *why)
{
    const size_t size[3] = {frames, height, width};
    const bool blur = kind == SPAE_DEBLUR;
    vectors_begin(v, name, blur ? "10.8" : "10.7", "transform", with, why);
    const spae_real *x = take_picture(v, size);
    spae_real *y = vectors_room(v, 3 * frames * height * width, sizeof *y);
    if (y != NULL) {
        const spae_status status = spae_transform_picture(kind, x, size, v->arena, y, v->err);
        if (kind == SPAE_ROTATE && height != width)
            vectors_refusal(v, SPAE_ERR_SHAPE, status);
        else
            vectors_expect(v, status);
        if (v->now.status == NULL)
            give_picture(v, "y", blur ? VECTORS_NUMBERS : VECTORS_BITS, size, y);
    }
    vectors_end(v);
}

static void transforms(vectors *v)
{
    static const char outpaint[] = "{\"transform\":\"outpaint\"}", inpaint[] = "{\"transform\":\"inpaint\"}",
                      deblur[] = "{\"transform\":\"deblur\"}", translate[] = "{\"transform\":\"translate\"}",
                      rotate[] = "{\"transform\":\"rotate\"}";
    transform(v, "language/outpaint", SPAE_OUTPAINT, outpaint, 1, 8, 8, "the bottom half");
    transform(v, "language/outpaint_odd", SPAE_OUTPAINT, outpaint, 2, 5, 3, "two frames; the middle row stays");
    transform(v, "language/inpaint", SPAE_INPAINT, inpaint, 1, 8, 8, "the middle quarter");
    transform(v, "language/inpaint_odd", SPAE_INPAINT, inpaint, 2, 7, 10, "a square of 3 in a picture that is none");
    transform(v, "language/inpaint_one", SPAE_INPAINT, inpaint, 1, 1, 1, "one pixel: nothing is erased");
    transform(v, "language/translate", SPAE_TRANSLATE, translate, 1, 4, 8, "by two columns");
    transform(v, "language/translate_odd", SPAE_TRANSLATE, translate, 2, 3, 7, "by one, two frames");
    transform(v, "language/rotate", SPAE_ROTATE, rotate, 2, 4, 4, "two frames");
    transform(v, "language/rotate_odd", SPAE_ROTATE, rotate, 1, 5, 5, "the middle stays");
    transform(v, "language/rotate_refused", SPAE_ROTATE, rotate, 1, 4, 5, "no square");
    transform(v, "language/blur_in_tasks", SPAE_DEBLUR, deblur, 1, 33, 20, "deviation 33/32");
}

static void translate(vectors *v)
{
    const size_t size[3] = {1, 2, 3};
    vectors_begin(v, "language/translate_away", "10.7", "translate_right", "{\"columns\":5}", "beyond the width: nothing is left");
    const spae_real *x = take_picture(v, size);
    spae_real *y = vectors_room(v, 18, sizeof *y);
    if (y != NULL) {
        spae_translate_right(x, size, 5, y);
        give_picture(v, "y", VECTORS_BITS, size, y);
    }
    vectors_end(v);
}

static void blur(vectors *v, const char *name, const char *with, double sigma, size_t frames, size_t height, size_t width,
                 const char *why)
{
    const size_t size[3] = {frames, height, width};
    vectors_begin(v, name, "10.8", "blur", with, why);
    const spae_real *x = take_picture(v, size);
    spae_real *y = vectors_room(v, 3 * frames * height * width, sizeof *y);
    if (y != NULL && sigma > 0) {
        vectors_expect(v, spae_blur(x, size, sigma, v->arena, y, v->err));
        give_picture(v, "y", VECTORS_NUMBERS, size, y);
    } else if (y != NULL) {
        vectors_refusal(v, SPAE_ERR_ARGUMENT, spae_blur(x, size, sigma, v->arena, y, v->err));
    }
    vectors_end(v);
}

static void blurs(vectors *v)
{
    blur(v, "language/blur", "{\"sigma\":1}", 1, 2, 9, 8, "two frames, seven taps");
    blur(v, "language/blur_fraction", "{\"sigma\":0.7}", 0.7, 1, 6, 7, "2.1 is 3 taps a side");
    blur(v, "language/blur_wide", "{\"sigma\":2.5}", 2.5, 1, 3, 4, "the filter is wider than the picture: the border is repeated");
    blur(v, "language/blur_narrow", "{\"sigma\":0.03125}", 0.03125, 1, 3, 3, "so narrow that the picture stays");
    blur(v, "language/blur_one", "{\"sigma\":4}", 4, 1, 1, 1, "one pixel stays");
    blur(v, "language/blur_refused", "{\"sigma\":0}", 0, 1, 2, 2, "no deviation");
}

/* ---- 10.9 ---- */

static void adjust(vectors *v, spae_pixel_set set, const char *name, const char *with, const size_t size[3], const spae_real *x)
{
    const size_t n = size[0] * size[1] * size[2] * 3;
    vectors_begin(v, name, "8.16 10.9", "adjust_pixels", with, "all nine conditions; the fifth is the picture in bytes");
    give_picture(v, "x", VECTORS_INPUT, size, x);
    spae_real *y = vectors_room(v, SPAE_PIXEL_CONDITIONS * n, sizeof *y);
    for (size_t c = 0; c < SPAE_PIXEL_CONDITIONS && y != NULL; c++)
        spae_adjust_pixels(set, c, x, size, y + c * n);
    vectors_numbers(v, "y", VECTORS_BITS, 5, (const size_t[]){SPAE_PIXEL_CONDITIONS, size[0], size[1], size[2], 3}, y);
    vectors_end(v);
}

/* Bytes, and between them numbers that are none; black, white and beyond; two frames. */
static void adjustments(vectors *v)
{
    enum { PIXELS = 2 * 3 * 4 };
    const size_t size[3] = {2, 3, 4};
    spae_real x[3 * PIXELS];
    for (size_t i = 0; i < 3 * PIXELS; i++)
        x[i] = (spae_real)((float)((int)(i * 89 % 257) - 1) / 255.0f); /* -1/255 .. 1 */
    for (size_t i = 0; i < 12; i++)
        x[i] = (spae_real)((float)i / 11.0f);
    x[12] = (spae_real)0.1f, x[13] = (spae_real)(1 / 510.0f), x[14] = (spae_real)1.5f;
    adjust(v, SPAE_BRIGHTNESS, "language/brightness", "{\"set\":\"brightness\"}", size, x);
    adjust(v, SPAE_CONTRAST, "language/contrast", "{\"set\":\"contrast\"}", size, x);
    adjust(v, SPAE_SATURATION, "language/saturation", "{\"set\":\"saturation\"}", size, x);
    adjust(v, SPAE_COLOR, "language/color", "{\"set\":\"color\"}", size, x);
}

void vectors_language_corruption(vectors *v)
{
    all_rates(v);
    noises(v);
    refused(v, "language/noise_refused_rate", "{\"V\":9,\"rate\":1.5,\"seed\":1,\"noise\":0}", 0, 9, 1.5, "more than all");
    refused(v, "language/noise_refused_token", "{\"V\":9,\"rate\":0.5,\"seed\":1,\"noise\":0}", 9, 9, 0.5,
            "a token outside the vocabulary");
    refused(v, "language/noise_refused_word", "{\"V\":1,\"rate\":0.5,\"seed\":1,\"noise\":0}", 0, 1, 0.5,
            "two tokens to be replaced, and no other word");
    pair(v);
    transforms(v);
    translate(v);
    blurs(v);
    adjustments(v);
}

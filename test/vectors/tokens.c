/* Tokens with their margins, judged by a plain loop; tokens.h says what each function does. */
#include "tokens.h"

#include <math.h>

#include "vendor_free/json.h"

enum { WITH = 1024 };

void vectors_with_pyramid(vectors *v, const spae_pyramid *pyramid, const char *more)
{
    spae_json_writer j;
    size_t length;
    char *text = vectors_room(v, WITH, 1);
    if (text == NULL)
        return;
    spae_json_write_start(&j, text, WITH);
    spae_json_write_open(&j, '{');
    spae_json_write_key(&j, "pyramid");
    spae_json_write_open(&j, '[');
    for (size_t l = 0; l < pyramid->layers; l++) {
        spae_json_write_open(&j, '[');
        for (size_t a = 0; a < 3; a++)
            spae_json_write_integer(&j, (int64_t)pyramid->size[l][a]);
        spae_json_write_close(&j);
    }
    spae_json_write_close(&j);
    spae_json_write_close(&j);
    vectors_expect(v, spae_json_write_finish(&j, &length, v->err));
    if (!vectors_goes_on(v))
        return;
    char *at = text + length - 1; /* over the closing brace */
    for (const char *separator = *more != '\0' ? "," : ""; *separator != '\0'; separator++)
        *at++ = *separator;
    while (*more != '\0' && at < text + WITH - 2)
        *at++ = *more++;
    *at++ = '}';
    *at = '\0';
    v->now.with = text;
}

static double distance_to(const double *z, const spae_real *e, size_t c) /* sum of (z - e)^2, wide, channels upwards */
{
    double sum = 0;
    for (size_t j = 0; j < c; j++) {
        const double difference = z[j] - (double)e[j];
        const double square = difference * difference;
        sum = sum + square;
    }
    return sum;
}

/* The lowest row of least distance, `but` left out; V where there is no other. */
static size_t least_but(const spae_codebook *book, const double *z, size_t but, double *distance)
{
    size_t best = book->V;
    *distance = HUGE_VAL;
    for (size_t k = 0; k < book->V; k++) {
        const double d = distance_to(z, book->e + k * book->c, book->c);
        if (k != but && (best == book->V || d < *distance)) {
            *distance = d;
            best = k;
        }
    }
    return best;
}

void vectors_tokens(vectors *v, vectors_compare compare, const spae_codebook *book, const double *z, size_t count,
                    const int32_t *cell, const int32_t *token, const double *margin)
{
    int32_t *runner_up = vectors_room(v, count, sizeof *runner_up), *own = vectors_room(v, count, sizeof *own);
    double *second = vectors_room(v, count, sizeof *second);
    if (second == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        double least;
        const size_t first = least_but(book, z + i * book->c, book->V, &least);
        const size_t next = least_but(book, z + i * book->c, first, &second[i]);
        runner_up[i] = (int32_t)(next == book->V ? first : next); /* a vocabulary of one word has no other */
        own[i] = (int32_t)i;
        const double apart = second[i] - least;
        if ((size_t)token[i] != first || margin[i] < apart || margin[i] > apart)
            vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT,
                                        "token %zu is %d with margin %g, a plain loop finds "
                                        "%zu with %g",
                                        i, (int)token[i], margin[i], first, apart));
    }
    const vectors_compare wide = book->V == 1 ? VECTORS_BITS : VECTORS_NUMBERS; /* infinities are no numbers */
    vectors_integers(v, "token", compare, 1, &count, token);
    vectors_wides(v, "margin", wide, 1, &count, margin);
    vectors_integers(v, "runner_up", VECTORS_BITS, 1, &count, runner_up);
    vectors_wides(v, "distance", wide, 1, &count, second);
    vectors_integers(v, "cell", VECTORS_BITS, 1, &count, cell != NULL ? cell : own);
}

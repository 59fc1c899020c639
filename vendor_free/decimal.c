/* Between decimal text and binary64.
 *
 * Method    Reading: the digits and the power of ten give an exact fraction of two big integers,
 *           whose quotient is taken bit by bit, as on paper; what remains decides the rounding.
 *           Writing: the free-format algorithm of Steele and White, "How to print floating-point
 *           numbers accurately" (1990), with the exact scaling of Burger and Dybvig (1996): digits
 *           are taken until what remains is less than the distance to the borders beyond which
 *           another number would be read.
 * Limits    Reading keeps DIGITS digits and whether anything but zeros follows: no border between
 *           two numbers has more than 768 digits. All integers stay below 2^3750, about 2.5 KiB of
 *           stack; a few microseconds a number. Integer arithmetic only.
 */
#include "decimal.h"

#include <stdint.h>
#include <string.h>

#define DIGITS 800
#define WORDS  120 /* 3840 bits; 10^1124, the largest denominator, has 3734 */

/* ---- big integers ---------------------------------------------------------------------------- */

/* word[0] lowest; word[n - 1] is not 0; n is 0 for zero. */
typedef struct {
    size_t n;
    uint32_t word[WORDS];
} big;

static void set(big *a, uint64_t value)
{
    a->n = 0;
    for (; value != 0; value >>= 32)
        a->word[a->n++] = (uint32_t)(value & 0xffffffff);
}

/* a = a * factor + term */
static void multiply_add(big *a, uint32_t factor, uint32_t term)
{
    uint64_t carry = term;
    for (size_t i = 0; i < a->n; i++) {
        carry += (uint64_t)a->word[i] * factor; /* < 2^32 + (2^32 - 1)^2 */
        a->word[i] = (uint32_t)(carry & 0xffffffff);
        carry >>= 32;
    }
    if (carry != 0)
        a->word[a->n++] = (uint32_t)carry;
}

static void multiply_by_ten_to(big *a, unsigned power)
{
    for (; power >= 9; power -= 9)
        multiply_add(a, 1000000000, 0);
    for (; power > 0; power--)
        multiply_add(a, 10, 0);
}

static void shift_left(big *a, unsigned bits)
{
    const unsigned words = bits / 32, rest = bits % 32;
    if (a->n == 0)
        return;
    if (rest != 0)
        multiply_add(a, (uint32_t)1 << rest, 0);
    memmove(a->word + words, a->word, a->n * sizeof a->word[0]);
    memset(a->word, 0, words * sizeof a->word[0]);
    a->n += words;
}

static unsigned bit_length(const big *a) /* a > 0 */
{
    unsigned bits = 0;
    for (uint32_t top = a->word[a->n - 1]; top != 0; top >>= 1)
        bits++;
    return bits + 32 * (unsigned)(a->n - 1);
}

/* The sign of a - b. */
static int compare(const big *a, const big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = a->n; i-- > 0;)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

/* The sign of a + b - c. */
static int compare_sum(const big *a, const big *b, const big *c)
{
    big sum = *a;
    uint64_t carry = 0;
    for (size_t i = 0; i < b->n || carry != 0; i++) {
        carry += (i < sum.n ? sum.word[i] : 0) + (uint64_t)(i < b->n ? b->word[i] : 0);
        sum.word[i] = (uint32_t)(carry & 0xffffffff);
        carry >>= 32;
        if (i >= sum.n)
            sum.n = i + 1;
    }
    return compare(&sum, c);
}

/* a = a - b, a >= b */
static void subtract(big *a, const big *b)
{
    uint32_t borrow = 0;
    for (size_t i = 0; i < a->n; i++) {
        const uint64_t take = (uint64_t)(i < b->n ? b->word[i] : 0) + borrow;
        borrow = a->word[i] < take;
        a->word[i] = (uint32_t)((a->word[i] - take) & 0xffffffff);
    }
    while (a->n > 0 && a->word[a->n - 1] == 0)
        a->n--;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The number 0.d1 d2 d3 ... * 10^point, d1 not 0; n is 0 for zero. */
typedef struct {
    bool negative;
    size_t n;
    uint8_t digit[DIGITS + 1];
    int64_t point;
    bool more; /* a digit that was not kept is not 0 */
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(decimal *d, char c)
{
    if (d->n < DIGITS)
        d->digit[d->n++] = (uint8_t)(c - '0');
    else
        d->more = d->more || c != '0';
}

/* Both parts of the digits: [at, n) of the text; returns where they end. */
static size_t parse_digits(const char *text, size_t at, size_t n, bool fraction, decimal *d)
{
    for (; at < n && is_digit(text[at]); at++) {
        const bool leading_zero = d->n == 0 && text[at] == '0';
        if (!leading_zero)
            add_digit(d, text[at]);
        if (fraction && leading_zero)
            d->point--;
        else if (!fraction && !leading_zero)
            d->point++;
    }
    return at;
}

/* Beyond 10^17, no number of digits that fits a memory brings the value back into range. */
static size_t parse_exponent(const char *text, size_t at, size_t n, int64_t *exponent)
{
    const bool negative = at < n && text[at] == '-';
    int64_t value = 0;
    if (at < n && (text[at] == '-' || text[at] == '+'))
        at++;
    for (; at < n && is_digit(text[at]); at++)
        if (value < 100000000000000000)
            value = 10 * value + (text[at] - '0');
    *exponent = negative ? -value : value;
    return at;
}

static bool parse(const char *text, size_t n, decimal *d)
{
    size_t at = 0, start;
    d->negative = n > 0 && text[0] == '-';
    d->n = 0;
    d->point = 0;
    d->more = false;
    if (d->negative)
        at++;
    start = at;
    at = parse_digits(text, at, n, false, d);
    if (at == start)
        return false;
    if (at < n && text[at] == '.') {
        start = ++at;
        at = parse_digits(text, at, n, true, d);
        if (at == start)
            return false;
    }
    if (at < n && (text[at] == 'e' || text[at] == 'E')) {
        int64_t exponent;
        at = parse_exponent(text, at + 1, n, &exponent);
        if (!is_digit(text[at - 1]))
            return false;
        d->point += exponent;
    }
    return at == n;
}

/* The bits of the positive number top / bottom, rounded to nearest even; both are used up. */
static uint64_t quotient_bits(big *top, big *bottom)
{
    int e = (int)bit_length(top) - (int)bit_length(bottom);
    if (e >= 0)
        shift_left(bottom, (unsigned)e);
    else
        shift_left(top, (unsigned)-e);
    if (compare(top, bottom) < 0) {
        shift_left(top, 1);
        e--;
    }
    /* here: the number is top / bottom * 2^e, and 1 <= top / bottom < 2 */
    if (e > 1023)
        return (uint64_t)0x7ff << 52;
    const int precision = e >= -1022 ? 53 : 53 + 1022 + e; /* subnormals: multiples of 2^-1074 */
    uint64_t q = 0;
    for (int i = 0; i < precision; i++) {
        q <<= 1;
        if (compare(top, bottom) >= 0) {
            subtract(top, bottom);
            q |= 1;
        }
        shift_left(top, 1);
    }
    /* here: top / bottom is what remains, in units of half the last bit of q; nothing of a number
     * below 2^-1075, for which precision is negative, comes near one unit */
    const int rest = precision < 0 ? -1 : compare(top, bottom);
    if (rest > 0 || (rest == 0 && (q & 1) != 0))
        q++;
    /* q has its leading bit 2^52 when the number is normal: that bit adds 1 to the exponent field,
     * and so does a carry of the rounding, up to infinity */
    return ((uint64_t)(e >= -1022 ? e + 1022 : 0) << 52) + q;
}

static uint64_t magnitude_bits(const decimal *d)
{
    big top, bottom;
    if (d->n == 0 || d->point <= -324) /* below 10^-324, less than half of 4.94e-324 */
        return 0;
    if (d->point >= 310) /* at least 10^309 */
        return (uint64_t)0x7ff << 52;
    set(&top, 0);
    for (size_t i = 0; i < d->n; i++)
        multiply_add(&top, 10, d->digit[i]);
    int64_t power = d->point - (int64_t)d->n;
    if (d->more) { /* any digits that are not all 0 lie on the same side of every border */
        multiply_add(&top, 10, 1);
        power--;
    }
    set(&bottom, 1);
    multiply_by_ten_to(power < 0 ? &bottom : &top, (unsigned)(power < 0 ? -power : power));
    return quotient_bits(&top, &bottom);
}

bool spae_decimal_read(const char *text, size_t n, double *value)
{
    decimal d;
    if (!parse(text, n, &d))
        return false;
    const uint64_t bits = magnitude_bits(&d) | (uint64_t)d.negative << 63;
    memcpy(value, &bits, sizeof bits);
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A positive number r/s and the distances below/s and above/s to the borders of what reads back to
 * it. The borders themselves read back when the mantissa is even (a tie). */
typedef struct {
    big r, s, below, above;
    bool even;
} scaled;

static bool reaches_above(const scaled *v) /* r + above reaches s */
{
    const int sign = compare_sum(&v->r, &v->above, &v->s);
    return sign > 0 || (sign == 0 && v->even);
}

static bool reaches_below(const scaled *v) /* r - below reaches 0 */
{
    const int sign = compare(&v->r, &v->below);
    return sign < 0 || (sign == 0 && v->even);
}

static void times_ten_to(scaled *v, unsigned power)
{
    multiply_by_ten_to(&v->r, power);
    multiply_by_ten_to(&v->below, power);
    multiply_by_ten_to(&v->above, power);
}

/* All four in units of a quarter of the last bit: the next number is 4 units away, but the one
 * below a power of two only 2; half of that is the border. */
static void set_scaled(scaled *v, uint64_t bits)
{
    const uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
    const int field = (int)(bits >> 52 & 0x7ff);
    const uint64_t mantissa = field != 0 ? fraction | (uint64_t)1 << 52 : fraction;
    const int e = (field != 0 ? field : 1) - 1075;
    const unsigned up = e > 0 ? (unsigned)e : 0, down = e < 0 ? (unsigned)-e : 0;
    v->even = (mantissa & 1) == 0;
    set(&v->r, 4 * mantissa);
    set(&v->s, 4);
    set(&v->above, 2);
    set(&v->below, fraction == 0 && field > 1 ? 1 : 2);
    shift_left(&v->r, up);
    shift_left(&v->above, up);
    shift_left(&v->below, up);
    shift_left(&v->s, down);
}

/* Scales by ten until 1/10 <= (r + above) / s < 1 (<= 1 when the border does not count): the number
 * is then 0.d1 d2 ... * 10^point. s is a power of two, so 2^x <= r / s with x the difference of the
 * lengths in bits, and point is at least x log10 2 rounded up: the first guess is never too large.
 * (30103 / 100000 is off by 5e-9; no x here brings that across an integer.) */
static int scale(scaled *v)
{
    int point = ((int)bit_length(&v->r) - (int)bit_length(&v->s)) * 30103 / 100000;
    if (point > 0)
        multiply_by_ten_to(&v->s, (unsigned)point);
    else
        times_ten_to(v, (unsigned)-point);
    for (; reaches_above(v); point++)
        multiply_add(&v->s, 10, 0);
    return point;
}

/* The digits d1 d2 ... as few as read back; returns how many, at most 17. */
static size_t digits_of(scaled *v, char *digit)
{
    for (size_t n = 0;;) {
        char d = '0';
        times_ten_to(v, 1);
        for (; compare(&v->r, &v->s) >= 0; d++)
            subtract(&v->r, &v->s);
        const bool low = reaches_below(v), high = reaches_above(v);
        if (low || high) { /* the nearer of d and d + 1, or the only one that reads back */
            const int half = compare_sum(&v->r, &v->r, &v->s);
            const bool up = !low || (high && (half > 0 || (half == 0 && (d - '0') % 2 != 0)));
            digit[n++] = (char)(d + up);
            return n;
        }
        digit[n++] = d;
    }
}

static size_t put_zeros(char *text, size_t at, int count)
{
    for (; count > 0; count--)
        text[at++] = '0';
    return at;
}

static size_t put_plain(char *text, size_t at, const char *digit, int n, int point)
{
    if (point <= 0) {
        text[at++] = '0';
        text[at++] = '.';
        at = put_zeros(text, at, -point);
    }
    for (int i = 0; i < n; i++) {
        text[at++] = digit[i];
        if (i + 1 == point && i + 1 < n)
            text[at++] = '.';
    }
    if (n <= point) {
        at = put_zeros(text, at, point - n);
        text[at++] = '.';
        text[at++] = '0';
    }
    return at;
}

static size_t put_with_exponent(char *text, size_t at, const char *digit, int n, int exponent)
{
    const int size = exponent < 0 ? -exponent : exponent;
    for (int i = 0; i < n; i++) {
        text[at++] = digit[i];
        if (i == 0 && n > 1)
            text[at++] = '.';
    }
    text[at++] = 'e';
    text[at++] = exponent < 0 ? '-' : '+';
    if (size >= 100)
        text[at++] = (char)('0' + size / 100);
    text[at++] = (char)('0' + size / 10 % 10);
    text[at++] = (char)('0' + size % 10);
    return at;
}

size_t spae_decimal_write(double value, char text[SPAE_DECIMAL_ROOM])
{
    uint64_t bits;
    size_t at = 0;
    memcpy(&bits, &value, sizeof bits);
    if ((bits >> 52 & 0x7ff) == 0x7ff)
        return 0;
    if (bits >> 63 != 0)
        text[at++] = '-';
    if (bits << 1 == 0)
        return put_plain(text, at, "0", 1, 1);
    scaled v;
    char digit[17];
    set_scaled(&v, bits);
    const int point = scale(&v);
    const int n = (int)digits_of(&v, digit);
    if (point > -4 && point <= 16)
        return put_plain(text, at, digit, n, point);
    return put_with_exponent(text, at, digit, n, point - 1);
}

/* The one-line message of a spae_error, without stdio: the core formats its own text. */
#include "status.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "numerics.h"

typedef struct {
    char *text;
    size_t length, room; /* length < room, which leaves a place for the terminator */
} line;

/* Control characters become '?': the text stays one line, whatever a file is called. */
static void put(line *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n && out->length + 1 < out->room; i++) {
        const unsigned char c = (unsigned char)s[i];
        out->text[out->length++] = c < 32 || c == 127 ? '?' : s[i];
    }
}

static void put_string(line *out, const char *s)
{
    put(out, s != NULL ? s : "(null)", s != NULL ? strlen(s) : 6);
}

static void put_unsigned(line *out, unsigned long long value, unsigned base)
{
    char digits[24]; /* 2^64 has 20 decimal digits */
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put(out, digits + at, sizeof digits - at);
}

static void put_signed(line *out, long long value)
{
    if (value < 0)
        put(out, "-", 1);
    put_unsigned(out, value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value, 10);
}

/* Six significant digits, for people: the last one may be off by one. */
static void put_double(line *out, double value)
{
    if (value != value) {
        put_string(out, "nan");
        return;
    }
    if (value < 0.0) {
        put(out, "-", 1);
        value = -value;
    }
    if (value > SPAE_DOUBLE_MAX) {
        put_string(out, "inf");
        return;
    }
    if (value == 0.0) { /* also stops the scaling below, which needs a digit to find */
        put(out, "0", 1);
        return;
    }
    int exponent = 0;
    for (; value >= 9.999995; value /= 10.0)
        exponent++;
    for (; value < 0.9999995; value *= 10.0)
        exponent--;
    unsigned long digits = (unsigned long)(value * 1e5 + 0.5); /* 100000 .. 999999 */
    const int plain = exponent >= -4 && exponent < 6;
    const int point = plain ? exponent : 0; /* index of the last digit before the decimal point */
    char text[8];
    for (int i = 5; i >= 0; i--, digits /= 10)
        text[i] = (char)('0' + digits % 10);
    int last = 5;
    while (last > 0 && last > point && text[last] == '0')
        last--;
    if (point < 0) {
        put_string(out, "0.");
        for (int i = -1; i > point; i--)
            put(out, "0", 1);
    }
    for (int i = 0; i <= last; i++) {
        put(out, &text[i], 1);
        if (i == point && i < last)
            put(out, ".", 1);
    }
    if (!plain) {
        put(out, "e", 1);
        put_signed(out, exponent);
    }
}

static void put_all(line *out, const char *format, va_list *arguments)
{
    for (const char *f = format; *f != '\0'; f++) {
        if (*f != '%') {
            put(out, f, 1);
            continue;
        }
        f++;
        if (*f == 's') {
            put_string(out, va_arg(*arguments, const char *));
        } else if (*f == 'c') {
            const char c = (char)va_arg(*arguments, int);
            put(out, &c, 1);
        } else if (*f == 'd') {
            put_signed(out, va_arg(*arguments, int));
        } else if (*f == 'u') {
            put_unsigned(out, va_arg(*arguments, unsigned), 10);
        } else if (*f == 'x') {
            put_unsigned(out, va_arg(*arguments, unsigned), 16);
        } else if (*f == 'g') {
            put_double(out, va_arg(*arguments, double));
        } else if (*f == 'z' && f[1] == 'u') {
            put_unsigned(out, va_arg(*arguments, size_t), 10);
            f++;
        } else if (*f == 'l' && f[1] == 'l' && f[2] == 'd') {
            put_signed(out, va_arg(*arguments, long long));
            f += 2;
        } else if (*f == 'l' && f[1] == 'l' && f[2] == 'u') {
            put_unsigned(out, va_arg(*arguments, unsigned long long), 10);
            f += 2;
        } else if (*f == '%') {
            put(out, f, 1);
        } else {
            put_string(out, "%?"); /* not in the list of status.h: stop before a wrong va_arg */
            return;
        }
    }
}

spae_status spae_fail(spae_error *err, spae_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    char text[sizeof err->text]; /* aside, so that err->text may be an argument of itself */
    line out = {text, 0, sizeof text};
    va_list arguments;
    va_start(arguments, format);
    put_all(&out, format, &arguments);
    va_end(arguments);
    memcpy(err->text, text, out.length);
    err->text[out.length] = '\0';
    err->status = status;
    return status;
}

const char *spae_status_name(spae_status status)
{
    static const char *const names[] = {
        "SPAE_OK",     "SPAE_ERR_ARGUMENT", "SPAE_ERR_SHAPE",      "SPAE_ERR_NO_MEMORY",
        "SPAE_ERR_IO", "SPAE_ERR_FORMAT",   "SPAE_ERR_NOT_FINITE", "SPAE_ERR_PLATFORM"};
    const size_t index = (size_t)status;
    return index < sizeof names / sizeof names[0] ? names[index] : "SPAE_ERR_UNKNOWN";
}

/* Reading of the table of labels.h. The file stays in the arena and is cut into words where it
 * lies. */
#include "io/labels.h"

#include <string.h>

#include "io/file.h"
#include "io/words.h"

enum { LABELS_MOST = 1 << 28 }; /* bytes of a table */

typedef struct {
    const char *path;
    char *at, *end; /* what is not read yet; there is room for a zero at *end */
    size_t line;    /* the number of the line last taken, from 1 */
    size_t index_column, keyword_column;
} table;

/* The next line, ended by a zero; NULL when there is none. */
static char *next_line(table *t)
{
    if (t->at == t->end)
        return NULL;
    char *line = t->at, *newline = memchr(line, '\n', (size_t)(t->end - line));
    char *stop = newline != NULL ? newline : t->end;
    t->at = newline != NULL ? newline + 1 : t->end;
    if (stop > line && stop[-1] == '\r')
        stop--;
    *stop = '\0';
    t->line++;
    return line;
}

/* The next field of *rest, ended by a zero; *rest becomes NULL behind the last one. */
static char *next_field(char **rest, char separator)
{
    char *field = *rest, *stop = strchr(field, separator);
    *rest = stop != NULL ? stop + 1 : NULL;
    if (stop != NULL)
        *stop = '\0';
    return field;
}

static spae_status read_header(table *t, spae_error *err)
{
    char *rest = next_line(t);
    t->index_column = t->keyword_column = SIZE_MAX;
    for (size_t column = 0; rest != NULL; column++) {
        const char *name = next_field(&rest, '\t');
        if (strcmp(name, "index") == 0)
            t->index_column = column;
        if (strcmp(name, "keywords") == 0)
            t->keyword_column = column;
    }
    if (t->index_column == SIZE_MAX || t->keyword_column == SIZE_MAX)
        return spae_fail(err, SPAE_ERR_FORMAT,
                         "%s: line 1: expected tab-separated names, among them index and keywords",
                         t->path);
    return SPAE_OK;
}

/* Is the text this number, in decimal digits without more? */
static bool is_number(const char *text, size_t number)
{
    size_t value = 0;
    if (*text == '\0' || (*text == '0' && text[1] != '\0'))
        return false;
    for (; *text >= '0' && *text <= '9' && value <= number; text++)
        value = 10 * value + (size_t)(*text - '0');
    return *text == '\0' && value == number;
}

/* The line of picture `index`: its keywords. */
static spae_status read_line(table *t, size_t pictures, size_t index, char **keywords,
                             spae_error *err)
{
    char quote[SPAE_WORDS_QUOTE];
    char *rest = next_line(t), *number = NULL;
    if (rest == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: ends after %zu of %zu pictures", t->path, index,
                         pictures);
    *keywords = NULL;
    for (size_t column = 0; rest != NULL; column++) {
        char *field = next_field(&rest, '\t');
        if (column == t->index_column)
            number = field;
        if (column == t->keyword_column)
            *keywords = field;
    }
    if (number == NULL || *keywords == NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: fewer columns than the header has",
                         t->path, t->line);
    if (!is_number(number, index))
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: expected the index %zu, found %s",
                         t->path, t->line, index, spae_words_quote(number, strlen(number), quote));
    return SPAE_OK;
}

/* Room for what the table can hold: a word and a space take two bytes at least. */
static spae_status read_lines(spae_arena *arena, table *t, size_t pictures,
                              spae_source_words *words, spae_error *err)
{
    size_t *first = spae_arena_take(arena, pictures + 1, sizeof *first), count = 0;
    const char **word =
        spae_arena_take(arena, (size_t)(t->end - t->at) / 2 + pictures + 1, sizeof *word);
    if (first == NULL || word == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for the words of %zu pictures",
                         t->path, pictures);
    first[0] = 0;
    for (size_t i = 0; i < pictures; i++) {
        char *rest = NULL;
        const spae_status status = read_line(t, pictures, i, &rest, err);
        if (status != SPAE_OK)
            return status;
        while (rest != NULL) {
            const char *found = next_field(&rest, ' ');
            if (*found != '\0')
                word[count++] = found;
        }
        first[i + 1] = count;
    }
    if (next_line(t) != NULL)
        return spae_fail(err, SPAE_ERR_FORMAT, "%s: line %zu: there are %zu pictures only", t->path,
                         t->line, pictures);
    *words = (spae_source_words){pictures, first, word};
    return SPAE_OK;
}

spae_status spae_labels_read(spae_arena *arena, const char *path, size_t pictures,
                             spae_source_words *words, spae_error *err)
{
    const spae_arena_mark mark = spae_arena_here(arena);
    const uint8_t *bytes = NULL;
    size_t size = 0;
    table t = {.path = path};
    spae_status status = spae_file_read_all(arena, path, LABELS_MOST, &bytes, &size, err);
    t.at = status == SPAE_OK ? spae_arena_take(arena, size + 1, 1) : NULL;
    if (status == SPAE_OK && t.at == NULL)
        status = spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu bytes", path, size);
    if (status == SPAE_OK) {
        memcpy(t.at, bytes, size);
        t.end = t.at + size;
        if (memchr(bytes, '\0', size) != NULL)
            status = spae_fail(err, SPAE_ERR_FORMAT, "%s: byte %zu: a zero in a text", path,
                               (size_t)((const uint8_t *)memchr(bytes, '\0', size) - bytes));
    }
    if (status == SPAE_OK)
        status = read_header(&t, err);
    if (status == SPAE_OK)
        status = read_lines(arena, &t, pictures, words, err);
    if (status != SPAE_OK)
        spae_arena_reset(arena, mark);
    return status;
}

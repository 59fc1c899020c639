/* vectors/MATRIX.txt, where this was run: nothing in it is wrong, and the README's summary counts the same. */
#include "../check.h"

enum { ROOM = 1 << 17 };

/* The whole file as a string. */
static char *text(const char *path, char room[ROOM])
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s", path);
    const size_t n = fread(room, 1, ROOM - 1, f);
    ck_assert(n > 0 && n < ROOM - 1);
    room[n] = '\0';
    fclose(f);
    return room;
}

/* One group's line as the README must have it. */
static void summed_up(const char *readme, const char *group, const int count[3])
{
    char line[200];
    snprintf(line, sizeof line, "| %s | %d | %d | %d |", group, count[0], count[1], count[2]);
    ck_assert_msg(strstr(readme, line) != NULL, "the README lacks: %s", line);
}

START_TEST(readme_counts_as_the_table_does)
{
    static const char *const results[] = {"ok ", "refused ", "built ", "not run "};
    static char rooms[2][ROOM];
    const char *readme = text("README.md", rooms[0]), *group = NULL;
    int count[3] = {0, 0, 0}, groups = 0;
    for (char *line = strtok(text("vectors/MATRIX.txt", rooms[1]), "\n"); line != NULL; line = strtok(NULL, "\n")) {
        ck_assert_msg(strncmp(line, "WRONG", 5) != 0, "%s", line);
        if (strncmp(line, "= ", 2) == 0) {
            if (group != NULL)
                summed_up(readme, group, count);
            group = line + 2;
            memset(count, 0, sizeof count);
            groups++;
        }
        for (int i = 0; i < 4 && group != NULL; i++)
            count[i < 2 ? i : 2] += strncmp(line, results[i], strlen(results[i])) == 0;
    }
    ck_assert_int_ge(groups, 8);
    summed_up(readme, group, count);
}
END_TEST

SUITE(suite_io_matrix, "io/matrix", readme_counts_as_the_table_does)

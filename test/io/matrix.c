/* vectors/MATRIX.txt, where this was run: nothing in it is wrong, and its summary stands in the README. */
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

START_TEST(readme_has_its_summary)
{
    static char rooms[2][ROOM];
    const char *readme = text("README.md", rooms[0]);
    int groups = 0;
    for (char *line = strtok(text("vectors/MATRIX.txt", rooms[1]), "\n"); line != NULL; line = strtok(NULL, "\n")) {
        ck_assert_msg(strncmp(line, "WRONG", 5) != 0, "%s", line);
        groups += strncmp(line, "= ", 2) == 0;
        if (line[0] == '|') {
            ck_assert_msg(strstr(readme, line) != NULL, "the README lacks: %s", line);
            groups -= 1;
        }
    }
    ck_assert_int_eq(groups, 0); /* each is summed up */
}
END_TEST

SUITE(suite_io_matrix, "io/matrix", readme_has_its_summary)

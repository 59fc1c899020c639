/* vectors/SPEC.md beside what refers to it: clauses are numbered upwards, each is cited by code and each citation
 * exists; the README's table names functions, clauses and vectors that there are; Appendix A lists every choice
 * that is marked as ours. What a finding says is what is to be done. */
#include "bytes.h"
#include "specification.h"

#include "io/directory.h"
#include "vendor_free/json.h"

enum { CELLS = 4, CELL_ROOM = 512, TEXT_MOST = 1 << 24 };

static const char specification_path[] = "vectors/SPEC.md", readme_path[] = "README.md";

/* The whole file as a string. */
static const char *text_of(spae_arena *arena, const char *path)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    spae_error err;
    ck_assert_msg(spae_file_read_all(arena, path, TEXT_MOST, &file, &size, &err) == SPAE_OK, "%s", err.text);
    char *text = spae_arena_take(arena, size + 1, 1);
    memcpy(text, file, size);
    text[size] = '\0';
    return text;
}

static findings *no_findings(spae_arena *arena)
{
    return spae_arena_take_zeroed(arena, 1, sizeof(findings));
}

static void nothing_found(const findings *f)
{
    ck_assert_msg(f->lines == 0, "%zu findings:\n%s", f->lines, f->text);
}

/* ---- sources -------------------------------------------------------------------------------------------- */

/* Calls `each` on every .c and .h of a folder, and of its sub-folders if there are any. */
static void each_source(spae_arena *arena, const char *folder, void (*each)(const char *, const char *, void *),
                        void *context)
{
    const char *const *path = NULL;
    size_t count = 0;
    ck_assert_int_eq(spae_directory_list(folder, arena, &path, &count, NULL), SPAE_OK);
    for (size_t i = 0; i < count; i++)
        if (spae_directory_is(path[i]))
            each_source(arena, path[i], each, context);
        else if (spae_file_ends(path[i], ".c") || spae_file_ends(path[i], ".h"))
            each(path[i], text_of(arena, path[i]), context);
}

/* The product: all that is built into the library and ./spae. */
static void each_product_source(spae_arena *arena, void (*each)(const char *, const char *, void *), void *context)
{
    static const char *const folders[] = {"nn", "io", "vendor_free"};
    each("spae.h", text_of(arena, "spae.h"), context);
    each("spae.c", text_of(arena, "spae.c"), context);
    for (size_t i = 0; i < 3; i++)
        each_source(arena, folders[i], each, context);
}

typedef struct {
    specification *s;
    findings *f;
    unsigned only;
} taking;

static void take_from(const char *name, const char *text, void *context)
{
    const taking *t = context;
    take_citations(t->s, name, text, t->only, t->f);
}

/* ---- tables --------------------------------------------------------------------------------------------- */

/* Cuts "| a | b | c |" into its cells; returns how many, 0 when the line is no row. */
static size_t read_row(const char *line, char cell[CELLS][CELL_ROOM])
{
    const char *end = line_end(line);
    size_t count = 0;
    if (*line != '|')
        return 0;
    for (const char *at = line + 1; at < end && count < CELLS; count++) {
        const char *stop = at + strcspn(at, "|\n"), *first = at, *last = stop;
        while (first < stop && *first == ' ')
            first++;
        while (last > first && last[-1] == ' ')
            last--;
        const size_t n = (size_t)(last - first) < CELL_ROOM ? (size_t)(last - first) : CELL_ROOM - 1;
        memcpy(cell[count], first, n);
        cell[count][n] = '\0';
        at = stop + (*stop == '|');
    }
    return count;
}

/* The next `quoted` piece of a cell; NULL when there is none. *at moves behind it. */
static const char *next_quoted(const char **at, char piece[CELL_ROOM])
{
    const char *open = strchr(*at, '`'), *close = open != NULL ? strchr(open + 1, '`') : NULL;
    if (close == NULL)
        return NULL;
    memcpy(piece, open + 1, (size_t)(close - open) - 1);
    piece[close - open - 1] = '\0';
    *at = close + 1;
    return piece;
}

/* The row behind the head of a table that begins with `head`; NULL when there is no such table. */
static const char *first_row(const char *text, const char *head)
{
    for (const char *line = text; *line != '\0'; line = next_line(line))
        if (strncmp(line, head, strlen(head)) == 0)
            return next_line(next_line(line)); /* over | --- | */
    return NULL;
}

/* "quantizer/saq": one of the stages of the vectors, a stroke, letters of names. */
static bool is_prefix(const char *prefix)
{
    static const char *const stages[] = {"numbers", "convolution", "operations", "networks", "quantizer",
                                         "guidance", "objective", "training", "metrics", "language", "files", "full"};
    const size_t n = strcspn(prefix, "/");
    if (prefix[n] != '/' || strspn(prefix, "abcdefghijklmnopqrstuvwxyz0123456789_/") != strlen(prefix))
        return false;
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
        if (strlen(stages[i]) == n && strncmp(prefix, stages[i], n) == 0)
            return prefix[n + 1] != '\0';
    return false;
}

/* A cell of prefixes: there is one at least, and each is one. */
static void check_prefixes(const char *place, const char *cell, findings *f)
{
    char piece[CELL_ROOM];
    size_t count = 0;
    for (const char *at = cell; next_quoted(&at, piece) != NULL; count++)
        if (!is_prefix(piece))
            find(f, "%s: `%s` is no beginning of a vector's name, as `quantizer/saq` is", place, piece);
    if (count == 0)
        find(f, "%s: names no vectors", place);
}

/* ---- the appendix of choices ---------------------------------------------------------------------------- */

static const char appendix_head[] = "| clause | choice | reason | vectors |";

static void check_choice(specification *s, char cell[CELLS][CELL_ROOM], findings *f)
{
    char place[CELL_ROOM + 64];
    number n;
    const char *end = read_number(cell[0], &n);
    clause *c = end != NULL && *end == '\0' && n.clause > 0 ? find_clause(s, n) : NULL;
    snprintf(place, sizeof place, "Appendix A: %.20s, %.60s", cell[0], cell[1]);
    if (c == NULL) {
        find(f, "%s: there is no such clause", place);
        return;
    }
    c->listed = true;
    if (!c->ours)
        find(f, "%s: the clause has no mark [ours]", place);
    if (cell[1][0] == '\0' || cell[2][0] == '\0')
        find(f, "%s: lacks the choice or its reason", place);
    check_prefixes(place, cell[3], f);
}

static void check_appendix(specification *s, const char *text, findings *f)
{
    char cell[CELLS][CELL_ROOM];
    const char *row = first_row(text, appendix_head);
    if (row == NULL)
        find(f, "there is no table %s", appendix_head);
    for (; row != NULL && *row == '|'; row = next_line(row)) {
        if (read_row(row, cell) == CELLS)
            check_choice(s, cell, f);
        else
            find(f, "Appendix A: %.*s: expected 4 cells", (int)(line_end(row) - row), row);
    }
    for (size_t i = 0; i < s->count; i++)
        if (s->clause[i].ours && !s->clause[i].listed)
            find(f, "line %zu: clause %u.%u has a mark [ours], but no line in Appendix A", s->clause[i].line,
                 s->clause[i].number.section, s->clause[i].number.clause);
}

/* ---- the reader's table --------------------------------------------------------------------------------- */

static const char reader_head[] = "| equation | function | clause | vectors |";

typedef struct {
    const char *name;
    bool found;
} wanted;

/* Does the text define or declare the function: its name, whole, and a bracket behind it? */
static void look_for(const char *path, const char *text, void *context)
{
    wanted *w = context;
    const size_t n = strlen(w->name);
    (void)path;
    for (const char *at = text; !w->found && (at = strstr(at, w->name)) != NULL; at += n)
        w->found = (at == text || !is_word(at[-1])) && at[n] == '(';
}

static void check_functions(spae_arena *arena, const char *row, const char *cell, findings *f)
{
    char piece[CELL_ROOM];
    for (const char *at = cell; next_quoted(&at, piece) != NULL;) {
        wanted w = {piece, false};
        const spae_arena_mark mark = spae_arena_here(arena);
        each_product_source(arena, look_for, &w);
        spae_arena_reset(arena, mark);
        if (!w.found)
            find(f, "README's table, %s: there is no function %s", row, piece);
    }
}

static void check_clauses(specification *s, const char *row, const char *cell, findings *f)
{
    number list[LIST_MOST];
    const size_t count = read_list(cell, list);
    if (count == 0)
        find(f, "README's table, %s: names no clause", row);
    for (size_t i = 0; i < count; i++)
        if (!exists(s, list[i]))
            find(f, "README's table, %s: there is no clause %u.%u", row, list[i].section, list[i].clause);
}

static void check_readers_table(spae_arena *arena, specification *s, const char *text, findings *f)
{
    char cell[CELLS][CELL_ROOM], place[CELL_ROOM + 64];
    const char *row = first_row(text, reader_head);
    if (row == NULL)
        find(f, "README.md: there is no table %s", reader_head);
    for (; row != NULL && *row == '|'; row = next_line(row)) {
        if (read_row(row, cell) != CELLS) {
            find(f, "README's table: %.*s: expected 4 cells", (int)(line_end(row) - row), row);
            continue;
        }
        snprintf(place, sizeof place, "README's table, %.100s", cell[0]);
        check_functions(arena, cell[0], cell[1], f);
        check_clauses(s, cell[0], cell[2], f);
        check_prefixes(place, cell[3], f);
    }
}

/* ---- the manifest --------------------------------------------------------------------------------------- */

/* The string `key` of a manifest's line, or "" when it has none. */
static void member(const spae_json_node *nodes, const char *key, char text[CELL_ROOM])
{
    const spae_json_node *node = spae_json_member(nodes, nodes, key);
    if (node == NULL || spae_json_string(node, text, CELL_ROOM, NULL, NULL) != SPAE_OK)
        text[0] = '\0';
}

/* "2.1 2.2" */
static void take_clauses(specification *s, const char *name, const char *list, findings *f)
{
    number n;
    if (*list == '\0')
        find(f, "MANIFEST: %s names no clause", name);
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        const char *end = read_number(at, &n);
        clause *c = end != NULL && (*end == ' ' || *end == '\0') ? find_clause(s, n) : NULL;
        if (c == NULL)
            find(f, "MANIFEST: %s: \"%s\" is no list of clauses that there are, as \"2.1 2.2\" is", name, list);
        if (c == NULL)
            return;
        c->has_vector = true;
        at = end;
    }
}

/* Reads all cases: their clauses have vectors; `names` receives "\nstage/case\nstage/case\n". */
static void read_manifest(specification *s, spae_arena *arena, const char *text, char *names, findings *f)
{
    char name[CELL_ROOM], clauses[CELL_ROOM];
    size_t line = 1;
    strcpy(names, "\n");
    for (const char *at = next_line(text); *at != '\0'; at = next_line(at)) { /* line 1 is the header */
        const size_t length = (size_t)(line_end(at) - at), room = spae_json_bound(at, length);
        spae_json_node *nodes = spae_arena_take(arena, room, sizeof *nodes);
        line++;
        if (spae_json_parse(at, length, nodes, room, NULL, NULL) != SPAE_OK) {
            find(f, "MANIFEST:%zu: no JSON", line);
            continue;
        }
        member(nodes, "name", name);
        member(nodes, "clause", clauses);
        take_clauses(s, name, clauses, f);
        strcat(strcat(names, name), "\n");
    }
}

/* Every prefix in the last cell of a table begins the name of a case. */
static void check_named(const char *text, const char *head, const char *names, findings *f)
{
    char cell[CELLS][CELL_ROOM], piece[CELL_ROOM], line[CELL_ROOM + 1] = "\n";
    for (const char *row = first_row(text, head); row != NULL && *row == '|'; row = next_line(row)) {
        if (read_row(row, cell) != CELLS)
            continue;
        for (const char *at = cell[CELLS - 1]; next_quoted(&at, piece) != NULL;) {
            strcpy(line + 1, piece);
            if (strstr(names, line) == NULL)
                find(f, "MANIFEST: no case begins with %s, which the row of %s names", piece, cell[0]);
        }
    }
}

/* Holds the manifest beside specification and README: each clause has a case, but for those of section 9; each prefix
 * of vectors in the two tables has one. */
static void check_manifest(spae_arena *arena, const char *manifest, const char *spec, const char *readme, findings *f)
{
    specification s;
    char *names = spae_arena_take(arena, strlen(manifest) + 2, 1);
    read_specification(&s, spec, f);
    read_manifest(&s, arena, manifest, names, f);
    check_named(readme, reader_head, names, f);
    check_named(spec, appendix_head, names, f);
    for (size_t i = 0; i < s.count; i++)
        if (s.clause[i].number.section != 9 && !s.clause[i].has_vector)
            find(f, "MANIFEST: no case has clause %u.%u in its \"clause\"", s.clause[i].number.section,
                 s.clause[i].number.clause);
}

/* The same of the manifest at `path`. */
void meets_manifest(const char *path);
void meets_manifest(const char *path)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    check_manifest(&arena, text_of(&arena, path), text_of(&arena, specification_path), text_of(&arena, readme_path), f);
    nothing_found(f);
    spae_arena_free(&arena);
}

/* ---- the files as they are ------------------------------------------------------------------------------ */

START_TEST(clauses_are_numbered_upwards)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, text_of(&arena, specification_path), f);
    nothing_found(f);
    ck_assert_uint_gt(s.count, 80);
    for (size_t section = 1; section <= 10; section++)
        ck_assert_msg(s.section[section], "there is no section %zu", section);
    spae_arena_free(&arena);
}
END_TEST

/* Citing counts in product code; of section 9, whose subject is the vectors, also where they are made. */
START_TEST(each_clause_is_cited_and_each_citation_exists)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, text_of(&arena, specification_path), f);
    taking product = {&s, f, 0}, vectors = {&s, f, 9};
    each_product_source(&arena, take_from, &product);
    if (spae_directory_is("test/vectors"))
        each_source(&arena, "test/vectors", take_from, &vectors);
    find_uncited(&s, f);
    nothing_found(f);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(each_choice_of_ours_is_in_appendix_a)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    const char *text = text_of(&arena, specification_path);
    read_specification(&s, text, f);
    check_appendix(&s, text, f);
    nothing_found(f);
    spae_arena_free(&arena);
}
END_TEST

START_TEST(the_readers_table_names_what_there_is)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, text_of(&arena, specification_path), f);
    check_readers_table(&arena, &s, text_of(&arena, readme_path), f);
    nothing_found(f);
    spae_arena_free(&arena);
}
END_TEST

/* ---- that mistakes are found ---------------------------------------------------------------------------- */

/* Exactly these findings, in this order, NULL behind the last: each line begins so. */
static void found(const findings *f, const char *const *expected)
{
    const char *at = f->text;
    for (size_t i = 0; expected[i] != NULL; i++, at = next_line(at))
        ck_assert_msg(strncmp(at, expected[i], strlen(expected[i])) == 0, "expected %s\nin %s", expected[i], f->text);
    ck_assert_msg(*at == '\0', "too much: %s", at);
}

#define FOUND(f, ...) found(f, (const char *const[]){__VA_ARGS__, NULL})

static const char small[] = "# Title\n\n[ours] is a mark.\n\n## 1. One\n\n**1.1 A.** Text. [ours] Why.\n\n"
                            "**1.2 B.** Text, see (1.1).\n\n**1.10 C.** [magvit: a; ours:\nb] [yours] [hours]\n\n"
                            "## Appendix A. Choices\n\n| clause | choice | reason | vectors |\n| --- | --- | --- | --- |\n"
                            "| 1.1 | a | b | `quantizer/saq` |\n| 1.10 | c | d | `files/npy`, `files/npz` |\n";

START_TEST(lists_of_clauses_are_read)
{
    static const struct {
        const char *text, *numbers;
    } cases[] = {{" 5.3 */", "5.3 "},
                 {" 5.3, 5.11 and 6.1.", "5.3 5.11 6.1 "},
                 {" 3.1-3.4).", "3.1 3.2 3.3 3.4 "},
                 {" 5.6 to\n * 5.8; 9.9", "5.6 5.7 5.8 "},
                 {"\n *  4.2 and more", "4.2 "},
                 {" 4.1, 2 layers", "4.1 "},
                 {" 7; DESIGN 2.2", "7.0 "},
                 {" 4.2.3, 1.1", "4.2 "},
                 {"s are numbered", ""},
                 {" section 4.2", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        number list[LIST_MOST];
        char text[128] = "";
        const size_t count = read_list(cases[i].text, list);
        for (size_t k = 0; k < count; k++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%u.%u ", list[k].section, list[k].clause);
        ck_assert_str_eq(text, cases[i].numbers);
    }
}
END_TEST

START_TEST(wrong_numbers_and_stray_marks_are_found)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, small, f);
    ck_assert_uint_eq(f->lines, 0);
    ck_assert_uint_eq(s.count, 3);
    ck_assert(s.clause[0].ours && !s.clause[1].ours && s.clause[2].ours);
    ck_assert_uint_eq(s.clause[2].line, 11);
    read_specification(&s, "## 1. One\n[ours]\n**1.2 A**\n**1.1 B**\n**1.2 C**\n**2.1 D**\n## 2. Two\n[a; ours]\n", f);
    FOUND(f, "line 2: a mark", "line 4: clause 1.1 comes after 1.2", "line 5: clause 1.2 is there twice",
          "line 6: clause 2.1 stands in section 1", "line 8: a mark");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(missing_and_dangling_citations_are_found)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, small, f);
    take_citations(&s, "a.c", "/* SPEC 1.1 */\n/* SPEC.md, SPEC 1; SPEC 1.2,\n * 1.3 */ ASPEC 7.7\n SPEC 2", 0, f);
    take_citations(&s, "b.c", "/* SPEC 1.10 */", 9, f); /* not where section 1 must be cited */
    find_uncited(&s, f);
    FOUND(f, "a.c:2: cites SPEC 1.3, which does not exist", "a.c:4: cites SPEC 2, which does not exist",
          "vectors/SPEC.md:11: no code cites clause 1.10");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(mistakes_in_the_appendix_are_found)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, small, f);
    check_appendix(&s, small, f);
    ck_assert_uint_eq(f->lines, 0);
    read_specification(&s, small, f);
    check_appendix(&s,
                   "| clause | choice | reason | vectors |\n| --- |\n| 1.1 | | b | `quantizer/saq` |\n| 1.2 | a | b | |\n"
                   "| 1.3 | a | b | `files/x` |\n| 1.1 | a | b | `file/x` |\n| 1.1 |\n",
                   f);
    FOUND(f, "Appendix A: 1.1, : lacks the choice", "Appendix A: 1.2, a: the clause has no mark",
          "Appendix A: 1.2, a: names no vectors", "Appendix A: 1.3, a: there is no such clause",
          "Appendix A: 1.1, a: `file/x` is no beginning", "Appendix A: | 1.1 |: expected 4 cells",
          "line 11: clause 1.10 has a mark");
    f = no_findings(&arena);
    read_specification(&s, "## 1. One\n", f);
    check_appendix(&s, "no table", f);
    FOUND(f, "there is no table");
    spae_arena_free(&arena);
}
END_TEST

START_TEST(mistakes_in_the_readers_table_are_found)
{
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    specification s;
    read_specification(&s, small, f);
    check_readers_table(&arena, &s,
                        "| equation | function | clause | vectors |\n| --- |\n"
                        "| a | `spae_quantize`, `appearance_loss` | 1.1, 1.10 | `quantizer/saq` |\n"
                        "| b | `spae_quantise` | 1.4 | `saq` |\n| c | | one | |\n| d |\n",
                        f);
    FOUND(f, "README's table, b: there is no function spae_quantise", "README's table, b: there is no clause 1.4",
          "README's table, b: `saq` is no beginning", "README's table, c: names no clause",
          "README's table, c: names no vectors", "README's table: | d |: expected 4 cells");
    spae_arena_free(&arena);
}
END_TEST

/* Of a made-up manifest, which is good, and then of one that lacks things. */
START_TEST(what_a_manifest_lacks_is_found)
{
    static const char readme[] = "| equation | function | clause | vectors |\n| --- |\n| a | `f` | 1.1 | `quantizer/saq` |\n";
    spae_arena arena = new_arena();
    findings *f = no_findings(&arena);
    check_manifest(&arena,
                   "{\"manifest\":\"SPAE vectors\",\"version\":1,\"cases\":3,\"outputs\":3}\n"
                   "{\"name\":\"quantizer/saq_layer_1\",\"clause\":\"1.1 1.2\",\"in\":[{\"name\":\"z\"}]}\n"
                   "{\"name\":\"files/npy_cut\",\"clause\":\"1.10\"}\n{\"name\":\"files/npz_cut\",\"clause\":\"1.10\"}\n",
                   small, readme, f);
    ck_assert_msg(f->lines == 0, "%s", f->text);
    check_manifest(&arena,
                   "{}\n{\"name\":\"a_quantizer/saq\",\"clause\":\"1.1\"}\n{\"name\":\"files/npy_cut\"}\n"
                   "{\"name\":\"files/npy\",\"clause\":\"1.2, 1.3\"}\n{\"name\":\"x\",\"clause\":\"1.2 2.1\"}\nnonsense\n",
                   small, readme, f);
    FOUND(f, "MANIFEST: files/npy_cut names no clause", "MANIFEST: files/npy: \"1.2, 1.3\"", "MANIFEST: x: \"1.2 2.1\"",
          "MANIFEST:6: no JSON", "MANIFEST: no case begins with quantizer/saq, which the row of a names",
          "MANIFEST: no case begins with quantizer/saq, which the row of 1.1",
          "MANIFEST: no case begins with files/npz, which the row of 1.10", "MANIFEST: no case has clause 1.10");
    spae_arena_free(&arena);
    meets_manifest("vectors/MANIFEST");
}
END_TEST

SUITE(suite_io_specification, "io/specification", clauses_are_numbered_upwards,
      each_clause_is_cited_and_each_citation_exists, each_choice_of_ours_is_in_appendix_a,
      the_readers_table_names_what_there_is, lists_of_clauses_are_read, wrong_numbers_and_stray_marks_are_found,
      missing_and_dangling_citations_are_found, mistakes_in_the_appendix_are_found,
      mistakes_in_the_readers_table_are_found, what_a_manifest_lacks_is_found)

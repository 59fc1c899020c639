/* io/csv: what a log holds is read to the bit; what it must not hold is refused by line and column.
 */
#include "bytes.h"

#include <math.h>

#include "../../io/csv.h"

static spae_csv csv;
static spae_source source; /* outlives the function that opens it */

static spae_status open_text(const char *text, spae_error *err)
{
    source = spae_source_memory(text, strlen(text), "x");
    return spae_csv_open(&csv, &source, err);
}

START_TEST(a_log_is_read)
{
    double row[3];
    bool there;
    spae_error err;
    ck_assert_int_eq(open_text("step,l2,first_word\n1,0.1,\n2,-2.5e-3,nan\n30,NaN,1\n", &err),
                     SPAE_OK);
    ck_assert_uint_eq(csv.columns, 3);
    ck_assert_str_eq(csv.name[0], "step");
    ck_assert_str_eq(csv.name[2], "first_word");
    ck_assert_uint_eq(spae_csv_find(&csv, "l2"), 1);
    ck_assert_uint_eq(spae_csv_find(&csv, "l"), 3);
    ck_assert_int_eq(spae_csv_next(&csv, row, &there, &err), SPAE_OK);
    ck_assert(there && row[0] == 1 && row[1] == 0.1 && isnan(row[2]));
    ck_assert_int_eq(spae_csv_next(&csv, row, &there, &err), SPAE_OK);
    ck_assert(there && row[0] == 2 && row[1] == -2.5e-3 && isnan(row[2]));
    ck_assert_int_eq(spae_csv_next(&csv, row, &there, &err), SPAE_OK);
    ck_assert(there && csv.line == 4 && row[0] == 30 && isnan(row[1]) && row[2] == 1);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(spae_csv_next(&csv, row, &there, &err), SPAE_OK);
        ck_assert(!there);
    }
}
END_TEST

START_TEST(a_row_still_being_written_is_left_out)
{
    double row[2];
    bool there;
    spae_error err;
    ck_assert_int_eq(open_text("a,b\n1,2\n3,4", &err), SPAE_OK);
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && there);
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && !there);
}
END_TEST

START_TEST(one_column_and_no_rows)
{
    double row[1];
    bool there;
    spae_error err;
    ck_assert_int_eq(open_text("a\n", &err), SPAE_OK);
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && !there);
    ck_assert_int_eq(open_text("a\n\n7\n", &err), SPAE_OK);
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && there && isnan(row[0]));
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && there && row[0] == 7);
}
END_TEST

/* Rows of every length stand at every place of the buffer. */
START_TEST(long_files_pass_through_the_buffer)
{
    enum { ROWS = 20000 };
    char *text = malloc(ROWS * 40);
    size_t n = (size_t)sprintf(text, "i,square\n");
    double row[2];
    bool there;
    spae_error err;
    for (int i = 1; i <= ROWS; i++)
        n += (size_t)sprintf(text + n, "%d,%0*d.0\n", i, 1 + i % 17, i % 1000 * (i % 1000));
    source = spae_source_memory(text, n, "x");
    ck_assert_int_eq(spae_csv_open(&csv, &source, &err), SPAE_OK);
    for (int i = 1; i <= ROWS; i++) {
        ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && there);
        ck_assert(row[0] == i && row[1] == i % 1000 * (i % 1000));
    }
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && !there);
    ck_assert_uint_eq(csv.line, ROWS + 1);
    free(text);
}
END_TEST

START_TEST(wrong_headers)
{
    static const char *const cases[][2] = {
        {"", "x: line 1: expected a line of column names"},
        {"a,b", "x: line 1: expected a line of column names"},
        {"\n", "x: line 1: column 1: expected a name"},
        {"a,\n", "x: line 1: column 2: expected a name of 1 to 63 printable characters"},
        {",a\n", "column 1: expected a name"},
        {"a,b c\n", "column 2: expected a name"},
        {"a,\"b\"\n", "column 2: expected a name"},
        {"a,b\r\n", "column 2: expected a name"},
        {"a,\xC3\xA9\n", "column 2: expected a name"},
        {"a,b,a\n", "x: line 1: column 3: a is column 1's name"},
        {"0123456789012345678901234567890123456789012345678901234567890123,b\n",
         "column 1: expected"},
    };
    spae_error err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_refused(open_text(cases[i][0], &err), SPAE_ERR_FORMAT, err, cases[i][1]);
}
END_TEST

START_TEST(wrong_rows)
{
    static const char *const cases[][2] = {
        {"1\n", "x: line 2: 1 cells, the header has 2"},
        {"\n", "x: line 2: 1 cells, the header has 2"},
        {"1,2\n1,2,3\n", "x: line 3: 3 cells, the header has 2"},
        {"1,two\n", "x: line 2: column 2 (l2): expected a decimal, nothing or nan, found \"two\""},
        {"1,2\n3,4\n5, 6\n",
         "x: line 4: column 2 (l2): expected a decimal, nothing or nan, found \" 6\""},
        {"1,2\r\n", "found \"2?\""},
        {"1,\xFF\x01\n", "found \"??\""},
        {"1,inf\n", "found \"inf\""},
        {"1,-nan\n", "found \"-nan\""},
        {"+1,2\n", "x: line 2: column 1 (step): expected a decimal"},
        {"1,.5\n", "found \".5\""},
        {"1,0x10\n", "found \"0x10\""},
        {"1,1.1e100\n", "column 2 (l2): expected a number within +-1e100, found \"1.1e100\""},
        {"1,-1e999\n", "expected a number within +-1e100"},
        {"1,abcdefghijklmnopqrstuvwxyz\n", "found \"abcdefghijklmnopqrstuvwx\" ..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        double row[2];
        bool there = true;
        spae_error err;
        spae_status status;
        sprintf(text, "step,l2\n%s", cases[i][0]);
        ck_assert_int_eq(open_text(text, &err), SPAE_OK);
        do
            status = spae_csv_next(&csv, row, &there, &err);
        while (status == SPAE_OK && there);
        ck_refused(status, SPAE_ERR_FORMAT, err, cases[i][1]);
    }
}
END_TEST

START_TEST(limits)
{
    static char text[3 * SPAE_CSV_LINE_MOST];
    size_t n = 0;
    double row[1];
    bool there;
    spae_error err;
    for (int i = 0; i < SPAE_CSV_COLUMNS_MOST; i++)
        n += (size_t)sprintf(text + n, "%sc%d", i == 0 ? "" : ",", i);
    strcpy(text + n, "\n");
    ck_assert_int_eq(open_text(text, &err), SPAE_OK);
    ck_assert_uint_eq(csv.columns, SPAE_CSV_COLUMNS_MOST);
    strcpy(text + n, ",more\n");
    ck_refused(open_text(text, &err), SPAE_ERR_FORMAT, err,
               "x: line 1: 65 columns, the most is 64");

    strcpy(text, "a\n");
    memset(text + 2, '0', SPAE_CSV_LINE_MOST - 1);
    strcpy(text + 2 + SPAE_CSV_LINE_MOST - 1, "\n");
    ck_assert_int_eq(open_text(text, &err), SPAE_OK);
    ck_assert(spae_csv_next(&csv, row, &there, &err) == SPAE_OK && there && row[0] == 0);
    strcpy(text + 2 + SPAE_CSV_LINE_MOST - 1, "0\n");
    ck_assert_int_eq(open_text(text, &err), SPAE_OK);
    ck_refused(spae_csv_next(&csv, row, &there, &err), SPAE_ERR_FORMAT, err,
               "x: line 2: longer than 8192 bytes");
}
END_TEST

static spae_status fail_to_read(void *context, uint64_t offset, void *buffer, size_t n,
                                spae_error *err)
{
    (void)context;
    (void)offset;
    (void)buffer;
    (void)n;
    return spae_fail(err, SPAE_ERR_IO, "x: unreadable");
}

START_TEST(sources_that_fail)
{
    spae_error err;
    source = (spae_source){.size = 100, .read = fail_to_read, .name = "x"};
    ck_refused(spae_csv_open(&csv, &source, &err), SPAE_ERR_IO, err, "unreadable");
}
END_TEST

SUITE(suite_io_csv, "io/csv", a_log_is_read, a_row_still_being_written_is_left_out,
      one_column_and_no_rows, long_files_pass_through_the_buffer, wrong_headers, wrong_rows, limits,
      sources_that_fail)

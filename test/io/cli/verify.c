/* spae verify: a port that agrees passes; each planted mistake is found, named and, where it is of
 * a known kind, diagnosed; nothing that a port's files hold is worse than a line. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>

#include "../kit.h"

#include "../../../io/cli/commands.h"
#include "../../../vendor_free/json.h"
#include "../markup.h"
#include "run.h"

static void start(void)
{
    enter();
    kit_make_vectors();
    kit_make_port();
}

static void end(void)
{
    spae_arena_free(&kit_arena);
    leave();
}

/* The run ends with `due`, and its table has `part` in it. */
static void says(const char *line, int due, const char *part)
{
    const int status = run(spae_cli_verify, line);
    ck_assert_msg(status == due, "%s: status %d, due %d: %s%s", line, status, due, run_err,
                  run_out);
    ck_assert_msg(strstr(run_out, part) != NULL, "%s: \"%s\" lacks \"%s\"", line, run_out, part);
    ck_assert_msg(run_err[0] == '\0', "%s", run_err);
}

START_TEST(all_agree)
{
    start();
    says("verify p --vectors v", 0,
         "\nNo stage falls short.\n11 outputs judged of 11: 11 at A, 0 at B, 0 at C, 0 fail; "
         "near-ties 0; 6 cases of 6\n");
    ck_assert_msg(count_of(run_out, "\n") == 9, "%s", run_out); /* a line a stage */
    says("verify p/ --vectors v --level A --complete", 0, "11 at A");
    /* the vectors themselves, but for the samples in place of a whole array */
    says("verify v --vectors v", 1, "wrong shape: (4,10) is due, it is (4)");
    ck_assert(strstr(run_out, "extra        full/image/y.index: no output of that name") != NULL);
    end();
}
END_TEST

/* ---- where arrays are found ------------------------------------------------------------------ */

typedef struct {
    const char *const *name;
    const spae_npy_array *array;
    size_t count;
    bool deflate;
} archive;

static spae_status fill_archive(spae_sink *sink, void *context, spae_error *err)
{
    const archive *a = context;
    spae_arena arena = new_arena();
    spae_npz_writer w = spae_npz_begin(&arena, sink);
    spae_status status = SPAE_OK;
    for (size_t i = 0; i < a->count && status == SPAE_OK; i++)
        status = spae_npz_add(&w, a->name[i], &a->array[i], a->deflate, err);
    if (status == SPAE_OK)
        status = spae_npz_end(&w, err);
    spae_arena_free(&arena);
    return status;
}

static void put_npz(const char *path, const char *const *name, const spae_npy_array *array,
                    size_t count, bool deflate)
{
    archive a = {name, array, count, deflate};
    make_way(path);
    ck_assert_int_eq(spae_file_replace(&kit_arena, path, fill_archive, &a, NULL), SPAE_OK);
}

START_TEST(archives)
{
    const char *const full[] = {"convolution/same_3x3/y", "files/cut/status", "nothing"};
    const char *const own[] = {"tokens", "cell"};
    const spae_text text = {"SPAE_ERR_FORMAT", 15};
    const spae_npy_array status = {SPAE_NPY_U, 0, {0}, &text};
    start();
    const spae_npy_array y = kit_f4(kit_y, 4, 2, 4, 5, 3), tokens = kit_i4(kit_token, KIT_TOKENS),
                         cell = kit_i4(kit_cell, KIT_TOKENS);
    const spae_npy_array all[] = {y, status, cell}, two[] = {tokens, cell};
    put_npz("all.npz", full, all, 3, true);
    says("verify all.npz --vectors v", 0, "2 outputs judged of 11: 2 at A");
    ck_assert(strstr(run_out, "extra        nothing: no output of that name\n") != NULL);
    put_npz("q/any.npz", full, all, 3, false);
    put_npz("q/quantizer/saq.npz", own, two, 2, true);
    put_npz("q/quantizer/sag.npz", own, two, 2, true); /* no case has that name */
    says("verify q --vectors v", 0, "4 outputs judged of 11: 4 at A");
    ck_assert(strstr(run_out, "quantizer/saq: no output") == NULL);
    ck_assert(strstr(run_out, "extra        quantizer/sag: no output of that name") != NULL);
    put_npz("q/twice.npz", full, all, 1, false);
    says("verify q --vectors v", 1, "given twice: in q/any.npz and q/twice.npz");
    put_npz("e/empty.npz", full, all, 0, false);
    says("verify e --vectors v", 1, "Nothing was judged");
    for (int i = 0; i < 20; i++) { /* more archives than stay open */
        char path[32];
        snprintf(path, sizeof path, "m/%02d.npz", i);
        put_npz(path, full + 2, all + 2, 1, false);
    }
    put_npz("m/z.npz", full, all, 2, false);
    says("verify m --vectors v", 0, "2 outputs judged of 11: 2 at A");
    end();
}
END_TEST

START_TEST(missing_and_extra)
{
    start();
    ck_assert_int_eq(remove("p/quantizer/saq/margin.npy"), 0);
    ck_assert_int_eq(remove("p/training/step/grad.npy"), 0);
    says("verify p --vectors v", 0, "saq: missing: margin\n");
    ck_assert(strstr(run_out, "training") == NULL);
    says("verify p --vectors v --complete", 1, "step: missing: grad\n");
    ck_assert(strstr(run_out, "first stage that falls short is quantizer, at "
                              "quantizer/saq/margin (SPEC 2.1 2.2).") != NULL);
    kit_put("p/training/step/grda.npy", kit_f4(kit_flat, 1, KIT_FLAT, 0, 0, 0));
    kit_put("p/tokens.npy", kit_i4(kit_token, KIT_TOKENS));
    kit_put_text("p/readme.md", "not looked at");
    says("verify p --vectors v", 0,
         "extra        tokens: no output of that name; is it quantizer/saq/tokens?\n"
         "extra        training/step/grda: no output of that name; is it training/step/grad?\n");
    mkdir("nothing", 0777);
    says("verify nothing --vectors v", 1,
         "Nothing was judged: no output of the vectors was found.");
    end();
}
END_TEST

/* ---- how arrays are stored ------------------------------------------------------------------- */

/* An NPY of that header and `count` items of 4 or 8 bytes, high byte first. */
static void put_big_endian(const char *path, const char *header, const float *x, size_t count)
{
    bytes b = {.size = 0};
    char text[118];
    memset(text, ' ', sizeof text);
    memcpy(text, header, strlen(header));
    text[117] = '\n';
    add(&b, "\x93NUMPY\x01\x00\x76\x00", 10);
    add(&b, text, sizeof text);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], 4);
        add_high(&b, bits, 4);
    }
    make_way(path);
    put_file(path, b.data, b.size);
}

START_TEST(other_forms)
{
    float turned[KIT_PICTURE];
    double wide[KIT_PICTURE];
    start();
    for (size_t i = 0; i < KIT_PICTURE; i++) { /* first axis fastest */
        size_t rest = i, at = 0;
        static const size_t shape[] = {2, 4, 5, 3}, stride[] = {60, 15, 3, 1};
        for (int a = 0; a < 4; rest /= shape[a++])
            at += rest % shape[a] * stride[a];
        turned[i] = kit_y[at];
        wide[i] = (double)kit_y[i];
    }
    put_big_endian("p/convolution/same_3x3/y.npy",
                   "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 4, 5, 3), }", turned,
                   KIT_PICTURE);
    says("verify p --vectors v", 0, "byte-swapped, Fortran order");
    ck_assert(strstr(run_out, "11 at A") != NULL);
    kit_put("p/convolution/same_3x3/y.npy",
            (spae_npy_array){SPAE_NPY_F8, 5, {2, 4, 1, 5, 3}, wide});
    says("verify p --vectors v", 0,
         "given as <f8, axes of length 1 passed over, shape (2,4,1,5,3)\n");
    ck_assert(strstr(run_out, "11 at A") != NULL);
    kit_put("p/convolution/same_3x3/y.npy", kit_i4(kit_token, KIT_TOKENS));
    says("verify p --vectors v", 1, "wrong dtype: <f4 is due, it is <i4");
    kit_put("p/convolution/same_3x3/y.npy", kit_f4(kit_y, 4, 2, 4, 5, 2));
    says("verify p --vectors v", 1, "wrong shape: (2,4,5,3) is due, it is (2,4,5,2)");
    kit_put("p/convolution/same_3x3/y.npy", kit_f4(kit_y, 1, KIT_PICTURE, 0, 0, 0));
    says("verify p --vectors v", 1, "the values are right in C order, only the shape is not");
    end();
}
END_TEST

START_TEST(broken_files)
{
    const uint8_t *whole = NULL;
    size_t size = 0;
    start();
    ck_assert_int_eq(spae_file_read_all(&kit_arena, "p/convolution/same_3x3/y.npy", 1 << 16, &whole,
                                        &size, NULL),
                     SPAE_OK);
    put_file("p/convolution/same_3x3/y.npy", whole, size - 1);
    says("verify p --vectors v", 1, "p/convolution/same_3x3/y.npy: byte ");
    put_file("p/convolution/same_3x3/y.npy", "", 0);
    says("verify p --vectors v", 1, "y.npy: byte 0");
    put_big_endian("p/convolution/same_3x3/y.npy",
                   "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }", kit_y,
                   KIT_PICTURE);
    says("verify p --vectors v", 1, "y.npy: byte ");
    put_file("p/convolution/same_3x3/y.npy", whole, size);
    kit_put_text("p/broken.npz", "PK");
    says("verify p --vectors v", 1, "unreadable   p/broken.npz: byte ");
    ck_assert(strstr(run_out, "An archive cannot be read.\n11 outputs judged") != NULL);
    ck_assert_int_eq(remove("p/broken.npz"), 0);
    kit_put_text("p/files/cut/status.txt", "");
    says("verify p --vectors v", 1, "SPAE_ERR_FORMAT           \"\"\n");
    end();
}
END_TEST

/* ---- what is judged -------------------------------------------------------------------------- */

START_TEST(values)
{
    double wide[KIT_PICTURE];
    start();
    for (size_t i = 0; i < KIT_PICTURE; i++) /* in binary64: more accurate than the reference */
        wide[i] = kit_y_exact[i];
    kit_put("p/convolution/same_3x3/y.npy", (spae_npy_array){SPAE_NPY_F8, 4, {2, 4, 5, 3}, wide});
    says("verify p --vectors v", 0, "    B  same_3x3/y ");
    says("verify p --vectors v --level A", 1, "  x B  same_3x3/y ");
    says("verify p --vectors v --level B", 0, "10 at A, 1 at B");
    kit_y[77] = (float)NAN;
    kit_put("p/convolution/same_3x3/y.npy", kit_f4(kit_y, 4, 2, 4, 5, 3));
    says("verify p --vectors v", 1, "(1,1,0,2)");
    ck_assert(strstr(run_out, "nan 7fc00000\n") != NULL ||
              strstr(run_out, "nan ffc00000\n") != NULL);
    ck_assert(strstr(run_out, "1 of 120 values are NaN") != NULL);
    kit_y[77] = -(float)INFINITY;
    kit_put("p/convolution/same_3x3/y.npy", kit_f4(kit_y, 4, 2, 4, 5, 3));
    says("verify p --vectors v", 1, "-inf ff800000\n");
    kit_odd[1] = 0;
    kit_put("p/numbers/odd/value.npy", kit_f4(kit_odd, 1, 4, 0, 0, 0));
    says("verify p --vectors v", 1, "-0.0 80000000             0.0 00000000\n");
    ck_assert(strstr(run_out, "first stage that falls short is numbers, at numbers/odd/value") !=
              NULL);
    end();
}
END_TEST

START_TEST(near_ties)
{
    start();
    kit_token[2] = kit_runner_up[2];
    kit_token[6] = 1;
    kit_margin[2] = 1;
    kit_put("p/quantizer/saq/tokens.npy", kit_i4(kit_token, KIT_TOKENS));
    kit_put("p/quantizer/saq/margin.npy", kit_f4(kit_margin, 1, KIT_TOKENS, 0, 0, 0));
    says("verify p --vectors v", 0,
         "1 near-tie, the first at item 2 with margin 3.05e-05 of distance 2; 1 differ behind\n");
    ck_assert(strstr(run_out, "not judged: follows a near-tie") != NULL);
    ck_assert(
        strstr(run_out, "10 outputs judged of 11: 9 at A, 0 at B, 1 at C, 0 fail; near-ties 1"));
    says("verify p --vectors v --level B", 1, "  x C  saq/tokens");
    kit_token[3] = kit_runner_up[3]; /* no tie */
    kit_put("p/quantizer/saq/tokens.npy", kit_i4(kit_token, KIT_TOKENS));
    says("verify p --vectors v", 1, "  x -  saq/tokens");
    end();
}
END_TEST

START_TEST(refusals_of_a_port)
{
    start();
    kit_put_text("p/files/cut/status.txt", "  SPAE_ERR_FORMAT\r\n\n");
    says("verify p --vectors v", 0, "11 at A");
    kit_put_text("p/files/cut/status.txt", "SPAE_OK\n");
    says("verify p --vectors v", 1, "SPAE_ERR_FORMAT           \"SPAE_OK\"\n");
    ck_assert_int_eq(remove("p/files/cut/status.txt"), 0);
    kit_put("p/files/cut/status.npy", kit_i4(kit_token, 1));
    says("verify p --vectors v", 1, "wrong dtype: a string is due, it is <i4");
    kit_put("p/files/cut/status.npy", kit_i4(kit_token, 2));
    says("verify p --vectors v", 1, "wrong shape: one string is due, it has 2 items");
    end();
}
END_TEST

START_TEST(full_size)
{
    double wide[KIT_WHOLE];
    start();
    for (size_t i = 0; i < KIT_WHOLE; i++)
        wide[i] = (double)kit_whole[i];
    kit_put("p/full/image/y.npy", (spae_npy_array){SPAE_NPY_F8, 2, {4, 10}, wide});
    says("verify p --vectors v", 0, "11 at A");
    wide[9] += 0x1p-30; /* between the samples, and no binary32 */
    kit_put("p/full/image/y.npy", (spae_npy_array){SPAE_NPY_F8, 2, {4, 10}, wide});
    says("verify p --vectors v", 0, "the samples are equal, the hash of the whole is not\n");
    ck_assert(strstr(run_out, "10 at A, 1 at B") != NULL);
    wide[30] = 0;
    kit_put("p/full/image/y.npy", (spae_npy_array){SPAE_NPY_F8, 2, {4, 10}, wide});
    says("verify p --vectors v", 1, "  (3,0) ");
    for (size_t i = 0; i < KIT_WHOLE; i++) /* column by column */
        wide[i] = (double)kit_whole[i % 4 * 10 + i / 4];
    float narrow[KIT_WHOLE];
    for (size_t i = 0; i < KIT_WHOLE; i++)
        narrow[i] = (float)wide[i];
    put_big_endian("p/full/image/y.npy",
                   "{'descr': '>f4', 'fortran_order': True, 'shape': (4, 10), }", narrow,
                   KIT_WHOLE);
    says("verify p --vectors v", 0, "11 at A");
    end();
}
END_TEST

/* ---- reports --------------------------------------------------------------------------------- */

static char *read_text(const char *name)
{
    const uint8_t *file = NULL;
    size_t size = 0;
    ck_assert_int_eq(spae_file_read_all(&kit_arena, name, 1 << 20, &file, &size, NULL), SPAE_OK);
    char *text = spae_arena_take(&kit_arena, size + 1, 1);
    memcpy(text, file, size);
    text[size] = '\0';
    return text;
}

START_TEST(reports)
{
    start();
    for (size_t i = 0; i < KIT_PICTURE; i++)
        kit_y[i] *= 2;
    kit_put("p/convolution/same_3x3/y.npy", kit_f4(kit_y, 4, 2, 4, 5, 3));
    kit_put("p/<odd>&.npy", kit_f4(kit_y, 1, 1, 0, 0, 0));
    kit_put("p/\xff.npy", kit_f4(kit_y, 1, 1, 0, 0, 0)); /* no UTF-8 */
    ck_assert_int_eq(remove("p/training/step/grad.npy"), 0);
    says("verify p --vectors v --json r.json --junit r.xml --html r.html", 1,
         "off by a constant factor: 2 times the reference");
    const char *html = read_text("r.html"), *xml = read_text("r.xml"), *json = read_text("r.json");
    check_nesting(html);
    check_nesting(strstr(xml, "<testsuites>"));
    ck_assert(strstr(html, "<odd>") == NULL && strstr(html, "&#60;odd&#62;&#38;") != NULL);
    ck_assert(strstr(html, "http") == NULL && strstr(html, "<script") == NULL);
    ck_assert_uint_eq(count_of(html, "<section>"), 7);
    ck_assert_uint_eq(count_of(html, "<details open=\"open\">"), 1);
    ck_assert_uint_eq(count_of(html, "<circle"), 5);
    ck_assert_uint_eq(count_of(xml, "<testsuite "), 6);
    ck_assert_uint_eq(count_of(xml, "<testcase "), 11);
    ck_assert_uint_eq(count_of(xml, "<failure "), 1);
    ck_assert_uint_eq(count_of(xml, "<skipped message=\"missing\"/>"), 1);
    ck_assert(strstr(json, "{\"verdict\":\"failed\",\"directory\":\"p\",") == json);
    ck_assert(strstr(json, "\"first_short\":\"convolution\"") != NULL);
    ck_assert(strstr(json, "\"result\":\"missing\"") != NULL);
    ck_assert_uint_eq(count_of(json, "\"level\":\"A\""), 9);
    static spae_json_node nodes[4096];
    spae_error err = {SPAE_OK, ""};
    ck_assert_msg(spae_json_parse(json, strlen(json), nodes, 4096, NULL, &err) == SPAE_OK, "%s",
                  err.text);
    refused(spae_cli_verify, "verify p --vectors v --json no/r.json", 1, "no/r.json");
    end();
}
END_TEST

/* ---- damaged vectors, wrong use -------------------------------------------------------------- */

START_TEST(damaged_vectors)
{
    start();
    kit_put_text("v/files/cut/file.bin", "abd");
    refused(spae_cli_verify, "verify p --vectors v", 1,
            "v/files/cut/file.bin: damaged: the SHA-256 of the file is not the MANIFEST's");
    kit_put_text("v/files/cut/file.bin", "abc");
    kit_y_exact[3] += 1;
    kit_put("v/convolution/same_3x3/y.f64.npy",
            (spae_npy_array){SPAE_NPY_F8, 4, {2, 4, 5, 3}, kit_y_exact});
    refused(spae_cli_verify, "verify p --vectors v", 1,
            "v/convolution/same_3x3/y.f64.npy: damaged");
    ck_assert_int_eq(remove("v/convolution/same_3x3/y.npy"), 0);
    refused(spae_cli_verify, "verify p --vectors v", 1, "v/convolution/same_3x3/y.npy: ");
    kit_write_manifest(kit_cases + 1, kit_outputs);
    refused(spae_cli_verify, "verify p --vectors v", 1,
            "v/MANIFEST: line 1: says 7 cases and 11 outputs, there are 6 and 11");
    ck_assert_int_eq(remove("v/MANIFEST"), 0);
    refused(spae_cli_verify, "verify p --vectors v", 1, "v/MANIFEST: ");
    end();
}
END_TEST

START_TEST(wrong_use)
{
    start();
    refused(spae_cli_verify, "verify", 2, "DIR is needed");
    refused(spae_cli_verify, "verify p q", 2, "one argument too many");
    refused(spae_cli_verify, "verify p --level D", 2, "--level: D is none of A, B, C");
    refused(spae_cli_verify, "verify no --vectors v", 1, "spae verify: no: cannot be listed");
    refused(spae_cli_verify, "verify no.npz --vectors v", 1, "spae verify: no.npz: ");
    kit_put_text("bad.npz", "PK");
    refused(spae_cli_verify, "verify bad.npz --vectors v", 1, "bad.npz: byte ");
    refused(spae_cli_verify, "verify p --vectors no", 1, "no/MANIFEST: ");
    end();
}
END_TEST

SUITE(suite_io_cli_verify, "io/cli/verify", all_agree, archives, missing_and_extra, other_forms,
      broken_files, values, near_ties, refusals_of_a_port, full_size, reports, damaged_vectors,
      wrong_use)

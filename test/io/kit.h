/* What the suites of the conformance kit share: a small directory of vectors, "v", and a port's
 * outputs of it, "p", in the current directory. Each test spoils one thing. */
#ifndef SPAE_TEST_IO_KIT_H
#define SPAE_TEST_IO_KIT_H

#include "bytes.h"

#include <math.h>
#include <sys/stat.h>

#include "../../io/npz.h"
#include "../../io/page.h"
#include "../../vendor_free/sha256.h"

enum {
    KIT_PICTURE = 2 * 4 * 5 * 3,
    KIT_TOKENS = 12,
    KIT_FLAT = 30,
    KIT_WHOLE = 40,
    KIT_SAMPLES = 4
};

static float kit_y[KIT_PICTURE], kit_dx[KIT_PICTURE], kit_margin[KIT_TOKENS],
    kit_distance[KIT_TOKENS], kit_flat[KIT_FLAT], kit_whole[KIT_WHOLE], kit_odd[4];
static double kit_y_exact[KIT_PICTURE], kit_dx_exact[KIT_PICTURE], kit_margin_exact[KIT_TOKENS],
    kit_distance_exact[KIT_TOKENS], kit_flat_exact[KIT_FLAT];
static int32_t kit_token[KIT_TOKENS], kit_runner_up[KIT_TOKENS], kit_cell[KIT_TOKENS];
static const int32_t kit_index[KIT_SAMPLES] = {0, 7, 30, 39};

static spae_arena kit_arena;
static spae_page kit_lines; /* of the MANIFEST, but for the first */
static size_t kit_cases, kit_outputs;
static char kit_case_name[64];
static bool kit_first; /* no output of the case yet */

/* ---- files ----------------------------------------------------------------------------------- */

/* The directories above a file. */
static inline void make_way(const char *path)
{
    char part[256];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        mkdir(part, 0777);
    }
}

static inline void kit_put(const char *path, spae_npy_array array)
{
    spae_error err = {SPAE_OK, ""};
    make_way(path);
    ck_assert_msg(spae_npy_write_file(&kit_arena, path, &array, &err) == SPAE_OK, "%s", err.text);
}

static inline void kit_put_text(const char *path, const char *text)
{
    make_way(path);
    FILE *file = fopen(path, "wb");
    ck_assert(file != NULL && fwrite(text, 1, strlen(text), file) == strlen(text));
    ck_assert(fclose(file) == 0);
}

static inline void kit_hash(const void *data, size_t size, char text[65])
{
    uint8_t digest[32];
    spae_sha256 hash;
    spae_sha256_start(&hash);
    spae_sha256_add(&hash, data, size);
    spae_sha256_finish(&hash, digest);
    spae_sha256_hex(digest, text);
}

/* `"KEY":PATH,"sha256":...,"data":...` of the file below "v", with the items' hash of `items`, or
 * of this file. Written arrays end with their items. */
static inline void kit_file(const char *key, const char *path, size_t item_bytes, const char *items)
{
    char full[256], hash[65], data[65];
    const uint8_t *file = NULL;
    size_t size = 0;
    snprintf(full, sizeof full, "v/%s", path);
    ck_assert_int_eq(spae_file_read_all(&kit_arena, full, 1 << 20, &file, &size, NULL), SPAE_OK);
    kit_hash(file, size, hash);
    kit_hash(file + size - item_bytes, item_bytes, data);
    spae_page_format(&kit_lines, "\"%s\":\"%s\",\"sha256\":\"%s\",\"data\":\"%s\"", key, path, hash,
                     items != NULL ? items : data);
}

/* ---- the MANIFEST ---------------------------------------------------------------------------- */

static inline void kit_case(const char *name, const char *level, const char *in)
{
    snprintf(kit_case_name, sizeof kit_case_name, "%s", name);
    spae_page_format(
        &kit_lines,
        "{\"name\":\"%s\",\"clause\":\"2.1 2.2\",\"level\":\"%s\",\"why\":\"a reason\","
        "\"op\":\"op\",\"with\":{\"stride\":1},\"in\":[%s],\"out\":[",
        name, level, in);
    kit_cases++;
    kit_first = true;
}

static inline void kit_close(void)
{
    spae_page_text(&kit_lines, "]}\n");
}

static inline const char *kit_dtype(spae_npy_type type)
{
    return type == SPAE_NPY_F4   ? "<f4"
           : type == SPAE_NPY_F8 ? "<f8"
           : type == SPAE_NPY_I4 ? "<i4"
                                 : "|u1";
}

static inline size_t kit_size(const spae_npy_array *array)
{
    size_t n = array->type == SPAE_NPY_F8 ? 8 : array->type == SPAE_NPY_U1 ? 1 : 4;
    for (size_t i = 0; i < array->rank; i++)
        n *= array->shape[i];
    return n;
}

/* One output; `more` is further members. */
static inline void kit_out(const char *name, const char *compare, spae_npy_array array,
                           const double *exact, const char *more)
{
    char path[128], full[160];
    spae_page_format(&kit_lines, "%s{\"name\":\"%s\",\"dtype\":\"%s\",\"shape\":[",
                     kit_first ? "" : ",", name, kit_dtype(array.type));
    for (size_t i = 0; i < array.rank; i++)
        spae_page_format(&kit_lines, "%s%zu", i > 0 ? "," : "", array.shape[i]);
    spae_page_format(&kit_lines, "],\"compare\":\"%s\",", compare);
    snprintf(path, sizeof path, "%s/%s.npy", kit_case_name, name);
    snprintf(full, sizeof full, "v/%s", path);
    kit_put(full, array);
    kit_file("file", path, kit_size(&array), NULL);
    if (exact != NULL) {
        spae_npy_array wide = array;
        wide.type = SPAE_NPY_F8;
        wide.data = exact;
        snprintf(path, sizeof path, "%s/%s.f64.npy", kit_case_name, name);
        snprintf(full, sizeof full, "v/%s", path);
        kit_put(full, wide);
        spae_page_text(&kit_lines, ",\"exact\":{");
        kit_file("file", path, kit_size(&wide), NULL);
        spae_page_text(&kit_lines, "}");
    }
    spae_page_format(&kit_lines, "%s}", more);
    kit_first = false;
    kit_outputs++;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* -1 .. 1, the same ones each time: binary64 values and the binary32 nearest. */
static inline void kit_fill(double *x, float *r, size_t count, uint32_t seed)
{
    uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < count; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        x[i] = (double)(state >> 11) / 4503599627370496.0 - 1;
        r[i] = (float)x[i];
    }
}

static inline void kit_numbers(void)
{
    kit_fill(kit_y_exact, kit_y, KIT_PICTURE, 1);
    kit_fill(kit_dx_exact, kit_dx, KIT_PICTURE, 2);
    kit_fill(kit_flat_exact, kit_flat, KIT_FLAT, 3);
    for (int i = 0; i < KIT_WHOLE; i++)
        kit_whole[i] = (float)(i * i - 100) / 16;
    for (int i = 0; i < KIT_TOKENS; i++) { /* token 2 is a near-tie; 6 and 10 are of its cell */
        kit_token[i] = 7 * i % 31;
        kit_runner_up[i] = 100 + i;
        kit_cell[i] = i % 4;
        kit_distance_exact[i] = kit_distance[i] = 2;
        kit_margin_exact[i] = kit_margin[i] = i == 2 ? 0x1p-15f : 0x1p-14f;
    }
    kit_odd[0] = 0;
    kit_odd[1] = -0.0f;
    kit_odd[2] = (float)INFINITY;
    kit_odd[3] = (float)NAN;
}

/* ---- the directory --------------------------------------------------------------------------- */

static inline spae_npy_array kit_f4(const float *data, unsigned rank, size_t a, size_t b, size_t c,
                                    size_t d)
{
    return (spae_npy_array){SPAE_NPY_F4, rank, {a, b, c, d}, data};
}

static inline spae_npy_array kit_i4(const int32_t *data, size_t count)
{
    return (spae_npy_array){SPAE_NPY_I4, 1, {count}, data};
}

static inline void kit_sampled(void)
{
    float sample[KIT_SAMPLES];
    double exact[KIT_SAMPLES];
    const uint8_t *file = NULL;
    size_t size = 0;
    char hash[65];
    for (size_t i = 0; i < KIT_SAMPLES; i++)
        exact[i] = sample[i] = kit_whole[kit_index[i]];
    kit_put("v/full/image/y.npy", kit_f4(sample, 1, KIT_SAMPLES, 0, 0, 0));
    kit_put("v/full/image/y.f64.npy", (spae_npy_array){SPAE_NPY_F8, 1, {KIT_SAMPLES}, exact});
    kit_put("v/full/image/y.index.npy", kit_i4(kit_index, KIT_SAMPLES));
    kit_put("whole.npy", kit_f4(kit_whole, 2, 4, 10, 0, 0)); /* little-endian, whatever we are */
    ck_assert_int_eq(spae_file_read_all(&kit_arena, "whole.npy", 1 << 16, &file, &size, NULL),
                     SPAE_OK);
    kit_hash(file + size - sizeof kit_whole, sizeof kit_whole, hash);
    kit_case("full/image", "B", "");
    spae_page_text(&kit_lines, "{\"name\":\"y\",\"dtype\":\"<f4\",\"shape\":[4,10],"
                               "\"compare\":\"real\",");
    kit_file("file", "full/image/y.npy", sizeof sample, hash);
    spae_page_text(&kit_lines, ",\"exact\":{");
    kit_file("file", "full/image/y.f64.npy", sizeof exact, NULL);
    spae_page_text(&kit_lines, "},\"sample\":{");
    kit_file("index", "full/image/y.index.npy", sizeof kit_index, NULL);
    spae_page_text(&kit_lines, "}}");
    kit_outputs++;
    kit_close();
}

static inline void kit_refusal(void)
{
    kit_put_text("v/files/cut/file.bin", "abc");
    spae_page_text(&kit_lines,
                   "{\"name\":\"files/cut\",\"clause\":\"8.2\",\"level\":\"A\",\"why\":\"it ends "
                   "early\",\"op\":\"read_npy\",\"with\":{},\"in\":[{\"name\":\"file\",\"dtype\":"
                   "\"|u1\",\"shape\":[3],");
    kit_file("file", "files/cut/file.bin", 3, NULL);
    spae_page_text(&kit_lines, "}],\"status\":\"SPAE_ERR_FORMAT\"}\n");
    kit_cases++;
    kit_outputs++;
}

/* v/MANIFEST as it stands: `cases` and `outputs` of line 1. */
static inline void kit_write_manifest(size_t cases, size_t outputs)
{
    FILE *file = fopen("v/MANIFEST", "wb");
    ck_assert(file != NULL);
    fprintf(file, "{\"manifest\":\"SPAE vectors\",\"version\":1,\"cases\":%zu,\"outputs\":%zu}\n",
            cases, outputs);
    ck_assert(fwrite(kit_lines.buffer.bytes, 1, kit_lines.buffer.size, file) ==
              kit_lines.buffer.size);
    ck_assert(fclose(file) == 0);
}

/* Six cases of six stages, 11 outputs. */
static inline void kit_make_vectors(void)
{
    const spae_npy_array tokens = kit_i4(kit_token, KIT_TOKENS);
    kit_arena = new_arena();
    kit_lines = spae_page_start(&kit_arena);
    kit_cases = kit_outputs = 0;
    kit_numbers();
    kit_case("numbers/odd", "A", "");
    kit_out("value", "bits", kit_f4(kit_odd, 1, 4, 0, 0, 0), NULL, "");
    kit_close();
    kit_case("convolution/same_3x3", "B",
             "{\"name\":\"x\",\"dtype\":\"<f4\",\"shape\":[2,1],\"data\":"
             "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
             "\"formula\":[0,1]}");
    kit_out("y", "real", kit_f4(kit_y, 4, 2, 4, 5, 3), kit_y_exact, "");
    kit_out("dx", "real", kit_f4(kit_dx, 4, 2, 4, 5, 3), kit_dx_exact, "");
    kit_close();
    kit_case("quantizer/saq", "C", "");
    kit_out("tokens", "tokens", tokens, NULL,
            ",\"margin\":\"margin\",\"runner_up\":\"runner_up\",\"distance\":\"distance\","
            "\"cell\":\"cell\"");
    kit_out("margin", "real", kit_f4(kit_margin, 1, KIT_TOKENS, 0, 0, 0), kit_margin_exact, "");
    kit_out("runner_up", "bits", kit_i4(kit_runner_up, KIT_TOKENS), NULL, "");
    kit_out("distance", "real", kit_f4(kit_distance, 1, KIT_TOKENS, 0, 0, 0), kit_distance_exact,
            "");
    kit_out("cell", "bits", kit_i4(kit_cell, KIT_TOKENS), NULL, "");
    kit_close();
    kit_case("training/step", "B", "");
    kit_out("grad", "real", kit_f4(kit_flat, 1, KIT_FLAT, 0, 0, 0), kit_flat_exact,
            ",\"layout\":[[\"encoder/Conv_0/kernel\",[2,3,3]],[\"encoder/Conv_0/bias\",[12]]]");
    kit_close();
    kit_refusal();
    kit_sampled();
    kit_write_manifest(kit_cases, kit_outputs);
}

/* All outputs as the reference has them, in "p". */
static inline void kit_make_port(void)
{
    kit_put("p/numbers/odd/value.npy", kit_f4(kit_odd, 1, 4, 0, 0, 0));
    kit_put("p/convolution/same_3x3/y.npy", kit_f4(kit_y, 4, 2, 4, 5, 3));
    kit_put("p/convolution/same_3x3/dx.npy", kit_f4(kit_dx, 4, 2, 4, 5, 3));
    kit_put("p/quantizer/saq/tokens.npy", kit_i4(kit_token, KIT_TOKENS));
    kit_put("p/quantizer/saq/margin.npy", kit_f4(kit_margin, 1, KIT_TOKENS, 0, 0, 0));
    kit_put("p/quantizer/saq/runner_up.npy", kit_i4(kit_runner_up, KIT_TOKENS));
    kit_put("p/quantizer/saq/distance.npy", kit_f4(kit_distance, 1, KIT_TOKENS, 0, 0, 0));
    kit_put("p/quantizer/saq/cell.npy", kit_i4(kit_cell, KIT_TOKENS));
    kit_put("p/training/step/grad.npy", kit_f4(kit_flat, 1, KIT_FLAT, 0, 0, 0));
    kit_put_text("p/files/cut/status.txt", "SPAE_ERR_FORMAT\n");
    kit_put("p/full/image/y.npy", kit_f4(kit_whole, 2, 4, 10, 0, 0));
}

#endif

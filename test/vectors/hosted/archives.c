/* Stage files, archives: NPZ (SPEC 8.5), safetensors (8.26), IDX (8.20). */
#include <string.h>

#include "io/idx.h"
#include "io/npz.h"
#include "io/safetensors.h"
#include "raw.h"
#include "test/vectors/tokens.h"
#include "vendor_free/deflate.h"

/* ---- NPZ ---- */

/* Two arrays, `first` of numbers and "b/c" of bytes, as our writer packs them. */
static vectors_file archive(vectors *v, bool deflated, const char *first)
{
    static const float a[6] = {1, 2, 3, -4, 0.5f, -0.0f};
    static const uint8_t b[40] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 2};
    vectors_file file = vectors_file_of(v);
    spae_arena scratch; /* the sink must not live in the writer's arena */
    spae_arena_hosted(&scratch);
    spae_sink sink = spae_sink_buffer(&file.buffer);
    spae_npz_writer w = spae_npz_begin(&scratch, &sink);
    vectors_expect(v, spae_npz_add(&w, first, &(spae_npy_array){SPAE_NPY_F4, 2, {2, 3}, a}, deflated, v->err));
    vectors_expect(v, spae_npz_add(&w, "b/c", &(spae_npy_array){SPAE_NPY_U1, 1, {40}, b}, deflated, v->err));
    vectors_expect(v, spae_npz_end(&w, v->err));
    spae_arena_free(&scratch);
    return file;
}

/* Reads the array `name` of the file. */
static void read_npz(vectors *v, const vectors_file *file, const char *name, spae_status due)
{
    const spae_source source = vectors_file_given(file);
    spae_npz npz;
    spae_npz_array array;
    float x[64];
    if (!vectors_goes_on(v))
        return;
    spae_status status = spae_npz_open(v->arena, &source, NULL, &npz, v->err);
    if (status == SPAE_OK)
        status = spae_npz_array_open(v->arena, &npz, name, &array, v->err);
    if (status == SPAE_OK)
        status = spae_npy_read_float(&array.source, &array.header, x, v->err);
    if (vectors_returned(v, due, status))
        vectors_floats(v, "x", array.header.rank, array.header.shape, x);
}

static void good_npz(vectors *v, const char *name, bool deflated, const char *with, const char *array, const char *why)
{
    if (!vectors_begin(v, name, "8.3 8.5", "read_npz", with, why))
        return;
    const vectors_file file = archive(v, deflated, "a");
    read_npz(v, &file, array, SPAE_OK);
    vectors_end(v);
}

/* The archive, stored, with bytes behind the first `signature` (of 4 bytes) changed; array "a" is asked for. */
static void bad_npz(vectors *v, const char *name, const char *signature, size_t offset, const char *bytes, size_t size,
                    const char *why)
{
    if (!vectors_begin(v, name, "8.5", "read_npz", "{\"array\":\"a\"}", why))
        return;
    vectors_file file = archive(v, false, "a");
    const size_t at = vectors_file_find(&file, signature, 4, 0);
    if (vectors_goes_on(v))
        memcpy(file.buffer.bytes + at + offset, bytes, size);
    read_npz(v, &file, "a", SPAE_ERR_FORMAT);
    vectors_end(v);
}

#define DIRECTORY "PK\1\2"
#define LOCAL     "PK\3\4"
#define END       "PK\5\6"

static void npz_twice(vectors *v)
{
    if (!vectors_begin(v, "files/npz_refused_name_twice", "8.5", "read_npz", "{\"array\":\"b/c\"}",
                       "two members of one name: readers would disagree on which it is"))
        return;
    vectors_file file = archive(v, false, "b/d");
    vectors_file_replace(&file, "b/d.npy", "b/c.npy"); /* in the local header and in the directory */
    read_npz(v, &file, "b/c", SPAE_ERR_FORMAT);
    vectors_end(v);
}

static void npz_cut(vectors *v, const char *name, size_t less, const char *more, const char *why)
{
    if (!vectors_begin(v, name, "8.5", "read_npz", "{\"array\":\"a\"}", why))
        return;
    vectors_file file = archive(v, false, "a");
    file.buffer.size = file.buffer.size > less ? file.buffer.size - less : 0;
    vectors_file_text(&file, more);
    read_npz(v, &file, "a", SPAE_ERR_FORMAT);
    vectors_end(v);
}

static void npz(vectors *v)
{
    good_npz(v, "files/npz_stored", false, "{\"array\":\"a\"}", "a", "a stored member");
    good_npz(v, "files/npz_deflated", true, "{\"array\":\"b/c\"}", "b/c",
             "a deflated member, with a slash in its name");
    bad_npz(v, "files/npz_refused_crc", DIRECTORY, 16, VECTORS_TEXT("\0\0\0\0"), "the directory has another CRC-32");
    bad_npz(v, "files/npz_refused_method", DIRECTORY, 10, VECTORS_TEXT("\x0C\0"), "packed by bzip2");
    bad_npz(v, "files/npz_refused_local_method", LOCAL, 8, VECTORS_TEXT("\x08\0"), "the local header says deflated");
    bad_npz(v, "files/npz_refused_local_name", LOCAL, 30, VECTORS_TEXT("z"), "the local header has another name");
    bad_npz(v, "files/npz_refused_encrypted", DIRECTORY, 8, VECTORS_TEXT("\x01\x08"), "an encrypted member");
    bad_npz(v, "files/npz_refused_size", DIRECTORY, 20, VECTORS_TEXT("\0\0\xFF\x7F\0\0\xFF\x7F"),
            "a member larger than the file");
    bad_npz(v, "files/npz_refused_offset", DIRECTORY, 42, VECTORS_TEXT("\0\0\xFF\x7F"),
            "a local header beyond the file");
    bad_npz(v, "files/npz_refused_utf8", DIRECTORY, 46, VECTORS_TEXT("\xFF"), "a name that is not UTF-8");
    bad_npz(v, "files/npz_refused_zero_in_name", DIRECTORY, 46, VECTORS_TEXT("\0"), "a name with a zero in it");
    bad_npz(v, "files/npz_refused_count", END, 8, VECTORS_TEXT("\x03\0\x03\0"),
            "the end record counts three members, there are two");
    bad_npz(v, "files/npz_refused_disks", END, 4, VECTORS_TEXT("\x01\0\x01\0"), "the second of several disks");
    npz_cut(v, "files/npz_refused_truncated", 30, "", "the directory's end is missing");
    npz_cut(v, "files/npz_refused_behind_end", 0, "x", "a byte behind the end record");
    npz_twice(v);
}

/* ---- safetensors ---- */

typedef struct {
    const char *name, *why, *header, *data;
    size_t size;
    const char *array, *with;
    spae_status due;
} tensors;

#define D(text)    VECTORS_TEXT(text)
#define ASK(array) array, "{\"array\":\"" array "\"}"
#define F          SPAE_ERR_FORMAT

static const tensors safetensors_cases[] = {
    {"files/safetensors_f32", "binary32, with metadata, a scalar behind a matrix",
     "{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}",
     D("\xDB\x0F\x49\x40\0\0\0\x80\0\0\x80\x3F"), ASK("w"), SPAE_OK},
    {"files/safetensors_f16", "binary16, padded by blanks behind the header",
     "{\"h\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,6]}}   ", D("\0\x3C\x01\0\xFF\x7B"), ASK("h"),
     SPAE_OK},
    {"files/safetensors_bf16", "the upper halves of binary32",
     "{\"h\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", D("\x80\x3F\x49\xC0"), ASK("h"), SPAE_OK},
    {"files/safetensors_f64", "binary64 is rounded once",
     "{\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", D("\0\0\0\x10\0\0\xF0\x3F"), ASK("d"),
     SPAE_OK},
    {"files/safetensors_other_order",
     "arrays in another order than the header's, one of a type that is not taken, one of no items",
     "{\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},\"n\":{\"dtype\":\"I64\",\"shape\":[1],"
     "\"data_offsets\":[0,8]},\"o\":{\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[8,8]}}",
     D("\1\0\0\0\0\0\0\0\0\0\x40\x40"), ASK("z"), SPAE_OK},
    {"files/safetensors_refused_type", "an array of whole numbers is asked for",
     "{\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", D("\1\0\0\0\0\0\0\0"), ASK("n"), F},
    {"files/safetensors_refused_unknown", "a type that nobody knows",
     "{\"n\":{\"dtype\":\"F24\",\"shape\":[1],\"data_offsets\":[0,3]}}", D("\1\0\0"), ASK("n"), F},
    {"files/safetensors_refused_gap", "a gap before the first array",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", D("\0\0\0\0\0\0\x80\x3F"), ASK("w"), F},
    {"files/safetensors_refused_overlap", "two arrays of the same bytes",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"v\":{\"dtype\":\"F32\",\"shape\":[1],"
     "\"data_offsets\":[0,4]}}",
     D("\0\0\x80\x3F"), ASK("w"), F},
    {"files/safetensors_refused_extent", "as many bytes as the shape does not give",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", D("\0\0\0\0\0\0\x80\x3F"), ASK("w"), F},
    {"files/safetensors_refused_backwards", "offsets that fall",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,4]}}", D("\0\0\0\0\0\0\x80\x3F"), ASK("w"), F},
    {"files/safetensors_refused_truncated", "data end early",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", D("\0\0\0\0\0\0\x80"), ASK("w"), F},
    {"files/safetensors_refused_more_data", "bytes behind the last array",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", D("\0\0\0\0\0"), ASK("w"), F},
    {"files/safetensors_refused_overflow", "a shape whose product is beyond 64 bits",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,0]}}", D(""), ASK("w"), F},
    {"files/safetensors_refused_name_twice", "two arrays of one name, one of them escaped",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"\\u0077\":{\"dtype\":\"F32\",\"shape\":[1],"
     "\"data_offsets\":[4,8]}}",
     D("\0\0\0\0\0\0\0\0"), ASK("w"), F},
    {"files/safetensors_refused_member", "a member too many",
     "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"strides\":[1]}}", D("\0\0\0\0"), ASK("w"), F},
    {"files/safetensors_refused_metadata", "metadata that are no strings",
     "{\"__metadata__\":{\"step\":1},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", D("\0\0\0\0"),
     ASK("w"), F},
};

static void read_tensors(vectors *v, const vectors_file *file, const char *array, spae_status due)
{
    const spae_source source = vectors_file_given(file);
    const spae_safetensors_array *found = NULL;
    spae_safetensors archive_of;
    spae_real x[16];
    if (!vectors_goes_on(v))
        return;
    spae_status status = spae_safetensors_open(v->arena, &source, NULL, &archive_of, v->err);
    if (status == SPAE_OK) {
        found = spae_safetensors_find(&archive_of, array);
        status = found == NULL ? spae_fail(v->err, SPAE_ERR_ARGUMENT, "no %s", array)
                               : spae_safetensors_read(&archive_of, found, x, v->err);
    }
    if (vectors_returned(v, due, status))
        vectors_numbers(v, "x", VECTORS_BITS, found->rank, found->shape, x);
}

static void safetensors(vectors *v)
{
    for (size_t i = 0; i < sizeof safetensors_cases / sizeof safetensors_cases[0]; i++) {
        const tensors *c = &safetensors_cases[i];
        if (!vectors_begin(v, c->name, "8.26", "read_safetensors", c->with, c->why))
            continue;
        vectors_file file = vectors_file_of(v);
        vectors_file_low(&file, strlen(c->header), 8);
        vectors_file_text(&file, c->header);
        vectors_file_add(&file, c->data, c->size);
        read_tensors(v, &file, c->array, c->due);
        vectors_end(v);
    }
    if (vectors_begin(v, "files/limit_safetensors_header", "8.2 8.26", "read_safetensors", "{\"array\":\"w\"}",
                      "a header longer than the file and the limit")) {
        vectors_file file = vectors_file_of(v);
        vectors_file_low(&file, (uint64_t)1 << 40, 8);
        vectors_file_text(&file, "{\"w\":{}}");
        read_tensors(v, &file, "w", SPAE_ERR_FORMAT);
        vectors_end(v);
    }
}

/* ---- IDX ---- */

static void idx_case(vectors *v, const char *name, const char *bytes, size_t size, bool gzip, size_t less,
                     spae_status due, const char *why)
{
    uint8_t packed[512];
    size_t used = size;
    if (!vectors_begin(v, name, "8.20", "read_idx", "{}", why))
        return;
    void *work = vectors_room(v, spae_deflate_work(), 1);
    vectors_file file = vectors_file_of(v);
    if (work != NULL && gzip)
        vectors_expect(v, spae_deflate(SPAE_DEFLATE_GZIP, (const uint8_t *)bytes, size, packed, sizeof packed, &used,
                                       work, v->err));
    vectors_file_add(&file, gzip ? (const void *)packed : bytes, used - less);
    const spae_source source = vectors_file_given(&file);
    spae_idx idx;
    if (vectors_goes_on(v) && vectors_returned(v, due, spae_idx_read(v->arena, &source, NULL, &idx, v->err)))
        vectors_octets(v, "x", VECTORS_BITS, idx.rank, idx.shape, idx.items);
    vectors_end(v);
}

static void idx(vectors *v)
{
#define PICTURES "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"
    idx_case(v, "files/idx_pictures", D(PICTURES "\0\1\2\3\4\5\x80\x81\xFE\xFF\0\7"), false, 0, SPAE_OK,
             "two pictures of 2 x 3, sizes high byte first");
    idx_case(v, "files/idx_labels", D("\0\0\x08\x01\0\0\0\x05\7\2\1\0\4"), false, 0, SPAE_OK, "labels: one axis");
    idx_case(v, "files/idx_gzip", D(PICTURES "\0\1\2\3\4\5\x80\x81\xFE\xFF\0\7"), true, 0, SPAE_OK, "one gzip member");
    idx_case(v, "files/idx_refused_truncated", D(PICTURES "\0\1\2\3\4\5\x80\x81\xFE\xFF\0"), false, 0, F,
             "data end early");
    idx_case(v, "files/idx_refused_more_data", D(PICTURES "\0\1\2\3\4\5\x80\x81\xFE\xFF\0\7\1"), false, 0, F,
             "a byte behind the data");
    idx_case(v, "files/idx_refused_type", D("\0\0\x0B\x01\0\0\0\x01\0\1"), false, 0, F, "16-bit items");
    idx_case(v, "files/idx_refused_magic", D("\1\0\x08\x01\0\0\0\x01\1"), false, 0, F, "the first two bytes are 0");
    idx_case(v, "files/idx_refused_rank_0", D("\0\0\x08\0"), false, 0, F, "no axes");
    idx_case(v, "files/idx_refused_rank_5", D("\0\0\x08\x05\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\1"), false, 0, F,
             "five axes");
    idx_case(v, "files/idx_refused_claim",
             D("\0\0\x08\x04\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), false, 0, F,
             "a shape whose product is beyond 64 bits");
    idx_case(v, "files/idx_refused_gzip_truncated", D(PICTURES "\0\1\2\3\4\5\x80\x81\xFE\xFF\0\7"), true, 1, F,
             "the gzip member's length is cut off");
}

void vectors_archives(vectors *v)
{
    npz(v);
    safetensors(v);
    idx(v);
}

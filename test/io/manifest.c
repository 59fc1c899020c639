/* MANIFEST: what a good one says, and each way to be a bad one with its line. */
#define _POSIX_C_SOURCE 200809L

#include "bytes.h"

#include "../../io/manifest.h"

#define HASH        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FILED(name) "\"file\":\"" name "\",\"sha256\":\"" HASH "\",\"data\":\"" HASH "\""
#define HEAD(cases, outputs)                                                                       \
    "{\"manifest\":\"SPAE vectors\",\"version\":1,\"cases\":" #cases ",\"outputs\":" #outputs "}"  \
                                                                                              "\n"
#define CASE(name, level, in, rest)                                                                \
    "{\"name\":\"" name "\",\"clause\":\"2.1\",\"level\":\"" level                                 \
    "\",\"why\":\"w\",\"op\":\"o\",\"with\":{},\"in\":[" in "]," rest "}\n"
#define OUT(name, dtype, shape, compare, more)                                                     \
    "{\"name\":\"" name "\",\"dtype\":\"" dtype "\",\"shape\":" shape ",\"compare\":\"" compare    \
    "\"," FILED("a/b/" name ".npy") more "}"
#define IN                                                                                         \
    "{\"name\":\"x\",\"dtype\":\"<f4\",\"shape\":[2,3]," FILED("a/b/x.npy") ",\"formula\":[0,0.5]" \
                                                                            "}"
#define EXACT ",\"exact\":{" FILED("a/b/y.f64.npy") "}"
#define BITS  OUT("y", "<f4", "[2]", "bits", "")
#define REAL  OUT("y", "<f4", "[2]", "real", EXACT)
#define TIES  ",\"margin\":\"m\",\"runner_up\":\"r\",\"distance\":\"m\",\"cell\":\"r\""
#define TOKENS                                                                                     \
    OUT("t", "<i4", "[5]", "tokens", TIES)                                                         \
    "," OUT("m", "<f8", "[5]", "bits", "") "," OUT("r", "<i4", "[5,1]", "bits", "")

static spae_status read_manifest(const char *text, spae_manifest *m, spae_arena *arena,
                                 spae_error *err)
{
    const spae_source source = spae_source_memory(text, strlen(text), "x");
    return spae_manifest_read(arena, &source, m, err);
}

static const char good[] = HEAD(4, 6) CASE("a/b", "B", IN, "\"out\":[" REAL "]")
    CASE("a/c", "B", "",
         "\"out\":[" OUT("g", "<f4", "[5]", "real",
                         EXACT ",\"layout\":[[\"enc/K-0.k\",[2,1]],[\"b\",[3]]],"
                               "\"sample\":{\"index\":\"a/i.npy\",\"sha256\":\"" HASH
                               "\",\"data\":\"" HASH "\"}") "]")
        CASE("q/t", "C", "", "\"out\":[" TOKENS "]")
            CASE("z/cut", "A", "", "\"status\":\"SPAE_ERR_IO\"");

START_TEST(a_good_one)
{
    spae_arena arena = new_arena();
    spae_manifest m;
    spae_error err = {SPAE_OK, ""};
    ck_assert_msg(read_manifest(good, &m, &arena, &err) == SPAE_OK, "%s", err.text);
    ck_assert(m.cases == 4 && m.outputs == 6 && m.stages == 3);
    ck_assert_str_eq(m.stage[0].name, "a");
    ck_assert(m.stage[0].count == 2 && m.stage[1].first == 2 && m.stage[2].first == 3);
    const spae_manifest_case *c = m.item;
    ck_assert(c[0].line == 2 && c[0].level == SPAE_LEVEL_B && c[0].inputs == 1 && !c[0].refuses);
    ck_assert(c[0].input[0].formula && c[0].input[0].scale == 0.5 &&
              c[0].input[0].array.count == 6);
    ck_assert(c[0].input[0].file.sha256[0] == 0x01 && c[0].input[0].file.data[31] == 0xef);
    ck_assert_str_eq(c[0].output[0].full_name, "a/b/y");
    ck_assert_str_eq(c[0].output[0].exact.path, "a/b/y.f64.npy");
    const spae_manifest_output *g = c[1].output;
    ck_assert(g->entries == 2 && g->entry[1].first == 2 && g->entry[1].count == 3);
    ck_assert_str_eq(g->entry[0].path, "enc/K-0.k");
    ck_assert_str_eq(g->sample.path, "a/i.npy");
    const spae_manifest_output *t = c[2].output;
    ck_assert(t->margin == 1 && t->runner_up == 2 && t->distance == 1 && t->cell == 2);
    ck_assert(c[3].refuses && c[3].outputs == 1 && c[3].stage == 2);
    ck_assert_str_eq(c[3].output[0].full_name, "z/cut/status");
    ck_assert_str_eq(c[3].refusal, "SPAE_ERR_IO");
    spae_arena_free(&arena);
}
END_TEST

typedef struct {
    const char *text, *part;
} bad;

static void all_refused(const bad *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        spae_arena arena = new_arena();
        spae_manifest m;
        spae_error err = {SPAE_OK, ""};
        const spae_status status = read_manifest(list[i].text, &m, &arena, &err);
        ck_refused(status, SPAE_ERR_FORMAT, err, list[i].part);
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}

#define ONE(name, level, in, rest) HEAD(1, 1) CASE(name, level, in, rest)
#define ONE_OUT(out)               ONE("a/b", "A", "", "\"out\":[" out "]")
#define ONE_REAL(out)              ONE("a/b", "B", "", "\"out\":[" out "]")

START_TEST(bad_lines)
{
    static const bad list[] = {
        {"", "line 1: it is empty"},
        {"\n", "line 1: json: "},
        {"[]\n", "line 1: the header: expected an object"},
        {HEAD(1, 1), "line 1: says 1 cases and 1 outputs, there are 0 and 0"},
        {HEAD(0, 1), "line 1: "},
        {HEAD(2, 1) CASE("a/b", "A", "", "\"out\":[" BITS "]"),
         "says 2 cases and 1 outputs, there are 1 and 1"},
        {HEAD(1, 2) CASE("a/b", "A", "", "\"out\":[" BITS "]"), "says 1 cases and 2 outputs"},
        {HEAD(1, 1)
             CASE("a/b", "A", "", "\"out\":[" BITS "," OUT("z", "<f4", "[]", "bits", "") "]"),
         "there are 1 and 2"},
        {"{\"manifest\":\"SPAE vectors\",\"version\":2,\"cases\":1,\"outputs\":1}\n", "line 1: "},
        {"{\"manifest\":\"vectors\",\"version\":1,\"cases\":1,\"outputs\":1}\n",
         "expected \"SPAE vectors\""},
        {"{\"manifest\":\"SPAE vectors\",\"version\":1,\"cases\":1}\n",
         "line 1: the header: a member is missing"},
        {"{\"manifest\":\"SPAE vectors\",\"version\":1,\"cases\":1,\"outputs\":1,\"more\":1}\n",
         "a member is unknown"},
        {HEAD(1, 1) "{\"name\":\"a/b\"}", "line 2: cut off"},
        {HEAD(1, 1) "{\"name\":\"a/b\"}\n", "line 2: the case: a member is missing"},
        {HEAD(1, 1) "{\"name\":\n", "line 2: json: byte "},
        {HEAD(1, 1) "\n", "line 2: json: "},
        {ONE("a/b", "A", "", "\"out\":[" BITS "],\"note\":1"),
         "line 2: the case: a member is unknown"},
        {ONE("a/b", "A", "", "\"out\":[" BITS "],\"status\":\"SPAE_ERR_IO\""),
         "a member is unknown"},
        {ONE("a/b", "A", "", "\"status\":\"SPAE_OK\""), "expected the name of an error status"},
        {ONE("a/b", "A", "", "\"status\":1"), "line 2: "},
        {ONE("a/b", "B", "", "\"out\":[" BITS "]"), "\"level\": expected A"},
        {ONE("a/b", "A", "", "\"out\":[" REAL "]"), "\"level\": expected B"},
        {ONE("a/b", "A", "", "\"out\":[]"), "\"out\": expected an array of outputs"},
        {ONE("a/b", "A", "", "\"out\":{}"), "\"out\": expected"},
        {ONE("a/b", "A", "1", "\"out\":[" BITS "]"), "in: expected an object"},
        {ONE("a/b", "A", "{\"name\":\"x\",\"dtype\":\"<f4\",\"shape\":[2],\"data\":\"" HASH "\"}",
             "\"out\":[" BITS "]"),
         "in: a member is missing"},
    };
    all_refused(list, sizeof list / sizeof list[0]);
}
END_TEST

START_TEST(bad_names)
{
    static const bad list[] = {
        {ONE("ab", "A", "", "\"out\":[" BITS "]"), "line 2: \"ab\": expected \"stage/case\""},
        {ONE("a/B", "A", "", "\"out\":[" BITS "]"), "line 2: \"a/B\": no such name"},
        {ONE("a//b", "A", "", "\"out\":[" BITS "]"), "no such name"},
        {ONE("/a/b", "A", "", "\"out\":[" BITS "]"), "no such name"},
        {ONE("a/b/", "A", "", "\"out\":[" BITS "]"), "no such name"},
        {ONE("a/b\\u0000", "A", "", "\"out\":[" BITS "]"), "a text has a zero in it"},
        {ONE_OUT(OUT("y/z", "<f4", "[2]", "bits", "")), "no such name"},
        {ONE_OUT("{\"name\":\"y\",\"dtype\":\"<f4\",\"shape\":[2],\"compare\":\"bits\"," FILED(
             "../y.npy") "}"),
         "\"../y.npy\": no such name"},
        {ONE_OUT("{\"name\":\"y\",\"dtype\":\"<f4\",\"shape\":[2],\"compare\":\"bits\"," FILED(
             "a/../../y.npy") "}"),
         "no such name"},
        {ONE_OUT("{\"name\":\"y\",\"dtype\":\"<f4\",\"shape\":[2],\"compare\":\"bits\"," FILED(
             "/etc/y.npy") "}"),
         "no such name"},
        {HEAD(2, 2) CASE("a/b", "A", "", "\"out\":[" BITS "]")
             CASE("a/b", "A", "", "\"out\":[" BITS "]"),
         "the name \"a/b\" occurs twice"},
        {HEAD(1, 2) CASE("a/b", "A", "", "\"out\":[" BITS "," BITS "]"), "\"a/b/y\" occurs twice"},
        {ONE("a/b", "A", "{\"name\":\"y\",\"dtype\":\"<f4\",\"shape\":[]," FILED("a/b/x.npy") "}",
             "\"out\":[" BITS "]"),
         "\"y\" occurs twice"},
        {HEAD(2, 2) CASE("a/b", "A", "", "\"out\":[" OUT("c", "<f4", "[]", "bits", "") "]")
             CASE("a/b/c", "A", "", "\"out\":[" BITS "]"),
         "\"a/b/c\" occurs twice"},
        {HEAD(3, 3) CASE("a/b", "A", "", "\"out\":[" BITS "]")
             CASE("c/b", "A", "", "\"out\":[" BITS "]") CASE("a/d", "A", "", "\"out\":[" BITS "]"),
         "line 4: the cases of stage a are not neighbours"},
    };
    all_refused(list, sizeof list / sizeof list[0]);
}
END_TEST

START_TEST(bad_arrays)
{
    static const bad list[] = {
        {ONE_OUT(OUT("y", ">f4", "[2]", "bits", "")), "line 2: \"dtype\": expected one of"},
        {ONE_OUT(OUT("y", "<u8", "[2]", "bits", "")), "\"dtype\""},
        {ONE_OUT(OUT("y", "<f4", "2", "bits", "")), "a shape: expected an array"},
        {ONE_OUT(OUT("y", "<f4", "[1,1,1,1,1,1,1,1,1]", "bits", "")), "at most 8 sizes"},
        {ONE_OUT(OUT("y", "<f4", "[-1]", "bits", "")), "whole numbers from 0"},
        {ONE_OUT(OUT("y", "<f4", "[1.5]", "bits", "")), "whole numbers from 0"},
        {ONE_OUT(OUT("y", "<f4", "[1048576,1048576]", "bits", "")), "more than 2^36 items"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "equal", "")), "\"compare\": expected"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"margin\":\"m\"")), "out: a member is unknown"},
        {ONE_OUT(OUT("y", "<i4", "[2]", "bits", EXACT)), "a real output is of a float type"},
        {ONE_REAL(OUT("y", "<f4", "[2]", "real", "")), "has \"exact\" values"},
        {ONE_REAL(OUT("y", "<i4", "[2]", "real", EXACT)), "a real output is of a float type"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"exact\":{\"file\":\"y\"}")),
         "exact: a member is missing"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"sample\":1")), "sample: expected an object"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"layout\":[]")), "\"layout\""},
        {ONE_OUT(OUT("y", "<f4", "[1,2]", "bits", ",\"layout\":[[\"k\",[2]]]")),
         "an array of rank 1"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"layout\":[[\"k\",[1]]]")),
         "do not fill the 2 items"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"layout\":[[\"k\",[2]],[\"b\",[1]]]")),
         "do not fill"},
        {ONE_OUT(OUT("y", "<f4", "[2]", "bits", ",\"layout\":[[\"k\"]]")), "pairs [path, shape]"},
        {ONE_OUT("{\"name\":\"y\",\"dtype\":\"<f4\",\"shape\":[2],\"compare\":\"bits\",\"file\":"
                 "\"y.npy\","
                 "\"sha256\":\"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\","
                 "\"data\":\"" HASH "\"}"),
         "\"sha256\": expected a SHA-256"},
        {ONE("a/b", "C", "", "\"out\":[" OUT("t", "<i4", "[5]", "tokens", TIES) "]"),
         "\"t\": \"margin\": expected another output"},
        {ONE("a/b", "C", "",
             "\"out\":[" OUT("t", "<i4", "[4]", "tokens", TIES) "," OUT("m", "<f8", "[5]", "bits",
                                                                        "") "]"),
         "with 4 items"},
        {ONE("a/b", "C", "",
             "\"out\":[" OUT("t", "<i4", "[5]", "tokens", TIES) "," OUT("m", "<i4", "[5]", "bits",
                                                                        "") "]"),
         "\"margin\": expected another output of the case, of a float type"},
        {ONE("a/b", "C", "", "\"out\":[" OUT("t", "<f4", "[5]", "tokens", TIES) "]"),
         "tokens are of an integer type"},
        {ONE("a/b", "C", "", "\"out\":[" OUT("t", "<i4", "[5]", "tokens", "") "]"),
         "out: a member is missing"},
        {ONE("a/b", "A",
             "{\"name\":\"x\",\"dtype\":\"<f4\",\"shape\":[2],\"data\":\"" HASH
             "\",\"formula\":[1]}",
             "\"out\":[" BITS "]"),
         "\"formula\": expected [offset, scale]"},
    };
    all_refused(list, sizeof list / sizeof list[0]);
}
END_TEST

static spae_status read_good(spae_arena *arena, void *context, spae_error *err)
{
    spae_manifest m;
    (void)context;
    return read_manifest(good, &m, arena, err);
}

START_TEST(memory)
{
    starve(read_good, NULL, 512);
}
END_TEST

/* Cut anywhere, it is refused. */
START_TEST(cut_off)
{
    for (size_t n = 0; n + 1 < sizeof good; n += 7) {
        spae_arena arena = new_arena();
        spae_manifest m;
        spae_error err = {SPAE_OK, ""};
        const spae_source source = spae_source_memory(good, n, "x");
        ck_refused(spae_manifest_read(&arena, &source, &m, &err), SPAE_ERR_FORMAT, err, "line ");
        ck_assert_uint_eq(arena.used, 0);
        spae_arena_free(&arena);
    }
}
END_TEST

SUITE(suite_io_manifest, "io/manifest", a_good_one, bad_lines, bad_names, bad_arrays, memory,
      cut_off)

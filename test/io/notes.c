/* io/notes: defaults, and that what is written is read. Refusals stand with the files, in
 * test/io/model.c. */
#include "tiny.h"

#include "io/notes.h"

enum { NODES = 32 };

static void read_text(const char *text, size_t length, spae_notes *notes, spae_arena *arena)
{
    spae_json_node nodes[NODES];
    spae_error err;
    ck_ok(spae_json_parse(text, length, nodes, NODES, NULL, &err));
    ck_ok(spae_notes_read(notes, "x", nodes, arena, &err));
}

START_TEST(a_file_without_notes_has_the_defaults)
{
    spae_arena arena = new_arena();
    spae_notes notes = {.label_count = 7};
    read_text("{\"c\":1}", 7, &notes, &arena);
    ck_assert(notes.guide == SPAE_GUIDE_CENTRED && notes.label_count == 0 &&
              !notes.codebook_centred);
    ck_assert_double_eq(notes.codebook_scale, 1.0);
    ck_assert_str_eq(notes.perceptual, "");
    spae_arena_free(&arena);
}
END_TEST

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The weights of the perceptual term, and files that guided, are told only where there were some. */
static void ck_written_and_read(const char *perceptual, const char *guide_files, const char *due)
{
    static const char *const labels[] = {"zero", "", "a\"b\\\n"};
    spae_notes notes = {SPAE_GUIDE_RAW, 3, labels, true, 0.25, "", ""};
    spae_arena arena = new_arena();
    spae_notes back;
    spae_json_writer w;
    spae_error err;
    char text[512];
    size_t length = 0;
    strcpy(notes.perceptual, perceptual);
    strcpy(notes.guide_files, guide_files);
    spae_json_write_start(&w, text, sizeof text);
    spae_json_write_open(&w, '{');
    spae_notes_write(&w, &notes);
    spae_json_write_close(&w);
    ck_ok(spae_json_write_finish(&w, &length, &err));
    ck_assert_uint_eq(length, strlen(due));
    ck_assert(memcmp(text, due, length) == 0);
    read_text(text, length, &back, &arena);
    ck_assert(back.guide == SPAE_GUIDE_RAW && back.label_count == 3 && back.codebook_centred);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(back.label[i], labels[i]);
    ck_assert_str_eq(back.perceptual, perceptual);
    ck_assert_str_eq(back.guide_files, guide_files);
    spae_arena_free(&arena);
}

START_TEST(what_is_written_is_read)
{
#define FIRST                                                                                      \
    "{\"guide\":\"raw\",\"labels\":[\"zero\",\"\",\"a\\\"b\\\\\\n\"],\"codebook_centred\":true,"             \
    "\"codebook_scale\":0.25"
    ck_written_and_read("", "", FIRST "}");
    ck_written_and_read(HASH, "", FIRST ",\"perceptual_sha256\":\"" HASH "\"}");
    ck_written_and_read("", HASH, FIRST ",\"guide_sha256\":\"" HASH "\"}");
}
END_TEST

START_TEST(more_labels_than_a_byte_tells_are_refused)
{
    static spae_json_node nodes[300];
    spae_arena arena = new_arena();
    spae_notes notes;
    spae_error err;
    for (size_t count = 256; count <= 257; count++) {
        char text[2048] = "{\"labels\":[";
        for (size_t i = 0; i < count; i++)
            strcat(text, i == 0 ? "\"a\"" : ",\"a\"");
        strcat(text, "]}");
        ck_ok(spae_json_parse(text, strlen(text), nodes, 300, NULL, &err));
        const spae_status status = spae_notes_read(&notes, "x", nodes, &arena, &err);
        ck_assert_int_eq(status, count == 256 ? SPAE_OK : SPAE_ERR_FORMAT);
    }
    ck_assert_uint_eq(notes.label_count, 256);
    spae_arena_free(&arena);
}
END_TEST

SUITE(suite_io_notes, "io/notes", a_file_without_notes_has_the_defaults, what_is_written_is_read,
      more_labels_than_a_byte_tells_are_refused)

/* The notes of a model as JSON, notes.h. */
#include "io/notes.h"

#include <string.h>

spae_notes spae_notes_default(void)
{
    return (spae_notes){.guide = SPAE_GUIDE_CENTRED, .codebook_scale = 1.0};
}

typedef struct {
    const char *file;
    const spae_json_node *nodes;
    spae_arena *arena;
} json_text;

static spae_status refuse_note(const json_text *json, const char *key, const char *expected,
                               spae_error *err)
{
    return spae_fail(err, SPAE_ERR_FORMAT, "%s: config: %s: expected %s", json->file, key,
                     expected);
}

/* A string of the JSON text, unescaped, in the arena; NULL when it is none or holds a zero. */
static const char *take_string(const json_text *json, const spae_json_node *node)
{
    size_t length = 0;
    if (node->type != SPAE_JSON_STRING)
        return NULL;
    char *text = spae_arena_take(json->arena, node->length + 1, 1);
    if (text == NULL || spae_json_string(node, text, node->length + 1, &length, NULL) != SPAE_OK ||
        strlen(text) != length)
        return NULL;
    return text;
}

static spae_status read_labels(const json_text *json, const spae_json_node *node, spae_notes *notes,
                               spae_error *err)
{
    static const char expected[] = "an array of up to 256 words";
    if (node->type != SPAE_JSON_ARRAY || node->count > SPAE_NOTES_LABELS_MOST)
        return refuse_note(json, "labels", expected, err);
    const char **label = spae_arena_take(json->arena, node->count, sizeof *label);
    if (label == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %u labels", json->file,
                         (unsigned)node->count);
    notes->label = label;
    for (const spae_json_node *n = spae_json_first(json->nodes, node); n != NULL;
         n = spae_json_next(json->nodes, n)) {
        *label = take_string(json, n);
        if (*label++ == NULL)
            return refuse_note(json, "labels", expected, err);
    }
    notes->label_count = node->count;
    return SPAE_OK;
}

static spae_status read_guide(const json_text *json, const spae_json_node *node, spae_notes *notes,
                              spae_error *err)
{
    char name[16];
    if (spae_json_string(node, name, sizeof name, NULL, NULL) == SPAE_OK)
        for (size_t i = 0; i < SPAE_GUIDE_KINDS; i++)
            if (strcmp(name, spae_guide_names[i]) == 0) {
                notes->guide = (spae_guide_kind)i;
                return SPAE_OK;
            }
    return refuse_note(json, "guide", "\"centred\", \"raw\" or \"nearest\"", err);
}

static bool read_hash(const spae_json_node *node, char hash[65])
{
    size_t length = 0;
    return spae_json_string(node, hash, 65, &length, NULL) == SPAE_OK && length == 64 &&
           strspn(hash, "0123456789abcdef") == length;
}

spae_status spae_notes_read(spae_notes *notes, const char *file, const spae_json_node *nodes,
                            spae_arena *arena, spae_error *err)
{
    const json_text json = {file, nodes, arena};
    const spae_json_node *guide = spae_json_member(nodes, nodes, "guide");
    const spae_json_node *labels = spae_json_member(nodes, nodes, "labels");
    const spae_json_node *centred = spae_json_member(nodes, nodes, "codebook_centred");
    const spae_json_node *scale = spae_json_member(nodes, nodes, "codebook_scale");
    spae_notes n = spae_notes_default();
    spae_status status = guide != NULL ? read_guide(&json, guide, &n, err) : SPAE_OK;
    if (status == SPAE_OK && labels != NULL)
        status = read_labels(&json, labels, &n, err);
    if (status == SPAE_OK && centred != NULL &&
        spae_json_boolean(centred, &n.codebook_centred, NULL) != SPAE_OK)
        status = refuse_note(&json, "codebook_centred", "true or false", err);
    if (status == SPAE_OK && scale != NULL &&
        spae_json_double(scale, &n.codebook_scale, NULL) != SPAE_OK)
        status = refuse_note(&json, "codebook_scale", "a number", err);
    const spae_json_node *perceptual = spae_json_member(nodes, nodes, "perceptual_sha256");
    if (status == SPAE_OK && perceptual != NULL && !read_hash(perceptual, n.perceptual))
        status = refuse_note(&json, "perceptual_sha256", "64 digits 0 to 9, a to f", err);
    const spae_json_node *files = spae_json_member(nodes, nodes, "guide_sha256");
    if (status == SPAE_OK && files != NULL && !read_hash(files, n.guide_files))
        status = refuse_note(&json, "guide_sha256", "64 digits 0 to 9, a to f", err);
    if (status == SPAE_OK)
        *notes = n;
    return status;
}

static void write_hash(spae_json_writer *w, const char *key, const char *hash)
{
    if (hash[0] == '\0')
        return;
    spae_json_write_key(w, key);
    spae_json_write_string(w, hash, strlen(hash));
}

void spae_notes_write(spae_json_writer *w, const spae_notes *notes)
{
    const char *guide = spae_guide_names[notes->guide];
    spae_json_write_key(w, "guide");
    spae_json_write_string(w, guide, strlen(guide));
    spae_json_write_key(w, "labels");
    spae_json_write_open(w, '[');
    for (size_t i = 0; i < notes->label_count; i++)
        spae_json_write_string(w, notes->label[i], strlen(notes->label[i]));
    spae_json_write_close(w);
    spae_json_write_key(w, "codebook_centred");
    spae_json_write_boolean(w, notes->codebook_centred);
    spae_json_write_key(w, "codebook_scale");
    spae_json_write_double(w, notes->codebook_scale);
    write_hash(w, "perceptual_sha256", notes->perceptual);
    write_hash(w, "guide_sha256", notes->guide_files);
}

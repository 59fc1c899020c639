/* The normalizers and pre-tokenizers of a tokenizer.json (SPEC 8.30, 8.31), as stages.
 *
 * Each is an object with a "type". What is not known is refused by its name: to leave one out would give other tokens.
 */
#include <string.h>

#include "io/base64.h"
#include "io/tokenizer_parts.h"

typedef struct {
    spae_token_stages *stages;
    const spae_json_node *nodes;
    bool byte_level; /* ByteLevel has been met: nothing may follow it */
    bool removes;    /* a stage before drops parts of the text */
    spae_arena *arena;
    spae_error *err;
} reading;

enum { NAME = 40, DEPTH = 8 };

static spae_status refuse(const reading *r, const char *type, const char *why)
{
    return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: %s", type, why);
}

/* ---- members --------------------------------------------------------------------------------------------- */

static bool is_null(const spae_json_node *node)
{
    return node == NULL || node->type == SPAE_JSON_NULL;
}

/* A string member, in the arena; `missing` where it is not there (NULL: it must be). */
static spae_status text_of(const reading *r, const spae_json_node *node, const char *type, const char *key, const char *missing,
                           const char **text, size_t *length)
{
    const spae_json_node *member = spae_json_member(r->nodes, node, key);
    if (is_null(member) && missing != NULL) {
        *text = missing;
        *length = strlen(missing);
        return SPAE_OK;
    }
    if (is_null(member) || member->type != SPAE_JSON_STRING)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: expected a string \"%s\"", type, key);
    char *out = spae_arena_take(r->arena, member->length + 1, 1);
    if (out == NULL)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for \"%s\"", type, key);
    *text = out;
    return spae_json_string(member, out, member->length + 1, length, r->err);
}

static spae_status flag_of(const reading *r, const spae_json_node *node, const char *type, const char *key, bool missing,
                           bool *flag)
{
    const spae_json_node *member = spae_json_member(r->nodes, node, key);
    *flag = missing;
    if (is_null(member))
        return SPAE_OK;
    if (spae_json_boolean(member, flag, NULL) != SPAE_OK)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "%s: \"%s\" is neither true nor false", type, key);
    return SPAE_OK;
}

/* A short string such as a type; *name is "" when it is none. */
static void name_of(const reading *r, const spae_json_node *node, const char *key, char name[NAME])
{
    const spae_json_node *member = spae_json_member(r->nodes, node, key);
    if (member == NULL || spae_json_string(member, name, NAME, NULL, NULL) != SPAE_OK)
        name[0] = '\0';
}

/* A literal text as a pattern: \x{..} for each byte of ASCII, all else as it stands. */
static spae_status literal(const reading *r, const char *type, const char *text, size_t length, const char **pattern,
                           size_t *pattern_length)
{
    static const char hex[] = "0123456789abcdef";
    char *out = length <= SIZE_MAX / 6 ? spae_arena_take(r->arena, length, 6) : NULL;
    size_t at = 0;
    if (out == NULL)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for a pattern", type);
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        if (byte < 0x80) {
            memcpy(out + at, "\\x", 2);
            out[at + 2] = hex[byte >> 4];
            out[at + 3] = hex[byte & 15];
            at += 4;
        } else {
            out[at++] = text[i];
        }
    }
    *pattern = out;
    *pattern_length = at;
    return SPAE_OK;
}

/* "pattern": {"String": ..} or {"Regex": ..} */
static spae_status pattern_of(const reading *r, const spae_json_node *node, const char *type, const char **pattern,
                              size_t *length)
{
    const spae_json_node *member = spae_json_member(r->nodes, node, "pattern");
    if (is_null(member) || member->type != SPAE_JSON_OBJECT)
        return refuse(r, type, "expected a \"pattern\"");
    if (spae_json_member(r->nodes, member, "Regex") != NULL)
        return text_of(r, member, type, "Regex", NULL, pattern, length);
    const char *text = NULL;
    const spae_status status = text_of(r, member, type, "String", NULL, &text, length);
    if (status == SPAE_OK && *length == 0)
        return refuse(r, type, "an empty pattern");
    return status == SPAE_OK ? literal(r, type, text, *length, pattern, length) : status;
}

/* ---- normalizers ----------------------------------------------------------------------------------------- */

static spae_status add(const reading *r, spae_token_stage stage)
{
    return spae_token_stages_add(r->stages, stage, r->err);
}

static spae_status read_replace(const reading *r, const spae_json_node *node)
{
    spae_token_stage stage = {.op = SPAE_STAGE_REPLACE, .name = "Replace"};
    const char *pattern = NULL;
    size_t length = 0;
    spae_status status = pattern_of(r, node, "Replace", &pattern, &length);
    if (status == SPAE_OK)
        status = text_of(r, node, "Replace", "content", NULL, &stage.text, &stage.length);
    if (status == SPAE_OK)
        status = spae_pattern_compile(r->arena, pattern, length, &stage.pattern, r->err);
    return status == SPAE_OK ? add(r, stage) : status;
}

static spae_status read_strip(const reading *r, const spae_json_node *node)
{
    spae_token_stage stage = {.op = SPAE_STAGE_STRIP, .name = "Strip"};
    spae_status status = flag_of(r, node, "Strip", "strip_left", true, &stage.left);
    if (status == SPAE_OK)
        status = flag_of(r, node, "Strip", "strip_right", true, &stage.right);
    return status == SPAE_OK ? add(r, stage) : status;
}

static spae_status read_prepend(const reading *r, const spae_json_node *node)
{
    spae_token_stage stage = {.op = SPAE_STAGE_PREPEND, .name = "Prepend"};
    const spae_status status = text_of(r, node, "Prepend", "prepend", NULL, &stage.text, &stage.length);
    return status == SPAE_OK ? add(r, stage) : status;
}

/* "precompiled_charsmap": base64 of the size of a trie (4 bytes, low first), the trie, texts. None: no map. */
static spae_status read_precompiled(const reading *r, const spae_json_node *node)
{
    static const char type[] = "Precompiled";
    spae_token_stage stage = {.op = SPAE_STAGE_MAP, .name = type};
    const char *text = NULL;
    size_t length = 0, size = 0;
    spae_status status = text_of(r, node, type, "precompiled_charsmap", "", &text, &length);
    if (status != SPAE_OK || length == 0)
        return status;
    uint8_t *map = spae_arena_take(r->arena, length / 4 + 1, 3);
    if (map == NULL)
        return spae_fail(r->err, SPAE_ERR_NO_MEMORY, "%s: no memory for a map of %zu bytes", type, length);
    if (!spae_base64_read(text, length, map, &size) || size < 4)
        return refuse(r, type, "\"precompiled_charsmap\" is no base64 of a map");
    const uint32_t trie = (uint32_t)map[0] | (uint32_t)map[1] << 8 | (uint32_t)map[2] << 16 | (uint32_t)map[3] << 24;
    if (trie < 4 || trie % 4 != 0 || trie > size - 4)
        return refuse(r, type, "\"precompiled_charsmap\": the map's trie has another size than it says");
    stage.map = map + 4;
    stage.map_size = size - 4;
    stage.units = trie / 4;
    return add(r, stage);
}

/* Those that have no members; false when `type` is none of them. */
static bool plain_normalizer(const char *type, spae_token_stage *stage)
{
    static const struct {
        const char *name;
        spae_stage_op op;
        spae_unicode_form form;
    } plain[] = {{"NFC", SPAE_STAGE_FORM, SPAE_UNICODE_NFC},
                 {"NFD", SPAE_STAGE_FORM, SPAE_UNICODE_NFD},
                 {"NFKC", SPAE_STAGE_FORM, SPAE_UNICODE_NFKC},
                 {"NFKD", SPAE_STAGE_FORM, SPAE_UNICODE_NFKD},
                 {"Lowercase", SPAE_STAGE_LOWERCASE, SPAE_UNICODE_NFC},
                 {"StripAccents", SPAE_STAGE_STRIP_ACCENTS, SPAE_UNICODE_NFC}};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strcmp(type, plain[i].name) == 0) {
            *stage = (spae_token_stage){.op = plain[i].op, .name = plain[i].name, .form = plain[i].form};
            return true;
        }
    return false;
}

typedef spae_status read_one(reading *r, const spae_json_node *node, const char *type);

/* An object with a type, or a Sequence of them. */
static spae_status read_any(reading *r, const spae_json_node *node, const char *list, const char *what, read_one *one,
                            unsigned depth)
{
    char type[NAME];
    name_of(r, node, "type", type);
    if (type[0] == '\0')
        return spae_fail(r->err, SPAE_ERR_FORMAT, "a %s without a \"type\"", what);
    if (strcmp(type, "Sequence") != 0)
        return one(r, node, type);
    const spae_json_node *all = spae_json_member(r->nodes, node, list);
    if (depth == DEPTH || is_null(all) || all->type != SPAE_JSON_ARRAY)
        return spae_fail(r->err, SPAE_ERR_FORMAT, "Sequence: expected a list \"%s\", not too deep", list);
    spae_status status = SPAE_OK;
    for (node = spae_json_first(r->nodes, all); node != NULL && status == SPAE_OK; node = spae_json_next(r->nodes, node))
        status = read_any(r, node, list, what, one, depth + 1);
    return status;
}

static spae_status read_normalizer(reading *r, const spae_json_node *node, const char *type)
{
    spae_token_stage stage;
    if (strcmp(type, "Replace") == 0)
        return read_replace(r, node);
    if (strcmp(type, "Prepend") == 0)
        return read_prepend(r, node);
    if (strcmp(type, "Strip") == 0)
        return read_strip(r, node);
    if (strcmp(type, "Precompiled") == 0)
        return read_precompiled(r, node);
    if (plain_normalizer(type, &stage))
        return add(r, stage);
    return spae_fail(r->err, SPAE_ERR_FORMAT, "normalizer: the type %s is not known", type);
}

/* ---- pre-tokenizers -------------------------------------------------------------------------------------- */

static spae_status split(reading *r, const char *name, const char *pattern, size_t length, spae_split how)
{
    r->removes = r->removes || how == SPAE_SPLIT_REMOVED;
    return spae_token_stages_split(r->stages, name, pattern, length, how, r->arena, r->err);
}

/* "behavior", turned round where the pattern says what does not match. */
static spae_status behaviour_of(const reading *r, const spae_json_node *node, const char *type, const char *missing, bool invert,
                                spae_split *how)
{
    static const char *const names[] = {"Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    char name[NAME];
    name_of(r, node, "behavior", name);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name[0] != '\0' ? name : missing, names[i]) == 0) {
            *how = invert && i == SPAE_SPLIT_REMOVED ? SPAE_SPLIT_KEPT : (spae_split)i;
            return invert && i > SPAE_SPLIT_REMOVED && i < SPAE_SPLIT_CONTIGUOUS
                       ? refuse(r, type, "\"invert\" is known with Isolated, Removed and Contiguous only")
                       : SPAE_OK;
        }
    return refuse(r, type, "a \"behavior\" that is not known");
}

static spae_status read_split(reading *r, const spae_json_node *node)
{
    const char *pattern = NULL;
    size_t length = 0;
    bool invert = false;
    spae_split how = SPAE_SPLIT_ISOLATED;
    spae_status status = pattern_of(r, node, "Split", &pattern, &length);
    if (status == SPAE_OK)
        status = flag_of(r, node, "Split", "invert", false, &invert);
    if (status == SPAE_OK)
        status = behaviour_of(r, node, "Split", "", invert, &how);
    return status == SPAE_OK ? split(r, "Split", pattern, length, how) : status;
}

static spae_status read_byte_level(reading *r, const spae_json_node *node)
{
    bool before = true, cuts = true;
    spae_status status = flag_of(r, node, "ByteLevel", "add_prefix_space", true, &before);
    if (status == SPAE_OK)
        status = flag_of(r, node, "ByteLevel", "use_regex", true, &cuts);
    if (status == SPAE_OK && before)
        status = add(r, (spae_token_stage){.op = SPAE_STAGE_BEGIN, .name = "ByteLevel", .text = " ", .length = 1});
    if (status == SPAE_OK && cuts)
        status = split(r, "ByteLevel", spae_token_gpt2_pattern, strlen(spae_token_gpt2_pattern), SPAE_SPLIT_ISOLATED);
    r->byte_level = true;
    return status;
}

/* Whether and where Metaspace puts its character before a text: "prepend_scheme", in older files "add_prefix_space". */
static spae_status scheme_of(const reading *r, const spae_json_node *node, bool *prepends, bool *first_only)
{
    char scheme[NAME];
    name_of(r, node, "prepend_scheme", scheme);
    *first_only = strcmp(scheme, "first") == 0;
    *prepends = strcmp(scheme, "never") != 0;
    if (scheme[0] == '\0')
        return flag_of(r, node, "Metaspace", "add_prefix_space", true, prepends);
    if (!*first_only && *prepends && strcmp(scheme, "always") != 0)
        return refuse(r, "Metaspace", "a \"prepend_scheme\" that is not known");
    return *first_only && r->removes ? refuse(r, "Metaspace", "\"first\" is not known behind a stage that drops parts of the text")
                                     : SPAE_OK;
}

static spae_status read_metaspace(reading *r, const spae_json_node *node)
{
    static const char type[] = "Metaspace";
    spae_token_stage blank = {.op = SPAE_STAGE_REPLACE, .name = type}, before = {.op = SPAE_STAGE_BEGIN, .name = type};
    const char *pattern = NULL;
    size_t length = 0;
    bool prepends = true, cuts = true;
    spae_status status = text_of(r, node, type, "replacement", "\xe2\x96\x81", &blank.text, &blank.length);
    if (status == SPAE_OK && blank.length == 0)
        return refuse(r, type, "an empty \"replacement\"");
    if (status == SPAE_OK)
        status = scheme_of(r, node, &prepends, &before.first_only);
    if (status == SPAE_OK)
        status = flag_of(r, node, type, "split", true, &cuts);
    if (status == SPAE_OK)
        status = spae_pattern_compile(r->arena, "\\x20", 4, &blank.pattern, r->err);
    if (status == SPAE_OK)
        status = add(r, blank);
    before.text = blank.text;
    before.length = blank.length;
    if (status == SPAE_OK && prepends)
        status = add(r, before);
    if (status == SPAE_OK && cuts)
        status = literal(r, type, blank.text, blank.length, &pattern, &length);
    return status == SPAE_OK && cuts ? split(r, type, pattern, length, SPAE_SPLIT_NEXT) : status;
}

static spae_status read_digits(reading *r, const spae_json_node *node)
{
    bool each = false;
    const spae_status status = flag_of(r, node, "Digits", "individual_digits", false, &each);
    return status == SPAE_OK ? split(r, "Digits", "\\p{N}", 5, each ? SPAE_SPLIT_ISOLATED : SPAE_SPLIT_CONTIGUOUS) : status;
}

static spae_status read_punctuation(reading *r, const spae_json_node *node)
{
    static const char pattern[] = "[\\p{P}!-/:-@\\[-`{-~]";
    spae_split how = SPAE_SPLIT_ISOLATED;
    const spae_status status = behaviour_of(r, node, "Punctuation", "Isolated", false, &how);
    return status == SPAE_OK ? split(r, "Punctuation", pattern, sizeof pattern - 1, how) : status;
}

static spae_status read_pre_tokenizer(reading *r, const spae_json_node *node, const char *type)
{
    if (r->byte_level)
        return refuse(r, type, "no pre-tokenizer is known behind ByteLevel");
    if (strcmp(type, "Split") == 0)
        return read_split(r, node);
    if (strcmp(type, "ByteLevel") == 0)
        return read_byte_level(r, node);
    if (strcmp(type, "Metaspace") == 0)
        return read_metaspace(r, node);
    if (strcmp(type, "Digits") == 0)
        return read_digits(r, node);
    if (strcmp(type, "Punctuation") == 0)
        return read_punctuation(r, node);
    if (strcmp(type, "WhitespaceSplit") == 0)
        return split(r, "WhitespaceSplit", "\\s+", 3, SPAE_SPLIT_REMOVED);
    return spae_fail(r->err, SPAE_ERR_FORMAT, "pre_tokenizer: the type %s is not known", type);
}

spae_status spae_token_stages_read(spae_token_stages *stages, const spae_json_node *nodes, const spae_json_node *normalizer,
                                   const spae_json_node *pre_tokenizer, bool *byte_level, spae_arena *arena, spae_error *err)
{
    reading r = {stages, nodes, false, false, arena, err};
    spae_status status = SPAE_OK;
    if (!is_null(normalizer))
        status = read_any(&r, normalizer, "normalizers", "normalizer", read_normalizer, 0);
    if (status == SPAE_OK && !is_null(pre_tokenizer))
        status = read_any(&r, pre_tokenizer, "pretokenizers", "pre_tokenizer", read_pre_tokenizer, 0);
    *byte_level = r.byte_level;
    return status;
}

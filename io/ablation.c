/* The table of ablation.h. */
#include "io/ablation.h"

#include <stdio.h>
#include <string.h>

#include "io/config.h"

/* What the base must have for a row to say something. */
typedef enum { NOTHING, GUIDANCE, THRESHOLDS, DYNAMIC_WEIGHT, PERCEPTUAL, ADVERSARIAL } need;

/* In assignments and titles stand, for what depends on the base:
 *     {grid}    its last layer, "16x16"           {words}   the size of the vocabulary
 *     {guided}  its guided layers, 2 at most      {layers}  its layers */
struct spae_ablation_row {
    const char *name, *title;
    need need;
    const char *change[4]; /* NULL ends them */
};

static const spae_ablation_row rows[] = {
    {"vq",
     "baseline VQ",
     NOTHING,
     {"pyramid={grid}", "semantic_layers=0", "codebook_size={words}"}},
    {"frozen", "+ frozen codebook", NOTHING, {"pyramid={grid}", "semantic_layers=0"}},
    {"semantic", "+ semantic loss", GUIDANCE, {"pyramid={grid}", "semantic_layers=1"}},
    {"rq-2",
     "+ 2-layer RQ",
     NOTHING,
     {"pyramid={grid},{grid}", "semantic_layers={guided}", "quantizer=rq"}},
    {"saq-2",
     "+ 2-layer SAQ",
     NOTHING,
     {"pyramid={grid},{grid}", "semantic_layers={guided}", "quantizer=saq"}},
    {"spae", "+ {layers}-layer pyramid SAQ", NOTHING, {"quantizer=saq"}},
    {"single-threshold",
     "no per-layer thresholds",
     THRESHOLDS,
     {"quantizer=saq", "single_threshold=true"}},
    {"fixed-weight",
     "no dynamic semantic weight",
     DYNAMIC_WEIGHT,
     {"quantizer=saq", "dynamic_weight=false"}},
    {"no-perceptual", "no perceptual loss", PERCEPTUAL, {"quantizer=saq", "eta=0"}},
    {"no-adversarial", "no adversarial loss", ADVERSARIAL, {"quantizer=saq", "lambda=0", "phi=0"}},
};
enum { ROWS = sizeof rows / sizeof rows[0], CHANGES = 4, TEXT_ROOM = 128 };

const spae_ablation_row *spae_ablation_at(size_t index)
{
    return index < ROWS ? &rows[index] : NULL;
}

const spae_ablation_row *spae_ablation_find(const char *name, size_t n)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
            return &rows[i];
    return NULL;
}

const char *spae_ablation_name(const spae_ablation_row *row)
{
    return row->name;
}

/* ---- what depends on the base --------------------------------------------------------------- */

/* What stands for the name in braces, terminated. */
static void value_of(const char *name, const spae_config *base, size_t words, char value[64])
{
    const spae_pyramid *pyramid = &base->pyramid;
    const size_t *grid = pyramid->size[pyramid->layers - 1];
    if (strncmp(name, "{grid}", 6) == 0)
        snprintf(value, 64, "%zux%zux%zu", grid[0], grid[1], grid[2]);
    else if (strncmp(name, "{words}", 7) == 0)
        snprintf(value, 64, "%zu", words);
    else if (strncmp(name, "{guided}", 8) == 0)
        snprintf(value, 64, "%zu", base->semantic_layers < 2 ? base->semantic_layers : 2);
    else /* {layers} */
        snprintf(value, 64, "%zu", pyramid->layers);
}

/* Copies the pattern with values for the names in braces; what does not fit is cut off. */
static void expand(const char *pattern, const spae_config *base, size_t words, char *text,
                   size_t room)
{
    size_t n = 0;
    while (*pattern != '\0' && n + 1 < room) {
        char value[64] = {*pattern, '\0'};
        size_t taken = 1;
        if (*pattern == '{') {
            value_of(pattern, base, words, value);
            taken = strcspn(pattern, "}") + 1;
        }
        n += (size_t)snprintf(text + n, room - n, "%s", value);
        pattern += taken;
    }
}

void spae_ablation_title(const spae_ablation_row *row, const spae_config *base,
                         char title[SPAE_ABLATION_TITLE_ROOM])
{
    expand(row->title, base, 0, title, SPAE_ABLATION_TITLE_ROOM);
}

const char *spae_ablation_vain(const spae_ablation_row *row, const spae_config *base,
                               bool perceptual)
{
    const bool guided = base->semantic_layers > 0 && base->alpha > 0;
    if (row->need == GUIDANCE && !guided)
        return "the base has no semantic loss";
    if (row->need == THRESHOLDS && (base->semantic_layers < 2 || !guided || base->single_threshold))
        return "the base has one threshold";
    if (row->need == DYNAMIC_WEIGHT && (!base->dynamic_weight || !guided))
        return "the base has no dynamic weight";
    if (row->need == PERCEPTUAL && !(base->eta > 0))
        return "the base has no perceptual loss: eta is 0";
    if (row->need == PERCEPTUAL && !perceptual)
        return "without weights of a perceptual network that loss is off in every row";
    if (row->need == ADVERSARIAL && !(base->lambda > 0))
        return "the base has no adversarial loss: lambda is 0";
    return NULL;
}

spae_status spae_ablation_config(const spae_ablation_row *row, const spae_config *base,
                                 size_t words, spae_config *config, spae_error *err)
{
    spae_config changed = *base;
    spae_error why;
    spae_status status = SPAE_OK;
    for (size_t i = 0; status == SPAE_OK && i < CHANGES && row->change[i] != NULL; i++) {
        char assignment[TEXT_ROOM];
        expand(row->change[i], base, words, assignment, sizeof assignment);
        status = spae_config_set(&changed, assignment, &why);
    }
    if (status == SPAE_OK)
        status = spae_config_check(&changed, &why);
    if (status != SPAE_OK)
        return spae_fail(err, status, "row %s: %s", row->name, why.text);
    *config = changed;
    return SPAE_OK;
}

/* The options of runs.h. */
#include "io/cli/runs.h"

#include <stdio.h>
#include <string.h>

#include "vendor_free/decimal.h"

static bool read_scale(const spae_cli_arguments *a, double *scale)
{
    const char *text = spae_cli_value(a, "codebook-scale");
    if (text == NULL ||
        (spae_decimal_read(text, strlen(text), scale) && *scale > 0 && *scale <= 1e6))
        return true;
    return spae_cli_wrong(a->command, "--codebook-scale: %s is no number above 0, up to 1e6", text),
           false;
}

static bool read_numbers(const spae_cli_arguments *a, spae_training_settings *set)
{
    uint64_t limit = 0, every = set->every, at_once = set->at_once;
    size_t guide = set->guide;
    if (!spae_cli_integer(a, "steps", 0, UINT32_MAX, &set->config.steps) ||
        !spae_cli_integer(a, "limit-words", 1, INT32_MAX, &limit) ||
        !spae_cli_integer(a, "checkpoint-every", 1, UINT32_MAX, &set->checkpoint_every) ||
        !spae_cli_integer(a, "every", 0, 86400, &every) ||
        !spae_cli_integer(a, "at-once", 1, SPAE_TRAINING_AT_ONCE_MOST, &at_once) ||
        !spae_cli_choice(a, "guide", spae_guide_names, SPAE_GUIDE_KINDS, &guide))
        return false;
    set->limit_words = (size_t)limit;
    set->every = (unsigned)every;
    set->at_once = (size_t)at_once;
    set->guide = (spae_guide_kind)guide;
    return true;
}

static bool read_perceptual(const spae_cli_arguments *a, spae_training_settings *set)
{
    const char *path;
    while ((path = spae_cli_value_at(a, "perceptual", set->perceptual_files)) != NULL) {
        if (set->perceptual_files == SPAE_PERCEPTUAL_FILES)
            return spae_cli_wrong(a->command, "--perceptual: more than %d files", (int)SPAE_PERCEPTUAL_FILES), false;
        set->perceptual[set->perceptual_files++] = path;
    }
    return true;
}

void spae_cli_tell_perceptual(const spae_cli_arguments *a, const spae_training *t)
{
    const spae_config *config = &t->set->config;
    if (t->trainer.perceptual != NULL)
        fprintf(stderr, "spae %s: perceptual term: %zu weights under names of \"%s\", sha256 %s\n", a->command->name,
                t->perceptual.parameters->elements, t->report.scheme[0], t->report.hash);
    else if (config->eta > 0)
        fprintf(stderr, "spae %s: the perceptual term is off: eta is %g, but there are no weights (--perceptual F)\n",
                a->command->name, config->eta);
}

bool spae_cli_read_guide_files(const spae_cli_arguments *a, const char **of_words, const char **of_rows)
{
    const char *words = spae_cli_value(a, "guide-words"), *pictures = spae_cli_value(a, "guide-pictures");
    const char *similarity = spae_cli_value(a, "guide-similarity");
    if ((words != NULL) != (pictures != NULL))
        return spae_cli_wrong(a->command, "--guide-words and --guide-pictures: expected both"), false;
    if (words != NULL && similarity != NULL)
        return spae_cli_wrong(a->command, "--guide-similarity: not with --guide-words and --guide-pictures"), false;
    *of_words = words;
    *of_rows = words != NULL ? pictures : similarity;
    return true;
}

/* Files that guide in place of labels. */
static bool read_guide(const spae_cli_arguments *a, spae_training_settings *set)
{
    if (!spae_cli_read_guide_files(a, &set->guide_words, &set->guide_rows))
        return false;
    if (set->guide_rows != NULL && (spae_cli_value(a, "guide") != NULL || spae_cli_value(a, "label-words") != NULL))
        return spae_cli_wrong(a->command, "--guide and --label-words are of labels, not with files that guide"), false;
    return true;
}

bool spae_cli_run_settings(const spae_cli_arguments *a, spae_training_settings *set)
{
    *set = spae_training_defaults();
    set->data = spae_cli_value(a, "data");
    set->codebook = spae_cli_value(a, "codebook");
    set->vocabulary = spae_cli_value(a, "vocab");
    set->label_words = spae_cli_value(a, "label-words");
    set->codebook_centred = spae_cli_value(a, "codebook-centre") != NULL;
    set->recompute = spae_cli_value(a, "recompute") != NULL;
    set->resume = spae_cli_value(a, "resume") != NULL;
    return spae_cli_config(a, &set->config) && spae_cli_seed(a, &set->seed) &&
           read_numbers(a, set) && read_guide(a, set) && read_perceptual(a, set) && read_scale(a, &set->codebook_scale);
}

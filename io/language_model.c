/* What language_model.h declares for every back end. */
#include "io/language_model.h"

const char *const spae_answer_end_names[3] = {"stop", "end", "length"};

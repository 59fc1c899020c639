/* The core without an operating system and without malloc: two small models from first weights to tokens and pictures,
 * and the training steps of one, in static memory. Holds every hash to the constants of test/spae/golden.h and says what
 * it took. Exit status 0 when all are equal.
 */
#include "board.h"
#include "test/spae/golden.h"

/* All memory there is: a model with its codebook, examples, trainer and results; and what one example's step needs. */
enum { MODEL_BYTES = 1 << 22, STEP_BYTES = 1 << 22 };
__attribute__((section(".memory"))) static unsigned char model_memory[MODEL_BYTES];
__attribute__((section(".memory"))) static unsigned char step_memory[STEP_BYTES];

static golden_list list;

static void report(const char *what, size_t bytes)
{
    board_text(what);
    board_number(bytes);
    board_text("\n");
}

/* How many of the hashes made so far differ from the constants of the same names. */
static size_t differing(void)
{
    size_t wrong = 0;
    for (size_t i = 0; i < list.count; i++) {
        size_t j = 0;
        while (j < GOLDEN_COUNT && strcmp(list.item[i].name, golden_expected[j].name) != 0)
            j++;
        if (j < GOLDEN_COUNT && strcmp(list.item[i].hash, golden_expected[j].hash) == 0)
            continue;
        wrong++;
        board_text("differs: ");
        board_text(list.item[i].name);
        board_text("\n");
    }
    return wrong;
}

/* One model from nothing: embed, quantize, decode; then, if there are names for it, training. */
static spae_status model(const spae_config *config, const char *what, const char *const coding[10],
                         const char *const training[7], spae_error *err)
{
    static tiny t;
    spae_arena step;
    spae_arena_fixed(&t.arena, model_memory, MODEL_BYTES);
    spae_arena_fixed(&step, step_memory, STEP_BYTES);
    spae_status status = tiny_fill(&t, config, 7);
    if (status == SPAE_OK)
        status = golden_coding(&list, &t, coding);
    board_text(what);
    report(", bytes to encode, quantize and decode: ", t.arena.peak);
    if (status == SPAE_OK && training != NULL) {
        status = golden_steps(&list, &t, &step, 1, training);
        board_text(what);
        report(", bytes to train: ", t.arena.peak + step.peak);
    }
    *err = t.err;
    return status;
}

int main(void)
{
    const spae_config configs[2] = {tiny_pictures(), tiny_video()};
    spae_error err;
    spae_status status = spae_self_check(&err);
    if (status == SPAE_OK)
        status = model(&configs[0], "pictures", golden_pictures, golden_trained, &err);
    if (status == SPAE_OK)
        status = model(&configs[1], "video", golden_video, NULL, &err);
    if (status != SPAE_OK) {
        board_text(err.text);
        board_text("\n");
        return 1;
    }
    const size_t wrong = differing();
    report("bytes of stack: ", board_stack_peak());
    report("hashes made: ", list.count);
    report("hashes that differ: ", wrong);
    return list.count != 26 || wrong != 0 || board_stack_peak() == 0;
}

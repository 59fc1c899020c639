/* Back end: a published language model, GPT-2 or of Llama's kind, run here (nn/transformer.h) from a folder as Hugging Face
 * has it:
 *
 *     config.json            the architecture                    (transformer_config.h)
 *     model.safetensors      or several, with an index, PyTorch's, or .npz  (weights_files.h)
 *     tokenizer.json         or vocab.json and merges.txt, ..    (tokenizer_open.h)
 *
 * Answers   each token is drawn from softmax(logits / temperature) over the tokens that the tokenizer has (nn/sampling.h;
 *           SPEC 10.26), keyed (seed, SPAE_RANDOM_SAMPLE), counter (number, sample, place in the answer, 0); at temperature
 *           0 it is the most likely one. All samples of a prompt share its keys and values.
 *           An answer ends before `stop`, at a token that ends texts, or with max_tokens. Its ids are those that lie wholly
 *           in its text.
 * Prompts   are read as their ids say, behind the first token where the model was trained with one (Llama, Mistral) and its
 *           tokenizer has it. A request without ids is encoded.
 */
#ifndef SPAE_IO_LANGUAGE_TRANSFORMER_H
#define SPAE_IO_LANGUAGE_TRANSFORMER_H

#include "io/language_model.h"

/*   in   folder  as above; borrowed while the model is used
 *   out  model   with `sample` and `score`; weights and vocabulary in the arena. Its name is "transformer:FOLDER".
 *   err  SPAE_ERR_FORMAT  a broken file, or tokenizer and weights that do not match: more tokens than the embedding has rows
 *        and those of the three headers; SPAE_ERR_NO_MEMORY */
spae_status spae_language_transformer(const char *folder, spae_arena *arena, spae_language_model *model, spae_error *err);

#endif

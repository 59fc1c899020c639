/* A configuration as text: every field of spae_config by name, for --set, for JSON in and JSON out (SPEC 6.1, 8.8).
 *
 * One table says the name, the form and the range of each field; nothing else in the program knows
 * how a field is written. In JSON a field is
 *     name, quantizer            strings; quantizer is "saq" or "rq"
 *     adversarial                a string: "softplus" or "hinge"
 *     perceptual                 a string: "resnet-logits", "resnet-features" or "lpips"
 *     picture                    [H,W] or [T,H,W]
 *     multipliers, thresholds,
 *     discriminator_multipliers  arrays of numbers; thresholds has one for each semantic layer
 *     temporal                   array of booleans, one for each change of scale
 *     pyramid                    array of layers: n for n x n, [h,w], or [t,h,w]
 *     the others                 a number or a boolean
 * --set takes the same, and also without quotes and outer brackets: "pyramid=1,2,4,4",
 * "picture=32x32", "pyramid=1x1x1,1x2x2", "quantizer=rq".
 */
#ifndef SPAE_IO_CONFIG_H
#define SPAE_IO_CONFIG_H

#include "spae.h"
#include "vendor_free/json.h"

/* Sets one field from "key=value".
 *   err  SPAE_ERR_ARGUMENT  no such key (the text names one like it), or a value that the field does
 *                           not take; whether the fields fit each other is for spae_config_check */
spae_status spae_config_set(spae_config *config, const char *assignment, spae_error *err);

/* Takes the fields that are members of a JSON object; other members are left to the caller. Fields
 * of the objective and of training that are missing keep the value they have in *config.
 *   err  SPAE_ERR_FORMAT  a value that the field does not take, a field of the architecture that is
 *                         missing; *config is then unspecified */
spae_status spae_config_read(spae_config *config, const spae_json_node *nodes,
                             const spae_json_node *object, spae_error *err);

/* Writes all fields as members of the object that is open in the writer. */
void spae_config_write(spae_json_writer *writer, const spae_config *config);

/* The first key in the order of the table whose written values differ; NULL when all are the same.
 */
const char *spae_config_difference(const spae_config *a, const spae_config *b);

/* One field's value as JSON text, terminated, cut when longer than the room; "" when there is no
 * such key. */
void spae_config_text(const spae_config *config, const char *key, char *text, size_t room);

/* All keys, "name ndim ...", cut when longer than the room. */
void spae_config_keys(char *text, size_t room);

#endif

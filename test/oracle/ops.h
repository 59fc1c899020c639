/* The operations of the oracle: one function each, which reads its arrays, computes and compares. */
#ifndef SPAE_ORACLE_OPS_H
#define SPAE_ORACLE_OPS_H

#include "case.h"

typedef struct {
    const char *name; /* as in `op <name>` */
    void (*run)(oracle_case *c);
} oracle_op;

/* Ends with a name of NULL. */
extern const oracle_op oracle_layer_ops[];     /* ops_layers.c */
extern const oracle_op oracle_loss_ops[];      /* ops_losses.c */
extern const oracle_op oracle_quantizer_ops[]; /* ops_quantizers.c */
extern const oracle_op oracle_guidance_ops[];  /* ops_guidance.c */
extern const oracle_op oracle_optimizer_ops[]; /* ops_optimizer.c */
extern const oracle_op oracle_network_ops[];   /* ops_networks.c */
extern const oracle_op oracle_adversarial_ops[]; /* ops_adversarial.c */
extern const oracle_op oracle_perceptual_ops[]; /* ops_perceptual.c */
extern const oracle_op oracle_feature_ops[];    /* ops_features.c */
extern const oracle_op oracle_picture_ops[];     /* ops_pictures.c */
extern const oracle_op oracle_metric_ops[];      /* ops_metrics.c */
extern const oracle_op oracle_language_ops[];    /* ops_language.c */

extern const oracle_op oracle_clip_ops[];        /* ops_clip.c */

#endif

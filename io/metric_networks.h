/* The networks behind the metrics, opened from published weights and run picture by picture: the
 * Inception-v3 of FID and of the Inception Score, the I3D of FVD, LPIPS over AlexNet or VGG16. One
 * door for all that compares pictures by features.
 *
 *     spae_metric_network net = spae_metric_network_published(SPAE_METRIC_INCEPTION);
 *     status = spae_metric_network_open(&net, path, files, config->picture, &arena, err);
 *     status = spae_metric_network_run(&net, picture, features, logits, err);
 *
 * Pictures are (T,H,W,3) in 0..1. Each network's own preparation is done here:
 *     Inception-v3  every frame by itself, resized to 299x299, to -1..1 (SPEC 6.16); features: 2048
 * of the last map; logits without the last bias, as the original Inception Score takes them I3D all
 * frames together, resized to 224x224, to -1..1; features: the 400 logits, which FVD compares LPIPS
 * every frame by itself, 2 x - 1; the mean over the frames
 */
#ifndef SPAE_IO_METRIC_NETWORKS_H
#define SPAE_IO_METRIC_NETWORKS_H

#include "io/weights.h"
#include "nn/i3d.h"
#include "nn/inception.h"
#include "nn/lpips.h"
#include "spae.h"

typedef enum {
    SPAE_METRIC_LPIPS_ALEX,
    SPAE_METRIC_LPIPS_VGG,
    SPAE_METRIC_INCEPTION,
    SPAE_METRIC_I3D
} spae_metric_kind;

/* The descriptions that a kind does not use are not looked at. */
typedef struct {
    spae_metric_kind kind;
    spae_alexnet alexnet;
    spae_vgg vgg;
    spae_inception inception;
    spae_i3d i3d;
    size_t side; /* of what Inception and I3D see; 0: pictures as they are */
    /* from open */
    size_t picture[3]; /* T,H,W */
    spae_arena *arena; /* scratch while it runs, given back */
    spae_parameters parameters;
    const spae_real *values;
    spae_weights_report report;
} spae_metric_network;

/* The published description of a kind, without weights. */
spae_metric_network spae_metric_network_published(spae_metric_kind kind);

/* Declares the parameters, and fills them from 1 .. SPAE_WEIGHTS_FILES files together; they stay in
 * the arena. in   picture  T,H,W of what it will be run on err  those of spae_weights_load;
 * SPAE_ERR_SHAPE  pictures that are too small for it; SPAE_ERR_NO_MEMORY mem  on failure the arena
 * is as it was */
spae_status spae_metric_network_open(spae_metric_network *net, const char *const *path,
                                     size_t files, const size_t picture[3], spae_arena *arena,
                                     spae_error *err);

/* Rows of features that a picture gives (T of Inception, 1 of I3D), how many features, and how many
 * logits (0 of I3D). */
size_t spae_metric_network_rows(const spae_metric_network *net);
size_t spae_metric_network_width(const spae_metric_network *net);
size_t spae_metric_network_classes(const spae_metric_network *net);

/* Of Inception and I3D. The first argument is a spae_metric_network.
 *   out  features  (rows, width)    logits  (rows, classes), or NULL
 *   err  SPAE_ERR_NO_MEMORY */
spae_status spae_metric_network_run(void *net, const spae_real *picture, spae_real *features,
                                    spae_real *logits, spae_error *err);

/* Of LPIPS.   err  SPAE_ERR_NO_MEMORY */
spae_status spae_metric_network_distance(void *net, const spae_real *a, const spae_real *b,
                                         double *distance, spae_error *err);

#endif

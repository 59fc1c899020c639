/* --inception, --i3d, --lpips, --lpips-network of spae eval: which networks score, opened and
 * gathered. */
#ifndef SPAE_IO_CLI_NETWORKS_H
#define SPAE_IO_CLI_NETWORKS_H

#include "io/cli/options.h"
#include "io/metric_networks.h"
#include "io/network_scores.h"

#define SPAE_CLI_NETWORK_OPTIONS                                                                   \
    {.name = "inception",                                                                          \
     .value = "F",                                                                                 \
     .repeated = true,                                                                             \
     .help = "for fid and is: weights of the Inception-v3 of FID (.pth, .safetensors, .npz)"},     \
        {.name = "i3d",                                                                            \
         .value = "F",                                                                             \
         .repeated = true,                                                                         \
         .help = "for fvd: weights of the RGB I3D of Kinetics-400"},                               \
        {.name = "lpips",                                                                          \
         .value = "F",                                                                             \
         .repeated = true,                                                                         \
         .help = "for lpips: weights of AlexNet and of LPIPS's layers, one file or two"},          \
    {                                                                                              \
        .name = "lpips-network", .value = "N", .help = "alex (default) or vgg"                     \
    }

typedef struct {
    spae_metric_network inception, i3d, lpips;
    spae_feature_network pictures, videos;
    spae_distance_network distance;
    spae_network_scores scores;
    bool fid, inception_score, fvd,
        lpips_distance; /* in: which are wanted, if they can be had; out: which are measured */
    bool any;
} spae_cli_networks;

/* Are there weights for some network? */
bool spae_cli_networks_given(const spae_cli_arguments *arguments);

/* Opens what is given and wanted.
 *   in   picture (T,H,W), of `count` pictures; layers of the pyramid; splits 0: the usual
 *        tell    of each network that was opened, its weights' hash; may be NULL
 *   err  those of spae_metric_network_open and spae_network_scores_start */
spae_status spae_cli_networks_open(spae_cli_networks *n, const spae_cli_arguments *arguments,
                                   const size_t picture[3], size_t count, size_t layers,
                                   size_t splits, spae_arena *arena,
                                   void (*tell)(void *context, const char *measure,
                                                const spae_weights_report *report),
                                   void *context, spae_error *err);

#endif

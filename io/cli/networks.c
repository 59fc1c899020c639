/* The networks of networks.h. */
#include "io/cli/networks.h"

#include <string.h>

bool spae_cli_networks_given(const spae_cli_arguments *arguments)
{
    return spae_cli_value(arguments, "inception") != NULL ||
           spae_cli_value(arguments, "i3d") != NULL || spae_cli_value(arguments, "lpips") != NULL;
}

/* What all openings share. */
typedef struct {
    const spae_cli_arguments *arguments;
    const size_t *picture;
    spae_arena *arena;
    void (*tell)(void *context, const char *measure, const spae_weights_report *report);
    void *context;
    spae_error *err;
} opening;

static spae_status open_network(const opening *o, const char *option, const char *measure,
                                spae_metric_kind kind, spae_metric_network *net)
{
    const char *path[SPAE_WEIGHTS_FILES];
    size_t files = 0;
    while (files < SPAE_WEIGHTS_FILES &&
           (path[files] = spae_cli_value_at(o->arguments, option, files)) != NULL)
        files++;
    *net = spae_metric_network_published(kind);
    const spae_status status =
        spae_metric_network_open(net, path, files, o->picture, o->arena, o->err);
    if (status == SPAE_OK && o->tell != NULL)
        o->tell(o->context, measure, &net->report);
    return status;
}

static spae_feature_network features_by(spae_metric_network *net)
{
    return (spae_feature_network){spae_metric_network_rows(net), spae_metric_network_width(net),
                                  spae_metric_network_classes(net), spae_metric_network_run, net};
}

static spae_status open_all(spae_cli_networks *n, const opening *o)
{
    const char *kind = spae_cli_value(o->arguments, "lpips-network");
    const spae_metric_kind lpips =
        kind != NULL && strcmp(kind, "vgg") == 0 ? SPAE_METRIC_LPIPS_VGG : SPAE_METRIC_LPIPS_ALEX;
    spae_status status = SPAE_OK;
    if (n->fid || n->inception_score)
        status = open_network(o, "inception", "fid", SPAE_METRIC_INCEPTION, &n->inception);
    if (status == SPAE_OK && n->fvd)
        status = open_network(o, "i3d", "fvd", SPAE_METRIC_I3D, &n->i3d);
    if (status == SPAE_OK && n->lpips_distance)
        status = open_network(o, "lpips", "lpips", lpips, &n->lpips);
    return status;
}

spae_status spae_cli_networks_open(spae_cli_networks *n, const spae_cli_arguments *arguments,
                                   const size_t picture[3], size_t count, size_t layers,
                                   size_t splits, spae_arena *arena,
                                   void (*tell)(void *context, const char *measure,
                                                const spae_weights_report *report),
                                   void *context, spae_error *err)
{
    const opening o = {arguments, picture, arena, tell, context, err};
    n->fid = n->fid && spae_cli_value(arguments, "inception") != NULL;
    n->inception_score = n->inception_score && spae_cli_value(arguments, "inception") != NULL;
    n->fvd = n->fvd && spae_cli_value(arguments, "i3d") != NULL;
    n->lpips_distance = n->lpips_distance && spae_cli_value(arguments, "lpips") != NULL;
    n->any = n->fid || n->inception_score || n->fvd || n->lpips_distance;
    if (!n->any)
        return SPAE_OK;
    const spae_status status = open_all(n, &o);
    if (status != SPAE_OK)
        return status;
    if (n->fid || n->inception_score)
        n->pictures = features_by(&n->inception);
    if (n->fvd)
        n->videos = features_by(&n->i3d);
    n->distance = (spae_distance_network){spae_metric_network_distance, &n->lpips};
    const spae_network_settings settings = {.pictures =
                                                n->fid || n->inception_score ? &n->pictures : NULL,
                                            .fid = n->fid,
                                            .inception_score = n->inception_score,
                                            .videos = n->fvd ? &n->videos : NULL,
                                            .distance = n->lpips_distance ? &n->distance : NULL,
                                            .layers = layers,
                                            .count = count,
                                            .splits = splits};
    return spae_network_scores_start(&n->scores, &settings, arena, err);
}

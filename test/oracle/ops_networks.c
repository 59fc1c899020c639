/* Networks: the VQGAN encoder and decoder, with parameters from params.npz or params.txt. */
#include "ops.h"

#include "../../nn/vqgan.h"
#include "network.h"

static void read_temporal(oracle_case *c, spae_vqgan *v)
{
    size_t flag[SPAE_MAX_SCALES];
    if (v->ndim != 3 || v->scales == 1)
        return;
    oracle_sizes(c, "temporal", v->scales - 1, 0, 1, flag);
    for (size_t i = 0; i + 1 < v->scales; i++)
        v->temporal[i] = flag[i] == 1;
}

static spae_vqgan read_architecture(oracle_case *c, size_t ndim)
{
    spae_vqgan v = {.ndim = oracle_size(c, "ndim", ndim, ndim),
                    .filters = oracle_size(c, "filters", 1, 4096),
                    .scales = oracle_items(c, "multipliers"),
                    .res_blocks = oracle_size(c, "res_blocks", 0, 64),
                    .embedding = oracle_size(c, "embedding_dim", 1, 65536),
                    .groups = oracle_size(c, "groups", 1, 4096),
                    .eps = oracle_number(c, "eps")};
    if (v.scales < 1 || v.scales > SPAE_MAX_SCALES)
        oracle_abort(c, "case.txt: %zu multipliers, expected 1 to %d", v.scales, SPAE_MAX_SCALES);
    oracle_sizes(c, "multipliers", v.scales, 1, 4096, v.multipliers);
    read_temporal(c, &v);
    return v;
}

typedef spae_var vqgan_half(spae_network *network, const void *v, spae_var x);

static spae_var encode(spae_network *network, const void *v, spae_var x)
{
    return spae_vqgan_encode(network, v, x);
}

static spae_var decode(spae_network *network, const void *v, spae_var x)
{
    return spae_vqgan_decode(network, v, x);
}

static void run_vqgan(oracle_case *c, size_t ndim, vqgan_half *half)
{
    const spae_vqgan v = read_architecture(c, ndim);
    oracle_network net = {.make = half, .what = &v};
    oracle_work w;
    oracle_start(&w, c);
    oracle_run_network(&w, &net, ndim, "out_y");
    oracle_finish_network(&w, &net, "out_y");
}

static void vqgan2d_encoder(oracle_case *c)
{
    run_vqgan(c, 2, encode);
}

static void vqgan3d_encoder(oracle_case *c)
{
    run_vqgan(c, 3, encode);
}

static void vqgan2d_decoder(oracle_case *c)
{
    run_vqgan(c, 2, decode);
}

static void vqgan3d_decoder(oracle_case *c)
{
    run_vqgan(c, 3, decode);
}

const oracle_op oracle_network_ops[] = {{"vqgan2d_encoder", vqgan2d_encoder},
                                        {"vqgan3d_encoder", vqgan3d_encoder},
                                        {"vqgan2d_decoder", vqgan2d_decoder},
                                        {"vqgan3d_decoder", vqgan3d_decoder},
                                        {NULL, NULL}};

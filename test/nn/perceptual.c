/* The perceptual term: its three kinds by their definitions, frames, what is swept and what is not, what is refused. */
#include "nn/perceptual.h"

#include "fixture.h"
#include "perceptual_random.h"

static spae_perceptual small(spae_perceptual_kind kind)
{
    const bool resnet = kind != SPAE_PERCEPTUAL_VGG_LPIPS;
    return (spae_perceptual){.kind = kind,
                             .resnet = {.width = 2, .stages = 2, .blocks = {1, 1}, .classes = 4, .bn_eps = 1e-5},
                             .vgg = {.width = 1},
                             .resize = {resnet ? 20 : 0, resnet ? 18 : 0},
                             .mean = {0.25, 0.5, 0.125},
                             .deviation = {0.5, 0.25, 0.125}};
}

static const spae_perceptual_kind kinds[] = {SPAE_PERCEPTUAL_RESNET_LOGITS, SPAE_PERCEPTUAL_RESNET_FEATURES,
                                             SPAE_PERCEPTUAL_VGG_LPIPS};

typedef struct {
    fixture f;
    spae_perceptual p;
    spae_parameters parameters;
    spae_network network;
} trial;

static void start(trial *t, const spae_perceptual *p, spae_tape_mode mode)
{
    fixture_open(&t->f, mode);
    t->p = *p;
    t->parameters = (spae_parameters){.arena = &t->f.arena};
    ck_assert_int_eq(spae_perceptual_declare(p, &t->parameters, &t->f.err), SPAE_OK);
    spae_network_bind(&t->network, &t->f.tape, &t->parameters, random_weights(&t->parameters, &t->f.arena));
}

/* A picture with values in [0,1). */
static spae_var picture(trial *t, spae_shape shape, uint32_t stream, bool constant)
{
    real *x = filled(&t->f.arena, shape, stream, 0, 1);
    return constant ? spae_tape_constant(&t->f.tape, shape, x) : spae_tape_leaf(&t->f.tape, shape, x);
}

START_TEST(published_networks)
{
    const spae_perceptual flax = spae_perceptual_resnet50(false), torchvision = spae_perceptual_resnet50(true);
    ck_assert(flax.resnet.same && !flax.resnet.stem_relu && flax.mean[0] == 0 && flax.deviation[2] == 1);
    ck_assert(!torchvision.resnet.same && torchvision.resnet.stem_relu && torchvision.mean[1] == 0.456);
    ck_assert(flax.resize[0] == 224 && flax.resize[1] == 224 && flax.kind == SPAE_PERCEPTUAL_RESNET_LOGITS);
    const size_t elements[] = {25557032 + 2 * 26560, 25557032 + 2 * 26560 - 2049 * 1000, 14714688 + 1472};
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        spae_perceptual p = i < 2 ? flax : spae_perceptual_lpips();
        p.kind = kinds[i]; /* the last map needs no head */
        fixture_open(&f, SPAE_TAPE_PLAN);
        spae_parameters parameters = {.arena = &f.arena};
        ck_assert_int_eq(spae_perceptual_declare(&p, &parameters, &f.err), SPAE_OK);
        ck_assert_uint_eq(parameters.elements, elements[i]);
        fixture_close(&f);
    }
}
END_TEST

static spae_var seen(trial *t, spae_var x, bool logits)
{
    spae_tape *tape = &t->f.tape;
    x = spae_normalize_by(tape, spae_resize(tape, x, 20, 18), t->p.mean, t->p.deviation);
    x = spae_resnet_features(&t->network, &t->p.resnet, x);
    return logits ? spae_resnet_logits(&t->network, &t->p.resnet, x) : x;
}

START_TEST(resnet_kinds_by_their_definition)
{
    const spae_shape in = spae_shape_of(2, 1, 11, 13, 3);
    for (size_t k = 0; k < 2; k++) {
        trial t;
        const spae_perceptual p = small(kinds[k]);
        start(&t, &p, SPAE_TAPE_RECORD);
        spae_var a = picture(&t, in, 1, true), b = picture(&t, in, 2, true);
        spae_var sa = seen(&t, a, k == 0), sb = seen(&t, b, k == 0), loss = spae_perceptual_loss(&t.network, &p, a, b);
        double sum = 0;
        for (size_t i = 0; i < spae_shape_count(sa->shape); i++)
            sum += pow((double)(sa->value[i] - sb->value[i]), 2);
        ck_assert_value(loss, (real)(sum / (double)spae_shape_count(sa->shape)));
        ck_assert(loss->value[0] > 0);
        ck_assert_value(spae_perceptual_loss(&t.network, &p, a, a), 0);
        fixture_close(&t.f);
    }
}
END_TEST

START_TEST(lpips_kind_by_its_definition)
{
    trial t;
    const spae_perceptual p = small(SPAE_PERCEPTUAL_VGG_LPIPS);
    const spae_shape in = spae_shape_of(2, 1, 16, 17, 3);
    start(&t, &p, SPAE_TAPE_RECORD);
    spae_var a = picture(&t, in, 1, true), b = picture(&t, in, 2, true), c[2];
    for (size_t i = 0; i < 2; i++) {
        c[i] = picture(&t, in, (uint32_t)i + 1, true);
        for (size_t k = 0; k < spae_shape_count(in); k++)
            c[i]->value[k] = 2 * c[i]->value[k] - 1;
    }
    spae_var each = spae_lpips(&t.network, &p.vgg, c[0], c[1], NULL), loss = spae_perceptual_loss(&t.network, &p, a, b);
    const real sum = (real)((double)each->value[0] + (double)each->value[1]);
    ck_assert_value(loss, sum * (real)0.5);
    ck_assert(loss->value[0] > 0);
    ck_assert_value(spae_perceptual_loss(&t.network, &p, b, b), 0);
    fixture_close(&t.f);
}
END_TEST

static real loss_of(const spae_perceptual *p, spae_tape_mode mode, spae_shape in)
{
    trial t;
    start(&t, p, mode);
    spae_var loss = spae_perceptual_loss(&t.network, p, picture(&t, in, 1, true), picture(&t, in, 2, true));
    ck_assert_int_eq(t.f.tape.status, SPAE_OK);
    const real value = loss->value[0];
    fixture_close(&t.f);
    return value;
}

START_TEST(frames_are_pictures_and_tapes_agree)
{
    for (size_t k = 0; k < 3; k++) {
        const spae_perceptual p = small(kinds[k]);
        const real pictures = loss_of(&p, SPAE_TAPE_RECORD, spae_shape_of(2, 1, 16, 17, 3));
        ck_assert(pictures == loss_of(&p, SPAE_TAPE_RECORD, spae_shape_of(1, 2, 16, 17, 3)));
        ck_assert(pictures == loss_of(&p, SPAE_TAPE_RUN, spae_shape_of(1, 2, 16, 17, 3)));
    }
}
END_TEST

/* How many nodes of the tape have this operation. */
static size_t nodes_of(const spae_tape *tape, const char *name)
{
    size_t count = 0;
    for (const spae_node *node = tape->first; node != NULL; node = node->next)
        count += node->op != NULL && strcmp(node->op->name, name) == 0;
    return count;
}

/* The sweep goes through the reconstruction's half only, and forms no gradient of a frozen weight. */
START_TEST(the_real_picture_and_the_weights_are_not_swept)
{
    for (size_t k = 0; k < 3; k++) {
        trial t;
        const spae_perceptual p = small(kinds[k]);
        const spae_shape in = spae_shape_of(1, 1, 16, 16, 3);
        start(&t, &p, SPAE_TAPE_RECORD);
        spae_var a = picture(&t, in, 1, true), b = picture(&t, in, 2, false);
        spae_var loss = spae_perceptual_loss(&t.network, &p, a, b);
        const size_t convolutions = nodes_of(&t.f.tape, "convolve");
        spae_var d = gradient_of(&t.f, loss, NULL, b);
        size_t nonzero = 0;
        for (size_t i = 0; i < spae_shape_count(in); i++)
            nonzero += d->value[i] != 0;
        ck_assert_uint_gt(nonzero, 0);
        ck_assert(!a->on_path && a->gradient == NULL && b->on_path);
        for (size_t i = 0; i < t.parameters.count; i++)
            ck_assert(!t.network.leaf[i]->on_path && t.network.leaf[i]->gradient == NULL);
        /* of the products of LPIPS's weights with differences, which both halves reach, there is one for each tap */
        const size_t shared = k == 2 ? SPAE_VGG_TAPS : 0;
        ck_assert_uint_eq(nodes_of(&t.f.tape, "convolve_input_gradient"), (convolutions - shared) / 2 + shared);
        ck_assert_uint_eq(nodes_of(&t.f.tape, "convolve_kernel_gradient"), 0);
        fixture_close(&t.f);
    }
}
END_TEST

START_TEST(what_makes_no_loss_is_refused)
{
    trial t;
    spae_perceptual p = small(SPAE_PERCEPTUAL_RESNET_LOGITS);
    start(&t, &p, SPAE_TAPE_RECORD);
    spae_network *n = &t.network;
    spae_var a = picture(&t, spae_shape_of(1, 1, 8, 8, 3), 1, true);
    spae_var b = picture(&t, spae_shape_of(1, 1, 8, 9, 3), 1, true);
    spae_var grey = picture(&t, spae_shape_of(1, 1, 8, 8, 1), 1, true);
    ck_assert_refused(&t.f, spae_perceptual_loss(n, &p, a, b), SPAE_ERR_SHAPE, "perceptual");
    ck_assert_refused(&t.f, spae_perceptual_loss(n, &p, grey, grey), SPAE_ERR_SHAPE, "three channels");
    ck_assert_ptr_null(spae_perceptual_loss(n, &p, NULL, a));
    p.resize[1] = 0;
    ck_assert_refused(&t.f, spae_perceptual_loss(n, &p, a, a), SPAE_ERR_ARGUMENT, "(20 and 0)");
    p.resize[1] = 18;
    p.deviation[2] = 0;
    ck_assert_refused(&t.f, spae_perceptual_loss(n, &p, a, a), SPAE_ERR_ARGUMENT, "deviation");
    p.deviation[2] = 1;
    p.resnet.classes = 5; /* not what the weights were declared for */
    ck_assert_refused(&t.f, spae_perceptual_loss(n, &p, a, a), SPAE_ERR_SHAPE, "declared otherwise");
    p.kind = SPAE_PERCEPTUAL_VGG_LPIPS;
    p.resize[0] = p.resize[1] = 0;
    ck_assert_refused(&t.f, spae_perceptual_loss(n, &p, a, a), SPAE_ERR_SHAPE, "declared otherwise");
    p.resnet.width = 0;
    p.kind = SPAE_PERCEPTUAL_RESNET_FEATURES;
    ck_assert_int_eq(spae_perceptual_declare(&p, &t.parameters, &t.f.err), SPAE_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(t.f.err.text, "resnet"));
    fixture_close(&t.f);
}
END_TEST

SUITE(suite_nn_perceptual, "nn/perceptual", published_networks, resnet_kinds_by_their_definition,
      lpips_kind_by_its_definition, frames_are_pictures_and_tapes_agree,
      the_real_picture_and_the_weights_are_not_swept, what_makes_no_loss_is_refused)

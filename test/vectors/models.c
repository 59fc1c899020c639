/* Networks, models and training steps as cases; models.h says what each does. */
#include "models.h"

#include <string.h>

#include "nn/ops.h"

static void *taken(vectors *v, size_t count, size_t size) /* vectors_room, all zeros */
{
    void *room = vectors_room(v, count, size);
    return room == NULL ? NULL : memset(room, 0, count * size);
}

/* ---- parameters by formula ---- */

static bool ends_with(const char *path, const char *ending)
{
    const size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcmp(path + n - m, ending) == 0;
}

/* The largest power of two, at most 1, whose square is at most 3 / fan_in. */
static double kernel_scale(const spae_parameter *p)
{
    const size_t *k = p->shape.axis, fan_in = k[0] * k[1] * k[2] * k[3]; /* a matrix: its rows */
    double scale = 1;
    while (scale * scale * (double)fan_in > 3)
        scale /= 2;
    return scale;
}

static void formula_of(const spae_parameter *p, double formula[2])
{
    static const struct {
        const char *leaf;
        double offset, scale;
    } leaves[] = {{"/scale", 1, 0.25}, {"/bias", 0, 0.25},    {"/mean", 0, 0.25},
                  {".bias", 0, 0.25},  {".weight", 1, 0.25}, {"/var", 1.25, 0.75}}; /* .weight: of a norm */
    formula[0] = 0;
    formula[1] = 1; /* the codebook */
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
        if (ends_with(p->path, leaves[i].leaf)) {
            formula[0] = leaves[i].offset;
            formula[1] = leaves[i].scale;
        }
    if (strncmp(p->path, "lin/", 4) == 0) /* weights of squares */
        formula[0] = formula[1] = 0.5;
    else if (ends_with(p->path, "/kernel") || (ends_with(p->path, ".weight") && p->rank == 2)) {
        formula[0] = 0;
        formula[1] = kernel_scale(p);
    }
}

spae_real *vectors_parameters(vectors *v, const char *name, const spae_parameters *parameters)
{
    char key[SPAE_PATH_MAX + 32];
    spae_real *values = taken(v, parameters->elements, sizeof *values);
    for (size_t i = 0; i < parameters->count && values != NULL; i++) {
        const spae_parameter *p = &parameters->item[i];
        const size_t length = strlen(name);
        double formula[2];
        memcpy(key, name, length);
        key[length] = '/';
        memcpy(key + length + 1, p->path, strlen(p->path) + 1);
        formula_of(p, formula);
        vectors_fill(v->now.name, key, formula[0], formula[1], spae_shape_count(p->shape), values + p->first);
    }
    if (values != NULL)
        vectors_flat(v, name, VECTORS_INPUT, parameters, parameters->count, values);
    return vectors_goes_on(v) ? values : NULL;
}

void vectors_flat(vectors *v, const char *name, vectors_compare compare, const spae_parameters *parameters, size_t count,
                  const spae_real *values)
{
    vectors_array array = {.name = name, .type = VECTORS_REAL, .compare = compare, .rank = 1, .data = values,
                           .layout = parameters, .layout_count = count};
    for (size_t i = 0; i < count; i++)
        array.shape[0] += spae_shape_count(parameters->item[i].shape);
    vectors_give(v, &array);
}

/* ---- networks ---- */

bool vectors_bind(vectors *v, const char *name, vectors_build *build, const void *context, const spae_shape *shape,
                  size_t inputs, spae_network *network)
{
    spae_var in[VECTORS_LEAVES];
    spae_tape plan;
    spae_parameters *parameters = taken(v, 1, sizeof *parameters);
    if (parameters == NULL)
        return false;
    parameters->arena = v->arena;
    spae_tape_start(&plan, v->arena, SPAE_TAPE_PLAN, v->err);
    spae_network_declare(network, &plan, parameters);
    for (size_t i = 0; i < inputs; i++)
        in[i] = spae_tape_constant(&plan, shape[i], NULL);
    build(network, context, in);
    vectors_expect(v, plan.status);
    const spae_real *values = vectors_parameters(v, name, parameters);
    if (values != NULL)
        spae_network_bind(network, &v->tape, parameters, values);
    return vectors_goes_on(v);
}

/* "d<name>" in the arena, NULL after a failure */
static const char *gradient_name(vectors *v, const char *name)
{
    char *text = taken(v, strlen(name) + 2, 1);
    if (text == NULL)
        return NULL;
    text[0] = 'd';
    memcpy(text + 1, name, strlen(name) + 1);
    return text;
}

/* The nodes one after the other, as the output "dparameters". */
static void give_joined(vectors *v, const spae_network *network, const spae_var *gradient)
{
    const spae_parameters *parameters = network->parameters;
    spae_real *flat = taken(v, parameters->elements, sizeof *flat);
    for (size_t i = 0; i < parameters->count && flat != NULL; i++)
        memcpy(flat + parameters->item[i].first, gradient[i]->value,
               spae_shape_count(parameters->item[i].shape) * sizeof *flat);
    if (flat != NULL)
        vectors_flat(v, "dparameters", VECTORS_NUMBERS, parameters, parameters->count, flat);
}

void vectors_network_gradients(vectors *v, spae_network *network, const char *name, spae_var y)
{
    const char *upstream = gradient_name(v, name);
    const size_t leaves = v->leaves, count = leaves + network->parameters->count;
    spae_var *by = taken(v, count, sizeof *by), *gradient = taken(v, count, sizeof *gradient);
    if (upstream == NULL || by == NULL || gradient == NULL || y == NULL)
        return; /* the tape keeps why, and vectors_end asks it */
    const spae_real *values = vectors_reals(v, upstream, SPAE_AXES, y->shape.axis, 0, 1);
    if (values == NULL)
        return;
    memcpy(by, v->leaf, leaves * sizeof *by);
    memcpy(by + leaves, network->leaf, network->parameters->count * sizeof *by);
    if (spae_tape_gradient(&v->tape, y, spae_tape_constant(&v->tape, y->shape, values), by, count, gradient) != SPAE_OK)
        return;
    for (size_t i = 0; i < leaves; i++)
        vectors_result(v, gradient_name(v, v->leaf_name[i]), gradient[i]);
    give_joined(v, network, gradient + leaves);
}

void vectors_run_network(vectors *v, const vectors_network *c)
{
    spae_network network;
    if (!vectors_begin(v, c->name, c->clause, c->op, c->with, c->why))
        return;
    if (vectors_bind(v, "parameters", c->build, c->context, &c->shape, 1, &network)) {
        spae_var x = vectors_leaf(v, "x", c->shape, c->formula[0], c->formula[1]);
        spae_var y = c->build(&network, c->context, &x);
        vectors_result(v, "y", y);
        vectors_network_gradients(v, &network, "y", y);
    }
    vectors_end(v);
}

/* ---- tokens ---- */

bool vectors_take_choices(vectors *v, size_t count, vectors_choices *choices)
{
    *choices = (vectors_choices){.token = taken(v, count, sizeof *choices->token),
                                 .runner_up = taken(v, count, sizeof *choices->runner_up),
                                 .cell = taken(v, count, sizeof *choices->cell),
                                 .margin = taken(v, count, sizeof *choices->margin),
                                 .distance = taken(v, count, sizeof *choices->distance)};
    return vectors_goes_on(v);
}

static double distance_to(const double *z_l, const spae_real *e, size_t c)
{
    double sum = 0;
    for (size_t j = 0; j < c; j++) {
        const double apart = z_l[j] - (double)e[j];
        sum += apart * apart;
    }
    return sum;
}

void vectors_choose(vectors *v, const spae_codebook *book, const double *z_l, int32_t token, size_t cell,
                    vectors_choices *choices)
{
    size_t best = book->V, second = book->V;
    double least = 0, next = 0;
    for (size_t k = 0; k < book->V; k++) {
        const double d = distance_to(z_l, book->e + k * book->c, book->c);
        if (best == book->V || d < least) {
            second = best;
            next = least;
            best = k;
            least = d;
        } else if (second == book->V || d < next) {
            second = k;
            next = d;
        }
    }
    if ((size_t)token != best)
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "token %d is not the nearest, %zu", (int)token, best));
    const size_t i = choices->count++;
    choices->token[i] = token;
    choices->runner_up[i] = (int32_t)second;
    choices->cell[i] = (int32_t)cell;
    choices->margin[i] = next - least;
    choices->distance[i] = next;
}

void vectors_give_choices(vectors *v, unsigned rank, const size_t *shape, const vectors_choices *choices)
{
    vectors_integers(v, "token", VECTORS_TOKENS, rank, shape, choices->token);
    vectors_wides(v, "margin", VECTORS_NUMBERS, rank, shape, choices->margin);
    vectors_integers(v, "runner_up", VECTORS_BITS, rank, shape, choices->runner_up);
    vectors_wides(v, "distance", VECTORS_NUMBERS, rank, shape, choices->distance);
    vectors_integers(v, "cell", VECTORS_BITS, rank, shape, choices->cell);
}

/* ---- models ---- */

bool vectors_open_model(vectors *v, const spae_config *config, size_t V, spae_model *model)
{
    v->now.config = config;
    if (vectors_goes_on(v))
        vectors_expect(v, spae_model_create(model, config, true, v->arena, v->err));
    const spae_real *values = vectors_goes_on(v) ? vectors_parameters(v, "parameters", model->parameters) : NULL;
    if (values == NULL)
        return false;
    memcpy(model->values, values, model->parameters->elements * sizeof *values);
    if (config->codebook_size > 0)
        return true; /* it lies among the values */
    const size_t shape[2] = {V, config->c};
    model->codebook = (spae_codebook){.V = V, .c = config->c, .e = vectors_reals(v, "codebook", 2, shape, 0, 1)};
    if (vectors_goes_on(v))
        vectors_expect(v, spae_codebook_prepare(&model->codebook, v->arena, v->err));
    return vectors_goes_on(v);
}

/* ---- training ---- */

static bool guided(const spae_config *config)
{
    return config->semantic_layers > 0 && config->alpha > 0;
}

/* Sixteenths from 0 to 1, each example's best word another. */
static const spae_real *similarities(vectors *v, size_t count, size_t V)
{
    const size_t shape[2] = {count, V};
    spae_real *s = taken(v, count * V, sizeof *s);
    for (size_t i = 0; i < count * V && s != NULL; i++)
        s[i] = (spae_real)((16 + i % V * 5 + i / V * 3) % 17) / 16;
    if (s != NULL)
        vectors_numbers(v, "similarity", VECTORS_INPUT, 2, shape, s);
    return s;
}

static bool take_examples(vectors *v, const spae_config *config, vectors_course *course)
{
    const size_t *p = config->picture, shape[5] = {course->count, p[0], p[1], p[2], 3};
    const size_t V = course->model.codebook.V;
    const spae_real *pictures = vectors_reals(v, "pictures", 5, shape, 0.5, 0.5);
    const spae_real *similarity = guided(config) && pictures != NULL ? similarities(v, course->count, V) : NULL;
    if (!vectors_goes_on(v))
        return false;
    for (size_t i = 0; i < course->count; i++) {
        course->example[i].picture = pictures + i * p[0] * p[1] * p[2] * 3;
        course->example[i].similarity = similarity == NULL ? NULL : similarity + i * V;
    }
    return true;
}

/* One arena for each example in flight. One alone works in the case's own; several, side by side, may not share it. */
static bool take_arenas(vectors *v, vectors_course *course)
{
    enum { BYTES = 24 << 20 }; /* several times what the largest of these steps takes */
    course->arenas = v->arena;
    if (v->at_once == 1)
        return true;
    course->arenas = taken(v, v->at_once, sizeof *course->arenas);
    for (size_t i = 0; i < v->at_once && vectors_goes_on(v); i++)
        spae_arena_fixed(&course->arenas[i], taken(v, BYTES, 1), BYTES);
    return vectors_goes_on(v);
}

static bool take_frozen(vectors *v, const spae_perceptual *perceptual, vectors_course *course)
{
    if (perceptual == NULL)
        return true;
    spae_parameters *parameters = taken(v, 1, sizeof *parameters);
    if (parameters == NULL)
        return false;
    parameters->arena = v->arena;
    vectors_expect(v, spae_perceptual_declare(perceptual, parameters, v->err));
    course->frozen = (spae_perceptual_weights){*perceptual, parameters,
                                               vectors_parameters(v, "perceptual_parameters", parameters)};
    course->trainer.perceptual = &course->frozen;
    return vectors_goes_on(v);
}

bool vectors_open_course(vectors *v, const spae_config *config, size_t V, size_t count, const spae_perceptual *perceptual,
                         vectors_course *course)
{
    enum { SEED = 5 };
    *course = (vectors_course){.count = count};
    if (!vectors_open_model(v, config, V, &course->model))
        return false;
    const size_t tokens = spae_pyramid_total(&config->pyramid, config->pyramid.layers);
    vectors_expect(v, spae_trainer_create(&course->trainer, &course->model, SEED, v->arena, v->err));
    course->token = taken(v, count * tokens, sizeof *course->token);
    return vectors_take_choices(v, VECTORS_STEPS * count * tokens, &course->choices) &&
           take_frozen(v, perceptual, course) && take_examples(v, config, course) && take_arenas(v, course);
}

/* How near each token of example `index` was to another, by the weights before the step: they are still there. */
static void note_choices(vectors *v, vectors_course *course, size_t index, const double *residual)
{
    const spae_pyramid *pyramid = &course->model.config.pyramid;
    const size_t cells = spae_pyramid_cells(pyramid), tokens = spae_pyramid_total(pyramid, pyramid->layers);
    const size_t c = course->model.codebook.c, place = ((size_t)course->trainer.step * course->count + index) * cells;
    const int32_t *token = course->token + index * tokens;
    int32_t *position = taken(v, cells, sizeof *position);
    for (size_t l = 0; l < pyramid->layers && position != NULL; l++) {
        spae_pyramid_positions(pyramid, l, position);
        for (size_t i = 0; i < spae_pyramid_tokens(pyramid, l); i++, residual += c)
            vectors_choose(v, &course->model.codebook, residual, *token++, place + (size_t)position[i],
                           &course->choices);
    }
}

static void foresee_tokens(vectors *v, vectors_course *course, size_t index)
{
    const spae_config *config = &course->model.config;
    const size_t cells = spae_pyramid_cells(&config->pyramid);
    const size_t tokens = spae_pyramid_total(&config->pyramid, config->pyramid.layers);
    spae_real *z = taken(v, cells * config->c, sizeof *z);
    const spae_quantized q = {.token = course->token + index * tokens,
                              .residual = taken(v, tokens * config->c, sizeof *q.residual)};
    if (!vectors_goes_on(v))
        return;
    vectors_expect(v, spae_embed(&course->model, course->example[index].picture, v->arena, z, v->err));
    if (vectors_goes_on(v))
        vectors_expect(v, spae_quantize(&config->pyramid, config->quantizer, &course->model.codebook, z, v->arena, &q,
                                        v->err));
    if (vectors_goes_on(v))
        note_choices(v, course, index, q.residual);
}

bool vectors_course_step(vectors *v, vectors_course *course)
{
    const spae_pyramid *pyramid = &course->model.config.pyramid;
    const size_t count = course->count * spae_pyramid_total(pyramid, pyramid->layers), first = course->choices.count;
    for (size_t i = 0; i < course->count; i++)
        foresee_tokens(v, course, i);
    if (!vectors_goes_on(v))
        return false;
    vectors_expect(v, spae_train_step(&course->trainer, course->example, course->count, course->arenas, v->at_once,
                                      &course->terms, course->token, v->err));
    if (vectors_goes_on(v) && memcmp(course->token, course->choices.token + first, count * sizeof *course->token) != 0)
        vectors_expect(v, spae_fail(v->err, SPAE_ERR_ARGUMENT, "a step's tokens are not those of encoding"));
    return vectors_goes_on(v);
}

/* ---- what a step leaves behind ---- */

enum { TERMS = 16 };

void vectors_give_terms(vectors *v, const char *name, vectors_compare compare, const spae_terms *terms)
{
    spae_parameters *layout = taken(v, 1, sizeof *layout);
    spae_parameter *item = taken(v, TERMS, sizeof *item);
    spae_real *value = taken(v, TERMS, sizeof *value);
    if (!vectors_goes_on(v))
        return;
    for (size_t i = 0; i < TERMS && spae_term_name(i) != NULL; i++) {
        memcpy(item[i].path, spae_term_name(i), strlen(spae_term_name(i)) + 1);
        item[i].shape = spae_shape_of(1, 1, 1, 1, 1);
        item[i].rank = 1;
        item[i].first = i;
        value[i] = (spae_real)spae_term_value(terms, i);
        layout->count = layout->elements = i + 1;
    }
    layout->item = item;
    vectors_flat(v, name, compare, layout, layout->count, value);
}

void vectors_give_step(vectors *v, size_t number, bool state, const vectors_course *course)
{
    static const char *const names[VECTORS_STEPS][7] = {
        {"terms_1", "gradient_1", "values_1", "m_1", "v_1", "ema_1", "lecam_1"},
        {"terms_2", "gradient_2", "values_2", "m_2", "v_2", "ema_2", "lecam_2"},
        {"terms_3", "gradient_3", "values_3", "m_3", "v_3", "ema_3", "lecam_3"}};
    const char *const *name = names[number - 1];
    const spae_trainer *t = &course->trainer;
    const spae_parameters *all = course->model.parameters;
    const size_t two = 2;
    vectors_give_terms(v, name[0], VECTORS_NUMBERS, &course->terms);
    vectors_flat(v, name[1], VECTORS_NUMBERS, all, all->count, t->gradient);
    if (!state)
        return;
    vectors_flat(v, name[2], VECTORS_NUMBERS, all, all->count, course->model.values);
    vectors_flat(v, name[3], VECTORS_NUMBERS, all, all->count, t->m);
    vectors_flat(v, name[4], VECTORS_NUMBERS, all, all->count, t->v);
    vectors_flat(v, name[5], VECTORS_NUMBERS, all, course->model.count, t->ema);
    if (course->model.config.lambda > 0)
        vectors_numbers(v, name[6], VECTORS_NUMBERS, 1, &two, t->lecam);
}

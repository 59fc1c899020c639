/* The inner loops of nn/conv.c for tiles of ROWS x WIDTH results; included once for each width.
 *
 * conv.c defines WIDTH and NAME(function) before each inclusion, and ROWS (6) once. The accumulators are
 * local arrays of constant size: compilers hold them in vector registers while a chain runs.
 * There is no include guard, on purpose.
 */

/* acc[r][j] continues its chain over k = 0..n-1 with a[r * across + k * along] * b[k][j]. All arithmetic of
 * the three forms is here, but for bias and sums of rows. Lanes j are vectors; k stays in order. */
static inline void NAME(chain)(real acc[ROWS][WIDTH], const real *a, size_t across, size_t along,
                               const real *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const real a0 = a[0], a1 = a[across], a2 = a[2 * across];
        const real a3 = a[3 * across], a4 = a[4 * across], a5 = a[5 * across];
        for (size_t j = 0; j < WIDTH; j++) {
            acc[0][j] = acc[0][j] + a0 * b[j];
            acc[1][j] = acc[1][j] + a1 * b[j];
            acc[2][j] = acc[2][j] + a2 * b[j];
            acc[3][j] = acc[3][j] + a3 * b[j];
            acc[4][j] = acc[4][j] + a4 * b[j];
            acc[5][j] = acc[5][j] + a5 * b[j];
        }
        a += along;
        b += WIDTH;
    }
}

static inline void NAME(clear)(real acc[ROWS][WIDTH])
{
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < WIDTH; j++)
            acc[r][j] = 0;
}

/* Whole rows have a copy of constant size, which is a few vector moves. */
static inline void NAME(load_row)(real acc[WIDTH], const real *from, size_t lanes)
{
    if (lanes == WIDTH)
        memcpy(acc, from, WIDTH * sizeof *acc);
    else
        memcpy(acc, from, lanes * sizeof *acc);
}

static inline void NAME(store_row)(real *to, const real acc[WIDTH], size_t lanes)
{
    if (lanes == WIDTH)
        memcpy(to, acc, WIDTH * sizeof *acc);
    else
        memcpy(to, acc, lanes * sizeof *acc);
}

/* One chunk of the chains of `rows` cells at `out`, `lanes` channels each; the first chunk starts them at +0. */
static void NAME(product_tile)(const real *a, const real *b, size_t depth, bool first, real *const *out,
                               size_t rows, size_t lanes)
{
    real acc[ROWS][WIDTH];
    NAME(clear)(acc);
    for (size_t r = 0; r < rows && !first; r++)
        NAME(load_row)(acc[r], out[r], lanes);
    NAME(chain)(acc, a, CHUNK, 1, b, depth);
    for (size_t r = 0; r < rows; r++)
        NAME(store_row)(out[r], acc[r], lanes);
}

static inline void NAME(add)(real sum[ROWS][WIDTH], real acc[ROWS][WIDTH])
{
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < WIDTH; j++)
            sum[r][j] = sum[r][j] + acc[r][j];
}

/* The state of a tile of dk between blocks. `from` may be NULL: then it is zero, or need not be kept. */
static inline void NAME(load_state)(real acc[ROWS][WIDTH], const real *from, const tile *at)
{
    NAME(clear)(acc);
    for (size_t r = 0; r < at->rows && from; r++)
        NAME(load_row)(acc[r], from + at->offset + r * at->stride, at->lanes);
}

static inline void NAME(store_state)(real *to, real acc[ROWS][WIDTH], const tile *at)
{
    for (size_t r = 0; r < at->rows && to; r++)
        NAME(store_row)(to + at->offset + r * at->stride, acc[r], at->lanes);
}

/* One block's share of a tile of dk: `a` is its first strip and `b` its panel of dy.
 * Here acc is the chain of the present row, sum that of the present example's rows before it, total that
 * of the examples before. None is ever -0, so that adding a sum of nothing, +0, changes nothing. */
static void NAME(gradient_tile)(const block *g, const tile *at, const real *a, const real *b)
{
    real acc[ROWS][WIDTH], sum[ROWS][WIDTH], total[ROWS][WIDTH];
    NAME(load_state)(acc, g->in_row ? g->acc : NULL, at);
    NAME(load_state)(sum, g->in_example ? g->sum : NULL, at);
    NAME(load_state)(total, g->first ? NULL : g->dk, at);
    place p = g->start;
    for (size_t i = 0; i < g->rows; i++) {
        if (reads_inside(g->s, &p, at))
            NAME(chain)(acc, a, 1, g->along, b, g->pixels);
        a += g->strips_per_row * g->strip;
        b += g->pixels * WIDTH;
        if (g->ends_inside_row)
            break;
        NAME(add)(sum, acc);
        NAME(clear)(acc);
        if (next_row(g->s, &p)) {
            NAME(add)(total, sum);
            NAME(clear)(sum);
        }
    }
    NAME(store_state)(g->ends_inside_row ? g->acc : NULL, acc, at);
    NAME(store_state)(g->sum, sum, at);
    NAME(store_state)(g->dk, total, at);
}

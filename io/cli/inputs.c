/* Models and pictures as the command line takes them. */
#include "io/cli/inputs.h"

#include "io/video.h"

bool spae_cli_read_fit(const spae_cli_arguments *arguments, spae_cli_fit *fit)
{
    const bool resize = spae_cli_value(arguments, "resize") != NULL;
    const bool pad = spae_cli_value(arguments, "pad") != NULL;
    if (resize && pad) {
        spae_cli_wrong(arguments->command, "--resize and --pad exclude each other");
        return false;
    }
    *fit = resize ? SPAE_CLI_RESIZE : pad ? SPAE_CLI_PAD : SPAE_CLI_AS_IT_IS;
    return true;
}

spae_status spae_cli_load_model(const char *path, spae_arena *arena, spae_model *model, spae_error *err)
{
    const spae_status status = spae_model_load(model, arena, path, err);
    if (status == SPAE_OK && model->config.picture[0] != 1)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: the model takes video of %zu frames, expected one for pictures",
                         path, model->config.picture[0]);
    return status;
}

/* ---- fitting ---------------------------------------------------------------------------------------- */

typedef struct {
    size_t height, width;
    spae_real *picture; /* (height,width,3) */
} loaded;

static spae_status refuse(const loaded *from, const char *path, size_t height, size_t width, const char *what,
                          spae_error *err)
{
    return spae_fail(err, SPAE_ERR_SHAPE, "%s: the picture is %zux%zu, the model takes %zux%zu: %s", path,
                     from->width, from->height, width, height, what);
}

static spae_status resize(const loaded *from, size_t height, size_t width, spae_arena *arena, spae_real *to,
                          spae_error *err)
{
    spae_image source, image;
    spae_status status =
        spae_image_take(arena, "resize", NULL, from->height, from->width, 3, &source, err);
    if (status != SPAE_OK)
        return status;
    for (size_t i = 0; i < from->height * from->width * 3; i++)
        source.pixels[i] = (float)from->picture[i];
    status = spae_image_resize(arena, &source, height, width, &image, err);
    for (size_t i = 0; status == SPAE_OK && i < height * width * 3; i++)
        to[i] = (spae_real)image.pixels[i];
    return status;
}

static void pad(const loaded *from, size_t height, size_t width, spae_real *to)
{
    const size_t top = (height - from->height) / 2, left = (width - from->width) / 2;
    for (size_t i = 0; i < height * width * 3; i++)
        to[i] = 0;
    for (size_t y = 0; y < from->height; y++)
        for (size_t i = 0; i < from->width * 3; i++)
            to[((top + y) * width + left) * 3 + i] = from->picture[y * from->width * 3 + i];
}

static spae_status fit_picture(const loaded *from, const char *path, spae_cli_fit fit, size_t height,
                               size_t width, spae_arena *arena, spae_real *to, spae_error *err)
{
    const bool smaller = from->height <= height && from->width <= width;
    if (fit == SPAE_CLI_RESIZE)
        return resize(from, height, width, arena, to, err);
    if (fit == SPAE_CLI_PAD && !smaller)
        return refuse(from, path, height, width, "--pad only adds, --resize crops and scales", err);
    if (fit == SPAE_CLI_AS_IT_IS && (from->height != height || from->width != width))
        return refuse(from, path, height, width,
                      "--resize crops and scales, --pad puts a smaller one on black", err);
    pad(from, height, width, to);
    return SPAE_OK;
}

spae_status spae_cli_load_picture(const spae_model *model, const char *path, spae_cli_fit fit,
                                  spae_arena *arena, spae_real **picture, spae_error *err)
{
    const size_t height = model->config.picture[1], width = model->config.picture[2];
    loaded from = {0, 0, NULL};
    spae_real *to = spae_arena_take(arena, height * width * 3, sizeof *to);
    const spae_arena_mark mark = spae_arena_here(arena);
    if (to == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a picture", path);
    spae_status status = spae_picture_load(path, arena, &from.picture, &from.height, &from.width, err);
    if (status == SPAE_OK)
        status = fit_picture(&from, path, fit, height, width, arena, to, err);
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK)
        *picture = to;
    return status;
}

/* ---- videos ----------------------------------------------------------------------------------------- */

static spae_status check_frames(const char *path, size_t frames, size_t first, size_t due, bool told, spae_error *err)
{
    if (!told && frames > due)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: the video has %zu frames, the model takes %zu: --from N takes those "
                         "from frame N on", path, frames, due);
    if (frames < due || first > frames - due)
        return spae_fail(err, SPAE_ERR_SHAPE, "%s: the video has %zu frames, the model takes %zu from frame %zu on",
                         path, frames, due, first + 1);
    return SPAE_OK;
}

/* Frame t of what was read becomes frame t of what the model takes. */
static spae_status fit_frame(const spae_model *model, const spae_video *read, size_t t, const char *path,
                             spae_cli_fit fit, spae_arena *arena, spae_real *video, spae_error *err)
{
    const size_t height = model->config.picture[1], width = model->config.picture[2];
    const size_t samples = read->height * read->width * 3;
    const spae_arena_mark mark = spae_arena_here(arena);
    const loaded from = {read->height, read->width, spae_arena_take(arena, samples, sizeof *from.picture)};
    if (from.picture == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for a frame", path);
    for (size_t i = 0; i < samples; i++)
        from.picture[i] = (spae_real)read->pixels[t * samples + i];
    const spae_status status = fit_picture(&from, path, fit, height, width, arena, video + t * height * width * 3, err);
    spae_arena_reset(arena, mark);
    return status;
}

spae_status spae_cli_load_video(const spae_model *model, const char *path, spae_cli_fit fit, size_t from,
                                spae_arena *arena, spae_real **video, spae_error *err)
{
    const size_t *size = model->config.picture, first = from > 0 ? from - 1 : 0;
    spae_real *to = spae_arena_take(arena, size[0] * size[1] * size[2] * 3, sizeof *to);
    const spae_arena_mark mark = spae_arena_here(arena);
    spae_video read;
    size_t frames = 0;
    if (to == NULL)
        return spae_fail(err, SPAE_ERR_NO_MEMORY, "%s: no memory for %zu frames", path, size[0]);
    spae_status status = spae_video_read(arena, path, NULL, first, size[0], &read, &frames, err);
    if (status == SPAE_OK)
        status = check_frames(path, frames, first, size[0], from > 0, err);
    for (size_t t = 0; status == SPAE_OK && t < size[0]; t++)
        status = fit_frame(model, &read, t, path, fit, arena, to, err);
    spae_arena_reset(arena, mark);
    if (status == SPAE_OK)
        *video = to;
    return status;
}

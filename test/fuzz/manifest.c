/* Fuzz target: a MANIFEST. Whatever is read is what manifest.h promises of it. */
#include "../../io/manifest.h"
#include "memory.h"

static void check_path(const char *path)
{
    if (path != NULL && (path[0] == '/' || path[0] == '.' || strstr(path, "/.") != NULL))
        abort(); /* it would lead out of the directory */
}

static void check_output(const spae_manifest_case *c, const spae_manifest_output *out)
{
    size_t next = 0;
    check_path(out->file.path);
    check_path(out->exact.path);
    check_path(out->sample.path);
    for (size_t e = 0; e < out->entries; next += out->entry[e++].count)
        if (out->entry[e].first != next)
            abort();
    if ((out->entries > 0 && next != out->array.count) || out->margin >= c->outputs ||
        out->runner_up >= c->outputs || out->distance >= c->outputs || out->cell >= c->outputs)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const spae_source source = spae_source_memory(data, size, "fuzz");
    fuzz_budget budget;
    spae_arena arena = fuzz_arena(&budget, size);
    spae_manifest m;
    spae_error err = {SPAE_OK, ""};
    size_t outputs = 0;
    const spae_status status = spae_manifest_read(&arena, &source, &m, &err);
    if (status != SPAE_OK)
        fuzz_refused(status, &err, &arena);
    for (size_t i = 0; status == SPAE_OK && i < m.cases; outputs += m.item[i++].outputs) {
        if (strchr(m.item[i].name, '/') == NULL || m.item[i].stage >= m.stages)
            abort();
        for (size_t o = 0; o < m.item[i].outputs; o++)
            check_output(&m.item[i], &m.item[i].output[o]);
    }
    if (status == SPAE_OK && outputs != m.outputs)
        abort();
    spae_arena_free(&arena);
    return 0;
}

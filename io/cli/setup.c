/* The shared options of setup.h. */
#include "io/cli/setup.h"

#include "io/config.h"
#include "io/preset.h"

bool spae_cli_config(const spae_cli_arguments *arguments, spae_config *config)
{
    spae_error err;
    const char *assignment;
    const char *preset = spae_cli_value(arguments, "preset");
    if (spae_preset(preset, config, &err) != SPAE_OK)
        return spae_cli_wrong(arguments->command, "--preset %s", err.text), false;
    for (size_t i = 0; (assignment = spae_cli_value_at(arguments, "set", i)) != NULL; i++)
        if (spae_config_set(config, assignment, &err) != SPAE_OK)
            return spae_cli_wrong(arguments->command, "--set %s", err.text), false;
    if (spae_config_check(config, &err) != SPAE_OK)
        return spae_cli_wrong(arguments->command, "--preset %s with these --set: %s", preset,
                              err.text),
               false;
    return true;
}

bool spae_cli_seed(const spae_cli_arguments *arguments, uint32_t *seed)
{
    uint64_t value = 0;
    if (!spae_cli_integer(arguments, "seed", 0, UINT32_MAX, &value))
        return false;
    *seed = (uint32_t)value;
    return true;
}

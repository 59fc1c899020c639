/* The subcommands, one file each. argv[0] is the subcommand's name; the result is the exit status. */
#ifndef SPAE_IO_CLI_COMMANDS_H
#define SPAE_IO_CLI_COMMANDS_H

int spae_cli_demo(int argc, char **argv);
int spae_cli_encode(int argc, char **argv);
int spae_cli_decode(int argc, char **argv);
int spae_cli_inspect(int argc, char **argv);
int spae_cli_plot(int argc, char **argv);
int spae_cli_prompt(int argc, char **argv);
int spae_cli_guide(int argc, char **argv);
int spae_cli_generate(int argc, char **argv);
int spae_cli_classify(int argc, char **argv);
int spae_cli_caption(int argc, char **argv);
int spae_cli_vqa(int argc, char **argv);
int spae_cli_codebook(int argc, char **argv);
int spae_cli_train(int argc, char **argv);
int spae_cli_ablate(int argc, char **argv);
int spae_cli_eval(int argc, char **argv);
int spae_cli_info(int argc, char **argv);
int spae_cli_init(int argc, char **argv);
int spae_cli_inflate(int argc, char **argv);
int spae_cli_verify(int argc, char **argv);
int spae_cli_bench(int argc, char **argv);

#endif

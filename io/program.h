/* An outside program that is handed two files: one to read, one to write.
 *
 *     spae_exchange_begin(NULL, &arena, &x, err)         a folder of its own; x.request, x.answer are names in it
 *     write x.request;  spae_exchange_run(..);  read x.answer
 *     spae_exchange_end(&x)                              removes the files and the folder
 *
 * The folder is new and for this user alone, so that nobody else's file or link can stand in the way, and two runs never
 * meet. Where there is no POSIX there is no folder: the names are the first that are free.
 */
#ifndef SPAE_IO_PROGRAM_H
#define SPAE_IO_PROGRAM_H

#include <stddef.h>

#include "nn/arena.h"
#include "vendor_free/status.h"

typedef struct {
    const char *folder;           /* in the arena; NULL: none was made */
    const char *request, *answer; /* names of files, in the arena; neither is there yet */
} spae_exchange;

/*   in   parent  an existing folder to make it in; NULL: $TMPDIR, else /tmp, and without POSIX "."
 *   err  SPAE_ERR_IO  SPAE_ERR_NO_MEMORY */
spae_status spae_exchange_begin(const char *parent, spae_arena *arena, spae_exchange *exchange, spae_error *err);

/* Lets the system's shell run  PROGRAM 'REQUEST' 'ANSWER'  and waits.
 *   in   program  the beginning of a command line, the user's own
 *   out  status   the exit status; 128 + the signal, of a program that a signal ended, as shells say it
 *   err  SPAE_ERR_IO         there is no shell, or it cannot run
 *        SPAE_ERR_ARGUMENT   without POSIX: a file name that cannot be quoted
 *        SPAE_ERR_NO_MEMORY */
spae_status spae_exchange_run(const spae_exchange *exchange, const char *program, spae_arena *scratch, int *status,
                              spae_error *err);

void spae_exchange_end(const spae_exchange *exchange);

/* A text as one word of the shell's, whatever is in it, in the arena: in single quotes, each of its own as '\''. A name
 * that begins with '-' gets "./" before it. Without POSIX in double quotes, and texts that have one, a '%' or a newline
 * are refused.     err  SPAE_ERR_ARGUMENT  SPAE_ERR_NO_MEMORY */
spae_status spae_shell_quote(const char *text, spae_arena *arena, const char **quoted, spae_error *err);

#endif

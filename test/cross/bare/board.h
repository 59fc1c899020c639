/* What a program without an operating system needs of its machine: text out, an end, and how much stack it took. */
#ifndef SPAE_TEST_CROSS_BARE_BOARD_H
#define SPAE_TEST_CROSS_BARE_BOARD_H

#include <stddef.h>

void board_text(const char *text); /* through the debugger (Arm semihosting) */
void board_number(size_t number);  /* decimal */
void board_end(int status);        /* does not return */
size_t board_stack_peak(void);     /* bytes, the most that were ever in use; 0 when the stack ran over */

#endif

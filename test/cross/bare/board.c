/* A Cortex-M from reset to main: the vector table, memory set up, the floating-point unit switched on, the stack painted;
 * and Arm semihosting for output (the instruction `bkpt 0xab`, operation in r0, its argument in r1). GNU C for Arm only:
 * this is the one file of the kit that belongs to a machine.
 */
#include "board.h"

#include <stdint.h>

extern uint32_t bare_data_from[], bare_data[], bare_data_end[], bare_bss[], bare_bss_end[], bare_stack[],
    bare_stack_end[]; /* link.ld */
int main(void);
void bare_reset(void);

enum { WRITE0 = 0x04, EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };
static const uint32_t paint = 0x5ca1ab1e;

static void semihost(uintptr_t operation, uintptr_t argument)
{
    register uintptr_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_text(const char *text)
{
    semihost(WRITE0, (uintptr_t)text);
}

void board_number(size_t number)
{
    char digits[24], *at = digits + sizeof digits - 1;
    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    board_text(at);
}

void board_end(int status)
{
    const uintptr_t block[2] = {APPLICATION_EXIT, (uintptr_t)status};
    semihost(EXIT_EXTENDED, (uintptr_t)block);
    for (;;)
        ;
}

/* The lowest word that lost its paint is the deepest that the stack was. */
size_t board_stack_peak(void)
{
    const uint32_t *at = bare_stack;
    while (at < bare_stack_end && *at == paint)
        at++;
    return at == bare_stack ? 0 : (size_t)(bare_stack_end - at) * sizeof *at;
}

static void fault(void)
{
    board_text("fault\n");
    board_end(3);
}

/* volatile: or the loops would become calls of memcpy and memset, before there is anything to call them with */
void bare_reset(void)
{
    volatile uint32_t *to = bare_data;
    for (const uint32_t *from = bare_data_from; to < bare_data_end;)
        *to++ = *from++;
    for (to = bare_bss; to < bare_bss_end;)
        *to++ = 0;
    for (to = bare_stack; (uintptr_t)to < (uintptr_t)__builtin_frame_address(0) - 64;)
        *to++ = paint;
#if defined(__ARM_FP)
    *(volatile uint32_t *)0xe000ed88 |= (uint32_t)0xf << 20; /* CPACR: coprocessors 10 and 11 */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    board_end(main());
}

/* Initial stack, reset, and the faults; no interrupt is enabled. */
typedef union {
    void *stack;
    void (*handler)(void);
} vector;
extern const vector bare_vectors[7];
__attribute__((section(".vectors"), used)) const vector bare_vectors[7] = {
    {.stack = bare_stack_end}, {.handler = bare_reset}, {.handler = fault}, {.handler = fault}, {.handler = fault},
    {.handler = fault}, {.handler = fault}};

/* The vector table and what happens before main(): copies .data, clears .bss, turns the FPU on where there
 * is one. */
#include "board.h"

extern uint32_t data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

void reset(void);
void fault(void);

/* What a program does not define ends it. */
#define WEAK __attribute__((weak, alias("fault")))
void systick_handler(void) WEAK;
void uart0_rx_handler(void) WEAK;
void uart0_tx_handler(void) WEAK;

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    vector exceptions[15];
    vector interrupts[32];
} vectors = {
    stack_top,
    { reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, systick_handler },
    { uart0_rx_handler, uart0_tx_handler, fault, fault, fault, fault, fault, fault, fault, fault, fault,
      fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
      fault, fault, fault, fault, fault, fault, fault, fault },
};

void fault(void)
{
    board_print("fault\n");
    board_exit(EXIT_FAULT);
}

void reset(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;

    for (to = data_start; to < data_end;)
        *to++ = *from++;
    for (to = bss_start; to < bss_end;)
        *to++ = 0;
#ifdef __ARM_FP
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: CP10 and CP11 */
    __asm volatile("dsb\nisb" ::: "memory");
#endif
    board_exit(main());
}

/* SysTick, one interrupt a millisecond. */
#include "board.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)

static volatile uint32_t ticks;

void systick_handler(void);
void systick_handler(void)
{
    ticks++;
}

void clock_start(void)
{
    SYST_RVR = CPU_HZ / 1000u - 1u;
    SYST_CVR = 0;
    SYST_CSR = 7; /* the processor's clock, interrupt, on */
}

uint32_t clock_ms(void)
{
    return ticks;
}

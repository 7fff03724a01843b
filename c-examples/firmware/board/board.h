/* What the programs of this folder ask of the board. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* 25 MHz, QEMU's mps2 boards. */
#define CPU_HZ 25000000u

/* The program's end; startup.c adds the one for a fault. */
#define EXIT_FAULT 9

int main(void);

/* Semihosting: a debugger, here QEMU, takes the exit code and the text. A device in the field has neither. */
__attribute__((noreturn)) void board_exit(int code);
void board_print(const char *text);

/* SysTick: milliseconds since clock_start(); wraps after 49 days, so compare differences. */
void clock_start(void);
uint32_t clock_ms(void);

/* UART0, by interrupts and ring buffers. */
void uart_start(void);
/* At most `cap` bytes that have come; 0 if none. */
size_t uart_read(uint8_t *to, size_t cap);
/* How many bytes were lost so far because the program did not read them in time. Ask after uart_read: if
 * it is what it was, the bytes follow on those before without a gap. */
uint32_t uart_lost(void);
/* Throws away what has come and what has not gone. */
void uart_flush(void);
/* Waits until all has gone, no longer than `ms` milliseconds; 0 if that was too short. */
int uart_drain(uint32_t ms);
/* Queues all `len` bytes, waiting for room no longer than `ms` milliseconds; 0 if that was too short. */
int uart_write(const uint8_t *from, size_t len, uint32_t ms);

/* Sleeps until an interrupt. */
static inline void board_wait(void)
{
    __asm volatile("wfi" ::: "memory");
}

#endif

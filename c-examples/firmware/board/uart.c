/* The CMSDK UART0, between two ring buffers: its interrupts put what comes into the one, and send what the
 * program has put into the other. */
#include "board.h"
#include "ring.h"

typedef struct {
    volatile uint32_t data, state, control, interrupts, divisor;
} cmsdk_uart;

#define UART0 ((cmsdk_uart *)0x40004000u)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100u)

enum { TX_FULL = 1, RX_FULL = 2, RX_OVERRUN = 8 };                 /* state */
enum { TX_ON = 1, RX_ON = 2, TX_INTERRUPT = 4, RX_INTERRUPT = 8 }; /* control */
enum { TX_DONE = 1, RX_DONE = 2 };                                 /* interrupts */

RING(rx, 512u);
RING(tx, 256u);
static volatile uint32_t overruns;

/* Takes every byte at once: the UART has room for one alone, and the program may be busy. What has no room
 * is counted (uart_lost). A board that can tell the other side to wait (RTS) does so before the ring
 * buffer is full. */
void uart0_rx_handler(void);
void uart0_rx_handler(void)
{
    UART0->interrupts = RX_DONE;
    while ((UART0->state & RX_FULL) != 0)
        (void)ring_put(&rx, (uint8_t)UART0->data);
    if ((UART0->state & RX_OVERRUN) != 0) {
        UART0->state = RX_OVERRUN; /* clears it */
        overruns = overruns + 1u;
    }
}

static void transmit(void)
{
    uint8_t byte;

    while ((UART0->state & TX_FULL) == 0 && ring_get(&tx, &byte, 1) != 0)
        UART0->data = byte;
}

void uart0_tx_handler(void);
void uart0_tx_handler(void)
{
    UART0->interrupts = TX_DONE;
    transmit();
}

/* Where the program does what is the interrupt's. */
static uint32_t lock(void)
{
    uint32_t before;
    __asm volatile("mrs %0, primask\ncpsid i" : "=r"(before)::"memory");
    return before;
}

static void unlock(uint32_t before)
{
    __asm volatile("msr primask, %0" ::"r"(before) : "memory");
}

void uart_start(void)
{
    UART0->divisor = CPU_HZ / 115200u; /* below 16 it is dead */
    UART0->control = TX_ON | RX_ON | TX_INTERRUPT | RX_INTERRUPT;
    NVIC_ENABLE = 3; /* its two interrupts are the first two */
}

size_t uart_read(uint8_t *to, size_t cap)
{
    return ring_get(&rx, to, cap);
}

uint32_t uart_lost(void)
{
    return ring_lost(&rx) + overruns;
}

void uart_flush(void)
{
    uint32_t before = lock();

    ring_clear(&tx);
    unlock(before);
    ring_clear(&rx);
}

int uart_drain(uint32_t ms)
{
    uint32_t start = clock_ms();

    while (ring_used(&tx) != 0)
        if (clock_ms() - start >= ms)
            return 0;
    return 1;
}

int uart_write(const uint8_t *from, size_t len, uint32_t ms)
{
    uint32_t start = clock_ms();

    while (len != 0) {
        if (ring_used(&tx) < tx.size) {
            (void)ring_put(&tx, *from++);
            len--;
        } else if (clock_ms() - start >= ms) {
            return 0;
        } else {
            board_wait();
        }
        /* The interrupt comes when a byte has left; the first one has to be pushed. */
        uint32_t before = lock();
        transmit();
        unlock(before);
    }
    return 1;
}

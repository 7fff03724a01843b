/* The CMSDK UART0. The interrupt handlers and the program share two ring buffers; each index has one writer, so that
 * nothing needs to be locked but where both sides touch the transmitter. */
#include "board.h"

typedef struct {
    volatile uint32_t data, state, control, interrupts, divisor;
} cmsdk_uart;

#define UART0 ((cmsdk_uart *)0x40004000u)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100u)

enum { TX_FULL = 1, RX_FULL = 2 };                                    /* state */
enum { TX_ON = 1, RX_ON = 2, TX_INTERRUPT = 4, RX_INTERRUPT = 8 };    /* control */
enum { TX_DONE = 1, RX_DONE = 2 };                                    /* interrupts */

/* Sizes are powers of two: an index counts on and on, and is cut when it is used. */
#define RX_SIZE 512u
#define TX_SIZE 256u

static uint8_t rx[RX_SIZE], tx[TX_SIZE];
static volatile uint32_t rx_in, rx_out, tx_in, tx_out;

/* The byte goes before the index that tells of it. */
static inline void barrier(void)
{
    __asm volatile("" ::: "memory");
}

static void receive(void)
{
    /* Without room the byte stays in the UART, and its interrupt stays off until uart_read has made some. */
    while ((UART0->state & RX_FULL) != 0) {
        if (rx_in - rx_out == RX_SIZE) {
            UART0->control &= ~(uint32_t)RX_INTERRUPT;
            return;
        }
        rx[rx_in % RX_SIZE] = (uint8_t)UART0->data;
        barrier();
        rx_in++;
    }
}

static void transmit(void)
{
    while (tx_out != tx_in && (UART0->state & TX_FULL) == 0) {
        UART0->data = tx[tx_out % TX_SIZE];
        tx_out++;
    }
}

void uart0_rx_handler(void);
void uart0_rx_handler(void)
{
    UART0->interrupts = RX_DONE;
    receive();
}

void uart0_tx_handler(void);
void uart0_tx_handler(void)
{
    UART0->interrupts = TX_DONE;
    transmit();
}

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
    size_t n = 0;

    while (n < cap && rx_out != rx_in) {
        to[n++] = rx[rx_out % RX_SIZE];
        barrier();
        rx_out++;
    }
    if ((UART0->control & RX_INTERRUPT) == 0) {
        uint32_t before = lock();
        UART0->control |= RX_INTERRUPT;
        receive();
        unlock(before);
    }
    return n;
}

void uart_flush(void)
{
    uint8_t byte;
    uint32_t before = lock();

    tx_out = tx_in;
    unlock(before);
    while (uart_read(&byte, 1) != 0)
        ;
}

int uart_drain(uint32_t ms)
{
    uint32_t start = clock_ms();

    while (tx_out != tx_in)
        if (clock_ms() - start >= ms)
            return 0;
    return 1;
}

int uart_write(const uint8_t *from, size_t len, uint32_t ms)
{
    uint32_t start = clock_ms();

    while (len != 0) {
        if (tx_in - tx_out != TX_SIZE) {
            tx[tx_in % TX_SIZE] = *from++;
            barrier();
            tx_in++;
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

/* A ring buffer between an interrupt, or a signal handler, that puts bytes in and a program that gets them
 * out, or the other way round. One side puts and one side gets; nothing is locked, and no side waits for
 * the other.
 *
 * Why this is right on one core:
 * - Each index has one writer: `in` and `lost` the side that puts, `out` the side that gets.
 * - An index is one aligned word: it is read and written by one instruction, and the other side sees the
 *   old value or the new one. A processor of 8 or 16 bits takes several instructions: there the indexes
 *   must be of its own word.
 * - The bytes are volatile like the indexes, and a compiler keeps volatile accesses in the order of the
 *   program: a byte is there before `in` says so, and has been read before `out` gives its place away.
 * - The processor needs no barrier: the handler runs between two instructions of the program, on the same
 *   core, which sees its own writes in the order of the program. So it is with a signal handler that runs
 *   in the thread that it interrupts. It is not so with two cores, two threads or DMA: these need C11's
 *   atomics or what the board has. */
#ifndef RING_H
#define RING_H

#include <stddef.h>
#include <stdint.h>

typedef struct ring {
    volatile uint8_t *bytes;
    uint32_t size;             /* a power of two: an index counts on and on, and is cut when it is used */
    volatile uint32_t in, out; /* how many bytes were put in and got out */
    volatile uint32_t lost;    /* how many had no room */
} ring;

/* Defines a ring buffer for `size` bytes; does not compile if that is no power of two. */
#define RING(name, size)                                                                                 \
    static volatile uint8_t name##_bytes[(size) * sizeof(char[((size) & ((size) - 1u)) == 0 ? 1 : -1])]; \
    static ring name = { name##_bytes, (size), 0, 0, 0 }

/* For both sides: how many bytes are in it. */
static inline uint32_t ring_used(const ring *r)
{
    return r->in - r->out;
}

/* For the side that puts: 1, or 0 when there is no room. The byte is then lost, and counted. */
static inline int ring_put(ring *r, uint8_t byte)
{
    uint32_t in = r->in;

    if (in - r->out >= r->size) {
        r->lost = r->lost + 1u;
        return 0;
    }
    r->bytes[in & (r->size - 1u)] = byte;
    r->in = in + 1u;
    return 1;
}

/* For the side that gets: at most `cap` bytes; returns how many. Each one's place is free as soon as it
 * was read. */
static inline size_t ring_get(ring *r, uint8_t *to, size_t cap)
{
    uint32_t out = r->out;
    size_t n = 0;

    while (n < cap && out != r->in) {
        to[n++] = r->bytes[out & (r->size - 1u)];
        r->out = ++out;
    }
    return n;
}

/* For the side that gets: throws away what is in it. */
static inline void ring_clear(ring *r)
{
    r->out = r->in;
}

/* For the side that gets: how many bytes had no room so far. Read it after ring_get: if it is what it was,
 * those bytes follow on the ones before without a gap. */
static inline uint32_t ring_lost(const ring *r)
{
    return r->lost;
}

#endif

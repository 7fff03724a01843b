/* arena.h: for the programs abuse_*.c, which hold what a mistaken caller gets: the status that mqttc.h
 * documents, and nothing else touched.
 *
 * Everything that a call can see lies in one arena, with guard bytes between. Before each call the arena is
 * copied; after it, every byte outside the results that this call may write must be as it was. All of it runs
 * twice, over arenas filled with 0xa5 and with 0x5a.
 *
 * A buffer at the lowest addresses, where firmware may have one, cannot be had in a process: that NULL does
 * not overlap it is held by mqtt-ffi/tests/reader.rs.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "mqttc.h"

enum { GUARD = 32, OUT_SIZE = 64, LENT_SIZE = 32 };

/* One byte more than any object can have. */
#define TOO_LONG ((size_t)PTRDIFF_MAX + 1)

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef uint8_t guard[GUARD];

static struct arena {
    guard before_lent;
    uint8_t lent[LENT_SIZE]; /* far from the reader, so that no packet lies in both */
    guard g0;
    uint8_t out[OUT_SIZE];
    guard g1;
    uint8_t in[OUT_SIZE];
    guard g2;
    mqttc_packet packet; /* what decoders fill, whatever their struct */
    guard g3;
    mqttc_detail detail;
    guard g4;
    mqttc_decoder dec;
    guard g5;
    union {
        mqttc_connect connect;
        mqttc_connack connack;
        mqttc_publish publish;
        mqttc_subscribe subscribe;
        mqttc_suback suback;
        mqttc_unsubscribe unsubscribe;
        mqttc_packet packet;
    } p; /* what encoders read */
    guard g6;
    mqttc_subscription subscriptions[2];
    guard g7;
    mqttc_slice filters[2];
    guard g8;
    mqttc_filters it;
    guard g9;
    mqttc_subscription item;
    guard g10;
    mqttc_reader reader;
    guard g11;
    mqttc_payload_counter counter;
    guard g12;
    mqttc_status why;
    guard g13;
} a, before;

static int fill;

/* What the macros below pass as the last argument: a place in the arena, then NULL. */
static mqttc_status *why;
static mqttc_detail *detail;

/* A pointer that is not aligned, never followed here: made from a number, so that this file itself does
 * nothing undefined. */
static inline void *misaligned(const void *p)
{
    return (void *)((uintptr_t)p + 1);
}

static inline void clear(void)
{
    memset(&a, fill, sizeof a);
    why = &a.why;
    detail = &a.detail;
}

/* --- The check ------------------------------------------------------------------------------ */

/* Parts of the arena that a call may write, joined by |. */
enum {
    NOTHING = 0,
    WHY = 1,
    DETAIL = 2,
    PACKET = 4,
    ITERATOR = 8,
    ITEM = 16,
    READER = 32,
    LENT = 64,
    OUT = 128,
    STRUCT = 256,
    COUNTER = 512
};

/* What the decoders in question fill of `a.packet`. */
static size_t packet_size = sizeof(mqttc_packet);

/* The results of the last call. In the arena they are overwritten again: structs have padding, whose bytes
 * nobody has to set, and which the next comparison must not look at. */
static mqttc_packet got_packet;
static mqttc_subscription got_item;

static inline void take_results(unsigned touched)
{
    if (touched & PACKET) {
        memcpy(&got_packet, &a.packet, packet_size);
        memset(&a.packet, fill, packet_size);
    }
    if (touched & ITEM) {
        got_item = a.item;
        memset(&a.item, fill, sizeof a.item);
    }
    if (touched & ITERATOR) {
        mqttc_filters it = a.it;

        memset(&a.it, fill, sizeof a.it);
        a.it.rest.ptr = it.rest.ptr;
        a.it.rest.len = it.rest.len;
        a.it.has_qos = it.has_qos;
        a.it.unvalidated = it.unvalidated;
    }
}

static inline void check_arena(const char *file, int line, const char *call, unsigned touched)
{
    const struct part {
        unsigned bit;
        void *p;
        size_t size;
    } parts[] = {
        {WHY, &a.why, sizeof a.why},      {DETAIL, &a.detail, sizeof a.detail},
        {PACKET, &a.packet, packet_size}, {ITERATOR, &a.it, sizeof a.it},
        {ITEM, &a.item, sizeof a.item},   {READER, &a.reader, sizeof a.reader},
        {LENT, a.lent, sizeof a.lent},    {OUT, a.out, sizeof a.out},
        {STRUCT, &a.p, sizeof a.p},       {COUNTER, &a.counter, sizeof a.counter},
    };
    static struct arena after;
    size_t i;

    memcpy(&after, &a, sizeof after);
    for (i = 0; i < COUNT(parts); i++) {
        size_t offset = (size_t)((uint8_t *)parts[i].p - (uint8_t *)&a);

        if (touched & parts[i].bit)
            memcpy((uint8_t *)&after + offset, (uint8_t *)&before + offset, parts[i].size);
    }
    if (memcmp(&after, &before, sizeof after) != 0)
        failed(file, line, call, "touches what it must not");
    take_results(touched);
}

static inline void check(const char *file, int line, const char *call, long got, long wanted,
                         unsigned touched)
{
    checks++;
    if (got != wanted) {
        failed(file, line, call, "returns another number");
        fprintf(stderr, "  wanted %ld, found %ld (%s)\n", wanted, got,
                got < 0 ? mqttc_strerror((mqttc_status)got) : "no error");
    }
    check_arena(file, line, call, touched);
}

static inline void check_why(const char *file, int line, const char *call, mqttc_status wanted)
{
    if (a.why != wanted) {
        failed(file, line, call, "gives another *why");
        fprintf(stderr, "  wanted %ld, found %ld (%s)\n", (long)wanted, (long)a.why, mqttc_strerror(a.why));
    }
}

static inline void check_detail(const char *file, int line, const char *call, const uint8_t *bytes,
                                size_t len, uint32_t left, uint32_t offset)
{
    checks++;
    if (a.detail.bytes.ptr != bytes || a.detail.bytes.len != len || a.detail.left != left ||
        a.detail.offset != offset) {
        failed(file, line, call, "gives another *detail");
        fprintf(stderr, "  wanted %lu bytes, left %lu, offset %lu; found %lu, %lu, %lu\n", (unsigned long)len,
                (unsigned long)left, (unsigned long)offset, (unsigned long)a.detail.bytes.len,
                (unsigned long)a.detail.left, (unsigned long)a.detail.offset);
    }
}

/* Calls, and compares what is returned, and the arena. */
#define TRY(call, wanted, touched)                                                                           \
    do {                                                                                                     \
        memcpy(&before, &a, sizeof a);                                                                       \
        check(__FILE__, __LINE__, #call, (long)(call), (long)(wanted), touched);                             \
    } while (0)

/* --- Encoders: the call's last argument is `why` -------------------------------------------- */

/* With a place for the status, and without one. `wanted` is the number, `status` goes to *why. */
#define BOTH_WAYS(call, wanted, status, touched)                                                             \
    do {                                                                                                     \
        why = &a.why;                                                                                        \
        memset(why, fill, sizeof *why);                                                                      \
        TRY(call, wanted, (touched) | WHY);                                                                  \
        check_why(__FILE__, __LINE__, #call, status);                                                        \
        why = NULL;                                                                                          \
        TRY(call, wanted, touched);                                                                          \
        why = &a.why;                                                                                        \
    } while (0)

#define REFUSED(call, status) BOTH_WAYS(call, 0, status, NOTHING)
#define MEASURED(call, len) BOTH_WAYS(call, len, 0, NOTHING)
#define WRITTEN(call, len) BOTH_WAYS(call, len, 0, OUT)

/* The output holds these bytes, and elsewhere the filling; it is filled again. */
static inline void check_out(const char *file, int line, size_t at, const uint8_t *bytes, size_t len)
{
    uint8_t wanted[OUT_SIZE];

    checks++;
    memset(wanted, fill, sizeof wanted);
    memcpy(wanted + at, bytes, len);
    if (memcmp(a.out, wanted, sizeof wanted) != 0)
        failed(file, line, "the output", "holds other bytes");
    memset(a.out, fill, sizeof a.out);
}

#define EXPECT_OUT(at, bytes, len) check_out(__FILE__, __LINE__, at, bytes, len)

/* --- Decoders: the call's last argument is `detail` ----------------------------------------- */

/* A mistake of the caller: not even *detail is touched. */
#define MISTAKEN(call, status)                                                                               \
    do {                                                                                                     \
        TRY(call, status, NOTHING);                                                                          \
        detail = NULL;                                                                                       \
        TRY(call, status, NOTHING);                                                                          \
        detail = &a.detail;                                                                                  \
    } while (0)

/* Every other outcome, with what *detail must be. */
#define STEP(call, wanted, touched, bytes, len, left, offset)                                                \
    do {                                                                                                     \
        memset(detail, fill, sizeof *detail);                                                                \
        TRY(call, wanted, (touched) | DETAIL);                                                               \
        check_detail(__FILE__, __LINE__, #call, bytes, len, left, offset);                                   \
    } while (0)

/* The same again without a place for the detail. */
#define DECODED(call, wanted, touched, bytes, len, left, offset)                                             \
    do {                                                                                                     \
        STEP(call, wanted, touched, bytes, len, left, offset);                                               \
        detail = NULL;                                                                                       \
        TRY(call, wanted, touched);                                                                          \
        detail = &a.detail;                                                                                  \
    } while (0)

#define BROKEN(call, status, left, offset) DECODED(call, status, NOTHING, NULL, 0, left, offset)
#define LACKING(call, left) DECODED(call, MQTTC_NEED_MORE, NOTHING, NULL, 0, left, 0)

/* --- The programs --------------------------------------------------------------------------- */

static inline int abuse(const char *name, void (*run)(void))
{
    fill = 0xa5;
    run();
    fill = 0x5a;
    run();
    return report(name);
}

#endif /* ARENA_H */

/* encoder.h: what each encoder goes through, for abuse_encode.c and abuse_publish.c. */
#ifndef ENCODER_H
#define ENCODER_H

#include "arena.h"

/* An encoder behind one signature; `p` is its struct, where it has one. */
struct encoder {
    size_t (*encode)(const void *p, uint8_t *buf, size_t cap, mqttc_status *why);
    void (*set)(void); /* fills the struct so that it can be encoded */
    size_t align;      /* of its struct, 1 cannot be misaligned; 0: it has none */
    int at_end;        /* it writes at the end of its output */
    size_t len;
    uint8_t bytes[20];
};

/* The structs are filled field by field, not by their init functions, because of their padding: see
 * take_results. */
static inline void start(const struct encoder *e)
{
    clear();
    e->set();
}

static inline void abuse_encoder(const struct encoder *e)
{
    size_t at = e->at_end ? OUT_SIZE - e->len : 0;
    mqttc_status *inside = (mqttc_status *)(void *)&a.p;
    size_t cap;

    start(e);
    /* How it should be: these bytes and none beside them. */
    TRY(e->encode(&a.p, a.out, OUT_SIZE, &a.why), e->len, WHY | OUT);
    EXPECT(a.why == 0);
    EXPECT_OUT(at, e->bytes, e->len);
    TRY(e->encode(&a.p, a.out, OUT_SIZE, NULL), e->len, OUT);
    EXPECT_OUT(at, e->bytes, e->len);
    WRITTEN(e->encode(&a.p, a.out, e->len, why), e->len);
    EXPECT_OUT(0, e->bytes, e->len);

    for (cap = 0; cap < e->len; cap++)
        REFUSED(e->encode(&a.p, a.out, cap, why), MQTTC_ERR_BUFFER_TOO_SMALL);
    MEASURED(e->encode(&a.p, NULL, 0, why), e->len);
    REFUSED(e->encode(&a.p, NULL, 1, why), MQTTC_ERR_NULL);
    REFUSED(e->encode(&a.p, NULL, OUT_SIZE, why), MQTTC_ERR_NULL);
    REFUSED(e->encode(&a.p, NULL, SIZE_MAX, why), MQTTC_ERR_NULL);
    REFUSED(e->encode(&a.p, a.out, TOO_LONG, why), MQTTC_ERR_INVALID_ARGUMENT);
    REFUSED(e->encode(&a.p, a.out, SIZE_MAX, why), MQTTC_ERR_INVALID_ARGUMENT);

    /* No place for the status: nothing is written, there neither. */
    TRY(e->encode(&a.p, a.out, OUT_SIZE, misaligned(&a.why)), 0, NOTHING);
    TRY(e->encode(&a.p, NULL, 0, misaligned(&a.why)), 0, NOTHING);
    /* It is in the output: its first bytes, its last, and one byte of it alone. */
    TRY(e->encode(&a.p, a.out, OUT_SIZE, (mqttc_status *)(void *)a.out), 0, NOTHING);
    TRY(e->encode(&a.p, a.out, OUT_SIZE, (mqttc_status *)(void *)(a.out + OUT_SIZE - sizeof a.why)), 0,
        NOTHING);
    TRY(e->encode(&a.p, (uint8_t *)&a.why - 8, 9, &a.why), 0, NOTHING);
    TRY(e->encode(&a.p, (uint8_t *)&a.why + sizeof a.why - 1, 9, &a.why), 0, NOTHING);
    /* Beside each other they are fine. */
    TRY(e->encode(&a.p, (uint8_t *)&a.why - 1, 1, &a.why), 0, WHY);
    EXPECT(a.why == MQTTC_ERR_BUFFER_TOO_SMALL);
    TRY(e->encode(&a.p, (uint8_t *)(&a.why + 1), 1, &a.why), 0, WHY);
    EXPECT(a.why == MQTTC_ERR_BUFFER_TOO_SMALL);
    if (e->align == 0)
        return;

    REFUSED(e->encode(NULL, a.out, OUT_SIZE, why), MQTTC_ERR_NULL);
    REFUSED(e->encode(NULL, NULL, 0, why), MQTTC_ERR_NULL);
    if (e->align > 1) {
        REFUSED(e->encode(misaligned(&a.p), a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);
        REFUSED(e->encode(misaligned(&a.p), NULL, 0, why), MQTTC_ERR_INVALID_ARGUMENT);
    }
    /* The struct in the output, and with only its first byte there. */
    REFUSED(e->encode(&a.p, (uint8_t *)&a.p, sizeof a.p, why), MQTTC_ERR_INVALID_ARGUMENT);
    REFUSED(e->encode(&a.p, (uint8_t *)&a.p - 8, 9, why), MQTTC_ERR_INVALID_ARGUMENT);
    REFUSED(e->encode(&a.p, (uint8_t *)&a.p - 1, 1, why), MQTTC_ERR_BUFFER_TOO_SMALL); /* beside it */

    /* The status in the struct: it is written when the struct has been read. */
    TRY(e->encode(&a.p, a.out, OUT_SIZE, inside), e->len, OUT | STRUCT);
    EXPECT(*inside == 0 && memcmp((uint8_t *)&a.p + sizeof *inside, (uint8_t *)&before.p + sizeof *inside,
                                  sizeof a.p - sizeof *inside) == 0);
    EXPECT_OUT(at, e->bytes, e->len);
    start(e);
    TRY(e->encode(&a.p, a.out, 1, inside), 0, STRUCT);
    EXPECT(*inside == MQTTC_ERR_BUFFER_TOO_SMALL);
}

/* Slices that cannot be, in place of `*slice`. `encode` may look at it. */
static inline void abuse_slice(const struct encoder *e, mqttc_slice *slice)
{
    mqttc_slice good = *slice;

    slice->ptr = NULL;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_NULL);
    REFUSED(e->encode(&a.p, NULL, 0, why), MQTTC_ERR_NULL);
    slice->len = 65535;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_NULL);
    slice->ptr = good.ptr;
    slice->len = SIZE_MAX;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);
    slice->len = TOO_LONG;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);

    /* In the output: at its start, its last byte alone, and all around it. */
    slice->len = good.len;
    memcpy(a.out, good.ptr, good.len);
    slice->ptr = a.out;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);
    slice->ptr = a.out + OUT_SIZE - 1;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);
    slice->ptr = a.g0;
    slice->len = GUARD + OUT_SIZE + GUARD;
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);

    /* Right behind the output is not in it. */
    slice->len = good.len;
    memcpy(a.out + 1, good.ptr, good.len);
    slice->ptr = a.out + 1;
    REFUSED(e->encode(&a.p, a.out, 1, why), MQTTC_ERR_BUFFER_TOO_SMALL);
    *slice = good;
    memset(a.out, fill, sizeof a.out);
}

/* A byte that must be 0 or 1. */
static inline void abuse_flag(const struct encoder *e, uint8_t *flag)
{
    uint8_t good = *flag;
    int value;

    for (value = 2; value <= 255; value++) {
        *flag = (uint8_t)value;
        REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), MQTTC_ERR_INVALID_ARGUMENT);
    }
    *flag = good;
}

/* A struct that breaks a rule: rules come before the size. */
static inline void refuses(const struct encoder *e, mqttc_status wanted)
{
    REFUSED(e->encode(&a.p, a.out, OUT_SIZE, why), wanted);
    REFUSED(e->encode(&a.p, a.out, 0, why), wanted);
    REFUSED(e->encode(&a.p, NULL, 0, why), wanted);
}

/* A value that breaks a rule. */
static inline void abuse_byte(const struct encoder *e, uint8_t *byte, uint8_t value, mqttc_status wanted)
{
    uint8_t good = *byte;

    *byte = value;
    refuses(e, wanted);
    *byte = good;
}

#endif /* ENCODER_H */

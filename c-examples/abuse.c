/* abuse.c: what a mistaken caller gets: the status that mqttc.h documents, and nothing else touched.
 *
 * Everything that a call can see lies in one arena, with guard bytes between. Before each call the
 * arena is copied, after it every byte outside the results that this call may write must be as it
 * was. All of it runs twice, over arenas filled with 0xa5 and 0x5a. Ends with 1 on a failure.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mqttc.h"

enum { GUARD = 32, OUT_SIZE = 64, LENT_SIZE = 32 };

typedef uint8_t guard[GUARD];

static struct arena {
    guard g0;
    uint8_t out[OUT_SIZE];
    guard g1;
    size_t written;
    guard g2;
    uint8_t in[OUT_SIZE];
    guard g3;
    mqttc_packet packet; /* what decoders fill, whatever their struct */
    guard g4;
    size_t used;
    guard g5;
    mqttc_error err;
    guard g6;
    mqttc_decoder dec;
    guard g7;
    union {
        mqttc_connect connect;
        mqttc_connack connack;
        mqttc_publish publish;
        mqttc_subscribe subscribe;
        mqttc_suback suback;
        mqttc_unsubscribe unsubscribe;
        mqttc_packet packet;
    } p; /* what encoders read */
    guard g8;
    mqttc_subscription subscriptions[2];
    guard g9;
    mqttc_slice filters[2];
    guard g10;
    mqttc_filters it;
    guard g11;
    mqttc_subscription item;
    guard g12;
    mqttc_reader reader;
    guard g13;
    uint8_t lent[LENT_SIZE];
    guard g14;
    size_t room;
    guard g15;
    uint32_t left;
    guard g16;
    mqttc_slice chunk;
    guard g17;
    mqttc_publish_writer writer;
    guard g18;
} a, before;

static int fill;
static unsigned long checks;
static unsigned long failures;

/* One byte more than any object can have. */
static const size_t TOO_LONG = (size_t)PTRDIFF_MAX + 1;

/* A pointer that is not aligned, never followed here: made from a number, so that this file itself
 * does nothing undefined. */
static void *misaligned(const void *p)
{
    return (void *)((uintptr_t)p + 1);
}

/* --- The check ------------------------------------------------------------------------------ */

static void failed(int line, const char *call, const char *what)
{
    failures++;
    fprintf(stderr, "abuse.c:%d: %s: %s\n", line, call, what);
}

/* Parts of the arena that a call may write, joined by |. */
enum {
    NOTHING = 0,
    WRITTEN = 1,
    ERR = 2,
    PACKET = 4,
    USED = 8,
    ITERATOR = 16,
    READER = 32,
    ROOM = 64,
    LEFT = 128,
    OUT = 256,
    STRUCT = 512,
    CHUNK = 1024,
    WRITER = 2048
};

/* What the decoders in question fill of `a.packet`. */
static size_t packet_size = sizeof(mqttc_packet);

/* The results of the last call. In the arena they are overwritten again: structs have padding, whose
 * bytes nobody has to set, and which the next comparison must not look at. */
static mqttc_packet got_packet;
static mqttc_subscription got_item;

static void take_results(unsigned touched)
{
    if (touched & PACKET) {
        memcpy(&got_packet, &a.packet, packet_size);
        memset(&a.packet, fill, packet_size);
    }
    if (touched & ITERATOR) {
        mqttc_filters it = a.it;

        got_item = a.item;
        memset(&a.it, fill, sizeof a.it);
        memset(&a.item, fill, sizeof a.item);
        a.it.rest.ptr = it.rest.ptr;
        a.it.rest.len = it.rest.len;
        a.it.has_qos = it.has_qos;
        a.it.unvalidated = it.unvalidated;
    }
}

static void check_arena(int line, const char *call, unsigned touched)
{
    const struct part {
        unsigned bit;
        void *p;
        size_t size;
    } parts[] = {
        {WRITTEN, &a.written, sizeof a.written}, {ERR, &a.err, sizeof a.err},
        {PACKET, &a.packet, packet_size},        {USED, &a.used, sizeof a.used},
        {ITERATOR, &a.it, sizeof a.it},          {ITERATOR, &a.item, sizeof a.item},
        {READER, &a.reader, sizeof a.reader},    {ROOM, &a.room, sizeof a.room},
        {LEFT, &a.left, sizeof a.left},          {OUT, a.out, sizeof a.out},
        {STRUCT, &a.p, sizeof a.p},             {CHUNK, &a.chunk, sizeof a.chunk},
        {WRITER, &a.writer, sizeof a.writer},
    };
    static struct arena after;
    size_t i;

    memcpy(&after, &a, sizeof after);
    for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t offset = (size_t)((uint8_t *)parts[i].p - (uint8_t *)&a);

        if (touched & parts[i].bit)
            memcpy((uint8_t *)&after + offset, (uint8_t *)&before + offset, parts[i].size);
    }
    if (memcmp(&after, &before, sizeof after) != 0)
        failed(line, call, "touches what it must not");
    take_results(touched);
}

static void check(int line, const char *call, long status, long wanted, unsigned touched)
{
    checks++;
    if (status != wanted) {
        failed(line, call, "answers another status");
        fprintf(stderr, "  wanted %ld, found %ld (%s)\n", wanted, status, mqttc_strerror((mqttc_status)status));
    }
    check_arena(line, call, touched);
}

/* Calls, and compares the answer and the arena. */
#define TRY(call, wanted, touched)                                    \
    do {                                                              \
        memcpy(&before, &a, sizeof a);                                \
        check(__LINE__, #call, (long)(call), (long)(wanted), touched); \
    } while (0)

/* An encoder refuses: the output untouched, *written 0. */
#define TRY_ENCODE(call, wanted)                                             \
    do {                                                                     \
        memset(&a.written, fill, sizeof a.written);                          \
        TRY(call, wanted, WRITTEN);                                          \
        if (a.written != 0)                                                  \
            failed(__LINE__, #call, "*written is not 0");                    \
    } while (0)

#define EXPECT(condition)                                                    \
    do {                                                                     \
        checks++;                                                            \
        if (!(condition))                                                    \
            failed(__LINE__, #condition, "does not hold");                   \
    } while (0)

static void clear(void)
{
    memset(&a, fill, sizeof a);
}

/* --- Encoders ------------------------------------------------------------------------------- */

/* Every encoder behind one signature; `p` is its struct, where it has one. */
static mqttc_status connect(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_connect_encode(p, buf, cap, written);
}

static mqttc_status connack(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_connack_encode(p, buf, cap, written);
}

static mqttc_status publish(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_publish_encode(p, buf, cap, written);
}

static mqttc_status publish_header(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_publish_header_encode(p, 2, buf, cap, written);
}

static mqttc_status writer_start(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    mqttc_publish_writer w = {7, 9};
    mqttc_status status = mqttc_publish_writer_start(&w, p, 2, buf, cap, written);
    uint32_t declared = status == MQTTC_OK ? 2 : 7;
    uint32_t left = status == MQTTC_OK ? 2 : 9; /* untouched on an error */

    return w.declared == declared && w.left == left ? status : 1000;
}

static mqttc_status subscribe(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_subscribe_encode(p, buf, cap, written);
}

static mqttc_status suback(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_suback_encode(p, buf, cap, written);
}

static mqttc_status unsubscribe(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_unsubscribe_encode(p, buf, cap, written);
}

static mqttc_status packet(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_packet_encode(p, buf, cap, written);
}

static mqttc_status puback(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_puback_encode(7, buf, cap, written);
}

static mqttc_status pubrec(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_pubrec_encode(7, buf, cap, written);
}

static mqttc_status pubrel(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_pubrel_encode(7, buf, cap, written);
}

static mqttc_status pubcomp(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_pubcomp_encode(7, buf, cap, written);
}

static mqttc_status unsuback(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_unsuback_encode(7, buf, cap, written);
}

static mqttc_status pingreq(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_pingreq_encode(buf, cap, written);
}

static mqttc_status pingresp(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_pingresp_encode(buf, cap, written);
}

static mqttc_status disconnect(const void *p, uint8_t *buf, size_t cap, size_t *written)
{
    (void)p;
    return mqttc_disconnect_encode(buf, cap, written);
}

/* The structs are filled field by field, not by their init functions, because of their padding: see
 * take_results. */
static void set_connect(void)
{
    mqttc_slice none = {NULL, 0};
    mqttc_connect *p = &a.p.connect;

    p->client_id = mqttc_str("ab");
    p->will_topic = p->will_message = p->user_name = p->password = none;
    p->keep_alive = 60;
    p->protocol_level = MQTTC_LEVEL_3_1_1;
    p->clean_session = 1;
    p->has_will = p->will_qos = p->will_retain = p->has_user_name = p->has_password = 0;
}

static void set_connack(void)
{
    a.p.connack.session_present = 0;
    a.p.connack.return_code = 0;
}

static void set_publish(void)
{
    a.p.publish.dup = 0;
    a.p.publish.retain = 0;
    a.p.publish.topic = mqttc_str("a/b");
    a.p.publish.payload = mqttc_str("hi");
    a.p.publish.qos = 1;
    a.p.publish.packet_id = 10;
}

static void set_subscribe(void)
{
    a.subscriptions[0].filter = mqttc_str("a/#");
    a.subscriptions[0].qos = 1;
    a.subscriptions[1].filter = mqttc_str("b");
    a.subscriptions[1].qos = 2;
    a.p.subscribe.filters = a.subscriptions;
    a.p.subscribe.count = 2;
    a.p.subscribe.packet_id = 1;
}

static void set_suback(void)
{
    a.p.suback.return_codes = mqttc_bytes("\x01\x80", 2);
    a.p.suback.packet_id = 1;
}

static void set_unsubscribe(void)
{
    a.filters[0] = mqttc_str("a/#");
    a.filters[1] = mqttc_str("b");
    a.p.unsubscribe.filters = a.filters;
    a.p.unsubscribe.count = 2;
    a.p.unsubscribe.packet_id = 1;
}

static const uint8_t subscribe_frame[] = {0x82, 12, 0, 1, 0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2};
static const uint8_t unsubscribe_frame[] = {0xa2, 10, 0, 1, 0, 3, 'a', '/', '#', 0, 1, 'b'};

static void set_packet(void)
{
    mqttc_packet decoded;
    size_t used;

    EXPECT(mqttc_decode(NULL, subscribe_frame, sizeof subscribe_frame, &decoded, &used, NULL) == MQTTC_OK);
    a.p.packet.type = decoded.type;
    a.p.packet.u.subscribe.packet_id = decoded.u.subscribe.packet_id;
    a.p.packet.u.subscribe.filters.rest = decoded.u.subscribe.filters.rest;
    a.p.packet.u.subscribe.filters.has_qos = decoded.u.subscribe.filters.has_qos;
    a.p.packet.u.subscribe.filters.unvalidated = decoded.u.subscribe.filters.unvalidated;
}

static void set_nothing(void)
{
}

static const struct encoder {
    const char *name;
    mqttc_status (*encode)(const void *p, uint8_t *buf, size_t cap, size_t *written);
    void (*set)(void);
    int has_struct;
    size_t align; /* of its struct: 1 cannot be misaligned */
    size_t len;
    uint8_t bytes[20];
} encoders[] = {
    {"connect", connect, set_connect, 1, 8, 16, {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 2, 'a',
                                                 'b'}},
    {"connack", connack, set_connack, 1, 1, 4, {0x20, 2, 0, 0}},
    {"publish", publish, set_publish, 1, 8, 11, {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10, 'h', 'i'}},
    {"publish_header", publish_header, set_publish, 1, 8, 9, {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10}},
    {"writer_start", writer_start, set_publish, 1, 8, 9, {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10}},
    {"subscribe", subscribe, set_subscribe, 1, 8, 14, {0x82, 12, 0, 1, 0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2}},
    {"suback", suback, set_suback, 1, 8, 6, {0x90, 4, 0, 1, 1, 0x80}},
    {"unsubscribe", unsubscribe, set_unsubscribe, 1, 8, 12, {0xa2, 10, 0, 1, 0, 3, 'a', '/', '#', 0, 1, 'b'}},
    {"packet", packet, set_packet, 1, 8, 14, {0x82, 12, 0, 1, 0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2}},
    {"puback", puback, set_nothing, 0, 1, 4, {0x40, 2, 0, 7}},
    {"pubrec", pubrec, set_nothing, 0, 1, 4, {0x50, 2, 0, 7}},
    {"pubrel", pubrel, set_nothing, 0, 1, 4, {0x62, 2, 0, 7}},
    {"pubcomp", pubcomp, set_nothing, 0, 1, 4, {0x70, 2, 0, 7}},
    {"unsuback", unsuback, set_nothing, 0, 1, 4, {0xb0, 2, 0, 7}},
    {"pingreq", pingreq, set_nothing, 0, 1, 2, {0xc0, 0}},
    {"pingresp", pingresp, set_nothing, 0, 1, 2, {0xd0, 0}},
    {"disconnect", disconnect, set_nothing, 0, 1, 2, {0xe0, 0}},
};

static void abuse_encoder(const struct encoder *e)
{
    size_t cap;

    clear();
    e->set();
    /* How it should be: these bytes and none behind them. */
    TRY(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_OK, WRITTEN | OUT);
    EXPECT(a.written == e->len && memcmp(a.out, e->bytes, e->len) == 0);
    memset(a.out, fill, e->len);
    EXPECT(memcmp(a.out, a.g1, GUARD) == 0 && memcmp(a.out + GUARD, a.g1, GUARD) == 0);

    for (cap = 0; cap < e->len; cap++) {
        TRY(e->encode(&a.p, a.out, cap, &a.written), MQTTC_ERR_BUFFER_TOO_SMALL, WRITTEN);
        EXPECT(a.written == e->len);
    }
    TRY(e->encode(&a.p, NULL, 0, &a.written), MQTTC_ERR_BUFFER_TOO_SMALL, WRITTEN);
    EXPECT(a.written == e->len);

    TRY_ENCODE(e->encode(&a.p, NULL, 1, &a.written), MQTTC_ERR_NULL);
    TRY_ENCODE(e->encode(&a.p, NULL, OUT_SIZE, &a.written), MQTTC_ERR_NULL);
    TRY_ENCODE(e->encode(&a.p, a.out, TOO_LONG, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(e->encode(&a.p, a.out, SIZE_MAX, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    TRY(e->encode(&a.p, a.out, OUT_SIZE, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(e->encode(&a.p, a.out, OUT_SIZE, misaligned(&a.written)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(e->encode(&a.p, NULL, 0, NULL), MQTTC_ERR_NULL, NOTHING);
    if (!e->has_struct)
        return;
    TRY_ENCODE(e->encode(NULL, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NULL);
    TRY_ENCODE(e->encode(NULL, NULL, 0, &a.written), MQTTC_ERR_NULL);
    if (e->align > 1)
        TRY_ENCODE(e->encode(misaligned(&a.p), a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    /* The struct in the output, and with only its first byte there. */
    TRY_ENCODE(e->encode(&a.p, (uint8_t *)&a.p, sizeof a.p, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(e->encode(&a.p, (uint8_t *)&a.p - 8, 9, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    /* Beside each other they are fine. */
    TRY(e->encode(&a.p, (uint8_t *)&a.p - 1, 1, &a.written), MQTTC_ERR_BUFFER_TOO_SMALL, WRITTEN);
}

/* Slices that cannot be, in place of `*slice`. `encode` may look at it. */
static void abuse_slice(const struct encoder *e, mqttc_slice *slice)
{
    mqttc_slice good = *slice;

    slice->ptr = NULL;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NULL);
    slice->len = 65535;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NULL);
    slice->ptr = good.ptr;
    slice->len = SIZE_MAX;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    slice->len = TOO_LONG;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);

    /* In the output: at its start, its last byte alone, and all around it. */
    slice->len = good.len;
    memcpy(a.out, good.ptr, good.len);
    slice->ptr = a.out;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    slice->ptr = a.out + OUT_SIZE - 1;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    slice->ptr = a.g0;
    slice->len = GUARD + OUT_SIZE + GUARD;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);

    /* Right behind the output is not in it. */
    slice->len = good.len;
    memcpy(a.out + 1, good.ptr, good.len);
    slice->ptr = a.out + 1;
    TRY(e->encode(&a.p, a.out, 1, &a.written), MQTTC_ERR_BUFFER_TOO_SMALL, WRITTEN);
    *slice = good;
}

static const struct encoder *encoder_of(mqttc_status (*encode)(const void *, uint8_t *, size_t, size_t *))
{
    size_t i = 0;

    while (encoders[i].encode != encode)
        i++;
    clear();
    encoders[i].set();
    return &encoders[i];
}

/* A byte that must be 0 or 1. */
static void abuse_flag(const struct encoder *e, uint8_t *flag)
{
    uint8_t good = *flag;
    int value;

    for (value = 2; value <= 255; value++) {
        *flag = (uint8_t)value;
        TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    }
    *flag = good;
}

/* A value that breaks a rule. */
static void abuse_byte(const struct encoder *e, uint8_t *byte, uint8_t value, mqttc_status wanted)
{
    uint8_t good = *byte;

    *byte = value;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), wanted);
    TRY_ENCODE(e->encode(&a.p, NULL, 0, &a.written), wanted); /* rules come before the size */
    *byte = good;
}

static void abuse_connect(void)
{
    const struct encoder *e = encoder_of(connect);
    mqttc_connect *p = &a.p.connect;
    static const uint8_t levels[] = {0, 1, 2, 6, 0x84, 255};
    size_t i;

    abuse_slice(e, &p->client_id);
    abuse_flag(e, &p->clean_session);
    abuse_flag(e, &p->has_will);
    abuse_flag(e, &p->will_retain);
    abuse_flag(e, &p->has_user_name);
    abuse_flag(e, &p->has_password);
    for (i = 0; i < sizeof levels; i++)
        abuse_byte(e, &p->protocol_level, levels[i], MQTTC_ERR_PROTOCOL_LEVEL);
    abuse_byte(e, &p->protocol_level, 5, MQTTC_ERR_PROTOCOL_VERSION_OTHER);
    abuse_byte(e, &p->will_qos, 1, MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL);
    abuse_byte(e, &p->will_qos, 7, MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL);
    abuse_byte(e, &p->will_retain, 1, MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL);
    abuse_byte(e, &p->has_password, 1, MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME);

    /* What an absent field points at is not looked at. */
    p->will_topic.ptr = p->will_message.ptr = p->user_name.ptr = p->password.ptr = NULL;
    p->will_topic.len = p->will_message.len = p->user_name.len = p->password.len = SIZE_MAX;
    TRY(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_OK, WRITTEN | OUT);

    p->has_will = p->has_user_name = p->has_password = 1;
    p->will_topic = mqttc_str("w");
    p->will_message = mqttc_str("gone");
    p->user_name = mqttc_str("u");
    p->password = mqttc_str("pw");
    abuse_slice(e, &p->will_topic);
    abuse_slice(e, &p->will_message);
    abuse_slice(e, &p->user_name);
    abuse_slice(e, &p->password);
    abuse_byte(e, &p->will_qos, 3, MQTTC_ERR_WILL_QOS);
    abuse_byte(e, &p->will_qos, 7, MQTTC_ERR_WILL_QOS);
    abuse_byte(e, &p->will_qos, 255, MQTTC_ERR_WILL_QOS);
    p->will_topic.len = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_TOPIC_EMPTY);

    /* Not initialised: nothing but zeros, nothing but the arena's filling. */
    memset(p, 0, sizeof *p);
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PROTOCOL_LEVEL);
    memset(p, fill, sizeof *p);
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PROTOCOL_LEVEL);
}

static void abuse_connack(void)
{
    const struct encoder *e = encoder_of(connack);

    abuse_flag(e, &a.p.connack.session_present);
    abuse_byte(e, &a.p.connack.return_code, 6, MQTTC_ERR_RETURN_CODE);
    abuse_byte(e, &a.p.connack.return_code, 255, MQTTC_ERR_RETURN_CODE);
    a.p.connack.return_code = 5;
    abuse_byte(e, &a.p.connack.session_present, 1, MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL);
}

static void abuse_publish(const struct encoder *e)
{
    mqttc_publish *p = &a.p.publish;

    abuse_slice(e, &p->topic);
    abuse_flag(e, &p->dup);
    abuse_flag(e, &p->retain);
    abuse_byte(e, &p->qos, 3, MQTTC_ERR_QOS_RESERVED);
    abuse_byte(e, &p->qos, 7, MQTTC_ERR_QOS_RESERVED);
    abuse_byte(e, &p->qos, 255, MQTTC_ERR_QOS_RESERVED);
    p->packet_id = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    p->qos = 0;
    abuse_byte(e, &p->dup, 1, MQTTC_ERR_DUP_WITHOUT_QOS);
    p->topic = mqttc_str("a/+");
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_TOPIC_WILDCARD);
    p->topic = mqttc_bytes(NULL, 0);
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_TOPIC_EMPTY);
}

static void abuse_publishes(void)
{
    const struct encoder *e = encoder_of(publish);

    abuse_slice(e, &a.p.publish.payload);
    abuse_publish(e);

    e = encoder_of(publish_header);
    abuse_publish(e);
    set_publish();
    a.p.publish.payload.ptr = NULL; /* not looked at */
    a.p.publish.payload.len = SIZE_MAX;
    TRY(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_OK, WRITTEN | OUT);
    a.p.publish.payload = mqttc_bytes(a.out, 2);
    TRY(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_OK, WRITTEN | OUT);
    TRY_ENCODE(mqttc_publish_header_encode(&a.p.publish, UINT32_MAX, a.out, OUT_SIZE, &a.written),
               MQTTC_ERR_REMAINING_LENGTH);
    TRY_ENCODE(mqttc_publish_header_encode(&a.p.publish, 268435455 - 6, a.out, OUT_SIZE, &a.written),
               MQTTC_ERR_REMAINING_LENGTH);
    TRY(mqttc_publish_header_encode(&a.p.publish, 268435455 - 7, a.out, OUT_SIZE, &a.written), MQTTC_OK,
        WRITTEN | OUT);
    abuse_publish(encoder_of(writer_start));
}

/* A payload that is counted piece by piece. */
static void abuse_writer(void)
{
    static const struct row {
        uint32_t declared;
        uint32_t left;
    } unsound[] = {{0, 1}, {2, 3}, {2, UINT32_MAX}, {268435456, 0}, {UINT32_MAX, UINT32_MAX}};
    mqttc_publish_writer *w = &a.writer;
    const mqttc_publish *p = &a.p.publish;
    size_t i;

    clear();
    set_publish();
    TRY_ENCODE(mqttc_publish_writer_start(NULL, p, 2, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NULL);
    TRY_ENCODE(mqttc_publish_writer_start(misaligned(w), p, 2, a.out, OUT_SIZE, &a.written),
               MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(mqttc_publish_writer_start(w, p, 2, (uint8_t *)w, sizeof *w, &a.written),
               MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(mqttc_publish_writer_start(w, p, 2, (uint8_t *)w + sizeof *w - 1, 1, &a.written),
               MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(mqttc_publish_writer_start((mqttc_publish_writer *)&a.p.publish, p, 2, a.out, OUT_SIZE, &a.written),
               MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(mqttc_publish_writer_start((mqttc_publish_writer *)&a.p.publish.packet_id, p, 2, a.out, OUT_SIZE,
                                          &a.written),
               MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(mqttc_publish_writer_start(w, p, 268435455 - 6, a.out, OUT_SIZE, &a.written),
               MQTTC_ERR_REMAINING_LENGTH);
    /* Not started: nothing but the arena's filling. */
    TRY(mqttc_publish_writer_piece(w, 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_writer_end(w), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    TRY(mqttc_publish_writer_start(w, p, 5, a.out, OUT_SIZE, &a.written), MQTTC_OK, WRITTEN | OUT | WRITER);
    EXPECT(a.written == 9 && w->declared == 5 && w->left == 5);
    TRY(mqttc_publish_writer_piece(w, 6), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_writer_piece(w, SIZE_MAX), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
#if SIZE_MAX > UINT32_MAX
    TRY(mqttc_publish_writer_piece(w, (size_t)UINT32_MAX + 2), MQTTC_ERR_INVALID_ARGUMENT, NOTHING); /* not 1 */
#endif
    TRY(mqttc_publish_writer_end(w), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_writer_piece(w, 3), MQTTC_OK, WRITER);
    EXPECT(w->declared == 5 && w->left == 2);
    TRY(mqttc_publish_writer_piece(w, 3), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_writer_piece(w, 0), MQTTC_OK, NOTHING);
    TRY(mqttc_publish_writer_end(w), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_writer_piece(w, 2), MQTTC_OK, WRITER);
    TRY(mqttc_publish_writer_end(w), MQTTC_OK, NOTHING);
    TRY(mqttc_publish_writer_piece(w, 1), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    TRY(mqttc_publish_writer_piece(NULL, 0), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_publish_writer_piece(misaligned(w), 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_writer_end(NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_publish_writer_end(misaligned(w)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    for (i = 0; i < sizeof unsound / sizeof unsound[0]; i++) {
        w->declared = unsound[i].declared;
        w->left = unsound[i].left;
        TRY(mqttc_publish_writer_piece(w, 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        TRY(mqttc_publish_writer_end(w), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
}

static void abuse_subscribe(void)
{
    const struct encoder *e = encoder_of(subscribe);
    mqttc_subscribe *p = &a.p.subscribe;

    abuse_slice(e, &a.subscriptions[0].filter);
    abuse_slice(e, &a.subscriptions[1].filter);
    abuse_byte(e, &a.subscriptions[1].qos, 3, MQTTC_ERR_SUBSCRIBE_OPTIONS);
    abuse_byte(e, &a.subscriptions[1].qos, 7, MQTTC_ERR_SUBSCRIBE_OPTIONS);
    a.subscriptions[1].filter.len = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_FILTER_EMPTY);

    set_subscribe();
    p->packet_id = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    set_subscribe();
    p->count = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NO_FILTERS);
    p->filters = NULL;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NO_FILTERS);
    p->count = 1;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NULL);

    /* An array that cannot be. */
    set_subscribe();
    p->filters = misaligned(a.subscriptions);
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    p->filters = a.subscriptions;
    p->count = SIZE_MAX;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    p->count = SIZE_MAX / sizeof(mqttc_subscription) + 2; /* the product wraps to a small number */
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    p->count = PTRDIFF_MAX / sizeof(mqttc_subscription) + 1;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);

    /* The array in the output. */
    p->count = 2;
    TRY_ENCODE(e->encode(p, (uint8_t *)a.subscriptions, sizeof a.subscriptions, &a.written),
               MQTTC_ERR_INVALID_ARGUMENT);
    TRY_ENCODE(e->encode(p, (uint8_t *)&a.subscriptions[1], 1, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
}

static void abuse_unsubscribe(void)
{
    const struct encoder *e = encoder_of(unsubscribe);
    mqttc_unsubscribe *p = &a.p.unsubscribe;

    abuse_slice(e, &a.filters[0]);
    abuse_slice(e, &a.filters[1]);
    p->packet_id = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    set_unsubscribe();
    p->count = 0;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NO_FILTERS);
    p->filters = NULL;
    p->count = 1;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NULL);
    p->filters = misaligned(a.filters);
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    p->filters = a.filters;
    p->count = SIZE_MAX / sizeof(mqttc_slice) + 2;
    TRY_ENCODE(e->encode(p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    p->count = 2;
    TRY_ENCODE(e->encode(p, (uint8_t *)a.filters, sizeof a.filters, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
}

static void abuse_suback(void)
{
    const struct encoder *e = encoder_of(suback);

    abuse_slice(e, &a.p.suback.return_codes);
    a.p.suback.packet_id = 0;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    a.p.suback.packet_id = 1;
    a.p.suback.return_codes.len = 0;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NO_RETURN_CODES);
    a.p.suback.return_codes = mqttc_bytes("\x00\x03", 2);
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_SUBACK_RETURN_CODE);
}

static void abuse_acks(void)
{
    clear();
    TRY_ENCODE(mqttc_puback_encode(0, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    TRY_ENCODE(mqttc_pubrec_encode(0, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    TRY_ENCODE(mqttc_pubrel_encode(0, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    TRY_ENCODE(mqttc_pubcomp_encode(0, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    TRY_ENCODE(mqttc_unsuback_encode(0, NULL, 0, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    /* The length would be written over the packet, or into an output that must stay as it is. */
    TRY(mqttc_puback_encode(7, a.out, OUT_SIZE, (size_t *)(void *)a.out), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_puback_encode(0, a.out, OUT_SIZE, (size_t *)(void *)(a.out + OUT_SIZE - sizeof(size_t))),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
}

static void abuse_packet(void)
{
    static const uint8_t types[] = {0, 15, 16, 99, 128, 255};
    const struct encoder *e = encoder_of(packet);
    mqttc_filter_list *list = &a.p.packet.u.subscribe;
    size_t i;

    for (i = 0; i < sizeof types; i++)
        abuse_byte(e, &a.p.packet.type, types[i], MQTTC_ERR_INVALID_ARGUMENT);
    abuse_slice(e, &list->filters.rest);
    abuse_flag(e, &list->filters.has_qos);
    abuse_byte(e, &list->filters.has_qos, 0, MQTTC_ERR_INVALID_ARGUMENT); /* a SUBSCRIBE without QoS */
    abuse_flag(e, &list->filters.unvalidated);
    list->packet_id = 0;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PACKET_ID_ZERO);
    list->packet_id = 1;
    list->filters.rest.len--; /* cut in an item */
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    list->filters.rest = mqttc_bytes("\x00\x01#\x03", 4); /* QoS 3 */
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    list->filters.rest.len = 0; /* walked to its end */
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_NO_FILTERS);

    /* A type whose member was never filled. */
    clear();
    a.p.packet.type = MQTTC_CONNECT;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_PROTOCOL_LEVEL);
    a.p.packet.type = MQTTC_CONNACK;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    a.p.packet.type = MQTTC_PUBLISH;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    a.p.packet.type = MQTTC_SUBSCRIBE;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
    a.p.packet.type = MQTTC_UNSUBSCRIBE;
    TRY_ENCODE(e->encode(&a.p, a.out, OUT_SIZE, &a.written), MQTTC_ERR_INVALID_ARGUMENT);
}

static void abuse_init(void)
{
    clear();
    memcpy(&before, &a, sizeof a);
    mqttc_decoder_init(NULL);
    mqttc_connect_init(NULL);
    mqttc_connack_init(NULL);
    mqttc_publish_init(NULL);
    mqttc_subscribe_init(NULL);
    mqttc_suback_init(NULL);
    mqttc_unsubscribe_init(NULL);
    mqttc_decoder_init(misaligned(&a.dec));
    mqttc_connect_init(misaligned(&a.p));
    mqttc_publish_init(misaligned(&a.p));
    mqttc_subscribe_init(misaligned(&a.p));
    mqttc_suback_init(misaligned(&a.p));
    mqttc_unsubscribe_init(misaligned(&a.p));
    check_arena(__LINE__, "the init functions", NOTHING);
    mqttc_connect_init(&a.p.connect);
    check_arena(__LINE__, "mqttc_connect_init", STRUCT);
}

static void abuse_set_dup(void)
{
    static const struct row {
        uint8_t byte;
        mqttc_status wanted;
    } rows[] = {
        {0x30, MQTTC_ERR_DUP_WITHOUT_QOS},        {0x31, MQTTC_ERR_DUP_WITHOUT_QOS},
        {0x36, MQTTC_ERR_QOS_RESERVED},           {0x3f, MQTTC_ERR_QOS_RESERVED},
        {0x10, MQTTC_ERR_PACKET_TYPE_UNEXPECTED}, {0x62, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
        {0x00, MQTTC_ERR_PACKET_TYPE_RESERVED},   {0xf2, MQTTC_ERR_PACKET_TYPE_RESERVED},
    };
    size_t i;

    clear();
    TRY(mqttc_publish_set_dup(NULL, 0), MQTTC_ERR_TRUNCATED, NOTHING);
    TRY(mqttc_publish_set_dup(a.out, 0), MQTTC_ERR_TRUNCATED, NOTHING);
    TRY(mqttc_publish_set_dup(NULL, 1), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_publish_set_dup(a.out, TOO_LONG), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        a.out[0] = rows[i].byte;
        TRY(mqttc_publish_set_dup(a.out, 1), rows[i].wanted, NOTHING);
    }
    a.out[0] = 0x32;
    TRY(mqttc_publish_set_dup(a.out, OUT_SIZE), MQTTC_OK, OUT);
    EXPECT(a.out[0] == 0x3a && a.out[1] == fill && memcmp(a.out + 1, a.out + 2, OUT_SIZE - 2) == 0);
    TRY(mqttc_publish_set_dup(a.out, OUT_SIZE), MQTTC_OK, NOTHING); /* it is set already */
}

/* --- Decoders ------------------------------------------------------------------------------- */

/* Every decoder behind one signature. Those for one type have no `used`, mqttc_peek has no `dec`. */
typedef mqttc_status (*decode_fn)(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                                  size_t *used, mqttc_error *err);

static mqttc_status d_peek(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, size_t *used,
                           mqttc_error *err)
{
    (void)dec;
    return mqttc_peek(buf, len, out, used, err);
}

static mqttc_status d_any(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, size_t *used,
                          mqttc_error *err)
{
    return mqttc_decode(dec, buf, len, out, used, err);
}

static mqttc_status d_server(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                             size_t *used, mqttc_error *err)
{
    return mqttc_decode_from_server(dec, buf, len, out, used, err);
}

static mqttc_status d_client(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                             size_t *used, mqttc_error *err)
{
    return mqttc_decode_from_client(dec, buf, len, out, used, err);
}

static mqttc_status d_connect(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                              size_t *used, mqttc_error *err)
{
    (void)used;
    return mqttc_connect_decode(dec, buf, len, out, err);
}

static mqttc_status d_connack(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                              size_t *used, mqttc_error *err)
{
    (void)used;
    return mqttc_connack_decode(dec, buf, len, out, err);
}

static mqttc_status d_publish(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                              size_t *used, mqttc_error *err)
{
    (void)used;
    return mqttc_publish_decode(dec, buf, len, out, err);
}

static mqttc_status d_ack(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, size_t *used,
                          mqttc_error *err)
{
    (void)used;
    return mqttc_ack_decode(dec, buf, len, out, err);
}

static mqttc_status d_subscribe(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                                size_t *used, mqttc_error *err)
{
    (void)used;
    return mqttc_subscribe_decode(dec, buf, len, out, err);
}

static mqttc_status d_suback(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                             size_t *used, mqttc_error *err)
{
    (void)used;
    return mqttc_suback_decode(dec, buf, len, out, err);
}

static mqttc_status d_unsubscribe(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                                  size_t *used, mqttc_error *err)
{
    (void)used;
    return mqttc_unsubscribe_decode(dec, buf, len, out, err);
}

static mqttc_status d_empty(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, size_t *used,
                            mqttc_error *err)
{
    (void)used;
    return mqttc_empty_decode(dec, buf, len, out, err);
}

static const struct decoder {
    const char *name;
    decode_fn decode;
    int has_used;
    int has_dec;
    size_t out_size; /* of its result */
    size_t align;
    size_t len;
    uint8_t frame[20];
} decoders[] = {
    {"peek", d_peek, 1, 0, sizeof(mqttc_frame), 4, 2, {0xd0, 0}},
    {"decode", d_any, 1, 1, sizeof(mqttc_packet), 8, 5, {0x30, 3, 0, 1, 'a'}},
    {"decode_from_server", d_server, 1, 1, sizeof(mqttc_packet), 8, 2, {0xd0, 0}},
    {"decode_from_client", d_client, 1, 1, sizeof(mqttc_packet), 8, 2, {0xc0, 0}},
    {"connect", d_connect, 0, 1, sizeof(mqttc_connect), 8, 16,
     {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 2, 'a', 'b'}},
    {"connack", d_connack, 0, 1, sizeof(mqttc_connack), 1, 4, {0x20, 2, 0, 0}},
    {"publish", d_publish, 0, 1, sizeof(mqttc_publish), 8, 5, {0x30, 3, 0, 1, 'a'}},
    {"ack", d_ack, 0, 1, sizeof(uint16_t), 2, 4, {0x40, 2, 0, 7}},
    {"subscribe", d_subscribe, 0, 1, sizeof(mqttc_filter_list), 8, 8, {0x82, 6, 0, 1, 0, 1, 'a', 0}},
    {"suback", d_suback, 0, 1, sizeof(mqttc_suback), 8, 5, {0x90, 3, 0, 1, 0}},
    {"unsubscribe", d_unsubscribe, 0, 1, sizeof(mqttc_filter_list), 8, 7, {0xa2, 5, 0, 1, 0, 1, 'a'}},
    {"empty", d_empty, 0, 1, sizeof(uint8_t), 1, 2, {0xe0, 0}},
};

static void abuse_decoder_struct(const struct decoder *d)
{
    size_t i;

    mqttc_decoder_init(&a.dec);
    TRY(d->decode(misaligned(&a.dec), a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    for (i = 0; i < sizeof a.dec.reserved; i++) {
        a.dec.reserved[i] = 1;
        TRY(d->decode(&a.dec, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        a.dec.reserved[i] = 0;
    }
    for (i = 3; i < 256; i++) {
        a.dec.role = (uint8_t)i;
        TRY(d->decode(&a.dec, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
    a.dec.role = MQTTC_ROLE_ANY;
    for (i = 0; i < 256; i++) {
        if (i == MQTTC_LEVEL_3_1 || i == MQTTC_LEVEL_3_1_1)
            continue;
        a.dec.protocol_level = (uint8_t)i;
        TRY(d->decode(&a.dec, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
    a.dec.protocol_level = MQTTC_LEVEL_3_1_1;
    for (i = 0; i < 32; i++) {
        a.dec.options = (uint32_t)1 << i;
        if (i < 9 || (i >= 16 && i < 21)) /* an option that exists */
            continue;
        TRY(d->decode(&a.dec, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
    /* Not initialised: nothing but zeros, nothing but the arena's filling. */
    memset(&a.dec, 0, sizeof a.dec);
    TRY(d->decode(&a.dec, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    memset(&a.dec, fill, sizeof a.dec);
    TRY(d->decode(&a.dec, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
}

/* The role of `dec` and that of the function together: the stricter, as soon as the first byte shows it. */
static void abuse_roles(void)
{
    static const struct row {
        mqttc_decode_fn decode;
        uint8_t role;
        uint8_t first;
        mqttc_status wanted;
    } rows[] = {
        {mqttc_decode_from_server, MQTTC_ROLE_ANY, 0x10, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_server, MQTTC_ROLE_CLIENT, 0x10, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_server, MQTTC_ROLE_SERVER, 0x10, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_server, MQTTC_ROLE_SERVER, 0x20, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_server, MQTTC_ROLE_SERVER, 0x30, MQTTC_NEED_MORE},
        {mqttc_decode_from_server, MQTTC_ROLE_ANY, 0x20, MQTTC_NEED_MORE},
        {mqttc_decode_from_client, MQTTC_ROLE_ANY, 0x20, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_client, MQTTC_ROLE_CLIENT, 0x20, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_client, MQTTC_ROLE_CLIENT, 0x11, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode_from_client, MQTTC_ROLE_CLIENT, 0x40, MQTTC_NEED_MORE},
        {mqttc_decode_from_client, MQTTC_ROLE_SERVER, 0x10, MQTTC_NEED_MORE},
        {mqttc_decode, MQTTC_ROLE_CLIENT, 0xc0, MQTTC_ERR_WRONG_DIRECTION},
        {mqttc_decode, MQTTC_ROLE_SERVER, 0xd0, MQTTC_ERR_WRONG_DIRECTION},
    };
    size_t i;

    clear();
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mqttc_decoder_init(&a.dec);
        a.dec.role = rows[i].role;
        a.in[0] = rows[i].first;
        TRY(rows[i].decode(&a.dec, a.in, 1, &a.packet, &a.used, &a.err), rows[i].wanted,
            rows[i].wanted == MQTTC_NEED_MORE ? USED : ERR);
        EXPECT(rows[i].wanted == MQTTC_NEED_MORE || a.err.offset == 0);
    }
}

static void abuse_decoder(const struct decoder *d)
{
    unsigned results = PACKET | (d->has_used ? (unsigned)USED : 0);
    uint8_t *in_out = (uint8_t *)&a.packet;

    clear();
    memcpy(a.in, d->frame, d->len);
    /* How it should be: the result and nothing behind it. */
    packet_size = d->out_size;
    TRY(d->decode(NULL, a.in, d->len, &a.packet, &a.used, &a.err), MQTTC_OK, results);
    packet_size = sizeof(mqttc_packet);

    TRY(d->decode(NULL, NULL, 1, &a.packet, &a.used, &a.err), MQTTC_ERR_NULL, NOTHING);
    TRY(d->decode(NULL, NULL, SIZE_MAX, &a.packet, &a.used, &a.err), MQTTC_ERR_NULL, NOTHING);
    TRY(d->decode(NULL, a.in, TOO_LONG, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(d->decode(NULL, a.in, SIZE_MAX, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(d->decode(NULL, a.in, d->len, NULL, &a.used, &a.err), MQTTC_ERR_NULL, NOTHING);
    if (d->align > 1)
        TRY(d->decode(NULL, a.in, d->len, misaligned(&a.packet), &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT,
            NOTHING);
    TRY(d->decode(NULL, NULL, 1, &a.packet, &a.used, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(d->decode(NULL, a.in, d->len, &a.packet, &a.used, misaligned(&a.err)), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(d->decode(NULL, NULL, 1, NULL, NULL, NULL), MQTTC_ERR_NULL, NOTHING);

    /* The frame in the result: at its start, at its end, and the result in a larger input. */
    memcpy(in_out, d->frame, d->len);
    TRY(d->decode(NULL, in_out, sizeof a.packet, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(d->decode(NULL, in_out + d->out_size - 1, d->len, &a.packet, &a.used, &a.err),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(d->decode(NULL, a.g3, GUARD + 1, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    if (d->has_used) {
        TRY(d->decode(NULL, a.in, d->len, &a.packet, NULL, &a.err), MQTTC_ERR_NULL, NOTHING);
        TRY(d->decode(NULL, a.in, d->len, &a.packet, misaligned(&a.used), &a.err), MQTTC_ERR_INVALID_ARGUMENT,
            NOTHING);
        TRY(d->decode(NULL, a.g4, GUARD + 1, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
    TRY(d->decode(NULL, a.g5, GUARD + 1, &a.packet, &a.used, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    if (d->has_dec)
        abuse_decoder_struct(d);

    /* A broken rule: the result untouched, *err filled if there is one. */
    a.in[0] = 0xf0;
    TRY(d->decode(NULL, a.in, 1, &a.packet, &a.used, &a.err), MQTTC_ERR_PACKET_TYPE_RESERVED, ERR);
    EXPECT(a.err.status == MQTTC_ERR_PACKET_TYPE_RESERVED && a.err.offset == 0);
    TRY(d->decode(NULL, a.in, 1, &a.packet, &a.used, NULL), MQTTC_ERR_PACKET_TYPE_RESERVED, NOTHING);

    /* An empty input may be NULL. */
    if (d->has_used) {
        TRY(d->decode(NULL, NULL, 0, &a.packet, &a.used, &a.err), MQTTC_NEED_MORE, USED);
        EXPECT(a.used == 2);
    } else {
        TRY(d->decode(NULL, NULL, 0, &a.packet, &a.used, &a.err), MQTTC_ERR_TRUNCATED, ERR);
        EXPECT(a.err.status == MQTTC_ERR_TRUNCATED && a.err.offset == 0);
    }
}

/* --- The iterator --------------------------------------------------------------------------- */

static void set_iterator(const uint8_t *rest, size_t len, uint8_t has_qos)
{
    clear();
    memcpy(a.in, rest, len);
    a.it.rest = mqttc_bytes(a.in, len);
    a.it.has_qos = has_qos;
    a.it.unvalidated = 0;
}

static void abuse_iterator(void)
{
    static const struct row {
        const char *bytes;
        size_t len;
        uint8_t has_qos;
        uint8_t good_if_unvalidated;
    } wrong[] = {
        {"\x00", 1, 1, 0},                 /* half a length */
        {"\x00\x03" "ab", 4, 0, 0},        /* cut in the filter */
        {"\x00\x03" "a/#", 5, 1, 0},       /* no QoS */
        {"\x00\x03" "a/#\x03", 6, 1, 0},   /* QoS 3 */
        {"\x00\x03" "a/#\xff", 6, 1, 0},   /* QoS 255 */
        {"\xff\xff" "a/#\x01", 6, 1, 0},   /* a length beyond the end */
        {"\x00\x00\x01", 3, 1, 1},         /* an empty filter */
        {"\x00\x02" "a#\x01", 5, 1, 1},    /* a wildcard where none may be */
        {"\x00\x02\xc3\x28\x01", 5, 1, 0}, /* no UTF-8 */
        {"\x00\x01\x00\x01", 4, 1, 0},     /* U+0000 */
    };
    const uint8_t *rest = subscribe_frame + 4;
    size_t len = sizeof subscribe_frame - 4;
    size_t i;

    /* How it should be: two items, then the end, which stays. */
    set_iterator(rest, len, 1);
    TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR);
    EXPECT(got_item.filter.ptr == a.in + 2 && got_item.filter.len == 3 && got_item.qos == 1);
    TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR);
    EXPECT(got_item.filter.len == 1 && got_item.qos == 2);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    set_iterator(unsubscribe_frame + 4, sizeof unsubscribe_frame - 4, 0);
    TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR);
    EXPECT(got_item.filter.len == 3 && got_item.qos == 0);

    set_iterator(rest, len, 1);
    TRY(mqttc_filters_next(NULL, &a.item), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_filters_next(&a.it, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_filters_next(NULL, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_filters_next(misaligned(&a.it), &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_filters_next(&a.it, misaligned(&a.item)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    for (i = 2; i < 256; i++) {
        a.it.has_qos = (uint8_t)i;
        TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        a.it.has_qos = 1;
        a.it.unvalidated = (uint8_t)i;
        TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        a.it.unvalidated = 0;
    }
    a.it.rest.ptr = NULL;
    TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_NULL, NOTHING);
    a.it.rest.len = 0; /* nothing left: NULL is fine */
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    a.it.rest.ptr = a.in;
    a.it.rest.len = TOO_LONG;
    TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    a.it.rest.len = SIZE_MAX;
    TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    /* It points at itself, and at its result. */
    a.it.rest = mqttc_bytes(&a.it, sizeof a.it);
    TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    a.it.rest = mqttc_bytes(&a.item, sizeof a.item);
    TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        set_iterator((const uint8_t *)wrong[i].bytes, wrong[i].len, wrong[i].has_qos);
        TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        a.it.unvalidated = 1;
        if (wrong[i].good_if_unvalidated)
            TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR);
        else
            TRY(mqttc_filters_next(&a.it, &a.item), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
}

/* --- The reader ----------------------------------------------------------------------------- */

/* Decode functions that a program might bring, and that lie. */
static mqttc_status lies_used(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                              size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)out, (void)err;
    *used = len + 1;
    return MQTTC_OK;
}

static mqttc_status lies_used_0(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)err;
    *used = 0;
    return MQTTC_OK;
}

static mqttc_status lies_missing_0(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                   size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)err;
    *used = 0;
    return MQTTC_NEED_MORE;
}

static mqttc_status lies_used_max(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                  size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)err;
    *used = SIZE_MAX;
    return MQTTC_OK;
}

static mqttc_status lies_missing(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                 size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)err;
    *used = SIZE_MAX;
    return MQTTC_NEED_MORE;
}

static mqttc_status lies_event(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                               size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)used, (void)err;
    return 7;
}

static mqttc_status lies_status(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                size_t *used, mqttc_error *err)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)used, (void)err;
    return MQTTC_ERR_NULL;
}

/* A reader over a.lent in which these bytes wait. */
static void set_reader(mqttc_decode_fn decode, const void *bytes, size_t len)
{
    size_t room;
    uint8_t *space;

    clear();
    EXPECT(mqttc_reader_init(&a.reader, a.lent, LENT_SIZE, decode, NULL) == MQTTC_OK);
    space = mqttc_reader_space(&a.reader, &room);
    EXPECT(space == a.lent && room == LENT_SIZE);
    memcpy(a.lent, bytes, len);
    EXPECT(mqttc_reader_commit(&a.reader, len) == MQTTC_OK);
}

static long no_space(mqttc_reader *r, size_t *room)
{
    return mqttc_reader_space(r, room) == NULL;
}

/* Every function for the reader, when `r` is none. */
static void refuses_reader(mqttc_reader *r, mqttc_status wanted)
{
    a.room = 1;
    TRY(no_space(r, &a.room), 1, ROOM);
    EXPECT(a.room == 0);
    TRY(mqttc_reader_commit(r, 0), wanted, NOTHING);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), wanted, NOTHING);
    TRY(mqttc_reader_next(r, &a.packet, NULL, NULL, NULL), wanted, NOTHING);
    TRY(mqttc_reader_skip(r), wanted, NOTHING);
}

static void abuse_reader_init(void)
{
    mqttc_reader *r = &a.reader;

    clear();
    TRY(mqttc_reader_init(NULL, a.lent, LENT_SIZE, mqttc_decode, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_init(r, NULL, LENT_SIZE, mqttc_decode, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, NULL, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, 0, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, NULL, 0, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, TOO_LONG, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(misaligned(r), a.lent, LENT_SIZE, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(mqttc_reader_init(r, (uint8_t *)r, sizeof *r, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    memset(&a.dec, 0, sizeof a.dec); /* a decoder that is none */
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, &a.dec), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, misaligned(&a.dec)), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    mqttc_decoder_init(&a.dec); /* a good one, where the peer's bytes would go */
    TRY(mqttc_reader_init(r, (uint8_t *)&a.dec, sizeof a.dec, mqttc_decode, &a.dec), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, &a.dec), MQTTC_OK, READER);
    TRY(mqttc_reader_init(r, (uint8_t *)&a.room, sizeof a.room, mqttc_decode, NULL), MQTTC_OK, READER);
    TRY(no_space(r, &a.room), 1, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, NULL), MQTTC_OK, READER);

    refuses_reader(NULL, MQTTC_ERR_NULL);
    refuses_reader(misaligned(r), MQTTC_ERR_INVALID_ARGUMENT);
    TRY(no_space(r, NULL), 1, NOTHING);
    TRY(no_space(r, misaligned(&a.room)), 1, NOTHING);
    TRY(mqttc_reader_next(r, NULL, NULL, NULL, &a.err), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_next(r, misaligned(&a.packet), NULL, NULL, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_commit(r, LENT_SIZE + 1), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_commit(r, SIZE_MAX), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_skip(r), MQTTC_OK, NOTHING);

    /* Never initialised. */
    memset(r, 0, sizeof *r);
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
}

static void abuse_reader_fields(void)
{
    mqttc_reader *r = &a.reader;
    size_t i;

    set_reader(mqttc_decode, "\xd0\x00", 2);
    r->start = 3; /* behind the end */
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->start = SIZE_MAX;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->start = 0;
    r->end = LENT_SIZE + 1; /* behind the buffer */
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->end = SIZE_MAX;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->end = 2;
    r->decode = NULL;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->decode = mqttc_decode;
    r->cap = 1;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->cap = LENT_SIZE;

    /* A buffer that cannot be: found by those who touch it. */
    r->buf = NULL;
    TRY(no_space(r, &a.room), 1, ROOM);
    TRY(mqttc_reader_next(r, &a.packet, NULL, NULL, &a.err), MQTTC_ERR_NULL, NOTHING);
    r->buf = a.lent;
    r->cap = TOO_LONG;
    TRY(no_space(r, &a.room), 1, ROOM);
    TRY(mqttc_reader_next(r, &a.packet, NULL, NULL, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    r->cap = LENT_SIZE;

    /* The packet in the lent buffer. */
    r->buf = (uint8_t *)&a.packet;
    r->cap = sizeof a.packet;
    TRY(mqttc_reader_next(r, &a.packet, NULL, NULL, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    /* The other results in the lent buffer. */
    r->buf = a.lent;
    r->cap = LENT_SIZE;
    TRY(mqttc_reader_next(r, &a.packet, NULL, (uint32_t *)(void *)a.lent, &a.err), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, (mqttc_error *)(void *)a.lent), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);

    TRY(mqttc_reader_next(r, &a.packet, (mqttc_slice *)(void *)a.lent, &a.left, &a.err),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_next(r, &a.packet, misaligned(&a.chunk), &a.left, &a.err), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);

    /* A state that is none; one that does not go with an error. */
    for (i = 3; i < 256; i++) {
        r->state = (uint8_t)i;
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    }
    r->refused.status = MQTTC_ERR_UTF8;
    for (i = 1; i < 3; i++) {
        r->state = (uint8_t)i;
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    }
    r->state = 0;

    /* An error that is none. */
    r->refused.status = 5;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->refused.status = MQTTC_ERR_NULL;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->state = 1;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->state = 2;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->state = 0;
    r->refused.status = MQTTC_OK;

    /* None of these mistakes stays: the packet is still there. */
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_OK, PACKET | READER);
    EXPECT(got_packet.type == MQTTC_PINGRESP);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_NEED_MORE, READER | LEFT);
    EXPECT(a.left == 2);

    /* A decoder that is none. */
    set_reader(mqttc_decode, "\xd0\x00", 2);
    memset(&a.dec, 0, sizeof a.dec);
    r->dec = &a.dec;
    TRY(mqttc_reader_next(r, &a.packet, NULL, NULL, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    r->dec = misaligned(&a.dec);
    TRY(mqttc_reader_next(r, &a.packet, NULL, NULL, &a.err), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
}

static void abuse_reader_decode(void)
{
    static const struct row {
        mqttc_decode_fn decode;
        mqttc_status wanted;
    } rows[] = {
        {lies_used, MQTTC_ERR_INVALID_ARGUMENT},
        {lies_used_0, MQTTC_ERR_INVALID_ARGUMENT},
        {lies_missing_0, MQTTC_ERR_INVALID_ARGUMENT},
        {lies_used_max, MQTTC_ERR_INVALID_ARGUMENT},
        {lies_event, MQTTC_ERR_INVALID_ARGUMENT},
        {lies_status, MQTTC_ERR_NULL},
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_reader(rows[i].decode, "\xd0\x00", 2);
        TRY(mqttc_reader_next(&a.reader, &a.packet, NULL, NULL, &a.err), rows[i].wanted, NOTHING);
    }
    /* More than the buffer will ever hold. */
    set_reader(lies_missing, "\xd0\x00", 2);
    TRY(mqttc_reader_next(&a.reader, &a.packet, NULL, &a.left, &a.err), MQTTC_ERR_PACKET_TOO_LARGE,
        ERR | READER | LEFT);
    EXPECT(a.err.status == MQTTC_ERR_PACKET_TOO_LARGE && a.err.offset == 1);
    EXPECT(a.left == 2); /* what the header says */
    set_reader(lies_missing, "\xd0\x00", 2); /* it is no PUBLISH either */
    TRY(mqttc_reader_next(&a.reader, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_ERR_PACKET_TOO_LARGE,
        ERR | READER | LEFT);
}

/* A malformed or oversized frame: the error stays until it is skipped, where that is possible. */
static void abuse_reader_stream(void)
{
    mqttc_reader *r = &a.reader;

    set_reader(mqttc_decode, "\x40\x02\x00\x00\xd0\x00", 6);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_ERR_PACKET_ID_ZERO, ERR | READER);
    EXPECT(a.err.status == MQTTC_ERR_PACKET_ID_ZERO && a.err.offset == 2);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, NULL), MQTTC_ERR_PACKET_ID_ZERO, NOTHING);
    TRY(mqttc_reader_skip(r), MQTTC_OK, READER);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_OK, PACKET | READER);
    EXPECT(got_packet.type == MQTTC_PINGRESP);

    set_reader(mqttc_decode, "\x30\x7f", 2); /* 129 bytes in a buffer of 32 */
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_ERR_PACKET_TOO_LARGE,
        ERR | READER | LEFT);
    EXPECT(a.err.offset == 1 && a.left == 129);
    TRY(mqttc_reader_skip(r), MQTTC_OK, READER);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_NEED_MORE, READER | LEFT);
    EXPECT(a.left == LENT_SIZE); /* of 127 bytes as many as fit */

    set_reader(mqttc_decode, "\xf0\x00", 2); /* no sound header: nobody knows where it ends */
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_ERR_PACKET_TYPE_RESERVED, ERR | READER);
    TRY(mqttc_reader_skip(r), MQTTC_ERR_PACKET_TYPE_RESERVED, NOTHING);
    r->refused.status = 12345; /* no status of ours */
    TRY(mqttc_reader_skip(r), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
}

/* A PUBLISH of 129 bytes in a buffer of 32: in pieces, then left out. */
static void abuse_reader_pieces(void)
{
    mqttc_reader *r = &a.reader;
    size_t room;
    uint8_t *space;

    set_reader(mqttc_decode, "\x32\x7f\x00\x03" "a/b\x00\x07" "xyz", 12);
    TRY(mqttc_reader_next(r, NULL, &a.chunk, &a.left, &a.err), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_PUBLISH_START,
        PACKET | READER | LEFT);
    EXPECT(got_packet.type == MQTTC_PUBLISH && got_packet.u.publish.packet_id == 7 && a.left == 120);
    EXPECT(got_packet.u.publish.topic.len == 3 && got_packet.u.publish.payload.len == 0);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_PAYLOAD, CHUNK | READER | LEFT);
    EXPECT(a.chunk.len == 3 && memcmp(a.chunk.ptr, "xyz", 3) == 0 && a.left == 117);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, NULL, NULL), MQTTC_NEED_MORE, READER);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_NEED_MORE, READER | LEFT);
    EXPECT(a.left == LENT_SIZE);
    space = mqttc_reader_space(r, &room);
    EXPECT(space == a.lent && room == LENT_SIZE);
    memset(space, 'p', room);
    TRY(mqttc_reader_commit(r, room), MQTTC_OK, READER);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, NULL, NULL), MQTTC_PAYLOAD, CHUNK | READER);
    EXPECT(a.chunk.len == LENT_SIZE && a.chunk.ptr == a.lent);
    TRY(mqttc_reader_skip(r), MQTTC_OK, READER);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, &a.err), MQTTC_NEED_MORE, READER | LEFT);

    /* Without a place for the pieces it is too large; so is a topic that does not fit. */
    set_reader(mqttc_decode, "\x32\x7f\x00\x03" "a/b\x00\x07" "xyz", 12);
    TRY(mqttc_reader_next(r, &a.packet, NULL, &a.left, NULL), MQTTC_ERR_PACKET_TOO_LARGE, READER | LEFT);
    set_reader(mqttc_decode, "\x32\x7f\x00\x20" "abc", 7);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_ERR_PACKET_TOO_LARGE,
        ERR | READER | LEFT);
    EXPECT(a.left == 129);
    set_reader(mqttc_decode, "\x32\x7f\x00\x03" "a/+\x00\x07", 9);
    TRY(mqttc_reader_next(r, &a.packet, &a.chunk, &a.left, &a.err), MQTTC_ERR_TOPIC_WILDCARD, ERR | READER);
    EXPECT(a.err.offset == 6);
    TRY(mqttc_reader_skip(r), MQTTC_OK, READER);
}

/* --- The rest ------------------------------------------------------------------------------- */

typedef mqttc_status (*check_fn)(mqttc_slice);

static mqttc_status match_filter(mqttc_slice filter)
{
    return mqttc_topic_matches(filter, mqttc_str("a"));
}

static mqttc_status match_name(mqttc_slice name)
{
    return mqttc_topic_matches(mqttc_str("a"), name);
}

static void abuse_topics(void)
{
    static const check_fn names[] = {mqttc_topic_name_check, match_name};
    static const check_fn filters[] = {mqttc_topic_filter_check, match_filter};
    static uint8_t long_name[65536];
    size_t i;

    clear();
    memset(long_name, 'a', sizeof long_name);
    for (i = 0; i < 4; i++) {
        check_fn topic_check = i < 2 ? names[i] : filters[i - 2];

        TRY(topic_check(mqttc_bytes(NULL, 0)), i < 2 ? MQTTC_ERR_TOPIC_EMPTY : MQTTC_ERR_FILTER_EMPTY, NOTHING);
        TRY(topic_check(mqttc_bytes(a.in, 0)), i < 2 ? MQTTC_ERR_TOPIC_EMPTY : MQTTC_ERR_FILTER_EMPTY, NOTHING);
        TRY(topic_check(mqttc_bytes(NULL, 1)), MQTTC_ERR_NULL, NOTHING);
        TRY(topic_check(mqttc_bytes(a.in, TOO_LONG)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        TRY(topic_check(mqttc_bytes(a.in, SIZE_MAX)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        TRY(topic_check(mqttc_bytes("\xff", 1)), MQTTC_ERR_UTF8, NOTHING);
        TRY(topic_check(mqttc_bytes("a\0b", 3)), MQTTC_ERR_NUL_IN_STRING, NOTHING);
        TRY(topic_check(mqttc_str("a/#/b")), i < 2 ? MQTTC_ERR_TOPIC_WILDCARD : MQTTC_ERR_FILTER_WILDCARD,
            NOTHING);
        TRY(topic_check(mqttc_bytes(long_name, 65536)), MQTTC_ERR_STRING_TOO_LONG, NOTHING);
    }
    TRY(mqttc_topic_matches(mqttc_str("a/#"), mqttc_str("a")), 1, NOTHING);
    TRY(mqttc_topic_matches(mqttc_str("#"), mqttc_str("$SYS/load")), 0, NOTHING);
}

/* Whatever number comes, a text comes back. */
static void abuse_texts(void)
{
    long status;
    unsigned type;

    for (status = -300; status <= 300; status++) {
        const char *text = mqttc_strerror((mqttc_status)status);
        const char *clause = mqttc_spec_ref((mqttc_status)status);
        int32_t code = mqttc_connack_code((mqttc_status)status);

        EXPECT(text != NULL && text[0] != '\0' && strlen(text) < 100);
        EXPECT(clause != NULL && (clause[0] == '\0' || strncmp(clause, "MQTT-", 5) == 0));
        EXPECT(code == -1 || code == 1 || code == 2);
    }
    EXPECT(strcmp(mqttc_strerror(INT32_MIN), mqttc_strerror(INT32_MAX)) == 0);
    EXPECT(mqttc_spec_ref(INT32_MIN)[0] == '\0' && mqttc_spec_ref(INT32_MAX)[0] == '\0');
    EXPECT(mqttc_connack_code(INT32_MIN) == -1 && mqttc_connack_code(INT32_MAX) == -1);
    for (type = 0; type < 256; type++)
        EXPECT((strcmp(mqttc_packet_type_str((uint8_t)type), "reserved") == 0) == (type < 1 || type > 14));
    EXPECT(mqttc_next_packet_id(0) == 1 && mqttc_next_packet_id(65535) == 1 && mqttc_next_packet_id(7) == 8);
    EXPECT(MQTTC_CHECK() == MQTTC_OK);
    EXPECT(mqttc_check_abi(MQTTC_ABI + 1, sizeof(mqttc_packet)) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_check_abi(MQTTC_ABI, sizeof(mqttc_packet) - 8) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_version() != NULL && mqttc_version()[0] != '\0');
}

static void run(void)
{
    size_t i;

    for (i = 0; i < sizeof encoders / sizeof encoders[0]; i++)
        abuse_encoder(&encoders[i]);
    abuse_connect();
    abuse_connack();
    abuse_publishes();
    abuse_writer();
    abuse_subscribe();
    abuse_suback();
    abuse_unsubscribe();
    abuse_acks();
    abuse_packet();
    abuse_init();
    abuse_set_dup();
    for (i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
        abuse_decoder(&decoders[i]);
    abuse_iterator();
    abuse_roles();
    abuse_reader_init();
    abuse_reader_fields();
    abuse_reader_decode();
    abuse_reader_stream();
    abuse_reader_pieces();
    abuse_topics();
    abuse_texts();
}

int main(void)
{
    fill = 0xa5;
    run();
    fill = 0x5a;
    run();
    printf("abuse: %lu checks, %lu failures\n", checks, failures);
    return failures == 0 ? 0 : 1;
}

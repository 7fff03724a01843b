/* abuse_publish.c: PUBLISH: its three encoders, the counter of a payload sent in pieces, and the functions
 * that change a PUBLISH that is encoded already. See arena.h. */
#include "encoder.h"

/* The longest payload that goes with the topic "a/b" and a packet identifier. */
#define LONGEST (268435455u - 7u)

static size_t publish(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_publish_encode(p, buf, cap, w);
}

static size_t publish_header(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_publish_header_encode(p, 2, buf, cap, w);
}

static size_t publish_before(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_publish_encode_before(p, buf, cap, 2, w);
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

static const struct encoder encoders[] = {
    {publish, set_publish, 8, 0, 11, {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10, 'h', 'i'}},
    {publish_header, set_publish, 8, 0, 9, {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10}},
    {publish_before, set_publish, 8, 1, 9, {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10}},
};

static void abuse_publish(const struct encoder *e)
{
    mqttc_publish *p = &a.p.publish;

    start(e);
    abuse_slice(e, &p->topic);
    abuse_flag(e, &p->dup);
    abuse_flag(e, &p->retain);
    abuse_byte(e, &p->qos, 3, MQTTC_ERR_QOS_RESERVED);
    abuse_byte(e, &p->qos, 7, MQTTC_ERR_QOS_RESERVED);
    abuse_byte(e, &p->qos, 255, MQTTC_ERR_QOS_RESERVED);
    p->packet_id = 0;
    refuses(e, MQTTC_ERR_PACKET_ID_ZERO);
    p->qos = 0;
    abuse_byte(e, &p->dup, 1, MQTTC_ERR_DUP_WITHOUT_QOS);
    p->topic = mqttc_str("a/+");
    refuses(e, MQTTC_ERR_TOPIC_WILDCARD);
    p->topic = mqttc_bytes(NULL, 0);
    refuses(e, MQTTC_ERR_TOPIC_EMPTY);
}

/* Those that leave the payload to the caller: it is not looked at, wherever it is said to be. */
static void abuse_payload_outside(const struct encoder *e)
{
    size_t at = e->at_end ? OUT_SIZE - e->len : 0;
    mqttc_slice *payload = &a.p.publish.payload;

    start(e);
    payload->ptr = NULL;
    payload->len = SIZE_MAX;
    WRITTEN(e->encode(&a.p, a.out, OUT_SIZE, why), e->len);
    EXPECT_OUT(at, e->bytes, e->len);
    *payload = mqttc_bytes(a.out, OUT_SIZE);
    WRITTEN(e->encode(&a.p, a.out, OUT_SIZE, why), e->len);
    EXPECT_OUT(at, e->bytes, e->len);
}

static void abuse_header(void)
{
    static const uint8_t longest[] = {0x32, 0xff, 0xff, 0xff, 0x7f, 0, 3, 'a', '/', 'b', 0, 10};
    const mqttc_publish *p = &a.p.publish;

    clear();
    set_publish();
    REFUSED(mqttc_publish_header_encode(p, UINT32_MAX, a.out, OUT_SIZE, why), MQTTC_ERR_REMAINING_LENGTH);
    REFUSED(mqttc_publish_header_encode(p, LONGEST + 1, a.out, OUT_SIZE, why), MQTTC_ERR_REMAINING_LENGTH);
    REFUSED(mqttc_publish_header_encode(p, LONGEST + 1, NULL, 0, why), MQTTC_ERR_REMAINING_LENGTH);
    WRITTEN(mqttc_publish_header_encode(p, LONGEST, a.out, OUT_SIZE, why), sizeof longest);
    EXPECT_OUT(0, longest, sizeof longest);
}

/* The header in front of a payload that is in the buffer already. */
static void abuse_before(void)
{
    static const uint8_t bytes[] = {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10};
    static const uint8_t empty[] = {0x32, 7, 0, 3, 'a', '/', 'b', 0, 10};
    static const uint8_t longest[] = {0x32, 0xff, 0xff, 0xff, 0x7f, 0, 3, 'a', '/', 'b', 0, 10};
    static const size_t too_long[] = {
        LONGEST + 1,
        268435455u,
        268435456u,
        UINT32_MAX,
        TOO_LONG,
        SIZE_MAX - 1,
        SIZE_MAX,
#if SIZE_MAX > UINT32_MAX
        (size_t)UINT32_MAX + 1,
        (size_t)UINT32_MAX + 3, /* not 0 and 2 */
#endif
    };
    mqttc_publish *p = &a.p.publish;
    size_t at, i;

    clear();
    set_publish();
    /* Wherever it ends: the bytes before it and the payload behind it stay. */
    for (at = sizeof bytes; at <= OUT_SIZE; at++) {
        WRITTEN(mqttc_publish_encode_before(p, a.out, at, 2, why), sizeof bytes);
        EXPECT_OUT(at - sizeof bytes, bytes, sizeof bytes);
    }
    for (at = 0; at < sizeof bytes; at++)
        REFUSED(mqttc_publish_encode_before(p, a.out, at, 2, why), MQTTC_ERR_BUFFER_TOO_SMALL);
    WRITTEN(mqttc_publish_encode_before(p, a.out, OUT_SIZE, 0, why), sizeof empty);
    EXPECT_OUT(OUT_SIZE - sizeof empty, empty, sizeof empty);

    /* Its length is that of the header for this payload, not for the room. */
    MEASURED(mqttc_publish_encode_before(p, NULL, 0, 120, why), 9);
    MEASURED(mqttc_publish_encode_before(p, NULL, 0, 121, why), 10);
    MEASURED(mqttc_publish_encode_before(p, NULL, 0, LONGEST, why), sizeof longest);
    WRITTEN(mqttc_publish_encode_before(p, a.out, OUT_SIZE, LONGEST, why), sizeof longest);
    EXPECT_OUT(OUT_SIZE - sizeof longest, longest, sizeof longest);
    for (i = 0; i < COUNT(too_long); i++) {
        REFUSED(mqttc_publish_encode_before(p, a.out, OUT_SIZE, too_long[i], why),
                MQTTC_ERR_REMAINING_LENGTH);
        REFUSED(mqttc_publish_encode_before(p, a.out, 0, too_long[i], why), MQTTC_ERR_REMAINING_LENGTH);
        REFUSED(mqttc_publish_encode_before(p, NULL, 0, too_long[i], why), MQTTC_ERR_REMAINING_LENGTH);
    }

    /* The topic in the first `at` bytes, wherever there, would be written over; in the payload it is not. */
    for (i = 0; i + 3 <= OUT_SIZE; i++) {
        p->topic = mqttc_bytes(a.out + i, 3);
        for (at = sizeof bytes; at <= OUT_SIZE; at += 5) {
            uint8_t wanted[OUT_SIZE];

            memset(a.out, fill, OUT_SIZE);
            memcpy(a.out + i, "a/b", 3);
            if (at > i) {
                REFUSED(mqttc_publish_encode_before(p, a.out, at, 2, why), MQTTC_ERR_INVALID_ARGUMENT);
                continue;
            }
            memcpy(wanted, a.out, OUT_SIZE);
            memcpy(wanted + at - sizeof bytes, bytes, sizeof bytes);
            WRITTEN(mqttc_publish_encode_before(p, a.out, at, 2, why), sizeof bytes);
            EXPECT(memcmp(a.out, wanted, OUT_SIZE) == 0);
        }
    }
}

/* A payload that is counted piece by piece. */
static void abuse_counter(void)
{
    static const struct row {
        uint32_t declared;
        uint32_t left;
    } unsound[] = {{0, 1}, {2, 3}, {2, UINT32_MAX}, {268435456, 0}, {UINT32_MAX, UINT32_MAX}};
    mqttc_payload_counter *c = &a.counter;
    size_t i;

    clear();
    /* Not begun: nothing but the arena's filling. */
    TRY(mqttc_payload_counter_count(c, 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_payload_counter_end(c), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    memcpy(&before, &a, sizeof a);
    mqttc_payload_counter_init(NULL, 5);
    mqttc_payload_counter_init(misaligned(c), 5);
    check_arena(__FILE__, __LINE__, "mqttc_payload_counter_init", NOTHING);
    mqttc_payload_counter_init(c, 5);
    check_arena(__FILE__, __LINE__, "mqttc_payload_counter_init", COUNTER);
    EXPECT(c->declared == 5 && c->left == 5);

    TRY(mqttc_payload_counter_count(c, 6), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_payload_counter_count(c, SIZE_MAX), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
#if SIZE_MAX > UINT32_MAX
    TRY(mqttc_payload_counter_count(c, (size_t)UINT32_MAX + 2), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING); /* not 1 */
#endif
    TRY(mqttc_payload_counter_end(c), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_payload_counter_count(c, 3), 0, COUNTER);
    EXPECT(c->declared == 5 && c->left == 2);
    TRY(mqttc_payload_counter_count(c, 3), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_payload_counter_count(c, 0), 0, NOTHING);
    TRY(mqttc_payload_counter_end(c), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_payload_counter_count(c, 2), 0, COUNTER);
    EXPECT(c->declared == 5 && c->left == 0);
    TRY(mqttc_payload_counter_end(c), 0, NOTHING);
    TRY(mqttc_payload_counter_count(c, 1), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    TRY(mqttc_payload_counter_count(NULL, 0), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_payload_counter_count(misaligned(c), 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_payload_counter_end(NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_payload_counter_end(misaligned(c)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    for (i = 0; i < COUNT(unsound); i++) {
        c->declared = unsound[i].declared;
        c->left = unsound[i].left;
        TRY(mqttc_payload_counter_count(c, 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
        TRY(mqttc_payload_counter_end(c), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    }
    /* A length that no PUBLISH has: mqttc_publish_header_encode has refused it, and so does the first count.
     */
    mqttc_payload_counter_init(c, 268435456);
    TRY(mqttc_payload_counter_count(c, 0), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    mqttc_payload_counter_init(c, 0);
    TRY(mqttc_payload_counter_end(c), 0, NOTHING);
}

/* What begins no PUBLISH with a packet identifier, for both functions that change one. */
static const struct first_byte {
    uint8_t byte;
    mqttc_status wanted;
} first_bytes[] = {
    {0x30, MQTTC_ERR_INVALID_ARGUMENT},       {0x31, MQTTC_ERR_INVALID_ARGUMENT},
    {0x38, MQTTC_ERR_INVALID_ARGUMENT},       {0x39, MQTTC_ERR_INVALID_ARGUMENT},
    {0x36, MQTTC_ERR_QOS_RESERVED},           {0x3f, MQTTC_ERR_QOS_RESERVED},
    {0x10, MQTTC_ERR_PACKET_TYPE_UNEXPECTED}, {0x62, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {0x00, MQTTC_ERR_PACKET_TYPE_RESERVED},   {0xf2, MQTTC_ERR_PACKET_TYPE_RESERVED},
};

static void abuse_set_dup(void)
{
    size_t i;

    clear();
    TRY(mqttc_publish_set_dup(NULL, 0), MQTTC_ERR_TRUNCATED, NOTHING);
    TRY(mqttc_publish_set_dup(a.out, 0), MQTTC_ERR_TRUNCATED, NOTHING);
    TRY(mqttc_publish_set_dup(NULL, 1), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_publish_set_dup(a.out, TOO_LONG), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_set_dup(a.out, SIZE_MAX), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    for (i = 0; i < COUNT(first_bytes); i++) {
        a.out[0] = first_bytes[i].byte;
        TRY(mqttc_publish_set_dup(a.out, 1), first_bytes[i].wanted, NOTHING);
        TRY(mqttc_publish_set_dup(a.out, OUT_SIZE), first_bytes[i].wanted, NOTHING);
    }
    /* One byte is enough, and nothing else is looked at. */
    for (i = 1; i <= OUT_SIZE; i++) {
        static const uint8_t wanted[] = {0x3a};

        a.out[0] = 0x32;
        TRY(mqttc_publish_set_dup(a.out, i), 0, OUT);
        TRY(mqttc_publish_set_dup(a.out, i), 0, NOTHING); /* it is set already */
        EXPECT_OUT(0, wanted, 1);
    }
}

static void abuse_set_packet_id(void)
{
    static const struct row {
        const char *bytes;
        size_t len;
        mqttc_status wanted;
    } broken[] = {
        {"\x32\x09\x00\3a/b\x00", 8, MQTTC_ERR_TRUNCATED},
        {"\x32\x04\x00\3a/b\x00\x0a", 9, MQTTC_ERR_TRUNCATED}, /* the frame ends in the topic */
        {"\x32\x05\x00\3a/b\x00\x0a", 9, MQTTC_ERR_TRUNCATED}, /* before the identifier, */
        {"\x32\x06\x00\3a/b\x00\x0a", 9, MQTTC_ERR_TRUNCATED}, /* and in it */
        {"\x32\x00\x00\3a/b\x00\x0a", 9, MQTTC_ERR_TRUNCATED},
        {"\x32\x09\xff\377a/b\x00\x0a", 9, MQTTC_ERR_TRUNCATED}, /* the topic is longer than the frame */
        {"\x32\x80\x00\x00\3a/b\x00\x0a", 10, MQTTC_ERR_REMAINING_LENGTH_PADDED},
        {"\x32\xff\xff\xff\xff\x01\x00\1a\x00\x0a", 11, MQTTC_ERR_REMAINING_LENGTH},
    };
    static const uint8_t frame[] = {0x32, 9, 0, 3, 'a', '/', 'b', 0, 10, 'h', 'i'};
    static const uint8_t wanted[] = {0x32, 9, 0, 3, 'a', '/', 'b', 0x12, 0x34, 'h', 'i'};
    static const uint8_t flags[] = {0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d};
    size_t i, len;

    clear();
    TRY(mqttc_publish_set_packet_id(NULL, 0, 11), MQTTC_ERR_TRUNCATED, NOTHING);
    TRY(mqttc_publish_set_packet_id(a.out, 0, 11), MQTTC_ERR_TRUNCATED, NOTHING);
    TRY(mqttc_publish_set_packet_id(NULL, 1, 11), MQTTC_ERR_NULL, NOTHING);
    memcpy(a.out, frame, sizeof frame);
    TRY(mqttc_publish_set_packet_id(a.out, TOO_LONG, 11), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_publish_set_packet_id(a.out, SIZE_MAX, 11), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    for (i = 0; i < COUNT(first_bytes); i++) {
        a.out[0] = first_bytes[i].byte;
        TRY(mqttc_publish_set_packet_id(a.out, 1, 11), first_bytes[i].wanted, NOTHING);
        TRY(mqttc_publish_set_packet_id(a.out, sizeof frame, 11), first_bytes[i].wanted, NOTHING);
    }

    /* Every prefix: the payload need not be there, the identifier must. */
    for (len = 0; len <= OUT_SIZE; len++) {
        memset(a.out, fill, OUT_SIZE);
        memcpy(a.out, frame, sizeof frame);
        TRY(mqttc_publish_set_packet_id(a.out, len, 0), MQTTC_ERR_PACKET_ID_ZERO, NOTHING);
        if (len < 9) {
            TRY(mqttc_publish_set_packet_id(a.out, len, 0x1234), MQTTC_ERR_TRUNCATED, NOTHING);
        } else {
            TRY(mqttc_publish_set_packet_id(a.out, len, 0x1234), 0, OUT);
            EXPECT_OUT(0, wanted, sizeof wanted);
        }
    }
    for (i = 0; i < sizeof flags; i++) {
        memcpy(a.out, frame, sizeof frame);
        a.out[0] = flags[i];
        TRY(mqttc_publish_set_packet_id(a.out, sizeof frame, 0x1234), 0, OUT);
        EXPECT(a.out[0] == flags[i] && memcmp(a.out + 1, wanted + 1, sizeof wanted - 1) == 0);
    }
    for (i = 0; i < COUNT(broken); i++) {
        memset(a.out, fill, OUT_SIZE);
        memcpy(a.out, broken[i].bytes, broken[i].len);
        TRY(mqttc_publish_set_packet_id(a.out, broken[i].len, 11), broken[i].wanted, NOTHING);
    }
}

static void run(void)
{
    size_t i;

    for (i = 0; i < COUNT(encoders); i++) {
        abuse_encoder(&encoders[i]);
        abuse_publish(&encoders[i]);
    }
    start(&encoders[0]);
    abuse_slice(&encoders[0], &a.p.publish.payload);
    abuse_payload_outside(&encoders[1]);
    abuse_payload_outside(&encoders[2]);
    abuse_header();
    abuse_before();
    abuse_counter();
    abuse_set_dup();
    abuse_set_packet_id();
}

int main(void)
{
    return abuse("abuse_publish", run);
}

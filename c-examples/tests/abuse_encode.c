/* abuse_encode.c: the encoders of all types except PUBLISH, for which see abuse_publish.c. See arena.h. */
#include "encoder.h"

/* --- Every encoder behind one signature ----------------------------------------------------- */

static size_t connect(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_connect_encode(p, buf, cap, w);
}

static size_t connack(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_connack_encode(p, buf, cap, w);
}

static size_t subscribe(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_subscribe_encode(p, buf, cap, w);
}

static size_t suback(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_suback_encode(p, buf, cap, w);
}

static size_t unsubscribe(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_unsubscribe_encode(p, buf, cap, w);
}

static size_t packet(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    return mqttc_packet_encode(p, buf, cap, w);
}

static size_t puback(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_puback_encode(7, buf, cap, w);
}

static size_t pubrec(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_pubrec_encode(7, buf, cap, w);
}

static size_t pubrel(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_pubrel_encode(7, buf, cap, w);
}

static size_t pubcomp(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_pubcomp_encode(7, buf, cap, w);
}

static size_t unsuback(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_unsuback_encode(7, buf, cap, w);
}

static size_t pingreq(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_pingreq_encode(buf, cap, w);
}

static size_t pingresp(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_pingresp_encode(buf, cap, w);
}

static size_t disconnect(const void *p, uint8_t *buf, size_t cap, mqttc_status *w)
{
    (void)p;
    return mqttc_disconnect_encode(buf, cap, w);
}

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

static void set_packet(void)
{
    static const uint8_t frame[] = {0x82, 12, 0, 1, 0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2};
    mqttc_packet decoded;

    EXPECT(mqttc_decode(NULL, frame, sizeof frame, &decoded, NULL) == sizeof frame);
    a.p.packet.type = decoded.type;
    a.p.packet.u.subscribe.packet_id = decoded.u.subscribe.packet_id;
    a.p.packet.u.subscribe.filters.rest = decoded.u.subscribe.filters.rest;
    a.p.packet.u.subscribe.filters.has_qos = decoded.u.subscribe.filters.has_qos;
    a.p.packet.u.subscribe.filters.unvalidated = decoded.u.subscribe.filters.unvalidated;
}

static void set_nothing(void)
{
}

static const struct encoder encoders[] = {
    {connect, set_connect, 8, 0, 16, {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 2, 'a', 'b'}},
    {connack, set_connack, 1, 0, 4, {0x20, 2, 0, 0}},
    {subscribe, set_subscribe, 8, 0, 14, {0x82, 12, 0, 1, 0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2}},
    {suback, set_suback, 8, 0, 6, {0x90, 4, 0, 1, 1, 0x80}},
    {unsubscribe, set_unsubscribe, 8, 0, 12, {0xa2, 10, 0, 1, 0, 3, 'a', '/', '#', 0, 1, 'b'}},
    {packet, set_packet, 8, 0, 14, {0x82, 12, 0, 1, 0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2}},
    {puback, set_nothing, 0, 0, 4, {0x40, 2, 0, 7}},
    {pubrec, set_nothing, 0, 0, 4, {0x50, 2, 0, 7}},
    {pubrel, set_nothing, 0, 0, 4, {0x62, 2, 0, 7}},
    {pubcomp, set_nothing, 0, 0, 4, {0x70, 2, 0, 7}},
    {unsuback, set_nothing, 0, 0, 4, {0xb0, 2, 0, 7}},
    {pingreq, set_nothing, 0, 0, 2, {0xc0, 0}},
    {pingresp, set_nothing, 0, 0, 2, {0xd0, 0}},
    {disconnect, set_nothing, 0, 0, 2, {0xe0, 0}},
};

static const struct encoder *encoder_of(size_t (*encode)(const void *, uint8_t *, size_t, mqttc_status *))
{
    size_t i = 0;

    while (encoders[i].encode != encode)
        i++;
    start(&encoders[i]);
    return &encoders[i];
}

/* --- One by one ----------------------------------------------------------------------------- */

/* A slice whose has_ flag is 0 must not have bytes, wherever it points. */
static void abuse_forgotten(const struct encoder *e, mqttc_slice *slice)
{
    static const size_t lengths[] = {1, 2, 65535, 65536, TOO_LONG, SIZE_MAX};
    size_t i;

    for (i = 0; i < COUNT(lengths); i++) {
        slice->len = lengths[i];
        slice->ptr = a.in;
        refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
        slice->ptr = NULL;
        refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    }
    slice->len = 0;
    slice->ptr = a.out; /* not followed, and no overlap */
    WRITTEN(e->encode(&a.p, a.out, OUT_SIZE, why), e->len);
    EXPECT_OUT(0, e->bytes, e->len);
    slice->ptr = NULL;
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

    abuse_forgotten(e, &p->will_topic);
    abuse_forgotten(e, &p->will_message);
    abuse_forgotten(e, &p->user_name);
    abuse_forgotten(e, &p->password);
    /* The forgotten flag ranks before the rules. */
    p->user_name = mqttc_str("u");
    abuse_byte(e, &p->protocol_level, 9, MQTTC_ERR_INVALID_ARGUMENT);
    abuse_byte(e, &p->will_qos, 1, MQTTC_ERR_INVALID_ARGUMENT);

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
    refuses(e, MQTTC_ERR_TOPIC_EMPTY);

    /* Not initialised: nothing but zeros, nothing but the arena's filling. */
    memset(p, 0, sizeof *p);
    refuses(e, MQTTC_ERR_PROTOCOL_LEVEL);
    memset(p, fill, sizeof *p);
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
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

static void abuse_subscribe(void)
{
    const struct encoder *e = encoder_of(subscribe);
    mqttc_subscribe *p = &a.p.subscribe;

    abuse_slice(e, &a.subscriptions[0].filter);
    abuse_slice(e, &a.subscriptions[1].filter);
    abuse_byte(e, &a.subscriptions[1].qos, 3, MQTTC_ERR_SUBSCRIBE_OPTIONS);
    abuse_byte(e, &a.subscriptions[1].qos, 7, MQTTC_ERR_SUBSCRIBE_OPTIONS);
    a.subscriptions[1].filter.len = 0;
    refuses(e, MQTTC_ERR_FILTER_EMPTY);

    set_subscribe();
    p->packet_id = 0;
    refuses(e, MQTTC_ERR_PACKET_ID_ZERO);
    set_subscribe();
    p->count = 0;
    refuses(e, MQTTC_ERR_NO_FILTERS);
    p->filters = NULL;
    refuses(e, MQTTC_ERR_NO_FILTERS);
    p->count = 1;
    refuses(e, MQTTC_ERR_NULL);

    /* An array that cannot be. */
    set_subscribe();
    p->filters = misaligned(a.subscriptions);
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    p->filters = a.subscriptions;
    p->count = SIZE_MAX;
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    p->count = SIZE_MAX / sizeof(mqttc_subscription) + 2; /* the product wraps to a small number */
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    p->count = PTRDIFF_MAX / sizeof(mqttc_subscription) + 1;
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);

    /* The array in the output. */
    p->count = 2;
    REFUSED(e->encode(p, (uint8_t *)a.subscriptions, sizeof a.subscriptions, why),
            MQTTC_ERR_INVALID_ARGUMENT);
    REFUSED(e->encode(p, (uint8_t *)&a.subscriptions[1], 1, why), MQTTC_ERR_INVALID_ARGUMENT);
}

static void abuse_unsubscribe(void)
{
    const struct encoder *e = encoder_of(unsubscribe);
    mqttc_unsubscribe *p = &a.p.unsubscribe;

    abuse_slice(e, &a.filters[0]);
    abuse_slice(e, &a.filters[1]);
    p->packet_id = 0;
    refuses(e, MQTTC_ERR_PACKET_ID_ZERO);
    set_unsubscribe();
    p->count = 0;
    refuses(e, MQTTC_ERR_NO_FILTERS);
    p->filters = NULL;
    p->count = 1;
    refuses(e, MQTTC_ERR_NULL);
    p->filters = misaligned(a.filters);
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    p->filters = a.filters;
    p->count = SIZE_MAX / sizeof(mqttc_slice) + 2;
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    p->count = 2;
    REFUSED(e->encode(p, (uint8_t *)a.filters, sizeof a.filters, why), MQTTC_ERR_INVALID_ARGUMENT);
}

static void abuse_suback(void)
{
    const struct encoder *e = encoder_of(suback);

    abuse_slice(e, &a.p.suback.return_codes);
    a.p.suback.packet_id = 0;
    refuses(e, MQTTC_ERR_PACKET_ID_ZERO);
    a.p.suback.packet_id = 1;
    a.p.suback.return_codes.len = 0;
    refuses(e, MQTTC_ERR_NO_RETURN_CODES);
    a.p.suback.return_codes = mqttc_bytes("\x00\x03", 2);
    refuses(e, MQTTC_ERR_SUBACK_RETURN_CODE);
}

static void abuse_acks(void)
{
    clear();
    REFUSED(mqttc_puback_encode(0, a.out, OUT_SIZE, why), MQTTC_ERR_PACKET_ID_ZERO);
    REFUSED(mqttc_pubrec_encode(0, a.out, OUT_SIZE, why), MQTTC_ERR_PACKET_ID_ZERO);
    REFUSED(mqttc_pubrel_encode(0, a.out, OUT_SIZE, why), MQTTC_ERR_PACKET_ID_ZERO);
    REFUSED(mqttc_pubcomp_encode(0, a.out, OUT_SIZE, why), MQTTC_ERR_PACKET_ID_ZERO);
    REFUSED(mqttc_unsuback_encode(0, a.out, OUT_SIZE, why), MQTTC_ERR_PACKET_ID_ZERO);
    REFUSED(mqttc_unsuback_encode(0, NULL, 0, why), MQTTC_ERR_PACKET_ID_ZERO);
    /* The status would be written over the packet, or into an output that must stay as it is. */
    TRY(mqttc_puback_encode(7, a.out, OUT_SIZE, (mqttc_status *)(void *)a.out), 0, NOTHING);
    TRY(mqttc_puback_encode(0, a.out, OUT_SIZE, (mqttc_status *)(void *)(a.out + OUT_SIZE - sizeof a.why)), 0,
        NOTHING);
}

static void abuse_packet(void)
{
    static const uint8_t types[] = {0, 15, 16, 99, 128, 255};
    static const uint8_t unfilled[] = {MQTTC_CONNECT, MQTTC_CONNACK, MQTTC_PUBLISH, MQTTC_SUBSCRIBE,
                                       MQTTC_UNSUBSCRIBE};
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
    refuses(e, MQTTC_ERR_PACKET_ID_ZERO);
    list->packet_id = 1;
    list->filters.rest.len--; /* cut in an item */
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    list->filters.rest = mqttc_bytes("\x00\x01#\x03", 4); /* QoS 3 */
    refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    list->filters.rest.len = 0; /* walked to its end */
    refuses(e, MQTTC_ERR_NO_FILTERS);

    /* A type whose member was never filled. */
    clear();
    for (i = 0; i < sizeof unfilled; i++) {
        a.p.packet.type = unfilled[i];
        refuses(e, MQTTC_ERR_INVALID_ARGUMENT);
    }
}

static void run(void)
{
    size_t i;

    for (i = 0; i < COUNT(encoders); i++)
        abuse_encoder(&encoders[i]);
    abuse_connect();
    abuse_connack();
    abuse_subscribe();
    abuse_unsubscribe();
    abuse_suback();
    abuse_acks();
    abuse_packet();
}

int main(void)
{
    return abuse("abuse_encode", run);
}

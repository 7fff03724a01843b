/* abuse_decode.c: the decoders, and the functions that look at the front of a frame. See arena.h. */
#include "arena.h"

/* Every decoder behind one signature. mqttc_peek has no `dec`, mqttc_peek_connect_version no `out` either. */
typedef int32_t (*decode_fn)(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                             mqttc_detail *d);

static int32_t d_peek(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    (void)dec;
    return mqttc_peek(buf, len, out, d);
}

static int32_t d_version(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    (void)dec;
    (void)out;
    return mqttc_peek_connect_version(buf, len, d);
}

static int32_t d_any(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_decode(dec, buf, len, out, d);
}

static int32_t d_server(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_decode_from_server(dec, buf, len, out, d);
}

static int32_t d_client(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_decode_from_client(dec, buf, len, out, d);
}

static int32_t d_connect(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_connect_decode(dec, buf, len, out, d);
}

static int32_t d_connack(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_connack_decode(dec, buf, len, out, d);
}

static int32_t d_publish(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_publish_decode(dec, buf, len, out, d);
}

static int32_t d_ack(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_ack_decode(dec, buf, len, out, d);
}

static int32_t d_subscribe(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                           mqttc_detail *d)
{
    return mqttc_subscribe_decode(dec, buf, len, out, d);
}

static int32_t d_suback(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out, mqttc_detail *d)
{
    return mqttc_suback_decode(dec, buf, len, out, d);
}

static int32_t d_unsubscribe(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                             mqttc_detail *d)
{
    return mqttc_unsubscribe_decode(dec, buf, len, out, d);
}

static int32_t d_bodyless(const mqttc_decoder *dec, const uint8_t *buf, size_t len, void *out,
                          mqttc_detail *d)
{
    return mqttc_bodyless_decode(dec, buf, len, out, d);
}

#define TYPE(type) (1u << (type))
#define ALL_TYPES 0x7ffeu
#define ACKS                                                                                                 \
    (TYPE(MQTTC_PUBACK) | TYPE(MQTTC_PUBREC) | TYPE(MQTTC_PUBREL) | TYPE(MQTTC_PUBCOMP) |                    \
     TYPE(MQTTC_UNSUBACK))
#define BODYLESS (TYPE(MQTTC_PINGREQ) | TYPE(MQTTC_PINGRESP) | TYPE(MQTTC_DISCONNECT))

static const struct decoder {
    decode_fn decode;
    unsigned types; /* for others it returns MQTTC_ERR_PACKET_TYPE_UNEXPECTED */
    int has_dec;
    size_t out_size; /* of its result, 0: it has none */
    size_t align;
    int32_t gives; /* for the whole frame */
    size_t bytes;  /* in *detail then */
    size_t len;
    uint8_t frame[20];
} decoders[] = {
    {d_peek, ALL_TYPES, 0, sizeof(mqttc_header), 4, 2, 2, 2, {0xd0, 0}},
    {d_version,
     TYPE(MQTTC_CONNECT),
     0,
     0,
     1,
     4,
     0,
     16,
     {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 2, 'a', 'b'}},
    {d_any, ALL_TYPES, 1, sizeof(mqttc_packet), 8, 5, 5, 5, {0x30, 3, 0, 1, 'a'}},
    {d_server, ALL_TYPES, 1, sizeof(mqttc_packet), 8, 2, 2, 2, {0xd0, 0}},
    {d_client, ALL_TYPES, 1, sizeof(mqttc_packet), 8, 2, 2, 2, {0xc0, 0}},
    {d_connect,
     TYPE(MQTTC_CONNECT),
     1,
     sizeof(mqttc_connect),
     8,
     16,
     16,
     16,
     {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 2, 'a', 'b'}},
    {d_connack, TYPE(MQTTC_CONNACK), 1, sizeof(mqttc_connack), 1, 4, 4, 4, {0x20, 2, 0, 0}},
    {d_publish, TYPE(MQTTC_PUBLISH), 1, sizeof(mqttc_publish), 8, 5, 5, 5, {0x30, 3, 0, 1, 'a'}},
    {d_ack, ACKS, 1, sizeof(uint16_t), 2, 4, 4, 4, {0x40, 2, 0, 7}},
    {d_subscribe,
     TYPE(MQTTC_SUBSCRIBE),
     1,
     sizeof(mqttc_filter_list),
     8,
     8,
     8,
     8,
     {0x82, 6, 0, 1, 0, 1, 'a', 0}},
    {d_suback, TYPE(MQTTC_SUBACK), 1, sizeof(mqttc_suback), 8, 5, 5, 5, {0x90, 3, 0, 1, 0}},
    {d_unsubscribe,
     TYPE(MQTTC_UNSUBSCRIBE),
     1,
     sizeof(mqttc_filter_list),
     8,
     7,
     7,
     7,
     {0xa2, 5, 0, 1, 0, 1, 'a'}},
    {d_bodyless, BODYLESS, 1, sizeof(uint8_t), 1, 2, 2, 2, {0xe0, 0}},
};

static void abuse_decoder_struct(const struct decoder *d)
{
    size_t i;

    mqttc_decoder_init(&a.dec);
    MISTAKEN(d->decode(misaligned(&a.dec), a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    for (i = 0; i < sizeof a.dec.reserved; i++) {
        a.dec.reserved[i] = 1;
        MISTAKEN(d->decode(&a.dec, a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
        a.dec.reserved[i] = 0;
    }
    for (i = 3; i < 256; i++) {
        a.dec.role = (uint8_t)i;
        MISTAKEN(d->decode(&a.dec, a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    }
    a.dec.role = MQTTC_ROLE_ANY;
    for (i = 0; i < 256; i++) {
        if (i == MQTTC_LEVEL_3_1 || i == MQTTC_LEVEL_3_1_1)
            continue;
        a.dec.protocol_level = (uint8_t)i;
        MISTAKEN(d->decode(&a.dec, a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    }
    a.dec.protocol_level = MQTTC_LEVEL_3_1_1;
    packet_size = d->out_size;
    for (i = 0; i < 32; i++) {
        a.dec.options = (uint32_t)1 << i;
        if (i <= 9 || (i >= 16 && i <= 20)) /* an option that exists */
            DECODED(d->decode(&a.dec, a.in, d->len, &a.packet, detail), d->gives, PACKET, a.in, d->len, 0, 0);
        else
            MISTAKEN(d->decode(&a.dec, a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    }
    packet_size = sizeof(mqttc_packet);
    /* Not initialised: nothing but zeros, nothing but the arena's filling. */
    memset(&a.dec, 0, sizeof a.dec);
    MISTAKEN(d->decode(&a.dec, a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    memset(&a.dec, fill, sizeof a.dec);
    MISTAKEN(d->decode(&a.dec, a.in, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
}

/* The result and the detail in each other's place, or in that of the frame. */
static void abuse_overlaps(const struct decoder *d)
{
    uint8_t *out = (uint8_t *)&a.packet;
    uint8_t *in_detail = (uint8_t *)&a.detail;
    size_t last = (d->out_size - 1) / 8 * 8; /* where a detail can begin and holds the result's last byte */

    /* The detail in the frame: all of it, its last byte, its first one. */
    memcpy(in_detail, d->frame, d->len);
    TRY(d->decode(NULL, in_detail, sizeof a.detail, &a.packet, &a.detail), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(d->decode(NULL, in_detail + sizeof a.detail - 1, d->len, &a.packet, &a.detail),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(d->decode(NULL, in_detail - 8, 9, &a.packet, &a.detail), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(d->decode(NULL, a.in, d->len, &a.packet, misaligned(&a.detail)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    if (d->out_size == 0)
        return;

    MISTAKEN(d->decode(NULL, a.in, d->len, NULL, detail), MQTTC_ERR_NULL);
    if (d->align > 1)
        MISTAKEN(d->decode(NULL, a.in, d->len, misaligned(&a.packet), detail), MQTTC_ERR_INVALID_ARGUMENT);
    /* The frame in the result: at its start, at its end, and the result in a larger input. */
    memcpy(out, d->frame, d->len);
    MISTAKEN(d->decode(NULL, out, sizeof a.packet, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    MISTAKEN(d->decode(NULL, out + d->out_size - 1, d->len, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    MISTAKEN(d->decode(NULL, out - 8, 9, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    memset(out, fill, sizeof a.packet);

    /* The detail in the result, at its start and at its end; right behind it, it is fine. */
    TRY(d->decode(NULL, a.in, d->len, &a.packet, (mqttc_detail *)(void *)out), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(d->decode(NULL, a.in, d->len, &a.packet, (mqttc_detail *)(void *)(out + last)),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(d->decode(NULL, NULL, 0, &a.packet, (mqttc_detail *)(void *)(out + last)), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    if (last + 8 + sizeof(mqttc_detail) <= sizeof a.packet) {
        TRY(d->decode(NULL, a.in, d->len, &a.packet, (mqttc_detail *)(void *)(out + last + 8)), d->gives,
            PACKET);
        EXPECT(((mqttc_detail *)(void *)((uint8_t *)&got_packet + last + 8))->bytes.ptr == a.in);
    }
}

/* Another type is refused by its first byte alone, by a decoder for each role, before its flags and its
 * direction. */
static void abuse_types(const struct decoder *d)
{
    unsigned first;

    mqttc_decoder_init(&a.dec);
    for (a.dec.role = MQTTC_ROLE_ANY; a.dec.role <= MQTTC_ROLE_SERVER; a.dec.role++) {
        for (first = 0; first < 256; first++) {
            unsigned type = first >> 4;

            a.in[0] = (uint8_t)first;
            a.in[1] = 0xff;
            if (!(ALL_TYPES >> type & 1))
                BROKEN(d->decode(&a.dec, a.in, 1, &a.packet, detail), MQTTC_ERR_PACKET_TYPE_RESERVED, 0, 0);
            else if (!(d->types >> type & 1))
                BROKEN(d->decode(&a.dec, a.in, 1 + first % 2, &a.packet, detail),
                       MQTTC_ERR_PACKET_TYPE_UNEXPECTED, 0, 0);
        }
    }
}

static void abuse_decoder(const struct decoder *d)
{
    unsigned results = d->out_size > 0 ? PACKET : NOTHING;
    const uint8_t *bytes = d->bytes > 0 ? a.in : NULL;

    clear();
    memcpy(a.in, d->frame, d->len);
    /* How it should be: the result and nothing behind it. */
    packet_size = d->out_size;
    DECODED(d->decode(NULL, a.in, d->len, &a.packet, detail), d->gives, results, bytes, d->bytes, 0, 0);
    DECODED(d->decode(NULL, a.in, OUT_SIZE, &a.packet, detail), d->gives, results, bytes, d->bytes, 0, 0);
    packet_size = sizeof(mqttc_packet);

    MISTAKEN(d->decode(NULL, NULL, 1, &a.packet, detail), MQTTC_ERR_NULL);
    MISTAKEN(d->decode(NULL, NULL, SIZE_MAX, &a.packet, detail), MQTTC_ERR_NULL);
    MISTAKEN(d->decode(NULL, a.in, TOO_LONG, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    MISTAKEN(d->decode(NULL, a.in, SIZE_MAX, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    MISTAKEN(d->decode(NULL, NULL, 1, NULL, detail), MQTTC_ERR_NULL);
    if (d->has_dec)
        abuse_decoder_struct(d);
    abuse_overlaps(d);
    abuse_types(d);

    /* An empty input may be NULL. */
    LACKING(d->decode(NULL, NULL, 0, &a.packet, detail), 2);
    LACKING(d->decode(NULL, a.in, 0, &a.packet, detail), 2);
    a.in[0] = d->frame[0];
    LACKING(d->decode(NULL, a.in, 1, &a.packet, detail), 1);
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
    for (i = 0; i < COUNT(rows); i++) {
        mqttc_decoder_init(&a.dec);
        a.dec.role = rows[i].role;
        a.in[0] = rows[i].first;
        DECODED(rows[i].decode(&a.dec, a.in, 1, &a.packet, detail), rows[i].wanted, NOTHING, NULL, 0,
                rows[i].wanted == MQTTC_NEED_MORE, 0);
    }
}

/* The version of a CONNECT, at each of its first bytes: never more is asked for than what shows it. */
static void abuse_connect_version(void)
{
    static const struct row {
        const char *bytes;
        size_t len;
        size_t shows; /* as soon as so many bytes are there */
        int32_t wanted;
        uint32_t offset;
    } rows[] = {
        {"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\2ab", 16, 9, MQTTC_VERSION_3_1_1, 0},
        {"\x10\x0e\x00\x04MQTT\x84\x02\x00\x3c\x00\2ab", 16, 9, MQTTC_VERSION_3_1_1, 0},
        {"\x10\x0e\x00\x04MQTT\x05\x02\x00\x3c\x00\2ab", 16, 9, MQTTC_VERSION_5_0, 0},
        {"\x10\x0e\x00\x04MQTT\x03\x02\x00\x3c\x00\2ab", 16, 9, MQTTC_VERSION_UNKNOWN, 0},
        {"\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x3c\x00\1a", 17, 11, MQTTC_VERSION_3_1, 0},
        {"\x10\x0f\x00\x06MQIsdp\x83\x02\x00\x3c\x00\1a", 17, 11, MQTTC_VERSION_3_1, 0},
        {"\x10\x80\x01\x00\x04MQTT\x04\x02", 11, 10, MQTTC_VERSION_3_1_1, 0},
        {"\x10\x06\x00\x04MQTT\x04", 9, 8, MQTTC_ERR_TRUNCATED, 8}, /* the level is behind the frame */
        {"\x10\x02\x00\x04MQTT\x04", 9, 4, MQTTC_ERR_TRUNCATED, 2},
        {"\x10\x80\x00", 3, 3, MQTTC_ERR_REMAINING_LENGTH_PADDED, 1},
    };
    size_t i, n;

    for (i = 0; i < COUNT(rows); i++) {
        clear();
        memcpy(a.in, rows[i].bytes, rows[i].len);
        for (n = 0; n < rows[i].shows; n++) {
            int32_t got = mqttc_peek_connect_version(a.in, n, &a.detail);

            if (got == rows[i].wanted && got < 0) /* the header shows it */
                break;
            EXPECT(got == MQTTC_NEED_MORE && a.detail.left > 0 && n + a.detail.left <= rows[i].shows);
        }
        for (; n <= rows[i].len; n++)
            DECODED(mqttc_peek_connect_version(a.in, n, detail), rows[i].wanted, NOTHING, NULL, 0, 0,
                    rows[i].offset < n ? rows[i].offset : (uint32_t)n);
    }
}

static void run(void)
{
    size_t i;

    for (i = 0; i < COUNT(decoders); i++)
        abuse_decoder(&decoders[i]);
    abuse_roles();
    abuse_connect_version();
}

int main(void)
{
    return abuse("abuse_decode", run);
}

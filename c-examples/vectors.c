/* vectors.c: checks the golden vectors, mqtt-codec/tests/vectors/ *.txt, through C.
 *
 * usage: vectors FILE...
 *
 * The README.md beside the vectors says how they are written: `hex | packet | note`, bytes as pieces
 * `61*3` joined by `+`. refused.txt and ignored_3_1.txt are known by their names. Ends with 1 if a
 * row fails or if there was no row at all, with 2 if a file cannot be read.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttc.h"

enum {
    FILL = 0xa5,  /* what outputs are filled with: a byte that was forgotten, or too many, shows */
    CANARY = 16,  /* bytes before and after every output */
    ALL_UP_TO = 300 /* shorter lengths than a frame's are all tried below this, then some */
};

static const char *file_name;
static unsigned long line_number;
static unsigned long failures;

static void failed(const char *what)
{
    failures++;
    fprintf(stderr, "%s:%lu: %s\n", file_name, line_number, what);
}

static void expect(int holds, const char *what)
{
    if (!holds)
        failed(what);
}

static void *allocate(size_t size)
{
    void *p = malloc(size > 0 ? size : 1);

    if (p == NULL) {
        fputs("vectors: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

static int filled(const uint8_t *p, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (p[i] != FILL)
            return 0;
    return 1;
}

/* --- Text that grows ------------------------------------------------------------------------ */

struct text {
    char *z;
    size_t len;
    size_t cap;
};

static void put_chars(struct text *t, const char *chars, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        size_t cap = (t->len + n + 1) * 2;
        char *z = allocate(cap);

        if (t->len > 0)
            memcpy(z, t->z, t->len);
        free(t->z);
        t->z = z;
        t->cap = cap;
    }
    memcpy(t->z + t->len, chars, n);
    t->len += n;
    t->z[t->len] = '\0';
}

static void put(struct text *t, const char *z)
{
    put_chars(t, z, strlen(z));
}

static void put_number(struct text *t, const char *name, unsigned long value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%lu", value);
    put(t, name);
    put(t, digits);
}

static void put_hex(struct text *t, const char *name, mqttc_slice s)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    put(t, name);
    for (i = 0; i < s.len; i++) {
        char pair[2];

        pair[0] = digits[s.ptr[i] >> 4];
        pair[1] = digits[s.ptr[i] & 15];
        put_chars(t, pair, 2);
    }
}

/* Writes out the pieces of a column: "61*3+62" becomes "61616162", a blank or a name stays. Pieces
 * end at '+', at a blank and at the end; digits are repeated from the last such place, or '='. */
static void put_written_out(struct text *t, const char *z)
{
    const char *piece = z;

    while (*z != '\0') {
        if (*z == '*') {
            char *end;
            unsigned long times = strtoul(z + 1, &end, 10);

            for (; times > 1; times--)
                put_chars(t, piece, (size_t)(z - piece));
            z = end;
        } else {
            if (*z != '+')
                put_chars(t, z, 1);
            if (*z == '+' || *z == ' ' || *z == '=')
                piece = z + 1;
            z++;
        }
    }
}

/* --- A packet's text ------------------------------------------------------------------------ */

static void put_filters(struct text *t, mqttc_filters it)
{
    mqttc_subscription s;
    int32_t more;

    while ((more = mqttc_filters_next(&it, &s)) == 1) {
        put_hex(t, " filter=", s.filter);
        if (it.has_qos)
            put_number(t, " qos=", s.qos);
        else if (s.qos != 0)
            failed("an UNSUBSCRIBE's filter has a QoS");
    }
    expect(more == 0, "the iterator ends with an error");
}

static void put_connect(struct text *t, const mqttc_connect *p)
{
    put_number(t, " level=", p->protocol_level);
    put_number(t, " clean_session=", p->clean_session);
    put_number(t, " keep_alive=", p->keep_alive);
    put_hex(t, " client_id=", p->client_id);
    if (p->has_will) {
        put_number(t, " will_qos=", p->will_qos);
        put_number(t, " will_retain=", p->will_retain);
        put_hex(t, " will_topic=", p->will_topic);
        put_hex(t, " will_message=", p->will_message);
    } else {
        put(t, " will_qos=- will_retain=- will_topic=- will_message=-");
        expect(p->will_qos == 0 && p->will_retain == 0, "will QoS or will retain without a will");
    }
    if (p->has_user_name)
        put_hex(t, " user_name=", p->user_name);
    else
        put(t, " user_name=-");
    if (p->has_password)
        put_hex(t, " password=", p->password);
    else
        put(t, " password=-");
}

static void put_publish(struct text *t, const mqttc_publish *p)
{
    put_number(t, " dup=", p->dup);
    put_number(t, " qos=", p->qos);
    put_number(t, " retain=", p->retain);
    if (p->qos > 0)
        put_number(t, " packet_id=", p->packet_id);
    else
        put(t, " packet_id=-");
    expect(p->qos > 0 || p->packet_id == 0, "a packet identifier with QoS 0");
    put_hex(t, " topic=", p->topic);
    put_hex(t, " payload=", p->payload);
}

static void put_packet(struct text *t, const mqttc_packet *p)
{
    put(t, mqttc_packet_type_str(p->type));
    switch (p->type) {
    case MQTTC_CONNECT:
        put_connect(t, &p->u.connect);
        break;
    case MQTTC_CONNACK:
        put_number(t, " session_present=", p->u.connack.session_present);
        put_number(t, " return_code=", p->u.connack.return_code);
        break;
    case MQTTC_PUBLISH:
        put_publish(t, &p->u.publish);
        break;
    case MQTTC_SUBSCRIBE:
        put_number(t, " packet_id=", p->u.subscribe.packet_id);
        put_filters(t, p->u.subscribe.filters);
        break;
    case MQTTC_SUBACK:
        put_number(t, " packet_id=", p->u.suback.packet_id);
        put_hex(t, " return_codes=", p->u.suback.return_codes);
        break;
    case MQTTC_UNSUBSCRIBE:
        put_number(t, " packet_id=", p->u.unsubscribe.packet_id);
        put_filters(t, p->u.unsubscribe.filters);
        break;
    case MQTTC_PUBACK:
    case MQTTC_PUBREC:
    case MQTTC_PUBREL:
    case MQTTC_PUBCOMP:
    case MQTTC_UNSUBACK:
        put_number(t, " packet_id=", p->u.packet_id);
        break;
    default: /* PINGREQ, PINGRESP, DISCONNECT */
        break;
    }
}

static void expect_text(const mqttc_packet *packet, const char *wanted, const char *what)
{
    struct text found = {NULL, 0, 0};

    put_packet(&found, packet);
    if (strcmp(found.z, wanted) != 0) {
        failed(what);
        fprintf(stderr, "  wanted %.200s\n  found  %.200s\n", wanted, found.z);
    }
    free(found.z);
}

/* --- Decoding ------------------------------------------------------------------------------- */

static mqttc_status decode_connect(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                   mqttc_packet *out, mqttc_error *err)
{
    return mqttc_connect_decode(dec, frame, len, &out->u.connect, err);
}

static mqttc_status decode_connack(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                   mqttc_packet *out, mqttc_error *err)
{
    return mqttc_connack_decode(dec, frame, len, &out->u.connack, err);
}

static mqttc_status decode_publish(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                   mqttc_packet *out, mqttc_error *err)
{
    return mqttc_publish_decode(dec, frame, len, &out->u.publish, err);
}

static mqttc_status decode_ack(const mqttc_decoder *dec, const uint8_t *frame, size_t len, mqttc_packet *out,
                               mqttc_error *err)
{
    return mqttc_ack_decode(dec, frame, len, &out->u.packet_id, err);
}

static mqttc_status decode_subscribe(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                     mqttc_packet *out, mqttc_error *err)
{
    return mqttc_subscribe_decode(dec, frame, len, &out->u.subscribe, err);
}

static mqttc_status decode_suback(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                  mqttc_packet *out, mqttc_error *err)
{
    return mqttc_suback_decode(dec, frame, len, &out->u.suback, err);
}

static mqttc_status decode_unsubscribe(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                       mqttc_packet *out, mqttc_error *err)
{
    return mqttc_unsubscribe_decode(dec, frame, len, &out->u.unsubscribe, err);
}

static mqttc_status decode_empty(const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                                 mqttc_packet *out, mqttc_error *err)
{
    return mqttc_empty_decode(dec, frame, len, &out->type, err);
}

/* The decoders for one type, and the types that they take: bit N for type N. */
static const struct alone {
    mqttc_status (*decode)(const mqttc_decoder *, const uint8_t *, size_t, mqttc_packet *, mqttc_error *);
    unsigned types;
} alone[] = {
    {decode_connect, 1u << MQTTC_CONNECT},
    {decode_connack, 1u << MQTTC_CONNACK},
    {decode_publish, 1u << MQTTC_PUBLISH},
    {decode_ack,
     1u << MQTTC_PUBACK | 1u << MQTTC_PUBREC | 1u << MQTTC_PUBREL | 1u << MQTTC_PUBCOMP | 1u << MQTTC_UNSUBACK},
    {decode_subscribe, 1u << MQTTC_SUBSCRIBE},
    {decode_suback, 1u << MQTTC_SUBACK},
    {decode_unsubscribe, 1u << MQTTC_UNSUBSCRIBE},
    {decode_empty, 1u << MQTTC_PINGREQ | 1u << MQTTC_PINGRESP | 1u << MQTTC_DISCONNECT},
};

/* Table 2.1 of the specification. */
static const unsigned to_server = 1u << MQTTC_CONNECT | 1u << MQTTC_PUBLISH | 1u << MQTTC_PUBACK | 1u << MQTTC_PUBREC |
                                  1u << MQTTC_PUBREL | 1u << MQTTC_PUBCOMP | 1u << MQTTC_SUBSCRIBE |
                                  1u << MQTTC_UNSUBSCRIBE | 1u << MQTTC_PINGREQ | 1u << MQTTC_DISCONNECT;
static const unsigned to_client = 1u << MQTTC_CONNACK | 1u << MQTTC_PUBLISH | 1u << MQTTC_PUBACK | 1u << MQTTC_PUBREC |
                                  1u << MQTTC_PUBREL | 1u << MQTTC_PUBCOMP | 1u << MQTTC_SUBACK |
                                  1u << MQTTC_UNSUBACK | 1u << MQTTC_PINGRESP;

/* A decode that is refused: status, offset, and nothing else touched. */
static void expect_refused(mqttc_decode_fn decode, const mqttc_decoder *dec, const uint8_t *frame, size_t len,
                           mqttc_status status, uint32_t offset, const char *what)
{
    mqttc_packet packet;
    size_t used = 12345;
    mqttc_error error;

    memset(&packet, FILL, sizeof packet);
    memset(&error, FILL, sizeof error);
    if (decode(dec, frame, len, &packet, &used, &error) != status || error.status != status ||
        error.offset != offset) {
        failed(what);
        fprintf(stderr, "  wanted %ld at %lu, found %ld at %lu\n", (long)status, (unsigned long)offset,
                (long)error.status, (unsigned long)error.offset);
    }
    expect(used == 12345 && filled((const uint8_t *)&packet, sizeof packet),
           "a refused decode touches its results");
}

static void expect_alone_refused(const struct alone *a, const mqttc_decoder *dec, const uint8_t *frame,
                                 size_t len,
                                 mqttc_status status, uint32_t offset, const char *what)
{
    mqttc_packet packet;
    mqttc_error error;

    memset(&packet, FILL, sizeof packet);
    memset(&error, FILL, sizeof error);
    expect(a->decode(dec, frame, len, &packet, &error) == status && error.status == status &&
           error.offset == offset, what);
    expect(filled((const uint8_t *)&packet, sizeof packet),
           "a decoder for one type touches its result though it refuses");
}

/* Decodes a frame that must be taken, by the decoder for every type, by those for its direction, and
 * by those for one type. */
static void check_decode(const mqttc_decoder *dec, const uint8_t *frame, size_t len, const char *wanted,
                         mqttc_packet *packet)
{
    mqttc_packet other;
    mqttc_frame header;
    size_t used = 0;
    size_t i;
    unsigned type_bit;

    memset(packet, FILL, sizeof *packet);
    if (mqttc_decode(dec, frame, len, packet, &used, NULL) != MQTTC_OK) {
        failed("is refused");
        memset(packet, 0, sizeof *packet);
        return;
    }
    expect(used == len, "*used is not the frame's length");
    expect(packet->tolerated == 0, "something was tolerated");
    expect_text(packet, wanted, "decodes to another packet");
    type_bit = 1u << packet->type;

    expect(mqttc_peek(frame, len, &header, &used, NULL) == MQTTC_OK && used == header.header_len &&
               header.type == packet->type && header.flags == (frame[0] & 15) &&
               header.header_len + header.remaining_len == len,
           "mqttc_peek does not agree");

    if (type_bit & to_client) {
        expect(mqttc_decode_from_server(dec, frame, len, &other, &used, NULL) == MQTTC_OK,
               "is refused from a server");
        expect_text(&other, wanted, "is another packet from a server");
    } else {
        expect_refused(mqttc_decode_from_server, dec, frame, len, MQTTC_ERR_WRONG_DIRECTION, 0,
                       "is taken from a server");
    }
    if (type_bit & to_server) {
        expect(mqttc_decode_from_client(dec, frame, len, &other, &used, NULL) == MQTTC_OK,
               "is refused from a client");
        expect_text(&other, wanted, "is another packet from a client");
    } else {
        expect_refused(mqttc_decode_from_client, dec, frame, len, MQTTC_ERR_WRONG_DIRECTION, 0,
                       "is taken from a client");
    }
    for (i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        if (alone[i].types & type_bit) {
            memset(&other, FILL, sizeof other);
            other.type = alone[i].decode == decode_empty ? 0 : packet->type;
            expect(alone[i].decode(dec, frame, len, &other, NULL) == MQTTC_OK,
                   "is refused by its type's decoder");
            expect_text(&other, wanted, "is another packet to its type's decoder");
        } else {
            expect_alone_refused(&alone[i], dec, frame, len, MQTTC_ERR_PACKET_TYPE_UNEXPECTED, 0,
                                 "is not refused by another type's decoder");
        }
    }
}

/* The lengths below `len` that are tried: all of them near the start, then some, the last among them. */
static size_t next_length(size_t n, size_t len)
{
    size_t step = n < ALL_UP_TO ? 1 : len / 8 + 1;

    return n + 1 < len && n + step >= len ? len - 1 : n + step;
}

/* A frame that lacks bytes is not a packet: how many, is known as soon as the header is. */
static void check_prefixes(const mqttc_decoder *dec, const uint8_t *frame, size_t len, size_t header_len)
{
    size_t n;

    for (n = 0; n < len; n = next_length(n, len)) {
        size_t missing = n == 0 ? 2 : n < header_len ? 1 : len - n;
        size_t used = 0;
        mqttc_packet packet;

        memset(&packet, FILL, sizeof packet);
        expect(mqttc_decode(dec, frame, n, &packet, &used, NULL) == MQTTC_NEED_MORE,
               "a part of the frame is not MQTTC_NEED_MORE");
        expect(used == missing, "*used is not the number of missing bytes");
        expect(filled((const uint8_t *)&packet, sizeof packet), "a part of the frame touches the packet");
    }
}

static void check_longer(const mqttc_decoder *dec, const uint8_t *frame, size_t len)
{
    uint8_t *longer = allocate(len + 1);
    size_t used = 0;
    mqttc_packet packet;

    memcpy(longer, frame, len);
    longer[len] = 0xff;
    expect(mqttc_decode(dec, longer, len + 1, &packet, &used, NULL) == MQTTC_OK && used == len,
           "reads on behind the frame");
    free(longer);
}

/* --- Encoding ------------------------------------------------------------------------------- */

typedef mqttc_status (*encode_fn)(const mqttc_packet *p, uint8_t *buf, size_t cap, size_t *written);

/* Collects an iterator's items; *count of them. */
static mqttc_subscription *collect(mqttc_filters it, size_t *count)
{
    mqttc_filters again = it;
    mqttc_subscription s;
    mqttc_subscription *all;

    for (*count = 0; mqttc_filters_next(&it, &s) == 1; ++*count)
        ;
    all = allocate(*count * sizeof *all);
    for (*count = 0; mqttc_filters_next(&again, &s) == 1; ++*count)
        all[*count] = s;
    return all;
}

static mqttc_status encode_subscribe(const mqttc_filter_list *list, uint8_t *buf, size_t cap, size_t *written)
{
    mqttc_subscribe p;
    mqttc_subscription *all = collect(list->filters, &p.count);
    mqttc_status status;

    p.filters = all;
    p.packet_id = list->packet_id;
    status = mqttc_subscribe_encode(&p, buf, cap, written);
    free(all);
    return status;
}

static mqttc_status encode_unsubscribe(const mqttc_filter_list *list, uint8_t *buf, size_t cap, size_t *written)
{
    mqttc_unsubscribe p;
    mqttc_subscription *all = collect(list->filters, &p.count);
    mqttc_slice *filters = allocate(p.count * sizeof *filters);
    mqttc_status status;
    size_t i;

    for (i = 0; i < p.count; i++)
        filters[i] = all[i].filter;
    p.filters = filters;
    p.packet_id = list->packet_id;
    status = mqttc_unsubscribe_encode(&p, buf, cap, written);
    free(filters);
    free(all);
    return status;
}

/* By the function of the packet's type. */
static mqttc_status encode_alone(const mqttc_packet *p, uint8_t *buf, size_t cap, size_t *written)
{
    switch (p->type) {
    case MQTTC_CONNECT:
        return mqttc_connect_encode(&p->u.connect, buf, cap, written);
    case MQTTC_CONNACK:
        return mqttc_connack_encode(&p->u.connack, buf, cap, written);
    case MQTTC_PUBLISH:
        return mqttc_publish_encode(&p->u.publish, buf, cap, written);
    case MQTTC_PUBACK:
        return mqttc_puback_encode(p->u.packet_id, buf, cap, written);
    case MQTTC_PUBREC:
        return mqttc_pubrec_encode(p->u.packet_id, buf, cap, written);
    case MQTTC_PUBREL:
        return mqttc_pubrel_encode(p->u.packet_id, buf, cap, written);
    case MQTTC_PUBCOMP:
        return mqttc_pubcomp_encode(p->u.packet_id, buf, cap, written);
    case MQTTC_SUBSCRIBE:
        return encode_subscribe(&p->u.subscribe, buf, cap, written);
    case MQTTC_SUBACK:
        return mqttc_suback_encode(&p->u.suback, buf, cap, written);
    case MQTTC_UNSUBSCRIBE:
        return encode_unsubscribe(&p->u.unsubscribe, buf, cap, written);
    case MQTTC_UNSUBACK:
        return mqttc_unsuback_encode(p->u.packet_id, buf, cap, written);
    case MQTTC_PINGREQ:
        return mqttc_pingreq_encode(buf, cap, written);
    case MQTTC_PINGRESP:
        return mqttc_pingresp_encode(buf, cap, written);
    case MQTTC_DISCONNECT:
        return mqttc_disconnect_encode(buf, cap, written);
    default:
        return MQTTC_ERR_INVALID_ARGUMENT;
    }
}

/* The header of a PUBLISH alone, for the payload that the packet has. */
static mqttc_status encode_header(const mqttc_packet *p, uint8_t *buf, size_t cap, size_t *written)
{
    return mqttc_publish_header_encode(&p->u.publish, (uint32_t)p->u.publish.payload.len, buf, cap, written);
}

static void check_encode(encode_fn encode, const mqttc_packet *packet, const uint8_t *frame, size_t len)
{
    uint8_t *area = allocate(CANARY + len + CANARY);
    uint8_t *out = area + CANARY;
    size_t written = 12345;
    size_t spare;
    size_t cap;

    expect(encode(packet, NULL, 0, &written) == MQTTC_ERR_BUFFER_TOO_SMALL && written == len,
           "asked for the size, says another");
    for (spare = 0; spare <= 9; spare += 9) {
        memset(area, FILL, CANARY + len + CANARY);
        written = 12345;
        expect(encode(packet, out, len + spare, &written) == MQTTC_OK, "is not encoded");
        expect(written == len && memcmp(out, frame, len) == 0, "encodes to other bytes");
        expect(filled(area, CANARY) && filled(out + len, CANARY), "writes outside its output");
    }
    memset(area, FILL, CANARY + len + CANARY);
    for (cap = 1; cap < len; cap = next_length(cap, len)) {
        written = 12345;
        expect(encode(packet, out, cap, &written) == MQTTC_ERR_BUFFER_TOO_SMALL && written == len,
               "a small output is not told the size");
        expect(filled(area, CANARY + cap + CANARY), "a small output is touched");
    }
    free(area);
}

/* --- The rows ------------------------------------------------------------------------------- */

/* The bytes of the first column, in exactly as much memory: reading on shows under a memory checker. */
static uint8_t *to_bytes(const char *column, size_t *len)
{
    struct text hex = {NULL, 0, 0};
    uint8_t *bytes;
    size_t i;

    put(&hex, "");
    put_written_out(&hex, column);
    *len = hex.len / 2;
    bytes = allocate(*len);
    expect(hex.len % 2 == 0, "the first column has an odd number of digits");
    for (i = 0; i < *len; i++) {
        char pair[3];
        char *end;

        memcpy(pair, hex.z + 2 * i, 2);
        pair[2] = '\0';
        bytes[i] = (uint8_t)strtoul(pair, &end, 16);
        expect(*end == '\0', "the first column is not in hexadecimal digits");
    }
    free(hex.z);
    return bytes;
}

static void check_golden(const uint8_t *frame, size_t len, const char *wanted)
{
    mqttc_packet packet;
    mqttc_decoder dec;
    mqttc_frame header;
    size_t header_len;

    check_decode(NULL, frame, len, wanted, &packet);
    if (packet.type == 0)
        return;
    mqttc_decoder_init(&dec);
    dec.max_packet_len = (uint32_t)len;
    check_decode(&dec, frame, len, wanted, &packet); /* the limit is the whole frame */
    dec.max_packet_len--;
    expect_refused(mqttc_decode, &dec, frame, len, MQTTC_ERR_PACKET_TOO_LARGE, 1, "over the limit");

    mqttc_peek(frame, len, &header, &header_len, NULL);
    check_prefixes(NULL, frame, len, header_len);
    check_longer(NULL, frame, len);
    check_encode(encode_alone, &packet, frame, len);
    check_encode(mqttc_packet_encode, &packet, frame, len);
    if (packet.type == MQTTC_PUBLISH)
        check_encode(encode_header, &packet, frame, len - packet.u.publish.payload.len);
}

/* For MQTT 3.1: bits are ignored, so that the packet comes back in its canonical form. */
static void check_ignored(const uint8_t *frame, size_t len, const char *wanted)
{
    mqttc_packet packet;
    mqttc_decoder dec;
    uint8_t *canonical;
    size_t size;

    mqttc_decoder_init(&dec);
    dec.protocol_level = MQTTC_LEVEL_3_1;
    check_decode(&dec, frame, len, wanted, &packet);
    if (packet.type == 0)
        return;
    if (encode_alone(&packet, NULL, 0, &size) != MQTTC_ERR_BUFFER_TOO_SMALL) {
        failed("has no size");
        return;
    }
    canonical = allocate(size);
    expect(encode_alone(&packet, canonical, size, &size) == MQTTC_OK, "is not encoded");
    expect(size != len || memcmp(canonical, frame, len) != 0, "is in canonical form: it belongs elsewhere");
    check_encode(encode_alone, &packet, canonical, size);
    check_encode(mqttc_packet_encode, &packet, canonical, size);
    check_decode(&dec, canonical, size, wanted, &packet);
    free(canonical);
}

static const struct kind {
    const char *name;
    mqttc_status status;
} kinds[] = {
    {"remaining_length", MQTTC_ERR_REMAINING_LENGTH},
    {"remaining_length_padded", MQTTC_ERR_REMAINING_LENGTH_PADDED},
    {"packet_type_reserved", MQTTC_ERR_PACKET_TYPE_RESERVED},
    {"flags_reserved", MQTTC_ERR_FLAGS_RESERVED},
    {"packet_too_large", MQTTC_ERR_PACKET_TOO_LARGE},
    {"wrong_direction", MQTTC_ERR_WRONG_DIRECTION},
    {"truncated", MQTTC_ERR_TRUNCATED},
    {"trailing_bytes", MQTTC_ERR_TRAILING_BYTES},
    {"utf8", MQTTC_ERR_UTF8},
    {"nul_in_string", MQTTC_ERR_NUL_IN_STRING},
    {"string_too_long", MQTTC_ERR_STRING_TOO_LONG},
    {"protocol_name", MQTTC_ERR_PROTOCOL_NAME},
    {"protocol_level", MQTTC_ERR_PROTOCOL_LEVEL},
    {"protocol_version_other", MQTTC_ERR_PROTOCOL_VERSION_OTHER},
    {"connect_flag_reserved", MQTTC_ERR_CONNECT_FLAG_RESERVED},
    {"will_qos", MQTTC_ERR_WILL_QOS},
    {"will_flags_without_will", MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL},
    {"password_without_user_name", MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME},
    {"client_id_rejected", MQTTC_ERR_CLIENT_ID_REJECTED},
    {"connack_flags", MQTTC_ERR_CONNACK_FLAGS},
    {"return_code", MQTTC_ERR_RETURN_CODE},
    {"session_present_with_refusal", MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL},
    {"qos_reserved", MQTTC_ERR_QOS_RESERVED},
    {"dup_without_qos", MQTTC_ERR_DUP_WITHOUT_QOS},
    {"topic_empty", MQTTC_ERR_TOPIC_EMPTY},
    {"topic_wildcard", MQTTC_ERR_TOPIC_WILDCARD},
    {"packet_id_zero", MQTTC_ERR_PACKET_ID_ZERO},
    {"no_filters", MQTTC_ERR_NO_FILTERS},
    {"filter_empty", MQTTC_ERR_FILTER_EMPTY},
    {"filter_wildcard", MQTTC_ERR_FILTER_WILDCARD},
    {"subscribe_options", MQTTC_ERR_SUBSCRIBE_OPTIONS},
    {"no_return_codes", MQTTC_ERR_NO_RETURN_CODES},
    {"suback_return_code", MQTTC_ERR_SUBACK_RETURN_CODE},
    {"packet_type_unexpected", MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
};

/* `[option=value ]kind@offset`; returns 0 if it is not that. */
static int parse_refusal(const char *text, mqttc_decoder *dec, mqttc_status *status, uint32_t *offset)
{
    const char *kind = strrchr(text, ' ');
    const char *at;
    char *end;
    size_t i;

    mqttc_decoder_init(dec);
    if (kind == NULL) {
        kind = text;
    } else {
        kind++;
        if (strncmp(text, "role=client ", 12) == 0)
            dec->role = MQTTC_ROLE_CLIENT;
        else if (strncmp(text, "role=server ", 12) == 0)
            dec->role = MQTTC_ROLE_SERVER;
        else if (strncmp(text, "protocol=3.1 ", 13) == 0)
            dec->protocol_level = MQTTC_LEVEL_3_1;
        else if (strncmp(text, "max_packet_len=", 15) == 0)
            dec->max_packet_len = (uint32_t)strtoul(text + 15, NULL, 10);
        else
            return 0;
        if (strchr(text, ' ') != kind - 1) /* one option is all that this program knows of */
            return 0;
    }
    at = strchr(kind, '@');
    if (at == NULL)
        return 0;
    *offset = (uint32_t)strtoul(at + 1, &end, 10);
    if (*end != '\0')
        return 0;
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i].name) == (size_t)(at - kind) && strncmp(kinds[i].name, kind,
                                                                    (size_t)(at - kind)) == 0) {
            *status = kinds[i].status;
            return 1;
        }
    }
    return 0;
}

static void check_refused(const uint8_t *frame, size_t len, const char *text)
{
    unsigned type = len > 0 ? frame[0] >> 4 : 0;
    unsigned both = to_server | to_client;
    mqttc_decoder dec;
    mqttc_status status;
    uint32_t offset;
    size_t n;
    size_t i;

    if (!parse_refusal(text, &dec, &status, &offset)) {
        failed("the second column is not `[option=value ]kind@offset`");
        return;
    }
    expect(mqttc_strerror(status)[0] != '\0', "the status has no text");
    expect_refused(mqttc_decode, &dec, frame, len, status, offset, "is not refused so");
    for (i = 0; i < sizeof alone / sizeof alone[0]; i++)
        if (alone[i].types >> type & 1)
            expect_alone_refused(&alone[i], &dec, frame, len, status, offset,
                                 "is not refused so by its type's decoder");

    /* Who receives this type, or, where no side does, both: the same error. */
    if (dec.role == MQTTC_ROLE_ANY && (!(both >> type & 1) || to_client >> type & 1))
        expect_refused(mqttc_decode_from_server, &dec, frame, len, status, offset,
                       "is not refused so from a server");
    if (dec.role == MQTTC_ROLE_ANY && (!(both >> type & 1) || to_server >> type & 1))
        expect_refused(mqttc_decode_from_client, &dec, frame, len, status, offset,
                       "is not refused so from a client");
    /* A role is the same as the function for that side, and both together are the same again. */
    if (dec.role != MQTTC_ROLE_ANY) {
        mqttc_decode_fn decode = dec.role == MQTTC_ROLE_CLIENT ? mqttc_decode_from_server : mqttc_decode_from_client;

        expect_refused(decode, &dec, frame, len, status, offset, "is not refused so by role and function");
        dec.role = MQTTC_ROLE_ANY;
        expect_refused(decode, &dec, frame, len, status, offset,
                       "is not refused so by the function for that side");
        return;
    }
    for (n = 0; n < len; n = next_length(n, len)) {
        mqttc_packet packet;
        mqttc_error error;
        size_t used;
        mqttc_status part = mqttc_decode(&dec, frame, n, &packet, &used, &error);

        expect(part == MQTTC_NEED_MORE || (part == status && error.offset == offset),
               "a part of the frame is judged otherwise");
    }
}

static int ends_with(const char *z, const char *end)
{
    size_t n = strlen(end);

    return strlen(z) >= n && strcmp(z + strlen(z) - n, end) == 0;
}

static void check_row(const char *hex, const char *text)
{
    size_t len;
    uint8_t *frame = to_bytes(hex, &len);
    struct text wanted = {NULL, 0, 0};

    put_written_out(&wanted, text);
    if (ends_with(file_name, "refused.txt"))
        check_refused(frame, len, text);
    else if (ends_with(file_name, "ignored_3_1.txt"))
        check_ignored(frame, len, wanted.z);
    else
        check_golden(frame, len, wanted.z);
    free(wanted.z);
    free(frame);
}

/* Splits a line at its " | ", in place. */
static void check_line(char *line)
{
    char *text = strstr(line, " | ");
    char *note = text == NULL ? NULL : strstr(text + 3, " | ");

    if (note == NULL || text + 3 == note) {
        failed("has not three columns");
        return;
    }
    *text = '\0';
    *note = '\0';
    check_row(line, text + 3);
}

/* Returns the number of rows. */
static unsigned long check_file(const char *name)
{
    static char line[1 << 16];
    unsigned long rows = 0;
    FILE *file = fopen(name, "r");

    if (file == NULL) {
        perror(name);
        exit(2);
    }
    file_name = name;
    line_number = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t len = strlen(line);

        line_number++;
        if (len > 0 && line[len - 1] == '\n')
            line[--len] = '\0';
        if (len + 1 == sizeof line)
            failed("is too long");
        else if (len > 0 && line[0] != '#') {
            rows++;
            check_line(line);
        }
    }
    if (ferror(file)) {
        perror(name);
        exit(2);
    }
    fclose(file);
    if (rows == 0)
        failed("there is no row in this file");
    return rows;
}

int main(int argc, char **argv)
{
    unsigned long rows = 0;
    int i;

    for (i = 1; i < argc; i++)
        rows += check_file(argv[i]);
    printf("vectors: %lu rows in %d files, %lu failures\n", rows, argc - 1, failures);
    if (rows == 0)
        fputs("vectors: no row was judged\n", stderr);
    return rows > 0 && failures == 0 ? 0 : 1;
}

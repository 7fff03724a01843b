/* vectors.c: checks the golden vectors, mqtt-codec/tests/vectors/ *.txt, through C.
 *
 * usage: vectors FILE...
 *
 * Each row is decoded, encoded again, and then cut at every byte: the decoders for any type, for a direction
 * and for one type, and the reader, must all say the same of what has come so far.
 *
 * The README.md beside the vectors says how they are written: `hex | packet | note`, bytes as pieces
 * `61*3` joined by `+`. refused.txt and ignored_3_1.txt are known by their names. Ends with 1 if a
 * row fails or if there was no row at all, with 2 if a file cannot be read.
 */
#include "packet_text.h"

enum {
    FILL = 0xa5,    /* what outputs are filled with: a byte that was forgotten, or too many, shows */
    CANARY = 16,    /* bytes before and after every output */
    ALL_UP_TO = 300 /* shorter lengths than a frame's are all tried below this, then some */
};

static int filled(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    size_t i;

    for (i = 0; i < n; i++)
        if (bytes[i] != FILL)
            return 0;
    return 1;
}

/* --- Decoding ------------------------------------------------------------------------------- */

/* What a decoder or a reader says. */
struct outcome {
    int32_t number;
    mqttc_detail detail;
};

static struct outcome refusal(mqttc_status status, uint32_t offset, uint32_t left)
{
    struct outcome o;

    o.number = status;
    o.detail.bytes = mqttc_bytes(NULL, 0);
    o.detail.left = left;
    o.detail.offset = offset;
    return o;
}

static struct outcome need_more(uint32_t left)
{
    return refusal(MQTTC_NEED_MORE, 0, left);
}

static void expect_same(struct outcome found, struct outcome wanted, const char *what)
{
    const mqttc_detail *f = &found.detail;
    const mqttc_detail *w = &wanted.detail;

    if (found.number == wanted.number && f->bytes.ptr == w->bytes.ptr && f->bytes.len == w->bytes.len &&
        f->left == w->left && f->offset == w->offset)
        return;
    failed(what);
    fprintf(stderr,
            "  wanted %ld: %lu bytes, left %lu, offset %lu\n  found  %ld: %lu bytes, left %lu, offset %lu\n",
            (long)wanted.number, (unsigned long)w->bytes.len, (unsigned long)w->left,
            (unsigned long)w->offset, (long)found.number, (unsigned long)f->bytes.len, (unsigned long)f->left,
            (unsigned long)f->offset);
}

/* Calls a decoder; what is no packet must leave the result alone. */
static struct outcome decode(mqttc_decode_fn function, const mqttc_decoder *dec, const uint8_t *bytes,
                             size_t len, mqttc_packet *packet)
{
    struct outcome o;

    memset(packet, FILL, sizeof *packet);
    memset(&o.detail, FILL, sizeof o.detail);
    o.number = function(dec, bytes, len, packet, &o.detail);
    expect(o.number > 0 || filled(packet, sizeof *packet), "what is no packet touches the result");
    return o;
}

static int32_t decode_connect(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                              mqttc_detail *detail)
{
    return mqttc_connect_decode(dec, buf, len, &out->u.connect, detail);
}

static int32_t decode_connack(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                              mqttc_detail *detail)
{
    return mqttc_connack_decode(dec, buf, len, &out->u.connack, detail);
}

static int32_t decode_publish(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                              mqttc_detail *detail)
{
    return mqttc_publish_decode(dec, buf, len, &out->u.publish, detail);
}

static int32_t decode_ack(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                          mqttc_detail *detail)
{
    return mqttc_ack_decode(dec, buf, len, &out->u.packet_id, detail);
}

static int32_t decode_subscribe(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                mqttc_detail *detail)
{
    return mqttc_subscribe_decode(dec, buf, len, &out->u.subscribe, detail);
}

static int32_t decode_suback(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                             mqttc_detail *detail)
{
    return mqttc_suback_decode(dec, buf, len, &out->u.suback, detail);
}

static int32_t decode_unsubscribe(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                                  mqttc_detail *detail)
{
    return mqttc_unsubscribe_decode(dec, buf, len, &out->u.unsubscribe, detail);
}

static int32_t decode_bodyless(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                               mqttc_detail *detail)
{
    return mqttc_bodyless_decode(dec, buf, len, &out->type, detail);
}

/* Table 2.1 of the specification: bit N for type N. */
#define BOTH_WAYS                                                                                            \
    (1u << MQTTC_PUBLISH | 1u << MQTTC_PUBACK | 1u << MQTTC_PUBREC | 1u << MQTTC_PUBREL | 1u << MQTTC_PUBCOMP)
#define TO_SERVER                                                                                            \
    (BOTH_WAYS | 1u << MQTTC_CONNECT | 1u << MQTTC_SUBSCRIBE | 1u << MQTTC_UNSUBSCRIBE |                     \
     1u << MQTTC_PINGREQ | 1u << MQTTC_DISCONNECT)
#define TO_CLIENT                                                                                            \
    (BOTH_WAYS | 1u << MQTTC_CONNACK | 1u << MQTTC_SUBACK | 1u << MQTTC_UNSUBACK | 1u << MQTTC_PINGRESP)

/* The decoders that do not take every type: those that they take, and what others are to them. */
static const struct narrower {
    mqttc_decode_fn function;
    unsigned types;
    mqttc_status otherwise;
} narrower[] = {
    {mqttc_decode_from_server, TO_CLIENT, MQTTC_ERR_WRONG_DIRECTION},
    {mqttc_decode_from_client, TO_SERVER, MQTTC_ERR_WRONG_DIRECTION},
    {decode_connect, 1u << MQTTC_CONNECT, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_connack, 1u << MQTTC_CONNACK, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_publish, 1u << MQTTC_PUBLISH, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_ack,
     1u << MQTTC_PUBACK | 1u << MQTTC_PUBREC | 1u << MQTTC_PUBREL | 1u << MQTTC_PUBCOMP |
         1u << MQTTC_UNSUBACK,
     MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_subscribe, 1u << MQTTC_SUBSCRIBE, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_suback, 1u << MQTTC_SUBACK, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_unsubscribe, 1u << MQTTC_UNSUBSCRIBE, MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
    {decode_bodyless, 1u << MQTTC_PINGREQ | 1u << MQTTC_PINGRESP | 1u << MQTTC_DISCONNECT,
     MQTTC_ERR_PACKET_TYPE_UNEXPECTED},
};

static int is_of(unsigned types, const uint8_t *bytes, size_t len)
{
    return len > 0 && types >> (bytes[0] >> 4) & 1;
}

/* Decodes a frame that must be taken, by every decoder that takes its type. */
static void check_decode(const mqttc_decoder *dec, const uint8_t *frame, size_t len, const char *wanted,
                         mqttc_packet *packet)
{
    struct outcome whole = {(int32_t)len, {{frame, len}, 0, 0}};
    mqttc_packet other;
    mqttc_header header;
    mqttc_detail detail;
    size_t i;

    expect_same(decode(mqttc_decode, dec, frame, len, packet), whole, "is not decoded");
    if (mqttc_decode(dec, frame, len, packet, NULL) != whole.number) {
        memset(packet, 0, sizeof *packet);
        return;
    }
    expect(packet->tolerated == 0, "something was tolerated");
    expect_text(packet, wanted, "decodes to another packet");
    for (i = 0; i < sizeof narrower / sizeof narrower[0]; i++) {
        if (!is_of(narrower[i].types, frame, len))
            continue;
        expect_same(decode(narrower[i].function, dec, frame, len, &other), whole,
                    "is not decoded by its decoder");
        if (other.type == FILL) /* a decoder for one type */
            other.type = packet->type;
        expect_text(&other, wanted, "is another packet to its decoder");
    }
    expect(mqttc_peek(frame, len, &header, &detail) == header.header_len && header.type == packet->type &&
               header.flags == (frame[0] & 15) && header.header_len + header.remaining_len == len &&
               detail.bytes.ptr == frame && detail.bytes.len == header.header_len,
           "mqttc_peek does not agree");
}

/* Bytes behind the frame are not looked at. */
static void check_longer(const mqttc_decoder *dec, const uint8_t *frame, size_t len)
{
    uint8_t *longer = allocate(len + 1);
    mqttc_packet packet;

    memcpy(longer, frame, len);
    longer[len] = 0xff;
    expect(mqttc_decode(dec, longer, len + 1, &packet, NULL) == (int32_t)len, "reads on behind the frame");
    free(longer);
}

/* --- Cut at every byte ---------------------------------------------------------------------- */

/* The lengths below `len` that are tried: all of them near the start, then some, the last among them. */
static size_t next_length(size_t n, size_t len)
{
    size_t step = n < ALL_UP_TO ? 1 : len / 8 + 1;

    return n + 1 < len && n + step >= len ? len - 1 : n + step;
}

typedef int32_t (*next_fn)(mqttc_reader *r, mqttc_packet *packet, mqttc_detail *detail);

static struct outcome next(next_fn function, mqttc_reader *r, mqttc_packet *packet)
{
    struct outcome o;

    memset(&o.detail, FILL, sizeof o.detail);
    o.number = function(r, packet, &o.detail);
    return o;
}

/* Puts bytes into a reader that has room for them. */
static void receive(mqttc_reader *r, const uint8_t *bytes, size_t len)
{
    mqttc_space space = mqttc_reader_space(r);

    if (space.len < len) {
        failed("the reader has no room");
        return;
    }
    if (len > 0)
        memcpy(space.ptr, bytes, len);
    expect(mqttc_reader_commit(r, len) == 0, "the reader does not take the bytes");
}

/* What a decoder says of the first bytes of a frame, a reader over `lent` says in its own words. */
static struct outcome in_reader(struct outcome o, const uint8_t *lent)
{
    if (o.number > 0) {
        o.detail.bytes.ptr = lent;
        o.number = MQTTC_PACKET;
    }
    return o;
}

/* The first `n` bytes of a row, in a reader with room for all of them, then the others. */
static void check_reader(next_fn function, const mqttc_decoder *dec, const uint8_t *bytes, size_t n,
                         size_t len, struct outcome part, struct outcome whole)
{
    size_t cap = len + 5; /* also for the rest of a header */
    uint8_t *lent = allocate(cap);
    int fits = part.number != MQTTC_NEED_MORE || n + part.detail.left <= cap;
    mqttc_reader r;
    mqttc_packet packet;
    struct outcome o;

    expect(mqttc_reader_init(&r, lent, cap, mqttc_decode, dec) == 0, "no reader");
    receive(&r, bytes, n);
    o = next(function, &r, &packet);
    if (fits) {
        expect_same(o, in_reader(part, lent), "the reader says something else");
        if (part.number == MQTTC_NEED_MORE && n < len) {
            receive(&r, bytes + n, len - n);
            expect_same(next(function, &r, &packet), in_reader(whole, lent),
                        "the reader says something else at the end");
        }
    } else if (function == mqttc_reader_next || bytes[0] >> 4 != MQTTC_PUBLISH) {
        expect_same(o, refusal(MQTTC_ERR_PACKET_TOO_LARGE, 1, (uint32_t)n + part.detail.left),
                    "a frame that does not fit is not refused");
    } else {
        expect(o.number == MQTTC_PUBLISH_START || o.number == MQTTC_NEED_MORE ||
                   o.number <= MQTTC_ERR_REMAINING_LENGTH,
               "a long PUBLISH does not begin");
    }
    free(lent);
}

/* Where the fixed header ends, if it does. */
static size_t header_end(const uint8_t *bytes, size_t len)
{
    size_t end = 2;

    while (end < 5 && end <= len && bytes[end - 1] & 0x80)
        end++;
    return end;
}

/* `whole` is what mqttc_decode says of all bytes. Of fewer it says that some are missing, or the same
 * already; then it must do so at the first byte, at the end of the header or at the end of the frame, and
 * every other decoder and the reader with it. */
static void check_cuts(const mqttc_decoder *dec, const uint8_t *bytes, size_t len, struct outcome whole)
{
    size_t known_at = 0;
    size_t n;

    for (n = 0; n <= len; n = n < len && next_length(n, len) > len ? len : next_length(n, len)) {
        mqttc_packet packet;
        struct outcome part = decode(mqttc_decode, dec, bytes, n, &packet);
        size_t i;

        if (part.number != MQTTC_NEED_MORE) {
            struct outcome wanted = whole;

            if (wanted.detail.offset > n)
                wanted.detail.offset = (uint32_t)n;
            expect_same(part, wanted, "a part of the frame is something else");
            if (known_at == 0)
                known_at = n;
        } else {
            uint32_t left = part.detail.left; /* known when the header is whole */

            if (n < header_end(bytes, n))
                left = n == 0 ? 2 : 1;
            expect(n < len && known_at == 0, "what was known is waited for");
            expect_same(part, need_more(left), "another detail with MQTTC_NEED_MORE");
            expect(part.detail.left > 0 && (whole.number < 0 || n + part.detail.left <= len),
                   "more than the frame lacks");
        }
        for (i = 0; i < sizeof narrower / sizeof narrower[0]; i++) {
            int is_reserved = is_of(1u << 0 | 1u << MQTTC_AUTH, bytes, n);
            int is_taken = n == 0 || is_reserved || is_of(narrower[i].types, bytes, n);

            expect_same(decode(narrower[i].function, dec, bytes, n, &packet),
                        is_taken ? part : refusal(narrower[i].otherwise, 0, 0),
                        "another decoder says something else of a part");
        }
        check_reader(mqttc_reader_next, dec, bytes, n, len, part, whole);
        check_reader(mqttc_reader_next_piece, dec, bytes, n, len, part, whole);
    }
    expect(known_at == 1 || known_at == header_end(bytes, len) || known_at == len, "is known late");
}

/* A frame in a smaller reader, a few bytes at a time: a PUBLISH comes in pieces, others cannot. */
static void check_pieces(const mqttc_packet *whole, const uint8_t *frame, size_t len, size_t cap,
                         const char *wanted)
{
    size_t step = len < ALL_UP_TO ? 1 : 997;
    size_t payload_len = whole->type == MQTTC_PUBLISH ? whole->u.publish.payload.len : 0;
    int in_pieces = whole->type == MQTTC_PUBLISH && len - payload_len <= cap;
    uint8_t *lent = allocate(cap);
    uint8_t *copy = allocate(len); /* the topic, then the payload */
    size_t copied = 0;
    size_t given = 0;
    size_t rounds;
    mqttc_reader r;
    mqttc_packet packet;
    mqttc_publish start;

    memset(&start, 0, sizeof start);
    expect(mqttc_reader_init(&r, lent, cap, mqttc_decode, NULL) == 0, "no reader");
    for (rounds = 0; rounds < 2 * len + 10; rounds++) {
        struct outcome o = next(mqttc_reader_next_piece, &r, &packet);

        if (o.number == MQTTC_NEED_MORE) {
            mqttc_space space = mqttc_reader_space(&r);
            size_t n = space.len < step ? space.len : step;

            expect(o.detail.left > 0 && o.detail.left <= cap, "more is missing than there is room for");
            if (given == len || n == 0)
                break;
            n = n < len - given ? n : len - given;
            receive(&r, frame + given, n);
            given += n;
        } else if (o.number == MQTTC_PUBLISH_START) {
            start = packet.u.publish;
            expect(start.topic.len <= len - payload_len && copied == 0, "starts twice");
            memcpy(copy, start.topic.ptr, start.topic.len);
            start.topic.ptr = copy;
            start.payload = mqttc_bytes(copy + start.topic.len, 0);
            expect(o.detail.left == payload_len && o.detail.bytes.ptr == NULL,
                   "another length of the payload");
        } else if (o.number == MQTTC_PAYLOAD && start.payload.len + o.detail.bytes.len <= payload_len) {
            memcpy(copy + start.topic.len + start.payload.len, o.detail.bytes.ptr, o.detail.bytes.len);
            start.payload.len += o.detail.bytes.len;
            expect(start.payload.len + o.detail.left == payload_len, "another rest of the payload");
            expect(packet.u.publish.topic.ptr == NULL && packet.u.publish.topic.len == 0, "the topic stays");
            expect(packet.u.publish.qos == start.qos && mqttc_packet_id(&packet) == start.packet_id,
                   "the QoS goes");
        } else {
            expect(!in_pieces, "does not come in pieces");
            expect_same(o, refusal(MQTTC_ERR_PACKET_TOO_LARGE, 1, (uint32_t)len), "is not too large");
            break;
        }
    }
    if (in_pieces) {
        packet.type = MQTTC_PUBLISH;
        packet.u.publish = start;
        expect(given == len && start.payload.len == payload_len, "does not end");
        expect_text(&packet, wanted, "is another packet in pieces");
    }
    free(copy);
    free(lent);
}

/* --- Encoding ------------------------------------------------------------------------------- */

typedef size_t (*encode_fn)(const mqttc_packet *p, uint8_t *buf, size_t cap, mqttc_status *why);

/* Collects an iterator's items; *count of them. */
static mqttc_subscription *collect(mqttc_filters it, size_t *count)
{
    mqttc_filters again = it;
    mqttc_subscription s;
    mqttc_subscription *all;

    for (*count = 0; mqttc_filters_next(&it, &s); ++*count)
        ;
    all = allocate(*count * sizeof *all);
    for (*count = 0; mqttc_filters_next(&again, &s); ++*count)
        all[*count] = s;
    return all;
}

static size_t encode_subscribe(const mqttc_filter_list *list, uint8_t *buf, size_t cap, mqttc_status *why)
{
    mqttc_subscribe p;
    mqttc_subscription *all = collect(list->filters, &p.count);
    size_t len;

    p.filters = all;
    p.packet_id = list->packet_id;
    len = mqttc_subscribe_encode(&p, buf, cap, why);
    free(all);
    return len;
}

static size_t encode_unsubscribe(const mqttc_filter_list *list, uint8_t *buf, size_t cap, mqttc_status *why)
{
    mqttc_unsubscribe p;
    mqttc_subscription *all = collect(list->filters, &p.count);
    mqttc_slice *filters = allocate(p.count * sizeof *filters);
    size_t len;
    size_t i;

    for (i = 0; i < p.count; i++)
        filters[i] = all[i].filter;
    p.filters = filters;
    p.packet_id = list->packet_id;
    len = mqttc_unsubscribe_encode(&p, buf, cap, why);
    free(filters);
    free(all);
    return len;
}

/* By the function of the packet's type. */
static size_t encode_alone(const mqttc_packet *p, uint8_t *buf, size_t cap, mqttc_status *why)
{
    switch (p->type) {
    case MQTTC_CONNECT:
        return mqttc_connect_encode(&p->u.connect, buf, cap, why);
    case MQTTC_CONNACK:
        return mqttc_connack_encode(&p->u.connack, buf, cap, why);
    case MQTTC_PUBLISH:
        return mqttc_publish_encode(&p->u.publish, buf, cap, why);
    case MQTTC_PUBACK:
        return mqttc_puback_encode(p->u.packet_id, buf, cap, why);
    case MQTTC_PUBREC:
        return mqttc_pubrec_encode(p->u.packet_id, buf, cap, why);
    case MQTTC_PUBREL:
        return mqttc_pubrel_encode(p->u.packet_id, buf, cap, why);
    case MQTTC_PUBCOMP:
        return mqttc_pubcomp_encode(p->u.packet_id, buf, cap, why);
    case MQTTC_SUBSCRIBE:
        return encode_subscribe(&p->u.subscribe, buf, cap, why);
    case MQTTC_SUBACK:
        return mqttc_suback_encode(&p->u.suback, buf, cap, why);
    case MQTTC_UNSUBSCRIBE:
        return encode_unsubscribe(&p->u.unsubscribe, buf, cap, why);
    case MQTTC_UNSUBACK:
        return mqttc_unsuback_encode(p->u.packet_id, buf, cap, why);
    case MQTTC_PINGREQ:
        return mqttc_pingreq_encode(buf, cap, why);
    case MQTTC_PINGRESP:
        return mqttc_pingresp_encode(buf, cap, why);
    case MQTTC_DISCONNECT:
        return mqttc_disconnect_encode(buf, cap, why);
    default:
        return 0;
    }
}

/* The header of a PUBLISH alone, for the payload that the packet has. */
static size_t encode_header(const mqttc_packet *p, uint8_t *buf, size_t cap, mqttc_status *why)
{
    return mqttc_publish_header_encode(&p->u.publish, (uint32_t)p->u.publish.payload.len, buf, cap, why);
}

static void check_encode(encode_fn encode, const mqttc_packet *packet, const uint8_t *frame, size_t len)
{
    uint8_t *area = allocate(CANARY + len + CANARY);
    uint8_t *out = area + CANARY;
    mqttc_status why = 12345;
    size_t spare;
    size_t cap;

    expect(encode(packet, NULL, 0, &why) == len && why == 0, "asked for the size, says another");
    expect(encode(packet, NULL, 0, NULL) == len, "asked for the size alone, says another");
    for (spare = 0; spare <= 9; spare += 9) {
        memset(area, FILL, CANARY + len + CANARY);
        why = 12345;
        expect(encode(packet, out, len + spare, spare > 0 ? &why : NULL) == len, "is not encoded");
        expect(why == (spare > 0 ? 0 : 12345), "is encoded with an error");
        expect(memcmp(out, frame, len) == 0, "encodes to other bytes");
        expect(filled(area, CANARY) && filled(out + len, CANARY), "writes outside its output");
    }
    memset(area, FILL, CANARY + len + CANARY);
    for (cap = 0; cap < len; cap = next_length(cap, len)) {
        why = 12345;
        expect(encode(packet, out, cap, &why) == 0 && why == MQTTC_ERR_BUFFER_TOO_SMALL,
               "a small output is not too small");
        expect(filled(area, CANARY + cap + CANARY), "a small output is touched");
    }
    free(area);
}

/* The payload is in the buffer already: header and payload become one run of bytes. */
static void check_before(const mqttc_publish *p, const uint8_t *frame, size_t len)
{
    size_t header_len = len - p->payload.len;
    size_t at = CANARY + header_len;
    uint8_t *buf = allocate(CANARY + len);

    memset(buf, FILL, CANARY + len);
    if (p->payload.len > 0)
        memcpy(buf + at, p->payload.ptr, p->payload.len);
    expect(mqttc_publish_encode_before(p, NULL, 0, p->payload.len, NULL) == header_len,
           "needs another room in front");
    expect(mqttc_publish_encode_before(p, buf, header_len - 1, p->payload.len, NULL) == 0 &&
               filled(buf, CANARY + header_len),
           "a small room in front is not too small");
    expect(mqttc_publish_encode_before(p, buf, at, p->payload.len, NULL) == header_len,
           "is not encoded before");
    expect(filled(buf, CANARY) && memcmp(buf + CANARY, frame, len) == 0, "is other bytes before");
    free(buf);
}

/* A stored PUBLISH is sent again, with DUP and with another identifier. */
static void check_patches(const mqttc_publish *p, const uint8_t *frame, size_t len)
{
    uint8_t *stored = allocate(len);
    mqttc_packet again;

    memcpy(stored, frame, len);
    if (p->qos == 0) {
        expect(mqttc_publish_set_dup(stored, len) == MQTTC_ERR_INVALID_ARGUMENT, "DUP with QoS 0");
        expect(mqttc_publish_set_packet_id(stored, len, 9) == MQTTC_ERR_INVALID_ARGUMENT,
               "an identifier with QoS 0");
        expect(memcmp(stored, frame, len) == 0, "is touched");
    } else {
        expect(mqttc_publish_set_packet_id(stored, len, 0xabcd) == 0 &&
                   mqttc_publish_set_dup(stored, len) == 0,
               "is not changed");
        expect(mqttc_decode(NULL, stored, len, &again, NULL) == (int32_t)len &&
                   mqttc_packet_id(&again) == 0xabcd && again.u.publish.dup == 1,
               "is changed to something else");
        expect(mqttc_publish_set_packet_id(stored, len - p->payload.len, p->packet_id) == 0,
               "is not changed back");
        stored[0] = frame[0];
        expect(memcmp(stored, frame, len) == 0, "more has changed");
    }
    free(stored);
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
    static const size_t caps[] = {5, 8, 16, 31, 64, 130};
    struct outcome whole = {(int32_t)len, {{frame, len}, 0, 0}};
    mqttc_packet packet;
    mqttc_packet none;
    mqttc_decoder dec;
    size_t i;

    check_decode(NULL, frame, len, wanted, &packet);
    if (packet.type == 0)
        return;
    mqttc_decoder_init(&dec);
    dec.max_packet_len = (uint32_t)len;
    check_decode(&dec, frame, len, wanted, &packet); /* the limit is the whole frame */
    dec.max_packet_len--;
    expect_same(decode(mqttc_decode, &dec, frame, len, &none),
                refusal(MQTTC_ERR_PACKET_TOO_LARGE, 1, (uint32_t)len), "over the limit");
    check_longer(NULL, frame, len);
    check_cuts(NULL, frame, len, whole);
    for (i = 0; i < sizeof caps / sizeof caps[0]; i++)
        if (caps[i] < len)
            check_pieces(&packet, frame, len, caps[i], wanted);
    check_encode(encode_alone, &packet, frame, len);
    check_encode(mqttc_packet_encode, &packet, frame, len);
    if (packet.type == MQTTC_PUBLISH) {
        check_encode(encode_header, &packet, frame, len - packet.u.publish.payload.len);
        check_before(&packet.u.publish, frame, len);
        check_patches(&packet.u.publish, frame, len);
    }
}

/* For MQTT 3.1: bits are ignored, so that the packet is forwarded in its canonical form. */
static void check_ignored(const uint8_t *frame, size_t len, const char *wanted)
{
    struct outcome whole = {(int32_t)len, {{frame, len}, 0, 0}};
    mqttc_packet packet;
    mqttc_decoder dec;
    uint8_t *canonical;
    size_t size;

    mqttc_decoder_init(&dec);
    dec.protocol_level = MQTTC_LEVEL_3_1;
    check_decode(&dec, frame, len, wanted, &packet);
    if (packet.type == 0)
        return;
    check_cuts(&dec, frame, len, whole);
    size = mqttc_packet_encode(&packet, NULL, 0, NULL);
    canonical = allocate(size);
    expect(size > 0 && mqttc_packet_encode(&packet, canonical, size, NULL) == size, "is not encoded");
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
        if (strlen(kinds[i].name) == (size_t)(at - kind) &&
            strncmp(kinds[i].name, kind, (size_t)(at - kind)) == 0) {
            *status = kinds[i].status;
            return 1;
        }
    }
    return 0;
}

static void check_refused(const uint8_t *frame, size_t len, const char *text)
{
    mqttc_decoder dec;
    mqttc_status status;
    uint32_t offset;
    mqttc_header header;
    mqttc_packet packet;
    struct outcome wanted;
    size_t i;

    if (!parse_refusal(text, &dec, &status, &offset)) {
        failed("the second column is not `[option=value ]kind@offset`");
        return;
    }
    expect(mqttc_strerror(status)[0] != '\0', "the status has no text");
    wanted = refusal(status, offset < len ? offset : (uint32_t)len, 0);
    if (status == MQTTC_ERR_PACKET_TOO_LARGE && mqttc_peek(frame, len, &header, NULL) > 0)
        wanted.detail.left = header.header_len + header.remaining_len;
    expect_same(decode(mqttc_decode, &dec, frame, len, &packet), wanted, "is not refused so");
    check_cuts(&dec, frame, len, wanted);
    /* The rules of the first byte need no second one, except where the version of a CONNECT decides. */
    if (offset == 0 && !(dec.protocol_level == MQTTC_LEVEL_3_1 && frame[0] >> 4 == MQTTC_CONNECT))
        expect_same(decode(mqttc_decode, &dec, frame, 1, &packet), wanted,
                    "is not refused by its first byte");

    /* A role is the same as the function for that side, and both together are the same again. */
    if (dec.role == MQTTC_ROLE_ANY)
        return;
    i = dec.role == MQTTC_ROLE_CLIENT ? 0 : 1;
    expect_same(decode(narrower[i].function, &dec, frame, len, &packet), wanted,
                "is not refused so by role and function");
    dec.role = MQTTC_ROLE_ANY;
    expect_same(decode(narrower[i].function, &dec, frame, len, &packet), wanted,
                "is not refused so by the function for that side");
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
        fputs("vectors: no row was checked\n", stderr);
    return rows > 0 && failures == 0 ? 0 : 1;
}

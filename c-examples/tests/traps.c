/* traps.c: what C programs have stumbled over: the natural line must be the right one. A function for each
 * trap.
 *
 * `make compilers` builds it by every compiler that is there, with and without optimisation: the first trap
 * depends on the order in which a compiler evaluates arguments.
 */
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "expect.h"
#include "mqttc.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/* --- An encoder that refuses sends nothing -------------------------------------------------- */

static int sockets[2];

static int send_all(int fd, const uint8_t *buf, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, buf, n, 0);

        if (sent <= 0)
            return 0;
        buf += sent;
        n -= (size_t)sent;
    }
    return 1;
}

/* These bytes have come out at the other end, and no more. */
static int arrived(const uint8_t *wanted, size_t len)
{
    uint8_t bytes[64];
    ssize_t n = recv(sockets[1], bytes, sizeof bytes, MSG_DONTWAIT);

    return n < 0 ? len == 0 : (size_t)n == len && memcmp(bytes, wanted, len) == 0;
}

static void refused_means_nothing_sent(void)
{
    int fd = sockets[0];
    uint8_t buf[16];
    uint8_t small[3];
    mqttc_connack c;
    mqttc_publish p;
    mqttc_status why;

    EXPECT(send_all(fd, buf, mqttc_puback_encode(7, buf, sizeof buf, NULL)) &&
           arrived(BYTES("\x40\x02\x00\x07")));
    EXPECT(send_all(fd, buf, mqttc_puback_encode(0, buf, sizeof buf, NULL)) && arrived(NULL, 0));
    EXPECT(send_all(fd, small, mqttc_puback_encode(7, small, sizeof small, NULL)) && arrived(NULL, 0));
    EXPECT(send_all(fd, buf, mqttc_pingreq_encode(buf, sizeof buf, &why)) && why == 0 &&
           arrived(BYTES("\xc0\x00")));

    mqttc_connack_init(&c);
    EXPECT(send_all(fd, buf, mqttc_connack_encode(&c, buf, sizeof buf, &why)) &&
           arrived(BYTES("\x20\x02\x00\x00")));
    c.return_code = 6;
    EXPECT(send_all(fd, buf, mqttc_connack_encode(&c, buf, sizeof buf, &why)) && arrived(NULL, 0));
    EXPECT(why == MQTTC_ERR_RETURN_CODE);

    mqttc_publish_init(&p);
    p.topic = mqttc_str("a/+");
    EXPECT(send_all(fd, buf, mqttc_publish_encode(&p, buf, sizeof buf, &why)) && arrived(NULL, 0));
    EXPECT(why == MQTTC_ERR_TOPIC_WILDCARD);
}

/* A buffer whose room was computed wrongly, as `sizeof buf - used` with too much used: the status says so. */
static void room_below_zero(void)
{
    uint8_t buf[16];
    size_t used;

    for (used = 17; used < 40; used++) {
        mqttc_status why = 1;

        EXPECT(mqttc_puback_encode(7, buf, sizeof buf - used, &why) == 0 &&
               why == MQTTC_ERR_INVALID_ARGUMENT);
    }
}

/* --- What mqttc_detail holds, outcome by outcome -------------------------------------------- */

static mqttc_detail detail;
static mqttc_packet packet;

static mqttc_detail *fresh(void)
{
    memset(&detail, 0xa5, sizeof detail);
    memset(&packet, 0xa5, sizeof packet);
    return &detail;
}

static int detail_is(const uint8_t *ptr, size_t len, uint32_t left, uint32_t offset)
{
    return detail.bytes.ptr == ptr && detail.bytes.len == len && detail.left == left &&
           detail.offset == offset;
}

static int detail_is_untouched(void)
{
    mqttc_detail untouched;

    memset(&untouched, 0xa5, sizeof untouched);
    return memcmp(&detail, &untouched, sizeof detail) == 0;
}

static void detail_of_decoders(void)
{
    static const uint8_t publish[] = {0x32, 7, 0, 1, 'a', 0, 7, 'h', 'i'};
    static const uint8_t id_0[] = {0x32, 7, 0, 1, 'a', 0, 0, 'h', 'i'};
    mqttc_publish p;
    mqttc_decoder dec;

    /* A packet. */
    EXPECT(mqttc_decode(NULL, publish, 9, &packet, fresh()) == 9 && detail_is(publish, 9, 0, 0));
    EXPECT(mqttc_publish_decode(NULL, publish, 9, &p, fresh()) == 9 && detail_is(publish, 9, 0, 0));
    /* More is needed. */
    EXPECT(mqttc_decode(NULL, publish, 0, &packet, fresh()) == 0 && detail_is(NULL, 0, 2, 0));
    EXPECT(mqttc_decode(NULL, publish, 4, &packet, fresh()) == 0 && detail_is(NULL, 0, 5, 0));
    EXPECT(mqttc_publish_decode(NULL, publish, 1, &p, fresh()) == 0 && detail_is(NULL, 0, 1, 0));
    EXPECT(mqttc_publish_decode(NULL, publish, 4, &p, fresh()) == 0 && detail_is(NULL, 0, 5, 0));
    /* A broken rule. */
    EXPECT(mqttc_decode(NULL, id_0, 9, &packet, fresh()) == MQTTC_ERR_PACKET_ID_ZERO &&
           detail_is(NULL, 0, 0, 5));
    EXPECT(mqttc_publish_decode(NULL, id_0, 9, &p, fresh()) == MQTTC_ERR_PACKET_ID_ZERO &&
           detail_is(NULL, 0, 0, 5));
    EXPECT(mqttc_publish_decode(NULL, BYTES("\xd0"), &p, fresh()) == MQTTC_ERR_PACKET_TYPE_UNEXPECTED &&
           detail_is(NULL, 0, 0, 0));
    /* Too large: the length that is declared. */
    mqttc_decoder_init(&dec);
    dec.max_packet_len = 8;
    EXPECT(mqttc_decode(&dec, publish, 2, &packet, fresh()) == MQTTC_ERR_PACKET_TOO_LARGE &&
           detail_is(NULL, 0, 9, 1));
    EXPECT(mqttc_publish_decode(&dec, publish, 2, &p, fresh()) == MQTTC_ERR_PACKET_TOO_LARGE &&
           detail_is(NULL, 0, 9, 1));
    /* A mistake of the caller. */
    EXPECT(mqttc_decode(NULL, publish, 9, NULL, fresh()) == MQTTC_ERR_NULL && detail_is_untouched());
    EXPECT(mqttc_publish_decode(NULL, NULL, 9, &p, fresh()) == MQTTC_ERR_NULL && detail_is_untouched());
    dec.role = 9;
    EXPECT(mqttc_decode(&dec, publish, 9, &packet, fresh()) == MQTTC_ERR_INVALID_ARGUMENT &&
           detail_is_untouched());
    EXPECT(mqttc_publish_decode(&dec, publish, 9, &p, fresh()) == MQTTC_ERR_INVALID_ARGUMENT &&
           detail_is_untouched());
}

static uint8_t lent[16];
static mqttc_reader reader;

/* A reader over the first `cap` bytes of `lent`, in which these bytes wait. */
static void receive(size_t cap, mqttc_decode_fn decode, const uint8_t *bytes, size_t len)
{
    mqttc_space space;

    EXPECT(mqttc_reader_init(&reader, lent, cap, decode, NULL) == 0);
    space = mqttc_reader_space(&reader);
    EXPECT(space.ptr == lent && space.len == cap);
    memcpy(space.ptr, bytes, len);
    EXPECT(mqttc_reader_commit(&reader, len) == 0);
}

static void detail_of_readers(void)
{
    typedef int32_t (*next_fn)(mqttc_reader *, mqttc_packet *, mqttc_detail *);
    static const next_fn either[] = {mqttc_reader_next, mqttc_reader_next_piece};
    size_t i;

    for (i = 0; i < 2; i++) {
        next_fn next = either[i];

        receive(16, mqttc_decode, BYTES("\x40\x02\x00\x07\xd0"));
        EXPECT(next(&reader, &packet, fresh()) == MQTTC_PACKET && detail_is(lent, 4, 0, 0));
        EXPECT(next(&reader, &packet, fresh()) == MQTTC_NEED_MORE && detail_is(NULL, 0, 1, 0));
        receive(16, mqttc_decode, BYTES("\x40\x02\x00\x00"));
        EXPECT(next(&reader, &packet, fresh()) == MQTTC_ERR_PACKET_ID_ZERO && detail_is(NULL, 0, 0, 2));
        EXPECT(next(&reader, &packet, fresh()) == MQTTC_ERR_PACKET_ID_ZERO && detail_is(NULL, 0, 0, 2));
        EXPECT(next(&reader, NULL, fresh()) == MQTTC_ERR_NULL && detail_is_untouched());
        /* No PUBLISH, and longer than the buffer: the length, if it is known. */
        receive(16, mqttc_decode, BYTES("\x82\x20"));
        EXPECT(next(&reader, &packet, fresh()) == MQTTC_ERR_PACKET_TOO_LARGE && detail_is(NULL, 0, 34, 1));
        receive(2, mqttc_decode, BYTES("\x82\x80"));
        EXPECT(next(&reader, &packet, fresh()) == MQTTC_ERR_PACKET_TOO_LARGE && detail_is(NULL, 0, 0, 1));
    }
}

/* The byte that breaks the rule is not there yet: a message that says which one must not read beyond. */
static void offset_is_among_the_bytes(void)
{
    EXPECT(mqttc_decode(NULL, BYTES("\x40\x7f"), &packet, fresh()) == MQTTC_ERR_TRAILING_BYTES);
    EXPECT(detail_is(NULL, 0, 0, 2));
    EXPECT(mqttc_decode(NULL, BYTES("\x10\xff\xff\xff\x7f"), &packet, fresh()) == MQTTC_ERR_TRAILING_BYTES);
    EXPECT(detail_is(NULL, 0, 0, 5));
    receive(16, mqttc_decode, BYTES("\x10\xff\xff\xff\x7f"));
    EXPECT(mqttc_reader_next(&reader, &packet, fresh()) == MQTTC_ERR_TRAILING_BYTES &&
           detail_is(NULL, 0, 0, 5));
}

/* --- A PUBLISH that is longer than the buffer ----------------------------------------------- */

static void long_publish(void)
{
    static const char frame[] = "\x32\x16\x00\6update\x12\064123456789012";
    mqttc_space space;

    receive(16, mqttc_decode, (const uint8_t *)frame, 16);
    EXPECT(mqttc_reader_next(&reader, &packet, fresh()) == MQTTC_ERR_PACKET_TOO_LARGE &&
           detail_is(NULL, 0, 24, 1));

    receive(16, mqttc_decode, (const uint8_t *)frame, 16);
    EXPECT(mqttc_reader_next_piece(&reader, &packet, fresh()) == MQTTC_PUBLISH_START &&
           detail_is(NULL, 0, 12, 0));
    EXPECT(mqttc_eq(packet.u.publish.topic, "update") && packet.u.publish.payload.len == 0);
    /* Pieces are asked for to the end. */
    detail = *fresh();
    EXPECT(mqttc_reader_next(&reader, &packet, &detail) == MQTTC_ERR_INVALID_ARGUMENT &&
           detail_is_untouched());
    packet.u.publish.qos = 1;
    packet.u.publish.packet_id = 0x1234;
    packet.type = MQTTC_PUBLISH;
    packet.u.publish.topic = mqttc_bytes(lent + 4, 6);

    /* The topic goes, so that nobody reads other bytes for it; what is needed at the end stays. */
    EXPECT(mqttc_reader_next_piece(&reader, &packet, &detail) == MQTTC_PAYLOAD &&
           detail_is(lent + 12, 4, 8, 0));
    EXPECT(packet.u.publish.topic.ptr == NULL && packet.u.publish.topic.len == 0);
    EXPECT(packet.u.publish.qos == 1 && mqttc_packet_id(&packet) == 0x1234);
    EXPECT(mqttc_reader_next_piece(&reader, &packet, &detail) == MQTTC_NEED_MORE && detail_is(NULL, 0, 8, 0));
    EXPECT(mqttc_reader_next(&reader, &packet, NULL) == MQTTC_ERR_INVALID_ARGUMENT);
    space = mqttc_reader_space(&reader);
    EXPECT(space.len >= 8);
    memcpy(space.ptr, frame + 16, 8);
    EXPECT(mqttc_reader_commit(&reader, 8) == 0);
    EXPECT(mqttc_reader_next_piece(&reader, &packet, &detail) == MQTTC_PAYLOAD && detail.left == 0);
    EXPECT(mqttc_eq(detail.bytes, "56789012"));
    EXPECT(packet.u.publish.topic.ptr == NULL && packet.u.publish.qos == 1 &&
           mqttc_packet_id(&packet) == 0x1234);
    EXPECT(mqttc_reader_next(&reader, &packet, &detail) == MQTTC_NEED_MORE && detail_is(NULL, 0, 2, 0));
}

/* --- A flag that was forgotten -------------------------------------------------------------- */

static void forgotten_flags(void)
{
    uint8_t buf[64];
    mqttc_connect c;
    mqttc_slice *const slices[] = {&c.user_name, &c.password, &c.will_topic, &c.will_message};
    mqttc_status why;
    size_t i;

    for (i = 0; i < 4; i++) {
        mqttc_connect_init(&c);
        *slices[i] = mqttc_str("me");
        EXPECT(mqttc_connect_encode(&c, buf, sizeof buf, &why) == 0 && why == MQTTC_ERR_INVALID_ARGUMENT);
    }
    mqttc_connect_init(&c);
    mqttc_connect_login(&c, mqttc_str("me"), mqttc_str("pw"));
    mqttc_connect_will(&c, mqttc_str("w"), mqttc_str("gone"), 2, 1);
    i = mqttc_connect_encode(&c, buf, sizeof buf, &why);
    EXPECT(i == 31 && why == 0 && buf[9] == 0xf6);
    EXPECT(mqttc_decode(NULL, buf, i, &packet, NULL) == (int32_t)i && packet.type == MQTTC_CONNECT);
    EXPECT(packet.u.connect.has_user_name && mqttc_eq(packet.u.connect.user_name, "me"));
    EXPECT(packet.u.connect.has_password && mqttc_eq(packet.u.connect.password, "pw"));
    EXPECT(packet.u.connect.has_will && mqttc_eq(packet.u.connect.will_topic, "w"));
    EXPECT(mqttc_eq(packet.u.connect.will_message, "gone") && packet.u.connect.will_qos == 2);
    EXPECT(packet.u.connect.will_retain == 1);

    /* No password, and one of no bytes. */
    mqttc_connect_login(&c, mqttc_str("me"), mqttc_str(NULL));
    EXPECT(c.has_user_name && !c.has_password && mqttc_connect_encode(&c, buf, sizeof buf, NULL) == 27);
    mqttc_connect_login(&c, mqttc_str("me"), mqttc_str(""));
    EXPECT(c.has_user_name && c.has_password && mqttc_connect_encode(&c, buf, sizeof buf, NULL) == 29);
}

/* What is absent is NULL and 0 in every decoded CONNECT, so that it can be encoded again. */
static void absent_slices(void)
{
    unsigned present;

    for (present = 0; present < 8; present++) {
        uint8_t buf[64];
        uint8_t again[64];
        mqttc_connect c;
        const mqttc_connect *d = &packet.u.connect;
        size_t n;

        if ((present & 6) == 4) /* a password alone */
            continue;
        mqttc_connect_init(&c);
        if (present & 1)
            mqttc_connect_will(&c, mqttc_str("w"), mqttc_str("gone"), 0, 0);
        if (present & 2)
            mqttc_connect_login(&c, mqttc_str("me"), mqttc_str(present & 4 ? "pw" : NULL));
        n = mqttc_connect_encode(&c, buf, sizeof buf, NULL);
        fresh();
        EXPECT(n > 0 && mqttc_decode(NULL, buf, n, &packet, NULL) == (int32_t)n);
        EXPECT(d->client_id.ptr == NULL && d->client_id.len == 0); /* empty, which is as good as absent */
        EXPECT((d->will_topic.ptr != NULL) == (present & 1));
        EXPECT((d->will_message.ptr != NULL) == (present & 1));
        EXPECT((d->user_name.ptr != NULL) == (present >> 1 & 1));
        EXPECT((d->password.ptr != NULL) == (present >> 2 & 1));
        EXPECT(d->will_topic.len + d->will_message.len == (present & 1 ? 5 : 0));
        EXPECT(d->user_name.len + d->password.len == (present & 2 ? 2 : 0) + (present & 4 ? 2u : 0));
        EXPECT(mqttc_packet_encode(&packet, again, sizeof again, NULL) == n && memcmp(again, buf, n) == 0);
    }
}

/* --- The packet identifier, whatever the type ----------------------------------------------- */

static void packet_ids(void)
{
    static const struct row {
        const char *bytes;
        size_t len;
        uint16_t id;
    } rows[] = {
        {"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", 14, 0},
        {"\x20\x02\x00\x00", 4, 0},
        {"\x30\x03\x00\1a", 5, 0},
        {"\x32\x05\x00\1a\x12\x01", 7, 0x1201},
        {"\x34\x05\x00\1a\x12\x02", 7, 0x1202},
        {"\x40\x02\x12\x04", 4, 0x1204},
        {"\x50\x02\x12\x05", 4, 0x1205},
        {"\x62\x02\x12\x06", 4, 0x1206},
        {"\x70\x02\x12\x07", 4, 0x1207},
        {"\x82\x06\x12\x08\x00\1a\x00", 8, 0x1208},
        {"\x90\x03\x12\x09\x00", 5, 0x1209},
        {"\xa2\x05\x12\x0a\x00\1a", 7, 0x120a},
        {"\xb0\x02\x12\x0b", 4, 0x120b},
        {"\xc0\x00", 2, 0},
        {"\xd0\x00", 2, 0},
        {"\xe0\x00", 2, 0},
    };
    unsigned types = 0;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fresh();
        EXPECT(mqttc_decode(NULL, (const uint8_t *)rows[i].bytes, rows[i].len, &packet, NULL) ==
               (int32_t)rows[i].len);
        EXPECT(mqttc_packet_id(&packet) == rows[i].id);
        types |= 1u << packet.type;
    }
    EXPECT(types == 0x7ffe);
}

/* --- 1 or 0, and no error that would count as true ------------------------------------------ */

static void matches_or_not(void)
{
    EXPECT(!mqttc_topic_matches(mqttc_str("a/#b"), mqttc_str("ab")));
    EXPECT(!mqttc_topic_matches(mqttc_str(""), mqttc_str("ab")));
    EXPECT(!mqttc_topic_matches(mqttc_str("#"), mqttc_str("a/+")));
    EXPECT(!mqttc_topic_matches(mqttc_str("#"), mqttc_str("")));
    EXPECT(!mqttc_topic_matches(mqttc_bytes(NULL, 5), mqttc_str("ab")));
    EXPECT(mqttc_topic_matches(mqttc_str("a/#"), mqttc_str("a")) == 1);
    EXPECT(mqttc_eq(mqttc_str("a"), "a") == 1);
    EXPECT(mqttc_eq(mqttc_str("ab"), "a") == 0 && mqttc_eq(mqttc_str("a"), "ab") == 0);
    EXPECT(mqttc_eq(mqttc_bytes(NULL, 0), "") == 1 && mqttc_eq(mqttc_bytes("", 0), NULL) == 1);
    EXPECT(mqttc_eq(mqttc_bytes("a\0b", 3), "a") == 0);
}

/* The buffer is used again while a decoded SUBSCRIBE is still looked at: the loop ends. */
static void filters_end(void)
{
    uint8_t buf[] = "\x82\x0e\x00\x01\x00\3a/b\x00\x00\3c/d\x00";
    mqttc_filters it;
    mqttc_subscription s;
    unsigned byte;
    size_t i;

    EXPECT(mqttc_decode(NULL, buf, 16, &packet, NULL) == 16);
    for (i = 4; i < 16; i++) {
        uint8_t good = buf[i];

        for (byte = 0; byte < 256; byte++) {
            unsigned steps = 0;

            buf[i] = (uint8_t)byte;
            it = packet.u.subscribe.filters;
            while (mqttc_filters_next(&it, &s) && steps < 100)
                steps++;
            EXPECT(steps <= 4 && it.rest.len == 0);
            EXPECT((mqttc_filters_check(&packet.u.subscribe.filters) == 0) == (steps == 2));
        }
        buf[i] = good;
    }
    memset(&it, 0, sizeof it);
    EXPECT(!mqttc_filters_next(&it, &s));
    memset(&it, 0xff, sizeof it);
    EXPECT(!mqttc_filters_next(&it, &s));
    EXPECT(!mqttc_filters_next(NULL, &s));
}

/* --- One call at a time --------------------------------------------------------------------- */

static unsigned inside;
static jmp_buf out_of_decode;

/* Calls every function for the reader that is just calling it. */
static int32_t calls_back(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                          mqttc_detail *d)
{
    mqttc_packet other;
    mqttc_detail none;
    mqttc_space space = mqttc_reader_space(&reader);

    inside++;
    EXPECT(space.ptr == NULL && space.len == 0);
    EXPECT(mqttc_reader_next(&reader, &other, NULL) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_next_piece(&reader, &other, &none) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_commit(&reader, 1) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_skip(&reader) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_connect_version(&reader) == MQTTC_ERR_INVALID_ARGUMENT);
    return mqttc_decode(dec, buf, len, out, d);
}

static int32_t jumps_out(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                         mqttc_detail *d)
{
    (void)dec, (void)buf, (void)len, (void)out, (void)d;
    longjmp(out_of_decode, 1);
}

static void one_call_at_a_time(void)
{
    mqttc_space space;

    receive(16, calls_back, BYTES("\x40\x02\x00\x07\xd0\x00\x40\x02\x00"));
    EXPECT(mqttc_reader_next(&reader, &packet, fresh()) == MQTTC_PACKET && mqttc_packet_id(&packet) == 7);
    EXPECT(detail_is(lent, 4, 0, 0));
    EXPECT(mqttc_reader_next(&reader, &packet, NULL) == MQTTC_PACKET && packet.type == MQTTC_PINGRESP);
    EXPECT(mqttc_reader_next_piece(&reader, &packet, &detail) == MQTTC_NEED_MORE && detail.left == 1 &&
           inside == 3);
    space = mqttc_reader_space(&reader); /* goes on well */
    EXPECT(space.len > 0);
    space.ptr[0] = 8;
    EXPECT(mqttc_reader_commit(&reader, 1) == 0);
    EXPECT(mqttc_reader_next(&reader, &packet, NULL) == MQTTC_PACKET && mqttc_packet_id(&packet) == 8);

    /* What decode functions must not do: the reader is in use until it is made anew. */
    receive(16, jumps_out, BYTES("\xd0\x00"));
    if (setjmp(out_of_decode) == 0)
        EXPECT(mqttc_reader_next(&reader, &packet, NULL) == 12345); /* does not come back */
    EXPECT(mqttc_reader_next(&reader, &packet, NULL) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_commit(&reader, 0) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_skip(&reader) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_reader_space(&reader).ptr == NULL);
    receive(16, mqttc_decode, BYTES("\xd0\x00"));
    EXPECT(mqttc_reader_next(&reader, &packet, NULL) == MQTTC_PACKET);
}

/* Forgotten mqttc_reader_init: no room, rather than an address that looks like one. */
static void zeroed_reader(void)
{
    mqttc_reader zeroed;

    memset(&zeroed, 0, sizeof zeroed);
    EXPECT(mqttc_reader_space(&zeroed).ptr == NULL && mqttc_reader_space(&zeroed).len == 0);
    EXPECT(mqttc_reader_next(&zeroed, &packet, NULL) == MQTTC_ERR_INVALID_ARGUMENT);
}

/* --- The loops of mqttc.h, as they stand there ---------------------------------------------- */

static void loops_of_the_manual(void)
{
    static const char stream[] = "\x40\x02\x00\x01\x40\x02\x00\x02\xd0\x00\x40\x02";
    const uint8_t *buf = (const uint8_t *)stream;
    size_t len = sizeof stream - 1;
    size_t packets = 0;
    uint8_t json[96];
    mqttc_payload_counter c;
    mqttc_publish p;
    mqttc_status why;
    int32_t n;
    size_t h, left;

    while ((n = mqttc_decode(NULL, buf, len, &packet, &detail)) > 0) {
        packets++;
        buf += n;
        len -= (size_t)n;
    }
    EXPECT(n == MQTTC_NEED_MORE && detail.left == 2 && packets == 3 && len == 2);

    /* The payload was made in the buffer that is sent. */
    mqttc_publish_init(&p);
    p.topic = mqttc_str("a/b");
    memcpy(json + 64, "{\"t\":7}", 7);
    h = mqttc_publish_encode_before(&p, json, 64, 7, &why);
    EXPECT(h > 0 && send_all(sockets[0], json + 64 - h, h + 7));
    EXPECT(arrived(BYTES("\x30\x0c\x00\3a/b{\"t\":7}")));

    /* And sent piece by piece. */
    left = 7;
    h = mqttc_publish_header_encode(&p, 7, json, sizeof json, &why);
    EXPECT(h > 0);
    mqttc_payload_counter_init(&c, 7);
    while (h > 0 && send_all(sockets[0], json, h)) {
        h = left < 3 ? left : 3;
        memset(json, 'x', h);
        left -= h;
        if (mqttc_payload_counter_count(&c, h) < 0)
            break;
    }
    EXPECT(mqttc_payload_counter_end(&c) == 0 && arrived(BYTES("\x30\x0c\x00\3a/bxxxxxxx")));
}

int main(void)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) {
        perror("traps: socketpair");
        return 2;
    }
    refused_means_nothing_sent();
    room_below_zero();
    detail_of_decoders();
    detail_of_readers();
    offset_is_among_the_bytes();
    long_publish();
    forgotten_flags();
    absent_slices();
    packet_ids();
    matches_or_not();
    filters_end();
    one_call_at_a_time();
    zeroed_reader();
    loops_of_the_manual();
    close(sockets[0]);
    close(sockets[1]);
    return report("traps");
}

/* receive_stream.c: receives a message of any size with a buffer of 256 bytes.
 *
 * Subscribes, waits for one message, and prints its length and its CRC-32 (that of gzip and zlib), which is
 * computed as the payload comes. A message that does not fit the buffer comes as MQTTC_PUBLISH_START, with
 * topic and length, and MQTTC_PAYLOAD events; one that fits comes as a packet. PUBACK goes out after the
 * last byte: what was lost before that, the broker sends again.
 * Ends with 0 if a message has come whole; with 1 and a message if anything failed; with 2 for a wrong
 * command line.
 */
#define PROGRAM "receive_stream"
#include "client.h"

/* All that is ever in memory of a message: its header and topic have to fit, its payload does not. */
static uint8_t in[256];

enum { SUBSCRIBE_ID = 1, MOST_QOS = 1 };

struct message {
    uint32_t len;  /* of the payload, as the header says it */
    uint32_t came; /* of that, until now */
    uint32_t crc;
    uint16_t packet_id;
    uint8_t qos;
};

/* CRC-32 of RFC 1952, four bits at a time. Starts and ends with 0 for no bytes. */
static uint32_t crc32_add(uint32_t crc, mqttc_slice bytes)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    size_t i;

    crc = ~crc;
    for (i = 0; i < bytes.len; i++) {
        crc ^= bytes.ptr[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* A topic may hold anything, escape sequences for the terminal too. */
static void print_topic(mqttc_slice s)
{
    size_t i;

    for (i = 0; i < s.len; i++)
        putchar(s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f ? s.ptr[i] : '?');
}

/* The header is here; `how` says in which way the payload comes. Its topic is printed now: it is good only
 * until the next event. */
static int begin(struct message *m, const mqttc_publish *p, uint32_t len, const char *how)
{
    if (p->qos > MOST_QOS)
        return fail("the broker has sent QoS %u, and %u is the most that we have asked for", (unsigned)p->qos,
                    (unsigned)MOST_QOS);
    m->len = len;
    m->came = 0;
    m->crc = 0;
    m->packet_id = p->packet_id;
    m->qos = p->qos;
    printf("receiving %lu bytes %s, QoS %u, on ", (unsigned long)len, how, (unsigned)p->qos);
    print_topic(p->topic);
    putchar('\n');
    return 0;
}

static void add(struct message *m, mqttc_slice chunk)
{
    m->crc = crc32_add(m->crc, chunk);
    m->came += (uint32_t)chunk.len;
}

/* A PUBLISH has come, or the start of one: waits for the last byte. */
static int receive_message(struct client *c, struct message *m, mqttc_status event, const mqttc_publish *p,
                           uint32_t left)
{
    mqttc_packet packet;
    mqttc_slice chunk = {NULL, 0};

    if (event == MQTTC_OK) {
        if (begin(m, p, (uint32_t)p->payload.len, "in one packet") < 0)
            return -1;
        add(m, p->payload);
        return 0;
    }
    if (begin(m, p, left, "piece by piece") < 0)
        return -1;
    c->waiting_for = "receiving the payload";
    while (left > 0) {
        event = next_event(c, &packet, &chunk, &left);
        if (event < 0)
            return -1;
        if (event != MQTTC_PAYLOAD)
            return fail("a packet in the middle of a payload");
        add(m, chunk);
    }
    if (m->came != m->len)
        return fail("%lu bytes were declared, %lu have come", (unsigned long)m->len, (unsigned long)m->came);
    return 0;
}

static int send_subscribe(struct client *c, const char *topic)
{
    static uint8_t frame[5 + 2 + 2 + 65535 + 1];
    size_t len;
    mqttc_status status;
    mqttc_subscription subscription;
    mqttc_subscribe p;

    subscription.filter = mqttc_str(topic);
    subscription.qos = MOST_QOS;
    mqttc_subscribe_init(&p);
    p.filters = &subscription;
    p.count = 1;
    p.packet_id = SUBSCRIBE_ID;
    status = mqttc_subscribe_encode(&p, frame, sizeof frame, &len);
    c->waiting_for = "sending SUBSCRIBE";
    return send_encoded(c, "SUBSCRIBE", status, frame, len);
}

static int check_suback(const mqttc_suback *p, const char *topic)
{
    if (p->packet_id != SUBSCRIBE_ID || p->return_codes.len != 1)
        return fail("SUBACK for packet id %u with %lu return codes, which answers no SUBSCRIBE of ours",
                    (unsigned)p->packet_id, (unsigned long)p->return_codes.len);
    if (p->return_codes.ptr[0] > MOST_QOS)
        return fail("the broker refuses the subscription to %s: return code %u", topic,
                    (unsigned)p->return_codes.ptr[0]);
    printf("subscribed to %s\n", topic);
    return 0;
}

/* QoS 1: the broker may forget the message only now [MQTT-4.3.2-2]. */
static int acknowledge(struct client *c, const struct message *m)
{
    uint8_t frame[4];
    size_t len;
    mqttc_status status;

    if (m->qos == 0)
        return 0;
    status = mqttc_puback_encode(m->packet_id, frame, sizeof frame, &len);
    c->waiting_for = "sending PUBACK";
    return send_encoded(c, "PUBACK", status, frame, len);
}

/* Waits for SUBACK and one message, which may come before it [MQTT-3.8.4-3]. */
static int run(struct client *c, char **argv, struct message *m)
{
    int subscribed = 0;
    int received = 0;

    if (log_in(c, argv[1], argv[2], in, sizeof in) < 0 || send_subscribe(c, argv[3]) < 0)
        return -1;
    while (!subscribed || !received) {
        mqttc_packet packet;
        mqttc_slice chunk;
        uint32_t left;
        mqttc_status event;

        c->waiting_for = subscribed ? "waiting for a message" : "waiting for SUBACK";
        event = next_event(c, &packet, &chunk, &left);
        if (event < 0)
            return -1;
        if (event == MQTTC_PAYLOAD)
            return fail("a payload without its header");
        if (packet.type == MQTTC_SUBACK && !subscribed) {
            if (check_suback(&packet.u.suback, argv[3]) < 0)
                return -1;
            subscribed = 1;
        } else if (packet.type == MQTTC_PUBLISH && !received) {
            if (receive_message(c, m, event, &packet.u.publish, left) < 0 || acknowledge(c, m) < 0)
                return -1;
            received = 1;
        } else {
            return fail("the broker has sent %s, while %s", mqttc_packet_type_str(packet.type), c->waiting_for);
        }
    }
    return log_out(c);
}

int main(int argc, char **argv)
{
    struct client client;
    struct message message = {0, 0, 0, 0, 0};
    int result;

    client.fd = -1;
    client.seconds = argc == 5 ? parse_number(argv[4], 86400) : 30;
    if (argc < 4 || argc > 5 || client.seconds == 0 || parse_number(argv[2], 65535) == 0) {
        fputs("usage: receive_stream HOST PORT TOPIC [SECONDS]\n"
              "\n"
              "Waits for one message on TOPIC and prints its length and its CRC-32. SECONDS, 30 by\n"
              "default, is the longest wait.\n",
              stderr);
        return 2;
    }
    if (MQTTC_CHECK() != MQTTC_OK) {
        fail("mqttc.h is not of the library that is linked, %s", mqttc_version());
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* "subscribed" is to be seen when it is true */
    result = run(&client, argv, &message);
    if (client.fd >= 0)
        close(client.fd);
    if (result < 0)
        return 1;
    printf("received %lu bytes, CRC-32 %08lx\n", (unsigned long)message.came, (unsigned long)message.crc);
    return 0;
}

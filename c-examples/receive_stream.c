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
    char topic[sizeof in]; /* a copy: in the reader's buffer the payload comes in its place */
    size_t topic_len;
    uint32_t len;  /* of the payload, as the header says it */
    uint32_t came; /* of that, until now */
    uint32_t crc;
    int whole;
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

/* The header is here; `how` says in which way the payload comes. */
static int begin(struct message *m, const mqttc_publish *p, uint32_t len, const char *how)
{
    if (p->qos > MOST_QOS)
        return fail("the broker has sent QoS %u, and %u is the most that we have asked for", (unsigned)p->qos,
                    (unsigned)MOST_QOS);
    memcpy(m->topic, p->topic.ptr, p->topic.len); /* it was in a buffer of this size */
    m->topic_len = p->topic.len;
    m->len = len;
    printf("receiving %lu bytes %s, QoS %u, on ", (unsigned long)len, how, (unsigned)p->qos);
    log_text(stdout, p->topic);
    putchar('\n');
    return 0;
}

static void add(struct message *m, mqttc_slice bytes)
{
    m->crc = crc32_add(m->crc, bytes);
    m->came += (uint32_t)bytes.len;
}

/* The last byte has come. With QoS 1 the broker may forget the message only now [MQTT-4.3.2-2]. */
static int finish(struct client *c, struct message *m, uint8_t qos, uint16_t packet_id)
{
    uint8_t frame[4];

    if (m->came != m->len)
        return fail("%lu bytes were declared, %lu have come", (unsigned long)m->len, (unsigned long)m->came);
    m->whole = 1;
    if (qos == 0)
        return 0;
    if (send_all(c, "PUBACK", frame, mqttc_puback_encode(packet_id, frame, sizeof frame, &c->why)) < 0)
        return -1;
    printf("acknowledged, packet id %u, on ", (unsigned)packet_id);
    log_text(stdout, mqttc_bytes(m->topic, m->topic_len));
    putchar('\n');
    return 0;
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

/* Waits for SUBACK and one message, which may come before it [MQTT-3.8.4-3]. */
static int run(struct client *c, char **argv, struct message *m)
{
    mqttc_packet packet; /* the same for all events: the pieces leave qos and packet_id of the start in it */
    const mqttc_publish *p = &packet.u.publish;
    mqttc_detail detail;
    int subscribed = 0;

    if (log_in(c, argv[1], argv[2], in, sizeof in) < 0 ||
        send_subscribe(c, argv[3], MOST_QOS, SUBSCRIBE_ID) < 0)
        return -1;
    while (!subscribed || !m->whole) {
        if (m->came < m->len)
            c->waiting_for = "receiving the payload";
        else
            c->waiting_for = subscribed ? "waiting for a message" : "waiting for SUBACK";
        switch (next_event(c, &packet, &detail)) {
        case MQTTC_PUBLISH_START:
            if (m->whole)
                return fail("the broker has sent a second PUBLISH, while %s", c->waiting_for);
            if (begin(m, p, detail.left, "piece by piece") < 0)
                return -1;
            break;
        case MQTTC_PAYLOAD:
            add(m, detail.bytes);
            if (detail.left == 0 && finish(c, m, p->qos, p->packet_id) < 0)
                return -1;
            break;
        case MQTTC_PACKET:
            if (packet.type == MQTTC_SUBACK && !subscribed) {
                if (check_suback(&packet.u.suback, argv[3]) < 0)
                    return -1;
                subscribed = 1;
            } else if (packet.type == MQTTC_PUBLISH && !m->whole) {
                if (begin(m, p, (uint32_t)p->payload.len, "in one packet") < 0)
                    return -1;
                add(m, p->payload);
                if (finish(c, m, p->qos, p->packet_id) < 0)
                    return -1;
            } else {
                return fail("the broker has sent %s, while %s", mqttc_packet_type_str(packet.type),
                            c->waiting_for);
            }
            break;
        default:
            return -1;
        }
    }
    return log_out(c);
}

int main(int argc, char **argv)
{
    struct client client = {.fd = -1};
    static struct message message;
    int result;

    client.seconds = argc == 5 ? parse_number(argv[4], 86400) : 30;
    if (argc < 4 || argc > 5 || client.seconds == 0 || parse_number(argv[2], 65535) == 0) {
        fputs("usage: receive_stream HOST PORT TOPIC [SECONDS]\n"
              "\n"
              "Waits for one message on TOPIC and prints its length and its CRC-32. SECONDS, 30 by\n"
              "default, is the longest wait.\n",
              stderr);
        return 2;
    }
    if (start() < 0)
        return 1;
    result = run(&client, argv, &message);
    if (client.fd >= 0)
        close(client.fd);
    if (result < 0)
        return 1;
    printf("received %lu bytes, CRC-32 %08lx\n", (unsigned long)message.came, (unsigned long)message.crc);
    return 0;
}

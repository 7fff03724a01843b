/* socket_client: the program of the first tutorial, as it was meant. One socket, two threads: one prints what
 * comes on a topic filter, the other publishes each line that is typed.
 *
 *   socket_client HOST PORT FILTER TOPIC [KEEP_ALIVE]
 *
 * The end of the input ends the program: UNSUBSCRIBE is sent, and its answer comes behind all that was
 * published before. KEEP_ALIVE is in seconds, 60 if not given; a broker that is silent for one and a half
 * times as long is gone.
 *
 * No data is shared but the socket: each thread has a `struct client` of its own. Only one sends, PINGREQ
 * too, and only the other receives, so there is nothing to lock; and the reader is used by one thread alone,
 * as it must be.
 */
#define PROGRAM "socket_client"

#include <pthread.h>

#include "client.h"

#define PATIENCE 10u /* seconds for a step of the handshake */
#define SUBSCRIBE_ID 1
#define UNSUBSCRIBE_ID 2

struct receiver {
    struct client client;
    const char *filter;
    int ended; /* the writing end of a pipe: a byte says that nothing more will be received */
};

/* Whatever one recv() brings, half a packet or three, the reader makes packets of it. */
static void print_message(const struct receiver *r, const mqttc_publish *p)
{
    /* The filter says which topics are meant, not the first letters of a name. */
    if (!mqttc_topic_matches(mqttc_str(r->filter), p->topic))
        return;
    log_text(stdout, p->topic);
    fputs(": ", stdout);
    log_text(stdout, p->payload);
    putchar('\n');
}

/* Until the answer to UNSUBSCRIBE has come; -1 when something is wrong. */
static int receive_messages(struct receiver *r)
{
    mqttc_packet packet;
    mqttc_detail detail;

    for (;;) {
        int32_t got = next_event(&r->client, &packet, &detail);

        if (got < 0)
            return -1;
        if (got == MQTTC_PUBLISH_START)
            printf("a message of %lu bytes is longer than the buffer and is not shown\n",
                   (unsigned long)detail.left);
        if (got != MQTTC_PACKET)
            continue;
        if (packet.type == MQTTC_PUBLISH)
            print_message(r, &packet.u.publish);
        else if (packet.type == MQTTC_PINGRESP)
            continue; /* that it came is what it says */
        else if (packet.type == MQTTC_UNSUBACK && packet.u.packet_id == UNSUBSCRIBE_ID)
            return 0;
        else
            return fail("the broker has sent %s, which answers nothing", mqttc_packet_type_str(packet.type));
    }
}

static void *receiving(void *argument)
{
    struct receiver *r = argument;

    if (receive_messages(r) < 0 && write(r->ended, "", 1) != 1)
        fail("cannot wake the other thread: %s", strerror(errno));
    return NULL;
}

static int subscribe(struct receiver *r)
{
    mqttc_packet packet;
    mqttc_detail detail;
    int32_t got;

    if (send_subscribe(&r->client, r->filter, 0, SUBSCRIBE_ID) < 0)
        return -1;
    r->client.waiting_for = "waiting for SUBACK";
    while ((got = next_event(&r->client, &packet, &detail)) != MQTTC_PACKET || packet.type == MQTTC_PUBLISH) {
        if (got < 0)
            return -1;
        if (got == MQTTC_PACKET)
            print_message(r, &packet.u.publish); /* may come before the answer [MQTT-3.8.4-3] */
    }
    if (packet.type != MQTTC_SUBACK)
        return fail("the broker has sent %s, while waiting for SUBACK", mqttc_packet_type_str(packet.type));
    if (packet.u.suback.packet_id != SUBSCRIBE_ID)
        return fail("the broker has sent a SUBACK for packet identifier %u, not %u",
                    (unsigned)packet.u.suback.packet_id, (unsigned)SUBSCRIBE_ID);
    if (packet.u.suback.return_codes.len != 1)
        return fail("the broker has sent a SUBACK with %lu return codes for one filter",
                    (unsigned long)packet.u.suback.return_codes.len);
    if (packet.u.suback.return_codes.ptr[0] == 0x80)
        return fail("the broker refuses the subscription");
    return 0;
}

static int publish(struct client *sender, const char *topic, const char *line, size_t line_len)
{
    uint8_t frame[2048];
    mqttc_publish p;

    mqttc_publish_init(&p);
    p.topic = mqttc_str(topic);
    p.payload = mqttc_bytes(line, line_len);
    return send_all(sender, "PUBLISH", frame, mqttc_publish_encode(&p, frame, sizeof frame, &sender->why));
}

/* Publishes each line until the input ends; -1 when that fails, or when the other thread has ended. A line
 * that is longer than the buffer is published in parts.
 *
 * PINGREQ is sent between the lines too: a PUBLISH of QoS 0 has no answer, so nothing else shows that the
 * broker is there. */
static int publish_lines(struct client *sender, const char *topic, int ended, unsigned keep_alive)
{
    char input[1024];
    size_t len = 0;
    int64_t between_pings = (int64_t)keep_alive * 750; /* ms; in good time */
    int64_t next_ping = now_ms() + between_pings;

    for (;;) {
        fd_set set;
        struct timeval limit;
        ssize_t n;
        int64_t ms = next_ping - now_ms();

        if (ms <= 0) {
            if (ping(sender) < 0)
                return -1;
            next_ping = now_ms() + between_pings;
            continue;
        }
        limit.tv_sec = (time_t)(ms / 1000);
        limit.tv_usec = (suseconds_t)(ms % 1000 * 1000);

        FD_ZERO(&set);
        FD_SET(STDIN_FILENO, &set);
        FD_SET(ended, &set);
        n = select(ended + 1, &set, NULL, NULL, &limit);
        if (n == 0 || (n < 0 && errno == EINTR))
            continue;
        if (n < 0)
            return fail("select: %s", strerror(errno));
        if (FD_ISSET(ended, &set))
            return -1; /* it has said why */
        n = read(STDIN_FILENO, input + len, sizeof input - len);
        if (n < 0 && is_for_now(errno))
            continue;
        if (n < 0)
            return fail("cannot read a line: %s", strerror(errno));
        if (n == 0)
            return len > 0 ? publish(sender, topic, input, len) : 0;
        len += (size_t)n;
        for (;;) {
            const char *end = memchr(input, '\n', len);
            size_t line = end != NULL ? (size_t)(end - input) : len;
            size_t taken = end != NULL ? line + 1 : len;

            if (end == NULL && len < sizeof input)
                break;
            if (publish(sender, topic, input, line) < 0)
                return -1;
            memmove(input, input + taken, len - taken);
            len -= taken;
        }
    }
}

static int unsubscribe(struct client *sender, const char *filter)
{
    uint8_t frame[1024];
    mqttc_slice unwanted = mqttc_str(filter);
    mqttc_unsubscribe p;

    mqttc_unsubscribe_init(&p);
    p.filters = &unwanted;
    p.count = 1;
    p.packet_id = UNSUBSCRIBE_ID;
    return send_all(sender, "UNSUBSCRIBE", frame,
                    mqttc_unsubscribe_encode(&p, frame, sizeof frame, &sender->why));
}

/* True when there is a byte in the pipe; does not wait for one. */
static int read_byte(int fd)
{
    char byte;

    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && read(fd, &byte, 1) == 1;
}

int main(int argc, char **argv)
{
    static uint8_t in[4096];
    struct receiver receiver;
    struct client sender;
    mqttc_connect login;
    pthread_t thread;
    int wake[2];
    unsigned keep_alive = 60;
    int error;

    if (argc == 6)
        keep_alive = parse_number(argv[5], UINT16_MAX);
    if (argc < 5 || argc > 6 || keep_alive == 0) {
        fprintf(stderr, "usage: " PROGRAM " HOST PORT FILTER TOPIC [KEEP_ALIVE, 1 to 65535 seconds]\n");
        return 2;
    }
    if (start() < 0)
        return 1;
    mqttc_connect_init(&login);
    login.keep_alive = (uint16_t)keep_alive;
    memset(&receiver, 0, sizeof receiver);
    receiver.client.seconds = PATIENCE;
    receiver.filter = argv[3];
    if (log_in_as(&receiver.client, argv[1], argv[2], in, sizeof in, &login) < 0 || subscribe(&receiver) < 0)
        return 1;
    printf("subscribed to %s; each line is published to %s\n", argv[3], argv[4]);

    sender = receiver.client; /* the same socket; it never touches the reader */
    receiver.client.seconds = (keep_alive * 3 + 1) / 2;
    receiver.client.waiting_for = "waiting for messages";
    if (pipe(wake) < 0 || wake[0] >= FD_SETSIZE)
        return fail("cannot make a pipe: %s", strerror(errno)), 1;
    receiver.ended = wake[1];
    error = pthread_create(&thread, NULL, receiving, &receiver);
    if (error != 0)
        return fail("cannot start a thread: %s", strerror(error)), 1;
    if (publish_lines(&sender, argv[4], wake[0], keep_alive) < 0 ||
        unsubscribe(&sender, receiver.filter) < 0) {
        pthread_cancel(thread); /* it waits for the broker, or has ended */
        pthread_join(thread, NULL);
        return 1;
    }
    pthread_join(thread, NULL);
    if (read_byte(wake[0]))
        return 1; /* the broker has not answered UNSUBSCRIBE as it must */
    error = log_out(&sender);
    close(sender.fd);
    return error < 0 ? 1 : 0;
}

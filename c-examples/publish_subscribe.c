/* publish_subscribe.c: an MQTT 3.1.1 client over a socket, in one file.
 *
 * It connects, subscribes, publishes, prints what comes back, keeps the connection alive and
 * disconnects. It ends with 0 only if every message that it has published came back to it and
 * every acknowledgement was exchanged; with 1 and a message if anything failed; with 2 for a
 * wrong command line.
 *
 * Who does what: the socket, the clock and the buffers are this program's; mqttc.h turns structs
 * into bytes and bytes into structs. To move to another network stack, replace the section "The
 * socket"; the rest stays. There is no heap and no thread, and every wait has an end.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mqttc.h"

enum {
    IN_SIZE = 4096,   /* the largest packet that can be received */
    OUT_SIZE = 2048,  /* the largest packet that can be sent */
    COUNT_MAX = 1000, /* messages in one run */
    HELD_MAX = 64,    /* QoS 2 messages that a broker may have under way to us at once */
    TRIES_MAX = 3,    /* how often a message is sent before we give up */
    RESEND_MS = 3000  /* how long we wait for an acknowledgement before we send again */
};

struct options {
    const char *host;
    const char *port;
    const char *topic;
    const char *filter;
    const char *client_id;
    const char *message;
    uint8_t qos;
    unsigned count;
    unsigned keep_alive; /* seconds; 0: none */
    unsigned seconds;    /* the whole run's limit */
    unsigned stay;       /* seconds to stay subscribed after the last message */
};

/* The message under way. Its bytes are kept until they are acknowledged, to be sent again. */
struct outgoing {
    uint8_t frame[OUT_SIZE];
    size_t len;
    uint16_t id;
    uint8_t awaits; /* MQTTC_PUBACK, MQTTC_PUBREC or MQTTC_PUBCOMP; 0: nothing is under way */
    unsigned tries;
    int64_t resend_at;
};

struct client {
    const struct options *opt;
    int fd;
    int64_t deadline;
    const char *waiting_for; /* for the message when time is up */

    mqttc_reader reader;
    uint8_t in[IN_SIZE];

    int connected;
    int subscribed;
    uint16_t last_id;
    uint16_t subscribe_id;

    int64_t last_sent;
    int64_t pinged_at;
    int pinging;

    struct outgoing out;
    uint16_t held[HELD_MAX]; /* ids of QoS 2 messages that were taken but not released */
    size_t held_count;

    unsigned published;
    unsigned came_back;
    uint8_t seen[COUNT_MAX];
};

/* --- Messages for people ------------------------------------------------------------------- */

static int fail(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("publish_subscribe: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return -1;
}

static int fail_status(const char *what, mqttc_status status)
{
    const char *clause = mqttc_spec_ref(status);

    if (clause[0] != '\0')
        return fail("%s: %s [%s]", what, mqttc_strerror(status), clause);
    return fail("%s: %s", what, mqttc_strerror(status));
}

/* Prints bytes that somebody else has sent. They may hold anything, escape sequences for the
 * terminal too, and there is no NUL behind them: hence "%.*s" for what is plain ASCII, and \xNN
 * for the rest. */
static void print_quoted(mqttc_slice s)
{
    size_t i = 0;

    putchar('"');
    while (i < s.len) {
        size_t start = i;

        while (i < s.len && s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f && s.ptr[i] != '"' && s.ptr[i] != '\\')
            i++;
        if (i > start)
            printf("%.*s", (int)(i - start), (const char *)s.ptr + start);
        if (i < s.len)
            printf("\\x%02x", (unsigned)s.ptr[i++]);
    }
    putchar('"');
}

static void print_message(const char *verb, mqttc_slice payload, const char *preposition, mqttc_slice topic)
{
    printf("%s ", verb);
    print_quoted(payload);
    printf(" %s ", preposition);
    print_quoted(topic);
}

/* --- The clock ------------------------------------------------------------------------------ */

/* Monotonic: a clock that somebody sets must not stretch or cut a time limit. */
static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- The socket ----------------------------------------------------------------------------- */

/* 1: ready, 0: `until` has come or a signal did, -1: failed. */
static int wait_socket(const struct client *c, int for_writing, int64_t until)
{
    int64_t ms = until - now_ms();
    struct timeval limit;
    fd_set set;
    int n;

    if (ms < 0)
        ms = 0;
    limit.tv_sec = (time_t)(ms / 1000);
    limit.tv_usec = (suseconds_t)(ms % 1000 * 1000);
    FD_ZERO(&set);
    FD_SET(c->fd, &set);
    n = select(c->fd + 1, for_writing ? NULL : &set, for_writing ? &set : NULL, NULL, &limit);
    if (n < 0 && errno != EINTR)
        return fail("select: %s", strerror(errno));
    return n > 0;
}

/* Sends all of it: send() may take only a part, or nothing while its buffer is full. */
static int send_all(struct client *c, const char *what, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(c->fd, data, len, 0);

        if (n > 0) {
            data += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            return fail("cannot send %s: %s", what, strerror(errno));
        } else if (now_ms() >= c->deadline) {
            return fail("time is up after %u s, while sending %s", c->opt->seconds, what);
        } else if (wait_socket(c, 1, c->deadline) < 0) {
            return -1;
        }
    }
    c->last_sent = now_ms();
    return 0;
}

/* Waits until `until` at most, and puts what has come into the reader. However recv() cuts the
 * stream, half a packet or three at once, the reader puts the packets together. */
static int receive(struct client *c, int64_t until)
{
    size_t room;
    uint8_t *space;
    ssize_t n;
    mqttc_status status;
    int ready = wait_socket(c, 0, until);

    if (ready <= 0)
        return ready;
    space = mqttc_reader_space(&c->reader, &room);
    if (room == 0)
        return fail("there is no room to receive");
    n = recv(c->fd, space, room, 0);
    if (n == 0)
        return fail("the broker has closed the connection, while waiting for %s", c->waiting_for);
    if (n < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
            return 0;
        return fail("cannot receive: %s", strerror(errno));
    }
    status = mqttc_reader_commit(&c->reader, (size_t)n);
    if (status != MQTTC_OK)
        return fail_status("commit", status);
    return 0;
}

/* 0, or the errno value of what went wrong; then there is no socket. */
static int connect_to(struct client *c, const struct addrinfo *address)
{
    int error = 0;
    int on = 1;
    socklen_t size = sizeof error;

    c->fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (c->fd < 0)
        return errno;
    if (c->fd >= FD_SETSIZE) /* select() cannot wait for it */
        error = EMFILE;
    else if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) /* else connect() waits as long as it likes */
        error = errno;
    /* Our packets are small, and the next often waits for the answer to the last. */
    else if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        error = errno;
    else if (connect(c->fd, address->ai_addr, address->ai_addrlen) < 0)
        error = errno;
    if (error == EINPROGRESS) {
        int ready;

        do
            ready = wait_socket(c, 1, c->deadline);
        while (ready == 0 && now_ms() < c->deadline);
        if (ready <= 0)
            error = ETIMEDOUT;
        else if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
            error = errno;
    }
    if (error != 0) {
        close(c->fd);
        c->fd = -1;
    }
    return error;
}

static void lookup_is_late(int signal_number)
{
    static const char text[] = "publish_subscribe: time is up, while looking up the host\n";
    ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);

    (void)n;
    (void)signal_number;
    _exit(1);
}

/* Looks up the host; getaddrinfo() has no time limit of its own, so an alarm is one. */
static struct addrinfo *look_up(const struct options *opt)
{
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    int error;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    signal(SIGALRM, lookup_is_late);
    alarm(opt->seconds);
    error = getaddrinfo(opt->host, opt->port, &hints, &found);
    alarm(0);
    if (error != 0) {
        fail("cannot look up %s: %s", opt->host, gai_strerror(error));
        return NULL;
    }
    return found;
}

/* A name may stand for several addresses, such as ::1 and 127.0.0.1 for localhost. */
static int open_socket(struct client *c)
{
    struct addrinfo *found = look_up(c->opt);
    const struct addrinfo *address;
    int error = EADDRNOTAVAIL;

    if (found == NULL)
        return -1;
    for (address = found; address != NULL && error != 0; address = address->ai_next)
        error = connect_to(c, address);
    freeaddrinfo(found);
    if (error != 0)
        return fail("cannot connect to %s port %s: %s", c->opt->host, c->opt->port, strerror(error));
    return 0;
}

/* --- Packets out ---------------------------------------------------------------------------- */

/* An encoder has answered `status`: sends the frame, or says why there is none. */
static int send_encoded(struct client *c, const char *what, mqttc_status status, const uint8_t *frame,
                        size_t len)
{
    if (status != MQTTC_OK)
        return fail_status(what, status);
    return send_all(c, what, frame, len);
}

static int send_connect(struct client *c)
{
    uint8_t frame[OUT_SIZE];
    size_t len;
    mqttc_status status;
    mqttc_connect p;

    mqttc_connect_init(&p); /* MQTT 3.1.1, clean session */
    p.client_id = mqttc_str(c->opt->client_id);
    p.keep_alive = (uint16_t)c->opt->keep_alive;
    status = mqttc_connect_encode(&p, frame, sizeof frame, &len);
    return send_encoded(c, "CONNECT", status, frame, len);
}

static int send_subscribe(struct client *c)
{
    uint8_t frame[OUT_SIZE];
    size_t len;
    mqttc_status status;
    mqttc_subscription subscription;
    mqttc_subscribe p;

    subscription.filter = mqttc_str(c->opt->filter);
    subscription.qos = c->opt->qos;
    mqttc_subscribe_init(&p);
    p.filters = &subscription;
    p.count = 1;
    p.packet_id = c->last_id = c->subscribe_id = mqttc_next_packet_id(c->last_id);
    status = mqttc_subscribe_encode(&p, frame, sizeof frame, &len);
    return send_encoded(c, "SUBSCRIBE", status, frame, len);
}

static int send_pingreq(struct client *c)
{
    uint8_t frame[2];
    size_t len;
    mqttc_status status = mqttc_pingreq_encode(frame, sizeof frame, &len);

    puts("keep alive: PINGREQ");
    c->pinging = 1;
    c->pinged_at = now_ms();
    return send_encoded(c, "PINGREQ", status, frame, len);
}

static int send_disconnect(struct client *c)
{
    uint8_t frame[2];
    size_t len;
    mqttc_status status = mqttc_disconnect_encode(frame, sizeof frame, &len);

    return send_encoded(c, "DISCONNECT", status, frame, len);
}

typedef mqttc_status (*encode_ack)(uint16_t id, uint8_t *buf, size_t cap, size_t *written);

static int send_ack(struct client *c, const char *what, encode_ack encode, uint16_t id)
{
    uint8_t frame[4];
    size_t len;
    mqttc_status status = encode(id, frame, sizeof frame, &len);

    return send_encoded(c, what, status, frame, len);
}

/* The text of message k: the same words, numbered if there are several. Returns its length, or -1. */
static int message_text(const struct options *opt, unsigned k, char *text, size_t size)
{
    int len;

    if (opt->count == 1)
        len = snprintf(text, size, "%s", opt->message);
    else
        len = snprintf(text, size, "%s %u/%u", opt->message, k + 1, opt->count);
    return len >= 0 && (size_t)len < size ? len : -1;
}

static void await(struct client *c, uint8_t packet_type)
{
    c->out.awaits = packet_type;
    c->out.tries = 1;
    c->out.resend_at = now_ms() + RESEND_MS;
}

static int send_publish(struct client *c, unsigned k)
{
    char text[OUT_SIZE];
    int text_len = message_text(c->opt, k, text, sizeof text);
    mqttc_status status;
    mqttc_publish p;

    if (text_len < 0)
        return fail("the message is too long");
    mqttc_publish_init(&p);
    p.topic = mqttc_str(c->opt->topic);
    p.payload = mqttc_bytes(text, (size_t)text_len);
    p.qos = c->opt->qos;
    if (p.qos > 0)
        p.packet_id = c->out.id = c->last_id = mqttc_next_packet_id(c->last_id);
    status = mqttc_publish_encode(&p, c->out.frame, sizeof c->out.frame, &c->out.len);
    if (send_encoded(c, "PUBLISH", status, c->out.frame, c->out.len) < 0)
        return -1;
    c->published++;
    print_message("published", p.payload, "to", p.topic);
    printf(", QoS %u\n", (unsigned)p.qos);
    if (p.qos > 0)
        await(c, p.qos == 1 ? MQTTC_PUBACK : MQTTC_PUBREC);
    return 0;
}

/* Sends again what was not acknowledged: the stored PUBLISH with DUP set [MQTT-3.3.1-1], or, when
 * PUBREC has come, the PUBREL. MQTT 3.1.1 asks for this only after a reconnection; on a connection
 * that stands it is allowed, and it finds out a broker that has forgotten us. */
static int resend(struct client *c)
{
    struct outgoing *out = &c->out;
    const char *name = mqttc_packet_type_str(out->awaits);
    mqttc_status status;

    if (out->tries == TRIES_MAX)
        return fail("no %s for packet id %u after %d tries", name, (unsigned)out->id, TRIES_MAX);
    out->tries++;
    out->resend_at = now_ms() + RESEND_MS;
    printf("no %s yet: sending again\n", name);
    if (out->awaits == MQTTC_PUBCOMP)
        return send_ack(c, "PUBREL", mqttc_pubrel_encode, out->id);
    status = mqttc_publish_set_dup(out->frame, out->len);
    return send_encoded(c, "PUBLISH", status, out->frame, out->len);
}

/* --- Packets in ----------------------------------------------------------------------------- */

static int on_connack(struct client *c, const mqttc_connack *p)
{
    static const char *const refusals[] = {
        "unacceptable protocol version", "client identifier rejected", "server unavailable",
        "bad user name or password", "not authorized",
    };

    if (c->connected)
        return fail("the broker has sent a second CONNACK");
    if (p->return_code != 0) /* 1 to 5: the decoder lets nothing else through */
        return fail("the broker refuses the connection: %s (%u)", refusals[p->return_code - 1],
                    (unsigned)p->return_code);
    if (p->session_present)
        return fail("the broker has kept a session although we asked for a clean one [MQTT-3.2.2-1]");
    printf("connected to %s port %s as %s\n", c->opt->host, c->opt->port, c->opt->client_id);
    c->connected = 1;
    return 0;
}

static int on_suback(struct client *c, const mqttc_suback *p)
{
    if (c->subscribed || p->packet_id != c->subscribe_id)
        return fail("the broker has sent a SUBACK for packet id %u, which waits for none",
                    (unsigned)p->packet_id);
    if (p->return_codes.len != 1) /* one for each filter [MQTT-3.8.4-5] */
        return fail("the broker answers one filter with %lu return codes", (unsigned long)p->return_codes.len);
    if (p->return_codes.ptr[0] == 0x80)
        return fail("the broker refuses the subscription to %s", c->opt->filter);
    printf("subscribed to ");
    print_quoted(mqttc_str(c->opt->filter));
    printf(", QoS %u granted\n", (unsigned)p->return_codes.ptr[0]);
    c->subscribed = 1;
    return 0;
}

static int is_text(mqttc_slice s, const char *text, size_t len)
{
    return s.len == len && (len == 0 || memcmp(s.ptr, text, len) == 0);
}

/* Which of our messages this is, or -1. */
static int which_message(const struct client *c, const mqttc_publish *p)
{
    char text[OUT_SIZE];
    unsigned k;

    for (k = 0; k < c->published; k++) {
        int len = message_text(c->opt, k, text, sizeof text);

        if (len >= 0 && is_text(p->payload, text, (size_t)len))
            return (int)k;
    }
    return -1;
}

/* A message has arrived, once for each time that the protocol delivers it. */
static int deliver(struct client *c, const mqttc_publish *p)
{
    int matches = mqttc_topic_matches(mqttc_str(c->opt->filter), p->topic);
    int k = -1;

    print_message("received", p->payload, "on", p->topic);
    printf(", QoS %u%s%s\n", (unsigned)p->qos, p->dup ? ", again" : "", p->retain ? ", retained" : "");
    if (matches < 0)
        return fail_status("topic of the PUBLISH", matches);
    if (matches == 0)
        return fail("the broker sends what we have not subscribed to");
    /* A retained message is from before, and under a wildcard others may publish too. */
    if (!p->retain && is_text(p->topic, c->opt->topic, strlen(c->opt->topic)))
        k = which_message(c, p);
    if (k < 0)
        return 0;
    if (!c->seen[k]) {
        c->seen[k] = 1;
        c->came_back++;
    } else if (c->opt->qos == 2 && p->qos == 2) { /* QoS 1 may bring a message twice, QoS 2 not */
        return fail("message %d came back twice with QoS 2", k + 1);
    }
    return 0;
}

static size_t find_held(const struct client *c, uint16_t id)
{
    size_t i = 0;

    while (i < c->held_count && c->held[i] != id)
        i++;
    return i;
}

static int on_publish(struct client *c, const mqttc_publish *p)
{
    if (p->qos < 2) {
        if (deliver(c, p) < 0)
            return -1;
        return p->qos == 0 ? 0 : send_ack(c, "PUBACK", mqttc_puback_encode, p->packet_id);
    }
    /* QoS 2: until PUBREL comes, the same id is the same message sent again [MQTT-4.3.3-2]. */
    if (find_held(c, p->packet_id) == c->held_count) {
        if (c->held_count == HELD_MAX)
            return fail("more than %d QoS 2 messages are under way to us", HELD_MAX);
        c->held[c->held_count++] = p->packet_id;
        if (deliver(c, p) < 0)
            return -1;
    }
    return send_ack(c, "PUBREC", mqttc_pubrec_encode, p->packet_id);
}

/* The broker will not send that message again: forget its id. An id that we do not know is
 * answered too: it is a PUBREL sent again because our PUBCOMP was late. */
static int on_pubrel(struct client *c, uint16_t id)
{
    size_t i = find_held(c, id);

    if (i < c->held_count)
        c->held[i] = c->held[--c->held_count];
    return send_ack(c, "PUBCOMP", mqttc_pubcomp_encode, id);
}

/* PUBACK, PUBREC or PUBCOMP. One that nobody waits for answers a PUBLISH or PUBREL that we have
 * sent again although the first one had arrived. */
static int on_ack(struct client *c, uint8_t packet_type, uint16_t id)
{
    struct outgoing *out = &c->out;

    if (out->awaits != packet_type || out->id != id) {
        printf("ignored: %s for packet id %u\n", mqttc_packet_type_str(packet_type), (unsigned)id);
        return 0;
    }
    if (packet_type == MQTTC_PUBREC) {
        await(c, MQTTC_PUBCOMP);
        return send_ack(c, "PUBREL", mqttc_pubrel_encode, id);
    }
    out->awaits = 0;
    return 0;
}

static int on_packet(struct client *c, const mqttc_packet *packet)
{
    if (!c->connected && packet->type != MQTTC_CONNACK)
        return fail("the broker has sent %s before CONNACK [MQTT-3.2.0-1]",
                    mqttc_packet_type_str(packet->type));
    switch (packet->type) {
    case MQTTC_CONNACK:
        return on_connack(c, &packet->u.connack);
    case MQTTC_SUBACK:
        return on_suback(c, &packet->u.suback);
    case MQTTC_PUBLISH:
        return on_publish(c, &packet->u.publish);
    case MQTTC_PUBREL:
        return on_pubrel(c, packet->u.packet_id);
    case MQTTC_PUBACK:
    case MQTTC_PUBREC:
    case MQTTC_PUBCOMP:
        return on_ack(c, packet->type, packet->u.packet_id);
    case MQTTC_PINGRESP:
        c->pinging = 0;
        return 0;
    default: /* UNSUBACK: we never unsubscribe; and a server sends nothing else */
        return fail("the broker has sent %s, which we have not asked for", mqttc_packet_type_str(packet->type));
    }
}

/* --- The loop ------------------------------------------------------------------------------- */

/* PINGREQ goes out after half the keep alive time in which we have sent nothing: the broker closes
 * after one and a half [MQTT-3.1.2-24]. */
static int64_t ping_time(const struct client *c)
{
    int64_t keep_alive_ms = (int64_t)c->opt->keep_alive * 1000;

    if (keep_alive_ms == 0 || !c->connected)
        return INT64_MAX;
    return c->pinging ? c->pinged_at + keep_alive_ms : c->last_sent + keep_alive_ms / 2;
}

static int64_t resend_time(const struct client *c)
{
    return c->out.awaits != 0 ? c->out.resend_at : INT64_MAX;
}

static int run_timers(struct client *c)
{
    int64_t now = now_ms();

    if (now >= c->deadline)
        return fail("time is up after %u s, while waiting for %s", c->opt->seconds, c->waiting_for);
    if (now >= ping_time(c)) {
        if (c->pinging)
            return fail("no PINGRESP within the keep alive time: the connection is dead");
        if (send_pingreq(c) < 0)
            return -1;
    }
    return now >= resend_time(c) ? resend(c) : 0;
}

/* One packet is handled if there is one; else waits for bytes, until a timer or `until`. */
static int step(struct client *c, int64_t until)
{
    char what[64];
    mqttc_packet packet;
    mqttc_error error;
    mqttc_status status;

    if (run_timers(c) < 0)
        return -1;
    status = mqttc_reader_next(&c->reader, &packet, NULL, NULL, &error);
    if (status == MQTTC_OK)
        return on_packet(c, &packet); /* its slices point into c->in, until the next reader call */
    if (status == MQTTC_NEED_MORE) {
        int64_t timer = earlier(ping_time(c), resend_time(c));

        return receive(c, earlier(earlier(until, c->deadline), timer));
    }
    if (status > 0) /* an event of a later version */
        return 0;
    if (status > MQTTC_ERR_REMAINING_LENGTH) /* -1 to -31: a mistake of ours, not the broker's */
        return fail_status("mqttc_reader_next", status);
    /* Nobody knows what else is wrong: the connection is to be closed [MQTT-4.8.0-1]. */
    snprintf(what, sizeof what, "a packet of the broker, byte %lu", (unsigned long)error.offset);
    return fail_status(what, status);
}

static int publish_all(struct client *c)
{
    unsigned k;

    for (k = 0; k < c->opt->count; k++) {
        if (send_publish(c, k) < 0)
            return -1;
        while (c->out.awaits != 0) {
            c->waiting_for = mqttc_packet_type_str(c->out.awaits);
            if (step(c, c->deadline) < 0)
                return -1;
        }
    }
    return 0;
}

static int run(struct client *c)
{
    int64_t end;

    if (open_socket(c) < 0 || send_connect(c) < 0)
        return -1;
    c->waiting_for = "CONNACK";
    while (!c->connected)
        if (step(c, c->deadline) < 0)
            return -1;

    if (send_subscribe(c) < 0)
        return -1;
    c->waiting_for = "SUBACK";
    while (!c->subscribed) /* messages may come before it (section 3.8.4) */
        if (step(c, c->deadline) < 0)
            return -1;

    if (publish_all(c) < 0)
        return -1;
    c->waiting_for = "the messages to come back";
    while (c->came_back < c->opt->count)
        if (step(c, c->deadline) < 0)
            return -1;
    c->waiting_for = "PUBREL";
    while (c->held_count > 0)
        if (step(c, c->deadline) < 0)
            return -1;

    c->waiting_for = "the end of --stay";
    end = now_ms() + (int64_t)c->opt->stay * 1000;
    while (now_ms() < end)
        if (step(c, end) < 0)
            return -1;

    /* Without DISCONNECT the broker would take us for lost, and publish a will if we had one. */
    return send_disconnect(c);
}

/* --- The command line ----------------------------------------------------------------------- */

static int usage(void)
{
    fputs("usage: publish_subscribe HOST PORT [--qos 0|1|2] [--topic T] [--filter F] [--count N]\n"
          "           [--client-id ID] [--keep-alive S] [--seconds S] [--stay S] [MESSAGE]\n"
          "\n"
          "Subscribes to F, publishes MESSAGE to T N times, and waits until all have come back.\n"
          "  --filter      T by default; must match T\n"
          "  --count       1 by default; the messages are numbered if it is more\n"
          "  --keep-alive  60 by default; 0 for none\n"
          "  --seconds     the limit of the whole run, 10 by default\n"
          "  --stay        stays subscribed so long afterwards, 0 by default\n",
          stderr);
    return -1;
}

/* A decimal number from `min` to `max`. */
static int parse_number(const char *name, const char *text, unsigned min, unsigned max, unsigned *out)
{
    unsigned long value;
    char *end;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || value < min || value > max)
        return fail("%s must be a number from %u to %u, not \"%s\"", name, min, max, text);
    *out = (unsigned)value;
    return 0;
}

static int parse_option(struct options *opt, const char *name, const char *value)
{
    if (strcmp(name, "--topic") == 0)
        opt->topic = value;
    else if (strcmp(name, "--filter") == 0)
        opt->filter = value;
    else if (strcmp(name, "--client-id") == 0)
        opt->client_id = value;
    else if (strcmp(name, "--count") == 0)
        return parse_number(name, value, 1, COUNT_MAX, &opt->count);
    else if (strcmp(name, "--keep-alive") == 0)
        return parse_number(name, value, 0, 65535, &opt->keep_alive);
    else if (strcmp(name, "--seconds") == 0)
        return parse_number(name, value, 1, 86400, &opt->seconds);
    else if (strcmp(name, "--stay") == 0)
        return parse_number(name, value, 0, 86400, &opt->stay);
    else if (strcmp(name, "--qos") == 0) {
        unsigned qos;

        if (parse_number(name, value, 0, 2, &qos) < 0)
            return -1;
        opt->qos = (uint8_t)qos;
    } else
        return usage();
    return 0;
}

static int parse_arguments(struct options *opt, int argc, char **argv)
{
    const char *words[3] = {NULL, NULL, NULL};
    size_t count = 0;
    int i;

    for (i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (i + 1 == argc)
                return usage();
            if (parse_option(opt, argv[i], argv[i + 1]) < 0)
                return -1;
            i++;
        } else if (count < 3) {
            words[count++] = argv[i];
        } else {
            return usage();
        }
    }
    if (count < 2)
        return usage();
    opt->host = words[0];
    opt->port = words[1];
    if (count == 3)
        opt->message = words[2];
    return 0;
}

/* What can be judged before anything is sent. */
static int check_options(struct options *opt)
{
    unsigned port;
    mqttc_status status;
    int matches;

    if (parse_number("PORT", opt->port, 1, 65535, &port) < 0)
        return -1;
    if (opt->stay >= opt->seconds && opt->stay > 0)
        return fail("--stay must be less than --seconds, which limits the whole run");
    status = mqttc_topic_name_check(mqttc_str(opt->topic));
    if (status != MQTTC_OK)
        return fail_status("--topic", status);
    if (opt->filter == NULL)
        opt->filter = opt->topic;
    matches = mqttc_topic_matches(mqttc_str(opt->filter), mqttc_str(opt->topic));
    if (matches < 0)
        return fail_status("--filter", matches);
    if (matches == 0)
        return fail("--filter %s does not match --topic %s: nothing would come back", opt->filter, opt->topic);
    return 0;
}

int main(int argc, char **argv)
{
    static struct client client; /* some KB, which a small stack may not have */
    struct options opt = {NULL, NULL, NULL, NULL, NULL, "hello", 0, 1, 60, 10, 0};
    char client_id[24];
    char topic[48];
    mqttc_status status;
    int result;

    /* Of its own for each run, so that two of them at one broker do not take each other's messages. */
    snprintf(client_id, sizeof client_id, "mqttc-%ld", (long)getpid());
    snprintf(topic, sizeof topic, "mqttc/example/%s", client_id);
    opt.client_id = client_id;
    opt.topic = topic;
    if (MQTTC_CHECK() != MQTTC_OK) {
        fail("mqttc.h is not of the library that is linked, %s", mqttc_version());
        return 1;
    }
    if (parse_arguments(&opt, argc, argv) < 0 || check_options(&opt) < 0)
        return 2;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    signal(SIGPIPE, SIG_IGN); /* else send() to a closed connection ends the program without a word */
    client.opt = &opt;
    client.fd = -1;
    client.deadline = now_ms() + (int64_t)opt.seconds * 1000;
    status = mqttc_reader_init(&client.reader, client.in, sizeof client.in, mqttc_decode_from_server, NULL);
    if (status != MQTTC_OK) {
        fail_status("reader", status);
        return 1;
    }
    result = run(&client);
    if (client.fd >= 0)
        close(client.fd);
    if (result < 0)
        return 1;
    printf("done: %u published, %u came back\n", client.published, client.came_back);
    return 0;
}

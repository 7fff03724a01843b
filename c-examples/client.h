/* client.h: what the clients have in common: messages for people, the clock, the socket, and the packets that
 * each of them sends.
 *
 * To move to another network stack, replace the section "The socket"; the rest stays. Nothing is allocated,
 * and every wait has an end. A function that returns less than 0 has failed, and has said why. PROGRAM is
 * defined before this is included. What not every client needs is inline, so that no compiler warns of it.
 */
#ifndef CLIENT_H
#define CLIENT_H

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

#include "log_packet.h"
#include "mqttc.h"

/* All but `fd` may start as 0. */
struct client {
    int fd;                  /* -1: no socket */
    unsigned seconds;        /* the longest wait for a byte */
    int64_t deadline;        /* of now_ms(): when all must be over; 0: no limit */
    int64_t last_sent;       /* of now_ms(): the keep alive time counts from here */
    const char *waiting_for; /* for the message when nothing comes: "while .." */
    mqttc_status why;        /* for the encoders: why the last one that returned 0 has refused */
    FILE *log;               /* where each packet is to be printed; NULL: nowhere */
    mqttc_reader reader;
};

/* --- Messages for people, and their arguments ------------------------------------------------------ */

static int fail(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs(PROGRAM ": ", stderr);
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

/* A decoder or a reader has refused these bytes. */
static inline int fail_decode(const char *what, mqttc_status status, const mqttc_detail *detail)
{
    char where[64];

    if (status > MQTTC_ERR_REMAINING_LENGTH) /* -1 to -31: a mistake of ours, not in the bytes */
        return fail_status("the decoder", status);
    snprintf(where, sizeof where, "%s, byte %lu", what, (unsigned long)detail->offset);
    return fail_status(where, status);
}

/* A decimal number from 1 to `max`; 0 for anything else. */
static unsigned parse_number(const char *text, unsigned max)
{
    unsigned long value;
    char *end;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || value > max)
        return 0;
    return (unsigned)value;
}

/* The number of an option, from `min` to `max`. */
static inline int number_option(const char *name, const char *value, unsigned min, unsigned max,
                                unsigned *out)
{
    *out = parse_number(value, max);
    if (*out < min || (*out == 0 && strcmp(value, "0") != 0))
        return fail("%s must be a number from %u to %u, not \"%s\"", name, min, max, value);
    return 0;
}

/* What each program does first. */
static int start(void)
{
    if (MQTTC_CHECK() < 0)
        return fail("mqttc.h is not of the library that is linked, %s", mqttc_version());
    signal(SIGPIPE, SIG_IGN);              /* else a closed connection ends the program without a word */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* "connected" is to be seen when it is true, in a pipe too */
    return 0;
}

/* --- The clock ------------------------------------------------------------------------------------- */

/* Monotonic: a clock that somebody sets must not stretch or cut a time limit. */
static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- The socket ------------------------------------------------------------------------------------ */

/* 1: the socket is ready, 0: it was not before `end`, of now_ms(); -1: failed. */
static int wait_socket_until(const struct client *c, int for_writing, int64_t end)
{
    for (;;) {
        int64_t ms = end - now_ms();
        struct timeval limit;
        fd_set set;
        int n;

        if (ms <= 0)
            return 0;
        limit.tv_sec = (time_t)(ms / 1000);
        limit.tv_usec = (suseconds_t)(ms % 1000 * 1000);
        FD_ZERO(&set);
        FD_SET(c->fd, &set);
        n = select(c->fd + 1, for_writing ? NULL : &set, for_writing ? &set : NULL, NULL, &limit);
        if (n > 0)
            return 1;
        if (n < 0 && errno != EINTR)
            return fail("select: %s", strerror(errno));
    }
}

/* When a wait that begins now has to end. */
static int64_t end_of_wait(const struct client *c)
{
    int64_t end = now_ms() + (int64_t)c->seconds * 1000;

    return c->deadline != 0 ? earlier(end, c->deadline) : end;
}

/* 0: the socket is ready, -1: it was not in time. */
static int wait_socket(const struct client *c, int for_writing, const char *what)
{
    const char *verb = for_writing ? "sending " : "";
    int64_t end = end_of_wait(c);
    int ready = wait_socket_until(c, for_writing, end);

    if (ready == 0 && end == c->deadline)
        return fail("time is up for the whole run, while %s%s", verb, what);
    if (ready == 0)
        return fail("time is up: %u s without a byte, while %s%s", c->seconds, verb, what);
    return ready < 0 ? -1 : 0;
}

/* True when a call on the socket has failed only for now. */
static int is_for_now(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Sends what an encoder has written, all of it: send() may take only a part. `len` is what the encoder has
 * returned: with 0 it has refused, and c->why, which it was given, says why.
 *
 *     send_all(c, "PUBACK", frame, mqttc_puback_encode(id, frame, sizeof frame, &c->why))
 */
static int send_all(struct client *c, const char *what, const uint8_t *frame, size_t len)
{
    mqttc_packet packet;
    size_t sent = 0;

    if (len == 0)
        return fail_status(what, c->why);
    while (sent < len) {
        ssize_t n = send(c->fd, frame + sent, len - sent, 0);

        if (n >= 0)
            sent += (size_t)n;
        else if (!is_for_now(errno))
            return fail("cannot send %s: %s", what, strerror(errno));
        else if (wait_socket(c, 1, what) < 0)
            return -1;
    }
    c->last_sent = now_ms();
    if (c->log != NULL && mqttc_decode(NULL, frame, len, &packet, NULL) > 0)
        log_packet(c->log, "-> ", &packet);
    return 0;
}

/* What comes, at least one byte. */
static ssize_t receive_some(struct client *c, uint8_t *space, size_t room)
{
    ssize_t n;

    do {
        if (wait_socket(c, 0, c->waiting_for) < 0)
            return -1;
        n = recv(c->fd, space, room, 0);
    } while (n < 0 && is_for_now(errno));
    if (n == 0)
        return fail("the broker has closed the connection, while %s", c->waiting_for);
    if (n < 0)
        return fail("cannot receive, while %s: %s", c->waiting_for, strerror(errno));
    return n;
}

/* Puts what comes into the reader. However recv() cuts the stream, half a packet or three at once, the reader
 * puts the packets together. */
static inline int receive(struct client *c)
{
    mqttc_space space = mqttc_reader_space(&c->reader);
    mqttc_status status;
    ssize_t n;

    if (space.len == 0) /* recv() would return 0, as from a closed connection */
        return fail("there is no room to receive");
    n = receive_some(c, space.ptr, space.len);
    if (n < 0)
        return -1;
    status = mqttc_reader_commit(&c->reader, (size_t)n);
    return status < 0 ? fail_status("commit", status) : 0;
}

static void lookup_is_late(int signal_number)
{
    static const char text[] = PROGRAM ": time is up, while looking up the host\n";
    ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);

    (void)n;
    (void)signal_number;
    _exit(1);
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
    else if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) /* else each call waits as long as it likes */
        error = errno;
    /* Our packets are small, and the next often waits for the answer to the last. */
    else if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        error = errno;
    else if (connect(c->fd, address->ai_addr, address->ai_addrlen) < 0)
        error = errno;
    if (error == EINPROGRESS) {
        if (wait_socket_until(c, 1, end_of_wait(c)) <= 0)
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

/* A name may stand for several addresses, such as ::1 and 127.0.0.1 for localhost. */
static int open_socket(struct client *c, const char *host, const char *port)
{
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    const struct addrinfo *address;
    int error;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    signal(SIGALRM, lookup_is_late); /* getaddrinfo() has no time limit of its own */
    alarm(c->seconds);
    error = getaddrinfo(host, port, &hints, &found);
    alarm(0);
    if (error != 0)
        return fail("cannot look up %s: %s", host, gai_strerror(error));
    error = EADDRNOTAVAIL;
    for (address = found; address != NULL && error != 0; address = address->ai_next)
        error = connect_to(c, address);
    freeaddrinfo(found);
    return error == 0 ? 0 : fail("cannot connect to %s port %s: %s", host, port, strerror(error));
}

/* --- Packets --------------------------------------------------------------------------------------- */

/* For what a reader has returned: logs a packet, says why a frame was refused. Returns `got`, or -1. */
static inline int32_t received(const struct client *c, int32_t got, const mqttc_packet *packet,
                               const mqttc_detail *detail)
{
    if (got < 0) /* nobody knows what else is wrong: the connection is to be closed [MQTT-4.8.0-1] */
        return fail_decode("a packet of the broker", got, detail);
    if (c->log != NULL && (got == MQTTC_PACKET || got == MQTTC_PUBLISH_START))
        log_packet(c->log, got == MQTTC_PACKET ? "<- " : "<- the start of ", packet);
    return got;
}

/* The next packet, or the next piece of one that is longer than the reader's buffer: MQTTC_PACKET,
 * MQTTC_PUBLISH_START or MQTTC_PAYLOAD; MQTTC_NEED_MORE, which is 0, when there is none before `*end`, of
 * now_ms(). `end` may be NULL. What packet and detail point at is good until the next call. */
static inline int32_t next_event_until(struct client *c, mqttc_packet *packet, mqttc_detail *detail,
                                       const int64_t *end)
{
    int32_t got;

    while ((got = mqttc_reader_next_piece(&c->reader, packet, detail)) == MQTTC_NEED_MORE) {
        int ready = end == NULL ? 1 : wait_socket_until(c, 0, *end);

        if (ready <= 0)
            return ready;
        if (receive(c) < 0)
            return -1;
    }
    return received(c, got, packet, detail);
}

/* The same without an end: it fails when the broker is silent for too long. */
static inline int32_t next_event(struct client *c, mqttc_packet *packet, mqttc_detail *detail)
{
    return next_event_until(c, packet, detail, NULL);
}

/* The next packet must be a whole one of this type. */
static inline int expect_packet(struct client *c, uint8_t packet_type, mqttc_packet *packet)
{
    mqttc_detail detail;
    int32_t got = next_event(c, packet, &detail);

    if (got < 0)
        return -1;
    if (got != MQTTC_PACKET || packet->type != packet_type)
        return fail("the broker has sent %s, while %s", mqttc_packet_type_str(packet->type), c->waiting_for);
    return 0;
}

/* What a return code of CONNACK means; the decoder lets no other through. */
static inline const char *refusal(uint8_t return_code)
{
    static const char *const refusals[] = {
        "accepted", "unacceptable protocol version", "client identifier rejected", "server unavailable",
        "bad user name or password", "not authorized",
    };

    return refusals[return_code];
}

/* Opens the socket, and the connection of MQTT over it, with this CONNECT; an empty client identifier becomes
 * one of this process. `in` is where packets are put together. */
static inline int log_in_as(struct client *c, const char *host, const char *port, uint8_t *in, size_t in_size,
                            const mqttc_connect *wanted)
{
    char client_id[24];
    uint8_t frame[1024];
    size_t len;
    mqttc_connect p = *wanted;
    mqttc_packet packet;
    const mqttc_connack *connack = &packet.u.connack;
    mqttc_status status = mqttc_reader_init(&c->reader, in, in_size, mqttc_decode_from_server, NULL);

    if (status < 0)
        return fail_status("reader", status);
    if (p.client_id.len == 0) {
        snprintf(client_id, sizeof client_id, "mqttc-%ld", (long)getpid());
        p.client_id = mqttc_str(client_id);
    }
    len = mqttc_connect_encode(&p, frame, sizeof frame, &c->why);
    if (len == 0) /* before there is a socket */
        return fail_status("CONNECT", c->why);
    c->waiting_for = "waiting for CONNACK";
    if (open_socket(c, host, port) < 0 || send_all(c, "CONNECT", frame, len) < 0 ||
        expect_packet(c, MQTTC_CONNACK, &packet) < 0)
        return -1;
    if (connack->return_code != 0)
        return fail("the broker refuses the connection: return code %u, %s", (unsigned)connack->return_code,
                    refusal(connack->return_code));
    if (connack->session_present && p.clean_session)
        return fail("the broker has kept a session although we asked for a clean one [MQTT-3.2.2-1]");
    return 0;
}

/* The same without keep alive: while a large message is on its way, neither side can put a PINGREQ into
 * it. */
static inline int log_in(struct client *c, const char *host, const char *port, uint8_t *in, size_t in_size)
{
    mqttc_connect p;

    mqttc_connect_init(&p); /* MQTT 3.1.1, clean session */
    p.keep_alive = 0;
    return log_in_as(c, host, port, in, in_size, &p);
}

/* SUBSCRIBE for one topic filter. */
static inline int send_subscribe(struct client *c, const char *filter, uint8_t qos, uint16_t id)
{
    uint8_t frame[1024];
    mqttc_subscription wanted;
    mqttc_subscribe p;

    wanted.filter = mqttc_str(filter);
    wanted.qos = qos;
    mqttc_subscribe_init(&p);
    p.filters = &wanted;
    p.count = 1;
    p.packet_id = id; /* never 0 */
    return send_all(c, "SUBSCRIBE", frame, mqttc_subscribe_encode(&p, frame, sizeof frame, &c->why));
}

static inline int ping(struct client *c)
{
    uint8_t frame[2];

    return send_all(c, "PINGREQ", frame, mqttc_pingreq_encode(frame, sizeof frame, &c->why));
}

/* Without DISCONNECT the broker would take us for lost, and publish a will if we had one. */
static int log_out(struct client *c)
{
    uint8_t frame[2];

    return send_all(c, "DISCONNECT", frame, mqttc_disconnect_encode(frame, sizeof frame, &c->why));
}

#endif /* CLIENT_H */

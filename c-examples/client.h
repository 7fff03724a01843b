/* client.h: what the smaller clients have in common: the socket, CONNECT and DISCONNECT.
 *
 * Each wait ends after `seconds` without a byte. A function that answers less than 0 has failed, and has
 * said why. PROGRAM is defined before this is included. What not every client needs is inline, so that no
 * compiler warns of it.
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

#include "mqttc.h"

struct client {
    int fd;
    unsigned seconds;        /* the longest wait */
    const char *waiting_for; /* for the message when time is up */
    mqttc_reader reader;
};

/* --- Messages for people ------------------------------------------------------------------- */

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

/* A decoder has refused these bytes. */
static int fail_decode(const char *what, mqttc_status status, const mqttc_error *error)
{
    char where[64];

    if (status > MQTTC_ERR_REMAINING_LENGTH) /* -1 to -31: a mistake of ours, not in the bytes */
        return fail_status("the decoder", status);
    snprintf(where, sizeof where, "%s, byte %lu", what, (unsigned long)error->offset);
    return fail_status(where, status);
}

/* A decimal number from 1 to `max`; 0 for anything else. */
static unsigned parse_number(const char *text, unsigned max)
{
    unsigned long value;
    char *end;

    errno = 0;
    value = strtoul(text, &end, 10);
    return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0' && value <= max ? (unsigned)value : 0;
}

/* --- The socket ----------------------------------------------------------------------------- */

/* Monotonic: a clock that somebody sets must not stretch or cut a time limit. */
static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

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

/* 0: the socket is ready, -1: it was not in time. */
static int wait_socket(const struct client *c, int for_writing)
{
    int ready = wait_socket_until(c, for_writing, now_ms() + (int64_t)c->seconds * 1000);

    if (ready == 0)
        return fail("time is up: %u s without a byte, while %s", c->seconds, c->waiting_for);
    return ready < 0 ? -1 : 0;
}

/* True when a call on the socket has failed only for now. */
static int is_for_now(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* An encoder has answered `status`: sends all of its frame. send() may take only a part. */
static int send_encoded(struct client *c, const char *what, mqttc_status status, const uint8_t *frame,
                        size_t len)
{
    if (status != MQTTC_OK)
        return fail_status(what, status);
    while (len > 0) {
        ssize_t n = send(c->fd, frame, len, 0);

        if (n >= 0) {
            frame += n;
            len -= (size_t)n;
        } else if (!is_for_now(errno)) {
            return fail("cannot send %s: %s", what, strerror(errno));
        } else if (wait_socket(c, 1) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What comes, at least one byte. */
static ssize_t receive_some(struct client *c, uint8_t *space, size_t room)
{
    ssize_t n;

    do {
        if (wait_socket(c, 0) < 0)
            return -1;
        n = recv(c->fd, space, room, 0);
    } while (n < 0 && is_for_now(errno));
    if (n == 0)
        return fail("the broker has closed the connection, while %s", c->waiting_for);
    if (n < 0)
        return fail("cannot receive, while %s: %s", c->waiting_for, strerror(errno));
    return n;
}

/* Puts what comes into the reader, however recv() cuts it. */
static inline int receive(struct client *c)
{
    size_t room;
    uint8_t *space = mqttc_reader_space(&c->reader, &room);
    ssize_t n;
    mqttc_status status;

    if (room == 0)
        return fail("there is no room to receive");
    n = receive_some(c, space, room);
    if (n < 0)
        return -1;
    status = mqttc_reader_commit(&c->reader, (size_t)n);
    return status == MQTTC_OK ? 0 : fail_status("commit", status);
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
    else if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        error = errno;
    else if (connect(c->fd, address->ai_addr, address->ai_addrlen) < 0)
        error = errno;
    if (error == EINPROGRESS) {
        if (wait_socket(c, 1) < 0)
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

static int open_socket(struct client *c, const char *host, const char *port)
{
    struct addrinfo hints;
    struct addrinfo *found = NULL;
    const struct addrinfo *address;
    int error;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    signal(SIGPIPE, SIG_IGN); /* else a closed connection ends the program without a word */
    signal(SIGALRM, lookup_is_late); /* getaddrinfo() has no time limit of its own */
    alarm(c->seconds);
    error = getaddrinfo(host, port, &hints, &found);
    alarm(0);
    if (error != 0)
        return fail("cannot look up %s: %s", host, gai_strerror(error));
    error = EADDRNOTAVAIL;
    c->waiting_for = "connecting";
    for (address = found; address != NULL && error != 0; address = address->ai_next)
        error = connect_to(c, address);
    freeaddrinfo(found);
    return error == 0 ? 0 : fail("cannot connect to %s port %s: %s", host, port, strerror(error));
}

/* --- Packets -------------------------------------------------------------------------------- */

/* The reader's next event: MQTTC_OK with a packet, MQTTC_PUBLISH_START or MQTTC_PAYLOAD; MQTTC_NEED_MORE when
 * there is none before `*end`, of now_ms(). `end` may be NULL. What the event points at is good until the next
 * call. */
static inline mqttc_status next_event_until(struct client *c, mqttc_packet *packet, mqttc_slice *chunk, uint32_t *left,
                                            const int64_t *end)
{
    mqttc_error error;
    mqttc_status status;

    for (;;) {
        status = mqttc_reader_next(&c->reader, packet, chunk, left, &error);
        if (status == MQTTC_OK || status == MQTTC_PUBLISH_START || status == MQTTC_PAYLOAD)
            return status;
        if (status == MQTTC_NEED_MORE && end != NULL) {
            int ready = wait_socket_until(c, 0, *end);

            if (ready <= 0)
                return ready < 0 ? -1 : MQTTC_NEED_MORE;
        }
        if (status == MQTTC_NEED_MORE && receive(c) < 0)
            return -1;
        if (status < 0) /* any other positive value: an event of a later version */
            break;
    }
    /* Nobody knows what else is wrong: the connection is to be closed [MQTT-4.8.0-1]. */
    return fail_decode("a packet of the broker", status, &error);
}

/* The same without an end: it fails when the broker is silent for too long. */
static inline mqttc_status next_event(struct client *c, mqttc_packet *packet, mqttc_slice *chunk, uint32_t *left)
{
    return next_event_until(c, packet, chunk, left, NULL);
}

/* The next packet must be a whole one of this type. */
static inline int expect_packet(struct client *c, uint8_t packet_type, mqttc_packet *packet)
{
    mqttc_slice chunk;
    uint32_t left;
    mqttc_status status = next_event(c, packet, &chunk, &left);

    if (status < 0)
        return -1;
    if (status != MQTTC_OK || packet->type != packet_type)
        return fail("the broker has sent %s, while %s", mqttc_packet_type_str(packet->type), c->waiting_for);
    return 0;
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
    mqttc_packet answer;
    mqttc_status status = mqttc_reader_init(&c->reader, in, in_size, mqttc_decode_from_server, NULL);

    if (status != MQTTC_OK)
        return fail_status("reader", status);
    if (p.client_id.len == 0) {
        snprintf(client_id, sizeof client_id, "mqttc-%ld", (long)getpid());
        p.client_id = mqttc_str(client_id);
    }
    status = mqttc_connect_encode(&p, frame, sizeof frame, &len);
    if (status != MQTTC_OK) /* before there is a socket */
        return fail_status("CONNECT", status);
    if (open_socket(c, host, port) < 0)
        return -1;
    c->waiting_for = "waiting for CONNACK";
    if (send_encoded(c, "CONNECT", status, frame, len) < 0 || expect_packet(c, MQTTC_CONNACK, &answer) < 0)
        return -1;
    if (answer.u.connack.return_code != 0)
        return fail("the broker refuses the connection: return code %u", (unsigned)answer.u.connack.return_code);
    return 0;
}

/* The same without keep alive: while a large message is on its way, neither side can put a PINGREQ into it. */
static inline int log_in(struct client *c, const char *host, const char *port, uint8_t *in, size_t in_size)
{
    mqttc_connect p;

    mqttc_connect_init(&p); /* MQTT 3.1.1, clean session */
    p.keep_alive = 0;
    return log_in_as(c, host, port, in, in_size, &p);
}

static inline int ping(struct client *c)
{
    uint8_t frame[2];
    size_t len;
    mqttc_status status = mqttc_pingreq_encode(frame, sizeof frame, &len);

    c->waiting_for = "sending PINGREQ";
    return send_encoded(c, "PINGREQ", status, frame, len);
}

static int log_out(struct client *c)
{
    uint8_t frame[2];
    size_t len;
    mqttc_status status = mqttc_disconnect_encode(frame, sizeof frame, &len);

    c->waiting_for = "sending DISCONNECT";
    return send_encoded(c, "DISCONNECT", status, frame, len);
}

#endif /* CLIENT_H */

/* publish_writev.c: publishes a file of any size without having it in memory.
 *
 * The header is encoded apart, for a payload of the file's length; then header and file go out through
 * writev(), a piece at a time, and a payload counter sees to it that the file is as long as the header says.
 * With QoS 1, so that the broker's PUBACK shows that it has taken the message. Ends with 0 only then; with 1
 * and a message if anything failed; with 2 for a wrong command line.
 */
#define _FILE_OFFSET_BITS 64
#define PROGRAM "publish_writev"
#include "client.h"

#include <sys/stat.h>
#include <sys/uio.h>

enum {
    PIECE_SIZE = 16384,              /* what is in memory of the file */
    HEADER_SIZE = 5 + 2 + 65535 + 2, /* fixed header, topic, packet identifier */
    PACKET_ID = 1
};

static uint8_t header[HEADER_SIZE];
static uint8_t piece[PIECE_SIZE];

/* Opens a file whose length is known before it is read: the header says it. */
static int open_file(const char *path, off_t *size)
{
    struct stat info;
    int file = open(path, O_RDONLY | O_NONBLOCK); /* a pipe that nobody writes to must not hold us up */

    if (file < 0)
        return fail("cannot open %s: %s", path, strerror(errno));
    if (fstat(file, &info) < 0) {
        fail("cannot look at %s: %s", path, strerror(errno));
    } else if (!S_ISREG(info.st_mode)) {
        fail("%s is not a regular file: its length must be known before it is read", path);
    } else {
        *size = info.st_size;
        return file;
    }
    close(file);
    return -1;
}

/* Everything of the PUBLISH but its payload. Returns its length; 0: failed, and has said why. */
static size_t encode_header(const char *topic, off_t size)
{
    /* The remaining length counts the topic and the packet identifier too. */
    long long most = 268435455LL - 2 - (long long)strlen(topic) - 2;
    mqttc_status why = MQTTC_ERR_REMAINING_LENGTH;
    mqttc_publish p;
    size_t len = 0;

    mqttc_publish_init(&p);
    p.topic = mqttc_str(topic);
    p.qos = 1;
    p.packet_id = PACKET_ID;
    if ((uintmax_t)size <= UINT32_MAX)
        len = mqttc_publish_header_encode(&p, (uint32_t)size, header, sizeof header, &why);
    if (why == MQTTC_ERR_REMAINING_LENGTH)
        fail("the file is too large: it has %lld bytes, and a message to this topic at most %lld",
             (long long)size, most);
    else if (len == 0)
        fail_status("PUBLISH", why);
    return len;
}

/* The next bytes of the file: how many, 0 at its end. */
static ssize_t read_piece(int file)
{
    ssize_t n;

    do
        n = read(file, piece, sizeof piece);
    while (n < 0 && errno == EINTR);
    return n < 0 ? fail("cannot read the file: %s", strerror(errno)) : n;
}

/* Sends all of it. writev() may take a part, which may end in the middle of either. */
static int send_vector(struct client *c, struct iovec *v, int count)
{
    while (count > 0) {
        ssize_t n;
        size_t taken;

        if (v->iov_len == 0) {
            v++, count--;
            continue;
        }
        n = writev(c->fd, v, count);
        if (n < 0) {
            if (!is_for_now(errno))
                return fail("cannot send PUBLISH: %s (does the broker take messages of this size?)",
                            strerror(errno));
            if (wait_socket(c, 1, "PUBLISH") < 0)
                return -1;
            continue;
        }
        for (taken = (size_t)n; count > 0 && taken >= v->iov_len; v++, count--)
            taken -= v->iov_len;
        if (count > 0) {
            v->iov_base = (uint8_t *)v->iov_base + taken;
            v->iov_len -= taken;
        }
    }
    return 0;
}

/* The file may change while it is sent. Without DISCONNECT a broker drops what it has of the message. */
static int send_publish(struct client *c, size_t header_len, int file, off_t size)
{
    mqttc_payload_counter counter;
    ssize_t n;

    mqttc_payload_counter_init(&counter, (uint32_t)size);
    do {
        struct iovec v[2];

        n = read_piece(file);
        if (n < 0)
            return -1;
        if (mqttc_payload_counter_count(&counter, (size_t)n) < 0)
            return fail("the file has become longer while it was sent");
        v[0].iov_base = header;
        v[0].iov_len = header_len;
        v[1].iov_base = piece;
        v[1].iov_len = (size_t)n;
        if (send_vector(c, v, 2) < 0)
            return -1;
        header_len = 0; /* before the first piece alone */
    } while (n > 0);
    if (mqttc_payload_counter_end(&counter) < 0)
        return fail("the file has become shorter while it was sent");
    return 0;
}

static int run(struct client *c, const char *host, const char *port, size_t header_len, int file, off_t size)
{
    uint8_t in[16]; /* CONNACK and PUBACK have 4 bytes each */
    mqttc_packet packet;

    if (log_in(c, host, port, in, sizeof in) < 0 || send_publish(c, header_len, file, size) < 0)
        return -1;
    c->waiting_for = "waiting for PUBACK";
    if (expect_packet(c, MQTTC_PUBACK, &packet) < 0)
        return -1;
    if (packet.u.packet_id != PACKET_ID)
        return fail("PUBACK for packet id %u, which was not used", (unsigned)packet.u.packet_id);
    return log_out(c);
}

int main(int argc, char **argv)
{
    struct client client = {.fd = -1};
    size_t header_len;
    off_t size = 0;
    int file;
    int result;

    client.seconds = argc == 6 ? parse_number(argv[5], 86400) : 30;
    if (argc < 5 || argc > 6 || client.seconds == 0 || parse_number(argv[2], 65535) == 0) {
        fputs("usage: publish_writev HOST PORT TOPIC FILE [SECONDS]\n"
              "\n"
              "Publishes FILE to TOPIC with QoS 1. SECONDS, 30 by default, is the longest wait.\n",
              stderr);
        return 2;
    }
    if (start() < 0)
        return 1;
    file = open_file(argv[4], &size);
    if (file < 0)
        return 1;
    header_len = encode_header(argv[3], size);
    result = header_len > 0 ? run(&client, argv[1], argv[2], header_len, file, size) : -1;
    close(file);
    if (client.fd >= 0)
        close(client.fd);
    if (result < 0)
        return 1;
    printf("published %lld bytes to %s, acknowledged\n", (long long)size, argv[3]);
    return 0;
}

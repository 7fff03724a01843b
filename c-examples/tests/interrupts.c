/* interrupts.c: an interrupt receives, the main loop reads: as mqttc.h says that it is done.
 *
 * usage: interrupts [FRAMES]
 *
 * A signal handler plays the interrupt of a UART: it puts bytes into the ring buffer of the firmware, as many
 * as have "come" since the last time. The main loop moves them into the reader's space and asks for packets.
 * All must come out, in order. An interrupt that called mqttc_reader_commit itself would lose most of them:
 * it is not one call at a time.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "../firmware/board/ring.h"
#include "expect.h"
#include "mqttc.h"

enum {
    MOST_FRAMES = 20000,
    LONGEST = 32,      /* bytes of a frame, and of the reader's buffer */
    MICROSECONDS = 20, /* between two interrupts, at the least */
    SECONDS = 60       /* the longest wait */
};

static uint8_t stream[MOST_FRAMES * LONGEST];
static size_t stream_len;
static volatile size_t sent;
static volatile sig_atomic_t interrupts;

RING(uart, 64);

/* Message number `i`. */
static void make(mqttc_publish *p, uint8_t *payload, uint32_t i)
{
    mqttc_publish_init(p);
    memset(payload, (int)(i % 251), i % 17);
    p->topic = mqttc_str("t/a");
    p->payload = mqttc_bytes(payload, i % 17);
    p->qos = 1;
    p->packet_id = (uint16_t)(i % 65535 + 1);
}

/* Up to 19 bytes have come. A UART would lose what has no room; here the sender waits, so that none is
 * missing. */
static void on_interrupt(int signal_number)
{
    size_t at = sent;
    unsigned n;

    (void)signal_number;
    interrupts = interrupts + 1;
    for (n = (unsigned)interrupts % 20; n > 0 && at < stream_len && ring_used(&uart) < uart.size; n--)
        ring_put(&uart, stream[at++]);
    sent = at;
}

static int interrupt_every(long microseconds)
{
    struct itimerval timer;

    timer.it_interval.tv_sec = timer.it_value.tv_sec = 0;
    timer.it_interval.tv_usec = timer.it_value.tv_usec = microseconds;
    return setitimer(ITIMER_REAL, &timer, NULL);
}

/* The main loop, until all frames are there or time is up. Returns how many have come. */
static uint32_t read_all(mqttc_reader *r, uint32_t frames)
{
    time_t give_up = time(NULL) + SECONDS;
    uint32_t read = 0;

    while (read < frames && time(NULL) < give_up) {
        mqttc_packet packet;
        mqttc_publish wanted;
        uint8_t payload[LONGEST];
        mqttc_space space;
        size_t n;
        int32_t got = mqttc_reader_next(r, &packet, NULL);

        if (got < 0) {
            fprintf(stderr, "interrupts: %s\n", mqttc_strerror(got));
            break;
        }
        if (got == MQTTC_PACKET) {
            make(&wanted, payload, read);
            EXPECT(packet.type == MQTTC_PUBLISH && mqttc_eq(packet.u.publish.topic, "t/a") &&
                   mqttc_packet_id(&packet) == wanted.packet_id &&
                   packet.u.publish.payload.len == wanted.payload.len &&
                   memcmp(packet.u.publish.payload.ptr, payload, wanted.payload.len) == 0);
            read++;
            continue;
        }
        space = mqttc_reader_space(r);
        n = ring_get(&uart, space.ptr, space.len);
        if (space.len == 0 || mqttc_reader_commit(r, n) < 0) {
            fprintf(stderr, "interrupts: no space\n");
            break;
        }
    }
    return read;
}

int main(int argc, char **argv)
{
    static uint8_t lent[LONGEST];
    unsigned long frames = argc > 1 ? strtoul(argv[1], NULL, 10) : MOST_FRAMES;
    unsigned long read;
    struct sigaction action;
    mqttc_reader r;
    uint32_t i;

    if (frames == 0 || frames > MOST_FRAMES) {
        fprintf(stderr, "usage: interrupts [FRAMES]    at most %d\n", MOST_FRAMES);
        return 2;
    }
    for (i = 0; i < frames; i++) {
        mqttc_publish p;
        uint8_t payload[LONGEST];
        size_t n;

        make(&p, payload, i);
        n = mqttc_publish_encode(&p, stream + stream_len, LONGEST, NULL);
        EXPECT(n > 0);
        stream_len += n;
    }
    EXPECT(mqttc_reader_init(&r, lent, sizeof lent, mqttc_decode_from_server, NULL) == 0);

    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    if (sigaction(SIGALRM, &action, NULL) != 0 || interrupt_every(MICROSECONDS) != 0) {
        perror("interrupts");
        return 2;
    }
    read = read_all(&r, (uint32_t)frames);
    EXPECT(interrupt_every(0) == 0);
    EXPECT(read == frames && sent == stream_len && ring_used(&uart) == 0 && ring_lost(&uart) == 0);
    printf("interrupts: %lu frames in, %lu out, by %ld interrupts\n", frames, read, (long)interrupts);
    return report("interrupts");
}

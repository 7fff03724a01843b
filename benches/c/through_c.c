/* What instructions.sh measures of the C library: struct to bytes and bytes to struct, with all checks.
 *
 *   through_c                 lists what can be measured: WORK, WORKLOAD
 *   through_c WORK WORKLOAD RUNS
 *
 * The workloads are those of src/workloads.rs. Before it is measured, each call has to give the right bytes, or
 * the right fields.
 */
#include "mqttc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOPIC "plant/1/line/3/motor/rpm"
#define PAYLOAD "pppppppppppppppp"

static const uint8_t connect_bytes[] =
    "\x10\x6e\0\4MQTT\4\xee\0\x3c"
    "\0\x17" "client-0123456789abcdef"
    "\0\x0d" "line/3/status" "\0\x20" "offline since the last keepalive"
    "\0\x09" "sensor-17" "\0\x0d" "correct horse";
static const uint8_t publish_bytes[] = "\x30\x2a\0\x18" TOPIC PAYLOAD;
static const uint8_t suback_bytes[] = "\x90\x0a\0\x0a\1\0\2\0\1\x80\0\2";
static const uint8_t puback_bytes[] = "\x40\2\0\x0a";

/* What an optimiser must take as unknown. */
#define OPAQUE(p) __asm__ volatile("" : "+r"(p) : : "memory")

static void fail(const char *what)
{
    fprintf(stderr, "through_c: %s is wrong\n", what);
    exit(1);
}

static uint8_t out[256];

static void prove(const char *what, size_t n, const uint8_t *bytes, size_t len)
{
    if (n != len || memcmp(out, bytes, len) != 0)
        fail(what);
}

static __attribute__((noinline)) void encode_connect(long runs)
{
    mqttc_connect c, *p = &c;
    size_t n = 0;
    mqttc_connect_init(p);
    p->client_id = mqttc_str("client-0123456789abcdef");
    mqttc_connect_will(p, mqttc_str("line/3/status"), mqttc_str("offline since the last keepalive"), 1, 1);
    mqttc_connect_login(p, mqttc_str("sensor-17"), mqttc_str("correct horse"));
    while (runs-- > 0) {
        OPAQUE(p);
        n = mqttc_connect_encode(p, out, sizeof out, NULL);
    }
    prove("CONNECT", n, connect_bytes, sizeof connect_bytes - 1);
}

static __attribute__((noinline)) void encode_publish(long runs)
{
    mqttc_publish c, *p = &c;
    size_t n = 0;
    mqttc_publish_init(p);
    p->topic = mqttc_str(TOPIC);
    p->payload = mqttc_str(PAYLOAD);
    while (runs-- > 0) {
        OPAQUE(p);
        n = mqttc_publish_encode(p, out, sizeof out, NULL);
    }
    prove("PUBLISH", n, publish_bytes, sizeof publish_bytes - 1);
}

static __attribute__((noinline)) void encode_header(long runs)
{
    mqttc_publish c, *p = &c;
    size_t n = 0;
    mqttc_publish_init(p);
    p->topic = mqttc_str(TOPIC);
    while (runs-- > 0) {
        OPAQUE(p);
        n = mqttc_publish_header_encode(p, sizeof PAYLOAD - 1, out, sizeof out, NULL);
    }
    prove("header only", n, publish_bytes, sizeof publish_bytes - sizeof PAYLOAD);
}

static __attribute__((noinline)) void encode_puback(long runs)
{
    uint16_t id = 10;
    size_t n = 0;
    while (runs-- > 0) {
        OPAQUE(id);
        n = mqttc_puback_encode(id, out, sizeof out, NULL);
    }
    prove("PUBACK", n, puback_bytes, sizeof puback_bytes - 1);
}

/* By mqttc_decode, which takes any packet, as a client that knows all types does. */
static __attribute__((noinline)) void decode_any(const uint8_t *bytes, size_t len, mqttc_packet *p, long runs)
{
    int32_t n = 0;
    while (runs-- > 0) {
        OPAQUE(bytes);
        OPAQUE(p);
        n = mqttc_decode(NULL, bytes, len, p, NULL);
    }
    if (n != (int32_t)len)
        fail("what mqttc_decode returns");
}

static void decode_publish(long runs)
{
    mqttc_packet p;
    decode_any(publish_bytes, sizeof publish_bytes - 1, &p, runs);
    if (p.type != MQTTC_PUBLISH || !mqttc_eq(p.u.publish.topic, TOPIC) || !mqttc_eq(p.u.publish.payload, PAYLOAD) ||
        p.u.publish.qos != 0 || p.u.publish.dup != 0 || p.u.publish.retain != 0 || p.u.publish.packet_id != 0)
        fail("PUBLISH, decoded");
}

static void decode_suback(long runs)
{
    mqttc_packet p;
    decode_any(suback_bytes, sizeof suback_bytes - 1, &p, runs);
    if (p.type != MQTTC_SUBACK || p.u.suback.packet_id != 10 || p.u.suback.return_codes.len != 8 ||
        memcmp(p.u.suback.return_codes.ptr, suback_bytes + 4, 8) != 0)
        fail("SUBACK, decoded");
}

static void decode_puback(long runs)
{
    mqttc_packet p;
    decode_any(puback_bytes, sizeof puback_bytes - 1, &p, runs);
    if (p.type != MQTTC_PUBACK || p.u.packet_id != 10)
        fail("PUBACK, decoded");
}

/* By the decoder of the one type, as a small client does after mqttc_peek. */
static __attribute__((noinline)) void decode_publish_only(long runs)
{
    const uint8_t *bytes = publish_bytes;
    mqttc_publish c, *p = &c;
    int32_t n = 0;
    while (runs-- > 0) {
        OPAQUE(bytes);
        OPAQUE(p);
        n = mqttc_publish_decode(NULL, bytes, sizeof publish_bytes - 1, p, NULL);
    }
    if (n != sizeof publish_bytes - 1 || !mqttc_eq(c.topic, TOPIC) || !mqttc_eq(c.payload, PAYLOAD))
        fail("PUBLISH, decoded alone");
}

static const struct {
    const char *work, *workload;
    void (*run)(long runs);
} rows[] = {
    {"C encode", "CONNECT", encode_connect},
    {"C encode", "PUBLISH 16 B", encode_publish},
    {"C encode", "header only", encode_header},
    {"C encode", "PUBACK", encode_puback},
    {"C decode", "PUBLISH 16 B", decode_publish},
    {"C decode", "SUBACK 8", decode_suback},
    {"C decode", "PUBACK", decode_puback},
    {"C decode", "PUBLISH alone", decode_publish_only},
};

int main(int argc, char **argv)
{
    size_t i;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (argc == 1)
            printf("%s\t%s\n", rows[i].work, rows[i].workload);
        else if (argc == 4 && strcmp(argv[1], rows[i].work) == 0 && strcmp(argv[2], rows[i].workload) == 0) {
            rows[i].run(atol(argv[3]));
            return 0;
        }
    }
    return argc == 1 ? 0 : 2;
}

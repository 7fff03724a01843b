/* device_json: the program of the firmware tutorial, as it was meant. A device logs in, publishes where a
 * node is, as JSON, and keeps the connection alive.
 *
 *   device_json HOST PORT [OPTIONS]      device_json alone tells which
 *
 * The JSON is made in the buffer that is sent, and the header of the PUBLISH is written in front of it:
 * nothing is copied. QoS 1: the device waits for PUBACK, and sends the message again with DUP when it does
 * not come in time. What goes wrong is told on stderr, and the exit code is 1; 2 for a mistake in the
 * arguments.
 */
#define PROGRAM "device_json"

#include <limits.h>

#include "client.h"
#include "firmware/text.h"

enum {
    HEADER_MAX = 1024, /* what is kept free in front of the JSON: 5 bytes, 2 and the topic, 2 */
    PAYLOAD_MAX = 65536,
    TRIES = 5, /* for one message, the first included */
    KEEP_ALIVE_MINUTES_MAX = UINT16_MAX / 60
};

struct options {
    unsigned device;
    unsigned node;
    const char *user;
    const char *password; /* NULL: none */
    const char *topic;    /* NULL: made of the node's number */
    const char *location;
    unsigned keep_alive; /* minutes */
    unsigned heartbeat;  /* seconds without a packet of ours, then PINGREQ; 0: half the keep alive */
    unsigned qos;
    unsigned size; /* of the payload; 0: as it comes */
    unsigned count;
    unsigned retry;   /* seconds */
    unsigned stay;    /* seconds */
    unsigned seconds; /* the longest wait for the broker */
};

struct device {
    struct client client;
    const struct options *opt;
    uint16_t id;    /* of the last message of QoS 1 */
    unsigned owed;  /* PUBACKs that are still to come: one for each time that a message was sent */
    int64_t pinged; /* of now_ms(): when PINGREQ went out that has no answer yet; 0: none */
    unsigned heartbeats;
    uint8_t out[HEADER_MAX + PAYLOAD_MAX]; /* the payload from HEADER_MAX on; the header ends there */
    size_t payload_len;
};

/* --- The payload ----------------------------------------------------------------------------------- */

static void location_json(text *t, const struct options *opt, const char *location)
{
    text_add(t, "{\"nodeIp\":\"");
    text_unsigned(t, opt->node);
    text_add(t, "\",\"baseIp\":\"");
    text_unsigned(t, opt->device);
    text_add(t, "\",\"location\":");
    text_json(t, location, strlen(location));
    text_add(t, "}");
}

/* -1 when the payload does not fit, or cannot have the size that is asked for. */
static int make_payload(struct device *d)
{
    static char location[PAYLOAD_MAX];
    const struct options *opt = d->opt;
    char *payload = (char *)d->out + HEADER_MAX;
    text t = text_in(payload, PAYLOAD_MAX);
    size_t len = strlen(opt->location);
    size_t fill;

    location_json(&t, opt, opt->location);
    if (t.overflow)
        return fail("--location: the payload would be longer than %lu bytes", (unsigned long)PAYLOAD_MAX - 1);
    d->payload_len = t.len;
    if (opt->size == 0)
        return 0;
    if (t.len > opt->size)
        return fail("--size must be at least %lu, which the payload has without it", (unsigned long)t.len);
    fill = opt->size - t.len;
    memcpy(location, opt->location, len); /* the payload is longer than this, and fits */
    memset(location + len, '.', fill);
    location[len + fill] = '\0';
    t = text_in(payload, PAYLOAD_MAX);
    location_json(&t, opt, location);
    d->payload_len = t.len;
    return 0;
}

/* --- The connection -------------------------------------------------------------------------------- */

/* When PINGREQ is to be sent, or when its answer is too late. */
static int64_t heartbeat_time(const struct device *d)
{
    if (d->pinged != 0)
        return d->pinged + (int64_t)d->opt->seconds * 1000;
    if (d->opt->heartbeat != 0)
        return d->client.last_sent + (int64_t)d->opt->heartbeat * 1000;
    if (d->opt->keep_alive != 0)
        return d->client.last_sent + (int64_t)d->opt->keep_alive * 30 * 1000;
    return INT64_MAX;
}

static int heartbeat(struct device *d)
{
    if (now_ms() < heartbeat_time(d))
        return 0;
    if (d->pinged != 0)
        return fail("time is up: no PINGRESP in %u s", d->opt->seconds);
    if (ping(&d->client) < 0)
        return -1;
    d->pinged = now_ms();
    return 0;
}

/* Receives until `end`, of now_ms(), and keeps the connection alive. 1: PUBACK for the message `awaited` has
 * come, 0: it has not (0 awaits none), -1: failed. */
static int receive_until(struct device *d, int64_t end, uint16_t awaited)
{
    mqttc_packet packet;
    mqttc_detail detail;

    while (now_ms() < end) {
        int64_t until;
        int32_t got;

        if (heartbeat(d) < 0)
            return -1;
        until = earlier(end, heartbeat_time(d));
        d->client.waiting_for = awaited != 0 ? "waiting for PUBACK" : "staying connected";
        got = next_event_until(&d->client, &packet, &detail, &until);
        if (got < 0)
            return -1;
        if (got == MQTTC_NEED_MORE)
            continue;
        if (packet.type == MQTTC_PINGRESP && d->pinged != 0) {
            d->pinged = 0;
            d->heartbeats++;
        } else if (packet.type == MQTTC_PUBACK && packet.u.packet_id == awaited) {
            d->owed--;
            return 1;
        } else if (packet.type == MQTTC_PUBACK && d->owed > (awaited != 0 ? 1u : 0u)) {
            d->owed--; /* the second answer to a message that was sent twice */
        } else {
            return fail("the broker has sent %s, which answers nothing", mqttc_packet_type_str(packet.type));
        }
    }
    return 0;
}

static int publish(struct device *d, const char *topic)
{
    mqttc_publish p;
    mqttc_status status;
    uint8_t *frame;
    size_t len;
    unsigned tries;
    int answered;

    mqttc_publish_init(&p);
    p.topic = mqttc_str(topic);
    p.qos = (uint8_t)d->opt->qos;
    if (p.qos > 0)
        p.packet_id = d->id = mqttc_next_packet_id(d->id); /* never 0 */
    len = mqttc_publish_encode_before(&p, d->out, HEADER_MAX, d->payload_len, &d->client.why);
    if (len == 0)
        return fail_status("PUBLISH", d->client.why);
    frame = d->out + HEADER_MAX - len;
    len += d->payload_len;
    for (tries = 1;; tries++) {
        if (send_all(&d->client, "PUBLISH", frame, len) < 0)
            return -1;
        if (p.qos == 0)
            return 0;
        d->owed++;
        answered = receive_until(d, d->client.last_sent + (int64_t)d->opt->retry * 1000, p.packet_id);
        if (answered != 0)
            return answered < 0 ? -1 : 0;
        if (tries == TRIES)
            return fail("time is up: no PUBACK for packet identifier %u, sent %u times",
                        (unsigned)p.packet_id, tries);
        printf("no PUBACK in %u s: packet identifier %u once more, with DUP\n", d->opt->retry,
               (unsigned)p.packet_id);
        status = mqttc_publish_set_dup(frame, len);
        if (status < 0)
            return fail_status("PUBLISH", status);
    }
}

static int run(struct device *d, const char *host, const char *port)
{
    static uint8_t in[256];
    const struct options *opt = d->opt;
    char client_id[24];
    char topic[24];
    mqttc_connect p;
    unsigned k;

    snprintf(client_id, sizeof client_id, "Dome%u", opt->device);
    snprintf(topic, sizeof topic, "loc/%u", opt->node);
    mqttc_connect_init(&p);
    p.client_id = mqttc_str(client_id);
    p.keep_alive = (uint16_t)(opt->keep_alive * 60);
    mqttc_connect_login(&p, mqttc_str(opt->user), mqttc_str(opt->password));
    p.has_user_name = opt->user != NULL; /* NULL is none, not an empty one */
    if (log_in_as(&d->client, host, port, in, sizeof in, &p) < 0)
        return -1;
    printf("%s is connected, keep alive %u s\n", client_id, (unsigned)p.keep_alive);
    for (k = 0; k < opt->count; k++)
        if (publish(d, opt->topic != NULL ? opt->topic : topic) < 0)
            return -1;
    if (receive_until(d, now_ms() + (int64_t)opt->stay * 1000, 0) < 0)
        return -1;
    return log_out(&d->client);
}

/* --- The command line ------------------------------------------------------------------------------ */

static int usage(void)
{
    fputs("usage: " PROGRAM " HOST PORT [OPTIONS]\n"
          "\n"
          "Publishes {\"nodeIp\":..,\"baseIp\":..,\"location\":..} as the device Dome<N>.\n"
          "  --device N        1 by default\n"
          "  --node N          1 by default\n"
          "  --location TEXT   A1 by default\n"
          "  --topic TOPIC     loc/<node> by default\n"
          "  --user NAME, --password WORD\n"
          "  --keep-alive M    minutes, 1 by default; 0 for none\n"
          "  --heartbeat S     PINGREQ after so many seconds; half the keep alive by default\n"
          "  --qos 0|1         1 by default\n"
          "  --size BYTES      fills the location up, so that the payload has this size\n"
          "  --count N         messages, 1 by default\n"
          "  --retry S         sends again when PUBACK has not come, 5 by default\n"
          "  --stay S          stays connected so long afterwards, 0 by default\n"
          "  --seconds S       the longest wait for the broker, 10 by default\n",
          stderr);
    return -1;
}

/* CONNECT has 16 bits for the seconds: minutes from 1093 on would be sent as a few seconds. */
static int keep_alive(struct options *opt, const char *value)
{
    if (number_option("--keep-alive", value, 0, UINT_MAX, &opt->keep_alive) < 0)
        return -1;
    if (opt->keep_alive > KEEP_ALIVE_MINUTES_MAX)
        return fail("--keep-alive: %u minutes are more than the 65535 seconds that CONNECT can hold; "
                    "at most %u minutes", opt->keep_alive, (unsigned)KEEP_ALIVE_MINUTES_MAX);
    return 0;
}

static int parse_option(struct options *opt, const char *name, const char *value)
{
    const struct {
        const char *name;
        unsigned min, max;
        unsigned *out;
    } numbers[] = {
        {"--device", 0, UINT_MAX, &opt->device},         {"--node", 0, UINT_MAX, &opt->node},
        {"--heartbeat", 1, UINT16_MAX, &opt->heartbeat}, {"--qos", 0, 1, &opt->qos},
        {"--size", 1, PAYLOAD_MAX - 1, &opt->size},      {"--count", 1, UINT_MAX, &opt->count},
        {"--retry", 1, 3600, &opt->retry},               {"--stay", 0, UINT_MAX, &opt->stay},
        {"--seconds", 1, 3600, &opt->seconds},
    };
    const struct {
        const char *name;
        const char **out;
    } texts[] = {
        {"--location", &opt->location}, {"--topic", &opt->topic},
        {"--user", &opt->user},         {"--password", &opt->password},
    };
    size_t i;

    if (strcmp(name, "--keep-alive") == 0)
        return keep_alive(opt, value);
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(name, numbers[i].name) == 0)
            return number_option(name, value, numbers[i].min, numbers[i].max, numbers[i].out);
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].out = value;
            return 0;
        }
    }
    return usage();
}

int main(int argc, char **argv)
{
    static struct device d; /* some KB, which a small stack may not have */
    struct options opt = {.device = 1, .node = 1, .location = "A1", .keep_alive = 1, .qos = 1, .count = 1,
                          .retry = 5, .seconds = 10};
    int i;
    int result;

    if (argc < 3 || argc % 2 == 0)
        return usage(), 2;
    for (i = 3; i < argc; i += 2)
        if (parse_option(&opt, argv[i], argv[i + 1]) < 0)
            return 2;
    if (opt.keep_alive != 0 && opt.heartbeat > opt.keep_alive * 60)
        return fail("--heartbeat must not be more than the keep alive, %u s", opt.keep_alive * 60), 2;
    d.opt = &opt;
    if (make_payload(&d) < 0)
        return 2;
    if (start() < 0)
        return 1;
    d.client.fd = -1;
    d.client.seconds = opt.seconds;
    result = run(&d, argv[1], argv[2]);
    if (d.client.fd >= 0)
        close(d.client.fd);
    if (result < 0)
        return 1;
    printf("done: %u published, %lu bytes each, %s; %u heartbeats\n", opt.count, (unsigned long)d.payload_len,
           opt.qos > 0 ? "acknowledged" : "not acknowledged", d.heartbeats);
    return 0;
}

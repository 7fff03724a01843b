/* publish_subscribe.c: an MQTT 3.1.1 client over a socket.
 *
 * It connects, subscribes, publishes, prints what comes back, keeps the connection alive and disconnects. It
 * ends with 0 only if every message that it has published came back to it and every acknowledgement was
 * exchanged; with 1 and a message if anything failed; with 2 for a wrong command line.
 *
 * The socket, the clock and the buffers are the program's (client.h); mqttc.h turns structs into bytes and
 * bytes into structs. There is no heap and no thread, and every wait has an end.
 */
#define PROGRAM "publish_subscribe"

#include "client.h"

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
    unsigned qos;
    unsigned count;
    unsigned keep_alive; /* seconds; 0: none */
    unsigned seconds;    /* the whole run's limit */
    unsigned stay;       /* seconds to stay subscribed after the last message */
    unsigned log;        /* 1: one line for each packet */
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

struct session {
    struct client client;
    const struct options *opt;
    uint8_t in[IN_SIZE];

    int subscribed;
    uint16_t last_id;
    uint16_t subscribe_id;

    int64_t pinged_at;
    int pinging;

    struct outgoing out;
    uint16_t held[HELD_MAX]; /* ids of QoS 2 messages that were taken but not released */
    size_t held_count;

    unsigned published;
    unsigned came_back;
    uint8_t seen[COUNT_MAX];
};

static void print_message(const char *verb, mqttc_slice payload, const char *preposition, mqttc_slice topic)
{
    printf("%s \"", verb);
    log_text(stdout, payload);
    printf("\" %s \"", preposition);
    log_text(stdout, topic);
    putchar('"');
}

/* --- Packets out ----------------------------------------------------------------------------------- */

typedef size_t (*encode_ack)(uint16_t id, uint8_t *buf, size_t cap, mqttc_status *why);

static int send_ack(struct client *c, const char *what, encode_ack encode, uint16_t id)
{
    uint8_t frame[4];

    return send_all(c, what, frame, encode(id, frame, sizeof frame, &c->why));
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

static void await(struct session *s, uint8_t packet_type)
{
    s->out.awaits = packet_type;
    s->out.tries = 1;
    s->out.resend_at = now_ms() + RESEND_MS;
}

static int send_publish(struct session *s, unsigned k)
{
    struct outgoing *out = &s->out;
    char text[OUT_SIZE];
    mqttc_publish p;

    if (message_text(s->opt, k, text, sizeof text) < 0)
        return fail("the message is too long");
    mqttc_publish_init(&p);
    p.topic = mqttc_str(s->opt->topic);
    p.payload = mqttc_str(text);
    p.qos = (uint8_t)s->opt->qos;
    if (p.qos > 0)
        p.packet_id = out->id = s->last_id = mqttc_next_packet_id(s->last_id);
    out->len = mqttc_publish_encode(&p, out->frame, sizeof out->frame, &s->client.why);
    if (send_all(&s->client, "PUBLISH", out->frame, out->len) < 0)
        return -1;
    s->published++;
    print_message("published", p.payload, "to", p.topic);
    printf(", QoS %u\n", (unsigned)p.qos);
    if (p.qos > 0)
        await(s, p.qos == 1 ? MQTTC_PUBACK : MQTTC_PUBREC);
    return 0;
}

/* Sends again what was not acknowledged: the stored PUBLISH with DUP set [MQTT-3.3.1-1], or, when PUBREC has
 * come, the PUBREL. MQTT 3.1.1 asks for this only after a reconnection; on a connection that stands it is
 * allowed, and it finds out a broker that has forgotten us. */
static int resend(struct session *s)
{
    struct outgoing *out = &s->out;
    const char *name = mqttc_packet_type_str(out->awaits);
    mqttc_status status;

    if (out->tries == TRIES_MAX)
        return fail("no %s for packet id %u after %d tries", name, (unsigned)out->id, TRIES_MAX);
    out->tries++;
    out->resend_at = now_ms() + RESEND_MS;
    printf("no %s yet: sending again\n", name);
    if (out->awaits == MQTTC_PUBCOMP)
        return send_ack(&s->client, "PUBREL", mqttc_pubrel_encode, out->id);
    status = mqttc_publish_set_dup(out->frame, out->len);
    if (status < 0)
        return fail_status("PUBLISH", status);
    return send_all(&s->client, "PUBLISH", out->frame, out->len);
}

/* --- Packets in ------------------------------------------------------------------------------------ */

static int on_suback(struct session *s, const mqttc_suback *p)
{
    if (s->subscribed || p->packet_id != s->subscribe_id)
        return fail("the broker has sent a SUBACK for packet id %u, which waits for none",
                    (unsigned)p->packet_id);
    if (p->return_codes.len != 1) /* one for each filter [MQTT-3.8.4-5] */
        return fail("the broker answers one filter with %lu return codes",
                    (unsigned long)p->return_codes.len);
    if (p->return_codes.ptr[0] == 0x80)
        return fail("the broker refuses the subscription to %s", s->opt->filter);
    printf("subscribed to \"%s\", QoS %u granted\n", s->opt->filter, (unsigned)p->return_codes.ptr[0]);
    s->subscribed = 1;
    return 0;
}

/* Which of our messages this is, or -1. */
static int which_message(const struct session *s, const mqttc_publish *p)
{
    char text[OUT_SIZE];
    unsigned k;

    for (k = 0; k < s->published; k++)
        if (message_text(s->opt, k, text, sizeof text) >= 0 && mqttc_eq(p->payload, text))
            return (int)k;
    return -1;
}

/* A message has arrived, once for each time that the protocol delivers it. */
static int deliver(struct session *s, const mqttc_publish *p)
{
    int k = -1;

    print_message("received", p->payload, "on", p->topic);
    printf(", QoS %u%s%s\n", (unsigned)p->qos, p->dup ? ", again" : "", p->retain ? ", retained" : "");
    if (!mqttc_topic_matches(mqttc_str(s->opt->filter), p->topic))
        return fail("the broker sends what we have not subscribed to");
    /* A retained message is from before, and under a wildcard others may publish too. */
    if (!p->retain && mqttc_eq(p->topic, s->opt->topic))
        k = which_message(s, p);
    if (k < 0)
        return 0;
    if (!s->seen[k]) {
        s->seen[k] = 1;
        s->came_back++;
    } else if (s->opt->qos == 2 && p->qos == 2) { /* QoS 1 may bring a message twice, QoS 2 not */
        return fail("message %d came back twice with QoS 2", k + 1);
    }
    return 0;
}

static size_t find_held(const struct session *s, uint16_t id)
{
    size_t i = 0;

    while (i < s->held_count && s->held[i] != id)
        i++;
    return i;
}

static int on_publish(struct session *s, const mqttc_publish *p)
{
    if (p->qos < 2) {
        if (deliver(s, p) < 0)
            return -1;
        return p->qos == 0 ? 0 : send_ack(&s->client, "PUBACK", mqttc_puback_encode, p->packet_id);
    }
    /* QoS 2: until PUBREL comes, the same id is the same message sent again [MQTT-4.3.3-2]. */
    if (find_held(s, p->packet_id) == s->held_count) {
        if (s->held_count == HELD_MAX)
            return fail("more than %d QoS 2 messages are under way to us", HELD_MAX);
        s->held[s->held_count++] = p->packet_id;
        if (deliver(s, p) < 0)
            return -1;
    }
    return send_ack(&s->client, "PUBREC", mqttc_pubrec_encode, p->packet_id);
}

/* The broker will not send that message again: forget its id. An id that we do not know is answered too: it
 * is a PUBREL sent again because our PUBCOMP was late. */
static int on_pubrel(struct session *s, uint16_t id)
{
    size_t i = find_held(s, id);

    if (i < s->held_count)
        s->held[i] = s->held[--s->held_count];
    return send_ack(&s->client, "PUBCOMP", mqttc_pubcomp_encode, id);
}

/* PUBACK, PUBREC or PUBCOMP. One that nobody waits for answers a PUBLISH or PUBREL that we have sent again
 * although the first one had arrived. */
static int on_ack(struct session *s, uint8_t packet_type, uint16_t id)
{
    struct outgoing *out = &s->out;

    if (out->awaits != packet_type || out->id != id) {
        printf("ignored: %s for packet id %u\n", mqttc_packet_type_str(packet_type), (unsigned)id);
        return 0;
    }
    if (packet_type == MQTTC_PUBREC) {
        await(s, MQTTC_PUBCOMP);
        return send_ack(&s->client, "PUBREL", mqttc_pubrel_encode, id);
    }
    out->awaits = 0;
    return 0;
}

static int on_packet(struct session *s, const mqttc_packet *packet)
{
    switch (packet->type) {
    case MQTTC_SUBACK:
        return on_suback(s, &packet->u.suback);
    case MQTTC_PUBLISH:
        return on_publish(s, &packet->u.publish);
    case MQTTC_PUBREL:
        return on_pubrel(s, packet->u.packet_id);
    case MQTTC_PUBACK:
    case MQTTC_PUBREC:
    case MQTTC_PUBCOMP:
        return on_ack(s, packet->type, packet->u.packet_id);
    case MQTTC_PINGRESP:
        s->pinging = 0;
        return 0;
    default: /* a second CONNACK; UNSUBACK, where we never unsubscribe. A server sends nothing else. */
        return fail("the broker has sent %s, which we have not asked for",
                    mqttc_packet_type_str(packet->type));
    }
}

/* --- The loop -------------------------------------------------------------------------------------- */

/* PINGREQ goes out after half the keep alive time in which we have sent nothing: the broker closes after one
 * and a half [MQTT-3.1.2-24]. */
static int64_t ping_time(const struct session *s)
{
    int64_t keep_alive_ms = (int64_t)s->opt->keep_alive * 1000;

    if (keep_alive_ms == 0)
        return INT64_MAX;
    return s->pinging ? s->pinged_at + keep_alive_ms : s->client.last_sent + keep_alive_ms / 2;
}

static int64_t resend_time(const struct session *s)
{
    return s->out.awaits != 0 ? s->out.resend_at : INT64_MAX;
}

static int run_timers(struct session *s)
{
    int64_t now = now_ms();

    if (now >= s->client.deadline)
        return fail("time is up after %u s, while %s", s->opt->seconds, s->client.waiting_for);
    if (now >= ping_time(s)) {
        if (s->pinging)
            return fail("no PINGRESP within the keep alive time: the connection is dead");
        puts("keep alive: PINGREQ");
        if (ping(&s->client) < 0)
            return -1;
        s->pinging = 1;
        s->pinged_at = now;
    }
    return now >= resend_time(s) ? resend(s) : 0;
}

/* One packet is handled if there is one; else waits for bytes, until a timer or `until`. */
static int step(struct session *s, int64_t until)
{
    struct client *c = &s->client;
    mqttc_packet packet;
    mqttc_detail detail;
    int32_t got;
    int ready;

    if (run_timers(s) < 0)
        return -1;
    got = received(c, mqttc_reader_next(&c->reader, &packet, &detail), &packet, &detail);
    if (got == MQTTC_PACKET)
        return on_packet(s, &packet); /* its slices point into s->in, until the next reader call */
    if (got < 0)
        return -1;
    until = earlier(earlier(until, c->deadline), earlier(ping_time(s), resend_time(s)));
    ready = wait_socket_until(c, 0, until);
    return ready > 0 ? receive(c) : ready;
}

static int log_in_and_subscribe(struct session *s)
{
    const struct options *opt = s->opt;
    mqttc_connect p;

    mqttc_connect_init(&p); /* MQTT 3.1.1, clean session */
    p.client_id = mqttc_str(opt->client_id);
    p.keep_alive = (uint16_t)opt->keep_alive;
    if (log_in_as(&s->client, opt->host, opt->port, s->in, sizeof s->in, &p) < 0)
        return -1;
    printf("connected to %s port %s as %s\n", opt->host, opt->port, opt->client_id);

    s->subscribe_id = s->last_id = mqttc_next_packet_id(s->last_id); /* never 0 */
    if (send_subscribe(&s->client, opt->filter, (uint8_t)opt->qos, s->subscribe_id) < 0)
        return -1;
    s->client.waiting_for = "waiting for SUBACK";
    while (!s->subscribed) /* messages may come before it (section 3.8.4) */
        if (step(s, INT64_MAX) < 0)
            return -1;
    return 0;
}

static int publish_all(struct session *s)
{
    static const char *const waiting_for[] = {
        [MQTTC_PUBACK] = "waiting for PUBACK",
        [MQTTC_PUBREC] = "waiting for PUBREC",
        [MQTTC_PUBCOMP] = "waiting for PUBCOMP",
    };
    unsigned k;

    for (k = 0; k < s->opt->count; k++) {
        if (send_publish(s, k) < 0)
            return -1;
        while (s->out.awaits != 0) {
            s->client.waiting_for = waiting_for[s->out.awaits];
            if (step(s, INT64_MAX) < 0)
                return -1;
        }
    }
    return 0;
}

static int run(struct session *s)
{
    int64_t end;

    if (log_in_and_subscribe(s) < 0 || publish_all(s) < 0)
        return -1;
    s->client.waiting_for = "waiting for the messages to come back";
    while (s->came_back < s->opt->count)
        if (step(s, INT64_MAX) < 0)
            return -1;
    s->client.waiting_for = "waiting for PUBREL";
    while (s->held_count > 0)
        if (step(s, INT64_MAX) < 0)
            return -1;

    s->client.waiting_for = "staying subscribed";
    end = now_ms() + (int64_t)s->opt->stay * 1000;
    while (now_ms() < end)
        if (step(s, end) < 0)
            return -1;
    return log_out(&s->client);
}

/* --- The command line ------------------------------------------------------------------------------ */

static int usage(void)
{
    fputs("usage: publish_subscribe HOST PORT [--qos 0|1|2] [--topic T] [--filter F] [--count N]\n"
          "           [--client-id ID] [--keep-alive S] [--seconds S] [--stay S] [--log 0|1] [MESSAGE]\n"
          "\n"
          "Subscribes to F, publishes MESSAGE to T N times, and waits until all have come back.\n"
          "  --filter      T by default; must match T\n"
          "  --count       1 by default; the messages are numbered if it is more\n"
          "  --keep-alive  60 by default; 0 for none\n"
          "  --seconds     the limit of the whole run, 10 by default\n"
          "  --stay        stays subscribed so long afterwards, 0 by default\n"
          "  --log         1 prints each packet in one line\n",
          stderr);
    return -1;
}

static int parse_option(struct options *opt, const char *name, const char *value)
{
    if (strcmp(name, "--topic") == 0)
        opt->topic = value;
    else if (strcmp(name, "--filter") == 0)
        opt->filter = value;
    else if (strcmp(name, "--client-id") == 0)
        opt->client_id = value;
    else if (strcmp(name, "--qos") == 0)
        return number_option(name, value, 0, 2, &opt->qos);
    else if (strcmp(name, "--count") == 0)
        return number_option(name, value, 1, COUNT_MAX, &opt->count);
    else if (strcmp(name, "--keep-alive") == 0)
        return number_option(name, value, 0, 65535, &opt->keep_alive);
    else if (strcmp(name, "--seconds") == 0)
        return number_option(name, value, 1, 86400, &opt->seconds);
    else if (strcmp(name, "--stay") == 0)
        return number_option(name, value, 0, 86400, &opt->stay);
    else if (strcmp(name, "--log") == 0)
        return number_option(name, value, 0, 1, &opt->log);
    else
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

/* What can be checked before anything is sent. */
static int check_options(struct options *opt)
{
    mqttc_status status;
    unsigned port;

    if (number_option("PORT", opt->port, 1, 65535, &port) < 0)
        return -1;
    if (opt->stay >= opt->seconds && opt->stay > 0)
        return fail("--stay must be less than --seconds, which limits the whole run");
    status = mqttc_topic_name_check(mqttc_str(opt->topic));
    if (status < 0)
        return fail_status("--topic", status);
    if (opt->filter == NULL)
        opt->filter = opt->topic;
    status = mqttc_topic_filter_check(mqttc_str(opt->filter));
    if (status < 0)
        return fail_status("--filter", status);
    if (!mqttc_topic_matches(mqttc_str(opt->filter), mqttc_str(opt->topic)))
        return fail("--filter %s does not match --topic %s: nothing would come back", opt->filter,
                    opt->topic);
    return 0;
}

int main(int argc, char **argv)
{
    static struct session session; /* some KB, which a small stack may not have */
    struct options opt = {.message = "hello", .count = 1, .keep_alive = 60, .seconds = 10};
    char client_id[24];
    char topic[48];
    int result;

    /* Of its own for each run, so that two of them at one broker do not take each other's messages. */
    snprintf(client_id, sizeof client_id, "mqttc-%ld", (long)getpid());
    snprintf(topic, sizeof topic, "mqttc/example/%s", client_id);
    opt.client_id = client_id;
    opt.topic = topic;
    if (start() < 0)
        return 1;
    if (parse_arguments(&opt, argc, argv) < 0 || check_options(&opt) < 0)
        return 2;
    session.opt = &opt;
    session.client.fd = -1;
    session.client.log = opt.log ? stdout : NULL;
    session.client.seconds = opt.seconds;
    session.client.deadline = now_ms() + (int64_t)opt.seconds * 1000;
    result = run(&session);
    if (session.client.fd >= 0)
        close(session.client.fd);
    if (result < 0)
        return 1;
    printf("done: %u published, %u came back\n", session.published, session.came_back);
    return 0;
}

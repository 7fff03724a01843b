#include "session.h"

#include "board.h"

/* Milliseconds. */
#define CONNACK_TIMEOUT 1500u
#define RESEND_AFTER 1000u /* the first time, then twice as long each time */
#define PINGRESP_TIMEOUT 4000u
#define WRITE_TIMEOUT 500u
#define FIRST_PAUSE 250u

/* Of one packet on one connection; then the link is taken for dead. MQTT 3.1.1 asks for no resending but
 * on a new connection, and a broker may take much of it for a fault: mosquitto closes at the second copy
 * of a QoS 2 message. */
#define MAX_RESENDS 2u
#define MAX_ATTEMPTS 4u /* to connect, one after the other */
#define MAX_IN_FLIGHT 4u
#define MAX_INCOMING 8u /* messages with QoS 2 whose PUBREL has not come */
#define MAX_PACKET 192u

session_counters session_count;

/* A packet that waits for an answer. */
typedef struct {
    uint8_t bytes[MAX_PACKET];
    size_t len;
    uint32_t sent_at;
    uint16_t id;
    uint8_t awaits; /* MQTTC_PUBACK, MQTTC_PUBREC, MQTTC_PUBCOMP or MQTTC_SUBACK; 0: the slot is free */
    uint8_t sends;  /* on this connection */
    uint8_t is_new; /* never sent at all: no DUP yet */
} slot;

static const session_settings *settings;
static slot slots[MAX_IN_FLIGHT];
static uint16_t incoming[MAX_INCOMING];
static uint16_t last_id;
static session_end over;
static enum { DOWN, CONNECTING, CONNECTED } state;
static enum { UNSUBSCRIBED, ASKED, SUBSCRIBED } subscription;
static uint8_t ping_is_out;
static uint32_t attempts, since, last_sent, ping_sent;
static mqttc_reader reader;
static uint8_t reader_buf[256], out[MAX_PACKET];
static mqttc_status why; /* the encoder that was called last has refused; 0 if it has not */

/* --- sending -------------------------------------------------------------------------------------------- */

static void lose_link(void)
{
    state = DOWN;
    since = clock_ms();
    if (attempts >= MAX_ATTEMPTS)
        over = SESSION_LOST;
}

static void print_line(const char *text)
{
    board_print(text);
    board_print("\n");
}

/* Writes the packet that an encoder has made, or says why it has made none. */
static void send(const uint8_t *bytes, size_t len)
{
    if (len == 0) {
        print_line(mqttc_strerror(why));
        over = SESSION_OUR_FAULT;
    } else if (!uart_write(bytes, len, WRITE_TIMEOUT)) {
        lose_link();
    } else {
        last_sent = clock_ms();
    }
}

static slot *slot_of(uint16_t id)
{
    slot *s;

    for (s = slots; s < slots + MAX_IN_FLIGHT; s++)
        if (s->awaits != 0 && s->id == id)
            return s;
    return NULL;
}

static slot *free_slot(void)
{
    slot *s;

    for (s = slots; s < slots + MAX_IN_FLIGHT; s++)
        if (s->awaits == 0)
            return s;
    return NULL;
}

/* Takes the packet that an encoder has written into `s->bytes`; 0, and the session is over, if there is
 * none. */
static int fill_slot(slot *s, uint16_t id, uint8_t awaits)
{
    if (s->len == 0) {
        send(s->bytes, 0);
        return 0;
    }
    s->id = id;
    s->awaits = awaits;
    s->is_new = 1;
    s->sends = 0;
    return 1;
}

/* An identifier that no packet under way has; never 0. */
static uint16_t new_id(void)
{
    do
        last_id = mqttc_next_packet_id(last_id);
    while (slot_of(last_id) != NULL);
    return last_id;
}

static void send_slot(slot *s)
{
    if (s->awaits == MQTTC_PUBCOMP) {
        send(out, mqttc_pubrel_encode(s->id, out, sizeof out, &why));
    } else {
        why = 0;
        if (!s->is_new && s->awaits != MQTTC_SUBACK)
            why = mqttc_publish_set_dup(s->bytes, s->len);
        send(s->bytes, why == 0 ? s->len : 0);
    }
    if (!s->is_new)
        session_count.resent++;
    s->is_new = 0;
    s->sends++;
    s->sent_at = clock_ms();
}

/* --- connecting ----------------------------------------------------------------------------------------- */

static void open_link(void)
{
    mqttc_connect c;

    uart_flush();
    session_count.lost = uart_lost(); /* what was lost between two connections leaves no gap */
    if (mqttc_reader_init(&reader, reader_buf, sizeof reader_buf, mqttc_decode_from_server, NULL) < 0) {
        over = SESSION_OUR_FAULT;
        return;
    }
    mqttc_connect_init(&c);
    c.client_id = settings->client_id;
    c.clean_session = 0; /* the server remembers what is under way */
    c.keep_alive = settings->keep_alive;
    if (settings->user_name.len != 0)
        mqttc_connect_login(&c, settings->user_name, settings->password);
    mqttc_connect_will(&c, settings->will_topic, settings->will_message, 1, 0);
    state = CONNECTING;
    since = clock_ms();
    ping_is_out = 0;
    attempts++;
    send(out, mqttc_connect_encode(&c, out, sizeof out, &why));
}

static void subscribe(void)
{
    mqttc_subscription filter = { settings->filter, 2 };
    mqttc_subscribe p;
    slot *s = free_slot();

    if (s == NULL)
        return; /* session_poll comes back to it */
    mqttc_subscribe_init(&p);
    p.filters = &filter;
    p.count = 1;
    p.packet_id = new_id();
    s->len = mqttc_subscribe_encode(&p, s->bytes, sizeof s->bytes, &why);
    if (!fill_slot(s, p.packet_id, MQTTC_SUBACK))
        return;
    subscription = ASKED;
    send_slot(s);
}

static void connected(const mqttc_connack *connack)
{
    slot *s;
    unsigned i;

    if (connack->return_code != 0) {
        over = SESSION_REFUSED;
        return;
    }
    state = CONNECTED;
    attempts = 0;
    session_count.connects++;
    for (s = slots; s < slots + MAX_IN_FLIGHT; s++)
        if (s->awaits == MQTTC_SUBACK)
            s->awaits = 0;
    if (subscription != SUBSCRIBED || !connack->session_present)
        subscription = UNSUBSCRIBED;
    if (!connack->session_present)
        for (i = 0; i < MAX_INCOMING; i++)
            incoming[i] = 0;
    /* All that was not acknowledged, in its order [MQTT-4.4.0-1]: the lowest age first. */
    for (s = slots; s < slots + MAX_IN_FLIGHT; s++)
        s->sends = 0;
    for (;;) {
        slot *oldest = NULL;
        for (s = slots; s < slots + MAX_IN_FLIGHT; s++)
            if (s->awaits != 0 && s->sends == 0 &&
                (oldest == NULL || (uint16_t)(oldest->id - s->id) < 0x8000u))
                oldest = s;
        if (oldest == NULL || state != CONNECTED || over != SESSION_GOES_ON)
            break;
        send_slot(oldest);
    }
}

/* --- receiving ------------------------------------------------------------------------------------------ */

/* Whether this identifier is among the incoming ones; `put` 0: forget it. A full list is no place for a
 * new one. */
static int is_incoming(uint16_t id, int put, int *full)
{
    uint16_t *place = NULL;
    unsigned i;

    *full = 0;
    for (i = 0; i < MAX_INCOMING; i++) {
        if (incoming[i] == id) {
            if (!put)
                incoming[i] = 0;
            return 1;
        }
        if (incoming[i] == 0)
            place = &incoming[i];
    }
    if (put && place != NULL)
        *place = id;
    *full = place == NULL;
    return 0;
}

static void message(const mqttc_publish *p)
{
    int full = 0;

    if (p->qos == 2 && is_incoming(p->packet_id, 1, &full)) {
        session_count.duplicates++;
    } else if (full) {
        return; /* unanswered: the server sends it again on the next connection */
    } else {
        session_count.received++;
        settings->message(p);
    }
    if (p->qos == 1)
        send(out, mqttc_puback_encode(p->packet_id, out, sizeof out, &why));
    else if (p->qos == 2)
        send(out, mqttc_pubrec_encode(p->packet_id, out, sizeof out, &why));
}

static void acknowledged(uint8_t type, uint16_t id)
{
    slot *s = slot_of(id);

    if (type == MQTTC_PUBREC && s != NULL && (s->awaits == MQTTC_PUBREC || s->awaits == MQTTC_PUBCOMP)) {
        /* From here on the message itself must not be sent again [MQTT-4.3.3-1]. */
        s->awaits = MQTTC_PUBCOMP;
        s->sends = 0;
        s->is_new = 1;
        send_slot(s);
    } else if (s != NULL && s->awaits == type) {
        s->awaits = 0;
        session_count.acknowledged++;
        if (type == MQTTC_SUBACK)
            subscription = SUBSCRIBED;
    }
    /* Else the answer to something that was sent twice: it has been dealt with. */
}

/* The rules want the connection closed [MQTT-4.8.0-1], which a serial line cannot do. What comes before
 * CONNACK may be the rest of an older connection. */
static void bad_peer(void)
{
    if (state == CONNECTING)
        lose_link();
    else
        over = SESSION_BAD_PEER;
}

static void handle(const mqttc_packet *packet)
{
    int full;

    if ((packet->type == MQTTC_CONNACK) != (state == CONNECTING)) {
        bad_peer();
        return;
    }
    switch (packet->type) {
    case MQTTC_CONNACK:
        connected(&packet->u.connack);
        break;
    case MQTTC_PUBLISH:
        message(&packet->u.publish);
        break;
    case MQTTC_PUBREL:
        (void)is_incoming(packet->u.packet_id, 0, &full);
        send(out, mqttc_pubcomp_encode(packet->u.packet_id, out, sizeof out, &why));
        break;
    case MQTTC_SUBACK:
        if (packet->u.suback.return_codes.len != 1 || packet->u.suback.return_codes.ptr[0] == 0x80)
            over = SESSION_REFUSED;
        else
            acknowledged(MQTTC_SUBACK, mqttc_packet_id(packet));
        break;
    case MQTTC_PINGRESP:
        ping_is_out = 0;
        break;
    default: /* PUBACK, PUBREC, PUBCOMP; UNSUBACK, which finds nothing that waits for it */
        acknowledged(packet->type, mqttc_packet_id(packet));
        break;
    }
}

/* Bytes that were lost leave a gap: nobody knows where the next packet begins, so that all of it starts
 * again. What the server wants to be acknowledged, it sends again then. */
static int is_whole(void)
{
    uint32_t lost = uart_lost();

    if (lost == session_count.lost)
        return 1;
    session_count.lost = lost;
    print_line("bytes were lost");
    lose_link();
    return 0;
}

/* From the interrupt's ring buffer into the reader, and out of it in packets: the interrupt never touches
 * the reader. */
static void receive(void)
{
    mqttc_packet packet;

    while (over == SESSION_GOES_ON && state != DOWN) {
        int32_t got = mqttc_reader_next(&reader, &packet, NULL);
        if (got == MQTTC_PACKET) {
            handle(&packet);
        } else if (got == MQTTC_NEED_MORE) {
            mqttc_space space = mqttc_reader_space(&reader);
            size_t n = uart_read(space.ptr, space.len);
            if (!is_whole() || n == 0)
                return;
            got = mqttc_reader_commit(&reader, n);
        }
        if (got < 0) {
            print_line(mqttc_strerror(got));
            bad_peer();
        }
    }
}

/* --- the timers ----------------------------------------------------------------------------------------- */

static void look_at_the_clock(void)
{
    uint32_t now = clock_ms();
    slot *s;

    if (ping_is_out && now - ping_sent >= PINGRESP_TIMEOUT) {
        lose_link();
        return;
    }
    for (s = slots; s < slots + MAX_IN_FLIGHT && state == CONNECTED; s++) {
        if (s->awaits == 0 || (s->sends != 0 && now - s->sent_at < RESEND_AFTER << (s->sends - 1u)))
            continue;
        if (s->sends > MAX_RESENDS)
            lose_link();
        else
            send_slot(s);
    }
    if (state == CONNECTED && !ping_is_out && now - last_sent >= settings->keep_alive * 1000u / 2) {
        ping_is_out = 1;
        ping_sent = now;
        session_count.pings++;
        send(out, mqttc_pingreq_encode(out, sizeof out, &why));
    }
}

session_end session_poll(void)
{
    receive();
    if (over != SESSION_GOES_ON)
        return over;
    if (state == DOWN) {
        /* Twice as long each time: a server that comes back is not run down. */
        if (attempts == 0 || clock_ms() - since >= FIRST_PAUSE << attempts)
            open_link();
    } else if (state == CONNECTING) {
        if (clock_ms() - since >= CONNACK_TIMEOUT)
            lose_link();
    } else {
        if (subscription == UNSUBSCRIBED)
            subscribe();
        look_at_the_clock();
    }
    return over;
}

/* --- for the program ------------------------------------------------------------------------------------ */

void session_start(const session_settings *with)
{
    settings = with;
    last_id = 65530; /* any number will do; from here the run of the example passes 65535, and 0 is skipped */
}

int session_is_up(void)
{
    return state == CONNECTED && subscription == SUBSCRIBED;
}

int session_publish(mqttc_slice topic, mqttc_slice payload, uint8_t qos)
{
    mqttc_publish p;
    slot *s;

    mqttc_publish_init(&p);
    p.topic = topic;
    p.payload = payload;
    p.qos = qos;
    if (qos == 0) {
        if (state != CONNECTED)
            return 0;
        send(out, mqttc_publish_encode(&p, out, sizeof out, &why));
        return 1;
    }
    s = free_slot();
    if (s == NULL)
        return 0;
    p.packet_id = new_id();
    s->len = mqttc_publish_encode(&p, s->bytes, sizeof s->bytes, &why);
    if (!fill_slot(s, p.packet_id, qos == 1 ? MQTTC_PUBACK : MQTTC_PUBREC))
        return 0;
    if (state == CONNECTED)
        send_slot(s);
    return 1;
}

unsigned session_in_flight(void)
{
    unsigned n = 0;
    slot *s;

    for (s = slots; s < slots + MAX_IN_FLIGHT; s++)
        n += s->awaits != 0;
    return n;
}

void session_stop(void)
{
    send(out, mqttc_disconnect_encode(out, sizeof out, &why));
    (void)uart_drain(WRITE_TIMEOUT);
    state = DOWN;
}

/* from_hand_built.c: packets as people build them by hand, beside the call that builds the same bytes.
 *
 * Each section quotes one published program, shortened: its bytes are those that it sends, where they
 * are right; the call gives the same bytes, compared here at run time. Where they are wrong: tests/defects.c.
 * One line for each comparison; ends with 1 if one does not come out.
 *
 * An encoder returns how many bytes it has written, and 0 when it refuses; `why` then says why.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mqttc.h"

enum { SIZE = 50000 };

static uint8_t hand[SIZE];
static uint8_t ours[SIZE];
static mqttc_status why;
static unsigned lines;
static unsigned failures;

static void line(int holds, const char *what, const char *detail)
{
    lines++;
    if (!holds)
        failures++;
    printf("%s  %-60s %s\n", holds ? "ok    " : "DIFFER", what, detail);
}

/* The hand-built bytes and those of the call are the same. */
static void same(const char *what, size_t hand_len, size_t ours_len)
{
    char detail[64];

    snprintf(detail, sizeof detail, "%lu bytes, the same", (unsigned long)hand_len);
    line(ours_len > 0 && hand_len == ours_len && memcmp(hand, ours, hand_len) == 0, what,
         ours_len > 0 ? detail : mqttc_strerror(why));
}

/* The same for bytes that the program has as they are. */
static void same_as(const char *what, const void *bytes, size_t len, size_t ours_len)
{
    memcpy(hand, bytes, len);
    same(what, len, ours_len);
}

/* `n` times the same character, as a string. */
static const char *repeated(char c, size_t n)
{
    static char text[SIZE];

    memset(text, c, n);
    text[n] = '\0';
    return text;
}

/* --- The socket client in C: every byte by hand ---------------------------------------------- */

static void connect_pub(void)
{
    mqttc_connect c;

    /* by hand */
    hand[0] = 0x10;
    hand[1] = 14;
    hand[2] = 0x00;
    hand[3] = 0x04;
    hand[4] = 'M';
    hand[5] = 'Q';
    hand[6] = 'T';
    hand[7] = 'T';
    hand[8] = 4;
    hand[9] = 2;
    hand[10] = 0x00;
    hand[11] = 0x3c;
    hand[12] = 0x00;
    hand[13] = 0x02;
    hand[14] = 'f';
    hand[15] = 'e';

    /* by call: level 4, clean session and 60 seconds are what init sets */
    mqttc_connect_init(&c);
    c.client_id = mqttc_str("fe");
    same("connect_pub", 16, mqttc_connect_encode(&c, ours, sizeof ours, &why));
}

/* by hand */
static size_t hand_connect_sub(const char *topic)
{
    size_t len = strlen(topic);

    hand[0] = 0x82;
    hand[2] = 0x00;
    hand[3] = 0x03;
    hand[4] = (uint8_t)(len / 256);
    hand[5] = (uint8_t)(len % 256);
    memcpy(hand + 6, topic, len);
    hand[6 + len] = 0x00;
    hand[1] = (uint8_t)(5 + len); /* right up to 127 */
    return 7 + len;
}

/* by call */
static size_t call_subscribe(uint16_t id, const char *filter)
{
    mqttc_subscription wanted = {mqttc_str(filter), 0};
    mqttc_subscribe s;

    mqttc_subscribe_init(&s);
    s.packet_id = id;
    s.filters = &wanted;
    s.count = 1;
    return mqttc_subscribe_encode(&s, ours, sizeof ours, &why);
}

static void connect_sub(void)
{
    static const char *const topics[] = {"test", "a/b", "sensor/+/temp", "#", "\xe6\xb8\xa9\xe5\xba\xa6"};
    char what[80];
    size_t i;

    for (i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        snprintf(what, sizeof what, "connect_sub(\"%s\")", topics[i]);
        same(what, hand_connect_sub(topics[i]), call_subscribe(3, topics[i]));
    }
    same("connect_sub: remaining length 127, the last one-byte length", hand_connect_sub(repeated('t', 122)),
         call_subscribe(3, repeated('t', 122)));
}

/* by hand */
static size_t hand_pub(const char *topic, const char *str)
{
    size_t t_len = strlen(topic);
    size_t s_len = strlen(str);

    hand[0] = 0x30;
    hand[2] = (uint8_t)(t_len / 256);
    hand[3] = (uint8_t)(t_len % 256);
    memcpy(hand + 4, topic, t_len);
    memcpy(hand + 4 + t_len, str, s_len);
    hand[1] = (uint8_t)(2 + t_len + s_len); /* right up to 127 */
    return 4 + t_len + s_len;
}

/* by call */
static size_t call_publish(const char *topic, const char *payload, uint8_t qos, uint16_t id)
{
    mqttc_publish p;

    mqttc_publish_init(&p);
    p.topic = mqttc_str(topic);
    p.payload = mqttc_str(payload);
    p.qos = qos;
    p.packet_id = id;
    return mqttc_publish_encode(&p, ours, sizeof ours, &why);
}

static void pub(void)
{
    static const struct row {
        const char *topic;
        const char *str;
    } rows[] = {{"test", "hello"}, {"a/b", ""}, {"\xe6\xb8\xa9\xe5\xba\xa6", "25.5"}};
    char what[80];
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(what, sizeof what, "pub(\"%s\", \"%s\")", rows[i].topic, rows[i].str);
        same(what, hand_pub(rows[i].topic, rows[i].str), call_publish(rows[i].topic, rows[i].str, 0, 0));
    }
    same("pub: remaining length 127, the last one-byte length", hand_pub("test", repeated('x', 121)),
         call_publish("test", repeated('x', 121), 0, 0));
}

/* --- The client with the packet type macros --------------------------------------------------- */

/* by call: an empty user name or password is none */
static size_t call_connect(const char *id, const char *user, const char *password, uint16_t keep_alive)
{
    mqttc_connect c;

    mqttc_connect_init(&c);
    c.client_id = mqttc_str(id);
    c.keep_alive = keep_alive;
    if (user[0] != '\0')
        mqttc_connect_login(&c, mqttc_str(user), mqttc_str(password[0] != '\0' ? password : NULL));
    return mqttc_connect_encode(&c, ours, sizeof ours, &why);
}

/* by call */
static size_t call_unsubscribe(uint16_t id, const char *filter)
{
    mqttc_slice unwanted = mqttc_str(filter);
    mqttc_unsubscribe u;

    mqttc_unsubscribe_init(&u);
    u.packet_id = id;
    u.filters = &unwanted;
    u.count = 1;
    return mqttc_unsubscribe_encode(&u, ours, sizeof ours, &why);
}

static void macros(void)
{
    /* What its mqtt_connect("test_client", NULL, NULL) means. */
    static const uint8_t meant[] = {0x10, 0x17, 0,   4,   'M', 'Q', 'T', 'T', 4,   2,   0xff, 0xff, 0,
                                    11,   't',  'e', 's', 't', '_', 'c', 'l', 'i', 'e', 'n',  't'};
    static const uint8_t subscribe[] = {0x82, 6, 0, 1, 0, 1, 'a', 0};
    static const uint8_t unsubscribe[] = {0xa2, 5, 0, 1, 0, 1, 'a'};

    same_as("mqtt_connect as it is meant", meant, sizeof meant, call_connect("test_client", "", "", 0xffff));
    same_as("SUBSCRIBE with the flags of its prose, 0x82", subscribe, sizeof subscribe,
            call_subscribe(1, "a"));
    same_as("UNSUBSCRIBE with the flags of its prose, 0xA2", unsubscribe, sizeof unsubscribe,
            call_unsubscribe(1, "a"));
    same_as("PUBREL, first byte 0x62", "\x62\x02\x00\x01", 4,
            mqttc_pubrel_encode(1, ours, sizeof ours, &why));
    same_as("MQTT_PINGREQ 0xC0", "\xc0\x00", 2, mqttc_pingreq_encode(ours, sizeof ours, &why));
    same_as("MQTT_PINGRESP 0xD0", "\xd0\x00", 2, mqttc_pingresp_encode(ours, sizeof ours, &why));
    same_as("MQTT_DISCONNECT 0xE0", "\xe0\x00", 2, mqttc_disconnect_encode(ours, sizeof ours, &why));
}

/* --- The firmware with CONNECT, PUBLISH and heartbeat ----------------------------------------- */

static size_t put_string(size_t at, const char *z)
{
    size_t len = strlen(z);

    hand[at] = (uint8_t)(len >> 8);
    hand[at + 1] = (uint8_t)len;
    memcpy(hand + at + 2, z, len);
    return at + 2 + len;
}

/* Its lengths take one byte up to 127, else two: right up to 16383. Moves the body behind it. */
static size_t put_length(size_t body_at, size_t body_len)
{
    if (body_len > 127) {
        memmove(hand + 3, hand + body_at, body_len);
        hand[1] = (uint8_t)((body_len & 0x7f) | 0x80);
        hand[2] = (uint8_t)(body_len >> 7);
        return 3 + body_len;
    }
    memmove(hand + 2, hand + body_at, body_len);
    hand[1] = (uint8_t)body_len;
    return 2 + body_len;
}

/* by hand: an empty user name or password clears its flag */
static size_t hand_connect(unsigned device, const char *user, const char *password, unsigned minutes)
{
    char id[20];
    size_t at = 15;

    snprintf(id, sizeof id, "Dome%u", device);
    hand[0] = 0x10;
    memcpy(hand + 5, "\x00\x04MQTT\x04\xc2\x00\x14", 10);
    at = put_string(at, id);
    if (user[0] != '\0')
        at = put_string(at, user);
    else
        hand[12] &= 0x7f;
    if (password[0] != '\0')
        at = put_string(at, password);
    else
        hand[12] &= 0xbf;
    hand[13] = (uint8_t)(minutes * 60 >> 8); /* wraps after 1092 minutes */
    hand[14] = (uint8_t)(minutes * 60);
    return put_length(5, at - 5);
}

static void firmware_connect(void)
{
    static const struct row {
        const char *what;
        unsigned device;
        const char *id;
        const char *user;
        const char *password;
        unsigned minutes;
    } rows[] = {
        {"mqtt_connect(1, \"admin\", \"123456\", 1 min)", 1, "Dome1", "admin", "123456", 1},
        {"mqtt_connect(42, \"\", \"\", 1 min)", 42, "Dome42", "", "", 1},
        {"mqtt_connect(42, \"user\", \"\", 20 min)", 42, "Dome42", "user", "", 20},
        {"mqtt_connect(4294, \"u\", \"p\", 0 min)", 4294, "Dome4294", "u", "p", 0},
        {"mqtt_connect(7, \"u\", \"p\", 1092 min)", 7, "Dome7", "u", "p", 1092},
    };
    static const size_t user_lens[] = {107, 108, 109, 200};
    char what[80];
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];

        same(r->what, hand_connect(r->device, r->user, r->password, r->minutes),
             call_connect(r->id, r->user, r->password, (uint16_t)(r->minutes * 60)));
    }
    for (i = 0; i < sizeof user_lens / sizeof user_lens[0]; i++) {
        const char *user = repeated('u', user_lens[i]);

        snprintf(what, sizeof what, "mqtt_connect: remaining length %lu", (unsigned long)user_lens[i] + 19);
        same(what, hand_connect(1, user, "", 1), call_connect("Dome1", user, "", 60));
    }
}

/* by hand: packet_id < 0 for QoS 0 */
static size_t hand_publish(const char *topic, const char *json, long packet_id)
{
    size_t at = put_string(5, topic);

    hand[0] = packet_id < 0 ? 0x30 : 0x32;
    if (packet_id >= 0) {
        hand[at++] = (uint8_t)(packet_id >> 8);
        hand[at++] = (uint8_t)packet_id;
    }
    memcpy(hand + at, json, strlen(json));
    return put_length(5, at - 5 + strlen(json));
}

static void firmware_publish(void)
{
    static const size_t lens[] = {1, 121, 122, 200, 16377};
    static const uint16_t ids[] = {1, 2, 255, 256, 65535};
    const char *location = "{\"nodeIp\":\"1\",\"baseIp\":\"42\",\"location\":\"A1\"}";
    char what[80];
    const char *json;
    size_t i;

    same("mqtt_publish_qos0: mqtt_location_publish", hand_publish("loc/1", location, -1),
         call_publish("loc/1", location, 0, 0));
    for (i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        json = repeated('j', lens[i]);
        snprintf(what, sizeof what, "mqtt_publish_qos0: remaining length %lu", (unsigned long)lens[i] + 6);
        same(what, hand_publish("test", json, -1), call_publish("test", json, 0, 0));
    }
    /* Its counter starts at 0, and is used before it is counted up: the first one is in tests/defects.c. */
    for (i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        snprintf(what, sizeof what, "mqtt_publish_qos1: packet id %u", (unsigned)ids[i]);
        same(what, hand_publish("test", "{}", ids[i]), call_publish("test", "{}", 1, ids[i]));
    }
    for (i = 119; i <= 120; i++) {
        json = repeated('j', i);
        snprintf(what, sizeof what, "mqtt_publish_qos1: remaining length %lu", (unsigned long)i + 8);
        same(what, hand_publish("test", json, 1), call_publish("test", json, 1, 1));
    }
}

static void firmware_heartbeat(void)
{
    static const uint8_t pingresp[] = {0xd0, 0x00};
    mqttc_packet packet;

    same_as("mqtt_pingresp, which builds a PINGREQ", "\xc0\x00", 2,
            mqttc_pingreq_encode(ours, sizeof ours, &why));
    line(mqttc_decode_from_server(NULL, pingresp, sizeof pingresp, &packet, NULL) == sizeof pingresp &&
             packet.type == MQTTC_PINGRESP,
         "the answer, D0 00", "PINGRESP");
    same_as("the answer to QoS 1, 40 02 00 01", "\x40\x02\x00\x01", 4,
            mqttc_puback_encode(1, ours, sizeof ours, &why));
}

/* --- The C# client ---------------------------------------------------------------------------- */

/* by hand */
static size_t hand_csharp(const char *client_id, const char *user, const char *password)
{
    size_t at = 12;

    memcpy(hand, "\x10\x00\x00\x04MQTT\x04\xc2\x00\x64", 12);
    at = put_string(at, client_id);
    at = put_string(at, user);
    at = put_string(at, password);
    hand[1] = (uint8_t)(at - 2); /* (byte)bytes.Count: right up to 127 */
    return at;
}

static void csharp(void)
{
    const char *id = repeated('C', 105);

    same("C#: C001, admin, 123456", hand_csharp("C001", "admin", "123456"),
         call_connect("C001", "admin", "123456", 100));
    same("C#: no client identifier", hand_csharp("", "admin", "123456"),
         call_connect("", "admin", "123456", 100));
    same("C#: remaining length 127", hand_csharp(id, "admin", "1"), call_connect(id, "admin", "1", 100));
}

/* --- The captured CONNECT --------------------------------------------------------------------- */

static void captured(void)
{
    static const uint8_t capture[] = {0x10, 0x1e, 0x00, 0x04, 0x4d, 0x51, 0x54, 0x54, 0x04, 0x02, 0x00,
                                      0x3c, 0x00, 0x12, 0x70, 0x61, 0x68, 0x6f, 0x31, 0x31, 0x31, 0x35,
                                      0x37, 0x37, 0x32, 0x31, 0x39, 0x34, 0x33, 0x36, 0x30, 0x33};
    static const char client_id[] = "paho11157721943603";
    mqttc_packet packet;
    const mqttc_connect *c = &packet.u.connect;
    int32_t n = mqttc_decode_from_client(NULL, capture, sizeof capture, &packet, NULL);

    if (n <= 0 || packet.type != MQTTC_CONNECT) {
        line(0, "the captured CONNECT", mqttc_strerror(n));
        return;
    }
    line(n == 32 && c->protocol_level == 4 && c->clean_session && c->keep_alive == 60 && !c->has_will &&
             !c->has_user_name && mqttc_eq(c->client_id, client_id),
         "the captured CONNECT, decoded", client_id);
    same_as("  encoded again", capture, sizeof capture, mqttc_connect_encode(c, ours, sizeof ours, &why));
}

int main(void)
{
    puts("-- the socket client, every byte by hand");
    connect_pub();
    connect_sub();
    pub();
    puts("-- the client with the packet type macros");
    macros();
    puts("-- the firmware with CONNECT, PUBLISH and heartbeat");
    firmware_connect();
    firmware_publish();
    firmware_heartbeat();
    puts("-- the C# client");
    csharp();
    puts("-- the captured CONNECT");
    captured();
    printf("from_hand_built: %u comparisons, %u failures\n", lines, failures);
    return failures == 0 ? 0 : 1;
}

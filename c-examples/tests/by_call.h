/* by_call.h: the packets of the tutorials by our calls, for defects.c. They are written to `ours`; each call
 * returns the length, and 0 when it refuses, as the encoders do. */
#ifndef BY_CALL_H
#define BY_CALL_H

#include <stdint.h>
#include <string.h>

#include "mqttc.h"

enum { SIZE = 50000 };

static uint8_t ours[SIZE];

/* `n` times the same character, as a string. */
static const char *repeated(char c, size_t n)
{
    static char text[SIZE];

    memset(text, c, n);
    text[n] = '\0';
    return text;
}

/* An empty user name or password is none. */
static size_t call_connect(const char *id, const char *user, const char *password, uint16_t keep_alive,
                           mqttc_status *why)
{
    mqttc_connect c;

    mqttc_connect_init(&c);
    c.client_id = mqttc_str(id);
    c.user_name = mqttc_str(user);
    c.has_user_name = user[0] != '\0';
    c.password = mqttc_str(password);
    c.has_password = password[0] != '\0';
    c.keep_alive = keep_alive;
    return mqttc_connect_encode(&c, ours, sizeof ours, why);
}

static size_t call_subscribe(uint16_t id, const char *filter, mqttc_status *why)
{
    mqttc_subscription subscription = {mqttc_str(filter), 0};
    mqttc_subscribe s;

    mqttc_subscribe_init(&s);
    s.packet_id = id;
    s.filters = &subscription;
    s.count = 1;
    return mqttc_subscribe_encode(&s, ours, sizeof ours, why);
}

static size_t call_unsubscribe(uint16_t id, const char *filter, mqttc_status *why)
{
    mqttc_slice slice = mqttc_str(filter);
    mqttc_unsubscribe u;

    mqttc_unsubscribe_init(&u);
    u.packet_id = id;
    u.filters = &slice;
    u.count = 1;
    return mqttc_unsubscribe_encode(&u, ours, sizeof ours, why);
}

static size_t call_publish(const char *topic, const char *payload, uint8_t qos, uint16_t id,
                           mqttc_status *why)
{
    mqttc_publish p;

    mqttc_publish_init(&p);
    p.topic = mqttc_str(topic);
    p.payload = mqttc_str(payload);
    p.qos = qos;
    p.packet_id = id;
    return mqttc_publish_encode(&p, ours, sizeof ours, why);
}

#endif /* BY_CALL_H */

/* packet_text.h: for vectors.c: how it says that a row has failed, and a packet as the text of a golden
 * vector. */
#ifndef PACKET_TEXT_H
#define PACKET_TEXT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttc.h"

static const char *file_name;
static unsigned long line_number;
static unsigned long failures;

static void failed(const char *what)
{
    failures++;
    fprintf(stderr, "%s:%lu: %s\n", file_name, line_number, what);
}

static void expect(int holds, const char *what)
{
    if (!holds)
        failed(what);
}

static void *allocate(size_t size)
{
    void *p = malloc(size > 0 ? size : 1);

    if (p == NULL) {
        fputs("vectors: out of memory\n", stderr);
        exit(2);
    }
    return p;
}

/* --- Text that grows ------------------------------------------------------------------------ */

struct text {
    char *z;
    size_t len;
    size_t cap;
};

static void put_chars(struct text *t, const char *chars, size_t n)
{
    if (t->len + n + 1 > t->cap) {
        size_t cap = (t->len + n + 1) * 2;
        char *z = allocate(cap);

        if (t->len > 0)
            memcpy(z, t->z, t->len);
        free(t->z);
        t->z = z;
        t->cap = cap;
    }
    memcpy(t->z + t->len, chars, n);
    t->len += n;
    t->z[t->len] = '\0';
}

static void put(struct text *t, const char *z)
{
    put_chars(t, z, strlen(z));
}

static void put_number(struct text *t, const char *name, unsigned long value)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%lu", value);
    put(t, name);
    put(t, digits);
}

static void put_hex(struct text *t, const char *name, mqttc_slice s)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    put(t, name);
    for (i = 0; i < s.len; i++) {
        char pair[2];

        pair[0] = digits[s.ptr[i] >> 4];
        pair[1] = digits[s.ptr[i] & 15];
        put_chars(t, pair, 2);
    }
}

/* Writes out the pieces of a column: "61*3+62" becomes "61616162", a blank or a name stays. Pieces
 * end at '+', at a blank and at the end; digits are repeated from the last such place, or '='. */
static void put_written_out(struct text *t, const char *z)
{
    const char *piece = z;

    while (*z != '\0') {
        if (*z == '*') {
            char *end;
            unsigned long times = strtoul(z + 1, &end, 10);

            for (; times > 1; times--)
                put_chars(t, piece, (size_t)(z - piece));
            z = end;
        } else {
            if (*z != '+')
                put_chars(t, z, 1);
            if (*z == '+' || *z == ' ' || *z == '=')
                piece = z + 1;
            z++;
        }
    }
}

/* --- A packet's text ------------------------------------------------------------------------ */

static void put_filters(struct text *t, mqttc_filters it)
{
    mqttc_subscription s;

    expect(mqttc_filters_check(&it) == 0, "a filter is none");
    while (mqttc_filters_next(&it, &s)) {
        put_hex(t, " filter=", s.filter);
        if (it.has_qos)
            put_number(t, " qos=", s.qos);
        else if (s.qos != 0)
            failed("an UNSUBSCRIBE's filter has a QoS");
    }
    expect(it.rest.len == 0, "the iterator ends early");
}

/* What is absent is NULL, so that the packet can be encoded again. */
static void put_absent(struct text *t, const char *name, mqttc_slice s)
{
    put(t, name);
    put(t, "-");
    expect(s.ptr == NULL && s.len == 0, "a slice that is absent is not NULL and 0");
}

static void put_connect(struct text *t, const mqttc_connect *p)
{
    put_number(t, " level=", p->protocol_level);
    put_number(t, " clean_session=", p->clean_session);
    put_number(t, " keep_alive=", p->keep_alive);
    put_hex(t, " client_id=", p->client_id);
    if (p->has_will) {
        put_number(t, " will_qos=", p->will_qos);
        put_number(t, " will_retain=", p->will_retain);
        put_hex(t, " will_topic=", p->will_topic);
        put_hex(t, " will_message=", p->will_message);
    } else {
        put(t, " will_qos=- will_retain=-");
        put_absent(t, " will_topic=", p->will_topic);
        put_absent(t, " will_message=", p->will_message);
        expect(p->will_qos == 0 && p->will_retain == 0, "will QoS or will retain without a will");
    }
    if (p->has_user_name)
        put_hex(t, " user_name=", p->user_name);
    else
        put_absent(t, " user_name=", p->user_name);
    if (p->has_password)
        put_hex(t, " password=", p->password);
    else
        put_absent(t, " password=", p->password);
}

static void put_publish(struct text *t, const mqttc_publish *p)
{
    put_number(t, " dup=", p->dup);
    put_number(t, " qos=", p->qos);
    put_number(t, " retain=", p->retain);
    if (p->qos > 0)
        put_number(t, " packet_id=", p->packet_id);
    else
        put(t, " packet_id=-");
    expect(p->qos > 0 || p->packet_id == 0, "a packet identifier with QoS 0");
    put_hex(t, " topic=", p->topic);
    put_hex(t, " payload=", p->payload);
}

static void put_packet(struct text *t, const mqttc_packet *p)
{
    put(t, mqttc_packet_type_str(p->type));
    switch (p->type) {
    case MQTTC_CONNECT:
        put_connect(t, &p->u.connect);
        break;
    case MQTTC_CONNACK:
        put_number(t, " session_present=", p->u.connack.session_present);
        put_number(t, " return_code=", p->u.connack.return_code);
        break;
    case MQTTC_PUBLISH:
        put_publish(t, &p->u.publish);
        break;
    case MQTTC_SUBSCRIBE:
        put_number(t, " packet_id=", mqttc_packet_id(p));
        put_filters(t, p->u.subscribe.filters);
        break;
    case MQTTC_SUBACK:
        put_number(t, " packet_id=", mqttc_packet_id(p));
        put_hex(t, " return_codes=", p->u.suback.return_codes);
        break;
    case MQTTC_UNSUBSCRIBE:
        put_number(t, " packet_id=", mqttc_packet_id(p));
        put_filters(t, p->u.unsubscribe.filters);
        break;
    case MQTTC_PUBACK:
    case MQTTC_PUBREC:
    case MQTTC_PUBREL:
    case MQTTC_PUBCOMP:
    case MQTTC_UNSUBACK:
        put_number(t, " packet_id=", mqttc_packet_id(p));
        break;
    default: /* PINGREQ, PINGRESP, DISCONNECT */
        break;
    }
}

static void expect_text(const mqttc_packet *packet, const char *wanted, const char *what)
{
    struct text found = {NULL, 0, 0};

    put_packet(&found, packet);
    if (strcmp(found.z, wanted) != 0) {
        failed(what);
        fprintf(stderr, "  wanted %.200s\n  found  %.200s\n", wanted, found.z);
    }
    free(found.z);
}

#endif /* PACKET_TEXT_H */

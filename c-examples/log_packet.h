/* log_packet.h: a packet of any type in one line, for a log. Wants nothing but mqttc.h and stdio.h.
 *
 *     log_packet(stdout, "<- ", &packet);
 *     <- PUBLISH, topic "room/1", QoS 1, DUP 0, retain 0, packet identifier 7, payload "25.5"
 */
#ifndef LOG_PACKET_H
#define LOG_PACKET_H

#include <stdio.h>

#include "mqttc.h"

enum { LOG_PAYLOAD_MAX = 200 }; /* the bytes of a payload that are shown; of strings all are */

/* Text that a peer has sent. It must not steer the terminal: what could is shown as a question mark, the
 * control characters and, in UTF-8, U+0080 to U+009F. There is no NUL behind a slice, hence no "%s". */
static inline void log_text(FILE *out, mqttc_slice text)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        if (i + 1 < text.len && text.ptr[i] == 0xc2 && text.ptr[i + 1] >= 0x80 && text.ptr[i + 1] < 0xa0)
            i++, putc('?', out);
        else
            putc(text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : text.ptr[i], out);
    }
}

static inline void log_field(FILE *out, const char *name, mqttc_slice text)
{
    fprintf(out, ", %s \"", name);
    log_text(out, text);
    putc('"', out);
}

static inline void log_connect(FILE *out, const mqttc_connect *p)
{
    log_field(out, "client identifier", p->client_id);
    fprintf(out, ", level %u, keep alive %u s, clean session %u", (unsigned)p->protocol_level,
            (unsigned)p->keep_alive, (unsigned)p->clean_session);
    if (p->has_will) {
        log_field(out, "will topic", p->will_topic);
        fprintf(out, ", %lu bytes, QoS %u, retain %u", (unsigned long)p->will_message.len,
                (unsigned)p->will_qos, (unsigned)p->will_retain);
    }
    if (p->has_user_name)
        log_field(out, "user name", p->user_name);
    if (p->has_password) /* not the password itself: logs are read by others */
        fprintf(out, ", password of %lu bytes", (unsigned long)p->password.len);
}

static inline void log_publish(FILE *out, const mqttc_publish *p)
{
    size_t shown = p->payload.len < LOG_PAYLOAD_MAX ? p->payload.len : LOG_PAYLOAD_MAX;

    log_field(out, "topic", p->topic);
    fprintf(out, ", QoS %u, DUP %u, retain %u", (unsigned)p->qos, (unsigned)p->dup, (unsigned)p->retain);
    if (p->qos > 0)
        fprintf(out, ", packet identifier %u", (unsigned)p->packet_id);
    log_field(out, "payload", mqttc_bytes(p->payload.ptr, shown));
    if (shown < p->payload.len)
        fprintf(out, " and %lu bytes more", (unsigned long)(p->payload.len - shown));
}

/* SUBSCRIBE and UNSUBSCRIBE. */
static inline void log_filters(FILE *out, const mqttc_filter_list *p)
{
    mqttc_filters filters = p->filters; /* a copy: the packet's own stays at the first filter */
    mqttc_subscription wanted;

    while (mqttc_filters_next(&filters, &wanted)) {
        log_field(out, "filter", wanted.filter);
        if (filters.has_qos)
            fprintf(out, " QoS %u", (unsigned)wanted.qos);
    }
}

/* One line: `prefix`, then the packet. */
static inline void log_packet(FILE *out, const char *prefix, const mqttc_packet *p)
{
    size_t i;

    fprintf(out, "%s%s", prefix, mqttc_packet_type_str(p->type));
    if (p->type != MQTTC_PUBLISH && mqttc_packet_id(p) != 0)
        fprintf(out, ", packet identifier %u", (unsigned)mqttc_packet_id(p));
    switch (p->type) {
    case MQTTC_CONNECT:
        log_connect(out, &p->u.connect);
        break;
    case MQTTC_CONNACK:
        fprintf(out, ", session present %u, return code %u", (unsigned)p->u.connack.session_present,
                (unsigned)p->u.connack.return_code);
        break;
    case MQTTC_PUBLISH:
        log_publish(out, &p->u.publish);
        break;
    case MQTTC_SUBSCRIBE:
        log_filters(out, &p->u.subscribe);
        break;
    case MQTTC_UNSUBSCRIBE:
        log_filters(out, &p->u.unsubscribe);
        break;
    case MQTTC_SUBACK:
        for (i = 0; i < p->u.suback.return_codes.len; i++)
            fprintf(out, ", return code 0x%02x", (unsigned)p->u.suback.return_codes.ptr[i]);
        break;
    default: /* the identifier is all that is in it, or nothing is */
        break;
    }
    putc('\n', out);
}

#endif /* LOG_PACKET_H */

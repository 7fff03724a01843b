/* An MQTT 3.1.1 session over a serial line: what the codec leaves to the program. Packet identifiers,
 * answers, retransmission, keep-alive, and all of it again after the link was lost. One session; every
 * buffer is static. */
#ifndef SESSION_H
#define SESSION_H

#include "mqttc.h"

/* Why a session is over. */
typedef enum {
    SESSION_GOES_ON = 0,
    SESSION_REFUSED = 2,  /* the server does not want us, or not our subscription */
    SESSION_LOST = 3,     /* the link stays down */
    SESSION_BAD_PEER = 4, /* the server breaks the rules */
    SESSION_OUR_FAULT = 5 /* the codec refuses what we wanted to send */
} session_end;

typedef struct session_counters {
    uint32_t connects, acknowledged, resent, pings, received, duplicates;
    uint32_t lost; /* bytes that came and were not read in time */
} session_counters;

typedef struct session_settings {
    mqttc_slice client_id;
    mqttc_slice user_name, password; /* an empty user name: no login; a password that is NULL is none */
    mqttc_slice will_topic, will_message;       /* what the server publishes, with QoS 1, when we vanish */
    mqttc_slice filter;                         /* what to subscribe to, with QoS 2 */
    uint16_t keep_alive;                        /* seconds, not 0 */
    void (*message)(const mqttc_publish *publish);
} session_settings;

/* The settings, and what their slices point to, must stay. */
void session_start(const session_settings *settings);

/* To be called often: receives, answers, sends again what was not answered, connects when there is no
 * link. */
session_end session_poll(void);

/* Whether CONNACK and SUBACK have come. */
int session_is_up(void);

/* Sends a message, with QoS 1 and 2 until it is acknowledged, even if that takes another connection. 0:
 * not now; no room to remember it, or with QoS 0 no link. */
int session_publish(mqttc_slice topic, mqttc_slice payload, uint8_t qos);

/* How many messages wait for an answer. */
unsigned session_in_flight(void);

/* Says goodbye. The session is over. */
void session_stop(void);

extern session_counters session_count;

#endif

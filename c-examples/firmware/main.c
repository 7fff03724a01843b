/* A device that publishes readings as JSON and obeys commands: the firmware that the tutorials sketch,
 * over a serial line that somebody else connects to a broker.
 *
 *   devices/node7/readings   {"node":7,"seq":12,"location":"roof","temperature":-3.25},
 *                            with QoS 0, 1, 2 in turn
 *   devices/node7/state      {"ready":true,"led":false,"interval":40}, with QoS 1;
 *                            {"ready":false} is the will
 *   devices/node7/command    led on, led off, interval MS, pause MS, calibrate MS, stop
 *
 * Ends with 0 after `stop`; with a session_end or one of the codes below else. */
#include "board.h"
#include "config.h"
#include "session.h"
#include "text.h"

#define EXIT_WRONG_LIBRARY 6
#define EXIT_TOO_LONG 7
#define EXIT_UNSENT 8

#define LONGEST_RUN 60000u /* milliseconds; a device in the field has no end */
#define LAST_ANSWERS 5000u
#define LONGEST_CALIBRATION 2000u

static char client_id[16], readings[40], state_topic[40], command_topic[40];
static uint32_t interval, paused_until, sequence, next_reading;
static uint8_t led, paused, stopping, state_owed;

/* A field of the configuration: up to a NUL, or all of it; NULL when it is empty. */
static mqttc_slice field(const char *chars, size_t size)
{
    size_t len = 0;

    while (len < size && chars[len] != '\0')
        len++;
    return mqttc_bytes(len != 0 ? chars : NULL, len);
}

static mqttc_slice whole(const text *t)
{
    return mqttc_bytes(t->buf, t->len);
}

/* Whether `s` is `word` and a number, which goes to `*n`. */
static int has_number(mqttc_slice s, const char *word, uint32_t *n)
{
    size_t i, digits;

    for (i = 0; word[i] != '\0'; i++)
        if (i >= s.len || s.ptr[i] != (uint8_t)word[i])
            return 0;
    digits = i;
    for (*n = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9' && *n < 100000; i++)
        *n = *n * 10 + (uint32_t)(s.ptr[i] - '0');
    return i == s.len && i > digits;
}

static void command(const mqttc_publish *p)
{
    uint32_t n;

    /* Only what we have subscribed to comes here. */
    if (mqttc_eq(p->payload, "led on")) {
        led = 1;
    } else if (mqttc_eq(p->payload, "led off")) {
        led = 0;
    } else if (has_number(p->payload, "interval ", &n) && n >= 10) {
        interval = n;
    } else if (has_number(p->payload, "pause ", &n) && n != 0) {
        paused = 1;
        paused_until = clock_ms() + n;
    } else if (has_number(p->payload, "calibrate ", &n) && n <= LONGEST_CALIBRATION) {
        /* As a slow driver does it: meanwhile nobody empties the ring buffer of what comes. */
        uint32_t start = clock_ms();
        while (clock_ms() - start < n)
            board_wait();
    } else if (mqttc_eq(p->payload, "stop")) {
        stopping = 1;
    } else {
        board_print("a command that is none\n");
        return;
    }
    state_owed = 1;
}

static int publish_state(void)
{
    char buf[80];
    text t = text_in(buf, sizeof buf);

    text_add(&t, "{\"ready\":true,\"led\":");
    text_add(&t, led ? "true" : "false");
    text_add(&t, ",\"interval\":");
    text_unsigned(&t, interval);
    text_add(&t, "}");
    return !t.overflow && session_publish(mqttc_str(state_topic), whole(&t), 1);
}

static int publish_reading(void)
{
    char buf[120];
    text t = text_in(buf, sizeof buf);

    text_add(&t, "{\"node\":");
    text_unsigned(&t, settings.device_id);
    text_add(&t, ",\"seq\":");
    text_unsigned(&t, sequence);
    text_add(&t, ",\"location\":");
    text_json(&t, settings.location, sizeof settings.location);
    text_add(&t, ",\"temperature\":");
    text_hundredths(&t, (int32_t)(sequence * 37 % 6000) - 2000); /* the sensor */
    text_add(&t, "}");
    if (t.overflow)
        return 0;
    if (!session_publish(mqttc_str(readings), whole(&t), (uint8_t)(sequence % 3)))
        return 0;
    sequence++;
    return 1;
}

static void report(int code)
{
    char buf[160];
    text t = text_in(buf, sizeof buf);
    const struct {
        const char *name;
        uint32_t value;
    } figures[] = {
        { "exit ", (uint32_t)code },           { ", readings ", sequence },
        { ", connects ", session_count.connects }, { ", acknowledged ", session_count.acknowledged },
        { ", resent ", session_count.resent }, { ", pings ", session_count.pings },
        { ", received ", session_count.received }, { ", duplicates ", session_count.duplicates },
        { ", lost ", session_count.lost },
    };
    size_t i;

    for (i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        text_add(&t, figures[i].name);
        text_unsigned(&t, figures[i].value);
    }
    text_add(&t, "\n");
    board_print(text_end(&t));
}

static void topic_in(char *buf, size_t cap, const char *end)
{
    text t = text_in(buf, cap);

    text_add(&t, "devices/");
    text_add(&t, client_id);
    text_add(&t, end);
    (void)text_end(&t);
}

static int run(void)
{
    static session_settings with;
    uint32_t stopped_at = 0, connects = 0;
    text id = text_in(client_id, sizeof client_id);

    if (MQTTC_CHECK() < 0)
        return EXIT_WRONG_LIBRARY;
    text_add(&id, "node");
    text_unsigned(&id, settings.device_id);
    (void)text_end(&id);
    topic_in(readings, sizeof readings, "/readings");
    topic_in(state_topic, sizeof state_topic, "/state");
    topic_in(command_topic, sizeof command_topic, "/command");

    with.client_id = mqttc_str(client_id);
    with.user_name = field(settings.user_name, sizeof settings.user_name);
    with.password = field(settings.password, sizeof settings.password);
    with.will_topic = mqttc_str(state_topic);
    with.will_message = mqttc_str("{\"ready\":false}");
    with.filter = mqttc_str(command_topic);
    with.keep_alive = settings.keep_alive;
    with.message = command;
    interval = settings.interval;
    session_start(&with);

    while (clock_ms() < LONGEST_RUN) {
        session_end end = session_poll();
        uint32_t now = clock_ms();

        if (end != SESSION_GOES_ON)
            return (int)end;
        if (paused && (int32_t)(now - paused_until) >= 0)
            paused = 0;
        if (session_count.connects != connects) {
            connects = session_count.connects;
            state_owed = 1; /* the first time, and after the server may have published the will */
        }
        if (state_owed && session_is_up() && publish_state())
            state_owed = 0;
        if (stopping && stopped_at == 0)
            stopped_at = now;
        if (stopping && !state_owed && session_in_flight() == 0) {
            session_stop();
            return 0;
        }
        if (stopping && now - stopped_at >= LAST_ANSWERS)
            return EXIT_UNSENT;
        if (!stopping && !paused && session_is_up() && (int32_t)(now - next_reading) >= 0 &&
            publish_reading())
            next_reading = now + interval;
        board_wait();
    }
    return EXIT_TOO_LONG;
}

int main(void)
{
    int code;

    clock_start();
    uart_start();
    code = run();
    report(code);
    return code;
}

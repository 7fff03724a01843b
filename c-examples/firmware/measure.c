/* What each function of the library uses when it runs: stack, by painting it, and instructions, by SysTick in an
 * emulator whose clock is driven by them (-icount shift=10: 1024 ns each, and a tick has 40 ns). One line for each call:
 *
 *     FUNCTION CASE STACK INSTRUCTIONS STATUS
 *
 * Both less what the same call to an empty function uses. `make measure` prints them, .ci/budget judges them. */
#include "board.h"
#include "mqttc.h"
#include "text.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SYST_MAX 0xFFFFFFu
#define TICK_NS 40u
#define INSTRUCTION_NS 1024u

#define PAINT 0xA5A5A5A5u

extern uint32_t stack_bottom[];

/* Arguments go in words: r0 to r3, then the stack. A slice by value is two of them. */
typedef uint32_t (*function)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

typedef struct {
    uint32_t ticks;
    const uint32_t *deepest;
    uint32_t result;
} figures;

static uint32_t empty(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    return 0;
}

/* `volatile`: the compiler must not see what is called. */
static __attribute__((noinline)) uint32_t timed(volatile function f, const uint32_t *a, uint32_t *ticks)
{
    uint32_t start, result;

    start = SYST_CVR;
    result = f(a[0], a[1], a[2], a[3], a[4], a[5]);
    *ticks = (start - SYST_CVR) & SYST_MAX; /* it counts down */
    return result;
}

/* Paints all below this function's own frame, where nobody is at work, calls, and reads how far the paint is gone. */
static __attribute__((noinline)) figures one(function f, const uint32_t *arguments)
{
    uint32_t *end, *p;
    figures result;

    __asm volatile("mov %0, sp" : "=r"(end));
    for (p = stack_bottom; p < end; p++)
        *(volatile uint32_t *)p = PAINT;
    result.result = timed(f, arguments, &result.ticks);
    for (p = stack_bottom; p < end && *(volatile uint32_t *)p == PAINT;)
        p++;
    result.deepest = p;
    return result;
}

static void measure(const char *name, const char *kind, function f, const uint32_t *arguments)
{
    static const uint32_t nothing[6];
    char buf[128];
    text t = text_in(buf, sizeof buf);
    figures without = one(empty, nothing), with = one(f, arguments);
    uint32_t ticks = with.ticks - without.ticks;

    text_add(&t, name);
    text_add(&t, " ");
    text_add(&t, kind);
    text_add(&t, " ");
    text_unsigned(&t, (uint32_t)((const uint8_t *)without.deepest - (const uint8_t *)with.deepest));
    text_add(&t, " ");
    text_unsigned(&t, (ticks * TICK_NS + INSTRUCTION_NS / 2) / INSTRUCTION_NS);
    text_add(&t, " ");
    if ((int32_t)with.result < 0) {
        text_add(&t, "-");
        with.result = 0u - with.result;
    }
    text_unsigned(&t, with.result);
    text_add(&t, "\n");
    board_print(text_end(&t));
}

#define W(x) ((uint32_t)(uintptr_t)(x))
#define MEASURE(name, kind, ...) \
    do { \
        const uint32_t arguments[6] = { __VA_ARGS__ }; \
        measure(#name, kind, (function)(void (*)(void))name, arguments); \
    } while (0)

int main(void)
{
    static uint8_t out[128];
    static const uint8_t connack[] = { 0x20, 2, 0, 0 }, puback[] = { 0x40, 2, 0, 7 }, pingresp[] = { 0xd0, 0 };
    static const uint8_t publish[] = "\x30\x2a\0\x18plant/1/line/3/motor/rpmpppppppppppppppp";
    static const uint8_t suback[] = "\x90\x0a\0\x0a\1\0\2\0\1\x80\0\2";
    static const uint8_t subscribe[] = "\x82\x08\0\1\0\3" "a/#" "\1";
    mqttc_connect c;
    mqttc_publish p;
    mqttc_subscribe s;
    mqttc_subscription filter;
    mqttc_packet packet;
    mqttc_error error;
    size_t n;
    uint16_t id;
    uint8_t type;

    mqttc_connect_init(&c);
    c.client_id = mqttc_str("client-0123456789abcdef");
    c.has_will = 1;
    c.will_topic = mqttc_str("line/3/status");
    c.will_message = mqttc_str("offline since the last keepalive");
    c.has_user_name = 1;
    c.user_name = mqttc_str("sensor-17");
    c.has_password = 1;
    c.password = mqttc_str("correct horse");
    mqttc_publish_init(&p);
    p.topic = mqttc_str("plant/1/line/3/motor/rpm");
    p.payload = mqttc_str("pppppppppppppppp");
    filter.filter = mqttc_str("plant/1/#");
    filter.qos = 1;
    mqttc_subscribe_init(&s);
    s.filters = &filter;
    s.count = 1;
    s.packet_id = 1;

    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = 5; /* the processor's clock, no interrupt */

    MEASURE(mqttc_connect_encode, "full", W(&c), W(out), sizeof out, W(&n));
    MEASURE(mqttc_publish_encode, "16_bytes", W(&p), W(out), sizeof out, W(&n));
    MEASURE(mqttc_publish_header_encode, "16_bytes", W(&p), 16, W(out), sizeof out, W(&n));
    MEASURE(mqttc_subscribe_encode, "one_filter", W(&s), W(out), sizeof out, W(&n));
    MEASURE(mqttc_puback_encode, "-", 7, W(out), sizeof out, W(&n));
    MEASURE(mqttc_pingreq_encode, "-", W(out), sizeof out, W(&n));
    MEASURE(mqttc_connack_decode, "accepted", 0, W(connack), sizeof connack, W(&packet.u.connack), W(&error));
    MEASURE(mqttc_publish_decode, "16_bytes", 0, W(publish), sizeof publish - 1, W(&packet.u.publish), W(&error));
    MEASURE(mqttc_ack_decode, "puback", 0, W(puback), sizeof puback, W(&id), W(&error));
    MEASURE(mqttc_suback_decode, "8_codes", 0, W(suback), sizeof suback - 1, W(&packet.u.suback), W(&error));
    MEASURE(mqttc_empty_decode, "pingresp", 0, W(pingresp), sizeof pingresp, W(&type), W(&error));
    MEASURE(mqttc_decode, "publish", 0, W(publish), sizeof publish - 1, W(&packet), W(&n), W(&error));
    MEASURE(mqttc_decode, "subscribe", 0, W(subscribe), sizeof subscribe - 1, W(&packet), W(&n), W(&error));
    /* The CONNECT that was written, read again. */
    if (mqttc_connect_encode(&c, out, sizeof out, &n) != MQTTC_OK)
        board_exit(1);
    MEASURE(mqttc_connect_decode, "full", 0, W(out), (uint32_t)n, W(&packet.u.connect), W(&error));
    board_exit(0);
}

/* What each function of the library uses when it runs: stack, by painting it, and instructions, by SysTick in an
 * emulator whose clock is driven by them (-icount shift=10: 1024 ns each; a tick has 40 ns). One line for each call:
 *
 *     FUNCTION CASE STACK INSTRUCTIONS
 *
 * `make measure` prints them, .ci/budget judges them. Ends with 1 when a call does not answer what it should. */
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
#define DEPTH 512u /* words */

/* For a function that answers nothing. */
#define ANYTHING 0x7FFFFFFFu

/* Arguments go in words: four in registers, then the stack. A slice by value is two of them. */
typedef uint32_t (*function)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

/* Nothing but a return: what is measured is less by that. */
__attribute__((naked, noinline)) static uint32_t empty(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e,
                                                       uint32_t f)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    __asm volatile("bx lr\n");
}

/* Calls f with six arguments, on a stack of its own that ends at `top`. The two that go on the stack are the caller's. */
__attribute__((naked, noinline)) static uint32_t call_on(function f, const uint32_t *arguments, uint32_t *top)
{
    (void)f, (void)arguments, (void)top;
    __asm volatile("push {r4, r5, r6, lr}\n"
                   "mov  r5, sp\n"
                   "mov  r4, r0\n"
                   "mov  r6, r1\n"
                   "subs r2, #8\n"
                   "mov  sp, r2\n"
                   "ldr  r0, [r6, #16]\n"
                   "str  r0, [sp, #0]\n"
                   "ldr  r0, [r6, #20]\n"
                   "str  r0, [sp, #4]\n"
                   "ldr  r0, [r6, #0]\n"
                   "ldr  r1, [r6, #4]\n"
                   "ldr  r2, [r6, #8]\n"
                   "ldr  r3, [r6, #12]\n"
                   "blx  r4\n"
                   "mov  sp, r5\n"
                   "pop  {r4, r5, r6, pc}\n");
}

static uint32_t ticks_of(function f, const uint32_t *arguments, uint32_t *top, uint32_t *result)
{
    uint32_t start = SYST_CVR;

    *result = call_on(f, arguments, top);
    return (start - SYST_CVR) & SYST_MAX; /* it counts down */
}

static void out_of_order(const char *name, const char *kind)
{
    board_print(name);
    board_print(" ");
    board_print(kind);
    board_print(": another answer than expected\n");
    board_exit(1);
}

static void measure(const char *name, const char *kind, uint32_t expected, function f, const uint32_t *arguments)
{
    static uint32_t stack[DEPTH] __attribute__((aligned(8)));
    uint32_t *const top = stack + DEPTH;
    char buf[128];
    text t = text_in(buf, sizeof buf);
    uint32_t result, ticks;
    size_t i;

    ticks = 0u - ticks_of(empty, arguments, top, &result);
    for (i = 0; i < DEPTH; i++)
        stack[i] = PAINT;
    ticks += ticks_of(f, arguments, top, &result);
    if ((result != expected && expected != ANYTHING) || stack[0] != PAINT)
        out_of_order(name, kind);
    for (i = 0; stack[i] == PAINT;)
        i++;

    text_add(&t, name);
    text_add(&t, " ");
    text_add(&t, kind);
    text_add(&t, " ");
    text_unsigned(&t, (uint32_t)((DEPTH - 2 - i) * sizeof stack[0]));
    text_add(&t, " ");
    text_unsigned(&t, (ticks * TICK_NS + INSTRUCTION_NS / 2) / INSTRUCTION_NS);
    text_add(&t, "\n");
    board_print(text_end(&t));
}

/* --- the calls ---------------------------------------------------------------------------------------------------- */

static uint8_t out[256];
static size_t n;
static mqttc_error error;
static mqttc_packet packet;
static size_t used;

static uint32_t word(const void *p)
{
    return (uint32_t)p;
}

#define ARGUMENTS(...) ((const uint32_t[6]){ __VA_ARGS__ })
/* A function for the table, whatever its parameters: all of them are words. */
#define CALL(kind, expected, f, ...) \
    measure(#f, kind, (uint32_t)(expected), (function)(void (*)(void))(f), ARGUMENTS(__VA_ARGS__))

/* Encodes `p`, and lets the decoders read what came out: the one for this type, and the one for all types, whose packet
 * is encoded again. */
#define BOTH_WAYS(kind, encode, p, decode)                                              \
    do {                                                                                \
        static uint8_t frame[256];                                                      \
        static uint32_t decoded[24];                                                    \
        CALL(kind, MQTTC_OK, encode, word(p), word(frame), sizeof frame, word(&n));     \
        CALL(#encode ":" kind, MQTTC_OK, mqttc_decode, 0, word(frame), n, word(&packet), \
             word(&used), word(&error));                                                \
        CALL(#encode ":" kind, MQTTC_OK, mqttc_packet_encode, word(&packet), word(out), sizeof out, word(&n)); \
        CALL(kind, MQTTC_OK, decode, 0, word(frame), n, word(decoded), word(&error));   \
    } while (0)

#define ACK(encode) \
    do { \
        static uint8_t frame[4]; \
        static uint16_t id; \
        CALL("id", MQTTC_OK, encode, 7, word(frame), sizeof frame, word(&n)); \
        CALL(#encode, MQTTC_OK, mqttc_ack_decode, 0, word(frame), n, word(&id), word(&error)); \
    } while (0)

#define EMPTY(encode) \
    do { \
        static uint8_t frame[2]; \
        CALL("empty", MQTTC_OK, encode, word(frame), sizeof frame, word(&n)); \
        CALL(#encode, MQTTC_OK, mqttc_empty_decode, 0, word(frame), n, word(&error)); \
    } while (0)

static void login(mqttc_connect *c)
{
    CALL("fresh", ANYTHING, mqttc_connect_init, word(c));
    c->client_id = mqttc_str("node7");
    c->has_user_name = c->has_password = 1;
    c->user_name = mqttc_str("node");
    c->password = mqttc_str("s3cret");
}

static void connects(void)
{
    static mqttc_connect c, full;
    static uint8_t version;

    login(&c);
    BOTH_WAYS("login", mqttc_connect_encode, &c, mqttc_connect_decode);
    CALL("login", MQTTC_OK, mqttc_connect_encode, word(&c), word(out), sizeof out, word(&n));
    CALL("CONNECT", MQTTC_OK, mqttc_peek_connect_version, word(out), n, word(&version), word(&used), word(&error));
    CALL("CONNECT", MQTTC_OK, mqttc_decode_from_client, 0, word(out), n, word(&packet), word(&used), word(&error));
    login(&full);
    full.client_id = mqttc_str("n\xC5\x93ud");
    full.has_will = 1;
    full.will_qos = 1;
    full.will_topic = mqttc_str("devices/n\xC5\x93ud/state");
    full.will_message = mqttc_str("gone");
    BOTH_WAYS("will,not-ASCII", mqttc_connect_encode, &full, mqttc_connect_decode);
    full.user_name = mqttc_str("\xC3\x28");
    CALL("bad-UTF-8", MQTTC_ERR_UTF8, mqttc_connect_encode, word(&full), word(out), sizeof out, word(&n));
}

static void publishes(void)
{
    static mqttc_publish p;
    static mqttc_publish_writer w;
    static mqttc_frame frame;
    static const uint8_t bad[] = { 0x30, 7, 0, 4, 'a', 0xC3, 0x28, 'b', '!' };

    CALL("fresh", ANYTHING, mqttc_publish_init, word(&p));
    p.topic = mqttc_str("devices/node7/readings-1");
    p.payload = mqttc_str("0123456789abcdef");
    BOTH_WAYS("QoS-0,24+16", mqttc_publish_encode, &p, mqttc_publish_decode);
    p.qos = 1;
    p.packet_id = 10;
    BOTH_WAYS("QoS-1,24+16", mqttc_publish_encode, &p, mqttc_publish_decode);
    CALL("QoS-1,24+16", MQTTC_OK, mqttc_publish_header_encode, word(&p), 16, word(out), sizeof out, word(&n));
    CALL("QoS-1", MQTTC_OK, mqttc_publish_set_dup, word(out), n);
    CALL("PUBLISH", MQTTC_OK, mqttc_peek, word(out), n, word(&frame), word(&used), word(&error));
    CALL("QoS-1,24+16", MQTTC_OK, mqttc_publish_writer_start, word(&w), word(&p), 16, word(out), sizeof out, word(&n));
    CALL("16", MQTTC_OK, mqttc_publish_writer_piece, word(&w), 16);
    CALL("16", MQTTC_OK, mqttc_publish_writer_end, word(&w));
    p.topic = mqttc_str("devices/n\xC5\x93ud/readings");
    BOTH_WAYS("QoS-1,not-ASCII", mqttc_publish_encode, &p, mqttc_publish_decode);
    CALL("bad-UTF-8", MQTTC_ERR_UTF8, mqttc_publish_decode, 0, word(bad), sizeof bad, word(&p), word(&error));
    CALL("bad-UTF-8", MQTTC_ERR_UTF8, mqttc_decode, 0, word(bad), sizeof bad, word(&packet), word(&used),
         word(&error));
}

static void subscribes(void)
{
    static mqttc_subscription filters[2];
    static mqttc_slice topics[2];
    static const uint8_t codes[] = { 2, 0x80 };
    static mqttc_subscribe s;
    static mqttc_unsubscribe u;
    static mqttc_suback a;

    filters[0].filter = topics[0] = mqttc_str("devices/+/command");
    filters[0].qos = 2;
    filters[1].filter = topics[1] = mqttc_str("devices/n\xC5\x93ud/#");
    CALL("fresh", ANYTHING, mqttc_subscribe_init, word(&s));
    s.filters = filters;
    s.count = 2;
    s.packet_id = 10;
    BOTH_WAYS("two", mqttc_subscribe_encode, &s, mqttc_subscribe_decode);
    CALL("not-ASCII", 1, mqttc_filters_next, word(&packet.u.subscribe.filters), word(&filters[1]));
    CALL("fresh", ANYTHING, mqttc_unsubscribe_init, word(&u));
    u.filters = topics;
    u.count = 2;
    u.packet_id = 10;
    BOTH_WAYS("two", mqttc_unsubscribe_encode, &u, mqttc_unsubscribe_decode);
    CALL("fresh", ANYTHING, mqttc_suback_init, word(&a));
    a.return_codes = mqttc_bytes(codes, sizeof codes);
    a.packet_id = 10;
    BOTH_WAYS("two", mqttc_suback_encode, &a, mqttc_suback_decode);
    CALL("SUBACK", MQTTC_OK, mqttc_decode_from_server, 0, word(out), n, word(&packet), word(&used), word(&error));
}

static void small_ones(void)
{
    static mqttc_connack c;
    static mqttc_decoder decoder;

    CALL("fresh", ANYTHING, mqttc_connack_init, word(&c));
    BOTH_WAYS("accepted", mqttc_connack_encode, &c, mqttc_connack_decode);
    ACK(mqttc_puback_encode);
    ACK(mqttc_pubrec_encode);
    ACK(mqttc_pubrel_encode);
    ACK(mqttc_pubcomp_encode);
    ACK(mqttc_unsuback_encode);
    EMPTY(mqttc_pingreq_encode);
    EMPTY(mqttc_pingresp_encode);
    EMPTY(mqttc_disconnect_encode);
    CALL("last", 1, mqttc_next_packet_id, 65535);
    CALL("fresh", ANYTHING, mqttc_decoder_init, word(&decoder));
    CALL("client-id", 2, mqttc_connack_code, (uint32_t)MQTTC_ERR_CLIENT_ID_REJECTED);
    CALL("abi", MQTTC_OK, mqttc_check_abi, MQTTC_ABI, sizeof(mqttc_packet));
    CALL("text", word(mqttc_version()), mqttc_version, 0);
    CALL("text", word(mqttc_strerror(-40)), mqttc_strerror, (uint32_t)-40);
    CALL("text", word(mqttc_spec_ref(-40)), mqttc_spec_ref, (uint32_t)-40);
    CALL("text", word(mqttc_packet_type_str(3)), mqttc_packet_type_str, 3);
}

static void topics(void)
{
    const mqttc_slice filter = mqttc_str("devices/+/command/#"), name = mqttc_str("devices/node7/command/led");

    CALL("ASCII", MQTTC_OK, mqttc_topic_name_check, word(name.ptr), name.len);
    CALL("ASCII", MQTTC_OK, mqttc_topic_filter_check, word(filter.ptr), filter.len);
    CALL("ASCII", 1, mqttc_topic_matches, word(filter.ptr), filter.len, word(name.ptr), name.len);
}

static void reader(void)
{
    static mqttc_reader r;
    static uint8_t buf[64];
    static mqttc_slice chunk;
    static uint32_t left;
    static const uint8_t frame[] = { 0x32, 9, 0, 3, 'a', '/', 'b', 0, 1, 'h', 'i' };
    uint8_t *space;
    static size_t room;
    size_t i;

    CALL("server", MQTTC_OK, mqttc_reader_init, word(&r), word(buf), sizeof buf, 
         (uint32_t)mqttc_decode_from_server);
    CALL("empty", word(buf), mqttc_reader_space, word(&r), word(&room));
    space = mqttc_reader_space(&r, &room);
    for (i = 0; i < sizeof frame && i < room; i++)
        space[i] = frame[i];
    CALL("PUBLISH", MQTTC_OK, mqttc_reader_commit, word(&r), sizeof frame);
    CALL("PUBLISH", MQTTC_OK, mqttc_reader_next, word(&r), word(&packet), word(&chunk), word(&left), word(&error));
    CALL("nothing", MQTTC_OK, mqttc_reader_skip, word(&r));
    CALL("none", MQTTC_NEED_MORE, mqttc_reader_next, word(&r), word(&packet), word(&chunk), word(&left), word(&error));
}

int main(void)
{
    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = 5; /* the processor's clock, no interrupt, on */
    connects();
    publishes();
    subscribes();
    small_ones();
    topics();
    reader();
    return 0;
}

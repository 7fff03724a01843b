/* What each function of the library uses when it runs: stack, by painting it, and instructions, by SysTick
 * in an emulator whose clock is driven by them (-icount shift=10: 1024 ns each; a tick has 40 ns). One
 * line for each call:
 *
 *     FUNCTION CASE STACK INSTRUCTIONS
 *
 * `make measure` prints them, .ci/budget holds them to budget.txt. Ends with 1 when a call does not return
 * what it should. */
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

/* For a function that returns nothing. */
#define ANYTHING 0x7FFFFFFFu

/* Arguments go in words: four in registers, then the stack. A slice by value is two of them. */
typedef uint32_t (*function)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

/* Nothing but a return: what is measured is less by that. */
__attribute__((naked, noinline)) static uint32_t empty(uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                                                       uint32_t e, uint32_t f)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    __asm volatile("bx lr\n");
}

/* Calls f with six arguments, on a stack of its own that ends at `top`. The two that go on the stack are
 * the caller's. */
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

/* Where the status and the detail go: NULL, as in most calls, until `asked()`. */
static mqttc_status *why;
static mqttc_detail *detail;

static void unexpected(const char *name, const char *kind)
{
    board_print(name);
    board_print(" ");
    board_print(kind);
    board_print(": not what it should return\n");
    board_exit(1);
}

static void measure(const char *name, const char *kind, uint32_t expected, function f,
                    const uint32_t *arguments)
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
        unexpected(name, kind);
    for (i = 0; stack[i] == PAINT;)
        i++;

    text_add(&t, name);
    text_add(&t, " ");
    text_add(&t, kind);
    if (why != NULL)
        text_add(&t, ",asked");
    text_add(&t, " ");
    text_unsigned(&t, (uint32_t)((DEPTH - 2 - i) * sizeof stack[0]));
    text_add(&t, " ");
    text_unsigned(&t, (ticks * TICK_NS + INSTRUCTION_NS / 2) / INSTRUCTION_NS);
    text_add(&t, "\n");
    board_print(text_end(&t));
}

/* --- the calls ------------------------------------------------------------------------------------------ */

static uint8_t out[256];
static size_t n; /* what `out` holds */
static mqttc_packet packet;
static uint32_t word(const void *p)
{
    return (uint32_t)p;
}

#define ARGUMENTS(...) ((const uint32_t[6]){ __VA_ARGS__ })
/* A function for the table, whatever its parameters: all of them are words. */
#define CALL(kind, expected, f, ...) \
    measure(#f, kind, (uint32_t)(expected), (function)(void (*)(void))(f), ARGUMENTS(__VA_ARGS__))

/* Encodes `p`, and lets the decoders read what came out: the one for this type, and the one for all types,
 * whose packet is encoded again, into `out`. */
#define BOTH_WAYS(kind, encode, p, decode)                                                        \
    do {                                                                                          \
        static uint8_t frame[256];                                                                \
        static uint32_t decoded[24];                                                              \
        n = encode(p, NULL, 0, NULL);                                                             \
        if (n == 0)                                                                               \
            unexpected(#encode, kind);                                                            \
        CALL(kind, n, encode, word(p), word(frame), sizeof frame, word(why));                    \
        CALL(#encode ":" kind, n, mqttc_decode, 0, word(frame), n, word(&packet), word(detail)); \
        CALL(#encode ":" kind, n, mqttc_packet_encode, word(&packet), word(out), sizeof out,      \
             word(why));                                                                         \
        CALL(kind, n, decode, 0, word(frame), n, word(decoded), word(detail));                   \
    } while (0)

#define ACK(encode)                                                                            \
    do {                                                                                       \
        static uint8_t frame[4];                                                               \
        static uint16_t id;                                                                    \
        CALL("id", sizeof frame, encode, 7, word(frame), sizeof frame, word(why));            \
        CALL(#encode, sizeof frame, mqttc_ack_decode, 0, word(frame), sizeof frame, word(&id), \
             word(detail));                                                                   \
    } while (0)

#define BODYLESS(encode)                                                                              \
    do {                                                                                              \
        static uint8_t frame[2], type;                                                                \
        CALL("bodyless", sizeof frame, encode, word(frame), sizeof frame, word(why));                \
        CALL(#encode, sizeof frame, mqttc_bodyless_decode, 0, word(frame), sizeof frame, word(&type), \
             word(detail));                                                                          \
    } while (0)

static void login(mqttc_connect *c)
{
    CALL("fresh", ANYTHING, mqttc_connect_init, word(c));
    c->client_id = mqttc_str("node7");
    mqttc_connect_login(c, mqttc_str("node"), mqttc_str("s3cret"));
}

static void connects(void)
{
    static mqttc_connect c, full;

    login(&c);
    BOTH_WAYS("login", mqttc_connect_encode, &c, mqttc_connect_decode);
    CALL("CONNECT", MQTTC_VERSION_3_1_1, mqttc_peek_connect_version, word(out), n, word(detail));
    CALL("CONNECT", n, mqttc_decode_from_client, 0, word(out), n, word(&packet), word(detail));
    login(&full);
    full.client_id = mqttc_str("n\xC5\x93ud");
    mqttc_connect_will(&full, mqttc_str("devices/n\xC5\x93ud/state"), mqttc_str("gone"), 1, 0);
    BOTH_WAYS("will,not-ASCII", mqttc_connect_encode, &full, mqttc_connect_decode);
    full.user_name = mqttc_str("\xC3\x28");
    CALL("bad-UTF-8", 0, mqttc_connect_encode, word(&full), word(out), sizeof out, word(why));
}

static void publishes(void)
{
    static mqttc_publish p;
    static mqttc_payload_counter c;
    static mqttc_header header;
    static const uint8_t bad[] = { 0x30, 7, 0, 4, 'a', 0xC3, 0x28, 'b', '!' };

    CALL("fresh", ANYTHING, mqttc_publish_init, word(&p));
    p.topic = mqttc_str("devices/node7/readings-1");
    p.payload = mqttc_str("0123456789abcdef");
    BOTH_WAYS("QoS-0,24+16", mqttc_publish_encode, &p, mqttc_publish_decode);
    p.qos = 1;
    p.packet_id = 10;
    BOTH_WAYS("QoS-1,24+16", mqttc_publish_encode, &p, mqttc_publish_decode);
    n = mqttc_publish_header_encode(&p, 16, NULL, 0, NULL);
    CALL("QoS-1,24+16", n, mqttc_publish_header_encode, word(&p), 16, word(out), sizeof out, word(why));
    CALL("QoS-1,24+16", n, mqttc_publish_encode_before, word(&p), word(out), n, 16, word(why));
    CALL("QoS-1", 0, mqttc_publish_set_dup, word(out), n);
    CALL("QoS-1,24", 0, mqttc_publish_set_packet_id, word(out), n, 11);
    CALL("PUBLISH", 2, mqttc_peek, word(out), n, word(&header), word(detail));
    CALL("16", ANYTHING, mqttc_payload_counter_init, word(&c), 16);
    CALL("16", 0, mqttc_payload_counter_count, word(&c), 16);
    CALL("16", 0, mqttc_payload_counter_end, word(&c));
    p.topic = mqttc_str("devices/n\xC5\x93ud/readings");
    BOTH_WAYS("QoS-1,not-ASCII", mqttc_publish_encode, &p, mqttc_publish_decode);
    CALL("bad-UTF-8", MQTTC_ERR_UTF8, mqttc_publish_decode, 0, word(bad), sizeof bad, word(&p),
         word(detail));
    CALL("bad-UTF-8", MQTTC_ERR_UTF8, mqttc_decode, 0, word(bad), sizeof bad, word(&packet), word(detail));
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
    CALL("two", 0, mqttc_filters_check, word(&packet.u.subscribe.filters));
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
    CALL("SUBACK", n, mqttc_decode_from_server, 0, word(out), n, word(&packet), word(detail));
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
    BODYLESS(mqttc_pingreq_encode);
    BODYLESS(mqttc_pingresp_encode);
    BODYLESS(mqttc_disconnect_encode);
    CALL("last", 1, mqttc_next_packet_id, 65535);
    CALL("fresh", ANYTHING, mqttc_decoder_init, word(&decoder));
    CALL("client-id", 2, mqttc_connack_code, (uint32_t)MQTTC_ERR_CLIENT_ID_REJECTED);
    CALL("abi", 0, mqttc_check_abi, MQTTC_ABI, sizeof(mqttc_packet));
    CALL("text", word(mqttc_version()), mqttc_version, 0);
    CALL("text", word(mqttc_strerror(-40)), mqttc_strerror, (uint32_t)-40);
    CALL("text", word(mqttc_spec_ref(-40)), mqttc_spec_ref, (uint32_t)-40);
    CALL("text", word(mqttc_packet_type_str(3)), mqttc_packet_type_str, 3);
}

/* What it costs to ask for the status and the detail as well. */
static void asked(void)
{
    static mqttc_status status;
    static mqttc_detail told;

    why = &status;
    detail = &told;
    small_ones();
    why = NULL;
    detail = NULL;
}

static void topics(void)
{
    const mqttc_slice filter = mqttc_str("devices/+/command/#");
    const mqttc_slice name = mqttc_str("devices/node7/command/led");

    CALL("ASCII", 0, mqttc_topic_name_check, word(name.ptr), name.len);
    CALL("ASCII", 0, mqttc_topic_filter_check, word(filter.ptr), filter.len);
    CALL("ASCII", 1, mqttc_topic_matches, word(filter.ptr), filter.len, word(name.ptr), name.len);
}

static mqttc_reader r;

/* Puts the start of a PUBLISH to "a/b" into the reader. */
static void feed(uint8_t remaining_len)
{
    static mqttc_space space;
    const uint8_t frame[] = { 0x32, remaining_len, 0, 3, 'a', '/', 'b', 0, 1, 'h', 'i' };
    size_t i;

    /* A struct by value comes through a pointer that is passed first. */
    CALL("empty", ANYTHING, mqttc_reader_space, word(&space), word(&r));
    if (space.ptr == NULL || space.len < sizeof frame)
        unexpected("mqttc_reader_space", "empty");
    for (i = 0; i < sizeof frame; i++)
        space.ptr[i] = frame[i];
    CALL("PUBLISH", 0, mqttc_reader_commit, word(&r), sizeof frame);
}

static void reader(void)
{
    static uint8_t buf[64];
    static mqttc_detail piece;

    CALL("server", 0, mqttc_reader_init, word(&r), word(buf), sizeof buf, (uint32_t)mqttc_decode_from_server);
    feed(9);
    CALL("PUBLISH", MQTTC_PACKET, mqttc_reader_next, word(&r), word(&packet), word(detail));
    CALL("nothing", 0, mqttc_reader_skip, word(&r));
    CALL("none", MQTTC_NEED_MORE, mqttc_reader_next, word(&r), word(&packet), word(detail));
    feed(9);
    CALL("PUBLISH", MQTTC_ERR_PACKET_TYPE_UNEXPECTED, mqttc_reader_connect_version, word(&r));
    CALL("PUBLISH", MQTTC_PACKET, mqttc_reader_next_piece, word(&r), word(&packet), word(&piece));
    feed(107); /* of which the buffer holds 64 */
    CALL("start", MQTTC_PUBLISH_START, mqttc_reader_next_piece, word(&r), word(&packet), word(&piece));
    CALL("payload", MQTTC_PAYLOAD, mqttc_reader_next_piece, word(&r), word(&packet), word(&piece));
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
    asked();
    topics();
    reader();
    return 0;
}

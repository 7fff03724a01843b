/* defects.c: what was wrong with the bytes of the tutorials, and what our calls do instead. Every row is a
 * test.
 *
 *   defects              asserts the rows; one line for each, ends with 1 if one does not come out
 *   defects --markdown   the same as the tables of README.md
 *   defects --bytes      what goes to a broker, for defects.py: what it does, if a CONNECT comes first, the
 * bytes
 *
 * What is right in the tutorials is in from_hand_built.c.
 */
#include <stdarg.h>
#include <stdio.h>

#include "by_call.h"

enum format { LINES, MARKDOWN, BYTES };

static enum format format = LINES;
static unsigned rows;
static unsigned failures;

/* `head`, then `n` times the character `fill`, then `tail`. */
struct bytes {
    const char *head;
    size_t head_len;
    char fill;
    size_t n;
    const char *tail;
    size_t tail_len;
};

#define BYTES_OF(head)                                                                                       \
    {                                                                                                        \
        head, sizeof(head) - 1, 0, 0, "", 0                                                                  \
    }
#define FILLED(head, fill, n, tail)                                                                          \
    {                                                                                                        \
        head, sizeof(head) - 1, fill, n, tail, sizeof(tail) - 1                                              \
    }

static size_t lay_out(const struct bytes *b, uint8_t *out)
{
    memcpy(out, b->head, b->head_len);
    memset(out + b->head_len, b->fill, b->n);
    memcpy(out + b->head_len + b->n, b->tail, b->tail_len);
    return b->head_len + b->n + b->tail_len;
}

/* Appends to a text of fixed size. */
static void add(char *text, size_t cap, const char *fmt, ...)
{
    size_t len = strlen(text);
    va_list args;

    va_start(args, fmt);
    vsnprintf(text + len, cap - len, fmt, args);
    va_end(args);
}

static void add_hex(char *text, size_t cap, const uint8_t *bytes, size_t len, size_t shown)
{
    size_t i;

    for (i = 0; i < len && i < shown; i++)
        add(text, cap, "%s%02x", i > 0 ? " " : "", bytes[i]);
    if (len > shown)
        add(text, cap, " ..");
}

static void add_status(char *text, size_t cap, mqttc_status status)
{
    const char *clause = mqttc_spec_ref(status);

    add(text, cap, "%s", mqttc_strerror(status));
    if (clause[0] != '\0')
        add(text, cap, " [%s]", clause);
}

static void check_row(int holds, const char *wrong, const char *detail)
{
    rows++;
    if (!holds) {
        failures++;
        fprintf(stderr, "DIFFER  %s: %s\n", wrong, detail);
    } else if (format == LINES) {
        printf("ok      %s: %s\n", wrong, detail);
    }
}

/* --- What they send ------------------------------------------------------------------------- */

/* What a broker does with it; defects.py compares this with mosquitto. */
enum broker { CLOSES, WAITS, TAKES };

static const char *const broker_does[] = {"closes", "waits for more", "takes it"};

static size_t long_filter(mqttc_status *w) { return call_subscribe(3, repeated('t', 123), w); }
static size_t empty_filter(mqttc_status *w) { return call_subscribe(3, "", w); }
static size_t bad_filter(mqttc_status *w) { return call_subscribe(3, "a/#/b", w); }
static size_t payload_122(mqttc_status *w) { return call_publish("test", repeated('x', 122), 0, 0, w); }
static size_t payload_250(mqttc_status *w) { return call_publish("test", repeated('x', 250), 0, 0, w); }
static size_t payload_16378(mqttc_status *w) { return call_publish("test", repeated('j', 16378), 0, 0, w); }
static size_t empty_topic(mqttc_status *w) { return call_publish("", "x", 0, 0, w); }
static size_t topic_with_wildcard(mqttc_status *w) { return call_publish("a/+", "x", 0, 0, w); }
static size_t test_client(mqttc_status *w) { return call_connect("test_client", "", "", 0xffff, w); }
static size_t subscribe_a(mqttc_status *w) { return call_subscribe(1, "a", w); }
static size_t unsubscribe_a(mqttc_status *w) { return call_unsubscribe(1, "a", w); }
static size_t password_alone(mqttc_status *w) { return call_connect("Dome42", "", "secret", 60, w); }
static size_t id_0(mqttc_status *w) { return call_publish("test", "{}", 1, 0, w); }
static size_t id_after_0(mqttc_status *w)
{
    return call_publish("test", "{}", 1, mqttc_next_packet_id(0), w);
}
static size_t dome1(mqttc_status *w) { return call_connect("Dome1", "u", "", 60, w); }
static size_t long_id(mqttc_status *w) { return call_connect(repeated('C', 106), "admin", "1", 100, w); }
static size_t longer_id(mqttc_status *w)
{
    return call_connect(repeated('C', 229), "admin", "123456", 100, w);
}

static const struct sent {
    const char *document;
    const char *wrong;
    const char *their_line;
    struct bytes bytes;
    enum broker broker;
    mqttc_status status;               /* the decoder's; 0: it takes the bytes */
    uint32_t at;                       /* the byte that it blames; for WAITS how many are missing */
    size_t (*call)(mqttc_status *why); /* NULL: no codec can know what was meant */
    mqttc_status call_status;
    struct bytes call_begins; /* what our call writes begins so, if it writes */
} sent_rows[] = {
    {"000", "a length over 127 in one byte", "data[1] = 5 + len",
     FILLED("\x82\x80\0\3\0\x7b", 't', 123, "\0"), CLOSES, MQTTC_ERR_REMAINING_LENGTH_PADDED, 1, long_filter,
     0, BYTES_OF("\x82\x80\x01\0\3\0\x7b")},
    {"000", "the same in PUBLISH", "data[1] = 2 + t_len + s_len", FILLED("\x30\x80\0\4test", 'x', 122, ""),
     CLOSES, MQTTC_ERR_REMAINING_LENGTH_PADDED, 1, payload_122, 0, BYTES_OF("\x30\x80\x01\0\4test")},
    {"000", "a length of 256, whose one byte is 0", "data[1] = 2 + t_len + s_len",
     FILLED("\x30\0\0\4test", 'x', 250, ""), CLOSES, MQTTC_ERR_TRUNCATED, 2, payload_250, 0,
     BYTES_OF("\x30\x80\x02\0\4test")},
    {"000", "an empty topic filter", "len = strlen(topic)", BYTES_OF("\x82\5\0\3\0\0\0"), CLOSES,
     MQTTC_ERR_FILTER_EMPTY, 4, empty_filter, MQTTC_ERR_FILTER_EMPTY, BYTES_OF("")},
    {"000", "a `#` before the last level", "data[6 + i] = topic[i]", BYTES_OF("\x82\x0a\0\3\0\5a/#/b\0"),
     CLOSES, MQTTC_ERR_FILTER_WILDCARD, 8, bad_filter, MQTTC_ERR_FILTER_WILDCARD, BYTES_OF("")},
    {"000, 002", "an empty topic name", "t_len = strlen(topic)", BYTES_OF("\x30\3\0\0x"), CLOSES,
     MQTTC_ERR_TOPIC_EMPTY, 2, empty_topic, MQTTC_ERR_TOPIC_EMPTY, BYTES_OF("")},
    {"000", "a wildcard in a topic name", "data[4 + i] = topic[i]", BYTES_OF("\x30\6\0\3a/+x"), CLOSES,
     MQTTC_ERR_TOPIC_WILDCARD, 6, topic_with_wildcard, MQTTC_ERR_TOPIC_WILDCARD, BYTES_OF("")},
    {"001", "no client identifier: 8 bytes follow, 12 are declared", "data[length++] = 0x0C",
     BYTES_OF("\x10\x0cMQTT\4\2\xff\x08"), WAITS, 0, 4, test_client, 0,
     BYTES_OF("\x10\x17\0\4MQTT\4\2\xff\xff\0\x0btest_client")},
    {"001", "no length before the protocol name (the next 4 bytes sent are in the frame)",
     "data[length++] = 'M'", BYTES_OF("\x10\x0cMQTT\4\2\xff\x08\xc0\0\xe0\0"), CLOSES, MQTTC_ERR_TRUNCATED, 2,
     test_client, 0, BYTES_OF("\x10\x17\0\4MQTT\4\2\xff\xff\0\x0btest_client")},
    {"001", "the keep alive overwritten (all else mended): 65288 s", "data[remaining_length++] = length - 2",
     BYTES_OF("\x10\x17\0\4MQTT\4\2\xff\x08\0\x0btest_client"), TAKES, 0, 0, test_client, 0,
     BYTES_OF("\x10\x17\0\4MQTT\4\2\xff\xff")},
    {"001", "the flags of SUBSCRIBE", "#define MQTT_SUBSCRIBE 0x80", BYTES_OF("\x80\6\0\1\0\1a\0"), CLOSES,
     MQTTC_ERR_FLAGS_RESERVED, 0, subscribe_a, 0, BYTES_OF("\x82\6\0\1\0\1a\0")},
    {"001", "the flags of UNSUBSCRIBE", "#define MQTT_UNSUBSCRIBE 0xA0", BYTES_OF("\xa0\5\0\1\0\1a"), CLOSES,
     MQTTC_ERR_FLAGS_RESERVED, 0, unsubscribe_a, 0, BYTES_OF("\xa2\5\0\1\0\1a")},
    {"002", "a password without a user name", "chVariableHeader[7] & 0x7F",
     BYTES_OF("\x10\x1a\0\4MQTT\4\x42\0\x3c\0\6Dome42\0\6secret"), CLOSES,
     MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME, 9, password_alone, MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME,
     BYTES_OF("")},
    {"002", "a keep alive of 1093 minutes: 44 s", "iTemp = eeprom_heart_beat_min_read() * 60",
     BYTES_OF("\x10\x17\0\4MQTT\4\xc2\0\x2c\0\5Dome7\0\1u\0\1p"), TAKES, 0, 0, NULL, 0, BYTES_OF("")},
    {"002", "a union for the byte order: on a big-endian processor the lengths are swapped",
     "union { uint8_t chTemp[2]; int16_t iTemp; }", BYTES_OF("\x10\x14\0\4MQTT\4\x82\x3c\0\5\0Dome1\1\0u"),
     CLOSES, MQTTC_ERR_TRUNCATED, 12, dome1, 0, BYTES_OF("\x10\x14\0\4MQTT\4\x82\0\x3c\0\5Dome1\0\1u")},
    {"002", "packet id 0 in the first QoS 1 message", "static union {..} s_tFrameNum = {0}",
     BYTES_OF("\x32\x0a\0\4test\0\0{}"), CLOSES, MQTTC_ERR_PACKET_ID_ZERO, 8, id_0, MQTTC_ERR_PACKET_ID_ZERO,
     BYTES_OF("")},
    {"002", "the same, and `mqttc_next_packet_id`", "s_tFrameNum.hwFrameNum++",
     BYTES_OF("\x32\x0a\0\4test\0\0{}"), CLOSES, MQTTC_ERR_PACKET_ID_ZERO, 8, id_after_0, 0,
     BYTES_OF("\x32\x0a\0\4test\0\1{}")},
    {"002", "a length over 16383 in two bytes", "pchBuffer[2] = (iTemp + j + 2) >> 7",
     FILLED("\x30\x80\x80\0\4test", 'j', 16378, ""), CLOSES, MQTTC_ERR_REMAINING_LENGTH_PADDED, 1,
     payload_16378, 0, BYTES_OF("\x30\x80\x80\x01\0\4test")},
    {"003", "a length over 127 in one byte", "(byte)bytes.Count",
     FILLED("\x10\x80\0\4MQTT\4\xc2\0\x64\0\x6a", 'C', 106,
            "\0\5admin\0\1"
            "1"),
     CLOSES, MQTTC_ERR_REMAINING_LENGTH_PADDED, 1, long_id, 0, BYTES_OF("\x10\x80\x01\0\4MQTT")},
    {"003", "a length of 256, whose one byte is 0", "(byte)bytes.Count",
     FILLED("\x10\0\0\4MQTT\4\xc2\0\x64\0\xe5", 'C', 229,
            "\0\5admin\0\6"
            "123456"),
     CLOSES, MQTTC_ERR_TRUNCATED, 2, longer_id, 0, BYTES_OF("\x10\x80\x02\0\4MQTT")},
    {"004", "the length's groups in the wrong order, most significant first", "(prose)",
     FILLED("\x30\x81\0\0\4test", 'x', 122, ""), CLOSES, MQTTC_ERR_REMAINING_LENGTH_PADDED, 1, payload_122, 0,
     BYTES_OF("\x30\x80\x01\0\4test")},
};

static void send_row(const struct sent *row)
{
    static uint8_t wire[SIZE];
    static uint8_t wanted[64];
    char hex[64] = "";
    char decoder[160] = "";
    char call[160] = "";
    size_t len = lay_out(&row->bytes, wire);
    size_t wanted_len = lay_out(&row->call_begins, wanted);
    mqttc_packet packet;
    mqttc_detail detail;
    int32_t got = mqttc_decode_from_client(NULL, wire, len, &packet, &detail);
    mqttc_status why = 0;
    size_t n = row->call != NULL ? row->call(&why) : 0;
    int holds = why == row->call_status;

    if (got < 0) {
        holds = holds && got == row->status && detail.offset == row->at;
        add(decoder, sizeof decoder, "byte %lu: ", (unsigned long)detail.offset);
        add_status(decoder, sizeof decoder, got);
    } else if (got == MQTTC_NEED_MORE) {
        holds = holds && row->broker == WAITS && detail.left == row->at;
        add(decoder, sizeof decoder, "%lu bytes are missing", (unsigned long)detail.left);
    } else {
        holds = holds && row->broker == TAKES && (size_t)got == len;
        add(decoder, sizeof decoder, packet.type == MQTTC_CONNECT ? "keep alive %u s" : "well-formed",
            (unsigned)packet.u.connect.keep_alive);
    }
    if (row->call == NULL) {
        add(call, sizeof call, "takes seconds, a `uint16_t`; `device_json.c` refuses 1093 minutes");
    } else if (n > 0) {
        holds = holds && n >= wanted_len && memcmp(ours, wanted, wanted_len) == 0 &&
                mqttc_decode_from_client(NULL, ours, n, &packet, NULL) == (int32_t)n;
        add(call, sizeof call, "`");
        add_hex(call, sizeof call, ours, n, 12);
        add(call, sizeof call, "`");
    } else {
        holds = holds && why < 0;
        add(call, sizeof call, "refused: ");
        add_status(call, sizeof call, why);
    }
    add_hex(hex, sizeof hex, wire, len, 14);
    check_row(holds, row->wrong, call);
    if (format == MARKDOWN)
        printf("| %s | %s | `%s` | `%s` | %s | %s | %s |\n", row->document, row->wrong, row->their_line, hex,
               broker_does[row->broker], decoder, call);
    if (format == BYTES) {
        size_t i;

        printf("%s\t%s\t", broker_does[row->broker], (wire[0] & 0xf0) == 0x10 ? "first" : "connected");
        for (i = 0; i < len; i++)
            printf("%02x", wire[i]);
        printf("\t%s: %s\n", row->document, row->wrong);
    }
}

/* --- What they make of what a broker sends -------------------------------------------------- */

enum { SHOWN = 160 };

/* The receive loop of document 000, with one recv() of `num` bytes; `char` is signed on most processors.
 * `str` is what the stack holds. */
static void sub_rev(const uint8_t *bytes, size_t num, const char *topic, char *shown)
{
    static int8_t data[SIZE];
    char str[SHOWN] = "hello";
    size_t i;
    int len;

    memcpy(data, bytes, num);
    if (data[0] != 0x30) {
        add(shown, SHOWN, "nothing");
        return;
    }
    len = data[2] * 256 + data[3];
    if (len < 0 || (size_t)len > num - 4) {
        add(shown, SHOWN, "a topic of %d bytes", len);
        return;
    }
    if (strncmp((const char *)data + 4, topic, (size_t)len) != 0) {
        add(shown, SHOWN, "nothing");
        return;
    }
    strncpy(str, (const char *)data + 4 + len, num - 4 - (size_t)len);
    for (i = 0; i < sizeof str && str[i] != '\0'; i++)
        add(shown, SHOWN, str[i] < ' ' ? "\\x%02x" : "%c", str[i]);
}

/* mqtt_recv() of document 001, then the test in its main(): the length is read a second time, one byte too
 * late. */
static void mqtt_recv(const uint8_t *bytes, size_t num, const char *unused, char *shown)
{
    uint8_t header[2];

    (void)unused;
    (void)num;
    header[0] = bytes[0];
    header[1] = bytes[2];
    add(shown, SHOWN, header[1] != 0 ? "refused" : "accepted");
}

/* The test of that main() alone, on a frame that has been read right. */
static void test_in_main(const uint8_t *bytes, size_t num, const char *unused, char *shown)
{
    (void)unused;
    (void)num;
    add(shown, SHOWN, bytes[1] != 0 ? "refused" : "accepted");
}

/* The reader, and a filter that is one. */
static void reader(const uint8_t *bytes, size_t num, const char *filter, char *shown)
{
    static uint8_t in[SIZE];
    mqttc_reader r;
    mqttc_packet packet;

    if (mqttc_reader_init(&r, in, sizeof in, mqttc_decode_from_server, NULL) < 0)
        return;
    memcpy(mqttc_reader_space(&r).ptr, bytes, num);
    if (mqttc_reader_commit(&r, num) < 0)
        return;
    while (mqttc_reader_next(&r, &packet, NULL) == MQTTC_PACKET) {
        const mqttc_publish *p = &packet.u.publish;

        if (shown[0] != '\0')
            add(shown, SHOWN, ", ");
        if (packet.type == MQTTC_CONNACK)
            add(shown, SHOWN, "return code %u", (unsigned)packet.u.connack.return_code);
        else if (packet.type == MQTTC_SUBACK)
            add(shown, SHOWN, "return code 0x%02x: refused", packet.u.suback.return_codes.ptr[0]);
        else if (packet.type != MQTTC_PUBLISH || !mqttc_topic_matches(mqttc_str(filter), p->topic))
            add(shown, SHOWN, "nothing");
        else if (p->payload.len > 20)
            add(shown, SHOWN, "a payload of %lu bytes", (unsigned long)p->payload.len);
        else
            add(shown, SHOWN, "%.*s%s", (int)p->payload.len, (const char *)p->payload.ptr,
                p->retain ? " (retained)" : "");
    }
}

static const struct received {
    const char *document;
    const char *wrong;
    const char *their_line;
    struct bytes bytes;
    const char *filter;
    void (*theirs)(const uint8_t *bytes, size_t num, const char *filter, char *shown);
    const char *they_get;
    const char *we_get;
} received_rows[] = {
    {"000", "the flags taken for part of the type: a retained message", "if (data[0] == 0x30)",
     BYTES_OF("\x31\x0b\0\4testhello"), "test", sub_rev, "nothing", "hello (retained)"},
    {"000", "SUBACK never looked at: a refused subscription", "if (data[0] == 0x30)",
     BYTES_OF("\x90\3\0\3\x80"), "test", sub_rev, "nothing", "return code 0x80: refused"},
    {"000", "one recv() taken for one packet", "num - 4 - len",
     BYTES_OF("\x30\x0b\0\4testhello\x30\7\0\4testx"), "test", sub_rev, "hello0\\x07", "hello, x"},
    {"000", "one length byte taken for granted", "len = data[2]*256 + data[3]",
     FILLED("\x30\xce\1\0\4test", 'x', 200, ""), "test", sub_rev, "a topic of 256 bytes",
     "a payload of 200 bytes"},
    {"000", "`char` is signed", "char data[1024]; len = data[2]*256 + data[3]",
     FILLED("\x30\x80\x80\1\0\4test", 'x', 16378, ""), "test", sub_rev, "a topic of -32767 bytes",
     "a payload of 16378 bytes"},
    {"000", "`strncmp` on a prefix: `te` passes for `test`", "strncmp(data + 4, topic, len)",
     BYTES_OF("\x30\6\0\2tehi"), "test", sub_rev, "hillo", "nothing"},
    {"000", "`strncmp` knows no wildcard: `a/b` does not pass for `a/+`", "strncmp(data + 4, topic, len)",
     BYTES_OF("\x30\7\0\3a/bhi"), "a/+", sub_rev, "nothing", "hi"},
    {"000", "a copy without its end, over `hello`", "strncpy(str, .., num - 4 - len)",
     BYTES_OF("\x30\x08\0\4testhi"), "test", sub_rev, "hillo", "hi"},
    {"001", "the length byte read as the return code", "data[1] != 0x00", BYTES_OF("\x20\2\0\0"), "",
     test_in_main, "refused", "return code 0"},
    {"001", "the length byte read twice, which undoes that: every refusal passes",
     "recv(socket_fd, &header[i], 1, 0)", BYTES_OF("\x20\2\0\5"), "", mqtt_recv, "accepted", "return code 5"},
};

static void receive_row(const struct received *row)
{
    static uint8_t wire[SIZE];
    char hex[64] = "";
    char theirs[SHOWN] = "";
    char we[SHOWN] = "";
    size_t len = lay_out(&row->bytes, wire);

    row->theirs(wire, len, row->filter, theirs);
    reader(wire, len, row->filter, we);
    add_hex(hex, sizeof hex, wire, len, 14);
    if (strcmp(theirs, row->they_get) != 0)
        check_row(0, row->wrong, theirs);
    else
        check_row(strcmp(we, row->we_get) == 0, row->wrong, we);
    if (format == MARKDOWN)
        printf("| %s | %s | `%s` | `%s` | %s | %s |\n", row->document, row->wrong, row->their_line, hex,
               theirs, we);
}

/* --- What they compute ---------------------------------------------------------------------- */

/* Document 002 keeps a length in an int16_t; one that is negative there fits in any buffer. */
static void negative_length(void)
{
    const uint16_t json_size = 40000;
    const int temp = (int16_t)json_size;
    const int buffer_size = 1024;
    size_t n = call_publish("test", repeated('j', json_size), 0, 0, NULL);
    char detail[SHOWN] = "";

    add(detail, sizeof detail, "%u bytes are %d there, which fit in any buffer; our call writes %lu bytes",
        (unsigned)json_size, temp, (unsigned long)n);
    check_row(temp + 4 + 5 <= buffer_size && n == 4u + 6u + json_size, "tTemp.iTemp = hwJsonSize, an int16_t",
              detail);
    if (format == MARKDOWN)
        printf("\nDocument 002, `tTemp.iTemp = hwJsonSize`, an `int16_t`: %s.\n", detail);
}

int main(int argc, char **argv)
{
    size_t i;

    if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
        format = MARKDOWN;
    } else if (argc == 2 && strcmp(argv[1], "--bytes") == 0) {
        format = BYTES;
    } else if (argc != 1) {
        fputs("usage: defects [--markdown | --bytes]\n", stderr);
        return 2;
    }
    if (format == MARKDOWN)
        puts("| document | what is wrong | its line | the bytes sent | a broker | our decoder | our call |\n"
             "|---|---|---|---|---|---|---|");
    for (i = 0; i < sizeof sent_rows / sizeof sent_rows[0]; i++)
        send_row(&sent_rows[i]);
    if (format == MARKDOWN)
        puts("\n| document | what is wrong | its line | the bytes received | it gets | our reader gives |\n"
             "|---|---|---|---|---|---|");
    for (i = 0; i < sizeof received_rows / sizeof received_rows[0]; i++)
        receive_row(&received_rows[i]);
    negative_length();
    if (format == LINES)
        printf("defects: %u rows, %u failures\n", rows, failures);
    return failures == 0 ? 0 : 1;
}

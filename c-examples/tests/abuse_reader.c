/* abuse_reader.c: the reader. See arena.h. What its decode function may not do while it runs: traps.c. */
#include "arena.h"

/* A reader over a.lent in which these bytes wait. */
static void set_reader(mqttc_decode_fn decode, const void *bytes, size_t len)
{
    mqttc_space space;

    clear();
    EXPECT(mqttc_reader_init(&a.reader, a.lent, LENT_SIZE, decode, NULL) == 0);
    space = mqttc_reader_space(&a.reader);
    EXPECT(space.ptr == a.lent && space.len == LENT_SIZE);
    memcpy(a.lent, bytes, len);
    EXPECT(mqttc_reader_commit(&a.reader, len) == 0);
}

static long space_is(mqttc_reader *r, const uint8_t *ptr, size_t len)
{
    mqttc_space space = mqttc_reader_space(r);

    return space.ptr == ptr && space.len == len;
}

/* The functions that look at the whole lent buffer, where `r` or that buffer cannot be. */
static void refuses_buffer(mqttc_reader *r, mqttc_status wanted)
{
    TRY(space_is(r, NULL, 0), 1, NOTHING);
    MISTAKEN(mqttc_reader_next(r, &a.packet, detail), wanted);
    TRY(mqttc_reader_next_piece(r, &a.packet, &a.detail), wanted, NOTHING);
}

/* Every function for the reader, when `r` is none. */
static void refuses_reader(mqttc_reader *r, mqttc_status wanted)
{
    refuses_buffer(r, wanted);
    TRY(mqttc_reader_connect_version(r), wanted, NOTHING);
    TRY(mqttc_reader_next_piece(r, &a.packet, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_commit(r, 0), wanted, NOTHING);
    TRY(mqttc_reader_commit(r, 1), wanted, NOTHING);
    TRY(mqttc_reader_skip(r), wanted, NOTHING);
}

static void abuse_init(void)
{
    mqttc_reader *r = &a.reader;

    clear();
    TRY(mqttc_reader_init(NULL, a.lent, LENT_SIZE, mqttc_decode, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_init(r, NULL, LENT_SIZE, mqttc_decode, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, NULL, NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, 0, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, NULL, 0, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, TOO_LONG, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, SIZE_MAX, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(misaligned(r), a.lent, LENT_SIZE, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(mqttc_reader_init(r, (uint8_t *)r, sizeof *r, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(mqttc_reader_init(r, (uint8_t *)r + sizeof *r - 1, 9, mqttc_decode, NULL), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    memset(&a.dec, 0, sizeof a.dec); /* a decoder that is none */
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, &a.dec), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, misaligned(&a.dec)), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    mqttc_decoder_init(&a.dec); /* a good one, where the peer's bytes would go */
    TRY(mqttc_reader_init(r, (uint8_t *)&a.dec, sizeof a.dec, mqttc_decode, &a.dec),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, &a.dec), 0, READER);
    TRY(mqttc_reader_init(r, a.lent, 1, mqttc_decode, NULL), 0, READER);
    TRY(mqttc_reader_init(r, a.lent, LENT_SIZE, mqttc_decode, NULL), 0, READER);

    refuses_reader(NULL, MQTTC_ERR_NULL);
    refuses_reader(misaligned(r), MQTTC_ERR_INVALID_ARGUMENT);
    TRY(mqttc_reader_commit(r, LENT_SIZE + 1), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_commit(r, SIZE_MAX), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_skip(r), 0, NOTHING);

    /* Never initialised: nothing but zeros, nothing but the arena's filling. */
    memset(r, 0, sizeof *r);
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    memset(r, fill, sizeof *r);
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
}

/* Where results cannot go, in whichever state it is. */
static void abuse_results(int32_t (*next)(mqttc_reader *, mqttc_packet *, mqttc_detail *))
{
    mqttc_reader *r = &a.reader;
    mqttc_detail *in_lent = (mqttc_detail *)(void *)a.lent;

    MISTAKEN(mqttc_reader_next(r, NULL, detail), MQTTC_ERR_NULL);
    TRY(next(r, NULL, &a.detail), MQTTC_ERR_NULL, NOTHING);
    TRY(next(r, misaligned(&a.packet), &a.detail), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, &a.packet, misaligned(&a.detail)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    /* In the lent buffer, in the reader, in each other. */
    TRY(next(r, (mqttc_packet *)(void *)a.lent, &a.detail), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, (mqttc_packet *)(void *)(a.lent + LENT_SIZE - 8), &a.detail), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(next(r, (mqttc_packet *)(void *)r, &a.detail), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, (mqttc_packet *)(void *)((uint8_t *)r + sizeof *r - 8), &a.detail),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, &a.packet, in_lent), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, &a.packet, (mqttc_detail *)(void *)(a.lent + LENT_SIZE - 8)), MQTTC_ERR_INVALID_ARGUMENT,
        NOTHING);
    TRY(next(r, &a.packet, (mqttc_detail *)(void *)r), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, &a.packet, (mqttc_detail *)(void *)((uint8_t *)r + sizeof *r - 8)),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, &a.packet, (mqttc_detail *)(void *)&a.packet), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(next(r, &a.packet, (mqttc_detail *)(void *)((uint8_t *)(&a.packet + 1) - 8)),
        MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
}

/* Tampered with, field by field. None of these mistakes stays: at the end the packet is still there. */
static void abuse_fields(void)
{
    mqttc_reader *r = &a.reader;
    mqttc_reader good;
    size_t i;

    set_reader(mqttc_decode, "\xd0\x00", 2);
    good = *r;
    r->start = 3; /* behind the end */
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->start = SIZE_MAX;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    *r = good;
    r->end = LENT_SIZE + 1; /* behind the buffer */
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->end = SIZE_MAX;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    *r = good;
    r->cap = 1;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    *r = good;
    r->decode = NULL;
    refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    *r = good;

    /* A buffer that cannot be: the functions find it that touch it. */
    r->buf = NULL;
    refuses_buffer(r, MQTTC_ERR_NULL);
    TRY(mqttc_reader_connect_version(r), MQTTC_ERR_NULL, NOTHING);
    *r = good;
    r->cap = TOO_LONG;
    refuses_buffer(r, MQTTC_ERR_INVALID_ARGUMENT);
    r->cap = SIZE_MAX;
    refuses_buffer(r, MQTTC_ERR_INVALID_ARGUMENT);
    *r = good;
    abuse_results(mqttc_reader_next);
    abuse_results(mqttc_reader_next_piece);

    /* A decoder that is none. */
    memset(&a.dec, 0, sizeof a.dec);
    r->dec = &a.dec;
    MISTAKEN(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    TRY(mqttc_reader_next_piece(r, &a.packet, &a.detail), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    r->dec = misaligned(&a.dec);
    MISTAKEN(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    TRY(mqttc_reader_next_piece(r, &a.packet, &a.detail), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    *r = good;

    /* In use, of another version, of a version that is to come. */
    for (i = 1; i < 256; i++) {
        r->busy = (uint8_t)i;
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
        r->busy = 0;
        r->version = (uint8_t)(good.version + i);
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
        r->version = good.version;
        r->reserved = (uint8_t)i;
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
        r->reserved = 0;
    }
    /* A state that is none; one that does not go with an error. */
    for (i = 3; i < 256; i++) {
        r->state = (uint8_t)i;
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    }
    r->refused = MQTTC_ERR_UTF8;
    for (i = 1; i < 3; i++) {
        r->state = (uint8_t)i;
        refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
    }
    /* An error that is none. */
    for (i = 0; i < 3; i++) {
        static const mqttc_status none[] = {5, MQTTC_ERR_NULL, -31, -1000, INT32_MIN, INT32_MAX};
        size_t k;

        r->state = (uint8_t)i;
        for (k = 0; k < COUNT(none); k++) {
            r->refused = none[k];
            refuses_reader(r, MQTTC_ERR_INVALID_ARGUMENT);
        }
    }
    *r = good;

    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_PACKET, PACKET | READER, a.lent, 2, 0, 0);
    EXPECT(got_packet.type == MQTTC_PINGRESP);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_NEED_MORE, READER, NULL, 0, 2, 0);

    /* Numbers that change what comes out, and touch nothing else. */
    set_reader(mqttc_decode, "\xd0\x00", 2);
    r->missing = UINT32_MAX;
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_NEED_MORE, READER, NULL, 0, UINT32_MAX, 0);
    r->missing = 0;
    r->refused = MQTTC_ERR_UTF8;
    r->refused_offset = UINT32_MAX;
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_UTF8, NOTHING, NULL, 0, 0, 2);
}

/* Numbers at random, with a good buffer and good functions: nothing changes but the results and the buffer.
 */
static void abuse_at_random(void)
{
    static const uint32_t numbers[] = {
        0, 1, 2, 3, 4, LENT_SIZE - 1, LENT_SIZE, LENT_SIZE + 1, 268435455, UINT32_MAX - 1, UINT32_MAX};
    static const mqttc_status statuses[] = {
        0, 0, 0, MQTTC_ERR_UTF8, MQTTC_ERR_PACKET_TOO_LARGE, MQTTC_ERR_PACKET_TYPE_RESERVED};
    static const char stream[] =
        "\x30\x7f\x00\1a\xd0\x00\x40\x02\x00\x07\x20\x02\x00\x00\x32\x05\x00\1a\x00\x01";
    mqttc_reader *r = &a.reader;
    uint32_t seed = 7;
    int round;

    set_reader(mqttc_decode, stream, sizeof stream - 1);
    for (round = 0; round < 2000; round++) {
        uint32_t pick[7];
        size_t i;

        for (i = 0; i < COUNT(pick); i++) {
            seed = seed * 1664525u + 1013904223u;
            pick[i] = seed >> 16;
        }
        memset(a.lent, fill, LENT_SIZE);
        memcpy(a.lent, stream, sizeof stream - 1);
        r->buf = a.lent;
        r->cap = LENT_SIZE - pick[0] % 4;
        r->start = numbers[pick[1] % 7];
        r->end = numbers[pick[2] % COUNT(numbers)];
        r->refused = statuses[pick[3] % COUNT(statuses)];
        r->refused_offset = numbers[pick[4] % COUNT(numbers)];
        r->missing = numbers[pick[5] % COUNT(numbers)];
        r->state = (uint8_t)(pick[6] % 4);

        for (i = 0; i < 6; i++) {
            mqttc_space space = {NULL, 0};
            int32_t got = 0;

            memcpy(&before, &a, sizeof a);
            switch (((pick[0] >> 8) + i) % 6) {
            case 0:
                space = mqttc_reader_space(r);
                break;
            case 1:
                got = mqttc_reader_commit(r, numbers[pick[1] % COUNT(numbers)]);
                break;
            case 2:
                got = mqttc_reader_next(r, &a.packet, &a.detail);
                break;
            case 3:
                got = mqttc_reader_skip(r);
                break;
            case 4:
                got = mqttc_reader_connect_version(r);
                break;
            default:
                got = mqttc_reader_next_piece(r, &a.packet, &a.detail);
                break;
            }
            check_arena(__FILE__, __LINE__, "a reader tampered with", READER | LENT | PACKET | DETAIL);
            EXPECT(got <= MQTTC_VERSION_5_0 && space.len <= LENT_SIZE);
            EXPECT(space.ptr == NULL || (space.ptr >= a.lent && space.ptr + space.len <= a.lent + LENT_SIZE));
        }
    }
}

/* --- Decode functions that a program might bring, and that lie ------------------------------ */

static int32_t lie;
static mqttc_detail lie_detail;

static int32_t lies(const mqttc_decoder *dec, const uint8_t *buf, size_t len, mqttc_packet *out,
                    mqttc_detail *d)
{
    (void)dec, (void)buf, (void)len, (void)out;
    *d = lie_detail;
    return lie;
}

static void set_liar(int32_t number, uint32_t left, uint32_t offset)
{
    set_reader(lies, "\xd0\x00", 2);
    lie = number;
    lie_detail.bytes = mqttc_bytes(a.in, SIZE_MAX); /* never used */
    lie_detail.left = left;
    lie_detail.offset = offset;
}

static void abuse_decode_function(void)
{
    static const struct row {
        int32_t number;
        int32_t wanted;
    } rows[] = {
        {3, MQTTC_ERR_INVALID_ARGUMENT}, /* more than there is */
        {INT32_MAX, MQTTC_ERR_INVALID_ARGUMENT},
        {0, MQTTC_ERR_INVALID_ARGUMENT}, /* nothing is missing */
        {MQTTC_ERR_NULL, MQTTC_ERR_NULL},
        {MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_BUFFER_TOO_SMALL},
        {-31, -31}, /* statuses that do not exist */
        {-1000, -1000},
        {INT32_MIN, INT32_MIN},
    };
    mqttc_reader *r = &a.reader;
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        set_liar(rows[i].number, 0, 0);
        MISTAKEN(mqttc_reader_next(r, &a.packet, detail), rows[i].wanted);
        TRY(mqttc_reader_next_piece(r, &a.packet, &a.detail), rows[i].wanted, NOTHING);
    }
    /* A length that can be: the frame is the reader's, not what the function says. */
    set_liar(1, UINT32_MAX, UINT32_MAX);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_PACKET, READER, a.lent, 1, 0, 0);
    /* More than the buffer will ever hold; it is no PUBLISH either. */
    set_liar(0, UINT32_MAX, UINT32_MAX);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_TOO_LARGE, READER, NULL, 0, 2, 1);
    set_liar(0, UINT32_MAX, UINT32_MAX);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_ERR_PACKET_TOO_LARGE, READER, NULL, 0, 2, 1);
    /* An offset behind the bytes. */
    set_liar(MQTTC_ERR_UTF8, UINT32_MAX, UINT32_MAX);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_UTF8, READER, NULL, 0, 0, 2);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_UTF8, NOTHING, NULL, 0, 0, 2);
    TRY(mqttc_reader_skip(r), 0, READER);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_UTF8, READER, NULL, 0, 0, 0);
}

/* --- How it should be, and what is not possible there --------------------------------------- */

/* A malformed or oversized frame: the error stays until it is skipped, where that is possible. */
static void abuse_stream(void)
{
    mqttc_reader *r = &a.reader;

    set_reader(mqttc_decode, "\x40\x02\x00\x00\xd0\x00", 6);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_ID_ZERO, READER, NULL, 0, 0, 2);
    BROKEN(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_ID_ZERO, 0, 2);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_ERR_PACKET_ID_ZERO, NOTHING, NULL, 0, 0, 2);
    abuse_results(mqttc_reader_next);
    abuse_results(mqttc_reader_next_piece);
    TRY(mqttc_reader_skip(r), 0, READER);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_PACKET, PACKET | READER, a.lent + 4, 2, 0, 0);
    EXPECT(got_packet.type == MQTTC_PINGRESP);

    set_reader(mqttc_decode, "\x30\x7f", 2); /* 129 bytes in a buffer of 32 */
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_TOO_LARGE, READER, NULL, 0, 129, 1);
    BROKEN(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_TOO_LARGE, 129, 1);
    TRY(mqttc_reader_skip(r), 0, READER);
    /* As many as fit. */
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_NEED_MORE, READER, NULL, 0, LENT_SIZE, 0);

    set_reader(mqttc_decode, "\xf0\x00", 2); /* no sound header: nobody knows where it ends */
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_TYPE_RESERVED, READER, NULL, 0, 0, 0);
    TRY(mqttc_reader_skip(r), MQTTC_ERR_PACKET_TYPE_RESERVED, NOTHING);
    BROKEN(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_TYPE_RESERVED, 0, 0);
}

static void abuse_space(void)
{
    mqttc_reader *r = &a.reader;
    uint8_t pings[LENT_SIZE];
    size_t i;

    for (i = 0; i < LENT_SIZE; i++)
        pings[i] = i % 2 == 0 ? 0xd0 : 0;
    set_reader(mqttc_decode, pings, LENT_SIZE);
    TRY(space_is(r, NULL, 0), 1, NOTHING); /* full of packets that were not asked for */
    TRY(mqttc_reader_commit(r, 1), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_reader_commit(r, 0), 0, NOTHING);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_PACKET, PACKET | READER, a.lent, 2, 0, 0);
    TRY(space_is(r, a.lent + LENT_SIZE - 2, 2), 1, READER | LENT); /* the others have moved */
    TRY(mqttc_reader_commit(r, 3), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);

    /* A packet that is not complete moves to the front when it needs the room. */
    pings[LENT_SIZE - 2] = 0x40;
    pings[LENT_SIZE - 1] = 2;
    set_reader(mqttc_decode, pings, LENT_SIZE);
    for (i = 0; i + 2 < LENT_SIZE; i += 2)
        STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_PACKET, PACKET | READER, a.lent + i, 2, 0, 0);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_NEED_MORE, READER, NULL, 0, 2, 0);
    TRY(space_is(r, a.lent + 2, LENT_SIZE - 2), 1, READER | LENT);
    a.lent[2] = 0;
    a.lent[3] = 7;
    TRY(mqttc_reader_commit(r, 1), 0, READER);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_NEED_MORE, NOTHING, NULL, 0, 1, 0);
    TRY(mqttc_reader_commit(r, 1), 0, READER);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_PACKET, PACKET | READER, a.lent, 4, 0, 0);
    EXPECT(got_packet.type == MQTTC_PUBACK && got_packet.u.packet_id == 7);
}

/* A PUBLISH of 129 bytes in a buffer of 32: in pieces, then left out. */
static void abuse_pieces(void)
{
    static const char start[] = "\x32\x7f\x00\3a/b\x00\7xyz";
    mqttc_reader *r = &a.reader;
    mqttc_packet topic_gone;

    set_reader(mqttc_decode, start, 12);
    TRY(mqttc_reader_next_piece(r, &a.packet, NULL), MQTTC_ERR_NULL, NOTHING);
    abuse_results(mqttc_reader_next_piece);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_PUBLISH_START, PACKET | READER, NULL, 0, 120,
         0);
    EXPECT(got_packet.type == MQTTC_PUBLISH && got_packet.tolerated == 0);
    EXPECT(got_packet.u.publish.packet_id == 7 && got_packet.u.publish.qos == 1);
    EXPECT(got_packet.u.publish.topic.ptr == a.lent + 4 && got_packet.u.publish.topic.len == 3);
    EXPECT(got_packet.u.publish.payload.ptr == NULL && got_packet.u.publish.payload.len == 0);

    /* In the middle of the payload. */
    abuse_results(mqttc_reader_next_piece);
    TRY(mqttc_reader_next_piece(r, &a.packet, NULL), MQTTC_ERR_NULL, NOTHING);
    MISTAKEN(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_INVALID_ARGUMENT);
    TRY(mqttc_reader_connect_version(r), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_PAYLOAD, PACKET | READER, a.lent + 9, 3, 117,
         0);
    memset(&topic_gone, fill, sizeof topic_gone);
    topic_gone.u.publish.topic = mqttc_bytes(NULL, 0);
    EXPECT(memcmp(&got_packet, &topic_gone, sizeof topic_gone) == 0);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_NEED_MORE, NOTHING, NULL, 0, LENT_SIZE, 0);
    TRY(mqttc_reader_next(r, &a.packet, NULL), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(space_is(r, a.lent, LENT_SIZE), 1, READER);
    memset(a.lent, 'p', LENT_SIZE);
    TRY(mqttc_reader_commit(r, LENT_SIZE), 0, READER);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_PAYLOAD, PACKET | READER, a.lent, LENT_SIZE, 85,
         0);
    TRY(mqttc_reader_skip(r), 0, READER);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_NEED_MORE, NOTHING, NULL, 0, LENT_SIZE, 0);
    TRY(mqttc_reader_skip(r), 0, NOTHING);

    /* One that is not asked for in pieces is too large; so is a topic that does not fit. */
    set_reader(mqttc_decode, start, 12);
    STEP(mqttc_reader_next(r, &a.packet, detail), MQTTC_ERR_PACKET_TOO_LARGE, READER, NULL, 0, 129, 1);
    set_reader(mqttc_decode, "\x32\x7f\x00\40abc", 7);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_ERR_PACKET_TOO_LARGE, READER, NULL, 0, 129, 1);
    set_reader(mqttc_decode, "\x32\x7f\x00\3a/+\x00\x07", 9);
    STEP(mqttc_reader_next_piece(r, &a.packet, detail), MQTTC_ERR_TOPIC_WILDCARD, READER, NULL, 0, 0, 6);
    TRY(mqttc_reader_skip(r), 0, READER);
}

static void abuse_connect_version(void)
{
    static const char connect[] = "\x10\x0e\x00\x04MQTT\x84\x02\x00\x3c\x00\2ab";
    mqttc_reader *r = &a.reader;
    size_t n;

    for (n = 0; n <= 16; n++) {
        int32_t wanted = MQTTC_NEED_MORE;

        if (n >= 9)
            wanted = MQTTC_VERSION_3_1_1;
        set_reader(mqttc_decode, connect, n);
        TRY(mqttc_reader_connect_version(r), wanted, NOTHING);
        r->dec = misaligned(&a.dec); /* not needed */
        TRY(mqttc_reader_connect_version(r), wanted, NOTHING);
    }
    set_reader(mqttc_decode, "\xd0\x00", 2);
    TRY(mqttc_reader_connect_version(r), MQTTC_ERR_PACKET_TYPE_UNEXPECTED, NOTHING);
    set_reader(mqttc_decode, "\x00\x00", 2);
    TRY(mqttc_reader_connect_version(r), MQTTC_ERR_PACKET_TYPE_RESERVED, NOTHING);
    set_reader(mqttc_decode, "\x10\x06\x00\x04MQTT", 8);
    TRY(mqttc_reader_connect_version(r), MQTTC_ERR_TRUNCATED, NOTHING);
}

static void run(void)
{
    abuse_init();
    abuse_fields();
    abuse_at_random();
    abuse_decode_function();
    abuse_stream();
    abuse_space();
    abuse_pieces();
    abuse_connect_version();
}

int main(void)
{
    return abuse("abuse_reader", run);
}

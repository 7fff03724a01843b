/* abuse_filters.c: the iterator over the filters of a decoded packet, topic names and topic filters. See
 * arena.h. */
#include "arena.h"

static void set_iterator(const void *rest, size_t len, uint8_t has_qos)
{
    clear();
    memcpy(a.in, rest, len);
    a.it.rest = mqttc_bytes(a.in, len);
    a.it.has_qos = has_qos;
    a.it.unvalidated = 0;
}

/* An iterator that is none: mqttc_filters_check says why, mqttc_filters_next gives nothing and ends it. a.it
 * stays for the caller. */
static void refused(mqttc_status wanted)
{
    mqttc_filters it = a.it;

    TRY(mqttc_filters_check(&a.it), wanted, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, ITERATOR);
    EXPECT(a.it.rest.ptr == NULL && a.it.rest.len == 0);
    EXPECT(a.it.has_qos == it.has_qos && a.it.unvalidated == it.unvalidated);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    a.it.rest = it.rest;
}

/* A good one with a place for the item that is none. */
static void no_place_for_item(mqttc_subscription *item)
{
    mqttc_filters it = a.it;

    TRY(mqttc_filters_next(&a.it, item), 0, ITERATOR);
    EXPECT(a.it.rest.ptr == NULL && a.it.rest.len == 0);
    a.it.rest = it.rest;
    a.it.has_qos = it.has_qos;
    a.it.unvalidated = it.unvalidated;
}

static void abuse_iterator(void)
{
    static const uint8_t rest[] = {0, 3, 'a', '/', '#', 1, 0, 1, 'b', 2};
    static const uint8_t without_qos[] = {0, 3, 'a', '/', '#', 0, 1, 'b'};
    size_t i;

    /* How it should be: two items, then the end, which stays. */
    set_iterator(rest, sizeof rest, 1);
    TRY(mqttc_filters_check(&a.it), 0, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR | ITEM);
    EXPECT(got_item.filter.ptr == a.in + 2 && got_item.filter.len == 3 && got_item.qos == 1);
    EXPECT(a.it.rest.ptr == a.in + 6 && a.it.rest.len == 4);
    TRY(mqttc_filters_check(&a.it), 0, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR | ITEM);
    EXPECT(got_item.filter.ptr == a.in + 8 && got_item.filter.len == 1 && got_item.qos == 2);
    TRY(mqttc_filters_check(&a.it), 0, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    set_iterator(without_qos, sizeof without_qos, 0);
    TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR | ITEM);
    EXPECT(got_item.filter.len == 3 && got_item.qos == 0);

    set_iterator(rest, sizeof rest, 1);
    TRY(mqttc_filters_check(NULL), MQTTC_ERR_NULL, NOTHING);
    TRY(mqttc_filters_check(misaligned(&a.it)), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_filters_next(NULL, &a.item), 0, NOTHING);
    TRY(mqttc_filters_next(NULL, NULL), 0, NOTHING);
    TRY(mqttc_filters_next(misaligned(&a.it), &a.item), 0, NOTHING);
    no_place_for_item(NULL);
    no_place_for_item(misaligned(&a.item));
    no_place_for_item((mqttc_subscription *)(void *)&a.it);
    no_place_for_item((mqttc_subscription *)(void *)(a.in + 8 - (uintptr_t)a.in % 8)); /* among the bytes */

    for (i = 2; i < 256; i++) {
        a.it.has_qos = (uint8_t)i;
        refused(MQTTC_ERR_INVALID_ARGUMENT);
        a.it.has_qos = 1;
        a.it.unvalidated = (uint8_t)i;
        refused(MQTTC_ERR_INVALID_ARGUMENT);
        a.it.unvalidated = 0;
    }
    /* Bytes that cannot be. Those over PTRDIFF_MAX may reach to the iterator, which is then left alone. */
    a.it.rest.ptr = NULL;
    refused(MQTTC_ERR_NULL);
    a.it.rest.len = 0; /* nothing left: NULL is fine */
    TRY(mqttc_filters_check(&a.it), 0, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    a.it.rest = mqttc_bytes(a.in, TOO_LONG);
    TRY(mqttc_filters_check(&a.it), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, ITERATOR);
    a.it.rest = mqttc_bytes(a.in, SIZE_MAX);
    TRY(mqttc_filters_check(&a.it), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, ITERATOR);

    /* It points at itself, where it cannot be written, and at its result. */
    a.it.rest = mqttc_bytes(&a.it, sizeof a.it);
    TRY(mqttc_filters_check(&a.it), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    a.it.rest = mqttc_bytes((uint8_t *)&a.it + sizeof a.it - 1, 8);
    TRY(mqttc_filters_check(&a.it), MQTTC_ERR_INVALID_ARGUMENT, NOTHING);
    TRY(mqttc_filters_next(&a.it, &a.item), 0, NOTHING);
    memcpy(&a.item, rest, sizeof rest);
    a.it.rest = mqttc_bytes(&a.item, sizeof rest);
    TRY(mqttc_filters_check(&a.it), 0, NOTHING); /* it has no result */
    TRY(mqttc_filters_next(&a.it, &a.item), 0, ITERATOR);
    EXPECT(a.it.rest.ptr == NULL && a.it.rest.len == 0);
}

/* Bytes that were changed since they were decoded. */
static void abuse_bytes(void)
{
    static const struct row {
        const char *bytes;
        size_t len;
        uint8_t has_qos;
        uint8_t good_if_unvalidated;
        mqttc_status wanted;
    } wrong[] = {
        {"\x00", 1, 1, 0, MQTTC_ERR_TRUNCATED},                  /* half a length */
        {"\x00\3ab", 4, 0, 0, MQTTC_ERR_TRUNCATED},              /* cut in the filter */
        {"\x00\3a/#", 5, 1, 0, MQTTC_ERR_TRUNCATED},             /* no QoS */
        {"\x00\3a/#\x03", 6, 1, 0, MQTTC_ERR_SUBSCRIBE_OPTIONS}, /* QoS 3 */
        {"\x00\3a/#\xff", 6, 1, 0, MQTTC_ERR_SUBSCRIBE_OPTIONS}, /* QoS 255 */
        {"\xff\377a/#\x01", 6, 1, 0, MQTTC_ERR_TRUNCATED},       /* a length beyond the end */
        {"\x00\x00\x01", 3, 1, 1, MQTTC_ERR_FILTER_EMPTY},
        {"\x00\2a#\x01", 5, 1, 1, MQTTC_ERR_FILTER_WILDCARD},
        {"\x00\x02\xc3\x28\x01", 5, 1, 0, MQTTC_ERR_UTF8},
        {"\x00\x01\x00\x01", 4, 1, 0, MQTTC_ERR_NUL_IN_STRING},
    };
    static const uint8_t good[] = {0, 1, 'b', 2};
    uint8_t both[16];
    size_t i, n;

    for (i = 0; i < COUNT(wrong); i++) {
        set_iterator(wrong[i].bytes, wrong[i].len, wrong[i].has_qos);
        refused(wrong[i].wanted);
        a.it.unvalidated = 1;
        if (wrong[i].good_if_unvalidated) {
            TRY(mqttc_filters_check(&a.it), 0, NOTHING);
            TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR | ITEM);
        } else {
            refused(wrong[i].wanted);
        }
        /* Behind a good filter, which still comes out. */
        n = wrong[i].has_qos ? sizeof good : sizeof good - 1;
        memcpy(both, good, n);
        memcpy(both + n, wrong[i].bytes, wrong[i].len);
        set_iterator(both, n + wrong[i].len, wrong[i].has_qos);
        TRY(mqttc_filters_check(&a.it), wrong[i].wanted, NOTHING);
        TRY(mqttc_filters_next(&a.it, &a.item), 1, ITERATOR | ITEM);
        refused(wrong[i].wanted);
    }
}

static uint32_t number_below(uint32_t end)
{
    static uint32_t state;

    state = state * 1664525u + 1013904223u;
    return (state >> 16) % end;
}

/* Up to four filters, of which a byte may then be changed, or the last one be missing. */
static void set_at_random(mqttc_filters *it)
{
    static const uint8_t bytes[] = {0, 1, 2, 3, 'a', '/', '#', '+', 0x80, 0xff};
    size_t n = 0;

    it->has_qos = (uint8_t)number_below(2);
    it->unvalidated = (uint8_t)number_below(2);
    while (n < 16 && number_below(4) > 0) {
        a.in[n++] = 0;
        a.in[n++] = 1;
        a.in[n++] = 'a';
        if (it->has_qos)
            a.in[n++] = (uint8_t)number_below(3);
    }
    if (n > 0 && number_below(2) > 0)
        a.in[number_below((uint32_t)n)] = bytes[number_below(sizeof bytes)];
    if (n > 0 && number_below(8) == 0)
        n--;
    it->rest = mqttc_bytes(a.in, n);
}

/* Whatever stands there, a loop comes to its end, and mqttc_filters_check is 0 where it comes to that of the
 * bytes. */
static void abuse_at_random(void)
{
    unsigned good = 0;
    unsigned bad = 0;
    int round;

    clear();
    for (round = 0; round < 20000; round++) {
        mqttc_filters it;
        mqttc_subscription item;
        mqttc_status status;
        size_t walked = 0;
        size_t steps = 0;
        size_t len;

        set_at_random(&it);
        len = it.rest.len;
        status = mqttc_filters_check(&it);
        while (mqttc_filters_next(&it, &item) && steps++ < 100)
            walked += 2 + item.filter.len + it.has_qos;
        EXPECT(steps <= 6 && walked <= len && it.rest.len == 0 && (status == 0) == (walked == len));
        good += steps > 1 && status == 0;
        bad += steps > 1 && status < 0;
    }
    EXPECT(good > 1000 && bad > 1000);
}

/* --- Topic names and topic filters ---------------------------------------------------------- */

static void abuse_topics(void)
{
    static uint8_t long_name[65536];
    const mqttc_slice a_name = mqttc_str("a");
    struct row {
        mqttc_slice topic;
        mqttc_status as_name;
        mqttc_status as_filter;
    } rows[] = {
        {mqttc_bytes(NULL, 0), MQTTC_ERR_TOPIC_EMPTY, MQTTC_ERR_FILTER_EMPTY},
        {mqttc_bytes(a.in, 0), MQTTC_ERR_TOPIC_EMPTY, MQTTC_ERR_FILTER_EMPTY},
        {mqttc_bytes(NULL, 1), MQTTC_ERR_NULL, MQTTC_ERR_NULL},
        {mqttc_bytes(a.in, TOO_LONG), MQTTC_ERR_INVALID_ARGUMENT, MQTTC_ERR_INVALID_ARGUMENT},
        {mqttc_bytes(a.in, SIZE_MAX), MQTTC_ERR_INVALID_ARGUMENT, MQTTC_ERR_INVALID_ARGUMENT},
        {mqttc_bytes("\xff", 1), MQTTC_ERR_UTF8, MQTTC_ERR_UTF8},
        {mqttc_bytes("a\0b", 3), MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_NUL_IN_STRING},
        {mqttc_str("a/#/b"), MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_FILTER_WILDCARD},
        {mqttc_str("a#"), MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_FILTER_WILDCARD},
        {mqttc_str("+a"), MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_FILTER_WILDCARD},
        {mqttc_bytes(long_name, 65536), MQTTC_ERR_STRING_TOO_LONG, MQTTC_ERR_STRING_TOO_LONG},
    };
    size_t i;

    clear();
    memset(long_name, 'a', sizeof long_name);
    for (i = 0; i < COUNT(rows); i++) {
        TRY(mqttc_topic_name_check(rows[i].topic), rows[i].as_name, NOTHING);
        TRY(mqttc_topic_filter_check(rows[i].topic), rows[i].as_filter, NOTHING);
        /* It matches nothing, not even itself. */
        TRY(mqttc_topic_matches(rows[i].topic, a_name), 0, NOTHING);
        TRY(mqttc_topic_matches(mqttc_str("#"), rows[i].topic), 0, NOTHING);
        TRY(mqttc_topic_matches(rows[i].topic, rows[i].topic), 0, NOTHING);
    }
    TRY(mqttc_topic_matches(mqttc_str("a/#"), a_name), 1, NOTHING);
    TRY(mqttc_topic_matches(mqttc_str("#"), a_name), 1, NOTHING);
    TRY(mqttc_topic_matches(mqttc_str("#"), mqttc_str("$SYS/load")), 0, NOTHING);
    TRY(mqttc_topic_matches(a_name, mqttc_str("b")), 0, NOTHING);
}

static void run(void)
{
    abuse_iterator();
    abuse_bytes();
    abuse_at_random();
    abuse_topics();
}

int main(void)
{
    return abuse("abuse_filters", run);
}

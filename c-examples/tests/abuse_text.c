/* abuse_text.c: texts, the version, and the functions that fill a struct. See arena.h. */
#include "arena.h"

/* Nothing to fill, or nowhere to do it. */
static void abuse_init(void)
{
    clear();
    memcpy(&before, &a, sizeof a);
    mqttc_decoder_init(NULL);
    mqttc_connect_init(NULL);
    mqttc_connack_init(NULL);
    mqttc_publish_init(NULL);
    mqttc_subscribe_init(NULL);
    mqttc_suback_init(NULL);
    mqttc_unsubscribe_init(NULL);
    mqttc_decoder_init(misaligned(&a.dec));
    mqttc_connect_init(misaligned(&a.p));
    mqttc_publish_init(misaligned(&a.p));
    mqttc_subscribe_init(misaligned(&a.p));
    mqttc_suback_init(misaligned(&a.p));
    mqttc_unsubscribe_init(misaligned(&a.p));
    check_arena(__FILE__, __LINE__, "the init functions", NOTHING);
    mqttc_connect_init(&a.p.connect);
    check_arena(__FILE__, __LINE__, "mqttc_connect_init", STRUCT);
}

/* Whatever number comes, a text comes back. */
static void abuse_texts(void)
{
    long status;
    unsigned type;

    for (status = -300; status <= 300; status++) {
        const char *text = mqttc_strerror((mqttc_status)status);
        const char *clause = mqttc_spec_ref((mqttc_status)status);
        int32_t code = mqttc_connack_code((mqttc_status)status);

        EXPECT(text != NULL && text[0] != '\0' && strlen(text) < 100);
        EXPECT(clause != NULL && (clause[0] == '\0' || strncmp(clause, "MQTT-", 5) == 0));
        EXPECT(code == -1 || code == 1 || code == 2);
        EXPECT(status < 0 || (clause[0] == '\0' && code == -1)); /* no error */
    }
    EXPECT(strcmp(mqttc_strerror(INT32_MIN), mqttc_strerror(INT32_MAX)) == 0);
    EXPECT(mqttc_spec_ref(INT32_MIN)[0] == '\0' && mqttc_spec_ref(INT32_MAX)[0] == '\0');
    EXPECT(mqttc_connack_code(INT32_MIN) == -1 && mqttc_connack_code(INT32_MAX) == -1);
    for (type = 0; type < 256; type++)
        EXPECT((strcmp(mqttc_packet_type_str((uint8_t)type), "reserved") == 0) ==
               (type < 1 || type > MQTTC_AUTH));
    EXPECT(strcmp(mqttc_packet_type_str(MQTTC_AUTH), "AUTH") == 0);
    EXPECT(mqttc_next_packet_id(0) == 1 && mqttc_next_packet_id(65535) == 1 && mqttc_next_packet_id(7) == 8);
    EXPECT(MQTTC_CHECK() == 0);
    EXPECT(mqttc_check_abi(MQTTC_ABI + 1, sizeof(mqttc_packet)) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_check_abi(MQTTC_ABI, sizeof(mqttc_packet) - 8) == MQTTC_ERR_INVALID_ARGUMENT);
    EXPECT(mqttc_version() != NULL && mqttc_version()[0] != '\0');
}

static void run(void)
{
    abuse_init();
    abuse_texts();
}

int main(void)
{
    return abuse("abuse_text", run);
}

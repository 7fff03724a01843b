/* ignored.c: every result that must not be ignored, ignored: header.sh wants a warning for each. */
#include "mqttc.h"

void ignore_all(void);

void ignore_all(void)
{
    mqttc_slice s = mqttc_str("a");

    mqttc_ack_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_bodyless_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_check_abi(MQTTC_ABI, 0);
    mqttc_connack_code(0);
    mqttc_connack_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_connack_encode(NULL, NULL, 0, NULL);
    mqttc_connect_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_connect_encode(NULL, NULL, 0, NULL);
    mqttc_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_decode_from_client(NULL, NULL, 0, NULL, NULL);
    mqttc_decode_from_server(NULL, NULL, 0, NULL, NULL);
    mqttc_disconnect_encode(NULL, 0, NULL);
    mqttc_filters_check(NULL);
    mqttc_filters_next(NULL, NULL);
    mqttc_next_packet_id(0);
    mqttc_packet_encode(NULL, NULL, 0, NULL);
    mqttc_packet_type_str(0);
    mqttc_payload_counter_count(NULL, 0);
    mqttc_payload_counter_end(NULL);
    mqttc_peek(NULL, 0, NULL, NULL);
    mqttc_peek_connect_version(NULL, 0, NULL);
    mqttc_pingreq_encode(NULL, 0, NULL);
    mqttc_pingresp_encode(NULL, 0, NULL);
    mqttc_puback_encode(0, NULL, 0, NULL);
    mqttc_pubcomp_encode(0, NULL, 0, NULL);
    mqttc_publish_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_publish_encode(NULL, NULL, 0, NULL);
    mqttc_publish_encode_before(NULL, NULL, 0, 0, NULL);
    mqttc_publish_header_encode(NULL, 0, NULL, 0, NULL);
    mqttc_publish_set_dup(NULL, 0);
    mqttc_publish_set_packet_id(NULL, 0, 0);
    mqttc_pubrec_encode(0, NULL, 0, NULL);
    mqttc_pubrel_encode(0, NULL, 0, NULL);
    mqttc_reader_commit(NULL, 0);
    mqttc_reader_connect_version(NULL);
    mqttc_reader_init(NULL, NULL, 0, NULL, NULL);
    mqttc_reader_next(NULL, NULL, NULL);
    mqttc_reader_next_piece(NULL, NULL, NULL);
    mqttc_reader_skip(NULL);
    mqttc_reader_space(NULL);
    mqttc_spec_ref(0);
    mqttc_strerror(0);
    mqttc_suback_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_suback_encode(NULL, NULL, 0, NULL);
    mqttc_subscribe_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_subscribe_encode(NULL, NULL, 0, NULL);
    mqttc_topic_filter_check(s);
    mqttc_topic_matches(s, s);
    mqttc_topic_name_check(s);
    mqttc_unsuback_encode(0, NULL, 0, NULL);
    mqttc_unsubscribe_decode(NULL, NULL, 0, NULL, NULL);
    mqttc_unsubscribe_encode(NULL, NULL, 0, NULL);
}

MQTTC_SIZE(mqttc_packet, 104, 60);

/// The packet identifier of a packet of any type; 0 where there is none.
static inline uint16_t mqttc_packet_id(const mqttc_packet *p)
{
    switch (p->type) {
    case MQTTC_PUBLISH:
        return p->u.publish.packet_id;
    case MQTTC_PUBACK:
    case MQTTC_PUBREC:
    case MQTTC_PUBREL:
    case MQTTC_PUBCOMP:
    case MQTTC_UNSUBACK:
        return p->u.packet_id;
    case MQTTC_SUBSCRIBE:
        return p->u.subscribe.packet_id;
    case MQTTC_SUBACK:
        return p->u.suback.packet_id;
    case MQTTC_UNSUBSCRIBE:
        return p->u.unsubscribe.packet_id;
    default:
        return 0;
    }
}

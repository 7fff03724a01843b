// link_cpp.cpp: the header and the archive in C++11 and later. It encodes a packet and decodes it.
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "mqttc.h"

int main()
{
    std::uint8_t frame[64];
    mqttc_publish message;
    mqttc_packet packet;
    mqttc_detail detail;
    mqttc_status why = MQTTC_CHECK();

    mqttc_publish_init(&message);
    message.topic = mqttc_str("a/b");
    message.payload = mqttc_str("hi");
    message.qos = 1;
    message.packet_id = 7;
    const std::size_t len = why < 0 ? 0 : mqttc_publish_encode(&message, frame, sizeof frame, &why);
    if (len == 0) {
        std::fprintf(stderr, "link_cpp: %s\n", mqttc_strerror(why));
        return 1;
    }
    const std::int32_t got = mqttc_decode(nullptr, frame, len, &packet, &detail);
    if (got < 0) {
        std::fprintf(stderr, "link_cpp: byte %lu: %s\n", static_cast<unsigned long>(detail.offset),
                     mqttc_strerror(got));
        return 1;
    }
    if (static_cast<std::size_t>(got) != len || packet.type != MQTTC_PUBLISH ||
        mqttc_packet_id(&packet) != 7 || !mqttc_eq(packet.u.publish.payload, "hi")) {
        std::fputs("link_cpp: another packet came back\n", stderr);
        return 1;
    }
    std::printf("link_cpp: %s of %lu bytes, mqttc %s\n", mqttc_packet_type_str(packet.type),
                static_cast<unsigned long>(len), mqttc_version());
    return 0;
}

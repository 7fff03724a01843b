// link_cpp.cpp: the header and the archive in a C++11 program. It encodes a packet and decodes it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "mqttc.h"

int main()
{
    std::uint8_t frame[64];
    std::size_t len = 0;
    std::size_t used = 0;
    mqttc_publish message;
    mqttc_packet packet;

    mqttc_publish_init(&message);
    message.topic = mqttc_str("a/b");
    message.payload = mqttc_str("hi");
    mqttc_status status = MQTTC_CHECK();
    if (status == MQTTC_OK)
        status = mqttc_publish_encode(&message, frame, sizeof frame, &len);
    if (status == MQTTC_OK)
        status = mqttc_decode(nullptr, frame, len, &packet, &used, nullptr);
    if (status != MQTTC_OK) {
        std::fprintf(stderr, "link_cpp: %s\n", mqttc_strerror(status));
        return 1;
    }
    if (packet.type != MQTTC_PUBLISH || used != len || packet.u.publish.payload.len != 2 ||
        std::memcmp(packet.u.publish.payload.ptr, "hi", 2) != 0) {
        std::fputs("link_cpp: another packet came back\n", stderr);
        return 1;
    }
    std::printf("link_cpp: %s of %lu bytes, mqttc %s\n", mqttc_packet_type_str(packet.type),
                static_cast<unsigned long>(len),
                mqttc_version());
    return 0;
}

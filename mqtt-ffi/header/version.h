/// 0 if the library that is linked was built for this header.
#define MQTTC_CHECK() mqttc_check_abi(MQTTC_ABI, sizeof(mqttc_packet))

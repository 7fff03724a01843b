MQTTC_SIZE(mqttc_reader, 64, 40);
MQTTC_SIZE(mqttc_space, 16, 8);

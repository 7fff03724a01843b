MQTTC_SIZE(mqttc_header, 8, 8);

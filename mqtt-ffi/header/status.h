MQTTC_SIZE(mqttc_detail, 24, 16);

MQTTC_SIZE(mqttc_decoder, 16, 16);

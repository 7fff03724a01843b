MQTTC_SIZE(mqttc_suback, 24, 12);

MQTTC_SIZE(mqttc_connack, 2, 2);

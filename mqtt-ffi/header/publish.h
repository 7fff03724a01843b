MQTTC_SIZE(mqttc_publish, 40, 24);
MQTTC_SIZE(mqttc_payload_counter, 8, 8);

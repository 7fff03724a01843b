MQTTC_SIZE(mqttc_subscription, 24, 12);
MQTTC_SIZE(mqttc_subscribe, 24, 12);
MQTTC_SIZE(mqttc_unsubscribe, 24, 12);
MQTTC_SIZE(mqttc_filters, 24, 12);
MQTTC_SIZE(mqttc_filter_list, 32, 16);

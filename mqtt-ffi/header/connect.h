MQTTC_SIZE(mqttc_connect, 96, 52);

/// Sets user name and password. One whose `ptr` is NULL is none; an empty one is not NULL: `mqttc_str("")`.
/// A password without a user name is refused by the encoder.
static inline void mqttc_connect_login(mqttc_connect *p, mqttc_slice user_name, mqttc_slice password)
{
    p->user_name = user_name;
    p->has_user_name = user_name.ptr != NULL;
    p->password = password;
    p->has_password = password.ptr != NULL;
}

/// Sets the will: the message that the server publishes when the client vanishes.
static inline void mqttc_connect_will(mqttc_connect *p, mqttc_slice topic, mqttc_slice message, uint8_t qos,
                                      uint8_t retain)
{
    p->will_topic = topic;
    p->will_message = message;
    p->will_qos = qos;
    p->will_retain = retain;
    p->has_will = 1;
}

#ifdef __cplusplus
}
#endif

#endif /* MQTTC_H */

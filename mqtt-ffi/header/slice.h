MQTTC_SIZE(mqttc_slice, 16, 8);

/// A slice of a NUL-terminated string, without the NUL; NULL gives the empty slice.
static inline mqttc_slice mqttc_str(const char *z)
{
    mqttc_slice s;
    s.ptr = (const uint8_t *)z;
    s.len = 0;
    while (z != NULL && z[s.len] != '\0')
        s.len++;
    return s;
}

/// A slice of `n` bytes.
static inline mqttc_slice mqttc_bytes(const void *p, size_t n)
{
    mqttc_slice s;
    s.ptr = (const uint8_t *)p;
    s.len = n;
    return s;
}

/// 1 if a slice holds exactly the characters of a NUL-terminated string, else 0. NULL is the empty
/// string.
static inline int mqttc_eq(mqttc_slice s, const char *z)
{
    mqttc_slice other = mqttc_str(z);
    size_t i = 0;
    if (s.len != other.len)
        return 0;
    while (i < s.len && s.ptr[i] == other.ptr[i])
        i++;
    return i == s.len;
}

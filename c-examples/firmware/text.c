#include "text.h"

static void put(text *t, char c)
{
    /* One byte is kept for the NUL. */
    if (t->len + 1 < t->cap)
        t->buf[t->len++] = c;
    else
        t->overflow = 1;
}

text text_in(char *buf, size_t cap)
{
    text t = { buf, cap, 0, 0 };
    return t;
}

void text_add(text *t, const char *z)
{
    while (*z != '\0')
        put(t, *z++);
}

void text_unsigned(text *t, uint32_t n)
{
    char digits[10];
    size_t i = 0;

    do {
        digits[i++] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    while (i > 0)
        put(t, digits[--i]);
}

void text_hundredths(text *t, int32_t n)
{
    uint32_t magnitude = n < 0 ? 0u - (uint32_t)n : (uint32_t)n;

    if (n < 0)
        put(t, '-');
    text_unsigned(t, magnitude / 100);
    put(t, '.');
    put(t, (char)('0' + magnitude / 10 % 10));
    put(t, (char)('0' + magnitude % 10));
}

void text_json(text *t, const char *s, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    size_t i;

    put(t, '"');
    for (i = 0; i < len && s[i] != '\0'; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\') {
            put(t, '\\');
            put(t, (char)c);
        } else if (c < 0x20) {
            text_add(t, "\\u00");
            put(t, hex[c >> 4]);
            put(t, hex[c & 15]);
        } else {
            put(t, (char)c);
        }
    }
    put(t, '"');
}

const char *text_end(text *t)
{
    t->buf[t->len] = '\0';
    return t->buf;
}

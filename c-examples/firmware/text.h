/* Text into a buffer of fixed size: what sprintf does, but it cannot write past the end, and it says so. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

typedef struct text {
    char *buf;
    size_t cap;
    size_t len;
    int overflow; /* something did not fit: the text is not whole */
} text;

text text_in(char *buf, size_t cap);
void text_add(text *t, const char *z);
void text_unsigned(text *t, uint32_t n);
/* Hundredths, as a decimal number: -325 is -3.25. */
void text_hundredths(text *t, int32_t n);
/* The `len` bytes of `s`, up to a NUL, as a JSON string: in quotes, with quotes, backslashes and controls
 * escaped. */
void text_json(text *t, const char *s, size_t len);
/* Ends the text with a NUL, for functions that want one. */
const char *text_end(text *t);

#endif

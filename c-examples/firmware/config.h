/* The settings of one device, in a place of their own in flash (`.config` in board/link.ld). */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdint.h>

typedef struct config {
    uint32_t device_id;
    char user_name[24]; /* empty: none; not NUL-terminated when full */
    char password[24];  /* empty: none */
    char location[32];
    uint16_t keep_alive; /* seconds */
    uint16_t interval;   /* milliseconds from one reading to the next */
} config;

extern const config settings;

#endif

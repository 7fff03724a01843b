/* misuse.c: what a caller must not do. A sanitizer has to find it in the library, which shows that the
 * library is built with that sanitizer. `make asan-archive` and `make msan` run it and want it to fail.
 *
 * usage: misuse overrun | uninitialised
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttc.h"

/* Says that there are 64 bytes of room where there are 8: the library writes behind them. */
static long overrun(uint8_t *buf)
{
    mqttc_connect c;

    mqttc_connect_init(&c);
    c.client_id = mqttc_str("ab");
    return (long)mqttc_connect_encode(&c, buf, 64, NULL);
}

/* Says that 8 bytes were received where none were: the library reads what nobody wrote. */
static long uninitialised(const uint8_t *buf)
{
    mqttc_packet packet;

    return mqttc_decode(NULL, buf, 8, &packet, NULL);
}

int main(int argc, char **argv)
{
    uint8_t *volatile unseen = malloc(8); /* else the compiler finds it */
    uint8_t *buf = unseen;
    long got;

    if (buf == NULL) {
        fprintf(stderr, "misuse: no memory\n");
        return 2;
    }
    if (argc == 2 && strcmp(argv[1], "overrun") == 0) {
        got = overrun(buf);
    } else if (argc == 2 && strcmp(argv[1], "uninitialised") == 0) {
        got = uninitialised(buf);
    } else {
        fprintf(stderr, "usage: misuse overrun | uninitialised\n");
        free(buf);
        return 2;
    }
    printf("not found: %ld\n", got);
    free(buf);
    return 0;
}

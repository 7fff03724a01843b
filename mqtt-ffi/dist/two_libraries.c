/* Calls this library and another one made by rustc, each with a panic handler of its own. Exits with 0 when both
 * return what they should. */
#include "mqttc.h"

#ifdef BOARD
#include "board.h"
#endif

/* ../../.ci/can-panic */
extern uint8_t checked(size_t i);
extern uint8_t can_panic_deep_below(size_t i);

int main(void)
{
    uint8_t buf[32];
    mqttc_connect c;
    int code = 0;

    mqttc_connect_init(&c);
    c.client_id = mqttc_str("two");
    if (mqttc_connect_encode(&c, buf, sizeof buf, NULL) != 17 || buf[0] != 0x10)
        code = 1;
    if (checked(2) != 3 || checked(4) != 0 || can_panic_deep_below(1) != 2)
        code = 2;
#ifdef BOARD
    board_exit(code);
#endif
    return code;
}

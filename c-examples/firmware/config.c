/* What this device is. The linker's symbol cannot be folded into the code: `settings` may be written over
 * later. */
#include "config.h"

__attribute__((section(".config"), used)) const config settings = {
    .device_id = 7,
    .user_name = "node",
    .password = "s3cret",
    .location = "roof \"north\"",
    .keep_alive = 4,
    .interval = 40,
};

/* SPDX-License-Identifier: MIT */
/* Any octets from a server, whole and octet by octet, with a few commands: nothing of the engine's contract breaks. */
#include "session.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct session_input input;
    if (session_read(&input, data, size)) {
        struct session_log log = {0};
        session_run(&input, SIZE_MAX, &log);
        session_run(&input, 1, &log);
        free(log.octets);
    }
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* The same stream cut in two ways gives the same events, the same bodies, the same offsets. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_equal(const struct session_log *one, const struct session_log *other) {
    if (one->length != other->length || (one->length > 0 && memcmp(one->octets, other->octets, one->length) != 0)) {
        fprintf(stderr, "the events depend on the cuts\n");
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct session_input input;
    if (session_read(&input, data, size)) {
        struct session_log whole = {0}, cut = {0}, octets = {0};
        session_run(&input, SIZE_MAX, &whole);
        session_run(&input, 0, &cut);
        session_run(&input, 1, &octets);
        require_equal(&whole, &cut);
        require_equal(&whole, &octets);
        free(whole.octets);
        free(cut.octets);
        free(octets.octets);
    }
    return 0;
}

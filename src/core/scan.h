/* SPDX-License-Identifier: MIT */
/* What makes bodies fast on hosts: the inside of lines is skipped in blocks. Not on firmware. Private to dot.c. */
#ifndef SATCHEL_CORE_SCAN_H
#define SATCHEL_CORE_SCAN_H

#include <satchel/pop3_engine.h>

#ifndef POP3_ENGINE_SCAN
#define POP3_ENGINE_SCAN (POP3_ENGINE_DEPTH > 1)
#endif

#if POP3_ENGINE_SCAN

/* p stands inside a line. Returns the octet from which on the state of a body must be followed again: p or later. */
const char *pop3_skip_text(const char *p, const char *end);

#else

static inline const char *pop3_skip_text(const char *p, const char *end) {
    (void)end;
    return p;
}

#endif
#endif

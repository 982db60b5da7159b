/* SPDX-License-Identifier: MIT */
/* The syntax of a timestamp, octet by octet, for the engine and the parser alike. Private to core. */
#ifndef SATCHEL_CORE_TIMESTAMP_H
#define SATCHEL_CORE_TIMESTAMP_H

/* Where a text stands in `<`, octets of a local part, `@`, octets of a domain, `>` (R-APOP-01). */
enum {
    TIMESTAMP_NONE,     /* outside of brackets; from OPEN on: inside */
    TIMESTAMP_COMPLETE, /* final */
    TIMESTAMP_OPEN,
    TIMESTAMP_LOCAL = TIMESTAMP_OPEN | 1,
    TIMESTAMP_AT = 4,
    TIMESTAMP_DOMAIN = TIMESTAMP_AT | 1,
    TIMESTAMP_BAD /* brackets that hold none */
};

/* The state behind `octet`. */
unsigned pop3_timestamp_step(unsigned state, char octet);

#endif

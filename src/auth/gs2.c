/* SPDX-License-Identifier: MIT */
/* Names as RFC 5801 and RFC 5802 write them. Knows no mechanism. */
#include "auth/exchange.h"

void pop3_write_name(pop3_writer *writer, const char *name) {
    for (; *name != '\0'; name++) {
        if (*name == ',') {
            pop3_write_text(writer, "=2C");
        } else if (*name == '=') {
            pop3_write_text(writer, "=3D");
        } else {
            pop3_write(writer, name, 1);
        }
    }
}

void pop3_write_authzid(pop3_writer *writer, const char *authzid) {
    pop3_write_text(writer, ",");
    if (authzid != NULL && authzid[0] != '\0') {
        pop3_write_text(writer, "a=");
        pop3_write_name(writer, authzid);
    }
    pop3_write_text(writer, ",");
}

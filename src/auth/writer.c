/* SPDX-License-Identifier: MIT */
/* A response that grows in the exchange's buffer. Knows no mechanism. */
#include <string.h>

#include "auth/exchange.h"

pop3_writer pop3_sasl_writer(const pop3_sasl *sasl, size_t at) {
    const pop3_writer writer = {sasl->buffer + at, sasl->size - at, 0, false};

    return writer;
}

void pop3_write(pop3_writer *writer, const void *octets, size_t n) {
    if (n > writer->room - writer->length) {
        writer->full = true;
    } else {
        memcpy(writer->out + writer->length, octets, n);
        writer->length += n;
    }
}

void pop3_write_text(pop3_writer *writer, const char *text) {
    if (text != NULL) {
        pop3_write(writer, text, strlen(text));
    }
}

void pop3_write_base64(pop3_writer *writer, size_t at) {
    size_t n = writer->length - at;

    if (writer->full || POP3_BASE64_LENGTH(n) > writer->room - at) {
        writer->full = true;
    } else {
        writer->length = at + pop3_base64_encode(writer->out + at, n, writer->out + at);
    }
}

pop3_sasl_result pop3_sasl_respond(pop3_sasl *sasl, pop3_writer *writer) {
    memmove(sasl->buffer, writer->out, writer->length);
    writer->out = sasl->buffer;
    writer->room = sasl->size;
    pop3_write_base64(writer, 0);
    if (writer->full) {
        return POP3_SASL_SPACE;
    }
    sasl->response = sasl->buffer;
    sasl->length = writer->length;
    return POP3_SASL_OK;
}

/* SPDX-License-Identifier: MIT */
/* What mechanisms share: credentials that may be sent, a response that grows in the buffer. Knows no mechanism. */
#ifndef SATCHEL_AUTH_EXCHANGE_H
#define SATCHEL_AUTH_EXCHANGE_H

#include <satchel/pop3_sasl.h>

/* May this be sent as user, authzid or password? NULL and "" may. No control octet; ASCII unless it is prepared. */
bool pop3_sasl_is_text(const pop3_sasl *sasl, const char *text);

/* The same, of what must not be missing. */
bool pop3_sasl_has_text(const pop3_sasl *sasl, const char *text);

/* No authzid: a mechanism that cannot say it would open another maildrop than the one that is meant. */
bool pop3_sasl_acts_for_itself(const pop3_sasl *sasl);

/* Printable ASCII without blanks; NULL and "" are. */
bool pop3_sasl_is_word(const char *text);

/* ---- Text that grows in lent memory ---- */

typedef struct pop3_writer {
    char *out;
    size_t room;
    size_t length;
    bool full; /* something did not fit and was left out */
} pop3_writer;

/* Over what lies behind the first `at` octets of the buffer. */
pop3_writer pop3_sasl_writer(const pop3_sasl *sasl, size_t at);

void pop3_write(pop3_writer *writer, const void *octets, size_t n);

/* NULL is nothing. */
void pop3_write_text(pop3_writer *writer, const char *text);

/* Turns what was written from `at` on into base64. */
void pop3_write_base64(pop3_writer *writer, size_t at);

/* The response is what was written, in base64, at the start of the buffer. OK, or SPACE. */
pop3_sasl_result pop3_sasl_respond(pop3_sasl *sasl, pop3_writer *writer);

/* ---- GS2 (RFC 5801), for SCRAM and OAUTHBEARER ---- */

/* A name with =2C for each comma and =3D for each equals sign (R-SCRAM-01). */
void pop3_write_name(pop3_writer *writer, const char *name);

/* What follows the header's flag: ",a=name,", or ",," for NULL and "". */
void pop3_write_authzid(pop3_writer *writer, const char *authzid);

#endif

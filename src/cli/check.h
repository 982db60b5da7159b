/* SPDX-License-Identifier: MIT */
/* What `satchel check` found out, for those who print it. */
#ifndef SATCHEL_CLI_CHECK_H
#define SATCHEL_CLI_CHECK_H

#include "cli/look.h"

enum { CHECK_WARNINGS = 16, CHECK_WARNING = 200 };

struct check {
    const struct look *look;
    pop3_client_error error; /* OK: nothing is wrong */
    bool has_tls;
    pop3_client_tls tls;                                       /* its texts are the client's */
    enum { CHECK_EARLY, CHECK_VALID, CHECK_EXPIRED } validity; /* of the certificate; the days until, left, or since */
    long days;
    const char *mechanism;
    char warnings[CHECK_WARNINGS][CHECK_WARNING];
    size_t warning_count;
};

/* Behind pop3_client_probe(): all but the error. */
void check_collect(struct check *check);

/* How the user's words and secrets come to the server by this mechanism: a phrase. */
const char *check_mechanism_words(const char *mechanism, bool tls);

/* Where the password or token would come from: a phrase. */
const char *check_credentials_words(const struct account *account);

/* Seconds since 1970 as a day; "?" where that is none. */
void check_day(int64_t seconds, char out[16]);

/* "implicit", "stls", "off". */
const char *check_tls_word(pop3_tls_mode mode);

struct json_t;
/* The same for programs. To be printed by check_print_json(), which frees it. */
struct json_t *check_to_json(const struct check *check);
void check_print_json(struct json_t *object);

#endif

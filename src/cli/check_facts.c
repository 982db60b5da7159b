/* SPDX-License-Identifier: MIT */
/* What is worth telling of a server, and in which words. Prints nothing. */
#define _POSIX_C_SOURCE 200809L

#include "cli/capabilities.h"
#include "cli/check.h"
#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { DAY_S = 86400, SOON_DAYS = 14 };

__attribute__((format(printf, 2, 3))) static void warn(struct check *check, const char *format, ...) {
    va_list values;

    if (check->warning_count < CHECK_WARNINGS) {
        va_start(values, format);
        (void)vsnprintf(check->warnings[check->warning_count++], CHECK_WARNING, format, values);
        va_end(values);
    }
}

/* ---- Warnings ---- */

static void look_around(struct check *check) {
    const struct account *account = check->look->account;
    const char *warning = account_warning(account);

    if (warning != NULL) {
        warn(check, "%s", warning);
    }
    if (check->look->no_user) {
        warn(check, "no user is named: a login needs one, as in %s://USER@%.120s", look_scheme(account->tls),
             account->host);
    }
    if (check->look->found[0].foreign) {
        warn(check,
             "%.120s is in another domain than the address, and DNS can be forged: do you know it as your server?",
             account->host);
    }
    for (size_t i = 0; i < REPORT_VARIABLES; i++) {
        if (report_variable(i) != NULL) {
            warn(check, "%s is set in the environment: it changes whom TLS trusts here", report_variable(i));
        }
    }
}

static void look_at_tls(struct check *check) {
    const pop3_client_tls *tls = &check->tls;

    if (tls->certificate && tls->trusted && check->days < SOON_DAYS) {
        warn(check, "the certificate is over in %ld day%s", check->days, check->days == 1 ? "" : "s");
    }
    if (tls->client_certificate_wanted && !tls->client_certificate_sent) {
        warn(check, "the server asks for a client certificate: if it refuses the login, set client-cert");
    }
}

/* APOP is announced by the greeting, USER by silence too; "" is no mechanism. */
static bool is_announced(const pop3_client *client, const char *mechanism) {
    char name[CAPABILITY_NAME_MOST];
    size_t length = strlen(mechanism);
    const char *line;

    for (size_t i = 0; (line = pop3_client_capability_line(client, i)) != NULL; i++) {
        const char *at = capability_split(line, name);

        for (; strcmp(name, "SASL") == 0 && *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
            if (strncasecmp(at, mechanism, length) == 0 && (at[length] == ' ' || at[length] == '\0')) {
                return true;
            }
        }
    }
    return length == 0 || strcmp(mechanism, "APOP") == 0 || strcmp(mechanism, "USER") == 0;
}

static void look_at_capabilities(struct check *check) {
    const pop3_client *client = check->look->client;
    uint32_t has = pop3_client_capabilities(client);
    uint32_t days = pop3_client_expire(client);

    if (pop3_client_capability_line(client, 0) == NULL) {
        warn(check, "the server does not tell what it can do (CAPA): much is tried, and may be refused");
        return;
    }
    if ((has & POP3_CAPABILITY_UIDL) == 0) {
        warn(check, "no UIDL is announced: without it messages cannot be told from those of the last time");
    }
    if ((has & POP3_CAPABILITY_TOP) == 0) {
        warn(check, "no TOP is announced: without it `satchel list` knows neither senders nor subjects");
    }
    if ((has & POP3_CAPABILITY_PIPELINING) == 0) {
        warn(check, "no PIPELINING is announced: each message costs a round trip of its own");
    }
    if (days == 0) {
        warn(check, "EXPIRE 0: the server may remove messages as soon as they were fetched");
    } else if (days != UINT32_MAX) {
        warn(check, "EXPIRE %lu: the server removes messages after so many days", (unsigned long)days);
    }
    if (pop3_client_login_delay(client) != 0) {
        warn(check, "LOGIN-DELAY: the server wants %lu seconds between two logins",
             (unsigned long)pop3_client_login_delay(client));
    }
    if (!is_announced(client, check->mechanism)) {
        warn(check, "the server does not announce %s: it is tried because auth names it", check->mechanism);
    }
    if (!check->has_tls && (has & POP3_CAPABILITY_STLS) != 0) {
        warn(check, "the server has TLS (STLS): there is no need to go without");
    }
}

static void look_at_dates(struct check *check) {
    const pop3_client_tls *tls = &check->tls;
    int64_t now = (int64_t)time(NULL);

    if (now < tls->not_before) {
        check->validity = CHECK_EARLY;
        check->days = (long)((tls->not_before - now + DAY_S - 1) / DAY_S);
    } else if (now <= tls->not_after) {
        check->validity = CHECK_VALID;
        check->days = (long)((tls->not_after - now) / DAY_S);
    } else {
        check->validity = CHECK_EXPIRED;
        check->days = (long)((now - tls->not_after) / DAY_S);
    }
}

void check_collect(struct check *check) {
    const pop3_client *client = check->look->client;

    check->has_tls = pop3_client_tls_info(client, &check->tls);
    check->mechanism = pop3_client_mechanism(client);
    look_around(check);
    if (check->has_tls) {
        look_at_dates(check);
        look_at_tls(check);
    }
    if (check->error.class_ == POP3_CLIENT_OK) {
        look_at_capabilities(check);
    }
}

/* ---- Words ---- */

const char *check_mechanism_words(const char *mechanism, bool tls) {
    static const struct {
        const char *name; /* or what the name begins with */
        const char *words;
    } all[] = {
        {"EXTERNAL", "the client certificate says who you are, and no password is sent"},
        {"SCRAM", "the password itself is not sent, and the server has to prove that it knows it"},
        {"OAUTHBEARER", "a token stands for the password"},
        {"XOAUTH2", "a token stands for the password"},
        {"CRAM-MD5", "the password itself is not sent, but who reads along can try out passwords later"},
        {"APOP", "the password itself is not sent, but who reads along can try out passwords later"},
    };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strncmp(mechanism, all[i].name, strlen(all[i].name)) == 0) {
            return all[i].words;
        }
    }
    return tls ? "the password is sent, inside TLS" : "the password is sent in clear text";
}

const char *check_credentials_words(const struct account *account) {
    if (account->token_command != NULL) {
        return "the token that token-command prints";
    }
    if (account->password_command != NULL) {
        return "the password that password-command prints";
    }
    if (account->password_file != NULL) {
        return "the password in password-file";
    }
    if (account->password != NULL) {
        return "the password in the configuration";
    }
    return account->name != NULL ? "a password from ~/.netrc, or one that you are asked for"
                                 : "a password that you are asked for";
}

void check_day(int64_t seconds, char out[16]) {
    time_t when = (time_t)seconds;
    struct tm parts;

    if (gmtime_r(&when, &parts) == NULL || strftime(out, 16, "%Y-%m-%d", &parts) == 0) {
        (void)snprintf(out, 16, "?");
    }
}

const char *check_tls_word(pop3_tls_mode mode) {
    return mode == POP3_TLS_IMPLICIT ? "implicit" : mode == POP3_TLS_STLS ? "stls" : "off";
}

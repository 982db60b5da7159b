/* SPDX-License-Identifier: MIT */
/*
 * `satchel check`: in plain words, where a connection went, whether the certificate is good, what the server offers, how a
 * login would go, and what is wrong. Nothing secret is sent unless --login asks for it.
 */
#include "cli/check.h"
#include "cli/capabilities.h"
#include "cli/cli.h"
#include "cli/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Lines of the report ---- */

/* "Label        text"; "" stands for the label of the line before. */
__attribute__((format(printf, 2, 3))) static void print(const char *label, const char *format, ...) {
    va_list values;

    (void)printf("%-12s ", label);
    va_start(values, format);
    (void)vprintf(format, values);
    va_end(values);
    (void)fputc('\n', stdout);
}

/* As it stands in a URL (RFC 2384): what is no letter, digit or one of -._~ becomes %XX. */
static void print_encoded(const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL) {
            (void)fputc(*text, stdout);
        } else {
            (void)printf("%%%02X", (unsigned)(unsigned char)*text);
        }
    }
}

/* What the domain of a mail address tells, as URLs that can be copied. */
static void print_found(const struct look *look) {
    const pop3_client_service *found = look->found;

    for (size_t i = 0; i < LOOK_FOUND_MOST && found[i].host[0] != '\0'; i++) {
        (void)printf("%-12s %s://", i == 0 ? "Found" : "", look_scheme(found[i].tls));
        print_encoded(look->account->user);
        (void)printf("@%s:%u\n", found[i].host, (unsigned)found[i].port);
    }
}

static void print_server(const struct check *check) {
    static const char *const words[] = {[POP3_TLS_IMPLICIT] = "TLS from the start",
                                        [POP3_TLS_STLS] = "TLS by STLS, before anything else",
                                        [POP3_TLS_OFF] = "without TLS"};
    const struct account *account = check->look->account;
    const char *address = pop3_client_address(check->look->client);

    print("Server", "%s port %u, %s", account->host, (unsigned)account->port, words[account->tls]);
    if (address[0] != '\0') {
        print("Connected", "to %s", address);
    }
}

static void print_validity(const struct check *check) {
    static const char *const words[] = {
        [CHECK_EARLY] = "until it begins", [CHECK_VALID] = "left", [CHECK_EXPIRED] = "over"};
    char from[16], until[16];

    check_day(check->tls.not_before, from);
    check_day(check->tls.not_after, until);
    print("  valid", "from %s to %s, %ld day%s %s", from, until, check->days, check->days == 1 ? "" : "s",
          words[check->validity]);
}

static const char *verdict(const struct check *check, char *out, size_t size) {
    const pop3_client_tls *tls = &check->tls;

    if (check->error.class_ == POP3_CLIENT_TLS && check->error.code == POP3_CLIENT_TLS_PIN) {
        return "REFUSED: its key is not the pinned one";
    }
    if (tls->trusted) {
        return "good: it is for this name, it is valid today, and a CA that is trusted here vouches for it";
    }
    if (check->error.class_ == POP3_CLIENT_TLS) {
        return "NOT GOOD, see the problem below";
    }
    (void)snprintf(out, size, "accepted because of its pin, although %s", tls->verdict);
    return out;
}

static void print_certificate(const struct check *check) {
    const pop3_client_tls *tls = &check->tls;
    char words[sizeof check->error.what + 64];

    print("Certificate", "%s", verdict(check, words, sizeof words));
    print("  names", "%s", tls->names[0] != '\0' ? tls->names : "none");
    print("  subject", "%s", tls->subject);
    print("  issuer", "%s", tls->issuer);
    print_validity(check);
    print("  key", "%s", tls->key);
    print("  pin", "%s", tls->pin);
}

static void print_tls(const struct check *check) {
    const pop3_client_tls *tls = &check->tls;

    if (check->error.class_ == POP3_CLIENT_OK) {
        print("TLS", "%s, %s", tls->protocol, tls->cipher);
    }
    if (tls->certificate) {
        print_certificate(check);
    }
}

/* Its names in a row, with values where they have some; mechanisms and program stand on lines of their own. */
static void print_offer(const pop3_client *client) {
    const char *mechanisms = NULL;
    const char *program = NULL;
    const char *between = "";
    const char *line;
    char name[CAPABILITY_NAME_MOST];

    (void)printf("%-12s ", "Offers");
    for (size_t i = 0; (line = pop3_client_capability_line(client, i)) != NULL; i++) {
        const char *values = capability_split(line, name);

        if (strcmp(name, "SASL") == 0) {
            mechanisms = values;
        } else if (strcmp(name, "IMPLEMENTATION") == 0) {
            program = values;
        } else {
            (void)printf("%s%s%s%s", between, name, values[0] != '\0' ? " " : "", values);
            between = ", ";
        }
    }
    (void)puts(between[0] != '\0' ? "" : "nothing beyond the least");
    if (mechanisms != NULL) {
        print("Mechanisms", "%s", mechanisms);
    }
    if (program != NULL) {
        print("Program", "%s", program);
    }
}

static void print_login(const struct check *check) {
    const struct account *account = check->look->account;

    if (check->mechanism[0] == '\0') {
        return;
    }
    print("Login", "would be by %s, %s", check->mechanism,
          account->auth != NULL ? "which auth names" : "the best that both sides have");
    print("", "%s", check_mechanism_words(check->mechanism, check->has_tls));
    if (strcmp(check->mechanism, "EXTERNAL") != 0) {
        print("", "with %s", check_credentials_words(account));
    }
}

static void print_problem(const pop3_client_error *error) {
    print("Problem", "%s", error->what);
    if (error->server[0] != '\0') {
        print("", "the server said: %s", error->server);
    }
    if (error->hint[0] != '\0') {
        print("What to do", "%s", error->hint);
    }
}

static void print_report(const struct check *check) {
    print_found(check->look);
    print_server(check);
    if (check->has_tls) {
        print_tls(check);
    }
    if (check->error.class_ == POP3_CLIENT_OK || check->error.class_ == POP3_CLIENT_CREDENTIALS) {
        print_offer(check->look->client);
        print_login(check);
    }
    for (size_t i = 0; i < check->warning_count && !check->look->options.quiet; i++) {
        print("Warning", "%s", check->warnings[i]);
    }
    if (check->error.class_ != POP3_CLIENT_OK) {
        print_problem(&check->error);
    }
    if (check->error.class_ == POP3_CLIENT_TLS) {
        print("Sent", "no name, no password, no token");
    }
}

/* ---- Login ---- */

static pop3_client_class count_messages(struct look *look, uint32_t *count, uint64_t *octets) {
    pop3_client_class result = pop3_client_open(look->client);

    return result == POP3_CLIENT_OK ? pop3_client_stat(look->client, count, octets) : result;
}

/* The words are printed, or added to `object`. */
static int log_in(struct look *look, json_t *object) {
    const pop3_client_error *error;
    uint32_t count = 0;
    uint64_t octets = 0;
    int code = look_client(look, true);

    if (code != EX_OK) {
        return code;
    }
    if (count_messages(look, &count, &octets) != POP3_CLIENT_OK) {
        error = pop3_client_last_error(look->client);
        if (object != NULL) {
            (void)json_object_set_new(object, "login",
                                      json_pack("{sb ss ss ss}", "works", 0, "what", error->what, "server",
                                                error->server, "hint", error->hint));
        } else if (error->class_ != POP3_CLIENT_CANCELLED) {
            print_problem(error);
        }
        return account_exit_code(error, true, look->one_off != NULL);
    }
    if (object != NULL) {
        (void)json_object_set_new(object, "login",
                                  json_pack("{sb ss sI sI}", "works", 1, "mechanism",
                                            pop3_client_mechanism(look->client), "messages", (json_int_t)count,
                                            "octets", (json_int_t)octets));
    } else {
        print("Logged in", "by %s: %lu message%s, %" PRIu64 " octets", pop3_client_mechanism(look->client),
              (unsigned long)count, count == 1 ? "" : "s", octets);
    }
    (void)pop3_client_quit(look->client);
    return EX_OK;
}

/* ---- All ---- */

/* That no mechanism may be used is no failure of the probe, but of every login behind it. */
static void judge_mechanism(struct check *check) {
    if (check->error.class_ == POP3_CLIENT_OK && pop3_client_mechanism(check->look->client)[0] == '\0') {
        check->error.class_ = POP3_CLIENT_CREDENTIALS;
        check->error.code = POP3_FAILURE_NO_MECHANISM;
        (void)snprintf(check->error.what, sizeof check->error.what,
                       "%.150s offers no way to log in that is allowed here", check->look->account->host);
        (void)snprintf(check->error.hint, sizeof check->error.hint, "%s",
                       check->has_tls ? "name the mechanisms in auth, if you accept what they show to others"
                                      : "use TLS; without it only --auth allows what shows the password to others");
    }
}

static int check(struct look *look) {
    static struct check self;
    json_t *object = NULL;
    int code = look_client(look, false);

    if (code != EX_OK) {
        return code;
    }
    self.look = look;
    (void)pop3_client_probe(look->client);
    self.error = *pop3_client_last_error(look->client);
    if (self.error.class_ == POP3_CLIENT_CANCELLED) {
        return EX_SOFTWARE; /* the signal decides */
    }
    check_collect(&self);
    judge_mechanism(&self);
    code = account_exit_code(&self.error, pop3_client_address(look->client)[0] != '\0', look->one_off != NULL);
    if (look->options.json) {
        object = check_to_json(&self);
    } else {
        print_report(&self);
    }
    if (code == EX_OK && look->options.login) {
        (void)fflush(stdout);
        code = log_in(look, object);
    }
    if (object != NULL) {
        check_print_json(object);
    }
    return look_flush(look) == EX_OK ? code : EX_IOERR;
}

int cli_check(int argc, char **argv) {
    return look_run(LOOK_CHECK, argc, argv, check);
}

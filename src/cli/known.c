/* SPDX-License-Identifier: MIT */
/* What `satchel state` and `satchel status` say of an account alike. */
#define _POSIX_C_SOURCE 200809L

#include "cli/known.h"

#include "account/account.h"
#include "text/safe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* ---- Names ---- */

static bool same_server(const struct account *url, const struct state_account *account) {
    const char *user = url->user != NULL ? url->user : "";
    unsigned port = url->port == 110 ? 995 : url->port;

    return strcasecmp(url->host, account->host) == 0 && strcmp(user, account->user) == 0 && port == account->port;
}

static bool is_url_of(const char *written, const struct state_account *account) {
    struct account_error ignored;
    struct account *url = account_from_url(written, &ignored);
    bool same = url != NULL && same_server(url, account);

    account_free(url);
    return same;
}

bool known_is_meant(const char *written, const struct state_account *account) {
    char address[2 * STATE_IDENTITY];
    size_t n;

    if (strstr(written, "://") != NULL) {
        return is_url_of(written, account);
    }
    n = (size_t)snprintf(address, sizeof address, "%s@%s", account->user, account->host);
    if (strcmp(written, account->name) == 0 || strcasecmp(written, address) == 0) {
        return true;
    }
    (void)snprintf(address + n, sizeof address - n, ":%u", (unsigned)account->port);
    return strcasecmp(written, address) == 0;
}

void known_text(char out[KNOWN_TEXT], const char *text) {
    (void)safe_text(out, KNOWN_TEXT, text, strlen(text));
}

/* ---- For programs ---- */

static json_t *time_or_null(int64_t seconds) {
    time_t when = (time_t)seconds;
    struct tm parts;
    char text[32];

    if (seconds == 0) {
        return json_null();
    }
    if (gmtime_r(&when, &parts) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(text, sizeof text, "%" PRId64, seconds);
    }
    return json_string(text);
}

json_t *known_json_text(const char *text) {
    char safe[KNOWN_TEXT];

    known_text(safe, text);
    return json_string(safe);
}

static json_t *run_of(const struct state_run *run) {
    return run->started_s == 0
               ? json_null()
               : json_pack("{so sI si sI sI sI sI sI so}", "started", time_or_null(run->started_s), "seconds",
                           (json_int_t)(run->ended_s - run->started_s), "exit", run->exit_code, "fetched",
                           (json_int_t)run->fetched, "octets", (json_int_t)run->octets, "deleted",
                           (json_int_t)run->deleted, "failed", (json_int_t)run->failed, "waiting",
                           (json_int_t)run->waiting, "text", known_json_text(run->text));
}

json_t *known_json(const struct state_account *account) {
    bool placed = account->place.kind[0] != '\0';

    return json_pack("{so so so si so so sb sI sI sI sI so so so}", "name", known_json_text(account->name), "user",
                     known_json_text(account->user), "host", known_json_text(account->host), "port", (int)account->port,
                     "kind", placed ? known_json_text(account->place.kind) : json_null(), "path",
                     placed ? known_json_text(account->place.path) : json_null(), "in-use", (int)account->held,
                     "delivered", (json_int_t)account->delivered, "deleted", (json_int_t)account->deleted, "absent",
                     (json_int_t)account->absent, "unfinished", (json_int_t)account->unfinished, "looked",
                     time_or_null(account->looked_s), "not-before", time_or_null(account->memory.not_before_s), "run",
                     run_of(&account->run));
}

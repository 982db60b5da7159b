/* SPDX-License-Identifier: MIT */
/* What `satchel check` found out, for programs: one object on one line. Judges nothing. */
#include "cli/check.h"

#include <jansson.h>
#include <stdio.h>

static json_t *certificate(const struct check *check) {
    const pop3_client_tls *tls = &check->tls;

    if (!check->has_tls || !tls->certificate) {
        return json_null();
    }
    return json_pack("{sb ss ss ss ss sI sI ss ss si}", "trusted", tls->trusted, "verdict", tls->verdict, "subject",
                     tls->subject, "issuer", tls->issuer, "names", tls->names, "not_before",
                     (json_int_t)tls->not_before, "not_after", (json_int_t)tls->not_after, "key", tls->key, "pin",
                     tls->pin, "chain", (int)tls->chain);
}

static json_t *lines(const struct check *check) {
    json_t *array = json_array();
    const char *line;

    for (size_t i = 0; (line = pop3_client_capability_line(check->look->client, i)) != NULL; i++) {
        (void)json_array_append_new(array, json_string(line));
    }
    return array;
}

static json_t *warnings(const struct check *check) {
    json_t *array = json_array();

    for (size_t i = 0; i < check->warning_count; i++) {
        (void)json_array_append_new(array, json_string(check->warnings[i]));
    }
    return array;
}

static json_t *found(const struct look *look) {
    json_t *array = json_array();

    for (size_t i = 0; i < LOOK_FOUND_MOST && look->found[i].host[0] != '\0'; i++) {
        const pop3_client_service *service = &look->found[i];

        (void)json_array_append_new(array, json_pack("{ss si ss sb}", "host", service->host, "port", (int)service->port,
                                                     "tls", check_tls_word(service->tls), "foreign", service->foreign));
    }
    return array;
}

static json_t *text_or_null(const char *text) {
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *problem(const pop3_client_error *error) {
    if (error->class_ == POP3_CLIENT_OK) {
        return json_null();
    }
    return json_pack("{ss so so}", "what", error->what, "server", text_or_null(error->server), "hint",
                     text_or_null(error->hint));
}

struct json_t *check_to_json(const struct check *check) {
    const struct account *account = check->look->account;
    const pop3_client *client = check->look->client;
    bool tls = check->has_tls;

    return json_pack("{so so ss si ss so so so so so so so so}", "found", found(check->look), "account",
                     account->name != NULL ? json_string(account->name) : json_null(), "host", account->host, "port",
                     (int)account->port, "tls", check_tls_word(account->tls), "address",
                     text_or_null(pop3_client_address(client)), "protocol",
                     text_or_null(tls ? check->tls.protocol : ""), "cipher", text_or_null(tls ? check->tls.cipher : ""),
                     "certificate", certificate(check), "capabilities", lines(check), "mechanism",
                     text_or_null(check->mechanism), "warnings", warnings(check), "problem", problem(&check->error));
}

void check_print_json(struct json_t *object) {
    (void)json_dumpf(object, stdout, JSON_COMPACT);
    (void)fputc('\n', stdout);
    json_decref(object);
}

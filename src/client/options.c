/* SPDX-License-Identifier: MIT */
/* The caller's options, checked and kept: credentials by SASLprep, mechanisms by name. Knows no connection. */
#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <stringprep.h>

#include "client/client.h"

/* ---- Texts: all in one piece of memory, so that it is wiped as one ---- */

enum { TEXTS = 12 };

static void list_texts(pop3_client_options *options, const char **texts[TEXTS]) {
    const char **const all[TEXTS] = {&options->host,        &options->user,       &options->authzid, &options->password,
                                     &options->token,       &options->auth,       &options->ca_file, &options->ca_dir,
                                     &options->client_cert, &options->client_key, &options->pin,     &options->alpn};

    memcpy(texts, all, sizeof all);
}

static bool no_memory(pop3_client *client) {
    (void)client_fail(client, POP3_CLIENT_MEMORY, 0, "there is no memory for a client");
    return false;
}

static bool keep_texts(pop3_client *client) {
    const char **texts[TEXTS];
    size_t size = 1;
    char *at;

    list_texts(&client->options, texts);
    for (size_t i = 0; i < TEXTS; i++) {
        size += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
    }
    at = client->texts = malloc(size);
    for (size_t i = 0; i < TEXTS; i++) {
        const char *text = *texts[i];
        *texts[i] = NULL;
        if (text != NULL && at != NULL) {
            size_t n = strlen(text) + 1;
            memcpy(at, text, n);
            *texts[i] = at;
            at += n;
        }
    }
    client->texts_size = size;
    return client->texts != NULL;
}

static void wipe_text(char *text) {
    if (text != NULL) {
        OPENSSL_cleanse(text, strlen(text));
    }
    free(text);
}

void client_wipe_options(pop3_client *client) {
    for (size_t i = 0; i < sizeof client->prepared / sizeof client->prepared[0]; i++) {
        wipe_text(client->prepared[i]);
    }
    for (size_t i = 0; i < CLIENT_DISGUISES; i++) {
        wipe_text(client->disguises[i]);
    }
    if (client->texts != NULL) {
        OPENSSL_cleanse(client->texts, client->texts_size);
    }
    free(client->texts);
}

/* ---- SASLprep (R-5034-13) ---- */

static bool is_ascii(const char *text) {
    for (; text != NULL && *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

static bool prepare(pop3_client *client, const char **text, char **prepared, const char *name) {
    int result;

    if (*text == NULL) {
        return true;
    }
    result = stringprep_profile(*text, prepared, "SASLprep", 0); /* NOLINT(-Wassign-enum): no flag */
    if (result != STRINGPREP_OK) {
        (void)client_fail(client, result == STRINGPREP_MALLOC_ERROR ? POP3_CLIENT_MEMORY : POP3_CLIENT_ARG, 0,
                          "the %s cannot be used for a login: %s", name, stringprep_strerror((Stringprep_rc)result));
        return false;
    }
    *text = *prepared;
    return true;
}

static bool prepare_credentials(pop3_client *client) {
    pop3_client_options *options = &client->options;
    pop3_credentials *credentials = &client->credentials;

    if (!is_ascii(options->user) || !is_ascii(options->authzid) || !is_ascii(options->password)) {
        if (!prepare(client, &options->user, &client->prepared[0], "user name") ||
            !prepare(client, &options->authzid, &client->prepared[1], "other identity") ||
            !prepare(client, &options->password, &client->prepared[2], "password")) {
            return false;
        }
        credentials->prepared = true;
    }
    credentials->user = options->user;
    credentials->authzid = options->authzid;
    credentials->password = options->password;
    credentials->token = options->token;
    credentials->host = options->host;
    credentials->port = options->port;
    return true;
}

/* ---- Mechanisms ---- */

static const pop3_sasl_mechanism *find_mechanism(const char *name, size_t n) {
    for (size_t i = 0; pop3_login_all_mechanisms[i] != NULL; i++) {
        const pop3_sasl_mechanism *mechanism = pop3_login_all_mechanisms[i];
        if (strlen(mechanism->name) == n && strncasecmp(mechanism->name, name, n) == 0) {
            return mechanism;
        }
    }
    return NULL;
}

static bool take_mechanisms(pop3_client *client) {
    const char *at = client->options.auth;
    size_t count = 0;
    size_t n;

    for (at += strspn(at, " "); *at != '\0'; at += n, at += strspn(at, " ")) {
        n = strcspn(at, " ");
        if (count == POP3_LOGIN_MECHANISMS_MAX) {
            break;
        }
        client->mechanisms[count] = find_mechanism(at, n);
        if (client->mechanisms[count] == NULL) {
            (void)client_fail(client, POP3_CLIENT_ARG, 0, "auth names a mechanism that is unknown here");
            client_hint(client,
                        "known are EXTERNAL, SCRAM-SHA-256, SCRAM-SHA-1, both with -PLUS, OAUTHBEARER, XOAUTH2, "
                        "CRAM-MD5, APOP, PLAIN, LOGIN, USER");
            return false;
        }
        count++;
    }
    if (count == 0) {
        (void)client_fail(client, POP3_CLIENT_ARG, 0, "auth names no mechanism");
    }
    return count != 0;
}

/* ---- All ---- */

static void fill_in(pop3_client_options *options) {
    static const uint32_t minute_ms = 60000;
    struct {
        uint32_t *ms;
        uint32_t otherwise;
    } const limits[] = {{&options->connect_ms, minute_ms / 2}, {&options->handshake_ms, minute_ms / 2},
                        {&options->greeting_ms, minute_ms},    {&options->reply_ms, minute_ms},
                        {&options->login_ms, 3 * minute_ms},   {&options->idle_ms, minute_ms},
                        {&options->session_ms, 60 * minute_ms}};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (*limits[i].ms == 0) {
            *limits[i].ms = limits[i].otherwise;
        }
    }
    if (options->port == 0) {
        options->port = options->tls == POP3_TLS_IMPLICIT ? 995 : 110;
    }
}

static bool is_zero(const char *octets, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (octets[i] != 0) {
            return false;
        }
    }
    return true;
}

bool client_copy_sized(void *to, size_t size, const void *from, size_t least) {
    size_t known;

    memcpy(&known, from, sizeof known);
    if (known < least || (known > size && !is_zero((const char *)from + size, known - size))) {
        return false;
    }
    memset(to, 0, size);
    memcpy(to, from, known < size ? known : size);
    memcpy(to, &size, sizeof size);
    return true;
}

static bool copy_options(pop3_client *client, const pop3_client_options *options) {
    if (!client_copy_sized(&client->options, sizeof client->options, options,
                           offsetof(pop3_client_options, connect_ms))) {
        (void)client_fail(client, POP3_CLIENT_ARG, 0, "options.size is not the size of the options");
        return false;
    }
    return keep_texts(client) || no_memory(client);
}

static bool check(pop3_client *client) {
    const pop3_client_options *options = &client->options;
    const char *wrong = NULL;

    if (options->host == NULL || options->host[0] == '\0') {
        wrong = "no host is given";
    } else if (pop3_sendable(options->host, ' ' + 1) == 0) {
        wrong = "the host's name has a blank or a control character";
    } else if ((unsigned)options->tls > POP3_TLS_OFF) {
        wrong = "options.tls has no such mode";
    } else if (options->verify_pin_only && options->pin == NULL) {
        wrong = "verify_pin_only needs a pin";
    }
    if (wrong != NULL) {
        (void)client_fail(client, POP3_CLIENT_ARG, 0, "%s", wrong);
    }
    return wrong == NULL;
}

bool client_take_options(pop3_client *client, const pop3_client_options *options) {
    if (!copy_options(client, options) || !check(client)) {
        return false;
    }
    fill_in(&client->options);
    if (!prepare_credentials(client) || (client->options.auth != NULL && !take_mechanisms(client))) {
        return false;
    }
    return client_know_secrets(client) || no_memory(client);
}

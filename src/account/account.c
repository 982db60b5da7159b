/* SPDX-License-Identifier: MIT */
/* What an account is as a whole: its beginning and end, what fits together, its identity. Knows no file. */
#define _POSIX_C_SOURCE 200809L

#include "account/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PORT_IMPLICIT = 995, PORT_STLS = 110 };

/* ---- Beginning and end ---- */

/* False: no memory; the values of the table themselves are good. */
static bool set_standards(struct account *account) {
    struct account_error error;
    size_t count;
    const struct account_key *keys = account_keys(&count);

    for (size_t i = 0; i < count; i++) {
        if (keys[i].set != NULL && keys[i].standard[0] != '\0' &&
            !account_set_key(account, &keys[i], keys[i].standard, true, &error)) {
            return false;
        }
    }
    return true;
}

struct account *account_new(const char *name) {
    struct account *account = calloc(1, sizeof *account);

    if (account != NULL && name != NULL) {
        account->name = strdup(name);
    }
    if (account != NULL && ((name != NULL && account->name == NULL) || !set_standards(account))) {
        account_free(account);
        account = NULL;
    }
    return account;
}

void account_free(struct account *account) {
    if (account == NULL) {
        return;
    }
    free(account->name);
    free(account->host);
    free(account->ca_file);
    free(account->pin);
    free(account->client_cert);
    free(account->client_key);
    free(account->alpn);
    account_secret_free(account->password);
    free(account->password_command);
    free(account->password_file);
    free(account->token_command);
    free(account->to.path);
    free(account->key_user);
    free(account->url_user);
    free(account->key_auth);
    free(account->url_auth);
    free(account);
}

struct account *account_from_url(const char *url, struct account_error *error) {
    struct account *account = account_new(NULL);

    if (account == NULL) {
        (void)account_fail_memory(error);
    } else if (!account_set_key(account, account_key_find("url"), url, false, error)) {
        account_free(account);
        account = NULL;
    }
    return account;
}

void account_resolve(struct account *account) {
    account->user = account->key_user != NULL ? account->key_user : account->url_user;
    account->auth = account->key_auth != NULL ? account->key_auth : account->url_auth;
    account->tls = account->implicit ? POP3_TLS_IMPLICIT : POP3_TLS_STLS;
    if (account->tls_off && !account->implicit) {
        account->tls = POP3_TLS_OFF;
    }
}

bool account_is_external(const struct account *account) {
    return account->auth != NULL && strcasecmp(account->auth, "EXTERNAL") == 0;
}

/* ---- What fits together ---- */

static bool differ(const char *a, const char *b) {
    return a != NULL && b != NULL && strcmp(a, b) != 0;
}

static int count_sources(const struct account *account) {
    return (account->password != NULL) + (account->password_command != NULL) + (account->password_file != NULL) +
           (account->token_command != NULL);
}

/* NULL: all fits. */
static const char *contradiction(const struct account *account, const char **hint) {
    bool wants_tls = account->ca_file != NULL || account->pin != NULL || account->client_cert != NULL ||
                     account->token_command != NULL;

    if (account->host == NULL) {
        *hint = "url = \"pops://USER@HOST\" names the server";
        return "there is no url";
    }
    if (account->user == NULL && !account_is_external(account)) {
        *hint = "write the user into the URL, pops://USER@HOST, or set user";
        return "there is no user";
    }
    if (differ(account->key_user, account->url_user)) {
        return "user is another one than the URL's";
    }
    if (differ(account->key_auth, account->url_auth)) {
        return "auth is another one than the URL's";
    }
    if (account->tls_off && account->implicit) {
        *hint = "write pop:// for a connection in clear text, or leave tls out";
        return "tls is off, but pops:// is TLS from the start";
    }
    if (account->tls_off && wants_tls) {
        return "tls is off, but ca-file, pin, client-cert and token-command make sense with TLS only";
    }
    if (account->verify_pin_only && account->pin == NULL) {
        return "verify is pin, but there is no pin";
    }
    if (account->client_key != NULL && account->client_cert == NULL) {
        return "there is a client-key, but no client-cert";
    }
    if (count_sources(account) > 1) {
        return "of password, password-command, password-file and token-command there may be one only";
    }
    return NULL;
}

static bool check_files(const struct account *account, struct account_error *error) {
    const struct {
        const char *key;
        const char *path;
    } files[] = {{"ca-file", account->ca_file},
                 {"client-cert", account->client_cert},
                 {"client-key", account->client_key},
                 {"password-file", account->password_file}};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i].path != NULL && access(files[i].path, R_OK) != 0) {
            return account_fail(error, ACCOUNT_WRONG, NULL, "%s: there is no file %s that you can read", files[i].key,
                                files[i].path);
        }
    }
    return true;
}

/* What mechanisms there are, and what names can be prepared for a login, only the client knows. */
static bool check_client(const struct account *account, struct account_error *error) {
    pop3_client_options options;
    pop3_client_error why;
    pop3_client *client;

    account_client_options(account, NULL, &options);
    client = pop3_client_new(&options, &why);
    if (client == NULL) {
        return account_fail(error, why.class_ == POP3_CLIENT_ARG ? ACCOUNT_WRONG : ACCOUNT_SYSTEM, why.hint, "%s",
                            why.what);
    }
    pop3_client_free(client);
    return true;
}

bool account_check(const struct account *account, struct account_error *error) {
    const char *hint = NULL;
    const char *wrong = contradiction(account, &hint);

    if (wrong != NULL) {
        return account_fail(error, ACCOUNT_WRONG, hint, "%s", wrong);
    }
    return check_files(account, error) && check_client(account, error);
}

static bool is_loopback(const char *host) {
    bool numeric = host[strspn(host, "0123456789.")] == '\0';

    return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || (numeric && strncmp(host, "127.", 4) == 0);
}

const char *account_warning(const struct account *account) {
    if (account->tls == POP3_TLS_OFF && !is_loopback(account->host)) {
        return "tls is off: password and mail travel in clear text, and nobody vouches for the server";
    }
    return NULL;
}

/* ---- For others ---- */

const char *account_title(const struct account *account) {
    return account->name != NULL ? account->name : account->host;
}

size_t account_identity(const struct account *account, char *out) {
    const char *user = account->user != NULL ? account->user : "";
    unsigned port = account->port == PORT_STLS ? PORT_IMPLICIT : account->port;
    int n = snprintf(out, ACCOUNT_IDENTITY_MOST, "%s%c%s%c%u", account->host, 0, user, 0, port);

    for (char *at = out; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z') {
            *at = (char)(*at - 'A' + 'a');
        }
    }
    return n > 0 ? (size_t)n : 0;
}

void account_client_options(const struct account *account, const struct account_credentials *credentials,
                            pop3_client_options *options) {
    *options = (pop3_client_options){
        .size = sizeof *options,
        .host = account->host,
        .port = account->port,
        .tls = account->tls,
        .user = account->user,
        .password = credentials != NULL ? credentials->password : NULL,
        .token = credentials != NULL ? credentials->token : NULL,
        .auth = account->auth,
        .ca_file = account->ca_file,
        .pin = account->pin,
        .verify_pin_only = account->verify_pin_only,
        .client_cert = account->client_cert,
        .client_key = account->client_key,
        .alpn = account->alpn,
        .pipelining = account->pipelining,
        .connect_ms = account->connect_ms,
        .handshake_ms = account->connect_ms,
        .greeting_ms = account->reply_ms,
        .reply_ms = account->reply_ms,
        .login_ms = 3 * account->reply_ms,
        .idle_ms = account->reply_ms,
        .session_ms = account->session_ms,
    };
}

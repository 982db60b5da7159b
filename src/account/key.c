/* SPDX-License-Identifier: MIT */
/* The one table of keys: names, standards, meanings, and what each sets. Knows neither file nor command line. */
#define _POSIX_C_SOURCE 200809L

#include "account/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USER_MOST = 255 }; /* as in URLs; account_identity() counts on it */

/* ---- Server ---- */

static bool set_url(struct account *account, const struct account_value *value) {
    pop3_client_url url;
    const char *wrong = pop3_client_url_parse(&url, value->text);
    char *host;
    char *user;
    char *auth;

    if (wrong != NULL) { /* not shown: people write passwords into URLs */
        return account_fail(value->error, ACCOUNT_WRONG, "it is written pops://USER@HOST, with :PORT if need be",
                            "this is no URL of a POP3 server: %s", wrong);
    }
    host = strdup(url.host);
    user = url.user[0] != '\0' ? strdup(url.user) : NULL;
    auth = url.auth[0] != '\0' ? strdup(url.auth) : NULL;
    if (host == NULL || (user == NULL && url.user[0] != '\0') || (auth == NULL && url.auth[0] != '\0')) {
        free(host);
        free(user);
        free(auth);
        return account_fail_memory(value->error);
    }
    free(account->host);
    free(account->url_user);
    free(account->url_auth);
    account->host = host;
    account->port = url.port;
    account->implicit = url.tls == POP3_TLS_IMPLICIT;
    account->url_user = user;
    account->url_auth = auth;
    return true;
}

/* What comes later, from the command line, takes the place of what the URL says. */
static void forget(char **text, const struct account_value *value) {
    if (!value->from_file) {
        free(*text);
        *text = NULL;
    }
}

static bool set_user(struct account *account, const struct account_value *value) {
    if (strlen(value->text) > USER_MOST) {
        return account_fail(value->error, ACCOUNT_WRONG, NULL, "user has more than %d octets", USER_MOST);
    }
    if (!account_value_text(value, &account->key_user)) {
        return false;
    }
    forget(&account->url_user, value);
    return true;
}

static bool set_auth(struct account *account, const struct account_value *value) {
    if (!account_value_mechanisms(value, &account->key_auth)) {
        return false;
    }
    forget(&account->url_auth, value);
    return true;
}

static bool set_tls(struct account *account, const struct account_value *value) {
    unsigned off;

    if (!account_value_word(value, &off)) {
        return false;
    }
    account->tls_off = off == 1;
    return true;
}

static bool set_ca_file(struct account *account, const struct account_value *value) {
    return account_value_path(value, &account->ca_file);
}

static bool set_pin(struct account *account, const struct account_value *value) {
    return account_value_pin(value, &account->pin);
}

static bool set_verify(struct account *account, const struct account_value *value) {
    unsigned pin;

    if (!account_value_word(value, &pin)) {
        return false;
    }
    account->verify_pin_only = pin == 1;
    return true;
}

static bool set_client_cert(struct account *account, const struct account_value *value) {
    return account_value_path(value, &account->client_cert);
}

static bool set_client_key(struct account *account, const struct account_value *value) {
    return account_value_path(value, &account->client_key);
}

static bool set_alpn(struct account *account, const struct account_value *value) {
    return account_value_text(value, &account->alpn);
}

static bool set_pipelining(struct account *account, const struct account_value *value) {
    static const pop3_client_pipelining ways[] = {POP3_CLIENT_PIPELINING_AUTO, POP3_CLIENT_PIPELINING_ON,
                                                  POP3_CLIENT_PIPELINING_OFF};
    unsigned way;

    if (!account_value_word(value, &way)) {
        return false;
    }
    account->pipelining = ways[way];
    return true;
}

static bool set_timeout_connect(struct account *account, const struct account_value *value) {
    return account_value_duration(value, &account->connect_ms);
}

static bool set_timeout_reply(struct account *account, const struct account_value *value) {
    return account_value_duration(value, &account->reply_ms);
}

static bool set_timeout_session(struct account *account, const struct account_value *value) {
    return account_value_duration(value, &account->session_ms);
}

/* ---- Credentials ---- */

/* On the command line the source given last counts; two in a file are for account_check() to find. */
static void forget_sources(struct account *account, const struct account_value *value) {
    if (!value->from_file) {
        account_secret_free(account->password);
        account->password = NULL;
        forget(&account->password_command, value);
        forget(&account->password_file, value);
        forget(&account->token_command, value);
    }
}

static bool set_source(struct account *account, char **place, const struct account_value *value,
                       bool (*parse)(const struct account_value *value, char **out)) {
    char *source = NULL;

    if (!parse(value, &source)) {
        return false;
    }
    forget_sources(account, value);
    free(*place);
    *place = source;
    return true;
}

static bool set_password_command(struct account *account, const struct account_value *value) {
    return set_source(account, &account->password_command, value, account_value_text);
}

static bool set_password_file(struct account *account, const struct account_value *value) {
    return set_source(account, &account->password_file, value, account_value_path);
}

static bool set_token_command(struct account *account, const struct account_value *value) {
    return set_source(account, &account->token_command, value, account_value_text);
}

static bool set_password(struct account *account, const struct account_value *value) {
    char *password = account_secret_line(value->text, strlen(value->text), "the key password", value->error);

    if (password == NULL) {
        return false;
    }
    account_secret_free(account->password);
    account->password = password;
    return true;
}

/* ---- Messages ---- */

static bool set_to(struct account *account, const struct account_value *value) {
    return account_value_destination(value, &account->to);
}

static bool set_keep(struct account *account, const struct account_value *value) {
    return account_value_keep(value, &account->keep);
}

static bool set_max_message(struct account *account, const struct account_value *value) {
    return account_value_octets(value, &account->max_message_octets);
}

static bool set_max_messages(struct account *account, const struct account_value *value) {
    if (strcmp(value->text, "all") == 0) {
        account->max_messages = UINT32_MAX;
        return true;
    }
    return account_value_count(value, UINT32_MAX - 1, &account->max_messages);
}

static bool set_order(struct account *account, const struct account_value *value) {
    static const enum account_order orders[] = {ACCOUNT_OLDEST_FIRST, ACCOUNT_NEWEST_FIRST};
    unsigned order;

    if (!account_value_word(value, &order)) {
        return false;
    }
    account->order = orders[order];
    return true;
}

static bool set_line_ends(struct account *account, const struct account_value *value) {
    static const enum account_line_ends kinds[] = {ACCOUNT_LINE_ENDS_LF, ACCOUNT_LINE_ENDS_KEEP};
    unsigned kind;

    if (!account_value_word(value, &kind)) {
        return false;
    }
    account->line_ends = kinds[kind];
    return true;
}

/* ---- The table ---- */

#define OF_ACCOUNT ACCOUNT_SCOPE_ACCOUNT
#define OF_SECTION ACCOUNT_SCOPE_SECTION

static const struct account_key keys[] = {
    {"url", OF_SECTION, "URL", "",
     "the server: pops://USER@HOST is TLS from the start, pop://USER@HOST is STLS; :PORT and ;AUTH=MECHANISM may be "
     "added",
     set_url},
    {"user", OF_ACCOUNT, "NAME", "", "the user, where the URL names none", set_user},
    {"to", OF_ACCOUNT, "maildir:FOLDER|mbox:FILE", "", "where messages are delivered", set_to},
    {"auth", OF_ACCOUNT, "MECHANISM...", "",
     "the mechanisms that a login may use, the preferred first; without it what is safe, the strongest first",
     set_auth},
    {"tls", OF_ACCOUNT, "on|off", "on", "with off, which needs pop://, password and mail travel in clear text",
     set_tls},
    {"alpn", OF_ACCOUNT, "NAME", "pop3", "the protocol that TLS names; nothing if empty", set_alpn},
    {"ca-file", OF_ACCOUNT, "FILE", "", "whom to trust, in PEM, in place of what the system trusts", set_ca_file},
    {"pin", OF_ACCOUNT, "PIN", "", "the server's public key: sha256// and base64, several with semicolons", set_pin},
    {"verify", OF_ACCOUNT, "ca|pin", "ca",
     "what makes the server the right one: with ca the issuer, dates and names of its certificate, and the pin where "
     "there "
     "is one; with pin that alone",
     set_verify},
    {"client-cert", OF_ACCOUNT, "FILE", "", "a certificate to show to the server, in PEM", set_client_cert},
    {"client-key", OF_ACCOUNT, "FILE", "", "its key; without it in the file of the certificate", set_client_key},
    {"password", OF_SECTION, "TEXT", "", "the password; nobody else may read the configuration then", set_password},
    {"password-command", OF_ACCOUNT, "COMMAND", "",
     "what the shell runs to learn the password, the first line of its output, within 60 seconds",
     set_password_command},
    {"password-file", OF_ACCOUNT, "FILE", "", "a file of mode 600 whose first line is the password", set_password_file},
    {"token-command", OF_ACCOUNT, "COMMAND", "", "likewise for an OAuth token; no password is sent then",
     set_token_command},
    {"keep", OF_ACCOUNT, "all|none|DAYSd|newest N", "all",
     "what stays on the server once it is delivered: all, nothing, for so many days, the newest N", set_keep},
    {"max-message", OF_ACCOUNT, "SIZE", "1G",
     "larger messages are left on the server and reported; K, M and G count by 1024", set_max_message},
    {"max-messages", OF_ACCOUNT, "N|all", "all", "at most so many are fetched in one run", set_max_messages},
    {"order", OF_ACCOUNT, "oldest|newest", "oldest", "which are fetched first", set_order},
    {"pipelining", OF_ACCOUNT, "auto|on|off", "auto",
     "commands sent ahead of replies: auto where the server announces it, on also where it does not", set_pipelining},
    {"line-ends", OF_ACCOUNT, "lf|keep", "lf",
     "what becomes of CRLF in messages: with lf it becomes LF, with keep it stays", set_line_ends},
    {"timeout-connect", OF_ACCOUNT, "TIME", "30s", "for connecting to one address, and for TLS; in s, m or h",
     set_timeout_connect},
    {"timeout-reply", OF_ACCOUNT, "TIME", "60s",
     "without a reply, or a further octet of a message; replies to login and QUIT get three times as long",
     set_timeout_reply},
    {"timeout-session", OF_ACCOUNT, "TIME", "1h", "for a session as a whole", set_timeout_session},
    {"jobs", ACCOUNT_SCOPE_TOP, "N", "4", "how many accounts are fetched side by side", NULL},
};

const struct account_key *account_keys(size_t *count) {
    *count = sizeof keys / sizeof keys[0];
    return keys;
}

const struct account_key *account_key_find(const char *name) {
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

/* what goes to servers, shells and files has none of them. */
static bool has_control(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            return true;
        }
    }
    return false;
}

bool account_set_key(struct account *account, const struct account_key *key, const char *value, bool from_file,
                     struct account_error *error) {
    const struct account_value all = {.key = key, .text = value, .from_file = from_file, .error = error};

    if (has_control(value)) {
        return account_fail(error, ACCOUNT_WRONG, NULL, "the value of %s has a control character", key->name);
    }
    if (value[0] == '\0' && strcmp(key->name, "alpn") != 0) {
        return account_fail(error, ACCOUNT_WRONG, "leave the key out", "the value of %s is empty", key->name);
    }
    if (!key->set(account, &all)) {
        return false;
    }
    account_resolve(account);
    return true;
}

static const char *name_at(const void *names, size_t i) {
    return ((const struct account_key *)names)[i].name;
}

static bool unknown(const char *name, struct account_error *error) {
    const char *nearest = account_nearest(name, sizeof keys / sizeof keys[0], name_at, keys);
    char shown[64];

    (void)account_fail(error, ACCOUNT_WRONG, NULL, "there is no key %s", account_shown(shown, sizeof shown, name));
    if (nearest != NULL) {
        (void)snprintf(error->hint, sizeof error->hint, "perhaps %s is meant", nearest);
    }
    return false;
}

bool account_set(struct account *account, const char *key, const char *value, struct account_error *error) {
    const struct account_key *row = account_key_find(key);

    if (row == NULL) {
        return unknown(key, error);
    }
    if (row->scope != ACCOUNT_SCOPE_ACCOUNT) {
        return account_fail(error, ACCOUNT_WRONG, NULL, "%s can only be set in the configuration", key);
    }
    return account_set_key(account, row, value, false, error);
}

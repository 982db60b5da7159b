/* SPDX-License-Identifier: MIT */
/* Which source the credentials of an account come from (R-CRED-01). Knows none of the sources from within. */
#define _POSIX_C_SOURCE 200809L

#include "account/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *from_file(const char *path, enum account_trust trust, struct account_error *error) {
    struct account_file file;
    char *secret = NULL;

    if (account_file_read(&file, path, trust, ACCOUNT_NETRC_MOST, error)) {
        secret = account_secret_line(file.octets, file.n, path, error);
        account_secret_free(file.octets);
    } else if (file.absent && trust == ACCOUNT_TRUST_SERVICE) {
        *error = (struct account_error){.fault = ACCOUNT_FINE};
    }
    return secret;
}

/* LoadCredential=NAME:FILE in a unit of systemd, NAME being the account's. */
static char *from_service(const struct account *account, struct account_error *error) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY"); /* NOLINT(concurrency-mt-unsafe): nobody here sets it */
    char *path;
    char *secret;

    if (folder == NULL || folder[0] != '/') {
        return NULL;
    }
    path = account_path_join(folder, account->name);
    if (path == NULL) {
        (void)account_fail_memory(error);
        return NULL;
    }
    secret = from_file(path, ACCOUNT_TRUST_SERVICE, error);
    free(path);
    return secret;
}

static char *from_netrc(const struct account *account, struct account_error *error) {
    const char *home = account_home();
    char *path;
    char *secret = NULL;

    if (home == NULL) {
        return NULL;
    }
    path = account_path_join(home, ".netrc");
    if (path != NULL) {
        secret = account_secret_from_netrc(path, account->host, account->user, error);
    } else {
        (void)account_fail_memory(error);
    }
    free(path);
    return secret;
}

/* Stored credentials that the account does not name: never for a host that only a URL names (R-2384-02). */
static char *from_store(const struct account *account, struct account_error *error) {
    char *secret = NULL;

    if (account->name != NULL) {
        secret = from_service(account, error);
        if (secret == NULL && error->fault == ACCOUNT_FINE) {
            secret = from_netrc(account, error);
        }
    }
    return secret;
}

static char *find_password(const struct account *account, bool may_ask, struct account_error *error) {
    char *password;

    if (account->password != NULL) {
        password = account_secret_new(account->password, strlen(account->password));
        if (password == NULL) {
            (void)account_fail_memory(error);
        }
        return password;
    }
    if (account->password_command != NULL) {
        return account_secret_from_command(account->password_command, "password-command", ACCOUNT_COMMAND_MS, error);
    }
    if (account->password_file != NULL) {
        return from_file(account->password_file, ACCOUNT_TRUST_SECRET, error);
    }
    password = from_store(account, error);
    if (password == NULL && may_ask) { /* a store that cannot be used is no reason not to ask */
        return account_secret_from_terminal(account, error);
    }
    if (password == NULL && error->fault == ACCOUNT_FINE) {
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS, "set password-command or password-file",
                           "there is no password");
    }
    return password;
}

bool account_credentials_get(struct account_credentials *credentials, const struct account *account, bool may_ask,
                             struct account_error *error) {
    *credentials = (struct account_credentials){NULL, NULL};
    *error = (struct account_error){.fault = ACCOUNT_FINE};
    if (account_is_external(account)) {
        return true;
    }
    if (account->token_command != NULL) {
        credentials->token =
            account_secret_from_command(account->token_command, "token-command", ACCOUNT_COMMAND_MS, error);
    } else {
        credentials->password = find_password(account, may_ask, error);
    }
    if (error->fault == ACCOUNT_WRONG) { /* a file that is not to be trusted, not the configuration */
        error->fault = ACCOUNT_NO_CREDENTIALS;
    }
    return credentials->token != NULL || credentials->password != NULL;
}

void account_credentials_wipe(struct account_credentials *credentials) {
    account_secret_free(credentials->password);
    account_secret_free(credentials->token);
    *credentials = (struct account_credentials){NULL, NULL};
}

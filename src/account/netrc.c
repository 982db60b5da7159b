/* SPDX-License-Identifier: MIT */
/* ~/.netrc: the password of one machine and one login. `default` counts for nobody (R-CRED-01); macros are skipped. */
#define _POSIX_C_SOURCE 200809L

#include "account/private.h"

#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r\n";

struct word {
    const char *at; /* NULL: there are no more */
    size_t n;
};

struct netrc {
    char *at;
    const char *host;
    const char *user;
    bool machine; /* this entry is of `host` */
    bool login;   /* and of `user` */
    struct word password;
};

/* "..." may have blanks, \" and \\; it is written anew where it stands. */
static struct word quoted(struct netrc *netrc) {
    char *out = ++netrc->at;
    struct word word = {out, 0};

    while (*netrc->at != '\0' && *netrc->at != '"') {
        netrc->at += netrc->at[0] == '\\' && netrc->at[1] != '\0';
        *out++ = *netrc->at++;
    }
    netrc->at += *netrc->at == '"';
    word.n = (size_t)(out - word.at);
    return word;
}

static struct word next(struct netrc *netrc) {
    struct word word;

    netrc->at += strspn(netrc->at, blanks);
    if (*netrc->at == '"') {
        return quoted(netrc);
    }
    word.n = strcspn(netrc->at, blanks);
    word.at = word.n != 0 ? netrc->at : NULL;
    netrc->at += word.n;
    return word;
}

static bool is(struct word word, const char *text) {
    return word.at != NULL && word.n == strlen(text) && strncmp(word.at, text, word.n) == 0;
}

static bool is_host(struct word word, const char *host) {
    return word.at != NULL && word.n == strlen(host) && strncasecmp(word.at, host, word.n) == 0;
}

static void skip_past(struct netrc *netrc, const char *end) {
    char *found = strstr(netrc->at, end);

    netrc->at = found != NULL ? found + strlen(end) : netrc->at + strlen(netrc->at);
}

static void begin_entry(struct netrc *netrc, bool machine) {
    netrc->machine = machine;
    netrc->login = false;
    netrc->password = (struct word){NULL, 0};
}

/* One name and its value. */
static void take(struct netrc *netrc, struct word name) {
    if (is(name, "machine")) {
        begin_entry(netrc, is_host(next(netrc), netrc->host));
    } else if (is(name, "default")) {
        begin_entry(netrc, false);
    } else if (is(name, "login")) {
        netrc->login = is(next(netrc), netrc->user);
    } else if (is(name, "password")) {
        netrc->password = next(netrc);
    } else if (is(name, "account")) {
        (void)next(netrc);
    } else if (is(name, "macdef")) { /* up to an empty line */
        skip_past(netrc, "\n\n");
    } else if (name.at[0] == '#') {
        skip_past(netrc, "\n");
    }
}

static bool find(struct netrc *netrc) {
    for (struct word name = next(netrc); name.at != NULL; name = next(netrc)) {
        take(netrc, name);
        if (netrc->machine && netrc->login && netrc->password.at != NULL) {
            return true;
        }
    }
    return false;
}

char *account_secret_from_netrc(const char *path, const char *host, const char *user, struct account_error *error) {
    struct netrc netrc = {.host = host, .user = user};
    struct account_file file;
    char *secret = NULL;

    *error = (struct account_error){.fault = ACCOUNT_FINE};
    if (!account_file_read(&file, path, ACCOUNT_TRUST_SECRET, ACCOUNT_NETRC_MOST, error)) {
        if (file.absent) {
            *error = (struct account_error){.fault = ACCOUNT_FINE};
        }
        return NULL;
    }
    netrc.at = file.octets;
    if (find(&netrc)) {
        secret = account_secret_line(netrc.password.at, netrc.password.n, path, error);
    }
    account_secret_free(file.octets);
    return secret;
}

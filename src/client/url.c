/* SPDX-License-Identifier: MIT */
/* pop:// and pops:// addresses (RFC 2384). Knows no connection, and asks nobody's permission. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <strings.h>

#include "client/client.h"

enum { PORT_IMPLICIT = 995, PORT_STLS = 110 };

struct span {
    const char *at;
    size_t n;
};

static int hex(char c) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;

    return found != NULL ? (int)((found - digits) % 16) : -1;
}

/* Decodes a component. False: too long, a broken escape, or an octet that no command may carry. */
static bool decode(struct span text, char *out, size_t size) {
    for (size_t i = 0; i < text.n; i++, out++, size--) {
        int octet = (unsigned char)text.at[i];
        if (octet == '%') {
            int high = i + 2 < text.n ? hex(text.at[i + 1]) : -1;
            int low = i + 2 < text.n ? hex(text.at[i + 2]) : -1;
            octet = high < 0 || low < 0 ? 0 : high * 16 + low;
            i += 2;
        }
        if (octet < 0x20 || octet == 0x7F || size < 2) {
            return false;
        }
        *out = (char)octet;
    }
    *out = '\0';
    return true;
}

static struct span cut(struct span text, size_t from) {
    return (struct span){text.at + from, text.n - from};
}

static const char *find(struct span text, char c) {
    return text.n != 0 ? memchr(text.at, c, text.n) : NULL;
}

/* USER[;AUTH=TYPE]; a ":" begins a password, which no URL may have. */
static const char *take_user(pop3_client_url *url, struct span text) {
    const char *semicolon = find(text, ';');
    struct span user = {text.at, semicolon != NULL ? (size_t)(semicolon - text.at) : text.n};

    if (find(user, ':') != NULL) {
        return "a URL must not have a password";
    }
    if (semicolon != NULL) {
        struct span auth = cut(text, user.n + 1);
        if (auth.n <= 5 || strncasecmp(auth.at, "AUTH=", 5) != 0) {
            return "behind the user only ;AUTH= may stand";
        }
        auth = cut(auth, auth.at[5] == '+' ? 6 : 5); /* +APOP */
        if (!decode(auth, url->auth, sizeof url->auth) || url->auth[0] == '\0' || strchr(url->auth, ' ') != NULL) {
            return "the mechanism is none";
        }
        if (strcmp(url->auth, "*") == 0) {
            url->auth[0] = '\0';
        }
    }
    return user.n != 0 && decode(user, url->user, sizeof url->user) ? NULL : "the user's name is none";
}

static bool take_port(pop3_client_url *url, struct span text) {
    unsigned long port = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || port > UINT16_MAX) {
            return false;
        }
        port = port * 10 + (unsigned long)(text.at[i] - '0');
    }
    if (text.n != 0) {
        url->port = (uint16_t)port;
    }
    return text.n == 0 || (port != 0 && port <= UINT16_MAX);
}

/* HOST[:PORT], [IPV6][:PORT] */
static const char *take_server(pop3_client_url *url, struct span text) {
    bool bracket = text.n != 0 && text.at[0] == '[';
    const char *end = find(text, bracket ? ']' : ':');
    size_t n = end != NULL ? (size_t)(end - text.at) : text.n;
    struct span host = {text.at + bracket, n - bracket};
    struct span rest = cut(text, n);

    if (bracket) {
        if (end == NULL || find(host, ':') == NULL) {
            return "the address in brackets is none";
        }
        rest = cut(rest, 1);
    }
    if (host.n == 0 || !decode(host, url->host, sizeof url->host) || strpbrk(url->host, " /@[]") != NULL) {
        return "the host's name is none";
    }
    if (rest.n != 0 && (rest.at[0] != ':' || !take_port(url, cut(rest, 1)))) {
        return "the port is none";
    }
    return NULL;
}

static const char *parse(pop3_client_url *url, const char *text) {
    bool implicit = strncasecmp(text, "pops://", 7) == 0;
    struct span all;
    const char *at;
    const char *wrong;

    if (!implicit && strncasecmp(text, "pop://", 6) != 0) {
        return "it begins neither with pop:// nor with pops://";
    }
    url->tls = implicit ? POP3_TLS_IMPLICIT : POP3_TLS_STLS;
    url->port = implicit ? PORT_IMPLICIT : PORT_STLS;
    text += implicit ? 7 : 6;
    all = (struct span){text, strlen(text)};
    if (strpbrk(text, "/?# ") != NULL) {
        return "nothing may stand behind the server";
    }
    at = find(all, '@');
    if (at != NULL) {
        size_t n = (size_t)(at - all.at);
        wrong = take_user(url, (struct span){all.at, n});
        if (wrong != NULL) {
            return wrong;
        }
        all = cut(all, n + 1);
    }
    return take_server(url, all);
}

const char *pop3_client_url_parse(pop3_client_url *url, const char *text) {
    const char *wrong;

    memset(url, 0, sizeof *url);
    wrong = parse(url, text);
    if (wrong != NULL) {
        memset(url, 0, sizeof *url);
    }
    return wrong;
}

/* SPDX-License-Identifier: MIT */
/* URLs: what is read is what a regular expression reads, and written out again it means the same (R-2384-01, A-13). */
#define _POSIX_C_SOURCE 200809L
#include <satchel/pop3_client.h>

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- The grammar once more ---- */

enum { SECURE = 1, USER = 3, AUTH = 5, BRACKETED = 7, HOST = 8, PORT = 10, GROUPS = 11 };

static const regex_t *grammar(void) {
    static const char text[] = "^pop(s?)://(([^:;@/?# ]+)(;AUTH=([^@/?# ]+))?@)?"
                               "(\\[([^]@/?# ]*:[^]@/?# ]*)\\]|([^]:@/?# []+))(:([0-9]*))?$";
    static regex_t compiled;
    static bool done;

    if (!done) {
        require(regcomp(&compiled, text, REG_EXTENDED | REG_ICASE) == 0, "the expression");
        done = true;
    }
    return &compiled;
}

static unsigned digit(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* False: too long, a broken escape, or a control octet. */
static bool decode(const char *text, const regmatch_t *match, char *out, size_t room) {
    static const char digits[] = "0123456789abcdefABCDEF";
    size_t n = 0;

    for (regoff_t i = match->rm_so; i < match->rm_eo; i++) {
        char octet = text[i];
        if (octet == '%') {
            if (match->rm_eo - i < 3 || strspn(text + i + 1, digits) < 2) {
                return false;
            }
            octet = (char)(digit(text[i + 1]) << 4 | digit(text[i + 2]));
            i += 2;
        }
        if ((unsigned char)octet < 0x20 || octet == 0x7F || n + 1 == room) {
            return false;
        }
        out[n++] = octet;
    }
    out[n] = '\0';
    return true;
}

static bool decode_port(const char *text, const regmatch_t *match, uint16_t *port) {
    const char *at = text + match->rm_so;
    char *end;
    unsigned long value;

    if (match->rm_so == match->rm_eo) {
        return true;
    }
    value = strtoul(at, &end, 10); /* ULONG_MAX where it is too large */
    *port = (uint16_t)value;
    return value != 0 && value <= UINT16_MAX;
}

static bool reference(pop3_client_url *url, const char *text) {
    regmatch_t match[GROUPS];
    const regmatch_t *host;

    memset(url, 0, sizeof *url);
    if (regexec(grammar(), text, GROUPS, match, 0) != 0) {
        return false;
    }
    if (match[AUTH].rm_so >= 0) {
        match[AUTH].rm_so += text[match[AUTH].rm_so] == '+'; /* +APOP */
        if (match[AUTH].rm_so == match[AUTH].rm_eo) {
            return false;
        }
    }
    host = &match[match[BRACKETED].rm_so >= 0 ? BRACKETED : HOST];
    url->tls = match[SECURE].rm_so != match[SECURE].rm_eo ? POP3_TLS_IMPLICIT : POP3_TLS_STLS;
    url->port = url->tls == POP3_TLS_IMPLICIT ? 995 : 110;
    if (!decode(text, &match[USER], url->user, sizeof url->user) ||
        !decode(text, &match[AUTH], url->auth, sizeof url->auth) || !decode(text, host, url->host, sizeof url->host) ||
        !decode_port(text, &match[PORT], &url->port)) {
        return false;
    }
    if (strcmp(url->auth, "*") == 0) {
        url->auth[0] = '\0';
    }
    return strchr(url->auth, ' ') == NULL && strpbrk(url->host, " /@[]") == NULL;
}

/* ---- Written out ---- */

static char *put(char *at, const char *text) {
    size_t n = strlen(text);

    memcpy(at, text, n + 1);
    return at + n;
}

static char *put_encoded(char *at, const char *text, const char *plain) {
    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL) {
            *at++ = *text;
        } else {
            (void)snprintf(at, 4, "%%%02X", (unsigned)(unsigned char)*text);
            at += 3;
        }
    }
    *at = '\0';
    return at;
}

static void write_out(const pop3_client_url *url, char out[4096]) {
    static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~";
    static const char address[] = "0123456789abcdefABCDEF:.";
    bool bracket = strchr(url->host, ':') != NULL;
    char *at = put(out, url->tls == POP3_TLS_IMPLICIT ? "pops://" : "pop://");

    if (url->user[0] != '\0') {
        at = put_encoded(at, url->user, plain);
        at = put(at, ";AUTH=");
        at = url->auth[0] != '\0' ? put_encoded(at, url->auth, plain) : put(at, "*");
        at = put(at, "@");
    }
    at = put(at, bracket ? "[" : "");
    at = put_encoded(at, url->host, bracket ? address : plain);
    at = put(at, bracket ? "]" : "");
    (void)snprintf(at, 7, ":%u", (unsigned)url->port);
}

/* ---- What holds for both ---- */

static bool is_text(const char *text, size_t size) {
    const char *end = memchr(text, '\0', size);

    for (; end != NULL && text < end; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            return false;
        }
    }
    return end != NULL;
}

static bool is_same(const pop3_client_url *a, const pop3_client_url *b) {
    return a->tls == b->tls && a->port == b->port && strcmp(a->user, b->user) == 0 && strcmp(a->auth, b->auth) == 0 &&
           strcmp(a->host, b->host) == 0;
}

static bool is_zero(const char *octets, size_t n) {
    while (n > 0 && octets[n - 1] == 0) {
        n--;
    }
    return n == 0;
}

static bool is_empty(const pop3_client_url *url) {
    return url->tls == 0 && url->port == 0 && is_zero(url->user, sizeof url->user) &&
           is_zero(url->auth, sizeof url->auth) && is_zero(url->host, sizeof url->host);
}

static void check(const pop3_client_url *url) {
    pop3_client_url again;
    char text[4096];

    require(is_text(url->user, sizeof url->user), "user");
    require(is_text(url->auth, sizeof url->auth), "auth");
    require(is_text(url->host, sizeof url->host), "host");
    require(url->host[0] != '\0' && url->port != 0, "a host and a port");
    require(url->auth[0] == '\0' || url->user[0] != '\0', "a mechanism has a user");
    require(url->tls == POP3_TLS_IMPLICIT || url->tls == POP3_TLS_STLS, "TLS");
    write_out(url, text);
    require(pop3_client_url_parse(&again, text) == NULL, "it can be read again");
    require(is_same(url, &again), "and is the same then");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    pop3_client_url url;
    pop3_client_url expected;
    const char *wrong;

    require(text != NULL, "no memory");
    if (size != 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    memset(&url, 0xA5, sizeof url);
    wrong = pop3_client_url_parse(&url, text);
    require((wrong == NULL) == reference(&expected, text), "it is a URL for one and none for the other");
    if (wrong == NULL) {
        require(is_same(&url, &expected), "read in two ways");
        check(&url);
    } else {
        require(is_empty(&url), "what is refused leaves nothing");
    }
    free(text);
    return 0;
}

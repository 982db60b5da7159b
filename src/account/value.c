/* SPDX-License-Identifier: MIT */
/* Texts as paths, sizes, durations and so on. What is replaced stays as it was until the text proved good. */
#define _POSIX_C_SOURCE 200809L

#include "account/private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool account_value_wrong(const struct account_value *value, const char *hint) {
    char shown[128];

    (void)account_fail(value->error, ACCOUNT_WRONG, hint, "%s: %s is no value for it", value->key->name,
                       account_shown(shown, sizeof shown, value->text));
    if (hint == NULL) {
        (void)snprintf(value->error->hint, sizeof value->error->hint, "it is written %s", value->key->values);
    }
    return false;
}

static bool replace(const struct account_value *value, char **out, char *fresh) {
    if (fresh == NULL) {
        return account_fail_memory(value->error);
    }
    free(*out);
    *out = fresh;
    return true;
}

bool account_value_text(const struct account_value *value, char **out) {
    return replace(value, out, strdup(value->text));
}

/* ---- Paths ---- */

static bool take_path(const struct account_value *value, const char *text, char **out) {
    char folder[PATH_MAX];
    const char *home;

    if (text[0] == '/') {
        return replace(value, out, strdup(text));
    }
    if (text[0] == '~' && text[1] == '/') {
        home = account_home();
        if (home == NULL) {
            return account_fail(value->error, ACCOUNT_WRONG, "set HOME, or write the whole path",
                                "%s: there is no home folder that ~ could be", value->key->name);
        }
        return replace(value, out, account_path_join(home, text + 2));
    }
    if (value->from_file || text[0] == '\0' || text[0] == '~' || getcwd(folder, sizeof folder) == NULL) {
        return account_value_wrong(value, "write the whole path, or begin it with ~/");
    }
    return replace(value, out, account_path_join(folder, text));
}

bool account_value_path(const struct account_value *value, char **out) {
    return take_path(value, value->text, out);
}

bool account_value_destination(const struct account_value *value, struct account_destination *out) {
    static const struct {
        const char *prefix;
        enum account_destination_kind kind;
    } kinds[] = {{"maildir:", ACCOUNT_TO_MAILDIR}, {"mbox:", ACCOUNT_TO_MBOX}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i].prefix);
        if (strncmp(value->text, kinds[i].prefix, n) == 0) {
            if (!take_path(value, value->text + n, &out->path)) {
                return false;
            }
            out->kind = kinds[i].kind;
            return true;
        }
    }
    return account_value_wrong(value, "it is written maildir:~/Mail or mbox:~/mail.mbox; there are no other kinds");
}

/* ---- Numbers ---- */

/* Digits, at least one and no more than the limit allows; *end is what follows. */
static bool digits(const char *text, uint64_t most, uint64_t *out, const char **end) {
    uint64_t number = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (most - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *out = number;
    *end = at;
    return at != text;
}

bool account_value_count(const struct account_value *value, uint32_t most, uint32_t *out) {
    uint64_t number;
    const char *end;

    if (!digits(value->text, most, &number, &end) || *end != '\0' || number == 0) {
        return account_value_wrong(value, NULL);
    }
    *out = (uint32_t)number;
    return true;
}

/* The multiplier of a unit, 0: there is none such. `units` are in rising order, each `step` times the one before. */
static uint64_t multiplier(const char *units, const char *unit, const uint64_t *steps) {
    const char *found;

    if (unit[0] == '\0') {
        return 1;
    }
    found = unit[1] == '\0' ? strchr(units, unit[0]) : NULL;
    return found != NULL ? steps[found - units] : 0;
}

/* A number with a unit behind it, from `least` to `most`. */
static bool measure(const struct account_value *value, const char *units, const uint64_t *steps, uint64_t most,
                    uint64_t *out) {
    uint64_t number;
    uint64_t times;
    const char *end;

    if (!digits(value->text, most, &number, &end)) {
        return false;
    }
    times = multiplier(units, end, steps);
    if (times == 0 || number == 0 || number > most / times) {
        return false;
    }
    *out = number * times;
    return true;
}

bool account_value_octets(const struct account_value *value, uint64_t *out) {
    static const uint64_t steps[] = {UINT64_C(1) << 10, UINT64_C(1) << 20, UINT64_C(1) << 30};

    return measure(value, "KMG", steps, INT64_MAX, out) ||
           account_value_wrong(value, "it is a number of octets, or one with K, M or G behind it");
}

bool account_value_duration(const struct account_value *value, uint32_t *ms) {
    static const uint64_t steps[] = {1, 60, 3600};
    uint64_t seconds;

    if (!measure(value, "smh", steps, 86400, &seconds)) {
        return account_value_wrong(value, "it is a number of seconds, or one with s, m or h behind it, at most a day");
    }
    *ms = (uint32_t)seconds * 1000;
    return true;
}

bool account_value_keep(const struct account_value *value, struct account_keep *out) {
    const char *text = value->text;
    enum account_keep_kind kind = ACCOUNT_KEEP_DAYS;
    uint64_t number = 0;
    const char *end;

    if (strcmp(text, "all") == 0 || strcmp(text, "none") == 0) {
        *out = (struct account_keep){text[0] == 'a' ? ACCOUNT_KEEP_ALL : ACCOUNT_KEEP_NONE, 0};
        return true;
    }
    if (strncmp(text, "newest ", 7) == 0) {
        kind = ACCOUNT_KEEP_NEWEST;
        text += 7;
    }
    if (!digits(text, kind == ACCOUNT_KEEP_DAYS ? 36500 : UINT32_MAX, &number, &end) || number == 0 ||
        strcmp(end, kind == ACCOUNT_KEEP_DAYS ? "d" : "") != 0) {
        return account_value_wrong(value, NULL);
    }
    *out = (struct account_keep){kind, (uint32_t)number};
    return true;
}

/* ---- Words ---- */

bool account_value_word(const struct account_value *value, unsigned *index) {
    size_t n = strlen(value->text);
    const char *word = value->key->values;

    for (unsigned i = 0;; i++) {
        size_t length = strcspn(word, "|");
        if (length == n && memcmp(word, value->text, n) == 0) {
            *index = i;
            return true;
        }
        if (word[length] == '\0') {
            return account_value_wrong(value, NULL);
        }
        word += length + 1;
    }
}

/* Whether there are such mechanisms is the client's to say. */
bool account_value_mechanisms(const struct account_value *value, char **out) {
    char *list = strdup(value->text);

    for (char *at = list; at != NULL && *at != '\0'; at++) {
        *at = *at == ',' ? ' ' : *at;
    }
    if (list != NULL && list[strspn(list, " ")] == '\0') {
        free(list);
        return account_value_wrong(value, "it is written like SCRAM-SHA-256 APOP");
    }
    return replace(value, out, list);
}

/* sha256// and the base64 of 32 octets: 43 characters and a pad. */
static bool is_pin(const char *pin, size_t n) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return n == 8 + 44 && strncmp(pin, "sha256//", 8) == 0 && strspn(pin + 8, alphabet) == 43 && pin[n - 1] == '=';
}

bool account_value_pin(const struct account_value *value, char **out) {
    const char *pin = value->text;

    for (;;) {
        size_t n = strcspn(pin, ";");
        if (!is_pin(pin, n)) {
            return account_value_wrong(value, "it is written sha256// and 44 characters of base64");
        }
        if (pin[n] == '\0') {
            return replace(value, out, strdup(value->text));
        }
        pin += n + 1;
    }
}

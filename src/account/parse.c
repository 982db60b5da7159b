/* SPDX-License-Identifier: MIT */
/*
 * A configuration's text, read by libConfuse: every value is a text to it, what it means is the table's to say. Finds all
 * problems that it can. Refuses to know files.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */

#include "account/private.h"

#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { UNKNOWN_MOST = 32, KEYS_MOST = 64, JOBS_MOST = 64 };

/* libConfuse stops at the first key that it does not know: such keys are added, and the file is read again. */
struct unknown {
    char *name;
    bool top;
    unsigned line;
};

struct reading {
    struct account_config *config;
    struct account *account; /* of the open section, NULL before its first key */
    size_t problems_before;  /* it */
    bool given[KEYS_MOST];   /* in it, by index in the table */
    bool given_top[KEYS_MOST];
    bool has_password; /* any account */
    bool no_memory;
    unsigned secret_line; /* of a password, misspelt perhaps: what follows may be a part of it */
    struct unknown unknown[UNKNOWN_MOST];
    size_t unknown_count;
    bool again;
    cfg_opt_t section[KEYS_MOST + UNKNOWN_MOST + 1];
    cfg_opt_t top[KEYS_MOST + UNKNOWN_MOST + 2];
};

/* libConfuse's functions get no context of ours. */
static struct reading *reading;

/* ---- Problems ---- */

__attribute__((format(printf, 2, 3))) static void complain(unsigned line, const char *format, ...) {
    char text[sizeof(struct account_problem)];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    reading->no_memory = !account_config_complain(reading->config, line, text) || reading->no_memory;
}

static void complain_error(unsigned line, const struct account_error *error) {
    const char *name = reading->account != NULL ? reading->account->name : NULL;

    reading->no_memory = reading->no_memory || error->fault == ACCOUNT_SYSTEM;
    complain(line, "%s%s%s%s%s%s", name != NULL ? "account " : "", name != NULL ? name : "", name != NULL ? ": " : "",
             error->what, error->hint[0] != '\0' ? "; " : "", error->hint);
}

static bool is_here(const struct account_key *key, bool top) {
    return (key->scope == ACCOUNT_SCOPE_TOP) == top;
}

static const char *key_name(const void *names, size_t i) {
    return ((const struct account_key *)names)[i].name;
}

static void complain_unknown(unsigned line, const char *name, bool top) {
    const struct account_key *key = account_key_find(name);
    size_t count;
    const struct account_key *keys = account_keys(&count);
    const char *nearest = account_nearest(name, count, key_name, keys);
    char shown[64];

    if (line == reading->secret_line) {
        complain(line, "what stands behind the value is no key; write the value in single quotes, '...'");
    } else if (key != NULL) {
        complain(line, "%s belongs %s", name, top ? "into the section of an account" : "outside of sections");
    } else if (nearest != NULL) {
        complain(line, "there is no key %s; perhaps %s is meant", account_shown(shown, sizeof shown, name), nearest);
    } else {
        complain(line, "there is no key %s; satchel-config(5) lists them", account_shown(shown, sizeof shown, name));
    }
}

/* ---- What libConfuse says ---- */

static bool is_top(cfg_t *cfg) {
    return cfg_title(cfg) == NULL;
}

static void note_unknown(const char *name, bool top, unsigned line) {
    struct unknown *unknown = reading->unknown + reading->unknown_count;

    if (reading->unknown_count == UNKNOWN_MOST) {
        complain_unknown(line, name, top);
        return;
    }
    *unknown = (struct unknown){.top = top, .line = line};
    unknown->name = strdup(name);
    if (unknown->name == NULL) {
        reading->no_memory = true;
        return;
    }
    reading->unknown_count++;
    reading->again = true;
}

/* NULL, or a word that is neither a key nor followed by an equal sign. */
static const struct unknown *is_no_key(const char *name) {
    const struct unknown *last = reading->unknown + reading->unknown_count;

    return reading->unknown_count != 0 && strcmp(last[-1].name, name) == 0 ? last - 1 : NULL;
}

static void on_missing_equal_sign(const char *name, unsigned line) {
    const struct unknown *unknown = is_no_key(name);

    if (unknown != NULL) {
        complain_unknown(unknown->line, name, unknown->top);
        complain(unknown->line, "no = follows; a value of several words is written in quotes");
    } else {
        complain(line, "behind %s there is no =", name);
    }
}

__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *format, va_list arguments) {
    unsigned line = (unsigned)cfg->line;
    char text[256];

    if (line == reading->secret_line) {
        complain_unknown(line, "", false);
    } else if (strncmp(format, "no such option", 14) == 0) {
        note_unknown(va_arg(arguments, const char *), is_top(cfg), line);
    } else if (strncmp(format, "missing equal sign", 18) == 0) {
        on_missing_equal_sign(va_arg(arguments, const char *), line);
    } else if (strncmp(format, "invalid octal", 13) == 0 || strncmp(format, "bad escape", 10) == 0) {
        complain(line, "what follows a backslash here is no character; write the value in single quotes, '...'");
    } else {
        (void)vsnprintf(text, sizeof text, format, arguments);
        complain(line, "%s; satchel-config(5) tells how it is written", text);
    }
}

/* ---- What libConfuse reads ---- */

static const struct account_key *known(const cfg_opt_t *option, bool top) {
    const struct account_key *key = account_key_find(option->name);

    return key != NULL && is_here(key, top) ? key : NULL;
}

/* Title: what commands take for an account's name, neither URL nor option. */
static bool is_title(const char *title) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-";

    return title[0] != '\0' && title[0] != '-' && title[0] != '.' && title[strspn(title, allowed)] == '\0';
}

/* False: there is no memory. */
static bool open_account(const char *title) {
    if (reading->account == NULL) {
        reading->account = account_new(title);
        reading->problems_before = reading->config->problem_count;
        memset(reading->given, 0, sizeof reading->given);
    }
    reading->no_memory = reading->no_memory || reading->account == NULL;
    return reading->account != NULL;
}

static void take_jobs(const char *text, unsigned line) {
    struct account_error error = {.fault = ACCOUNT_FINE};
    const struct account_value value = {
        .key = account_key_find("jobs"), .text = text, .from_file = true, .error = &error};

    if (!account_value_count(&value, JOBS_MOST, &reading->config->jobs)) {
        complain_error(line, &error);
    }
}

static bool take_first(bool *given, const struct account_key *key, unsigned line) {
    size_t count;
    size_t index = (size_t)(key - account_keys(&count));

    if (given[index]) {
        complain(line, "%s is given a second time", key->name);
        return false;
    }
    given[index] = true;
    return true;
}

/* 0: go on, whatever was wrong. */
static int on_top_key(cfg_t *cfg, cfg_opt_t *option) {
    const struct account_key *key = known(option, true);
    unsigned line = (unsigned)cfg->line;

    if (key == NULL) {
        complain_unknown(line, option->name, true);
    } else if (take_first(reading->given_top, key, line)) {
        take_jobs(cfg_opt_getnstr(option, 0), line);
    }
    return 0;
}

static int on_key(cfg_t *cfg, cfg_opt_t *option) {
    const struct account_key *key = known(option, false);
    unsigned line = (unsigned)cfg->line;
    struct account_error error = {.fault = ACCOUNT_FINE};

    if (!open_account(cfg_title(cfg))) {
        return -1;
    }
    if (key == NULL) {
        complain_unknown(line, option->name, false);
        reading->secret_line = line;
        return 0;
    }
    if (strcmp(key->name, "password") == 0) {
        reading->secret_line = line;
        reading->has_password = true;
    }
    if (take_first(reading->given, key, line) &&
        !account_set_key(reading->account, key, cfg_opt_getnstr(option, 0), true, &error)) {
        complain_error(line, &error);
    }
    return 0;
}

static bool keep_account(struct account *account) {
    struct account_config *config = reading->config;
    struct account **all = realloc(config->accounts, (config->count + 1) * sizeof(struct account *));

    if (all == NULL) {
        account_free(account);
        return false;
    }
    config->accounts = all;
    all[config->count++] = account;
    return true;
}

/* One that has problems is not checked as a whole: others would follow from them. */
static void check_account(unsigned line) {
    struct account_error error = {.fault = ACCOUNT_FINE};
    char shown[64];

    if (!is_title(reading->account->name)) {
        complain(line,
                 "%s is no name for an account: it has letters, digits and . _ @ + - only, and begins with no . or -",
                 account_shown(shown, sizeof shown, reading->account->name));
    } else if (reading->config->problem_count == reading->problems_before && !account_check(reading->account, &error)) {
        complain_error(line, &error);
    }
}

/* A section is closed. */
static int on_section(cfg_t *cfg, cfg_opt_t *option) {
    const cfg_t *section = cfg_opt_getnsec(option, cfg_opt_size(option) - 1);
    struct account *account;

    if (open_account(section->title)) {
        check_account((unsigned)cfg->line);
        account = reading->account;
        reading->account = NULL;
        reading->no_memory = !keep_account(account) || reading->no_memory;
    }
    return reading->no_memory ? -1 : 0;
}

/* ---- A pass over the text ---- */

static cfg_opt_t key_option(const char *name, cfg_validate_callback_t on) {
    cfg_opt_t option = CFG_STR(name, NULL, CFGF_NODEFAULT);

    option.validcb = on;
    return option;
}

static void prepare_options(void) {
    static const cfg_opt_t end = CFG_END();
    cfg_opt_t section = CFG_SEC("account", reading->section, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    cfg_opt_t *in = reading->section;
    cfg_opt_t *top = reading->top;
    size_t count;
    const struct account_key *keys = account_keys(&count);

    for (size_t i = 0; i < count; i++) {
        if (keys[i].scope == ACCOUNT_SCOPE_TOP) {
            *top++ = key_option(keys[i].name, on_top_key);
        } else {
            *in++ = key_option(keys[i].name, on_key);
        }
    }
    for (size_t i = 0; i < reading->unknown_count; i++) {
        if (reading->unknown[i].top) {
            *top++ = key_option(reading->unknown[i].name, on_top_key);
        } else {
            *in++ = key_option(reading->unknown[i].name, on_key);
        }
    }
    *in = end;
    section.validcb = on_section;
    *top++ = section;
    *top = end;
}

/* libConfuse keeps values in memory of its own. */
static void wipe_passwords(cfg_t *cfg) {
    for (unsigned i = 0; i < cfg_size(cfg, "account"); i++) {
        char *password = cfg_getstr(cfg_getnsec(cfg, "account", i), "password");
        if (password != NULL) {
            explicit_bzero(password, strlen(password));
        }
    }
}

static void read_once(const char *text) {
    cfg_t *cfg;

    account_config_clear(reading->config);
    memset(reading->given_top, 0, sizeof reading->given_top);
    reading->secret_line = 0;
    reading->again = false;
    prepare_options();
    cfg = cfg_init(reading->top, CFGF_NONE);
    if (cfg == NULL) {
        reading->no_memory = true;
        return;
    }
    (void)cfg_set_error_function(cfg, on_error);
    (void)cfg_parse_buf(cfg, text); /* on_error() knows of every failure */
    wipe_passwords(cfg);
    (void)cfg_free(cfg);
    account_free(reading->account);
    reading->account = NULL;
}

void account_parse(struct account_config *config, char *text, bool readable_by_others) {
    struct reading all = {.config = config};
    struct account_problem problem;

    reading = &all;
    take_jobs(account_key_find("jobs")->standard, 0);
    if (!account_scan(text, &problem)) {
        complain(problem.line, "%s", problem.text);
    } else {
        do {
            read_once(text);
        } while (all.again && !all.no_memory);
    }
    if (all.has_password && readable_by_others) {
        complain(0, "it has a password, and other users can read it; chmod 600 makes it yours alone");
    }
    if (all.no_memory) {
        complain(0, "there is no memory left");
    }
    for (size_t i = 0; i < all.unknown_count; i++) {
        free(all.unknown[i].name);
    }
    reading = NULL;
}

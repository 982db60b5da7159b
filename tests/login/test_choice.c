/* SPDX-License-Identifier: MIT */
/*
 * Which mechanism is tried first: every set that a server can announce, against each way to configure the client. What is
 * expected is read off R-AUTH-01, R-TLS-08 and R-5034-02 as written down here; the code's own tables are not looked at.
 */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* What a server can offer: bits of a set. USER stands for the capability, APOP for a timestamp in the greeting. */
static const char *const offers[] = {
    "EXTERNAL",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256",
    "SCRAM-SHA-1",
    "OAUTHBEARER",
    "XOAUTH2",
    "CRAM-MD5",
    "PLAIN",
    "LOGIN",
    "APOP",
    "USER",
};

enum { OFFERS = sizeof offers / sizeof offers[0], SASL_OFFERS = OFFERS - 2, SCRIPT = 512 };

/* The order of R-AUTH-01 by the way a session is protected. */
static const char order_tls[] = "EXTERNAL SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 OAUTHBEARER "
                                "XOAUTH2 PLAIN LOGIN USER";
static const char order_off[] = "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 APOP";
static const char order_loopback[] = "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 APOP PLAIN LOGIN USER";

static bool is_one_of(const char *name, const char *names) {
    size_t n = strlen(name);

    for (const char *at = names; (at = strstr(at, name)) != NULL; at += n) {
        if ((at == names || at[-1] == ' ') && (at[n] == '\0' || at[n] == ' ')) {
            return true;
        }
    }
    return false;
}

/* Has the client what this one needs? */
static bool is_possible(const char *name, unsigned flags, unsigned set) {
    bool token = is_one_of(name, "OAUTHBEARER XOAUTH2");

    if (strcmp(name, "EXTERNAL") == 0) {
        return (flags & CHOSEN) != 0 || ((flags & CERTIFICATE) != 0 && (flags & OFF) == 0);
    }
    if (token || (flags & TOKEN) != 0) {
        return token && (flags & TOKEN) != 0 && (flags & OFF) == 0;
    }
    if (strstr(name, "-PLUS") != NULL && ((flags & BINDING) == 0 || (flags & OFF) != 0)) {
        return false;
    }
    return (flags & NO_PASSWORD) == 0 && (strcmp(name, "APOP") != 0 || (set >> 10 & 1U) != 0);
}

static bool is_offered(const char *name, unsigned set) {
    bool sasl = (set & ((1U << SASL_OFFERS) - 1)) != 0;

    for (unsigned i = 0; i < OFFERS; i++) {
        if (strcmp(offers[i], name) == 0 && (set >> i & 1U) != 0) {
            return true;
        }
    }
    return strcmp(name, "USER") == 0 && !sasl;
}

/* The first word of a list that is possible, and offered or not; "-" if there is none. */
static const char *first_of(const char *list, unsigned flags, unsigned set, bool offered) {
    static char word[32];

    for (; *list != '\0'; list += list[0] == ' ') {
        size_t n = strcspn(list, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, list);
        list += n;
        if (is_possible(word, flags, set) && is_offered(word, set) == offered) {
            return word;
        }
    }
    return "-";
}

static const char *expected(unsigned flags, unsigned set, const char *chosen) {
    const char *order = (flags & OFF) == 0 ? order_tls : (flags & LOOPBACK) != 0 ? order_loopback : order_off;
    const char *first = first_of(chosen != NULL ? chosen : order, flags, set, true);

    return first[0] == '-' && chosen != NULL ? first_of(chosen, flags, set, false) : first;
}

/* ---- What the client does ---- */

static void add(char *text, const char *more) {
    size_t n = strlen(text);

    assert_true(n + strlen(more) < SCRIPT);
    memcpy(text + n, more, strlen(more) + 1);
}

/* A probe says the same, and sends nothing. */
static const char *tried(unsigned flags, unsigned set, const pop3_sasl_mechanism *const *list) {
    static client self;
    char script[SCRIPT] = "+OK ready";
    const pop3_sasl_mechanism *probed;

    add(script, (set >> 10 & 1U) != 0 ? " <1@a>\r\n+OK\r\nTOP\r\n" : "\r\n+OK\r\nTOP\r\n");
    if ((set & ((1U << SASL_OFFERS) - 1)) != 0) {
        add(script, "SASL");
        for (unsigned i = 0; i < SASL_OFFERS; i++) {
            if ((set >> i & 1U) != 0) {
                add(script, " ");
                add(script, offers[i]);
            }
        }
        add(script, "\r\n");
    }
    add(script, (set >> 11 & 1U) != 0 ? "USER\r\n.\r\n" : ".\r\n");
    client_begin(&self, flags | PROBE, list);
    client_lines(&self, script, strlen(script));
    assert_int_equal(self.result, POP3_LOGIN_DONE);
    client_sent_nothing(&self);
    probed = self.login.mechanism;
    client_begin(&self, flags, list);
    client_lines(&self, script, strlen(script));
    assert_ptr_equal(self.login.mechanism, probed);
    assert_int_equal(self.result, self.login.mechanism != NULL ? POP3_LOGIN_CONTINUE : POP3_LOGIN_FAILED);
    if (self.login.mechanism == NULL) {
        client_sent_nothing(&self);
        assert_int_equal(self.login.failure, POP3_FAILURE_NO_MECHANISM);
        return "-";
    }
    return self.login.mechanism->name;
}

static void check_sets(unsigned flags, const pop3_sasl_mechanism *const *list, const char *chosen) {
    for (unsigned set = 0; set < 1U << OFFERS; set++) {
        const char *is = tried(flags, set, list);
        const char *due = expected(flags, set, chosen);
        if (strcmp(is, due) != 0) {
            fail_msg("flags %#x, set %#x, list %s: %s, not %s", flags, set, chosen != NULL ? chosen : "all", is, due);
        }
    }
}

static void test_R_AUTH_01_automatic(void **state) {
    static const unsigned modes[] = {0, OFF, OFF | LOOPBACK};
    static const unsigned haves[] = {0,
                                     BINDING,
                                     CERTIFICATE | BINDING,
                                     TOKEN,
                                     CERTIFICATE | NO_PASSWORD,
                                     NO_PASSWORD,
                                     TOKEN | NO_PASSWORD | CERTIFICATE};
    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        for (size_t j = 0; j < sizeof haves / sizeof haves[0]; j++) {
            check_sets(modes[i] | haves[j], NULL, NULL);
        }
    }
}

static void test_R_TLS_08_chosen(void **state) {
    static const struct {
        const char *names;
        const pop3_sasl_mechanism *list[6];
    } lists[] = {
        {"USER", {&pop3_login_user_pass}},
        {"PLAIN", {&pop3_sasl_plain}},
        {"LOGIN PLAIN", {&pop3_sasl_login, &pop3_sasl_plain}},
        {"APOP", {&pop3_login_apop}},
        {"CRAM-MD5 APOP USER", {&pop3_sasl_cram_md5, &pop3_login_apop, &pop3_login_user_pass}},
        {"XOAUTH2 OAUTHBEARER PLAIN", {&pop3_sasl_xoauth2, &pop3_sasl_oauthbearer, &pop3_sasl_plain}},
        {"EXTERNAL USER", {&pop3_sasl_external, &pop3_login_user_pass}},
        {"SCRAM-SHA-1 SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS PLAIN",
         {&pop3_sasl_scram_sha_1, &pop3_sasl_scram_sha_256_plus, &pop3_sasl_scram_sha_256, &pop3_sasl_scram_sha_1_plus,
          &pop3_sasl_plain}},
    };
    static const unsigned modes[] = {CHOSEN, CHOSEN | OFF, CHOSEN | OFF | LOOPBACK};
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (size_t j = 0; j < sizeof modes / sizeof modes[0]; j++) {
            check_sets(modes[j], lists[i].list, lists[i].names);
            check_sets(modes[j] | TOKEN, lists[i].list, lists[i].names);
            check_sets(modes[j] | BINDING, lists[i].list, lists[i].names);
        }
    }
}

/* A list of the caller's that he does not call chosen is a limit: what is not in it is not tried, what is obeys the rules. */
static void test_R_AUTH_01_configured(void **state) {
    (void)state;
    assert_string_equal(tried(0, 0xFFF, LIST(&pop3_sasl_login, &pop3_sasl_plain)), "LOGIN");
    assert_string_equal(tried(0, 0xFFF, LIST(&pop3_sasl_cram_md5, &pop3_sasl_plain)), "PLAIN");
    assert_string_equal(tried(OFF, 0xFFF, LIST(&pop3_sasl_plain, &pop3_login_user_pass)), "-");
    assert_string_equal(tried(0, 0, LIST(&pop3_sasl_plain)), "-");
    assert_string_equal(tried(0, 0xFFF, (const pop3_sasl_mechanism *const[]){NULL}), "-");
}

/* 32 count; what is behind them is not looked at. */
static void test_the_longest_list(void **state) {
    const pop3_sasl_mechanism *list[POP3_LOGIN_MECHANISMS_MAX + 2] = {NULL};
    (void)state;
    for (unsigned i = 0; i < POP3_LOGIN_MECHANISMS_MAX; i++) {
        list[i] = &pop3_sasl_oauthbearer;
    }
    list[POP3_LOGIN_MECHANISMS_MAX] = &pop3_sasl_plain;
    assert_string_equal(tried(0, 0xFFF, list), "-");
    list[POP3_LOGIN_MECHANISMS_MAX - 1] = &pop3_sasl_login;
    assert_string_equal(tried(0, 0xFFF, list), "LOGIN");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_AUTH_01_automatic),
        cmocka_unit_test(test_R_TLS_08_chosen),
        cmocka_unit_test(test_R_AUTH_01_configured),
        cmocka_unit_test(test_the_longest_list),
    };
    return cmocka_run_group_tests_name("login choice", tests, NULL, NULL);
}

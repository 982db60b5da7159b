/* SPDX-License-Identifier: MIT */
/* Every key: what it takes, what that means, what it does not take. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/private.h"
#include "folder.h"

#define PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* An account that is good as it is. */
static struct account *account_good(void) {
    struct account_error error;
    struct account *account = account_from_url("pop://u@h", &error);

    assert_non_null(account);
    return account;
}

static void the_standards_of_the_table_are_those_of_an_account(void **state) {
    struct account *account = account_good();

    (void)state;
    assert_int_equal(account->tls, POP3_TLS_STLS);
    assert_string_equal(account->alpn, "pop3");
    assert_false(account->verify_pin_only);
    assert_int_equal(account->keep.kind, ACCOUNT_KEEP_ALL); /* D-28 */
    assert_int_equal(account->max_message_octets, UINT64_C(1) << 30);
    assert_int_equal(account->max_messages, UINT32_MAX);
    assert_int_equal(account->order, ACCOUNT_OLDEST_FIRST);
    assert_int_equal(account->pipelining, POP3_CLIENT_PIPELINING_AUTO);
    assert_int_equal(account->line_ends, ACCOUNT_LINE_ENDS_LF); /* D-25 */
    assert_int_equal(account->connect_ms, 30000);               /* L-01 */
    assert_int_equal(account->reply_ms, 60000);
    assert_int_equal(account->session_ms, 3600000);
    assert_int_equal(account->to.kind, ACCOUNT_TO_NOTHING);
    assert_null(account->auth);
    assert_null(account->ca_file);
    account_free(account);
}

static const struct {
    const char *key;
    const char *good[12];
    const char *bad[12];
} rows[] = {
    {"user", {"me", "me@x y", "\xc3\xbc"}, {"", "a\nb", "a\tb", "a\x7f"}},
    {"to",
     {"maildir:/m", "mbox:/m/x", "maildir:~/m"},
     {"", "/m", "maildir:", "lmtp:/s", "imaps://h", "Maildir:/m", "mbox:~u/x"}},
    {"auth", {"APOP", "SCRAM-SHA-256 USER", "PLAIN,LOGIN"}, {"", " ", ","}},
    {"tls", {"on", "off"}, {"", "On", "yes", "o", "off|on", "on|off"}},
    {"alpn", {"pop3", ""}, {"a\rb"}},
    {"ca-file", {"/ca", "~/ca"}, {"", "~", "~me/ca"}},
    {"pin", {PIN, PIN ";" PIN}, {"", "sha256//AA==", PIN ";", "md5//AAAA", PIN "A", "sha256//"}},
    {"verify", {"ca", "pin"}, {"", "none", "full"}},
    {"client-cert", {"/c"}, {"", "~"}},
    {"client-key", {"/c"}, {"", "~"}},
    {"password-command", {"echo x"}, {"", "echo\nx"}},
    {"password-file", {"/c"}, {"", "~"}},
    {"token-command", {"echo x"}, {"", "echo\x1b[1m"}},
    {"keep",
     {"all", "none", "1d", "36500d", "newest 1", "newest 4294967295"},
     {"", "0d", "36501d", "30", "30 d", "30D", "-1d", "newest", "newest 0", "newest 4294967296", "newest 5d", "All"}},
    {"max-message",
     {"1", "1K", "25M", "8589934591G", "9223372036854775807"},
     {"", "0", "1k", "1 M", "1MB", "-1", "0x10", "8589934592G", "9223372036854775808", "99999999999999999999"}},
    {"max-messages", {"1", "4294967294", "all"}, {"", "0", "4294967295", "-1", "1x", "none"}},
    {"order", {"oldest", "newest"}, {"", "old", "random"}},
    {"pipelining", {"auto", "on", "off"}, {"", "yes"}},
    {"line-ends", {"lf", "keep"}, {"", "crlf"}},
    {"timeout-connect", {"1", "1s", "90m", "24h", "86400"}, {"", "0", "0s", "25h", "86401", "1d", "1.5s", "s", "-1"}},
    {"timeout-reply", {"2m"}, {"", "0"}},
    {"timeout-session", {"2h"}, {"", "0"}},
};

static bool is_row(const char *key) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

static void every_key_takes_good_values_and_no_bad_ones(void **state) {
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t j = 0; j < 12 && rows[i].good[j] != NULL; j++) {
            struct account *account = account_good();
            if (!account_set(account, rows[i].key, rows[i].good[j], &error)) {
                fail_msg("%s = %s: %s", rows[i].key, rows[i].good[j], error.what);
            }
            account_free(account);
        }
        for (size_t j = 0; j < 12 && rows[i].bad[j] != NULL; j++) {
            struct account *account = account_good();
            if (account_set(account, rows[i].key, rows[i].bad[j], &error)) {
                fail_msg("%s = %s is taken", rows[i].key, rows[i].bad[j]);
            }
            assert_int_equal(error.fault, ACCOUNT_WRONG);
            assert_non_null(strstr(error.what, rows[i].key)); /* says which */
            assert_null(strpbrk(error.what, "\n\r\t\x1b\x7f"));
            account_free(account);
        }
    }
}

static void no_key_of_the_table_is_untried(void **state) {
    size_t count;
    const struct account_key *keys = account_keys(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(is_row(keys[i].name), keys[i].scope == ACCOUNT_SCOPE_ACCOUNT);
        assert_ptr_equal(account_key_find(keys[i].name), &keys[i]);
    }
}

static void what_values_mean(void **state) {
    struct account *account = account_good();
    struct account_error error;

    (void)state;
    assert_true(account_set(account, "keep", "30d", &error));
    assert_int_equal(account->keep.kind, ACCOUNT_KEEP_DAYS);
    assert_int_equal(account->keep.n, 30);
    assert_true(account_set(account, "keep", "newest 500", &error));
    assert_int_equal(account->keep.kind, ACCOUNT_KEEP_NEWEST);
    assert_int_equal(account->keep.n, 500);
    assert_true(account_set(account, "keep", "none", &error));
    assert_int_equal(account->keep.kind, ACCOUNT_KEEP_NONE);
    assert_true(account_set(account, "max-message", "25M", &error));
    assert_int_equal(account->max_message_octets, 25 * 1024 * 1024);
    assert_true(account_set(account, "max-messages", "7", &error));
    assert_int_equal(account->max_messages, 7);
    assert_true(account_set(account, "max-messages", "all", &error));
    assert_int_equal(account->max_messages, UINT32_MAX);
    assert_true(account_set(account, "order", "newest", &error));
    assert_int_equal(account->order, ACCOUNT_NEWEST_FIRST);
    assert_true(account_set(account, "line-ends", "keep", &error));
    assert_int_equal(account->line_ends, ACCOUNT_LINE_ENDS_KEEP);
    assert_true(account_set(account, "pipelining", "on", &error));
    assert_int_equal(account->pipelining, POP3_CLIENT_PIPELINING_ON);
    assert_true(account_set(account, "pipelining", "off", &error));
    assert_int_equal(account->pipelining, POP3_CLIENT_PIPELINING_OFF);
    assert_true(account_set(account, "auth", "PLAIN,APOP", &error));
    assert_string_equal(account->auth, "PLAIN APOP");
    assert_true(account_set(account, "verify", "pin", &error));
    assert_true(account->verify_pin_only);
    assert_true(account_set(account, "tls", "off", &error));
    assert_int_equal(account->tls, POP3_TLS_OFF);
    assert_true(account_set(account, "timeout-connect", "5", &error));
    assert_int_equal(account->connect_ms, 5000);
    assert_true(account_set(account, "timeout-reply", "2m", &error));
    assert_int_equal(account->reply_ms, 120000);
    assert_true(account_set(account, "timeout-session", "24h", &error));
    assert_int_equal(account->session_ms, 86400000);
    account_free(account);
}

static void a_failure_leaves_all_as_it_was(void **state) {
    struct account *account = account_good();
    struct account_error error;

    (void)state;
    assert_true(account_set(account, "to", "maildir:/m", &error));
    assert_false(account_set(account, "to", "mbox:~x", &error));
    assert_int_equal(account->to.kind, ACCOUNT_TO_MAILDIR);
    assert_string_equal(account->to.path, "/m");
    assert_true(account_set(account, "pin", PIN, &error));
    assert_false(account_set(account, "pin", "x", &error));
    assert_string_equal(account->pin, PIN);
    account_free(account);
}

static void paths_are_absolute(void **state) {
    struct account *account = account_good();
    struct account_error error;
    char folder[FOLDER_PATH];
    char expected[FOLDER_PATH + 16];

    (void)state;
    assert_true(account_set(account, "to", "maildir:~/Mail/a b", &error));
    assert_string_equal(account->to.path, folder_path("Mail/a b"));
    assert_true(account_set(account, "password-file", "~/p", &error));
    assert_string_equal(account->password_file, folder_path("p"));
    assert_non_null(getcwd(folder, sizeof folder));
    (void)snprintf(expected, sizeof expected, "%s/box", folder);
    assert_true(account_set(account, "to", "mbox:box", &error));
    assert_int_equal(account->to.kind, ACCOUNT_TO_MBOX);
    assert_string_equal(account->to.path, expected);
    /* In a file it would depend on where one stands. */
    assert_false(account_set_key(account, account_key_find("to"), "mbox:box", true, &error));
    account_free(account);
}

static void unknown_keys_and_those_of_the_file_are_refused(void **state) {
    struct account *account = account_good();
    struct account_error error;

    (void)state;
    assert_false(account_set(account, "kepe", "all", &error));
    assert_string_equal(error.what, "there is no key \"kepe\"");
    assert_string_equal(error.hint, "perhaps keep is meant");
    assert_false(account_set(account, "xyzzy", "all", &error));
    assert_string_equal(error.hint, "");
    assert_false(account_set(account, "a\x1b]0;b", "all", &error));
    assert_null(strchr(error.what, 0x1b));
    assert_false(account_set(account, "password", "canary", &error)); /* R-CRED-01 */
    assert_null(strstr(error.what, "canary"));
    assert_false(account_set(account, "jobs", "2", &error));
    assert_false(account_set(account, "url", "pops://x@y", &error));
    assert_string_equal(account->host, "h");
    account_free(account);
}

static void names_that_look_alike(void **state) {
    static const struct {
        const char *wanted;
        const char *meant;
    } pairs[] = {{"keeep", "keep"},
                 {"kep", "keep"},
                 {"ekep", "keep"},
                 {"usr", "user"},
                 {"passwort", "password"},
                 {"pasword-command", "password-command"},
                 {"foo", NULL},
                 {"", NULL},
                 {"password-commandpassword-command", NULL},
                 {"filter", NULL},
                 {"timeout_reply", "timeout-reply"},
                 {"host", NULL}};
    struct account *account = account_good();
    struct account_error error;
    char hint[64];

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        hint[0] = '\0';
        if (pairs[i].meant != NULL) {
            (void)snprintf(hint, sizeof hint, "perhaps %s is meant", pairs[i].meant);
        }
        assert_false(account_set(account, pairs[i].wanted, "x", &error));
        assert_string_equal(error.hint, hint);
    }
    account_free(account);
}

/* What comes later on a command line counts, and takes the place of what it contradicts. */
static void options_override(void **state) {
    struct account_error error;
    struct account *account = account_from_url("pops://u;AUTH=PLAIN@h", &error);

    (void)state;
    assert_non_null(account);
    assert_true(account_set(account, "user", "other", &error));
    assert_string_equal(account->user, "other");
    assert_true(account_set(account, "auth", "APOP", &error));
    assert_string_equal(account->auth, "APOP");
    assert_true(account_set(account, "password-command", "a", &error));
    assert_true(account_set(account, "token-command", "b", &error));
    assert_null(account->password_command);
    assert_string_equal(account->token_command, "b");
    assert_true(account_set(account, "password-file", "/c", &error));
    assert_null(account->token_command);
    assert_true(account_set(account, "password-command", "d", &error));
    assert_null(account->password_file);
    assert_true(account_check(account, &error));
    account_free(account);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_of_the_table_are_those_of_an_account),
        cmocka_unit_test(every_key_takes_good_values_and_no_bad_ones),
        cmocka_unit_test(no_key_of_the_table_is_untried),
        cmocka_unit_test(what_values_mean),
        cmocka_unit_test(a_failure_leaves_all_as_it_was),
        cmocka_unit_test(paths_are_absolute),
        cmocka_unit_test(unknown_keys_and_those_of_the_file_are_refused),
        cmocka_unit_test(names_that_look_alike),
        cmocka_unit_test(options_override),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}

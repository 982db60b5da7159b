/* SPDX-License-Identifier: MIT */
/* Accounts as a whole: from URLs, what fits together, identity (D-27), the client's options. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account/private.h"
#include "folder.h"

#define PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static bool same(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void R_2384_01_accounts_from_urls(void **state) {
    static const struct {
        const char *url;
        const char *host;
        const char *user;
        const char *auth;
        uint16_t port;
        pop3_tls_mode tls;
    } rows[] = {
        {"pops://me@mail.example.org", "mail.example.org", "me", NULL, 995, POP3_TLS_IMPLICIT},
        {"pop://me@mail.example.org", "mail.example.org", "me", NULL, 110, POP3_TLS_STLS},
        {"pops://me%40x;AUTH=SCRAM-SHA-256@[::1]:1995", "::1", "me@x", "SCRAM-SHA-256", 1995, POP3_TLS_IMPLICIT},
        {"pop://me;AUTH=*@h", "h", "me", NULL, 110, POP3_TLS_STLS},
        {"pops://h", "h", NULL, NULL, 995, POP3_TLS_IMPLICIT},
    };
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct account *account = account_from_url(rows[i].url, &error);
        assert_non_null(account);
        assert_null(account->name);
        assert_string_equal(account->host, rows[i].host);
        assert_int_equal(account->port, rows[i].port);
        assert_int_equal(account->tls, rows[i].tls);
        assert_true(same(account->user, rows[i].user));
        assert_true(same(account->auth, rows[i].auth));
        account_free(account);
    }
}

static void a_url_that_is_none_is_refused_and_not_repeated(void **state) {
    static const char *const rows[] = {
        "", "work", "http://h", "pops://u:canary@h", "pops://u@h/canary", "pops://u%0acanary@h", "pops://u@h:canary"};
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(account_from_url(rows[i], &error));
        assert_int_equal(error.fault, ACCOUNT_WRONG);
        assert_null(strstr(error.what, "canary"));
        assert_null(strstr(error.hint, "canary"));
    }
}

/* Pairs of key and value, as in a file. */
struct check_row {
    const char *set[8];
    const char *wrong; /* NULL: nothing */
};

static bool check(const struct check_row *row, struct account_error *error) {
    struct account *account = account_new("a");
    bool good;

    assert_non_null(account);
    for (size_t i = 0; i < 8 && row->set[i] != NULL; i += 2) {
        if (!account_set_key(account, account_key_find(row->set[i]), row->set[i + 1], true, error)) {
            fail_msg("%s: %s", row->set[i], error->what);
        }
    }
    good = account_check(account, error);
    account_free(account);
    return good;
}

static void what_fits_together(void **state) {
    static const struct check_row rows[] = {
        {{"url", "pops://u@h"}, NULL},
        {{NULL}, "there is no url"},
        {{"url", "pops://h"}, "there is no user"},
        {{"url", "pops://h", "user", "u"}, NULL},
        {{"url", "pops://h", "auth", "external"}, NULL},
        {{"url", "pops://h", "auth", "EXTERNAL PLAIN"}, "there is no user"},
        {{"url", "pops://u@h", "user", "u"}, NULL},
        {{"url", "pops://u@h", "user", "v"}, "user is another one"},
        {{"url", "pops://u;AUTH=APOP@h", "auth", "PLAIN"}, "auth is another one"},
        {{"url", "pops://u@h", "auth", "FOO"}, "auth names a mechanism that is unknown"},
        {{"url", "pops://u;AUTH=FOO@h"}, "auth names a mechanism that is unknown"},
        {{"url", "pops://u@h", "tls", "off"}, "tls is off, but pops://"},
        {{"url", "pop://u@h", "tls", "off"}, NULL},
        {{"url", "pop://u@h", "tls", "off", "pin", PIN}, "tls is off, but ca-file"},
        {{"url", "pop://u@h", "tls", "off", "ca-file", "/dev/null"}, "tls is off, but ca-file"},
        {{"url", "pop://u@h", "tls", "off", "token-command", "x"}, "tls is off, but ca-file"},
        {{"url", "pops://u@h", "verify", "pin"}, "verify is pin, but there is no pin"},
        {{"url", "pops://u@h", "verify", "pin", "pin", PIN}, NULL},
        {{"url", "pops://u@h", "client-key", "/dev/null"}, "there is a client-key, but no client-cert"},
        {{"url", "pops://u@h", "client-cert", "/nowhere"}, "client-cert: there is no file /nowhere"},
        {{"url", "pops://u@h", "ca-file", "/nowhere"}, "ca-file: there is no file /nowhere"},
        {{"url", "pops://u@h", "password-file", "/nowhere"}, "password-file: there is no file /nowhere"},
        {{"url", "pops://u@h", "password", "x", "password-command", "x"}, "of password, password-command"},
        {{"url", "pops://u@h", "token-command", "x", "password-command", "x"}, "of password, password-command"},
        {{"url", "pops://u@h", "token-command", "x"}, NULL},
    };
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *found = check(&rows[i], &error) ? "" : error.what;
        const char *expected = rows[i].wrong != NULL ? rows[i].wrong : "";
        if (strncmp(found, expected, expected[0] != '\0' ? strlen(expected) : 1) != 0) {
            fail_msg("row %zu: %s", i, found);
        }
    }
}

static void clear_text_has_a_warning(void **state) {
    static const struct {
        const char *url;
        const char *tls;
        bool warned;
    } rows[] = {{"pop://u@h", "off", true},
                {"pop://u@h", "on", false},
                {"pops://u@h", "on", false},
                {"pop://u@localhost", "off", false},
                {"pop://u@127.0.0.1", "off", false},
                {"pop://u@[::1]", "off", false},
                {"pop://u@127.evil.example", "off", true}};
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct account *account = account_from_url(rows[i].url, &error);
        assert_non_null(account);
        assert_true(account_set(account, "tls", rows[i].tls, &error));
        assert_int_equal(account_warning(account) != NULL, rows[i].warned);
        account_free(account);
    }
}

/* ---- Identity ---- */

static size_t identity(const char *url, char *out) {
    struct account_error error;
    struct account *account = account_from_url(url, &error);
    size_t n;

    assert_non_null(account);
    n = account_identity(account, out);
    account_free(account);
    return n;
}

static void D_27_one_mailbox_has_one_identity(void **state) {
    static const char *const same[] = {"pops://Me@mail.example.org", "pop://Me@MAIL.example.ORG",
                                       "pops://Me;AUTH=APOP@mail.example.org:995", "pops://Me@mail.example.org:110"};
    static const char *const others[] = {"pops://me@mail.example.org", "pops://Me@mail.example.com",
                                         "pops://Me@mail.example.org:1995", "pops://mail.example.org"};
    static const char expected[] = "mail.example.org\0Me\0"
                                   "995";
    char out[ACCOUNT_IDENTITY_MOST];

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_int_equal(identity(same[i], out), sizeof expected - 1);
        assert_memory_equal(out, expected, sizeof expected - 1);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t n = identity(others[i], out);
        assert_true(n != sizeof expected - 1 || memcmp(out, expected, n) != 0);
    }
}

static void the_longest_identity_has_room(void **state) {
    char url[1100];
    char host[256];
    char user[256];
    char out[ACCOUNT_IDENTITY_MOST];

    (void)state;
    memset(host, 'h', sizeof host);
    memset(user, 'u', sizeof user);
    host[255] = '\0';
    user[255] = '\0';
    (void)snprintf(url, sizeof url, "pops://%s@%s:65535", user, host);
    assert_int_equal(identity(url, out), 255 + 1 + 255 + 1 + 5);
    assert_true(255 + 1 + 255 + 1 + 5 < ACCOUNT_IDENTITY_MOST);
}

static void a_user_has_no_more_octets_than_in_urls(void **state) {
    struct account_error error;
    struct account *account = account_from_url("pops://h", &error);
    char user[257];

    (void)state;
    memset(user, 'u', sizeof user);
    user[256] = '\0';
    assert_non_null(account);
    assert_false(account_set(account, "user", user, &error));
    assert_true(account_set(account, "user", user + 1, &error));
    account_free(account);
}

/* ---- The client ---- */

static void the_client_gets_all_of_it(void **state) {
    static const char *const set[][2] = {
        {"auth", "PLAIN"},         {"alpn", "x"},           {"ca-file", "/a"},         {"pin", PIN},
        {"verify", "pin"},         {"client-cert", "/b"},   {"client-key", "/c"},      {"pipelining", "on"},
        {"timeout-connect", "7s"}, {"timeout-reply", "9s"}, {"timeout-session", "11s"}};
    struct account_error error;
    struct account *account = account_from_url("pops://u@h:99", &error);
    char password[] = "p";
    struct account_credentials credentials = {.password = password};
    pop3_client_options options;

    (void)state;
    assert_non_null(account);
    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
        assert_true(account_set(account, set[i][0], set[i][1], &error));
    }
    account_client_options(account, &credentials, &options);
    assert_int_equal(options.size, sizeof options);
    assert_string_equal(options.host, "h");
    assert_int_equal(options.port, 99);
    assert_int_equal(options.tls, POP3_TLS_IMPLICIT);
    assert_string_equal(options.user, "u");
    assert_string_equal(options.password, "p");
    assert_null(options.token);
    assert_string_equal(options.auth, "PLAIN");
    assert_string_equal(options.alpn, "x");
    assert_string_equal(options.ca_file, "/a");
    assert_string_equal(options.pin, PIN);
    assert_true(options.verify_pin_only);
    assert_string_equal(options.client_cert, "/b");
    assert_string_equal(options.client_key, "/c");
    assert_int_equal(options.pipelining, POP3_CLIENT_PIPELINING_ON);
    assert_int_equal(options.connect_ms, 7000);
    assert_int_equal(options.handshake_ms, 7000);
    assert_int_equal(options.greeting_ms, 9000);
    assert_int_equal(options.reply_ms, 9000);
    assert_int_equal(options.idle_ms, 9000);
    assert_int_equal(options.login_ms, 27000);
    assert_int_equal(options.session_ms, 11000);
    account_client_options(account, NULL, &options);
    assert_null(options.password);
    account_free(account);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(R_2384_01_accounts_from_urls),
        cmocka_unit_test(a_url_that_is_none_is_refused_and_not_repeated),
        cmocka_unit_test(what_fits_together),
        cmocka_unit_test(clear_text_has_a_warning),
        cmocka_unit_test(D_27_one_mailbox_has_one_identity),
        cmocka_unit_test(the_longest_identity_has_room),
        cmocka_unit_test(a_user_has_no_more_octets_than_in_urls),
        cmocka_unit_test(the_client_gets_all_of_it),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}

/* SPDX-License-Identifier: MIT */
/* pop:// and pops:// by RFC 2384: R-2384-01, R-2384-02, A-13. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <satchel/pop3_client.h>

static void urls_say_what_they_say(void **state) {
    static const struct {
        const char *text;
        pop3_client_url url;
    } rows[] = {
        {"pop://rg@mailsrv.qualcomm.com", {POP3_TLS_STLS, 110, "rg", "", "mailsrv.qualcomm.com"}},
        {"pop://rg;AUTH=+APOP@mail.eudora.com:8110", {POP3_TLS_STLS, 8110, "rg", "APOP", "mail.eudora.com"}},
        {"pop://baz;AUTH=SCRAM-MD5@foo.bar", {POP3_TLS_STLS, 110, "baz", "SCRAM-MD5", "foo.bar"}},
        {"POPS://u%40x%3Ay;auth=*@h:", {POP3_TLS_IMPLICIT, 995, "u@x:y", "", "h"}},
        {"pops://h", {POP3_TLS_IMPLICIT, 995, "", "", "h"}},
        {"pops://%C3%BC@[::1]:65535", {POP3_TLS_IMPLICIT, 65535, "\xc3\xbc", "", "::1"}},
        {"pop://127.0.0.1:1", {POP3_TLS_STLS, 1, "", "", "127.0.0.1"}},
    };
    pop3_client_url url;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(pop3_client_url_parse(&url, rows[i].text));
        assert_int_equal(url.tls, rows[i].url.tls);
        assert_int_equal(url.port, rows[i].url.port);
        assert_string_equal(url.user, rows[i].url.user);
        assert_string_equal(url.auth, rows[i].url.auth);
        assert_string_equal(url.host, rows[i].url.host);
    }
}

static void what_is_none_is_refused(void **state) {
    static const char *const rows[] = {"",
                                       "pop:",
                                       "pop:/h",
                                       "imap://h",
                                       "//h",
                                       "pop://",
                                       "pop://@h",
                                       "pop://u@",
                                       "pop://u:p@h",
                                       "pop://u:p;AUTH=*@h",
                                       "pop://u;x=1@h",
                                       "pop://u;AUTH=@h",
                                       "pop://u;AUTH=+@h",
                                       "pop://;AUTH=*@h",
                                       "pop://h/",
                                       "pop://h/x",
                                       "pop://h?x",
                                       "pop://h#x",
                                       "pop://u@h:0",
                                       "pop://u@h:65536",
                                       "pop://u@h:99999999999999999999",
                                       "pop://h:1x",
                                       "pop://h:-1",
                                       "pop://[::1",
                                       "pop://[::1]x",
                                       "pop://[h]",
                                       "pop://[]",
                                       "pop://a@b@c",
                                       "pop://u%@h",
                                       "pop://u%4@h",
                                       "pop://u%4g@h",
                                       "pop://u x@h",
                                       "pop://u;AUTH=PLAIN%20LOGIN@h",
                                       "pop://h%2Fx"};
    pop3_client_url url;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_non_null(pop3_client_url_parse(&url, rows[i]));
        assert_string_equal(url.host, "");
    }
}

/* A-13, in each part. */
static void controls_are_refused(void **state) {
    static const char *const parts[] = {"pop://u%%%02X@h", "pop://u;AUTH=P%%%02X@h", "pop://h%%%02X"};
    char text[64];
    pop3_client_url url;

    (void)state;
    for (unsigned octet = 0; octet <= 0x7F; octet = octet == 0x1F ? 0x7F : octet + 1) {
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
            (void)snprintf(text, sizeof text, parts[i], octet); /* NOLINT(-Wformat-nonliteral): parts[] */
            assert_non_null(pop3_client_url_parse(&url, text));
        }
    }
}

static void parts_have_their_longest(void **state) {
    char text[600] = "pop://";
    pop3_client_url url;

    (void)state;
    memset(text + 6, 'a', 255);
    memcpy(text + 6 + 255, "@h", 3);
    assert_null(pop3_client_url_parse(&url, text));
    assert_int_equal(strlen(url.user), 255);
    memset(text + 6, 'a', 256);
    memcpy(text + 6 + 256, "@h", 3);
    assert_non_null(pop3_client_url_parse(&url, text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_say_what_they_say),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(controls_are_refused),
        cmocka_unit_test(parts_have_their_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

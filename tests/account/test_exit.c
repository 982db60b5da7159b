/* SPDX-License-Identifier: MIT */
/* Every failure of the client library and its exit code (D-26). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sysexits.h>

#include <cmocka.h>

#include "account/account.h"

static int code_of(pop3_client_class class_, int code, bool reached, bool from_url) {
    pop3_client_error error = {.class_ = class_, .code = code};

    return account_exit_code(&error, reached, from_url);
}

static void each_class(void **state) {
    static const int codes[] = {
        [POP3_CLIENT_OK] = EX_OK,
        [POP3_CLIENT_ARG] = EX_CONFIG,
        [POP3_CLIENT_STATE] = EX_SOFTWARE,
        [POP3_CLIENT_NAME] = EX_NOHOST,
        [POP3_CLIENT_CONNECT] = EX_UNAVAILABLE,
        [POP3_CLIENT_TIMEOUT] = EX_TEMPFAIL,
        [POP3_CLIENT_TLS] = EX_PROTOCOL,
        [POP3_CLIENT_CREDENTIALS] = EX_NOPERM,
        [POP3_CLIENT_BUSY] = EX_TEMPFAIL,
        [POP3_CLIENT_REFUSED] = EX_PROTOCOL,
        [POP3_CLIENT_PROTOCOL] = EX_PROTOCOL,
        [POP3_CLIENT_CLOSED] = EX_TEMPFAIL,
        [POP3_CLIENT_CANCELLED] = ACCOUNT_EXIT_CANCELLED,
        [POP3_CLIENT_SINK] = EX_IOERR,
        [POP3_CLIENT_MEMORY] = EX_OSERR,
        [POP3_CLIENT_SYSTEM] = EX_OSERR,
    };

    (void)state;
    assert_int_equal(sizeof codes / sizeof codes[0], POP3_CLIENT_SYSTEM + 1);
    for (int class_ = POP3_CLIENT_OK; class_ <= POP3_CLIENT_SYSTEM; class_++) {
        assert_int_equal(code_of((pop3_client_class)class_, 0, true, false), codes[class_]);
    }
}

/* Whom to believe is a matter of credentials, what is spoken one of the protocol. */
static void each_failure_of_tls(void **state) {
    static const int codes[] = {
        [POP3_CLIENT_TLS_HANDSHAKE] = EX_PROTOCOL, [POP3_CLIENT_TLS_NO_STLS] = EX_PROTOCOL,
        [POP3_CLIENT_TLS_CERTIFICATE] = EX_NOPERM, [POP3_CLIENT_TLS_EXPIRED] = EX_NOPERM,
        [POP3_CLIENT_TLS_IDENTITY] = EX_NOPERM,    [POP3_CLIENT_TLS_PIN] = EX_NOPERM,
        [POP3_CLIENT_TLS_ALPN] = EX_PROTOCOL,      [POP3_CLIENT_TLS_CLIENT] = EX_NOPERM,
    };

    (void)state;
    for (int failure = POP3_CLIENT_TLS_HANDSHAKE; failure <= POP3_CLIENT_TLS_CLIENT; failure++) {
        assert_int_equal(code_of(POP3_CLIENT_TLS, failure, true, false), codes[failure]);
    }
}

static void the_options_are_the_command_lines(void **state) {
    (void)state;
    assert_int_equal(code_of(POP3_CLIENT_ARG, 0, false, true), EX_USAGE);
}

static void silence_before_a_connection_is_no_connection(void **state) {
    (void)state;
    assert_int_equal(code_of(POP3_CLIENT_TIMEOUT, 0, false, false), EX_UNAVAILABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class),
        cmocka_unit_test(each_failure_of_tls),
        cmocka_unit_test(the_options_are_the_command_lines),
        cmocka_unit_test(silence_before_a_connection_is_no_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

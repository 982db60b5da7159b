/* SPDX-License-Identifier: MIT */
/* N-40: which credentials go out, when, and what create returns; each case with its wire trace. N-41, N-B01, N-B09..11. */
#include "cases.h"

#ifdef NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK
#define FALLBACK false
#else
#define FALLBACK true
#endif

static struct {
    UINT apop;
    UINT status;
    ULONG least_ticks;
    ULONG most_ticks;
} expected;

static void create_session(void) {
    ULONG start = tx_time_get();
    ULONG ticks;

    check_equal(create_apop(expected.apop), expected.status);
    ticks = tx_time_get() - start;
    check(ticks >= expected.least_ticks);
    check(ticks <= expected.most_ticks);
    if (expected.status == NX_SUCCESS) {
        check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
    }
    check_equal(host_packets_out(), 0);
    check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
    nothing_is_left();
}

static void play_create(const struct step *script, size_t steps, UINT apop, UINT status) {
    const struct world world = {.script = script, .steps = steps, .client = create_session};

    expected.apop = apop;
    expected.status = status;
    expected.most_ticks = expected.most_ticks != 0 ? expected.most_ticks : 20;
    world_play_each_way(&world, 5);
    memset(&expected, 0, sizeof expected);
}

#define PLAY_CREATE(script, apop, status) play_create(script, COUNT(script), apop, status)

static const struct step user_pass[] = {
    S("+OK " TIMESTAMP "\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n"), S_OK,
};

static const struct step apop[] = {S("+OK POP3 " TIMESTAMP "\r\n"), C(APOP_LINE), S_OK};

static void test_N_40_off_is_user_pass_even_with_a_timestamp(void **state) {
    (void)state;
    PLAY_CREATE(user_pass, NX_FALSE, NX_SUCCESS);
}

static void test_N_40_on_is_apop(void **state) {
    (void)state;
    PLAY_CREATE(apop, NX_TRUE, NX_SUCCESS);
    PLAY_CREATE(apop, NX_POP3_APOP_REQUIRED, NX_SUCCESS);
}

static const struct step no_timestamp[] = {
    S("+OK POP3 server ready\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n"), S_OK,
};

static const struct step no_timestamp_and_nothing[] = {S("+OK POP3 server ready\r\n")};

static void test_N_40_no_timestamp(void **state) {
    (void)state;
    if (FALLBACK) {
        PLAY_CREATE(no_timestamp, NX_TRUE, NX_SUCCESS);
    } else {
        PLAY_CREATE(no_timestamp_and_nothing, NX_TRUE, NX_POP3_APOP_FAILED_MD5_DIGEST);
    }
    PLAY_CREATE(no_timestamp_and_nothing, NX_POP3_APOP_REQUIRED, NX_POP3_APOP_FAILED_MD5_DIGEST);
}

static const struct step refused[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR permission denied\r\n"), C("USER mrose\r\n"), S_OK,
    C("PASS tanstaaf\r\n"),     S_OK,
};

static const struct step refused_with_code[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [AUTH] wrong\r\n"), C("USER mrose\r\n"), S_OK,
    C("PASS tanstaaf\r\n"),     S_OK,
};

static const struct step refused_with_level[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [AUTH/x] wrong\r\n"), C("USER mrose\r\n"), S_OK,
    C("PASS tanstaaf\r\n"),     S_OK,
};

static const struct step refused_for_good[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR denied\r\n")};

static void test_N_40_apop_refused(void **state) {
    (void)state;
    if (FALLBACK) {
        PLAY_CREATE(refused, NX_TRUE, NX_SUCCESS);
        PLAY_CREATE(refused_with_code, NX_TRUE, NX_SUCCESS);
        PLAY_CREATE(refused_with_level, NX_TRUE, NX_SUCCESS);
    } else {
        PLAY_CREATE(refused_for_good, NX_TRUE, NX_POP3_APOP_FAILED_MD5_DIGEST);
    }
    PLAY_CREATE(refused_for_good, NX_POP3_APOP_REQUIRED, NX_POP3_APOP_FAILED_MD5_DIGEST);
}

static const struct step in_use[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [IN-USE] locked\r\n")};
static const struct step delay[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [LOGIN-DELAY] wait\r\n")};
static const struct step temporary[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [SYS/TEMP] disk\r\n")};
static const struct step permanent[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [sys/perm/x] no\r\n")};

static const struct step unclosed[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [AUTH\r\n")};
static const struct step longer[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [AUTHX] no\r\n")};
static const struct step spaced[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR [AUTH ] no\r\n")};

static void test_N_40_digest_not_judged(void **state) {
    (void)state;
    PLAY_CREATE(in_use, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(delay, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(temporary, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(permanent, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(unclosed, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(longer, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(spaced, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(in_use, NX_POP3_APOP_REQUIRED, NX_POP3_SERVER_ERROR_STATUS);
}

static const struct step silent[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE)};

static void test_N_40_apop_times_out(void **state) {
    (void)state;
    for (UINT value = NX_TRUE; value <= NX_POP3_APOP_REQUIRED; value++) {
        expected.least_ticks = NX_POP3_SERVER_REPLY_TIMEOUT;
        expected.most_ticks = NX_POP3_SERVER_REPLY_TIMEOUT + 20;
        PLAY_CREATE(silent, value, NX_NO_PACKET);
    }
}

static const struct step garbled[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("+OKAY\r\n")};
static const struct step closed[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), CLOSE};
static const struct step reset[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), RESET};
static const struct step closed_inside[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR permis"), CLOSE};

static void test_N_40_protocol_error_or_lost_connection(void **state) {
    (void)state;
    for (UINT value = NX_TRUE; value <= NX_POP3_APOP_REQUIRED; value++) {
        PLAY_CREATE(garbled, value, NX_POP3_SERVER_ERROR_STATUS);
        PLAY_CREATE(closed, value, NX_NOT_CONNECTED);
        PLAY_CREATE(reset, value, NX_NOT_CONNECTED);
        PLAY_CREATE(closed_inside, value, NX_NOT_CONNECTED);
    }
}

static const struct step all_refused[] = {
    S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE),     S("-ERR\r\n"), C("USER mrose\r\n"), S("+OK\r\n"),
    C("PASS tanstaaf\r\n"),     S("-ERR no\r\n"),
};

static void test_N_40_fallback_refused_too(void **state) {
    (void)state;
    if (FALLBACK) {
        PLAY_CREATE(all_refused, NX_TRUE, NX_POP3_SERVER_ERROR_STATUS);
    }
}

/* ---- Greetings ---- */

static void greeting_without_apop(const char *octets, size_t n) {
    const struct step script[] = {S_OCTETS(octets, n)};

    PLAY_CREATE(script, NX_POP3_APOP_REQUIRED, NX_POP3_APOP_FAILED_MD5_DIGEST);
}

#define NO_APOP(text) greeting_without_apop("+OK " text "\r\n", sizeof("+OK " text "\r\n") - 1)

static void test_A_01_N_B10_malformed_timestamps_are_none(void **state) {
    (void)state;
    NO_APOP("<1896.697170952dbc.mtview.ca.us>");
    NO_APOP("<1896@697@dbc>");
    NO_APOP("<@dbc>");
    NO_APOP("<1896@>");
    NO_APOP("<>");
    NO_APOP("<1896@dbc");
    NO_APOP("1896@dbc>");
    NO_APOP("<18 96@dbc>");
    NO_APOP("<1896@d\xE4"
            "bc>");
    NO_APOP("<1896@dbc\x01>");
    NO_APOP("<1896\0@dbc>");
    NO_APOP("<<1896@dbc>>");
}

static void test_N_B10_timestamp_over_75_octets_is_none(void **state) {
    static char greeting[600];
    static const struct step digest_75[] = {
        S("+OK <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b>\r\n"),
        C("APOP mrose ed2e067998c752081d4145782cf0ca6e\r\n"),
        S_OK,
    };

    (void)state;
    PLAY_CREATE(digest_75, NX_TRUE, NX_SUCCESS);
    for (size_t n = 76; n < 500; n += 60) {
        memset(greeting, 'a', sizeof greeting);
        memcpy(greeting, "+OK <", 5);
        memcpy(greeting + 4 + n - 3, "@b>\r\n", 5);
        greeting_without_apop(greeting, 4 + n + 2);
    }
}

/* The timestamp is found wherever it stands in a greeting of up to 512 octets. */
static void test_N_40_timestamp_anywhere_in_512_octets(void **state) {
    static char greeting[513];
    const size_t stamp = sizeof TIMESTAMP - 1;

    (void)state;
    for (size_t at = 3; at <= 510 - stamp; at += at < 90 || at > 400 ? 3 : 17) {
        const struct step script[] = {S_OCTETS(greeting, 512), C(APOP_LINE), S_OK};

        memset(greeting, 'x', sizeof greeting);
        memcpy(greeting, "+OK", 3);
        if (at > 3) {
            greeting[3] = ' ';
        }
        memcpy(greeting + at, TIMESTAMP, stamp);
        memcpy(greeting + 510, "\r\n", 2);
        expected.apop = NX_POP3_APOP_REQUIRED;
        expected.most_ticks = 20;
        PLAY(script, create_session);
        PLAY(script, create_session, .send_size = 1 + at % 90);
        PLAY(script, create_session, .arrival = ARRIVE_CHAINED, .segment = 1 + (unsigned)at % 90);
    }
    memset(&expected, 0, sizeof expected);
}

static const struct step two_timestamps[] = {
    S("+OK <not one> <1@2@3> " TIMESTAMP " <second@one>\r\n"),
    C(APOP_LINE),
    S_OK,
};
static const struct step glued[] = {S("+OK" TIMESTAMP "\r\n"), C(APOP_LINE), S_OK};
static const struct step lower_case[] = {S("+ok " TIMESTAMP "\r\n"), C(APOP_LINE), S("+Ok\r\n")};

static void test_N_40_first_valid_timestamp_counts(void **state) {
    (void)state;
    PLAY_CREATE(two_timestamps, NX_TRUE, NX_SUCCESS);
    PLAY_CREATE(glued, NX_TRUE, NX_SUCCESS);
    PLAY_CREATE(lower_case, NX_TRUE, NX_SUCCESS);
}

static void bad_greeting(const char *octets, size_t n, UINT status) {
    const struct step script[] = {S_OCTETS(octets, n)};

    PLAY_CREATE(script, NX_FALSE, status);
    PLAY_CREATE(script, NX_TRUE, status);
}

#define BAD_GREETING(text) bad_greeting(text, sizeof(text) - 1, NX_POP3_SERVER_ERROR_STATUS)

static void test_N_B08_bad_greetings(void **state) {
    (void)state;
    BAD_GREETING("-ERR busy\r\n");
    BAD_GREETING("-ERR\r\n");
    BAD_GREETING("+OKAY\r\n");
    BAD_GREETING("+FOO " TIMESTAMP "\r\n");
    BAD_GREETING("200 ok\r\n");
    BAD_GREETING("\r\n");
    BAD_GREETING("\0+OK\r\n");
    BAD_GREETING("\xEF\xBB\xBF+OK\r\n");
    BAD_GREETING(" +OK\r\n");
    BAD_GREETING("+ \r\n");
}

static void test_greeting_without_end(void **state) {
    static char line[3000];
    const struct step script[] = {S_OCTETS(line, sizeof line)};

    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, "+OK ", 4);
    expected.status = NX_POP3_SERVER_ERROR_STATUS;
    expected.most_ticks = 20;
    PLAY(script, create_session, .script_may_break = true);
    PLAY(script, create_session, .script_may_break = true, .send_size = 100);
    memset(&expected, 0, sizeof expected);
}

static const struct step nothing_said[] = {PAUSE(1)};
static const struct step half_a_greeting[] = {S("+OK POP3 ser")};

static void test_A_09_silent_greeting(void **state) {
    (void)state;
    expected.least_ticks = NX_POP3_SERVER_REPLY_TIMEOUT;
    expected.most_ticks = NX_POP3_SERVER_REPLY_TIMEOUT + 20;
    PLAY_CREATE(nothing_said, NX_TRUE, NX_NO_PACKET);
    expected.least_ticks = NX_POP3_SERVER_REPLY_TIMEOUT;
    expected.most_ticks = NX_POP3_SERVER_REPLY_TIMEOUT + 20;
    PLAY_CREATE(half_a_greeting, NX_FALSE, NX_NO_PACKET);
}

/* ---- USER and PASS ---- */

static const struct step user_refused[] = {S("+OK\r\n"), C("USER mrose\r\n"), S("-ERR never heard of mrose\r\n")};
static const struct step pass_refused[] = {
    S("+OK\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n"), S("-ERR wrong password\r\n"),
};
static const struct step pass_silent[] = {S("+OK\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n")};
static const struct step pass_nul[] = {
    S("+OK\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n"), S("\0\0\0\0\0\0\0\0\r\n"),
};

static void test_N_41_N_B01_rejected_pass_is_an_error(void **state) {
    (void)state;
    PLAY_CREATE(pass_refused, NX_FALSE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(pass_nul, NX_FALSE, NX_POP3_SERVER_ERROR_STATUS);
    PLAY_CREATE(user_refused, NX_FALSE, NX_POP3_SERVER_ERROR_STATUS);
    expected.least_ticks = NX_POP3_SERVER_REPLY_TIMEOUT;
    expected.most_ticks = NX_POP3_SERVER_REPLY_TIMEOUT + 20;
    PLAY_CREATE(pass_silent, NX_FALSE, NX_NO_PACKET);
}

/* N-57: octets that came too early answer nothing. Each in the packet of the reply before it, and in one of its own. */
static const struct step early_1[] = {S("+OK\r\n+OK\r\n+OK\r\n")};
static const struct step early_2[] = {S("+OK\r\n"), S("+OK\r\n")};
static const struct step early_3[] = {S("+OK " TIMESTAMP "\r\n\r\n")};
static const struct step early_4[] = {S("+OK\r\n"), C("USER mrose\r\n"), S("+OK\r\n+OK\r\n")};
static const struct step early_5[] = {S("+OK\r\n"), C("USER mrose\r\n"), S("+OK\r\n"), S("+")};
static const struct step early_6[] = {S("+OK\r\n"), C("USER mrose\r\n"), S_OK, C("PASS tanstaaf\r\n"),
                                      S("+OK\r\n+OK\r\n")};
static const struct step early_7[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("+OK\r\n+OK 1 1\r\n")};
static const struct step early_8[] = {S("+OK " TIMESTAMP "\r\n"), C(APOP_LINE), S("-ERR\r\n+OK\r\n+OK\r\n")};

static void early(const struct step *script, size_t steps) {
    struct world world = {.script = script, .steps = steps, .client = create_session};

    expected.apop = NX_TRUE;
    expected.status = NX_POP3_SERVER_ERROR_STATUS;
#ifdef NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK
    expected.apop = NX_FALSE;
#endif
    expected.most_ticks = 20;
    world_play(&world);
    memset(&expected, 0, sizeof expected);
}

static void test_N_57_early_octets_inside_create(void **state) {
    (void)state;
    early(early_1, COUNT(early_1));
    early(early_2, COUNT(early_2));
    early(early_3, COUNT(early_3));
    early(early_4, COUNT(early_4));
    early(early_5, COUNT(early_5));
    early(early_6, COUNT(early_6));
    if (FALLBACK) {
        early(early_7, COUNT(early_7));
        early(early_8, COUNT(early_8));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_40_off_is_user_pass_even_with_a_timestamp),
        cmocka_unit_test(test_N_40_on_is_apop),
        cmocka_unit_test(test_N_40_no_timestamp),
        cmocka_unit_test(test_N_40_apop_refused),
        cmocka_unit_test(test_N_40_digest_not_judged),
        cmocka_unit_test(test_N_40_apop_times_out),
        cmocka_unit_test(test_N_40_protocol_error_or_lost_connection),
        cmocka_unit_test(test_N_40_fallback_refused_too),
        cmocka_unit_test(test_A_01_N_B10_malformed_timestamps_are_none),
        cmocka_unit_test(test_N_B10_timestamp_over_75_octets_is_none),
        cmocka_unit_test(test_N_40_timestamp_anywhere_in_512_octets),
        cmocka_unit_test(test_N_40_first_valid_timestamp_counts),
        cmocka_unit_test(test_N_B08_bad_greetings),
        cmocka_unit_test(test_greeting_without_end),
        cmocka_unit_test(test_A_09_silent_greeting),
        cmocka_unit_test(test_N_41_N_B01_rejected_pass_is_an_error),
        cmocka_unit_test(test_N_57_early_octets_inside_create),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}

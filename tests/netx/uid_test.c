/* SPDX-License-Identifier: MIT */
/* nx_pop3_client_mail_item_uid_get: UIDL n (N-50), and the bounds of a uid. */
#include "cases.h"

#define PLAY_MORE(script, client, ...) PLAY(script, client, .more_commands = true, __VA_ARGS__)

#define UID_70 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!~[]/..."

static UINT uid_get(UINT item, const char *expected) {
    CHAR uid[71];
    UINT status;

    memset(uid, 'u', sizeof uid);
    status = nx_pop3_client_mail_item_uid_get(&pop3, item, uid, sizeof uid);
    check_equal(memchr(uid, '\0', sizeof uid) != NULL, true);
    check(strcmp(uid, status == NX_SUCCESS ? expected : "") == 0);
    return status;
}

static void uid_session(void) {
    CHAR small[5];

    log_in();
    check_equal(uid_get(1, ""), NX_POP3_INVALID_MAIL_ITEM);
    stat(2, 320);
    check_equal(uid_get(0, ""), NX_POP3_CLIENT_INVALID_INDEX);
    check_equal(uid_get(3, ""), NX_POP3_INVALID_MAIL_ITEM);
    check_equal(uid_get(1, "whqtswO00WBw418f9t5JxYwZ"), NX_SUCCESS);
    check_equal(uid_get(2, UID_70), NX_SUCCESS);
    check_equal(uid_get(2, "../../x"), NX_SUCCESS);
    check_equal(uid_get(2, ""), NX_POP3_SERVER_ERROR_STATUS); /* -ERR: the session goes on */
    memset(small, 'u', sizeof small);
    check_equal(nx_pop3_client_mail_item_uid_get(&pop3, 1, small, 4), NX_SIZE_ERROR);
    check_equal(small[0], '\0');
    check_equal(small[4], 'u');
    check_equal(nx_pop3_client_mail_item_uid_get(&pop3, 1, small, 5), NX_SUCCESS);
    check(strcmp(small, "four") == 0);
    check_equal(nx_pop3_client_mail_item_uid_get(&pop3, 1, small, 0), NX_SIZE_ERROR);
    check_equal(uid_get(1, ""), NX_SIZE_ERROR); /* 255 octets */
    quit_and_delete();
}

#define A_51 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct step uid_script[] = {
    LOGIN,
    STAT("2 320"),
    C("UIDL 1\r\n"),
    S("+OK 1 whqtswO00WBw418f9t5JxYwZ\r\n"),
    C("UIDL 2\r\n"),
    S("+OK 2 " UID_70 "\r\n"),
    C("UIDL 2\r\n"),
    S("+OK 2   ../../x  \r\n"),
    C("UIDL 2\r\n"),
    S("-ERR no such message\r\n"),
    C("UIDL 1\r\n"),
    S("+OK 1 four\r\n"),
    C("UIDL 1\r\n"),
    S("+OK 1 four\r\n"),
    C("UIDL 1\r\n"),
    S("+OK 1 four\r\n"),
    C("UIDL 1\r\n"),
    S("+OK 1 " A_51 A_51 A_51 A_51 A_51 "\r\n"),
    QUIT,
};

static void test_N_50_uid(void **state) {
    (void)state;
    PLAY_MORE(uid_script, uid_session, .send_size = 0);
    PLAY_MORE(uid_script, uid_session, .send_size = 1);
    PLAY_MORE(uid_script, uid_session, .send_size = 50);
    PLAY_MORE(uid_script, uid_session, .arrival = ARRIVE_CHAINED, .segment = 9, .empty_segments = true);
}

static void bad_uid_session(void) {
    log_in();
    stat(2, 320);
    check_equal(uid_get(1, ""), NX_POP3_SERVER_ERROR_STATUS);
    session_is_dead();
}

static void test_A_07_A_23_uid_of_another_item_or_none(void **state) {
    static const struct step replies[] = {
        S("+OK 2 uid\r\n"),
        S("+OK 0 uid\r\n"),
        S("+OK uid\r\n"),
        S("+OK\r\n"),
        S("+OK 1\r\n"),
        S("+OK 1  \r\n"),
        S("+OK 1 a\0b\r\n"),
        S("+OK 1 a\x7F\r\n"),
        S("+OK -1 uid\r\n"),
        S("+OK 4294967297 uid\r\n"),
        S("+OK 99999999999999999999 uid\r\n"),
        S("+OK 1uid\r\n"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(replies); i++) {
        const struct step script[] = {LOGIN, STAT("2 320"), C("UIDL 1\r\n"), replies[i]};

        PLAY_MORE(script, bad_uid_session, .send_size = 0);
    }
}

/* ---- uids of every length around the bounds ---- */

#define PREFIX "+OK 1 "
#define PREFIX_LENGTH (sizeof PREFIX - 1)
#define UID_MOST 1000  /* of a uid */
#define LINE_MOST 2048 /* octets of a status line (L-02) */

static size_t uid_length;

/* By rule: a line over 2,048 octets and a uid over 1,000 break the protocol; what the block's buffer cannot
 * hold with its CR, or the caller's with its NUL, is too large for it. */
static UINT status_for(UINT uid_size) {
    size_t line = PREFIX_LENGTH + uid_length + 1;
    size_t kept = line < NX_POP3_CLIENT_BUFFER_SIZE ? line - 1 : NX_POP3_CLIENT_BUFFER_SIZE;

    if (uid_length == 0 || line + 1 > LINE_MOST || kept - PREFIX_LENGTH > UID_MOST) {
        return NX_POP3_SERVER_ERROR_STATUS;
    }
    return line > NX_POP3_CLIENT_BUFFER_SIZE || uid_length >= uid_size ? NX_SIZE_ERROR : NX_SUCCESS;
}

static void uid_of_a_length_session(void) {
    for (UINT spare = 0; spare < 3; spare++) {
        UINT uid_size = (UINT)uid_length + spare;
        CHAR *uid = malloc(uid_size + 1); /* so that a sanitizer sees one octet too many */
        UINT status;

        check(uid != NULL);
        if (spare == 0) {
            log_in();
            stat(2, 320);
        }
        status = nx_pop3_client_mail_item_uid_get(&pop3, 1, uid, uid_size);
        check_equal(status, status_for(uid_size));
        if (status == NX_SUCCESS) {
            check_equal(strlen(uid), uid_length);
            check_equal(strspn(uid, "u"), uid_length);
        } else if (uid_size != 0) {
            check_equal(uid[0], '\0');
        }
        free(uid);
        if (status == NX_POP3_SERVER_ERROR_STATUS) {
            session_is_dead();
            return;
        }
    }
    quit_and_delete();
}

static void play_length(size_t length) {
    static char line[PREFIX_LENGTH + 65536 + 2];
    const struct step say = S_OCTETS(line, PREFIX_LENGTH + length + 2);
    const struct step script[] = {
        LOGIN, STAT("2 320"), C("UIDL 1\r\n"), say, C("UIDL 1\r\n"), say, C("UIDL 1\r\n"), say, QUIT,
    };
    struct world world = {
        .script = script,
        .steps = COUNT(script),
        .client = uid_of_a_length_session,
        .more_commands = true,
        .script_may_break = true,
    };

    uid_length = length;
    memset(line, 'u', sizeof line);
    memcpy(line, PREFIX, PREFIX_LENGTH);
    memcpy(line + PREFIX_LENGTH + length, "\r\n", 2);
    world_play(&world);
    world.send_size = 100;
    world_play(&world);
    if (WITH_CHAINS) {
        world.arrival = ARRIVE_CHAINED;
        world.segment = 33;
        world_play(&world);
    }
}

static void test_A_08_lengths_of_a_uid(void **state) {
    static const size_t lengths[] = {
        0, 1, 69, 70, 71, 72, 254, 255, 256, 257, 511, 512, 513, 514, 999, 1000, 1001, 2039, 2040, 2041, 65536,
    };
    const size_t fits = NX_POP3_CLIENT_BUFFER_SIZE - PREFIX_LENGTH - 1;

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        play_length(lengths[i]);
    }
    for (size_t length = fits - 3; length < fits + 4; length++) {
        play_length(length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_50_uid),
        cmocka_unit_test(test_A_07_A_23_uid_of_another_item_or_none),
        cmocka_unit_test(test_A_08_lengths_of_a_uid),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}

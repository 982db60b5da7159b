/* SPDX-License-Identifier: MIT */
/* NX_POP3_CLIENT_RAW_MESSAGE (N-42): the octets as received, stuffed, with the terminator, which is found at every split
 * all the same. N-36: what applications of the reference implementation do, STAT before RETR included. */
#include "cases.h"

#include "bodies.h"
#include "reference.h"
#include "script.h"

static struct script script;

/* Is a final packet with these octets counted as 0: at most 5 octets, all of them of the end of CRLF.CRLF? */
static bool is_bare_terminator(const char *octets, size_t n) {
    return n <= 5 && memcmp(octets, &"\r\n.\r\n"[5 - n], n) == 0;
}

static void raw_session(void) {
    log_in();
    stat(SCRIPT_ITEMS, 0);
    for (UINT i = 0; i < script.messages; i++) {
        const struct body *body = &bodies[i % COUNT(bodies)];
        UINT final_packet = NX_FALSE;
        size_t start = 0;

        check_equal(retr(i + 1), NX_SUCCESS);
        mail.length = 0;
        while (!final_packet) {
            start = mail.length;
            check_equal(read_packet(&final_packet), NX_SUCCESS);
            check(mail.last_bytes == mail.length - start || (final_packet && mail.last_bytes == 0));
        }
        check_octets(mail.octets, mail.length, body->wire, body->n);
        check_equal(mail.last_bytes == 0, is_bare_terminator(mail.octets + start, mail.length - start));
    }
    quit_and_delete();
}

static void play(struct world world) {
    script_begin(&script);
    for (size_t i = 0; i < COUNT(bodies); i++) {
        script_message(&script, bodies[i].wire, bodies[i].n, NULL, 0);
    }
    script_quit(&script);
    world.script = script.steps;
    world.steps = script.count;
    world.client = raw_session;
    world_play(&world);
}

static void test_N_42_raw_octets_at_every_size(void **state) {
    (void)state;
    for (unsigned size = 1; size < 12; size++) {
        play((struct world){.send_size = size});
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = size});
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = size, .empty_segments = true, .send_size = 6});
        play((struct world){.arrival = ARRIVE_TOGETHER, .segment = size});
    }
    play((struct world){.send_size = 1460});
}

static void test_N_42_raw_octets_at_every_split(void **state) {
    (void)state;
    for (size_t cut = 1; cut < 20; cut++) {
        script_begin(&script);
        for (size_t i = 0; i < COUNT(bodies); i++) {
            script_message(&script, bodies[i].wire, bodies[i].n, &cut, cut < bodies[i].n ? 1 : 0);
        }
        script_quit(&script);
        world_play(&(const struct world){.script = script.steps, .steps = script.count, .client = raw_session});
    }
}

/* ---- N-36 ---- */

/* Reads a mail as applications do: the sum of bytes_retrieved is that of the packets' lengths. */
static ULONG receive_mail(UINT item, ULONG size) {
    ULONG item_size = 0;
    UINT final_packet = NX_FALSE;
    ULONG sum = 0;

    check_equal(nx_pop3_client_mail_item_get(&pop3, item, &item_size), NX_SUCCESS);
    check_equal(item_size, size);
    mail.length = 0;
    while (!final_packet) {
        check_equal(read_packet(&final_packet), NX_SUCCESS);
        sum += mail.last_bytes;
    }
    return sum;
}

static void one_mail_session(void) {
    UINT items;
    ULONG octets;

    log_in();
    check_equal(nx_pop3_client_mail_items_get(&pop3, &items, &octets), NX_SUCCESS);
    check_equal(receive_mail(1, octets), octets + 3);
    check_octets(mail.octets, mail.length, MAIL_120 ".\r\n", 123);
    check_equal(dele(1), NX_SUCCESS);
    quit_and_delete();
}

static const struct step one_mail[] = {
    LOGIN, STAT("1 120"), C("RETR 1\r\n"), S("+OK 120 octets\r\n"), S(MAIL_120 ".\r\n"), C("DELE 1\r\n"), S_OK, QUIT,
};

static void test_N_36_mail_receive(void **state) {
    (void)state;
    PLAY(one_mail, one_mail_session);
    PLAY(one_mail, one_mail_session, .pools = POOLS_ONE);
    PLAY(one_mail, one_mail_session, .send_size = 50);
}

static void two_mails_session(void) {
    log_in();
    stat(2, 320);
    check_equal(receive_mail(1, 120), 123);
    check_equal(dele(1), NX_SUCCESS);
    check_equal(receive_mail(2, 200), 203);
    check_octets(mail.octets, mail.length, MAIL_200 ".\r\n", 203);
    check_equal(dele(2), NX_SUCCESS);
    quit_and_delete();
}

static const struct step two_mails[] = {
    LOGIN, STAT("2 320"),   C("RETR 1\r\n"), S_MAIL_120,      C("DELE 1\r\n"),
    S_OK,  C("RETR 2\r\n"), S_MAIL_200,      C("DELE 2\r\n"), S_OK,
    QUIT,
};

static void test_N_36_two_mails(void **state) {
    (void)state;
    PLAY(two_mails, two_mails_session);
    PLAY(two_mails, two_mails_session, .arrival = ARRIVE_CHAINED, .segment = 33);
}

/* The packet with the end marker alone is final and counts no octets. */
static void end_marker_session(void) {
    UINT final_packet;
    ULONG size;

    log_in();
    stat(1, 120);
    check_equal(nx_pop3_client_mail_item_get(&pop3, 1, &size), NX_SUCCESS);
    mail.length = 0;
    check_equal(read_packet(&final_packet), NX_SUCCESS);
    check_equal(mail.last_bytes, 118);
    check_equal(final_packet, NX_FALSE);
    check_equal(read_packet(&final_packet), NX_SUCCESS);
    check_equal(mail.last_bytes, 0);
    check_equal(final_packet, NX_TRUE);
    check_octets(mail.octets, mail.length, MAIL_120 ".\r\n", 123);
    quit_and_delete();
}

static void test_N_36_packet_with_end_marker(void **state) {
    static const struct step script_[] = {
        LOGIN, STAT("1 120"), C("RETR 1\r\n"), S("+OK 120\r\n"), S_OCTETS(MAIL_120, 118), S("\r\n.\r\n"), QUIT,
    };

    (void)state;
    PLAY(script_, end_marker_session);
}

/* From a server that ends lines with LF, a short final packet may be more than the end marker. */
static void lf_session(void) {
    UINT final_packet;

    log_in();
    stat(1, 2);
    check_equal(retr(1), NX_SUCCESS);
    mail.length = 0;
    check_equal(read_packet(&final_packet), NX_SUCCESS);
    check_equal(mail.last_bytes, 4);
    check_equal(final_packet, NX_TRUE);
    check_octets(mail.octets, mail.length, "a\n.\n", 4);
    quit_and_delete();
}

static void test_N_42_short_final_packet_with_text(void **state) {
    static const struct step script_[] = {
        S("+OK\n"),  C("USER mrose\r\n"), S("+OK\n"), C("PASS mvan99\r\n"), S("+OK\n"),
        STAT("1 2"), C("RETR 1\r\n"),     S("+OK\n"), S("a\n.\n"),          QUIT,
    };

    (void)state;
    PLAY(script_, lf_session);
}

/* ---- What holds in both modes ---- */

static void behind_session(void) {
    log_in();
    stat(1, 120);
    check_equal(retr(1), NX_SUCCESS);
    check_equal(read_mail(), NX_SUCCESS);
    check_octets(mail.octets, mail.length, MAIL_120 ".\r\n", 123);
    check_equal(dele(1), NX_POP3_CLIENT_INVALID_STATE);
    session_is_dead();
}

static void test_N_54_octets_behind_the_terminator(void **state) {
    static const struct step behind[] = {LOGIN, STAT("1 120"), C("RETR 1\r\n"), S("+OK\r\n" MAIL_120 ".\r\n+OK\r\n")};

    (void)state;
    PLAY(behind, behind_session);
    PLAY(behind, behind_session, .arrival = ARRIVE_CHAINED, .segment = 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_N_42_raw_octets_at_every_size),
        cmocka_unit_test(test_N_42_raw_octets_at_every_split),
        cmocka_unit_test(test_N_36_mail_receive),
        cmocka_unit_test(test_N_36_two_mails),
        cmocka_unit_test(test_N_36_packet_with_end_marker),
        cmocka_unit_test(test_N_42_short_final_packet_with_text),
        cmocka_unit_test(test_N_54_octets_behind_the_terminator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

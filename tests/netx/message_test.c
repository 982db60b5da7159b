/* SPDX-License-Identifier: MIT */
/* Bodies: un-stuffed, without the terminator, whatever the packets and chains they come in. Judged by the reference
 * decoder. F-02, A-24, N-42, N-55, N-56, N-B02, N-B04, N-B05. */
#include "cases.h"

#include "bodies.h"
#include "reference.h"
#include "script.h"

static struct script script;

/* What fetch_all expects of each item. */
static struct {
    const char *wire;
    size_t n;
} items[SCRIPT_ITEMS + 1];

static void begin(void) {
    script_begin(&script);
}

static void add_message(const char *wire, size_t n, const size_t *cuts, size_t cut_count) {
    script_message(&script, wire, n, cuts, cut_count);
    items[script.messages].wire = wire;
    items[script.messages].n = n;
}

static void fetch_all(void) {
    static char content[MAIL_ROOM];
    size_t length;

    log_in();
    stat(SCRIPT_ITEMS, 0);
    for (UINT item = 1; item <= script.messages; item++) {
        check_equal(reference_decode(items[item].wire, items[item].n, content, &length), items[item].n);
        fetch(item, content, length);
    }
    quit_and_delete();
}

static void play(struct world world) {
    script_quit(&script);
    world.script = script.steps;
    world.steps = script.count;
    world.client = fetch_all;
    world_play(&world);
    script.count -= 2;
}

static void add_all_bodies(void) {
    for (size_t i = 0; i < COUNT(bodies); i++) {
        add_message(bodies[i].wire, bodies[i].n, NULL, 0);
    }
}

static void test_F_02_A_24_N_B05_packets_of_1_2_7_1460(void **state) {
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 1460};

    (void)state;
    begin();
    add_all_bodies();
    for (size_t i = 0; i < COUNT(sizes); i++) {
        play((struct world){.send_size = sizes[i]});
        play((struct world){.arrival = ARRIVE_TOGETHER, .segment = (unsigned)sizes[i]});
        play((struct world){.send_size = sizes[i], .pools = POOLS_ONE, .ip_version = NX_IP_VERSION_V6});
    }
}

#ifndef NX_DISABLE_PACKET_CHAIN

static void test_F_02_A_24_N_B05_chains_of_segments_of_1_2_7(void **state) {
    (void)state;
    begin();
    add_all_bodies();
    for (unsigned segment = 1; segment <= 7; segment++) {
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = segment});
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = segment, .empty_segments = true});
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = segment, .send_size = 2 * segment + 1});
        play((struct world){
            .arrival = ARRIVE_CHAINED, .segment = segment, .empty_segments = true, .send_size = 3 * segment - 1});
    }
}

#endif

/* Every body, cut at each octet into two sends; whatever falls behind is in the next packet. */
static void test_F_02_A_24_every_two_way_split(void **state) {
    static const struct world worlds[] = {
        {.send_size = 0},
#ifndef NX_DISABLE_PACKET_CHAIN
        {.arrival = ARRIVE_CHAINED, .segment = 1},
        {.arrival = ARRIVE_CHAINED, .segment = 2, .empty_segments = true},
#endif
    };

    (void)state;
    begin();
    for (size_t i = 0; i < COUNT(bodies); i++) {
        for (size_t cut = 1; cut < bodies[i].n; cut++) {
            add_message(bodies[i].wire, bodies[i].n, &cut, 1);
        }
    }
    for (size_t i = 0; i < COUNT(worlds); i++) {
        play(worlds[i]);
    }
}

/* The bodies in which something is held back, cut at every two octets. */
static void test_F_02_A_24_every_three_way_split(void **state) {
    static const struct body held[] = {
        BODY("x\r\n.\r.\r\n.\r\n"),
        BODY(".\r.\r\n\r\n.\r\n"),
        BODY("..\r\n.\r\r\n.\r\n"),
        BODY("\r\n.\r\n"),
    };

    (void)state;
    begin();
    for (size_t i = 0; i < COUNT(held); i++) {
        for (size_t first = 1; first < held[i].n; first++) {
            for (size_t second = first + 1; second < held[i].n; second++) {
                add_message(held[i].wire, held[i].n, (const size_t[]){first, second}, 2);
            }
        }
    }
    play((struct world){.send_size = 0});
}

/* The status line too is cut anywhere (N-B02, N-B06): the reply comes in two sends. */
static void test_N_B02_reply_cut_anywhere(void **state) {
    static const char reply[] = "+OK 120 octets\r\n..x\r\ny\r\n.\r\n";
    static const char *const body = reply + 16;

    (void)state;
    begin();
    for (size_t cut = 1; cut < sizeof reply - 1; cut++) {
        script_retr(&script);
        script_say(&script, reply, cut);
        script_say(&script, reply + cut, sizeof reply - 1 - cut);
        items[script.messages].wire = body;
        items[script.messages].n = strlen(body);
    }
    play((struct world){.send_size = 0});
    play((struct world){.pools = POOLS_ONE});
#ifndef NX_DISABLE_PACKET_CHAIN
    play((struct world){.arrival = ARRIVE_CHAINED, .segment = 3});
    play((struct world){.arrival = ARRIVE_CHAINED, .segment = 1, .empty_segments = true});
#endif
}

static void test_F_02_long_lines(void **state) {
    static const size_t lengths[] = {998, 999, 1459, 1460, 1461, 65536};
    static char wire[COUNT(lengths)][65536 + 8];

    (void)state;
    begin();
    for (size_t i = 0; i < COUNT(lengths); i++) {
        memset(wire[i], '.', lengths[i]);
        memcpy(wire[i] + lengths[i], "\r\n.\r\n", 5);
        add_message(wire[i], lengths[i] + 5, NULL, 0);
    }
    play((struct world){.send_size = 0});
    play((struct world){.send_size = 536, .pools = POOLS_ONE});
#ifndef NX_DISABLE_PACKET_CHAIN
    play((struct world){.arrival = ARRIVE_CHAINED, .segment = 100});
#endif
}

/* ---- What is handed out, packet by packet ---- */

struct part {
    const char *octets;
    size_t n;
};

#define PART(text) \
    { text, sizeof(text) - 1 }

static const struct part *parts;
static size_t part_count;

static void parts_session(void) {
    UINT final_packet = NX_FALSE;

    log_in();
    stat(4000, 0);
    check_equal(retr(1), NX_SUCCESS);
    for (size_t i = 0; i < part_count; i++) {
        check_equal(final_packet, NX_FALSE);
        mail.length = 0;
        check_equal(read_packet(&final_packet), NX_SUCCESS);
        check_octets(mail.octets, mail.length, parts[i].octets, parts[i].n);
        check_equal(mail.last_bytes, parts[i].n);
    }
    check_equal(final_packet, NX_TRUE);
    check_equal(read_packet(&final_packet), NX_POP3_CLIENT_INVALID_STATE);
    quit_and_delete();
}

static void play_parts(struct world world, const struct part *sent, size_t sends, const struct part *handed_out,
                       size_t packets) {
    script_begin(&script);
    script_retr(&script);
    for (size_t i = 0; i < sends; i++) {
        script_say(&script, sent[i].octets, sent[i].n);
    }
    script_quit(&script);
    parts = handed_out;
    part_count = packets;
    world.script = script.steps;
    world.steps = script.count;
    world.client = parts_session;
    world_play(&world);
}

#define SENT(...) (const struct part[]){__VA_ARGS__}, COUNT(((const struct part[]){__VA_ARGS__}))
#define PLAY_PARTS(world, sent, handed_out) play_parts(world, sent, handed_out)
#define PACKETS ((struct world){.send_size = 0})
#define CHAINS(n) ((struct world){.arrival = ARRIVE_CHAINED, .segment = (n)})
#define CHAINS_AND_EMPTY(n) ((struct world){.arrival = ARRIVE_CHAINED, .segment = (n), .empty_segments = true})

static void test_N_07_final_packet_may_be_empty(void **state) {
    (void)state;
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n.\r\n")), SENT(PART("")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n"), PART(".\r\n")), SENT(PART("")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\nabc\r\n.\r\n")), SENT(PART("abc\r\n")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\nabc\r\n"), PART(".\r\n")), SENT(PART("abc\r\n"), PART("")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\nabc"), PART("\r\n.\r\n")), SENT(PART("abc"), PART("\r\n")));
}

static void test_N_B04_short_packet_in_mid_line_is_no_end(void **state) {
    (void)state;
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n"), PART("...end"), PART(".\r\n"), PART("more\r\n"), PART(".\r\n")),
               SENT(PART("..end"), PART(".\r\n"), PART("more\r\n"), PART("")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n"), PART("end"), PART(".\r\n.\r\n")), SENT(PART("end"), PART(".\r\n")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\nend"), PART("\r\n."), PART("\r"), PART("\n")),
               SENT(PART("end"), PART("\r\n"), PART("")));
}

static void test_N_55_emptied_packets_are_not_handed_out(void **state) {
    (void)state;
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n"), PART("."), PART("x\r\n"), PART("."), PART("\r"), PART("\n")),
               SENT(PART("x\r\n"), PART("")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n."), PART("."), PART("\r\n"), PART("."), PART("\r\n")),
               SENT(PART("."), PART("\r\n"), PART("")));
}

static void test_N_56_cr_into_the_header_room(void **state) {
    (void)state;
    /* Held in a packet handed out; in one that was emptied; with the dot in yet another; CR after CR. */
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\nab\r\n.\r"), PART("x\r\n.\r\n")), SENT(PART("ab\r\n"), PART("\rx\r\n")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\nab\r\n"), PART(".\r"), PART("x\r\n"), PART(".\r\n")),
               SENT(PART("ab\r\n"), PART("\rx\r\n"), PART("")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n."), PART("\r"), PART("x\r\n.\r\n")), SENT(PART("\rx\r\n")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n.\r"), PART("\r"), PART("\n.\r\n")), SENT(PART("\r\r"), PART("\n")));
    PLAY_PARTS(PACKETS, SENT(PART("+OK\r\n.\r"), PART(".\r\n"), PART(".\r\n")), SENT(PART("\r.\r\n"), PART("")));
    /* One octet a packet, and a body of 3,000 of them. */
    PLAY_PARTS(PACKETS,
               SENT(PART("+OK\r\n"), PART("."), PART("\r"), PART("."), PART("\r"), PART("\n"), PART("."), PART("\r"),
                    PART("\n")),
               SENT(PART("\r."), PART("\r"), PART("\n"), PART("")));
    PLAY_PARTS(((struct world){.pools = POOLS_ONE, .ip_version = NX_IP_VERSION_V6}),
               SENT(PART("+OK\r\nab\r\n.\r"), PART("x\r\n.\r\n")), SENT(PART("ab\r\n"), PART("\rx\r\n")));
}

#ifndef NX_DISABLE_PACKET_CHAIN

static void test_N_56_cr_into_a_segment_of_the_same_chain(void **state) {
    (void)state;
    /* "+OK\r\n" | "abc\r\n.\r" | "x..."; the CR goes behind "abc\r\n". */
    PLAY_PARTS(CHAINS(7), SENT(PART("+OK\r\n"), PART("abc\r\n.\rx\r\n.\r\n")), SENT(PART("abc\r\n\rx\r\n")));
    PLAY_PARTS(CHAINS_AND_EMPTY(7), SENT(PART("+OK\r\n"), PART("abc\r\n.\rx\r\n.\r\n")), SENT(PART("abc\r\n\rx\r\n")));
    /* Dot, CR and what follows in a segment each; the segments of dot and CR become empty and stay. */
    PLAY_PARTS(CHAINS(1), SENT(PART("+OK\r\n"), PART(".\rx\r\n.\r\n")), SENT(PART("\rx\r\n")));
    PLAY_PARTS(CHAINS_AND_EMPTY(1), SENT(PART("+OK\r\n"), PART(".\rx\r\n.\r\n")), SENT(PART("\rx\r\n")));
    PLAY_PARTS(CHAINS(2), SENT(PART("+OK\r\n"), PART(".\r.\r\n.\r\n")), SENT(PART("\r.\r\n")));
    PLAY_PARTS(CHAINS(2), SENT(PART("+OK\r\n"), PART(".\r\r\n.\r\n")), SENT(PART("\r\r\n")));
}

static void test_N_56_cr_before_a_chain(void **state) {
    (void)state;
    /* The head of the next chain takes it, an empty head too. */
    PLAY_PARTS(CHAINS(4), SENT(PART("+OK\r\n"), PART("a\r\n.\r"), PART("xyz.\r\n.\r\n")),
               SENT(PART("a\r\n"), PART("\rxyz.\r\n")));
    PLAY_PARTS(CHAINS_AND_EMPTY(4), SENT(PART("+OK\r\n"), PART("a\r\n.\r"), PART("xyz.\r\n.\r\n")),
               SENT(PART("a\r\n"), PART("\rxyz.\r\n")));
    PLAY_PARTS(CHAINS_AND_EMPTY(1), SENT(PART("+OK\r\n"), PART("a\r\n."), PART("\rx\r\n.\r\n")),
               SENT(PART("a\r\n"), PART("\rx\r\n")));
    /* A chain of which nothing is left is not handed out. */
    PLAY_PARTS(CHAINS_AND_EMPTY(1), SENT(PART("+OK\r\n"), PART("a\r\n"), PART(".\r"), PART("x\r\n.\r\n")),
               SENT(PART("a\r\n"), PART("\rx\r\n")));
    PLAY_PARTS(CHAINS_AND_EMPTY(2), SENT(PART("+OK\r\n"), PART("a\r\n"), PART(".\r\n")), SENT(PART("a\r\n"), PART("")));
}

static void test_status_line_in_a_chain_with_the_body(void **state) {
    (void)state;
    for (unsigned segment = 1; segment < 20; segment++) {
        PLAY_PARTS(CHAINS(segment), SENT(PART("+OK 12 octets\r\nabc\r\n..x\r\n.\r\n")), SENT(PART("abc\r\n.x\r\n")));
        PLAY_PARTS(CHAINS_AND_EMPTY(segment), SENT(PART("+OK 12 octets\r\nabc\r\n..x\r\n.\r\n")),
                   SENT(PART("abc\r\n.x\r\n")));
    }
}

#endif

/* An application that keeps every packet until it has them all. */
static void hold_session(void) {
    NX_PACKET *held[40];
    NX_PACKET *packet;
    size_t count = 0;
    UINT final_packet = NX_FALSE;
    ULONG bytes;

    log_in();
    stat(4000, 0);
    check_equal(retr(1), NX_SUCCESS);
    while (!final_packet) {
        check(count < COUNT(held)); /* NOLINT(bugprone-sizeof-expression): an array of pointers */
        check_equal(nx_pop3_client_mail_item_message_get(&pop3, &held[count], &bytes, &final_packet), NX_SUCCESS);
        count++;
    }
    check_equal(dele(1), NX_SUCCESS); /* not drained: the message is read */
    mail.length = 0;
    for (size_t i = 0; i < count; i++) {
        packet = held[i];
        check_equal(nx_packet_data_retrieve(packet, mail.octets + mail.length, &bytes), NX_SUCCESS);
        mail.length += packet->nx_packet_length;
        check_equal(nx_packet_release(packet), NX_SUCCESS);
    }
    check_octets(mail.octets, mail.length, MAIL_200, sizeof MAIL_200 - 1);
    quit_and_delete();
}

static const struct step hold_script[] = {
    LOGIN, STAT("4000 0"), C("RETR 1\r\n"), S_EACH("+OK\r\n" MAIL_200 ".\r\n", 7), C("DELE 1\r\n"), S_OK, QUIT,
};

static void test_packets_belong_to_the_application(void **state) {
    (void)state;
    PLAY(hold_script, hold_session);
}

/* ---- LF mode: the greeting ended with a bare LF, so any LF starts a line (R-1939-07) ---- */

static void lf_session(void) {
    log_in();
    stat(1, 9);
    FETCH(1, "a\n.b\n\n\rc\r\n");
    quit_and_delete();
}

static const struct step lf_script[] = {
    S("+OK ready\n"),     C("USER mrose\r\n"), S("+OK\n"),
    C("PASS mvan99\r\n"), S("+OK\n"),          C("STAT\r\n"),
    S("+OK 1 9\n"),       C("RETR 1\r\n"),     S("+OK\na\n..b\n\n.\rc\r\n.\n"),
    C("QUIT\r\n"),        S("+OK\n"),
};

static void test_R_1939_07_lf_only_server(void **state) {
    (void)state;
    PLAY(lf_script, lf_session);
    PLAY(lf_script, lf_session, .send_size = 1);
    PLAY(lf_script, lf_session, .send_size = 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_F_02_A_24_N_B05_packets_of_1_2_7_1460),
#ifndef NX_DISABLE_PACKET_CHAIN
        cmocka_unit_test(test_F_02_A_24_N_B05_chains_of_segments_of_1_2_7),
        cmocka_unit_test(test_N_56_cr_into_a_segment_of_the_same_chain),
        cmocka_unit_test(test_N_56_cr_before_a_chain),
        cmocka_unit_test(test_status_line_in_a_chain_with_the_body),
#endif
        cmocka_unit_test(test_F_02_A_24_every_two_way_split),
        cmocka_unit_test(test_F_02_A_24_every_three_way_split),
        cmocka_unit_test(test_N_B02_reply_cut_anywhere),
        cmocka_unit_test(test_F_02_long_lines),
        cmocka_unit_test(test_N_07_final_packet_may_be_empty),
        cmocka_unit_test(test_N_B04_short_packet_in_mid_line_is_no_end),
        cmocka_unit_test(test_N_55_emptied_packets_are_not_handed_out),
        cmocka_unit_test(test_N_56_cr_into_the_header_room),
        cmocka_unit_test(test_packets_belong_to_the_application),
        cmocka_unit_test(test_R_1939_07_lf_only_server),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}

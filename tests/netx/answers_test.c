/* SPDX-License-Identifier: MIT */
/* F-01: each exchange of the services (W-rows) answered each way. A cell tells the status by rule, how long the service
 * takes to the tick, and whether there is a session afterwards. What a dead session sends would fail the script. */
#include "cases.h"

#include "exchanges.h"

#define MILLION 1048576

/* ---- A cell: one exchange, one answer ---- */

static const struct exchange *row;

static struct {
    UINT status;
    ULONG ticks;
    ULONG idle; /* before the service */
    bool dies;
    UINT next; /* where it dies of what followed the reply: what the next service returns */
} expected;

static struct step script[40];
static size_t steps;

static void cell_session(void) {
    ULONG start;

    if (!row->creates) {
        log_in();
        stat(2, 320);
    }
    tx_thread_sleep(expected.idle);
    start = tx_time_get();
    check_equal(row->service(), expected.status);
    check_equal(tx_time_get() - start, expected.ticks);
    check_equal(host_packets_out(), 0);
    if (row->creates && expected.status != NX_SUCCESS) {
        check_equal(world_ip()->nx_ip_tcp_created_sockets_count, 0);
        nothing_is_left();
    } else if (expected.dies || row->quits) {
        if (expected.next != NX_SUCCESS) {
            tx_thread_sleep(2);
            check_equal(dele(1), expected.next);
        }
        session_is_dead();
    } else {
        stat(2, 320);
        quit_and_delete();
    }
}

static void add(struct step step) {
    if (step.kind != STEP_SAY || step.length != 0) {
        script[steps++] = step;
    }
}

static void add_all(const struct step *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        add(list[i]);
    }
}

static void say(const char *octets, size_t n) {
    add((struct step)S_OCTETS(octets, n));
}

/* The script up to the answer. */
static void begin(void) {
    static const struct step opening[] = {LOGIN, STAT("2 320")};

    steps = 0;
    memset(&expected, 0, sizeof expected);
    if (!row->creates) {
        add_all(opening, COUNT(opening));
    }
    add_all(row->before, COUNT(row->before));
    if (row->command.octets != NULL) {
        add(row->command);
    }
}

static void play(struct world world) {
    world.script = script;
    world.steps = steps;
    world.client = cell_session;
    world.more_commands = true;
    world_play(&world);
}

static void play_each_way(void) {
    play((struct world){.send_size = 0});
    play((struct world){.send_size = 1});
    if (WITH_CHAINS) {
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = 2, .empty_segments = true});
    }
}

/* The answer was good: the service succeeds, the session goes on. */
static void add_rest(void) {
    static const struct step ending[] = {STAT("2 320"), QUIT};

    add_all(row->after, COUNT(row->after));
    if (!row->quits) {
        add_all(ending, COUNT(ending));
    }
}

/* It was not, or cannot be told: nothing else is said on either side. */
static void ends_with(UINT status, ULONG ticks) {
    expected.status = status;
    expected.ticks = ticks;
    expected.dies = true;
}

/* ---- The answers ---- */

static size_t reply_length(void) {
    return strlen(row->reply);
}

static size_t line_length(void) {
    return strcspn(row->reply, "\n") + 1;
}

static void correct(void) {
    begin();
    say(row->reply, reply_length());
    add_rest();
    play_each_way();
}

static void refused(void) {
    begin();
    add((struct step)S("-ERR no\r\n"));
    if (!row->creates && !row->quits) {
        add_rest();
    }
    expected.status = row->refused;
    play_each_way();
}

/* N-B08: a line, and no status line. */
static void no_status(void) {
    static const struct step lines[] = {
        S("+OKAY\r\n"), S("OK\r\n"), S("\r\n"), S("+ \r\n"), S("-ERROR\r\n"), S("-\r\n"), S(" +OK\r\n"), S(".\r\n"),
    };

    for (size_t i = 0; i < COUNT(lines); i++) {
        begin();
        add(lines[i]);
        ends_with(NX_POP3_SERVER_ERROR_STATUS, 0);
        play_each_way();
    }
}

static void closed_before(void) {
    begin();
    add((struct step)CLOSE);
    ends_with(NX_NOT_CONNECTED, 0);
    play_each_way();
    script[steps - 1] = (struct step)RESET;
    play_each_way();
}

static void closed_inside(void) {
    for (size_t cut = 1; cut < reply_length(); cut++) {
        begin();
        say(row->reply, cut);
        add((struct step)CLOSE);
        ends_with(NX_NOT_CONNECTED, 0);
        play_each_way();
    }
}

static void closed_after(void) {
    begin();
    say(row->reply, reply_length());
    add((struct step)CLOSE);
    ends_with(row->after[0].octets != NULL ? NX_NOT_CONNECTED : NX_SUCCESS, 0);
    expected.next = row->quits ? NX_POP3_CLIENT_INVALID_STATE : NX_NOT_CONNECTED;
    play_each_way();
}

static void silence(void) {
    begin();
    ends_with(NX_NO_PACKET, NX_POP3_SERVER_REPLY_TIMEOUT);
    play_each_way();
}

static void silence_inside(void) {
    for (size_t cut = 1; cut < reply_length(); cut++) {
        begin();
        say(row->reply, cut);
        ends_with(NX_NO_PACKET, NX_POP3_SERVER_REPLY_TIMEOUT);
        play_each_way();
    }
}

static void octet_by_octet(void) {
    begin();
    say(row->reply, reply_length());
    add_rest();
    play((struct world){.arrival = ARRIVE_TOGETHER, .segment = 1});
    if (WITH_CHAINS) {
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = 1});
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = 1, .empty_segments = true});
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = 1, .send_size = 3});
    }
}

static void coalesced(void) {
    begin();
    add((struct step){STEP_SAY, row->reply, reply_length(), 1});
    add_rest();
    play((struct world){.arrival = ARRIVE_TOGETHER});
    play((struct world){.arrival = ARRIVE_TOGETHER, .pools = POOLS_ONE, .ip_version = NX_IP_VERSION_V6});
}

/* F-03: coalesced with what answers nothing. */
static void followed_at_once(void) {
    static char both[100];

    begin();
    snprintf(both, sizeof both, "%s+OK\r\n", row->reply);
    say(both, strlen(both));
    ends_with(row->creates ? NX_POP3_SERVER_ERROR_STATUS : NX_SUCCESS, 0);
    expected.next = NX_POP3_CLIENT_INVALID_STATE;
    play((struct world){.send_size = 0});
    if (WITH_CHAINS) {
        play((struct world){.arrival = ARRIVE_CHAINED, .segment = 1, .empty_segments = true});
    }
}

/* N-57: it comes before the command, which is not sent then. Inside create see login_test.c. */
static void before_the_command(void) {
    static const struct step octets[] = {S("+OK 1 120\r\n"), S("-"), S("\r\n")};

    for (size_t i = 0; !row->creates && i < COUNT(octets); i++) {
        begin();
        steps--;
        add((struct step)PAUSE(2));
        add(octets[i]);
        ends_with(NX_POP3_SERVER_ERROR_STATUS, 0);
        expected.idle = 5;
        play_each_way();
    }
}

static void without_cr(char *text) {
    size_t n = 0;

    for (const char *at = row->reply; *at != '\0'; at++) {
        if (*at != '\r') {
            text[n++] = *at;
        }
    }
    text[n] = '\0';
}

/* Behind a greeting that ended with CRLF, LF ends every line but those of a message. */
static void lf_only(void) {
    static char text[100];

    begin();
    without_cr(text);
    say(text, strlen(text));
    if (row->has_body) {
        ends_with(NX_NO_PACKET, NX_POP3_SERVER_REPLY_TIMEOUT);
    } else {
        add_rest();
    }
    play_each_way();
}

/* The server says nothing but LF. */
static void lf_only_throughout(void) {
    static char lines[COUNT(script)][100];

    correct();
    for (size_t i = 0; i < steps; i++) {
        if (script[i].kind == STEP_SAY) {
            size_t n = 0;
            for (size_t at = 0; at < script[i].length; at++) {
                if (script[i].octets[at] != '\r') {
                    lines[i][n++] = script[i].octets[at];
                }
            }
            script[i] = (struct step)S_OCTETS(lines[i], n);
        }
    }
    play_each_way();
}

static void nul_inserted(void) {
    static char text[100];

    for (size_t at = 0; at < line_length(); at++) {
        begin();
        memcpy(text, row->reply, at);
        text[at] = '\0';
        memcpy(text + at + 1, row->reply + at, reply_length() - at);
        say(text, reply_length() + 1);
        if (at >= row->nul_is_harmless) {
            add_rest();
        } else {
            ends_with(NX_POP3_SERVER_ERROR_STATUS, 0);
        }
        play_each_way();
    }
}

static char million[MILLION + 100];

/* The server still sends and does not notice that it is over: a tick passes in the disconnect (N-49). */
static void ends_in_the_flood(void) {
    ends_with(NX_POP3_SERVER_ERROR_STATUS, 1);
}

static void status_line_of_a_million(void) {
    begin();
    memset(million, 'x', MILLION);
    memcpy(million, row->reply, line_length() - 2);
    memcpy(million + MILLION, "\r\n", 2);
    say(million, MILLION + 2);
    ends_in_the_flood();
    play((struct world){.script_may_break = true});
    play((struct world){.script_may_break = true, .send_size = 100});
    if (WITH_CHAINS) {
        play((struct world){.script_may_break = true, .arrival = ARRIVE_CHAINED, .segment = 500});
    }
}

/* Behind the status line: a line of a message is content whatever its length, one of a listing is not. */
static void further_line_of_a_million(void) {
    size_t line = line_length();

    if (line == reply_length()) {
        return;
    }
    begin();
    memcpy(million, row->reply, line);
    memset(million + line, 'a', MILLION);
    memcpy(million + line + MILLION, "\r\n.\r\n", 5);
    say(million, line + MILLION + 5);
    if (row->has_body) {
        add_rest();
        play((struct world){.send_size = 0});
        play((struct world){.pools = POOLS_ONE, .send_size = 536});
    } else {
        ends_in_the_flood();
        play((struct world){.script_may_break = true});
    }
}

static const struct {
    const char *name;
    void (*play)(void);
} answers[] = {
    {"correct", correct},
    {"-ERR", refused},
    {"no status line (N-B08)", no_status},
    {"EOF before the line", closed_before},
    {"EOF inside", closed_inside},
    {"EOF after", closed_after},
    {"silence (A-09)", silence},
    {"silence inside", silence_inside},
    {"one octet a segment", octet_by_octet},
    {"everything coalesced", coalesced},
    {"a second reply behind it (F-03, N-57)", followed_at_once},
    {"before the command (N-57)", before_the_command},
    {"LF only", lf_only},
    {"LF only, as in the whole session", lf_only_throughout},
    {"NUL anywhere", nul_inserted},
    {"status line of 1 MiB", status_line_of_a_million},
    {"further line of 1 MiB", further_line_of_a_million},
};

/* ---- A cmocka test for each cell ---- */

#define CELLS (EXCHANGES * COUNT(answers))

static void test_F_01(void **state) {
    size_t cell = *(const size_t *)*state;

    row = &exchanges[cell / COUNT(answers)];
    answers[cell % COUNT(answers)].play();
}

int main(void) {
    static struct CMUnitTest tests[CELLS];
    static char names[CELLS][80];
    static size_t cells[CELLS];

    for (size_t i = 0; i < CELLS; i++) {
        cells[i] = i;
        snprintf(names[i], sizeof names[i], "F-01 %s: %s", exchanges[i / COUNT(answers)].name,
                 answers[i % COUNT(answers)].name);
        tests[i] = (struct CMUnitTest){.name = names[i], .test_func = test_F_01, .initial_state = &cells[i]};
    }
    return cmocka_run_group_tests_name("F-01", tests, NULL, NULL);
}

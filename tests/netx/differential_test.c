/* SPDX-License-Identifier: MIT */
/* F-06: the same server, its octets changed at each place, through the NetX services and through the engine alone: every
 * exchange ends the same way and every message has the same octets. NETX_RANDOM_SEED repeats a run. */
#include "cases.h"

/* ---- What the server says ---- */

enum { GREETING, USER, PASS, COUNT_OF, SIZE, MESSAGE, SECOND_MESSAGE, DELETION, GOODBYE, EXCHANGED };

static const struct {
    const char *command; /* without its CRLF */
    const char *reply;
    size_t n;
} dialogue[EXCHANGED] = {
#define SAID(text) text, sizeof(text) - 1
    [GREETING] = {"", SAID("+OK hi\r\n")},
    [USER] = {"USER mrose", SAID("+OK\r\n")},
    [PASS] = {"PASS mvan99", SAID("+OK\r\n")},
    [COUNT_OF] = {"STAT", SAID("+OK 2 320\r\n")},
    [SIZE] = {"LIST 1", SAID("+OK 1 120\r\n")},
    [MESSAGE] = {"RETR 1", SAID("+OK 9\r\n..a\r\n\rb.\r\n.\r\n")},
    [SECOND_MESSAGE] = {"RETR 2", SAID("+OK\r\n\r\n.\rx\n.\r\n\r\n.\r\n")},
    [DELETION] = {"DELE 1", SAID("+OK\r\n")},
    [GOODBYE] = {"QUIT", SAID("+OK bye\r\n")},
};

#define ROOM 64

static struct {
    char octets[ROOM];
    size_t n;
} said[EXCHANGED];

static void say_as_ever(void) {
    for (size_t i = 0; i < EXCHANGED; i++) {
        memcpy(said[i].octets, dialogue[i].reply, dialogue[i].n);
        said[i].n = dialogue[i].n;
    }
}

/* ---- How it goes ---- */

enum outcome { SUCCEEDS, IS_REFUSED, ENDS_THE_SESSION };

struct course {
    enum outcome outcomes[EXCHANGED];
    UINT count;
    ULONG octets;
    ULONG size;
    size_t length; /* of both messages */
    char messages[4 * ROOM];
};

static struct course by_netx;
static struct course by_engine;
static bool together; /* a reply comes in one packet */

/* ---- By the services ---- */

static enum outcome outcome_of(UINT status) {
    if (status == NX_SUCCESS) {
        return SUCCEEDS;
    }
    check(status == NX_NO_PACKET || status == NX_POP3_SERVER_ERROR_STATUS || status == NX_POP3_CLIENT_INVALID_STATE);
    return pop3.nx_pop3_client_tcp_socket.nx_tcp_socket_state == NX_TCP_ESTABLISHED ? IS_REFUSED : ENDS_THE_SESSION;
}

static enum outcome fetched(UINT item) {
    UINT status = retr(item);

    if (status == NX_SUCCESS) {
        status = read_mail();
        memcpy(by_netx.messages + by_netx.length, mail.octets, mail.length);
        by_netx.length += mail.length;
    }
    return outcome_of(status);
}

static void services_session(void) {
    enum outcome *outcome = by_netx.outcomes;

    outcome[PASS] = outcome_of(create_as(NX_FALSE, "mvan99"));
    if (outcome[PASS] == SUCCEEDS) {
        outcome[COUNT_OF] = outcome_of(nx_pop3_client_mail_items_get(&pop3, &by_netx.count, &by_netx.octets));
    }
    if (outcome[PASS] == SUCCEEDS && outcome[COUNT_OF] == SUCCEEDS) {
        outcome[SIZE] = outcome_of(nx_pop3_client_mail_item_size_get(&pop3, 1, &by_netx.size));
        outcome[MESSAGE] = fetched(1);
        outcome[SECOND_MESSAGE] = fetched(2);
        outcome[DELETION] = outcome_of(dele(1));
        outcome[GOODBYE] = outcome_of(nx_pop3_client_quit(&pop3));
    }
    check_equal(nx_pop3_client_delete(&pop3), NX_SUCCESS);
}

static void run_services(struct world world) {
    static char lines[EXCHANGED][20];
    struct step script[2 * EXCHANGED];
    size_t steps = 0;

    for (size_t i = 0; i < EXCHANGED; i++) {
        int length = snprintf(lines[i], sizeof lines[i], "%s\r\n", dialogue[i].command);
        if (i != GREETING) {
            script[steps++] = (struct step)C_OCTETS(lines[i], (size_t)length);
        }
        if (said[i].n != 0) {
            script[steps++] = (struct step)S_OCTETS(said[i].octets, said[i].n);
        }
    }
    world.script = script;
    world.steps = steps;
    world.client = services_session;
    world.script_may_break = true;
    memset(&by_netx, 0, sizeof by_netx);
    world_play(&world);
}

/* ---- By the engine: an application of some lines, which no time-out ever troubles ---- */

static pop3_engine engine;
static char line[128];
static char output[POP3_COMMAND_MAX];

static bool give_command(size_t which) {
    static const pop3_verb verbs[EXCHANGED] = {
        [USER] = POP3_USER,    [PASS] = POP3_PASS,           [COUNT_OF] = POP3_STAT, [SIZE] = POP3_LIST,
        [MESSAGE] = POP3_RETR, [SECOND_MESSAGE] = POP3_RETR, [DELETION] = POP3_DELE, [GOODBYE] = POP3_QUIT,
    };
    static const pop3_arg arguments[EXCHANGED] = {
        [USER] = {.text = "mrose"}, [PASS] = {.text = "mvan99"},      [SIZE] = {.number = 1},
        [MESSAGE] = {.number = 1},  [SECOND_MESSAGE] = {.number = 2}, [DELETION] = {.number = 1},
    };
    const char *octets;
    size_t n;

    if (pop3_engine_command(&engine, verbs[which], &arguments[which], 0) != POP3_SUCCESS) {
        return false;
    }
    octets = pop3_engine_output(&engine, &n);
    assert_int_equal(n, strlen(dialogue[which].command) + 2);
    assert_memory_equal(octets, dialogue[which].command, n - 2);
    pop3_engine_output_done(&engine, n);
    return true;
}

/* The numbers that the reply must tell, or may. */
static bool take_numbers(size_t which, const pop3_event *event) {
    uint64_t octets = 0;
    uint32_t number = 0;

    if (which == COUNT_OF) {
        bool told = pop3_parse_stat(event->data, event->length, &number, &octets);
        by_engine.count = number;
        by_engine.octets = octets == POP3_SIZE_UNKNOWN ? 0 : (ULONG)octets;
        return told;
    }
    if (which == SIZE) {
        bool told = pop3_parse_list(event->data, event->length, &number, &octets) && number == 1;
        by_engine.size = told ? (ULONG)octets : 0;
        return told;
    }
    return true;
}

static enum outcome exchange(size_t which) {
    const char *in = said[which].octets;
    size_t left = said[which].n;
    enum outcome outcome = ENDS_THE_SESSION;
    bool complete = false;
    pop3_event event;

    if (which != GREETING && !give_command(which)) {
        return ENDS_THE_SESSION;
    }
    while (left != 0 || engine.phase >= POP3_PHASE_CLOSED) {
        size_t used = pop3_engine_input(&engine, in, left, &event);
        in += used;
        left -= used;
        if (event.type == POP3_EVENT_FAIL || event.type == POP3_EVENT_CLOSED) {
            break;
        }
        if (event.type == POP3_EVENT_BODY) {
            memcpy(by_engine.messages + by_engine.length, event.data, event.length);
            by_engine.length += event.length;
        } else if (event.type == POP3_EVENT_ERR) {
            outcome = which <= PASS || which == GOODBYE ? ENDS_THE_SESSION : IS_REFUSED;
            complete = true;
        } else if (event.type != POP3_EVENT_NEED_INPUT) {
            complete = !event.more;
            outcome = complete ? SUCCEEDS : ENDS_THE_SESSION;
        }
        if (event.type == POP3_EVENT_OK && !take_numbers(which, &event)) {
            outcome = ENDS_THE_SESSION;
            complete = false;
        }
    }
    if (!complete || (which <= PASS && engine.phase == POP3_PHASE_FAILED && (together || which < PASS))) {
        pop3_engine_abort(&engine, POP3_IO);
        return ENDS_THE_SESSION;
    }
    return outcome;
}

static void run_engine(void) {
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    enum outcome *outcome = by_engine.outcomes;

    memset(&by_engine, 0, sizeof by_engine);
    pop3_engine_init(&engine, &buffers);
    for (size_t i = 0; i < EXCHANGED; i++) {
        outcome[i] = exchange(i);
        if (i <= COUNT_OF && outcome[i] != SUCCEEDS) { /* the services' session stops there */
            outcome[PASS] = i <= PASS ? outcome[i] : SUCCEEDS;
            break;
        }
    }
    outcome[GREETING] = outcome[USER] = SUCCEEDS; /* parts of create */
}

/* ---- Both ---- */

static void compare(const char *what, size_t which, size_t at) {
    run_engine();
    for (size_t i = 0; i < EXCHANGED; i++) {
        if (by_netx.outcomes[i] != by_engine.outcomes[i]) {
            fail_msg("%s of \"%s\" at %zu: \"%s\" ends with %d, by the engine with %d", what, dialogue[which].command,
                     at, dialogue[i].command, by_netx.outcomes[i], by_engine.outcomes[i]);
        }
    }
    assert_int_equal(by_netx.count, by_engine.count);
    assert_int_equal(by_netx.octets, by_engine.octets);
    assert_int_equal(by_netx.size, by_engine.size);
    assert_int_equal(by_netx.length, by_engine.length);
    assert_memory_equal(by_netx.messages, by_engine.messages, by_netx.length);
}

static void run_both(const char *what, size_t which, size_t at) {
    together = true;
    run_services((struct world){.send_size = 0});
    compare(what, which, at);
    together = false;
    run_services((struct world){.send_size = 1});
    compare(what, which, at);
}

enum change { DELETED, DOUBLED, CUT_OFF, REPLACED };

static const char replacements[] = {'\0', '\r', '\n', '.', '+', '-', ' ', 'x'};

static void change(size_t which, size_t at, unsigned how) {
    char *octet = said[which].octets + at;
    size_t behind = said[which].n - at;

    if (at >= said[which].n || said[which].n == ROOM) {
        return;
    }
    if (how == DELETED) {
        memmove(octet, octet + 1, behind - 1);
        said[which].n--;
    } else if (how == DOUBLED) {
        memmove(octet + 1, octet, behind);
        said[which].n++;
    } else if (how == CUT_OFF) {
        said[which].n = at;
    } else {
        *octet = replacements[(how - REPLACED) % sizeof replacements];
    }
}

static void test_F_06_unchanged(void **state) {
    (void)state;
    say_as_ever();
    run_both("nothing", 0, 0);
    for (size_t i = 0; i < EXCHANGED; i++) {
        assert_int_equal(by_netx.outcomes[i], SUCCEEDS);
    }
    assert_int_equal(by_netx.length, 9 + 10);
}

static void test_F_06_every_octet_changed(void **state) {
    (void)state;
    for (size_t which = 0; which < EXCHANGED; which++) {
        for (size_t at = 0; at < dialogue[which].n; at++) {
            for (unsigned how = 0; how < REPLACED + sizeof replacements; how++) {
                say_as_ever();
                change(which, at, how);
                run_both("change", which, at);
            }
        }
    }
}

static void test_F_06_refused(void **state) {
    (void)state;
    for (size_t which = 0; which < EXCHANGED; which++) {
        say_as_ever();
        memcpy(said[which].octets, "-ERR\r\n", 6);
        said[which].n = 6;
        run_both("-ERR", which, 0);
    }
}

static uint64_t random_state;

static unsigned random_below(size_t n) {
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)((random_state >> 33) % n);
}

static void test_F_06_many_octets_changed(void **state) {
    const char *given = getenv("NETX_RANDOM_SEED");

    (void)state;
    random_state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    print_message("NETX_RANDOM_SEED=%llu\n", (unsigned long long)random_state);
    for (int round = 0; round < 200; round++) {
        say_as_ever();
        for (unsigned changes = 2 + random_below(4); changes > 0; changes--) {
            size_t which = random_below(3) == 0 ? random_below(EXCHANGED) : MESSAGE + random_below(2);
            change(which, random_below(said[which].n + 1), random_below(REPLACED + sizeof replacements));
        }
        run_both("changes", 0, (size_t)round);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_F_06_unchanged),
        cmocka_unit_test(test_F_06_refused),
        cmocka_unit_test(test_F_06_every_octet_changed),
        cmocka_unit_test(test_F_06_many_octets_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

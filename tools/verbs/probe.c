/* SPDX-License-Identifier: MIT */
/* A new engine for each trial, brought to the phase by the steps that were found to lead there. */
#include "probe.h"

#include <string.h>

struct probe {
    pop3_engine engine;
    char line[POP3_LINE_MIN];
    char output[POP3_COMMAND_MAX];
};

/* How a phase is reached: by a step from another. */
static struct {
    bool known;
    pop3_phase from;
    struct probe_step step;
} ways[PROBE_PHASES];

static void begin(struct probe *probe) {
    pop3_engine_init(&probe->engine,
                     &(pop3_engine_buffers){probe->line, probe->output, sizeof probe->line, sizeof probe->output});
}

static void send_all(struct probe *probe) {
    for (size_t n; pop3_engine_output(&probe->engine, &n), n != 0;) {
        pop3_engine_output_done(&probe->engine, n);
    }
}

static pop3_arg argument(unsigned form) {
    return (pop3_arg){.text = (form & GIVEN_TEXT) != 0 ? "a" : NULL,
                      .second = (form & GIVEN_SECOND) != 0 ? "b" : NULL,
                      .number = (form & GIVEN_NUMBER) != 0};
}

bool probe_accepts(pop3_verb verb, unsigned form) {
    return (pop3_verb_rows[verb].accepts & 1U << form) != 0;
}

/* The form with the most in it, for that is the one that may change the phase. */
static unsigned fullest_form(pop3_verb verb) {
    unsigned form = PROBE_FORMS - 1;

    while (form != 0 && !probe_accepts(verb, form)) {
        form--;
    }
    return form;
}

static bool command(struct probe *probe, pop3_verb verb, unsigned form) {
    pop3_arg arg = argument(form);
    bool taken = pop3_engine_command(&probe->engine, verb, &arg, 0) == POP3_SUCCESS;

    send_all(probe);
    return taken;
}

/* Offers the text until none is left; notes each type of event once. */
static unsigned receive(struct probe *probe, const char *text, pop3_event_type *events, unsigned count) {
    size_t left = strlen(text);

    while (left != 0) {
        pop3_event event;
        size_t used = pop3_engine_input(&probe->engine, text, left, &event);
        text += used;
        left -= used;
        if (event.type != POP3_EVENT_NEED_INPUT) {
            events[count++] = (pop3_event_type)event.type;
        }
    }
    return count;
}

/* The reply to what is owed, to its end. */
static void reply(struct probe *probe, const char *status) {
    pop3_event_type events[8];
    bool owed = probe->engine.queue_count != 0;

    receive(probe, status, events, 0);
    if (owed && probe->engine.queue_count != 0) {
        receive(probe, ".\r\n", events, 0);
    }
}

/* False: the step cannot be taken. */
static bool apply(struct probe *probe, struct probe_step step) {
    bool owes = probe->engine.queue_count != 0;
    bool sends = step.act <= PROBE_EOF_OWED && step.verb != POP3_GREETING;

    if (step.act <= PROBE_EOF_OWED ? sends == owes : step.act == PROBE_EOF && owes) {
        return false;
    }
    if (sends && !command(probe, step.verb, fullest_form(step.verb))) {
        return false;
    }
    switch (step.act) {
    case PROBE_SEND: return sends;
    case PROBE_OK: reply(probe, "+OK\r\n"); break;
    case PROBE_ERR: reply(probe, "-ERR\r\n"); break;
    case PROBE_TLS_STARTED: pop3_engine_tls_started(&probe->engine); break;
    case PROBE_ABORT: pop3_engine_abort(&probe->engine, POP3_IO); break;
    case PROBE_NO_REPLY: reply(probe, "what\r\n"); break;
    default: pop3_engine_eof(&probe->engine); break;
    }
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): each phase is reached from one before it */
static void reach(struct probe *probe, pop3_phase phase) {
    if (phase == POP3_PHASE_GREETING) {
        begin(probe);
        return;
    }
    reach(probe, ways[phase].from);
    apply(probe, ways[phase].step);
}

bool probe_try(pop3_phase from, struct probe_step step, pop3_phase *to) {
    struct probe probe;

    reach(&probe, from);
    if (!apply(&probe, step)) {
        return false;
    }
    *to = pop3_engine_phase(&probe.engine);
    return true;
}

/* Takes each step from a known phase; true: another phase became known. */
static bool explore_from(pop3_phase from) {
    bool found = false;

    for (unsigned i = 0; i < PROBE_ACTS * PROBE_VERBS; i++) {
        struct probe_step step = {(enum probe_act)(i / PROBE_VERBS), (pop3_verb)(i % PROBE_VERBS)};
        pop3_phase to;
        if (probe_try(from, step, &to) && !ways[to].known) {
            ways[to].known = found = true;
            ways[to].from = from;
            ways[to].step = step;
        }
    }
    return found;
}

bool probe_explore(void) {
    bool found = true;
    bool all = true;

    ways[POP3_PHASE_GREETING].known = true;
    while (found) {
        found = false;
        for (unsigned phase = 0; phase < PROBE_PHASES; phase++) {
            found = (ways[phase].known && explore_from((pop3_phase)phase)) || found;
        }
    }
    for (unsigned phase = 0; phase < PROBE_PHASES; phase++) {
        all = all && ways[phase].known;
    }
    return all;
}

/* An engine that has sent the command in the first phase where it may be sent. */
static void in_flight(struct probe *probe, pop3_verb verb, unsigned form) {
    unsigned phase = 0;

    while ((pop3_verb_rows[verb].phases & PHASE_BIT(phase)) == 0) {
        phase++;
    }
    reach(probe, (pop3_phase)phase);
    command(probe, verb, form);
}

unsigned probe_events(pop3_verb verb, unsigned form, pop3_event_type events[8]) {
    struct probe probe;
    unsigned count;

    in_flight(&probe, verb, form);
    count = receive(&probe, "+ YQ==\r\n", events, 0);
    if (events[0] == POP3_EVENT_CHALLENGE) {
        pop3_engine_sasl_reply(&probe.engine, "YQ==", 4);
        send_all(&probe);
    } else {
        in_flight(&probe, verb, form);
        count = 0;
    }
    count = receive(&probe, "+OK\r\n", events, count);
    if (probe.engine.queue_count != 0) {
        count = receive(&probe, "a\r\n.\r\n", events, count);
    }
    return count;
}

bool probe_takes_lines(pop3_verb verb) {
    struct probe probe;
    pop3_arg arg = argument(GIVEN_NUMBER);
    size_t with, without;

    arg.lines = 10;
    if (!probe_accepts(verb, GIVEN_NUMBER)) {
        return false;
    }
    reach(&probe, POP3_PHASE_TRANSACTION);
    pop3_engine_command(&probe.engine, verb, &arg, 0);
    pop3_engine_output(&probe.engine, &with);
    arg.lines = 0;
    reach(&probe, POP3_PHASE_TRANSACTION);
    pop3_engine_command(&probe.engine, verb, &arg, 0);
    pop3_engine_output(&probe.engine, &without);
    return with != without;
}

const char *probe_phase_name(pop3_phase phase) {
    static const char *const names[PROBE_PHASES] = {"GREETING",    "AUTHORIZATION", "USER_ACCEPTED", "TLS_PENDING",
                                                    "TRANSACTION", "UPDATE",        "CLOSED",        "FAILED"};

    return names[phase];
}

const char *probe_event_name(pop3_event_type type) {
    static const char *const names[] = {"NEED_INPUT", "CHALLENGE", "LINE", "BODY",   "GREETING", "OK",
                                        "ERR",        "START_TLS", "END",  "CLOSED", "FAIL"};

    return names[type];
}

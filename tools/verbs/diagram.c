/* SPDX-License-Identifier: MIT */
/* The phases as Mermaid draws them: an edge for each pair of phases, labelled with all that leads from one to the other. */
#include <stdio.h>

#include "print.h"
#include "probe.h"

static bool leads(pop3_phase from, enum probe_act act, pop3_verb verb, pop3_phase to) {
    pop3_phase reached;

    return probe_try(from, (struct probe_step){act, verb}, &reached) && reached == to;
}

/* Words with commas between them. */
struct list {
    unsigned count;
};

static void item(struct list *list, const char *start, const char *text) {
    printf("%s%s", list->count++ == 0 ? start : ", ", text);
}

/* Does the verb lead there by being sent, or by which replies? Where sending it leads on, the replies come later. */
static unsigned outcome_of(pop3_phase from, pop3_verb verb, pop3_phase to) {
    if (leads(from, PROBE_SEND, verb, to)) {
        return 1;
    }
    if (!leads(from, PROBE_SEND, verb, from)) {
        return 0;
    }
    return (leads(from, PROBE_OK, verb, to) ? 2U : 0U) + (leads(from, PROBE_ERR, verb, to) ? 4U : 0U);
}

static void verb_labels(struct list *edge, const char *start, pop3_phase from, pop3_phase to) {
    static const char *const outcomes[] = {NULL, "sent", "+OK", NULL, "-ERR", NULL, "+OK or -ERR"};

    for (unsigned outcome = 1; outcome <= 6; outcome++) {
        struct list list = {0};
        for (unsigned verb = POP3_GREETING + 1; verb < POP3_VERB_COUNT; verb++) {
            if (outcome_of(from, (pop3_verb)verb, to) == outcome) {
                item(&list, edge->count == 0 ? start : "<br/>", pop3_verb_name((pop3_verb)verb));
            }
        }
        if (list.count != 0) {
            printf(" %s", outcomes[outcome]);
            edge->count++;
        }
    }
}

static void print_edge(pop3_phase from, pop3_phase to) {
    struct list edge = {0};
    char start[64];

    snprintf(start, sizeof start, "    %s --> %s : ", probe_phase_name(from), probe_phase_name(to));
    if (leads(from, PROBE_OK, POP3_GREETING, to)) {
        item(&edge, start, leads(from, PROBE_ERR, POP3_GREETING, to) ? "+OK or -ERR" : "+OK");
    } else if (leads(from, PROBE_ERR, POP3_GREETING, to)) {
        item(&edge, start, "-ERR");
    }
    if (leads(from, PROBE_TLS_STARTED, POP3_GREETING, to)) {
        item(&edge, start, "tls_started()");
    }
    verb_labels(&edge, start, from, to);
    if (edge.count != 0) {
        printf("\n");
    }
}

/* The state's box, with the verbs that may be sent. */
static void print_state(pop3_phase phase) {
    const char *name = probe_phase_name(phase);
    struct list list = {0};
    char start[64];

    snprintf(start, sizeof start, "    %s : %s\n    %s : ", name, name, name);
    for (unsigned verb = POP3_GREETING + 1; verb < POP3_VERB_COUNT; verb++) {
        if ((pop3_verb_rows[verb].phases & PHASE_BIT(phase)) != 0) {
            item(&list, start, pop3_verb_name((pop3_verb)verb));
        }
    }
    if (list.count != 0) {
        printf("\n");
    }
}

/* Does the act lead there from every phase in which it can happen at all? */
static bool always(enum probe_act act, pop3_phase to) {
    for (unsigned from = 0; from < POP3_PHASE_CLOSED; from++) {
        for (unsigned verb = 0; verb < PROBE_VERBS; verb++) {
            pop3_phase reached;
            if (probe_try((pop3_phase)from, (struct probe_step){act, (pop3_verb)verb}, &reached) && reached != to) {
                return false;
            }
        }
    }
    return true;
}

/* CLOSED and FAILED stay what they are. */
static bool is_final(pop3_phase phase) {
    for (unsigned i = 0; i < PROBE_ACTS * PROBE_VERBS; i++) {
        struct probe_step step = {(enum probe_act)(i / PROBE_VERBS), (pop3_verb)(i % PROBE_VERBS)};
        pop3_phase reached;
        if (probe_try(phase, step, &reached) && reached != phase) {
            return false;
        }
    }
    return true;
}

bool print_diagram(void) {
    printf("```mermaid\nstateDiagram-v2\n    [*] --> GREETING\n");
    for (unsigned from = 0; from < PROBE_PHASES; from++) {
        print_state((pop3_phase)from);
        for (unsigned to = 0; to < PROBE_PHASES; to++) {
            if (from != to) {
                print_edge((pop3_phase)from, (pop3_phase)to);
            }
        }
    }
    printf("    CLOSED : CLOSED\n    CLOSED : also by eof() while no reply is owed, from any phase\n"
           "    FAILED : FAILED\n    FAILED : by abort(), by eof() while a reply is owed,<br/>"
           "by anything against the rules, from any phase\n```\n");
    return always(PROBE_EOF, POP3_PHASE_CLOSED) && always(PROBE_EOF_OWED, POP3_PHASE_FAILED) &&
           always(PROBE_ABORT, POP3_PHASE_FAILED) && always(PROBE_NO_REPLY, POP3_PHASE_FAILED) &&
           is_final(POP3_PHASE_CLOSED) && is_final(POP3_PHASE_FAILED);
}

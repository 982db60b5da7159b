/* SPDX-License-Identifier: MIT */
/* The verbs as docs/engine.md shows them. */
#include <stdio.h>

#include "print.h"
#include "probe.h"

static void print_argument(pop3_verb verb, unsigned form) {
    static const char *const members[PROBE_FORMS] = {
        [0] = "none",
        [GIVEN_TEXT] = "`text`",
        [GIVEN_TEXT | GIVEN_SECOND] = "`text`, `second`",
        [GIVEN_NUMBER] = "`number`",
    };

    printf("%s%s | ", members[form], form == GIVEN_NUMBER && probe_takes_lines(verb) ? ", `lines`" : "");
}

static void print_phases(pop3_verb verb) {
    const char *comma = "";

    for (unsigned phase = 0; phase < PROBE_PHASES; phase++) {
        if ((pop3_verb_rows[verb].phases & PHASE_BIT(phase)) != 0) {
            printf("%s%s", comma, probe_phase_name((pop3_phase)phase));
            comma = ", ";
        }
    }
    printf(" | ");
}

/* LINE and BODY may come any number of times, none included; so may CHALLENGE. */
static void print_events(pop3_verb verb, unsigned form) {
    pop3_event_type events[8];
    unsigned count = probe_events(verb, form, events);

    for (unsigned i = 0; i < count; i++) {
        bool many = events[i] == POP3_EVENT_LINE || events[i] == POP3_EVENT_BODY || events[i] == POP3_EVENT_CHALLENGE;
        printf("%s%s%s", i != 0 ? ", " : "", probe_event_name(events[i]), many ? "..." : "");
    }
    printf(" | ");
}

bool print_table(void) {
    printf("| verb | argument | may be sent in | events when accepted | pipelined |\n|---|---|---|---|---|\n");
    for (unsigned verb = POP3_GREETING + 1; verb < POP3_VERB_COUNT; verb++) {
        for (unsigned form = 0; form < PROBE_FORMS; form++) {
            if (probe_accepts((pop3_verb)verb, form)) {
                printf("| %s | ", pop3_verb_name((pop3_verb)verb));
                print_argument((pop3_verb)verb, form);
                print_phases((pop3_verb)verb);
                print_events((pop3_verb)verb, form);
                printf("%s |\n", (pop3_verb_rows[verb].shape & SHAPE_BARRIER) != 0 ? "no" : "yes");
            }
        }
    }
    return true;
}

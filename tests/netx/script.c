/* SPDX-License-Identifier: MIT */
/* Steps one behind the other; RETR lines are kept here. */
#include "script.h"

void script_add(struct script *script, struct step step) {
    if (script->count == SCRIPT_STEPS) {
        abort();
    }
    script->steps[script->count++] = step;
}

void script_begin(struct script *script) {
    static const struct step opening[] = {LOGIN, STAT("4000 0")};

    script->count = 0;
    script->messages = 0;
    for (size_t i = 0; i < COUNT(opening); i++) {
        script_add(script, opening[i]);
    }
}

void script_say(struct script *script, const char *octets, size_t n) {
    if (n > 0) {
        script_add(script, (struct step)S_OCTETS(octets, n));
    }
}

void script_retr(struct script *script) {
    static char lines[SCRIPT_ITEMS + 1][16];
    char *line = lines[++script->messages];

    snprintf(line, sizeof lines[0], "RETR %u\r\n", script->messages);
    script_add(script, (struct step)C_OCTETS(line, strlen(line)));
}

void script_message(struct script *script, const char *wire, size_t n, const size_t *cuts, size_t cut_count) {
    size_t at = 0;

    script_retr(script);
    script_say(script, "+OK\r\n", 5);
    for (size_t i = 0; i < cut_count; i++) {
        script_say(script, wire + at, cuts[i] - at);
        at = cuts[i];
    }
    script_say(script, wire + at, n - at);
}

void script_quit(struct script *script) {
    static const struct step ending[] = {QUIT};

    script_add(script, ending[0]);
    script_add(script, ending[1]);
}

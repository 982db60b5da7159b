/* SPDX-License-Identifier: MIT */
/* verbs dictionary|diagram|table: what can be derived from the engine's verb table, for docs/engine.md and the fuzzers. */
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "probe.h"

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        bool (*print)(void);
    } texts[] = {{"dictionary", print_dictionary}, {"diagram", print_diagram}, {"table", print_table}};

    for (unsigned i = 0; argc == 2 && i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(argv[1], texts[i].name) == 0) {
            bool good = probe_explore() && texts[i].print();
            if (!good) {
                fprintf(stderr, "verbs: %s: the engine is not as this text says\n", argv[1]);
            }
            return good ? 0 : 1;
        }
    }
    fprintf(stderr, "usage: verbs dictionary|diagram|table\n");
    return 64;
}

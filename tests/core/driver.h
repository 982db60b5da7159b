/* SPDX-License-Identifier: MIT */
/* Short ways to bring an engine into a phase and to ask it things. For unit tests; it asserts as it goes. */
#ifndef SATCHEL_TESTS_DRIVER_H
#define SATCHEL_TESTS_DRIVER_H

#include <satchel/pop3_engine.h>

#define DRIVER_OUTPUT (POP3_COMMAND_MAX + 45) /* room for a command that is too long */

struct driver {
    pop3_engine engine;
    pop3_event event; /* the last one */
    char line[POP3_LINE_MIN];
    char output[2 * DRIVER_OUTPUT];
};

/* In phase GREETING, with `output_size` octets of output (0: DRIVER_OUTPUT). */
void driver_start(struct driver *driver, uint16_t output_size);

/* In the phase, by the shortest way; nothing to send, nothing in flight but what the phase implies. */
void driver_enter(struct driver *driver, pop3_phase phase);

/* The same, with this line as greeting. */
void driver_enter_greeted(struct driver *driver, pop3_phase phase, const char *greeting);

/* Gives all octets of a string, and asserts that the last event is of this type. */
void driver_receive(struct driver *driver, const char *octets, pop3_event_type type);

/* A command with the argument that its verb wants; what it puts into the output stays there. */
pop3_error driver_command(struct driver *driver, pop3_verb verb);

/* Takes the whole output; returns how many octets it had. */
size_t driver_send(struct driver *driver);
size_t driver_output(const struct driver *driver);

#endif

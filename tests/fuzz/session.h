/* SPDX-License-Identifier: MIT */
/*
 * One connection for the fuzz targets: a list of commands, a stream of received octets, a way to cut it, and the log of
 * events. What is done depends on the events only, so that two sessions that differ in their cuts must have equal logs.
 */
#ifndef SATCHEL_FUZZ_SESSION_H
#define SATCHEL_FUZZ_SESSION_H

#include <satchel/pop3_engine.h>

/* What a fuzz input says; `commands` and `stream` point into it. */
struct session_input {
    const uint8_t *commands; /* low 5 bits: verb; high 3 bits: which argument */
    size_t command_count;
    const uint8_t *stream;
    size_t stream_length;
    uint16_t line_size;
    unsigned depth; /* commands in flight at most */
    bool shared;    /* line[] and output are the same memory */
    bool no_tls;    /* after START_TLS the stream goes on in clear text */
    uint32_t seed;
};

struct session_log {
    uint8_t *octets;
    size_t length;
    size_t room;
};

/* Who wants to see each event, and how much of the stream was consumed with it. */
struct session_watch {
    void (*event)(void *context, const pop3_event *event, size_t consumed);
    void *context;
};

/* Head: flags (2 bits line size, 2 depth, 1 shared, 1 no TLS), number of commands, seed; then commands and stream. */
bool session_read(struct session_input *input, const uint8_t *data, size_t size);

/* Runs it; aborts on what the engine's contract rules out. chunk 0: cut by the seed, else all cuts of this size. */
void session_run(const struct session_input *input, size_t chunk, struct session_log *log);

/* The same, watched. */
void session_run_watched(const struct session_input *input, size_t chunk, struct session_log *log,
                         const struct session_watch *watcher);

/* The verb of a command octet, whatever their order in the header: a corpus must not lose its meaning. */
pop3_verb session_verb(uint8_t octet);

/* An argument for a verb, by the high bits of a command octet; every one may be sent. */
pop3_arg session_argument(pop3_verb verb, unsigned variant);

#endif

/* SPDX-License-Identifier: MIT */
/* A bar on the terminal that stderr is: count, octets, rate, time left. Draws nothing anywhere else. */
#ifndef SATCHEL_CLI_PROGRESS_H
#define SATCHEL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress;

/* NULL: stderr is no terminal, or TERM is dumb. */
struct progress *progress_new(void);
void progress_free(struct progress *progress);

/* Of all accounts together. Draws at most ten times a second. */
void progress_add(struct progress *progress, uint64_t wanted, uint64_t wanted_size);
void progress_octets(struct progress *progress, uint64_t more);
void progress_message(struct progress *progress);

/* Takes the bar away, so that a line can be printed; the next call draws it again. */
void progress_hide(struct progress *progress);

/* No bar until it is called with false: something else stands on the last line. */
void progress_pause(struct progress *progress, bool paused);

/* "12.3 MiB", as `list` and others print sizes. */
#define PROGRESS_SIZE 16
void progress_size(char out[PROGRESS_SIZE], uint64_t octets);

#endif

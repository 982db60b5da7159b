/* SPDX-License-Identifier: MIT */
/* A folder for one test, handles on it, and messages that differ by a number. Refuses to go on after a failure. */
#ifndef SATCHEL_TESTS_STATE_WORLD_H
#define SATCHEL_TESTS_STATE_WORLD_H

#include "state/state.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY ((int64_t)24 * 60 * 60)
#define NOW ((int64_t)1800000000)

struct world {
    char root[64];    /* made by world_setup(), removed with all in it by world_teardown() */
    char folder[128]; /* root/state/satchel: not there yet */
};

int world_setup(void **state);
int world_setup_in_memory(void **state); /* where there is such a file system */
int world_teardown(void **state);

/* "FOLDER/NAME", in a buffer of its own: valid until the next call but three. */
const char *world_path(const struct world *world, const char *name);

/* They fail the test where they fail. */
struct state *world_open(const struct world *world, enum state_use use);
struct state *world_use(const struct world *world, const char *user); /* for writing, with account work@mail.example */
struct state_identity world_identity(const char *user);

/* The problem of an opening that has to fail; its text must name `names`. */
enum state_problem world_open_fails(const struct world *world, enum state_use use, const char *names);

/* A database in which account work has 50 messages; nobody has it open. */
void world_prepare(const struct world *world);

/* In place of what is there. */
void world_write_file(const char *path, const void *octets, size_t size);

/* The account of `user` as state_accounts() tells it; fails where there is none. */
struct state_account world_account(struct state *state, const char *user);

/* ---- Messages: number i has the uid "uid-000i" ---- */

#define UID_TEXT 16

struct sample {
    char uid[UID_TEXT];
    char name[32];
    struct state_intent intent;
    struct state_key key;
};

void sample_make(struct sample *sample, unsigned i);

/* Key of number i, whose octets are valid until the next call but three. */
struct state_key sample_key(unsigned i);

/* I-records for first..first+count-1, and D-records in a second transaction. */
void world_intend(struct state *state, unsigned first, unsigned count);
void world_deliver(struct state *state, unsigned first, unsigned count, int64_t now_s);

/* Both. */
void world_take(struct state *state, unsigned first, unsigned count, int64_t now_s);

enum state_stage world_stage(struct state *state, unsigned i);

/* A survey of a session that lists first..first+count-1, committed at `now_s`; its counts. */
struct state_counts world_survey(struct state *state, unsigned first, unsigned count, int64_t now_s);

/* Fails where the database is not sound by PRAGMA integrity_check. */
void world_check_sound(const struct world *world);

/* The numbers of one row, and a failure where the database is not sound; by one connection. */
void world_numbers(const struct world *world, const char *sql, int64_t *numbers, int count);

/* One number out of the database, by a connection of its own. */
int64_t world_number(const struct world *world, const char *sql);

/* Any statements, by a connection of its own. */
void world_sql(const struct world *world, const char *sql);

#endif

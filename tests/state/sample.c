/* SPDX-License-Identifier: MIT */
/* sample FOLDER [hold]: accounts in a folder's database, for e2e_state.py. With `hold` it keeps `work` until its standard
 * input ends. */
#include "world.h"

#include <stdio.h>
#include <string.h>

static struct state *use(const char *folder, const char *user, const char *name) {
    struct state_error error;
    struct state *state = state_open(folder, STATE_WRITE, &error);
    struct state_identity identity = world_identity(user);

    if (state == NULL || !state_account_use(state, &identity, name, &error)) {
        (void)fprintf(stderr, "%s\n", error.text);
        state_close(state);
        return NULL;
    }
    return state;
}

static bool fill(struct state *state) {
    struct state_place place = {.kind = "maildir", .path = "/home/me/Mail", .device = 1, .inode = 2};
    struct state_run run = {.started_s = NOW,
                            .ended_s = NOW + 2,
                            .exit_code = 75,
                            .fetched = 5,
                            .failed = 1,
                            .text = "maildrop\x1b[2J locked"};
    struct state_place conflict;
    struct state_error error;
    int64_t id;

    if (!state_place_use(state, &place, false, &id, &conflict, &error)) {
        return false;
    }
    world_take(state, 0, 5, NOW);
    world_intend(state, 5, 1);
    (void)world_survey(state, 0, 4, NOW);
    return state_run_note(state, &run, &error);
}

int main(int argc, char **argv) {
    struct state *work = argc > 1 ? use(argv[1], "me", "work") : NULL;
    struct state *unnamed = argc > 1 ? use(argv[1], "you", NULL) : NULL;
    bool good = work != NULL && unnamed != NULL && (argc > 2 || fill(work));

    if (good && argc > 2) {
        (void)puts("held");
        (void)fflush(stdout);
        (void)getchar();
    }
    state_close(unnamed);
    state_close(work);
    return good ? 0 : 1;
}

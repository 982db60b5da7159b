/* SPDX-License-Identifier: MIT */
/* Listing, knowledge and options become actions. */
#include "fetch/plan.h"

#define RESET_FRESH 10 /* */

/* Does the policy want a delivered message gone? Ages count from delivery (D-13), so a new one is never due. */
static bool unwanted(const struct listing *listing, size_t index, uint8_t known, const struct plan_options *options) {
    switch (options->keep) {
    case PLAN_KEEP_NONE: return true;
    case PLAN_KEEP_DAYS: return (known & PLAN_DUE) != 0;
    case PLAN_KEEP_NEWEST: return listing->count - index > options->newest;
    case PLAN_KEEP_ALL: break;
    }
    return false;
}

static enum plan_action decide(const struct listing *listing, size_t index, uint8_t known,
                               const struct plan_options *options) {
    const struct listing_entry *entry = &listing->entries[index];

    if (entry->uid_size == 0) {
        return PLAN_NO_UID;
    }
    if ((known & PLAN_UNFINISHED) != 0) {
        return PLAN_WAITING;
    }
    if ((known & PLAN_DELIVERED) != 0) {
        return !listing->flawed && unwanted(listing, index, known, options) ? PLAN_DELETE : PLAN_KEEP;
    }
    if ((known & PLAN_HOPELESS) != 0) {
        return PLAN_FAILING;
    }
    return entry->size != LISTING_SIZE_UNKNOWN && entry->size > options->max_octets ? PLAN_TOO_LARGE : PLAN_FETCH;
}

static void take(struct plan *plan, struct listing *listing, size_t index, uint8_t known,
                 const struct plan_options *options) {
    struct listing_entry *entry = &listing->entries[index];
    enum plan_action action = decide(listing, index, known, options);

    if (action == PLAN_FETCH && plan->actions[PLAN_FETCH] >= options->max_messages) {
        action = PLAN_LATER;
    }
    entry->action = (uint8_t)action;
    entry->flags = 0;
    if (action == PLAN_FETCH) {
        plan->octets += entry->size != LISTING_SIZE_UNKNOWN ? entry->size : 0;
        if (!listing->flawed && unwanted(listing, index, 0, options)) {
            entry->flags = PLAN_THEN_DELETE;
        }
    }
    plan->actions[action]++;
}

void plan_make(struct plan *plan, struct listing *listing, const uint8_t *known, const struct plan_options *options) {
    *plan = (struct plan){0};
    for (size_t i = 0; i < listing->count; i++) {
        size_t index = options->newest_first ? listing->count - 1 - i : i;

        take(plan, listing, index, known[index], options);
    }
}

bool plan_uids_reset(size_t known, size_t vanished, size_t fresh) {
    return known > 0 && vanished > known / 2 && fresh >= RESET_FRESH;
}

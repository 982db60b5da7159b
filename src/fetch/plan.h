/* SPDX-License-Identifier: MIT */
/*
 * What to do with each message of a listing. Pure: no clock, no network, no database. What is known of a message comes as
 * the bits of enum plan_known.
 */
#ifndef SATCHEL_FETCH_PLAN_H
#define SATCHEL_FETCH_PLAN_H

#include "fetch/listing.h"

enum plan_known {
    PLAN_UNFINISHED = 1, /* an earlier run's delivery whose outcome cannot be told now */
    PLAN_DELIVERED = 2,
    PLAN_DUE = 4,      /* delivered longer ago than keep's days */
    PLAN_HOPELESS = 8, /* failed in as many sessions as are tried (D-24) */
};

enum plan_action {
    PLAN_KEEP,      /* delivered, and stays */
    PLAN_FETCH,     /* new */
    PLAN_DELETE,    /* delivered, to be deleted, if it proves to be what was delivered (D-14) */
    PLAN_NO_UID,    /* not fetched: the server gives no uid */
    PLAN_TOO_LARGE, /* not fetched: larger than max-message (L-05) */
    PLAN_FAILING,   /* not fetched: the server failed to give it, too often */
    PLAN_LATER,     /* not fetched now: max-messages */
    PLAN_WAITING    /* not fetched: PLAN_UNFINISHED */
};

/* In listing_entry.flags. */
enum plan_flag {
    PLAN_THEN_DELETE = 1, /* behind FETCH: once it is delivered */
    PLAN_COMPARE = 2      /* behind FETCH: it may be what was delivered already (D-14): set by who verifies */
};

enum plan_keep { PLAN_KEEP_ALL, PLAN_KEEP_NONE, PLAN_KEEP_DAYS, PLAN_KEEP_NEWEST };

struct plan_options {
    enum plan_keep keep;
    uint32_t newest; /* for KEEP_NEWEST */
    uint64_t max_octets;
    uint32_t max_messages;
    bool newest_first;
};

struct plan {
    size_t actions[PLAN_WAITING + 1]; /* messages for each action */
    uint64_t octets;                  /* of those to fetch, as far as LIST tells */
};

/* Sets action and flags of each entry. `known` has an element for each. */
void plan_make(struct plan *plan, struct listing *listing, const uint8_t *known, const struct plan_options *options);

/* More than half of what was known is gone and there is much that is not known: uids were given anew. */
bool plan_uids_reset(size_t known, size_t vanished, size_t fresh);

#endif

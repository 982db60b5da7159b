/* SPDX-License-Identifier: MIT */
/*
 * What a maildrop lists: number, uid, size, and how many equal uids precede (D-08). Grows by what is listed, never by what is
 * announced. Refuses to know what is to be done with it.
 */
#ifndef SATCHEL_FETCH_LISTING_H
#define SATCHEL_FETCH_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LISTING_SIZE_UNKNOWN UINT64_MAX

struct listing_entry {
    uint64_t size; /* by LIST, or LISTING_SIZE_UNKNOWN */
    uint32_t number;
    uint32_t uid; /* offset in the listing's uids */
    uint32_t k;
    uint8_t uid_size; /* 0: the message has none */
    bool copies;      /* the uid is listed more than once */
    uint8_t action;   /* enum plan_action, of plan.h */
    uint8_t flags;    /* of plan.h */
};

struct listing {
    struct listing_entry *entries; /* by number */
    size_t count;
    size_t room;
    char *uids;
    size_t uids_size;
    size_t uids_room;
    struct listing_size *sizes;
    size_t size_count;
    size_t size_room;
    bool out_of_memory;
    bool flawed; /* numbers repeated or without uid line and so on: nothing is deleted by it */
};

/* Zeroed storage is an empty listing. */
void listing_free(struct listing *listing);

/* Lines of LIST and of UIDL, in any order. False: no memory. */
bool listing_add_size(struct listing *listing, uint32_t number, uint64_t octets);
bool listing_add_uid(struct listing *listing, uint32_t number, const char *uid);

/* After the last line: sorts, joins, counts equal uids. `secret` keys the hash of uids. False: no memory. */
bool listing_complete(struct listing *listing, const uint8_t *secret, size_t secret_size);

static inline const char *listing_uid(const struct listing *listing, const struct listing_entry *entry) {
    return listing->uids + entry->uid;
}

#endif

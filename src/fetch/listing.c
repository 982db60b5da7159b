/* SPDX-License-Identifier: MIT */
/* Lines of two listings joined by number, and equal uids counted. */
#include "fetch/listing.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct listing_size {
    uint64_t octets;
    uint32_t number;
};

#define FIRST_ROOM 256
#define UID_MOST 255

void listing_free(struct listing *listing) {
    free(listing->entries);
    free(listing->uids);
    free(listing->sizes);
    *listing = (struct listing){0};
}

/* Room for `more` elements; the listing remembers a failure. */
static bool grow(struct listing *listing, void **array, size_t *room, size_t count, size_t more, size_t element) {
    size_t wanted = *room == 0 ? FIRST_ROOM : *room;
    void *bigger;

    if (count + more <= *room) {
        return true;
    }
    while (wanted < count + more) {
        wanted += wanted / 2;
    }
    bigger = realloc(*array, wanted * element);
    if (bigger == NULL) {
        listing->out_of_memory = true;
        return false;
    }
    *array = bigger;
    *room = wanted;
    return true;
}

bool listing_add_size(struct listing *listing, uint32_t number, uint64_t octets) {
    void *sizes = listing->sizes;
    bool good = grow(listing, &sizes, &listing->size_room, listing->size_count, 1, sizeof *listing->sizes);

    listing->sizes = sizes;
    if (good) {
        listing->sizes[listing->size_count++] = (struct listing_size){.number = number, .octets = octets};
    }
    return good;
}

/* what is too long to be kept is known by its SHA-256. */
static size_t shorten(const char *uid, size_t n, char out[UID_MOST + 1]) {
    uint8_t digest[SHA256_DIGEST_LENGTH];

    (void)SHA256((const uint8_t *)uid, n, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
    return 2 * sizeof digest;
}

bool listing_add_uid(struct listing *listing, uint32_t number, const char *uid) {
    char short_uid[UID_MOST + 1];
    size_t n = strlen(uid);
    void *entries = listing->entries;
    void *uids = listing->uids;
    bool good = grow(listing, &entries, &listing->room, listing->count, 1, sizeof *listing->entries);

    if (n > UID_MOST) {
        n = shorten(uid, n, short_uid);
        uid = short_uid;
    }
    good = grow(listing, &uids, &listing->uids_room, listing->uids_size, n + 1, 1) && good; /* never NULL behind it */
    listing->entries = entries;
    listing->uids = uids;
    if (!good || listing->uids_size > UINT32_MAX - UID_MOST) {
        return good;
    }
    memcpy(listing->uids + listing->uids_size, uid, n);
    listing->entries[listing->count++] = (struct listing_entry){
        .number = number, .uid = (uint32_t)listing->uids_size, .uid_size = (uint8_t)n, .size = LISTING_SIZE_UNKNOWN};
    listing->uids_size += n;
    return true;
}

static int by_number(const void *a, const void *b) {
    uint32_t left = ((const struct listing_entry *)a)->number;
    uint32_t right = ((const struct listing_entry *)b)->number;

    return left < right ? -1 : left > right;
}

static int size_by_number(const void *a, const void *b) {
    uint32_t left = ((const struct listing_size *)a)->number;
    uint32_t right = ((const struct listing_size *)b)->number;

    return left < right ? -1 : left > right;
}

/* Listings come in order; what does not is sorted. A number that comes twice means nothing for sure: all of it goes. */
static void sort_entries(struct listing *listing) {
    size_t to = 0;

    for (size_t i = 1; i < listing->count; i++) {
        if (listing->entries[i - 1].number > listing->entries[i].number) {
            qsort(listing->entries, listing->count, sizeof *listing->entries, by_number);
            break;
        }
    }
    for (size_t i = 0; i < listing->count;) {
        size_t same = i + 1;

        while (same < listing->count && listing->entries[same].number == listing->entries[i].number) {
            same++;
        }
        if (same == i + 1) {
            listing->entries[to++] = listing->entries[i];
        } else {
            listing->flawed = true;
        }
        i = same;
    }
    listing->count = to;
}

static void join_sizes(struct listing *listing) {
    size_t at = 0;

    for (size_t i = 1; i < listing->size_count; i++) {
        if (listing->sizes[i - 1].number > listing->sizes[i].number) {
            qsort(listing->sizes, listing->size_count, sizeof *listing->sizes, size_by_number);
            break;
        }
    }
    for (size_t i = 0; i < listing->count; i++) {
        struct listing_entry *entry = &listing->entries[i];

        while (at < listing->size_count && listing->sizes[at].number < entry->number) {
            at++;
        }
        if (at < listing->size_count && listing->sizes[at].number == entry->number) {
            entry->size = listing->sizes[at].octets;
        }
    }
    free(listing->sizes);
    listing->sizes = NULL;
    listing->size_count = listing->size_room = 0;
}

static bool same_uid(const struct listing *listing, const struct listing_entry *a, const struct listing_entry *b) {
    return a->uid_size == b->uid_size && memcmp(listing_uid(listing, a), listing_uid(listing, b), a->uid_size) == 0;
}

/* An open hash table of indices, 0 for none; each slot holds the last entry of its uid. */
static bool count_copies(struct listing *listing, const uint8_t *secret, size_t secret_size) {
    size_t slots = FIRST_ROOM;
    uint32_t *table;

    while (slots < 2 * listing->count) {
        slots *= 2;
    }
    table = calloc(slots, sizeof *table);
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < listing->count; i++) {
        struct listing_entry *entry = &listing->entries[i];
        uint64_t hash = XXH3_64bits_withSecret(listing_uid(listing, entry), entry->uid_size, secret, secret_size);
        size_t slot = hash & (slots - 1);

        while (table[slot] != 0 && !same_uid(listing, &listing->entries[table[slot] - 1], entry)) {
            slot = (slot + 1) & (slots - 1);
        }
        if (table[slot] != 0) {
            struct listing_entry *before = &listing->entries[table[slot] - 1];

            entry->k = before->k + 1;
            entry->copies = before->copies = entry->uid_size > 0;
        }
        table[slot] = (uint32_t)i + 1;
    }
    free(table);
    return true;
}

bool listing_complete(struct listing *listing, const uint8_t *secret, size_t secret_size) {
    if (listing->out_of_memory) {
        return false;
    }
    sort_entries(listing);
    join_sizes(listing);
    return listing->count == 0 || count_copies(listing, secret, secret_size);
}

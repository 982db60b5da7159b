/* SPDX-License-Identifier: MIT */
/* Looks for fields in a header, an octet at a time. Decodes nothing. */
#include "text/fields.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char octet) {
    return octet == ' ' || octet == '\t';
}

/* The field that begins; FIELDS_MOST: nobody asked for it, or it was there before. */
static size_t find_name(struct fields *self) {
    if (self->name_length < FIELDS_NAME) {
        self->name[self->name_length] = '\0';
        for (size_t i = 0; i < FIELDS_MOST && self->names[i] != NULL; i++) {
            if (strcasecmp(self->names[i], self->name) == 0 && self->lengths[i] == 0) {
                return i;
            }
        }
    }
    return FIELDS_MOST;
}

static void take_value(struct fields *self, char octet) {
    size_t i = self->current;

    if (i < FIELDS_MOST && self->lengths[i] < WORDS_MOST && (self->lengths[i] != 0 || !is_blank(octet))) {
        self->values[i][self->lengths[i]++] = octet;
    }
}

static void begin_line(struct fields *self, char octet) {
    if (octet == '\n') {
        self->state = FIELDS_OVER;
    } else if (is_blank(octet)) {
        self->state = FIELDS_VALUE;
        take_value(self, octet);
    } else {
        self->state = FIELDS_NAMED;
        self->name[0] = octet;
        self->name_length = 1;
        self->current = FIELDS_MOST;
    }
}

static void take_name(struct fields *self, char octet) {
    if (octet == '\n') {
        self->state = FIELDS_LINE;
    } else if (octet == ':') {
        self->current = find_name(self);
        self->state = FIELDS_VALUE;
    } else if (self->name_length < FIELDS_NAME) {
        self->name[self->name_length++] = octet;
    }
}

void fields_take(struct fields *self, const char *octets, size_t n) {
    for (size_t i = 0; i < n && self->state != FIELDS_OVER; i++) {
        if (octets[i] == '\r') {
            continue;
        }
        switch (self->state) {
        case FIELDS_LINE: begin_line(self, octets[i]); break;
        case FIELDS_NAMED: take_name(self, octets[i]); break;
        case FIELDS_VALUE:
            if (octets[i] == '\n') {
                self->state = FIELDS_LINE;
            } else {
                take_value(self, octets[i]);
            }
            break;
        case FIELDS_OVER: break;
        }
    }
}

const char *fields_value(const struct fields *self, size_t i, size_t *n) {
    *n = self->lengths[i];
    while (*n != 0 && is_blank(self->values[i][*n - 1])) {
        (*n)--;
    }
    return self->values[i];
}

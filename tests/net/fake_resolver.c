/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "fake_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MOST (sizeof fake_names->addresses / sizeof fake_names->addresses[0])

atomic_int fake_delay_ms;
atomic_int fake_answers;

struct answer {
    struct addrinfo info;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } where;
};

/* What the linker takes for getaddrinfo() and freeaddrinfo(), for shared libraries too. */
#define FOR_ALL __attribute__((visibility("default")))
FOR_ALL int fake_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                             struct addrinfo **found) __asm__("getaddrinfo");
FOR_ALL void fake_freeaddrinfo(struct addrinfo *found) __asm__("freeaddrinfo");

static struct addrinfo *make(const char *numeric, const char *service) {
    struct answer *answer = calloc(1, sizeof *answer);
    in_port_t port = htons((uint16_t)strtoul(service, NULL, 10));

    if (answer == NULL) {
        return NULL;
    }
    if (inet_pton(AF_INET, numeric, &answer->where.v4.sin_addr) == 1) {
        answer->where.v4.sin_family = AF_INET;
        answer->where.v4.sin_port = port;
        answer->info.ai_addrlen = sizeof answer->where.v4;
    } else if (inet_pton(AF_INET6, numeric, &answer->where.v6.sin6_addr) == 1) {
        answer->where.v6.sin6_family = AF_INET6;
        answer->where.v6.sin6_port = port;
        answer->info.ai_addrlen = sizeof answer->where.v6;
    } else {
        free(answer);
        return NULL;
    }
    answer->info.ai_family = answer->where.any.sa_family;
    answer->info.ai_socktype = SOCK_STREAM;
    answer->info.ai_addr = &answer->where.any;
    return &answer->info;
}

static int answer_name(const char *name, const char *service, struct addrinfo **found) {
    const struct fake_name *known = fake_names;

    while (known->name != NULL && strcmp(known->name, name) != 0) {
        known++;
    }
    if (known->name == NULL) {
        return EAI_NONAME;
    }
    for (size_t i = COUNT_MOST; i-- > 0;) {
        struct addrinfo *one = known->addresses[i] != NULL ? make(known->addresses[i], service) : NULL;

        if (one != NULL) {
            one->ai_next = *found;
            *found = one;
        }
    }
    return known->status;
}

int fake_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int status;

    *found = NULL;
    if ((hints->ai_flags & AI_NUMERICHOST) != 0) {
        *found = make(name, service);
        return *found != NULL ? 0 : EAI_NONAME;
    }
    (void)poll(NULL, 0, atomic_load(&fake_delay_ms));
    status = answer_name(name, service, found);
    (void)atomic_fetch_add(&fake_answers, 1);
    return status;
}

void fake_freeaddrinfo(struct addrinfo *found) {
    while (found != NULL) {
        struct addrinfo *next = found->ai_next;

        free(found); /* the first member of its struct answer */
        found = next;
    }
}

/* SPDX-License-Identifier: MIT */
/* The table that redirects addresses written into an application to addresses of the host. */
#include "route.h"

#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define MOST_ROUTES 16
#define LONGEST_HOST 46 /* of an IPv6 address in text, with its NUL */

struct place {
    NXD_ADDRESS address;
    UINT port;
};

struct table {
    size_t count;
    struct {
        struct place from;
        struct place to;
    } routes[MOST_ROUTES];
};

static struct table table;
static bool is_set;

static bool parse_host(const char *text, size_t length, int family, struct place *place) {
    char host[LONGEST_HOST];
    struct sockaddr_storage storage = {.ss_family = (sa_family_t)family};
    if (length >= sizeof host) {
        return false;
    }
    memcpy(host, text, length);
    host[length] = '\0';
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(family, host, family == AF_INET ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr) != 1) {
        return false;
    }
    memcpy(&storage, family == AF_INET ? (void *)&v4 : (void *)&v6, family == AF_INET ? sizeof v4 : sizeof v6);
    address_from_host(&storage, &place->address, &place->port);
    return true;
}

/* "1.2.3.4:110" or "[::1]:110"; returns what follows, NULL when it is neither. */
static const char *parse_place(const char *text, struct place *place) {
    const char *host = text;
    const char *end = strpbrk(text, ":=,");
    int family = AF_INET;
    if (*text == '[') {
        host = text + 1;
        end = strchr(text, ']');
        family = AF_INET6;
    }
    if (end == NULL || !parse_host(host, (size_t)(end - host), family, place)) {
        return NULL;
    }
    end += *end == ']';
    char *rest;
    if (*end != ':' || end[1] < '0' || end[1] > '9') {
        return NULL;
    }
    unsigned long port = strtoul(end + 1, &rest, 10);
    place->port = (UINT)port;
    return port <= NX_MAX_PORT ? rest : NULL;
}

static bool parse(const char *text, struct table *to) {
    to->count = 0;
    while (*text != '\0') {
        if (to->count == MOST_ROUTES) {
            return false;
        }
        text = parse_place(text, &to->routes[to->count].from);
        if (text == NULL || *text != '=') {
            return false;
        }
        text = parse_place(text + 1, &to->routes[to->count].to);
        if (text == NULL || (*text != ',' && *text != '\0')) {
            return false;
        }
        text += *text == ',';
        to->count++;
    }
    return true;
}

bool nxhost_route(const char *routes) {
    struct table parsed;
    if (!parse(routes, &parsed)) {
        return false;
    }
    table = parsed;
    is_set = true;
    return true;
}

void route_reset(void) {
    is_set = false;
}

static void use_environment(void) {
    const char *routes = getenv("NXHOST_ROUTE");
    if (routes != NULL && !nxhost_route(routes)) {
        fprintf(stderr, "nxhost: NXHOST_ROUTE is not understood: %s\n", routes);
        exit(2);
    }
    if (routes == NULL) {
        table.count = 0;
        is_set = true;
    }
}

bool route_apply(NXD_ADDRESS *address, UINT *port) {
    if (!is_set) {
        use_environment();
    }
    for (size_t i = 0; i < table.count; i++) {
        if (table.routes[i].from.port == *port && address_equal(&table.routes[i].from.address, address)) {
            *address = table.routes[i].to.address;
            *port = table.routes[i].to.port;
            return true;
        }
    }
    return false;
}

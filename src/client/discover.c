/* SPDX-License-Identifier: MIT */
/* From a mail address to POP3 servers, by SRV records (RFC 6186). Connects to none of them. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "net/dial.h"
#include "net/srv.h"

/* Implicit TLS first (RFC 8314 section 5.1); priorities and weights of one say nothing about the other. */
static const struct {
    const char *name;
    pop3_tls_mode tls;
} services[] = {{"_pop3s._tcp", POP3_TLS_IMPLICIT}, {"_pop3._tcp", POP3_TLS_STLS}};

static pop3_client_error make_error(pop3_client_class class_, int code, const char *hint, const char *what) {
    pop3_client_error error = {.class_ = class_, .code = code};

    (void)snprintf(error.what, sizeof error.what, "%s", what);
    (void)snprintf(error.hint, sizeof error.hint, "%s", hint);
    return error;
}

/* A quoted local part may have an "@" too. Controls would go into USER (A-13). False: it is no mail address. */
static bool read_domain(struct net_host *domain, const char *address) {
    const char *at = strrchr(address, '@');
    struct net_error error;

    for (const char *c = address; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            return false;
        }
    }
    return at != NULL && at != address && net_host_parse(domain, at + 1, &error) && !domain->numeric;
}

static bool is_within(const char *host, const char *domain) {
    size_t size = strlen(host);
    size_t end = strlen(domain);

    return size >= end && strcmp(host + size - end, domain) == 0 && (size == end || host[size - end - 1] == '.');
}

static size_t add(pop3_client_service *found, size_t n, const struct net_srv *srv, pop3_tls_mode tls,
                  const char *domain) {
    size_t count = srv->count < n ? srv->count : n;

    for (size_t i = 0; i < count; i++) {
        const struct net_srv_target *target = &srv->targets[i];

        memcpy(found[i].host, target->host, sizeof target->host);
        found[i].port = target->port;
        found[i].tls = tls;
        found[i].foreign = !is_within(target->host, domain);
    }
    return count;
}

/* One service that cannot be looked up does not hide the other. */
static pop3_client_error look_up(const struct net_host *domain, const struct net_srv_options *options,
                                 pop3_client_service *found, size_t n) {
    struct net_error failure = {.kind = NET_ERROR_NONE};
    bool not_offered = false;
    size_t count = 0;

    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        struct net_srv srv;

        if (net_srv_lookup(&srv, services[i].name, domain, options, &failure)) {
            not_offered = not_offered || srv.not_offered;
            count += add(found + count, n - count, &srv, services[i].tls, domain->name);
        }
    }
    if (count != 0) {
        return (pop3_client_error){.class_ = POP3_CLIENT_OK};
    }
    if (failure.kind != NET_ERROR_NONE) {
        return client_net_error(&failure);
    }
    if (not_offered) {
        return make_error(POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_OFFERED, "",
                          "the domain of the mail address says that it offers no POP3");
    }
    return make_error(POP3_CLIENT_NAME, POP3_CLIENT_NAME_NOT_TOLD, "ask the provider for the name of its POP3 server",
                      "the domain of the mail address does not tell of a POP3 server");
}

static pop3_client_error discover(const char *address, const pop3_client_discovery_options *options,
                                  pop3_client_service *found, size_t n) {
    pop3_client_discovery_options known = {.size = sizeof known};
    struct net_srv_options srv_options = {.random = NULL};
    struct net_host domain;

    if (n == 0 || (options != NULL && !client_copy_sized(&known, sizeof known, options, sizeof known))) {
        return make_error(POP3_CLIENT_ARG, 0, "",
                          n == 0 ? "there is no room for a server" : "options.size is not the size of the options");
    }
    memset(found, 0, n * sizeof *found);
    if (!read_domain(&domain, address)) {
        return make_error(POP3_CLIENT_ARG, 0, "write it as me@example.org", "that is no mail address");
    }
    srv_options.name_servers = known.name_servers;
    srv_options.deadline_ms = net_now_ms() + (known.timeout_ms != 0 ? known.timeout_ms : NET_LOOKUP_MS);
    return look_up(&domain, &srv_options, found, n);
}

pop3_client_class pop3_client_discover(const char *address, const pop3_client_discovery_options *options,
                                       pop3_client_service *found, size_t n, pop3_client_error *error) {
    const pop3_client_error result = discover(address, options, found, n);

    if (error != NULL) {
        *error = result;
    }
    return result.class_;
}

/* SPDX-License-Identifier: MIT */
/* Certificates and options for the server's TLS. Refuses to do what src/net does: TLS itself. */
#include "serve/tls.h"

#include "net/certificate.h"

#include <stddef.h>
#include <string.h>

#define DAY INT64_C(86400)
#define NAMES_MOST 5

/* The names by which clients on this machine may call the server. */
static size_t list_names(struct net_certificate_name names[NAMES_MOST], const char *address, const char *name) {
    size_t count = 0;

    names[count++] = (struct net_certificate_name){.text = "localhost"};
    names[count++] = (struct net_certificate_name){.text = "127.0.0.1"};
    names[count++] = (struct net_certificate_name){.text = "::1"};
    names[count++] = (struct net_certificate_name){.text = address};
    if (name[0] != '\0') {
        names[count++] = (struct net_certificate_name){.text = name};
    }
    return count;
}

static struct net_certificate *make_leaf(unsigned kind, const struct net_certificate *authority, const char *address,
                                         const char *name, struct net_error *error) {
    static const struct net_certificate_name other = {.text = "other.invalid"};
    struct net_certificate_name names[NAMES_MOST];
    struct net_certificate_recipe recipe = {.names = names, .name_count = list_names(names, address, name)};

    if (kind == SERVE_CERTIFICATE_EXPIRED) {
        recipe.begins_s = -2 * DAY;
        recipe.ends_s = -DAY;
    } else if (kind == SERVE_CERTIFICATE_EARLY) {
        recipe.begins_s = DAY;
        recipe.ends_s = 2 * DAY;
    } else if (kind == SERVE_CERTIFICATE_OTHER_NAME) {
        recipe.names = &other;
        recipe.name_count = 1;
    }
    return net_certificate_make(&recipe, kind == SERVE_CERTIFICATE_SELF_SIGNED ? NULL : authority, error);
}

static struct net_tls_server *use_made(const struct serve_tls_options *options, struct net_tls_server_options *tls,
                                       const char *address, const char *name, struct net_error *error) {
    const struct net_certificate_recipe recipe = {.authority = true};
    struct net_certificate *authority = net_certificate_make(&recipe, NULL, error);
    struct net_certificate *leaf = authority != NULL ? make_leaf(options->made, authority, address, name, error) : NULL;
    struct net_tls_server *server = NULL;

    if (leaf != NULL && (options->ca_out == NULL || net_certificate_write(authority, options->ca_out, error))) {
        tls->certificate = leaf;
        server = net_tls_server_new(tls, error);
    }
    net_certificate_free(leaf);
    net_certificate_free(authority);
    return server;
}

struct net_tls_server *serve_tls_new(const struct serve_tls_options *options, const char *address, const char *name,
                                     struct net_error *error) {
    struct net_tls_server_options tls = {.certificate_file = options->certificate_file,
                                         .key_file = options->key_file,
                                         .least = (enum net_tls_version)options->version,
                                         .most = (enum net_tls_version)options->version,
                                         .alpn = "pop3",
                                         .alpn_lie = options->alpn,
                                         .client_ca_file = options->client_ca_file,
                                         .no_close_notify = options->no_close_notify};

    return options->certificate_file != NULL ? net_tls_server_new(&tls, error)
                                             : use_made(options, &tls, address, name, error);
}

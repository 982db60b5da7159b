/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct authority authority;

int authority_make(void **state) {
    const struct net_certificate_name names[] = {{.text = "127.0.0.1"}, {.text = "two.test"}};
    const struct net_certificate_recipe root = {.authority = true};
    const struct net_certificate_recipe leaf = {.names = names, .name_count = 2};
    struct net_tls_server_options options = {.alpn = "pop3"};
    struct net_error error;
    int fd;

    (void)state;
    (void)snprintf(authority.ca_file, sizeof authority.ca_file, "/tmp/satchel-client-XXXXXX");
    fd = mkstemp(authority.ca_file);
    close(fd);
    authority.root = net_certificate_make(&root, NULL, &error);
    authority.leaf = net_certificate_make(&leaf, authority.root, &error);
    options.certificate = authority.leaf;
    authority.tls = net_tls_server_new(&options, &error);
    return fd < 0 || authority.tls == NULL || !net_certificate_write(authority.root, authority.ca_file, &error);
}

int authority_end(void **state) {
    (void)state;
    net_tls_server_free(authority.tls);
    net_certificate_free(authority.leaf);
    net_certificate_free(authority.root);
    return unlink(authority.ca_file);
}

/* SPDX-License-Identifier: MIT */
/* A local CA for servers on 127.0.0.1, named two.test too, made on the spot, for cmocka_run_group_tests(). */
#ifndef SATCHEL_TESTS_CLIENT_AUTHORITY_H
#define SATCHEL_TESTS_CLIENT_AUTHORITY_H

#include "net/tls_server.h"

struct authority {
    struct net_certificate *root, *leaf;
    struct net_tls_server *tls;
    char ca_file[64]; /* root, PEM */
};

extern struct authority authority;

int authority_make(void **state);
int authority_end(void **state);

#endif

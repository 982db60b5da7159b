/* SPDX-License-Identifier: MIT */
/* Certificates made in memory, for trials and tests: authorities, servers, clients. Refuses to be anyone's real CA. */
#ifndef SATCHEL_NET_CERTIFICATE_H
#define SATCHEL_NET_CERTIFICATE_H

#include "net/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum net_certificate_key { NET_KEY_P256, NET_KEY_RSA_2048, NET_KEY_ED25519 };

struct net_certificate_name {
    const char *text; /* a numeric address becomes an iPAddress, all else a dNSName */
    size_t size;      /* 0: up to the NUL */
};

/* {0}: a leaf on P-256 without any name, valid from an hour ago for 30 days. */
struct net_certificate_recipe {
    const char *common_name; /* of the subject; NULL: "satchel", or "Satchel trial CA" */
    const struct net_certificate_name *names;
    size_t name_count;
    int64_t begins_s; /* from now, may be negative; both 0: as above */
    int64_t ends_s;
    enum net_certificate_key key;
    bool authority; /* may sign others */
};

struct net_certificate; /* with its private key */

/* Signed by `issuer`; NULL: by itself. NULL: `error`. */
struct net_certificate *net_certificate_make(const struct net_certificate_recipe *recipe,
                                             const struct net_certificate *issuer, struct net_error *error);
void net_certificate_free(struct net_certificate *certificate);

/* PEM. A file with the key is created for its owner alone. False: `error`. */
bool net_certificate_write(const struct net_certificate *certificate, const char *path, struct net_error *error);
bool net_certificate_write_key(const struct net_certificate *certificate, const char *path, struct net_error *error);

/* The pin of its key: "sha256//" and base64; `out` has room for NET_TLS_PIN_SIZE octets. */
void net_certificate_pin(const struct net_certificate *certificate, char *out);

#endif

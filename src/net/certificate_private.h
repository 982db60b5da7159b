/* SPDX-License-Identifier: MIT */
/* What is inside a certificate made here, for the server that shows it. */
#ifndef SATCHEL_NET_CERTIFICATE_PRIVATE_H
#define SATCHEL_NET_CERTIFICATE_PRIVATE_H

#include "net/certificate.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct net_certificate {
    X509 *x509;
    EVP_PKEY *key;
};

#endif

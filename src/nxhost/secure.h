/* SPDX-License-Identifier: MIT */
/* What the files of NetX Secure share: OpenSSL's side of a session, and how a server's certificate is judged. */
#ifndef NXHOST_SECURE_H
#define NXHOST_SECURE_H

#include "nx_secure_tls_api.h"

#include <openssl/ssl.h>

#include <stdbool.h>

struct nxhost_tls {
    NX_SECURE_TLS_SESSION *session;
    SSL_CTX *context;
    SSL *ssl;
    BIO *received; /* records that OpenSSL has not read yet */
    BIO *written;  /* records that are not sent yet */
    UINT failure;  /* found inside a callback of OpenSSL's, which can only say that it failed */
    UCHAR *der;    /* the server's certificate where the application lent no room for it */
    NX_SECURE_X509_CERT certificate;
};

/* NULL without memory, or where a trusted certificate cannot be used. */
struct nxhost_tls *secure_tls_new(NX_SECURE_TLS_SESSION *session);
void secure_tls_free(struct nxhost_tls *tls);

/* Forgets the connection; what the application has set stays. */
void secure_session_reset(NX_SECURE_TLS_SESSION *session);

/* NX_PTR_ERROR, NX_SECURE_TLS_SESSION_UNINITIALIZED or NX_CALLER_ERROR: what each checked twin looks at first. */
UINT secure_session_error(const NX_SECURE_TLS_SESSION *session);

/* Has the context trust what the session trusts, and the session's callbacks asked about a server. */
bool secure_verify_prepare(struct nxhost_tls *tls);

#endif

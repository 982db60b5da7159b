/* SPDX-License-Identifier: MIT */
/* Judging a server: the chain to a certificate that the session trusts, then the application's callback. As in NetX
 * Secure nobody compares a name here, and nobody looks at dates unless the session has a time function. */
#include "secure.h"

/* What NetX Secure says of the same chain. */
static UINT status_of(int error) {
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return NX_SECURE_X509_CERTIFICATE_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID: return NX_SECURE_X509_CERTIFICATE_NOT_YET_VALID;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return NX_SECURE_TLS_INVALID_SELF_SIGNED_CERT;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return NX_SECURE_TLS_ISSUER_CERTIFICATE_NOT_FOUND;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: return NX_SECURE_TLS_CERTIFICATE_SIG_CHECK_FAILED;
    default: return NX_SECURE_X509_CHAIN_VERIFY_FAILURE;
    }
}

/* The server's certificate for the application: in the room that it lent, else in our own. */
static UINT keep(struct nxhost_tls *tls, const X509 *x509, NX_SECURE_X509_CERT **certificate) {
    UCHAR *der = NULL;
    int length = i2d_X509(x509, &der);
    tls->der = der;
    *certificate = tls->session->nxhost_remote;
    if (*certificate == NULL) {
        *certificate = &tls->certificate;
        tls->certificate.nx_secure_x509_certificate_raw_data = der;
        tls->certificate.nx_secure_x509_certificate_raw_buffer_size = (UINT)length;
    }
    if (length < 0 || (UINT)length > (*certificate)->nx_secure_x509_certificate_raw_buffer_size) {
        return NX_SECURE_TLS_INSUFFICIENT_CERT_SPACE;
    }
    (*certificate)->nx_secure_x509_certificate_raw_data_length = (UINT)length;
    memmove((*certificate)->nx_secure_x509_certificate_raw_data, der, (size_t)length);
    return NX_SUCCESS;
}

static UINT judge(struct nxhost_tls *tls, X509_STORE_CTX *chain) {
    NX_SECURE_TLS_SESSION *session = tls->session;
    NX_SECURE_X509_CERT *certificate;
    UINT status = keep(tls, X509_STORE_CTX_get0_cert(chain), &certificate);
    if (status == NX_SUCCESS && X509_verify_cert(chain) != 1) {
        status = status_of(X509_STORE_CTX_get_error(chain));
    }
    if (status == NX_SUCCESS && session->nx_secure_tls_session_certificate_callback != NULL) {
        status = (UINT)session->nx_secure_tls_session_certificate_callback(session, certificate);
    }
    return status;
}

static int verify(X509_STORE_CTX *chain, void *context) {
    struct nxhost_tls *tls = context;
    if (tls->failure == NX_SUCCESS) {
        tls->failure = judge(tls, chain);
    }
    if (tls->failure != NX_SUCCESS && X509_STORE_CTX_get_error(chain) == X509_V_OK) {
        X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    }
    return tls->failure == NX_SUCCESS;
}

static bool trust(X509_STORE *store, const NX_SECURE_X509_CERT *certificate) {
    const UCHAR *der = certificate->nx_secure_x509_certificate_raw_data;
    X509 *x509 = d2i_X509(NULL, &der, (long)certificate->nx_secure_x509_certificate_raw_data_length);
    bool added = x509 != NULL && X509_STORE_add_cert(store, x509) == 1;
    X509_free(x509);
    return added;
}

bool secure_verify_prepare(struct nxhost_tls *tls) {
    const NX_SECURE_TLS_SESSION *session = tls->session;
    X509_STORE *store = SSL_CTX_get_cert_store(tls->context);
    X509_VERIFY_PARAM *parameters = X509_STORE_get0_param(store);
    time_t now =
        session->nx_secure_tls_session_time_function != NULL ? session->nx_secure_tls_session_time_function() : 0;
    for (const NX_SECURE_X509_CERT *c = session->nxhost_trusted; c != NULL; c = c->nx_secure_x509_next_certificate) {
        if (!trust(store, c)) {
            return false;
        }
    }
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN); /* what is trusted need not be self-signed */
    if (now == 0) {
        X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME);
    } else {
        X509_VERIFY_PARAM_set_time(parameters, now);
    }
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(tls->context, verify, tls);
    return true;
}

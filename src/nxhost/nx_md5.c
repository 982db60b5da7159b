/* SPDX-License-Identifier: MIT */
/* MD5 for add-ons, computed by OpenSSL. Its low-level interface is deprecated, but the other one (EVP) needs a call
 * that frees the state, and NetX has none. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "nx_md5.h"

#include <openssl/md5.h>

_Static_assert(sizeof(MD5_CTX) <= sizeof(NX_MD5), "the state must fit in the context");

UINT _nx_md5_initialize(NX_MD5 *context) {
    MD5_CTX state;
    MD5_Init(&state);
    memcpy(context, &state, sizeof state);
    return NX_SUCCESS;
}

UINT _nx_md5_update(NX_MD5 *context, UCHAR *input, UINT length) {
    MD5_CTX state;
    memcpy(&state, context, sizeof state);
    MD5_Update(&state, input, length);
    memcpy(context, &state, sizeof state);
    return NX_SUCCESS;
}

UINT _nx_md5_digest_calculate(NX_MD5 *context, UCHAR digest[16]) {
    MD5_CTX state;
    memcpy(&state, context, sizeof state);
    MD5_Final(digest, &state);
    memset(context, 0, sizeof *context);
    return NX_SUCCESS;
}

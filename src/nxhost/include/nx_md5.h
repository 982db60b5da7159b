/* SPDX-License-Identifier: MIT */
/* MD5 as NetX offers it to its add-ons. There is no call that frees the state, so the whole state lies in it. */
#ifndef NX_MD5_H
#define NX_MD5_H

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct NX_MD5_STRUCT {
    ULONG nx_md5_host[24];
} NX_MD5;

UINT _nx_md5_initialize(NX_MD5 *context);
UINT _nx_md5_update(NX_MD5 *context, UCHAR *input, UINT length);
UINT _nx_md5_digest_calculate(NX_MD5 *context, UCHAR digest[16]);

#ifdef __cplusplus
}
#endif

#endif

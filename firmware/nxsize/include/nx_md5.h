/* SPDX-License-Identifier: MIT */
/* The shape of nx_md5.h: a context of its size, and its three calls. For measuring only. */
#ifndef NX_MD5_H
#define NX_MD5_H

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct NX_MD5_STRUCT {
    ULONG shape_state[22];
} NX_MD5;

UINT _nx_md5_initialize(NX_MD5 *context);
UINT _nx_md5_update(NX_MD5 *context, UCHAR *input, UINT length);
UINT _nx_md5_digest_calculate(NX_MD5 *context, UCHAR digest[16]);

#ifdef __cplusplus
}
#endif
#endif

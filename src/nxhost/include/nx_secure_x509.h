/* SPDX-License-Identifier: MIT */
/* Certificates as NetX Secure has them: names, values and statuses of its documentation, the work done by OpenSSL. */
#ifndef NX_SECURE_X509_H
#define NX_SECURE_X509_H

#include "nx_api.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NX_SECURE_X509_SUCCESS 0
#define NX_SECURE_X509_CHAIN_VERIFY_FAILURE 0x18C
#define NX_SECURE_X509_CERTIFICATE_EXPIRED 0x193
#define NX_SECURE_X509_CERTIFICATE_NOT_YET_VALID 0x194
#define NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH 0x195
#define NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE 0x19D
#define NX_SECURE_X509_NAME_STRING_TOO_LONG 0x19E
#define NX_SECURE_X509_INVALID_CERTIFICATE 0x1A2
#define NX_SECURE_X509_INSUFFICIENT_CERT_SPACE 0x1A8

#define NX_SECURE_X509_KEY_TYPE_NONE 0

#ifndef NX_SECURE_X509_DNS_NAME_MAX
#define NX_SECURE_X509_DNS_NAME_MAX 100
#endif

typedef struct NX_SECURE_X509_DNS_NAME_STRUCT {
    UCHAR nx_secure_x509_dns_name[NX_SECURE_X509_DNS_NAME_MAX];
    USHORT nx_secure_x509_dns_name_length;
} NX_SECURE_X509_DNS_NAME;

/* DER in memory of the application's. */
typedef struct NX_SECURE_X509_CERT_STRUCT {
    UCHAR *nx_secure_x509_certificate_raw_data;
    UINT nx_secure_x509_certificate_raw_data_length;
    UINT nx_secure_x509_certificate_raw_buffer_size;
    struct NX_SECURE_X509_CERT_STRUCT *nx_secure_x509_next_certificate;
} NX_SECURE_X509_CERT;

/* A certificate without private key: servers and client certificates are not offered, a key is INVALID_PRIVATE_KEY_TYPE. */
UINT _nx_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                            UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                            USHORT private_key_length, UINT private_key_type);
UINT _nxe_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                             UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                             USHORT private_key_length, UINT private_key_type);

/* Common name, then the DNS names: octet for octet; `*` stands for the whole left-most label. */
UINT _nx_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name, UINT length);
UINT _nxe_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name, UINT length);

UINT _nx_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name, USHORT length);
UINT _nxe_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name, USHORT length);

#ifdef NX_SECURE_DISABLE_ERROR_CHECKING
#define nx_secure_x509_certificate_initialize _nx_secure_x509_certificate_initialize
#define nx_secure_x509_common_name_dns_check _nx_secure_x509_common_name_dns_check
#define nx_secure_x509_dns_name_initialize _nx_secure_x509_dns_name_initialize
#else
#define nx_secure_x509_certificate_initialize _nxe_secure_x509_certificate_initialize
#define nx_secure_x509_common_name_dns_check _nxe_secure_x509_common_name_dns_check
#define nx_secure_x509_dns_name_initialize _nxe_secure_x509_dns_name_initialize
#endif

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* Certificates and names. A certificate is kept as the application gave it and parsed anew whenever it is asked. */
#include "nx_secure_x509.h"

#include <openssl/x509v3.h>

#include <stdbool.h>

static X509 *parse(const NX_SECURE_X509_CERT *certificate) {
    const UCHAR *der = certificate->nx_secure_x509_certificate_raw_data;
    return d2i_X509(NULL, &der, (long)certificate->nx_secure_x509_certificate_raw_data_length);
}

UINT _nx_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                            UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                            USHORT private_key_length, UINT private_key_type) {
    NX_PARAMETER_NOT_USED(private_key_type);
    memset(certificate, 0, sizeof *certificate);
    certificate->nx_secure_x509_certificate_raw_data = raw_data_buffer != NULL ? raw_data_buffer : certificate_data;
    certificate->nx_secure_x509_certificate_raw_data_length = length;
    certificate->nx_secure_x509_certificate_raw_buffer_size = raw_data_buffer != NULL ? buffer_size : length;
    if (length > certificate->nx_secure_x509_certificate_raw_buffer_size) {
        return NX_SECURE_X509_INSUFFICIENT_CERT_SPACE;
    }
    memmove(certificate->nx_secure_x509_certificate_raw_data, certificate_data, length);
    X509 *x509 = parse(certificate);
    if (x509 == NULL) {
        return NX_SECURE_X509_INVALID_CERTIFICATE;
    }
    X509_free(x509);
    return private_key != NULL && private_key_length > 0 ? NX_SECURE_X509_INVALID_PRIVATE_KEY_TYPE
                                                         : NX_SECURE_X509_SUCCESS;
}

UINT _nxe_secure_x509_certificate_initialize(NX_SECURE_X509_CERT *certificate, UCHAR *certificate_data, USHORT length,
                                             UCHAR *raw_data_buffer, USHORT buffer_size, const UCHAR *private_key,
                                             USHORT private_key_length, UINT private_key_type) {
    if (certificate == NULL || certificate_data == NULL || length == 0) {
        return NX_PTR_ERROR;
    }
    return _nx_secure_x509_certificate_initialize(certificate, certificate_data, length, raw_data_buffer, buffer_size,
                                                  private_key, private_key_length, private_key_type);
}

/* --- Names ------------------------------------------------------------------------------------------------------- */

/* Octet for octet, NULs included; `*.` stands for a whole left-most label. */
static bool matches(const ASN1_STRING *pattern, const UCHAR *name, size_t length) {
    const UCHAR *octets = ASN1_STRING_get0_data(pattern);
    size_t size = (size_t)ASN1_STRING_length(pattern);
    if (size >= 2 && octets[0] == '*' && octets[1] == '.') {
        const UCHAR *dot = memchr(name, '.', length);
        size_t label = dot != NULL ? (size_t)(dot - name) : length;
        octets++;
        size--;
        name += label;
        length -= label;
    }
    return size == length && memcmp(octets, name, length) == 0;
}

static bool common_name_matches(const X509 *x509, const UCHAR *name, size_t length) {
    const X509_NAME *subject = X509_get_subject_name(x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return at >= 0 && matches(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), name, length);
}

static bool dns_name_matches(const X509 *x509, const UCHAR *name, size_t length) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    bool found = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
        const GENERAL_NAME *other = sk_GENERAL_NAME_value(names, i);
        found = other->type == GEN_DNS && matches(other->d.dNSName, name, length);
    }
    GENERAL_NAMES_free(names);
    return found;
}

UINT _nx_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name, UINT length) {
    X509 *x509 = parse(certificate);
    bool found =
        x509 != NULL && (common_name_matches(x509, dns_name, length) || dns_name_matches(x509, dns_name, length));
    X509_free(x509);
    return found ? NX_SECURE_X509_SUCCESS : NX_SECURE_X509_CERTIFICATE_DNS_MISMATCH;
}

UINT _nxe_secure_x509_common_name_dns_check(NX_SECURE_X509_CERT *certificate, const UCHAR *dns_name, UINT length) {
    return certificate == NULL || dns_name == NULL || length == 0
               ? NX_PTR_ERROR
               : _nx_secure_x509_common_name_dns_check(certificate, dns_name, length);
}

/* The real one does not look at the length either: that is its checked twin's business. */
UINT _nx_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name, USHORT length) {
    memcpy(dns_name->nx_secure_x509_dns_name, name, length);
    dns_name->nx_secure_x509_dns_name_length = length;
    return NX_SECURE_X509_SUCCESS;
}

UINT _nxe_secure_x509_dns_name_initialize(NX_SECURE_X509_DNS_NAME *dns_name, const UCHAR *name, USHORT length) {
    if (dns_name == NULL) {
        return NX_PTR_ERROR;
    }
    return length > NX_SECURE_X509_DNS_NAME_MAX ? NX_SECURE_X509_NAME_STRING_TOO_LONG
                                                : _nx_secure_x509_dns_name_initialize(dns_name, name, length);
}

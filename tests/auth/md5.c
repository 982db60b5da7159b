/* SPDX-License-Identifier: MIT */
/* MD5 by OpenSSL. */
#include "md5.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/evp.h>

size_t md5_calls;

void md5(const pop3_span *spans, size_t n, uint8_t *out) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned length = 0;
    assert_non_null(context);
    assert_int_equal(EVP_DigestInit_ex(context, EVP_md5(), NULL), 1);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(EVP_DigestUpdate(context, spans[i].data, spans[i].length), 1);
    }
    assert_int_equal(EVP_DigestFinal_ex(context, out, &length), 1);
    assert_int_equal(length, 16);
    EVP_MD_CTX_free(context);
    md5_calls++;
}

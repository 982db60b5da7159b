/* SPDX-License-Identifier: MIT */
/* The order of R-AUTH-01 for every case at once: choice.c leaves out what may not be used in the case at hand. */
#include <satchel/pop3_login.h>

const pop3_sasl_mechanism *const pop3_login_all_mechanisms[] = {
    &pop3_sasl_external,
    &pop3_sasl_scram_sha_256_plus,
    &pop3_sasl_scram_sha_1_plus,
    &pop3_sasl_scram_sha_256,
    &pop3_sasl_scram_sha_1,
    &pop3_sasl_oauthbearer,
    &pop3_sasl_xoauth2,
    &pop3_sasl_cram_md5, /* without TLS */
    &pop3_login_apop,    /* without TLS */
    &pop3_sasl_plain,
    &pop3_sasl_login,
    &pop3_login_user_pass,
    NULL,
};

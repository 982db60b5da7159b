/* SPDX-License-Identifier: MIT */
/* USER/PASS and APOP as entries of a list of mechanisms. They have no functions: they are commands, not AUTH. */
#include <satchel/pop3_login.h>

const pop3_sasl_mechanism pop3_login_user_pass = {.name = "USER", .plaintext = true};

const pop3_sasl_mechanism pop3_login_apop = {.name = "APOP"};

/* SPDX-License-Identifier: MIT */
/* The digest function that a caller of auth and login hands in. Counts how often it is asked. Knows no mechanism. */
#ifndef SATCHEL_TESTS_MD5_H
#define SATCHEL_TESTS_MD5_H

#include <satchel/pop3_digest.h>

extern size_t md5_calls;

pop3_digest md5;

#endif

/* SPDX-License-Identifier: MIT */
/* What the parsers share. Private to core. */
#ifndef SATCHEL_CORE_PARSE_H
#define SATCHEL_CORE_PARSE_H

#include "core/engine.h"

/* Does text begin with `word` (upper case here, any case there) as a whole word? */
bool pop3_matches(const char *text, size_t length, const char *word);

/* Octets of blanks at the start of text. */
size_t pop3_skip_blanks(const char *text, size_t length);

/* A number that is a whole word: octets of it and of the blanks behind it, 0 if there is none or it overflows. */
size_t pop3_parse_word_number(const char *text, size_t length, uint64_t *value);

/* A message number, 1 to 2^32-1, likewise (R-1939-10). */
size_t pop3_parse_message(const char *text, size_t length, uint32_t *number);

#endif

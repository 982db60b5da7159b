/* SPDX-License-Identifier: MIT */
/* Words that a fuzzer would be long in finding. The parsers confirm that every tag and code they know is here. */
#include <stdio.h>
#include <string.h>

#include "core/verbs.h"
#include "print.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const framing[] = {
    "+OK",
    "-ERR",
    "+OK \\x0d\\x0a",
    "-ERR \\x0d\\x0a",
    "+ ",
    "+ \\x0d\\x0a",
    "\\x0d\\x0a",
    ".\\x0d\\x0a",
    "\\x0d\\x0a.\\x0d\\x0a",
    "..\\x0d\\x0a",
    "\\x0a.\\x0a",
    "\\x0d.\\x0d",
    ".\\x0d",
    "\\x0d\\x0a.\\x0d\\x0d\\x0a",
    "+OK\\x0a",
};

static const char *const values[] = {
    "<1896.697170952@dbc.mtview.ca.us>",
    "<a@b>",
    "2 320",
    "1 W",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "QUJD",
    "=",
    "*",
};

static const char *const tags[] = {
    "TOP",
    "USER",
    "UIDL",
    "SASL PLAIN",
    "STLS",
    "PIPELINING",
    "RESP-CODES",
    "AUTH-RESP-CODE",
    "LOGIN-DELAY 900 USER",
    "EXPIRE NEVER",
    "UTF8 USER",
    "LANG",
    "IMPLEMENTATION x",
};

static const char *const codes[] = {
    "[IN-USE]", "[LOGIN-DELAY]", "[SYS/TEMP]", "[SYS/PERM]", "[AUTH]", "[UTF8]",
};

static void print_words(const char *title, const char *const *words, size_t count) {
    printf("# %s\n", title);
    for (size_t i = 0; i < count; i++) {
        printf("\"%s\"\n", words[i]);
    }
}

static bool tags_are_complete(void) {
    uint32_t seen = 0;

    for (size_t i = 0; i < COUNT(tags); i++) {
        const char *parameters;
        size_t length;
        seen |= pop3_parse_capability(tags[i], strlen(tags[i]), &parameters, &length);
    }
    return seen == 2 * (uint32_t)POP3_CAPABILITY_IMPLEMENTATION - 1;
}

static bool codes_are_complete(void) {
    uint32_t seen = 0;

    for (size_t i = 0; i < COUNT(codes); i++) {
        size_t length;
        seen |= 1U << pop3_parse_code(codes[i], strlen(codes[i]), &length);
    }
    return seen == (2U << POP3_CODE_UTF8) - (1U << POP3_CODE_IN_USE);
}

bool print_dictionary(void) {
    printf("# Made by tools/verbs from the verb table.\n# Commands\n");
    for (unsigned verb = POP3_GREETING + 1; verb < POP3_VERB_COUNT; verb++) {
        const pop3_verb_row *row = &pop3_verb_rows[verb];
        printf("\"%s%s\"\n", row->name, (row->accepts & ACCEPTS_NOTHING) != 0 ? "\\x0d\\x0a" : " ");
    }
    print_words("Status words, line ends, terminators and what resembles them", framing, COUNT(framing));
    print_words("Capabilities", tags, COUNT(tags));
    print_words("Response codes", codes, COUNT(codes));
    print_words("Timestamps, numbers at limits, base64", values, COUNT(values));
    return tags_are_complete() && codes_are_complete();
}

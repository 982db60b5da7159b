/* SPDX-License-Identifier: MIT */
/* The pure parsers on any text: what they point at lies in it, and what they let through is what they promise. */
#define _POSIX_C_SOURCE 200809L
#include <satchel/pop3_engine.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(const char *span, size_t length, const char *text, size_t size) {
    return span >= text && length <= size && (size_t)(span - text) <= size - length;
}

static void numbers(const char *text, size_t length) {
    uint32_t number = 0;
    uint64_t octets = 0, value = 0;
    size_t digits = pop3_parse_number(text, length, &value);
    require(digits <= length, "digits");
    for (size_t i = 0; i < digits; i++) {
        bool blank = i > 0 && (text[i] == ' ' || text[i] == '\t');
        require((text[i] >= '0' && text[i] <= '9') || blank, "a digit that is none");
    }
    if (pop3_parse_stat(text, length, &number, &octets)) {
        require(digits > 0 && value == number, "the count is the first number");
    }
    if (pop3_parse_list(text, length, &number, &octets)) {
        require(digits > 0 && value == number && number != 0, "message number");
    }
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* What pop3_parse_numbers() promises, in 64 bits. */
static unsigned two_numbers(const char *text, size_t length, uint64_t values[2]) {
    size_t at = 0;

    values[0] = values[1] = 0;
    for (unsigned count = 0; count < 2; count++) {
        size_t start;
        while (at < length && is_blank(text[at])) {
            at++;
        }
        for (start = at; at < length && text[at] >= '0' && text[at] <= '9'; at++) {
            values[count] = values[count] * 10 + (unsigned)(text[at] - '0');
            if (values[count] > UINT32_MAX) {
                values[count] = UINT32_MAX;
                return count;
            }
        }
        if (at == start || (at < length && !is_blank(text[at]))) {
            values[count] = 0;
            return count;
        }
    }
    return 2;
}

static void small_numbers(const char *text, size_t length) {
    uint32_t values[2];
    uint64_t expected[2];
    unsigned count = pop3_parse_numbers(text, length, values);

    require(count == two_numbers(text, length, expected), "how many numbers");
    require(values[0] == expected[0] && values[1] == expected[1], "other numbers");
}

static void uidl(const char *text, size_t length) {
    uint32_t number = 0;
    const char *uid = NULL;
    size_t uid_length = 0;
    if (!pop3_parse_uidl(text, length, &number, &uid, &uid_length)) {
        return;
    }
    require(number != 0 && uid_length <= 1000 && inside(uid, uid_length, text, length), "uid");
    for (size_t i = 0; i < uid_length; i++) {
        require((unsigned char)uid[i] >= 0x20 && uid[i] != 0x7F, "a control octet in a uid");
    }
    require(uid_length == 0 || (uid[0] != ' ' && uid[uid_length - 1] != ' '), "blanks around a uid");
}

/* Is it the word, in any case? */
static bool is(const char *text, size_t length, const char *word) {
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static uint32_t capability(const char *text, size_t length) {
    static const char *const tags[] = {"TOP",        "USER",       "UIDL",           "SASL",        "STLS",
                                       "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "LOGIN-DELAY", "EXPIRE",
                                       "UTF8",       "LANG",       "IMPLEMENTATION"};
    size_t end = 0;

    while (end < length && !is_blank(text[end])) {
        end++;
    }
    for (unsigned i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (is(text, end, tags[i])) {
            return UINT32_C(1) << i;
        }
    }
    return 0;
}

/* A known code, or one with further levels behind it. */
static pop3_response_code code_of(const char *text, size_t length) {
    static const char *const codes[] = {"IN-USE", "LOGIN-DELAY", "SYS/TEMP", "SYS/PERM", "AUTH", "UTF8"};
    const char *end = length != 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;

    if (end == NULL) {
        return POP3_CODE_NONE;
    }
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        size_t n = strlen(codes[i]);
        size_t inside_brackets = (size_t)(end - text) - 1;
        if (inside_brackets >= n && is(text + 1, n, codes[i]) && (inside_brackets == n || text[1 + n] == '/')) {
            return (pop3_response_code)(POP3_CODE_IN_USE + i);
        }
    }
    return POP3_CODE_UNKNOWN;
}

static void words(const char *text, size_t length) {
    const char *parameters = NULL;
    size_t parameters_length = 0, code_length = 0;

    require(pop3_parse_capability(text, length, &parameters, &parameters_length) == capability(text, length),
            "another capability");
    require(inside(parameters, parameters_length, text, length), "parameters");
    pop3_response_code code = pop3_parse_code(text, length, &code_length);
    require(code == code_of(text, length), "another code");
    require((code == POP3_CODE_NONE) == (code_length == 0), "code and length disagree");
    require(code_length <= length && (code_length == 0 || (text[0] == '[' && text[code_length - 1] == ']')), "code");
}

static void timestamp(const char *text, size_t length) {
    size_t found = 0, ats = 0;
    const char *stamp = pop3_parse_timestamp(text, length, &found);
    if (stamp == NULL) {
        return;
    }
    require(inside(stamp, found, text, length) && found >= 5 && found <= POP3_TIMESTAMP_MAX, "timestamp");
    require(stamp[0] == '<' && stamp[found - 1] == '>', "brackets");
    for (size_t i = 1; i + 1 < found; i++) {
        require(stamp[i] > ' ' && stamp[i] < 0x7F && stamp[i] != '<' && stamp[i] != '>',
                "octets of a timestamp (A-01)");
        ats += stamp[i] == '@';
    }
    require(ats == 1, "one @");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size > 0 ? size : 1);
    require(text != NULL, "no memory");
    memcpy(text, data, size);
    numbers(text, size);
    small_numbers(text, size);
    uidl(text, size);
    words(text, size);
    timestamp(text, size);
    free(text);
    return 0;
}

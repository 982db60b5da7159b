/* SPDX-License-Identifier: MIT */
/* The pure parsers on any text: what they point at lies in it, and what they let through is what they promise. */
#include <satchel/pop3_engine.h>

#include <stdlib.h>
#include <string.h>

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

static void words(const char *text, size_t length) {
    const char *parameters = NULL;
    size_t parameters_length = 0, code_length = 0;
    uint32_t bit = pop3_parse_capability(text, length, &parameters, &parameters_length);
    require((bit & (bit - 1)) == 0, "two capabilities at once");
    require(inside(parameters, parameters_length, text, length), "parameters");
    pop3_response_code code = pop3_parse_code(text, length, &code_length);
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

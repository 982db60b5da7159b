/* SPDX-License-Identifier: MIT */
/* What a refusal means for the next try (RFC 3206, R-3206-01 to R-3206-03). Decides nothing. */
#include <string.h>

#include "login/host_login.h"

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* `word` is in lower case. */
static bool begins(const char *text, const char *word) {
    while (*word != '\0' && (*text == *word || *text == *word - 'a' + 'A')) {
        text++;
        word++;
    }
    return *word == '\0';
}

/* Does a word of the text begin so, in any case? "maildrop locked" has one that begins with "lock", "blocked" has none. */
static bool has_word(const char *text, size_t length, const char *beginning) {
    size_t n = strlen(beginning);

    for (size_t i = 0; i + n <= length; i++) {
        if ((i == 0 || !is_letter(text[i - 1])) && begins(text + i, beginning)) {
            return true;
        }
    }
    return false;
}

/* reasons that servers without response codes give. */
static bool sounds_temporary(const char *text, size_t length) {
    return has_word(text, length, "lock") || has_word(text, length, "wait") || has_word(text, length, "busy") ||
           has_word(text, length, "unavailable");
}

/* The server's last challenge said no: OAuth's always means the token, SCRAM's names the reason (RFC 5802 section 7). */
static bool credentials_were_judged(const pop3_login *login) {
    pop3_span why = pop3_sasl_refusal(&login->exchange);

    return login->sasl == POP3_SASL_REFUSED &&
           (login->mechanism->uses_token || pop3_begins_with(why.data, why.length, "INVALID-PROOF") != 0 ||
            pop3_begins_with(why.data, why.length, "UNKNOWN-USER") != 0);
}

pop3_failure pop3_login_judge(const pop3_login *login, const char *text, size_t length) {
    static const pop3_failure by_code[POP3_CODE_UTF8 + 1] = {
        [POP3_CODE_IN_USE] = POP3_FAILURE_IN_USE,      [POP3_CODE_LOGIN_DELAY] = POP3_FAILURE_LOGIN_DELAY,
        [POP3_CODE_SYS_TEMP] = POP3_FAILURE_TEMPORARY, [POP3_CODE_SYS_PERM] = POP3_FAILURE_PERMANENT,
        [POP3_CODE_AUTH] = POP3_FAILURE_CREDENTIALS,
    };

    if (by_code[login->code] != POP3_FAILURE_NONE) {
        return by_code[login->code];
    }
    if (credentials_were_judged(login)) {
        return POP3_FAILURE_CREDENTIALS;
    }
    if ((login->capabilities & POP3_CAPABILITY_AUTH_RESP_CODE) != 0 || sounds_temporary(text, length)) {
        return POP3_FAILURE_TEMPORARY;
    }
    return POP3_FAILURE_UNCLEAR;
}

pop3_failure pop3_login_judge_greeting(pop3_response_code code) {
    if (code == POP3_CODE_LOGIN_DELAY) {
        return POP3_FAILURE_LOGIN_DELAY;
    }
    return code == POP3_CODE_SYS_PERM ? POP3_FAILURE_PERMANENT : POP3_FAILURE_TEMPORARY;
}

/* SPDX-License-Identifier: MIT */
/* What the lines of CAPA say about logging in (RFC 2449, RFC 6856). Knows no order of mechanisms. */
#include <string.h>

#include "login/host_login.h"

void pop3_login_forget(pop3_login *login) {
    login->capa = login->capa_again = login->utf8_user = false;
    login->capabilities = login->announced = login->plus = login->login_delay = 0;
    login->expire = UINT32_MAX;
    login->lines = 0;
}

/* Takes the next word off the front of a text; its length is 0 at the end. */
static pop3_span take_word(pop3_span *text) {
    const char *at = text->data;
    pop3_span word;
    size_t start = 0;
    size_t end;

    while (start < text->length && (at[start] == ' ' || at[start] == '\t')) {
        start++;
    }
    for (end = start; end < text->length && at[end] != ' ' && at[end] != '\t';) {
        end++;
    }
    word.data = at + start;
    word.length = end - start;
    text->data = at + end;
    text->length -= end;
    return word;
}

static bool is_word(const char *text, size_t length, const char *word) {
    return length != 0 && pop3_begins_with(text, length, word) == length;
}

static bool has_user(pop3_span text) {
    pop3_span word;

    do {
        word = take_word(&text);
    } while (word.length != 0 && !is_word(word.data, word.length, "USER"));
    return word.length != 0;
}

static void take_mechanism(pop3_login *login, const char *word, size_t length) {
    const pop3_sasl_mechanism *const *list = login->options->mechanisms;

    for (size_t i = 0; i < POP3_LOGIN_MECHANISMS_MAX && list[i] != NULL; i++) {
        size_t name = pop3_begins_with(word, length, list[i]->name);
        if (list[i]->start == NULL || name == 0) {
            continue;
        }
        if (name == length) {
            login->announced |= UINT32_C(1) << i;
        } else if (is_word(word + name, length - name, "-PLUS")) {
            login->plus |= UINT32_C(1) << i;
        }
    }
}

/* Of a line that was cut the last word may be the start of another. */
static void take_mechanisms(pop3_login *login, pop3_span text, bool cut) {
    pop3_span word = take_word(&text);

    while (word.length != 0) {
        pop3_span next = take_word(&text);
        if (!cut || next.length != 0) {
            take_mechanism(login, word.data, word.length);
        }
        word = next;
    }
}

/* "900", "900 USER", "NEVER": the number, or `otherwise`. */
static uint32_t take_number(pop3_login *login, pop3_span text, uint32_t otherwise) {
    pop3_span first = take_word(&text);
    uint64_t value;

    login->capa_again = login->capa_again || has_user(text);
    if (pop3_parse_number(first.data, first.length, &value) == 0) {
        return otherwise;
    }
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void take_line(pop3_login *login, const pop3_event *line) {
    const char *parameters;
    pop3_span text;
    uint32_t capability = pop3_parse_capability(line->data, line->length, &parameters, &text.length);

    text.data = parameters;
    login->capabilities |= capability;
    switch (capability) {
    case POP3_CAPABILITY_SASL: take_mechanisms(login, text, line->cut); break;
    case POP3_CAPABILITY_LOGIN_DELAY: login->login_delay = take_number(login, text, 0); break;
    case POP3_CAPABILITY_EXPIRE: login->expire = take_number(login, text, UINT32_MAX); break;
    case POP3_CAPABILITY_UTF8: login->utf8_user = has_user(text); break;
    default: break;
    }
}

bool pop3_login_capa(pop3_login *login, const pop3_event *event) {
    if (event->type == POP3_EVENT_OK) {
        pop3_login_forget(login);
        login->capa = true;
    } else if (event->type == POP3_EVENT_LINE) {
        if (login->lines == POP3_CAPA_MAX) {
            return false;
        }
        login->lines++;
        take_line(login, event);
    }
    return true;
}

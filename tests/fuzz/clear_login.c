/* SPDX-License-Identifier: MIT */
/*
 * The login against any server: what goes out is what N-40 and R-APOP-01 allow, octet for octet, under each policy. The
 * expectation is read off the whole stream; of src/login it knows the results.
 */
#include "login/clear_login.h"

#include <stdlib.h>
#include <string.h>

#include "reference_session.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIGEST = 16 };

struct login {
    pop3_clear_login login;
    pop3_engine engine;
    char *buffer; /* line[] and output, as the NetX services have them */
    size_t room;
    const char *stream;
    size_t length;
    size_t at;       /* octets given to the engine */
    size_t expected; /* octets read for the expectation */
    uint32_t seed;
    pop3_verb asked;
};

/* ---- What must happen ---- */

/* No digest, but each octet of the message counts, and so does its place. */
static void digest(const pop3_span *spans, size_t n, uint8_t *out) {
    uint32_t state = 2166136261U;

    for (size_t span = 0; span < n; span++) {
        for (size_t i = 0; i < spans[span].length; i++) {
            state = (state ^ ((const uint8_t *)spans[span].data)[i]) * 16777619U;
        }
    }
    for (unsigned i = 0; i < DIGEST; i++) {
        state = state * 1664525U + 1013904223U;
        out[i] = (uint8_t)(state >> 24);
    }
}

static bool is_address(const char *text, size_t length) {
    const char *at = memchr(text, '@', length);
    size_t local = at != NULL ? (size_t)(at - text) : 0;

    for (size_t i = 0; i < length; i++) {
        const char *never = i < local ? "<>@()[],;:\\\"" : "<>@";
        if (i != local && (text[i] <= ' ' || text[i] > '~' || strchr(never, text[i]) != NULL)) {
            return false;
        }
    }
    return local != 0 && local + 1 < length;
}

/* The first <...> that is an address; its length with the brackets, or 0. */
static size_t find_timestamp(const char *text, size_t length, const char **stamp) {
    for (size_t i = 0; i < length; i++) {
        const char *close = text[i] == '<' ? memchr(text + i, '>', length - i) : NULL;
        if (close != NULL) {
            size_t n = (size_t)(close + 1 - (text + i));
            if (n <= POP3_TIMESTAMP_MAX && is_address(text + i + 1, n - 2)) {
                *stamp = text + i;
                return n;
            }
            i += n - 1;
        }
    }
    return 0;
}

/* The next line of the stream, of which `text` begins behind the status; 0 if none is there. */
static char next_reply(struct login *login, const char **text, size_t *length) {
    const char *line = login->stream + login->expected;
    size_t left = login->length - login->expected;
    const char *lf = left != 0 ? memchr(line, '\n', left < POP3_STATUS_MAX ? left : POP3_STATUS_MAX) : NULL;
    size_t n = lf != NULL ? (size_t)(lf - line) : 0;
    size_t before = 0;
    char status;

    login->expected += lf != NULL ? n + 1 : 0;
    n -= n != 0 && line[n - 1] == '\r';
    status = reference_status(line, n, &before);
    *text = line + before;
    *length = status != '\0' ? n - before : 0;
    return status;
}

/* Does -ERR with this text say that the digest was judged? */
static bool was_judged(const char *text, size_t length) {
    static const char code[] = "[AUTH";

    if (length == 0 || text[0] != '[') {
        return true;
    }
    for (size_t i = 0; i + 1 < sizeof code; i++) {
        if (i == length || (text[i] != code[i] && text[i] != (code[i] | 0x20))) {
            return false;
        }
    }
    return length > 5 && (text[5] == ']' || text[5] == '/');
}

static pop3_clear_login_result ask(struct login *login, pop3_verb verb, const char *first, const char *second,
                                   char *line) {
    bool good = pop3_sendable(first, verb == POP3_PASS ? ' ' : ' ' + 1) != 0;

    snprintf(line, POP3_COMMAND_MAX + 1, "%s %s%s%s\r\n", pop3_verb_name(verb), first, second != NULL ? " " : "",
             second != NULL ? second : "");
    login->asked = verb;
    return good ? POP3_CLEAR_LOGIN_CONTINUE : POP3_CLEAR_LOGIN_STATE;
}

static pop3_clear_login_result expect_user(struct login *login, char *line) {
    return login->login.policy == POP3_CLEAR_LOGIN_APOP_REQUIRED ? POP3_CLEAR_LOGIN_APOP_FAILED
                                                                 : ask(login, POP3_USER, login->login.user, NULL, line);
}

static pop3_clear_login_result expect_first(struct login *login, const char *text, size_t length, char *line) {
    const char *stamp = NULL;
    size_t n = find_timestamp(text, length, &stamp);
    char message[POP3_TIMESTAMP_MAX + 64];
    char hex[2 * DIGEST + 1];
    uint8_t octets[DIGEST];

    if (login->login.policy == POP3_CLEAR_LOGIN_USER_PASS || n == 0 || n > login->login.timestamp_max) {
        return expect_user(login, line);
    }
    memcpy(message, stamp, n);
    memcpy(message + n, login->login.secret, strlen(login->login.secret));
    digest(&(pop3_span){message, n + strlen(login->login.secret)}, 1, octets);
    for (unsigned i = 0; i < DIGEST; i++) {
        snprintf(hex + 2 * (size_t)i, 3, "%02x", octets[i]);
    }
    return ask(login, POP3_APOP, login->login.user, hex, line);
}

/* What the next reply must lead to; the command in `line`. */
static pop3_clear_login_result expect(struct login *login, char *line) {
    const char *text = NULL;
    size_t length = 0;
    char status = next_reply(login, &text, &length);

    require(status != '\0', "an answer to what is no reply");
    if (status == '-') {
        return login->asked == POP3_APOP && was_judged(text, length) ? expect_user(login, line)
                                                                     : POP3_CLEAR_LOGIN_REFUSED;
    }
    switch (login->asked) {
    case POP3_GREETING: return expect_first(login, text, length, line);
    case POP3_USER: return ask(login, POP3_PASS, login->login.secret, NULL, line);
    default: return POP3_CLEAR_LOGIN_DONE;
    }
}

/* ---- What happens ---- */

static void check_output(struct login *login, const char *line) {
    size_t n;
    const char *out = pop3_engine_output(&login->engine, &n);

    require(n == strlen(line) && memcmp(out, line, n) == 0, "another command");
    pop3_engine_output_done(&login->engine, n);
}

/* The next event that is a reply; false: the session is over, or the stream. */
static bool next_event(struct login *login, pop3_event *event) {
    do {
        size_t left = login->length - login->at;
        size_t n = left;
        login->seed = login->seed * 1103515245U + 12345U;
        if (login->seed % 2 != 0 && left != 0) {
            n = 1 + (login->seed >> 16) % (left < 50 ? left : 50);
        }
        login->at += pop3_engine_input(&login->engine, login->stream + login->at, n, event);
    } while (event->type == POP3_EVENT_NEED_INPUT && login->at < login->length);
    return event->type != POP3_EVENT_NEED_INPUT && event->type != POP3_EVENT_FAIL;
}

static void run(struct login *login) {
    char line[POP3_COMMAND_MAX + 1] = "";
    pop3_clear_login_result result = POP3_CLEAR_LOGIN_CONTINUE;
    pop3_event event;

    while (result == POP3_CLEAR_LOGIN_CONTINUE && next_event(login, &event)) {
        pop3_clear_login_result expected = expect(login, line);
        result = pop3_clear_login_step(&login->login, &login->engine, &event);
        require(result == expected, "another result");
        if (result == POP3_CLEAR_LOGIN_CONTINUE) {
            check_output(login, line);
        }
    }
    require((result == POP3_CLEAR_LOGIN_DONE) == (pop3_engine_phase(&login->engine) == POP3_PHASE_TRANSACTION),
            "logged in, or not");
    if (result == POP3_CLEAR_LOGIN_CONTINUE) { /* no reply came */
        const char *text;
        size_t length;
        require(next_reply(login, &text, &length) == '\0', "no answer to a reply");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const users[] = {"mrose", "m", "m rose", ""};
    static const char *const secrets[] = {"tanstaaf", "with blank", "tab\t", "\xC3\xA9"};
    struct login login = {.asked = POP3_GREETING};

    if (size < 3) {
        return 0;
    }
    login.login = (pop3_clear_login){.user = users[data[0] >> 2 & 3U],
                                     .secret = secrets[data[0] >> 4 & 3U],
                                     .md5 = digest,
                                     .policy = data[0] % 3U,
                                     .timestamp_max = data[1]};
    login.room = login.login.timestamp_max + 5U < POP3_COMMAND_MAX ? POP3_COMMAND_MAX : login.login.timestamp_max + 5U;
    login.seed = data[2];
    login.stream = (const char *)data + 3;
    login.length = size - 3;
    login.buffer = malloc(login.room);
    require(login.buffer != NULL, "no memory");
    pop3_engine_init(&login.engine,
                     &(pop3_engine_buffers){login.buffer, login.buffer, (uint16_t)login.room, (uint16_t)login.room});
    run(&login);
    free(login.buffer);
    return 0;
}

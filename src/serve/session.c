/* SPDX-License-Identifier: MIT */
/* The commands of a POP3 session. Refuses to do anything that RFC 1939 does not allow in the phase it is in. */
#include "serve/session.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FAILURES_MOST 5
#define CUT_FREELY 0

typedef void handler(struct serve_session *session, const struct serve_command *command);

/* The text behind "+OK": `length` octets, cut or filled up when a fault asks for it; `keep` octets have a meaning. */
static void append_status(struct serve_session *session, const char *indicator, size_t length, size_t keep) {
    struct serve_reply *reply = &session->reply;
    const struct serve_faults *faults = &session->config->faults;
    const struct serve_fault *wanted = serve_fault_find(faults, SERVE_FAULT_TEXT_LENGTH, session->answering);
    size_t start = strlen(indicator);
    uint64_t fill = 0;

    if (serve_fault_find(faults, SERVE_FAULT_ENDLESS, session->answering) != NULL) {
        fill = SERVE_FILL_ENDLESS;
    } else if (wanted != NULL && wanted->number < length) {
        size_t least = wanted->any_verb ? keep : CUT_FREELY;

        length = wanted->number > least ? (size_t)wanted->number : least;
    } else if (wanted != NULL) {
        fill = wanted->number - length;
    }
    serve_reply_text(reply, indicator, length > 0 || fill > 0 ? start : start - 1);
    serve_reply_text(reply, reply->status, length);
    if (fill > 0 && length > 0) {
        serve_reply_text(reply, " ", 1);
        fill--;
    }
    if (fill > 0) {
        serve_reply_fill(reply, fill);
    }
    serve_reply_text(reply, "\r\n", 2);
}

__attribute__((format(printf, 2, 0))) static size_t format_status(struct serve_session *session, const char *format,
                                                                  va_list arguments) {
    char *status = session->reply.status;
    size_t most = SERVE_STATUS_OCTETS - sizeof "-ERR \r\n" + 1;
    int length = vsnprintf(status, sizeof session->reply.status, format, arguments);

    if (length < 0) {
        return 0;
    }
    return (size_t)length < most ? (size_t)length : most;
}

__attribute__((format(printf, 2, 3))) static void ok(struct serve_session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    append_status(session, "+OK ", format_status(session, format, arguments), CUT_FREELY);
    va_end(arguments);
}

/* An answer whose text clients must read. */
__attribute__((format(printf, 2, 3))) static void ok_data(struct serve_session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    size_t length = format_status(session, format, arguments);

    append_status(session, "+OK ", length, length);
    va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void err(struct serve_session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    append_status(session, "-ERR ", format_status(session, format, arguments), CUT_FREELY);
    va_end(arguments);
}

static void end_multiline(struct serve_session *session) {
    serve_reply_text(&session->reply, ".\r\n", 3);
}

static const char *plural(uint64_t count) {
    return count == 1 ? "" : "s";
}

/* "2 messages (320 octets)": RFC 1939's own words for what is in the maildrop. */
static void describe(const struct serve_session *session, char *text, size_t size) {
    uint64_t octets;
    size_t count = serve_maildrop_count(session->maildrop, &octets);

    (void)snprintf(text, size, "%zu message%s (%" PRIu64 " octets)", count, plural(count), octets);
}

static void greet(struct serve_session *session) {
    const char *name = session->config->name;
    const char *space = name[0] != '\0' ? " " : "";

    if (session->config->apop_secret != NULL) {
        ok_data(session, "%s%sPOP3 server ready %s", name, space, session->stamp);
    } else {
        ok_data(session, "%s%sPOP3 server ready", name, space);
    }
}

static void handle_user(struct serve_session *session, const struct serve_command *command) {
    struct serve_span user = command->argument[0];

    if (session->config->password == NULL) {
        err(session, "USER is not offered, use APOP");
        return;
    }
    session->user_known = serve_secret_equal(user, session->config->user);
    session->phase = SERVE_USER_GIVEN;
    ok(session, "%.*s is valid", (int)user.size, user.data);
}

static void login_failed(struct serve_session *session) {
    session->failures++;
    session->ended = session->failures == FAILURES_MOST;
    err(session, "[AUTH] wrong user, password or digest");
}

/* Credentials were right; false when the maildrop cannot be had. */
static bool enter(struct serve_session *session) {
    switch (serve_maildrop_lock(session->maildrop)) {
    case SERVE_LOCKED:
        session->locked = true;
        session->phase = SERVE_TRANSACTION;
        return true;
    case SERVE_IN_USE: err(session, "[IN-USE] maildrop already locked"); break;
    case SERVE_UNREADABLE: err(session, "[SYS/TEMP] maildrop cannot be read"); break;
    }
    return false;
}

static void handle_pass(struct serve_session *session, const struct serve_command *command) {
    bool right = serve_secret_equal(command->argument[0], session->config->password);

    session->phase = SERVE_AUTHORIZATION;
    if (!right || !session->user_known) {
        login_failed(session);
    } else if (enter(session)) {
        ok(session, "%s is logged in", session->config->user);
    }
}

static void handle_apop(struct serve_session *session, const struct serve_command *command) {
    const struct serve_config *config = session->config;
    char content[96];

    if (config->apop_secret == NULL) {
        err(session, "APOP is not offered");
        return;
    }
    bool right = serve_apop_matches(command->argument[1], session->stamp, config->apop_secret);

    if (!serve_secret_equal(command->argument[0], config->user) || !right) {
        login_failed(session);
    } else if (enter(session)) {
        describe(session, content, sizeof content);
        ok(session, "%s's maildrop has %s", config->user, content);
    }
}

/* RFC 2595 section 4: in the AUTHORIZATION state only, and not within TLS. */
static bool offers_stls(const struct serve_session *session) {
    return session->config->tls_mode == SERVE_TLS_STLS && !session->secure && session->phase != SERVE_TRANSACTION;
}

static void handle_stls(struct serve_session *session, const struct serve_command *command) {
    (void)command;
    if (session->config->tls_mode == SERVE_TLS_OFF) {
        err(session, "STLS is not offered");
    } else if (session->secure) {
        err(session, "there is TLS already");
    } else {
        session->starting_tls = true;
        ok(session, "begin TLS negotiation");
    }
}

static void handle_capa(struct serve_session *session, const struct serve_command *command) {
    static const char user[] = "USER\r\n";
    static const char stls[] = "STLS\r\n";
    static const char always[] = "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
                                 "IMPLEMENTATION satchel-" SATCHEL_VERSION "\r\n";

    struct serve_span forged = session->config->clear_capa;

    (void)command;
    ok(session, "capability list follows");
    if (forged.data != NULL && !session->secure) {
        serve_reply_text(&session->reply, forged.data, forged.size);
        serve_reply_text(&session->reply, "\r\n", forged.size > 0 ? 2 : 0);
        end_multiline(session);
        return;
    }
    if (session->config->password != NULL) {
        serve_reply_text(&session->reply, user, sizeof user - 1);
    }
    if (offers_stls(session)) {
        serve_reply_text(&session->reply, stls, sizeof stls - 1);
    }
    serve_reply_text(&session->reply, always, sizeof always - 1);
    end_multiline(session);
}

static void handle_stat(struct serve_session *session, const struct serve_command *command) {
    uint64_t octets;
    size_t count = serve_maildrop_count(session->maildrop, &octets);

    (void)command;
    ok_data(session, "%zu %" PRIu64, count, octets);
}

/* The message that an argument names; otherwise the -ERR is given. */
static struct serve_message *find(struct serve_session *session, struct serve_span argument, uint64_t *number) {
    size_t last = session->maildrop->visible_count;
    struct serve_message *message;

    if (!serve_number_parse(argument, number)) {
        err(session, "that is no message number");
        return NULL;
    }
    message = serve_maildrop_get(session->maildrop, *number);
    if (message == NULL && *number > 0 && *number <= last) {
        err(session, "message %" PRIu64 " already deleted", *number);
    } else if (message == NULL) {
        err(session, "no such message, only %zu message%s in maildrop", last, plural(last));
    }
    return message;
}

static void handle_list(struct serve_session *session, const struct serve_command *command) {
    const struct serve_message *message;
    uint64_t number;
    char content[96];

    if (command->count == 0) {
        describe(session, content, sizeof content);
        ok(session, "%s", content);
        serve_reply_listing(&session->reply, session->maildrop, false);
        end_multiline(session);
    } else if ((message = find(session, command->argument[0], &number)) != NULL) {
        ok_data(session, "%" PRIu64 " %" PRIu64, number, message->octets);
    }
}

static void handle_uidl(struct serve_session *session, const struct serve_command *command) {
    const struct serve_message *message;
    uint64_t number;

    if (command->count == 0) {
        ok(session, "unique-id listing follows");
        serve_reply_listing(&session->reply, session->maildrop, true);
        end_multiline(session);
    } else if ((message = find(session, command->argument[0], &number)) != NULL) {
        ok_data(session, "%" PRIu64 " %s", number, message->uid);
    }
}

static bool open_message(struct serve_session *session, const struct serve_message *message, uint64_t lines) {
    const struct serve_faults *faults = &session->config->faults;
    struct serve_body_style style = {.stuff = !faults->no_stuffing,
                                     .lf_lines = faults->lf_only,
                                     .final_crlf = !faults->no_final_crlf,
                                     .lines = lines};

    if (serve_maildrop_open(session->maildrop, message, style, &session->reply.body)) {
        return true;
    }
    err(session, "[SYS/TEMP] the message cannot be read");
    return false;
}

static void handle_retr(struct serve_session *session, const struct serve_command *command) {
    uint64_t number;
    const struct serve_message *message = find(session, command->argument[0], &number);

    if (message != NULL && open_message(session, message, SERVE_ALL_LINES)) {
        ok(session, "%" PRIu64 " octets", message->octets);
        serve_reply_body(&session->reply);
        end_multiline(session);
    }
}

static void handle_top(struct serve_session *session, const struct serve_command *command) {
    uint64_t number;
    uint64_t lines;
    const struct serve_message *message = find(session, command->argument[0], &number);

    if (message == NULL) {
        return;
    }
    if (!serve_number_parse(command->argument[1], &lines)) {
        err(session, "that is no number of lines");
    } else if (open_message(session, message, lines)) {
        ok(session, "top of message follows");
        serve_reply_body(&session->reply);
        end_multiline(session);
    }
}

static void handle_dele(struct serve_session *session, const struct serve_command *command) {
    uint64_t number;
    struct serve_message *message = find(session, command->argument[0], &number);

    if (message != NULL) {
        message->marked = true;
        ok(session, "message %" PRIu64 " deleted", number);
    }
}

static void handle_noop(struct serve_session *session, const struct serve_command *command) {
    (void)command;
    ok(session, "%s", "");
}

static void handle_rset(struct serve_session *session, const struct serve_command *command) {
    char content[96];

    (void)command;
    serve_maildrop_unmark(session->maildrop);
    describe(session, content, sizeof content);
    ok(session, "maildrop has %s", content);
}

static void sign_off(struct serve_session *session, const char *rest) {
    const char *name = session->config->name;

    ok(session, "%s%sPOP3 server signing off%s", name, name[0] != '\0' ? " " : "", rest);
}

/* RFC 1939 section 6: only a QUIT in the TRANSACTION state removes. The lock is free before the client knows. */
static void handle_quit(struct serve_session *session, const struct serve_command *command) {
    char rest[64];
    uint64_t octets;

    (void)command;
    session->ended = true;
    if (session->phase != SERVE_TRANSACTION) {
        sign_off(session, "");
        return;
    }
    size_t left = serve_maildrop_count(session->maildrop, &octets);
    bool all = serve_maildrop_update(session->maildrop);

    serve_session_stop(session);
    (void)snprintf(rest, sizeof rest, " (%zu message%s left)", left, plural(left));
    if (all) {
        sign_off(session, left > 0 ? rest : " (maildrop empty)");
    } else {
        err(session, "[SYS/TEMP] some deleted messages not removed");
    }
}

static handler *const handlers[SERVE_UNKNOWN] = {
    [SERVE_APOP] = handle_apop, [SERVE_CAPA] = handle_capa, [SERVE_DELE] = handle_dele, [SERVE_LIST] = handle_list,
    [SERVE_NOOP] = handle_noop, [SERVE_PASS] = handle_pass, [SERVE_QUIT] = handle_quit, [SERVE_RETR] = handle_retr,
    [SERVE_RSET] = handle_rset, [SERVE_STAT] = handle_stat, [SERVE_TOP] = handle_top,   [SERVE_UIDL] = handle_uidl,
    [SERVE_USER] = handle_user, [SERVE_STLS] = handle_stls,
};

/* USER holds for the command right behind it only; asking for capabilities in between does no harm. */
static void execute(struct serve_session *session, const struct serve_command *command) {
    bool legal = (session->phase & command->phases) != 0;

    if (session->phase == SERVE_USER_GIVEN && command->verb != SERVE_PASS && command->verb != SERVE_CAPA) {
        session->phase = SERVE_AUTHORIZATION;
    }
    if (legal) {
        handlers[command->verb](session, command);
    } else {
        err(session, "%s is not allowed now", serve_verb_name(command->verb));
    }
}

/* Faults that come instead of any answer; true when one did. */
static bool fails_before(struct serve_session *session) {
    const struct serve_faults *faults = &session->config->faults;

    session->muted = serve_fault_find(faults, SERVE_FAULT_SILENT, session->answering) != NULL;
    session->ended = serve_fault_find(faults, SERVE_FAULT_CLOSE, session->answering) != NULL;
    return session->muted || session->ended;
}

static bool refused(struct serve_session *session) {
    const struct serve_fault *fault = serve_fault_find(&session->config->faults, SERVE_FAULT_ERR, session->answering);

    if (fault != NULL) {
        err(session, "%.*s", (int)fault->text.size, fault->text.data != NULL ? fault->text.data : "");
        session->ended = session->answering == SERVE_GREETING;
        if (session->phase == SERVE_USER_GIVEN) {
            session->phase = SERVE_AUTHORIZATION;
        }
    }
    return fault != NULL;
}

/* Faults in the answer's place and behind it. */
static void spoil(struct serve_session *session) {
    static const char unasked[] = "+OK nobody asked";
    const struct serve_faults *faults = &session->config->faults;
    const struct serve_fault *other = serve_fault_find(faults, SERVE_FAULT_REPLY, session->answering);
    const struct serve_fault *more = serve_fault_find(faults, SERVE_FAULT_UNSOLICITED, session->answering);

    if (other != NULL) {
        serve_reply_clear(&session->reply);
        serve_reply_text(&session->reply, other->text.data, other->text.size);
        serve_reply_text(&session->reply, "\r\n", 2);
    }
    if (more != NULL && faults->unsolicited_ms > 0) {
        serve_reply_pause(&session->reply);
    }
    if (more != NULL && more->text.data != NULL) {
        serve_reply_text(&session->reply, more->text.data, more->text.size);
    } else if (more != NULL) {
        serve_reply_text(&session->reply, unasked, sizeof unasked - 1);
    }
    if (more != NULL) {
        serve_reply_text(&session->reply, "\r\n", 2);
    }
}

void serve_session_start(struct serve_session *session, const struct serve_config *config,
                         struct serve_maildrop *maildrop) {
    session->config = config;
    session->maildrop = maildrop;
    session->phase = SERVE_AUTHORIZATION;
    session->secure = config->tls_mode == SERVE_TLS_IMPLICIT;
    session->answering = SERVE_GREETING;
    session->reply.body.fd = -1;
    if (fails_before(session)) {
        return;
    }
    if (config->stamp != NULL) {
        (void)snprintf(session->stamp, sizeof session->stamp, "%s", config->stamp);
    } else if (!serve_stamp_make(session->stamp)) {
        session->ended = true;
        return;
    }
    if (!refused(session)) {
        greet(session);
    }
    spoil(session);
}

void serve_session_command(struct serve_session *session, const char *line, size_t size) {
    struct serve_command command;
    enum serve_syntax syntax = serve_command_parse(line, size, &command);

    session->answering = command.verb;
    if (fails_before(session)) {
        return;
    }
    if (!refused(session)) {
        switch (syntax) {
        case SERVE_SYNTAX_OK: execute(session, &command); break;
        case SERVE_SYNTAX_OCTETS: err(session, "control octets in a command"); break;
        case SERVE_SYNTAX_UNKNOWN: err(session, "unknown command"); break;
        case SERVE_SYNTAX_ARGUMENTS: err(session, "%s with wrong arguments", serve_verb_name(command.verb)); break;
        }
    }
    spoil(session);
}

void serve_session_too_long(struct serve_session *session) {
    session->answering = SERVE_UNKNOWN;
    err(session, "line too long");
}

void serve_session_secured(struct serve_session *session) {
    session->secure = true;
    session->starting_tls = false;
    session->user_known = false;
    session->phase = SERVE_AUTHORIZATION;
}

void serve_session_stop(struct serve_session *session) {
    serve_reply_clear(&session->reply);
    if (session->locked) {
        session->locked = false;
        serve_maildrop_unlock(session->maildrop);
    }
}

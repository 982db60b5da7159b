/* SPDX-License-Identifier: MIT */
/* The commands of a POP3 session. Refuses to do anything that RFC 1939 does not allow in the phase it is in. */
#include "serve/session.h"

#include "serve/login.h"
#include "serve/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef void handler(struct serve_session *session, const struct serve_command *command);

static void end_multiline(struct serve_session *session) {
    serve_reply_text(&session->reply, ".\r\n", 3);
}

static void greet(struct serve_session *session) {
    const char *name = session->config->name;
    const char *space = name[0] != '\0' ? " " : "";

    if (session->config->apop_secret != NULL) {
        serve_ok_data(session, "%s%sPOP3 server ready %s", name, space, session->stamp);
    } else {
        serve_ok_data(session, "%s%sPOP3 server ready", name, space);
    }
}

/* RFC 2595 section 4: in the AUTHORIZATION state only, and not within TLS. */
static bool offers_stls(const struct serve_session *session) {
    return session->config->tls_mode == SERVE_TLS_STLS && !session->security.secure &&
           session->phase != SERVE_TRANSACTION;
}

static void handle_stls(struct serve_session *session, const struct serve_command *command) {
    (void)command;
    if (session->config->tls_mode == SERVE_TLS_OFF) {
        serve_err(session, "STLS is not offered");
    } else if (session->security.secure) {
        serve_err(session, "there is TLS already");
    } else {
        session->starting_tls = true;
        serve_ok(session, "begin TLS negotiation");
    }
}

static void handle_capa(struct serve_session *session, const struct serve_command *command) {
    static const char user[] = "USER\r\n";
    static const char stls[] = "STLS\r\n";
    static const char always[] = "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n"
                                 "IMPLEMENTATION satchel-" SATCHEL_VERSION "\r\n";

    struct serve_span forged = session->config->clear_capa;

    (void)command;
    serve_ok(session, "capability list follows");
    if (forged.data != NULL && !session->security.secure) {
        serve_reply_text(&session->reply, forged.data, forged.size);
        serve_reply_text(&session->reply, "\r\n", forged.size > 0 ? 2 : 0);
        end_multiline(session);
        return;
    }
    if (session->config->password != NULL) {
        serve_reply_text(&session->reply, user, sizeof user - 1);
    }
    if (serve_login_mechanisms(session)) {
        serve_reply_text(&session->reply, session->mechanisms, strlen(session->mechanisms));
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
    serve_ok_data(session, "%zu %" PRIu64, count, octets);
}

/* The message that an argument names; otherwise the -ERR is given. */
static struct serve_message *find(struct serve_session *session, struct serve_span argument, uint64_t *number) {
    size_t last = session->maildrop->visible_count;
    struct serve_message *message;

    if (!serve_number_parse(argument, number)) {
        serve_err(session, "that is no message number");
        return NULL;
    }
    message = serve_maildrop_get(session->maildrop, *number);
    if (message == NULL && *number > 0 && *number <= last) {
        serve_err(session, "message %" PRIu64 " already deleted", *number);
    } else if (message == NULL) {
        serve_err(session, "no such message, only %zu message%s in maildrop", last, serve_plural(last));
    }
    return message;
}

static void handle_list(struct serve_session *session, const struct serve_command *command) {
    const struct serve_message *message;
    uint64_t number;
    char content[96];

    if (command->count == 0) {
        serve_describe(session, content, sizeof content);
        serve_ok(session, "%s", content);
        serve_reply_listing(&session->reply, session->maildrop, false);
        end_multiline(session);
    } else if ((message = find(session, command->argument[0], &number)) != NULL) {
        serve_ok_data(session, "%" PRIu64 " %" PRIu64, number, message->octets);
    }
}

static void handle_uidl(struct serve_session *session, const struct serve_command *command) {
    const struct serve_message *message;
    uint64_t number;

    if (command->count == 0) {
        serve_ok(session, "unique-id listing follows");
        serve_reply_listing(&session->reply, session->maildrop, true);
        end_multiline(session);
    } else if ((message = find(session, command->argument[0], &number)) != NULL) {
        serve_ok_data(session, "%" PRIu64 " %s", number, message->uid);
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
    serve_err(session, "[SYS/TEMP] the message cannot be read");
    return false;
}

static void handle_retr(struct serve_session *session, const struct serve_command *command) {
    uint64_t number;
    const struct serve_message *message = find(session, command->argument[0], &number);

    if (message != NULL && open_message(session, message, SERVE_ALL_LINES)) {
        serve_ok(session, "%" PRIu64 " octets", message->octets);
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
        serve_err(session, "that is no number of lines");
    } else if (open_message(session, message, lines)) {
        serve_ok(session, "top of message follows");
        serve_reply_body(&session->reply);
        end_multiline(session);
    }
}

static void handle_dele(struct serve_session *session, const struct serve_command *command) {
    uint64_t number;
    struct serve_message *message = find(session, command->argument[0], &number);

    if (message != NULL) {
        message->marked = true;
        serve_ok(session, "message %" PRIu64 " deleted", number);
    }
}

static void handle_noop(struct serve_session *session, const struct serve_command *command) {
    (void)command;
    serve_ok(session, "%s", "");
}

static void handle_rset(struct serve_session *session, const struct serve_command *command) {
    char content[96];

    (void)command;
    serve_maildrop_unmark(session->maildrop);
    serve_describe(session, content, sizeof content);
    serve_ok(session, "maildrop has %s", content);
}

static void sign_off(struct serve_session *session, const char *rest) {
    const char *name = session->config->name;

    serve_ok(session, "%s%sPOP3 server signing off%s", name, name[0] != '\0' ? " " : "", rest);
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
    (void)snprintf(rest, sizeof rest, " (%zu message%s left)", left, serve_plural(left));
    if (all) {
        sign_off(session, left > 0 ? rest : " (maildrop empty)");
    } else {
        serve_err(session, "[SYS/TEMP] some deleted messages not removed");
    }
}

static handler *const handlers[SERVE_UNKNOWN] = {
    [SERVE_APOP] = serve_handle_apop, [SERVE_AUTH] = serve_handle_auth, [SERVE_CAPA] = handle_capa,
    [SERVE_DELE] = handle_dele,       [SERVE_LIST] = handle_list,       [SERVE_NOOP] = handle_noop,
    [SERVE_PASS] = serve_handle_pass, [SERVE_QUIT] = handle_quit,       [SERVE_RETR] = handle_retr,
    [SERVE_RSET] = handle_rset,       [SERVE_STAT] = handle_stat,       [SERVE_TOP] = handle_top,
    [SERVE_UIDL] = handle_uidl,       [SERVE_USER] = serve_handle_user, [SERVE_STLS] = handle_stls,
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
        serve_err(session, "%s is not allowed now", serve_verb_name(command->verb));
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
        serve_err(session, "%.*s", (int)fault->text.size, fault->text.data != NULL ? fault->text.data : "");
        session->ended = session->answering == SERVE_GREETING;
        session->exchanging = false;
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
    session->security.secure = config->tls_mode == SERVE_TLS_IMPLICIT;
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
        case SERVE_SYNTAX_OCTETS: serve_err(session, "control octets in a command"); break;
        case SERVE_SYNTAX_UNKNOWN: serve_err(session, "unknown command"); break;
        case SERVE_SYNTAX_ARGUMENTS:
            serve_err(session, "%s with wrong arguments", serve_verb_name(command.verb));
            break;
        }
    }
    spoil(session);
}

void serve_session_response(struct serve_session *session, const char *line, size_t size) {
    session->answering = SERVE_AUTH;
    if (fails_before(session)) {
        return;
    }
    if (!refused(session)) {
        serve_login_response(session, (struct serve_span){line, size});
    }
    spoil(session);
}

void serve_session_too_long(struct serve_session *session) {
    session->answering = SERVE_UNKNOWN;
    session->exchanging = false;
    serve_err(session, "line too long");
}

void serve_session_secured(struct serve_session *session) {
    session->security.secure = true;
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

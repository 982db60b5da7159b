/* SPDX-License-Identifier: MIT */
/* From nothing to a session: lets src/login log in on a connection, and tells what a failure means. */
#include <string.h>

#include "client/client.h"

/* ---- The login ---- */

static void begin_login(pop3_client *client) {
    const pop3_client_options *options = &client->options;

    client->login_options =
        (pop3_login_options){.tls = options->tls,
                             .credentials = &client->credentials,
                             .crypto = &client_crypto,
                             .mechanisms = options->auth != NULL ? client->mechanisms : pop3_login_all_mechanisms,
                             .chosen = options->auth != NULL,
                             .loopback = client->loopback,
                             .client_certificate = options->client_cert != NULL,
                             .probe = client->probing,
                             .no_capa = client->login_no_capa,
                             .one_step = client->login_other_form && !client->login_two_step,
                             .two_step = client->login_other_form && client->login_two_step,
                             .buffer = client->sasl,
                             .size = sizeof client->sasl};
    pop3_login_init(&client->login, &client->login_options);
}

/* Under STLS nothing may have come behind its +OK (R-TLS-05). */
static pop3_login_result secure(pop3_client *client, pop3_event *event) {
    if (client_has_more(client) || client->end != CLIENT_FLOWING) {
        client_next(client, event);
        return pop3_login_step(&client->login, &client->engine, event);
    }
    if (!client_make_tls(client)) {
        pop3_engine_abort(&client->engine, POP3_IO);
        return POP3_LOGIN_FAILED;
    }
    pop3_engine_tls_started(&client->engine);
    return pop3_login_step(&client->login, &client->engine, NULL);
}

/* The words of each -ERR are kept, for the last one may be what the failure is about. */
static pop3_login_result log_in(pop3_client *client, pop3_event *event) {
    pop3_login_result result = POP3_LOGIN_CONTINUE;

    begin_login(client);
    client->error = (pop3_client_error){.class_ = POP3_CLIENT_OK};
    while (result == POP3_LOGIN_CONTINUE) {
        client_next(client, event);
        if (event->type == POP3_EVENT_ERR) {
            client_server_words(client, event->data, event->length);
        }
        client_note_capability(client, event);
        result = pop3_login_step(&client->login, &client->engine, event);
        if (result == POP3_LOGIN_HANDSHAKE) {
            result = secure(client, event);
        }
    }
    return result;
}

/* ---- What a failure means ---- */

struct meaning {
    pop3_client_class class_;
    const char *what; /* behind the host's name */
    const char *hint;
};

static const struct meaning meanings[] = {
    [POP3_FAILURE_CREDENTIALS] =
        {POP3_CLIENT_CREDENTIALS, "says that the credentials are wrong",
         "correct the user name, the password, the token or the certificate before the next try"},
    [POP3_FAILURE_UNCLEAR] = {POP3_CLIENT_CREDENTIALS, "refused the login without a reason",
                              "the credentials may be wrong, or the server is busy"},
    [POP3_FAILURE_TEMPORARY] = {POP3_CLIENT_BUSY, "does not let anybody log in for now", "try again later"},
    [POP3_FAILURE_PERMANENT] = {POP3_CLIENT_REFUSED, "has a problem that its administrator must solve",
                                "tell the server's administrator"},
    [POP3_FAILURE_IN_USE] = {POP3_CLIENT_BUSY, "says that another session has the maildrop", "try again later"},
    [POP3_FAILURE_LOGIN_DELAY] = {POP3_CLIENT_BUSY, "wants more time between logins", "try again later"},
    [POP3_FAILURE_NO_TLS] = {POP3_CLIENT_TLS, "refuses STLS",
                             "use implicit TLS if the server has it, usually on port 995"},
    [POP3_FAILURE_NO_MECHANISM] = {POP3_CLIENT_CREDENTIALS, "offers no way to log in that is allowed here",
                                   "name the mechanisms in auth, if you accept what they show to others"},
    [POP3_FAILURE_LOCAL] = {POP3_CLIENT_CREDENTIALS, "cannot be given these credentials",
                            "a name, password or token is missing, or has control characters"},
    [POP3_FAILURE_SERVER_PROOF] = {POP3_CLIENT_PROTOCOL, "did not prove that it knows the password",
                                   "it may be an impostor: do not show it the password by another mechanism"},
    [POP3_FAILURE_PROTOCOL] = {POP3_CLIENT_PROTOCOL, "broke the rules of POP3 during the login", ""},
    [POP3_FAILURE_CLOSED] = {POP3_CLIENT_CLOSED, "closed the connection during the login", ""},
};

enum { LOGIN_DELAY_S = 900 }; /* R-2449-10 */

static int code_of(const pop3_login *login, pop3_client_class class_) {
    switch (class_) {
    case POP3_CLIENT_CREDENTIALS: return (int)login->failure;
    case POP3_CLIENT_TLS: return POP3_CLIENT_TLS_NO_STLS;
    case POP3_CLIENT_BUSY:
    case POP3_CLIENT_REFUSED: return (int)login->code;
    default: return 0;
    }
}

/* A refused -PLUS need not be about the password: Cyrus announces it and knows no channel binding of TLS 1.3. */
static const char *hint_of(const pop3_login *login) {
    bool refused = login->failure == POP3_FAILURE_CREDENTIALS || login->failure == POP3_FAILURE_UNCLEAR;

    if (refused && login->mechanism != NULL && login->mechanism->plus) {
        return "correct the user name or the password; if both are right, the server cannot do the channel binding "
               "that it announces: allow another mechanism in auth, such as SCRAM-SHA-256";
    }
    return meanings[login->failure].hint;
}

static pop3_client_class explain(pop3_client *client) {
    const pop3_login *login = &client->login;
    const struct meaning *meaning = &meanings[login->failure];
    char server[sizeof client->error.server];

    memcpy(server, client->error.server, sizeof server);
    (void)client_fail(client, meaning->class_, code_of(login, meaning->class_), "%s %s", client->options.host,
                      meaning->what);
    memcpy(client->error.server, server, sizeof server);
    client_hint(client, hint_of(login));
    if (login->failure == POP3_FAILURE_LOGIN_DELAY) {
        client->error.retry_s = login->login_delay != 0 ? login->login_delay : LOGIN_DELAY_S;
    }
    return meaning->class_;
}

/* Our clock, a cancel, or this machine ended it: no word of the server's. */
static bool is_our_doing(const pop3_client *client) {
    enum net_error_kind why = client->end == CLIENT_ENDED ? client->end_error.kind : NET_ERROR_NONE;

    return client->end == CLIENT_OUT_OF_TIME || client->end == CLIENT_STOPPED || why == NET_ERROR_MEMORY ||
           why == NET_ERROR_SYSTEM;
}

/* To hang up in the middle is to refuse. */
static bool is_hung_up_on(const pop3_client *client) {
    return client->login.failure == POP3_FAILURE_UNCLEAR && !is_our_doing(client);
}

/* R-5034-10, R-3206-03: what must not be tried too often. */
static void count_refusal(pop3_client *client) {
    if (client->login.failure == POP3_FAILURE_CREDENTIALS) {
        client->judged = true;
    } else if (is_hung_up_on(client) && client->login.secret_sent) {
        client->unclear++;
    }
}

/* The server's answer to QUIT does not matter here, its time does (W-23). */
static void leave(pop3_client *client) {
    enum { PATIENCE_MS = 10000 };
    uint64_t session_end_ms = client->session_end_ms;
    uint64_t end = net_now_ms() + PATIENCE_MS;
    pop3_event event;

    if (pop3_engine_can(&client->engine, POP3_QUIT) &&
        pop3_engine_command(&client->engine, POP3_QUIT, NULL, 0) == POP3_SUCCESS) {
        client->session_end_ms = session_end_ms < end ? session_end_ms : end;
        client_next(client, &event);
        client->session_end_ms = session_end_ms;
    }
}

static pop3_client_class end_login(pop3_client *client, const pop3_event *event, bool handshake_failed) {
    if (handshake_failed) {
        return client->error.class_;
    }
    count_refusal(client);
    if (client->end != CLIENT_FLOWING && !is_hung_up_on(client)) {
        return client_fail_session(client, event);
    }
    return explain(client);
}

/* ---- After the login ---- */

/* RFC 2449 section 5: what depends on the user is told once the server knows who it is. */
static pop3_client_class ask_again(pop3_client *client) {
    pop3_event event;

    (void)pop3_engine_command(&client->engine, POP3_CAPA, NULL, 0);
    do {
        client_next(client, &event);
        if (event.type == POP3_EVENT_FAIL || event.type == POP3_EVENT_CLOSED) {
            return client_fail_session(client, &event);
        }
        client_note_capability(client, &event);
        if (!pop3_login_capa(&client->login, &event)) {
            pop3_engine_abort(&client->engine, POP3_LIMIT);
        }
    } while (event.type != POP3_EVENT_END && event.type != POP3_EVENT_ERR);
    return POP3_CLIENT_OK;
}

static pop3_client_class try_address(pop3_client *client, struct net_dialling *dialling) {
    pop3_event event = {0};
    pop3_client_class result = POP3_CLIENT_OK;
    pop3_client_error error;

    memset(&client->login, 0, sizeof client->login);
    if (!client_connect(client, dialling)) {
        return client->error.class_;
    }
    if (log_in(client, &event) == POP3_LOGIN_FAILED) {
        bool handshake_failed = client->error.class_ != POP3_CLIENT_OK;
        result = end_login(client, &event, handshake_failed);
        error = client->error;
        leave(client);
        client->error = error;
    }
    pop3_login_end(&client->login);
    client->credentials.binding_type = NULL;
    if (result != POP3_CLIENT_OK) {
        return result;
    }
    if (client->probing) {
        leave(client);
        client_hang_up(client);
    } else {
        client->unclear = 0;
        result = client->login.capa_again ? ask_again(client) : POP3_CLIENT_OK;
    }
    if (result == POP3_CLIENT_OK) {
        client->error = (pop3_client_error){.class_ = POP3_CLIENT_OK};
    }
    return result;
}

/*
 * L-04: one of several machines may be ill. Neither greeting nor TLS came from there; any answer, a wrong certificate too,
 * is the answer of all of them.
 */
static bool is_mute(const pop3_client *client, pop3_client_class result) {
    return client->connected && client->asked == POP3_GREETING &&
           (result == POP3_CLIENT_CLOSED || result == POP3_CLIENT_TIMEOUT);
}

/* If none of the others can be reached, the mute one is what there is to tell of. */
static pop3_client_class try_login(pop3_client *client) {
    struct net_dialling dialling;
    pop3_client_class result;

    memset(&client->login, 0, sizeof client->login);
    if (!client_look_up(client, &dialling)) {
        return client->error.class_;
    }
    result = try_address(client, &dialling);
    while (is_mute(client, result) && dialling.left.count != 0) {
        pop3_client_error mute = client->error;
        client_hang_up(client);
        result = try_address(client, &dialling);
        if (!client->connected && (result == POP3_CLIENT_CONNECT || result == POP3_CLIENT_TIMEOUT)) {
            client->error = mute;
            result = mute.class_;
        }
    }
    return result;
}

/* Is there something to do otherwise, and once only? */
static bool learn(pop3_client *client) {
    if (client->login.reconnect_without_capa && !client->login_no_capa) {
        client->login_no_capa = true;
        return true;
    }
    if (client->login.reconnect_other_form && !client->login_other_form) {
        client->login_other_form = true;
        client->login_two_step = !client->login.two_step;
        return true;
    }
    return false;
}

static pop3_client_class keep_trying(pop3_client *client, bool probing) {
    pop3_client_class result;

    client->probing = probing;
    client->session_end_ms = net_now_ms() + client->options.session_ms; /* of all connections together */
    do {
        result = try_login(client);
        if (result != POP3_CLIENT_OK) {
            client_hang_up(client);
        }
    } while (result != POP3_CLIENT_OK && result != POP3_CLIENT_CANCELLED && result != POP3_CLIENT_MEMORY &&
             learn(client));
    return result;
}

pop3_client_class pop3_client_open(pop3_client *client) {
    pop3_client_close(client);
    if (client->judged || client->unclear >= CLIENT_UNCLEAR_MOST) {
        (void)client_fail(client, POP3_CLIENT_STATE, 0, "%s refused these credentials before", client->options.host);
        client_hint(client, "make a new client once they are corrected");
        return POP3_CLIENT_STATE;
    }
    return keep_trying(client, false);
}

pop3_client_class pop3_client_probe(pop3_client *client) {
    pop3_client_close(client);
    return keep_trying(client, true);
}

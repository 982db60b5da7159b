/* SPDX-License-Identifier: MIT */
/*
 * The login for hosts against any server: no secret in clear before TLS, none at all where the configuration forbids it,
 * nothing behind a code, one more mechanism at most behind a refused proof (R-TLS-06, R-TLS-08, R-5034-10). Read off the
 * wire and the server's lines; of src/login it knows the results.
 */
#include <satchel/pop3_login.h>

#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PASSWORD "S3cretPw"
#define TOKEN "T0k3nT0k3n"

enum { WIRE = 1 << 16, BUFFER = 1024 };

struct login {
    pop3_login login;
    pop3_login_options options;
    pop3_engine engine;
    pop3_login_result result;
    bool secure;
    const uint8_t *stream;
    size_t left;
    uint32_t seed;
    bool proof_refused, code_came;
    size_t sent;
    size_t begun;   /* USER, APOP, AUTH on the wire */
    size_t further; /* of those behind a refused proof */
    char wire[WIRE];
    char line[512];
    char output[POP3_COMMAND_MAX];
    char buffer[BUFFER];
};

/* ---- No cryptography, but each octet counts ---- */

static bool stretch(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations, uint8_t *out) {
    const pop3_span spans[] = {*password, *salt, {&iterations, sizeof iterations}};

    mix(spans, 3, size, out);
    return true;
}

static const pop3_crypto crypto = {
    .md5 = mix_16, .sha1 = mix_20, .sha256 = mix_32, .pbkdf2 = stretch, .random = mix_nothing};

/* ---- The wire ---- */

static bool is_sent(const struct login *login, const char *text) {
    size_t n = strlen(text);

    for (size_t i = 0; i + n <= login->sent; i++) {
        if (memcmp(login->wire + i, text, n) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins(const char *text, size_t n, const char *word) {
    return n >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static void check_wire(const struct login *login, size_t from) {
    static const char stls[] = "STLS\r\n";
    bool clear = login->options.tls == POP3_TLS_OFF;
    bool allowed = login->secure || (clear && (login->options.chosen || login->options.loopback));
    const char *added = login->wire + from;
    size_t n = login->sent - from;

    if (login->options.tls == POP3_TLS_STLS && !login->secure) {
        require(login->sent < sizeof stls && memcmp(login->wire, stls, login->sent) == 0, "something before TLS");
    }
    if (!allowed) {
        require(!is_sent(login, PASSWORD) && !is_sent(login, "UzNjcmV0UH") && !is_sent(login, "MzY3JldFB3") &&
                    !is_sent(login, "zM2NyZXRQd"),
                "a password in clear");
    }
    if (!login->secure || login->options.credentials->token == NULL) {
        require(!is_sent(login, TOKEN) && !begins(added, n, "AUTH XOAUTH2") && !begins(added, n, "AUTH OAUTHBEARER"),
                "a token in clear");
    }
    require(n == 0 || !login->code_came, "a command behind a code");
    require(login->further <= 1, "a third proof");
}

static void send_output(struct login *login) {
    size_t n;
    size_t from = login->sent;
    const char *output;

    while ((output = pop3_engine_output(&login->engine, &n)), n != 0) {
        require(n < WIRE - login->sent, "the wire is full");
        memcpy(login->wire + login->sent, output, n);
        login->sent += n;
        pop3_engine_output_done(&login->engine, n);
    }
    if (begins(login->wire + from, login->sent - from, "USER ") ||
        begins(login->wire + from, login->sent - from, "APOP ") ||
        begins(login->wire + from, login->sent - from, "AUTH ")) {
        login->begun++;
        login->further += login->proof_refused;
    }
    check_wire(login, from);
}

/* ---- The session ---- */

static bool is_over(const struct login *login) {
    return login->result == POP3_LOGIN_DONE || login->result == POP3_LOGIN_FAILED;
}

/* What the server's refusal must mean for what follows. */
static void note_refusal(struct login *login, const pop3_event *event) {
    size_t n;
    pop3_response_code code = pop3_parse_code(event->data, event->length, &n);

    if (event->type == POP3_EVENT_ERR && login->begun != 0 && event->verb != POP3_UTF8) {
        login->proof_refused = login->proof_refused || login->login.secret_sent;
        login->code_came = code >= POP3_CODE_IN_USE && code <= POP3_CODE_AUTH;
    }
}

static void step(struct login *login, const pop3_event *event) {
    if (event != NULL) {
        note_refusal(login, event);
    }
    login->result = pop3_login_step(&login->login, &login->engine, event);
    if (login->result == POP3_LOGIN_DONE) {
        require(pop3_engine_phase(&login->engine) == POP3_PHASE_TRANSACTION, "logged in, or not");
        require(login->secure || login->options.tls == POP3_TLS_OFF, "logged in without TLS");
    }
    require(!login->code_came || login->result == POP3_LOGIN_FAILED, "on behind a code");
    require(login->result != POP3_LOGIN_FAILED || login->login.failure != POP3_FAILURE_NONE, "failed, and no failure");
}

/* A line, and at times all there is: what comes in one piece is used before anything is sent. */
static void receive(struct login *login) {
    const uint8_t *end = memchr(login->stream, '\n', login->left);
    size_t n = login->left;
    pop3_event event;

    login->seed = login->seed * 1103515245U + 12345U;
    if (login->seed >> 29 != 0) {
        n = end != NULL ? (size_t)(end - login->stream) + 1 : 1 + (login->seed >> 16) % n;
    }
    login->left -= n;
    while (!is_over(login) && n != 0) {
        size_t used = pop3_engine_input(&login->engine, login->stream, n, &event);
        login->stream += used;
        n -= used;
        step(login, &event);
    }
    login->stream += n;
}

static void run(struct login *login) {
    while (!is_over(login) && login->left != 0) {
        receive(login);
        if (login->result == POP3_LOGIN_HANDSHAKE) {
            login->secure = true;
            pop3_engine_tls_started(&login->engine);
            step(login, NULL);
        }
        if (login->result != POP3_LOGIN_FAILED) {
            send_output(login);
        }
    }
    if (!is_over(login)) {
        pop3_event event;
        pop3_engine_eof(&login->engine);
        pop3_engine_input(&login->engine, NULL, 0, &event);
        step(login, &event);
        require(login->result == POP3_LOGIN_FAILED, "on behind the end");
    }
    pop3_login_end(&login->login);
    for (size_t i = 0; i < BUFFER; i++) {
        require(login->buffer[i] == 0, "something is left in the buffer");
    }
}

/* ---- What an input says: three octets of configuration, one of cuts, then the server ---- */

static void configure(struct login *login, const uint8_t *data, pop3_credentials *credentials,
                      const pop3_sasl_mechanism **list) {
    static const char *const users[] = {"mrose", "j\xC3\xBCrgen", "m rose", "a,b=c"};
    size_t count = 0;
    size_t first;

    *credentials = (pop3_credentials){.user = users[data[1] & 3U],
                                      .authzid = (data[1] & 4U) != 0 ? "other" : NULL,
                                      .password = (data[1] & 8U) != 0 ? NULL : PASSWORD,
                                      .token = (data[1] & 16U) != 0 ? TOKEN : NULL,
                                      .prepared = (data[1] & 32U) != 0,
                                      .binding_type = (data[1] & 64U) != 0 ? "tls-exporter" : NULL,
                                      .binding = {"0123456789", 10}};
    do {
        count++;
    } while (pop3_login_all_mechanisms[count] != NULL);
    first = data[2] % count;
    for (size_t i = 0; i < count; i++) { /* begins anywhere; from 128 on the other way round */
        list[i] = pop3_login_all_mechanisms[(data[2] < 128 ? first + i : first + count - i) % count];
    }
    login->options = (pop3_login_options){.tls = (pop3_tls_mode)(data[0] % 3U),
                                          .credentials = credentials,
                                          .crypto = &crypto,
                                          .mechanisms = list,
                                          .chosen = (data[0] & 4U) != 0,
                                          .loopback = (data[0] & 8U) != 0,
                                          .client_certificate = (data[0] & 16U) != 0,
                                          .no_capa = (data[0] & 32U) != 0,
                                          .one_step = (data[0] & 64U) != 0,
                                          .two_step = (data[0] & 128U) != 0,
                                          .buffer = login->buffer,
                                          .size = (data[1] & 128U) != 0 ? BUFFER : 256};
    login->seed = data[3];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const pop3_sasl_mechanism *list[POP3_LOGIN_MECHANISMS_MAX] = {NULL};
    pop3_credentials credentials;
    struct login *login;

    if (size < 4) {
        return 0;
    }
    login = calloc(1, sizeof *login);
    require(login != NULL, "no memory");
    configure(login, data, &credentials, list);
    login->stream = data + 4;
    login->left = size - 4;
    login->secure = login->options.tls == POP3_TLS_IMPLICIT;
    pop3_engine_init(&login->engine,
                     &(pop3_engine_buffers){login->line, login->output, sizeof login->line, sizeof login->output});
    pop3_login_init(&login->login, &login->options);
    run(login);
    free(login);
    return 0;
}

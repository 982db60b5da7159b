/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "authority.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void trace(void *context, bool sent, const char *line) {
    struct session *self = context;
    size_t room = sizeof self->trace - self->trace_length;
    int n = snprintf(self->trace + self->trace_length, room, "%c: %s\n", sent ? 'C' : 'S', line);

    if (n > 0 && (size_t)n < room) {
        self->trace_length += (size_t)n;
    }
}

void session_begin(struct session *self, const char *script) {
    memset(self, 0, sizeof *self);
    server_begin(&self->server, script);
    self->options = (pop3_client_options){.size = sizeof self->options,
                                          .host = "127.0.0.1",
                                          .tls = POP3_TLS_OFF,
                                          .user = "mrose",
                                          .password = PASSWORD,
                                          .trace = trace,
                                          .trace_context = self};
}

void session_begin_tls(struct session *self, const char *script, pop3_tls_mode mode) {
    session_begin(self, script);
    self->server.tls = authority.tls;
    self->options.tls = mode;
    self->options.ca_file = authority.ca_file;
}

void session_start(struct session *self) {
    pop3_client_error error;

    server_start(&self->server);
    self->options.port = self->server.listener.port;
    self->client = pop3_client_new(&self->options, &error);
    assert_non_null(self->client);
}

void session_end(struct session *self) {
    pop3_client_free(self->client);
    server_stop(&self->server);
    assert_string_equal(self->server.complaint, "");
    assert_null(strstr(self->trace, PASSWORD));
    assert_null(strstr(self->trace, "tanstaaf"));
    assert_null(strstr(self->trace, "dGFuc3RhYWY")); /* in base64, at each of its */
    assert_null(strstr(self->trace, "RhbnN0YWFm"));  /* three places */
    assert_null(strstr(self->trace, "0YW5zdGFhZ"));
}

pop3_client_class session_open(const char *script, pop3_tls_mode tls, pop3_client_error *error) {
    static struct session self;
    pop3_client_class result;

    session_begin(&self, script);
    self.options.tls = tls;
    session_start(&self);
    result = pop3_client_open(self.client);
    *error = *pop3_client_last_error(self.client);
    assert_int_equal(error->class_, result);
    session_end(&self);
    return result;
}

int session_sink(void *context, const void *octets, size_t n) {
    struct session *self = context;

    assert_true(self->content_length + n < sizeof self->content);
    memcpy(self->content + self->content_length, octets, n);
    self->content_length += n;
    self->content[self->content_length] = '\0';
    return self->say;
}

int session_size(void *context, uint32_t number, uint64_t octets) {
    struct session *self = context;
    size_t room = sizeof self->listing - self->listing_length;
    int n = snprintf(self->listing + self->listing_length, room, "%" PRIu32 ":%" PRIu64 " ", number, octets);

    assert_true(n > 0 && (size_t)n < room);
    self->listing_length += (size_t)n;
    return self->say;
}

int session_uid(void *context, uint32_t number, const char *uid) {
    struct session *self = context;
    size_t room = sizeof self->listing - self->listing_length;
    int n = snprintf(self->listing + self->listing_length, room, "%" PRIu32 ":%s ", number, uid);

    assert_true(n > 0 && (size_t)n < room);
    self->listing_length += (size_t)n;
    return self->say;
}

bool session_sent(const struct session *self, const char *text) {
    return strstr(self->server.heard, text) != NULL;
}

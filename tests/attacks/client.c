/* SPDX-License-Identifier: MIT */
/*
 * The client library, driven line by line from standard input, so that a test says what is done and sees all that comes of
 * it. Secrets are never in its argv. Lines in:
 *
 *     set NAME HEX        an option of the handles to come; without HEX it is NULL, or 0
 *     new                 a handle with these options; it is what the calls below are about
 *     use N               back to the Nth handle, from 0
 *     cancel MS           pop3_client_cancel() of this handle, so long from now
 *     url HEX             pop3_client_url_parse()
 *     open  stat  retr N  and so on, as the header names them
 *
 * Lines out, the library's words as they are: "call NAME CLASS CODE MS", "what ", "server ", "hint "; "trace C: " or
 * "trace S: "; "mechanism "; of url "user HEX" and "host HEX", or "wrong ".
 */
#define _POSIX_C_SOURCE 200809L

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <satchel/pop3_client.h>

#include "fake_resolver.h"

/* Names that the tests' certificates are about. All of them are this machine. */
const struct fake_name fake_names[] = {
    {"localhost", 0, {"127.0.0.1"}},
    {"pop.good.example", 0, {"127.0.0.1"}},
    {NULL, EAI_NONAME, {NULL}},
};

enum { HANDLES = 4096, VALUES = 32, LINE = 1 << 16 };

static pop3_client *handles[HANDLES];
static size_t handle_count;
static pop3_client *now;
static pop3_client_options options = {.size = sizeof options};
static uint32_t sink_ms;     /* what a slow disk takes for each piece of a message */
static char *values[VALUES]; /* what options point to, by their place in the table below */

/* ---- Options ---- */

static const struct {
    const char *name;
    const char **text; /* one of the two */
    uint32_t *number;
} names[] = {
    {"host", &options.host, NULL},
    {"user", &options.user, NULL},
    {"authzid", &options.authzid, NULL},
    {"password", &options.password, NULL},
    {"token", &options.token, NULL},
    {"auth", &options.auth, NULL},
    {"ca_file", &options.ca_file, NULL},
    {"pin", &options.pin, NULL},
    {"alpn", &options.alpn, NULL},
    {"client_cert", &options.client_cert, NULL},
    {"client_key", &options.client_key, NULL},
    {"connect_ms", NULL, &options.connect_ms},
    {"handshake_ms", NULL, &options.handshake_ms},
    {"greeting_ms", NULL, &options.greeting_ms},
    {"reply_ms", NULL, &options.reply_ms},
    {"login_ms", NULL, &options.login_ms},
    {"idle_ms", NULL, &options.idle_ms},
    {"session_ms", NULL, &options.session_ms},
    {"sink_ms", NULL, &sink_ms},
};

_Static_assert(sizeof names / sizeof names[0] <= VALUES, "each has its place");

/* In place. */
static char *from_hex(char *text) {
    size_t n = strlen(text) / 2;

    for (size_t i = 0; i < n; i++) {
        const char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        text[i] = (char)strtoul(pair, NULL, 16);
    }
    text[n] = '\0';
    return text;
}

static bool set_option(const char *name, char *hex) {
    char *value = *hex != '\0' ? from_hex(hex) : NULL;

    if (strcmp(name, "port") == 0) {
        options.port = (uint16_t)(value != NULL ? strtoul(value, NULL, 10) : 0);
        return true;
    }
    if (strcmp(name, "tls") == 0) {
        options.tls = (pop3_tls_mode)(value != NULL ? strtoul(value, NULL, 10) : 0);
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) != 0) {
            continue;
        }
        if (names[i].number != NULL) {
            *names[i].number = (uint32_t)(value != NULL ? strtoul(value, NULL, 10) : 0);
            return true;
        }
        free(values[i]);
        values[i] = value != NULL ? strdup(value) : NULL;
        *names[i].text = values[i];
        return true;
    }
    return false;
}

/* ---- What is told ---- */

static void tell_error(const char *call, const pop3_client_error *error, long long ms) {
    (void)printf("call %s %d %d %lld\nwhat %s\nserver %s\nhint %s\n", call, (int)error->class_, error->code, ms,
                 error->what, error->server, error->hint);
}

static void trace(void *context, bool sent, const char *line) {
    (void)context;
    (void)printf("trace %c: %s\n", sent ? 'C' : 'S', line);
}

static void wait_ms(uint32_t ms) {
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    (void)nanosleep(&wait, NULL);
}

static int take_octets(void *context, const void *octets, size_t n) {
    (void)context;
    (void)octets;
    (void)n;
    if (sink_ms != 0) {
        wait_ms(sink_ms);
    }
    return 0;
}

static int take_size(void *context, uint32_t number, uint64_t octets) {
    (void)context;
    (void)number;
    (void)octets;
    return 0;
}

static int take_uid(void *context, uint32_t number, const char *uid) {
    (void)context;
    (void)number;
    (void)uid;
    return 0;
}

static long long clock_ms(void) {
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (long long)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* ---- Calls ---- */

static void make_handle(void) {
    pop3_client_error error = {.class_ = POP3_CLIENT_OK};

    if (handle_count == HANDLES) {
        (void)fprintf(stderr, "too many handles\n");
        exit(2);
    }
    options.trace = trace;
    now = handles[handle_count++] = pop3_client_new(&options, &error);
    tell_error("new", &error, 0);
}

static void *cancel_later(void *context) {
    wait_ms(*(const uint32_t *)context);
    pop3_client_cancel(now);
    return NULL;
}

static void parse_url(char *hex) {
    pop3_client_url url;
    const char *wrong = pop3_client_url_parse(&url, from_hex(hex));

    if (wrong != NULL) {
        (void)printf("wrong %s\n", wrong);
        return;
    }
    (void)printf("user ");
    for (const char *at = url.user; *at != '\0'; at++) {
        (void)printf("%02x", (unsigned)(unsigned char)*at);
    }
    (void)printf("\nhost %s\n", url.host);
}

static bool call(const char *name, uint32_t number, pop3_client_class *result) {
    static const struct {
        const char *name;
        pop3_client_class (*run)(pop3_client *client);
    } plain[] = {{"open", pop3_client_open},
                 {"probe", pop3_client_probe},
                 {"quit", pop3_client_quit},
                 {"rset", pop3_client_rset},
                 {"noop", pop3_client_noop}};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(plain[i].name, name) == 0) {
            *result = plain[i].run(now);
            return true;
        }
    }
    if (strcmp(name, "stat") == 0) {
        *result = pop3_client_stat(now, NULL, NULL);
    } else if (strcmp(name, "list") == 0) {
        *result = pop3_client_list(now, number, take_size, NULL);
    } else if (strcmp(name, "uidl") == 0) {
        *result = pop3_client_uidl(now, number, take_uid, NULL);
    } else if (strcmp(name, "retr") == 0) {
        *result = pop3_client_retr(now, number, take_octets, NULL);
    } else if (strcmp(name, "top") == 0) {
        *result = pop3_client_top(now, number, 0, take_octets, NULL);
    } else if (strcmp(name, "dele") == 0) {
        *result = pop3_client_dele(now, number);
    } else {
        return false;
    }
    return true;
}

/* ---- Lines ---- */

static bool run_call(const char *name, const char *rest) {
    long long began = clock_ms();
    pop3_client_class result;

    if (now == NULL) { /* its options were refused, and that was told */
        return true;
    }
    if (!call(name, (uint32_t)strtoul(rest, NULL, 10), &result)) {
        return false;
    }
    tell_error(name, pop3_client_last_error(now), clock_ms() - began);
    if (result != pop3_client_last_error(now)->class_) {
        (void)fprintf(stderr, "%s gives another class than its error\n", name);
        exit(2);
    }
    (void)printf("mechanism %s\n", pop3_client_mechanism(now));
    return true;
}

static bool run_line(char *line) {
    static uint32_t until_ms;
    pthread_t thread;
    char *rest = strchr(line, ' ');

    if (rest != NULL) {
        *rest++ = '\0';
    } else {
        rest = line + strlen(line);
    }
    if (strcmp(line, "set") == 0) {
        char *value = strchr(rest, ' ');
        if (value != NULL) {
            *value++ = '\0';
        }
        return set_option(rest, value != NULL ? value : rest + strlen(rest));
    }
    if (strcmp(line, "new") == 0) {
        make_handle();
    } else if (strcmp(line, "use") == 0) {
        now = handles[strtoul(rest, NULL, 10) % HANDLES];
    } else if (strcmp(line, "cancel") == 0) {
        until_ms = (uint32_t)strtoul(rest, NULL, 10);
        return pthread_create(&thread, NULL, cancel_later, &until_ms) == 0 && pthread_detach(thread) == 0;
    } else if (strcmp(line, "url") == 0) {
        parse_url(rest);
    } else {
        return run_call(line, rest);
    }
    return true;
}

int main(void) {
    static char line[LINE];

    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (!run_line(line)) {
            (void)fprintf(stderr, "what is '%.16s'?\n", line);
            return 2;
        }
        (void)printf("done\n");
    }
    for (size_t i = 0; i < handle_count; i++) {
        pop3_client_free(handles[i]);
    }
    for (size_t i = 0; i < VALUES; i++) {
        free(values[i]);
    }
    return 0;
}

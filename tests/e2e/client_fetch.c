/* SPDX-License-Identifier: MIT */
/*
 * The client under test: a program over libsatchel-client that logs in, lists and fetches mail, each message to a file,
 * and prints what every call gave. What to do comes as NAME=VALUE arguments (see settings below), secrets in the
 * environment; client.py starts it and reads what it prints. It judges nothing.
 */
#include <inttypes.h>
#include <satchel/pop3_client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

static struct setting settings[] = {
    {"host", "127.0.0.1"},                  /* name or address */
    {"port", "0"},                          /* of the host */
    {"tls", "implicit"},                    /* or stls, off */
    {"user", NULL},         {"auth", NULL}, /* allowed mechanisms, blanks between */
    {"ca_file", NULL},                      /* whom to trust */
    {"client_cert", NULL},                  /* with its key */
    {"pipelining", "auto"},                 /* or off, on */
    {"uids", "1"},      /* 0: STAT alone, for servers that change messages when asked for unique-ids */
    {"fetch", "all"},   /* all, none or numbers with commas: which are downloaded */
    {"delete", "none"}, /* likewise: which are deleted, behind the downloads */
    {"quit", "1"},      /* 0: closed without QUIT */
    {"out", "."},       /* folder of the files, named by the number of the message */
    {NULL, NULL},
};

#define PASSWORD_VARIABLE "E2E_PASSWORD"
#define TOKEN_VARIABLE "E2E_TOKEN"
#define MESSAGES_MAX 2000

static FILE *file;
static uint32_t numbers[MESSAGES_MAX];

static const char *setting(const char *name) {
    return settings_value(settings, name);
}

static const char *class_name(pop3_client_class class_) {
    static const char *const names[] = {
        [POP3_CLIENT_OK] = "OK",
        [POP3_CLIENT_ARG] = "ARG",
        [POP3_CLIENT_STATE] = "STATE",
        [POP3_CLIENT_NAME] = "NAME",
        [POP3_CLIENT_CONNECT] = "CONNECT",
        [POP3_CLIENT_TIMEOUT] = "TIMEOUT",
        [POP3_CLIENT_TLS] = "TLS",
        [POP3_CLIENT_CREDENTIALS] = "CREDENTIALS",
        [POP3_CLIENT_BUSY] = "BUSY",
        [POP3_CLIENT_REFUSED] = "REFUSED",
        [POP3_CLIENT_PROTOCOL] = "PROTOCOL",
        [POP3_CLIENT_CLOSED] = "CLOSED",
        [POP3_CLIENT_CANCELLED] = "CANCELLED",
        [POP3_CLIENT_SINK] = "SINK",
        [POP3_CLIENT_MEMORY] = "MEMORY",
        [POP3_CLIENT_SYSTEM] = "SYSTEM",
    };
    return names[class_];
}

/* Which of the words the setting is. */
static unsigned choice(const char *name, const char *const *words) {
    unsigned i = 0;

    while (words[i] != NULL && strcmp(words[i], setting(name)) != 0) {
        i++;
    }
    if (words[i] == NULL) {
        fprintf(stderr, "client_fetch: %s=%s is not understood\n", name, setting(name));
        exit(64);
    }
    return i;
}

/* ---- What is printed ---- */

static void print_trace(void *context, bool sent, const char *line) {
    (void)context;
    printf("trace %c: %s\n", sent ? 'C' : 'S', line);
}

static void print_error(const char *call, const pop3_client_error *error) {
    printf("%s %s %d\n", call, class_name(error->class_), error->code);
    if (error->class_ != POP3_CLIENT_OK) {
        printf("what %s\nserver %s\nhint %s\n", error->what, error->server, error->hint);
    }
}

static int print_size(void *context, uint32_t number, uint64_t octets) {
    (void)context;
    return printf("size %" PRIu32 " %" PRIu64 "\n", number, octets) < 0;
}

static int print_uid(void *context, uint32_t number, const char *uid) {
    (void)context;
    return printf("uid %" PRIu32 " %s\n", number, uid) < 0;
}

/* ---- Messages ---- */

static int open_file(size_t index) {
    char name[512];

    (void)snprintf(name, sizeof name, "%s/%" PRIu32, setting("out"), numbers[index]);
    file = fopen(name, "wb");
    if (file == NULL) {
        perror(name);
    }
    return file == NULL;
}

static int write_content(void *context, size_t index, const void *octets, size_t n) {
    (void)context;
    if (file == NULL && open_file(index) != 0) {
        return 1;
    }
    return fwrite(octets, 1, n, file) != n;
}

static int message_done(void *context, size_t index, const pop3_client_error *error) {
    int failed = 0;

    (void)context;
    if (file == NULL && error->class_ == POP3_CLIENT_OK && open_file(index) != 0) { /* an empty message */
        return 1;
    }
    if (file != NULL) {
        failed = fclose(file);
        file = NULL;
    }
    printf("message %" PRIu32 " %s\n", numbers[index], class_name(error->class_));
    return failed;
}

static int deletion_done(void *context, size_t index, const pop3_client_error *error) {
    (void)context;
    return printf("delete %" PRIu32 " %s\n", numbers[index], class_name(error->class_)) < 0;
}

/* Puts those of the first `count` messages that the setting names into numbers[]. */
static size_t choose(const char *name, uint32_t count) {
    size_t n = 0;

    for (uint32_t number = 1; number <= count && n < MESSAGES_MAX; number++) {
        if (settings_list_names(setting(name), number)) {
            numbers[n++] = number;
        }
    }
    return n;
}

/* ---- The session ---- */

static pop3_client *new_client(void) {
    static const char *const modes[] = {"implicit", "stls", "off", NULL};
    static const char *const pipelinings[] = {"auto", "off", "on", NULL};
    pop3_client_error error;
    pop3_client_options options = {
        .size = sizeof options,
        .host = setting("host"),
        .port = (uint16_t)strtoul(setting("port"), NULL, 10),
        .tls = (pop3_tls_mode)choice("tls", modes),
        .user = setting("user"),
        .password = getenv(PASSWORD_VARIABLE),
        .token = getenv(TOKEN_VARIABLE),
        .auth = setting("auth"),
        .ca_file = setting("ca_file"),
        .client_cert = setting("client_cert"),
        .pipelining = (pop3_client_pipelining)choice("pipelining", pipelinings),
        .trace = print_trace,
    };
    pop3_client *client = pop3_client_new(&options, &error);

    if (client == NULL) {
        print_error("new", &error);
    }
    return client;
}

static pop3_client_class list(pop3_client *client, uint32_t *count, uint64_t *octets) {
    if (strcmp(setting("uids"), "0") != 0) {
        return pop3_client_survey(client, count, octets, print_size, print_uid, NULL);
    }
    return pop3_client_stat(client, count, octets);
}

/* A message that is refused is not the end of the session. */
static pop3_client_class use(pop3_client *client) {
    uint32_t count = 0;
    uint64_t octets = 0;
    pop3_client_class result = list(client, &count, &octets);

    printf("maildrop %" PRIu32 " %" PRIu64 "\n", count, octets);
    if (result == POP3_CLIENT_OK) {
        size_t n = choose("fetch", count);
        result = pop3_client_retr_many(client, numbers, n, write_content, message_done, NULL);
    }
    if (result == POP3_CLIENT_OK || result == POP3_CLIENT_REFUSED || result == POP3_CLIENT_BUSY) {
        size_t n = choose("delete", count);
        result = pop3_client_dele_many(client, numbers, n, deletion_done, NULL);
    }
    print_error("use", pop3_client_last_error(client));
    return result;
}

int main(int argc, char **argv) {
    pop3_client *client;
    pop3_client_class result;

    settings_read(settings, argc, argv);
    client = new_client();
    if (client == NULL) {
        return 0;
    }
    result = pop3_client_open(client);
    print_error("open", pop3_client_last_error(client));
    printf("mechanism %s\n", pop3_client_mechanism(client));
    if (result == POP3_CLIENT_OK) {
        (void)use(client);
    }
    if (result == POP3_CLIENT_OK && strcmp(setting("quit"), "0") != 0) {
        (void)pop3_client_quit(client);
        print_error("quit", pop3_client_last_error(client));
    }
    pop3_client_free(client);
    return 0;
}

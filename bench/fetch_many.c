/* SPDX-License-Identifier: MIT */
/*
 * A whole session over the public API, as a program that fetches mail makes it: look, fetch all, mark all, QUIT.
 *
 *     POP_PASSWORD=... fetch_many off|stls|implicit USER HOST PORT CA-FILE|- OUT|-
 *
 * The messages go to OUT, one behind the other, or are counted only. Prints messages, octets, seconds from the first call
 * to the last, and seconds of processor time.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <satchel/pop3_client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct fetch {
    uint32_t *numbers;
    size_t count, room;
    int out; /* -1: none */
    uint64_t octets;
};

static double since(clockid_t clock, const struct timespec *begin) {
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static int note(void *context, uint32_t number, uint64_t octets) {
    struct fetch *self = context;

    (void)octets;
    if (self->count == self->room) {
        size_t room = self->room != 0 ? self->room * 2 : 1024;
        uint32_t *numbers = realloc(self->numbers, room * sizeof *numbers);
        if (numbers == NULL) {
            return -1;
        }
        self->numbers = numbers;
        self->room = room;
    }
    self->numbers[self->count++] = number;
    return 0;
}

static int content(void *context, size_t index, const void *octets, size_t n) {
    struct fetch *self = context;
    const char *at = octets;

    (void)index;
    self->octets += n;
    while (self->out >= 0 && n != 0) {
        ssize_t written = write(self->out, at, n);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        at += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

static pop3_client_class run(pop3_client *client, struct fetch *self) {
    pop3_client_class result = pop3_client_open(client);

    if (result == POP3_CLIENT_OK) {
        result = pop3_client_survey(client, NULL, NULL, note, NULL, self);
    }
    if (result == POP3_CLIENT_OK) {
        result = pop3_client_retr_many(client, self->numbers, self->count, content, NULL, self);
    }
    if (result == POP3_CLIENT_OK) {
        result = pop3_client_dele_quit(client, self->numbers, self->count, NULL, NULL);
    }
    return result;
}

static pop3_tls_mode mode_of(const char *text) {
    return strcmp(text, "off") == 0 ? POP3_TLS_OFF : strcmp(text, "stls") == 0 ? POP3_TLS_STLS : POP3_TLS_IMPLICIT;
}

int main(int argc, char **argv) {
    struct fetch self = {.out = -1};
    struct timespec wall, cpu;
    pop3_client_error error;
    pop3_client *client;

    if (argc != 7) {
        return 64;
    }
    pop3_client_options options = {.size = sizeof options,
                                   .tls = mode_of(argv[1]),
                                   .user = argv[2],
                                   .password = getenv("POP_PASSWORD"),
                                   .host = argv[3],
                                   .port = (uint16_t)strtoul(argv[4], NULL, 10),
                                   .ca_file = strcmp(argv[5], "-") != 0 ? argv[5] : NULL};
    if (strcmp(argv[6], "-") != 0) {
        self.out = open(argv[6], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    client = pop3_client_new(&options, &error);
    if (client != NULL) {
        (void)run(client, &self);
        error = *pop3_client_last_error(client);
        pop3_client_free(client);
    }
    free(self.numbers);
    if (error.class_ != POP3_CLIENT_OK) {
        (void)fprintf(stderr, "fetch_many: %s. %s\n%s\n", error.what, error.server, error.hint);
        return 1;
    }
    printf("%zu %" PRIu64 " %.6f %.6f\n", self.count, self.octets, since(CLOCK_MONOTONIC, &wall),
           since(CLOCK_PROCESS_CPUTIME_ID, &cpu));
    return 0;
}

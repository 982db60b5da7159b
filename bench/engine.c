/* SPDX-License-Identifier: MIT */
/*
 * How fast a body is decoded, beside memchr by lines and memcpy over the same octets: the limits that the machine sets.
 * Rounds alternate in one run; ratios count, absolute figures do not.
 */
#define _POSIX_C_SOURCE 200809L

#include <satchel/pop3_engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INPUT = 256 * 1024, COLUMNS = 76, PASSES = 2000, ROUNDS = 9, WORKS = 4 };

static char text[INPUT]; /* 76-column lines; every 40th begins with a stuffed dot */
static char copy[INPUT];
static volatile size_t sink;

static void fill(void) {
    size_t column = 0;
    size_t line = 0;

    for (size_t i = 0; i < INPUT; i++, column++) {
        if (column == COLUMNS) {
            text[i] = '\r';
        } else if (column == COLUMNS + 1) {
            text[i] = '\n';
            column = (size_t)-1;
            line++;
        } else {
            text[i] = line % 40 == 39 && column < 2 ? '.' : (char)('a' + (i * 7 + line) % 26);
        }
    }
}

static void open_body(pop3_engine *engine) {
    static char line[2048];
    static char output[512];
    static const char replies[] = "+OK ready\r\n+OK\r\n+OK\r\n+OK\r\n";
    static const struct {
        pop3_verb verb;
        pop3_arg arg;
    } commands[] = {{POP3_USER, {.text = "u"}}, {POP3_PASS, {.text = "p"}}, {POP3_RETR, {.number = 1}}};
    const pop3_engine_buffers buffers = {line, output, sizeof line, sizeof output};
    const char *in = replies;
    pop3_event event;

    pop3_engine_init(engine, &buffers);
    in += pop3_engine_input(engine, in, sizeof replies - 1, &event);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        pop3_engine_command(engine, commands[i].verb, &commands[i].arg, 0);
        in += pop3_engine_input(engine, in, strlen(in), &event);
    }
}

static void decode(void) {
    pop3_engine engine;
    pop3_event event;
    size_t octets = 0;

    open_body(&engine);
    for (int pass = 0; pass < PASSES; pass++) {
        for (size_t at = 0; at < INPUT;) {
            at += pop3_engine_input(&engine, text + at, INPUT - at, &event);
            octets += event.length;
        }
    }
    sink = octets;
}

/* The least that a client does which looks at every line. */
static void memchr_lines(void) {
    size_t dots = 0;

    for (int pass = 0; pass < PASSES; pass++) {
        const char *end = text + INPUT;
        for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;) {
            dots += ++p < end && *p == '.';
        }
    }
    sink = dots;
}

static void memchr_all(void) {
    size_t found = 0;

    for (int pass = 0; pass < PASSES; pass++) {
        found += memchr(text, pass % 2 == 0 ? '\0' : '\1', INPUT) != NULL;
    }
    sink = found;
}

static void memcpy_all(void) {
    for (int pass = 0; pass < PASSES; pass++) {
        memcpy(copy, text, INPUT);
        sink = (unsigned char)copy[pass];
    }
}

static double seconds(void (*work)(void)) {
    struct timespec begin, end;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    work();
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void) {
    static const struct {
        const char *name;
        void (*run)(void);
    } works[WORKS] = {{"engine, body decoding", decode},
                      {"memchr, line by line", memchr_lines},
                      {"memchr, whole input", memchr_all},
                      {"memcpy", memcpy_all}};
    double times[WORKS][ROUNDS];
    double engine = 0;

    fill();
    for (int round = -1; round < ROUNDS; round++) { /* the first warms up */
        for (int i = 0; i < WORKS; i++) {
            double time = seconds(works[i].run);
            if (round >= 0) {
                times[i][round] = time;
            }
        }
    }
    printf("%d-column text in inputs of %d KiB, median of %d rounds\n", COLUMNS, INPUT / 1024, ROUNDS);
    for (int i = 0; i < WORKS; i++) {
        qsort(times[i], ROUNDS, sizeof times[i][0], by_size);
        double rate = (double)INPUT * PASSES / times[i][ROUNDS / 2] / 1e9;
        if (i == 0) {
            engine = rate;
        }
        printf("%-24s %7.1f GB/s   engine / this: %.2f\n", works[i].name, rate, engine / rate);
    }
    return EXIT_SUCCESS;
}

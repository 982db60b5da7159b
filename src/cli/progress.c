/* SPDX-License-Identifier: MIT */
/* The progress bar. Refuses to be more precise than its figures: LIST's sizes may be wrong. */
#define _POSIX_C_SOURCE 200809L

#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MS 100
#define BAR 20 /* columns */
#define LINE 128

struct progress {
    uint64_t wanted;
    uint64_t wanted_size;
    uint64_t messages;
    uint64_t octets;
    uint64_t start_ms;
    uint64_t drawn_ms;
    bool shown;
    bool paused;
};

static uint64_t now_ms(void) {
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct progress *progress_new(void) {
    const char *terminal = getenv("TERM"); /* NOLINT(concurrency-mt-unsafe): no thread is there yet */
    struct progress *progress;

    if (isatty(STDERR_FILENO) == 0 || terminal == NULL || strcmp(terminal, "dumb") == 0) {
        return NULL;
    }
    progress = calloc(1, sizeof *progress);
    if (progress != NULL) {
        progress->start_ms = now_ms();
    }
    return progress;
}

void progress_free(struct progress *progress) {
    progress_hide(progress);
    free(progress);
}

void progress_size(char out[PROGRESS_SIZE], uint64_t octets) {
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    double size = (double)octets;
    size_t unit = 0;

    if (octets < 1024) {
        (void)snprintf(out, PROGRESS_SIZE, "%" PRIu64 " B", octets);
        return;
    }
    size /= 1024;
    while (size >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        size /= 1024;
        unit++;
    }
    (void)snprintf(out, PROGRESS_SIZE, "%.1f %s", size, units[unit]);
}

/* By octets where their number is known, never full before the last message is. */
static double share_of(const struct progress *progress) {
    double share = progress->wanted_size > 0 ? (double)progress->octets / (double)progress->wanted_size : 0.0;

    if (progress->messages >= progress->wanted) {
        return 1.0;
    }
    return share < 0.99 ? share : 0.99;
}

static void time_left(char *out, size_t size, const struct progress *progress, double share, uint64_t elapsed_ms) {
    uint64_t seconds = share > 0.0 ? (uint64_t)((double)elapsed_ms / 1000.0 * (1.0 - share) / share) : 0;

    if (share <= 0.0 || elapsed_ms < 1000 || progress->messages >= progress->wanted) {
        out[0] = '\0';
    } else {
        (void)snprintf(out, size, "  %" PRIu64 ":%02u left", seconds / 60, (unsigned)(seconds % 60));
    }
}

static size_t columns(void) {
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80;
}

static void draw(struct progress *progress) {
    uint64_t elapsed_ms = now_ms() - progress->start_ms;
    double share = share_of(progress);
    char bar[BAR + 1];
    char line[LINE];
    char had[PROGRESS_SIZE];
    char rate[PROGRESS_SIZE];
    char left[32];

    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)(share * BAR));
    bar[BAR] = '\0';
    progress_size(had, progress->octets);
    progress_size(rate, elapsed_ms > 0 ? progress->octets * 1000 / elapsed_ms : 0);
    time_left(left, sizeof left, progress, share, elapsed_ms);
    (void)snprintf(line, sizeof line, "[%s] %" PRIu64 "/%" PRIu64 "  %s  %s/s%s", bar, progress->messages,
                   progress->wanted, had, rate, left);
    (void)fprintf(stderr, "\r%.*s\033[K", (int)(columns() - 1), line);
    (void)fflush(stderr);
    progress->shown = true;
}

static void draw_in_time(struct progress *progress) {
    uint64_t now = now_ms();

    if (progress->wanted > 0 && !progress->paused && now - progress->drawn_ms >= FRAME_MS) {
        progress->drawn_ms = now;
        draw(progress);
    }
}

void progress_add(struct progress *progress, uint64_t wanted, uint64_t wanted_size) {
    if (progress != NULL) {
        progress->wanted += wanted;
        progress->wanted_size += wanted_size;
        draw_in_time(progress);
    }
}

void progress_octets(struct progress *progress, uint64_t more) {
    if (progress != NULL) {
        progress->octets += more;
        draw_in_time(progress);
    }
}

void progress_message(struct progress *progress) {
    if (progress != NULL) {
        progress->messages++;
        draw_in_time(progress);
    }
}

void progress_hide(struct progress *progress) {
    if (progress != NULL && progress->shown) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
        progress->shown = false;
    }
}

void progress_pause(struct progress *progress, bool paused) {
    progress_hide(progress);
    if (progress != NULL) {
        progress->paused = paused;
    }
}

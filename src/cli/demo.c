/* SPDX-License-Identifier: MIT */
/*
 * `satchel demo`: the server of `satchel serve` in a process of its own, and `satchel fetch` twice against it. All that it
 * makes is in one new folder, its database too. Uses nothing but what its user could type.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "cli/options.h"
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER "mrose"
#define PASSWORD "mvan99" /* of RFC 1939's examples */

enum { PATH_MOST = 1024, TO_MOST = PATH_MOST + 16 };

struct demo {
    const char *to;
    bool help;
    char folder[PATH_MOST];
    char destination[TO_MOST];
    pid_t server;
    int stop; /* closed: the server ends */
    char url[64];
};

#define FIELD(name) offsetof(struct demo, name)

static const struct option_row rows[] = {
    {"to", "DESTINATION", OPTION_TEXT, 0, FIELD(to), "maildir:DIR or mbox:FILE, in place of a new folder"},
    {"help", NULL, OPTION_FLAG, 'h', FIELD(help), "this text"},
};

static const struct option_set options = {
    .command = "demo",
    .synopsis = "[OPTION...]",
    .text =
        "Starts a POP3 server with two sample messages on this machine, fetches them as `satchel fetch` does, shows "
        "the dialogue, and fetches once more: nothing is new. Touches neither your configuration nor your mail.",
    .rows = rows,
    .count = sizeof rows / sizeof rows[0]};

static bool fail(const char *what) {
    (void)fprintf(stderr, "satchel demo: %s: %s\n", what, strerror(errno));
    return false;
}

/* ---- The folder ---- */

static bool write_password(const struct demo *demo) {
    static const char line[] = PASSWORD "\n";
    char path[PATH_MOST + 16];
    int fd;
    bool good;

    (void)snprintf(path, sizeof path, "%s/password", demo->folder);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return fail(path);
    }
    good = fchmod(fd, S_IRUSR | S_IWUSR) == 0 && write(fd, line, sizeof line - 1) == (ssize_t)sizeof line - 1;
    return (close(fd) == 0 && good) || fail(path);
}

static bool make_folder(struct demo *demo) {
    const char *base = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): there are no threads */
    int n = snprintf(demo->folder, sizeof demo->folder, "%s/satchel-demo-XXXXXX",
                     base != NULL && base[0] == '/' ? base : "/tmp");

    if (n < 0 || (size_t)n >= sizeof demo->folder || mkdtemp(demo->folder) == NULL) {
        return fail("a folder for the mail");
    }
    if (demo->to != NULL) {
        (void)snprintf(demo->destination, sizeof demo->destination, "%s", demo->to);
    } else {
        (void)snprintf(demo->destination, sizeof demo->destination, "maildir:%s/Mail", demo->folder);
    }
    return write_password(demo);
}

/* ---- The server ---- */

static bool start_server(struct demo *demo) {
    static const struct serve_config config = {
        .address = "127.0.0.1", .user = USER, .password = PASSWORD, .name = "", .autologout_s = 600};
    struct serve_server *server = NULL;
    int ends[2];
    int error = ENOMEM;

    if (serve_open(&server, &config, &error) != SERVE_FINE || pipe(ends) != 0) {
        errno = server == NULL ? error : errno;
        serve_close(server);
        return fail("the server");
    }
    (void)snprintf(demo->url, sizeof demo->url, "pop://" USER "@127.0.0.1:%u", (unsigned)serve_where(server)->port);
    (void)fflush(stdout);
    demo->server = fork();
    if (demo->server == 0) {
        (void)close(ends[1]); /* only the parent's end keeps it going */
        _exit(serve_run(server, ends[0]) == 0 ? EX_OK : EX_OSERR);
    }
    (void)close(ends[0]);
    serve_close(server);
    demo->stop = ends[1];
    return demo->server > 0 || fail("the server");
}

static void stop_server(const struct demo *demo) {
    (void)close(demo->stop);
    (void)waitpid(demo->server, NULL, 0);
}

/* ---- The client ---- */

/* Lines and dialogue in their order, also into a file. */
static int run_fetch(int argc, char **argv) {
    pid_t child = fork();
    int status;

    if (child == 0) {
        (void)dup2(STDOUT_FILENO, STDERR_FILENO);
        (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
        exit(cli_fetch(argc, argv)); /* NOLINT(concurrency-mt-unsafe): its threads have ended */
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        (void)fail("satchel fetch");
        return EX_OSERR;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

/* Shown as its user would type it. */
static int fetch(struct demo *demo, bool dialogue) {
    char password[PATH_MOST + 16];
    char state[PATH_MOST + 16];
    char name[] = "fetch", tls[] = "--tls", off[] = "off", file[] = "--password-file", database[] = "--state",
         to[] = "--to", verbose[] = "--verbose";
    char *arguments[] = {
        name, demo->url, tls, off, file, password, database, state, to, demo->destination, dialogue ? verbose : NULL,
        NULL};
    int count = 0;

    (void)snprintf(password, sizeof password, "%s/password", demo->folder);
    (void)snprintf(state, sizeof state, "%s/state", demo->folder);
    (void)fputs("\n$ satchel", stdout);
    while (arguments[count] != NULL) {
        (void)printf(" %s", arguments[count++]);
    }
    (void)putchar('\n');
    (void)fflush(stdout);
    return run_fetch(count, arguments);
}

static int run(struct demo *demo) {
    int code;

    (void)printf("A POP3 server with two messages listens on %s; C: is what the client says, S: the server.\n",
                 demo->url + strlen("pop://" USER "@"));
    code = fetch(demo, true);
    if (code != EX_OK) {
        return code;
    }
    (void)printf("\nThe mail is in %s. Once more: each message is fetched exactly once.\n",
                 strchr(demo->destination, ':') + 1);
    code = fetch(demo, false);
    (void)printf("\n%s is in %s: `rm -r` removes it.\n", demo->to == NULL ? "All of this" : "The rest of this",
                 demo->folder);
    return code;
}

int cli_demo(int argc, char **argv) {
    static struct demo demo;
    int first;
    int code;

    if (!options_read(&options, &demo, NULL, argc, argv, &first)) {
        return EX_USAGE;
    }
    if (demo.help) {
        options_help(&options, stdout);
        return EX_OK;
    }
    if (argc > first) {
        (void)options_complain(&options, "\"%s\" is one argument too many", argv[first]);
        return EX_USAGE;
    }
    if (!make_folder(&demo)) {
        return EX_CANTCREAT;
    }
    if (!start_server(&demo)) {
        return EX_OSERR;
    }
    code = run(&demo);
    stop_server(&demo);
    return code;
}

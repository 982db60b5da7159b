/* SPDX-License-Identifier: MIT */
/* Where credentials come from, and what is refused (R-CRED-01, R-CRED-02, R-FILE-01). The prompt has a test of its own. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/private.h"
#include "folder.h"

enum { SOON_MS = 20000 };

/* ---- Commands ---- */

static char *run(const char *command, struct account_error *error) {
    char *secret = account_secret_from_command(command, "password-command", SOON_MS, error);

    assert_true(secret != NULL || error->fault == ACCOUNT_NO_CREDENTIALS);
    return secret;
}

static void the_first_line_of_a_command_counts(void **state) {
    static const char *const rows[][2] = {
        {"echo secret", "secret"},
        {"printf secret", "secret"},
        {"printf 'secret\\r\\nuser: me\\n'", "secret"},
        {"printf ' a b\\n'", " a b"},
        {"printf '\\303\\274\\n'", "\xc3\xbc"},
        {"printf 'secret\\n\\0\\n'", "secret"},
        {"printf 'a'; sleep 0.2; printf 'b\\n'", "ab"},
        {"echo secret; exec >&-; sleep 0.2", "secret"},
        {"echo secret; head -c 1000000 /dev/zero", "secret"},
        {"read line; echo \"<$line>\"", "<>"}, /* nothing of ours to read */
    };
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *secret = run(rows[i][0], &error);
        if (secret == NULL) {
            fail_msg("%s: %s", rows[i][0], error.what);
        }
        assert_string_equal(secret, rows[i][1]);
        account_secret_free(secret);
    }
}

static void what_a_command_may_not_give(void **state) {
    static const char *const rows[][2] = {
        {"true", "password-command gives an empty first line"},
        {"echo; echo secret", "password-command gives an empty first line"},
        {"echo canary; exit 3", "password-command failed: its exit code is 3"},
        {"echo canary; kill -9 $$", "password-command was ended by signal 9"},
        {"exec /nonexistent-canary 2>/dev/null", "password-command names a command that the shell does not find"},
        {"printf 'canary\\0x\\n'", "password-command gives a control character, which no login can carry"},
        {"printf 'canary\\tx\\n'", "password-command gives a control character, which no login can carry"},
        {"printf 'canary\\177\\n'", "password-command gives a control character, which no login can carry"},
    };
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(run(rows[i][0], &error));
        assert_string_equal(error.what, rows[i][1]);
    }
}

static void a_command_gives_8192_octets_at_most(void **state) {
    struct account_error error;
    char *secret = run("head -c 8192 /dev/zero | tr '\\0' x", &error);

    (void)state;
    assert_non_null(secret);
    assert_int_equal(strlen(secret), ACCOUNT_SECRET_MOST);
    account_secret_free(secret);
    secret = run("head -c 8192 /dev/zero | tr '\\0' x; printf '\\r\\n'", &error);
    assert_non_null(secret);
    assert_int_equal(strlen(secret), ACCOUNT_SECRET_MOST);
    account_secret_free(secret);
    assert_null(run("head -c 8193 /dev/zero | tr '\\0' x", &error));
    assert_string_equal(error.what, "password-command gives more than 8192 octets");
    assert_null(run("head -c 1000000 /dev/zero | tr '\\0' x", &error));
    assert_string_equal(error.what, "password-command gives more than 8192 octets");
}

static int64_t now_ms(void) {
    struct timespec now;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_command_does_not_run_for_ever(void **state) {
    static const char *const rows[] = {"exec sleep 100", "echo canary; exec sleep 100", "exec yes canary",
                                       "echo canary; exec >&-; exec sleep 100"};
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t begin = now_ms();
        assert_null(account_secret_from_command(rows[i], "token-command", 300, &error));
        assert_string_equal(error.what, "token-command took longer than 1 s");
        assert_in_range(now_ms() - begin, 300, SOON_MS);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* ended, and not left as a zombie */
    }
}

/* As gpg does with its agent. */
static void what_a_command_leaves_behind_is_not_waited_for(void **state) {
    struct account_error error;
    int64_t begin = now_ms();
    char *secret = run("sleep 5 2>/dev/null & echo secret", &error);

    (void)state;
    assert_non_null(secret);
    account_secret_free(secret);
    assert_true(now_ms() - begin < 4000);
}

static void a_command_sees_nothing_of_ours(void **state) {
    static const char seen[] = "tr '\\0\\n' '  ' </proc/$$/environ; tr '\\0\\n' '  ' </proc/$$/cmdline; "
                               "tr '\\0\\n' '  ' </proc/$PPID/environ; tr '\\0\\n' '  ' </proc/$PPID/cmdline";
    struct account_credentials credentials;
    struct account_error error;
    struct account *account = account_new("a");
    char *secret;

    (void)state;
    assert_true(account_set_key(account, account_key_find("url"), "pops://u@h", true, &error));
    assert_true(account_set_key(account, account_key_find("password"), "canary-7391", true, &error));
    assert_true(account_credentials_get(&credentials, account, false, &error));
    assert_string_equal(credentials.password, "canary-7391");
    secret = run(seen, &error);
    assert_non_null(secret);
    assert_non_null(strstr(secret, "HOME="));
    assert_null(strstr(secret, "canary-7391"));
    account_secret_free(secret);
    account_credentials_wipe(&credentials);
    account_free(account);
}

static void a_command_has_the_usual_signals(void **state) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    sigset_t all;
    sigset_t mask;
    struct account_error error;
    char *secret;

    (void)state;
    assert_int_equal(sigaction(SIGPIPE, &ignore, &before), 0);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &mask);
    secret = run("grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\\n\\t'", &error);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
    assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
    assert_non_null(secret);
    assert_non_null(strstr(secret, "SigBlk:0000000000000000"));
    /* SIGPIPE is bit 12; others are as whoever started the test left them. */
    assert_int_equal(strtoull(strstr(secret, "SigIgn:") + 7, NULL, 16) & 0x1000, 0);
    account_secret_free(secret);
}

/* ---- Files ---- */

static struct account *account_with_file(const char *path) {
    struct account_error error;
    struct account *account = account_from_url("pops://u@h", &error);

    assert_non_null(account);
    assert_true(account_set(account, "password-file", path, &error));
    return account;
}

/* NULL: taken. */
static const char *refused(const char *path) {
    static struct account_error error;
    struct account *account = account_with_file(path);
    struct account_credentials credentials;
    bool good = account_credentials_get(&credentials, account, false, &error);

    assert_true(!good || strcmp(credentials.password, "secret") == 0);
    assert_true(good || (error.fault == ACCOUNT_NO_CREDENTIALS && credentials.password == NULL));
    account_credentials_wipe(&credentials);
    account_free(account);
    return good ? NULL : error.what;
}

static void files_with_a_password(void **state) {
    (void)state;
    assert_null(refused(folder_text("p", "secret\n", 0600)));
    assert_null(refused(folder_text("p", "secret", 0400)));
    assert_null(refused(folder_text("p", "secret\r\nmore\n", 0600)));
    assert_non_null(strstr(refused(folder_text("p", "", 0600)), "empty first line"));
    assert_non_null(strstr(refused(folder_write("p", "secret\0\n", 8, 0600)), "control character"));
    assert_non_null(strstr(refused(folder_path("absent")), "cannot be read"));
    assert_non_null(strstr(refused("/dev/null"), "is no file"));
    assert_int_equal(mkfifo(folder_path("fifo"), 0600), 0);
    assert_non_null(strstr(refused(folder_path("fifo")), "is no file"));
}

static void R_FILE_01_files_that_others_reach_are_refused(void **state) {
    static const mode_t modes[] = {0640, 0604, 0644, 0610, 0601, 0660, 0602};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_non_null(strstr(refused(folder_text("p", "secret\n", modes[i])), "by other users"));
    }
    (void)folder_text("p", "secret\n", 0600);
    assert_int_equal(symlink(folder_path("p"), folder_path("symbolic")), 0);
    assert_non_null(strstr(refused(folder_path("symbolic")), "is a symbolic link"));
    assert_null(refused(folder_path("p")));
    assert_int_equal(link(folder_path("p"), folder_path("hard")), 0);
    assert_non_null(strstr(refused(folder_path("p")), "hard links"));
}

static void R_FILE_01_files_of_others_are_refused(void **state) {
    const char *path = folder_text("other", "secret\n", 0600);

    (void)state;
    if (geteuid() != 0 || chown(path, 12345, 12345) != 0) {
        skip();
    }
    assert_non_null(strstr(refused(path), "belongs to another user"));
}

/* ---- netrc ---- */

static void netrc_entries(void **state) {
    static const struct {
        const char *text;
        const char *secret; /* NULL: none */
    } rows[] = {
        {"machine h login u password secret\n", "secret"},
        {"machine H\n\tlogin u\n\tpassword secret", "secret"},
        {"machine h password secret login u", "secret"},
        {"machine h login u account x password \"a b\\\"\\\\c\"", "a b\"\\c"},
        {"machine h login u password #secret # a comment\n", "#secret"},
        {"# machine h login u password wrong\nmachine h login u password secret", "secret"},
        {"machine other login u password wrong machine h login v password wrong machine h login u password secret",
         "secret"},
        {"macdef init\nmachine h login u password wrong\n\nmachine h login u password secret", "secret"},
        {"machine h login u password machine", "machine"},
        {"default login u password secret", NULL}, /* R-CRED-01 */
        {"machine h password secret", NULL},       /* of whom? */
        {"machine h login v password secret", NULL},
        {"machine h.example login u password secret", NULL},
        {"machine h login u", NULL},
        {"machine h login u machine x password secret", NULL},
        {"machine h login u default password secret", NULL},
        {"macdef init\nmachine h login u password secret\n", NULL},
        {"machine h login u password", NULL},
        {"machine", NULL},
        {"\"", NULL},
        {"machine h login u password \"secret", "secret"},
        {"", NULL},
    };
    struct account_error error;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *secret = account_secret_from_netrc(folder_text("netrc", rows[i].text, 0600), "h", "u", &error);
        if ((secret == NULL) != (rows[i].secret == NULL)) {
            fail_msg("%s: %s", rows[i].text, secret != NULL ? secret : "none");
        }
        assert_true(secret == NULL || strcmp(secret, rows[i].secret) == 0);
        assert_int_equal(error.fault, ACCOUNT_FINE);
        account_secret_free(secret);
    }
    assert_null(account_secret_from_netrc(folder_path("absent"), "h", "u", &error));
    assert_int_equal(error.fault, ACCOUNT_FINE);
    assert_null(account_secret_from_netrc(folder_text("netrc", rows[0].text, 0644), "h", "u", &error));
    assert_int_equal(error.fault, ACCOUNT_WRONG);
    assert_non_null(strstr(error.what, "can be read by other users"));
}

/* ---- Which source counts ---- */

static struct account *account_of_config(const char *key, const char *value) {
    struct account_error error;
    struct account *account = account_new("work");

    assert_non_null(account);
    assert_true(account_set_key(account, account_key_find("url"), "pops://u@h", true, &error));
    assert_true(key == NULL || account_set_key(account, account_key_find(key), value, true, &error));
    return account;
}

/* The password, "token:" and the token, or NULL. */
static const char *get(struct account *account) {
    static char found[128];
    struct account_credentials credentials;
    struct account_error error;
    bool good = account_credentials_get(&credentials, account, false, &error);

    assert_true(good || error.fault == ACCOUNT_NO_CREDENTIALS);
    assert_true(good || (credentials.password == NULL && credentials.token == NULL));
    (void)snprintf(found, sizeof found, "%s%s", credentials.token != NULL ? "token:" : "",
                   credentials.token != NULL      ? credentials.token
                   : credentials.password != NULL ? credentials.password
                                                  : "");
    account_credentials_wipe(&credentials);
    assert_null(credentials.password);
    account_free(account);
    return good ? found : NULL;
}

static void each_source_is_asked_where_it_should_be(void **state) {
    struct account_error error;

    (void)state;
    (void)folder_text(".netrc", "machine h login u password from-netrc\n", 0600);
    assert_int_equal(mkdir(folder_path("service"), 0700), 0);
    (void)folder_text("service/work", "from-service\n", 0440);

    assert_string_equal(get(account_of_config("password", "p")), "p");
    assert_string_equal(get(account_of_config("password-command", "echo c")), "c");
    assert_string_equal(get(account_of_config("password-file", folder_text("pf", "f\n", 0600))), "f");
    assert_string_equal(get(account_of_config("token-command", "echo t")), "token:t");
    assert_string_equal(get(account_of_config("auth", "EXTERNAL")), "");
    assert_string_equal(get(account_of_config(NULL, NULL)), "from-netrc");

    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder_path("service"), 1), 0);
    assert_string_equal(get(account_of_config(NULL, NULL)), "from-service");
    assert_string_equal(get(account_of_config("password", "p")), "p");
    assert_null(get(account_of_config("password-command", "false"))); /* no other takes its place */

    /* R-2384-02: a host that a URL names gets nothing that is stored. */
    assert_null(get(account_from_url("pops://u@h", &error)));

    assert_int_equal(unlink(folder_path("service/work")), 0);
    assert_string_equal(get(account_of_config(NULL, NULL)), "from-netrc");
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_int_equal(chmod(folder_path(".netrc"), 0644), 0);
    assert_null(get(account_of_config("auth", "PLAIN")));
    assert_int_equal(unlink(folder_path(".netrc")), 0);
    assert_null(get(account_of_config(NULL, NULL)));
}

/* ---- Memory ---- */

/* The flags that the kernel shows for the memory at `address`. */
static void read_flags(const void *address, char *flags, size_t size) {
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    bool here = false;

    assert_non_null(file);
    flags[0] = '\0';
    while (fgets(line, sizeof line, file) != NULL) {
        char *end;
        unsigned long begin = strtoul(line, &end, 16);
        if (end != line && *end == '-') { /* BEGIN-END rw-p ... */
            here = (uintptr_t)address >= begin && (uintptr_t)address < strtoul(end + 1, NULL, 16);
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            (void)snprintf(flags, size, "%s", line);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void R_CRED_02_secrets_are_in_no_core_file(void **state) {
    char *secret = account_secret_new("canary", 6);
    char flags[512];

    (void)state;
    assert_string_equal(secret, "canary");
    read_flags(secret, flags, sizeof flags);
    assert_non_null(strstr(flags, " dd")); /* "do not dump" */
    account_secret_free(secret);
    read_flags(&state, flags, sizeof flags);
    assert_null(strstr(flags, " dd")); /* the test sees a difference */
    account_secret_free(NULL);
}

static void R_CRED_02_there_is_no_core_file(void **state) {
    pid_t pid = fork();
    struct rlimit limit;
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        account_protect_process();
        _exit(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_of_a_command_counts),
        cmocka_unit_test(what_a_command_may_not_give),
        cmocka_unit_test(a_command_gives_8192_octets_at_most),
        cmocka_unit_test(a_command_does_not_run_for_ever),
        cmocka_unit_test(what_a_command_leaves_behind_is_not_waited_for),
        cmocka_unit_test(a_command_sees_nothing_of_ours),
        cmocka_unit_test(a_command_has_the_usual_signals),
        cmocka_unit_test(files_with_a_password),
        cmocka_unit_test(R_FILE_01_files_that_others_reach_are_refused),
        cmocka_unit_test(R_FILE_01_files_of_others_are_refused),
        cmocka_unit_test(netrc_entries),
        cmocka_unit_test(each_source_is_asked_where_it_should_be),
        cmocka_unit_test(R_CRED_02_secrets_are_in_no_core_file),
        cmocka_unit_test(R_CRED_02_there_is_no_core_file),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}

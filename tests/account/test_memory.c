/* SPDX-License-Identifier: MIT */
/* The n-th allocation of the room fails, for every n: said as such, and nothing is half done. libConfuse's own are left out. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "account/private.h"
#include "folder.h"

/* ---- Allocations, by ld's --wrap ---- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
char *__real_strdup(const char *text);
void *__real_mmap(void *address, size_t n, int protection, int flags, int fd, off_t offset);

/* The linker finds them for the shared libraries too, which do not call them. */
#pragma GCC visibility push(default)
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
char *__wrap_strdup(const char *text);
void *__wrap_mmap(void *address, size_t n, int protection, int flags, int fd, off_t offset);
#pragma GCC visibility pop

static long left = -1; /* allocations that succeed; below 0: all */
static bool failed;

static bool fails(void) {
    if (left < 0 || left-- > 0) {
        return false;
    }
    left = -1; /* the one alone */
    failed = true;
    return true;
}

void *__wrap_malloc(size_t n) {
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n) {
    return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *old, size_t n) {
    return fails() ? NULL : __real_realloc(old, n);
}

char *__wrap_strdup(const char *text) {
    return fails() ? NULL : __real_strdup(text);
}

void *__wrap_mmap(void *address, size_t n, int protection, int flags, int fd, off_t offset) {
    return fails() ? MAP_FAILED : __real_mmap(address, n, protection, flags, fd, offset);
}

/* ---- What is done meanwhile: true if it succeeded, and then it is right ---- */

static bool read_good_config(void) {
    struct account_config config;
    bool good = account_config_read(&config, folder_path("good"));

    if (good) {
        assert_int_equal(config.count, 2);
        assert_string_equal(config.accounts[0]->password, "x");
        assert_string_equal(config.accounts[1]->to.path, "/m");
    }
    account_config_free(&config);
    return good;
}

static bool read_bad_config(void) {
    struct account_config config;
    size_t n;
    bool all;

    assert_false(account_config_read(&config, folder_path("bad")));
    n = config.problem_count;
    all = n == 4 && config.problems[3].line == 4;
    assert_true(all || n == 0 || strcmp(config.problems[n - 1].text, "there is no memory left") == 0);
    account_config_free(&config);
    return all;
}

static bool is_memory(const struct account_error *error) {
    return error->fault == ACCOUNT_SYSTEM && strcmp(error->what, "there is no memory left") == 0;
}

static bool set_all(struct account *account) {
    static const char *const set[][2] = {{"user", "v"},          {"auth", "PLAIN"},           {"to", "mbox:~/x"},
                                         {"ca-file", "/c"},      {"password-file", "/p"},     {"token-command", "t"},
                                         {"password-file", "p"}, {"password-command", "echo"}};
    struct account_error error;

    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++) {
        if (!account_set(account, set[i][0], set[i][1], &error)) {
            assert_true(is_memory(&error));
            return false;
        }
    }
    assert_string_equal(account->to.path, folder_path("x"));
    assert_string_equal(account->password_command, "echo");
    return true;
}

static bool make_one_from_a_url(void) {
    struct account_error error;
    struct account *account = account_from_url("pops://u;AUTH=APOP@h", &error);
    bool good = account != NULL && set_all(account);

    assert_true(account != NULL || is_memory(&error));
    account_free(account);
    return good;
}

static bool get_credentials(const char *key, const char *value) {
    struct account_error error;
    struct account *account = account_new("work");
    struct account_credentials credentials = {NULL, NULL};
    bool good = account != NULL && account_set_key(account, account_key_find("url"), "pops://u@h", true, &error) &&
                (key == NULL || account_set_key(account, account_key_find(key), value, true, &error)) &&
                account_credentials_get(&credentials, account, false, &error);

    assert_true(good || account == NULL || credentials.password == NULL);
    assert_true(!good || strcmp(credentials.password, "x") == 0);
    account_credentials_wipe(&credentials);
    account_free(account);
    return good;
}

static bool get_from_key(void) {
    return get_credentials("password", "x");
}

static bool get_from_file(void) {
    return get_credentials("password-file", folder_path("secret"));
}

static bool get_from_command(void) {
    return get_credentials("password-command", "echo x");
}

static bool get_from_netrc(void) {
    return get_credentials(NULL, NULL);
}

static bool get_from_service(void) {
    bool good;

    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder_path("."), 1), 0);
    good = get_credentials(NULL, NULL);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    return good;
}

static void every_allocation_may_fail(void **state) {
    static bool (*const deeds[])(void) = {read_good_config, read_bad_config,  make_one_from_a_url, get_from_key,
                                          get_from_file,    get_from_command, get_from_netrc,      get_from_service};

    (void)state;
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        long n = 0;
        for (failed = true; failed; n++) {
            bool good;
            failed = false;
            left = n;
            good = deeds[i]();
            left = -1;
            if (good == failed) {
                fail_msg("deed %zu, allocation %ld: %s", i, n, good ? "succeeded" : "failed");
            }
        }
        print_message("deed %zu: %ld allocations\n", i, n - 1);
        assert_true(n > 4);
    }
}

static int prepare(void **state) {
    int result = folder_make(state);

    (void)folder_text("good",
                      "account a { url = 'pops://u@h' password = 'x' }\n"
                      "account b { url = 'pop://u@h' to = 'maildir:/m' keep = 3d }\n",
                      0600);
    (void)folder_text("bad", "foo = 1\naccount a { usr = u\n kep = all\n url = '/'\n}", 0600);
    (void)folder_text("secret", "x\n", 0600);
    (void)folder_text("work", "x\n", 0600);
    (void)folder_text(".netrc", "machine h login u password x\n", 0600);
    return result;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};

    return cmocka_run_group_tests(tests, prepare, folder_remove);
}

/* SPDX-License-Identifier: MIT */
/* The configuration file: its language, its problems and their lines, who may read and write it. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "account/private.h"
#include "folder.h"

#define OK_URL "url = 'pops://me@h'\n"

/* ---- What is read ---- */

static void accounts_as_they_are_written(void **state) {
    static const char text[] =
        "# about everything\n"
        "jobs = 7 // side by side\n"
        "account work {\n"
        "  url = pops://me@mail.example.org  # a comment\n"
        "  password = 'a${HOME}\\n\\'\"#{b'\n"
        "  /* keep = none\n"
        "     order = newest */\n"
        "  keep = \"newest 5\"\n"
        "}\n"
        "account \"me@home\" { url = \"pop://h\" user = 'x\\\\y' to = \"maildir:~/Mail\" alpn = '' }";
    struct account_config config;
    struct account_error error;
    const struct account *account;

    (void)state;
    assert_true(account_config_read(&config, folder_text("config", text, 0600)));
    assert_false(config.absent);
    assert_int_equal(config.problem_count, 0);
    assert_int_equal(config.jobs, 7);
    assert_int_equal(config.count, 2);
    account = account_find(&config, "work", &error);
    assert_ptr_equal(account, config.accounts[0]);
    assert_string_equal(account->name, "work");
    assert_string_equal(account->host, "mail.example.org");
    assert_string_equal(account->password, "a${HOME}\\n'\"#{b");
    assert_int_equal(account->keep.n, 5);
    assert_int_equal(account->order, ACCOUNT_OLDEST_FIRST);
    account = account_find(&config, "me@home", &error);
    assert_string_equal(account->user, "x\\y");
    assert_string_equal(account->to.path, folder_path("Mail"));
    assert_string_equal(account->alpn, "");
    account_config_free(&config);
}

static void names_of_accounts_are_found_or_guessed(void **state) {
    struct account_config config;
    struct account_error error;

    (void)state;
    assert_true(account_config_read(&config, folder_text("config", "account work {" OK_URL "}", 0600)));
    assert_non_null(account_find(&config, "work", &error));
    assert_null(account_find(&config, "wrok", &error));
    assert_int_equal(error.fault, ACCOUNT_WRONG);
    assert_string_equal(error.hint, "perhaps work is meant");
    assert_null(account_find(&config, "Work!", &error));
    account_config_free(&config);
}

static void the_least_that_is_a_configuration(void **state) {
    static const char *const texts[] = {"", "\n", "# nothing", "//", "/**/", "jobs=1\r\n"};
    struct account_config config;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(account_config_read(&config, folder_text("config", texts[i], 0600)));
        assert_int_equal(config.jobs, i == 5 ? 1 : 4);
        account_config_free(&config);
    }
}

static void the_sample_is_good_and_so_is_what_it_suggests(void **state) {
    struct account_config config;
    size_t n = strlen(account_config_sample);
    char *text = malloc(n + 1);
    size_t taken = 0;

    (void)state;
    assert_true(account_config_read(&config, folder_text("config", account_config_sample, 0600)));
    assert_int_equal(config.count, 0);
    account_config_free(&config);
    for (size_t i = 0; i < n; i++) { /* one blank behind # begins prose */
        bool begins = i == 0 || account_config_sample[i - 1] == '\n';
        bool prose = account_config_sample[i + 1] == ' ' && account_config_sample[i + 2] != ' ';
        if (!begins || account_config_sample[i] != '#' || prose) {
            text[taken++] = account_config_sample[i];
        }
    }
    text[taken] = '\0';
    assert_true(account_config_read(&config, folder_text("config", text, 0600)));
    assert_int_equal(config.count, 1);
    assert_int_equal(config.accounts[0]->to.kind, ACCOUNT_TO_MAILDIR);
    account_config_free(&config);
    free(text);
}

/* ---- Problems ---- */

struct problems {
    const char *text;
    struct {
        unsigned line;
        const char *has;
    } found[8];
};

static void expect(const struct problems *row) {
    struct account_config config;
    size_t i = 0;

    assert_false(account_config_read(&config, folder_text("config", row->text, 0600)));
    for (; i < config.problem_count && i < 8; i++) {
        const struct account_problem *problem = &config.problems[i];
        if (row->found[i].has == NULL || problem->line != row->found[i].line ||
            strstr(problem->text, row->found[i].has) == NULL) {
            fail_msg("%s\n  has also line %u: %s", row->text, problem->line, problem->text);
        }
        assert_null(strstr(problem->text, "canary"));
        assert_null(strpbrk(problem->text, "\n\r\x1b"));
    }
    if (i < 8 && row->found[i].has != NULL) {
        fail_msg("%s\n  lacks line %u: %s", row->text, row->found[i].line, row->found[i].has);
    }
    account_config_free(&config);
}

static void problems_are_told_with_their_lines(void **state) {
    static const struct problems rows[] = {
        /* Several at once, comments between them. */
        {"# one\n\n/* three\n four */ jobs = x\njobs = 2\naccount a {\n // seven\n url = pops://me@h/x\n kep = 30d # "
         "nine\n"
         " keep = 30\n order = newest\n}\nfoo = 1\n",
         {{4, "jobs: \"x\" is no value for it; it is written N"},
          {5, "jobs is given a second time"},
          {8, "account a: this is no URL"},
          {9, "there is no key \"kep\"; perhaps keep is meant"},
          {10, "account a: keep: \"30\" is no value"},
          {13, "there is no key \"foo\"; satchel-config(5)"}}},
        {"account a {\n" OK_URL " keep = all\n keep = none\n}", {{4, "keep is given a second time"}}},
        {"account a {\n" OK_URL " jobs = 1\n}\nkeep = all\n",
         {{3, "jobs belongs outside of sections"}, {5, "keep belongs into the section"}}},
        {"jobs = 65\n", {{1, "jobs: \"65\""}}},
        /* The section as a whole. */
        {"account a {\n}\n", {{2, "account a: there is no url"}}},
        {"account a {\n url = pops://h\n}\n", {{3, "account a: there is no user"}}},
        {"account a {\n" OK_URL " verify = pin\n}\n", {{4, "account a: verify is pin, but there is no pin"}}},
        {"account a {\n" OK_URL "}\naccount b {\n" OK_URL "}\naccount a {\n" OK_URL "}\n",
         {{7, "found duplicate title 'a'"}}},
        {"account a {\n kep = all\n}\n", {{2, "there is no key"}}}, /* and not: there is no url */
        {"account '\x1b]0;a' {\n" OK_URL " keep = x\n}\n",
         {{3, "account \\x1B]0;a: keep: \"x\""}, {4, "\"\\x1B]0;a\" is no name"}}},
        {"account '' {\n" OK_URL "}\n", {{3, "\"\" is no name for an account"}}},
        {"account '-x' {\n" OK_URL "}\n", {{3, "\"-x\" is no name"}}},
        {"account 'a/b' {\n" OK_URL "}\n", {{3, "\"a/b\" is no name"}}},
        {"account 'pops://h' {\n" OK_URL "}\n", {{3, "is no name"}}},
        {"account {\n" OK_URL "}\n", {{1, "missing title"}}},
        {"acount a {\n" OK_URL "}\n", {{1, "there is no key \"acount\""}, {1, "no = follows"}}},
        /* Syntax. */
        {"}\n", {{1, "unexpected closing brace"}}},
        {"account a {\n keep 30d\n}\n", {{2, "behind keep there is no ="}}},
        {"account a {\n keep = newest 5\n}\n",
         {{2, "account a: keep: \"newest\" is no value"}, {2, "there is no key \"5\""}, {2, "no = follows"}}},
        {"account a {\n keep = { all }\n}\n", {{2, "unexpected token"}}},
        /* What libConfuse would take. */
        {"account a {\n" OK_URL, {{1, "the section that begins here has no end"}}},
        {"account a {\n user = \"x\n}\n", {{2, "the text that begins here has no end"}}},
        {"account a {\n user = 'x\\", {{2, "the text that begins here has no end"}}},
        {"\n/* x\n", {{2, "the comment that begins here has no end"}}},
        {"account a {\n user = ${USER}\n}\n", {{2, "${...} is not replaced"}}},
        {"account a {\n user = \"x${USER}\"\n}\n", {{2, "${...} is not replaced"}}},
        {"account a {\n user = me+x\n}\n", {{2, "write the value in quotes"}}},
        {"account a {\n password = x#canary\n}\n", {{2, "write the value in quotes"}}},
        {"include('x')\n", {{1, "write the value in quotes"}}},
        /* Nothing of a password is repeated. */
        {"account a {\n password = x canary\n}\n", {{2, "write the value in single quotes"}}},
        {"account a {\n password = x canary = y\n}\n", {{2, "write the value in single quotes"}}},
        {"account a {\n pasword = x canary\n}\n",
         {{2, "there is no key \"pasword\"; perhaps password is meant"}, {2, "what stands behind the value"}}},
        {"account a {\n password = \"canary\\777\"\n}\n", {{2, "what follows a backslash"}}},
        {"account a {\n password = \"canary\\999\"\n}\n", {{2, "what follows a backslash"}}},
        {"account a {\n password 'canary'\n}\n", {{2, "behind password there is no ="}}},
        {"account a {\n password: canary\n}\n",
         {{2, "there is no key \"password:\"; perhaps password is meant"}, {2, "no = follows"}}},
        {"account a {\n password = 'x'canary\n}\n", {{2, "write the value in single quotes"}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect(&rows[i]);
    }
}

static void an_octet_0_ends_no_configuration(void **state) {
    static const char text[] = "jobs = 1\n\0jobs = x\n";
    struct account_config config;

    (void)state;
    assert_false(account_config_read(&config, folder_write("config", text, sizeof text - 1, 0600)));
    assert_int_equal(config.problem_count, 1);
    assert_non_null(strstr(config.problems[0].text, "octet 0"));
    account_config_free(&config);
}

static void many_unknown_keys_are_no_endless_loop(void **state) {
    char text[4096];
    size_t n = 0;
    struct account_config config;

    (void)state;
    for (int i = 0; i < 100; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "unknown-key-%d = 1\n", i);
    }
    assert_false(account_config_read(&config, folder_text("config", text, 0600)));
    assert_int_equal(config.problem_count, 33); /* 32, and the one where reading ended */
    assert_int_equal(config.problems[32].line, 33);
    account_config_free(&config);
}

/* ---- The file ---- */

static bool read_with(const char *text, mode_t mode, struct account_problem *problem) {
    struct account_config config;
    bool good = account_config_read(&config, folder_text("config", text, mode));

    if (!good) {
        assert_int_equal(config.problem_count, 1);
        *problem = config.problems[0];
        assert_int_equal(problem->line, 0);
    }
    account_config_free(&config);
    return good;
}

static void A_17_who_may_read_and_write_it(void **state) {
    static const char open_text[] = "account a {" OK_URL "}\n";
    static const char secret_text[] = "account a {" OK_URL " password = x }\n";
    static const struct {
        mode_t mode;
        bool open_good;
        bool secret_good;
    } rows[] = {{0600, true, true},   {0400, true, true},   {0644, true, false},
                {0640, true, false},  {0604, true, false},  {0660, false, false},
                {0602, false, false}, {0622, false, false}, {0666, false, false}};
    struct account_problem problem;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(read_with(open_text, rows[i].mode, &problem), rows[i].open_good);
        assert_true(rows[i].open_good || strstr(problem.text, "written by other users; chmod go-w") != NULL);
        assert_int_equal(read_with(secret_text, rows[i].mode, &problem), rows[i].secret_good);
        assert_true(rows[i].secret_good || strstr(problem.text, "chmod") != NULL);
    }
}

static void A_17_whose_it_is(void **state) {
    struct account_config config;
    const char *path = folder_text("config", "", 0600);

    (void)state;
    if (geteuid() != 0 || chown(path, 12345, 12345) != 0) {
        skip();
    }
    assert_false(account_config_read(&config, path));
    assert_non_null(strstr(config.problems[0].text, "belongs to another user"));
    account_config_free(&config);
}

static void links_lead_to_files_that_are_checked(void **state) {
    struct account_config config;

    (void)state;
    (void)folder_text("target", "account a {" OK_URL "}\n", 0600);
    assert_int_equal(symlink(folder_path("target"), folder_path("link")), 0);
    assert_true(account_config_read(&config, folder_path("link"))); /* people keep such files elsewhere */
    account_config_free(&config);
    assert_int_equal(chmod(folder_path("target"), 0666), 0);
    assert_false(account_config_read(&config, folder_path("link")));
    account_config_free(&config);
}

static void what_is_no_file(void **state) {
    struct account_config config;

    (void)state;
    assert_false(account_config_read(&config, folder_path(".")));
    assert_non_null(strstr(config.problems[0].text, "is no file"));
    account_config_free(&config);
    assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
    assert_false(account_config_read(&config, folder_path("pipe"))); /* and does not wait for a writer */
    account_config_free(&config);
    assert_true(account_config_read(&config, folder_path("absent")));
    assert_true(config.absent);
    assert_int_equal(config.count, 0);
    account_config_free(&config);
    assert_true(account_config_read(&config, folder_path("config/below-a-file")));
    assert_true(config.absent);
    account_config_free(&config);
}

static void R_ENV_01_where_it_is(void **state) {
    char expected[FOLDER_PATH];
    char *path = account_config_path();

    (void)state;
    (void)snprintf(expected, sizeof expected, "%s", folder_path(".config/satchel/config"));
    assert_string_equal(path, expected);
    free(path);
    assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
    path = account_config_path();
    assert_string_equal(path, expected);
    free(path);
    assert_int_equal(setenv("XDG_CONFIG_HOME", "/xdg", 1), 0);
    path = account_config_path();
    assert_string_equal(path, "/xdg/satchel/config");
    free(path);
    assert_int_equal(setenv("SATCHEL_CONFIG", "/else/where", 1), 0);
    path = account_config_path();
    assert_string_equal(path, "/else/where");
    free(path);
    assert_int_equal(unsetenv("SATCHEL_CONFIG"), 0);
    assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_as_they_are_written),
        cmocka_unit_test(names_of_accounts_are_found_or_guessed),
        cmocka_unit_test(the_least_that_is_a_configuration),
        cmocka_unit_test(the_sample_is_good_and_so_is_what_it_suggests),
        cmocka_unit_test(problems_are_told_with_their_lines),
        cmocka_unit_test(an_octet_0_ends_no_configuration),
        cmocka_unit_test(many_unknown_keys_are_no_endless_loop),
        cmocka_unit_test(A_17_who_may_read_and_write_it),
        cmocka_unit_test(A_17_whose_it_is),
        cmocka_unit_test(links_lead_to_files_that_are_checked),
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(R_ENV_01_where_it_is),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}

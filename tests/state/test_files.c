/* SPDX-License-Identifier: MIT */
/* The folder and the files: where they are, who may touch them, and that what is gone or cannot be written is told (D-29,
 * R-FILE-01). */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Where it is ---- */

static void assert_default_folder(const char *state_directory, const char *xdg, const char *home,
                                  const char *expected) {
    static const char *const names[] = {"STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"};
    const char *const values[] = {state_directory, xdg, home};
    struct state_error error;
    char folder[STATE_PATH];

    for (size_t i = 0; i < 3; i++) {
        if (values[i] == NULL) {
            (void)unsetenv(names[i]);
        } else {
            (void)setenv(names[i], values[i], 1);
        }
    }
    if (expected == NULL) {
        assert_false(state_default_folder(folder, &error));
        assert_int_equal(error.problem, STATE_MISSING);
    } else {
        assert_true(state_default_folder(folder, &error));
        assert_string_equal(folder, expected);
    }
}

static void the_folder_comes_from_the_environment(void **state) {
    char large[STATE_PATH + 8];

    (void)state;
    memset(large, '/', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_default_folder("/var/lib/satchel", "/x", "/h", "/var/lib/satchel");
    assert_default_folder("/var/lib/a:/var/lib/b", "/x", "/h", "/var/lib/a");
    assert_default_folder(NULL, "/x", "/h", "/x/satchel");
    assert_default_folder("", "relative", "/h", "/h/.local/state/satchel");
    assert_default_folder(NULL, large, "/h:h", "/h:h/.local/state/satchel");
    assert_default_folder(NULL, NULL, NULL, NULL);
}

static void folders_that_cannot_be_are_refused(void **state) {
    char large[STATE_PATH + 8];
    struct state_error error;
    struct world *world = *state;

    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_null(state_open("", STATE_WRITE, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    assert_null(state_open(large, STATE_WRITE, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
    assert_null(state_open("/dev/null/state", STATE_WRITE, &error));
    assert_int_equal(error.problem, STATE_PERMISSION);
    assert_null(state_open("/dev/null/state", STATE_READ, &error));
    assert_int_equal(error.problem, STATE_PERMISSION);
    assert_null(state_open("/dev/null", STATE_READ, &error));
    assert_int_equal(error.problem, STATE_PERMISSION);
    assert_null(state_open("/proc/nobody-makes-this", STATE_WRITE, &error));

    /* Each part is short enough, SQLite does not take the whole. */
    char part[201];
    char deep[1024];

    memset(part, 'x', sizeof part - 1);
    part[sizeof part - 1] = '\0';
    (void)snprintf(deep, sizeof deep, "%s/%s/%s/%s", world->root, part, part, part);
    assert_null(state_open(deep, STATE_WRITE, &error));
    assert_int_equal(error.problem, STATE_ARGUMENT);
}

/* ---- What it is made as ---- */

static mode_t mode_of(const char *path) {
    struct stat facts;

    assert_int_equal(stat(path, &facts), 0);
    return facts.st_mode & 07777;
}

static void assert_private(const struct world *world) {
    static const char *const files[] = {"state.db", "state.db-wal", "state.db-shm", "state.writer", "lock/1"};
    char parent[128];

    assert_int_equal(mode_of(world->folder), 0700);
    (void)snprintf(parent, sizeof parent, "%s/state", world->root);
    assert_int_equal(mode_of(parent), 0700);
    assert_int_equal(mode_of(world_path(world, "lock")), 0700);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        assert_int_equal(mode_of(world_path(world, files[i])), 0600);
    }
}

static void open_with_umask(const struct world *world, mode_t mask) {
    mode_t before = umask(mask);
    struct state *handle = world_use(world, "work");

    world_take(handle, 0, 1, NOW);
    assert_private(world);
    state_close(handle);
    (void)umask(before);
}

static void files_are_private_with_umask_000(void **state) {
    open_with_umask(*state, 0);
}

static void files_are_private_with_umask_077(void **state) {
    open_with_umask(*state, 077);
}

static void files_are_private_with_umask_777(void **state) {
    open_with_umask(*state, 0777);
}

static void a_relative_folder_does(void **state) {
    struct world *world = *state;
    struct state_error error;
    int before = open(".", O_RDONLY | O_DIRECTORY);

    assert_int_equal(chdir(world->root), 0);

    struct state *handle = state_open("here/state/", STATE_WRITE, &error);

    assert_non_null(handle);
    assert_int_equal(state_folder(handle)[0], '/');
    state_close(handle);
    handle = state_open("flat", STATE_WRITE, &error);
    assert_non_null(handle);
    state_close(handle);
    assert_int_equal(fchdir(before), 0);
    (void)close(before);
}

/* ---- Whom it belongs to ---- */

static void files_of_others_are_refused(void **state) {
    static const char *const names[] = {"", "state.db", "state.writer"};
    struct world *world = *state;

    world_prepare(world);
    if (geteuid() != 0) {
        print_message("skipped: only root may give files away\n");
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        const char *path = names[i][0] != '\0' ? world_path(world, names[i]) : world->folder;

        assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
        assert_int_equal(world_open_fails(world, STATE_WRITE, path), STATE_PERMISSION);
        assert_int_equal(chown(path, 0, (gid_t)-1), 0);
    }
    state_close(world_open(world, STATE_WRITE));
}

static void what_others_may_write_or_read_is_refused(void **state) {
    struct world *world = *state;

    world_prepare(world);
    assert_int_equal(chmod(world->folder, 0770), 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, world->folder), STATE_PERMISSION);
    assert_int_equal(world_open_fails(world, STATE_READ, world->folder), STATE_PERMISSION);
    assert_int_equal(chmod(world->folder, 0755), 0);
    state_close(world_open(world, STATE_WRITE));
    assert_int_equal(chmod(world_path(world, "state.db"), 0640), 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.db"), STATE_PERMISSION);
    assert_int_equal(world_open_fails(world, STATE_READ, "state.db"), STATE_PERMISSION);
    assert_int_equal(chmod(world_path(world, "state.db"), 0600), 0);
    assert_int_equal(chmod(world_path(world, "state.writer"), 0602), 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.writer"), STATE_PERMISSION);
    state_close(world_open(world, STATE_READ));
}

static void move_behind(const struct world *world, const char *name, bool symbolic) {
    const char *path = world_path(world, name);
    const char *real = world_path(world, "moved");

    if (symbolic) {
        assert_int_equal(rename(path, real), 0);
        assert_int_equal(symlink(real, path), 0);
    } else {
        assert_int_equal(link(path, real), 0);
    }
}

static void move_back(const struct world *world, const char *name) {
    assert_int_equal(rename(world_path(world, "moved"), world_path(world, "other")), 0);
    assert_int_equal(unlink(world_path(world, name)), 0);
    assert_int_equal(rename(world_path(world, "other"), world_path(world, name)), 0);
}

static void links_are_refused(void **state) {
    static const char *const names[] = {"state.db", "state.writer"};
    struct world *world = *state;

    world_prepare(world);
    for (unsigned i = 0; i < 4; i++) {
        const char *name = names[i / 2];

        move_behind(world, name, i % 2 == 0);
        assert_int_equal(world_open_fails(world, STATE_WRITE, name), STATE_PERMISSION);
        move_back(world, name);
    }
    move_behind(world, "lock/1", true);

    struct state *handle = world_open(world, STATE_WRITE);
    struct state_identity identity = world_identity("work");
    struct state_error error;

    assert_false(state_account_use(handle, &identity, NULL, &error));
    assert_int_equal(error.problem, STATE_PERMISSION);
    assert_non_null(strstr(error.text, "lock/1"));
    state_close(handle);
}

static void something_else_than_a_file_is_refused(void **state) {
    struct world *world = *state;

    world_prepare(world);
    assert_int_equal(unlink(world_path(world, "state.writer")), 0);
    assert_int_equal(mkfifo(world_path(world, "state.writer"), 0600), 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.writer"), STATE_PERMISSION);
    assert_int_equal(unlink(world_path(world, "state.writer")), 0);
    assert_int_equal(mkdir(world_path(world, "state.writer"), 0700), 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.writer"), STATE_IO);
}

/* The folder may lie behind a symbolic link: it is the owner's own. */
static void a_link_to_the_folder_does(void **state) {
    struct world *world = *state;
    struct state_error error;
    char link_path[128];

    world_prepare(world);
    (void)snprintf(link_path, sizeof link_path, "%s/link", world->root);
    assert_int_equal(symlink(world->folder, link_path), 0);

    struct state *handle = state_open(link_path, STATE_WRITE, &error);

    assert_non_null(handle);
    assert_string_equal(state_folder(handle), world->folder);
    state_close(handle);
}

/* ---- What is not there ---- */

static void reading_makes_nothing(void **state) {
    struct world *world = *state;

    assert_int_equal(world_open_fails(world, STATE_READ, world->folder), STATE_MISSING);
    assert_int_not_equal(access(world->folder, F_OK), 0);
    world_prepare(world);
    assert_int_equal(unlink(world_path(world, "state.db")), 0);
    assert_int_equal(world_open_fails(world, STATE_READ, "state.db"), STATE_MISSING);
}

static void a_lost_database_is_told(void **state) {
    struct world *world = *state;

    world_prepare(world);
    assert_int_equal(unlink(world_path(world, "state.db")), 0);

    struct state *handle = world_open(world, STATE_WRITE);

    assert_true(state_was_lost(handle));
    state_close(handle);
    handle = world_open(world, STATE_WRITE);
    assert_false(state_was_lost(handle));
    state_close(handle);
}

static void remains_of_a_database_are_not_taken_for_a_new_one(void **state) {
    static const char *const remains[] = {"state.db-wal", "state.db-journal"};
    struct world *world = *state;

    world_prepare(world);
    assert_int_equal(unlink(world_path(world, "state.db")), 0);
    for (size_t i = 0; i < 2; i++) {
        world_write_file(world_path(world, remains[i]), "x", 1);
        assert_int_equal(world_open_fails(world, STATE_WRITE, remains[i]), STATE_DAMAGED);
        assert_int_equal(world_open_fails(world, STATE_READ, remains[i]), STATE_DAMAGED);
        assert_int_equal(unlink(world_path(world, remains[i])), 0);
    }
}

static void an_unfinished_database_is_made_anew(void **state) {
    struct world *world = *state;

    world_prepare(world);
    assert_int_equal(unlink(world_path(world, "state.db")), 0);
    world_write_file(world_path(world, "state.new"), "half", 4);
    world_write_file(world_path(world, "state.new-journal"), "half", 4);
    world_write_file(world_path(world, "state.new-wal"), "half", 4);
    state_close(world_use(world, "work"));
    world_check_sound(world);
    assert_int_not_equal(access(world_path(world, "state.new"), F_OK), 0);
    assert_int_not_equal(access(world_path(world, "state.new-wal"), F_OK), 0);
}

static void a_folder_in_place_of_the_new_database_is_told(void **state) {
    struct world *world = *state;

    world_prepare(world);
    assert_int_equal(unlink(world_path(world, "state.db")), 0);
    assert_int_equal(mkdir(world_path(world, "state.new"), 0700), 0);
    assert_int_equal(world_open_fails(world, STATE_WRITE, "state.new"), STATE_IO);
}

/* ---- What cannot be written: as another user, since root may all ---- */

static int as_nobody(int (*test)(const struct world *world), const struct world *world) {
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
            _exit(99);
        }
        _exit(test(world));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int open_read_only_files(const struct world *world) {
    struct state_error error;
    struct state *handle = state_open(world->folder, STATE_WRITE, &error);

    if (handle == NULL) {
        return 1;
    }
    state_close(handle);
    if (chmod(world_path(world, "state.db"), 0400) != 0 || state_open(world->folder, STATE_WRITE, &error) != NULL ||
        error.problem != STATE_READ_ONLY || strstr(error.text, "state.db") == NULL) {
        return 2;
    }
    handle = state_open(world->folder, STATE_READ, &error);
    state_close(handle);
    if (handle == NULL) {
        return 3;
    }
    if (chmod(world_path(world, "state.db"), 0) != 0 || state_open(world->folder, STATE_WRITE, &error) != NULL ||
        error.problem != STATE_PERMISSION) {
        return 4;
    }
    if (chmod(world_path(world, "state.db"), 0600) != 0 || chmod(world_path(world, "state.writer"), 0) != 0 ||
        state_open(world->folder, STATE_WRITE, &error) != NULL || error.problem != STATE_PERMISSION ||
        strstr(error.text, "state.writer") == NULL) {
        return 5;
    }
    if (chmod(world_path(world, "state.writer"), 0600) != 0 || unlink(world_path(world, "state.db")) != 0 ||
        rmdir(world_path(world, "lock")) != 0 || chmod(world->folder, 0500) != 0 ||
        state_open(world->folder, STATE_WRITE, &error) != NULL || error.problem != STATE_PERMISSION) {
        return 6;
    }
    return chmod(world->folder, 0700) == 0 ? 0 : 7;
}

static void what_cannot_be_written_is_told(void **state) {
    struct world *world = *state;

    assert_int_equal(chmod(world->root, 0777), 0);
    assert_int_equal(as_nobody(open_read_only_files, world), 0);
}

int main(void) {
#define test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_comes_from_the_environment),
        test(folders_that_cannot_be_are_refused),
        test(files_are_private_with_umask_000),
        test(files_are_private_with_umask_077),
        test(files_are_private_with_umask_777),
        test(a_relative_folder_does),
        test(files_of_others_are_refused),
        test(what_others_may_write_or_read_is_refused),
        test(links_are_refused),
        test(something_else_than_a_file_is_refused),
        test(a_link_to_the_folder_does),
        test(reading_makes_nothing),
        test(a_lost_database_is_told),
        test(remains_of_a_database_are_not_taken_for_a_new_one),
        test(an_unfinished_database_is_made_anew),
        test(a_folder_in_place_of_the_new_database_is_told),
        test(what_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests_name("state_files", tests, NULL, NULL);
}

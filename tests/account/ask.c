/* SPDX-License-Identifier: MIT */
/*
 * ask URL [handler]: gets the credentials of an account, asking if need be, and prints what came of it. With `handler` the
 * program has one for SIGINT, as a command that ends cleanly has. e2e_prompt.py holds the terminal.
 */
#define _POSIX_C_SOURCE 200809L

#include "account/account.h"

#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t handled;

static void on_signal(int number) {
    (void)number;
    handled = 1;
}

int main(int argc, char **argv) {
    const struct sigaction action = {.sa_handler = on_signal};
    struct account_credentials credentials;
    struct account_error error;
    struct account *account = argc > 1 ? account_from_url(argv[1], &error) : NULL;

    if (account == NULL || (argc > 2 && sigaction(SIGINT, &action, NULL) != 0)) {
        return 99;
    }
    account_protect_process();
    if (account_credentials_get(&credentials, account, true, &error)) {
        (void)printf("password %s\n", credentials.password);
        account_credentials_wipe(&credentials);
    } else {
        (void)printf("fault %d handled %d: %s; %s\n", (int)error.fault, (int)handled, error.what, error.hint);
    }
    account_free(account);
    return 0;
}

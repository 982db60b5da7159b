/* SPDX-License-Identifier: MIT */
/* A program outside the repository that uses the installed client library: where nobody listens it is told so. */
#include <satchel/pop3_client.h>
#include <stdio.h>

int main(void) {
    /* Port 1 of the loopback interface. */
    const pop3_client_options options = {.size = sizeof options, .host = "127.0.0.1", .port = 1, .user = "mrose"};
    pop3_client *client = pop3_client_new(&options, NULL);

    if (client == NULL || pop3_client_open(client) != POP3_CLIENT_CONNECT) {
        fputs("the client did not say that nobody listens\n", stderr);
        return 1;
    }
    printf("%s\n", pop3_client_last_error(client)->what);
    pop3_client_free(client);
    return 0;
}

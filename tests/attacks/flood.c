/* SPDX-License-Identifier: MIT */
/*
 * A TLS server that never says a word and is never silent: behind the handshake it sends session tickets, or new keys,
 * without end. CERTIFICATE KEY tickets|keys; prints its port, serves connections one after the other until it is ended.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

static bool flood_once(SSL *ssl, bool tickets) {
    return (tickets ? SSL_new_session_ticket(ssl) : SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED)) == 1 &&
           SSL_do_handshake(ssl) == 1;
}

static void serve(SSL_CTX *context, int fd, bool tickets) {
    SSL *ssl = SSL_new(context);

    if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1) {
        while (flood_once(ssl, tickets)) {}
    }
    SSL_free(ssl);
    (void)close(fd);
}

static int listen_somewhere(unsigned *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int main(int argc, char **argv) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    unsigned port;
    int listener = listen_somewhere(&port);

    if (argc != 4 || listener < 0 || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)printf("%u\n", port);
    (void)fflush(stdout);
    for (;;) {
        serve(context, accept(listener, NULL, NULL), strcmp(argv[3], "tickets") == 0);
    }
}

/* SPDX-License-Identifier: MIT */
/* Tickets of former connections (R-TLS-17). Refuses to write them anywhere. */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICKETS_MOST 64

struct ticket {
    unsigned char key[NET_TLS_DIGEST];
    SSL_SESSION *session; /* NULL: the place is free */
};

struct net_tls_sessions {
    pthread_mutex_t mutex;
    size_t next; /* where the next one goes: the oldest has to leave */
    struct ticket ticket[TICKETS_MOST];
};

struct net_tls_sessions *net_tls_sessions_new(void) {
    struct net_tls_sessions *sessions = calloc(1, sizeof *sessions);

    if (sessions != NULL && pthread_mutex_init(&sessions->mutex, NULL) != 0) {
        free(sessions);
        sessions = NULL;
    }
    return sessions;
}

void net_tls_sessions_free(struct net_tls_sessions *sessions) {
    if (sessions == NULL) {
        return;
    }
    for (size_t i = 0; i < TICKETS_MOST; i++) {
        SSL_SESSION_free(sessions->ticket[i].session);
    }
    (void)pthread_mutex_destroy(&sessions->mutex);
    free(sessions);
}

static void put(struct net_tls_sessions *sessions, const unsigned char *key, SSL_SESSION *session) {
    (void)pthread_mutex_lock(&sessions->mutex);

    struct ticket *ticket = &sessions->ticket[sessions->next];

    sessions->next = (sessions->next + 1) % TICKETS_MOST;
    SSL_SESSION_free(ticket->session);
    ticket->session = session;
    memcpy(ticket->key, key, sizeof ticket->key);
    (void)pthread_mutex_unlock(&sessions->mutex);
}

static bool is_fresh(const SSL_SESSION *session) {
    return SSL_SESSION_is_resumable(session) == 1 &&
           SSL_SESSION_get_time(session) + SSL_SESSION_get_timeout(session) > time(NULL);
}

/* The newest one that fits. A ticket of TLS 1.3 serves once, or others could tell who comes back: RFC 8446, C.4. */
static SSL_SESSION *take(struct net_tls_sessions *sessions, const unsigned char *key) {
    SSL_SESSION *found = NULL;

    (void)pthread_mutex_lock(&sessions->mutex);
    for (size_t back = 1; back <= TICKETS_MOST && found == NULL; back++) {
        struct ticket *ticket = &sessions->ticket[(sessions->next + TICKETS_MOST - back) % TICKETS_MOST];

        if (ticket->session == NULL || memcmp(ticket->key, key, sizeof ticket->key) != 0 ||
            !is_fresh(ticket->session)) {
            continue;
        }
        found = ticket->session;
        if (SSL_SESSION_get_protocol_version(found) == TLS1_3_VERSION) {
            ticket->session = NULL;
        } else {
            (void)SSL_SESSION_up_ref(found);
        }
    }
    (void)pthread_mutex_unlock(&sessions->mutex);
    return found;
}

static int on_ticket(SSL *ssl, SSL_SESSION *session) {
    const struct net_tls *tls = SSL_get_app_data(ssl);

    put(tls->sessions, tls->session_key, session);
    return 1; /* the reference is ours now */
}

static bool add(EVP_MD_CTX *digest, const void *data, size_t size) {
    return EVP_DigestUpdate(digest, &size, sizeof size) == 1 && EVP_DigestUpdate(digest, data, size) == 1;
}

static bool add_text(EVP_MD_CTX *digest, const char *text) {
    return text != NULL ? add(digest, text, strlen(text) + 1) : add(digest, "", 0);
}

/* The client certificate itself: its file may have another one tomorrow. */
static bool add_client_certificate(EVP_MD_CTX *digest, const SSL_CTX *context) {
    X509 *certificate = SSL_CTX_get0_certificate(context);
    unsigned char *octets = NULL;
    int size = certificate != NULL ? i2d_X509(certificate, &octets) : 0;
    bool good = size >= 0 && add(digest, octets != NULL ? (const void *)octets : "", (size_t)size);

    OPENSSL_free(octets);
    return good;
}

/* What must be the same for a ticket to serve; each part with its length, so that no two lists look alike. */
static bool make_key(struct net_tls *tls, const SSL_CTX *context, const struct net_tls_options *options) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool good = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                add_text(digest, tls->host.name) && add(digest, &tls->port, sizeof tls->port) &&
                add_text(digest, options->ca_file) && add_text(digest, options->ca_dir) &&
                add_text(digest, options->pin) && add_text(digest, options->verify_pin_only ? "pin" : "chain") &&
                add_text(digest, options->alpn) && add_client_certificate(digest, context) &&
                EVP_DigestFinal_ex(digest, tls->session_key, NULL) == 1;

    EVP_MD_CTX_free(digest);
    return good;
}

bool net_tls_sessions_use(struct net_tls *tls, SSL_CTX *context, const struct net_tls_options *options) {
    SSL_SESSION *session;

    if (options->sessions == NULL) {
        (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        return true;
    }
    if (!make_key(tls, context, options)) {
        return false;
    }
    tls->sessions = options->sessions;
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_ticket);
    session = take(options->sessions, tls->session_key);
    if (session != NULL) {
        (void)SSL_set_session(tls->ssl, session);
        SSL_SESSION_free(session);
    }
    return true;
}

/* SPDX-License-Identifier: MIT */
/* What there is to tell of the server: where it is, its TLS, what it announced. Asks it nothing. */
#define _POSIX_C_SOURCE 200809L

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "client/client.h"

/* ---- Where it is ---- */

/* The other end is this machine: nobody can read along (R-AUTH-01). */
static bool is_loopback(const struct sockaddr_storage *peer) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (peer->ss_family == AF_INET) {
        memcpy(&in, peer, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    memcpy(&in6, peer, sizeof in6);
    return peer->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) != 0;
}

void client_note_peer(pop3_client *client) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    if (getpeername(client->stream.fd, (struct sockaddr *)&peer, &size) == 0 &&
        getnameinfo((struct sockaddr *)&peer, size, client->address, sizeof client->address, NULL, 0, NI_NUMERICHOST) ==
            0) {
        client->loopback = is_loopback(&peer);
    }
}

const char *pop3_client_address(const pop3_client *client) {
    return client->address;
}

/* ---- Its TLS ---- */

bool pop3_client_tls_info(const pop3_client *client, pop3_client_tls *tls) {
    const struct net_tls_info *info = &client->tls;

    *tls = (pop3_client_tls){.protocol = info->protocol,
                             .cipher = info->cipher,
                             .alpn = info->alpn,
                             .client_certificate_wanted = info->certificate_wanted,
                             .client_certificate_sent = info->certificate_sent,
                             .certificate = info->peer,
                             .trusted = info->trusted,
                             .verdict = info->verdict,
                             .subject = info->subject,
                             .issuer = info->issuer,
                             .names = info->names,
                             .not_before = info->not_before,
                             .not_after = info->not_after,
                             .key = info->key,
                             .pin = info->pin,
                             .chain = info->chain};
    return client->tls_began;
}

/* ---- What it announced ---- */

/* The last answer counts. What finds no room is left out. */
void client_note_capability(pop3_client *client, const pop3_event *event) {
    char *at = client->announced + client->announced_length;
    size_t space = sizeof client->announced - client->announced_length;

    if (event->verb == POP3_CAPA && event->type == POP3_EVENT_OK) {
        client->announced_length = 0;
    } else if (event->verb == POP3_CAPA && event->type == POP3_EVENT_LINE && space != 0) {
        client_safe_text(client, at, space, event->data, event->length);
        client->announced_length += strlen(at) + 1;
    }
}

uint32_t pop3_client_capabilities(const pop3_client *client) {
    return client->login.capabilities;
}

const char *pop3_client_capability_line(const pop3_client *client, size_t index) {
    const char *at = client->announced;
    const char *end = at + client->announced_length;

    for (; at < end && index != 0; index--) {
        at += strlen(at) + 1;
    }
    return at < end ? at : NULL;
}

uint32_t pop3_client_expire(const pop3_client *client) {
    return client->connected || client->probing ? client->login.expire : UINT32_MAX;
}

uint32_t pop3_client_login_delay(const pop3_client *client) {
    return client->login.login_delay;
}

const char *pop3_client_mechanism(const pop3_client *client) {
    return (client->connected || client->probing) && client->login.mechanism != NULL ? client->login.mechanism->name
                                                                                     : "";
}

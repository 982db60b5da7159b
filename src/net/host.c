/* SPDX-License-Identifier: MIT */
/* From what a person wrote to a name for DNS, SNI and certificates. IDNA is libidn2's. Refuses to guess. */
#define _POSIX_C_SOURCE 200809L

#include "net/host.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define NAME_MOST 253 /* RFC 1035 section 2.3.4, as text without the dot at the end */
#define LABEL_MOST 63

static bool is_digit(char octet) {
    return octet >= '0' && octet <= '9';
}

static bool is_letter(char octet) {
    return octet >= 'a' && octet <= 'z';
}

/* inet_pton() and not getaddrinfo(), which takes "127.1" and "0x7f000001" for addresses. */
static bool is_address(const char *text) {
    struct in6_addr address;
    char bare[INET6_ADDRSTRLEN];
    const char *scope = strchr(text, '%');
    size_t size = scope != NULL ? (size_t)(scope - text) : strlen(text);

    if (size >= sizeof bare || (scope != NULL && scope[1] == '\0')) {
        return false;
    }
    memcpy(bare, text, size);
    bare[size] = '\0';
    return inet_pton(AF_INET6, bare, &address) == 1 || (scope == NULL && inet_pton(AF_INET, bare, &address) == 1);
}

/* Letters, digits, hyphens, and underscores because they are in use; `size` octets in lower case. */
static bool is_label(const char *label, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (!is_letter(label[i]) && !is_digit(label[i]) && label[i] != '-' && label[i] != '_') {
            return false;
        }
    }
    return size > 0 && size <= LABEL_MOST && label[0] != '-' && label[size - 1] != '-';
}

/* A last label of digits alone would be a mistyped address: no top-level domain is one. */
static bool is_name(const char *name) {

    for (const char *label = name;; label++) {
        size_t size = strcspn(label, ".");
        bool digits = strspn(label, "0123456789") == size;

        if (!is_label(label, size)) {
            return false;
        }
        label += size;
        if (*label == '\0') {
            return !digits;
        }
    }
}

/* ASCII in lower case into `name`, without the dot at the end; false when it is too long. */
static bool fold(char name[NET_HOST_SIZE], const char *text) {
    size_t size = strlen(text);

    if (size > 0 && text[size - 1] == '.') {
        size--;
    }
    if (size > NAME_MOST) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        name[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    name[size] = '\0';
    return true;
}

static bool is_ascii(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text > 0x7f) {
            return false;
        }
    }
    return true;
}

static bool bad_name(struct net_error *error, const char *text) {
    (void)net_fail(error, NET_ERROR_NAME, "'%.200s' is no host name and no address", text);
    return net_hint(error, "write it as mail.example.org, 192.0.2.1 or 2001:db8::1");
}

static bool to_a_labels(struct net_host *host, const char *text, struct net_error *error) {
    char *ascii = NULL;
    int status = idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
    bool good;

    if (status != IDN2_OK) {
        (void)net_fail(error, NET_ERROR_NAME, "the host name is no valid international name: %s",
                       idn2_strerror(status));
        return net_hint(error, "write it in UTF-8, or in its xn-- form");
    }
    good = fold(host->name, ascii) && is_name(host->name);
    idn2_free(ascii);
    return good || bad_name(error, text);
}

bool net_host_parse(struct net_host *host, const char *text, struct net_error *error) {
    host->numeric = is_address(text) && strlen(text) < sizeof host->name;
    if (host->numeric) {
        memcpy(host->name, text, strlen(text) + 1);
        return true;
    }
    if (!is_ascii(text)) {
        return to_a_labels(host, text, error);
    }
    return (fold(host->name, text) && is_name(host->name)) || bad_name(error, text);
}

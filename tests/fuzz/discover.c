/* SPDX-License-Identifier: MIT */
/*
 * Mail addresses, and answers of DNS to what they lead to (R-SRV-01, A-13). This program is the resolver: c-ares's
 * functions that would use the network are here, those that read answers are its own. Input: the status of each answer,
 * the octets of the first, the address up to its NUL, the answers.
 */
#define _GNU_SOURCE
#include <satchel/pop3_client.h>

#include <ares.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4, QUESTIONS = 2 };

static struct {
    const uint8_t *answer[QUESTIONS];
    size_t size[QUESTIONS];
    int status[QUESTIONS];
    char name[QUESTIONS][512];
    unsigned asked;
    uint8_t random;
} dns;

/* ---- In place of c-ares and of random numbers: what the linker takes, also for the library ---- */

#define TAKEN_FOR(name) __asm__(name) __attribute__((visibility("default")))

int dns_init(ares_channel *channel, struct ares_options *options, int mask) TAKEN_FOR("ares_init_options");
void dns_sockets(ares_channel channel, const struct ares_socket_functions *functions, void *context)
    TAKEN_FOR("ares_set_socket_functions");
void dns_query(ares_channel channel, const char *name, int class_, int type, ares_callback answered, void *context)
    TAKEN_FOR("ares_query");
void dns_destroy(ares_channel channel) TAKEN_FOR("ares_destroy");
ssize_t dns_random(void *out, size_t n, unsigned flags) TAKEN_FOR("getrandom");

int dns_init(ares_channel *channel, struct ares_options *options, int mask) {
    (void)options;
    (void)mask;
    *channel = NULL;
    return ARES_SUCCESS;
}

void dns_sockets(ares_channel channel, const struct ares_socket_functions *functions, void *context) {
    (void)channel;
    (void)context;
    require(functions->asendv != NULL, "sockets");
}

/* c-ares gives nothing that is shorter than a header, and no answer where there is none. */
void dns_query(ares_channel channel, const char *name, int class_, int type, ares_callback answered, void *context) {
    unsigned asked = dns.asked++;
    bool good = dns.size[asked] >= 12 && dns.status[asked] == ARES_SUCCESS;
    uint8_t *answer = malloc(dns.size[asked] + 1);

    (void)channel;
    require(answer != NULL && asked < QUESTIONS && strlen(name) < sizeof dns.name[0], "a question");
    require(class_ == 1 && type == 33, "SRV");
    memcpy(dns.name[asked], name, strlen(name) + 1);
    memcpy(answer, dns.answer[asked], dns.size[asked]);
    answered(context, good ? ARES_SUCCESS : dns.status[asked], 0, good ? answer : NULL,
             good ? (int)dns.size[asked] : 0);
    free(answer);
}

void dns_destroy(ares_channel channel) {
    (void)channel;
}

ssize_t dns_random(void *out, size_t n, unsigned flags) {
    (void)flags;
    memset(out, dns.random, n);
    return (ssize_t)n;
}

/* ---- What holds ---- */

static bool has_octets(const uint8_t *text, size_t n, const char *wanted, size_t wanted_n) {
    for (size_t i = 0; i + wanted_n <= n; i++) {
        size_t same = 0;
        while (same < wanted_n && tolower(text[i + same]) == (unsigned char)wanted[same]) {
            same++;
        }
        if (same == wanted_n) {
            return true;
        }
    }
    return false;
}

/* Each label stands in an answer, in any case of letters. */
static void check_host(const char *host, const uint8_t *answer, size_t size) {
    size_t n;

    require(strlen(host) <= 253, "the longest name");
    for (;; host += n + 1) {
        n = strcspn(host, ".");
        require(n >= 1 && n <= 63, "a label");
        require(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n, "octets of a name");
        require(has_octets(answer, size, host, n), "a label out of nothing");
        if (host[n] == '\0') {
            return;
        }
    }
}

/* Domain and host with a dot in front: the one ends with the other. */
static bool is_foreign(const char *host, const char *question) {
    const char *domain = strstr(question, "_tcp") + 4;
    char dotted[512];
    size_t n = strlen(domain);

    require(snprintf(dotted, sizeof dotted, ".%s", host) < (int)sizeof dotted, "a host of any length");
    return strlen(dotted) < n || strcmp(dotted + strlen(dotted) - n, domain) != 0;
}

static void check_service(const pop3_client_service *service) {
    unsigned question = service->tls == POP3_TLS_IMPLICIT ? 0 : 1;
    const char port[] = {(char)(service->port >> 8), (char)(service->port & 0xFF)};

    require(service->tls == POP3_TLS_IMPLICIT || service->tls == POP3_TLS_STLS, "TLS");
    require(service->port != 0, "a port");
    require(memmem(dns.answer[question], dns.size[question], port, sizeof port) != NULL, "a port out of nothing");
    check_host(service->host, dns.answer[question], dns.size[question]);
    require(service->foreign == is_foreign(service->host, dns.name[question]), "foreign");
}

static void check_found(const pop3_client_service found[ROOM], pop3_client_class result) {
    bool filled = result == POP3_CLIENT_OK;

    require(filled == (found[0].host[0] != '\0'), "OK means one at least");
    for (size_t i = 0; i < ROOM; i++) {
        filled = filled && found[i].host[0] != '\0';
        require(filled || (found[i].host[0] == '\0' && found[i].port == 0), "what is not filled is empty");
        if (filled) {
            check_service(&found[i]);
            require(i == 0 || found[i - 1].tls == POP3_TLS_IMPLICIT || found[i].tls == POP3_TLS_STLS, "implicit first");
        }
    }
}

static void check_question(const char *name, const char *service) {
    size_t n = strlen(service);

    require(strncmp(name, service, n) == 0 && name[n] == '.', "the service");
    require(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(name), "A-labels in lower case");
}

static bool may_be_address(const char *address) {
    const char *at = strrchr(address, '@');

    for (const char *c = address; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c)) {
            return false;
        }
    }
    return at != NULL && at != address && at[1] != '\0';
}

static void check_result(const char *address, pop3_client_class result, const pop3_client_error *error) {
    require(result == error->class_, "one result");
    require(dns.asked == (result == POP3_CLIENT_ARG ? 0 : QUESTIONS), "what is none leads to no question");
    require(result == POP3_CLIENT_ARG || may_be_address(address), "an address");
    for (const char *c = error->what; *c != '\0'; c++) {
        require(*c >= ' ' && *c <= '~', "text");
    }
    if (dns.asked != 0) {
        check_question(dns.name[0], "_pop3s._tcp");
        check_question(dns.name[1], "_pop3._tcp");
    }
}

static int status_of(unsigned number) {
    static const int statuses[] = {ARES_SUCCESS,  ARES_ENODATA, ARES_ENOTFOUND,    ARES_ESERVFAIL,
                                   ARES_ETIMEOUT, ARES_ENOMEM,  ARES_ECONNREFUSED, ARES_EBADNAME};

    return statuses[number % (sizeof statuses / sizeof statuses[0])];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const pop3_client_discovery_options options = {.size = sizeof options};
    pop3_client_service found[ROOM];
    pop3_client_error error;
    pop3_client_class result;
    const char *address;
    const uint8_t *end;
    size_t first;

    end = size > 3 ? memchr(data + 3, '\0', size - 3) : NULL;
    if (end == NULL) {
        return 0;
    }
    address = (const char *)data + 3;
    size = (size_t)(data + size - (end + 1));
    first = (size_t)(data[1] << 8 | data[2]);
    first = first < size ? first : size;
    memset(&dns, 0, sizeof dns);
    dns.random = data[0];
    dns.status[0] = status_of(data[0]);
    dns.status[1] = status_of(data[0] >> 3);
    dns.answer[0] = end + 1;
    dns.size[0] = first;
    dns.answer[1] = end + 1 + first;
    dns.size[1] = size - first;
    memset(found, 0xA5, sizeof found);
    result = pop3_client_discover(address, &options, found, ROOM, &error);
    check_result(address, result, &error);
    check_found(found, result);
    return 0;
}

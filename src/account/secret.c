/* SPDX-License-Identifier: MIT */
/* Memory for secrets: pages of their own that no core file has, wiped at the end (R-CRED-02). Knows no source of them. */
#define _DEFAULT_SOURCE /* explicit_bzero, MADV_DONTDUMP, MAP_ANONYMOUS */

#include "account/private.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Stands in front of each secret. */
struct head {
    size_t size; /* of the mapping */
};

void account_protect_process(void) {
    static const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
}

char *account_secret_new(const char *octets, size_t n) {
    size_t size = sizeof(struct head) + n + 1;
    // cppcheck-suppress invalidFunctionArg ; memory without a file has the descriptor -1
    struct head *head = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *secret;

    if (head == MAP_FAILED) {
        return NULL;
    }
    (void)madvise(head, size, MADV_DONTDUMP); /* a kernel that does not know it has RLIMIT_CORE */
    head->size = size;
    secret = (char *)(head + 1);
    if (octets != NULL) {
        memcpy(secret, octets, n);
    }
    return secret;
}

void account_secret_free(char *secret) {
    if (secret != NULL) {
        struct head *head = (struct head *)(void *)secret - 1;
        size_t size = head->size;

        explicit_bzero(head, size);
        (void)munmap(head, size);
    }
}

/* A line ends with LF or CRLF. */
static size_t first_line(const char *octets, size_t n) {
    const char *end = n != 0 ? memchr(octets, '\n', n) : NULL;
    size_t length = end != NULL ? (size_t)(end - octets) : n;

    return end != NULL && length != 0 && octets[length - 1] == '\r' ? length - 1 : length;
}

static bool has_control(const char *octets, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)octets[i] < 0x20 || octets[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

char *account_secret_line(const char *octets, size_t n, const char *from, struct account_error *error) {
    size_t length = first_line(octets, n);
    char *secret = NULL;

    if (length == 0) {
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "%s gives an empty first line", from);
    } else if (length > ACCOUNT_SECRET_MOST) {
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL, "%s gives more than %d octets", from,
                           ACCOUNT_SECRET_MOST);
    } else if (has_control(octets, length)) {
        (void)account_fail(error, ACCOUNT_NO_CREDENTIALS, NULL,
                           "%s gives a control character, which no login can carry", from);
    } else {
        secret = account_secret_new(octets, length);
        if (secret == NULL) {
            (void)account_fail_memory(error);
        }
    }
    return secret;
}

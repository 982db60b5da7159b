/* SPDX-License-Identifier: MIT */
/* SCRAM's messages; OpenSSL does the cryptography. Refuses to keep a verifier: the password is there. */
#include "serve/scram.h"

#include "serve/base64.h"
#include "serve/secret.h"

#include <inttypes.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define DIGEST_MOST 32

static const EVP_MD *hash_of(const struct serve_scram *scram) {
    return scram->sha256 ? EVP_sha256() : EVP_sha1();
}

static size_t digest_size(const struct serve_scram *scram) {
    return (size_t)EVP_MD_get_size(hash_of(scram));
}

static bool starts(struct serve_span text, const char *with) {
    size_t size = strlen(with);

    return text.size >= size && memcmp(text.data, with, size) == 0;
}

static struct serve_span behind(struct serve_span text, size_t size) {
    return (struct serve_span){text.data + size, text.size - size};
}

/* Takes all up to a comma, and the comma; false without one. */
static bool take(struct serve_span *rest, struct serve_span *part) {
    const char *comma = rest->size > 0 ? memchr(rest->data, ',', rest->size) : NULL;

    if (comma == NULL) {
        return false;
    }
    *part = (struct serve_span){rest->data, (size_t)(comma - rest->data)};
    *rest = behind(*rest, part->size + 1);
    return true;
}

static bool keep(char *where, size_t room, const char *data, size_t size) {
    if (size >= room || memchr(data, '\0', size) != NULL) {
        return false;
    }
    memcpy(where, data, size);
    where[size] = '\0';
    return true;
}

/* RFC 5802 section 5.1: "=2C" and "=3D" stand for the comma and the equals sign. */
static bool names_user(const struct serve_scram *scram, struct serve_span name) {
    char text[SERVE_SCRAM_NONCE];
    size_t size = 0;

    while (name.size > 0 && size < sizeof text) {
        bool comma = starts(name, "=2C");
        bool coded = comma || starts(name, "=3D");

        if (name.data[0] == '=' && !coded) {
            return false;
        }
        text[size++] = comma ? ',' : name.data[0];
        name = behind(name, coded ? 3 : 1);
    }
    return name.size == 0 && serve_secret_equal((struct serve_span){text, size}, scram->user);
}

/* RFC 5802 section 6: what the client says of channel binding, against what was offered. */
static bool flag_fits(const struct serve_scram *scram, struct serve_span flag) {
    if (scram->plus) {
        return starts(flag, "p=") && scram->channel->type != NULL && flag.size == 2 + strlen(scram->channel->type) &&
               starts(behind(flag, 2), scram->channel->type);
    }
    return flag.size == 1 && (flag.data[0] == 'n' || (flag.data[0] == 'y' && !scram->plus_offered));
}

/* Header, then "n=user,r=nonce": fills header, bare and nonce. */
static bool read_first(struct serve_scram *scram, struct serve_span message) {
    struct serve_span rest = message;
    struct serve_span flag;
    struct serve_span identity;
    struct serve_span user;

    if (!take(&rest, &flag) || !flag_fits(scram, flag) || !take(&rest, &identity) ||
        !keep(scram->header, sizeof scram->header, message.data, message.size - rest.size) ||
        !keep(scram->bare, sizeof scram->bare / 2, rest.data, rest.size) || !take(&rest, &user) ||
        !starts(user, "n=") || !starts(rest, "r=")) {
        return false;
    }
    rest = behind(rest, 2);
    bool himself = identity.size == 0 || (starts(identity, "a=") && names_user(scram, behind(identity, 2)));

    scram->known = himself && names_user(scram, behind(user, 2));
    return rest.size > 0 && memchr(rest.data, ',', rest.size) == NULL &&
           keep(scram->nonce, sizeof scram->nonce - SERVE_RANDOM_TEXT, rest.data, rest.size);
}

bool serve_scram_first(struct serve_scram *scram, struct serve_span message, char answer[SERVE_SCRAM_PART]) {
    char salt[SERVE_BASE64_TEXT(SERVE_SCRAM_SALT)];
    char own[SERVE_RANDOM_TEXT];

    if (!read_first(scram, message) || !serve_random_text(own) || RAND_bytes(scram->salt, sizeof scram->salt) != 1) {
        return false;
    }
    if (scram->fault == SERVE_SCRAM_NONCE_CHANGED) {
        scram->nonce[0] = scram->nonce[0] == 'x' ? 'y' : 'x';
    }
    memcpy(scram->nonce + strlen(scram->nonce), own, sizeof own);
    (void)serve_base64_encode(scram->salt, sizeof scram->salt, salt);
    (void)snprintf(scram->first, sizeof scram->first, "r=%s,s=%s,i=%" PRIu32, scram->nonce, salt, scram->iterations);
    memcpy(answer, scram->first, sizeof scram->first);
    return true;
}

/* "c=...,r=...": the channel binding and the nonce as they must be. */
static bool binding_fits(const struct serve_scram *scram, struct serve_span message) {
    char data[sizeof scram->header + sizeof scram->channel->octets];
    char text[SERVE_BASE64_TEXT(sizeof data)];
    char expected[sizeof text + sizeof scram->nonce + sizeof "c=,r="];
    size_t size = strlen(scram->header);

    memcpy(data, scram->header, size);
    if (scram->plus) {
        memcpy(data + size, scram->channel->octets, scram->channel->size);
        size += scram->channel->size;
    }
    (void)serve_base64_encode(data, size, text);
    (void)snprintf(expected, sizeof expected, "c=%s,r=%s", text, scram->nonce);
    return serve_secret_equal(message, expected);
}

static bool hmac(const struct serve_scram *scram, const unsigned char *key, const char *text, unsigned char *out) {
    return HMAC(hash_of(scram), key, (int)digest_size(scram), (const unsigned char *)text, strlen(text), out, NULL) !=
           NULL;
}

/* RFC 5802 section 3. `proof` is right when it turns ClientSignature into a key whose hash is StoredKey. */
static bool judge(const struct serve_scram *scram, const char *signed_text, const unsigned char *proof,
                  unsigned char *signature) {
    unsigned char salted[DIGEST_MOST];
    unsigned char derived[DIGEST_MOST];
    unsigned char stored[DIGEST_MOST];
    size_t size = digest_size(scram);
    unsigned char difference = 0;

    if (scram->iterations > INT_MAX ||
        PKCS5_PBKDF2_HMAC(scram->password, (int)strlen(scram->password), scram->salt, sizeof scram->salt,
                          (int)scram->iterations, hash_of(scram), (int)size, salted) != 1 ||
        !hmac(scram, salted, "Client Key", derived) ||
        EVP_Digest(derived, size, stored, NULL, hash_of(scram), NULL) != 1 ||
        !hmac(scram, stored, signed_text, signature)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        difference |= (unsigned char)(proof[i] ^ signature[i] ^ derived[i]);
    }
    bool good =
        difference == 0 && hmac(scram, salted, "Server Key", derived) && hmac(scram, derived, signed_text, signature);

    OPENSSL_cleanse(salted, sizeof salted);
    OPENSSL_cleanse(derived, sizeof derived);
    return good;
}

static void write_final(const struct serve_scram *scram, unsigned char *signature, char answer[SERVE_SCRAM_PART]) {
    if (scram->fault == SERVE_SCRAM_ERROR) {
        (void)snprintf(answer, SERVE_SCRAM_PART, "e=other-error");
        return;
    }
    if (scram->fault == SERVE_SCRAM_SIGNATURE) {
        signature[0] ^= 1;
    }
    memcpy(answer, "v=", 2);
    (void)serve_base64_encode(signature, digest_size(scram), answer + 2);
}

bool serve_scram_final(struct serve_scram *scram, struct serve_span message, char answer[SERVE_SCRAM_PART]) {
    char signed_text[3 * SERVE_SCRAM_PART];
    unsigned char signature[DIGEST_MOST];
    char proof[DIGEST_MOST + 3];
    size_t size = digest_size(scram);
    size_t tail = SERVE_BASE64_TEXT(size) - 1 + sizeof ",p=" - 1;
    struct serve_span before = {message.data, message.size - (message.size < tail ? message.size : tail)};
    struct serve_span last = behind(message, before.size);

    if (!starts(last, ",p=") || !serve_base64_decode(behind(last, 3), proof, &size) || size != digest_size(scram) ||
        before.size >= SERVE_SCRAM_PART || !binding_fits(scram, before)) {
        return false;
    }
    (void)snprintf(signed_text, sizeof signed_text, "%s,%s,%.*s", scram->bare, scram->first, (int)before.size,
                   before.data);
    if (!judge(scram, signed_text, (const unsigned char *)proof, signature) || !scram->known) {
        return false;
    }
    write_final(scram, signature, answer);
    return true;
}

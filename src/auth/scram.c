/* SPDX-License-Identifier: MIT */
/*
 * SCRAM (RFC 5802, 7677): R-SCRAM-01 to R-SCRAM-05. Knows no digest algorithm and no TLS; channel bindings are octets that
 * the caller brings.
 */
#include "auth/scram.h"

#include <string.h>

#include "auth/exchange.h"
#include "auth/hmac.h"
#include "auth/secret.h"

#define NONCE_OCTETS (POP3_SASL_NONCE / 4 * 3)

typedef struct server_first {
    pop3_span nonce;
    pop3_span salt; /* in base64 */
    uint32_t iterations;
} server_first;

/* What can log in: all of it is wiped. */
typedef struct secrets {
    uint8_t salted_password[POP3_DIGEST_MAX];
    uint8_t client_key[POP3_DIGEST_MAX];
    uint8_t stored_key[POP3_DIGEST_MAX];
    uint8_t server_key[POP3_DIGEST_MAX];
    uint8_t client_signature[POP3_DIGEST_MAX];
    pop3_hmac_key hmac;
} secrets;

static pop3_digest *digest_of(const pop3_sasl *sasl) {
    return sasl->mechanism->digest_size == POP3_SHA_1_SIZE ? sasl->crypto->sha1 : sasl->crypto->sha256;
}

/* ---- client-first ---- */

/* "y" says: I could bind and you cannot. A server that can then knows that someone changed its list (R-SCRAM-05). */
static void write_gs2_header(const pop3_sasl *sasl, pop3_writer *writer) {
    const pop3_credentials *credentials = sasl->credentials;

    if (sasl->mechanism->plus) {
        pop3_write_text(writer, "p=");
        pop3_write_text(writer, credentials->binding_type);
    } else {
        pop3_write_text(writer, credentials->binding_type != NULL && !credentials->plus_offered ? "y" : "n");
    }
    pop3_write_authzid(writer, credentials->authzid);
}

static void write_client_first_bare(const pop3_sasl *sasl, pop3_writer *writer) {
    pop3_write_text(writer, "n=");
    pop3_write_name(writer, sasl->credentials->user);
    pop3_write_text(writer, ",r=");
    pop3_write_text(writer, sasl->nonce);
}

static pop3_sasl_result check(const pop3_sasl *sasl) {
    const pop3_credentials *credentials = sasl->credentials;

    if (!pop3_sasl_is_text(sasl, credentials->authzid) || !pop3_sasl_has_text(sasl, credentials->user) ||
        !pop3_sasl_has_text(sasl, credentials->password)) {
        return POP3_SASL_CREDENTIALS;
    }
    if (sasl->crypto == NULL || digest_of(sasl) == NULL || sasl->crypto->random == NULL) {
        return POP3_SASL_CRYPTO;
    }
    if (sasl->mechanism->plus && (credentials->binding_type == NULL || credentials->binding.length == 0)) {
        return POP3_SASL_BINDING;
    }
    return POP3_SASL_OK;
}

pop3_sasl_result pop3_scram_start(pop3_sasl *sasl) {
    pop3_writer writer = pop3_sasl_writer(sasl, 0);
    pop3_sasl_result result = check(sasl);

    if (result != POP3_SASL_OK) {
        return result;
    }
    if (!sasl->crypto->random(sasl->nonce, NONCE_OCTETS)) {
        return POP3_SASL_CRYPTO;
    }
    sasl->nonce[pop3_base64_encode(sasl->nonce, NONCE_OCTETS, sasl->nonce)] = '\0';
    write_gs2_header(sasl, &writer);
    write_client_first_bare(sasl, &writer);
    return pop3_sasl_respond(sasl, &writer);
}

/* ---- server-first ---- */

/* Takes "x=value", and the comma behind it, off the front of a text. */
static bool take_attribute(pop3_span *text, char name, pop3_span *value) {
    const char *at = text->data;
    const char *comma;
    size_t used;

    if (text->length < 2 || at[0] != name || at[1] != '=') {
        return false;
    }
    comma = memchr(at, ',', text->length);
    used = comma != NULL ? (size_t)(comma - at) : text->length;
    value->data = at + 2;
    value->length = used - 2;
    used += comma != NULL;
    text->data = at + used;
    text->length -= used;
    return true;
}

static bool parse_count(pop3_span text, uint32_t *count) {
    const char *digits = text.data;

    *count = 0;
    if (text.length == 0 || digits[0] == '0') {
        return false;
    }
    for (size_t i = 0; i < text.length; i++) {
        uint32_t digit = (uint32_t)(unsigned char)digits[i] - '0';
        if (digit > 9 || *count > (UINT32_MAX - digit) / 10) {
            return false;
        }
        *count = *count * 10 + digit;
    }
    return true;
}

/* "m=" in front is an extension that must not be ignored; what follows the count may be (RFC 5802 section 5.1). */
static bool parse_server_first(pop3_span text, server_first *first) {
    pop3_span count;

    return take_attribute(&text, 'r', &first->nonce) && take_attribute(&text, 's', &first->salt) &&
           take_attribute(&text, 'i', &count) && parse_count(count, &first->iterations);
}

static bool is_bearable(const pop3_credentials *credentials, uint32_t iterations) {
    uint32_t least = credentials->iterations_min != 0 ? credentials->iterations_min : POP3_SCRAM_ITERATIONS_MIN;
    uint32_t most = credentials->iterations_max != 0 ? credentials->iterations_max : POP3_SCRAM_ITERATIONS_MAX;

    return iterations >= least && iterations <= most;
}

/* ---- client-final ---- */

/* The octets of the salt stand behind the challenge for a while. */
static pop3_sasl_result salt_password(const pop3_sasl *sasl, size_t n, const server_first *first, uint8_t *out) {
    const char *password = sasl->credentials->password;
    const pop3_span secret = {password, strlen(password)};
    pop3_span salt = {sasl->buffer + n, 0};
    size_t size = sasl->mechanism->digest_size;

    if (first->salt.length / 4 * 3 > sasl->size - n) {
        return POP3_SASL_SPACE;
    }
    if (!pop3_base64_decode(first->salt.data, first->salt.length, sasl->buffer + n, &salt.length) || salt.length == 0) {
        return POP3_SASL_CHALLENGE;
    }
    if (sasl->crypto->pbkdf2 != NULL) {
        return sasl->crypto->pbkdf2(size, &secret, &salt, first->iterations, out) ? POP3_SASL_OK : POP3_SASL_CRYPTO;
    }
    pop3_pbkdf2(digest_of(sasl), size, &secret, &salt, first->iterations, out);
    return POP3_SASL_OK;
}

static void hmac(const pop3_sasl *sasl, pop3_hmac_key *work, const uint8_t *key, pop3_span *message, size_t n,
                 uint8_t *out) {
    const pop3_span secret = {key, sasl->mechanism->digest_size};

    pop3_hmac_init(work, digest_of(sasl), sasl->mechanism->digest_size, secret);
    pop3_hmac(work, message, n, out);
}

/* Proof and signature of the AuthMessage; the proof takes the place of the client's key (RFC 5802 section 3). */
static void sign(pop3_sasl *sasl, secrets *own, pop3_span *auth_message, size_t n) {
    pop3_span client[2] = {{NULL, 0}, {"Client Key", 10}};
    pop3_span server[2] = {{NULL, 0}, {"Server Key", 10}};
    const pop3_span client_key = {own->client_key, sasl->mechanism->digest_size};

    hmac(sasl, &own->hmac, own->salted_password, client, 2, own->client_key);
    digest_of(sasl)(&client_key, 1, own->stored_key);
    hmac(sasl, &own->hmac, own->stored_key, auth_message, n, own->client_signature);
    pop3_digest_xor(own->client_key, own->client_signature, client_key.length);
    hmac(sasl, &own->hmac, own->salted_password, server, 2, own->server_key);
    hmac(sasl, &own->hmac, own->server_key, auth_message, n, sasl->signature);
}

static void write_client_final_without_proof(const pop3_sasl *sasl, pop3_span nonce, pop3_writer *writer) {
    size_t binding;

    pop3_write_text(writer, "c=");
    binding = writer->length;
    write_gs2_header(sasl, writer);
    if (sasl->mechanism->plus) {
        pop3_write(writer, sasl->credentials->binding.data, sasl->credentials->binding.length);
    }
    pop3_write_base64(writer, binding);
    pop3_write_text(writer, ",r=");
    pop3_write(writer, nonce.data, nonce.length);
}

/* Behind the server's message, of n octets, the buffer takes client-first-bare and the response. */
static pop3_sasl_result prove(pop3_sasl *sasl, size_t n, const server_first *first, secrets *own) {
    pop3_writer bare = pop3_sasl_writer(sasl, n);
    pop3_writer final;
    pop3_span auth_message[6] = {{NULL, 0}, {bare.out, 0}, {",", 1}, {sasl->buffer, n}, {",", 1}, {NULL, 0}};
    size_t proof;

    write_client_first_bare(sasl, &bare);
    final = pop3_sasl_writer(sasl, n + bare.length);
    write_client_final_without_proof(sasl, first->nonce, &final);
    if (bare.full || final.full) {
        return POP3_SASL_SPACE;
    }
    auth_message[1].length = bare.length;
    auth_message[5].data = final.out;
    auth_message[5].length = final.length;
    sign(sasl, own, auth_message, 6);
    pop3_write_text(&final, ",p=");
    proof = final.length;
    pop3_write(&final, own->client_key, sasl->mechanism->digest_size);
    pop3_write_base64(&final, proof);
    return pop3_sasl_respond(sasl, &final);
}

static pop3_sasl_result answer_server_first(pop3_sasl *sasl, size_t n) {
    const pop3_span text = {sasl->buffer, n};
    const size_t ours = strlen(sasl->nonce);
    server_first first;
    secrets own;
    pop3_sasl_result result;

    if (!parse_server_first(text, &first)) {
        return POP3_SASL_CHALLENGE;
    }
    if (first.nonce.length <= ours || memcmp(first.nonce.data, sasl->nonce, ours) != 0) {
        return POP3_SASL_SERVER;
    }
    if (!is_bearable(sasl->credentials, first.iterations)) {
        return POP3_SASL_CHALLENGE;
    }
    result = salt_password(sasl, n, &first, own.salted_password);
    if (result == POP3_SASL_OK) {
        result = prove(sasl, n, &first, &own);
    }
    pop3_wipe(&own, sizeof own);
    return result;
}

/* ---- server-final ---- */

static pop3_sasl_result verify(pop3_sasl *sasl, pop3_span text) {
    pop3_span value;
    size_t length;

    if (!take_attribute(&text, 'v', &value) || !pop3_base64_decode(value.data, value.length, sasl->buffer, &length) ||
        length != sasl->mechanism->digest_size || !pop3_same_secret(sasl->buffer, sasl->signature, length)) {
        return POP3_SASL_SERVER;
    }
    sasl->complete = true;
    sasl->response = "";
    return POP3_SASL_OK;
}

pop3_sasl_result pop3_scram_challenge(pop3_sasl *sasl, size_t n) {
    pop3_span text = {sasl->buffer, n};

    if (sasl->complete) {
        return POP3_SASL_CHALLENGE;
    }
    if (take_attribute(&text, 'e', &sasl->refusal)) {
        sasl->response = "";
        return POP3_SASL_REFUSED;
    }
    if (!sasl->proved) {
        sasl->proved = true;
        return answer_server_first(sasl, n);
    }
    return verify(sasl, text);
}

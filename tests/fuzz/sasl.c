/* SPDX-License-Identifier: MIT */
/*
 * The challenge parsers of all mechanisms, the first octet chooses which: any lines from the server, whole and in parts, in a
 * buffer of any size. What comes out is base64 or nothing, +OK is believed where it may be, no limit is passed and nothing
 * is left behind. Its digests are none; of the mechanisms it knows what the wire shows.
 */
#include <satchel/pop3_sasl.h>

#include <string.h>

#include "mix.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 600, LINES = 4, IN_BASE64 = 0x10, PARTS = 0x20, OWN_PBKDF2 = 0x40, BOUND = 0x80 };

static const pop3_sasl_mechanism *const mechanisms[] = {
    &pop3_sasl_external,      &pop3_sasl_plain,
    &pop3_sasl_login,         &pop3_sasl_cram_md5,
    &pop3_sasl_scram_sha_1,   &pop3_sasl_scram_sha_1_plus,
    &pop3_sasl_scram_sha_256, &pop3_sasl_scram_sha_256_plus,
    &pop3_sasl_oauthbearer,   &pop3_sasl_xoauth2,
};

/* ---- What the caller brings ---- */

static bool pbkdf2(size_t size, const pop3_span *password, const pop3_span *salt, uint32_t iterations, uint8_t *out) {
    const pop3_span both[2] = {*password, *salt};

    require(salt->length != 0, "a salt");
    require(iterations >= 4096 && iterations <= 1000000, "iterations (A-18)");
    mix(both, 2, size, out);
    return true;
}

/* ---- What happens ---- */

struct run {
    pop3_sasl sasl;
    pop3_credentials credentials;
    pop3_crypto crypto;
    char *buffer;
    size_t size;
    pop3_sasl_result results[LINES + 1];
    uint32_t responses[LINES + 1]; /* a sum over each */
    bool believed;
};

static void check_response(struct run *run, unsigned number) {
    size_t n = 1, length;
    const char *response = pop3_sasl_response(&run->sasl, &n);
    char octets[ROOM];
    uint32_t sum[8];

    require((response != NULL) || n == 0, "octets of nothing");
    run->responses[number] = response == NULL ? 1 : 2;
    if (response != NULL) {
        require(n <= ROOM && pop3_base64_decode(response, n, octets, &length), "a response that is no base64");
        mix_32(&(pop3_span){response, n}, 1, (uint8_t *)sum);
        run->responses[number] += sum[0] | 1U;
    }
    switch (run->results[number]) {
    case POP3_SASL_OK: require(response != NULL || number == 0, "no answer"); break;
    case POP3_SASL_REFUSED: require(response != NULL, "no answer to a refusal"); break;
    default: require(response == NULL, "an answer behind a failure");
    }
    if (run->results[number] != POP3_SASL_OK) {
        require(pop3_sasl_finish(&run->sasl) == POP3_SASL_SERVER, "believed behind a failure");
    }
}

/* In one piece, or in pieces of lengths that grow. */
static pop3_sasl_result tell(struct run *run, const char *line, size_t n, bool parts) {
    pop3_sasl_result result = POP3_SASL_OK;
    size_t part = 0;

    while (parts && result == POP3_SASL_OK && part < n) {
        result = pop3_sasl_challenge(&run->sasl, line, part, true);
        line += part;
        n -= part;
        part++;
    }
    return result == POP3_SASL_OK ? pop3_sasl_challenge(&run->sasl, line, n, false) : result;
}

/* A challenge as it goes over the wire. "v=!" stands for the signature that nobody can guess. */
static size_t wire(const struct run *run, const uint8_t *text, size_t n, bool in_base64, char *line) {
    if (!in_base64) {
        memcpy(line, text, n);
        return n;
    }
    if (n == 3 && memcmp(text, "v=!", 3) == 0) {
        char final[2 + POP3_BASE64_LENGTH(32)] = "v=";
        n = 2 + pop3_base64_encode(run->sasl.signature, run->sasl.mechanism->digest_size, final + 2);
        return pop3_base64_encode(final, n, line);
    }
    return pop3_base64_encode(text, n, line);
}

/* SCRAM is believed behind its last line only, and not before the signature. */
static void check_belief(const struct run *run, unsigned lines) {
    unsigned least = run->sasl.mechanism->digest_size != 0        ? 2
                     : run->sasl.mechanism == &pop3_sasl_login    ? 2
                     : run->sasl.mechanism == &pop3_sasl_cram_md5 ? 1
                                                                  : 0;

    require(!run->believed || lines >= least, "believed too early (R-5034-09)");
    require(!run->believed || run->sasl.mechanism->digest_size == 0 || run->sasl.proved, "believed without proof");
}

static void play(struct run *run, const uint8_t *data, size_t size, unsigned flags) {
    const pop3_sasl_mechanism *mechanism = mechanisms[(flags & 0x0FU) % (sizeof mechanisms / sizeof mechanisms[0])];
    char line[POP3_BASE64_LENGTH(ROOM)];
    unsigned number = 0;

    memset(run->buffer, 'x', run->size);
    run->results[0] = pop3_sasl_start(&run->sasl, mechanism, &run->credentials, &run->crypto, run->buffer, run->size);
    check_response(run, 0);
    while (size != 0 && number < LINES && run->results[number] == POP3_SASL_OK) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end != NULL ? (size_t)(end - data) : size;
        size_t taken = n + (end != NULL);
        n = wire(run, data, n < ROOM ? n : ROOM, (flags & IN_BASE64) != 0, line);
        number++;
        run->results[number] = tell(run, line, n, (flags & PARTS) != 0);
        check_response(run, number);
        data += taken;
        size -= taken;
    }
    run->believed = pop3_sasl_finish(&run->sasl) == POP3_SASL_OK;
    check_belief(run, number);
    pop3_sasl_end(&run->sasl);
    for (size_t i = 0; i < run->size; i++) {
        require(run->buffer[i] == 0, "left in the buffer");
    }
}

static struct run prepare(const uint8_t *data) {
    struct run run = {.size = data[1] == 0xFF ? ROOM : data[1] * 2U};

    run.credentials = (pop3_credentials){
        .user = "u,=", .authzid = (data[0] & BOUND) != 0 ? "other" : NULL, .password = "secret", .token = "token"};
    run.credentials.binding_type = "tls-exporter";
    run.credentials.binding = (pop3_span){"octets", 6};
    run.credentials.iterations_max = (data[0] & OWN_PBKDF2) != 0 ? 5000 : 0;
    run.crypto = (pop3_crypto){mix_16, mix_20, mix_32, (data[0] & OWN_PBKDF2) != 0 ? NULL : pbkdf2, mix_nothing};
    run.buffer = malloc(run.size != 0 ? run.size : 1);
    require(run.buffer != NULL, "no memory");
    return run;
}

/* What is no base64 is refused; what is, comes back. */
static void base64(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), *again = malloc(POP3_BASE64_LENGTH(size) + 1);
    size_t n;

    require(text != NULL && again != NULL, "no memory");
    if (pop3_base64_decode((const char *)data, size, text, &n)) {
        require(n <= size / 4 * 3 && pop3_base64_encode(text, n, again) == size && memcmp(again, data, size) == 0,
                "another base64 (R-5034-07)");
    }
    memcpy(again, data, size);
    require(pop3_base64_decode(again, pop3_base64_encode(again, size, again), again, &n) && n == size &&
                memcmp(again, data, size) == 0,
            "base64 in place");
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    struct run whole = prepare(data), parts = prepare(data);
    play(&whole, data + 2, size - 2, data[0] & ~(unsigned)PARTS);
    play(&parts, data + 2, size - 2, data[0] | (unsigned)PARTS);
    require(memcmp(whole.results, parts.results, sizeof whole.results) == 0, "other results in parts");
    require(memcmp(whole.responses, parts.responses, sizeof whole.responses) == 0, "other responses in parts");
    require(whole.believed == parts.believed, "believed in parts only");
    base64(data + 2, size - 2);
    free(whole.buffer);
    free(parts.buffer);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* Judging what clients prove. Refuses to hold more than one exchange. */
#define _POSIX_C_SOURCE 200809L

#include "serve/sasl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const names[SERVE_NO_MECHANISM] = {
    [SERVE_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
    [SERVE_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [SERVE_SCRAM_SHA_1_PLUS] = "SCRAM-SHA-1-PLUS",
    [SERVE_SCRAM_SHA_1] = "SCRAM-SHA-1",
    [SERVE_CRAM_MD5] = "CRAM-MD5",
    [SERVE_EXTERNAL] = "EXTERNAL",
    [SERVE_OAUTHBEARER] = "OAUTHBEARER",
    [SERVE_XOAUTH2] = "XOAUTH2",
    [SERVE_PLAIN] = "PLAIN",
    [SERVE_LOGIN] = "LOGIN",
};

const char *serve_mechanism_name(enum serve_mechanism mechanism) {
    return names[mechanism];
}

enum serve_mechanism serve_mechanism_find(struct serve_span name) {
    int i = 0;

    while (i < SERVE_NO_MECHANISM &&
           (strlen(names[i]) != name.size || strncasecmp(names[i], name.data, name.size) != 0)) {
        i++;
    }
    return (enum serve_mechanism)i;
}

bool serve_mechanisms_read(const char *list, unsigned *set) {
    if (strcmp(list, "all") == 0) {
        *set = (1U << SERVE_NO_MECHANISM) - 1;
        return true;
    }
    *set = 0;
    while (list != NULL) {
        const char *comma = strchr(list, ',');
        size_t size = comma != NULL ? (size_t)(comma - list) : strlen(list);
        enum serve_mechanism mechanism = serve_mechanism_find((struct serve_span){list, size});

        if (mechanism == SERVE_NO_MECHANISM) {
            return false;
        }
        *set |= 1U << mechanism;
        list = comma != NULL ? comma + 1 : NULL;
    }
    return true;
}

bool serve_mechanism_usable(enum serve_mechanism mechanism, const struct serve_sasl_config *config,
                            const char *password, const struct serve_security *security) {
    bool open = security->secure || config->allow_plaintext;

    if (mechanism == SERVE_NO_MECHANISM || (config->offered & (1U << mechanism)) == 0) {
        return false;
    }
    switch (mechanism) {
    case SERVE_SCRAM_SHA_256_PLUS:
    case SERVE_SCRAM_SHA_1_PLUS: return password != NULL && security->channel.type != NULL;
    case SERVE_EXTERNAL: return security->secure;
    case SERVE_OAUTHBEARER:
    case SERVE_XOAUTH2: return open && config->token != NULL;
    case SERVE_PLAIN:
    case SERVE_LOGIN: return open && password != NULL;
    default: return password != NULL;
    }
}

static enum serve_sasl_result verdict(bool good) {
    return good ? SERVE_SASL_GOOD : SERVE_SASL_BAD;
}

static enum serve_sasl_result ask(struct serve_sasl *sasl, const char *challenge) {
    (void)snprintf(sasl->challenge, sizeof sasl->challenge, "%s", challenge);
    return SERVE_SASL_CHALLENGE;
}

/* Cuts *rest at the first `end`; all of it when there is none. */
static struct serve_span cut(struct serve_span *rest, char end) {
    const char *found = rest->size > 0 ? memchr(rest->data, end, rest->size) : NULL;
    struct serve_span part = {rest->data, found != NULL ? (size_t)(found - rest->data) : rest->size};
    size_t gone = part.size + (found != NULL ? 1 : 0);

    *rest = (struct serve_span){gone > 0 ? rest->data + gone : rest->data, rest->size - gone};
    return part;
}

/* RFC 4616: identity NUL user NUL password. */
static enum serve_sasl_result step_plain(const struct serve_sasl *sasl, struct serve_span response) {
    struct serve_span identity = cut(&response, '\0');
    struct serve_span user = cut(&response, '\0');
    bool himself = identity.size == 0 || serve_secret_equal(identity, sasl->user);
    bool named = serve_secret_equal(user, sasl->user);

    return verdict(serve_secret_equal(response, sasl->password) && himself && named);
}

static enum serve_sasl_result step_login(struct serve_sasl *sasl, struct serve_span response) {
    if (sasl->step == 1) {
        sasl->known = serve_secret_equal(response, sasl->user);
        return ask(sasl, "Password:");
    }
    return verdict(serve_secret_equal(response, sasl->password) && sasl->known);
}

/* RFC 2195: the name may contain blanks, the digest does not. */
static enum serve_sasl_result step_cram(const struct serve_sasl *sasl, struct serve_span response) {
    size_t name = response.size;

    while (name > 0 && response.data[name - 1] != ' ') {
        name--;
    }
    if (name == 0) {
        return SERVE_SASL_BAD;
    }
    struct serve_span digest = {response.data + name, response.size - name};

    return verdict(serve_cram_matches(digest, sasl->stamp, sasl->password) &&
                   serve_secret_equal((struct serve_span){response.data, name - 1}, sasl->user));
}

static enum serve_sasl_result step_external(const struct serve_sasl *sasl, struct serve_span response) {
    bool himself = response.size == 0 || serve_secret_equal(response, sasl->user);

    return verdict(himself && sasl->security->certificate_is_users);
}

static bool is_bearer(const struct serve_sasl *sasl, struct serve_span field) {
    static const char scheme[] = "auth=Bearer ";
    size_t size = sizeof scheme - 1;

    return field.size >= size && strncasecmp(field.data, scheme, size) == 0 &&
           serve_secret_equal((struct serve_span){field.data + size, field.size - size}, sasl->config->token);
}

static bool is_user(const struct serve_sasl *sasl, struct serve_span field, const char *key) {
    size_t size = strlen(key);

    return field.size >= size && memcmp(field.data, key, size) == 0 &&
           serve_secret_equal((struct serve_span){field.data + size, field.size - size}, sasl->user);
}

/* Each field ends with ^A, and one more ^A ends them all. */
static bool has_bearer(const struct serve_sasl *sasl, struct serve_span fields) {
    bool found = false;

    while (fields.size > 0 && fields.data[0] != '\1') {
        found = is_bearer(sasl, cut(&fields, '\1')) || found;
    }
    return found && fields.size == 1;
}

/* RFC 7628 section 3.1: "n,a=user,^A..."; the name may be left out. */
static bool oauthbearer_fits(const struct serve_sasl *sasl, struct serve_span response) {
    struct serve_span header = cut(&response, '\1');
    struct serve_span flag = cut(&header, ',');
    struct serve_span identity = cut(&header, ',');

    return flag.size == 1 && (flag.data[0] == 'n' || flag.data[0] == 'y') && header.size == 0 &&
           (identity.size == 0 || is_user(sasl, identity, "a=")) && has_bearer(sasl, response);
}

static bool xoauth2_fits(const struct serve_sasl *sasl, struct serve_span response) {
    struct serve_span user = cut(&response, '\1');

    return is_user(sasl, user, "user=") && has_bearer(sasl, response);
}

/* RFC 7628 section 3.2.2: a refusal is a challenge first; whatever the client answers, the exchange failed. */
static enum serve_sasl_result step_oauth(struct serve_sasl *sasl, struct serve_span response) {
    bool xoauth2 = sasl->mechanism == SERVE_XOAUTH2;

    if (sasl->step > 1) {
        return SERVE_SASL_BAD;
    }
    if (xoauth2 ? xoauth2_fits(sasl, response) : oauthbearer_fits(sasl, response)) {
        return SERVE_SASL_GOOD;
    }
    return ask(sasl, xoauth2 ? "{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}"
                             : "{\"status\":\"invalid_token\",\"schemes\":\"bearer\",\"scope\":\"mail\"}");
}

static void set_up_scram(struct serve_sasl *sasl) {
    enum serve_mechanism mechanism = sasl->mechanism;
    bool sha256 = mechanism == SERVE_SCRAM_SHA_256 || mechanism == SERVE_SCRAM_SHA_256_PLUS;
    enum serve_mechanism plus = sha256 ? SERVE_SCRAM_SHA_256_PLUS : SERVE_SCRAM_SHA_1_PLUS;

    sasl->scram = (struct serve_scram){
        .user = sasl->user,
        .password = sasl->password,
        .channel = &sasl->security->channel,
        .sha256 = sha256,
        .plus = mechanism == plus,
        .plus_offered = serve_mechanism_usable(plus, sasl->config, sasl->password, sasl->security),
        .fault = sasl->config->scram_fault,
        .iterations = sasl->config->iterations,
    };
}

static enum serve_sasl_result step_scram(struct serve_sasl *sasl, struct serve_span response) {
    if (sasl->step == 1) {
        set_up_scram(sasl);
        return serve_scram_first(&sasl->scram, response, sasl->challenge) ? SERVE_SASL_CHALLENGE : SERVE_SASL_BAD;
    }
    if (sasl->step > 2) {
        return verdict(response.size == 0 && sasl->scram.fault != SERVE_SCRAM_ERROR);
    }
    if (!serve_scram_final(&sasl->scram, response, sasl->challenge)) {
        return SERVE_SASL_BAD;
    }
    return sasl->scram.fault == SERVE_SCRAM_NO_SIGNATURE ? SERVE_SASL_GOOD : SERVE_SASL_CHALLENGE;
}

enum serve_sasl_result serve_sasl_step(struct serve_sasl *sasl, struct serve_span response) {
    sasl->step++;
    if (sasl->config->endless) {
        return ask(sasl, "and what else?");
    }
    switch (sasl->mechanism) {
    case SERVE_PLAIN: return step_plain(sasl, response);
    case SERVE_LOGIN: return step_login(sasl, response);
    case SERVE_CRAM_MD5: return step_cram(sasl, response);
    case SERVE_EXTERNAL: return step_external(sasl, response);
    case SERVE_OAUTHBEARER:
    case SERVE_XOAUTH2: return step_oauth(sasl, response);
    default: return step_scram(sasl, response);
    }
}

enum serve_sasl_result serve_sasl_start(struct serve_sasl *sasl, struct serve_span response) {
    sasl->step = 0;
    if (sasl->mechanism == SERVE_CRAM_MD5) {
        bool made = response.data == NULL && serve_stamp_make(sasl->stamp);

        return made ? ask(sasl, sasl->stamp) : SERVE_SASL_BAD;
    }
    if (response.data != NULL) {
        return serve_sasl_step(sasl, response);
    }
    return ask(sasl, sasl->mechanism == SERVE_LOGIN ? "Username:" : "");
}

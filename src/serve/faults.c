/* SPDX-License-Identifier: MIT */
/* Reading and finding fault rules. Refuses to know what a session does with them. */
#include "serve/faults.h"

#include "serve/escape.h"

#include <string.h>

enum value_kind { VALUE_NONE, VALUE_NUMBER, VALUE_TEXT };

static const struct {
    enum value_kind value;
    bool needs_verb;
    bool value_optional;
} shapes[] = {
    [SERVE_FAULT_ERR] = {VALUE_TEXT, true, true},         [SERVE_FAULT_REPLY] = {VALUE_TEXT, true, false},
    [SERVE_FAULT_UNSOLICITED] = {VALUE_TEXT, true, true}, [SERVE_FAULT_SILENT] = {VALUE_NONE, true, true},
    [SERVE_FAULT_CLOSE] = {VALUE_NONE, true, true},       [SERVE_FAULT_RENEGOTIATE] = {VALUE_NONE, true, true},
    [SERVE_FAULT_ENDLESS] = {VALUE_NONE, true, true},     [SERVE_FAULT_DROP] = {VALUE_NUMBER, false, false},
    [SERVE_FAULT_DELAY] = {VALUE_NUMBER, false, false},   [SERVE_FAULT_TEXT_LENGTH] = {VALUE_NUMBER, false, false},
};

static const char *read_value(struct serve_fault *fault, char *value) {
    if (shapes[fault->kind].value == VALUE_NONE) {
        return "takes a verb only";
    }
    fault->text = (struct serve_span){value, serve_unescape(value, strlen(value))};
    if (fault->text.size == SIZE_MAX) {
        return "has an escape other than \\r \\n \\t \\0 \\\\ \\xNN";
    }
    if (shapes[fault->kind].value == VALUE_NUMBER && !serve_number_parse(fault->text, &fault->number)) {
        return "needs a number";
    }
    return NULL;
}

const char *serve_fault_add(struct serve_faults *faults, enum serve_fault_kind kind, char *argument) {
    struct serve_fault fault = {.kind = kind, .verb = SERVE_UNKNOWN};
    char *equals = strchr(argument, '=');
    size_t name = equals != NULL ? (size_t)(equals - argument) : strlen(argument);
    char *value = equals != NULL ? equals + 1 : NULL;
    const char *wrong;

    if (faults->count == SERVE_FAULTS_MOST) {
        return "is one fault too many";
    }
    fault.verb = serve_verb_find(argument, name);
    if (fault.verb == SERVE_UNKNOWN) {
        if (shapes[kind].needs_verb || equals != NULL) {
            return "names no verb (GREETING, APOP, AUTH, CAPA, DELE, LIST, NOOP, PASS, QUIT, RETR, RSET, STAT, STLS, "
                   "TOP, "
                   "UIDL, USER)";
        }
        fault.any_verb = true;
        value = argument;
    }
    if (value == NULL && !shapes[kind].value_optional) {
        return "needs a value behind the verb: VERB=VALUE";
    }
    wrong = value != NULL ? read_value(&fault, value) : NULL;
    if (wrong == NULL) {
        faults->rule[faults->count++] = fault;
    }
    return wrong;
}

const struct serve_fault *serve_fault_find(const struct serve_faults *faults, enum serve_fault_kind kind,
                                           enum serve_verb verb) {
    const struct serve_fault *general = NULL;

    for (unsigned i = 0; i < faults->count; i++) {
        const struct serve_fault *rule = &faults->rule[i];

        if (rule->kind == kind && !rule->any_verb && rule->verb == verb) {
            return rule;
        }
        if (rule->kind == kind && rule->any_verb && general == NULL) {
            general = rule;
        }
    }
    return general;
}

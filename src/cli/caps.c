/* SPDX-License-Identifier: MIT */
/* `satchel caps`: what the server announces, and what that means. */
#include "cli/capabilities.h"
#include "cli/cli.h"
#include "cli/look.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* ---- Meanings ---- */

static const struct {
    const char *name;
    const char *meaning;
} meanings[] = {
    {"CAPA", "the server tells what it can do"},
    {"TOP", "headers can be read without the message"},
    {"USER", "login by user name and password as they are"},
    {"UIDL", "messages have unique ids, which tell known ones from new ones"},
    {"SASL", "mechanisms for the login"},
    {"STLS", "TLS can begin on this connection"},
    {"PIPELINING", "commands may be sent ahead of replies: many messages in few round trips"},
    {"RESP-CODES", "refusals say why, for programs"},
    {"AUTH-RESP-CODE", "a refused login says whether the credentials are wrong"},
    {"LOGIN-DELAY", "seconds that have to pass between two logins"},
    {"EXPIRE", "days that messages stay on the server"},
    {"UTF8", "names and passwords beyond ASCII; messages with UTF-8 headers"},
    {"LANG", "texts in other languages"},
    {"IMPLEMENTATION", "the server's program"},
};

const char *capability_split(const char *line, char name[CAPABILITY_NAME_MOST]) {
    size_t n = strcspn(line, " ");
    size_t kept = n < CAPABILITY_NAME_MOST ? n : CAPABILITY_NAME_MOST - 1;

    while (kept < n && kept != 0 && ((unsigned char)line[kept] & 0xC0U) == 0x80) {
        kept--; /* no character in two */
    }
    for (size_t i = 0; i < kept; i++) {
        name[i] = line[i] >= 'a' && line[i] <= 'z' ? (char)(line[i] - 'a' + 'A') : line[i];
    }
    name[kept] = '\0';
    return line + n + strspn(line + n, " ");
}

const char *capability_meaning(const char *name) {
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strcmp(meanings[i].name, name) == 0) {
            return meanings[i].meaning;
        }
    }
    return "";
}

/* ---- The command ---- */

static void print_json(const char *name, const char *values, const char *meaning) {
    json_t *object = json_pack("{ss ss ss}", "name", name, "values", values, "meaning", meaning);

    (void)json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    (void)fputc('\n', stdout);
}

static void print_line(const char *name, const char *values, const char *meaning) {
    const char *between = values[0] != '\0' && meaning[0] != '\0' ? ": " : "";

    (void)printf("%-15s %s%s%s\n", name, meaning, between, values);
}

static int print_all(const struct look *look) {
    char name[CAPABILITY_NAME_MOST];
    const char *line;
    size_t i;

    for (i = 0; (line = pop3_client_capability_line(look->client, i)) != NULL; i++) {
        const char *values = capability_split(line, name);

        (look->options.json ? print_json : print_line)(name, values, capability_meaning(name));
    }
    if (i == 0 && !look->options.quiet) {
        (void)fprintf(stderr, "satchel caps: %s does not tell what it can do\n", look->account->host);
    }
    return look_flush(look);
}

static int caps(struct look *look) {
    int code = look->options.login ? look_log_in(look) : look_client(look, false);

    if (code == EX_OK && !look->options.login) {
        code = look_judge(look, pop3_client_probe(look->client));
    }
    if (code != EX_OK) {
        return code;
    }
    code = print_all(look);
    (void)pop3_client_quit(look->client);
    return code;
}

int cli_caps(int argc, char **argv) {
    return look_run(LOOK_CAPS, argc, argv, caps);
}

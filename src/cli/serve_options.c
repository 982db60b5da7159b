/* SPDX-License-Identifier: MIT */
/* One table of options: what getopt_long reads and what --help prints. Refuses to know how the server works. */
#include "cli/serve_options.h"

#include "serve/escape.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

enum row_type {
    ROW_TITLE,
    ROW_FLAG,
    ROW_TEXT,
    ROW_U16,
    ROW_U32,
    ROW_U64,
    ROW_WORD,
    ROW_SPAN,
    ROW_MECHANISMS,
    ROW_FAULT
};

struct row {
    const char *name;  /* of a title: the title */
    const char *value; /* of ROW_WORD: all of them, separated by "|"; the index is what is stored */
    enum row_type type;
    size_t where; /* offset in struct serve_options; of a fault: its kind */
    const char *help;
};

#define COLUMN 26 /* width of the options in --help */
#define FIELD(name) offsetof(struct serve_options, name)

static const struct row rows[] = {
    {"Mail", NULL, ROW_TITLE, 0, NULL},
    {"maildir", "DIR", ROW_TEXT, FIELD(config.maildir), "serve this Maildir; without it two sample messages"},
    {"writable", NULL, ROW_FLAG, FIELD(config.writable), "QUIT removes files; otherwise deletions stay in memory"},
    {"octets", NULL, ROW_FLAG, FIELD(config.octets), "send files as they are; otherwise each LF becomes CRLF"},

    {"User", NULL, ROW_TITLE, 0, NULL},
    {"sample", NULL, ROW_FLAG, FIELD(sample), "user mrose, password mvan99, APOP secret tanstaaf"},
    {"user", "NAME", ROW_TEXT, FIELD(config.user), "the user (mrose)"},
    {"password", "TEXT", ROW_TEXT, FIELD(config.password), "for USER and PASS"},
    {"apop-secret", "TEXT", ROW_TEXT, FIELD(config.apop_secret),
     "for APOP; with one of these two only that is offered,"},
    {NULL, NULL, ROW_TITLE, 0, "with none both are random"},
    {"auth", "LIST", ROW_MECHANISMS, 0, "mechanisms for AUTH: PLAIN,SCRAM-SHA-256 or all (none)"},
    {"token", "TEXT", ROW_TEXT, FIELD(config.sasl.token), "for OAUTHBEARER and XOAUTH2"},
    {"allow-plaintext", NULL, ROW_FLAG, FIELD(config.sasl.allow_plaintext), "PLAIN, LOGIN and tokens without TLS too"},
    {"iterations", "N", ROW_U32, FIELD(config.sasl.iterations), "of SCRAM (4096)"},
    {"stamp", "STAMP", ROW_TEXT, FIELD(config.stamp), "the same APOP timestamp in every greeting"},

    {"Server", NULL, ROW_TITLE, 0, NULL},
    {"listen", "ADDRESS", ROW_TEXT, FIELD(config.address), "numeric IPv4 or IPv6 address (127.0.0.1)"},
    {"port", "N", ROW_U16, FIELD(config.port), "0, the default: the kernel chooses"},
    {"port-file", "FILE", ROW_TEXT, FIELD(port_file), "write the port there when ready, remove it at the end"},
    {"name", "TEXT", ROW_TEXT, FIELD(config.name), "name of the host in the first and last reply"},
    {"autologout", "SECONDS", ROW_U32, FIELD(config.autologout_s), "close a connection after that silence (600)"},
    {"once", "N", ROW_U64, FIELD(config.sessions_most), "end after N sessions"},
    {"quiet", NULL, ROW_FLAG, FIELD(quiet), "do not print address and credentials"},
    {"trace", NULL, ROW_FLAG, FIELD(trace), "the dialogue on stderr, secrets masked"},
    {"trace-secrets", NULL, ROW_FLAG, FIELD(config.trace.secrets), "the same with secrets"},
    {"trace-numbers", NULL, ROW_FLAG, FIELD(config.trace.numbers), "the same, session number before each line"},
    {"help", NULL, ROW_FLAG, FIELD(help), "this text"},

    {"TLS", NULL, ROW_TITLE, 0, NULL},
    {"tls", "off|stls|implicit", ROW_WORD, FIELD(tls.mode), "by STLS, or from the first octet on (off)"},
    {"cert", "FILE", ROW_TEXT, FIELD(tls.certificate_file), "certificate in PEM; without it one is made at the start"},
    {"key", "FILE", ROW_TEXT, FIELD(tls.key_file), "its key; without this option in the same file"},
    {"ca-out", "FILE", ROW_TEXT, FIELD(tls.ca_out), "write whom clients must trust: the made certificate's CA"},
    {"client-ca", "FILE", ROW_TEXT, FIELD(tls.client_ca_file), "ask for client certificates of that CA"},
    {"tls-version", "any|1.0|1.1|1.2|1.3", ROW_WORD, FIELD(tls.version), "that one only; any: 1.2 and 1.3 (any)"},

    {"Faults of TLS", NULL, ROW_TITLE, 0, NULL},
    {"cert-fault", "none|expired|early|name|self-signed", ROW_WORD, FIELD(tls.made),
     "no more or not yet valid, for another name, without a CA"},
    {"alpn", "NAME", ROW_TEXT, FIELD(tls.alpn), "answer that, whatever protocols the client offers"},
    {"no-close-notify", NULL, ROW_FLAG, FIELD(tls.no_close_notify), "end connections without the end of TLS"},
    {"renegotiate", "VERB", ROW_FAULT, SERVE_FAULT_RENEGOTIATE, "in TLS 1.2 ask for that before its answer"},
    {"clear-capa", "TEXT", ROW_SPAN, FIELD(config.clear_capa), "before TLS CAPA lists only these lines"},

    {"Faults of AUTH", NULL, ROW_TITLE, 0, NULL},
    {"scram-fault", "none|signature|no-signature|error|nonce", ROW_WORD, FIELD(config.sasl.scram_fault),
     "wrong v=, success without it, e= in its place, another nonce"},
    {"endless-challenge", NULL, ROW_FLAG, FIELD(config.sasl.endless), "a challenge behind each response"},

    {"Faults (VERB: GREETING or a command; [VERB=]N: for every verb without one)", NULL, ROW_TITLE, 0, NULL},
    {"err", "VERB[=TEXT]", ROW_FAULT, SERVE_FAULT_ERR, "refuse it with -ERR TEXT, e.g. 'PASS=[SYS/TEMP] busy'"},
    {"reply", "VERB=TEXT", ROW_FAULT, SERVE_FAULT_REPLY, "do it, but answer TEXT and CRLF, whatever TEXT is"},
    {"unsolicited", "VERB[=TEXT]", ROW_FAULT, SERVE_FAULT_UNSOLICITED, "send one more line behind its answer"},
    {"unsolicited-pause", "MS", ROW_U32, FIELD(config.faults.unsolicited_ms),
     "that much later, not in the same segment"},
    {"silent", "VERB", ROW_FAULT, SERVE_FAULT_SILENT, "ignore it and all that follows"},
    {"close", "VERB", ROW_FAULT, SERVE_FAULT_CLOSE, "close the connection instead of doing it"},
    {"endless", "VERB", ROW_FAULT, SERVE_FAULT_ENDLESS, "answer with a status line that never ends"},
    {"text-length", "[VERB=]N", ROW_FAULT, SERVE_FAULT_TEXT_LENGTH, "make the text behind +OK or -ERR N octets long"},
    {"drop", "[VERB=]N", ROW_FAULT, SERVE_FAULT_DROP, "close after N octets of its answer, or of all output"},
    {"delay", "[VERB=]MS", ROW_FAULT, SERVE_FAULT_DELAY, "wait before the answer"},
    {"split", "N", ROW_U32, FIELD(config.faults.split), "send at most N octets at once"},
    {"split-pause", "MS", ROW_U32, FIELD(config.faults.split_pause_ms), "and wait so long in between (1)"},
    {"coalesce", "MS", ROW_U32, FIELD(config.faults.coalesce_ms), "send when nothing was added for so long"},
    {"lf-only", NULL, ROW_FLAG, FIELD(config.faults.lf_only), "end all lines with LF alone"},
    {"no-stuffing", NULL, ROW_FLAG, FIELD(config.faults.no_stuffing), "do not double the dots at line starts"},
    {"no-final-crlf", NULL, ROW_FLAG, FIELD(config.faults.no_final_crlf), "the final dot follows an unfinished line"},
};

#define ROWS (sizeof rows / sizeof rows[0])

void serve_options_help(FILE *file) {
    (void)fputs("Usage: satchel serve [OPTION...]\n\n"
                "Serves one maildrop by POP3 to this machine, until SIGINT or SIGTERM.\n",
                file);
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        char left[64] = "";
        int size = 0;

        if (row->type == ROW_TITLE && row->name != NULL) {
            (void)fprintf(file, "\n%s:\n", row->name);
            continue;
        }
        if (row->name != NULL) {
            size = snprintf(left, sizeof left, "--%s%s%s", row->name, row->value != NULL ? " " : "",
                            row->value != NULL ? row->value : "");
        }
        if (size > COLUMN) {
            (void)fprintf(file, "  %s\n", left);
            left[0] = '\0';
        }
        (void)fprintf(file, "  %-*s %s\n", COLUMN, left, row->help);
    }
    (void)fputs("\nTEXT may contain \\r \\n \\t \\0 \\\\ \\xNN. Faults may be combined and repeated for other verbs.\n",
                file);
}

static bool complain(const struct row *row, const char *value, const char *wrong) {
    (void)fprintf(stderr, "satchel serve: --%s %s %s\n", row->name, value, wrong);
    return false;
}

static bool read_number(const struct row *row, const char *value, uint64_t most, uint64_t *number) {
    struct serve_span text = {value, strlen(value)};

    if (!serve_number_parse(text, number)) {
        return complain(row, value, "is no number");
    }
    return *number <= most || complain(row, value, "is too large");
}

/* The place of `value` among the words of the row. */
static bool read_word(const struct row *row, const char *value, unsigned *index) {
    size_t size = strlen(value);
    unsigned place = 0;

    for (const char *word = row->value; word != NULL; place++) {
        const char *bar = strchr(word, '|');
        size_t length = bar != NULL ? (size_t)(bar - word) : strlen(word);

        if (length == size && memcmp(word, value, size) == 0) {
            *index = place;
            return true;
        }
        word = bar != NULL ? bar + 1 : NULL;
    }
    (void)fprintf(stderr, "satchel serve: --%s %s: it is one of %s\n", row->name, value, row->value);
    return false;
}

static bool read_span(const struct row *row, char *value, struct serve_span *span) {
    *span = (struct serve_span){value, serve_unescape(value, strlen(value))};
    return span->size != SIZE_MAX || complain(row, value, "has an escape other than \\r \\n \\t \\0 \\\\ \\xNN");
}

static bool apply(struct serve_options *options, const struct row *row, char *value) {
    void *where = (char *)options + (row->type != ROW_FAULT ? row->where : 0);
    uint64_t number = 0;
    bool good = true;

    switch (row->type) {
    case ROW_TITLE: break;
    case ROW_FLAG: *(bool *)where = true; break;
    case ROW_TEXT: *(const char **)where = value; break;
    case ROW_U16:
        good = read_number(row, value, UINT16_MAX, &number);
        *(uint16_t *)where = (uint16_t)number;
        break;
    case ROW_U32:
        good = read_number(row, value, UINT32_MAX, &number);
        *(uint32_t *)where = (uint32_t)number;
        break;
    case ROW_U64:
        good = read_number(row, value, UINT64_MAX, &number);
        *(uint64_t *)where = number;
        break;
    case ROW_WORD: return read_word(row, value, where);
    case ROW_SPAN: return read_span(row, value, where);
    case ROW_MECHANISMS:
        return serve_mechanisms_read(value, &options->config.sasl.offered) ||
               complain(row, value, "names a mechanism that is unknown");
    case ROW_FAULT: {
        const char *wrong = serve_fault_add(&options->config.faults, (enum serve_fault_kind)row->where, value);

        good = wrong == NULL || complain(row, value, wrong);
        break;
    }
    }
    return good;
}

static bool has_control(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            return true;
        }
    }
    return false;
}

/* Texts that become part of lines, or that clients must be able to send in one. */
static bool check_texts(const struct serve_config *config) {
    const char *const texts[] = {config->user,  config->password, config->apop_secret,
                                 config->stamp, config->name,     config->sasl.token};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i] != NULL && (has_control(texts[i]) || strlen(texts[i]) > 128)) {
            return false;
        }
    }
    return config->user[0] != '\0' && strchr(config->user, ' ') == NULL &&
           (config->password == NULL || config->password[0] != '\0');
}

/* What is wrong with the options together, or NULL. */
static const char *check(const struct serve_options *options) {
    const struct serve_config *config = &options->config;
    const struct serve_tls_options *tls = &options->tls;

    if (!check_texts(config)) {
        return "user, password, secret, token, stamp and name have at most 128 octets and no control octets, the user "
               "no "
               "blank; "
               "user and password are not empty";
    }
    if (config->writable && config->maildir == NULL) {
        return "--writable needs --maildir";
    }
    if (tls->mode == SERVE_TLS_OFF &&
        (tls->certificate_file != NULL || tls->ca_out != NULL || tls->client_ca_file != NULL)) {
        return "--cert, --ca-out and --client-ca need --tls stls or --tls implicit";
    }
    if (tls->certificate_file == NULL && tls->key_file != NULL) {
        return "--key needs --cert";
    }
    if (tls->certificate_file != NULL && (tls->ca_out != NULL || tls->made != SERVE_CERTIFICATE_GOOD)) {
        return "--ca-out and --cert-fault are for certificates made at the start, without --cert";
    }
    return config->autologout_s == 0 ? "--autologout 0 would end every session at once" : NULL;
}

bool serve_options_read(struct serve_options *options, int argc, char **argv) {
    struct option table[ROWS + 1] = {{NULL, 0, NULL, 0}};
    size_t count = 0;
    int found;

    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].type != ROW_TITLE) {
            table[count++] = (struct option){rows[i].name, rows[i].value != NULL ? required_argument : no_argument,
                                             NULL, (int)(256 + i)};
        }
    }
    while ((found = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        if (found == 'h') {
            options->help = true;
        } else if (found < 256 || !apply(options, &rows[found - 256], optarg)) {
            return false;
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "satchel serve: \"%s\" is no option; `satchel serve --help` lists them\n", argv[optind]);
        return false;
    }
    const char *wrong = options->help ? NULL : check(options);

    if (wrong != NULL) {
        (void)fprintf(stderr, "satchel serve: %s\n", wrong);
    }
    return wrong == NULL;
}

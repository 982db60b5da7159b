/* SPDX-License-Identifier: MIT */
/*
 * Accounts: what they are, where they come from (configuration file or URL), and their credentials. Refuses to connect, to
 * print and to know what is done with mail.
 *
 *     account_config_read(&config, NULL)          or     account = account_from_url(url, &error);
 *     account = account_find(&config, name, &error);
 *     account_set(account, "keep", "30d", &error);       as often as there are options
 *     account_check(account, &error);                    always, before the account is used
 *     account_credentials_get(&credentials, account, true, &error);
 *     account_client_options(account, &credentials, &options);      pop3_client_new() copies what they borrow
 *     account_credentials_wipe(&credentials);
 */
#ifndef SATCHEL_ACCOUNT_ACCOUNT_H
#define SATCHEL_ACCOUNT_ACCOUNT_H

#include <satchel/pop3_client.h>

/* ---- Errors ---- */

enum account_fault {
    ACCOUNT_FINE,
    ACCOUNT_WRONG,          /* the configuration, a URL, an option: 78 or 64, see sysexits.h */
    ACCOUNT_NO_CREDENTIALS, /* none to be had: 77 */
    ACCOUNT_SYSTEM,         /* this machine: 71 */
    ACCOUNT_INTERRUPTED     /* by a signal, at the prompt; its handler has run */
};

/* Texts end with NUL, have no secrets, and are safe to print. */
struct account_error {
    enum account_fault fault;
    char what[512]; /* no full stop */
    char hint[256]; /* what to do, or "" */
};

/* ---- Keys ---- */

enum account_scope {
    ACCOUNT_SCOPE_ACCOUNT, /* in the section of an account, and as an option --NAME VALUE */
    ACCOUNT_SCOPE_SECTION, /* in the section only */
    ACCOUNT_SCOPE_TOP      /* outside of sections */
};

struct account;
struct account_value;

/* A key of the configuration file. From this table come help, manual page, completions and what is accepted. */
struct account_key {
    const char *name;
    enum account_scope scope;
    const char *values;   /* how a value looks: "FILE", "on|off" */
    const char *standard; /* the value without the key, "" where there is none */
    const char *meaning;  /* a sentence without capital and full stop */
    bool (*set)(struct account *account, const struct account_value *value); /* NULL: of no account */
};

/* All keys, in the order of the manual page. */
const struct account_key *account_keys(size_t *count);

/* NULL: there is none of that name. */
const struct account_key *account_key_find(const char *name);

/* ---- Accounts ---- */

enum account_keep_kind { ACCOUNT_KEEP_ALL, ACCOUNT_KEEP_NONE, ACCOUNT_KEEP_DAYS, ACCOUNT_KEEP_NEWEST };

struct account_keep {
    enum account_keep_kind kind;
    uint32_t n; /* days or messages */
};

enum account_order { ACCOUNT_OLDEST_FIRST, ACCOUNT_NEWEST_FIRST };
enum account_line_ends { ACCOUNT_LINE_ENDS_LF, ACCOUNT_LINE_ENDS_KEEP }; /* D-25; KEEP: as they come */
enum account_destination_kind { ACCOUNT_TO_NOTHING, ACCOUNT_TO_MAILDIR, ACCOUNT_TO_MBOX };

struct account_destination {
    enum account_destination_kind kind;
    char *path; /* absolute, without ~; NULL: to nothing */
};

/* To be read; only account_set() changes it. Texts that were not given are NULL, numbers are what counts then. */
struct account {
    char *name; /* the section's title; NULL: from a URL */

    /* The server. */
    char *host;
    uint16_t port;
    pop3_tls_mode tls;
    const char *user; /* NULL only where `auth` is EXTERNAL alone */
    const char *auth; /* mechanisms, blanks between; NULL: any that is safe */
    char *ca_file;
    char *pin;
    bool verify_pin_only;
    char *client_cert;
    char *client_key;
    char *alpn; /* "": not sent */
    pop3_client_pipelining pipelining;
    uint32_t connect_ms;
    uint32_t reply_ms;
    uint32_t session_ms;

    /* Where credentials come from: one of these at most. */
    char *password; /* in memory of its own, see account_secret_new() */
    char *password_command;
    char *password_file;
    char *token_command;

    /* What to do with messages. */
    struct account_destination to;
    struct account_keep keep;
    uint64_t max_message_octets;
    uint32_t max_messages; /* a session; UINT32_MAX: all */
    enum account_order order;
    enum account_line_ends line_ends;

    /* What `user`, `auth` and `tls` come from. */
    char *key_user;
    char *url_user;
    char *key_auth;
    char *url_auth;
    bool tls_off;
    bool implicit; /* pops:// */
};

/*
 * Where nothing else says so an account keeps everything (D-28). R-2384-02: it gets credentials from its own options and
 * from the prompt, never from netrc. NULL: *error.
 */
struct account *account_from_url(const char *url, struct account_error *error);
void account_free(struct account *account);

/* As --KEY VALUE on the command line: relative paths begin here. False: *error, and the account is as before. */
bool account_set(struct account *account, const char *key, const char *value, struct account_error *error);

/* What one key alone does not tell: is something missing, does one contradict another. */
bool account_check(const struct account *account, struct account_error *error);

/* What its user should be told each time, or NULL: passwords and mail in clear text. */
const char *account_warning(const struct account *account);

/* What people know it by, safe to print: its name, or the host of a URL. */
const char *account_title(const struct account *account);

/*
 * D-27: lower-case host NUL user NUL port, 995 also for 110. The same server and mailbox have the same identity whatever the
 * section is called. Returns its length; out has ACCOUNT_IDENTITY_MOST octets.
 */
enum { ACCOUNT_IDENTITY_MOST = 528 };
size_t account_identity(const struct account *account, char *out);

/* ---- The configuration file ---- */

struct account_problem {
    unsigned line; /* 0: the file as a whole */
    char text[1024];
};

struct account_config {
    char *path;
    struct account **accounts; /* in the order of the file */
    size_t count;
    uint32_t jobs;                    /* sessions side by side */
    struct account_problem *problems; /* in the order of the file */
    size_t problem_count;
    bool absent; /* there is no such file: no problem, and no accounts */
};

/*
 * Reads a file, NULL: the one that account_config_path() names. False if it has problems: no account of it should be used.
 * account_config_free() in any case. One thread at a time.
 */
bool account_config_read(struct account_config *config, const char *path);
void account_config_free(struct account_config *config);

/* $SATCHEL_CONFIG, $XDG_CONFIG_HOME/satchel/config, ~/.config/satchel/config: to be freed. NULL: there is no home. */
char *account_config_path(void);

/* The account of that name, which `config` owns. NULL: *error, with the name that is probably meant. */
struct account *account_find(const struct account_config *config, const char *name, struct account_error *error);

/* A commented sample, for `satchel config init`. */
extern const char account_config_sample[];

/* ---- Credentials (R-CRED-01, R-CRED-02) ---- */

struct account_credentials {
    char *password; /* at most one of the two; memory of account_secret_new() */
    char *token;
};

/* At the start of a command that handles secrets: no core file (R-CRED-02). */
void account_protect_process(void);

/*
 * From what the account names; an account of the configuration that names nothing: from systemd's credentials, then from
 * ~/.netrc; last, if may_ask, from the terminal. None is needed where `auth` is EXTERNAL alone. False: *error, and
 * *credentials is empty. Blocks as long as the user types, commands 60 s. Who may ask does so from one thread.
 */
bool account_credentials_get(struct account_credentials *credentials, const struct account *account, bool may_ask,
                             struct account_error *error);
void account_credentials_wipe(struct account_credentials *credentials);

/* A copy of n octets and a NUL that no core file has, or NULL. Wiped when freed; NULL is no harm. */
char *account_secret_new(const char *octets, size_t n);
void account_secret_free(char *secret);

/* ---- The client ---- */

/* Sets all of *options but the trace. They borrow from both; `credentials` may be NULL. */
void account_client_options(const struct account *account, const struct account_credentials *credentials,
                            pop3_client_options *options);

/* Of what was cancelled; who catches signals knows which one it was, and says 128 and its number. */
#define ACCOUNT_EXIT_CANCELLED 130

/* The exit code of a failed call (D-26). `reached`: there was a connection; `from_url`: the options are the command line's. */
int account_exit_code(const pop3_client_error *error, bool reached, bool from_url);

#endif

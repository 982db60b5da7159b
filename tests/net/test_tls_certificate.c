/* SPDX-License-Identifier: MIT */
/* Which certificates a client of TLS accepts, and what it says of the others (R-TLS-09, R-TLS-10, R-TLS-18). */
#define _GNU_SOURCE

#include "trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY INT64_C(86400)

static void expect(struct trial *trial, const struct net_certificate *certificate, struct net_tls_options options,
                   enum net_error_kind kind) {
    assert_int_equal(verdict_on(trial, certificate, options), kind);
}

static void assert_says(const struct trial *trial, const char *part) {
    if (strstr(trial->error.text, part) == NULL) {
        fail_msg("'%s' does not say '%s'", trial->error.text, part);
    }
}

static void test_R_TLS_09_a_good_certificate(void **state) {
    struct trial trial;

    (void)state;
    expect(&trial, ours.leaf, strict(&ours), NET_ERROR_NONE);
    assert_true(trial.seen.peer && trial.seen.trusted);
    assert_string_equal(trial.seen.verdict, "the certificate of pop.example.org is good");
    assert_string_equal(trial.seen.names, TRIAL_HOST);
    assert_string_equal(trial.seen.issuer, "CN=Satchel trial CA,O=Satchel trial");
    assert_string_equal(trial.seen.key, "EC prime256v1");
}

/* name: what the certificate has, with its length where a NUL is inside; host: what was configured. */
static const struct {
    const char *name;
    size_t size;
    const char *host;
    bool match;
} identities[] = {
    {"pop.example.org", 0, "pop.example.org", true},
    {"pop.example.org", 0, "POP.Example.ORG", true},
    {"POP.EXAMPLE.ORG", 0, "pop.example.org", true},
    {"pop.example.org", 0, "pop.example.org.", true},
    {"pop.example.org", 0, "example.org", false},
    {"example.org", 0, "pop.example.org", false},
    {"pop.example.com", 0, "pop.example.org", false},
    {"*.example.org", 0, "pop.example.org", true},
    {"*.example.org", 0, "a.pop.example.org", false}, /* one label only */
    {"*.example.org", 0, "example.org", false},
    {"*.pop.example.org", 0, "pop.example.org", false},
    {"p*.example.org", 0, "pop.example.org", false}, /* whole labels only */
    {"*p.example.org", 0, "pop.example.org", false},
    {"p*p.example.org", 0, "pop.example.org", false},
    {"pop.*.org", 0, "pop.example.org", false}, /* the left-most label only */
    {"*.*.org", 0, "pop.example.org", false},
    {"*.org", 0, "example.org", false},
    {"*", 0, "localhost", false},
    {"xn--mnchen-3ya.example", 0, "m\xc3\xbcnchen.example", true},
    {"xn--mnchen-3ya.example", 0, "xn--mnchen-3ya.example", true},
    {"*.example", 0, "m\xc3\xbcnchen.example", false},
    {"*.example.org", 0, "m\xc3\xbcnchen.example.org", true},
    {"xn--*.example.org", 0, "m\xc3\xbcnchen.example.org", false},
    {"pop.example.org\0.evil.test", 26, "pop.example.org", false}, /* A-12, R-TLS-10 */
    {"pop.example.org\0", 16, "pop.example.org", false},
    {"\0pop.example.org", 16, "pop.example.org", false},
    {"pop.example.org\n", 16, "pop.example.org", false},
    {" pop.example.org", 16, "pop.example.org", false},
    {"192.0.2.1", 0, "192.0.2.1", true}, /* an iPAddress */
    {"192.0.2.1", 0, "192.0.2.2", false},
    {"192.0.2.1", 9, "192.0.2.1", false}, /* a dNSName that looks like one */
    {"*.0.2.1", 0, "192.0.2.1", false},
    {"2001:db8::1", 0, "2001:db8::1", true},
    {"2001:db8::1", 0, "2001:DB8:0::1", true},
    {"2001:db8::1", 0, "2001:db8::2", false},
    {"fe80::1", 0, "fe80::1%lo", true}, /* the scope is this machine's own */
    {"pop.example.org", 0, "192.0.2.1", false},
};

static void test_R_TLS_09_identity_table(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(identities); i++) {
        const struct net_certificate_name name = {identities[i].name, identities[i].size};
        struct net_certificate *leaf =
            make_certificate(&(struct net_certificate_recipe){.names = &name, .name_count = 1}, ours.root);
        struct net_tls_options options = strict(&ours);
        struct trial trial;

        options.host = identities[i].host;
        if (verdict_on(&trial, leaf, options) != (identities[i].match ? NET_ERROR_NONE : NET_ERROR_IDENTITY)) {
            fail_msg("row %zu: %s for %s: %s", i, identities[i].name, identities[i].host, trial.error.text);
        }
        net_certificate_free(leaf);
    }
}

static void test_R_TLS_09_common_name_is_no_identity(void **state) {
    struct net_certificate *bare =
        make_certificate(&(struct net_certificate_recipe){.common_name = TRIAL_HOST}, ours.root);
    const struct net_certificate_name name = {"192.0.2.1", 0};
    struct net_certificate *with_address = make_certificate(
        &(struct net_certificate_recipe){.common_name = TRIAL_HOST, .names = &name, .name_count = 1}, ours.root);
    struct trial trial;

    (void)state;
    expect(&trial, bare, strict(&ours), NET_ERROR_IDENTITY);
    assert_says(&trial, "it has no subjectAltName");
    expect(&trial, with_address, strict(&ours), NET_ERROR_IDENTITY);
    assert_says(&trial, "the certificate is for 192.0.2.1, not for pop.example.org");
    net_certificate_free(bare);
    net_certificate_free(with_address);
}

static void test_A_12_octets_of_names_are_shown_harmless(void **state) {
    const struct net_certificate_name name = {"a\0\x1b[31m\xff.example.org", 20};
    struct net_certificate *leaf = make_certificate(
        &(struct net_certificate_recipe){.common_name = "\x1b]0;owned\a", .names = &name, .name_count = 1}, ours.root);
    struct trial trial;

    (void)state;
    expect(&trial, leaf, strict(&ours), NET_ERROR_IDENTITY);
    assert_says(&trial, "is for a\\x00\\x1B[31m\\xFF.example.org, not for");
    assert_string_equal(trial.seen.subject, "CN=\\1B]0\\;owned\\07,O=Satchel trial");
    net_certificate_free(leaf);
}

static void test_many_names_are_cut(void **state) {
    struct net_certificate_name names[60];
    struct net_certificate *leaf;
    struct trial trial;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        names[i] = (struct net_certificate_name){"a-rather-long-name.example.com", 0};
    }
    leaf = make_certificate(&(struct net_certificate_recipe){.names = names, .name_count = COUNT(names)}, ours.root);
    expect(&trial, leaf, strict(&ours), NET_ERROR_IDENTITY);
    assert_int_equal(strlen(trial.seen.names), NET_TLS_NAME_SIZE - 1);
    assert_string_equal(trial.seen.names + NET_TLS_NAME_SIZE - 4, "...");
    assert_says(&trial, "..., not for pop.example.org");
    net_certificate_free(leaf);
}

static void test_R_TLS_09_time(void **state) {
    const struct net_certificate_name name = {TRIAL_HOST, 0};
    struct net_certificate_recipe recipe = {.names = &name, .name_count = 1, .begins_s = -10 * DAY, .ends_s = -3 * DAY};
    struct net_certificate *expired = make_certificate(&recipe, ours.root);
    struct net_certificate *early;
    struct trial trial;

    (void)state;
    recipe.begins_s = 2 * DAY;
    recipe.ends_s = 9 * DAY;
    early = make_certificate(&recipe, ours.root);
    expect(&trial, expired, strict(&ours), NET_ERROR_EXPIRED);
    assert_says(&trial, "the certificate of pop.example.org expired on 20");
    assert_false(trial.seen.trusted);
    assert_int_equal(trial.seen.not_after - trial.seen.not_before, 7 * DAY);
    expect(&trial, early, strict(&ours), NET_ERROR_EXPIRED);
    assert_says(&trial, "is not valid before 20");
    net_certificate_free(expired);
    net_certificate_free(early);
}

static void test_an_expired_authority_is_named(void **state) {
    struct net_certificate *old = make_certificate(
        &(struct net_certificate_recipe){
            .authority = true, .common_name = "Old CA", .begins_s = -20 * DAY, .ends_s = -1 * DAY},
        NULL);
    struct net_certificate *leaf = make_leaf(TRIAL_HOST, old);
    struct net_tls_options options = strict(&ours);
    struct net_error error;
    struct trial trial;
    char path[128];

    (void)state;
    authority_path(&ours, "old.pem", path);
    assert_true(net_certificate_write(old, path, &error));
    options.ca_file = path;
    expect(&trial, leaf, options, NET_ERROR_EXPIRED);
    assert_says(&trial, "the CA certificate CN=Old CA,O=Satchel trial, which vouches for pop.example.org, expired on");
    net_certificate_free(old);
    net_certificate_free(leaf);
}

static void test_R_TLS_11_self_signed(void **state) {
    struct net_certificate *leaf = make_leaf(TRIAL_HOST, NULL);
    char pin[NET_TLS_PIN_SIZE];
    struct trial trial;

    (void)state;
    net_certificate_pin(leaf, pin);
    expect(&trial, leaf, strict(&ours), NET_ERROR_CERTIFICATE);
    assert_says(&trial, "is self-signed: nobody vouches for it");
    assert_non_null(strstr(trial.error.hint, pin));
    net_certificate_free(leaf);
}

static void test_R_TLS_11_unknown_authority(void **state) {
    struct net_certificate *leaf = make_leaf(TRIAL_HOST, ours.other);
    struct trial trial;

    (void)state;
    expect(&trial, leaf, strict(&ours), NET_ERROR_CERTIFICATE);
    assert_says(&trial, "comes from CN=Nobody's CA,O=Satchel trial, which is not trusted here");
    net_certificate_free(leaf);
}

/* With it all is well, without it the hint says what may be missing. */
static void test_missing_intermediate(void **state) {
    struct net_certificate *between =
        make_certificate(&(struct net_certificate_recipe){.authority = true, .common_name = "Between"}, ours.root);
    struct net_certificate *leaf = make_leaf(TRIAL_HOST, between);
    struct net_tls_server_options server = {.certificate = leaf, .intermediate = between};
    struct trial trial;

    (void)state;
    trial_start(&trial, &server, talk_echo);
    assert_true(trial_connect(&trial, strict(&ours)));
    assert_int_equal(trial.seen.chain, 2);
    assert_echo(&trial.stream);
    trial_stop(&trial);
    expect(&trial, leaf, strict(&ours), NET_ERROR_CERTIFICATE);
    assert_says(&trial, "comes from CN=Between,O=Satchel trial, which is not trusted here");
    assert_non_null(strstr(trial.error.hint, "intermediate"));
    net_certificate_free(between);
    net_certificate_free(leaf);
}

/* A leaf must not vouch for another: CVE-2002-0862 and its many heirs. */
static void test_a_leaf_is_no_authority(void **state) {
    struct net_certificate *leaf = make_leaf(TRIAL_HOST, ours.leaf);
    struct net_tls_server_options server = {.certificate = leaf, .intermediate = ours.leaf};
    struct trial trial;

    (void)state;
    trial_start(&trial, &server, talk_nothing);
    assert_false(trial_connect(&trial, strict(&ours)));
    assert_int_equal(trial.error.kind, NET_ERROR_CERTIFICATE);
    trial_stop(&trial);
    net_certificate_free(leaf);
}

static void test_R_TLS_18_pin_is_added_to_the_other_checks(void **state) {
    struct net_certificate *wrong_name = make_leaf("other.example.org", ours.root);
    struct net_tls_options options = strict(&ours);
    char both[2 * NET_TLS_PIN_SIZE];
    char good[NET_TLS_PIN_SIZE];
    char bad[NET_TLS_PIN_SIZE];
    struct trial trial;

    (void)state;
    net_certificate_pin(ours.leaf, good);
    net_certificate_pin(ours.root, bad);
    options.pin = good;
    expect(&trial, ours.leaf, options, NET_ERROR_NONE);
    assert_string_equal(trial.seen.pin, good);
    options.pin = bad;
    expect(&trial, ours.leaf, options, NET_ERROR_PIN);
    assert_says(&trial, good);
    (void)snprintf(both, sizeof both, "%s;%s", bad, good);
    options.pin = both;
    expect(&trial, ours.leaf, options, NET_ERROR_NONE);
    net_certificate_pin(wrong_name, good);
    options.pin = good;
    expect(&trial, wrong_name, options, NET_ERROR_IDENTITY);
    net_certificate_free(wrong_name);
}

static void test_R_TLS_18_the_pin_alone(void **state) {
    const struct net_certificate_name name = {"else.example.org", 0};
    struct net_certificate *poor = make_certificate(
        &(struct net_certificate_recipe){.names = &name, .name_count = 1, .begins_s = -9 * DAY, .ends_s = -DAY}, NULL);
    struct net_tls_options options = {.host = TRIAL_HOST, .verify_pin_only = true};
    char pin[NET_TLS_PIN_SIZE];
    struct trial trial;

    (void)state;
    net_certificate_pin(poor, pin);
    options.pin = pin;
    expect(&trial, poor, options, NET_ERROR_NONE);
    assert_false(trial.seen.trusted); /* it says so all the same */
    expect(&trial, ours.leaf, options, NET_ERROR_PIN);
    options.pin = NULL;
    expect(&trial, poor, options, NET_ERROR_CONFIG);
    net_certificate_free(poor);
}

static void test_pins_that_are_none(void **state) {
    static const char *const wrong[] = {
        "",
        ";",
        "sha256//",
        "sha256//AAAA",
        "SHA256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha1//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=", /* bits behind the last octet */
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_A=",
    };
    struct net_tls_options options = strict(&ours);
    struct trial trial;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        options.pin = wrong[i];
        expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
        assert_says(&trial, "is none");
    }
}

static void test_other_keys(void **state) {
    static const enum net_certificate_key keys[] = {NET_KEY_RSA_2048, NET_KEY_ED25519};
    static const char *const words[] = {"RSA 2048", "ED25519"};
    const struct net_certificate_name name = {TRIAL_HOST, 0};
    struct trial trial;

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct net_certificate *leaf = make_certificate(
            &(struct net_certificate_recipe){.names = &name, .name_count = 1, .key = keys[i]}, ours.root);

        expect(&trial, leaf, strict(&ours), NET_ERROR_NONE);
        assert_string_equal(trial.seen.key, words[i]);
        net_certificate_free(leaf);
    }
}

static void test_ca_dir_is_read_by_hash(void **state) {
    struct net_tls_options options = strict(&ours);
    char command[640];
    struct trial trial;

    (void)state;
    (void)snprintf(command, sizeof command,
                   "mkdir %s/dir && cp %s %s/dir && ln -s ca.pem %s/dir/$(openssl x509 -hash -noout -in %s).0",
                   ours.folder, ours.ca_file, ours.folder, ours.folder, ours.ca_file);
    assert_int_equal(system(command), 0);
    (void)snprintf(command, sizeof command, "%s/dir", ours.folder);
    options.ca_file = NULL;
    options.ca_dir = command;
    expect(&trial, ours.leaf, options, NET_ERROR_NONE);
    options.ca_dir = ours.folder;
    expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
    assert_non_null(strstr(trial.error.hint, "openssl rehash"));
}

static void test_files_that_cannot_be_used(void **state) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;

    (void)state;
    options.ca_file = "/nonexistent/ca.pem";
    expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
    assert_says(&trial, "/nonexistent/ca.pem");
    options.ca_file = "/dev/null";
    expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
    options = strict(&ours);
    options.client_cert = "/dev/null";
    expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
    options.client_cert = ours.ca_file; /* no key in it */
    expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
    options = strict(&ours);
    options.host = "no host";
    expect(&trial, ours.leaf, options, NET_ERROR_NAME);
}

/* The system's store is heeded when nothing else is given: through OpenSSL's own variables, and not without them. */
static void test_the_system_store(void **state) {
    struct net_tls_options options = strict(&ours);
    struct trial trial;

    (void)state;
    options.ca_file = NULL;
    assert_int_equal(setenv("SSL_CERT_FILE", ours.ca_file, 1), 0);
    expect(&trial, ours.leaf, options, NET_ERROR_NONE);
    assert_int_equal(setenv("SSL_CERT_FILE", "/nonexistent/file", 1), 0);
    assert_int_equal(setenv("SSL_CERT_DIR", "/nonexistent/dir", 1), 0);
    expect(&trial, ours.leaf, options, NET_ERROR_CONFIG);
    assert_says(&trial, "no CA certificates in /nonexistent/dir, nor in /nonexistent/file");
    assert_int_equal(unsetenv("SSL_CERT_FILE") | unsetenv("SSL_CERT_DIR"), 0);
    assert_int_not_equal(verdict_on(&trial, ours.leaf, options), NET_ERROR_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R_TLS_09_a_good_certificate),
        cmocka_unit_test(test_R_TLS_09_identity_table),
        cmocka_unit_test(test_R_TLS_09_common_name_is_no_identity),
        cmocka_unit_test(test_A_12_octets_of_names_are_shown_harmless),
        cmocka_unit_test(test_many_names_are_cut),
        cmocka_unit_test(test_R_TLS_09_time),
        cmocka_unit_test(test_an_expired_authority_is_named),
        cmocka_unit_test(test_R_TLS_11_self_signed),
        cmocka_unit_test(test_R_TLS_11_unknown_authority),
        cmocka_unit_test(test_missing_intermediate),
        cmocka_unit_test(test_a_leaf_is_no_authority),
        cmocka_unit_test(test_R_TLS_18_pin_is_added_to_the_other_checks),
        cmocka_unit_test(test_R_TLS_18_the_pin_alone),
        cmocka_unit_test(test_pins_that_are_none),
        cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_ca_dir_is_read_by_hash),
        cmocka_unit_test(test_files_that_cannot_be_used),
        cmocka_unit_test(test_the_system_store),
    };

    return cmocka_run_group_tests_name("tls_certificate", tests, authority_set_up, authority_tear_down);
}

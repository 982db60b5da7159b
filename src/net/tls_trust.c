/* SPDX-License-Identifier: MIT */
/* Whom to trust. A hashed directory is read as needed, a bundle as a whole; so it comes last. */
#define _POSIX_C_SOURCE 200809L

#include "net/tls_private.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_DIGITS 8

/* As `openssl rehash` names them: 8 digits of a hash, a dot, a number. */
static bool is_hashed_name(const char *name) {
    return strspn(name, "0123456789abcdef") == HASH_DIGITS && name[HASH_DIGITS] == '.' &&
           name[HASH_DIGITS + 1] >= '0' && name[HASH_DIGITS + 1] <= '9';
}

static bool has_certificates(const char *path) {
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool found = false;

    if (folder == NULL) {
        return false;
    }
    while (!found && (entry = readdir(folder)) != NULL) {
        found = is_hashed_name(entry->d_name);
    }
    (void)closedir(folder);
    return found;
}

static bool use_dir(X509_STORE *store, const char *path) {
    return has_certificates(path) && X509_STORE_load_path(store, path) == 1;
}

static bool use_file(X509_STORE *store, const char *path) {
    return X509_STORE_load_file(store, path) == 1;
}

/* OpenSSL's variables are heeded as OpenSSL does: a program may be run for someone else, whose word is not taken. */
static const char *setting(const char *variable, const char *otherwise) {
    const char *value = getenv(variable);

    return value != NULL && *value != '\0' && getuid() == geteuid() && getgid() == getegid() ? value : otherwise;
}

static bool trust_system(X509_STORE *store, struct net_error *error) {
    const char *dir = setting(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
    const char *file = setting(X509_get_default_cert_file_env(), X509_get_default_cert_file());
    bool file_chosen = file != X509_get_default_cert_file();

    if ((file_chosen && use_file(store, file)) || use_dir(store, dir) || (!file_chosen && use_file(store, file))) {
        return true;
    }
    (void)net_fail(error, NET_ERROR_CONFIG, "this system has no CA certificates in %.80s, nor in %.80s", dir, file);
    return net_hint(error, "install the package ca-certificates, or set ca-file");
}

bool net_tls_trust(SSL_CTX *context, const struct net_tls_options *options, struct net_error *error) {
    X509_STORE *store = SSL_CTX_get_cert_store(context);

    if (options->ca_dir != NULL && !use_dir(store, options->ca_dir)) {
        (void)net_fail(error, NET_ERROR_CONFIG, "ca-dir %.180s has no certificates under their hashes",
                       options->ca_dir);
        return net_hint(error, "give the directory their hashes with: openssl rehash DIRECTORY");
    }
    if (options->ca_file != NULL && !use_file(store, options->ca_file)) {
        (void)net_fail(error, NET_ERROR_CONFIG, "ca-file %.180s cannot be read, or has no certificate in PEM",
                       options->ca_file);
        return net_hint(error, "check its path, and that others than its owner may read it");
    }
    if (options->ca_dir != NULL || options->ca_file != NULL || trust_system(store, error)) {
        return true;
    }
    return options->verify_pin_only; /* needs no CA */
}

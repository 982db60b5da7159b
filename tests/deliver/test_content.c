/* SPDX-License-Identifier: MIT */
/* Line ends and digests (D-25, D-14) at every cut, against a reader of single octets. */
#include "deliver/content.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t secret[DELIVER_SECRET_SIZE] = {1, 2, 3, 4, 5, 6, 7};

/* CRLF to LF, one octet after the other. */
static size_t reference(const uint8_t *in, size_t n, uint8_t *out) {
    size_t to = 0;

    for (size_t i = 0; i < n; i++) {
        if (in[i] != '\r' || i + 1 == n || in[i + 1] != '\n') {
            out[to++] = in[i];
        }
    }
    return to;
}

static size_t convert(const uint8_t *in, size_t n, size_t piece, uint8_t *out, struct deliver_digests *digests) {
    struct deliver_content *content = deliver_content_new(secret);
    size_t to = 0;

    assert_non_null(content);
    deliver_content_begin(content);
    for (size_t at = 0; at < n; at += piece) {
        size_t some = n - at < piece ? n - at : piece;
        uint8_t *room = malloc(some + DELIVER_CONTENT_ROOM); /* ASan sees what is beyond */

        size_t got = deliver_content_take(content, in + at, some, room);

        memcpy(out + to, room, got);
        to += got;
        free(room);
    }
    to += deliver_content_end(content, out + to, digests);
    deliver_content_free(content);
    return to;
}

/* Every text over four octets, up to eight of them, in pieces of each size. */
static void test_D25_all_small_texts_at_every_cut(void **state) {
    static const uint8_t alphabet[] = {'\r', '\n', 'x'};
    uint8_t in[8];
    uint8_t want[16];
    uint8_t got[32];

    (void)state;
    for (size_t n = 0; n <= sizeof in; n++) {
        size_t texts = 1;

        for (size_t i = 0; i < n; i++) {
            texts *= sizeof alphabet;
        }
        for (size_t text = 0; text < texts; text++) {
            struct deliver_digests whole;
            size_t left = text;

            for (size_t i = 0; i < n; i++, left /= sizeof alphabet) {
                in[i] = alphabet[left % sizeof alphabet];
            }
            size_t expected = reference(in, n, want);

            assert_int_equal(convert(in, n, 16, got, &whole), expected);
            assert_memory_equal(got, want, expected);
            for (size_t piece = 1; piece < n; piece++) {
                struct deliver_digests digests;

                assert_int_equal(convert(in, n, piece, got, &digests), expected);
                assert_memory_equal(got, want, expected);
                assert_memory_equal(&digests, &whole, sizeof whole);
            }
        }
    }
}

/* Line ends around the edges of vectors. */
static void test_D25_long_lines_with_ends_anywhere(void **state) {
    enum { SIZE = 100 };
    uint8_t in[SIZE];
    uint8_t want[SIZE];
    uint8_t got[SIZE + 32];
    struct deliver_digests digests;

    (void)state;
    for (size_t first = 0; first < SIZE - 1; first++) {
        for (size_t second = first + 2; second < SIZE - 1; second++) {
            memset(in, 'a', sizeof in);
            memcpy(in + first, "\r\n", 2);
            memcpy(in + second, "\r\n", 2);
            size_t expected = reference(in, sizeof in, want);

            assert_int_equal(convert(in, sizeof in, SIZE, got, &digests), expected);
            assert_memory_equal(got, want, expected);
        }
    }
}

static void digests_of(const char *text, struct deliver_digests *digests) {
    uint8_t out[256];

    (void)convert((const uint8_t *)text, strlen(text), 7, out, digests);
}

static void test_digests_are_of_the_content_with_lf(void **state) {
    struct deliver_digests lf;
    struct deliver_digests crlf;

    (void)state;
    digests_of("A: b\n\nbody\n", &lf);
    digests_of("A: b\r\n\r\nbody\r\n", &crlf);
    assert_memory_equal(&lf, &crlf, sizeof lf);
}

static void test_D14_header_digest_ignores_the_body(void **state) {
    struct deliver_digests whole;
    struct deliver_digests top;
    struct deliver_digests bare;
    struct deliver_digests other;

    (void)state;
    digests_of("A: b\r\nC: d\r\n\r\nbody\r\n\r\nmore\r\n", &whole);
    digests_of("A: b\r\nC: d\r\n\r\n", &top);
    digests_of("A: b\r\nC: d\r\n", &bare);
    digests_of("A: b\r\nC: e\r\n\r\nbody\r\n", &other);
    assert_memory_equal(whole.header, top.header, sizeof top.header);
    assert_memory_equal(whole.header, bare.header, sizeof top.header);
    assert_memory_equal(bare.header, bare.content, sizeof top.header);
    assert_memory_not_equal(whole.header, other.header, sizeof top.header);
    assert_memory_not_equal(whole.content, top.content, sizeof top.header);
}

static void test_another_secret_gives_other_digests(void **state) {
    uint8_t other_secret[DELIVER_SECRET_SIZE];
    struct deliver_digests mine;
    struct deliver_digests theirs;
    struct deliver_content *content;
    uint8_t out[64];

    (void)state;
    for (size_t i = 0; i < sizeof other_secret; i++) {
        other_secret[i] = (uint8_t)(i * i * 31 + 7);
    }
    content = deliver_content_new(other_secret);
    digests_of("text", &mine);
    deliver_content_begin(content);
    (void)deliver_content_take(content, "text", 4, out);
    (void)deliver_content_end(content, out, &theirs);
    deliver_content_free(content);
    assert_memory_not_equal(mine.content, theirs.content, sizeof mine.content);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_D25_all_small_texts_at_every_cut),
        cmocka_unit_test(test_D25_long_lines_with_ends_anywhere),
        cmocka_unit_test(test_digests_are_of_the_content_with_lf),
        cmocka_unit_test(test_D14_header_digest_ignores_the_body),
        cmocka_unit_test(test_another_secret_gives_other_digests),
    };

    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}

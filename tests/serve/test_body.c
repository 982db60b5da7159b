/* SPDX-License-Identifier: MIT */
/* Messages in transmission form, at every buffer size, against a reference that looks at one octet at a time. */
#define _POSIX_C_SOURCE 200809L

#include "serve/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTENT_MOST 400

struct content {
    const char *text;
    size_t size;
};

#define TEXT(literal) \
    { literal, sizeof(literal) - 1 }

/* F-02 and A-24: empty, dots only, every bare line end beside a dot, NUL, 8-bit, no final line end. */
static const struct content contents[] = {
    TEXT(""),
    TEXT("."),
    TEXT(".."),
    TEXT("\n"),
    TEXT("\r"),
    TEXT("\r\n"),
    TEXT("\r\r\n"),
    TEXT(".\r\n..\r\n...\r\n.x\r\n"),
    TEXT(".\n..\n...\n.x\n"),
    TEXT("a\n.\nb\r\n"),
    TEXT("a\n.\r\nb\r\n"),
    TEXT("a\r.\rb\r\n"),
    TEXT("a\r\n.\nb\r\n"),
    TEXT("a\r\n.\rb\r\n"),
    TEXT("x\0y\r\n.\0\r\n"),
    TEXT("\xff\xfe\x80\r\n"),
    TEXT("+OK\r\n-ERR\r\n.+OK\r\n"),
    TEXT("no end"),
    TEXT("h: 1\r\nh: 2\r\n\r\n1\r\n.2\r\n3\r\n"),
    TEXT("h: 1\nh: 2\n\n1\n.2\n3"),
    TEXT("h: 1\r\n\r\n"),
    TEXT("\r\nbody\r\nmore\r\n"),
    TEXT("a line that is longer than any of the small rooms of this test\r\n.and another one\r\n"),
};

#define CONTENTS (sizeof contents / sizeof contents[0])

struct lines {
    char text[CONTENT_MOST];
    size_t size;
};

static void put(struct lines *out, char octet) {
    assert_true(out->size < sizeof out->text);
    out->text[out->size++] = octet;
}

/* Content with its line ends as they travel, not stuffed. */
static void canonical(struct content content, const struct serve_body_style *style, struct lines *out) {
    out->size = 0;
    for (size_t i = 0; i < content.size; i++) {
        if (!style->octets && content.text[i] == '\n' && (i == 0 || content.text[i - 1] != '\r')) {
            put(out, '\r');
        }
        put(out, content.text[i]);
    }
}

static bool starts_line(const struct lines *text, size_t at, bool lf_lines) {
    if (at == 0) {
        return true;
    }
    return text->text[at - 1] == '\n' && (lf_lines || (at >= 2 && text->text[at - 2] == '\r'));
}

/* Where TOP ends: behind the header, its empty line and so many lines. */
static size_t top_end(const struct lines *text, const struct serve_body_style *style) {
    uint64_t left = style->lines;
    bool header = true;
    size_t line = 0;

    for (size_t i = 1; i <= text->size && left != SERVE_ALL_LINES; i++) {
        if (!starts_line(text, i, style->lf_lines)) {
            continue;
        }
        size_t length = i - line;
        bool empty = (length == 2 && text->text[line] == '\r') || length == 1;

        line = i;
        if (header) {
            header = !empty;
        } else {
            left--;
        }
        if (!header && left == 0) {
            return i;
        }
    }
    return text->size;
}

static void reference(struct content content, const struct serve_body_style *style, struct lines *out) {
    struct lines text;
    size_t end;

    canonical(content, style, &text);
    end = top_end(&text, style);
    out->size = 0;
    for (size_t i = 0; i < end; i++) {
        if (style->stuff && text.text[i] == '.' && starts_line(&text, i, style->lf_lines)) {
            put(out, '.');
        }
        put(out, text.text[i]);
    }
    if (style->final_crlf && !starts_line(&text, end, style->lf_lines)) {
        put(out, '\r');
        put(out, '\n');
    }
}

static size_t read_all(struct serve_body *body, size_t room, char *out) {
    size_t size = 0;

    for (int turn = 0; !body->done; turn++) {
        assert_true(turn < 10000);
        size += serve_body_read(body, out + size, room);
        assert_true(size <= CONTENT_MOST);
    }
    return size;
}

static int file_with(struct content content) {
    FILE *file = tmpfile();
    int fd;

    assert_non_null(file);
    assert_int_equal(fwrite(content.text, 1, content.size, file), content.size);
    assert_int_equal(fflush(file), 0);
    fd = dup(fileno(file));
    assert_true(fd >= 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    (void)fclose(file);
    return fd;
}

static void check(struct content content, struct serve_body_style style) {
    static struct serve_body body;
    struct lines expected;
    char got[CONTENT_MOST + 64];

    reference(content, &style, &expected);
    for (size_t room = 8; room <= 64; room++) {
        serve_body_from_text(&body, style, content.text, content.size);
        assert_int_equal(read_all(&body, room, got), expected.size);
        assert_memory_equal(got, expected.text, expected.size);
    }
    serve_body_from_file(&body, style, file_with(content));
    assert_int_equal(read_all(&body, 64, got), expected.size);
    assert_memory_equal(got, expected.text, expected.size);
    assert_false(body.failed);
    serve_body_close(&body);
    serve_body_close(&body);
}

static struct serve_body_style style_of(unsigned bits, uint64_t lines) {
    return (struct serve_body_style){
        .octets = bits & 1, .stuff = bits & 2, .lf_lines = bits & 4, .final_crlf = bits & 8, .lines = lines};
}

static void test_F_02_A_24_every_style_and_room(void **state) {
    (void)state;
    for (size_t i = 0; i < CONTENTS; i++) {
        for (unsigned bits = 0; bits < 16; bits++) {
            check(contents[i], style_of(bits, SERVE_ALL_LINES));
        }
    }
}

static void test_R_1939_16_top_of_a_message(void **state) {
    (void)state;
    for (size_t i = 0; i < CONTENTS; i++) {
        for (unsigned bits = 0; bits < 16; bits++) {
            for (uint64_t lines = 0; lines < 5; lines++) {
                check(contents[i], style_of(bits, lines));
            }
        }
    }
}

static void test_known_forms(void **state) {
    static struct serve_body body;
    const struct serve_body_style maildir = {.stuff = true, .final_crlf = true, .lines = SERVE_ALL_LINES};
    const struct serve_body_style octets = {
        .octets = true, .stuff = true, .final_crlf = true, .lines = SERVE_ALL_LINES};
    const char lf[] = "a\n.\nb";
    char got[CONTENT_MOST];

    (void)state;
    serve_body_from_text(&body, maildir, lf, sizeof lf - 1);
    assert_int_equal(read_all(&body, 64, got), 10);
    assert_memory_equal(got, "a\r\n..\r\nb\r\n", 10);
    serve_body_from_text(&body, octets, lf, sizeof lf - 1);
    assert_int_equal(read_all(&body, 64, got), 7);
    assert_memory_equal(got, "a\n.\nb\r\n", 7);
}

static void test_R_1939_11_measured_without_stuffing(void **state) {
    static struct serve_body body;
    const struct serve_body_style style = {.final_crlf = true, .lines = SERVE_ALL_LINES};
    const struct content content = TEXT(".\n..\nend");

    (void)state;
    serve_body_from_file(&body, style, file_with(content));
    assert_int_equal(serve_body_measure(&body), 3 + 4 + 5);
    assert_int_equal(body.fd, -1);
}

static void test_a_read_error_is_no_end(void **state) {
    static struct serve_body body;
    const struct serve_body_style style = {.final_crlf = true, .lines = SERVE_ALL_LINES};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    serve_body_from_file(&body, style, ends[1]); /* cannot be read: open for writing only */
    assert_int_equal(serve_body_measure(&body), UINT64_MAX);
    assert_true(body.failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_F_02_A_24_every_style_and_room),
        cmocka_unit_test(test_R_1939_16_top_of_a_message),
        cmocka_unit_test(test_known_forms),
        cmocka_unit_test(test_R_1939_11_measured_without_stuffing),
        cmocka_unit_test(test_a_read_error_is_no_end),
    };

    return cmocka_run_group_tests_name("serve_body", tests, NULL, NULL);
}

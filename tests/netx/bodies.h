/* SPDX-License-Identifier: MIT */
/* Bodies of RETR as they come over the wire, terminator included: F-02 and every pattern of A-24. */
#ifndef SATCHEL_TEST_BODIES_H
#define SATCHEL_TEST_BODIES_H

#include <stddef.h>

struct body {
    const char *wire;
    size_t n;
};

/* clang-format off */
#define BODY(text) {text, sizeof(text) - 1}

static const struct body bodies[] = {
    BODY(".\r\n"),
    BODY("\r\n.\r\n"),
    BODY("a\r\n.\r\n"),
    BODY("..\r\n.\r\n"),
    BODY("...\r\n.\r\n"),
    BODY("....\r\n.x\r\n..x\r\n.\r\n"),
    BODY(".x\r\n.\r\n"), /* the dot is dropped, stuffed or not */
    BODY("..\r\n..\r\n..\r\n.\r\n"),
    BODY("text.\r\n.\r\n"),
    BODY("text\r\n\r\n\r\n.\r\n"),
    BODY("a\rb\r\n\r\r\n.\r\n"),
    BODY("a\r\r\n.\r\n"),
    BODY("a\nb\n\n\r\n.\r\n"),
    BODY("nul \0\0 \x80\xFF\r\n.\r\n"),
    BODY("+OK\r\n-ERR no\r\n+OK 1 2\r\n.\r\n"),
    /* a dot line behind anything but CRLF ends nothing and keeps its dot. */
    BODY("x\n.\n+OK fake\n\r\n.\r\n"),
    BODY("x\n.\r\n+OK fake\r\n\r\n.\r\n"),
    BODY("x\r.\r+OK fake\r\n.\r\n"),
    BODY("x\r.\r\n+OK fake\r\n.\r\n"),
    BODY("x\r\n..\n+OK fake\r\n.\r\n"),
    BODY("x\r\n..\rx+OK fake\r\n.\r\n"),
    BODY("x\n..\n..\r\n.\r\n"),
    /* The same not stuffed by a careless server: behind CRLF a dot is dropped; only CRLF behind it ends. */
    BODY("x\r\n.\n+OK fake\r\n.\r\n"),
    BODY("x\r\n.\rx+OK fake\r\n.\r\n"),
    BODY("x\r\n.\r.\r\n.\r\n"),
    BODY("x\r\n.\r.\r.\r\r\n.\r\n"),
    BODY(".\r\r\n.\r\n"),
    BODY(".\r.\r\n\r\n.\r\n"),
    BODY("\r\n.\r\r\n.\r\r\r\n.\r\n"),
    BODY(".\rx.\r\n.\rx\r\n.\r\n"),
    BODY("\n.\r\n.\r\n"), /* the second ends it */
};
/* clang-format on */

#endif

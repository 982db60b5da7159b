/* SPDX-License-Identifier: MIT */
/* What the standard output shows to people. Knows no mail. */
#define _XOPEN_SOURCE 700 /* wcwidth */

#include "cli/terminal.h"
#include "text/safe.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { USUAL_COLUMNS = 80 };

size_t terminal_columns(void) {
    struct winsize size;

    if (isatty(STDOUT_FILENO) == 0) {
        return 0;
    }
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* how wide characters are; what is printed is UTF-8 in any locale */
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : USUAL_COLUMNS;
}

/* Columns of the character at text, of *n octets; where nobody knows: one for each octet. */
static size_t width_of(const char *text, size_t left, size_t *n) {
    mbstate_t state = {0};
    wchar_t character;
    size_t length = mbrtowc(&character, text, left, &state);
    int width = length != 0 && length <= left ? wcwidth(character) : -1;

    *n = width >= 0 ? length : 1;
    return width >= 0 ? (size_t)width : 1;
}

/* Octets of the text that fit into columns; *used: how many columns they take. */
static size_t fit(const char *text, size_t columns, size_t *used) {
    size_t left = strlen(text);
    size_t octets = 0;
    size_t n;

    *used = 0;
    while (left != 0) {
        size_t width = width_of(text + octets, left, &n);

        if (*used + width > columns) {
            break;
        }
        *used += width;
        octets += n;
        left -= n;
    }
    return octets;
}

void terminal_print(const char *text, size_t columns, bool pad) {
    static const char dots[] = "...";
    size_t used;
    size_t octets = fit(text, columns, &used);

    if (text[octets] != '\0' && columns > sizeof dots) {
        octets = fit(text, columns - (sizeof dots - 1), &used);
        (void)printf("%.*s%s", (int)octets, text, dots);
        used += sizeof dots - 1;
    } else {
        (void)printf("%.*s", (int)octets, text);
    }
    (void)printf("%*s", pad ? (int)(columns - used) : 0, "");
}

/* ---- Messages ---- */

/* Takes a character off the front of what waits. CR before LF is the line end's. */
static void print_character(struct terminal_page *page) {
    struct safe_piece piece = {"\n", 1, 1};

    if (page->waiting[0] == '\t') {
        piece.octets[0] = '\t';
    } else if (page->count > 1 && memcmp(page->waiting, "\r\n", 2) == 0) {
        piece.used = 2;
    } else if (page->waiting[0] != '\n') {
        piece = safe_character(page->waiting, page->count);
    }
    (void)fwrite(piece.octets, 1, piece.length, stdout);
    page->count -= piece.used;
    memmove(page->waiting, page->waiting + piece.used, page->count);
}

bool terminal_write(struct terminal_page *page, const char *octets, size_t n) {
    for (; n != 0; octets++, n--) {
        page->waiting[page->count++] = *octets;
        if (page->count == sizeof page->waiting) {
            print_character(page);
        }
    }
    return ferror(stdout) == 0;
}

bool terminal_end(struct terminal_page *page) {
    while (page->count != 0) {
        print_character(page);
    }
    return ferror(stdout) == 0;
}

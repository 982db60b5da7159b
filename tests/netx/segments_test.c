/* SPDX-License-Identifier: MIT */
/* A-21, exhaustively: every body of a few octets over {CR, LF, '.', 'x'}, cut in every way into packets, into segments of
 * a chain, into both at once, with empty segments at each place. Judged by the reference decoder.
 *     test_netx_segments [octets of the longest body [of the longest that is cut into both]] */
#include "cases.h"

#include "reference.h"
#include "script.h"

#define LONGEST 12
#define STATUS "+OK\r\n"
#define STATUS_LENGTH (sizeof STATUS - 1)
#define COMMAND_MOST 255
#define BODIES 5000

static size_t longest = 8;
static size_t longest_mixed = 7;

static struct {
    char wire[STATUS_LENGTH + LONGEST]; /* the status line before it */
    size_t n;
} bodies[BODIES];

static size_t body_count;

static void add_body(const char *wire, size_t n) {
    assert_true(body_count < BODIES && n <= LONGEST);
    memcpy(bodies[body_count].wire, STATUS, STATUS_LENGTH);
    memcpy(bodies[body_count].wire + STATUS_LENGTH, wire, n);
    bodies[body_count++].n = n;
}

/* Has it a dot at the start of a line, and a CR behind it that ends nothing (N-56)? */
static bool withholds_a_cr(const char *wire, size_t n) {
    for (size_t i = 0; i + 2 < n; i++) {
        if ((i == 0 || wire[i - 1] == '\n') && wire[i] == '.' && wire[i + 1] == '\r' && wire[i + 2] != '\n') {
            return true;
        }
    }
    return false;
}

/* All of up to `longest` octets; and those that withhold a CR once more, with a line of content before it. */
static void find_bodies(void) {
    static const char alphabet[] = {'\r', '\n', '.', 'x'};
    char content[LONGEST];
    char wire[2 + LONGEST] = "\r\n";
    size_t length;

    for (size_t n = 3; n <= longest; n++) {
        for (size_t code = 0; code < (size_t)1 << (2 * n); code++) {
            for (size_t i = 0; i < n; i++) {
                wire[2 + i] = alphabet[code >> (2 * i) & 3];
            }
            if (reference_decode(wire + 2, n, content, &length) == n) {
                add_body(wire + 2, n);
                if (withholds_a_cr(wire + 2, n)) {
                    add_body(wire, n + 2);
                }
            }
        }
    }
}

/* ---- A session of many messages, each with its own segments ---- */

enum empties { EMPTY_FIRST = 1, EMPTY_BETWEEN = 2, EMPTY_LAST = 4 };

static struct script script;

static struct {
    size_t body;
    unsigned sizes[1 + 2 * (STATUS_LENGTH + LONGEST) + 2]; /* of the command, of the reply */
    size_t count;
} items[SCRIPT_ITEMS + 1];

static void fetch_all(void) {
    char content[LONGEST];
    size_t length;

    log_in();
    stat(SCRIPT_ITEMS, 0);
    for (UINT item = 1; item <= script.messages; item++) {
        size_t body = items[item].body;
        reference_decode(bodies[body].wire + STATUS_LENGTH, bodies[body].n, content, &length);
        host_segments(items[item].sizes, items[item].count);
        fetch(item, content, length);
        check_equal(host_segments_left(), 0);
    }
    quit_and_delete();
}

static void flush(void) {
    script_quit(&script);
    world_play(&(const struct world){
        .script = script.steps, .steps = script.count, .client = fetch_all, .arrival = ARRIVE_CHAINED});
    script_begin(&script);
}

static void add_size(size_t octets) {
    items[script.messages].sizes[items[script.messages].count++] = (unsigned)octets;
}

static void begin_message(size_t body) {
    if (script.messages == SCRIPT_ITEMS - 1 || script.count > SCRIPT_STEPS - 2 * LONGEST) {
        flush();
    }
    script_retr(&script);
    items[script.messages].body = body;
    items[script.messages].count = 0;
    add_size(COMMAND_MOST);
}

/* The next n octets in segments that end behind each octet whose bit in `cuts` is set. */
static void add_sizes(size_t n, size_t cuts, unsigned empties) {
    size_t size = 0;

    if (empties & EMPTY_FIRST) {
        add_size(0);
    }
    for (size_t i = 0; i < n; i++) {
        size++;
        if (i + 1 == n || (cuts >> i & 1) != 0) {
            add_size(size);
            size = 0;
            if (i + 1 < n && (empties & EMPTY_BETWEEN)) {
                add_size(0);
            }
        }
    }
    if (empties & EMPTY_LAST) {
        add_size(0);
    }
}

/* ---- The ways to cut ---- */

static void test_A_21_segments_of_a_chain(void **state) {
    (void)state;
    script_begin(&script);
    for (size_t body = 0; body < body_count; body++) {
        size_t n = bodies[body].n;
        for (size_t cuts = 0; cuts < (size_t)1 << (n - 1); cuts++) {
            for (unsigned empties = 0; empties < 8; empties++) {
                if (n <= 7 || empties == 0 || empties == (cuts & 7)) {
                    begin_message(body);
                    script_say(&script, bodies[body].wire, STATUS_LENGTH);
                    script_say(&script, bodies[body].wire + STATUS_LENGTH, n);
                    add_size(STATUS_LENGTH);
                    add_sizes(n, cuts, empties);
                }
            }
        }
    }
    flush();
}

static void test_A_21_status_line_in_the_same_chain(void **state) {
    (void)state;
    script_begin(&script);
    for (size_t body = 0; body < body_count; body++) {
        size_t n = STATUS_LENGTH + bodies[body].n;
        for (size_t cuts = 0; bodies[body].n <= 6 && cuts < (size_t)1 << (n - 1); cuts++) {
            begin_message(body);
            script_say(&script, bodies[body].wire, n);
            add_sizes(n, cuts, cuts & 7);
        }
    }
    flush();
}

static void test_N_B04_packets(void **state) {
    (void)state;
    script_begin(&script);
    for (size_t body = 0; body < body_count; body++) {
        size_t n = bodies[body].n;
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): no body is empty */
        for (size_t cuts = 0; cuts < (size_t)1 << (n - 1); cuts++) {
            const char *at = bodies[body].wire + STATUS_LENGTH;
            begin_message(body);
            script_say(&script, bodies[body].wire, STATUS_LENGTH);
            for (size_t i = 0, start = 0; i < n; i++) {
                if (i + 1 == n || (cuts >> i & 1) != 0) {
                    script_say(&script, at + start, i + 1 - start);
                    start = i + 1;
                }
            }
        }
    }
    flush();
}

/* `code` has a digit for the place behind each octet: 0 no cut, 1 a segment ends, 2 the packet ends. */
static void add_mixed(size_t body, size_t code) {
    const char *at = bodies[body].wire + STATUS_LENGTH;
    size_t n = bodies[body].n;
    size_t segment = 0;
    size_t packet = 0;

    begin_message(body);
    script_say(&script, bodies[body].wire, STATUS_LENGTH);
    add_size(STATUS_LENGTH);
    for (size_t i = 1; i <= n; i++, code /= 3) {
        if (i == n || code % 3 != 0) {
            add_size(i - segment);
            segment = i;
        }
        if (i == n || code % 3 == 2) {
            script_say(&script, at + packet, i - packet);
            packet = i;
        }
    }
}

static void test_A_21_packets_and_segments(void **state) {
    (void)state;
    script_begin(&script);
    for (size_t body = 0; body < body_count; body++) {
        size_t codes = bodies[body].n <= longest_mixed ? 1 : 0;
        for (size_t i = 1; i < bodies[body].n; i++) {
            codes *= 3;
        }
        for (size_t code = 0; code < codes; code++) {
            add_mixed(body, code);
        }
    }
    flush();
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_A_21_segments_of_a_chain),
        cmocka_unit_test(test_A_21_status_line_in_the_same_chain),
        cmocka_unit_test(test_N_B04_packets),
        cmocka_unit_test(test_A_21_packets_and_segments),
    };

    longest = argc > 1 ? strtoul(argv[1], NULL, 10) : longest;
    longest_mixed = argc > 2 ? strtoul(argv[2], NULL, 10) : longest_mixed;
    if (longest > LONGEST - 2) {
        return 2;
    }
    find_bodies();
    print_message("%zu bodies of up to %zu octets\n", body_count, longest);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Random maildrops over random packets and chains, judged by the reference decoder. The seed is printed;
 * NETX_RANDOM_SEED repeats a run. */
#include "cases.h"

#include "reference.h"
#include "script.h"

#define MESSAGES 12
#define LONGEST 400
#define ROUNDS 40

static uint64_t random_state;

static unsigned random_below(unsigned n) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 16) % n);
}

static struct {
    char wire[2 * LONGEST + 8];
    size_t n;
    char content[2 * LONGEST + 8];
    size_t length;
    bool read; /* to its end, rather than left to be drained */
} messages[MESSAGES];

/* Text in which dots, CR and LF meet more often than anywhere else; one in four is not stuffed as it should be. */
static void make_message(size_t which) {
    static const char octets[] = {'.', '.', '.', '\r', '\r', '\n', '\n', 'x', 'y', '\0'};
    char text[LONGEST + 2];
    size_t n = random_below(random_below(2) == 0 ? 12 : LONGEST);

    for (size_t i = 0; i < n; i++) {
        text[i] = octets[random_below(sizeof octets)];
        if (random_below(4) == 0 && i > 0) {
            text[i - 1] = '\r';
            text[i] = '\n';
        }
    }
    if (n > 0) {
        memcpy(text + n, "\r\n", 2);
        n += 2;
    }
    messages[which].n = reference_encode(text, n, messages[which].wire);
    if (random_below(4) == 0) { /* as it is: whatever that ends */
        memcpy(messages[which].wire, text, n);
        memcpy(messages[which].wire + n, ".\r\n", 3);
        messages[which].n = n + 3;
    }
    messages[which].n =
        reference_decode(messages[which].wire, messages[which].n, messages[which].content, &messages[which].length);
    assert_true(messages[which].n > 0);
}

static void random_session(void) {
    log_in();
    stat(SCRIPT_ITEMS, 0);
    for (UINT i = 0; i < MESSAGES; i++) {
        if (messages[i].read) {
            fetch(i + 1, messages[i].content, messages[i].length);
        } else {
            check_equal(retr(i + 1), NX_SUCCESS);
        }
    }
    stat(1, 1);
    quit_and_delete();
}

static struct world random_world(void) {
    struct world world = {.client = random_session};

    world.send_size = random_below(3) == 0 ? 1 + random_below(1460) : 1 + random_below(40);
#ifdef NX_DISABLE_PACKET_CHAIN
    world.arrival = random_below(2) == 0 ? ARRIVE_AS_SENT : ARRIVE_TOGETHER;
#else
    world.arrival = (enum arrival)random_below(3);
    world.empty_segments = random_below(2) == 0;
#endif
    world.segment = random_below(3) == 0 ? 0 : 1 + random_below(20);
    world.pools = random_below(2) == 0 ? POOLS_ONE : POOLS_SEPARATE;
    world.ip_version = random_below(2) == 0 ? NX_IP_VERSION_V6 : NX_IP_VERSION_V4;
    return world;
}

/* A reply in sends of random sizes, now and then with time between them. */
static void say_at_random(struct script *script, const char *octets, size_t n) {
    while (n > 0) {
        size_t part = 1 + random_below(random_below(2) == 0 ? 5 : 200);

        part = part < n ? part : n;
        script_say(script, octets, part);
        if (random_below(10) == 0) {
            script_add(script, (struct step)PAUSE(random_below(500)));
        }
        octets += part;
        n -= part;
    }
}

static void play_round(void) {
    static const struct step ending[] = {STAT("1 1")};
    static struct script script;
    struct world world = random_world();

    script_begin(&script);
    for (size_t i = 0; i < MESSAGES; i++) {
        make_message(i);
        messages[i].read = random_below(8) != 0;
        script_retr(&script);
        say_at_random(&script, "+OK 120 octets\r\n", 16);
        say_at_random(&script, messages[i].wire, messages[i].n);
    }
    script_add(&script, ending[0]);
    script_add(&script, ending[1]);
    script_quit(&script);
    world.script = script.steps;
    world.steps = script.count;
    world_play(&world);
}

static void test_F_06_random_maildrops(void **state) {
    const char *given = getenv("NETX_RANDOM_SEED");
    struct timespec now;

    (void)state;
    timespec_get(&now, TIME_UTC);
    random_state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)now.tv_sec * 1000003U + (uint64_t)now.tv_nsec;
    print_message("NETX_RANDOM_SEED=%llu\n", (unsigned long long)random_state);
    random_state = random_state != 0 ? random_state : 1;
    for (int round = 0; round < ROUNDS; round++) {
        play_round();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_F_06_random_maildrops),
    };

    return cmocka_run_group_tests(tests, SET_UP, TEAR_DOWN);
}

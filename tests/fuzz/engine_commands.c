/* SPDX-License-Identifier: MIT */
/*
 * Any calls in any order: commands with any arguments, input, partial sends, replies, TLS, EOF, abort. Whatever the
 * caller does within the contract, the invariant holds and the wire carries whole lines, one for each accepted command.
 */
#include <satchel/pop3_engine.h>

#include <stdlib.h>
#include <string.h>

#include "core/invariant.h"
#include "require.h"
#include "session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct calls {
    const uint8_t *data;
    size_t size;
    pop3_engine engine;
    char line[POP3_LINE_MIN];
    char *output;
    char wire[8192]; /* what was sent and not yet checked */
    size_t wire_length;
    size_t lines_due;
    size_t lines_sent;
    char *reply; /* borrowed by the engine */
};

static uint8_t take(struct calls *calls) {
    if (calls->size == 0) {
        return 0;
    }
    calls->size--;
    return *calls->data++;
}

/* Up to `limit` octets in memory of exactly their size. */
static char *take_text(struct calls *calls, size_t limit, size_t *length) {
    size_t n = take(calls) % (limit + 1);
    n = n < calls->size ? n : calls->size;
    char *text = malloc(n + 1);
    require(text != NULL, "no memory");
    memcpy(text, calls->data, n);
    text[n] = '\0';
    calls->data += n;
    calls->size -= n;
    *length = n;
    return text;
}

/* CR and LF go out as line ends only, and no other control octet does. */
static void check_wire(struct calls *calls, const char *octets, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char octet = (unsigned char)octets[i];
        bool after_cr = calls->wire_length > 0 && calls->wire[calls->wire_length - 1] == '\r';
        require((octet == '\n') == after_cr, "CR without LF, or LF without CR");
        require((octet >= 0x20 && octet != 0x7F) || octet == '\r' || octet == '\n', "a control octet");
        calls->lines_sent += octet == '\n';
        calls->wire_length = octet == '\n' ? 0 : calls->wire_length;
        require(calls->wire_length < sizeof calls->wire, "an endless line");
        if (octet != '\n') {
            calls->wire[calls->wire_length++] = (char)octet;
        }
    }
}

static void send_some(struct calls *calls, size_t limit) {
    size_t n;
    const char *out = pop3_engine_output(&calls->engine, &n);
    n = n < limit ? n : limit;
    check_wire(calls, out, n);
    pop3_engine_output_done(&calls->engine, n);
}

/* The command that was put into an empty output is taken out and not sent. */
static void take_back(struct calls *calls, const pop3_engine *before) {
    size_t n;

    pop3_engine_output(&calls->engine, &n);
    pop3_engine_output_done(&calls->engine, n);
    pop3_engine_undo(&calls->engine);
    calls->lines_due--;
    require(pop3_engine_phase(&calls->engine) == pop3_engine_phase(before) &&
                pop3_engine_in_flight(&calls->engine) == pop3_engine_in_flight(before),
            "an undone command left something");
}

static void command(struct calls *calls) {
    pop3_arg arg = {0};
    pop3_verb verb = session_verb(take(calls));
    uint8_t what = take(calls);
    size_t length;
    char *text = what & 1 ? take_text(calls, 255, &length) : NULL;
    char *second = what & 2 ? take_text(calls, 255, &length) : NULL;
    arg.text = text;
    arg.second = second;
    arg.number = what >> 2 & 3U ? (uint32_t)(what >> 2 & 3U) * 0x55555555U : 0;
    arg.lines = what >> 4 & 3U ? (uint32_t)(what >> 4 & 3U) * 0x55555555U : 0;
    pop3_engine before;
    memcpy(&before, &calls->engine, sizeof before);
    bool can = pop3_engine_can(&calls->engine, verb);
    pop3_error error = pop3_engine_command(&calls->engine, verb, &arg, what);
    calls->lines_due += error == POP3_SUCCESS;
    require(error != POP3_SUCCESS || can, "pop3_engine_can() said no");
    require(error != POP3_STATE || !can, "pop3_engine_can() said yes");
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): not one octet may differ */
    require(error == POP3_SUCCESS || memcmp(&before, &calls->engine, sizeof before) == 0,
            "a refusal changed something");
    if (error == POP3_SUCCESS && (what & 0x80) != 0 && before.output_length == 0 && before.reply_length == 0) {
        take_back(calls, &before);
    }
    free(text);
    free(second);
}

static void input(struct calls *calls) {
    size_t n;
    char *in = take_text(calls, 255, &n);
    for (size_t used = 0, round = 0; used < n || (round == 0 && n == 0); round++) {
        pop3_event event;
        size_t taken = pop3_engine_input(&calls->engine, n > 0 ? in + used : NULL, n - used, &event);
        require(taken <= n - used, "more consumed than given");
        require(event.type <= POP3_EVENT_FAIL && event.verb < POP3_VERB_COUNT, "an unknown event");
        require(event.data != NULL || event.length == 0, "a length without data");
        for (size_t i = 0; i < event.length; i++) {
            calls->wire[sizeof calls->wire - 1] = (char)(calls->wire[sizeof calls->wire - 1] ^ event.data[i]);
        }
        used += taken;
        if (event.type == POP3_EVENT_CHALLENGE && !event.more) {
            break; /* it is the caller's turn; the rest of the input is lost to this call */
        }
    }
    free(in);
}

static void sasl_reply(struct calls *calls) {
    size_t n;
    char *reply = take_text(calls, 255, &n);
    size_t unsent;
    pop3_engine_output(&calls->engine, &unsent);
    pop3_error error = pop3_engine_sasl_reply(&calls->engine, reply, n);
    if (error == POP3_SUCCESS) {
        calls->lines_due++;
        free(calls->reply);
        calls->reply = reply;
        require(unsent == 0, "a reply before what stands in the output was sent");
    } else {
        free(reply);
    }
}

static void one_call(struct calls *calls) {
    switch (take(calls) % 10) {
    case 0:
    case 1:
    case 2: command(calls); break;
    case 3:
    case 4:
    case 5: input(calls); break;
    case 6: send_some(calls, take(calls)); break;
    case 7: sasl_reply(calls); break;
    case 8: pop3_engine_tls_started(&calls->engine); break;
    default:
        if (take(calls) % 2 == 0) {
            pop3_engine_eof(&calls->engine);
        } else {
            pop3_engine_abort(&calls->engine, (pop3_error)(POP3_ARG + take(calls) % POP3_IO));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct calls *calls = calloc(1, sizeof *calls);
    require(calls != NULL, "no memory");
    calls->data = data;
    calls->size = size;
    uint16_t output_size = (uint16_t)(8 + take(calls) * 2);
    calls->output = malloc(output_size);
    require(calls->output != NULL, "no memory");
    pop3_engine_init(&calls->engine,
                     &(pop3_engine_buffers){calls->line, calls->output, sizeof calls->line, output_size});
    while (calls->size > 0) {
        one_call(calls);
        const char *broken = pop3_engine_invariant(&calls->engine);
        require(broken == NULL, broken);
    }
    for (size_t n = 1; n > 0; pop3_engine_output(&calls->engine, &n)) {
        send_some(calls, SIZE_MAX);
    }
    require(calls->wire_length == 0 && calls->lines_sent == calls->lines_due, "lines lost or made up");
    free(calls->output);
    free(calls->reply);
    free(calls);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* The engine, fed in pieces, against a decoder that has the whole stream: the same events, texts, bodies and errors. */
#include <stdlib.h>
#include <string.h>

#include "reference_session.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct comparison {
    const struct session_input *input;
    struct reference_session expected;
    size_t next;
    size_t content;  /* octets of the current body that came */
    char *challenge; /* its parts so far */
    size_t challenge_length;
    bool over;
};

static const char *skip_blanks(const char *text, size_t *length) {
    while (*length != 0 && (*text == ' ' || *text == '\t')) {
        text++;
        --*length;
    }
    return text;
}

/* Of a greeting that might be too long for line[] the timestamp is kept. */
static void compare_cut_greeting(const pop3_event *event, const struct reference_event *expected, size_t room) {
    size_t length = 0, expected_length = 0;
    const char *stamp = pop3_parse_timestamp(event->data, event->length, &length);
    const char *wanted = pop3_parse_timestamp(expected->text, expected->length, &expected_length);

    if (wanted != NULL && expected_length + sizeof "+OK " > room) {
        return; /* a server's affair: line[] is what the caller has */
    }
    require((stamp == NULL) == (wanted == NULL), "a timestamp lost or made up");
    require(stamp == NULL || (length == expected_length && memcmp(stamp, wanted, length) == 0), "another timestamp");
}

/* The octets of the text that line[] had room for; a CR in its last place is dropped, for it might be that of CRLF. */
static bool is_as_cut(const pop3_event *event, const struct reference_event *expected, size_t room) {
    size_t kept = room > expected->offset ? room - expected->offset : 0;

    kept -= kept != 0 && expected->text[kept - 1] == '\r';
    return event->length == kept && (kept == 0 || memcmp(event->data, expected->text, kept) == 0);
}

static void compare_text(const struct comparison *comparison, const pop3_event *event,
                         const struct reference_event *expected) {
    bool long_line = expected->line > comparison->input->line_size;

    require(event->cut == long_line || (event->cut && event->type == POP3_EVENT_GREETING), "cut, or not cut");
    if (!event->cut) {
        require(event->length == expected->length, "a text of another length");
        require(event->length == 0 || memcmp(event->data, expected->text, event->length) == 0, "another text");
    } else if (event->type == POP3_EVENT_GREETING) {
        compare_cut_greeting(event, expected, comparison->input->line_size);
    } else {
        require(is_as_cut(event, expected, comparison->input->line_size), "another text, cut");
    }
}

static void add_challenge(struct comparison *comparison, const pop3_event *event) {
    require(comparison->challenge_length + event->length <= comparison->input->stream_length, "a challenge made up");
    if (event->length != 0) {
        memcpy(comparison->challenge + comparison->challenge_length, event->data, event->length);
    }
    comparison->challenge_length += event->length;
}

/* Blanks before it are not part of it, however many parts they fill. */
static void compare_challenge(struct comparison *comparison, const struct reference_event *expected) {
    size_t length = comparison->challenge_length, expected_length = expected->length;
    const char *text = skip_blanks(comparison->challenge, &length);
    const char *wanted = skip_blanks(expected->text, &expected_length);

    require(length == expected_length && memcmp(text, wanted, length) == 0, "another challenge");
    comparison->challenge_length = 0;
}

static void compare_body(struct comparison *comparison, const pop3_event *event,
                         const struct reference_event *expected) {
    require(expected->type == POP3_EVENT_BODY, "content where none is");
    require(event->length <= expected->length - comparison->content, "more content");
    require(memcmp(event->data, expected->text + comparison->content, event->length) == 0, "other content");
    comparison->content += event->length;
}

static void compare(void *context, const pop3_event *event, size_t consumed) {
    struct comparison *comparison = context;
    const struct reference_event *expected = &comparison->expected.events[comparison->next];

    if (comparison->over) {
        return; /* FAIL and CLOSED are repeated for ever */
    }
    if (event->type == POP3_EVENT_BODY) {
        compare_body(comparison, event, expected);
        return;
    }
    if (event->type == POP3_EVENT_CHALLENGE) {
        add_challenge(comparison, event);
        if (event->more) {
            return;
        }
    }
    if (expected->type == POP3_EVENT_BODY) {
        require(comparison->content == expected->length, "less content");
        comparison->content = 0;
        expected++;
        comparison->next++;
    }
    comparison->next++;
    comparison->over = expected->type == POP3_EVENT_FAIL || expected->type == POP3_EVENT_CLOSED;
    require(event->type == expected->type, "another event");
    require(event->error == expected->error, "another error");
    if (comparison->over) {
        return;
    }
    require(event->verb == expected->verb && event->tag == expected->tag, "the reply to another command");
    require(event->more == expected->more, "more to come, or not");
    require(consumed == expected->end, "the event ends elsewhere in the stream");
    if (event->type == POP3_EVENT_CHALLENGE) {
        compare_challenge(comparison, expected);
    } else if (event->type != POP3_EVENT_END) {
        compare_text(comparison, event, expected);
    }
}

static void run(const struct session_input *input, const struct reference_session *expected, size_t chunk) {
    struct session_log log = {0};
    struct comparison comparison = {.input = input, .expected = *expected};

    comparison.challenge = malloc(input->stream_length + 1);
    require(comparison.challenge != NULL, "no memory");
    session_run_watched(input, chunk, &log, &(struct session_watch){compare, &comparison});
    require(comparison.over && comparison.next == expected->count, "events are missing");
    free(comparison.challenge);
    free(log.octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct session_input input;

    if (session_read(&input, data, size)) {
        struct reference_session expected;
        reference_session_read(&expected, &input);
        run(&input, &expected, SIZE_MAX);
        run(&input, &expected, 0);
        reference_session_free(&expected);
    }
    return 0;
}

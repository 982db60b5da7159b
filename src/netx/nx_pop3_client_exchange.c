/* SPDX-License-Identifier: MIT */
/*
 * How a command goes out and its reply comes in: packets, the rules of N-46 to N-57 about them, and when a session dies
 * of them. What a POP3 reply looks like is the engine's business.
 */
#include "nx_pop3_client_internal.h"

#include <string.h>

/* ---- The connection ---- */

static VOID release(NX_POP3_CLIENT *client_ptr) {
    if (client_ptr->nx_pop3_client_message_ptr != NX_NULL) {
        nx_packet_release(client_ptr->nx_pop3_client_message_ptr);
        client_ptr->nx_pop3_client_message_ptr = NX_NULL;
    }
}

VOID _nx_pop3_client_disconnect(NX_POP3_CLIENT *client_ptr, ULONG wait) {
    pop3_engine_abort(&client_ptr->nx_pop3_client_engine, POP3_IO);
    client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
    release(client_ptr);
    _nx_pop3_client_tls_end(client_ptr, wait);
    nx_tcp_socket_disconnect(&client_ptr->nx_pop3_client_tcp_socket, wait);
    nx_tcp_client_socket_unbind(&client_ptr->nx_pop3_client_tcp_socket);
}

/* One tick, for with NX_NO_WAIT and NX_DISABLE_RESET_DISCONNECT the socket could not be unbound (N-49). */
UINT _nx_pop3_client_session_end(NX_POP3_CLIENT *client_ptr, UINT status) {
    _nx_pop3_client_disconnect(client_ptr, 1);
    return status;
}

/* ---- Replies ---- */

/* The reply in progress is over. Octets behind it end the session (F-03). */
static VOID reply_done(NX_POP3_CLIENT *client_ptr) {
    /* NOLINTNEXTLINE(-Wanalyzer-null-dereference): where drain() calls, packet_read() has taken no line */
    if (client_ptr->nx_pop3_client_message_ptr->nx_packet_length != 0) {
        _nx_pop3_client_disconnect(client_ptr, 1);
    }
    release(client_ptr);
}

/* What there is to do with a line before the next: its text stands in the client's buffer and outlives the packet. */
static VOID line_done(NX_POP3_CLIENT *client_ptr, const pop3_event *event) {
    if (event->type < POP3_EVENT_GREETING) {
        return;
    }
#if NX_POP3_CLIENT_RESPONSE_SIZE > 0
    if (event->type < POP3_EVENT_END) {
        client_ptr->nx_pop3_client_response_length =
            event->length < NX_POP3_CLIENT_RESPONSE_SIZE ? (UINT)event->length : NX_POP3_CLIENT_RESPONSE_SIZE;
        memcpy(client_ptr->nx_pop3_client_response, event->data, client_ptr->nx_pop3_client_response_length);
    }
#endif
    if (!event->more) {
        reply_done(client_ptr);
    }
}

#ifndef NX_POP3_CLIENT_RAW_MESSAGE

/*
 * Moves what the event gave of a message to write_ptr; returns where the next goes. An event that used no octets gives
 * a CR that the engine withheld in an earlier segment. In the same chain it goes behind the octets of that segment,
 * where the dot and the CR left room; in a packet already handed out, into the head's header room (N-56).
 */
static UCHAR *content_keep(NX_POP3_CLIENT *client_ptr, NX_PACKET *held, UCHAR *write_ptr, pop3_event *event,
                           size_t used) {
    if (used == 0) {
        *(held != NX_NULL ? held->nx_packet_append_ptr++
                          : --client_ptr->nx_pop3_client_message_ptr->nx_packet_prepend_ptr) = '\r';
        return write_ptr;
    }
    if (event->length != 0) {
        memmove(write_ptr, event->data, event->length);
    }
    return write_ptr + event->length;
}

#else

static UCHAR *content_keep(NX_POP3_CLIENT *client_ptr, NX_PACKET *held, UCHAR *write_ptr, pop3_event *event,
                           size_t used) {
    NX_PARAMETER_NOT_USED(held);
    event->length = client_ptr->nx_pop3_client_ready_to_download ? used : 0;
    return write_ptr + event->length;
}

#endif

/*
 * Gives the packet or chain to the engine: up to the next line; or where it holds octets of a message, up to its end.
 * Those are moved together where they lie, and event->length tells how many they are.
 */
static VOID packet_read(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    NX_PACKET *segment;
    NX_PACKET *held = NX_NULL; /* the last segment from which octets were taken away */
    UCHAR *read_ptr;
    UCHAR *write_ptr;
    size_t content = 0;
    size_t used;

    for (segment = client_ptr->nx_pop3_client_message_ptr; segment != NX_NULL;
         segment = _nx_pop3_client_next_segment(segment)) {
        read_ptr = write_ptr = segment->nx_packet_prepend_ptr;
        while (event->type != POP3_EVENT_END && read_ptr != segment->nx_packet_append_ptr) {
            used = pop3_engine_input(&client_ptr->nx_pop3_client_engine, read_ptr,
                                     (size_t)(segment->nx_packet_append_ptr - read_ptr), event);
            read_ptr += used;
            client_ptr->nx_pop3_client_message_ptr->nx_packet_length -= (ULONG)used;
            if (event->type != POP3_EVENT_NEED_INPUT && !client_ptr->nx_pop3_client_ready_to_download) {
                segment->nx_packet_prepend_ptr = read_ptr;
                line_done(client_ptr, event);
                return;
            }
            write_ptr = content_keep(client_ptr, held, write_ptr, event, used);
            content += event->length;
        }
        if (write_ptr != segment->nx_packet_append_ptr) {
            held = segment;
        }
        segment->nx_packet_append_ptr = write_ptr;
    }
    event->length = content;
}

UINT _nx_pop3_client_event_get(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    UINT status;

    event->type = POP3_EVENT_NEED_INPUT;
    do {
        packet_read(client_ptr, event);
        if (event->type == POP3_EVENT_FAIL) {
            status = NX_POP3_SERVER_ERROR_STATUS;
        } else if (event->type != POP3_EVENT_NEED_INPUT || event->length != 0) {
            return NX_SUCCESS;
        } else {
            release(client_ptr);
            status = _nx_pop3_client_packet_receive(client_ptr, NX_POP3_SERVER_REPLY_TIMEOUT);
        }
    } while (status == NX_SUCCESS);
    return _nx_pop3_client_session_end(client_ptr, status);
}

/* ---- Commands ---- */

UINT _nx_pop3_client_exchange(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    size_t length;
    const void *octets;
    UINT status;

    status = _nx_pop3_client_packet_receive(client_ptr, NX_NO_WAIT);
    if (status != NX_NO_PACKET) {
        return _nx_pop3_client_session_end(client_ptr, status == NX_SUCCESS ? NX_POP3_SERVER_ERROR_STATUS : status);
    }
    octets = pop3_engine_output(&client_ptr->nx_pop3_client_engine, &length);
    status = _nx_pop3_client_packet_allocate(client_ptr);
    if (status == NX_SUCCESS) {
        /* NOLINTNEXTLINE(-Wcast-qual): it reads only */
        status = nx_packet_data_append(client_ptr->nx_pop3_client_message_ptr, (VOID *)octets, (ULONG)length,
                                       client_ptr->nx_pop3_client_packet_pool_ptr, NX_POP3_CLIENT_PACKET_TIMEOUT);
    }
    pop3_engine_output_done(&client_ptr->nx_pop3_client_engine, length);
    if (status != NX_SUCCESS) {
        release(client_ptr);
        pop3_engine_undo(&client_ptr->nx_pop3_client_engine);
#ifdef NX_DISABLE_PACKET_CHAIN
        if (status == NX_SIZE_ERROR) {
            status = NX_POP3_INSUFFICIENT_PACKET_PAYLOAD;
        }
#endif
        return status;
    }
    status = _nx_pop3_client_packet_send(client_ptr);
    if (status != NX_SUCCESS) {
        return _nx_pop3_client_session_end(client_ptr, status);
    }
    client_ptr->nx_pop3_client_message_ptr = NX_NULL; /* it is NetX's now */
    return _nx_pop3_client_event_get(client_ptr, event);
}

/* Reads the rest of a message that the application left unread (N-53). */
static UINT drain(NX_POP3_CLIENT *client_ptr, pop3_event *event) {
    size_t left = NX_POP3_CLIENT_DRAIN_LIMIT;
    UINT status;

    while (client_ptr->nx_pop3_client_ready_to_download) {
        status = _nx_pop3_client_event_get(client_ptr, event);
        if (status != NX_SUCCESS) {
            return status;
        }
        if (event->type == POP3_EVENT_END) {
            client_ptr->nx_pop3_client_ready_to_download = NX_FALSE;
        }
        reply_done(client_ptr);
        if (event->length > left) {
            _nx_pop3_client_disconnect(client_ptr, 1);
        }
        left -= event->length;
    }
    return NX_SUCCESS;
}

/* May the command be sent? Only DELE among those about an item before the count is known (N-45). */
static UINT command_check(const NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item) {
    UINT about_item = verb > POP3_STAT && verb <= POP3_TOP;

    if (client_ptr == NX_NULL) {
        return NX_PTR_ERROR;
    }
    if (about_item && item == 0) {
        return NX_POP3_CLIENT_INVALID_INDEX;
    }
    if (!_nx_pop3_client_in_transaction(client_ptr)) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    if (about_item && item > client_ptr->nx_pop3_client_maildrop_items &&
        (verb != POP3_DELE || client_ptr->nx_pop3_client_mail_status)) {
        return NX_POP3_INVALID_MAIL_ITEM;
    }
    return NX_SUCCESS;
}

UINT _nx_pop3_client_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item, pop3_reply *reply) {
    pop3_arg arg = {NULL, NULL, item, 0};
    UINT status = command_check(client_ptr, verb, item);

    if (status == NX_SUCCESS) {
        status = drain(client_ptr, &reply->event);
    }
    if (status != NX_SUCCESS) {
        return status;
    }
    arg.lines = client_ptr->nx_pop3_client_top_lines;
    if (pop3_engine_command(&client_ptr->nx_pop3_client_engine, verb, &arg, 0) != POP3_SUCCESS) {
        return NX_POP3_CLIENT_INVALID_STATE;
    }
    status = _nx_pop3_client_exchange(client_ptr, &reply->event);
    if (status != NX_SUCCESS) {
        return status;
    }
    reply->count = pop3_parse_numbers(reply->event.data, reply->event.length, reply->numbers);
    return reply->event.type == POP3_EVENT_OK ? NX_SUCCESS : NX_POP3_SERVER_ERROR_STATUS;
}

UINT _nx_pop3_client_simple_command(NX_POP3_CLIENT *client_ptr, pop3_verb verb, UINT item) {
    pop3_reply reply;

    return _nx_pop3_client_command(client_ptr, verb, item, &reply);
}

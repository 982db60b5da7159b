/* SPDX-License-Identifier: MIT */
/* Octets into and out of packets and chains. Takes further packets from a pool, but does not know how pools work. */
#include "hooks.h"
#include "packet.h"

/* --- Appending --------------------------------------------------------------------------------------------------- */

static ULONG room_of(const NX_PACKET *packet) {
    return (ULONG)(packet->nx_packet_data_end - packet->nx_packet_append_ptr);
}

static NX_PACKET *last_of(NX_PACKET *packet) {
    while (packet->nx_packet_next != NULL) {
        packet = packet->nx_packet_next;
    }
    return packet;
}

/* Links new packets behind `last` until `missing` more octets fit; without them nothing is linked. */
static UINT extend(NX_PACKET *last, ULONG missing, NX_PACKET_POOL *pool, ULONG wait) {
    NX_PACKET *first = NULL;
    NX_PACKET **link = &first;
    for (ULONG room = 0; room < missing;) {
        UINT status = packet_take_waiting(pool, link, 0, wait);
        if (status != NX_SUCCESS) {
            packet_give_back(first);
            return status;
        }
        room += room_of(*link);
        link = &(*link)->nx_packet_next;
    }
    last->nx_packet_next = first;
    return NX_SUCCESS;
}

UINT _nx_packet_data_append(NX_PACKET *packet, VOID *data, ULONG size, NX_PACKET_POOL *pool, ULONG wait) {
    UINT status;
    if (hooks_fail(NXHOST_PACKET_DATA_APPEND, &status)) {
        return status;
    }
    NX_PACKET *last = last_of(packet);
    if (room_of(last) < size) {
        if (!PACKET_CHAINS) {
            return NX_SIZE_ERROR;
        }
        status = extend(last, size - room_of(last), pool, wait);
        if (status != NX_SUCCESS) {
            return status;
        }
    }
    packet->nx_packet_length += size;
    const UCHAR *from = data;
    for (NX_PACKET *segment = last; segment != NULL; segment = segment->nx_packet_next) {
        ULONG part = size < room_of(segment) ? size : room_of(segment);
        memcpy(segment->nx_packet_append_ptr, from, part);
        segment->nx_packet_append_ptr += part;
        from += part;
        size -= part;
        if (segment != packet) {
            packet->nx_packet_last = segment;
        }
    }
    return NX_SUCCESS;
}

UINT _nxe_packet_data_append(NX_PACKET *packet, VOID *data, ULONG size, NX_PACKET_POOL *pool, ULONG wait) {
    if (!packet_pool_is_created(pool) || packet == NULL || data == NULL) {
        return NX_PTR_ERROR;
    }
    if (size == 0) {
        return NX_SIZE_ERROR;
    }
    UINT error = packet_bounds_error(packet);
    if (error == NX_SUCCESS) {
        error = packet_wait_error(wait);
    }
    return error != NX_SUCCESS ? error : _nx_packet_data_append(packet, data, size, pool, wait);
}

/* --- Reading ----------------------------------------------------------------------------------------------------- */

/* Copies at most `limit` octets from the offset on; returns how many. */
static ULONG copy_out(const NX_PACKET *packet, ULONG offset, UCHAR *to, ULONG limit) {
    ULONG copied = 0;
    for (; packet != NULL && copied < limit; packet = packet->nx_packet_next) {
        ULONG length = packet_segment_length(packet);
        if (offset >= length) {
            offset -= length;
            continue;
        }
        ULONG part = length - offset < limit - copied ? length - offset : limit - copied;
        memcpy(to + copied, packet->nx_packet_prepend_ptr + offset, part);
        copied += part;
        offset = 0;
    }
    return copied;
}

UINT _nx_packet_data_retrieve(NX_PACKET *packet, VOID *buffer, ULONG *bytes_copied) {
    *bytes_copied = copy_out(packet, 0, buffer, packet->nx_packet_length);
    return *bytes_copied == packet->nx_packet_length ? NX_SUCCESS : NX_INVALID_PACKET;
}

UINT _nxe_packet_data_retrieve(NX_PACKET *packet, VOID *buffer, ULONG *bytes_copied) {
    if (packet == NULL || buffer == NULL || bytes_copied == NULL) {
        return NX_PTR_ERROR;
    }
    return _nx_packet_data_retrieve(packet, buffer, bytes_copied);
}

UINT _nx_packet_data_extract_offset(NX_PACKET *packet, ULONG offset, VOID *buffer, ULONG size, ULONG *bytes_copied) {
    if (offset >= packet->nx_packet_length) {
        if (offset > 0) {
            return NX_PACKET_OFFSET_ERROR;
        }
        *bytes_copied = 0;
        return NX_SUCCESS;
    }
    *bytes_copied = copy_out(packet, offset, buffer, size);
    return NX_SUCCESS;
}

UINT _nxe_packet_data_extract_offset(NX_PACKET *packet, ULONG offset, VOID *buffer, ULONG size, ULONG *bytes_copied) {
    if (packet == NULL || buffer == NULL || bytes_copied == NULL) {
        return NX_PTR_ERROR;
    }
    return _nx_packet_data_extract_offset(packet, offset, buffer, size, bytes_copied);
}

UINT _nx_packet_length_get(NX_PACKET *packet, ULONG *length) {
    *length = packet->nx_packet_length;
    return NX_SUCCESS;
}

UINT _nxe_packet_length_get(NX_PACKET *packet, ULONG *length) {
    if (packet == NULL || length == NULL || !packet_pool_is_created(packet->nx_packet_pool_owner)) {
        return NX_PTR_ERROR;
    }
    return _nx_packet_length_get(packet, length);
}

/* --- Copying ----------------------------------------------------------------------------------------------------- */

/* The copy keeps the header room of the original's head where its own pool allows it. */
UINT _nx_packet_copy(NX_PACKET *packet, NX_PACKET **new_packet, NX_PACKET_POOL *pool, ULONG wait) {
    UINT status;
    *new_packet = NULL;
    if (hooks_fail(NXHOST_PACKET_COPY, &status)) {
        return status;
    }
    if (packet->nx_packet_length == 0) {
        return NX_INVALID_PACKET;
    }
    ULONG header_room = (ULONG)(packet->nx_packet_prepend_ptr - packet->nx_packet_data_start);
    if (header_room >= pool->nx_packet_pool_payload_size) {
        header_room = 0;
    }
    NX_PACKET *copy;
    status = packet_take_waiting(pool, &copy, header_room, wait);
    if (status != NX_SUCCESS) {
        return status;
    }
    if (room_of(copy) < packet->nx_packet_length) {
        status = PACKET_CHAINS ? extend(copy, packet->nx_packet_length - room_of(copy), pool, wait) : NX_SIZE_ERROR;
        if (status != NX_SUCCESS) {
            packet_give_back(copy);
            return status;
        }
    }
    copy->nx_packet_length = packet->nx_packet_length;
    copy->nx_packet_ip_version = packet->nx_packet_ip_version;
    ULONG done = 0;
    for (NX_PACKET *segment = copy; segment != NULL; segment = segment->nx_packet_next) {
        ULONG part = copy_out(packet, done, segment->nx_packet_append_ptr, room_of(segment));
        segment->nx_packet_append_ptr += part;
        done += part;
        copy->nx_packet_last = segment != copy ? segment : NULL;
    }
    *new_packet = copy;
    return NX_SUCCESS;
}

UINT _nxe_packet_copy(NX_PACKET *packet, NX_PACKET **new_packet, NX_PACKET_POOL *pool, ULONG wait) {
    if (!packet_pool_is_created(pool) || packet == NULL || new_packet == NULL) {
        return NX_PTR_ERROR;
    }
    UINT error = packet_bounds_error(packet);
    if (error == NX_SUCCESS) {
        error = packet_wait_error(wait);
    }
    return error != NX_SUCCESS ? error : _nx_packet_copy(packet, new_packet, pool, wait);
}

/* mqttc.h: a codec for MQTT 3.1 and 3.1.1. Bytes in, structs out, and back; no heap, no I/O, no globals.
 *
 * Generated from the Rust sources of mqtt-ffi; do not edit. C99 and C++11.
 *
 * The rules, once:
 * - Buffers and structs are yours. Nothing is allocated, nothing is to be freed, nothing is kept after
 *   a call, but for the pointers in an mqttc_reader.
 * - A call answers an mqttc_status: MQTTC_OK (0), MQTTC_NEED_MORE (1), or below 0 an error; what it
 *   means is in mqttc_strerror(), which clause of the specification in mqttc_spec_ref().
 * - An encoder checks the rules, then the size, then writes. On an error the output is untouched.
 * - A decoder's slices point into the buffer that you gave it.
 * - Absent is has_x == 0, never NULL: an empty user name or will message is legal.
 * - What is decoded must not overlap the results, and what is encoded must not overlap the buffer that
 *   it goes to; such calls are refused.
 * - Everything is reentrant and may be called from an interrupt.
 */
#ifndef MQTTC_H
#define MQTTC_H

#include <stddef.h>
#include <stdint.h>


// The number of this header's binary interface: struct layouts, function signatures and status
// values. It changes when one of them does.
#define MQTTC_ABI 1

// The values of `mqttc_status`. -1 to -31 are mistakes of the caller, -32 and below are broken rules
// of the specification, the same for decoding and encoding.
enum mqttc_code
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Done.
    MQTTC_OK = 0,
    // The frame is not complete; `*used` (of the reader: `*left`) tells how many bytes are missing.
    MQTTC_NEED_MORE = 1,
    // Of the reader: the start of a PUBLISH that is longer than its buffer.
    MQTTC_PUBLISH_START = 2,
    // Of the reader: a piece of that PUBLISH's payload.
    MQTTC_PAYLOAD = 3,
    // A pointer is NULL that must not be.
    MQTTC_ERR_NULL = -1,
    // The output is too small; `*written` tells the size that is needed. Nothing was written.
    MQTTC_ERR_BUFFER_TOO_SMALL = -2,
    // A flag byte that is not 0 or 1, a packet type or role that does not exist, reserved bytes that
    // are not 0, a commit beyond the space, a struct that was not initialised or was tampered with; a
    // misaligned pointer, a length over PTRDIFF_MAX, or an input that overlaps the output.
    MQTTC_ERR_INVALID_ARGUMENT = -3,
    // The remaining length takes more than four bytes, or would be over 268435455 (section 2.2.3).
    MQTTC_ERR_REMAINING_LENGTH = -32,
    // The remaining length is not in its shortest form (section 2.2.3).
    MQTTC_ERR_REMAINING_LENGTH_PADDED = -33,
    // Packet types 0 and 15 are forbidden (section 2.2.1).
    MQTTC_ERR_PACKET_TYPE_RESERVED = -34,
    // The flag bits of the fixed header are not those that the type must have [MQTT-2.2.2-1].
    MQTTC_ERR_FLAGS_RESERVED = -35,
    // The frame is longer than `max_packet_len`, or than the reader's buffer.
    MQTTC_ERR_PACKET_TOO_LARGE = -36,
    // This packet type is never sent in this direction (section 2.2.1).
    MQTTC_ERR_WRONG_DIRECTION = -37,
    // The frame ends before a field that must be there, or inside it.
    MQTTC_ERR_TRUNCATED = -38,
    // The frame goes on after its last field.
    MQTTC_ERR_TRAILING_BYTES = -39,
    // A string is not well-formed UTF-8 [MQTT-1.5.3-1].
    MQTTC_ERR_UTF8 = -40,
    // A string holds U+0000 [MQTT-1.5.3-2].
    MQTTC_ERR_NUL_IN_STRING = -41,
    // A string or binary field is over 65535 bytes.
    MQTTC_ERR_STRING_TOO_LONG = -42,
    // The protocol name is neither MQTT nor MQIsdp [MQTT-3.1.2-1].
    MQTTC_ERR_PROTOCOL_NAME = -43,
    // The protocol level does not go with the name [MQTT-3.1.2-2]: answer CONNACK 1.
    MQTTC_ERR_PROTOCOL_LEVEL = -44,
    // A CONNECT of another known version, such as MQTT 5: answer CONNACK 1.
    MQTTC_ERR_PROTOCOL_VERSION_OTHER = -45,
    // Bit 0 of the connect flags is set [MQTT-3.1.2-3].
    MQTTC_ERR_CONNECT_FLAG_RESERVED = -46,
    // The will QoS is not 0, 1 or 2 [MQTT-3.1.2-14].
    MQTTC_ERR_WILL_QOS = -47,
    // Will QoS or will retain without a will [MQTT-3.1.2-11].
    MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL = -48,
    // A password without a user name [MQTT-3.1.2-22].
    MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME = -49,
    // The client identifier is empty without clean session [MQTT-3.1.3-8], or, in MQTT 3.1, not of 1
    // to 23 characters: answer CONNACK 2.
    MQTTC_ERR_CLIENT_ID_REJECTED = -50,
    // Bits 7 to 1 of the connect acknowledge flags are not 0.
    MQTTC_ERR_CONNACK_FLAGS = -51,
    // A CONNACK return code is over 5.
    MQTTC_ERR_RETURN_CODE = -52,
    // Session present with a return code that is not 0 [MQTT-3.2.2-4].
    MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL = -53,
    // The QoS of a PUBLISH is not 0, 1 or 2 [MQTT-3.3.1-4].
    MQTTC_ERR_QOS_RESERVED = -54,
    // DUP on a PUBLISH of QoS 0 [MQTT-3.3.1-2].
    MQTTC_ERR_DUP_WITHOUT_QOS = -55,
    // A topic name is empty [MQTT-4.7.3-1].
    MQTTC_ERR_TOPIC_EMPTY = -56,
    // A topic name holds + or # [MQTT-3.3.2-2].
    MQTTC_ERR_TOPIC_WILDCARD = -57,
    // A packet identifier is 0 [MQTT-2.3.1-1].
    MQTTC_ERR_PACKET_ID_ZERO = -58,
    // A SUBSCRIBE or UNSUBSCRIBE without a topic filter [MQTT-3.8.3-3].
    MQTTC_ERR_NO_FILTERS = -59,
    // A topic filter is empty [MQTT-4.7.3-1].
    MQTTC_ERR_FILTER_EMPTY = -60,
    // A wildcard that does not fill its level, or a # before the last level [MQTT-4.7.1-2].
    MQTTC_ERR_FILTER_WILDCARD = -61,
    // A subscription's options are not a QoS of 0, 1 or 2 [MQTT-3.8.3-4].
    MQTTC_ERR_SUBSCRIBE_OPTIONS = -62,
    // A SUBACK without a return code [MQTT-3.8.4-5].
    MQTTC_ERR_NO_RETURN_CODES = -63,
    // A SUBACK return code is not 0, 1, 2 or 0x80 [MQTT-3.9.3-2].
    MQTTC_ERR_SUBACK_RETURN_CODE = -64,
    // A decoder for one packet type was given a frame of another type.
    MQTTC_ERR_PACKET_TYPE_UNEXPECTED = -65,
    // A string holds a control character or a non-character, and MQTTC_REFUSE_CONTROL_CHARACTERS is
    // set (section 1.5.3).
    MQTTC_ERR_CHARACTER_DISCOURAGED = -66,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_code mqttc_code;
#else
typedef int32_t mqttc_code;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// The packet types, by their numbers on the wire (section 2.2.1).
enum mqttc_packet_type
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // A client asks for a connection.
    MQTTC_CONNECT = 1,
    // The server's answer to CONNECT.
    MQTTC_CONNACK = 2,
    // A message, either way.
    MQTTC_PUBLISH = 3,
    // Acknowledges a PUBLISH of QoS 1.
    MQTTC_PUBACK = 4,
    // The first answer to a PUBLISH of QoS 2.
    MQTTC_PUBREC = 5,
    // The answer to PUBREC.
    MQTTC_PUBREL = 6,
    // The answer to PUBREL.
    MQTTC_PUBCOMP = 7,
    // A client asks for messages.
    MQTTC_SUBSCRIBE = 8,
    // The answer to SUBSCRIBE.
    MQTTC_SUBACK = 9,
    // A client ends subscriptions.
    MQTTC_UNSUBSCRIBE = 10,
    // The answer to UNSUBSCRIBE.
    MQTTC_UNSUBACK = 11,
    // A client shows that it is there.
    MQTTC_PINGREQ = 12,
    // The answer to PINGREQ.
    MQTTC_PINGRESP = 13,
    // A client ends the connection.
    MQTTC_DISCONNECT = 14,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_packet_type mqttc_packet_type;
#else
typedef uint8_t mqttc_packet_type;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Which side decodes, for `mqttc_decoder`.
enum mqttc_role
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Takes every packet type.
    MQTTC_ROLE_ANY = 0,
    // Takes only what a server may send.
    MQTTC_ROLE_CLIENT = 1,
    // Takes only what a client may send.
    MQTTC_ROLE_SERVER = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_role mqttc_role;
#else
typedef uint8_t mqttc_role;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Protocol levels, for `mqttc_connect` and `mqttc_decoder` (section 3.1.2.2).
enum mqttc_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // MQTT 3.1, protocol name MQIsdp.
    MQTTC_LEVEL_3_1 = 3,
    // MQTT 3.1.1, protocol name MQTT.
    MQTTC_LEVEL_3_1_1 = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_level mqttc_level;
#else
typedef uint8_t mqttc_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// Options of `mqttc_decoder`, joined with `|`. What an MQTTC_ALLOW_ option has let through in a packet
// shows as the same bit in the packet's `tolerated`; its fields are then in the form that the rules
// allow, but for raw codes and a long client identifier, which the encoders refuse. None loosens an
// encoder. The numbers, such as A01, are those of the table of options in CONFORMANCE.md.
enum mqttc_option
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Takes a remaining length that is not in its shortest form, such as `c0 80 00` (A01).
    MQTTC_ALLOW_PADDED_REMAINING_LENGTH = (1 << 0),
    // Takes a PUBLISH of QoS 0 that has DUP set, and drops the DUP (A02).
    MQTTC_ALLOW_DUP_WITHOUT_QOS = (1 << 1),
    // Takes a CONNECT with a password and no user name, with an empty user name (A08).
    MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME = (1 << 2),
    // Takes a CONNECT whose protocol level has bit 7 set, as bridges send it, and drops the bit (A12).
    MQTTC_ALLOW_BRIDGE_BIT = (1 << 3),
    // Takes reserved return codes in a SUBACK, as they are (A16).
    MQTTC_ALLOW_RAW_SUBACK_CODES = (1 << 4),
    // Takes a reserved return code in a CONNACK, as it is (A17).
    MQTTC_ALLOW_RAW_CONNACK_CODES = (1 << 5),
    // Takes a CONNACK that refuses and has session present set, and drops the latter (A18).
    MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL = (1 << 6),
    // MQTT 3.1: takes client identifiers of more than 23 characters (A32).
    MQTTC_ALLOW_LONG_CLIENT_ID_3_1 = (1 << 7),
    // Leaves the topic filters of SUBSCRIBE and UNSUBSCRIBE unvalidated but for UTF-8 and U+0000, so that
    // a server can answer 0x80 to a bad one instead of closing: check each with
    // `mqttc_topic_filter_check` (A25).
    MQTTC_ALLOW_BAD_FILTERS = (1 << 8),
    // Refuses control characters and non-characters in strings, with
    // MQTTC_ERR_CHARACTER_DISCOURAGED (A20, A21).
    MQTTC_REFUSE_CONTROL_CHARACTERS = (1 << 16),
    // MQTT 3.1: wants the unused flag bits of the fixed header to be those of MQTT 3.1.1 (A30).
    MQTTC_STRICT_FLAGS_3_1 = (1 << 17),
    // MQTT 3.1: wants bit 0 of the connect flags to be 0 (A31).
    MQTTC_STRICT_CONNECT_FLAG_3_1 = (1 << 18),
    // MQTT 3.1: wants the user name and the password to be there when their flags say so (A33).
    MQTTC_STRICT_LOGIN_3_1 = (1 << 19),
    // MQTT 3.1: refuses 0x80 in a SUBACK (A35).
    MQTTC_REFUSE_SUBACK_FAILURE_3_1 = (1 << 20),
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_option mqttc_option;
#else
typedef uint32_t mqttc_option;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What `mqttc_peek_connect_version` tells.
enum mqttc_connect_version
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Another protocol name, or a level that does not go with it.
    MQTTC_VERSION_UNKNOWN = 0,
    // MQIsdp, level 3.
    MQTTC_VERSION_3_1 = 3,
    // MQTT, level 4.
    MQTTC_VERSION_3_1_1 = 4,
    // MQTT, level 5.
    MQTTC_VERSION_5_0 = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_connect_version mqttc_connect_version;
#else
typedef uint8_t mqttc_connect_version;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// How to decode. Fill it with `mqttc_decoder_init`, then change what you need; NULL in its place
// means the same as freshly initialised. Its size never changes.
typedef struct mqttc_decoder {
    // The longest frame to take, fixed header included; longer ones are MQTTC_ERR_PACKET_TOO_LARGE as
    // soon as their length is known. UINT32_MAX: no limit.
    uint32_t max_packet_len;
    // MQTTC_ALLOW_, MQTTC_REFUSE_ and MQTTC_STRICT_ options, joined with `|`; 0: the rules as they are.
    uint32_t options;
    // MQTTC_ROLE_ANY, MQTTC_ROLE_CLIENT or MQTTC_ROLE_SERVER; types that this side never receives are
    // MQTTC_ERR_WRONG_DIRECTION.
    uint8_t role;
    // The version whose rules hold: MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1. A CONNECT's body is judged by
    // the version that it names itself; the flag bits of its first byte by this one, as they come
    // before that name.
    uint8_t protocol_level;
    // For what is to come; must be 0.
    uint8_t reserved[6];
} mqttc_decoder;

// What a call answers: 0 done, 1 need more, 2 to 9 reader events, negative an error. The values
// are those of `enum mqttc_code` and never change; new errors are appended.
typedef int32_t mqttc_status;

// A fixed header: what the first 2 to 5 bytes of a frame say.
typedef struct mqttc_frame {
    // The bytes after the header.
    uint32_t remaining_len;
    // MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    uint8_t type;
    // The lower half of the first byte, unjudged.
    uint8_t flags;
    // The bytes of the header itself, 2 to 5. The frame is `header_len + remaining_len` bytes.
    uint8_t header_len;
} mqttc_frame;

// Why a frame was refused, and where.
typedef struct mqttc_error {
    // The same as the call has answered: -32 or below.
    mqttc_status status;
    // The first byte that breaks the rule, counted from the frame's first byte.
    uint32_t offset;
} mqttc_error;

// Bytes that somebody else owns. Not NUL-terminated: print with
// `"%.*s", (int)s.len, (const char *)s.ptr`.
//
// In a decoded packet a slice points into the buffer that was decoded, and is good for as long as
// those bytes stay there. To encode, point it at your own bytes (`mqttc_str`, `mqttc_bytes`); they
// are only read during the call. `ptr` may be NULL only when `len` is 0.
typedef struct mqttc_slice {
    // The first byte.
    const uint8_t *ptr;
    // How many bytes.
    size_t len;
} mqttc_slice;

// CONNECT: asks a server for a connection (section 3.1). Fill it with `mqttc_connect_init`.
typedef struct mqttc_connect {
    // Who the client is. MQTT 3.1.1: may be empty if `clean_session`. MQTT 3.1: 1 to 23 characters.
    struct mqttc_slice client_id;
    // Where the will is published. Looked at only if `has_will`.
    struct mqttc_slice will_topic;
    // What is published there; may be empty. Looked at only if `has_will`.
    struct mqttc_slice will_message;
    // May be empty. Looked at only if `has_user_name`.
    struct mqttc_slice user_name;
    // May be empty; any bytes. Looked at only if `has_password`.
    struct mqttc_slice password;
    // The longest silence of the client, in seconds; 0 turns the check off.
    uint16_t keep_alive;
    // MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1.
    uint8_t protocol_level;
    // 0 or 1: start afresh and keep nothing afterwards.
    uint8_t clean_session;
    // 0 or 1: there is a message to publish when the client vanishes.
    uint8_t has_will;
    // 0, 1 or 2; 0 without a will.
    uint8_t will_qos;
    // 0 or 1; 0 without a will.
    uint8_t will_retain;
    // 0 or 1.
    uint8_t has_user_name;
    // 0 or 1; not without a user name [MQTT-3.1.2-22].
    uint8_t has_password;
} mqttc_connect;

// CONNACK: a server's answer to CONNECT (section 3.2).
typedef struct mqttc_connack {
    // 0 or 1: the server has kept the session; 0 with a refusal.
    uint8_t session_present;
    // 0 accepted; 1 unacceptable protocol version, 2 identifier rejected, 3 server unavailable, 4 bad
    // user name or password, 5 not authorized.
    uint8_t return_code;
} mqttc_connack;

// PUBLISH: a message (section 3.3). Fill it with `mqttc_publish_init`.
typedef struct mqttc_publish {
    // Where it is published: at least one byte, no wildcards.
    struct mqttc_slice topic;
    // The message; any bytes, also none.
    struct mqttc_slice payload;
    // 1 to 65535 with QoS 1 and 2; 0 when decoded with QoS 0, and not looked at when encoded with it.
    uint16_t packet_id;
    // 0, 1 or 2.
    uint8_t qos;
    // 0 or 1: this is not the first try; 0 with QoS 0.
    uint8_t dup;
    // 0 or 1: to a server, keep it for later subscribers; from a server, it was kept.
    uint8_t retain;
} mqttc_publish;

// The filters of a decoded SUBSCRIBE or UNSUBSCRIBE: an iterator over the frame's bytes. A copy
// starts where the original stands. Advance it with `mqttc_filters_next` alone; like any slice, `rest`
// must not be made longer than the bytes that are there.
typedef struct mqttc_filters {
    // What is left of the list, as it stands on the wire.
    struct mqttc_slice rest;
    // 1 in a SUBSCRIBE, where a QoS follows each filter; 0 in an UNSUBSCRIBE.
    uint8_t has_qos;
    // 1 where MQTTC_ALLOW_BAD_FILTERS was set: check each filter with `mqttc_topic_filter_check`.
    uint8_t unvalidated;
} mqttc_filters;

// A decoded SUBSCRIBE or UNSUBSCRIBE.
typedef struct mqttc_filter_list {
    // The filters, to be walked with `mqttc_filters_next`.
    struct mqttc_filters filters;
    // 1 to 65535.
    uint16_t packet_id;
} mqttc_filter_list;

// SUBACK: the answer to SUBSCRIBE (section 3.9). Fill it with `mqttc_suback_init`.
typedef struct mqttc_suback {
    // One byte for each filter of the SUBSCRIBE, in their order: the QoS that is granted (0, 1, 2), or
    // 0x80 for a refusal.
    struct mqttc_slice return_codes;
    // 1 to 65535; that of the SUBSCRIBE.
    uint16_t packet_id;
} mqttc_suback;

// The body of an `mqttc_packet`; its `type` tells which member.
typedef union mqttc_packet_body {
    // MQTTC_CONNECT
    struct mqttc_connect connect;
    // MQTTC_CONNACK
    struct mqttc_connack connack;
    // MQTTC_PUBLISH
    struct mqttc_publish publish;
    // MQTTC_PUBACK, MQTTC_PUBREC, MQTTC_PUBREL, MQTTC_PUBCOMP, MQTTC_UNSUBACK
    uint16_t packet_id;
    // MQTTC_SUBSCRIBE
    struct mqttc_filter_list subscribe;
    // MQTTC_SUBACK
    struct mqttc_suback suback;
    // MQTTC_UNSUBSCRIBE
    struct mqttc_filter_list unsubscribe;
} mqttc_packet_body;

// Any decoded packet. PINGREQ, PINGRESP and DISCONNECT have no body.
typedef struct mqttc_packet {
    // The member of this packet's `type`.
    union mqttc_packet_body u;
    // What the decoder's options have let through: `mqttc_option` bits, 0 by default.
    uint32_t tolerated;
    // MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    uint8_t type;
} mqttc_packet;

// A topic filter and the QoS that is asked for it.
typedef struct mqttc_subscription {
    // Which topics; wildcards where section 4.7.1 allows them.
    struct mqttc_slice filter;
    // 0, 1 or 2. 0 when it comes from an UNSUBSCRIBE.
    uint8_t qos;
} mqttc_subscription;

// SUBSCRIBE to be encoded (section 3.8). Fill it with `mqttc_subscribe_init`.
typedef struct mqttc_subscribe {
    // An array of `count` subscriptions.
    const struct mqttc_subscription *filters;
    // At least 1.
    size_t count;
    // 1 to 65535; the SUBACK repeats it.
    uint16_t packet_id;
} mqttc_subscribe;

// UNSUBSCRIBE to be encoded (section 3.10). Fill it with `mqttc_unsubscribe_init`.
typedef struct mqttc_unsubscribe {
    // An array of `count` topic filters.
    const struct mqttc_slice *filters;
    // At least 1.
    size_t count;
    // 1 to 65535; the UNSUBACK repeats it.
    uint16_t packet_id;
} mqttc_unsubscribe;

// Decodes one frame: `mqttc_decode`, `mqttc_decode_from_server` or `mqttc_decode_from_client`.
typedef mqttc_status (*mqttc_decode_fn)(const struct mqttc_decoder *dec,
                                        const uint8_t *buf,
                                        size_t len,
                                        struct mqttc_packet *out,
                                        size_t *used,
                                        struct mqttc_error *err);

// Puts packets together from the bytes of a socket, in a buffer that you lend. Fill it with
// `mqttc_reader_init`; all fields are the reader's own. 40 bytes where pointers have 32 bits, else 64.
typedef struct mqttc_reader {
    // The lent buffer.
    uint8_t *buf;
    // Its size.
    size_t cap;
    // The decode function given at init.
    mqttc_decode_fn decode;
    // The decoder given at init, or NULL.
    const struct mqttc_decoder *dec;
    // The first byte that was not read.
    size_t start;
    // The end of what was committed.
    size_t end;
    // The error in which the reader is; status 0 if in none.
    struct mqttc_error refused;
    // The bytes that the frame, the payload or the skipped frame at `start` lacks.
    uint32_t missing;
    // What is at `start`: 0 a frame, 1 a payload, 2 a skipped frame.
    uint8_t state;
} mqttc_reader;

// Counts the payload of a PUBLISH that is sent piece by piece. Fill it with
// `mqttc_publish_writer_start`; both fields are the writer's own.
typedef struct mqttc_publish_writer {
    // The payload's length, as the header says it.
    uint32_t declared;
    // The bytes of it that are still to come.
    uint32_t left;
} mqttc_publish_writer;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Fills a decoder: no limit, any role, MQTT 3.1.1, no options. Does nothing for NULL.
void mqttc_decoder_init(struct mqttc_decoder *dec);

// Reads the fixed header alone, so that you know the type and the length of a frame before the rest
// has come: `30 85 01` is a PUBLISH of 3 + 133 bytes.
//
// MQTTC_OK: `*out` is filled, `*used` is the header's length. MQTTC_NEED_MORE: `*used` is 2 for an
// empty buffer, 1 when the length is unfinished. Errors: MQTTC_ERR_PACKET_TYPE_RESERVED,
// MQTTC_ERR_REMAINING_LENGTH, MQTTC_ERR_REMAINING_LENGTH_PADDED; MQTTC_ERR_NULL,
// MQTTC_ERR_INVALID_ARGUMENT. On an error `*out` and `*used` are untouched; a broken rule (-32 and
// below) fills `*err`, if `err` is not NULL.
//
// Who sees the other side break a rule must close the connection [MQTT-4.8.0-1]. Who goes on all the same
// leaves out the whole frame, whether it has come or not: its end is known when the header was not the
// mistake.
//
//     s = mqttc_decode(dec, buf, len, &packet, &used, &err);
//     if (s <= -32 && mqttc_peek(buf, len, &frame, &used, NULL) == MQTTC_OK
//         && (err.offset >= frame.header_len || s == MQTTC_ERR_PACKET_TOO_LARGE))
//         drop(frame.header_len + frame.remaining_len);
//
// `mqttc_reader_skip` does this for a reader. It knows the decoder, too: a length that is padded and was let
// through (MQTTC_ALLOW_PADDED_REMAINING_LENGTH) is an error here.
mqttc_status mqttc_peek(const uint8_t *buf,
                        size_t len,
                        struct mqttc_frame *out,
                        size_t *used,
                        struct mqttc_error *err);

// Tells which version the CONNECT at the front of `buf` speaks, before a decoder is chosen: as soon as
// its protocol name and level are there, 9 bytes in MQTT 3.1.1. The bridge bit in the level is left
// out of account.
//
// MQTTC_OK: `*version` is MQTTC_VERSION_3_1, MQTTC_VERSION_3_1_1, MQTTC_VERSION_5_0 or
// MQTTC_VERSION_UNKNOWN, `*used` is 0. MQTTC_NEED_MORE: `*used` is the number of bytes still missing,
// at the least. Errors: those of `mqttc_peek`; MQTTC_ERR_PACKET_TYPE_UNEXPECTED when it is no CONNECT;
// MQTTC_ERR_TRUNCATED when the frame ends before the level.
mqttc_status mqttc_peek_connect_version(const uint8_t *buf,
                                        size_t len,
                                        uint8_t *version,
                                        size_t *used,
                                        struct mqttc_error *err);

// Decodes the packet at the front of `buf`. Bytes after its frame are never looked at; slices in
// `*out` point into `buf`; there is nothing to free.
//
// `dec`: limits, role, version and options; NULL means the defaults. `err` may be NULL, the others not.
//
// MQTTC_OK: `*out` is filled, `*used` is the frame's length: the next packet starts there.
// MQTTC_NEED_MORE: the frame is not complete, `*used` is the number of bytes still missing (2 for an
// empty buffer, 1 while the remaining length is unfinished, afterwards exact); `*out` is untouched.
// Below 0: `*out` and `*used` are untouched. A broken rule (-32 and below) fills `*err`, and the
// specification wants the connection closed [MQTT-4.8.0-1]; -1 to -31 are mistakes of the call.
//
//     d0 00               PINGRESP
//     40 02 00 07         PUBACK, packet id 7
//     30 05 00 03 a / b   PUBLISH to "a/b", QoS 0, no payload
mqttc_status mqttc_decode(const struct mqttc_decoder *dec,
                          const uint8_t *buf,
                          size_t len,
                          struct mqttc_packet *out,
                          size_t *used,
                          struct mqttc_error *err);

// Like `mqttc_decode`, for a client: takes only what a server sends, and links only that. Other types
// are MQTTC_ERR_WRONG_DIRECTION, and so are those that the role of `dec` never receives.
mqttc_status mqttc_decode_from_server(const struct mqttc_decoder *dec,
                                      const uint8_t *buf,
                                      size_t len,
                                      struct mqttc_packet *out,
                                      size_t *used,
                                      struct mqttc_error *err);

// Like `mqttc_decode`, for a server: takes only what a client sends, and links only that. Other types
// are MQTTC_ERR_WRONG_DIRECTION.
mqttc_status mqttc_decode_from_client(const struct mqttc_decoder *dec,
                                      const uint8_t *buf,
                                      size_t len,
                                      struct mqttc_packet *out,
                                      size_t *used,
                                      struct mqttc_error *err);

// Decodes one CONNECT that has come whole, as `mqttc_peek` tells. Bytes after it are not looked at.
//
// Links nothing but CONNECT. Errors as for `mqttc_decode`; also MQTTC_ERR_PACKET_TYPE_UNEXPECTED for
// a frame of another type, and MQTTC_ERR_TRUNCATED for one that is not complete.
mqttc_status mqttc_connect_decode(const struct mqttc_decoder *dec,
                                  const uint8_t *frame,
                                  size_t len,
                                  struct mqttc_connect *out,
                                  struct mqttc_error *err);

// Decodes one CONNACK that has come whole: `20 02 00 00` is "accepted". As `mqttc_connect_decode`.
mqttc_status mqttc_connack_decode(const struct mqttc_decoder *dec,
                                  const uint8_t *frame,
                                  size_t len,
                                  struct mqttc_connack *out,
                                  struct mqttc_error *err);

// Decodes one PUBLISH that has come whole. As `mqttc_connect_decode`.
mqttc_status mqttc_publish_decode(const struct mqttc_decoder *dec,
                                  const uint8_t *frame,
                                  size_t len,
                                  struct mqttc_publish *out,
                                  struct mqttc_error *err);

// Decodes one PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK that has come whole; which one it is, the
// type of `mqttc_peek` tells. As `mqttc_connect_decode`.
mqttc_status mqttc_ack_decode(const struct mqttc_decoder *dec,
                              const uint8_t *frame,
                              size_t len,
                              uint16_t *packet_id,
                              struct mqttc_error *err);

// Decodes one SUBSCRIBE that has come whole. As `mqttc_connect_decode`.
mqttc_status mqttc_subscribe_decode(const struct mqttc_decoder *dec,
                                    const uint8_t *frame,
                                    size_t len,
                                    struct mqttc_filter_list *out,
                                    struct mqttc_error *err);

// Decodes one SUBACK that has come whole. As `mqttc_connect_decode`.
mqttc_status mqttc_suback_decode(const struct mqttc_decoder *dec,
                                 const uint8_t *frame,
                                 size_t len,
                                 struct mqttc_suback *out,
                                 struct mqttc_error *err);

// Decodes one UNSUBSCRIBE that has come whole. As `mqttc_connect_decode`.
mqttc_status mqttc_unsubscribe_decode(const struct mqttc_decoder *dec,
                                      const uint8_t *frame,
                                      size_t len,
                                      struct mqttc_filter_list *out,
                                      struct mqttc_error *err);

// Judges one PINGREQ, PINGRESP or DISCONNECT that has come whole, and tells which it is. As
// `mqttc_connect_decode`.
mqttc_status mqttc_empty_decode(const struct mqttc_decoder *dec,
                                const uint8_t *frame,
                                size_t len,
                                uint8_t *packet_type,
                                struct mqttc_error *err);

// The next filter of a decoded SUBSCRIBE or UNSUBSCRIBE.
//
// 1: `*out` is filled and `*it` stands behind it. 0: there are no more. Below 0: `it` or `out` cannot
// be one (MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT), or what is left in the iterator is no list of
// filters (MQTTC_ERR_INVALID_ARGUMENT); nothing is touched.
//
//     mqttc_filters it = packet.u.subscribe.filters;
//     mqttc_subscription s;
//     while (mqttc_filters_next(&it, &s) == 1)
//         grant(s.filter, s.qos);
int32_t mqttc_filters_next(struct mqttc_filters *it,
                           struct mqttc_subscription *out);

// Fills a CONNECT: MQTT 3.1.1, clean session, keep alive 60 seconds, empty client identifier, no
// will, no user name, no password. Does nothing for NULL.
void mqttc_connect_init(struct mqttc_connect *p);

// Writes a CONNECT. After `mqttc_connect_init` and `client_id = mqttc_str("ab")`, 16 bytes:
//
//     10 0e  00 04 'M' 'Q' 'T' 'T'  04  02  00 3c  00 02 'a' 'b'
//
// `*written`: the bytes written. `cap` 0 (then `buf` may be NULL) asks for the size:
// MQTTC_ERR_BUFFER_TOO_SMALL with `*written` the size that is needed. On an error `buf` is untouched,
// and `*written` is 0 unless the buffer was too small, or `written` itself is what is refused: NULL,
// misaligned, or inside `buf`.
//
// Errors: MQTTC_ERR_PROTOCOL_LEVEL, MQTTC_ERR_PROTOCOL_VERSION_OTHER (level 5), MQTTC_ERR_WILL_QOS,
// MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL, MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME,
// MQTTC_ERR_CLIENT_ID_REJECTED [MQTT-3.1.3-7]; for the strings MQTTC_ERR_UTF8,
// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG, for the will topic also MQTTC_ERR_TOPIC_EMPTY,
// MQTTC_ERR_TOPIC_WILDCARD; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_connect_encode(const struct mqttc_connect *p,
                                  uint8_t *buf,
                                  size_t cap,
                                  size_t *written);

// Fills a CONNACK: accepted, no session present. Does nothing for NULL.
void mqttc_connack_init(struct mqttc_connack *p);

// Writes a CONNACK, 4 bytes; "accepted" is `20 02 00 00`. `*written` and `cap` as for
// `mqttc_connect_encode`.
//
// Errors: MQTTC_ERR_RETURN_CODE for a code over 5, MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL
// [MQTT-3.2.2-4]; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_connack_encode(const struct mqttc_connack *p,
                                  uint8_t *buf,
                                  size_t cap,
                                  size_t *written);

// Fills a PUBLISH: QoS 0, not retained, no topic, no payload. Does nothing for NULL.
void mqttc_publish_init(struct mqttc_publish *p);

// Writes a PUBLISH with its payload. Topic "a/b", QoS 1, packet id 10, payload "hi", 11 bytes:
//
//     32 09  00 03 'a' '/' 'b'  00 0a  'h' 'i'
//
// `*written` and `cap` as for `mqttc_connect_encode`. The payload must not lie in `buf`: build it
// elsewhere, or write the header alone with `mqttc_publish_header_encode`.
//
// Errors: MQTTC_ERR_QOS_RESERVED, MQTTC_ERR_DUP_WITHOUT_QOS [MQTT-3.3.1-2], MQTTC_ERR_PACKET_ID_ZERO
// (QoS 1 and 2) [MQTT-2.3.1-1]; MQTTC_ERR_TOPIC_EMPTY, MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8,
// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG; MQTTC_ERR_REMAINING_LENGTH when topic and
// payload are over 268435455 bytes together; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
// MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_publish_encode(const struct mqttc_publish *p,
                                  uint8_t *buf,
                                  size_t cap,
                                  size_t *written);

// Writes all of a PUBLISH but its payload, for `payload_len` bytes that you send right after it from
// wherever they are (`writev`, DMA, a file). `p->payload` is not looked at. As above with
// `payload_len` 2, 9 bytes: `32 09  00 03 'a' '/' 'b'  00 0a`.
//
// Errors: as for `mqttc_publish_encode`.
mqttc_status mqttc_publish_header_encode(const struct mqttc_publish *p,
                                         uint32_t payload_len,
                                         uint8_t *buf,
                                         size_t cap,
                                         size_t *written);

// Sets the DUP flag of an encoded PUBLISH that you have stored to send again [MQTT-3.3.1-1]. Only
// `buf[0]` is looked at and changed: `32` becomes `3a`.
//
// Errors, with `buf` untouched: MQTTC_ERR_DUP_WITHOUT_QOS for QoS 0, MQTTC_ERR_QOS_RESERVED,
// MQTTC_ERR_PACKET_TYPE_UNEXPECTED or MQTTC_ERR_PACKET_TYPE_RESERVED for what is no PUBLISH,
// MQTTC_ERR_TRUNCATED for `len` 0; MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_publish_set_dup(uint8_t *buf, size_t len);

// Writes a PUBACK, 4 bytes; for packet id 7: `40 02 00 07`. `*written` and `cap` as for
// `mqttc_connect_encode`.
//
// Errors: MQTTC_ERR_PACKET_ID_ZERO; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
// MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_puback_encode(uint16_t packet_id, uint8_t *buf, size_t cap, size_t *written);

// Writes a PUBREC, 4 bytes; for packet id 7: `50 02 00 07`. As `mqttc_puback_encode`.
mqttc_status mqttc_pubrec_encode(uint16_t packet_id, uint8_t *buf, size_t cap, size_t *written);

// Writes a PUBREL, 4 bytes; for packet id 7: `62 02 00 07`. As `mqttc_puback_encode`.
mqttc_status mqttc_pubrel_encode(uint16_t packet_id, uint8_t *buf, size_t cap, size_t *written);

// Writes a PUBCOMP, 4 bytes; for packet id 7: `70 02 00 07`. As `mqttc_puback_encode`.
mqttc_status mqttc_pubcomp_encode(uint16_t packet_id, uint8_t *buf, size_t cap, size_t *written);

// Fills a SUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
void mqttc_subscribe_init(struct mqttc_subscribe *p);

// Writes a SUBSCRIBE. One filter "a/#" with QoS 1, packet id 1, 10 bytes:
//
//     82 08  00 01  00 03 'a' '/' '#'  01
//
// `*written` and `cap` as for `mqttc_connect_encode`.
//
// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_FILTERS [MQTT-3.8.3-3]; for a subscription
// MQTTC_ERR_FILTER_EMPTY, MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING,
// MQTTC_ERR_STRING_TOO_LONG, MQTTC_ERR_SUBSCRIBE_OPTIONS (a QoS that is not 0, 1 or 2);
// MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_subscribe_encode(const struct mqttc_subscribe *p,
                                    uint8_t *buf,
                                    size_t cap,
                                    size_t *written);

// Fills a SUBACK: no return codes, no packet identifier. Does nothing for NULL.
void mqttc_suback_init(struct mqttc_suback *p);

// Writes a SUBACK. Return codes 1 and 0x80, packet id 1, 6 bytes: `90 04  00 01  01 80`. `*written`
// and `cap` as for `mqttc_connect_encode`.
//
// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_RETURN_CODES, MQTTC_ERR_SUBACK_RETURN_CODE
// [MQTT-3.9.3-2], MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
// MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_suback_encode(const struct mqttc_suback *p,
                                 uint8_t *buf,
                                 size_t cap,
                                 size_t *written);

// Fills an UNSUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
void mqttc_unsubscribe_init(struct mqttc_unsubscribe *p);

// Writes an UNSUBSCRIBE. One filter "a/#", packet id 1, 9 bytes: `a2 07  00 01  00 03 'a' '/' '#'`.
// `*written` and `cap` as for `mqttc_connect_encode`.
//
// Errors: as for `mqttc_subscribe_encode`, less MQTTC_ERR_SUBSCRIBE_OPTIONS.
mqttc_status mqttc_unsubscribe_encode(const struct mqttc_unsubscribe *p,
                                      uint8_t *buf,
                                      size_t cap,
                                      size_t *written);

// Writes an UNSUBACK, 4 bytes; for packet id 7: `b0 02 00 07`. As `mqttc_puback_encode`.
mqttc_status mqttc_unsuback_encode(uint16_t packet_id, uint8_t *buf, size_t cap, size_t *written);

// Writes a PINGREQ, 2 bytes: `c0 00`. `*written` and `cap` as for `mqttc_connect_encode`.
//
// Errors: MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_pingreq_encode(uint8_t *buf, size_t cap, size_t *written);

// Writes a PINGRESP, 2 bytes: `d0 00`. As `mqttc_pingreq_encode`.
mqttc_status mqttc_pingresp_encode(uint8_t *buf, size_t cap, size_t *written);

// Writes a DISCONNECT, 2 bytes: `e0 00`. As `mqttc_pingreq_encode`.
mqttc_status mqttc_disconnect_encode(uint8_t *buf, size_t cap, size_t *written);

// Writes a packet that was decoded, or that you filled in likewise: the member of `u` that `type`
// names. A SUBSCRIBE or UNSUBSCRIBE writes what its iterator has left. `tolerated` is not looked at.
//
// Errors: those of the type's own encode function; MQTTC_ERR_INVALID_ARGUMENT also for a type that
// does not exist and for an iterator that was tampered with.
mqttc_status mqttc_packet_encode(const struct mqttc_packet *p,
                                 uint8_t *buf,
                                 size_t cap,
                                 size_t *written);

// The packet identifier to use after `last`: one more, and 1 after 65535 and after 0. Whether it is
// still in use [MQTT-2.3.1-2] is for you to know.
uint16_t mqttc_next_packet_id(uint16_t last);

// Prepares a reader over `buf`, whose `cap` bytes must hold the largest packet that you want to
// receive in one piece. `decode` is `mqttc_decode_from_server` in a client, `mqttc_decode_from_client` in a server,
// `mqttc_decode` elsewhere. `dec` may be NULL; else it must live as long as the reader.
//
//     mqttc_reader r;
//     mqttc_packet packet;
//     size_t room;
//     mqttc_reader_init(&r, buf, sizeof buf, mqttc_decode_from_server, NULL);
//     for (;;) {
//         mqttc_status s = mqttc_reader_next(&r, &packet, NULL, NULL, NULL);
//         if (s == MQTTC_OK)
//             handle(&packet);
//         else if (s == MQTTC_NEED_MORE) {
//             uint8_t *space = mqttc_reader_space(&r, &room);
//             ssize_t n = recv(fd, space, room, 0);
//             if (n <= 0)
//                 break;
//             mqttc_reader_commit(&r, (size_t)n);
//         } else if (s < 0)
//             break;
//     }
//
// Errors: MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT (`cap` 0 too, and a reader or a decoder inside `buf`).
mqttc_status mqttc_reader_init(struct mqttc_reader *r,
                               uint8_t *buf,
                               size_t cap,
                               mqttc_decode_fn decode,
                               const struct mqttc_decoder *dec);

// Where the next bytes go: receive at most `*room` bytes there, then say how many came with
// `mqttc_reader_commit`. NULL, with `*room` 0, if `r` is not a reader; NULL alone if `room` is NULL or lies in
// the lent buffer. `*room` is 0 only while packets wait that `mqttc_reader_next` has not been asked for, and
// after an error until `mqttc_reader_skip`: do not receive then, 0 bytes would look like a closed connection.
// Slices of earlier packets are no longer good.
uint8_t *mqttc_reader_space(struct mqttc_reader *r,
                            size_t *room);

// Says that `n` bytes were put into the space.
//
// Errors, with the reader unchanged: MQTTC_ERR_INVALID_ARGUMENT when that is more than the room, or
// when `r` is not a reader; MQTTC_ERR_NULL.
mqttc_status mqttc_reader_commit(struct mqttc_reader *r, size_t n);

// The next packet, or the next piece of one. Slices point into the lent buffer and are good until the
// next call for this reader.
//
// MQTTC_OK: `*packet` is filled. MQTTC_NEED_MORE: receive more; `*left` is the number of bytes still
// missing. Treat any other positive value that you do not know as "call again".
//
// A PUBLISH that is longer than the lent buffer comes in pieces, if what stands before its payload fits:
//
// MQTTC_PUBLISH_START: `*packet` is filled, with an empty payload; `*left` is the length of the
// payload. MQTTC_PAYLOAD: `*chunk` is the next piece of the payload, `*left` is what comes after it, 0
// at the last. How a payload is cut depends on how its bytes arrive.
//
//     case MQTTC_PUBLISH_START:
//         start_writing(packet.u.publish.topic, left);
//         break;
//     case MQTTC_PAYLOAD:
//         write_piece(chunk.ptr, chunk.len);
//         if (left == 0)
//             finish_writing();
//         break;
//
// With `chunk` NULL there are no pieces: such a PUBLISH is refused as any other packet that does not
// fit. `left` and `err` may be NULL too.
//
// -32 and below: a broken rule, as for `mqttc_decode`, or MQTTC_ERR_PACKET_TOO_LARGE for a frame that
// does not fit the buffer, with `*left` the length that it declares (0 if that is not known); `*err`
// is filled. The reader stays in that error: close the connection [MQTT-4.8.0-1], or call
// `mqttc_reader_skip`. -1 to -31: a mistake of the call, with the reader unchanged; MQTTC_ERR_NULL also
// for a `chunk` that is NULL in the middle of a payload.
mqttc_status mqttc_reader_next(struct mqttc_reader *r,
                               struct mqttc_packet *packet,
                               struct mqttc_slice *chunk,
                               uint32_t *left,
                               struct mqttc_error *err);

// Leaves out the frame that `mqttc_reader_next` has refused, or the rest of a payload that has begun,
// whether it has all come or not, and goes on behind it. Does nothing at any other time.
//
// Only a frame whose fixed header was not the mistake can be left out, or one that was too large: else
// nobody knows where the next one starts, and the error is answered again. A remaining length that the type
// cannot have is believed, as in a PUBACK of 3 bytes. A peer that has broken one rule may have broken
// others; the specification wants the connection closed [MQTT-4.8.0-1].
mqttc_status mqttc_reader_skip(struct mqttc_reader *r);

// What a status means, in a few words of English. Never NULL; static, nothing to free.
const char *mqttc_strerror(mqttc_status status);

// The clause of the specification that a status stands for, such as "MQTT-3.3.2-2"; "" for rules
// without a number and for statuses that are no rule. Never NULL; static, nothing to free.
const char *mqttc_spec_ref(mqttc_status status);

// The name of a packet type, such as "PUBLISH" for 3; "reserved" for a number that is none. Never
// NULL; static, nothing to free.
const char *mqttc_packet_type_str(uint8_t packet_type);

// The CONNACK return code with which a server answers a CONNECT that was refused with this status,
// before it closes: 1 for a protocol level that is not served [MQTT-3.1.2-2], 2 for a client
// identifier [MQTT-3.1.3-8]; -1: close without an answer [MQTT-3.1.4-1].
int32_t mqttc_connack_code(mqttc_status status);

// MQTTC_OK if messages can be published under this topic name. Errors: MQTTC_ERR_TOPIC_EMPTY,
// MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG;
// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_topic_name_check(struct mqttc_slice name);

// MQTTC_OK if this topic filter can be subscribed to. Errors: MQTTC_ERR_FILTER_EMPTY,
// MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG;
// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
mqttc_status mqttc_topic_filter_check(struct mqttc_slice filter);

// 1 if a message published under `name` goes to a subscription to `filter`, 0 if not; below 0 if one
// of them is not legal, with the errors of the two checks above. "a/#" matches "a" and "a/b"; "#" does
// not match "$SYS/load" [MQTT-4.7.2-1].
int32_t mqttc_topic_matches(struct mqttc_slice filter,
                            struct mqttc_slice name);

// The library's version, such as "0.1.0". Static, nothing to free.
const char *mqttc_version(void);

// MQTTC_OK if the library was built for this header; MQTTC_ERR_INVALID_ARGUMENT if not. Call it once
// at start through the macro MQTTC_CHECK(), which fills in the arguments.
mqttc_status mqttc_check_abi(uint32_t abi,
                             size_t packet_size);

// Writes all of a PUBLISH but its payload, as `mqttc_publish_header_encode`, for a payload of
// `payload_len` bytes that you produce piece by piece: the writer counts them, since one byte more or
// less would break the connection.
//
//     mqttc_publish_writer w;
//     s = mqttc_publish_writer_start(&w, &p, total, buf, sizeof buf, &n);
//     if (s == MQTTC_OK)
//         send(fd, buf, n, 0);
//     while (s == MQTTC_OK && (n = produce(buf, sizeof buf)) > 0)
//         if ((s = mqttc_publish_writer_piece(&w, n)) == MQTTC_OK)
//             send(fd, buf, n, 0);
//     if (s == MQTTC_OK)
//         s = mqttc_publish_writer_end(&w);
//
// `*written` and `cap` as for `mqttc_connect_encode`; `*w` is untouched on an error, and must not lie in
// `buf` or share memory with `*p`.
//
// Errors: as for `mqttc_publish_encode`.
mqttc_status mqttc_publish_writer_start(struct mqttc_publish_writer *w,
                                        const struct mqttc_publish *p,
                                        uint32_t payload_len,
                                        uint8_t *buf,
                                        size_t cap,
                                        size_t *written);

// Counts the next `n` bytes of the payload: call it before you send them.
//
// Errors, with `*w` unchanged: MQTTC_ERR_INVALID_ARGUMENT when there would be more than was declared (do
// not send them), or when `w` is not a writer; MQTTC_ERR_NULL.
mqttc_status mqttc_publish_writer_piece(struct mqttc_publish_writer *w,
                                        size_t n);

// MQTTC_OK when the payload has all been counted: the PUBLISH is whole. `*w` is not changed.
//
// Errors: MQTTC_ERR_INVALID_ARGUMENT when bytes are missing (close the connection: what you would send
// next would be taken for them), or when `w` is not a writer; MQTTC_ERR_NULL.
mqttc_status mqttc_publish_writer_end(const struct mqttc_publish_writer *w);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* Fails to compile where a struct is not laid out as in the library. */
#define MQTTC_SIZE(type, on64, on32) \
    typedef char type##_size[sizeof(type) == (sizeof(void *) == 8 ? (on64) : (on32)) ? 1 : -1]
MQTTC_SIZE(mqttc_slice, 16, 8);
MQTTC_SIZE(mqttc_error, 8, 8);
MQTTC_SIZE(mqttc_frame, 8, 8);
MQTTC_SIZE(mqttc_decoder, 16, 16);
MQTTC_SIZE(mqttc_connect, 96, 52);
MQTTC_SIZE(mqttc_connack, 2, 2);
MQTTC_SIZE(mqttc_publish, 40, 24);
MQTTC_SIZE(mqttc_publish_writer, 8, 8);
MQTTC_SIZE(mqttc_subscription, 24, 12);
MQTTC_SIZE(mqttc_subscribe, 24, 12);
MQTTC_SIZE(mqttc_unsubscribe, 24, 12);
MQTTC_SIZE(mqttc_suback, 24, 12);
MQTTC_SIZE(mqttc_filters, 24, 12);
MQTTC_SIZE(mqttc_filter_list, 32, 16);
MQTTC_SIZE(mqttc_packet, 104, 60);
MQTTC_SIZE(mqttc_reader, 64, 40);

/* MQTTC_OK if the library that is linked was built for this header. */
#define MQTTC_CHECK() mqttc_check_abi(MQTTC_ABI, sizeof(mqttc_packet))

/* A slice of a NUL-terminated string, without the NUL; NULL gives the empty slice. */
static inline mqttc_slice mqttc_str(const char *z)
{
    mqttc_slice s;
    s.ptr = (const uint8_t *)z;
    s.len = 0;
    while (z != NULL && z[s.len] != '\0')
        s.len++;
    return s;
}

/* A slice of n bytes. */
static inline mqttc_slice mqttc_bytes(const void *p, size_t n)
{
    mqttc_slice s;
    s.ptr = (const uint8_t *)p;
    s.len = n;
    return s;
}

#endif /* MQTTC_H */

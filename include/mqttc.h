/** @file mqttc.h
 * A codec for MQTT 3.1 and 3.1.1. Bytes in, structs out, and back; no heap, no I/O, no globals.
 *
 * Generated from the Rust sources of mqtt-ffi; do not edit. C99 and C++11.
 *
 * The rules, once:
 * - Buffers and structs are yours. Nothing is allocated, nothing is to be freed, nothing is kept after a
 *   call, except the pointers in an mqttc_reader.
 * - What counts returns the count. An encoder returns the bytes that it has written, and 0 when it
 *   refuses, so that send(fd, buf, mqttc_puback_encode(id, buf, sizeof buf, NULL), 0) sends all or
 *   nothing; pass a pointer in place of NULL to learn why. A decoder returns the length of the packet,
 *   0 (MQTTC_NEED_MORE) when it is not complete, and a negative mqttc_status when it is refused. What
 *   only checks returns 0 or a negative mqttc_status.
 * - What a status means is in mqttc_strerror(), which clause of the specification in mqttc_spec_ref().
 * - An encoder checks the rules, then the size, then writes. When it refuses, the output is untouched.
 * - A decoder's slices point into the buffer that you gave it.
 * - Absent is has_x == 0, never NULL: an empty user name or will message is legal. A slice that is
 *   absent is NULL with length 0.
 * - What is decoded must not overlap the results, and what is encoded must not overlap the buffer that
 *   it goes to; such calls are refused.
 * - Every function may be called from any thread and from an interrupt, as long as no two calls use the
 *   same object. One call at a time for an mqttc_reader and its buffer.
 */
#ifndef MQTTC_H
#define MQTTC_H

#include <stddef.h>
#include <stdint.h>

/** A result that must not be ignored, where the compiler can tell. */
#if (defined(__cplusplus) && __cplusplus >= 201703L) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define MQTTC_NODISCARD [[nodiscard]]
#elif defined(__GNUC__)
#define MQTTC_NODISCARD __attribute__((warn_unused_result))
#else
#define MQTTC_NODISCARD
#endif

/** Fails to compile where a struct is not laid out as in the library: its size with 64-bit and with 32-bit pointers. */
#define MQTTC_SIZE(type, on64, on32) \
    typedef char type##_size[sizeof(type) == (sizeof(void *) == 8 ? (on64) : (on32)) ? 1 : -1]

#ifdef __cplusplus
extern "C" {
#endif

/* --- Slices: bytes that somebody else owns --- */

/// Bytes that somebody else owns. Not NUL-terminated: print them with
/// `"%.*s", (int)s.len, (const char *)s.ptr`, compare them with `mqttc_eq`.
///
/// In a decoded packet a slice points into the buffer that was decoded, and is good for as long as
/// those bytes stay there. To encode, point it at your own bytes (`mqttc_str`, `mqttc_bytes`); they
/// are only read during the call. `ptr` may be NULL only when `len` is 0.
typedef struct mqttc_slice {
    /// The first byte.
    const uint8_t *ptr;
    /// How many bytes.
    size_t len;
} mqttc_slice;

MQTTC_SIZE(mqttc_slice, 16, 8);

/// A slice of a NUL-terminated string, without the NUL; NULL gives the empty slice.
static inline mqttc_slice mqttc_str(const char *z)
{
    mqttc_slice s;
    s.ptr = (const uint8_t *)z;
    s.len = 0;
    while (z != NULL && z[s.len] != '\0')
        s.len++;
    return s;
}

/// A slice of `n` bytes.
static inline mqttc_slice mqttc_bytes(const void *p, size_t n)
{
    mqttc_slice s;
    s.ptr = (const uint8_t *)p;
    s.len = n;
    return s;
}

/// 1 if a slice holds exactly the characters of a NUL-terminated string, else 0. NULL is the empty
/// string.
static inline int mqttc_eq(mqttc_slice s, const char *z)
{
    mqttc_slice other = mqttc_str(z);
    size_t i = 0;
    if (s.len != other.len)
        return 0;
    while (i < s.len && s.ptr[i] == other.ptr[i])
        i++;
    return i == s.len;
}

/* --- What a call returns: counts, events and statuses, and the detail beside them --- */

/// What decoders and readers return when it is no length, and the values of `mqttc_status`: -1 to -31
/// are mistakes of the caller, -32 and below are broken rules of the specification, the same for
/// decoding and encoding. A call that only checks returns 0 when all is well.
enum mqttc_code
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// From a decoder or a reader: the packet is not complete, receive more. `left` of `mqttc_detail`
    /// is the number of bytes to receive before the next call.
    MQTTC_NEED_MORE = 0,
    /// From a reader: a packet.
    MQTTC_PACKET = 1,
    /// From a reader: the start of a PUBLISH that is longer than its buffer.
    MQTTC_PUBLISH_START = 2,
    /// From a reader: a piece of that PUBLISH's payload.
    MQTTC_PAYLOAD = 3,
    /// A pointer is NULL that must not be.
    MQTTC_ERR_NULL = -1,
    /// The output is too small; nothing was written. The same call with NULL and 0 in place of the
    /// buffer returns the size that is needed.
    MQTTC_ERR_BUFFER_TOO_SMALL = -2,
    /// A flag byte that is not 0 or 1, a slice with bytes whose `has_` flag is 0, a packet type or role
    /// that does not exist, an option that this version does not know, reserved bytes that are not 0, a
    /// commit beyond the space, a struct that was not initialised or was tampered with, a reader that is
    /// in use; a misaligned pointer, a length over PTRDIFF_MAX, or an input that overlaps an output.
    MQTTC_ERR_INVALID_ARGUMENT = -3,
    /// The remaining length takes more than four bytes, or would be over 268435455 (section 2.2.3).
    MQTTC_ERR_REMAINING_LENGTH = -32,
    /// The remaining length is not in its shortest form (section 2.2.3).
    MQTTC_ERR_REMAINING_LENGTH_PADDED = -33,
    /// Packet types 0 and 15 are forbidden (section 2.2.1).
    MQTTC_ERR_PACKET_TYPE_RESERVED = -34,
    /// The flag bits of the fixed header are not those that the type must have [MQTT-2.2.2-1].
    MQTTC_ERR_FLAGS_RESERVED = -35,
    /// The frame is longer than `max_packet_len`, or than the reader's buffer.
    MQTTC_ERR_PACKET_TOO_LARGE = -36,
    /// This packet type is never sent in this direction (section 2.2.1).
    MQTTC_ERR_WRONG_DIRECTION = -37,
    /// The frame ends before a field that must be there, or inside it.
    MQTTC_ERR_TRUNCATED = -38,
    /// The frame goes on after its last field.
    MQTTC_ERR_TRAILING_BYTES = -39,
    /// A string is not well-formed UTF-8 [MQTT-1.5.3-1].
    MQTTC_ERR_UTF8 = -40,
    /// A string holds U+0000 [MQTT-1.5.3-2].
    MQTTC_ERR_NUL_IN_STRING = -41,
    /// A string or binary field is over 65535 bytes.
    MQTTC_ERR_STRING_TOO_LONG = -42,
    /// The protocol name is neither MQTT nor MQIsdp [MQTT-3.1.2-1].
    MQTTC_ERR_PROTOCOL_NAME = -43,
    /// The protocol level does not go with the name [MQTT-3.1.2-2]: answer CONNACK 1.
    MQTTC_ERR_PROTOCOL_LEVEL = -44,
    /// A CONNECT of another known version, such as MQTT 5: answer CONNACK 1.
    MQTTC_ERR_PROTOCOL_VERSION_OTHER = -45,
    /// Bit 0 of the connect flags is set [MQTT-3.1.2-3].
    MQTTC_ERR_CONNECT_FLAG_RESERVED = -46,
    /// The will QoS is not 0, 1 or 2 [MQTT-3.1.2-14].
    MQTTC_ERR_WILL_QOS = -47,
    /// Will QoS or will retain without a will [MQTT-3.1.2-11].
    MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL = -48,
    /// A password without a user name [MQTT-3.1.2-22].
    MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME = -49,
    /// The client identifier is empty without clean session [MQTT-3.1.3-8], or, in MQTT 3.1, not of 1
    /// to 23 characters: answer CONNACK 2.
    MQTTC_ERR_CLIENT_ID_REJECTED = -50,
    /// Bits 7 to 1 of the connect acknowledge flags are not 0.
    MQTTC_ERR_CONNACK_FLAGS = -51,
    /// A CONNACK return code is over 5.
    MQTTC_ERR_RETURN_CODE = -52,
    /// Session present with a return code that is not 0 [MQTT-3.2.2-4].
    MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL = -53,
    /// The QoS of a PUBLISH is not 0, 1 or 2 [MQTT-3.3.1-4].
    MQTTC_ERR_QOS_RESERVED = -54,
    /// DUP on a PUBLISH of QoS 0 [MQTT-3.3.1-2].
    MQTTC_ERR_DUP_WITHOUT_QOS = -55,
    /// A topic name is empty [MQTT-4.7.3-1].
    MQTTC_ERR_TOPIC_EMPTY = -56,
    /// A topic name holds + or # [MQTT-3.3.2-2].
    MQTTC_ERR_TOPIC_WILDCARD = -57,
    /// A packet identifier is 0 [MQTT-2.3.1-1].
    MQTTC_ERR_PACKET_ID_ZERO = -58,
    /// A SUBSCRIBE or UNSUBSCRIBE without a topic filter [MQTT-3.8.3-3].
    MQTTC_ERR_NO_FILTERS = -59,
    /// A topic filter is empty [MQTT-4.7.3-1].
    MQTTC_ERR_FILTER_EMPTY = -60,
    /// A wildcard that does not fill its level, or a # before the last level [MQTT-4.7.1-2].
    MQTTC_ERR_FILTER_WILDCARD = -61,
    /// A subscription's options are not a QoS of 0, 1 or 2 [MQTT-3.8.3-4].
    MQTTC_ERR_SUBSCRIBE_OPTIONS = -62,
    /// A SUBACK without a return code [MQTT-3.8.4-5].
    MQTTC_ERR_NO_RETURN_CODES = -63,
    /// A SUBACK return code is not 0, 1, 2 or 0x80 [MQTT-3.9.3-2].
    MQTTC_ERR_SUBACK_RETURN_CODE = -64,
    /// A decoder for one packet type was given a frame of another type.
    MQTTC_ERR_PACKET_TYPE_UNEXPECTED = -65,
    /// A string holds a control character or a non-character, and MQTTC_REFUSE_CONTROL_CHARACTERS is
    /// set (section 1.5.3).
    MQTTC_ERR_CHARACTER_DISCOURAGED = -66,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_code mqttc_code;
#else
typedef int32_t mqttc_code;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Why a call did nothing: 0 when it did, negative for an error. The values are those of
/// `enum mqttc_code` and never change; new ones are appended.
typedef int32_t mqttc_status;

/// What a decoder or a reader tells beside what it returns. Pass NULL if you do not want it.
///
/// - A packet: `bytes` is its frame.
/// - MQTTC_PUBLISH_START: `left` is the length of the payload.
/// - MQTTC_PAYLOAD: `bytes` is the piece, `left` is what comes after it, 0 at the last.
/// - MQTTC_NEED_MORE: `left` is the number of bytes to receive before the next call.
/// - A broken rule (-32 and below): `offset` is the first byte that breaks it. With
///   MQTTC_ERR_PACKET_TOO_LARGE `left` is the length that the frame declares, 0 if that is not known.
/// - A caller's mistake (-1 to -31): nothing is written.
///
/// What is not named is 0, and `bytes` then NULL with length 0.
typedef struct mqttc_detail {
    /// The frame of a packet, or a piece of a payload. It points into the buffer that was decoded.
    mqttc_slice bytes;
    /// The bytes that are missing, or still to come.
    uint32_t left;
    /// The byte that breaks the rule, counted from the frame's first byte. It is never more than the
    /// bytes of this frame that you gave: where the fault shows before its byte is there, it is their
    /// number.
    uint32_t offset;
} mqttc_detail;

MQTTC_SIZE(mqttc_detail, 24, 16);

/* --- How to decode: limits, role, version and options --- */

/// Which side decodes, for `mqttc_decoder`.
enum mqttc_role
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Takes every packet type.
    MQTTC_ROLE_ANY = 0,
    /// Takes only what a server may send.
    MQTTC_ROLE_CLIENT = 1,
    /// Takes only what a client may send.
    MQTTC_ROLE_SERVER = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_role mqttc_role;
#else
typedef uint8_t mqttc_role;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Protocol levels, for `mqttc_connect` and `mqttc_decoder` (section 3.1.2.2).
enum mqttc_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// MQTT 3.1, protocol name MQIsdp.
    MQTTC_LEVEL_3_1 = 3,
    /// MQTT 3.1.1, protocol name MQTT.
    MQTTC_LEVEL_3_1_1 = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_level mqttc_level;
#else
typedef uint8_t mqttc_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Options of `mqttc_decoder`, joined with `|`. What an MQTTC_ALLOW_ option has let through in a packet
/// shows as the same bit in the packet's `tolerated`; its fields are then in the form that the rules
/// allow. Raw codes and a long client identifier stay as they came, and the encoders refuse them. None
/// loosens an encoder. The numbers, such as A01, are those of the table of options in CONFORMANCE.md. A
/// bit that is no option is MQTTC_ERR_INVALID_ARGUMENT.
enum mqttc_option
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Takes a remaining length that is not in its shortest form, such as `c0 80 00` (A01).
    MQTTC_ALLOW_PADDED_REMAINING_LENGTH = (1 << 0),
    /// Takes a PUBLISH of QoS 0 that has DUP set, and drops the DUP (A02).
    MQTTC_ALLOW_DUP_WITHOUT_QOS = (1 << 1),
    /// Takes a CONNECT with a password and no user name, with an empty user name (A08).
    MQTTC_ALLOW_PASSWORD_WITHOUT_USER_NAME = (1 << 2),
    /// Takes a CONNECT whose protocol level has bit 7 set, as bridges send it, and drops the bit (A12).
    MQTTC_ALLOW_BRIDGE_BIT = (1 << 3),
    /// Takes reserved return codes in a SUBACK, as they are (A16).
    MQTTC_ALLOW_RAW_SUBACK_CODES = (1 << 4),
    /// Takes a reserved return code in a CONNACK, as it is (A17).
    MQTTC_ALLOW_RAW_CONNACK_CODES = (1 << 5),
    /// Takes a CONNACK that refuses and has session present set, and drops the latter (A18).
    MQTTC_ALLOW_SESSION_PRESENT_WITH_REFUSAL = (1 << 6),
    /// MQTT 3.1: takes client identifiers of more than 23 characters (A32).
    MQTTC_ALLOW_LONG_CLIENT_ID_3_1 = (1 << 7),
    /// Checks the topic filters of SUBSCRIBE and UNSUBSCRIBE for UTF-8 and U+0000 alone, so that a server
    /// can answer 0x80 to a bad one instead of closing: check each with `mqttc_topic_filter_check` (A25).
    MQTTC_ALLOW_BAD_FILTERS = (1 << 8),
    /// Takes a SUBACK, UNSUBACK, PUBACK, PUBREC, PUBREL or PUBCOMP whose header has other flag bits than the
    /// type must have, and drops them: some brokers put the QoS there, such as `92` for a SUBACK (A23).
    MQTTC_ALLOW_ACK_FLAGS = (1 << 9),
    /// Refuses control characters and non-characters in strings, with
    /// MQTTC_ERR_CHARACTER_DISCOURAGED (A20, A21).
    MQTTC_REFUSE_CONTROL_CHARACTERS = (1 << 16),
    /// MQTT 3.1: wants the unused flag bits of the fixed header to be those of MQTT 3.1.1 (A30).
    MQTTC_STRICT_FLAGS_3_1 = (1 << 17),
    /// MQTT 3.1: wants bit 0 of the connect flags to be 0 (A31).
    MQTTC_STRICT_CONNECT_FLAG_3_1 = (1 << 18),
    /// MQTT 3.1: wants the user name and the password to be there when their flags say so (A33).
    MQTTC_STRICT_LOGIN_3_1 = (1 << 19),
    /// MQTT 3.1: refuses 0x80 in a SUBACK (A35).
    MQTTC_REFUSE_SUBACK_FAILURE_3_1 = (1 << 20),
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_option mqttc_option;
#else
typedef uint32_t mqttc_option;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// How to decode. Fill it with `mqttc_decoder_init`, then change what you need; NULL in its place
/// means the same as freshly initialised. Its size never changes.
typedef struct mqttc_decoder {
    /// The longest frame to take, fixed header included; longer ones are MQTTC_ERR_PACKET_TOO_LARGE as
    /// soon as their length is known. UINT32_MAX: no limit.
    uint32_t max_packet_len;
    /// MQTTC_ALLOW_, MQTTC_REFUSE_ and MQTTC_STRICT_ options, joined with `|`; 0: the rules as they are.
    uint32_t options;
    /// MQTTC_ROLE_ANY, MQTTC_ROLE_CLIENT or MQTTC_ROLE_SERVER; types that this side never receives are
    /// MQTTC_ERR_WRONG_DIRECTION.
    uint8_t role;
    /// The version whose rules hold: MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1. The body of a CONNECT is decoded
    /// by the version that it names itself.
    ///
    /// The header flags of a CONNECT come before its version. MQTT 3.1.1 requires them to be 0, MQTT 3.1
    /// ignores them (A30). A decoder for MQTT 3.1.1 refuses other flags at once, even in a CONNECT of MQTT
    /// 3.1. A decoder for MQTT 3.1 refuses them only when the CONNECT turns out to be one of MQTT 3.1.1. A
    /// server that serves both versions therefore starts with MQTTC_LEVEL_3_1.
    uint8_t protocol_level;
    /// For what is to come; must be 0.
    uint8_t reserved[6];
} mqttc_decoder;

/// Fills a decoder: no limit, any role, MQTT 3.1.1, no options. Does nothing for NULL.
void mqttc_decoder_init(mqttc_decoder *dec);

MQTTC_SIZE(mqttc_decoder, 16, 16);

/* --- The fixed header, and the version of a CONNECT: what is known before a packet is whole --- */

/// The packet types, by their numbers on the wire (section 2.2.1).
enum mqttc_packet_type
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// A client asks for a connection.
    MQTTC_CONNECT = 1,
    /// The server's answer to CONNECT.
    MQTTC_CONNACK = 2,
    /// A message, either way.
    MQTTC_PUBLISH = 3,
    /// Acknowledges a PUBLISH of QoS 1.
    MQTTC_PUBACK = 4,
    /// The first answer to a PUBLISH of QoS 2.
    MQTTC_PUBREC = 5,
    /// The answer to PUBREC.
    MQTTC_PUBREL = 6,
    /// The answer to PUBREL.
    MQTTC_PUBCOMP = 7,
    /// A client asks for messages.
    MQTTC_SUBSCRIBE = 8,
    /// The answer to SUBSCRIBE.
    MQTTC_SUBACK = 9,
    /// A client ends subscriptions.
    MQTTC_UNSUBSCRIBE = 10,
    /// The answer to UNSUBSCRIBE.
    MQTTC_UNSUBACK = 11,
    /// A client shows that it is there.
    MQTTC_PINGREQ = 12,
    /// The answer to PINGREQ.
    MQTTC_PINGRESP = 13,
    /// A client ends the connection.
    MQTTC_DISCONNECT = 14,
    /// Of MQTT 5 alone; here MQTTC_ERR_PACKET_TYPE_RESERVED.
    MQTTC_AUTH = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_packet_type mqttc_packet_type;
#else
typedef uint8_t mqttc_packet_type;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// The version of a CONNECT, as `mqttc_peek_connect_version` and `mqttc_reader_connect_version` return it.
enum mqttc_connect_version
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Another protocol name, or a level that does not go with it.
    MQTTC_VERSION_UNKNOWN = 1,
    /// MQIsdp, level 3.
    MQTTC_VERSION_3_1 = 3,
    /// MQTT, level 4.
    MQTTC_VERSION_3_1_1 = 4,
    /// MQTT, level 5.
    MQTTC_VERSION_5_0 = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum mqttc_connect_version mqttc_connect_version;
#else
typedef uint8_t mqttc_connect_version;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// A fixed header: what the first 2 to 5 bytes of a frame say.
typedef struct mqttc_header {
    /// The bytes after the header.
    uint32_t remaining_len;
    /// MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    uint8_t type;
    /// The lower half of the first byte, not checked.
    uint8_t flags;
    /// The bytes of the header itself, 2 to 5. The frame is `header_len + remaining_len` bytes.
    uint8_t header_len;
} mqttc_header;

/// Reads the fixed header alone, so that you know the type and the length of a frame before the rest
/// has come: `30 85 01` is a PUBLISH of 3 + 133 bytes.
///
/// Returns the header's length, 2 to 5, with `*out` filled and `bytes` of `*detail` the header;
/// MQTTC_NEED_MORE (0), with `left` 2 for an empty buffer and 1 while the length is unfinished; or below
/// 0 MQTTC_ERR_PACKET_TYPE_RESERVED, MQTTC_ERR_REMAINING_LENGTH, MQTTC_ERR_REMAINING_LENGTH_PADDED,
/// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT. `*out` is filled only with a header.
///
/// After a broken rule the specification requires you to close the connection [MQTT-4.8.0-1]. If you
/// continue anyway, leave out the whole frame, including bytes that have not arrived yet. You know where
/// it ends unless the error is in the header:
///
///     s = mqttc_decode(dec, buf, len, &packet, &detail);
///     if (s <= MQTTC_ERR_REMAINING_LENGTH && mqttc_peek(buf, len, &header, NULL) > 0
///         && (detail.offset >= header.header_len || s == MQTTC_ERR_PACKET_TOO_LARGE))
///         leave_out(header.header_len + header.remaining_len);
///
/// `mqttc_reader_skip` does this for a reader. It knows the decoder, too: a padded length that
/// MQTTC_ALLOW_PADDED_REMAINING_LENGTH lets through is an error here.
MQTTC_NODISCARD
int32_t mqttc_peek(const uint8_t *buf,
                   size_t len,
                   mqttc_header *out,
                   mqttc_detail *detail);

/// Tells which version the CONNECT at the front of `buf` speaks, before a decoder is chosen: as soon as
/// its protocol name and level are there, 9 bytes in MQTT 3.1.1. The bridge bit in the level is not
/// looked at. `detail` may be NULL; with a version all of it is 0.
///
/// Returns MQTTC_VERSION_3_1 (3), MQTTC_VERSION_3_1_1 (4), MQTTC_VERSION_5_0 (5) or
/// MQTTC_VERSION_UNKNOWN (1); MQTTC_NEED_MORE (0), with `left` of `*detail` the number of bytes still
/// missing, at the least; or below 0 the errors of `mqttc_peek`, MQTTC_ERR_PACKET_TYPE_UNEXPECTED when it
/// is no CONNECT, and MQTTC_ERR_TRUNCATED when the frame ends before the level.
MQTTC_NODISCARD
int32_t mqttc_peek_connect_version(const uint8_t *buf,
                                   size_t len,
                                   mqttc_detail *detail);

MQTTC_SIZE(mqttc_header, 8, 8);

/* --- CONNECT: asks a server for a connection (section 3.1) --- */

/// CONNECT: asks a server for a connection (section 3.1). Fill it with `mqttc_connect_init`, then set
/// what you need; `mqttc_connect_login` and `mqttc_connect_will` set a field together with its flag. A
/// slice with bytes whose `has_` flag is 0 is MQTTC_ERR_INVALID_ARGUMENT, so that none is forgotten.
typedef struct mqttc_connect {
    /// Who the client is. MQTT 3.1.1: may be empty if `clean_session`. MQTT 3.1: 1 to 23 characters.
    mqttc_slice client_id;
    /// Where the will is published. With `has_will` alone.
    mqttc_slice will_topic;
    /// What is published there; may be empty. With `has_will` alone.
    mqttc_slice will_message;
    /// May be empty. With `has_user_name` alone.
    mqttc_slice user_name;
    /// May be empty; any bytes. With `has_password` alone.
    mqttc_slice password;
    /// The longest silence of the client, in seconds; 0 turns the check off.
    uint16_t keep_alive;
    /// MQTTC_LEVEL_3_1_1 or MQTTC_LEVEL_3_1.
    uint8_t protocol_level;
    /// 0 or 1: start afresh and keep nothing afterwards.
    uint8_t clean_session;
    /// 0 or 1: there is a message to publish when the client vanishes.
    uint8_t has_will;
    /// 0, 1 or 2; 0 without a will.
    uint8_t will_qos;
    /// 0 or 1; 0 without a will.
    uint8_t will_retain;
    /// 0 or 1: there is a user name.
    uint8_t has_user_name;
    /// 0 or 1: there is a password; not without a user name [MQTT-3.1.2-22].
    uint8_t has_password;
} mqttc_connect;

/// Fills a CONNECT: MQTT 3.1.1, clean session, keep alive 60 seconds, empty client identifier, no
/// will, no user name, no password. Does nothing for NULL.
void mqttc_connect_init(mqttc_connect *p);

/// Writes a CONNECT and returns its length. After `mqttc_connect_init` and
/// `client_id = mqttc_str("ab")`, 16 bytes:
///
///     10 0e  00 04 'M' 'Q' 'T' 'T'  04  02  00 3c  00 02 'a' 'b'
///
/// Every encoder returns the bytes that it has written. It returns 0 when it refuses; then `buf` is
/// untouched, and `*why` is the status that says why (0 after success). `why` may be NULL; read `*why` in
/// a statement of its own, not among the arguments beside the call. NULL and 0 in place of `buf` and
/// `cap` ask for the size: it is returned, and nothing is written.
///
/// Errors: MQTTC_ERR_PROTOCOL_LEVEL, MQTTC_ERR_PROTOCOL_VERSION_OTHER (level 5), MQTTC_ERR_WILL_QOS,
/// MQTTC_ERR_WILL_FLAGS_WITHOUT_WILL, MQTTC_ERR_PASSWORD_WITHOUT_USER_NAME,
/// MQTTC_ERR_CLIENT_ID_REJECTED [MQTT-3.1.3-7]; for the strings MQTTC_ERR_UTF8,
/// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG, for the will topic also MQTTC_ERR_TOPIC_EMPTY,
/// MQTTC_ERR_TOPIC_WILDCARD; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD
size_t mqttc_connect_encode(const mqttc_connect *p,
                            uint8_t *buf,
                            size_t cap,
                            mqttc_status *why);

/// Decodes the CONNECT at the front of `buf`, as `mqttc_decode` does, and links nothing but CONNECT.
///
/// What the first byte shows ranks first: a frame of another type is
/// MQTTC_ERR_PACKET_TYPE_UNEXPECTED, however much of it has come.
MQTTC_NODISCARD
int32_t mqttc_connect_decode(const mqttc_decoder *dec,
                             const uint8_t *buf,
                             size_t len,
                             mqttc_connect *out,
                             mqttc_detail *detail);

MQTTC_SIZE(mqttc_connect, 96, 52);

/// Sets user name and password. One whose `ptr` is NULL is none; an empty one is not NULL: `mqttc_str("")`.
/// A password without a user name is refused by the encoder.
static inline void mqttc_connect_login(mqttc_connect *p, mqttc_slice user_name, mqttc_slice password)
{
    p->user_name = user_name;
    p->has_user_name = user_name.ptr != NULL;
    p->password = password;
    p->has_password = password.ptr != NULL;
}

/// Sets the will: the message that the server publishes when the client vanishes.
static inline void mqttc_connect_will(mqttc_connect *p, mqttc_slice topic, mqttc_slice message, uint8_t qos,
                                      uint8_t retain)
{
    p->will_topic = topic;
    p->will_message = message;
    p->will_qos = qos;
    p->will_retain = retain;
    p->has_will = 1;
}

/* --- CONNACK: a server's answer to CONNECT (section 3.2) --- */

/// CONNACK: a server's answer to CONNECT (section 3.2). Fill it with `mqttc_connack_init`.
typedef struct mqttc_connack {
    /// 0 or 1: the server has kept the session; 0 with a refusal.
    uint8_t session_present;
    /// 0 accepted; 1 unacceptable protocol version, 2 identifier rejected, 3 server unavailable, 4 bad
    /// user name or password, 5 not authorized.
    uint8_t return_code;
} mqttc_connack;

/// Fills a CONNACK: accepted, no session present. Does nothing for NULL.
void mqttc_connack_init(mqttc_connack *p);

/// Writes a CONNACK and returns its length, 4; "accepted" is `20 02 00 00`. `buf`, `cap` and `why` as
/// for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_RETURN_CODE for a code over 5, MQTTC_ERR_SESSION_PRESENT_WITH_REFUSAL
/// [MQTT-3.2.2-4]; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD
size_t mqttc_connack_encode(const mqttc_connack *p,
                            uint8_t *buf,
                            size_t cap,
                            mqttc_status *why);

/// Decodes the CONNACK at the front of `buf`: `20 02 00 00` is "accepted". As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_connack_decode(const mqttc_decoder *dec,
                             const uint8_t *buf,
                             size_t len,
                             mqttc_connack *out,
                             mqttc_detail *detail);

/// The CONNACK return code with which a server answers a CONNECT that was refused with this status,
/// before it closes: 1 for a protocol level that is not served [MQTT-3.1.2-2], 2 for a client
/// identifier [MQTT-3.1.3-8]; -1: close without an answer [MQTT-3.1.4-1].
MQTTC_NODISCARD int32_t mqttc_connack_code(mqttc_status status);

MQTTC_SIZE(mqttc_connack, 2, 2);

/* --- PUBLISH: a message (section 3.3) --- */

/// PUBLISH: a message (section 3.3). Fill it with `mqttc_publish_init`.
typedef struct mqttc_publish {
    /// Where it is published: at least one byte, no wildcards.
    mqttc_slice topic;
    /// The message; any bytes, also none.
    mqttc_slice payload;
    /// 1 to 65535 with QoS 1 and 2; 0 when decoded with QoS 0, and not looked at when encoded with it.
    uint16_t packet_id;
    /// 0, 1 or 2.
    uint8_t qos;
    /// 0 or 1: this is not the first try; 0 with QoS 0.
    uint8_t dup;
    /// 0 or 1: to a server, keep it for later subscribers; from a server, it was kept.
    uint8_t retain;
} mqttc_publish;

/// Counts the payload of a PUBLISH that you send piece by piece: one byte more or less than the header
/// has declared would break the connection. Fill it with `mqttc_payload_counter_init`; both fields are
/// the counter's own.
///
///     size_t n = mqttc_publish_header_encode(&p, total, buf, sizeof buf, &why);
///     if (n == 0)
///         return why;
///     mqttc_payload_counter_init(&c, total);
///     while (n > 0 && send_all(fd, buf, n) == 0) {
///         n = produce(buf, sizeof buf);
///         if (mqttc_payload_counter_count(&c, n) < 0)
///             break;
///     }
///     if (mqttc_payload_counter_end(&c) < 0)
///         close(fd);
typedef struct mqttc_payload_counter {
    /// The payload's length, as the header has declared it.
    uint32_t declared;
    /// The bytes of it that are still to come.
    uint32_t left;
} mqttc_payload_counter;

/// Fills a PUBLISH: QoS 0, not retained, no topic, no payload. Does nothing for NULL.
void mqttc_publish_init(mqttc_publish *p);

/// Writes a PUBLISH with its payload and returns its length. Topic "a/b", QoS 1, packet id 10, payload
/// "hi", 11 bytes:
///
///     32 09  00 03 'a' '/' 'b'  00 0a  'h' 'i'
///
/// `buf`, `cap` and `why` as for `mqttc_connect_encode`. The payload must not lie in `buf`; if it does,
/// write the header alone, in front of it with `mqttc_publish_encode_before`, or elsewhere with
/// `mqttc_publish_header_encode`.
///
/// Errors: MQTTC_ERR_QOS_RESERVED, MQTTC_ERR_DUP_WITHOUT_QOS [MQTT-3.3.1-2], MQTTC_ERR_PACKET_ID_ZERO
/// (QoS 1 and 2) [MQTT-2.3.1-1]; MQTTC_ERR_TOPIC_EMPTY, MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8,
/// MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG; MQTTC_ERR_REMAINING_LENGTH when topic and
/// payload are over 268435455 bytes together; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD
size_t mqttc_publish_encode(const mqttc_publish *p,
                            uint8_t *buf,
                            size_t cap,
                            mqttc_status *why);

/// Writes all of a PUBLISH but its payload, for `payload_len` bytes that you send right after it from
/// wherever they are (`writev`, DMA, a file), and returns the length of what it has written.
/// `p->payload` is not looked at. As above with `payload_len` 2, 9 bytes:
/// `32 09  00 03 'a' '/' 'b'  00 0a`.
///
/// `buf`, `cap` and `why` as for `mqttc_connect_encode`. Errors: as for `mqttc_publish_encode`.
MQTTC_NODISCARD
size_t mqttc_publish_header_encode(const mqttc_publish *p,
                                   uint32_t payload_len,
                                   uint8_t *buf,
                                   size_t cap,
                                   mqttc_status *why);

/// Writes all of a PUBLISH but its payload in front of a payload that lies in the buffer already, at
/// `buf + at`, so that both are one run of bytes, and returns the length of what it has written: the
/// frame begins at `buf + at - length` and ends behind the payload. `p->payload` is not looked at.
///
///     size_t n = make_json((char *)buf + 64, sizeof buf - 64);
///     size_t h = mqttc_publish_encode_before(&p, buf, 64, n, &why);
///     if (h > 0)
///         send(fd, buf + 64 - h, h + n, 0);
///
/// Nothing else in the first `at` bytes changes, and the topic must not lie there. NULL and 0 in place
/// of `buf` and `at` ask for the length: at least so many bytes must be kept free. `why` as for
/// `mqttc_connect_encode`; it must not lie in the payload either.
///
/// Errors: as for `mqttc_publish_encode`; MQTTC_ERR_BUFFER_TOO_SMALL when `at` is too small.
MQTTC_NODISCARD
size_t mqttc_publish_encode_before(const mqttc_publish *p,
                                   uint8_t *buf,
                                   size_t at,
                                   size_t payload_len,
                                   mqttc_status *why);

/// Sets the DUP flag of an encoded PUBLISH that you have stored to send again [MQTT-3.3.1-1]. Only
/// `buf[0]` is looked at and changed: `32` becomes `3a`.
///
/// Returns 0, or with `buf` untouched: MQTTC_ERR_INVALID_ARGUMENT for QoS 0, which has no DUP;
/// MQTTC_ERR_QOS_RESERVED; MQTTC_ERR_PACKET_TYPE_UNEXPECTED or MQTTC_ERR_PACKET_TYPE_RESERVED for what is
/// no PUBLISH; MQTTC_ERR_TRUNCATED for `len` 0; MQTTC_ERR_NULL.
MQTTC_NODISCARD
mqttc_status mqttc_publish_set_dup(uint8_t *buf,
                                   size_t len);

/// Sets the packet identifier of an encoded PUBLISH that you have stored to send again, or to another
/// subscriber. With id 11, `32 09 00 03 'a' '/' 'b' 00 0a ..` becomes `32 09 00 03 'a' '/' 'b' 00 0b ..`.
/// The payload need not be there.
///
/// Returns 0, or with `buf` untouched: MQTTC_ERR_PACKET_ID_ZERO; MQTTC_ERR_INVALID_ARGUMENT for QoS 0,
/// which has no packet identifier; MQTTC_ERR_TRUNCATED when `buf` or the frame ends before the end of the
/// identifier; MQTTC_ERR_QOS_RESERVED, MQTTC_ERR_REMAINING_LENGTH, MQTTC_ERR_REMAINING_LENGTH_PADDED,
/// MQTTC_ERR_PACKET_TYPE_UNEXPECTED, MQTTC_ERR_PACKET_TYPE_RESERVED; MQTTC_ERR_NULL.
MQTTC_NODISCARD
mqttc_status mqttc_publish_set_packet_id(uint8_t *buf,
                                         size_t len,
                                         uint16_t packet_id);

/// Decodes the PUBLISH at the front of `buf`. As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_publish_decode(const mqttc_decoder *dec,
                             const uint8_t *buf,
                             size_t len,
                             mqttc_publish *out,
                             mqttc_detail *detail);

/// Begins to count a payload of `payload_len` bytes, the number that was given to
/// `mqttc_publish_header_encode`. Does nothing for NULL.
void mqttc_payload_counter_init(mqttc_payload_counter *c, uint32_t payload_len);

/// Counts the next `n` bytes of the payload: call it before you send them.
///
/// Returns 0, or with `*c` unchanged: MQTTC_ERR_INVALID_ARGUMENT when there would be more than was
/// declared (do not send them), or when `c` is not a counter; MQTTC_ERR_NULL.
MQTTC_NODISCARD mqttc_status mqttc_payload_counter_count(mqttc_payload_counter *c, size_t n);

/// 0 when the payload has all been counted: the PUBLISH is whole. `*c` is not changed.
///
/// Errors: MQTTC_ERR_INVALID_ARGUMENT when bytes are missing (close the connection: what you would send
/// next would be taken for them), or when `c` is not a counter; MQTTC_ERR_NULL.
MQTTC_NODISCARD
mqttc_status mqttc_payload_counter_end(const mqttc_payload_counter *c);

MQTTC_SIZE(mqttc_publish, 40, 24);
MQTTC_SIZE(mqttc_payload_counter, 8, 8);

/* --- PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK: a packet identifier alone (sections 3.4 to 3.7, 3.11) --- */

/// Writes a PUBACK and returns its length, 4; for packet id 7: `40 02 00 07`. `buf`, `cap` and `why` as
/// for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD
size_t mqttc_puback_encode(uint16_t packet_id,
                           uint8_t *buf,
                           size_t cap,
                           mqttc_status *why);

/// Writes a PUBREC and returns its length, 4; for packet id 7: `50 02 00 07`. As `mqttc_puback_encode`.
MQTTC_NODISCARD
size_t mqttc_pubrec_encode(uint16_t packet_id,
                           uint8_t *buf,
                           size_t cap,
                           mqttc_status *why);

/// Writes a PUBREL and returns its length, 4; for packet id 7: `62 02 00 07`. As `mqttc_puback_encode`.
MQTTC_NODISCARD
size_t mqttc_pubrel_encode(uint16_t packet_id,
                           uint8_t *buf,
                           size_t cap,
                           mqttc_status *why);

/// Writes a PUBCOMP and returns its length, 4; for packet id 7: `70 02 00 07`. As `mqttc_puback_encode`.
MQTTC_NODISCARD
size_t mqttc_pubcomp_encode(uint16_t packet_id,
                            uint8_t *buf,
                            size_t cap,
                            mqttc_status *why);

/// Writes an UNSUBACK and returns its length, 4; for packet id 7: `b0 02 00 07`. As `mqttc_puback_encode`.
MQTTC_NODISCARD
size_t mqttc_unsuback_encode(uint16_t packet_id,
                             uint8_t *buf,
                             size_t cap,
                             mqttc_status *why);

/// Decodes the PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK at the front of `buf`; which one it is, the
/// type of `mqttc_peek` tells. As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_ack_decode(const mqttc_decoder *dec,
                         const uint8_t *buf,
                         size_t len,
                         uint16_t *packet_id,
                         mqttc_detail *detail);

/* --- SUBSCRIBE and UNSUBSCRIBE: lists of topic filters (sections 3.8 and 3.10) --- */

/// A topic filter and the QoS that is asked for it.
typedef struct mqttc_subscription {
    /// Which topics; wildcards where section 4.7.1 allows them.
    mqttc_slice filter;
    /// 0, 1 or 2. 0 when it comes from an UNSUBSCRIBE.
    uint8_t qos;
} mqttc_subscription;

/// SUBSCRIBE to be encoded (section 3.8). Fill it with `mqttc_subscribe_init`.
typedef struct mqttc_subscribe {
    /// An array of `count` subscriptions.
    const mqttc_subscription *filters;
    /// At least 1.
    size_t count;
    /// 1 to 65535; the SUBACK repeats it.
    uint16_t packet_id;
} mqttc_subscribe;

/// UNSUBSCRIBE to be encoded (section 3.10). Fill it with `mqttc_unsubscribe_init`.
typedef struct mqttc_unsubscribe {
    /// An array of `count` topic filters.
    const mqttc_slice *filters;
    /// At least 1.
    size_t count;
    /// 1 to 65535; the UNSUBACK repeats it.
    uint16_t packet_id;
} mqttc_unsubscribe;

/// The filters of a decoded SUBSCRIBE or UNSUBSCRIBE: an iterator over the frame's bytes. A copy
/// starts where the original is. Advance it with `mqttc_filters_next` alone; like any slice, `rest` must
/// not be made longer than the bytes that are there.
typedef struct mqttc_filters {
    /// What is left of the list, as it stands on the wire.
    mqttc_slice rest;
    /// 1 in a SUBSCRIBE, where a QoS follows each filter; 0 in an UNSUBSCRIBE.
    uint8_t has_qos;
    /// 1 where MQTTC_ALLOW_BAD_FILTERS was set: check each filter with `mqttc_topic_filter_check`.
    uint8_t unvalidated;
} mqttc_filters;

/// A decoded SUBSCRIBE or UNSUBSCRIBE.
typedef struct mqttc_filter_list {
    /// The filters, to be walked with `mqttc_filters_next`.
    mqttc_filters filters;
    /// 1 to 65535.
    uint16_t packet_id;
} mqttc_filter_list;

/// Fills a SUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
void mqttc_subscribe_init(mqttc_subscribe *p);

/// Writes a SUBSCRIBE and returns its length. One filter "a/#" with QoS 1, packet id 1, 10 bytes:
///
///     82 08  00 01  00 03 'a' '/' '#'  01
///
/// `buf`, `cap` and `why` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_FILTERS [MQTT-3.8.3-3]; for a subscription
/// MQTTC_ERR_FILTER_EMPTY, MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING,
/// MQTTC_ERR_STRING_TOO_LONG, MQTTC_ERR_SUBSCRIBE_OPTIONS (a QoS that is not 0, 1 or 2);
/// MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD
size_t mqttc_subscribe_encode(const mqttc_subscribe *p,
                              uint8_t *buf,
                              size_t cap,
                              mqttc_status *why);

/// Fills an UNSUBSCRIBE: no filters, no packet identifier. Does nothing for NULL.
void mqttc_unsubscribe_init(mqttc_unsubscribe *p);

/// Writes an UNSUBSCRIBE and returns its length. One filter "a/#", packet id 1, 9 bytes:
/// `a2 07  00 01  00 03 'a' '/' '#'`. `buf`, `cap` and `why` as for `mqttc_connect_encode`.
///
/// Errors: as for `mqttc_subscribe_encode`, less MQTTC_ERR_SUBSCRIBE_OPTIONS.
MQTTC_NODISCARD
size_t mqttc_unsubscribe_encode(const mqttc_unsubscribe *p,
                                uint8_t *buf,
                                size_t cap,
                                mqttc_status *why);

/// Decodes the SUBSCRIBE at the front of `buf`. As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_subscribe_decode(const mqttc_decoder *dec,
                               const uint8_t *buf,
                               size_t len,
                               mqttc_filter_list *out,
                               mqttc_detail *detail);

/// Decodes the UNSUBSCRIBE at the front of `buf`. As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_unsubscribe_decode(const mqttc_decoder *dec,
                                 const uint8_t *buf,
                                 size_t len,
                                 mqttc_filter_list *out,
                                 mqttc_detail *detail);

/// The next filter of a decoded SUBSCRIBE or UNSUBSCRIBE.
///
/// Returns 1 when `*out` is filled and `*it` is behind it, else 0 with `*out` untouched: at the end, and
/// for what is no iterator or no result (NULL, misaligned, tampered with), which also ends the iterator
/// where it can be written. `mqttc_filters_check` tells why.
///
///     mqttc_filters it = packet.u.subscribe.filters;
///     mqttc_subscription s;
///     while (mqttc_filters_next(&it, &s))
///         grant(s.filter, s.qos);
MQTTC_NODISCARD
int32_t mqttc_filters_next(mqttc_filters *it,
                           mqttc_subscription *out);

/// 0 when `mqttc_filters_next` gives every filter that is left in `*it`, which is not changed; else why
/// not.
///
/// Errors: MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT; the broken rule of the first filter that is none,
/// such as MQTTC_ERR_FILTER_WILDCARD or MQTTC_ERR_TRUNCATED: somebody has changed the bytes since they
/// were decoded.
MQTTC_NODISCARD
mqttc_status mqttc_filters_check(const mqttc_filters *it);

MQTTC_SIZE(mqttc_subscription, 24, 12);
MQTTC_SIZE(mqttc_subscribe, 24, 12);
MQTTC_SIZE(mqttc_unsubscribe, 24, 12);
MQTTC_SIZE(mqttc_filters, 24, 12);
MQTTC_SIZE(mqttc_filter_list, 32, 16);

/* --- SUBACK: the answer to SUBSCRIBE (section 3.9) --- */

/// SUBACK: the answer to SUBSCRIBE (section 3.9). Fill it with `mqttc_suback_init`.
typedef struct mqttc_suback {
    /// One byte for each filter of the SUBSCRIBE, in their order: the QoS that is granted (0, 1, 2), or
    /// 0x80 for a refusal.
    mqttc_slice return_codes;
    /// 1 to 65535; that of the SUBSCRIBE.
    uint16_t packet_id;
} mqttc_suback;

/// Fills a SUBACK: no return codes, no packet identifier. Does nothing for NULL.
void mqttc_suback_init(mqttc_suback *p);

/// Writes a SUBACK and returns its length. Return codes 1 and 0x80, packet id 1, 6 bytes:
/// `90 04  00 01  01 80`. `buf`, `cap` and `why` as for `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_PACKET_ID_ZERO, MQTTC_ERR_NO_RETURN_CODES, MQTTC_ERR_SUBACK_RETURN_CODE
/// [MQTT-3.9.3-2], MQTTC_ERR_REMAINING_LENGTH; MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL,
/// MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD
size_t mqttc_suback_encode(const mqttc_suback *p,
                           uint8_t *buf,
                           size_t cap,
                           mqttc_status *why);

/// Decodes the SUBACK at the front of `buf`. As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_suback_decode(const mqttc_decoder *dec,
                            const uint8_t *buf,
                            size_t len,
                            mqttc_suback *out,
                            mqttc_detail *detail);

MQTTC_SIZE(mqttc_suback, 24, 12);

/* --- PINGREQ, PINGRESP and DISCONNECT: packets without a body (sections 3.12 to 3.14) --- */

/// Writes a PINGREQ and returns its length, 2: `c0 00`. `buf`, `cap` and `why` as for
/// `mqttc_connect_encode`.
///
/// Errors: MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD size_t mqttc_pingreq_encode(uint8_t *buf, size_t cap, mqttc_status *why);

/// Writes a PINGRESP and returns its length, 2: `d0 00`. As `mqttc_pingreq_encode`.
MQTTC_NODISCARD size_t mqttc_pingresp_encode(uint8_t *buf, size_t cap, mqttc_status *why);

/// Writes a DISCONNECT and returns its length, 2: `e0 00`. As `mqttc_pingreq_encode`.
MQTTC_NODISCARD size_t mqttc_disconnect_encode(uint8_t *buf, size_t cap, mqttc_status *why);

/// Decodes the PINGREQ, PINGRESP or DISCONNECT at the front of `buf`, and writes which it is, such as
/// MQTTC_PINGRESP. As `mqttc_connect_decode`.
MQTTC_NODISCARD
int32_t mqttc_bodyless_decode(const mqttc_decoder *dec,
                              const uint8_t *buf,
                              size_t len,
                              uint8_t *packet_type,
                              mqttc_detail *detail);

/* --- Any packet: decoded into one struct, and encoded from it --- */

/// The body of an `mqttc_packet`; its `type` tells which member.
typedef union mqttc_packet_body {
    /// MQTTC_CONNECT
    mqttc_connect connect;
    /// MQTTC_CONNACK
    mqttc_connack connack;
    /// MQTTC_PUBLISH
    mqttc_publish publish;
    /// MQTTC_PUBACK, MQTTC_PUBREC, MQTTC_PUBREL, MQTTC_PUBCOMP, MQTTC_UNSUBACK
    uint16_t packet_id;
    /// MQTTC_SUBSCRIBE
    mqttc_filter_list subscribe;
    /// MQTTC_SUBACK
    mqttc_suback suback;
    /// MQTTC_UNSUBSCRIBE
    mqttc_filter_list unsubscribe;
} mqttc_packet_body;

/// Any decoded packet. PINGREQ, PINGRESP and DISCONNECT have no body. `mqttc_packet_id` gives the packet
/// identifier of any type; `u.packet_id` is that of the acknowledgements alone.
typedef struct mqttc_packet {
    /// The member of this packet's `type`.
    mqttc_packet_body u;
    /// What the decoder's options have let through: `mqttc_option` bits, 0 by default.
    uint32_t tolerated;
    /// MQTTC_CONNECT (1) to MQTTC_DISCONNECT (14).
    uint8_t type;
} mqttc_packet;

/// Decodes one frame: `mqttc_decode`, `mqttc_decode_from_server` or `mqttc_decode_from_client`. One of
/// your own must return what they return, and must not throw a C++ exception or call longjmp.
typedef int32_t (*mqttc_decode_fn)(const mqttc_decoder *dec,
                                   const uint8_t *buf,
                                   size_t len,
                                   mqttc_packet *out,
                                   mqttc_detail *detail);

/// Writes a packet that was decoded, or that you filled in likewise: the member of `u` that `type`
/// names. Returns its length; `buf`, `cap` and `why` as for `mqttc_connect_encode`. A SUBSCRIBE or
/// UNSUBSCRIBE writes what its iterator has left. `tolerated` is not looked at.
///
/// Errors: those of the type's own encode function; MQTTC_ERR_INVALID_ARGUMENT also for a type that
/// does not exist and for an iterator that was tampered with.
MQTTC_NODISCARD
size_t mqttc_packet_encode(const mqttc_packet *p,
                           uint8_t *buf,
                           size_t cap,
                           mqttc_status *why);

/// Decodes the packet at the front of `buf`. Bytes after its frame are never looked at; slices in
/// `*out` point into `buf`; there is nothing to free.
///
///     d0 00               PINGRESP
///     40 02 00 07         PUBACK, packet id 7
///     30 05 00 03 a / b   PUBLISH to "a/b", QoS 0, no payload
///
/// `dec`: limits, role, version and options; NULL means the defaults. `buf` may be NULL if `len` is 0.
/// `detail` may be NULL.
///
/// Returns the length of the frame, with `*out` filled: the next packet starts there. MQTTC_NEED_MORE
/// (0): the frame is not complete; `left` of `*detail` is the number of bytes still missing (2 for an
/// empty buffer, 1 while the remaining length is unfinished, afterwards exact). -32 and below: a broken
/// rule, at `offset` of `*detail`, after which the specification wants the connection closed
/// [MQTT-4.8.0-1]. -1 to -31: a mistake of the call. `*out` is filled only with a packet.
///
///     while ((n = mqttc_decode(NULL, buf, len, &packet, &detail)) > 0) {
///         handle(&packet);
///         buf += n;
///         len -= (size_t)n;
///     }
///
/// What the fixed header shows (type, flags, length) is refused as soon as it is there, everything else
/// when the frame is whole.
MQTTC_NODISCARD
int32_t mqttc_decode(const mqttc_decoder *dec,
                     const uint8_t *buf,
                     size_t len,
                     mqttc_packet *out,
                     mqttc_detail *detail);

/// Like `mqttc_decode`, for a client: takes only what a server sends, and links only that. Other types
/// are MQTTC_ERR_WRONG_DIRECTION, and so are those that the role of `dec` never receives.
MQTTC_NODISCARD
int32_t mqttc_decode_from_server(const mqttc_decoder *dec,
                                 const uint8_t *buf,
                                 size_t len,
                                 mqttc_packet *out,
                                 mqttc_detail *detail);

/// Like `mqttc_decode`, for a server: takes only what a client sends, and links only that. Other types
/// are MQTTC_ERR_WRONG_DIRECTION, and so are those that the role of `dec` never receives.
MQTTC_NODISCARD
int32_t mqttc_decode_from_client(const mqttc_decoder *dec,
                                 const uint8_t *buf,
                                 size_t len,
                                 mqttc_packet *out,
                                 mqttc_detail *detail);

/// The packet identifier to use after `last`: one more, and 1 after 65535 and after 0. Whether it is
/// still in use [MQTT-2.3.1-2] is for you to know.
MQTTC_NODISCARD
uint16_t mqttc_next_packet_id(uint16_t last);

MQTTC_SIZE(mqttc_packet, 104, 60);

/// The packet identifier of a packet of any type; 0 where there is none.
static inline uint16_t mqttc_packet_id(const mqttc_packet *p)
{
    switch (p->type) {
    case MQTTC_PUBLISH:
        return p->u.publish.packet_id;
    case MQTTC_PUBACK:
    case MQTTC_PUBREC:
    case MQTTC_PUBREL:
    case MQTTC_PUBCOMP:
    case MQTTC_UNSUBACK:
        return p->u.packet_id;
    case MQTTC_SUBSCRIBE:
        return p->u.subscribe.packet_id;
    case MQTTC_SUBACK:
        return p->u.suback.packet_id;
    case MQTTC_UNSUBSCRIBE:
        return p->u.unsubscribe.packet_id;
    default:
        return 0;
    }
}

/* --- Readers: from a socket's bytes to packets --- */

/// Puts packets together from the bytes of a socket, in a buffer that you lend. Fill it with
/// `mqttc_reader_init`; all fields are the reader's own. 40 bytes where pointers have 32 bits, else 64.
///
/// One call at a time for a reader and its buffer: not from two threads, not from an interrupt during a
/// call, not from its decode function. An interrupt that receives puts the bytes into a ring buffer of
/// its own, and the main loop copies them from there into `mqttc_reader_space`.
typedef struct mqttc_reader {
    /// The lent buffer.
    uint8_t *buf;
    /// Its size.
    size_t cap;
    /// The decode function given at init; `version` tells its type.
    void (*decode)(void);
    /// The decoder given at init, or NULL.
    const mqttc_decoder *dec;
    /// The first byte that was not read.
    size_t start;
    /// The end of what was committed.
    size_t end;
    /// The broken rule for which the frame at `start` was refused; 0 if it was not.
    mqttc_status refused;
    /// The byte of that frame which breaks it.
    uint32_t refused_offset;
    /// The bytes that the frame, the payload or the skipped frame at `start` lacks.
    uint32_t missing;
    /// What is at `start`: 0 a frame, 1 a payload, 2 a skipped frame.
    uint8_t state;
    /// 1 while the decode function runs.
    uint8_t busy;
    /// Whose packets it reads: 3 for those of this header.
    uint8_t version;
    /// For what is to come; 0.
    uint8_t reserved;
} mqttc_reader;

/// Room for bytes: `len` bytes at `ptr`; NULL and 0 when there is none.
typedef struct mqttc_space {
    /// Where the next bytes go.
    uint8_t *ptr;
    /// How many bytes may go there.
    size_t len;
} mqttc_space;

/// Prepares a reader over `buf`, whose `cap` bytes must hold the largest packet that you want to
/// receive in one piece. `decode` is `mqttc_decode_from_server` in a client, `mqttc_decode_from_client`
/// in a server, `mqttc_decode` elsewhere. `dec` may be NULL; else it must live as long as the reader.
///
///     mqttc_reader r;
///     mqttc_packet packet;
///     int32_t got;
///     if (mqttc_reader_init(&r, buf, sizeof buf, mqttc_decode_from_server, NULL) < 0)
///         return;
///     while ((got = mqttc_reader_next(&r, &packet, NULL)) >= 0) {
///         if (got == MQTTC_PACKET) {
///             handle(&packet);
///         } else {
///             mqttc_space space = mqttc_reader_space(&r);
///             ssize_t n = recv(fd, space.ptr, space.len, 0);
///             if (n <= 0 || mqttc_reader_commit(&r, (size_t)n) < 0)
///                 break;
///         }
///     }
///
/// One call at a time, also from its decode function: while that runs, `next`, `commit` and `skip`
/// return MQTTC_ERR_INVALID_ARGUMENT (the bytes of that commit are not taken), and `space` NULL and 0. A
/// decode function that throws or calls longjmp leaves the reader so; this call makes it usable again.
///
/// Returns 0, or MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT (`cap` 0 too, and a reader or a decoder
/// inside `buf`).
MQTTC_NODISCARD
mqttc_status mqttc_reader_init(mqttc_reader *r,
                               uint8_t *buf,
                               size_t cap,
                               mqttc_decode_fn decode,
                               const mqttc_decoder *dec);

/// Where the next bytes go: receive at most `len` bytes at `ptr`, then tell with `mqttc_reader_commit` how
/// many came. Slices of earlier packets are no longer good.
///
/// NULL and 0 while packets wait that `mqttc_reader_next` has not been asked for, after an error until
/// `mqttc_reader_skip`, and if `r` is not a reader, or in use: do not receive then, 0 bytes would look like
/// a closed connection.
MQTTC_NODISCARD
mqttc_space mqttc_reader_space(mqttc_reader *r);

/// Tells that `n` bytes were put into the space.
///
/// Returns 0, or with the reader unchanged: MQTTC_ERR_INVALID_ARGUMENT when that is more than the room,
/// or when `r` is not a reader, or in use; MQTTC_ERR_NULL.
MQTTC_NODISCARD
mqttc_status mqttc_reader_commit(mqttc_reader *r,
                                 size_t n);

/// The next packet. Slices point into the lent buffer and are good until the next call for this reader.
///
/// MQTTC_PACKET (1): `*packet` is filled, `bytes` of `*detail` is its frame. MQTTC_NEED_MORE (0): receive
/// more; `left` is the number of bytes still missing. `detail` may be NULL.
///
/// -32 and below: a broken rule, as for `mqttc_decode`, at `offset`; or MQTTC_ERR_PACKET_TOO_LARGE for a
/// frame that does not fit the buffer, with `left` the length that it declares (0 if that is not known).
/// The reader stays in that error: close the connection [MQTT-4.8.0-1], or call `mqttc_reader_skip`.
/// -1 to -31: a mistake of the call, with the reader unchanged; MQTTC_ERR_INVALID_ARGUMENT also in the
/// middle of a payload that `mqttc_reader_next_piece` has begun.
MQTTC_NODISCARD
int32_t mqttc_reader_next(mqttc_reader *r,
                          mqttc_packet *packet,
                          mqttc_detail *detail);

/// The next packet, or the next piece of one: as `mqttc_reader_next`, but a PUBLISH that is longer than
/// the lent buffer comes in pieces, if what stands before its payload fits. `detail` must not be NULL.
///
/// MQTTC_PUBLISH_START (2): `*packet` is filled, with an empty payload; `left` of `*detail` is the length
/// of the payload. Copy the topic if you need it later: its bytes go.
///
/// MQTTC_PAYLOAD (3): `bytes` is the next piece of the payload, `left` is what comes after it, 0 at the
/// last. How a payload is cut depends on how its bytes arrive. If you pass the same `*packet` each time,
/// its qos and packet_id stay; its topic becomes NULL with length 0, and nothing else of it is written.
///
///     case MQTTC_PUBLISH_START:
///         start_writing(packet.u.publish.topic, detail.left);
///         break;
///     case MQTTC_PAYLOAD:
///         write_piece(detail.bytes.ptr, detail.bytes.len);
///         if (detail.left == 0)
///             finish_writing(packet.u.publish.qos, packet.u.publish.packet_id);
///         break;
MQTTC_NODISCARD
int32_t mqttc_reader_next_piece(mqttc_reader *r,
                                mqttc_packet *packet,
                                mqttc_detail *detail);

/// Leaves out the frame that `mqttc_reader_next` has refused, or the rest of a payload that has begun,
/// whether it has all come or not, and goes on behind it. Does nothing at any other time.
///
/// Only a frame whose fixed header was not the mistake can be left out, or one that was too large: else
/// nobody knows where the next one starts, and the error is returned again. A remaining length that the
/// type cannot have is believed, as in a PUBACK of 3 bytes. A peer that has broken one rule may have
/// broken others; the specification wants the connection closed [MQTT-4.8.0-1].
///
/// Returns 0, the status of the refusal, or MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT when `r` is not a
/// reader, or in use.
MQTTC_NODISCARD
mqttc_status mqttc_reader_skip(mqttc_reader *r);

/// Tells which version the CONNECT that waits in a reader speaks, before its first packet is asked for:
/// as `mqttc_peek_connect_version` of the bytes that were committed. The reader is not changed.
///
/// Returns MQTTC_VERSION_3_1, MQTTC_VERSION_3_1_1, MQTTC_VERSION_5_0 or MQTTC_VERSION_UNKNOWN;
/// MQTTC_NEED_MORE (0); or below 0 the errors of `mqttc_peek_connect_version`, MQTTC_ERR_INVALID_ARGUMENT
/// also in the middle of a payload or of a frame that is skipped.
MQTTC_NODISCARD
int32_t mqttc_reader_connect_version(const mqttc_reader *r);

MQTTC_SIZE(mqttc_reader, 64, 40);
MQTTC_SIZE(mqttc_space, 16, 8);

/* --- Topic names and topic filters (section 4.7) --- */

/// 0 if messages can be published under this topic name. Errors: MQTTC_ERR_TOPIC_EMPTY,
/// MQTTC_ERR_TOPIC_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG;
/// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD mqttc_status mqttc_topic_name_check(mqttc_slice name);

/// 0 if this topic filter can be subscribed to. Errors: MQTTC_ERR_FILTER_EMPTY,
/// MQTTC_ERR_FILTER_WILDCARD, MQTTC_ERR_UTF8, MQTTC_ERR_NUL_IN_STRING, MQTTC_ERR_STRING_TOO_LONG;
/// MQTTC_ERR_NULL, MQTTC_ERR_INVALID_ARGUMENT.
MQTTC_NODISCARD mqttc_status mqttc_topic_filter_check(mqttc_slice filter);

/// 1 if a message published under `name` goes to a subscription to `filter`, else 0. "a/#" matches "a"
/// and "a/b"; "#" does not match "$SYS/load" [MQTT-4.7.2-1]. A filter or a name that is not legal matches
/// nothing: `mqttc_topic_filter_check` and `mqttc_topic_name_check` tell why.
MQTTC_NODISCARD
int32_t mqttc_topic_matches(mqttc_slice filter,
                            mqttc_slice name);

/* --- Texts: statuses and packet types in words --- */

/// What a status means, in a few words of English; also for what a decoder or a reader has returned that
/// is no error. Never NULL; static, nothing to free.
MQTTC_NODISCARD
const char *mqttc_strerror(mqttc_status status);

/// The clause of the specification that a status stands for, such as "MQTT-3.3.2-2"; "" for rules
/// without a number and for statuses that are no rule. Never NULL; static, nothing to free.
MQTTC_NODISCARD const char *mqttc_spec_ref(mqttc_status status);

/// The name of a packet type, such as "PUBLISH" for 3; "reserved" for a number that is none. Never
/// NULL; static, nothing to free.
MQTTC_NODISCARD const char *mqttc_packet_type_str(uint8_t packet_type);

/* --- Version: which library this is, and whether the header fits it --- */

/// The number of this header's binary interface: struct layouts, function signatures and status
/// values. It changes when one of them does.
#define MQTTC_ABI 1

/// The library's version, such as "0.1.0". Static, nothing to free.
const char *mqttc_version(void);

/// 0 if the library was built for this header, MQTTC_ERR_INVALID_ARGUMENT if not. Call it
/// once at start through the macro MQTTC_CHECK(), which fills in the arguments.
MQTTC_NODISCARD mqttc_status mqttc_check_abi(uint32_t abi, size_t packet_size);

/// 0 if the library that is linked was built for this header.
#define MQTTC_CHECK() mqttc_check_abi(MQTTC_ABI, sizeof(mqttc_packet))

#ifdef __cplusplus
}
#endif

#endif /* MQTTC_H */

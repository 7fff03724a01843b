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

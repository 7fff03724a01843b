//! A codec for MQTT 3.1 and 3.1.1: bytes to packets and back, and nothing else. No sockets, no
//! clock, no heap, no `unsafe`, no panic.
//!
//! Decoding borrows from the buffer it is given; encoding writes into a buffer that the caller owns.
//! Both keep every rule of the specification, and an error names the rule ([`ErrorKind`], with its
//! clause) and the byte.
//!
//! ```
//! use mqtt_codec::v3::{Connect, Decoded, Delivery, Packet, Protocol, Publish, decode};
//! use mqtt_codec::{TopicName, Utf8};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut out = [0; 64];
//! let connect = Connect {
//!     protocol: Protocol::V3_1_1,
//!     client_id: Utf8::new("ab")?,
//!     clean_session: true,
//!     keep_alive: 60,
//!     will: None,
//!     login: None,
//! };
//! let len = connect.encode(&mut out)?;
//! assert_eq!(&out[..len], b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab");
//!
//! // What came in, with the start of the next packet behind it.
//! match decode(b"\x30\x07\x00\x03a/bhi\x30")? {
//!     Decoded::Packet { packet: Packet::Publish(publish), len: 9, .. } => {
//!         assert_eq!(publish.topic, "a/b");
//!         assert_eq!(publish.delivery, Delivery::AtMostOnce);
//!         assert_eq!(publish.payload, b"hi");
//!     }
//!     Decoded::Packet { .. } => unreachable!(),
//!     Decoded::NeedMore { at_least } => println!("{at_least} bytes are missing"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Packets are plain structs: build one as a literal, then `encode` it. What a struct could hold
//! wrongly is a type of its own that cannot: [`PacketId`] is never 0, [`TopicName`] has no wildcard.
//! [`v3::Decoder`] sets limits and roles; [`v3::stream`] puts packets together from a socket's bytes;
//! [`v3::Frame`] is a packet that owns its bytes.
//!
//! # After an error
//!
//! Whoever sees the other side break the protocol must close the connection on which it happened
//! (\[MQTT-4.8.0-1\]); the specification leaves no other choice. So [`v3::frames`] ends, and
//! [`v3::stream::PacketReader`] stays in its error. Where one bad topic is not to cost a fleet its
//! connections, a frame whose fixed header was not the mistake can be left out all the same, as its end is
//! known: by [`PacketReader::skip`](v3::stream::PacketReader::skip), or by the peeked header
//! (of a decoder that lets padded lengths pass, by its own [`peek`](v3::Decoder::peek)):
//!
//! ```
//! use mqtt_codec::frame::{Peek, peek};
//! use mqtt_codec::v3::{Decoded, Packet, decode};
//!
//! let received = b"\x30\x05\x00\x03a/+\xd0\x00"; // a topic with a wildcard, then PINGRESP
//! let error = decode(received).unwrap_err();
//! let Ok(Peek::Header(header)) = peek(received) else { panic!("close") };
//! assert!(error.offset() >= usize::from(header.header_len), "else close: the header is the mistake");
//! let next = &received[header.frame_len() as usize..]; // of a stream: drop as many bytes as they come
//! assert!(matches!(decode(next), Ok(Decoded::Packet { packet: Packet::PingResp, .. })));
//! ```
//!
//! A frame over [`max_packet_len`](v3::Decoder::max_packet_len) (`packet_too_large`) can be left out too,
//! although its offset is 1. What is left out is not answered: the sender of a PUBLISH of QoS 1 or 2 keeps it,
//! and sends it again when it comes back to its session (\[MQTT-4.4.0-1\]), so that it is met again.
//!
//! # Features
//!
//! Three, all off by default: `alloc` encodes a packet into memory of its own
//! (`v3::Frame::encode`); `tokio-codec` is a codec for `tokio_util::codec::Framed` (`v3::tokio`);
//! `arbitrary` makes valid packets out of a fuzzer's bytes (the module `arbitrary`). The last two need std.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(test)]
#[macro_use]
extern crate std;
#[cfg(all(feature = "tokio-codec", not(test)))]
extern crate std;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
mod error;
pub mod frame;
pub mod list;
mod options;
mod text;
mod topic;
mod types;
pub mod v3;
mod version;
mod wire;

pub use error::{DecodeError, EncodeError, ErrorKind};
pub use topic::{TopicFilter, TopicName};
pub use types::{Binary, PacketId, PacketType, QoS, Utf8};
pub use version::{ConnectVersion, PeekVersion, peek_connect_version};
pub use wire::{MAX_FIELD_LEN, MAX_REMAINING_LEN};

/// The README's Rust example is a doc test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

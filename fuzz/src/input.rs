//! How the targets read their inputs: a few bytes that choose, then the bytes to be decoded.

use mqtt_codec::v3::{Decoder, Protocol, Role};

/// The options that loosen a rule, as bits of `Decoder::with_option_bits`.
pub const LOOSENING: u32 = Decoder::ALL_OPTION_BITS & 0x0000_ffff;
/// The options that tighten one.
pub const TIGHTENING: u32 = Decoder::ALL_OPTION_BITS & 0xffff_0000;

/// The decoder that a byte chooses: the digits `0` to `5` are MQTT 3.1.1 for any role, a client, a server,
/// then MQTT 3.1 likewise. Any byte will do: what counts is its remainder by 6.
pub fn decoder(choice: u8) -> (Decoder, Protocol) {
    let role = [Role::Any, Role::Client, Role::Server][usize::from(choice % 3)];
    let protocol = [Protocol::V3_1_1, Protocol::V3_1][usize::from(choice / 3 % 2)];
    (Decoder::DEFAULT.role(role).protocol(protocol), protocol)
}

/// The same decoder with options: four bytes, the lowest first.
pub fn options(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes) & (LOOSENING | TIGHTENING)
}

/// A decoder with these options and no others.
pub fn with_options(decoder: Decoder, bits: u32) -> Decoder {
    decoder.with_option_bits(bits).expect("options that there are")
}

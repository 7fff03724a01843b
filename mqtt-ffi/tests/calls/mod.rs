//! The C functions, called as C calls them: with canaries around all that they may write to.

#![allow(dead_code)] // each test uses its part

#[path = "../../../fuzz/src/ffi/guarded.rs"]
pub(crate) mod guarded;
#[path = "../../../fuzz/src/ffi/said.rs"]
mod said;
#[path = "../../../mqtt-codec/tests/common/vectors.rs"]
pub(crate) mod vectors;

use std::sync::OnceLock;

use mqtt_codec::v3::{Decoder, Protocol};
use mqtt_ffi::decoder::{mqttc_decoder, mqttc_decoder_init};
use mqtt_ffi::status::mqttc_code::{MQTTC_ERR_NULL, MQTTC_ERR_PACKET_TOO_LARGE};

use guarded::Slot;
pub(crate) use said::*;
use vectors::Vector;

pub(crate) const NULL: i32 = MQTTC_ERR_NULL as i32;
pub(crate) const TOO_LARGE: i32 = MQTTC_ERR_PACKET_TOO_LARGE as i32;

/// A decoder with what `change` sets.
pub(crate) fn decoder(change: impl FnOnce(&mut mqttc_decoder)) -> mqttc_decoder {
    let mut dec = Slot::<mqttc_decoder>::new();
    // SAFETY: a live object, which is then filled.
    let mut dec = unsafe {
        mqttc_decoder_init(dec.as_mut_ptr());
        dec.filled()
    };
    change(&mut dec);
    dec
}

/// Every vector, with its decoder in C and in Rust; read once, as Miri takes half a minute for it.
pub(crate) fn vectors() -> &'static [(Vector, mqttc_decoder, Decoder)] {
    static VECTORS: OnceLock<Vec<(Vector, mqttc_decoder, Decoder)>> = OnceLock::new();
    VECTORS.get_or_init(read_vectors)
}

fn read_vectors() -> Vec<(Vector, mqttc_decoder, Decoder)> {
    let (strict, of_3_1) = (decoder(|_| ()), decoder(|dec| dec.protocol_level = 3));
    let rust_of_3_1 = Decoder::DEFAULT.protocol(Protocol::V3_1);
    let golden = vectors::golden().into_iter().map(|vector| (vector, strict, Decoder::DEFAULT));
    let ignored = vectors::read(vectors::IGNORED_3_1).into_iter();
    let ignored = ignored.map(|vector| (vector, of_3_1, rust_of_3_1));
    let refused = vectors::read(vectors::REFUSED).into_iter().map(|vector| {
        let (rust, _) = vectors::refusal(&vector.text);
        let dec = decoder(|dec| {
            for word in vector.text.split(' ') {
                match word.split_once('=') {
                    Some(("role", role)) => dec.role = if role == "client" { 1 } else { 2 },
                    Some(("protocol", _)) => dec.protocol_level = 3,
                    Some(("max_packet_len", len)) => dec.max_packet_len = len.parse().unwrap(),
                    _ => {}
                }
            }
        });
        (vector, dec, rust)
    });
    golden.chain(ignored).chain(refused).collect()
}

//! What the table is made of, and how a row is judged.

use mqtt_codec::EncodeError;
use mqtt_codec::v3::{Decoded, Decoder, Protocol};

use super::build;
use crate::common::encode::{check_encode, encoded};
use crate::common::spec::{describe, parse};
use crate::common::vectors::{from_pieces, refusal, to_hex, written_out};

/// A statement of the specification.
pub(crate) struct Clause {
    /// `3.3.2-2` for `[MQTT-3.3.2-2]`; for a rule without a number, where it stands: `table 2.1`.
    pub(crate) id: &'static str,
    /// Some of `D`, `E`, `F`, `S`, as CONFORMANCE.md explains them.
    pub(crate) classes: &'static str,
    /// The rule in our words.
    pub(crate) rule: &'static str,
    pub(crate) rows: &'static [Row],
}

/// Something that MQTT 3.1 does in another way than MQTT 3.1.1.
pub(crate) struct Difference {
    pub(crate) item: &'static str,
    pub(crate) v3_1: &'static str,
    pub(crate) v3_1_1: &'static str,
    /// What this codec does.
    pub(crate) here: &'static str,
    pub(crate) rows: &'static [Row],
}

/// A check. Bytes and packets are written as `vectors/README.md` says.
pub(crate) enum Row {
    /// Decoding these bytes fails with `kind@offset`; before it may stand the decoder's options.
    Refused(&'static str, &'static str),
    /// These bytes decode to this packet, and it encodes to the same bytes.
    Carried(&'static str, &'static str),
    /// For a decoder of MQTT 3.1: these bytes decode to this packet, which encodes to those bytes.
    Taken31(&'static str, &'static str, &'static str),
    /// What is tried, and the kind with which a type or an encoder refuses it.
    NotBuilt(&'static str, fn() -> Result<Vec<u8>, EncodeError>, &'static str),
    /// A packet type or `packet`, and what holds for the frame of each such packet that can be built.
    Always(&'static str, &'static str, fn(&[u8]) -> bool),
    /// A statement that holds.
    Holds(&'static str, fn() -> bool),
}

impl Row {
    /// The class of a rule that the row shows.
    pub(crate) fn class(&self) -> char {
        match self {
            Self::Refused(..) => 'D',
            Self::NotBuilt(..) | Self::Always(..) => 'E',
            Self::Carried(..) | Self::Taken31(..) | Self::Holds(..) => 'F',
        }
    }

    /// What is wrong, if anything is.
    pub(crate) fn fault(&self) -> Option<String> {
        match self {
            Self::Refused(frame, error) => {
                let (decoder, error) = refusal(error);
                let frame = from_pieces(frame);
                let found = decoder.decode(&frame);
                let is_right = matches!(&found, Err(found)
                    if format!("{}@{}", found.kind().name(), found.offset()) == error);
                (!is_right).then(|| format!("{found:?}"))
            }
            Self::Carried(frame, text) => {
                let frame = from_pieces(frame);
                let fault = decoding_fault(&Decoder::DEFAULT, &frame, text, &frame);
                if fault.is_none() {
                    parse(text).with(|packet| check_encode(&packet, &frame));
                }
                fault
            }
            Self::Taken31(frame, text, again) => {
                let decoder = Decoder::DEFAULT.protocol(Protocol::V3_1);
                decoding_fault(&decoder, &from_pieces(frame), text, &from_pieces(again))
            }
            Self::NotBuilt(_, attempt, kind) => match attempt() {
                Err(EncodeError::Invalid(found)) if found.name() == *kind => None,
                Ok(frame) => Some(format!("written: {}", to_hex(&frame))),
                Err(error) => Some(format!("{error:?}")),
            },
            Self::Always(packet, _, holds) => {
                let frames = build::every(packet);
                assert!(!frames.is_empty(), "no {packet} was built");
                frames.iter().find(|frame| !holds(frame)).map(|frame| to_hex(frame))
            }
            Self::Holds(_, holds) => (!holds()).then(|| "it does not".to_owned()),
        }
    }
}

fn decoding_fault(decoder: &Decoder, frame: &[u8], text: &str, again: &[u8]) -> Option<String> {
    match decoder.decode(frame) {
        Ok(Decoded::Packet { packet, len, .. }) => {
            let found = describe(&packet);
            if found != written_out(text) || len != frame.len() {
                return Some(format!("{len} bytes of {found}"));
            }
            let found = encoded(&packet);
            (found != again).then(|| format!("encoded as {}", to_hex(&found)))
        }
        other => Some(format!("{other:?}")),
    }
}

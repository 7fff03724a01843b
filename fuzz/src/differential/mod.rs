//! Any bytes, to this codec and to three others from crates.io. Where the verdicts differ, the difference must
//! be one of a numbered list: `table.rs`, printed in `differences.md`.

mod fields;
mod peers;
pub mod table;

use mqtt_codec::frame::{self, Peek};
use mqtt_codec::v3::{Decoded, decode};

pub use fields::Fields;
use table::Difference;

/// A codec to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// mqttrs 0.4.
    Mqttrs,
    /// rumqttc 0.25, its module `mqttbytes::v4`.
    Rumqttc,
    /// mqttbytes 0.6, its module `v4`.
    Mqttbytes,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mqttrs, Self::Rumqttc, Self::Mqttbytes];

    /// The crate.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mqttrs => "mqttrs",
            Self::Rumqttc => "rumqttc",
            Self::Mqttbytes => "mqttbytes",
        }
    }

    fn decode(self, buf: &[u8]) -> Verdict {
        match self {
            Self::Mqttrs => peers::mqttrs(buf),
            Self::Rumqttc => peers::rumqttc(buf),
            Self::Mqttbytes => peers::mqttbytes(buf),
        }
    }
}

/// What a peer says to some bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A packet.
    Packet(Fields),
    /// It waits, for as many bytes as it says, if it says so.
    NeedMore(Option<usize>),
    /// An error.
    Refused,
    /// It panics.
    Panics,
}

/// Panics when a difference is not in the list.
pub fn check(input: &[u8]) {
    differences(input);
}

/// The differences that some bytes show, by peer and number.
pub fn differences(input: &[u8]) -> Vec<(Peer, &'static Difference)> {
    // One frame: what follows it is another matter.
    let buf = match frame::peek(input) {
        Ok(Peek::Header(header)) => &input[..input.len().min(header.frame_len() as usize)],
        _ => input,
    };
    Peer::ALL.iter().filter_map(|peer| difference(*peer, buf).map(|difference| (*peer, difference))).collect()
}

fn difference(peer: Peer, buf: &[u8]) -> Option<&'static Difference> {
    let (ours, theirs) = (decode(buf), peer.decode(buf));
    let found = match (&ours, &theirs) {
        (Ok(Decoded::Packet { packet, .. }), Verdict::Packet(fields)) => {
            let ours = Fields::of(packet);
            if ours == *fields {
                return None;
            }
            table::of_fields(peer, &ours, fields)
        }
        (Ok(Decoded::Packet { packet, .. }), Verdict::Refused) => {
            table::of_refusal(peer, &Fields::of(packet), buf)
        }
        (Ok(Decoded::NeedMore { at_least }), Verdict::NeedMore(number)) => match number {
            Some(number) if number != at_least => None,
            _ => return None,
        },
        (Err(_), Verdict::Refused) => return None,
        (Err(error), Verdict::Packet(_)) => table::of_acceptance(peer, error.kind()),
        (Err(error), Verdict::NeedMore(_)) => table::of_waiting(peer, error.kind()),
        (Err(error), Verdict::Panics) => table::of_panic(peer, error.kind()),
        _ => None,
    };
    assert!(
        found.is_some(),
        "{} says {theirs:?}, and we {ours:?}, to {buf:02x?}: not in the list",
        peer.name()
    );
    found
}

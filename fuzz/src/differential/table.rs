//! The numbered list of differences that are known and wanted.

use mqtt_codec::ErrorKind;

use super::{Fields, Peer};
use Peer::{Mqttbytes, Mqttrs, Rumqttc};

/// What the peers do where this codec does something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theirs {
    /// They give a packet where a rule is broken.
    Accept,
    /// They wait for the rest of a frame where it is already clear that it breaks a rule.
    Wait,
    /// They panic where a rule is broken.
    Panic,
    /// They refuse a legal packet.
    Refuse,
    /// They give other fields of a legal packet.
    Change,
}

/// One of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number, which stays.
    pub number: u8,
    /// The peers that show it.
    pub peers: &'static [Peer],
    /// What they do.
    pub theirs: Theirs,
    /// What this codec says there; none where it gives a packet.
    pub ours: &'static [ErrorKind],
    /// In words.
    pub what: &'static str,
}

const ALL: &[Peer] = &[Mqttrs, Rumqttc, Mqttbytes];
const BYTEBEAM: &[Peer] = &[Rumqttc, Mqttbytes];

/// The list.
pub const DIFFERENCES: &[Difference] = &[
    accept(1, ALL, &[ErrorKind::NulInString], "U+0000 in a string [MQTT-1.5.3-2]"),
    accept(
        2,
        ALL,
        &[ErrorKind::TopicEmpty, ErrorKind::FilterEmpty],
        "an empty topic name or filter [MQTT-4.7.3-1]",
    ),
    accept(3, ALL, &[ErrorKind::TopicWildcard], "a wildcard in a topic name [MQTT-3.3.2-2]"),
    accept(4, ALL, &[ErrorKind::FilterWildcard], "a wildcard that does not fill its level [MQTT-4.7.1-2]"),
    accept(5, ALL, &[ErrorKind::RemainingLengthPadded], "a remaining length not in its shortest form"),
    accept(6, ALL, &[ErrorKind::TrailingBytes], "bytes behind the last field"),
    accept(7, ALL, &[ErrorKind::DupWithoutQos], "DUP with QoS 0 [MQTT-3.3.1-2]"),
    accept(8, ALL, &[ErrorKind::ConnectFlagReserved], "bit 0 of the connect flags [MQTT-3.1.2-3]"),
    accept(9, ALL, &[ErrorKind::PasswordWithoutUserName], "a password without a user name [MQTT-3.1.2-22]"),
    accept(
        10,
        ALL,
        &[ErrorKind::ClientIdRejected],
        "an empty client identifier without clean session [MQTT-3.1.3-8]",
    ),
    accept(11, ALL, &[ErrorKind::ConnackFlags], "bits 7 to 1 of the connect acknowledge flags"),
    accept(12, ALL, &[ErrorKind::SessionPresentWithRefusal], "session present with a refusal [MQTT-3.2.2-4]"),
    accept(
        13,
        ALL,
        &[ErrorKind::NoFilters],
        "a SUBSCRIBE (mqttrs) or UNSUBSCRIBE (all) without a filter [MQTT-3.8.3-3]",
    ),
    accept(14, &[Mqttrs], &[ErrorKind::NoReturnCodes], "a SUBACK without a return code"),
    accept(
        15,
        &[Mqttrs],
        &[ErrorKind::WillFlagsWithoutWill],
        "will QoS or will retain without a will [MQTT-3.1.2-11]",
    ),
    accept(16, BYTEBEAM, &[ErrorKind::FlagsReserved], "other flags than the type must have [MQTT-2.2.2-1]"),
    accept(17, BYTEBEAM, &[ErrorKind::PacketIdZero], "packet identifier 0, but for PUBLISH [MQTT-2.3.1-1]"),
    accept(
        18,
        BYTEBEAM,
        &[ErrorKind::SubscribeOptions],
        "upper bits in a subscription's options [MQTT-3.8.3-4]",
    ),
    accept(
        19,
        BYTEBEAM,
        &[ErrorKind::ProtocolVersionOther],
        "a CONNECT of level 5, read as if it were one of level 4",
    ),
    of(
        20,
        ALL,
        Theirs::Wait,
        &[
            ErrorKind::PacketTypeReserved,
            ErrorKind::FlagsReserved,
            ErrorKind::QosReserved,
            ErrorKind::DupWithoutQos,
            ErrorKind::RemainingLengthPadded,
            ErrorKind::Truncated,
            ErrorKind::TrailingBytes,
        ],
        "a fixed header that no packet can have, before its frame is complete",
    ),
    of(
        21,
        &[Mqttrs],
        Theirs::Panic,
        ErrorKind::ALL,
        "a frame that ends before a field that must be there, whatever other rule it breaks first: reads behind the end",
    ),
    of(22, BYTEBEAM, Theirs::Refuse, &[], "a CONNECT of MQTT 3.1"),
    of(23, BYTEBEAM, Theirs::Refuse, &[], "a password that is not UTF-8"),
    of(
        24,
        &[Mqttrs],
        Theirs::Refuse,
        &[],
        "a CONNECT of MQTT 3.1 that announces a user name or password and ends before it",
    ),
    of(25, BYTEBEAM, Theirs::Change, &[], "an empty user name and password: the same as none"),
];

const fn accept(
    number: u8,
    peers: &'static [Peer],
    ours: &'static [ErrorKind],
    what: &'static str,
) -> Difference {
    of(number, peers, Theirs::Accept, ours, what)
}

const fn of(
    number: u8,
    peers: &'static [Peer],
    theirs: Theirs,
    ours: &'static [ErrorKind],
    what: &'static str,
) -> Difference {
    Difference { number, peers, theirs, ours, what }
}

fn find(peer: Peer, theirs: Theirs, kind: ErrorKind) -> Option<&'static Difference> {
    DIFFERENCES.iter().find(|d| d.theirs == theirs && d.peers.contains(&peer) && d.ours.contains(&kind))
}

pub(super) fn of_acceptance(peer: Peer, kind: ErrorKind) -> Option<&'static Difference> {
    find(peer, Theirs::Accept, kind)
}

pub(super) fn of_waiting(peer: Peer, kind: ErrorKind) -> Option<&'static Difference> {
    find(peer, Theirs::Wait, kind)
}

pub(super) fn of_panic(peer: Peer, kind: ErrorKind) -> Option<&'static Difference> {
    find(peer, Theirs::Panic, kind)
}

/// The difference with a number, if the peer shows it.
fn numbered(number: u8, peer: Peer) -> Option<&'static Difference> {
    DIFFERENCES.iter().find(|d| d.number == number && d.peers.contains(&peer))
}

/// Why a peer may refuse a legal packet.
pub(super) fn of_refusal(peer: Peer, ours: &Fields, frame: &[u8]) -> Option<&'static Difference> {
    match ours {
        Fields::Connect { level: 3, user_name, password, .. } if peer == Mqttrs => {
            let level = frame.windows(7).position(|window| window == b"MQIsdp\x03")?;
            let flags = frame[level + 7];
            let is_absent =
                (flags & 0x80 != 0 && user_name.is_none()) || (flags & 0x40 != 0 && password.is_none());
            if is_absent { numbered(24, peer) } else { None }
        }
        Fields::Connect { level: 3, .. } => numbered(22, peer),
        Fields::Connect { password: Some(password), .. } if std::str::from_utf8(password).is_err() => {
            numbered(23, peer)
        }
        _ => None,
    }
}

/// Why a peer may give other fields.
pub(super) fn of_fields(peer: Peer, ours: &Fields, theirs: &Fields) -> Option<&'static Difference> {
    // The same but for what is empty and what is not there.
    let flat = |fields: &Fields| match fields.clone() {
        Fields::Connect { level, clean_session, keep_alive, client_id, will, user_name, password } => {
            let or_empty = |text: Option<Vec<u8>>| Some(text.unwrap_or_default());
            let (user_name, password) = (or_empty(user_name), or_empty(password));
            Fields::Connect { level, clean_session, keep_alive, client_id, will, user_name, password }
        }
        other => other,
    };
    if flat(ours) == flat(theirs) { numbered(25, peer) } else { None }
}

/// The list as a document.
pub fn document() -> String {
    let mut text = String::from(
        "# Where other codecs say something else\n\n\
         What `fuzz_targets/differential.rs` allows, printed from `src/differential/table.rs` by\n\
         `cargo run --manifest-path fuzz/Cargo.toml --example seeds`. Each has a seed that shows it.\n\n\
         | no | codecs | they | we | what |\n|---|---|---|---|---|\n",
    );
    for Difference { number, peers, theirs, ours, what } in DIFFERENCES {
        let peers: Vec<_> = peers.iter().map(|peer| peer.name()).collect();
        let ours: Vec<_> = ours.iter().map(|kind| format!("`{}`", kind.name())).collect();
        let ours = match ours.len() {
            0 => "accept".to_owned(),
            n if n == ErrorKind::ALL.len() => "refuse".to_owned(),
            _ => ours.join(", "),
        };
        let theirs = format!("{theirs:?}").to_lowercase();
        text += &format!("| {number} | {} | {theirs} | {ours} | {what} |\n", peers.join(", "));
    }
    text
}

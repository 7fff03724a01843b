//! CONNECT, MQTT 3.1.1 section 3.1:
//! `10 | len | 00 04 "MQTT" | level | connect flags | keep alive | client id | [will topic | will
//! message] | [user name] | [password]`.

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::topic::TopicName;
use crate::types::{Binary, PacketId, PacketType, QoS, Utf8};
use crate::wire::{self, MAX_FIELD_LEN, PREFIX_LEN, Reader, Writer};

use super::{Decoder, Protocol, RawFrame};

const CLEAN_SESSION: u8 = 1 << 1;
const WILL: u8 = 1 << 2;
const WILL_QOS_SHIFT: u8 = 3;
const WILL_RETAIN: u8 = 1 << 5;
const PASSWORD: u8 = 1 << 6;
const USER_NAME: u8 = 1 << 7;

/// Level, connect flags, keep alive.
const FIXED_LEN: usize = 4;

/// The longest body: the longer protocol name, and five fields of full length.
pub(super) const MAX_LEN: u32 =
    (PREFIX_LEN + Protocol::V3_1.name().len() + FIXED_LEN + 5 * (PREFIX_LEN + MAX_FIELD_LEN)) as u32;

/// The most characters of a client identifier in MQTT 3.1.
const MAX_CLIENT_ID_3_1: usize = 23;

/// Asks a server for a connection: the first packet that a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Connect<'a> {
    /// The version that the client speaks.
    pub protocol: Protocol,
    /// Who the client is. MQTT 3.1.1: may be empty if `clean_session` (\[MQTT-3.1.3-7\]). MQTT 3.1:
    /// 1 to 23 characters.
    pub client_id: Utf8<'a>,
    /// Start afresh and keep nothing afterwards (section 3.1.2.4).
    pub clean_session: bool,
    /// The longest silence of the client, in seconds; 0 turns the check off (section 3.1.2.10).
    pub keep_alive: u16,
    /// The message that the server publishes when the client vanishes.
    pub will: Option<Will<'a>>,
    /// User name and password.
    pub login: Option<Login<'a>>,
}

/// The message that a server publishes when the client vanishes (section 3.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Will<'a> {
    /// Where it is published.
    pub topic: TopicName<'a>,
    /// Its payload; may be empty.
    pub message: Binary<'a>,
    /// Its quality of service.
    pub qos: QoS,
    /// Whether it is published as a retained message.
    pub retain: bool,
}

/// User name and password; no password without a user name (\[MQTT-3.1.2-22\]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Login<'a> {
    /// May be empty.
    pub user_name: Utf8<'a>,
    /// May be empty; any bytes.
    pub password: Option<Binary<'a>>,
}

impl<'a> Connect<'a> {
    /// Decodes a frame that must be a CONNECT. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` (also when the frame
    /// is not complete), `trailing_bytes`; `protocol_name`, `protocol_level`,
    /// `protocol_version_other`, `connect_flag_reserved`, `will_flags_without_will`, `will_qos`,
    /// `password_without_user_name`, `client_id_rejected`; `utf8`, `nul_in_string`, `topic_empty`,
    /// `topic_wildcard`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: as for `decode`, less those of [`Decoder::peek`].
    pub fn from_frame(frame: &RawFrame<'a>) -> Result<Self, DecodeError> {
        frame.expect(PacketType::Connect)?.read(|r| Self::decode_body(frame.header.flags, r))
    }

    fn decode_body(header_flags: u8, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let protocol = read_protocol(r)?;
        let is_3_1 = matches!(protocol, Protocol::V3_1);
        // A decoder for MQTT 3.1 lets any flags of the fixed header pass, as its CONNECT may have
        // them (A30); one of MQTT 3.1.1 may not.
        if header_flags != 0 && !is_3_1 {
            return Err(DecodeError::new(ErrorKind::FlagsReserved, 0)); // [MQTT-2.2.2-1]
        }

        let misplaced = r.clone();
        let flags = r.u8()?;
        let has = |flag| flags & flag != 0;
        if has(1) && !is_3_1 {
            return Err(misplaced.error(ErrorKind::ConnectFlagReserved)); // [MQTT-3.1.2-3] (A31)
        }
        let will = if has(WILL) {
            let Some(qos) = QoS::from_bits(flags >> WILL_QOS_SHIFT & 3) else {
                return Err(misplaced.error(ErrorKind::WillQos)); // [MQTT-3.1.2-14]
            };
            Some((qos, has(WILL_RETAIN)))
        } else if has(3 << WILL_QOS_SHIFT | WILL_RETAIN) && !is_3_1 {
            // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] (A09)
            return Err(misplaced.error(ErrorKind::WillFlagsWithoutWill));
        } else {
            None
        };
        if has(PASSWORD) && !has(USER_NAME) {
            return Err(misplaced.error(ErrorKind::PasswordWithoutUserName)); // [MQTT-3.1.2-22]
        }
        let clean_session = has(CLEAN_SESSION);
        let keep_alive = r.u16()?;

        // The order of the fields: [MQTT-3.1.3-1].
        let rejected = r.error(ErrorKind::ClientIdRejected);
        let client_id = Utf8::read(r)?; // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
        if !client_id_is_allowed(protocol, client_id, clean_session) {
            return Err(rejected); // [MQTT-3.1.3-8]
        }
        let will = match will {
            Some((qos, retain)) => Some(Will {
                topic: TopicName::read(r)?, // [MQTT-3.1.2-9] [MQTT-3.1.3-10]
                message: Binary::read(r)?,
                qos,
                retain,
            }),
            None => None,
        };
        // In MQTT 3.1 the packet may end before a field that its flags announce (A33).
        let is_there = |flag, r: &Reader<'_>| has(flag) && !(is_3_1 && r.is_empty());
        let login = if is_there(USER_NAME, r) {
            Some(Login {
                user_name: Utf8::read(r)?, // [MQTT-3.1.2-19] [MQTT-3.1.3-11]
                password: if is_there(PASSWORD, r) { Some(Binary::read(r)?) } else { None }, // [MQTT-3.1.2-21]
            })
        } else {
            None
        };
        // Fields without their flag are left over: [MQTT-3.1.2-18] [MQTT-3.1.2-20].
        Ok(Self { protocol, client_id, clean_session, keep_alive, will, login })
    }

    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub fn encoded_len(&self) -> usize {
        wire::frame_len(self.body_len())
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `client_id_rejected`.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        if !client_id_is_allowed(self.protocol, self.client_id, self.clean_session) {
            return Err(ErrorKind::ClientIdRejected.into()); // [MQTT-3.1.3-7]
        }
        wire::encode_frame(PacketType::Connect.first_byte(), self.body_len(), out, |w| self.write(w))
    }

    fn body_len(&self) -> usize {
        let fields = [self.protocol.name().as_bytes(), self.client_id.as_bytes()];
        let mut len = fields.iter().fold(FIXED_LEN, |len, field| len.saturating_add(wire::field_len(field)));
        if let Some(will) = &self.will {
            len = len.saturating_add(wire::field_len(will.topic.as_bytes()));
            len = len.saturating_add(wire::field_len(will.message.as_bytes()));
        }
        if let Some(login) = &self.login {
            len = len.saturating_add(wire::field_len(login.user_name.as_bytes()));
            if let Some(password) = &login.password {
                len = len.saturating_add(wire::field_len(password.as_bytes()));
            }
        }
        len
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.field(self.protocol.name().as_bytes());
        w.u8(self.protocol.level());
        w.u8(self.connect_flags());
        w.u16(self.keep_alive);
        w.field(self.client_id.as_bytes());
        if let Some(will) = &self.will {
            w.field(will.topic.as_bytes());
            w.field(will.message.as_bytes());
        }
        if let Some(login) = &self.login {
            w.field(login.user_name.as_bytes());
            if let Some(password) = &login.password {
                w.field(password.as_bytes());
            }
        }
    }

    fn connect_flags(&self) -> u8 {
        let mut flags = 0;
        if self.clean_session {
            flags |= CLEAN_SESSION;
        }
        if let Some(will) = &self.will {
            flags |= WILL | (will.qos as u8) << WILL_QOS_SHIFT;
            if will.retain {
                flags |= WILL_RETAIN;
            }
        }
        if let Some(login) = &self.login {
            flags |= USER_NAME;
            if login.password.is_some() {
                flags |= PASSWORD;
            }
        }
        flags
    }

    /// [`PacketType::Connect`].
    pub const fn packet_type(&self) -> PacketType {
        PacketType::Connect
    }

    /// A CONNECT has no packet identifier.
    pub const fn packet_id(&self) -> Option<PacketId> {
        None
    }
}

/// Protocol name and level: first the name, then whether the level goes with it.
fn read_protocol(r: &mut Reader<'_>) -> Result<Protocol, DecodeError> {
    let unknown_name = r.error(ErrorKind::ProtocolName);
    let protocol = match r.field()? {
        b"MQTT" => Protocol::V3_1_1,
        b"MQIsdp" => Protocol::V3_1,
        _ => return Err(unknown_name), // [MQTT-3.1.2-1] (A13)
    };
    let at_level = r.clone();
    match (protocol, r.u8()?) {
        (_, level) if level == protocol.level() => Ok(protocol),
        (Protocol::V3_1_1, 5) => Err(at_level.error(ErrorKind::ProtocolVersionOther)), // (A14)
        _ => Err(at_level.error(ErrorKind::ProtocolLevel)), // [MQTT-3.1.2-2] (A12, A13)
    }
}

fn client_id_is_allowed(protocol: Protocol, client_id: Utf8<'_>, clean_session: bool) -> bool {
    let bytes = client_id.as_bytes();
    match protocol {
        Protocol::V3_1_1 => clean_session || !bytes.is_empty(), // [MQTT-3.1.3-7] (A07)
        Protocol::V3_1 => {
            // Characters, not bytes: every byte of UTF-8 but a continuation starts one (A32).
            let characters = bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count();
            (1..=MAX_CLIENT_ID_3_1).contains(&characters)
        }
    }
}

//! CONNECT, MQTT 3.1.1 section 3.1:
//! `10 | len | 00 04 "MQTT" | level | connect flags | keep alive | client id | [will topic | will
//! message] | [user name] | [password]`.

use core::fmt;

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::options::Options;
use crate::topic::TopicName;
use crate::types::{Binary, PacketId, PacketType, QoS, Utf8};
use crate::version::{BRIDGE_BIT, ConnectVersion};
use crate::wire::{self, Reader, Writer};

use super::decoder::{Decoder, Protocol, RawFrame};

const CLEAN_SESSION: u8 = 1 << 1;
const WILL: u8 = 1 << 2;
const WILL_QOS_SHIFT: u8 = 3;
const WILL_RETAIN: u8 = 1 << 5;
const PASSWORD: u8 = 1 << 6;
const USER_NAME: u8 = 1 << 7;

/// Level, connect flags, keep alive.
const FIXED_LEN: usize = 4;

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
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Login<'a> {
    /// May be empty.
    pub user_name: Utf8<'a>,
    /// May be empty; any bytes.
    pub password: Option<Binary<'a>>,
}

/// Tells the password's length alone: what is printed may be kept.
impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.map(|password| password.as_bytes().len());
        f.debug_struct("Login").field("user_name", &self.user_name).field("password_len", &password).finish()
    }
}

impl<'a> Connect<'a> {
    /// Decodes a frame that must be a CONNECT. Bytes after the frame are not looked at.
    ///
    /// Errors: those of [`Decoder::peek`]; `packet_type_unexpected`; `truncated` (also when the frame
    /// is not complete), `trailing_bytes`; `flags_reserved` (where the decoder is one of MQTT 3.1 and
    /// the CONNECT is not); `protocol_name`, `protocol_level`,
    /// `protocol_version_other`, `connect_flag_reserved`, `will_flags_without_will`, `will_qos`,
    /// `password_without_user_name`, `client_id_rejected`; `utf8`, `nul_in_string`, `topic_empty`,
    /// `topic_wildcard`.
    pub fn decode(decoder: &Decoder, frame: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_frame(&mut decoder.whole(frame)?)
    }

    /// Reads a frame whose fixed header was judged by [`Decoder::split`].
    ///
    /// Errors: those that `decode` lists behind [`Decoder::peek`].
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut r = frame.open(PacketType::Connect)?;
        let packet = Self::decode_body(frame.flags(), &mut r)?;
        frame.close(r)?;
        Ok(packet)
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
        if has(1) && (!is_3_1 || r.options().has(Options::STRICT_CONNECT_FLAG_3_1)) {
            return Err(misplaced.error(ErrorKind::ConnectFlagReserved)); // [MQTT-3.1.2-3] (A31)
        }
        let will = if has(WILL) {
            let Some(qos) = QoS::from_bits(flags >> WILL_QOS_SHIFT & 3) else {
                return Err(misplaced.error(ErrorKind::WillQos)); // [MQTT-3.1.2-14]
            };
            Some((qos, has(WILL_RETAIN))) // [MQTT-3.1.2-16] [MQTT-3.1.2-17]
        } else if has(3 << WILL_QOS_SHIFT | WILL_RETAIN) && !is_3_1 {
            // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] (A09)
            return Err(misplaced.error(ErrorKind::WillFlagsWithoutWill));
        } else {
            None
        };
        let is_password_alone = has(PASSWORD) && !has(USER_NAME);
        if is_password_alone && !r.tolerates(Options::PASSWORD_WITHOUT_USER_NAME) {
            return Err(misplaced.error(ErrorKind::PasswordWithoutUserName)); // [MQTT-3.1.2-22] (A08)
        }
        let clean_session = has(CLEAN_SESSION); // [MQTT-3.1.2-4] [MQTT-3.1.2-6]
        let keep_alive = r.u16()?; // section 3.1.2.10

        // The order of the fields: [MQTT-3.1.3-1].
        let rejected = r.error(ErrorKind::ClientIdRejected);
        let client_id = Utf8::read(r)?; // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
        if !client_id_is_allowed(protocol, client_id, clean_session) {
            // [MQTT-3.1.3-8]; what is not allowed in MQTT 3.1 and not empty is too long (A32).
            let is_long = is_3_1 && client_id != "";
            if !is_long || !r.tolerates(Options::LONG_CLIENT_ID_3_1) {
                return Err(rejected);
            }
        }
        let will = match will {
            // All that the server is to publish: [MQTT-3.1.2-8].
            Some((qos, retain)) => Some(Will {
                topic: TopicName::read(r)?, // [MQTT-3.1.2-9] [MQTT-3.1.3-10]
                // A will message is anything: section 3.1.3.3.
                message: Binary::read(r)?,
                qos,
                retain,
            }),
            None => None,
        };
        // In MQTT 3.1 the packet may end before a field that its flags announce (A33).
        let may_end = is_3_1 && !r.options().has(Options::STRICT_LOGIN_3_1);
        let is_there = |flag, r: &Reader<'_>| has(flag) && !(may_end && r.is_empty());
        let user_name = if is_there(USER_NAME, r) {
            Some(Utf8::read(r)?) // [MQTT-3.1.2-19] [MQTT-3.1.3-11]
        } else if is_password_alone && is_there(PASSWORD, r) {
            Some(Utf8::default())
        } else {
            None
        };
        let login = match user_name {
            Some(user_name) => {
                // A password is anything: section 3.1.3.5.
                let has_password = is_there(PASSWORD, r);
                let password = if has_password { Some(Binary::read(r)?) } else { None }; // [MQTT-3.1.2-21]
                Some(Login { user_name, password })
            }
            None => None,
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
    let name_refused = r.error(ErrorKind::ProtocolName);
    let name = r.field()?;
    if ConnectVersion::of(name, 0).is_none() {
        return Err(name_refused); // [MQTT-3.1.2-1] (A13)
    }
    let level_refused = r.error(ErrorKind::ProtocolLevel);
    let version_refused = r.error(ErrorKind::ProtocolVersionOther);
    let mut level = r.u8()?;
    if level & BRIDGE_BIT != 0 && r.tolerates(Options::BRIDGE_BIT) {
        level &= !BRIDGE_BIT; // (A12)
    }
    match ConnectVersion::of(name, level) {
        Some(ConnectVersion::V3_1_1) => Ok(Protocol::V3_1_1),
        Some(ConnectVersion::V3_1) => Ok(Protocol::V3_1),
        Some(ConnectVersion::V5_0) => Err(version_refused), // (A14)
        _ => Err(level_refused),                            // [MQTT-3.1.2-2] (A12, A13)
    }
}

fn client_id_is_allowed(protocol: Protocol, client_id: Utf8<'_>, clean_session: bool) -> bool {
    let bytes = client_id.as_bytes();
    match protocol {
        // Of any length and alphabet: [MQTT-3.1.3-5] [MQTT-3.1.3-6].
        Protocol::V3_1_1 => clean_session || !bytes.is_empty(), // [MQTT-3.1.3-7] (A07)
        Protocol::V3_1 => {
            // Characters, not bytes: every byte of UTF-8 but a continuation starts one (A32).
            let characters = bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count();
            (1..=MAX_CLIENT_ID_3_1).contains(&characters)
        }
    }
}

//! CONNECT, MQTT 3.1.1 section 3.1:
//! `10 | len | 00 04 "MQTT" | level | connect flags | keep alive | client id | [will topic | will
//! message] | [user name] | [password]`.

use core::fmt;

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::options::Options;
use crate::topic::TopicName;
use crate::types::{Binary, PacketId, PacketType, QoS, Utf8};
use crate::version::{BRIDGE_BIT, ConnectVersion};
use crate::wire::{self, PREFIX_LEN, Reader, Writer};

use super::decoder::{Decoder, Protocol, RawFrame};

/// Level, connect flags, keep alive.
const FIXED_LEN: usize = 4;

/// The most characters of a client identifier in MQTT 3.1.
pub(crate) const MAX_CLIENT_ID_3_1: usize = 23;

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
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn from_frame(frame: &mut RawFrame<'a>) -> Result<Self, DecodeError> {
        let mut parts = ConnectParts::empty();
        parts.read(frame)?;
        Ok(parts.into())
    }

    /// The bytes that `encode` writes, when the packet keeps the rules.
    pub fn encoded_len(&self) -> usize {
        wire::frame_len(self.parts().len())
    }

    /// Writes the packet to the front of `out` and returns its length. On an error `out` is
    /// untouched.
    ///
    /// Errors: `BufferTooSmall`; `Invalid` with `client_id_rejected`.
    #[cfg_attr(target_pointer_width = "64", inline(never))]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        let parts = self.parts();
        parts.judge_client_id()?;
        parts.encode(out)
    }

    fn parts(&self) -> ConnectParts<'a> {
        let mut flags = if self.clean_session { ConnectParts::CLEAN_SESSION } else { 0 };
        let mut fields: [&[u8]; 5] = [self.client_id.as_bytes(), &[], &[], &[], &[]];
        if let Some(will) = &self.will {
            flags |= ConnectParts::WILL | (will.qos as u8) << ConnectParts::WILL_QOS_SHIFT;
            if will.retain {
                flags |= ConnectParts::WILL_RETAIN;
            }
            fields[WILL_TOPIC] = will.topic.as_bytes();
            fields[WILL_MESSAGE] = will.message.as_bytes();
        }
        if let Some(login) = &self.login {
            flags |= ConnectParts::USER_NAME;
            fields[NAME] = login.user_name.as_bytes();
            if let Some(password) = &login.password {
                flags |= ConnectParts::PASSWORD;
                fields[SECRET] = password.as_bytes();
            }
        }
        ConnectParts { protocol: self.protocol, flags, keep_alive: self.keep_alive, fields }
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

impl<'a> From<ConnectParts<'a>> for Connect<'a> {
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn from(parts: ConnectParts<'a>) -> Self {
        let [client_id, will_topic, will_message, user_name, password] = parts.fields;
        Self {
            protocol: parts.protocol,
            client_id: Utf8::read_again(client_id),
            clean_session: parts.has(ConnectParts::CLEAN_SESSION), // [MQTT-3.1.2-4] [MQTT-3.1.2-6]
            keep_alive: parts.keep_alive,
            will: parts.has(ConnectParts::WILL).then(|| Will {
                topic: TopicName::read_again(will_topic),
                message: Binary::read_again(will_message),
                qos: QoS::from_bits(parts.will_qos()).unwrap_or_default(),
                retain: parts.has(ConnectParts::WILL_RETAIN),
            }),
            login: parts.has(ConnectParts::USER_NAME).then(|| Login {
                user_name: Utf8::read_again(user_name),
                password: parts.has(ConnectParts::PASSWORD).then(|| Binary::read_again(password)),
            }),
        }
    }
}

// The fields of `ConnectParts`.
const CLIENT_ID: usize = 0;
const WILL_TOPIC: usize = 1;
const WILL_MESSAGE: usize = 2;
const NAME: usize = 3;
const SECRET: usize = 4;

/// A CONNECT as it goes on the wire: what is left of a [`Connect`] when it is written, and what is read
/// before it is made one. The C face makes its own struct of it.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct ConnectParts<'a> {
    pub protocol: Protocol,
    pub flags: u8,
    pub keep_alive: u16,
    /// Client identifier, will topic, will message, user name, password; empty where the flag is not set.
    pub fields: [&'a [u8]; 5],
}

impl ConnectParts<'_> {
    // The bits of the connect flags (section 3.1.2.3).
    pub const CLEAN_SESSION: u8 = 1 << 1;
    pub const WILL: u8 = 1 << 2;
    pub const WILL_QOS_SHIFT: u8 = 3;
    const WILL_QOS: u8 = 3 << Self::WILL_QOS_SHIFT;
    pub const WILL_RETAIN: u8 = 1 << 5;
    pub const PASSWORD: u8 = 1 << 6;
    pub const USER_NAME: u8 = 1 << 7;
}

impl<'a> ConnectParts<'a> {
    /// What to begin with.
    #[inline(always)]
    pub fn empty() -> Self {
        Self { protocol: Protocol::V3_1_1, flags: 0, keep_alive: 0, fields: [&[]; 5] }
    }

    /// Reads a frame into an empty one, where it stands: by value it would be copied from frame to frame of the
    /// stack. What its own fixed header leaves to be judged, and its fields.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub fn read(&mut self, frame: &mut RawFrame<'a>) -> Result<(), DecodeError> {
        let mut r = frame.open(PacketType::Connect)?;
        self.read_body(frame.flags(), &mut r)?;
        frame.close(r)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read_body(&mut self, header_flags: u8, r: &mut Reader<'a>) -> Result<(), DecodeError> {
        let protocol = read_protocol(r)?;
        let is_3_1 = matches!(protocol, Protocol::V3_1);
        // A decoder for MQTT 3.1 lets any flags of the fixed header pass, as its CONNECT may have
        // them (A30); one of MQTT 3.1.1 may not.
        if header_flags != 0 && !is_3_1 {
            return Err(DecodeError::new(ErrorKind::FlagsReserved, 0)); // [MQTT-2.2.2-1]
        }

        let misplaced = r.clone();
        let flags = r.u8()?;
        if let Err(kind) = judge_flags(flags, is_3_1, r.options()) {
            return Err(misplaced.error(kind));
        }
        // The keep alive is any number: section 3.1.2.10.
        self.protocol = protocol;
        self.flags = flags & !1;
        self.keep_alive = r.u16()?;
        if !self.has(Self::WILL) {
            self.flags &= !(Self::WILL_QOS | Self::WILL_RETAIN);
        }

        // The order of the fields: [MQTT-3.1.3-1].
        let rejected = r.error(ErrorKind::ClientIdRejected);
        self.fields[CLIENT_ID] = Utf8::read(r)?.as_bytes(); // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
        if self.judge_client_id().is_err() {
            // [MQTT-3.1.3-8]; what is not allowed in MQTT 3.1 and not empty is too long (A32).
            let is_long = is_3_1 && !self.fields[CLIENT_ID].is_empty();
            if !is_long || !r.tolerates(Options::LONG_CLIENT_ID_3_1) {
                return Err(rejected);
            }
        }
        if self.has(Self::WILL) {
            // All that the server is to publish: [MQTT-3.1.2-8]. A message is anything: section 3.1.3.3.
            self.fields[WILL_TOPIC] = TopicName::read(r)?.as_bytes(); // [MQTT-3.1.2-9] [MQTT-3.1.3-10]
            self.fields[WILL_MESSAGE] = r.field()?;
        }
        let is_password_alone = flags & (Self::PASSWORD | Self::USER_NAME) == Self::PASSWORD;
        if is_password_alone {
            r.tolerate(Options::PASSWORD_WITHOUT_USER_NAME); // (A08)
        }
        // In MQTT 3.1 the packet may end before a field that its flags announce (A33).
        if is_3_1 && r.is_empty() && !r.options().has(Options::STRICT_LOGIN_3_1) {
            self.flags &= !(Self::USER_NAME | Self::PASSWORD);
        }
        if self.has(Self::USER_NAME) {
            self.fields[NAME] = Utf8::read(r)?.as_bytes(); // [MQTT-3.1.2-19] [MQTT-3.1.3-11]
            if is_3_1 && r.is_empty() && !r.options().has(Options::STRICT_LOGIN_3_1) {
                self.flags &= !Self::PASSWORD;
            }
        }
        if self.has(Self::PASSWORD) {
            self.flags |= Self::USER_NAME;
            self.fields[SECRET] = r.field()?; // [MQTT-3.1.2-21]; anything: section 3.1.3.5
        }
        // Fields without their flag are left over: [MQTT-3.1.2-18] [MQTT-3.1.2-20].
        Ok(())
    }

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    const fn will_qos(&self) -> u8 {
        self.flags >> Self::WILL_QOS_SHIFT & 3
    }

    /// Judges what [`Connect`]'s types would not let in: flags, strings and the client identifier.
    ///
    /// Errors: `will_qos`, `will_flags_without_will`, `password_without_user_name`, `client_id_rejected`;
    /// those of [`Utf8::from_bytes`] and [`TopicName::from_bytes`].
    #[inline(always)]
    pub fn judge(&self) -> Result<(), ErrorKind> {
        judge_flags(self.flags, false, Options::NONE)?;
        let [client_id, will_topic, will_message, user_name, password] = self.fields;
        Utf8::from_bytes(client_id)?;
        if self.has(Self::WILL) {
            TopicName::from_bytes(will_topic)?;
        }
        Binary::new(will_message)?;
        Utf8::from_bytes(user_name)?;
        Binary::new(password)?;
        self.judge_client_id()
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn judge_client_id(&self) -> Result<(), ErrorKind> {
        let bytes = self.fields[CLIENT_ID];
        let is_allowed = match self.protocol {
            // Of any length and alphabet: [MQTT-3.1.3-5] [MQTT-3.1.3-6].
            Protocol::V3_1_1 => self.has(Self::CLEAN_SESSION) || !bytes.is_empty(), // [MQTT-3.1.3-7] (A07)
            Protocol::V3_1 => {
                // Characters, not bytes: every byte of UTF-8 but a continuation starts one (A32).
                let characters = bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count();
                (1..=MAX_CLIENT_ID_3_1).contains(&characters)
            }
        };
        if is_allowed { Ok(()) } else { Err(ErrorKind::ClientIdRejected) }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn len(&self) -> usize {
        let number = |flag, fields: usize| if self.has(flag) { fields } else { 0 };
        let optional = number(Self::WILL, 2)
            .wrapping_add(number(Self::USER_NAME, 1))
            .wrapping_add(number(Self::PASSWORD, 1));
        // A field that is not there is empty.
        let bytes = self.fields.iter().fold(0, |len: usize, field| len.wrapping_add(field.len()));
        let fixed = wire::field_len(self.protocol.name().as_bytes()).wrapping_add(FIXED_LEN);
        fixed.wrapping_add(optional.wrapping_add(1).wrapping_mul(PREFIX_LEN)).wrapping_add(bytes)
    }

    /// Writes a CONNECT that was judged.
    ///
    /// Errors: `BufferTooSmall`.
    #[inline(always)]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, EncodeError> {
        let mut w = Writer::begin(PacketType::Connect.first_byte(), self.len(), 0, out)?;
        // Name, level and flags, put together in one word.
        let flags = u64::from(self.flags);
        match self.protocol {
            Protocol::V3_1_1 => w.array((u64::from_be_bytes(*b"\0\x04MQTT\x04\0") | flags).to_be_bytes()),
            Protocol::V3_1 => {
                w.array(*b"\0\x06MQIsdp");
                w.array([Protocol::V3_1.level(), self.flags]);
            }
        }
        w.u16(self.keep_alive);
        // The fields that the flags announce, in their order: [MQTT-3.1.3-1].
        w.field(self.fields[CLIENT_ID]);
        if self.has(Self::WILL) {
            w.field(self.fields[WILL_TOPIC]);
            w.field(self.fields[WILL_MESSAGE]);
        }
        if self.has(Self::USER_NAME) {
            w.field(self.fields[NAME]);
        }
        if self.has(Self::PASSWORD) {
            w.field(self.fields[SECRET]);
        }
        Ok(w.end())
    }
}

/// What the connect flags must not be.
const fn judge_flags(flags: u8, is_3_1: bool, options: Options) -> Result<(), ErrorKind> {
    if flags & 1 != 0 && (!is_3_1 || options.has(Options::STRICT_CONNECT_FLAG_3_1)) {
        return Err(ErrorKind::ConnectFlagReserved); // [MQTT-3.1.2-3] (A31)
    }
    if flags & ConnectParts::WILL != 0 {
        // [MQTT-3.1.2-16] [MQTT-3.1.2-17]
        if flags & ConnectParts::WILL_QOS == ConnectParts::WILL_QOS {
            return Err(ErrorKind::WillQos); // [MQTT-3.1.2-14]
        }
    } else if flags & (ConnectParts::WILL_QOS | ConnectParts::WILL_RETAIN) != 0 && !is_3_1 {
        // [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] (A09)
        return Err(ErrorKind::WillFlagsWithoutWill);
    }
    if flags & (ConnectParts::PASSWORD | ConnectParts::USER_NAME) == ConnectParts::PASSWORD
        && !options.has(Options::PASSWORD_WITHOUT_USER_NAME)
    {
        return Err(ErrorKind::PasswordWithoutUserName); // [MQTT-3.1.2-22] (A08)
    }
    Ok(())
}

/// Protocol name and level: first the name, then whether the level goes with it.
#[cfg_attr(target_pointer_width = "64", inline(always))]
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

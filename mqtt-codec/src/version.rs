//! Which version of MQTT a CONNECT speaks: protocol name and protocol level, the same place in all
//! versions (MQTT 3.1.1 sections 3.1.2.1 and 3.1.2.2).

use crate::error::{DecodeError, ErrorKind};
use crate::frame::{Halt, Header};
use crate::types::PacketType;
use crate::wire;

/// The version that a CONNECT names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectVersion {
    /// `MQIsdp`, level 3.
    V3_1,
    /// `MQTT`, level 4.
    V3_1_1,
    /// `MQTT`, level 5.
    V5_0,
    /// Another name, or a level that does not go with the name.
    Unknown,
}

/// The bit that bridges between brokers set in the protocol level (A12).
pub(crate) const BRIDGE_BIT: u8 = 0x80;

impl ConnectVersion {
    /// The version of a name and a level; `None` when nobody knows the name.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn of(name: &[u8], level: u8) -> Option<Self> {
        let is_3_1 = name == b"MQIsdp";
        if !is_3_1 && name != b"MQTT" {
            return None;
        }
        Some(match (is_3_1, level) {
            (false, 4) => Self::V3_1_1,
            (false, 5) => Self::V5_0,
            (true, 3) => Self::V3_1,
            _ => Self::Unknown,
        })
    }
}

/// What [`peek_connect_version`] saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeekVersion {
    /// The CONNECT names this version.
    Version(ConnectVersion),
    /// Protocol name and level have not all come.
    NeedMore {
        /// The bytes still missing, at the least.
        at_least: usize,
    },
}

/// Tells the version of the CONNECT at the front of `buf` as soon as its protocol name and level are
/// there, before a decoder is chosen. The bridge bit in the level is left out of account.
///
/// Errors: those of [`frame::peek`](crate::frame::peek); `packet_type_unexpected` when it is no CONNECT; `truncated` when
/// the frame ends before the level.
///
/// ```
/// use mqtt_codec::{ConnectVersion, PeekVersion, peek_connect_version};
/// let start = b"\x10\x0e\x00\x04MQTT\x04";
/// assert_eq!(peek_connect_version(start), Ok(PeekVersion::Version(ConnectVersion::V3_1_1)));
/// assert_eq!(peek_connect_version(&start[..4]), Ok(PeekVersion::NeedMore { at_least: 5 }));
/// ```
pub fn peek_connect_version(buf: &[u8]) -> Result<PeekVersion, DecodeError> {
    // No reason to wait for the remaining length of what is no CONNECT.
    let header = Header::start(buf).and_then(|start| match start {
        (PacketType::Connect, _) => Header::finish(start, buf, false),
        _ => Err(Halt::Refused(DecodeError::new(ErrorKind::PacketTypeUnexpected, 0))),
    });
    let Header { header_len, frame_len, .. } = match header {
        Ok(header) => header,
        Err(Halt::NeedMore { at_least }) => return Ok(PeekVersion::NeedMore { at_least }),
        Err(Halt::Refused(error)) => return Err(error),
    };
    let there = buf.get(..frame_len).unwrap_or(buf);
    let body = there.get(header_len..).unwrap_or_default();
    // The name's length prefix, then name and level, must lie in the frame, and then be there.
    let up_to_name = header_len.saturating_add(wire::PREFIX_LEN);
    let needed = match body.split_first_chunk() {
        Some((prefix, _)) => up_to_name.saturating_add(u16::from_be_bytes(*prefix).into()).saturating_add(1),
        None => up_to_name,
    };
    if needed > frame_len {
        // What is missing is the level alone, or else the name.
        let is_level = needed == frame_len.wrapping_add(1) && needed > up_to_name;
        let missing = if is_level { frame_len } else { header_len };
        return Err(DecodeError::new(ErrorKind::Truncated, missing));
    }
    if let Some((name, [level, ..])) = wire::split_field(body) {
        let version = ConnectVersion::of(name, level & !BRIDGE_BIT).unwrap_or(ConnectVersion::Unknown);
        return Ok(PeekVersion::Version(version));
    }
    Ok(PeekVersion::NeedMore { at_least: needed.saturating_sub(there.len()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(buf: &[u8]) -> ConnectVersion {
        match peek_connect_version(buf) {
            Ok(PeekVersion::Version(version)) => version,
            other => panic!("{other:?}"),
        }
    }

    fn refused(buf: &[u8]) -> (ErrorKind, usize) {
        let error = peek_connect_version(buf).unwrap_err();
        (error.kind(), error.offset())
    }

    #[test]
    fn each_version() {
        assert_eq!(version(b"\x10\x0c\x00\x06MQIsdp\x03"), ConnectVersion::V3_1);
        assert_eq!(version(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00\xc0"), ConnectVersion::V3_1_1);
        assert_eq!(version(b"\x10\x80\x01\x00\x04MQTT\x05"), ConnectVersion::V5_0);
        assert_eq!(version(b"\x10\x0c\x00\x04MQTT\x84"), ConnectVersion::V3_1_1);
        for unknown in
            [&b"\x10\x0c\x00\x04MQTT\x03"[..], b"\x10\x0c\x00\x06MQIsdp\x04", b"\x10\x0c\x00\x04mqtt\x04"]
        {
            assert_eq!(version(unknown), ConnectVersion::Unknown, "{unknown:02x?}");
        }
        assert_eq!(version(b"\x10\x0c\x00\x00\x04"), ConnectVersion::Unknown);
    }

    #[test]
    fn what_is_missing_makes_progress_and_ends_at_the_level() {
        let frame = b"\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x0a\x00\x01p";
        let mut there = 0;
        let mut steps = 0;
        loop {
            match peek_connect_version(&frame[..there]) {
                Ok(PeekVersion::NeedMore { at_least }) => there += at_least,
                Ok(PeekVersion::Version(version)) => {
                    assert_eq!((version, there), (ConnectVersion::V3_1, 11));
                    break;
                }
                Err(error) => panic!("{error}"),
            }
            steps += 1;
            assert!(steps < 10);
        }
        for there in 0..11 {
            assert!(
                matches!(peek_connect_version(&frame[..there]), Ok(PeekVersion::NeedMore { .. })),
                "{there}"
            );
        }
    }

    /// A frame that ends with the level, one that ends before it, and an empty name.
    #[test]
    fn where_the_frame_ends() {
        assert_eq!(version(b"\x10\x07\x00\x04MQTT\x04"), ConnectVersion::V3_1_1);
        assert_eq!(version(b"\x10\x03\x00\x00\x04"), ConnectVersion::Unknown);
        assert_eq!(refused(b"\x10\x02\x00\x00\x04"), (ErrorKind::Truncated, 4));
        assert_eq!(peek_connect_version(b"\x10\x02"), Ok(PeekVersion::NeedMore { at_least: 2 }));
        assert_eq!(peek_connect_version(b"\x10\x03\x00\x00"), Ok(PeekVersion::NeedMore { at_least: 1 }));
        assert_eq!(peek_connect_version(b"\x10\x07\x00"), Ok(PeekVersion::NeedMore { at_least: 1 }));
    }

    #[test]
    fn refusals() {
        assert_eq!(refused(b"\x30"), (ErrorKind::PacketTypeUnexpected, 0));
        assert_eq!(refused(b"\x00"), (ErrorKind::PacketTypeReserved, 0));
        assert_eq!(refused(b"\x10\x8c\x00"), (ErrorKind::RemainingLengthPadded, 1));
        assert_eq!(refused(b"\x10\x01"), (ErrorKind::Truncated, 2));
        assert_eq!(refused(b"\x10\x05\x00\x04MQT\x04"), (ErrorKind::Truncated, 2));
        assert_eq!(refused(b"\x10\x06\x00\x04MQTT\x04"), (ErrorKind::Truncated, 8));
        assert_eq!(refused(b"\x10\x0c\xff\xff"), (ErrorKind::Truncated, 2));
    }
}

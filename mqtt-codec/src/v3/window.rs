//! Where the bytes that wait to be read stand in a lent buffer, and what is under way there: the
//! bookkeeping of [`PacketReader`](super::stream::PacketReader), for who keeps the buffer elsewhere
//! (the C reader does).

use thiserror::Error;

use crate::error::{DecodeError, ErrorKind};
use crate::frame::Header;

/// More bytes were committed than there was room for. Nothing was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("{committed} bytes were committed where there was room for {room}")]
pub struct CommitError {
    /// The bytes that were committed.
    pub committed: usize,
    /// The room that there was.
    pub room: usize,
}

/// The bytes in a buffer that were committed and not yet read. Every method wants the same buffer, or
/// its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first byte that was not read.
    pub start: usize,
    /// The end of what was committed.
    pub end: usize,
    /// What is under way at `start`.
    pub state: State,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A frame, or none yet.
    Frame {
        /// The bytes that it lacks before it is looked at.
        missing: u32,
    },
    /// The payload of a PUBLISH that is longer than the buffer.
    Payload {
        /// The bytes of it that were not given out.
        left: u32,
    },
    /// A frame that is left out.
    Skip {
        /// The bytes of it that have not come.
        left: u32,
    },
    /// A frame that was refused.
    Refused(DecodeError),
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The bytes that wait are to be decoded.
    Decode,
    /// The first `len` bytes that wait are payload, and are taken; `left` bytes of it are to come.
    Payload {
        /// At least 1.
        len: usize,
        /// 0 at the payload's end.
        left: u32,
    },
    /// So many bytes are missing.
    NeedMore {
        /// At least 1.
        at_least: usize,
    },
    /// The frame was refused.
    Refused(DecodeError),
}

impl Window {
    /// Nothing has come yet.
    pub const EMPTY: Self = Self { start: 0, end: 0, state: State::Frame { missing: 0 } };

    /// False when the numbers cannot be those of a buffer of `cap` bytes.
    pub const fn is_sound(&self, cap: usize) -> bool {
        self.start <= self.end && self.end <= cap
    }

    /// The bytes that wait.
    pub fn unread<'a>(&self, buf: &'a [u8]) -> &'a [u8] {
        buf.get(self.start..self.end).unwrap_or_default()
    }

    const fn unread_len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// The room behind the bytes that wait, after they were moved to the front if the frame that they
    /// begin would run over the end of the buffer.
    pub fn space<'a>(&mut self, buf: &'a mut [u8]) -> &'a mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let lacking = match self.state {
            State::Frame { missing } => missing.max(1) as usize,
            _ => 1,
        };
        if self.start > 0 && buf.len().saturating_sub(self.end) < lacking && self.is_sound(buf.len()) {
            buf.copy_within(self.start..self.end, 0);
            self.end = self.unread_len();
            self.start = 0;
        }
        buf.get_mut(self.end..).unwrap_or_default()
    }

    /// `n` bytes have come into the room.
    pub fn commit(&mut self, n: usize, cap: usize) -> Result<(), CommitError> {
        let room = cap.saturating_sub(self.end);
        if n > room {
            return Err(CommitError { committed: n, room });
        }
        self.end = self.end.saturating_add(n);
        self.state = match self.state {
            State::Frame { missing } => {
                let n = u32::try_from(n).unwrap_or(u32::MAX);
                State::Frame { missing: missing.saturating_sub(n) }
            }
            State::Skip { left } => State::Skip { left: self.drop_up_to(left) },
            state => state,
        };
        Ok(())
    }

    /// What comes next in a buffer of `cap` bytes. Payload that is there counts as given out.
    pub fn step(&mut self, cap: usize) -> Step {
        match self.state {
            State::Frame { missing: 0 } => Step::Decode,
            State::Frame { missing } => Step::NeedMore { at_least: missing as usize },
            State::Payload { left } => {
                let before = self.start;
                let left_behind = self.drop_up_to(left);
                let len = self.start.saturating_sub(before);
                if len == 0 {
                    return Step::NeedMore { at_least: cap.min(left as usize) };
                }
                self.state = match left_behind {
                    0 => State::Frame { missing: 0 },
                    left => State::Payload { left },
                };
                Step::Payload { len, left: left_behind }
            }
            State::Skip { left: 0 } => {
                self.state = State::Frame { missing: 0 };
                Step::Decode
            }
            State::Skip { left } => Step::NeedMore { at_least: cap.min(left as usize) },
            State::Refused(error) => Step::Refused(error),
        }
    }

    /// A frame of `len` bytes, which were among those that wait, was read.
    pub const fn take(&mut self, len: usize) {
        self.start = self.start.saturating_add(len);
    }

    /// True when a buffer of `cap` bytes holds the bytes that wait and `lacking` more.
    pub const fn can_hold(&self, lacking: usize, cap: usize) -> bool {
        self.unread_len().saturating_add(lacking) <= cap
    }

    /// The frame lacks so many bytes; it is not looked at before they have come, but for its first byte,
    /// which can be a mistake by itself.
    pub fn wait(&mut self, lacking: usize) -> usize {
        let missing = if self.unread_len() == 0 { 0 } else { lacking as u32 };
        self.state = State::Frame { missing };
        lacking
    }

    /// What stands before a payload was read.
    pub const fn begin_payload(&mut self, header_len: usize, payload_len: u32) {
        self.take(header_len);
        self.state = State::Payload { left: payload_len };
    }

    /// The frame is refused, and stays it.
    pub const fn refuse(&mut self, error: DecodeError) -> DecodeError {
        self.state = State::Refused(error); // [MQTT-4.8.0-1]
        error
    }

    /// The length of the frame that was refused, when its header can be trusted: what was wrong is its
    /// size, or lies behind the header.
    pub fn refused_len(&self, buf: &[u8]) -> Option<u32> {
        let State::Refused(error) = self.state else { return None };
        // A padded length that was let through is trusted; one that was refused is the mistake itself.
        let header = Header::declared(self.unread(buf))?;
        let is_behind = error.offset() >= header.header_len;
        let is_size = matches!(error.kind(), ErrorKind::PacketTooLarge);
        (is_behind || is_size).then_some(header.frame_len as u32)
    }

    /// Leaves out the frame that was refused, or the rest of a payload, now and as it comes.
    ///
    /// Errors: the refusal again, when nobody knows where that frame ends.
    pub fn skip(&mut self, buf: &[u8]) -> Result<(), DecodeError> {
        let len = match self.state {
            State::Refused(error) => self.refused_len(buf).ok_or(error)?,
            State::Payload { left } => left,
            State::Frame { .. } | State::Skip { .. } => return Ok(()),
        };
        self.state = State::Skip { left: self.drop_up_to(len) };
        Ok(())
    }

    /// Takes up to `n` of the bytes that wait; the bytes that remain of `n`.
    fn drop_up_to(&mut self, n: u32) -> u32 {
        let dropped = self.unread_len().min(n as usize);
        self.start = self.start.saturating_add(dropped);
        n.saturating_sub(dropped as u32)
    }
}

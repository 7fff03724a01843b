//! The annotated dump: the verdict is the codec's, the fields are found by a walk over the bytes
//! that takes whatever it can read, so that a broken frame is shown too.

use mqtt_codec::v3::{ConnectReturnCode, Protocol, SubAckCode};
use mqtt_codec::{DecodeError, ErrorKind, PacketType};

use crate::escape;
use crate::reading::{Mode, Outcome, Reading, tolerances};
use crate::rules;

/// The bytes on one line of the dump.
const BYTES_PER_LINE: usize = 8;
/// The lines after which a field is cut; the line that an error is on is shown in any case.
const LINES_PER_FIELD: usize = 4;
/// The columns that an explanation is broken to.
const COLUMNS: usize = 100;
/// Set in the protocol level by bridges between brokers.
const BRIDGE_BIT: u8 = 1 << 7;
/// The characters after which a text is cut.
const SHOWN_CHARS: usize = 40;

/// The dump of an input line.
pub(crate) struct Dump {
    pub(crate) text: String,
    /// Every frame is whole and keeps the rules.
    pub(crate) is_good: bool,
}

/// Dumps one frame after the other, up to the first that is broken or not whole.
pub(crate) fn frames(reading: &Reading, input: &[u8]) -> Dump {
    let mut text = String::new();
    let mut rest = input;
    loop {
        let start = input.len().saturating_sub(rest.len());
        if start > 0 {
            text.push('\n');
        }
        let mut walk = Walk::over(rest, reading);
        let verdict = reading.read(rest);
        let mark = verdict.as_ref().err().map(|error| walk.mark(error));
        walk.write(start, mark, &mut text);
        match verdict {
            Ok(Outcome::Frame { len, tolerated, .. }) => {
                for tolerance in tolerances(tolerated) {
                    text.push_str(&format!("tolerated: {}: {}\n", tolerance.name, tolerance.meaning));
                }
                text.push_str(&if_strict(reading, rest));
                rest = rest.get(len..).unwrap_or_default();
            }
            Ok(Outcome::NeedMore { at_least }) => {
                let least = if walk.frame_len.is_none() { "at least " } else { "" };
                let bytes = if at_least == 1 { "byte is" } else { "bytes are" };
                text.push_str(&format!("incomplete: {least}{at_least} more {bytes} needed\n"));
                return Dump { text, is_good: false };
            }
            Err(error) => {
                let (kind, offset) = (error.kind(), error.offset());
                let clause = kind.spec_ref().map_or(String::new(), |clause| format!(" [{clause}]"));
                text.push_str(&format!("error: {} at byte {offset}: {kind}{clause}\n", kind.name()));
                if let Some(rule) = rules::rule(kind) {
                    text.push_str(&paragraph("rule: ", rule));
                }
                text.push_str(&if_lenient(reading, rest));
                let unread = rest.len().saturating_sub(walk.frame.len());
                if unread > 0 {
                    text.push_str(&format!("not read: {unread} bytes after this packet\n"));
                }
                return Dump { text, is_good: false };
            }
        }
        if rest.is_empty() {
            return Dump { text, is_good: true };
        }
    }
}

/// A line for a packet that is accepted, and refused with `--strict`.
fn if_strict(reading: &Reading, input: &[u8]) -> String {
    match (reading.mode, reading.with(Mode::Strict).read(input)) {
        (None, Err(error)) => {
            format!("--strict refuses this packet: {} at byte {}\n", error.kind().name(), error.offset())
        }
        _ => String::new(),
    }
}

/// A line for a packet that is refused, and accepted with `--lenient`.
fn if_lenient(reading: &Reading, input: &[u8]) -> String {
    match (reading.mode, reading.with(Mode::Lenient).read(input)) {
        (None, Ok(Outcome::Frame { tolerated, .. })) => {
            let what: Vec<_> =
                tolerances(tolerated).map(|what| format!("{}: {}", what.name, what.meaning)).collect();
            format!("--lenient takes this packet: {}\n", what.join("; "))
        }
        _ => String::new(),
    }
}

/// A text broken into lines, the later ones indented by the label's width. No line starts with a
/// number or a byte, so that "QoS 1" and "00 01" stay in one piece.
fn paragraph(label: &str, text: &str) -> String {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match pieces.last_mut() {
            Some(piece) if is_number_or_byte(word) => *piece = format!("{piece} {word}"),
            _ => pieces.push(word.into()),
        }
    }
    let mut lines = String::new();
    let mut line = String::from(label.trim_end());
    for piece in pieces {
        let width = line.chars().count().saturating_add(piece.chars().count());
        if width >= COLUMNS {
            lines.push_str(&line);
            line = format!("\n{:1$}", "", label.len().saturating_sub(1));
        }
        line.push(' ');
        line.push_str(&piece);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

/// `16384`, `3.1.1`, and two hexadecimal digits, whatever punctuation is behind them.
fn is_number_or_byte(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_punctuation());
    let is_byte = word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_byte || word.starts_with(|c: char| c.is_ascii_digit())
}

/// A field of a frame, from byte `start` to before byte `end`.
struct Field {
    start: usize,
    end: usize,
    name: &'static str,
    meaning: String,
    /// It should be there and is not.
    is_missing: bool,
}

impl Field {
    /// Where the last line starts that is shown even without an error on it.
    fn last_line(&self) -> usize {
        const MOST: usize = (LINES_PER_FIELD - 1) * BYTES_PER_LINE;
        let last = self.end.saturating_sub(self.start).saturating_sub(1);
        self.start.saturating_add(last.saturating_sub(last % BYTES_PER_LINE).min(MOST))
    }

    fn covers(&self, offset: usize) -> bool {
        (self.start..self.end).contains(&offset) || self.is_missing && self.start == offset
    }
}

/// The bytes that break a rule.
#[derive(Clone, Copy)]
struct Mark {
    start: usize,
    end: usize,
}

/// A walk over the fields of a frame. A method gives `None` when the field is not there in full; the
/// walk ends then.
struct Walk<'a> {
    /// What is there of the frame, and before its length is known, of what follows it too.
    frame: &'a [u8],
    /// The length of the whole frame, once the fixed header has told it.
    frame_len: Option<usize>,
    /// Where the next field starts.
    at: usize,
    fields: Vec<Field>,
}

impl<'a> Walk<'a> {
    fn over(input: &'a [u8], reading: &Reading) -> Self {
        let mut walk = Walk { frame: input, frame_len: None, at: 0, fields: Vec::new() };
        let rest = match walk.read_frame(reading) {
            Some(()) => "left over",
            None => "not read",
        };
        if walk.at < walk.frame.len() {
            walk.push(walk.frame.len(), rest, String::new());
        }
        walk
    }

    fn read_frame(&mut self, reading: &Reading) -> Option<()> {
        let first = self.byte("type and flags", type_and_flags)?;
        self.remaining_length()?;
        match PacketType::from_first_byte(first).ok()? {
            PacketType::Connect => self.connect(reading.mode),
            PacketType::ConnAck => self.connack(reading.protocol),
            PacketType::Publish => self.publish(first),
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => self.packet_id(),
            PacketType::Subscribe => {
                self.packet_id()?;
                self.list(|walk| {
                    walk.string("topic filter", quoted)?;
                    walk.byte("requested QoS", |qos| qos.to_string()).map(|_| ())
                })
            }
            PacketType::SubAck => {
                self.packet_id()?;
                self.list(|walk| {
                    walk.byte("return code", |code| format!("{code}: {}", SubAckCode(code))).map(|_| ())
                })
            }
            PacketType::Unsubscribe => {
                self.packet_id()?;
                self.list(|walk| walk.string("topic filter", quoted).map(|_| ()))
            }
            PacketType::PingReq | PacketType::PingResp | PacketType::Disconnect => Some(()),
        }
    }

    /// Up to four bytes; the last of them has bit 7 clear (section 2.2.3).
    fn remaining_length(&mut self) -> Option<()> {
        const MAX_LEN: usize = 4;
        let bytes = self.rest();
        let bytes = bytes.get(..MAX_LEN).unwrap_or(bytes);
        let Some(last) = bytes.iter().position(|byte| byte & 0x80 == 0) else {
            if !bytes.is_empty() {
                let is_too_long = bytes.len() == MAX_LEN;
                let meaning = if is_too_long { "goes on after four bytes" } else { "not complete yet" };
                self.push(self.at.saturating_add(bytes.len()), "remaining length", meaning.into());
            }
            return None;
        };
        let groups = bytes.get(..=last).unwrap_or_default();
        let value = groups.iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f));
        let is_padded = groups.len() > 1 && groups.last() == Some(&0);
        let end = self.at.saturating_add(groups.len());
        let meaning = format!("{value}{}", if is_padded { ", longer than its shortest form" } else { "" });
        self.push(end, "remaining length", meaning);

        let frame_len = end.saturating_add(value);
        self.frame = self.frame.get(..frame_len).unwrap_or(self.frame);
        self.frame_len = Some(frame_len);
        Some(())
    }

    fn connect(&mut self, mode: Option<Mode>) -> Option<()> {
        let name = self.string("protocol name", quoted)?;
        let level = self.byte("protocol level", protocol_level)?;
        let is_3_1 = match (name, level & !BRIDGE_BIT) {
            (b"MQTT", 4) => false,
            (b"MQIsdp", 3) => true,
            _ => return None, // whatever follows in another version
        };
        let flags = self.byte("connect flags", connect_flags)?;
        self.number("keep alive", |seconds| match seconds {
            0 => "0: off".into(),
            _ => format!("{seconds} s"),
        })?;
        self.string("client identifier", quoted)?;
        if flags & 1 << 2 != 0 {
            self.string("will topic", quoted)?;
            self.string("will message", content)?;
        }
        for (flag, name) in [(1 << 7, "user name"), (1 << 6, "password")] {
            // MQTT 3.1 may leave out what its flags announce.
            let may_end = is_3_1 && mode != Some(Mode::Strict);
            if flags & flag != 0 && !(may_end && self.rest().is_empty()) {
                self.string(name, content)?;
            }
        }
        Some(())
    }

    fn connack(&mut self, protocol: Protocol) -> Option<()> {
        self.byte("flags", |flags| match (protocol, flags) {
            (Protocol::V3_1, _) => "not used in MQTT 3.1".into(),
            (_, 0) => "no session present".into(),
            (_, 1) => "session present".into(),
            _ => format!("{flags:08b}"),
        })?;
        self.byte("return code", |code| format!("{code}: {}", ConnectReturnCode(code)))?;
        Some(())
    }

    fn publish(&mut self, first: u8) -> Option<()> {
        self.string("topic", quoted)?;
        if qos(first) != 0 {
            self.packet_id()?;
        }
        let payload = self.rest();
        let left = self.frame_len.map_or(0, |len| len.saturating_sub(self.at));
        let meaning = match payload {
            [] if left > 0 => return None,
            [] => "empty".into(),
            _ if payload.len() < left => format!("{} of {left} bytes", payload.len()),
            _ => content(payload),
        };
        self.push(self.frame.len(), "payload", meaning);
        Some(())
    }

    fn packet_id(&mut self) -> Option<()> {
        self.number("packet identifier", |id| id.to_string())
    }

    /// At least one item, then more to the end of the frame.
    fn list(&mut self, item: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        item(self)?;
        while !self.rest().is_empty() {
            item(self)?;
        }
        Some(())
    }

    fn byte(&mut self, name: &'static str, meaning: impl FnOnce(u8) -> String) -> Option<u8> {
        let Some(value) = self.rest().first() else {
            return self.push_cut(name);
        };
        self.push(self.at.saturating_add(1), name, meaning(*value));
        Some(*value)
    }

    fn number(&mut self, name: &'static str, meaning: impl FnOnce(u16) -> String) -> Option<()> {
        let Some(bytes) = self.rest().first_chunk() else {
            return self.push_cut(name);
        };
        self.push(self.at.saturating_add(2), name, meaning(u16::from_be_bytes(*bytes)));
        Some(())
    }

    /// The content of a field with a two-byte length prefix.
    fn string(&mut self, name: &'static str, meaning: impl FnOnce(&[u8]) -> String) -> Option<&'a [u8]> {
        let Some((prefix, rest)) = self.rest().split_first_chunk::<2>() else {
            return self.push_cut(name);
        };
        let len = usize::from(u16::from_be_bytes(*prefix));
        let start = self.at.saturating_add(2);
        let end = start.saturating_add(len);
        if let Some(content) = rest.get(..len) {
            self.push(end, name, meaning(content));
            return Some(content);
        }
        match self.frame_len {
            Some(frame_len) if end > frame_len => {
                let left = frame_len.saturating_sub(start);
                let mut meaning = format!("length {len}, but {left} bytes are left");
                if prefix.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                    meaning.push_str("; was the text's length left out?");
                }
                self.push(start, name, meaning);
            }
            _ => self.push(self.frame.len(), name, format!("{} of {len} bytes", rest.len())),
        }
        None
    }

    fn rest(&self) -> &'a [u8] {
        self.frame.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, end: usize, name: &'static str, meaning: String) {
        self.fields.push(Field { start: self.at, end, name, meaning, is_missing: false });
        self.at = end;
    }

    /// The field that the bytes end before or in. Nothing is wrong with what has not come yet.
    fn push_cut<T>(&mut self, name: &'static str) -> Option<T> {
        let end = self.frame.len();
        let is_whole = self.frame_len == Some(end);
        if is_whole || self.at < end {
            let is_missing = self.at == end;
            let meaning = match (is_missing, is_whole) {
                (true, _) => "missing",
                (false, true) => "cut short",
                (false, false) => "not complete yet",
            };
            self.push(end, name, meaning.into());
            if let Some(field) = self.fields.last_mut() {
                field.is_missing = is_missing;
            }
        }
        None
    }

    /// The bytes to mark for an error, in a field of the walk: where there is none, one is added.
    fn mark(&mut self, error: &DecodeError) -> Mark {
        let start = error.offset();
        if !self.fields.iter().any(|field| field.covers(start)) {
            // Told by the fixed header before the byte is there.
            let meaning = "not received".into();
            self.fields.push(Field { start, end: start, name: "body", meaning, is_missing: true });
        }
        let end = match error.kind() {
            ErrorKind::Utf8
            | ErrorKind::NulInString
            | ErrorKind::TopicWildcard
            | ErrorKind::FilterWildcard => start.saturating_add(1),
            // A character of several bytes: the first one tells how many.
            ErrorKind::CharacterDiscouraged => {
                let ones = self.frame.get(start).map_or(0, |byte| byte.leading_ones());
                start.saturating_add(ones.max(1) as usize)
            }
            _ => self.fields.iter().find(|field| field.covers(start)).map_or(start, |field| field.end),
        };
        Mark { start, end }
    }

    fn write(&self, start: usize, mark: Option<Mark>, text: &mut String) {
        let Some(first) = self.frame.first() else {
            return;
        };
        let packet_type = PacketType::from_first_byte(*first)
            .map_or_else(|_| format!("packet type {}", first >> 4), |packet_type| packet_type.to_string());
        let have = self.frame.len();
        let length = match self.frame_len {
            Some(len) if len == have => format!("{len} bytes"),
            Some(len) => format!("{have} of {len} bytes"),
            None => "length unknown".into(),
        };
        text.push_str(&format!("{packet_type}, {length}"));
        if start > 0 {
            text.push_str(&format!(", from byte {start} of the input"));
        }
        text.push('\n');

        let columns = Columns::of(&self.fields, mark);
        for field in &self.fields {
            columns.write(field, self.frame.get(field.start..field.end).unwrap_or_default(), mark, text);
        }
    }
}

/// The widths of the dump's columns.
struct Columns {
    offset: usize,
    bytes: usize,
    name: usize,
}

impl Columns {
    fn of(fields: &[Field], mark: Option<Mark>) -> Self {
        let widest = |width: fn(&Field) -> usize| fields.iter().map(width).max().unwrap_or_default();
        Self {
            offset: widest(Field::last_line).max(mark.map_or(0, |mark| mark.start)).to_string().len(),
            bytes: widest(|field| field.end.saturating_sub(field.start).clamp(1, BYTES_PER_LINE))
                .saturating_mul(3)
                .saturating_sub(1),
            name: widest(|field| field.name.len()),
        }
    }

    /// A field: its first lines, and the line with the byte that an error is at.
    fn write(&self, field: &Field, bytes: &[u8], mark: Option<Mark>, text: &mut String) {
        let is_at_error = mark.is_some_and(|mark| field.covers(mark.start));
        if bytes.is_empty() {
            let bytes = if field.is_missing { "--" } else { "" };
            self.line(is_at_error, &field.start.to_string(), bytes, Some(field), text);
            if is_at_error {
                self.line(false, "", "^^", None, text);
            }
            return;
        }
        let mut offset = field.start;
        let mut is_cut = false;
        for (index, line) in bytes.chunks(BYTES_PER_LINE).enumerate() {
            let start = offset;
            offset = offset.saturating_add(line.len());
            let has_error = mark.is_some_and(|mark| (start..offset).contains(&mark.start));
            if index >= LINES_PER_FIELD && !has_error {
                if !is_cut {
                    self.line(false, "", "..", None, text);
                }
                is_cut = true;
                continue;
            }
            is_cut = false;
            let digits: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
            let what = (index == 0).then_some(field);
            self.line(has_error, &start.to_string(), &digits.join(" "), what, text);
            if let Some(mark) = mark.filter(|_| is_at_error) {
                let marks = (start..offset)
                    .map(|at| if (mark.start..mark.end).contains(&at) { "^^ " } else { "   " });
                let marks: String = marks.collect();
                if !marks.trim().is_empty() {
                    self.line(false, "", &marks, None, text);
                }
            }
        }
    }

    fn line(&self, is_marked: bool, offset: &str, bytes: &str, what: Option<&Field>, text: &mut String) {
        let gutter = if is_marked { ">>" } else { "" };
        let (name, meaning) = what.map_or(("", ""), |field| (field.name, field.meaning.as_str()));
        let line = format!(
            "{gutter:2} {offset:>0$}  {bytes:<1$}  {name:<2$}  {meaning}",
            self.offset, self.bytes, self.name
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// The QoS bits in the first byte of a PUBLISH.
fn qos(first: u8) -> u8 {
    first >> 1 & 3
}

fn type_and_flags(first: u8) -> String {
    let flags = first & 0x0f;
    let Ok(packet_type) = PacketType::from_first_byte(first) else {
        return format!("packet type {}, reserved", first >> 4);
    };
    match packet_type.required_flags() {
        None => {
            let dup = if flags & 1 << 3 != 0 { ", DUP" } else { "" };
            let retain = if flags & 1 != 0 { ", RETAIN" } else { "" };
            format!("{packet_type}, QoS {}{dup}{retain}", qos(first))
        }
        Some(required) if required == flags => packet_type.to_string(),
        Some(required) => format!("{packet_type}, flags {flags:04b} instead of {required:04b}"),
    }
}

fn protocol_level(level: u8) -> String {
    let version = match level & !BRIDGE_BIT {
        3 => ": MQTT 3.1",
        4 => ": MQTT 3.1.1",
        5 if level == 5 => ": MQTT 5.0",
        _ => return level.to_string(),
    };
    let bridge = if level & BRIDGE_BIT != 0 { ", with the bridge bit" } else { "" };
    format!("{level}{version}{bridge}")
}

fn connect_flags(flags: u8) -> String {
    let named = [
        (1 << 7, "user name"),
        (1 << 6, "password"),
        (1 << 5, "will retain"),
        (1 << 2, "will"),
        (1 << 1, "clean session"),
        (1, "reserved bit"),
    ];
    let mut set: Vec<String> =
        named.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| (*name).into()).collect();
    let will_qos = flags >> 3 & 3;
    if will_qos != 0 {
        set.push(format!("will QoS {will_qos}"));
    }
    format!("{flags:08b}: {}", if set.is_empty() { "none".into() } else { set.join(", ") })
}

/// Bytes that may be text: as text if they are, else how many they are.
fn content(bytes: &[u8]) -> String {
    let is_text = |text: &str| text.chars().all(|c| c.is_whitespace() || !c.is_control());
    if std::str::from_utf8(bytes).is_ok_and(is_text) {
        quoted(bytes)
    } else {
        format!("{} bytes, not text", bytes.len())
    }
}

/// Text in quotes, safe for a terminal: ill-formed bytes are escaped too, and a long one is cut.
fn quoted(bytes: &[u8]) -> String {
    let mut pieces = bytes.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars().map(escape::for_a_person);
        characters.chain(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")))
    });
    let shown: String = pieces.by_ref().take(SHOWN_CHARS).collect();
    match pieces.next() {
        Some(_) => format!("\"{shown}\".. ({} bytes)", bytes.len()),
        None => format!("\"{shown}\""),
    }
}

//! Reads the golden vectors; `vectors/README.md` says how they are written.

use std::path::{Path, PathBuf};

use mqtt_codec::v3::{Decoder, Protocol, Role};

/// The files that hold something else than packets for both directions.
pub(crate) const REFUSED: &str = "refused.txt";
pub(crate) const IGNORED_3_1: &str = "ignored_3_1.txt";

/// A line of a vectors file.
pub(crate) struct Vector {
    /// `file:line`.
    pub(crate) place: String,
    pub(crate) frame: Vec<u8>,
    /// The second column as it stands.
    pub(crate) text: String,
    /// The third column: what the vector is for.
    pub(crate) note: String,
}

fn folder() -> PathBuf {
    // The fuzz crate reads them too.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mqtt-codec/tests/vectors")
}

/// The lines of one file.
pub(crate) fn read(file: &str) -> Vec<Vector> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let vectors: Vec<_> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let place = format!("{file}:{}", index + 1);
            let columns: Vec<_> = line.split(" | ").collect();
            let [hex, text, note] = columns[..] else { panic!("{place}: not three columns") };
            Vector { place, frame: from_pieces(hex), text: text.to_owned(), note: note.to_owned() }
        })
        // Miri would take minutes over each of the long ones.
        .filter(|vector| !cfg!(miri) || vector.frame.len() <= 200)
        .collect();
    assert!(!vectors.is_empty(), "{file} holds no vector");
    vectors
}

/// Every vector that holds for both directions, of whatever file.
pub(crate) fn golden() -> Vec<Vector> {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|file| file.ends_with(".txt") && file != REFUSED && file != IGNORED_3_1)
        .collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

/// Pieces joined by `+`, each pairs of hexadecimal digits, repeated where `*N` follows.
pub(crate) fn from_pieces(pieces: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces.split('+') {
        let (digits, count) = match piece.split_once('*') {
            Some((digits, count)) => (digits, count.parse().unwrap()),
            None => (piece, 1),
        };
        bytes.extend(from_hex(digits).repeat(count));
    }
    bytes
}

pub(crate) fn from_hex(digits: &str) -> Vec<u8> {
    assert!(digits.len() % 2 == 0 && digits.is_ascii(), "odd hexadecimal digits: {digits}");
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

/// A packet's text with the pieces of its values written out.
pub(crate) fn written_out(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_once('=') {
        Some((name, value)) if value.contains(['+', '*']) => {
            format!("{name}={}", to_hex(&from_pieces(value)))
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The second column of a refused vector: the decoder, and `kind@offset`.
pub(crate) fn refusal(text: &str) -> (Decoder, String) {
    let mut words: Vec<_> = text.split(' ').collect();
    let error = words.pop().unwrap().to_owned();
    let decoder = words.iter().fold(Decoder::DEFAULT, |decoder, option| match option.split_once('=') {
        Some(("role", "client")) => decoder.role(Role::Client),
        Some(("role", "server")) => decoder.role(Role::Server),
        Some(("protocol", "3.1")) => decoder.protocol(Protocol::V3_1),
        Some(("max_packet_len", len)) => decoder.max_packet_len(len.parse().unwrap()),
        _ => panic!("no such option: {option}"),
    });
    (decoder, error)
}

//! The seeds of every target, made from the golden vectors: `cargo run --example seeds` writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use mqtt_codec::ErrorKind;
use mqtt_codec::v3::{Decoded, Packet};

use crate::differential::differences;
use crate::ffi::seeds::{self as ffi, Encode};
use crate::input::{self, LOOSENING, TIGHTENING};

/// The reader of the vectors is the codec's own.
#[allow(dead_code)]
#[allow(clippy::manual_is_multiple_of)] // it is also for the codec's oldest compiler
#[path = "../../mqtt-codec/tests/common/vectors.rs"]
mod vectors;

use vectors::Vector;

/// The longest frame of a seed.
const MAX_LEN: usize = 160;

/// The longest name that is made of a vector's note.
const MAX_NAME: usize = 38;

/// The printed list of the target `differential`.
pub const DIFFERENCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/differences.md");

/// A frame of the golden vectors, with the digit of the decoder that it is for.
struct Golden {
    name: String,
    choice: u8,
    frame: Vec<u8>,
    is_refused: bool,
}

/// The folder of a target's corpus.
pub fn folder(target: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "corpus", target].iter().collect()
}

/// What the fuzzer adds to a corpus has a SHA-1 for its name.
fn is_added(name: &str) -> bool {
    name.len() == 40 && name.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

/// The seeds that lie in a target's folder: what the fuzzer has added is left out.
pub fn committed(target: &str) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut seeds = BTreeMap::new();
    for entry in fs::read_dir(folder(target))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !is_added(&name) {
            seeds.insert(name, fs::read(path)?);
        }
    }
    Ok(seeds)
}

/// The seeds of a target, by their names.
pub fn of(target: &str) -> BTreeMap<String, Vec<u8>> {
    if target == "topics" {
        return topics();
    }
    let golden = golden();
    if target == "ffi" {
        return ffi(&golden);
    }
    let next = golden.iter().cycle().skip(1);
    golden.iter().zip(next).map(|(seed, next)| (seed.name.clone(), input_of(target, seed, next))).collect()
}

fn input_of(target: &str, seed: &Golden, next: &Golden) -> Vec<u8> {
    let front = match target {
        "decode" => vec![seed.choice],
        // What is refused may be let in.
        "reencode" => with_options(seed.choice, if seed.is_refused { LOOSENING } else { 0 }),
        "options" => with_options(seed.choice, LOOSENING | TIGHTENING),
        // Pieces of 3, 1, 7 and 200 bytes, into a buffer of 5 + 40, of two frames.
        "reader" => return [&[seed.choice, 40, 2, 0, 6, 199], &seed.frame[..], &next.frame].concat(),
        // Numbers and strings to make packets of, after a byte that says how.
        "roundtrip" => vec![seed.frame[0] >> 4],
        "differential" => Vec::new(),
        _ => panic!("no such target: {target}"),
    };
    [front, seed.frame.clone()].concat()
}

/// Every frame for the decode functions and for the readers, and what its packet holds for the encoders.
fn ffi(golden: &[Golden]) -> BTreeMap<String, Vec<u8>> {
    let mut seeds = BTreeMap::new();
    for seed in golden {
        let name = &seed.name;
        let level = input::decoder(seed.choice).1.level();
        let options = if seed.is_refused { LOOSENING } else { 0 };
        seeds.insert(format!("d.{name}"), ffi::decode(options, level, &seed.frame));
        // What has a packet is enough for the rest.
        let Ok(Decoded::Packet { packet, .. }) = input::decoder(seed.choice).0.decode(&seed.frame) else {
            continue;
        };
        seeds.insert(format!("r.{name}"), ffi::reader(level, 9, &seed.frame.repeat(2)));
        seeds.insert(format!("t.{name}"), ffi::tampered_reader(level, &seed.frame));
        let encode = match packet {
            Packet::Connect(packet) => Encode::Connect(packet.client_id.as_bytes()),
            Packet::Publish(packet) => {
                let (qos, retain) = (packet.delivery.qos() as u8, packet.retain.into());
                seeds.insert(format!("o.{name}"), ffi::encode(Encode::PublishOverlapping(qos, retain)));
                let odd = Encode::Publish(packet.topic.as_bytes(), qos, 2);
                seeds.insert(format!("f.{name}"), ffi::encode(odd));
                Encode::Publish(packet.topic.as_bytes(), qos, retain)
            }
            Packet::Subscribe(packet) => match packet.filters.iter().next() {
                Some(item) => Encode::Subscribe(item.filter.as_bytes(), item.qos as u8),
                None => continue,
            },
            Packet::Unsubscribe(packet) => match packet.filters.iter().next() {
                Some(filter) => Encode::Unsubscribe(filter.as_bytes()),
                None => continue,
            },
            Packet::SubAck(packet) => Encode::SubAck(packet.return_codes.wire_bytes().unwrap_or_default()),
            _ => continue,
        };
        seeds.insert(format!("e.{name}"), ffi::encode(encode));
    }
    // The functions of single values: every status of a rule, a type, two texts.
    for (number, kind) in ErrorKind::ALL.iter().enumerate() {
        let status = (-32 - number as i32).to_le_bytes();
        seeds.insert(format!("s.{}", kind.name()), [&[3], &status[..], &[1, 0, 3], b"a/#a/b"].concat());
    }
    seeds
}

fn with_options(choice: u8, bits: u32) -> Vec<u8> {
    [&[choice][..], &bits.to_le_bytes()].concat()
}

/// One frame for each first byte, and for each set of flags in a CONNECT; one for each rule that a packet type
/// can break; of these, one for each difference to other codecs; and two that are cut short.
fn golden() -> Vec<Golden> {
    let mut seeds = Vec::new();
    let mut kinds = BTreeSet::new();
    let mut names = BTreeSet::new();
    let both = vectors::golden().into_iter().map(|vector| {
        let choice = if vector.place.contains("3_1") { b'3' } else { b'0' };
        (choice, vector)
    });
    let ignored = vectors::read(vectors::IGNORED_3_1).into_iter().map(|vector| (b'3', vector));
    let refused = vectors::read(vectors::REFUSED).into_iter().filter_map(|vector| {
        let choice = choice_of(&vector.text)?;
        Some((choice, vector))
    });
    for (choice, vector) in both.chain(ignored).chain(refused) {
        let Vector { frame, note, .. } = vector;
        if frame.len() > MAX_LEN {
            continue;
        }
        let (verdict, kind) = verdict(choice, &frame);
        let differences: Vec<_> =
            differences(&frame).iter().map(|(peer, found)| (*peer, found.number)).collect();
        if kinds.insert((choice, kind, differences)) {
            let name = name_of(&verdict, &note, &mut names);
            seeds.push(Golden { name, choice, frame, is_refused: verdict.starts_with("refused") });
        }
    }
    for (part, len) in [("length", 2), ("body", 9)] {
        let frame = [&b"\x30\x80\x01\x00\x01t"[..], &[b'x'; 125]].concat()[..len].to_vec();
        seeds.push(Golden { name: format!("need_more.{part}"), choice: b'0', frame, is_refused: false });
    }
    seeds
}

/// The digit of the decoder that a refused vector is for; `None` for one with a limit, which has no digit.
fn choice_of(text: &str) -> Option<u8> {
    text.split(' ').try_fold(b'0', |choice, word| match word {
        "role=client" => Some(choice + 1),
        "role=server" => Some(choice + 2),
        "protocol=3.1" => Some(choice + 3),
        _ if word.contains('@') => Some(choice),
        _ => None,
    })
}

/// What the decoder makes of a frame, and a key that is the same for frames of one kind.
fn verdict(choice: u8, frame: &[u8]) -> (String, Vec<u8>) {
    let (decoder, _) = input::decoder(choice);
    match decoder.decode(frame) {
        Ok(Decoded::Packet { packet, .. }) => {
            let flags = match packet {
                Packet::Connect(connect) => frame[frame.len().min(6 + connect.protocol.name().len() - 1)],
                _ => 0,
            };
            (packet.packet_type().name().to_lowercase(), vec![frame[0], flags])
        }
        Ok(Decoded::NeedMore { .. }) => ("need_more".to_owned(), vec![frame[0]]),
        Err(error) => {
            let kind = error.kind();
            (format!("refused-{}", kind.name()), vec![frame[0] >> 4, 0xff, kind as u8])
        }
    }
}

/// The verdict, a dot, and the words of the vector's note; a number where that is taken.
fn name_of(verdict: &str, note: &str, names: &mut BTreeSet<String>) -> String {
    let words: Vec<_> =
        note.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = format!("{verdict}.{}", words.join("_").to_lowercase());
    let name = &name[..name.len().min(MAX_NAME)];
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !names.contains(name));
    let free = free.expect("numbers do not end");
    names.insert(free.clone());
    free
}

/// Every topic filter of the vectors with a name that it matches, and every topic name with itself.
fn topics() -> BTreeMap<String, Vec<u8>> {
    let mut seeds = BTreeMap::new();
    let mut names = BTreeSet::new();
    let mut add = |kind: &str, filter: &str, name: &str| {
        let bytes = [&[filter.len() as u8], filter.as_bytes(), name.as_bytes()].concat();
        seeds.insert(name_of(kind, filter, &mut names), bytes);
    };
    let matching = |filter: &str| filter.replace('+', "x").replace('#', "y/z");
    for vector in vectors::golden().iter().filter(|vector| vector.frame.len() <= MAX_LEN) {
        match input::decoder(b'0').0.decode(&vector.frame) {
            Ok(Decoded::Packet { packet: Packet::Subscribe(packet), .. }) => {
                packet.filters.iter().for_each(|item| {
                    add("filter", item.filter.as_str(), &matching(item.filter.as_str()));
                });
            }
            Ok(Decoded::Packet { packet: Packet::Publish(packet), .. }) => {
                add("name", packet.topic.as_str(), packet.topic.as_str());
            }
            _ => {}
        }
    }
    seeds
}

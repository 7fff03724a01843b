//! The seeds hold, and each is what its name says, so that the fuzzer starts from every packet type.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use mqtt_codec::v3::Decoded;
use mqtt_codec_fuzz::decode;

/// The seeds of a target: names and bytes. What the fuzzer added has a SHA-1 for its name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", target].iter().collect();
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .filter(|(name, _)| name.len() < 40)
        .collect()
}

/// `connect`, `need_more` or `refused-topic_wildcard`: the part of the name before its variant.
fn verdict(input: &[u8]) -> String {
    let (decoder, _, buf) = decode::split(input).expect("a seed chooses a decoder");
    match decoder.decode(buf) {
        Ok(Decoded::Packet { packet, .. }) => packet.packet_type().name().to_lowercase(),
        Ok(Decoded::NeedMore { .. }) => "need_more".to_owned(),
        Err(error) => format!("refused-{}", error.kind().name()),
    }
}

#[test]
fn decode_holds_for_every_seed() {
    for (_, input) in seeds("decode") {
        decode::check(&input);
    }
}

#[test]
fn every_seed_is_what_its_name_says() {
    for (name, input) in seeds("decode") {
        let verdict = verdict(&input);
        let variant = name.strip_prefix(&verdict);
        assert!(
            matches!(variant, Some(rest) if rest.is_empty() || rest.starts_with('.')),
            "{name}: {verdict}"
        );
    }
}

#[test]
fn there_is_a_seed_for_every_packet_type_and_decoder() {
    let seeds = seeds("decode");
    let types: BTreeSet<u8> = seeds
        .iter()
        .filter(|(_, input)| !verdict(input).starts_with("refused"))
        .map(|(_, input)| input[1] >> 4)
        .collect();
    assert_eq!(types, (1..=14).collect());
    let decoders: BTreeSet<u8> = seeds.iter().map(|(_, input)| input[0]).collect();
    assert_eq!(decoders, (b'0'..=b'5').collect());
}

//! The seeds hold, and are those that the golden vectors make.

use std::collections::BTreeSet;

use mqtt_codec::ErrorKind;
use mqtt_codec_fuzz::differential::{self, table};
use mqtt_codec_fuzz::{TARGETS, input, seeds};

#[test]
fn every_target_holds_for_every_seed_of_every_target() {
    for (target, check) in TARGETS {
        for (of, _) in TARGETS {
            for (name, input) in seeds::committed(of).unwrap() {
                println!("{target} over {of}/{name}");
                check(&input);
            }
        }
    }
}

#[test]
fn the_seeds_are_those_that_are_made() {
    for (target, _) in TARGETS {
        let (made, committed) = (seeds::of(target), seeds::committed(target).unwrap());
        assert!(made.len() > 20, "{target}: {} seeds", made.len());
        let differ: Vec<_> = made
            .keys()
            .chain(committed.keys())
            .filter(|name| made.get(*name) != committed.get(*name))
            .collect();
        assert!(
            differ.is_empty(),
            "{target}: {differ:?}: cargo run --manifest-path fuzz/Cargo.toml --example seeds"
        );
    }
}

#[test]
fn there_is_a_seed_for_every_packet_type_error_and_decoder() {
    let seeds = seeds::of("decode");
    let of_verdict = |start: &str| -> BTreeSet<String> {
        let verdicts = seeds.keys().filter_map(|name| name.split('.').next()?.strip_prefix(start));
        verdicts.map(str::to_owned).collect()
    };
    let types =
        (1..=14).map(|number| mqtt_codec::PacketType::from_number(number).unwrap().name().to_lowercase());
    assert!(types.collect::<BTreeSet<_>>().is_subset(&of_verdict("")), "{:?}", of_verdict(""));
    // Not of a decoder without limits and options that is given any packet.
    let others = ["packet_too_large", "string_too_long", "packet_type_unexpected", "character_discouraged"];
    let kinds = ErrorKind::ALL.iter().map(|kind| kind.name()).filter(|name| !others.contains(name));
    assert_eq!(of_verdict("refused-"), kinds.map(str::to_owned).collect());
    let decoders: BTreeSet<u8> = seeds.values().map(|input| input[0]).collect();
    assert!(
        decoders.len() >= 4 && decoders.iter().all(|digit| (b'0'..=b'5').contains(digit)),
        "{decoders:?}"
    );
    assert!(decoders.iter().any(|digit| input::decoder(*digit).1 == mqtt_codec::v3::Protocol::V3_1));
}

/// A difference that no seed shows is no difference any more, or was never one.
#[test]
fn every_difference_is_shown_by_a_seed() {
    let mut shown = BTreeSet::new();
    for input in seeds::committed("differential").unwrap().values() {
        for (peer, difference) in differential::differences(input) {
            shown.insert((difference.number, peer));
        }
    }
    let listed = table::DIFFERENCES.iter().flat_map(|d| d.peers.iter().map(move |peer| (d.number, *peer)));
    assert_eq!(shown, listed.collect());
    let numbers: Vec<_> = table::DIFFERENCES.iter().map(|difference| difference.number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u8).collect::<Vec<_>>());
}

#[test]
fn the_list_of_differences_is_printed() {
    let printed = std::fs::read_to_string(seeds::DIFFERENCES).unwrap();
    assert!(printed == table::document(), "cargo run --manifest-path fuzz/Cargo.toml --example seeds");
}

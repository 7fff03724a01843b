//! The clause table: every normative statement of MQTT 3.1.1 with the checks that show it, and the
//! lines of code that keep it. CONFORMANCE.md is generated from it and says more.
//!
//! `MQTTC_BLESS=1 cargo test -p mqtt-codec --test clauses` writes CONFORMANCE.md anew. With
//! `MQTT_CORPUS=DIR` the table is also compared with `normative-311.md` in that folder.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

#[path = "clauses/build.rs"]
mod build;
#[path = "clauses/choices.rs"]
mod choices;
mod common;
#[path = "clauses/differences.rs"]
mod differences;
#[path = "clauses/document.rs"]
mod document;
#[path = "clauses/normative.rs"]
mod normative;
#[path = "clauses/row.rs"]
mod row;
#[path = "clauses/scan.rs"]
mod scan;
#[path = "clauses/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use choices::CHOICES;
use common::corpus::{self, say};
use differences::DIFFERENCES;
use mqtt_codec::v3::Decoder;
use row::{Clause, Row};
use scan::{Place, Scan};
use table::{CLAUSES, UNNUMBERED};

fn clauses() -> impl Iterator<Item = &'static Clause> {
    CLAUSES.iter().chain(UNNUMBERED)
}

/// Fails with all the faults, if there are any.
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_row_holds() {
    let of_clauses = clauses().map(|clause| (clause.id, clause.rows));
    let of_differences = DIFFERENCES.iter().map(|difference| (difference.item, difference.rows));
    let mut faults = Vec::new();
    for (name, rows) in of_clauses.chain(of_differences) {
        for row in rows {
            let what = match row {
                Row::Refused(frame, error) => format!("{frame} is not {error}"),
                Row::Carried(frame, _) | Row::Taken31(frame, ..) => format!("{frame} is not carried"),
                Row::NotBuilt(what, _, kind) => format!("{what} is not {kind}"),
                Row::Always(packet, what, _) => format!("not for every {packet}: {what}"),
                Row::Holds(what, _) => (*what).to_owned(),
            };
            faults.extend(row.fault().map(|fault| format!("{name}: {what}: {fault}")));
        }
    }
    none(faults);
}

/// A clause has a row for each of its classes but S, and none at all if that is its only one.
#[test]
fn every_class_has_its_rows() {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for clause in clauses() {
        let (id, classes) = (clause.id, clause.classes);
        if !seen.insert(id) {
            faults.push(format!("{id} stands twice"));
        }
        let in_order: String = "DEFS".chars().filter(|class| classes.contains(*class)).collect();
        if classes.is_empty() || classes != in_order {
            faults.push(format!("{id}: {classes:?} are no classes"));
        }
        for class in classes.chars().filter(|class| *class != 'S') {
            if !clause.rows.iter().any(|row| row.class() == class) {
                faults.push(format!("{id} has no row of class {class}"));
            }
        }
        if classes == "S" && !clause.rows.is_empty() {
            faults.push(format!("{id} is the session's and has rows"));
        }
    }
    none(faults);
}

#[test]
fn the_numbers_are_in_order() {
    let order = |clause: &Clause| -> Vec<u32> {
        clause.id.split(['.', '-']).map(|part| part.parse().unwrap()).collect()
    };
    for pair in CLAUSES.windows(2) {
        assert!(order(&pair[0]) < order(&pair[1]), "{} comes before {}", pair[0].id, pair[1].id);
    }
}

/// A clause that concerns a codec is named by a comment in the code, and the code names no other.
#[test]
fn every_clause_has_its_line_of_code() {
    let scan = Scan::of_sources();
    let mut faults = Vec::new();
    for clause in clauses().filter(|clause| clause.classes != "S") {
        if scan.places(clause.id).is_empty() {
            faults.push(format!("no comment in mqtt-codec/src names {}: {}", clause.id, clause.rule));
        }
    }
    for (named, place) in scan.named() {
        if !CLAUSES.iter().any(|clause| clause.id == named) {
            faults.push(format!("{place} names {named}, which is not in the table"));
        }
    }
    none(faults);
}

#[test]
fn the_scan_finds_comments_and_their_places() {
    const SOURCE: &str = "\
impl<'a> sealed::Wire<'a> for Subscription<'a> {
    /// A doc comment is no line of code (\\[MQTT-1.2.3-1\\]).
    pub(crate) const fn read(
        r: &mut Reader<'a>,
    ) -> Result<Self, DecodeError> {
        one(); // [MQTT-1.2.3-2] [MQTT-1.2.3-3], section 4.7 (A01)
        c\"MQTT-1.2.3-4\";
    }
    // Section 4.7.1, [MQTT-1.2.4-9] to [MQTT-1.2.4-11].
}

struct Held {
    field: u8, // [MQTT-1.2.3-2].
}

impl<const TYPE: u8> Ack<TYPE> {
    fn of() {} // [MQTT-1.2.3-6]
}

impl<'a, T: Item<'a>> From<T> for List<'a, T> {
    fn from() {} // [MQTT-1.2.3-6]
}

mod tests {
    fn test() {} // [MQTT-1.2.3-5]
}
";
    let mut scan = Scan::default();
    scan.read("a/b.rs", SOURCE);
    let named: Vec<_> = scan.named().map(|(named, _)| named).collect();
    assert_eq!(
        named,
        ["1.2.3-1", "1.2.3-2", "1.2.3-3", "1.2.3-4", "1.2.3-5", "1.2.3-6", "1.2.4-10", "1.2.4-11", "1.2.4-9"]
    );
    let place = |item: &str| Place { file: "a/b.rs".to_owned(), item: item.to_owned() };
    assert_eq!(scan.places("1.2.3-2"), [place("Held"), place("Subscription::read")]);
    assert_eq!(scan.places("1.2.3-3"), [place("Subscription::read")]);
    assert_eq!(scan.places("1.2.3-6"), [place("Ack::of"), place("List::from")]);
    assert_eq!(scan.places("section 4.7"), [place("Subscription::read")]);
    for id in ["section 4.7.1", "1.2.4-9", "1.2.4-10", "1.2.4-11"] {
        assert_eq!(scan.places(id), [place("Subscription")], "{id}");
    }
    for id in ["1.2.3-1", "1.2.3-4", "1.2.3-5", "section 4"] {
        assert_eq!(scan.places(id), [], "{id}");
    }
}

#[test]
fn conformance_md_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CONFORMANCE.md");
    let generated = document::generate(&Scan::of_sources());
    if std::env::var_os("MQTTC_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &generated).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let drift = found.lines().zip(generated.lines()).find(|(found, generated)| found != generated);
    assert!(
        found == generated,
        "CONFORMANCE.md has drifted; MQTTC_BLESS=1 writes it anew. First line that differs: {drift:#?}"
    );
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The comment above the line that has `code`.
fn comment_above(text: &str, code: &str) -> String {
    let (above, _) = text.split_once(code).unwrap_or_else(|| panic!("{code} is not there"));
    let lines = above.trim_end_matches(' ').lines().rev().map(str::trim_start);
    let mut comment: Vec<_> =
        lines.skip_while(|line| line.starts_with('#')).take_while(|line| line.starts_with("//")).collect();
    comment.reverse();
    comment.join("\n")
}

/// Each option is in the table, is documented with the number of its case, in Rust and in C, and is tried by
/// both test suites.
#[test]
fn every_option_has_its_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let decoder = read(&root.join("src/v3/decoder.rs"));
    let header = read(&root.join("../include/mqttc.h"));
    let (tried, tried_in_c) =
        (read(&root.join("tests/options.rs")), read(&root.join("../mqtt-ffi/tests/options.rs")));
    let mut faults = Vec::new();
    let mut bits = BTreeSet::new();
    for choice in CHOICES {
        let Some(bit) = choice.bit() else {
            faults.push(format!("{:?} sets no bit of C's", choice.names()));
            continue;
        };
        bits.insert(bit);
        let in_c = comment_above(&header, &format!("{} = (1 << {bit}),", choice.c));
        for name in choice.names() {
            let in_rust = if name.starts_with(char::is_uppercase) {
                let module = if name.ends_with("Unsubscribe") { "unsubscribe" } else { "subscribe" };
                comment_above(
                    &read(&root.join(format!("src/v3/{module}.rs"))),
                    &format!("pub struct {name}<"),
                )
            } else {
                comment_above(&decoder, &format!("pub const fn {name}(self, on: bool) -> Self"))
            };
            for item in choice.items {
                for (comment, language) in [(&in_rust, "Rust"), (&in_c, "C")] {
                    if !comment.contains(item) {
                        faults.push(format!("{name} does not name {item} in {language}: {comment}"));
                    }
                }
            }
            if !tried.contains(name) {
                faults.push(format!("tests/options.rs does not try {name}"));
            }
        }
        if !tried_in_c.contains(choice.c) {
            faults.push(format!("mqtt-ffi/tests/options.rs does not try {}", choice.c));
        }
    }
    for bit in (0..u32::BITS).filter(|bit| Decoder::DEFAULT.with_option_bits(1 << bit).is_some()) {
        if !bits.contains(&bit) {
            faults.push(format!("the option of bit {bit} has no row in choices.rs"));
        }
    }
    none(faults);
}

#[test]
fn the_options_are_those_of_the_list_of_cases() {
    let Some(folder) = corpus::folder() else {
        return say(
            "clauses: MQTT_CORPUS is not set, so the options are not compared with implementations-differ.md",
        );
    };
    let text = read(&folder.join("implementations-differ.md"));
    let mut faults = Vec::new();
    for item in CHOICES.iter().flat_map(|choice| choice.items) {
        // A further row of a case says "as above".
        let row = text.lines().find(|line| line.starts_with(&format!("| {item} |")));
        let choice = row.and_then(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next());
        if !choice.is_some_and(|choice| choice.starts_with("yes")) {
            faults.push(format!("{item} leaves no choice: {choice:?}"));
        }
    }
    none(faults);
}

#[test]
fn the_table_agrees_with_the_list_of_statements() {
    let Some(folder) = corpus::folder() else {
        return say("clauses: MQTT_CORPUS is not set, so the table is not compared with normative-311.md");
    };
    let listed = normative::statements(&read(&folder.join("normative-311.md")));
    let mut faults = Vec::new();
    for (id, classes) in &listed {
        match CLAUSES.iter().find(|clause| clause.id == id) {
            None => faults.push(format!("{id} is missing in the table")),
            Some(clause) if clause.classes != classes => {
                faults.push(format!("{id} is of class {classes}, not {}", clause.classes));
            }
            Some(_) => {}
        }
    }
    for clause in CLAUSES.iter().filter(|clause| !listed.contains_key(clause.id)) {
        faults.push(format!("{} is not in the list", clause.id));
    }
    say(&format!(
        "clauses: {} statements of normative-311.md compared, {} disagree",
        listed.len(),
        faults.len()
    ));
    none(faults);
}

#[test]
fn ranges_of_the_list_are_written_out() {
    const LIST: &str = "\
| No | Paraphrase | Class | Codec rule | hex |
|---|---|---|---|---|
| 3.3.1-4 | QoS bits never 11 | D E | reject | `36` |
| 3.3.1-5 to 3.3.1-7 | Retain | S F | carry | |
| 4.1.0-1, 4.1.0-2 | Keep | S | - | |
| 3.8.4-9 .. 3.8.4-11 | Answer | D(typed) | - | |

| Where | Rule | Recommended verdict | hex |
|---|---|---|---|
| 2.2.3 | four bytes | reject | |
| 3.4-3.7, 3.11 | two bytes | reject | |
";
    let found = normative::statements(LIST);
    let found: Vec<_> = found.iter().map(|(id, classes)| (id.as_str(), classes.as_str())).collect();
    assert_eq!(
        found,
        [
            ("3.3.1-4", "DE"),
            ("3.3.1-5", "FS"),
            ("3.3.1-6", "FS"),
            ("3.3.1-7", "FS"),
            ("3.8.4-10", "D"),
            ("3.8.4-11", "D"),
            ("3.8.4-9", "D"),
            ("4.1.0-1", "S"),
            ("4.1.0-2", "S"),
        ]
    );
}

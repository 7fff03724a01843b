//! CONFORMANCE.md, made of the table and of what the code names.

use std::fmt::Write as _;

use super::choices::CHOICES;
use super::differences::DIFFERENCES;
use super::row::{Clause, Row};
use super::scan::Scan;
use super::table::{CLAUSES, UNNUMBERED};
use crate::common::vectors::{from_pieces, to_hex};

const PREFACE: &str = "\
# Conformance

Every normative statement of MQTT 3.1.1 (OASIS Standard, 29 October 2014), the function of this codec that
keeps it, and the checks that show so; at the end, the options by which a decoder decides otherwise. Search
for a number, such as `3.3.2-2`: it stands for `[MQTT-3.3.2-2]`. The rules are in our words; what binds is the
specification's own text. Two numbers are misprinted in it:
`[MQTT-3.1.2.7]` stands here as `3.1.2-7`, and `[MQTT-3-8.3-4]` as `3.8.3-4`.

This file is generated. Statements and checks come from `mqtt-codec/tests/clauses/table.rs` and from
`differences.rs` beside it; *where* comes from the comments in `mqtt-codec/src` that name a clause at the line
that keeps it, such as `// [MQTT-3.3.2-2]`. `cargo test -p mqtt-codec --test clauses` runs every check. It
fails too when a statement of class D, E or F has no check of that class or no line of code, when the code
names a clause that does not exist, and when this file is not what it should be.
`MQTTC_BLESS=1 cargo test -p mqtt-codec --test clauses` writes it anew.

Classes:

- **D**: decoding refuses what breaks the rule. Checked by a frame, the error kind and its byte in the frame.
- **E**: encoding never writes what breaks the rule. Checked by attempts that a type or an encoder refuses,
  and by building every packet there is: small fields take every value, strings, payloads and lists a few.
- **F**: the codec carries a field as it is. Checked by frames that decode to the fields that they mean and
  encode to the same bytes.
- **S**: for the client or the server around the codec to keep (*session*); nothing for a codec to check.

A frame is written in hexadecimal digits; in long ones `*N` repeats the digits before it N times, and `+`
parts the pieces. `cargo run -q -p mqtt-codec --example inspect -- HEX` takes one apart. Places are below
`mqtt-codec/src`.
";

pub(crate) fn generate(scan: &Scan) -> String {
    let mut text = PREFACE.to_owned();
    let checks: usize = CLAUSES
        .iter()
        .chain(UNNUMBERED)
        .map(|clause| clause.rows.len())
        .chain(DIFFERENCES.iter().map(|difference| difference.rows.len()))
        .sum();
    let for_codecs = CLAUSES.iter().filter(|clause| clause.classes != "S").count();
    writeln!(
        text,
        "\n{} numbered statements, of which {for_codecs} concern a codec; {} rules without a number; {} \
         differences of MQTT 3.1; {checks} checks; {} options.",
        CLAUSES.len(),
        UNNUMBERED.len(),
        DIFFERENCES.len(),
        CHOICES.len(),
    )
    .unwrap();

    text.push_str("\n## Numbered statements\n\n");
    clauses(&mut text, CLAUSES, scan);
    text.push_str("\n## Rules without a number\n\n");
    clauses(&mut text, UNNUMBERED, scan);

    text.push_str(
        "\n## MQTT 3.1\n\n\
         A CONNECT is judged by the version that it names, all else by the version that the decoder\n\
         is set to (`Decoder::protocol`). Frames marked 3.1 are for a decoder of MQTT 3.1. What is not\n\
         listed is as in MQTT 3.1.1.\n\n",
    );
    text.push_str("| item | MQTT 3.1 | MQTT 3.1.1 | here | checks |\n|---|---|---|---|---|\n");
    for it in DIFFERENCES {
        let checks = or_session(it.rows.iter().map(check).collect());
        writeln!(text, "| {} | {} | {} | {} | {checks} |", it.item, it.v3_1, it.v3_1_1, it.here).unwrap();
    }
    choices(&mut text);
    text
}

fn choices(text: &mut String) {
    text.push_str(
        "\n## Options\n\n\
         Where good implementations differ, an option of the decoder chooses. The numbers are those of the list\n\
         of cases that it was made from (`implementations-differ.md`), and the default is what that recommends. It\n\
         looked at mosquitto 2.0.20, coreMQTT 2.3.1, mqtt-packet 9.0.2, rumqttc 0.25, mqttrs 0.4, mochi 2.7,\n\
         paho.mqtt.golang 1.5 and gmqtt as they run, at HiveMQ's client, MQTTnet and EMQX as they are written.\n\n\
         What an option has let through is told with the packet (`Tolerated`, in C `tolerated`). No option\n\
         loosens an encoder. `mqtt-codec/tests/options.rs` and `mqtt-ffi/tests/options.rs` try each both ways;\n\
         `benches/README.md` has what they cost while they are off.\n\n\
         A25 is chosen by a type in Rust: a `Subscribe` promises that its filters are valid, and one that came\n\
         through an option would have to break that promise, or every user to check it again. In C there is no\n\
         such promise, and one packet for both.\n\n",
    );
    text.push_str("| number | case | others | by default | Rust | C |\n|---|---|---|---|---|---|\n");
    for choice in CHOICES {
        let names: Vec<_> = choice.names().iter().map(|name| format!("`{name}`")).collect();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | `{}` |",
            choice.items.join(", "),
            choice.case,
            choice.others,
            choice.default,
            names.join(", "),
            choice.c,
        )
        .unwrap();
    }
}

fn clauses(text: &mut String, clauses: &[Clause], scan: &Scan) {
    text.push_str("| clause | rule | class | where | checks |\n|---|---|---|---|---|\n");
    for clause in clauses {
        let classes: Vec<_> = clause.classes.chars().map(String::from).collect();
        let places = scan.places(clause.id);
        let places =
            places.iter().map(|place| format!("`{}` {}", place.file, place.item)).collect::<Vec<_>>();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            clause.id,
            clause.rule,
            classes.join(" "),
            places.join("<br>"),
            or_session(clause.rows.iter().map(check).collect()),
        )
        .unwrap();
    }
}

fn or_session(checks: Vec<String>) -> String {
    if checks.is_empty() { "session".to_owned() } else { checks.join("<br>") }
}

/// A row in words.
fn check(row: &Row) -> String {
    match row {
        Row::Refused(frame, error) => {
            let (options, error) = error.rsplit_once(' ').unwrap_or(("", error));
            let (kind, offset) = error.split_once('@').unwrap();
            let options = if options.is_empty() { String::new() } else { format!(" with `{options}`") };
            format!("`{}`{options}: `{kind}` at {offset}", hex(frame))
        }
        Row::Carried(frame, _) => format!("`{}` carried", hex(frame)),
        Row::Taken31(frame, _, again) if frame == again => format!("`{}` carried in 3.1", hex(frame)),
        Row::Taken31(frame, _, again) => format!("`{}` taken in 3.1, as `{}`", hex(frame), hex(again)),
        Row::NotBuilt(what, _, kind) => format!("to encode {what}: `{kind}`"),
        Row::Always(packet, what, _) => format!("every {packet} that can be built: {what}"),
        Row::Holds(what, _) => (*what).to_owned(),
    }
}

/// A frame for a person: in one piece, unless it is long.
fn hex(pieces: &str) -> String {
    if pieces.contains('*') { pieces.to_owned() } else { to_hex(&from_pieces(pieces)) }
}

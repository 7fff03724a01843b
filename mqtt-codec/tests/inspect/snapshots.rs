//! What the tool prints, kept in the `*.txt` beside this file: remarks (`# ..`), and command lines
//! (`$ inspect ..`), each with its output and, unless it is 0, its exit status.
//!
//! `MQTTC_BLESS=1 cargo test -p mqtt-codec --test inspect` writes the outputs anew.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

use mqtt_codec::{ErrorKind, PacketType};

use super::inspect;
use super::reading::TOLERANCES;

const REMARK: &str = "# ";
const COMMAND: &str = "$ inspect ";

fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inspect");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

/// The file with its command lines run.
fn run(file: &str) -> String {
    let mut text = String::new();
    let mut after_output = false;
    for line in file.lines().filter(|line| line.starts_with(REMARK) || line.starts_with(COMMAND)) {
        if after_output {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        let command = line.strip_prefix(COMMAND);
        after_output = command.is_some();
        if let Some(args) = command {
            let run = inspect(&args.split_whitespace().collect::<Vec<_>>(), b"");
            assert_eq!(run.stderr, "", "{line}");
            text.push_str(&run.stdout);
            if run.code != 0 {
                text.push_str(&format!("exit status {}\n", run.code));
            }
        }
    }
    text
}

#[test]
fn the_output_is_as_kept() {
    let is_blessing = env::var_os("MQTTC_BLESS").is_some();
    for path in files() {
        let kept = fs::read_to_string(&path).unwrap();
        let printed = run(&kept);
        if is_blessing {
            fs::write(&path, printed).unwrap();
            continue;
        }
        let differs = kept.lines().zip(printed.lines()).position(|(kept, printed)| kept != printed);
        let line = differs.unwrap_or_else(|| kept.lines().count().min(printed.lines().count()));
        assert!(
            kept == printed,
            "{}:{}\n kept:    {}\n printed: {}",
            path.display(),
            line + 1,
            kept.lines().nth(line).unwrap_or("the end"),
            printed.lines().nth(line).unwrap_or("the end"),
        );
    }
}

/// The outputs in all files: what stands under a command line, up to the next one.
fn outputs() -> Vec<String> {
    let texts: Vec<_> = files().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    texts
        .iter()
        .flat_map(|text| text.split(COMMAND).skip(1))
        .map(|case| case.split_once('\n').unwrap().1.to_owned())
        .collect()
}

#[test]
fn every_packet_type_is_accepted_in_some_output() {
    let accepted = |output: &&String| !output.contains("exit status") && !output.starts_with('{');
    let outputs = outputs();
    let seen: BTreeSet<_> =
        outputs.iter().filter(accepted).filter_map(|output| Some(output.split_once(',')?.0)).collect();
    let all: BTreeSet<_> = (1..=14).map(|number| PacketType::from_number(number).unwrap().name()).collect();
    assert_eq!(seen, all);
}

#[test]
fn every_kind_is_answered_in_some_output() {
    /// What the tool cannot come to: it does not encode, and asks for no one type.
    const NEVER: [ErrorKind; 2] = [ErrorKind::StringTooLong, ErrorKind::PacketTypeUnexpected];
    let outputs = outputs();
    let seen: BTreeSet<_> = outputs
        .iter()
        .flat_map(|output| output.lines())
        .filter_map(|line| line.strip_prefix("error: ")?.split(' ').next())
        .collect();
    let all: BTreeSet<_> =
        ErrorKind::ALL.iter().filter(|kind| !NEVER.contains(kind)).map(|kind| kind.name()).collect();
    assert_eq!(seen, all);
}

#[test]
fn every_tolerance_is_told_in_some_output() {
    let outputs = outputs().concat();
    for tolerance in TOLERANCES {
        assert!(outputs.contains(&format!("\ntolerated: {}: ", tolerance.name)), "{}", tolerance.name);
    }
}

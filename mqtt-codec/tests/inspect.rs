//! `examples/inspect`, run as a person and as a script run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod common;
#[path = "../examples/inspect/escape.rs"]
mod escape;
#[allow(dead_code)]
#[path = "../examples/inspect/reading.rs"]
mod reading;
#[path = "../examples/inspect/rules.rs"]
mod rules;
#[path = "inspect/snapshots.rs"]
mod snapshots;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use mqtt_codec::ErrorKind;
use mqtt_codec::v3::{Decoder, Tolerated};
use reading::{Mode, Reading, TOLERANCES};
use serde_json::Value;

struct Run {
    stdout: String,
    stderr: String,
    code: i32,
}

fn binary() -> &'static PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| common::example::build("inspect", &[]))
}

fn inspect(args: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(binary())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A run that takes its hex from the arguments leaves its input unread.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().expect("inspect must not be killed, as a panic would have it"),
    }
}

/// The only line that `inspect --json ARGS` prints.
fn json(args: &[&str]) -> String {
    let run = inspect(&[&["--json"], args].concat(), b"");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}");
    assert_eq!(run.stdout.matches('\n').count(), 1, "{args:?}: {}", run.stdout);
    run.stdout.trim_end().into()
}

/// What stands on standard output, which must come with this exit status.
fn dump(args: &[&str], code: i32) -> String {
    let run = inspect(args, b"");
    assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{args:?}");
    run.stdout
}

#[test]
fn json_has_the_documented_shapes() {
    assert_eq!(
        json(&["32070003612f62000a"]),
        r#"{"status":"packet","consumed":9,"packet":{"type":"PUBLISH","dup":false,"qos":1,"retain":false,"topic":"a/b","packet_id":10,"payload_hex":""},"reencoded":"32070003612f62000a"}"#
    );
    assert_eq!(json(&["3005"]), r#"{"status":"need_more","at_least":5}"#);
    assert_eq!(
        json(&["30050003612f2b"]),
        r#"{"status":"error","error":{"kind":"topic_wildcard","offset":6,"spec_ref":"MQTT-3.3.2-2","message":"a topic name must not hold a wildcard"}}"#
    );
    assert_eq!(
        json(&["f000"]),
        r#"{"status":"error","error":{"kind":"packet_type_reserved","offset":0,"spec_ref":null,"message":"packet types 0 and 15 are forbidden"}}"#
    );
    for bad in ["c", "c00", "zz", "c0 0", "0x", "0x123", "{16, 14, 0}", "温"] {
        let answer: Value = serde_json::from_str(&json(&[bad])).unwrap();
        assert_eq!(answer["status"], "bad_input", "{bad}");
        assert!(answer["message"].is_string(), "{bad}");
    }
}

#[test]
fn json_has_every_packet_type() {
    for (frame, packet) in [
        (
            "1022 0004 4d515454 04 ee 003c 0002 6162 0003 772f78 0003 627965 0004 75c3a972 0002 00ff",
            r#"{"type":"CONNECT","protocol_level":4,"clean_session":true,"keep_alive":60,"client_id":"ab","will":{"qos":1,"retain":true,"topic":"w/x","payload_hex":"627965"},"username":"uér","password_hex":"00ff"}"#,
        ),
        (
            "101200064d51497364700300001e000474657374",
            r#"{"type":"CONNECT","protocol_level":3,"clean_session":false,"keep_alive":30,"client_id":"test","will":null,"username":null,"password_hex":null}"#,
        ),
        ("20020100", r#"{"type":"CONNACK","session_present":true,"return_code":0}"#),
        (
            "3d0d 0004 74657374 000a 7465737400",
            r#"{"type":"PUBLISH","dup":true,"qos":2,"retain":true,"topic":"test","packet_id":10,"payload_hex":"7465737400"}"#,
        ),
        (
            "30050003221b5c",
            r#"{"type":"PUBLISH","dup":false,"qos":0,"retain":false,"topic":"\"\u001b\\","packet_id":null,"payload_hex":""}"#,
        ),
        ("40020002", r#"{"type":"PUBACK","packet_id":2}"#),
        ("50020003", r#"{"type":"PUBREC","packet_id":3}"#),
        ("6202ffff", r#"{"type":"PUBREL","packet_id":65535}"#),
        ("70020100", r#"{"type":"PUBCOMP","packet_id":256}"#),
        (
            "820c 0006 0003612f23 01 00012b 02",
            r#"{"type":"SUBSCRIBE","packet_id":6,"filters":[["a/#",1],["+",2]]}"#,
        ),
        ("9006000600010280", r#"{"type":"SUBACK","packet_id":6,"return_codes":[0,1,2,128]}"#),
        ("a20a 0007 0003612f23 00012b", r#"{"type":"UNSUBSCRIBE","packet_id":7,"filters":["a/#","+"]}"#),
        ("b0020008", r#"{"type":"UNSUBACK","packet_id":8}"#),
        ("c000", r#"{"type":"PINGREQ"}"#),
        ("d000", r#"{"type":"PINGRESP"}"#),
        ("e000", r#"{"type":"DISCONNECT"}"#),
    ] {
        let hex = frame.replace(' ', "");
        let len = hex.len() / 2;
        assert_eq!(
            json(&[frame]),
            format!(r#"{{"status":"packet","consumed":{len},"packet":{packet},"reencoded":"{hex}"}}"#)
        );
    }
}

#[test]
fn hexadecimal_is_taken_as_people_write_it() {
    let expected = json(&["32070003612f62000a"]);
    for args in [
        &["32", "0x7", "0003612f62", "000A"][..],
        &["0x32070003612F62000a"],
        &["{0x32, 0x07, 0x0, 0x3, 0x61, 0X2f, 0x62, 0x00, 0xA};"],
        &["{ 0x32,0x7 }", "[00][03]", "(61,2f,62);", "00 0a"],
        &["32:07:00:03-61-2f-62", "\t00\r\n0a,"],
        &[r#""\x32\x07\x00\x03\x61\x2f\x62\x0\xa""#],
        &["32070003612f62000a", "f0"], // the first frame decides
    ] {
        assert_eq!(json(args), expected, "{args:?}");
    }
}

#[test]
fn json_answers_each_line_and_nothing_is_lost() {
    let run = inspect(&["--json"], b"c000\n\n30\r\nxyz\n\xff\xfe\xc0\nc000 ffff\n  e000");
    let status: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|answer| answer["status"].clone())
        .collect();
    assert_eq!(status, ["packet", "need_more", "need_more", "bad_input", "bad_input", "packet", "packet"]);
    assert_eq!(run.stdout.lines().nth(1), Some(r#"{"status":"need_more","at_least":2}"#));
    assert_eq!(run.stdout.lines().nth(2), Some(r#"{"status":"need_more","at_least":1}"#));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));

    assert_eq!(inspect(&["--json"], b"").stdout, "");
}

#[test]
fn a_line_of_several_megabytes_is_taken() {
    const PAYLOAD: usize = 0x20_0000;
    // Remaining length 0x200003: 83 80 80 01.
    let line = format!("3083808001000161{}\n", "6a".repeat(PAYLOAD));
    let run = inspect(&["--json"], line.as_bytes());
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(answer["packet"]["payload_hex"].as_str().unwrap().len(), 2 * PAYLOAD);
    assert_eq!(answer["reencoded"], line.trim_end());

    let run = inspect(&[], line.as_bytes());
    assert_eq!(run.code, 0);
    assert!(run.stdout.lines().count() < 20, "a long payload is cut");
    assert!(run.stdout.contains("(2097152 bytes)"), "{}", run.stdout);
}

#[test]
fn protocol_and_role_set_the_rules() {
    let kind = |args: &[&str]| {
        let answer: Value = serde_json::from_str(&json(args)).unwrap();
        answer["error"]["kind"].as_str().map(str::to_owned)
    };
    assert_eq!(kind(&["c100"]).as_deref(), Some("flags_reserved"));
    assert_eq!(kind(&["--protocol", "3.1.1", "c100"]).as_deref(), Some("flags_reserved"));
    assert_eq!(kind(&["--protocol", "3.1", "c100"]), None);
    assert_eq!(kind(&["--role", "client", "c000"]).as_deref(), Some("wrong_direction"));
    assert_eq!(kind(&["--role", "server", "c000"]), None);
    assert_eq!(kind(&["--role", "server", "d000"]).as_deref(), Some("wrong_direction"));
    assert_eq!(kind(&["--role", "any", "d000"]), None);
    assert_eq!(kind(&["--max-packet-len", "4", "40020001"]), None);
    assert_eq!(kind(&["--max-packet-len", "3", "4002"]).as_deref(), Some("packet_too_large"));
    // What MQTT 3.1 ignores comes back in canonical form.
    let answer: Value = serde_json::from_str(&json(&["--protocol", "3.1", "c100"])).unwrap();
    assert_eq!(answer["reencoded"], "c000");
}

#[test]
fn of_a_string_only_the_byte_at_fault_is_marked() {
    for (frame, line) in [
        ("30070005612f2b2f62", ">> 2  00 05 61 2f 2b 2f 62"),
        ("30070005612f002f62", ">> 2  00 05 61 2f 00 2f 62"),
        ("30070005612fff2f62", ">> 2  00 05 61 2f ff 2f 62"),
        ("a2090001 0005612f232f62", ">> 4  00 05 61 2f 23 2f 62"),
    ] {
        let text = dump(&[frame], 1);
        let mut lines = text.lines().skip_while(|marked| !marked.starts_with(line));
        assert!(lines.next().is_some(), "{text}");
        assert_eq!(lines.next(), Some("                  ^^"), "{text}");
    }
}

#[test]
fn text_cannot_reach_the_terminal_raw() {
    // ESC [ 2 J, a right-to-left override, DEL.
    let text = dump(&["300b 0009 1b5b324a e280ae 7f 22"], 0);
    assert!(text.contains(r#""\u{1b}[2J\u{202e}\u{7f}\"""#), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

/// What must never be printed as it is, by first and last character.
const UNSAFE: [(u32, u32); 7] = [
    (0x00, 0x1f),
    (0x7f, 0x9f),
    (0x061c, 0x061c),
    (0x200e, 0x200f),
    (0x2028, 0x2029),
    (0x202a, 0x202e),
    (0x2066, 0x2069),
];

fn is_unsafe(character: char) -> bool {
    UNSAFE.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(character)))
}

/// How a character stands in a JSON string.
fn in_json(character: char) -> String {
    match character {
        _ if is_unsafe(character) => format!("\\u{:04x}", u32::from(character)),
        '"' | '\\' => format!("\\{character}"),
        _ => character.into(),
    }
}

#[test]
fn which_characters_are_escaped() {
    for character in '\0'..=char::MAX {
        assert_eq!(escape::json(character.encode_utf8(&mut [0; 4])), format!("\"{}\"", in_json(character)));
        let shown = escape::for_a_person(character);
        assert!(!shown.contains(is_unsafe), "{shown:?}");
        assert!(!is_unsafe(character) || shown.starts_with('\\'), "{shown:?}");
    }
    assert_eq!(escape::json(""), r#""""#);
    assert_eq!(escape::json("a\n\"\\\u{202e}é"), r#""a\u000a\"\\\u202eé""#);
    assert_eq!(escape::for_a_person('\n'), "\\n");
    assert_eq!(escape::for_a_person('\u{9b}'), "\\u{9b}");
    assert_eq!(escape::for_a_person('é'), "é");
}

/// Each of them, but U+0000, which no string has, and what stands beside them: in a topic and in a filter.
#[test]
fn no_character_of_the_wire_is_printed_raw() {
    let beside = UNSAFE.iter().flat_map(|(first, last)| [first.saturating_sub(1), last + 1]);
    let within = UNSAFE.iter().flat_map(|(first, last)| *first..=*last);
    let characters: Vec<char> =
        within.chain(beside).filter(|number| *number != 0).filter_map(char::from_u32).collect();
    assert_eq!(characters.len(), 31 + 33 + 1 + 2 + 2 + 5 + 4 + 2 * 7 - 1, "none beside U+0000");
    let hex = |text: &[u8]| text.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let line = |character: &char| {
        let text = format!("x{character}x");
        let len = text.len();
        let publish = format!("30{:02x}{len:04x}{}", len + 2, hex(text.as_bytes()));
        let unsubscribe = format!("a2{:02x}0001{len:04x}{}", len + 4, hex(text.as_bytes()));
        format!("{publish}\n{unsubscribe}\n")
    };
    let input: String = characters.iter().map(line).collect();

    let run = inspect(&["--json"], input.as_bytes());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(!run.stdout.contains(|c| c != '\n' && is_unsafe(c)), "{:?}", run.stdout);
    let answers: Vec<&str> = run.stdout.split_terminator('\n').collect();
    assert_eq!(answers.len(), 2 * characters.len());
    for (character, answers) in characters.iter().zip(answers.chunks(2)) {
        let text = format!("\"x{}x\"", in_json(*character));
        assert!(answers[0].contains(&format!("\"topic\":{text},")), "{}", answers[0]);
        assert!(answers[1].contains(&format!("\"filters\":[{text}]")), "{}", answers[1]);
        let answer: Value = serde_json::from_str(answers[0]).unwrap();
        assert_eq!(answer["packet"]["topic"], format!("x{character}x"));
    }

    let run = inspect(&[], input.as_bytes());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(!run.stdout.contains(|c| c != '\n' && is_unsafe(c)), "{:?}", run.stdout);
}

/// What is said of an input that cannot be read, whatever stands in it.
#[test]
fn no_character_of_a_bad_input_is_printed_raw() {
    let odd = "\u{1b}[1m\u{7f}\u{9b}\u{2028}\u{202e}\u{85}\"\\";
    let lines =
        [format!("{odd}\n"), format!("c0{odd}\n"), format!("{{\"filter\":\"{odd}\n"), format!("{{{odd}\n")];
    for args in [&["--json"][..], &["--match"]] {
        let run = inspect(args, lines.concat().as_bytes());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(run.stdout.split_terminator('\n').count(), lines.len(), "{}", run.stdout);
        assert!(!run.stdout.contains(|c| c != '\n' && is_unsafe(c)), "{:?}", run.stdout);
        for answer in run.stdout.split_terminator('\n') {
            let answer: Value = serde_json::from_str(answer).unwrap();
            assert_eq!(answer["status"], "bad_input", "{answer}");
        }
    }
    for args in [&[odd][..], &["--\u{9b}1m\u{202e}"]] {
        let run = inspect(args, b"");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        assert!(!run.stderr.contains(|c| c != '\n' && is_unsafe(c)), "{:?}", run.stderr);
    }
}

#[test]
fn every_kind_has_its_rule() {
    // The receiver's own limit.
    let unwritten = [ErrorKind::PacketTooLarge];
    for kind in ErrorKind::ALL {
        let rule = rules::rule(*kind).unwrap_or_else(|| panic!("rules.rs: {}", kind.name()));
        assert!(rule.ends_with('.') && !rule.contains("  "), "{rule}");
        let has_place = kind.spec_ref().is_some() || rule.contains("section") || rule.contains("table");
        assert!(has_place || unwritten.contains(kind), "{rule}");
    }
}

/// The lower half of the option bits loosens, the upper half tightens.
#[test]
fn lenient_and_strict_turn_all_options() {
    // BAD_FILTERS is C's alone: in Rust a type of its own does it.
    let all = Decoder::ALL_OPTION_BITS & !Tolerated::BAD_FILTERS.bits();
    let all = |half: u32| Decoder::DEFAULT.with_option_bits(all & half).unwrap();
    assert_eq!(Reading::default().decoder(), Decoder::DEFAULT);
    assert_eq!(Reading::default().with(Mode::Lenient).decoder(), all(0x0000_ffff));
    assert_eq!(Reading::default().with(Mode::Strict).decoder(), all(0xffff_0000));
}

#[test]
fn tolerances_have_the_names_of_their_bits() {
    for tolerance in TOLERANCES {
        assert_eq!(format!("{:?}", tolerance.bit).to_lowercase(), format!("{{{:?}}}", tolerance.name));
    }
}

#[test]
fn several_frames_in_a_line_and_several_lines() {
    let run = inspect(&[], b"c000 3005 0001\n\n  \n{0xe0, 0x00};\n");
    assert_eq!(
        run.stdout,
        "\
PINGREQ, 2 bytes
   0  c0  type and flags    PINGREQ
   1  00  remaining length  0

PUBLISH, 4 of 7 bytes, from byte 2 of the input
   0  30     type and flags    PUBLISH, QoS 0
   1  05     remaining length  5
   2  00 01  topic             0 of 1 bytes
incomplete: 3 more bytes are needed

DISCONNECT, 2 bytes
   0  e0  type and flags    DISCONNECT
   1  00  remaining length  0
"
    );
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));

    assert!(dump(&["40"], 1).ends_with("\nincomplete: at least 1 more byte is needed\n"));
    assert!(dump(&["400200"], 1).ends_with("\nincomplete: 1 more byte is needed\n"));

    let run = inspect(&[], b"zz\nc000\n");
    assert!(run.stdout.starts_with("PINGREQ"), "{}", run.stdout);
    assert!(run.stderr.contains("line 1: column 1: 'z'"), "{}", run.stderr);
    assert_eq!(run.code, 2);
}

/// A frame of every kind of body.
const FRAMES: &[&[u8]] = &[
    b"\x10\x22\x00\x04MQTT\x04\xee\x00\x3c\x00\x02ab\x00\x03w/x\x00\x03bye\x00\x04u\xc3\xa9r\x00\x02\x00\xff",
    b"\x10\x10\x00\x06MQIsdp\x03\xc2\x00\x1e\x00\x02ab",
    b"\x20\x02\x01\x00",
    b"\x35\x0b\x00\x04t/\xc3\xa9\x00\x0ayes",
    b"\x30\x80\x01\x00\x03a/b", // incomplete
    b"\x40\x02\x00\x01",
    b"\x62\x02\x00\x01",
    b"\x82\x0c\x00\x06\x00\x03a/#\x01\x00\x01+\x02",
    b"\x90\x04\x00\x06\x00\x80",
    b"\xa2\x0a\x00\x07\x00\x03a/#\x00\x01+",
    b"\xe0\x00",
];

#[test]
fn whatever_is_wrong_one_place_is_marked() {
    let mut lines = Vec::new();
    for frame in FRAMES {
        for at in 0..frame.len() {
            lines.push(frame[..at].to_vec());
            for byte in (0..=255u8).filter(|byte| *byte < 8 || byte % 16 == 15 || byte % 16 == 0) {
                let mut broken = frame.to_vec();
                broken[at] = byte;
                lines.push(broken);
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    let hex = |line: &Vec<u8>| line.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "\n";
    let input: String = lines.iter().map(hex).collect();
    for protocol in ["3.1", "3.1.1"] {
        let run = inspect(&["--protocol", protocol], input.as_bytes());
        assert_eq!((run.code, run.stderr.as_str()), (1, ""));
        let (mut good, mut incomplete, mut broken) = (0, 0, 0);
        for dump in run.stdout.split("\n\n") {
            let (mut marked, mut marks) = (0, 0);
            let mut verdict = None;
            for line in dump.lines() {
                marked += usize::from(line.starts_with(">>"));
                marks += usize::from(line.trim_start().starts_with("^^"));
                if line.starts_with("error: ") || line.starts_with("incomplete: ") {
                    verdict = line.split(':').next();
                }
            }
            match verdict {
                None => good += 1,
                Some("incomplete") => incomplete += 1,
                _ => broken += 1,
            }
            let is_broken = verdict == Some("error");
            assert_eq!((marked, marks > 0), (usize::from(is_broken), is_broken), "{dump}");
        }
        assert!(good > 100 && incomplete > 100 && broken > 1000, "{good} {incomplete} {broken}");
    }
}

#[test]
fn bad_usage_is_2_and_names_the_usage() {
    for (args, what) in [
        (&["--yaml"][..], "--yaml"),
        (&["-x", "c000"], "-x"),
        (&["--protocol"], "--protocol"),
        (&["--protocol", "5.0", "c000"], "--protocol"),
        (&["--role", "broker"], "--role"),
        (&["--max-packet-len"], "--max-packet-len"),
        (&["--max-packet-len", "-1", "c000"], "--max-packet-len"),
        (&["--max-packet-len", "4294967296", "c000"], "--max-packet-len"),
        (&["--json", "--role"], "--role"),
        (&["--lenient", "--strict", "c000"], "--strict"),
        (&["--strict", "--json", "--lenient", "c000"], "--strict"),
        (&["--match", "c000"], "--match"),
        (&["c00"], "odd number"),
        (&["c0", "hello"], "'h'"),
    ] {
        let run = inspect(args, b"");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}");
        assert!(run.stderr.lines().next().unwrap().contains(what), "{args:?}: {}", run.stderr);
        assert!(
            run.stderr.contains("usage: inspect [--json] [--protocol 3.1|3.1.1]"),
            "{args:?}: {}",
            run.stderr
        );
    }
    let help = dump(&["--help"], 0);
    assert!(help.starts_with("usage: inspect [--json]"), "{help}");
    assert_eq!(dump(&["-h"], 0), help);
}

#[test]
fn match_answers_each_line() {
    let run = inspect(
        &["--match"],
        b"{\"filter\":\"a/+/#\",\"topic\":\"a/b\"}
{\"topic\":\"$SYS/a\",\"filter\":\"#\",\"id\":1}
{\"filter\":\"a#\",\"topic\":\"a#\"}
{\"filter\":\"#\",\"topic\":\"\"}
{\"filter\":\"\\u6e29\",\"topic\":\"\xe6\xb8\xa9\"}
not json

{\"filter\":\"a\"}
{\"filter\":\"\xff\",\"topic\":\"a\"}
{\"filter\":\"+\",\"topic\":\"a\"}",
    );
    let mut lines = run.stdout.lines();
    for expected in [
        r#"{"matches":true,"filter_valid":true,"topic_valid":true}"#,
        r#"{"matches":false,"filter_valid":true,"topic_valid":true}"#,
        r#"{"matches":false,"filter_valid":false,"topic_valid":false}"#,
        r#"{"matches":false,"filter_valid":true,"topic_valid":false}"#,
        r#"{"matches":true,"filter_valid":true,"topic_valid":true}"#,
    ] {
        assert_eq!(lines.next(), Some(expected));
    }
    for _ in 0..4 {
        let line = lines.next().unwrap();
        assert!(line.starts_with(r#"{"status":"bad_input","message":""#), "{line}");
    }
    assert_eq!(lines.next(), Some(r#"{"matches":true,"filter_valid":true,"topic_valid":true}"#));
    assert_eq!(lines.next(), None);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

/// The CONNECT that a tutorial has captured on the network.
#[test]
fn a_captured_connect_is_read() {
    const CAPTURED: &str = "101e00044d5154540402003c00127061686f3131313537373231393433363033";
    let said = json(&[CAPTURED]);
    for part in [
        r#""status":"packet","consumed":32"#,
        r#""type":"CONNECT""#,
        r#""protocol_level":4"#,
        r#""keep_alive":60"#,
        r#""client_id":"paho11157721943603""#,
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains(&format!(r#""reencoded":"{CAPTURED}""#)), "{said}");
    assert!(dump(&[CAPTURED], 0).contains("paho11157721943603"));
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    for args in [&["--json"][..], &[], &["--match"]] {
        let mut child = Command::new(binary())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        // Fails once the child has gone, which is what it should do.
        let writer = thread::spawn(move || {
            let _ = stdin.write_all(&b"c000\n".repeat(100_000));
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{args:?}");
    }
}

//! Shows what MQTT bytes mean, for a person or as JSON, and what is wrong with them and where.
//! `inspect --help` says how it is used.

mod dump;
mod escape;
mod hex;
mod json;
mod reading;
mod rules;

use std::env;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use mqtt_codec::v3::{Protocol, Role};

use crate::reading::{Mode, Reading};

const USAGE: &str = "usage: inspect [--json] [--protocol 3.1|3.1.1] [--role any|client|server]
               [--max-packet-len N] [--lenient | --strict] [HEX ...]
       inspect --match";

const HELP: &str = "
Shows the MQTT packets in HEX, joined, or else in each line of standard input: one frame, or several
back to back. Blanks, commas, 0x, \\x, quotes and the punctuation of a C array may stand between bytes.
At an error, the bytes are marked and the rule is explained. Where --lenient or --strict would decide
otherwise, a line says so.

  --json      one JSON object for each input line, about its first frame; characters that could drive
              a terminal or break a line are \\u and four hexadecimal digits
  --protocol  the version whose rules hold, 3.1.1 if not given; a CONNECT says its own
  --role      the side that receives, any if not given: a client refuses what only clients send
  --max-packet-len
              refuses frames of more than N bytes, fixed header included; without it there is no limit
  --lenient   takes what the decoder's options can let through, and says what that was:
              \"tolerated: ..\", or as the last key \"tolerated\" of an accepted packet's JSON
  --strict    refuses what the decoder's options can refuse: control characters and non-characters
              in strings; in MQTT 3.1 also unused flag bits that are set, a user name or password
              that its flag announces and that is missing, and 0x80 in SUBACK
  --match     reads JSON lines {\"filter\":..,\"topic\":..}, prints whether they match and are valid;
              the topic rules of all versions and roles are the same

Exit status: 0; without --json 1 when a frame is malformed or incomplete; 2 on bad usage or when the
input is not hexadecimal.
";

struct Options {
    json: bool,
    matching: bool,
    help: bool,
    reading: Reading,
    /// The arguments that are not options, joined by blanks.
    hex: Option<String>,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { json: false, matching: false, help: false, reading: Reading::default(), hex: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--json" => options.json = true,
                "--match" => options.matching = true,
                "--help" | "-h" => options.help = true,
                "--protocol" => {
                    options.reading.protocol = match args.next().as_deref() {
                        Some("3.1") => Protocol::V3_1,
                        Some("3.1.1") => Protocol::V3_1_1,
                        _ => return Err("--protocol is 3.1 or 3.1.1".into()),
                    }
                }
                "--role" => {
                    options.reading.role = match args.next().as_deref() {
                        Some("any") => Role::Any,
                        Some("client") => Role::Client,
                        Some("server") => Role::Server,
                        _ => return Err("--role is any, client or server".into()),
                    }
                }
                "--max-packet-len" => {
                    let len = args.next().and_then(|len| len.parse().ok());
                    let len = len.ok_or("--max-packet-len is a number of bytes, at most 4294967295")?;
                    options.reading.max_packet_len = Some(len);
                }
                "--lenient" => options.set_mode(Mode::Lenient)?,
                "--strict" => options.set_mode(Mode::Strict)?,
                option if option.starts_with('-') => return Err(format!("there is no option {option:?}")),
                hex => {
                    let joined = options.hex.get_or_insert_default();
                    joined.push_str(hex);
                    joined.push(' ');
                }
            }
        }
        if options.matching && options.hex.is_some() {
            return Err("--match reads standard input and takes no HEX".into());
        }
        Ok(options)
    }

    fn set_mode(&mut self, mode: Mode) -> Result<(), String> {
        match self.reading.mode.replace(mode) {
            Some(other) if other != mode => Err("--lenient and --strict exclude each other".into()),
            _ => Ok(()),
        }
    }
}

/// What an input line came to; the worst of all lines is the exit status.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Fine = 0,
    Broken = 1,
    BadUsage = 2,
}

fn main() -> ExitCode {
    // An argument that is not UTF-8 is no option and no hexadecimal digit either way.
    let args = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let outcome = match Options::parse(args) {
        Ok(options) => run(&options),
        Err(message) => {
            complain(&format!("{message}\n{USAGE}"));
            Ok(Outcome::BadUsage)
        }
    };
    match outcome {
        Ok(outcome) => ExitCode::from(outcome as u8),
        // The reader has seen enough, as in `inspect | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<Outcome> {
    let mut out = io::stdout().lock();
    if options.help {
        write!(out, "{USAGE}\n{HELP}")?;
        return Ok(Outcome::Fine);
    }
    if options.matching {
        each_line(|_, line| writeln!(out, "{}", json::topic_match(line)))?;
        return Ok(Outcome::Fine);
    }
    if options.json {
        let mut answer = |line: &[u8]| writeln!(out, "{}", json::first_frame(&options.reading, line));
        match &options.hex {
            Some(hex) => answer(hex.as_bytes())?,
            None => each_line(|_, line| answer(line))?,
        }
        return Ok(Outcome::Fine);
    }

    let mut worst = Outcome::Fine;
    let mut is_first = true;
    let mut answer = |frames: &[u8]| {
        let dump = dump::frames(&options.reading, frames);
        if !dump.is_good {
            worst = worst.max(Outcome::Broken);
        }
        let before = if is_first { "" } else { "\n" };
        is_first = false;
        write!(out, "{before}{}", dump.text)
    };
    let mut is_hex = true;
    match &options.hex {
        Some(hex) => match hex::parse(hex.as_bytes()) {
            Ok(frames) => answer(&frames)?,
            Err(message) => {
                complain(&format!("{message}\n{USAGE}"));
                is_hex = false;
            }
        },
        None => each_line(|number, line| match hex::parse(line) {
            Ok(frames) if frames.is_empty() => Ok(()),
            Ok(frames) => answer(&frames),
            Err(message) => {
                complain(&format!("line {number}: {message}"));
                is_hex = false;
                Ok(())
            }
        })?,
    }
    Ok(if is_hex { worst } else { Outcome::BadUsage })
}

/// Hands each line of standard input over with its number, as bytes: they need not be UTF-8.
fn each_line(mut take: impl FnMut(usize, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        take(number, line.strip_suffix(b"\n").unwrap_or(&line))?;
    }
    Ok(())
}

/// To standard error; when that is closed, nobody listens.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "inspect: {message}");
}

//! Decodes every short input and compares the counts with those in `short_inputs.txt`.
//!
//! `short_inputs short` takes seconds, `short_inputs all` minutes; `short_inputs bless` is `all` and writes the
//! file. Build it with `--release`.

use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use mqtt_codec_fuzz::short::{Section, sections};

const COUNTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/short_inputs.txt");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [form] = &arguments[..] else { return usage() };
    let is_wanted: fn(&Section) -> bool = match form.as_str() {
        "short" => |section| section.is_short,
        "all" | "bless" => |_| true,
        _ => return usage(),
    };
    let committed = match fs::read_to_string(COUNTS) {
        Ok(text) => text,
        Err(_) if form == "bless" => String::new(),
        Err(error) => {
            eprintln!("{COUNTS}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (mut counts, mut differ) = (String::new(), false);
    for section in sections().iter().filter(|section| is_wanted(section)) {
        let start = Instant::now();
        let text = section.run();
        print!("{text}");
        let seconds = start.elapsed().as_secs_f64();
        println!("  ({} inputs in {seconds:.1} s)\n", section.len());
        if !committed.contains(&format!("{text}\n")) {
            differ = true;
            eprintln!("not as in {COUNTS}: {}", section.title);
        }
        counts += &format!("{text}\n");
    }
    if form == "bless" {
        if let Err(error) = fs::write(COUNTS, counts) {
            eprintln!("{COUNTS}: {error}");
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    if differ { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage() -> ExitCode {
    eprintln!("usage: short_inputs short | all | bless");
    ExitCode::from(2)
}

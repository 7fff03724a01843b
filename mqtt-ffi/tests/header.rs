//! `include/mqttc.h` is made of the sources: for each file what cbindgen makes of it, and what `header/` has
//! for it. It compiles on its own in every C and C++ that it is for, without a warning.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of `src/` that C sees, in the header's order: what is declared stands before what uses it.
const FILES: [&str; 16] = [
    "slice", "status", "decoder", "peek", "connect", "connack", "publish", "ack", "filters", "suback",
    "bodyless", "packet", "reader", "topic", "text", "version",
];

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn header_path() -> PathBuf {
    crate_dir().join("../include/mqttc.h")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What cbindgen makes of one file. The types of the others are names to it, and `extern "C"` is around all.
fn declarations(file: &str) -> String {
    let mut config = cbindgen::Config::from_file(crate_dir().join("cbindgen.toml")).unwrap();
    let source = crate_dir().join(format!("src/{file}.rs"));
    // Enums that only list constants, and the typedefs, are used by nobody.
    config.export.include = public_types(&read(&source));
    let mut generated = Vec::new();
    cbindgen::Builder::new().with_config(config).with_src(source).generate().unwrap().write(&mut generated);
    let generated = String::from_utf8(generated).unwrap();
    let mut lines = Vec::new();
    let mut inside_extern_c = false;
    for line in generated.lines() {
        match line {
            "#ifdef __cplusplus" => inside_extern_c = true,
            "#endif  // __cplusplus" | "#endif // __cplusplus" if inside_extern_c => inside_extern_c = false,
            _ if inside_extern_c => {
                assert!(matches!(line, "extern \"C\" {" | "}  // extern \"C\""), "{file}: {line}");
            }
            // One name for a type, `mqttc_x`, wherever it is declared.
            _ if line.starts_with("typedef ") => lines.push(line.to_owned()),
            _ => lines.push(line.replace("struct mqttc_", "mqttc_").replace("union mqttc_", "mqttc_")),
        }
    }
    lines.join("\n").trim().replace("\n\n\n", "\n\n")
}

/// The public types that a source defines, by its lines.
fn public_types(source: &str) -> Vec<String> {
    let names = source.lines().filter_map(|line| {
        let rest = ["pub enum ", "pub type ", "pub struct ", "pub union "];
        let rest = rest.iter().find_map(|keyword| line.strip_prefix(keyword))?;
        Some(rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap().to_owned())
    });
    names.collect()
}

fn the_header() -> String {
    let by_hand = |name: &str| crate_dir().join(format!("header/{name}.h"));
    let mut header = read(&by_hand("begin"));
    for file in FILES {
        let source = read(&crate_dir().join(format!("src/{file}.rs")));
        let title = source.lines().next().unwrap().strip_prefix("//! ").unwrap();
        let title = title.trim_end_matches('.');
        writeln!(header, "\n/* --- {title} --- */\n\n{}", declarations(file)).unwrap();
        if by_hand(file).exists() {
            write!(header, "\n{}", read(&by_hand(file))).unwrap();
        }
    }
    write!(header, "\n{}", read(&by_hand("end"))).unwrap();
    header
}

/// `MQTTC_BLESS=1` writes the header anew.
#[test]
fn the_header_is_what_the_sources_say() {
    let generated = the_header();
    if std::env::var_os("MQTTC_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(header_path(), &generated).unwrap();
    }
    let committed = read(&header_path());
    for (number, (is, should)) in (1..).zip(committed.lines().zip(generated.lines())) {
        assert_eq!(
            is, should,
            "include/mqttc.h line {number} is not what the sources say: run `MQTTC_BLESS=1 cargo test -p mqtt-ffi --test header`"
        );
    }
    assert_eq!(committed, generated, "include/mqttc.h is longer or shorter than what the sources say");
}

/// The languages that the header is for, by the compilers' names for them, and what is asked of each besides.
/// The enums' types and MQTTC_NODISCARD differ between them.
const C: [&[&str]; 5] = [
    &["-std=c99"],
    &["-std=c11"],
    &["-std=c2x"],
    &["-std=c99", "-ffreestanding", "-fshort-enums"],
    &["-std=c99", "-ffreestanding", "-m32"],
];
const CPP: [&[&str]; 2] = [&["-std=c++11"], &["-std=c++17"]];

/// Both of each kind, where they are there: the second ones are not on every machine.
fn compilers() -> Vec<(&'static str, &'static str, &'static [&'static [&'static str]])> {
    let all: [(_, _, &[_]); 4] =
        [("cc", "c", &C), ("clang-19", "c", &C), ("c++", "cpp", &CPP), ("clang++-19", "cpp", &CPP)];
    let is_there = |compiler: &str| Command::new(compiler).arg("--version").output().is_ok();
    all.into_iter().filter(|(compiler, ..)| !compiler.contains("clang") || is_there(compiler)).collect()
}

/// Compiles a source in every language by every compiler, and hands over what was said: nothing, if all is
/// well.
fn in_every_language(name: &str, source: &str, check: impl Fn(&str, bool, &str)) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("header-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    for (compiler, extension, languages) in compilers() {
        let file = dir.join(format!("{name}.{extension}"));
        std::fs::write(&file, source).unwrap();
        for flags in languages {
            let output = Command::new(compiler)
                .args(*flags)
                .args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wundef"])
                .args(["-Wshadow", "-Wcast-qual", "-Werror", "-c", "-o"])
                .arg(dir.join("out.o"))
                .arg("-I")
                .arg(header_path().parent().unwrap())
                .arg(&file)
                .output()
                .unwrap_or_else(|error| panic!("{compiler}: {error}"));
            let said = String::from_utf8_lossy(&output.stderr);
            check(&format!("{compiler} {flags:?}"), output.status.success(), &said);
        }
    }
}

#[test]
fn it_compiles_alone_and_twice() {
    let source = "#include \"mqttc.h\"\n#include \"mqttc.h\"\n";
    in_every_language("alone", source, |how, compiles, said| assert!(compiles, "{how}:\n{said}"));
}

/// What the header itself defines, used as a program uses it.
#[test]
fn its_inline_functions_compile() {
    let source = r#"
#include "mqttc.h"
size_t login(uint8_t *buf, size_t cap, const mqttc_packet *packet);
size_t login(uint8_t *buf, size_t cap, const mqttc_packet *packet)
{
    mqttc_connect c;
    if (MQTTC_CHECK() < 0 || mqttc_packet_id(packet) != 7)
        return 0;
    mqttc_connect_init(&c);
    mqttc_connect_login(&c, mqttc_str("user"), mqttc_bytes("\0\1", 2));
    mqttc_connect_will(&c, mqttc_str("gone"), mqttc_str(""), 1, 1);
    return mqttc_eq(c.user_name, "user") ? mqttc_connect_encode(&c, buf, cap, NULL) : 0;
}
"#;
    in_every_language("inline", source, |how, compiles, said| assert!(compiles, "{how}:\n{said}"));
}

/// An acknowledgement that is encoded and not sent is forgotten.
#[test]
fn a_result_that_is_ignored_does_not_compile() {
    let source = r#"
#include "mqttc.h"
void forget(uint8_t *buf);
void forget(uint8_t *buf)
{
    mqttc_puback_encode(7, buf, 4, NULL);
}
"#;
    in_every_language("ignored", source, |how, compiles, said| {
        assert!(!compiles && said.contains("unused-result"), "{how}:\n{said}");
    });
}

/// All functions but those that cannot fail and give nothing: the library's version is printed or not.
#[test]
fn every_result_that_matters_must_be_used() {
    let header = read(&header_path());
    let lines: Vec<_> = header.lines().filter(|line| !line.trim_start().starts_with("///")).collect();
    let mut seen = 0;
    for (before, line) in lines.iter().zip(&lines[1..]) {
        let is_function = line.starts_with(|c: char| c.is_ascii_alphabetic())
            && line
                .split('(')
                .next()
                .is_some_and(|front| front.contains(" mqttc_") || front.contains("*mqttc_"))
            && line.contains('(')
            && !["static ", "typedef "].iter().any(|word| line.starts_with(word));
        if is_function && !line.starts_with("void ") && !line.contains(" *mqttc_version(") {
            let is_marked = line.starts_with("MQTTC_NODISCARD ") || *before == "MQTTC_NODISCARD";
            assert!(is_marked, "{line}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen}");
}

//! `include/mqttc.h` is what cbindgen makes of the sources, and it compiles on its own as C99, C11 and
//! C++11 without a warning.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn header_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/mqttc.h")
}

/// `MQTTC_BLESS=1` writes the header anew.
#[test]
fn the_header_is_what_the_sources_say() {
    let crate_dir = env!("CARGO_MANIFEST_DIR");
    let config = cbindgen::Config::from_file(Path::new(crate_dir).join("cbindgen.toml")).unwrap();
    let mut generated = Vec::new();
    cbindgen::generate_with_config(crate_dir, config).unwrap().write(&mut generated);
    let generated = String::from_utf8(generated).unwrap();
    if std::env::var_os("MQTTC_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(header_path(), &generated).unwrap();
    }
    let committed = std::fs::read_to_string(header_path()).unwrap();
    for (number, (is, should)) in (1..).zip(committed.lines().zip(generated.lines())) {
        assert_eq!(
            is, should,
            "include/mqttc.h line {number} is not what the sources say: run `MQTTC_BLESS=1 cargo test -p mqtt-ffi --test header`"
        );
    }
    assert_eq!(committed, generated, "include/mqttc.h is longer or shorter than what the sources say");
}

/// Compiles a file that only includes the header.
fn compiles(name: &str, compiler: &str, extension: &str, flags: &[&str]) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("header-{name}"));
    std::fs::create_dir_all(&dir).unwrap();
    let source = dir.join(format!("alone.{extension}"));
    std::fs::write(&source, "#include \"mqttc.h\"\n").unwrap();
    let output = Command::new(compiler)
        .args(flags)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-c", "-o"])
        .arg(dir.join("alone.o"))
        .arg("-I")
        .arg(header_path().parent().unwrap())
        .arg(&source)
        .output()
        .unwrap_or_else(|error| panic!("{compiler}: {error}"));
    assert!(output.status.success(), "{compiler} {flags:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn it_compiles_as_c99() {
    compiles("c99", "cc", "c", &["-std=c99"]);
}

#[test]
fn it_compiles_as_c11() {
    compiles("c11", "cc", "c", &["-std=c11"]);
}

#[test]
fn it_compiles_freestanding() {
    compiles("freestanding", "cc", "c", &["-std=c99", "-ffreestanding", "-fshort-enums"]);
}

#[test]
fn it_compiles_as_cpp11() {
    compiles("cpp11", "c++", "cpp", &["-std=c++11"]);
}

//! C and C++ programs against the archive, linked with `cc main.c libmqttc.a` and no further flag.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

/// How many checks the programs `abuse_*.c` made together when they were one: none may get lost.
const CHECKS: u32 = 29_782;

const C99: [&str; 2] = ["-std=c99", "-D_POSIX_C_SOURCE=200809L"];

/// Links a program of c-examples with the archive.
fn link(compiler: &str, flags: &[&str], source: &str) -> Command {
    let archive = common::libraries().join("libmqttc.a");
    let path = common::workspace().join("c-examples").join(source);
    let name = format!("linked-{source}{compiler}{}", flags.concat());
    let program = common::compile(
        compiler,
        &path,
        &name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
        &flags.iter().map(Path::new).chain([archive.as_path()]).collect::<Vec<_>>(),
    );
    Command::new(program)
}

/// The files of a folder of the workspace whose names begin and end so.
fn files(folder: &str, start: &str, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(common::workspace().join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_string_lossy();
        name.starts_with(start) && name.ends_with(end)
    });
    files.sort();
    files
}

/// Those of these compilers that are on this machine.
fn installed(compilers: &[&'static str]) -> Vec<&'static str> {
    let is_there = |compiler: &&str| Command::new(compiler).arg("--version").output().is_ok();
    compilers.iter().copied().filter(is_there).collect()
}

/// The golden vectors that the Rust tests read, read by C.
#[test]
fn golden_vectors() {
    let vectors = files("mqtt-codec/tests/vectors", "", ".txt");
    assert!(vectors.iter().any(|file| file.ends_with("publish.txt")), "{vectors:?}");
    println!("{}", common::run(link("cc", &C99, "tests/vectors.c").args(vectors)));
}

/// What a reader of the READMEs has: a connection, and what other lines of the text have filled.
const AROUND_THE_README: &str = "
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include \"mqttc.h\"

int fd;
uint8_t data[64], buf[64];
mqttc_connect c;
mqttc_publish p;
uint32_t total;
int send_all(int to, const void *bytes, size_t len);
size_t produce(uint8_t *bytes, size_t cap);
void handle(const mqttc_packet *packet);
void on_message(mqttc_slice topic, mqttc_slice payload);
";

/// Each block of C in a README that has a call of ours, as a function.
#[test]
fn the_c_of_the_readmes_compiles() {
    for (readme, count) in [("README.md", 3), ("c-examples/README.md", 3)] {
        let text = std::fs::read_to_string(common::workspace().join(readme)).unwrap();
        let blocks = text.split("\n```c\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
        let blocks: Vec<_> = blocks.filter(|block| block.contains("mqttc_")).collect();
        assert_eq!(blocks.len(), count, "{readme}: {blocks:#?}");
        let mut source = AROUND_THE_README.to_owned();
        for (number, block) in blocks.iter().enumerate() {
            let block = block.replace("#include \"mqttc.h\"", "");
            source += &format!("\nvoid block_{number}(void);\nvoid block_{number}(void)\n{{\n{block}\n}}\n");
        }
        let name = readme.replace('/', "-");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name).with_extension("c");
        std::fs::write(&file, source).unwrap();
        for compiler in installed(&["cc", "clang-19"]) {
            common::compile(compiler, &file, &format!("{name}.o"), &[&C99[..], &["-c"]].concat());
        }
    }
}

#[test]
fn abuse_through_c_is_defined() {
    let mut checks = 0;
    for source in files("c-examples/tests", "abuse_", ".c") {
        let name = source.file_name().unwrap().to_string_lossy();
        let printed = common::run(&mut link("cc", &C99, &format!("tests/{name}")));
        println!("{printed}");
        checks += printed.split(' ').nth(1).unwrap().parse::<u32>().unwrap();
    }
    println!("{checks} checks");
    assert!(checks >= CHECKS, "{checks}");
}

/// By every compiler, as they evaluate arguments in different orders.
#[test]
fn traps() {
    let compilers = installed(&["gcc", "clang", "clang-19"]);
    assert!(!compilers.is_empty());
    for compiler in compilers {
        for optimised in ["-O0", "-O2"] {
            let flags = [C99[0], C99[1], optimised];
            println!("{}", common::run(&mut link(compiler, &flags, "tests/traps.c")));
        }
    }
}

#[test]
fn an_interrupt_receives() {
    println!("{}", common::run(&mut link("cc", &C99, "tests/interrupts.c")));
}

#[test]
fn what_is_not_used_costs_nothing() {
    let script = common::workspace().join("c-examples/tests/header.sh");
    let archive = common::libraries().join("libmqttc.a");
    let c = installed(&["gcc", "clang-19"]).join(" ");
    let cxx = installed(&["g++", "clang++-19"]).join(" ");
    println!("{}", common::run(Command::new("sh").arg(script).arg(archive).args([c, cxx])));
}

#[test]
fn the_documents_byte_arrays() {
    println!("{}", common::run(&mut link("cc", &C99, "from_hand_built.c")));
    println!("{}", common::run(&mut link("cc", &C99, "tests/defects.c")));
}

#[test]
fn a_cpp_program() {
    for standard in ["-std=c++11", "-std=c++17"] {
        println!("{}", common::run(&mut link("c++", &[standard], "tests/link_cpp.cpp")));
    }
}

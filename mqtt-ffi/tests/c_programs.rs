//! C and C++ programs against the archive, linked with `cc main.c libmqttc.a` and no further flag.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::path::Path;
use std::process::Command;

/// Links a program of c-examples with the archive.
fn link(compiler: &str, standard: &str, source: &str) -> Command {
    let archive = common::libraries().join("libmqttc.a");
    let path = common::workspace().join("c-examples").join(source);
    let program = common::compile(
        compiler,
        &path,
        &format!("linked-{}", source.replace('.', "-")),
        &[Path::new(standard), &archive],
    );
    Command::new(program)
}

/// The golden vectors that the Rust tests read, read by C.
#[test]
fn golden_vectors() {
    let folder = common::workspace().join("mqtt-codec/tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.iter().any(|file| file.ends_with("publish.txt")), "{files:?}");
    let printed = common::run(link("cc", "-std=c99", "vectors.c").args(files));
    println!("{printed}");
}

#[test]
fn abuse_through_c_is_defined() {
    println!("{}", common::run(&mut link("cc", "-std=c99", "abuse.c")));
}

#[test]
fn the_documents_byte_arrays() {
    println!("{}", common::run(&mut link("cc", "-std=c99", "from_hand_built.c")));
    println!("{}", common::run(&mut link("cc", "-std=c99", "defects.c")));
}

#[test]
fn a_cpp_program() {
    println!("{}", common::run(&mut link("c++", "-std=c++11", "link_cpp.cpp")));
}

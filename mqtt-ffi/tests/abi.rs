//! `abi/<target>.txt` holds the size of every struct, the offset of every field, the value of every constant and
//! every exported symbol. What Rust says, what C says and what the file says must be one.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use mqtt_ffi::connack::*;
use mqtt_ffi::connect::*;
use mqtt_ffi::decoder::*;
use mqtt_ffi::filters::*;
use mqtt_ffi::packet::*;
use mqtt_ffi::peek::*;
use mqtt_ffi::publish::*;
use mqtt_ffi::reader::*;
use mqtt_ffi::slice::*;
use mqtt_ffi::status::*;
use mqtt_ffi::suback::*;
use mqtt_ffi::version::MQTTC_ABI;

/// The baseline of the target that this test runs on, if there is one.
fn baseline() -> Option<PathBuf> {
    let is_x86_64_linux = cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"));
    let name = is_x86_64_linux.then_some("x86_64-unknown-linux-gnu.txt")?;
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("abi").join(name))
}

fn header() -> String {
    std::fs::read_to_string(common::workspace().join("include/mqttc.h")).unwrap()
}

/// The structs and the union of the header, each with its fields, by reading the header.
fn declared() -> Vec<(String, Vec<String>)> {
    let header = header();
    let code: Vec<_> = header.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut types: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in code {
        if let Some(name) =
            line.strip_prefix("typedef struct ").or_else(|| line.strip_prefix("typedef union "))
        {
            types.push((name.trim_end_matches(" {").to_owned(), Vec::new()));
            inside = true;
        } else if line.starts_with('}') {
            inside = false;
        } else if inside {
            let field = line.trim().trim_end_matches(';');
            // `void (*decode)(void)` is a field as well.
            let field = field.split_once("(*").map_or(field, |(_, rest)| rest.split(')').next().unwrap());
            let field = field.rsplit([' ', '*']).next().unwrap();
            let field = field.split('[').next().unwrap();
            types.last_mut().unwrap().1.push(field.to_owned());
        }
    }
    types
}

/// The constants of the header's enums, each with its enum.
fn declared_constants() -> Vec<(String, String)> {
    let mut constants = Vec::new();
    let mut inside = None;
    for line in header().lines() {
        if let Some(name) = line.strip_prefix("enum ") {
            inside = Some(name.to_owned());
        } else if line.starts_with('}') {
            inside = None;
        } else if let (Some(name), Some((constant, _))) = (&inside, line.split_once(" = ")) {
            constants.push((name.clone(), constant.trim().to_owned()));
        }
    }
    constants
}

/// The functions that the header declares.
fn declared_functions() -> BTreeSet<String> {
    header()
        .lines()
        .filter(|line| {
            !line.starts_with([' ', '/', '#', '*']) && !line.starts_with("static") && line.contains('(')
        })
        .filter_map(|line| {
            let name = line.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap();
            name.starts_with("mqttc_").then(|| name.to_owned())
        })
        .collect()
}

/// One line a type and a field. A macro, because a function cannot take a field's name.
macro_rules! layout {
    ($out:ident, $($name:ident { $($field:ident)* })*) => {$(
        writeln!($out, "struct {} size {} align {}", stringify!($name), size_of::<$name>(), align_of::<$name>()).unwrap();
        $(writeln!(
            $out,
            "field {}.{} offset {}",
            stringify!($name),
            stringify!($field).trim_start_matches("r#"),
            std::mem::offset_of!($name, $field)
        ).unwrap();)*
    )*};
}

fn layout_in_rust() -> String {
    let mut out = String::new();
    layout! { out,
        mqttc_slice { ptr len }
        mqttc_detail { bytes left offset }
        mqttc_decoder { max_packet_len options role protocol_level reserved }
        mqttc_header { remaining_len r#type flags header_len }
        mqttc_connect {
            client_id will_topic will_message user_name password keep_alive protocol_level clean_session
            has_will will_qos will_retain has_user_name has_password
        }
        mqttc_connack { session_present return_code }
        mqttc_publish { topic payload packet_id qos dup retain }
        mqttc_payload_counter { declared left }
        mqttc_subscription { filter qos }
        mqttc_subscribe { filters count packet_id }
        mqttc_unsubscribe { filters count packet_id }
        mqttc_filters { rest has_qos unvalidated }
        mqttc_filter_list { filters packet_id }
        mqttc_suback { return_codes packet_id }
        mqttc_packet_body { connect connack publish packet_id subscribe suback unsubscribe }
        mqttc_packet { u tolerated r#type }
        mqttc_reader {
            buf cap decode dec start end refused refused_offset missing state busy version reserved
        }
        mqttc_space { ptr len }
    }
    out
}

/// The same lines from a C program that is made from the header.
fn layout_in_c() -> String {
    let mut source = String::new();
    for (name, fields) in declared() {
        writeln!(
            source,
            "    printf(\"struct {name} size %zu align %zu\\n\", sizeof({name}), _Alignof({name}));"
        )
        .unwrap();
        for field in fields {
            writeln!(
                source,
                "    printf(\"field {name}.{field} offset %zu\\n\", offsetof({name}, {field}));"
            )
            .unwrap();
        }
    }
    print_in_c("layout", &source)
}

/// One line a constant. C alone is asked: the header has them from the sources, as `header.rs` holds, and
/// `.ci/abi` asks Rust too.
fn values_in_c() -> String {
    let mut source = String::new();
    for (name, constant) in declared_constants() {
        writeln!(source, "    printf(\"value {name}.{constant} %d\\n\", (int){constant});").unwrap();
    }
    print_in_c("values", &source)
}

/// What a C program prints by these statements.
fn print_in_c(name: &str, statements: &str) -> String {
    let source = format!(
        "#include <stdio.h>\n#include \"mqttc.h\"\nint main(void)\n{{\n{statements}    return 0;\n}}\n"
    );
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("c");
    std::fs::write(&file, source).unwrap();
    common::run(&mut Command::new(common::compile("cc", &file, name, &["-std=c11"])))
}

/// Fails with the lines that only one side has.
fn assert_same<'a>(
    left: (&str, impl Iterator<Item = &'a str>),
    right: (&str, impl Iterator<Item = &'a str>),
) {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (left.1.collect(), right.1.collect());
    let (only_a, only_b): (Vec<_>, Vec<_>) = (a.difference(&b).collect(), b.difference(&a).collect());
    assert!(
        only_a.is_empty() && only_b.is_empty(),
        "only in {}: {only_a:#?}\nonly in {}: {only_b:#?}",
        left.0,
        right.0
    );
}

/// `MQTTC_BLESS=1` writes the baseline anew.
#[test]
fn rust_c_and_the_baseline_agree() {
    let mut rust = layout_in_rust();
    assert_same(("Rust", rust.lines()), ("C", layout_in_c().lines()));
    rust.push_str(&values_in_c());
    for symbol in declared_functions() {
        writeln!(rust, "symbol {symbol}").unwrap();
    }
    let Some(baseline) = baseline() else {
        eprintln!("abi: no baseline for this target, Rust was compared with C alone");
        return;
    };
    if std::env::var_os("MQTTC_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&baseline, &rust).unwrap();
    }
    let committed = std::fs::read_to_string(&baseline).unwrap();
    assert_same(("the baseline", committed.lines()), ("the sources", rust.lines()));
}

/// The symbols that `nm` shows as defined and global, with the archive member in front where there
/// is one.
fn symbols(args: &[&str], library: &Path) -> Vec<(String, String)> {
    let output = Command::new("nm").args(args).arg(library).output().unwrap();
    assert!(output.status.success(), "nm {}", library.display());
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let (place, symbol) = line.rsplit_once(' ')?;
            let member = place.split(':').nth(1).unwrap_or_default().to_owned();
            Some((member, symbol.to_owned()))
        })
        .collect()
}

#[test]
fn the_libraries_export_the_headers_functions_and_nothing_else() {
    let libraries = common::libraries();
    let declared = declared_functions();
    assert!(declared.len() > 40, "{declared:?}");

    let declared = || declared.iter().map(String::as_str);
    let shared = symbols(&["-D", "--defined-only"], &libraries.join("libmqttc.so"));
    assert_same(
        ("libmqttc.so", shared.iter().map(|(_, symbol)| symbol.as_str())),
        ("the header", declared()),
    );

    // An archive also holds the toolchain's own members, whose symbols are weak or never clash.
    let archive = symbols(&["-g", "-A", "--defined-only"], &libraries.join("libmqttc.a"));
    let ours = archive.iter().filter(|(member, _)| member.starts_with("mqttc")).map(|(_, s)| s.as_str());
    assert_same(("libmqttc.a", ours), ("the header", declared()));
    for (member, symbol) in &archive {
        assert!(
            !symbol.starts_with("mqttc_") || member.starts_with("mqttc"),
            "{member} defines {symbol}, which is not the toolchain's"
        );
    }
}

/// A program that was linked with the library's path must find it by its name alone, wherever it is
/// installed.
#[test]
fn the_shared_library_is_named_by_its_binary_interface() {
    let library = common::libraries().join("libmqttc.so");
    let dynamic = common::run(Command::new("readelf").args(["-d", "-W"]).arg(library));
    let names: Vec<_> = dynamic.lines().filter(|line| line.contains("(SONAME)")).collect();
    let name = format!("[libmqttc.so.{MQTTC_ABI}]");
    assert!(names.len() == 1 && names.iter().all(|line| line.ends_with(&name)), "{name}: {names:#?}");
}

//! The examples as programs.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Builds an example as cargo builds it for this profile, and gives the program: a test that is run
/// alone does not build the examples, and must not meet an old one. `features` are those it requires.
pub(crate) fn build(name: &str, features: &[&str]) -> PathBuf {
    let test = env::current_exe().unwrap(); // TARGET/PROFILE/deps/NAME-..
    let profile_dir = test.ancestors().nth(2).unwrap();
    let profile = match profile_dir.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "mqtt-codec", "--example", name])
        .args(["--features", &features.join(",")])
        .args(["--profile", profile, "--target-dir"])
        .arg(profile_dir.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the example {name} does not build");
    profile_dir.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION)
}

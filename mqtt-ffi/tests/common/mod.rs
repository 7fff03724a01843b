//! The archive, and the C compiler.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Builds the libraries as their users do, alone and in release mode, and gives their folder.
pub(crate) fn libraries() -> PathBuf {
    // The tests' own target folder, wherever it is: <target>/tmp is cargo's for integration tests.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
    run(Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["build", "-q", "--release", "-p", "mqttc", "--target-dir"])
        .arg(&target));
    target.join("release")
}

/// Compiles one source with the header's folder in sight, then whatever `more` says.
pub(crate) fn compile<I: AsRef<OsStr>>(compiler: &str, source: &Path, program: &str, more: &[I]) -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program);
    run(Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Werror", "-I"])
        .arg(workspace().join("include"))
        .arg(source)
        .args(more)
        .arg("-o")
        .arg(&program));
    program
}

/// Runs a command that must end well, and gives what it printed.
pub(crate) fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

//! The example broker as a process, on a free port.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::example;

pub(crate) fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| example::build("loopback_broker", &[]))
}

pub(crate) struct Broker {
    pub(crate) process: Child,
    pub(crate) port: u16,
}

impl Broker {
    pub(crate) fn start() -> Self {
        Self::start_with(&["--seconds", "60"])
    }

    pub(crate) fn start_with(args: &[&str]) -> Self {
        let mut process =
            Command::new(program()).args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.strip_prefix("listening on 127.0.0.1:").and_then(|port| port.trim_end().parse().ok());
        Self { process, port: port.unwrap_or_else(|| panic!("first line: {line:?}")) }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may have ended by itself
        let _ = self.process.wait();
    }
}

//! A broker for tests and demos on 127.0.0.1 alone: not for production, no TLS, no login, no persistence.
//!
//! `cargo run -q -p mqtt-codec --example loopback_broker -- [--port N] [--port-file PATH] [--seconds N]
//! [--max-packet-len N]`
//!
//! Its first line on standard output is `listening on 127.0.0.1:PORT`; by default the port is a free
//! one. It ends by itself after `--seconds`, 600 by default, so that it is never left over. It takes packets
//! of up to `--max-packet-len` bytes, 256 KiB by default; each connection has a buffer of that size. What
//! becomes of each connection goes to standard error, a line for each event. Sessions and retained
//! messages live in memory until it ends; a client's queue is bounded, the number of clients is not.
//!
//! Each connection has a thread that reads (`connection`) and a thread that writes (`link`); what they
//! share (`broker`, made of each client's `session`) stands behind one mutex, and nobody waits for a
//! socket while holding it.

mod broker;
mod connection;
mod link;
mod session;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use broker::Broker;
use connection::MAX_PACKET_LEN;

const USAGE: &str = "usage: loopback_broker [--port N] [--port-file PATH] [--seconds N] [--max-packet-len N]";

/// How often the listener is asked for new connections; `std` cannot wait for one with a time limit.
const ACCEPT_EVERY: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    let Some(options) = Options::parse(env::args_os().skip(1)) else {
        log(USAGE);
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(format_args!("loopback_broker: {error}"));
            ExitCode::FAILURE
        }
    }
}

struct Options {
    port: u16,
    port_file: Option<PathBuf>,
    seconds: u32,
    max_packet_len: u32,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = OsString>) -> Option<Self> {
        let mut options = Self { port: 0, port_file: None, seconds: 600, max_packet_len: MAX_PACKET_LEN };
        while let Some(name) = args.next() {
            let value = args.next()?;
            match name.to_str()? {
                "--port" => options.port = value.to_str()?.parse().ok()?,
                "--port-file" => options.port_file = Some(value.into()),
                "--seconds" => options.seconds = value.to_str()?.parse().ok()?,
                "--max-packet-len" => options.max_packet_len = value.to_str()?.parse().ok()?,
                _ => return None,
            }
        }
        Some(options)
    }
}

fn run(options: &Options) -> io::Result<()> {
    let end = Instant::now()
        .checked_add(Duration::from_secs(options.seconds.into()))
        .ok_or_else(|| io::Error::other("--seconds is more than the clock can hold"))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
    listener.set_nonblocking(true)?;

    let address = listener.local_addr()?;
    if let Some(path) = &options.port_file {
        write_whole(path, &format!("{}\n", address.port()))?;
    }
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on {address}")?;
    stdout.flush()?;

    accept(&listener, &Broker::new(end, options.max_packet_len));
    Ok(())
}

/// Whoever waits for the file never sees half of it.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".tmp");
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, path)
}

/// Serves every connection that comes before the broker ends, and returns when the last of their
/// threads has ended.
fn accept(listener: &TcpListener, broker: &Broker) {
    thread::scope(|threads| {
        let mut last_number: u64 = 0;
        while Instant::now() < broker.end {
            match listener.accept() {
                Ok((socket, _)) => {
                    last_number = last_number.saturating_add(1);
                    let number = last_number;
                    let serve = move || match prepare(&socket) {
                        Ok(()) => connection::serve(broker, number, socket),
                        Err(error) => log(format_args!("#{number}: {error}")),
                    };
                    if let Err(error) = thread::Builder::new().spawn_scoped(threads, serve) {
                        log(format_args!("#{number}: no thread for it: {error}"));
                    }
                }
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        log(format_args!("accept: {error}"));
                    }
                    thread::sleep(ACCEPT_EVERY);
                }
            }
        }
    });
}

fn prepare(socket: &TcpStream) -> io::Result<()> {
    socket.set_nonblocking(false)?; // some systems hand on the listener's mode
    socket.set_nodelay(true)
}

/// A line on standard error. Unlike `eprintln!` it does not panic when that is closed.
fn log(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

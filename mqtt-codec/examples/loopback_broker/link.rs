//! The way out to one client: a bounded queue of frames, and the thread that writes them.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant};

use mqtt_codec::v3::Packet;

use crate::broker::Broker;
use crate::log;

/// The most frames that wait for a client that reads too slowly.
const MAX_UNSENT: usize = 1000;
/// The longest that one frame may take to be written.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// The sending side of a connection. When its last clone is gone, what was sent is written and the
/// connection closed.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) number: u64,
    frames: SyncSender<Vec<u8>>,
    socket: Arc<TcpStream>,
}

impl Link {
    /// The link, and what [`write_frames`] takes.
    pub(crate) fn new(number: u64, socket: Arc<TcpStream>) -> (Self, Receiver<Vec<u8>>) {
        let (frames, to_write) = mpsc::sync_channel(MAX_UNSENT);
        (Self { number, frames, socket }, to_write)
    }

    /// Sends a packet that must not be lost: a client that leaves no room for it is closed.
    pub(crate) fn send<'a>(&self, packet: impl Into<Packet<'a>>) {
        if !self.offer(packet) {
            log(format_args!("#{}: closed: it does not take what is sent to it", self.number));
            self.close();
        }
    }

    /// Sends a packet if there is room for it. Never waits.
    pub(crate) fn offer<'a>(&self, packet: impl Into<Packet<'a>>) -> bool {
        let packet = packet.into();
        let mut frame = vec![0; packet.encoded_len()];
        match packet.encode(&mut frame) {
            Ok(_) => self.frames.try_send(frame).is_ok(),
            Err(error) => {
                log(format_args!("#{}: {} not sent: {error}", self.number, packet.packet_type()));
                false
            }
        }
    }

    /// Ends both of the connection's threads.
    pub(crate) fn close(&self) {
        let _ = self.socket.shutdown(Shutdown::Both); // fails only when it is closed already
    }
}

/// Writes frames as they come, and closes the socket when no more can come or one cannot be written.
pub(crate) fn write_frames(broker: &Broker, link_number: u64, socket: &TcpStream, frames: Receiver<Vec<u8>>) {
    for frame in frames {
        if let Err(error) = write_by(broker.within(WRITE_LIMIT), socket, &frame) {
            log(format_args!("#{link_number}: not written: {error}"));
            break;
        }
    }
    let _ = socket.shutdown(Shutdown::Both); // fails only when it is closed already
}

fn write_by(deadline: Instant, mut socket: &TcpStream, mut rest: &[u8]) -> io::Result<()> {
    while !rest.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        socket.set_write_timeout(Some(left))?;
        match socket.write(rest) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

//! One connection, from its first byte to its last: bytes in, packets to the broker, time limits.

use std::fmt;
use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use mqtt_codec::v3::stream::{Event, PacketReader};
use mqtt_codec::v3::{
    ConnAck, ConnectReturnCode, Decoder, Packet, Protocol, Role, UnvalidatedSubscribe, UnvalidatedUnsubscribe,
};
use mqtt_codec::{DecodeError, ErrorKind};

use crate::broker::{Broker, Client};
use crate::link::{self, Link};
use crate::log;

/// The largest packet that is taken by default, and the size of each connection's buffer.
pub(crate) const MAX_PACKET_LEN: u32 = 256 * 1024;
/// The longest wait for a CONNECT.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The decoder for a connection's first packet, but for its limit. Version 3.1, because that lets a CONNECT
/// of 3.1 have the fixed header flags that 3.1 gave it; one of 3.1.1 is judged by the rules of 3.1.1 all the
/// same.
const FIRST: Decoder = Decoder::DEFAULT.role(Role::Server).protocol(Protocol::V3_1);

/// Why a connection ends.
pub(crate) enum End {
    Disconnect,
    Closed,
    Silent,
    TakenOver,
    BrokerEnds,
    OutOfOrder(&'static str),
    Malformed(DecodeError),
    Io(io::Error),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnect => f.write_str("DISCONNECT"),
            Self::Closed => f.write_str("closed without DISCONNECT"),
            Self::Silent => f.write_str("closed: no packet in time"),
            Self::TakenOver => f.write_str("closed: taken over"),
            Self::BrokerEnds => f.write_str("closed: the broker ends"),
            Self::OutOfOrder(what) => write!(f, "closed: {what}"),
            Self::Malformed(error) => {
                let kind = error.kind();
                let clause = kind.spec_ref().unwrap_or("no clause");
                write!(f, "closed: {} at byte {} [{clause}]: {kind}", kind.name(), error.offset())
            }
            Self::Io(error) => write!(f, "closed: {error}"),
        }
    }
}

/// What has come.
pub(crate) enum Received<'a> {
    Packet(Packet<'a>),
    // With a text among the filters that is no topic filter: answered with 0x80, not by closing (A25).
    Subscribe(UnvalidatedSubscribe<'a>),
    Unsubscribe(UnvalidatedUnsubscribe<'a>),
}

/// Serves a connection until it ends; both of its threads have ended when this returns.
pub(crate) fn serve(broker: &Broker, number: u64, socket: TcpStream) {
    let socket = Arc::new(socket);
    let (link, frames) = Link::new(number, Arc::clone(&socket));
    thread::scope(|threads| {
        let write = || link::write_frames(broker, number, &socket, frames);
        if let Err(error) = thread::Builder::new().spawn_scoped(threads, write) {
            log(format_args!("#{number}: no thread for it: {error}"));
            return;
        }
        let mut buf = vec![0; broker.max_packet_len as usize];
        let decoder = FIRST.max_packet_len(broker.max_packet_len);
        let mut input = Input { broker, socket: &socket, reader: PacketReader::new(&mut buf), decoder };
        let end = match open(&mut input, link) {
            Ok(client) => {
                log(format_args!("#{number}: {client}"));
                let end = exchange(&mut input, &client);
                broker.state().leave(&client, &end);
                end
            }
            Err(end) => end,
        };
        log(format_args!("#{number}: {end}"));
    });
}

/// From the first byte to the CONNACK.
fn open(input: &mut Input<'_>, link: Link) -> Result<Client, End> {
    let broker = input.broker;
    let opened = input.receive(broker.within(CONNECT_LIMIT), |received| match received {
        Received::Packet(Packet::Connect(connect)) => Ok(broker.state().join(&connect, link.clone())),
        _ => Err(End::OutOfOrder("the first packet is not a CONNECT")), // [MQTT-3.1.0-1]
    });
    match &opened {
        Ok(client) => input.decoder = input.decoder.protocol(client.protocol),
        Err(End::Malformed(error)) => {
            if let Some(code) = error.kind().connack_code() {
                link.send(ConnAck { session_present: false, return_code: ConnectReturnCode(code) });
            }
        }
        Err(_) => {}
    }
    opened
}

/// From the CONNACK to the end.
fn exchange(input: &mut Input<'_>, client: &Client) -> End {
    let broker = input.broker;
    loop {
        // One and a half times the keep alive, from packet to packet: [MQTT-3.1.2-24].
        let deadline = match client.keep_alive {
            0 => broker.end,
            seconds => broker.within(Duration::from_millis(u64::from(seconds).saturating_mul(1500))),
        };
        if let Err(end) = input.receive(deadline, |received| broker.state().handle(client, received)) {
            return end;
        }
    }
}

/// The receiving side of a connection.
struct Input<'b> {
    broker: &'b Broker,
    socket: &'b TcpStream,
    reader: PacketReader<'b>,
    decoder: Decoder,
}

impl Input<'_> {
    /// Waits for one packet and has it handled.
    fn receive<T>(
        &mut self,
        deadline: Instant,
        handle: impl FnOnce(Received<'_>) -> Result<T, End>,
    ) -> Result<T, End> {
        loop {
            match self.reader.next(&self.decoder) {
                Ok(Event::Packet(packet)) => return handle(Received::Packet(packet)),
                Ok(_) => self.fill(deadline)?,
                Err(error) => {
                    let received = self.read_again(error).map_err(End::Malformed)?;
                    let handled = handle(received)?;
                    self.reader.skip().map_err(End::Malformed)?;
                    return Ok(handled);
                }
            }
        }
    }

    /// Reads a frame that was refused for its filters alone; any other error stays.
    fn read_again(&self, error: DecodeError) -> Result<Received<'_>, DecodeError> {
        match (error.kind(), self.reader.refused_frame()) {
            (ErrorKind::FilterEmpty | ErrorKind::FilterWildcard, Some(frame)) => {
                UnvalidatedSubscribe::decode(&self.decoder, frame).map(Received::Subscribe).or_else(|_| {
                    UnvalidatedUnsubscribe::decode(&self.decoder, frame).map(Received::Unsubscribe)
                })
            }
            _ => Err(error),
        }
    }

    /// Waits for bytes and takes what comes.
    fn fill(&mut self, deadline: Instant) -> Result<(), End> {
        let now = Instant::now();
        if now >= self.broker.end {
            return Err(End::BrokerEnds);
        }
        let left = deadline.saturating_duration_since(now);
        if left.is_zero() {
            return Err(End::Silent);
        }
        self.socket.set_read_timeout(Some(left)).map_err(End::Io)?;
        let mut socket = self.socket;
        match socket.read(self.reader.space()) {
            Ok(0) => Err(End::Closed),
            Ok(read) => self.reader.commit(read).map_err(|error| End::Io(io::Error::other(error))),
            Err(error) => match error.kind() {
                // The time limit is over, or almost: it is looked at again above.
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => Ok(()),
                io::ErrorKind::ConnectionReset => Err(End::Closed),
                _ => Err(End::Io(error)),
            },
        }
    }
}

//! A client on tokio: subscribes to a topic, publishes to it, and waits for its own message. No TLS, no login.
//!
//! `cargo run -q -p mqtt-codec --features tokio-codec --example tokio_client -- HOST:PORT`
//!
//! What happens goes to standard output, a line for each step. Every wait has a time limit. Exit status: 0
//! when the message came back, 1 with the reason on standard error when it did not, 2 on bad usage.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use mqtt_codec::v3::tokio::{CodecError, MqttCodec};
use mqtt_codec::v3::{
    Connect, ConnectReturnCode, Decoder, Delivery, Frame, Packet, Protocol, PubAck, Publish, Role, Subscribe,
    Subscription, Subscriptions,
};
use mqtt_codec::{ErrorKind, PacketId, PacketType, QoS, TopicFilter, TopicName, Utf8};
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_util::codec::Framed;

const USAGE: &str = "usage: tokio_client [--seconds N] HOST:PORT [TOPIC [MESSAGE]]";

/// What is taken from the broker, and by which rules.
const DECODER: Decoder = Decoder::DEFAULT.role(Role::Client).max_packet_len(256 * 1024);

const SUBSCRIBE_ID: PacketId = PacketId::MIN;
const PUBLISH_ID: PacketId = PacketId::MIN.next();

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(options) = Options::parse(env::args().skip(1)) else {
        complain(USAGE);
        return ExitCode::from(2);
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("tokio_client: {}: {error}", options.address));
            ExitCode::FAILURE
        }
    }
}

struct Options {
    /// The longest wait for each answer.
    limit: Duration,
    address: String,
    topic: String,
    message: String,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Option<Self> {
        let mut args = args.peekable();
        let mut limit = Duration::from_secs(10);
        if args.next_if(|arg| arg == "--seconds").is_some() {
            limit = Duration::from_secs(args.next()?.parse::<u32>().ok()?.into());
        }
        let address = args.next().filter(|address| !address.starts_with('-'))?;
        let topic = args.next().unwrap_or_else(|| "mqtt-codec/tokio".into());
        let message = args.next().unwrap_or_else(|| "hello".into());
        args.next().is_none().then_some(Self { limit, address, topic, message })
    }
}

#[derive(Debug, Error)]
enum Error {
    #[error("no {what} within {} s", .limit.as_secs())]
    TooLate { what: &'static str, limit: Duration },
    #[error("the broker closed the connection instead of sending {0}")]
    Closed(&'static str),
    #[error("the broker refuses the connection: {0}")]
    Refused(ConnectReturnCode),
    #[error("the broker refuses the subscription")]
    NotSubscribed,
    #[error("{came} came instead of {wanted}")]
    Unexpected { came: PacketType, wanted: &'static str },
    #[error("the topic is none: {0}")]
    Topic(ErrorKind),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

async fn run(options: &Options) -> Result<(), Error> {
    let topic = TopicName::new(&options.topic).map_err(Error::Topic)?;
    let filter = TopicFilter::new(&options.topic).map_err(Error::Topic)?; // each topic name is a filter too
    let client_id = format!("tokio{}", std::process::id());
    let mut client = Client::open(options).await?;

    client.connect(&client_id).await?;
    say("connected")?;
    let granted = client.subscribe(filter).await?;
    say(&format!("subscribed to {filter}: granted QoS {}", granted as u8))?;
    let received = client.publish(topic, options.message.as_bytes()).await?;
    say("published")?;
    say(&format!("received on {topic}: {}", String::from_utf8_lossy(&received)))?;
    client.disconnect().await?;
    Ok(say("disconnected")?)
}

struct Client {
    framed: Framed<TcpStream, MqttCodec>,
    limit: Duration,
}

impl Client {
    async fn open(options: &Options) -> Result<Self, Error> {
        let limit = options.limit;
        let connecting = TcpStream::connect(&options.address);
        let socket = within("connection", limit, Instant::now(), connecting).await??;
        socket.set_nodelay(true)?;
        Ok(Self { framed: Framed::new(socket, MqttCodec::new(DECODER)), limit })
    }

    async fn connect(&mut self, client_id: &str) -> Result<(), Error> {
        let connect = Connect {
            protocol: Protocol::V3_1_1,
            client_id: Utf8::new(client_id).unwrap_or_default(),
            clean_session: true,
            keep_alive: 60,
            will: None,
            login: None,
        };
        self.send(connect.into()).await?;
        let frame = self.receive("CONNACK", Instant::now()).await?;
        match frame.packet() {
            Packet::ConnAck(connack) if connack.return_code == ConnectReturnCode::ACCEPTED => Ok(()),
            Packet::ConnAck(connack) => Err(Error::Refused(connack.return_code)),
            other => Err(Error::Unexpected { came: other.packet_type(), wanted: "CONNACK" }),
        }
    }

    async fn subscribe(&mut self, filter: TopicFilter<'_>) -> Result<QoS, Error> {
        let filters = [Subscription { filter, qos: QoS::AtLeastOnce }];
        let subscribe = Subscribe { id: SUBSCRIBE_ID, filters: Subscriptions::new(&filters) };
        self.send(subscribe.into()).await?;
        let start = Instant::now();
        loop {
            let frame = self.receive("SUBACK", start).await?;
            match frame.packet() {
                Packet::SubAck(suback) if suback.id == SUBSCRIBE_ID => {
                    let granted = suback.return_codes.iter().next().and_then(|code| code.granted());
                    return granted.ok_or(Error::NotSubscribed);
                }
                // Messages may come before the SUBACK: section 3.8.4.
                Packet::Publish(publish) => self.acknowledge(publish.delivery).await?,
                other => return Err(Error::Unexpected { came: other.packet_type(), wanted: "SUBACK" }),
            }
        }
    }

    /// Publishes with QoS 1, and waits until the message is acknowledged and has come back.
    async fn publish(&mut self, topic: TopicName<'_>, message: &[u8]) -> Result<Bytes, Error> {
        let delivery = Delivery::AtLeastOnce { id: PUBLISH_ID, dup: false };
        self.send(Publish { topic, delivery, retain: false, payload: message }.into()).await?;
        let start = Instant::now();
        let mut acknowledged = false;
        let mut received = None;
        loop {
            let wanted = if acknowledged { "PUBLISH" } else { "PUBACK" };
            let frame = self.receive(wanted, start).await?;
            match frame.packet() {
                Packet::PubAck(PubAck { id: PUBLISH_ID }) => acknowledged = true,
                Packet::Publish(publish) => {
                    self.acknowledge(publish.delivery).await?;
                    if publish.topic == topic && publish.payload == message {
                        received = frame.payload(); // outlives the frame
                    }
                }
                other => return Err(Error::Unexpected { came: other.packet_type(), wanted }),
            }
            if let (true, Some(payload)) = (acknowledged, &received) {
                return Ok(payload.clone());
            }
        }
    }

    async fn acknowledge(&mut self, delivery: Delivery) -> Result<(), Error> {
        match delivery {
            Delivery::AtLeastOnce { id, .. } => self.send(PubAck { id }.into()).await,
            // No more than QoS 1 was asked for: [MQTT-3.8.4-6].
            Delivery::AtMostOnce | Delivery::ExactlyOnce { .. } => Ok(()),
        }
    }

    async fn disconnect(mut self) -> Result<(), Error> {
        self.send(Packet::Disconnect).await?;
        Ok(self.framed.into_inner().shutdown().await?)
    }

    async fn send(&mut self, packet: Packet<'_>) -> Result<(), Error> {
        Ok(within("room to send", self.limit, Instant::now(), self.framed.send(packet)).await??)
    }

    /// The next frame, whatever it is; `wanted` is for the error.
    async fn receive(&mut self, wanted: &'static str, start: Instant) -> Result<Frame<Bytes>, Error> {
        let next = within(wanted, self.limit, start, self.framed.next()).await?;
        Ok(next.ok_or(Error::Closed(wanted))??)
    }
}

/// Waits for `future`, but no longer than `limit` from `start` on.
async fn within<F: Future>(
    what: &'static str,
    limit: Duration,
    start: Instant,
    future: F,
) -> Result<F::Output, Error> {
    let deadline = start.checked_add(limit).unwrap_or(start);
    timeout_at(deadline, future).await.map_err(|_| Error::TooLate { what, limit })
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// To standard error; when that is closed, nobody listens.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

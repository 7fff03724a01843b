//! The example broker over real sockets: each test starts one of its own on a free port.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

use common::broker::{Broker, program};
use mqtt_codec::v3::{
    ConnAck, Connect, ConnectReturnCode, Decoded, Decoder, Delivery, Disconnect, Packet, PingReq, PingResp,
    Protocol, PubAck, PubComp, PubRec, PubRel, Publish, Role, SubAck, SubAckCode, SubAckCodes, Subscribe,
    Subscription, Subscriptions, TopicFilters, UnsubAck, Unsubscribe, Will,
};
use mqtt_codec::{Binary, PacketId, QoS, TopicFilter, TopicName, Utf8};

/// The longest wait for anything that must come.
const PATIENCE: Duration = Duration::from_secs(20);

impl Broker {
    fn open(&self) -> Client {
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        Client { socket, received: Vec::new() }
    }

    fn connect(&self, connect: Connect<'_>) -> Client {
        self.connect_to(connect, false)
    }

    fn connect_to(&self, connect: Connect<'_>, session_present: bool) -> Client {
        let mut client = self.open();
        client.send(connect);
        client.expect(ConnAck { session_present, return_code: ConnectReturnCode::ACCEPTED });
        client
    }
}

struct Client {
    socket: TcpStream,
    received: Vec<u8>,
}

impl Client {
    fn send<'a>(&mut self, packet: impl Into<Packet<'a>>) {
        let packet = packet.into();
        let mut frame = vec![0; packet.encoded_len()];
        packet.encode(&mut frame).unwrap();
        self.socket.write_all(&frame).unwrap();
    }

    /// Reads what has come. A machine that was stopped for a while interrupts the call.
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.socket.read(bytes) {
                Err(error) if error.kind() == IoErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// The next packet must be `wanted`.
    fn expect<'a>(&mut self, wanted: impl Into<Packet<'a>>) {
        let wanted = wanted.into();
        let decoder = Decoder::DEFAULT.role(Role::Client);
        loop {
            if let Decoded::Packet { packet, len, .. } = decoder.decode(&self.received).unwrap() {
                assert_eq!(packet, wanted);
                self.received.drain(..len);
                return;
            }
            let mut bytes = [0; 4096];
            match self.read(&mut bytes) {
                Ok(0) => panic!("closed, where {wanted:?} was expected"),
                Ok(n) => self.received.extend_from_slice(&bytes[..n]),
                Err(error) => panic!("{error}, where {wanted:?} was expected"),
            }
        }
    }

    /// Nothing may have been sent to this client: the answer to PINGREQ comes behind all that was.
    fn expect_nothing(&mut self) {
        self.send(PingReq);
        self.expect(PingResp);
    }

    fn expect_closed(&mut self) {
        assert_eq!(self.received, b"");
        match self.read(&mut [0; 16]) {
            Ok(n) => assert_eq!(n, 0, "more bytes, where the end was expected"),
            Err(error) => assert_eq!(error.kind(), IoErrorKind::ConnectionReset, "{error}"),
        }
    }

    fn subscribe(&mut self, filter: &str, qos: QoS) {
        self.send(Subscribe {
            id: id(9),
            filters: Subscriptions::new(&[Subscription { filter: f(filter), qos }]),
        });
        self.expect(SubAck { id: id(9), return_codes: SubAckCodes::new(&[qos.into()]) });
    }
}

fn id(id: u16) -> PacketId {
    PacketId::new(id).unwrap()
}

fn f(filter: &str) -> TopicFilter<'_> {
    TopicFilter::new(filter).unwrap()
}

fn as_client(client_id: &str) -> Connect<'_> {
    Connect {
        protocol: Protocol::V3_1_1,
        client_id: Utf8::new(client_id).unwrap(),
        clean_session: true,
        keep_alive: 0,
        will: None,
        login: None,
    }
}

fn with_session(client_id: &str) -> Connect<'_> {
    Connect { clean_session: false, ..as_client(client_id) }
}

const QOS_0: Delivery = Delivery::AtMostOnce;

fn qos_1(n: u16) -> Delivery {
    Delivery::AtLeastOnce { id: id(n), dup: false }
}

fn qos_2(n: u16) -> Delivery {
    Delivery::ExactlyOnce { id: id(n), dup: false }
}

fn message<'a>(topic: &'a str, payload: &'a str, delivery: Delivery) -> Publish<'a> {
    Publish { topic: TopicName::new(topic).unwrap(), delivery, retain: false, payload: payload.as_bytes() }
}

fn retained<'a>(topic: &'a str, payload: &'a str, delivery: Delivery) -> Publish<'a> {
    Publish { retain: true, ..message(topic, payload, delivery) }
}

#[test]
fn wildcards_decide_who_gets_a_message_and_unsubscribe_ends_it() {
    let broker = Broker::start();
    let mut plus = broker.connect(as_client("plus"));
    plus.subscribe("a/+", QoS::AtMostOnce);
    let mut hash = broker.connect(as_client("hash"));
    hash.subscribe("#", QoS::AtMostOnce);
    let mut sender = broker.connect(as_client("sender"));

    for topic in ["a/b", "a/b/c", "$SYS/x"] {
        sender.send(message(topic, topic, QOS_0));
    }
    sender.expect_nothing();
    plus.expect(message("a/b", "a/b", QOS_0));
    plus.expect_nothing();
    hash.expect(message("a/b", "a/b", QOS_0));
    hash.expect(message("a/b/c", "a/b/c", QOS_0));
    hash.expect_nothing();

    plus.send(Unsubscribe { id: id(5), filters: TopicFilters::new(&[f("a/+"), f("never/there")]) });
    plus.expect(UnsubAck { id: id(5) });
    sender.send(message("a/b", "again", QOS_0));
    sender.expect_nothing();
    plus.expect_nothing();
    hash.expect(message("a/b", "again", QOS_0));
}

#[test]
fn a_client_gets_a_message_once_at_the_lower_qos_of_sender_and_best_subscription() {
    let broker = Broker::start();
    let mut receiver = broker.connect(as_client("receiver"));
    let asked = [("t/#", QoS::AtMostOnce), ("t/x", QoS::ExactlyOnce), ("t/+", QoS::AtLeastOnce)]
        .map(|(filter, qos)| Subscription { filter: f(filter), qos });
    receiver.send(Subscribe { id: id(77), filters: Subscriptions::new(&asked) });
    let codes = [SubAckCode::QOS_0, SubAckCode::QOS_2, SubAckCode::QOS_1];
    receiver.expect(SubAck { id: id(77), return_codes: SubAckCodes::new(&codes) });

    let mut sender = broker.connect(as_client("sender"));
    sender.send(message("t/x", "0", QOS_0));
    sender.send(message("t/x", "1", qos_1(10)));
    sender.expect(PubAck { id: id(10) });
    receiver.expect(message("t/x", "0", QOS_0));
    receiver.expect(message("t/x", "1", qos_1(1)));
    receiver.send(PubAck { id: id(1) });
    sender.send(message("t/y", "2", qos_2(11)));
    sender.expect(PubRec { id: id(11) });
    receiver.expect(message("t/y", "2", qos_1(2)));
    receiver.send(PubAck { id: id(2) });

    receiver.subscribe("t/x", QoS::AtMostOnce); // in the place of the one with QoS 2
    receiver.subscribe("t/+", QoS::AtMostOnce);
    sender.send(message("t/x", "3", qos_1(12)));
    sender.expect(PubAck { id: id(12) });
    receiver.expect(message("t/x", "3", QOS_0));
    receiver.expect_nothing();
}

#[test]
fn qos_2_passes_a_message_on_once_although_it_comes_twice() {
    let broker = Broker::start();
    let mut receiver = broker.connect(as_client("receiver"));
    receiver.subscribe("t", QoS::ExactlyOnce);
    let mut sender = broker.connect(with_session("sender"));

    sender.send(message("t", "m", qos_2(7)));
    sender.expect(PubRec { id: id(7) });
    drop(sender);
    let mut sender = broker.connect_to(with_session("sender"), true);
    sender.send(message("t", "m", Delivery::ExactlyOnce { id: id(7), dup: true }));
    sender.expect(PubRec { id: id(7) });
    for _ in 0..2 {
        sender.send(PubRel { id: id(7) });
        sender.expect(PubComp { id: id(7) });
    }

    receiver.expect(message("t", "m", qos_2(1)));
    for _ in 0..2 {
        receiver.send(PubRec { id: id(1) });
        receiver.expect(PubRel { id: id(1) });
    }
    receiver.send(PubComp { id: id(1) });
    receiver.expect_nothing();

    sender.send(message("t", "n", qos_2(7))); // released, so the identifier is free again
    sender.expect(PubRec { id: id(7) });
    receiver.expect(message("t", "n", qos_2(2)));
}

#[test]
fn a_kept_session_gets_what_it_missed_and_what_it_did_not_acknowledge() {
    let broker = Broker::start();
    let mut receiver = broker.connect(with_session("receiver"));
    receiver.subscribe("t/#", QoS::ExactlyOnce);
    let mut sender = broker.connect(as_client("sender"));

    sender.send(message("t/1", "not acknowledged", qos_1(1)));
    sender.send(message("t/2", "not released", qos_2(2)));
    sender.send(message("t/3", "not received", qos_2(3)));
    receiver.expect(message("t/1", "not acknowledged", qos_1(1)));
    receiver.expect(message("t/2", "not released", qos_2(2)));
    receiver.expect(message("t/3", "not received", qos_2(3)));
    receiver.send(PubRec { id: id(2) });
    receiver.expect(PubRel { id: id(2) });
    receiver.send(Disconnect);
    receiver.expect_closed();

    sender.expect(PubAck { id: id(1) });
    sender.expect(PubRec { id: id(2) });
    sender.expect(PubRec { id: id(3) });
    sender.send(message("t/4", "QoS 0 is not kept", QOS_0));
    sender.send(message("t/5", "queued", qos_1(4)));
    sender.expect(PubAck { id: id(4) });

    let mut receiver = broker.connect_to(with_session("receiver"), true);
    let again = Delivery::AtLeastOnce { id: id(1), dup: true };
    receiver.expect(message("t/1", "not acknowledged", again));
    receiver.expect(PubRel { id: id(2) });
    let again = Delivery::ExactlyOnce { id: id(3), dup: true };
    receiver.expect(message("t/3", "not received", again));
    receiver.expect(message("t/5", "queued", qos_1(4)));
    receiver.expect_nothing();
    receiver.send(Disconnect);
    receiver.expect_closed();

    drop(broker.connect(as_client("receiver"))); // a clean session ends the kept one
    let mut receiver = broker.connect_to(with_session("receiver"), false);
    sender.send(message("t/6", "nobody asked", qos_1(5)));
    sender.expect(PubAck { id: id(5) });
    receiver.expect_nothing();
}

#[test]
fn more_messages_than_may_be_in_flight_wait_for_acknowledgements() {
    let broker = Broker::start();
    let mut receiver = broker.connect(as_client("receiver"));
    receiver.subscribe("t", QoS::AtLeastOnce);
    let mut sender = broker.connect(as_client("sender"));
    for n in 1..=100 {
        sender.send(message("t", &n.to_string(), qos_1(n)));
        sender.expect(PubAck { id: id(n) });
    }
    for n in 1..=32 {
        receiver.expect(message("t", &n.to_string(), qos_1(n)));
    }
    receiver.expect_nothing();
    for n in 1..=100 {
        receiver.send(PubAck { id: id(n) });
        if n + 32 <= 100 {
            receiver.expect(message("t", &(n + 32).to_string(), qos_1(n + 32)));
        }
    }
    receiver.expect_nothing();
}

#[test]
fn a_retained_message_waits_for_subscribers_until_an_empty_one_deletes_it() {
    let broker = Broker::start();
    let mut sender = broker.connect(as_client("sender"));
    sender.send(retained("r/1", "old", QOS_0));
    sender.send(retained("r/1", "kept", qos_1(1)));
    sender.expect(PubAck { id: id(1) });
    sender.send(message("r/2", "not retained", QOS_0));
    sender.expect_nothing();

    let mut receiver = broker.connect(as_client("receiver"));
    receiver.subscribe("r/+", QoS::AtMostOnce);
    receiver.expect(retained("r/1", "kept", QOS_0));
    receiver.expect_nothing();

    sender.send(retained("r/1", "live", QOS_0));
    receiver.expect(message("r/1", "live", QOS_0)); // RETAIN is 0 for who has subscribed already
    sender.send(retained("r/1", "", QOS_0));
    receiver.expect(message("r/1", "", QOS_0));
    receiver.subscribe("r/+", QoS::AtMostOnce);
    receiver.expect_nothing();
}

#[test]
fn a_will_is_published_when_the_client_vanishes_and_dropped_by_disconnect() {
    let broker = Broker::start();
    let mut receiver = broker.connect(as_client("receiver"));
    receiver.subscribe("will/#", QoS::AtLeastOnce);
    let will = |topic| {
        let topic = TopicName::new(topic).unwrap();
        Some(Will { topic, message: Binary::new(b"gone").unwrap(), qos: QoS::AtLeastOnce, retain: true })
    };

    let mut polite = broker.connect(Connect { will: will("will/polite"), ..as_client("polite") });
    polite.send(Disconnect);
    polite.expect_closed();
    receiver.expect_nothing();

    drop(broker.connect(Connect { will: will("will/vanished"), ..as_client("vanished") }));
    receiver.expect(message("will/vanished", "gone", qos_1(1)));
    let mut broken = broker.connect(Connect { will: will("will/broken"), ..as_client("broken") });
    broken.socket.write_all(b"\xc1\x00").unwrap();
    broken.expect_closed();
    receiver.expect(message("will/broken", "gone", qos_1(2)));

    let mut later = broker.connect(as_client("later"));
    later.subscribe("will/vanished", QoS::AtMostOnce);
    later.expect(retained("will/vanished", "gone", QOS_0));
}

#[test]
fn a_client_that_is_silent_for_one_and_a_half_times_its_keep_alive_is_closed() {
    let broker = Broker::start();
    let mut client = broker.connect(Connect { keep_alive: 1, ..as_client("c") });
    std::thread::sleep(Duration::from_millis(1000));
    client.expect_nothing(); // a PINGREQ: the time starts anew
    let start = Instant::now();
    client.socket.write_all(b"\xc0").unwrap(); // half a packet does not count
    client.expect_closed();
    let silent = start.elapsed();
    assert!(silent > Duration::from_millis(1400) && silent < Duration::from_millis(3000), "{silent:?}");
}

#[test]
fn a_client_takes_over_from_an_older_one_of_its_name() {
    let broker = Broker::start();
    let mut older = broker.connect(with_session("c"));
    older.subscribe("t", QoS::AtMostOnce);
    let mut newer = broker.connect_to(with_session("c"), true);
    older.expect_closed();
    newer.send(message("t", "to myself", QOS_0));
    newer.expect(message("t", "to myself", QOS_0));

    // Clients without a name are not taken for each other.
    let mut first = broker.connect(as_client(""));
    let mut second = broker.connect(as_client(""));
    first.expect_nothing();
    second.expect_nothing();
}

#[test]
fn who_breaks_a_rule_is_closed_and_nobody_else() {
    let broker = Broker::start();
    let mut witness = broker.connect(as_client("witness"));
    witness.subscribe("t", QoS::AtMostOnce);
    for broken in [
        &b"\x30\x05\x00\x03a/+"[..],                      // a wildcard in a topic name
        b"\x00\x00",                                      // a reserved packet type
        b"\x20\x02\x00\x00",                              // only a server sends CONNACK
        b"\x40\xff\xff\xff\x7f",                          // no PUBACK is that long
        b"\x30\xff\xff\xff\x7f",                          // over the broker's limit
        b"\x82\x06\x00\x01\x00\x01a\x03",                 // QoS 3
        b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01x", // a second CONNECT
        b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x01x", // .. which is never answered
    ] {
        let mut client = broker.connect(as_client("c"));
        client.socket.write_all(broken).unwrap();
        client.expect_closed();
    }
    for broken in [&b"\xc0\x00"[..], b"\x10\x02\x00\x04", b"GET / HTTP/1.1\r\n\r\n", &[0xff; 100]] {
        let mut client = broker.open();
        client.socket.write_all(broken).unwrap();
        client.expect_closed();
    }
    witness.send(message("t", "still here", QOS_0));
    witness.expect(message("t", "still here", QOS_0));
}

/// A25: the connection stays, the good filters count.
#[test]
fn a_text_that_is_no_topic_filter_is_answered_with_0x80() {
    let broker = Broker::start();
    let mut client = broker.connect(as_client("c"));
    // `a+` and the empty text are no topic filters, `t` is one; PINGREQ comes in the same bytes.
    client.socket.write_all(b"\x82\x0e\x00\x07\x00\x02a+\x01\x00\x01t\x01\x00\x00\x00\xc0\x00").unwrap();
    let codes = [SubAckCode::FAILURE, SubAckCode::QOS_1, SubAckCode::FAILURE];
    client.expect(SubAck { id: id(7), return_codes: SubAckCodes::new(&codes) });
    client.expect(PingResp);
    client.send(message("t", "here", QOS_0));
    client.expect(message("t", "here", QOS_0));

    client.socket.write_all(b"\xa2\x09\x00\x08\x00\x02#a\x00\x01t").unwrap();
    client.expect(UnsubAck { id: id(8) });
    client.send(message("t", "gone", QOS_0));
    client.expect_nothing();

    // Ill-formed UTF-8 is no matter of filters.
    client.socket.write_all(b"\x82\x06\x00\x07\x00\x01\xff\x01").unwrap();
    client.expect_closed();
}

#[test]
fn a_refused_connect_is_answered_where_the_specification_says_so() {
    let broker = Broker::start();
    for (connect, return_code) in [
        (
            &b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x01x"[..],
            ConnectReturnCode::UNACCEPTABLE_PROTOCOL_VERSION,
        ),
        (b"\x10\x0d\x00\x04MQTT\x63\x02\x00\x00\x00\x01x", ConnectReturnCode::UNACCEPTABLE_PROTOCOL_VERSION),
        (b"\x10\x0c\x00\x04MQTT\x04\x00\x00\x00\x00\x00", ConnectReturnCode::IDENTIFIER_REJECTED),
    ] {
        let mut client = broker.open();
        client.socket.write_all(connect).unwrap();
        client.expect(ConnAck { session_present: false, return_code });
        client.expect_closed();
    }
}

#[test]
fn mqtt_3_1_is_served_by_its_own_rules() {
    let broker = Broker::start();
    let v3_1 = Connect { protocol: Protocol::V3_1, ..with_session("c") };
    drop(broker.connect(v3_1));
    let mut client = broker.connect_to(v3_1, false); // 3.1 has no session present
    client.socket.write_all(b"\xc1\x00").unwrap(); // it ignores flags that 3.1.1 refuses
    client.expect(PingResp);
    // DUP in a CONNECT's header means nothing there either.
    let mut client = broker.open();
    client.socket.write_all(b"\x18\x0f\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01d").unwrap();
    client.expect(ConnAck { session_present: false, return_code: ConnectReturnCode::ACCEPTED });
}

#[test]
fn packets_may_come_in_pieces_or_several_at_once() {
    let broker = Broker::start();
    let mut client = broker.open();
    for byte in b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01x" {
        client.socket.write_all(&[*byte]).unwrap();
    }
    client.expect(ConnAck { session_present: false, return_code: ConnectReturnCode::ACCEPTED });
    client.socket.write_all(b"\xc0\x00\x82\x06\x00\x07\x00\x01t\x00\x32\x07\x00\x01t\x00\x08hi\xc0").unwrap();
    client.expect(PingResp);
    client.expect(SubAck { id: id(7), return_codes: SubAckCodes::new(&[SubAckCode::QOS_0]) });
    client.expect(PubAck { id: id(8) });
    client.expect(message("t", "hi", QOS_0));
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody_and_is_dropped() {
    let broker = Broker::start();
    let topic = TopicName::new("stuck").unwrap();
    let will = Some(Will { topic, message: Binary::default(), qos: QoS::AtMostOnce, retain: false });
    let mut stuck = broker.connect(Connect { will, ..as_client("stuck") });
    stuck.subscribe("t", QoS::AtMostOnce);
    let mut reader = broker.connect(as_client("reader"));
    reader.subscribe("done", QoS::AtMostOnce);
    reader.subscribe("stuck", QoS::AtMostOnce);
    let mut sender = broker.connect(as_client("sender"));

    let start = Instant::now();
    let payload = "x".repeat(10_000); // 3000 of them are more than the sockets and the queue hold
    for _ in 0..3000 {
        sender.send(message("t", &payload, QOS_0));
    }
    sender.send(message("done", "", QOS_0));
    reader.expect(message("done", "", QOS_0));
    // Less than the time that the broker gives a frame to be written: nobody has waited for that.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());

    stuck.socket.write_all(&b"\xc0\x00".repeat(2000)).unwrap(); // more answers than there is room for
    reader.expect(message("stuck", "", QOS_0));
}

#[test]
fn the_largest_packet_that_is_taken_can_be_set() {
    let payload = "x".repeat(300_000);
    let largest = message("t", &payload, QOS_0);
    let limit = largest.encoded_len().to_string();
    let broker = Broker::start_with(&["--seconds", "60", "--max-packet-len", &limit]);
    let mut client = broker.connect(as_client("c"));
    client.subscribe("t", QoS::AtMostOnce);
    client.send(largest);
    client.expect(largest);
    let larger = payload + "x";
    let mut frame = vec![0; 300_100];
    message("t", &larger, QOS_0).encode(&mut frame).unwrap();
    client.socket.write_all(&frame[..5]).unwrap(); // its header is enough
    client.expect_closed();

    let mut client = Broker::start().connect(as_client("c")); // 256 KiB by default
    client.socket.write_all(b"\x30\xfd\xff\x0f").unwrap();
    client.expect_closed();
}

#[test]
fn a_client_that_never_connects_is_closed() {
    let broker = Broker::start();
    let mut client = broker.open();
    client.socket.set_read_timeout(Some(2 * PATIENCE)).unwrap();
    let start = Instant::now();
    client.socket.write_all(b"\x10").unwrap();
    client.expect_closed();
    assert!(start.elapsed() > Duration::from_secs(4), "{:?}", start.elapsed());
}

#[test]
fn it_listens_on_the_loopback_address_alone() {
    let broker = Broker::start();
    drop(broker.open());
    // Where all of 127/8 is this machine, a listener on every address would answer here.
    assert!(
        TcpStream::connect_timeout(&(Ipv4Addr::new(127, 0, 0, 2), broker.port).into(), PATIENCE).is_err()
    );
    assert!(TcpStream::connect_timeout(&(Ipv6Addr::LOCALHOST, broker.port).into(), PATIENCE).is_err());
}

#[test]
fn it_writes_its_port_and_ends_by_itself() {
    let port_file = env::temp_dir().join(format!("mqtt-codec-loopback-broker-{}", std::process::id()));
    let start = Instant::now();
    let mut broker = Broker::start_with(&["--seconds", "1", "--port-file", port_file.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&port_file).unwrap(), format!("{}\n", broker.port));
    fs::remove_file(&port_file).unwrap();

    let mut silent = broker.open();
    let mut connected = broker.connect(as_client("c"));
    silent.expect_closed();
    connected.expect_closed();
    assert!(broker.process.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn bad_arguments_are_answered_with_the_usage() {
    for args in [
        &["--port"][..],
        &["--port", "65536"],
        &["--seconds", "-1"],
        &["--what", "1"],
        &["--max-packet-len", "1k"],
        &["1883"],
    ] {
        let output = Command::new(program()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(output.stdout, b"");
        assert!(output.stderr.starts_with(b"usage: loopback_broker [--port N]"), "{args:?}");
    }
}

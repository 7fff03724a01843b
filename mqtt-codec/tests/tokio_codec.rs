//! Frames through the codec, the codec under `Framed`, and the example client against the example broker.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]
#![allow(clippy::expect_used, clippy::panic)]

mod common;

use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use common::broker::Broker;
use common::spec::parse;
use common::{excerpt, vectors};
use futures_util::{SinkExt as _, StreamExt as _};
use mqtt_codec::v3::tokio::{CodecError, MqttCodec};
use mqtt_codec::v3::{
    Decoded, Decoder, Delivery, Frame, Packet, Protocol, PubAck, Publish, Role, SubAck, SubAckCode,
    SubAckCodes, Tolerated, decode,
};
use mqtt_codec::{DecodeError, EncodeError, ErrorKind, PacketId, TopicName};
use tokio::io::AsyncWriteExt as _;
use tokio_util::codec::{Decoder as _, Encoder as _, Framed};

/// What the codec may hold for a frame that was only declared.
const MODEST: usize = 256 * 1024;

fn refused(error: CodecError) -> DecodeError {
    match error {
        CodecError::Decode(error) => error,
        other => panic!("{other:?}"),
    }
}

fn publish(payload: &[u8]) -> Packet<'_> {
    Packet::Publish(Publish {
        topic: TopicName::new("t").unwrap(),
        delivery: Delivery::AtMostOnce,
        retain: false,
        payload,
    })
}

// --- receiving

#[test]
fn every_vector_in_one_piece() {
    for vector in vectors::golden() {
        let mut codec = MqttCodec::default();
        let mut src = BytesMut::from(&vector.frame[..]);
        let frame = codec.decode(&mut src).unwrap().expect("a frame");
        assert!(frame.as_bytes() == vector.frame, "{}", vector.place);
        let Ok(Decoded::Packet { packet, .. }) = decode(&vector.frame) else { panic!("{}", vector.place) };
        assert!(frame.packet() == packet, "{}", vector.place);
        assert!(src.is_empty() && codec.decode_eof(&mut src).unwrap().is_none(), "{}", vector.place);
    }
}

/// A frame comes with its last byte, and until then there is room for what is missing, up to a bound.
#[test]
fn every_vector_byte_by_byte() {
    for vector in vectors::golden() {
        let mut codec = MqttCodec::default();
        let mut src = BytesMut::new();
        let (last, before) = vector.frame.split_last().unwrap();
        for (at, byte) in before.iter().enumerate() {
            assert_eq!(codec.decode(&mut src).unwrap(), None::<Frame<Bytes>>, "{} at {at}", vector.place);
            let Ok(Decoded::NeedMore { at_least }) = decode(&src) else { panic!("{}", vector.place) };
            let room = src.capacity() - src.len();
            assert!(room >= at_least.min(4096), "{} at {at}: room for {room}", vector.place);
            src.extend_from_slice(&[*byte]);
        }
        src.extend_from_slice(&[*last]);
        let frame = codec.decode(&mut src).unwrap().expect("a frame");
        assert!(frame.as_bytes() == vector.frame, "{}", vector.place);
        assert!(src.is_empty(), "{}", vector.place);
    }
}

#[test]
fn every_vector_at_once() {
    let vectors = vectors::golden();
    let wire: Vec<_> = vectors.iter().flat_map(|vector| &vector.frame).copied().collect();
    let mut codec = MqttCodec::default();
    let mut src = BytesMut::from(&wire[..]);
    let mut frames = Vec::new();
    while let Some(frame) = codec.decode(&mut src).unwrap() {
        frames.push(frame);
    }
    assert!(src.is_empty());
    assert_eq!(frames.len(), vectors.len());
    for (frame, vector) in frames.iter().zip(&vectors) {
        assert!(frame.as_bytes() == vector.frame, "{}", vector.place);
    }
}

#[test]
fn every_refused_vector_is_refused_for_good() {
    for vector in vectors::read(vectors::REFUSED) {
        let (decoder, refusal) = vectors::refusal(&vector.text);
        let mut codec = MqttCodec::new(decoder);
        let mut src = BytesMut::from(&vector.frame[..]);
        // A frame that is not whole is only refused at its end.
        let error = match codec.decode(&mut src) {
            Ok(None) => codec.decode_eof(&mut src).unwrap_err(),
            Ok(Some(frame)) => panic!("{}: {frame:?}", vector.place),
            Err(error) => error,
        };
        let error = refused(error);
        assert_eq!(format!("{}@{}", error.kind().name(), error.offset()), refusal, "{}", vector.place);
        assert!(src == vector.frame, "{}", vector.place);

        let mut good = BytesMut::from(&b"\xd0\x00"[..]);
        for _ in 0..2 {
            assert_eq!(refused(codec.decode(&mut good).unwrap_err()), error, "{}", vector.place);
            assert_eq!(refused(codec.decode_eof(&mut good).unwrap_err()), error, "{}", vector.place);
        }
        codec.set_decoder(Decoder::DEFAULT);
        assert_eq!(refused(codec.decode(&mut good).unwrap_err()), error, "{}", vector.place);
        assert_eq!(good, &b"\xd0\x00"[..]);
    }
}

#[test]
fn a_frame_over_the_limit_is_refused_by_its_header() {
    let mut codec = MqttCodec::new(Decoder::DEFAULT.max_packet_len(1000));
    let mut src = BytesMut::from(&b"\x30\xe5\x07"[..]); // 1000 bytes with its header
    assert!(codec.decode(&mut src).unwrap().is_none());
    src[1] += 1;
    let error = refused(codec.decode(&mut src).unwrap_err());
    assert_eq!((error.kind(), error.offset()), (ErrorKind::PacketTooLarge, 1));
}

#[test]
fn a_declared_length_is_not_believed() {
    let mut codec = MqttCodec::default();
    let mut src = BytesMut::from(&b"\x30\xff\xff\xff\x7f\x00\x01t"[..]);
    assert!(codec.decode(&mut src).unwrap().is_none());
    assert!(src.capacity() < MODEST, "{}", src.capacity());

    // Room for as much as comes is made as it comes.
    src.extend_from_slice(&[0; 300_000]);
    assert!(codec.decode(&mut src).unwrap().is_none());
    assert!(src.capacity() < 600_000 + MODEST, "{}", src.capacity());
}

#[test]
fn bytes_that_end_within_a_frame_are_truncated() {
    let frame = b"\x30\x05\x00\x01thi";
    for len in 1..frame.len() {
        let mut codec = MqttCodec::default();
        let mut src = BytesMut::from(&b"\xd0\x00"[..]);
        src.extend_from_slice(&frame[..len]);
        assert_eq!(codec.decode_eof(&mut src).unwrap().unwrap().packet(), Packet::PingResp);
        let error = refused(codec.decode_eof(&mut src).unwrap_err());
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Truncated, len));
        src.extend_from_slice(&frame[len..]);
        assert_eq!(refused(codec.decode(&mut src).unwrap_err()), error);
    }
}

#[test]
fn rules_can_change_between_frames() {
    let flags_of_3_1 = b"\xc8\x00";
    let mut codec = MqttCodec::new(Decoder::DEFAULT.role(Role::Server));
    let mut src = BytesMut::from(&b"\xc0\x00"[..]);
    src.extend_from_slice(flags_of_3_1);
    assert!(codec.decode(&mut src).unwrap().is_some());
    codec.set_decoder(codec.decoder().protocol(Protocol::V3_1));
    let frame = codec.decode(&mut src).unwrap().expect("a frame");
    assert_eq!((frame.packet(), frame.as_bytes()), (Packet::PingReq, &flags_of_3_1[..]));
    src.extend_from_slice(b"\xd0\x00");
    assert_eq!(refused(codec.decode(&mut src).unwrap_err()).kind(), ErrorKind::WrongDirection);
}

#[test]
fn what_was_let_through_is_told() {
    let mut codec = MqttCodec::new(Decoder::DEFAULT.allow_dup_without_qos(true));
    let mut src = BytesMut::from(&b"\x38\x03\x00\x01t"[..]);
    let frame = codec.decode(&mut src).unwrap().expect("a frame");
    assert_eq!(frame.tolerated(), Tolerated::DUP_WITHOUT_QOS);
    assert_eq!(frame.packet(), publish(b""));
}

/// Frame and payload are where the bytes were received.
#[test]
fn nothing_is_copied() {
    let payload = [7; 5000];
    let packets = [publish(&payload), Packet::PingResp, publish(b""), publish(b"x")];
    let mut src = BytesMut::new();
    for packet in packets {
        MqttCodec::default().encode(packet, &mut src).unwrap();
    }
    let received = src.as_ptr_range();
    let mut codec = MqttCodec::default();
    for packet in packets {
        let frame = codec.decode(&mut src).unwrap().expect("a frame");
        assert!(received.contains(&frame.as_bytes().as_ptr()), "{packet:?}");
        let Packet::Publish(publish) = packet else {
            assert_eq!(frame.payload(), None);
            continue;
        };
        let payload = frame.payload().expect("a payload");
        assert_eq!(payload, publish.payload);
        if !payload.is_empty() {
            assert_eq!(payload.as_ptr_range().end, frame.as_bytes().as_ptr_range().end);
            drop(frame);
            assert!(received.contains(&payload.as_ptr()));
        }
    }
}

// --- sending

#[test]
fn every_vector_is_sent_behind_what_waits() {
    for vector in vectors::golden() {
        let mut codec = MqttCodec::default();
        let wanted = [b"before", &vector.frame[..]].concat();
        let mut dst = BytesMut::from(&b"before"[..]);
        parse(&vector.text).with(|packet| codec.encode(packet, &mut dst)).unwrap();
        assert!(dst == wanted, "{}: {}", vector.place, excerpt(&dst));

        let frame = Frame::new(&Decoder::DEFAULT, &vector.frame[..]).unwrap();
        dst.truncate(6);
        codec.encode(&frame, &mut dst).unwrap();
        assert!(dst == wanted, "{}: {}", vector.place, excerpt(&dst));
        dst.truncate(6);
        codec.encode(frame, &mut dst).unwrap();
        assert!(dst == wanted, "{}: {}", vector.place, excerpt(&dst));
    }
}

#[test]
fn what_breaks_a_rule_is_not_sent() {
    let mut codec = MqttCodec::default();
    let mut dst = BytesMut::from(&b"before"[..]);
    let suback = SubAck { id: PacketId::MIN, return_codes: SubAckCodes::new(&[SubAckCode(3)]) };
    let raw = Decoder::DEFAULT.allow_raw_suback_codes(true);
    let errors = [
        codec.encode(Packet::SubAck(suback), &mut dst).unwrap_err(),
        codec.encode(&Frame::new(&raw, b"\x90\x03\x00\x01\x03").unwrap(), &mut dst).unwrap_err(),
    ];
    for error in errors {
        let wanted = EncodeError::Invalid(ErrorKind::SubackReturnCode);
        assert!(matches!(error, CodecError::Encode(error) if error == wanted), "{error:?}");
    }
    assert_eq!(dst, &b"before"[..]);
    codec.encode(Packet::from(PubAck { id: PacketId::MIN }), &mut dst).unwrap();
    assert_eq!(dst, &b"before\x40\x02\x00\x01"[..]);
}

/// No option of the decoder loosens what is sent.
#[test]
fn a_tolerated_frame_is_sent_in_canonical_form() {
    let lenient = Decoder::DEFAULT.allow_dup_without_qos(true).allow_padded_remaining_length(true);
    let frame = Frame::new(&lenient, b"\x38\x84\x00\x00\x01tx").unwrap();
    let mut dst = BytesMut::new();
    MqttCodec::new(lenient).encode(&frame, &mut dst).unwrap();
    assert_eq!(dst, &b"\x30\x04\x00\x01tx"[..]);
}

// --- under `Framed`

/// What is waited for must come, or the test ends.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("within 20 s")
}

#[tokio::test]
async fn packets_larger_than_the_pipe_both_ways() {
    let (here, there) = tokio::io::duplex(100);
    let payload: Vec<_> = (0..200_000_u32).map(|at| at as u8).collect();
    let sent = payload.clone();
    let sender = tokio::spawn(async move {
        let mut framed = Framed::new(here, MqttCodec::default());
        soon(framed.send(publish(&sent))).await.unwrap();
        let echo = soon(framed.next()).await.unwrap().unwrap();
        assert_eq!(echo.payload().unwrap(), sent);
        soon(framed.send(Packet::Disconnect)).await.unwrap();
    });
    let mut framed = Framed::new(there, MqttCodec::default());
    let frame = soon(framed.next()).await.unwrap().unwrap();
    assert_eq!(frame.payload().unwrap(), payload);
    soon(framed.send(frame)).await.unwrap();
    assert_eq!(soon(framed.next()).await.unwrap().unwrap().packet(), Packet::Disconnect);
    assert!(soon(framed.next()).await.is_none());
    soon(sender).await.unwrap();
}

#[tokio::test]
async fn after_an_error_no_frame_comes() {
    let (mut here, there) = tokio::io::duplex(100);
    soon(here.write_all(b"\xd0\x00\x00\x00\xd0\x00")).await.unwrap();
    let mut framed = Framed::new(there, MqttCodec::default());
    assert_eq!(soon(framed.next()).await.unwrap().unwrap().packet(), Packet::PingResp);
    let error = refused(soon(framed.next()).await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::PacketTypeReserved);
    assert!(soon(framed.next()).await.is_none());
    drop(here);
    while let Some(result) = soon(framed.next()).await {
        assert_eq!(refused(result.unwrap_err()), error);
    }
}

// --- the example

fn client() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| common::example::build("tokio_client", &["tokio-codec"]))
}

fn run_client(args: &[&str]) -> Output {
    Command::new(client()).args(args).output().unwrap()
}

fn assert_fails(output: &Output, wanted: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains(wanted), "{errors:?} instead of {wanted:?}");
}

#[test]
fn the_client_receives_what_it_publishes() {
    let broker = Broker::start();
    let output = run_client(&[&format!("127.0.0.1:{}", broker.port), "a/b", "hello, tokio"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "connected\nsubscribed to a/b: granted QoS 1\npublished\nreceived on a/b: hello, tokio\ndisconnected\n"
    );
    assert_eq!(output.stderr, b"");
}

#[test]
fn the_client_gives_up_on_a_broker_that_is_not_there() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    assert_fails(&run_client(&[&address]), &format!("tokio_client: {address}: "));
}

/// A broker that takes one connection, reads the CONNECT, answers `answer`, and then waits for the end.
fn answers(answer: &'static [u8], close: bool) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serve = move || {
        let (mut socket, _): (TcpStream, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert!(socket.read(&mut [0; 1024]).unwrap() > 0);
        socket.write_all(answer).unwrap();
        if !close {
            let end = socket.read_to_end(&mut Vec::new());
            assert!(end.is_ok() || end.is_err_and(|error| error.kind() == IoErrorKind::ConnectionReset));
        }
    };
    (address, thread::spawn(serve))
}

#[test]
fn the_client_says_what_went_wrong() {
    for (answer, close, wanted) in [
        (&b"\x20\x02\x00\x05"[..], false, "the broker refuses the connection: not authorized"),
        (b"\x30\x03\x00\x01#", false, "a topic name must not hold a wildcard (byte 4)"),
        (b"\xd0\x00", false, "PINGRESP came instead of CONNACK"),
        (b"", true, "the broker closed the connection instead of sending CONNACK"),
        (b"\x20\x02", true, "the packet ends before this field does (byte 2)"),
    ] {
        let (address, broker) = answers(answer, close);
        assert_fails(&run_client(&[&address]), wanted);
        broker.join().unwrap();
    }
}

#[test]
fn the_client_waits_no_longer_than_it_should() {
    let start = Instant::now();
    for (answer, wanted) in
        [(&b""[..], "no CONNACK within 1 s"), (b"\x20\x02\x00\x00", "no SUBACK within 1 s")]
    {
        let (address, broker) = answers(answer, false);
        assert_fails(&run_client(&["--seconds", "1", &address]), wanted);
        broker.join().unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn bad_arguments_are_answered_with_the_usage() {
    for args in
        [&[][..], &["--seconds"], &["--seconds", "x", "a:1"], &["--what", "a:1"], &["a:1", "t", "m", "?"]]
    {
        let output = run_client(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(output.stdout, b"");
        assert!(output.stderr.starts_with(b"usage: tokio_client "), "{args:?}");
    }
}

//! The encode functions with any integers in every field: they write what the Rust API writes for the same
//! values, or refuse what it cannot even hold.

use arbitrary::{Result, Unstructured};
use mqtt_codec::list::{Item, List};
use mqtt_codec::v3::{
    ConnAck, Connect, ConnectReturnCode, Delivery, Disconnect, Login, Packet, PingReq, PingResp, Protocol,
    PubAck, PubComp, PubRec, PubRel, Publish, PublishHeader, SubAck, SubAckCode, Subscribe, Subscription,
    UnsubAck, Unsubscribe, Will,
};
use mqtt_codec::{Binary, EncodeError, ErrorKind, PacketId, QoS, TopicFilter, TopicName, Utf8};
use mqtt_ffi::ack::{
    mqttc_puback_encode, mqttc_pubcomp_encode, mqttc_pubrec_encode, mqttc_pubrel_encode,
    mqttc_unsuback_encode,
};
use mqtt_ffi::bodyless::{mqttc_disconnect_encode, mqttc_pingreq_encode, mqttc_pingresp_encode};
use mqtt_ffi::connack::{mqttc_connack, mqttc_connack_encode};
use mqtt_ffi::connect::{mqttc_connect, mqttc_connect_encode};
use mqtt_ffi::filters::{
    mqttc_filter_list, mqttc_filters, mqttc_subscribe, mqttc_subscribe_encode, mqttc_subscription,
    mqttc_unsubscribe, mqttc_unsubscribe_encode,
};
use mqtt_ffi::packet::{mqttc_packet, mqttc_packet_body, mqttc_packet_encode};
use mqtt_ffi::publish::{
    mqttc_payload_counter, mqttc_payload_counter_count, mqttc_payload_counter_end,
    mqttc_payload_counter_init, mqttc_publish, mqttc_publish_encode, mqttc_publish_encode_before,
    mqttc_publish_header_encode,
};
use mqtt_ffi::slice::mqttc_slice;
use mqtt_ffi::status::mqttc_status;
use mqtt_ffi::suback::{mqttc_suback, mqttc_suback_encode};

use super::guarded::{Buffer, CANARY, Slot};
use super::said::{FIRST_RULE, INVALID_ARGUMENT, TOO_SMALL, encode_by, slice, status_of};

/// The largest output of an input.
const MAX_CAP: usize = 300;

/// The most items of a list.
const MAX_ITEMS: usize = 5;

pub(super) fn check(input: &[u8]) {
    let mut u = Unstructured::new(input);
    let Ok(cap) = u.int_in_range(0..=MAX_CAP) else { return };
    let mut case = Case { pool: input, out: Buffer::new(cap), cap, overlaps: false };
    let _ = case.run(&mut u);
}

/// What one call is given.
struct Case<'a> {
    /// Where slices point.
    pool: &'a [u8],
    out: Buffer,
    cap: usize,
    /// A slice of the output was given out.
    overlaps: bool,
}

/// A value for C, and the same for Rust; `None` where C must refuse it.
type Both<C, R> = (C, Option<R>);

impl<'a> Case<'a> {
    fn run(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=13_u8)? {
            0 => {
                let (c, rust) = self.connect(u)?;
                // SAFETY: `c` is live, and its slices are of live bytes or such as are refused; so below.
                let encode = |buf, cap, why| unsafe { mqttc_connect_encode(&c, buf, cap, why) };
                let why = self.call(packet_of(rust), encode);
                assert!(why > FIRST_RULE || !is_at_odds(&c), "{why}");
            }
            1 => {
                let (c, rust) = connack(u)?;
                // SAFETY: as above.
                self.call(packet_of(rust), |buf, cap, why| unsafe {
                    mqttc_connack_encode(&c, buf, cap, why)
                });
            }
            2 => {
                let (c, rust) = self.publish(u)?;
                // SAFETY: as above.
                self.call(packet_of(rust), |buf, cap, why| unsafe {
                    mqttc_publish_encode(&c, buf, cap, why)
                });
            }
            3 => self.publish_header(u)?,
            4 => self.subscribe(u)?,
            5 => self.unsubscribe(u)?,
            6 => {
                let (c, rust) = self.suback_codes(u)?;
                let codes: Option<Vec<SubAckCode>> =
                    rust.as_ref().map(|(_, codes)| codes.iter().copied().map(SubAckCode).collect());
                let packet = rust
                    .zip(codes.as_ref())
                    .map(|((id, _), codes)| SubAck { id, return_codes: List::new(codes) }.into());
                // SAFETY: as above.
                self.call(packet, |buf, cap, why| unsafe { mqttc_suback_encode(&c, buf, cap, why) });
            }
            7 => self.acknowledgements(u.arbitrary()?),
            8 => self.bodyless(),
            9 => self.publish_before(u)?,
            _ => self.packet(u)?,
        }
        Ok(())
    }

    /// Calls an encoder and looks at all that it may and may not have done.
    fn call(
        &mut self,
        packet: Option<Packet<'_>>,
        encode: impl Fn(*mut u8, usize, *mut mqttc_status) -> usize,
    ) -> i32 {
        let rust = packet.map(|packet| {
            let mut frame = vec![0; packet.encoded_len()];
            packet.encode(&mut frame).map(|_| frame)
        });
        let (buf, cap) = (self.out.as_mut_ptr(), self.cap);
        // A status that would lie in the output goes nowhere, and neither does the packet.
        let place = buf.wrapping_add(buf.align_offset(align_of::<mqttc_status>()));
        if cap >= 2 * size_of::<mqttc_status>() {
            assert_eq!(encode(buf, cap, place.cast()), 0);
            self.out.written(0);
        }
        let (n, why) = ask(&encode, buf, cap);
        match &rust {
            // NULL: the question for the size.
            Some(Ok(frame)) if cap == 0 => {
                assert_eq!((n, why), (frame.len(), 0));
                self.out.written(0);
            }
            Some(Ok(frame)) if frame.len() <= cap => {
                assert_eq!((n, why), (frame.len(), 0));
                assert_eq!(self.out.written(n), frame);
            }
            Some(Ok(_)) => {
                assert_eq!((n, why), (0, TOO_SMALL));
                self.out.written(0);
            }
            Some(Err(EncodeError::Invalid(kind))) => {
                assert_eq!((n, why), (0, status_of(*kind)));
                self.out.written(0);
            }
            Some(Err(error)) => panic!("{error:?} with room for the packet"),
            None => {
                assert!(n == 0 && why < 0 && why != TOO_SMALL, "{n}, {why}: it should be refused");
                self.out.written(0);
            }
        }
        assert_eq!(encode(buf, cap, std::ptr::null_mut()), n, "without `why`");
        // What lies in the output lies elsewhere when there is none.
        if !self.overlaps {
            match rust {
                Some(Ok(frame)) => assert_eq!(encode_by(encode), Ok(frame)),
                _ => assert_eq!(ask(&encode, std::ptr::null_mut(), 0), (0, why)),
            }
        }
        why
    }

    /// A slice: of the input, NULL, too long to be one, or of the output.
    fn slice(&mut self, u: &mut Unstructured<'_>) -> Result<Both<mqttc_slice, &'a [u8]>> {
        let bytes = self.pool;
        Ok(match u.int_in_range(0..=15_u8)? {
            0 => (mqttc_slice { ptr: std::ptr::null(), len: 0 }, Some(&[])),
            1 => (mqttc_slice { ptr: std::ptr::null(), len: u.int_in_range(1..=usize::MAX)? }, None),
            2 => {
                let len = u.int_in_range(isize::MAX as usize + 1..=usize::MAX)?;
                (mqttc_slice { ptr: bytes.as_ptr(), len }, None)
            }
            3 if self.cap > 0 => {
                let at = u.int_in_range(0..=self.cap - 1)?;
                let len = u.int_in_range(1..=self.cap - at)?;
                self.overlaps = true;
                (mqttc_slice { ptr: self.out.as_mut_ptr().wrapping_add(at), len }, None)
            }
            _ => {
                let at = u.int_in_range(0..=bytes.len())?;
                let len = u.int_in_range(0..=(bytes.len() - at).min(40))?;
                let bytes = &bytes[at..at + len];
                (slice(bytes), Some(bytes))
            }
        })
    }

    fn connect(&mut self, u: &mut Unstructured<'_>) -> Result<Both<mqttc_connect, Connect<'a>>> {
        let (client_id, id) = self.slice(u)?;
        let (will_topic, topic) = self.slice(u)?;
        let (will_message, message) = self.slice(u)?;
        let (user_name, user) = self.slice(u)?;
        let (password, secret) = self.slice(u)?;
        let c = mqttc_connect {
            client_id,
            will_topic,
            will_message,
            user_name,
            password,
            keep_alive: u.arbitrary()?,
            protocol_level: near(u, 3..=4)?,
            clean_session: near(u, 0..=1)?,
            has_will: near(u, 0..=1)?,
            will_qos: near(u, 0..=2)?,
            will_retain: near(u, 0..=1)?,
            has_user_name: near(u, 0..=1)?,
            has_password: near(u, 0..=1)?,
        };
        let rust = || {
            if is_at_odds(&c) {
                return None;
            }
            let protocol = match c.protocol_level {
                3 => Protocol::V3_1,
                4 => Protocol::V3_1_1,
                _ => return None,
            };
            let retain = flag(c.will_retain)?;
            let will = if flag(c.has_will)? {
                Some(Will {
                    topic: TopicName::from_bytes(topic?).ok()?,
                    message: Binary::new(message?).ok()?,
                    qos: QoS::from_bits(c.will_qos)?,
                    retain,
                })
            } else if c.will_qos != 0 || retain {
                return None;
            } else {
                None
            };
            let password = if flag(c.has_password)? { Some(Binary::new(secret?).ok()?) } else { None };
            let login = match (flag(c.has_user_name)?, password) {
                (true, password) => Some(Login { user_name: Utf8::from_bytes(user?).ok()?, password }),
                (false, None) => None,
                (false, Some(_)) => return None,
            };
            Some(Connect {
                protocol,
                client_id: Utf8::from_bytes(id?).ok()?,
                clean_session: flag(c.clean_session)?,
                keep_alive: c.keep_alive,
                will,
                login,
            })
        };
        Ok((c, rust()))
    }

    fn publish(&mut self, u: &mut Unstructured<'_>) -> Result<Both<mqttc_publish, Publish<'a>>> {
        let (topic, name) = self.slice(u)?;
        let (payload, bytes) = self.slice(u)?;
        let c = mqttc_publish {
            topic,
            payload,
            packet_id: u.int_in_range(0..=3)?,
            qos: near(u, 0..=2)?,
            dup: near(u, 0..=1)?,
            retain: near(u, 0..=1)?,
        };
        let rust = header_of(&c, name).zip(bytes).map(|(header, payload)| {
            let PublishHeader { topic, delivery, retain } = header;
            Publish { topic, delivery, retain, payload }
        });
        Ok((c, rust))
    }

    /// The header alone, for a payload of any length, and the counter that goes with it.
    fn publish_header(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (topic, name) = self.slice(u)?;
        let c = self.publish_of(topic, u)?;
        let len: u32 = if u.arbitrary()? { u.arbitrary()? } else { u.int_in_range(0..=300)? };
        let header = header_of(&c, name);
        // SAFETY: as in `run`.
        let encode = |buf, cap, why| unsafe { mqttc_publish_header_encode(&c, len, buf, cap, why) };
        let (buf, cap) = (self.out.as_mut_ptr(), self.cap);
        let (n, why) = ask(&encode, buf, cap);
        match header.map(|header| encoded(&header, len as usize)) {
            Some(Ok(bytes)) if cap == 0 => assert_eq!((n, why), (bytes.len(), 0)),
            Some(Ok(bytes)) if bytes.len() <= cap => {
                assert_eq!((n, why), (bytes.len(), 0));
                assert_eq!(self.out.written(n), bytes);
                if !self.overlaps {
                    assert_eq!(encode_by(encode), Ok(bytes));
                }
                return count(u, len);
            }
            Some(Ok(_)) => assert_eq!((n, why), (0, TOO_SMALL)),
            Some(Err(kind)) => assert_eq!((n, why), (0, status_of(kind))),
            None => assert!(n == 0 && why < 0 && why != TOO_SMALL, "{n}, {why}"),
        }
        self.out.written(0);
        count(u, len)
    }

    /// The fields of a PUBLISH whose payload is not looked at.
    fn publish_of(&self, topic: mqttc_slice, u: &mut Unstructured<'_>) -> Result<mqttc_publish> {
        Ok(mqttc_publish {
            topic,
            payload: mqttc_slice { ptr: std::ptr::null(), len: u.arbitrary()? },
            packet_id: u.int_in_range(0..=3)?,
            qos: near(u, 0..=2)?,
            dup: near(u, 0..=1)?,
            retain: near(u, 0..=1)?,
        })
    }

    /// The header before a payload that lies in the buffer already: it is what is written elsewhere, and ends
    /// where the payload begins.
    fn publish_before(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (topic, name) = self.slice(u)?;
        let c = self.publish_of(topic, u)?;
        let at = u.int_in_range(0..=self.cap)?;
        let len = if u.ratio(1, 4)? { u.arbitrary()? } else { u.int_in_range(0..=300)? };
        let buf = self.out.as_mut_ptr();
        // A topic in the output: behind `at`, in the payload, it is read as it is there.
        let lies_at = (topic.ptr as usize).wrapping_sub(buf as usize);
        let among_the_payload = vec![CANARY; topic.len.min(self.cap)];
        let is_in_the_payload = self.overlaps && lies_at >= at && lies_at < self.cap;
        let name = if is_in_the_payload { Some(&among_the_payload[..]) } else { name };
        let header = header_of(&c, name).map(|header| encoded(&header, len));
        // SAFETY: as in `run`; `at` bytes are there.
        let encode = |buf, at, why| unsafe { mqttc_publish_encode_before(&c, buf, at, len, why) };
        let (n, why) = ask(&encode, buf, at);
        match &header {
            Some(Ok(bytes)) if buf.is_null() => assert_eq!((n, why), (bytes.len(), 0)),
            Some(Ok(bytes)) if bytes.len() <= at => {
                assert_eq!((n, why), (bytes.len(), 0));
                assert_eq!(self.out.written_in(at - n..at), bytes);
            }
            Some(Ok(_)) => assert_eq!((n, why), (0, TOO_SMALL)),
            Some(Err(kind)) => assert_eq!((n, why), (0, status_of(*kind))),
            None => assert!(n == 0 && why < 0 && why != TOO_SMALL, "{n}, {why}"),
        }
        if n == 0 || buf.is_null() {
            self.out.written(0);
        }
        if !self.overlaps {
            let size = ask(&encode, std::ptr::null_mut(), 0);
            match &header {
                Some(Ok(bytes)) => assert_eq!(size, (bytes.len(), 0)),
                _ => assert_eq!(size, (0, why)),
            }
            if let Ok(len) = u32::try_from(len) {
                // SAFETY: as in `run`.
                let elsewhere =
                    encode_by(|buf, cap, why| unsafe { mqttc_publish_header_encode(&c, len, buf, cap, why) });
                match header {
                    Some(Ok(bytes)) => assert_eq!(elsewhere, Ok(bytes)),
                    _ => assert_eq!(elsewhere, Err(why)),
                }
            }
        }
        Ok(())
    }

    fn subscribe(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (mut filters, mut rust) = (Vec::new(), Some(Vec::new()));
        for _ in 0..u.int_in_range(0..=MAX_ITEMS)? {
            let (filter, bytes) = self.slice(u)?;
            let qos = near(u, 0..=2)?;
            filters.push(mqttc_subscription { filter, qos });
            let item = bytes.and_then(|bytes| {
                Some(Subscription { filter: TopicFilter::from_bytes(bytes).ok()?, qos: QoS::from_bits(qos)? })
            });
            rust = rust.zip(item).map(|(mut items, item)| {
                items.push(item);
                items
            });
        }
        let packet_id = u.int_in_range(0..=3)?;
        let (ptr, count, lies) = array(u, &filters)?;
        let c = mqttc_subscribe { filters: ptr, count, packet_id };
        let items = rust.filter(|_| !lies).zip(PacketId::new(packet_id));
        let packet = items.as_ref().map(|(items, id)| Subscribe { id: *id, filters: List::new(items) });
        // SAFETY: as in `run`.
        self.call(packet_of(packet), |buf, cap, why| unsafe { mqttc_subscribe_encode(&c, buf, cap, why) });
        Ok(())
    }

    fn unsubscribe(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (mut filters, mut rust) = (Vec::new(), Some(Vec::new()));
        for _ in 0..u.int_in_range(0..=MAX_ITEMS)? {
            let (filter, bytes) = self.slice(u)?;
            filters.push(filter);
            let item = bytes.and_then(|bytes| TopicFilter::from_bytes(bytes).ok());
            rust = rust.zip(item).map(|(mut items, item)| {
                items.push(item);
                items
            });
        }
        let packet_id = u.int_in_range(0..=3)?;
        let (ptr, count, lies) = array(u, &filters)?;
        let c = mqttc_unsubscribe { filters: ptr, count, packet_id };
        let items = rust.filter(|_| !lies).zip(PacketId::new(packet_id));
        let packet = items.as_ref().map(|(items, id)| Unsubscribe { id: *id, filters: List::new(items) });
        // SAFETY: as in `run`.
        self.call(packet_of(packet), |buf, cap, why| unsafe { mqttc_unsubscribe_encode(&c, buf, cap, why) });
        Ok(())
    }

    fn suback_codes(&mut self, u: &mut Unstructured<'_>) -> Result<Both<mqttc_suback, (PacketId, &'a [u8])>> {
        let (return_codes, bytes) = self.slice(u)?;
        let packet_id = u.int_in_range(0..=3)?;
        Ok((mqttc_suback { return_codes, packet_id }, PacketId::new(packet_id).zip(bytes)))
    }

    fn acknowledgements(&mut self, number: u16) {
        let id = PacketId::new(number);
        let call = |case: &mut Self, packet: Option<Packet<'static>>, encode: Acknowledge| {
            // SAFETY: the output is live.
            case.call(packet, |buf, cap, why| unsafe { encode(number, buf, cap, why) });
            case.out = Buffer::new(case.cap);
        };
        call(self, id.map(|id| PubAck { id }.into()), mqttc_puback_encode);
        call(self, id.map(|id| PubRec { id }.into()), mqttc_pubrec_encode);
        call(self, id.map(|id| PubRel { id }.into()), mqttc_pubrel_encode);
        call(self, id.map(|id| PubComp { id }.into()), mqttc_pubcomp_encode);
        call(self, id.map(|id| UnsubAck { id }.into()), mqttc_unsuback_encode);
    }

    fn bodyless(&mut self) {
        // SAFETY: the output is live, here and below.
        self.call(Some(PingReq.into()), |buf, cap, why| unsafe { mqttc_pingreq_encode(buf, cap, why) });
        self.out = Buffer::new(self.cap);
        // SAFETY: as above.
        self.call(Some(PingResp.into()), |buf, cap, why| unsafe { mqttc_pingresp_encode(buf, cap, why) });
        self.out = Buffer::new(self.cap);
        // SAFETY: as above.
        self.call(Some(Disconnect.into()), |buf, cap, why| unsafe { mqttc_disconnect_encode(buf, cap, why) });
    }

    /// A packet as if it had been decoded, with any type.
    fn packet(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let number = near(u, 1..=14)?;
        let tolerated = u.arbitrary()?;
        let codes: Vec<SubAckCode>;
        let (body, rust): Both<mqttc_packet_body, Packet<'_>> = match number {
            1 => {
                let (connect, rust) = self.connect(u)?;
                (mqttc_packet_body { connect }, packet_of(rust))
            }
            2 => {
                let (connack, rust) = connack(u)?;
                (mqttc_packet_body { connack }, packet_of(rust))
            }
            3 => {
                let (publish, rust) = self.publish(u)?;
                (mqttc_packet_body { publish }, packet_of(rust))
            }
            8 => {
                let (subscribe, bytes) = self.filter_list(u)?;
                let rust = bytes.filter(|_| subscribe.filters.has_qos == 1).and_then(wire_list);
                let rust = rust.zip(PacketId::new(subscribe.packet_id));
                let packet = packet_of(rust.map(|(filters, id)| Subscribe { id, filters }));
                (mqttc_packet_body { subscribe }, packet)
            }
            9 => {
                let (suback, rust) = self.suback_codes(u)?;
                codes = rust.map_or(Vec::new(), |(_, codes)| codes.iter().copied().map(SubAckCode).collect());
                let packet = rust.map(|(id, _)| SubAck { id, return_codes: List::new(&codes) });
                (mqttc_packet_body { suback }, packet_of(packet))
            }
            10 => {
                let (unsubscribe, bytes) = self.filter_list(u)?;
                let rust = bytes.filter(|_| unsubscribe.filters.has_qos == 0).and_then(wire_list);
                let rust = rust.zip(PacketId::new(unsubscribe.packet_id));
                let packet = packet_of(rust.map(|(filters, id)| Unsubscribe { id, filters }));
                (mqttc_packet_body { unsubscribe }, packet)
            }
            _ => {
                let packet_id: u16 = u.int_in_range(0..=3)?;
                let id = PacketId::new(packet_id);
                let packet = match number {
                    4 => id.map(|id| PubAck { id }.into()),
                    5 => id.map(|id| PubRec { id }.into()),
                    6 => id.map(|id| PubRel { id }.into()),
                    7 => id.map(|id| PubComp { id }.into()),
                    11 => id.map(|id| UnsubAck { id }.into()),
                    12 => Some(Packet::PingReq),
                    13 => Some(Packet::PingResp),
                    14 => Some(Packet::Disconnect),
                    _ => None,
                };
                (mqttc_packet_body { packet_id }, packet)
            }
        };
        let c = mqttc_packet { u: body, tolerated, r#type: number };
        // SAFETY: as in `run`.
        self.call(rust, |buf, cap, why| unsafe { mqttc_packet_encode(&c, buf, cap, why) });
        Ok(())
    }

    fn filter_list(&mut self, u: &mut Unstructured<'_>) -> Result<Both<mqttc_filter_list, &'a [u8]>> {
        let (rest, bytes) = self.slice(u)?;
        let filters = mqttc_filters { rest, has_qos: near(u, 0..=1)?, unvalidated: near(u, 0..=1)? };
        let bytes = bytes.filter(|_| filters.unvalidated <= 1);
        Ok((mqttc_filter_list { filters, packet_id: u.int_in_range(0..=3)? }, bytes))
    }
}

type Acknowledge = unsafe extern "C" fn(u16, *mut u8, usize, *mut mqttc_status) -> usize;

/// The length and the status that an encoder gives.
fn ask(
    encode: &impl Fn(*mut u8, usize, *mut mqttc_status) -> usize,
    buf: *mut u8,
    cap: usize,
) -> (usize, mqttc_status) {
    let mut why = Slot::<mqttc_status>::new();
    let n = encode(buf, cap, why.as_mut_ptr());
    // SAFETY: it is filled with each result.
    let why = unsafe { why.filled() };
    assert!(why <= 0 && (n == 0) == (why < 0), "{n}, {why}");
    (n, why)
}

/// A flag that is none, or a text that is there while its flag says that it is not: that comes before any
/// rule.
fn is_at_odds(c: &mqttc_connect) -> bool {
    let flags = [c.clean_session, c.has_will, c.will_retain, c.has_user_name, c.has_password];
    let absent = [
        (c.has_will, c.will_topic),
        (c.has_will, c.will_message),
        (c.has_user_name, c.user_name),
        (c.has_password, c.password),
    ];
    flags.iter().any(|flag| *flag > 1) || absent.iter().any(|(flag, text)| *flag == 0 && text.len > 0)
}

/// A PUBLISH without its payload; `None` where C must refuse it.
fn header_of<'a>(c: &mqttc_publish, name: Option<&'a [u8]>) -> Option<PublishHeader<'a>> {
    let (dup, retain) = (flag(c.dup)?, flag(c.retain)?);
    let delivery = Delivery::new(QoS::from_bits(c.qos)?, c.packet_id, dup).ok()?;
    Some(PublishHeader { topic: TopicName::from_bytes(name?).ok()?, delivery, retain })
}

/// The same encoded for a payload of `len` bytes.
fn encoded(header: &PublishHeader<'_>, len: usize) -> std::result::Result<Vec<u8>, ErrorKind> {
    let mut out = [0; 2 * MAX_CAP];
    match header.encode(len.try_into().unwrap_or(u32::MAX), &mut out) {
        Ok(n) => Ok(out[..n].to_vec()),
        Err(EncodeError::Invalid(kind)) => Err(kind),
        Err(error) => panic!("{error:?} for a topic of {} bytes", header.topic.as_bytes().len()),
    }
}

/// Counts a payload of `len` bytes in any pieces, and what is no counter.
fn count(u: &mut Unstructured<'_>, len: u32) -> Result<()> {
    let mut counter = Slot::<mqttc_payload_counter>::new();
    // SAFETY: live, here and below; it is filled.
    let mut counter = unsafe {
        mqttc_payload_counter_init(counter.as_mut_ptr(), len);
        counter.filled()
    };
    assert_eq!((counter.declared, counter.left), (len, len));
    // No header declares more than this.
    let is_one = |left: u32| left <= len && len <= 268_435_455;
    let mut left = len;
    for _ in 0..4 {
        let piece = u.int_in_range(0..=len.saturating_add(1))?;
        // SAFETY: as above.
        let counted = unsafe { mqttc_payload_counter_count(&mut counter, piece as usize) };
        match left.checked_sub(piece) {
            Some(rest) if is_one(left) => {
                assert_eq!(counted, 0);
                left = rest;
            }
            _ => assert_eq!(counted, INVALID_ARGUMENT),
        }
        assert_eq!((counter.declared, counter.left), (len, left));
        // SAFETY: as above.
        let ended = unsafe { mqttc_payload_counter_end(&counter) };
        assert_eq!(ended, if left == 0 && is_one(left) { 0 } else { INVALID_ARGUMENT });
    }
    let piece = u.int_in_range(len as usize + 1..=usize::MAX)?;
    // SAFETY: as above.
    assert_eq!(unsafe { mqttc_payload_counter_count(&mut counter, piece) }, INVALID_ARGUMENT);
    counter.left = u.arbitrary()?;
    let before = counter.left;
    // SAFETY: as above.
    let (ended, counted) =
        unsafe { (mqttc_payload_counter_end(&counter), mqttc_payload_counter_count(&mut counter, 0)) };
    assert_eq!(ended, if before == 0 && is_one(before) { 0 } else { INVALID_ARGUMENT });
    assert_eq!((counted, counter.left), (if is_one(before) { 0 } else { INVALID_ARGUMENT }, before));
    Ok(())
}

fn packet_of<'a>(packet: Option<impl Into<Packet<'a>>>) -> Option<Packet<'a>> {
    packet.map(Into::into)
}

fn wire_list<'a, T: Item<'a>>(bytes: &'a [u8]) -> Option<List<'a, T>> {
    List::from_wire(bytes).ok()
}

/// A number that mostly lies in the range.
fn near(u: &mut Unstructured<'_>, range: std::ops::RangeInclusive<u8>) -> Result<u8> {
    if u.ratio(1, 16)? { u.arbitrary() } else { u.int_in_range(range) }
}

fn flag(byte: u8) -> Option<bool> {
    match byte {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn connack(u: &mut Unstructured<'_>) -> Result<Both<mqttc_connack, ConnAck>> {
    let c = mqttc_connack { session_present: near(u, 0..=1)?, return_code: near(u, 0..=6)? };
    let rust = flag(c.session_present)
        .map(|session_present| ConnAck { session_present, return_code: ConnectReturnCode(c.return_code) });
    Ok((c, rust))
}

/// The array's address and length, now and then such as it cannot be; then true.
fn array<T>(u: &mut Unstructured<'_>, items: &[T]) -> Result<(*const T, usize, bool)> {
    Ok(match u.int_in_range(0..=15_u8)? {
        0 => (std::ptr::null(), u.int_in_range(1..=usize::MAX)?, true),
        1 => (items.as_ptr(), u.int_in_range(usize::MAX / size_of::<T>() + 1..=usize::MAX)?, true),
        2 if !items.is_empty() => (items.as_ptr().wrapping_byte_add(1), items.len(), true),
        _ => (items.as_ptr(), items.len(), false),
    })
}

//! The encode functions with any integers in every field: they write what the Rust API writes for the same
//! values, or refuse what it cannot even hold.

use arbitrary::{Result, Unstructured};
use mqtt_codec::list::{Item, List};
use mqtt_codec::v3::{
    ConnAck, Connect, ConnectReturnCode, Delivery, Disconnect, Login, Packet, PingReq, PingResp, Protocol,
    PubAck, PubComp, PubRec, PubRel, Publish, SubAck, SubAckCode, Subscribe, Subscription, UnsubAck,
    Unsubscribe, Will,
};
use mqtt_codec::{Binary, EncodeError, PacketId, QoS, TopicFilter, TopicName, Utf8};
use mqtt_ffi::encode as c;
use mqtt_ffi::status::mqttc_code::{MQTTC_ERR_BUFFER_TOO_SMALL, MQTTC_ERR_INVALID_ARGUMENT, MQTTC_OK};
use mqtt_ffi::types::{
    mqttc_connack, mqttc_connect, mqttc_filter_list, mqttc_filters, mqttc_packet, mqttc_packet_body,
    mqttc_publish, mqttc_publish_writer, mqttc_slice, mqttc_suback, mqttc_subscribe, mqttc_subscription,
    mqttc_unsubscribe,
};
use mqtt_ffi::writer::{mqttc_publish_writer_end, mqttc_publish_writer_piece, mqttc_publish_writer_start};

use super::decode::status_of;
use super::guarded::{Buffer, Slot};

const TOO_SMALL: i32 = MQTTC_ERR_BUFFER_TOO_SMALL as i32;

/// The largest output of an input.
const MAX_CAP: usize = 300;

/// The most items of a list.
const MAX_ITEMS: usize = 5;

pub(super) fn check(input: &[u8]) {
    let mut u = Unstructured::new(input);
    let Ok(cap) = u.int_in_range(0..=MAX_CAP) else { return };
    let mut case = Case { pool: input, out: Buffer::new(cap), cap };
    let _ = case.run(&mut u);
}

/// What one call is given.
struct Case<'a> {
    /// Where slices point.
    pool: &'a [u8],
    out: Buffer,
    cap: usize,
}

/// A value for C, and the same for Rust; `None` where C must refuse it.
type Both<C, R> = (C, Option<R>);

impl<'a> Case<'a> {
    fn run(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        match u.int_in_range(0..=13_u8)? {
            0 => {
                let (c, rust) = self.connect(u)?;
                // SAFETY: `c` is live, and its slices are of live bytes or such as are refused; so below.
                self.call(packet_of(rust), |buf, cap, n| unsafe { c::mqttc_connect_encode(&c, buf, cap, n) });
            }
            1 => {
                let (c, rust) = connack(u)?;
                // SAFETY: as above.
                self.call(packet_of(rust), |buf, cap, n| unsafe { c::mqttc_connack_encode(&c, buf, cap, n) });
            }
            2 => {
                let (c, rust) = self.publish(u)?;
                // SAFETY: as above.
                self.call(packet_of(rust), |buf, cap, n| unsafe { c::mqttc_publish_encode(&c, buf, cap, n) });
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
                self.call(packet, |buf, cap, n| unsafe { c::mqttc_suback_encode(&c, buf, cap, n) });
            }
            7 => self.acknowledgements(u.arbitrary()?),
            8 => self.empties(),
            _ => self.packet(u)?,
        }
        Ok(())
    }

    /// Calls an encoder and looks at all that it may and may not have done.
    fn call(&mut self, packet: Option<Packet<'_>>, encode: impl Fn(*mut u8, usize, *mut usize) -> i32) {
        let rust = packet.map(|packet| {
            let mut frame = vec![0; packet.encoded_len()];
            packet.encode(&mut frame).map(|_| frame)
        });
        let mut written = Slot::<usize>::new();
        let status = encode(self.out.as_mut_ptr(), self.cap, written.as_mut_ptr());
        // SAFETY: the encoders fill it whatever their answer is.
        let n = unsafe { written.filled() };
        match rust {
            Some(Ok(frame)) if frame.len() <= self.cap => {
                assert_eq!((status, n), (MQTTC_OK as i32, frame.len()));
                assert_eq!(self.out.written(n), frame);
            }
            Some(Ok(frame)) => {
                assert_eq!((status, n), (TOO_SMALL, frame.len()));
                self.out.written(0);
            }
            Some(Err(EncodeError::Invalid(kind))) => {
                assert_eq!((status, n), (status_of(kind), 0));
                self.out.written(0);
            }
            Some(Err(error)) => panic!("{error:?} with room for the packet"),
            None => {
                assert!(status < 0 && status != TOO_SMALL && n == 0, "{status}, {n}: it should be refused");
                self.out.written(0);
            }
        }
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
                (mqttc_slice { ptr: self.out.as_mut_ptr().wrapping_add(at), len }, None)
            }
            _ => {
                let at = u.int_in_range(0..=bytes.len())?;
                let len = u.int_in_range(0..=(bytes.len() - at).min(40))?;
                let bytes = &bytes[at..at + len];
                (mqttc_slice { ptr: bytes.as_ptr(), len }, Some(bytes))
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
        let rust = || {
            let (dup, retain) = (flag(c.dup)?, flag(c.retain)?);
            let delivery = Delivery::new(QoS::from_bits(c.qos)?, c.packet_id, dup).ok()?;
            Some(Publish { topic: TopicName::from_bytes(name?).ok()?, delivery, retain, payload: bytes? })
        };
        Ok((c, rust()))
    }

    /// The header alone, for a payload of any length, and the writer that counts it.
    fn publish_header(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (mut c, _) = self.publish(u)?;
        // The payload is not looked at.
        c.payload = mqttc_slice { ptr: std::ptr::null(), len: u.arbitrary()? };
        let len: u32 = if u.arbitrary()? { u.arbitrary()? } else { u.int_in_range(0..=300)? };
        let mut written = Slot::<usize>::new();
        // SAFETY: as in `run`.
        let status = unsafe {
            c::mqttc_publish_header_encode(&c, len, self.out.as_mut_ptr(), self.cap, written.as_mut_ptr())
        };
        // SAFETY: it is filled whatever the answer is.
        let n = unsafe { written.filled() };
        let header = self.out.written(if status == 0 { n } else { 0 }).to_vec();

        // The writer writes the same and counts.
        let mut again = Buffer::new(self.cap);
        let (mut w, mut m) = (Slot::<mqttc_publish_writer>::new(), Slot::<usize>::new());
        // The topic may lie in the former output: then nothing was written.
        let overlaps = status == MQTTC_ERR_INVALID_ARGUMENT as i32;
        // SAFETY: as above.
        let started = unsafe {
            mqttc_publish_writer_start(w.as_mut_ptr(), &c, len, again.as_mut_ptr(), self.cap, m.as_mut_ptr())
        };
        if started != 0 {
            assert!(started == status || overlaps);
            w.check_untouched();
            return Ok(());
        }
        if overlaps {
            return Ok(());
        }
        // SAFETY: it has started.
        let mut writer = unsafe { w.filled() };
        assert_eq!((status, again.written(n)), (0, &header[..]));
        let mut left = len;
        for _ in 0..4 {
            let piece = u.int_in_range(0..=len.saturating_add(1))?;
            // SAFETY: live.
            let counted = unsafe { mqttc_publish_writer_piece(&mut writer, piece as usize) };
            match left.checked_sub(piece) {
                Some(rest) => {
                    assert_eq!(counted, 0);
                    left = rest;
                }
                None => assert_eq!(counted, MQTTC_ERR_INVALID_ARGUMENT as i32),
            }
            assert_eq!((writer.declared, writer.left), (len, left));
        }
        // SAFETY: live.
        assert_eq!(unsafe { mqttc_publish_writer_end(&writer) } == 0, left == 0);
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
        self.call(packet_of(packet), |buf, cap, n| unsafe { c::mqttc_subscribe_encode(&c, buf, cap, n) });
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
        self.call(packet_of(packet), |buf, cap, n| unsafe { c::mqttc_unsubscribe_encode(&c, buf, cap, n) });
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
            case.call(packet, |buf, cap, n| unsafe { encode(number, buf, cap, n) });
            case.out = Buffer::new(case.cap);
        };
        call(self, id.map(|id| PubAck { id }.into()), c::mqttc_puback_encode);
        call(self, id.map(|id| PubRec { id }.into()), c::mqttc_pubrec_encode);
        call(self, id.map(|id| PubRel { id }.into()), c::mqttc_pubrel_encode);
        call(self, id.map(|id| PubComp { id }.into()), c::mqttc_pubcomp_encode);
        call(self, id.map(|id| UnsubAck { id }.into()), c::mqttc_unsuback_encode);
    }

    fn empties(&mut self) {
        // SAFETY: the output is live, here and below.
        self.call(Some(PingReq.into()), |buf, cap, n| unsafe { c::mqttc_pingreq_encode(buf, cap, n) });
        self.out = Buffer::new(self.cap);
        // SAFETY: as above.
        self.call(Some(PingResp.into()), |buf, cap, n| unsafe { c::mqttc_pingresp_encode(buf, cap, n) });
        self.out = Buffer::new(self.cap);
        // SAFETY: as above.
        self.call(Some(Disconnect.into()), |buf, cap, n| unsafe { c::mqttc_disconnect_encode(buf, cap, n) });
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
        self.call(rust, |buf, cap, n| unsafe { c::mqttc_packet_encode(&c, buf, cap, n) });
        Ok(())
    }

    fn filter_list(&mut self, u: &mut Unstructured<'_>) -> Result<Both<mqttc_filter_list, &'a [u8]>> {
        let (rest, bytes) = self.slice(u)?;
        let filters = mqttc_filters { rest, has_qos: near(u, 0..=1)?, unvalidated: near(u, 0..=1)? };
        let bytes = bytes.filter(|_| filters.unvalidated <= 1);
        Ok((mqttc_filter_list { filters, packet_id: u.int_in_range(0..=3)? }, bytes))
    }
}

type Acknowledge = unsafe extern "C" fn(u16, *mut u8, usize, *mut usize) -> i32;

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

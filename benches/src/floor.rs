//! The floor: the least that a safe decoder can do, and a copy of the finished bytes for encoding.
//!
//! It finds every field in place, proves the strings with `core::str::from_utf8`, and judges nothing
//! else: no flags, no reserved bits, no wildcards, no packet identifier 0, no trailing bytes. It
//! knows the packets of the workloads only.

use core::str::from_utf8;

use crate::workloads::Sample;
use crate::{Header, InPlace, Matching, sum};

/// The floor.
pub struct Floor;

impl InPlace for Floor {
    const NAME: &'static str = "floor";
    type Room = ();
    type Packet<'a> = &'a [u8];

    #[inline(always)]
    fn decode(buf: &[u8]) -> Option<(u64, usize)> {
        parse(buf)
    }

    fn build<'a>(sample: &'a Sample, _room: &'a mut ()) -> &'a [u8] {
        &sample.wire
    }

    #[inline(always)]
    fn encode(packet: &&[u8], out: &mut [u8]) -> usize {
        out[..packet.len()].copy_from_slice(packet);
        packet.len()
    }
}

impl Header for Floor {
    const NAME: &'static str = <Self as InPlace>::NAME;

    #[inline(always)]
    fn header(buf: &[u8]) -> (u8, usize) {
        let (first, len, rest) = fixed_header(buf).expect("the workloads are well-formed");
        (first >> 4, buf.len() - rest.len() + len)
    }
}

/// Level by level, by the standard library's `split`.
impl Matching for Floor {
    const NAME: &'static str = <Self as InPlace>::NAME;
    type Filter<'a> = &'a str;
    type Topic<'a> = &'a str;

    fn filter(filter: &str) -> &str {
        filter
    }

    fn topic(topic: &str) -> &str {
        topic
    }

    #[inline(always)]
    fn matches(filter: &&str, topic: &&str) -> bool {
        let mut names = topic.split('/');
        for level in filter.split('/') {
            match (level, names.next()) {
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (level, Some(name)) if level == name => {}
                _ => return false,
            }
        }
        names.next().is_none()
    }
}

/// The first byte, the remaining length, and what follows it.
#[inline(always)]
fn fixed_header(buf: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (first, mut rest) = buf.split_first()?;
    let (mut len, mut shift) = (0, 0);
    loop {
        let byte = u8_of(&mut rest)?;
        len |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
        shift += 7;
        if shift > 21 {
            return None;
        }
    }
    Some((*first, len, rest))
}

#[inline(always)]
fn parse(buf: &[u8]) -> Option<(u64, usize)> {
    let (first, len, rest) = fixed_header(buf)?;
    let frame_len = buf.len() - rest.len() + len;
    let r = &mut rest.get(..len)?;
    let sum = match first >> 4 {
        1 => connect(r)?,
        3 => {
            let topic = text(r)?;
            let qos = first >> 1 & 3;
            let id = if qos > 0 { u16_of(r)? } else { 0 };
            sum::publish(topic, qos, first & 8 != 0, first & 1 != 0, id, r)
        }
        4 => sum::puback(u16_of(r)?),
        8 => {
            let id = u16_of(r)?;
            // One pass: each filter is proved when its turn comes.
            let mut complete = true;
            let filters = core::iter::from_fn(|| {
                if r.is_empty() {
                    return None;
                }
                let filter = text(r).and_then(|filter| Some((filter, u8_of(r)?)));
                complete = filter.is_some();
                filter
            });
            let sum = sum::subscribe(id, filters);
            complete.then_some(sum)?
        }
        9 => sum::suback(u16_of(r)?, r.iter().copied()),
        12 => sum::pingreq(),
        _ => return None,
    };
    Some((sum, frame_len))
}

#[inline(always)]
fn connect(r: &mut &[u8]) -> Option<u64> {
    if bytes(r)? != b"MQTT" {
        return None;
    }
    let level = u8_of(r)?;
    let flags = u8_of(r)?;
    let keep_alive = u16_of(r)?;
    let client_id = text(r)?;
    let will =
        if flags & 0x04 != 0 { Some((text(r)?, bytes(r)?, flags >> 3 & 3, flags & 0x20 != 0)) } else { None };
    let user_name = if flags & 0x80 != 0 { Some(text(r)?) } else { None };
    let password = if flags & 0x40 != 0 { Some(bytes(r)?) } else { None };
    Some(sum::connect(level, client_id, flags & 2 != 0, keep_alive, will, user_name, password))
}

#[inline(always)]
fn u8_of(r: &mut &[u8]) -> Option<u8> {
    let (byte, rest) = r.split_first()?;
    *r = rest;
    Some(*byte)
}

#[inline(always)]
fn u16_of(r: &mut &[u8]) -> Option<u16> {
    let (bytes, rest) = r.split_first_chunk()?;
    *r = rest;
    Some(u16::from_be_bytes(*bytes))
}

#[inline(always)]
fn bytes<'a>(r: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = u16_of(r)?;
    let (field, rest) = r.split_at_checked(len.into())?;
    *r = rest;
    Some(field)
}

#[inline(always)]
fn text<'a>(r: &mut &'a [u8]) -> Option<&'a [u8]> {
    from_utf8(bytes(r)?).ok().map(str::as_bytes)
}

//! Sums over the fields of a packet: whoever gives the right one has read every field. The order of
//! the fields is written here once, for all contenders.
//!
//! Of a string or a payload its length and its first and last byte count: enough to tell one from
//! another, and cheap beside decoding it.

struct Sum(u64);

impl Sum {
    #[inline(always)]
    fn number(self, number: u64) -> Self {
        Self(self.0.rotate_left(7) ^ number)
    }

    #[inline(always)]
    fn bytes(self, bytes: &[u8]) -> Self {
        let ends = match (bytes.first(), bytes.last()) {
            (Some(first), Some(last)) => u64::from(*first) << 8 | u64::from(*last),
            _ => 0,
        };
        self.number((bytes.len() as u64) << 16 | ends)
    }
}

/// Will topic, will message, will QoS, will retain.
pub type Will<'a> = (&'a [u8], &'a [u8], u8, bool);

/// CONNECT.
#[inline(always)]
pub fn connect(
    level: u8,
    client_id: &[u8],
    clean_session: bool,
    keep_alive: u16,
    will: Option<Will<'_>>,
    user_name: Option<&[u8]>,
    password: Option<&[u8]>,
) -> u64 {
    let mut sum = Sum(1).number(level.into()).bytes(client_id);
    sum = sum.number(u64::from(keep_alive) << 1 | u64::from(clean_session));
    if let Some((topic, message, qos, retain)) = will {
        sum = sum.bytes(topic).bytes(message).number(u64::from(qos) << 1 | u64::from(retain));
    }
    for field in [user_name, password].into_iter().flatten() {
        sum = sum.bytes(field);
    }
    sum.0
}

/// PUBLISH; the packet identifier is 0 for QoS 0.
#[inline(always)]
pub fn publish(topic: &[u8], qos: u8, dup: bool, retain: bool, id: u16, payload: &[u8]) -> u64 {
    let flags = u64::from(qos) << 2 | u64::from(dup) << 1 | u64::from(retain);
    Sum(3).bytes(topic).number(flags << 16 | u64::from(id)).bytes(payload).0
}

/// PUBACK.
#[inline(always)]
pub fn puback(id: u16) -> u64 {
    Sum(4).number(id.into()).0
}

/// SUBSCRIBE: the topic filters, each with its QoS.
#[inline(always)]
pub fn subscribe<'a>(id: u16, filters: impl Iterator<Item = (&'a [u8], u8)>) -> u64 {
    filters.fold(Sum(8).number(id.into()), |sum, (filter, qos)| sum.bytes(filter).number(qos.into())).0
}

/// SUBACK.
#[inline(always)]
pub fn suback(id: u16, codes: impl Iterator<Item = u8>) -> u64 {
    codes.fold(Sum(9).number(id.into()), |sum, code| sum.number(code.into())).0
}

/// PINGREQ.
#[inline(always)]
pub fn pingreq() -> u64 {
    Sum(12).0
}

//! What is decoded and encoded. The bytes are put together here, by hand, so that no contender's
//! encoder is taken on trust.

use crate::{fold, sum};

/// The topic filters of a SUBSCRIBE, and the return codes of a SUBACK.
pub const LIST_LEN: usize = 8;

/// A packet as an application has it: strings, bytes and numbers.
#[derive(Clone, Copy)]
pub enum Message {
    /// With a will of QoS 1, retained, a user name and a password; clean session.
    Connect {
        client_id: &'static str,
        keep_alive: u16,
        will_topic: &'static str,
        will_message: &'static [u8],
        user_name: &'static str,
        password: &'static [u8],
    },
    /// QoS 1 with a packet identifier, QoS 0 without; neither DUP nor RETAIN.
    Publish {
        topic: &'static str,
        id: Option<u16>,
        payload: &'static [u8],
    },
    PubAck {
        id: u16,
    },
    Subscribe {
        id: u16,
        filters: [(&'static str, u8); LIST_LEN],
    },
    SubAck {
        id: u16,
        codes: [u8; LIST_LEN],
    },
    PingReq,
}

/// The level, the QoS of the will and its RETAIN in every CONNECT here.
pub const LEVEL: u8 = 4;
pub const WILL_QOS: u8 = 1;
pub const WILL_RETAIN: bool = true;

/// A message and its finished bytes.
pub struct Sample {
    pub message: Message,
    pub wire: Vec<u8>,
}

/// What one figure is about.
pub struct Workload {
    pub name: &'static str,
    pub samples: Vec<Sample>,
    /// The bytes of all samples, one behind the other.
    pub wire: Vec<u8>,
}

impl Message {
    /// The packet type's number.
    fn packet_type(&self) -> u8 {
        match self {
            Self::Connect { .. } => 1,
            Self::Publish { .. } => 3,
            Self::PubAck { .. } => 4,
            Self::Subscribe { .. } => 8,
            Self::SubAck { .. } => 9,
            Self::PingReq => 12,
        }
    }

    /// The sum that decoding must give.
    pub fn sum(&self) -> u64 {
        match *self {
            Self::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                let will = (will_topic.as_bytes(), will_message, WILL_QOS, WILL_RETAIN);
                let user_name = Some(user_name.as_bytes());
                sum::connect(
                    LEVEL,
                    client_id.as_bytes(),
                    true,
                    keep_alive,
                    Some(will),
                    user_name,
                    Some(password),
                )
            }
            Self::Publish { topic, id, payload } => {
                let qos = u8::from(id.is_some());
                sum::publish(topic.as_bytes(), qos, false, false, id.unwrap_or(0), payload)
            }
            Self::PubAck { id } => sum::puback(id),
            Self::Subscribe { id, filters } => {
                sum::subscribe(id, filters.iter().map(|(filter, qos)| (filter.as_bytes(), *qos)))
            }
            Self::SubAck { id, codes } => sum::suback(id, codes.into_iter()),
            Self::PingReq => sum::pingreq(),
        }
    }

    /// The finished bytes.
    fn wire(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let first = match *self {
            Self::Connect { client_id, keep_alive, will_topic, will_message, user_name, password } => {
                push_field(&mut body, b"MQTT");
                // User name, password, will RETAIN, will QoS 1, will, clean session.
                body.extend([LEVEL, 0b1110_1110]);
                body.extend(keep_alive.to_be_bytes());
                push_field(&mut body, client_id.as_bytes());
                push_field(&mut body, will_topic.as_bytes());
                push_field(&mut body, will_message);
                push_field(&mut body, user_name.as_bytes());
                push_field(&mut body, password);
                0x10
            }
            Self::Publish { topic, id, payload } => {
                push_field(&mut body, topic.as_bytes());
                body.extend(id.iter().flat_map(|id| id.to_be_bytes()));
                body.extend(payload);
                if id.is_some() { 0x32 } else { 0x30 }
            }
            Self::PubAck { id } => {
                body.extend(id.to_be_bytes());
                0x40
            }
            Self::Subscribe { id, filters } => {
                body.extend(id.to_be_bytes());
                for (filter, qos) in filters {
                    push_field(&mut body, filter.as_bytes());
                    body.push(qos);
                }
                0x82
            }
            Self::SubAck { id, codes } => {
                body.extend(id.to_be_bytes());
                body.extend(codes);
                0x90
            }
            Self::PingReq => 0xc0,
        };
        let mut wire = vec![first];
        let mut len = body.len();
        while len > 0x7f {
            wire.push(len as u8 | 0x80);
            len >>= 7;
        }
        wire.push(len as u8);
        wire.extend(body);
        wire
    }
}

/// A field with its two-byte length prefix.
fn push_field(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
    body.extend(bytes);
}

impl Workload {
    fn new(name: &'static str, messages: impl IntoIterator<Item = Message>) -> Self {
        let samples: Vec<_> =
            messages.into_iter().map(|message| Sample { wire: message.wire(), message }).collect();
        let wire = samples.iter().flat_map(|sample| sample.wire.iter().copied()).collect();
        Self { name, samples, wire }
    }

    /// The sum that decoding must give.
    pub fn sum(&self) -> u64 {
        self.samples.iter().fold(0, |sums, sample| fold(sums, sample.message.sum()))
    }

    /// The packet types, folded as `header_only` does.
    pub fn types(&self) -> u64 {
        self.samples.iter().fold(0, |types, sample| fold(types, sample.message.packet_type().into()))
    }
}

const PAYLOAD: &[u8; 65_536] = &[b'p'; 65_536];

const CONNECT: Message = Message::Connect {
    client_id: "client-0123456789abcdef",
    keep_alive: 60,
    will_topic: "line/3/status",
    will_message: b"offline since the last keepalive",
    user_name: "sensor-17",
    password: b"correct horse",
};

const SUBSCRIBE: Message = Message::Subscribe {
    id: 10,
    filters: [
        ("plant/1/line/3/+/status", 1),
        ("plant/1/line/3/motor/speed", 0),
        ("plant/1/alarms/#", 2),
        ("plant/1/line/4/temperature", 0),
        ("config/sensor-17", 1),
        ("$SYS/broker/uptime", 0),
        ("+/+/heartbeat", 0),
        ("firmware/sensor-17/update", 2),
    ],
};

/// 24 bytes.
const TOPIC: &str = "plant/1/line/3/motor/rpm";

/// 24 bytes, 21 of them in seven Chinese characters.
const TOPIC_ZH: &str = "工厂/三号线/转速1";

/// The name of the stream.
pub const STREAM: &str = "stream";

/// Every workload, one packet each and then the stream.
pub fn all() -> Vec<Workload> {
    let publish = |id, len| Message::Publish { topic: TOPIC, id, payload: &PAYLOAD[..len] };
    let suback = Message::SubAck { id: 10, codes: [1, 0, 2, 0, 1, 0x80, 0, 2] };
    vec![
        Workload::new("PUBLISH 16 B", [publish(None, 16)]),
        Workload::new("PUBLISH 256 B", [publish(Some(10), 256)]),
        Workload::new("PUBLISH 64 KiB", [publish(Some(10), 65_536)]),
        Workload::new(
            "PUBLISH Chinese",
            [Message::Publish { topic: TOPIC_ZH, id: None, payload: &PAYLOAD[..16] }],
        ),
        Workload::new("CONNECT", [CONNECT]),
        Workload::new("SUBSCRIBE 8", [SUBSCRIBE]),
        Workload::new("SUBACK 8", [suback]),
        Workload::new("PUBACK", [Message::PubAck { id: 10 }]),
        Workload::new("PINGREQ", [Message::PingReq]),
        Workload::new(STREAM, stream()),
    ]
}

/// 4096 packets in an order without a pattern, the same in every run: 80 % PUBLISH with a short
/// topic and payload, half of them QoS 1; 10 % PUBACK; 5 % PINGREQ; 5 % SUBSCRIBE.
fn stream() -> impl Iterator<Item = Message> {
    const TOPICS: [&str; 4] =
        ["line/3/rpm", TOPIC, "sensors/17/temperature", "plant/1/line/3/valve/position"];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (1..=4096).map(move |id| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let random = (state >> 32) as usize;
        match random % 100 {
            0..80 => Message::Publish {
                topic: TOPICS[random / 100 % TOPICS.len()],
                id: (random / 400 % 2 == 1).then_some(id),
                payload: &PAYLOAD[..random / 800 % 33],
            },
            80..90 => Message::PubAck { id },
            90..95 => Message::PingReq,
            _ => SUBSCRIBE,
        }
    })
}

/// Topic filters and a topic name.
pub struct Filters {
    pub name: &'static str,
    pub topic: &'static str,
    pub filters: Vec<String>,
    /// Which of them match the topic.
    pub matching: Vec<bool>,
}

/// 10 000 filters of a plant, of four or five levels; half of them have wildcards.
pub fn filters() -> Filters {
    const KINDS: [&str; 3] = ["temperature", "motor/speed", "motor/rpm"];
    let topic = "plant/1/line/3/motor/rpm";
    let filter = |i: usize| {
        let (plant, line, kind) = (i % 10, i / 10 % 20, KINDS[i / 200 % KINDS.len()]);
        match i / 600 % 8 {
            0 => format!("plant/+/line/{line}/{kind}"),
            1 => format!("plant/{plant}/line/{line}/#"),
            2 => format!("plant/{plant}/+/{line}/{kind}"),
            3 => format!("+/{plant}/line/{line}/+/rpm"),
            _ => format!("plant/{plant}/line/{line}/{kind}"),
        }
    };
    let filters: Vec<_> = (0..10_000).map(filter).collect();
    let levels: Vec<_> = topic.split('/').collect();
    let matching = filters.iter().map(|filter| matches(&filter.split('/').collect::<Vec<_>>(), &levels));
    Filters { name: "10000 filters", topic, matching: matching.collect(), filters }
}

/// Section 4.7, without topics that start with `$`.
fn matches(filter: &[&str], topic: &[&str]) -> bool {
    match (filter, topic) {
        (["#"], _) | ([], []) => true,
        ([level, filter @ ..], [name, topic @ ..]) => {
            (*level == "+" || level == name) && matches(filter, topic)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_filters_match() {
        let filters = filters();
        assert_eq!(filters.filters.len(), 10_000);
        let matching = filters.matching.iter().filter(|matches| **matches).count();
        assert!((20..2000).contains(&matching), "{matching}");
        let wildcards = filters.filters.iter().filter(|filter| filter.contains(['+', '#'])).count();
        assert!((4500..=5500).contains(&wildcards), "{wildcards}");
    }

    #[test]
    fn the_workloads_are_what_their_names_say() {
        let Message::Connect { client_id, will_message, .. } = CONNECT else { unreachable!() };
        assert_eq!((client_id.len(), will_message.len()), (23, 32));
        assert_eq!((TOPIC.len(), TOPIC_ZH.len()), (24, 24));

        let stream: Vec<_> = stream().collect();
        let percent = |is: fn(&&Message) -> bool| {
            (stream.iter().filter(is).count() as f64 * 100.0 / stream.len() as f64).round()
        };
        assert_eq!(stream.len(), 4096);
        assert_eq!(percent(|m| matches!(m, Message::Publish { .. })), 80.0);
        assert_eq!(percent(|m| matches!(m, Message::PubAck { .. })), 10.0);
        assert_eq!(percent(|m| matches!(m, Message::PingReq)), 5.0);
        assert_eq!(percent(|m| matches!(m, Message::Subscribe { .. })), 5.0);
    }
}

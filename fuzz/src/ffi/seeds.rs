//! Seeds for the parts of this target: the numbers that `arbitrary` reads, in its order, and then a frame.

/// The numbers for a decoder that is none of the odd ones: options, no limit, any role, the level.
fn decoder(options: u32, level: u8) -> Vec<u8> {
    let [a, b, c, d] = options.to_le_bytes();
    vec![1, a, b, c, d, 1, 0, level - 3]
}

/// For the decode functions.
pub(crate) fn decode(options: u32, level: u8, frame: &[u8]) -> Vec<u8> {
    [&[0], &decoder(options, level)[..], &[0], frame].concat()
}

/// For the readers: a buffer of 60 bytes, pieces of `cut`, no tampering.
pub(crate) fn reader(level: u8, cut: u8, stream: &[u8]) -> Vec<u8> {
    [&[1], &decoder(0, level)[..], &[60, cut - 1, 1], stream].concat()
}

/// For a reader with other numbers in its fields: in its second piece of a payload, at the buffer's end.
pub(crate) fn tampered_reader(level: u8, stream: &[u8]) -> Vec<u8> {
    // Start, end, status, offset, bytes that are missing, state, and calls.
    let fields = [1, 40, 50, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1, 1, 0, 1, 2, 1, 0];
    [&[1], &decoder(0, level)[..], &[60, 9, 0], &fields[..], stream].concat()
}

/// Which encoder, and what its struct holds.
#[derive(Clone, Copy)]
pub(crate) enum Encode<'a> {
    /// A CONNECT with this client identifier.
    Connect(&'a [u8]),
    /// A PUBLISH: topic, QoS, and retain, which may be no flag.
    Publish(&'a [u8], u8, u8),
    /// The same with a topic that lies in the output.
    PublishOverlapping(u8, u8),
    /// A SUBSCRIBE of one filter and its QoS.
    Subscribe(&'a [u8], u8),
    /// An UNSUBSCRIBE of one filter.
    Unsubscribe(&'a [u8]),
    /// A SUBACK with these codes.
    SubAck(&'a [u8]),
}

/// For the encoders, with room for 200 bytes. The texts stand behind the numbers.
pub(crate) fn encode(what: Encode<'_>) -> Vec<u8> {
    // Where the text stands is known when the numbers are all there: so twice.
    let len = numbers(what, 0).0.len();
    let (numbers, text) = numbers(what, len as u8);
    [&[2], &numbers[..], text].concat()
}

/// The numbers, when the text begins at `at`, and the text.
fn numbers(what: Encode<'_>, at: u8) -> (Vec<u8>, &[u8]) {
    const EMPTY: [u8; 1] = [0]; // a slice that is NULL
    let slice = |text: &[u8]| vec![5, at, text.len() as u8];
    let flag = |flag| [u8::from(flag <= 1), flag];
    let cap = [0, 200];
    match what {
        Encode::Connect(id) => {
            let rest = [EMPTY; 4].concat();
            // Keep alive, level, clean session, and nothing else.
            let fields = [60, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0];
            ([&cap[..], &[0], &slice(id), &rest, &fields].concat(), id)
        }
        Encode::Publish(topic, qos, retain) => {
            ([&cap[..], &[2], &slice(topic), &EMPTY, &[7, 1, qos, 1, 0], &flag(retain)].concat(), topic)
        }
        Encode::PublishOverlapping(qos, retain) => {
            ([&cap[..], &[2], &[3, 20, 9], &EMPTY, &[7, 1, qos, 1, 0], &flag(retain)].concat(), b"")
        }
        Encode::Subscribe(filter, qos) => {
            ([&cap[..], &[4, 1], &slice(filter), &[1, qos, 2, 5]].concat(), filter)
        }
        Encode::Unsubscribe(filter) => ([&cap[..], &[5, 1], &slice(filter), &[2, 5]].concat(), filter),
        Encode::SubAck(codes) => ([&cap[..], &[6], &slice(codes), &[3]].concat(), codes),
    }
}

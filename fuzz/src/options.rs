//! Any bytes, with any options: loosening ones accept a superset, tightening ones a subset, each only what it
//! is for, with the same fields.

use mqtt_codec::v3::{
    Decoded, Decoder, Packet, Subscribe, Tolerated, Unsubscribe, UnvalidatedSubscribe, UnvalidatedUnsubscribe,
};
use mqtt_codec::{DecodeError, ErrorKind};

use crate::input::{self, LOOSENING, TIGHTENING};

type Verdict<'a> = Result<Decoded<'a>, DecodeError>;

/// What each loosening option lets through, and by which rule it is refused without it.
const LOOSENED: [(Tolerated, &[ErrorKind]); 9] = [
    (Tolerated::PADDED_REMAINING_LENGTH, &[ErrorKind::RemainingLengthPadded]),
    (Tolerated::DUP_WITHOUT_QOS, &[ErrorKind::DupWithoutQos]),
    (Tolerated::PASSWORD_WITHOUT_USER_NAME, &[ErrorKind::PasswordWithoutUserName]),
    (Tolerated::BRIDGE_BIT, &[ErrorKind::ProtocolLevel]),
    (Tolerated::RAW_SUBACK_CODES, &[ErrorKind::SubackReturnCode]),
    (Tolerated::RAW_CONNACK_CODES, &[ErrorKind::ReturnCode]),
    (Tolerated::SESSION_PRESENT_WITH_REFUSAL, &[ErrorKind::SessionPresentWithRefusal]),
    (Tolerated::LONG_CLIENT_ID_3_1, &[ErrorKind::ClientIdRejected]),
    (Tolerated::ACK_FLAGS, &[ErrorKind::FlagsReserved]),
];

const STRICT_FLAGS_3_1: u32 = 1 << 17;

/// By which rules each tightening option refuses what is accepted without it.
const TIGHTENED: [(u32, &[ErrorKind]); 5] = [
    (1 << 16, &[ErrorKind::CharacterDiscouraged]),
    (STRICT_FLAGS_3_1, &[ErrorKind::FlagsReserved]),
    (1 << 18, &[ErrorKind::ConnectFlagReserved]),
    (1 << 19, &[ErrorKind::Truncated]),
    (1 << 20, &[ErrorKind::SubackReturnCode]),
];

/// Panics when an option does what it should not. The input: a byte that chooses the decoder, four of
/// options, and the bytes.
pub fn check(input: &[u8]) {
    let Some(([choice, bits @ ..], buf)) = input.split_first_chunk::<5>() else { return };
    let (plain, _) = input::decoder(*choice);
    let bits = input::options(*bits);
    check_loosening(plain, bits & LOOSENING, buf);
    check_tightening(plain, bits & LOOSENING, bits & TIGHTENING, buf);
    for tight in [0, bits & TIGHTENING] {
        check_each_loosening(plain, bits & LOOSENING, tight, buf);
    }
    check_unvalidated(&plain, buf);
}

/// Nothing tolerated: the plain decoder says the same. Something tolerated: the plain decoder refuses it by
/// one of the rules that were loosened.
fn check_loosening(plain: Decoder, loose: u32, buf: &[u8]) {
    let without = plain.decode(buf);
    let with = input::with_options(plain, loose).decode(buf);
    match (&without, &with) {
        (Ok(_), _) => assert_eq!(with, without, "a loosening option changes what is accepted without it"),
        (Err(error), Ok(Decoded::Packet { tolerated, .. })) => {
            assert!(!tolerated.is_empty(), "accepted by an option that does not tell");
            assert_eq!(tolerated.bits() & !loose, 0, "{tolerated:?} without its option");
            assert_is_one_of(error.kind(), *tolerated);
        }
        // The header is not the first mistake any more, or the frame is not complete.
        (Err(error), Ok(Decoded::NeedMore { .. }) | Err(_)) => {
            if with != without {
                let any = LOOSENED
                    .iter()
                    .any(|(bit, kinds)| bit.bits() & loose != 0 && kinds.contains(&error.kind()));
                assert!(any, "{error:?} is gone, and no option that was set is for it");
            }
        }
    }
}

fn assert_is_one_of(kind: ErrorKind, tolerated: Tolerated) {
    let is_known = LOOSENED.iter().any(|(bit, kinds)| tolerated.contains(*bit) && kinds.contains(&kind));
    assert!(is_known, "{kind:?} became {tolerated:?}");
}

/// Option by option: one that has tolerated nothing may as well be off, and one that has is needed.
fn check_each_loosening(plain: Decoder, loose: u32, tight: u32, buf: &[u8]) {
    let with = input::with_options(plain, loose | tight).decode(buf);
    let Ok(Decoded::Packet { tolerated, .. }) = &with else { return };
    for bit in (0..32).map(|bit| 1 << bit).filter(|bit| loose & bit != 0) {
        let less = input::with_options(plain, (loose & !bit) | tight).decode(buf);
        if tolerated.bits() & bit == 0 {
            assert_eq!(less, with, "option {bit:#x} changes a packet in which it tolerates nothing");
        } else {
            let error = less.expect_err("what an option has tolerated is accepted without it");
            let (_, kinds) = LOOSENED.iter().find(|(option, _)| option.bits() == bit).unwrap();
            assert!(kinds.contains(&error.kind()), "{error:?} without option {bit:#x}");
        }
    }
}

/// A subset is accepted, with the same fields; what is not is refused by the option's own rule.
fn check_tightening(plain: Decoder, loose: u32, tight: u32, buf: &[u8]) {
    let without = input::with_options(plain, loose).decode(buf);
    let with = input::with_options(plain, loose | tight).decode(buf);
    if with == without || is_told_instead(&without, &with, loose, tight) {
        return;
    }
    let error = match (&without, &with) {
        (_, Err(error)) => error,
        _ => panic!("{without:?} became {with:?} by a tightening option"),
    };
    let by = TIGHTENED.iter().find(|(bit, kinds)| tight & bit != 0 && kinds.contains(&error.kind()));
    let Some((bit, _)) = by else { panic!("{error:?} by no option that was set") };
    // That option alone refuses it as well, unless another one comes first.
    let alone = input::with_options(plain, loose | bit).decode(buf);
    assert_eq!(alone, with, "the other tightening options change the error");
}

/// The flags of an acknowledgement that MQTT 3.1 ignores are let through, and told, where they are refused
/// otherwise: the same packet, with one thing more that was tolerated.
fn is_told_instead(without: &Verdict<'_>, with: &Verdict<'_>, loose: u32, tight: u32) -> bool {
    let (Ok(Decoded::Packet { packet, len, tolerated }), Ok(with)) = (without, with) else { return false };
    let Decoded::Packet { packet: same, len: same_len, tolerated: more } = with else { return false };
    let told = Tolerated::ACK_FLAGS.bits();
    (same, same_len) == (packet, len)
        && tolerated.bits() & told == 0
        && more.bits() == tolerated.bits() | told
        && loose & told != 0
        && tight & STRICT_FLAGS_3_1 != 0
}

/// Filters that are left unvalidated: a superset, with the same fields.
fn check_unvalidated(plain: &Decoder, buf: &[u8]) {
    match plain.decode(buf) {
        Ok(Decoded::Packet { packet: Packet::Subscribe(packet), .. }) => {
            let loose = UnvalidatedSubscribe::decode(plain, buf).expect("a superset");
            assert_eq!(loose.id, packet.id);
            let validated: Vec<_> = loose.filters.iter().map(|item| item.validate().unwrap()).collect();
            assert_eq!(validated, packet.filters.iter().collect::<Vec<_>>());
        }
        Ok(Decoded::Packet { packet: Packet::Unsubscribe(packet), .. }) => {
            let loose = UnvalidatedUnsubscribe::decode(plain, buf).expect("a superset");
            assert_eq!(loose.id, packet.id);
            let same =
                loose.filters.iter().map(|f| f.as_bytes()).eq(packet.filters.iter().map(|f| f.as_bytes()));
            assert!(same);
        }
        Err(error) => {
            let loosened = matches!(error.kind(), ErrorKind::FilterEmpty | ErrorKind::FilterWildcard);
            if let Ok(loose) = UnvalidatedSubscribe::decode(plain, buf) {
                assert!(loosened, "{error:?} became {loose:?}");
                assert!(loose.filters.iter().any(|item| item.validate().is_err()));
                assert_eq!(Subscribe::decode(plain, buf), Err(error));
            }
            if let Ok(loose) = UnvalidatedUnsubscribe::decode(plain, buf) {
                assert!(loosened, "{error:?} became {loose:?}");
                assert_eq!(Unsubscribe::decode(plain, buf), Err(error));
            }
        }
        _ => {}
    }
}

//! What a string must be, in one pass over its bytes: well-formed UTF-8 without U+0000 (section 1.5.3), and
//! for topic names and topic filters the rules for wildcards (sections 4.7.1 and 4.7.3).
//!
//! [`by_bytes`] has every rule, and finds the first byte that breaks one. Nearly all strings are plain ASCII,
//! though: on a 64-bit machine those are proved by blocks of 16 bytes, each a vector register, and it is asked
//! about the others alone. On a smaller machine it is all there is.

use crate::error::{DecodeError, ErrorKind};
use crate::options::Options;
use crate::wire::{Fault, IS_BIG_MACHINE, MAX_FIELD_LEN, Reader};

// What a string is for. (Numbers, because the kinds are parameters of constant functions.)
/// Any text, also none.
pub(crate) const ANY: u8 = 0;
/// A topic name.
pub(crate) const NAME: u8 = 1;
/// A topic filter.
pub(crate) const FILTER: u8 = 2;

/// Judges a string of a kind.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) const fn check<const KIND: u8>(bytes: &[u8]) -> Result<(), Fault> {
    check_unless_plain::<KIND, true>(bytes)
}

/// The same for text that is known to be UTF-8: then it need not be ASCII to be plain.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) const fn check_str<const KIND: u8>(text: &str) -> Result<(), Fault> {
    check_unless_plain::<KIND, false>(text.as_bytes())
}

#[cfg_attr(target_pointer_width = "64", inline(always))]
const fn check_unless_plain<const KIND: u8, const ASCII: bool>(bytes: &[u8]) -> Result<(), Fault> {
    if IS_BIG_MACHINE && bytes.len() <= MAX_FIELD_LEN && (KIND == ANY || !bytes.is_empty()) {
        // No wildcard is right in a filter too.
        let is_plain = match KIND {
            ANY => all_allowed::<ASCII, false>(bytes),
            _ => all_allowed::<ASCII, true>(bytes),
        };
        if is_plain || is_good_all_the_same::<KIND>(bytes) {
            return Ok(());
        }
    }
    by_bytes(KIND, bytes)
}

/// Reads a string of a kind, and judges it where it stands in the frame.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) fn read<'a, const KIND: u8>(r: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    if !IS_BIG_MACHINE {
        return read_by_bytes(KIND, r);
    }
    let start = r.offset();
    let string = r.field()?;
    let verdict = check::<KIND>(string);
    // First, so that a good string goes straight from the check's branches to here.
    if verdict.is_ok() && !r.options().has(Options::NO_CONTROL_CHARACTERS) {
        return Ok(string);
    }
    read_as(string, verdict, start, r.options())
}

/// [`read`] in one function for all kinds.
#[inline(never)]
fn read_by_bytes<'a>(kind: u8, r: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let start = r.offset();
    let string = r.field()?;
    read_as(string, by_bytes(kind, string), start, r.options())
}

/// What is read, with the verdict on the string that starts at `start`.
#[inline(always)]
fn read_as(
    string: &[u8],
    mut verdict: Result<(), Fault>,
    start: usize,
    options: Options,
) -> Result<&[u8], DecodeError> {
    if options.has(Options::NO_CONTROL_CHARACTERS) {
        verdict = check_characters(string, verdict); // section 1.5.3 (A20, A21)
    }
    match verdict {
        Ok(()) => Ok(string), // as it is, U+FEFF too: [MQTT-1.5.3-3]
        Err(fault) => Err(DecodeError::new(fault.kind, start.wrapping_add(fault.at as usize))),
    }
}

/// [`check`] for what is not plain: a filter with wildcards, and text that is not ASCII, are still proved
/// faster than byte by byte.
#[inline(never)]
const fn is_good_all_the_same<const KIND: u8>(bytes: &[u8]) -> bool {
    if KIND == FILTER {
        return wildcards_fit(bytes);
    }
    if core::str::from_utf8(bytes).is_err() {
        return false;
    }
    // What is left to know of well-formed UTF-8.
    if KIND == NAME { all_allowed::<false, true>(bytes) } else { all_allowed::<false, false>(bytes) }
}

/// Judges a string of a kind byte by byte: what is wrong, and where.
#[inline(never)]
const fn by_bytes(kind: u8, bytes: &[u8]) -> Result<(), Fault> {
    if bytes.is_empty() && kind != ANY {
        let kind = if kind == NAME { ErrorKind::TopicEmpty } else { ErrorKind::FilterEmpty };
        return Err(Fault::whole(kind)); // [MQTT-4.7.3-1]
    }
    if bytes.len() > MAX_FIELD_LEN {
        return Err(Fault::whole(ErrorKind::StringTooLong)); // [MQTT-4.7.3-3]
    }
    let mut rest = bytes;
    let mut before = b'/';
    while let [byte, tail @ ..] = rest {
        let mut behind = tail;
        let broken = if *byte == 0 {
            Some(ErrorKind::NulInString) // [MQTT-1.5.3-2] [MQTT-4.7.3-2]
        } else if *byte >= 0x80 {
            match behind_character(*byte, tail) {
                Some(rest) => {
                    behind = rest;
                    None
                }
                None => Some(ErrorKind::Utf8), // [MQTT-1.5.3-1]
            }
        } else if kind == ANY || !is_wildcard(*byte) {
            None // empty levels and blanks pass: section 4.7
        } else if kind == NAME {
            Some(ErrorKind::TopicWildcard) // [MQTT-3.3.2-2] [MQTT-4.7.1-1]
        } else if before == b'/' && wildcard_ends_well(*byte, tail) {
            None
        } else {
            Some(ErrorKind::FilterWildcard)
        };
        if let Some(kind) = broken {
            return Err(Fault::byte(kind, bytes.len().wrapping_sub(rest.len())));
        }
        before = *byte;
        rest = behind;
    }
    Ok(())
}

/// What follows a wildcard in a topic filter: `#` is the whole last level, `+` a whole level.
const fn wildcard_ends_well(wildcard: u8, tail: &[u8]) -> bool {
    match tail {
        [] => true, // [MQTT-4.7.1-2] [MQTT-4.7.1-3]
        [next, ..] => wildcard == b'+' && *next == b'/',
    }
}

/// What follows a character of more than one byte; `None` when it is ill-formed: a byte that starts none,
/// a continuation missing, a longer form than need be, a surrogate, or over U+10FFFF.
const fn behind_character(first: u8, tail: &[u8]) -> Option<&[u8]> {
    // C0 and C1 begin nothing but longer forms.
    if !matches!(first, 0xc2..=0xf7) {
        return None;
    }
    let continuations = 1_u32.wrapping_add((first >= 0xe0) as u32).wrapping_add((first >= 0xf0) as u32);
    let mut code = (first & 0x3f >> continuations) as u32;
    let mut rest = tail;
    let mut left = continuations;
    while left > 0 {
        let [byte @ 0x80..=0xbf, behind @ ..] = rest else { return None };
        code = code << 6 | (*byte & 0x3f) as u32;
        rest = behind;
        left = left.wrapping_sub(1);
    }
    // 6, 11 or 16 bits have room in a shorter form; U+D800 to U+DFFF are surrogates.
    let is_shortest = code >> continuations.wrapping_mul(5).wrapping_add(1) != 0;
    if is_shortest && code <= char::MAX as u32 && code >> 11 != 0xd800 >> 11 { Some(rest) } else { None }
}

/// Adds to the verdict on a string that no character may be one that section 1.5.3 wants not to be
/// sent (A20, A21). What comes first in the string counts.
#[cold]
fn check_characters(string: &[u8], verdict: Result<(), Fault>) -> Result<(), Fault> {
    let mut rest = string;
    while let [_, behind @ ..] = rest {
        let is_discouraged = match *rest {
            [0x01..=0x1f | 0x7f, ..] | [0xc2, 0x80..=0x9f, ..] => true, // U+0001 to U+001F, U+007F to U+009F
            [0xef, 0xb7, 0x90..=0xaf, ..] => true,                      // U+FDD0 to U+FDEF
            // U+FFFE, U+FFFF, and the last two of the other planes.
            [0xef, 0xbf, 0xbe | 0xbf, ..] => true,
            [0xf0..=0xf4, second, 0xbf, 0xbe | 0xbf, ..] => second & 0x0f == 0x0f,
            _ => false,
        };
        if is_discouraged {
            let found = Fault::byte(ErrorKind::CharacterDiscouraged, string.len().wrapping_sub(rest.len()));
            return Err(verdict.err().filter(|fault| fault.at <= found.at).unwrap_or(found));
        }
        rest = behind;
    }
    verdict
}

/// True when no byte is 0 and, where `ASCII`, none is over 0x7f and, where `NO_WILDCARD`, none is `+` or `#`.
/// ASCII is well-formed UTF-8: so all is proved in one pass.
///
/// Eight instructions for 16 bytes. The last two blocks may overlap.
#[cfg_attr(target_pointer_width = "64", inline(always))]
const fn all_allowed<const ASCII: bool, const NO_WILDCARD: bool>(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while rest.len() > 32 {
        let Some((block, tail)) = rest.split_first_chunk::<16>() else { return false };
        if !block_allowed::<ASCII, NO_WILDCARD>(block) {
            return false;
        }
        rest = tail;
    }
    if let (Some(a), Some(b)) = (rest.first_chunk::<16>(), rest.last_chunk::<16>()) {
        return block_allowed::<ASCII, NO_WILDCARD>(a) & block_allowed::<ASCII, NO_WILDCARD>(b);
    }
    if let (Some(a), Some(b)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        return block_allowed::<ASCII, NO_WILDCARD>(a) & block_allowed::<ASCII, NO_WILDCARD>(b);
    }
    if let (Some(a), Some(b)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return block_allowed::<ASCII, NO_WILDCARD>(a) & block_allowed::<ASCII, NO_WILDCARD>(b);
    }
    match *rest {
        [a, b, c] => block_allowed::<ASCII, NO_WILDCARD>(&[a, b, c]),
        [a, b] => block_allowed::<ASCII, NO_WILDCARD>(&[a, b]),
        [a] => block_allowed::<ASCII, NO_WILDCARD>(&[a]),
        _ => true, // empty
    }
}

/// [`all_allowed`] without a branch for each byte.
#[cfg_attr(target_pointer_width = "64", inline(always))]
const fn block_allowed<const ASCII: bool, const NO_WILDCARD: bool>(block: &[u8]) -> bool {
    let mut bad = 0;
    let mut rest = block;
    while let Some((byte, tail)) = rest.split_first() {
        bad |= (*byte == 0) as u8;
        if ASCII {
            bad |= (*byte >= 0x80) as u8;
        }
        if NO_WILDCARD {
            bad |= is_wildcard(*byte) as u8;
        }
        rest = tail;
    }
    bad == 0
}

/// True when a filter is ASCII and has only wildcards that stand right. It looks at those and their neighbours
/// alone, found by machine words.
const fn wildcards_fit(bytes: &[u8]) -> bool {
    const WORD: usize = size_of::<u64>();
    let Some(last) = bytes.last_chunk::<WORD>() else { return by_bytes(FILTER, bytes).is_ok() };
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<WORD>() {
        if !word_fits(bytes, bytes.len().wrapping_sub(rest.len()), *word) {
            return false;
        }
        rest = tail;
    }
    // The last word once more, so that the odd bytes are in it.
    rest.is_empty() || word_fits(bytes, bytes.len().wrapping_sub(WORD), *last)
}

/// The same for the eight bytes that stand at `start`.
#[cfg_attr(target_pointer_width = "64", inline(always))]
const fn word_fits(bytes: &[u8], start: usize, word: [u8; 8]) -> bool {
    const HIGH: u64 = splat(0x80);
    let word = u64::from_le_bytes(word);
    // The high bit of a byte is set where it was, and where a 0 is the first to borrow.
    if (word | word.wrapping_sub(splat(1))) & HIGH != 0 {
        return false;
    }
    // 0 where a wildcard stands; taking anything else below 0x80 from 0x80 clears the high bit.
    let mut found = HIGH.wrapping_sub((word & splat(!0x08)) ^ splat(b'#')) & HIGH;
    while found != 0 {
        let at = start.wrapping_add(found.trailing_zeros() as usize / 8);
        let (Some(([], there)) | Some(([.., b'/'], there))) = bytes.split_at_checked(at) else {
            return false;
        };
        let [wildcard, tail @ ..] = there else { return false };
        if !wildcard_ends_well(*wildcard, tail) {
            return false;
        }
        found &= found.wrapping_sub(1);
    }
    true
}

/// A word with `byte` in every place.
const fn splat(byte: u8) -> u64 {
    (u64::MAX / 0xff).wrapping_mul(byte as u64)
}

const fn is_wildcard(byte: u8) -> bool {
    byte & !0x08 == b'#' // `#` (0x23) and `+` (0x2b) differ in this bit alone
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::wire::PREFIX_LEN;

    /// The verdict and the place of what is wrong.
    fn verdict(judged: Result<(), Fault>) -> Result<(), (ErrorKind, u32)> {
        judged.map_err(|fault| (fault.kind, fault.at))
    }

    /// Judges by blocks and by bytes, which must agree.
    fn judge<const KIND: u8>(bytes: &[u8]) -> Result<(), (ErrorKind, u32)> {
        let by_bytes = verdict(by_bytes(KIND, bytes));
        assert_eq!(verdict(check::<KIND>(bytes)), by_bytes, "{bytes:02x?}");
        if let Ok(text) = core::str::from_utf8(bytes) {
            assert_eq!(verdict(check_str::<KIND>(text)), by_bytes, "{bytes:02x?}");
        }
        by_bytes
    }

    #[test]
    fn every_byte_at_every_place_by_blocks_and_by_bytes() {
        for len in 0..40 {
            for at in 0..len {
                for byte in 0..=255 {
                    let mut text = vec![b'a'; len];
                    text[at] = byte;
                    let at = at as u32 + PREFIX_LEN as u32;
                    let any = match byte {
                        0 => Err((ErrorKind::NulInString, at)),
                        0x80.. => Err((ErrorKind::Utf8, at)),
                        _ => Ok(()),
                    };
                    assert_eq!(judge::<ANY>(&text), any, "{text:02x?}");
                    let is_mark = byte == b'+' || byte == b'#';
                    let name = if is_mark { Err((ErrorKind::TopicWildcard, at)) } else { any };
                    assert_eq!(judge::<NAME>(&text), name, "{text:02x?}");
                    let fits = is_mark && len > 1;
                    let filter = if fits { Err((ErrorKind::FilterWildcard, at)) } else { any };
                    assert_eq!(judge::<FILTER>(&text), filter, "{text:02x?}");
                }
            }
        }
    }

    #[test]
    fn strings_end_at_65535_bytes() {
        let long = vec![b'a'; 65_536];
        assert_eq!(judge::<ANY>(&long), Err((ErrorKind::StringTooLong, 0)));
        assert_eq!(judge::<ANY>(&long[1..]), Ok(()));
    }

    #[test]
    fn every_pair_of_bytes_by_blocks_and_by_bytes() {
        for pair in 0..=u16::MAX {
            let [a, b] = pair.to_be_bytes();
            let text = [b'x', b'y', a, b, b'z', b'x', b'y', b'z'];
            let _ = (judge::<ANY>(&text), judge::<NAME>(&text), judge::<FILTER>(&text));
        }
    }

    /// Every character, and every start and end of what is none, as the standard library sees them.
    #[test]
    fn the_characters_are_those_of_the_standard_library() {
        let judge = |bytes: &[u8]| match core::str::from_utf8(bytes) {
            Ok(_) => assert_eq!(verdict(by_bytes(ANY, bytes)), Ok(()), "{bytes:02x?}"),
            Err(error) => {
                let at = error.valid_up_to() as u32 + PREFIX_LEN as u32;
                assert_eq!(verdict(by_bytes(ANY, bytes)), Err((ErrorKind::Utf8, at)), "{bytes:02x?}");
            }
        };
        for character in '\u{1}'..=char::MAX {
            judge(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        let edges = [0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
        for first in 0x7f..=0xff {
            for second in 1..=0xff {
                judge(&[b'a', first, second]);
                for third in edges {
                    judge(&[first, second, third]);
                    for fourth in edges {
                        judge(&[first, second, third, fourth]);
                    }
                }
            }
        }
    }

    #[test]
    fn discouraged_characters_are_the_controls_and_the_non_characters() {
        for character in '\u{1}'..=char::MAX {
            let is_non_character =
                matches!(character, '\u{fdd0}'..='\u{fdef}') || character as u32 & 0xfffe == 0xfffe;
            let expected = if character.is_control() || is_non_character {
                Err((ErrorKind::CharacterDiscouraged, PREFIX_LEN as u32 + 1))
            } else {
                Ok(())
            };
            let text = format!("a{character}é");
            assert_eq!(verdict(check_characters(text.as_bytes(), Ok(()))), expected, "{character:?}");
        }
        // What comes first counts.
        let judged = |text: &[u8]| verdict(check_characters(text, by_bytes(ANY, text)));
        assert_eq!(judged(b"a\x01\xff"), Err((ErrorKind::CharacterDiscouraged, PREFIX_LEN as u32 + 1)));
        assert_eq!(judged(b"a\xff\x01"), Err((ErrorKind::Utf8, PREFIX_LEN as u32 + 1)));
        assert_eq!(judged(b"\xf0\x8f\xbf\xbe"), Err((ErrorKind::Utf8, PREFIX_LEN as u32)));
    }

    #[test]
    fn the_first_byte_that_breaks_a_rule_is_named() {
        for (bytes, kind, at) in [
            (&b"ab\0"[..], ErrorKind::NulInString, 2),
            (b"\xe6\xb8\xa9\0\xff", ErrorKind::NulInString, 3),
            (b"\xe6\xb8\xa9\xff\0", ErrorKind::Utf8, 3),
            (b"abcdefgh\xc3", ErrorKind::Utf8, 8),
            (b"a+\0", ErrorKind::TopicWildcard, 1),
            (b"\xc3\xa9#", ErrorKind::TopicWildcard, 2),
        ] {
            assert_eq!(judge::<NAME>(bytes), Err((kind, at + PREFIX_LEN as u32)), "{bytes:02x?}");
        }
    }

    /// Every text of up to ten characters out of four, which is one word, two, and two that overlap.
    #[test]
    fn words_and_bytes_agree_on_wildcards() {
        for len in 1..=10u32 {
            for number in 0..4u32.pow(len) {
                let text: Vec<u8> = (0..len).map(|i| b"a/+#"[(number >> (2 * i) & 3) as usize]).collect();
                assert_eq!(wildcards_fit(&text), by_bytes(FILTER, &text).is_ok(), "{text:?}");
            }
        }
        for pair in 0..=u16::MAX {
            let [a, b] = pair.to_be_bytes();
            let text = [b'+', b'/', a, b, b'/', b'x', b'/', b'+', b'/'];
            let is_ascii = text.is_ascii();
            assert_eq!(wildcards_fit(&text), is_ascii && by_bytes(FILTER, &text).is_ok(), "{text:?}");
        }
        let long = [&b"+/aaaaaa/+/aaaaaaaaaa/"[..], b"#"].concat();
        assert!(wildcards_fit(&long));
        for at in 0..long.len() {
            let mut text = long.clone();
            text[at] = b'a';
            assert_eq!(wildcards_fit(&text), by_bytes(FILTER, &text).is_ok(), "{at}");
        }
    }
}

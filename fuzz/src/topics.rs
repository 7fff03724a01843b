//! The matcher and the rules for names and filters, against a reference that is written for reading alone.

use mqtt_codec::{ErrorKind, TopicFilter, TopicName};

/// Panics when the codec and the reference disagree. The input: a byte that is the filter's
/// length, the filter, and the name.
pub fn check(input: &[u8]) {
    let Some((split, text)) = input.split_first() else { return };
    let (filter, name) = text.split_at(usize::from(*split).min(text.len()));
    for bytes in [filter, name] {
        check_name(bytes);
        check_filter(bytes);
    }
    let (Ok(valid_filter), Ok(valid_name)) = (TopicFilter::from_bytes(filter), TopicName::from_bytes(name))
    else {
        return;
    };
    let (filter, name) = (valid_filter.as_str(), valid_name.as_str());
    assert_eq!(valid_filter.matches(valid_name), reference_matches(filter, name), "{filter:?} and {name:?}");
    // A name is a filter that matches itself, and what the widest filters match is known.
    let as_filter = TopicFilter::new(name).expect("a name is a filter");
    assert!(as_filter.matches(valid_name));
    assert_ne!(TopicFilter::new("#").unwrap().matches(valid_name), name.starts_with('$'));
}

fn check_name(bytes: &[u8]) {
    let expected = match std::str::from_utf8(bytes) {
        _ if bytes.is_empty() => Err(ErrorKind::TopicEmpty),
        _ if bytes.len() > 65_535 => Err(ErrorKind::StringTooLong),
        Ok(text) => first_fault(text),
        Err(error) => {
            first_fault(std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap()).and(Err(ErrorKind::Utf8))
        }
    };
    assert_eq!(TopicName::from_bytes(bytes).map(|_| ()), expected, "{bytes:02x?}");
}

fn check_filter(bytes: &[u8]) {
    let verdict = TopicFilter::from_bytes(bytes).map(|_| ());
    let is_valid = match std::str::from_utf8(bytes) {
        Ok(text) => reference_is_filter(text),
        Err(_) => false,
    };
    assert_eq!(verdict.is_ok(), is_valid, "{bytes:02x?}: {verdict:?}");
}

/// What no name may hold: whichever comes first.
fn first_fault(text: &str) -> Result<(), ErrorKind> {
    match text.chars().find(|c| matches!(c, '\0' | '+' | '#')) {
        None => Ok(()),
        Some('\0') => Err(ErrorKind::NulInString),
        Some(_) => Err(ErrorKind::TopicWildcard),
    }
}

/// Section 4.7.1, level by level.
fn reference_is_filter(text: &str) -> bool {
    let levels: Vec<&str> = text.split('/').collect();
    let wildcards_fit = levels.iter().enumerate().all(|(index, level)| match *level {
        "+" => true,
        "#" => index == levels.len() - 1,
        _ => !level.contains(['+', '#']),
    });
    wildcards_fit && !text.is_empty() && text.len() <= 65_535 && !text.contains('\0')
}

/// Section 4.7, by recursion over the levels.
fn reference_matches(filter: &str, name: &str) -> bool {
    fn levels_match(filter: &[&str], name: &[&str]) -> bool {
        match (filter, name) {
            (["#"], _) => true, // the parent level too
            ([], []) => true,
            (["+", filter @ ..], [_, name @ ..]) => levels_match(filter, name),
            ([wanted, filter @ ..], [level, name @ ..]) => wanted == level && levels_match(filter, name),
            _ => false,
        }
    }
    let (filter, name): (Vec<&str>, Vec<&str>) = (filter.split('/').collect(), name.split('/').collect());
    let is_hidden = name[0].starts_with('$') && matches!(filter[0], "+" | "#");
    !is_hidden && levels_match(&filter, &name)
}

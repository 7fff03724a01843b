//! Text from the wire in what is printed: nothing in it may drive a terminal, break a line or turn the text
//! around.

/// True for a character that is never printed as it is: the control characters, the two that end a line or a
/// paragraph, and those that set the direction of the text.
pub(crate) const fn is_unsafe(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// A text as a JSON string, in quotes. An unsafe character is `\u` and four hexadecimal digits: none needs more.
pub(crate) fn json(text: &str) -> String {
    let mut json = String::with_capacity(text.len().saturating_add(2));
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            _ if is_unsafe(character) => json.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}

/// A character for a person, as it stands in a Rust string. Those that cannot be seen are escaped too.
pub(crate) fn for_a_person(character: char) -> String {
    if is_unsafe(character) {
        character.escape_default().to_string()
    } else {
        character.escape_debug().to_string()
    }
}

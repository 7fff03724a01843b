//! Reads the list of statements in `normative-311.md`.

use std::collections::BTreeMap;

/// The number of each statement, ranges written out, with its classes in the order `DEFS`.
pub(crate) fn statements(text: &str) -> BTreeMap<String, String> {
    let mut statements = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, numbers, _, classes, ..] = cells[..] else { continue };
        // `D(typed)` is D; what stands in brackets is no class.
        let classes = classes.split('(').next().unwrap();
        let classes: String = "DEFS".chars().filter(|class| classes.contains(*class)).collect();
        for id in written_out(numbers) {
            let earlier = statements.insert(id.clone(), classes.clone());
            assert!(earlier.is_none(), "{id} stands twice in the list");
        }
    }
    assert!(!statements.is_empty(), "the list holds no statement");
    statements
}

/// `3.3.1-4`, `4.1.0-1, 4.1.0-2`, `3.3.1-5 to 3.3.1-12` or `3.8.4-1 .. 3.8.4-4`; else nothing.
fn written_out(numbers: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for part in numbers.split(", ") {
        let words: Vec<_> = part.split_whitespace().collect();
        let (first, last) = match words[..] {
            [only] => (parse(only), parse(only)),
            [first, "to" | "..", last] => (parse(first), parse(last)),
            _ => continue,
        };
        if let (Some((paragraph, first)), Some((same, last))) = (first, last) {
            assert!(paragraph == same && first <= last, "not a range: {part}");
            ids.extend((first..=last).map(|number| format!("{paragraph}-{number}")));
        }
    }
    ids
}

/// `3.3.1` and 4 for `3.3.1-4`.
fn parse(id: &str) -> Option<(&str, u32)> {
    let (paragraph, number) = id.split_once('-')?;
    let is_paragraph = paragraph.split('.').all(|part| part.parse::<u32>().is_ok());
    is_paragraph.then_some((paragraph, number.parse().ok()?))
}

//! Finds the clauses that the code names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What `mqtt-codec/src` says of clauses.
#[derive(Default)]
pub(crate) struct Scan {
    /// Every clause named anywhere, with one place that does.
    named: BTreeMap<String, String>,
    /// The comments at code lines outside tests (doc comments are not among them), each with its place.
    comments: Vec<(String, Place)>,
}

/// A file below `mqtt-codec/src`, and the function, type or impl in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) item: String,
}

impl Scan {
    pub(crate) fn of_sources() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut scan = Self::default();
        for path in rust_files(&root) {
            let text = std::fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            scan.read(&file, &text);
        }
        assert!(!scan.comments.is_empty(), "no comment in {}", root.display());
        scan
    }

    pub(crate) fn read(&mut self, file: &str, text: &str) {
        // The items around the line, each with its indentation: rustfmt's output needs no parser.
        let mut around: Vec<(usize, String)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let code = line.trim_start();
            if code.is_empty() {
                continue;
            }
            let indentation = line.len() - code.len();
            let leave = |around: &mut Vec<(usize, String)>| around.retain(|(at, _)| *at < indentation);
            let item = item_of(code);
            if item.is_some() || code.starts_with("//") {
                leave(&mut around);
            }
            around.extend(item.map(|name| (indentation, name)));

            for clause in mentions(code) {
                self.named.entry(clause).or_insert_with(|| format!("{file}:{}", index + 1));
            }
            let in_tests = around.first().is_some_and(|(_, name)| name == "tests");
            if let (Some(comment), false) = (plain_comment(code), in_tests) {
                let item = around.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("::");
                self.comments.push((comment.to_owned(), Place { file: file.to_owned(), item }));
            }
        }
    }

    /// Every clause that is named anywhere, with a place.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.named.iter().map(|(clause, place)| (clause.as_str(), place.as_str()))
    }

    /// Where comments name a clause, or a rule without a number.
    pub(crate) fn places(&self, id: &str) -> Vec<Place> {
        let names = |comment: &str| {
            if starts_with_digit(id) {
                mentions(comment).iter().any(|it| it == id)
            } else {
                has_words(comment, id)
            }
        };
        let mut places: Vec<_> = self
            .comments
            .iter()
            .filter(|(comment, _)| names(comment))
            .map(|(_, place)| place.clone())
            .collect();
        places.sort();
        places.dedup();
        places
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The name of the item that a line begins, if it begins one.
fn item_of(line: &str) -> Option<String> {
    let mut words =
        line.split([' ', '(']).filter(|word| !["", "pub", "crate)", "super)"].contains(word)).peekable();
    let mut keyword = words.next()?;
    if keyword == "const" && words.peek() == Some(&"fn") {
        keyword = "fn";
        words.next();
    }
    match keyword {
        "fn" | "struct" | "enum" | "trait" | "mod" | "const" | "static" | "type" | "macro_rules!" => {
            let name = words.next()?.trim_end_matches([':', ';']);
            let name = name.split(['<', ':']).next()?;
            Some(name.to_owned())
        }
        _ if keyword == "impl" || keyword.starts_with("impl<") => {
            // `impl<'a> Trait<'a> for Type<'a> {`: the type; its parameters may have blanks, `impl<const T: u8>`.
            let depth = |at: usize| line[..at].matches('<').count() - line[..at].matches('>').count();
            let after_parameters = line.match_indices(' ').map(|(at, _)| at).find(|at| depth(*at) == 0)?;
            let of_type =
                line.split_once(" for ").map_or(&line[after_parameters + 1..], |(_, of_type)| of_type);
            Some(of_type.split(['<', ' ']).next()?.to_owned())
        }
        _ => None,
    }
}

/// A line's comment, unless it is a doc comment.
fn plain_comment(line: &str) -> Option<&str> {
    let comment = line.find("//").map(|at| &line[at + 2..])?;
    (!comment.starts_with(['/', '!'])).then_some(comment)
}

/// The numbers behind each `MQTT-`; `[MQTT-3.3.1-5] to [MQTT-3.3.1-12]` names all between them too.
pub(crate) fn mentions(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_range = false;
    for rest in text.split("MQTT-").skip(1) {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        let id = id.trim_end_matches(['.', '-']);
        if let (true, Some((paragraph, last)), Some(first)) = (is_range, id.split_once('-'), found.last()) {
            let first = first.strip_prefix(paragraph).and_then(|number| number.strip_prefix('-'));
            let first: u32 = first.expect("a range within a paragraph").parse().unwrap();
            let last: u32 = last.parse().unwrap();
            found.extend((first + 1..last).map(|number| format!("{paragraph}-{number}")));
        }
        if starts_with_digit(id) {
            found.push(id.to_owned());
        }
        is_range = after == "] to [";
    }
    found
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// True when the words stand in the text, in whatever case, and no longer number does: `section 4.7`, not
/// `section 4.7.1`.
fn has_words(text: &str, words: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.match_indices(words).any(|(at, _)| {
        let rest = &text[at + words.len()..];
        !starts_with_digit(rest) && !rest.strip_prefix('.').is_some_and(starts_with_digit)
    })
}

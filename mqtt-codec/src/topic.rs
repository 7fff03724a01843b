//! Topic names, topic filters, and which filter matches which name (MQTT 3.1.1 section 4.7).

use crate::error::{DecodeError, ErrorKind};
use crate::options::Options;
use crate::text;
use crate::types::{Utf8, impl_text};
use crate::wire::Reader;

/// A topic name: a string of at least one byte and without wildcards (section 4.7).
///
/// ```
/// use mqtt_codec::{ErrorKind, TopicName};
/// const STATUS: TopicName = match TopicName::new("line/3/status") { Ok(t) => t, Err(_) => panic!() };
/// assert_eq!(STATUS, "line/3/status");
/// assert_eq!(TopicName::new("line/+"), Err(ErrorKind::TopicWildcard));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicName<'a>(&'a [u8]);

impl<'a> TopicName<'a> {
    /// Errors: `topic_empty`, `topic_wildcard`, `string_too_long`, `nul_in_string`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub const fn new(text: &'a str) -> Result<Self, ErrorKind> {
        match text::check_str::<{ text::NAME }>(text) {
            Ok(()) => Ok(Self(text.as_bytes())),
            Err(fault) => Err(fault.kind),
        }
    }

    /// Errors: those of [`TopicName::new`], and `utf8`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub const fn from_bytes(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        match text::check::<{ text::NAME }>(bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(fault) => Err(fault.kind),
        }
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        text::read::<{ text::NAME }>(r).map(Self)
    }

    /// A topic name out of bytes that [`TopicName::read`] has taken before.
    pub(crate) const fn read_again(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

/// A topic filter: a string of at least one byte whose wildcards stand where section 4.7.1 allows
/// them. `$share/..` is an ordinary filter in MQTT 3.1.1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicFilter<'a>(&'a [u8]);

impl<'a> TopicFilter<'a> {
    /// Errors: `filter_empty`, `filter_wildcard`, `string_too_long`, `nul_in_string`.
    pub const fn new(text: &'a str) -> Result<Self, ErrorKind> {
        match text::check_str::<{ text::FILTER }>(text) {
            Ok(()) => Ok(Self(text.as_bytes())),
            Err(fault) => Err(fault.kind),
        }
    }

    /// Errors: those of [`TopicFilter::new`], and `utf8`.
    pub const fn from_bytes(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        match text::check::<{ text::FILTER }>(bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(fault) => Err(fault.kind),
        }
    }

    /// True when a message published under `name` goes to a subscription with this filter. Bytes
    /// are compared as they are (\[MQTT-4.7.3-4\]).
    ///
    /// ```
    /// use mqtt_codec::{TopicFilter, TopicName};
    /// let filter = TopicFilter::new("sport/+/score/#").unwrap();
    /// assert!(filter.matches(TopicName::new("sport/tennis/score").unwrap()));
    /// assert!(!TopicFilter::new("#").unwrap().matches(TopicName::new("$SYS/load").unwrap()));
    /// ```
    pub fn matches(&self, name: TopicName<'_>) -> bool {
        // [MQTT-4.7.2-1]
        if name.0.first() == Some(&b'$') && matches!(self.0.first(), Some(b'+' | b'#')) {
            return false;
        }
        let mut levels = name.0.split(|byte| *byte == b'/');
        for wanted in self.0.split(|byte| *byte == b'/') {
            if wanted == b"#" {
                return true; // the level above it too: `a/#` matches `a` (section 4.7.1.2)
            }
            match levels.next() {
                Some(level) if wanted == b"+" || wanted == level => {} // [MQTT-4.7.3-4]
                _ => return false,
            }
        }
        levels.next().is_none()
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        text::read::<{ text::FILTER }>(r).map(Self)
    }

    /// A text where a filter should be, whatever its wildcards; noted if it is no filter.
    pub(crate) fn read_unvalidated(r: &mut Reader<'a>) -> Result<Utf8<'a>, DecodeError> {
        let text = Utf8::read(r)?;
        if Self::try_from(text).is_err() {
            r.tolerate(Options::BAD_FILTERS); // (A25)
        }
        Ok(text)
    }

    /// A filter out of bytes that [`TopicFilter::read`] has taken before.
    pub(crate) const fn read_again(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl_text!(TopicName);
impl_text!(TopicFilter);

impl<'a> TryFrom<Utf8<'a>> for TopicName<'a> {
    type Error = ErrorKind;

    /// Errors: `topic_empty`, `topic_wildcard`.
    fn try_from(text: Utf8<'a>) -> Result<Self, ErrorKind> {
        Self::from_bytes(text.as_bytes())
    }
}

impl<'a> TryFrom<Utf8<'a>> for TopicFilter<'a> {
    type Error = ErrorKind;

    /// Errors: `filter_empty`, `filter_wildcard`.
    fn try_from(text: Utf8<'a>) -> Result<Self, ErrorKind> {
        Self::from_bytes(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::PREFIX_LEN;

    fn name_fault(bytes: &[u8]) -> (ErrorKind, usize) {
        let fault = text::check::<{ text::NAME }>(bytes).unwrap_err();
        (fault.kind, (fault.at as usize).saturating_sub(PREFIX_LEN))
    }

    fn filter_fault(bytes: &[u8]) -> (ErrorKind, usize) {
        let fault = text::check::<{ text::FILTER }>(bytes).unwrap_err();
        (fault.kind, (fault.at as usize).saturating_sub(PREFIX_LEN))
    }

    #[test]
    fn names() {
        for good in ["/", "//", " ", "a/b", "$SYS/x", "温度/+".trim_end_matches("/+"), "\u{feff}p"] {
            assert_eq!(TopicName::new(good).unwrap(), good);
        }
        assert_eq!(name_fault(b""), (ErrorKind::TopicEmpty, 0));
        assert_eq!(name_fault(b"a/+"), (ErrorKind::TopicWildcard, 2));
        assert_eq!(name_fault(b"0123456789#"), (ErrorKind::TopicWildcard, 10));
        assert_eq!(name_fault(b"0123\0"), (ErrorKind::NulInString, 4));
        assert_eq!(name_fault(b"\xe6\xb8\xa9+"), (ErrorKind::TopicWildcard, 3));
    }

    #[test]
    fn filters() {
        for good in ["#", "+", "a/#", "/#", "+/+", "+/a/#", "/+/", "a/+/b", "$share/g/t", "温/+/#"] {
            assert_eq!(TopicFilter::new(good).unwrap(), good);
        }
        assert_eq!(filter_fault(b""), (ErrorKind::FilterEmpty, 0));
        for (bad, at) in
            [("a/#/b", 2), ("a#", 1), ("#/", 0), ("##", 0), ("a+", 1), ("+a", 0), ("++", 0), ("/+#", 1)]
        {
            assert_eq!(filter_fault(bad.as_bytes()), (ErrorKind::FilterWildcard, at), "{bad}");
        }
        assert_eq!(filter_fault(b"a+\xff"), (ErrorKind::FilterWildcard, 1));
        assert_eq!(filter_fault(b"\xff+a"), (ErrorKind::Utf8, 0));
        assert_eq!(filter_fault(b"+/\0"), (ErrorKind::NulInString, 2));
    }

    #[test]
    fn over_65535_bytes_is_too_long_whatever_is_in_it() {
        for text in ["a".repeat(65_536), "+a".repeat(40_000), "é".repeat(40_000)] {
            assert_eq!(TopicFilter::new(&text), Err(ErrorKind::StringTooLong));
        }
        assert_eq!(TopicName::new(&"a".repeat(65_536)), Err(ErrorKind::StringTooLong));
    }

    #[test]
    fn matching() {
        for (filter, name, matches) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/", false),
            ("a/b/", "a/b", false),
            ("a/b", "A/b", false),
            ("sport/#", "sport", true),
            ("sport/#", "sport/", true),
            ("sport/#", "sports", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+", "/a", false),
            ("+/+", "/a", true),
            ("/+", "/a", true),
            ("#", "a/b/c", true),
            ("#", "$SYS/a", false),
            ("+/a", "$SYS/a", false),
            ("$SYS/#", "$SYS/a", true),
            ("$SYS/+", "$SYS/a", true),
            ("a/$x", "a/$x", true),
            ("+/b/#", "a/b/c/d", true),
        ] {
            let verdict = TopicFilter::new(filter).unwrap().matches(TopicName::new(name).unwrap());
            assert_eq!(verdict, matches, "{filter} {name}");
        }
    }
}

//! The lists at the end of SUBSCRIBE, UNSUBSCRIBE and SUBACK: from a slice to encode, from the wire
//! when decoded, without a heap for either.

use core::fmt;

use crate::error::{DecodeError, EncodeError, ErrorKind};
use crate::options::Options;
use crate::types::{PacketId, PacketType};
use crate::wire::{self, Reader, Writer};

/// An item of a packet's list.
///
/// Implemented by what SUBSCRIBE, UNSUBSCRIBE and SUBACK hold; not for others to implement.
pub trait Item<'a>: Copy + PartialEq + fmt::Debug + sealed::Read<'a> {}

pub(crate) mod sealed {
    use super::{DecodeError, Reader, Writer};

    pub trait Read<'a>: Sized {
        /// Reads and judges one item.
        fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError>;
        /// Reads and judges items to the end.
        #[cfg_attr(target_pointer_width = "64", inline(always))]
        #[cfg_attr(target_pointer_width = "32", inline)]
        fn read_all(r: &mut Reader<'a>) -> Result<(), DecodeError> {
            // A copy that nobody points to stays in registers.
            let mut reader = r.clone();
            while !reader.is_empty() {
                Self::read(&mut reader)?;
            }
            *r = reader;
            Ok(())
        }
        /// Splits off an item that `read` has taken before; `None` at the end.
        fn read_again(bytes: &'a [u8]) -> Option<(Self, &'a [u8])>;
    }

    pub(crate) trait Write: Sized {
        /// The bytes that `write` writes.
        fn encoded_len(&self) -> usize;
        fn write(&self, w: &mut Writer<'_>);
        /// The bytes of all items, and `before` that come before them.
        #[inline]
        fn len_of_all(before: usize, items: impl Iterator<Item = Self>) -> usize {
            items.fold(before, |len, item| len.saturating_add(item.encoded_len()))
        }
        /// Writes the items, which end the frame.
        #[inline]
        fn write_all(items: impl Iterator<Item = Self>, w: &mut Writer<'_>) {
            items.for_each(|item| item.write(w));
        }
    }
}

/// A list of items in a packet: a slice of them, or the bytes of a decoded frame.
///
/// Two lists are equal when their items are, wherever they are kept.
#[derive(Clone, Copy)]
pub struct List<'a, T>(Source<'a, T>);

#[derive(Clone, Copy)]
enum Source<'a, T> {
    Items(&'a [T]),
    /// Judged once, when the packet was decoded.
    Wire(&'a [u8]),
}

impl<'a, T> List<'a, T> {
    /// A list to encode.
    pub const fn new(items: &'a [T]) -> Self {
        Self(Source::Items(items))
    }

    /// The items, if they lie in a slice: who walks them there need not ask at each where they come from.
    pub(crate) const fn items(&self) -> Option<&'a [T]> {
        match self.0 {
            Source::Items(items) => Some(items),
            Source::Wire(_) => None,
        }
    }

    /// True when there is no item. No packet can be encoded with an empty list.
    pub const fn is_empty(&self) -> bool {
        match self.0 {
            Source::Items(items) => items.is_empty(),
            Source::Wire(bytes) => bytes.is_empty(),
        }
    }
}

impl<'a, T: Item<'a>> List<'a, T> {
    /// Reads items to the end of the frame, judging each; there must be one, else `missing`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn read(r: &mut Reader<'a>, missing: ErrorKind) -> Result<Self, DecodeError> {
        if r.is_empty() {
            return Err(r.error(missing));
        }
        Self::read_items(r)
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    fn read_items(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = r.rest();
        T::read_all(r)?;
        Ok(Self(Source::Wire(bytes)))
    }

    /// A list out of the bytes that [`wire_bytes`](Self::wire_bytes) gave, judged anew.
    ///
    /// Errors: those that decoding the items gives.
    #[doc(hidden)]
    pub fn from_wire(bytes: &'a [u8]) -> Result<Self, ErrorKind> {
        let mut r = Reader::new(bytes, bytes.len(), Options::NONE);
        Self::read_items(&mut r).map_err(|error| error.kind())
    }

    /// The items, in the order of the packet. A decoded list was judged once, so every item is good.
    pub const fn iter(&self) -> ListIter<'a, T> {
        ListIter(self.0) // in the frame's order: [MQTT-3.9.3-1]
    }

    /// The number of items; walks a decoded list.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The bytes of a decoded list as they stood on the wire; `None` for a list of one's own.
    pub const fn wire_bytes(&self) -> Option<&'a [u8]> {
        match self.0 {
            Source::Items(_) => None,
            Source::Wire(bytes) => Some(bytes),
        }
    }
}

/// Reads one item from the front of a list's bytes and judges it anew: for a list that has been out
/// of Rust's hands. `None` at the end. Gives the bytes behind the item.
#[doc(hidden)]
pub fn read_first<'a, T: Item<'a>>(bytes: &'a [u8]) -> Result<Option<(T, &'a [u8])>, ErrorKind> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut r = Reader::new(bytes, bytes.len(), Options::NONE);
    let item = T::read(&mut r).map_err(|error| error.kind())?;
    Ok(Some((item, r.rest())))
}

/// The bytes before the list: the packet identifier.
const ID_LEN: usize = 2;

fn body_len<T: sealed::Write>(items: impl Iterator<Item = T>) -> usize {
    T::len_of_all(ID_LEN, items)
}

/// The length of a frame that is a packet identifier and a list.
pub(crate) fn encoded_len<T: sealed::Write>(items: impl Iterator<Item = T>) -> usize {
    wire::frame_len(body_len(items))
}

/// Writes a frame that is a packet identifier and a list; there must be an item, else `missing`.
pub(crate) fn encode<T: sealed::Write>(
    packet_type: PacketType,
    id: PacketId,
    items: impl Iterator<Item = T> + Clone,
    missing: ErrorKind,
    out: &mut [u8],
) -> Result<usize, EncodeError> {
    if items.clone().next().is_none() {
        return Err(missing.into());
    }
    let mut w = Writer::begin(packet_type.first_byte(), body_len(items.clone()), 0, out)?;
    w.u16(id.get());
    T::write_all(items, &mut w); // in their order: [MQTT-3.9.3-1]
    Ok(w.end())
}

/// The items of a [`List`].
#[derive(Clone, Debug)]
pub struct ListIter<'a, T>(Source<'a, T>);

impl<'a, T: Item<'a>> Iterator for ListIter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.0 {
            Source::Items(items) => {
                let (item, rest) = items.split_first()?;
                *items = rest;
                Some(*item)
            }
            Source::Wire(bytes) => {
                let (item, rest) = T::read_again(bytes)?;
                *bytes = rest;
                Some(item)
            }
        }
    }
}

impl<'a, T: Item<'a>> core::iter::FusedIterator for ListIter<'a, T> {}

impl<'a, T: Item<'a>> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = ListIter<'a, T>;

    fn into_iter(self) -> ListIter<'a, T> {
        self.iter()
    }
}

impl<'a, T: Item<'a>> IntoIterator for &List<'a, T> {
    type Item = T;
    type IntoIter = ListIter<'a, T>;

    fn into_iter(self) -> ListIter<'a, T> {
        self.iter()
    }
}

impl<'a, T> From<&'a [T]> for List<'a, T> {
    fn from(items: &'a [T]) -> Self {
        Self::new(items)
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for List<'a, T> {
    fn from(items: &'a [T; N]) -> Self {
        Self::new(items)
    }
}

impl<'a, T: Item<'a>> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Item<'a> + Eq> Eq for List<'a, T> {}

impl<'a, T: Item<'a>> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for Source<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Items(items) => items.fmt(f),
            Self::Wire(bytes) => write!(f, "{} bytes", bytes.len()),
        }
    }
}

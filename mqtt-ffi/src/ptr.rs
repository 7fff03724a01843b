//! The only place where a C pointer becomes a reference, and where NULL, misalignment, lengths over
//! `PTRDIFF_MAX` and overlap of an input with an output are refused.
//!
//! What stays is the caller's promise, made by calling an `unsafe extern "C"` function: a pointer
//! that passes these checks points at memory of its type that stays as it is during the call.

use core::marker::PhantomData;

use crate::status::{INVALID_ARGUMENT, NULL, mqttc_status};
use crate::types::mqttc_slice;

/// A type that C fills: integers, raw pointers and `Option<extern "C" fn>` alone.
///
/// # Safety
///
/// Every bit pattern must be a value of the type.
pub(crate) unsafe trait FromC: Copy {}

fn check<T>(p: *const T) -> Result<(), mqttc_status> {
    if p.is_null() {
        Err(NULL)
    } else if !p.is_aligned() {
        Err(INVALID_ARGUMENT)
    } else {
        Ok(())
    }
}

/// Reads a struct by value.
///
/// # Safety
///
/// `p`, if not NULL and aligned, points at a readable `T`.
pub(crate) unsafe fn read<T: FromC>(p: *const T) -> Result<T, mqttc_status> {
    check(p)?;
    // SAFETY: not NULL, aligned and, by the caller's promise, readable; `FromC` takes any bits.
    Ok(unsafe { p.read() })
}

/// A struct that nothing is written over.
///
/// # Safety
///
/// `p`, if not NULL and aligned, points at a readable `T` that stays as it is for `'a`.
pub(crate) unsafe fn view<'a, T: FromC>(p: *const T) -> Result<&'a T, mqttc_status> {
    check(p)?;
    // SAFETY: not NULL, aligned and, by the caller's promise, readable and as it is; `FromC` takes any bits.
    Ok(unsafe { &*p })
}

/// A struct whose place [`Output::holds_none_of`] has judged before.
///
/// # Safety
///
/// As for [`view`], which would take `p`.
pub(crate) unsafe fn judged_view<'a, T: FromC>(p: *const T) -> &'a T {
    // SAFETY: not NULL, aligned and, by the caller's promise, readable and as it is; `FromC` takes any bits.
    unsafe { &*p }
}

/// Where a result goes.
#[derive(Clone, Copy)]
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// # Safety
    ///
    /// `p`, if not NULL and aligned, points at a writable `T` that stays so while the `Out` is used.
    pub(crate) unsafe fn new(p: *mut T) -> Result<Self, mqttc_status> {
        check(p)?;
        Ok(Self(p))
    }

    /// One that [`Out::new`] has judged before.
    ///
    /// # Safety
    ///
    /// As for [`Out::new`], which took `p`.
    pub(crate) unsafe fn judged(p: *mut T) -> Self {
        Self(p)
    }

    /// The same for a result that the caller may not want: NULL is `None`.
    ///
    /// # Safety
    ///
    /// As for [`Out::new`].
    pub(crate) unsafe fn optional(p: *mut T) -> Result<Option<Self>, mqttc_status> {
        // SAFETY: the caller's promise.
        if p.is_null() { Ok(None) } else { unsafe { Self::new(p) }.map(Some) }
    }

    pub(crate) const fn as_ptr(&self) -> *const T {
        self.0
    }

    /// Writes without reading or dropping what was there. No reference is made, so that two results
    /// in one place are merely one overwriting the other.
    pub(crate) fn set(self, value: T) {
        // SAFETY: not NULL, aligned and, by the promise to `new`, writable.
        unsafe { self.0.write(value) };
    }

    /// Writes a result, if it is one.
    #[inline(always)]
    pub(crate) fn put<U: Into<T>, E>(self, value: Result<U, E>) -> Result<(), E> {
        self.set(value?.into());
        Ok(())
    }

    /// Refuses an input that this result would overwrite while it is being read.
    pub(crate) fn apart_from(self, input: &[u8]) -> Result<Self, mqttc_status> {
        Place::of(self.0).judge(input.as_ptr(), input.len())?;
        Ok(self)
    }
}

/// Where an object lies, by its address alone: what is to be judged of it is the same for every type.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    at: *const u8,
    size: usize,
    align: usize,
}

impl Place {
    pub(crate) const fn of<T>(p: *const T) -> Self {
        Self { at: p.cast(), size: size_of::<T>(), align: align_of::<T>() }
    }

    /// Refuses NULL, misalignment, and what shares a byte with the `len` bytes at `p`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn judge(self, p: *const u8, len: usize) -> Result<(), mqttc_status> {
        if self.at.is_null() {
            return Err(NULL);
        }
        if self.at.addr() & self.align.wrapping_sub(1) != 0 {
            return Err(INVALID_ARGUMENT);
        }
        if len == 0 {
            return Ok(());
        }
        apart(self.at, self.size, p, len)
    }
}

/// Refuses two ranges that share a byte. One of them may be empty, and then must start at no byte of the other.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn apart(a: *const u8, a_len: usize, b: *const u8, b_len: usize) -> Result<(), mqttc_status> {
    // How far the last byte of `b` stands behind the first of `a`: it wraps to more than any length if it is
    // before it, and if `b` begins behind the end of `a`, it is at least as much as both lengths less one.
    let all_but_one = b_len.wrapping_sub(1);
    let reach = b.addr().wrapping_sub(a.addr()).wrapping_add(all_but_one);
    let shares = reach < a_len.wrapping_add(all_but_one);
    if shares { Err(INVALID_ARGUMENT) } else { Ok(()) }
}

/// Refuses what cannot be a range of `len` bytes. True when there are bytes in it.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn check_range(p: *const u8, len: usize) -> Result<bool, mqttc_status> {
    // One comparison for the two rare cases: 0 wraps to the largest number.
    if len.wrapping_sub(1) >= isize::MAX as usize {
        return match len {
            0 => Ok(false),
            _ if p.is_null() => Err(NULL),
            _ => Err(INVALID_ARGUMENT),
        };
    }
    if p.is_null() { Err(NULL) } else { Ok(true) }
}

/// Bytes to read; NULL only with length 0.
///
/// # Safety
///
/// `len` bytes at `p`, if the range is one, are readable and stay as they are for `'a`.
#[cfg_attr(target_pointer_width = "64", inline(always))]
pub(crate) unsafe fn input<'a>(p: *const u8, len: usize) -> Result<&'a [u8], mqttc_status> {
    if !check_range(p, len)? {
        return Ok(&[]);
    }
    // SAFETY: not NULL, at most isize::MAX bytes, bytes have no alignment; readable by the promise.
    Ok(unsafe { core::slice::from_raw_parts(p, len) })
}

/// Bytes to write. Not a reference until every input is known to lie elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    p: *mut u8,
    len: usize,
    lives: PhantomData<&'a mut [u8]>,
}

impl<'a> Output<'a> {
    /// One that is judged.
    ///
    /// # Safety
    ///
    /// As for [`Output::of`].
    pub(crate) unsafe fn new(p: *mut u8, len: usize) -> Result<Self, mqttc_status> {
        // SAFETY: the caller's promise.
        let output = unsafe { Self::of(p, len) };
        output.judge()?;
        Ok(output)
    }

    /// One to [`judge`](Self::judge) before anything else.
    ///
    /// # Safety
    ///
    /// `len` bytes at `p`, if the range is one, are writable for `'a` and touched by nobody else.
    pub(crate) unsafe fn of(p: *mut u8, len: usize) -> Self {
        // Without bytes it has no place that anything could overlap, and needs one that is not NULL.
        let p = if len == 0 { core::ptr::dangling_mut() } else { p };
        Self { p, len, lives: PhantomData }
    }

    /// Refuses what cannot be a range.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn judge(self) -> Result<(), mqttc_status> {
        check_range(self.p, self.len).map(drop)
    }

    /// A slice to read that does not overlap this output.
    ///
    /// # Safety
    ///
    /// The slice's memory is readable for its length, if it is one, and stays as it is for `'a`.
    #[inline(always)]
    pub(crate) unsafe fn input(self, slice: mqttc_slice) -> Result<&'a [u8], mqttc_status> {
        // SAFETY: the caller's promise.
        match unsafe { self.good_input(slice) } {
            Some(bytes) => Ok(bytes),
            None if slice.ptr.is_null() => Err(NULL),
            None => Err(INVALID_ARGUMENT),
        }
    }

    /// A slice that [`Output::input`] has taken before.
    ///
    /// # Safety
    ///
    /// As for [`Output::input`], which took the slice.
    pub(crate) unsafe fn judged_input(self, slice: mqttc_slice) -> &'a [u8] {
        // SAFETY: the caller's promise.
        if slice.len == 0 { &[] } else { unsafe { core::slice::from_raw_parts(slice.ptr, slice.len) } }
    }

    /// # Safety
    ///
    /// As for [`Output::input`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    unsafe fn good_input(self, slice: mqttc_slice) -> Option<&'a [u8]> {
        // SAFETY: the caller's promise.
        let bytes = unsafe { input(slice.ptr, slice.len) }.ok()?;
        if !bytes.is_empty() {
            apart(self.p, self.len, slice.ptr, slice.len).ok()?;
        }
        Some(bytes)
    }

    /// Refuses a place that is none, and one that overlaps this output.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn holds_none_of(self, place: Place) -> Result<(), mqttc_status> {
        place.judge(self.p, self.len)
    }

    /// An array to read that does not overlap this output; NULL only with count 0.
    ///
    /// # Safety
    ///
    /// `count` items at `p`, if the range is one, are readable and stay as they are for `'a`.
    pub(crate) unsafe fn array<T: FromC>(
        self,
        p: *const T,
        count: usize,
    ) -> Result<Array<'a, T>, mqttc_status> {
        if count > 0 {
            let size = count.saturating_mul(size_of::<T>());
            Place { size, ..Place::of(p) }.judge(self.p, self.len)?;
            if size > isize::MAX as usize {
                return Err(INVALID_ARGUMENT);
            }
        }
        Ok(Array { p, left: count, lives: PhantomData })
    }

    /// Refuses an object that lies in this output; not for NULL where there may be no output.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn apart_from<T>(&self, p: *const T) -> Result<(), mqttc_status> {
        apart(self.p, self.len, p.cast(), size_of::<T>())
    }

    /// The bytes themselves, once every input was taken through this output.
    ///
    /// C may not have written them yet: the codec writes them and never reads what it has not written.
    ///
    /// # Safety
    ///
    /// No other slice of these bytes is in use: call it once, or after the last use of the former one.
    pub(crate) unsafe fn into_slice(self) -> &'a mut [u8] {
        // SAFETY: not NULL, at most isize::MAX bytes, and writable for 'a and ours alone by the promises
        // to `new` and to this; every input lies elsewhere, as `input`, `read` and `array` have checked.
        unsafe { core::slice::from_raw_parts_mut(self.p, self.len) }
    }
}

/// The items of a C array, each read by value.
#[derive(Clone)]
pub(crate) struct Array<'a, T> {
    p: *const T,
    left: usize,
    lives: PhantomData<&'a T>,
}

impl<T: FromC> Iterator for Array<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: `left` items were readable at `p`, aligned and not NULL, as `Output::array` has
        // checked and was promised; one of them is read and stepped over.
        unsafe {
            let item = self.p.read();
            self.p = self.p.add(1);
            Some(item)
        }
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance;

    use super::*;

    /// Held against the bytes themselves, also where one range is as long as can be.
    #[test]
    fn ranges_are_apart_when_they_share_no_byte() {
        for (a, b, a_len, b_len) in
            (90..110).flat_map(|a| (1..6).flat_map(move |n| (1..6).map(move |m| (a, 100, n, m))))
        {
            let shares = (a..a + a_len).any(|byte| (b..b + b_len).contains(&byte));
            let verdict = apart(without_provenance(a), a_len, without_provenance(b), b_len);
            assert_eq!(verdict.is_err(), shares, "{a} {a_len} {b} {b_len}");
        }
        let longest = isize::MAX as usize;
        for (a, a_len, b, b_len, shares) in [
            (1, longest, longest, 1, true),
            (1, longest, longest + 1, 1, false),
            (longest, 1, 1, longest, true),
            (longest + 1, longest, 1, longest, false),
            (1, longest, 1, longest, true),
            (8, 0, 16, 4, false),
            (16, 4, 8, 0, false),
            (16, 4, 16, 4, true),
        ] {
            let verdict = apart(without_provenance(a), a_len, without_provenance(b), b_len);
            assert_eq!(verdict.is_err(), shares, "{a} {a_len} {b} {b_len}");
        }
    }
}

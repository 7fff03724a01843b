//! The only place where a C pointer becomes a reference, and where NULL, misalignment, lengths over
//! `PTRDIFF_MAX` and overlap of an input with an output are refused.
//!
//! What stays is the caller's promise, made by calling an `unsafe extern "C"` function: a pointer
//! that passes these checks points at memory of its type that stays as it is during the call.

use core::marker::PhantomData;

use crate::slice::mqttc_slice;
use crate::status::{INVALID_ARGUMENT, NULL, mqttc_status};

/// A type that C fills: integers, raw pointers and `Option<extern "C" fn>` alone.
///
/// # Safety
///
/// Every bit pattern must be a value of the type.
pub(crate) unsafe trait FromC: Copy {}

// SAFETY: a raw pointer and an integer.
unsafe impl FromC for mqttc_slice {}

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

/// A struct whose place [`Output::must_not_hold`] has checked before.
///
/// # Safety
///
/// As for [`view`], which would take `p`.
pub(crate) unsafe fn checked_view<'a, T: FromC>(p: *const T) -> &'a T {
    // SAFETY: not NULL, aligned and, by the caller's promise, readable and as it is; `FromC` takes any bits.
    unsafe { &*p }
}

/// A function pointer of any type, or NULL.
type AnyFn = Option<unsafe extern "C" fn()>;

/// A function pointer without its type. [`typed`] gives it back.
///
/// # Safety
///
/// `F` is an `Option` of a function pointer.
pub(crate) unsafe fn untyped<F: Copy>(function: F) -> AnyFn {
    const { assert!(size_of::<F>() == size_of::<AnyFn>()) };
    // SAFETY: the caller's promise; the result is not called.
    unsafe { core::mem::transmute_copy(&function) }
}

/// A function pointer with its type.
///
/// # Safety
///
/// `function` was made of an `F` by [`untyped`].
pub(crate) unsafe fn typed<F: Copy>(function: AnyFn) -> F {
    const { assert!(size_of::<F>() == size_of::<AnyFn>()) };
    // SAFETY: the caller's promise.
    unsafe { core::mem::transmute_copy(&function) }
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

    /// One that was checked before.
    ///
    /// # Safety
    ///
    /// As for [`Out::new`], which would take `p`.
    pub(crate) unsafe fn checked(p: *mut T) -> Self {
        Self(p)
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
}

/// Where an object lies, by its address alone: the checks are the same for every type. Two words, which go in
/// registers.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    at: *const u8,
    layout: Layout,
}

/// The size of an object in the lower half, its alignment in the upper one.
#[derive(Clone, Copy)]
pub(crate) struct Layout(u32);

impl Layout {
    pub(crate) const fn of<T>() -> Self {
        const { assert!(size_of::<T>() <= u16::MAX as usize && align_of::<T>() <= u16::MAX as usize) };
        Self(size_of::<T>() as u32 | (align_of::<T>() as u32) << 16)
    }

    const fn size(self) -> usize {
        self.0 as u16 as usize
    }

    const fn align(self) -> usize {
        (self.0 >> 16) as usize
    }
}

impl Place {
    /// Where nothing lies that could be wrong.
    pub(crate) const NOTHING: Self = Self::new(core::ptr::dangling(), Layout(1 << 16));

    pub(crate) const fn new(at: *const u8, layout: Layout) -> Self {
        Self { at, layout }
    }

    pub(crate) const fn of<T>(p: *const T) -> Self {
        Self::new(p.cast(), Layout::of::<T>())
    }

    /// Refuses NULL, misalignment, and overlap with the `len` bytes at `p`.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub(crate) fn check(self, p: *const u8, len: usize) -> Result<(), mqttc_status> {
        if self.at.is_null() {
            return Err(NULL);
        }
        if self.at.addr() & self.layout.align().wrapping_sub(1) != 0 {
            return Err(INVALID_ARGUMENT);
        }
        // Without bytes `p` is no place: then it is dangling, and nothing overlaps it.
        no_overlap(self.at, self.layout.size(), p, len)
    }

    /// [`check`](Self::check) against another object.
    pub(crate) fn check_beside(self, other: Self) -> Result<(), mqttc_status> {
        self.check(other.at, other.layout.size())
    }

    /// Refuses overlap with the `len` bytes at `p`, of an object that was checked before.
    pub(crate) fn must_not_lie_in(self, p: *const u8, len: usize) -> Result<(), mqttc_status> {
        no_overlap(self.at, self.layout.size(), p, len)
    }

    /// Refuses overlap with another object; neither is checked otherwise. NULL is no object and overlaps nothing.
    pub(crate) fn must_not_overlap(self, other: Self) -> Result<(), mqttc_status> {
        if self.at.is_null() || other.at.is_null() {
            return Ok(());
        }
        no_overlap(self.at, self.layout.size(), other.at, other.layout.size())
    }
}

/// Fails if the two ranges share a byte. One of them may be empty; it overlaps if it starts inside the other.
#[cfg_attr(target_pointer_width = "64", inline(always))]
fn no_overlap(a: *const u8, a_len: usize, b: *const u8, b_len: usize) -> Result<(), mqttc_status> {
    // How far the last byte of `b` lies behind the first of `a`: it wraps to more than any length if it is
    // before it, and if `b` begins behind the end of `a`, it is at least as much as both lengths less one.
    let all_but_one = b_len.wrapping_sub(1);
    let reach = b.addr().wrapping_sub(a.addr()).wrapping_add(all_but_one);
    let overlaps = reach < a_len.wrapping_add(all_but_one);
    if overlaps { Err(INVALID_ARGUMENT) } else { Ok(()) }
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
    // Without bytes an address where no object lies, so that nothing overlaps it.
    let p = if check_range(p, len)? { p } else { core::ptr::dangling() };
    // SAFETY: not NULL, at most isize::MAX bytes, bytes have no alignment; readable by the promise.
    Ok(unsafe { core::slice::from_raw_parts(p, len) })
}

/// Bytes of a range that was checked before, or that is a part of one.
///
/// # Safety
///
/// As for [`input`], which would take them.
pub(crate) unsafe fn checked_input<'a>(p: *const u8, len: usize) -> &'a [u8] {
    // SAFETY: the caller's promise; without bytes any address will do but NULL.
    if len == 0 { &[] } else { unsafe { core::slice::from_raw_parts(p, len) } }
}

/// Bytes to write. Not a reference until every input is known to lie elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    p: *mut u8,
    len: usize,
    lives: PhantomData<&'a mut [u8]>,
}

impl<'a> Output<'a> {
    /// One that is checked.
    ///
    /// # Safety
    ///
    /// As for [`Output::of`].
    pub(crate) unsafe fn new(p: *mut u8, len: usize) -> Result<Self, mqttc_status> {
        // SAFETY: the caller's promise.
        let output = unsafe { Self::of(p, len) };
        output.check()?;
        Ok(output)
    }

    /// One to [`check`](Self::check) before anything else.
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
    pub(crate) fn check(self) -> Result<(), mqttc_status> {
        check_range(self.p, self.len).map(drop)
    }

    /// The last `len` bytes of it, if it has so many.
    pub(crate) fn last(self, len: usize) -> Option<Self> {
        let before = self.len.checked_sub(len)?;
        Some(Self { p: self.p.wrapping_add(before), len, ..self })
    }

    /// A slice to read that does not overlap this output.
    ///
    /// # Safety
    ///
    /// The slice's memory is readable for its length, if it is one, and stays as it is for `'a`.
    #[inline(always)]
    pub(crate) unsafe fn input(self, slice: mqttc_slice) -> Result<&'a [u8], mqttc_status> {
        let start = self.start_of_input(slice.ptr, slice.len)?;
        // SAFETY: not NULL, at most isize::MAX bytes, bytes have no alignment; readable by the promise.
        Ok(unsafe { core::slice::from_raw_parts(start, slice.len) })
    }

    /// Where a range to read starts, which is not NULL, if it is one and does not overlap this output.
    #[inline(always)]
    fn start_of_input(self, p: *const u8, len: usize) -> Result<*const u8, mqttc_status> {
        let start = self.start_or_null(p, len);
        if !start.is_null() {
            return Ok(start);
        }
        Err(if p.is_null() { NULL } else { INVALID_ARGUMENT })
    }

    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    fn start_or_null(self, p: *const u8, len: usize) -> *const u8 {
        match check_range(p, len) {
            Ok(false) => core::ptr::dangling(),
            Ok(true) if no_overlap(self.p, self.len, p, len).is_ok() => p,
            _ => core::ptr::null(),
        }
    }

    /// Refuses a place that is none, and one that overlaps this output.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn must_not_hold(self, place: Place) -> Result<(), mqttc_status> {
        place.check(self.p, self.len)
    }

    /// Refuses an object that overlaps this output and is not checked otherwise. NULL is no object and overlaps
    /// nothing.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(crate) fn must_not_overlap<T>(self, p: *const T) -> Result<(), mqttc_status> {
        if p.is_null() { Ok(()) } else { no_overlap(self.p, self.len, p.cast(), size_of::<T>()) }
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
            if !p.is_aligned() {
                return Err(INVALID_ARGUMENT);
            }
            self.start_of_input(p.cast(), count.saturating_mul(size_of::<T>()))?;
        }
        Ok(Array { p, left: count, lives: PhantomData })
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
    fn two_ranges_overlap_when_they_share_a_byte() {
        for (a, b, a_len, b_len) in
            (90..110).flat_map(|a| (1..6).flat_map(move |n| (1..6).map(move |m| (a, 100, n, m))))
        {
            let shares = (a..a + a_len).any(|byte| (b..b + b_len).contains(&byte));
            let verdict = no_overlap(without_provenance(a), a_len, without_provenance(b), b_len);
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
            let verdict = no_overlap(without_provenance(a), a_len, without_provenance(b), b_len);
            assert_eq!(verdict.is_err(), shares, "{a} {a_len} {b} {b_len}");
        }
    }

    fn at(address: usize) -> *mut u8 {
        core::ptr::without_provenance_mut(address)
    }

    #[test]
    fn null_is_no_object_and_overlaps_nothing() {
        // So near to address 0 that the eight bytes from there would reach into them.
        let (object, none) = (Place::of(at(4).cast::<u32>()), Place::of(core::ptr::null::<u64>()));
        assert_eq!(object.must_not_overlap(none), Ok(()));
        assert_eq!(none.must_not_overlap(object), Ok(()));
        assert_eq!(object.must_not_overlap(object), Err(INVALID_ARGUMENT));
        // SAFETY: nothing is read or written through it.
        let output = unsafe { Output::of(at(4), 64) };
        assert_eq!(output.must_not_overlap(core::ptr::null::<u64>()), Ok(()));
        assert_eq!(output.must_not_overlap(at(64).cast::<u64>()), Err(INVALID_ARGUMENT));
        assert_eq!(output.must_not_overlap(at(72).cast::<u64>()), Ok(()));
    }

    #[test]
    fn a_place_that_is_none_is_told_from_one_that_overlaps() {
        for (address, verdict) in
            [(0, Err(NULL)), (25, Err(INVALID_ARGUMENT)), (16, Err(INVALID_ARGUMENT)), (24, Ok(()))]
        {
            assert_eq!(Place::of(at(address).cast::<u64>()).check(at(1), 20), verdict, "{address}");
        }
        // Without bytes there is nothing to overlap, wherever they would be.
        // SAFETY: nothing is read or written through it.
        let empty = unsafe { Output::of(at(20), 0) };
        assert_eq!(empty.must_not_hold(Place::of(at(16).cast::<u64>())), Ok(()));
    }
}

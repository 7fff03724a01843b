//! The C functions, called as C calls them: against the Rust API on the same bytes, with canaries around
//! every buffer and result, and with any integers in the fields of every struct.

mod decode;
mod encode;
mod guarded;
mod reader;
pub(crate) mod said;
pub(crate) mod seeds;

/// Panics when C and Rust disagree, or when something is written that should not be. The input: a byte that
/// says which functions, and what they are given.
pub fn check(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    match choice % 4 {
        0 => decode::check(rest),
        1 => reader::check(rest),
        2 => encode::check(rest),
        _ => decode::check_scalars(rest),
    }
}

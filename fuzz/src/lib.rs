//! What the fuzz targets check, one module for each target. Here and not in the targets, so that
//! `cargo test` runs the same checks over the seeds with a plain compiler.

pub mod decode;
pub mod differential;
mod encoding;
pub mod ffi;
pub mod input;
pub mod options;
pub mod reader;
pub mod reencode;
pub mod roundtrip;
pub mod seeds;
pub mod short;
pub mod topics;

/// A target: its name and its check, which panics when a promise is broken.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 8] = [
    ("decode", decode::check),
    ("differential", differential::check),
    ("ffi", ffi::check),
    ("options", options::check),
    ("reader", reader::check),
    ("reencode", reencode::check),
    ("roundtrip", roundtrip::check),
    ("topics", topics::check),
];

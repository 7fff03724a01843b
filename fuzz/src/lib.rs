//! What the fuzz targets check, one module for each target. Here and not in the targets, so that
//! `cargo test` runs the same checks over the seeds with a plain compiler.

pub mod decode;

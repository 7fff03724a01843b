//! The C API of mqtt-codec: [`mqtt_codec`] behind `extern "C"` functions with fixed-width integers,
//! borrowed slices and structs that the caller owns. `include/mqttc.h` is generated from here, so the
//! doc comments of this crate are written for the C reader.
//!
//! # Safety
//!
//! Every function here is `unsafe` to call from Rust for one reason, which is not repeated at each:
//! a pointer must point at what its type says, and a slice's memory must be readable for its length,
//! for as long as the call lasts. NULL, misaligned pointers, lengths over `PTRDIFF_MAX`, inputs that
//! overlap an output while they are read, and any value in any field give a status; a wild pointer cannot.
//! (`why` is set last: inside the struct to encode it overwrites what has been read.)
//!
//! Only `ptr` turns pointers into references. Nothing that C wrote is ever read as a `bool`, an
//! `enum`, a reference or a `NonZero`: structs are read by value as integers and pointers, and
//! checked after.

#![no_std]
#![allow(non_camel_case_types)] // the C names are the names
#![allow(clippy::missing_safety_doc)] // said once, above
#![allow(rustdoc::invalid_rust_codeblocks)] // the examples are C

#[cfg(test)]
#[macro_use]
extern crate std;

pub mod ack;
pub mod bodyless;
mod call;
pub mod connack;
pub mod connect;
pub mod decoder;
pub mod filters;
pub mod packet;
pub mod peek;
mod ptr;
pub mod publish;
pub mod reader;
pub mod slice;
pub mod status;
pub mod suback;
pub mod text;
pub mod topic;
pub mod version;

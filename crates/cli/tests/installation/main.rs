//! What stands around the guard: its service, the doctor, manual pages and completions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.
#![allow(clippy::disallowed_methods)] // Tests wait.

#[path = "../common/mod.rs"]
mod common;
mod doctor;
#[allow(dead_code, reason = "each program uses its part")]
#[path = "../daemon/house.rs"]
mod house;
mod manual;
mod service;

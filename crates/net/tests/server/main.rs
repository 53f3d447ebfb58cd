//! The server as clients see it, mostly byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod drain;
mod exchanges;
mod limits;
mod running;
mod smuggling;
mod tls;
#[cfg(unix)]
mod unix;

//! Conversations of a modern client with a legacy server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod attacks;
mod calls;
mod handshake;
mod input;
mod listens;
mod properties;
mod script;

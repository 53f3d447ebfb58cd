//! Linux and macOS.

pub mod background;
pub(crate) mod files;
pub(crate) mod leader;
pub(crate) mod reaper;
pub(crate) mod service;
pub(crate) mod signals;
pub(crate) mod socket;
pub(crate) mod streams;
pub(crate) mod user;

//! Windows. All of this compiles and links, and none of it has been run: untested.

pub mod background;
pub(crate) mod files;
pub(crate) mod leader;
pub(crate) mod reaper;
pub(crate) mod service;
pub(crate) mod signals;
pub(crate) mod socket;
pub(crate) mod streams;
pub(crate) mod user;

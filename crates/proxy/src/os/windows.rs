//! Windows. Tried by hand under Wine, and never run on Windows itself; no test covers it. See `docs/platforms.md`.

pub mod background;
pub(crate) mod files;
pub(crate) mod leader;
pub(crate) mod reaper;
pub(crate) mod service;
pub(crate) mod signals;
pub(crate) mod socket;
pub(crate) mod streams;
pub(crate) mod user;

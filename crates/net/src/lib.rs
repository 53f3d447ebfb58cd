//! HTTP in and out, safely: listeners, TLS, limits, guarded connections.
//!
//! Nothing here knows what the messages mean.

pub mod client;
pub mod server;

//! HTTP in and out, safely: listeners, TLS, limits, guarded connections.

pub mod client;

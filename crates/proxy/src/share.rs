//! Servers that several sessions share, where the configuration says that the server allows it.

mod host;
mod mux;
mod rewrite;

pub(crate) use self::host::{Pool, Shares};

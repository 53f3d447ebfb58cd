//! How a bridge or a command finds the daemon of this user and proves that it may talk to it.

mod hello;
mod key;
mod lock;
mod place;
mod private;

pub use self::{
    hello::{Ask, Dialled, LocalError, dial},
    lock::running,
    place::Place,
};
pub(crate) use self::{
    hello::{Greeting, Hello, read_line},
    key::Key,
    lock::Lock,
};

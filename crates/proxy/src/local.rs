//! How a bridge or a command finds the daemon of this user and proves that it may talk to it.

mod hello;
mod lock;
mod place;
mod private;
mod secret;
mod surroundings;

pub use self::{
    hello::{Ask, Dialled, LocalError, dial},
    lock::running,
    place::Place,
    secret::Secret,
    surroundings::Surroundings,
};
pub(crate) use self::{
    hello::{Greeting, Hello, read_line},
    lock::Lock,
};

//! A configuration file as text: its shape, its variables, and what is wrong with it.

mod at;
mod foreign;
mod nearest;
mod read;
mod report;
pub(crate) mod schema;
mod unenforced;
mod variables;

pub(crate) use self::{
    at::{At, Entries, Given, Place},
    nearest::nearest,
    read::{read, read_full},
    report::Report,
    variables::{Lookup, expand},
};

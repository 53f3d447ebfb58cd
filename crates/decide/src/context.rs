use std::borrow::Cow;

use policy::Flow;
use wire::{Method, Revision};

use crate::Pins;

/// What the session knows of a frame that the frame does not say itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Which way it goes.
    pub flow: Flow,
    /// For a response: the request it answers. `None` if nobody asked.
    pub answers: Option<&'a About>,
    /// What the server was approved to be; `None` where it is held to nothing.
    pub pins: Option<&'a dyn Pins>,
    /// The time, in seconds of Unix time: exemptions end.
    pub now: u64,
}

/// What a request or notification is about, fit to be stored and shown; a request's is kept until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The method, if it is one we know.
    pub method: Option<Method>,
    /// Its name, masked.
    pub name: Cow<'static, str>,
    /// The tool, resource or prompt it was about, masked.
    pub target: Option<Box<str>>,
    /// The revision the request was made in, as far as known.
    pub revision: Option<Revision>,
}

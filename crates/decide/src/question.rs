use std::time::Duration;

use policy::RateLimit;
use wire::{Frame, Parsed};

use crate::{About, Decision, Finding};

/// How far a frame has come.
#[derive(Debug)]
pub enum Step {
    /// To its end.
    Decided(Decision),
    /// To where an answer is needed that the core does not have.
    Asks(Question),
}

/// Whether a frame is within its limits: to be asked of whoever counts, and taken to
/// [`Core::resume`](crate::Core::resume) with the answer.
#[derive(Debug)]
pub struct Question {
    pub(crate) charges: Vec<Charge>,
    pub(crate) frame: Frame<Parsed>,
    pub(crate) about: Option<About>,
    pub(crate) findings: Vec<Finding>,
}

impl Question {
    /// The limits the frame counts towards: towards all of them or, if one is reached, towards none.
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }
}

/// One limit that a frame counts towards once.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The limit. Its bucket is counted for each user.
    pub limit: RateLimit,
    pub(crate) rule: &'static str,
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Within all limits, and counted.
    Within,
    /// Over one, and not counted.
    Over {
        /// The charge that is over its limit for the longest, by its place in the list.
        which: usize,
        /// When all of them would admit the frame.
        retry_after: Duration,
    },
    /// It cannot be told.
    Unknown,
}

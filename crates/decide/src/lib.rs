//! The decision core: a frame, what the session knows of it and a policy go in, one decision comes out.
//!
//! The stages a frame passes are two fixed lists, `leg::REQUEST` and `leg::RESPONSE`. Each stage adds
//! findings; [`compose`] makes one verdict of them. Where that depends on what others did before, the core stops
//! with a [`Question`] and is resumed with the answer. No I/O, no clock: the frames of a session, their contexts, the
//! policy and the answers replayed give the same decisions. Of earlier frames a decision depends on one thing, the ends
//! of the texts that streamed before at its places.

mod asks;
mod carry;
mod compose;
mod context;
mod denial;
mod facts;
mod finding;
mod leg;
mod listing;
mod pins;
mod places;
mod question;
mod stage;
mod verdict;

pub use self::{
    compose::compose,
    context::{About, Context},
    denial::{Denial, Retry},
    finding::{Finding, Stage},
    leg::{Core, Decision, Outcome, settled},
    pins::{Departure, Gravity, PinnedList, Pins},
    question::{Charge, Counted, Question, Step},
    verdict::Verdict,
};

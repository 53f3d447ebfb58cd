//! Other readings of a text: what stands in it in disguise, and where.
//!
//! The text itself is always looked at as it stands. Where something in it could be a disguise, the part around that is
//! read again the way whoever receives it might read it: escapes decoded, islands of base64 and the like opened,
//! characters nobody sees dropped. The same engine looks at the reading, and what it finds lies where the disguise lies
//! in the text. Readings can hold disguises in turn, to a bounded depth; past the bounds that itself is a finding.

mod backslash;
mod base64;
mod codes;
mod disguise;
mod entity;
mod finder;
mod hex;
mod inflate;
mod island;
mod leet;
mod lookalike;
mod map;
mod percent;
mod plausible;
mod printable;
mod smuggled;
mod spaced;
mod terminal;
pub(crate) mod turned;
mod unfold;
mod unicode;
mod unit;

pub use self::disguise::Disguise;
pub(crate) use self::lookalike::ascii as ascii_lookalike;
pub(crate) use self::{map::Map, unfold::Unfolder};

/// How much reading a text is worth.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bytes that readings may still have, all together.
    pub(crate) bytes: usize,
}

/// Disguises inside disguises are looked into so many times.
pub(crate) const DEPTH: usize = 4;

/// What readings may have in bytes beyond twice the text.
const ALLOWANCE: usize = 64 << 10;

impl Budget {
    pub(crate) fn of(text: &str) -> Self {
        Self { bytes: text.len().saturating_mul(2).saturating_add(ALLOWANCE) }
    }
}

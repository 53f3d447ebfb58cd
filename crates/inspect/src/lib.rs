//! Text in, findings out. No I/O, no async, no clock.
//!
//! A [`Scanner`] is compiled once and shared. It looks at one string at a time
//! and reports [`Hit`]s: which detector, where, how sure. What follows from a
//! hit is decided elsewhere.

mod across;
mod advertised;
mod argument;
mod ascii;
pub mod asking;
mod catalogue;
mod custom;
mod detect;
mod evidence;
mod letters;
pub mod names;
mod overlap;
pub mod pack;
mod payload;
mod place;
mod reading;
mod rules;
mod scanner;
mod uncover;
mod unseen;
mod valid;

pub use across::{Joint, Seam, may_go_on};
pub use advertised::{Names, Sign};
pub use catalogue::{Confidence, Detector, Family, catalogue};
pub use custom::CustomDetector;
pub use evidence::evidence;
pub use pack::{Action, Actions, Cells, Severity, Where};
pub use place::Place;
pub use reading::Disguise;
pub use rules::RuleError;
pub use scanner::{DetectorId, Hit, Scanner, ScannerError, Text};

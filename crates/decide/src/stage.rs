//! The stages, one file each. A stage looks at a frame and adds what it finds.

mod arguments;
mod beside;
mod capabilities;
mod content;
mod correlate;
mod cut;
mod elicitation;
mod exempt;
mod filter;
mod form;
mod limits;
mod narrow;
mod permission;
mod pins;
mod preflight;
mod revision;
mod sampling;

use inspect::Hit;
use policy::ServerPolicy;
use wire::{Frame, Parsed, Walker, pointer_at};

pub(crate) use self::{
    arguments::arguments,
    beside::beside,
    capabilities::capabilities,
    content::content,
    correlate::correlate,
    elicitation::elicitation,
    filter::filter,
    form::form,
    limits::{charges, over, uncounted},
    permission::permission,
    pins::pins,
    preflight::preflight,
    revision::revision,
    sampling::sampling,
};
use crate::{Context, Finding, carry::Carry, facts::Facts, listing::Listing};

/// A frame on its leg.
pub(crate) struct Passage<'a> {
    pub(crate) frame: &'a Frame<Parsed>,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) context: Context<'a>,
    pub(crate) policy: &'a ServerPolicy,
    pub(crate) memory: &'a mut Memory,
    /// What it advertises, if it does.
    pub(crate) listing: Option<Listing<'a>>,
    pub(crate) findings: Vec<Finding>,
}

/// Memory kept between frames, for work and of the ends of texts.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) walker: Walker,
    pub(crate) hits: Vec<Hit>,
    pub(crate) carry: Carry,
}

impl Passage<'_> {
    /// JSON Pointer to a byte of the line; the names in it are the sender's and may be secrets themselves.
    fn pointer(&self, at: usize) -> String {
        shown(self.policy, &pointer_at(self.frame.line(), at))
    }

    /// The configuration key of a rule of this server.
    fn key(&self, rest: &str) -> String {
        let server = self.policy.name.as_deref().unwrap_or("NAME");
        format!("servers.{server}.policy.{rest}")
    }
}

/// Longest name we repeat, in characters.
const SHOWN: usize = 160;

/// A name a peer chose, as it may be shown and stored: secrets masked, invisible characters spelt out, bounded.
pub(crate) fn shown(policy: &ServerPolicy, name: &str) -> String {
    let masked = policy.content.masking().redact(name);
    if masked.len() <= SHOWN && masked.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return masked.into_owned();
    }
    let mut shown = String::new();
    for character in masked.chars().take(SHOWN) {
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    if masked.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

//! The built-in detectors: one pass for literals, one for `@`, one for digits;
//! everything else looks only at what these passes stop at.

mod anchors;
mod aws;
mod card;
mod context;
mod database_url;
mod digits;
mod email;
mod example;
mod github;
mod jwt;
mod pem;
mod phone;
mod slack;
mod ssn;
mod tokens;

use std::ops::Range;

use crate::catalogue::{BUILTINS, Builtin, Confidence};
use crate::place::Place;
use crate::scanner::{DetectorId, Hit, Text};
use anchors::Anchors;

/// Which built-in detectors are enabled, under which id.
pub(crate) type Ids = [Option<DetectorId>; BUILTINS];

/// The enabled built-in detectors.
#[derive(Debug)]
pub(crate) struct Builtins {
    ids: Ids,
    anchors: Anchors,
    email: bool,
    digits: bool,
}

impl Builtins {
    pub(crate) fn new(ids: Ids) -> Self {
        let wanted = |builtin: Builtin| ids.get(builtin as usize).is_some_and(Option::is_some);
        Self {
            anchors: Anchors::new(wanted),
            email: wanted(Builtin::Email),
            digits: NUMBERS.into_iter().any(wanted),
            ids,
        }
    }

    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        if too_short(text.text.as_bytes()) {
            return;
        }
        let mut scan = Scan {
            text: text.text.as_bytes(),
            key: text.key.unwrap_or_default().as_bytes(),
            place: text.place,
            aws: aws::Progress::default(),
            urls: database_url::Progress::default(),
            ids: &self.ids,
            hits,
        };
        self.anchors.scan(&mut scan);
        aws::scan_value(&mut scan);
        if self.email {
            email::scan(&mut scan);
        }
        if self.digits {
            digits::scan(&mut scan);
        }
    }

    /// The finding that `span` holds more disguises than are looked into.
    pub(crate) fn nested(&self, span: Range<usize>) -> Option<Hit> {
        let detector = self.ids.get(Builtin::NestedEncoding as usize).copied().flatten()?;
        Some(Hit { detector, span, confidence: Confidence::new(90), disguise: None })
    }

    /// Whether a literal that a detector knows its values by begins with `begun`.
    pub(crate) fn has_anchor(&self, begun: &str) -> bool {
        self.anchors.begin_with(begun)
    }

    /// Whether values of this detector say themselves what they are, by how they begin or by a check digit. The others
    /// would see something in any two texts that are put together: a name and what begins with `@`, two numbers. So
    /// would an operator's expressions, of which nothing is known.
    pub(crate) fn is_marked(&self, id: DetectorId) -> bool {
        let unmarked = [
            Builtin::Email,
            Builtin::Phone,
            Builtin::Ssn,
            Builtin::AwsSecretKey,
            Builtin::NestedEncoding,
            Builtin::PublishedExample,
        ];
        let is = |builtin: usize| self.ids.get(builtin) == Some(&Some(id));
        (0..self.ids.len()).any(is) && !unmarked.into_iter().any(|builtin| is(builtin as usize))
    }

    /// Whether a value of this detector is told from all others by its beginning, so that even texts of different meaning
    /// can be put together: neither a number nor an address, which grow together with what stands beside them.
    pub(crate) fn is_token(&self, id: DetectorId) -> bool {
        let others = [Builtin::CreditCard, Builtin::DatabaseUrl];
        let is = |builtin: Builtin| self.ids.get(builtin as usize) == Some(&Some(id));
        self.is_marked(id) && !others.into_iter().any(is)
    }

    /// Where the first literal stands that a detector knows its values by.
    pub(crate) fn first_anchor(&self, text: &[u8]) -> Option<usize> {
        self.anchors.first(text)
    }
}

/// What the pass for digits finds.
const NUMBERS: [Builtin; 5] =
    [Builtin::Phone, Builtin::Ssn, Builtin::CreditCard, Builtin::CardInField, Builtin::PublishedExample];

/// No secret is shorter than this, in bytes; what is shorter and found all the same has a digit or an `@`.
const SHORTEST_SECRET: usize = 16;

/// The shortest e-mail address, in bytes: `a@b.cd`.
const SHORTEST: usize = 6;

/// Whether the text is too short to hold anything, as most member names are.
fn too_short(text: &[u8]) -> bool {
    let telling = |byte: &u8| *byte == b'@' || byte.is_ascii_digit();
    text.len() < SHORTEST || (text.len() < SHORTEST_SECRET && !text.iter().any(telling))
}

/// One string being scanned: what detectors read and where they report to.
struct Scan<'s> {
    text: &'s [u8],
    /// Name of the member the text is the value of, or empty.
    key: &'s [u8],
    /// The kind of place it stands in.
    place: Place,
    aws: aws::Progress,
    urls: database_url::Progress,
    ids: &'s Ids,
    hits: &'s mut Vec<Hit>,
}

impl Scan<'_> {
    /// Findings of disabled detectors are dropped.
    fn report(&mut self, builtin: Builtin, span: Range<usize>, percent: u8) {
        if let Some(Some(id)) = self.ids.get(builtin as usize) {
            let confidence = Confidence::new(percent);
            self.hits.push(Hit { detector: *id, span, confidence, disguise: None });
        }
    }
}

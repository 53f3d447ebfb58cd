//! The built-in detectors: one pass for literals, one for `@`, one for digits;
//! everything else looks only at what these passes stop at.

mod ascii;
mod email;

use std::ops::Range;

use crate::catalogue::{BUILTINS, Builtin, Confidence};
use crate::scanner::{DetectorId, Hit, Text};

/// Which built-in detectors are enabled, under which id.
pub(crate) type Ids = [Option<DetectorId>; BUILTINS];

/// The enabled built-in detectors.
#[derive(Debug)]
pub(crate) struct Builtins {
    ids: Ids,
}

impl Builtins {
    pub(crate) fn new(ids: Ids) -> Self {
        Self { ids }
    }

    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let mut sink = Sink { ids: &self.ids, hits };
        if sink.wants(Builtin::Email) {
            email::scan(text.text, &mut sink);
        }
    }
}

/// Where detectors report to; findings of disabled detectors are dropped.
pub(crate) struct Sink<'s> {
    ids: &'s Ids,
    hits: &'s mut Vec<Hit>,
}

impl Sink<'_> {
    fn wants(&self, builtin: Builtin) -> bool {
        self.ids.get(builtin as usize).is_some_and(Option::is_some)
    }

    fn report(&mut self, builtin: Builtin, span: Range<usize>, percent: u8) {
        if let Some(Some(id)) = self.ids.get(builtin as usize) {
            self.hits.push(Hit { detector: *id, span, confidence: Confidence::new(percent) });
        }
    }
}

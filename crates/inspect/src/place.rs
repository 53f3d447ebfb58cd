//! Where a text stands in a message, as far as rules care.

use crate::pack::Where;

/// The kind of place a text stands in. Rules say in which they look: the content of a file that is written is not
/// judged as a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place(Option<Where>);

impl Place {
    /// Not known: every rule looks.
    pub const UNKNOWN: Self = Self(None);

    /// A place of this kind.
    pub const fn new(kind: Where) -> Self {
        Self(Some(kind))
    }

    /// The kind, if it is known.
    pub fn kind(self) -> Option<Where> {
        self.0
    }
}

/// The kinds of places in which a rule looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places(u32);

const ARGUMENTS: [Where; 7] =
    [Where::Path, Where::Url, Where::Command, Where::Query, Where::Code, Where::Content, Where::Value];

impl Places {
    pub(crate) const EVERYWHERE: Self = Self(u32::MAX);

    /// The places that a rule names; everywhere if it names none.
    pub(crate) fn of(kinds: &[Where]) -> Self {
        match kinds {
            [] => Self::EVERYWHERE,
            kinds => Self(kinds.iter().fold(0, |bits, kind| bits | of_kind(*kind))),
        }
    }

    /// Whether the place is known and one of these.
    pub(crate) fn names(self, place: Place) -> bool {
        place.0.is_some() && self.include(place)
    }

    pub(crate) fn include(self, place: Place) -> bool {
        place.0.is_none_or(|kind| self.0 & of_kind(kind) != 0)
    }
}

const fn of_kind(kind: Where) -> u32 {
    match kind {
        Where::Arguments => {
            let (mut bits, mut at) = (0, 0);
            while at < ARGUMENTS.len() {
                #[allow(clippy::indexing_slicing)] // Within bounds, and evaluated by the compiler.
                let kind = ARGUMENTS[at];
                bits |= 1 << kind as u32;
                at += 1;
            }
            bits
        }
        kind => 1 << kind as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_every_kind_of_argument_and_nothing_else() {
        let places = Places::of(&[Where::Arguments]);
        assert!(ARGUMENTS.into_iter().all(|kind| places.include(Place::new(kind))));
        assert!(!places.include(Place::new(Where::Result)));
        assert!(places.include(Place::UNKNOWN));
    }

    #[test]
    fn a_rule_that_names_no_place_looks_everywhere() {
        assert!(Places::of(&[]).include(Place::new(Where::Other)));
        assert!(!Places::of(&[Where::Path]).include(Place::new(Where::Url)));
    }
}

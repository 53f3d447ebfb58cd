//! What a line is and whom it concerns, where it was inspected before or will be after: enough to carry it.

use wire::{Method, member, members};

/// The outside of a message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Envelope<'a> {
    /// Raw.
    pub(super) id: Option<&'a str>,
    /// Raw, without quotes.
    pub(super) method: Option<&'a str>,
    params: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        let mut found = Self::default();
        for member in members(line) {
            match member.key {
                "id" => found.id = Some(member.value).filter(|id| *id != "null"),
                "method" => {
                    found.method = member.value.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
                }
                "params" => found.params = Some(member.value),
                _ => {}
            }
        }
        found
    }

    pub(super) fn is_request(&self) -> bool {
        self.method.is_some() && self.id.is_some()
    }

    pub(super) fn is_answer(&self) -> bool {
        self.method.is_none() && self.id.is_some()
    }

    pub(super) fn is(&self, method: Method) -> bool {
        self.method == Some(method.name())
    }

    /// The request that a cancellation is about, raw.
    pub(super) fn cancels(&self) -> Option<&'a str> {
        let params = self.params.filter(|_| self.is(Method::Cancelled))?;
        Some(member(params, "requestId")?.value)
    }
}

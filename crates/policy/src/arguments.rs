use std::sync::Arc;

use arguments::{Cause, Constraints};

use crate::{Action, Location, permissions::ToolPattern};

/// What the arguments of some tools may be, compiled.
#[derive(Debug)]
pub struct ArgumentPolicy {
    /// The key of the list it stands in, such as `servers.files.policy.arguments`.
    pub scope: Arc<str>,
    /// Where it was written.
    pub at: Location,
    /// What is asked, and what is changed.
    pub constraints: Constraints,
    /// What is done with a call that violates any of it.
    pub action: Action,
    /// The tools it is about; `None` for all.
    pub(crate) tools: Option<Vec<ToolPattern>>,
    /// Where each rule was written.
    pub(crate) rules_at: Vec<Location>,
    /// Where each condition was written.
    pub(crate) when_at: Vec<Location>,
    pub(crate) schema_at: Option<Location>,
    pub(crate) unknown_at: Option<Location>,
    /// As it was written.
    pub(crate) written: String,
}

impl ArgumentPolicy {
    /// Whether it is about a tool; any reading of the name may match.
    pub fn is_about(&self, tool: &str) -> bool {
        self.tools.as_ref().is_none_or(|tools| tools.iter().any(|pattern| pattern.matches(tool)))
    }

    /// Where what a call violates was written.
    pub fn place(&self, cause: Cause) -> &Location {
        let place = match cause {
            Cause::Rule(number, _) | Cause::Missing(number) => self.rules_at.get(number),
            Cause::When(number) => self.when_at.get(number),
            Cause::Schema(_) => self.schema_at.as_ref(),
            Cause::Unknown => self.unknown_at.as_ref(),
        };
        place.unwrap_or(&self.at)
    }

    /// Whether it is told in the advertised schema.
    pub fn is_advertised(&self) -> bool {
        self.action == Action::Block
    }

    /// Whether it asks who calls.
    pub(crate) fn asks_who(&self) -> bool {
        self.constraints.when.iter().any(arguments::When::asks_who)
    }

    /// What it says, for the hash of a policy.
    pub(crate) fn describe(&self) -> serde_json::Value {
        let tools: Option<Vec<_>> =
            self.tools.as_ref().map(|tools| tools.iter().map(ToolPattern::describe).collect());
        serde_json::json!([tools, self.action.as_str(), self.constraints.identity()])
    }
}

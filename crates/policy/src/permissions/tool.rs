use std::sync::Arc;

use super::{
    lists::{NameRules, PatternList},
    pattern::{Pattern, PatternError},
};

/// A pattern for tools outside of permission lists, read as in `denied_tools`: it matches a name if it matches
/// any reading of it, so that another spelling is no way around it.
#[derive(Debug)]
pub(crate) struct ToolPattern {
    pattern: Pattern,
    /// A deny list of one.
    rules: NameRules,
}

impl ToolPattern {
    pub(crate) fn compile(pattern: Pattern) -> Result<Self, Vec<PatternError>> {
        let denied = PatternList { at: pattern.at.clone(), patterns: vec![pattern.clone()] };
        let rules =
            NameRules::compile(&Arc::from("tool_limits"), ["", "tool_limits"], [&None, &Some(denied)])?;
        Ok(Self { pattern, rules })
    }

    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Whether any reading of `name`, as it stands in a message, matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        !self.rules.judge(name).is_allowed()
    }

    /// What it matches, for the hash of a policy.
    pub(crate) fn describe(&self) -> serde_json::Value {
        self.rules.describe()
    }
}

//! Which tools, resources and prompts may be named.
//!
//! One rule: a denial applies if **any** reading of the name matches it; a permission applies only
//! if **every** reading matches some pattern of the list. Denials win. Without an allow list
//! everything is allowed; with an empty one, nothing.

mod glob;
mod lists;
mod matcher;
mod pattern;
mod tool;

pub use self::{
    lists::{PatternList, PermissionLists},
    pattern::{Pattern, PatternError},
};

pub(crate) use self::{matcher::reason, pattern::Piece, tool::ToolPattern};

use std::sync::Arc;

use self::lists::{NameRules, UriRules};
use crate::Location;

/// The kinds of things a client can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// `tools/call` and entries of `tools/list`.
    Tool,
    /// Resource URIs, wherever they occur.
    Resource,
    /// `prompts/get` and entries of `prompts/list`.
    Prompt,
}

/// Compiled permissions: a stack of rules, each of which can only take away. A name is denied if any of them
/// denies it, and allowed only if all allow it.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    stack: Vec<Arc<Rules>>,
}

/// The lists of one mapping of a file, compiled.
#[derive(Debug)]
struct Rules {
    lists: PermissionLists,
    tools: NameRules,
    resources: UriRules,
    prompts: NameRules,
}

/// What the permissions say about one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement<'p> {
    /// No rule stands against it.
    Allowed,
    /// It may not be used.
    Denied(Refusal<'p>),
}

impl Judgement<'_> {
    /// Whether the name may be used.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// The rule that stands against a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'p> {
    /// The key of the mapping that holds the list, such as `servers.files.policy.permissions`.
    pub scope: &'p str,
    /// The key of the list, such as `denied_tools`.
    pub list: &'static str,
    /// The pattern that matched; `None` when no pattern of an allow list did.
    pub pattern: Option<&'p Pattern>,
    /// The pattern's place, or the list's when there is no pattern.
    pub at: &'p Location,
    /// True when the name was refused because it is too long and too ambiguous to read in full.
    pub unreadable: bool,
}

impl Refusal<'_> {
    /// The key of the list, from the top of the file.
    pub fn path(&self) -> String {
        format!("{}.{}", self.scope, self.list)
    }
}

impl Permissions {
    /// Compiles the lists.
    ///
    /// # Errors
    /// Every pattern that is not valid, with its place.
    pub fn compile(lists: &PermissionLists) -> Result<Self, Vec<PatternError>> {
        let PermissionLists { scope, .. } = lists;
        let tools = NameRules::compile(
            scope,
            ["allowed_tools", "denied_tools"],
            [&lists.allowed_tools, &lists.denied_tools],
        );
        let resources = UriRules::compile(scope, [&lists.allowed_resources, &lists.denied_resources]);
        let prompts = NameRules::compile(
            scope,
            ["allowed_prompts", "denied_prompts"],
            [&lists.allowed_prompts, &lists.denied_prompts],
        );
        match (tools, resources, prompts) {
            (Ok(tools), Ok(resources), Ok(prompts)) => {
                Ok(Self { stack: vec![Arc::new(Rules { lists: lists.clone(), tools, resources, prompts })] })
            }
            (tools, resources, prompts) => {
                let errors = [tools.err(), resources.err(), prompts.err()];
                Err(errors.into_iter().flatten().flatten().collect())
            }
        }
    }

    /// What both allow, exactly.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.stack.extend(other.stack.iter().cloned());
        self
    }

    /// The lists as they were written.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &PermissionLists> {
        self.stack.iter().map(|rules| &rules.lists)
    }

    /// Whether there is no list: everything may be used.
    pub(crate) fn are_none(&self) -> bool {
        let none = |lists: &PermissionLists| {
            *lists == PermissionLists { scope: lists.scope.clone(), ..Default::default() }
        };
        self.lists().all(none)
    }

    /// Judges a name as it stands in a message, undecoded.
    pub fn judge(&self, surface: Surface, name: &str) -> Judgement<'_> {
        self.first_refusal(|rules| match surface {
            Surface::Tool => rules.tools.judge(name),
            Surface::Prompt => rules.prompts.judge(name),
            Surface::Resource => rules.resources.judge(name),
        })
    }

    /// Judges a URI template (RFC 6570): denied if its own text is denied, or if no allowed URI can
    /// begin as it does. A template that passes may still expand to URIs that do not.
    pub fn judge_template(&self, template: &str) -> Judgement<'_> {
        self.first_refusal(|rules| rules.resources.judge_template(template))
    }

    fn first_refusal<'p>(&'p self, judge: impl Fn(&'p Rules) -> Judgement<'p>) -> Judgement<'p> {
        let judged = self.stack.iter().map(|rules| judge(rules));
        judged.into_iter().find(|judgement| !judgement.is_allowed()).unwrap_or(Judgement::Allowed)
    }

    /// The effective rules as data, for the hash of a policy.
    pub(crate) fn describe(&self) -> serde_json::Value {
        let rules = self.stack.iter().map(|rules| {
            serde_json::json!([rules.tools.describe(), rules.resources.describe(), rules.prompts.describe()])
        });
        rules.collect()
    }
}

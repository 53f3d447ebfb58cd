//! Which tools, resources and prompts may be named.
//!
//! One rule: a denial applies if **any** reading of the name matches it; a permission applies only
//! if **every** reading matches some pattern of the list. Denials win. Without an allow list
//! everything is allowed; with an empty one, nothing.

mod glob;
mod lists;
mod matcher;
mod pattern;

pub use self::{
    lists::{PatternList, PermissionLists},
    pattern::{Pattern, PatternError},
};

pub(crate) use self::{matcher::reason, pattern::Piece};

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

/// The compiled permissions of one server.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
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
    /// The key of the list, such as `denied_tools`.
    pub list: &'static str,
    /// The pattern that matched; `None` when no pattern of an allow list did.
    pub pattern: Option<&'p Pattern>,
    /// The pattern's place, or the list's when there is no pattern.
    pub at: &'p Location,
    /// True when the name was refused because it is too long and too ambiguous to read in full.
    pub unreadable: bool,
}

impl Permissions {
    /// Compiles the lists.
    ///
    /// # Errors
    /// Every pattern that is not valid, with its place.
    pub fn compile(lists: &PermissionLists) -> Result<Self, Vec<PatternError>> {
        let tools = NameRules::compile(
            ["allowed_tools", "denied_tools"],
            [&lists.allowed_tools, &lists.denied_tools],
        );
        let resources = UriRules::compile([&lists.allowed_resources, &lists.denied_resources]);
        let prompts = NameRules::compile(
            ["allowed_prompts", "denied_prompts"],
            [&lists.allowed_prompts, &lists.denied_prompts],
        );
        match (tools, resources, prompts) {
            (Ok(tools), Ok(resources), Ok(prompts)) => Ok(Self { tools, resources, prompts }),
            (tools, resources, prompts) => {
                let errors = [tools.err(), resources.err(), prompts.err()];
                Err(errors.into_iter().flatten().flatten().collect())
            }
        }
    }

    /// Judges a name as it stands in a message, undecoded.
    pub fn judge(&self, surface: Surface, name: &str) -> Judgement<'_> {
        match surface {
            Surface::Tool => self.tools.judge(name),
            Surface::Prompt => self.prompts.judge(name),
            Surface::Resource => self.resources.judge(name),
        }
    }

    /// Judges a URI template (RFC 6570): denied if its own text is denied, or if no allowed URI can
    /// begin as it does. A template that passes may still expand to URIs that do not.
    pub fn judge_template(&self, template: &str) -> Judgement<'_> {
        self.resources.judge_template(template)
    }

    /// The effective rules as data, for the hash of a policy.
    pub(crate) fn describe(&self) -> serde_json::Value {
        serde_json::json!([self.tools.describe(), self.resources.describe(), self.prompts.describe()])
    }
}

use crate::Value;

/// What stands against some arguments. It says what kind of value was found and what would be accepted, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub cause: Cause,
    /// JSON Pointer into the arguments; the names in it are the caller's.
    pub pointer: String,
    /// What kind of value stands there; `None` where there is none.
    pub found: Option<String>,
    /// What would be accepted in its place.
    pub accepted: String,
}

/// Which of the constraints is violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The rule of that number, by its matcher.
    Rule(usize, &'static str),
    /// The rule of that number: the argument is missing.
    Missing(usize),
    /// An argument that no rule names.
    Unknown,
    /// The schema, by its keyword.
    Schema(&'static str),
    /// The condition of that number.
    When(usize),
}

impl Cause {
    /// The name in findings, behind `argument.`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule(_, matcher) => matcher,
            Self::Missing(_) => "required",
            Self::Unknown => "unknown",
            Self::Schema(_) => "schema",
            Self::When(_) => "when",
        }
    }
}

impl Violation {
    pub(crate) fn new(cause: Cause, pointer: String, found: Option<&Value<'_>>, accepted: String) -> Self {
        Self { cause, pointer, found: found.map(Value::described), accepted }
    }
}

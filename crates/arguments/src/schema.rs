//! JSON Schema: the servers' own, in any draft from 4 to 2020-12, and as policy.

mod compile;
mod dialect;
mod node;
mod regexes;
mod validate;

use crate::{Value, Violation};

pub(crate) use self::dialect::Dialect;
use self::node::Node;

/// A schema, compiled once. Nothing outside of it is ever fetched or read.
#[derive(Clone, Debug)]
pub struct Schema {
    nodes: Vec<Node>,
    root: usize,
    written: Value<'static>,
    /// Keywords that were passed over because they cannot be judged safely, such as expressions that need backtracking.
    unjudged: Vec<String>,
}

/// Why a schema cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is no schema.
    #[error("{pointer}: {message}")]
    Invalid {
        /// Where in the schema.
        pointer: String,
        /// What is wrong.
        message: String,
    },
    /// It refers to something outside of itself.
    #[error("{pointer}: it refers to something outside of the schema, which is never fetched")]
    Remote {
        /// Where in the schema.
        pointer: String,
    },
    /// It is larger or deeper than any honest schema.
    #[error("the schema is too large: {0}")]
    TooLarge(&'static str),
}

/// What a schema says of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The value is valid.
    Valid,
    /// It is not.
    Invalid(Vec<Violation>),
    /// Telling would take more work than is allowed: the schema, the value, or both are made to cost.
    TooCostly,
}

impl Schema {
    /// Most subschemas.
    pub const MAX_NODES: usize = 20_000;
    /// Longest schema, in bytes.
    pub const MAX_BYTES: usize = 1 << 20;
    /// Deepest nesting of subschemas, references followed.
    pub const MAX_DEPTH: usize = 64;
    /// Most steps of one validation.
    pub const MAX_STEPS: usize = 1_000_000;

    /// A server's schema. Keywords nobody defined are passed over, as JSON Schema asks; the draft is the one `$schema`
    /// names, or 2020-12 (MCP 2025-11-25 basic §JSON Schema usage).
    ///
    /// # Errors
    /// If it is no schema, refers to anything outside of itself, or is too large.
    pub fn of_server(text: &str) -> Result<Self, SchemaError> {
        if text.len() > Self::MAX_BYTES {
            return Err(SchemaError::TooLarge("more than 1 MiB"));
        }
        let invalid = |error: crate::ReadError| SchemaError::Invalid {
            pointer: String::new(),
            message: error.to_string(),
        };
        compile::compile(Value::read(text).map_err(invalid)?.into_owned(), false)
    }

    /// A schema of a policy: a subset in which nothing can be misspelt or unbounded.
    ///
    /// # Errors
    /// If it has a keyword outside of the subset, or is no schema.
    pub fn of_policy(schema: Value<'static>) -> Result<Self, SchemaError> {
        compile::compile(schema, true)
    }

    /// As it was written.
    pub fn written(&self) -> &Value<'static> {
        &self.written
    }

    /// Keywords that were passed over because they cannot be judged safely.
    pub fn unjudged(&self) -> &[String] {
        &self.unjudged
    }

    /// Whether a value is valid, and if not, why.
    pub fn validate(&self, value: &Value<'_>) -> Outcome {
        validate::validate(self, value)
    }

    /// The arguments a schema of a policy names, if it refuses all others.
    pub(crate) fn closed(&self) -> bool {
        self.written.get("additionalProperties") == Some(&Value::Bool(false))
    }

    pub(crate) fn names(&self, name: &str) -> bool {
        self.written.get("properties").is_some_and(|properties| properties.get(name).is_some())
    }
}

#[cfg(test)]
mod tests;

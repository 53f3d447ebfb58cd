//! The arguments of a tool call: judged by rules, by a schema and by conditions; changed where that is asked for; and the
//! same limits written into the schema that the tool advertises, so that a model learns them before it calls.
//!
//! ```
//! # use mcp_guard_arguments::{Call, Constraints, Matcher, Pointer, Rule, Value};
//! let rule = Rule::new(Pointer::parse("/path")?, [Matcher::prefix(["/srv/"])?]).required();
//! let constraints = Constraints { rules: vec![rule], ..Constraints::default() };
//! let arguments = Value::read(r#"{"path":"/etc/passwd"}"#)?;
//! let found = constraints.check(&arguments, &Call::default());
//! assert_eq!(found.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! No I/O, no async, no clock. Nothing here panics on any arguments or schema, and work on them is bounded.

mod change;
mod constraints;
mod matcher;
mod narrow;
mod number;
mod pointer;
mod schema;
mod value;
mod violation;
mod when;

pub use self::{
    change::{Change, Changes},
    constraints::{Constraints, NamedPath, Rule},
    matcher::{Host, Limit, Matcher, MatcherError, Network, Zone},
    narrow::{Narrowed, narrow},
    number::Number,
    pointer::{Pointer, PointerError},
    schema::{Outcome, Schema, SchemaError},
    value::{ReadError, Type, Value},
    violation::{Cause, Violation},
    when::{Call, Moment, When, WhenError},
};

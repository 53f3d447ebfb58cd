//! No schema and no arguments break the reader, the validator or the narrowing; and a narrowed schema accepts what the
//! original accepts and the check lets through, and nothing else.
#![no_main]

use arguments::{Call, Constraints, Limit, Matcher, Outcome, Pointer, Rule, Schema, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines();
    let (Some(schema), Some(value)) = (lines.next(), lines.next()) else { return };
    let Ok(value) = Value::read(value) else { return };
    assert_eq!(Value::read(&value.to_json()).as_ref(), Ok(&value));
    let Ok(original) = Schema::of_server(schema) else { return };
    let constraints = constraints();
    let narrowed = constraints.narrow(original.written());
    if !narrowed.told.is_empty() || value.members().is_none() {
        return;
    }
    let Ok(narrow) = Schema::of_server(&narrowed.schema.to_json()) else { return };
    let (one, other) = (original.validate(&value), narrow.validate(&value));
    if one == Outcome::TooCostly || other == Outcome::TooCostly {
        return;
    }
    let checked = constraints.check(&value, &Call::default()).is_empty();
    assert_eq!(one == Outcome::Valid && checked, other == Outcome::Valid, "{}", narrowed.schema.to_json());
});

fn constraints() -> Constraints {
    let rule = |at: &str, matcher: Option<Matcher>| Pointer::parse(at).ok().map(|at| Rule::new(at, matcher));
    let rules = [
        rule("/a", Matcher::prefix(["a", "/"]).ok()),
        rule("/b", Matcher::range(Limit::new("1", false), Limit::new("9", true)).ok()),
        rule("/c/*", Matcher::length(Some(1), Some(2)).ok()),
        rule("/d/e", Matcher::one_of(vec![Value::Null, Value::Bool(true)]).ok()).map(Rule::required),
    ];
    Constraints { rules: rules.into_iter().flatten().collect(), closed: true, ..Constraints::default() }
}

//! Matchers in the words of JSON Schema.

use super::{Kind, Limit, Matcher};
use crate::{
    Type, Value,
    value::{count, object, text},
};

impl Matcher {
    /// A schema that holds of exactly the values this matches; `None` where JSON Schema has no words for it.
    pub(crate) fn schema(&self) -> Option<Value<'static>> {
        let Value::Object(mut members) = object([]) else { return None };
        let mut add = |name: &'static str, value| members.push((name.into(), value));
        match &self.0 {
            Kind::Enum { values, .. } => add("enum", Value::List(values.clone())),
            Kind::Pattern(pattern) => {
                add("type", text("string"));
                add("pattern", text(pattern.ecma()?));
            }
            Kind::Range { min, max } => {
                add("type", text("number"));
                let mut limit = |limit: &Option<Limit>, inclusive, exclusive| {
                    if let Some(limit) = limit {
                        let name = if limit.exclusive { exclusive } else { inclusive };
                        add(name, Value::Number(limit.number.clone()));
                    }
                };
                limit(min, "minimum", "exclusiveMinimum");
                limit(max, "maximum", "exclusiveMaximum");
            }
            Kind::Length { min, max } => {
                add("type", text("string"));
                ends(&mut add, [("minLength", min), ("maxLength", max)]);
            }
            Kind::Count { min, max } => {
                add("type", Value::List(vec![text("array"), text("object")]));
                ends(
                    &mut add,
                    [("minItems", min), ("maxItems", max), ("minProperties", min), ("maxProperties", max)],
                );
            }
            Kind::OneOfType(types) => add("type", one_or_all(types)),
            Kind::Not(other) => add("not", other.schema()?),
            Kind::Host(_) | Kind::Cidr(_) | Kind::PathWithin(_) => return None,
        }
        Some(Value::Object(members))
    }
}

fn ends<const N: usize>(
    add: &mut impl FnMut(&'static str, Value<'static>),
    limits: [(&'static str, &Option<usize>); N],
) {
    for (name, limit) in limits {
        if let Some(limit) = limit {
            add(name, count(*limit));
        }
    }
}

fn one_or_all(types: &[Type]) -> Value<'static> {
    match types {
        [only] => text(only.as_str()),
        types => Value::List(types.iter().map(|known| text(known.as_str())).collect()),
    }
}

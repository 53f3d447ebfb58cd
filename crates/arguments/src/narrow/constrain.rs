//! One more thing asked of one place of a schema.

use crate::{
    Number, Type, Value,
    pointer::{Segment, index},
    schema::Dialect,
    value::{object, text},
};

/// Asks `leaf` of every value at a place. None if that cannot be said there.
pub(super) fn constrain(
    schema: &mut Value<'static>,
    segments: &[Segment],
    leaf: &Value<'static>,
    required: bool,
    dialect: Dialect,
) -> Option<()> {
    let [first, rest @ ..] = segments else {
        merge(schema, leaf.clone(), dialect);
        return Some(());
    };
    match first {
        // In a list it would be a number of an element.
        Segment::Name(name) if index(name).is_some() => None,
        Segment::Name(name) => {
            property(schema, name, dialect, &mut |child| constrain(child, rest, leaf, required, dialect))?;
            if required {
                merge(schema, object([("type", text("object"))]), dialect);
                require(schema, name);
            }
            Some(())
        }
        Segment::Any => {
            let mut each = object([]);
            constrain(&mut each, rest, leaf, false, Dialect::Draft2020)?;
            let all = object([("items", each.clone()), ("additionalProperties", each)]);
            merge(schema, object([("allOf", Value::List(vec![all]))]), dialect);
            Some(())
        }
    }
}

/// Changes what is asked of a property, so that it is asked of it beside all else.
pub(super) fn property(
    schema: &mut Value<'static>,
    name: &str,
    dialect: Dialect,
    change: &mut impl FnMut(&mut Value<'static>) -> Option<()>,
) -> Option<()> {
    aside(schema, dialect);
    if let Value::Bool(true) = schema {
        *schema = object([]);
    }
    if *schema == Value::Bool(false) {
        return Some(());
    }
    let others = schema.get("additionalProperties").cloned();
    if let Some(known) = schema.get_mut("properties").and_then(|properties| properties.get_mut(name)) {
        if *known == Value::Bool(true) {
            *known = object([]);
        }
        return if *known == Value::Bool(false) { Some(()) } else { change(known) };
    }
    let mut child = object([]);
    change(&mut child)?;
    let members = schema.members_mut()?;
    if matches!(others, None | Some(Value::Bool(true))) {
        match members.iter_mut().find(|(keyword, _)| keyword == "properties") {
            Some((_, Value::Object(properties))) => properties.push((name.to_owned().into(), child)),
            Some(_) => return None,
            None => members.push(("properties".into(), Value::Object(vec![(name.to_owned().into(), child)]))),
        }
        return Some(());
    }
    // Beside `additionalProperties` a new property would escape it.
    let named = Value::Object(vec![(name.to_owned().into(), child)]);
    merge(schema, object([("allOf", Value::List(vec![object([("properties", named)])]))]), dialect);
    Some(())
}

/// Makes a property required.
pub(super) fn require(schema: &mut Value<'static>, name: &str) {
    let Some(members) = schema.members_mut() else { return };
    match members.iter_mut().find(|(keyword, _)| keyword == "required") {
        Some((_, Value::List(required))) => {
            if !required.iter().any(|known| known.as_text() == Some(name)) {
                required.push(text(name));
            }
        }
        _ => members.push(("required".into(), Value::List(vec![text(name)]))),
    }
}

/// Asks both of what a schema asked and of what is added.
pub(super) fn merge(schema: &mut Value<'static>, added: Value<'static>, dialect: Dialect) {
    aside(schema, dialect);
    match schema {
        Value::Bool(true) => *schema = object([]),
        Value::Object(_) => {}
        // Nothing is accepted already.
        _ => return,
    }
    let Value::Object(added) = added else { return };
    let mut beside = Vec::new();
    for (keyword, value) in added {
        let (keyword, value) = old_words(keyword, value, schema, dialect);
        let Some(members) = schema.members_mut() else { return };
        match members.iter_mut().find(|(known, _)| *known == keyword) {
            None => members.push((keyword, value)),
            Some((_, known)) => {
                if let Some(value) = both(&keyword, known, value) {
                    beside.push((keyword, value));
                }
            }
        }
    }
    if beside.is_empty() {
        return;
    }
    let Some(members) = schema.members_mut() else { return };
    match members.iter_mut().find(|(keyword, _)| keyword == "allOf") {
        Some((_, Value::List(all))) => all.push(Value::Object(beside)),
        _ => members.push(("allOf".into(), Value::List(vec![Value::Object(beside)]))),
    }
}

/// In old drafts what stands beside a reference does not count: it is put aside.
fn aside(schema: &mut Value<'static>, dialect: Dialect) {
    if dialect.reads_beside_references() || schema.get("$ref").is_none() {
        return;
    }
    let Some(members) = schema.members_mut() else { return };
    let told = ["$schema", "$defs", "definitions", "description", "title", "default"];
    let (kept, moved): (Vec<_>, Vec<_>) =
        std::mem::take(members).into_iter().partition(|(keyword, _)| told.contains(&&**keyword));
    *members = kept;
    // Beside the reference nothing else counted.
    let reference: Vec<_> = moved.into_iter().filter(|(keyword, _)| keyword == "$ref").collect();
    members.push(("allOf".into(), Value::List(vec![Value::Object(reference)])));
}

type Keyword = std::borrow::Cow<'static, str>;

/// What draft 4 says otherwise.
fn old_words(
    keyword: Keyword,
    value: Value<'static>,
    schema: &Value<'static>,
    dialect: Dialect,
) -> (Keyword, Value<'static>) {
    if dialect != Dialect::Draft4 {
        return (keyword, value);
    }
    let (limit, flag) = match &*keyword {
        "exclusiveMinimum" => ("minimum", "exclusiveMinimum"),
        "exclusiveMaximum" => ("maximum", "exclusiveMaximum"),
        "minimum" if schema.get("exclusiveMinimum").is_some() => ("minimum", ""),
        "maximum" if schema.get("exclusiveMaximum").is_some() => ("maximum", ""),
        _ => return (keyword, value),
    };
    let mut alone = vec![(limit.into(), value)];
    if !flag.is_empty() {
        alone.push((flag.into(), Value::Bool(true)));
    }
    ("allOf".into(), Value::List(vec![Value::Object(alone)]))
}

/// Makes one value of two for the same keyword. Returns the second where one cannot stand for both.
fn both(keyword: &str, known: &mut Value<'static>, added: Value<'static>) -> Option<Value<'static>> {
    if *known == added {
        return None;
    }
    match (keyword, &mut *known, added) {
        ("allOf", Value::List(all), Value::List(more)) => {
            all.extend(more);
            None
        }
        (
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties",
            Value::Number(one),
            Value::Number(other),
        ) => {
            larger(one, other, true);
            None
        }
        (
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties",
            Value::Number(one),
            Value::Number(other),
        ) => {
            larger(one, other, false);
            None
        }
        ("type", _, added) => {
            let types = common(known, &added);
            match types.as_slice() {
                [] => Some(added),
                [only] => {
                    *known = text(only.as_str());
                    None
                }
                types => {
                    *known = Value::List(types.iter().map(|found| text(found.as_str())).collect());
                    None
                }
            }
        }
        ("enum", Value::List(values), Value::List(others)) => {
            let common: Vec<_> = values
                .iter()
                .filter(|value| others.iter().any(|other| value.same_as(other)))
                .cloned()
                .collect();
            // An empty list is not allowed in all drafts.
            if common.is_empty() {
                return Some(Value::List(others));
            }
            *values = common;
            None
        }
        (_, _, added) => Some(added),
    }
}

fn larger(known: &mut Number<'static>, other: Number<'static>, larger: bool) {
    if (other > *known) == larger {
        *known = other;
    }
}

/// The types that two `type` both hold of; integers are numbers.
fn common(one: &Value<'_>, other: &Value<'_>) -> Vec<Type> {
    let (one, other) = (types(one).unwrap_or_default(), types(other).unwrap_or_default());
    let within = |found: Type, all: &[Type]| {
        all.contains(&found) || (found == Type::Integer && all.contains(&Type::Number))
    };
    let mut both: Vec<Type> = one.iter().copied().filter(|found| within(*found, &other)).collect();
    both.extend(other.iter().copied().filter(|found| within(*found, &one) && !one.contains(found)));
    both
}

fn types(said: &Value<'_>) -> Option<Vec<Type>> {
    match said {
        Value::List(all) => all.iter().map(|one| one.as_text().and_then(Type::from_name)).collect(),
        one => Some(vec![Type::from_name(one.as_text()?)?]),
    }
}

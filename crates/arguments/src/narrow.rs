//! The same limits in the schema that a tool advertises.

mod constrain;

use std::borrow::Cow;

use self::constrain::{constrain, merge, property, require};
use crate::{
    Constraints, Rule, Schema, Value,
    schema::Dialect,
    value::{object, quote, text},
};

/// An input schema under constraints.
#[derive(Clone, Debug, PartialEq)]
pub struct Narrowed {
    /// Accepts exactly what the original accepts and the call check lets through, but for what is `told` in words alone.
    /// What callers have no say in is not in it.
    pub schema: Value<'static>,
    /// The constraints that JSON Schema has no words for, in ours; they stand in descriptions of the schema.
    pub told: Vec<String>,
}

impl Constraints {
    /// The input schema of a tool as callers should see it.
    pub fn narrow(&self, original: &Value<'_>) -> Narrowed {
        narrow(original, self)
    }
}

/// The input schema of a tool as callers should see it under constraints.
pub fn narrow(original: &Value<'_>, constraints: &Constraints) -> Narrowed {
    let mut narrowing = Narrowing {
        schema: original.clone().into_owned(),
        dialect: Dialect::of(original),
        constraints,
        told: Vec::new(),
    };
    // A schema that accepts anything says so in a form that can be narrowed.
    if narrowing.schema == Value::Bool(true) {
        narrowing.schema = Value::Object(Vec::new());
    }
    // What is no schema of an object stays what it is: nobody can call by it.
    if narrowing.schema.members().is_some() {
        narrowing.all();
    }
    Narrowed { schema: narrowing.schema, told: narrowing.told }
}

struct Narrowing<'c> {
    schema: Value<'static>,
    /// The draft; `None` for one we do not know, which is left alone.
    dialect: Option<Dialect>,
    constraints: &'c Constraints,
    told: Vec<String>,
}

impl<'c> Narrowing<'c> {
    fn all(&mut self) {
        self.take_away();
        for rule in self.constraints.rules.iter().filter(|rule| rule.is_advertised()) {
            self.rule(rule);
        }
        if let Some(schema) = &self.constraints.schema {
            self.schema(schema);
        }
        if self.constraints.closed {
            self.close();
        }
        for when in &self.constraints.when {
            self.tell(None, format!("a call has to meet `{}`", when.as_str()));
        }
    }

    /// Arguments that callers have no say in, and the duty to give those that are given anyway.
    fn take_away(&mut self) {
        let changes = &self.constraints.changes;
        if let Some(properties) = self.schema.get_mut("properties").and_then(Value::members_mut) {
            properties.retain(|(name, _)| !changes.takes(name));
            for (name, value) in &changes.fill {
                let property = properties.iter_mut().find(|(known, _)| known == name);
                if let Some(members) = property.and_then(|(_, property)| property.members_mut()) {
                    members.retain(|(keyword, _)| keyword != "default");
                    members.push(("default".into(), value.clone()));
                }
            }
        }
        if let Some(Value::List(required)) = self.schema.get_mut("required") {
            required.retain(|name| !name.as_text().is_some_and(|name| changes.gives(name)));
        }
    }

    fn rule(&mut self, rule: &'c Rule) {
        let changes = &self.constraints.changes;
        let argument = rule.pointer().argument();
        if argument.is_some_and(|argument| changes.takes(argument)) {
            return;
        }
        let required = rule.is_required()
            && !argument
                .is_some_and(|argument| changes.gives(argument) && rule.pointer().segments().len() == 1);
        let mut unsaid = Vec::new();
        let mut said = Vec::new();
        for matcher in rule.matchers() {
            match matcher.schema() {
                Some(schema) => said.push(schema),
                None => unsaid.push(matcher.to_string()),
            }
        }
        if self.can_be_changed() {
            let mut leaf = object([]);
            for schema in said {
                merge(&mut leaf, schema, Dialect::Draft2020);
            }
            // On a copy, which is dropped where it cannot be said.
            let mut schema = self.schema.clone();
            if constrain(&mut schema, rule.pointer().segments(), &leaf, required, self.dialect()).is_some() {
                self.schema = schema;
                if !unsaid.is_empty() {
                    self.tell(argument, format!("{} has to be {}", rule.pointer(), unsaid.join(", and ")));
                }
                return;
            }
        }
        let needed = if required { " is required and" } else { "" };
        let accepted = rule.accepted();
        let accepted = if accepted.is_empty() { "present".to_owned() } else { accepted };
        self.tell(argument, format!("{}{needed} has to be {accepted}", rule.pointer()));
    }

    fn schema(&mut self, policy: &'c Schema) {
        let dialect = self.dialect();
        let Some(members) = policy.written().members() else {
            if *policy.written() == Value::Bool(false) {
                merge(&mut self.schema, object([("not", object([]))]), dialect);
            }
            return;
        };
        let changes = &self.constraints.changes;
        if !self.can_be_changed() || !changes.is_empty() || !self.reads(policy) {
            let mut shown = String::new();
            quote(&policy.written().to_json(), &mut shown);
            self.tell(None, format!("arguments have to be valid under the JSON Schema {shown}"));
            return;
        }
        let definitions = self.adopt_definitions(policy);
        let adopted = |value: &Value<'static>| rename(value, &definitions);
        let mut rest = Vec::new();
        for (keyword, value) in members {
            match (&**keyword, value) {
                ("$schema" | "$defs" | "title" | "description", _) => {}
                ("properties", Value::Object(properties)) => {
                    let mut schema = self.schema.clone();
                    let each = properties.iter().try_for_each(|(name, given)| {
                        property(&mut schema, name, dialect, &mut |child| {
                            merge(child, adopted(given), dialect);
                            Some(())
                        })
                    });
                    match each {
                        Some(()) => self.schema = schema,
                        None => rest.push((keyword.clone(), adopted_map(value, &definitions))),
                    }
                }
                ("required", Value::List(names)) => {
                    for name in names.iter().filter_map(Value::as_text) {
                        require(&mut self.schema, name);
                    }
                }
                ("additionalProperties", Value::Bool(_)) => {}
                ("additionalProperties", _) => {
                    // It is about what `properties` beside it does not name.
                    let named = members.iter().find(|(known, _)| known == "properties");
                    let names = named.and_then(|(_, named)| named.members()).unwrap_or_default();
                    let all = names.iter().map(|(name, _)| (name.clone(), Value::Bool(true))).collect();
                    rest.push(("properties".into(), Value::Object(all)));
                    rest.push((keyword.clone(), adopted(value)));
                }
                ("type", _) => {
                    merge(&mut self.schema, Value::Object(vec![(keyword.clone(), value.clone())]), dialect);
                }
                _ => rest.push((keyword.clone(), adopted_keyword(keyword, value, &definitions))),
            }
        }
        if !rest.is_empty() {
            merge(&mut self.schema, object([("allOf", Value::List(vec![Value::Object(rest)]))]), dialect);
        }
        if policy.closed() {
            let names = policy.written().get("properties").and_then(Value::members).unwrap_or_default();
            self.only(&names.iter().map(|(name, _)| &**name).collect::<Vec<_>>());
        }
    }

    /// Takes the policy's definitions over under names of their own. Returns the old names and the new.
    fn adopt_definitions(&mut self, policy: &Schema) -> Vec<(String, String)> {
        let Some(definitions) = policy.written().get("$defs").and_then(Value::members) else {
            return Vec::new();
        };
        let taken = |name: &str| self.schema.get("$defs").is_some_and(|known| known.get(name).is_some());
        let renamed: Vec<(String, String)> = definitions
            .iter()
            .map(|(name, _)| {
                let free = (0..).map(|number| format!("policy{number}-{name}")).find(|free| !taken(free));
                (name.to_string(), free.unwrap_or_default())
            })
            .collect();
        let adopted: Vec<_> = definitions
            .iter()
            .zip(&renamed)
            .map(|((_, given), (_, name))| (Cow::Owned(name.clone()), rename(given, &renamed)))
            .collect();
        match self.schema.get_mut("$defs").and_then(Value::members_mut) {
            Some(known) => known.extend(adopted),
            None => {
                if let Some(members) = self.schema.members_mut() {
                    members.push(("$defs".into(), Value::Object(adopted)));
                }
            }
        }
        renamed
    }

    fn close(&mut self) {
        let names = self.constraints.all_names();
        self.only(&names);
    }

    /// Refuses every argument but these.
    fn only(&mut self, names: &[&str]) {
        let dialect = self.dialect();
        if !self.can_be_changed() {
            self.tell(None, format!("no arguments but {} are taken", names.join(", ")));
            return;
        }
        let plain = ["patternProperties", "$ref", "propertyNames", "$dynamicRef"]
            .iter()
            .all(|keyword| self.schema.get(keyword).is_none());
        if !plain {
            let names = names.iter().map(|name| text(*name)).collect();
            let only = if dialect == Dialect::Draft4 {
                let all = names_as_properties(names);
                object([("properties", all), ("additionalProperties", Value::Bool(false))])
            } else {
                object([("propertyNames", object([("enum", Value::List(names))]))])
            };
            merge(&mut self.schema, object([("allOf", Value::List(vec![only]))]), dialect);
            return;
        }
        // Named arguments that the tool takes without naming them have to be named now.
        let shut = self.schema.get("additionalProperties") == Some(&Value::Bool(false));
        for name in names.iter().filter(|_| !shut) {
            let takes = self.constraints.changes.takes(name);
            let _ = (!takes).then(|| property(&mut self.schema, name, dialect, &mut |_| Some(())));
        }
        let Some(members) = self.schema.members_mut() else { return };
        for (keyword, value) in members.iter_mut() {
            if let ("properties", Value::Object(properties)) = (&**keyword, value) {
                properties.retain(|(name, _)| names.contains(&&**name));
            }
        }
        let others = members
            .iter()
            .find(|(keyword, _)| keyword == "additionalProperties")
            .map(|(_, others)| others.clone());
        members.retain(|(keyword, _)| keyword != "additionalProperties");
        members.push(("additionalProperties".into(), Value::Bool(false)));
        // Those it would have judged by a schema are still judged by it.
        if let Some(others @ Value::Object(_)) = others {
            let named =
                members.iter().find(|(keyword, _)| keyword == "properties").map(|(_, named)| named.clone());
            let named = named.as_ref().and_then(Value::members).unwrap_or_default();
            let unnamed = names.iter().filter(|name| !named.iter().any(|(known, _)| known == *name));
            let more: Vec<_> = unnamed.map(|name| (Cow::Owned((*name).to_owned()), others.clone())).collect();
            match self.schema.get_mut("properties").and_then(Value::members_mut) {
                Some(properties) => properties.extend(more),
                None => {
                    if let Some(members) = self.schema.members_mut() {
                        members.push(("properties".into(), Value::Object(more)));
                    }
                }
            }
        }
    }

    /// Whether what is added to the schema means what it says: in a draft that is known, and where nothing depends on what
    /// else has looked at a value.
    fn can_be_changed(&self) -> bool {
        self.dialect.is_some() && !speaks_of(&self.schema, &["unevaluatedProperties", "unevaluatedItems"])
    }

    /// Whether the draft of the tool's schema has all words of the policy's.
    fn reads(&self, policy: &Schema) -> bool {
        match self.dialect() {
            Dialect::Draft2019 | Dialect::Draft2020 => true,
            Dialect::Draft7 => !speaks_of(policy.written(), &["minContains", "maxContains", "$ref"]),
            Dialect::Draft4 | Dialect::Draft6 => false,
        }
    }

    fn dialect(&self) -> Dialect {
        self.dialect.unwrap_or(Dialect::Draft2020)
    }

    /// Says in words what the schema cannot, beside the argument it is about or at the top.
    fn tell(&mut self, argument: Option<&str>, said: String) {
        let property = argument.and_then(|argument| self.schema.get_mut("properties")?.get_mut(argument));
        let place = match property {
            Some(property) if property.members().is_some() => property,
            _ => &mut self.schema,
        };
        if let Some(members) = place.members_mut() {
            let sentence = format!("Policy: {said}.");
            match members.iter_mut().find(|(keyword, _)| keyword == "description") {
                Some((_, Value::Text(before))) => *before = Cow::Owned(format!("{before} {sentence}")),
                Some(_) => {}
                None => members.push(("description".into(), text(sentence))),
            }
        }
        self.told.push(said);
    }
}

fn names_as_properties(names: Vec<Value<'static>>) -> Value<'static> {
    let named = names.into_iter().filter_map(|name| match name {
        Value::Text(name) => Some((name, object([]))),
        _ => None,
    });
    Value::Object(named.collect())
}

/// Whether a keyword stands anywhere in a schema.
fn speaks_of(schema: &Value<'_>, keywords: &[&str]) -> bool {
    match schema {
        Value::Object(members) => {
            members.iter().any(|(name, value)| keywords.contains(&&**name) || speaks_of(value, keywords))
        }
        Value::List(elements) => elements.iter().any(|value| speaks_of(value, keywords)),
        _ => false,
    }
}

/// A schema with its references to definitions under their new names.
fn rename(schema: &Value<'static>, renamed: &[(String, String)]) -> Value<'static> {
    let Value::Object(members) = schema else { return schema.clone() };
    let members =
        members.iter().map(|(keyword, value)| (keyword.clone(), adopted_keyword(keyword, value, renamed)));
    Value::Object(members.collect())
}

fn adopted_keyword(keyword: &str, value: &Value<'static>, renamed: &[(String, String)]) -> Value<'static> {
    match (keyword, value) {
        ("$ref", Value::Text(reference)) => {
            let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
            let (name, rest) =
                name.split_once('/').map_or((name, String::new()), |(name, rest)| (name, format!("/{rest}")));
            let new = renamed.iter().find(|(old, _)| old.replace('~', "~0").replace('/', "~1") == name);
            new.map_or_else(
                || value.clone(),
                |(_, new)| text(format!("#/$defs/{}{rest}", new.replace('~', "~0").replace('/', "~1"))),
            )
        }
        ("properties" | "$defs", _) => adopted_map(value, renamed),
        ("enum" | "const", _) => value.clone(),
        (_, Value::Object(_)) => rename(value, renamed),
        (_, Value::List(schemas)) => {
            Value::List(schemas.iter().map(|schema| rename(schema, renamed)).collect())
        }
        _ => value.clone(),
    }
}

fn adopted_map(value: &Value<'static>, renamed: &[(String, String)]) -> Value<'static> {
    let members = value.members().unwrap_or_default();
    Value::Object(members.iter().map(|(name, schema)| (name.clone(), rename(schema, renamed))).collect())
}

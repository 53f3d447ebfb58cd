use std::collections::HashSet;

use super::{
    Outcome, Schema,
    node::{Check, Items, Node, Properties},
};
use crate::{Cause, Type, Value, Violation, pointer::Way};

pub(super) fn validate(schema: &Schema, value: &Value<'_>) -> Outcome {
    let mut run = Run { schema, steps: Schema::MAX_STEPS, depth: 0, quiet: 0, found: Vec::new() };
    match run.check(schema.root, value, &Way::Top) {
        Err(TooCostly) => Outcome::TooCostly,
        Ok(true) => Outcome::Valid,
        Ok(false) => Outcome::Invalid(run.found),
    }
}

/// Most violations that are told of one value.
const TOLD: usize = 8;

struct TooCostly;

type Checked<T = bool> = Result<T, TooCostly>;

struct Run<'s> {
    schema: &'s Schema,
    steps: usize,
    depth: usize,
    /// How many of the subschemas above may fail without the whole failing: what they find is not told.
    quiet: usize,
    found: Vec<Violation>,
}

impl<'s> Run<'s> {
    fn check(&mut self, number: usize, value: &Value<'_>, way: &Way<'_>) -> Checked {
        self.spend(1)?;
        let Some(node) = self.schema.nodes.get(number) else { return Ok(false) };
        if node.never {
            self.tell(way, value, "false", || "nothing".to_owned());
            return Ok(false);
        }
        if self.depth >= 4 * Schema::MAX_DEPTH {
            return Err(TooCostly);
        }
        self.depth += 1;
        let mut valid = true;
        for check in &node.checks {
            valid &= self.one(check, value, way)?;
            if !valid && (self.quiet > 0 || self.found.len() >= TOLD) {
                break;
            }
        }
        if valid {
            valid = self.unevaluated(node, value, way)?;
        }
        self.depth -= 1;
        Ok(valid)
    }

    /// The same without telling why not.
    fn quietly(&mut self, number: usize, value: &Value<'_>, way: &Way<'_>) -> Checked {
        self.quiet += 1;
        let valid = self.check(number, value, way);
        self.quiet -= 1;
        valid
    }

    #[rustfmt::skip]
    fn one(&mut self, check: &'s Check, value: &Value<'_>, way: &Way<'_>) -> Checked {
        let (valid, keyword) = match (check, value) {
            (Check::Type(types), _) => {
                let valid = types.iter().any(|known| known.holds(value));
                if !valid {
                    self.tell(way, value, "type", || accepted(types));
                }
                return Ok(valid);
            }
            (Check::Enum(values), _) => {
                self.spend(values.len() + value.weight())?;
                let valid = values.iter().any(|known| known.same_as(value));
                if !valid {
                    let shown: Vec<String> = values.iter().take(8).map(Value::to_json).collect();
                    self.tell(way, value, "enum", || shown.join(" or "));
                }
                return Ok(valid);
            }
            (Check::Minimum { limit, exclusive }, Value::Number(number)) => {
                (if *exclusive { number > limit } else { number >= limit }, ("minimum", format!("a number {} {}", if *exclusive { ">" } else { ">=" }, limit.as_str())))
            }
            (Check::Maximum { limit, exclusive }, Value::Number(number)) => {
                (if *exclusive { number < limit } else { number <= limit }, ("maximum", format!("a number {} {}", if *exclusive { "<" } else { "<=" }, limit.as_str())))
            }
            (Check::MultipleOf(step), Value::Number(number)) => {
                (number.is_multiple_of(step).unwrap_or(false), ("multipleOf", format!("a multiple of {}", step.as_str())))
            }
            (Check::MinLength(min), Value::Text(text)) => {
                self.spend(text.len() / 64)?;
                (text.chars().count() >= *min, ("minLength", format!("at least {min} characters")))
            }
            (Check::MaxLength(max), Value::Text(text)) => {
                self.spend(text.len() / 64)?;
                (text.chars().count() <= *max, ("maxLength", format!("at most {max} characters")))
            }
            (Check::Pattern(regex), Value::Text(text)) => {
                self.spend(1 + text.len() / 16)?;
                (regex.is_match(text), ("pattern", format!("a text that matches `{}`", regex.as_str())))
            }
            (Check::MinItems(min), Value::List(list)) => (list.len() >= *min, ("minItems", format!("at least {min} elements"))),
            (Check::MaxItems(max), Value::List(list)) => (list.len() <= *max, ("maxItems", format!("at most {max} elements"))),
            (Check::UniqueItems, Value::List(list)) => (self.unique(list)?, ("uniqueItems", "a list without repetitions".to_owned())),
            (Check::MinProperties(min), Value::Object(members)) => (members.len() >= *min, ("minProperties", format!("at least {min} members"))),
            (Check::MaxProperties(max), Value::Object(members)) => (members.len() <= *max, ("maxProperties", format!("at most {max} members"))),
            (Check::Required(names), Value::Object(_)) => {
                let missing = names.iter().find(|name| value.get(name).is_none());
                (missing.is_none(), ("required", missing.map(|name| format!("an object with `{name}`")).unwrap_or_default()))
            }
            (Check::DependentRequired(name, needs), Value::Object(_)) => {
                let missing = needs.iter().find(|need| value.get(name).is_some() && value.get(need).is_none());
                (missing.is_none(), ("dependentRequired", missing.map(|need| format!("an object with `{need}`")).unwrap_or_default()))
            }
            (Check::DependentSchema(name, schema), Value::Object(_)) => {
                return if value.get(name).is_some() { self.check(*schema, value, way) } else { Ok(true) };
            }
            (Check::Properties(properties), Value::Object(_)) => return self.properties(properties, value, way),
            (Check::PropertyNames(schema), Value::Object(members)) => {
                for (name, _) in members {
                    let name_value = Value::Text(name.as_ref().into());
                    if !self.check(*schema, &name_value, &Way::Member(way, name))? {
                        return Ok(false);
                    }
                }
                return Ok(true);
            }
            (Check::Items(items), Value::List(list)) => return self.items(items, list, way),
            (Check::Contains { schema, min, max }, Value::List(list)) => {
                let mut count = 0;
                for element in list {
                    count += usize::from(self.quietly(*schema, element, way)?);
                }
                (count >= *min && max.is_none_or(|max| count <= max), ("contains", "a list with the elements asked for".to_owned()))
            }
            (Check::AllOf(schemas), _) => {
                for schema in schemas {
                    if !self.check(*schema, value, way)? {
                        return Ok(false);
                    }
                }
                return Ok(true);
            }
            (Check::AnyOf(schemas), _) => {
                let mut any = false;
                for schema in schemas {
                    any = any || self.quietly(*schema, value, way)?;
                }
                (any, ("anyOf", "what one of the alternatives accepts".to_owned()))
            }
            (Check::OneOf(schemas), _) => {
                let mut count = 0;
                for schema in schemas {
                    count += usize::from(self.quietly(*schema, value, way)?);
                }
                (count == 1, ("oneOf", "what exactly one of the alternatives accepts".to_owned()))
            }
            (Check::Not(schema), _) => (!self.quietly(*schema, value, way)?, ("not", "what the schema does not exclude".to_owned())),
            (Check::If { condition, then, otherwise }, _) => {
                let branch = if self.quietly(*condition, value, way)? { then } else { otherwise };
                return branch.map_or(Ok(true), |branch| self.check(branch, value, way));
            }
            (Check::Reference(schema), _) => return self.check(*schema, value, way),
            _ => return Ok(true),
        };
        if !valid {
            let (keyword, accepted) = keyword;
            self.tell(way, value, keyword, || accepted);
        }
        Ok(valid)
    }

    fn properties(&mut self, properties: &'s Properties, value: &Value<'_>, way: &Way<'_>) -> Checked {
        let mut valid = true;
        let members = value.members().unwrap_or_default();
        for (name, value) in members {
            let way = Way::Member(way, name);
            let mut known = false;
            self.spend(1 + properties.named.len() / 8)?;
            if let Some((_, schema)) = properties.named.iter().find(|(known, _)| known == name) {
                known = true;
                valid &= self.check(*schema, value, &way)?;
            }
            for (regex, schema) in &properties.like {
                self.spend(1 + name.len() / 16)?;
                if regex.is_match(name) {
                    known = true;
                    valid &= self.check(*schema, value, &way)?;
                }
            }
            if let (false, Some(others)) = (known, properties.others) {
                valid &= self.check(others, value, &way)?;
            }
        }
        Ok(valid)
    }

    fn items(&mut self, items: &'s Items, list: &[Value<'_>], way: &Way<'_>) -> Checked {
        let mut valid = true;
        for (index, element) in list.iter().enumerate() {
            if let Some(schema) = items.first.get(index).copied().or(items.others) {
                valid &= self.check(schema, element, &Way::Element(way, index))?;
            }
        }
        Ok(valid)
    }

    /// Texts of elements that are equal are equal: numbers are written as they are compared.
    fn unique(&mut self, list: &[Value<'_>]) -> Checked {
        if list.iter().all(|element| matches!(element, Value::Text(_))) {
            let mut seen = HashSet::new();
            return Ok(list.iter().all(|element| seen.insert(element.as_text().unwrap_or_default())));
        }
        for (index, one) in list.iter().enumerate() {
            for other in list.iter().skip(index + 1) {
                self.spend(1)?;
                if one.same_as(other) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// `unevaluatedProperties` and `unevaluatedItems` (JSON Schema 2020-12 core §11).
    fn unevaluated(&mut self, node: &'s Node, value: &Value<'_>, way: &Way<'_>) -> Checked {
        let mut valid = true;
        if let (Some(schema), Value::Object(members)) = (node.unevaluated_properties, value) {
            for (name, member) in members {
                if !self.looks_at(node, value, Part::Property(name), way, false)? {
                    valid &= self.check(schema, member, &Way::Member(way, name))?;
                }
            }
        }
        if let (Some(schema), Value::List(list)) = (node.unevaluated_items, value) {
            for (index, element) in list.iter().enumerate() {
                if !self.looks_at(node, value, Part::Item(index, element), way, false)? {
                    valid &= self.check(schema, element, &Way::Element(way, index))?;
                }
            }
        }
        Ok(valid)
    }

    /// Whether a valid subschema that is applied in place looks at a part of the value.
    fn looks_at(
        &mut self,
        node: &'s Node,
        value: &Value<'_>,
        part: Part<'_, '_>,
        way: &Way<'_>,
        within: bool,
    ) -> Checked {
        self.spend(1)?;
        for check in &node.checks {
            let looks = match (check, part) {
                (Check::Properties(known), Part::Property(name)) => {
                    known.others.is_some()
                        || known.named.iter().any(|(known, _)| known == name)
                        || known.like.iter().any(|(regex, _)| regex.is_match(name))
                }
                (Check::Items(items), Part::Item(index, _)) => {
                    items.others.is_some() || index < items.first.len()
                }
                (Check::Contains { schema, .. }, Part::Item(_, element)) => {
                    self.quietly(*schema, element, way)?
                }
                (Check::AllOf(all) | Check::AnyOf(all) | Check::OneOf(all), _) => {
                    let mut any = false;
                    for schema in all {
                        any = any || self.passes_and_looks(*schema, value, part, way)?;
                    }
                    any
                }
                (Check::Reference(schema), _) => self.passes_and_looks(*schema, value, part, way)?,
                (Check::DependentSchema(name, schema), _) => {
                    value.get(name).is_some() && self.passes_and_looks(*schema, value, part, way)?
                }
                (Check::If { condition, then, otherwise }, _) => {
                    if self.quietly(*condition, value, way)? {
                        self.passes_and_looks(*condition, value, part, way)?
                            || then.map_or(Ok(false), |then| self.passes_and_looks(then, value, part, way))?
                    } else {
                        otherwise.map_or(Ok(false), |other| self.passes_and_looks(other, value, part, way))?
                    }
                }
                _ => false,
            };
            if looks {
                return Ok(true);
            }
        }
        // One within that takes care of its own rest has looked at all of it.
        Ok(within
            && match part {
                Part::Property(_) => node.unevaluated_properties.is_some(),
                Part::Item(..) => node.unevaluated_items.is_some(),
            })
    }

    fn passes_and_looks(
        &mut self,
        number: usize,
        value: &Value<'_>,
        part: Part<'_, '_>,
        way: &Way<'_>,
    ) -> Checked {
        if !self.quietly(number, value, way)? {
            return Ok(false);
        }
        let Some(node) = self.schema.nodes.get(number) else { return Ok(false) };
        self.depth += 1;
        if self.depth >= 4 * Schema::MAX_DEPTH {
            return Err(TooCostly);
        }
        self.quiet += 1;
        let looks = self.looks_at(node, value, part, way, true);
        self.quiet -= 1;
        self.depth -= 1;
        looks
    }

    fn spend(&mut self, steps: usize) -> Checked<()> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooCostly)?;
        Ok(())
    }

    fn tell(
        &mut self,
        way: &Way<'_>,
        value: &Value<'_>,
        keyword: &'static str,
        accepted: impl FnOnce() -> String,
    ) {
        if self.quiet > 0 || self.found.len() >= TOLD {
            return;
        }
        let accepted = match keyword {
            "false" => "that it is left out".to_owned(),
            _ => accepted(),
        };
        self.found.push(Violation::new(Cause::Schema(keyword), way.to_string(), Some(value), accepted));
    }
}

#[derive(Clone, Copy)]
enum Part<'p, 'v> {
    Property(&'p str),
    Item(usize, &'p Value<'v>),
}

fn accepted(types: &[Type]) -> String {
    let names: Vec<&str> = types.iter().map(|known| known.as_str()).collect();
    format!("of type {}", names.join(" or "))
}

use std::sync::Arc;

use arguments::{
    Changes, Constraints, Host, Limit, Matcher, MatcherError, Network, Pointer, Rule, Schema, Type, When,
    Zone,
};
use serde_json::{Number, Value};

use super::Builder;
use crate::{
    Action, ArgumentPolicy,
    file::{
        At, Entries, Given, Place,
        schema::{ArgumentRuleFile, ArgumentsFile, MatchersFile, RangeFile, SizeFile, UnknownArguments},
    },
    permissions::ToolPattern,
};

/// Matchers that are made of texts, and of a smallest and a largest size.
type OfTexts = fn(&[String]) -> Result<Matcher, MatcherError>;
type OfSizes = fn(Option<usize>, Option<usize>) -> Result<Matcher, MatcherError>;

impl Builder<'_, '_> {
    /// The entries of the list at the key `scope`. Relative paths in them are relative to `working`.
    pub(super) fn arguments(
        &mut self,
        given: &Given<Vec<At<ArgumentsFile>>>,
        scope: &str,
        working: Option<&str>,
    ) -> Vec<Arc<ArgumentPolicy>> {
        let scope: Arc<str> = scope.into();
        let entries = given.value().map(Vec::as_slice).unwrap_or_default();
        entries.iter().map(|entry| Arc::new(self.entry(entry, &scope, working))).collect()
    }

    fn entry(
        &mut self,
        entry: &At<ArgumentsFile>,
        scope: &Arc<str>,
        working: Option<&str>,
    ) -> ArgumentPolicy {
        let file = &entry.value;
        let written = file.rules.value().map(Vec::as_slice).unwrap_or_default();
        let mut rules = Vec::new();
        let mut rules_at = Vec::new();
        for rule in written {
            if let Some(compiled) = self.rule(rule, working) {
                rules.push(compiled);
                rules_at.push(self.report.location(rule.place));
            }
        }
        let mut when = Vec::new();
        let mut when_at = Vec::new();
        for condition in file.when.value().map(Vec::as_slice).unwrap_or_default() {
            let Some(text) = self.expanded(condition) else { continue };
            match When::compile(&text) {
                Ok(compiled) => {
                    when.push(compiled);
                    when_at.push(self.report.location(condition.place));
                }
                Err(error) => {
                    let help = "a condition is a CEL expression such as `arguments.amount <= 100`";
                    self.fault(condition.place, format!("this condition cannot be used: {error}"), help);
                }
            }
        }
        let constraints = Constraints {
            rules,
            closed: file.unknown.value() == Some(&UnknownArguments::Refuse),
            schema: self.argument_schema(&file.schema),
            when,
            changes: Changes {
                fill: self.values(&file.set),
                force: self.values(&file.force),
                strip: self.members(&file.strip),
            },
        };
        if constraints.asks_nothing() {
            let help = "add `rules`, `schema`, `when`, `unknown: refuse`, `set`, `force` or `strip`";
            self.fault(entry.place, "this asks nothing of any arguments", help);
        }
        ArgumentPolicy {
            scope: Arc::clone(scope),
            at: self.report.location(entry.place),
            constraints,
            action: file.action.value().map_or(Action::Block, |action| (*action).into()),
            tools: self.tools(&file.tools),
            rules_at,
            when_at,
            schema_at: file.schema.0.as_ref().map(|at| self.report.location(at.place)),
            unknown_at: file.unknown.0.as_ref().map(|at| self.report.location(at.place)),
            written: self.report.source(entry.place).trim().to_owned(),
        }
    }

    fn tools(&mut self, given: &Given<Vec<At<String>>>) -> Option<Vec<ToolPattern>> {
        let list = self.list(given)?;
        if list.patterns.is_empty() {
            let place = given.0.as_ref().map(|at| at.place).unwrap_or_default();
            self.fault(place, "this is about no tool", "name one, or leave `tools` out for all");
        }
        let written: Vec<_> =
            given.value().map(Vec::as_slice).unwrap_or_default().iter().map(|at| at.place).collect();
        let mut tools = Vec::new();
        for pattern in list.patterns {
            match ToolPattern::compile(pattern) {
                Ok(tool) => tools.push(tool),
                Err(errors) => {
                    for error in errors {
                        let place = written.iter().find(|place| self.report.location(**place) == error.at);
                        self.bad_pattern(place.copied().unwrap_or_default(), &error);
                    }
                }
            }
        }
        Some(tools)
    }

    fn rule(&mut self, rule: &At<ArgumentRuleFile>, working: Option<&str>) -> Option<Rule> {
        let file = &rule.value;
        let Some(at) = &file.at.0 else {
            self.fault(rule.place, "`at` is missing", "add `at:` with a JSON Pointer such as `/path`");
            return None;
        };
        let pointer = match Pointer::parse(&at.value) {
            Ok(pointer) => pointer,
            Err(error) => {
                self.fault(at.place, error.to_string(), "write it like `/path` or `/files/*/path`");
                return None;
            }
        };
        let mut matchers = self.matchers(&file.matchers(), working);
        if let Some(not) = &file.not.0 {
            match self.matchers(&not.value, working).as_slice() {
                [only] => matchers.push(Matcher::except(only.clone())),
                [] => self.fault(not.place, "this excludes nothing", "add a matcher such as `prefix`"),
                _ => {
                    let help = "write a rule with a `not` of its own for each";
                    self.fault(not.place, "`not` takes one matcher", help);
                }
            }
        }
        let required = self.flag(&file.required).is_some_and(|required| required.value);
        if required && pointer.has_wildcard() {
            let help = "use `count` on the list itself";
            self.fault(rule.place, "a place with `*` cannot be required", help);
        }
        if matchers.is_empty() && !required {
            self.fault(
                rule.place,
                "this rule asks nothing",
                "add a matcher such as `prefix`, or `required: true`",
            );
        }
        let compiled = Rule::new(pointer, matchers);
        Some(if required { compiled.required() } else { compiled })
    }

    fn matchers(&mut self, file: &MatchersFile, working: Option<&str>) -> Vec<Matcher> {
        let mut found = Vec::new();
        if let Some(at) = &file.r#const.0
            && let Some(value) = self.json(&at.value, at.place)
        {
            found.push(Matcher::constant(value));
        }
        if let Some(at) = &file.r#enum.0 {
            let values = at.value.iter().filter_map(|value| self.json(value, at.place)).collect();
            found.extend(self.usable(at.place, Matcher::one_of(values)));
        }
        let forms: [(_, OfTexts); 3] = [
            (&file.prefix, |texts| Matcher::prefix(texts.iter().map(String::as_str))),
            (&file.glob, |texts| Matcher::glob(texts.iter().map(String::as_str))),
            (&file.regex, |texts| Matcher::regex(texts.iter().map(String::as_str))),
        ];
        for (given, make) in forms {
            if let Some(at) = &given.0 {
                let texts: Vec<String> = at.value.iter().filter_map(|text| self.expanded(text)).collect();
                found.extend(self.usable(at.place, make(&texts)));
            }
        }
        found.extend(self.range(&file.range));
        let sizes: [(_, OfSizes); 2] = [(&file.length, Matcher::length), (&file.count, Matcher::count)];
        for (given, make) in sizes {
            if let Some(at) = &given.0 {
                let SizeFile { min, max } = &at.value;
                let size = |given: &Given<u64>| {
                    given.value().map(|size| usize::try_from(*size).unwrap_or(usize::MAX))
                };
                found.extend(self.usable(at.place, make(size(min), size(max))));
            }
        }
        found.extend(self.each(&file.host, Host::parse, Matcher::host));
        found.extend(self.each(&file.cidr, Network::parse, Matcher::cidr));
        found.extend(self.each(&file.path_within, |text| Zone::new(text, working), Matcher::path_within));
        let types = |text: &str| Type::from_name(text).ok_or("there is no such type in JSON Schema");
        found.extend(self.each(&file.one_of_type, types, Matcher::one_of_type));
        found
    }

    fn range(&mut self, given: &Given<RangeFile>) -> Option<Matcher> {
        let at = given.0.as_ref()?;
        let RangeFile { min, max, above, below } = &at.value;
        if (min.0.is_some() && above.0.is_some()) || (max.0.is_some() && below.0.is_some()) {
            self.fault(
                at.place,
                "both ends of one side are given",
                "give either `min` or `above`, and `max` or `below`",
            );
            return None;
        }
        let limit = |inclusive: &Given<Number>, exclusive: &Given<Number>| match (
            inclusive.value(),
            exclusive.value(),
        ) {
            (Some(number), _) => Limit::new(&number.to_string(), false),
            (None, Some(number)) => Limit::new(&number.to_string(), true),
            (None, None) => None,
        };
        self.usable(at.place, Matcher::range(limit(min, above), limit(max, below)))
    }

    /// A matcher of a list in which each text is read by itself.
    fn each<T, E: std::fmt::Display>(
        &mut self,
        given: &Given<Vec<At<String>>>,
        read: impl Fn(&str) -> Result<T, E>,
        make: impl Fn(Vec<T>) -> Result<Matcher, MatcherError>,
    ) -> Option<Matcher> {
        let at = given.0.as_ref()?;
        let mut items = Vec::new();
        for written in &at.value {
            let Some(text) = self.expanded(written) else { continue };
            match read(&text) {
                Ok(item) => items.push(item),
                Err(error) => self.fault(written.place, error.to_string(), "correct or remove it"),
            }
        }
        self.usable(at.place, make(items))
    }

    fn usable(&mut self, place: Place, made: Result<Matcher, MatcherError>) -> Option<Matcher> {
        made.map_err(|error| self.fault(place, error.to_string(), "correct it, or remove the key")).ok()
    }

    fn argument_schema(&mut self, given: &Given<Value>) -> Option<Schema> {
        let at = given.0.as_ref()?;
        let value = self.json(&at.value, at.place)?;
        match Schema::of_policy(value) {
            Ok(schema) => Some(schema),
            Err(error) => {
                let help = "a schema is a subset of JSON Schema 2020-12; see docs/policy.md";
                self.fault(at.place, format!("this schema cannot be used: {error}"), help);
                None
            }
        }
    }

    fn values(&mut self, given: &Given<Entries<Value>>) -> Vec<(String, arguments::Value<'static>)> {
        let entries = given.value().map(|entries| entries.0.as_slice()).unwrap_or_default();
        let values = entries
            .iter()
            .filter_map(|(name, at)| Some((name.value.clone(), self.json(&at.value, at.place)?)));
        values.collect()
    }

    /// A value with the variables in its texts replaced.
    fn json(&mut self, value: &Value, place: Place) -> Option<arguments::Value<'static>> {
        let value = self.replaced(value, place)?;
        match arguments::Value::read(&value.to_string()) {
            Ok(value) => Some(value.into_owned()),
            Err(error) => {
                self.fault(place, error.to_string(), "write it with less nesting");
                None
            }
        }
    }

    fn replaced(&mut self, value: &Value, place: Place) -> Option<Value> {
        Some(match value {
            Value::String(text) => Value::String(self.expanded(&At { value: text.clone(), place })?),
            Value::Array(list) => {
                Value::Array(list.iter().map(|value| self.replaced(value, place)).collect::<Option<_>>()?)
            }
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| Some((name.clone(), self.replaced(value, place)?)))
                    .collect::<Option<_>>()?,
            ),
            other => other.clone(),
        })
    }
}

use crate::{Call, Cause, Changes, Matcher, Outcome, Pointer, Schema, Value, Violation, When, pointer::Way};

/// What is asked of the values at one place.
#[derive(Clone, Debug)]
pub struct Rule {
    pointer: Pointer,
    matchers: Vec<Matcher>,
    required: bool,
    advertised: bool,
}

impl Rule {
    /// Every value at the pointer has to match all of these.
    pub fn new(pointer: Pointer, matchers: impl IntoIterator<Item = Matcher>) -> Self {
        Self { pointer, matchers: matchers.into_iter().collect(), required: false, advertised: true }
    }

    /// And there has to be one. A pointer with a wildcard cannot ask for that.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// It is not told in the advertised schema: what violates it passes, and is only recorded.
    #[must_use]
    pub fn unadvertised(self) -> Self {
        Self { advertised: false, ..self }
    }

    /// Where the values stand.
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// What they have to match.
    pub fn matchers(&self) -> &[Matcher] {
        &self.matchers
    }

    pub(crate) fn is_required(&self) -> bool {
        self.required && !self.pointer.has_wildcard()
    }

    pub(crate) fn is_advertised(&self) -> bool {
        self.advertised
    }

    /// What would be accepted, in words.
    pub(crate) fn accepted(&self) -> String {
        self.matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", and ")
    }
}

/// Everything that is asked of the arguments of one tool. All of it holds together.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// What is asked of single values.
    pub rules: Vec<Rule>,
    /// Whether arguments that nothing here names are refused.
    pub closed: bool,
    /// What is asked of the arguments as a whole.
    pub schema: Option<Schema>,
    /// Conditions on the call.
    pub when: Vec<When>,
    /// What is changed before anything is judged.
    pub changes: Changes,
}

/// An argument that names a path, and the rule that says where it may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath<'c> {
    /// The path as it is written.
    pub path: String,
    /// Where it stands.
    pub pointer: String,
    /// The zones, one of which it has to lie in.
    pub zones: &'c [crate::Zone],
}

impl Constraints {
    /// Most violations that are told of one call.
    pub const TOLD: usize = 16;

    /// What stands against these arguments, as they are after [`Changes::apply`]; nothing if the call may be made.
    pub fn check(&self, arguments: &Value<'_>, call: &Call<'_>) -> Vec<Violation> {
        let mut found = Vec::new();
        if arguments.members().is_none() {
            let object = "an object with an argument for each name".to_owned();
            found.push(Violation::new(Cause::Schema("type"), String::new(), Some(arguments), object));
            return found;
        }
        for (number, rule) in self.rules.iter().enumerate() {
            check_rule(number, rule, arguments, &mut found);
        }
        self.check_names(arguments, &mut found);
        if let Some(schema) = &self.schema {
            match schema.validate(arguments) {
                Outcome::Valid => {}
                Outcome::Invalid(violations) => found.extend(violations),
                Outcome::TooCostly => {
                    let less = "arguments that take less work to judge".to_owned();
                    found.push(Violation::new(Cause::Schema("size"), String::new(), Some(arguments), less));
                }
            }
        }
        for (number, when) in self.when.iter().enumerate() {
            if let Err(accepted) = when.holds(arguments, call) {
                found.push(Violation::new(Cause::When(number), String::new(), None, accepted));
            }
        }
        found.truncate(Self::TOLD);
        found
    }

    /// Whether nothing is asked and nothing is changed.
    pub fn asks_nothing(&self) -> bool {
        self.rules.is_empty()
            && !self.closed
            && self.schema.is_none()
            && self.when.is_empty()
            && self.changes.is_empty()
    }

    /// All of it in one text: equal where the same is asked.
    pub fn identity(&self) -> String {
        let schema = self.schema.as_ref().map(|schema| schema.written().to_json());
        let when: Vec<&str> = self.when.iter().map(When::as_str).collect();
        format!("{:?} {} {schema:?} {when:?} {:?}", self.rules, self.closed, self.changes)
    }

    /// The arguments that rules take for paths, with their zones. What they lead to on a disk is the caller's to find out.
    pub fn paths<'c>(&'c self, arguments: &Value<'_>) -> Vec<NamedPath<'c>> {
        let mut paths = Vec::new();
        for rule in &self.rules {
            for zones in rule.matchers.iter().filter_map(Matcher::zones) {
                rule.pointer.visit(arguments, &mut |value, way: &Way<'_>| {
                    if let Some(path) = value.as_text() {
                        paths.push(NamedPath { path: path.to_owned(), pointer: way.to_string(), zones });
                    }
                });
            }
        }
        paths
    }

    /// Whether a rule, the schema or a change names this argument.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.rules.iter().any(|rule| rule.pointer.argument() == Some(name))
            || self.schema.as_ref().is_some_and(|schema| schema.names(name))
            || self.changes.names().any(|known| known == name)
    }

    /// Every name that [`names`](Self::names) knows, once.
    pub(crate) fn all_names(&self) -> Vec<&str> {
        let schema = self.schema.as_ref().and_then(|schema| schema.written().get("properties")?.members());
        let mut names: Vec<&str> = self.rules.iter().filter_map(|rule| rule.pointer.argument()).collect();
        names.extend(schema.unwrap_or_default().iter().map(|(name, _)| &**name));
        names.extend(self.changes.names());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Arguments that nothing names, and those that a server which does not mind case would take for a named one.
    fn check_names(&self, arguments: &Value<'_>, found: &mut Vec<Violation>) {
        for (name, value) in arguments.members().unwrap_or_default() {
            if self.names(name) {
                continue;
            }
            let accepted = match self
                .rules
                .iter()
                .filter_map(|rule| rule.pointer.argument())
                .find(|known| folds_to(name, known))
            {
                Some(known) => format!("`{known}`, spelt so"),
                None if self.closed => "that it is left out".to_owned(),
                None => continue,
            };
            let pointer = Way::Member(&Way::Top, name).to_string();
            found.push(Violation::new(Cause::Unknown, pointer, Some(value), accepted));
        }
    }
}

fn check_rule(number: usize, rule: &Rule, arguments: &Value<'_>, found: &mut Vec<Violation>) {
    let mut seen = false;
    rule.pointer.visit(arguments, &mut |value, way: &Way<'_>| {
        seen = true;
        if found.len() >= Constraints::TOLD {
            return;
        }
        if let Some(matcher) = rule.matchers.iter().find(|matcher| !matcher.matches(value)) {
            let cause = Cause::Rule(number, matcher.name());
            found.push(Violation::new(cause, way.to_string(), Some(value), matcher.to_string()));
        }
    });
    if !seen && rule.is_required() {
        let accepted = if rule.matchers.is_empty() { "any value".to_owned() } else { rule.accepted() };
        found.push(Violation::new(Cause::Missing(number), rule.pointer.to_string(), None, accepted));
    }
}

/// Whether one name differs from another only by the case of letters, as lenient servers see it.
fn folds_to(name: &str, known: &str) -> bool {
    let fold = |text: &str| -> Vec<char> {
        text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase).collect()
    };
    name.eq_ignore_ascii_case(known) || (!(name.is_ascii() && known.is_ascii()) && fold(name) == fold(known))
}

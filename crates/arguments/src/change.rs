use crate::Value;

/// What is done to the arguments of a call before they are judged and passed on. All of it is about arguments themselves,
/// not about what lies in them.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Given to a call that does not give them itself.
    pub fill: Vec<(String, Value<'static>)>,
    /// Given to every call, whatever it says itself.
    pub force: Vec<(String, Value<'static>)>,
    /// Taken out of every call.
    pub strip: Vec<String>,
}

/// What becomes of one argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change<'c> {
    /// It stays as it is.
    Keep,
    /// It gets this value.
    Replace(&'c Value<'static>),
    /// It does not go on.
    Remove,
}

impl Changes {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.fill.is_empty() && self.force.is_empty() && self.strip.is_empty()
    }

    /// What becomes of an argument that a call gives.
    pub fn of(&self, name: &str) -> Change<'_> {
        if let Some((_, value)) = self.force.iter().find(|(known, _)| known == name) {
            Change::Replace(value)
        } else if self.strip.iter().any(|known| known == name) {
            Change::Remove
        } else {
            Change::Keep
        }
    }

    /// What is given to a call beside its own arguments.
    pub fn added<'c>(&'c self, arguments: &Value<'_>) -> impl Iterator<Item = (&'c str, &'c Value<'static>)> {
        let given: Vec<&str> =
            arguments.members().unwrap_or_default().iter().map(|(name, _)| &**name).collect();
        let stripped = |name: &str| self.strip.iter().any(|known| known == name);
        let all = self.force.iter().chain(self.fill.iter().filter(|(name, _)| !self.forces(name)));
        let absent = all.filter(move |(name, _)| {
            !given.contains(&name.as_str()) || (stripped(name) && !self.forces(name))
        });
        absent.map(|(name, value)| (name.as_str(), value))
    }

    /// The arguments as they go on.
    #[must_use]
    pub fn apply<'a>(&self, arguments: Value<'a>) -> Value<'a> {
        if self.is_empty() {
            return arguments;
        }
        let added: Vec<_> =
            self.added(&arguments).map(|(name, value)| (name.to_owned().into(), value.clone())).collect();
        let Value::Object(members) = arguments else { return arguments };
        let kept = members.into_iter().filter_map(|(name, value)| match self.of(&name) {
            Change::Keep => Some((name, value)),
            Change::Replace(value) => Some((name, value.clone())),
            Change::Remove => None,
        });
        Value::Object(kept.chain(added).collect())
    }

    /// Whether callers have no say in an argument.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.forces(name) || self.strip.iter().any(|known| known == name)
    }

    /// Whether an argument is there whatever the caller does.
    pub(crate) fn gives(&self, name: &str) -> bool {
        self.forces(name) || self.fill.iter().any(|(known, _)| known == name)
    }

    /// All names it is about.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let given = self.fill.iter().chain(&self.force).map(|(name, _)| name.as_str());
        given.chain(self.strip.iter().map(String::as_str))
    }

    fn forces(&self, name: &str) -> bool {
        self.force.iter().any(|(known, _)| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_filled_forced_and_stripped() {
        let changes = Changes {
            fill: vec![("limit".to_owned(), Value::Bool(true)), ("debug".to_owned(), Value::Bool(false))],
            force: vec![("confirm".to_owned(), Value::Null)],
            strip: vec!["debug".to_owned(), "x".to_owned()],
        };
        for (given, expected) in [
            ("{}", r#"{"confirm":null,"limit":true,"debug":false}"#),
            (r#"{"limit":1,"confirm":2,"x":3,"y":4}"#, r#"{"limit":1,"confirm":null,"y":4,"debug":false}"#),
            (r#"{"debug":true}"#, r#"{"confirm":null,"limit":true,"debug":false}"#),
            ("[]", "[]"),
        ] {
            let value = Value::read(given).unwrap_or(Value::Null);
            assert_eq!(changes.apply(value).to_json(), expected, "{given}");
        }
    }
}

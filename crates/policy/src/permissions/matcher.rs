use std::{collections::HashMap, fmt};

use regex::bytes::{RegexSet, RegexSetBuilder};

/// Memory one compiled list may take, in bytes.
const SET_LIMIT: usize = 64 << 20;

/// Memory a list may take while matching, in bytes; only lists of thousands of patterns use it.
const CACHE_LIMIT: usize = 32 << 20;

/// Memory one regular expression of a user may take once compiled, in bytes.
const REGEX_LIMIT: usize = 1 << 20;

/// One way to read the patterns of a list, compiled. Matching takes time linear in the name.
#[derive(Clone, Default)]
pub(super) struct Matcher {
    literals: HashMap<Box<str>, usize>,
    set: Option<RegexSet>,
    /// The pattern each member of `set` was made from.
    owners: Vec<usize>,
}

/// Collects what becomes a [`Matcher`].
#[derive(Default)]
pub(super) struct MatcherBuilder {
    literals: HashMap<Box<str>, usize>,
    expressions: Vec<String>,
    owners: Vec<usize>,
}

impl MatcherBuilder {
    /// Adds literal text that pattern number `owner` stands for.
    pub(super) fn literal(&mut self, text: &str, owner: usize) {
        self.literals.entry(text.into()).or_insert(owner);
    }

    /// Adds an expression, which has to match a name from end to end.
    pub(super) fn expression(&mut self, expression: &str, owner: usize) {
        self.expressions.push(anchored(expression));
        self.owners.push(owner);
    }

    pub(super) fn build(self) -> Result<Matcher, regex::Error> {
        let set = match self.expressions.as_slice() {
            [] => None,
            expressions => Some(
                RegexSetBuilder::new(expressions)
                    .size_limit(SET_LIMIT)
                    .dfa_size_limit(CACHE_LIMIT)
                    .build()?,
            ),
        };
        Ok(Matcher { literals: self.literals, set, owners: self.owners })
    }
}

impl fmt::Debug for Matcher {
    /// Leaves out the expressions, which can hold the values of variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matcher").finish_non_exhaustive()
    }
}

impl Matcher {
    pub(super) fn is_match(&self, name: &str) -> bool {
        self.literals.contains_key(name) || self.set.as_ref().is_some_and(|set| set.is_match(name.as_bytes()))
    }

    /// The first pattern (in the order of the list) that matches `name`.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let literal = self.literals.get(name).copied();
        let expression = self.set.as_ref().filter(|set| set.is_match(name.as_bytes())).and_then(|set| {
            set.matches(name.as_bytes()).iter().filter_map(|at| self.owners.get(at).copied()).min()
        });
        literal.into_iter().chain(expression).min()
    }
}

/// Checks an expression on its own, so that an unbalanced one cannot escape the anchors put around
/// it later.
pub(super) fn check_expression(expression: &str) -> Result<(), String> {
    let compile = |text: &str| {
        regex::bytes::RegexBuilder::new(text).size_limit(REGEX_LIMIT).build().map_err(|error| reason(&error))
    };
    compile(expression)?;
    compile(&anchored(expression)).map(drop).map_err(|_| {
        "a comment or flag at its end swallows what follows; close it inside the pattern".to_owned()
    })
}

fn anchored(expression: &str) -> String {
    format!(r"\A(?:{expression})\z")
}

/// The heart of a regex error, without the excerpt that our own reports show in place.
pub(crate) fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            "too large once compiled; use smaller repetition counts".to_owned()
        }
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}

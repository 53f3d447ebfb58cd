use std::fmt;

use regex::{Regex, RegexBuilder};

use super::MatcherError;

mod ecma;

/// Texts of some form, anchored at both ends.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    name: &'static str,
    written: Vec<String>,
    compiled: Regex,
}

impl Pattern {
    pub(super) fn prefixes<'t>(prefixes: impl IntoIterator<Item = &'t str>) -> Result<Self, MatcherError> {
        Self::new("prefix", prefixes, |prefix| format!("{}(?s:.*)", regex::escape(prefix)))
    }

    pub(super) fn globs<'t>(globs: impl IntoIterator<Item = &'t str>) -> Result<Self, MatcherError> {
        Self::new("glob", globs, from_glob)
    }

    pub(super) fn expressions<'t>(written: impl IntoIterator<Item = &'t str>) -> Result<Self, MatcherError> {
        let mut parsed = Vec::new();
        let written: Vec<&str> = written.into_iter().collect();
        for expression in &written {
            // Each is compiled alone and written anew, so that none says anything about the others.
            compile(expression)?;
            parsed.push(ecma::parse(expression).map(|hir| hir.to_string()));
        }
        let mut parsed = parsed.into_iter();
        Self::new("regex", written, |_| parsed.next().flatten().unwrap_or_else(|| "[^\\s\\S]".to_owned()))
    }

    fn new<'t>(
        name: &'static str,
        written: impl IntoIterator<Item = &'t str>,
        mut expression: impl FnMut(&str) -> String,
    ) -> Result<Self, MatcherError> {
        let written: Vec<String> = written.into_iter().map(str::to_owned).collect();
        super::filled(&written)?;
        let alternatives: Vec<String> =
            written.iter().map(|text| format!("(?:{})", expression(text))).collect();
        let compiled = compile(&format!(r"\A(?:{})\z", alternatives.join("|")))?;
        Ok(Self { name, written, compiled })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// The same in the syntax of JSON Schema (ECMA-262); none if it would be too long or cannot be said there.
    pub(super) fn ecma(&self) -> Option<String> {
        ecma::expression(self.compiled.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = self.written.iter().map(|text| format!("`{text}`"));
        match self.name {
            "prefix" => super::list(f, "a text that begins with ", quoted),
            "glob" => super::list(f, "a text like ", quoted),
            _ => super::list(f, "a text that matches ", quoted),
        }
    }
}

/// Memory a compiled expression may take.
const SIZE: usize = 1 << 20;

fn compile(expression: &str) -> Result<Regex, MatcherError> {
    let built =
        RegexBuilder::new(expression).size_limit(SIZE).dfa_size_limit(2 * SIZE).nest_limit(64).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => MatcherError("this expression becomes too large".to_owned()),
        error => MatcherError(format!("this is no regular expression: {}", last_line(&error.to_string()))),
    })
}

/// The line of an error's text that says what is wrong.
fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ")
}

fn from_glob(glob: &str) -> String {
    let mut out = String::with_capacity(glob.len() + 16);
    let mut characters = glob.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '?' => out.push_str("[^/]"),
            '*' if characters.peek() == Some(&'*') => {
                while characters.next_if_eq(&'*').is_some() {}
                out.push_str("(?s:.*)");
            }
            '*' => out.push_str("[^/]*"),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

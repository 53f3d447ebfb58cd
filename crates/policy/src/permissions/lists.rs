use std::sync::Arc;

use inspect::names::{self, UriReadings};

use super::{
    Judgement, Refusal,
    glob::{self, Tail},
    matcher::{Matcher, MatcherBuilder, check_expression},
    pattern::{Pattern, PatternError, Piece},
};
use crate::Location;

/// A list of patterns as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternList {
    /// Where the list was written.
    pub at: Location,
    /// Its entries.
    pub patterns: Vec<Pattern>,
}

/// The six lists of one mapping; an absent list makes no rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionLists {
    /// The key of the mapping, such as `servers.files.policy.permissions`.
    pub scope: Arc<str>,
    /// Tools that may be called.
    pub allowed_tools: Option<PatternList>,
    /// Tools that may not be called.
    pub denied_tools: Option<PatternList>,
    /// Resources that may be read.
    pub allowed_resources: Option<PatternList>,
    /// Resources that may not be read.
    pub denied_resources: Option<PatternList>,
    /// Prompts that may be fetched.
    pub allowed_prompts: Option<PatternList>,
    /// Prompts that may not be fetched.
    pub denied_prompts: Option<PatternList>,
}

/// The two lists for tools or for prompts.
#[derive(Clone, Debug, Default)]
pub(super) struct NameRules {
    allowed: Option<List>,
    denied: Option<List>,
}

/// The two lists for resources.
#[derive(Clone, Debug, Default)]
pub(super) struct UriRules {
    allowed: Option<List>,
    denied: Option<List>,
}

impl NameRules {
    pub(super) fn describe(&self) -> serde_json::Value {
        serde_json::json!([
            self.allowed.as_ref().map(List::describe),
            self.denied.as_ref().map(List::describe)
        ])
    }

    pub(super) fn compile(
        scope: &Arc<str>,
        [allowed, denied]: [&'static str; 2],
        lists: [&Option<PatternList>; 2],
    ) -> Result<Self, Vec<PatternError>> {
        let [allow_list, deny_list] = lists;
        both(
            compile((scope, allowed), allow_list.as_ref(), |parts, _, source, owner| {
                parts.name(source, owner, false)
            }),
            compile((scope, denied), deny_list.as_ref(), |parts, _, source, owner| {
                parts.name(source, owner, true)
            }),
        )
        .map(|(allowed, denied)| Self { allowed, denied })
    }

    pub(super) fn judge(&self, name: &str) -> Judgement<'_> {
        let (folded, plain);
        match (&self.allowed, &self.denied) {
            (None, None) => return Judgement::Allowed,
            _ => (folded, plain) = (names::fold(name), names::plain(name)),
        }
        if let Some(list) = &self.denied {
            let trimmed = folded.trim_matches('_');
            let hit = list
                .raw
                .find(name)
                .or_else(|| list.settled.find(&folded))
                .or_else(|| (trimmed != folded).then(|| list.settled.find(trimmed)).flatten())
                .or_else(|| list.caseless.find(&plain));
            if let Some(owner) = hit {
                return list.refuse(owner);
            }
        }
        match &self.allowed {
            Some(list)
                if !(list.raw.is_match(name)
                    && (list.settled.is_match(&folded) || list.caseless.is_match(&plain))) =>
            {
                list.refuse_unlisted(false)
            }
            _ => Judgement::Allowed,
        }
    }
}

impl UriRules {
    pub(super) fn describe(&self) -> serde_json::Value {
        serde_json::json!([
            self.allowed.as_ref().map(List::describe),
            self.denied.as_ref().map(List::describe)
        ])
    }

    pub(super) fn compile(
        scope: &Arc<str>,
        lists: [&Option<PatternList>; 2],
    ) -> Result<Self, Vec<PatternError>> {
        let [allowed, denied] = lists;
        both(
            compile((scope, "allowed_resources"), allowed.as_ref(), |parts, list, source, owner| {
                list.prefixes.push(source.uri_prefix());
                parts.uri(source, owner, false);
            }),
            compile((scope, "denied_resources"), denied.as_ref(), |parts, _, source, owner| {
                parts.uri(source, owner, true)
            }),
        )
        .map(|(allowed, denied)| Self { allowed, denied })
    }

    pub(super) fn judge(&self, uri: &str) -> Judgement<'_> {
        if self.allowed.is_none() && self.denied.is_none() {
            return Judgement::Allowed;
        }
        let readings = names::uri_readings(uri);
        if let Some(refusal) = self.denial(uri, &readings) {
            return refusal;
        }
        match &self.allowed {
            Some(list) if !readings.is_complete() => list.refuse_unlisted(true),
            Some(list)
                if !(list.raw.is_match(uri) && readings.iter().all(|form| list.settled.is_match(form))) =>
            {
                list.refuse_unlisted(false)
            }
            _ => Judgement::Allowed,
        }
    }

    pub(super) fn judge_template(&self, template: &str) -> Judgement<'_> {
        let Some((prefix, _)) = template.split_once('{') else {
            return self.judge(template);
        };
        if let Some(refusal) = self.denial(template, &names::uri_readings(template)) {
            return refusal;
        }
        let Some(list) = &self.allowed else { return Judgement::Allowed };
        let settled = names::canonical_uri(prefix);
        let start = names::fold_case(&settled);
        let reachable = list.prefixes.iter().any(|known| match known {
            Some(known) => known.starts_with(start.as_ref()) || start.starts_with(known),
            None => true,
        });
        if reachable { Judgement::Allowed } else { list.refuse_unlisted(false) }
    }

    fn denial(&self, uri: &str, readings: &UriReadings<'_>) -> Option<Judgement<'_>> {
        let list = self.denied.as_ref()?;
        let hit = list.raw.find(uri).or_else(|| {
            readings.iter().find_map(|form| {
                list.settled.find(form).or_else(|| list.caseless.find(&names::fold_case(form))).or_else(
                    || {
                        // A file server may take a bare path for a URI.
                        let path = form.starts_with('/').then(|| format!("file://{form}"))?;
                        list.caseless.find(&names::fold_case(&path))
                    },
                )
            })
        });
        match hit {
            Some(owner) => Some(list.refuse(owner)),
            None if !readings.is_complete() => Some(list.refuse_unlisted(true)),
            None => None,
        }
    }
}

/// One list, compiled for each reading of a name.
#[derive(Clone, Debug)]
struct List {
    scope: Arc<str>,
    key: &'static str,
    source: PatternList,
    /// For the name as it stands in the message.
    raw: Matcher,
    /// For folded names and canonical URIs.
    settled: Matcher,
    /// For readings without case: plain names in both lists, canonical URIs in deny lists.
    caseless: Matcher,
    /// How the URIs that a pattern allows begin, without case; `None` when that is not known.
    prefixes: Vec<Option<String>>,
}

impl List {
    fn describe(&self) -> Vec<Vec<(&str, bool)>> {
        let whole = |piece| -> (&str, bool) {
            let Piece { text, literal }: &Piece = piece;
            (text.as_str(), *literal)
        };
        self.source.patterns.iter().map(|pattern| pattern.pieces().iter().map(whole).collect()).collect()
    }

    fn refuse(&self, owner: usize) -> Judgement<'_> {
        let pattern = self.source.patterns.get(owner);
        let at = pattern.map_or(&self.source.at, |pattern| &pattern.at);
        Judgement::Denied(Refusal { scope: &self.scope, list: self.key, pattern, at, unreadable: false })
    }

    fn refuse_unlisted(&self, unreadable: bool) -> Judgement<'_> {
        Judgement::Denied(Refusal {
            scope: &self.scope,
            list: self.key,
            pattern: None,
            at: &self.source.at,
            unreadable,
        })
    }
}

/// A pattern split into what it is: exactly one of the two.
enum Source {
    Glob(String),
    Regex(String),
}

impl Source {
    fn read(pattern: &Pattern) -> Result<Self, String> {
        match pattern.as_regex() {
            Some(expression) => check_expression(&expression).map(|()| Self::Regex(expression)),
            None => glob::marked(pattern).map(Self::Glob),
        }
    }

    fn uri_prefix(&self) -> Option<String> {
        match self {
            Self::Glob(marked) => {
                let settled = names::canonical_uri_pattern(marked);
                Some(names::fold_case(glob::literal_prefix(&settled)).into_owned())
            }
            Self::Regex(_) => None,
        }
    }
}

#[derive(Default)]
struct Parts {
    raw: MatcherBuilder,
    settled: MatcherBuilder,
    caseless: MatcherBuilder,
}

impl Parts {
    fn name(&mut self, source: &Source, owner: usize, deny: bool) {
        match source {
            Source::Glob(marked) => {
                add_glob(&mut self.raw, marked, owner, Tail::Below);
                let folded = names::fold_pattern(marked);
                add_glob(&mut self.settled, &folded, owner, Tail::Below);
                let trimmed = folded.trim_matches('_');
                if deny && trimmed != folded {
                    add_glob(&mut self.settled, trimmed, owner, Tail::Below);
                }
            }
            Source::Regex(expression) => {
                self.raw.expression(expression, owner);
                self.caseless.expression(&caseless(expression), owner);
                if deny {
                    self.settled.expression(&caseless(expression), owner);
                }
            }
        }
    }

    fn uri(&mut self, source: &Source, owner: usize, deny: bool) {
        match source {
            Source::Glob(marked) => {
                add_glob(&mut self.raw, marked, owner, Tail::Below);
                let settled = names::canonical_uri_pattern(marked);
                add_glob(&mut self.settled, &settled, owner, Tail::FolderAndBelow);
                if deny {
                    add_glob(&mut self.caseless, &names::fold_case(&settled), owner, Tail::FolderAndBelow);
                } else if let Some(path) = glob::before_query(marked) {
                    let settled = names::canonical_uri_pattern(path);
                    add_glob(&mut self.settled, &settled, owner, Tail::FolderAndBelow);
                }
            }
            Source::Regex(expression) => {
                self.raw.expression(expression, owner);
                self.settled.expression(expression, owner);
                if deny {
                    self.caseless.expression(&caseless(expression), owner);
                }
            }
        }
    }
}

fn add_glob(builder: &mut MatcherBuilder, marked: &str, owner: usize, tail: Tail) {
    if glob::is_literal(marked) {
        builder.literal(marked, owner);
    } else {
        builder.expression(&glob::to_regex(marked, tail), owner);
    }
}

fn caseless(expression: &str) -> String {
    format!("(?i:{expression})")
}

fn compile(
    (scope, key): (&Arc<str>, &'static str),
    list: Option<&PatternList>,
    add: impl Fn(&mut Parts, &mut List, &Source, usize),
) -> Result<Option<List>, Vec<PatternError>> {
    let Some(source) = list else { return Ok(None) };
    let mut parts = Parts::default();
    let mut errors = Vec::new();
    let mut compiled = List {
        scope: Arc::clone(scope),
        key,
        source: source.clone(),
        raw: Matcher::default(),
        settled: Matcher::default(),
        caseless: Matcher::default(),
        prefixes: Vec::new(),
    };
    for (owner, pattern) in source.patterns.iter().enumerate() {
        match Source::read(pattern) {
            Ok(read) => add(&mut parts, &mut compiled, &read, owner),
            Err(reason) => errors.push(PatternError {
                list: key,
                pattern: Some(pattern.clone()),
                at: pattern.at.clone(),
                reason,
            }),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let too_large = |error: regex::Error| {
        let reason = format!("the patterns do not compile together ({error}); use fewer or shorter ones");
        vec![PatternError { list: key, pattern: None, at: source.at.clone(), reason }]
    };
    compiled.raw = parts.raw.build().map_err(too_large)?;
    compiled.settled = parts.settled.build().map_err(too_large)?;
    compiled.caseless = parts.caseless.build().map_err(too_large)?;
    Ok(Some(compiled))
}

type Compiled = Result<Option<List>, Vec<PatternError>>;

/// Both lists, or the errors of both.
fn both(allowed: Compiled, denied: Compiled) -> Result<(Option<List>, Option<List>), Vec<PatternError>> {
    match (allowed, denied) {
        (Ok(allowed), Ok(denied)) => Ok((allowed, denied)),
        (allowed, denied) => Err([allowed.err(), denied.err()].into_iter().flatten().flatten().collect()),
    }
}
